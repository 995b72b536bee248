//! What keeps a whole sheet from being sent: exit 13, and not one row leaves.

use std::fs;
use std::time::Duration;

use cookiepay::emulator::Emulator;

use crate::batch::{column, send};
use crate::coffees::{self, HEADINGS, sheet};
use crate::support::{COFFEE, Scene, reached, with};

/// The total of three rows.
const TOTAL: &str = "12006";

/// Refused here, with that in its message, its hint or its fields.
#[track_caller]
fn assert_guarded(scene: &mut Scene, content: &str, more: &[&str], says: &str) {
    let ended = send(scene, content, more).expect_code(13);
    assert_eq!((ended.error()["code"].as_str(), &*ended.stdout), (Some("GUARD"), ""));
    assert!(ended.error().to_string().contains(says), "{ended:?}");
}

/// A live profile in front of an emulator.
fn live() -> (Scene, Emulator) {
    let (scene, emulator) = Scene::with_emulator();
    scene.configure_live(&emulator.url());
    (scene, emulator)
}

#[test]
fn the_lower_of_profile_and_command_line_limits_rows_and_total() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.configure_sandbox(&emulator.url(), "max_rows = 3\nmax_total = 12006\nmax_amount = 4010\n");
    assert_guarded(&mut scene, &sheet(4), &["--max-rows", "100"], "limit of 3");
    assert_guarded(&mut scene, &sheet(3), &["--max-rows", "2"], "limit of 2");
    assert_guarded(
        &mut scene,
        &sheet(3).replace("4001", "4002"),
        &["--max-total", "99999"],
        "limit of 12006",
    );
    assert_guarded(&mut scene, &sheet(3), &["--max-total", "12005"], "limit of 12005");
    assert_guarded(&mut scene, &sheet(3).replace("4001", "4011"), &[], "max_amount");
    assert_eq!(reached(&emulator).0, 0);
    send(&mut scene, &sheet(3), &["--max-rows", "3", "--max-total", TOTAL]).expect_code(0);
    assert_eq!(reached(&emulator).0, 3);
}

#[test]
fn a_live_batch_is_confirmed_by_its_total_and_by_nothing_less() {
    let (mut scene, emulator) = live();
    assert_guarded(&mut scene, &sheet(3), &[], "--confirm-total 12006");
    assert_guarded(&mut scene, &sheet(3), &["--yes"], "--confirm-total 12006");
    for wrong in ["12007", "12,005", "3"] {
        assert_guarded(&mut scene, &sheet(3), &["--confirm-total", wrong], "12006 won");
        assert_guarded(&mut scene, &sheet(3), &["--yes", "--confirm-total", wrong], "12006 won");
    }
    assert_eq!(reached(&emulator).0, 0);
    send(&mut scene, &sheet(3), &["--confirm-total", "12,006원"]).expect_code(0);
    assert_eq!(reached(&emulator), (3, 3, 3));
}

#[test]
fn a_wrong_total_is_refused_in_a_sandbox_too() {
    let (mut scene, emulator) = Scene::with_emulator();
    assert_guarded(&mut scene, &sheet(3), &["--confirm-total", "1"], "12006 won");
    assert_eq!(reached(&emulator).0, 0);
    send(&mut scene, &sheet(3), &["--confirm-total", TOTAL]).expect_code(0);
}

#[test]
fn a_total_of_more_than_ten_digits_can_be_confirmed() {
    let (mut scene, emulator) = live();
    let rows = format!("{HEADINGS}커피,9999999999,홍,01010000001\n커피,9999999999,김,01010000002\n");
    send(&mut scene, &rows, &["--confirm-total", "19,999,999,998"]).expect_code(0);
    assert_eq!(reached(&emulator).0, 2);
}

#[test]
fn a_person_types_the_total() {
    let (mut scene, emulator) = live();
    let file = coffees::write(scene.home(), "march.csv", sheet(3));
    let batch = ["send", "--via", "sms", "--from", file.to_str().unwrap()];
    for (typed, code) in [("", 13), ("y\n", 13), ("yes\n", 13), ("12005\n", 13), ("12,006원\n", 0)] {
        scene.on_terminal = true;
        scene.stdin = typed.into();
        let ended = scene.run(&batch).expect_code(code);
        for shown in ["shop", "march", "3 rows", "12,006"] {
            assert!(ended.stderr.contains(shown), "{shown}: {}", ended.stderr);
        }
        assert_eq!(reached(&emulator).0, if code == 0 { 3 } else { 0 });
    }
    coffees::write(scene.home(), "march.csv", sheet(4));
    scene.stdin = "4004\n".into();
    scene.run(&with(&batch, &["--no-input"])).expect_code(13);
}

#[test]
fn a_person_types_what_will_leave_and_is_not_asked_when_nothing_does() {
    let (mut scene, emulator) = live();
    send(&mut scene, &sheet(2), &["--confirm-total", "8003"]).expect_code(0);
    let file = coffees::write(scene.home(), "march.csv", sheet(3));
    let batch = ["send", "--via", "sms", "--from", file.to_str().unwrap()];
    scene.on_terminal = true;
    for (typed, code) in [("12006\n", 13), ("4,003\n", 0)] {
        scene.stdin = typed.into();
        let ended = scene.run(&batch).expect_code(code);
        for shown in ["3 rows, 12,006 won", "to send: 1 rows, 4,003 won", "already_sent (2 rows, 8,003 won)"]
        {
            assert!(ended.stderr.contains(shown), "{shown}: {}", ended.stderr);
        }
    }
    assert_eq!(reached(&emulator).0, 3);
    let nothing_left = scene.run(&batch).expect_code(0);
    assert!(!nothing_left.stderr.contains("Type the won"), "{}", nothing_left.stderr);
    assert_eq!(reached(&emulator).0, 3);
}

#[test]
fn the_same_of_the_same_customer_twice_in_a_sheet_is_a_duplicate() {
    let (mut scene, emulator) = Scene::with_emulator();
    let twice = format!("{}{}", sheet(2), coffees::rows_from(1, 1).replace("홍길동1", "홍 길동"));
    assert_guarded(&mut scene, &twice, &[], "line 2");
    assert_eq!(reached(&emulator).0, 0);
    send(&mut scene, &twice, &["--allow-duplicate"]).expect_code(0);
    assert_eq!(reached(&emulator), (3, 3, 3));
}

#[test]
fn what_another_command_or_batch_asked_a_short_while_ago_is_a_duplicate() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(0);
    let rows = format!("{HEADINGS}아메리카노,4500,홍길동,01012345678\n");
    assert_guarded(&mut scene, &rows, &[], "`B1`");
    send(&mut scene, &sheet(2), &[]).expect_code(0);
    assert_guarded(&mut scene, &sheet(2), &["--batch", "april"], "already asks");
    assert_eq!(reached(&emulator).0, 3);
    scene.clock.advance(Duration::from_hours(25));
    send(&mut scene, &sheet(2), &["--batch", "april"]).expect_code(0);
    assert_eq!(reached(&emulator).0, 5);
}

#[test]
fn a_number_of_a_bill_that_was_sent_by_itself_is_shown_and_not_sent_again() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(0);
    let rows = "bill-no,product,amount,buyer,phone\nB1,아메리카노,4500,홍길동,01012345678\n";
    let ended = send(&mut scene, rows, &[]).expect_code(0);
    assert_eq!(column(&ended, "outcome"), ["already_sent"]);
    assert_guarded(&mut scene, &rows.replace("4500", "4600"), &[], "another amount");
    assert_eq!(reached(&emulator).0, 1);
}

#[test]
fn a_sheet_that_changes_while_it_is_sent_stops_the_batch_and_that_is_no_wrong_usage() {
    let mut scene = Scene::new();
    // Larger than what is read ahead.
    let filler = format!(",{}\n", "x".repeat(10_000));
    let rows = sheet(100).replace('\n', &filler).replacen(&filler, ",filler\n", 1);
    let file = coffees::write(scene.home(), "march.csv", &rows);
    let changed = rows.replace(",홍길동99,", ",홍길동98,");
    let (mut requests, path) = (0, file.clone());
    let fake = crate::fake::Fake::new(move |request| {
        requests += 1;
        if requests == 1 {
            fs::write(&path, &changed).unwrap();
        }
        crate::fake::reply("200 OK", &crate::fake::taken(request))
    });
    scene.configure_sandbox(&fake.url(), "");
    let batch = ["send", "--via", "sms", "-o", "jsonl", "--ignore-unknown-columns", "--from"];
    let ended = scene.run(&with(&batch, &[file.to_str().unwrap()]));
    let error = ended.error();
    assert!(error["message"].as_str().unwrap().contains("changed"), "{error}");
    assert!(fake.requests() > 0 && ended.json_lines().len() == fake.requests());
    // 2 promises that nothing was sent.
    assert_eq!(ended.code, 10, "{error}");
}
