//! Batches and the machine they run on: several runs at once, and a disk that is full.

use std::collections::BTreeMap;

use super::witness::Witness;
use super::{Program, Running, start};
use crate::coffees;
use crate::support::with;

const BATCH: [&str; 7] = ["send", "--via", "sms", "--from", "rows.csv", "-o", "jsonl"];

/// A program in front of an emulator, with a sheet of so many rows.
fn with_rows(rows: u64, faults: &[&str]) -> (Program, super::Serving) {
    let (program, emulator) = Program::with_emulator(faults);
    coffees::write(program.home(), "rows.csv", coffees::sheet(rows));
    (program, emulator)
}

#[test]
fn of_twenty_runs_of_one_batch_one_sends_and_the_others_are_busy_or_find_it_done() {
    let (program, emulator) = with_rows(30, &["delay=20ms@send"]);
    let running: Vec<Running> = (0..20).map(|_| program.start(&BATCH)).collect();
    let mut ends = BTreeMap::new();
    for running in running {
        let ended = running.finish();
        if ended.code == 11 {
            assert_eq!((ended.error()["code"].as_str(), &*ended.stdout), (Some("BUSY"), ""));
            assert!(ended.error()["message"].as_str().unwrap().contains("`rows`"), "{ended:?}");
        }
        let outcomes: Vec<String> =
            ended.json_lines().iter().map(|row| row["outcome"].as_str().unwrap().to_owned()).collect();
        *ends.entry((ended.code, outcomes)).or_insert(0) += 1;
    }
    assert_eq!(ends.remove(&(0, vec!["sent".to_owned(); 30])), Some(1), "{ends:?}");
    ends.remove(&(0, vec!["already_sent".to_owned(); 30]));
    ends.remove(&(11, Vec::new()));
    assert!(ends.is_empty(), "{ends:?}");
    assert_eq!(emulator.reached(), (30, 30, 30));
    Witness::of(&program).sees_no_harm();
}

#[test]
fn batches_of_other_names_and_single_bills_run_beside_each_other() {
    let (program, emulator) = with_rows(20, &["delay=20ms@send"]);
    let names: Vec<String> = (0..6).map(|place| format!("batch{place}")).collect();
    let batch = |name| with(&BATCH, &["--allow-duplicate", "--batch", name]);
    let running: Vec<Running> = names.iter().map(|name| program.start(&batch(name))).collect();
    let single = program.send("SINGLE");
    for running in running {
        assert_eq!(running.finish().expect_code(0).json_lines().len(), 20);
    }
    single.expect_code(0);
    assert_eq!(emulator.reached(), (121, 121, 121));
    Witness::of(&program).sees_no_harm();
}

#[test]
fn a_batch_on_a_disk_that_fills_up_stops_and_every_request_was_intended() {
    let (program, _emulator) = with_rows(40, &["delay=2ms@send"]);
    program.send("FIRST").expect_code(0);
    let (mut stopped_midway, mut done) = (0, 0);
    // Blocks of 512 bytes that no file may grow past; the first run of a new ledger is the largest.
    for blocks in [60, 130, 170, 200, 240, 280, 340, 420, 600, 1000, 2000, 20000] {
        let name = format!("within{blocks}");
        let arguments = with(&BATCH, &["--allow-duplicate", "--batch", &name]);
        let script = format!("ulimit -f {blocks} && exec \"$@\"");
        let before = Witness::of(&program).requests();
        let ended = start(&mut program.command_in_shell(&script, &arguments)).finish();
        let witness = Witness::of(&program);
        witness.sees_no_harm();
        let requests = witness.requests() - before;
        match ended.code {
            0 => done += 1,
            15 => {
                assert_eq!(ended.error()["code"], "STORAGE");
                stopped_midway += u64::from(requests > 0);
            }
            _ => panic!("{blocks} blocks: {ended:?}"),
        }
        drop(witness);
        // With room again the same command goes on, and what could not be recorded is unknown.
        let again = program.run(&arguments);
        let witness = Witness::of(&program);
        witness.sees_no_harm();
        assert_eq!(again.code, if witness.unknown() == 0 { 0 } else { 7 }, "{again:?}");
        assert_eq!(witness.rows(&name), 40);
        let messages = witness.messages();
        program.run(&["reconcile"]).expect_code(0);
        assert_eq!((witness.unknown(), witness.messages()), (0, messages));
    }
    assert!(stopped_midway > 0 && done > 0, "{stopped_midway} stopped midway, {done} done");
}
