//! Payments of links that the ledger does not know, as `CookiePay` named them. A cancel names its payment by `TID`
//! alone, and what anybody can have asked after does not belong into the ledger.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{NotificationGroup, NotificationStore};
use crate::ledger::LedgerError;
use crate::ledger::entry::{Account, maybe};
use crate::payment::UrlKey;

impl NotificationGroup<'_> {
    /// Remembers that `CookiePay` named this transaction for a link.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    pub fn remember_payment(
        &mut self,
        account: &Account,
        tid: &str,
        url_key: &UrlKey,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        let written = self
            .transaction()
            .prepare_cached(
                "INSERT INTO payments (environment, api_id, tid, url_key, at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET url_key = excluded.url_key, at = excluded.at
                     WHERE url_key <> excluded.url_key",
            )
            .and_then(|mut statement| {
                let Account { environment, api_id } = account;
                statement.execute(params![environment, api_id, tid, url_key.as_str(), at.as_millisecond()])
            });
        written.map(drop).map_err(|source| self.failed(&source))
    }
}

impl NotificationStore {
    /// The link for which `CookiePay` named the transaction with that `TID`, if the ledger did not know it then.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn url_key_of(&self, account: &Account, tid: &str) -> Result<Option<UrlKey>, LedgerError> {
        let read = || -> rusqlite::Result<Option<UrlKey>> {
            let found = self
                .connection
                .prepare_cached(
                    "SELECT url_key FROM payments WHERE environment = ?1 AND api_id = ?2 AND tid = ?3",
                )?
                .query_row(params![account.environment, account.api_id, tid], |row| maybe(row, 0))
                .optional()?;
            Ok(found.flatten())
        };
        read().map_err(|source| self.failed(&source))
    }
}
