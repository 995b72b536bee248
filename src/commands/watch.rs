//! Asking after links once, or until nothing more is expected of them: `status`, `send --wait`.

mod links;
mod tally;
mod waiting;

use serde::Serialize;

use crate::api::{ApiError, Client, TokenError, TokenStore};
use crate::cli::WaitArgs;
use crate::config::{Environment, Profile};
use crate::delivery::{Answered, Inquiry, InquiryError, Recorded, telling_answer};
use crate::error::{Error, ErrorKind, ExitCode};
use crate::ledger::Ledger;
use crate::output::{Format, Scope, SendReport, StatusReport, Ui, to_json};
use crate::payment::{Payment, PaymentState, UrlKey};

pub(super) use links::{Linkless, Links, Subject};

use super::context::{Context, account, scope};
use super::failure;
use super::signal::interruption;
use super::time::rfc3339;
use links::{Billed, PAGE, Watched};
use tally::Tally;
use waiting::{INTERRUPTED, Waited, wait};

/// Questions in flight at most: reads change nothing, so a few at a time save an operator's time.
pub(super) const READS_AT_ONCE: usize = 8;

/// Links and the way to ask after them.
pub(super) struct Watch<'a> {
    pub(super) client: &'a Client,
    pub(super) ledger: &'a mut Ledger,
    pub(super) profile: &'a Profile,
    pub(super) links: &'a mut Links,
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
    /// Whether `CookiePay` will say nothing else any more. That the link was paid with another amount than was billed
    /// is no state that passes.
    is_final: bool,
    /// The links by which it is paid.
    paid_by: Vec<UrlKey>,
}

impl Seen {
    fn state(&self) -> Option<PaymentState> {
        self.report.as_ref().and_then(|report| report.state.parse().ok())
    }
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
        match patience {
            Patience::Once if self.one_subject => ask_one(&mut inquiry, self.links, &scope, context),
            Patience::Once => ask_all(&mut inquiry, self.links, &scope, context),
            Patience::Wait(waiting, sent) => {
                // A report that waits for its status must not be lost to a signal.
                let hold = sent.is_some();
                let signals = context.surroundings.signals.clone();
                if hold {
                    signals.hold();
                }
                let waited = wait(&mut inquiry, self.links, waiting, &scope, context);
                let noted = if hold { signals.release() } else { None };
                let stopped = noted.map(|signal| Err(interruption(signal, INTERRUPTED)));
                let waited = stopped.unwrap_or(waited);
                if let Some(sent) = &sent {
                    let status = waited.as_ref().ok().and_then(|waited| waited.reports.first());
                    show_sent(&scope, sent, status, context)?;
                }
                show_waited(waited?, sent.is_none(), self.one_subject, &scope, context)
            }
        }
    }
}

/// Asks once after the one link, and shows it.
fn ask_one(
    inquiry: &mut Inquiry<'_>,
    links: &mut Links,
    scope: &Scope,
    context: &mut Context,
) -> Result<ExitCode, Error> {
    let mut tally = Tally::default();
    let page = links.next_page(inquiry.account, inquiry.ledger)?.unwrap_or_default();
    for (link, seen) in page.iter().zip(look(inquiry, &page)?) {
        warn_of_paid_twice(link, &seen, &mut context.ui);
        if let Some(report) = &seen.report {
            context.ui.show(scope, report)?;
        }
        tally.add(link, seen);
    }
    tally.verdict()
}

/// Asks once after every link, a page of them at a time, and shows the answers as they come. If that fails in the
/// middle, what was shown before is closed.
fn ask_all(
    inquiry: &mut Inquiry<'_>,
    links: &mut Links,
    scope: &Scope,
    context: &mut Context,
) -> Result<ExitCode, Error> {
    let (format, language) = (context.ui.format(), context.ui.language());
    let mut tally = Tally::default();
    let mut sink = context.ui.sink::<StatusReport>(scope);
    loop {
        let page = match links.next_page(inquiry.account, inquiry.ledger) {
            Ok(Some(page)) => look(inquiry, &page).map(|seen| (page, seen)),
            Ok(None) => break,
            Err(error) => Err(error.into()),
        };
        let (page, seen) = match page {
            Ok(page) => page,
            Err(error) => {
                if tally.count > 0 {
                    sink.finish(&tally.summary())?;
                }
                return Err(error);
            }
        };
        for (link, seen) in page.iter().zip(seen) {
            warn_of_paid_twice(link, &seen, sink.ui());
            if let Some(report) = &seen.report {
                sink.push(report)?;
            }
            tally.add(link, seen);
        }
        sink.flush_records()?;
        if inquiry.token.is_none() {
            // Without a token nothing more can be asked.
            break;
        }
    }
    sink.finish(&tally.summary())?;
    if let Some(line) = tally.line(language).filter(|_| format == Format::Table) {
        context.ui.write_data(line.as_bytes())?;
    }
    tally.verdict()
}

/// Shows that there is no link to ask after.
pub(super) fn show_none(profile: &Profile, context: &mut Context) -> Result<(), Error> {
    Ok(context.ui.sink::<StatusReport>(&scope(profile)).finish(&Tally::default().summary())?)
}

/// Shows what a wait came to, where that is one document in the end, and judges it.
fn show_waited(
    waited: Waited,
    shows: bool,
    one_subject: bool,
    scope: &Scope,
    context: &mut Context,
) -> Result<ExitCode, Error> {
    let Waited { settled, open, reports } = waited;
    let count = settled.count.saturating_add(open);
    if shows && context.ui.format() == Format::Json {
        if one_subject {
            for report in &reports {
                context.ui.show(scope, report)?;
            }
        } else {
            let mut sink = context.ui.sink::<StatusReport>(scope);
            reports.iter().try_for_each(|report| sink.push(report))?;
            sink.finish(&tally::Summary::of(count, &reports))?;
        }
    }
    if open > 0 {
        let message = format!("the deadline passed with {open} of {count} links open");
        return Err(Error::new(ErrorKind::WaitTimeout, message)
            .hint("`cookiepay status --pending --wait` goes on waiting"));
    }
    settled.verdict()
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
            Seen { report: Some(report), failure: None, is_final, paid_by }
        }
        Some((url_key, Err(error))) => {
            let mut failure = failure::of_read(&error);
            failure.message = format!("`{url_key}`: {}", failure.message);
            Seen { failure: Some(failure), paid_by, ..Seen::default() }
        }
    }
}

/// Says that a bill was paid by more than one of its links.
fn warn_of_paid_twice(link: &Watched, seen: &Seen, ui: &mut Ui) {
    if let (Some(billed), [_, _, ..]) = (&link.billed, seen.paid_by.as_slice()) {
        let keys: Vec<String> = seen.paid_by.iter().map(|url_key| format!("`{url_key}`")).collect();
        let (number, keys) = (&billed.bill_no, keys.join(", "));
        ui.warning(&format!("bill `{number}` was paid more than once: by the links {keys}"));
    }
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
