//! The rows of a sheet that a merchant filled in: CSV, XLSX or JSON lines to [`RawBill`]s, each
//! with its place in the file.
//!
//! Here is decided what a file is (by its content), how it is encoded (by all of it) and what its
//! columns mean; whether a value is allowed is `bill`'s business. A file whose meaning is in doubt
//! is an error, never a guess: its rows are money and messages.
//!
//! CSV and JSON lines are read in constant memory, once to validate and once more to send: after
//! [`Sheet::rewind`] each row is compared with what was read the first time, so that a file that
//! changes meanwhile cannot send what was not validated. No I/O beyond the reader.

mod column;
mod csv;
mod detect;
mod error;
mod json;
mod place;
mod record;
mod template;
mod text;
mod xlsx;

#[cfg(test)]
mod tests;

pub use error::{CellError, HeaderProblem, Problem, SheetError};
pub use place::{Place, Unit};
pub use template::template;

use std::io::{Read, Seek, SeekFrom};

use crate::bill::RawBill;
use csv::CsvRows;
use json::JsonRows;
use record::{Columns, Found, Record, Unknown};
use text::Lines;
use xlsx::XlsxRows;

/// The largest text file that is read, in bytes.
pub const SIZE_LIMIT: u64 = 256 * 1024 * 1024;

/// The largest XLSX file that is read, in bytes: a million rows are about half of it.
pub const XLSX_SIZE_LIMIT: u64 = 64 * 1024 * 1024;

/// In how many rows the headings are looked for, to say where they are.
const HEADER_SEARCH: usize = 20;

/// What a sheet is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text with `,`, `;` or tabs between the cells.
    Csv,
    /// An Excel workbook.
    Xlsx,
    /// One JSON object a line.
    Jsonl,
}

impl Format {
    fn title(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Xlsx => "XLSX",
            Self::Jsonl => "JSON lines",
        }
    }
}

/// How the text of a CSV or JSON lines file is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF-8 if all of the file is, else CP949.
    #[default]
    Auto,
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// CP949, the encoding of Korean Windows; a byte order mark of UTF-8 is stronger.
    Cp949,
}

/// What the user says about a sheet.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--format`; else the content and the name decide.
    pub format: Option<Format>,
    /// `--encoding`.
    pub encoding: Encoding,
    /// `--sheet`; else the first visible one.
    pub sheet: Option<String>,
    /// `--ignore-unknown-columns`.
    pub ignore_unknown_columns: bool,
    /// `--hidden`.
    pub hidden: Hidden,
}

/// What becomes of the rows of a workbook that a filter, or the user, has hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hidden {
    /// A sheet that has such rows is refused: what is seen is not what would be sent.
    #[default]
    Refuse,
    /// They are left out. They still count, so that the other rows keep their numbers.
    Skip,
    /// They are rows like others.
    Send,
}

/// One row of a sheet.
#[derive(Debug)]
pub struct Row {
    /// From 1, in the order of the file; neither headings nor wholly blank rows count, rows with
    /// errors do. The `BILL_NO` of a row without one is derived from this number.
    pub number: u64,
    /// The line of the file or the row of the sheet, from 1, headings and blank rows included.
    pub line: u64,
    /// The fields as texts, blanks trimmed and empty ones left out; or every cell that is no text.
    pub fields: Result<RawBill, Vec<CellError>>,
}

/// A sheet, read row by row.
pub struct Sheet<R> {
    file: String,
    rows: Rows<R>,
    hidden: Hidden,
    /// How many rows were read since the beginning.
    number: u64,
    /// What each row was when it was read for the first time.
    fingerprints: Vec<u64>,
    /// Whether the sheet was read to its end once.
    is_complete: bool,
}

enum Rows<R> {
    Csv { rows: Box<CsvRows<R>>, columns: Columns, doubt: Option<Encoding> },
    Xlsx(XlsxRows, Columns),
    Json { rows: JsonRows<R>, doubt: Option<Encoding> },
}

impl<R: Read + Seek> Sheet<R> {
    /// Opens the sheet: decides format and encoding and reads the headings. `name` is shown in
    /// errors, and its ending counts where the content leaves a doubt. Standard input must have
    /// been copied to something that can be read twice.
    ///
    /// # Errors
    ///
    /// The file cannot be read or understood, or its headings cannot; everything wrong with the
    /// headings is named at once.
    pub fn open(reader: R, name: &str, options: &Options) -> Result<Self, SheetError> {
        let rows = Rows::open(reader, name, options).map_err(|problem| SheetError::new(name, problem))?;
        Ok(Self {
            file: name.to_owned(),
            rows,
            hidden: options.hidden,
            number: 0,
            fingerprints: Vec::new(),
            is_complete: false,
        })
    }

    /// How many rows with something in them are hidden, below the headings.
    #[must_use]
    pub fn hidden_rows(&self) -> u64 {
        if let Rows::Xlsx(rows, ..) = &self.rows { rows.hidden_rows().0 } else { 0 }
    }

    /// The encoding, where the bytes are text in two of them and it was judged which is meant.
    #[must_use]
    pub fn doubtful_encoding(&self) -> Option<Encoding> {
        match &self.rows {
            Rows::Csv { doubt, .. } | Rows::Json { doubt, .. } => *doubt,
            Rows::Xlsx(..) => None,
        }
    }

    /// The format that was found.
    #[must_use]
    pub fn format(&self) -> Format {
        match self.rows {
            Rows::Csv { .. } => Format::Csv,
            Rows::Xlsx(..) => Format::Xlsx,
            Rows::Json { .. } => Format::Jsonl,
        }
    }

    /// Where a field of the row on this line stands, by its flag name as `FieldError` has it.
    #[must_use]
    pub fn place(&self, line: u64, field: &str) -> Place {
        match &self.rows {
            Rows::Csv { columns, .. } | Rows::Xlsx(_, columns) => columns.place(line, field),
            Rows::Json { .. } => Place::key(line, field),
        }
    }

    /// What the file counts.
    #[must_use]
    pub fn unit(&self) -> Unit {
        self.rows.unit()
    }

    /// The next row that is not wholly blank; `None` at the end.
    ///
    /// # Errors
    ///
    /// The rest of the file cannot be read, has no row at all, or is not what it was the first time.
    /// A row that is wrong in itself is no error here but one of [`Row::fields`].
    pub fn next_row(&mut self) -> Result<Option<Row>, SheetError> {
        self.advance().map_err(|problem| SheetError::new(&self.file, problem))
    }

    fn advance(&mut self) -> Result<Option<Row>, Problem> {
        while let Some((row, is_hidden)) = self.read()? {
            if !(is_hidden && self.hidden == Hidden::Skip) {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// The next row, and whether it is hidden.
    fn read(&mut self) -> Result<Option<(Row, bool)>, Problem> {
        let known =
            usize::try_from(self.number).ok().and_then(|number| self.fingerprints.get(number)).copied();
        let Some(Found { line, fingerprint, mut fields, is_hidden }) = self.rows.next()? else {
            return match (self.number, known) {
                (_, Some(_)) => Err(Problem::Changed { place: None }),
                (0, None) => Err(Problem::NoRows),
                _ => {
                    self.is_complete = true;
                    Ok(None)
                }
            };
        };
        match known {
            Some(known) if known == fingerprint => {}
            None if !self.is_complete => self.fingerprints.push(fingerprint),
            _ => return Err(Problem::Changed { place: Some(self.rows.row_place(line)) }),
        }
        self.number = self.number.saturating_add(1);
        if fields.as_ref().is_ok_and(template::is_example) {
            let rule = "is the example of the template: delete it";
            fields = Err(vec![CellError::row(self.rows.row_place(line), rule)]);
        }
        Ok(Some((Row { number: self.number, line, fields }, is_hidden)))
    }

    /// Back to the first row.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn rewind(&mut self) -> Result<(), SheetError> {
        self.number = 0;
        self.rows.rewind().map_err(|problem| SheetError::new(&self.file, problem))
    }
}

impl<R: Read + Seek> Rows<R> {
    fn open(mut reader: R, name: &str, options: &Options) -> Result<Self, Problem> {
        let size = reader.seek(SeekFrom::End(0))?;
        if size > SIZE_LIMIT {
            return Err(Problem::TooLarge { size, limit: SIZE_LIMIT });
        }
        reader.seek(SeekFrom::Start(0))?;
        let mut head = Vec::new();
        Read::by_ref(&mut reader).take(detect::HEAD).read_to_end(&mut head)?;
        if head.is_empty() {
            return Err(Problem::Empty);
        }
        if detect::is_compound(&head) {
            let encrypted = xlsx::is_encrypted(&mut reader)?;
            return Err(if encrypted {
                Problem::Password
            } else {
                Problem::OtherKind("an old Excel workbook (XLS)")
            });
        }
        let format = detect::format(name, &head, options)?;
        let unknown = if options.ignore_unknown_columns { Unknown::Ignored } else { Unknown::Refused };
        if format == Format::Xlsx {
            if size > XLSX_SIZE_LIMIT {
                return Err(Problem::TooLarge { size, limit: XLSX_SIZE_LIMIT });
            }
            let mut rows = XlsxRows::read(reader, options.sheet.as_deref())?;
            let columns = header(|| Ok(rows.next_record()), Unit::Row, unknown)?;
            let mut opened = Self::Xlsx(rows, columns);
            opened.rewind()?;
            if let (Self::Xlsx(rows, _), Hidden::Refuse) = (&opened, options.hidden)
                && let (count, Some(first)) = rows.hidden_rows()
            {
                return Err(Problem::HiddenRows { count, first });
            }
            return Ok(opened);
        }
        if options.sheet.is_some() {
            return Err(Problem::SheetsOnlyInXlsx);
        }
        let (charset, doubt) = text::decide(&mut reader, options.encoding, detect::is_marked(&head))?;
        let lines = Lines::new(reader, charset)?;
        if format == Format::Jsonl {
            return Ok(Self::Json { rows: JsonRows::new(lines, unknown)?, doubt });
        }
        let mut rows = Box::new(CsvRows::new(lines)?);
        let columns = header(|| rows.next_record(), Unit::Line, unknown)?;
        let mut opened = Self::Csv { rows, columns, doubt };
        opened.rewind()?;
        Ok(opened)
    }

    /// The next row that is not blank.
    fn next(&mut self) -> Result<Option<Found>, Problem> {
        let (record, columns, is_hidden) = match self {
            Self::Json { rows, .. } => return rows.next_row(),
            Self::Xlsx(rows, columns) => {
                let record = rows.next_record();
                let is_hidden = record.as_ref().is_some_and(|record| rows.is_hidden(record.line));
                (record, columns, is_hidden)
            }
            Self::Csv { rows, columns, .. } => (filled(|| rows.next_record())?, columns, false),
        };
        let row = record.map(|record| Found {
            line: record.line,
            fingerprint: record.fingerprint(),
            fields: columns.bill(record),
            is_hidden,
        });
        Ok(row)
    }

    fn unit(&self) -> Unit {
        if matches!(self, Self::Xlsx(..)) { Unit::Row } else { Unit::Line }
    }

    fn row_place(&self, line: u64) -> Place {
        Place::row(self.unit(), line)
    }

    /// Back to the row below the headings.
    fn rewind(&mut self) -> Result<(), Problem> {
        match self {
            Self::Csv { rows, .. } => {
                rows.rewind()?;
                filled(|| rows.next_record())?;
            }
            Self::Xlsx(rows, _) => {
                rows.rewind();
                rows.next_record();
            }
            Self::Json { rows, .. } => rows.rewind()?,
        }
        Ok(())
    }
}

/// The next record that is not blank.
fn filled(mut next: impl FnMut() -> Result<Option<Record>, Problem>) -> Result<Option<Record>, Problem> {
    loop {
        match next()? {
            Some(record) if record.cells.is_empty() => {}
            record => return Ok(record),
        }
    }
}

/// Reads the headings from the first row that is not blank. If they are not there, the next rows
/// are searched, only to say where they are: a title above them is deleted by the user, not
/// skipped here, because what is skipped might be rows.
fn header(
    mut next: impl FnMut() -> Result<Option<Record>, Problem>,
    unit: Unit,
    unknown: Unknown,
) -> Result<Columns, Problem> {
    let Some(first) = filled(&mut next)? else { return Err(Problem::Empty) };
    let problem = match Columns::read(&first, unit, unknown) {
        Ok(columns) => return Ok(columns),
        Err(problem) => problem,
    };
    let known = first.known_headings();
    for _ in 1..HEADER_SEARCH {
        // The problem of the first row is told before one of the rows below.
        let Ok(Some(record)) = filled(&mut next) else { break };
        if record.known_headings() > known.max(1) {
            let headings = record.cells.iter().filter(|cell| column::Field::of(&cell.text).is_some());
            return Err(Problem::HeaderElsewhere {
                first: first.line,
                header: Place::row(unit, record.line),
                headings: headings.map(|cell| cell.text.clone()).collect(),
            });
        }
    }
    Err(problem)
}
