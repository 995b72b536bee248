//! A disk that is full, broken or not ours: nothing is sent that cannot be recorded.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{Program, coffee, start};
use crate::support::{COFFEE, Ended, with};

/// Sends a bill while no file may grow past so many blocks of 512 bytes.
fn send_within(program: &Program, blocks: u32, bill_no: &str) -> Ended {
    // What it prints goes through pipes, which have no size.
    let script = format!("ulimit -f {blocks} && exec \"$@\"");
    start(&mut program.command_in_shell(&script, &coffee(bill_no))).finish()
}

#[test]
fn a_ledger_that_cannot_be_made_keeps_the_bill_from_being_sent() {
    let (program, emulator) = Program::with_emulator(&[]);
    let error = send_within(&program, 0, "B1").expect_code(15).error();
    assert_eq!(error["code"], "STORAGE", "{error}");
    assert_eq!(emulator.reached(), (0, 0, 0));
    assert_eq!(program.send("B1").expect_code(0).json()["outcome"], "sent");
}

#[test]
fn a_ledger_that_stops_growing_at_any_point_loses_no_bill() {
    let (program, emulator) = Program::with_emulator(&[]);
    program.send("FIRST").expect_code(0);
    let (mut kept_back, mut lost, mut sent) = (0, 0, 0);
    for blocks in (1..=385).step_by(24) {
        let bill_no = format!("L{blocks}");
        let before = emulator.reached();
        let ended = send_within(&program, blocks, &bill_no);
        let requests = emulator.reached().0 - before.0;
        let again = program.send(&bill_no);
        match (ended.code, requests) {
            (15, 0) => {
                kept_back += 1;
                assert_eq!((again.code, again.json()["outcome"].as_str()), (0, Some("sent")), "{again:?}");
            }
            (15, 1) => {
                lost += 1;
                let error = ended.error();
                assert_eq!(
                    (error["bill_no"].as_str(), error["outcome"].as_str()),
                    (Some(&*bill_no), Some("unknown"))
                );
                assert!(ended.stdout.contains("pay_url\": \"http"), "the link is shown: {ended:?}");
                assert_eq!((again.code, again.json()["outcome"].as_str()), (7, Some("unknown")), "{again:?}");
            }
            (0, 1) => {
                sent += 1;
                assert_eq!(again.expect_code(0).json()["outcome"], "already_sent");
            }
            other => panic!("{other:?} within {blocks} blocks: {ended:?}"),
        }
    }
    assert!(kept_back > 0 && sent > 0, "{kept_back} kept back, {lost} lost, {sent} sent");
    assert_eq!(emulator.reached().1, 1 + kept_back + lost + sent);
}

#[test]
fn a_damaged_ledger_is_named_and_nothing_is_sent() {
    let garbage = [
        b"not a database, but as long as one".repeat(200),
        b"SQLite format 3\0".repeat(300),
        vec![0xFF; 5000],
    ];
    for garbage in garbage {
        let (program, emulator) = Program::with_emulator(&[]);
        let ledger = program.data_directory().join("ledger.db");
        fs::write(&ledger, &garbage).unwrap();
        for arguments in [
            coffee("B1"),
            vec!["list", "-o", "json"],
            vec!["config", "check", "-o", "json"],
            vec!["status", "-o", "json", "--pending"],
        ] {
            let error = program.run(&arguments).expect_code(15).error();
            assert!(error["message"].as_str().unwrap().contains("ledger.db"), "{error}");
            assert!(error["hint"].as_str().unwrap().contains("backup"), "{error}");
        }
        assert_eq!(emulator.reached(), (0, 0, 0));
        assert_eq!(fs::read(&ledger).unwrap(), garbage);
    }
}

#[test]
fn a_ledger_damaged_in_its_middle_is_no_reason_to_send_again() {
    let (program, emulator) = Program::with_emulator(&[]);
    program.send("B1").expect_code(0);
    let ledger = program.data_directory().join("ledger.db");
    let mut bytes = fs::read(&ledger).unwrap();
    bytes[4096..].fill(0xA5);
    fs::write(&ledger, bytes).unwrap();
    program.send("B1").expect_code(15);
    program.send("B2").expect_code(15);
    assert_eq!(emulator.reached(), (1, 1, 1));
}

#[test]
fn a_data_directory_that_is_a_file_is_told() {
    let (program, emulator) = Program::with_emulator(&[]);
    let file = program.home().join("file");
    fs::write(&file, "").unwrap();
    for directory in [file.clone(), file.join("below")] {
        let directory = directory.display().to_string();
        for arguments in [coffee("B1"), vec!["token", "-o", "json"]] {
            let error = program.run(&with(&arguments, &["--data-dir", &directory])).expect_code(15).error();
            assert_eq!(error["code"], "STORAGE");
        }
    }
    assert_eq!(emulator.reached(), (0, 0, 0));
}

#[test]
fn a_data_directory_that_may_not_be_written_is_told() {
    let (program, emulator) = Program::with_emulator(&[]);
    let directory = program.home().join("closed");
    fs::create_dir(&directory).unwrap();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(directory.join("probe"), "").is_ok() {
        super::skip("modes do not bind this user, who is root");
        return;
    }
    let arguments = with(&coffee("B1"), &["--data-dir", directory.to_str().unwrap()]);
    assert_eq!(program.run(&arguments).expect_code(15).error()["code"], "STORAGE");
    assert_eq!(emulator.reached(), (0, 0, 0));
}

#[test]
fn two_data_directories_know_nothing_of_each_other() {
    let (program, emulator) = Program::with_emulator(&[]);
    for directory in ["one", "two"] {
        let arguments = with(&COFFEE, &["-o", "json", "--data-dir", directory, "--bill-no", directory]);
        assert_eq!(program.run(&arguments).expect_code(0).json()["outcome"], "sent");
        let listed =
            program.run(&["list", "-o", "jsonl", "--data-dir", directory]).expect_code(0).json_lines();
        assert_eq!((listed.len(), listed[0]["bill_no"].as_str()), (1, Some(directory)));
    }
    assert_eq!(emulator.reached(), (2, 2, 2));
    let mode = |path: &str| fs::metadata(program.home().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("one"), mode("one/ledger.db")), (0o700, 0o600));
}
