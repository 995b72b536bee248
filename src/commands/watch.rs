//! Asking after links once, or until nothing more is expected of them: `status`, `send --wait`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::api::{ApiError, Client, TokenError, TokenStore};
use crate::bill::Bill;
use crate::clean::{printable, shell_word};
use crate::cli::WaitArgs;
use crate::config::{Environment, Profile};
use crate::delivery::{Answered, Inquiry, InquiryError, Recorded, telling_answer};
use crate::error::{Error, ErrorKind, ExitCode};
use crate::ledger::{Ledger, Total};
use crate::output::{Format, Scope, SendReport, StatusReport, to_json, word};
use crate::payment::{Payment, PaymentState, UrlKey};
use crate::world::Surroundings;

use super::context::{Context, account, scope};
use super::failure;
use super::signal::interruption;
use super::time::{of_day, rfc3339};
use super::totals::{Things, totals_line};

/// Questions in flight at most: reads change nothing, so a few at a time save an operator's time.
pub(super) const READS_AT_ONCE: usize = 8;

/// A link to ask after, or all links of a bill, with what the ledger knows of it.
#[derive(Debug, Clone)]
pub(super) struct Watched {
    /// At least one, the newest first.
    pub(super) url_keys: Vec<UrlKey>,
    pub(super) billed: Option<Billed>,
}

/// What the bill of a link asks for.
#[derive(Debug, Clone)]
pub(super) struct Billed {
    pub(super) bill_no: String,
    pub(super) amount: u64,
    pub(super) product: String,
    pub(super) buyer: String,
}

impl Billed {
    pub(super) fn of(bill: &Bill) -> Self {
        Self {
            bill_no: bill.bill_no.to_string(),
            amount: bill.amount.won(),
            product: bill.product.to_string(),
            buyer: bill.buyer.to_string(),
        }
    }
}

/// Links and the way to ask after them.
pub(super) struct Watch<'a> {
    pub(super) client: &'a Client,
    pub(super) ledger: &'a mut Ledger,
    pub(super) profile: &'a Profile,
    pub(super) watched: Vec<Watched>,
    /// Questions in flight at most.
    pub(super) concurrency: usize,
    /// Whether `-o json` is one object rather than a list.
    pub(super) one_subject: bool,
}

/// What is known of one link, and why no more is.
#[derive(Default)]
struct Seen {
    report: Option<StatusReport>,
    failure: Option<Error>,
    /// The links by which it is paid.
    paid_by: Vec<UrlKey>,
    /// Whether `CookiePay` will say nothing else any more. That the link was paid with another amount than was billed
    /// is no state that passes.
    is_final: bool,
}

impl Seen {
    fn state(&self) -> Option<PaymentState> {
        self.report.as_ref().and_then(|report| report.state.parse().ok())
    }
}

/// Counts by state: the `summary` of a JSON document.
#[derive(Serialize)]
struct Summary {
    count: usize,
    by_state: BTreeMap<&'static str, u64>,
    failed: usize,
}

/// Whether to ask once or to wait.
pub(super) enum Patience<'a> {
    /// Ask once.
    Once,
    /// Ask until every link is paid or cancelled, showing what changes. The report of `send --wait`
    /// becomes part of the one document of `-o json`.
    Wait(&'a WaitArgs, Option<Box<SendReport>>),
}

impl Watch<'_> {
    /// Asks after each link and shows the answers.
    pub(super) fn run(self, patience: Patience<'_>, context: &mut Context) -> Result<ExitCode, Error> {
        let pay2_key = self.profile.pay2_key()?;
        let clock = context.surroundings.clock.clone();
        let operator = context.surroundings.operator.clone();
        let mut inquiry = Inquiry {
            ledger: self.ledger,
            client: self.client,
            tokens: token_store(self.client, self.profile, &pay2_key, &context.data_directory)
                .on_wait(context.on_wait()),
            account: &account(self.profile),
            operator: &operator,
            now: &|| clock.now(),
            concurrency: self.concurrency,
            interval: None,
            stop: &|| false,
            token: None,
            recorded: Recorded::All,
        };
        let scope = scope(self.profile);
        let (asked, sent, waited) = match patience {
            Patience::Once => (look(&mut inquiry, &self.watched), None, false),
            Patience::Wait(waiting, sent) => {
                // A report that waits for its status must not be lost to a signal.
                let hold = sent.is_some();
                let signals = context.surroundings.signals.clone();
                if hold {
                    signals.hold();
                }
                let waited = wait(&mut inquiry, &self.watched, waiting, &scope, context);
                let noted = if hold { signals.release() } else { None };
                let stopped = noted.map(|signal| Err(interruption(signal, INTERRUPTED)));
                (stopped.unwrap_or(waited), sent, true)
            }
        };
        let seen = match (asked, &sent) {
            (Ok(seen), _) => seen,
            (Err(error), None) => return Err(error),
            (Err(error), Some(sent)) => {
                show_sent(&scope, sent, None, context)?;
                return Err(error);
            }
        };
        warn_of_paid_twice(&self.watched, &seen, context);
        match (sent, seen.as_slice()) {
            (Some(sent), [only]) => show_sent(&scope, &sent, only.report.as_ref(), context)?,
            _ if waited && context.ui.format() != Format::Json => {}
            _ => show(&scope, self.one_subject, &seen, context)?,
        }
        let open = seen.iter().filter(|seen| !seen.is_final).count();
        if waited && open > 0 {
            let message = format!("the deadline passed with {open} of {} links open", seen.len());
            return Err(Error::new(ErrorKind::WaitTimeout, message)
                .hint("`cookiepay status --pending --wait` goes on waiting"));
        }
        verdict(&self.watched, seen)
    }
}

/// Asks once after each link. Refused credentials and a failing ledger end the command; a failing
/// network is told of its link only.
fn look(inquiry: &mut Inquiry<'_>, watched: &[Watched]) -> Result<Vec<Seen>, Error> {
    let keys: Vec<Vec<UrlKey>> = watched.iter().map(|link| link.url_keys.clone()).collect();
    let answers = match inquiry.payments_of_bills(&keys) {
        Ok(answers) => answers,
        Err(InquiryError::Token(TokenError::Api(error))) if !matches!(error, ApiError::Refused { .. }) => {
            let failed = |_| Seen { failure: Some(failure::of_read(&error)), ..Seen::default() };
            return Ok(watched.iter().map(failed).collect());
        }
        Err(error) => return Err(error.into()),
    };
    let checked_at = rfc3339((inquiry.now)());
    Ok(watched.iter().zip(answers).map(|(link, answers)| seen(link, answers, &checked_at)).collect())
}

/// What the answers about all links of a bill say of it.
fn seen(link: &Watched, answers: Vec<Answered>, checked_at: &str) -> Seen {
    let billed = link.billed.as_ref().map(|billed| billed.amount);
    let is_paid =
        |answer: &Answered| answer.as_ref().is_ok_and(|payment| payment.state() == PaymentState::Paid);
    let paid = link.url_keys.iter().zip(&answers).filter(|(_, answer)| is_paid(answer));
    let paid_by = paid.map(|(url_key, _)| url_key.clone()).collect();
    let told =
        telling_answer(answers, billed).and_then(|(place, answer)| Some((link.url_keys.get(place)?, answer)));
    match told {
        None => Seen::default(),
        Some((url_key, Ok(payment))) => {
            let is_final = payment.state().is_final();
            let report = report(url_key, link.billed.as_ref(), payment, checked_at.to_owned());
            Seen { report: Some(report), failure: None, paid_by, is_final }
        }
        Some((url_key, Err(error))) => {
            let mut failure = failure::of_read(&error);
            failure.message = format!("`{url_key}`: {}", failure.message);
            Seen { failure: Some(failure), paid_by, ..Seen::default() }
        }
    }
}

/// Says which bills were paid by more than one of their links.
fn warn_of_paid_twice(watched: &[Watched], seen: &[Seen], context: &mut Context) {
    for (link, seen) in watched.iter().zip(seen) {
        if let (Some(billed), [_, _, ..]) = (&link.billed, seen.paid_by.as_slice()) {
            let keys: Vec<String> = seen.paid_by.iter().map(|url_key| format!("`{url_key}`")).collect();
            let (number, keys) = (&billed.bill_no, keys.join(", "));
            context.ui.warning(&format!("bill `{number}` was paid more than once: by the links {keys}"));
        }
    }
}

/// Asks again and again until every link is paid or cancelled, the deadline passes, or nobody reads
/// any more.
fn wait(
    inquiry: &mut Inquiry<'_>,
    watched: &[Watched],
    waiting: &WaitArgs,
    scope: &Scope,
    context: &mut Context,
) -> Result<Vec<Seen>, Error> {
    let clock = context.surroundings.clock.clone();
    let mut changes = Changes::new(scope.clone(), context);
    let mut seen: Vec<Seen> = watched.iter().map(|_| Seen::default()).collect();
    let end = clock.elapsed().saturating_add(waiting.deadline);
    loop {
        let open: Vec<usize> =
            (0..seen.len()).filter(|place| seen.get(*place).is_some_and(|seen| !seen.is_final)).collect();
        let links: Vec<Watched> = open.iter().filter_map(|place| watched.get(*place).cloned()).collect();
        for (place, fresh) in open.into_iter().zip(look(inquiry, &links)?) {
            let Some(last) = seen.get_mut(place) else { continue };
            changes.show(last, &fresh, context)?;
            if fresh.report.is_some() {
                *last = fresh;
            }
        }
        let left = end.saturating_sub(clock.elapsed());
        if seen.iter().all(|seen| seen.is_final)
            || left.is_zero()
            || context.ui.output_is_closed()
            || context.surroundings.signals.is_noted()
        {
            return Ok(seen);
        }
        sleep(waiting.interval.min(left), context)?;
    }
}

/// What is said of a wait that a signal ended.
const INTERRUPTED: &str = "waiting was interrupted";

/// Sleeps so that a signal is heard and ends the command with its error, as any failure. Signals that
/// are held already stay so.
fn sleep(time: Duration, context: &Context) -> Result<(), Error> {
    let Surroundings { clock, signals, .. } = &context.surroundings;
    let held = signals.is_held();
    signals.hold();
    clock.sleep(time, &|| signals.is_noted());
    if held {
        return Ok(());
    }
    signals.release().map_or(Ok(()), |signal| Err(interruption(signal, INTERRUPTED)))
}

/// The tokens of a profile. Those of the emulator are kept under one name, since its port changes.
pub(super) fn token_store<'a>(
    client: &'a Client,
    profile: &'a Profile,
    pay2_key: &'a crate::secret::Secret,
    data_directory: &std::path::Path,
) -> TokenStore<'a> {
    let host = match profile.environment {
        Environment::Local => "local",
        Environment::Live | Environment::Sandbox => profile.base_url.as_str(),
    };
    TokenStore::new(data_directory, host, client, &profile.pay2_id, pay2_key)
}

/// What CookiePay says; of an unpaid link it names neither amount nor buyer nor product, so the bill does.
fn report(url_key: &UrlKey, billed: Option<&Billed>, payment: Payment, checked_at: String) -> StatusReport {
    StatusReport {
        url_key: url_key.to_string(),
        bill_no: billed.map(|billed| billed.bill_no.clone()),
        state: billed.map_or_else(|| payment.state(), |billed| payment.state_of_bill(billed.amount)).as_str(),
        result_code: payment.result_code,
        result_message: payment.result_message,
        order_no: payment.order_no,
        amount: payment.amount.or(billed.map(|billed| billed.amount)),
        buyer_name: payment.buyer_name.or_else(|| billed.map(|billed| billed.buyer.clone())),
        buyer_email: payment.buyer_email,
        product_name: payment.product_name.or_else(|| billed.map(|billed| billed.product.clone())),
        product_code: payment.product_code,
        pay_method: payment.pay_method,
        buyer_id: payment.buyer_id,
        tid: payment.tid,
        accept_no: payment.accept_no,
        accepted_at: payment.accepted_at,
        cancelled_at: payment.cancelled_at,
        cancel_message: payment.cancel_message,
        account_no: payment.account_no,
        receiver_name: payment.receiver_name,
        deposit_due: payment.deposit_due,
        card_name: payment.card_name,
        card_code: payment.card_code,
        checked_at,
    }
}

/// Shows what is known of every link: one object, or a list with its summary.
fn show(scope: &Scope, one_subject: bool, seen: &[Seen], context: &mut Context) -> Result<(), Error> {
    let reports = || seen.iter().filter_map(|seen| seen.report.as_ref());
    if one_subject {
        for report in reports() {
            context.ui.show(scope, report)?;
        }
        return Ok(());
    }
    let mut totals: BTreeMap<&'static str, Total> = BTreeMap::new();
    for report in reports() {
        totals.entry(report.state).or_default().add(report.amount.unwrap_or_default());
    }
    let summary = Summary {
        count: seen.len(),
        by_state: totals.iter().map(|(state, total)| (*state, total.count)).collect(),
        failed: seen.iter().filter(|seen| seen.failure.is_some()).count(),
    };
    let mut sink = context.ui.sink::<StatusReport>(scope);
    for report in reports() {
        sink.push(report)?;
    }
    sink.finish(&summary)?;
    if context.ui.format() == Format::Table && !totals.is_empty() {
        let parts: Vec<_> = totals.into_iter().collect();
        let line = totals_line(context.ui.language(), Things::Links, None, &parts);
        context.ui.write_data(line.as_bytes())?;
    }
    Ok(())
}

/// Shows that there is no link to ask after.
pub(super) fn show_none(profile: &Profile, context: &mut Context) -> Result<(), Error> {
    show(&scope(profile), false, &[], context)
}

/// The one document of `send --wait -o json`: the report of `send`, with the status under `status`.
fn show_sent(
    scope: &Scope,
    sent: &SendReport,
    status: Option<&StatusReport>,
    context: &mut Context,
) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Document<'a> {
        #[serde(flatten)]
        scope: &'a Scope,
        #[serde(flatten)]
        sent: &'a SendReport,
        status: Option<&'a StatusReport>,
    }
    let document = to_json(&Document { scope, sent, status })?;
    Ok(context.ui.write_data(format!("{document}\n").as_bytes())?)
}

/// The exit code of what was seen: credentials, then failures, then what the answers say.
fn verdict(watched: &[Watched], seen: Vec<Seen>) -> Result<ExitCode, Error> {
    let mut codes = vec![ExitCode::OK];
    let mut failures = Vec::new();
    for (link, seen) in watched.iter().zip(seen) {
        codes.push(match seen.state() {
            Some(PaymentState::Cancelled) => ExitCode::CANCELLED,
            Some(PaymentState::Unpaid | PaymentState::AwaitingDeposit) => ExitCode::UNPAID,
            Some(PaymentState::Paid | PaymentState::Error) | None => ExitCode::OK,
        });
        failures.extend(seen.failure);
        if let Some(report) = seen.report.filter(|report| report.state == PaymentState::Error.as_str()) {
            failures.push(of_error_state(link, &report));
        }
    }
    let first = |kind| failures.iter().position(|failure| failure.kind == kind);
    let worst = [ErrorKind::Auth, ErrorKind::Refused, ErrorKind::Network].into_iter().find_map(first);
    if let Some(worst) = worst {
        let others = failures.len().saturating_sub(1);
        let mut failure = failures.swap_remove(worst);
        if others > 0 {
            failure.message = format!("{} (and {others} more)", failure.message);
        }
        return Err(failure);
    }
    Ok(codes.into_iter().max().unwrap_or(ExitCode::OK))
}

fn of_error_state(link: &Watched, report: &StatusReport) -> Error {
    if let (Some(billed), Some(told)) = (&link.billed, report.amount)
        && billed.amount != told
    {
        return failure::of_other_amount(&report.url_key, billed.amount, told);
    }
    let message =
        report.result_message.as_ref().map(|text| format!(": {}", printable(text))).unwrap_or_default();
    let code = printable(&report.result_code);
    Error::new(ErrorKind::Refused, format!("`{}`: CookiePay answered {code}{message}", report.url_key))
        .hint(format!("`cookiepay explain {}` says what is known of the code", shell_word(&code)))
}

/// Shows what changed from one look to the next, in the format of stdout.
struct Changes {
    scope: Scope,
    header_is_due: bool,
}

impl Changes {
    fn new(scope: Scope, context: &mut Context) -> Self {
        context.ui.status("waiting until every link is paid or cancelled; Ctrl-C stops waiting");
        Self { scope, header_is_due: true }
    }

    fn show(&mut self, last: &Seen, fresh: &Seen, context: &mut Context) -> Result<(), Error> {
        if let Some(failure) = &fresh.failure {
            context.ui.warning(&format!("{}; it is asked again", failure.message));
        }
        let Some(report) = fresh.report.as_ref().filter(|_| last.state() != fresh.state()) else {
            return Ok(());
        };
        match context.ui.format() {
            Format::Json => Ok(()),
            Format::Table => {
                let language = context.ui.language();
                let before = last.report.as_ref().map(|last| format!("{} → ", word(last.state, language)));
                let line = format!(
                    "{}  {}  {}{}\n",
                    of_day(context.now()),
                    report.url_key,
                    before.unwrap_or_default(),
                    word(report.state, language)
                );
                Ok(context.ui.write_data(line.as_bytes())?)
            }
            Format::Jsonl | Format::Csv => {
                let header = std::mem::take(&mut self.header_is_due);
                Ok(context.ui.write_line(&self.scope, report, header)?)
            }
        }
    }
}
