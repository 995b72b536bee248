//! Where the rows of a batch come from: a file, or stdin kept in memory, since they are read twice.

use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use crate::bill::BatchName;
use crate::cli::{BatchArgs, SheetEncoding, SheetFormat};
use crate::error::{Error, ErrorKind};
use crate::sheet::{Encoding, Format, Options, Place, Row, SIZE_LIMIT, Sheet};

use super::context::Context;

/// What can be read from any place.
trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// A sheet, opened once and read twice.
pub(super) struct Source {
    sheet: Sheet<Box<dyn ReadSeek>>,
    path: PathBuf,
    /// A pipe has a name of its own only by chance.
    is_file: bool,
    /// The sheet of the workbook, where one was asked for.
    sheet_name: Option<String>,
}

impl Source {
    /// Opens the file, or takes stdin over if `path` is `-`.
    pub(super) fn open(path: &Path, arguments: &BatchArgs, context: &mut Context) -> Result<Self, Error> {
        let options = Options {
            format: arguments.format.map(|format| match format {
                SheetFormat::Csv => Format::Csv,
                SheetFormat::Xlsx => Format::Xlsx,
                SheetFormat::Jsonl => Format::Jsonl,
            }),
            encoding: match arguments.encoding {
                Some(SheetEncoding::Auto) | None => Encoding::Auto,
                Some(SheetEncoding::Utf8) => Encoding::Utf8,
                Some(SheetEncoding::Cp949) => Encoding::Cp949,
            },
            sheet: arguments.sheet.clone(),
            ignore_unknown_columns: arguments.ignore_unknown_columns,
        };
        let name = path.display().to_string();
        let mut is_file = false;
        let reader: Box<dyn ReadSeek> = if name == "-" {
            let input = context.ui.take_input();
            Box::new(in_memory(input).map_err(|error| unreadable("stdin", &error))?)
        } else {
            let file = File::open(path).map_err(|error| unreadable(&name, &error))?;
            is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
            // A pipe, as `<(…)` makes one, cannot be read twice.
            if is_file {
                Box::new(file)
            } else {
                Box::new(in_memory(file).map_err(|error| unreadable(&name, &error))?)
            }
        };
        let sheet = Sheet::open(reader, &name, &options)?;
        Ok(Self { sheet, path: path.to_path_buf(), is_file, sheet_name: arguments.sheet.clone() })
    }

    /// The name under which the rows are recognised again.
    pub(super) fn batch_name(&self, given: Option<&BatchName>) -> Result<BatchName, Error> {
        let stem = self.path.file_stem().and_then(|stem| stem.to_str()).filter(|_| self.is_file);
        // Two sheets of a workbook are two batches.
        let of_file = stem.map(|stem| match &self.sheet_name {
            Some(sheet) => format!("{stem}/{sheet}"),
            None => stem.to_owned(),
        });
        let name = given.cloned().or_else(|| of_file.and_then(|name| name.parse().ok()));
        name.ok_or_else(|| {
            Error::new(ErrorKind::Usage, "the batch has no name; nothing was sent")
                .hint("give one with `--batch NAME`: under it the same rows are recognised again")
        })
    }

    /// The next row.
    pub(super) fn next_row(&mut self) -> Result<Option<Row>, Error> {
        Ok(self.sheet.next_row()?)
    }

    /// Where a field of that line stands, as the user sees it.
    pub(super) fn place(&self, line: u64, field: &str) -> Place {
        self.sheet.place(line, field)
    }

    /// Begins anew; the rows must be the same.
    pub(super) fn rewind(&mut self) -> Result<(), Error> {
        Ok(self.sheet.rewind()?)
    }
}

fn in_memory(input: impl Read) -> std::io::Result<Cursor<Vec<u8>>> {
    let mut bytes = Vec::new();
    input.take(SIZE_LIMIT.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Cursor::new(bytes))
}

fn unreadable(name: &str, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Usage, format!("`{name}` cannot be read: {error}; nothing was sent"))
}
