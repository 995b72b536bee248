//! `send --from`: a sheet of bills, validated as a whole, then sent row by row.
//!
//! The sheet is read twice, so that no row is kept: once to find everything that is wrong with it
//! (`plan`), once to send it. The same sheet under the same name continues where an earlier run stopped.

mod plan;
mod report;

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::path::Path;

use serde::Serialize;

use crate::clean::shell_word;
use crate::cli::SendArgs;
use crate::delivery::{Batch, Row, RowEnd};
use crate::error::{Error, ErrorKind, ExitCode};
use crate::ledger::{Account, Ledger};
use crate::output::{Format, PreviewReport, Progress, ReportFile, ReportRow, SendReport, Step, won};
use crate::payment::Outcome;

use super::context::{Context, account, scope};
use super::receipt::{self, Failures, Subjects};
use super::signal::interruption;
use super::source::{Source, changed};
use plan::{Plan, Rules, confirm, derived_number, guard, validate};

/// What is said of a run that was told to stop.
const STOPPED: &str = "interrupted; rows in flight were finished and recorded";

/// Runs `send --from`.
pub(super) fn run(file: &Path, arguments: &SendArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let profile = context.profile()?;
    let mut source = Source::open(file, &arguments.batch, context)?;
    let name = source.batch_name(arguments.batch.name.as_ref())?;
    let account = account(&profile);
    let rules = Rules { arguments, profile: &profile, account: &account, name: name.as_str() };
    let mut ledger = if arguments.dry_run {
        Ledger::open_existing(&context.data_directory)?
    } else {
        Some(context.ledger_to_send()?)
    };
    let lock = if arguments.dry_run { None } else { Some(lock(name.as_str(), &account, context)?) };
    let plan = validate(&mut source, &rules, ledger.as_ref(), context)?;
    guard(&plan, &rules)?;
    let (Some(ledger), Some(_lock)) = (&mut ledger, lock) else {
        return dry_run(&mut source, &rules, &plan, context);
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

/// Shows what would be sent; the ledger was only read.
fn dry_run(
    source: &mut Source,
    rules: &Rules<'_>,
    plan: &Plan,
    context: &mut Context,
) -> Result<ExitCode, Error> {
    source.rewind()?;
    let mut sink = context.ui.sink::<PreviewReport>(&scope(rules.profile));
    while let Some(row) = source.next_row()? {
        let bill = rules.checked(row)?;
        sink.push(&super::send::preview(&bill.bill, rules.profile))?;
    }
    sink.finish(plan)?;
    let Plan { rows, amount, new, known, unknown, .. } = plan;
    let total = won(*amount, context.ui.language());
    context.ui.status(&format!(
        "dry run: {rows} rows, {total}: {new} new, {known} known, {unknown} of them of unknown outcome\n\
         nothing was sent or recorded"
    ));
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
    let mut teller = Teller {
        rules,
        failures: Failures::default(),
        summary: Summary::default(),
        unknown_left: plan.unknown_rows.clone(),
    };
    let mut progress = Progress::start(plan.rows, &context.ui);
    let surroundings = context.surroundings.clone();
    let signals = surroundings.signals.clone();
    let notice = progress.notice();
    let is_told = || {
        let is_noted = signals.is_noted();
        if is_noted {
            notice();
        }
        is_noted
    };
    source.rewind()?;
    signals.hold();
    let follows = matches!(context.ui.format(), Format::Jsonl | Format::Csv);
    let mut sink = context.ui.sink::<SendReport>(&scope);
    let mut rows = Rows { source, rules };
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
        progress.step(step, sink.ui());
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
    let Teller { mut failures, summary, unknown_left, .. } = teller;
    say(&summary, plan, rules, context);
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
    failures.verdict(Subjects::Many).map_err(|error| of_batch(error, &summary, rules.name))?;
    Ok(ExitCode::OK)
}

/// The valid rows of the second reading.
struct Rows<'a> {
    source: &'a mut Source,
    rules: &'a Rules<'a>,
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.source.next_row_again().transpose()?;
        // Whatever is wrong now was not wrong before: rows may have been sent already.
        Some(row.and_then(|row| self.rules.checked(row).map_err(|error| changed(&error))))
    }
}

/// Turns what came of rows into reports, counts and failures.
struct Teller<'a> {
    rules: &'a Rules<'a>,
    failures: Failures,
    summary: Summary,
    /// Rows that an earlier run left unknown and that this one has not reached.
    unknown_left: HashSet<u64>,
}

impl Teller<'_> {
    fn tell(&mut self, row: &Row, end: &RowEnd) -> (SendReport, Step) {
        let (mut report, verdict) = receipt::of_row(&row.bill, end);
        report.batch = Some(self.rules.name.to_owned());
        report.row = Some(row.number);
        self.unknown_left.remove(&row.number);
        self.summary.count = self.summary.count.saturating_add(1);
        self.summary.amount = self.summary.amount.saturating_add(report.amount);
        let count = self.summary.by_outcome.entry(report.outcome).or_default();
        *count = count.saturating_add(1);
        let step = match &verdict {
            Ok(()) => Step::Done,
            Err(error) if error.kind == ErrorKind::OutcomeUnknown => Step::Unknown,
            Err(_) => Step::Refused,
        };
        self.failures.extend(verdict.err());
        (report, step)
    }
}

/// A row of unknown outcome decides the exit code before all others; the failure then counts such
/// rows and says what to type next.
fn of_batch(error: Error, summary: &Summary, name: &str) -> Error {
    if error.kind != ErrorKind::OutcomeUnknown {
        return error;
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

/// What came of the batch.
fn say(summary: &Summary, plan: &Plan, rules: &Rules<'_>, context: &mut Context) {
    let language = context.ui.language();
    let mut parts: Vec<String> = summary
        .by_outcome
        .iter()
        .map(|(outcome, count)| format!("{count} {}", crate::output::word(outcome, language)))
        .collect();
    let left = plan.rows.saturating_sub(summary.count);
    if left > 0 {
        parts.push(format!("{left} not started"));
    }
    context.ui.status(&format!(
        "batch `{}`: {} of {} rows: {}",
        rules.name,
        summary.count,
        plan.rows,
        parts.join(", ")
    ));
}
