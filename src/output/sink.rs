//! Where commands put records, one at a time, in whichever format was asked for.
//!
//! Nothing is collected beyond one page of a table, so a command may hand over any number of
//! records in constant memory.

use std::io;

use serde::Serialize;

use super::clean::csv_cell;
use super::json::{Layout, write_json};
use super::record::{Cell, Record, Scope};
use super::table;
use super::ui::{Format, Ui};

/// Rows of a table that are laid out together.
const PAGE: usize = 1_000;

/// Bytes after which data goes out, so that a stream of many records costs few writes.
const FLUSH_AT: usize = 64 * 1024;

/// An open output of many records.
pub struct Sink<'ui, R: Record> {
    ui: &'ui mut Ui,
    scope: Scope,
    page: Vec<Vec<Cell>>,
    buffer: Vec<u8>,
    count: u64,
    record: std::marker::PhantomData<fn(&R)>,
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
                let mut sink = self.sink(scope.clone());
                sink.push(record)?;
                return sink.finish(&());
            }
        }
        self.write_data(&buffer)
    }

    /// Opens an output of many records.
    pub fn sink<R: Record>(&mut self, scope: Scope) -> Sink<'_, R> {
        let mut buffer = Vec::new();
        match self.format() {
            Format::Json => buffer.extend_from_slice(b"{\"schema\":1,\"items\":["),
            Format::Csv => buffer.extend_from_slice(&header::<R>(self.byte_order_mark())),
            Format::Table | Format::Jsonl => {}
        }
        Sink { ui: self, scope, page: Vec::new(), buffer, count: 0, record: std::marker::PhantomData }
    }
}

impl<R: Record> Sink<'_, R> {
    /// Takes one record.
    ///
    /// # Errors
    ///
    /// A write to stdout that failed; a closed stdout is none.
    pub fn push(&mut self, record: &R) -> io::Result<()> {
        self.count = self.count.saturating_add(1);
        let scoped = Scoped { scope: &self.scope, record };
        match self.ui.format() {
            Format::Table => {
                self.page.push(record.cells(self.ui.language()));
                if self.page.len() >= PAGE {
                    self.draw_page();
                }
            }
            Format::Json => {
                self.buffer.extend_from_slice(if self.count == 1 { b"\n" } else { b",\n" });
                write_json(&mut self.buffer, &scoped, Layout::Compact)?;
            }
            Format::Jsonl => {
                write_json(&mut self.buffer, &scoped, Layout::Compact)?;
                self.buffer.push(b'\n');
            }
            Format::Csv => self.buffer.extend_from_slice(&csv_line::<R>(&serde_json::to_value(&scoped)?)?),
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
        let data = std::mem::take(&mut self.buffer);
        self.ui.write_data(&data)
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
            self.buffer.extend_from_slice(table::many(R::COLUMNS, page, self.ui.drawing()).as_bytes());
        }
    }
}

/// The names of the scope's fields, which lead every CSV line.
const SCOPE_FIELDS: [&str; 4] = ["schema", "profile", "environment", "live"];

fn header<R: Record>(byte_order_mark: bool) -> Vec<u8> {
    let names: Vec<&str> = SCOPE_FIELDS.iter().chain(R::FIELDS).copied().collect();
    let mut line = if byte_order_mark { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
    line.extend_from_slice(names.join(",").as_bytes());
    line.push(b'\n');
    line
}

/// One CSV line: texts bare, absent values empty, everything nested as JSON.
fn csv_line<R: Record>(value: &serde_json::Value) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for name in SCOPE_FIELDS.iter().chain(R::FIELDS) {
        let text = match value.get(name) {
            None | Some(serde_json::Value::Null) => String::new(),
            Some(serde_json::Value::String(text)) => csv_cell(text).into_owned(),
            Some(other) => other.to_string(),
        };
        writer.write_field(text)?;
    }
    writer.write_record(None::<&[u8]>)?;
    writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
}
