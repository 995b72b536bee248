//! `reconcile`: what nobody knew becomes known, as far as `CookiePay` tells.
//!
//! A bill of unknown outcome is asked for again under its number with an empty `REQ_TYPE`, which
//! brings the link and messages nobody (an assumption of the reference); then every link that is
//! not paid or cancelled is asked after. Doing it twice changes nothing more.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use crate::api::{ApiError, Client};
use crate::cli::ReconcileArgs;
use crate::config::Profile;
use crate::delivery::{Batch, Inquiry, Row, RowEnd};
use crate::error::{Error, ErrorKind, ExitCode, WrongField};
use crate::ledger::{Account, AttemptKind, Entry, Filter, Ledger};
use crate::output::ReconcileReport;
use crate::payment::{Outcome, PaymentState, UrlKey};

use super::context::{Context, account, scope};
use super::failure;
use super::receipt::Verdict;
use super::signal::{ANSWERED, interruption};
use super::time;
use super::watch::token_store;

/// Runs `reconcile`.
pub(super) fn run(arguments: &ReconcileArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let profile = context.profile()?;
    let account = account(&profile);
    let filter = filter(arguments, context)?;
    let mut ledger = context.ledger()?;
    let client = context.connect(&profile)?;
    let before = open_bills(&filter, &account, &ledger)?;
    let mut left = Left::default();
    context.surroundings.signals.hold();
    let settled = settle_unknown(&before, arguments, &client, &mut ledger, &profile, &mut left, context);
    let looked = settled
        .and_then(|()| look_at_links(&filter, arguments, &client, &mut ledger, &profile, &mut left, context));
    let signal = context.surroundings.signals.release();
    let unknown = show(&before, &account, &ledger, &profile, context)?;
    match looked {
        // What is unknown counts before what CookiePay or the network did to the questions.
        Err(error) if matches!(error.kind, ErrorKind::Network | ErrorKind::Auth | ErrorKind::Refused) => {
            left.failure.get_or_insert(error);
        }
        other => other?,
    }
    verdict(&unknown, left)?;
    signal.map_or(Ok(ExitCode::OK), |signal| Err(interruption(signal, ANSWERED)))
}

fn filter(arguments: &ReconcileArgs, context: &Context) -> Result<Filter, Error> {
    let since = match &arguments.since {
        None => None,
        Some(text) => Some(time::parse(text, context.now()).ok_or_else(|| {
            let field = WrongField {
                field: "--since".to_owned(),
                value: Some(text.clone()),
                rule: time::RULE.to_owned(),
            };
            Error::new(ErrorKind::Usage, "the filter cannot be read").fields(vec![field])
        })?),
    };
    Ok(Filter { batch: arguments.batch.clone(), since, ..Filter::default() })
}

/// The bills of which something may still be learnt: unknown ones, and links that are neither paid
/// nor cancelled.
fn open_bills(filter: &Filter, account: &Account, ledger: &Ledger) -> Result<Vec<Entry>, Error> {
    let mut open = Vec::new();
    let unknown = Filter { outcome: Some(Outcome::Unknown), ..filter.clone() };
    let pending = Filter { pending: true, ..filter.clone() };
    for filter in [unknown, pending] {
        ledger.each(account, &filter, |entry| {
            open.push(entry);
            ControlFlow::Continue(())
        })?;
    }
    let mut seen = HashSet::new();
    open.retain(|entry: &Entry| seen.insert(entry.bill.bill_no.clone()));
    Ok(open)
}

/// What could not be settled, for the verdict.
#[derive(Default)]
struct Left {
    /// Why, by the number of the bill.
    reasons: HashMap<String, String>,
    failure: Option<Error>,
}

/// Asks for the link of every unknown bill.
fn settle_unknown(
    before: &[Entry],
    arguments: &ReconcileArgs,
    client: &Client,
    ledger: &mut Ledger,
    profile: &Profile,
    left: &mut Left,
    context: &Context,
) -> Verdict {
    let surroundings = &context.surroundings;
    let account = account(profile);
    let mut linked = before.iter().filter(|entry| entry.is_unknown() && entry.link.is_some()).peekable();
    if linked.peek().is_some() {
        ledger.group(|group| {
            let (now, operator) = (surroundings.clock.now(), &surroundings.operator);
            linked.try_for_each(|entry| group.settle_by_link(&account, &entry.bill.bill_no, now, operator))
        })?;
    }
    let unknown =
        || before.iter().filter(|entry| entry.standing.outcome() == Outcome::Unknown && entry.link.is_none());
    if unknown().next().is_none() {
        return Ok(());
    }
    let rows = unknown().zip(1..).map(|(entry, number)| Ok(Row { number, bill: entry.bill.clone() }));
    let told = Batch {
        ledger,
        client,
        account: &account,
        api_key: &profile.api_key()?,
        operator: &surroundings.operator,
        now: &|| surroundings.clock.now(),
        name: None,
        kind: AttemptKind::Reconcile,
        duplicate_window: None,
        concurrency: arguments.pace.requests_at_once(),
        interval: arguments.pace.rate,
        stop: &|| surroundings.signals.is_noted(),
        reached: surroundings.reached,
    }
    .run::<Error>(rows, |row, end| {
        let reason = match end {
            RowEnd::Answered(receipt) => match &receipt.failure {
                None => return Ok(()),
                Some(error) if error.is_about_credentials() => {
                    left.failure = Some(failure::of_refusal(error));
                    error.to_string()
                }
                Some(error) => error.to_string(),
            },
            RowEnd::Known(entry) if entry.link.is_some() => return Ok(()),
            RowEnd::Known(_) => "another run is at it right now".to_owned(),
            RowEnd::OtherContent(_) | RowEnd::Duplicate(..) | RowEnd::NotRecorded(_) => {
                "it could not be recorded".to_owned()
            }
        };
        left.reasons.insert(row.bill.bill_no.to_string(), reason);
        Ok(())
    });
    told.map(|_| ())
}

/// Asks after every link that is neither paid nor cancelled.
fn look_at_links(
    filter: &Filter,
    arguments: &ReconcileArgs,
    client: &Client,
    ledger: &mut Ledger,
    profile: &Profile,
    left: &mut Left,
    context: &Context,
) -> Verdict {
    let account = account(profile);
    let mut keys: Vec<UrlKey> = Vec::new();
    ledger.each(&account, &Filter { pending: true, ..filter.clone() }, |entry| {
        keys.extend(entry.link.map(|link| link.url_key));
        ControlFlow::Continue(())
    })?;
    if keys.is_empty() || left.failure.is_some() || context.surroundings.signals.is_noted() {
        return Ok(());
    }
    let pay2_key = profile.pay2_key()?;
    let surroundings = &context.surroundings;
    let mut inquiry = Inquiry {
        ledger,
        client,
        tokens: token_store(client, profile, &pay2_key, &context.data_directory),
        account: &account,
        operator: &surroundings.operator,
        now: &|| surroundings.clock.now(),
        concurrency: arguments.pace.requests_at_once(),
        interval: arguments.pace.rate,
        stop: &|| surroundings.signals.is_noted(),
        token: None,
    };
    let failed: Option<ApiError> = inquiry.payments(&keys)?.into_iter().find_map(Result::err);
    left.failure = failed.map(|error| failure::of_read(&error));
    Ok(())
}

/// Shows what changed, and says how much is left. Returns the numbers of the bills that are unknown.
fn show(
    before: &[Entry],
    account: &Account,
    ledger: &Ledger,
    profile: &Profile,
    context: &mut Context,
) -> Result<Vec<String>, Error> {
    let (mut changed, mut unknown) = (0_u64, Vec::new());
    let mut sink = context.ui.sink::<ReconcileReport>(&scope(profile));
    for before in before {
        let Some(after) = ledger.find(account, &before.bill.bill_no)? else { continue };
        if after.standing.outcome() == Outcome::Unknown {
            unknown.push(after.bill.bill_no.to_string());
        }
        if let Some(report) = difference(before, &after) {
            changed = changed.saturating_add(1);
            sink.push(&report)?;
        }
    }
    let (looked_at, left) = (before.len(), unknown.len());
    sink.finish(&serde_json::json!({ "looked_at": looked_at, "changed": changed, "unknown": left }))?;
    context.ui.status(&format!("bills looked at: {looked_at}, changed: {changed}, unknown: {left}"));
    Ok(unknown)
}

/// What changed, if anything did.
fn difference(before: &Entry, after: &Entry) -> Option<ReconcileReport> {
    let (outcome_before, outcome) = (before.standing.outcome(), after.standing.outcome());
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

/// 7 while something is unknown, whatever else failed.
fn verdict(unknown: &[String], left: Left) -> Verdict {
    if let Some(number) = unknown.first() {
        let reason = left.reasons.get(number).map_or("it was not asked about", String::as_str);
        let message = match unknown.len() {
            1 => format!("bill `{number}` is still unknown: {reason}"),
            many => format!("{many} bills are still unknown; `{number}`: {reason}"),
        };
        return Err(Error::new(ErrorKind::OutcomeUnknown, message)
            .hint("type `cookiepay reconcile` again later; it messages nobody")
            .about(number, Some(Outcome::Unknown.as_str())));
    }
    left.failure.map_or(Ok(()), Err)
}
