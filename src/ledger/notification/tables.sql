CREATE TABLE confirmations (
    identity  BLOB PRIMARY KEY,
    at        INTEGER NOT NULL,
    confirmed TEXT
) STRICT, WITHOUT ROWID;

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

CREATE TABLE payments (
    environment TEXT NOT NULL,
    api_id      TEXT NOT NULL,
    tid         TEXT NOT NULL,
    url_key     TEXT NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (environment, api_id, tid)
) STRICT, WITHOUT ROWID;

CREATE TABLE totals (
    unconfirmed_bytes INTEGER NOT NULL
, unasked INTEGER NOT NULL DEFAULT 0) STRICT;

