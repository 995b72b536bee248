//! XLSX: one worksheet to packed rows.
//!
//! calamine streams the cells, but its reader borrows the workbook, so rows cannot be pulled one by
//! one from outside. The texts of the cells are kept instead, in one string with a few bytes for
//! each cell; the workbook itself (shared texts, styles) is let go. Before it reads anything, the
//! parts that it will hold are looked through within bounds.

mod archive;
mod parts;
mod value;

pub(super) use archive::is_encrypted;

use std::cell::RefCell;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use zip::ZipArchive;

use super::column::trim;
use super::error::Problem;
use super::record::{Fault, LONGEST_CELL, Record, cut};
use crate::bill::normalised;
use archive::{broken, of_io, of_zip};
use parts::Layout;

/// What the texts of all cells may take: as much as the file itself may.
const TEXT_LIMIT: usize = 64 * 1024 * 1024;

/// How many cells with something in them are read: 12 bytes each.
const MOST_CELLS: usize = 8 * 1024 * 1024;

/// How many rows a sheet can have.
const MOST_ROWS: u32 = 1_048_576;

/// The rows of a worksheet.
#[derive(Debug, Default)]
pub(super) struct XlsxRows {
    text: String,
    cells: Vec<Packed>,
    /// Which rows are hidden.
    layout: Layout,
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
        let parse = AssertUnwindSafe(|| parse(&RefCell::new(reader), wanted));
        catch_unwind(parse).unwrap_or_else(|_| Err(broken("it holds impossible values")))
    }

    fn push(&mut self, (row, column): (u32, u32), text: &str, fault: Option<Fault>) -> Result<(), Problem> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        let (text, fault) =
            if text.len() > LONGEST_CELL { (cut(text), Some(Fault::TooLong)) } else { (text, fault) };
        let Ok(column) = u16::try_from(column) else {
            return Err(broken(format!("a cell in column {column}")));
        };
        let is_in_order = self.cells.last().is_none_or(|last| (last.row, last.column) < (row, column));
        if !is_in_order {
            let row = u64::from(row).saturating_add(1);
            return Err(broken(format!("the cells of row {row} are out of order")));
        }
        self.text.push_str(text);
        let end = u32::try_from(self.text.len()).ok().filter(|_| self.text.len() <= TEXT_LIMIT);
        let end = end.ok_or_else(parts::swollen)?;
        if self.cells.len() >= MOST_CELLS {
            let limit = u64::try_from(MOST_CELLS).unwrap_or(u64::MAX);
            return Err(Problem::TooMany { what: "cells with something in them", limit });
        }
        self.cells.push(Packed { row, column, fault, end });
        Ok(())
    }

    /// Whether the row on that line, from 1, is hidden.
    pub(super) fn is_hidden(&self, line: u64) -> bool {
        let row = line.checked_sub(1).and_then(|row| u32::try_from(row).ok());
        row.is_some_and(|row| self.layout.is_hidden(row))
    }

    /// How many rows below the headings are hidden, and the line of the first.
    pub(super) fn hidden_rows(&self) -> (u64, Option<u64>) {
        let headings = self.cells.first().map(|cell| cell.row);
        let (mut last, mut count, mut first) = (headings, 0_u64, None);
        for row in self.cells.iter().map(|cell| cell.row) {
            if last.replace(row) != Some(row) && self.layout.is_hidden(row) {
                count = count.saturating_add(1);
                first.get_or_insert(u64::from(row).saturating_add(1));
            }
        }
        (count, first)
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

/// One of several places in the same file.
struct View<'a, R> {
    file: &'a RefCell<R>,
    at: u64,
}

impl<'a, R: Read + Seek> View<'a, R> {
    fn of(file: &'a RefCell<R>) -> BufReader<Self> {
        BufReader::new(Self { file, at: 0 })
    }
}

impl<R: Read + Seek> Read for View<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.borrow_mut();
        file.seek(SeekFrom::Start(self.at))?;
        let read = file.read(buffer)?;
        self.at = self.at.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}

impl<R: Read + Seek> Seek for View<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let mut file = self.file.borrow_mut();
        if let SeekFrom::Current(_) = to {
            file.seek(SeekFrom::Start(self.at))?;
        }
        self.at = file.seek(to)?;
        Ok(self.at)
    }
}

fn parse<R: Read + Seek>(file: &RefCell<R>, wanted: Option<&str>) -> Result<XlsxRows, Problem> {
    let mut workbook = Xlsx::new(View::of(file)).map_err(problem)?;
    let (place, name) = choose(&workbook, wanted)?;
    let mut archive = ZipArchive::new(View::of(file)).map_err(of_zip)?;
    let part = parts::part_of_sheet(&mut archive, place)?;
    let layout = parts::layout(parts::open(&mut archive, &part)?)?;
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(problem)?;
    let mut rows = XlsxRows { layout, ..XlsxRows::default() };
    let mut count = 0_u64;
    while let Some(cell) = cells.next_cell().map_err(problem)? {
        count = count.saturating_add(1);
        let (text, fault) = value::text_of(cell.get_value());
        rows.push(cell.get_position(), &text, fault)?;
    }
    if count != rows.layout.cells {
        // Whatever the reason, what was found of hidden rows is not true of these cells.
        return Err(broken("its sheet can be read in two ways"));
    }
    rows.text.shrink_to_fit();
    rows.cells.shrink_to_fit();
    Ok(rows)
}

/// The place among all sheets, and the name, of the sheet called `wanted`, or of the first one that
/// is visible.
fn choose<R: Read + Seek>(workbook: &Xlsx<R>, wanted: Option<&str>) -> Result<(usize, String), Problem> {
    let all = workbook.sheets_metadata();
    let same = |name: &str, wanted: &str| normalised(trim(name)) == normalised(trim(wanted));
    let found = all.iter().find(|sheet| {
        let is_wanted = match wanted {
            Some(wanted) => same(&sheet.name, wanted),
            None => sheet.visible == SheetVisible::Visible,
        };
        sheet.typ == SheetType::WorkSheet && is_wanted
    });
    // The parser takes the first sheet of a name.
    let place = found.and_then(|found| all.iter().position(|sheet| sheet.name == found.name));
    if let (Some(sheet), Some(place)) = (found, place) {
        return Ok((place, sheet.name.clone()));
    }
    let sheets = all.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let found = sheets.map(|sheet| sheet.name.clone()).collect();
    Err(Problem::NoSuchSheet { wanted: wanted.unwrap_or_default().to_owned(), found })
}

fn problem(error: XlsxError) -> Problem {
    match error {
        XlsxError::Io(error) => of_io(error),
        XlsxError::Zip(error) => of_zip(error),
        XlsxError::Password => Problem::Password,
        other => broken(other),
    }
}
