//! Bills listed: their order, pages and limits.

use std::ops::ControlFlow;

use jiff::Timestamp;
use tempfile::TempDir;

use super::super::{Account, Filter, Ledger};

fn account() -> Account {
    Account { environment: "sandbox".to_owned(), api_id: "shop01".to_owned() }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A ledger of so many bills, three made in each second, and a few of another account between them.
fn ledger(bills: u32) -> (TempDir, Ledger) {
    let home = TempDir::new().unwrap();
    let ledger = Ledger::open(home.path()).unwrap();
    ledger
        .connection
        .execute(
            "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?1)
             INSERT INTO bills (environment, api_id, bill_no, channel, product, amount, buyer, phone, batch, batch_row,
                 outcome, run, url_key, requested_at, created_at, updated_at, operator)
             SELECT 'sandbox', iif(n % 10 = 9, 'shop02', 'shop01'), 'B' || n, 'sms', 'coffee', 1000 + n, 'kim',
                 '01012345678', 'march', n, 'sent', '', 'key' || n, n / 3 * 1000, n / 3 * 1000, 0, 'kim@counter'
             FROM numbers",
            [bills],
        )
        .unwrap();
    (home, ledger)
}

fn numbers(ledger: &Ledger, filter: &Filter) -> Vec<u64> {
    let mut found = Vec::new();
    let read = ledger.each(&account(), filter, |entry| {
        found.push(entry.row.unwrap());
        ControlFlow::Continue(())
    });
    read.unwrap();
    found
}

/// The bills of the account among these.
fn ours(numbers: impl Iterator<Item = u64>) -> Vec<u64> {
    numbers.filter(|number| number % 10 != 9).collect()
}

#[test]
fn a_listing_of_many_pages_has_every_bill_once_in_its_order() {
    let (_home, ledger) = ledger(2_000);
    for filter in [
        Filter::default(),
        Filter { pending: true, ..Filter::default() },
        Filter { batch: Some("march".to_owned()), ..Filter::default() },
        Filter { outcome: Some(crate::payment::Outcome::Sent), ..Filter::default() },
    ] {
        assert_eq!(numbers(&ledger, &filter), ours(0..2_000));
        let since = Filter { since: Some(at(100)), ..filter.clone() };
        assert_eq!(numbers(&ledger, &since), ours(300..2_000));
        let between = Filter { until: Some(at(200)), ..since };
        assert_eq!(numbers(&ledger, &between), ours(300..600));
        for limit in [0, 1, 20, 256, 300] {
            let all = ours(0..2_000);
            let newest = Filter { limit: Some(limit), ..filter.clone() };
            let first = all.len() - usize::try_from(limit).unwrap();
            assert_eq!(numbers(&ledger, &newest), all[first..], "{limit}");
        }
        let more_than_there_are = Filter { limit: Some(5_000), ..filter };
        assert_eq!(numbers(&ledger, &more_than_there_are), ours(0..2_000));
    }
}

#[test]
fn a_listing_holds_nothing_open_between_its_pages() {
    let (_home, ledger) = ledger(600);
    let other = rusqlite::Connection::open(ledger.connection.path().unwrap()).unwrap();
    let mut looked = false;
    let read = ledger.each(&account(), &Filter::default(), |_| {
        // With a reader in its way this would answer busy.
        let busy: i64 = other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
        assert_eq!(busy, 0);
        looked = true;
        ControlFlow::Break(())
    });
    assert!(read.is_ok() && looked);
}
