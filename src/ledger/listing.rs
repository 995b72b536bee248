//! Reading the record back: many bills, and their totals.

use std::ops::ControlFlow;

use jiff::Timestamp;
use rusqlite::types::ToSql;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Total {
    /// The number of bills.
    pub count: u64,
    /// Won.
    pub amount: u64,
}

impl Ledger {
    /// Hands over the bills that match, oldest first, one at a time.
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
        let (condition, values) = condition(account, filter);
        let limit = filter.limit.map_or_else(|| "-1".to_owned(), |limit| limit.to_string());
        let sql = format!(
            "SELECT {columns} FROM (SELECT * FROM bills WHERE {condition} ORDER BY id DESC LIMIT {limit}) ORDER BY id",
            columns = entry::COLUMNS
        );
        let mut read = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare(&sql)?;
            let parameters: Vec<&dyn ToSql> = values.iter().map(AsRef::as_ref).collect();
            let mut rows = statement.query(parameters.as_slice())?;
            while let Some(row) = rows.next()? {
                if visit(entry::read(row, |run| self.runs.is_alive(run))?).is_break() {
                    break;
                }
            }
            Ok(())
        };
        read().map_err(|source| self.failed(&source))
    }

    /// Counts and sums of the bills that match, by payment state, or by outcome where there is no
    /// state yet.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn totals(&self, account: &Account, filter: &Filter) -> Result<Vec<(String, Total)>, LedgerError> {
        let (condition, values) = condition(account, filter);
        let limit = filter.limit.map_or_else(|| "-1".to_owned(), |limit| limit.to_string());
        let sql = format!(
            "SELECT coalesce(state, replace(outcome, 'in_flight', 'unknown')) AS word, count(*), sum(amount)
             FROM (SELECT * FROM bills WHERE {condition} ORDER BY id DESC LIMIT {limit}) GROUP BY word ORDER BY word"
        );
        let read = || -> rusqlite::Result<Vec<(String, Total)>> {
            let mut statement = self.connection.prepare(&sql)?;
            let parameters: Vec<&dyn ToSql> = values.iter().map(AsRef::as_ref).collect();
            let rows = statement.query_map(parameters.as_slice(), |row| {
                Ok((row.get(0)?, Total { count: row.get(1)?, amount: row.get(2)? }))
            })?;
            rows.collect()
        };
        read().map_err(|source| self.failed(&source))
    }
}

/// The `WHERE` of a filter with its values.
fn condition(account: &Account, filter: &Filter) -> (String, Vec<Box<dyn ToSql>>) {
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
    match filter.outcome {
        Some(Outcome::Unknown) => add("outcome IN (?, 'in_flight')", Box::new(Outcome::Unknown.as_str())),
        Some(outcome) => add("outcome = ?", Box::new(outcome.as_str())),
        None => {}
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
    if filter.pending {
        parts.push("url_key IS NOT NULL AND (state IS NULL OR state NOT IN ('paid', 'cancelled'))");
    }
    (parts.join(" AND "), values)
}
