//! `--report FILE`: what came of each row, for people and their spreadsheet, whatever the format of
//! stdout. CSV, or a workbook where the file's ending says so.
//!
//! The report names customers. It grows in a file that is made exclusively beside its place, closed
//! to others, and is renamed into it when it is whole: no link is followed, an older report stays
//! until then, and a file that is no report is not replaced.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{DocProperties, Format as CellFormat, Workbook, XlsxError};
use tempfile::NamedTempFile;
use thiserror::Error;
use zip::ZipArchive;

use super::clean::csv_cell;
use super::messages::{Language, field_label, word};
use super::reports::SendReport;
use crate::bill::Phone;

/// The columns, by field name, and their widths in a workbook.
const COLUMNS: [(&str, u16); 17] = [
    ("row", 6),
    ("buyer", 12),
    ("phone", 15),
    ("product", 24),
    ("amount", 12),
    ("via", 10),
    ("outcome", 14),
    ("result_code", 10),
    ("result_message", 24),
    ("bill_no", 24),
    ("pay_url", 50),
    ("url_key", 24),
    ("etc1", 14),
    ("etc2", 14),
    ("requested_at", 20),
    ("batch", 16),
    ("profile", 12),
];

/// How the reports of the first version began.
const FIRST_VERSION: &str = "schema,profile,environment,live,outcome,bill_no,";

/// By this comment a workbook is known as a report.
const MARK: &str = "cookiepay send --report";

/// What a report may take the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// Another report, or an empty file.
    OnlyReports,
    /// Any file.
    AnyFile,
}

/// Why there is no report.
#[derive(Debug, Error)]
pub enum ReportError {
    /// Something that is not replaced, whatever it is.
    #[error("it is a link, a directory or a device")]
    NotAFile,
    /// A file that holds something else.
    #[error("a file of that name exists, and is no such report")]
    OtherFile,
    /// The file system, or a workbook that is full.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl From<XlsxError> for ReportError {
    fn from(error: XlsxError) -> Self {
        Self::Io(io::Error::other(error))
    }
}

/// A row of a report.
#[derive(Debug, Clone, Copy)]
pub struct ReportRow<'a> {
    /// What came of it.
    pub report: &'a SendReport,
    /// Whom it was sent to.
    pub phone: &'a Phone,
    /// By which profile.
    pub profile: &'a str,
}

/// A report that is being written beside its place.
pub struct ReportFile {
    target: PathBuf,
    replace: Replace,
    language: Language,
    temporary: NamedTempFile,
    body: Body,
}

enum Body {
    Csv(BufWriter<File>),
    /// The workbook keeps its rows in a file of its own until it is saved.
    Xlsx(Box<Workbook>, u32),
}

/// A cell.
enum Value {
    Text(String),
    Number(u64),
}

impl ReportFile {
    /// Begins a report, with its headings.
    ///
    /// # Errors
    ///
    /// The report could not be put in that place, or nothing can be written beside it.
    pub fn create(target: &Path, replace: Replace, language: Language) -> Result<Self, ReportError> {
        let _replaced_at_the_end = known(target, replace)?;
        let directory = target.parent().filter(|parent| !parent.as_os_str().is_empty());
        let directory = directory.unwrap_or(Path::new("."));
        fs::metadata(directory)?;
        let temporary = tempfile::Builder::new()
            .prefix(".cookiepay-report-")
            .tempfile_in(directory)
            // Its text names the temporary file, which nobody has typed.
            .map_err(|error| io::Error::from(error.kind()))?;
        let is_workbook = target.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"));
        let body = if is_workbook {
            Body::Xlsx(Box::new(workbook(language)?), 1)
        } else {
            let mut writer = BufWriter::new(temporary.reopen()?);
            writer.write_all(csv_headings(language).as_bytes())?;
            Body::Csv(writer)
        };
        Ok(Self { target: target.to_path_buf(), replace, language, temporary, body })
    }

    /// Adds a line.
    ///
    /// # Errors
    ///
    /// The write failed.
    pub fn push(&mut self, row: ReportRow<'_>) -> Result<(), ReportError> {
        let values = COLUMNS.map(|(name, _)| value(name, row, self.language));
        match &mut self.body {
            Body::Csv(writer) => {
                let texts = values.map(|value| match value {
                    None => String::new(),
                    Some(Value::Text(text)) => csv_cell(&text).into_owned(),
                    Some(Value::Number(number)) => number.to_string(),
                });
                let mut line =
                    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(&mut *writer);
                line.write_record(texts).map_err(io::Error::from)?;
                line.flush()?;
            }
            Body::Xlsx(workbook, next) => {
                let amount = CellFormat::new().set_num_format("#,##0");
                let sheet = workbook.worksheet_from_index(0)?;
                for (column, value) in (0_u16..).zip(values) {
                    match value {
                        None => {}
                        Some(Value::Text(text)) => {
                            sheet.write_string(*next, column, crate::clean::printable(&text))?;
                        }
                        Some(Value::Number(number)) => {
                            sheet.write_with_format(*next, column, number, &amount)?;
                        }
                    }
                }
                *next = next.saturating_add(1);
            }
        }
        Ok(())
    }

    /// Puts the report in its place.
    ///
    /// # Errors
    ///
    /// It could not be written whole, or something else has taken its place meanwhile; then what is
    /// there stays as it was.
    pub fn finish(self) -> Result<(), ReportError> {
        let Self { target, replace, temporary, body, .. } = self;
        match body {
            Body::Csv(mut writer) => writer.flush()?,
            Body::Xlsx(mut workbook, _) => workbook.save_to_writer(temporary.reopen()?)?,
        }
        temporary.as_file().sync_all()?;
        let placed = match known(&target, replace)? {
            Known::Nothing => temporary.persist_noclobber(&target),
            Known::Replaceable => temporary.persist(&target),
        };
        placed.map(drop).map_err(|error| error.error.into())
    }
}

/// What stands in the place of a report.
enum Known {
    Nothing,
    Replaceable,
}

/// Looks at what stands there; an error where that must not be replaced.
fn known(target: &Path, replace: Replace) -> Result<Known, ReportError> {
    let metadata = match fs::symlink_metadata(target) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Known::Nothing),
        Err(error) => return Err(error.into()),
    };
    if !metadata.is_file() {
        return Err(ReportError::NotAFile);
    }
    if replace == Replace::AnyFile || metadata.len() == 0 || is_report(&File::open(target)?)? {
        return Ok(Known::Replaceable);
    }
    Err(ReportError::OtherFile)
}

/// Whether a file is a report that an earlier run wrote, in either language.
fn is_report(file: &File) -> io::Result<bool> {
    /// Longer than the headings in any language.
    const LONGEST_HEAD: u64 = 4096;
    let mut head = Vec::new();
    file.take(LONGEST_HEAD).read_to_end(&mut head)?;
    if head.starts_with(b"PK") {
        return Ok(is_report_workbook(file).unwrap_or(false));
    }
    let begins = |headings: &str| head.starts_with(headings.as_bytes());
    Ok([Language::Ko, Language::En].into_iter().any(|language| begins(&csv_headings(language)))
        || begins(&format!("\u{feff}{FIRST_VERSION}")))
}

/// Whether a workbook has the comment; `None` where it cannot be read.
fn is_report_workbook(file: &File) -> Option<bool> {
    let mut archive = ZipArchive::new(BufReader::new(file)).ok()?;
    let mut properties = String::new();
    archive.by_name("docProps/core.xml").ok()?.take(64 * 1024).read_to_string(&mut properties).ok()?;
    Some(properties.contains(MARK))
}

fn csv_headings(language: Language) -> String {
    let headings = COLUMNS.map(|(name, _)| field_label(name, language));
    format!("\u{feff}{}\r\n", headings.join(","))
}

fn workbook(language: Language) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_comment(MARK));
    let bold = CellFormat::new().set_bold();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, (name, width)) in (0_u16..).zip(COLUMNS) {
        sheet.set_column_width(column, width)?;
        sheet.write_with_format(0, column, field_label(name, language), &bold)?;
    }
    Ok(workbook)
}

/// The cell of a column. The phone is written with dashes: as bare digits a spreadsheet would take
/// it for a number and drop its zero.
fn value(name: &str, row: ReportRow<'_>, language: Language) -> Option<Value> {
    let ReportRow { report, phone, profile } = row;
    let text = match name {
        "row" => return report.row.map(Value::Number),
        "amount" => return Some(Value::Number(report.amount)),
        "buyer" => report.buyer.clone(),
        "phone" => phone.dashed(),
        "product" => report.product.clone(),
        "via" => word(report.via, language).to_owned(),
        "outcome" => word(report.outcome, language).to_owned(),
        "bill_no" => report.bill_no.clone(),
        "profile" => profile.to_owned(),
        "result_code" => report.result_code.clone()?,
        "result_message" => report.result_message.clone()?,
        "pay_url" => report.pay_url.clone()?,
        "url_key" => report.url_key.clone()?,
        "etc1" => report.etc1.clone()?,
        "etc2" => report.etc2.clone()?,
        "batch" => report.batch.clone()?,
        // Without the zone, so that a spreadsheet reads it as a time.
        "requested_at" => report.requested_at.as_ref()?.get(..19)?.replace('T', " "),
        _ => return None,
    };
    Some(Value::Text(text))
}
