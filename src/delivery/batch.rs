//! Many bills through the one road, several requests in flight, few syncs of the disk.
//!
//! One thread owns the ledger: it commits the intents and outcomes of concurrent rows in groups and
//! hands a row to a worker only after its own intent is durable. Workers make requests and nothing
//! else. What came of the rows is told in their order.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{Answer, Receipt, request};
use crate::api::Client;
use crate::bill::{Bill, BillNo};
use crate::ledger::{
    Account, Attempt, AttemptKind, Entry, Intended, Intent, Ledger, LedgerError, Settlement,
};
use crate::secret::Secret;

/// Rows that may have ended before an earlier one has: a bound for what is kept.
const MOST_UNTOLD: usize = 4096;

/// How often the runner looks whether it was asked to stop.
const LOOK_FOR_STOP: Duration = Duration::from_millis(100);

/// Everything that the rows of a batch share.
pub struct Batch<'a> {
    /// Where they are recorded.
    pub ledger: &'a mut Ledger,
    /// Where they go.
    pub client: &'a Client,
    /// Whose bills they are.
    pub account: &'a Account,
    /// The merchant's key.
    pub api_key: &'a Secret,
    /// Who sends them: user@host.
    pub operator: &'a str,
    /// The clock.
    pub now: &'a dyn Fn() -> Timestamp,
    /// The name of the batch; a reconciliation has none.
    pub name: Option<&'a str>,
    /// [`AttemptKind::Send`], or [`AttemptKind::SendUnknown`] to send unknown rows again.
    pub kind: AttemptKind,
    /// Within which time the same phone, amount and product count as a duplicate; `None` allows it.
    pub duplicate_window: Option<Duration>,
    /// Requests in flight at most.
    pub concurrency: usize,
    /// Time between two requests at least.
    pub interval: Option<Duration>,
    /// Whether no further row is to be started.
    pub stop: &'a dyn Fn() -> bool,
    /// Told of every moment between which a crash makes a difference.
    pub reached: fn(&'static str),
}

/// A row that is valid.
#[derive(Debug)]
pub struct Row {
    /// Its number in the batch, from 1.
    pub number: u64,
    /// What is to be sent.
    pub bill: Bill,
}

/// What came of a row.
#[derive(Debug)]
pub enum RowEnd {
    /// A request was made; this is recorded.
    Answered(Box<Receipt>),
    /// The ledger knows the bill, so no request was made.
    Known(Box<Entry>),
    /// The ledger knows the bill with other content, in these fields.
    OtherContent(Vec<&'static str>),
    /// Another bill asked the same of the same customer a short while ago.
    Duplicate(BillNo, Timestamp),
    /// A request was made, and what came of it could not be recorded.
    NotRecorded(Box<Receipt>),
}

/// A row on its way, under its place in the file.
struct Ticket {
    place: u64,
    row: Row,
}

/// A row whose intent is durable.
struct Job {
    ticket: Ticket,
    attempt: Attempt,
    requested_at: Timestamp,
}

/// The runner's state between two commits.
struct Run<'a, 'b> {
    batch: &'b mut Batch<'a>,
    /// Whether workers are to send nothing more.
    closed: &'b AtomicBool,
    jobs: Sender<Job>,
    next_place: u64,
    next_told: u64,
    ended: BTreeMap<u64, (Row, RowEnd)>,
    in_flight: usize,
    next_start: Instant,
    stopped: bool,
    failure: Option<LedgerError>,
}

impl Batch<'_> {
    /// Runs the rows. `tell` hears of each that ended, in the order of the rows; rows that were not
    /// started when the run was stopped are not told. Returns whether all rows were taken.
    ///
    /// # Errors
    ///
    /// The error of a row that cannot be read, or the ledger cannot be written; rows in flight are
    /// still awaited, recorded as far as possible, and told.
    pub fn run<E: From<LedgerError>>(
        &mut self,
        rows: impl Iterator<Item = Result<Row, E>>,
        mut tell: impl FnMut(&Row, &RowEnd) -> Result<(), E>,
    ) -> Result<bool, E> {
        let (jobs, taken) = mpsc::channel::<Job>();
        let (answers, answered) = mpsc::channel::<(Job, Answer)>();
        let taken = Mutex::new(taken);
        let (client, account, api_key, kind) = (self.client, self.account, self.api_key, self.kind);
        let reached = self.reached;
        let closed = AtomicBool::new(false);
        let concurrency = self.concurrency.max(1);
        thread::scope(|scope| {
            let closed = &closed;
            for _ in 0..concurrency {
                let (taken, answers) = (&taken, answers.clone());
                scope.spawn(move || {
                    // A row that waits for a worker when the run is stopped does not leave any more.
                    let ask = |bill: &Bill| {
                        if closed.load(Ordering::SeqCst) {
                            Answer::not_started()
                        } else {
                            request(client, account, api_key, bill, kind, reached)
                        }
                    };
                    work(taken, &answers, ask);
                });
            }
            drop(answers);
            let mut run = Run {
                batch: self,
                closed,
                jobs,
                next_place: 0,
                next_told: 0,
                ended: BTreeMap::new(),
                in_flight: 0,
                next_start: Instant::now(),
                stopped: false,
                failure: None,
            };
            // Ending the run drops its sender, which ends the workers.
            run.go(rows, &answered, &mut tell)
        })
    }
}

/// A worker: takes jobs and makes their requests until there are no more.
fn work(taken: &Mutex<Receiver<Job>>, answers: &Sender<(Job, Answer)>, ask: impl Fn(&Bill) -> Answer) {
    loop {
        let next = taken.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        let answer = ask(&job.ticket.row.bill);
        if answers.send((job, answer)).is_err() {
            return;
        }
    }
}

impl Run<'_, '_> {
    fn go<E: From<LedgerError>>(
        &mut self,
        mut rows: impl Iterator<Item = Result<Row, E>>,
        answered: &Receiver<(Job, Answer)>,
        tell: &mut impl FnMut(&Row, &RowEnd) -> Result<(), E>,
    ) -> Result<bool, E> {
        // A few rows more than there are workers, so that none waits for the disk; not many, since
        // a row that is intended and not requested when the power fails is unknown for nothing.
        let most_in_flight = self.batch.concurrency.max(1).saturating_add(self.batch.concurrency.div_ceil(4));
        let mut all_taken = false;
        let mut broken: Option<E> = None;
        loop {
            let mut fresh = VecDeque::new();
            while !all_taken && broken.is_none() && self.may_start(most_in_flight.saturating_sub(fresh.len()))
            {
                match rows.next() {
                    None => all_taken = true,
                    Some(Err(error)) => broken = Some(error),
                    Some(Ok(row)) => match self.look_up(row) {
                        Ok(ticket) => fresh.extend(ticket),
                        Err(error) => self.failure = Some(error),
                    },
                }
                if self.batch.interval.is_some() && !fresh.is_empty() {
                    break;
                }
            }
            let done = self.receive(answered, fresh.is_empty() && !(all_taken && self.in_flight == 0));
            self.look_for_stop();
            self.commit(fresh, done);
            let told = self.tell(tell);
            if let Err(error) = told {
                self.stopped = true;
                self.look_for_stop();
                broken.get_or_insert(error);
            }
            let over = all_taken || self.stopped || broken.is_some() || self.failure.is_some();
            if over && self.in_flight == 0 {
                break;
            }
        }
        // Rows that were never started leave gaps behind which others may have ended.
        for (row, end) in std::mem::take(&mut self.ended).into_values() {
            if let Err(error) = tell(&row, &end) {
                broken.get_or_insert(error);
            }
        }
        match (self.failure.take(), broken) {
            (Some(failure), _) => Err(failure.into()),
            (None, Some(error)) => Err(error),
            (None, None) => Ok(all_taken),
        }
    }

    /// Closes the run where it was told to stop or cannot go on.
    fn look_for_stop(&mut self) {
        self.stopped = self.stopped || (self.batch.stop)();
        if self.stopped || self.failure.is_some() {
            self.closed.store(true, Ordering::SeqCst);
        }
    }

    /// Whether another row may be intended now.
    fn may_start(&mut self, most_in_flight: usize) -> bool {
        self.look_for_stop();
        !self.stopped
            && self.failure.is_none()
            && self.in_flight < most_in_flight
            && self.ended.len() < MOST_UNTOLD
            && self.batch.interval.is_none_or(|_| Instant::now() >= self.next_start)
    }

    /// Ends a row at once that the ledger knows as settled; hands any other back with its place.
    fn look_up(&mut self, row: Row) -> Result<Option<Ticket>, LedgerError> {
        let place = self.next_place;
        self.next_place = place.saturating_add(1);
        let known = self.batch.ledger.find(self.batch.account, &row.bill.bill_no)?;
        if let Some(entry) = known {
            let fields = row.bill.differences(&entry.bill);
            if !fields.is_empty() {
                self.ended.insert(place, (row, RowEnd::OtherContent(fields)));
                return Ok(None);
            }
            if !self.batch.kind.is_allowed_for(&entry) {
                self.ended.insert(place, (row, RowEnd::Known(Box::new(entry))));
                return Ok(None);
            }
        }
        Ok(Some(Ticket { place, row }))
    }

    /// The answers that have come; waits for the first if there is nothing else to do.
    fn receive(&self, answered: &Receiver<(Job, Answer)>, wait: bool) -> Vec<(Job, Answer)> {
        let mut done = Vec::new();
        if wait && self.in_flight == 0 {
            // Only the rate keeps the next row back.
            thread::sleep(self.next_start.saturating_duration_since(Instant::now()).min(LOOK_FOR_STOP));
        } else if wait {
            let until_next =
                self.batch.interval.map(|_| self.next_start.saturating_duration_since(Instant::now()));
            let patience =
                until_next.filter(|time| !time.is_zero()).unwrap_or(LOOK_FOR_STOP).min(LOOK_FOR_STOP);
            match answered.recv_timeout(patience) {
                Ok(answer) => done.push(answer),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
        }
        done.extend(answered.try_iter());
        done
    }

    /// Makes intents and outcomes durable together, then lets the rows go and ends those answered.
    fn commit(&mut self, fresh: VecDeque<Ticket>, done: Vec<(Job, Answer)>) {
        if fresh.is_empty() && done.is_empty() {
            return;
        }
        let at = (self.batch.now)();
        let reached = self.batch.reached;
        let (intends, settles) = (!fresh.is_empty(), !done.is_empty());
        let around = |intent, outcome| {
            if intends {
                reached(intent);
            }
            if settles {
                reached(outcome);
            }
        };
        around("before-intent", "before-outcome");
        let written = self.write(&fresh, &done, at);
        around("after-intent", "after-outcome");
        match written {
            Ok((recorded, intended)) => {
                for (ticket, intended) in fresh.into_iter().zip(intended) {
                    self.start(ticket, intended, at);
                }
                for ((job, answer), recorded) in done.into_iter().zip(recorded) {
                    self.end(job, answer, Some(recorded));
                }
            }
            Err(error) => {
                self.failure.get_or_insert(error);
                self.look_for_stop();
                // The new rows were not sent. What is answered is recorded if it can be.
                let written =
                    if done.is_empty() { None } else { self.write(&VecDeque::new(), &done, at).ok() };
                let mut recorded = written.into_iter().flat_map(|(recorded, _)| recorded);
                for (job, answer) in done {
                    self.end(job, answer, recorded.next());
                }
            }
        }
    }

    /// Returns what is recorded of the answers, and what the ledger says to the new rows.
    fn write(
        &mut self,
        fresh: &VecDeque<Ticket>,
        done: &[(Job, Answer)],
        at: Timestamp,
    ) -> Result<(Vec<Settlement>, Vec<Intended>), LedgerError> {
        let Batch { account, operator, name, kind, duplicate_window, .. } = *self.batch;
        self.batch.ledger.group(|group| {
            let mut recorded = Vec::with_capacity(done.len());
            for (job, answer) in done {
                recorded.push(group.settle(&job.attempt, &answer.settlement, at)?);
            }
            let intended: Result<_, _> = fresh
                .iter()
                .map(|Ticket { row, .. }| {
                    let batch = name.map(|name| (name, row.number));
                    group.intend(&Intent {
                        kind,
                        account,
                        bill: &row.bill,
                        batch,
                        at,
                        operator,
                        duplicate_window,
                    })
                })
                .collect();
            Ok((recorded, intended?))
        })
    }

    fn start(&mut self, ticket: Ticket, intended: Intended, requested_at: Timestamp) {
        let end = match intended {
            Intended::Fresh(attempt) => {
                self.in_flight = self.in_flight.saturating_add(1);
                if let Some(interval) = self.batch.interval {
                    let earliest = self.next_start.max(Instant::now());
                    self.next_start = earliest.checked_add(interval).unwrap_or(earliest);
                }
                // The workers live as long as this sender does.
                let _workers_wait = self.jobs.send(Job { ticket, attempt, requested_at });
                return;
            }
            Intended::Known(entry) => RowEnd::Known(entry),
            Intended::OtherContent(fields) => RowEnd::OtherContent(fields),
            Intended::Duplicate { bill_no, requested_at } => RowEnd::Duplicate(bill_no, requested_at),
        };
        self.ended.insert(ticket.place, (ticket.row, end));
    }

    fn end(&mut self, job: Job, answer: Answer, recorded: Option<Settlement>) {
        self.in_flight = self.in_flight.saturating_sub(1);
        // Refused credentials are refused for every row.
        self.stopped |= answer.failure.as_ref().is_some_and(crate::api::ApiError::is_about_credentials);
        self.look_for_stop();
        let receipt = |answer: Answer| Box::new(answer.receipt(self.batch.kind, job.requested_at));
        let end = match recorded {
            Some(recorded) => RowEnd::Answered(receipt(answer.recorded_as(recorded, self.batch.client))),
            None => RowEnd::NotRecorded(receipt(answer)),
        };
        self.ended.insert(job.ticket.place, (job.ticket.row, end));
    }

    /// Tells the rows that ended, up to the first that has not.
    fn tell<E>(&mut self, tell: &mut impl FnMut(&Row, &RowEnd) -> Result<(), E>) -> Result<(), E> {
        while let Some((row, end)) = self.ended.remove(&self.next_told) {
            self.next_told = self.next_told.saturating_add(1);
            tell(&row, &end)?;
        }
        Ok(())
    }
}
