//! Notifications from the emulator through `noti listen --verify` to whoever is to have them: what is
//! true is confirmed, what is not is named, and all three sides agree.

use std::fs;

use serde_json::Value;

use super::http::Listener;
use super::listening::Listening;
use super::{Program, Serving, until};
use crate::support::with;

/// A shop whose notifications an emulator with these faults posts to a listener. The emulator's address has
/// to be known to the listener and the other way round, so the profile is `local`, whose emulator is beside.
pub(super) fn shop(listen: &[&str], faults: &[&str]) -> (Program, Listening, Serving) {
    let program = Program::new();
    let listening = Listening::start(&program, &with(&["--profile", "local"], listen));
    let mut serve = vec!["--notify-url", listening.url.as_str()];
    serve.extend(faults.iter().flat_map(|fault| ["--fault", fault]));
    let serving = program.serve(&serve);
    (program, listening, serving)
}

pub(super) fn local(program: &Program, arguments: &[&str]) -> Value {
    program.run(&with(&["--profile", "local", "-o", "json"], arguments)).expect_code(0).json()
}

/// Makes a link and returns its key.
pub(super) fn link(program: &Program, bill_no: &str) -> String {
    let coffee =
        ["send", "--via", "link", "--product", "아메리카노", "--amount", "4500", "--buyer", "홍길동"];
    let more = ["--phone", "010-1234-5678", "--allow-duplicate", "--bill-no", bill_no];
    let sent = local(program, &with(&coffee, &more));
    sent["url_key"].as_str().unwrap().to_owned()
}

/// What was received, oldest first.
fn received(program: &Program) -> Vec<Value> {
    local(program, &["noti", "list"])["items"].as_array().unwrap().clone()
}

/// Kind, verdict and copies of each.
fn verdicts(items: &[Value]) -> Vec<(String, String, u64)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    items
        .iter()
        .map(|item| (text(&item["kind"]), text(&item["verdict"]), item["copies"].as_u64().unwrap()))
        .collect()
}

/// Waits until what was received is exactly this.
#[track_caller]
pub(super) fn expect(program: &Program, expected: &[(&str, &str, u64)]) -> Vec<Value> {
    let expected: Vec<_> = expected
        .iter()
        .map(|(kind, verdict, copies)| ((*kind).to_owned(), (*verdict).to_owned(), *copies))
        .collect();
    let mut items = Vec::new();
    for _ in 0..400 {
        items = received(program);
        if verdicts(&items) == expected {
            return items;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("{expected:?} was expected, {:?} came: {items:#?}", verdicts(&items));
}

#[test]
fn status_list_and_the_forwarded_body_agree() {
    let target = Listener::start();
    let forward = format!("{}/orders?key=secret-of-the-shop", target.url);
    let (program, _listening, _emulator) = shop(&["--verify", "--forward", &forward], &[]);
    let key = link(&program, "B1");
    local(&program, &["emulator", "pay", &key]);
    let forwarded: Value =
        serde_json::from_str(&target.bodies.recv_timeout(super::PATIENCE).unwrap()).unwrap();
    let status = local(&program, &["status", &key]);
    let list = expect(&program, &[("approval", "confirmed", 1)]);
    for (name, also) in
        [("tid", "tid"), ("order_no", "order_no"), ("amount", "amount"), ("url_key", "url_key")]
    {
        assert!(!status[also].is_null(), "{status}");
        assert_eq!((&forwarded[name], &list[0][name]), (&status[also], &status[also]), "{name}");
    }
    for name in ["schema", "profile", "environment", "live", "id", "received_at", "verdict", "reasons"] {
        if !["schema", "profile", "environment", "live"].contains(&name) {
            assert_eq!(forwarded[name], list[0][name], "{name}");
        }
        assert!(!forwarded[name].is_null(), "{name} of {forwarded}");
    }
    until(|| received(&program)[0]["delivery"] == "delivered");
    assert_eq!(local(&program, &["list"])["items"][0]["state"], "paid");

    // Its cancel names no link, and is found by its transaction.
    local(&program, &["emulator", "cancel", &key]);
    let cancel: Value = serde_json::from_str(&target.bodies.recv_timeout(super::PATIENCE).unwrap()).unwrap();
    assert_eq!((&cancel["kind"], &cancel["verdict"]), (&Value::from("cancel"), &Value::from("confirmed")));
    assert_eq!(local(&program, &["list"])["items"][0]["state"], "cancelled");
    assert!(target.bodies.try_recv().is_err(), "each is handed on once");
}

#[test]
fn forgeries_are_named_and_the_real_ones_confirmed() {
    let (program, _listening, _emulator) = shop(&["--verify"], &["forged"]);
    let key = link(&program, "B1");
    local(&program, &["emulator", "pay", &key]);
    expect(&program, &[("approval", "mismatch", 1), ("approval", "confirmed", 1)]);
    local(&program, &["emulator", "cancel", &key]);
    let items = expect(
        &program,
        &[
            ("approval", "mismatch", 1),
            ("approval", "confirmed", 1),
            ("cancel", "mismatch", 1),
            ("cancel", "confirmed", 1),
        ],
    );
    assert_eq!(items[0]["amount"], 45000);
    let reasons = items[0]["reasons"].to_string();
    assert!(reasons.contains("notified 45000, CookiePay says 4500"), "{reasons}");
}

#[test]
fn duplicates_are_acknowledged_and_handled_once() {
    let program_lines = ["--verify", "--exec", "sh", "-c", "cat >> handed-on"];
    let (program, _listening, _emulator) = shop(&program_lines, &["duplicate"]);
    let key = link(&program, "B1");
    local(&program, &["emulator", "pay", &key]);
    expect(&program, &[("approval", "confirmed", 2)]);
    until(|| received(&program)[0]["delivery"] == "delivered");
    assert_eq!(fs::read_to_string(program.home().join("handed-on")).unwrap().lines().count(), 1);
}

#[test]
fn a_cancel_that_overtakes_its_approval_is_confirmed_once_its_link_is_known() {
    let (program, _listening, _emulator) = shop(&["--verify"], &["reordered*1"]);
    let key = link(&program, "B1");
    local(&program, &["emulator", "pay", &key]);
    assert_eq!(received(&program), Vec::<Value>::new());
    local(&program, &["emulator", "cancel", &key]);
    // The approval is true no more: whoever delivers goods for it loses them.
    let items = expect(&program, &[("cancel", "confirmed", 1), ("approval", "mismatch", 1)]);
    assert!(items[1]["reasons"].to_string().contains("CookiePay says cancelled at"), "{items:#?}");
    assert_eq!(local(&program, &["list"])["items"][0]["state"], "cancelled");
}

#[test]
fn a_partial_cancel_is_never_taken_for_a_full_one() {
    let (program, _listening, _emulator) = shop(&["--verify"], &[]);
    let key = link(&program, "B1");
    local(&program, &["emulator", "pay", &key]);
    expect(&program, &[("approval", "confirmed", 1)]);
    local(&program, &["emulator", "cancel", &key, "--amount", "1000"]);
    let items = expect(&program, &[("approval", "confirmed", 1), ("cancel", "unconfirmed", 1)]);
    assert!(items[1]["reasons"].to_string().contains("partial cancel: 1000 of 4500 won"), "{items:#?}");
    assert_eq!(local(&program, &["list"])["items"][0]["state"], "paid");
}

#[test]
fn a_deposit_is_confirmed_when_it_came() {
    let (program, _listening, _emulator) = shop(&["--verify"], &["delayed=10ms"]);
    let key = link(&program, "B1");
    for _ in ["issue", "deposit"] {
        local(&program, &["emulator", "pay", &key, "--method", "vacct"]);
    }
    expect(&program, &[("approval", "confirmed", 1)]);
}

#[test]
fn what_was_stored_without_a_check_is_checked_by_the_next_listener() {
    let (program, listening, emulator) = shop(&[], &["never-sent*1"]);
    let (lost, key) = (link(&program, "B1"), link(&program, "B2"));
    for key in [&lost, &key] {
        local(&program, &["emulator", "pay", key]);
    }
    expect(&program, &[("approval", "-", 1)]);
    drop(listening);
    let _next = Listening::start(&program, &["--profile", "local", "--verify"]);
    let items = expect(&program, &[("approval", "confirmed", 1)]);
    assert_eq!((&items[0]["url_key"], &items[0]["delivery"]), (&Value::from(key), &Value::from("none")));
    // Of the one that was never sent only asking tells.
    assert_eq!(local(&program, &["status", &lost])["state"], "paid");
    drop(emulator);
}

#[test]
fn a_check_that_gets_no_answer_is_made_again() {
    let merchant = Program::new();
    let emulator = merchant.serve(&["--fault", "html@urlcert*2", "--fault", "html@token*1"]);
    merchant.configure_profile("sandbox", &emulator.url);
    let sent = merchant.send("B1").expect_code(0).json();
    let key = sent["url_key"].as_str().unwrap();
    let paid = merchant.run(&["emulator", "pay", key]).expect_code(0);
    assert!(paid.stderr.contains("no notification was posted"), "{paid:?}");
    let listening = Listening::start(&merchant, &["--verify"]);
    let claim = serde_json::json!({
        "API_ID": "sandbox_shop01", "ORDERNO": "O1", "AMOUNT": 4500, "TID": "T1", "SMS_INPUT": key
    });
    let (base, path) = listening.url.rsplit_once('/').unwrap();
    let (status, body) = super::http::exchange("POST", base, &format!("/{path}"), Some(&claim.to_string()));
    assert_eq!((status, body.as_str()), (200, "OK"));
    until(|| {
        let items = merchant.run(&["noti", "list", "-o", "json"]).expect_code(0).json();
        items["items"][0]["verdict"] == "mismatch"
    });
    assert!(emulator.requests("token") >= 2 && emulator.requests("urlcert") >= 3);
}

#[test]
fn a_program_that_is_run_finds_no_secret_in_its_environment() {
    let mut program = Program::new();
    let secrets = [
        ("SHOP_KEY", "canary-key"),
        ("NOTI_TOKEN", "canary-token"),
        ("SIGN_KEY", "canary-sign"),
        ("COOKIEPAY_PAY2_KEY", "canary-pay2"),
        // Of another profile, a copy of one, and one that stands in the file.
        ("OTHER_KEY", "canary-other"),
        ("COPIED", "canary-other"),
        ("WRITTEN", "canary-written"),
    ];
    program.environment.extend(secrets.map(|(name, value)| (name.to_owned(), value.to_owned())));
    program.environment.insert("SHOP".to_owned(), "mine".to_owned());
    let config = "default_profile = \"sandbox\"\n[profiles.sandbox]\nenvironment = \"sandbox\"\n\
         api_id = \"sandbox_shop01\"\napi_key = { env = \"SHOP_KEY\" }\nbase_url = \"http://127.0.0.1:1\"\n\
         [profiles.other]\nenvironment = \"live\"\napi_id = \"shop01\"\napi_key = { env = \"OTHER_KEY\" }\n\
         pay2_key = \"canary-written\"\n";
    super::write_private(&program.home().join("config/cookiepay/config.toml"), config);
    let listen =
        ["--token", "env:NOTI_TOKEN", "--sign", "env:SIGN_KEY", "--exec", "sh", "-c", "env > found; cat"];
    let listening = Listening::start(&program, &listen);
    assert!(listening.said().contains("can be guessed"), "{}", listening.said());
    let request = super::listening::post("/noti/canary-token", super::listening::notification("T1"));
    assert_eq!(listening.client().exchange(&request).0, 200);
    until(|| {
        let list = program.run(&["noti", "list", "-o", "json"]).expect_code(0).json();
        list["summary"]["by_delivery"]["delivered"] == 1
    });
    let found = fs::read_to_string(program.home().join("found")).unwrap();
    assert!(found.contains("SHOP=mine") && !found.contains("canary"), "{found}");
    assert!(found.contains("COOKIEPAY_SIGNATURE=t="), "{found}");
}

/// The notification of this paid link, as whoever knows what CookiePay says of it could write it.
pub(super) fn claim(program: &Program, key: &str) -> String {
    let status = program.run(&["status", key, "-o", "json"]).expect_code(0).json();
    serde_json::json!({
        "API_ID": "sandbox_shop01", "ORDERNO": status["order_no"], "AMOUNT": status["amount"], "TID": status["tid"],
        "BUYERNAME": status["buyer_name"], "PRODUCTNAME": status["product_name"], "SMS_INPUT": key
    })
    .to_string()
}
