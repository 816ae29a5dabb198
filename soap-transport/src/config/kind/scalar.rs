//! Values that are one text, one number or one word.

use std::{fmt, marker::PhantomData, net::IpAddr, time::Duration};

use url::ParseError;

use super::{Kind, Wrong, taken};
use crate::{
    config::{
        tree::{Node, Place},
        units,
    },
    parse_url,
};

/// `"5s"`.
pub(in crate::config) struct Time;

impl Kind for Time {
    type Value = Duration;

    fn rule() -> String {
        units::TIME_RULE.to_owned()
    }

    fn read(node: &Node) -> Result<Duration, Wrong> {
        taken::<Self>(node, node.as_text().and_then(units::time))
    }

    fn show(value: &Duration) -> String {
        format!("{:?}", units::show_time(*value))
    }
}

/// `"4MiB"`, or a number of bytes.
pub(in crate::config) struct Size;

impl Kind for Size {
    type Value = usize;

    fn rule() -> String {
        units::SIZE_RULE.to_owned()
    }

    fn read(node: &Node) -> Result<usize, Wrong> {
        let size = match node.as_integer() {
            Some(bytes) => usize::try_from(bytes).ok(),
            None => node.as_text().and_then(units::size),
        };
        taken::<Self>(node, size)
    }

    fn show(value: &usize) -> String {
        format!("{:?}", units::show_size(*value))
    }
}

/// A time or a size that is not zero.
pub(in crate::config) struct Positive<K>(PhantomData<K>);

impl<K: Kind> Kind for Positive<K>
where
    K::Value: Default + PartialEq,
{
    type Value = K::Value;

    fn rule() -> String {
        let rule = K::rule();
        match rule.split_once(':') {
            Some((what, how)) => format!("{what} above 0:{how}"),
            None => format!("{rule} above 0"),
        }
    }

    fn read(node: &Node) -> Result<Self::Value, Wrong> {
        let read = K::read(node).ok();
        taken::<Self>(node, read.filter(|value| *value != K::Value::default()))
    }

    fn show(value: &Self::Value) -> String {
        K::show(value)
    }
}

/// A number of things, of `LEAST` at least and of `MOST` at most.
pub(in crate::config) struct Count<T, const LEAST: i64 = 0, const MOST: i64 = { i64::MAX }>(
    PhantomData<T>,
);

/// What numbers of things are kept in.
pub(in crate::config) trait Number: TryFrom<i64> + fmt::Display + Copy {
    /// The most it holds; `i64::MAX`: more than anybody counts.
    const HOLDS: i64;
}

#[cfg(feature = "http")]
impl Number for u8 {
    const HOLDS: i64 = Self::MAX as i64;
}

impl Number for u32 {
    const HOLDS: i64 = Self::MAX as i64;
}

impl Number for u64 {
    const HOLDS: i64 = i64::MAX;
}

impl Number for usize {
    const HOLDS: i64 = i64::MAX;
}

impl<T: Number, const LEAST: i64, const MOST: i64> Kind for Count<T, LEAST, MOST> {
    type Value = T;

    fn rule() -> String {
        match MOST.min(T::HOLDS) {
            i64::MAX => format!("a whole number of {LEAST} or more"),
            most => format!("a whole number from {LEAST} to {most}"),
        }
    }

    fn read(node: &Node) -> Result<T, Wrong> {
        let number = node.as_integer();
        let number = number.filter(|number| (LEAST..=MOST).contains(number));
        taken::<Self>(node, number.and_then(|number| number.try_into().ok()))
    }

    fn show(value: &T) -> String {
        value.to_string()
    }
}

/// `true` or `false`.
pub(in crate::config) struct Switch;

impl Kind for Switch {
    type Value = bool;

    fn rule() -> String {
        "true or false".to_owned()
    }

    fn read(node: &Node) -> Result<bool, Wrong> {
        taken::<Self>(node, node.as_boolean())
    }

    fn show(value: &bool) -> String {
        value.to_string()
    }
}

/// Any text.
pub(in crate::config) struct Text;

impl Kind for Text {
    type Value = String;

    fn rule() -> String {
        "a text in quotes".to_owned()
    }

    fn read(node: &Node) -> Result<String, Wrong> {
        taken::<Self>(node, node.as_text().map(str::to_owned))
    }

    fn show(value: &String) -> String {
        format!("{value:?}")
    }
}

/// Where a service is.
pub(in crate::config) struct Url;

/// A URL, and where it was written.
#[derive(Debug, Clone)]
pub(in crate::config) struct Located {
    pub(in crate::config) url: String,
    pub(in crate::config) place: Place,
}

impl Kind for Url {
    type Value = Located;

    fn rule() -> String {
        "a URL, such as \"http://127.0.0.1:9000/calc\" or \"soap.tcp://127.0.0.1:9001\"".to_owned()
    }

    fn read(node: &Node) -> Result<Located, Wrong> {
        let url = node.as_text().map(str::trim);
        let url = url.filter(|text| text.contains("://"));
        let url = match url.map(|text| (text, url::Url::parse(text))) {
            Some((text, Ok(_))) => Some(text),
            Some((_, Err(error @ ParseError::InvalidPort))) => {
                let wrong = parse_url::wrong(error);
                return Err(Wrong::new(format!("{}: {wrong}", node.show())));
            }
            _ => None,
        };
        let located = |url: &str| Located {
            url: url.to_owned(),
            place: node.place.clone(),
        };
        taken::<Self>(node, url.map(located))
    }

    fn show(value: &Located) -> String {
        format!("{:?}", value.url)
    }
}

/// Where messages may be sent.
pub(in crate::config) struct Target;

impl Kind for Target {
    type Value = String;

    fn rule() -> String {
        Url::rule()
    }

    fn read(node: &Node) -> Result<String, Wrong> {
        Url::read(node).map(|located| located.url)
    }

    fn show(value: &String) -> String {
        Text::show(value)
    }
}

/// An IP address.
pub(in crate::config) struct Address;

impl Kind for Address {
    type Value = IpAddr;

    fn rule() -> String {
        "an IP address, such as \"192.0.2.1\" or \"2001:db8::1\"".to_owned()
    }

    fn read(node: &Node) -> Result<IpAddr, Wrong> {
        let address = node.as_text().and_then(|text| text.trim().parse().ok());
        taken::<Self>(node, address)
    }

    fn show(value: &IpAddr) -> String {
        format!("\"{value}\"")
    }
}
