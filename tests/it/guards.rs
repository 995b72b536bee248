//! What keeps a bill from being sent: exit 13, and nothing reaches CookiePay.

use std::time::Duration;

use cookiepay::emulator::Emulator;

use crate::support::{COFFEE, COFFEE_FOR_HONG, NOBODY, Scene, misbehave, reached, with};

const HOUR: Duration = Duration::from_hours(1);

/// A coffee by SMS in which one option is another.
fn other_coffee<'a>(option: &'a str, value: &'a str) -> Vec<&'a str> {
    let mut command = COFFEE.to_vec();
    match command.iter().position(|word| *word == option) {
        Some(place) => command[place + 1] = value,
        None => command.extend([option, value]),
    }
    command
}

/// Refused here, with that in its message.
#[track_caller]
fn assert_guarded(scene: &mut Scene, command: &[&str], says: &str) {
    let ended = scene.run(&with(command, &["-o", "json"])).expect_code(13);
    let error = ended.error();
    assert_eq!(error["code"], "GUARD");
    assert!(error["message"].as_str().unwrap().contains(says), "{error}");
    assert_eq!(ended.stdout, "");
}

/// A live profile in front of an emulator.
fn live() -> (Scene, Emulator) {
    let (scene, emulator) = Scene::with_emulator();
    scene.configure_live(&emulator.url());
    (scene, emulator)
}

#[test]
fn a_known_bill_no_with_any_other_content_is_refused() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(0);
    let others = [
        ("amount", "--amount", "4501"),
        ("product", "--product", "라떼"),
        ("buyer", "--buyer", "김철수"),
        ("phone", "--phone", "01087654321"),
        ("email", "--email", "hong@example.com"),
    ];
    for (name, option, value) in others {
        let command = with(&other_coffee(option, value), &["--bill-no", "B1"]);
        assert_guarded(&mut scene, &command, &format!("another {name}"));
    }
    assert_eq!(reached(&emulator), (1, 1, 1));
}

#[test]
fn another_content_is_refused_whatever_became_of_the_bill() {
    let (mut scene, emulator) = Scene::with_faults(&["refuse=E101*1", "drop-after*1"]);
    scene.run(&with(&COFFEE, &["--bill-no", "REFUSED"])).expect_code(5);
    scene.run(&with(&COFFEE, &["--bill-no", "UNKNOWN"])).expect_code(7);
    scene.configure_sandbox(NOBODY, "");
    scene.run(&with(&COFFEE, &["--bill-no", "NOT_SENT", "--allow-duplicate"])).expect_code(6);
    scene.configure_sandbox(&emulator.url(), "");
    for bill_no in ["REFUSED", "UNKNOWN", "NOT_SENT"] {
        let command = with(&other_coffee("--amount", "4501"), &["--bill-no", bill_no]);
        assert_guarded(&mut scene, &command, "another amount");
    }
    assert_eq!(reached(&emulator).0, 2);
}

#[test]
fn the_same_of_the_same_customer_within_the_window_is_a_duplicate() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(0);
    scene.clock.advance(Duration::from_secs(24 * 3600 - 1));
    assert_guarded(&mut scene, &COFFEE, "`B1`");
    assert_guarded(&mut scene, &other_coffee("--buyer", "홍 길동"), "`B1`");
    assert_eq!(reached(&emulator), (1, 1, 1));
    assert!(scene.run(&["list", "-o", "json"]).json()["items"].as_array().unwrap().len() == 1);
}

#[test]
fn after_the_window_it_is_no_duplicate() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&COFFEE).expect_code(0);
    scene.clock.advance(HOUR * 24);
    scene.run(&COFFEE).expect_code(0);
    assert_eq!(reached(&emulator), (2, 2, 2));
}

#[test]
fn the_window_is_the_profiles() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.configure_sandbox(&emulator.url(), "duplicate_window = \"2h\"\n");
    scene.run(&COFFEE).expect_code(0);
    scene.clock.advance(HOUR);
    scene.run(&COFFEE).expect_code(13);
    scene.clock.advance(HOUR);
    scene.run(&COFFEE).expect_code(0);
    scene.configure_sandbox(&emulator.url(), "duplicate_window = \"0\"\n");
    scene.run(&COFFEE).expect_code(0);
    assert_eq!(reached(&emulator), (3, 3, 3));
}

#[test]
fn a_duplicate_may_be_allowed() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&COFFEE).expect_code(0);
    scene.run(&with(&COFFEE, &["--allow-duplicate"])).expect_code(0);
    assert_eq!(reached(&emulator), (2, 2, 2));
}

#[test]
fn another_amount_product_or_phone_is_no_duplicate() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&COFFEE).expect_code(0);
    for (option, value) in [("--amount", "4600"), ("--product", "라떼"), ("--phone", "01087654321")] {
        scene.run(&other_coffee(option, value)).expect_code(0);
    }
    assert_eq!(reached(&emulator), (4, 4, 4));
}

#[test]
fn a_created_link_messaged_nobody_and_is_no_duplicate() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&with(&COFFEE_FOR_HONG, &["--via", "link"])).expect_code(0);
    scene.run(&COFFEE).expect_code(0);
    assert_eq!(reached(&emulator), (2, 1, 2));
}

#[test]
fn an_unknown_bill_counts_as_sent_and_a_refused_one_does_not() {
    let (mut scene, emulator) = Scene::with_faults(&["refuse=E101*1", "drop-after*1"]);
    scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(5);
    scene.run(&with(&COFFEE, &["--bill-no", "B2"])).expect_code(7);
    assert_guarded(&mut scene, &COFFEE, "`B2`");
    assert_eq!(reached(&emulator).0, 2);
}

#[test]
fn a_duplicate_of_another_merchant_is_none() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(0);
    scene.environment.insert("COOKIEPAY_API_ID".to_owned(), "sandbox_shop02".to_owned());
    let sent = scene.run(&with(&COFFEE, &["--bill-no", "B1", "-o", "json"])).expect_code(0).json();
    assert_eq!(sent["outcome"], "sent");
    assert_eq!(reached(&emulator), (2, 2, 2));
}

#[test]
fn an_amount_over_the_limit_is_refused() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.configure_sandbox(&emulator.url(), "max_amount = 4499\n");
    assert_guarded(&mut scene, &COFFEE, "`max_amount`");
    assert_eq!(reached(&emulator), (0, 0, 0));
    scene.configure_sandbox(&emulator.url(), "max_amount = 4500\n");
    scene.run(&COFFEE).expect_code(0);
}

#[test]
fn a_live_send_without_a_terminal_needs_yes() {
    let (mut scene, emulator) = live();
    assert_guarded(&mut scene, &COFFEE, "not confirmed");
    assert_eq!(reached(&emulator), (0, 0, 0));
    assert!(scene.run(&["list", "-o", "jsonl"]).expect_code(0).stdout.is_empty());
    let sent = scene.run(&with(&COFFEE, &["--yes", "-o", "json"])).expect_code(0).json();
    assert_eq!((sent["live"].as_bool(), sent["environment"].as_str()), (Some(true), Some("live")));
    assert_eq!(reached(&emulator), (1, 1, 1));
}

#[test]
fn on_a_terminal_a_live_send_shows_everything_and_asks() {
    let (mut scene, emulator) = live();
    scene.on_terminal = true;
    scene.stdin = b"y\n".to_vec();
    let ended = scene.run(&COFFEE).expect_code(0);
    for shown in ["profile: shop", "홍길동", "01012345678", "아메리카노", "4,500 won", "sms", "[y/N]"]
    {
        assert!(ended.stderr.contains(shown), "{shown}: {}", ended.stderr);
    }
    assert_eq!(reached(&emulator), (1, 1, 1));
}

#[test]
fn any_answer_but_yes_sends_nothing() {
    let (mut scene, emulator) = live();
    scene.on_terminal = true;
    for answer in ["n\n", "\n", "", "maybe\n"] {
        scene.stdin = answer.into();
        scene.run(&COFFEE).expect_code(13);
    }
    scene.stdin = b"y\n".to_vec();
    scene.run(&with(&COFFEE, &["--no-input"])).expect_code(13);
    assert_eq!(reached(&emulator), (0, 0, 0));
}

#[test]
fn a_live_bill_that_was_sent_is_shown_without_a_question() {
    let (mut scene, emulator) = live();
    let command = with(&COFFEE, &["--bill-no", "B1", "-o", "json"]);
    scene.run(&with(&command, &["--yes"])).expect_code(0);
    assert_eq!(scene.run(&command).expect_code(0).json()["outcome"], "already_sent");
    assert_eq!(reached(&emulator), (1, 1, 1));
}

#[test]
fn yes_allows_neither_a_duplicate_nor_other_content_nor_an_unknown_bill() {
    let (mut scene, emulator) = live();
    scene.run(&with(&COFFEE, &["--yes", "--bill-no", "B1"])).expect_code(0);
    scene.run(&with(&COFFEE, &["--yes"])).expect_code(13);
    scene.run(&with(&other_coffee("--amount", "1"), &["--yes", "--bill-no", "B1"])).expect_code(13);
    misbehave(&emulator, &["drop-after*1"]);
    let unknown = with(&other_coffee("--amount", "2"), &["--yes", "--bill-no", "B2"]);
    scene.run(&unknown).expect_code(7);
    scene.run(&unknown).expect_code(7);
    assert_eq!(reached(&emulator), (2, 2, 2));
}
