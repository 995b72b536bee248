//! Everything outside the program, handed in: arguments, environment, streams, clock, randomness,
//! signals. A test hands in its own.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use crate::output::Streams;

/// The world of one run.
pub struct World {
    /// The arguments, the program's name first.
    pub arguments: Vec<OsString>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// The standard streams.
    pub streams: Streams,
    /// The platform's configuration directory.
    pub config_directory: Option<PathBuf>,
    /// The platform's data directory.
    pub data_directory: Option<PathBuf>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fills a buffer with random bytes.
    pub random: Arc<dyn Fn(&mut [u8]) + Send + Sync>,
    /// Who runs the program: user@host.
    pub operator: String,
    /// Reads a line without showing it.
    pub read_hidden: fn() -> std::io::Result<String>,
    /// Ctrl-C and SIGTERM.
    pub signals: Signals,
}

/// The time, and waiting for it to pass.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Returns after that time.
    fn sleep(&self, time: Duration);
}

/// What signals ask of the program.
///
/// A signal ends the program at once, except while it is held: then the first is noted, so that an
/// answer under way is still taken and recorded, and only a second one ends the program.
#[derive(Debug, Clone)]
pub struct Signals {
    /// Whether a signal ends the program at once; cleared while held.
    pub at_once: Arc<AtomicBool>,
    /// SIGINT came while held.
    pub interrupted: Arc<AtomicBool>,
    /// SIGTERM came while held.
    pub terminated: Arc<AtomicBool>,
    /// A signal came while held: the next one ends the program.
    pub noted: Arc<AtomicBool>,
}

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
        Self { at_once: flag(true), interrupted: flag(false), terminated: flag(false), noted: flag(false) }
    }
}

impl Signals {
    /// From here on a signal is noted and does not end the program, until [`Signals::release`].
    pub fn hold(&self) {
        self.at_once.store(false, Ordering::SeqCst);
    }

    /// From here on a signal ends the program at once. Returns the one that was noted.
    #[must_use]
    pub fn release(&self) -> Option<Signal> {
        self.at_once.store(true, Ordering::SeqCst);
        self.noted.store(false, Ordering::SeqCst);
        if self.interrupted.swap(false, Ordering::SeqCst) {
            Some(Signal::Interrupt)
        } else if self.terminated.swap(false, Ordering::SeqCst) {
            Some(Signal::Terminate)
        } else {
            None
        }
    }
}
