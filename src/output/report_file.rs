//! `--report FILE`: one line a row, written whole or not at all, whatever the format of stdout.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::record::{Record, Scope};
use super::sink::{csv_header, csv_row};

/// A report that is being written beside its place.
pub struct ReportFile {
    target: PathBuf,
    temporary: PathBuf,
    writer: BufWriter<File>,
    scope: Scope,
}

impl ReportFile {
    /// Begins a report, with a byte order mark and the header of `R`.
    ///
    /// # Errors
    ///
    /// The file beside it cannot be made.
    pub fn create<R: Record>(target: &Path, scope: Scope) -> io::Result<Self> {
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let temporary = target.with_file_name(name);
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // It names customers: others need not read it.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut writer = BufWriter::new(options.open(&temporary)?);
        writer.write_all(&csv_header::<R>(true))?;
        Ok(Self { target: target.to_path_buf(), temporary, writer, scope })
    }

    /// Adds a line.
    ///
    /// # Errors
    ///
    /// The write failed.
    pub fn push<R: Record>(&mut self, record: &R) -> io::Result<()> {
        self.writer.write_all(&csv_row(&self.scope, record)?)
    }

    /// Puts the report in its place.
    ///
    /// # Errors
    ///
    /// It could not be written whole; then an older report stays as it was.
    pub fn finish(mut self) -> io::Result<()> {
        self.writer.flush()?;
        self.writer.get_ref().sync_all()?;
        fs::rename(&self.temporary, &self.target)
    }
}

impl Drop for ReportFile {
    fn drop(&mut self) {
        // After `finish` there is nothing of that name.
        let _already_renamed = fs::remove_file(&self.temporary);
    }
}
