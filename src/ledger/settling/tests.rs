use std::time::Duration;

use jiff::Timestamp;

use super::*;
use crate::ledger::tests::shop::{Shop, coffee, link, paid, settlement};
use crate::ledger::{AttemptKind, Intended, Intent, Settlement, Standing};
use crate::payment::PaymentState;

const PAID_FOR: PaidFor<'static> =
    PaidFor { amount: Some(4500), product: Some("카페"), buyer: Some("홍길동") };

impl Shop {
    fn fitting(&self, paid: &PaidFor<'_>, etc1: Option<&str>) -> Vec<String> {
        let found = self.ledger.unknown_bills_fitting(&self.account, paid, etc1, None).unwrap();
        found.iter().map(ToString::to_string).collect()
    }
}

#[test]
fn only_unknown_bills_without_a_link_fit_a_payment() {
    let mut shop = Shop::new();
    shop.sent("SENT", Outcome::Sent, Some(link("KEY1")));
    shop.sent("REFUSED", Outcome::Refused, None);
    shop.sent("UNKNOWN", Outcome::Unknown, None);
    // The answer of this one is still awaited.
    let _in_flight = shop.intend(AttemptKind::Send, &coffee("IN_FLIGHT"));
    assert_eq!(shop.fitting(&PAID_FOR, Some("table 7")), ["UNKNOWN"]);
    // Written in another normal form it is the same text.
    let decomposed = PaidFor { product: Some("\u{110f}\u{1161}\u{1111}\u{1166}"), ..PAID_FOR };
    assert_eq!(shop.fitting(&decomposed, Some("table 7")), ["UNKNOWN"]);
    for other in [
        PaidFor { amount: Some(4501), ..PAID_FOR },
        PaidFor { product: Some("라떼"), ..PAID_FOR },
        PaidFor { buyer: None, ..PAID_FOR },
    ] {
        assert!(shop.fitting(&other, Some("table 7")).is_empty(), "{other:?}");
    }
    assert!(shop.fitting(&PAID_FOR, None).is_empty());
    shop.sent("TWIN", Outcome::Unknown, None);
    assert_eq!(shop.fitting(&PAID_FOR, Some("table 7")), ["UNKNOWN", "TWIN"]);
}

#[test]
fn a_finding_settles_an_unknown_bill_once_with_its_link_and_payment() {
    let mut shop = Shop::new();
    shop.sent("B1", Outcome::Unknown, None);
    let (found, payment) = (link("KEY1"), paid());
    assert_eq!(shop.settle("B1", Finding::Notified(&found, &payment)), Settled::Done);
    let entry = shop.entry("B1");
    assert_eq!((entry.standing, entry.state), (Standing::Settled(Outcome::Linked), Some(PaymentState::Paid)));
    assert_eq!(entry.link, Some(found.clone()));
    assert_eq!(shop.settle("B1", Finding::Named(&found, &payment)), Settled::NotOpen);
    assert_eq!(shop.settle("B1", Finding::NotSent), Settled::NotOpen);
    assert_eq!(shop.settle("NONE", Finding::NotSent), Settled::NotOpen);
    let kinds: Vec<String> = {
        let mut statement = shop
            .ledger
            .connection
            .prepare("SELECT kind || ' ' || operator FROM attempts ORDER BY id")
            .unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(kinds, ["send kim@till", "settled_by_notification lee@desk"]);
}

#[test]
fn a_link_that_another_bill_holds_settles_nothing() {
    let mut shop = Shop::new();
    shop.sent("SENT", Outcome::Sent, Some(link("KEY1")));
    shop.sent("B1", Outcome::Unknown, None);
    let held = Settled::LinkOf("SENT".parse().unwrap());
    assert_eq!(shop.settle("B1", Finding::Named(&link("KEY1"), &paid())), held);
    assert_eq!(shop.entry("B1").standing, Standing::Settled(Outcome::Unknown));
}

#[test]
fn a_bill_whose_repeat_was_refused_is_not_asked_for_again_until_it_is_settled() {
    let mut shop = Shop::new();
    shop.sent("B1", Outcome::Unknown, None);
    assert!(shop.entry("B1").may_be_asked_for());
    let attempt = shop.intend(AttemptKind::Reconcile, &coffee("B1"));
    shop.ledger.settle(&attempt, &settlement(Outcome::Refused), Timestamp::UNIX_EPOCH).unwrap();
    let entry = shop.entry("B1");
    assert!(entry.is_unknown() && entry.repeat_refused);
    assert!(!AttemptKind::Reconcile.is_allowed_for(&entry));
    assert_eq!(shop.settle("B1", Finding::NotSent), Settled::Done);
    let entry = shop.entry("B1");
    assert!(entry.may_be_sent_again() && !entry.repeat_refused);
}

#[test]
fn a_finding_about_a_bill_that_is_being_requested_is_not_open() {
    let mut shop = Shop::new();
    shop.sent("B1", Outcome::Unknown, None);
    let _in_flight = shop.intend(AttemptKind::Reconcile, &coffee("B1"));
    assert_eq!(shop.settle("B1", Finding::NotSent), Settled::NotOpen);
}

#[test]
fn a_message_within_the_window_is_found_when_a_resend_is_intended() {
    let mut shop = Shop::new();
    shop.sent("B1", Outcome::Sent, Some(link("KEY1")));
    let bill = coffee("B1");
    let intend = |shop: &mut Shop, second: i64, window: Option<Duration>| {
        let intent = Intent {
            kind: AttemptKind::Resend,
            account: &shop.account,
            bill: &bill,
            batch: None,
            at: Timestamp::from_second(second).unwrap(),
            operator: "kim@till",
            duplicate_window: window,
        };
        shop.ledger.intend(&intent).unwrap()
    };
    let window = Some(Duration::from_mins(1));
    let itself = Intended::Duplicate { bill_no: bill.bill_no.clone(), requested_at: Timestamp::UNIX_EPOCH };
    assert_eq!(intend(&mut shop, 59, window), itself);
    let Intended::Fresh(attempt) = intend(&mut shop, 60, window) else { panic!("it is long ago") };
    let lost = Settlement { link: None, ..settlement(Outcome::Refused) };
    shop.ledger.settle(&attempt, &lost, Timestamp::UNIX_EPOCH).unwrap();
    // That one came to nothing, so the earlier message still counts.
    assert_eq!(shop.entry("B1").messaged_at, Some(Timestamp::UNIX_EPOCH));
    assert!(matches!(intend(&mut shop, 1, Some(Duration::ZERO)), Intended::Fresh(_)));
}
