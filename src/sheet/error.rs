//! What is wrong with a sheet: a whole file ([`SheetError`]) or one row of it ([`CellError`]).
//!
//! A message names the file, the line or row, and the column as the user finds them; the hint says
//! what to do in the program the file came from.

use std::borrow::Cow;
use std::fmt;
use std::io;

use thiserror::Error;

use super::place::{Place, excerpt};
use crate::clean::printable;

/// A sheet that cannot be read, or whose headings cannot be understood: nothing of it counts.
#[derive(Debug, Error)]
#[error("`{}`: {problem}", printable(file))]
pub struct SheetError {
    file: String,
    problem: Problem,
}

impl SheetError {
    pub(super) fn new(file: &str, problem: impl Into<Problem>) -> Self {
        Self { file: file.to_owned(), problem: problem.into() }
    }

    /// What is wrong, without the file's name.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        self.problem.hint()
    }
}

/// What is wrong with a sheet.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Problem {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// More bytes than are read.
    #[error("has {size} bytes, and at most {limit} are read")]
    TooLarge {
        /// The file's size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// An XLSX that unpacks to more than is read.
    #[error("unpacks to more than {limit} bytes ({part})")]
    Swollen {
        /// The part of the archive, or what of it.
        part: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// A cell that no spreadsheet would hold, or a piece of XML as long.
    #[error("holds more text in one cell than a spreadsheet can")]
    CellTooLong,
    /// More cells, or more texts that cells share, than are read.
    #[error("has more than {limit} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// Rows that a filter, or the user, has hidden.
    #[error("has hidden rows with bills: {count}; the first is row {first}")]
    HiddenRows {
        /// How many.
        count: u64,
        /// The number of the first in the sheet.
        first: u64,
    },
    /// UTF-16 text.
    #[error("is text in UTF-16, which is not read")]
    Utf16,
    /// A zero byte: no text.
    #[error("line {line} holds a zero byte: this is no text file")]
    NotText {
        /// From 1.
        line: u64,
    },
    /// Bytes that are no text in the encodings tried.
    #[error("line {line} is {tried}")]
    Undecodable {
        /// From 1.
        line: u64,
        /// What it is not.
        tried: &'static str,
    },
    /// An encrypted workbook.
    #[error("is protected by a password")]
    Password,
    /// Another kind of file than the three that are read.
    #[error("is {0}, not an XLSX workbook or a text file")]
    OtherKind(&'static str),
    /// The format named, by the user or by the file's ending, is not the one of the content.
    #[error("is called {named}, but its content is {found}")]
    NotAsNamed {
        /// What it should be.
        named: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A damaged or truncated workbook.
    #[error("is damaged or cut short: {0}")]
    Broken(String),
    /// `--sheet` with a format that has no sheets.
    #[error("has no sheets to choose from: only XLSX has")]
    SheetsOnlyInXlsx,
    /// No sheet of that name.
    #[error("has no sheet `{}`; it has {}", excerpt(wanted), quoted(found))]
    NoSuchSheet {
        /// The name asked for; empty where no sheet can be read at all.
        wanted: String,
        /// The sheets there are.
        found: Vec<String>,
    },
    /// Nothing in the file, or in the sheet.
    #[error("is empty")]
    Empty,
    /// Headings, and no row below them.
    #[error("has headings, but no row below them")]
    NoRows,
    /// The first row is no header, a later one looks like one.
    #[error(
        "the headings seem to be on {header} ({}), not in the first row with text ({first})",
        quoted(headings)
    )]
    HeaderElsewhere {
        /// The number of the first row or line that is not blank.
        first: u64,
        /// The row with the headings.
        header: Place,
        /// The headings known there.
        headings: Vec<String>,
    },
    /// Everything that is wrong with the headings.
    #[error("{place}: {}", joined(problems))]
    Header {
        /// The heading row.
        place: Place,
        /// At least one.
        problems: Vec<HeaderProblem>,
    },
    /// A row longer than any bill.
    #[error("the row that begins on line {line} is longer than a megabyte")]
    RowTooLong {
        /// From 1.
        line: u64,
    },
    /// The file ends inside a quoted cell.
    #[error("a quote in the row that begins on line {line} is never closed")]
    UnclosedQuote {
        /// From 1.
        line: u64,
    },
    /// JSON that is not one object a line.
    #[error("is {0}, not one JSON object a line")]
    NotJsonLines(&'static str),
    /// The file is not the one that was read the first time.
    #[error("changed while it was read, at {}", place.as_ref().map_or("its end".to_owned(), ToString::to_string))]
    Changed {
        /// Where the difference is; `None` where rows are missing at the end.
        place: Option<Place>,
    },
    /// A template could not be made.
    #[error("the template could not be made: {0}")]
    Template(String),
}

impl Problem {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::TooLarge { .. } | Self::Swollen { .. } | Self::TooMany { .. } => {
                "split it into several files"
            }
            Self::CellTooLong => "delete what is no bill, and save it as a new XLSX file",
            Self::HiddenRows { .. } => {
                "show all rows, or say what becomes of the hidden ones: `--hidden skip` or `--hidden send`"
            }
            Self::Utf16 | Self::NotText { .. } => "save it as `CSV UTF-8` or as XLSX",
            Self::Undecodable { .. } => {
                "save it as `CSV UTF-8` or as XLSX, or name its encoding with `--encoding`"
            }
            Self::Password => "open it and save a copy without a password",
            Self::OtherKind(_) => "open it in the program it came from and save it as XLSX or `CSV UTF-8`",
            Self::NotAsNamed { .. } => {
                "leave `--format` out, or save the file again in the format of its name"
            }
            Self::Broken(_) => "copy or download it again, or open it and save it as a new XLSX file",
            Self::SheetsOnlyInXlsx => "leave `--sheet` out",
            Self::NoSuchSheet { .. } => "name one of them with `--sheet NAME`",
            Self::Empty | Self::NoRows => "`cookiepay send --template xlsx` writes a sheet to fill in",
            Self::HeaderElsewhere { .. } => "delete the rows above the headings",
            Self::Header { problems, .. } => return Some(header_hint(problems)),
            Self::RowTooLong { .. } => "look there for a quote that is not closed",
            Self::UnclosedQuote { .. } => "close it, or write a quote inside a quoted cell twice",
            Self::NotJsonLines("a JSON array") => "`jq -c '.[]' FILE` writes one object a line",
            Self::NotJsonLines(_) => "`jq -c . FILE` writes one object a line",
            Self::Changed { .. } => "run the command again when nothing writes to the file any more",
            Self::Io(_) | Self::Template(_) => return None,
        };
        Some(hint.to_owned())
    }
}

/// Something wrong with the headings.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HeaderProblem {
    /// A heading that means no field.
    #[error("unknown column {column} (`{}`){}", excerpt(heading), suggestion(*nearest))]
    Unknown {
        /// As spreadsheets name it.
        column: String,
        /// As the file spells it.
        heading: String,
        /// A known heading that looks like it.
        nearest: Option<&'static str>,
    },
    /// Two headings that mean the same field.
    #[error("columns {} and {} (`{}`, `{}`) are both `{field}`", first.0, second.0, excerpt(&first.1), excerpt(&second.1))]
    Twice {
        /// The field by its flag name.
        field: &'static str,
        /// Column and heading.
        first: (String, String),
        /// Column and heading.
        second: (String, String),
    },
    /// Fields no row can do without and no column brings.
    #[error("no column for {}; the headings are {}", named(missing), quoted(found))]
    Missing {
        /// Flag name and Korean heading of each.
        missing: Vec<(&'static str, &'static str)>,
        /// The headings there are.
        found: Vec<String>,
    },
}

fn header_hint(problems: &[HeaderProblem]) -> String {
    let missing = problems.iter().any(|problem| matches!(problem, HeaderProblem::Missing { .. }));
    let unknown = problems.iter().any(|problem| matches!(problem, HeaderProblem::Unknown { .. }));
    match (missing, unknown) {
        (true, _) => "`cookiepay send --template xlsx` writes a sheet with all headings",
        (false, true) => "rename or delete these columns, or pass `--ignore-unknown-columns`",
        (false, false) => "keep one column for each field",
    }
    .to_owned()
}

/// A cell, or a whole row, that cannot be taken for a part of a bill. The other rows are still
/// read, so that all of these can be shown at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellError {
    /// Where.
    pub place: Place,
    /// The field by its flag name; `None` where the place means none.
    pub field: Option<&'static str>,
    /// What stands there.
    pub value: Option<String>,
    /// What is wrong with it.
    pub rule: Cow<'static, str>,
}

impl CellError {
    /// Of a whole row.
    pub(super) fn row(place: Place, rule: &'static str) -> Self {
        Self { place, field: None, value: None, rule: rule.into() }
    }
}

impl fmt::Display for CellError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.place)?;
        if let Some(value) = &self.value {
            write!(formatter, "`{}` ", excerpt(value))?;
        }
        formatter.write_str(&self.rule)
    }
}

impl std::error::Error for CellError {}

fn quoted(names: &[String]) -> String {
    const MOST: usize = 20;
    if names.is_empty() {
        return "none".to_owned();
    }
    let mut all: Vec<String> = names.iter().take(MOST).map(|name| format!("`{}`", excerpt(name))).collect();
    if names.len() > MOST {
        all.push("…".to_owned());
    }
    all.join(", ")
}

fn named(missing: &[(&str, &str)]) -> String {
    let each: Vec<String> = missing.iter().map(|(flag, korean)| format!("`{flag}` ({korean})")).collect();
    each.join(", ")
}

fn joined(problems: &[HeaderProblem]) -> String {
    const MOST: usize = 20;
    let each: Vec<String> = problems.iter().take(MOST).map(ToString::to_string).collect();
    each.join("; ")
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(", perhaps `{name}`?")).unwrap_or_default()
}
