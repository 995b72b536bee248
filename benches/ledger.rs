//! What the ledger costs one send, in wall time: open, look the bill up, record the intent, record
//! the outcome, close, as `send` does in a process of its own.
//!
//! `cargo bench --bench ledger -- DIR [RUNS]` prints the median in milliseconds, then that of one
//! bare write and `fsync` in the same directory, which says what the disk is worth. DIR must lie on
//! the disk that is meant. The ledger holds 10,000 bills before the clock starts.

#![expect(clippy::print_stdout, reason = "figures are the result")]
#![expect(clippy::disallowed_methods, reason = "a benchmark is the outermost layer")]

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use cookiepay::bill::{Bill, RawBill};
use cookiepay::ledger::{Account, AttemptKind, Intended, Intent, Ledger, Settlement};
use cookiepay::payment::Outcome;
use jiff::Timestamp;

/// Bills of a shop's year.
const KNOWN: u32 = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds `--bench`.
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let Some(parent) = arguments.next() else {
        println!("usage: cargo bench --bench ledger -- DIR [RUNS]");
        return Ok(());
    };
    let runs: u32 = arguments.next().map_or(Ok(51), |number| number.parse())?;
    if runs == 0 {
        return Err("there is no median of no runs".into());
    }
    let directory = tempfile::tempdir_in(parent)?;
    fill(directory.path())?;
    let mut sends = Vec::new();
    let mut syncs = Vec::new();
    for run in 0..runs {
        let started = Instant::now();
        send(directory.path(), KNOWN.saturating_add(run))?;
        sends.push(started.elapsed());
        let started = Instant::now();
        sync(directory.path())?;
        syncs.push(started.elapsed());
    }
    println!("{} {}", median(sends), median(syncs));
    Ok(())
}

/// Fills the ledger in one process, without a send's opening and closing.
fn fill(directory: &Path) -> Result<(), Box<dyn Error>> {
    let mut ledger = Ledger::open(directory)?;
    (0..KNOWN).try_for_each(|number| record(&mut ledger, number))
}

fn send(directory: &Path, number: u32) -> Result<(), Box<dyn Error>> {
    let mut ledger = Ledger::open(directory)?;
    if ledger.find(&account(), &bill(number)?.bill_no)?.is_some() {
        return Err("the bill is known".into());
    }
    record(&mut ledger, number)
}

fn record(ledger: &mut Ledger, number: u32) -> Result<(), Box<dyn Error>> {
    let at = Timestamp::now();
    let window = Some(Duration::from_hours(24));
    let (account, bill) = (account(), bill(number)?);
    let intent = Intent {
        kind: AttemptKind::Send,
        batch: None,
        account: &account,
        bill: &bill,
        at,
        operator: "bench@localhost",
        duplicate_window: window,
    };
    let Intended::Fresh(attempt) = ledger.intend(&intent)? else { return Err("the bill is known".into()) };
    let settlement = Settlement {
        outcome: Outcome::Sent,
        link: None,
        result_code: Some("0000".to_owned()),
        result_message: None,
        reason: None,
        refuses_bill: false,
    };
    ledger.settle(&attempt, &settlement, at)?;
    Ok(())
}

fn account() -> Account {
    Account { environment: "sandbox".to_owned(), api_id: "sandbox_shop01".to_owned() }
}

fn bill(number: u32) -> Result<Bill, Box<dyn Error>> {
    let text = |text: &str| Some(text.to_owned());
    let raw = RawBill {
        bill_no: Some(format!("BENCH{number}")),
        via: text("sms"),
        product: text("아메리카노"),
        amount: text("4500"),
        buyer: text("홍길동"),
        phone: Some(format!("010{number:08}")),
        ..RawBill::default()
    };
    let generated = || cookiepay::bill::BillNo::generate(jiff::civil::Date::MIN, [0; 12]);
    let (bill, _) = raw.parse(None, generated).map_err(|wrong| format!("{wrong:?}"))?;
    Ok(bill)
}

/// One write that survives a power cut.
fn sync(directory: &Path) -> std::io::Result<()> {
    let mut file = File::create(directory.join("bare"))?;
    file.write_all(&[0; 4096])?;
    file.sync_all()
}

/// In milliseconds.
fn median(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let micros = times.get(times.len() / 2).map_or(0, Duration::as_micros);
    format!("{}.{:03}", micros / 1000, micros % 1000)
}
