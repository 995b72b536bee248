//! Notifications in a ledger of their own: stored, checked, queued, handed on, listed.

use std::ops::ControlFlow;

use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::ledger::{Ledger, Observation};
use crate::payment::{Payment, UrlKey};

/// A ledger and the account that is looked at.
struct Shop {
    _home: TempDir,
    ledger: Ledger,
    account: Account,
}

fn account(api_id: &str) -> Account {
    Account { environment: "sandbox".to_owned(), api_id: api_id.to_owned() }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_314_000)
        .unwrap()
        .saturating_add(jiff::SignedDuration::from_secs(second))
        .unwrap()
}

impl Shop {
    fn new() -> Self {
        let home = TempDir::new().unwrap();
        let ledger = Ledger::open(home.path()).unwrap();
        Self { _home: home, ledger, account: account("shop01") }
    }

    fn write<T>(&mut self, work: impl FnOnce(&mut Group<'_>) -> Result<T, LedgerError>) -> T {
        self.ledger.group(work).unwrap()
    }

    /// Stores one that is to be handed on, of this `TID`, at this second.
    fn store(&mut self, name: u8, tid: &str, second: i64) -> i64 {
        match self.arrive(name, tid, second, HandingOn::Pending) {
            Stored::New(id) => id,
            Stored::Copy(id) => panic!("{id} is a copy"),
        }
    }

    fn arrive(&mut self, name: u8, tid: &str, second: i64, handing_on: HandingOn) -> Stored {
        let account = self.account.clone();
        self.write(|group| {
            group.store(&Arrival {
                account: &account,
                identity: [name; 16],
                kind: "approval",
                tid: Some(tid).filter(|tid| !tid.is_empty()),
                url_key: None,
                body: &[name],
                at: at(second),
                handing_on,
            })
        })
    }

    fn judge(&mut self, name: u8, verdict: Verdict, second: i64, again: Option<i64>) {
        let reasons = [format!("because of {verdict}")];
        self.write(|group| group.judged(&[name; 16], verdict, &reasons, at(second), again.map(at)));
    }

    fn due(&self, due: Due, second: i64) -> Vec<i64> {
        let due = self.ledger.due_notifications(&self.account, due, at(second), 100).unwrap();
        due.into_iter().map(|received| received.id).collect()
    }

    fn next(&self, due: Due) -> Option<Timestamp> {
        self.ledger.next_due(&self.account, due).unwrap()
    }

    fn all(&self, filter: &ReceivedFilter) -> Vec<Received> {
        let mut found = Vec::new();
        let read = self.ledger.each_notification(&self.account, filter, |received| {
            found.push(received);
            ControlFlow::Continue(())
        });
        read.unwrap();
        found
    }

    fn one(&self, id: i64) -> Received {
        let mut found = self.all(&ReceivedFilter { id: Some(id), ..ReceivedFilter::default() });
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    fn deliver(&mut self, received: &Received, second: i64) {
        self.write(|group| group.handed_on(received, &HandedOn::Delivered, at(second)));
    }

    fn fail(&mut self, id: i64, handed_to: u32, second: i64, next: i64) {
        let received = self.one(id);
        let result = HandedOn::Again { handed_to, next: at(next), error: "no" };
        self.write(|group| group.handed_on(&received, &result, at(second)));
    }
}

#[test]
fn a_notification_is_stored_once_and_its_copies_are_counted() {
    let mut shop = Shop::new();
    let id = shop.store(1, "T1", 0);
    assert_eq!(shop.arrive(1, "T1", 5, HandingOn::Pending), Stored::Copy(id));
    assert_eq!(shop.arrive(1, "T1", 6, HandingOn::None), Stored::Copy(id));
    let one = shop.one(id);
    assert_eq!((one.copies, one.received_at, one.body.as_slice()), (3, at(0), [1].as_slice()));
    assert_eq!((one.identity, one.tid.as_deref()), ([1; 16], Some("T1")));
    assert_eq!((one.verdict, one.handing_on, one.hand_on_at), (None, HandingOn::Pending, Some(at(0))));
    assert_eq!(shop.arrive(2, "T1", 7, HandingOn::None), Stored::New(id.saturating_add(1)));
}

#[test]
fn a_group_that_fails_stores_nothing() {
    let mut shop = Shop::new();
    let account = shop.account.clone();
    let failed: Result<(), LedgerError> = shop.ledger.group(|group| {
        group.store(&Arrival {
            account: &account,
            identity: [1; 16],
            kind: "approval",
            tid: None,
            url_key: None,
            body: b"",
            at: at(0),
            handing_on: HandingOn::Pending,
        })?;
        Err(LedgerError::Busy { path: "x".into() })
    });
    assert!(failed.is_err() && shop.all(&ReceivedFilter::default()).is_empty());
}

#[test]
fn each_is_due_for_its_check_until_it_needs_none() {
    let mut shop = Shop::new();
    let id = shop.store(1, "T1", 10);
    assert_eq!((shop.due(Due::Verify, 9), shop.due(Due::Verify, 10)), (vec![], vec![id]));
    shop.write(|group| group.not_judged(id, at(20)));
    assert_eq!((shop.due(Due::Verify, 19), shop.next(Due::Verify)), (vec![], Some(at(20))));
    assert_eq!((shop.one(id).verify_tries, shop.one(id).verdict), (1, None));
    shop.judge(1, Verdict::Unconfirmed, 20, Some(50));
    assert_eq!((shop.due(Due::Verify, 49), shop.due(Due::Verify, 50)), (vec![], vec![id]));
    shop.judge(1, Verdict::Confirmed, 50, None);
    assert_eq!((shop.due(Due::Verify, 9999), shop.next(Due::Verify)), (vec![], None));
    let one = shop.one(id);
    assert_eq!((one.verdict, one.verified_at, one.verify_tries), (Some(Verdict::Confirmed), Some(at(50)), 2));
    assert_eq!(one.reasons, ["because of confirmed"]);
}

#[test]
fn a_verdict_on_one_that_is_not_stored_changes_nothing() {
    let mut shop = Shop::new();
    shop.store(1, "T1", 0);
    shop.judge(9, Verdict::Confirmed, 1, None);
    assert_eq!(shop.one(1).verdict, None);
}

#[test]
fn a_confirmation_is_remembered_without_the_notification() {
    let mut shop = Shop::new();
    assert!(!shop.ledger.is_confirmed(&[7; 16]).unwrap());
    for second in [1, 2] {
        shop.write(|group| group.confirm(&[7; 16], at(second)));
    }
    assert!(shop.ledger.is_confirmed(&[7; 16]).unwrap());
    assert!(!shop.ledger.is_confirmed(&[8; 16]).unwrap());
}

#[test]
fn a_first_verdict_lets_one_go_and_another_has_it_handed_on_again() {
    let mut shop = Shop::new();
    let id = shop.store(1, "T1", 0);
    assert_eq!((shop.due(Due::HandOn, 0), shop.due(Due::HandOnVerified, 0)), (vec![id], vec![]));
    assert_eq!(shop.next(Due::HandOnVerified), None);
    shop.judge(1, Verdict::Unlinked, 1, None);
    assert_eq!((shop.due(Due::HandOnVerified, 1), shop.next(Due::HandOnVerified)), (vec![id], Some(at(0))));
    shop.fail(id, 1, 2, 10);
    let one = shop.one(id);
    shop.deliver(&one, 10);
    assert_eq!((shop.one(id).handing_on, shop.due(Due::HandOnVerified, 99)), (HandingOn::Delivered, vec![]));
    // The same verdict again is no news.
    shop.judge(1, Verdict::Unlinked, 20, None);
    assert_eq!(shop.one(id).handing_on, HandingOn::Delivered);
    shop.judge(1, Verdict::Confirmed, 30, None);
    let one = shop.one(id);
    assert_eq!((one.handing_on, one.hand_on_at, one.handed_to), (HandingOn::Pending, Some(at(30)), 0));
    assert_eq!((one.hand_on_tries, one.hand_on_error, one.handed_on_at), (0, None, Some(at(10))));
}

#[test]
fn another_verdict_brings_a_dead_one_back_but_none_that_nobody_asked_for() {
    let mut shop = Shop::new();
    let id = shop.store(1, "T1", 0);
    shop.judge(1, Verdict::Unconfirmed, 1, None);
    let one = shop.one(id);
    shop.write(|group| group.handed_on(&one, &HandedOn::Dead { handed_to: 1, error: "no" }, at(2)));
    let one = shop.one(id);
    assert_eq!((one.handing_on, one.hand_on_at, one.handed_to), (HandingOn::Dead, None, 1));
    assert_eq!((one.hand_on_tries, one.hand_on_error.as_deref()), (1, Some("no")));
    shop.judge(1, Verdict::Confirmed, 3, None);
    assert_eq!(shop.one(id).handing_on, HandingOn::Pending);

    shop.arrive(2, "T2", 0, HandingOn::None);
    shop.judge(2, Verdict::Unconfirmed, 1, None);
    shop.judge(2, Verdict::Confirmed, 2, None);
    assert_eq!((shop.one(2).handing_on, shop.one(2).hand_on_at), (HandingOn::None, None));
}

#[test]
fn an_attempt_does_not_count_where_things_have_changed_meanwhile() {
    let mut shop = Shop::new();
    let id = shop.store(1, "T1", 0);
    // A first verdict.
    let read = shop.one(id);
    shop.judge(1, Verdict::Unlinked, 1, None);
    shop.deliver(&read, 2);
    assert_eq!(shop.due(Due::HandOn, 9), [id]);
    // Another verdict.
    let read = shop.one(id);
    shop.judge(1, Verdict::Confirmed, 3, None);
    shop.write(|group| {
        group.handed_on(&read, &HandedOn::Again { handed_to: 1, next: at(500), error: "no" }, at(4))
    });
    assert_eq!((shop.one(id).hand_on_tries, shop.due(Due::HandOn, 9)), (0, vec![id]));
    // Asked for again.
    let read = shop.one(id);
    shop.write(|group| group.hand_on_again(id, at(5)));
    shop.deliver(&read, 6);
    assert_eq!(shop.due(Due::HandOn, 9), [id]);
    // Nothing.
    let read = shop.one(id);
    shop.deliver(&read, 7);
    let one = shop.one(id);
    assert_eq!((one.handing_on, one.handed_on_at, one.hand_on_at), (HandingOn::Delivered, Some(at(7)), None));
    // It is delivered: what comes late is no news.
    shop.write(|group| group.handed_on(&read, &HandedOn::Dead { handed_to: 0, error: "no" }, at(8)));
    assert_eq!(shop.one(id).handing_on, HandingOn::Delivered);
}

#[test]
fn attempts_in_vain_are_counted_and_who_has_it_is_remembered() {
    let mut shop = Shop::new();
    let id = shop.store(1, "T1", 0);
    shop.fail(id, 0, 1, 10);
    shop.fail(id, 2, 10, 30);
    let one = shop.one(id);
    assert_eq!((one.handed_to, one.hand_on_tries, one.hand_on_at), (2, 2, Some(at(30))));
    assert_eq!((one.hand_on_error.as_deref(), shop.next(Due::HandOn)), (Some("no"), Some(at(30))));
    assert_eq!((shop.due(Due::HandOn, 29), shop.due(Due::HandOn, 30)), (vec![], vec![id]));
    shop.deliver(&one, 30);
    assert_eq!((shop.one(id).hand_on_tries, shop.one(id).hand_on_error), (2, None));
    shop.write(|group| group.hand_on_again(id, at(40)));
    let one = shop.one(id);
    assert_eq!((one.handing_on, one.handed_to, one.hand_on_tries), (HandingOn::Pending, 0, 0));
    assert_eq!(shop.due(Due::HandOn, 40), [id]);
}

#[test]
fn those_of_one_payment_keep_their_order() {
    let mut shop = Shop::new();
    let (paid, other, nameless) = (shop.store(1, "T1", 0), shop.store(2, "T2", 1), shop.store(3, "", 1));
    let (cancelled, nameless_too) = (shop.store(4, "T1", 2), shop.store(5, "", 3));
    assert_eq!(shop.due(Due::HandOn, 9), [paid, other, nameless, nameless_too]);
    // The first waits for its next attempt, the second with it, and nothing is due before.
    shop.fail(paid, 0, 9, 100);
    for id in [other, nameless, nameless_too] {
        let one = shop.one(id);
        shop.deliver(&one, 10);
    }
    assert_eq!((shop.due(Due::HandOn, 99), shop.next(Due::HandOn)), (vec![], Some(at(100))));
    let one = shop.one(paid);
    shop.write(|group| group.handed_on(&one, &HandedOn::Dead { handed_to: 0, error: "no" }, at(100)));
    assert_eq!((shop.due(Due::HandOn, 100), shop.next(Due::HandOn)), (vec![cancelled], Some(at(2))));
    // Another merchant's of the same number is another.
    shop.account = account("shop02");
    let theirs = shop.store(6, "T1", 200);
    assert_eq!(shop.due(Due::HandOn, 200), [theirs]);
}

#[test]
fn a_forged_one_does_not_keep_the_true_one_back() {
    let mut shop = Shop::new();
    let (forged, too, real) = (shop.store(1, "T1", 0), shop.store(2, "T1", 1), shop.store(3, "T1", 2));
    assert_eq!(shop.due(Due::HandOn, 9), [forged]);
    for (name, verdict) in [(1, Verdict::Mismatch), (2, Verdict::Foreign), (3, Verdict::Confirmed)] {
        shop.judge(name, verdict, 5, None);
    }
    assert_eq!(shop.due(Due::HandOnVerified, 9), [forged, real]);
    let one = shop.one(forged);
    shop.deliver(&one, 10);
    assert_eq!(shop.due(Due::HandOnVerified, 10), [too, real]);
}

#[test]
fn one_that_nobody_can_confirm_does_not_keep_the_true_one_back() {
    let mut shop = Shop::new();
    let (forged, real, part) = (shop.store(1, "T1", 0), shop.store(2, "T1", 1), shop.store(3, "T1", 2));
    for (name, verdict) in [(1, Verdict::Unlinked), (2, Verdict::Confirmed), (3, Verdict::Unconfirmed)] {
        shop.judge(name, verdict, 5, None);
    }
    assert_eq!(shop.due(Due::HandOnVerified, 9), [forged, real]);
    for id in [forged, real] {
        let one = shop.one(id);
        shop.deliver(&one, 10);
    }
    assert_eq!(shop.due(Due::HandOnVerified, 10), [part]);
}

#[test]
fn a_receiver_that_starts_takes_up_what_waits() {
    let mut shop = Shop::new();
    let (waits, judged) = (shop.store(1, "T1", 0), shop.store(2, "T2", 0));
    shop.write(|group| group.not_judged(waits, at(500)));
    shop.judge(2, Verdict::Unconfirmed, 1, Some(600));
    shop.fail(waits, 0, 1, 700);
    let delivered = shop.one(judged);
    shop.deliver(&delivered, 1);
    let account = shop.account.clone();
    shop.write(|group| group.take_up_notifications(&account, at(50)));
    assert_eq!((shop.due(Due::Verify, 50), shop.due(Due::HandOn, 50)), (vec![waits], vec![waits]));
    // One with a verdict has been answered: its next check is no retry.
    assert_eq!(shop.due(Due::Verify, 600), [waits, judged]);
}

#[test]
fn a_link_that_is_found_has_the_cancels_without_one_checked_again() {
    let mut shop = Shop::new();
    for (name, tid) in [(1, "T1"), (2, "T2"), (3, "T1")] {
        shop.store(name, tid, 0);
    }
    for (name, verdict) in [(1, Verdict::Unlinked), (2, Verdict::Unlinked), (3, Verdict::Confirmed)] {
        shop.judge(name, verdict, 1, None);
    }
    let account = shop.account.clone();
    shop.write(|group| group.link_found(&account, "T1", at(10)).map_err(|error| group.failed(&error)));
    assert_eq!(shop.due(Due::Verify, 10), [1]);
}

#[test]
fn the_link_of_a_transaction_is_known_from_what_cookiepay_told() {
    let mut shop = Shop::new();
    let (account, key) = (shop.account.clone(), "a1B2c3".parse::<UrlKey>().unwrap());
    let payment =
        Payment { result_code: "0000".to_owned(), tid: Some("T1".to_owned()), ..Payment::default() };
    let observation = Observation {
        account: &account,
        url_key: &key,
        payment: &payment,
        at: at(0),
        operator: "kim@counter",
    };
    shop.ledger.group(|group| group.observe(&observation)).unwrap();
    assert_eq!(shop.ledger.url_key_of(&account, "T1").unwrap(), Some(key));
    assert_eq!(shop.ledger.url_key_of(&account, "T2").unwrap(), None);
}

#[test]
fn two_accounts_in_one_ledger_never_see_what_the_other_was_told() {
    let mut shop = Shop::new();
    let key = "a1B2c3".parse::<UrlKey>().unwrap();
    let payment =
        Payment { result_code: "0000".to_owned(), tid: Some("T1".to_owned()), ..Payment::default() };
    let (ours, theirs) = (account("shop01"), account("shop02"));
    let live = Account { environment: "live".to_owned(), ..ours.clone() };
    for (told, account) in [(1, &ours), (1, &ours), (2, &theirs), (2, &ours), (3, &live)] {
        let observation =
            Observation { account, url_key: &key, payment: &payment, at: at(0), operator: "kim@counter" };
        shop.write(|group| group.observe(&observation));
        let sql = "SELECT count(*) FROM events";
        let events: i64 = shop.ledger.connection.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(events, told);
        assert_eq!(shop.ledger.url_key_of(account, "T1").unwrap().as_ref(), Some(&key));
    }
    assert_eq!(shop.ledger.url_key_of(&account("shop03"), "T1").unwrap(), None);
}

#[test]
fn every_part_of_a_filter_counts_and_a_limit_takes_the_newest() {
    let mut shop = Shop::new();
    for (name, tid) in [(1, "T1"), (2, "T2"), (3, "T1"), (4, "T4")] {
        shop.store(name, tid, i64::from(name));
    }
    shop.judge(2, Verdict::Foreign, 9, None);
    let one = shop.one(3);
    shop.deliver(&one, 9);
    let ids = |shop: &Shop, filter: ReceivedFilter| -> Vec<i64> {
        shop.all(&filter).into_iter().map(|received| received.id).collect()
    };
    let all = ReceivedFilter::default;
    assert_eq!(ids(&shop, all()), [1, 2, 3, 4]);
    for (filter, expected) in [
        (ReceivedFilter { id: Some(2), ..all() }, vec![2]),
        (ReceivedFilter { tid: Some("T1".to_owned()), ..all() }, vec![1, 3]),
        (ReceivedFilter { verdict: Some(Verdict::Foreign), ..all() }, vec![2]),
        (ReceivedFilter { handing_on: Some(HandingOn::Delivered), ..all() }, vec![3]),
        (ReceivedFilter { since: Some(at(2)), until: Some(at(4)), ..all() }, vec![2, 3]),
        (ReceivedFilter { limit: Some(2), ..all() }, vec![3, 4]),
        (ReceivedFilter { tid: Some("T1".to_owned()), limit: Some(1), ..all() }, vec![3]),
        (ReceivedFilter { tid: Some("T1".to_owned()), verdict: Some(Verdict::Foreign), ..all() }, vec![]),
    ] {
        assert_eq!(ids(&shop, filter.clone()), expected, "{filter:?}");
    }
    let page = |after, count| -> Vec<i64> {
        let filter = ReceivedFilter { since: Some(at(2)), ..all() };
        let page = shop.ledger.notifications_after(&shop.account, &filter, after, count).unwrap();
        page.into_iter().map(|received| received.id).collect()
    };
    assert_eq!((page(i64::MIN, 2), page(3, 2), page(4, 2)), (vec![2, 3], vec![4], vec![]));
    shop.account = account("shop02");
    assert_eq!(ids(&shop, all()), Vec::<i64>::new());
}

#[test]
fn what_cookiepay_did_not_answer_uses_up_no_check() {
    let mut shop = Shop::new();
    let id = shop.store(1, "T1", 0);
    for second in 0..9 {
        shop.write(|group| group.not_judged(id, at(second)));
    }
    assert_eq!(shop.one(id).verify_tries, 9);
    shop.judge(1, Verdict::Unconfirmed, 10, Some(20));
    assert_eq!(shop.one(id).verify_tries, 1);
    shop.write(|group| group.not_judged(id, at(30)));
    assert_eq!(shop.one(id).verify_tries, 1);
    shop.judge(1, Verdict::Unconfirmed, 40, None);
    assert_eq!(shop.one(id).verify_tries, 2);
}

#[test]
fn a_visitor_may_leave() {
    let mut shop = Shop::new();
    shop.store(1, "T1", 0);
    shop.store(2, "T2", 0);
    let mut seen = 0;
    let read = shop.ledger.each_notification(&shop.account, &ReceivedFilter::default(), |received| {
        seen = received.id;
        ControlFlow::Break(())
    });
    assert!(read.is_ok() && seen == 1);
}

#[test]
fn a_listing_of_many_pages_holds_nothing_open() {
    let mut shop = Shop::new();
    let account = shop.account.clone();
    shop.write(|group| {
        for number in 1..=600_u128 {
            group.store(&Arrival {
                account: &account,
                identity: number.to_le_bytes(),
                kind: "approval",
                tid: None,
                url_key: None,
                body: b"{}",
                at: at(i64::try_from(number).unwrap()),
                handing_on: HandingOn::None,
            })?;
        }
        Ok(())
    });
    let newest = |limit| shop.all(&ReceivedFilter { limit, ..ReceivedFilter::default() });
    assert_eq!(newest(None).len(), 600);
    let ids: Vec<i64> = newest(Some(300)).into_iter().map(|received| received.id).collect();
    assert_eq!(ids, (301..=600).collect::<Vec<i64>>());
    assert_eq!(newest(Some(0)), []);
    let since = ReceivedFilter { since: Some(at(590)), ..ReceivedFilter::default() };
    assert_eq!(shop.all(&since).len(), 11);
    let other = rusqlite::Connection::open(shop.ledger.connection.path().unwrap()).unwrap();
    let mut looked = false;
    let read = shop.ledger.each_notification(&shop.account, &ReceivedFilter::default(), |_| {
        if !looked {
            // With a reader in its way this would answer busy.
            let busy: i64 = other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
            assert_eq!(busy, 0);
            looked = true;
        }
        ControlFlow::Continue(())
    });
    assert!(read.is_ok() && looked);
}
