//! SIGKILL: whatever was intended is remembered, and nothing is sent twice.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use cookiepay::emulator::{Emulator, Options, PayBase};

use super::{Program, coffee};

#[test]
fn a_send_killed_while_its_answer_is_awaited_is_unknown_and_not_repeated() {
    let (program, emulator) = Program::with_emulator(&["delay=60s@send*1"]);
    let sending = program.start(&coffee("B1"));
    emulator.wait_for("send", 1);
    assert_eq!(program.send("B1").expect_code(11).error()["code"], "BUSY");
    sending.kill();
    let again = program.send("B1").expect_code(7);
    assert_eq!(again.json()["outcome"], "unknown");
    assert!(again.error()["hint"].as_str().unwrap().contains("reconcile"), "{again:?}");
    assert_eq!(program.known("B1")["outcome"], "unknown");
    assert_eq!(emulator.reached(), (1, 1, 1));
    let reconciled = program.run(&["reconcile", "-o", "jsonl"]).expect_code(0).json_lines();
    assert_eq!((reconciled.len(), &reconciled[0]["outcome"]), (1, &"linked".into()));
    assert_eq!(program.send("B1").expect_code(0).json()["outcome"], "already_sent");
    assert_eq!(emulator.reached(), (2, 1, 1));
}

/// Bills that are sent and killed at moments spread over the whole of a send.
const ROUNDS: u32 = 30;

#[test]
fn sends_killed_at_any_moment_reach_a_customer_at_most_once_and_never_unrecorded() {
    let (program, emulator) = Program::with_emulator(&["delay=20ms@send"]);
    let whole = {
        let start = std::time::Instant::now();
        program.send("WHOLE").expect_code(0);
        start.elapsed()
    };
    let names: Vec<String> = (0..ROUNDS).map(|round| format!("K{round}")).collect();
    for (round, name) in (0..).zip(&names) {
        let sending = program.start(&coffee(name));
        // The moment is what varies here, over the whole of a send and past it; nothing is waited for.
        thread::sleep(whole * round * 3 / ROUNDS / 2 + Duration::from_micros(u64::from(round) * 37 % 1_000));
        sending.kill();
    }
    let outcomes: Vec<(u8, String)> = names
        .iter()
        .map(|name| {
            let ended = program.send(name);
            (ended.code, ended.json()["outcome"].as_str().unwrap().to_owned())
        })
        .collect();
    let witness = witness(&program.data_directory().join("emulator.db"));
    let mut reached = 1;
    for (name, outcome) in names.iter().zip(&outcomes) {
        let messages = witness.message_count(name).unwrap();
        reached += messages;
        match (outcome.0, outcome.1.as_str()) {
            (0, "sent" | "already_sent") => assert_eq!(messages, 1, "{name}"),
            (7, "unknown") => assert!(messages <= 1, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    let known = program.run(&["list", "-o", "jsonl"]).expect_code(0).json_lines();
    assert!(names.iter().all(|name| known.iter().any(|bill| bill["bill_no"] == **name)), "{known:?}");
    // Each bill that the emulator has is one of those that were counted above.
    assert_eq!((emulator.reached().1, emulator.reached().2), (reached, reached));
    // What nobody could know is found out, without another message.
    let reconciled = program.run(&["reconcile", "-o", "jsonl"]).expect_code(0).json_lines();
    assert!(reconciled.iter().all(|item| item["outcome"] != "unknown"), "{reconciled:?}");
    assert_eq!(
        program.run(&["list", "-o", "jsonl", "--outcome", "unknown"]).expect_code(0).json_lines().len(),
        0
    );
    for name in &names {
        assert!(witness.message_count(name).unwrap() <= 1, "{name}");
    }
    assert_eq!((emulator.reached().1, emulator.reached().2), (reached, u64::from(ROUNDS) + 1));
    let left = fs::read_dir(program.data_directory().join("runs")).unwrap().count();
    assert!(left <= names.len(), "{left} runs are left");
}

/// Reads the state of the served emulator.
fn witness(state_file: &Path) -> Emulator {
    Emulator::start(Options {
        state_file: state_file.to_path_buf(),
        listen: "127.0.0.1:0".to_owned(),
        pay_base: PayBase::OwnAddress,
        notify_url: None,
        faults: Vec::new(),
        tls: None,
        now: Arc::new(|| jiff::Timestamp::UNIX_EPOCH),
        random: Arc::new(|buffer: &mut [u8]| buffer.fill(7)),
        journal: None,
    })
    .unwrap()
}
