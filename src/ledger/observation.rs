//! What was seen of a link after it was made.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::entry::Account;
use super::{Ledger, LedgerError};
use crate::payment::{Payment, PaymentState, UrlKey};

impl Ledger {
    /// Records an answer of `urlcert`: the state on the bill, and an event if it differs from the
    /// last one seen of that key. The key may be one that the ledger does not know.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written.
    pub fn observe(
        &mut self,
        account: &Account,
        url_key: &UrlKey,
        payment: &Payment,
        at: Timestamp,
        operator: &str,
    ) -> Result<(), LedgerError> {
        let body = serde_json::to_string(payment).unwrap_or_default();
        let state = payment.state();
        let paid_at = payment.accepted_at.as_deref().filter(|_| state == PaymentState::Paid);
        let mut write = || -> rusqlite::Result<()> {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let last: Option<String> = transaction
                .query_row(
                    "SELECT body FROM events WHERE url_key = ?1 AND kind = 'status' ORDER BY id DESC LIMIT 1",
                    [url_key.as_str()],
                    |row| row.get(0),
                )
                .optional()?;
            if last.as_deref() == Some(body.as_str()) {
                return Ok(());
            }
            let bill_id: Option<i64> = transaction
                .query_row(
                    "UPDATE bills SET state = ?4, paid_at = coalesce(?5, paid_at), updated_at = ?6
                     WHERE url_key = ?3 AND environment = ?1 AND api_id = ?2 RETURNING id",
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
            transaction.execute(
                "INSERT INTO events (at, kind, bill_id, url_key, operator, body) VALUES (?1, 'status', ?2, ?3, ?4, ?5)",
                params![at.as_millisecond(), bill_id, url_key.as_str(), operator, body],
            )?;
            transaction.commit()
        };
        write().map_err(|source| self.failed(&source))
    }
}
