//! Stored notifications shown: those that match a filter, oldest first, any number of them in constant
//! memory.

use std::ops::ControlFlow;

use jiff::Timestamp;
use rusqlite::types::ToSql;

use super::{COLUMNS, NotificationStore, Received, ReceivedFilter, read};
use crate::ledger::LedgerError;
use crate::ledger::entry::Account;

/// Notifications that are read at a time.
const PAGE: u32 = 256;

impl NotificationStore {
    /// Hands over the stored notifications that match, oldest first, one at a time; those before the
    /// newest [`ReceivedFilter::limit`] are left out. Ends where `visit` says so.
    ///
    /// A reader that takes its time, such as a person with a pager, holds nothing open: what is written meanwhile
    /// would otherwise pile up in the store's journal.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn each_notification(
        &self,
        account: &Account,
        filter: &ReceivedFilter,
        mut visit: impl FnMut(Received) -> ControlFlow<()>,
    ) -> Result<(), LedgerError> {
        let Some(first) = self.first_notification(account, filter)? else { return Ok(()) };
        let mut after = first.saturating_sub(1);
        let mut left = filter.limit.unwrap_or(u32::MAX);
        loop {
            let page = self.notifications_after(account, filter, after, PAGE.min(left))?;
            if page.is_empty() {
                return Ok(());
            }
            for received in page {
                after = received.id;
                if filter.limit.is_some() {
                    left = left.saturating_sub(1);
                }
                if visit(received).is_break() {
                    return Ok(());
                }
            }
        }
    }

    /// The number of the first that is chosen, or one below it.
    fn first_notification(
        &self,
        account: &Account,
        filter: &ReceivedFilter,
    ) -> Result<Option<i64>, LedgerError> {
        let (condition, values) = condition(account, filter);
        let chosen = match filter.limit {
            Some(limit) => {
                format!("SELECT id FROM notifications WHERE {condition} ORDER BY id DESC LIMIT {limit}")
            }
            // Found by the index over time.
            None if filter.since.is_some() || filter.until.is_some() => {
                format!("SELECT id FROM notifications WHERE {condition}")
            }
            None => return Ok(Some(i64::MIN)),
        };
        let parameters: Vec<&dyn ToSql> = values.iter().map(AsRef::as_ref).collect();
        self.connection
            .query_row(&format!("SELECT min(id) FROM ({chosen})"), parameters.as_slice(), |row| row.get(0))
            .map_err(|source| self.failed(&source))
    }

    /// At most this many of the stored notifications that match, oldest first, whose number is greater than
    /// `after`: one page after the other, with nothing held open in between.
    /// [`ReceivedFilter::limit`] does not count.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn notifications_after(
        &self,
        account: &Account,
        filter: &ReceivedFilter,
        after: i64,
        count: u32,
    ) -> Result<Vec<Received>, LedgerError> {
        let (condition, mut values) = condition(account, filter);
        values.push(Box::new(after));
        // A page is found by its number alone. By the index over time, or that of the queue, each page would read
        // and sort all that is chosen.
        let condition = condition.replace("received_at", "+received_at").replace("handing_on", "+handing_on");
        let sql = format!(
            "SELECT {COLUMNS} FROM notifications WHERE {condition} AND id > ? ORDER BY id LIMIT {count}"
        );
        let mut page = Vec::new();
        let read = self.visit(&sql, &values, |received| {
            page.push(received);
            ControlFlow::Continue(())
        });
        read.map(|()| page).map_err(|source| self.failed(&source))
    }

    fn visit(
        &self,
        sql: &str,
        values: &[Box<dyn ToSql>],
        mut visit: impl FnMut(Received) -> ControlFlow<()>,
    ) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let parameters: Vec<&dyn ToSql> = values.iter().map(AsRef::as_ref).collect();
        let mut rows = statement.query(parameters.as_slice())?;
        while let Some(row) = rows.next()? {
            if visit(read(row)?).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// The `WHERE` of a filter with its values.
fn condition(account: &Account, filter: &ReceivedFilter) -> (String, Vec<Box<dyn ToSql>>) {
    let mut parts = vec!["environment = ?", "api_id = ?"];
    let mut values: Vec<Box<dyn ToSql>> =
        vec![Box::new(account.environment.clone()), Box::new(account.api_id.clone())];
    let mut add = |part, value: Option<Box<dyn ToSql>>| {
        if let Some(value) = value {
            parts.push(part);
            values.push(value);
        }
    };
    let boxed = |text: &'static str| -> Box<dyn ToSql> { Box::new(text) };
    let moment = |time: Timestamp| -> Box<dyn ToSql> { Box::new(time.as_millisecond()) };
    add("id = ?", filter.id.map(|id| -> Box<dyn ToSql> { Box::new(id) }));
    add("tid = ?", filter.tid.clone().map(|tid| -> Box<dyn ToSql> { Box::new(tid) }));
    add("verdict = ?", filter.verdict.map(|verdict| boxed(verdict.as_str())));
    add("handing_on = ?", filter.handing_on.map(|handing_on| boxed(handing_on.as_str())));
    add("received_at >= ?", filter.since.map(moment));
    add("received_at < ?", filter.until.map(moment));
    (parts.join(" AND "), values)
}
