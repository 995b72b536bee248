//! Looking single bills up.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params, params};

use super::entry::{self, Account, Entry, Standing, wrong};
use super::run::Runs;
use super::{Ledger, LedgerError, links};
use crate::bill::{Bill, BillNo, normalised};

impl Ledger {
    /// The bill of that number.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn find(&self, account: &Account, bill_no: &BillNo) -> Result<Option<Entry>, LedgerError> {
        self.find_by("bill_no", account, bill_no.as_str())
    }

    /// The bill of which that is a link, the newest or an earlier one.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn find_by_url_key(&self, account: &Account, url_key: &str) -> Result<Option<Entry>, LedgerError> {
        self.find_by("url_key", account, url_key)
    }

    /// Another bill that asked the same amount of the same phone for the same product within the
    /// window before now, and when. `None` as the window allows it.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn duplicate(
        &self,
        account: &Account,
        bill: &Bill,
        now: Timestamp,
        window: Option<Duration>,
    ) -> Result<Option<(BillNo, Timestamp)>, LedgerError> {
        duplicate(&self.connection, account, bill, now, window).map_err(|source| self.failed(&source))
    }

    fn find_by(&self, column: &str, account: &Account, value: &str) -> Result<Option<Entry>, LedgerError> {
        let found = find_where(&self.connection, &self.runs, column, account, value);
        found.map(|found| found.map(|(_, entry)| entry)).map_err(|source| self.failed(&source))
    }
}

/// The bill of that number, or that has that `url_key`.
pub(super) fn find_sql(column: &str) -> String {
    let condition =
        if column == "bill_no" { "environment = ?1 AND api_id = ?2 AND bill_no = ?3" } else { links::HOLDER };
    format!("SELECT {} FROM bills WHERE {condition} ORDER BY id DESC LIMIT 1", entry::COLUMNS)
}

/// Its row's id beside the bill.
pub(super) fn find_where(
    connection: &Connection,
    runs: &Runs,
    column: &str,
    account: &Account,
    value: &str,
) -> rusqlite::Result<Option<(i64, Entry)>> {
    let mut statement = connection.prepare_cached(&find_sql(column))?;
    let mut read = || {
        let values = params![account.environment, account.api_id, value];
        let row = statement
            .query_row(values, |row| Ok((row.get(entry::ID)?, entry::read(row, |run| runs.is_alive(run))?)));
        row.optional()
    };
    match read()? {
        // Its process may have settled it and ended between our reading of the row and our look for
        // the process. Now that it has ended, what the row says is final.
        Some((_, entry)) if entry.standing == Standing::Lost => read(),
        found => Ok(found),
    }
}

/// The bills that ask the same amount of the same phone, the newest first. As for the unary plus, see
/// [`links::HOLDER`].
pub(super) const DUPLICATE: &str = "SELECT bill_no, requested_at, product FROM bills
     WHERE phone = :phone AND amount = :amount AND requested_at > :since
       AND +environment = :environment AND +api_id = :api_id AND bill_no <> :bill_no
       AND outcome IN ('sent', 'linked', 'unknown', 'in_flight')
     ORDER BY requested_at DESC";

/// Sent, linked and unknown bills count, in flight ones as unknown (CONTRACT section 4).
pub(super) fn duplicate(
    connection: &Connection,
    account: &Account,
    bill: &Bill,
    now: Timestamp,
    window: Option<Duration>,
) -> rusqlite::Result<Option<(BillNo, Timestamp)>> {
    let Some(window) = window else { return Ok(None) };
    let window = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(DUPLICATE)?;
    let mut rows = statement.query(named_params! {
        ":phone": bill.phone.as_str(),
        ":amount": bill.amount.won(),
        ":since": now.as_millisecond().saturating_sub(window),
        ":environment": account.environment,
        ":api_id": account.api_id,
        ":bill_no": bill.bill_no.as_str(),
    })?;
    while let Some(row) = rows.next()? {
        // An earlier version stored texts as they were typed; the products are compared as a bill has them.
        if normalised(row.get_ref(2)?.as_str()?) == bill.product.as_str() {
            let requested_at = Timestamp::from_millisecond(row.get(1)?).unwrap_or(now);
            return Ok(entry::maybe(row, 0)?.map(|bill_no| (bill_no, requested_at)));
        }
    }
    Ok(None)
}

/// That a bill which is not found by its number does not stand among the newest with its phone and amount. If it
/// does, the index of the numbers is damaged, and whether the bill was sent cannot be trusted to it.
pub(super) fn is_not_hidden(connection: &Connection, account: &Account, bill: &Bill) -> rusqlite::Result<()> {
    let is_there = connection
        .prepare_cached(
            "SELECT 1 FROM (SELECT bill_no, environment, api_id FROM bills WHERE phone = ?1 AND amount = ?2
                 ORDER BY requested_at DESC LIMIT 100)
             WHERE bill_no = ?3 AND environment = ?4 AND api_id = ?5 AND NOT EXISTS
                 (SELECT 1 FROM bills WHERE environment = ?4 AND api_id = ?5 AND bill_no = ?3)",
        )?
        .exists(params![
            bill.phone.as_str(),
            bill.amount.won(),
            bill.bill_no.as_str(),
            account.environment,
            account.api_id
        ])?;
    if is_there {
        return Err(wrong(0, &format!("it is damaged: bill `{}` is not found by its number", bill.bill_no)));
    }
    Ok(())
}
