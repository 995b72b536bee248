//! CSV: lines to rows, the delimiter found by the headings.
//!
//! Stands on `csv-core` instead of `csv` because two things matter here that `csv` hides: a quote
//! that is never closed would swallow the rest of the file as one cell, and a row must not grow
//! without bound.

use std::io::{Read, Seek};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::HEADER_SEARCH;
use super::error::Problem;
use super::record::Record;
use super::text::{LONGEST_ROW, Lines};

/// More columns than any sheet has.
const MOST_CELLS: usize = 16_384;

/// Reads a CSV file row by row.
pub(super) struct CsvRows<R> {
    lines: Lines<R>,
    core: Box<Reader>,
    line: String,
    /// How much of `line` was read.
    at: usize,
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// A row as it grows.
#[derive(Default)]
struct Growing {
    start: Option<u64>,
    text: usize,
    cells: usize,
}

impl<R: Read + Seek> CsvRows<R> {
    /// Decides the delimiter: the one with which the first rows hold most known headings, then
    /// most cells.
    pub(super) fn new(lines: Lines<R>) -> Result<Self, Problem> {
        let mut rows = Self {
            lines,
            core: Box::new(Reader::new()),
            line: String::new(),
            at: 0,
            text: vec![0; LONGEST_ROW],
            ends: vec![0; MOST_CELLS],
        };
        let mut best = ((0, 0), b',');
        for delimiter in *b",;\t" {
            rows.restart(delimiter)?;
            let score = rows.score();
            if score > best.0 {
                best = (score, delimiter);
            }
        }
        rows.restart(best.1)?;
        Ok(rows)
    }

    fn restart(&mut self, delimiter: u8) -> Result<(), Problem> {
        *self.core = ReaderBuilder::new().delimiter(delimiter).build();
        self.rewind()
    }

    fn score(&mut self) -> (usize, usize) {
        let mut best = (0, 0);
        for _ in 0..HEADER_SEARCH {
            // What is wrong here is said when the rows are read for good.
            let Ok(Some(record)) = self.next_record() else { break };
            // One cell says nothing: any row is one cell with a delimiter it does not have.
            best = best.max((record.known_headings(), record.cells.len().saturating_sub(1)));
        }
        best
    }

    pub(super) fn rewind(&mut self) -> Result<(), Problem> {
        self.core.reset();
        self.line.clear();
        self.at = 0;
        Ok(self.lines.rewind()?)
    }

    /// The next row, blank ones included as long as they have a delimiter.
    pub(super) fn next_record(&mut self) -> Result<Option<Record>, Problem> {
        let mut growing = Growing::default();
        loop {
            if self.at >= self.line.len() {
                self.at = 0;
                if !self.lines.next_line(&mut self.line)? {
                    return self.finish(growing);
                }
            }
            let input = self.line.get(self.at..).unwrap_or_default();
            if growing.start.is_none() && !input.trim_end_matches(['\r', '\n']).is_empty() {
                growing.start = Some(self.lines.number());
            }
            let input_length = input.len();
            let (result, read) =
                feed(&mut self.core, input.as_bytes(), &mut self.text, &mut self.ends, &mut growing);
            self.at = self.at.saturating_add(read.min(input_length));
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record => return Ok(Some(self.record(&growing))),
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(Problem::RowTooLong { line: growing.start.unwrap_or(1) });
                }
            }
        }
    }

    /// At the end of the file a row may lack its line ending; one more ends it, unless a quote is
    /// open, which takes the line ending for a part of its cell.
    fn finish(&mut self, mut growing: Growing) -> Result<Option<Record>, Problem> {
        let Some(line) = growing.start else { return Ok(None) };
        match feed(&mut self.core, b"\n", &mut self.text, &mut self.ends, &mut growing).0 {
            ReadRecordResult::Record => Ok(Some(self.record(&growing))),
            _ => Err(Problem::UnclosedQuote { line }),
        }
    }

    fn record(&self, growing: &Growing) -> Record {
        let mut record = Record { line: growing.start.unwrap_or(1), cells: Vec::new() };
        let mut start = 0;
        for (column, &end) in self.ends.iter().take(growing.cells).enumerate() {
            // The lines were text, and are cut only at ASCII characters: nothing is lost here.
            record.push(
                column,
                &String::from_utf8_lossy(self.text.get(start..end).unwrap_or_default()),
                None,
            );
            start = end;
        }
        record
    }
}

fn feed(
    core: &mut Reader,
    input: &[u8],
    text: &mut [u8],
    ends: &mut [usize],
    growing: &mut Growing,
) -> (ReadRecordResult, usize) {
    let text = text.get_mut(growing.text..).unwrap_or_default();
    let ends = ends.get_mut(growing.cells..).unwrap_or_default();
    let (result, read, written, cells) = core.read_record(input, text, ends);
    growing.text = growing.text.saturating_add(written);
    growing.cells = growing.cells.saturating_add(cells);
    (result, read)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::text::Charset;
    use super::*;

    fn rows(text: &str) -> Result<Vec<(u64, Vec<String>)>, String> {
        let lines = Lines::new(Cursor::new(text.as_bytes()), Charset::Utf8).unwrap();
        let mut rows = CsvRows::new(lines).map_err(|problem| problem.to_string())?;
        let mut all = Vec::new();
        while let Some(record) = rows.next_record().map_err(|problem| problem.to_string())? {
            let cells = record.cells.into_iter().map(|cell| format!("{}{}", cell.column, cell.text));
            all.push((record.line, cells.collect()));
        }
        Ok(all)
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (line, cells.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn rows_know_the_line_they_begin_on() {
        let text = "a,b\r\n\r\n1,\"two\r\nlines\"\r\n\n\n, \n3,\"x\"\"y\"";
        let expected =
            [row(1, &["0a", "1b"]), row(3, &["01", "1two\r\nlines"]), row(7, &[]), row(8, &["03", "1x\"y"])];
        assert_eq!(rows(text).unwrap(), expected);
        assert_eq!(
            rows("a,b\r1,2\r3").unwrap(),
            [row(1, &["0a", "1b"]), row(2, &["01", "12"]), row(3, &["03"])]
        );
    }

    #[test]
    fn the_delimiter_is_found_by_the_headings() {
        assert_eq!(rows("금액;메모\n1;a,b").unwrap()[1].1, ["01", "1a,b"]);
        assert_eq!(rows("금액\t메모, 그 외\n1\t2").unwrap()[1].1, ["01", "12"]);
        assert_eq!(rows("금액,메모\n1;2,3").unwrap()[1].1, ["01;2", "13"]);
        assert_eq!(rows("a;b;c,d\n").unwrap()[0].1.len(), 3);
    }

    #[test]
    fn an_open_quote_is_an_error_with_its_line() {
        assert_eq!(
            rows("a,b\n1,\"2\n3,4\n").unwrap_err(),
            "a quote in the row that begins on line 2 is never closed"
        );
        assert_eq!(rows("a,b\n1,\"2\"").unwrap()[1].1, ["01", "12"]);
        let endless = format!("a,b\n1,\"{}", "x\n".repeat(LONGEST_ROW));
        assert!(rows(&endless).unwrap_err().contains("line 2 is longer"));
    }
}
