//! Looking again and again until every link is paid or cancelled.
//!
//! Of a link that is open only its key and its last state are kept, of one that is not nothing; `-o json`, which is
//! one document in the end, keeps the last report of each.

use std::time::Duration;

use super::links::{Links, Subject, Watched};
use super::tally::Tally;
use super::{PAGE, Seen, look, warn_of_paid_twice};
use crate::cli::WaitArgs;
use crate::delivery::Inquiry;
use crate::error::Error;
use crate::output::{Format, Scope, StatusReport, word};
use crate::payment::PaymentState;
use crate::world::Surroundings;

use super::super::context::Context;
use super::super::signal::interruption;
use super::super::time::of_day;

/// What a wait came to.
pub(super) struct Waited {
    /// The links that are paid or cancelled.
    pub(super) settled: Tally,
    /// How many are open still.
    pub(super) open: usize,
    /// The last report of each link, for `-o json`.
    pub(super) reports: Vec<StatusReport>,
}

/// A link that is open.
struct Open {
    subject: Subject,
    state: Option<PaymentState>,
    is_settled: bool,
    /// Its place among all.
    place: usize,
}

/// A wait that goes on.
struct Waiting<'a> {
    changes: Changes,
    settled: Tally,
    open: Vec<Open>,
    reports: Option<Vec<Option<StatusReport>>>,
    context: &'a mut Context,
}

/// Asks again and again until every link is paid or cancelled, the deadline passes, or nobody reads
/// any more.
pub(super) fn wait(
    inquiry: &mut Inquiry<'_>,
    links: &mut Links,
    arguments: &WaitArgs,
    scope: &Scope,
    context: &mut Context,
) -> Result<Waited, Error> {
    let clock = context.surroundings.clock.clone();
    let changes = Changes::new(scope.clone(), context);
    let reports = (context.ui.format() == Format::Json).then(Vec::new);
    let mut waiting = Waiting { changes, settled: Tally::default(), open: Vec::new(), reports, context };
    let end = clock.elapsed().saturating_add(arguments.deadline);
    waiting.look_first(inquiry, links)?;
    loop {
        let left = end.saturating_sub(clock.elapsed());
        if waiting.open.is_empty() || left.is_zero() || waiting.is_stopped() {
            let Waiting { settled, open, reports, .. } = waiting;
            let reports = reports.into_iter().flatten().flatten().collect();
            return Ok(Waited { settled, open: open.len(), reports });
        }
        sleep(arguments.interval.min(left), waiting.context)?;
        waiting.look_again(inquiry)?;
    }
}

impl Waiting<'_> {
    fn is_stopped(&self) -> bool {
        self.context.ui.output_is_closed() || self.context.surroundings.signals.is_noted()
    }

    /// Asks after all links.
    fn look_first(&mut self, inquiry: &mut Inquiry<'_>, links: &mut Links) -> Result<(), Error> {
        let mut place = 0_usize;
        let mut can_ask = true;
        while let Some(page) = links.next_page(inquiry.account, inquiry.ledger)? {
            let seen = if can_ask { look(inquiry, &page)? } else { Vec::new() };
            can_ask &= inquiry.token.is_some();
            let mut seen = seen.into_iter();
            for link in page {
                let mut open = Open { subject: link.subject.clone(), state: None, is_settled: false, place };
                place = place.saturating_add(1);
                if let Some(reports) = &mut self.reports {
                    reports.push(None);
                }
                self.take(&mut open, &link, seen.next().unwrap_or_default())?;
                if !open.is_settled {
                    self.open.push(open);
                }
            }
        }
        Ok(())
    }

    /// Asks after those that are open.
    fn look_again(&mut self, inquiry: &mut Inquiry<'_>) -> Result<(), Error> {
        let mut open = std::mem::take(&mut self.open);
        for chunk in open.chunks_mut(PAGE.into()) {
            let watched = |open: &Open| open.subject.clone().watched(inquiry.account, inquiry.ledger);
            let page: Vec<Watched> = chunk.iter().map(watched).collect::<Result<_, _>>()?;
            let seen = look(inquiry, &page)?;
            for ((open, link), fresh) in chunk.iter_mut().zip(&page).zip(seen) {
                self.take(open, link, fresh)?;
            }
            if inquiry.token.is_none() {
                break;
            }
        }
        open.retain(|open| !open.is_settled);
        self.open = open;
        Ok(())
    }

    /// Shows what changed, and keeps it.
    fn take(&mut self, open: &mut Open, link: &Watched, fresh: Seen) -> Result<(), Error> {
        self.changes.show(open.state, &fresh, self.context)?;
        let Some(report) = &fresh.report else { return Ok(()) };
        open.state = fresh.state();
        let place = self.reports.as_mut().and_then(|reports| reports.get_mut(open.place));
        if let Some(kept) = place {
            *kept = Some(report.clone());
        }
        if fresh.is_final {
            open.is_settled = true;
            warn_of_paid_twice(link, &fresh, &mut self.context.ui);
            self.settled.add(link, fresh);
        }
        Ok(())
    }
}

/// What is said of a wait that a signal ended.
pub(super) const INTERRUPTED: &str = "waiting was interrupted";

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

    fn show(&mut self, last: Option<PaymentState>, fresh: &Seen, context: &mut Context) -> Result<(), Error> {
        if let Some(failure) = &fresh.failure {
            context.ui.warning(&format!("{}; it is asked again", failure.message));
        }
        let Some(report) = fresh.report.as_ref().filter(|_| last != fresh.state()) else {
            return Ok(());
        };
        match context.ui.format() {
            Format::Json => Ok(()),
            Format::Table => {
                let language = context.ui.language();
                let before = last.map(|last| format!("{} → ", word(last.as_str(), language)));
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
