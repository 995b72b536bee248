//! Payment notifications: bytes in, [`Notification`]s out (CONTRACT section 7, `noti parse`;
//! reference, "Notification").
//!
//! [`Reader`] reads any number of them from any reader in constant memory; [`parse`] reads the body
//! of one request. Pure: none is signed, so whether one tells the truth has to be asked, which is for others.
//!
//! The way of a document: `documents` finds where it begins and ends (`window` and `scan` below it),
//! `fields` reads its keys and values in one pass, `normalise` decides what they mean. A document
//! that is no notification is an item of its own and never stops the stream.
//!
//! [`Facts`] are what can be checked of one, [`judge`] says what CookiePay's answer makes of them, and [`Confirmed`]
//! is what then stands in the place of what the notification says.

mod confirmed;
mod documents;
mod error;
mod extra;
mod facts;
mod fields;
mod findings;
mod identity;
mod missing;
mod normalise;
mod notification;
mod scan;
mod text;
mod verdict;
mod window;

#[cfg(test)]
mod tests;

use std::io::{self, Read};

pub use confirmed::{Confirmed, Unverified};
pub use documents::SIZE_LIMIT;
pub use error::DocumentError;
pub use facts::Facts;
pub use identity::Identity;
pub use notification::{Extra, ExtraValue, Kind, Notification, Problem};
pub use verdict::{Billed, Judgement, Unrecorded, judge, judge_merchant};

use documents::{Body, Documents};
use error::excerpt;
use fields::Fields;
use window::Place;

/// Reads notifications one after the other: one object, an array, JSON lines, objects one behind
/// the other, or form bodies one a line, told apart by content.
pub struct Reader<R> {
    documents: Documents<R>,
    source: String,
}

/// A document of the input. Borrows from the [`Reader`] until the next is read.
#[derive(Debug)]
pub struct Item<'r> {
    /// The line on which the document begins, counted from 1.
    pub line: u64,
    /// The notification, or why the document is none.
    pub result: Result<Notification<'r>, DocumentError>,
}

impl<R: Read> Reader<R> {
    /// Reads from `reader`, which needs no buffer of its own. `source` is what notifications carry
    /// as theirs: a file name, or `-`.
    pub fn new(source: impl Into<String>, reader: R) -> Self {
        Self { documents: Documents::new(reader), source: source.into() }
    }

    /// The next document, `None` at the end of the input. Blank input is one item with
    /// [`DocumentError::Empty`]; an array that is empty has no items.
    ///
    /// # Errors
    /// Where reading fails. What is wrong with a document is in the item.
    pub fn next_item(&mut self) -> io::Result<Option<Item<'_>>> {
        let Some(document) = self.documents.next_document()? else { return Ok(None) };
        let place = document.place;
        let result = document.body.and_then(|body| read(body, place, &self.source));
        Ok(Some(Item { line: place.line, result }))
    }
}

/// Reads the body of one request: an object or a form body, and nothing else.
///
/// # Errors
/// Where the body is not exactly one notification.
pub fn parse<'a>(body: &'a [u8], source: &'a str) -> Result<Notification<'a>, DocumentError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    if body.len() > SIZE_LIMIT {
        return Err(DocumentError::TooLarge);
    }
    match body.first() {
        None => Err(DocumentError::Empty),
        Some(b'{') => read(Body::Object(body), Place::START, source),
        Some(_) if documents::is_form(body) => read(Body::Form(body), Place::START, source),
        Some(_) => {
            let beginning = body.get(..256).unwrap_or(body);
            Err(DocumentError::Foreign { excerpt: excerpt(&String::from_utf8_lossy(beginning)) })
        }
    }
}

/// Reads one document that begins at `place`.
fn read<'a>(body: Body<'a>, place: Place, source: &'a str) -> Result<Notification<'a>, DocumentError> {
    let mut fields = Fields::default();
    match body {
        Body::Form(form) => fields.read_form(form.trim_ascii_end())?,
        Body::Object(object) => {
            let text = std::str::from_utf8(object).map_err(|error| {
                let Place { line, column } =
                    place.after(object.get(..error.valid_up_to()).unwrap_or_default());
                DocumentError::NotUtf8 { line, column }
            })?;
            fields.read_object(text).map_err(|error| broken(&error, text, place))?;
        }
    }
    normalise::notification(&mut fields, source, place.line)
}

/// What `serde_json` says of an object that begins at `place`, with the place in the input.
fn broken(error: &serde_json::Error, object: &str, place: Place) -> DocumentError {
    let lines_before = object.split_inclusive('\n').take(error.line().saturating_sub(1));
    let read = lines_before.map(str::len).sum::<usize>().saturating_add(error.column());
    // The last byte that was read; where it is a line feed, `error` names column 0 of the next line.
    let place = place.after(object.as_bytes().get(..read.saturating_sub(1)).unwrap_or_default());
    let text = error.to_string();
    let what = text.split_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    DocumentError::broken(what, place)
}
