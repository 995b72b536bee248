//! Ctrl-C and SIGTERM during a batch: no new row starts, those in flight are recorded, and the same
//! command goes on.

use std::fs;

use super::witness::Witness;
use super::{Program, Running, Serving, until};
use crate::coffees;
use crate::support::{Ended, with};

/// Four requests in flight, and a report.
const BATCH: [&str; 11] = [
    "send",
    "--via",
    "sms",
    "--from",
    "rows.csv",
    "--timeout",
    "60",
    "--report",
    "report.csv",
    "-o",
    "jsonl",
];

const ROWS: u64 = 12;

/// A batch of twelve rows whose first requests meet these faults, with four of them in flight.
fn four_in_flight(faults: &[&str]) -> (Program, Serving, Running) {
    let (program, emulator) = Program::with_emulator(faults);
    coffees::write(program.home(), "rows.csv", coffees::sheet(ROWS));
    let running = program.start(&BATCH);
    emulator.wait_for("send", 4);
    (program, emulator, running)
}

/// The outcomes that were told, in order.
fn outcomes(ended: &Ended) -> Vec<String> {
    ended.json_lines().iter().map(|row| row["outcome"].as_str().unwrap().to_owned()).collect()
}

/// The report holds the same rows as stdout, behind a byte order mark and a header.
fn assert_reported(program: &Program, ended: &Ended) {
    let report = fs::read_to_string(program.home().join("report.csv")).unwrap();
    assert!(report.starts_with("\u{feff}row,buyer,phone,"), "{report}");
    let reported: Vec<&str> = report.lines().skip(1).collect();
    assert_eq!(reported.len(), ended.stdout.lines().count(), "{report}");
    for (line, row) in reported.iter().zip(ended.json_lines()) {
        assert!(line.contains(row["bill_no"].as_str().unwrap()), "{line}");
    }
}

/// The same command again sends the rest.
fn assert_goes_on(program: &Program, emulator: &Serving) {
    let again = program.run(&BATCH).expect_code(0);
    assert_eq!(again.json_lines().len(), 12);
    assert_reported(program, &again);
    assert_eq!(emulator.reached(), (ROWS, ROWS, ROWS));
    Witness::of(program).sees_no_harm();
}

#[test]
fn an_interrupted_batch_starts_no_new_row_and_records_those_in_flight() {
    for (signal, code, name) in [("INT", 130, "INTERRUPTED"), ("TERM", 143, "TERMINATED")] {
        let (program, emulator, running) = four_in_flight(&["delay=1s@send*5"]);
        running.signal(signal);
        let ended = running.finish().expect_code(code);
        let error = ended.error();
        assert_eq!((error["code"].as_str(), error["exit"].as_u64()), (Some(name), Some(code.into())));
        assert!(error["hint"].as_str().unwrap().contains("same command again"), "{error}");
        assert_eq!(outcomes(&ended), vec!["sent"; 4]);
        assert_eq!(emulator.reached().0, 4);
        assert!(ended.stderr.contains("not started"), "{}", ended.stderr);
        assert_reported(&program, &ended);
        assert_goes_on(&program, &emulator);
    }
}

#[test]
fn an_interrupted_batch_with_a_lost_answer_ends_as_unknown() {
    let (program, emulator, running) = four_in_flight(&["delay=1s@send*5", "drop-after@send*1"]);
    running.signal("INT");
    let ended = running.finish().expect_code(7);
    assert_eq!(ended.error()["code"], "OUTCOME_UNKNOWN");
    assert_eq!(outcomes(&ended).iter().filter(|outcome| *outcome == "unknown").count(), 1, "{ended:?}");
    assert_reported(&program, &ended);
    program.run(&["reconcile"]).expect_code(0);
    let again = program.run(&BATCH).expect_code(0);
    let left = outcomes(&ended).iter().filter(|outcome| *outcome != "not_sent").count();
    assert_eq!(outcomes(&again).iter().filter(|outcome| *outcome == "sent").count(), 12 - left);
    assert_eq!(emulator.reached(), (ROWS + 1, ROWS, ROWS));
}

#[test]
fn a_second_interrupt_stops_a_batch_at_once_and_leaves_what_was_in_flight_unknown() {
    let (program, emulator, mut running) = four_in_flight(&["delay=60s@send*4"]);
    // Two signals that come before the first is handled are one.
    until(|| {
        running.signal("INT");
        running.child.try_wait().unwrap().is_some()
    });
    running.finish().expect_code(7);
    let witness = Witness::of(&program);
    let unknown = witness.unknown();
    assert_eq!(unknown, 4);
    // What is unknown is held, the rest is sent.
    let again = program.run(&BATCH).expect_code(7);
    let held = outcomes(&again).iter().filter(|outcome| *outcome == "unknown").count();
    assert_eq!((u64::try_from(held).unwrap(), witness.rows("rows")), (unknown, ROWS));
    assert_reported(&program, &again);
    program.run(&["reconcile"]).expect_code(0);
    witness.sees_no_harm();
    assert_eq!((witness.unknown(), emulator.counts()["bills"].as_u64()), (0, Some(ROWS)));
}

#[test]
fn a_batch_at_a_rate_starts_no_row_after_an_interrupt() {
    let (program, emulator) = Program::with_emulator(&[]);
    coffees::write(program.home(), "rows.csv", coffees::sheet(ROWS));
    let running = program.start(&with(&BATCH, &["--rate", "1/s", "--concurrency", "4"]));
    emulator.wait_for("send", 2);
    running.signal("INT");
    let ended = running.finish().expect_code(130);
    // Without the rate all twelve would have been sent before the signal.
    assert!((2..=4).contains(&outcomes(&ended).len()), "{ended:?}");
    assert_eq!(emulator.reached().0, u64::try_from(outcomes(&ended).len()).unwrap());
    assert_goes_on(&program, &emulator);
}
