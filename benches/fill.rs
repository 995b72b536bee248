//! Fills a ledger, so that the program can be measured beside many bills: `cargo bench --bench fill -- DIR BILLS`.
//!
//! DIR is a data directory in which the program has sent a bill and asked after it once. Their rows are the patterns of
//! all others, so the tables are those of the program that made them, whichever version it is. The same number of
//! bills is always the same bills: two years of them, in batches of 300 to 10,000 rows and one by one, of three
//! accounts, 18 of 20 of the one that is measured.

#![expect(clippy::print_stdout, reason = "what was done is the result")]
#![expect(clippy::arithmetic_side_effects, reason = "the numbers are made here and small")]
#![expect(clippy::disallowed_methods, reason = "a benchmark is the outermost layer")]

use std::error::Error;
use std::path::Path;

use rusqlite::{Connection, Statement, ToSql, Transaction, params_from_iter};

/// UTC milliseconds of 2024-11-01, and from there to 2026-11-01.
const START: u64 = 1_730_419_200_000;
const SPAN: u64 = 63_072_000_000;

/// Rows of a batch that are intended in one millisecond.
const ROWS_AT_ONCE: u64 = 8;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [directory, bills] = arguments.as_slice() else {
        println!("usage: cargo bench --bench fill -- DIR BILLS");
        return Ok(());
    };
    let path = Path::new(directory).join("ledger.db");
    let mut connection = Connection::open_with_flags(&path, rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000")?;
    let transaction = connection.transaction()?;
    let indexes = drop_indexes(&transaction)?;
    let known: u64 = transaction.query_row("SELECT count(*) FROM bills", [], |row| row.get(0))?;
    let bills: u64 = bills.parse()?;
    fill(&transaction, bills.saturating_sub(known))?;
    for index in indexes {
        transaction.execute_batch(&index)?;
    }
    transaction.commit()?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    println!("{bills} bills in {}", path.display());
    Ok(())
}

/// Drops the indexes, which are much sooner made again than kept; returns how.
fn drop_indexes(transaction: &Transaction<'_>) -> rusqlite::Result<Vec<String>> {
    let mut statement = transaction.prepare(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY rowid",
    )?;
    let found: Vec<(String, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (name, _) in &found {
        transaction.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    Ok(found.into_iter().map(|(_, sql)| sql).collect())
}

/// A row that is the oldest one of its table but for these columns, as far as the table has them.
struct Pattern<'t> {
    statement: Statement<'t>,
    /// Which of the values are wanted.
    known: Vec<bool>,
}

impl<'t> Pattern<'t> {
    fn new(transaction: &'t Transaction<'_>, table: &str, changed: &[&str]) -> rusqlite::Result<Self> {
        let statement = transaction.prepare(&format!("SELECT * FROM {table}"))?;
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        statement.finalize()?;
        let is_there = |name: &&str| columns.iter().any(|column| column == name);
        let known: Vec<bool> = changed.iter().map(is_there).collect();
        let changed: Vec<&str> = changed.iter().copied().filter(is_there).collect();
        let value = |column: &String| match changed.iter().position(|name| name == column) {
            Some(place) => format!("?{}", place.saturating_add(1)),
            None => column.clone(),
        };
        let columns: Vec<&String> = columns.iter().filter(|column| *column != "id").collect();
        let names: Vec<&str> = columns.iter().map(|column| column.as_str()).collect();
        let values: Vec<String> = columns.iter().map(|column| value(column)).collect();
        let sql = format!(
            "INSERT INTO {table} ({}) SELECT {} FROM (SELECT * FROM {table} ORDER BY id LIMIT 1)",
            names.join(", "),
            values.join(", ")
        );
        Ok(Self { statement: transaction.prepare(&sql)?, known })
    }

    fn write<const N: usize>(&mut self, values: [&dyn ToSql; N]) -> rusqlite::Result<()> {
        let values = values.into_iter().zip(&self.known).filter(|(_, known)| **known).map(|(value, _)| value);
        self.statement.execute(params_from_iter(values)).map(|_| ())
    }
}

/// The columns in which one row differs from the next.
const BILL: [&str; 19] = [
    "environment",
    "api_id",
    "bill_no",
    "phone",
    "amount",
    "buyer",
    "batch",
    "batch_row",
    "outcome",
    "result_code",
    "url_key",
    "pay_url",
    "state",
    "paid_at",
    "requested_at",
    "created_at",
    "updated_at",
    "run",
    "messaged_at",
];
const ATTEMPT: [&str; 8] =
    ["bill_id", "run", "started_at", "settled_at", "outcome", "result_code", "url_key", "pay_url"];
const EVENT: [&str; 6] = ["at", "environment", "api_id", "bill_id", "url_key", "body"];

fn fill(transaction: &Transaction<'_>, count: u64) -> Result<(), Box<dyn Error>> {
    let first: u64 = transaction.query_row("SELECT max(id) + 1 FROM bills", [], |row| row.get(0))?;
    let mut bills = Pattern::new(transaction, "bills", &BILL)?;
    let mut attempts = Pattern::new(transaction, "attempts", &ATTEMPT)?;
    let mut events = Pattern::new(transaction, "events", &EVENT)?;
    let mut batches = Batches { count, batch: 0, row: 0, rows: 0, at: START };
    for (id, number) in (first..).zip(0..count) {
        let (at, batch) = batches.next(number);
        let row = batch.as_ref().map(|_| batches.row);
        let [environment, api_id] = account(number);
        let outcome = outcome(number);
        let link = matches!(outcome, "sent" | "created" | "linked").then(|| format!("key{number:017}"));
        let pay_url = link.as_ref().map(|key| format!("https://sandbox.cookiepayments.com/pay/{key}"));
        let state = link.as_ref().and_then(|_| state(number));
        let amount = noise(number, 3) % 90 * 1000 + 1000;
        let paid_at = (state == Some("paid")).then_some("2026-10-31T12:00:00+09:00");
        let code = match outcome {
            "refused" => Some("E003"),
            "not_sent" | "unknown" => None,
            _ => Some("0000"),
        };
        let (bill_no, phone) = (format!("N{number:09}"), format!("010{number:08}"));
        let buyer = format!("홍길동{}", number % 997);
        let messaged_at = (outcome == "sent").then_some(at);
        bills.write([
            &environment,
            &api_id,
            &bill_no,
            &phone,
            &amount,
            &buyer,
            &batch,
            &row,
            &outcome,
            &code,
            &link,
            &pay_url,
            &state,
            &paid_at,
            &at,
            &at,
            &at,
            &"ended",
            &messaged_at,
        ])?;
        attempts.write([&id, &"ended", &at, &at, &outcome, &code, &link, &pay_url])?;
        if let Some(state) = state {
            let code = if state == "unpaid" { "EA01" } else { "0000" };
            let body = format!(
                r#"{{"result_code":"{code}","amount":{amount},"buyer_name":"{buyer}","tid":"T{number:019}","order_no":"{bill_no}"}}"#
            );
            events.write([&at, &environment, &api_id, &id, &link, &body])?;
        }
    }
    Ok(())
}

/// When bills were made, and in which batch.
struct Batches {
    count: u64,
    batch: u64,
    /// The row that was made last.
    row: u64,
    rows: u64,
    at: u64,
}

impl Batches {
    fn next(&mut self, number: u64) -> (u64, Option<String>) {
        if self.row == self.rows {
            // The next batch, or as many bills one by one, where the day has come.
            self.batch += 1;
            self.row = 0;
            self.rows = 300 + noise(self.batch, 0) % 9_701;
            self.at = START + SPAN * number / self.count;
        }
        self.row += 1;
        if self.batch.is_multiple_of(5) {
            return (START + SPAN * number / self.count, None);
        }
        (self.at + self.row / ROWS_AT_ONCE, Some(format!("batch-{:04}", self.batch)))
    }
}

fn account(number: u64) -> [&'static str; 2] {
    match noise(number, 4) % 20 {
        0 => ["local", "local_shop"],
        1 => ["sandbox", "sandbox_shop02"],
        _ => ["sandbox", "sandbox_shop01"],
    }
}

fn outcome(number: u64) -> &'static str {
    match noise(number, 1) % 1000 {
        0 => "unknown",
        1..=4 => "not_sent",
        5..=14 => "refused",
        15..=24 => "linked",
        25..=54 => "created",
        _ => "sent",
    }
}

/// That of a link; `None` where it was never asked after.
fn state(number: u64) -> Option<&'static str> {
    match noise(number, 2) % 1000 {
        0..=9 => None,
        10..=12 => Some("error"),
        13..=17 => Some("awaiting_deposit"),
        18..=47 => Some("unpaid"),
        48..=67 => Some("cancelled"),
        _ => Some("paid"),
    }
}

/// A number that looks like chance and is always the same.
fn noise(number: u64, what: u64) -> u64 {
    let mut mixed =
        number.wrapping_mul(8).wrapping_add(what).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
