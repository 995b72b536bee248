//! `reconcile`: what nobody knew becomes known, and nobody is messaged for it.

use std::time::Duration;

use cookiepay::emulator::Emulator;
use cookiepay::ledger::{Account, Finding, Ledger, Settled};
use serde_json::{Value, json};

use crate::batch::{column, send};
use crate::coffees::sheet;
use crate::fake::{Fake, reply, taken};
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
fn a_bill_that_was_unknown_is_asked_after_once_and_told_of_once() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-after@send*2"]);
    for number in ["B1", "B2", "B3"] {
        coffee(&mut scene, number);
    }
    scene.pay(&scene.url_key_at_cookiepay("B3"));
    let ended = scene.run(&["reconcile", "-o", "json"]).expect_code(0).json();
    let told: Vec<_> = ended["items"].as_array().unwrap().iter().map(|item| &item["bill_no"]).collect();
    assert_eq!(told, ["B1", "B2", "B3"]);
    assert_eq!(ended["summary"], json!({ "answers": 3, "changed": 3, "unknown": 0 }));
    assert_eq!(asked(&emulator).1, 3);
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

/// An unknown bill that the customer paid, and its `URLKEY`.
fn unknown_and_paid() -> (Scene, Emulator, String) {
    let (mut scene, emulator) = Scene::with_faults(&["drop-after@send*1"]);
    coffee(&mut scene, "B1");
    let url_key = scene.url_key_at_cookiepay("B1");
    scene.pay(&url_key);
    (scene, emulator, url_key)
}

#[test]
fn a_bill_whose_link_is_refused_is_never_asked_for_again_and_three_ways_are_named() {
    let (mut scene, emulator, _) = unknown_and_paid();
    let first = scene.run(&["reconcile", "-o", "json"]).expect_code(7);
    assert!(first.error()["message"].as_str().unwrap().contains("E008"), "{first:?}");
    assert_eq!(first.json()["summary"], json!({ "answers": 1, "changed": 0, "unknown": 1 }));
    for command in [["reconcile", "-o", "json"].as_slice(), &["reconcile", "B1", "-o", "json"]] {
        let ended = scene.run(command).expect_code(7);
        let error = ended.error();
        for way in ["noti listen --verify", "reconcile B1 --url-key KEY", "reconcile B1 --not-sent --yes"] {
            assert!(error["hint"].as_str().unwrap().contains(way), "{error}");
        }
        assert_eq!((&error["bill_no"], &error["outcome"]), (&json!("B1"), &json!("unknown")));
        assert_eq!(ended.json()["summary"]["answers"], 0);
        assert!(!ended.stderr.contains("answers:"), "{}", ended.stderr);
    }
    assert_eq!(coffee(&mut scene, "B1")["outcome"], "unknown");
    assert_eq!(reached(&emulator), (2, 1, 1));
}

#[test]
fn a_refusal_for_another_reason_than_the_bill_is_asked_again() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-after@send*1", "refuse=9999@send*1"]);
    coffee(&mut scene, "B1");
    scene.run(&["reconcile"]).expect_code(7);
    scene.run(&["reconcile"]).expect_code(0);
    assert_eq!((scene.listed("B1")["outcome"].as_str(), reached(&emulator)), (Some("linked"), (3, 1, 1)));
}

#[test]
fn the_operator_settles_an_unknown_bill_by_its_link_if_cookiepay_says_the_same_of_it() {
    let (mut scene, emulator, url_key) = unknown_and_paid();
    scene.run(&["reconcile"]).expect_code(7);
    let ended = scene.run(&["reconcile", "B1", "--url-key", &url_key, "-o", "json"]).expect_code(0).json();
    let item = &ended["items"][0];
    assert_eq!((&item["outcome_before"], &item["outcome"]), (&json!("unknown"), &json!("linked")));
    assert_eq!((&item["state"], &item["url_key"]), (&json!("paid"), &json!(url_key)));
    scene.run(&["reconcile"]).expect_code(0);
    assert_eq!(scene.listed("B1")["state"], "paid");
    assert_eq!(reached(&emulator).0, 2);
    assert_eq!(settled_by(&scene), ["settled_by_url_key kim@counter-1"]);
    // It is settled now.
    scene.run(&["reconcile", "B1", "--url-key", &url_key]).expect_code(13);
    scene.run(&["reconcile", "B1", "--not-sent", "--yes"]).expect_code(13);
}

#[test]
fn a_link_settles_an_unknown_bill_only_if_it_is_its_own() {
    let (mut scene, _emulator, url_key) = unknown_and_paid();
    let tea = ["send", "--via", "link", "--product", "녹차", "--amount", "5000", "--buyer", "김철수"];
    let tea = with(&tea, &["--phone", "01099998888", "--bill-no", "TEA", "-o", "json"]);
    let held = scene.run(&tea).json()["url_key"].as_str().unwrap().to_owned();
    let unpaid = scene.link_of_nobody("4500", "홍길동");
    let other = scene.link_of_nobody("4500", "김철수");
    scene.pay(&other);
    let mut refused = |key: &str, code: u8, says: &[&str]| {
        let ended = scene.run(&["reconcile", "B1", "--url-key", key, "-o", "json"]).expect_code(code);
        for part in says {
            assert!(ended.error()["message"].as_str().unwrap().contains(part), "{part}: {ended:?}");
        }
        assert_eq!(scene.listed("B1")["outcome"], "unknown");
    };
    refused(&held, 13, &["`TEA`"]);
    refused(&unpaid, 13, &["unpaid"]);
    refused(&other, 13, &["buyer", "`홍길동`", "`김철수`"]);
    refused("NoSuchKeyAtAll", 5, &["E012"]);
    refused("no key", 2, &[]);
    scene.run(&["reconcile", "NONE", "--url-key", &url_key]).expect_code(2);
    scene.run(&["reconcile", "--url-key", &url_key]).expect_code(2);
    scene.run(&["reconcile", "--batch", "march", "--not-sent", "--yes"]).expect_code(2);
    scene.run(&["reconcile", "TEA", "--url-key", &url_key]).expect_code(13);
    let address = format!("https://sandbox.cookiepayments.com/p/{url_key}");
    scene.run(&["reconcile", "B1", "--url-key", &address]).expect_code(0);
    assert_eq!(scene.listed("B1")["pay_url"], address);
}

#[test]
fn a_bill_that_cookiepay_does_not_have_is_settled_as_not_sent_and_sent_again() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-before@send*1"]);
    coffee(&mut scene, "B1");
    let error = scene.run(&["reconcile", "B1", "--not-sent", "-o", "json"]).expect_code(13).error();
    assert!(error["hint"].as_str().unwrap().contains("--yes"), "{error}");
    scene.on_terminal = true;
    scene.stdin = "n\n".into();
    scene.run(&["reconcile", "B1", "--not-sent"]).expect_code(13);
    assert_eq!(scene.listed("B1")["outcome"], "unknown");
    scene.stdin = "y\n".into();
    let ended = scene.run(&["reconcile", "B1", "--not-sent"]).expect_code(0);
    assert!(ended.stderr.contains("send --bill-no B1"), "{}", ended.stderr);
    scene.on_terminal = false;
    assert_eq!(scene.listed("B1")["outcome"], "not_sent");
    assert_eq!(settled_by(&scene), ["settled_as_not_sent kim@counter-1"]);
    assert_eq!(coffee(&mut scene, "B1")["outcome"], "sent");
    assert_eq!(reached(&emulator), (2, 1, 1));
}

/// Kind and operator of what settled bills without a request.
fn settled_by(scene: &Scene) -> Vec<String> {
    let ledger = scene.ledger();
    let sql = "SELECT kind || ' ' || operator FROM attempts WHERE kind LIKE 'settled%' ORDER BY id";
    let mut statement = ledger.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn nothing_open_is_answered_before_any_key_is_asked_for() {
    let mut scene = Scene::without_keys();
    let ended = scene.run(&["reconcile", "-o", "json"]).expect_code(0).json();
    assert_eq!(ended["summary"], json!({ "answers": 0, "changed": 0, "unknown": 0 }));
}

#[test]
fn bills_that_could_not_be_asked_about_are_not_counted() {
    let (mut scene, _emulator) = Scene::with_emulator();
    coffee(&mut scene, "B1");
    scene.configure_sandbox(NOBODY, "");
    let ended = scene.run(&["reconcile"]).expect_code(6);
    assert!(!ended.stderr.contains("changed:"), "{}", ended.stderr);
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

#[test]
fn the_address_of_a_bill_whose_answer_was_lost_settles_it() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-after@send*1"]);
    coffee(&mut scene, "B1");
    let url_key = scene.url_key_at_cookiepay("B1");
    scene.pay(&url_key);
    let address = scene.address_in_message("B1");
    assert_eq!(address, format!("{}/p/{url_key}", emulator.url()));
    assert!(address.len() <= 50, "{address}");
    scene.run(&["reconcile", "B1", "--url-key", &address]).expect_code(0);
    assert_eq!(scene.listed("B1")["state"], "paid");
}

#[test]
fn what_another_run_settled_meanwhile_is_not_shown_as_learnt() {
    let (mut scene, _emulator) = Scene::with_faults(&["drop-after@send*2"]);
    coffee(&mut scene, "B1");
    coffee(&mut scene, "B2");
    let data = scene.data_directory();
    let fake = Fake::new(move |request| {
        if request.starts_with("POST /payAuth") {
            return reply("200 OK", r#"{"RTN_CD":"0000","TOKEN":"t0k3n"}"#);
        }
        if request.starts_with("POST /api/urlcert") {
            return reply("200 OK", r#"{"RESULTCODE":"EA01"}"#);
        }
        let account = Account { environment: "sandbox".to_owned(), api_id: "sandbox_shop01".to_owned() };
        let mut ledger = Ledger::open(&data).unwrap();
        let now = jiff::Timestamp::from_second(crate::support::NOON).unwrap();
        let other = "B2".parse().unwrap();
        let settled = ledger.settle_unknown(&account, &other, Finding::NotSent, now, "lee@counter-2");
        assert_eq!(settled.unwrap(), Settled::Done);
        reply("200 OK", &taken(request))
    });
    scene.configure_sandbox(&fake.url(), "");
    let ended = scene.run(&["reconcile", "--concurrency", "1", "-o", "json"]).expect_code(0).json();
    assert_eq!(ended["items"].as_array().unwrap().len(), 1, "{ended}");
    assert_eq!(ended["items"][0]["bill_no"], "B1");
    assert_eq!(ended["summary"], json!({ "answers": 1, "changed": 1, "unknown": 0 }));
    assert_eq!(scene.listed("B2")["outcome"], "not_sent");
}
