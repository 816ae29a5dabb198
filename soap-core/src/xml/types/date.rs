//! `xsd:date`.

use std::fmt;
use std::str::FromStr;

use super::calendar::{Parts, TimeZone, check_date, write_date};
use super::simple_by_display;
use crate::xml::{ValueError, scan};

/// A day of the proleptic Gregorian calendar, with or without a time zone. There is no year 0.
///
/// ```
/// use soap_core::types::Date;
/// let date: Date = "2024-02-29+01:00".parse()?;
/// assert_eq!((date.year(), date.month(), date.day()), (2024, 2, 29));
/// # Ok::<(), soap_core::xml::ValueError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Date {
    year: i64,
    month: u8,
    day: u8,
    zone: Option<TimeZone>,
}

impl Date {
    /// The day, without a time zone.
    ///
    /// # Errors
    /// Fails if there is no such day.
    pub fn new(year: i64, month: u8, day: u8) -> Result<Self, ValueError> {
        check_date(year, month, day)?;
        Ok(Self {
            year,
            month,
            day,
            zone: None,
        })
    }

    /// The same day with another time zone, or none.
    #[must_use]
    pub fn with_zone(self, zone: Option<TimeZone>) -> Self {
        Self { zone, ..self }
    }

    /// Year, negative before Christ, never 0.
    pub fn year(&self) -> i64 {
        self.year
    }

    /// Month, 1 to 12.
    pub fn month(&self) -> u8 {
        self.month
    }

    /// Day, 1 to 31.
    pub fn day(&self) -> u8 {
        self.day
    }

    /// Time zone; none is not the same as UTC.
    pub fn zone(&self) -> Option<TimeZone> {
        self.zone
    }
}

impl FromStr for Date {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let mut parts = Parts::new(scan::trim(text));
        let date = parts.date().and_then(|(year, month, day)| {
            Some(Self {
                year,
                month,
                day,
                zone: parts.zone()?,
            })
        });
        date.ok_or_else(|| ValueError::new(text, "an xsd:date"))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_date(self.year, self.month, self.day, f)?;
        self.zone.map_or(Ok(()), |zone| zone.fmt(f))
    }
}

simple_by_display!(Date => "date");
