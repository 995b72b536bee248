//! The queue of work on stored notifications: which are due, and what became of handing them on.
//!
//! The queue is the table itself, so that it survives whatever ends the process. The invariant kept: a
//! notification leaves the queue only where every target has it, or after so many attempts that somebody has
//! to look; what is asked for while an attempt is under way is not taken for done by that attempt.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, named_params, params};

use super::{COLUMNS, Due, HandedOn, NotificationGroup, NotificationStore, Rank, Received, read};
use crate::ledger::LedgerError;
use crate::ledger::entry::{Account, time};
use crate::payment::{HandingOn, Verdict};

impl NotificationGroup<'_> {
    /// Records what an attempt to hand a notification on came to, unless its verdict has changed since it was
    /// read from the queue or somebody has asked for it again: then it is handed on once more, and this
    /// attempt does not count.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    pub fn handed_on(
        &mut self,
        received: &Received,
        result: &HandedOn<'_>,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        let (state, handed_to, next, error) = match *result {
            HandedOn::Delivered => (HandingOn::Delivered, received.handed_to.as_slice(), None, None),
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
                    ":handed_to": serde_json::to_string(handed_to).unwrap_or_default(),
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
    /// The store cannot be written.
    pub fn hand_on_again(&mut self, id: i64, at: Timestamp) -> Result<(), LedgerError> {
        let written = self
            .transaction()
            .prepare_cached(
                "UPDATE notifications SET handing_on = 'pending', handed_to = '[]', hand_on_tries = 0, hand_on_at = ?2,
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
    /// The store cannot be written.
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

    /// Has those checked that were stored while nobody asked for it.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    pub fn check_unasked(&mut self, account: &Account, at: Timestamp) -> Result<(), LedgerError> {
        let check = || -> rusqlite::Result<()> {
            let unasked: i64 =
                self.transaction().query_row("SELECT unasked FROM totals", [], |row| row.get(0))?;
            if unasked == 0 {
                return Ok(());
            }
            // No index holds them, which each arrival would pay for: this happens once, when checking begins.
            let asked = self.transaction().execute(
                "UPDATE notifications SET verify_at = ?3
                 WHERE +environment = ?1 AND +api_id = ?2 AND verdict IS NULL AND verify_at IS NULL",
                params![account.environment, account.api_id, at.as_millisecond()],
            )?;
            self.add(0, i64::try_from(asked).unwrap_or(i64::MAX).saturating_neg());
            Ok(())
        };
        check().map_err(|source| self.failed(&source))
    }
}

impl NotificationStore {
    /// The stored notifications of which this is due by now: first what is confirmed, and before there is a
    /// verdict what may be; of those the longest due first. Of those that have the same `TID` only the first, so
    /// that they keep their order.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn due_notifications(
        &self,
        account: &Account,
        due: Due,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Received>, LedgerError> {
        self.due_of(account, due, &Rank::ALL, now, limit)
    }

    /// As [`NotificationStore::due_notifications`], only those that come first.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn first_due(
        &self,
        account: &Account,
        due: Due,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Received>, LedgerError> {
        self.due_of(account, due, &[Rank::Known], now, limit)
    }

    fn due_of(
        &self,
        account: &Account,
        due: Due,
        ranks: &[Rank],
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Received>, LedgerError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM notifications
             WHERE environment = ?1 AND api_id = ?2 AND hand_on_rank = ?3 AND {} AND hand_on_at <= ?4
             ORDER BY hand_on_at, id LIMIT ?5",
            condition(due)
        );
        let mut found: Vec<Received> = Vec::new();
        let mut read = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare_cached(&sql)?;
            for rank in ranks {
                let left = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
                let values =
                    params![account.environment, account.api_id, rank.number(), now.as_millisecond(), left];
                for received in statement.query_map(values, read)? {
                    found.push(received?);
                }
            }
            Ok(())
        };
        read().map_err(|source| self.failed(&source))?;
        Ok(found)
    }

    /// When the next of them is due, if any ever is.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn next_due(&self, account: &Account, due: Due) -> Result<Option<Timestamp>, LedgerError> {
        let sql = format!(
            "SELECT hand_on_at FROM notifications
             WHERE environment = ?1 AND api_id = ?2 AND hand_on_rank = ?3 AND {} ORDER BY hand_on_at LIMIT 1",
            condition(due)
        );
        let read = || -> rusqlite::Result<Option<Timestamp>> {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let mut next: Option<Timestamp> = None;
            for rank in Rank::ALL {
                let values = params![account.environment, account.api_id, rank.number()];
                let at = statement.query_row(values, |row| time(row, 0)).optional()?;
                next = next.into_iter().chain(at).min();
            }
            Ok(next)
        };
        read().map_err(|source| self.failed(&source))
    }
}

/// Which of those to be handed on wait for an earlier one of the same `TID`, so that a cancel never overtakes
/// the payment it cancels. Only what may be of the same link counts. Once there are verdicts, what is confirmed waits
/// for nothing that was found to be anything else, nor for what is of no link that the ledger knows, and those that
/// were found to be false hold nothing back but one another: whoever forges one must not be able to keep the true one
/// from its target, nor to fill the queue.
macro_rules! held_back {
    ($earlier:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM notifications AS earlier
                 WHERE earlier.tid = notifications.tid AND earlier.id < notifications.id
                   AND earlier.handing_on = 'pending'
                   AND earlier.environment = notifications.environment AND earlier.api_id = notifications.api_id
                   AND (earlier.url_key = notifications.url_key
                        OR earlier.url_key IS NULL OR notifications.url_key IS NULL)
                   AND (",
            $earlier,
            "))"
        )
    };
}

/// The condition of work that is due at all.
const fn condition(due: Due) -> &'static str {
    match due {
        Due::HandOn => concat!(
            "handing_on = 'pending' AND ",
            held_back!(
                "earlier.verdict IS NULL OR earlier.verdict = 'confirmed'
                 OR coalesce(notifications.verdict, '') <> 'confirmed' AND earlier.verdict NOT IN ('mismatch', 'foreign')
                 OR notifications.verdict IN ('mismatch', 'foreign')"
            )
        ),
        Due::HandOnVerified => concat!(
            "handing_on = 'pending' AND verdict IS NOT NULL AND ",
            held_back!(
                "earlier.verdict IS NULL AND earlier.verify_rank = 0 OR earlier.verdict = 'confirmed'
                 OR notifications.verdict <> 'confirmed' AND coalesce(earlier.verdict, 'foreign') NOT IN ('mismatch', 'foreign')
                 OR notifications.verdict IN ('mismatch', 'foreign') AND earlier.verdict IS NOT NULL"
            )
        ),
        Due::HandOnConfirmed => concat!(
            "handing_on = 'pending' AND verdict = 'confirmed' AND ",
            held_back!("earlier.verdict IS NULL AND earlier.verify_rank = 0 OR earlier.verdict = 'confirmed'")
        ),
    }
}
