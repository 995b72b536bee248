//! Where commands put records, one at a time, in whichever format was asked for.
//!
//! Nothing is collected beyond one page of a table, so a command may hand over any number of
//! records in constant memory.

use std::io;

use serde::Serialize;

use super::csv;
use super::json::{Layout, write_json};
use super::record::{Cell, Record, Scope};
use super::table;
use super::ui::{Format, Ui};

/// Rows of a table that are laid out together.
const PAGE: usize = 1_000;

/// Bytes after which data goes out, so that a stream of many records costs few writes.
const FLUSH_AT: usize = 64 * 1024;

/// An open output of many records.
pub struct Sink<'ui> {
    ui: &'ui mut Ui,
    prefix: Vec<u8>,
    page: Vec<Vec<Cell>>,
    buffer: Vec<u8>,
    count: u64,
    lines: csv::Lines,
    columns: &'static [&'static str],
}

/// A record with its scope in front.
#[derive(Serialize)]
struct Scoped<'a, R: Record> {
    #[serde(flatten)]
    scope: &'a Scope,
    #[serde(flatten)]
    record: &'a R,
}

impl Ui {
    /// Shows the one subject of a command: an object, a line, a list of its fields.
    ///
    /// # Errors
    ///
    /// A write to stdout that failed; a closed stdout is none.
    pub fn show<R: Record>(&mut self, scope: &Scope, record: &R) -> io::Result<()> {
        let mut buffer = Vec::new();
        match self.format() {
            Format::Table => {
                buffer.extend_from_slice(
                    table::one(record.details(self.language()), self.drawing()).as_bytes(),
                );
            }
            Format::Json => {
                write_json(&mut buffer, &Scoped { scope, record }, Layout::Pretty)?;
                buffer.push(b'\n');
            }
            Format::Jsonl | Format::Csv => {
                let mut sink = self.sink::<R>(scope);
                sink.push(record)?;
                return sink.finish(&());
            }
        }
        self.write_data(&buffer)
    }

    /// Writes one line of an output that goes on: JSON lines or CSV, the latter with its header if
    /// that is due.
    ///
    /// # Errors
    ///
    /// A write to stdout that failed; a closed stdout is none.
    pub fn write_line<R: Record>(
        &mut self,
        scope: &Scope,
        record: &R,
        header_is_due: bool,
    ) -> io::Result<()> {
        let mut sink = self.sink::<R>(scope);
        if !header_is_due {
            sink.buffer.clear();
        }
        sink.push(record)?;
        sink.flush()
    }

    /// Opens an output of many records, all of the kind `R`.
    pub fn sink<R: Record>(&mut self, scope: &Scope) -> Sink<'_> {
        let mut buffer = Vec::new();
        match self.format() {
            Format::Json => buffer.extend_from_slice(b"{\"schema\":1,\"items\":["),
            Format::Csv => buffer.extend_from_slice(&csv::header::<R>(self.byte_order_mark())),
            Format::Table | Format::Jsonl => {}
        }
        Sink {
            ui: self,
            prefix: prefix(scope),
            page: Vec::new(),
            buffer,
            count: 0,
            lines: csv::Lines::new(scope),
            columns: R::COLUMNS,
        }
    }
}

impl Sink<'_> {
    /// Takes one record.
    ///
    /// # Errors
    ///
    /// A write to stdout that failed; a closed stdout is none.
    pub fn push<R: Record>(&mut self, record: &R) -> io::Result<()> {
        self.count = self.count.saturating_add(1);
        match self.ui.format() {
            Format::Table => {
                self.page.push(record.cells(self.ui.language()));
                if self.page.len() >= PAGE {
                    self.draw_page();
                }
            }
            Format::Json => {
                self.buffer.extend_from_slice(if self.count == 1 { b"\n" } else { b",\n" });
                write_object(&mut self.buffer, &self.prefix, record)?;
            }
            Format::Jsonl => {
                write_object(&mut self.buffer, &self.prefix, record)?;
                self.buffer.push(b'\n');
            }
            Format::Csv => self.lines.push(record, &mut self.buffer)?,
        }
        if self.buffer.len() >= FLUSH_AT { self.flush() } else { Ok(()) }
    }

    /// Sends out what was taken so far: a reader that follows sees it now.
    ///
    /// # Errors
    ///
    /// A write to stdout that failed; a closed stdout is none.
    pub fn flush(&mut self) -> io::Result<()> {
        self.draw_page();
        let written = self.ui.write_data(&self.buffer);
        self.buffer.clear();
        written
    }

    /// Sends out the records that were taken so far, but not the rows of a table, which are laid out together.
    ///
    /// # Errors
    ///
    /// A write to stdout that failed; a closed stdout is none.
    pub fn flush_records(&mut self) -> io::Result<()> {
        if self.ui.format() == Format::Table { Ok(()) } else { self.flush() }
    }

    /// Closes the output; `summary` becomes the `summary` of a JSON document.
    ///
    /// # Errors
    ///
    /// A write to stdout that failed; a closed stdout is none.
    pub fn finish<S: Serialize>(mut self, summary: &S) -> io::Result<()> {
        if self.ui.format() == Format::Json {
            self.buffer.extend_from_slice(b"\n],\"summary\":");
            write_json(&mut self.buffer, summary, Layout::Compact)?;
            self.buffer.extend_from_slice(b"}\n");
        }
        self.flush()
    }

    /// The streams, for a warning in between.
    pub fn ui(&mut self) -> &mut Ui {
        self.ui
    }

    fn draw_page(&mut self) {
        if !self.page.is_empty() {
            let page = std::mem::take(&mut self.page);
            self.buffer.extend_from_slice(table::many(self.columns, page, self.ui.drawing()).as_bytes());
        }
    }
}

/// The scope's fields as the beginning of an object, without its end.
fn prefix(scope: &Scope) -> Vec<u8> {
    let mut prefix = serde_json::to_vec(scope).unwrap_or_default();
    let _brace = prefix.pop();
    prefix
}

/// Writes one object: the scope's fields, then the record's, whose opening brace becomes a comma.
/// Serde's own flattening would cost several times as much.
fn write_object<R: Record>(buffer: &mut Vec<u8>, prefix: &[u8], record: &R) -> io::Result<()> {
    buffer.extend_from_slice(prefix);
    let brace = buffer.len();
    write_json(buffer, record, Layout::Compact)?;
    if let Some(brace) = buffer.get_mut(brace) {
        *brace = b',';
    }
    Ok(())
}
