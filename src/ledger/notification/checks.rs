//! The queue of checks. One link after the other has its turn, so that whoever knows one link of the shop and posts
//! ten thousand notifications of it delays no other.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{COLUMNS, NotificationStore, Rank, Received, read};
use crate::ledger::LedgerError;
use crate::ledger::entry::{Account, time};

/// A link that the ledger knows, of which notifications wait for a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueLink {
    /// `URLKEY`.
    pub url_key: String,
    /// When the first of them is due.
    pub at: Timestamp,
}

/// A notification that waits for a check and whose link the ledger did not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unrecognised {
    /// Its number.
    pub id: i64,
    /// `SMS_INPUT`.
    pub url_key: Option<String>,
    /// `TID`.
    pub tid: Option<String>,
    /// Whether it tells of a cancel.
    pub is_cancel: bool,
}

impl NotificationStore {
    /// The first link behind this one, in the order of the alphabet, of which notifications wait.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn next_link(&self, account: &Account, after: &str) -> Result<Option<DueLink>, LedgerError> {
        self.connection
            .prepare_cached(
                "SELECT url_key, verify_at FROM notifications INDEXED BY notifications_to_verify_by_link
                 WHERE environment = ?1 AND api_id = ?2 AND verify_rank = 0 AND url_key > ?3 AND verify_at IS NOT NULL
                 ORDER BY url_key, verify_at LIMIT 1",
            )
            .and_then(|mut statement| {
                let values = params![account.environment, account.api_id, after];
                statement
                    .query_row(values, |row| Ok(DueLink { url_key: row.get(0)?, at: time(row, 1)? }))
                    .optional()
            })
            .map_err(|source| self.failed(&source))
    }

    /// The notifications of a known link that are due by this moment, the longest due first.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn due_of_link(
        &self,
        account: &Account,
        url_key: &str,
        by: Timestamp,
        limit: u32,
    ) -> Result<Vec<Received>, LedgerError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM notifications INDEXED BY notifications_to_verify_by_link
             WHERE environment = ?1 AND api_id = ?2 AND verify_rank = 0 AND url_key = ?3 AND verify_at <= ?4
             ORDER BY verify_at, id LIMIT ?5"
        );
        let read = || -> rusqlite::Result<Vec<Received>> {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let values = params![account.environment, account.api_id, url_key, by.as_millisecond(), limit];
            statement.query_map(values, read)?.collect()
        };
        read().map_err(|source| self.failed(&source))
    }

    /// The notifications of this rank whose check is due by now, the longest due first.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn due_checks(
        &self,
        account: &Account,
        rank: Rank,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Received>, LedgerError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM notifications
             WHERE environment = ?1 AND api_id = ?2 AND verify_rank = ?3 AND verify_at <= ?4
             ORDER BY verify_at, id LIMIT ?5"
        );
        let read = || -> rusqlite::Result<Vec<Received>> {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let values =
                params![account.environment, account.api_id, rank.number(), now.as_millisecond(), limit];
            statement.query_map(values, read)?.collect()
        };
        read().map_err(|source| self.failed(&source))
    }

    /// When the next check of this rank is due, if any ever is.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn next_check(&self, account: &Account, rank: Rank) -> Result<Option<Timestamp>, LedgerError> {
        self.connection
            .prepare_cached(
                "SELECT verify_at FROM notifications
                 WHERE environment = ?1 AND api_id = ?2 AND verify_rank = ?3 AND verify_at IS NOT NULL
                 ORDER BY verify_at LIMIT 1",
            )
            .and_then(|mut statement| {
                let values = params![account.environment, account.api_id, rank.number()];
                statement.query_row(values, |row| time(row, 0)).optional()
            })
            .map_err(|source| self.failed(&source))
    }

    /// At most so many that wait for a check and whose link the ledger did not know, in the order of their numbers
    /// and behind this one.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn unrecognised(
        &self,
        account: &Account,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Unrecognised>, LedgerError> {
        let read = || -> rusqlite::Result<Vec<Unrecognised>> {
            let mut statement = self.connection.prepare_cached(
                "SELECT id, url_key, tid, kind IN ('cancel', 'deposit_cancel') FROM notifications
                 WHERE id > ?4 AND +environment = ?1 AND +api_id = ?2 AND +verify_rank <> ?3
                   AND +verify_at IS NOT NULL
                 ORDER BY id LIMIT ?5",
            )?;
            let values = params![account.environment, account.api_id, Rank::Known.number(), after, limit];
            let found = statement.query_map(values, |row| {
                Ok(Unrecognised {
                    id: row.get(0)?,
                    url_key: row.get(1)?,
                    tid: row.get(2)?,
                    is_cancel: row.get(3)?,
                })
            })?;
            found.collect()
        };
        read().map_err(|source| self.failed(&source))
    }
}
