//! The threads that make the requests of a batch, and nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Scope};

use jiff::Timestamp;

use super::Answer;
use super::batch::Row;
use crate::api::ApiError;
use crate::ledger::Attempt;

/// A row on its way, under its place in the file.
pub(super) struct Ticket {
    pub(super) place: u64,
    pub(super) row: Row,
}

/// A row whose intent is durable.
pub(super) struct Job {
    pub(super) ticket: Ticket,
    pub(super) attempt: Attempt,
    pub(super) requested_at: Timestamp,
}

/// What the workers of a batch share.
pub(super) struct Work<'a> {
    queue: Mutex<Receiver<Job>>,
    ask: &'a (dyn Fn(&Row) -> Answer + Sync),
    /// Whether nothing more is to be sent.
    pub(super) closed: AtomicBool,
}

/// The way to the workers, which end when it is dropped.
pub(super) struct Workers<'a> {
    work: &'a Work<'a>,
    jobs: Sender<Job>,
    answered: Receiver<(Job, Answer)>,
    /// How many threads the system gave.
    threads: usize,
}

impl<'a> Work<'a> {
    /// Work for threads that do not run yet, and where its jobs are put.
    pub(super) fn new(ask: &'a (dyn Fn(&Row) -> Answer + Sync)) -> (Self, Sender<Job>) {
        let (jobs, queue) = mpsc::channel();
        (Self { queue: Mutex::new(queue), ask, closed: AtomicBool::new(false) }, jobs)
    }

    /// The next job's answer; nothing once there are no more jobs.
    fn next(&self) -> Option<(Job, Answer)> {
        let job = self.queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()?;
        // A row that waits for a worker when the run is closed does not leave any more.
        if self.closed.load(Ordering::SeqCst) {
            return Some((job, Answer::not_started()));
        }
        let asked = catch_unwind(AssertUnwindSafe(|| (self.ask)(&job.ticket.row)));
        let answer = asked.unwrap_or_else(|_| {
            // The panic hook has said where. What broke once may break for every row.
            self.closed.store(true, Ordering::SeqCst);
            let reason = "a defect in cookiepay ended the request".to_owned();
            Answer::of_failure(ApiError::Unknown { host: "CookiePay".to_owned(), reason })
        });
        Some((job, answer))
    }

    fn run(&self, answers: &Sender<(Job, Answer)>) {
        while let Some(answered) = self.next() {
            if answers.send(answered).is_err() {
                return;
            }
        }
    }
}

impl<'a> Workers<'a> {
    /// Starts so many threads, or as many as the system gives.
    pub(super) fn start<'scope>(
        work: &'a Work<'a>,
        jobs: Sender<Job>,
        wanted: usize,
        scope: &'scope Scope<'scope, '_>,
    ) -> Self
    where
        'a: 'scope,
    {
        let (answers, answered) = mpsc::channel();
        let start = || {
            let answers = answers.clone();
            thread::Builder::new().spawn_scoped(scope, move || work.run(&answers)).ok()
        };
        let threads = (0..wanted).map_while(|_| start()).count();
        Self { work, jobs, answered, threads }
    }

    /// How many requests can be under way at once.
    pub(super) fn count(&self) -> usize {
        self.threads.max(1)
    }

    /// Hands a job over.
    pub(super) fn take(&self, job: Job) {
        // The queue lives as long as the run does.
        let _taken = self.jobs.send(job);
    }

    /// The answers that have come.
    pub(super) fn answered(&self) -> Vec<(Job, Answer)> {
        self.answered.try_iter().collect()
    }

    /// The answers that come within this time. Without a thread a request is made here.
    pub(super) fn wait(&self, time: std::time::Duration) -> Vec<(Job, Answer)> {
        let first = if self.threads == 0 { self.work.next() } else { self.answered.recv_timeout(time).ok() };
        first.into_iter().chain(self.answered.try_iter()).collect()
    }
}
