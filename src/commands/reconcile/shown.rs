//! What is shown of a reconciliation: the bills of which something changed.

use std::collections::HashSet;

use crate::bill::BillNo;
use crate::error::Error;
use crate::ledger::Entry;
use crate::output::{ReconcileReport, Scope, Sink, Ui};
use crate::payment::PaymentState;

/// What a run found out about bills. Another run may settle them meanwhile.
#[derive(Default)]
pub(super) struct Learnt {
    /// The bills about which `CookiePay` answered.
    pub(super) answered: HashSet<BillNo>,
    /// The bills whose outcome the run found out.
    pub(super) settled: HashSet<BillNo>,
}

/// An open list of changes.
pub(super) struct Shown<'ui> {
    sink: Sink<'ui>,
    /// How many changes are in it.
    pub(super) changed: u64,
}

impl<'ui> Shown<'ui> {
    pub(super) fn open(scope: &Scope, ui: &'ui mut Ui) -> Self {
        Self { sink: ui.sink::<ReconcileReport>(scope), changed: 0 }
    }

    /// Shows what the run found to be otherwise with this bill, if anything is.
    pub(super) fn add(&mut self, before: &Entry, after: &Entry, learnt: &Learnt) -> Result<(), Error> {
        if let Some(report) = difference(before, after, learnt) {
            self.changed = self.changed.saturating_add(1);
            self.sink.push(&report)?;
        }
        Ok(())
    }

    /// See [`Sink::flush_records`].
    pub(super) fn flush_records(&mut self) -> Result<(), Error> {
        Ok(self.sink.flush_records()?)
    }

    /// Closes the list, of so many bills about which `CookiePay` answered and so many that are unknown still, and
    /// returns how many changed.
    pub(super) fn finish(self, answers: u64, unknown: u64) -> Result<u64, Error> {
        let Self { sink, changed } = self;
        sink.finish(&serde_json::json!({ "answers": answers, "changed": changed, "unknown": unknown }))?;
        Ok(changed)
    }
}

/// What the run found to be otherwise, if anything is.
fn difference(before: &Entry, after: &Entry, learnt: &Learnt) -> Option<ReconcileReport> {
    let number = &after.bill.bill_no;
    let (is_settled, outcome) = (learnt.settled.contains(number), after.standing.outcome());
    if !is_settled && !learnt.answered.contains(number) {
        return None;
    }
    let outcome_before = if is_settled { before.standing.outcome() } else { outcome };
    if outcome_before == outcome && before.state == after.state {
        return None;
    }
    Some(ReconcileReport {
        bill_no: after.bill.bill_no.to_string(),
        url_key: after.link.as_ref().map(|link| link.url_key.to_string()),
        pay_url: after.link.as_ref().and_then(|link| link.pay_url.clone()),
        outcome: outcome.as_str(),
        state: after.state.map(PaymentState::as_str),
        outcome_before: outcome_before.as_str(),
        state_before: before.state.map(PaymentState::as_str),
    })
}
