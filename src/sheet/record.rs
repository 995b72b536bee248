//! A row of cells, from CSV or XLSX, and what its columns mean.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::column::Field;
use super::error::{CellError, HeaderProblem, Problem};
use super::place::{Place, Unit, excerpt, letters};
use crate::bill::{Phone, RawBill, normalised};

/// The longest cell that is read, in bytes; no field of a bill takes a hundredth of it.
pub(super) const LONGEST_CELL: usize = 32 * 1024;

/// What is said of a longer one.
pub(super) const TOO_LONG: &str = "is longer than 32 KiB";

/// How a text that is too long begins.
pub(super) fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(200)).unwrap_or_default()
}

/// A row: only the cells that are not blank.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// The line or row number, from 1.
    pub(super) line: u64,
    pub(super) cells: Vec<Cell>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// From 0.
    pub(super) column: usize,
    /// Trimmed, not empty.
    pub(super) text: String,
    pub(super) fault: Option<Fault>,
}

/// A row as every format brings it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) line: u64,
    /// Tells whether the same line still holds the same row.
    pub(super) fingerprint: u64,
    pub(super) fields: Result<RawBill, Vec<CellError>>,
    /// Whether the sheet shows it.
    pub(super) is_hidden: bool,
}

/// Why a cell of a workbook has no text to send, whatever it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Fault {
    ErrorValue,
    Duration,
    TooManyDigits,
    TooLong,
}

impl Fault {
    fn rule(self) -> &'static str {
        match self {
            Self::ErrorValue => "is an error of the sheet's formulas",
            Self::Duration => "is a duration, not a text or a number",
            Self::TooManyDigits => {
                "has more digits than a spreadsheet keeps in a number; make the cell a text"
            }
            Self::TooLong => TOO_LONG,
        }
    }
}

impl Record {
    pub(super) fn push(&mut self, column: usize, text: &str, fault: Option<Fault>) {
        let text = text.trim();
        let (text, fault) =
            if text.len() > LONGEST_CELL { (cut(text), Some(Fault::TooLong)) } else { (text, fault) };
        if !text.is_empty() {
            self.cells.push(Cell { column, text: text.to_owned(), fault });
        }
    }

    /// How many cells are headings that mean something.
    pub(super) fn known_headings(&self) -> usize {
        self.cells.iter().filter(|cell| Field::of(&cell.text).is_some()).count()
    }

    /// Tells whether the same line still holds the same row.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for cell in &self.cells {
            (cell.column, &cell.text, cell.fault).hash(&mut hasher);
        }
        hasher.finish()
    }
}

/// What each column means, as the heading row says.
#[derive(Debug)]
pub(super) struct Columns {
    unit: Unit,
    unknown: Unknown,
    known: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    index: usize,
    heading: String,
    /// `None` where it is ignored.
    field: Option<Field>,
}

/// What becomes of columns that mean nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    Refused,
    Ignored,
}

impl Columns {
    /// Reads the heading row; everything wrong with it comes back at once.
    pub(super) fn read(header: &Record, unit: Unit, unknown: Unknown) -> Result<Self, Problem> {
        let mut columns: Vec<Column> = Vec::with_capacity(header.cells.len());
        let mut problems = Vec::new();
        for Cell { column, text, .. } in &header.cells {
            let field = Field::of(text);
            let before = columns.iter().find(|known| field.is_some() && known.field == field);
            if let (Some(first), Some(field)) = (before, field) {
                let first = (letters(first.index), first.heading.clone());
                problems.push(HeaderProblem::Twice {
                    field: field.flag(),
                    first,
                    second: (letters(*column), excerpt(text)),
                });
            }
            if field.is_none() && unknown == Unknown::Refused {
                let (column, heading) = (letters(*column), excerpt(text));
                problems.push(HeaderProblem::Unknown { column, heading, nearest: Field::nearest(text) });
            }
            columns.push(Column { index: *column, heading: excerpt(text), field });
        }
        let is_missing = |field: &Field| !columns.iter().any(|column| column.field == Some(*field));
        let missing = Field::REQUIRED.into_iter().filter(is_missing);
        let missing: Vec<_> = missing.map(|field| (field.flag(), field.korean())).collect();
        if !missing.is_empty() {
            let found = columns.iter().map(|column| column.heading.clone()).collect();
            problems.push(HeaderProblem::Missing { missing, found });
        }
        if problems.is_empty() {
            Ok(Self { unit, unknown, known: columns })
        } else {
            Err(Problem::Header { place: Place::row(unit, header.line), problems })
        }
    }

    /// Where the field of a row stands.
    pub(super) fn place(&self, line: u64, flag: &str) -> Place {
        let column = self.known.iter().find(|column| column.field.is_some_and(|field| field.flag() == flag));
        match column {
            Some(column) => Place::cell(self.unit, line, column.index, Some(&column.heading)),
            None => Place::row(self.unit, line),
        }
    }

    /// Whether the row sums others up: one of its cells says so, and it names nobody to be billed.
    fn is_total(&self, record: &Record) -> bool {
        let is_phone = |cell: &Cell| {
            let column = self.known.iter().find(|column| column.index == cell.column);
            column.is_some_and(|column| column.field == Some(Field::Phone))
                && cell.text.parse::<Phone>().is_ok()
        };
        record.cells.iter().any(|cell| is_total_word(&cell.text)) && !record.cells.iter().any(is_phone)
    }

    /// The bill of a row, or every cell of it that cannot be read.
    pub(super) fn bill(&self, record: Record) -> Result<RawBill, Vec<CellError>> {
        if self.is_total(&record) {
            let place = Place::row(self.unit, record.line);
            return Err(vec![CellError::row(place, "is a row of totals, no bill: delete it")]);
        }
        let mut bill = RawBill::default();
        let mut wrong = Vec::new();
        for cell in record.cells {
            // Columns come in the order of their index, from CSV and XLSX alike.
            let known = self.known.binary_search_by_key(&cell.column, |column| column.index);
            let known = known.ok().and_then(|position| self.known.get(position));
            let rule = match (known, cell.fault) {
                (Some(Column { field: Some(field), .. }), None) => {
                    field.fill(&mut bill, cell.text);
                    continue;
                }
                (Some(Column { field: Some(_), .. }), Some(fault)) => fault.rule(),
                (Some(_), _) => continue,
                // In CSV such a cell means that all cells of the row may have moved, because a
                // comma was not quoted: no wish to ignore columns makes that harmless.
                (None, _) if self.unit == Unit::Row && self.unknown == Unknown::Ignored => continue,
                (None, _) if self.unit == Unit::Row => "stands under no heading",
                (None, _) => {
                    "stands under no heading; is there a delimiter in another cell that is not quoted?"
                }
            };
            wrong.push(CellError {
                place: Place::cell(
                    self.unit,
                    record.line,
                    cell.column,
                    known.map(|column| column.heading.as_str()),
                ),
                field: known.and_then(|column| column.field).map(Field::flag),
                value: Some(cell.text),
                rule: rule.into(),
            });
        }
        if wrong.is_empty() { Ok(bill) } else { Err(wrong) }
    }
}

/// Whether a cell says that its row is a sum, as people write it: `합계`, `총 계:`, `Total`.
fn is_total_word(text: &str) -> bool {
    const WORDS: [&str; 9] =
        ["합계", "총계", "소계", "총합계", "누계", "total", "subtotal", "grandtotal", "totals"];
    // Longer than any of the words with blanks: no look at the letters of each cell.
    if text.len() > 40 {
        return false;
    }
    let plain = |character: &char| !character.is_whitespace() && !":：-_".contains(*character);
    let word: String = normalised(text).chars().filter(plain).flat_map(char::to_lowercase).collect();
    WORDS.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_known_however_it_is_written() {
        for word in [
            "합계",
            " 합 계 ",
            "총계:",
            "소계",
            "총 합계",
            "TOTAL",
            "Sub-total",
            "\u{1112}\u{1161}\u{11B8}계",
        ] {
            assert!(is_total_word(word), "{word}");
        }
        for word in ["합계 청구", "계", "토탈패키지", ""] {
            assert!(!is_total_word(word), "{word}");
        }
    }

    fn record(cells: &[&str]) -> Record {
        let mut record = Record { line: 1, cells: Vec::new() };
        for (column, text) in cells.iter().enumerate() {
            record.push(column, text, None);
        }
        record
    }

    #[test]
    fn all_that_is_wrong_with_the_headings_is_said_at_once() {
        let header = record(&["상품명", "금액", "", "결제금액", "휴대폰 번호"]);
        let problem = Columns::read(&header, Unit::Row, Unknown::Refused).unwrap_err().to_string();
        assert_eq!(
            problem,
            "row 1: columns B and D (`금액`, `결제금액`) are both `amount`; unknown column E (`휴대폰 번호`), \
             perhaps `휴대폰번호`?; no column for `buyer` (고객명), `phone` (휴대폰번호); the headings are \
             `상품명`, `금액`, `결제금액`, `휴대폰 번호`"
        );
    }

    #[test]
    fn a_cell_under_no_heading_is_refused() {
        let header = record(&["product", "amount", "buyer", "phone"]);
        let columns = Columns::read(&header, Unit::Line, Unknown::Ignored).unwrap();
        let wrong = columns.bill(record(&["커피", "4", "500", "홍길동", "010-1234-5678"])).unwrap_err();
        assert_eq!(wrong.len(), 1);
        assert!(
            wrong[0].to_string().starts_with("line 1, column E: `010-1234-5678` stands under no heading")
        );
    }

    #[test]
    fn ignored_columns_leave_no_trace() {
        let header = record(&["비고", "product", "amount", "buyer", "phone"]);
        let columns = Columns::read(&header, Unit::Line, Unknown::Ignored).unwrap();
        let bill = columns.bill(record(&["x", "커피", "4500", "홍길동", "1"])).unwrap();
        assert_eq!((bill.product.as_deref(), bill.amount.as_deref()), (Some("커피"), Some("4500")));
        assert_eq!(columns.place(7, "phone").to_string(), "line 7, column E (`phone`)");
        assert_eq!(columns.place(7, "memo").to_string(), "line 7");
    }
}
