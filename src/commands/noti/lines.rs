//! What a running receiver says on stderr: a line an event, as long as a person can follow.
//!
//! Events come from several threads, which must not wait for a terminal. So they only leave them here, a few at a
//! time; what does not fit is counted and said as a number. With `-q` nothing is even left, but for trouble: it is a
//! warning, and whoever runs a receiver unattended should find it in the log.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::super::time::rfc3339;
use crate::output::{LogLevel, Ui, thousands};
use crate::receiver::{Event, Journal};
use crate::world::Clock;

/// So many lines are kept until they are told.
const ROOM: usize = 24;

/// Room beside it for trouble, which must not be lost among the rest.
const ROOM_FOR_TROUBLE: usize = 8;

/// The time that a line needs to be read: with it, some tens of lines are told a second.
const A_LINE: Duration = Duration::from_millis(25);

/// Events on their way to stderr.
pub(super) struct Lines {
    waiting: Arc<Mutex<Waiting>>,
    clock: Arc<dyn Clock>,
    are_shown: bool,
}

/// What has not been told yet.
#[derive(Default)]
struct Waiting {
    events: Vec<(Timestamp, Event)>,
    more: u64,
    /// Until then, by [`Clock::elapsed`], readers are busy with what they got last.
    not_before: Duration,
}

impl Waiting {
    fn leave(&mut self, now: impl FnOnce() -> Timestamp, event: Event) {
        let room = if is_trouble(&event) { ROOM.saturating_add(ROOM_FOR_TROUBLE) } else { ROOM };
        if self.events.len() < room {
            self.events.push((now(), event));
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// What can be told now: the events, and how many there were beside them.
    fn take(&mut self, now: Duration) -> Option<(Vec<(Timestamp, Event)>, u64)> {
        if self.events.is_empty() || now < self.not_before {
            return None;
        }
        let lines = u32::try_from(self.events.len()).unwrap_or(u32::MAX);
        self.not_before = now.saturating_add(A_LINE.saturating_mul(lines));
        Some((std::mem::take(&mut self.events), std::mem::take(&mut self.more)))
    }
}

impl Lines {
    pub(super) fn new(are_shown: bool, clock: Arc<dyn Clock>) -> Self {
        Self { waiting: Arc::default(), clock, are_shown }
    }

    /// Where events are left.
    pub(super) fn journal(&self) -> Journal {
        let (waiting, clock) = (Arc::clone(&self.waiting), Arc::clone(&self.clock));
        let are_shown = self.are_shown;
        Arc::new(move |event| {
            if are_shown || is_trouble(&event) {
                lock(&waiting).leave(|| clock.now(), event);
            }
        })
    }

    /// Tells what has been left, unless the lines before are still being read.
    pub(super) fn tell(&self, ui: &mut Ui) {
        let taken = lock(&self.waiting).take(self.clock.elapsed());
        let Some((events, more)) = taken else { return };
        for (at, event) in events {
            ui.log(&rfc3339(at), level_of(&event), &event.to_string());
        }
        if more > 0 {
            ui.log(&rfc3339(self.clock.now()), LogLevel::Info, &format!("and {} more", thousands(more)));
        }
    }

    /// Tells what is left at the end.
    pub(super) fn tell_the_rest(&self, ui: &mut Ui) {
        lock(&self.waiting).not_before = Duration::ZERO;
        self.tell(ui);
    }
}

fn is_trouble(event: &Event) -> bool {
    level_of(event) == LogLevel::Warning
}

fn level_of(event: &Event) -> LogLevel {
    if matches!(event, Event::Trouble(_)) { LogLevel::Warning } else { LogLevel::Info }
}

/// A list and a number are consistent whoever panicked while changing them.
fn lock(waiting: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leave(waiting: &mut Waiting, times: usize, event: &Event) {
        for _ in 0..times {
            waiting.leave(|| Timestamp::UNIX_EPOCH, event.clone());
        }
    }

    #[test]
    fn what_does_not_fit_is_counted_but_trouble_has_room_of_its_own() {
        let mut waiting = Waiting::default();
        leave(&mut waiting, 500, &Event::Copy { id: 1 });
        leave(&mut waiting, 2, &Event::Trouble("no room".to_owned()));
        let (events, more) = waiting.take(Duration::ZERO).unwrap();
        assert_eq!((events.len(), more), (ROOM + 2, 500 - 24));
        assert_eq!(events.last().unwrap().1, Event::Trouble("no room".to_owned()));
    }

    #[test]
    fn lines_are_told_when_there_was_time_to_read_the_last_ones() {
        let mut waiting = Waiting::default();
        leave(&mut waiting, 4, &Event::Copy { id: 1 });
        assert_eq!(waiting.take(Duration::ZERO).map(|(events, _)| events.len()), Some(4));
        assert_eq!(waiting.take(4 * A_LINE), None);
        leave(&mut waiting, 1, &Event::Copy { id: 2 });
        assert_eq!(waiting.take(Duration::from_millis(99)), None);
        assert_eq!(waiting.take(4 * A_LINE).map(|(events, _)| events.len()), Some(1));
    }
}
