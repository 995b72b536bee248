//! What the server tells whoever runs it, entry by entry as things happen.

use std::fmt;

use super::delivery::Step;
use super::fault::Endpoint;
use super::request::Channel;
use super::state::BillState;

/// Called with every entry, on the server's threads but never by two at once.
pub type Journal = Box<dyn FnMut(&JournalEntry) + Send>;

/// One thing that happened. Times are RFC 3339 with `+09:00`. No entry holds a key or a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalEntry {
    /// A request to one of the three endpoints.
    Request {
        /// When it was handled.
        at: String,
        /// Where it came.
        endpoint: Endpoint,
        /// The HTTP status of the reply; none where a fault leaves it without one.
        status: Option<u16>,
        /// The result code of the reply.
        result_code: String,
        /// The fault that struck it, as in the grammar of faults.
        fault: Option<String>,
    },
    /// A message that a customer would have got.
    Message {
        /// When it was sent.
        at: String,
        /// How.
        channel: Channel,
        /// A phone number or an e-mail address.
        recipient: String,
        /// The message.
        text: String,
    },
    /// A payment, deposit or issued account on the pay page.
    Payment {
        /// When it happened.
        at: String,
        /// The bill.
        bill_no: String,
        /// Its state from then on.
        state: BillState,
    },
    /// A notification that was posted or could not be, or what a fault did to it instead.
    Notification {
        /// When it ended.
        at: String,
        /// What was done.
        step: Step,
    },
    /// The state failed under a request; the client was told so with HTTP 500.
    Failure {
        /// When it happened.
        at: String,
        /// What went wrong.
        error: String,
    },
}

impl fmt::Display for JournalEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request { at, endpoint, status, result_code, fault } => {
                write!(formatter, "{at} {endpoint} ")?;
                match status {
                    Some(status) => write!(formatter, "{status} {result_code}")?,
                    None => write!(formatter, "no reply ({result_code})")?,
                }
                match fault {
                    Some(fault) => write!(formatter, " fault {fault}"),
                    None => Ok(()),
                }
            }
            Self::Message { at, channel, recipient, text } => {
                write!(formatter, "{at} {} to {recipient}: {text}", channel.name())
            }
            Self::Payment { at, bill_no, state } => {
                write!(formatter, "{at} bill {bill_no} is {state}")
            }
            Self::Notification { at, step } => write!(formatter, "{at} {step}"),
            Self::Failure { at, error } => write!(formatter, "{at} failed: {error}"),
        }
    }
}
