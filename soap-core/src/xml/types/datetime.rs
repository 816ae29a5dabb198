//! `xsd:dateTime`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use super::calendar::{
    ATTOS, Parts, TimeZone, YEARS, check_date, counted_year, date_from_epoch, days_from_epoch,
    write_date, written_year,
};
use super::element_of;
use super::time::Time;
use crate::xml::{Place, Reader, SimpleType, ValueError, WriteError, Writer, scan};

/// A date and time of day, with or without a time zone. `24:00:00` is read as the beginning of the next day.
///
/// Two values are equal if they name the same local time and zone; [`unix_seconds`](Self::unix_seconds) compares instants.
///
/// ```
/// use soap_core::types::{DateTime, TimeZone};
/// let placed: DateTime = "2023-11-14T23:13:20.5+01:00".parse()?;
/// assert_eq!(placed.unix_seconds(), Some(1_700_000_000));
/// assert_eq!(DateTime::from_unix(1_700_000_000, 0)?.to_string(), "2023-11-14T22:13:20Z");
/// assert_eq!("2023-11-14T24:00:00".parse::<DateTime>()?.to_string(), "2023-11-15T00:00:00");
/// # Ok::<(), soap_core::xml::ValueError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    year: i64,
    month: u8,
    day: u8,
    time: Time,
}

impl DateTime {
    /// `time` on a day; its zone is that of the whole.
    ///
    /// # Errors
    /// Fails if there is no such day.
    pub fn new(year: i64, month: u8, day: u8, time: Time) -> Result<Self, ValueError> {
        check_date(year, month, day)?;
        Ok(Self {
            year,
            month,
            day,
            time,
        })
    }

    /// `nanosecond` (at most 999,999,999) of a second counted from 1970-01-01T00:00:00Z, in UTC.
    ///
    /// # Errors
    /// Fails if the year would have more than 12 digits.
    pub fn from_unix(seconds: i64, nanosecond: u32) -> Result<Self, ValueError> {
        let (year, month, day) = date_from_epoch(seconds.div_euclid(86_400));
        let second = seconds.rem_euclid(86_400);
        let year = written_year(year);
        check_date(year, month, day)?;
        let time = Time::new(
            (second / 3600) as u8,
            (second / 60 % 60) as u8,
            (second % 60) as u8,
        )?;
        Ok(Self {
            year,
            month,
            day,
            time: time
                .with_nanosecond(nanosecond)
                .with_zone(Some(TimeZone::UTC)),
        })
    }

    /// The same local time with another time zone, or none.
    #[must_use]
    pub fn with_zone(self, zone: Option<TimeZone>) -> Self {
        Self {
            time: self.time.with_zone(zone),
            ..self
        }
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

    /// Time of day, with the time zone.
    pub fn time(&self) -> Time {
        self.time
    }

    /// Time zone; none is not the same as UTC.
    pub fn zone(&self) -> Option<TimeZone> {
        self.time.zone
    }

    /// Seconds from 1970-01-01T00:00:00Z, cut; `None` without a time zone, or where an `i64` cannot hold them: some 292
    /// thousand million years from now.
    pub fn unix_seconds(&self) -> Option<i64> {
        let zone = self.time.zone?;
        let days = days_from_epoch(counted_year(self.year), self.month, self.day);
        let (hour, minute, second) = (
            i64::from(self.time.hour),
            i64::from(self.time.minute),
            i64::from(self.time.second),
        );
        let within = (hour * 60 + minute - i64::from(zone.minutes())) * 60 + second;
        // summed where nothing overflows: the last second may be one that the days alone are beyond
        let seconds = i128::from(days) * 86_400 + i128::from(within);
        i64::try_from(seconds).ok()
    }

    /// The day after midnight.
    fn next_day(year: i64, month: u8, day: u8) -> (i64, u8, u8) {
        let (year, month, day) =
            date_from_epoch(days_from_epoch(counted_year(year), month, day) + 1);
        (written_year(year), month, day)
    }
}

impl FromStr for DateTime {
    type Err = ValueError;

    #[inline]
    fn from_str(text: &str) -> Result<Self, ValueError> {
        parse(scan::trim(text)).ok_or_else(|| ValueError::new(text, "an xsd:dateTime"))
    }
}

fn parse(text: &str) -> Option<DateTime> {
    let mut parts = Parts::new(text);
    let (mut year, mut month, mut day) = parts.date()?;
    parts.byte(b'T')?;
    let (mut hour, minute, second, attos) = parts.clock()?;
    let zone = parts.zone()?;
    if hour == 24 {
        hour = 0;
        (year, month, day) = DateTime::next_day(year, month, day);
        if year > YEARS {
            return None;
        }
    }
    Some(DateTime {
        year,
        month,
        day,
        time: Time {
            hour,
            minute,
            second,
            attos,
            zone,
        },
    })
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_date(self.year, self.month, self.day, f)?;
        write!(f, "T{}", self.time)
    }
}

/// In UTC. Times beyond the calendar that is held are cut to 1970.
impl From<SystemTime> for DateTime {
    fn from(time: SystemTime) -> Self {
        let (seconds, nanosecond) = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => (since.as_secs() as i64, since.subsec_nanos()),
            Err(before) => {
                let before = before.duration();
                let whole = -(before.as_secs() as i64);
                let nanos = before.subsec_nanos();
                if nanos == 0 {
                    (whole, 0)
                } else {
                    (whole - 1, 1_000_000_000 - nanos)
                }
            }
        };
        Self::from_unix(seconds, nanosecond).unwrap_or(Self::EPOCH)
    }
}

impl DateTime {
    const EPOCH: Self = Self {
        year: 1970,
        month: 1,
        day: 1,
        time: Time {
            hour: 0,
            minute: 0,
            second: 0,
            attos: 0,
            zone: Some(TimeZone::UTC),
        },
    };
}

/// Fails without a time zone, which leaves the instant open, and for times that the system cannot hold.
impl TryFrom<DateTime> for SystemTime {
    type Error = ValueError;

    fn try_from(value: DateTime) -> Result<Self, ValueError> {
        let wrong = || ValueError::new(&value.to_string(), "an instant of the system's clock");
        let seconds = value.unix_seconds().ok_or_else(wrong)?;
        let whole = std::time::Duration::from_secs(seconds.unsigned_abs());
        let base = if seconds < 0 {
            Self::UNIX_EPOCH.checked_sub(whole)
        } else {
            Self::UNIX_EPOCH.checked_add(whole)
        };
        let nanos = std::time::Duration::from_nanos(value.time.attos / (ATTOS / 1_000_000_000));
        base.and_then(|base| base.checked_add(nanos))
            .ok_or_else(wrong)
    }
}

impl<'x> SimpleType<'x> for DateTime {
    #[inline]
    fn from_lexical(text: Cow<'x, str>, _: &Reader<'x>) -> Result<Self, ValueError> {
        text.parse()
    }

    fn write_lexical(&self, writer: &mut Writer, _: Place) -> Result<(), WriteError> {
        match self.usual() {
            Some(text) => writer.ascii(&text),
            None => writer.display(self),
        }
        Ok(())
    }
}

impl DateTime {
    /// The lexical form of the usual kind: four digits for the year, whole seconds, UTC.
    fn usual(&self) -> Option<[u8; 20]> {
        let Time {
            hour,
            minute,
            second,
            attos: 0,
            zone: Some(TimeZone::UTC),
        } = self.time
        else {
            return None;
        };
        let year = u16::try_from(self.year).ok().filter(|&year| year <= 9999)?;
        let mut text = *b"0000-00-00T00:00:00Z";
        let pairs = [
            (year / 100) as u8,
            (year % 100) as u8,
            self.month,
            self.day,
            hour,
            minute,
            second,
        ];
        for (at, value) in [0, 2, 5, 8, 11, 14, 17].into_iter().zip(pairs) {
            text[at] += value / 10;
            text[at + 1] += value % 10;
        }
        Some(text)
    }
}

element_of!(DateTime => "dateTime");
