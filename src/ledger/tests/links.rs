//! Bills that have had more than one link.

use jiff::Timestamp;

use super::shop::{Shop, coffee, link, paid, settlement};
use crate::ledger::{AttemptKind, Finding, Observation, Settled, Settlement, Standing};
use crate::payment::{Link, Outcome, Payment, PaymentState};

fn with_address(url_key: &str) -> Link {
    Link { pay_url: Some(format!("https://x.kr/p/{url_key}")), ..link(url_key) }
}

fn answer(code: &str) -> Payment {
    Payment { result_code: code.to_owned(), ..Payment::default() }
}

fn cancelled() -> Payment {
    Payment { cancelled_at: Some("2026-11-22T11:20:00+09:00".to_owned()), ..paid() }
}

impl Shop {
    /// The bill is sent again, and the reply has this link in it.
    fn resent(&mut self, bill_no: &str, link: Link) -> Settlement {
        let attempt = self.intend(AttemptKind::Resend, &coffee(bill_no));
        let settlement = Settlement { link: Some(link), ..settlement(Outcome::Sent) };
        self.ledger.settle(&attempt, &settlement, Timestamp::UNIX_EPOCH).unwrap()
    }

    /// `CookiePay` says this of a link.
    fn told(&mut self, url_key: &str, payment: &Payment) {
        let url_key = &url_key.parse().unwrap();
        let account = self.account.clone();
        let (at, operator) = (Timestamp::UNIX_EPOCH, "kim@till");
        let observation = Observation { account: &account, url_key, payment, at, operator };
        self.ledger.group(|group| group.observe(&observation)).unwrap();
    }

    fn state(&self, bill_no: &str) -> Option<PaymentState> {
        self.entry(bill_no).state
    }

    /// The keys of the bill's links, the newest first and then by the alphabet.
    fn keys(&self, bill_no: &str) -> Vec<String> {
        let entry = self.entry(bill_no);
        let mut keys: Vec<String> = entry.url_keys().map(ToString::to_string).collect();
        if let Some((_, earlier)) = keys.split_first_mut() {
            earlier.sort();
        }
        keys
    }

    fn rows(&self) -> i64 {
        self.ledger.connection.query_row("SELECT count(*) FROM links", [], |row| row.get(0)).unwrap()
    }
}

#[test]
fn a_bill_keeps_every_link_that_a_request_brought_and_is_found_by_each() {
    let mut shop = Shop::new();
    shop.sent("B1", Outcome::Sent, Some(with_address("A")));
    shop.resent("B1", with_address("A"));
    assert_eq!((shop.keys("B1"), shop.rows()), (vec!["A".to_owned()], 0));
    for (newest, keys) in [
        ("B", ["B", "A"].as_slice()),
        ("C", &["C", "A", "B"]),
        ("A", &["A", "B", "C"]),
        ("A", &["A", "B", "C"]),
    ] {
        shop.resent("B1", with_address(newest));
        assert_eq!(shop.keys("B1"), keys);
        for key in ["A", "B", "C"].into_iter().filter(|key| keys.contains(key)) {
            let found = shop.ledger.find_by_url_key(&shop.account, key).unwrap().unwrap();
            assert_eq!(found.bill.bill_no.as_str(), "B1");
            let address = with_address(key).pay_url.unwrap();
            let found = shop.ledger.url_key_of_address(&shop.account, &address).unwrap();
            assert_eq!(found.unwrap().as_str(), key);
        }
    }
    let other = crate::ledger::Account { api_id: "shop02".to_owned(), ..shop.account.clone() };
    assert!(shop.ledger.find_by_url_key(&other, "B").unwrap().is_none());
    assert!(shop.ledger.url_key_of_address(&other, "https://x.kr/p/B").unwrap().is_none());
}

#[test]
fn a_link_without_an_address_does_not_get_that_of_the_link_before() {
    let mut shop = Shop::new();
    shop.sent("B1", Outcome::Sent, Some(with_address("A")));
    shop.resent("B1", link("A"));
    assert_eq!(shop.entry("B1").link, Some(with_address("A")));
    shop.resent("B1", link("B"));
    assert_eq!(shop.entry("B1").link, Some(link("B")));
}

#[test]
fn the_state_of_a_bill_is_that_of_the_link_which_tells_it() {
    let (unpaid, error) = (answer("EA01"), answer("E012"));
    let mut shop = Shop::new();
    shop.sent("B1", Outcome::Sent, Some(link("A")));
    shop.told("A", &unpaid);
    shop.resent("B1", link("B"));
    assert_eq!(shop.state("B1"), Some(PaymentState::Unpaid));
    for (key, payment, state) in [
        ("A", &paid(), PaymentState::Paid),
        ("B", &unpaid, PaymentState::Paid),
        // A hiccup unpays nothing.
        ("A", &error, PaymentState::Paid),
        // Given back, and payable still by the other link.
        ("A", &cancelled(), PaymentState::Unpaid),
        ("B", &paid(), PaymentState::Paid),
        ("A", &paid(), PaymentState::Paid),
        ("B", &cancelled(), PaymentState::Paid),
        ("A", &cancelled(), PaymentState::Cancelled),
    ] {
        shop.told(key, payment);
        assert_eq!(shop.state("B1"), Some(state), "{key}: {payment:?}");
    }
}

#[test]
fn what_was_known_of_a_link_stays_known_when_another_comes() {
    let mut shop = Shop::new();
    shop.sent("B1", Outcome::Sent, Some(link("A")));
    let attempt = shop.intend(AttemptKind::Resend, &coffee("B1"));
    // The customer pays while the second message is on its way.
    shop.told("A", &Payment { accepted_at: Some("2026-11-22T11:20:00+09:00".to_owned()), ..paid() });
    let another = Settlement { link: Some(link("B")), ..settlement(Outcome::Sent) };
    shop.ledger.settle(&attempt, &another, Timestamp::UNIX_EPOCH).unwrap();
    shop.told("B", &answer("EA01"));
    let entry = shop.entry("B1");
    assert_eq!((entry.state, entry.paid_at.is_some()), (Some(PaymentState::Paid), true));
    assert!(!AttemptKind::Resend.is_allowed_for(&entry));
}

#[test]
fn a_link_that_another_bill_had_before_its_newest_is_foreign_to_this_one() {
    let mut shop = Shop::new();
    shop.sent("HOLDER", Outcome::Sent, Some(with_address("A")));
    shop.resent("HOLDER", with_address("B"));
    shop.sent("UNKNOWN", Outcome::Unknown, None);
    let held = Settled::LinkOf("HOLDER".parse().unwrap());
    assert_eq!(shop.settle("UNKNOWN", Finding::Named(&link("A"), &paid())), held);
    for foreign in [with_address("A"), Link { url_key: "NEW".parse().unwrap(), ..with_address("A") }] {
        shop.sent("OTHER", Outcome::Sent, Some(foreign));
        let other = shop.entry("OTHER");
        assert_eq!((other.standing, other.link), (Standing::Settled(Outcome::Unknown), None));
        shop.settle("OTHER", Finding::NotSent);
    }
    // Its own are no other's.
    assert_eq!(shop.resent("HOLDER", with_address("A")).outcome, Outcome::Sent);
}

#[test]
fn an_answer_that_says_nothing_new_writes_nothing() {
    let mut shop = Shop::new();
    shop.sent("B1", Outcome::Sent, Some(link("A")));
    shop.resent("B1", link("B"));
    shop.told("A", &answer("EA01"));
    shop.told("B", &answer("EA01"));
    let before = shop.ledger.connection.total_changes();
    shop.told("B", &answer("EA01"));
    assert_eq!(shop.ledger.connection.total_changes(), before);
}
