//! What was seen of a link after it was made.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::entry::{Account, maybe};
use super::group::Group;
use super::links::Seen;
use super::{LedgerError, links};
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

/// What is known of the bill of a link.
pub(super) fn bill_sql() -> String {
    format!("SELECT id, amount, state, paid_at FROM bills WHERE {} ORDER BY id DESC LIMIT 1", links::HOLDER)
}

/// What was the same before is not written again.
pub(super) const OBSERVE: &str = "UPDATE bills SET
         updated_at = iif(state IS ?2, updated_at, ?4), state = ?2, paid_at = ?3
     WHERE id = ?1 AND (state IS NOT ?2 OR paid_at IS NOT ?3)";

/// The bill that has a link, and what is known of it.
struct Held {
    bill_id: i64,
    billed: u64,
    known: Seen,
}

impl Group<'_> {
    /// Records an answer: the state on the bill, and an event if it differs from the last one seen
    /// of that key.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written.
    pub fn observe(&mut self, observation: &Observation<'_>) -> Result<(), LedgerError> {
        let record = || self.record(observation, self.held(observation)?);
        record().map_err(|source| self.failed(&source))
    }

    /// The same of a link of ours; of another nothing is recorded: anybody can name one.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written.
    pub fn observe_own(&mut self, observation: &Observation<'_>) -> Result<(), LedgerError> {
        let record = || match self.held(observation)? {
            None => Ok(()),
            held => self.record(observation, held),
        };
        record().map_err(|source| self.failed(&source))
    }

    fn held(&self, observation: &Observation<'_>) -> rusqlite::Result<Option<Held>> {
        let Observation { account, url_key, .. } = *observation;
        self.transaction()
            .prepare_cached(&bill_sql())?
            .query_row(params![account.environment, account.api_id, url_key.as_str()], |row| {
                let known = Seen { state: maybe(row, 2)?, paid_at: row.get(3)? };
                Ok(Held { bill_id: row.get(0)?, billed: row.get(1)?, known })
            })
            .optional()
    }

    fn record(&self, observation: &Observation<'_>, held: Option<Held>) -> rusqlite::Result<()> {
        let Observation { account, url_key, payment, at, operator } = *observation;
        let body = serde_json::to_string(payment).unwrap_or_default();
        let transaction = self.transaction();
        let bill_id = held.as_ref().map(|held| held.bill_id);
        if let Some(Held { bill_id, billed, known }) = held {
            let state = payment.state_of_bill(billed);
            let paid_at = payment.accepted_at.as_deref().filter(|_| state == PaymentState::Paid);
            let Seen { state, paid_at } = self.see_link(bill_id, known, url_key, state, paid_at)?;
            let state = state.map(PaymentState::as_str);
            transaction.prepare_cached(OBSERVE)?.execute(params![
                bill_id,
                state,
                paid_at,
                at.as_millisecond()
            ])?;
        }
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
