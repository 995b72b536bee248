//! Stored notifications handed on in the background: at least once each, those of one payment in order.
//!
//! The queue is in the store. The invariant kept: an attempt is recorded only after the target has answered,
//! so that whatever ends the process in between has it repeated and never forgotten; and nothing is
//! tried while nothing is due. Which notifications are due, and when one is given up, the store and `backoff`
//! say; what a target is, `targets`.

mod lanes;

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;

use super::backoff;
use super::bell::Bell;
use super::event::{Event, Journal};
use super::outage::{Allowance, Outage};
use super::targets::{Attempt, Reach, Targets};
use crate::ledger::{Account, Due, HandedOn, LedgerError, NotificationStore, Received};
use crate::payment::Verdict;
use lanes::{Lanes, Takes};

/// How many are handed on at the same time.
const LANES: usize = 8;

/// Of these so many take only what comes first: a target that is slow with what is made up must not be busy when it
/// comes.
const FOR_FIRST: usize = 2;

/// How many are read from the queue at a time.
const BATCH: u32 = 64;

/// Among how many the one is chosen that is tried during an outage.
const CHOICE: u32 = 256;

/// How long nobody looks into the queue at most: another process (`noti replay`) puts in without ringing.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Not even a queue that contradicts itself is looked into more often.
const AT_LEAST: Duration = Duration::from_millis(10);

/// Makes the JSON object of a stored notification.
type Compose<'a> = &'a (dyn Fn(&Received) -> Vec<u8> + Sync);

/// All that handing on needs.
pub struct HandingOver<'a> {
    /// Where the queue is: a connection of its own.
    pub store: NotificationStore,
    /// Whose notifications.
    pub account: Account,
    /// Who is to have them.
    pub targets: Targets,
    /// Makes the JSON object that is handed on, without a line end.
    pub compose: Compose<'a>,
    /// The time.
    pub now: &'a (dyn Fn() -> Timestamp + Sync),
    /// The time since some start, by a clock that nobody sets.
    pub elapsed: &'a (dyn Fn() -> Duration + Sync),
    /// Random bytes.
    pub random: &'a (dyn Fn(&mut [u8]) + Sync),
    /// [`Due::HandOn`], or [`Due::HandOnVerified`] where each waits for its verdict, or those alone that are confirmed.
    pub due: Due,
    /// Told of everything that happens.
    pub journal: Journal,
}

/// What tells one handing on from another: the same for each attempt, another once the verdict is another, and that
/// of no other notification of any store.
#[must_use]
pub fn idempotency_key(received: &Received) -> String {
    let key = data_encoding::HEXLOWER.encode(&received.key);
    format!("{key}-{}", received.verdict.map_or("received", Verdict::as_str))
}

impl HandingOver<'_> {
    /// Hands on what is due, and what comes to be due, until the bell says that it is time to end. Then
    /// nothing more is begun; what is under way is finished, within the targets' own time limits, and recorded.
    /// Where some thread panics, or none can be had, the bell fails, which ends it likewise.
    pub fn run(self, bell: &Bell) {
        let Self { store, account, targets, compose, now, elapsed, random, due, journal } = self;
        let lanes = Lanes::default();
        let mut worker = Worker {
            store,
            account,
            now,
            elapsed,
            random,
            due,
            journal,
            lanes: &lanes,
            taken: BTreeMap::new(),
            unrecorded: Vec::new(),
            outage: Outage::default(),
            trouble: None,
        };
        thread::scope(|scope| {
            let _watch = bell.watch();
            let open = lanes.open();
            let spawned = (0..LANES).map_while(|number| {
                let takes = if number < FOR_FIRST { Takes::First } else { Takes::Any };
                let (lanes, targets) = (&lanes, &targets);
                let lane = move || lanes.work(takes, targets, compose, bell);
                thread::Builder::new().spawn_scoped(scope, lane).ok()
            });
            let threads: Vec<_> = spawned.collect();
            if threads.is_empty() {
                worker.tell_trouble("nothing can be handed on: the system gives no thread".to_owned());
                bell.fail();
            }
            while !bell.is_over() {
                let pause = worker.turn();
                bell.wait(pause);
            }
            drop(open);
            for thread in threads {
                // Its panic was reported by the hook, and the bell has failed.
                let _panicked = thread.join();
            }
        });
        worker.end();
    }
}

/// The one that reads the queue and writes what came of it.
struct Worker<'a> {
    store: NotificationStore,
    account: Account,
    now: &'a (dyn Fn() -> Timestamp + Sync),
    elapsed: &'a (dyn Fn() -> Duration + Sync),
    random: &'a (dyn Fn(&mut [u8]) + Sync),
    due: Due,
    journal: Journal,
    lanes: &'a Lanes,
    /// Those that were read from the queue and not recorded yet: their numbers and `TID`s.
    taken: BTreeMap<i64, Option<String>>,
    unrecorded: Vec<Done>,
    outage: Outage,
    /// The last trouble that was told, so that it is told once.
    trouble: Option<String>,
}

/// An attempt that was made.
struct Done {
    received: Received,
    attempt: Attempt,
    at: Timestamp,
    /// When to try again; `None` where it was delivered or is given up.
    next: Option<Timestamp>,
}

impl Worker<'_> {
    /// Records what is done and takes what is due. Returns how long to wait for news.
    fn turn(&mut self) -> Duration {
        self.learn();
        let worked = self.record().and_then(|()| self.take()).and_then(|()| self.pause());
        match worked {
            Ok(pause) => {
                self.trouble = None;
                pause
            }
            Err(error) => {
                self.tell_trouble(error.to_string());
                LOOK_AGAIN
            }
        }
    }

    /// Takes what the lanes have done, and what it says of the targets.
    fn learn(&mut self) {
        let now = (self.now)();
        for (received, attempt) in self.lanes.take_done() {
            let mut random = [0; 2];
            (self.random)(&mut random);
            self.learn_of_targets(&received, &attempt, random);
            let next = attempt.error.as_ref().and_then(|_| {
                let pause = backoff::pause(received.hand_on_tries.saturating_add(1), random)?;
                now.checked_add(pause).ok()
            });
            self.unrecorded.push(Done { received, attempt, at: now, next });
        }
        if self.allowance() != Allowance::Any {
            for put_back in self.lanes.take_out() {
                self.taken.remove(&put_back.id);
            }
        }
    }

    /// What an attempt says of the targets, whatever becomes of its notification. One that some target has already
    /// says nothing of that target, so that it begins no outage; it may show that one lasts.
    fn learn_of_targets(&mut self, received: &Received, attempt: &Attempt, random: [u8; 2]) {
        let may_count = attempt.handed_to.is_empty() || self.allowance() != Allowance::Any;
        match attempt.reach {
            Reach::Reached => self.outage.came_through(),
            Reach::Missed if may_count && self.outage.missed(received.id, (self.elapsed)(), random) => {
                let error = attempt.error.as_deref().unwrap_or_default();
                let news = format!(
                    "nothing can be handed on at the moment, one is tried from time to time: {error}"
                );
                (self.journal)(Event::Trouble(news));
            }
            Reach::Untried | Reach::Missed => {}
        }
    }

    /// Makes what is done durable, all of it together, then tells of it.
    fn record(&mut self) -> Result<(), LedgerError> {
        if self.unrecorded.is_empty() {
            return Ok(());
        }
        let unrecorded = &self.unrecorded;
        self.store.group(|group| {
            unrecorded.iter().try_for_each(|done| group.handed_on(&done.received, &done.result(), done.at))
        })?;
        for done in self.unrecorded.drain(..) {
            self.taken.remove(&done.received.id);
            (self.journal)(done.event());
        }
        Ok(())
    }

    /// Puts what is due into the lanes, as far as there is room. Two of one payment are never on their way
    /// together.
    fn take(&mut self) -> Result<(), LedgerError> {
        let now = (self.now)();
        let (first, others) = self.lanes.waiting();
        let (room, choice) = match self.allowance() {
            Allowance::Any if first.min(others) < LANES => (BATCH, BATCH),
            Allowance::One if self.taken.is_empty() => (1, CHOICE),
            _ => return Ok(()),
        };
        // Those that are taken are due as long as nothing is recorded of them.
        let limit = choice.saturating_add(u32::try_from(self.taken.len()).unwrap_or(u32::MAX));
        let mut due = if others < LANES {
            self.store.due_notifications(&self.account, self.due, now, limit)?
        } else {
            self.store.first_due(&self.account, self.due, now, limit)?
        };
        if room == 1 {
            due.sort_by_key(promise);
        }
        let mut fresh = Vec::new();
        for received in due {
            let is_under_way = self.taken.contains_key(&received.id)
                || received.tid.is_some() && self.taken.values().any(|tid| *tid == received.tid);
            if !is_under_way && u32::try_from(fresh.len()).is_ok_and(|length| length < room) {
                self.taken.insert(received.id, received.tid.clone());
                fresh.push(received);
            }
        }
        self.lanes.put_in(fresh);
        Ok(())
    }

    /// How long nothing can be due that is not taken yet.
    fn pause(&self) -> Result<Duration, LedgerError> {
        if !self.taken.is_empty() {
            return Ok(LOOK_AGAIN);
        }
        let until_next = match self.allowance() {
            Allowance::NoneUntil(until) => Some(until.saturating_sub((self.elapsed)())),
            Allowance::Any | Allowance::One => {
                let (next, now) = (self.store.next_due(&self.account, self.due)?, (self.now)());
                next.map(|next| Duration::try_from(next.duration_since(now)).unwrap_or_default())
            }
        };
        Ok(until_next.unwrap_or(LOOK_AGAIN).clamp(AT_LEAST, LOOK_AGAIN))
    }

    /// How many may be tried now.
    fn allowance(&self) -> Allowance {
        self.outage.allowance((self.elapsed)())
    }

    /// Records what the lanes finished last.
    fn end(mut self) {
        self.learn();
        if let Err(error) = self.record() {
            let count = self.unrecorded.len();
            self.tell_trouble(format!("{error}; what came of the last {count} attempts is not recorded"));
        }
    }

    fn tell_trouble(&mut self, trouble: String) {
        if self.trouble.as_ref() != Some(&trouble) {
            (self.journal)(Event::Trouble(trouble.clone()));
            self.trouble = Some(trouble);
        }
    }
}

/// Which of those that are due is to find out whether a target is back, the lowest first: one that is certainly a
/// payment, then the one that has been in the way of others the least.
fn promise(received: &Received) -> (bool, u32) {
    (received.verdict != Some(Verdict::Confirmed), received.hand_on_tries)
}

impl Done {
    /// For the ledger.
    fn result(&self) -> HandedOn<'_> {
        let handed_to = self.attempt.handed_to.as_slice();
        match (self.attempt.error.as_deref(), self.next) {
            (None, _) => HandedOn::Delivered,
            (Some(error), Some(next)) => HandedOn::Again { handed_to, next, error },
            (Some(error), None) => HandedOn::Dead { handed_to, error },
        }
    }

    /// For the journal.
    fn event(self) -> Event {
        let id = self.received.id;
        match self.attempt.error {
            None => Event::HandedOn { id },
            Some(error) => Event::NotHandedOn { id, error, again: self.next.is_some() },
        }
    }
}
