//! A ledger that is older than what was sent from it: it is noticed before anything is sent, and
//! `reconcile --restored` puts it right.

use std::fs;
use std::path::{Path, PathBuf};

use cookiepay::emulator::Emulator;
use cookiepay::ledger::Ledger;

use crate::batch::{column, send};
use crate::coffees::sheet;
use crate::support::{COFFEE, Ended, NOBODY, Scene, reached, with};

/// Puts what the write-ahead file holds into `ledger.db` and copies that.
fn back_up(scene: &Scene) -> PathBuf {
    scene.ledger().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    let copy = scene.home().join("backup.db");
    fs::copy(scene.data_directory().join("ledger.db"), &copy).unwrap();
    copy
}

/// Puts a copy of `ledger.db` back, alone.
fn put_back(scene: &Scene, copy: &Path) {
    for file in ["ledger.db-wal", "ledger.db-shm"] {
        let _not_there = fs::remove_file(scene.data_directory().join(file));
    }
    fs::copy(copy, scene.data_directory().join("ledger.db")).unwrap();
}

/// Ends with 15, names `reconcile --restored`, and nothing more has left.
#[track_caller]
fn assert_refused(scene: &mut Scene, arguments: &[&str], emulator: &Emulator) -> String {
    let before = reached(emulator);
    let ended = scene.run(&with(arguments, &["-o", "json"])).expect_code(15);
    let error = ended.error();
    assert!(error["hint"].as_str().unwrap().contains("cookiepay reconcile --restored"), "{error}");
    assert_eq!((ended.stdout.as_str(), reached(emulator)), ("", before));
    error["message"].as_str().unwrap().to_owned()
}

/// Sends a coffee under this number.
fn coffee(scene: &mut Scene, bill_no: &str) -> Ended {
    scene.run(&with(&COFFEE, &["--bill-no", bill_no, "--allow-duplicate", "-o", "json"]))
}

#[test]
fn a_ledger_put_back_from_a_backup_sends_nothing_until_every_bill_of_the_gap_was_asked_for() {
    let (mut scene, emulator) = Scene::with_emulator();
    send(&mut scene, &sheet(3), &[]).expect_code(0);
    let backup = back_up(&scene);
    send(&mut scene, &sheet(8), &[]).expect_code(0);
    assert_eq!(reached(&emulator), (8, 8, 8));
    put_back(&scene, &backup);
    let message = assert_refused(&mut scene, &["reconcile"], &emulator);
    assert!(message.contains("5 requests"), "{message}");
    assert_eq!(send(&mut scene, &sheet(8), &[]).expect_code(15).stdout, "");
    assert!(scene.run(&["config", "check"]).expect_code(15).stdout.contains("older"));
    // What changes nothing is still answered.
    scene.run(&["list"]).expect_code(0);
    let ended = scene.run(&["reconcile", "--restored", "-o", "jsonl"]).expect_code(0);
    assert!(ended.stderr.contains("taken over from the journal: 5"), "{}", ended.stderr);
    // Everything is known again, with its row, and nobody was messaged.
    assert_eq!(reached(&emulator), (13, 8, 8));
    let listed = scene.run(&["list", "--batch", "march", "-o", "jsonl"]);
    assert_eq!(column(&listed, "row"), (1..=8).map(|row| row.to_string()).collect::<Vec<_>>());
    assert_eq!(column(&listed, "outcome")[3..], vec!["linked"; 5]);
    send(&mut scene, &sheet(8), &[]).expect_code(0);
    assert_eq!((reached(&emulator).1, reached(&emulator).2), (8, 8));
    scene.run(&["config", "check"]).expect_code(0);
}

#[test]
fn a_ledger_file_copied_without_its_write_ahead_file_is_noticed() {
    let (mut scene, emulator) = Scene::with_emulator();
    coffee(&mut scene, "B1").expect_code(0);
    back_up(&scene);
    // Somebody reads, so that what is written stays in the write-ahead file.
    let reader = scene.ledger();
    reader.query_row("SELECT count(*) FROM bills", [], |_| Ok(())).unwrap();
    coffee(&mut scene, "B2").expect_code(0);
    let alone = scene.home().join("alone.db");
    fs::copy(scene.data_directory().join("ledger.db"), &alone).unwrap();
    drop(reader);
    put_back(&scene, &alone);
    assert_refused(&mut scene, &with(&COFFEE, &["--bill-no", "B2", "--allow-duplicate"]), &emulator);
    scene.run(&["reconcile", "--restored"]).expect_code(0);
    assert_eq!(coffee(&mut scene, "B2").expect_code(0).json()["outcome"], "already_sent");
    assert_eq!(reached(&emulator), (3, 2, 2));
}

#[test]
fn a_data_directory_that_was_emptied_or_has_another_ledger_is_noticed_and_rebuilt() {
    for other in ["", "other"] {
        let (mut scene, emulator) = Scene::with_emulator();
        coffee(&mut scene, "B1").expect_code(0);
        coffee(&mut scene, "B2").expect_code(0);
        fs::remove_dir_all(scene.data_directory()).unwrap();
        if !other.is_empty() {
            drop(Ledger::open(&scene.data_directory()).unwrap());
        }
        let send = with(&COFFEE, &["--bill-no", "B1", "--allow-duplicate"]);
        let message = assert_refused(&mut scene, &send, &emulator);
        assert!(message.contains("removed"), "{message}");
        assert_eq!(Path::exists(&scene.data_directory()), !other.is_empty());
        scene.run(&["config", "check"]).expect_code(15);
        scene.run(&["reconcile", "--restored"]).expect_code(0);
        for number in ["B1", "B2"] {
            assert_eq!(scene.listed(number)["outcome"], "linked");
            assert_eq!(coffee(&mut scene, number).expect_code(0).json()["outcome"], "already_sent");
        }
        coffee(&mut scene, "B3").expect_code(0);
        assert_eq!(reached(&emulator), (5, 3, 3), "{other}");
        // The rebuilt ledger is older than reality if it is removed in its turn.
        fs::remove_dir_all(scene.data_directory()).unwrap();
        assert_refused(&mut scene, &send, &emulator);
        scene.run(&["reconcile", "--restored"]).expect_code(0);
        assert_eq!(scene.run(&["list", "-o", "jsonl"]).json_lines().len(), 3);
    }
}

#[test]
fn the_ledger_of_a_demonstration_may_be_removed() {
    let mut scene = Scene::new();
    let send = with(&COFFEE, &["--profile", "local", "--bill-no", "B1"]);
    scene.run(&send).expect_code(0);
    fs::remove_dir_all(scene.data_directory()).unwrap();
    scene.run(&["config", "check"]).expect_code(0);
    scene.run(&send).expect_code(0);
}

#[test]
fn a_bill_whose_newer_message_the_ledger_lacks_is_no_longer_taken_for_what_it_was() {
    let (mut scene, emulator) = Scene::with_emulator();
    coffee(&mut scene, "B1").expect_code(0);
    let backup = back_up(&scene);
    scene.clock.advance(std::time::Duration::from_hours(1));
    scene.run(&["resend", "B1"]).expect_code(0);
    put_back(&scene, &backup);
    assert_refused(&mut scene, &["resend", "B1"], &emulator);
    scene.run(&["reconcile", "--restored"]).expect_code(0);
    assert_eq!(scene.listed("B1")["outcome"], "linked");
    assert_eq!(reached(&emulator), (2, 2, 1));
}

#[test]
fn bills_of_the_gap_that_cannot_be_asked_for_are_held_and_others_may_be_sent() {
    let (mut scene, emulator) = Scene::with_emulator();
    coffee(&mut scene, "B1").expect_code(0);
    let backup = back_up(&scene);
    coffee(&mut scene, "B2").expect_code(0);
    put_back(&scene, &backup);
    scene.configure_sandbox(NOBODY, "");
    scene.run(&["reconcile", "--restored"]).expect_code(7);
    scene.configure_sandbox(&emulator.url(), "");
    coffee(&mut scene, "B2").expect_code(7);
    coffee(&mut scene, "B3").expect_code(0);
    assert_eq!(reached(&emulator), (3, 3, 3));
}

#[test]
fn a_journal_that_is_gone_or_begins_too_late_is_said() {
    let (mut scene, _emulator) = Scene::with_emulator();
    coffee(&mut scene, "B1").expect_code(0);
    let backup = back_up(&scene);
    coffee(&mut scene, "B2").expect_code(0);
    fs::remove_dir_all(scene.journals()).unwrap();
    coffee(&mut scene, "B3").expect_code(0);
    put_back(&scene, &backup);
    let ended = scene.run(&["reconcile", "--restored"]).expect_code(0);
    assert!(ended.stderr.contains("begins at 2026-11-22T11:20:00+09:00"), "{}", ended.stderr);
    fs::remove_dir_all(scene.journals()).unwrap();
    let ended = scene.run(&["reconcile", "--restored"]).expect_code(0);
    assert!(ended.stderr.contains("gone or empty"), "{}", ended.stderr);
}

#[test]
fn a_run_that_sent_what_no_attempt_names_is_a_sign_of_an_older_ledger() {
    let (mut scene, emulator) = Scene::with_emulator();
    coffee(&mut scene, "B1").expect_code(0);
    fs::write(scene.data_directory().join("runs/idle"), "").unwrap();
    coffee(&mut scene, "B2").expect_code(0);
    assert!(!scene.data_directory().join("runs/idle").exists());
    fs::write(scene.data_directory().join("runs/0123456789ab"), "1").unwrap();
    assert_refused(&mut scene, &COFFEE, &emulator);
    scene.run(&["reconcile", "--restored"]).expect_code(0);
    coffee(&mut scene, "B3").expect_code(0);
    assert_eq!(fs::read_dir(scene.data_directory().join("runs")).unwrap().count(), 0);
}

#[test]
fn a_journal_that_cannot_be_written_keeps_nothing_from_being_sent_and_is_said() {
    let (mut scene, emulator) = Scene::with_emulator();
    fs::write(scene.home().join("state"), "no directory").unwrap();
    for number in ["B1", "B2"] {
        let said = coffee(&mut scene, number).expect_code(0).stderr;
        assert_eq!(said.lines().count(), 1, "{said}");
        let path = scene.journals();
        assert!(said.starts_with("warning: ") && said.contains(path.to_str().unwrap()), "{said}");
        assert!(said.contains("not noticed"), "{said}");
    }
    let quiet = with(&COFFEE, &["--bill-no", "B1", "--allow-duplicate", "-q"]);
    assert_eq!(scene.run(&quiet).expect_code(0).stderr, "");
    let check = scene.run(&["config", "check", "-o", "jsonl"]).expect_code(0);
    let journal = check.json_lines().into_iter().find(|line| line["check"] == "journal").unwrap();
    assert_eq!(journal["verdict"], "warning");
    assert_eq!(reached(&emulator), (2, 2, 2));
}

#[cfg(unix)]
#[test]
fn the_journal_is_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let (mut scene, _emulator) = Scene::with_emulator();
    coffee(&mut scene, "B1").expect_code(0);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&scene.journals()), 0o700);
    let files: Vec<_> = fs::read_dir(scene.journals()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 2);
    assert!(files.iter().all(|path| mode(path) == 0o600));
}

#[test]
fn what_only_reads_says_that_the_ledger_lacks_what_was_sent() {
    for is_removed in [true, false] {
        let (mut scene, emulator) = Scene::with_emulator();
        let file = crate::coffees::write(scene.home(), "march.csv", sheet(3));
        let batch = ["send", "--via", "sms", "--from", file.to_str().unwrap()];
        scene.run(&batch).expect_code(0);
        let backup = back_up(&scene);
        scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(0);
        if is_removed {
            fs::remove_dir_all(scene.data_directory()).unwrap();
        } else {
            put_back(&scene, &backup);
        }
        let missing = if is_removed { "4 requests" } else { "a request" };
        let dry_run = with(&COFFEE, &["--dry-run", "--bill-no", "B2", "--allow-duplicate"]);
        for (command, code) in [
            (&["list", "-o", "json"][..], 0),
            (&dry_run, 0),
            (&with(&batch, &["--dry-run"]), 0),
            (&["status", "--pending"], if is_removed { 0 } else { 8 }),
            (&["list", "-q"], 0),
        ] {
            let ended = scene.run(command).expect_code(code);
            let warnings: Vec<&str> =
                ended.stderr.lines().filter(|line| line.starts_with("warning: ")).collect();
            assert_eq!(warnings.len(), 1, "{command:?}: {}", ended.stderr);
            assert!(warnings[0].contains(missing), "{command:?}: {}", ended.stderr);
            assert!(warnings[0].contains("`cookiepay reconcile --restored`"), "{}", ended.stderr);
            assert!(!ended.stdout.contains("restored"), "{}", ended.stdout);
        }
        assert_eq!(reached(&emulator).0, 4);
        scene.run(&["reconcile", "--restored"]).expect_code(0);
        for command in [&["list"][..], &dry_run] {
            let said = scene.run(command).expect_code(0).stderr;
            assert!(!said.contains("warning"), "{said}");
        }
    }
}
