//! Streams that are closed, full or absent change nothing that is sent or recorded.

use std::fs::File;
use std::process::Stdio;

use super::{Program, coffee, ended, start};
use crate::support::{COFFEE, with};

#[test]
fn a_reader_that_leaves_changes_neither_outcome_nor_code() {
    for (fault, code, outcome) in
        [(None, 0, "sent"), (Some("drop-after"), 7, "unknown"), (Some("refuse=E101"), 5, "refused")]
    {
        let (program, _emulator) = Program::with_emulator(fault.as_slice());
        let mut sending = start(&mut program.command(&coffee("B1")));
        drop(sending.child.stdout.take());
        let ended = sending.finish().expect_code(code);
        assert_eq!(program.known("B1")["outcome"], outcome);
        assert!(!ended.stderr.contains("pipe") && !ended.stderr.contains("panic"), "{ended:?}");
        assert_eq!(ended.stderr.is_empty(), code == 0, "{ended:?}");
    }
}

#[test]
fn a_reader_that_leaves_a_long_list_ends_it_quietly() {
    let (program, _emulator) = Program::with_emulator(&[]);
    program.send("B1").expect_code(0);
    for arguments in [
        ["list", "-o", "csv"],
        ["list", "-o", "table"],
        ["completions", "bash", "-q"],
        ["explain", "-o", "json"],
    ] {
        let mut running = start(&mut program.command(&arguments));
        drop(running.child.stdout.take());
        assert_eq!(running.finish().expect_code(0).stderr, "");
    }
    let mut running = start(&mut program.command(&["--help"]));
    drop(running.child.stdout.take());
    assert_eq!(running.finish().expect_code(0).stderr, "");
}

#[test]
fn a_closed_stderr_keeps_nothing_from_being_sent_or_told() {
    let (program, emulator) = Program::with_emulator(&["drop-after*1"]);
    let arguments = with(&coffee("B1"), &["-v"]);
    let mut sending = start(&mut program.command(&arguments));
    drop(sending.child.stderr.take());
    assert_eq!(sending.finish().expect_code(7).json()["outcome"], "unknown");
    let arguments = with(&coffee("B2"), &["-v"]);
    let mut sending = start(&mut program.command(&arguments));
    drop(sending.child.stderr.take());
    assert_eq!(sending.finish().expect_code(0).json()["outcome"], "sent");
    assert_eq!(emulator.reached(), (2, 2, 2));
}

#[test]
fn a_full_disk_behind_stdout_is_told_and_the_bill_is_recorded() {
    let (program, emulator) = Program::with_emulator(&[]);
    for format in ["table", "json", "jsonl", "csv"] {
        let arguments = with(&COFFEE, &["--allow-duplicate", "--bill-no", format, "-o", format]);
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = program.command(&arguments).stdout(full).stderr(Stdio::piped()).spawn().unwrap();
        let ended = ended(output.wait_with_output().unwrap()).expect_code(15);
        assert!(ended.stderr.contains("could not be written"), "{ended:?}");
        assert_eq!(program.known(format)["outcome"], "sent");
    }
    assert_eq!(emulator.reached(), (4, 4, 4));
}

#[test]
fn streams_that_do_not_exist_do_no_harm() {
    let (program, emulator) = Program::with_emulator(&[]);
    let closed = [
        ("B1", "exec \"$@\" <&-"),
        ("B2", "exec \"$@\" >&-"),
        ("B3", "exec \"$@\" 2>&-"),
        ("B4", "exec \"$@\" <&- >&- 2>&-"),
    ];
    for (bill_no, script) in closed {
        start(&mut program.command_in_shell(script, &coffee(bill_no))).finish().expect_code(0);
        assert_eq!(program.known(bill_no)["outcome"], "sent");
    }
    assert_eq!(emulator.reached(), (4, 4, 4));
    // A question to nobody is no.
    program.configure_profile("live", &emulator.url);
    let asked = start(&mut program.command_in_shell("exec \"$@\" <&-", &coffee("B5"))).finish();
    assert_eq!(asked.expect_code(13).error()["code"], "GUARD");
    assert_eq!(emulator.reached(), (4, 4, 4));
}
