//! What is to be done about a notification that goes out. It is decided here, in one transaction,
//! whichever process delivers: so a fault for so many notifications strikes that many, and a
//! notification that is kept back is taken along by one process only.

use std::time::Duration;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, params};

use super::pay::{self, Notification};
use super::{NOTIFY_URL, State, setting};
use crate::emulator::error::EmulatorError;
use crate::emulator::fault::{self, Fault, FaultError, NotiFault};

/// What is to be done about one notification.
#[derive(Debug)]
pub(in crate::emulator) struct Plan {
    /// Where it goes.
    pub(in crate::emulator) url: String,
    /// How long before it is posted.
    pub(in crate::emulator) delay: Duration,
    /// What else strikes it.
    pub(in crate::emulator) fault: Option<NotiFault>,
    /// The one that was kept back until this one was posted, and is to be posted after it.
    pub(in crate::emulator) overtaken: Option<Notification>,
}

/// A fault is stored as it is written in the grammar.
impl ToSql for Fault {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.to_string()))
    }
}

impl FromSql for Fault {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(|error: FaultError| FromSqlError::Other(Box::new(error)))
    }
}

impl State {
    /// Decides what is to be done about `notification`, and counts it against the faults of the
    /// running server. None if no server with a notify URL is running.
    pub(in crate::emulator) fn plan(
        &mut self,
        notification: &Notification,
    ) -> Result<Option<Plan>, EmulatorError> {
        let transaction = self.begin()?;
        let Some(url) = setting(&transaction, NOTIFY_URL)? else { return Ok(None) };
        let one_waits =
            transaction.prepare_cached("SELECT 1 FROM notifications WHERE kept_back = 1")?.exists([])?;
        let mut faults = faults(&transaction)?;
        let strike = fault::strike_notification(&mut faults, one_waits);
        set_faults(&transaction, &faults)?;
        let is_posted = !matches!(strike.kind, Some(NotiFault::Reordered | NotiFault::NeverSent));
        let delay = if is_posted { strike.delay } else { Duration::ZERO };
        let overtaken = if is_posted { take_kept_back(&transaction)? } else { None };
        transaction.execute(
            "UPDATE notifications SET fault = ?2, late_ms = ?3, kept_back = ?4 WHERE id = ?1",
            params![
                notification.id,
                strike.kind.map_or("", NotiFault::name),
                i64::try_from(delay.as_millis()).unwrap_or(i64::MAX),
                strike.kind == Some(NotiFault::Reordered),
            ],
        )?;
        transaction.commit()?;
        Ok(Some(Plan { url, delay, fault: strike.kind, overtaken }))
    }

    /// Records what came of posting a notification: the status of the answer, or that there was
    /// none.
    pub(in crate::emulator) fn record_outcome(
        &mut self,
        notification: &Notification,
        outcome: &Result<u16, String>,
    ) -> Result<(), EmulatorError> {
        let outcome = outcome.as_ref().map_or_else(|_| "failed".to_owned(), ToString::to_string);
        // After a reset, while this one was on its way, another may have its id.
        self.connection.execute(
            "UPDATE notifications SET outcome = ?3 WHERE id = ?1 AND body = ?2",
            params![notification.id, notification.body, outcome],
        )?;
        Ok(())
    }

    /// Replaces the faults of notifications, unless another server has announced itself since the
    /// one that wants its notifications at `notify_url`.
    pub(in crate::emulator) fn replace_faults(
        &mut self,
        notify_url: &str,
        faults: &[Fault],
    ) -> Result<(), EmulatorError> {
        let transaction = self.begin()?;
        if setting(&transaction, NOTIFY_URL)?.as_deref() == Some(notify_url) {
            set_faults(&transaction, faults)?;
        }
        transaction.commit()?;
        Ok(())
    }
}

fn faults(connection: &Connection) -> rusqlite::Result<Vec<Fault>> {
    connection
        .prepare_cached("SELECT fault FROM notification_faults ORDER BY id")?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// From now on these strike notifications, in this order, and no others do.
pub(super) fn set_faults(connection: &Connection, faults: &[Fault]) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM notification_faults", [])?;
    let mut statement = connection.prepare_cached("INSERT INTO notification_faults (fault) VALUES (?1)")?;
    for fault in faults {
        statement.execute([fault])?;
    }
    Ok(())
}

/// The notification that is kept back, if one is; from now on it is not, and whoever has it is to
/// post it.
pub(super) fn take_kept_back(connection: &Connection) -> rusqlite::Result<Option<Notification>> {
    connection
        .prepare_cached(
            "UPDATE notifications SET kept_back = 0 WHERE kept_back = 1 RETURNING id, kind, body",
        )?
        .query_row([], |row| {
            let kind: String = row.get(1)?;
            Ok(Notification { id: row.get(0)?, kind: pay::known_kind(&kind), body: row.get(2)? })
        })
        .optional()
}
