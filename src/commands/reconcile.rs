//! `reconcile`: what nobody knew becomes known, as far as `CookiePay` tells.
//!
//! A bill of unknown outcome is asked for again under its number with an empty `REQ_TYPE`, which
//! brings the link and messages nobody (an assumption of the reference); then every link that is
//! not paid or cancelled is asked after. Doing it twice changes nothing more.
//!
//! A bill whose repeated request `CookiePay` refused is not asked for any more: most likely it is paid. It is
//! settled by its notification or by the operator (`by_hand`).

mod by_hand;
mod pages;
mod shown;
mod walk;

use std::ops::ControlFlow;

use crate::cli::ReconcileArgs;
use crate::config::Profile;
use crate::error::{Error, ErrorKind, ExitCode, WrongField};
use crate::ledger::{Account, Entry, Filter, Ledger};
use crate::payment::Outcome;

use super::context::{Context, account, scope};
use super::filter::known_batch;
use super::receipt::Verdict;
use super::restored;
use super::signal::{ANSWERED, interruption};
use super::time;
use pages::Pages;
use shown::Shown;
use walk::{Asked, Walk};

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
    let mut pages = Pages::new(&filter);
    let Some(first) = pages.next(&account, &ledger)? else {
        Shown::open(&scope(&profile), &mut context.ui).finish(0, 0)?;
        context.ui.status("no bill is unknown or open: there is nothing to ask");
        return Ok(ExitCode::OK);
    };
    let client = context.connect(&profile)?;
    let mut walk = Walk::new(arguments, &profile, &account, &client, context);
    let signals = context.surroundings.signals.clone();
    let mut shown = Shown::open(&scope(&profile), &mut context.ui);
    signals.hold();
    let walked = walk.run(first, &mut pages, &mut ledger, &mut shown);
    let signal = signals.release();
    let asked = walk.asked;
    let unknown = walked.and_then(|()| Unknown::of(&filter, &account, &ledger));
    let left = unknown.as_ref().map_or(0, |unknown| unknown.count);
    if unknown.is_ok() || shown.changed > 0 {
        let changed = shown.finish(asked.answers, left)?;
        if unknown.is_ok() && asked.answers > 0 {
            let answers = asked.answers;
            context.ui.status(&format!("answers: {answers}, changed: {changed}, unknown: {left}"));
        }
    }
    verdict(&unknown?, asked)?;
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

/// The bills that are unknown still.
#[derive(Default)]
struct Unknown {
    count: u64,
    /// One that no later run can settle, or else the first.
    first: Option<Entry>,
    /// Whether the next run asks for some of them again.
    is_asked_again: bool,
}

impl Unknown {
    fn of(filter: &Filter, account: &Account, ledger: &Ledger) -> Result<Self, Error> {
        let mut unknown = Self::default();
        let filter = Filter { outcome: Some(Outcome::Unknown), ..filter.clone() };
        ledger.each(account, &filter, |entry| {
            unknown.count = unknown.count.saturating_add(1);
            unknown.is_asked_again |= !entry.repeat_refused;
            if unknown.first.as_ref().is_none_or(|first| !first.repeat_refused && entry.repeat_refused) {
                unknown.first = Some(entry);
            }
            ControlFlow::Continue(())
        })?;
        Ok(unknown)
    }
}

/// 7 while something is unknown, whatever else failed.
fn verdict(unknown: &Unknown, asked: Asked) -> Verdict {
    let Some(first) = &unknown.first else { return asked.failure.map_or(Ok(()), Err) };
    let number = &first.bill.bill_no;
    let mut reason = asked.reason(number).unwrap_or("it was not asked about").to_owned();
    if first.repeat_refused {
        let code = first_refusal(first, &asked);
        reason = format!("CookiePay has it and refused its link{code}, so it is not asked for again");
    }
    let message = match unknown.count {
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
        if unknown.is_asked_again {
            hint = format!("{hint}\nfor the others {later}");
        }
    }
    Err(Error::new(ErrorKind::OutcomeUnknown, message)
        .hint(hint)
        .about(number, Some(Outcome::Unknown.as_str())))
}

/// What `CookiePay` said, where it said it just now.
fn first_refusal(entry: &Entry, asked: &Asked) -> String {
    asked.reason(&entry.bill.bill_no).map(|reason| format!(" ({reason})")).unwrap_or_default()
}
