//! Filters as they are typed. Every wrong value is told at once, not one a run.

use std::str::FromStr;

use jiff::Timestamp;

use super::context::account;
use super::time;
use crate::bill::BatchName;
use crate::config::Profile;
use crate::error::{Error, ErrorKind, WrongField};
use crate::ledger::{Filter, Ledger};

/// The name of a batch, for a filter. One of which the ledger knows no bill is a mistyped one: what
/// would be said of its bills is true of none.
pub(super) fn known_batch(
    name: Option<&BatchName>,
    ledger: Option<&Ledger>,
    profile: &Profile,
) -> Result<Option<String>, Error> {
    let Some(name) = name else { return Ok(None) };
    let batch = Some(name.to_string());
    let of_batch = Filter { batch: batch.clone(), ..Filter::default() };
    let is_known = match ledger {
        Some(ledger) => !ledger.page(&account(profile), &of_batch, None, 1)?.entries.is_empty(),
        None => false,
    };
    if is_known {
        return Ok(batch);
    }
    let message = format!("the ledger knows no batch `{name}` of profile `{}`", profile.name);
    Err(Error::new(ErrorKind::Usage, message).hint("`cookiepay list` shows the bills it knows"))
}

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
