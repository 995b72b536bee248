//! The whole story with every process in its place: bills are sent, customers pay, the merchant is
//! notified, a payment is cancelled, a deposit is awaited.

use std::time::Duration;

use serde_json::Value;

use super::http::Listener;
use super::{Program, coffee};
use crate::support::{COFFEE, with};

/// The next notification, by way of `noti parse` on stdin.
fn notified(program: &Program, merchant: &Listener) -> Value {
    let body = merchant.bodies.recv_timeout(Duration::from_secs(20)).unwrap();
    let parsed = program.run_with_input(&["noti", "parse", "-o", "jsonl"], &body).expect_code(0).json_lines();
    assert_eq!((parsed.len(), &parsed[0]["problems"]), (1, &serde_json::json!([])), "{body}");
    parsed[0].clone()
}

fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().unwrap_or_else(|| panic!("{name} of {object}"))
}

fn sandbox_with_merchant() -> (Program, super::Serving, Listener) {
    let merchant = Listener::start();
    let program = Program::new();
    let emulator = program.serve(&["--notify-url", &format!("{}/noti", merchant.url)]);
    program.configure_profile("sandbox", &emulator.url);
    (program, emulator, merchant)
}

#[test]
fn a_bill_goes_out_by_each_channel() {
    let (program, emulator, _merchant) = sandbox_with_merchant();
    for (channel, outcome) in [("sms", "sent"), ("email", "sent"), ("kakao", "sent"), ("link", "created")] {
        let mut arguments = with(
            &COFFEE,
            &["--email", "hong@example.com", "--bill-no", channel, "--allow-duplicate", "-o", "json"],
        );
        arguments[2] = channel;
        let sent = program.run(&arguments).expect_code(0).json();
        assert_eq!((text(&sent, "outcome"), text(&sent, "via")), (outcome, channel));
        assert!(text(&sent, "pay_url").starts_with(&emulator.url), "{sent}");
    }
    let counts = emulator.counts();
    assert_eq!(counts["messages"], serde_json::json!({ "sms": 1, "email": 1, "kakao": 1 }));
    assert_eq!(counts["bills"], 4);
}

#[test]
fn a_payment_is_awaited_notified_and_cancelled() {
    let (program, emulator, merchant) = sandbox_with_merchant();
    let sent = program.send("B1").expect_code(0).json();
    let key = text(&sent, "url_key");
    assert_eq!(program.run(&["status", key, "-o", "json"]).expect_code(8).json()["state"], "unpaid");
    let asked = emulator.requests("urlcert");
    let waiting = program.start(&["status", key, "--wait", "--interval", "0.1", "-o", "jsonl"]);
    emulator.wait_for("urlcert", asked + 1);
    let paid = program.run(&["emulator", "pay", key, "-o", "json"]).expect_code(0).json();
    assert_eq!((text(&paid, "state"), paid["notify_status"].as_u64()), ("paid", Some(200)));
    let changes = waiting.finish().expect_code(0).json_lines();
    let states: Vec<&str> = changes.iter().map(|change| text(change, "state")).collect();
    assert_eq!(states, ["unpaid", "paid"]);
    let approval = notified(&program, &merchant);
    assert_eq!((text(&approval, "kind"), approval["amount"].as_u64()), ("approval", Some(4500)));
    assert_eq!((text(&approval, "url_key"), text(&approval, "tid")), (key, text(&changes[1], "tid")));
    // A paid link cannot be paid again, and the ledger knows that it was.
    program.run(&["emulator", "pay", key]).expect_code(2);
    assert_eq!(program.known("B1")["state"], "paid");

    program.run(&["emulator", "cancel", key]).expect_code(0);
    let cancel = notified(&program, &merchant);
    assert_eq!((text(&cancel, "kind"), text(&cancel, "tid")), ("cancel", text(&approval, "tid")));
    let last = program.run(&["status", "--bill-no", "B1", "-o", "json"]).expect_code(9).json();
    assert_eq!(text(&last, "state"), "cancelled");
    assert_eq!(program.known("B1")["state"], "cancelled");
}

#[test]
fn faults_of_notifications_hold_for_whoever_pays_and_are_said() {
    let merchant = Listener::start();
    let program = Program::new();
    let faults = ["--fault", "reordered*1", "--fault", "forged*1", "--fault", "never-sent*1"];
    let emulator = program.serve(&with(&["--notify-url", &merchant.url], &faults));
    program.configure_profile("sandbox", &emulator.url);
    let amount = |body: &str, name: &str| {
        let body: Value = serde_json::from_str(body).unwrap();
        text(&body, name).to_owned()
    };
    let sent = program.send("B1").expect_code(0).json();
    let key = text(&sent, "url_key");
    let paid = program.run(&["emulator", "pay", key, "-o", "json"]).expect_code(0);
    assert!(paid.stderr.contains("fault reordered: the notification is kept back"), "{paid:?}");
    let paid = paid.json();
    assert_eq!((&paid["notify_url"], &paid["notify_status"]), (&Value::Null, &Value::Null));

    let cancelled = program.run(&["emulator", "cancel", key, "-o", "json"]).expect_code(0);
    let said = [
        "fault forged: a forgery over ten times the amount was posted to ",
        "the notification was posted to ",
        "fault reordered: the notification that was kept back was posted to ",
    ];
    let lines: Vec<_> = cancelled.stderr.lines().collect();
    assert_eq!(lines.len(), said.len(), "{cancelled:?}");
    for (line, said) in lines.iter().zip(said) {
        assert_eq!(*line, format!("{said}{}: HTTP 200", merchant.url));
    }
    assert_eq!(cancelled.json()["notify_status"], 200);
    let bodies: Vec<_> =
        (0..3).map(|_| merchant.bodies.recv_timeout(Duration::from_secs(20)).unwrap()).collect();
    let amounts = [
        amount(&bodies[0], "cancel_amount"),
        amount(&bodies[1], "cancel_amount"),
        amount(&bodies[2], "AMOUNT"),
    ];
    assert_eq!(amounts, ["45000", "4500", "4500"]);

    let key = text(&program.send("B2").expect_code(0).json(), "url_key").to_owned();
    let paid = program.run(&["emulator", "pay", &key, "-o", "json"]).expect_code(0);
    assert!(paid.stderr.contains("fault never-sent: the notification is not posted"), "{paid:?}");
    assert_eq!(paid.json()["notify_status"], Value::Null);
    let cancelled = program.run(&["emulator", "cancel", &key, "-o", "json"]).expect_code(0).json();
    assert_eq!((text(&cancelled, "notify_url"), &cancelled["notify_status"]), (&*merchant.url, &200.into()));
}

#[test]
fn a_virtual_account_is_paid_once_its_deposit_came() {
    let (program, _emulator, merchant) = sandbox_with_merchant();
    let sent = program.send("B1").expect_code(0).json();
    let (key, url) = (text(&sent, "url_key"), text(&sent, "pay_url"));
    let pay = ["emulator", "pay", key, "--method", "vacct", "-o", "json"];
    assert_eq!(program.run(&pay).expect_code(0).json()["state"], "awaiting_deposit");
    let awaiting = program.run(&["status", url, "-o", "json"]).expect_code(8).json();
    assert_eq!(text(&awaiting, "state"), "awaiting_deposit");
    assert!(awaiting["account_no"].is_string() && awaiting["deposit_due"].is_string(), "{awaiting}");
    program.run(&["status", key, "--wait", "--interval", "0.05", "--deadline", "0.2"]).expect_code(12);
    assert_eq!(program.run(&pay).expect_code(0).json()["state"], "paid");
    assert_eq!(program.run(&["status", url, "-o", "json"]).expect_code(0).json()["state"], "paid");
    let kinds: Vec<String> = std::iter::from_fn(|| merchant.bodies.try_recv().ok()).collect();
    let joined = kinds.join("\n");
    let parsed =
        program.run_with_input(&["noti", "parse", "-o", "jsonl"], &joined).expect_code(0).json_lines();
    assert_eq!(text(parsed.last().unwrap(), "kind"), "approval");
}

#[test]
fn sending_and_waiting_is_one_command() {
    let (program, emulator, _merchant) = sandbox_with_merchant();
    let waiting = program.start(&with(&coffee("B1"), &["--wait", "--interval", "0.1"]));
    emulator.wait_for("urlcert", 1);
    let key = program.known("B1")["url_key"].as_str().unwrap().to_owned();
    program.run(&["emulator", "pay", &key, "--method", "bank"]).expect_code(0);
    let told = waiting.finish().expect_code(0).json();
    assert_eq!((text(&told, "outcome"), text(&told["status"], "state")), ("sent", "paid"));
}

#[test]
fn a_local_bill_needs_neither_configuration_nor_server() {
    let program = Program::new();
    let sent = program.run(&with(&["--profile", "local"], &coffee("B1"))).expect_code(0);
    assert!(sent.stderr.contains("not a customer"), "{sent:?}");
    let sent = sent.json();
    let local = |arguments: &[&str]| program.run(&with(&["--profile", "local", "-o", "json"], arguments));
    assert_eq!(local(&["status", "--bill-no", "B1"]).expect_code(8).json()["live"], false);
    local(&["emulator", "pay", text(&sent, "url_key")]).expect_code(0);
    assert_eq!(local(&["status", "--bill-no", "B1"]).expect_code(0).json()["state"], "paid");
    local(&["emulator", "reset"]).expect_code(0);
}
