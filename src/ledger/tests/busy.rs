//! Another process keeps the ledger for too long: before a request that is a matter of waiting, after one it
//! is not.

use jiff::Timestamp;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::bill::RawBill;
use crate::ledger::{Account, AttemptKind, Intended, Intent, Ledger, LedgerError, Settlement};
use crate::payment::Outcome;

#[test]
fn a_ledger_that_is_busy_after_a_request_is_no_matter_of_waiting() {
    let home = TempDir::new().unwrap();
    let mut ledger = Ledger::open(home.path()).unwrap().without_patience();
    let text = |text: &str| Some(text.to_owned());
    let raw = RawBill {
        bill_no: text("B1"),
        via: text("sms"),
        product: text("coffee"),
        amount: text("4500"),
        buyer: text("kim"),
        phone: text("01012345678"),
        ..RawBill::default()
    };
    let (bill, _) = raw.parse(None, || unreachable!()).unwrap();
    let account = Account { environment: "live".to_owned(), api_id: "shop01".to_owned() };
    let intent = Intent {
        kind: AttemptKind::Send,
        account: &account,
        bill: &bill,
        batch: None,
        at: Timestamp::UNIX_EPOCH,
        operator: "kim@till",
        duplicate_window: None,
    };
    let other = Connection::open(Ledger::path(home.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let before = ledger.intend(&intent).unwrap_err();
    assert!(matches!(before, LedgerError::Busy { .. }), "{before}");
    other.execute_batch("ROLLBACK").unwrap();
    let Intended::Fresh(attempt) = ledger.intend(&intent).unwrap() else { panic!("the bill is new") };
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let settlement = Settlement {
        outcome: Outcome::Unknown,
        link: None,
        result_code: None,
        result_message: None,
        reason: None,
        refuses_bill: false,
    };
    let after = ledger.settle(&attempt, &settlement, Timestamp::UNIX_EPOCH).unwrap_err();
    assert!(matches!(after, LedgerError::BusyAfterRequest { .. }), "{after}");
}
