//! Reading notifications from files and stdin, one after the other, whatever is wrong with some of them.

use std::fs::File;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::{Error, ErrorKind, ExitCode};
use crate::noti::{Notification, Reader};
use crate::output::Sink;

/// What was read, for the summary and the exit code.
#[derive(Default, Serialize)]
pub(super) struct Counts {
    pub(super) count: u64,
    problems: u64,
    unreadable: u64,
}

/// What is done with each notification.
pub(super) type Visit<'v> = dyn FnMut(Notification<'_>, &mut Sink<'_>) -> Result<(), Error> + 'v;

/// Reads every notification of the files, or of stdin where none is named. What cannot be read is told and
/// counted, and stops nothing.
pub(super) fn read_each(
    files: &[PathBuf],
    mut stdin: Box<dyn BufRead + Send>,
    sink: &mut Sink<'_>,
    visit: &mut Visit<'_>,
) -> Result<Counts, Error> {
    let only_stdin = [Path::new("-").to_path_buf()];
    let files = if files.is_empty() { &only_stdin } else { files };
    let mut counts = Counts::default();
    for path in files {
        let source = path.display().to_string();
        if source == "-" {
            read_all(&source, &mut stdin, sink, visit, &mut counts)?;
            continue;
        }
        match File::open(path) {
            Ok(file) => read_all(&source, file, sink, visit, &mut counts)?,
            Err(error) => complain(sink, &mut counts, &format!("`{source}` cannot be read: {error}"))?,
        }
    }
    Ok(counts)
}

fn read_all(
    source: &str,
    input: impl Read,
    sink: &mut Sink<'_>,
    visit: &mut Visit<'_>,
    counts: &mut Counts,
) -> Result<(), Error> {
    let mut reader = Reader::new(source, input);
    while !sink.ui().output_is_closed() {
        let item = match reader.next_item() {
            Ok(Some(item)) => item,
            Ok(None) => break,
            Err(error) => return complain(sink, counts, &format!("`{source}` cannot be read: {error}")),
        };
        match item.result {
            Ok(notification) => {
                counts.count = counts.count.saturating_add(1);
                if !notification.problems.is_empty() {
                    counts.problems = counts.problems.saturating_add(1);
                }
                visit(notification, sink)?;
            }
            Err(error) => complain(sink, counts, &format!("{source}:{}: {error}", item.line))?,
        }
    }
    Ok(())
}

/// Says what is wrong after what was read before it.
fn complain(sink: &mut Sink<'_>, counts: &mut Counts, message: &str) -> Result<(), Error> {
    counts.unreadable = counts.unreadable.saturating_add(1);
    sink.flush()?;
    sink.ui().error(message);
    Ok(())
}

impl Counts {
    /// How reading ends: any document that could not be read is wrong input, and with `strict` any problem.
    pub(super) fn verdict(&self, strict: bool) -> Result<ExitCode, Error> {
        if self.unreadable > 0 {
            let message = match self.unreadable {
                1 => "a document could not be read as a notification".to_owned(),
                many => format!("{many} documents could not be read as notifications"),
            };
            return Err(Error::new(ErrorKind::Usage, message)
                .hint("the errors above name file and line; the rest was read"));
        }
        if strict && self.problems > 0 {
            let message =
                format!("{} of {} notifications depart from the reference", self.problems, self.count);
            return Err(Error::new(ErrorKind::Usage, message)
                .hint("`problems` of each says how; without `--strict` this is no failure"));
        }
        Ok(ExitCode::OK)
    }
}
