//! The ledger around every request: intent before the first byte, outcome before the output, and
//! nothing sent where it cannot be written.

use std::fs;
use std::sync::mpsc;

use crate::fake::{Fake, SENT, reply};
use crate::support::{COFFEE, Scene, reached, with};

/// Ends with 15 and nothing reaches the emulator.
#[track_caller]
fn assert_nothing_is_sent(prepare: impl FnOnce(&mut Scene)) -> String {
    let (mut scene, emulator) = Scene::with_emulator();
    prepare(&mut scene);
    let ended = scene.run(&with(&COFFEE, &["-o", "json"])).expect_code(15);
    assert_eq!((ended.stdout.as_str(), reached(&emulator)), ("", (0, 0, 0)));
    let error = ended.error();
    assert_eq!(error["code"], "STORAGE");
    assert!(error["hint"].is_string(), "{error}");
    error["message"].as_str().unwrap().to_owned()
}

/// Writes a file into the data directory.
fn write(scene: &Scene, name: &str, content: &[u8]) {
    fs::create_dir_all(scene.data_directory()).unwrap();
    fs::write(scene.data_directory().join(name), content).unwrap();
}

#[test]
fn the_intent_is_durable_before_the_first_byte_leaves() {
    let (looked, seen) = mpsc::channel();
    let scene = Scene::new();
    let file = scene.data_directory().join("ledger.db");
    let fake = Fake::new(move |_| {
        let ledger = rusqlite::Connection::open(&file).unwrap();
        let sql = "SELECT bills.bill_no, bills.outcome, attempts.settled_at FROM bills JOIN attempts";
        let row = ledger.query_row(sql, [], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<i64>>(2)?))
        });
        looked.send(row.unwrap()).unwrap();
        reply("200 OK", SENT)
    });
    let mut scene = scene;
    scene.configure_sandbox(&fake.url(), "");
    scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(0);
    assert_eq!(seen.recv().unwrap(), ("B1".to_owned(), "in_flight".to_owned(), None));
    assert_eq!(scene.listed("B1")["outcome"], "sent");
}

#[test]
fn a_bill_in_flight_is_not_sent_by_another_run_and_shown_as_unknown() {
    let scene = Scene::new();
    let mut other = scene.beside();
    let (told, heard) = mpsc::channel();
    let fake = Fake::new(move |_| {
        let send = other.run(&with(&COFFEE, &["--bill-no", "B1", "-o", "json"]));
        told.send((send, other.listed("B1"))).unwrap();
        reply("200 OK", SENT)
    });
    let mut scene = scene;
    scene.configure_sandbox(&fake.url(), "");
    scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(0);
    let (ended, listed) = heard.recv().unwrap();
    let ended = ended.expect_code(11);
    assert_eq!(
        (ended.json()["outcome"].as_str(), listed["outcome"].as_str()),
        (Some("unknown"), Some("unknown"))
    );
    assert_eq!(fake.requests(), 1);
}

#[test]
fn a_bill_that_was_in_flight_when_the_program_died_is_unknown_and_not_sent_again() {
    let (mut scene, emulator) = Scene::with_emulator();
    let command = with(&COFFEE, &["--bill-no", "B1", "-o", "json"]);
    scene.run(&command).expect_code(0);
    let died = "UPDATE bills SET outcome = 'in_flight', url_key = NULL, pay_url = NULL, run = 'dead'";
    scene.ledger().execute(died, []).unwrap();
    let ended = scene.run(&command).expect_code(7);
    assert_eq!(ended.json()["outcome"], "unknown");
    assert!(ended.error()["hint"].as_str().unwrap().contains("cookiepay reconcile"));
    assert_eq!(scene.listed("B1")["outcome"], "unknown");
    scene.run(&COFFEE).expect_code(13);
    assert_eq!(reached(&emulator), (1, 1, 1));
}

#[test]
fn nothing_is_sent_where_the_data_directory_is_a_file() {
    assert_nothing_is_sent(|scene| {
        fs::create_dir_all(scene.data_directory().parent().unwrap()).unwrap();
        fs::write(scene.data_directory(), "").unwrap();
    });
}

#[test]
fn nothing_is_sent_where_the_ledger_is_no_ledger() {
    let message = assert_nothing_is_sent(|scene| write(scene, "ledger.db", &[b'x'; 8192]));
    assert!(message.contains("ledger.db"), "{message}");
}

#[test]
fn nothing_is_sent_where_the_ledger_is_of_a_newer_program() {
    let message = assert_nothing_is_sent(|scene| {
        write(scene, "ledger.db", b"");
        scene.ledger().pragma_update(None, "user_version", 9_999).unwrap();
    });
    assert!(message.contains("schema 9999"), "{message}");
}

#[test]
fn nothing_is_sent_where_the_intent_cannot_be_written() {
    assert_nothing_is_sent(|scene| {
        scene.run(&["status", "--pending"]).expect_code(0);
        fail_on(scene, "started_at");
    });
}

#[cfg(unix)]
#[test]
fn nothing_is_sent_where_the_ledger_is_read_only() {
    use std::os::unix::fs::PermissionsExt;
    let probe = tempfile::tempdir().unwrap();
    fs::set_permissions(probe.path(), fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(probe.path().join("x"), "").is_ok() {
        // Modes do not bind root.
        return;
    }
    assert_nothing_is_sent(|scene| {
        scene.run(&["status", "--pending"]).expect_code(0);
        fs::set_permissions(scene.data_directory(), fs::Permissions::from_mode(0o500)).unwrap();
        fs::set_permissions(scene.data_directory().join("ledger.db"), fs::Permissions::from_mode(0o400))
            .unwrap();
    });
}

#[test]
fn an_outcome_that_cannot_be_recorded_is_said_and_the_bill_is_unknown_from_then_on() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&["status", "--pending"]).expect_code(0);
    fail_on(&scene, "settled_at");
    let command = with(&COFFEE, &["--bill-no", "B1", "-o", "json"]);
    let ended = scene.run(&command).expect_code(15);
    let (shown, error) = (ended.json(), ended.error());
    assert_eq!((error["outcome"].as_str(), error["bill_no"].as_str()), (Some("unknown"), Some("B1")));
    assert_eq!((shown["outcome"].as_str(), shown["url_key"].is_string()), (Some("unknown"), true));
    assert!(error["message"].as_str().unwrap().contains("the outcome is sent"), "{error}");
    scene.ledger().execute("DROP INDEX full", []).unwrap();
    assert_eq!(scene.run(&command).expect_code(7).json()["outcome"], "unknown");
    assert_eq!(reached(&emulator), (1, 1, 1));
}

/// From now on no attempt can be written that has a value in this column: its index cannot be computed.
fn fail_on(scene: &Scene, column: &str) {
    let sql = format!("CREATE INDEX full ON attempts (abs(0 * {column} - 9223372036854775807 - 1))");
    scene.ledger().execute(&sql, []).unwrap();
}

#[test]
fn looking_makes_no_ledger() {
    let mut scene = Scene::with_sandbox("https://nowhere.invalid");
    scene.run(&["list"]).expect_code(0);
    scene.run(&["config", "check"]).expect_code(0);
    scene.run(&["config", "path"]).expect_code(0);
    assert!(!scene.data_directory().exists());
}

#[cfg(unix)]
#[test]
fn what_is_remembered_is_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let (mut scene, _emulator) = Scene::with_emulator();
    scene.run(&COFFEE).expect_code(0);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&scene.data_directory()), 0o700);
    assert_eq!(mode(&scene.data_directory().join("ledger.db")), 0o600);
}

#[test]
fn a_closed_stdout_changes_nothing_that_was_sent_or_recorded() {
    let (mut scene, emulator) = Scene::with_emulator();
    let code = scene.run_on(
        &with(&COFFEE, &["--bill-no", "B1"]),
        Box::new(Failing(std::io::ErrorKind::BrokenPipe)),
        Box::new(std::io::sink()),
    );
    assert_eq!((code, reached(&emulator)), (0, (1, 1, 1)));
    assert_eq!(scene.listed("B1")["outcome"], "sent");
}

#[test]
fn a_result_that_cannot_be_written_is_recorded_all_the_same() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let code = scene.run_on(
        &with(&COFFEE, &["--bill-no", "B1"]),
        Box::new(Failing(std::io::ErrorKind::StorageFull)),
        Box::new(std::io::sink()),
    );
    assert_eq!(code, 15);
    assert_eq!(scene.listed("B1")["outcome"], "sent");
}

/// A stream whose every write fails so.
struct Failing(std::io::ErrorKind);

impl std::io::Write for Failing {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_empty_ledger_and_one_whose_journal_alone_is_left_are_damaged_and_not_new() {
    for damage in ["empty", "journal"] {
        let (mut scene, emulator) = Scene::with_emulator();
        scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(0);
        let ledger = scene.data_directory().join("ledger.db");
        if damage == "empty" {
            fs::write(&ledger, "").unwrap();
        } else {
            fs::write(scene.data_directory().join("ledger.db-wal"), "left behind").unwrap();
            fs::remove_file(&ledger).unwrap();
        }
        scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(15);
        assert_eq!(reached(&emulator), (1, 1, 1), "{damage}");
    }
}
