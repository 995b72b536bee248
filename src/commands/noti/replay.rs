//! `noti replay`: stored notifications handed on again, at once to targets of its own or by `noti listen`.

use serde::Serialize;

use super::super::context::{Context, account, scope};
use super::super::signal::interruption;
use super::super::time::rfc3339;
use super::stored::{Listed, Progress, composer};
use super::{choice, lock_name};
use crate::cli::NotiReplayArgs;
use crate::error::{Error, ErrorKind, ExitCode};
use crate::ledger::{Account, Ledger, NotificationStore, Received, ReceivedFilter};
use crate::output::{Cell, Language, Record, Scope};
use crate::receiver::{Targets, idempotency_key};

/// How many are read at a time, and queued together.
const PAGE: u32 = 256;

/// What was queued for `noti listen`.
#[derive(Default, Serialize)]
struct Queued {
    queued: u64,
    listening: bool,
}

impl Record for Queued {
    const FIELDS: &'static [&'static str] = &["queued", "listening"];
    const COLUMNS: &'static [&'static str] = &["queued"];

    fn cells(&self, _: Language) -> Vec<Cell> {
        vec![Cell { number: true, ..Cell::text(self.queued.to_string()) }]
    }
}

/// Runs `noti replay`.
pub(super) fn run(arguments: &NotiReplayArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let profile = context.profile()?;
    let filter = chosen(arguments, context)?;
    let targets = choice::targets(&arguments.targets, &[], context)?;
    let store = NotificationStore::open_existing(&context.data_directory)?;
    let pages = Pages { account: account(&profile), filter };
    if targets.is_empty() {
        queue(store, &pages, &scope(&profile), context)
    } else {
        hand_on(store.as_ref(), &pages, &scope(&profile), &targets, context)
    }
}

/// Which; all of them only where somebody says so.
fn chosen(arguments: &NotiReplayArgs, context: &Context) -> Result<ReceivedFilter, Error> {
    let choice = &arguments.choice;
    let texts = [&choice.since, &choice.until, &choice.tid, &choice.verdict, &choice.delivery];
    if !arguments.all && choice.id.is_none() && texts.iter().all(|text| text.is_none()) {
        return Err(Error::new(ErrorKind::Usage, "which notifications is not said")
            .hint("say `--since 24h`, `--tid TID`, `--delivery dead` or the like, or `--all`; `cookiepay noti list` shows them"));
    }
    choice::filter(choice, context)
}

/// The chosen ones, a page at a time.
struct Pages {
    account: Account,
    filter: ReceivedFilter,
}

impl Pages {
    /// The page behind this number; empty at the end.
    fn after(&self, store: &NotificationStore, id: i64) -> Result<Vec<Received>, Error> {
        Ok(store.notifications_after(&self.account, &self.filter, id, PAGE)?)
    }
}

/// Has `noti listen` hand them on.
fn queue(
    store: Option<NotificationStore>,
    pages: &Pages,
    scope: &Scope,
    context: &mut Context,
) -> Result<ExitCode, Error> {
    let mut queued = Queued::default();
    if let Some(mut store) = store {
        let mut page = pages.after(&store, i64::MIN)?;
        while let Some(last) = page.last().map(|received| received.id) {
            let now = context.now();
            store
                .group(|group| page.iter().try_for_each(|received| group.hand_on_again(received.id, now)))?;
            queued.queued = queued.queued.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
            page = pages.after(&store, last)?;
        }
        let lock = Ledger::lock(&context.data_directory, &lock_name(&pages.account))?;
        queued.listening = lock.is_none();
    }
    context.ui.show(scope, &queued)?;
    if queued.queued == 0 {
        context.ui.status("no such notification was received");
    } else if !queued.listening {
        context.ui.warning(
            "`noti listen` is not running: they are handed on when it runs with `--forward` or `--exec` next",
        );
    }
    Ok(ExitCode::OK)
}

/// What a replay came to.
#[derive(Default, Serialize)]
struct Summary {
    count: u64,
    delivered: u64,
    failed: u64,
}

/// Hands them on to these targets, in order, each once. What `noti listen` has still to do stays as it is.
fn hand_on(
    store: Option<&NotificationStore>,
    pages: &Pages,
    scope: &Scope,
    targets: &Targets,
    context: &mut Context,
) -> Result<ExitCode, Error> {
    let compose = composer(scope.clone());
    let (clock, signals) = (context.surroundings.clock.clone(), context.surroundings.signals.clone());
    let mut sink = context.ui.sink::<Listed<'_>>(scope);
    let mut summary = Summary::default();
    signals.hold();
    let mut page = store.map_or_else(|| Ok(Vec::new()), |store| pages.after(store, i64::MIN))?;
    while let (Some(store), Some(last)) = (store, page.last().map(|received| received.id)) {
        for received in page.iter().take_while(|_| !signals.is_noted()) {
            let attempt = targets.hand_on(&idempotency_key(received), &compose(received), &[]);
            summary.add(attempt.error.is_none());
            let delivered = attempt.error.is_none();
            let progress = Progress {
                delivery: if delivered { "delivered" } else { "failed" },
                delivery_attempts: 1,
                delivery_error: attempt.error,
                next_delivery_at: None,
                delivered_at: delivered.then(|| rfc3339(clock.now())),
            };
            sink.push(&Listed::new(received, progress))?;
        }
        page = if signals.is_noted() { Vec::new() } else { pages.after(store, last)? };
    }
    sink.finish(&summary)?;
    if let Some(signal) = signals.release() {
        let message = format!("interrupted; {} were handed on", summary.delivered);
        return Err(interruption(signal, &message));
    }
    if summary.count == 0 {
        context.ui.status("no such notification was received");
    }
    summary.verdict()
}

impl Summary {
    fn add(&mut self, is_delivered: bool) {
        let count = if is_delivered { &mut self.delivered } else { &mut self.failed };
        *count = count.saturating_add(1);
        self.count = self.count.saturating_add(1);
    }

    fn verdict(&self) -> Result<ExitCode, Error> {
        if self.failed == 0 {
            return Ok(ExitCode::OK);
        }
        let kind = if self.delivered == 0 { ErrorKind::Network } else { ErrorKind::Partial };
        let message = format!("{} of {} notifications were not handed on", self.failed, self.count);
        Err(Error::new(kind, message)
            .hint("`delivery_error` of each says why; the same command again hands all of them on once more"))
    }
}
