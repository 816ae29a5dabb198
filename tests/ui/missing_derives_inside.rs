use soapstone::{Fault, SoapType, WithHeader, service};

struct Plain;
#[derive(SoapType)]
#[soap(namespace = "urn:a")]
struct Known;

#[derive(SoapType)]
#[soap(namespace = "urn:a", xsi_type)]
enum Either {
    A(Plain),
    B(Known),
}

#[derive(SoapType)]
#[soap(namespace = "urn:a")]
struct Code(Plain);

struct MyCalc;

#[service(namespace = "urn:a")]
impl MyCalc {
    async fn by_reference(&self, a: &Plain) -> i32 {
        1
    }
    async fn checked(&self) -> Result<Plain, Fault> {
        Err(Fault::receiver("none"))
    }
    async fn beside(&self) -> WithHeader<i32, Plain> {
        WithHeader::new(1, Plain)
    }
    #[soap(one_way)]
    async fn notify(&self, a: Vec<Plain>) {}
}

fn main() {}
