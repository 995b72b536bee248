//! `resend`: one more message about a bill that CookiePay has, and none about any other.

use std::time::Duration;

use cookiepay::emulator::Emulator;
use serde_json::{Value, json};

use crate::batch::{column, send};
use crate::coffees::sheet;
use crate::support::{COFFEE, COFFEE_FOR_HONG, Scene, misbehave, reached, with};

/// Longer than a bill that was messaged is spared.
const LONG_AGO: Duration = Duration::from_mins(10);

/// A coffee was sent under this number a while ago. Returns its `URLKEY`.
fn coffee(scene: &mut Scene, bill_no: &str) -> String {
    let command = with(&COFFEE, &["--bill-no", bill_no, "--allow-duplicate", "-o", "json"]);
    let sent = scene.run(&command).json();
    scene.clock.advance(LONG_AGO);
    sent["url_key"].as_str().unwrap_or_default().to_owned()
}

/// Refused here with that in its message; nobody is messaged.
#[track_caller]
fn assert_refused(scene: &mut Scene, emulator: &Emulator, bills: &[&str], says: &str) {
    let before = reached(emulator);
    let ended = scene.run(&with(&["resend", "-o", "json"], bills)).expect_code(13);
    assert_eq!((ended.error()["code"].as_str(), &*ended.stdout), (Some("GUARD"), ""));
    assert!(ended.error()["message"].as_str().unwrap().contains(says), "{ended:?}");
    assert_eq!(reached(emulator), before);
}

/// Kind and outcome of every attempt, in order.
fn attempts(scene: &Scene) -> Vec<(String, String, String)> {
    let ledger = scene.ledger();
    let mut statement = ledger.prepare("SELECT kind, channel, outcome FROM attempts ORDER BY id").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn a_bill_is_messaged_again_under_its_number_and_link() {
    let (mut scene, emulator) = Scene::with_emulator();
    let url_key = coffee(&mut scene, "B1");
    for arguments in [["resend", "B1", "-o", "json"].as_slice(), &["resend", "--bill-no", "B1", "-o", "json"]]
    {
        let ended = scene.run(arguments).expect_code(0).json();
        assert_eq!((&ended["outcome"], &ended["bill_no"]), (&"sent".into(), &"B1".into()));
        assert_eq!((ended["url_key"].as_str(), ended["via"].as_str()), (Some(&*url_key), Some("sms")));
        scene.clock.advance(LONG_AGO);
    }
    assert_eq!(reached(&emulator), (3, 3, 1));
    let expected = [("send", "sms", "sent"), ("resend", "sms", "sent"), ("resend", "sms", "sent")];
    assert_eq!(attempts(&scene), expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
}

#[test]
fn several_bills_are_messaged_once_each_even_if_one_is_named_twice() {
    let (mut scene, emulator) = Scene::with_emulator();
    for bill_no in ["B1", "B2", "B3"] {
        coffee(&mut scene, bill_no);
    }
    let ended = scene.run(&["resend", "B1", "B3", "B1", "--bill-no", "B3", "-o", "jsonl"]).expect_code(0);
    assert_eq!(column(&ended, "bill_no"), ["B1", "B3"]);
    assert_eq!(reached(&emulator), (5, 5, 3));
}

#[test]
fn another_channel_may_be_chosen_if_the_bill_has_what_it_needs() {
    let (mut scene, emulator) = Scene::with_emulator();
    coffee(&mut scene, "B1");
    let by = |via| ["resend", "B1", "--again", "-o", "json", "--via", via];
    assert_eq!(scene.run(&by("kakao")).expect_code(0).json()["via"], "kakao");
    assert_eq!(emulator.counts().unwrap().messages.kakao, 1);
    for wrong in ["link", "fax"] {
        assert_eq!(scene.run(&by(wrong)).expect_code(2).error()["fields"][0]["field"], "--via");
    }
    let error = scene.run(&by("email")).expect_code(2).error();
    assert!(error.to_string().contains("no e-mail address"), "{error}");
    assert_eq!(reached(&emulator), (2, 2, 1));
}

#[test]
fn a_bill_made_without_a_message_needs_a_channel() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.link("B1");
    let error = scene.run(&["resend", "B1", "-o", "json"]).expect_code(2).error();
    assert!(error.to_string().contains("--via"), "{error}");
    assert_eq!(reached(&emulator), (1, 0, 1));
    scene.run(&["resend", "B1", "--via", "sms"]).expect_code(0);
    assert_eq!(reached(&emulator), (2, 1, 1));
}

#[test]
fn bills_that_are_not_open_are_refused() {
    let (mut scene, emulator) = Scene::with_emulator();
    assert_refused(&mut scene, &emulator, &["NONE"], "`NONE`");
    assert_refused(&mut scene, &emulator, &["not a number"], "`not a number`");
    scene.run(&["resend", "--batch", "none"]).expect_code(2);
    let paid = coffee(&mut scene, "PAID");
    coffee(&mut scene, "OPEN");
    scene.pay(&paid);
    // The ledger has not looked since.
    assert_refused(&mut scene, &emulator, &["PAID"], "is paid");
    assert_refused(&mut scene, &emulator, &["OPEN", "PAID"], "is paid");
    scene.run(&["status", "--bill-no", "PAID"]).expect_code(0);
    assert_refused(&mut scene, &emulator, &["PAID"], "is paid");
    scene.cancel(&paid);
    assert_refused(&mut scene, &emulator, &["PAID"], "paid");
    scene.run(&["status", "--bill-no", "PAID"]).expect_code(9);
    assert_refused(&mut scene, &emulator, &["PAID"], "is cancelled");
    misbehave(&emulator, &["drop-after@send*1", "refuse=E101@send*1"]);
    coffee(&mut scene, "UNKNOWN");
    coffee(&mut scene, "REFUSED");
    assert_refused(&mut scene, &emulator, &["UNKNOWN"], "unknown outcome");
    assert_refused(&mut scene, &emulator, &["REFUSED"], "never made");
    assert_refused(&mut scene, &emulator, &["OPEN", "UNKNOWN"], "unknown outcome");
    scene.run(&["reconcile"]).expect_code(0);
    scene.run(&["resend", "UNKNOWN"]).expect_code(0);
}

#[test]
fn nothing_is_sent_while_nobody_can_say_whether_the_bill_was_paid() {
    let (mut scene, emulator) = Scene::with_emulator();
    coffee(&mut scene, "B1");
    misbehave(&emulator, &["drop-after@urlcert"]);
    scene.run(&["resend", "B1"]).expect_code(6);
    misbehave(&emulator, &["refuse=E999@urlcert"]);
    scene.run(&["resend", "B1"]).expect_code(5);
    assert_eq!(reached(&emulator), (1, 1, 1));
}

#[test]
fn a_batch_is_messaged_again_as_far_as_it_is_unpaid() {
    let (mut scene, emulator) = Scene::with_emulator();
    let sent = send(&mut scene, &sheet(4), &[]).expect_code(0);
    scene.clock.advance(LONG_AGO);
    let whole = scene.run(&["resend", "--batch", "march", "-o", "jsonl"]).expect_code(0);
    assert_eq!(column(&whole, "bill_no"), column(&sent, "bill_no"));
    assert_eq!(column(&whole, "batch"), vec!["march"; 4]);
    assert_eq!(column(&whole, "row"), ["1", "2", "3", "4"]);
    assert_eq!(reached(&emulator), (8, 8, 4));
    let keys = column(&sent, "url_key");
    scene.pay(&keys[0]);
    scene.pay(&keys[2]);
    assert_refused(&mut scene, &emulator, &["--batch", "march"], "is paid");
    scene.clock.advance(LONG_AGO);
    let unpaid = scene.run(&["resend", "--batch", "march", "--unpaid", "-o", "jsonl"]).expect_code(0);
    let numbers = column(&sent, "bill_no");
    assert_eq!(column(&unpaid, "bill_no"), [numbers[1].clone(), numbers[3].clone()]);
    assert_eq!(reached(&emulator), (10, 10, 4));
    scene.pay(&keys[1]);
    scene.pay(&keys[3]);
    let none = scene.run(&["resend", "--batch", "march", "--unpaid", "-o", "jsonl"]).expect_code(0);
    assert_eq!((&*none.stdout, reached(&emulator).0), ("", 10));
}

#[test]
fn a_live_resend_needs_a_yes() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.configure_live(&emulator.url());
    scene.run(&with(&COFFEE, &["--bill-no", "B1", "--yes"])).expect_code(0);
    scene.clock.advance(LONG_AGO);
    assert_refused(&mut scene, &emulator, &["B1"], "not confirmed");
    for (typed, code, messages) in [("n\n", 13, 1), ("", 13, 1), ("y\n", 0, 2)] {
        scene.on_terminal = true;
        scene.stdin = typed.into();
        let ended = scene.run(&["resend", "B1"]).expect_code(code);
        assert!(ended.stderr.contains("홍길동") && ended.stderr.contains("`shop`"), "{}", ended.stderr);
        assert_eq!(reached(&emulator).1, messages);
    }
    scene.on_terminal = false;
    scene.run(&["resend", "B1", "--yes", "--again"]).expect_code(0);
    assert_eq!(reached(&emulator), (3, 3, 1));
}

#[test]
fn a_resend_without_an_answer_is_unknown_until_it_is_reconciled() {
    let (mut scene, emulator) = Scene::with_emulator();
    let url_key = coffee(&mut scene, "B1");
    misbehave(&emulator, &["drop-after@send*1"]);
    let ended = scene.run(&["resend", "B1", "-o", "json"]).expect_code(7);
    assert_eq!(
        (&ended.json()["outcome"], &ended.error()["code"]),
        (&"unknown".into(), &"OUTCOME_UNKNOWN".into())
    );
    // The customer may have been messaged: nobody messages again blindly.
    scene.run(&["resend", "B1"]).expect_code(13);
    let messages = reached(&emulator).1;
    scene.run(&["reconcile"]).expect_code(0);
    assert_eq!(reached(&emulator).1, messages);
    let listed = scene.listed("B1");
    assert_eq!((&listed["outcome"], &listed["url_key"]), (&"linked".into(), &Value::from(url_key)));
    // What came to nothing leaves the bill as it was.
    misbehave(&emulator, &["refuse=E101@send*1"]);
    assert_eq!(scene.run(&["resend", "B1", "-o", "json"]).expect_code(5).json()["outcome"], "refused");
    assert_eq!(scene.listed("B1")["outcome"], "linked");
    let outcomes: Vec<String> = attempts(&scene).into_iter().map(|(_, _, outcome)| outcome).collect();
    assert_eq!(outcomes, ["sent", "unknown", "linked", "refused"]);
    scene.run(&["resend", "B1"]).expect_code(0);
    assert_eq!((scene.listed("B1")["outcome"].as_str(), reached(&emulator).2), (Some("sent"), 1));
}

#[test]
fn no_bill_at_all_is_wrong_usage() {
    let (mut scene, _emulator) = Scene::with_emulator();
    scene.run(&["resend"]).expect_code(2);
    scene.run(&["resend", "--unpaid"]).expect_code(2);
    scene.run(&["resend", "B1", "--batch", "march"]).expect_code(2);
    scene.run(&with(&COFFEE_FOR_HONG, &["--dry-run", "--via", "link"])).expect_code(0);
}

#[test]
fn a_bill_that_was_paid_after_a_lost_resend_is_never_requested_again() {
    let (mut scene, emulator) = Scene::with_emulator();
    let url_key = coffee(&mut scene, "B1");
    misbehave(&emulator, &["drop-after@send*1"]);
    scene.run(&["resend", "B1"]).expect_code(7);
    scene.customers().pay(&url_key, cookiepay::emulator::Method::Card).unwrap();
    let requests = reached(&emulator).0;
    scene.run(&["reconcile"]).expect_code(0);
    let listed = scene.listed("B1");
    assert_eq!((&listed["outcome"], &listed["state"]), (&"linked".into(), &"paid".into()));
    assert_eq!(reached(&emulator).0, requests);
}

#[test]
fn another_link_for_the_same_bill_is_warned_of() {
    let sent = |key: String| {
        format!(
            r#"{{"RESULTCODE":"0000","RESULTMSG":"성공","URLKEY":"{key}","PAYURL":"https://x/p/{key}","BILL_NO":"B1"}}"#
        )
    };
    let mut sends = 0;
    let fake = crate::fake::Fake::new(move |request| {
        let body = if request.starts_with("POST /payAuth/token") {
            r#"{"RTN_CD":"0000","RTN_MSG":"성공","TOKEN":"t"}"#.to_owned()
        } else if request.starts_with("POST /api/urlcert") {
            r#"{"RESULTCODE":"EA01","RESULTMSG":"결제 미진행"}"#.to_owned()
        } else {
            sends += 1;
            sent(format!("KEY{sends}"))
        };
        crate::fake::reply("200 OK", &body)
    });
    let mut scene = Scene::with_sandbox(&fake.url());
    scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(0);
    let ended = scene.run(&["resend", "B1", "--again"]).expect_code(0);
    assert!(ended.stderr.contains("KEY2") && ended.stderr.contains("KEY1"), "{}", ended.stderr);
}

#[test]
fn a_bill_that_was_messaged_a_short_while_ago_is_messaged_again_only_if_told_so() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(0);
    assert_refused(&mut scene, &emulator, &["B1"], "less than 10m ago");
    scene.clock.advance(Duration::from_mins(10));
    scene.run(&["resend", "B1"]).expect_code(0);
    scene.clock.advance(Duration::from_secs(599));
    let error = scene.run(&["resend", "B1", "-o", "json"]).expect_code(13).error();
    assert!(error["hint"].as_str().unwrap().contains("`--again`"), "{error}");
    scene.run(&["resend", "B1", "--again"]).expect_code(0);
    assert_eq!(reached(&emulator), (3, 3, 1));
    // The profile says for how long.
    scene.configure_sandbox(&emulator.url(), "resend_window = \"1m\"\n");
    assert_refused(&mut scene, &emulator, &["B1"], "less than 1m ago");
    scene.configure_sandbox(&emulator.url(), "resend_window = \"0\"\n");
    scene.run(&["resend", "B1"]).expect_code(0);
    // Nobody was messaged about a link, nor is it proved where the answer was lost.
    scene.configure_sandbox(&emulator.url(), "");
    scene.link("LINK");
    scene.run(&["resend", "LINK", "--via", "sms"]).expect_code(0);
    misbehave(&emulator, &["drop-after@send*1"]);
    scene.run(&with(&COFFEE, &["--bill-no", "LOST", "--allow-duplicate"])).expect_code(7);
    scene.run(&["reconcile"]).expect_code(0);
    scene.run(&["resend", "LOST"]).expect_code(0);
}

#[test]
fn a_batch_leaves_out_those_just_messaged_and_names_them() {
    let (mut scene, emulator) = Scene::with_emulator();
    let numbers = column(&send(&mut scene, &sheet(3), &[]).expect_code(0), "bill_no");
    assert_refused(&mut scene, &emulator, &["--batch", "march", "--unpaid"], "less than 10m ago");
    assert_refused(&mut scene, &emulator, &["--batch", "march"], "less than 10m ago");
    scene.clock.advance(LONG_AGO);
    scene.run(&["resend", &numbers[1]]).expect_code(0);
    let ended = scene.run(&["resend", "--batch", "march", "-o", "json"]).expect_code(0);
    let json = ended.json();
    assert_eq!(json["items"].as_array().unwrap().len(), 2);
    assert_eq!(json["summary"]["left_out"], json!({ "messaged": [numbers[1]] }));
    assert_eq!(json["summary"]["by_outcome"], json!({ "sent": 2 }));
    assert!(ended.stderr.contains(&numbers[1]), "{}", ended.stderr);
    assert_eq!(reached(&emulator), (6, 6, 3));
    scene.run(&["resend", "--batch", "march", "--again"]).expect_code(0);
    assert_eq!(reached(&emulator), (9, 9, 3));
}

#[test]
fn linked_bills_of_a_batch_are_messaged_and_become_sent() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-after@send*3"]);
    send(&mut scene, &sheet(5), &["--concurrency", "1"]).expect_code(7);
    scene.run(&["reconcile"]).expect_code(0);
    let linked = column(&scene.run(&["list", "--outcome", "linked", "-o", "jsonl"]), "bill_no");
    assert_eq!(linked.len(), 3);
    let paid = scene.listed(&linked[0])["url_key"].as_str().unwrap().to_owned();
    scene.pay(&paid);
    let before = reached(&emulator);
    let ended = scene.run(&["resend", "--batch", "march", "--linked", "-o", "json"]).expect_code(0).json();
    let told: Vec<&Value> = ended["items"].as_array().unwrap().iter().map(|item| &item["bill_no"]).collect();
    assert_eq!(told, [&linked[1], &linked[2]]);
    assert_eq!(ended["summary"]["left_out"], json!({ "paid": [linked[0]] }));
    assert_eq!(reached(&emulator).1 - before.1, 2);
    assert_eq!(scene.listed(&linked[1])["outcome"], "sent");
    assert_eq!(scene.listed(&linked[0])["outcome"], "linked");
    // Of all that are left it is proved, or they are paid.
    scene.clock.advance(LONG_AGO);
    let none = scene.run(&["resend", "--batch", "march", "--linked", "-o", "jsonl"]).expect_code(0);
    assert_eq!((&*none.stdout, reached(&emulator).1 - before.1), ("", 2));
    scene.run(&["resend", "B1", "--linked"]).expect_code(2);
    scene.run(&["resend", "--batch", "march", "--linked", "--unpaid"]).expect_code(2);
}

#[test]
fn a_batch_that_is_paid_has_nothing_left_to_message_whatever_the_ledger_knew() {
    let (mut scene, emulator) = Scene::with_emulator();
    let keys = column(&send(&mut scene, &sheet(2), &[]).expect_code(0), "url_key");
    for key in &keys {
        scene.pay(key);
    }
    let unpaid = ["resend", "--batch", "march", "--unpaid", "-o", "json"];
    for looked in [false, true] {
        if looked {
            scene.run(&["status", "--batch", "march"]).expect_code(0);
        }
        let ended = scene.run(&unpaid).expect_code(0);
        assert_eq!(ended.json()["items"], json!([]));
        assert_eq!(ended.json()["summary"]["left_out"]["paid"].as_array().unwrap().len(), 2);
        assert!(ended.stderr.contains("nothing is left to message"), "{}", ended.stderr);
    }
    assert_eq!(reached(&emulator), (2, 2, 2));
}

#[test]
fn several_bills_are_one_table_with_one_summary() {
    let (mut scene, _emulator) = Scene::with_emulator();
    for bill_no in ["B1", "B2", "B3"] {
        coffee(&mut scene, bill_no);
    }
    let ended = scene.run(&["resend", "B1", "B2", "B3"]).expect_code(0);
    assert_eq!(ended.stdout.matches("bill no.").count(), 1, "{}", ended.stdout);
    assert!(ended.stderr.contains("bills: 3: 3 sent"), "{}", ended.stderr);
}

#[test]
fn every_named_bill_has_its_item_even_if_it_was_not_reached() {
    let (mut scene, emulator) = Scene::with_emulator();
    for bill_no in ["B1", "B2", "B3"] {
        coffee(&mut scene, bill_no);
    }
    misbehave(&emulator, &["refuse=E003@send*1"]);
    let ended = scene.run(&["resend", "B1", "B2", "B3", "-o", "jsonl"]).expect_code(4);
    assert_eq!(column(&ended, "bill_no"), ["B1", "B2", "B3"]);
    assert_eq!(column(&ended, "outcome"), ["refused", "not_sent", "not_sent"]);
    assert_eq!(reached(&emulator).1, 3);
}

#[test]
fn a_bill_whose_link_is_not_known_is_refused_by_its_number() {
    let (mut scene, emulator) = Scene::with_emulator();
    coffee(&mut scene, "B1");
    coffee(&mut scene, "B2");
    scene.ledger().execute("UPDATE bills SET url_key = NULL WHERE bill_no = 'B2'", []).unwrap();
    assert_refused(&mut scene, &emulator, &["B1", "B2"], "`B2` has no link");
}

#[test]
fn a_bill_that_cannot_be_asked_after_is_not_messaged_and_that_is_a_failed_read() {
    let (mut scene, emulator) = Scene::with_emulator();
    let numbers = ["B1", "B2"];
    for number in numbers {
        scene.run(&with(&COFFEE, &["--bill-no", number, "--allow-duplicate"])).expect_code(0);
    }
    misbehave(&emulator, &["html@urlcert"]);
    let ended = scene.run(&["resend", "B1", "B2", "--again", "-o", "json"]).expect_code(6);
    let error = ended.error();
    assert!(error["message"].as_str().unwrap().contains("`B1`"), "{error}");
    assert!(error["message"].as_str().unwrap().ends_with("nothing was sent"), "{error}");
    assert_eq!(crate::support::reached(&emulator).1, 2);
}

#[test]
fn the_question_names_won_as_people_write_them_and_one_customer_as_one() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.configure_live(&emulator.url());
    scene.run(&with(&COFFEE, &["--bill-no", "B1", "--yes"])).expect_code(0);
    scene.on_terminal = true;
    scene.stdin = "n\n".into();
    let said = scene.run(&["resend", "B1", "--again"]).expect_code(13).stderr;
    assert!(said.contains("4,500 won"), "{said}");
    assert!(said.contains("Message 1 real customer of profile"), "{said}");
}
