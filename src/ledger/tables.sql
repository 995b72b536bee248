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
    operator       TEXT NOT NULL, repeat_refused_at INTEGER, messaged_at INTEGER,
    UNIQUE (environment, api_id, bill_no)
) STRICT;

CREATE TABLE events (
    id       INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    bill_id  INTEGER REFERENCES bills (id),
    url_key  TEXT,
    operator TEXT NOT NULL,
    body     TEXT NOT NULL
, environment TEXT, api_id TEXT) STRICT;

CREATE TABLE links (
    id      INTEGER PRIMARY KEY,
    bill_id INTEGER NOT NULL REFERENCES bills (id),
    url_key TEXT NOT NULL,
    pay_url TEXT,
    state   TEXT,
    paid_at TEXT,
    UNIQUE (bill_id, url_key)
) STRICT;

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

