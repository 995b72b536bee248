//! A few threads that hand notifications on at the same time. What they take and what came of it passes through
//! here; who gets what and what is remembered of it is for others to decide.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::Compose;
use crate::ledger::Received;
use crate::receiver::Bell;
use crate::receiver::targets::{Attempt, Targets};

/// Closes the lanes when it is dropped, also by a panic: whoever works on them would wait for ever.
pub(super) struct Opening<'a>(&'a Lanes);

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Notifications on their way.
#[derive(Default)]
pub(super) struct Lanes {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Received>,
    done: Vec<(Received, Attempt)>,
    closed: bool,
}

impl Lanes {
    /// The lanes are open as long as this is held.
    pub(super) fn open(&self) -> Opening<'_> {
        Opening(self)
    }

    /// Hands on what is put in until the lanes are closed, and rings after each. A panic would leave what is under
    /// way taken for ever: the bell fails, and who begins anew takes it again.
    pub(super) fn work(&self, targets: &Targets, compose: Compose<'_>, bell: &Bell) {
        let _watch = bell.watch();
        while let Some(received) = self.next() {
            let attempt =
                targets.hand_on(&super::idempotency_key(&received), &compose(&received), received.handed_to);
            self.lock().done.push((received, attempt));
            bell.ring();
        }
    }

    /// The next one, as soon as there is one; `None` once the lanes are closed.
    fn next(&self) -> Option<Received> {
        let waited = self.changed.wait_while(self.lock(), |state| state.waiting.is_empty() && !state.closed);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.closed { None } else { state.waiting.pop_front() }
    }

    /// Puts these behind those that wait.
    pub(super) fn put_in(&self, received: impl IntoIterator<Item = Received>) {
        self.lock().waiting.extend(received);
        self.changed.notify_all();
    }

    /// How many wait for a free lane.
    pub(super) fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Takes out those that wait for a free lane.
    pub(super) fn take_out(&self) -> VecDeque<Received> {
        std::mem::take(&mut self.lock().waiting)
    }

    /// Takes what is done.
    pub(super) fn take_done(&self) -> Vec<(Received, Attempt)> {
        std::mem::take(&mut self.lock().done)
    }

    /// Begins nothing more; what is under way is finished.
    fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// A lane holds the lock for single steps only, so that its panic leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
