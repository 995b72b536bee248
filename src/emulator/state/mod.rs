//! The emulator's state: one SQLite file that several processes may open at once.
//!
//! Every operation is one transaction, taken for writing from its start, so that two processes
//! never decide on the same old facts. No secret of a merchant is stored: of a key there is only
//! a digest, by which it is known again.

mod answer;
mod bill;
mod outgoing;
mod overview;
mod pay;
mod schema;

use std::fmt;
use std::path::Path;

use data_encoding::HEXLOWER;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

pub(super) use answer::{Links, Message, Record};
pub(super) use bill::{Bill, Payment};
pub use bill::{BillState, Method, UnknownMethod};
pub(super) use outgoing::Plan;
pub use overview::{Counts, MessageCounts, RequestCounts};
pub(super) use overview::{Overview, SentMessage, SentNotification};
pub use pay::{Notification, Transition};

use super::clock::{Now, Random, rfc3339};
use super::error::EmulatorError;
use super::fault::Fault;

/// The settings that belong to a running server, which `reset` therefore leaves alone.
const NOTIFY_URL: &str = "notify_url";
const SERVED_AT: &str = "served_at";
const SIGNING_KEY: &str = "signing_key";

/// What a server offers to other processes while it runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Offer {
    /// Where its pay pages are, such as `http://127.0.0.1:7400`.
    pub(super) served_at: Option<String>,
    /// Where it wants notifications.
    pub(super) notify_url: Option<String>,
}

impl Offer {
    fn settings(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [(SERVED_AT, &self.served_at), (NOTIFY_URL, &self.notify_url)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }
}

/// An open state.
pub struct State {
    connection: Connection,
    now: Now,
    random: Random,
}

impl fmt::Debug for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("State").finish_non_exhaustive()
    }
}

impl State {
    /// Opens the state at `path`, making file (mode 0600) and directory (0700) if need be.
    ///
    /// # Errors
    ///
    /// When the file cannot be made or read, or is of a newer version of the program.
    pub fn open(path: &Path, now: Now, random: Random) -> Result<Self, EmulatorError> {
        Ok(Self { connection: schema::open(path)?, now, random })
    }

    /// Forgets every account, bill, message, payment, notification and request, and with the
    /// signing key every token; also the faults of notifications, so that a server that was killed
    /// leaves none behind. A server that is running goes on with the empty state.
    ///
    /// # Errors
    ///
    /// When the state cannot be written.
    pub fn reset(&mut self) -> Result<(), EmulatorError> {
        let transaction = self.begin()?;
        transaction.execute_batch(
            "DELETE FROM notifications; DELETE FROM messages; DELETE FROM payments;
             DELETE FROM bills; DELETE FROM requests; DELETE FROM accounts;
             DELETE FROM notification_faults;",
        )?;
        transaction.execute("DELETE FROM settings WHERE name = ?1", [SIGNING_KEY])?;
        transaction.commit()?;
        Ok(())
    }

    /// Where the running `emulator serve` wants its notifications; none if nobody asked for them.
    /// One that was killed leaves its wish behind until the next one starts.
    ///
    /// # Errors
    ///
    /// When the state cannot be read.
    pub fn notify_url(&self) -> Result<Option<String>, EmulatorError> {
        Ok(setting(&self.connection, NOTIFY_URL)?)
    }

    /// The address, such as `http://127.0.0.1:7400`, of the `emulator serve` that was started
    /// last and not stopped since.
    ///
    /// # Errors
    ///
    /// When the state cannot be read.
    pub fn served_at(&self) -> Result<Option<String>, EmulatorError> {
        Ok(setting(&self.connection, SERVED_AT)?)
    }

    /// Records what a server offers while it runs and the faults of its notifications, in place of
    /// what another did.
    pub(super) fn announce(&mut self, offer: &Offer, faults: &[Fault]) -> Result<(), EmulatorError> {
        if *offer == Offer::default() {
            return Ok(());
        }
        let transaction = self.begin()?;
        // One that was killed could not take back what it had recorded, and what it kept back
        // would surprise the merchant of this one.
        transaction.execute("DELETE FROM settings WHERE name = ?1", [NOTIFY_URL])?;
        let _given_up = outgoing::take_kept_back(&transaction)?;
        for (name, value) in offer.settings() {
            set(&transaction, name, value)?;
        }
        // Nobody is notified by a server without a notify URL, so nothing of it could be struck.
        let faults = if offer.notify_url.is_some() { faults } else { &[] };
        outgoing::set_faults(&transaction, faults)?;
        transaction.commit()?;
        Ok(())
    }

    /// Takes back what [`Self::announce`] recorded, unless another server has replaced it since.
    /// What this server still kept back is handed over, to be posted now.
    pub(super) fn withdraw(&mut self, offer: &Offer) -> Result<Option<Notification>, EmulatorError> {
        if *offer == Offer::default() {
            return Ok(None);
        }
        let transaction = self.begin()?;
        let mut kept_back = None;
        for (name, value) in offer.settings() {
            let withdrawn =
                transaction.execute("DELETE FROM settings WHERE name = ?1 AND value = ?2", [name, value])?;
            if name == NOTIFY_URL && withdrawn > 0 {
                outgoing::set_faults(&transaction, &[])?;
                kept_back = outgoing::take_kept_back(&transaction)?;
            }
        }
        transaction.commit()?;
        Ok(kept_back)
    }

    fn begin(&mut self) -> rusqlite::Result<Transaction<'_>> {
        self.connection.transaction_with_behavior(TransactionBehavior::Immediate)
    }

    fn now_text(&self) -> String {
        rfc3339((self.now)())
    }
}

fn setting(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT value FROM settings WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

fn set(connection: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO settings (name, value) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [name, value],
    )?;
    Ok(())
}

/// The key that signs tokens, made when it is first needed. It signs for this emulator only.
fn signing_key(connection: &Connection, random: &Random) -> rusqlite::Result<[u8; 32]> {
    let stored = setting(connection, SIGNING_KEY)?
        .and_then(|text| HEXLOWER.decode(text.as_bytes()).ok())
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    if let Some(key) = stored {
        return Ok(key);
    }
    let mut key = [0_u8; 32];
    random(&mut key);
    set(connection, SIGNING_KEY, &HEXLOWER.encode(&key))?;
    Ok(key)
}

/// Of the texts that `write` makes of the numbers from `start` on, below `bound`, the first that
/// `taken` does not find. So even a poor source of randomness never gives two bills one number.
fn free_number(
    connection: &Connection,
    taken: &str,
    start: u64,
    bound: u64,
    write: impl Fn(u64) -> String,
) -> rusqlite::Result<String> {
    let mut statement = connection.prepare_cached(taken)?;
    let mut number = start;
    loop {
        let text = write(number);
        let next = number.saturating_add(1);
        number = if next < bound { next } else { 0 };
        // When all are taken, the unique index says so where the number is used.
        if number == start || !statement.exists([&text])? {
            return Ok(text);
        }
    }
}
