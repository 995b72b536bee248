//! Notifications against liars: what somebody posts who knows our `API_ID`, a link of ours, or all that a notification
//! says, and still pays nothing to us.

use std::collections::BTreeSet;

use cookiepay::emulator::{Emulator, Method};
use serde_json::{Value, json};

use crate::process::http::Listener;
use crate::support::{API_KEY, Ended, PAY2_KEY, Scene, misbehave, with};

const VERIFY: [&str; 4] = ["noti", "verify", "-o", "json"];

fn verify(scene: &mut Scene, more: &[&str], bodies: &[&str]) -> Ended {
    scene.stdin = bodies.join("\n").into_bytes();
    scene.run(&with(&VERIFY, more))
}

fn verdicts(ended: &Ended) -> Vec<String> {
    let items = ended.json()["items"].as_array().unwrap().clone();
    items.iter().map(|item| item["verdict"].as_str().unwrap_or("-").to_owned()).collect()
}

/// The notification of a payment that a customer makes now.
fn paid(scene: &Scene, url_key: &str) -> String {
    scene.customers().pay(url_key, Method::Card).unwrap().notification.unwrap().body
}

/// The same with another value of a field, which it need not have had.
fn with_field(body: &str, field: &str, value: Value) -> String {
    let mut body: Value = serde_json::from_str(body).unwrap();
    body[field] = value;
    body.to_string()
}

/// Two merchants that share a data directory, the first the default.
fn two_merchants(base_url: &str) -> String {
    let profile = |name: &str| {
        format!(
            "[profiles.{name}]\nenvironment = \"sandbox\"\napi_id = \"sandbox_{name}\"\napi_key = \"{API_KEY}\"\n\
             pay2_key = \"{PAY2_KEY}\"\nbase_url = \"{base_url}\"\n"
        )
    };
    format!("default_profile = \"ours\"\n{}{}", profile("ours"), profile("theirs"))
}

/// What another merchant has: a data directory of his own, so a ledger that ours knows nothing of.
fn as_theirs(scene: &Scene) -> [String; 4] {
    let data = scene.home().join("theirs").to_str().unwrap().to_owned();
    ["--profile".to_owned(), "theirs".to_owned(), "--data-dir".to_owned(), data]
}

/// A link of another merchant that is paid, and the notification that says so in our name.
fn payment_to_another(scene: &mut Scene, emulator: &Emulator) -> (String, String) {
    scene.configure(&two_merchants(&emulator.url()));
    scene.link("B1");
    let theirs = as_theirs(scene);
    let theirs: Vec<&str> = theirs.iter().map(String::as_str).collect();
    let made = ["--via", "link", "--bill-no", "B1", "-o", "json"];
    let made =
        scene.run(&with(&with(&crate::support::COFFEE_FOR_HONG, &made), &theirs)).expect_code(0).json();
    let key = made["url_key"].as_str().unwrap().to_owned();
    let body = paid(scene, &key);
    (key, with_field(&body, "API_ID", json!("sandbox_ours")))
}

#[test]
fn a_payment_to_another_merchant_is_unrecorded_and_not_confirmed() {
    let (mut scene, emulator) = Scene::with_emulator();
    let (_, body) = payment_to_another(&mut scene, &emulator);
    let posted = with_field(&body, "ETC1", json!("order-of-my-choice"));
    // CookiePay, as the emulator has it, does not know that link for us.
    let ended = verify(&mut scene, &[], &[&posted]).expect_code(14);
    assert_eq!(verdicts(&ended), ["unconfirmed"]);
    // Nor is it taken for ours if CookiePay answers for every merchant.
    misbehave(&emulator, &["foreign-links"]);
    for _ in 0..2 {
        let ended = verify(&mut scene, &[], &[&posted]).expect_code(14);
        assert_eq!(verdicts(&ended), ["unrecorded"]);
        assert!(ended.stdout.contains("another merchant"), "{}", ended.stdout);
    }
}

#[test]
fn a_cancel_of_a_payment_to_another_merchant_is_not_confirmed_by_its_tid() {
    let (mut scene, emulator) = Scene::with_faults(&["foreign-links"]);
    let (key, approval) = payment_to_another(&mut scene, &emulator);
    verify(&mut scene, &[], &[&approval]).expect_code(14);
    let cancel = scene.customers().cancel(&key, None).unwrap().notification.unwrap().body;
    // Neither after its approval, which a liar posts first, nor beside it.
    for bodies in [&[cancel.as_str()][..], &[&approval, &cancel]] {
        let ended = verify(&mut scene, &[], bodies).expect_code(14);
        assert!(!verdicts(&ended).contains(&"confirmed".to_owned()), "{}", ended.stdout);
    }
}

#[test]
fn a_cancel_by_the_tid_of_another_account_is_not_confirmed() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.configure(&two_merchants(&emulator.url()));
    scene.environment.insert("COOKIEPAY_PROFILE".to_owned(), "theirs".to_owned());
    let key = scene.link("B1");
    let approval = paid(&scene, &key);
    verify(&mut scene, &[], &[&approval]).expect_code(0);
    let cancel = scene.customers().cancel(&key, None).unwrap().notification.unwrap().body;
    let ended = verify(&mut scene, &["--profile", "ours"], &[&cancel]).expect_code(14);
    assert_eq!(verdicts(&ended), ["unlinked"]);
    let ended = verify(&mut scene, &[], &[&cancel]).expect_code(0);
    assert_eq!(verdicts(&ended), ["confirmed"]);
}

#[test]
fn whatever_differs_from_what_cookiepay_says_is_a_mismatch() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    let body = paid(&scene, &key);
    let forged: Vec<String> = [
        ("BUYERNAME", "Evil"),
        ("PRODUCTNAME", "Ferrari"),
        ("PAY_METHOD", "BANK"),
        ("ACCEPT_NO", "99999999"),
        ("ACCEPT_DATE", "20200101000000"),
    ]
    .map(|(field, value)| with_field(&body, field, json!(value)))
    .into();
    let mut bodies: Vec<&str> = forged.iter().map(String::as_str).collect();
    bodies.push(&body);
    let ended = verify(&mut scene, &[], &bodies).expect_code(14);
    assert_eq!(verdicts(&ended), ["mismatch", "mismatch", "mismatch", "mismatch", "mismatch", "confirmed"]);
}

#[test]
fn what_only_the_notification_says_stands_apart_from_what_is_confirmed() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    let body = paid(&scene, &key);
    let forged = with_field(&with_field(&body, "CARDNO", json!("**666666")), "ETC4", json!("admin=1"));
    let ended = verify(&mut scene, &[], &[&forged]).expect_code(0);
    let item = &ended.json()["items"][0];
    assert_eq!((&item["verdict"], &item["amount"]), (&json!("confirmed"), &json!(4500)));
    assert_eq!((&item["card_no"], &item["etc4"]), (&Value::Null, &Value::Null));
    assert_eq!(
        (&item["unverified"]["card_no"], &item["unverified"]["etc4"]),
        (&json!("**666666"), &json!("admin=1"))
    );
}

#[test]
fn no_two_notifications_of_any_ledgers_share_an_idempotency_key() {
    let mut keys = BTreeSet::new();
    for _ in 0..2 {
        let mut scene = Scene::with_sandbox(crate::support::NOBODY);
        crate::noti_stored::store_paid(&scene, "T1");
        let (sender, heads) = std::sync::mpsc::channel();
        let target = Listener::answering(move |request| {
            sender.send(request.to_ascii_lowercase()).unwrap();
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned()
        });
        // The same notification has the same key however often it is handed on.
        let mut own = BTreeSet::new();
        for _ in 0..2 {
            scene.run(&["noti", "replay", "--all", "--forward", &target.url]).expect_code(0);
            let head = heads.recv().unwrap();
            let key = head.lines().find_map(|line| line.strip_prefix("idempotency-key: ")).unwrap();
            own.insert(key.to_owned());
        }
        assert_eq!(own.len(), 1, "{own:?}");
        keys.extend(own);
    }
    assert_eq!(keys.len(), 2, "{keys:?}");
}

#[test]
fn a_confirmed_notification_that_fits_one_bill_of_unknown_outcome_gives_it_its_link() {
    let (mut scene, _emulator) = Scene::with_faults(&["drop-after@send"]);
    let coffee = with(&crate::support::COFFEE, &["--etc1", "order-7", "--bill-no", "B1"]);
    scene.run(&coffee).expect_code(7);
    let emulator = rusqlite::Connection::open(scene.home().join("emulator.db")).unwrap();
    let key: String = emulator.query_row("SELECT url_key FROM bills", [], |row| row.get(0)).unwrap();
    let body = paid(&scene, &key);
    // What does not fit settles nothing.
    let forged = with_field(&body, "ETC1", json!("order-8"));
    assert_eq!(verdicts(&verify(&mut scene, &[], &[&forged]).expect_code(14)), ["unrecorded"]);
    assert_eq!(scene.listed("B1")["outcome"], "unknown");
    assert_eq!(verdicts(&verify(&mut scene, &[], &[&body]).expect_code(0)), ["confirmed"]);
    let bill = scene.listed("B1");
    assert_eq!((&bill["outcome"], &bill["state"]), (&json!("linked"), &json!("paid")));
    assert_eq!(bill["url_key"], json!(key));
}
