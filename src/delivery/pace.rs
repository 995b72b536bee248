//! How soon the next request may leave, by a clock that nobody can set.

use std::time::{Duration, Instant};

/// How often a run that waits looks whether it was asked to stop.
const LOOK_FOR_STOP: Duration = Duration::from_millis(100);

/// The time between two requests.
pub(super) struct Pace {
    interval: Option<Duration>,
    next: Instant,
}

impl Pace {
    /// The first request may leave at once, each later one that long after the one before.
    pub(super) fn new(interval: Option<Duration>) -> Self {
        Self { interval, next: Instant::now() }
    }

    /// How many of these requests may leave now.
    pub(super) fn allows(&self, wanted: usize) -> usize {
        match self.interval {
            None => wanted,
            Some(_) if Instant::now() < self.next => 0,
            Some(_) => wanted.min(1),
        }
    }

    /// A request leaves now.
    pub(super) fn start(&mut self) {
        let Some(interval) = self.interval else { return };
        let earliest = self.next.max(Instant::now());
        self.next = earliest.checked_add(interval).unwrap_or(earliest);
    }

    /// How long to wait at most before looking around again.
    pub(super) fn wait(&self) -> Duration {
        let left = self.next.saturating_duration_since(Instant::now());
        if left.is_zero() { LOOK_FOR_STOP } else { left.min(LOOK_FOR_STOP) }
    }
}
