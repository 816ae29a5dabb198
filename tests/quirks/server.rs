//! Our server under test, and the bodies sent to it.

use soapstone::server::Running;

use crate::harness::{self, Answer, Calculator, contract::Record};

pub(crate) use crate::harness::never_emit::{SOAP11, SOAP12};

/// The calculator on a free port.
pub(crate) struct Service {
    pub(crate) port: u16,
    pub(crate) calculator: Calculator,
    _running: Running,
}

pub(crate) async fn service() -> Service {
    let (running, calculator) = harness::serve().await;
    Service {
        port: harness::port(&running),
        calculator,
        _running: running,
    }
}

impl Service {
    /// Posts an envelope of the version that its text names first.
    pub(crate) async fn post(&self, envelope: &str) -> Answer {
        let first = |namespace| envelope.find(namespace).unwrap_or(usize::MAX);
        if first(SOAP12) < first(SOAP11) {
            harness::post12(self.port, envelope).await
        } else {
            harness::post11(self.port, envelope).await
        }
    }

    /// Posts `<c:Echo>` of a record with these fields in both versions and gives what came back.
    pub(crate) async fn echo(&self, fields: &str) -> Answer {
        let body = format!("<c:Echo><c:rec>{fields}</c:rec></c:Echo>");
        let answer = self.post(&harness::envelope12(&body)).await;
        let other = self.post(&harness::envelope11(&body)).await;
        assert_eq!(answer.status, other.status);
        answer
    }

    /// Expects a fault of the caller, and nothing executed.
    pub(crate) async fn refuses(&self, envelope: &str) -> Answer {
        let answer = self.post(envelope).await;
        assert_eq!(code(&answer), "Sender", "{envelope}");
        assert_eq!(self.calculator.executions(), 0, "{envelope}");
        answer
    }
}

/// The sum in an answer.
#[track_caller]
pub(crate) fn sum(answer: &Answer) -> f64 {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
        .value("AddResult")
        .and_then(|value| value.parse().ok())
        .expect("a sum")
}

/// The code of a fault without its prefix, in the words of SOAP 1.2.
#[track_caller]
pub(crate) fn code(answer: &Answer) -> String {
    assert_eq!(answer.status, 500, "{}", answer.text());
    let code = answer.value("Value").or_else(|| answer.value("faultcode"));
    let code = code.expect("a code");
    match code.split_once(':').map(|(_, local)| local) {
        Some("Client") => "Sender".to_owned(),
        Some("Server") => "Receiver".to_owned(),
        Some(code) => code.to_owned(),
        None => panic!("{code} has no prefix"),
    }
}

/// `Add` of 1.5 and 2.25 in an envelope with this prefix; the payload in a default namespace.
pub(crate) fn add(prefix: &str, namespace: &str) -> String {
    format!(
        "<{prefix}:Envelope xmlns:{prefix}=\"{namespace}\"><{prefix}:Body><Add xmlns=\"http://example.org/calc\"><a>1.5</a><b>2.25</b></Add></{prefix}:Body></{prefix}:Envelope>"
    )
}

/// The fields of a record, with the prefix `c`.
const FIELDS: [(&str, &str); 10] = [
    ("name", "<c:name>n</c:name>"),
    ("count", "<c:count>-42</c:count>"),
    ("price", "<c:price>12.50</c:price>"),
    ("when", "<c:when>2024-02-29T12:34:56.789Z</c:when>"),
    ("note", "<c:note>m</c:note>"),
    ("nick", "<c:nick>nk</c:nick>"),
    ("tags", "<c:tags>a</c:tags><c:tags>b c</c:tags>"),
    ("blob", "<c:blob>AAEC</c:blob>"),
    ("color", "<c:color>Green</c:color>"),
    (
        "child",
        "<c:child><c:id>5</c:id><c:label>L</c:label></c:child>",
    ),
];

/// All fields of a record, those named replaced.
pub(crate) fn fields(replaced: &[(&str, &str)]) -> String {
    let field = |(name, text): &(&str, &'static str)| {
        let other = replaced.iter().find(|(other, _)| other == name);
        other.map_or(*text, |(_, other)| *other).to_owned()
    };
    FIELDS.iter().map(field).collect()
}

/// What [`fields`] means without replacement.
pub(crate) fn record() -> Record {
    use crate::harness::contract::{Child, Color};
    use soapstone::types::Nillable;
    Record {
        name: "n".to_owned(),
        count: -42,
        price: "12.50".parse().expect("a decimal"),
        when: "2024-02-29T12:34:56.789Z".parse().expect("a time"),
        note: Some("m".to_owned()),
        nick: Nillable::Value("nk".to_owned()),
        tags: vec!["a".to_owned(), "b c".to_owned()],
        blob: vec![0, 1, 2].into(),
        color: Color::Green,
        child: Some(Child {
            id: 5,
            label: "L".to_owned(),
        }),
    }
}
