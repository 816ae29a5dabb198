use std::rc::Rc;

use soapstone::service;

#[service(namespace = "urn:a")]
trait Calc {
    async fn add(&self, a: f64) -> f64;
}

struct MyCalc;

async fn later() {}

impl Calc for MyCalc {
    async fn add(&self, a: f64) -> f64 {
        let shared = Rc::new(a);
        later().await;
        *shared
    }
}

struct Clock;

#[service(namespace = "urn:b")]
impl Clock {
    async fn hour(&self) -> i32 {
        let shared = Rc::new(1);
        later().await;
        *shared
    }
}

fn main() {}
