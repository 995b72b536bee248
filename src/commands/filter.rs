//! Filters as they are typed. Every wrong value is told at once, not one a run.

use std::str::FromStr;

use jiff::Timestamp;

use super::time;
use crate::error::{Error, ErrorKind, WrongField};

/// Reads the values of a filter and notes the wrong ones.
pub(super) struct FilterReader {
    now: Timestamp,
    wrong: Vec<WrongField>,
}

impl FilterReader {
    /// Ages count back from now.
    pub(super) fn new(now: Timestamp) -> Self {
        Self { now, wrong: Vec::new() }
    }

    /// A moment, as [`time::parse`] reads it.
    pub(super) fn moment(&mut self, field: &str, text: Option<&String>) -> Option<Timestamp> {
        let text = text?;
        let found = time::parse(text, self.now);
        if found.is_none() {
            self.note(field, text, time::RULE.to_owned());
        }
        found
    }

    /// A word of the contract.
    pub(super) fn word<T: FromStr<Err = String>>(&mut self, field: &str, text: Option<&String>) -> Option<T> {
        let text = text?;
        text.parse().map_err(|rule| self.note(field, text, rule)).ok()
    }

    fn note(&mut self, field: &str, value: &str, rule: String) {
        self.wrong.push(WrongField { field: field.to_owned(), value: Some(value.to_owned()), rule });
    }

    /// The failure, if any value was wrong.
    pub(super) fn end(self) -> Result<(), Error> {
        if self.wrong.is_empty() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Usage, "the filter cannot be read").fields(self.wrong))
    }
}
