//! `noti verify`: notifications from files or stdin, each confirmed with CookiePay and the ledger.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::context::{Context, account, scope};
use super::super::watch::token_store;
use super::input::{self, Counts};
use super::shown::{Place, buyer_cell, by_word, how_many, kind_cell, noti_fields, verdict_cell};
use super::unrecorded;
use crate::api::{ApiError, TokenError};
use crate::cli::NotiVerifyArgs;
use crate::delivery::{Answers, Claim, Inquiry, Recorded, Renewal, Verification, Verified};
use crate::error::{Error, ErrorKind, ExitCode};
use crate::ledger::Account;
use crate::noti::{Judgement, Notification, Unverified};
use crate::output::{Cell, Format, Language, Record, Sink};
use crate::payment::Verdict;

/// Notifications that are checked together, so that each of their links is asked after once.
const TOGETHER: usize = 1_000;

/// A notification and what the check says of it.
#[derive(Serialize)]
struct Checked<'a> {
    #[serde(flatten)]
    notification: &'a Notification<'a>,
    verdict: Option<Verdict>,
    reasons: &'a [String],
    /// Of a confirmed one what nobody has checked.
    unverified: Option<Unverified<'a>>,
    #[serde(skip)]
    place: Place,
}

impl Record for Checked<'_> {
    const FIELDS: &'static [&'static str] = noti_fields!("verdict", "reasons", "unverified");
    const COLUMNS: &'static [&'static str] =
        &["line", "verdict", "kind", "amount", "buyer_name", "order_no", "reasons"];

    fn cells(&self, language: Language) -> Vec<Cell> {
        vec![
            self.place.cell(self.notification),
            verdict_cell(self.verdict, language),
            kind_cell(self.notification.kind, language),
            Cell::won(self.notification.amount),
            buyer_cell(self.notification),
            Cell::maybe(self.notification.order_no.as_deref()),
            Cell::text(self.reasons.join("; ")),
        ]
    }
}

/// What the checks said, for the summary and the exit code.
#[derive(Default)]
struct Tally {
    by_verdict: BTreeMap<&'static str, u64>,
    unanswered: u64,
    /// The first question without an answer.
    failure: Option<ApiError>,
}

/// The `summary` of a JSON document.
#[derive(Serialize)]
struct Summary<'a> {
    #[serde(flatten)]
    counts: &'a Counts,
    by_verdict: &'a BTreeMap<&'static str, u64>,
    unanswered: u64,
}

/// Checks notifications some at a time.
struct Checker<'c, 'i> {
    verification: &'c mut Verification<'i>,
    account: &'c Account,
    waiting: Vec<Notification<'static>>,
    place: Place,
    tally: Tally,
}

impl Checker<'_, '_> {
    fn take(&mut self, notification: Notification<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.waiting.push(notification.into_owned());
        if self.waiting.len() < TOGETHER { Ok(()) } else { self.check(sink) }
    }

    /// Checks those that wait and shows them.
    fn check(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        let waiting = std::mem::take(&mut self.waiting);
        let claims: Vec<Claim> =
            waiting.iter().map(|notification| Claim::of(notification, self.account)).collect();
        let verified = self.verification.verify(&claims, &mut Answers::new())?;
        for (mut notification, verified) in waiting.into_iter().zip(verified) {
            let mut unverified = None;
            let (verdict, reasons) = match verified {
                Verified::Judged(Judgement { verdict, reasons, confirmed }) => {
                    unverified = confirmed.map(|confirmed| notification.replace_with(&confirmed));
                    (Some(verdict), reasons)
                }
                Verified::Repeated(_) => {
                    (Some(Verdict::Duplicate), vec!["the same was confirmed before".to_owned()])
                }
                Verified::Unanswered(error) => {
                    let reasons = vec![error.to_string()];
                    self.tally.unanswered = self.tally.unanswered.saturating_add(1);
                    self.tally.failure.get_or_insert(error);
                    (None, reasons)
                }
                Verified::NotAsked => (None, Vec::new()),
            };
            if let Some(verdict) = verdict {
                let count = self.tally.by_verdict.entry(verdict.as_str()).or_default();
                *count = count.saturating_add(1);
            }
            let notification = &notification;
            sink.push(&Checked { notification, verdict, reasons: &reasons, unverified, place: self.place })?;
        }
        Ok(())
    }
}

/// Runs `noti verify`.
pub(super) fn run(arguments: &NotiVerifyArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let profile = context.profile()?;
    let pay2_key = profile.pay2_key()?;
    let client = context.connect(&profile)?;
    let mut ledger = context.ledger_to_ask()?;
    let mut store = context.notifications()?;
    let (scope, account) = (scope(&profile), account(&profile));
    let clock = context.surroundings.clock.clone();
    let operator = context.surroundings.operator.clone();
    let inquiry = Inquiry {
        ledger: &mut ledger,
        client: &client,
        tokens: token_store(&client, &profile, &pay2_key, &context.data_directory).on_wait(context.on_wait()),
        account: &account,
        operator: &operator,
        now: &|| clock.now(),
        concurrency: arguments.pace.requests_at_once(),
        interval: arguments.pace.rate,
        stop: &|| false,
        token: None,
        recorded: Recorded::OfBills,
    };
    let unrecorded = unrecorded(arguments.accept_unrecorded);
    let mut verification =
        Verification { inquiry, store: &mut store, unrecorded, renewal: Renewal::WhereItHelps };
    let place = Place::among(&arguments.input.files);
    let mut checker = Checker {
        verification: &mut verification,
        account: &account,
        waiting: Vec::new(),
        place,
        tally: Tally::default(),
    };
    let stdin = context.ui.take_input();
    let format = context.ui.format();
    let mut sink = context.ui.sink::<Checked<'_>>(&scope);
    let counts = input::read_each(&arguments.input.files, stdin, &mut sink, &mut |notification, sink| {
        checker.take(notification, sink)
    })?;
    checker.check(&mut sink)?;
    let tally = checker.tally;
    sink.finish(&Summary { counts: &counts, by_verdict: &tally.by_verdict, unanswered: tally.unanswered })?;
    if format == Format::Table && !tally.by_verdict.is_empty() {
        let language = context.ui.language();
        let judged = tally.by_verdict.values().sum();
        let line = format!("{}: {}", how_many(judged, language), by_word(&tally.by_verdict, language));
        context.ui.status(&line);
    }
    verdict(tally, &counts, arguments.input.strict)
}

/// What was not confirmed counts before what CookiePay did not answer, that before what could not be read.
fn verdict(tally: Tally, counts: &Counts, strict: bool) -> Result<ExitCode, Error> {
    let good = [Verdict::Confirmed, Verdict::Duplicate].map(Verdict::as_str);
    let of = |is_good| {
        let chosen = tally.by_verdict.iter().filter(|(verdict, _)| good.contains(verdict) == is_good);
        chosen.map(|(_, count)| *count).sum::<u64>()
    };
    let (confirmed, others) = (of(true), of(false));
    if others > 0 {
        let judged = confirmed.saturating_add(others);
        return Err(Error::new(
            ErrorKind::Mismatch,
            format!("not confirmed: {others} of {}", how_many(judged, Language::En)),
        )
        .hint("do not deliver goods for them; `reasons` of each says why"));
    }
    if let Some(error) = tally.failure {
        // Only a token is ever refused: a question has an answer whatever its code.
        let mut failure = Error::from(TokenError::Api(error));
        failure.message = format!(
            "not checked: {} of {}; {}",
            tally.unanswered,
            how_many(counts.count, Language::En),
            failure.message
        );
        return Err(failure);
    }
    counts.verdict(strict)
}
