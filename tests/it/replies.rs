//! Which reply is an answer, and to which question: a reply about another bill, one with a link in it beside a code
//! that refuses, and bytes that are left on a connection.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use cookiepay::emulator::Method;

use crate::batch::{column, send};
use crate::coffees::sheet;
use crate::fake::{Fake, SENT, field, kept, reply, taken};
use crate::support::{COFFEE, Ended, Scene, asked, misbehave, with};

/// The key of the link in [`SENT`].
const KEY: &str = "a1B2c3D4e5F6g7H8i9J0";

/// Sends bill `B1` to a server that says this.
fn send_to(body: &str) -> (Scene, Fake, Ended) {
    let body = body.to_owned();
    let fake = Fake::new(move |_| reply("200 OK", &body));
    let mut scene = Scene::with_sandbox(&fake.url());
    let ended = scene.run(&with(&COFFEE, &["-o", "json", "--bill-no", "B1"]));
    (scene, fake, ended)
}

/// The outcome is unknown, no link is shown or recorded, and the same command sends nothing.
#[track_caller]
fn assert_unknown(body: &str) -> String {
    let (mut scene, fake, ended) = send_to(body);
    assert_eq!(ended.code, 7, "{body}: {ended:#?}");
    let report = ended.json();
    assert_eq!((&report["outcome"], report["url_key"].is_null()), (&"unknown".into(), true), "{body}");
    let listed = scene.listed("B1");
    assert_eq!((&listed["outcome"], listed["url_key"].is_null()), (&"unknown".into(), true), "{body}");
    scene.run(&with(&COFFEE, &["-o", "json", "--bill-no", "B1"])).expect_code(7);
    assert_eq!(fake.requests(), 1, "{body}");
    ended.stderr
}

#[test]
fn a_reply_about_another_bill_is_unknown_and_its_link_is_not_recorded() {
    for other in [r#""BILL_NO":"B2""#, r#""BILL_NO":2"#, r#""bill_no":"B2""#, r#""BILL_NO":["B1"]"#] {
        let stderr = assert_unknown(&SENT.replace(r#""BILL_NO":"B1""#, other));
        assert!(!stderr.contains(KEY), "{stderr}");
    }
    let stderr = assert_unknown(&SENT.replace(r#""B1""#, r#""B2""#));
    assert!(stderr.contains("about bill `B2`, not `B1`"), "{stderr}");
    assert_unknown(r#"{"RESULTCODE":"E101","RESULTMSG":"거절","BILL_NO":"B2"}"#);
}

#[test]
fn a_reply_may_leave_the_bills_number_out() {
    for without in [r#""BILL_NO":"""#, r#""BILL_NO":null"#, r#""X":"""#] {
        let (_, _, ended) = send_to(&SENT.replace(r#""BILL_NO":"B1""#, without));
        assert_eq!(ended.expect_code(0).json()["url_key"], KEY);
    }
}

#[test]
fn a_link_beside_any_other_code_is_unknown() {
    for code in ["00", "000", "0000.", "1000", "E101", "00000", "성공", "0"] {
        assert_unknown(&SENT.replace("0000", code));
        assert_unknown(&format!(r#"{{"RESULTCODE":"{code}","PAYURL":"https://x.kr/p/1"}}"#));
    }
    assert_unknown(&SENT.replace(r#""0000""#, "1000"));
}

#[test]
fn a_code_that_is_not_four_letters_or_digits_refuses_nothing() {
    for code in ["00", "000", "0000.", "E1", "e101", "E10111", "-001", "E 01", "거절거절"] {
        assert_unknown(&format!(r#"{{"RESULTCODE":"{code}","RESULTMSG":"거절","URLKEY":"","PAYURL":null}}"#));
    }
    for code in [r#""E101""#, r#""9999""#, r#""ABCD""#, "1234"] {
        let (_, _, ended) =
            send_to(&format!(r#"{{"RESULTCODE":{code},"RESULTMSG":"거절","URLKEY":"","PAYURL":null}}"#));
        assert_eq!(ended.expect_code(5).json()["outcome"], "refused", "{code}");
    }
}

#[test]
fn a_key_that_stands_twice_or_codes_that_contradict_each_other_are_unknown() {
    for (key, again) in [
        (r#""RESULTCODE":"E101""#, r#""RESULTCODE":"E101""#),
        (r#""RESULTCODE":"0000""#, r#""RESULTCODE":"E101""#),
        (r#""RESULTCODE":"E101""#, r#""resultcode":"0000""#),
        (r#""RESULTCODE":"E101""#, r#""RTN_CD":"0000""#),
        (r#""RESULTCODE":"0000""#, r#""RTN_CD":"E101""#),
        (r#""RESULTCODE":"0000","BILL_NO":"B2""#, r#""BILL_NO":"B1""#),
        (r#""RESULTCODE":"0000","URLKEY":"other""#, r#""X":"""#),
        (r#""RESULTCODE":"E101""#, r#""RESULT\u0043ODE":"E102""#),
    ] {
        let link = if key.contains("E101") { "" } else { r#","URLKEY":"a1B2c3D4e5F6g7H8i9J0""# };
        assert_unknown(&format!("{{{key},{again}{link}}}"));
    }
    let (_, _, ended) = send_to(r#"{"RESULTCODE":"E101","RTN_CD":"E101"}"#);
    ended.expect_code(5);
}

#[test]
fn after_text_only_the_outer_object_is_the_reply() {
    let refused = r#"{"RESULTCODE":"E101","RESULTMSG":"거절"}"#;
    for broken in [
        format!("<br />\n{{\"data\":{refused}"),
        format!("<br />\n{{\"data\":\n{refused}"),
        format!("Warning {{\"data\":\n{refused}"),
        format!("Warning\n[{refused}"),
        format!("Warning\n[\n{refused}"),
        format!("Warning\n{{{{\n{refused}"),
        format!("\"data\":{refused}"),
        format!("[1]\n{refused}"),
    ] {
        assert_unknown(&broken);
    }
    let warning = "<br />\n<b>Warning</b>: {closure} got [1] in <b>/x.php</b> on line <b>3</b><br />\n";
    let (_, _, ended) = send_to(&format!("{warning}{refused}"));
    ended.expect_code(5);
}

#[test]
fn a_link_that_another_bill_holds_is_unknown() {
    for again in [SENT.to_owned(), SENT.replace(KEY, "another-key"), SENT.replace("/p/a1B2", "/p/other")] {
        let again = again.replace(r#""BILL_NO":"B1","#, "");
        let fake = Fake::new(move |request| {
            reply("200 OK", if field(request, "BILL_NO") == "B1" { SENT } else { &again })
        });
        let mut scene = Scene::with_sandbox(&fake.url());
        scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(0);
        let second = with(&COFFEE, &["-o", "json", "--allow-duplicate", "--bill-no", "B2"]);
        let ended = scene.run(&second).expect_code(7);
        assert_eq!((&ended.json()["outcome"], ended.json()["url_key"].is_null()), (&"unknown".into(), true));
        assert!(ended.error()["message"].as_str().unwrap().contains("that of bill `B1`"), "{ended:?}");
        let listed = scene.listed("B2");
        assert_eq!((&listed["outcome"], listed["url_key"].is_null()), (&"unknown".into(), true));
        assert_eq!(scene.listed("B1")["url_key"], KEY);
        // The first bill keeps its link, and asking for the second again settles neither by the other's.
        scene.run(&["reconcile"]).expect_code(7);
        assert!(scene.listed("B2")["url_key"].is_null());
    }
}

/// What such a server leaves out of its answers.
#[derive(Clone, Copy, PartialEq)]
enum Unnamed {
    None,
    Surplus,
    All,
}

/// A server that from the third request of one connection on gives the answer before once more, so that every
/// later one there is a surplus.
fn one_answer_behind(unnamed: Unnamed) -> Fake {
    let behind = OnceLock::new();
    Fake::keeping_connections(move |connection, requests| {
        let is_surplus = requests.len() > 2 && *behind.get_or_init(|| connection) == connection;
        let answer = taken(&requests[requests.len() - 1 - usize::from(is_surplus)]);
        let is_named = unnamed == Unnamed::None || (unnamed == Unnamed::Surplus && !is_surplus);
        kept("200 OK", &if is_named { answer } else { answer.replace("BILL_NO", "X") })
    })
}

#[test]
fn a_surplus_answer_gives_no_row_the_link_of_another() {
    for (unnamed, concurrency, unknown) in
        // Where several requests are under way, others may be on that connection before the first is judged.
        [
            (Unnamed::None, "1", 1..=1),
            (Unnamed::Surplus, "1", 1..=1),
            (Unnamed::All, "1", 0..=0),
            (Unnamed::None, "4", 1..=4),
        ]
    {
        let fake = one_answer_behind(unnamed);
        let mut scene = Scene::with_sandbox(&fake.url());
        let ended = send(&mut scene, &sheet(60), &["--concurrency", concurrency]);
        let outcomes = column(&ended, "outcome");
        let count = outcomes.iter().filter(|outcome| *outcome == "unknown").count();
        assert!(unknown.contains(&count), "{outcomes:?}");
        assert_eq!(ended.code, if count == 0 { 0 } else { 7 });
        for row in ended.json_lines().iter().filter(|row| row["outcome"] == "sent") {
            assert_eq!(row["url_key"], format!("key-{}", row["bill_no"].as_str().unwrap()));
        }
        assert_eq!(fake.requests(), 60);
        let keys: BTreeSet<String> = column(&ended, "url_key").into_iter().collect();
        assert_eq!(keys.len(), 60 - count + usize::from(count > 0), "a key each, or none");
    }
}

#[test]
fn answers_that_are_right_share_a_connection() {
    let most = Arc::new(AtomicUsize::new(0));
    let on_one = Arc::clone(&most);
    let fake = Fake::keeping_connections(move |_, requests| {
        on_one.fetch_max(requests.len(), Ordering::SeqCst);
        kept("200 OK", &taken(&requests[requests.len() - 1]))
    });
    let mut scene = Scene::with_sandbox(&fake.url());
    send(&mut scene, &sheet(20), &["--concurrency", "1"]).expect_code(0);
    assert_eq!(fake.requests(), 20);
    assert!(most.load(Ordering::SeqCst) > 1);
}

#[test]
fn no_connection_is_used_again_after_a_reply_that_is_no_answer() {
    for odd in [
        kept("200 OK", "<html></html>"),
        kept("503 Service Unavailable", SENT),
        kept("302 Found", ""),
        kept("200 OK", r#"{"URLKEY":"a"}"#),
        kept("200 OK", r#"{"RESULTCODE":"00"}"#),
    ] {
        let most = Arc::new(AtomicUsize::new(0));
        let on_one = Arc::clone(&most);
        let shown = odd.clone();
        let fake = Fake::keeping_connections(move |_, requests| {
            on_one.fetch_max(requests.len(), Ordering::SeqCst);
            odd.clone()
        });
        let mut scene = Scene::with_sandbox(&fake.url());
        send(&mut scene, &sheet(3), &["--concurrency", "1"]).expect_code(7);
        assert_eq!((fake.requests(), most.load(Ordering::SeqCst)), (3, 1), "{shown}");
    }
}

/// How often the ledger was told that CookiePay answered something else than paid or unpaid.
fn error_events(scene: &Scene) -> u64 {
    let sql = "SELECT count(*) FROM events WHERE json_extract(body, '$.result_code') NOT IN ('0000', 'EA01')";
    scene.ledger().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn an_expired_token_from_the_cache_costs_one_question_and_writes_no_error() {
    let (mut scene, emulator) = Scene::with_emulator();
    for number in 1..=50 {
        scene.link(&format!("B{number}"));
    }
    scene.run(&["token"]).expect_code(0);
    for entry in std::fs::read_dir(scene.data_directory().join("tokens")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let expired = format!(r#"{{"token":"expired","received_at":{}}}"#, crate::support::NOON);
            std::fs::write(path, expired).unwrap();
        }
    }
    let before = asked(&emulator);
    let shown = scene.run(&["status", "--pending", "-o", "json"]).expect_code(8).json();
    assert_eq!(shown["summary"]["by_state"]["unpaid"], 50);
    let (tokens, questions) = asked(&emulator);
    assert_eq!((tokens - before.0, questions - before.1), (1, 51));
    assert_eq!(error_events(&scene), 0);
}

#[test]
fn a_token_that_expires_under_way_writes_no_error_either() {
    let (mut scene, emulator) = Scene::with_emulator();
    let keys: Vec<String> = (1..=3).map(|number| scene.link(&format!("B{number}"))).collect();
    let emulator = Arc::new(emulator);
    let expiring = Arc::clone(&emulator);
    scene.clock.plan(move || misbehave(&expiring, &["wrong-token*3"]));
    let mut customers = scene.customers();
    scene.clock.plan(move || {
        for key in keys {
            let _paid = customers.pay(&key, Method::Card).unwrap();
        }
    });
    scene.run(&["status", "--pending", "--wait"]).expect_code(0);
    assert_eq!(asked(&emulator), (2, 12));
    assert_eq!(error_events(&scene), 0);
}

#[test]
fn what_a_fresh_token_is_told_is_recorded() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.link("B1");
    misbehave(&emulator, &["refuse=E101@urlcert"]);
    scene.run(&["status", "--pending"]).expect_code(5);
    assert_eq!((error_events(&scene), scene.listed("B1")["state"].as_str()), (1, Some("error")));
}

#[test]
fn a_urlkey_that_cannot_be_used_is_not_told_as_none() {
    let stderr = assert_unknown(&SENT.replace(KEY, "a b"));
    assert!(stderr.contains("0000 with a URLKEY that cannot be used"), "{stderr}");
    let stderr = assert_unknown(&SENT.replace(KEY, ""));
    assert!(stderr.contains("0000 without a URLKEY"), "{stderr}");
}
