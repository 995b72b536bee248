//! What the state holds, for people who look at it and for tests that need a witness.

use rusqlite::Row;
use serde::Serialize;

use super::State;
use super::bill::{self, Bill};
use crate::emulator::error::EmulatorError;

/// How many of each kind the index page shows.
const SHOWN: u32 = 100;

/// How many requests reached each endpoint, whatever became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RequestCounts {
    /// Of `/urlpay/request`.
    pub send: u64,
    /// Of `/payAuth/token`.
    pub token: u64,
    /// Of `/api/urlcert`.
    pub urlcert: u64,
}

/// How many messages customers would have got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct MessageCounts {
    /// Text messages.
    pub sms: u64,
    /// E-mails.
    pub email: u64,
    /// Kakao messages.
    pub kakao: u64,
}

/// What has happened since the last reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Requests that arrived, by endpoint.
    pub requests: RequestCounts,
    /// Messages sent, by channel.
    pub messages: MessageCounts,
    /// Bills made.
    pub bills: u64,
}

/// A message, with the bill it belongs to.
#[derive(Debug)]
pub(in crate::emulator) struct SentMessage {
    pub(in crate::emulator) pay_key: String,
    pub(in crate::emulator) bill_no: String,
    pub(in crate::emulator) channel: String,
    pub(in crate::emulator) recipient: String,
    pub(in crate::emulator) text: String,
    pub(in crate::emulator) sent_at: String,
}

/// A notification, with the bill it belongs to and what became of it: an HTTP status, `failed`,
/// or nothing if it was not posted (yet).
#[derive(Debug)]
pub(in crate::emulator) struct SentNotification {
    pub(in crate::emulator) bill_no: String,
    pub(in crate::emulator) kind: String,
    pub(in crate::emulator) made_at: String,
    pub(in crate::emulator) outcome: String,
    /// The name of the fault that struck it, or nothing.
    pub(in crate::emulator) fault: String,
    /// How late a fault made it, in milliseconds.
    pub(in crate::emulator) late_ms: u64,
    /// Whether it waits for the next one to be posted.
    pub(in crate::emulator) is_kept_back: bool,
}

/// The newest of everything.
#[derive(Debug)]
pub(in crate::emulator) struct Overview {
    pub(in crate::emulator) counts: Counts,
    pub(in crate::emulator) bills: Vec<Bill>,
    pub(in crate::emulator) messages: Vec<SentMessage>,
    pub(in crate::emulator) notifications: Vec<SentNotification>,
}

impl State {
    /// What has happened since the last reset.
    ///
    /// # Errors
    ///
    /// When the state cannot be read.
    pub fn counts(&self) -> Result<Counts, EmulatorError> {
        // One statement, so that the numbers are of one moment.
        let counts = self
            .connection
            .prepare_cached(
                "SELECT (SELECT count(*) FROM requests WHERE endpoint = 'send'),
                        (SELECT count(*) FROM requests WHERE endpoint = 'token'),
                        (SELECT count(*) FROM requests WHERE endpoint = 'urlcert'),
                        (SELECT count(*) FROM messages WHERE channel = 'sms'),
                        (SELECT count(*) FROM messages WHERE channel = 'email'),
                        (SELECT count(*) FROM messages WHERE channel = 'kakao'),
                        (SELECT count(*) FROM bills)",
            )?
            .query_row([], read_counts)?;
        Ok(counts)
    }

    /// How many messages were sent of the bill with this number, over all accounts.
    ///
    /// # Errors
    ///
    /// When the state cannot be read.
    pub fn message_count(&self, bill_no: &str) -> Result<u64, EmulatorError> {
        let count: i64 = self
            .connection
            .prepare_cached(
                "SELECT count(*) FROM messages JOIN bills ON bills.id = messages.bill
                 WHERE bill_no = ?1",
            )?
            .query_row([bill_no], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// The bill that `key` names on the pay page.
    pub(in crate::emulator) fn bill(&self, key: &str) -> Result<Option<Bill>, EmulatorError> {
        Ok(bill::by_any_key(&self.connection, key)?)
    }

    pub(in crate::emulator) fn overview(&self) -> Result<Overview, EmulatorError> {
        let counts = self.counts()?;
        let bills = bill::latest(&self.connection, SHOWN)?;
        let messages = self
            .connection
            .prepare_cached(
                "SELECT pay_key, bill_no, channel, recipient, text, sent_at
                 FROM messages JOIN bills ON bills.id = messages.bill
                 ORDER BY messages.id DESC LIMIT ?1",
            )?
            .query_map([SHOWN], |row| {
                Ok(SentMessage {
                    pay_key: row.get(0)?,
                    bill_no: row.get(1)?,
                    channel: row.get(2)?,
                    recipient: row.get(3)?,
                    text: row.get(4)?,
                    sent_at: row.get(5)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        let notifications = self
            .connection
            .prepare_cached(
                "SELECT bill_no, kind, made_at, outcome, fault, late_ms, kept_back
                 FROM notifications JOIN bills ON bills.id = notifications.bill
                 ORDER BY notifications.id DESC LIMIT ?1",
            )?
            .query_map([SHOWN], |row| {
                Ok(SentNotification {
                    bill_no: row.get(0)?,
                    kind: row.get(1)?,
                    made_at: row.get(2)?,
                    outcome: row.get(3)?,
                    fault: row.get(4)?,
                    late_ms: row.get::<_, i64>(5)?.unsigned_abs(),
                    is_kept_back: row.get(6)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        Ok(Overview { counts, bills, messages, notifications })
    }
}

fn read_counts(row: &Row<'_>) -> rusqlite::Result<Counts> {
    let count = |column: usize| row.get::<_, i64>(column).map(i64::unsigned_abs);
    Ok(Counts {
        requests: RequestCounts { send: count(0)?, token: count(1)?, urlcert: count(2)? },
        messages: MessageCounts { sms: count(3)?, email: count(4)?, kakao: count(5)? },
        bills: count(6)?,
    })
}
