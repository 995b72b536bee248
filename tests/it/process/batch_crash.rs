//! SIGKILL in the middle of a batch: the same command goes on, and every row reaches its customer
//! at most once.

use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::witness::Witness;
use super::{Program, Serving};
use crate::coffees;
use crate::support::with;

/// Rows of a batch that is killed.
const ROWS: u64 = 200;

/// How often a batch is killed, over all batches.
const KILLS: u64 = 60;

/// A batch is killed within this time at the latest; a whole one takes several times as long.
const LATEST_KILL: u64 = 220_000;

/// Numbers that nobody can foresee, the same for the same seed.
struct Dice(u64);

impl Dice {
    /// From 0 to below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// Late answers, lost answers and requests that are never looked at, between good ones: a byte order
/// mark is what a good one may have.
fn troubles(dice: &mut Dice) -> Vec<String> {
    let mut faults = vec!["delay=8ms@send".to_owned()];
    for milliseconds in [3, 5, 9] {
        faults.push(format!("delay={milliseconds}ms@send*{}", 20 + dice.below(ROWS)));
    }
    for kind in ["drop-after", "error-500", "drop-before", "truncated", "reset", "html"] {
        faults.push(format!("bom@send*{}", 1 + dice.below(25)));
        faults.push(format!("{kind}@send*{}", 1 + dice.below(3)));
    }
    faults
}

/// A program in front of an emulator with other troubles than before.
fn serve(program: &Program, faults: &[String]) -> Serving {
    let arguments: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
    let emulator = program.serve(&arguments);
    program.configure_profile("sandbox", &emulator.url);
    emulator
}

fn batch(name: &str) -> Vec<&str> {
    batch_of(name, "6")
}

fn batch_of<'a>(name: &'a str, concurrency: &'a str) -> Vec<&'a str> {
    let pace = ["--concurrency", concurrency, "--batch", name, "-o", "jsonl"];
    with(&["send", "--via", "sms", "--from", "rows.csv"], &pace)
}

/// Starts it with its outputs in files, since nobody reads a pipe before it ends.
fn start(program: &Program, arguments: &[&str]) -> Child {
    let file = |name: &str| File::create(program.home().join(name)).unwrap();
    let mut command = program.command(arguments);
    command.stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr")).spawn().unwrap()
}

/// Every row of a batch that came to its end was sent once or is unknown; then `reconcile` settles
/// what is unknown, and the batch has nothing left to do.
fn settle(program: &Program, name: &str, code: i32, rows: u64) {
    let output = |name: &str| fs::read_to_string(program.home().join(name)).unwrap();
    let witness = Witness::of(program);
    witness.sees_no_harm();
    assert_eq!(witness.rows(name), rows);
    assert_eq!(witness.refused_or_unsent(), 0);
    assert_eq!(code, if witness.unknown() == 0 { 0 } else { 7 }, "{}", output("stderr"));
    assert_eq!(u64::try_from(output("stdout").lines().count()).unwrap(), rows);

    let messages = witness.messages();
    // Its answers may be lost, too.
    let settled = (0..20).any(|_| {
        let reconciled = program.run(&["reconcile", "--batch", name, "-o", "jsonl"]);
        assert!([0, 7].contains(&reconciled.code), "{reconciled:?}");
        reconciled.code == 0
    });
    assert!(settled);
    assert_eq!((witness.unknown(), witness.messages()), (0, messages));

    let requests = witness.requests();
    let again = program.run(&batch(name)).expect_code(0);
    let settled = |row: &Value| row["outcome"] == "already_sent" || row["outcome"] == "linked";
    assert!(again.json_lines().iter().all(settled), "{again:?}");
    assert_eq!((witness.requests(), witness.messages()), (requests, messages));
    witness.sees_no_harm();
}

#[test]
#[expect(clippy::print_stdout, reason = "the harness shows it when the test fails: what there is to know")]
fn a_batch_killed_again_and_again_reaches_every_customer_at_most_once() {
    let seed = RandomState::new().hash_one("seed") | 1;
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let program = Program::new();
    let (mut kills, mut batches, mut killed_midway) = (0, 0, 0);
    while kills < KILLS {
        batches += 1;
        let name = format!("batch{batches}");
        let faults = troubles(&mut dice);
        println!("{name}: {faults:?}");
        let _emulator = serve(&program, &faults);
        let rows = coffees::sheet(ROWS).replace("아메리카노", &format!("커피{batches}"));
        coffees::write(program.home(), "rows.csv", rows);
        loop {
            let mut running = start(&program, &batch(&name));
            // The moment is what varies here; nothing is waited for.
            thread::sleep(Duration::from_micros(dice.below(LATEST_KILL)));
            if kills >= KILLS || running.try_wait().unwrap().is_some() {
                settle(&program, &name, running.wait().unwrap().code().unwrap(), ROWS);
                break;
            }
            running.kill().unwrap();
            running.wait().unwrap();
            kills += 1;
            if program.data_directory().join("ledger.db").metadata().is_ok_and(|file| file.len() > 0) {
                let witness = Witness::of(&program);
                witness.sees_no_harm();
                killed_midway += u64::from((1..ROWS).contains(&witness.rows(&name)));
            }
        }
    }
    println!("{kills} kills, {killed_midway} of them midway, in {batches} batches");
    assert!(killed_midway >= KILLS / 5, "{killed_midway} of {kills} kills were midway");
}

/// Every moment at which a crash makes a difference.
const MOMENTS: [&str; 8] = [
    "before-intent",
    "after-intent",
    "before-request",
    "after-reply",
    "before-outcome",
    "after-outcome",
    "before-print",
    "after-print",
];

#[test]
fn a_batch_that_ends_at_any_moment_goes_on_without_harm() {
    let program = Program::new();
    let _emulator = serve(&program, &[]);
    for moment in MOMENTS {
        // Rows are intended and settled in groups, so the moments around them are fewer.
        for count in [1, 3] {
            let name = format!("{moment}{count}");
            let rows = coffees::sheet(40).replace("아메리카노", &format!("커피 {name}"));
            coffees::write(program.home(), "rows.csv", rows);
            let mut command = program.command(&batch(&name));
            let ended = command.env("COOKIEPAY_END_AT", format!("{moment}:{count}")).output().unwrap();
            assert_eq!(ended.status.signal(), Some(SIGABRT), "{name}: {ended:?}");
            let witness = Witness::of(&program);
            witness.sees_no_harm();
            // Whatever was in flight is unknown now; nothing else is lost, and nothing is asked twice.
            let code = start(&program, &batch(&name)).wait().unwrap().code().unwrap();
            assert!(witness.unknown() <= 6, "{name}: {} unknown", witness.unknown());
            settle(&program, &name, code, 40);
        }
    }
}

#[test]
fn a_batch_that_ends_at_its_first_request_leaves_no_more_rows_unknown_than_could_be_under_way() {
    let program = Program::new();
    let _emulator = serve(&program, &[]);
    let mut unknown = 0;
    for concurrency in [1, 4] {
        let name = format!("at{concurrency}");
        let rows = coffees::sheet(12).replace("아메리카노", &format!("커피 {name}"));
        coffees::write(program.home(), "rows.csv", rows);
        for _ in 0..3 {
            let width = concurrency.to_string();
            let mut command = program.command(&batch_of(&name, &width));
            let ended = command.env("COOKIEPAY_END_AT", "before-request").output().unwrap();
            assert_eq!(ended.status.signal(), Some(SIGABRT), "{name}: {ended:?}");
            unknown += concurrency;
            assert_eq!(Witness::of(&program).unknown(), unknown, "{name}");
        }
    }
}

const SIGABRT: i32 = 6;
