//! What checks said of notifications, and what they need of the past.
//!
//! A confirmation is remembered by the identity alone, so that a notification which was never stored here,
//! but checked from a file, is known too. A verdict that changes has the notification handed on again to
//! whoever was to have it: what they know is no longer so.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, named_params, params};

use super::Identity;
use crate::ledger::entry::{Account, maybe};
use crate::ledger::{Group, Ledger, LedgerError};
use crate::payment::{UrlKey, Verdict};

impl Group<'_> {
    /// Remembers that `CookiePay` confirmed a notification, whether or not it is stored.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written.
    pub fn confirm(&mut self, identity: &Identity, at: Timestamp) -> Result<(), LedgerError> {
        let written = self
            .transaction()
            .prepare_cached("INSERT OR IGNORE INTO confirmations (identity, at) VALUES (?1, ?2)")
            .and_then(|mut statement| statement.execute(params![identity, at.as_millisecond()]));
        written.map(drop).map_err(|source| self.failed(&source))
    }

    /// Records what a check said of the stored notification with this identity, if there is one, and when it
    /// is to be checked again. Where it had another verdict before, whoever was to have the notification is to
    /// have it again.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written.
    pub fn judged(
        &mut self,
        identity: &Identity,
        verdict: Verdict,
        reasons: &[String],
        at: Timestamp,
        again: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
        let judged = || -> rusqlite::Result<()> {
            self.transaction()
                .prepare_cached(
                    "UPDATE notifications SET verdict = :verdict, reasons = :reasons, verified_at = :at,
                         verify_at = :again, verify_tries = iif(verdict IS NULL, 1, verify_tries + 1),
                         handed_to = iif(verdict <> :verdict, 0, handed_to),
                         hand_on_tries = iif(verdict <> :verdict, 0, hand_on_tries),
                         hand_on_error = iif(verdict <> :verdict, NULL, hand_on_error),
                         hand_on_at = iif(verdict <> :verdict AND handing_on <> 'none', :at, hand_on_at),
                         handing_on = iif(verdict <> :verdict AND handing_on <> 'none', 'pending', handing_on)
                     WHERE identity = :identity",
                )?
                .execute(named_params! {
                    ":identity": identity,
                    ":verdict": verdict.as_str(),
                    ":reasons": serde_json::to_string(reasons).unwrap_or_default(),
                    ":at": at.as_millisecond(),
                    ":again": again.map(Timestamp::as_millisecond),
                })?;
            Ok(())
        };
        judged().map_err(|source| self.failed(&source))
    }

    /// Records that a notification could not be checked, and when to try again.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written.
    pub fn not_judged(&mut self, id: i64, again: Timestamp) -> Result<(), LedgerError> {
        let written = self
            .transaction()
            .prepare_cached(
                "UPDATE notifications SET verify_at = ?2, verify_tries = verify_tries + (verdict IS NULL) WHERE id = ?1",
            )
            .and_then(|mut statement| statement.execute(params![id, again.as_millisecond()]));
        written.map(drop).map_err(|source| self.failed(&source))
    }

    /// Has cancels of this payment that named no link be checked again, now that `CookiePay` told of it.
    pub(in crate::ledger) fn link_found(
        &self,
        account: &Account,
        tid: &str,
        at: Timestamp,
    ) -> rusqlite::Result<()> {
        self.transaction()
            .prepare_cached(
                "UPDATE notifications SET verify_at = ?4
                 WHERE tid = ?3 AND environment = ?1 AND api_id = ?2 AND verdict = 'unlinked'",
            )?
            .execute(params![account.environment, account.api_id, tid, at.as_millisecond()])?;
        Ok(())
    }
}

impl Ledger {
    /// Whether `CookiePay` has confirmed the notification before.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn is_confirmed(&self, identity: &Identity) -> Result<bool, LedgerError> {
        self.connection
            .prepare_cached("SELECT 1 FROM confirmations WHERE identity = ?1")
            .and_then(|mut statement| statement.exists([identity]))
            .map_err(|source| self.failed(&source))
    }

    /// The link of this account of which `CookiePay` said that it was paid by the transaction with that `TID`.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn url_key_of(&self, account: &Account, tid: &str) -> Result<Option<UrlKey>, LedgerError> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT url_key FROM events WHERE kind = 'status' AND json_extract(body, '$.tid') = ?1
                     AND environment = ?2 AND api_id = ?3
                 ORDER BY id DESC LIMIT 1",
            )
            .and_then(|mut statement| {
                let values = params![tid, account.environment, account.api_id];
                statement.query_row(values, |row| maybe(row, 0)).optional()
            });
        found.map(Option::flatten).map_err(|source| self.failed(&source))
    }
}
