//! Opening the files this module reads (the config itself, files with a secret) and saying plainly
//! why one of them cannot be read. Contents never get into a message.

use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

/// More than any config file is; a larger one is the wrong file.
const LARGEST: u64 = 1024 * 1024;

/// A file as it was opened; the permissions are those of the very file that was read.
#[derive(Clone)]
pub(super) struct Opened {
    pub(super) bytes: Vec<u8>,
    pub(super) access: Option<Access>,
}

/// Who may read a file. Only Unix knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Access {
    /// The permission bits, as `chmod` takes them.
    pub(super) mode: u32,
    /// The number of the user who owns it.
    pub(super) owner: u32,
}

impl Access {
    /// The mode in `chmod`'s spelling, if group or others may read.
    pub(super) fn exposed(self) -> Option<String> {
        (self.mode & 0o044 != 0).then(|| format!("{:03o}", self.mode))
    }
}

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
            Self::Refused(kind) => write!(formatter, "cannot be read: {kind}"),
        }
    }
}

/// Reads the whole file.
pub(super) fn open(path: &Path) -> Result<Opened, ReadFault> {
    let fault = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound if path.symlink_metadata().is_ok() => ReadFault::DanglingLink,
        io::ErrorKind::NotFound => ReadFault::Missing,
        _ if path.is_dir() => ReadFault::Directory,
        kind => ReadFault::Refused(kind),
    };
    let file = fs::File::open(path).map_err(fault)?;
    let access = access_of(&file.metadata().map_err(fault)?);
    let mut bytes = Vec::new();
    file.take(LARGEST.saturating_add(1)).read_to_end(&mut bytes).map_err(fault)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST) {
        return Err(ReadFault::TooLarge);
    }
    Ok(Opened { bytes, access })
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have nothing to tell")]
fn access_of(metadata: &fs::Metadata) -> Option<Access> {
    use std::os::unix::fs::MetadataExt;
    Some(Access { mode: metadata.mode() & 0o777, owner: metadata.uid() })
}

#[cfg(not(unix))]
fn access_of(_: &fs::Metadata) -> Option<Access> {
    None
}

/// The bytes as text, without the mark that Windows editors put in front.
pub(super) fn text(bytes: &[u8]) -> Result<&str, ReadFault> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.iter().take(error.valid_up_to());
        ReadFault::NotUtf8 { line: good.filter(|&&byte| byte == b'\n').count().saturating_add(1) }
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// A path as it can be pasted behind a command.
pub(super) fn shell_word(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |character: char| character.is_alphanumeric() || "/._-+,@:\\".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
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

    #[test]
    fn a_path_with_spaces_is_quoted_for_the_shell() {
        assert_eq!(shell_word(Path::new("/home/a/config.toml")), "/home/a/config.toml");
        assert_eq!(shell_word(Path::new("/home/a b/it's")), r"'/home/a b/it'\''s'");
    }
}
