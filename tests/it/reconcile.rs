//! `reconcile`: what nobody knew becomes known, and nobody is messaged for it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::batch::{column, send};
use crate::coffees::sheet;
use crate::support::{COFFEE, NOBODY, Scene, asked, misbehave, reached, with};

/// Sends a coffee under this number, whatever comes of it.
fn coffee(scene: &mut Scene, bill_no: &str) -> Value {
    let command = with(&COFFEE, &["--bill-no", bill_no, "--allow-duplicate", "-o", "json"]);
    scene.run(&command).json()
}

#[test]
fn an_unknown_bill_gets_its_link_and_nobody_a_message() {
    // The first never arrived, the second was carried out.
    let (mut scene, emulator) = Scene::with_faults(&["drop-before@send*1", "drop-after@send*1"]);
    coffee(&mut scene, "B1");
    coffee(&mut scene, "B2");
    assert_eq!(reached(&emulator), (2, 1, 1));
    let ended = scene.run(&["reconcile", "-o", "jsonl"]).expect_code(0);
    assert_eq!(column(&ended, "bill_no"), ["B1", "B2"]);
    for item in ended.json_lines() {
        let mut keys: Vec<&String> = item.as_object().unwrap().keys().collect();
        keys.sort();
        let expected = [
            "bill_no",
            "environment",
            "live",
            "outcome",
            "outcome_before",
            "pay_url",
            "profile",
            "schema",
            "state",
            "state_before",
            "url_key",
        ];
        assert_eq!(keys, expected);
        assert_eq!((&item["outcome_before"], &item["outcome"]), (&json!("unknown"), &json!("linked")));
        assert_eq!((&item["state_before"], &item["state"]), (&Value::Null, &json!("unpaid")));
        assert!(item["url_key"].is_string() && item["pay_url"].is_string(), "{item}");
    }
    assert_eq!(reached(&emulator), (4, 1, 2));
    assert_eq!(coffee(&mut scene, "B1")["outcome"], "already_sent");
    assert_eq!(reached(&emulator).0, 4);
}

#[test]
fn a_second_reconcile_finds_nothing_new() {
    let (mut scene, emulator) = Scene::with_faults(&["error-500@send*1"]);
    coffee(&mut scene, "B1");
    scene.run(&["reconcile", "-o", "jsonl"]).expect_code(0);
    let again = scene.run(&["reconcile", "-o", "jsonl"]).expect_code(0);
    assert_eq!((&*again.stdout, reached(&emulator)), ("", (2, 1, 1)));
    let json = scene.run(&["reconcile", "-o", "json"]).expect_code(0).json();
    assert_eq!((&json["items"], &json["summary"]["unknown"]), (&json!([]), &json!(0)));
}

#[test]
fn the_state_of_open_links_is_refreshed_and_only_changes_are_told() {
    let (mut scene, emulator) = Scene::with_emulator();
    let keys =
        ["B1", "B2", "B3"].map(|number| coffee(&mut scene, number)["url_key"].as_str().unwrap().to_owned());
    assert_eq!(column(&scene.run(&["reconcile", "-o", "jsonl"]).expect_code(0), "state"), vec!["unpaid"; 3]);
    scene.pay(&keys[0]);
    scene.pay(&keys[1]);
    let paid = scene.run(&["reconcile", "-o", "jsonl"]).expect_code(0);
    assert_eq!(
        (column(&paid, "bill_no"), column(&paid, "state")),
        (vec!["B1".to_owned(), "B2".to_owned()], vec!["paid".to_owned(); 2])
    );
    assert_eq!(
        (column(&paid, "state_before"), column(&paid, "outcome")),
        (vec!["unpaid".to_owned(); 2], vec!["sent".to_owned(); 2])
    );
    // What is paid is not asked after again.
    let before = asked(&emulator).1;
    scene.run(&["reconcile"]).expect_code(0);
    assert_eq!((asked(&emulator).1 - before, reached(&emulator)), (1, (3, 3, 3)));
}

#[test]
fn what_stays_unknown_is_exit_7_and_may_be_tried_again() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-after@send*3"]);
    coffee(&mut scene, "B1");
    coffee(&mut scene, "B2");
    let ended = scene.run(&["reconcile", "--concurrency", "1", "-o", "jsonl"]).expect_code(7);
    assert_eq!(column(&ended, "bill_no"), ["B2"]);
    let error = ended.error();
    assert_eq!((error["code"].as_str(), error["bill_no"].as_str()), (Some("OUTCOME_UNKNOWN"), Some("B1")));
    assert_eq!(scene.listed("B1")["outcome"], "unknown");
    let again = scene.run(&["reconcile", "-o", "jsonl"]).expect_code(0);
    assert_eq!(column(&again, "bill_no"), ["B1"]);
    assert_eq!(reached(&emulator), (5, 2, 2));
}

#[test]
fn a_refusal_proves_nothing_about_the_earlier_request() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-after@send*1", "refuse=E101@send*1"]);
    coffee(&mut scene, "B1");
    scene.run(&["reconcile"]).expect_code(7);
    assert_eq!(scene.listed("B1")["outcome"], "unknown");
    scene.run(&["reconcile"]).expect_code(0);
    assert_eq!(reached(&emulator), (3, 1, 1));
}

#[test]
fn without_a_network_unknown_bills_are_7_and_others_6() {
    let (mut scene, emulator) = Scene::with_emulator();
    coffee(&mut scene, "B1");
    scene.configure_sandbox(NOBODY, "");
    scene.run(&["reconcile"]).expect_code(6);
    scene.configure_sandbox(&emulator.url(), "");
    misbehave(&emulator, &["drop-after@send*1"]);
    coffee(&mut scene, "B2");
    scene.configure_sandbox(NOBODY, "");
    let error = scene.run(&["reconcile", "-o", "jsonl"]).expect_code(7).error();
    assert_eq!(error["bill_no"], "B2");
    assert_eq!(scene.listed("B2")["outcome"], "unknown");
    scene.configure_sandbox(&emulator.url(), "");
    scene.run(&["reconcile"]).expect_code(0);
    assert_eq!(reached(&emulator), (3, 2, 2));
}

#[test]
fn only_one_batch_or_only_bills_since_then_may_be_settled() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-after@send*4"]);
    coffee(&mut scene, "OLD");
    scene.clock.advance(Duration::from_hours(48));
    coffee(&mut scene, "NEW");
    send(&mut scene, &sheet(2), &[]).expect_code(7);
    let march = scene.run(&["reconcile", "--batch", "march", "-o", "jsonl"]).expect_code(0);
    assert_eq!(column(&march, "outcome"), ["linked", "linked"]);
    let recent = scene.run(&["reconcile", "--since", "24h", "-o", "jsonl"]).expect_code(0);
    assert_eq!(column(&recent, "bill_no"), ["NEW"]);
    assert_eq!(scene.listed("OLD")["outcome"], "unknown");
    assert_eq!(column(&scene.run(&["reconcile", "-o", "jsonl"]).expect_code(0), "bill_no"), ["OLD"]);
    assert_eq!(scene.run(&["reconcile", "--since", "soon"]).code, 2);
    assert_eq!(reached(&emulator), (8, 4, 4));
    // The rows keep their batch.
    assert_eq!(scene.run(&["list", "--batch", "march", "-o", "jsonl"]).json_lines().len(), 2);
}

#[test]
fn refused_credentials_leave_unknown_bills_unknown() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-after@send*1"]);
    coffee(&mut scene, "B1");
    let config = std::fs::read_to_string(scene.config_file()).unwrap();
    scene.configure(&config.replace(crate::support::API_KEY, "another-key"));
    scene.run(&["reconcile"]).expect_code(7);
    scene.configure(&config);
    scene.run(&["reconcile"]).expect_code(0);
    assert_eq!(reached(&emulator), (3, 1, 1));
}

#[test]
fn an_interrupted_reconcile_that_left_bills_unknown_ends_as_unknown() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-after@send"]);
    send(&mut scene, &sheet(12), &[]).expect_code(7);
    misbehave(&emulator, &[]);
    // The signal came before the first request.
    scene.signals.noted.store(true, std::sync::atomic::Ordering::SeqCst);
    scene.signals.interrupted.store(true, std::sync::atomic::Ordering::SeqCst);
    let ended = scene.run(&["reconcile", "-o", "jsonl"]).expect_code(7);
    assert_eq!(ended.error()["code"], "OUTCOME_UNKNOWN");
    assert!(reached(&emulator).0 < 24);
    scene.signals = cookiepay::world::Signals::default();
    scene.run(&["reconcile"]).expect_code(0);
    assert_eq!((reached(&emulator).1, reached(&emulator).2), (12, 12));
}
