//! Notifications that were received: stored once however often they come, with what a check said of
//! each and how far it was handed on.
//!
//! The body is kept as it came. What it means is for others to say; the store is told what makes two
//! of them the same. Storing stands here, the file, its limit, verdicts, the queues of work and the list beside it,
//! and in `known` what the ledger says of the link that a notification names.

mod checks;
mod known;
mod limit;
mod listing;
mod moving;
mod payments;
mod queue;
pub(super) mod schema;
mod store;
mod verdict;

#[cfg(test)]
mod tests;

pub use checks::{DueLink, Unrecognised};
pub use known::Named;
pub use store::{NotificationGroup, NotificationStore};

use jiff::Timestamp;
use rusqlite::{Row, named_params};

use super::LedgerError;
use super::entry::{Account, maybe, time, wrong};
use crate::payment::{HandingOn, Verdict};

/// What two notifications that are the same have in common.
pub type Identity = [u8; 16];

/// In which order notifications are checked, and handed on before they are: what can only be made up must not delay
/// what may be a payment of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// It is of a link that the ledger knows.
    Known,
    /// It is of another link: `CookiePay` has to be asked.
    Other,
    /// No question can confirm it.
    Hopeless,
}

impl Rank {
    const ALL: [Self; 3] = [Self::Known, Self::Other, Self::Hopeless];

    const fn number(self) -> i64 {
        match self {
            Self::Known => 0,
            Self::Other => 1,
            Self::Hopeless => 2,
        }
    }
}

/// A notification that came, to be stored.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// Whose receiver it came to.
    pub account: &'a Account,
    /// What makes it the same as another.
    pub identity: Identity,
    /// `approval`, `cancel`, `deposit_cancel` or `failure`.
    pub kind: &'a str,
    /// `TID`.
    pub tid: Option<&'a str>,
    /// The link that it is of, as far as is known: `SMS_INPUT`, or of a cancel the link of its payment.
    pub url_key: Option<&'a str>,
    /// What comes first.
    pub rank: Rank,
    /// Whether its link or its payment is one that the ledger knows: the limit does not keep it out.
    pub is_needed: bool,
    /// So many bytes of what is not confirmed are kept.
    pub limit: u64,
    /// The body as it came.
    pub body: &'a [u8],
    /// Now.
    pub at: Timestamp,
    /// When it is to be checked; `None` where nobody asked for that.
    pub verify_at: Option<Timestamp>,
    /// Whether it is to be handed on.
    pub handing_on: HandingOn,
}

/// What became of an arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It is new, and has this number.
    New(i64),
    /// It is a copy of the one with this number.
    Copy(i64),
    /// There is no room for what nobody needs.
    Full,
}

/// A stored notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its number in this store.
    pub id: i64,
    /// What makes it the same as another.
    pub identity: Identity,
    /// Random, and of no other notification of any store.
    pub key: [u8; 16],
    /// `TID`.
    pub tid: Option<String>,
    /// The link that it is of, as far as is known.
    pub url_key: Option<String>,
    /// The body as it came first.
    pub body: Vec<u8>,
    /// When it came first.
    pub received_at: Timestamp,
    /// How often it came.
    pub copies: u64,
    /// What the last check said; `None` where there was none yet.
    pub verdict: Option<Verdict>,
    /// Why.
    pub reasons: Vec<String>,
    /// Of a confirmed one what `CookiePay` and the ledger say, in the words of whoever confirmed it.
    pub confirmed: Option<String>,
    /// When it was last checked.
    pub verified_at: Option<Timestamp>,
    /// When it is checked next.
    pub verify_at: Option<Timestamp>,
    /// When its next check is due that counts.
    pub recheck_at: Option<Timestamp>,
    /// How many scheduled checks there were; before its first verdict, how often it could not be checked.
    pub verify_tries: u32,
    /// How far it was handed on.
    pub handing_on: HandingOn,
    /// Whether it is handed on before others: it is confirmed, or may be.
    pub comes_first: bool,
    /// The targets that have it already, by the names that the receiver has for them.
    pub handed_to: Vec<String>,
    /// How often handing it on was tried in vain since it was last asked for.
    pub hand_on_tries: u32,
    /// When it is tried next.
    pub hand_on_at: Option<Timestamp>,
    /// Why it could not be handed on.
    pub hand_on_error: Option<String>,
    /// When the last target had it.
    pub handed_on_at: Option<Timestamp>,
}

/// Which stored notifications; every part that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct ReceivedFilter {
    /// Its number.
    pub id: Option<i64>,
    /// `TID`.
    pub tid: Option<String>,
    /// What the last check said.
    pub verdict: Option<Verdict>,
    /// How far it was handed on.
    pub handing_on: Option<HandingOn>,
    /// Received at or after.
    pub since: Option<Timestamp>,
    /// Received before.
    pub until: Option<Timestamp>,
    /// At most this many, the newest.
    pub limit: Option<u32>,
}

/// Which work on stored notifications is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Those to be handed on.
    HandOn,
    /// Those to be handed on that were checked.
    HandOnVerified,
    /// Those to be handed on that are confirmed.
    HandOnConfirmed,
}

/// What an attempt to hand a notification on came to.
#[derive(Debug, Clone, Copy)]
pub enum HandedOn<'a> {
    /// Every target has it.
    Delivered,
    /// Some target has it not: these have, and it is tried again at this time.
    Again {
        /// The targets that have it.
        handed_to: &'a [String],
        /// When it is tried next.
        next: Timestamp,
        /// Why some target has it not.
        error: &'a str,
    },
    /// As [`HandedOn::Again`], for the last time.
    Dead {
        /// The targets that have it.
        handed_to: &'a [String],
        /// Why some target has it not.
        error: &'a str,
    },
}

/// The columns that [`read`] wants, in its order.
const COLUMNS: &str = "id, identity, body, received_at, copies, verdict, reasons, verified_at, verify_tries, \
     handing_on, handed_to, hand_on_tries, hand_on_at, hand_on_error, handed_on_at, tid, key, confirmed, recheck_at, \
     hand_on_rank = 0, url_key, verify_at";

impl NotificationGroup<'_> {
    /// Stores a notification, or counts one more copy of it. A copy has one that may come true be checked again:
    /// whoever sends it again may know more. Such a check is beside those that are scheduled.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    pub fn store(&mut self, arrival: &Arrival<'_>) -> Result<Stored, LedgerError> {
        self.try_store(arrival).map_err(|source| self.failed(&source))
    }

    fn try_store(&self, arrival: &Arrival<'_>) -> rusqlite::Result<Stored> {
        if !self.has_room(arrival)? && !self.is_stored(arrival)? {
            return Ok(Stored::Full);
        }
        let at = arrival.at.as_millisecond();
        let verify_at = arrival.verify_at.map(Timestamp::as_millisecond);
        let due = (arrival.handing_on == HandingOn::Pending).then_some(at);
        // Nothing is returned by it: `RETURNING` has each page copied first that the statement changes.
        let inserted = self
            .transaction()
            .prepare_cached(
                "INSERT INTO notifications (identity, key, environment, api_id, kind, tid, url_key, body, received_at,
                     last_at, verify_rank, verify_at, handing_on, hand_on_rank, hand_on_at)
                 VALUES (:identity, randomblob(16), :environment, :api_id, :kind, :tid, :url_key, :body, :at,
                     :at, :rank, :verify_at, :handing_on, :rank, :due)
                 ON CONFLICT (identity) DO NOTHING",
            )?
            .execute(named_params! {
                ":identity": arrival.identity,
                ":environment": arrival.account.environment,
                ":api_id": arrival.account.api_id,
                ":kind": arrival.kind,
                ":tid": arrival.tid,
                ":url_key": arrival.url_key,
                ":body": arrival.body,
                ":at": at,
                ":verify_at": verify_at,
                ":rank": arrival.rank.number(),
                ":handing_on": arrival.handing_on.as_str(),
                ":due": due,
            })?;
        if inserted == 0 {
            return self.count_copy(&arrival.identity, at, verify_at).map(Stored::Copy);
        }
        self.add(limit::size(arrival.body), i64::from(arrival.verify_at.is_none()));
        Ok(Stored::New(self.transaction().last_insert_rowid()))
    }

    /// Counts a copy, and returns the number of what it is a copy of.
    fn count_copy(&self, identity: &Identity, at: i64, verify_at: Option<i64>) -> rusqlite::Result<i64> {
        self.transaction()
            .prepare_cached(
                "UPDATE notifications SET copies = copies + 1, last_at = :at,
                     verify_at = iif(verdict IN ('unconfirmed', 'unlinked', 'unrecorded'),
                         coalesce(:verify_at, verify_at), verify_at)
                 WHERE identity = :identity RETURNING id",
            )?
            .query_row(named_params! { ":identity": identity, ":at": at, ":verify_at": verify_at }, |row| {
                row.get(0)
            })
    }
}

/// Reads a row of [`COLUMNS`].
fn read(row: &Row<'_>) -> rusqlite::Result<Received> {
    let list = |column: usize| -> rusqlite::Result<Vec<String>> {
        let text: String = row.get(column)?;
        serde_json::from_str(&text).map_err(|error| wrong(column, &error.to_string()))
    };
    let at = |column| row.get::<_, Option<i64>>(column)?.map(|_| time(row, column)).transpose();
    Ok(Received {
        id: row.get(0)?,
        identity: row.get(1)?,
        body: row.get(2)?,
        received_at: time(row, 3)?,
        copies: row.get(4)?,
        verdict: maybe(row, 5)?,
        reasons: list(6)?,
        verified_at: at(7)?,
        verify_tries: row.get(8)?,
        handing_on: maybe(row, 9)?.ok_or_else(|| wrong(9, "it is empty"))?,
        handed_to: list(10)?,
        hand_on_tries: row.get(11)?,
        hand_on_at: at(12)?,
        hand_on_error: row.get(13)?,
        handed_on_at: at(14)?,
        tid: row.get(15)?,
        key: row.get(16)?,
        confirmed: row.get(17)?,
        recheck_at: at(18)?,
        comes_first: row.get(19)?,
        url_key: row.get(20)?,
        verify_at: at(21)?,
    })
}
