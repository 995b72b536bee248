//! The tables. Migrations are append-only: one that was released is never edited.

use std::fs::File;
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::Location;
use super::error::LedgerError;
use super::notification::NotificationStore;
use crate::lock;

/// The lock of whoever makes or changes the tables of the ledger.
pub(super) const LOCK: &str = "ledger.lock";

/// One SQL script a schema version, in order; `user_version` counts those that were applied.
/// Times are UTC milliseconds since 1970, amounts won.
pub(super) const MIGRATIONS: &[&str] = &[
    r"
CREATE TABLE bills (
    id             INTEGER PRIMARY KEY,
    environment    TEXT NOT NULL,
    api_id         TEXT NOT NULL,
    bill_no        TEXT NOT NULL,
    channel        TEXT NOT NULL,
    product        TEXT NOT NULL,
    amount         INTEGER NOT NULL CHECK (amount > 0),
    buyer          TEXT NOT NULL,
    phone          TEXT NOT NULL,
    email          TEXT,
    memo           TEXT,
    tax            TEXT,
    etc1           TEXT,
    etc2           TEXT,
    payment_type   TEXT,
    batch          TEXT,
    batch_row      INTEGER,
    outcome        TEXT NOT NULL,
    run            TEXT NOT NULL,
    result_code    TEXT,
    result_message TEXT,
    url_key        TEXT,
    pay_url        TEXT,
    state          TEXT,
    paid_at        TEXT,
    requested_at   INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    operator       TEXT NOT NULL,
    UNIQUE (environment, api_id, bill_no)
) STRICT;
CREATE INDEX bills_by_url_key ON bills (url_key);
CREATE INDEX bills_by_pay_url ON bills (pay_url);
CREATE INDEX bills_by_content ON bills (phone, amount, requested_at);
CREATE INDEX bills_by_batch ON bills (batch, batch_row);

CREATE TABLE attempts (
    id             INTEGER PRIMARY KEY,
    bill_id        INTEGER NOT NULL REFERENCES bills (id),
    kind           TEXT NOT NULL,
    channel        TEXT NOT NULL,
    run            TEXT NOT NULL,
    operator       TEXT NOT NULL,
    started_at     INTEGER NOT NULL,
    settled_at     INTEGER,
    outcome        TEXT,
    result_code    TEXT,
    result_message TEXT,
    url_key        TEXT,
    pay_url        TEXT,
    reason         TEXT
) STRICT;
CREATE INDEX attempts_by_bill ON attempts (bill_id);

CREATE TABLE events (
    id       INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    bill_id  INTEGER REFERENCES bills (id),
    url_key  TEXT,
    operator TEXT NOT NULL,
    body     TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_url_key ON events (url_key, kind, id);
",
    r"
CREATE TABLE notifications (
    id            INTEGER PRIMARY KEY,
    identity      BLOB NOT NULL UNIQUE,
    environment   TEXT NOT NULL,
    api_id        TEXT NOT NULL,
    kind          TEXT NOT NULL,
    tid           TEXT,
    url_key       TEXT,
    body          BLOB NOT NULL,
    received_at   INTEGER NOT NULL,
    last_at       INTEGER NOT NULL,
    copies        INTEGER NOT NULL DEFAULT 1,
    verdict       TEXT,
    reasons       TEXT NOT NULL DEFAULT '[]',
    verified_at   INTEGER,
    verify_at     INTEGER,
    verify_tries  INTEGER NOT NULL DEFAULT 0,
    handing_on    TEXT NOT NULL,
    handed_to     INTEGER NOT NULL DEFAULT 0,
    hand_on_tries INTEGER NOT NULL DEFAULT 0,
    hand_on_at    INTEGER,
    hand_on_error TEXT,
    handed_on_at  INTEGER
) STRICT;
CREATE INDEX notifications_by_time ON notifications (received_at);
CREATE INDEX notifications_by_tid ON notifications (tid);
CREATE INDEX notifications_to_verify ON notifications (environment, api_id, verify_at)
    WHERE verify_at IS NOT NULL;
CREATE INDEX notifications_to_hand_on ON notifications (environment, api_id, hand_on_at)
    WHERE handing_on = 'pending';
CREATE INDEX notifications_to_hand_on_verified ON notifications (environment, api_id, hand_on_at)
    WHERE handing_on = 'pending' AND verdict IS NOT NULL;
CREATE INDEX notifications_to_hand_on_by_tid ON notifications (tid) WHERE handing_on = 'pending';

CREATE TABLE confirmations (
    identity BLOB PRIMARY KEY,
    at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX events_by_tid ON events (json_extract(body, '$.tid')) WHERE kind = 'status';
",
    // What is listed daily, each in the order in which it is shown. What a partial index holds is asked for to the letter.
    r"
CREATE INDEX bills_by_time ON bills (environment, api_id, created_at);
CREATE INDEX bills_by_state ON bills (environment, api_id, state, created_at) WHERE state IS NOT NULL;
CREATE INDEX bills_by_outcome ON bills (environment, api_id, outcome, created_at);
CREATE INDEX bills_in_batch ON bills (environment, api_id, batch, created_at) WHERE batch IS NOT NULL;
CREATE INDEX bills_unknown ON bills (environment, api_id, created_at) WHERE outcome IN ('unknown', 'in_flight');
CREATE INDEX bills_open ON bills (environment, api_id, created_at)
    WHERE url_key IS NOT NULL AND (state IS NULL OR state NOT IN ('paid', 'cancelled'));
DROP INDEX bills_by_batch;
",
    // Events belong to an account: that of their bill, or the only one there is.
    r"
ALTER TABLE events ADD COLUMN environment TEXT;
ALTER TABLE events ADD COLUMN api_id TEXT;
UPDATE events SET (environment, api_id) = (SELECT environment, api_id FROM bills WHERE bills.id = bill_id)
    WHERE bill_id IS NOT NULL;
WITH accounts AS (SELECT environment, api_id FROM bills UNION SELECT environment, api_id FROM notifications)
UPDATE events SET (environment, api_id) = (SELECT environment, api_id FROM accounts)
    WHERE bill_id IS NULL AND (SELECT count(*) FROM accounts) = 1;
DROP INDEX events_by_url_key;
CREATE INDEX events_by_url_key ON events (url_key, environment, api_id, kind, id);
DROP INDEX events_by_tid;
CREATE INDEX events_by_tid ON events (json_extract(body, '$.tid'), environment, api_id) WHERE kind = 'status';
",
    // `repeat_refused_at`: when CookiePay refused the repeated request for a bill of unknown outcome, which is
    // not repeated any more. `messaged_at`: the last request that proves a message to the customer.
    r"
ALTER TABLE bills ADD COLUMN repeat_refused_at INTEGER;
ALTER TABLE bills ADD COLUMN messaged_at INTEGER;
UPDATE bills SET messaged_at =
    (SELECT max(started_at) FROM attempts WHERE bill_id = bills.id AND attempts.outcome = 'sent');
CREATE INDEX bills_without_link ON bills (environment, api_id, amount)
    WHERE outcome IN ('unknown', 'in_flight') AND url_key IS NULL;
",
    // The ledger gets a random name, under which its journal is known.
    r"
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta (key, value) VALUES ('ledger', lower(hex(randomblob(8))));
",
    // Notifications have a file of their own, into which `migrate` has moved them.
    r"
DROP TABLE notifications;
DROP TABLE confirmations;
",
    // The links of bills that have had more than one, the newest among them; `bills` has the newest alone. A link that
    // is another bill's never was this one's. Of the earlier ones nothing is known, so the bill is cancelled no more.
    r"
CREATE TABLE links (
    id      INTEGER PRIMARY KEY,
    bill_id INTEGER NOT NULL REFERENCES bills (id),
    url_key TEXT NOT NULL,
    pay_url TEXT,
    state   TEXT,
    paid_at TEXT,
    UNIQUE (bill_id, url_key)
) STRICT;
CREATE INDEX links_by_url_key ON links (url_key);
CREATE INDEX links_by_pay_url ON links (pay_url);
INSERT INTO links (bill_id, url_key, pay_url)
    SELECT bills.id, attempts.url_key, max(attempts.pay_url)
    FROM attempts JOIN bills ON bills.id = attempts.bill_id
    WHERE attempts.url_key <> bills.url_key
      AND NOT EXISTS (SELECT 1 FROM bills AS other WHERE other.url_key = attempts.url_key)
    GROUP BY bills.id, attempts.url_key ORDER BY min(attempts.id);
INSERT INTO links (bill_id, url_key, pay_url, state, paid_at)
    SELECT id, url_key, pay_url, state, paid_at FROM bills WHERE id IN (SELECT bill_id FROM links);
UPDATE bills SET state = NULL WHERE state = 'cancelled' AND id IN (SELECT bill_id FROM links);
",
    // A state together with an outcome, as they are listed.
    r"
CREATE INDEX bills_by_state_and_outcome ON bills (environment, api_id, state, outcome, created_at)
    WHERE state IS NOT NULL;
",
];

/// The tables as all migrations together make them; a test compares the two.
const TABLES: &str = include_str!("tables.sql");

/// Brings the database to the newest schema, and refuses one that has other tables than it must have.
pub(super) fn migrate(
    connection: &mut Connection,
    location: &Location,
    path: &Path,
) -> Result<(), LedgerError> {
    let failed = |source: rusqlite::Error| LedgerError::from_database(path, &source);
    let newest = newest(MIGRATIONS);
    let found =
        super::patiently(connection, path, &location.on_wait, super::BUSY_TIMEOUT, || version(connection))
            .map_err(failed)?;
    if found == newest {
        return compare(connection, path, TABLES);
    }
    if found > newest {
        return Err(LedgerError::Newer { path: path.to_path_buf(), found, newest });
    }
    if found == 0 {
        return Err(LedgerError::Corrupt { path: path.to_path_buf(), detail: "it is empty".to_owned() });
    }
    let _held_while_migrating = exclusively(location, LOCK)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    // They are durable in their own file before they are gone here, and nobody can add to them in between.
    if has_notifications(&transaction).map_err(failed)? {
        NotificationStore::take_over(location, path)?;
    }
    bring_up(&transaction, MIGRATIONS).and_then(|()| transaction.commit()).map_err(failed)?;
    compare(connection, path, TABLES)
}

fn has_notifications(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'notifications'")?
        .exists([])
}

/// That there are the tables that these statements make, to the letter, and no trigger and no view. Another program's
/// may have rewritten what the database says. Indexes change no answer and are not compared.
pub(super) fn compare(connection: &Connection, path: &Path, expected: &str) -> Result<(), LedgerError> {
    let found = tables(connection).map_err(|source| LedgerError::from_database(path, &source))?;
    if found == expected {
        return Ok(());
    }
    let expected: Vec<&str> = expected.split_inclusive(END).collect();
    let found: Vec<&str> = found.split_inclusive(END).collect();
    let differs = |one: &[&str], other: &[&str]| {
        one.iter().find(|sql| !other.contains(sql)).and_then(|sql| sql.lines().next()).map(str::to_owned)
    };
    let what = differs(&found, &expected).or_else(|| differs(&expected, &found)).unwrap_or_default();
    let what = what.trim_end_matches(" (");
    let detail = format!("it is damaged, or another program has changed it: `{what}`");
    Err(LedgerError::Corrupt { path: path.to_path_buf(), detail })
}

/// What stands behind every statement of the tables.
const END: &str = ";\n\n";

/// The statements that make what the database has beside indexes and the statistics of `SQLite`.
fn tables(connection: &Connection) -> rusqlite::Result<String> {
    let mut statement = connection.prepare(
        "SELECT sql FROM sqlite_schema
         WHERE type <> 'index' AND NOT (type = 'table' AND name IN ('sqlite_stat1', 'sqlite_stat4')) ORDER BY name",
    )?;
    let mut rows = statement.query([])?;
    let mut tables = String::new();
    while let Some(row) = rows.next()? {
        tables.push_str(row.get_ref(0)?.as_str()?);
        tables.push_str(END);
    }
    Ok(tables)
}

/// Makes the tables of a new database. It comes into its write-ahead mode last, so that everything
/// stands in the one file that is then put in its place.
pub(super) fn create(
    connection: &mut Connection,
    path: &Path,
    migrations: &[&str],
) -> Result<(), LedgerError> {
    apply(connection, migrations)
        .and_then(|()| connection.pragma_update(None, "journal_mode", "WAL"))
        .map_err(|source| LedgerError::from_database(path, &source))
}

/// That the database is whole and of the newest schema.
pub(super) fn verify(connection: &Connection, path: &Path, migrations: &[&str]) -> Result<(), LedgerError> {
    let failed = |source: rusqlite::Error| LedgerError::from_database(path, &source);
    let check: String = connection.query_row("PRAGMA quick_check", [], |row| row.get(0)).map_err(failed)?;
    if check == "ok" && version(connection).map_err(failed)? == newest(migrations) {
        return Ok(());
    }
    Err(LedgerError::Corrupt { path: path.to_path_buf(), detail: check })
}

/// Reads the whole file once, and whether every index says what its table says.
pub(super) fn check(connection: &Connection) -> Result<(), LedgerError> {
    let path = Path::new(connection.path().unwrap_or_default());
    let verdict: Result<String, _> = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0));
    match verdict {
        Ok(verdict) if verdict == "ok" => Ok(()),
        Ok(detail) => Err(LedgerError::Corrupt { path: path.to_path_buf(), detail }),
        Err(source) => Err(LedgerError::from_database(path, &source)),
    }
}

/// The lock of whoever makes or changes the tables of a database.
pub(super) fn exclusively(location: &Location, name: &str) -> Result<File, LedgerError> {
    let path = location.directory.join(name);
    let file = super::private().open(&path).map_err(|source| LedgerError::from_io(&path, &source))?;
    lock::wait_for(&file, &path, &location.on_wait)
        .map_err(|source| LedgerError::without_locks(&path, &source))?;
    Ok(file)
}

pub(super) fn newest(migrations: &[&str]) -> u32 {
    u32::try_from(migrations.len()).unwrap_or(u32::MAX)
}

/// Brings the tables up to the last of these scripts, or leaves them as they are.
pub(super) fn apply(connection: &mut Connection, migrations: &[&str]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    bring_up(&transaction, migrations)?;
    transaction.commit()
}

fn bring_up(transaction: &Connection, migrations: &[&str]) -> rusqlite::Result<()> {
    let applied = usize::try_from(version(transaction)?).unwrap_or(usize::MAX);
    for script in migrations.iter().skip(applied) {
        transaction.execute_batch(script)?;
    }
    transaction.pragma_update(None, "user_version", newest(migrations))
}

pub(super) fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::ledger::Ledger;
    use crate::ledger::notification::schema as notification;

    /// A database with the first so many migrations of the ledger.
    fn made(path: &Path, migrations: usize) -> Connection {
        made_by(path, &MIGRATIONS[..migrations])
    }

    fn made_by(path: &Path, migrations: &[&str]) -> Connection {
        let connection = Connection::open(path).unwrap();
        for script in migrations {
            connection.execute_batch(script).unwrap();
        }
        connection.pragma_update(None, "user_version", migrations.len()).unwrap();
        connection
    }

    #[test]
    fn the_tables_are_those_that_the_migrations_make() {
        are_those_that_the_migrations_make("src/ledger/tables.sql", TABLES, MIGRATIONS);
        let file = "src/ledger/notification/tables.sql";
        are_those_that_the_migrations_make(file, notification::TABLES, notification::MIGRATIONS);
    }

    fn are_those_that_the_migrations_make(file: &str, expected: &str, migrations: &[&str]) {
        let made = tables(&made_by(Path::new(":memory:"), migrations)).unwrap();
        // `SNAPSHOTS=overwrite cargo test --lib the_tables_are` writes them.
        #[expect(clippy::disallowed_methods, reason = "a test has no `World`")]
        let overwrite = std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite");
        if overwrite {
            std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(file), &made).unwrap();
        } else {
            assert_eq!(made, expected);
        }
    }

    #[test]
    fn a_ledger_of_every_earlier_schema_is_taken_over() {
        for migrations in 1..=MIGRATIONS.len() {
            let home = TempDir::new().unwrap();
            drop(made(&Ledger::path(home.path()), migrations));
            Ledger::open(home.path()).unwrap();
            Ledger::open(home.path()).unwrap().check().unwrap();
        }
    }

    #[test]
    fn notifications_move_to_a_file_of_their_own_and_a_crash_in_between_neither_loses_nor_doubles_one() {
        const ROW: &str = "INSERT INTO notifications (id, identity, environment, api_id, kind, tid, url_key, body,
            received_at, last_at, copies, verdict, verify_at, handing_on, handed_to)
            VALUES (?1, randomblob(16), 'live', 'shop01', 'approval', 'T' || ?1, 'K', x'7b7d', 5, 6, 3, ?2, 9, 'pending', 3)";
        let home = TempDir::new().unwrap();
        let path = Ledger::path(home.path());
        let old = made(&path, 2);
        for (id, verdict) in [(3, None), (7, Some("unconfirmed")), (9, Some("confirmed"))] {
            old.execute(ROW, (id, verdict)).unwrap();
        }
        old.execute("INSERT INTO confirmations VALUES (x'00', 1)", []).unwrap();
        drop(old);
        // Another notification lies there already under one of the numbers.
        NotificationStore::take_over(&Location::from(home.path()), &path).unwrap();
        let store = Connection::open(NotificationStore::path(home.path())).unwrap();
        store.execute("UPDATE notifications SET identity = x'01' WHERE id = 7", []).unwrap();
        let ledger = Ledger::open(home.path()).unwrap();
        let mut found =
            store.prepare("SELECT id, tid, verify_at, handed_to FROM notifications ORDER BY id").unwrap();
        let found: Vec<(i64, String, i64, String)> = found
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let row = |id, tid: &str| (id, tid.to_owned(), 9, "[]".to_owned());
        assert_eq!(found, [row(3, "T3"), row(7, "T7"), row(9, "T9"), row(10, "T7")]);
        let count = |sql: &str| store.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT count(*) FROM confirmations"), 1);
        assert_eq!(count("SELECT unconfirmed_bytes FROM totals"), 3 * 514);
        assert!(!has_notifications(&ledger.connection).unwrap());
    }

    #[test]
    fn events_get_the_account_of_their_bill_or_the_only_one_there_is() {
        const BILL: &str = "INSERT INTO bills (id, environment, api_id, bill_no, channel, product, amount, buyer, phone,
            outcome, run, requested_at, created_at, updated_at, operator)
            VALUES (?1, 'live', ?2, 'B' || ?1, 'sms', 'coffee', 1, 'kim', '01012345678', 'sent', 'r', 0, 0, 0, 'kim')";
        const EVENTS: &str = "INSERT INTO events (at, kind, bill_id, operator, body)
            VALUES (0, 'status', 1, 'kim', '{}'), (0, 'status', NULL, 'kim', '{}')";
        for (shops, expected) in [
            (&["shop01"][..], [Some("shop01"), Some("shop01")]),
            (&["shop01", "shop02"], [Some("shop01"), None]),
        ] {
            let home = TempDir::new().unwrap();
            let old = made(&Ledger::path(home.path()), 2);
            for (id, shop) in (1..).zip(shops) {
                old.execute(BILL, (id, shop)).unwrap();
            }
            old.execute(EVENTS, []).unwrap();
            drop(old);
            let ledger = Ledger::open(home.path()).unwrap();
            let mut statement = ledger.connection.prepare("SELECT api_id FROM events ORDER BY id").unwrap();
            let found: Vec<Option<String>> =
                statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
            assert_eq!(found, expected.map(|shop| shop.map(str::to_owned)), "{shops:?}");
        }
    }

    #[test]
    fn bills_that_came_back_with_another_link_have_all_their_links_after_the_migration() {
        const BILL: &str = "INSERT INTO bills (id, environment, api_id, bill_no, channel, product, amount, buyer, phone,
            outcome, run, requested_at, created_at, updated_at, operator, url_key, pay_url, state)
            VALUES (?1, 'live', 'shop01', 'B' || ?1, 'sms', 'coffee', 1, 'kim', '01012345678', 'sent', 'r', 0, 0, 0, 'kim',
                ?2, 'https://x.kr/' || ?2, ?3)";
        const ATTEMPT: &str =
            "INSERT INTO attempts (bill_id, kind, channel, run, operator, started_at, url_key, pay_url)
            VALUES (?1, 'resend', 'sms', 'r', 'kim', 0, ?2, 'https://x.kr/' || ?2)";
        let home = TempDir::new().unwrap();
        let old = made(&Ledger::path(home.path()), 7);
        for (id, newest, state, attempts) in [
            (1, Some("A"), "unpaid", &[Some("A"), None, Some("A")][..]),
            (2, Some("D"), "paid", &[Some("B"), Some("C"), Some("C"), Some("D")]),
            (3, Some("F"), "cancelled", &[Some("E"), Some("F")]),
            // Bill 1 holds the first, so it came with another bill's reply.
            (4, Some("G"), "unpaid", &[Some("A"), Some("G")]),
            (5, None, "unpaid", &[None]),
        ] {
            old.execute(BILL, (id, newest, state)).unwrap();
            for attempt in attempts {
                old.execute(ATTEMPT, (id, attempt)).unwrap();
            }
        }
        drop(old);
        let ledger = Ledger::open(home.path()).unwrap();
        let rows = |sql: &str| -> Vec<String> {
            let mut statement = ledger.connection.prepare(sql).unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let links = rows(
            "SELECT bill_id || url_key || coalesce(state, '-') || ' ' || pay_url FROM links ORDER BY url_key",
        );
        let expected = [
            "2B- https://x.kr/B",
            "2C- https://x.kr/C",
            "2Dpaid https://x.kr/D",
            "3E- https://x.kr/E",
            "3Fcancelled https://x.kr/F",
        ];
        assert_eq!(links, expected);
        let states = rows("SELECT coalesce(state, '-') FROM bills ORDER BY id");
        assert_eq!(states, ["unpaid", "paid", "-", "unpaid", "unpaid"]);
    }
}
