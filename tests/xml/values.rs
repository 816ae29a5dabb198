//! Simple types: the values of the NIST test suite, and value to text to value for generated ones.

use std::borrow::Cow;
use std::fmt::Debug;

use proptest::prelude::*;
use soap_core::types::{
    AnyUri, Base64Binary, Date, DateTime, Decimal, Duration, HexBinary, List, QName, Time, TimeZone,
};
use soap_core::xml::{Element, Place, Reader, SimpleType, Writer};
use soap_core::{Limits, SoapVersion};

use crate::shared;

/// Writes `value` as the text of the Body and as an attribute, and reads both again.
fn round_trip<T: for<'x> SimpleType<'x> + PartialEq + Debug>(value: &T) {
    let mut writer = Writer::new();
    writer.plain("<a k=\"");
    value.write_lexical(&mut writer, Place::Attribute).unwrap();
    writer.plain("\">");
    value.write_lexical(&mut writer, Place::Text).unwrap();
    writer.plain("</a>");
    let message = writer.envelope(SoapVersion::Soap12);
    let text = str::from_utf8(&message).unwrap();
    let mut reader = Reader::new(text, &Limits::client()).unwrap();
    for _ in 0..3 {
        reader.next().unwrap().unwrap();
    }
    let attribute = T::from_lexical(reader.attribute_value(0), &reader);
    let content = T::from_lexical(reader.text().unwrap(), &reader);
    let same = |read: &T| read == value || format!("{read:?}") == format!("{value:?}"); // NaN is not equal to itself
    assert!(
        attribute.is_ok_and(|read| same(&read)) && content.is_ok_and(|read| same(&read)),
        "{value:?}: {text}"
    );
}

fn read<T: for<'x> SimpleType<'x>>(text: &str) -> Result<T, String> {
    let reader = Reader::new("<a/>", &Limits::default()).unwrap();
    T::from_lexical(Cow::Borrowed(text), &reader).map_err(|error| error.to_string())
}

/// What is read is written so that it reads the same.
fn accepts<T: for<'x> SimpleType<'x> + PartialEq + Debug>(
    variety: &str,
    text: &str,
) -> Result<(), String> {
    if variety == "list" {
        return read::<List<T>>(text).map(|value| round_trip(&value));
    }
    read::<T>(text).map(|value| round_trip(&value))
}

/// Text of a JSON string.
fn json(quoted: &str) -> String {
    let mut text = String::new();
    let mut chars = quoted.trim_matches('"').chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some('u') => {
                    let code: String = chars.by_ref().take(4).collect();
                    text.push(
                        u32::from_str_radix(&code, 16)
                            .ok()
                            .and_then(char::from_u32)
                            .expect("a code point"),
                    );
                }
                other => text.extend(other),
            },
            c => text.push(c),
        }
    }
    text
}

#[test]
fn nist_values() {
    let Some(path) = shared::shared("corpus/messages/xsd-values/nist-values.tsv") else {
        return;
    };
    let table = std::fs::read_to_string(path).expect("a readable file");
    let mut valid = 0;
    for line in table.lines().skip(1) {
        let [test, variety, base, _, value, expected] = line.split('\t').collect::<Vec<_>>()[..]
        else {
            panic!("{line}")
        };
        let value = json(value);
        let accepted = match base.trim_start_matches("xs:") {
            "boolean" => accepts::<bool>(variety, &value),
            "byte" => accepts::<i8>(variety, &value),
            "short" => accepts::<i16>(variety, &value),
            "int" => accepts::<i32>(variety, &value),
            "long" => accepts::<i64>(variety, &value),
            "unsignedByte" => accepts::<u8>(variety, &value),
            "unsignedShort" => accepts::<u16>(variety, &value),
            "unsignedInt" => accepts::<u32>(variety, &value),
            "unsignedLong" => accepts::<u64>(variety, &value),
            "integer" | "negativeInteger" | "nonPositiveInteger" => {
                accepts::<i128>(variety, &value)
            }
            "nonNegativeInteger" | "positiveInteger" => accepts::<u128>(variety, &value),
            "float" => accepts::<f32>(variety, &value),
            "double" => accepts::<f64>(variety, &value),
            "decimal" => accepts::<Decimal>(variety, &value),
            "dateTime" => accepts::<DateTime>(variety, &value),
            "date" => accepts::<Date>(variety, &value),
            "time" => accepts::<Time>(variety, &value),
            "duration" => accepts::<Duration>(variety, &value),
            "base64Binary" => accepts::<Base64Binary>(variety, &value),
            "hexBinary" => accepts::<HexBinary>(variety, &value),
            "string" => accepts::<String>(variety, &value),
            "anyURI" => accepts::<AnyUri>(variety, &value),
            _ => continue, // no Rust type of its own, or a union
        };
        // what is invalid is so by its facets, which are not the type's
        if expected == "valid" {
            valid += 1;
            assert_eq!(accepted, Ok(()), "{test}");
        }
    }
    println!("{valid} valid values");
    assert!(valid > 2500, "{valid}");
}

fn zone() -> impl Strategy<Value = Option<TimeZone>> {
    proptest::option::of(
        (-840i16..=840).prop_map(|minutes| TimeZone::from_minutes(minutes).unwrap()),
    )
}

fn date() -> impl Strategy<Value = Date> {
    let year =
        prop_oneof![1900i64..2100, -99_999i64..99_999].prop_filter("no year 0", |year| *year != 0);
    (year, 1u8..=12, 1u8..=31, zone()).prop_filter_map("no such day", |(year, month, day, zone)| {
        Some(Date::new(year, month, day).ok()?.with_zone(zone))
    })
}

fn time() -> impl Strategy<Value = Time> {
    (0u8..24, 0u8..60, 0u8..60, 0u32..1_000_000_000, zone()).prop_map(
        |(hour, minute, second, nanos, zone)| {
            Time::new(hour, minute, second)
                .unwrap()
                .with_nanosecond(nanos)
                .with_zone(zone)
        },
    )
}

fn xml_text() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| {
        let fits = |c: &char| !matches!(c, '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}');
        text.chars().filter(fits).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_read_back(
        integers in any::<(i8, i16, i32, i64, i128)>(),
        naturals in any::<(u8, u16, u32, u64, u128)>(),
        floats in any::<(f32, f64)>(),
        bytes in any::<Vec<u8>>(),
        flag in any::<bool>(),
    ) {
        round_trip(&integers.0);
        round_trip(&integers.1);
        round_trip(&integers.2);
        round_trip(&integers.3);
        round_trip(&integers.4);
        round_trip(&naturals.0);
        round_trip(&naturals.1);
        round_trip(&naturals.2);
        round_trip(&naturals.3);
        round_trip(&naturals.4);
        round_trip(&floats.0);
        round_trip(&floats.1);
        round_trip(&flag);
        round_trip(&Decimal::from(integers.4));
        round_trip(&List::from(bytes.clone()));
        round_trip(&Base64Binary::from(bytes.clone()));
        round_trip(&HexBinary::from(bytes));
    }

    #[test]
    fn texts_read_back(text in xml_text(), local in "[a-zA-Z_ü][a-z0-9.-]{0,8}", uri in "[ -~]{0,20}") {
        round_trip(&text);
        round_trip(&QName::new(uri, local));
    }

    #[test]
    fn times_read_back(date in date(), time in time()) {
        round_trip(&date);
        round_trip(&time);
        let both = DateTime::new(date.year(), date.month(), date.day(), time).unwrap();
        round_trip(&both);
        if let Some(seconds) = both.unix_seconds() {
            let utc = DateTime::from_unix(seconds, time.nanosecond()).unwrap();
            prop_assert_eq!(utc.unix_seconds(), Some(seconds));
        }
    }

    #[test]
    fn decimals_and_durations_read_back(
        decimal in "[+-]?[0-9]{1,40}(\\.[0-9]{0,40})?",
        duration in "-?P([0-9]{1,4}Y)?([0-9]{1,4}M)?([0-9]{1,4}D)?T([0-9]{1,5}H)?([0-9]{1,5}M)?[0-9]{1,5}(\\.[0-9]{1,18})?S",
    ) {
        round_trip(&decimal.parse::<Decimal>().unwrap());
        round_trip(&duration.parse::<Duration>().unwrap());
    }

    #[test]
    fn no_text_panics(text in prop_oneof![any::<String>(), "[-+]?[0-9PTYMDHSZ:.+-]{0,30}"]) {
        let results = [
            read::<i64>(&text).err(),
            read::<f64>(&text).err(),
            read::<Decimal>(&text).err(),
            read::<DateTime>(&text).err(),
            read::<Time>(&text).err(),
            read::<Duration>(&text).err(),
            read::<Base64Binary>(&text).err(),
            read::<HexBinary>(&text).err(),
            read::<QName>(&text).err(),
            read::<List<Date>>(&text).err(),
        ];
        prop_assert!(results.iter().flatten().all(|error| error.contains(" is not an xsd:")));
    }
}

#[test]
fn elements_keep_what_real_messages_hold() {
    let Some(folder) = shared::shared("corpus/messages") else {
        return;
    };
    let limits = Limits::client();
    let mut kept = 0;
    for path in shared::files(&folder) {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        let Ok(mut reader) = Reader::new(&text, &limits) else {
            continue;
        };
        let Ok(Some(name)) = reader.next() else {
            continue;
        };
        let Ok(element) = Element::read(name, &mut reader) else {
            continue;
        };
        let mut writer = Writer::new();
        element.write(&mut writer).unwrap();
        let message = writer.envelope(SoapVersion::Soap11);
        let mut reader = Reader::new(str::from_utf8(&message).unwrap(), &limits).unwrap();
        reader.next().unwrap();
        reader.next().unwrap();
        let name = reader.next().unwrap().unwrap();
        assert_eq!(
            Element::read(name, &mut reader).unwrap(),
            element,
            "{}",
            path.display()
        );
        kept += 1;
    }
    println!("{kept} messages");
    assert!(kept > 500, "{kept}");
}
