//! Whether the process that intended something still lives.
//!
//! Each sending process holds a file lock under its own random name for as long as it lives; the
//! system drops the lock when the process dies, however it dies. So "in flight" and "lost" are told
//! apart without clocks and without process numbers. A file system whose locks nobody else sees is
//! found out when the lock is taken.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::LedgerError;

/// The runs of one data directory.
pub(super) struct Runs {
    directory: PathBuf,
    own: Option<Run>,
    locks: Locks,
}

/// The locks of the file system.
struct Locks {
    exclusive: fn(&File) -> io::Result<()>,
    shared: fn(&File) -> Result<(), TryLockError>,
}

/// This process, as others see it: alive while the lock is held.
struct Run {
    name: String,
    path: PathBuf,
    locked: File,
    is_marked: bool,
}

impl Runs {
    pub(super) fn new(data_directory: &Path) -> Self {
        let locks = Locks { exclusive: File::lock, shared: File::try_lock_shared };
        Self { directory: data_directory.join("runs"), own: None, locks }
    }

    /// The name of this run, which from now on others see alive.
    pub(super) fn own(&mut self) -> Result<&str, LedgerError> {
        let run = match self.own.take() {
            Some(run) => run,
            None => self.start()?,
        };
        Ok(&self.own.insert(run).name)
    }

    /// The lock is taken under a name nobody looks at, so that the final name is never seen unlocked
    /// while its process lives.
    fn start(&self) -> Result<Run, LedgerError> {
        let failed = |source: io::Error| LedgerError::from_io(&self.directory, &source);
        super::create_private_directory(&self.directory).map_err(failed)?;
        loop {
            let mut random = [0; 12];
            getrandom::fill(&mut random).map_err(io::Error::other).map_err(failed)?;
            let name = data_encoding::HEXLOWER.encode(&random);
            let unborn = self.directory.join(format!("{name}.new"));
            let path = self.directory.join(&name);
            let file = OpenOptions::new().create_new(true).write(true).open(&unborn).map_err(failed)?;
            let locked = (self.locks.exclusive)(&file).and_then(|()| self.is_seen_locked(&unborn));
            if let Err(source) = locked {
                if source.kind() == io::ErrorKind::NotFound {
                    continue;
                }
                let _useless = fs::remove_file(&unborn);
                return Err(LedgerError::without_locks(&self.directory, &source));
            }
            match fs::rename(&unborn, &path) {
                Ok(()) => return Ok(Run { name, path, locked: file, is_marked: false }),
                // Another process has swept it away between its making and its lock.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }

    /// Opens the file once more, as another process would: a lock that is not seen so is none.
    fn is_seen_locked(&self, path: &Path) -> io::Result<()> {
        match (self.locks.shared)(&File::open(path)?) {
            Err(TryLockError::WouldBlock) => Ok(()),
            Err(TryLockError::Error(error)) => Err(error),
            Ok(()) => Err(io::Error::other("a lock keeps nobody out")),
        }
    }

    /// From now on the file of this run says that it has sent something.
    pub(super) fn mark(&mut self) {
        if let Some(run) = self.own.as_mut().filter(|run| !run.is_marked) {
            // Without the mark the run is one that has sent nothing.
            run.is_marked = run.locked.write_all(b"1").is_ok();
        }
    }

    /// Removes the files of runs that have died, and returns those that say that they have sent something
    /// and that `is_named` does not know.
    pub(super) fn sweep<E>(&self, is_named: impl Fn(&str) -> Result<bool, E>) -> Result<Vec<PathBuf>, E> {
        let mut unnamed = Vec::new();
        for entry in fs::read_dir(&self.directory).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            let Ok(file) = File::open(&path) else { continue };
            if self.is_own(&name) || (self.locks.shared)(&file).is_err() {
                continue;
            }
            if file.metadata().is_ok_and(|metadata| metadata.len() > 0) && !is_named(&name)? {
                unnamed.push(path);
            } else {
                let _already_gone = fs::remove_file(&path);
            }
        }
        Ok(unnamed)
    }

    /// Whether the process of that run still lives. What a dead one left is cleared away.
    pub(super) fn is_alive(&self, name: &str) -> bool {
        if self.is_own(name) {
            return true;
        }
        let path = self.directory.join(name);
        // Only proof of its death counts: a missing file, or a lock that could be taken. Whatever else
        // goes wrong, the answer is the safe one.
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) => return error.kind() != io::ErrorKind::NotFound,
        };
        if (self.locks.shared)(&file).is_err() {
            return true;
        }
        let _already_gone = fs::remove_file(&path);
        false
    }

    fn is_own(&self, name: &str) -> bool {
        self.own.as_ref().is_some_and(|own| own.name == name)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _already_gone = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_seen_alive_by_others_until_it_ends() {
        let directory = tempfile::tempdir().unwrap();
        let mut first = Runs::new(directory.path());
        let other = Runs::new(directory.path());
        let name = first.own().unwrap().to_owned();
        assert_eq!(first.own().unwrap(), name);
        assert!(first.is_alive(&name));
        assert!(other.is_alive(&name));
        drop(first);
        assert!(!other.is_alive(&name));
    }

    #[test]
    fn a_file_left_by_a_dead_process_is_no_life() {
        let directory = tempfile::tempdir().unwrap();
        let runs = Runs::new(directory.path());
        fs::create_dir(directory.path().join("runs")).unwrap();
        let left = directory.path().join("runs/abc");
        fs::write(&left, "").unwrap();
        assert!(!runs.is_alive("abc"));
        assert!(!left.exists());
        assert!(!runs.is_alive("never"));
    }

    #[test]
    fn the_files_of_dead_runs_are_swept_but_those_that_sent_what_nobody_knows() {
        let directory = tempfile::tempdir().unwrap();
        let (mut own, mut other) = (Runs::new(directory.path()), Runs::new(directory.path()));
        let alive = [own.own().unwrap().to_owned(), other.own().unwrap().to_owned()];
        own.mark();
        other.mark();
        let file = |name: &str| directory.path().join("runs").join(name);
        for (name, content) in [("idle", ""), ("half.new", ""), ("known", "1"), ("unknown", "1")] {
            fs::write(file(name), content).unwrap();
        }
        let unnamed = own.sweep(|run| Ok::<_, ()>(run == "known")).unwrap();
        assert_eq!(unnamed, [file("unknown")]);
        let mut left: Vec<_> =
            fs::read_dir(directory.path().join("runs")).unwrap().map(|entry| entry.unwrap().path()).collect();
        left.sort();
        let mut expected = vec![file(&alive[0]), file(&alive[1]), file("unknown")];
        expected.sort();
        assert_eq!(left, expected);
    }

    #[test]
    fn a_file_system_without_locks_is_found_out_before_anything_is_sent() {
        let none: fn(&File) -> io::Result<()> = |_| Err(io::ErrorKind::Unsupported.into());
        for locks in [
            Locks {
                exclusive: none,
                shared: |_| Err(TryLockError::Error(io::ErrorKind::Unsupported.into())),
            },
            // Each says yes to everybody.
            Locks { exclusive: |_| Ok(()), shared: |_| Ok(()) },
        ] {
            let directory = tempfile::tempdir().unwrap();
            let mut runs = Runs { locks, ..Runs::new(directory.path()) };
            let error = runs.own().unwrap_err();
            assert!(matches!(error, LedgerError::NoLocks { .. }), "{error}");
            assert!(error.hint().contains("--data-dir"), "{error}");
            assert_eq!(fs::read_dir(directory.path().join("runs")).unwrap().count(), 0);
        }
    }
}
