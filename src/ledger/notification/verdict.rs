//! What checks said of notifications, and what they need of the past.
//!
//! A confirmation is remembered by the identity alone, of which the account is a part, so that a notification which
//! was never stored here, but checked from a file, is known too. A verdict that changes has the notification handed on
//! again to whoever was to have it: what they know is no longer so.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, named_params, params};

use super::limit::ROW;
use super::{Identity, NotificationGroup, NotificationStore, Rank};
use crate::ledger::LedgerError;
use crate::payment::Verdict;

/// What a check said of a notification.
struct Said<'a> {
    verdict: Verdict,
    reasons: &'a [String],
    /// Of a confirmed one.
    values: Option<&'a str>,
    /// The link that it was confirmed by.
    url_key: Option<&'a str>,
    at: Timestamp,
    again: Option<Timestamp>,
}

impl NotificationGroup<'_> {
    /// Remembers that `CookiePay` confirmed a notification, whether or not it is stored, and what it and the ledger
    /// say in its place.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    pub fn confirm(
        &mut self,
        identity: &Identity,
        values: Option<&str>,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        let written = self
            .transaction()
            .prepare_cached(
                "INSERT OR IGNORE INTO confirmations (identity, confirmed, at) VALUES (?1, ?2, ?3)",
            )
            .and_then(|mut statement| statement.execute(params![identity, values, at.as_millisecond()]));
        written.map(drop).map_err(|source| self.failed(&source))
    }

    /// Records that the stored notification with this identity, if there is one, is confirmed: `values` is what
    /// `CookiePay` and the ledger say in its place, `url_key` the link that it was confirmed by. Otherwise as
    /// [`NotificationGroup::judged`].
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    pub fn confirmed(
        &mut self,
        identity: &Identity,
        reasons: &[String],
        values: Option<&str>,
        url_key: Option<&str>,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        let said = Said { verdict: Verdict::Confirmed, reasons, values, url_key, at, again: None };
        self.record(identity, &said).map_err(|source| self.failed(&source))
    }

    /// Records what a check said of the stored notification with this identity, if there is one, and when it
    /// is to be checked again. A check before the next one that was scheduled does not count: the schedule stays.
    /// Where it had another verdict before, whoever was to have the notification is to have it again.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    pub fn judged(
        &mut self,
        identity: &Identity,
        verdict: Verdict,
        reasons: &[String],
        at: Timestamp,
        again: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
        let said = Said { verdict, reasons, values: None, url_key: None, at, again };
        self.record(identity, &said).map_err(|source| self.failed(&source))
    }

    fn record(&self, identity: &Identity, said: &Said<'_>) -> rusqlite::Result<()> {
        let before: Option<(i64, Option<String>, i64)> = self
            .transaction()
            .prepare_cached(
                "SELECT length(body) + ?2, verdict, verdict IS NULL AND verify_at IS NULL FROM notifications
                 WHERE identity = ?1",
            )?
            .query_row(params![identity, ROW], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((size, before, unasked)) = before else { return Ok(()) };
        let is_needed = said.verdict == Verdict::Confirmed;
        let change = match (before.as_deref() == Some(Verdict::Confirmed.as_str()), is_needed) {
            (false, true) => size.saturating_neg(),
            (true, false) => size,
            _ => 0,
        };
        self.add(change, unasked.saturating_neg());
        self.transaction()
            .prepare_cached(
                "UPDATE notifications SET verdict = :verdict, reasons = :reasons, confirmed = :values, verified_at = :at,
                     url_key = coalesce(:url_key, url_key),
                     verify_tries = CASE WHEN verdict IS NULL THEN 1 WHEN recheck_at > :at THEN verify_tries
                         ELSE verify_tries + 1 END,
                     verify_at = iif(:again IS NOT NULL AND recheck_at > :at, recheck_at, :again),
                     recheck_at = iif(:again IS NOT NULL AND recheck_at > :at, recheck_at, :again),
                     handed_to = iif(verdict <> :verdict, '[]', handed_to),
                     hand_on_rank = iif(:verdict = 'confirmed', 0, max(verify_rank, iif(:again IS NULL, 2, 1))),
                     hand_on_tries = iif(verdict <> :verdict, 0, hand_on_tries),
                     hand_on_error = iif(verdict <> :verdict, NULL, hand_on_error),
                     hand_on_at = iif(verdict <> :verdict AND handing_on <> 'none', :at, hand_on_at),
                     handing_on = iif(verdict <> :verdict AND handing_on <> 'none', 'pending', handing_on)
                 WHERE identity = :identity",
            )?
            .execute(named_params! {
                ":identity": identity,
                ":verdict": said.verdict.as_str(),
                ":reasons": serde_json::to_string(said.reasons).unwrap_or_default(),
                ":values": said.values,
                ":url_key": said.url_key,
                ":at": said.at.as_millisecond(),
                ":again": said.again.map(Timestamp::as_millisecond),
            })?;
        Ok(())
    }

    /// Records that a notification could not be checked, and when to try again.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    pub fn not_judged(&mut self, id: i64, again: Timestamp) -> Result<(), LedgerError> {
        let written = self
            .transaction()
            .prepare_cached(
                "UPDATE notifications SET verify_at = ?2, verify_tries = verify_tries + (verdict IS NULL) WHERE id = ?1",
            )
            .and_then(|mut statement| statement.execute(params![id, again.as_millisecond()]));
        written.map(drop).map_err(|source| self.failed(&source))
    }

    /// Records that the ledger knows the link of this notification after all, and has it checked now, before others.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    pub fn recognised(&mut self, id: i64, url_key: &str, at: Timestamp) -> Result<(), LedgerError> {
        let written = self
            .transaction()
            .prepare_cached(
                "UPDATE notifications SET url_key = ?2, verify_rank = ?3, verify_at = min(verify_at, ?4),
                     hand_on_rank = iif(verdict IS NULL, ?3, hand_on_rank)
                 WHERE id = ?1 AND verify_at IS NOT NULL",
            )
            .and_then(|mut statement| {
                statement.execute(params![id, url_key, Rank::Known.number(), at.as_millisecond()])
            });
        written.map(drop).map_err(|source| self.failed(&source))
    }
}

impl NotificationStore {
    /// Whether `CookiePay` has confirmed the notification before, and what it and the ledger said in its place, where
    /// that is known.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn confirmation(&self, identity: &Identity) -> Result<Option<Option<String>>, LedgerError> {
        self.connection
            .prepare_cached("SELECT confirmed FROM confirmations WHERE identity = ?1")
            .and_then(|mut statement| statement.query_row([identity], |row| row.get(0)).optional())
            .map_err(|source| self.failed(&source))
    }
}
