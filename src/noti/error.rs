//! Why a document is no notification.

use thiserror::Error;

use super::documents::SIZE_LIMIT;
use super::scan::DEPTH_LIMIT;
use super::window::Place;

/// Why a document could not be read as a notification. Messages are fragments for behind
/// `FILE:LINE: `; what they quote of the document is short and free of control characters.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DocumentError {
    /// The whole input is empty or blank.
    #[error("no notification in it: the input is empty")]
    Empty,
    /// Text that is neither JSON nor a form body; neighbouring lines of it are one error.
    #[error("neither a JSON object nor a form body: `{excerpt}`")]
    Foreign {
        /// How the text begins.
        excerpt: String,
    },
    /// JSON that breaks off or breaks the grammar.
    #[error("broken JSON: {what} at line {line} column {column}")]
    Broken {
        /// What is wrong.
        what: String,
        /// The line of the input, counted from 1.
        line: u64,
        /// The byte in that line, counted from 1.
        column: u64,
    },
    /// A field whose text is no Unicode: half a surrogate pair, or percent-encoded bytes.
    #[error("the text of `{field}` is no Unicode")]
    NotUnicode {
        /// The key of the field.
        field: String,
    },
    /// The document is not UTF-8.
    #[error("not UTF-8 at line {line} column {column}")]
    NotUtf8 {
        /// The line of the input, counted from 1.
        line: u64,
        /// The byte in that line, counted from 1.
        column: u64,
    },
    /// The document is longer than any notification.
    #[error("longer than {SIZE_LIMIT} bytes")]
    TooLarge,
    /// Objects or arrays lie too deep in each other.
    #[error("nested more than {DEPTH_LIMIT} levels deep")]
    TooDeep,
    /// The input ends within an array.
    #[error("the array is not closed: the input may be cut off")]
    ArrayNotClosed,
    /// An object without what identifies a notification.
    #[error(
        "not a notification: it needs `ORDERNO` or `TID` with an amount or `SMS_INPUT`, or a `noti_type`"
    )]
    NotANotification,
    /// The answer of `/api/urlcert`, which looks much like a notification.
    #[error(
        "not a notification: an answer of urlcert, with `RESULTCODE` but without `API_ID` and `SMS_INPUT`"
    )]
    UrlcertAnswer,
    /// A `noti_type` that is not known; it must not be taken for an approval.
    #[error("unknown `noti_type`: `{noti_type}`")]
    UnknownType {
        /// The value.
        noti_type: String,
    },
}

impl DocumentError {
    /// Broken JSON at `place`.
    pub(super) fn broken(what: impl Into<String>, place: Place) -> Self {
        Self::Broken { what: what.into(), line: place.line, column: place.column }
    }
}

/// The beginning of a text for a message: at most 40 characters, control characters replaced.
pub(super) fn excerpt(text: &str) -> String {
    const LENGTH: usize = 40;
    let shown = |character: char| if character.is_control() { '\u{fffd}' } else { character };
    let mut excerpt: String = text.chars().take(LENGTH).map(shown).collect();
    if text.chars().nth(LENGTH).is_some() {
        excerpt.push('…');
    }
    excerpt
}
