//! `resend`: the message of a bill once more, under the same number, with the same content.
//!
//! What would follow a second request for a paid bill nobody has published, so each bill is looked
//! at first, and nothing at all is sent if one of them must not be.

use std::collections::HashSet;
use std::ops::ControlFlow;

use crate::api::Client;
use crate::bill::{Bill, Channel};
use crate::cli::ResendArgs;
use crate::config::Profile;
use crate::delivery::{Delivered, Delivery, DeliveryError, Inquiry};
use crate::error::{Error, ErrorKind, ExitCode, WrongField};
use crate::ledger::{AttemptKind, Entry, Filter, Ledger, Standing};
use crate::output::{Format, SendReport};
use crate::payment::{Outcome, PaymentState, UrlKey};
use crate::secret::Secret;

use super::context::{Context, account, scope};
use super::failure;
use super::receipt::{self, Failures, Subjects, Verdict};
use super::signal::{ANSWERED, interrupted_instead, interruption};
use super::watch::{READS_AT_ONCE, token_store};

/// Runs `resend`.
pub(super) fn run(arguments: &ResendArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let profile = context.profile()?;
    let via = channel(arguments)?;
    let mut ledger = context.ledger()?;
    let _lock = match &arguments.batch {
        Some(name) => Some(super::batch::lock(name, &account(&profile), context)?),
        None => None,
    };
    let mut entries = entries(arguments, &profile, &ledger)?;
    entries.iter().try_for_each(may_be_messaged)?;
    let api_key = profile.api_key()?;
    let client = context.connect(&profile)?;
    look_first(&mut entries, arguments.unpaid, &client, &mut ledger, &profile, context)?;
    let entries = by_channel(entries, via, &profile)?;
    confirm(&entries, &profile, context)?;
    let subjects =
        if arguments.batch.is_none() && entries.len() == 1 { Subjects::One } else { Subjects::Many };
    context.surroundings.signals.hold();
    let told = message(&entries, subjects, &client, &api_key, &mut ledger, &profile, context);
    let signal = context.surroundings.signals.release();
    told.map_err(|error| interrupted_instead(error, signal))?;
    signal.map_or(Ok(ExitCode::OK), |signal| Err(interruption(signal, ANSWERED)))
}

fn channel(arguments: &ResendArgs) -> Result<Option<Channel>, Error> {
    let wrong = |text: &String| {
        let rule = "one of sms, email, kakao".to_owned();
        let field = WrongField { field: "--via".to_owned(), value: Some(text.clone()), rule };
        Error::new(ErrorKind::Usage, "a field is wrong; nothing was sent").fields(vec![field])
    };
    arguments
        .via
        .as_ref()
        .map(|text| text.parse().ok().filter(|channel| *channel != Channel::Link).ok_or_else(|| wrong(text)))
        .transpose()
}

/// The bills that are named, or those of the batch.
fn entries(arguments: &ResendArgs, profile: &Profile, ledger: &Ledger) -> Result<Vec<Entry>, Error> {
    let account = account(profile);
    let mut entries = Vec::new();
    if arguments.batch.is_some() {
        let filter = Filter { batch: arguments.batch.clone(), ..Filter::default() };
        ledger.each(&account, &filter, |entry| {
            let wanted = !arguments.unpaid || AttemptKind::Resend.is_allowed_for(&entry);
            entries.extend(Some(entry).filter(|_| wanted));
            ControlFlow::Continue(())
        })?;
        if entries.is_empty() {
            let name = arguments.batch.as_deref().unwrap_or_default();
            return Err(Error::new(
                ErrorKind::Guard,
                format!("the ledger knows no such bill of batch `{name}`"),
            )
            .hint("`cookiepay list --batch NAME` shows what it knows"));
        }
        return Ok(entries);
    }
    let mut named = HashSet::new();
    for text in arguments.bills.iter().chain(&arguments.bill_no).filter(|text| named.insert(text.trim())) {
        let known = match text.parse() {
            Ok(number) => ledger.find(&account, &number)?,
            Err(_) => None,
        };
        let Some(entry) = known else {
            let message =
                format!("the ledger knows no bill `{text}` of profile `{}`; nothing was sent", profile.name);
            return Err(
                Error::new(ErrorKind::Guard, message).hint("`cookiepay list` shows the bills it knows")
            );
        };
        entries.push(entry);
    }
    if entries.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "no bill is named").hint("name BILL_NOs, or `--batch NAME`"));
    }
    Ok(entries)
}

/// Only a bill that `CookiePay` has and that is neither paid nor cancelled.
fn may_be_messaged(entry: &Entry) -> Verdict {
    if AttemptKind::Resend.is_allowed_for(entry) {
        return Ok(());
    }
    let number = &entry.bill.bill_no;
    let (why, hint) = match (entry.standing, entry.state) {
        (Standing::InFlight, _) => {
            ("is being sent by another run".to_owned(), "wait for it to end".to_owned())
        }
        (Standing::Lost | Standing::Settled(Outcome::Unknown), _) => {
            ("has an unknown outcome".to_owned(), "`cookiepay reconcile` finds out first".to_owned())
        }
        (Standing::Settled(outcome @ (Outcome::Refused | Outcome::NotSent)), _) => (
            format!("was never made (outcome {outcome})"),
            format!("`cookiepay send --bill-no {number} …` sends it"),
        ),
        (_, state) => (
            format!("is {}", state.map_or("settled", PaymentState::as_str)),
            "a link is good for one payment".to_owned(),
        ),
    };
    Err(Error::new(ErrorKind::Guard, format!("bill `{number}` {why}; nothing was sent"))
        .hint(hint)
        .about(number, Some(entry.standing.outcome().as_str())))
}

/// Asks after each bill before anybody is messaged. With `--unpaid`, what is not unpaid is left out.
fn look_first(
    entries: &mut Vec<Entry>,
    only_unpaid: bool,
    client: &Client,
    ledger: &mut Ledger,
    profile: &Profile,
    context: &mut Context,
) -> Result<(), Error> {
    let pay2_key = profile.pay2_key()?;
    let clock = context.surroundings.clock.clone();
    let operator = context.surroundings.operator.clone();
    let mut inquiry = Inquiry {
        ledger,
        client,
        tokens: token_store(client, profile, &pay2_key, &context.data_directory),
        account: &account(profile),
        operator: &operator,
        now: &|| clock.now(),
        concurrency: READS_AT_ONCE,
        interval: None,
        stop: &|| false,
        token: None,
    };
    entries.retain(|entry| entry.link.is_some());
    let keys: Vec<UrlKey> =
        entries.iter().filter_map(|entry| Some(entry.link.as_ref()?.url_key.clone())).collect();
    let answers = inquiry.payments(&keys)?;
    let mut kept = Vec::with_capacity(entries.len());
    for (mut entry, answer) in entries.drain(..).zip(answers) {
        let payment = answer.map_err(|error| failure::of_read(&error))?;
        entry.state = Some(payment.state());
        if payment.state() == PaymentState::Error {
            let message = payment.result_message.unwrap_or_default();
            let number = &entry.bill.bill_no;
            return Err(Error::new(
                ErrorKind::Refused,
                format!(
                    "bill `{number}`: CookiePay answered {}: {message}; nothing was sent",
                    payment.result_code
                ),
            )
            .about(number, None));
        }
        if only_unpaid && entry.state != Some(PaymentState::Unpaid) {
            continue;
        }
        may_be_messaged(&entry)?;
        kept.push(entry);
    }
    *entries = kept;
    Ok(())
}

/// The entries with the channel that each is to go by.
fn by_channel(entries: Vec<Entry>, via: Option<Channel>, profile: &Profile) -> Result<Vec<Entry>, Error> {
    let by_message = |channel: &Channel| *channel != Channel::Link;
    entries
        .into_iter()
        .map(|entry| {
            let own = Some(entry.bill.channel).filter(by_message);
            let channel = via.or(own).or(profile.via.filter(by_message));
            let number = &entry.bill.bill_no;
            let rule = match channel {
                None => "the bill was made without a message: say how, sms, email or kakao",
                Some(Channel::Email) if entry.bill.email.is_none() => "the bill has no e-mail address",
                Some(channel) => return Ok(Entry { bill: Bill { channel, ..entry.bill }, ..entry }),
            };
            let field = WrongField { field: "--via".to_owned(), value: None, rule: rule.to_owned() };
            Err(Error::new(
                ErrorKind::Usage,
                format!("bill `{number}` cannot be messaged so; nothing was sent"),
            )
            .fields(vec![field]))
        })
        .collect()
}

/// Messages to real customers are confirmed by a person or by `--yes`.
fn confirm(entries: &[Entry], profile: &Profile, context: &mut Context) -> Verdict {
    if !profile.environment.is_live() || context.yes || entries.is_empty() {
        return Ok(());
    }
    let not_confirmed = Error::new(ErrorKind::Guard, "a live resend was not confirmed; nothing was sent");
    if !context.ui.can_ask() {
        return Err(not_confirmed.hint("add `--yes` to send it"));
    }
    for Entry { bill, .. } in entries.iter().take(10) {
        context.ui.prompt_line(&format!(
            "  {}  {}  {}  {} won  {}",
            bill.bill_no, bill.buyer, bill.phone, bill.amount, bill.channel
        ));
    }
    let question =
        format!("Message {} real customers of profile `{}` again? [y/N]", entries.len(), profile.name);
    if context.ui.confirm(&question) { Ok(()) } else { Err(not_confirmed) }
}

/// Messages one after the other and tells of each at once; a signal, refused credentials or a failing
/// ledger stop it.
fn message(
    entries: &[Entry],
    subjects: Subjects,
    client: &Client,
    api_key: &Secret,
    ledger: &mut Ledger,
    profile: &Profile,
    context: &mut Context,
) -> Verdict {
    let account = account(profile);
    let scope = scope(profile);
    let surroundings = context.surroundings.clone();
    let signals = surroundings.signals.clone();
    let one = subjects == Subjects::One && context.ui.format() != Format::Jsonl;
    let mut failures = Failures::default();
    let mut only = None;
    let mut sink = context.ui.sink::<SendReport>(&scope);
    let mut count: u64 = 0;
    for Entry { bill, batch, row, link, .. } in entries {
        if signals.is_noted() {
            break;
        }
        let mut delivery = Delivery {
            ledger,
            client,
            account: &account,
            api_key,
            operator: &surroundings.operator,
            now: &|| surroundings.clock.now(),
            stop: &|| signals.is_noted(),
            reached: surroundings.reached,
        };
        let (report, verdict) = match delivery.resend(bill) {
            Ok(Delivered::Answered(receipt)) => receipt::of_receipt(bill, &receipt),
            // Another run was faster, or it was paid meanwhile.
            Ok(Delivered::Known(entry)) => (receipt::known(&entry).0, may_be_messaged(&entry)),
            Err(DeliveryError::NotRecorded { bill_no, receipt, source }) => {
                let report = receipt::unrecorded(bill, &receipt);
                (report, Err(DeliveryError::NotRecorded { bill_no, receipt, source }.into()))
            }
            Err(error) => {
                failures.add(error.into());
                break;
            }
        };
        if let (Some(known), Some(told)) = (link, &report.url_key)
            && known.url_key.as_str() != told
        {
            let number = &bill.bill_no;
            sink.ui().warning(&format!(
                "bill `{number}` came back with the URLKEY `{told}`, before it was `{}`: both may be payable",
                known.url_key
            ));
        }
        count = count.saturating_add(1);
        let report = SendReport { batch: batch.clone(), row: *row, ..report };
        if one {
            only = Some(report);
        } else {
            sink.push(&report)?;
            sink.flush()?;
        }
        let stops =
            verdict.as_ref().is_err_and(|error| matches!(error.kind, ErrorKind::Auth | ErrorKind::Storage));
        failures.extend(verdict.err());
        if stops {
            break;
        }
    }
    if one {
        drop(sink);
        if let Some(report) = only {
            context.ui.show(&scope, &report)?;
        }
    } else {
        sink.finish(&serde_json::json!({ "count": count }))?;
    }
    failures.verdict(subjects)
}
