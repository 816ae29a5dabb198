//! `xsd:decimal`, with as many digits as it came with.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use super::simple_by_display;
use crate::xml::{ValueError, scan};

/// A decimal number of any length. It keeps its digits (`1.50` stays so) and compares by value (`1.50 == 1.5`).
///
/// ```
/// use soap_core::types::Decimal;
/// let price: Decimal = "+01.50".parse()?;
/// assert_eq!(price.to_string(), "1.50");
/// assert_eq!(price, "1.5".parse()?);
/// assert!(price > Decimal::from(-2));
/// # Ok::<(), soap_core::xml::ValueError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Decimal {
    negative: bool,
    /// Digits before the point, without leading zeros; at least one.
    whole: String,
    /// Digits behind the point.
    fraction: String,
}

impl Decimal {
    /// True if it is below zero.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// How many digits stand behind the point.
    pub fn scale(&self) -> usize {
        self.fraction.len()
    }

    /// The nearest `f64`.
    pub fn to_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN) // its text is a number always
    }

    /// The value as an integer, if it is one and fits.
    pub fn to_i128(&self) -> Option<i128> {
        if !self.significant().is_empty() {
            return None;
        }
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{}", self.whole).parse().ok()
    }

    /// Digits behind the point without the zeros at the end.
    fn significant(&self) -> &str {
        self.fraction.trim_end_matches('0')
    }
}

impl Default for Decimal {
    fn default() -> Self {
        Self::from(0)
    }
}

impl FromStr for Decimal {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let trimmed = scan::trim(text);
        let (negative, digits) = match trimmed.as_bytes().first() {
            Some(b'-') => (true, &trimmed[1..]),
            Some(b'+') => (false, &trimmed[1..]),
            _ => (false, trimmed),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let proper = whole
            .bytes()
            .chain(fraction.bytes())
            .all(|byte| byte.is_ascii_digit());
        if !proper || whole.is_empty() && fraction.is_empty() {
            return Err(ValueError::new(text, "an xsd:decimal"));
        }
        let whole = whole.trim_start_matches('0');
        let zero = whole.is_empty() && fraction.bytes().all(|byte| byte == b'0');
        let whole = if whole.is_empty() { "0" } else { whole };
        Ok(Self {
            negative: negative && !zero,
            whole: whole.to_owned(),
            fraction: fraction.to_owned(),
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let point = if self.fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{}{point}{}", self.whole, self.fraction)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |decimal: &Self| (decimal.whole.len(), decimal.whole.clone());
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (negative, _) => {
                let by_size = key(self)
                    .cmp(&key(other))
                    .then_with(|| self.significant().cmp(other.significant()));
                if negative { by_size.reverse() } else { by_size }
            }
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.negative, &self.whole, self.significant()).hash(state);
    }
}

macro_rules! from_integers {
    ($($type:ty),+) => {$(
        impl From<$type> for Decimal {
            fn from(value: $type) -> Self {
                let text = value.to_string();
                let whole = text.trim_start_matches('-');
                Self { negative: whole.len() < text.len(), whole: whole.to_owned(), fraction: String::new() }
            }
        }
    )+};
}

from_integers!(i8, i16, i32, i64, i128, u8, u16, u32, u64, u128);

simple_by_display!(Decimal => "decimal");
