//! `--on-unknown resend`: rows that an earlier run left unknown are settled first, as `reconcile` does, and
//! asked after. Only those are messaged again whose link is there and unpaid; a customer who has paid
//! hears nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::Client;
use crate::delivery::{Batch, Inquiry, Recorded, Row, telling_answer};
use crate::error::{Error, ErrorKind};
use crate::ledger::{AttemptKind, Entry, Finding, Ledger, Standing};
use crate::payment::{Outcome, PaymentState, UrlKey};
use crate::secret::Secret;

use super::super::context::Context;
use super::super::watch::token_store;
use super::plan::{Plan, Rules};

/// What is to become of the rows that were unknown.
#[derive(Default)]
pub(super) struct Resolved {
    /// Rows that are not unknown any more.
    pub(super) linked: BTreeSet<u64>,
    /// Those of them to message again.
    pub(super) unpaid: BTreeSet<u64>,
    /// Those of which nobody knows whether they were paid, and why: which kind of failure, and what it says.
    pub(super) unasked: BTreeMap<u64, (ErrorKind, String)>,
}

/// Settles the rows that an earlier run left unknown and asks whether they were paid.
pub(super) fn resolve(
    plan: &Plan,
    rules: &Rules<'_>,
    client: &Client,
    ledger: &mut Ledger,
    context: &mut Context,
) -> Result<Resolved, Error> {
    let mut resolved = Resolved::default();
    if plan.unknown_rows.is_empty() || !rules.sends_unknown_again() {
        return Ok(resolved);
    }
    let (api_key, pay2_key) = (rules.profile.api_key()?, rules.profile.pay2_key()?);
    let count = plan.unknown_rows.len();
    context.ui.status(&format!("rows that an earlier run left unknown: {count}; they are asked about first"));
    ask_for_links(plan, rules, client, &api_key, ledger, context)?;
    let mut linked = entries(plan, rules, ledger)?;
    linked.retain(|(_, entry)| entry.standing == Standing::Settled(Outcome::Linked) && entry.link.is_some());
    resolved.linked.extend(linked.iter().map(|(row, _)| *row));
    let surroundings = &context.surroundings;
    let pace = &rules.arguments.batch.pace;
    let mut inquiry = Inquiry {
        ledger,
        client,
        tokens: token_store(client, rules.profile, &pay2_key, &context.data_directory),
        account: rules.account,
        operator: &surroundings.operator,
        now: &|| surroundings.clock.now(),
        concurrency: pace.requests_at_once(),
        interval: pace.rate,
        stop: &|| surroundings.signals.is_noted(),
        token: None,
        recorded: Recorded::All,
    };
    let links: Vec<Vec<UrlKey>> =
        linked.iter().map(|(_, entry)| entry.url_keys().cloned().collect()).collect();
    let answers = match inquiry.payments_of_bills(&links) {
        Ok(answers) => answers,
        Err(error @ crate::delivery::InquiryError::Ledger(_)) => return Err(error.into()),
        Err(error) => {
            let Error { kind, message, .. } = Error::from(error);
            resolved.unasked.extend(linked.iter().map(|(row, _)| (*row, (kind, message.clone()))));
            return Ok(resolved);
        }
    };
    for ((row, entry), answers) in linked.iter().zip(answers) {
        let Some((_, answer)) = telling_answer(answers, Some(entry.bill.amount.won())) else { continue };
        match answer.map(|payment| payment.state()) {
            Ok(PaymentState::Unpaid) => drop(resolved.unpaid.insert(*row)),
            Ok(PaymentState::Error) => {
                let reason = "CookiePay answered with an error".to_owned();
                drop(resolved.unasked.insert(*row, (ErrorKind::Refused, reason)));
            }
            Ok(PaymentState::Paid | PaymentState::Cancelled | PaymentState::AwaitingDeposit) => {}
            Err(error) => drop(resolved.unasked.insert(*row, (ErrorKind::Network, error.to_string()))),
        }
    }
    Ok(resolved)
}

/// The bills of those rows, as the ledger knows them now.
fn entries(plan: &Plan, rules: &Rules<'_>, ledger: &Ledger) -> Result<Vec<(u64, Entry)>, Error> {
    let mut entries = Vec::with_capacity(plan.unknown_rows.len());
    for (row, bill_no) in &plan.unknown_rows {
        entries.extend(ledger.find(rules.account, bill_no)?.map(|entry| (*row, entry)));
    }
    Ok(entries)
}

/// Has CookiePay name the link of every such bill, and messages nobody.
fn ask_for_links(
    plan: &Plan,
    rules: &Rules<'_>,
    client: &Client,
    api_key: &Secret,
    ledger: &mut Ledger,
    context: &Context,
) -> Result<(), Error> {
    let surroundings = &context.surroundings;
    let entries = entries(plan, rules, ledger)?;
    let now = surroundings.clock.now();
    ledger.group(|group| {
        let mut linked = entries.iter().filter(|(_, entry)| entry.is_unknown() && entry.link.is_some());
        linked.try_for_each(|(_, entry)| {
            let (number, operator) = (&entry.bill.bill_no, &surroundings.operator);
            group.settle_unknown(rules.account, number, Finding::KnownLink, now, operator).map(drop)
        })
    })?;
    let unlinked = entries.into_iter().filter(|(_, entry)| entry.may_be_asked_for());
    let rows = unlinked.map(|(number, entry)| Row {
        number,
        line: 0,
        bill: entry.bill,
        kind: AttemptKind::Reconcile,
    });
    let pace = &rules.arguments.batch.pace;
    Batch {
        ledger,
        client,
        account: rules.account,
        api_key,
        operator: &surroundings.operator,
        now: &|| surroundings.clock.now(),
        name: None,
        duplicate_window: None,
        concurrency: pace.requests_at_once(),
        interval: pace.rate,
        stop: &|| surroundings.signals.is_noted(),
        under_way: &surroundings.signals.bills_under_way,
        reached: surroundings.reached,
    }
    // What stays unknown is told with its row.
    .run::<Error>(rows.map(Ok), |_, _| Ok(()))
    .map(drop)
}
