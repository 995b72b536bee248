//! A bounded number of connections, and who has to go when somebody new comes to a full house.
//!
//! A connection either waits for its client (which has said nothing yet, or has not finished its request) or is
//! waited for (its notification is being stored). Whoever keeps us waiting longest goes first, so that a flood of
//! silent or slow clients cannot keep real notifications out; who is being stored never goes. How long a client may
//! take at all is kept here, too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::Id;
use tokio::time::Instant;

/// So many connections are served at once: they fit under the usual limit of 1,024 open files.
pub(super) const SEATS: usize = 512;

/// Nobody has to go before this time, in which a client that wants to say something has said it.
const LEAST_PATIENCE: Duration = Duration::from_millis(100);

/// The seat of one connection.
#[derive(Debug)]
pub(super) struct Seat {
    standing: Mutex<Standing>,
    leave: Notify,
}

/// How a connection stands.
#[derive(Debug, Clone, Copy)]
struct Standing {
    phase: Phase,
    /// Since when the client has been waited for.
    since: Instant,
}

/// What a connection is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The client has nothing under way.
    Idle,
    /// A request has begun to come.
    Request,
    /// A request is whole, and is being stored.
    Storing,
}

impl Standing {
    /// How long its client may still take, counted from the first byte of a request to its last; `None` if it has
    /// taken longer already.
    fn deadline(self, patience: Duration, now: Instant) -> Option<Instant> {
        let begin = if self.phase == Phase::Storing { now } else { self.since };
        begin.checked_add(patience).filter(|deadline| *deadline > now)
    }

    /// Since when its client has been waited for, if it is.
    fn waiting_since(self) -> Option<Instant> {
        (self.phase != Phase::Storing).then_some(self.since)
    }
}

impl Seat {
    pub(super) fn new(now: Instant) -> Self {
        Self { standing: Mutex::new(Standing { phase: Phase::Idle, since: now }), leave: Notify::new() }
    }

    /// Something of a request came.
    pub(super) fn heard(&self, now: Instant) {
        let mut standing = self.lock();
        if standing.phase == Phase::Idle {
            *standing = Standing { phase: Phase::Request, since: now };
        }
    }

    /// The request is whole: from here on it is not the client that is waited for.
    pub(super) fn storing(&self) {
        self.lock().phase = Phase::Storing;
    }

    /// The request has its answer.
    pub(super) fn answered(&self, now: Instant) {
        *self.lock() = Standing { phase: Phase::Idle, since: now };
    }

    pub(super) fn phase(&self) -> Phase {
        self.lock().phase
    }

    /// When the client will have taken longer than it may; `None` if it has already.
    pub(super) fn deadline(&self, patience: Duration, now: Instant) -> Option<Instant> {
        self.lock().deadline(patience, now)
    }

    /// Returns when somebody else needs the seat.
    pub(super) async fn asked_to_leave(&self) {
        self.leave.notified().await;
    }

    /// Two plain values are consistent whoever panicked while setting them.
    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The seats that are taken, by the tasks of their connections.
#[derive(Debug, Default)]
pub(super) struct Seats(HashMap<Id, Arc<Seat>>);

impl Seats {
    /// A connection has come.
    pub(super) fn take(&mut self, task: Id, seat: Arc<Seat>) {
        self.0.insert(task, seat);
    }

    /// A connection has gone.
    pub(super) fn leave(&mut self, task: Id) {
        self.0.remove(&task);
    }

    /// Whether one more connection has come than there are seats.
    pub(super) fn are_too_few(&self) -> bool {
        self.0.len() > SEATS
    }

    /// Asks the connection that has been waiting for its client longest to leave, if any has waited long enough.
    pub(super) fn ask_longest_waiting(&self, now: Instant) {
        if let Some(seat) = self.longest_waiting(now) {
            seat.leave.notify_one();
        }
    }

    fn longest_waiting(&self, now: Instant) -> Option<&Arc<Seat>> {
        let waiting = self.0.values().filter_map(|seat| Some((seat.lock().waiting_since()?, seat)));
        let longest = waiting.min_by_key(|(since, _)| *since);
        longest.filter(|(since, _)| now.duration_since(*since) >= LEAST_PATIENCE).map(|(_, seat)| seat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    fn after(start: Instant, milliseconds: u64) -> Instant {
        start.checked_add(Duration::from_millis(milliseconds)).unwrap()
    }

    #[test]
    fn time_counts_from_the_first_byte_of_a_request_and_stands_still_while_it_is_stored() {
        let start = Instant::now();
        let seat = Seat::new(start);
        seat.heard(after(start, 9_000));
        seat.heard(after(start, 18_000));
        assert_eq!(seat.deadline(PATIENCE, after(start, 18_000)), Some(after(start, 19_000)));
        assert_eq!((seat.deadline(PATIENCE, after(start, 19_000)), seat.phase()), (None, Phase::Request));
        seat.storing();
        assert_eq!(seat.deadline(PATIENCE, after(start, 60_000)), Some(after(start, 70_000)));
        seat.answered(after(start, 60_000));
        assert_eq!((seat.deadline(PATIENCE, after(start, 70_000)), seat.phase()), (None, Phase::Idle));
    }

    #[test]
    fn who_keeps_us_waiting_longest_has_to_go_and_who_is_stored_has_not() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let start = Instant::now();
        let mut seats = Seats::default();
        let taken: Vec<Arc<Seat>> =
            (0..4).map(|number| Arc::new(Seat::new(after(start, number * 40)))).collect();
        let tasks: Vec<Id> = taken.iter().map(|_| runtime.spawn(std::future::pending::<()>()).id()).collect();
        for (task, seat) in tasks.iter().zip(&taken) {
            seats.take(*task, Arc::clone(seat));
        }
        taken[0].storing();
        taken[1].answered(after(start, 160));
        assert!(seats.longest_waiting(after(start, 170)).is_none(), "90 ms are not long");
        assert!(seats.longest_waiting(after(start, 180)).is_some_and(|seat| Arc::ptr_eq(seat, &taken[2])));
        seats.leave(tasks[2]);
        assert!(seats.longest_waiting(after(start, 999)).is_some_and(|seat| Arc::ptr_eq(seat, &taken[3])));
        assert!(!seats.are_too_few());
    }
}
