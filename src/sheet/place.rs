//! Where in a sheet something stands, as the user finds it in the program that shows the file.

use std::fmt;

use crate::clean::printable;

/// What a file counts: lines (CSV, JSON lines) or rows (XLSX).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Of a text.
    Line,
    /// Of a workbook.
    Row,
}

/// A row or a cell of the file: `line 5, column C (amount)` or `cell C5 (amount)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    unit: Unit,
    line: u64,
    column: Option<usize>,
    heading: Option<String>,
}

impl Place {
    /// A whole row.
    #[must_use]
    pub fn row(unit: Unit, line: u64) -> Self {
        Self { unit, line, column: None, heading: None }
    }

    pub(super) fn cell(unit: Unit, line: u64, column: usize, heading: Option<&str>) -> Self {
        Self { unit, line, column: Some(column), heading: heading.map(excerpt) }
    }

    /// A key of a JSON line.
    pub(super) fn key(line: u64, key: &str) -> Self {
        Self { unit: Unit::Line, line, column: None, heading: Some(excerpt(key)) }
    }

    /// The line of the file or the row of the sheet, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The column as spreadsheets name it (`A`, `AB`); `None` for a whole row and for JSON.
    #[must_use]
    pub fn column(&self) -> Option<String> {
        self.column.map(letters)
    }

    /// The heading of the column, or the key, as the file spells it.
    #[must_use]
    pub fn heading(&self) -> Option<&str> {
        self.heading.as_deref()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.unit, self.column()) {
            (Unit::Row, Some(column)) => write!(formatter, "cell {column}{}", self.line)?,
            (Unit::Row, None) => write!(formatter, "row {}", self.line)?,
            (Unit::Line, Some(column)) => write!(formatter, "line {}, column {column}", self.line)?,
            (Unit::Line, None) => write!(formatter, "line {}", self.line)?,
        }
        match &self.heading {
            Some(heading) if self.column.is_some() => write!(formatter, " (`{heading}`)"),
            Some(key) => write!(formatter, ", `{key}`"),
            None => Ok(()),
        }
    }
}

/// The name of a column: 0 is `A`, 26 is `AA`.
pub(super) fn letters(column: usize) -> String {
    let mut name = Vec::new();
    let mut rest = Some(column);
    while let Some(number) = rest {
        let letter = u8::try_from(number % 26).unwrap_or_default().saturating_add(b'A');
        name.push(char::from(letter));
        rest = (number / 26).checked_sub(1);
    }
    name.into_iter().rev().collect()
}

/// The head of a text that a message can hold.
pub(super) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 60;
    let text = printable(text);
    let mut head: String = text.chars().take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        head.push('…');
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_in_a_spreadsheet() {
        let names: Vec<_> = [0, 25, 26, 51, 52, 701, 702, 16383].map(letters).to_vec();
        assert_eq!(names, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD"]);
    }

    #[test]
    fn a_place_reads_as_the_user_sees_it() {
        assert_eq!(Place::cell(Unit::Row, 5, 2, Some("금액")).to_string(), "cell C5 (`금액`)");
        assert_eq!(Place::cell(Unit::Line, 5, 2, None).to_string(), "line 5, column C");
        assert_eq!(Place::key(5, "amount").to_string(), "line 5, `amount`");
        assert_eq!(Place::row(Unit::Row, 5).to_string(), "row 5");
    }
}
