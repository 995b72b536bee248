//! `--wait`: looking again until every link is paid or cancelled, or the deadline passes. The clock
//! moves only by the command's own sleeps, during which customers do what the test planned.

use std::sync::Arc;
use std::time::Duration;

use cookiepay::emulator::Method;
use cookiepay::world::Clock;
use jiff::Timestamp;

use crate::fake::{Fake, reply};
use crate::support::{COFFEE, NOON, Scene, asked, misbehave, reached, with};

/// Plans that a customer pays this link during the next sleep without a plan.
fn plan_payment(scene: &Scene, url_key: &str, method: Method) {
    let (mut customers, url_key) = (scene.customers(), url_key.to_owned());
    scene.clock.plan(move || {
        customers.pay(&url_key, method).unwrap();
    });
}

/// Seconds that have passed since the scene began.
fn passed(scene: &Scene) -> i64 {
    scene.clock.now().duration_since(Timestamp::from_second(NOON).unwrap()).as_secs()
}

#[test]
fn waiting_ends_when_the_link_is_paid_and_tells_each_change_once() {
    let (mut scene, emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    scene.clock.plan(|| {});
    plan_payment(&scene, &key, Method::Card);
    let shown = scene.run(&["status", &key, "--wait", "-o", "jsonl"]).expect_code(0).json_lines();
    let states: Vec<_> = shown.iter().map(|line| &line["state"]).collect();
    assert_eq!(states, ["unpaid", "paid"]);
    assert_eq!(shown[1]["checked_at"], "2026-11-22T11:20:10+09:00");
    assert_eq!((asked(&emulator), passed(&scene)), ((1, 3), 10));
    let listed = scene.listed("B1");
    assert_eq!((listed["state"].as_str(), listed["paid_at"].is_string()), (Some("paid"), true));
}

#[test]
fn waiting_for_several_links_asks_only_after_those_that_are_open() {
    let (mut scene, emulator) = Scene::with_emulator();
    let (first, second) = (scene.link("B1"), scene.link("B2"));
    plan_payment(&scene, &second, Method::VirtualAccount);
    plan_payment(&scene, &first, Method::Card);
    plan_payment(&scene, &second, Method::VirtualAccount);
    let command = ["status", &first, &second, "--wait", "--interval", "60", "-o", "jsonl"];
    let shown = scene.run(&command).expect_code(0).json_lines();
    let changes: Vec<_> = shown
        .iter()
        .map(|line| (line["bill_no"].as_str().unwrap(), line["state"].as_str().unwrap()))
        .collect();
    let wanted =
        [("B1", "unpaid"), ("B2", "unpaid"), ("B2", "awaiting_deposit"), ("B1", "paid"), ("B2", "paid")];
    assert_eq!(changes, wanted);
    assert_eq!((asked(&emulator).1, passed(&scene)), (7, 180));
}

#[test]
fn a_cancelled_link_ends_the_wait_with_9() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    let (mut customers, paid) = (scene.customers(), key.clone());
    scene.clock.plan(move || {
        customers.pay(&paid, Method::Card).unwrap();
        customers.cancel(&paid, None).unwrap();
    });
    let shown = scene.run(&["status", &key, "--wait", "-o", "json"]).expect_code(9).json();
    assert_eq!(shown["state"], "cancelled");
}

#[test]
fn the_deadline_is_exit_12() {
    let (mut scene, emulator) = Scene::with_emulator();
    let (open, paid) = (scene.link("B1"), scene.link("B2"));
    scene.pay(&paid);
    let command = ["status", &open, &paid, "--wait", "--deadline", "12s", "-o", "jsonl"];
    let ended = scene.run(&command).expect_code(12);
    assert_eq!(ended.error()["code"], "WAIT_TIMEOUT");
    assert_eq!(ended.json_lines().len(), 2);
    // At 0, 5, 10 and, because the deadline cuts the last pause short, 12 seconds.
    assert_eq!((asked(&emulator), passed(&scene)), ((1, 5), 12));
}

#[test]
fn a_wall_clock_that_is_set_neither_ends_a_wait_nor_prolongs_it() {
    for hour in [-3600, 3600] {
        let (mut scene, emulator) = Scene::with_emulator();
        let key = scene.link("B1");
        let clock = Arc::clone(&scene.clock);
        scene.clock.plan(move || clock.set(NOON + hour));
        scene.run(&["status", &key, "--wait", "--deadline", "12s"]).expect_code(12);
        // At 0, 5, 10 and 12 seconds.
        assert_eq!(asked(&emulator).1, 4, "{hour}");
        assert_eq!(scene.clock.elapsed(), Duration::from_secs(12), "{hour}");
    }
}

#[test]
fn half_an_hour_is_the_deadline_where_none_is_given() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    scene.run(&["status", &key, "--wait", "--interval", "600"]).expect_code(12);
    assert_eq!(passed(&scene), 1800);
}

#[test]
fn a_network_that_fails_meanwhile_is_said_and_asked_again() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-before@urlcert*2"]);
    let key = scene.link("B1");
    plan_payment(&scene, &key, Method::Card);
    let ended = scene.run(&["status", &key, "--wait", "-o", "jsonl"]).expect_code(0);
    assert_eq!(ended.json_lines().len(), 1);
    assert_eq!(ended.stderr.matches("it is asked again").count(), 2, "{}", ended.stderr);
    assert_eq!(asked(&emulator).1, 3);
}

#[test]
fn a_token_that_expires_meanwhile_is_replaced() {
    let (mut scene, emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    scene.clock.plan(|| {});
    scene.clock.plan(|| {});
    plan_payment(&scene, &key, Method::Card);
    let shown =
        scene.run(&["status", &key, "--wait", "--interval", "1800", "--deadline", "1d", "-o", "jsonl"]);
    let states: Vec<_> = shown.expect_code(0).json_lines().iter().map(|line| line["state"].clone()).collect();
    assert_eq!(states, ["unpaid", "paid"]);
    assert_eq!(asked(&emulator), (2, 4));
}

#[test]
fn tables_show_times_and_words_and_csv_one_header() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let keys = [scene.link("B1"), scene.link("B2")];
    plan_payment(&scene, &keys[0], Method::Card);
    let table = scene.run(&["status", &keys[0], "--wait"]).expect_code(0).stdout;
    assert_eq!(table, format!("11:20:00  {0}  unpaid\n11:20:05  {0}  unpaid → paid\n", keys[0]));
    plan_payment(&scene, &keys[1], Method::Card);
    let csv = scene.run(&["status", &keys[1], "--wait", "-o", "csv"]).expect_code(0).stdout;
    assert_eq!((csv.lines().count(), csv.matches("url_key").count()), (3, 1), "{csv}");
}

#[test]
fn send_goes_on_waiting_and_json_stays_one_document() {
    let (mut scene, emulator) = Scene::with_emulator();
    let (mut customers, bill) = (scene.customers(), scene.beside());
    scene.clock.plan(move || {
        let mut bill = bill;
        let key = bill.listed("B1")["url_key"].as_str().unwrap().to_owned();
        customers.pay(&key, Method::Bank).unwrap();
    });
    let ended = scene.run(&with(&COFFEE, &["--wait", "-o", "json", "--bill-no", "B1"])).expect_code(0);
    let shown = ended.json();
    assert_eq!((shown["outcome"].as_str(), shown["status"]["state"].as_str()), (Some("sent"), Some("paid")));
    assert_eq!(shown["status"]["pay_method"], "BANK");
    assert_eq!(reached(&emulator), (1, 1, 1));
}

#[test]
fn send_does_not_wait_for_what_was_not_sent() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-after*1"]);
    scene.run(&with(&COFFEE, &["--wait", "-o", "json"])).expect_code(7);
    assert_eq!((asked(&emulator), passed(&scene)), ((1, 0), 0));
    misbehave(&emulator, &["refuse=E101*1"]);
    scene.run(&with(&COFFEE, &["--wait", "--allow-duplicate"])).expect_code(5);
    assert_eq!((asked(&emulator), passed(&scene)), ((1, 0), 0));
}

#[test]
fn a_wait_that_nobody_reads_any_more_ends() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let (mut scene, emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    let command = ["status", &key, "--wait", "-o", "jsonl"];
    scene.run_on(&command, Box::new(Closed), Box::new(std::io::sink()));
    assert_eq!((asked(&emulator).1, passed(&scene)), (1, 0));
}

#[test]
fn waiting_ends_at_once_where_another_amount_than_the_billed_one_was_paid() {
    let paid = r#"{"RESULTCODE":"0000","RESULTMSG":"성공","AMOUNT":45000,"PAYMETHOD":"CARD","ACCEPTNO":"1","ACCEPTDATE":"20261122093947"}"#;
    let (mut scene, _emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    let fake = Fake::new(move |request| {
        let is_token = request.starts_with("POST /payAuth/token");
        reply("200 OK", if is_token { r#"{"RTN_CD":"0000","TOKEN":"opaque"}"# } else { paid })
    });
    scene.configure_sandbox(&fake.url(), "");
    let ended = scene.run(&["status", &key, "--wait", "-o", "jsonl"]).expect_code(5);
    assert_eq!((ended.json_lines()[0]["state"].as_str(), passed(&scene)), (Some("error"), 0));
    assert!(ended.stderr.contains("4500 won were billed, CookiePay says 45000 won"), "{}", ended.stderr);
}

#[test]
fn interval_and_deadline_need_wait_and_must_be_times() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&["status", "K", "--interval", "5"]).expect_code(2);
    scene.run(&["status", "K", "--deadline", "5m"]).expect_code(2);
    for wrong in [["--interval", "0"], ["--deadline", "soon"], ["--deadline", "-1s"]] {
        scene.run(&with(&["status", "K", "--wait"], &wrong)).expect_code(2);
    }
    assert_eq!(asked(&emulator), (0, 0));
    assert_eq!(passed(&scene), 0);
}

#[test]
fn a_token_that_is_refused_meanwhile_is_issued_anew_once() {
    let (mut scene, emulator) = Scene::with_emulator();
    let key = scene.link("B1");
    let emulator = Arc::new(emulator);
    for faults in [&["wrong-token*1"][..], &["wrong-token*1"], &[]] {
        let emulator = Arc::clone(&emulator);
        scene.clock.plan(move || misbehave(&emulator, faults));
    }
    plan_payment(&scene, &key, Method::Card);
    let shown = scene.run(&["status", &key, "--wait", "-o", "jsonl"]).expect_code(0).json_lines();
    let states: Vec<_> = shown.iter().map(|line| &line["state"]).collect();
    // The first refusal costs a token and is not seen, the second is what CookiePay says.
    assert_eq!(states, ["unpaid", "error", "unpaid", "paid"]);
    assert_eq!(asked(&emulator), (2, 6));
}

#[test]
fn what_waiting_needs_is_known_before_a_customer_is_billed() {
    let (mut scene, emulator) = Scene::with_faults(&["refuse=E003@token"]);
    scene.run(&with(&COFFEE, &["--wait", "-o", "json"])).expect_code(4);
    assert_eq!(reached(&emulator), (0, 0, 0));
}

#[test]
fn a_wait_that_fails_still_says_what_was_sent() {
    let (mut scene, emulator) = Scene::with_emulator();
    let emulator = Arc::new(emulator);
    let misbehaving = Arc::clone(&emulator);
    scene.clock.plan(move || misbehave(&misbehaving, &["drop-before@urlcert"]));
    let command = with(&COFFEE, &["--wait", "--deadline", "1m", "-o", "json", "--bill-no", "B1"]);
    let ended = scene.run(&command).expect_code(12);
    assert_eq!(ended.json()["outcome"], "sent");
    assert_eq!(
        (ended.error()["bill_no"].as_str(), ended.error()["outcome"].as_str()),
        (Some("B1"), Some("sent"))
    );
    assert_eq!(reached(&emulator), (1, 1, 1));
}
