//! Many processes at once: one message a bill, one ledger, one token.

use std::collections::BTreeMap;

use super::{Program, Running, coffee};
use crate::support::Ended;

const PROCESSES: usize = 20;

fn all(running: Vec<Running>) -> Vec<Ended> {
    running.into_iter().map(Running::finish).collect()
}

#[test]
fn of_many_that_send_one_bill_one_sends_it() {
    let (program, emulator) = Program::with_emulator(&["delay=300ms@send"]);
    let arguments = coffee("B1");
    let ended = all((0..PROCESSES).map(|_| program.start(&arguments)).collect());
    let mut outcomes = BTreeMap::new();
    for ended in &ended {
        *outcomes.entry((ended.code, ended.json()["outcome"].as_str().unwrap().to_owned())).or_insert(0) += 1;
    }
    assert_eq!(emulator.reached(), (1, 1, 1));
    assert_eq!(outcomes.remove(&(0, "sent".to_owned())), Some(1), "{outcomes:?}");
    outcomes.remove(&(0, "already_sent".to_owned()));
    outcomes.remove(&(11, "unknown".to_owned()));
    assert!(outcomes.is_empty(), "{outcomes:?}");
    assert_eq!(program.known("B1")["outcome"], "sent");
}

#[test]
fn many_first_commands_share_the_making_of_the_ledger() {
    let (program, emulator) = Program::with_emulator(&[]);
    let names: Vec<String> = (0..PROCESSES).map(|place| format!("B{place}")).collect();
    let running = names.iter().map(|name| program.start(&coffee(name))).collect();
    for ended in all(running) {
        assert_eq!(ended.expect_code(0).json()["outcome"], "sent");
    }
    assert_eq!(emulator.reached(), (20, 20, 20));
    let listed = program.run(&["list", "-o", "jsonl"]).expect_code(0).json_lines();
    assert_eq!(listed.len(), PROCESSES);
}

#[test]
fn many_that_want_a_token_ask_for_one() {
    let (program, emulator) = Program::with_emulator(&["delay=200ms@token"]);
    let running = (0..PROCESSES).map(|_| program.start(&["token", "-o", "json"])).collect();
    let ended: Vec<Ended> = all(running).into_iter().map(|ended| ended.expect_code(0)).collect();
    assert_eq!(emulator.requests("token"), 1);
    let fresh = ended.iter().filter(|ended| ended.json()["cached"] == false).count();
    assert_eq!(fresh, 1);
    let token = ended[0].json()["token"].clone();
    assert!(token.is_string() && ended.iter().all(|ended| ended.json()["token"] == token));
}
