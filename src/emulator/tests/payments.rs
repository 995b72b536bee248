//! Payment, deposit and cancel on the state, and what `urlcert` says afterwards.

use super::*;

#[test]
fn a_card_payment_is_paid_at_once() {
    let local = Local::start();
    let key = local.bill();
    let paid = local.state().pay(&key, Method::Card).unwrap();
    assert_eq!(paid.state, BillState::Paid);
    assert_eq!((paid.amount, paid.bill_no.as_str()), (4500, "B20261122000000001"));
    let reply = local.urlcert(&key);
    let expected = fixture("urlcert-paid");
    assert_eq!(names(&reply), names(&expected));
    for name in [
        "RESULTCODE",
        "AMOUNT",
        "BUYERNAME",
        "PAYMETHOD",
        "ACCEPTDATE",
        "CANCELDATE",
        "CANCELMSG",
        "CARDNAME",
        "ACCOUNTNO",
    ] {
        assert_eq!(reply[name], expected[name], "{name}");
    }
    let length = |name: &str| reply[name].as_str().unwrap().len();
    assert_eq!((length("ORDERNO"), length("TID"), length("ACCEPTNO")), (23, 20, 8));
}

#[test]
fn the_notification_of_a_payment_has_the_shape_of_the_manual() {
    let local = Local::start();
    let key = local.send(&fixture("request-all"))["URLKEY"].as_str().unwrap().to_owned();
    let paid = local.state().pay(&key, Method::Card).unwrap();
    let notification = paid.notification.unwrap();
    assert_eq!(notification.kind, "approval");
    assert!(notification.body.is_ascii());
    let body: Value = serde_json::from_str(&notification.body).unwrap();
    assert_eq!(names(&body), names(&fixture("noti-card")));
    let cert = local.urlcert(&key);
    for (ours, theirs) in [
        ("ORDERNO", "ORDERNO"),
        ("TID", "TID"),
        ("AMOUNT", "AMOUNT"),
        ("ACCEPT_NO", "ACCEPTNO"),
        ("ACCEPT_DATE", "ACCEPTDATE"),
        ("PAY_METHOD", "PAYMETHOD"),
    ] {
        assert_eq!(body[ours], cert[theirs], "{ours}");
    }
    assert_eq!(body["SMS_INPUT"], key);
    assert_eq!((&body["ETC1"], &body["ETC2"]), (&json!("계약 42"), &json!("영업1팀")));
    assert_eq!(body["CARDNO"], "**000111");
    assert_eq!(body["QUOTA"], "00");
}

#[test]
fn bank_and_mobile_are_paid_at_once_too() {
    for (method, name) in [(Method::Bank, "BANK"), (Method::Mobile, "MOBILE")] {
        let local = Local::start();
        let key = local.bill();
        let paid = local.state().pay(&key, method).unwrap();
        assert_eq!(paid.state, BillState::Paid);
        let body: Value = serde_json::from_str(&paid.notification.unwrap().body).unwrap();
        assert_eq!(body["PAY_METHOD"], name);
        assert_eq!(local.urlcert(&key)["PAYMETHOD"], name);
    }
}

#[test]
fn a_virtual_account_is_issued_first_and_deposited_later() {
    let local = Local::start();
    let key = local.bill();
    let issued = local.state().pay(&key, Method::VirtualAccount).unwrap();
    assert_eq!(issued.state, BillState::AwaitingDeposit);
    assert_eq!(issued.notification, None);
    let reply = local.urlcert(&key);
    let expected = fixture("urlcert-awaiting-deposit");
    assert_eq!(names(&reply), names(&expected));
    for name in [
        "RESULTCODE",
        "PAYMETHOD",
        "ACCEPTNO",
        "ACCEPTDATE",
        "RECEIVERNAME",
        "DEPOSITENDDATE",
        "CARDNAME",
        "CARDCODE",
    ] {
        assert_eq!(reply[name], expected[name], "{name}");
    }
    let error = local.state().pay(&key, Method::Card).unwrap_err();
    assert!(matches!(error, EmulatorError::AwaitingDeposit { .. }));

    local.pass(60);
    let paid = local.state().pay(&key, Method::VirtualAccount).unwrap();
    assert_eq!(paid.state, BillState::Paid);
    let body: Value = serde_json::from_str(&paid.notification.unwrap().body).unwrap();
    let expected = fixture("noti-deposit");
    assert_eq!(names(&body), names(&expected));
    for name in [
        "PAY_METHOD",
        "ACCEPT_NO",
        "CARDCODE",
        "CARDNAME",
        "RECEIVERNAME",
        "DEPOSITENDDATE",
        "DEPOSITNAME",
        "QUOTA",
        "CARDNO",
    ] {
        assert_eq!(body[name], expected[name], "{name}");
    }
    assert_eq!(body["ACCOUNTNO"], reply["ACCOUNTNO"]);
    let reply = local.urlcert(&key);
    assert_eq!(reply["ACCEPTDATE"], "20261122094047");
    assert_eq!(reply["ACCEPTNO"], "00000000");
}

#[test]
fn a_paid_link_cannot_be_paid_again_and_a_cancelled_one_neither() {
    let local = Local::start();
    let key = local.bill();
    local.state().pay(&key, Method::Card).unwrap();
    for method in Method::ALL {
        let error = local.state().pay(&key, method).unwrap_err();
        assert!(matches!(error, EmulatorError::AlreadyPaid { .. }));
    }
    local.state().cancel(&key, None).unwrap();
    let error = local.state().pay(&key, Method::Card).unwrap_err();
    assert!(matches!(error, EmulatorError::AlreadyCancelled { .. }));
}

#[test]
fn a_cancel_is_told_by_urlcert_and_by_notification() {
    let local = Local::start();
    let key = local.bill();
    local.state().pay(&key, Method::Card).unwrap();
    local.pass(86_400 + 2113);
    let cancelled = local.state().cancel(&key, None).unwrap();
    assert_eq!(cancelled.state, BillState::Cancelled);
    let notification = cancelled.notification.unwrap();
    assert_eq!(notification.kind, "cancel");
    let body: Value = serde_json::from_str(&notification.body).unwrap();
    let expected = fixture("noti-cancel");
    assert_eq!(names(&body), names(&expected));
    for name in ["paymethod", "noti_type", "cancel_amount", "cancel_date"] {
        assert_eq!(body[name], expected[name], "{name}");
    }
    let reply = local.urlcert(&key);
    let expected = fixture("urlcert-cancelled");
    assert_eq!(names(&reply), names(&expected));
    for name in ["RESULTCODE", "CANCELDATE", "CANCELMSG", "ACCEPTDATE"] {
        assert_eq!(reply[name], expected[name], "{name}");
    }
    let error = local.state().cancel(&key, None).unwrap_err();
    assert!(matches!(error, EmulatorError::AlreadyCancelled { .. }));
}

#[test]
fn a_partial_cancel_leaves_the_payment_until_all_is_cancelled() {
    let local = Local::start();
    let key = local.bill();
    local.state().pay(&key, Method::Card).unwrap();
    let part = local.state().cancel(&key, Some(1500)).unwrap();
    assert_eq!(part.state, BillState::PartlyCancelled);
    let body: Value = serde_json::from_str(&part.notification.unwrap().body).unwrap();
    assert_eq!(body["cancel_amount"], "1500");
    let reply = local.urlcert(&key);
    assert_eq!((&reply["CANCELDATE"], &reply["AMOUNT"]), (&json!(""), &json!("4500")));
    for amount in [0, -1, 3001] {
        let error = local.state().cancel(&key, Some(amount)).unwrap_err();
        assert!(matches!(error, EmulatorError::CancelAmount { left: 3000, .. }));
    }
    let rest = local.state().cancel(&key, None).unwrap();
    assert_eq!(rest.state, BillState::Cancelled);
    let body: Value = serde_json::from_str(&rest.notification.unwrap().body).unwrap();
    assert_eq!(body["cancel_amount"], "3000");
    assert_eq!(local.urlcert(&key)["CANCELDATE"], "20261122093947");
}

#[test]
fn an_account_without_its_deposit_is_cancelled_as_a_whole() {
    let local = Local::start();
    let key = local.bill();
    local.state().pay(&key, Method::VirtualAccount).unwrap();
    let error = local.state().cancel(&key, Some(1000)).unwrap_err();
    assert!(matches!(error, EmulatorError::PartialBeforeDeposit { .. }));
    let cancelled = local.state().cancel(&key, None).unwrap();
    let notification = cancelled.notification.unwrap();
    assert_eq!(notification.kind, "deposit_cancel");
    let body: Value = serde_json::from_str(&notification.body).unwrap();
    assert_eq!(body["noti_type"], "deposit_cancel");
    let reply = local.urlcert(&key);
    assert_eq!(reply["CANCELDATE"], "20261122093947");
    assert_eq!(reply["ACCEPTNO"], "");
}

#[test]
fn an_unpaid_or_unknown_bill_cannot_be_cancelled() {
    let local = Local::start();
    let key = local.bill();
    let error = local.state().cancel(&key, None).unwrap_err();
    assert!(matches!(error, EmulatorError::NotPaid { .. }));
    let error = local.state().cancel("nothing", None).unwrap_err();
    assert!(matches!(error, EmulatorError::UnknownBill { .. }));
}

#[test]
fn a_bill_may_be_named_by_its_link() {
    let local = Local::start();
    let reply = local.send(&fixture("request-sms"));
    let link = reply["PAYURL"].as_str().unwrap();
    let paid = local.state().pay(link, Method::Card).unwrap();
    assert_eq!(reply["URLKEY"], paid.url_key);
}

#[test]
fn payments_of_one_second_have_numbers_of_their_own() {
    let local = Local::start_with(|options| options.random = Arc::new(|bytes| bytes.fill(1)));
    let mut state = State::open(&local.state_file(), local.now(), Arc::new(|bytes| bytes.fill(1))).unwrap();
    let mut numbers = std::collections::HashSet::new();
    for number in 0..3 {
        let mut request = fixture("request-sms");
        request["BILL_NO"] = json!(format!("B{number}"));
        let key = local.send(&request)["URLKEY"].as_str().unwrap().to_owned();
        state.pay(&key, Method::Card).unwrap();
        let reply = local.urlcert(&key);
        assert!(numbers.insert((reply["TID"].to_string(), reply["ORDERNO"].to_string())));
    }
}

#[test]
fn many_handles_pay_one_bill_once() {
    let local = Local::start();
    let key = local.bill();
    let paid = std::thread::scope(|scope| {
        let attempts: Vec<_> =
            (0..8).map(|_| scope.spawn(|| local.state().pay(&key, Method::Card).is_ok())).collect();
        attempts.into_iter().map(|attempt| attempt.join().unwrap()).filter(|paid| *paid).count()
    });
    assert_eq!(paid, 1);
}
