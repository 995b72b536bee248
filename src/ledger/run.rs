//! Whether the process that intended something still lives.
//!
//! Each sending process holds a file lock under its own random name for as long as it lives; the
//! system drops the lock when the process dies, however it dies. So "in flight" and "lost" are told
//! apart without clocks and without process numbers.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::PathBuf;

/// The runs of one data directory.
pub(super) struct Runs {
    directory: PathBuf,
    own: Option<Run>,
}

/// This process, as others see it: alive while the lock is held.
struct Run {
    name: String,
    path: PathBuf,
    _locked: File,
}

impl Runs {
    pub(super) fn new(data_directory: &std::path::Path) -> Self {
        Self { directory: data_directory.join("runs"), own: None }
    }

    /// The name of this run, which from now on others see alive.
    pub(super) fn own(&mut self) -> io::Result<&str> {
        let run = match self.own.take() {
            Some(run) => run,
            None => self.start()?,
        };
        Ok(&self.own.insert(run).name)
    }

    /// The lock is taken under a name nobody looks at, so that the final name is never seen unlocked
    /// while its process lives.
    fn start(&self) -> io::Result<Run> {
        super::create_private_directory(&self.directory)?;
        let mut random = [0; 12];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let name = data_encoding::HEXLOWER.encode(&random);
        let unborn = self.directory.join(format!("{name}.new"));
        let path = self.directory.join(&name);
        let file = OpenOptions::new().create_new(true).write(true).open(&unborn)?;
        file.lock()?;
        fs::rename(&unborn, &path)?;
        Ok(Run { name, path, _locked: file })
    }

    /// Whether the process of that run still lives. What a dead one left is cleared away.
    pub(super) fn is_alive(&self, name: &str) -> bool {
        if self.own.as_ref().is_some_and(|own| own.name == name) {
            return true;
        }
        let path = self.directory.join(name);
        // Only proof of its death counts: a missing file, or a lock that could be taken. Whatever else
        // goes wrong, the answer is the safe one.
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) => return error.kind() != io::ErrorKind::NotFound,
        };
        if file.try_lock_shared().is_err() {
            return true;
        }
        let _already_gone = fs::remove_file(&path);
        false
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
}
