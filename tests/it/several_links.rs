//! A bill for which CookiePay made another link when it was sent again: each of its links can be paid, and is watched.

use std::time::Duration;

use cookiepay::emulator::{Emulator, Method};
use serde_json::Value;

use crate::support::{COFFEE, Ended, Scene, asked, misbehave, reached, with};

/// A bill with two links: the one of its first message, and that of the second.
struct TwoLinks {
    scene: Scene,
    emulator: Emulator,
    earlier: String,
    newest: String,
    /// The address of the earlier one.
    earlier_address: String,
}

impl TwoLinks {
    fn new() -> Self {
        let (mut scene, emulator) = Scene::with_emulator();
        let sent = scene.run(&with(&COFFEE, &["--bill-no", "B1", "-o", "json"])).expect_code(0).json();
        scene.forget_number_at_cookiepay("B1");
        let again = scene.run(&["resend", "B1", "--again", "-o", "json"]).expect_code(0).json();
        let text = |of: &Value, field: &str| of[field].as_str().unwrap().to_owned();
        let (earlier, newest) = (text(&sent, "url_key"), text(&again, "url_key"));
        assert_ne!(earlier, newest);
        Self { scene, emulator, earlier, newest, earlier_address: text(&sent, "pay_url") }
    }

    /// Asks by this command and returns the one item.
    #[track_caller]
    fn item(&mut self, command: &[&str], code: u8) -> Value {
        let ended = self.scene.run(&with(command, &["-o", "jsonl"])).expect_code(code);
        let [item] = ended.json_lines().try_into().unwrap();
        item
    }

    #[track_caller]
    fn assert_state(&mut self, state: &str) {
        assert_eq!(self.scene.listed("B1")["state"], state);
    }
}

#[test]
fn a_customer_who_pays_the_earlier_link_has_paid_the_bill() {
    let status = ["status", "--bill-no", "B1"].as_slice();
    for command in [status, &["status", "--pending"], &["status", "--pending", "--wait"], &["reconcile"]] {
        let mut bill = TwoLinks::new();
        bill.scene.pay(&bill.earlier);
        let item = bill.item(command, 0);
        assert_eq!((&item["bill_no"], &item["state"]), (&"B1".into(), &"paid".into()), "{command:?}");
        if command[0] == "status" {
            assert_eq!(item["url_key"], *bill.earlier, "{command:?}");
        }
        bill.assert_state("paid");
        assert_eq!(asked(&bill.emulator).1, 3, "one before the second message, then both: {command:?}");
        // What is paid is not asked after again.
        bill.scene.run(&["status", "--pending"]).expect_code(0);
        assert_eq!(asked(&bill.emulator).1, 3, "{command:?}");
    }
}

#[test]
fn a_bill_of_which_no_link_is_paid_is_one_item_with_its_newest_link() {
    let mut bill = TwoLinks::new();
    for command in [["status", "--bill-no", "B1"].as_slice(), &["status", "--pending"]] {
        let item = bill.item(command, 8);
        assert_eq!((&item["state"], &item["url_key"]), (&"unpaid".into(), &(*bill.newest).into()));
    }
    let whole = bill.scene.run(&["status", "--pending", "-o", "json"]).expect_code(8).json();
    assert_eq!((&whole["summary"]["count"], &whole["summary"]["by_state"]["unpaid"]), (&1.into(), &1.into()));
    assert_eq!(bill.scene.run(&["list", "-o", "json"]).json()["summary"]["by_state"]["unpaid"]["count"], 1);
    // The newest counts as ever.
    bill.scene.pay(&bill.newest);
    assert_eq!(bill.item(&["status", "--pending"], 0)["url_key"], *bill.newest);
    bill.assert_state("paid");
}

#[test]
fn every_link_that_a_bill_ever_had_is_asked_after() {
    let mut bill = TwoLinks::new();
    bill.scene.forget_number_at_cookiepay("B1");
    bill.scene.run(&["resend", "B1", "--again"]).expect_code(0);
    let before = asked(&bill.emulator).1;
    bill.item(&["status", "--bill-no", "B1"], 8);
    assert_eq!(asked(&bill.emulator).1 - before, 3);
    let middle = bill.newest.clone();
    bill.scene.pay(&middle);
    assert_eq!(bill.item(&["reconcile"], 0)["state"], "paid");
}

#[test]
fn a_bill_whose_earlier_link_was_paid_is_not_messaged_again() {
    let mut bill = TwoLinks::new();
    bill.scene.pay(&bill.earlier);
    let before = reached(&bill.emulator);
    for _looked in [false, true] {
        let error = bill.scene.run(&["resend", "B1", "--again", "-o", "json"]).expect_code(13).error();
        assert!(error["message"].as_str().unwrap().contains("`B1` is paid"), "{error}");
        bill.assert_state("paid");
    }
    assert_eq!(reached(&bill.emulator), before);
}

#[test]
fn a_link_that_is_named_is_asked_after_alone_whichever_it_is() {
    let mut bill = TwoLinks::new();
    bill.scene.pay(&bill.earlier);
    for (named, state, code) in [
        (bill.newest.clone(), "unpaid", 8),
        (bill.earlier.clone(), "paid", 0),
        (bill.earlier_address.clone(), "paid", 0),
    ] {
        let before = asked(&bill.emulator).1;
        let item = bill.item(&["status", &named], code);
        assert_eq!((&item["bill_no"], &item["state"]), (&"B1".into(), &state.into()), "{named}");
        assert_eq!((&item["buyer_name"], asked(&bill.emulator).1 - before), (&"홍길동".into(), 1));
    }
    bill.assert_state("paid");
}

#[test]
fn a_payment_by_either_link_is_confirmed() {
    for newest in [false, true] {
        let mut bill = TwoLinks::new();
        let key = if newest { &bill.newest } else { &bill.earlier };
        let paid = bill.scene.customers().pay(key, Method::Card).unwrap().notification.unwrap();
        bill.scene.stdin = paid.body.into_bytes();
        assert_eq!(bill.item(&["noti", "verify"], 0)["verdict"], "confirmed");
        bill.assert_state("paid");
    }
}

#[test]
fn a_bill_that_was_paid_by_both_links_is_said_to_be() {
    let mut bill = TwoLinks::new();
    bill.scene.pay(&bill.earlier);
    bill.scene.pay(&bill.newest);
    let ended: Ended = bill.scene.run(&["status", "--bill-no", "B1"]).expect_code(0);
    let warning =
        format!("bill `B1` was paid more than once: by the links `{}`, `{}`", bill.newest, bill.earlier);
    assert!(ended.stderr.contains(&warning), "{}", ended.stderr);
    // One of the two is given back, and the bill is paid still.
    bill.scene.cancel(&bill.newest);
    assert_eq!(bill.item(&["status", "--bill-no", "B1"], 0)["url_key"], *bill.earlier);
    bill.assert_state("paid");
}

#[test]
fn a_bill_is_cancelled_only_when_none_of_its_links_can_be_paid() {
    let mut bill = TwoLinks::new();
    for key in [bill.earlier.clone(), bill.newest.clone()] {
        bill.item(&["status", "--pending"], 8);
        bill.scene.pay(&key);
        bill.item(&["status", "--pending"], 0);
        bill.scene.cancel(&key);
        bill.scene.run(&["status", &key]).expect_code(9);
    }
    bill.assert_state("cancelled");
    let nothing = bill.scene.run(&["status", "--pending"]).expect_code(0);
    assert!(nothing.stderr.contains("no link is open"), "{}", nothing.stderr);
}

#[test]
fn waiting_ends_when_either_link_is_paid() {
    let mut bill = TwoLinks::new();
    let (mut customers, earlier) = (bill.scene.customers(), bill.earlier.clone());
    bill.scene.clock.plan(move || {
        customers.pay(&earlier, Method::Card).unwrap();
    });
    let command = ["status", "--pending", "--wait", "-o", "jsonl"];
    let told = bill.scene.run(&command).expect_code(0).json_lines();
    let told: Vec<_> = told.iter().map(|line| (line["state"].as_str(), line["url_key"].as_str())).collect();
    let expected = [(Some("unpaid"), Some(&*bill.newest)), (Some("paid"), Some(&*bill.earlier))];
    assert_eq!(told, expected);
}

#[test]
fn a_batch_asks_after_each_link_and_leaves_those_paid_by_either_out() {
    let (mut scene, emulator) = Scene::with_emulator();
    let sent = crate::batch::send(&mut scene, &crate::coffees::sheet(3), &[]).expect_code(0);
    let numbers = crate::batch::column(&sent, "bill_no");
    let keys = crate::batch::column(&sent, "url_key");
    scene.forget_number_at_cookiepay(&numbers[1]);
    scene.clock.advance(Duration::from_mins(10));
    scene.run(&["resend", "--batch", "march"]).expect_code(0);
    scene.pay(&keys[1]);
    scene.clock.advance(Duration::from_mins(10));
    let messages = reached(&emulator).1;
    let again = scene.run(&["resend", "--batch", "march", "--unpaid", "-o", "json"]).expect_code(0).json();
    assert_eq!(again["summary"]["left_out"]["paid"][0], *numbers[1]);
    assert_eq!(reached(&emulator).1 - messages, 2);
    let status = scene.run(&["status", "--batch", "march", "-o", "jsonl"]).expect_code(8);
    assert_eq!(crate::batch::column(&status, "bill_no"), numbers);
    assert_eq!(crate::batch::column(&status, "state"), ["unpaid", "paid", "unpaid"]);
}

#[test]
fn an_unknown_row_that_was_paid_by_an_earlier_link_is_not_messaged_again() {
    let (mut scene, emulator) = Scene::with_emulator();
    let sheet = crate::coffees::sheet(1);
    let sent = crate::batch::send(&mut scene, &sheet, &[]).expect_code(0);
    scene.forget_number_at_cookiepay(&crate::batch::column(&sent, "bill_no")[0]);
    scene.run(&["resend", "--batch", "march", "--again"]).expect_code(0);
    misbehave(&emulator, &["drop-after@send*1"]);
    scene.run(&["resend", "--batch", "march", "--again"]).expect_code(7);
    scene.pay(&crate::batch::column(&sent, "url_key")[0]);
    let messages = reached(&emulator).1;
    crate::batch::send(&mut scene, &sheet, &["--on-unknown", "resend"]).expect_code(0);
    assert_eq!(reached(&emulator).1, messages);
    assert_eq!(scene.run(&["list", "-o", "jsonl"]).json_lines()[0]["state"], "paid");
}
