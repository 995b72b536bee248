//! How much of what nobody needs is kept: anybody can post, and the disk is finite.
//!
//! What is confirmed never counts, and what is of a link or a payment that the ledger knows is taken beyond the
//! limit, too, though not any number of them for one link: whoever knows a link of the shop may be a liar as well.

use rusqlite::OptionalExtension;

use super::{Arrival, NotificationGroup};

/// What a row takes beside its body, with its share of the indexes, about.
pub(super) const ROW: i64 = 512;

/// So many that are not confirmed are kept of one link beyond the limit.
const OF_ONE_LINK: i64 = 64;

/// How many of a link of ours are kept, counted up to a limit.
const OF_THE_LINK: &str = "SELECT count(*) FROM (SELECT 1 FROM notifications
     WHERE url_key = ?1 AND verify_rank = 0 AND verdict IS NOT 'confirmed' LIMIT ?2)";

/// The same of those with a `TID`.
const OF_THE_PAYMENT: &str = "SELECT count(*) FROM (SELECT 1 FROM notifications
     WHERE tid = ?1 AND verdict IS NOT 'confirmed' LIMIT ?2)";

/// What an arrival adds.
pub(super) fn size(body: &[u8]) -> i64 {
    i64::try_from(body.len()).unwrap_or(i64::MAX).saturating_add(ROW)
}

impl NotificationGroup<'_> {
    /// Whether there is room for it.
    pub(super) fn has_room(&self, arrival: &Arrival<'_>) -> rusqlite::Result<bool> {
        let stored: i64 = self
            .transaction()
            .prepare_cached("SELECT unconfirmed_bytes FROM totals")?
            .query_row([], |row| row.get(0))?;
        let now = stored.saturating_add(self.added.get()).saturating_add(size(arrival.body));
        if u64::try_from(now).unwrap_or(0) <= arrival.limit {
            return Ok(true);
        }
        if !arrival.is_needed {
            return Ok(false);
        }
        let (sql, value) =
            arrival.url_key.map_or((OF_THE_PAYMENT, arrival.tid), |url_key| (OF_THE_LINK, Some(url_key)));
        let mut statement = self.transaction().prepare_cached(sql)?;
        let kept: i64 = statement.query_row((value, OF_ONE_LINK), |row| row.get(0))?;
        Ok(kept < OF_ONE_LINK)
    }

    /// Whether the very same is stored already: a copy takes no room.
    pub(super) fn is_stored(&self, arrival: &Arrival<'_>) -> rusqlite::Result<bool> {
        self.transaction()
            .prepare_cached("SELECT 1 FROM notifications WHERE identity = ?1")?
            .query_row([arrival.identity], |_| Ok(()))
            .optional()
            .map(|found| found.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::NotificationStore;

    #[test]
    fn what_is_kept_of_a_link_or_a_payment_is_counted_by_its_index() {
        let home = tempfile::TempDir::new().unwrap();
        let store = NotificationStore::open(home.path()).unwrap();
        for (sql, index) in [
            (OF_THE_LINK, "notifications_by_link (url_key=?)"),
            (OF_THE_PAYMENT, "notifications_by_tid (tid=?)"),
        ] {
            let mut statement = store.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let mut rows = statement.raw_query();
            let mut plan = String::new();
            while let Some(row) = rows.next().unwrap() {
                plan += &row.get::<_, String>("detail").unwrap();
            }
            assert!(plan.contains(index), "{sql}: {plan}");
        }
    }
}
