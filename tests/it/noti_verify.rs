//! `noti verify`: what CookiePay and the ledger make of notifications.

use cookiepay::emulator::{Emulator, Method};
use serde_json::{Value, json};

use crate::fake::{Fake, reply};
use crate::support::{Ended, Scene, asked, misbehave, with};

const VERIFY: [&str; 4] = ["noti", "verify", "-o", "json"];

/// Verifies these notifications, given on stdin.
fn verify(scene: &mut Scene, bodies: &[&str]) -> Ended {
    scene.stdin = bodies.join("\n").into_bytes();
    scene.run(&VERIFY)
}

/// What was said of each: its verdict and the reasons, joined.
fn said(ended: &Ended) -> Vec<(String, String)> {
    let items = ended.json()["items"].as_array().unwrap().clone();
    let reasons = |item: &Value| {
        let reasons: Vec<_> = item["reasons"]
            .as_array()
            .unwrap()
            .iter()
            .map(|reason| reason.as_str().unwrap().to_owned())
            .collect();
        reasons.join("; ")
    };
    items.iter().map(|item| (item["verdict"].as_str().unwrap_or("-").to_owned(), reasons(item))).collect()
}

fn verdicts(ended: &Ended) -> Vec<String> {
    said(ended).into_iter().map(|(verdict, _)| verdict).collect()
}

/// The notification of a payment that a customer makes now.
fn paid(scene: &Scene, url_key: &str) -> String {
    scene.customers().pay(url_key, Method::Card).unwrap().notification.unwrap().body
}

/// The notification of a cancel that is made now.
fn cancelled(scene: &Scene, url_key: &str, amount: Option<i64>) -> String {
    scene.customers().cancel(url_key, amount).unwrap().notification.unwrap().body
}

/// The same with another value of a field.
fn with_field(body: &str, field: &str, value: Value) -> String {
    let mut body: Value = serde_json::from_str(body).unwrap();
    assert!(body.get(field).is_some(), "{field} of {body}");
    body[field] = value;
    body.to_string()
}

fn scene_with_payment() -> (Scene, Emulator, String, String) {
    let (mut scene, emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    let body = paid(&scene, &key);
    (scene, emulator, key, body)
}

#[test]
fn a_payment_is_confirmed_once_and_a_duplicate_from_then_on() {
    let (mut scene, emulator, key, body) = scene_with_payment();
    let ended = verify(&mut scene, &[&body, &body]).expect_code(0);
    assert_eq!(verdicts(&ended), ["confirmed", "duplicate"]);
    let document = ended.json();
    assert_eq!(document["summary"]["by_verdict"], json!({ "confirmed": 1, "duplicate": 1 }));
    let first = &document["items"][0];
    assert_eq!((&first["url_key"], &first["environment"]), (&json!(key), &json!("sandbox")));
    assert_eq!((&first["reasons"], &first["kind"]), (&json!([]), &json!("approval")));
    assert_eq!(asked(&emulator), (1, 1));
    let bill = scene.listed("B1");
    assert_eq!((&bill["state"], &bill["paid_at"]), (&json!("paid"), &json!("2026-11-22T11:20:00+09:00")));
    // Another day, in another spelling, without asking anybody.
    let again = body.replace("\"4500\"", "4500");
    assert_eq!(verdicts(&verify(&mut scene, &[&again]).expect_code(0)), ["duplicate"]);
    assert_eq!(asked(&emulator), (1, 1));
}

#[test]
fn one_token_and_one_question_a_link() {
    let (mut scene, emulator) = Scene::with_emulator();
    let mut bodies = Vec::new();
    for number in 0..5 {
        let key = scene.link(&format!("B{number}"));
        let body = paid(&scene, &key);
        bodies.push(with_field(&body, "AMOUNT", json!("9")));
        bodies.push(with_field(&body, "TID", json!("T9")));
        bodies.push(body);
    }
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    let ended = verify(&mut scene, &bodies).expect_code(14);
    assert_eq!(ended.json()["summary"]["by_verdict"], json!({ "confirmed": 5, "mismatch": 10 }));
    assert_eq!(asked(&emulator), (1, 5));
}

#[test]
fn a_forgery_stays_what_it_is_however_often_it_comes() {
    let (mut scene, _emulator, _, body) = scene_with_payment();
    let forged = with_field(&body, "AMOUNT", json!("45000"));
    for _ in 0..2 {
        let ended = verify(&mut scene, &[&forged, &body, &forged]).expect_code(14);
        let said = said(&ended);
        let reason = "AMOUNT: notified 45000, CookiePay says 4500";
        assert_eq!(said[0], ("mismatch".to_owned(), reason.to_owned()));
        assert_eq!(said[2], said[0]);
        let error = ended.error();
        assert_eq!((&error["code"], &error["exit"]), (&json!("MISMATCH"), &json!(14)));
        assert!(error["message"].as_str().unwrap().contains("2 of 3"), "{error}");
    }
}

#[test]
fn every_verdict_has_its_case() {
    let (mut scene, emulator, _, body) = scene_with_payment();
    let unpaid = scene.link("B2");
    let nobody = "NoSuchKeyNoSuchKey00";
    let cases = [
        (with_field(&body, "SMS_INPUT", json!(unpaid)), "unconfirmed", "CookiePay says unpaid"),
        (with_field(&body, "SMS_INPUT", json!(nobody)), "unconfirmed", "CookiePay answers E012"),
        (with_field(&body, "API_ID", json!("shop99")), "foreign", "API_ID: `shop99`"),
        (with_field(&body, "API_ID", json!("")), "mismatch", "API_ID: missing"),
        (with_field(&body, "SMS_INPUT", json!("")), "unlinked", "SMS_INPUT: missing"),
        (with_field(&body, "SMS_INPUT", json!("한글 키")), "mismatch", "SMS_INPUT: `한글 키` is no link"),
        (with_field(&body, "TID", json!("T9")), "mismatch", "TID: notified T9, CookiePay says"),
        (with_field(&body, "ORDERNO", json!("O9")), "mismatch", "ORDERNO: notified O9, CookiePay says"),
        (body.clone(), "confirmed", ""),
    ];
    let bodies: Vec<&str> = cases.iter().map(|(body, ..)| body.as_str()).collect();
    let ended = verify(&mut scene, &bodies).expect_code(14);
    for ((_, verdict, reason), said) in cases.iter().zip(said(&ended)) {
        assert_eq!(said.0, *verdict, "{reason}: {said:?}");
        assert!(said.1.contains(reason), "{reason}: {said:?}");
    }
    // The paid link, the unpaid one, the one that does not exist; the last with one fresh token.
    assert!(asked(&emulator).1 <= 4, "{:?}", asked(&emulator));
    assert_eq!(scene.listed("B2")["state"], "unpaid");
}

#[test]
fn a_deposit_is_confirmed_once_it_was_made() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    let mut customers = scene.customers();
    assert_eq!(customers.pay(&key, Method::VirtualAccount).unwrap().notification, None);
    // Whoever knows the order could claim that the deposit came.
    let status = scene.run(&["status", &key, "-o", "json"]).expect_code(8).json();
    let claim = json!({
        "API_ID": "sandbox_shop01", "ORDERNO": status["order_no"], "AMOUNT": 4500, "TID": status["tid"],
        "SMS_INPUT": key
    });
    let ended = verify(&mut scene, &[&claim.to_string()]).expect_code(14);
    let expected = ("unconfirmed".to_owned(), "CookiePay still awaits the deposit".to_owned());
    assert_eq!(said(&ended), [expected]);
    let body = customers.pay(&key, Method::VirtualAccount).unwrap().notification.unwrap().body;
    assert_eq!(verdicts(&verify(&mut scene, &[&body]).expect_code(0)), ["confirmed"]);
}

#[test]
fn a_cancel_is_found_by_its_transaction_and_confirmed_by_its_date() {
    let (mut scene, emulator, key, approval) = scene_with_payment();
    let cancel = cancelled(&scene, &key, None);
    // Nobody knows yet which link it is of.
    let ended = verify(&mut scene, &[&cancel]).expect_code(14);
    assert_eq!(verdicts(&ended), ["unlinked"]);
    assert_eq!(asked(&emulator), (0, 0));
    // It overtook its approval, which is true no more.
    let ended = verify(&mut scene, &[&cancel, &approval]).expect_code(14);
    let said = said(&ended);
    assert_eq!(said[0].0, "confirmed");
    let reason = "CookiePay says cancelled at 2026-11-22T11:20:00+09:00";
    assert_eq!(said[1], ("mismatch".to_owned(), reason.to_owned()));
    assert_eq!(asked(&emulator), (1, 1));
    assert_eq!(scene.listed("B1")["state"], "cancelled");
    assert_eq!(verdicts(&verify(&mut scene, &[&cancel]).expect_code(0)), ["duplicate"]);
}

#[test]
fn an_approval_that_was_confirmed_before_its_cancel_is_a_duplicate() {
    let (mut scene, _emulator, key, approval) = scene_with_payment();
    verify(&mut scene, &[&approval]).expect_code(0);
    let cancel = cancelled(&scene, &key, None);
    let ended = verify(&mut scene, &[&approval, &cancel]).expect_code(0);
    assert_eq!(verdicts(&ended), ["duplicate", "confirmed"]);
}

#[test]
fn a_forged_cancel_is_not_confirmed() {
    let (mut scene, _emulator, key, approval) = scene_with_payment();
    verify(&mut scene, &[&approval]).expect_code(0);
    let before = json!({
        "noti_type": "cancel", "orderno": serde_json::from_str::<Value>(&approval).unwrap()["ORDERNO"],
        "tid": serde_json::from_str::<Value>(&approval).unwrap()["TID"], "cancel_amount": 4500,
        "cancel_date": "20261122112000", "paymethod": "CARD"
    })
    .to_string();
    let ended = verify(&mut scene, &[&before]).expect_code(14);
    let expected = ("unconfirmed".to_owned(), "CookiePay names no CANCELDATE: not cancelled".to_owned());
    assert_eq!(said(&ended), [expected]);
    assert_eq!(scene.listed("B1")["state"], "paid");
    let cancel = cancelled(&scene, &key, None);
    let other_time = with_field(&cancel, "cancel_date", json!("20261122113000"));
    let too_much = with_field(&cancel, "cancel_amount", json!("9000"));
    let ended = verify(&mut scene, &[&other_time, &too_much, &cancel]).expect_code(14);
    assert_eq!(verdicts(&ended), ["mismatch", "mismatch", "confirmed"]);
}

#[test]
fn a_partial_cancel_is_named_so_and_the_bill_stays_paid() {
    let (mut scene, _emulator, key, approval) = scene_with_payment();
    verify(&mut scene, &[&approval]).expect_code(0);
    let partial = cancelled(&scene, &key, Some(1000));
    let ended = verify(&mut scene, &[&partial]).expect_code(14);
    let (verdict, reason) = said(&ended).remove(0);
    assert_eq!(verdict, "unconfirmed");
    assert!(reason.starts_with("partial cancel: 1000 of 4500 won"), "{reason}");
    assert_eq!(scene.listed("B1")["state"], "paid");
    // The rest is cancelled: neither part is the whole, and CookiePay says that the whole is.
    let rest = cancelled(&scene, &key, Some(3500));
    let ended = verify(&mut scene, &[&partial, &rest]).expect_code(14);
    for (verdict, reason) in said(&ended) {
        assert_eq!(verdict, "unconfirmed");
        assert!(reason.starts_with("partial cancel") && reason.contains("CANCELDATE"), "{reason}");
    }
    assert_eq!(scene.listed("B1")["state"], "cancelled");
}

#[test]
fn the_ledgers_bill_must_have_asked_the_amount() {
    let (mut scene, _emulator, _, body) = scene_with_payment();
    scene.ledger().execute("UPDATE bills SET amount = 5000", []).unwrap();
    let ended = verify(&mut scene, &[&body]).expect_code(14);
    let reason = "AMOUNT: CookiePay says 4500, the ledger's bill asks 5000".to_owned();
    assert_eq!(said(&ended), [("mismatch".to_owned(), reason)]);
}

#[test]
fn a_link_made_elsewhere_is_confirmed_by_cookiepay_alone_where_that_is_accepted() {
    let (mut scene, _emulator, _, body) = scene_with_payment();
    scene.ledger().execute_batch("DELETE FROM attempts; DELETE FROM bills").unwrap();
    verify(&mut scene, &[&body]).expect_code(14);
    scene.stdin = body.into_bytes();
    let ended = scene.run(&with(&VERIFY, &["--accept-unrecorded"])).expect_code(0);
    let reason = "the ledger knows no bill of this link".to_owned();
    assert_eq!(said(&ended), [("confirmed".to_owned(), reason)]);
}

/// The number of rows of all tables of the ledger.
fn rows(scene: &Scene) -> u64 {
    let count = |table| format!("(SELECT count(*) FROM {table})");
    let sql = format!("SELECT {}", ["bills", "attempts", "events", "meta"].map(count).join(" + "));
    scene.ledger().query_row(&sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn forgeries_of_links_that_the_ledger_does_not_know_add_nothing_to_it() {
    let (mut scene, _emulator, _, body) = scene_with_payment();
    let before = rows(&scene);
    let mut forged: Vec<String> =
        (0..30).map(|number| with_field(&body, "SMS_INPUT", json!(format!("Key{number}")))).collect();
    // CookiePay says of these that they were paid.
    for amount in ["1000", "2000", "3000"] {
        let key = scene.link_of_nobody(amount, "홍길동");
        forged.push(paid(&scene, &key));
    }
    let bodies: Vec<&str> = forged.iter().map(String::as_str).collect();
    let verdicts = verdicts(&verify(&mut scene, &bodies).expect_code(14));
    let count = |wanted: &str| verdicts.iter().filter(|verdict| *verdict == wanted).count();
    assert_eq!((count("unconfirmed"), count("unrecorded")), (30, 3));
    assert_eq!(rows(&scene), before);
}

#[test]
fn a_cancel_of_a_link_made_elsewhere_is_found_by_its_transaction_later_and_by_its_account_only() {
    let (mut scene, _emulator, _, _) = scene_with_payment();
    let key = scene.link_of_nobody("9000", "홍길동");
    let (approval, before) = (paid(&scene, &key), rows(&scene));
    let accepted = |scene: &mut Scene, body: &str, more: &[&str]| {
        scene.stdin = body.as_bytes().to_vec();
        verdicts(&scene.run(&with(&with(&VERIFY, &["--accept-unrecorded"]), more)))
    };
    assert_eq!(accepted(&mut scene, &approval, &[]), ["confirmed"]);
    let cancel = cancelled(&scene, &key, None);
    let config = std::fs::read_to_string(scene.config_file()).unwrap();
    scene.configure(&config.replace("sandbox_shop01", "sandbox_shop02"));
    assert_eq!(accepted(&mut scene, &cancel, &[]), ["unlinked"]);
    scene.configure(&config);
    assert_eq!(accepted(&mut scene, &cancel, &[]), ["confirmed"]);
    assert_eq!(accepted(&mut scene, &cancel, &[]), ["duplicate"]);
    assert_eq!(rows(&scene), before);
}

#[test]
fn without_an_answer_there_is_no_verdict_and_asking_again_is_safe() {
    let (mut scene, emulator, _, body) = scene_with_payment();
    misbehave(&emulator, &["html@urlcert"]);
    let ended = verify(&mut scene, &[&body]).expect_code(6);
    assert_eq!(ended.json()["items"][0]["verdict"], Value::Null);
    assert_eq!(ended.json()["summary"]["unanswered"], 1);
    assert_eq!(ended.error()["code"], "NETWORK");
    // What needs no answer is judged all the same, and counts first.
    misbehave(&emulator, &["html@token"]);
    std::fs::remove_dir_all(scene.data_directory().join("tokens")).unwrap();
    let foreign = with_field(&body, "API_ID", json!("shop99"));
    let ended = verify(&mut scene, &[&body, &foreign]).expect_code(14);
    assert_eq!(verdicts(&ended), ["-", "foreign"]);
    misbehave(&emulator, &[]);
    assert_eq!(verdicts(&verify(&mut scene, &[&body]).expect_code(0)), ["confirmed"]);
}

#[test]
fn refused_credentials_are_exit_4() {
    let refusing = Fake::new(|_| reply("200 OK", r#"{"RTN_CD":"E003","RTN_MSG":"ID & KEY 불일치"}"#));
    let mut scene = Scene::with_sandbox(&refusing.url());
    let body = include_str!("../fixtures/noti-card.json");
    let ended = verify(&mut scene, &[body]).expect_code(4);
    assert_eq!(ended.error()["code"], "AUTH");
    assert_eq!(verdicts(&ended), ["-"]);
    // What needs no answer is judged all the same, and counts first.
    let foreign = with_field(body, "API_ID", json!("shop99"));
    let ended = verify(&mut scene, &[body, &foreign]).expect_code(14);
    assert_eq!(verdicts(&ended), ["-", "foreign"]);
}

#[test]
fn what_is_no_notification_is_told_after_what_is_not_confirmed() {
    let (mut scene, _emulator, _, body) = scene_with_payment();
    let ended = verify(&mut scene, &["{}", &body]).expect_code(2);
    assert!(ended.stderr.contains("-:1: not a notification"), "{ended:?}");
    assert_eq!(verdicts(&ended), ["confirmed"]);
    let forged = with_field(&body, "AMOUNT", json!("1"));
    verify(&mut scene, &["{}", &forged]).expect_code(14);
}

#[test]
fn a_table_says_it_to_people() {
    let (mut scene, _emulator, _, body) = scene_with_payment();
    let forged = with_field(&body, "AMOUNT", json!("1"));
    scene.stdin = format!("{body}\n{forged}").into_bytes();
    let ended = scene.run(&["noti", "verify"]).expect_code(14);
    assert!(ended.stdout.contains("confirmed") && ended.stdout.contains("notified 1"), "{ended:?}");
    assert!(ended.stderr.contains("1 confirmed, 1 mismatch"), "{ended:?}");
    assert!(ended.stderr.contains("do not deliver goods"), "{ended:?}");
}

#[test]
fn details_that_nobody_can_check_are_confirmed_once() {
    let (mut scene, _emulator, _, body) = scene_with_payment();
    let forged = with_field(&with_field(&body, "CARDNO", json!("**666")), "ETC3", json!("x"));
    let ended = verify(&mut scene, &[&forged, &body]).expect_code(0);
    let said = said(&ended);
    assert_eq!((said[0].0.as_str(), said[1].0.as_str()), ("confirmed", "duplicate"));
    assert!(said[1].1.contains("with other details"), "{said:?}");
    // The texts by which a shop knows its orders are those of the bill.
    let forged = with_field(&body, "ETC1", json!("order-999"));
    let ended = verify(&mut scene, &[&forged]).expect_code(14);
    let reason = "ETC1: notified `order-999`, the ledger's bill gave ``".to_owned();
    assert_eq!(self::said(&ended), [("mismatch".to_owned(), reason)]);
}

#[test]
fn a_cancel_is_confirmed_once_in_whatever_words_it_comes() {
    let (mut scene, _emulator, key, approval) = scene_with_payment();
    verify(&mut scene, &[&approval]).expect_code(0);
    let cancel = cancelled(&scene, &key, None);
    let other_kind = with_field(&cancel, "noti_type", json!("deposit_cancel"));
    let day_only = with_field(&cancel, "cancel_date", json!("20261122"));
    let ended = verify(&mut scene, &[&cancel, &other_kind, &day_only]).expect_code(0);
    assert_eq!(verdicts(&ended), ["confirmed", "duplicate", "duplicate"]);
    assert_eq!(verdicts(&verify(&mut scene, &[&day_only]).expect_code(0)), ["duplicate"]);
}

#[test]
fn a_genuine_notification_is_not_judged_by_an_answer_with_a_5xx() {
    let (mut scene, emulator, _, body) = scene_with_payment();
    misbehave(&emulator, &["error-500@urlcert"]);
    let ended = verify(&mut scene, &[&body]).expect_code(6);
    assert_eq!(ended.json()["items"][0]["verdict"], Value::Null);
    misbehave(&emulator, &[]);
    assert_eq!(verdicts(&verify(&mut scene, &[&body]).expect_code(0)), ["confirmed"]);
}

#[test]
fn a_payment_that_was_accepted_unrecorded_is_unrecorded_again_where_that_is_not_accepted() {
    let (mut scene, _emulator, _, _) = scene_with_payment();
    let key = scene.link_of_nobody("9000", "홍길동");
    let approval = paid(&scene, &key);
    let mut said_of = |body: &str, accepted: &[&str], code: u8| {
        scene.stdin = body.as_bytes().to_vec();
        verdicts(&scene.run(&with(&VERIFY, accepted)).expect_code(code))
    };
    let accepted = ["--accept-unrecorded"];
    assert_eq!(said_of(&approval, &accepted, 0), ["confirmed"]);
    assert_eq!(said_of(&approval, &[], 14), ["unrecorded"]);
    assert_eq!(said_of(&approval, &accepted, 0), ["duplicate"]);
}
