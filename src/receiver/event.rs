//! What happens in a receiver, for whoever watches it.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::payment::Verdict;

/// Told of everything that happens, on the thread on which it happens; it must not block.
pub type Journal = Arc<dyn Fn(Event) + Send + Sync>;

/// Something that happened. Its `Display` is one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A notification is stored.
    Stored {
        /// Its number.
        id: i64,
        /// Its kind.
        kind: &'static str,
        /// Its `TID`.
        tid: Option<String>,
        /// Its amount in won.
        amount: Option<u64>,
    },
    /// A copy of a stored one came.
    Copy {
        /// The number of the stored one.
        id: i64,
    },
    /// A request was refused.
    Refused {
        /// Who asked, as far as this machine sees.
        peer: Option<IpAddr>,
        /// The HTTP status it got.
        status: u16,
        /// Why.
        reason: String,
    },
    /// A stored notification was checked.
    Judged {
        /// Its number.
        id: i64,
        /// What the check says.
        verdict: Verdict,
        /// Why.
        reasons: Vec<String>,
    },
    /// A stored notification was handed on.
    HandedOn {
        /// Its number.
        id: i64,
    },
    /// A stored notification could not be handed on.
    NotHandedOn {
        /// Its number.
        id: i64,
        /// Why.
        error: String,
        /// Whether it will be tried again.
        again: bool,
    },
    /// Something does not work for now: storage, the network, credentials.
    Trouble(String),
}

impl fmt::Display for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stored { id, kind, tid, amount } => {
                let tid = tid.as_deref().unwrap_or("-");
                write!(formatter, "#{id} {kind} {tid}")?;
                amount.map_or(Ok(()), |amount| write!(formatter, " {amount} won"))
            }
            Self::Copy { id } => write!(formatter, "#{id} came again"),
            Self::Refused { peer: Some(peer), status, reason } => {
                write!(formatter, "refused {peer} with {status}: {reason}")
            }
            Self::Refused { peer: None, status, reason } => {
                write!(formatter, "refused with {status}: {reason}")
            }
            Self::Judged { id, verdict, reasons } if reasons.is_empty() => {
                write!(formatter, "#{id} {verdict}")
            }
            Self::Judged { id, verdict, reasons } => {
                write!(formatter, "#{id} {verdict}: {}", reasons.join("; "))
            }
            Self::HandedOn { id } => write!(formatter, "#{id} handed on"),
            Self::NotHandedOn { id, error, again: true } => {
                write!(formatter, "#{id} not handed on, it is tried again: {error}")
            }
            Self::NotHandedOn { id, error, again: false } => {
                write!(formatter, "#{id} not handed on, given up: {error}")
            }
            Self::Trouble(what) => formatter.write_str(what),
        }
    }
}
