use soapstone::service;

struct MyCalc;

trait Calc {
    async fn add(&self) -> i32;
}

#[service(namespace = "urn:a")]
impl Calc for MyCalc {
    async fn add(&self) -> i32 {
        1
    }
}

#[service(namespace = "urn:a")]
struct OnStruct;

#[service]
trait NoNamespace {
    async fn add(&self) -> i32;
}

#[service(namespace = "urn:a", one_way, nam = "x")]
#[soap(name = "x")]
trait WrongOptions {
    async fn add(&self) -> i32;
}

#[service(namespace = "urn:a")]
trait Generic<T> {
    type Item;
    const A: i32;
    async fn add(&self) -> i32;
}

struct Clock<T>(T);

#[service(namespace = "urn:a")]
impl<T> Clock<T> {
    pub async fn hour(&self) -> i32 {
        1
    }
}

#[service(namespace = "urn:a")]
impl MyCalc {
    const A: i32 = 1;
    fn new() -> Self {
        Self
    }
    async fn minute(&self) -> i32 {
        1
    }
}

fn main() {}
