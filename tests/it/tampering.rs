//! A ledger that another program has changed, or a disk has damaged: it is found out, and nothing is sent.

use std::fs;

use crate::support::{COFFEE, Scene, reached, with};

/// A shop that has sent one coffee, `B1`.
fn shop() -> (Scene, cookiepay::emulator::Emulator) {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(0);
    (scene, emulator)
}

#[test]
fn tables_triggers_and_views_of_another_program_are_found_out_before_anything_is_sent() {
    for (sql, named) in [
        ("CREATE TRIGGER cheaper AFTER INSERT ON bills BEGIN UPDATE bills SET amount = 1; END", "cheaper"),
        ("CREATE VIEW mine AS SELECT * FROM bills", "mine"),
        ("CREATE TABLE extra (id INTEGER)", "extra"),
        ("ALTER TABLE bills ADD COLUMN discount INTEGER", "bills"),
        ("ALTER TABLE attempts RENAME TO tries", "tries"),
    ] {
        let (mut scene, emulator) = shop();
        scene.ledger().execute_batch(sql).unwrap();
        let send = with(&COFFEE, &["--bill-no", "B2", "--allow-duplicate", "-o", "json"]);
        let error = scene.run(&send).expect_code(15).error();
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(named) && message.contains("another program"), "{sql}: {message}");
        assert!(scene.run(&["config", "check"]).expect_code(15).stdout.contains("another program"), "{sql}");
        assert_eq!(reached(&emulator), (1, 1, 1), "{sql}");
    }
}

#[test]
fn a_store_of_notifications_that_another_program_has_changed_is_refused() {
    for (sql, named) in [
        (
            "CREATE TRIGGER trusting AFTER INSERT ON notifications
             BEGIN UPDATE notifications SET verdict = 'confirmed'; END",
            "trusting",
        ),
        ("CREATE VIEW mine AS SELECT * FROM notifications", "mine"),
        ("ALTER TABLE confirmations ADD COLUMN doubt TEXT", "confirmations"),
    ] {
        let (mut scene, _emulator) = shop();
        crate::noti_stored::store_paid(&scene, "T1");
        let check = scene.run(&["config", "check", "-o", "json"]).expect_code(0).json();
        let checks = check["items"].as_array().unwrap();
        assert!(checks.iter().any(|check| check["check"] == "notifications"), "{check}");
        scene.notifications().execute_batch(sql).unwrap();
        let error = scene.run(&["noti", "list", "-o", "json"]).expect_code(15).error();
        let message = error["message"].as_str().unwrap();
        let is_named = message.contains(named) && message.contains("notifications.db");
        assert!(is_named && message.contains("another program"), "{sql}: {message}");
        assert!(scene.run(&["config", "check"]).expect_code(15).stdout.contains("another program"), "{sql}");
        // Bills are not in that file.
        scene.run(&with(&COFFEE, &["--bill-no", "B2", "--allow-duplicate"])).expect_code(0);
    }
}

#[test]
fn indexes_more_or_fewer_are_no_damage() {
    let (mut scene, emulator) = shop();
    scene
        .ledger()
        .execute_batch("DROP INDEX bills_by_content; CREATE INDEX by_buyer ON bills (buyer); ANALYZE")
        .unwrap();
    scene.run(&with(&COFFEE, &["--bill-no", "B2", "--allow-duplicate"])).expect_code(0);
    scene.run(&["config", "check"]).expect_code(0);
    assert_eq!(reached(&emulator), (2, 2, 2));
}

#[test]
fn a_bill_that_its_damaged_index_does_not_find_is_not_sent_again() {
    for has_journal in [true, false] {
        let (mut scene, emulator) = shop();
        flip_a_bit_in_the_index_of_numbers(&scene);
        if !has_journal {
            fs::remove_dir_all(scene.journals()).unwrap();
        }
        let send = with(&COFFEE, &["--bill-no", "B1", "--allow-duplicate", "-o", "json"]);
        let error = scene.run(&send).expect_code(15).error();
        assert!(error["message"].as_str().unwrap().contains("damaged"), "{error}");
        assert_eq!(reached(&emulator), (1, 1, 1));
        let check = scene.run(&["config", "check"]).expect_code(15);
        assert!(
            check.stdout.contains("damaged") || check.stdout.contains("sqlite_autoindex_bills_1"),
            "{}",
            check.stdout
        );
    }
}

/// The number `B1` becomes `A1` where the unique index has it, and stays `B1` in its row.
fn flip_a_bit_in_the_index_of_numbers(scene: &Scene) {
    let ledger = scene.ledger();
    ledger.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_bills_1'";
    let page: usize = ledger.query_row(sql, [], |row| row.get(0)).unwrap();
    let size: usize = ledger.query_row("PRAGMA page_size", [], |row| row.get(0)).unwrap();
    drop(ledger);
    let path = scene.data_directory().join("ledger.db");
    let mut bytes = fs::read(&path).unwrap();
    let page = &mut bytes[(page - 1) * size..page * size];
    let number = b"sandbox_shop01B1";
    let at = page.windows(number.len()).position(|window| window == number).unwrap();
    page[at + number.len() - 2] = b'A';
    fs::write(&path, bytes).unwrap();
}
