//! Reading the record back: many bills, a page at a time.

use std::ops::ControlFlow;

use jiff::Timestamp;
use rusqlite::types::ToSql;
use rusqlite::{OptionalExtension, params_from_iter};

use super::entry::{self, Account, Entry};
use super::{Ledger, LedgerError};
use crate::payment::{Outcome, PaymentState};

/// Which bills; every part that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The number of one bill.
    pub bill_no: Option<String>,
    /// What became of the request; `Unknown` includes requests that are in flight or lost.
    pub outcome: Option<Outcome>,
    /// The last payment state seen.
    pub state: Option<PaymentState>,
    /// The batch.
    pub batch: Option<String>,
    /// A part of the buyer's name.
    pub buyer: Option<String>,
    /// Created at or after.
    pub since: Option<Timestamp>,
    /// Created before.
    pub until: Option<Timestamp>,
    /// Only bills that have a link which is neither paid nor cancelled, as far as is known.
    pub pending: bool,
    /// At most this many, the newest.
    pub limit: Option<u32>,
}

/// How many bills there are of one kind, and their sum in won.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Total {
    /// The number of bills.
    pub count: u64,
    /// Won.
    pub amount: u64,
}

impl Total {
    /// Counts one more bill of this amount.
    pub fn add(&mut self, amount: u64) {
        self.include(&Self { count: 1, amount });
    }

    /// Counts all of the other's bills.
    pub fn include(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.amount = self.amount.saturating_add(other.amount);
    }
}

/// A place in a listing: behind the bill that was created then and has that number in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    created_at: i64,
    id: i64,
}

impl Cursor {
    const START: Self = Self { created_at: i64::MIN, id: i64::MIN };
}

/// A part of a listing, oldest first, and where the next part begins; `None` behind the last.
#[derive(Debug)]
pub struct Page {
    /// The bills.
    pub entries: Vec<Entry>,
    /// To be given to the next [`Ledger::page`].
    pub next: Option<Cursor>,
}

/// Bills that are read at a time.
const PAGE: u32 = 256;

impl Ledger {
    /// Hands over the bills that match, oldest first, one at a time; those before the newest [`Filter::limit`]
    /// are left out. Ends where `visit` says so.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn each(
        &self,
        account: &Account,
        filter: &Filter,
        mut visit: impl FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), LedgerError> {
        let mut left = filter.limit.unwrap_or(u32::MAX);
        let mut cursor = match filter.limit {
            Some(0) => return Ok(()),
            Some(limit) => self.newest(account, filter, limit)?,
            None => None,
        };
        while left > 0 {
            let page = self.page(account, filter, cursor, PAGE.min(left))?;
            for entry in page.entries {
                if visit(entry).is_break() {
                    return Ok(());
                }
                if filter.limit.is_some() {
                    left = left.saturating_sub(1);
                }
            }
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// At most `count` of the bills that match, oldest first, behind `after`; nothing is held open between one
    /// page and the next. [`Filter::limit`] does not count.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn page(
        &self,
        account: &Account,
        filter: &Filter,
        after: Option<Cursor>,
        count: u32,
    ) -> Result<Page, LedgerError> {
        // The cursor and `since` are one lower bound, so that the index is entered at the greater of the two.
        let since = filter.since.map_or(i64::MIN, Timestamp::as_millisecond);
        let after = after
            .filter(|after| after.created_at >= since)
            .unwrap_or(Cursor { created_at: since, ..Cursor::START });
        let (condition, mut values) = sql_condition(account, &Filter { since: None, ..filter.clone() });
        let sql = page_sql(filter, &condition);
        values.extend::<[Box<dyn ToSql>; 3]>([
            Box::new(after.created_at),
            Box::new(after.id),
            Box::new(count),
        ]);
        let mut entries = Vec::new();
        let mut next = None;
        let mut read = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params_from_iter(values.iter()))?;
            while let Some(row) = rows.next()? {
                entries.push(entry::read(row, |run| self.runs.is_alive(run))?);
                next = Some(Cursor { created_at: row.get(entry::CREATED_AT)?, id: row.get(entry::ID)? });
            }
            Ok(())
        };
        read().map_err(|source| self.failed(&source))?;
        let is_full = u32::try_from(entries.len()).is_ok_and(|length| length >= count);
        Ok(Page { entries, next: next.filter(|_| is_full) })
    }

    /// The place before the newest so many; `None` where there are no more than these.
    fn newest(&self, account: &Account, filter: &Filter, limit: u32) -> Result<Option<Cursor>, LedgerError> {
        let (condition, mut values) = sql_condition(account, filter);
        values.push(Box::new(limit));
        self.connection
            .prepare_cached(&newest_sql(filter, &condition))
            .and_then(|mut statement| {
                statement
                    .query_row(params_from_iter(values.iter()), |row| {
                        Ok(Cursor { created_at: row.get(0)?, id: row.get(1)? })
                    })
                    .optional()
            })
            .map_err(|source| self.failed(&source))
    }
}

/// The table with the index that is to be used. Left to itself the planner takes the index of the bills' numbers,
/// because account and environment lead it, and then reads and sorts every bill of the account.
const fn table(filter: &Filter) -> &'static str {
    if filter.bill_no.is_some() {
        "bills"
    } else if filter.batch.is_some() {
        "bills INDEXED BY bills_in_batch"
    } else if matches!(filter.outcome, Some(Outcome::Unknown)) {
        "bills INDEXED BY bills_unknown"
    } else if filter.pending {
        "bills INDEXED BY bills_open"
    } else if filter.state.is_some() && filter.outcome.is_some() {
        "bills INDEXED BY bills_by_state_and_outcome"
    } else if filter.state.is_some() {
        "bills INDEXED BY bills_by_state"
    } else if filter.outcome.is_some() {
        "bills INDEXED BY bills_by_outcome"
    } else {
        "bills INDEXED BY bills_by_time"
    }
}

/// The collation changes no comparison of numbers; without it only `created_at` would lead into the index, and bills
/// made in one millisecond would be read again for every page of them.
pub(super) fn page_sql(filter: &Filter, condition: &str) -> String {
    format!(
        "SELECT {columns} FROM {table} WHERE {condition} AND (created_at, id) > (?, ? COLLATE BINARY)
         ORDER BY created_at, id LIMIT ?",
        columns = entry::COLUMNS,
        table = table(filter)
    )
}

pub(super) fn newest_sql(filter: &Filter, condition: &str) -> String {
    format!(
        "SELECT created_at, id FROM {} WHERE {condition} ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET ?",
        table(filter)
    )
}

/// The `WHERE` of a filter with its values.
pub(super) fn sql_condition(account: &Account, filter: &Filter) -> (String, Vec<Box<dyn ToSql>>) {
    let mut parts = vec!["environment = ?", "api_id = ?"];
    let mut values: Vec<Box<dyn ToSql>> =
        vec![Box::new(account.environment.clone()), Box::new(account.api_id.clone())];
    let mut add = |part, value: Box<dyn ToSql>| {
        parts.push(part);
        values.push(value);
    };
    if let Some(bill_no) = &filter.bill_no {
        add("bill_no = ?", Box::new(bill_no.clone()));
    }
    if let Some(outcome) = filter.outcome.filter(|outcome| *outcome != Outcome::Unknown) {
        add("outcome = ?", Box::new(outcome.as_str()));
    }
    if let Some(state) = filter.state {
        add("state = ?", Box::new(state.as_str()));
    }
    if let Some(batch) = &filter.batch {
        add("batch = ?", Box::new(batch.clone()));
    }
    if let Some(buyer) = &filter.buyer {
        add("instr(buyer, ?) > 0", Box::new(buyer.clone()));
    }
    if let Some(since) = filter.since {
        add("created_at >= ?", Box::new(since.as_millisecond()));
    }
    if let Some(until) = filter.until {
        add("created_at < ?", Box::new(until.as_millisecond()));
    }
    // These two to the letter as in the partial indexes, which are not used otherwise.
    if filter.outcome == Some(Outcome::Unknown) {
        parts.push("outcome IN ('unknown', 'in_flight')");
    }
    if filter.pending {
        parts.push("url_key IS NOT NULL AND (state IS NULL OR state NOT IN ('paid', 'cancelled'))");
    }
    (parts.join(" AND "), values)
}
