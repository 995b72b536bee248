//! Which bill a link belongs to, and the links of a bill that has had more than one.
//!
//! `bills` has the newest link of each bill. The table `links` has all of them where a later request brought another
//! one, each with its own state: the customer can pay any, and the bill's state is that of the one which tells it.
//!
//! The invariant kept: no two bills of an account hold the same link. A reply that brings one bill the link of
//! another is the answer to another request.

use rusqlite::{OptionalExtension, params};

use super::entry::{Account, maybe};
use super::group::Group;
use super::intent::{Attempt, Settlement};
use super::{Ledger, LedgerError};
use crate::payment::{Link, Outcome, PaymentState, UrlKey, telling_link};

/// The bill of the account `?1`, `?2` of which `?3` is a link, the newest or an earlier one. The unary plus keeps the
/// planner from the index of the bills' numbers, by which it would read every bill of the account.
pub(super) const HOLDER: &str =
    "id IN (SELECT id FROM bills WHERE url_key = ?3 UNION ALL SELECT bill_id FROM links WHERE url_key = ?3)
     AND +environment = ?1 AND +api_id = ?2";

/// The number of another bill of the account of `?1` that holds the link `?2`, `?3`. As for the plus, see [`HOLDER`].
pub(super) const OTHER_HOLDER: &str = "SELECT other.bill_no FROM bills AS own
     JOIN bills AS other ON +other.environment = own.environment AND +other.api_id = own.api_id
     WHERE own.id = ?1 AND other.id <> ?1 AND (other.url_key = ?2 OR other.pay_url = ?3
         OR other.id IN (SELECT bill_id FROM links WHERE url_key = ?2 OR pay_url = ?3)) LIMIT 1";

/// The key of the link of the account `?1`, `?2` with the address `?3`. As for the plus, see [`HOLDER`].
pub(super) const KEY_OF_ADDRESS: &str =
    "SELECT url_key FROM bills WHERE pay_url = ?3 AND +environment = ?1 AND +api_id = ?2
     UNION ALL SELECT links.url_key FROM links JOIN bills ON bills.id = bill_id
         WHERE links.pay_url = ?3 AND +environment = ?1 AND +api_id = ?2
     LIMIT 1";

/// All links of a bill that has had more than one, the newest first.
pub(super) const LINKS_OF_BILL: &str = "SELECT links.url_key, links.state, links.paid_at
     FROM links JOIN bills ON bills.id = bill_id
     WHERE bill_id = ?1 ORDER BY links.url_key = bills.url_key DESC, links.id DESC";

/// What is known of a link, or of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) state: Option<PaymentState>,
    pub(super) paid_at: Option<String>,
}

impl Ledger {
    /// The key of the link with that address.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn url_key_of_address(
        &self,
        account: &Account,
        pay_url: &str,
    ) -> Result<Option<UrlKey>, LedgerError> {
        let read = || {
            self.connection
                .prepare_cached(KEY_OF_ADDRESS)?
                .query_row(params![account.environment, account.api_id, pay_url], |row| maybe(row, 0))
                .optional()
        };
        read().map(Option::flatten).map_err(|source| self.failed(&source))
    }
}

impl Group<'_> {
    /// The settlement, or an unknown outcome in its place where another bill of the account holds its link.
    pub(super) fn without_foreign_link(
        &self,
        attempt: &Attempt,
        settlement: &Settlement,
    ) -> rusqlite::Result<Settlement> {
        let holder =
            settlement.link.as_ref().map(|link| self.other_holder(attempt, link)).transpose()?.flatten();
        let Some(holder) = holder else { return Ok(settlement.clone()) };
        let reason = format!("the link of the reply is that of bill `{holder}`");
        Ok(Settlement {
            outcome: Outcome::Unknown,
            link: None,
            result_code: None,
            result_message: None,
            reason: Some(reason),
            refuses_bill: false,
        })
    }

    fn other_holder(&self, attempt: &Attempt, link: &Link) -> rusqlite::Result<Option<String>> {
        self.transaction()
            .prepare_cached(OTHER_HOLDER)?
            .query_row(params![attempt.bill_id, link.url_key.as_str(), link.pay_url], |row| row.get(0))
            .optional()
    }

    /// Keeps the link that the bill has beside this one, if it is another, before this one takes its place.
    pub(super) fn keep_earlier_link(&self, bill_id: i64, newest: &Link) -> rusqlite::Result<()> {
        self.transaction()
            .prepare_cached(
                "INSERT INTO links (bill_id, url_key, pay_url, state, paid_at)
                 SELECT id, url_key, pay_url, state, paid_at FROM bills WHERE id = ?1 AND url_key <> ?2
                 UNION ALL SELECT id, ?2, ?3, NULL, NULL FROM bills WHERE id = ?1 AND url_key <> ?2
                 ON CONFLICT (bill_id, url_key) DO UPDATE SET pay_url = coalesce(excluded.pay_url, pay_url)",
            )?
            .execute(params![bill_id, newest.url_key.as_str(), newest.pay_url])?;
        Ok(())
    }

    /// Records what was seen of a link of a bill of which this was known, and returns what is now known of the bill.
    pub(super) fn see_link(
        &self,
        bill_id: i64,
        known: Seen,
        url_key: &UrlKey,
        seen: PaymentState,
        paid_at: Option<&str>,
    ) -> rusqlite::Result<Seen> {
        let links = self.links(bill_id)?;
        let after = |known: Seen| Seen {
            state: Some(known.state.map_or(seen, |state| state.followed_by(seen))),
            paid_at: paid_at.map(str::to_owned).or(known.paid_at),
        };
        if !links.iter().any(|(key, _)| key == url_key) {
            // It is the only one.
            return Ok(after(known));
        }
        let mut all = Vec::with_capacity(links.len());
        for (key, known) in links {
            if key != *url_key {
                all.push(known);
                continue;
            }
            let Seen { state, paid_at } = after(known);
            self.transaction()
                .prepare_cached(
                    "UPDATE links SET state = ?3, paid_at = ?4
                     WHERE bill_id = ?1 AND url_key = ?2 AND (state IS NOT ?3 OR paid_at IS NOT ?4)",
                )?
                .execute(params![bill_id, key.as_str(), state.map(PaymentState::as_str), paid_at])?;
            all.push(Seen { state, paid_at });
        }
        let telling =
            telling_link(all.iter().map(|seen| seen.state)).and_then(|place| all.into_iter().nth(place));
        let Seen { state, paid_at } = telling.unwrap_or_else(|| known.clone());
        Ok(Seen { state, paid_at: paid_at.or(known.paid_at) })
    }

    /// See [`LINKS_OF_BILL`].
    fn links(&self, bill_id: i64) -> rusqlite::Result<Vec<(UrlKey, Seen)>> {
        let mut statement = self.transaction().prepare_cached(LINKS_OF_BILL)?;
        let mut rows = statement.query([bill_id])?;
        let mut links = Vec::new();
        while let Some(row) = rows.next()? {
            if let Some(url_key) = maybe(row, 0)? {
                links.push((url_key, Seen { state: maybe(row, 1)?, paid_at: row.get(2)? }));
            }
        }
        Ok(links)
    }
}
