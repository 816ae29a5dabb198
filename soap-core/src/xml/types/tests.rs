use std::borrow::Cow;
use std::collections::hash_map::DefaultHasher;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::time::SystemTime;

use super::*;
use crate::xml::{
    FromXml, Name, Namespace, Place, Prefix, ReadField, Reader, RootElement, SimpleType, Tag,
    ToXml, WriteField, Writer, from_str, to_string,
};
use crate::{Limits, SoapVersion};

fn read<'x, T: SimpleType<'x>>(text: &'x str) -> Result<T, String> {
    let reader = Reader::new("<a/>", &Limits::default()).unwrap();
    T::from_lexical(Cow::Borrowed(text), &reader).map_err(|error| error.to_string())
}

fn write<'x>(value: &impl SimpleType<'x>) -> String {
    let mut writer = Writer::new();
    value.write_lexical(&mut writer, Place::Text).unwrap();
    body(writer)
}

fn body(writer: Writer) -> String {
    let text = String::from_utf8(writer.envelope(SoapVersion::Soap11).to_vec()).unwrap();
    let body = text.split_once("<S:Body>").unwrap().1;
    body.strip_suffix("</S:Body></S:Envelope>")
        .unwrap()
        .to_owned()
}

/// Each text reads as the value, and the value is written as the last column.
fn same<'x, T: SimpleType<'x> + PartialEq + Debug>(cases: &[(&'x str, T, &str)]) {
    for (text, value, written) in cases {
        assert_eq!(read::<T>(text).as_ref(), Ok(value), "{text:?}");
        assert_eq!(write(value), *written);
    }
}

/// Each text reads as a value that is written as the other.
fn written<'x, T: SimpleType<'x>>(cases: &[(&'x str, &str)]) {
    for (text, expected) in cases {
        match read::<T>(text) {
            Ok(value) => assert_eq!(write(&value), *expected, "{text:?}"),
            Err(error) => panic!("{error}"),
        }
    }
}

fn refused<'x, T: SimpleType<'x>>(texts: &[&'x str]) {
    for text in texts {
        assert!(read::<T>(text).is_err(), "accepted {text:?}");
    }
}

#[test]
fn booleans() {
    same(&[
        ("true", true, "true"),
        (" 1\t\r\n", true, "true"),
        ("false", false, "false"),
        ("0", false, "false"),
    ]);
    refused::<bool>(&["", "TRUE", "yes", "01", "t", "\u{A0}true", "true false"]);
}

#[test]
fn integers() {
    same(&[
        ("+5", 5i32, "5"),
        (" -005 ", -5, "-5"),
        ("-0", 0, "0"),
        ("2147483647", i32::MAX, "2147483647"),
    ]);
    same(&[("-0", 0u8, "0"), ("-000", 0, "0"), ("+255", 255, "255")]);
    same(&[(
        "-170141183460469231731687303715884105728",
        i128::MIN,
        "-170141183460469231731687303715884105728",
    )]);
    refused::<i32>(&[
        "",
        "+",
        "-",
        "1.0",
        "1e0",
        "0x1",
        "1_0",
        "2147483648",
        "--1",
        "1 2",
        "\u{661}",
        "1\u{A0}",
        "INF",
    ]);
    refused::<u8>(&["-1", "256", "-", "- 0", "+-0"]);
    assert_eq!(read::<i8>("128"), Err("\"128\" is not an xsd:byte".into()));
}

#[test]
fn floats() {
    same(&[
        ("1.5", 1.5f64, "1.5"),
        ("+1E3", 1000.0, "1000.0"),
        (".5", 0.5, "0.5"),
        (" 5. ", 5.0, "5.0"),
        ("1e400", f64::INFINITY, "INF"),
        ("-1e400", f64::NEG_INFINITY, "-INF"),
        ("+INF", f64::INFINITY, "INF"),
        ("-INF", f64::NEG_INFINITY, "-INF"),
        ("1e-400", 0.0, "0.0"),
    ]);
    assert!(read::<f64>("NaN").unwrap().is_nan());
    assert_eq!(write(&f32::NAN), "NaN");
    assert!(read::<f64>("-0").unwrap().is_sign_negative());
    for value in [0.1f32, f32::MAX, f32::MIN_POSITIVE, 1e-45, 16_777_216.0] {
        assert_eq!(read::<f32>(&write(&value)), Ok(value));
    }
    for text in [
        "", "inf", "Inf", "-inf", "infinity", "nan", "NAN", "+NaN", "-NaN", "0x10", "1_0", "1e",
        "e1", ".", "+", "1 2", "1f", "1,5",
    ] {
        assert!(read::<f64>(text).is_err(), "accepted {text:?}");
        assert!(read::<f32>(text).is_err(), "accepted {text:?}");
    }
}

#[test]
fn text() {
    same(&[
        (" a\tb ", " a\tb ".to_owned(), " a\tb "),
        ("", String::new(), ""),
    ]);
    same(&[(" <x> ", Cow::Borrowed(" <x> "), " &lt;x&gt; ")]);
    same(&[
        (
            " http://a/b  c\n",
            AnyUri::from("http://a/b c"),
            "http://a/b c",
        ),
        ("", AnyUri::default(), ""),
    ]);
}

#[test]
fn decimals() {
    written::<Decimal>(&[
        ("+01.50", "1.50"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-0.0", "0.0"),
        (" 000 ", "0"),
        (
            "-123456789012345678901234567890.098765432109876543210",
            "-123456789012345678901234567890.098765432109876543210",
        ),
    ]);
    refused::<Decimal>(&[
        "", ".", "+", "-.", "1e5", "1.2.3", "INF", "1 2", "1,5", "--1", "\u{661}",
    ]);
    let decimal = |text: &str| text.parse::<Decimal>().unwrap();
    let sorted = [
        "-10.5", "-9.75", "-9.7", "-0.1", "0", "0.05", "0.5", "1", "9.99", "10", "10.01", "100",
    ];
    for (i, a) in sorted.iter().enumerate() {
        for (j, b) in sorted.iter().enumerate() {
            assert_eq!(decimal(a).cmp(&decimal(b)), i.cmp(&j), "{a} {b}");
        }
    }
    let hash = |text: &str| {
        let mut hasher = DefaultHasher::new();
        decimal(text).hash(&mut hasher);
        hasher.finish()
    };
    for (a, b) in [("1.50", "01.5"), ("-0", "0.00"), ("7.", "7.0")] {
        assert_eq!(decimal(a), decimal(b));
        assert_eq!(hash(a), hash(b));
    }
    assert_eq!(
        (decimal("-12.00").to_i128(), decimal("1.5").to_i128()),
        (Some(-12), None)
    );
    assert_eq!(
        (
            decimal("-1.25").to_f64(),
            decimal("1.250").scale(),
            Decimal::from(-7).to_string()
        ),
        (-1.25, 3, "-7".into())
    );
}

#[test]
fn date_times() {
    written::<DateTime>(&[
        ("2023-11-14T22:13:20Z", "2023-11-14T22:13:20Z"),
        (" 2023-11-14T22:13:20 ", "2023-11-14T22:13:20"),
        (
            "2023-11-14T22:13:20.100-05:30",
            "2023-11-14T22:13:20.1-05:30",
        ),
        (
            "2023-11-14T22:13:20.123456789123456789+14:00",
            "2023-11-14T22:13:20.123456789123456789+14:00",
        ),
        (
            "2023-11-14T22:13:20.0000000000000000001+00:00",
            "2023-11-14T22:13:20Z",
        ),
        ("2023-12-31T24:00:00Z", "2024-01-01T00:00:00Z"),
        ("-0001-12-31T24:00:00", "0001-01-01T00:00:00"),
        ("12345-01-01T00:00:00", "12345-01-01T00:00:00"),
        ("-0044-03-15T00:00:00", "-0044-03-15T00:00:00"),
        ("2024-02-29T00:00:00", "2024-02-29T00:00:00"),
        ("2000-02-29T23:59:59.9", "2000-02-29T23:59:59.9"),
    ]);
    refused::<DateTime>(&[
        "",
        "2023-11-14",
        "2023-11-14T22:13",
        "2023-11-14 22:13:20",
        "2023-11-14t22:13:20",
        "2023-11-14T22:13:20z",
        "23-11-14T22:13:20",
        "02023-11-14T22:13:20",
        "0000-11-14T22:13:20",
        "+2023-11-14T22:13:20",
        "2023-13-14T22:13:20",
        "2023-00-14T22:13:20",
        "2023-11-31T22:13:20",
        "2023-11-00T22:13:20",
        "2023-02-29T00:00:00",
        "1900-02-29T00:00:00",
        "2023-11-14T24:00:01",
        "2023-11-14T24:00:00.1",
        "2023-11-14T25:00:00",
        "2023-11-14T22:60:20",
        "2023-11-14T22:13:60",
        "2023-11-14T22:13:20.",
        "2023-11-14T22:13:20+14:01",
        "2023-11-14T22:13:20+15:00",
        "2023-11-14T22:13:20+1:00",
        "2023-11-14T22:13:20+01",
        "2023-11-14T22:13:20+01:60",
        "2023-11-14T22:13:20ZZ",
        "2023-11-14T22:13:20Z x",
        "9999999999999-01-01T00:00:00",
        "99999999999999999999999-01-01T00:00:00",
        "2023-1-14T22:13:20",
        "2023-11-14T2:13:20",
    ]);
    let utc: DateTime = "1970-01-01T00:00:00Z".parse().unwrap();
    assert_ne!(utc, utc.with_zone(None));
    assert_eq!(utc.unix_seconds(), Some(0));
    assert_eq!(utc.with_zone(None).unix_seconds(), None);
    assert_eq!(
        "1969-12-31T19:00:00-05:00"
            .parse::<DateTime>()
            .unwrap()
            .unix_seconds(),
        Some(0)
    );
}

#[test]
fn instants() {
    for (seconds, nanos, text) in [
        (1_700_000_000, 0, "2023-11-14T22:13:20Z"),
        (-1, 500_000_000, "1969-12-31T23:59:59.5Z"),
        (-62_135_596_801, 0, "-0001-12-31T23:59:59Z"),
        (951_782_400, 0, "2000-02-29T00:00:00Z"),
    ] {
        let value = DateTime::from_unix(seconds, nanos).unwrap();
        assert_eq!(value.to_string(), text);
        assert_eq!(value.unix_seconds(), Some(seconds));
        assert_eq!(DateTime::from(SystemTime::try_from(value).unwrap()), value);
    }
    assert!(SystemTime::try_from("2023-11-14T22:13:20".parse::<DateTime>().unwrap()).is_err());
    assert!(DateTime::from_unix(i64::MAX, 0).is_ok() && DateTime::from_unix(i64::MIN, 0).is_ok());
    for day in (-1_000_000..1_000_000).step_by(97) {
        let value = DateTime::from_unix(day * 86_400, 0).unwrap();
        assert_eq!(value.unix_seconds(), Some(day * 86_400), "{value}");
    }
}

#[test]
fn dates_and_times() {
    written::<Date>(&[
        ("2024-02-29", "2024-02-29"),
        ("-0005-02-28Z", "-0005-02-28Z"),
        ("2024-01-01-00:00", "2024-01-01Z"),
    ]);
    refused::<Date>(&[
        "",
        "2023-02-29",
        "2024-02-29T00:00:00",
        "2024-2-9",
        "2024/02/09",
        "2024-02-09+",
        "20240209",
    ]);
    written::<Time>(&[
        ("24:00:00", "00:00:00"),
        ("09:30:10.250Z", "09:30:10.25Z"),
        ("23:59:59+02:00", "23:59:59+02:00"),
    ]);
    refused::<Time>(&[
        "",
        "24:00:01",
        "9:30:10",
        "09:30",
        "09:30:10,5",
        "09:30:60",
        "-09:30:10",
    ]);
    assert!(
        Date::new(2023, 2, 29).is_err()
            && Date::new(0, 1, 1).is_err()
            && Time::new(24, 0, 0).is_err()
    );
    assert_eq!(
        Time::new(1, 2, 3).unwrap().with_nanosecond(4).to_string(),
        "01:02:03.000000004"
    );
}

#[test]
fn durations() {
    written::<Duration>(&[
        ("P1Y2M3DT4H5M6.7S", "P1Y2M3DT4H5M6.7S"),
        ("P13M", "P1Y1M"),
        ("-PT36H", "-P1DT12H"),
        ("PT0S", "PT0S"),
        ("-P0D", "PT0S"),
        ("P0Y", "PT0S"),
        ("PT90S", "PT1M30S"),
        ("PT0.5S", "PT0.5S"),
        ("P1M", "P1M"),
        ("PT1M", "PT1M"),
        (" P1D ", "P1D"),
    ]);
    refused::<Duration>(&[
        "",
        "P",
        "PT",
        "P1YT",
        "1Y",
        "P1S",
        "PT1D",
        "P1M1Y",
        "P1.5Y",
        "PT1.S",
        "PT.5S",
        "P-1D",
        "+P1D",
        "p1y",
        "P1H",
        "PT1S1M",
        "P99999999999999999999Y",
        "P18446744073709551615Y",
        "PT1M1M",
        "P1W",
        "--P1D",
        "P 1D",
        "PT1.5M",
    ]);
    assert_eq!(
        std::time::Duration::try_from("PT1.5S".parse::<Duration>().unwrap()),
        Ok(std::time::Duration::from_millis(1500))
    );
    assert!(std::time::Duration::try_from("P1M".parse::<Duration>().unwrap()).is_err());
    assert!(std::time::Duration::try_from("-PT1S".parse::<Duration>().unwrap()).is_err());
}

#[test]
fn binary() {
    same(&[
        ("", Base64Binary::default(), ""),
        ("YWJj", Base64Binary::from(b"abc"), "YWJj"),
        (
            " Y W\nJj\r\nZA = =\t",
            Base64Binary::from(b"abcd"),
            "YWJjZA==",
        ),
    ]);
    refused::<Base64Binary>(&[
        "YWJ",
        "YWJjZA",
        "YWJjZA=",
        "YWJjZB==",
        "YW=j",
        "YWJj====",
        "Y-_j",
        "YWJj\u{A0}",
        "=",
    ]);
    same(&[
        ("", HexBinary::default(), ""),
        (" 0fB7 ", HexBinary::from(&[0x0F, 0xB7]), "0FB7"),
    ]);
    refused::<HexBinary>(&["0", "0fB", "0 0", "0g", "0x00", "\u{FF10}0"]);
}

#[test]
fn lists() {
    same(&[
        (" 1 \n 2\t3 ", List::from(vec![1i32, 2, 3]), "1 2 3"),
        ("", List::default(), ""),
    ]);
    refused::<List<i32>>(&["1,2", "1 x"]);
    let reader = Reader::new("<a/>", &Limits::default()).unwrap();
    let owned = List::<String>::from_lexical(Cow::Owned("a b".into()), &reader).unwrap();
    assert_eq!(owned.into_vec(), ["a", "b"]);
}

static NS: Namespace = Namespace::new("urn:t");

/// All the ways a type may occur.
#[derive(Debug, PartialEq)]
struct Holder {
    name: QName,
    note: Option<String>,
    nick: Nillable<i32>,
    next: Option<Box<Self>>,
    tags: Vec<String>,
}

impl RootElement for Holder {
    const NAMESPACE: &'static Namespace = &NS;
    const NAME: &'static str = "holder";
    const TAG: &'static Tag = &Tag::new("<n0:holder>", "</n0:holder>");
}

impl ToXml for Holder {
    fn content(&self, writer: &mut Writer) -> Result<(), crate::xml::WriteError> {
        static NAME: Tag = Tag::new("<n0:name>", "</n0:name>");
        static NOTE: Tag = Tag::new("<n0:note>", "</n0:note>");
        static NICK: Tag = Tag::new("<n0:nick>", "</n0:nick>");
        static NEXT: Tag = Tag::new("<n0:next>", "</n0:next>");
        static TAGS: Tag = Tag::new("<n0:tags>", "</n0:tags>");
        let prefix = writer.prefix(&NS);
        WriteField::write(&&self.name, writer, prefix, &NAME)?;
        WriteField::write(&self.note, writer, prefix, &NOTE)?;
        WriteField::write(&self.nick, writer, prefix, &NICK)?;
        WriteField::write(&self.next, writer, prefix, &NEXT)?;
        WriteField::write(&self.tags, writer, prefix, &TAGS)
    }
}

impl<'x> FromXml<'x> for Holder {
    fn from_xml(reader: &mut Reader<'x>) -> Result<Self, crate::xml::ReadError> {
        let (mut name, mut note, mut nick, mut next, mut tags) = (None, None, None, None, None);
        while let Some((namespace, local)) = reader.next()? {
            match local {
                "name" if reader.is(namespace, &NS) => QName::read(&mut name, "name", reader)?,
                "note" if reader.is(namespace, &NS) => {
                    <Option<String>>::read(&mut note, "note", reader)?
                }
                "nick" if reader.is(namespace, &NS) => {
                    <Nillable<i32>>::read(&mut nick, "nick", reader)?
                }
                "next" if reader.is(namespace, &NS) => {
                    <Option<Box<Self>>>::read(&mut next, "next", reader)?
                }
                "tags" if reader.is(namespace, &NS) => {
                    <Vec<String>>::read(&mut tags, "tags", reader)?
                }
                _ => reader.skip()?,
            }
        }
        Ok(Self {
            name: ReadField::finish(name, "name", reader)?,
            note: ReadField::finish(note, "note", reader)?,
            nick: ReadField::finish(nick, "nick", reader)?,
            next: ReadField::finish(next, "next", reader)?,
            tags: ReadField::finish(tags, "tags", reader)?,
        })
    }
}

#[test]
fn fields_and_documents() {
    let leaf = |name: QName| Holder {
        name,
        note: None,
        nick: Nillable::Nil,
        next: None,
        tags: Vec::new(),
    };
    let value = Holder {
        note: Some("<".into()),
        nick: Nillable::Value(7),
        next: Some(Box::new(leaf(QName::new("", "plain")))),
        tags: vec![String::new(), "t".into()],
        ..leaf(QName::from(Name {
            namespace: &NS,
            local: "q",
        }))
    };
    let text = to_string(&value).unwrap();
    let expected = concat!(
        r#"<?xml version="1.0" encoding="UTF-8"?>"#,
        r#"<n0:holder xmlns:n0="urn:t" xmlns:n1="http://www.w3.org/2001/XMLSchema-instance"><n0:name>n0:q</n0:name>"#,
        r#"<n0:note>&lt;</n0:note><n0:nick>7</n0:nick><n0:next><n0:name>plain</n0:name><n0:nick n1:nil="true"></n0:nick></n0:next>"#,
        r#"<n0:tags></n0:tags><n0:tags>t</n0:tags></n0:holder>"#
    );
    assert_eq!(text, expected);
    assert_eq!(from_str::<Holder>(&text), Ok(value));
}

#[test]
fn fields_that_are_wrong_are_named() {
    let read = |content: &str| {
        from_str::<Holder>(&format!("<holder xmlns='urn:t'>{content}</holder>"))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(read(""), "element \"name\" is missing (in /holder, byte 0)");
    assert_eq!(
        read("<name>a</name><name>b</name>"),
        "element \"name\" is repeated (in /holder/name, byte 36)"
    );
    assert_eq!(
        read("<name>a</name><nick>x</nick>"),
        "\"x\" is not an xsd:int (in /holder/nick, byte 36)"
    );
    assert_eq!(
        read("<name>p:a</name>"),
        "\"p:a\" is not an xsd:QName with a declared prefix (in /holder/name, byte 22)"
    );
    assert!(read("<name>a:b:c</name>").contains("is not an xsd:QName"));
    let error = from_str::<Holder>("<other xmlns='urn:t'/>").unwrap_err();
    assert_eq!(
        error.to_string(),
        "element \"other\" is not expected here (in /other, byte 0)"
    );
    assert!(from_str::<Holder>("<holder/>").is_err());
}

#[test]
fn qnames_without_prefix_are_in_the_default_namespace() {
    let value = from_str::<Holder>(
        "<h:holder xmlns:h='urn:t' xmlns='urn:d'><h:name> a </h:name><h:nick>1</h:nick></h:holder>",
    )
    .unwrap();
    assert_eq!(value.name, QName::new("urn:d", "a"));
    assert_eq!(value.name.to_string(), "{urn:d}a");
}

#[test]
fn the_prefix_of_the_envelope_names_its_namespace() {
    let mut writer = Writer::new();
    writer.plain(Prefix::ENVELOPE.as_str());
    assert_eq!(body(writer), "S");
}

#[test]
fn seconds_of_a_far_year_are_counted_or_none() {
    for year in ["999999999999", "-999999999999", "292277026597"] {
        for rest in [
            "-01-01T00:00:00Z",
            "-12-31T23:59:59-14:00",
            "-01-01T00:00:00+14:00",
        ] {
            let value: DateTime = format!("{year}{rest}").parse().unwrap();
            assert_eq!(value.unix_seconds(), None, "{value}");
            assert!(std::time::SystemTime::try_from(value).is_err());
        }
    }
    for (text, seconds) in [
        ("292277026596-12-04T15:30:07Z", Some(i64::MAX)),
        ("292277026596-12-04T15:30:08Z", None),
        ("-292277022658-01-27T08:29:52Z", Some(i64::MIN)),
        ("-292277022658-01-27T08:29:51Z", None),
    ] {
        assert_eq!(
            text.parse::<DateTime>().unwrap().unix_seconds(),
            seconds,
            "{text}"
        );
    }
}
