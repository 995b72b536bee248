//! What came of a bill, as a report and a verdict: `send`, `resend`, `reconcile`.

use crate::bill::Bill;
use crate::delivery::{DeliveryError, Receipt, RowEnd};
use crate::error::{Error, ErrorKind};
use crate::ledger::{Entry, Standing};
use crate::output::{SendReport, Step, Ui};
use crate::payment::{Outcome, PaymentState};

use super::failure;
use super::time::rfc3339;

/// What becomes of the command beside its report: nothing, or why it fails.
pub(super) type Verdict = Result<(), Error>;

/// The report of a request that was made, and whether it failed.
pub(super) fn of_receipt(bill: &Bill, receipt: &Receipt) -> (SendReport, Verdict) {
    let settlement = &receipt.settlement;
    let report = SendReport {
        outcome: settlement.outcome.as_str(),
        url_key: settlement.link.as_ref().map(|link| link.url_key.to_string()),
        pay_url: settlement.link.as_ref().and_then(|link| link.pay_url.clone()),
        result_code: settlement.result_code.clone(),
        result_message: settlement.result_message.clone(),
        requested_at: Some(rfc3339(receipt.requested_at)),
        ..report_of(bill)
    };
    let verdict =
        receipt.failure.as_ref().map_or(Ok(()), |error| Err(failure::of_send(bill.bill_no.as_str(), error)));
    (report, verdict)
}

/// The report of a row of a batch, and whether it failed.
pub(super) fn of_row(bill: &Bill, end: &RowEnd) -> (SendReport, Verdict) {
    let number = bill.bill_no.as_str();
    match end {
        RowEnd::Answered(receipt) => of_receipt(bill, receipt),
        RowEnd::Known(entry) => {
            let (report, verdict) = known(entry);
            (SendReport { outcome: row_outcome(entry), ..report }, verdict)
        }
        RowEnd::OtherContent(fields) => {
            let error = DeliveryError::OtherContent { bill_no: bill.bill_no.clone(), fields: fields.clone() };
            (not_sent(bill), Err(error.into()))
        }
        RowEnd::Duplicate(bill_no, requested_at) => {
            let error = DeliveryError::Duplicate { bill_no: bill_no.clone(), requested_at: *requested_at };
            (not_sent(bill), Err(error.into()))
        }
        RowEnd::NotRecorded(receipt, reason) => {
            let answer = &receipt.settlement;
            let message =
                format!("bill `{number}` was requested, {answer}, and it could not be recorded: {reason}");
            (unrecorded(bill, receipt), Err(failure::not_recorded(number, receipt, message)))
        }
    }
}

/// What the ledger does not hold is unknown, whatever the answer was; its link is shown all the same.
pub(super) fn unrecorded(bill: &Bill, receipt: &Receipt) -> SendReport {
    SendReport { outcome: Outcome::Unknown.as_str(), ..of_receipt(bill, receipt).0 }
}

fn not_sent(bill: &Bill) -> SendReport {
    SendReport { outcome: Outcome::NotSent.as_str(), ..report_of(bill) }
}

/// A bill that the ledger knows is shown as it is known, and not sent again.
pub(super) fn of_entry(entry: &Entry, ui: &mut Ui) -> (SendReport, Verdict) {
    let (report, verdict) = known(entry);
    if verdict.is_ok() {
        let when = rfc3339(entry.requested_at);
        let number = &entry.bill.bill_no;
        if let Some(state) = entry.state.filter(|state| state.is_final()) {
            ui.status(&format!(
                "bill `{number}` of {when} is {state}, and its link cannot be paid any more; it was not sent again"
            ));
        } else if entry.standing == Standing::Settled(Outcome::Linked) {
            ui.status(&format!("bill `{number}` of {when} has its link; it was not sent again"));
            ui.hint(&format!(
                "whether the customer was messaged is unproved: `cookiepay resend {number}` does it"
            ));
        } else {
            ui.status(&format!("bill `{number}` was sent at {when}; it was not sent again"));
        }
    }
    (report, verdict)
}

/// The report of a bill that the ledger knows, and what it is worth.
pub(super) fn known(entry: &Entry) -> (SendReport, Verdict) {
    let bill_no = entry.bill.bill_no.as_str();
    let when = rfc3339(entry.requested_at);
    let verdict = match entry.standing {
        Standing::Settled(Outcome::Unknown) => Err(failure::unknown(
            bill_no,
            format!("bill `{bill_no}` of {when} had no trustworthy answer; it was not sent again"),
        )),
        Standing::Lost => Err(failure::unknown(
            bill_no,
            format!("bill `{bill_no}` of {when} was in flight when the program died; it was not sent again"),
        )),
        Standing::InFlight => {
            Err(Error::new(ErrorKind::Busy, format!("another run is sending bill `{bill_no}` right now"))
                .hint("wait for it to end, then type the same command again")
                .about(bill_no, Some(Outcome::Unknown.as_str())))
        }
        Standing::Settled(_) => Ok(()),
    };
    // A link is good for one payment: that of a paid or cancelled bill is not handed out.
    let is_payable = !entry.state.is_some_and(PaymentState::is_final);
    let report = SendReport {
        outcome: shown_outcome(entry),
        url_key: entry.link.as_ref().map(|link| link.url_key.to_string()),
        pay_url: entry.link.as_ref().and_then(|link| link.pay_url.clone()).filter(|_| is_payable),
        result_code: entry.result_code.clone(),
        result_message: entry.result_message.clone(),
        batch: entry.batch.clone(),
        row: entry.row,
        requested_at: Some(when),
        ..report_of(&entry.bill)
    };
    (report, verdict)
}

/// What `send` calls a bill that was sent before.
pub(super) const ALREADY_SENT: &str = "already_sent";

/// The outcome as `send` shows it of a bill it does not send again.
pub(super) fn shown_outcome(entry: &Entry) -> &'static str {
    match entry.standing.outcome() {
        Outcome::Sent | Outcome::Created | Outcome::Linked => ALREADY_SENT,
        other => other.as_str(),
    }
}

/// The outcome as a batch shows it of a row that it does not send again: whether the customer of a linked
/// bill was messaged is unproved, so it is not said to be sent.
pub(super) fn row_outcome(entry: &Entry) -> &'static str {
    match entry.standing {
        Standing::Settled(Outcome::Linked) => Outcome::Linked.as_str(),
        _ => shown_outcome(entry),
    }
}

/// What a report takes from the bill itself.
pub(super) fn report_of(bill: &Bill) -> SendReport {
    SendReport {
        outcome: Outcome::Unknown.as_str(),
        bill_no: bill.bill_no.to_string(),
        url_key: None,
        pay_url: None,
        via: bill.channel.as_str(),
        amount: bill.amount.won(),
        product: bill.product.to_string(),
        buyer: bill.buyer.to_string(),
        result_code: None,
        result_message: None,
        etc1: bill.etc1.as_ref().map(ToString::to_string),
        etc2: bill.etc2.as_ref().map(ToString::to_string),
        batch: None,
        row: None,
        requested_at: None,
    }
}

/// What came of a bill, as the progress counts it.
pub(super) fn step(verdict: &Verdict) -> Step {
    match verdict {
        Ok(()) => Step::Done,
        Err(error) if error.kind == ErrorKind::OutcomeUnknown => Step::Unknown,
        Err(_) => Step::Refused,
    }
}

/// How many bills a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subjects {
    /// One: its failure is the command's.
    One,
    /// Many: refused and unsent ones together are partial.
    Many,
}

/// What went wrong with several bills: of each kind the first, and how many there were.
#[derive(Default)]
pub(super) struct Failures {
    first: Vec<Error>,
    refused_or_unsent: u64,
    /// The first bill that was not messaged, since it could not be asked whether it was paid, and how many there were.
    unasked: Option<(Error, u64)>,
    /// What kept the run itself from going on.
    of_run: Option<Error>,
}

impl Failures {
    /// Takes one more.
    pub(super) fn add(&mut self, error: Error) {
        if is_partial(error.kind) {
            self.refused_or_unsent = self.refused_or_unsent.saturating_add(1);
        }
        if self.first.iter().all(|first| first.kind != error.kind) {
            self.first.push(error);
        }
    }

    /// Takes a bill that has its link and was not messaged, since it could not be asked whether it was paid.
    pub(super) fn add_unasked(&mut self, error: Error) {
        match &mut self.unasked {
            Some((_, count)) => *count = count.saturating_add(1),
            None => self.unasked = Some((error, 1)),
        }
    }

    /// Takes what kept the run itself from going on.
    pub(super) fn add_of_run(&mut self, error: Error) {
        if matches!(error.kind, ErrorKind::Storage | ErrorKind::OutcomeUnknown | ErrorKind::Auth) {
            self.add(error);
        } else {
            self.of_run.get_or_insert(error);
        }
    }

    /// The failure that decides the exit code (CONTRACT section 9): storage, unknown outcomes and
    /// credentials, then what kept the run itself from going on, then refused and unsent bills.
    pub(super) fn verdict(mut self, subjects: Subjects) -> Verdict {
        let order = [ErrorKind::Storage, ErrorKind::OutcomeUnknown, ErrorKind::Auth];
        let worst =
            order.into_iter().find_map(|kind| self.first.iter().position(|failure| failure.kind == kind));
        if let (None, Some(error)) = (worst, self.of_run.take()) {
            return Err(error);
        }
        let place = worst
            .or_else(|| self.first.iter().position(|failure| !is_partial(failure.kind)))
            .unwrap_or_default();
        if place >= self.first.len() {
            return self.unasked.map_or(Ok(()), |(first, count)| Err(of_unasked(first, count)));
        }
        let failure = self.first.swap_remove(place);
        if subjects == Subjects::One || !is_partial(failure.kind) {
            return Err(failure);
        }
        let message = match self.refused_or_unsent {
            1 => format!("a bill was refused or not sent: {failure}"),
            many => format!("{many} bills were refused or not sent; the first: {failure}"),
        };
        let partial = Error::new(ErrorKind::Partial, message)
            .hint("stdout names them; the same command tries them again");
        Err(Error { bill_no: failure.bill_no, outcome: failure.outcome, ..partial })
    }
}

impl Extend<Error> for Failures {
    fn extend<I: IntoIterator<Item = Error>>(&mut self, errors: I) {
        errors.into_iter().for_each(|error| self.add(error));
    }
}

/// Bills whose customers may have paid, for all that is known.
fn of_unasked(first: Error, count: u64) -> Error {
    let message = format!(
        "bills that have their link and could not be asked whether they were paid: {count}; the first: {first}"
    );
    Error { message, ..first }
}

fn is_partial(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Refused | ErrorKind::Network | ErrorKind::Guard)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_bill_counts_before_one_that_could_not_be_asked_after() {
        let unasked = || Error::new(ErrorKind::Network, "no answer");
        let mut failures = Failures::default();
        failures.add_unasked(unasked());
        failures.add_unasked(unasked());
        failures.add(Error::new(ErrorKind::Refused, "E101").about("B1", Some("refused")));
        let error = failures.verdict(Subjects::Many).unwrap_err();
        assert_eq!((error.kind, error.bill_no.as_deref()), (ErrorKind::Partial, Some("B1")));
        assert_eq!(error.message, "a bill was refused or not sent: E101");
        let mut failures = Failures::default();
        failures.add_unasked(unasked());
        failures.add_unasked(unasked());
        let error = failures.verdict(Subjects::Many).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Network);
        assert!(error.message.contains("whether they were paid: 2; the first: no answer"), "{error}");
    }
}
