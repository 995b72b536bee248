//! The queue of work on stored notifications: which are due, and what became of handing them on.
//!
//! The queue is the table itself, so that it survives whatever ends the process. The invariant kept: a
//! notification leaves the queue only where every target has it, or after so many attempts that somebody has
//! to look; what is asked for while an attempt is under way is not taken for done by that attempt.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, named_params, params};

use super::{COLUMNS, Due, HandedOn, Received, read};
use crate::ledger::entry::{Account, time};
use crate::ledger::{Group, Ledger, LedgerError};
use crate::payment::{HandingOn, Verdict};

impl Group<'_> {
    /// Records what an attempt to hand a notification on came to, unless its verdict has changed since it was
    /// read from the queue or somebody has asked for it again: then it is handed on once more, and this
    /// attempt does not count.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written.
    pub fn handed_on(
        &mut self,
        received: &Received,
        result: &HandedOn<'_>,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        let (state, handed_to, next, error) = match *result {
            HandedOn::Delivered => (HandingOn::Delivered, received.handed_to, None, None),
            HandedOn::Again { handed_to, next, error } => {
                (HandingOn::Pending, handed_to, Some(next), Some(error))
            }
            HandedOn::Dead { handed_to, error } => (HandingOn::Dead, handed_to, None, Some(error)),
        };
        let written = self
            .transaction()
            .prepare_cached(
                "UPDATE notifications SET handing_on = :state, handed_to = :handed_to, hand_on_at = :next,
                     hand_on_error = :error, hand_on_tries = hand_on_tries + iif(:state = 'delivered', 0, 1),
                     handed_on_at = iif(:state = 'delivered', :at, handed_on_at)
                 WHERE id = :id AND verdict IS :verdict AND hand_on_at IS :due AND handing_on = 'pending'",
            )
            .and_then(|mut statement| {
                statement.execute(named_params! {
                    ":id": received.id,
                    ":state": state.as_str(),
                    ":handed_to": handed_to,
                    ":next": next.map(Timestamp::as_millisecond),
                    ":error": error,
                    ":at": at.as_millisecond(),
                    ":verdict": received.verdict.map(Verdict::as_str),
                    ":due": received.hand_on_at.map(Timestamp::as_millisecond),
                })
            });
        written.map(drop).map_err(|source| self.failed(&source))
    }

    /// Has the stored notification with that number be handed on (again), to every target.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written.
    pub fn hand_on_again(&mut self, id: i64, at: Timestamp) -> Result<(), LedgerError> {
        let written = self
            .transaction()
            .prepare_cached(
                "UPDATE notifications SET handing_on = 'pending', handed_to = 0, hand_on_tries = 0, hand_on_at = ?2,
                     hand_on_error = NULL
                 WHERE id = ?1",
            )
            .and_then(|mut statement| statement.execute(params![id, at.as_millisecond()]));
        written.map(drop).map_err(|source| self.failed(&source))
    }

    /// Makes all that waits for another try due now: for a receiver that has just started.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written.
    pub fn take_up_notifications(&mut self, account: &Account, at: Timestamp) -> Result<(), LedgerError> {
        let take_up = |sql: &str| {
            let at = at.as_millisecond();
            self.transaction().execute(sql, params![account.environment, account.api_id, at])
        };
        take_up(
            "UPDATE notifications SET verify_at = ?3
             WHERE environment = ?1 AND api_id = ?2 AND verify_at > ?3 AND verdict IS NULL",
        )
        .and_then(|_| {
            take_up(
                "UPDATE notifications SET hand_on_at = ?3
                 WHERE environment = ?1 AND api_id = ?2 AND hand_on_at > ?3 AND handing_on = 'pending'",
            )
        })
        .map(drop)
        .map_err(|source| self.failed(&source))
    }
}

impl Ledger {
    /// The stored notifications of which this is due by now, the longest due first. Of those to be handed on
    /// that have the same `TID` only the first, so that they keep their order.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn due_notifications(
        &self,
        account: &Account,
        due: Due,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Received>, LedgerError> {
        let (condition, time) = due_condition(due);
        let sql = format!(
            "SELECT {COLUMNS} FROM notifications
             WHERE environment = ?1 AND api_id = ?2 AND {condition} AND {time} <= ?3 ORDER BY {time}, id LIMIT ?4"
        );
        let read = || -> rusqlite::Result<Vec<Received>> {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let values = params![account.environment, account.api_id, now.as_millisecond(), limit];
            statement.query_map(values, read)?.collect()
        };
        read().map_err(|source| self.failed(&source))
    }

    /// When the next of them is due, if any ever is.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn next_due(&self, account: &Account, due: Due) -> Result<Option<Timestamp>, LedgerError> {
        let (condition, column) = due_condition(due);
        let sql = format!(
            "SELECT {column} FROM notifications WHERE environment = ?1 AND api_id = ?2 AND {condition}
             ORDER BY {column} LIMIT 1"
        );
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                let values = params![account.environment, account.api_id];
                statement.query_row(values, |row| time(row, 0)).optional()
            })
            .map_err(|source| self.failed(&source))
    }
}

/// Which of those to be handed on wait for an earlier one of the same `TID`, so that a cancel never overtakes
/// the payment it cancels. What is confirmed waits for nothing that was found to be anything else, and those that were
/// found to be false hold nothing back but one another: whoever forges one must not be able to keep the true one from
/// its target, nor to fill the queue.
macro_rules! held_back {
    () => {
        "EXISTS (SELECT 1 FROM notifications AS earlier
             WHERE earlier.tid = notifications.tid AND earlier.id < notifications.id
               AND earlier.handing_on = 'pending'
               AND earlier.environment = notifications.environment AND earlier.api_id = notifications.api_id
               AND (earlier.verdict IS NULL OR earlier.verdict = 'confirmed'
                    OR coalesce(notifications.verdict, '') <> 'confirmed' AND earlier.verdict NOT IN ('mismatch', 'foreign')
                    OR notifications.verdict IN ('mismatch', 'foreign')))"
    };
}

/// The condition of work that is due at all, and the column that says when.
const fn due_condition(due: Due) -> (&'static str, &'static str) {
    match due {
        Due::Verify => ("verify_at IS NOT NULL", "verify_at"),
        Due::HandOn => (concat!("handing_on = 'pending' AND NOT ", held_back!()), "hand_on_at"),
        Due::HandOnVerified => {
            (concat!("handing_on = 'pending' AND verdict IS NOT NULL AND NOT ", held_back!()), "hand_on_at")
        }
    }
}
