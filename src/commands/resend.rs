//! `resend`: the message of a bill once more, under the same number, with the same content.
//!
//! What would follow a second request for a paid bill nobody has published, so each bill is looked
//! at first (`choice`).

mod choice;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::api::Client;
use crate::bill::{Bill, Channel};
use crate::cli::ResendArgs;
use crate::config::Profile;
use crate::delivery::{Delivered, Delivery, DeliveryError};
use crate::error::{Error, ErrorKind, ExitCode, WrongField};
use crate::ledger::{Entry, Ledger};
use crate::output::{Format, Progress, Scope, SendReport, Sink, Ui, won, word};
use crate::payment::Outcome;
use crate::secret::Secret;

use super::context::{Context, account, scope};
use super::receipt::{self, Failures, Subjects, Verdict};
use super::signal::{ANSWERED, interrupted_instead, interruption};
use choice::{Choice, LeftOut, just_messaged, may_be_messaged};

/// Runs `resend`.
pub(super) fn run(arguments: &ResendArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let profile = context.profile()?;
    let via = channel(arguments)?;
    let mut ledger = context.ledger_to_send()?;
    let _lock = match &arguments.batch {
        Some(name) => Some(super::batch::lock(name.as_str(), &account(&profile), context)?),
        None => None,
    };
    let mut choice = Choice::read(arguments, &profile, &ledger)?;
    if choice.entries.is_empty() {
        return nothing_to_message(&choice.left_out, &profile, context);
    }
    let api_key = profile.api_key()?;
    let client = context.connect(&profile)?;
    choice.look_first(&client, &mut ledger, &profile, context)?;
    choice.spare_those_just_messaged(context.now())?;
    if choice.entries.is_empty() {
        return nothing_to_message(&choice.left_out, &profile, context);
    }
    choice.entries = by_channel(choice.entries, via, &profile)?;
    confirm(&choice.entries, &profile, context)?;
    let subjects =
        if !choice.is_batch() && choice.entries.len() == 1 { Subjects::One } else { Subjects::Many };
    context.surroundings.signals.hold();
    let told = message(&choice, subjects, &client, &api_key, &mut ledger, &profile, context);
    let signal = context.surroundings.signals.release();
    told.map_err(|error| interrupted_instead(error, signal))?;
    signal.map_or(Ok(ExitCode::OK), |signal| Err(interruption(signal, ANSWERED)))
}

/// All bills of the batch are left out.
fn nothing_to_message(
    left_out: &LeftOut,
    profile: &Profile,
    context: &mut Context,
) -> Result<ExitCode, Error> {
    context.ui.sink::<SendReport>(&scope(profile)).finish(&Summary::new(left_out))?;
    context.ui.status("nothing is left to message");
    say_left_out(left_out, context);
    Ok(ExitCode::OK)
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
        let amount = won(bill.amount.won(), context.ui.language());
        context.ui.prompt_line(&format!(
            "  {}  {}  {}  {amount}  {}",
            bill.bill_no, bill.buyer, bill.phone, bill.channel
        ));
    }
    let customers = if entries.len() == 1 { "customer" } else { "customers" };
    let question =
        format!("Message {} real {customers} of profile `{}` again? [y/N]", entries.len(), profile.name);
    if context.ui.confirm(&question) { Ok(()) } else { Err(not_confirmed) }
}

/// The `summary` of a JSON document.
#[derive(Serialize)]
struct Summary<'a> {
    count: u64,
    by_outcome: BTreeMap<&'static str, u64>,
    left_out: &'a LeftOut,
}

impl<'a> Summary<'a> {
    fn new(left_out: &'a LeftOut) -> Self {
        Self { count: 0, by_outcome: BTreeMap::new(), left_out }
    }

    fn count(&mut self, report: &SendReport) {
        self.count = self.count.saturating_add(1);
        let count = self.by_outcome.entry(report.outcome).or_default();
        *count = count.saturating_add(1);
    }
}

/// Names of bills that are said of each reason.
const MOST_NAMED: usize = 10;

/// Says which bills of the batch were left out, and why.
fn say_left_out(left_out: &LeftOut, context: &mut Context) {
    let language = context.ui.language();
    for (reason, numbers) in left_out {
        let named: Vec<&str> = numbers.iter().take(MOST_NAMED).map(String::as_str).collect();
        let more = numbers.len().saturating_sub(named.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let reason = word(reason, language);
        context.ui.status(&format!("left out, {reason}: {} ({}{more})", numbers.len(), named.join(", ")));
    }
}

/// What is told of the bills.
struct Teller<'a> {
    subjects: Subjects,
    summary: Summary<'a>,
    failures: Failures,
    /// The report of the one bill.
    only: Option<SendReport>,
}

impl Teller<'_> {
    fn tell(&mut self, entry: &Entry, report: SendReport, sink: &mut Sink<'_>) -> Result<(), Error> {
        let report = SendReport { batch: entry.batch.clone(), row: entry.row, ..report };
        self.summary.count(&report);
        match (self.subjects, sink.ui().format()) {
            (Subjects::One, Format::Table | Format::Json) => self.only = Some(report),
            (_, Format::Jsonl | Format::Csv) => {
                sink.push(&report)?;
                sink.flush()?;
            }
            _ => sink.push(&report)?,
        }
        Ok(())
    }
}

/// Messages one after the other; a signal, refused credentials or a failing ledger stop it. Bills that are
/// named and then not reached are told as not sent.
fn message(
    choice: &Choice<'_>,
    subjects: Subjects,
    client: &Client,
    api_key: &Secret,
    ledger: &mut Ledger,
    profile: &Profile,
    context: &mut Context,
) -> Verdict {
    let (account, scope) = (account(profile), scope(profile));
    let surroundings = context.surroundings.clone();
    let signals = surroundings.signals.clone();
    let summary = Summary::new(&choice.left_out);
    let mut teller = Teller { subjects, summary, failures: Failures::default(), only: None };
    let total = u64::try_from(choice.entries.len()).unwrap_or(u64::MAX);
    let amount = choice.entries.iter().map(|entry| entry.bill.amount.won()).sum();
    let mut progress = (subjects == Subjects::Many).then(|| Progress::start(total, amount, &context.ui));
    let mut sink = context.ui.sink::<SendReport>(&scope);
    let mut entries = choice.entries.iter();
    while !signals.is_noted() {
        let Some(entry) = entries.next() else { break };
        let mut delivery = Delivery {
            ledger,
            client,
            account: &account,
            api_key,
            operator: &surroundings.operator,
            now: &|| surroundings.clock.now(),
            stop: &|| signals.is_noted(),
            under_way: &signals.bills_under_way,
            reached: surroundings.reached,
        };
        let delivered = delivery.resend(&entry.bill, choice.window);
        let (report, verdict) = told(entry, delivered, choice.window, sink.ui());
        let stops =
            verdict.as_ref().is_err_and(|error| matches!(error.kind, ErrorKind::Auth | ErrorKind::Storage));
        if let Some(progress) = &mut progress {
            progress.step(receipt::step(&verdict), entry.bill.amount.won(), sink.ui());
        }
        teller.failures.extend(verdict.err());
        teller.tell(entry, report, &mut sink)?;
        if stops {
            break;
        }
    }
    if let Some(progress) = progress {
        progress.finish();
    }
    for entry in entries.filter(|_| !choice.is_batch()) {
        let not_reached = SendReport { outcome: Outcome::NotSent.as_str(), ..receipt::known(entry).0 };
        teller.tell(entry, not_reached, &mut sink)?;
    }
    if teller.only.is_none() {
        sink.finish(&teller.summary)?;
    }
    say(teller, &scope, context)
}

/// What came of one bill.
fn told(
    entry: &Entry,
    delivered: Result<Delivered, DeliveryError>,
    window: Option<Duration>,
    ui: &mut Ui,
) -> (SendReport, Verdict) {
    let bill = &entry.bill;
    let (report, verdict) = match delivered {
        Ok(Delivered::Answered(receipt)) => receipt::of_receipt(bill, &receipt),
        // Another run was faster, or it was paid meanwhile.
        Ok(Delivered::Known(entry)) => (receipt::known(&entry).0, may_be_messaged(&entry)),
        Err(DeliveryError::Duplicate { requested_at, .. }) => {
            (receipt::known(entry).0, Err(just_messaged(entry, requested_at, window)))
        }
        Err(DeliveryError::NotRecorded { bill_no, receipt, source }) => {
            let report = receipt::unrecorded(bill, &receipt);
            (report, Err(DeliveryError::NotRecorded { bill_no, receipt, source }.into()))
        }
        Err(error) => {
            let report = SendReport { outcome: Outcome::NotSent.as_str(), ..receipt::known(entry).0 };
            (report, Err(error.into()))
        }
    };
    if let (Some(known), Some(told)) = (&entry.link, &report.url_key)
        && known.url_key.as_str() != told
    {
        let number = &bill.bill_no;
        ui.warning(&format!(
            "bill `{number}` came back with the URLKEY `{told}`, before it was `{}`: both may be payable, and both are asked after from now on",
            known.url_key
        ));
    }
    (report, verdict)
}

/// Shows the one bill, or says what came of the many; and judges it.
fn say(teller: Teller<'_>, scope: &Scope, context: &mut Context) -> Verdict {
    let Teller { subjects, summary, failures, only } = teller;
    if let Some(report) = only {
        context.ui.show(scope, &report)?;
    } else if subjects == Subjects::Many {
        let language = context.ui.language();
        let part = |(outcome, count): (&&str, &u64)| format!("{count} {}", word(outcome, language));
        let parts: Vec<String> = summary.by_outcome.iter().map(part).collect();
        context.ui.status(&format!("bills: {}: {}", summary.count, parts.join(", ")));
        say_left_out(summary.left_out, context);
    }
    failures.verdict(subjects)
}
