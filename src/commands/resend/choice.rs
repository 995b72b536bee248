//! Which bills `resend` messages, and which it leaves out and why.
//!
//! Bills that are named are messaged all or none. Of a batch, those that need no message are left out.

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;
use std::time::Duration;

use jiff::Timestamp;

use crate::api::Client;
use crate::bill::{BatchName, Channel};
use crate::clean::printable;
use crate::cli::ResendArgs;
use crate::config::{Profile, window_text};
use crate::delivery::{Inquiry, Recorded, telling_answer};
use crate::error::{Error, ErrorKind};
use crate::ledger::{AttemptKind, Entry, Filter, Ledger, Standing};
use crate::payment::{Outcome, PaymentState, UrlKey};

use super::super::context::{Context, account};
use super::super::failure;
use super::super::filter::known_batch;
use super::super::receipt::Verdict;
use super::super::time::rfc3339;
use super::super::watch::{READS_AT_ONCE, token_store};

/// Why bills of a batch are left out, and their numbers.
pub(super) type LeftOut = BTreeMap<&'static str, Vec<String>>;

/// The word for bills that were messaged a short while ago.
const MESSAGED: &str = "messaged";

/// What is to be messaged.
pub(super) struct Choice<'a> {
    arguments: &'a ResendArgs,
    /// Without `--again`.
    pub(super) window: Option<Duration>,
    pub(super) entries: Vec<Entry>,
    pub(super) left_out: LeftOut,
}

impl<'a> Choice<'a> {
    /// What the ledger knows of the bills that are named, or of those of the batch.
    pub(super) fn read(arguments: &'a ResendArgs, profile: &Profile, ledger: &Ledger) -> Result<Self, Error> {
        let window = Some(profile.guards.resend_window).filter(|_| !arguments.again);
        let mut choice = Self { arguments, window, entries: Vec::new(), left_out: LeftOut::new() };
        match &arguments.batch {
            Some(name) => choice.read_batch(name, profile, ledger)?,
            None => choice.read_named(profile, ledger)?,
        }
        Ok(choice)
    }

    fn read_batch(&mut self, name: &BatchName, profile: &Profile, ledger: &Ledger) -> Result<(), Error> {
        let batch = known_batch(Some(name), Some(ledger), profile)?;
        let filter = Filter { batch, ..Filter::default() };
        let mut refused = Ok(());
        ledger.each(&account(profile), &filter, |entry| {
            // Of the others it is proved that they were messaged, or that there is nothing to message about.
            if self.arguments.linked && entry.standing != Standing::Settled(Outcome::Linked) {
                return ControlFlow::Continue(());
            }
            if self.leaves_out() {
                match reason(&entry, self.arguments.linked) {
                    None => self.entries.push(entry),
                    Some(reason) => self.leave_out(reason, &entry),
                }
                return ControlFlow::Continue(());
            }
            refused = may_be_messaged(&entry);
            self.entries.push(entry);
            if refused.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        refused
    }

    fn read_named(&mut self, profile: &Profile, ledger: &Ledger) -> Result<(), Error> {
        let account = account(profile);
        let mut named = HashSet::new();
        let typed = self.arguments.bills.iter().chain(&self.arguments.bill_no);
        for text in typed.filter(|text| named.insert(text.trim())) {
            let known = match text.parse() {
                Ok(number) => ledger.find(&account, &number)?,
                Err(_) => None,
            };
            let Some(entry) = known else {
                let message = format!(
                    "the ledger knows no bill `{text}` of profile `{}`; nothing was sent",
                    profile.name
                );
                let hint = "`cookiepay list` shows the bills it knows";
                return Err(Error::new(ErrorKind::Guard, message).hint(hint));
            };
            self.entries.push(entry);
        }
        if self.entries.is_empty() {
            let hint = "name BILL_NOs, or `--batch NAME`";
            return Err(Error::new(ErrorKind::Usage, "no bill is named").hint(hint));
        }
        self.entries.iter().try_for_each(may_be_messaged)
    }

    /// Whether a batch is named rather than bills.
    pub(super) fn is_batch(&self) -> bool {
        self.arguments.batch.is_some()
    }

    /// Whether bills that must not be messaged are left out, rather than that nothing is sent because of them.
    fn leaves_out(&self) -> bool {
        self.arguments.unpaid || self.arguments.linked
    }

    fn leave_out(&mut self, reason: &'static str, entry: &Entry) {
        self.left_out.entry(reason).or_default().push(entry.bill.bill_no.to_string());
    }

    /// Asks after each bill before anybody is messaged.
    pub(super) fn look_first(
        &mut self,
        client: &Client,
        ledger: &mut Ledger,
        profile: &Profile,
        context: &Context,
    ) -> Result<(), Error> {
        let pay2_key = profile.pay2_key()?;
        let surroundings = &context.surroundings;
        let mut inquiry = Inquiry {
            ledger,
            client,
            tokens: token_store(client, profile, &pay2_key, &context.data_directory)
                .on_wait(context.on_wait()),
            account: &account(profile),
            operator: &surroundings.operator,
            now: &|| surroundings.clock.now(),
            concurrency: READS_AT_ONCE,
            interval: None,
            stop: &|| false,
            token: None,
            recorded: Recorded::All,
        };
        let links: Vec<Vec<UrlKey>> = self.entries.iter().map(url_keys).collect::<Result<_, _>>()?;
        let answers = inquiry.payments_of_bills(&links).map_err(|error| nothing_sent(error.into()))?;
        for (mut entry, answers) in std::mem::take(&mut self.entries).into_iter().zip(answers) {
            let (number, billed) = (&entry.bill.bill_no, entry.bill.amount.won());
            let Some((_, answer)) = telling_answer(answers, Some(billed)) else { continue };
            let payment = answer.map_err(|error| {
                let error = nothing_sent(failure::of_read(&error));
                let message = format!("bill `{number}`: {}", error.message);
                Error { message, ..error }.about(number, None)
            })?;
            let state = payment.state_of_bill(billed);
            entry.state = Some(state);
            if state == PaymentState::Error {
                let code = payment.result_code;
                let refused = || {
                    let message = payment.result_message.unwrap_or_default();
                    let message =
                        format!("bill `{number}`: CookiePay answered {code}: {}", printable(&message));
                    Error::new(ErrorKind::Refused, message)
                };
                let mut error = payment
                    .amount
                    .filter(|told| *told != billed)
                    .map_or_else(refused, |told| failure::of_other_amount(number, billed, told));
                error.message.push_str("; nothing was sent");
                return Err(error.about(number, None));
            }
            if self.leaves_out() && state != PaymentState::Unpaid {
                self.leave_out(state.as_str(), &entry);
                continue;
            }
            may_be_messaged(&entry)?;
            self.entries.push(entry);
        }
        Ok(())
    }

    /// Keeps those that were messaged a short while ago from being messaged again: of a batch they are left
    /// out, and if they alone are left, or are named, nothing is sent.
    pub(super) fn spare_those_just_messaged(&mut self, now: Timestamp) -> Result<(), Error> {
        let mut last = None;
        for entry in std::mem::take(&mut self.entries) {
            let Some(messaged_at) = entry.messaged_within(now, self.window) else {
                self.entries.push(entry);
                continue;
            };
            if !self.is_batch() {
                return Err(just_messaged(&entry, messaged_at, self.window));
            }
            self.leave_out(MESSAGED, &entry);
            last = Some((entry, messaged_at));
        }
        match last {
            Some((entry, messaged_at)) if self.entries.is_empty() => {
                Err(just_messaged(&entry, messaged_at, self.window))
            }
            _ => Ok(()),
        }
    }
}

/// A failure before anybody was messaged.
fn nothing_sent(error: Error) -> Error {
    let message = format!("{}; nothing was sent", error.message);
    Error { message, ..error }
}

/// Why this bill of a batch needs no message, in a word; `None` where it is to get one.
fn reason(entry: &Entry, only_unproved: bool) -> Option<&'static str> {
    if !AttemptKind::Resend.is_allowed_for(entry) {
        let is_settled =
            matches!(entry.standing, Standing::Settled(Outcome::Sent | Outcome::Created | Outcome::Linked));
        let state = entry.state.filter(|_| is_settled).map(PaymentState::as_str);
        return Some(state.unwrap_or_else(|| entry.standing.outcome().as_str()));
    }
    // Nobody was to be messaged.
    (only_unproved && entry.bill.channel == Channel::Link).then_some(Channel::Link.as_str())
}

/// The keys to ask after, all those of its links.
fn url_keys(entry: &Entry) -> Result<Vec<UrlKey>, Error> {
    let keys: Vec<UrlKey> = entry.url_keys().cloned().collect();
    if !keys.is_empty() {
        return Ok(keys);
    }
    let number = &entry.bill.bill_no;
    let message = format!("bill `{number}` has no link to ask after, so it may be paid; nothing was sent");
    Err(Error::new(ErrorKind::Guard, message)
        .hint(format!("`cookiepay list --bill-no {number}` shows what is known of it"))
        .about(number, Some(entry.standing.outcome().as_str())))
}

/// Only a bill that `CookiePay` has and that is neither paid nor cancelled.
pub(super) fn may_be_messaged(entry: &Entry) -> Verdict {
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

/// A bill that was messaged a short while ago.
pub(super) fn just_messaged(entry: &Entry, messaged_at: Timestamp, window: Option<Duration>) -> Error {
    let number = &entry.bill.bill_no;
    let window = window_text(window.unwrap_or_default());
    let message = format!(
        "bill `{number}` was messaged at {}, less than {window} ago; nothing was sent",
        rfc3339(messaged_at)
    );
    Error::new(ErrorKind::Guard, message)
        .hint("`--again` messages it all the same; `resend_window` of the profile is the time")
        .about(number, Some(entry.standing.outcome().as_str()))
}
