//! Everything there is, without a warning.
#![deny(
    warnings,
    missing_docs,
    unreachable_pub,
    missing_debug_implementations,
    unused_qualifications,
    single_use_lifetimes
)]
#![allow(
    clippy::exhaustive_enums,
    reason = "the types are those of a user, who need not follow our lints"
)]

use std::borrow::Cow;

use soapstone::{Context, Fault, SoapFault, SoapType, WithHeader, service, xml::Element};

/// A record whose fields are named as what generated code uses.
#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "urn:a")]
#[allow(non_snake_case)]
pub struct Record {
    /// A.
    pub reader: String,
    /// B.
    pub writer: Option<String>,
    /// C.
    pub prefix: Vec<i32>,
    /// D.
    pub r#type: bool,
    /// E.
    pub namespace: i32,
    /// F.
    pub local: i32,
    /// G.
    #[soap(attribute)]
    pub index: i32,
    /// H.
    #[soap(choice)]
    pub choice: Option<Choice>,
    /// I.
    #[soap(any)]
    pub any: Vec<Element>,
    /// J.
    pub child: Option<Box<Self>>,
    /// K.
    #[deprecated]
    pub Loud: Color,
}

/// Named as ours.
#[derive(SoapType, Debug, Clone, Copy, PartialEq, Eq)]
#[soap(namespace = "urn:a")]
pub enum Color {
    /// Red.
    Red,
    /// Blue.
    Blue,
}

/// A choice.
#[derive(SoapType, Debug, Clone, PartialEq, Eq)]
#[soap(namespace = "urn:a")]
pub enum Choice {
    /// None.
    Nothing,
    /// A value.
    Value(i32),
    /// Fields.
    Fields {
        /// A.
        value: i32,
        /// B.
        #[soap(attribute)]
        writer: Option<i32>,
    },
}

/// Borrows.
#[derive(SoapType, Debug, Clone, PartialEq, Eq)]
#[soap(namespace = "urn:a")]
pub struct Job<'a> {
    /// A.
    pub name: Cow<'a, str>,
}

/// Empty.
#[derive(SoapType, Debug, Clone, Copy, PartialEq, Eq)]
#[soap(namespace = "urn:a", deny_unknown)]
pub struct Nothing;

/// Simple.
#[derive(SoapType, Debug, Clone, Copy, PartialEq, Eq)]
#[soap(namespace = "urn:a")]
pub struct Code(pub i32);

/// One of two.
#[derive(SoapType, Debug, Clone, PartialEq)]
#[soap(namespace = "urn:a", xsi_type)]
#[allow(clippy::large_enum_variant)]
pub enum Either {
    /// A.
    Record(Record),
    /// B.
    Nothing(Nothing),
}

/// Faults.
#[derive(SoapFault, Debug)]
#[soap(namespace = "urn:a")]
pub enum Failure {
    /// A.
    #[soap(code = "Sender", reason = "no {value}")]
    A {
        /// A.
        value: i32,
        /// B.
        other: i32,
    },
    /// B.
    #[soap(other)]
    Other(Fault),
}

/// Only the rest.
#[derive(SoapFault, Debug)]
#[soap(namespace = "urn:a")]
pub enum Rest {
    /// All.
    #[soap(other)]
    Other(Fault),
}

type Checked<T> = Result<T, Failure>;

/// A contract.
#[service(namespace = "urn:a")]
pub trait Calc {
    /// Adds.
    async fn add(&self, reader: f64, call: f64) -> f64;
    /// Divides.
    async fn divide(&self, a: f64) -> Checked<f64>;
    /// Says.
    async fn say(
        &self,
        #[soap(context)] context: &Context,
        writer: &str,
        job: Job<'_>,
        #[soap(header)] inner: Option<Record>,
    ) -> WithHeader<Vec<String>, Option<Record>>;
    /// Notifies.
    #[soap(one_way)]
    async fn notify(&self, text: &str) {
        let _ = text;
    }
    /// Nothing at all.
    #[soap(bare)]
    async fn nothing(&self) -> Result<(), Rest> {
        Ok(())
    }
    /// Bare.
    #[soap(bare, result = "Out")]
    async fn bare(&self, record: &Record) -> Checked<i32> {
        Ok(record.index)
    }
}

/// Fulfils it.
#[derive(Debug)]
pub struct MyCalc;

impl Calc for MyCalc {
    async fn add(&self, reader: f64, call: f64) -> f64 {
        reader + call
    }
    async fn divide(&self, a: f64) -> Checked<f64> {
        Ok(a)
    }
    async fn say(
        &self,
        context: &Context,
        writer: &str,
        job: Job<'_>,
        inner: Option<Record>,
    ) -> WithHeader<Vec<String>, Option<Record>> {
        let _ = (context, writer, job);
        WithHeader::new(Vec::new(), inner)
    }
}

mod inside {
    pub(crate) struct Clock;

    #[soapstone::service(namespace = "urn:a")]
    impl Clock {
        /// The hour.
        pub(crate) async fn hour(&self, zone: &str) -> i32 {
            i32::try_from(zone.len()).unwrap_or_default()
        }
    }

    #[soapstone::service(namespace = "urn:a")]
    trait Unused {
        async fn unused(&self);
    }

    #[soapstone::service(namespace = "urn:a", client)]
    trait Called {
        async fn called(&self, a: f64, name: &str) -> f64;
    }

    #[soapstone::service(namespace = "urn:a", server)]
    trait Served {
        /// A client has a `connect` of its own; here is none.
        async fn connect(&self, a: f64) -> f64;
    }

    struct Here;

    #[soapstone::service(namespace = "urn:a", client)]
    impl Here {
        async fn called(&self) {}
    }

    pub(crate) struct There;

    #[soapstone::service(namespace = "urn:a", server)]
    impl There {
        async fn connect(&self) {}
    }
}

fn main() {
    let _ = (
        CalcServer::new(MyCalc),
        CalcServer::wsdl("http://localhost/"),
    );
    let _ = (
        inside::ClockServer::new(inside::Clock),
        inside::ClockServer::wsdl("http://localhost/"),
    );
    let in_function = {
        #[derive(SoapType, Debug)]
        #[soap(namespace = "urn:a")]
        struct Local {
            a: i32,
        }
        Local { a: 1 }
    };
    assert_eq!(in_function.a, 1);
}
