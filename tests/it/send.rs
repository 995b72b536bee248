//! `send`: what it sends and says, and what it does with a bill that the ledger knows.

use serde_json::json;

use crate::fake::{Fake, reply, taken};
use crate::support::{API_KEY, COFFEE, COFFEE_FOR_HONG, NOBODY, Scene, misbehave, reached, with};

#[test]
fn a_bill_is_sent_once_and_told() {
    let (mut scene, emulator) = Scene::with_emulator();
    let sent = scene.run(&with(&COFFEE, &["-o", "json", "--bill-no", "B1"])).expect_code(0).json();
    assert_eq!((sent["outcome"].as_str(), sent["bill_no"].as_str()), (Some("sent"), Some("B1")));
    assert_eq!(sent["requested_at"], "2026-11-22T11:20:00+09:00");
    assert_eq!(reached(&emulator), (1, 1, 1));
    let again = scene.run(&with(&COFFEE, &["-o", "json", "--bill-no", "B1"])).expect_code(0).json();
    assert_eq!(again["outcome"], "already_sent");
    assert_eq!(again["pay_url"], sent["pay_url"]);
    assert_eq!(reached(&emulator), (1, 1, 1));
}

#[test]
fn a_repeat_shows_what_was_stored_word_for_word() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let command = with(&COFFEE, &["-o", "json", "--bill-no", "B1", "--etc1", "계약 42", "--etc2", "영업팀"]);
    let mut sent = scene.run(&command).expect_code(0).json();
    scene.clock.advance(std::time::Duration::from_mins(1));
    let again = scene.run(&command).expect_code(0).json();
    sent["outcome"] = json!("already_sent");
    assert_eq!(again, sent);
}

#[test]
fn a_bill_made_as_a_link_is_already_sent_as_well() {
    let (mut scene, emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    let again = scene.run(&with(&COFFEE, &["-o", "json", "--bill-no", "B1"])).expect_code(0).json();
    assert_eq!((again["outcome"].as_str(), again["url_key"].as_str()), (Some("already_sent"), Some(&*key)));
    assert_eq!(reached(&emulator), (1, 0, 1));
}

#[test]
fn a_memo_or_channel_alone_makes_no_other_bill() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(0);
    let more = ["--via", "kakao", "--memo", "두 번째", "--bill-no", "B1", "-o", "json"];
    let again = scene.run(&with(&COFFEE_FOR_HONG, &more)).expect_code(0).json();
    assert_eq!((again["outcome"].as_str(), again["via"].as_str()), (Some("already_sent"), Some("sms")));
    assert_eq!(reached(&emulator), (1, 1, 1));
}

#[test]
fn every_field_reaches_cookiepay_as_the_reference_has_it() {
    let (seen, requests) = std::sync::mpsc::channel();
    let fake = Fake::new(move |request| {
        seen.send(request.to_owned()).unwrap();
        reply("200 OK", &taken(request))
    });
    let mut scene = Scene::with_sandbox(&fake.url());
    let command = [
        "send",
        "--via",
        "email",
        "--product",
        "정기 점검 11월분",
        "--amount",
        "132,000원",
        "--buyer",
        "김이박",
        "--phone",
        "+82 10-9876-5432",
        "--tax",
        "taxable",
        "--email",
        "kim@example.com",
        "--bill-no",
        "2026-11-0042",
        "--memo",
        "두 번째 안내",
        "--etc1",
        "계약 42",
        "--etc2",
        "영업팀",
        "--payment-type",
        "CARD",
    ];
    scene.run(&command).expect_code(0);
    let request = requests.recv().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("post /urlpay/request http/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/json; charset=utf-8"), "{head}");
    assert!(head.contains(&format!("apikey: {API_KEY}")), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        body,
        json!({
            "API_ID": "sandbox_shop01", "PRODUCTNAME": "정기 점검 11월분", "AMOUNT": "132000", "BUYERNAME": "김이박",
            "BUYERHP": "01098765432", "TAXYN": "Y", "BUYEREMAIL": "kim@example.com", "BILL_NO": "2026-11-0042",
            "MEMO": "두 번째 안내", "REQ_TYPE": "EMAIL", "ETC1": "계약 42", "ETC2": "영업팀", "PAYMENT_TYPE_USE": "CARD"
        })
    );
}

#[test]
fn a_made_bill_no_is_sent_stored_and_good_for_a_repeat() {
    let (mut scene, emulator) = Scene::with_emulator();
    let first = scene.run(&with(&COFFEE, &["-o", "json"])).expect_code(0).json();
    let bill_no = first["bill_no"].as_str().unwrap().to_owned();
    assert!(bill_no.len() <= 20 && bill_no.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{bill_no}");
    assert_eq!(emulator.message_count(&bill_no).unwrap(), 1);
    let again = scene.run(&with(&COFFEE, &["-o", "json", "--bill-no", &bill_no])).expect_code(0).json();
    assert_eq!(again["outcome"], "already_sent");
    let other = scene.run(&with(&COFFEE, &["-o", "json", "--allow-duplicate"])).expect_code(0).json();
    assert_ne!(other["bill_no"], first["bill_no"]);
}

#[test]
fn a_made_bill_no_is_named_where_the_outcome_is_unknown() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-after"]);
    let ended = scene.run(&with(&COFFEE, &["-o", "json"])).expect_code(7);
    let bill_no = ended.error()["bill_no"].as_str().unwrap().to_owned();
    assert_eq!(ended.json()["bill_no"], *bill_no);
    assert_eq!(emulator.message_count(&bill_no).unwrap(), 1);
    assert_eq!(scene.listed(&bill_no)["outcome"], "unknown");
}

#[test]
fn a_lost_zero_is_repaired_and_said() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let command = [
        "send",
        "--via",
        "sms",
        "--product",
        "차",
        "--amount",
        "1",
        "--buyer",
        "김",
        "--phone",
        "1012345678",
    ];
    let sent = scene.run(&with(&command, &["--bill-no", "B1"])).expect_code(0);
    assert!(sent.stderr.contains("warning:") && sent.stderr.contains("01012345678"), "{}", sent.stderr);
    let revealed = scene.run(&["list", "--reveal", "-o", "json"]).json();
    assert_eq!(revealed["items"][0]["phone"], "01012345678");
}

#[test]
fn a_refused_bill_may_be_sent_again_under_its_number() {
    let (mut scene, emulator) = Scene::with_faults(&["refuse=E101*1"]);
    let command = with(&COFFEE, &["-o", "json", "--bill-no", "B1"]);
    scene.run(&command).expect_code(5);
    let sent = scene.run(&command).expect_code(0).json();
    assert_eq!((sent["outcome"].as_str(), sent["result_code"].as_str()), (Some("sent"), Some("0000")));
    assert_eq!(reached(&emulator), (2, 1, 1));
    assert_eq!(scene.listed("B1")["outcome"], "sent");
}

#[test]
fn a_bill_that_was_not_sent_may_be_sent_again_under_its_number() {
    let (mut scene, emulator) = Scene::with_emulator();
    let command = with(&COFFEE, &["-o", "json", "--bill-no", "B1"]);
    scene.configure_sandbox(NOBODY, "");
    scene.run(&command).expect_code(6);
    scene.configure_sandbox(&emulator.url(), "");
    assert_eq!(scene.run(&command).expect_code(0).json()["outcome"], "sent");
    assert_eq!(reached(&emulator), (1, 1, 1));
}

#[test]
fn the_channel_of_the_profile_counts_where_none_is_given() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.configure_sandbox(&emulator.url(), "via = \"kakao\"\n");
    let sent = scene.run(&with(&COFFEE_FOR_HONG, &["-o", "json"])).expect_code(0).json();
    assert_eq!(sent["via"], "kakao");
    assert_eq!(emulator.counts().unwrap().messages.kakao, 1);
}

#[test]
fn without_any_channel_nothing_is_sent() {
    let (mut scene, emulator) = Scene::with_emulator();
    let ended = scene.run(&with(&COFFEE_FOR_HONG, &["-o", "json"])).expect_code(2);
    assert_eq!(ended.error()["fields"][0]["field"], "--via");
    assert_eq!(reached(&emulator), (0, 0, 0));
}

#[test]
fn an_email_needs_an_address() {
    let (mut scene, emulator) = Scene::with_emulator();
    let ended = scene.run(&with(&COFFEE_FOR_HONG, &["--via", "email", "-o", "json"])).expect_code(2);
    assert_eq!(ended.error()["fields"][0]["field"], "--email");
    assert_eq!(reached(&emulator), (0, 0, 0));
}

#[test]
fn all_wrong_fields_are_named_at_once_and_nothing_is_sent() {
    let (mut scene, emulator) = Scene::with_emulator();
    let long = "가".repeat(41);
    let command = [
        "send",
        "--via",
        "fax",
        "--product",
        &long,
        "--amount",
        "1.5",
        "--phone",
        "02-123-4567",
        "--email",
        "nobody",
        "--bill-no",
        "청구서",
        "--tax",
        "maybe",
    ];
    let ended = scene.run(&with(&command, &["-o", "json"])).expect_code(2);
    let error = ended.error();
    let fields: Vec<&str> =
        error["fields"].as_array().unwrap().iter().map(|field| field["field"].as_str().unwrap()).collect();
    assert_eq!(
        fields,
        ["--bill-no", "--via", "--product", "--amount", "--buyer", "--phone", "--email", "--tax"]
    );
    assert_eq!((ended.stdout.as_str(), reached(&emulator)), ("", (0, 0, 0)));
    assert!(!scene.data_directory().exists());
    let shown = scene.run(&command).expect_code(2).stderr;
    for text in ["--amount `1.5`: won as digits", "--buyer: is required", "--phone `02-123-4567`"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
}

#[test]
fn a_dry_run_shows_the_request_and_leaves_no_trace() {
    let (mut scene, emulator) = Scene::with_emulator();
    let ended = scene.run(&with(&COFFEE, &["--dry-run", "-o", "json", "--bill-no", "B1"])).expect_code(0);
    let shown = ended.json();
    assert_eq!((shown["dry_run"].as_bool(), shown["method"].as_str()), (Some(true), Some("POST")));
    assert_eq!(shown["url"], format!("{}/urlpay/request", emulator.url()));
    assert_eq!(shown["headers"]["ApiKey"], "****");
    assert_eq!(
        shown["body"],
        json!({
            "API_ID": "sandbox_shop01", "PRODUCTNAME": "아메리카노", "AMOUNT": "4500", "BUYERNAME": "홍길동",
            "BUYERHP": "01012345678", "BILL_NO": "B1", "REQ_TYPE": "SMS"
        })
    );
    let table = scene.run(&with(&COFFEE, &["--dry-run"])).expect_code(0);
    for ended in [&ended, &table] {
        assert!(!ended.stdout.contains(API_KEY) && !ended.stderr.contains(API_KEY), "{ended:?}");
    }
    assert_eq!(reached(&emulator), (0, 0, 0));
    assert!(!scene.data_directory().exists());
}

#[test]
fn a_dry_run_of_a_known_bill_says_so_and_writes_nothing() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(0);
    let before = scene.listed("B1");
    scene.clock.advance(std::time::Duration::from_mins(1));
    let known = scene.run(&with(&COFFEE, &["--dry-run", "--bill-no", "B1"])).expect_code(0);
    assert!(known.stderr.contains("`B1` is known, outcome already_sent"), "{}", known.stderr);
    let other = ["--via", "sms", "--bill-no", "B1", "--dry-run", "--amount", "9000"];
    let other: Vec<&str> = with(&["send", "--product", "아메리카노", "--buyer", "홍길동"], &other);
    scene.run(&with(&other, &["--phone", "01012345678"])).expect_code(13);
    scene.run(&with(&COFFEE, &["--dry-run"])).expect_code(13);
    assert_eq!(scene.listed("B1"), before);
    assert_eq!(reached(&emulator), (1, 1, 1));
}

#[test]
fn a_dry_run_asks_nobody_and_needs_no_confirmation_of_a_live_send() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.configure_live(&emulator.url());
    scene.on_terminal = true;
    let ended = scene.run(&with(&COFFEE, &["--dry-run", "-o", "json"])).expect_code(0);
    assert_eq!(ended.json()["live"], true);
    assert_eq!(reached(&emulator), (0, 0, 0));
}

#[test]
fn ctrl_c_while_an_answer_is_awaited_still_takes_and_records_it() {
    use std::sync::atomic::Ordering::SeqCst;
    let (mut scene, emulator) = Scene::with_emulator();
    for (signal, code, bill_no) in
        [(&scene.signals.interrupted.clone(), 130, "B1"), (&scene.signals.terminated.clone(), 143, "B2")]
    {
        signal.store(true, SeqCst);
        let more = ["-o", "json", "--allow-duplicate", "--bill-no", bill_no];
        let ended = scene.run(&with(&COFFEE, &more)).expect_code(code);
        assert_eq!(ended.json()["outcome"], "sent");
        assert_eq!(scene.listed(bill_no)["outcome"], "sent");
    }
    misbehave(&emulator, &["drop-after"]);
    scene.signals.interrupted.store(true, SeqCst);
    scene.run(&with(&COFFEE, &["--allow-duplicate", "--bill-no", "B3"])).expect_code(7);
    assert_eq!(scene.listed("B3")["outcome"], "unknown");
}

#[test]
fn the_local_profile_needs_no_file_and_says_that_nobody_was_messaged() {
    let mut scene = Scene::new();
    let command = with(&COFFEE, &["--profile", "local", "-o", "json", "--bill-no", "B1"]);
    let ended = scene.run(&command).expect_code(0);
    let sent = ended.json();
    assert_eq!(
        (sent["environment"].as_str(), sent["live"].as_bool(), sent["outcome"].as_str()),
        (Some("local"), Some(false), Some("sent"))
    );
    assert!(ended.stderr.contains("nothing left this machine"), "{}", ended.stderr);
    assert_eq!(scene.run(&command).expect_code(0).json()["outcome"], "already_sent");
    let key = sent["url_key"].as_str().unwrap();
    let asked = ["status", key, "--profile", "local", "-o", "json"];
    assert_eq!(scene.run(&asked).expect_code(8).json()["state"], "unpaid");
    scene.run(&["emulator", "pay", key]).expect_code(0);
    assert_eq!(scene.run(&asked).expect_code(0).json()["state"], "paid");
    scene.run(&["emulator", "cancel", key]).expect_code(0);
    assert_eq!(scene.run(&asked).expect_code(9).json()["state"], "cancelled");
}

#[test]
fn a_camera_reads_the_pay_url_off_the_terminal() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let ended = scene.run(&with(&COFFEE, &["--qr", "-q", "-o", "json"])).expect_code(0);
    let pay_url = ended.json()["pay_url"].as_str().unwrap().to_owned();
    // Two modules lie over each other in a character; what is printed is light.
    let rows: Vec<Vec<char>> = ended.stderr.lines().map(|line| line.chars().collect()).collect();
    assert!(rows.len() > 10 && rows.iter().all(|row| row.len() == rows[0].len()), "{ended:?}");
    let is_light = |column: usize, line: usize| match rows[line / 2][column] {
        '█' => true,
        '▀' => line.is_multiple_of(2),
        '▄' => !line.is_multiple_of(2),
        _ => false,
    };
    let scale = 4;
    let (width, height) = (rows[0].len() * scale, rows.len() * 2 * scale);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        if is_light(x / scale, y / scale) { 255 } else { 0 }
    });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    assert_eq!(grids[0].decode().unwrap().1, pay_url);
}

#[test]
fn a_paid_or_cancelled_bill_that_is_sent_again_says_so_and_hands_out_no_link() {
    let (mut scene, emulator) = Scene::with_emulator();
    let command = with(&COFFEE, &["--bill-no", "B1", "--qr", "-o", "json"]);
    let sent = scene.run(&command).expect_code(0).json();
    let (key, address) = (sent["url_key"].as_str().unwrap(), sent["pay_url"].as_str().unwrap());
    scene.pay(key);
    scene.run(&["status", key]).expect_code(0);
    for state in ["paid", "cancelled"] {
        if state == "cancelled" {
            scene.cancel(key);
            scene.run(&["status", key]).expect_code(9);
        }
        let again = scene.run(&command).expect_code(0);
        let json = again.json();
        assert_eq!((&json["outcome"], &json["url_key"]), (&json!("already_sent"), &sent["url_key"]));
        assert!(json["pay_url"].is_null(), "{json}");
        assert!(again.stderr.contains(&format!("is {state}")), "{}", again.stderr);
        let said = again.stderr;
        assert!(!said.contains("resend") && !said.contains('█') && !said.contains(address), "{said}");
    }
    assert_eq!(reached(&emulator), (1, 1, 1));
}

#[test]
fn a_panic_ends_as_unknown_only_while_a_bill_is_under_way() {
    let (mut scene, emulator) = Scene::with_emulator();
    for (number, code, name, at) in [
        (
            "B1",
            1,
            "INTERNAL",
            (|moment| assert!(moment != "before-intent", "of this test")) as fn(&'static str),
        ),
        ("B2", 7, "OUTCOME_UNKNOWN", |moment| assert!(moment != "after-intent", "of this test")),
        ("B3", 7, "OUTCOME_UNKNOWN", |moment| assert!(moment != "before-outcome", "of this test")),
        ("B4", 1, "INTERNAL", |moment| assert!(moment != "after-outcome", "of this test")),
    ] {
        scene.reached = at;
        scene.signals = cookiepay::world::Signals::default();
        let send = with(&COFFEE, &["--bill-no", number, "--allow-duplicate", "-o", "json"]);
        let error = scene.run(&send).expect_code(code).error();
        assert_eq!(error["code"], name);
        assert_eq!(error["hint"].as_str().unwrap().contains("cookiepay reconcile"), code == 7, "{error}");
    }
    assert_eq!(reached(&emulator).1, 2);
}

/// The data directory of the test that takes its ledger away.
static WITHOUT_LEDGER: std::sync::OnceLock<std::path::PathBuf> = std::sync::OnceLock::new();

#[test]
fn nothing_is_sent_once_the_ledger_was_replaced() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(0);
    WITHOUT_LEDGER.set(scene.data_directory()).unwrap();
    scene.reached = |moment| {
        if moment == "before-intent" {
            let ledger = WITHOUT_LEDGER.get().unwrap().join("ledger.db");
            let copy = ledger.with_extension("copy");
            std::fs::copy(&ledger, &copy).unwrap();
            std::fs::rename(&copy, &ledger).unwrap();
        }
    };
    let send = with(&COFFEE, &["--bill-no", "B2", "--allow-duplicate", "-o", "json"]);
    let error = scene.run(&send).expect_code(15).error();
    assert!(error["message"].as_str().unwrap().contains("removed or replaced"), "{error}");
    assert_eq!(reached(&emulator).0, 1);
}

#[test]
fn one_thing_is_told_as_one() {
    let mut scene = Scene::with_sandbox(crate::support::NOBODY);
    for (more, message) in [
        (&["--report", "r.csv"][..], "--report means nothing without `--from`"),
        (&["--report", "r.csv", "--max-rows", "1"], " mean nothing without `--from`"),
    ] {
        let error = scene.run(&with(&with(&COFFEE, &["-o", "json"]), more)).expect_code(2).error();
        assert!(error["message"].as_str().unwrap().contains(message), "{error}");
    }
    let rows = crate::coffees::sheet(1).replace("4001", "0");
    let error = crate::batch::send(&mut scene, &rows, &[]).expect_code(2).error();
    assert_eq!(error["message"], "1 field of 1 row is wrong; nothing was sent");
}
