//! `reconcile`: what nobody knew becomes known, as far as `CookiePay` tells.
//!
//! A bill of unknown outcome is asked for again under its number with an empty `REQ_TYPE`, which
//! brings the link and messages nobody (an assumption of the reference); then every link that is
//! not paid or cancelled is asked after. Doing it twice changes nothing more.
//!
//! A bill whose repeated request `CookiePay` refused is not asked for any more: most likely it is paid. It is
//! settled by its notification or by the operator (`by_hand`).

mod by_hand;

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use crate::api::Client;
use crate::bill::{Bill, BillNo};
use crate::cli::ReconcileArgs;
use crate::config::Profile;
use crate::delivery::{Batch, Inquiry, Recorded, Row, RowEnd, telling_answer};
use crate::error::{Error, ErrorKind, ExitCode, WrongField};
use crate::ledger::{Account, AttemptKind, Entry, Filter, Finding, Ledger, Standing};
use crate::output::ReconcileReport;
use crate::payment::{Outcome, PaymentState, UrlKey};

use super::context::{Context, account, scope};
use super::failure;
use super::filter::known_batch;
use super::receipt::Verdict;
use super::restored;
use super::signal::{ANSWERED, interruption};
use super::time;
use super::watch::token_store;

/// Runs `reconcile`.
pub(super) fn run(arguments: &ReconcileArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let profile = context.profile()?;
    let account = account(&profile);
    let filter = filter(arguments, context)?;
    let mut ledger =
        if arguments.restored { restored::open(&account, context)? } else { context.ledger_to_send()? };
    let batch = known_batch(arguments.batch.as_ref(), Some(&ledger), &profile)?;
    let filter = Filter { batch, ..filter };
    if let Some(number) = &arguments.bill {
        let entry = known(number, &account, &ledger, &profile)?;
        if let Some(link) = &arguments.url_key {
            return by_hand::by_link(&entry, link, &mut ledger, &profile, context);
        }
        if arguments.not_sent {
            return by_hand::as_not_sent(&entry, &mut ledger, &profile, context);
        }
    }
    let before = open_bills(&filter, &account, &ledger)?;
    let mut asked = Asked::default();
    let mut signal = None;
    if !before.is_empty() {
        let client = context.connect(&profile)?;
        context.surroundings.signals.hold();
        let looked = settle_unknown(&before, arguments, &client, &mut ledger, &profile, &mut asked, context)
            .and_then(|()| {
                look_at_links(&filter, arguments, &client, &mut ledger, &profile, &mut asked, context)
            });
        signal = context.surroundings.signals.release();
        match looked {
            // What is unknown counts before what CookiePay or the network did to the questions.
            Err(error) if matches!(error.kind, ErrorKind::Network | ErrorKind::Auth | ErrorKind::Refused) => {
                asked.failure.get_or_insert(error);
            }
            other => other?,
        }
    }
    let unknown = show(&before, asked.answered.len(), &account, &ledger, &profile, context)?;
    verdict(&unknown, asked)?;
    signal.map_or(Ok(ExitCode::OK), |signal| Err(interruption(signal, ANSWERED)))
}

/// The bill that is named.
fn known(number: &str, account: &Account, ledger: &Ledger, profile: &Profile) -> Result<Entry, Error> {
    let entry = match number.parse() {
        Ok(number) => ledger.find(account, &number)?,
        Err(_) => None,
    };
    entry.ok_or_else(|| {
        let message = format!("the ledger knows no bill `{number}` of profile `{}`", profile.name);
        Error::new(ErrorKind::Usage, message).hint("`cookiepay list` shows the bills it knows")
    })
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
    Ok(Filter { bill_no: arguments.bill.clone(), since, ..Filter::default() })
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

/// What was asked, and what came of it.
#[derive(Default)]
struct Asked {
    /// The bills about which `CookiePay` answered.
    answered: HashSet<BillNo>,
    /// Why a bill is unknown still, by its number.
    reasons: HashMap<BillNo, String>,
    failure: Option<Error>,
}

/// Asks for the link of every unknown bill.
fn settle_unknown(
    before: &[Entry],
    arguments: &ReconcileArgs,
    client: &Client,
    ledger: &mut Ledger,
    profile: &Profile,
    asked: &mut Asked,
    context: &Context,
) -> Verdict {
    let surroundings = &context.surroundings;
    let account = account(profile);
    let mut linked = before.iter().filter(|entry| entry.is_unknown() && entry.link.is_some()).peekable();
    if linked.peek().is_some() {
        ledger.group(|group| {
            let (now, operator) = (surroundings.clock.now(), &surroundings.operator);
            linked.try_for_each(|entry| {
                let settled =
                    group.settle_unknown(&account, &entry.bill.bill_no, Finding::KnownLink, now, operator);
                settled.map(|_| ())
            })
        })?;
    }
    let unknown = || {
        let asked_for = |entry: &&Entry| entry.may_be_asked_for() || entry.standing == Standing::InFlight;
        before.iter().filter(asked_for)
    };
    if unknown().next().is_none() {
        return Ok(());
    }
    let kind = AttemptKind::Reconcile;
    let rows = unknown().zip(1..).map(|(entry, number)| Ok(Row { number, bill: entry.bill.clone(), kind }));
    let told = Batch {
        ledger,
        client,
        account: &account,
        api_key: &profile.api_key()?,
        operator: &surroundings.operator,
        now: &|| surroundings.clock.now(),
        name: None,
        duplicate_window: None,
        concurrency: arguments.pace.requests_at_once(),
        interval: arguments.pace.rate,
        stop: &|| surroundings.signals.is_noted(),
        under_way: &surroundings.signals.bills_under_way,
        reached: surroundings.reached,
    }
    .run::<Error>(rows, |row, end| {
        let reason = match end {
            RowEnd::Answered(receipt) => match &receipt.failure {
                None => {
                    asked.answered.insert(row.bill.bill_no.clone());
                    return Ok(());
                }
                Some(error) => {
                    if error.is_about_credentials() {
                        asked.failure = Some(failure::of_refusal(error));
                    } else if receipt.settlement.refuses_bill {
                        asked.answered.insert(row.bill.bill_no.clone());
                    }
                    error.to_string()
                }
            },
            RowEnd::Known(entry) if entry.link.is_some() => return Ok(()),
            RowEnd::Known(_) => "another run is at it right now".to_owned(),
            RowEnd::OtherContent(_) | RowEnd::Duplicate(..) | RowEnd::NotRecorded(..) => {
                "it could not be recorded".to_owned()
            }
        };
        asked.reasons.insert(row.bill.bill_no.clone(), reason);
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
    asked: &mut Asked,
    context: &Context,
) -> Verdict {
    let account = account(profile);
    let (mut bills, mut links): (Vec<Bill>, Vec<Vec<UrlKey>>) = (Vec::new(), Vec::new());
    ledger.each(&account, &Filter { pending: true, ..filter.clone() }, |entry| {
        links.push(entry.url_keys().cloned().collect());
        bills.push(entry.bill);
        ControlFlow::Continue(())
    })?;
    if links.is_empty() || asked.failure.is_some() || context.surroundings.signals.is_noted() {
        return Ok(());
    }
    let pay2_key = profile.pay2_key()?;
    let surroundings = &context.surroundings;
    let mut inquiry = Inquiry {
        ledger,
        client,
        tokens: token_store(client, profile, &pay2_key, &context.data_directory).on_wait(context.on_wait()),
        account: &account,
        operator: &surroundings.operator,
        now: &|| surroundings.clock.now(),
        concurrency: arguments.pace.requests_at_once(),
        interval: arguments.pace.rate,
        stop: &|| surroundings.signals.is_noted(),
        token: None,
        recorded: Recorded::All,
    };
    for (bill, answers) in bills.into_iter().zip(inquiry.payments_of_bills(&links)?) {
        match telling_answer(answers, Some(bill.amount.won())) {
            Some((_, Err(error))) => {
                asked.failure.get_or_insert(failure::of_read(&error));
            }
            _ => {
                asked.answered.insert(bill.bill_no);
            }
        }
    }
    Ok(())
}

/// Shows what changed, and says how much is left. Returns the bills that are unknown.
fn show(
    before: &[Entry],
    answers: usize,
    account: &Account,
    ledger: &Ledger,
    profile: &Profile,
    context: &mut Context,
) -> Result<Vec<Entry>, Error> {
    let (mut changed, mut unknown) = (0_u64, Vec::new());
    let mut sink = context.ui.sink::<ReconcileReport>(&scope(profile));
    for before in before {
        let Some(after) = ledger.find(account, &before.bill.bill_no)? else { continue };
        if let Some(report) = difference(before, &after) {
            changed = changed.saturating_add(1);
            sink.push(&report)?;
        }
        if after.standing.outcome() == Outcome::Unknown {
            unknown.push(after);
        }
    }
    let left = unknown.len();
    sink.finish(&serde_json::json!({ "answers": answers, "changed": changed, "unknown": left }))?;
    if answers > 0 {
        context.ui.status(&format!("answers: {answers}, changed: {changed}, unknown: {left}"));
    } else if before.is_empty() {
        context.ui.status("no bill is unknown or open: there is nothing to ask");
    }
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
fn verdict(unknown: &[Entry], asked: Asked) -> Verdict {
    // A bill that no later run can settle is named before one that the next run asks for again.
    let Some(first) = unknown.iter().find(|entry| entry.repeat_refused).or_else(|| unknown.first()) else {
        return asked.failure.map_or(Ok(()), Err);
    };
    let number = &first.bill.bill_no;
    let mut reason = asked.reasons.get(number).map_or("it was not asked about", String::as_str).to_owned();
    if first.repeat_refused {
        let code = first_refusal(first, &asked);
        reason = format!("CookiePay has it and refused its link{code}, so it is not asked for again");
    }
    let message = match unknown.len() {
        1 => format!("bill `{number}` is still unknown: {reason}"),
        many => format!("{many} bills are still unknown; `{number}`: {reason}"),
    };
    let later = "type `cookiepay reconcile` again later; it messages nobody";
    let mut hint = later.to_owned();
    if first.repeat_refused {
        hint = format!(
            "most likely it is paid: its notification settles it (`cookiepay noti listen --verify`), or look it up in \
             CookiePay's console, then `cookiepay reconcile {number} --url-key KEY` if it is there, \
             `cookiepay reconcile {number} --not-sent --yes` if it is not"
        );
        if unknown.iter().any(|entry| !entry.repeat_refused) {
            hint = format!("{hint}\nfor the others {later}");
        }
    }
    Err(Error::new(ErrorKind::OutcomeUnknown, message)
        .hint(hint)
        .about(number, Some(Outcome::Unknown.as_str())))
}

/// What `CookiePay` said, where it said it just now.
fn first_refusal(entry: &Entry, asked: &Asked) -> String {
    asked.reasons.get(&entry.bill.bill_no).map(|reason| format!(" ({reason})")).unwrap_or_default()
}
