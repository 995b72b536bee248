//! Which bill a link belongs to.
//!
//! The invariant kept: no two bills of an account hold the same link. A reply that brings one bill the link of
//! another is the answer to another request.

use rusqlite::{OptionalExtension, params};

use super::group::Group;
use super::intent::{Attempt, Settlement};
use crate::payment::{Link, Outcome};

/// The number of another bill of the account of `?1` that holds the link `?2`, `?3`. The plus keeps the planner from
/// reading every bill of the account.
pub(super) const OTHER_HOLDER: &str = "SELECT other.bill_no FROM bills AS own
     JOIN bills AS other ON +other.environment = own.environment AND +other.api_id = own.api_id
     WHERE own.id = ?1 AND other.id <> ?1 AND (other.url_key = ?2 OR other.pay_url = ?3) LIMIT 1";

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
}
