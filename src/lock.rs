//! File locks: how they are waited for, and that a long wait is said.
//!
//! A lock ends with its process, however that ends, and is never taken away by its age. A file system
//! without locks is an error, never a lock that nobody else sees.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How long a wait for a lock is nothing to speak of.
pub const MOMENT: Duration = Duration::from_secs(1);

/// How often a lock is tried within that time.
const RETRY_EVERY: Duration = Duration::from_millis(10);

/// Called with the file when another process has kept its lock for longer than [`MOMENT`].
pub type OnWait = Arc<dyn Fn(&Path) + Send + Sync>;

/// Takes the lock as soon as no other process has it.
///
/// # Errors
///
/// The file system gives no locks.
pub fn wait_for(file: &File, path: &Path, on_wait: &OnWait) -> io::Result<()> {
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if started.elapsed() < MOMENT => thread::sleep(RETRY_EVERY),
            Err(TryLockError::WouldBlock) => {
                on_wait(path);
                return file.lock();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_lock_that_another_process_keeps_for_more_than_a_moment_is_waited_for_and_said_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let (held, file) = (File::create(&path).unwrap(), File::create(&path).unwrap());
        let silent: OnWait = Arc::new(|_| panic!("there is nothing to wait for"));
        wait_for(&held, &path, &silent).unwrap();
        let (said, heard) = mpsc::channel();
        let on_wait: OnWait = Arc::new(move |path: &Path| said.send(path.to_path_buf()).unwrap());
        thread::scope(|scope| {
            let waiting = scope.spawn(|| wait_for(&file, &path, &on_wait));
            assert_eq!(heard.recv().unwrap(), path);
            assert!(!waiting.is_finished());
            drop(held);
            waiting.join().unwrap().unwrap();
        });
        assert!(heard.try_recv().is_err());
    }
}
