//! `send --from`: a sheet of bills, validated as a whole, then sent row by row.
//!
//! The sheet is read twice, so that no row is kept: once to find everything that is wrong with it
//! (`plan`), once to send it. The same sheet under the same name continues where an earlier run stopped.

mod plan;
mod report;
mod unknown;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use jiff::civil::Date;
use serde::Serialize;

use crate::clean::shell_word;
use crate::cli::SendArgs;
use crate::delivery::{Batch, Row, RowEnd};
use crate::error::{Error, ErrorKind, ExitCode};
use crate::ledger::{Account, AttemptKind, Entry, Ledger, Standing};
use crate::output::{Format, PreviewReport, Progress, ReportFile, ReportRow, SendReport, Step, won, word};
use crate::payment::{Outcome, PaymentState};

use super::context::{Context, account, scope};
use super::receipt::{self, Failures, Subjects};
use super::signal::interruption;
use super::source::{Source, changed};
use super::time::today;
use plan::{Plan, Rules, confirm, derived_number, guard, validate};
use unknown::Resolved;

/// What is said of a run that was told to stop.
const STOPPED: &str = "interrupted; rows in flight were finished and recorded";

/// Runs `send --from`.
pub(super) fn run(file: &Path, arguments: &SendArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let profile = context.profile()?;
    let mut source = Source::open(file, &arguments.batch, context)?;
    let name = source.batch_name(arguments.batch.name.as_ref())?;
    let account = account(&profile);
    let unit = source.unit();
    let rules = Rules { arguments, profile: &profile, account: &account, name: name.as_str(), unit };
    let mut ledger =
        if arguments.dry_run { context.ledger_to_read()? } else { Some(context.ledger_to_send()?) };
    let lock = if arguments.dry_run { None } else { Some(lock(name.as_str(), &account, context)?) };
    let plan = validate(&mut source, &rules, ledger.as_ref(), context)?;
    guard(&plan, &rules)?;
    let (Some(ledger), Some(_lock)) = (&mut ledger, lock) else {
        return dry_run(&mut source, &rules, &plan, ledger.as_ref(), context);
    };
    confirm(&plan, &rules, context)?;
    send(&mut source, &rules, &plan, ledger, context)
}

/// One run of a batch at a time; the lock dies with its process.
pub(super) fn lock(name: &str, account: &Account, context: &Context) -> Result<File, Error> {
    let number = derived_number(account, name, 0);
    match Ledger::lock(&context.data_directory, number.as_str())? {
        Some(lock) => Ok(lock),
        None => Err(Error::new(ErrorKind::Busy, format!("another run of batch `{name}` is going on")).hint(
            format!("wait for it to end; `cookiepay list --batch {}` shows how far it is", shell_word(name)),
        )),
    }
}

/// Shows what would be sent; the ledger is only read.
fn dry_run(
    source: &mut Source,
    rules: &Rules<'_>,
    plan: &Plan,
    ledger: Option<&Ledger>,
    context: &mut Context,
) -> Result<ExitCode, Error> {
    source.rewind()?;
    let mut sink = context.ui.sink::<PreviewReport>(&scope(rules.profile));
    while let Some(row) = source.next_row()? {
        let row = rules.checked(row)?;
        if rules.will_leave(&row, ledger)? {
            sink.push(&super::send::preview(&row.bill, rules.profile))?;
        }
    }
    sink.finish(plan)?;
    let language = context.ui.language();
    let total = won(plan.amount, language);
    context.ui.status(&format!("dry run: {} rows, {total}", plan.rows));
    for line in plan.lines(language) {
        context.ui.status(&line);
    }
    context.ui.status("nothing was sent or recorded");
    Ok(ExitCode::OK)
}

/// Counts of what came of the rows: the `summary` of a JSON document.
#[derive(Default, Serialize)]
struct Summary {
    count: u64,
    amount: u64,
    by_outcome: BTreeMap<&'static str, u64>,
}

/// Sends the rows and tells what came of each, in their order.
fn send(
    source: &mut Source,
    rules: &Rules<'_>,
    plan: &Plan,
    ledger: &mut Ledger,
    context: &mut Context,
) -> Result<ExitCode, Error> {
    let api_key = rules.profile.api_key()?;
    let client = context.connect(rules.profile)?;
    let scope = scope(rules.profile);
    let mut report_file = match &rules.arguments.batch.report {
        Some(path) => Some(report::create(path, rules, context.ui.language())?),
        None => None,
    };
    let mut report_failure = None;
    let surroundings = context.surroundings.clone();
    let signals = surroundings.signals.clone();
    signals.hold();
    let resolved = unknown::resolve(plan, rules, &client, ledger, context)?;
    let Resolved { linked, unpaid, unasked } = resolved;
    let mut teller = Teller::new(rules, plan, &linked, unasked);
    let mut progress = Progress::start(plan.will_leave.count, plan.will_leave.amount, &context.ui);
    let notice = progress.notice();
    let is_told = || {
        let is_noted = signals.is_noted();
        if is_noted {
            notice();
        }
        is_noted
    };
    source.rewind()?;
    let follows = matches!(context.ui.format(), Format::Jsonl | Format::Csv);
    let mut sink = context.ui.sink::<SendReport>(&scope);
    let mut rows = Rows { source, rules, unpaid };
    let done = Batch {
        ledger,
        client: &client,
        account: rules.account,
        api_key: &api_key,
        operator: &surroundings.operator,
        now: &|| surroundings.clock.now(),
        name: Some(rules.name),
        duplicate_window: rules.window(),
        concurrency: rules.arguments.batch.pace.requests_at_once(),
        interval: rules.arguments.batch.pace.rate,
        stop: &is_told,
        under_way: &surroundings.signals.bills_under_way,
        reached: surroundings.reached,
    }
    .run(&mut rows, |row, end| {
        let (report, step) = teller.tell(row, end);
        if let Some(step) = step {
            progress.step(step, report.amount, sink.ui());
        }
        let line = ReportRow { report: &report, phone: &row.bill.phone, profile: &rules.profile.name };
        if let Some(Err(error)) = report_file.as_mut().map(|file| file.push(line)) {
            // A report with a gap is none. What was sent is in the ledger, so the run goes on.
            report_file = None;
            report_failure = Some(error);
        }
        (surroundings.reached)("before-print");
        sink.push(&report)?;
        if follows {
            sink.flush()?;
        }
        (surroundings.reached)("after-print");
        Ok(())
    });
    progress.finish();
    let finished = sink.finish(&teller.summary);
    let reported = report_failure.map_or_else(|| report_file.map_or(Ok(()), ReportFile::finish), Err);
    let signal = signals.release();
    say(&teller, plan, rules, context);
    let Teller { mut failures, summary, unknown_left, left_unasked, .. } = teller;
    let all_taken = matches!(done, Ok(true));
    if let Err(error) = done {
        failures.add_of_run(error);
    }
    if !all_taken && !unknown_left.is_empty() {
        // Whatever stopped the run: rows that an earlier one left unknown are unknown still.
        let message =
            format!("rows that an earlier run left unknown were not reached: {}", unknown_left.len());
        failures.add(Error::new(ErrorKind::OutcomeUnknown, message));
    }
    if let Some(signal) = signal {
        let stopped = interruption(signal, STOPPED);
        failures.add_of_run(stopped.hint("the same command again goes on where this one stopped"));
    }
    failures.extend(finished.err().map(Error::from));
    let path = rules.arguments.batch.report.as_deref().unwrap_or_else(|| Path::new("-"));
    failures.extend(reported.err().map(|error| report::failed(path, &error)));
    failures.verdict(Subjects::Many).map_err(|error| of_batch(error, &summary, left_unasked, rules.name))?;
    Ok(ExitCode::OK)
}

/// The valid rows of the second reading.
struct Rows<'a> {
    source: &'a mut Source,
    rules: &'a Rules<'a>,
    /// Rows of which CookiePay has a link that is unpaid, and whose customers are to be messaged again.
    unpaid: BTreeSet<u64>,
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.source.next_row_again().transpose()?;
        // Whatever is wrong now was not wrong before: rows may have been sent already.
        let row = row.and_then(|row| self.rules.checked(row).map_err(|error| changed(&error)));
        Some(row.map(|row| match row {
            row if self.unpaid.contains(&row.number) => Row { kind: AttemptKind::Resend, ..row },
            row => row,
        }))
    }
}

/// Turns what came of rows into reports, counts and failures.
struct Teller<'a> {
    rules: &'a Rules<'a>,
    plan: &'a Plan,
    failures: Failures,
    summary: Summary,
    /// Rows that an earlier run left unknown and that this one has not reached.
    unknown_left: BTreeSet<u64>,
    /// Linked rows that are neither paid nor cancelled.
    unmessaged: u64,
    /// Linked rows that were not messaged again, since nobody knows whether they were paid.
    unasked: BTreeMap<u64, (ErrorKind, String)>,
    /// How many of those the run has come to.
    left_unasked: u64,
    /// The first and the last day on which rows that are known were sent.
    known_days: Option<(Date, Date)>,
}

impl<'a> Teller<'a> {
    fn new(
        rules: &'a Rules<'a>,
        plan: &'a Plan,
        linked: &BTreeSet<u64>,
        unasked: BTreeMap<u64, (ErrorKind, String)>,
    ) -> Self {
        Self {
            rules,
            plan,
            failures: Failures::default(),
            summary: Summary::default(),
            unknown_left: plan.unknown_rows.keys().copied().filter(|row| !linked.contains(row)).collect(),
            unmessaged: 0,
            unasked,
            left_unasked: 0,
            known_days: None,
        }
    }

    /// The report of a row, and how the progress counts it where it was to leave.
    fn tell(&mut self, row: &Row, end: &RowEnd) -> (SendReport, Option<Step>) {
        let (mut report, verdict) = receipt::of_row(&row.bill, end);
        report.batch = Some(self.rules.name.to_owned());
        report.row = Some(row.number);
        self.unknown_left.remove(&row.number);
        let mut was_to_leave =
            self.rules.sends_unknown_again() && self.plan.unknown_rows.contains_key(&row.number);
        match end {
            RowEnd::Known(entry) => self.count_known(entry),
            _ => was_to_leave = true,
        }
        self.summary.count = self.summary.count.saturating_add(1);
        self.summary.amount = self.summary.amount.saturating_add(report.amount);
        let count = self.summary.by_outcome.entry(report.outcome).or_default();
        *count = count.saturating_add(1);
        let step = receipt::step(&verdict);
        let rules = self.rules;
        let of_row = |error: Error| {
            let place = rules.place(row.line, row.bill.buyer.as_str());
            Error { message: format!("{place}: {}", error.message), ..error }
        };
        let unasked = self.unasked.remove(&row.number);
        match (verdict, unasked) {
            (Err(error), _) => self.failures.add(of_row(error)),
            // A row that was to be messaged if it is unpaid, and could not be asked after, is not messaged.
            (Ok(()), Some((kind, reason))) => {
                self.left_unasked = self.left_unasked.saturating_add(1);
                let unasked = Error::new(kind, reason).about(&row.bill.bill_no, Some(report.outcome));
                self.failures.add_unasked(of_row(unasked));
            }
            (Ok(()), None) => {}
        }
        (report, was_to_leave.then_some(step))
    }

    fn count_known(&mut self, entry: &Entry) {
        let is_final = entry.state.is_some_and(PaymentState::is_final);
        if entry.standing == Standing::Settled(Outcome::Linked) && !is_final {
            self.unmessaged = self.unmessaged.saturating_add(1);
        }
        let day = today(entry.requested_at);
        let (first, last) = self.known_days.unwrap_or((day, day));
        self.known_days = Some((first.min(day), last.max(day)));
    }
}

/// A row of unknown outcome decides the exit code before all others; the failure then counts such
/// rows and says what to type next.
fn of_batch(error: Error, summary: &Summary, left_unasked: u64, name: &str) -> Error {
    match error.kind {
        ErrorKind::OutcomeUnknown => {}
        // The error is that of rows which have their link.
        _ if left_unasked > 0 && error.outcome == Some(Outcome::Linked.as_str()) => {
            return error.hint(format!(
                "`cookiepay resend --batch {} --linked` asks again, and messages those that are unpaid",
                shell_word(name)
            ));
        }
        _ => return error,
    }
    let count = summary.by_outcome.get(Outcome::Unknown.as_str()).copied().unwrap_or_default();
    let message = match count {
        0 => error.message,
        _ => format!("rows of unknown outcome: {count}; the first: {}", error.message),
    };
    Error { message, ..error }.hint(format!(
        "these customers may have been billed: `cookiepay reconcile --batch {}` finds out; \
         the same command again leaves them out and sends what is left",
        shell_word(name)
    ))
}

/// What came of the batch, and what to type next where that is no failure.
fn say(teller: &Teller<'_>, plan: &Plan, rules: &Rules<'_>, context: &mut Context) {
    let (language, summary) = (context.ui.language(), &teller.summary);
    let mut parts: Vec<String> = summary
        .by_outcome
        .iter()
        .map(|(outcome, count)| format!("{count} {}", word(outcome, language)))
        .collect();
    let left = plan.rows.saturating_sub(summary.count);
    if left > 0 {
        parts.push(format!("{left} not started"));
    }
    let (name, rows) = (rules.name, plan.rows);
    context.ui.status(&format!("batch `{name}`: {} of {rows} rows: {}", summary.count, parts.join(", ")));
    let settled = [receipt::ALREADY_SENT, Outcome::Linked.as_str()];
    let all_known = left == 0
        && teller.left_unasked == 0
        && summary.by_outcome.keys().all(|outcome| settled.contains(outcome));
    if let (true, Some((first, last))) = (all_known, teller.known_days) {
        let days = if first == last { format!("on {first}") } else { format!("from {first} to {last}") };
        context.ui.status(&format!("no row is left to send; this batch was sent {days}"));
        context.ui.hint("a new round needs a name of its own: `--batch NAME`");
    }
    // What could not be asked after is an error, whose hint says the same.
    if teller.unmessaged > teller.left_unasked {
        context.ui.hint(&format!(
            "linked rows whose message is unproved: {}; `cookiepay resend --batch {} --linked` messages exactly those",
            teller.unmessaged,
            shell_word(name)
        ));
    }
}
