//! `list`: what the ledger knows.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde::Serialize;

use crate::bill::normalised;
use crate::cli::ListArgs;
use crate::error::{Error, ExitCode};
use crate::ledger::{Entry, Filter, Total};
use crate::output::{Format, ListReport};
use crate::payment::{Outcome, PaymentState};

use super::context::{Context, account, scope};
use super::filter::{FilterReader, known_batch};
use super::time::rfc3339;
use super::totals::{Things, totals_line};

/// The `summary` of a JSON document.
#[derive(Default, Serialize)]
struct Summary {
    count: u64,
    /// What customers have paid or can still pay.
    amount: u64,
    by_outcome: BTreeMap<&'static str, Total>,
    by_state: BTreeMap<&'static str, Total>,
    /// Each bill once: by its state, or by its outcome where no state was seen.
    #[serde(skip)]
    by_word: BTreeMap<&'static str, Total>,
}

/// Runs `list`.
pub(super) fn run(arguments: &ListArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let profile = context.profile()?;
    let filter = filter(arguments, context)?;
    let account = account(&profile);
    let ledger = context.ledger_to_read()?;
    let batch = known_batch(arguments.batch.as_ref(), ledger.as_ref(), &profile)?;
    let filter = Filter { batch, ..filter };
    let mut summary = Summary::default();
    let format = context.ui.format();
    let mut sink = context.ui.sink::<ListReport>(&scope(&profile));
    let mut written = Ok(());
    if let Some(ledger) = &ledger {
        ledger.each(&account, &filter, |entry| {
            summary.add(&entry);
            written = sink.push(&report(entry, arguments.reveal));
            if written.is_err() || sink.ui().output_is_closed() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
    }
    written?;
    sink.finish(&summary)?;
    if format == Format::Table {
        say_totals(summary, context)?;
    }
    Ok(ExitCode::OK)
}

/// The filter of the arguments; every wrong one is told at once.
fn filter(arguments: &ListArgs, context: &Context) -> Result<Filter, Error> {
    let mut read = FilterReader::new(context.now());
    let filter = Filter {
        since: read.moment("--since", arguments.since.as_ref()),
        until: read.moment("--until", arguments.until.as_ref()),
        state: read.word("--state", arguments.state.as_ref()),
        outcome: read.word("--outcome", arguments.outcome.as_ref()),
        bill_no: arguments.bill_no.clone(),
        batch: None,
        buyer: arguments.buyer.as_deref().map(normalised),
        pending: false,
        limit: arguments.limit,
    };
    read.end()?;
    Ok(filter)
}

fn report(entry: Entry, reveal: bool) -> ListReport {
    let bill = entry.bill;
    let (url_key, pay_url) =
        entry.link.map_or((None, None), |link| (Some(link.url_key.to_string()), link.pay_url));
    ListReport {
        bill_no: bill.bill_no.to_string(),
        url_key,
        pay_url,
        outcome: entry.standing.outcome().as_str(),
        state: entry.state.map(PaymentState::as_str),
        via: bill.channel.as_str(),
        amount: bill.amount.won(),
        product: bill.product.to_string(),
        buyer: bill.buyer.to_string(),
        phone: if reveal { bill.phone.to_string() } else { bill.phone.masked() },
        email: bill.email.map(|email| if reveal { email.to_string() } else { email.masked() }),
        batch: entry.batch,
        row: entry.row,
        created_at: rfc3339(entry.created_at),
        updated_at: rfc3339(entry.updated_at),
        paid_at: entry.paid_at,
        operator: entry.operator,
    }
}

impl Summary {
    fn add(&mut self, entry: &Entry) {
        let (outcome, amount) = (entry.standing.outcome(), entry.bill.amount.won());
        self.count = self.count.saturating_add(1);
        // A refused or unsent bill has no link; a cancelled payment went back.
        let has_link = !matches!(outcome, Outcome::Refused | Outcome::NotSent);
        if has_link && entry.state != Some(PaymentState::Cancelled) {
            self.amount = self.amount.saturating_add(amount);
        }
        self.by_outcome.entry(outcome.as_str()).or_default().add(amount);
        if let Some(state) = entry.state {
            self.by_state.entry(state.as_str()).or_default().add(amount);
        }
        let word = entry.state.map_or(outcome.as_str(), PaymentState::as_str);
        self.by_word.entry(word).or_default().add(amount);
    }
}

/// The totals line under a table.
fn say_totals(summary: Summary, context: &mut Context) -> Result<(), Error> {
    if summary.count == 0 {
        context.ui.status("the ledger knows no such bill yet");
        return Ok(());
    }
    let parts: Vec<_> = summary.by_word.into_iter().collect();
    let line = totals_line(context.ui.language(), Things::Bills, Some(summary.amount), &parts);
    Ok(context.ui.write_data(line.as_bytes())?)
}
