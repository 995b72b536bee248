//! What this program remembers: bills, every attempt to send one, what was seen since, and the
//! notifications that were received.
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
mod find;
mod group;
mod identity;
mod intent;
mod journal;
mod links;
mod listing;
mod notification;
mod observation;
mod restore;
mod run;
mod schema;
mod settling;

#[cfg(test)]
mod tests;

pub use entry::{Account, Entry, Standing};
pub use error::LedgerError;
pub use group::Group;
pub use intent::{Attempt, AttemptKind, Intended, Intent, Settlement};
pub use listing::{Cursor, Filter, Page, Total};
pub use notification::{
    Arrival, Due, DueLink, HandedOn, Identity, Named, NotificationGroup, NotificationStore, Rank, Received,
    ReceivedFilter, Stored, Unrecognised,
};
pub use observation::Observation;
pub use restore::Restored;
pub use settling::{Finding, Settled};

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::ErrorCode;
use rusqlite::config::DbConfig;

use identity::FileIdentity;
use journal::Journal;
use run::Runs;

use crate::access::{self, Access};
use crate::lock::{MOMENT, OnWait};

/// How long a writer waits for another before it gives up, busy.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Pages that the write-ahead file grows to before they are taken over into the database: 16 MB. A batch and a receiver
/// wait for that less often than at the 1,000 that are usual. When a ledger is closed they are all taken over.
const WRITE_AHEAD_PAGES: u32 = 4_000;

/// The name of the database in the data directory.
const FILE: &str = "ledger.db";

/// Where a ledger lies, and what stands around it.
#[derive(Clone)]
pub struct Location {
    /// The data directory.
    pub directory: PathBuf,
    /// Where the journals lie, outside of it; `None` where the platform names no place for them.
    pub journals: Option<PathBuf>,
    /// Told when another process keeps a lock for more than a moment.
    pub on_wait: OnWait,
}

/// An open ledger.
pub struct Ledger {
    connection: Connection,
    file: FileIdentity,
    runs: Runs,
    on_wait: OnWait,
    /// How long a writer waits for another.
    patience: Duration,
    /// The journal, where bills are sent from this ledger.
    journal: Option<Journal>,
    /// Whether intents were made durable, so that requests have been made.
    has_intended: bool,
}

impl Location {
    /// Opens the ledger and makes it and its directory where they are missing (0600, 0700).
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being written: permissions, a full disk, corruption, a newer schema.
    pub fn open(&self) -> Result<Ledger, LedgerError> {
        let opened = self.try_open();
        if matches!(opened, Err(LedgerError::Busy { .. })) {
            // The database takes a file system without locks for one on which others always hold them.
            Runs::new(&self.directory).own()?;
        }
        opened
    }

    fn try_open(&self) -> Result<Ledger, LedgerError> {
        let path = Ledger::path(&self.directory);
        if !path.exists() {
            self.create(FILE, schema::LOCK, schema::MIGRATIONS)?;
        }
        refuse_weak(&self.directory, &path)?;
        let file = FileIdentity::of(&path);
        let mut connection = connect(&path)?;
        schema::migrate(&mut connection, self, &path)?;
        Ok(Ledger {
            connection,
            file,
            runs: Runs::new(&self.directory),
            on_wait: OnWait::clone(&self.on_wait),
            patience: BUSY_TIMEOUT,
            journal: None,
            has_intended: false,
        })
    }

    /// Makes a database under another name and puts it in its place whole, so that an empty file in
    /// that place is always a damaged one and never a new one. A file lock puts processes that
    /// start together in line.
    fn create(&self, file: &str, lock: &str, migrations: &[&str]) -> Result<(), LedgerError> {
        let directory = &self.directory;
        let path = &directory.join(file);
        let failed = |source: std::io::Error| LedgerError::from_io(path, &source);
        create_private_directory(directory).map_err(failed)?;
        let _held_while_creating = schema::exclusively(self, lock)?;
        if path.exists() {
            return Ok(());
        }
        // The journal of a database that is gone would be played into a new one.
        let orphan = directory.join(format!("{file}-wal"));
        if orphan.exists() {
            let detail = format!("it is missing, and its journal `{}` is there", orphan.display());
            return Err(LedgerError::Corrupt { path: path.clone(), detail });
        }
        let unborn = directory.join(format!("{file}.new"));
        for left_by_a_crash in ["", "-journal", "-wal", "-shm"] {
            let _not_there = fs::remove_file(directory.join(format!("{file}.new{left_by_a_crash}")));
        }
        private().open(&unborn).map_err(failed)?;
        let mut connection = connect(&unborn)?;
        schema::create(&mut connection, &unborn, migrations)?;
        connection.close().map_err(|(_, source)| LedgerError::from_database(&unborn, &source))?;
        schema::verify(&connect(&unborn)?, &unborn, migrations)?;
        File::open(&unborn).and_then(|file| file.sync_all()).map_err(failed)?;
        fs::rename(&unborn, path).map_err(failed)?;
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(failed)
    }
}

impl Ledger {
    /// Where the ledger of a data directory lies.
    #[must_use]
    pub fn path(directory: &Path) -> PathBuf {
        directory.join(FILE)
    }

    /// Opens the ledger in this directory, as [`Location::open`] does, with no journal and in silence.
    ///
    /// # Errors
    ///
    /// As [`Location::open`].
    pub fn open(directory: &Path) -> Result<Self, LedgerError> {
        Location::from(directory).open()
    }

    /// Opens the ledger only if there is one, so that merely looking makes no file.
    ///
    /// # Errors
    ///
    /// As [`Ledger::open`].
    pub fn open_existing(directory: &Path) -> Result<Option<Self>, LedgerError> {
        if Self::path(directory).exists() { Self::open(directory).map(Some) } else { Ok(None) }
    }

    /// Takes the lock of that name for this process, which holds it until the file is dropped;
    /// `None` where another process has it. A lock dies with its process.
    ///
    /// # Errors
    ///
    /// The lock's file cannot be made.
    pub fn lock(directory: &Path, name: &str) -> Result<Option<File>, LedgerError> {
        let directory = directory.join("locks");
        let path = directory.join(name);
        let take = || -> std::io::Result<Result<Option<File>, LedgerError>> {
            create_private_directory(&directory)?;
            let file = private().open(&path)?;
            match file.try_lock() {
                Ok(()) => Ok(Ok(Some(file))),
                Err(fs::TryLockError::WouldBlock) => Ok(Ok(None)),
                Err(fs::TryLockError::Error(error)) => Ok(Err(LedgerError::without_locks(&path, &error))),
            }
        };
        take().map_err(|source| LedgerError::from_io(&path, &source))?
    }

    /// Reads the whole file once, and whether every index says what its table says.
    ///
    /// # Errors
    ///
    /// It is damaged.
    pub fn check(&self) -> Result<(), LedgerError> {
        schema::check(&self.connection)
    }

    /// The same, which waits for nobody.
    #[cfg(test)]
    pub(crate) fn without_patience(self) -> Self {
        Self { patience: Duration::ZERO, ..self }
    }

    /// Names the file in an error of the database.
    fn failed(&self, source: &rusqlite::Error) -> LedgerError {
        LedgerError::from_database(Path::new(self.connection.path().unwrap_or(FILE)), source)
    }
}

/// The data directory and the ledger's files that group or others may open, with their modes.
///
/// # Errors
///
/// A file's mode cannot be read.
pub fn open_to_others(directory: &Path) -> Result<Vec<(PathBuf, u32)>, LedgerError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let paths = [directory.to_path_buf(), Ledger::path(directory), NotificationStore::path(directory)];
        let mut open = Vec::new();
        for path in paths.into_iter().filter(|path| path.exists()) {
            let metadata = fs::metadata(&path).map_err(|source| LedgerError::from_io(&path, &source))?;
            let mode = metadata.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                open.push((path, mode));
            }
        }
        Ok(open)
    }
    #[cfg(not(unix))]
    {
        let _ = directory;
        Ok(Vec::new())
    }
}

/// What others can change is no record of ours.
fn refuse_weak(directory: &Path, path: &Path) -> Result<(), LedgerError> {
    let looked = access::weakness_of_own_directory(directory).and_then(|weakness| match weakness {
        Some(weakness) => Ok(Some(weakness)),
        None => Ok(Access::of(&path.metadata()?).and_then(|access| access.weakness_of_file(path))),
    });
    let weakness = looked.map_err(|source| LedgerError::from_io(path, &source))?;
    weakness.map_or(Ok(()), |weakness| Err(LedgerError::Weak { weakness }))
}

/// Makes the directory and its parents, closed to others.
fn create_private_directory(directory: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Runs this on the database. Where another process has had it for more than a moment, that is said before it
/// is waited for.
fn patiently<T>(
    connection: &Connection,
    path: &Path,
    on_wait: &OnWait,
    patience: Duration,
    work: impl Fn() -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    connection.busy_timeout(MOMENT.min(patience))?;
    let mut done = work();
    if matches!(&done, Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)) {
        on_wait(path);
        connection.busy_timeout(patience.saturating_sub(MOMENT))?;
        done = work();
    }
    connection.busy_timeout(BUSY_TIMEOUT)?;
    done
}

/// A connection that makes every commit durable.
fn connect(path: &Path) -> Result<Connection, LedgerError> {
    let opened = Connection::open(path).and_then(|connection| {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // Where a plain sync leaves data in the disk's own cache, as on macOS.
        connection.pragma_update(None, "fullfsync", true)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "wal_autocheckpoint", WRITE_AHEAD_PAGES)?;
        // A plan does not depend on the values; otherwise a statement is compiled again whenever these change.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        // Nothing that stands in the file is to run or to change what is read.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        Ok(connection)
    });
    opened.map_err(|source| LedgerError::from_database(path, &source))
}

/// Opens for writing, and makes what is missing closed to others.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
