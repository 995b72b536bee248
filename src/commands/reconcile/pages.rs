//! The bills of which something may still be learnt, a page of them at a time: unknown ones, then those with a link
//! that is neither paid nor cancelled.

use std::collections::HashSet;

use crate::bill::BillNo;
use crate::ledger::{Account, Cursor, Entry, Filter, Ledger, LedgerError};
use crate::payment::{Outcome, PaymentState};

/// Bills that are read at a time.
const PAGE: u32 = 512;

/// The pages that are left.
pub(super) struct Pages {
    /// The filters that are left, the next last, and the place behind which each begins.
    left: Vec<(Filter, Option<Cursor>)>,
    /// Unknown bills that were taken and have an open link now: they would come again.
    taken: HashSet<BillNo>,
}

impl Pages {
    pub(super) fn new(filter: &Filter) -> Self {
        let unknown = Filter { outcome: Some(Outcome::Unknown), ..filter.clone() };
        let open = Filter { pending: true, ..filter.clone() };
        Self { left: vec![(open, None), (unknown, None)], taken: HashSet::new() }
    }

    /// The next of them, at least one; `None` when all were taken.
    pub(super) fn next(
        &mut self,
        account: &Account,
        ledger: &Ledger,
    ) -> Result<Option<Vec<Entry>>, LedgerError> {
        while let Some((filter, after)) = self.left.pop() {
            let page = ledger.page(account, &filter, after, PAGE)?;
            let is_new = |entry: &Entry| !filter.pending || !self.taken.contains(&entry.bill.bill_no);
            let entries: Vec<Entry> = page.entries.into_iter().filter(is_new).collect();
            if let Some(next) = page.next {
                self.left.push((filter, Some(next)));
            }
            if !entries.is_empty() {
                return Ok(Some(entries));
            }
        }
        Ok(None)
    }

    /// Keeps a bill that was taken from coming again.
    pub(super) fn take(&mut self, before: &Entry, after: &Entry) {
        if before.standing.outcome() == Outcome::Unknown && is_open(after) {
            self.taken.insert(after.bill.bill_no.clone());
        }
    }
}

/// Whether the bill has a link that is neither paid nor cancelled, as far as is known.
pub(super) fn is_open(entry: &Entry) -> bool {
    entry.link.is_some() && !entry.state.is_some_and(PaymentState::is_final)
}
