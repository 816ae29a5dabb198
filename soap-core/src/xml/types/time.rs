//! `xsd:time`.

use std::fmt;
use std::str::FromStr;

use super::calendar::{ATTOS, Parts, TimeZone, check_clock, write_fraction};
use super::simple_by_display;
use crate::xml::{ValueError, scan};

/// A time of day, with or without a time zone. `24:00:00` is read as `00:00:00`.
///
/// ```
/// use soap_core::types::Time;
/// let time: Time = "09:30:10.25".parse()?;
/// assert_eq!((time.hour(), time.nanosecond(), time.zone()), (9, 250_000_000, None));
/// # Ok::<(), soap_core::xml::ValueError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Time {
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    pub(super) attos: u64,
    pub(super) zone: Option<TimeZone>,
}

impl Time {
    /// The time of day, without a time zone.
    ///
    /// # Errors
    /// Fails if there is no such time; there are no leap seconds.
    pub fn new(hour: u8, minute: u8, second: u8) -> Result<Self, ValueError> {
        check_clock(hour, minute, second)?;
        Ok(Self {
            hour,
            minute,
            second,
            attos: 0,
            zone: None,
        })
    }

    /// The same with so many nanoseconds of the second, at most 999,999,999.
    #[must_use]
    pub fn with_nanosecond(self, nanosecond: u32) -> Self {
        Self {
            attos: u64::from(nanosecond.min(999_999_999)) * (ATTOS / 1_000_000_000),
            ..self
        }
    }

    /// The same with another time zone, or none.
    #[must_use]
    pub fn with_zone(self, zone: Option<TimeZone>) -> Self {
        Self { zone, ..self }
    }

    /// Hour, 0 to 23.
    pub fn hour(&self) -> u8 {
        self.hour
    }

    /// Minute, 0 to 59.
    pub fn minute(&self) -> u8 {
        self.minute
    }

    /// Second, 0 to 59.
    pub fn second(&self) -> u8 {
        self.second
    }

    /// Nanosecond of the second, cut.
    pub fn nanosecond(&self) -> u32 {
        (self.attos / (ATTOS / 1_000_000_000)) as u32
    }

    /// Attosecond of the second: all 18 digits that are kept.
    pub fn attosecond(&self) -> u64 {
        self.attos
    }

    /// Time zone; none is not the same as UTC.
    pub fn zone(&self) -> Option<TimeZone> {
        self.zone
    }
}

impl FromStr for Time {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let mut parts = Parts::new(scan::trim(text));
        let time = parts.clock().and_then(|(hour, minute, second, attos)| {
            Some(Self {
                hour: hour % 24,
                minute,
                second,
                attos,
                zone: parts.zone()?,
            })
        });
        time.ok_or_else(|| ValueError::new(text, "an xsd:time"))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.hour, self.minute, self.second)?;
        write_fraction(self.attos, f)?;
        self.zone.map_or(Ok(()), |zone| zone.fmt(f))
    }
}

simple_by_display!(Time => "time");
