//! How a background worker is woken: something new is there, or it is time to end; and how its panic is noticed.
//!
//! The invariant kept: no worker is lost silently. Whoever works holds a [`Watch`], and whoever rings can see that
//! there is nobody any more to answer the bell.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A bell that one worker waits for and anybody rings.
#[derive(Debug, Default)]
pub struct Bell {
    rung: Mutex<Rung>,
    changed: Condvar,
}

/// What was rung since the worker last looked.
#[derive(Debug, Default)]
struct Rung {
    news: bool,
    end: bool,
    failed: bool,
}

/// Held by a thread that works: if the thread panics, the bell has failed.
#[derive(Debug)]
#[must_use = "a thread is watched as long as this is held"]
pub struct Watch<'a>(&'a Bell);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail();
        }
    }
}

impl Bell {
    /// Something new is there.
    pub fn ring(&self) {
        self.lock().news = true;
        self.changed.notify_all();
    }

    /// It is time to end.
    pub fn end(&self) {
        self.lock().end = true;
        self.changed.notify_all();
    }

    /// Whether it is time to end.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.lock().end
    }

    /// Watches over the thread that holds this.
    pub fn watch(&self) -> Watch<'_> {
        Watch(self)
    }

    /// The worker, or one of those it has, cannot go on: it is time to end.
    pub fn fail(&self) {
        self.lock().failed = true;
        self.end();
    }

    /// Whether it is time to end because somebody could not go on.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.lock().failed
    }

    /// Waits until the bell is rung or that time has passed; news that came before the wait count.
    pub fn wait(&self, at_most: Duration) {
        let waited = self.changed.wait_timeout_while(self.lock(), at_most, |rung| !rung.news && !rung.end);
        waited.unwrap_or_else(PoisonError::into_inner).0.news = false;
    }

    /// Waits until that time has passed or it is time to end; news wait until then.
    pub fn pause(&self, time: Duration) {
        let waited = self.changed.wait_timeout_while(self.lock(), time, |rung| !rung.end);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Flags are consistent whoever panicked while setting them.
    fn lock(&self) -> MutexGuard<'_, Rung> {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    #[test]
    fn news_before_the_wait_end_it_at_once_and_only_once() {
        let bell = Bell::default();
        bell.ring();
        bell.wait(LONG);
        bell.wait(Duration::from_millis(1));
        assert!(!bell.is_over());
    }

    #[test]
    fn a_panic_of_whoever_is_watched_ends_the_bell_and_is_seen() {
        let bell = Bell::default();
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| bell.wait(LONG));
            let worker = scope.spawn(|| {
                let _watch = bell.watch();
                assert!(bell.is_over(), "it has to go on");
            });
            assert!(worker.join().is_err());
            waiter.join().unwrap();
        });
        assert!(bell.is_over() && bell.has_failed());
    }

    #[test]
    fn whoever_ends_without_a_panic_has_not_failed() {
        let bell = Bell::default();
        drop(bell.watch());
        assert!(!bell.is_over());
        bell.end();
        assert!(!bell.has_failed());
    }

    #[test]
    fn the_end_ends_every_wait() {
        let bell = Bell::default();
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| bell.wait(LONG));
            bell.end();
            waiter.join().unwrap();
        });
        bell.wait(LONG);
        bell.pause(LONG);
        assert!(bell.is_over());
    }
}
