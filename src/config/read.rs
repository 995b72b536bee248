//! Opening the files this module reads (the config itself, files with a secret) and saying plainly
//! why one of them cannot be read. Contents never get into a message.

use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::access::{self, Access, Weakness};

/// More than any config file is; a larger one is the wrong file.
const LARGEST: u64 = 1024 * 1024;

/// How long a secret, or a file that is no regular one, is waited for: a FIFO may have nobody who writes to it.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(10);

/// A file as it was opened; the permissions are those of the very file that was read.
#[derive(Clone)]
pub(super) struct Opened {
    pub(super) bytes: Vec<u8>,
    pub(super) access: Option<Access>,
    /// Whether it is a file in a directory, and no pipe, terminal or device.
    pub(super) is_regular: bool,
}

impl Opened {
    /// What others can do to the secret or the command in the file: by the file itself, or by its directory.
    pub(super) fn weakness(&self, path: &Path, of_file: OfFile) -> Option<Weakness> {
        let own = self.access.and_then(|access| of_file(access, path));
        // A directory that cannot be looked at, though a file in it was just read, is none that others can change.
        own.or_else(|| {
            self.is_regular.then(|| access::weakness_of_surroundings(path).ok().flatten()).flatten()
        })
    }
}

/// What others can do with a file of that access: [`Access::weakness_of_secret`] or [`Access::weakness_of_file`].
type OfFile = fn(Access, &Path) -> Option<Weakness>;

/// Why a file cannot be read.
#[derive(Debug)]
pub enum ReadFault {
    /// There is no such file.
    Missing,
    /// There is a symbolic link, but nothing where it leads.
    DanglingLink,
    /// It is a directory.
    Directory,
    /// It is larger than any config file.
    TooLarge,
    /// It is not UTF-8, from this line (counted from 1) on.
    NotUtf8 {
        /// The first line that is not UTF-8.
        line: usize,
    },
    /// Nothing came of it in that time.
    Silent(Duration),
    /// The system refuses.
    Refused(io::ErrorKind),
}

impl fmt::Display for ReadFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("does not exist"),
            Self::DanglingLink => formatter.write_str("is a symbolic link to a file that does not exist"),
            Self::Directory => formatter.write_str("is a directory, not a file"),
            Self::TooLarge => formatter.write_str("is larger than 1 MiB, so it is some other file"),
            Self::NotUtf8 { line } => write!(formatter, "is not UTF-8 (line {line})"),
            Self::Silent(limit) => write!(formatter, "gave nothing within {} s", limit.as_secs()),
            Self::Refused(kind) => write!(formatter, "cannot be read: {kind}"),
        }
    }
}

/// Reads the whole file. One that is no regular file gets [`TIME_LIMIT`].
pub(super) fn open(path: &Path) -> Result<Opened, ReadFault> {
    let may_be_silent = path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir());
    if may_be_silent { open_within(path, TIME_LIMIT) } else { open_now(path) }
}

/// Reads the whole file in at most that time. What takes longer is left to a thread that ends with the program.
pub(super) fn open_within(path: &Path, limit: Duration) -> Result<Opened, ReadFault> {
    let (sender, opened) = mpsc::channel();
    let owned = path.to_owned();
    let reading = thread::Builder::new().spawn(move || {
        let _given_up = sender.send(open_now(&owned));
    });
    reading.map_err(|error| ReadFault::Refused(error.kind()))?;
    opened.recv_timeout(limit).unwrap_or(Err(ReadFault::Silent(limit)))
}

fn open_now(path: &Path) -> Result<Opened, ReadFault> {
    let fault = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound if path.symlink_metadata().is_ok() => ReadFault::DanglingLink,
        io::ErrorKind::NotFound => ReadFault::Missing,
        _ if path.is_dir() => ReadFault::Directory,
        kind => ReadFault::Refused(kind),
    };
    let file = fs::File::open(path).map_err(fault)?;
    let metadata = file.metadata().map_err(fault)?;
    let mut bytes = Vec::new();
    file.take(LARGEST.saturating_add(1)).read_to_end(&mut bytes).map_err(fault)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST) {
        return Err(ReadFault::TooLarge);
    }
    Ok(Opened { bytes, access: Access::of(&metadata), is_regular: metadata.is_file() })
}

/// The bytes as text, without the mark that Windows editors put in front.
pub(super) fn text(bytes: &[u8]) -> Result<&str, ReadFault> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.iter().take(error.valid_up_to());
        ReadFault::NotUtf8 { line: good.filter(|&&byte| byte == b'\n').count().saturating_add(1) }
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_said_plainly() {
        let directory = tempfile::tempdir().unwrap();
        let missing = open(&directory.path().join("none")).err().unwrap();
        assert_eq!(missing.to_string(), "does not exist");
        let folder = open(directory.path()).err().unwrap();
        assert_eq!(folder.to_string(), "is a directory, not a file");
        let large = directory.path().join("large");
        fs::write(&large, vec![b'#'; 1024 * 1024 + 1]).unwrap();
        assert!(matches!(open(&large).err().unwrap(), ReadFault::TooLarge));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_nothing_is_told_from_a_missing_file() {
        let directory = tempfile::tempdir().unwrap();
        let link = directory.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        assert!(matches!(open(&link).err().unwrap(), ReadFault::DanglingLink));
    }

    #[test]
    fn text_that_is_not_utf8_is_named_by_its_line() {
        let cp949 = b"a = 1\n# \xc7\xd1\xb1\xdb\n";
        assert_eq!(text(cp949).unwrap_err().to_string(), "is not UTF-8 (line 2)");
        assert_eq!(text(b"\xef\xbb\xbfa = 1").unwrap(), "a = 1");
    }

    #[cfg(unix)]
    #[test]
    fn a_fifo_to_which_nobody_writes_is_given_up() {
        let directory = tempfile::tempdir().unwrap();
        let fifo = directory.path().join("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let fault = open_within(&fifo, Duration::from_millis(50)).err().unwrap();
        assert!(matches!(fault, ReadFault::Silent(_)), "{fault}");
    }
}
