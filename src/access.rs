//! Who else can read or change a file or directory that must be ours alone. Only Unix knows.
//!
//! Whoever can change a file that names a program can run one as us, and whoever can change a directory can put
//! another file in its place. Root may do all of that anyway, so what belongs to root is as good as ours.

use std::fmt;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use crate::clean::shell_word;

/// Who may use a file: its permission bits and its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// The permission bits, as `chmod` takes them.
    pub mode: u32,
    /// The number of the user who owns it.
    pub owner: u32,
}

/// Others can do more with a file or directory than they may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weakness {
    /// The file or directory.
    pub path: PathBuf,
    /// What they can do.
    pub kind: WeaknessKind,
    /// The mode that mends it, as `chmod` takes it.
    mended: &'static str,
}

/// What others can do with a file or directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeaknessKind {
    /// Group or others can read it; its mode.
    Readable(u32),
    /// Group or others can write to it; its mode.
    Writable(u32),
    /// Its owner is neither we nor root; the number of that user.
    ForeignOwner(u32),
}

/// The number of root.
const ROOT: u32 = 0;

/// A directory in which nobody can rename or remove the files of others.
const STICKY: u32 = 0o1000;

impl Access {
    /// Reads it from what is known of a file; `None` where the system does not tell.
    #[cfg(unix)]
    #[must_use]
    pub fn of(metadata: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        Some(Self { mode: metadata.mode() & 0o7777, owner: metadata.uid() })
    }

    /// Reads it from what is known of a file; `None` where the system does not tell.
    #[cfg(not(unix))]
    #[must_use]
    pub fn of(_: &Metadata) -> Option<Self> {
        None
    }

    /// Whether group or others may read.
    #[must_use]
    pub fn is_readable_by_others(self) -> bool {
        self.mode & 0o044 != 0
    }

    /// Whether group or others may write.
    #[must_use]
    pub fn is_writable_by_others(self) -> bool {
        self.mode & 0o022 != 0
    }

    /// Whether the owner is neither we nor root.
    #[must_use]
    pub fn is_foreign(self) -> bool {
        self.owner != ROOT && self.owner != own_number()
    }

    fn changeable(self) -> Option<WeaknessKind> {
        if self.is_foreign() {
            Some(WeaknessKind::ForeignOwner(self.owner))
        } else if self.is_writable_by_others() {
            Some(WeaknessKind::Writable(self.mode))
        } else {
            None
        }
    }

    /// What others can do with this file, which holds a secret.
    #[must_use]
    pub fn weakness_of_secret(self, path: &Path) -> Option<Weakness> {
        let readable = || self.is_readable_by_others().then_some(WeaknessKind::Readable(self.mode));
        let kind = self.changeable().or_else(readable)?;
        Some(Weakness { path: path.to_owned(), kind, mended: "600" })
    }

    /// What others can do to this file, which may be read but not changed.
    #[must_use]
    pub fn weakness_of_file(self, path: &Path) -> Option<Weakness> {
        Some(Weakness { path: path.to_owned(), kind: self.changeable()?, mended: "go-w" })
    }
}

/// What others can do in a directory that is ours alone.
///
/// # Errors
///
/// The directory cannot be looked at.
pub fn weakness_of_own_directory(directory: &Path) -> io::Result<Option<Weakness>> {
    let access = Access::of(&directory.metadata()?);
    let kind = access.and_then(Access::changeable);
    Ok(kind.map(|kind| Weakness { path: directory.to_owned(), kind, mended: "700" }))
}

/// What others can do in a directory in which this file lies, as it is named and as links lead to it: put another
/// file in its place. In a sticky directory, such as `/tmp`, nobody can.
///
/// # Errors
///
/// A directory cannot be looked at.
pub fn weakness_of_surroundings(file: &Path) -> io::Result<Option<Weakness>> {
    let named = file.parent().map(Path::to_owned);
    let real = file.canonicalize()?.parent().map(Path::to_owned);
    for directory in [named, real].into_iter().flatten() {
        let directory = if directory.as_os_str().is_empty() { PathBuf::from(".") } else { directory };
        let Some(access) = Access::of(&directory.metadata()?) else { continue };
        let kind = match access.changeable() {
            Some(WeaknessKind::Writable(mode)) if mode & STICKY != 0 => None,
            kind => kind,
        };
        if let Some(kind) = kind {
            return Ok(Some(Weakness { path: directory, kind, mended: "go-w" }));
        }
    }
    Ok(None)
}

#[cfg(unix)]
fn own_number() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn own_number() -> u32 {
    ROOT
}

impl fmt::Display for Weakness {
    /// What others can do, without the path.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            WeaknessKind::Readable(mode) => {
                write!(formatter, "can be read by group or others (mode {mode:03o})")
            }
            WeaknessKind::Writable(mode) => {
                write!(formatter, "can be changed by group or others (mode {mode:03o})")
            }
            WeaknessKind::ForeignOwner(owner) => {
                write!(formatter, "belongs to another user (number {owner}), who can change it")
            }
        }
    }
}

impl Weakness {
    /// The command that mends it, or that shows what is to be mended.
    #[must_use]
    pub fn hint(&self) -> String {
        let path = self.path.display().to_string();
        let path = shell_word(&path);
        match self.kind {
            WeaknessKind::ForeignOwner(_) => format!("look at `ls -ld {path}`"),
            WeaknessKind::Readable(_) | WeaknessKind::Writable(_) => {
                format!("chmod {} {path}", self.mended)
            }
        }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn with_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_file_of_others_and_one_that_they_can_change_are_weak() {
        let path = Path::new("key");
        let of = |mode, owner| Access { mode, owner };
        let us = own_number();
        for (access, said) in [
            (of(0o600, us), None),
            (of(0o400, ROOT), None),
            (of(0o622, us), Some("can be changed by group or others (mode 622)")),
            (of(0o644, us), Some("can be read by group or others (mode 644)")),
            (of(0o600, 4711), Some("belongs to another user (number 4711), who can change it")),
        ] {
            let weakness = access.weakness_of_secret(path).map(|weakness| weakness.to_string());
            assert_eq!(weakness.as_deref(), said, "{access:?}");
        }
        assert_eq!(of(0o644, us).weakness_of_file(path), None);
        assert_eq!(of(0o664, us).weakness_of_file(path).unwrap().hint(), "chmod go-w key");
        assert_eq!(of(0o666, us).weakness_of_secret(path).unwrap().hint(), "chmod 600 key");
        assert_eq!(of(0o600, 4711).weakness_of_secret(path).unwrap().hint(), "look at `ls -ld key`");
    }

    #[test]
    fn a_directory_is_weak_if_others_can_replace_the_file_in_it_and_not_if_it_is_sticky() {
        let home = tempfile::tempdir().unwrap();
        let (open, closed) = (home.path().join("open"), home.path().join("closed"));
        fs::create_dir(&open).unwrap();
        fs::create_dir(&closed).unwrap();
        fs::write(open.join("key"), "").unwrap();
        std::os::unix::fs::symlink(open.join("key"), closed.join("link")).unwrap();
        for (mode, is_weak) in [(0o700, false), (0o755, false), (0o777, true), (0o770, true), (0o1777, false)]
        {
            with_mode(&open, mode);
            for file in [open.join("key"), closed.join("link")] {
                let weakness = weakness_of_surroundings(&file).unwrap();
                assert_eq!(weakness.is_some(), is_weak, "{mode:o} {file:?}");
            }
        }
        with_mode(&open, 0o1777);
        let weakness = weakness_of_own_directory(&open).unwrap().unwrap();
        assert_eq!(weakness.hint(), format!("chmod 700 {}", open.display()));
    }
}
