//! What is wrong with a configuration.

use std::{error::Error, fmt, io, path::Path, sync::Arc};

use soap_core::transport::TransportError;

use super::tree::Place;

/// A configuration that cannot be used. It prints a line for each problem: where it is, what is wrong and what is allowed.
#[derive(Debug, Clone)]
pub struct ConfigError {
    problems: Vec<Problem>,
    source: Option<Arc<io::Error>>,
}

impl ConfigError {
    /// All that is wrong, in the order of the file. There is at least one.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Where an error of a transport is wanted.
    pub(super) fn into_transport(self) -> TransportError {
        TransportError::config(self.to_string()).caused_by(self)
    }

    /// A file that cannot be read.
    pub(super) fn unreadable(file: &Path, error: io::Error) -> Self {
        let text = format!("{}: cannot be read: {error}", file.display());
        Self {
            source: Some(Arc::new(error)),
            ..Problem::new(Place::Unknown, "", text).into()
        }
    }

    /// Fails if there is a problem.
    pub(super) fn of(problems: Vec<Problem>) -> Result<(), Self> {
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Self::all(problems)),
        }
    }

    /// `problems`, of which there is one at least.
    pub(super) fn all(mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| (problem.line(), problem.column()));
        Self {
            problems,
            source: None,
        }
    }
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
            source: None,
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let error = self.source.as_deref()?;
        Some(error)
    }
}

/// One thing that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    place: Place,
    key: String,
    text: String,
    suggestion: Option<String>,
}

impl Problem {
    pub(super) fn new(place: Place, key: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            place,
            key: key.into(),
            text: text.into(),
            suggestion: None,
        }
    }

    /// With the key that was probably meant.
    pub(super) fn suggest(mut self, key: &str) -> Self {
        self.suggestion = Some(key.to_owned());
        self
    }

    /// The file it is in, if it is in one.
    pub fn file(&self) -> Option<&Path> {
        match &self.place {
            Place::File { file, .. } => file.as_deref(),
            _ => None,
        }
    }

    /// The line it is in, counted from 1.
    pub fn line(&self) -> Option<usize> {
        match self.place {
            Place::File { line, .. } => Some(line),
            _ => None,
        }
    }

    /// The column it begins at, in characters, counted from 1.
    pub fn column(&self) -> Option<usize> {
        match self.place {
            Place::File { column, .. } => Some(column),
            _ => None,
        }
    }

    /// The variable of the environment it is in, if it is in one.
    pub fn variable(&self) -> Option<&str> {
        match &self.place {
            Place::Variable(name) => Some(name),
            _ => None,
        }
    }

    /// The key it is about, with those of the tables around it: `server.timeouts.idle`. Empty if the text as a whole is wrong.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The key that was probably meant, if the one that is there is not known.
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.place, self.text)?;
        match &self.suggestion {
            Some(key) => write!(f, "; did you mean `{key}`?"),
            None => Ok(()),
        }
    }
}
