//! CSV: a header of field names and a line a record. Texts stand bare, absent values are empty, everything nested is
//! JSON.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use super::clean::csv_cell;
use super::json::each_field;
use super::record::{Record, Scope};

/// The names of the scope's fields, which lead every line.
const SCOPE_FIELDS: [&str; 4] = ["schema", "profile", "environment", "live"];

/// The header, with a byte order mark if Excel is to read it.
pub(super) fn header<R: Record>(byte_order_mark: bool) -> Vec<u8> {
    let names: Vec<&str> = SCOPE_FIELDS.iter().chain(R::FIELDS).copied().collect();
    let mut line = if byte_order_mark { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
    line.extend_from_slice(names.join(",").as_bytes());
    line.push(b'\n');
    line
}

/// Writes the lines of records of one scope.
pub(super) struct Lines {
    /// The cells of the scope, each with its comma.
    scope: Vec<u8>,
    /// Of the line that is written: the record's fields, their cells, and where each column's cell lies.
    fields: Vec<u8>,
    cells: Vec<u8>,
    columns: Vec<Range<usize>>,
}

impl Lines {
    pub(super) fn new(scope: &Scope) -> Self {
        let cells = [
            Some(Cow::Owned(scope.schema.to_string())),
            scope.profile.as_deref().map(csv_cell),
            scope.environment.map(Cow::Borrowed),
            scope.live.map(|live| Cow::Owned(live.to_string())),
        ];
        let mut leading = Vec::new();
        for cell in cells {
            push_quoted(cell.unwrap_or_default().as_bytes(), &mut leading);
            leading.push(b',');
        }
        Self { scope: leading, fields: Vec::new(), cells: Vec::new(), columns: Vec::new() }
    }

    /// Appends the line of a record. A column that it has no field for is empty.
    pub(super) fn push<R: Record>(&mut self, record: &R, out: &mut Vec<u8>) -> io::Result<()> {
        let Self { scope, fields, cells, columns } = self;
        cells.clear();
        columns.clear();
        columns.resize(R::FIELDS.len(), 0..0);
        // Fields mostly come in the order of the columns.
        let mut expected: usize = 0;
        each_field(fields, record, |key, json| {
            let is_named = |name: &&str| name.as_bytes() == key;
            let at = match R::FIELDS.get(expected) {
                Some(name) if is_named(name) => Some(expected),
                _ => R::FIELDS.iter().position(is_named),
            };
            let Some((at, column)) = at.and_then(|at| Some((at, columns.get_mut(at)?))) else {
                return Ok(());
            };
            expected = at.saturating_add(1);
            let start = cells.len();
            push_cell(json, cells)?;
            *column = start..cells.len();
            Ok(())
        })?;
        out.extend_from_slice(scope);
        for (at, column) in columns.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            push_quoted(cells.get(column.clone()).unwrap_or_default(), out);
        }
        out.push(b'\n');
        Ok(())
    }
}

/// Appends what a cell says of a JSON value.
fn push_cell(json: &[u8], cells: &mut Vec<u8>) -> io::Result<()> {
    match json {
        b"null" => {}
        [b'"', text @ .., b'"'] => {
            let text: Cow<'_, str> = if memchr::memchr(b'\\', text).is_some() {
                Cow::Owned(serde_json::from_slice(json)?)
            } else {
                std::str::from_utf8(text).map_err(io::Error::other)?.into()
            };
            cells.extend_from_slice(csv_cell(&text).as_bytes());
        }
        other => cells.extend_from_slice(other),
    }
    Ok(())
}

/// Appends a cell, in quotes where it would otherwise be more than one (RFC 4180).
fn push_quoted(cell: &[u8], out: &mut Vec<u8>) {
    if !cell.iter().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n')) {
        out.extend_from_slice(cell);
        return;
    }
    out.push(b'"');
    for part in cell.split_inclusive(|byte| *byte == b'"') {
        out.extend_from_slice(part);
        if part.ends_with(b"\"") {
            out.push(b'"');
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;
    use crate::output::{Cell, Language};

    #[derive(Serialize)]
    struct Sample<'a> {
        text: &'a str,
        surplus: u8,
        nested: serde_json::Value,
        number: Option<u64>,
    }

    impl Record for Sample<'_> {
        const FIELDS: &'static [&'static str] = &["text", "number", "nested", "missing"];
        const COLUMNS: &'static [&'static str] = &[];

        fn cells(&self, _: Language) -> Vec<Cell> {
            Vec::new()
        }
    }

    #[test]
    fn cells_stand_under_their_names_as_a_reader_of_csv_takes_them() {
        let mut lines = Lines::new(&Scope::of("shop", "live", true));
        let mut out = header::<Sample<'_>>(false);
        let nested = serde_json::json!({"a": [1, "x\u{9b}y", null]});
        for (text, number) in
            [("커피, \"진한\"", Some(7)), ("=1+1", None), ("a\u{1b}[1m\\b\u{202e}", Some(0))]
        {
            lines.push(&Sample { text, surplus: 1, nested: nested.clone(), number }, &mut out).unwrap();
        }
        let mut reader = csv::Reader::from_reader(out.as_slice());
        let names = ["schema", "profile", "environment", "live", "text", "number", "nested", "missing"];
        assert_eq!(reader.headers().unwrap(), &names[..]);
        let nested = r#"{"a":[1,"x\u009by",null]}"#;
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        for (row, (text, number)) in
            rows.iter().zip([("커피, \"진한\"", "7"), ("'=1+1", ""), ("a[1m\\b", "0")])
        {
            assert_eq!(row, &["1", "shop", "live", "true", text, number, nested, ""][..]);
        }
        assert_eq!(rows.len(), 3);
    }
}
