//! Many bills through the one road, several requests in flight, few syncs of the disk.
//!
//! One thread owns the ledger: it commits the outcomes of answered rows and the intents of the next
//! ones together, and hands a row to a worker only after its own intent is durable. No row is
//! intended before a worker is free for it, so a crash leaves no more rows unknown than there are
//! workers. What came of the rows is told in their order.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;

use super::pace::Pace;
use super::worker::{Job, Ticket, Work, Workers};
use super::{Answer, Receipt, request};
use crate::api::Client;
use crate::bill::{Bill, BillNo};
use crate::ledger::{Account, AttemptKind, Entry, Intended, Intent, Ledger, LedgerError, Settlement};
use crate::secret::Secret;

/// Rows that may have ended before an earlier one has: a bound for what is kept.
const MOST_UNTOLD: usize = 4096;

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
    /// Within which time the same phone, amount and product count as a duplicate; `None` allows it.
    pub duplicate_window: Option<Duration>,
    /// Requests in flight at most.
    pub concurrency: usize,
    /// Time between two requests at least.
    pub interval: Option<Duration>,
    /// Whether no further row is to be started.
    pub stop: &'a dyn Fn() -> bool,
    /// Counts the bills from before their intents until their outcomes are recorded.
    pub under_way: &'a AtomicUsize,
    /// Told of every moment between which a crash makes a difference.
    pub reached: fn(&'static str),
}

/// A row that is valid.
#[derive(Debug)]
pub struct Row {
    /// Its number in the batch, from 1.
    pub number: u64,
    /// Where it stands in its file, from 1; 0 where it comes from none.
    pub line: u64,
    /// What is to be sent.
    pub bill: Bill,
    /// Why.
    pub kind: AttemptKind,
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
    /// A request was made, and what came of it could not be recorded, for this reason.
    NotRecorded(Box<Receipt>, String),
}

/// The runner's state between two commits.
struct Run<'a, 'b> {
    batch: &'b mut Batch<'a>,
    work: &'b Work<'b>,
    workers: Workers<'b>,
    pace: Pace,
    next_place: u64,
    next_told: u64,
    /// Rows that wait for a worker: nothing is recorded of them yet.
    ready: VecDeque<Ticket>,
    ended: BTreeMap<u64, (Row, RowEnd)>,
    in_flight: usize,
    /// Whether every row was read.
    all_read: bool,
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
        tell: impl FnMut(&Row, &RowEnd) -> Result<(), E>,
    ) -> Result<bool, E> {
        let (client, account, api_key, reached) = (self.client, self.account, self.api_key, self.reached);
        self.run_by(rows, tell, &move |row| request(client, account, api_key, &row.bill, row.kind, reached))
    }

    /// The same, with something else that makes the requests.
    fn run_by<E: From<LedgerError>>(
        &mut self,
        rows: impl Iterator<Item = Result<Row, E>>,
        mut tell: impl FnMut(&Row, &RowEnd) -> Result<(), E>,
        ask: &(dyn Fn(&Row) -> Answer + Sync),
    ) -> Result<bool, E> {
        let (work, jobs) = Work::new(ask);
        thread::scope(|scope| {
            let workers = Workers::start(&work, jobs, self.concurrency, scope);
            let mut run = Run {
                pace: Pace::new(self.interval),
                batch: self,
                work: &work,
                workers,
                next_place: 0,
                next_told: 0,
                ready: VecDeque::new(),
                ended: BTreeMap::new(),
                in_flight: 0,
                all_read: false,
                stopped: false,
                failure: None,
            };
            run.go(rows, &mut tell)
        })
    }
}

impl Run<'_, '_> {
    fn go<E: From<LedgerError>>(
        &mut self,
        mut rows: impl Iterator<Item = Result<Row, E>>,
        tell: &mut impl FnMut(&Row, &RowEnd) -> Result<(), E>,
    ) -> Result<bool, E> {
        let mut broken: Option<E> = None;
        while !(self.is_over() && self.in_flight == 0) {
            let mut done = self.workers.answered();
            let prepared = self.prepare(&mut rows, done.len());
            let has_news = !done.is_empty() || self.ended.contains_key(&self.next_told);
            if !has_news && self.may_start(0) == 0 {
                done = self.wait();
            }
            // Refused credentials are refused for every row.
            self.stopped |= done.iter().any(|(_, answer)| answer.is_about_credentials());
            self.look_for_stop();
            let fresh = self.ready.drain(..self.may_start(done.len())).collect();
            self.commit(fresh, done);
            if let Err(error) = prepared {
                // Rows that wait for a worker are not started any more.
                self.all_read = true;
                self.ready.clear();
                broken.get_or_insert(error);
            }
            if let Err(error) = self.tell(tell) {
                self.stopped = true;
                broken.get_or_insert(error);
            }
            self.look_for_stop();
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
            (None, None) => Ok(self.all_read && self.ready.is_empty()),
        }
    }

    /// Whether no further row is started.
    fn is_over(&self) -> bool {
        self.stopped || self.failure.is_some() || (self.all_read && self.ready.is_empty())
    }

    /// Closes the run where it was told to stop or cannot go on, or a worker has closed it.
    fn look_for_stop(&mut self) {
        let closed = &self.work.closed;
        self.stopped = self.stopped || closed.load(Ordering::SeqCst) || (self.batch.stop)();
        if self.stopped || self.failure.is_some() {
            closed.store(true, Ordering::SeqCst);
        }
    }

    /// How many of the rows that are ready may be intended now, when so many more are answered.
    fn may_start(&self, answered: usize) -> usize {
        if self.stopped || self.failure.is_some() {
            return 0;
        }
        let busy = self.in_flight.saturating_sub(answered);
        let free = self.workers.count().saturating_sub(busy);
        self.pace.allows(free.min(self.ready.len()))
    }

    /// Reads and looks up rows while their requests could not leave anyway: as many as there are
    /// workers, or as become free by the answers that have come. Ends early where a row needs no
    /// request, so that it is told soon.
    fn prepare<E: From<LedgerError>>(
        &mut self,
        rows: &mut impl Iterator<Item = Result<Row, E>>,
        answered: usize,
    ) -> Result<(), E> {
        let workers = self.workers.count();
        let wanted = if answered == 0 {
            workers
        } else {
            workers.saturating_sub(self.in_flight).saturating_add(answered)
        };
        while self.ready.len() < wanted && self.ended.len() < MOST_UNTOLD && !self.all_read {
            self.look_for_stop();
            if self.stopped || self.failure.is_some() {
                break;
            }
            let Some(row) = rows.next() else {
                self.all_read = true;
                break;
            };
            match self.look_up(row?) {
                Ok(Some(ticket)) => self.ready.push_back(ticket),
                Ok(None) => break,
                Err(error) => self.failure = Some(error),
            }
        }
        Ok(())
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
            if !row.kind.is_allowed_for(&entry) {
                self.ended.insert(place, (row, RowEnd::Known(Box::new(entry))));
                return Ok(None);
            }
        }
        Ok(Some(Ticket { place, row }))
    }

    /// Waits a while for answers, or until the rate allows another request.
    fn wait(&self) -> Vec<(Job, Answer)> {
        if self.in_flight == 0 {
            thread::sleep(self.pace.wait());
            return Vec::new();
        }
        self.workers.wait(self.pace.wait())
    }

    /// Makes intents and outcomes durable together, then lets the rows go and ends those answered.
    fn commit(&mut self, fresh: Vec<Ticket>, done: Vec<(Job, Answer)>) {
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
        self.batch.under_way.fetch_add(fresh.len(), Ordering::SeqCst);
        let written = self.write(&fresh, &done, at);
        around("after-intent", "after-outcome");
        match written {
            Ok((recorded, intended)) => {
                for (ticket, intended) in fresh.into_iter().zip(intended) {
                    self.start(ticket, intended, at);
                }
                for ((job, answer), recorded) in done.into_iter().zip(recorded) {
                    self.end(job, answer, Ok(recorded));
                }
            }
            Err(error) => {
                self.batch.under_way.fetch_sub(fresh.len(), Ordering::SeqCst);
                self.failure.get_or_insert(error);
                self.look_for_stop();
                // The new rows were not sent. What is answered is recorded if it can be.
                if done.is_empty() {
                    return;
                }
                let recorded: Vec<Result<Settlement, String>> = match self.write(&[], &done, at) {
                    Ok((recorded, _)) => recorded.into_iter().map(Ok).collect(),
                    Err(error) => done.iter().map(|_| Err(error.to_string())).collect(),
                };
                for ((job, answer), recorded) in done.into_iter().zip(recorded) {
                    self.end(job, answer, recorded);
                }
            }
        }
    }

    /// Returns what is recorded of the answers, and what the ledger says to the new rows.
    fn write(
        &mut self,
        fresh: &[Ticket],
        done: &[(Job, Answer)],
        at: Timestamp,
    ) -> Result<(Vec<Settlement>, Vec<Intended>), LedgerError> {
        let Batch { account, operator, name, duplicate_window, .. } = *self.batch;
        self.batch.ledger.group(|group| {
            let mut recorded = Vec::with_capacity(done.len());
            for (job, answer) in done {
                recorded.push(group.settle(&job.attempt, &answer.settlement, at)?);
            }
            let intend = |Ticket { row, .. }: &Ticket| {
                let (kind, bill) = (row.kind, &row.bill);
                // Whoever has a known bill messaged again means to.
                let duplicate_window = duplicate_window.filter(|_| kind == AttemptKind::Send);
                let batch = name.map(|name| (name, row.number));
                group.intend(&Intent { kind, account, bill, batch, at, operator, duplicate_window })
            };
            let intended: Result<_, _> = fresh.iter().map(intend).collect();
            Ok((recorded, intended?))
        })
    }

    fn start(&mut self, ticket: Ticket, intended: Intended, requested_at: Timestamp) {
        let end = match intended {
            Intended::Fresh(attempt) => {
                self.in_flight = self.in_flight.saturating_add(1);
                self.pace.start();
                self.workers.take(Job { ticket, attempt, requested_at });
                return;
            }
            Intended::Known(entry) => RowEnd::Known(entry),
            Intended::OtherContent(fields) => RowEnd::OtherContent(fields),
            Intended::Duplicate { bill_no, requested_at } => RowEnd::Duplicate(bill_no, requested_at),
        };
        self.batch.under_way.fetch_sub(1, Ordering::SeqCst);
        self.ended.insert(ticket.place, (ticket.row, end));
    }

    fn end(&mut self, job: Job, answer: Answer, recorded: Result<Settlement, String>) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let Ticket { place, row } = job.ticket;
        let end = match recorded {
            Ok(recorded) => {
                self.batch.under_way.fetch_sub(1, Ordering::SeqCst);
                let answer = answer.recorded_as(recorded, self.batch.client);
                RowEnd::Answered(Box::new(answer.receipt(job.requested_at)))
            }
            Err(reason) => RowEnd::NotRecorded(Box::new(answer.receipt(job.requested_at)), reason),
        };
        self.ended.insert(place, (row, end));
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

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;
    use std::sync::atomic::AtomicU64;

    use tempfile::TempDir;

    use super::*;
    use crate::api::{Proxy, Timeouts, TrustPaths};
    use crate::ledger::Filter;
    use crate::payment::Outcome;

    fn row(number: u64) -> Row {
        let raw = crate::bill::RawBill {
            bill_no: Some(format!("B{number}")),
            via: Some("link".to_owned()),
            product: Some("라떼".to_owned()),
            amount: Some("5000".to_owned()),
            buyer: Some("홍길동".to_owned()),
            phone: Some(format!("0101234{number:04}")),
            ..Default::default()
        };
        let (bill, _) = raw.parse(None, || unreachable!()).unwrap();
        Row { number, line: number, bill, kind: AttemptKind::Send }
    }

    /// Runs so many rows with so many threads. Returns the most bills that another process would have seen
    /// in flight at a request.
    fn most_in_flight(rows: u64, concurrency: usize) -> u64 {
        let home = TempDir::new().unwrap();
        let timeouts = Timeouts { connect: Duration::from_secs(1), total: Duration::from_secs(1) };
        let account = Account { environment: "sandbox".to_owned(), api_id: "shop01".to_owned() };
        let (under_way, most) = (AtomicUsize::new(0), AtomicU64::new(0));
        let mut told = Vec::new();
        let all = Batch {
            ledger: &mut Ledger::open(home.path()).unwrap(),
            client: &Client::new("http://127.0.0.1:1", timeouts, Proxy::default(), &TrustPaths::default())
                .unwrap(),
            account: &account,
            api_key: &Secret::new("key".to_owned()),
            operator: "kim@till",
            now: &|| Timestamp::UNIX_EPOCH,
            name: Some("march"),
            duplicate_window: None,
            concurrency,
            interval: None,
            stop: &|| false,
            under_way: &under_way,
            reached: |_| {},
        }
        .run_by::<LedgerError>(
            (1..=rows).map(|number| Ok(row(number))),
            |row, end| {
                assert!(matches!(end, RowEnd::Answered(_)), "{end:?}");
                told.push(row.number);
                Ok(())
            },
            &|_| {
                let mut in_flight = 0_u64;
                let beside = Ledger::open(home.path()).unwrap();
                let unknown = Filter { outcome: Some(Outcome::Unknown), ..Filter::default() };
                let count = |_| {
                    in_flight = in_flight.saturating_add(1);
                    ControlFlow::Continue(())
                };
                beside.each(&account, &unknown, count).unwrap();
                most.fetch_max(in_flight, Ordering::SeqCst);
                Answer::not_started()
            },
        );
        assert!(all.unwrap());
        assert_eq!((told, under_way.into_inner()), ((1..=rows).collect(), 0));
        most.into_inner()
    }

    #[test]
    fn no_more_rows_are_in_flight_than_there_are_workers() {
        assert!((1..=3).contains(&most_in_flight(30, 3)));
    }

    #[test]
    fn without_another_thread_the_rows_are_sent_one_after_the_other() {
        assert_eq!(most_in_flight(5, 0), 1);
    }
}
