//! `xsd:duration`.

use std::fmt;
use std::str::FromStr;

use super::calendar::{ATTOS, Parts, write_fraction};
use super::simple_by_display;
use crate::xml::{ValueError, scan};

/// Months and seconds, forwards or backwards. Which is longer, a month or 30 days, is not said: durations have no order.
///
/// ```
/// use soap_core::types::Duration;
/// let term: Duration = "P1Y2MT90S".parse()?;
/// assert_eq!((term.months(), term.seconds()), (14, 90));
/// assert_eq!(term.to_string(), "P1Y2MT1M30S");
/// assert_eq!(Duration::from(std::time::Duration::from_millis(1500)).to_string(), "PT1.5S");
/// # Ok::<(), soap_core::xml::ValueError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Duration {
    negative: bool,
    months: u64,
    seconds: u64,
    attos: u64,
}

impl Duration {
    /// So many months and seconds.
    pub fn new(months: u64, seconds: u64) -> Self {
        Self {
            negative: false,
            months,
            seconds,
            attos: 0,
        }
    }

    /// The same backwards.
    #[must_use]
    pub fn negated(self) -> Self {
        let zero = self.months == 0 && self.seconds == 0 && self.attos == 0;
        Self {
            negative: !self.negative && !zero,
            ..self
        }
    }

    /// True if it leads backwards.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Months, years counted as twelve.
    pub fn months(&self) -> u64 {
        self.months
    }

    /// Seconds beside the months, days counted as 24 hours.
    pub fn seconds(&self) -> u64 {
        self.seconds
    }

    /// Nanoseconds beside the seconds, cut.
    pub fn nanoseconds(&self) -> u32 {
        (self.attos / (ATTOS / 1_000_000_000)) as u32
    }
}

impl FromStr for Duration {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        parse(scan::trim(text)).ok_or_else(|| ValueError::new(text, "an xsd:duration"))
    }
}

fn parse(text: &str) -> Option<Duration> {
    let mut parts = Parts::new(text);
    let negative = parts.byte(b'-').is_some();
    parts.byte(b'P')?;
    let mut whole = Duration::default();
    let mut rest = parts;
    let mut some = false;
    for (unit, months, seconds) in [(b'Y', 12, 0), (b'M', 1, 0), (b'D', 0, 86_400)] {
        some |= item(&mut rest, unit, months, seconds, &mut whole)?;
    }
    if rest.byte(b'T').is_some() {
        let mut timed = false;
        for (unit, seconds) in [(b'H', 3600), (b'M', 60)] {
            timed |= item(&mut rest, unit, 0, seconds, &mut whole)?;
        }
        timed |= seconds(&mut rest, &mut whole)?;
        if !timed {
            return None;
        }
        some = true;
    }
    if !some || !rest.is_empty() {
        return None;
    }
    Some(if negative { whole.negated() } else { whole })
}

/// Adds the item that ends in `unit`; `Some(false)` if it does not come next, `None` if it is too large.
fn item(
    rest: &mut Parts<'_>,
    unit: u8,
    months: u64,
    seconds: u64,
    whole: &mut Duration,
) -> Option<bool> {
    let mut ahead = *rest;
    let (len, value) = ahead.digits();
    if len == 0 || ahead.byte(unit).is_none() {
        return Some(false);
    }
    *rest = ahead;
    let value = value?;
    whole.months = whole.months.checked_add(value.checked_mul(months)?)?;
    whole.seconds = whole.seconds.checked_add(value.checked_mul(seconds)?)?;
    Some(true)
}

fn seconds(rest: &mut Parts<'_>, whole: &mut Duration) -> Option<bool> {
    let mut ahead = *rest;
    let (len, value) = ahead.digits();
    if len == 0 {
        return Some(false);
    }
    whole.attos = ahead.fraction()?;
    ahead.byte(b'S')?;
    *rest = ahead;
    whole.seconds = whole.seconds.checked_add(value?)?;
    Some(true)
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.negative { "-P" } else { "P" })?;
        let items = |items: [(u64, char); 2], f: &mut fmt::Formatter<'_>| {
            items
                .iter()
                .filter(|(count, _)| *count > 0)
                .try_for_each(|(count, unit)| write!(f, "{count}{unit}"))
        };
        items([(self.months / 12, 'Y'), (self.months % 12, 'M')], f)?;
        let days = self.seconds / 86_400;
        let rest = self.seconds % 86_400;
        items([(days, 'D'), (0, ' ')], f)?;
        if rest == 0 && self.attos == 0 {
            let nothing = self.months == 0 && days == 0;
            return if nothing { f.write_str("T0S") } else { Ok(()) };
        }
        f.write_str("T")?;
        items([(rest / 3600, 'H'), (rest / 60 % 60, 'M')], f)?;
        let second = rest % 60;
        if second == 0 && self.attos == 0 {
            return Ok(());
        }
        write!(f, "{second}")?;
        write_fraction(self.attos, f)?;
        f.write_str("S")
    }
}

impl From<std::time::Duration> for Duration {
    fn from(value: std::time::Duration) -> Self {
        let attos = u64::from(value.subsec_nanos()) * (ATTOS / 1_000_000_000);
        Self {
            negative: false,
            months: 0,
            seconds: value.as_secs(),
            attos,
        }
    }
}

/// Fails for one that leads backwards or has months, which have no fixed length.
impl TryFrom<Duration> for std::time::Duration {
    type Error = ValueError;

    fn try_from(value: Duration) -> Result<Self, ValueError> {
        if value.negative || value.months > 0 {
            return Err(ValueError::new(&value.to_string(), "a number of seconds"));
        }
        Ok(Self::new(value.seconds, value.nanoseconds()))
    }
}

simple_by_display!(Duration => "duration");
