//! Which known word a misspelt one was meant to be.

/// The word of `known` that `word` most likely stands for; `None` if none is like it.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = plain(word);
    let near = |candidate: &str| {
        let candidate = self::plain(candidate);
        let distance = distance(&plain, &candidate);
        let longer = plain.len().max(candidate.len());
        let begins = plain.len() >= 3 && candidate.starts_with(&plain);
        // A third of the letters, or two, but never all.
        let most = (longer / 3).max(2).min(longer.saturating_sub(1));
        (distance <= most || begins).then_some((distance, !begins))
    };
    let rated = known
        .into_iter()
        .filter_map(|candidate| Some((near(candidate)?, candidate)));
    rated.min_by_key(|(rate, _)| *rate).map(|(_, word)| word)
}

/// Letters and digits, in lower case: what is left when a word is written in another style.
fn plain(word: &str) -> Vec<char> {
    let letters = word.chars().take(64).filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// How many letters must be added, dropped, changed or swapped with the next to make `b` of `a`.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (row, &letter) in a.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, &other) in b.iter().enumerate() {
            let cell =
                |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
            let changed = cell(&last, column).saturating_add(usize::from(letter != other));
            let dropped = cell(&last, column + 1).saturating_add(1);
            let added = cell(&next, column).saturating_add(1);
            let swapped = match (row.checked_sub(1), column.checked_sub(1)) {
                (Some(i), Some(j)) if a.get(i) == Some(&other) && b.get(j) == Some(&letter) => {
                    cell(&before, j).saturating_add(1)
                }
                _ => usize::MAX,
            };
            next.push(changed.min(dropped).min(added).min(swapped));
        }
        before = std::mem::replace(&mut last, next);
    }
    last.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(a: &str, b: &str) -> usize {
        distance(&plain(a), &plain(b))
    }

    #[test]
    fn distances() {
        assert_eq!(between("", ""), 0);
        assert_eq!(between("", "abc"), 3);
        assert_eq!(between("abc", ""), 3);
        assert_eq!(between("idle", "idle"), 0);
        assert_eq!(between("idel", "idle"), 1);
        assert_eq!(between("ca", "abc"), 3);
        assert_eq!(between("kitten", "sitting"), 3);
        assert_eq!(between("First-Byte", "first_byte"), 0);
    }

    #[test]
    fn the_likely_word() {
        let known = [
            "idle",
            "connect",
            "connection",
            "timeouts",
            "http",
            "tcp",
            "url",
        ];
        for (word, meant) in [
            ("idel", Some("idle")),
            ("Idle", Some("idle")),
            ("time_out", Some("timeouts")),
            ("conect", Some("connect")),
            ("conn", Some("connect")),
            ("tpc", Some("tcp")),
            ("uri", Some("url")),
            ("colour", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
    }

    #[test]
    fn a_long_word_costs_little() {
        assert_eq!(nearest(&"x".repeat(1 << 20), ["idle"]), None);
    }
}
