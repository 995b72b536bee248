//! XLSX: one worksheet to packed rows.
//!
//! calamine streams the cells, but its reader borrows the workbook, so rows cannot be pulled one by
//! one from outside. The texts of the cells are kept instead, in one string with a few bytes for
//! each cell; the workbook itself (shared texts, styles) is let go.

mod archive;
mod value;

pub(super) use archive::is_encrypted;

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::column::trim;
use super::error::Problem;
use super::record::{Fault, Record};

/// What the texts of all cells may take.
const TEXT_LIMIT: usize = 256 * 1024 * 1024;

/// How many cells with something in them are read.
const MOST_CELLS: usize = 16 * 1024 * 1024;

/// The rows of a worksheet.
#[derive(Debug, Default)]
pub(super) struct XlsxRows {
    text: String,
    cells: Vec<Packed>,
    /// The next cell to hand out, and where its text begins.
    at: usize,
    start: usize,
}

#[derive(Debug, Clone, Copy)]
struct Packed {
    row: u32,
    column: u16,
    fault: Option<Fault>,
    end: u32,
}

impl XlsxRows {
    /// Reads the sheet called `wanted`, or the first one that is visible.
    pub(super) fn read<R: Read + Seek>(mut reader: R, wanted: Option<&str>) -> Result<Self, Problem> {
        archive::inspect(&mut reader)?;
        reader.seek(SeekFrom::Start(0))?;
        // The parser computes cell references without a check for overflow, which is a panic in
        // some builds. Everything it works on is dropped here.
        let parse = AssertUnwindSafe(|| parse(BufReader::new(reader), wanted));
        catch_unwind(parse).unwrap_or_else(|_| Err(Problem::Broken("it holds impossible values".to_owned())))
    }

    fn push(&mut self, (row, column): (u32, u32), text: &str, fault: Option<Fault>) -> Result<(), Problem> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        let Ok(column) = u16::try_from(column) else {
            return Err(Problem::Broken(format!("a cell in column {column}")));
        };
        let is_in_order = self.cells.last().is_none_or(|last| (last.row, last.column) < (row, column));
        if !is_in_order {
            return Err(Problem::Broken(format!(
                "the cells of row {} are out of order",
                u64::from(row).saturating_add(1)
            )));
        }
        self.text.push_str(text);
        let end = u32::try_from(self.text.len()).ok().filter(|_| self.text.len() <= TEXT_LIMIT);
        let Some(end) = end.filter(|_| self.cells.len() < MOST_CELLS) else {
            return Err(Problem::Swollen {
                part: "the cells of the sheet".to_owned(),
                limit: 256 * 1024 * 1024,
            });
        };
        self.cells.push(Packed { row, column, fault, end });
        Ok(())
    }

    pub(super) fn rewind(&mut self) {
        (self.at, self.start) = (0, 0);
    }

    /// The next row that is not blank.
    pub(super) fn next_record(&mut self) -> Option<Record> {
        let row = self.cells.get(self.at)?.row;
        let mut record = Record { line: u64::from(row).saturating_add(1), cells: Vec::new() };
        while let Some(cell) = self.cells.get(self.at).filter(|cell| cell.row == row) {
            let end = usize::try_from(cell.end).unwrap_or(usize::MAX);
            record.push(cell.column.into(), self.text.get(self.start..end).unwrap_or_default(), cell.fault);
            (self.at, self.start) = (self.at.saturating_add(1), end);
        }
        Some(record)
    }
}

fn parse<R: Read + Seek>(reader: R, wanted: Option<&str>) -> Result<XlsxRows, Problem> {
    let mut workbook = Xlsx::new(reader).map_err(problem)?;
    let name = choose(&workbook, wanted)?;
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(problem)?;
    let mut rows = XlsxRows::default();
    while let Some(cell) = cells.next_cell().map_err(problem)? {
        let (text, fault) = value::text_of(cell.get_value());
        rows.push(cell.get_position(), &text, fault)?;
    }
    rows.text.shrink_to_fit();
    rows.cells.shrink_to_fit();
    Ok(rows)
}

fn choose<R: Read + Seek>(workbook: &Xlsx<R>, wanted: Option<&str>) -> Result<String, Problem> {
    let sheets = || workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let found = match wanted {
        Some(wanted) => sheets().find(|sheet| trim(&sheet.name) == trim(wanted)),
        None => sheets().find(|sheet| sheet.visible == SheetVisible::Visible),
    };
    let names = || sheets().map(|sheet| sheet.name.clone()).collect();
    let none = || Problem::NoSuchSheet { wanted: wanted.unwrap_or_default().to_owned(), found: names() };
    found.map(|sheet| sheet.name.clone()).ok_or_else(none)
}

fn problem(error: XlsxError) -> Problem {
    match error {
        XlsxError::Io(error) => Problem::Broken(error.to_string()),
        XlsxError::Password => Problem::Password,
        other => Problem::Broken(other.to_string()),
    }
}
