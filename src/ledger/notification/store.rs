//! The file of received notifications: a database beside the ledger, so that nobody who can post ever keeps a bill
//! from being recorded, neither by the disk's room in one file nor by its lock.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{moving, schema};
use crate::ledger::schema as database;
use crate::ledger::{Ledger, LedgerError, Location, connect, refuse_weak};

/// The name of the database in the data directory.
const FILE: &str = "notifications.db";

/// The lock of whoever makes or changes its tables.
const LOCK: &str = "notifications.lock";

/// The open store of received notifications.
pub struct NotificationStore {
    pub(super) connection: Connection,
}

/// Several writes that become durable together, or not at all.
pub struct NotificationGroup<'s> {
    transaction: Transaction<'s>,
    path: PathBuf,
    /// By how much the bytes of what is not confirmed have changed.
    pub(super) added: Cell<i64>,
    /// By how much the number of those has changed that nobody asked to check.
    unasked: Cell<i64>,
}

impl NotificationStore {
    /// Where the store of a data directory lies.
    #[must_use]
    pub fn path(directory: &Path) -> PathBuf {
        directory.join(FILE)
    }

    /// Whether this is the path of a store, wherever.
    pub(in crate::ledger) fn is_named_by(path: &Path) -> bool {
        path.file_name().is_some_and(|name| name == FILE)
    }

    /// Opens the store in this directory and makes both where they are missing. What an older program left in the
    /// ledger is moved here first.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being written, see [`Ledger::open`].
    pub fn open(directory: &Path) -> Result<Self, LedgerError> {
        Ledger::open_existing(directory)?;
        Self::open_file(&Location::from(directory))
    }

    /// Opens the store only if there is one, so that merely looking makes no file.
    ///
    /// # Errors
    ///
    /// As [`NotificationStore::open`].
    pub fn open_existing(directory: &Path) -> Result<Option<Self>, LedgerError> {
        Ledger::open_existing(directory)?;
        if Self::path(directory).exists() { Self::open(directory).map(Some) } else { Ok(None) }
    }

    /// Takes over what the ledger of an older program holds, which is about to lose those tables. Doing it twice
    /// changes nothing more.
    pub(in crate::ledger) fn take_over(location: &Location, ledger: &Path) -> Result<(), LedgerError> {
        let mut store = Self::open_file(location)?;
        moving::take_over(&mut store.connection, ledger).map_err(|source| store.failed(&source))
    }

    fn open_file(location: &Location) -> Result<Self, LedgerError> {
        let path = Self::path(&location.directory);
        if !path.exists() {
            location.create(FILE, LOCK, schema::MIGRATIONS)?;
        }
        refuse_weak(&location.directory, &path)?;
        let mut connection = connect(&path)?;
        let failed = |source: rusqlite::Error| LedgerError::from_database(&path, &source);
        let newest = database::newest(schema::MIGRATIONS);
        match database::version(&connection).map_err(failed)? {
            found if found == newest => {}
            found if found > newest => return Err(LedgerError::Newer { path, found, newest }),
            0 => return Err(LedgerError::Corrupt { path, detail: "it is empty".to_owned() }),
            _ => {
                let _held_while_migrating = database::exclusively(location, LOCK)?;
                database::apply(&mut connection, schema::MIGRATIONS).map_err(failed)?;
            }
        }
        database::compare(&connection, &path, schema::TABLES)?;
        Ok(Self { connection })
    }

    /// As [`Ledger::check`].
    ///
    /// # Errors
    ///
    /// It is damaged.
    pub fn check(&self) -> Result<(), LedgerError> {
        database::check(&self.connection)
    }

    /// Does this work and makes all of it durable at once.
    ///
    /// # Errors
    ///
    /// The work's own, or the store cannot be written; then none of it is recorded.
    pub fn group<T>(
        &mut self,
        work: impl FnOnce(&mut NotificationGroup<'_>) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let path = PathBuf::from(self.connection.path().unwrap_or(FILE));
        let failed = |source: rusqlite::Error| LedgerError::from_database(&path, &source);
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let mut group =
            NotificationGroup { transaction, path: path.clone(), added: Cell::new(0), unasked: Cell::new(0) };
        let done = work(&mut group)?;
        group.record_added().map_err(failed)?;
        group.transaction.commit().map_err(failed)?;
        Ok(done)
    }

    /// Names the file in an error of the database.
    pub(super) fn failed(&self, source: &rusqlite::Error) -> LedgerError {
        LedgerError::from_database(Path::new(self.connection.path().unwrap_or(FILE)), source)
    }
}

impl NotificationGroup<'_> {
    pub(super) fn transaction(&self) -> &Transaction<'_> {
        &self.transaction
    }

    pub(super) fn failed(&self, source: &rusqlite::Error) -> LedgerError {
        LedgerError::from_database(&self.path, source)
    }

    /// So many bytes more of what is not confirmed, and so many more that nobody asked to check.
    pub(super) fn add(&self, bytes: i64, unasked: i64) {
        self.added.set(self.added.get().saturating_add(bytes));
        self.unasked.set(self.unasked.get().saturating_add(unasked));
    }

    fn record_added(&self) -> rusqlite::Result<()> {
        if (self.added.get(), self.unasked.get()) != (0, 0) {
            self.transaction
                .prepare_cached(
                    "UPDATE totals SET unconfirmed_bytes = unconfirmed_bytes + ?1, unasked = unasked + ?2",
                )?
                .execute([self.added.get(), self.unasked.get()])?;
        }
        Ok(())
    }
}
