//! Names as two machine words, which is how the reader compares them with those it expects.

/// The local name of an element or attribute that is expected.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    name: &'static [u8],
    /// The first eight bytes, zeros behind a shorter name.
    first: u64,
    /// The bits of `first` that belong to the name.
    mask: u64,
    /// The last eight bytes of a name of more than eight.
    last: u64,
}

impl Key {
    pub(crate) const fn new(name: &'static str) -> Self {
        let name = name.as_bytes();
        let len = name.len();
        if len == 0 {
            // no text has these bytes: an empty name is none
            let (first, mask) = (u64::MAX, u64::MAX);
            return Self {
                name,
                first,
                mask,
                last: 0,
            };
        }
        // chunks, where there are any: loops take the compiler long
        if let (Some(first), Some(last)) = (name.first_chunk(), name.last_chunk()) {
            let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
            return Self {
                name,
                first,
                mask: u64::MAX,
                last,
            };
        }
        let (mut first, mut at) = (0, 0);
        while at < len {
            first |= (name[at] as u64) << (8 * at);
            at += 1;
        }
        Self {
            name,
            first,
            mask: u64::MAX >> (64 - 8 * len),
            last: 0,
        }
    }

    /// Length of the name if `bytes` begin with it; whether it ends there is not looked at. `None` also near the
    /// end of a document, where fewer than eight bytes are left.
    #[inline]
    pub(crate) fn begins(&self, bytes: &[u8]) -> Option<usize> {
        let len = self.name.len();
        let first = u64::from_le_bytes(*bytes.first_chunk()?);
        if (first ^ self.first) & self.mask != 0 {
            return None;
        }
        if len > 8 {
            let last = bytes.get(len - 8..)?;
            if u64::from_le_bytes(*last.first_chunk()?) != self.last {
                return None;
            }
            if len > 16 && bytes.get(8..len - 8) != self.name.get(8..len - 8) {
                return None;
            }
        }
        Some(len)
    }

    /// True if that is the name.
    #[inline]
    pub(crate) fn is(&self, local: &str) -> bool {
        let local = local.as_bytes();
        if local.len() != self.name.len() {
            return false;
        }
        if local.len() < 8 {
            return local == self.name;
        }
        self.begins(local).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_length_is_itself_and_no_other() {
        const NAMES: [&str; 7] = [
            "a",
            "sevenby",
            "eight_by",
            "nine_byte",
            "sixteen_bytes_is",
            "seventeen_bytes_i",
            "a_name_of_a_good_many_more_bytes_than_that",
        ];
        for name in NAMES {
            let key = Key::new(name);
            assert!(key.is(name));
            assert_eq!(
                key.begins(format!("{name}></{name}></next>").as_bytes()),
                Some(name.len())
            );
            for at in 0..name.len() {
                let mut other = name.as_bytes().to_vec();
                other[at] ^= 1;
                let other = String::from_utf8(other).unwrap_or_default();
                assert!(!key.is(&other), "{other}");
                assert_eq!(
                    key.begins(format!("{other}></{other}></next>").as_bytes()),
                    None
                );
                assert!(!key.is(&name[..at]));
            }
            assert!(!key.is(&format!("{name}x")));
        }
    }

    #[test]
    fn nothing_begins_where_too_little_is_left() {
        assert_eq!(Key::new("a").begins(b"a></a>"), None);
        assert_eq!(Key::new("nine_byte").begins(b"nine_byt"), None);
    }

    #[test]
    fn no_name_begins_nowhere() {
        assert_eq!(Key::new("").begins(b"></a></b>"), None);
    }
}
