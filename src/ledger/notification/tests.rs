//! Notifications in a ledger of their own: stored, checked, queued, handed on, listed.

use std::ops::ControlFlow;

use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::ledger::{Ledger, Observation};
use crate::payment::{Payment, UrlKey};

/// A store and the account that is looked at.
struct Shop {
    home: TempDir,
    store: NotificationStore,
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
        let store = NotificationStore::open(home.path()).unwrap();
        Self { home, store, account: account("shop01") }
    }

    fn write<T>(&mut self, work: impl FnOnce(&mut NotificationGroup<'_>) -> Result<T, LedgerError>) -> T {
        self.store.group(work).unwrap()
    }

    /// Stores one that is to be handed on, of this `TID`, at this second.
    fn store(&mut self, name: u8, tid: &str, second: i64) -> i64 {
        match self.arrive(name, tid, second, HandingOn::Pending) {
            Stored::New(id) => id,
            other => panic!("{other:?}"),
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
                rank: Rank::Known,
                is_needed: false,
                limit: u64::MAX,
                body: &[name],
                at: at(second),
                verify_at: Some(at(second)),
                handing_on,
            })
        })
    }

    fn arrive_as(&mut self, name: u8, tid: &str, url_key: Option<&str>, rank: Rank, second: i64) {
        let account = self.account.clone();
        let stored = self.write(|group| {
            group.store(&Arrival {
                account: &account,
                identity: [name; 16],
                kind: "approval",
                tid: Some(tid),
                url_key,
                rank,
                is_needed: false,
                limit: u64::MAX,
                body: &[name],
                at: at(second),
                verify_at: Some(at(second)),
                handing_on: HandingOn::Pending,
            })
        });
        assert!(matches!(stored, Stored::New(_)), "{stored:?}");
    }

    /// Stores one that nobody asked to check, or a copy of it.
    fn arrive_unasked(&mut self, name: u8, second: i64) -> Stored {
        let account = self.account.clone();
        self.write(|group| {
            group.store(&Arrival {
                account: &account,
                identity: [name; 16],
                kind: "approval",
                tid: None,
                url_key: None,
                rank: Rank::Known,
                is_needed: false,
                limit: u64::MAX,
                body: &[name],
                at: at(second),
                verify_at: None,
                handing_on: HandingOn::None,
            })
        })
    }

    fn unasked(&self) -> i64 {
        self.store.connection.query_row("SELECT unasked FROM totals", [], |row| row.get(0)).unwrap()
    }

    fn judge(&mut self, name: u8, verdict: Verdict, second: i64, again: Option<i64>) {
        let reasons = [format!("because of {verdict}")];
        self.write(|group| group.judged(&[name; 16], verdict, &reasons, at(second), again.map(at)));
    }

    fn due(&self, due: Due, second: i64) -> Vec<i64> {
        let due = self.store.due_notifications(&self.account, due, at(second), 100).unwrap();
        due.into_iter().map(|received| received.id).collect()
    }

    fn to_check(&self, second: i64) -> Vec<i64> {
        let due = self.store.due_checks(&self.account, Rank::Known, at(second), 100).unwrap();
        due.into_iter().map(|received| received.id).collect()
    }

    fn next_check(&self) -> Option<Timestamp> {
        self.store.next_check(&self.account, Rank::Known).unwrap()
    }

    fn next(&self, due: Due) -> Option<Timestamp> {
        self.store.next_due(&self.account, due).unwrap()
    }

    fn all(&self, filter: &ReceivedFilter) -> Vec<Received> {
        let mut found = Vec::new();
        let read = self.store.each_notification(&self.account, filter, |received| {
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

    fn fail(&mut self, id: i64, handed_to: &[&str], second: i64, next: i64) {
        let received = self.one(id);
        let handed_to: Vec<String> = handed_to.iter().map(|&target| target.to_owned()).collect();
        let result = HandedOn::Again { handed_to: &handed_to, next: at(next), error: "no" };
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
    let failed: Result<(), LedgerError> = shop.store.group(|group| {
        group.store(&Arrival {
            account: &account,
            identity: [1; 16],
            kind: "approval",
            tid: None,
            url_key: None,
            rank: Rank::Known,
            is_needed: false,
            limit: u64::MAX,
            body: b"",
            at: at(0),
            verify_at: Some(at(0)),
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
    assert_eq!((shop.to_check(9), shop.to_check(10)), (vec![], vec![id]));
    shop.write(|group| group.not_judged(id, at(20)));
    assert_eq!((shop.to_check(19), shop.next_check()), (vec![], Some(at(20))));
    assert_eq!((shop.one(id).verify_tries, shop.one(id).verdict), (1, None));
    shop.judge(1, Verdict::Unconfirmed, 20, Some(50));
    assert_eq!((shop.to_check(49), shop.to_check(50)), (vec![], vec![id]));
    shop.judge(1, Verdict::Confirmed, 50, None);
    assert_eq!((shop.to_check(9999), shop.next_check()), (vec![], None));
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
    assert_eq!(shop.store.confirmation(&[7; 16]).unwrap(), None);
    for (values, second) in [("{}", 1), ("[]", 2)] {
        shop.write(|group| group.confirm(&[7; 16], Some(values), at(second)));
    }
    assert_eq!(shop.store.confirmation(&[7; 16]).unwrap(), Some(Some("{}".to_owned())));
    assert_eq!(shop.store.confirmation(&[8; 16]).unwrap(), None);
}

#[test]
fn a_first_verdict_lets_one_go_and_another_has_it_handed_on_again() {
    let mut shop = Shop::new();
    let id = shop.store(1, "T1", 0);
    assert_eq!((shop.due(Due::HandOn, 0), shop.due(Due::HandOnVerified, 0)), (vec![id], vec![]));
    assert_eq!(shop.next(Due::HandOnVerified), None);
    shop.judge(1, Verdict::Unlinked, 1, None);
    assert_eq!((shop.due(Due::HandOnVerified, 1), shop.next(Due::HandOnVerified)), (vec![id], Some(at(0))));
    shop.fail(id, &["a"], 2, 10);
    let one = shop.one(id);
    shop.deliver(&one, 10);
    assert_eq!((shop.one(id).handing_on, shop.due(Due::HandOnVerified, 99)), (HandingOn::Delivered, vec![]));
    // The same verdict again is no news.
    shop.judge(1, Verdict::Unlinked, 20, None);
    assert_eq!(shop.one(id).handing_on, HandingOn::Delivered);
    shop.judge(1, Verdict::Confirmed, 30, None);
    let one = shop.one(id);
    assert_eq!((one.handing_on, one.hand_on_at, one.handed_to), (HandingOn::Pending, Some(at(30)), vec![]));
    assert_eq!((one.hand_on_tries, one.hand_on_error, one.handed_on_at), (0, None, Some(at(10))));
}

#[test]
fn another_verdict_brings_a_dead_one_back_but_none_that_nobody_asked_for() {
    let mut shop = Shop::new();
    let id = shop.store(1, "T1", 0);
    shop.judge(1, Verdict::Unconfirmed, 1, None);
    let one = shop.one(id);
    shop.write(|group| {
        group.handed_on(&one, &HandedOn::Dead { handed_to: &["a".to_owned()], error: "no" }, at(2))
    });
    let one = shop.one(id);
    assert_eq!(
        (one.handing_on, one.hand_on_at, one.handed_to),
        (HandingOn::Dead, None, vec!["a".to_owned()])
    );
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
        group.handed_on(&read, &HandedOn::Again { handed_to: &[], next: at(500), error: "no" }, at(4))
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
    shop.write(|group| group.handed_on(&read, &HandedOn::Dead { handed_to: &[], error: "no" }, at(8)));
    assert_eq!(shop.one(id).handing_on, HandingOn::Delivered);
}

#[test]
fn attempts_in_vain_are_counted_and_who_has_it_is_remembered() {
    let mut shop = Shop::new();
    let id = shop.store(1, "T1", 0);
    shop.fail(id, &[], 1, 10);
    shop.fail(id, &["b"], 10, 30);
    let one = shop.one(id);
    assert_eq!((&one.handed_to, one.hand_on_tries, one.hand_on_at), (&vec!["b".to_owned()], 2, Some(at(30))));
    assert_eq!((one.hand_on_error.as_deref(), shop.next(Due::HandOn)), (Some("no"), Some(at(30))));
    assert_eq!((shop.due(Due::HandOn, 29), shop.due(Due::HandOn, 30)), (vec![], vec![id]));
    shop.deliver(&one, 30);
    assert_eq!((shop.one(id).hand_on_tries, shop.one(id).hand_on_error), (2, None));
    shop.write(|group| group.hand_on_again(id, at(40)));
    let one = shop.one(id);
    assert_eq!((one.handing_on, one.handed_to, one.hand_on_tries), (HandingOn::Pending, vec![], 0));
    assert_eq!(shop.due(Due::HandOn, 40), [id]);
}

#[test]
fn those_of_one_payment_keep_their_order() {
    let mut shop = Shop::new();
    let (paid, other, nameless) = (shop.store(1, "T1", 0), shop.store(2, "T2", 1), shop.store(3, "", 1));
    let (cancelled, nameless_too) = (shop.store(4, "T1", 2), shop.store(5, "", 3));
    assert_eq!(shop.due(Due::HandOn, 9), [paid, other, nameless, nameless_too]);
    // The first waits for its next attempt, the second with it, and nothing is due before.
    shop.fail(paid, &[], 9, 100);
    for id in [other, nameless, nameless_too] {
        let one = shop.one(id);
        shop.deliver(&one, 10);
    }
    assert_eq!((shop.due(Due::HandOn, 99), shop.next(Due::HandOn)), (vec![], Some(at(100))));
    let one = shop.one(paid);
    shop.write(|group| group.handed_on(&one, &HandedOn::Dead { handed_to: &[], error: "no" }, at(100)));
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
    assert_eq!(shop.due(Due::HandOnVerified, 9), [real, forged]);
    let one = shop.one(forged);
    shop.deliver(&one, 10);
    assert_eq!(shop.due(Due::HandOnVerified, 10), [real, too]);
}

#[test]
fn one_that_nobody_can_confirm_does_not_keep_the_true_one_back() {
    let mut shop = Shop::new();
    let (forged, real, part) = (shop.store(1, "T1", 0), shop.store(2, "T1", 1), shop.store(3, "T1", 2));
    for (name, verdict) in [(1, Verdict::Unlinked), (2, Verdict::Confirmed), (3, Verdict::Unconfirmed)] {
        shop.judge(name, verdict, 5, None);
    }
    assert_eq!(shop.due(Due::HandOnVerified, 9), [real, forged]);
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
    shop.fail(waits, &[], 1, 700);
    let delivered = shop.one(judged);
    shop.deliver(&delivered, 1);
    let account = shop.account.clone();
    shop.write(|group| group.take_up_notifications(&account, at(50)));
    assert_eq!((shop.to_check(50), shop.due(Due::HandOn, 50)), (vec![waits], vec![waits]));
    // One with a verdict has been answered: its next check is no retry.
    assert_eq!(shop.to_check(600), [waits, judged]);
}

#[test]
fn one_whose_link_the_ledger_learns_of_is_checked_now_and_before_others() {
    let mut shop = Shop::new();
    for (name, tid) in [(1, "T1"), (2, "T2")] {
        shop.arrive_as(name, tid, None, Rank::Hopeless, 0);
    }
    shop.judge(1, Verdict::Unlinked, 1, Some(500));
    shop.judge(2, Verdict::Foreign, 1, None);
    let waiting = shop.store.unrecognised(&shop.account, i64::MIN, 9).unwrap();
    let one = Unrecognised { id: 1, url_key: None, tid: Some("T1".to_owned()), is_cancel: false };
    assert_eq!(waiting, [one]);
    shop.write(|group| {
        group.recognised(1, "K1", at(10))?;
        // What needs no check any more stays as it is.
        group.recognised(2, "K2", at(10))
    });
    assert_eq!((shop.to_check(9), shop.to_check(10)), (vec![], vec![1]));
    assert_eq!(shop.one(1).url_key.as_deref(), Some("K1"));
    assert_eq!(shop.store.unrecognised(&shop.account, i64::MIN, 9).unwrap(), []);
}

#[test]
fn the_link_of_a_transaction_is_known_from_what_cookiepay_told() {
    let shop = Shop::new();
    let mut ledger = Ledger::open(shop.home.path()).unwrap();
    let (account, key) = (shop.account.clone(), "a1B2c3".parse::<UrlKey>().unwrap());
    let payment =
        Payment { result_code: "0000".to_owned(), tid: Some("T1".to_owned()), ..Payment::default() };
    bill(&ledger, "a1B2c3", &account);
    let observation = Observation {
        account: &account,
        url_key: &key,
        payment: &payment,
        at: at(0),
        operator: "kim@counter",
    };
    ledger.group(|group| group.observe(&observation)).unwrap();
    assert_eq!(ledger.url_key_of(&account, "T1").unwrap(), Some(key));
    assert_eq!(ledger.url_key_of(&account, "T2").unwrap(), None);
    let other = self::account("shop02");
    assert_eq!(ledger.url_key_of(&other, "T1").unwrap(), None);
    let of = |url_key, tid| Named { url_key, tid };
    let named = [of(Some("a1B2c3"), None), of(None, Some("T1")), of(Some("zzz"), Some("T1")), of(None, None)];
    let known = Some("a1B2c3".to_owned());
    assert_eq!(ledger.links_of(&account, &named).unwrap(), [known.clone(), known, None, None]);
    assert_eq!(ledger.links_of(&other, &named).unwrap(), [None, None, None, None]);
}

#[test]
fn two_accounts_in_one_ledger_never_see_what_the_other_was_told() {
    let shop = Shop::new();
    let mut ledger = Ledger::open(shop.home.path()).unwrap();
    let key = "a1B2c3".parse::<UrlKey>().unwrap();
    let payment =
        Payment { result_code: "0000".to_owned(), tid: Some("T1".to_owned()), ..Payment::default() };
    let (ours, theirs) = (account("shop01"), account("shop02"));
    let live = Account { environment: "live".to_owned(), ..ours.clone() };
    for (told, account) in [(1, &ours), (1, &ours), (2, &theirs), (2, &ours), (3, &live)] {
        let observation =
            Observation { account, url_key: &key, payment: &payment, at: at(0), operator: "kim@counter" };
        ledger.group(|group| group.observe(&observation)).unwrap();
        let sql = "SELECT count(*) FROM events";
        let events: i64 = ledger.connection.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(events, told);
        assert_eq!(ledger.url_key_of(account, "T1").unwrap().as_ref(), Some(&key));
    }
    assert_eq!(ledger.url_key_of(&account("shop03"), "T1").unwrap(), None);
}

/// A bill with this link, as the ledger has it.
fn bill(ledger: &Ledger, url_key: &str, account: &Account) {
    ledger
        .connection
        .execute(
            "INSERT INTO bills (environment, api_id, bill_no, channel, product, amount, buyer, phone, outcome, run,
                 url_key, requested_at, created_at, updated_at, operator)
             VALUES (?1, ?2, ?3, 'sms', 'coffee', 1, 'kim', '01012345678', 'sent', 'r', ?3, 0, 0, 0, 'kim')",
            (&account.environment, &account.api_id, url_key),
        )
        .unwrap();
}

#[test]
fn a_copy_has_it_checked_but_uses_up_no_scheduled_check() {
    let mut shop = Shop::new();
    let id = shop.store(1, "T1", 0);
    shop.judge(1, Verdict::Unconfirmed, 0, Some(10));
    for second in 1..9 {
        shop.arrive(1, "T1", second, HandingOn::Pending);
        assert_eq!(shop.to_check(second), [id]);
        shop.judge(1, Verdict::Unconfirmed, second, Some(second + 60));
        assert!(shop.to_check(second).is_empty());
    }
    assert_eq!((shop.one(id).verify_tries, shop.one(id).recheck_at), (1, Some(at(10))));
    assert_eq!(shop.to_check(10), [id]);
    shop.judge(1, Verdict::Unconfirmed, 10, Some(70));
    assert_eq!((shop.one(id).verify_tries, shop.next_check()), (2, Some(at(70))));
    // One that came true needs no more.
    shop.judge(1, Verdict::Confirmed, 20, None);
    assert_eq!((shop.next_check(), shop.one(id).recheck_at), (None, None));
}

#[test]
fn links_take_their_turn() {
    let mut shop = Shop::new();
    for (name, link, second) in [(1, "K1", 0), (2, "K1", 1), (3, "K2", 5), (4, "K3", 2)] {
        shop.arrive_as(name, "T1", Some(link), Rank::Known, second);
    }
    shop.arrive_as(5, "T1", Some("K0"), Rank::Other, 0);
    shop.judge(4, Verdict::Mismatch, 3, None);
    let next = |after: &str| shop.store.next_link(&shop.account, after).unwrap();
    let due = |url_key: &str, second| Some(DueLink { url_key: url_key.to_owned(), at: at(second) });
    assert_eq!((next(""), next("K1"), next("K2")), (due("K1", 0), due("K2", 5), None));
    let of = |url_key, second| -> Vec<i64> {
        let found = shop.store.due_of_link(&shop.account, url_key, at(second), 9).unwrap();
        found.into_iter().map(|received| received.id).collect()
    };
    assert_eq!((of("K1", 0), of("K1", 1), of("K2", 4), of("K0", 9)), (vec![1], vec![1, 2], vec![], vec![]));
}

#[test]
fn what_is_confirmed_is_handed_on_first_and_what_may_be_before_what_cannot() {
    let mut shop = Shop::new();
    for (name, rank) in [(1, Rank::Hopeless), (2, Rank::Other), (3, Rank::Known)] {
        shop.arrive_as(name, &format!("T{name}"), None, rank, 0);
    }
    assert_eq!(shop.due(Due::HandOn, 0), [3, 2, 1]);
    shop.judge(1, Verdict::Foreign, 1, None);
    shop.judge(3, Verdict::Mismatch, 1, None);
    shop.judge(2, Verdict::Unconfirmed, 1, Some(9));
    assert_eq!(shop.due(Due::HandOnVerified, 1), [2, 1, 3]);
    shop.judge(2, Verdict::Confirmed, 2, None);
    assert_eq!(shop.due(Due::HandOnVerified, 2), [2, 1, 3]);
    assert_eq!(shop.due(Due::HandOnConfirmed, 2), [2]);
    let first = shop.store.first_due(&shop.account, Due::HandOnVerified, at(2), 9).unwrap();
    assert_eq!(
        first.iter().map(|received| (received.id, received.comes_first)).collect::<Vec<_>>(),
        [(2, true)]
    );
}

#[test]
fn what_waits_unchecked_under_the_same_tid_and_of_no_link_of_ours_holds_nothing_back() {
    let mut shop = Shop::new();
    shop.arrive_as(1, "T1", Some("FORGED"), Rank::Other, 0);
    shop.arrive_as(2, "T1", Some("FORGED"), Rank::Known, 0);
    shop.arrive_as(3, "T1", Some("K1"), Rank::Known, 1);
    shop.judge(3, Verdict::Confirmed, 2, None);
    assert_eq!(shop.due(Due::HandOnVerified, 2), [3]);
    assert_eq!(shop.due(Due::HandOnConfirmed, 2), [3]);
    // An earlier one of the same link is waited for.
    shop.arrive_as(4, "T1", Some("K1"), Rank::Known, 3);
    shop.arrive_as(5, "T1", None, Rank::Known, 4);
    let one = shop.one(3);
    shop.deliver(&one, 5);
    shop.judge(5, Verdict::Confirmed, 5, None);
    assert!(shop.due(Due::HandOnConfirmed, 9).is_empty());
    shop.judge(2, Verdict::Mismatch, 6, None);
    shop.judge(4, Verdict::Mismatch, 6, None);
    assert_eq!(shop.due(Due::HandOnConfirmed, 9), [5]);
}

#[test]
fn beyond_the_limit_only_what_is_needed_is_taken_and_not_any_number_of_one_link() {
    let mut shop = Shop::new();
    let body = [0; 488];
    let account = shop.account.clone();
    let mut arrive = |name: u8, is_needed, url_key| {
        let arrival = Arrival {
            account: &account,
            identity: [name; 16],
            kind: "approval",
            tid: None,
            url_key: Some(url_key),
            rank: Rank::Known,
            is_needed,
            limit: 2_000,
            body: &body,
            at: at(0),
            verify_at: Some(at(0)),
            handing_on: HandingOn::None,
        };
        shop.store.group(|group| group.store(&arrival)).unwrap()
    };
    // Each takes 1,000 bytes.
    assert_eq!((arrive(1, false, "K1"), arrive(2, false, "K2")), (Stored::New(1), Stored::New(2)));
    assert_eq!((arrive(3, false, "K3"), arrive(1, false, "K1")), (Stored::Full, Stored::Copy(1)));
    assert_eq!(arrive(4, true, "K4"), Stored::New(3));
    let taken = (10..=255).filter(|name| arrive(*name, true, "K5") != Stored::Full).count();
    assert_eq!((taken, arrive(5, true, "K6")), (64, Stored::New(68)));
    // What is confirmed counts no more, and the count outlives the process.
    for name in 10..=73 {
        shop.judge(name, Verdict::Confirmed, 1, None);
    }
    for name in [1, 2, 4] {
        shop.judge(name, Verdict::Confirmed, 1, None);
    }
    shop.store = NotificationStore::open(shop.home.path()).unwrap();
    let total: i64 = shop
        .store
        .connection
        .query_row("SELECT unconfirmed_bytes FROM totals", [], |row| row.get(0))
        .unwrap();
    assert_eq!(total, 1_000);
}

#[test]
fn every_notification_has_a_key_of_its_own() {
    let mut keys = std::collections::BTreeSet::new();
    for _ in 0..2 {
        let mut shop = Shop::new();
        for name in 1..=3 {
            let id = shop.store(name, "T1", 0);
            keys.insert(shop.one(id).key);
        }
        assert_eq!(shop.one(1).key, shop.one(1).key);
    }
    assert_eq!(keys.len(), 6);
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
        let page = shop.store.notifications_after(&shop.account, &filter, after, count).unwrap();
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
    let read = shop.store.each_notification(&shop.account, &ReceivedFilter::default(), |received| {
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
                rank: Rank::Other,
                is_needed: false,
                limit: u64::MAX,
                body: b"{}",
                at: at(i64::try_from(number).unwrap()),
                verify_at: Some(at(i64::try_from(number).unwrap())),
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
    let other = rusqlite::Connection::open(shop.store.connection.path().unwrap()).unwrap();
    let mut looked = false;
    let read = shop.store.each_notification(&shop.account, &ReceivedFilter::default(), |_| {
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

#[test]
fn what_nobody_asked_to_check_waits_for_no_check_until_somebody_does() {
    let mut shop = Shop::new();
    for name in 1..=3 {
        assert_eq!(shop.arrive_unasked(name, 0), Stored::New(name.into()));
    }
    assert_eq!((shop.next_check(), shop.to_check(100), shop.unasked()), (None, vec![], 3));
    // Checked from a file meanwhile.
    shop.judge(2, Verdict::Mismatch, 1, None);
    let (account, other) = (shop.account.clone(), account("shop02"));
    shop.write(|group| group.check_unasked(&other, at(5)));
    assert_eq!((shop.to_check(100), shop.unasked()), (vec![], 2));
    shop.write(|group| group.check_unasked(&account, at(5)));
    assert_eq!((shop.next_check(), shop.to_check(5), shop.unasked()), (Some(at(5)), vec![1, 3], 0));
}

#[test]
fn a_copy_that_nobody_asked_to_check_leaves_the_schedule_as_it_is() {
    let mut shop = Shop::new();
    shop.store(1, "T1", 0);
    shop.judge(1, Verdict::Unconfirmed, 1, Some(11));
    assert_eq!(shop.arrive_unasked(1, 2), Stored::Copy(1));
    assert_eq!(shop.next_check(), Some(at(11)));
}
