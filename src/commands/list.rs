//! `list`: what the ledger knows.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde::Serialize;

use crate::cli::ListArgs;
use crate::error::{Error, ExitCode};
use crate::ledger::{Entry, Filter, Ledger, Total};
use crate::output::{Format, Language, ListReport, word};

use super::context::{Context, account, scope};
use super::filter::FilterReader;
use super::time::rfc3339;

/// The `summary` of a JSON document.
#[derive(Serialize)]
struct Summary {
    count: u64,
    amount: u64,
    by_state: BTreeMap<String, Total>,
}

/// Runs `list`.
pub(super) fn run(arguments: &ListArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let profile = context.profile()?;
    let filter = filter(arguments, context)?;
    let account = account(&profile);
    let ledger = Ledger::open_existing(&context.data_directory)?;
    let totals = match &ledger {
        Some(ledger) => ledger.totals(&account, &filter)?,
        None => Vec::new(),
    };
    let format = context.ui.format();
    let mut sink = context.ui.sink::<ListReport>(&scope(&profile));
    let mut written = Ok(());
    if let Some(ledger) = &ledger {
        ledger.each(&account, &filter, |entry| {
            written = sink.push(&report(entry, arguments.reveal));
            if written.is_err() || sink.ui().output_is_closed() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
    }
    written?;
    let summary = summary(totals);
    sink.finish(&summary)?;
    if format == Format::Table {
        say_totals(&summary, context)?;
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
        batch: arguments.batch.clone(),
        buyer: arguments.buyer.clone(),
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
        state: entry.state.map(crate::payment::PaymentState::as_str),
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

fn summary(totals: Vec<(String, Total)>) -> Summary {
    let sum = |part: fn(&Total) -> u64| {
        totals.iter().fold(0_u64, |sum, (_, total)| sum.saturating_add(part(total)))
    };
    Summary {
        count: sum(|total| total.count),
        amount: sum(|total| total.amount),
        by_state: totals.into_iter().collect(),
    }
}

/// The totals line under a table.
fn say_totals(summary: &Summary, context: &mut Context) -> Result<(), Error> {
    if summary.count == 0 {
        context.ui.status("the ledger knows no such bill yet");
        return Ok(());
    }
    let language = context.ui.language();
    let noun = match (language, summary.count) {
        (Language::Ko, _) => "건",
        (Language::En, 1) => " bill",
        (Language::En, _) => " bills",
    };
    let parts: Vec<String> = summary
        .by_state
        .iter()
        .map(|(state, total)| {
            let (word, won) = (word(state, language), crate::output::won(total.amount, language));
            match language {
                Language::Ko => format!("{word} {}건 ({won})", total.count),
                Language::En => format!("{} {word} ({won})", total.count),
            }
        })
        .collect();
    let line = format!(
        "{}{noun}, {}: {}\n",
        summary.count,
        crate::output::won(summary.amount, language),
        parts.join(", ")
    );
    Ok(context.ui.write_data(line.as_bytes())?)
}
