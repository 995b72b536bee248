//! The state's file and its tables. Migrations are only ever added, never edited.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::emulator::error::EmulatorError;

/// How long one process waits for the transaction of another.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How often the switch to write-ahead logging is tried, and the pause between.
const WAL_ATTEMPTS: u32 = 200;
const WAL_PAUSE: Duration = Duration::from_millis(10);

const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE accounts (
        kind TEXT NOT NULL CHECK (kind IN ('api', 'pay2')),
        id TEXT NOT NULL,
        key_digest TEXT NOT NULL,
        first_seen TEXT NOT NULL,
        PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE bills (
        id INTEGER PRIMARY KEY,
        api_id TEXT NOT NULL,
        bill_no TEXT NOT NULL,
        url_key TEXT NOT NULL UNIQUE,
        pay_key TEXT NOT NULL UNIQUE,
        product TEXT NOT NULL,
        amount INTEGER NOT NULL CHECK (amount > 0),
        buyer_name TEXT NOT NULL,
        buyer_phone TEXT NOT NULL,
        buyer_email TEXT NOT NULL,
        tax TEXT NOT NULL,
        memo TEXT NOT NULL,
        payment_type TEXT NOT NULL,
        etc1 TEXT NOT NULL,
        etc2 TEXT NOT NULL,
        created_at TEXT NOT NULL,
        UNIQUE (api_id, bill_no)
    ) STRICT;

    CREATE TABLE messages (
        id INTEGER PRIMARY KEY,
        bill INTEGER NOT NULL REFERENCES bills (id),
        channel TEXT NOT NULL CHECK (channel IN ('sms', 'email', 'kakao')),
        recipient TEXT NOT NULL,
        text TEXT NOT NULL,
        sent_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX messages_of_bill ON messages (bill);

    CREATE TABLE payments (
        bill INTEGER PRIMARY KEY REFERENCES bills (id),
        method TEXT NOT NULL CHECK (method IN ('card', 'bank', 'vacct', 'mobile')),
        order_no TEXT NOT NULL UNIQUE,
        tid TEXT NOT NULL UNIQUE,
        accept_no TEXT NOT NULL,
        accepted_at TEXT NOT NULL,
        account_no TEXT NOT NULL,
        deposit_due TEXT NOT NULL,
        cancelled_amount INTEGER NOT NULL DEFAULT 0 CHECK (cancelled_amount >= 0),
        cancelled_at TEXT NOT NULL DEFAULT '',
        cancel_message TEXT NOT NULL DEFAULT ''
    ) STRICT;

    CREATE TABLE notifications (
        id INTEGER PRIMARY KEY,
        bill INTEGER NOT NULL REFERENCES bills (id),
        kind TEXT NOT NULL CHECK (kind IN ('approval', 'cancel', 'deposit_cancel')),
        body TEXT NOT NULL,
        made_at TEXT NOT NULL,
        outcome TEXT NOT NULL DEFAULT ''
    ) STRICT;

    CREATE TABLE requests (
        id INTEGER PRIMARY KEY,
        endpoint TEXT NOT NULL CHECK (endpoint IN ('send', 'token', 'urlcert')),
        at TEXT NOT NULL,
        status INTEGER,
        result_code TEXT NOT NULL
    ) STRICT;
    CREATE INDEX requests_by_endpoint ON requests (endpoint);

    CREATE TABLE settings (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    ",
    "
    CREATE TABLE notification_faults (
        id INTEGER PRIMARY KEY,
        fault TEXT NOT NULL
    ) STRICT;

    ALTER TABLE notifications ADD COLUMN fault TEXT NOT NULL DEFAULT '';
    ALTER TABLE notifications ADD COLUMN late_ms INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE notifications ADD COLUMN kept_back INTEGER NOT NULL DEFAULT 0
        CHECK (kept_back IN (0, 1));
    CREATE UNIQUE INDEX one_is_kept_back ON notifications (kept_back) WHERE kept_back = 1;
    ",
    // The API_ID of the merchant whose id for tokens it is, once that is known.
    "
    ALTER TABLE accounts ADD COLUMN merchant TEXT;
    ",
];

/// Opens the file at `path`, making it and its directory if need be, at the newest version.
pub(super) fn open(path: &Path) -> Result<Connection, EmulatorError> {
    make_private(path).map_err(|source| EmulatorError::StateFile { path: path.to_owned(), source })?;
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    write_ahead(&connection)?;
    // Closing would move the log into the main file and wait for the disk, at the end of every
    // command of the profile `local`. The log is moved anyway whenever it has grown.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;")?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// SQLite gives its side files the permissions of the main one, so this one has to exist first.
fn make_private(path: &Path) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    if let Some(directory) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(directory)?;
    }
    let mut options = File::options();
    // Another process may make the file in the same moment: that is as good.
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// The switch needs the file for itself and does not always honour the busy timeout, so two
/// processes that open a new file at once would otherwise fail.
fn write_ahead(connection: &Connection) -> Result<(), rusqlite::Error> {
    let mut attempts = 0;
    loop {
        let switched = connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()));
        match switched {
            Err(rusqlite::Error::SqliteFailure(failure, _))
                if failure.code == ErrorCode::DatabaseBusy && attempts < WAL_ATTEMPTS =>
            {
                attempts = attempts.saturating_add(1);
                thread::sleep(WAL_PAUSE);
            }
            other => return other,
        }
    }
}

fn version(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn migrate(connection: &mut Connection) -> Result<(), EmulatorError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if version(connection)? == known {
        return Ok(());
    }
    // Read again within the transaction: another process may have migrated in the meantime.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    if found > known {
        return Err(EmulatorError::StateVersion { found, known });
    }
    let applied = usize::try_from(found).unwrap_or(0);
    for migration in MIGRATIONS.iter().skip(applied) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_state_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("emulator.db");
        let connection = open(&path).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        drop(connection);
        let error = open(&path).unwrap_err();
        assert!(matches!(error, EmulatorError::StateVersion { found: 99, known: 3 }));
    }

    #[test]
    fn a_state_of_the_first_version_keeps_what_it_holds() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("emulator.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(MIGRATIONS[0]).unwrap();
        connection
            .execute_batch(
                "INSERT INTO bills VALUES (1, 'shop', 'B1', 'k', 'k', 'tea', 10, '', '', '', '', '', '', '',
                     '', '');
                 INSERT INTO notifications (bill, kind, body, made_at) VALUES (1, 'approval', '{}', '');
                 PRAGMA user_version = 1;",
            )
            .unwrap();
        drop(connection);
        let connection = open(&path).unwrap();
        let held = connection
            .query_row("SELECT body, fault, late_ms, kept_back FROM notifications", [], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?))
            })
            .unwrap();
        assert_eq!(held, ("{}".to_owned(), String::new(), 0, false));
        assert_eq!(version(&connection).unwrap(), 3);
    }

    #[test]
    fn many_may_open_a_new_file_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new").join("emulator.db");
        thread::scope(|scope| {
            let openings: Vec<_> = (0..8).map(|_| scope.spawn(|| open(&path))).collect();
            for opening in openings {
                opening.join().unwrap().unwrap();
            }
        });
    }

    #[cfg(unix)]
    #[test]
    fn the_file_and_its_directory_are_private() {
        use std::os::unix::fs::PermissionsExt;

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("data").join("emulator.db");
        let connection = open(&path).unwrap();
        connection.execute("INSERT INTO settings (name, value) VALUES ('a', 'b')", []).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&path.with_extension("db-wal")), 0o600);
    }
}
