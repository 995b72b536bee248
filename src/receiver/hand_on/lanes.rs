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

/// What a lane takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Only what comes first.
    First,
    /// What comes first, or else anything.
    Any,
}

/// Notifications on their way.
#[derive(Default)]
pub(super) struct Lanes {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    first: VecDeque<Received>,
    others: VecDeque<Received>,
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
    pub(super) fn work(&self, takes: Takes, targets: &Targets, compose: Compose<'_>, bell: &Bell) {
        let _watch = bell.watch();
        while let Some(received) = self.next(takes) {
            let key = super::idempotency_key(&received);
            let attempt = targets.hand_on(&key, &compose(&received), &received.handed_to);
            self.lock().done.push((received, attempt));
            bell.ring();
        }
    }

    /// The next one, as soon as there is one; `None` once the lanes are closed.
    fn next(&self, takes: Takes) -> Option<Received> {
        let has_none =
            |state: &State| state.first.is_empty() && (takes == Takes::First || state.others.is_empty());
        let waited = self.changed.wait_while(self.lock(), |state| has_none(state) && !state.closed);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return None;
        }
        let first = state.first.pop_front();
        first.or_else(|| state.others.pop_front())
    }

    /// Puts these behind those that wait.
    pub(super) fn put_in(&self, received: impl IntoIterator<Item = Received>) {
        let (first, others): (Vec<_>, Vec<_>) =
            received.into_iter().partition(|received| received.comes_first);
        let mut state = self.lock();
        state.first.extend(first);
        state.others.extend(others);
        drop(state);
        self.changed.notify_all();
    }

    /// How many wait for a free lane: of those that come first, and of the others.
    pub(super) fn waiting(&self) -> (usize, usize) {
        let state = self.lock();
        (state.first.len(), state.others.len())
    }

    /// Takes out those that wait for a free lane.
    pub(super) fn take_out(&self) -> Vec<Received> {
        let mut state = self.lock();
        let first = std::mem::take(&mut state.first);
        first.into_iter().chain(std::mem::take(&mut state.others)).collect()
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
