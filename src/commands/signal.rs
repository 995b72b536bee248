//! How a command ends that a signal met while it awaited an answer.

use crate::error::{Error, ErrorKind};
use crate::world::Signal;

/// What is said when nothing else went wrong.
pub(super) const ANSWERED: &str = "interrupted; the answer was still taken and recorded";

/// An unknown outcome counts before the signal that came meanwhile.
pub(super) fn interrupted_instead(error: Error, signal: Option<Signal>) -> Error {
    match signal {
        Some(signal) if !matches!(error.kind, ErrorKind::OutcomeUnknown | ErrorKind::Storage) => {
            Error { kind: interruption(signal, ANSWERED).kind, ..error }
        }
        _ => error,
    }
}

/// The failure of a command that was told to stop.
pub(super) fn interruption(signal: Signal, message: &str) -> Error {
    let kind = match signal {
        Signal::Interrupt => ErrorKind::Interrupted,
        Signal::Terminate => ErrorKind::Terminated,
    };
    Error::new(kind, message)
}
