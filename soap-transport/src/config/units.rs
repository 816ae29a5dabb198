//! Times and sizes as people write them: `5s`, `4MiB`.

use std::time::Duration;

const BILLION: u128 = 1_000_000_000;

/// Names of units of time, with nanoseconds. The shortest comes first.
const TIME: [(&str, u128); 4] = [
    ("ms", BILLION / 1000),
    ("s", BILLION),
    ("min", 60 * BILLION),
    ("h", 3600 * BILLION),
];

/// Names of units of size, with bytes. Those of 1,024 come in front, as [`show_size`] takes no other.
const SIZE: [(&str, u128); 7] = [
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("kB", 1000),
    ("MB", 1_000_000),
    ("GB", BILLION),
];

/// What [`time`] takes.
pub(super) const TIME_RULE: &str = "a time: a number with ms, s, min or h, such as \"5s\"";

/// What [`size`] takes.
pub(super) const SIZE_RULE: &str =
    "a size: a number of bytes, or a number with B, KiB, MiB, GiB, kB, MB or GB, such as \"4MiB\"";

/// `250ms`, `1.5s`, `5 min`.
pub(super) fn time(text: &str) -> Option<Duration> {
    let nanos = amount(text, &TIME)?;
    let seconds = u64::try_from(nanos / BILLION).ok()?;
    let rest = u32::try_from(nanos % BILLION).ok()?;
    Some(Duration::new(seconds, rest))
}

/// `4MiB`, `1.5 kB`.
pub(super) fn size(text: &str) -> Option<usize> {
    usize::try_from(amount(text, &SIZE)?).ok()
}

/// In the longest unit that needs no fraction.
pub(super) fn show_time(time: Duration) -> String {
    show(time.as_nanos(), &TIME)
}

/// In the largest unit of 1,024 that needs no fraction.
pub(super) fn show_size(size: usize) -> String {
    let size = u128::try_from(size).unwrap_or(u128::MAX);
    show(size, SIZE.get(..4).unwrap_or_default())
}

fn show(amount: u128, units: &[(&str, u128)]) -> String {
    let fits = |&&(_, unit): &&(&str, u128)| amount > 0 && amount.is_multiple_of(unit);
    let smallest = units.first().copied().unwrap_or(("", 1));
    let (name, unit) = units.iter().rfind(fits).copied().unwrap_or(smallest);
    format!("{}{name}", amount / unit)
}

/// A number and its unit, in the least unit; `None` if it is not exact there.
fn amount(text: &str, units: &[(&str, u128)]) -> Option<u128> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, name) = text.split_at_checked(end)?;
    let (_, unit) = units.iter().find(|(unit, _)| *unit == name.trim_start())?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let whole: u64 = whole.parse().ok()?;
    if fraction.len() > 9 {
        return None;
    }
    let billionths: u128 = format!("{fraction:0<9}").parse().ok()?;
    if fraction.is_empty() || !(billionths * unit).is_multiple_of(BILLION) {
        return None;
    }
    Some(u128::from(whole) * unit + billionths * unit / BILLION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, millis) in [
            ("250ms", 250),
            ("5s", 5000),
            ("1.5s", 1500),
            ("0s", 0),
            (" 10 min ", 600_000),
            ("1h", 3_600_000),
            ("0.25h", 900_000),
        ] {
            assert_eq!(time(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in [
            "",
            "5",
            "s",
            "5x",
            "5 s s",
            "-5s",
            "5.s",
            ".5s",
            "1..5s",
            "5S",
            "5m",
            "1h30min",
            "99999999999999999999s",
            "0.0000000001s",
            "5\u{a0}s\u{e9}",
        ] {
            assert_eq!(time(text), None, "{text:?}");
        }
    }

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("0B", 0),
            ("512B", 512),
            ("64KiB", 65_536),
            ("4MiB", 4 << 20),
            ("1.5 MiB", 3 << 19),
            ("2GiB", 2 << 30),
            ("1kB", 1000),
            ("2MB", 2_000_000),
            ("1GB", 1_000_000_000),
        ] {
            assert_eq!(size(text), Some(bytes), "{text}");
        }
        for text in [
            "4",
            "4M",
            "4mib",
            "0.3B",
            "1.0000001KiB",
            "-1B",
            "99999999999999999999B",
        ] {
            assert_eq!(size(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_is_shown_is_read() {
        for millis in [
            0, 1, 250, 999, 1000, 1500, 60_000, 90_000, 3_600_000, 86_400_000,
        ] {
            let shown = Duration::from_millis(millis);
            assert_eq!(time(&show_time(shown)), Some(shown));
        }
        for bytes in [0, 1, 1000, 1024, 1025, 4 << 20, 3 << 30] {
            assert_eq!(size(&show_size(bytes)), Some(bytes));
        }
        assert_eq!(show_time(Duration::from_secs(600)), "10min");
        assert_eq!(show_size(64 << 10), "64KiB");
    }
}
