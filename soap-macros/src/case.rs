//! Names on the wire from names in Rust.

use syn::{Ident, LitStr, ext::IdentExt};

use crate::report::Report;

/// How names are made from identifiers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    LowerCamel,
    UpperCamel,
    Snake,
    ScreamingSnake,
    Kebab,
    /// The identifier as it stands.
    Verbatim,
}

const CASES: &[(&str, Case)] = &[
    ("camelCase", Case::LowerCamel),
    ("PascalCase", Case::UpperCamel),
    ("snake_case", Case::Snake),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("kebab-case", Case::Kebab),
    ("none", Case::Verbatim),
];

impl Case {
    /// The case `rename_all` asks for.
    pub(crate) fn read(text: Option<&LitStr>, default: Self, report: &mut Report) -> Self {
        let Some(text) = text else { return default };
        let value = text.value();
        match CASES.iter().find(|(name, _)| *name == value) {
            Some((_, case)) => *case,
            None => {
                let names = CASES.iter().map(|(name, _)| *name).collect::<Vec<_>>();
                report.at(
                    text.span(),
                    format_args!("unknown case {value:?}: use one of {}", names.join(", ")),
                );
                default
            }
        }
    }

    /// The name of `ident`, without `r#`.
    pub(crate) fn name(self, ident: &Ident) -> String {
        self.convert(&ident.unraw().to_string())
    }

    fn convert(self, ident: &str) -> String {
        let words = || words(ident).into_iter();
        let lower = |word: &str| word.to_lowercase();
        match self {
            Self::Verbatim => ident.to_owned(),
            Self::Snake => words().map(lower).collect::<Vec<_>>().join("_"),
            Self::ScreamingSnake => words().map(str::to_uppercase).collect::<Vec<_>>().join("_"),
            Self::Kebab => words().map(lower).collect::<Vec<_>>().join("-"),
            Self::UpperCamel => words().map(capital).collect(),
            Self::LowerCamel => {
                let mut rest = words();
                let first = rest.next().map(lower).unwrap_or_default();
                first + &rest.map(capital).collect::<String>()
            }
        }
    }
}

/// `DivideFault` as `divide fault`, for the text of a fault.
pub(crate) fn humanised(ident: &Ident) -> String {
    Case::Snake.name(ident).replace('_', " ")
}

/// `HTTPServer_port2` is `HTTP`, `Server`, `port2`.
fn words(ident: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for part in ident.split('_').filter(|part| !part.is_empty()) {
        let chars = part.char_indices().collect::<Vec<_>>();
        let mut start = 0;
        for window in 1..chars.len() {
            let (at, this) = chars[window];
            let before = chars[window - 1].1;
            let after = chars.get(window + 1).map(|(_, after)| *after);
            let new_word = !before.is_uppercase() || after.is_some_and(char::is_lowercase);
            if this.is_uppercase() && new_word {
                words.push(&part[start..at]);
                start = at;
            }
        }
        words.push(&part[start..]);
    }
    words
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    first + chars.as_str()
}

/// True if `name` is a name without a colon (Namespaces in XML 1.0, production 4).
pub(crate) fn is_ncname(name: &str) -> bool {
    let start = |c: char| {
        matches!(c, 'A'..='Z' | 'a'..='z' | '_' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
            | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
            | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
            | '\u{10000}'..='\u{EFFFF}')
    };
    let rest = |c: char| {
        start(c)
            || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
    };
    name.chars().next().is_some_and(start) && name.chars().skip(1).all(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_underscores_and_capitals() {
        assert_eq!(words("first_name"), ["first", "name"]);
        assert_eq!(words("HTTPServer_port2"), ["HTTP", "Server", "port2"]);
        assert_eq!(words("_type_"), ["type"]);
        assert_eq!(words("userID"), ["user", "ID"]);
        assert_eq!(words("a1B"), ["a1", "B"]);
        assert_eq!(words("__"), [""; 0]);
    }

    #[test]
    fn every_case_of_a_field_and_of_a_variant() {
        let both = |case: Case| (case.convert("first_name"), case.convert("DarkRed"));
        let owned = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(both(Case::LowerCamel), owned("firstName", "darkRed"));
        assert_eq!(both(Case::UpperCamel), owned("FirstName", "DarkRed"));
        assert_eq!(both(Case::Snake), owned("first_name", "dark_red"));
        assert_eq!(both(Case::ScreamingSnake), owned("FIRST_NAME", "DARK_RED"));
        assert_eq!(both(Case::Kebab), owned("first-name", "dark-red"));
        assert_eq!(both(Case::Verbatim), owned("first_name", "DarkRed"));
    }

    #[test]
    fn acronyms_and_raw_identifiers() {
        assert_eq!(Case::LowerCamel.convert("HTTPServer"), "httpServer");
        assert_eq!(
            Case::LowerCamel.name(&Ident::new_raw("type", proc_macro2::Span::call_site())),
            "type"
        );
        assert_eq!(Case::UpperCamel.convert("get_url2"), "GetUrl2");
    }

    #[test]
    fn names_of_xml() {
        for name in ["a", "_a", "a-b.c", "Größe", "名"] {
            assert!(is_ncname(name), "{name}");
        }
        for name in ["", "1a", "-a", "a:b", "a b", "a/b"] {
            assert!(!is_ncname(name), "{name}");
        }
    }
}
