//! What dates and times have in common: time zones, days of months, digits.

use std::fmt;

use crate::xml::ValueError;

/// Offset of a time zone from UTC, up to 14 hours either way.
///
/// ```
/// use soap_core::types::TimeZone;
/// assert_eq!(TimeZone::from_minutes(-90).map(|zone| zone.to_string()), Some("-01:30".to_owned()));
/// assert_eq!(TimeZone::UTC.to_string(), "Z");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeZone {
    minutes: i16,
}

impl TimeZone {
    /// UTC, written `Z`.
    pub const UTC: Self = Self { minutes: 0 };

    /// `minutes` east of UTC; `None` beyond 14 hours.
    pub const fn from_minutes(minutes: i16) -> Option<Self> {
        if minutes >= -14 * 60 && minutes <= 14 * 60 {
            Some(Self { minutes })
        } else {
            None
        }
    }

    /// Minutes east of UTC.
    pub const fn minutes(self) -> i16 {
        self.minutes
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.minutes == 0 {
            return f.write_str("Z");
        }
        let sign = if self.minutes < 0 { '-' } else { '+' };
        let minutes = self.minutes.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// Attoseconds in a second: fractions are kept to 18 digits.
pub(super) const ATTOS: u64 = 1_000_000_000_000_000_000;

/// Writes `.25` for a fraction of a second, nothing for none.
pub(super) fn write_fraction(attos: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if attos == 0 {
        return Ok(());
    }
    let digits = format!("{attos:018}");
    write!(f, ".{}", digits.trim_end_matches('0'))
}

/// XSD 1.0 has no year 0, the calendar has: the year before 1 is written -1.
pub(super) fn written_year(counted: i64) -> i64 {
    if counted <= 0 { counted - 1 } else { counted }
}

/// The year as the calendar counts it.
pub(super) fn counted_year(written: i64) -> i64 {
    if written < 0 { written + 1 } else { written }
}

/// Days of a month.
fn days_of_month(written_year: i64, month: u8) -> u8 {
    let year = counted_year(written_year);
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Years that are held, either way: so days are counted without overflow.
pub(super) const YEARS: i64 = 999_999_999_999;

/// Days from 1970-01-01 in the proleptic Gregorian calendar.
pub(super) fn days_from_epoch(year: i64, month: u8, day: u8) -> i64 {
    let (month, day) = (i64::from(month), i64::from(day));
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a day counted from 1970-01-01.
pub(super) fn date_from_epoch(days: i64) -> (i64, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month as u8, day as u8)
}

/// Takes a lexical form apart from the left. Every step gives `None` where the text is not as it must be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'x>(&'x [u8]);

impl<'x> Parts<'x> {
    pub(super) fn new(text: &'x str) -> Self {
        Self(text.as_bytes())
    }

    /// `byte`, if it comes next.
    #[inline]
    pub(super) fn byte(&mut self, byte: u8) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        (*first == byte).then(|| self.0 = rest)
    }

    /// Exactly two digits.
    #[inline]
    pub(super) fn two(&mut self) -> Option<u8> {
        match self.0 {
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] => {
                self.0 = rest;
                Some((tens - b'0') * 10 + (ones - b'0'))
            }
            _ => None,
        }
    }

    /// As many digits as there are; how many, and their value if it fits.
    #[inline]
    pub(super) fn digits(&mut self) -> (usize, Option<u64>) {
        let mut value = Some(0u64);
        let mut len = 0;
        while let [digit @ b'0'..=b'9', rest @ ..] = self.0 {
            value =
                value.and_then(|value| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
            self.0 = rest;
            len += 1;
        }
        (len, value)
    }

    /// A point and digits, in attoseconds; digits beyond the 18th are checked and dropped. 0 if there is no point.
    #[inline]
    pub(super) fn fraction(&mut self) -> Option<u64> {
        if self.byte(b'.').is_none() {
            return Some(0);
        }
        let mut attos = 0;
        let mut unit = ATTOS;
        while let [digit @ b'0'..=b'9', rest @ ..] = self.0 {
            unit /= 10;
            attos += u64::from(digit - b'0') * unit;
            self.0 = rest;
        }
        (unit < ATTOS).then_some(attos)
    }

    /// A time zone, or none at the end.
    #[inline]
    pub(super) fn zone(&mut self) -> Option<Option<TimeZone>> {
        match self.0 {
            [] => return Some(None),
            b"Z" => return Some(Some(TimeZone::UTC)),
            _ => {}
        }
        let sign = if self.byte(b'-').is_some() {
            -1
        } else {
            self.byte(b'+').map(|()| 1)?
        };
        let hours = i16::from(self.two()?);
        self.byte(b':')?;
        let minutes = i16::from(self.two()?);
        if minutes > 59 || !self.0.is_empty() {
            return None;
        }
        TimeZone::from_minutes(sign * (hours * 60 + minutes)).map(Some)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A date, and its end.
    #[inline]
    pub(super) fn date(&mut self) -> Option<(i64, u8, u8)> {
        let negative = self.byte(b'-').is_some();
        let leading_zero = self.0.first() == Some(&b'0');
        let (len, year) = self.digits();
        let year = i64::try_from(year?).ok().filter(|&year| year <= YEARS)?;
        if len < 4 || len > 4 && leading_zero || year == 0 {
            return None;
        }
        let year = if negative { -year } else { year };
        self.byte(b'-')?;
        let month = self.two()?;
        self.byte(b'-')?;
        let day = self.two()?;
        let proper = (1..=12).contains(&month) && day >= 1 && day <= days_of_month(year, month);
        proper.then_some((year, month, day))
    }

    /// Hour, minute, second and attoseconds; the hour may be 24 if all else is 0.
    #[inline]
    pub(super) fn clock(&mut self) -> Option<(u8, u8, u8, u64)> {
        let hour = self.two()?;
        self.byte(b':')?;
        let minute = self.two()?;
        self.byte(b':')?;
        let second = self.two()?;
        let attos = self.fraction()?;
        let midnight = hour == 24 && minute == 0 && second == 0 && attos == 0;
        let proper = midnight || hour < 24 && minute < 60 && second < 60;
        proper.then_some((hour, minute, second, attos))
    }
}

/// Checks a date given by its parts.
pub(super) fn check_date(year: i64, month: u8, day: u8) -> Result<(), ValueError> {
    let proper = (1..=12).contains(&month) && day >= 1 && day <= days_of_month(year, month);
    if proper && year != 0 && year.abs() <= YEARS {
        return Ok(());
    }
    Err(ValueError::new(&format!("{year}-{month}-{day}"), "a date"))
}

/// Checks a time of day given by its parts.
pub(super) fn check_clock(hour: u8, minute: u8, second: u8) -> Result<(), ValueError> {
    if hour < 24 && minute < 60 && second < 60 {
        return Ok(());
    }
    Err(ValueError::new(
        &format!("{hour}:{minute}:{second}"),
        "a time of day",
    ))
}

/// Writes a date; a year has at least four digits.
pub(super) fn write_date(year: i64, month: u8, day: u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let sign = if year < 0 { "-" } else { "" };
    write!(f, "{sign}{:04}-{month:02}-{day:02}", year.unsigned_abs())
}
