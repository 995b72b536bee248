//! `--report`: where it may be written, and what is said where it may not.

use std::path::Path;

use super::plan::Rules;
use crate::error::{Error, ErrorKind};
use crate::output::{Language, Replace, ReportError, ReportFile};

/// Begins the report, before anything is sent.
pub(super) fn create(path: &Path, rules: &Rules<'_>, language: Language) -> Result<ReportFile, Error> {
    let batch = &rules.arguments.batch;
    let same = |one: &Path, other: &Path| {
        one.canonicalize().ok().is_some_and(|one| other.canonicalize().ok() == Some(one))
    };
    if batch.from.as_deref().is_some_and(|from| same(path, from)) {
        return Err(Error::new(
            ErrorKind::Usage,
            "`--report` would replace the sheet itself; nothing was sent",
        )
        .hint("name another file"));
    }
    let replace = if batch.force { Replace::AnyFile } else { Replace::OnlyReports };
    ReportFile::create(path, replace, language).map_err(|error| {
        let message = format!("the report `{}` cannot be written: {error}; nothing was sent", path.display());
        let hint = match error {
            ReportError::OtherFile => "name another file, or add `--force` to replace that one",
            ReportError::NotAFile => "name another file",
            ReportError::Io(_) => "name a file in a directory that is there and can be written",
        };
        Error::new(ErrorKind::Usage, message).hint(hint)
    })
}

/// The report could not be written; rows may have been sent.
pub(super) fn failed(path: &Path, error: &ReportError) -> Error {
    let path = path.display();
    Error::new(ErrorKind::Storage, format!("the report `{path}` cannot be written: {error}"))
        .hint("what was sent is recorded: `cookiepay list --batch NAME -o csv --bom` writes the same")
}
