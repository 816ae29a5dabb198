//! The URI of a namespace as values hold it that outlive their message.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// A URI that is not copied with each name: a long one, declared once, may be that of every element of a message.
#[derive(Clone)]
pub(crate) enum Uri {
    /// Known at compile time.
    Static(&'static str),
    /// Met in a message, or made by the program.
    Shared(Arc<str>),
}

impl Deref for Uri {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Static(uri) => uri,
            Self::Shared(uri) => uri,
        }
    }
}

impl From<Cow<'static, str>> for Uri {
    fn from(uri: Cow<'static, str>) -> Self {
        match uri {
            Cow::Borrowed(uri) => Self::Static(uri),
            Cow::Owned(uri) => Self::from(uri),
        }
    }
}

impl From<String> for Uri {
    fn from(uri: String) -> Self {
        if uri.is_empty() {
            Self::Static("")
        } else {
            Self::Shared(uri.into())
        }
    }
}

impl PartialEq for Uri {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq::<str>(&**self, &**other) || **self == **other
    }
}

impl Eq for Uri {}

impl PartialOrd for Uri {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Uri {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl Hash for Uri {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
