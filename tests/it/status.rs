//! `status`: what CookiePay says of links, shown, judged and remembered.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use cookiepay::emulator::Method;

use crate::fake::{Fake, kept, reply};
use crate::support::{COFFEE, PAY2_KEY, Scene, asked, misbehave, with};

/// What the emulator says of a URLKEY that it does not know.
const NO_SUCH_KEY: &str = "E012";

#[test]
fn an_unpaid_link_is_exit_8_and_no_error() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    let ended = scene.run(&["status", &key, "-o", "json"]).expect_code(8);
    let status = ended.json();
    assert_eq!((status["state"].as_str(), status["result_code"].as_str()), (Some("unpaid"), Some("EA01")));
    assert_eq!((status["url_key"].as_str(), status["bill_no"].as_str()), (Some(&*key), Some("B1")));
    assert_eq!(status["checked_at"], "2026-11-22T11:20:00+09:00");
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_paid_link_is_exit_0_with_its_payment() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    scene.pay(&key);
    let status = scene.run(&["status", &key, "-o", "json"]).expect_code(0).json();
    assert_eq!((status["state"].as_str(), status["amount"].as_u64()), (Some("paid"), Some(4500)));
    assert_eq!(
        (status["pay_method"].as_str(), status["buyer_name"].as_str()),
        (Some("CARD"), Some("홍길동"))
    );
    assert_eq!(status["accepted_at"], "2026-11-22T11:20:00+09:00");
    assert!(status["cancelled_at"].is_null() && status["tid"].is_string(), "{status}");
}

#[test]
fn a_cancelled_link_is_exit_9_and_no_error() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    scene.pay(&key);
    scene.cancel(&key);
    let ended = scene.run(&["status", &key, "-o", "json"]).expect_code(9);
    let status = ended.json();
    assert_eq!(status["state"], "cancelled");
    assert_eq!(status["cancelled_at"], "2026-11-22T11:20:00+09:00");
    assert_eq!(status["cancel_message"], "고객 요청");
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_virtual_account_awaits_its_deposit_until_it_is_made() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    scene.customers().pay(&key, Method::VirtualAccount).unwrap();
    let status = scene.run(&["status", &key, "-o", "json"]).expect_code(8).json();
    assert_eq!(status["state"], "awaiting_deposit");
    assert_eq!(
        (status["deposit_due"].as_str(), status["card_code"].as_str()),
        (Some("2026-11-29"), Some("88"))
    );
    assert!(status["account_no"].is_string(), "{status}");
    scene.customers().pay(&key, Method::VirtualAccount).unwrap();
    assert_eq!(scene.run(&["status", &key, "-o", "json"]).expect_code(0).json()["state"], "paid");
}

#[test]
fn any_other_code_is_an_error_kept_raw() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let ended = scene.run(&["status", "NOSUCHKEY", "-o", "json"]).expect_code(5);
    let status = ended.json();
    assert_eq!(
        (status["state"].as_str(), status["result_code"].as_str()),
        (Some("error"), Some(NO_SUCH_KEY))
    );
    assert_eq!(ended.error()["code"], "REFUSED");
    assert!(status["bill_no"].is_null(), "{status}");
}

#[test]
fn what_was_learnt_is_recorded() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let (first, second) = (scene.link("B1"), scene.link("B2"));
    assert!(scene.listed("B1")["state"].is_null());
    scene.pay(&first);
    scene.run(&["status", &first, &second]).expect_code(8);
    let (paid, unpaid) = (scene.listed("B1"), scene.listed("B2"));
    assert_eq!(
        (paid["state"].as_str(), paid["paid_at"].as_str()),
        (Some("paid"), Some("2026-11-22T11:20:00+09:00"))
    );
    assert_eq!((unpaid["state"].as_str(), unpaid["paid_at"].is_null()), (Some("unpaid"), true));
    scene.cancel(&first);
    scene.run(&["status", &first]).expect_code(9);
    let cancelled = scene.listed("B1");
    assert_eq!((cancelled["state"].as_str(), &cancelled["paid_at"]), (Some("cancelled"), &paid["paid_at"]));
}

#[test]
fn many_keys_are_a_list_with_its_summary_and_cost_one_token() {
    let (mut scene, emulator) = Scene::with_emulator();
    let keys = [scene.link("B1"), scene.link("B2"), scene.link("B3")];
    scene.pay(&keys[0]);
    let shown = scene.run(&["status", &keys[0], &keys[1], &keys[2], "-o", "json"]).expect_code(8).json();
    let states: Vec<_> = shown["items"].as_array().unwrap().iter().map(|item| &item["state"]).collect();
    assert_eq!(states, ["paid", "unpaid", "unpaid"]);
    assert_eq!(shown["summary"]["count"], 3);
    assert_eq!(shown["summary"]["by_state"]["unpaid"], 2);
    assert_eq!(asked(&emulator), (1, 3));
}

#[test]
fn a_key_named_twice_is_asked_after_once() {
    let (mut scene, emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    let shown = scene.run(&["status", &key, &key, "--bill-no", "B1", "-o", "jsonl"]).expect_code(8);
    assert_eq!(shown.json_lines().len(), 1);
    assert_eq!(asked(&emulator), (1, 1));
}

#[test]
fn keys_come_from_stdin_too() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let keys = [scene.link("B1"), scene.link("B2")];
    scene.stdin = format!("\u{feff}{}\r\n\n  {}  \n", keys[0], keys[1]).into_bytes();
    let shown = scene.run(&["status", "-", "-o", "jsonl"]).expect_code(8).json_lines();
    assert_eq!((shown.len(), shown[1]["bill_no"].as_str()), (2, Some("B2")));
    scene.stdin = format!("{}\n", keys[0]).into_bytes();
    let one = scene.run(&["status", "-", "-o", "json"]).expect_code(8).json();
    assert_eq!(one["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a_bill_no_leads_to_its_link() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    let status = scene.run(&["status", "--bill-no", "B1", "-o", "json"]).expect_code(8).json();
    assert_eq!(status["url_key"], *key);
}

#[test]
fn a_bill_without_a_link_cannot_be_asked_after() {
    let (mut scene, emulator) = Scene::with_faults(&["refuse=E101*1", "drop-after*1"]);
    scene.run(&with(&COFFEE, &["--bill-no", "REFUSED"])).expect_code(5);
    scene.run(&with(&COFFEE, &["--bill-no", "UNKNOWN"])).expect_code(7);
    scene.run(&["status", "--bill-no", "REFUSED"]).expect_code(2);
    scene.run(&["status", "--bill-no", "NEVER"]).expect_code(2);
    let unknown = scene.run(&["status", "--bill-no", "UNKNOWN", "-o", "json"]).expect_code(7).error();
    assert!(unknown["hint"].as_str().unwrap().contains("cookiepay reconcile"), "{unknown}");
    assert_eq!(asked(&emulator), (0, 0));
}

#[test]
fn pending_is_every_link_that_is_not_final() {
    let (mut scene, emulator) = Scene::with_emulator();
    let keys = [scene.link("B1"), scene.link("B2"), scene.link("B3")];
    scene.pay(&keys[0]);
    scene.pay(&keys[1]);
    scene.cancel(&keys[1]);
    let bills = |lines: Vec<serde_json::Value>| -> Vec<String> {
        lines.iter().map(|line| line["bill_no"].as_str().unwrap().to_owned()).collect()
    };
    let first = scene.run(&["status", "--pending", "-o", "jsonl"]).expect_code(9).json_lines();
    assert_eq!(bills(first), ["B1", "B2", "B3"]);
    let second = scene.run(&["status", "--pending", "-o", "jsonl"]).expect_code(8).json_lines();
    assert_eq!(bills(second), ["B3"]);
    scene.pay(&keys[2]);
    scene.run(&["status", "--pending"]).expect_code(0);
    let nothing = scene.run(&["status", "--pending", "-o", "json"]).expect_code(0).json();
    assert_eq!(nothing["summary"]["count"], 0);
    assert_eq!(asked(&emulator), (1, 5));
}

#[test]
fn a_pay_url_is_looked_up_in_the_ledger() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let sent = scene.run(&with(&COFFEE, &["-o", "json"])).expect_code(0).json();
    let status =
        scene.run(&["status", sent["pay_url"].as_str().unwrap(), "-o", "json"]).expect_code(8).json();
    assert_eq!((&status["url_key"], &status["bill_no"]), (&sent["url_key"], &sent["bill_no"]));
}

#[test]
fn an_unknown_pay_url_is_wrong_usage_and_nobody_is_asked() {
    let (mut scene, emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    let wrong = ["status", &key, "https://sandbox.cookiepayments.com/p/none", "a b", "-o", "json"];
    let error = scene.run(&wrong).expect_code(2).error();
    assert_eq!(error["fields"].as_array().unwrap().len(), 2);
    assert_eq!(asked(&emulator), (0, 0));
}

#[test]
fn naming_no_link_is_wrong_usage() {
    let (mut scene, _emulator) = Scene::with_emulator();
    scene.run(&["status"]).expect_code(2);
}

#[test]
fn an_error_counts_before_a_cancel_and_that_before_an_unpaid_link() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let (paid, unpaid, cancelled) = (scene.link("B1"), scene.link("B2"), scene.link("B3"));
    scene.pay(&paid);
    scene.pay(&cancelled);
    scene.cancel(&cancelled);
    let wrong = "NOSUCHKEY".to_owned();
    for (keys, code) in [
        (vec![&paid], 0),
        (vec![&paid, &unpaid], 8),
        (vec![&cancelled, &unpaid, &paid], 9),
        (vec![&unpaid, &cancelled], 9),
        (vec![&cancelled, &wrong, &unpaid], 5),
    ] {
        let mut command = vec!["status"];
        command.extend(keys.into_iter().map(String::as_str));
        let shown = scene.run(&with(&command, &["-o", "jsonl"])).expect_code(code);
        assert_eq!(shown.json_lines().len(), command.len() - 1);
    }
}

#[test]
fn refused_credentials_count_before_everything_else() {
    let (mut scene, emulator) = Scene::with_faults(&["refuse=E003@token"]);
    let key = scene.link("B1");
    let error = scene.run(&["status", &key, "NOSUCHKEY", "-o", "json"]).expect_code(4).error();
    assert_eq!(error["code"], "AUTH");
    assert_eq!(asked(&emulator).1, 0);
}

#[test]
fn a_link_that_cannot_be_asked_after_is_exit_6_and_the_others_are_shown() {
    let (mut scene, emulator) = Scene::with_emulator();
    let keys = [scene.link("B1"), scene.link("B2")];
    for fault in ["drop-before@urlcert*1", "html@urlcert*1", "truncated-json@urlcert*1", "no-code@urlcert*1"]
    {
        misbehave(&emulator, &[fault]);
        let shown = scene.run(&["status", &keys[0], &keys[1], "-o", "json"]).expect_code(6);
        let items = shown.json()["items"].as_array().unwrap().clone();
        assert_eq!(items.len(), 1, "{fault}");
        assert_eq!(shown.json()["summary"]["failed"], 1);
        assert_eq!(shown.error()["code"], "NETWORK");
    }
    assert_eq!(asked(&emulator), (1, 8));
}

#[test]
fn a_token_without_a_trustworthy_answer_is_exit_6() {
    let (mut scene, emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    for fault in ["drop-before@token", "html@token", "no-code@token", "reset@token"] {
        misbehave(&emulator, &[fault]);
        scene.run(&["status", &key]).expect_code(6);
    }
    assert_eq!(asked(&emulator), (4, 0));
}

#[test]
fn a_cached_token_that_is_refused_is_issued_anew_once() {
    let (mut scene, emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    scene.run(&["token"]).expect_code(0);
    scene.clock.advance(std::time::Duration::from_secs(1));
    misbehave(&emulator, &["wrong-token*1"]);
    assert_eq!(scene.run(&["status", &key, "-o", "json"]).expect_code(8).json()["state"], "unpaid");
    assert_eq!(asked(&emulator), (2, 2));
}

#[test]
fn a_token_that_is_refused_again_is_not_issued_a_third_time() {
    let (mut scene, emulator) = Scene::with_emulator();
    let keys = [scene.link("B1"), scene.link("B2")];
    scene.run(&["token"]).expect_code(0);
    scene.clock.advance(std::time::Duration::from_secs(1));
    misbehave(&emulator, &["wrong-token"]);
    let status = scene.run(&["status", &keys[0], &keys[1], "-o", "jsonl"]).expect_code(5).json_lines();
    assert!(
        status.iter().all(|line| line["state"] == "error" && line["result_code"] == "E010"),
        "{status:?}"
    );
    // With the cached one only the first was asked after.
    assert_eq!(asked(&emulator), (2, 3));
}

#[test]
fn an_amount_at_cookiepay_that_is_not_the_billed_one_is_an_error_with_both_named() {
    let paid = r#"{"RESULTCODE":"0000","RESULTMSG":"성공","AMOUNT":45000,"PAYMETHOD":"CARD","ACCEPTNO":"1","ACCEPTDATE":"20261122093947"}"#;
    let (mut scene, _emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    let fake = Fake::new(move |request| {
        let is_token = request.starts_with("POST /payAuth/token");
        assert!(!is_token || request.contains(PAY2_KEY));
        reply("200 OK", if is_token { r#"{"RTN_CD":"0000","TOKEN":"opaque"}"# } else { paid })
    });
    scene.configure_sandbox(&fake.url(), "");
    let ended = scene.run(&["status", &key, "-o", "json"]).expect_code(5);
    assert_eq!((&ended.json()["amount"], &ended.json()["state"]), (&45000.into(), &"error".into()));
    assert!(ended.stderr.contains("4500 won were billed, CookiePay says 45000 won"), "{}", ended.stderr);
    assert_eq!(scene.listed("B1")["state"], "error");
}

#[test]
fn a_batch_is_paid_only_if_every_bill_of_it_is() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&["status", "--batch", "nosuch"]).expect_code(2);
    let sheet = scene.home().join("rent.jsonl");
    let row = |buyer: &str| {
        format!(r#"{{"via":"sms","product":"월세","amount":"5000","buyer":"{buyer}","phone":"01012345678"}}"#)
    };
    std::fs::write(&sheet, format!("{}\n{}\n", row("김"), row("이"))).unwrap();
    misbehave(&emulator, &["drop-after*1"]);
    let path = sheet.to_str().unwrap();
    scene.run(&["send", "--from", path, "--allow-duplicate", "--concurrency", "1"]).expect_code(7);
    scene.run(&["status", "--batch", "rent"]).expect_code(7);
    scene.run(&["reconcile"]).expect_code(0);
    let shown = scene.run(&["status", "--batch", "rent", "-o", "json"]).expect_code(8).json();
    assert_eq!(shown["items"].as_array().unwrap().len(), 2);
}

#[test]
fn links_that_the_ledger_knows_are_named_with_what_was_billed() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    for format in ["json", "table", "jsonl", "csv"] {
        let shown = scene.run(&["status", &key, "-o", format]).expect_code(8).stdout;
        for part in ["홍길동", "아메리카노"] {
            assert!(shown.contains(part), "{format}: {shown}");
        }
        assert!(shown.contains("4500") || shown.contains("4,500"), "{format}: {shown}");
    }
}

#[test]
fn a_table_of_links_ends_with_a_total_by_state() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let keys = [scene.link("B1"), scene.link("B2"), scene.link("B3")];
    scene.pay(&keys[0]);
    let table = scene.run(&["status", &keys[0], &keys[1], &keys[2]]).expect_code(8).stdout;
    assert_eq!(table.lines().last(), Some("3 links: 1 paid (4,500 won), 2 unpaid (9,000 won)"), "{table}");
    let korean = scene.run(&["status", "--pending", "--lang", "ko"]).expect_code(8).stdout;
    assert_eq!(korean.lines().last(), Some("2건: 미결제 2건 (9,000원)"), "{korean}");
}

#[test]
fn nothing_open_is_exit_0_before_any_key_is_asked_for() {
    let mut scene = Scene::without_keys();
    let ended = scene.run(&["status", "--pending", "-o", "json"]).expect_code(0);
    assert_eq!(ended.json()["items"], serde_json::json!([]));
    assert!(ended.stderr.contains("nothing to ask"), "{}", ended.stderr);
    scene.run(&["status", "--pending", "--wait"]).expect_code(0);
}

/// A server that answers no question before so many are under way, and the most that ever were.
fn answering_together(expected: usize) -> (Fake, Arc<AtomicUsize>) {
    let most = Arc::new(AtomicUsize::new(0));
    let (seen, under_way, came) = (Arc::clone(&most), Mutex::new(0), Condvar::new());
    let fake = Fake::keeping_connections(move |_, requests| {
        if requests[requests.len() - 1].starts_with("POST /payAuth/token") {
            return kept("200 OK", r#"{"RTN_CD":"0000","TOKEN":"opaque"}"#);
        }
        let mut count = under_way.lock().unwrap();
        *count += 1;
        seen.fetch_max(*count, Ordering::SeqCst);
        came.notify_all();
        // The time limit is for a program that asks less at once; it would wait for ever.
        let is_early = |_: &mut usize| seen.load(Ordering::SeqCst) < expected;
        (count, _) = came.wait_timeout_while(count, Duration::from_secs(10), is_early).unwrap();
        *count -= 1;
        kept("200 OK", r#"{"RESULTCODE":"EA01","RESULTMSG":"미결제"}"#)
    });
    (fake, most)
}

#[test]
fn as_many_links_are_asked_after_at_once_as_concurrency_says_and_8_without_it() {
    let keys: Vec<String> = (0..20).map(|number| format!("KEY{number}")).collect();
    for (options, expected) in [(&["--concurrency", "1"][..], 1), (&["--concurrency", "3"], 3), (&[], 8)] {
        let (fake, most) = answering_together(expected);
        let mut scene = Scene::with_sandbox(&fake.url());
        let command: Vec<&str> = ["status"]
            .into_iter()
            .chain(keys.iter().map(String::as_str))
            .chain(options.iter().copied())
            .collect();
        scene.run(&command).expect_code(8);
        assert_eq!(most.load(Ordering::SeqCst), expected, "{options:?}");
    }
    let mut scene = Scene::with_sandbox("http://127.0.0.1:1");
    scene.run(&["status", "KEY1", "--concurrency", "0"]).expect_code(2);
}

/// What CookiePay says of a link that is paid.
const PAID: &str = r#"{"RESULTCODE":"0000","RESULTMSG":"성공","AMOUNT":"4500","TID":"T1","ACCEPTNO":"1"}"#;

/// What CookiePay gives as a token.
const TOKEN: &str = r#"{"RTN_CD":"0000","RTN_MSG":"성공","TOKEN":"t0k3n"}"#;

#[test]
fn a_5xx_is_no_answer_to_a_question_whatever_its_body_says() {
    for (token, urlcert) in [("200 OK", "500 Internal Server Error"), ("503 Service Unavailable", "200 OK")] {
        let fake = Fake::new(move |request| {
            if request.starts_with("POST /payAuth") { reply(token, TOKEN) } else { reply(urlcert, PAID) }
        });
        let mut scene = Scene::with_sandbox(&fake.url());
        let ended = scene.run(&["status", "a1B2c3D4e5F6g7H8i9J0", "-o", "json"]).expect_code(6);
        assert_eq!((&*ended.stdout, ended.error()["code"].as_str()), ("", Some("NETWORK")));
        assert!(ended.error()["message"].as_str().unwrap().contains("HTTP 50"), "{ended:?}");
    }
    // Below 500 the code of the body decides.
    let fake = Fake::new(|request| {
        if request.starts_with("POST /payAuth") {
            reply("200 OK", TOKEN)
        } else {
            reply("404 Not Found", PAID)
        }
    });
    let mut scene = Scene::with_sandbox(&fake.url());
    scene.run(&["status", "a1B2c3D4e5F6g7H8i9J0"]).expect_code(0);
}

#[test]
fn a_payment_that_comes_with_a_5xx_is_not_recorded() {
    let (mut scene, emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    scene.pay(&key);
    misbehave(&emulator, &["error-500@urlcert"]);
    scene.run(&["status", &key]).expect_code(6);
    assert!(scene.listed("B1")["state"].is_null());
}

#[test]
fn a_batch_of_which_nothing_was_sent_is_not_paid_and_that_is_said() {
    let (mut scene, _emulator) = Scene::with_emulator();
    scene.configure_sandbox(crate::support::NOBODY, "");
    crate::batch::send(&mut scene, &crate::coffees::sheet(3), &[]).expect_code(10);
    let ended = scene.run(&["status", "--batch", "march"]).expect_code(8);
    assert!(ended.stderr.contains("were refused or not sent: 3"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("no link is open"), "{}", ended.stderr);
    assert_eq!(
        scene.run(&["status", "--pending"]).expect_code(0).stderr,
        "no link is open: there is nothing to ask\n"
    );
}
