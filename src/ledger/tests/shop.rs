//! A shop that sells coffee, for the tests of what the ledger remembers of its bills.

use jiff::Timestamp;
use tempfile::TempDir;

use crate::bill::{Bill, RawBill};
use crate::ledger::{
    Account, Attempt, AttemptKind, Entry, Finding, Intended, Intent, Ledger, Settled, Settlement,
};
use crate::payment::{Link, Outcome, Payment};

/// A ledger and the account that is looked at.
pub(in crate::ledger) struct Shop {
    _home: TempDir,
    pub(in crate::ledger) ledger: Ledger,
    pub(in crate::ledger) account: Account,
}

pub(in crate::ledger) fn coffee(bill_no: &str) -> Bill {
    let text = |value: &str| Some(value.to_owned());
    let raw = RawBill {
        bill_no: text(bill_no),
        via: text("sms"),
        product: text("카페"),
        amount: text("4500"),
        buyer: text("홍길동"),
        phone: text("01012345678"),
        etc1: text("table 7"),
        ..RawBill::default()
    };
    raw.parse(None, || unreachable!("it has a number")).unwrap().0
}

pub(in crate::ledger) fn link(url_key: &str) -> Link {
    Link { url_key: url_key.parse().unwrap(), pay_url: None }
}

pub(in crate::ledger) fn paid() -> Payment {
    Payment { result_code: "0000".to_owned(), amount: Some(4500), ..Payment::default() }
}

pub(in crate::ledger) fn settlement(outcome: Outcome) -> Settlement {
    Settlement {
        outcome,
        link: None,
        result_code: None,
        result_message: None,
        reason: None,
        refuses_bill: outcome == Outcome::Refused,
    }
}

impl Shop {
    pub(in crate::ledger) fn new() -> Self {
        let home = TempDir::new().unwrap();
        let ledger = Ledger::open(home.path()).unwrap();
        let account = Account { environment: "sandbox".to_owned(), api_id: "shop01".to_owned() };
        Self { _home: home, ledger, account }
    }

    pub(in crate::ledger) fn intend(&mut self, kind: AttemptKind, bill: &Bill) -> Attempt {
        let intent = Intent {
            kind,
            account: &self.account,
            bill,
            batch: None,
            at: Timestamp::UNIX_EPOCH,
            operator: "kim@till",
            duplicate_window: None,
        };
        match self.ledger.intend(&intent).unwrap() {
            Intended::Fresh(attempt) => attempt,
            other => panic!("{other:?}"),
        }
    }

    /// A coffee whose first request has this outcome.
    pub(in crate::ledger) fn sent(&mut self, bill_no: &str, outcome: Outcome, link: Option<Link>) {
        let attempt = self.intend(AttemptKind::Send, &coffee(bill_no));
        let settlement = Settlement { link, ..settlement(outcome) };
        self.ledger.settle(&attempt, &settlement, Timestamp::UNIX_EPOCH).unwrap();
    }

    pub(in crate::ledger) fn settle(&mut self, bill_no: &str, finding: Finding<'_>) -> Settled {
        let bill_no = bill_no.parse().unwrap();
        self.ledger
            .settle_unknown(&self.account, &bill_no, finding, Timestamp::UNIX_EPOCH, "lee@desk")
            .unwrap()
    }

    pub(in crate::ledger) fn entry(&self, bill_no: &str) -> Entry {
        self.ledger.find(&self.account, &bill_no.parse().unwrap()).unwrap().unwrap()
    }
}
