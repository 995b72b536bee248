//! What was seen of a link after it was made.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::LedgerError;
use super::entry::Account;
use super::group::Group;
use crate::payment::{Payment, PaymentState, UrlKey};

/// An answer of `urlcert`, to be remembered.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    /// Whose link.
    pub account: &'a Account,
    /// The link's key; it may be one that the ledger does not know.
    pub url_key: &'a UrlKey,
    /// What `CookiePay` says of it.
    pub payment: &'a Payment,
    /// Now.
    pub at: Timestamp,
    /// Who asked: user@host.
    pub operator: &'a str,
}

/// The amount of a link's bill. As for the unary plus, see [`OBSERVE`].
pub(super) const BILLED: &str =
    "SELECT amount FROM bills WHERE url_key = ?3 AND +environment = ?1 AND +api_id = ?2";

/// The unary plus keeps the planner from the index of the bills' numbers, by which it would read every bill of the
/// account to find the one with this link.
pub(super) const OBSERVE: &str = "UPDATE bills SET
         updated_at = iif(state IS ?4 OR (state IN ('paid', 'cancelled') AND ?4 NOT IN ('paid', 'cancelled')),
             updated_at, ?6),
         state = iif(state IN ('paid', 'cancelled') AND ?4 NOT IN ('paid', 'cancelled'), state, ?4),
         paid_at = coalesce(?5, paid_at)
     WHERE url_key = ?3 AND +environment = ?1 AND +api_id = ?2 RETURNING id";

impl Group<'_> {
    /// Records an answer: the state on the bill, and an event if it differs from the last one seen
    /// of that key.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written.
    pub fn observe(&mut self, observation: &Observation<'_>) -> Result<(), LedgerError> {
        self.try_observe(observation).map_err(|source| self.failed(&source))
    }

    fn try_observe(&self, observation: &Observation<'_>) -> rusqlite::Result<()> {
        let Observation { account, url_key, payment, at, operator } = *observation;
        let body = serde_json::to_string(payment).unwrap_or_default();
        let transaction = self.transaction();
        let billed: Option<u64> = transaction
            .prepare_cached(BILLED)?
            .query_row(params![account.environment, account.api_id, url_key.as_str()], |row| row.get(0))
            .optional()?;
        let state = billed.map_or_else(|| payment.state(), |billed| payment.state_of_bill(billed));
        let paid_at = payment.accepted_at.as_deref().filter(|_| state == PaymentState::Paid);
        // What is paid or cancelled stays so until CookiePay says the other of the two: a hiccup of the
        // provider, or an older answer that comes late, unpays nothing.
        let bill_id: Option<i64> = transaction
            .prepare_cached(OBSERVE)?
            .query_row(
                params![
                    account.environment,
                    account.api_id,
                    url_key.as_str(),
                    state.as_str(),
                    paid_at,
                    at.as_millisecond()
                ],
                |row| row.get(0),
            )
            .optional()?;
        let last: Option<String> = transaction
            .prepare_cached(
                "SELECT body FROM events
                 WHERE url_key = ?1 AND environment = ?2 AND api_id = ?3 AND kind = 'status' ORDER BY id DESC LIMIT 1",
            )?
            .query_row(params![url_key.as_str(), account.environment, account.api_id], |row| row.get(0))
            .optional()?;
        if last.as_deref() == Some(body.as_str()) {
            return Ok(());
        }
        transaction
            .prepare_cached(
                "INSERT INTO events (at, kind, environment, api_id, bill_id, url_key, operator, body)
                 VALUES (?1, 'status', ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                at.as_millisecond(),
                account.environment,
                account.api_id,
                bill_id,
                url_key.as_str(),
                operator,
                body
            ])?;
        Ok(())
    }
}
