//! Where the rows of a batch come from: a file, or stdin kept in memory, since they are read twice.

use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use crate::bill::BatchName;
use crate::cli::{BatchArgs, HiddenRows, SheetEncoding, SheetFormat};
use crate::error::{Error, ErrorKind};
use crate::sheet::{Encoding, Format, Hidden, Options, Place, Problem, Row, SIZE_LIMIT, Sheet, Unit};

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
            hidden: match arguments.hidden {
                None => Hidden::Refuse,
                Some(HiddenRows::Skip) => Hidden::Skip,
                Some(HiddenRows::Send) => Hidden::Send,
            },
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
        let sheet_name = options.sheet.as_deref().map(|name| name.trim().to_owned());
        let sheet = Sheet::open(reader, &name, &options)?;
        say_what_was_judged(&sheet, &name, options.hidden, context);
        Ok(Self { sheet, path: path.to_path_buf(), is_file, sheet_name })
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

    /// The next row of the second reading, when rows before it may have been sent.
    pub(super) fn next_row_again(&mut self) -> Result<Option<Row>, Error> {
        self.sheet.next_row().map_err(|error| match error.problem() {
            Problem::Io(_) => stopped(format!("the sheet could not be read on: {error}")),
            _ => changed(&error),
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

    /// What the file counts.
    pub(super) fn unit(&self) -> Unit {
        self.sheet.unit()
    }

    /// Begins anew; the rows must be the same.
    pub(super) fn rewind(&mut self) -> Result<(), Error> {
        Ok(self.sheet.rewind()?)
    }
}

/// Says what a person might not expect of how the sheet is read.
fn say_what_was_judged<R: Read + Seek>(sheet: &Sheet<R>, name: &str, hidden: Hidden, context: &mut Context) {
    let encodings = match sheet.doubtful_encoding() {
        Some(Encoding::Cp949) => Some(("CP949", "utf-8")),
        Some(_) => Some(("UTF-8", "cp949")),
        None => None,
    };
    if let Some((read, other)) = encodings {
        context.ui.warning(&format!(
            "`{name}` is text in UTF-8 and in CP949, and is read as {read}; `--encoding {other}` reads it otherwise"
        ));
    }
    let count = sheet.hidden_rows();
    if count > 0 {
        let what = if hidden == Hidden::Skip { "left out" } else { "sent like the others" };
        context.ui.warning(&format!("hidden rows that are {what}: {count}"));
    }
}

/// A row that was right is not what it was.
pub(super) fn changed(error: &dyn std::error::Error) -> Error {
    stopped(format!("the sheet changed while it was being sent: {error}"))
}

fn stopped(message: String) -> Error {
    Error::new(ErrorKind::Partial, message).hint(
        "`cookiepay list --batch NAME` shows what was sent; the same command goes on with the rows left",
    )
}

fn in_memory(input: impl Read) -> std::io::Result<Cursor<Vec<u8>>> {
    let mut bytes = Vec::new();
    input.take(SIZE_LIMIT.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Cursor::new(bytes))
}

fn unreadable(name: &str, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Usage, format!("`{name}` cannot be read: {error}; nothing was sent"))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::io::{self, SeekFrom};
    use std::rc::Rc;

    use super::*;

    /// A file on a disk that fails at some time.
    struct Disk {
        content: Cursor<Vec<u8>>,
        fails: Rc<Cell<bool>>,
    }

    impl Read for Disk {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.fails.get() { Err(io::Error::from_raw_os_error(5)) } else { self.content.read(buffer) }
        }
    }

    impl Seek for Disk {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.content.seek(to)
        }
    }

    #[test]
    fn a_disk_that_fails_while_rows_are_sent_is_not_told_as_a_change_of_the_sheet() {
        let row = "커피,4500,홍길동,010-1234-5678\n";
        let content = format!("product,amount,buyer,phone\n{}", row.repeat(5000)).into_bytes();
        let fails = Rc::new(Cell::new(false));
        let disk: Box<dyn ReadSeek> =
            Box::new(Disk { content: Cursor::new(content), fails: Rc::clone(&fails) });
        let sheet = Sheet::open(disk, "rows.csv", &Options::default()).unwrap();
        let mut source = Source { sheet, path: PathBuf::from("rows.csv"), is_file: true, sheet_name: None };
        while source.next_row().unwrap().is_some() {}
        source.rewind().unwrap();
        source.next_row_again().unwrap().unwrap();
        fails.set(true);
        let error = loop {
            match source.next_row_again() {
                Ok(row) => assert!(row.is_some()),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind, ErrorKind::Partial);
        assert!(
            error.message.starts_with("the sheet could not be read on: `rows.csv`: cannot be read: "),
            "{error}"
        );
        assert!(!error.message.contains("changed"), "{error}");
    }
}
