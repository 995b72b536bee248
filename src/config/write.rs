//! Puts a new config file in its place: whole or not at all, and for its owner's eyes only.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::ConfigError;

/// What becomes of a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// It stays, and writing is an error.
    No,
    /// It is replaced.
    Yes,
}

/// Writes `text` to a file that only its owner can read (0600), and makes its directory (0700)
/// where there is none. The file is whole on the disk when this returns; a crash at any moment
/// leaves the old one or the new one. A symbolic link is followed, so that it stays one.
///
/// # Errors
///
/// [`ConfigError::Exists`] if it may not be overwritten, else [`ConfigError::Unwritable`].
pub fn write_new(path: &Path, text: &str, overwrite: Overwrite) -> Result<(), ConfigError> {
    let exists = || ConfigError::Exists { path: path.to_owned() };
    if overwrite == Overwrite::No && path.symlink_metadata().is_ok() {
        return Err(exists());
    }
    replace(path, text, overwrite).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists if overwrite == Overwrite::No && path.symlink_metadata().is_ok() => {
            exists()
        }
        kind => ConfigError::Unwritable { path: path.to_owned(), kind },
    })
}

fn replace(path: &Path, text: &str, overwrite: Overwrite) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let name = target.file_name().ok_or(io::ErrorKind::IsADirectory)?;
    let directory = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    make_directory(directory)?;
    let (mut file, temporary) = temporary_beside(directory, name)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| put_in_place(&temporary, &target, overwrite));
    drop(file);
    if written.is_err() || overwrite == Overwrite::No {
        // Renamed away already, or of no use any more.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_directory(directory)
}

/// A link refuses to replace what somebody else put there in the meantime; a rename does not. Where
/// there are no links the look from before has to do.
fn put_in_place(temporary: &Path, target: &Path, overwrite: Overwrite) -> io::Result<()> {
    if overwrite == Overwrite::Yes {
        return fs::rename(temporary, target);
    }
    match fs::hard_link(temporary, target) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => fs::rename(temporary, target),
        linked => linked,
    }
}

fn temporary_beside(directory: &Path, name: &std::ffi::OsStr) -> io::Result<(File, PathBuf)> {
    const ATTEMPTS: u32 = 100;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let process = std::process::id();
    for attempt in 0..ATTEMPTS {
        let temporary = directory.join(format!(".{}.{process}-{attempt}", name.display()));
        match options.open(&temporary) {
            // A process of the same number died here once.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (file, temporary)),
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

fn make_directory(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_new_file_is_written_with_its_directory_and_nothing_else_stays() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a/b/config.toml");
        write_new(&path, "x = 1\n", Overwrite::No).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "x = 1\n");
        assert_eq!(names(path.parent().unwrap()), ["config.toml"]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_the_file_or_enter_its_directory() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("cookiepay/config.toml");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        write_new(&path, "x = 1\n", Overwrite::No).unwrap();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        write_new(&path, "x = 2\n", Overwrite::Yes).unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_file_that_is_there_stays_unless_told_otherwise() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.toml");
        fs::write(&path, "old").unwrap();
        let refused = write_new(&path, "new", Overwrite::No).unwrap_err();
        assert!(matches!(refused, ConfigError::Exists { .. }), "{refused}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        write_new(&path, "new", Overwrite::Yes).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(home.path()), ["config.toml"]);
    }

    #[test]
    fn of_two_that_write_at_once_one_is_told_so() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.toml");
        fs::write(&path, "old").unwrap();
        // The look before has been passed; the link is what refuses now.
        let refused = replace(&path, "new", Overwrite::No).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(home.path()), ["config.toml"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_stays_one() {
        let home = tempfile::tempdir().unwrap();
        let (real, link) = (home.path().join("real.toml"), home.path().join("config.toml"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        assert!(write_new(&link, "new", Overwrite::No).is_err());
        write_new(&link, "new", Overwrite::Yes).unwrap();
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
        assert!(link.symlink_metadata().unwrap().is_symlink());
    }

    #[test]
    fn a_place_that_cannot_be_written_is_an_error() {
        let home = tempfile::tempdir().unwrap();
        let blocked = home.path().join("file");
        fs::write(&blocked, "").unwrap();
        let refused = write_new(&blocked.join("config.toml"), "x", Overwrite::No).unwrap_err();
        assert!(matches!(refused, ConfigError::Unwritable { .. }), "{refused}");
    }
}
