//! What this program remembers: bills, every attempt to send one, and what was seen since.
//!
//! The invariant of the whole program is kept here: an intent is durable (`SQLite` in WAL mode with
//! `synchronous=FULL`) before [`Ledger::intend`] returns, an outcome before [`Ledger::settle`]
//! does. A bill whose attempt was never settled by a process that has died is *lost*: nobody knows
//! what became of it, and it is shown as unknown.
//!
//! The public API holds no type of the database behind it, so that a ledger shared by several
//! machines can follow behind the same calls. What a request looks like, and whether to send one,
//! is for others to say.

mod entry;
mod error;
mod intent;
mod listing;
mod observation;
mod run;
mod schema;

pub use entry::{Account, Entry, Standing};
pub use error::LedgerError;
pub use intent::{Attempt, AttemptKind, Intended, Intent, Settlement};
pub use listing::{Filter, Total};

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use run::Runs;

/// How long a writer waits for another before it gives up, busy.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The name of the database in the data directory.
const FILE: &str = "ledger.db";

/// An open ledger.
pub struct Ledger {
    connection: Connection,
    runs: Runs,
}

impl Ledger {
    /// Where the ledger of a data directory lies.
    #[must_use]
    pub fn path(directory: &Path) -> PathBuf {
        directory.join(FILE)
    }

    /// Opens the ledger in this directory and makes both where they are missing (0700, 0600).
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being written: permissions, a full disk, corruption, a newer schema.
    pub fn open(directory: &Path) -> Result<Self, LedgerError> {
        let path = Self::path(directory);
        let create = || -> std::io::Result<()> {
            create_private_directory(directory)?;
            if !path.exists() {
                create_private_file(&path)?;
                File::open(directory)?.sync_all()?;
            }
            Ok(())
        };
        create().map_err(|source| LedgerError::from_io(&path, &source))?;
        let opened = Connection::open(&path).and_then(|connection| {
            connection.busy_timeout(BUSY_TIMEOUT)?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.pragma_update(None, "foreign_keys", true)?;
            Ok(connection)
        });
        let mut connection = opened.map_err(|source| LedgerError::from_database(&path, &source))?;
        schema::migrate(&mut connection, directory)?;
        Ok(Self { connection, runs: Runs::new(directory) })
    }

    /// Opens the ledger only if there is one, so that merely looking makes no file.
    ///
    /// # Errors
    ///
    /// As [`Ledger::open`].
    pub fn open_existing(directory: &Path) -> Result<Option<Self>, LedgerError> {
        if Self::path(directory).exists() { Self::open(directory).map(Some) } else { Ok(None) }
    }

    /// Names the file in an error of the database.
    fn failed(&self, source: &rusqlite::Error) -> LedgerError {
        LedgerError::from_database(Path::new(self.connection.path().unwrap_or(FILE)), source)
    }
}

/// Makes the directory and its parents, closed to others.
fn create_private_directory(directory: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Makes the file, closed to others; one that another process has just made is as good.
fn create_private_file(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.sync_all()
}
