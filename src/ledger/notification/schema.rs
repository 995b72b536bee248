//! The tables of received notifications. Migrations are append-only: one that was released is never edited.

/// One SQL script a schema version, in order. Times are UTC milliseconds since 1970.
///
/// `verify_rank` and `hand_on_rank` say what comes first, see [`super::Rank`]. `url_key` is the link that a
/// notification is of: the one it names, or of a cancel the one that its payment was found by. `handed_to` is a
/// list of targets, `confirmed` what `CookiePay` and the ledger say in the place of the body; both are JSON of
/// whoever writes them.
pub(in crate::ledger) const MIGRATIONS: &[&str] = &[
    r"
CREATE TABLE notifications (
    id            INTEGER PRIMARY KEY,
    identity      BLOB NOT NULL UNIQUE,
    key           BLOB NOT NULL,
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
    confirmed     TEXT,
    verified_at   INTEGER,
    verify_rank   INTEGER NOT NULL,
    verify_at     INTEGER,
    recheck_at    INTEGER,
    verify_tries  INTEGER NOT NULL DEFAULT 0,
    handing_on    TEXT NOT NULL,
    handed_to     TEXT NOT NULL DEFAULT '[]',
    hand_on_rank  INTEGER NOT NULL,
    hand_on_tries INTEGER NOT NULL DEFAULT 0,
    hand_on_at    INTEGER,
    hand_on_error TEXT,
    handed_on_at  INTEGER
) STRICT;
CREATE INDEX notifications_by_time ON notifications (received_at);
CREATE INDEX notifications_by_tid ON notifications (tid);
CREATE INDEX notifications_by_link ON notifications (url_key) WHERE url_key IS NOT NULL;
CREATE INDEX notifications_to_verify ON notifications (environment, api_id, verify_rank, verify_at)
    WHERE verify_at IS NOT NULL;
CREATE INDEX notifications_to_verify_by_link
    ON notifications (environment, api_id, verify_rank, url_key, verify_at)
    WHERE verify_at IS NOT NULL;
CREATE INDEX notifications_to_hand_on ON notifications (environment, api_id, hand_on_rank, hand_on_at)
    WHERE handing_on = 'pending';
CREATE INDEX notifications_to_hand_on_verified ON notifications (environment, api_id, hand_on_rank, hand_on_at)
    WHERE handing_on = 'pending' AND verdict IS NOT NULL;
CREATE INDEX notifications_to_hand_on_by_tid ON notifications (tid) WHERE handing_on = 'pending';

CREATE TABLE confirmations (
    identity  BLOB PRIMARY KEY,
    at        INTEGER NOT NULL,
    confirmed TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE totals (
    unconfirmed_bytes INTEGER NOT NULL
) STRICT;
INSERT INTO totals (unconfirmed_bytes) VALUES (0);
",
    // `unasked`: of how many nobody asked for a check. `payments`: of links that the ledger does not know.
    r"
ALTER TABLE totals ADD COLUMN unasked INTEGER NOT NULL DEFAULT 0;
CREATE TABLE payments (
    environment TEXT NOT NULL,
    api_id      TEXT NOT NULL,
    tid         TEXT NOT NULL,
    url_key     TEXT NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (environment, api_id, tid)
) STRICT, WITHOUT ROWID;
",
    // By link only those are looked for that are of a link of ours: others, which anybody can post, cost less.
    r"
DROP INDEX notifications_by_link;
CREATE INDEX notifications_by_link ON notifications (url_key) WHERE verify_rank = 0;
DROP INDEX notifications_to_verify_by_link;
CREATE INDEX notifications_to_verify_by_link ON notifications (environment, api_id, url_key, verify_at)
    WHERE verify_rank = 0 AND verify_at IS NOT NULL;
",
];

/// The tables as all migrations together make them; a test compares the two.
pub(in crate::ledger) const TABLES: &str = include_str!("tables.sql");
