//! Everything outside the program, handed in: arguments, environment, streams, clock, randomness,
//! signals. A test hands in its own.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use jiff::Timestamp;

use crate::output::Streams;

/// The world of one run.
pub struct World {
    /// The arguments, the program's name first.
    pub arguments: Vec<OsString>,
    /// The standard streams.
    pub streams: Streams,
    /// Everything else.
    pub surroundings: Surroundings,
}

/// What a command finds around it.
#[derive(Clone)]
pub struct Surroundings {
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// The platform's configuration directory.
    pub config_directory: Option<PathBuf>,
    /// The platform's data directory.
    pub data_directory: Option<PathBuf>,
    /// The platform's directory for what a backup of the data directory does not hold.
    pub state_directory: Option<PathBuf>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub random: Random,
    /// Who runs the program: user@host, found when something is to be recorded, since it may take a look-up.
    pub operator: Arc<LazyLock<String>>,
    /// Reads a line without showing it.
    pub read_hidden: fn() -> std::io::Result<String>,
    /// Ctrl-C and SIGTERM.
    pub signals: Signals,
    /// Told of every moment between which a crash makes a difference: `before-intent`,
    /// `after-intent`, `before-request`, `after-reply`, `before-outcome`, `after-outcome`,
    /// `before-print`, `after-print`. A test may end the process there.
    pub reached: fn(&'static str),
}

impl Surroundings {
    /// The value of an environment variable; an empty one counts as none.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// A source of random bytes.
pub type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// The time, and waiting for it to pass.
pub trait Clock: Send + Sync {
    /// Now, by the clock that people set.
    fn now(&self) -> Timestamp;

    /// The time since some start, by a clock that nobody sets: what a wait is measured by.
    fn elapsed(&self) -> Duration;

    /// Returns after that time, or soon after `is_over` says so.
    fn sleep(&self, time: Duration, is_over: &dyn Fn() -> bool);
}

/// What signals ask of the program.
///
/// A signal ends the program at once, except while it is held: then the first is noted, so that an
/// answer under way is still taken and recorded, and only a second one ends the program.
#[derive(Clone)]
pub struct Signals {
    /// Whether a signal ends the program at once; cleared while held.
    pub at_once: Arc<AtomicBool>,
    /// SIGINT came while held.
    pub interrupted: Arc<AtomicBool>,
    /// SIGTERM came while held.
    pub terminated: Arc<AtomicBool>,
    /// A signal came while held: the next one ends the program.
    pub noted: Arc<AtomicBool>,
    /// The first signal that came while held has been counted by [`Signals::count`].
    counted: Arc<AtomicBool>,
    /// Bills whose request may have begun and whose outcome is not recorded yet: a program that ends
    /// meanwhile leaves them unknown.
    pub bills_under_way: Arc<AtomicUsize>,
    /// What [`Signals::report_end`] calls.
    end_report: Arc<OnceLock<EndReport>>,
}

/// Tells of the end of the program, by its exit code.
type EndReport = Box<dyn Fn(u8) + Send + Sync>;

/// The exit code of a program that leaves a bill unknown (CONTRACT section 9).
const OUTCOME_UNKNOWN: u8 = 7;

/// A signal that was noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

impl Default for Signals {
    fn default() -> Self {
        let flag = |value| Arc::new(AtomicBool::new(value));
        Self {
            at_once: flag(true),
            interrupted: flag(false),
            terminated: flag(false),
            noted: flag(false),
            counted: flag(false),
            bills_under_way: Arc::default(),
            end_report: Arc::default(),
        }
    }
}

impl Signals {
    /// From here on a signal is noted and does not end the program, until [`Signals::release`].
    pub fn hold(&self) {
        self.at_once.store(false, Ordering::SeqCst);
    }

    /// Whether a signal is noted rather than obeyed.
    #[must_use]
    pub fn is_held(&self) -> bool {
        !self.at_once.load(Ordering::SeqCst)
    }

    /// Whether a signal came while held.
    #[must_use]
    pub fn is_noted(&self) -> bool {
        self.noted.load(Ordering::SeqCst)
    }

    /// Counts a signal that came and was noted. Returns the exit code with which the program is to end at once, which
    /// is so unless it is the first one that came while held: `code` is the signal's own.
    #[must_use]
    pub fn count(&self, code: u8) -> Option<u8> {
        // Another thread counts than the one that holds: the command may have heard of it, and ended, meanwhile.
        if !self.is_noted() || (self.is_held() && !self.counted.swap(true, Ordering::SeqCst)) {
            return None;
        }
        Some(if self.has_bills_under_way() { OUTCOME_UNKNOWN } else { code })
    }

    /// Has this tell of the end of a program that a signal ends at once.
    pub fn set_end_report(&self, report: impl Fn(u8) + Send + Sync + 'static) {
        let _set_before = self.end_report.set(Box::new(report));
    }

    /// Tells that the program ends at once with this exit code.
    pub fn report_end(&self, code: u8) {
        if let Some(report) = self.end_report.get() {
            report(code);
        }
    }

    /// Whether a program that ends now leaves a bill unknown.
    #[must_use]
    pub fn has_bills_under_way(&self) -> bool {
        self.bills_under_way.load(Ordering::SeqCst) > 0
    }

    /// From here on a signal ends the program at once. Returns the one that was noted.
    #[must_use]
    pub fn release(&self) -> Option<Signal> {
        self.at_once.store(true, Ordering::SeqCst);
        self.noted.store(false, Ordering::SeqCst);
        self.counted.store(false, Ordering::SeqCst);
        if self.interrupted.swap(false, Ordering::SeqCst) {
            Some(Signal::Interrupt)
        } else if self.terminated.swap(false, Ordering::SeqCst) {
            Some(Signal::Terminate)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_signal_ends_with_7_only_while_a_bill_is_under_way() {
        let signals = Signals::default();
        assert_eq!(signals.count(130), None, "the command has heard of it");
        signals.noted.store(true, Ordering::SeqCst);
        assert_eq!(signals.count(130), Some(130), "not held");
        signals.hold();
        assert_eq!((signals.count(130), signals.count(143)), (None, Some(143)));
        signals.bills_under_way.store(2, Ordering::SeqCst);
        assert_eq!(signals.count(130), Some(7));
        let _none_was_noted = signals.release();
        signals.hold();
        signals.noted.store(true, Ordering::SeqCst);
        assert_eq!((signals.count(143), signals.count(143)), (None, Some(7)));
    }
}
