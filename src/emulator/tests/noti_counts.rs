//! Faults of notifications as the state has them: counted across processes, announced by one server
//! and withdrawn with it.

use std::thread;

use super::state::Offer;
use super::*;

/// Whether each of these bills, paid by a handle of its own, was struck by `never-sent`.
fn struck(local: &Local, bill_numbers: &[&str]) -> Vec<bool> {
    let paid = bill_numbers.iter().map(|bill_no| pay(local, &local.bill_of(bill_no)).unwrap());
    paid.map(|delivery| matches!(delivery, Delivery::NeverSent)).collect()
}

/// How many faults of notifications the state has.
fn recorded(local: &Local) -> i64 {
    let connection = rusqlite::Connection::open(local.state_file()).unwrap();
    connection.query_row("SELECT count(*) FROM notification_faults", [], |row| row.get(0)).unwrap()
}

#[test]
fn two_handles_count_together() {
    let merchant = Merchant::open();
    let local = misbehaving(&merchant.url, &["never-sent*3"]);
    let keys = ["B1", "B2", "B3", "B4"].map(|bill_no| local.bill_of(bill_no));
    let (mut one, mut other) = (local.state(), local.state());
    let deliver = |handle: &mut State, key: &str| {
        let paid = handle.pay(key, Method::Card).unwrap();
        handle.deliver(&paid.notification.unwrap()).unwrap()
    };
    assert!(matches!(deliver(&mut one, &keys[0]), Delivery::NeverSent));
    assert!(matches!(deliver(&mut other, &keys[1]), Delivery::NeverSent));
    assert!(matches!(deliver(&mut one, &keys[2]), Delivery::NeverSent));
    assert!(matches!(deliver(&mut other, &keys[3]), Delivery::Answered { .. }));
    assert_eq!(recorded(&local), 0);
}

#[test]
fn a_page_and_another_process_count_together() {
    let merchant = Merchant::open();
    let local = misbehaving(&merchant.url, &["never-sent*2"]);
    let key = local.bill();
    local.form(&format!("/p/{key}/pay"), "method=bank");
    local.wait_for("fault never-sent");
    assert_eq!(struck(&local, &["B1", "B2"]), [true, false]);
}

#[test]
fn processes_that_deliver_at_once_strike_no_more_than_asked() {
    let merchant = Merchant::open();
    let local = misbehaving(&merchant.url, &["never-sent*5"]);
    let keys: Vec<_> = (0..8).map(|number| local.bill_of(&format!("B{number}"))).collect();
    let never_sent = thread::scope(|scope| {
        let payments: Vec<_> = keys.iter().map(|key| scope.spawn(|| pay(&local, key).unwrap())).collect();
        let deliveries = payments.into_iter().map(|payment| payment.join().unwrap());
        deliveries.filter(|delivery| matches!(delivery, Delivery::NeverSent)).count()
    });
    assert_eq!(never_sent, 5);
    assert_eq!(merchant.rest().len(), 3);
}

#[test]
fn whatever_is_kept_back_is_posted_once_by_whomever() {
    let merchant = Merchant::open();
    let mut local = misbehaving(&merchant.url, &["reordered"]);
    let keys: Vec<_> = (0..9).map(|number| local.bill_of(&format!("B{number}"))).collect();
    thread::scope(|scope| {
        for key in &keys {
            scope.spawn(|| pay(&local, key).unwrap());
        }
    });
    local.stop();
    let bodies = merchant.rest();
    let arrived: std::collections::BTreeSet<_> =
        bodies.iter().map(|body| body["SMS_INPUT"].as_str().unwrap().to_owned()).collect();
    assert_eq!((bodies.len(), arrived), (9, keys.into_iter().collect()));
}

#[test]
fn faults_end_with_their_server() {
    let merchant = Merchant::open();
    let mut local = misbehaving(&merchant.url, &["never-sent", "delayed=600s", "html"]);
    assert_eq!(recorded(&local), 2);
    local.stop();
    assert_eq!(recorded(&local), 0);
}

#[test]
fn a_server_without_a_notify_url_records_none() {
    let local = Local::with_faults(&["never-sent", "forged@noti"]);
    assert_eq!(recorded(&local), 0);
    assert!(matches!(pay(&local, &local.bill()), Ok(Delivery::NobodyListens)));
}

#[test]
fn a_server_inside_a_command_leaves_them_alone() {
    let merchant = Merchant::open();
    let local = misbehaving(&merchant.url, &["never-sent*2", "reordered"]);
    Emulator::start(local.options()).unwrap().stop();
    assert_eq!(struck(&local, &["B1"]), [true]);
    assert_eq!(recorded(&local), 2);
}

#[test]
fn one_that_replaced_another_keeps_its_own() {
    let (before, merchant) = (Merchant::open(), Merchant::open());
    let mut local = misbehaving(&before.url, &["reordered"]);
    assert!(matches!(pay(&local, &local.bill()), Ok(Delivery::KeptBack)));
    let mut options = local.options();
    options.notify_url = Some(merchant.url.clone());
    options.faults = parsed(&["duplicate"]);
    let second = Emulator::start(options).unwrap();
    local.emulator().set_faults(Vec::new());
    let first = local.emulator.replace(second).unwrap();
    first.stop();
    pay(&local, &local.bill_of("B2")).unwrap();
    assert_eq!(merchant.rest().len(), 2);
    // What the first had kept back was meant for another merchant, and is given up.
    assert!(before.rest().is_empty());
    assert!(!local.get("/").body().contains("보내기 전"));
}

#[test]
fn what_a_killed_server_left_behind_is_given_up_by_the_next() {
    let merchant = Merchant::open();
    let mut local = Local::start();
    let killed = Offer { served_at: None, notify_url: Some(merchant.url.clone()) };
    local.state().announce(&killed, &parsed(&["reordered*1", "forged"])).unwrap();
    let key = local.bill();
    assert!(matches!(pay(&local, &key), Ok(Delivery::KeptBack)));
    let mut options = local.options();
    options.notify_url = Some(merchant.url.clone());
    local.emulator = Some(Emulator::start(options).unwrap());
    assert_eq!(recorded(&local), 0);
    let key = local.bill_of("B2");
    pay(&local, &key).unwrap();
    local.stop();
    let rest = merchant.rest();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0]["SMS_INPUT"], key);
}

#[test]
fn a_reset_forgets_them_and_what_is_kept_back() {
    let merchant = Merchant::open();
    let mut local = misbehaving(&merchant.url, &["reordered*1", "duplicate"]);
    assert!(matches!(pay(&local, &local.bill()), Ok(Delivery::KeptBack)));
    local.state().reset().unwrap();
    assert_eq!(recorded(&local), 0);
    let key = local.bill_of("B2");
    assert!(matches!(pay(&local, &key), Ok(Delivery::Answered { .. })));
    local.stop();
    let rest = merchant.rest();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0]["SMS_INPUT"], key);
}

#[test]
fn they_can_be_changed_while_it_runs() {
    let merchant = Merchant::open();
    let local = misbehaving(&merchant.url, &["forged"]);
    local.emulator().set_faults(parsed(&["never-sent*1", "refuse=E101*1"]));
    assert_eq!(local.send(&fixture("request-sms"))["RESULTCODE"], "E101");
    assert_eq!(struck(&local, &["B1", "B2"]), [true, false]);
    assert_eq!(merchant.rest().len(), 1);
}
