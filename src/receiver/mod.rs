//! Receives notifications: stored durably first, then acknowledged, then checked and handed on in the
//! background.
//!
//! A notification is not signed, may come twice, late or never, and whoever sends it may be anybody. The
//! invariant kept: what got its 200 is in the store, once; nothing that a client does, and no slow or dead
//! target, delays or endangers that. Whether a notification is true is `noti`'s to judge and `delivery`'s to ask.
//!
//! The way of a request: `server` takes its connection and gives it one of the `seats`, `connection` keeps its
//! time and `head` looks at what comes, `post` decides whether it is a notification at all (behind the path and the secret that `gate` guards),
//! and `intake` stores it together with whatever else has come.

mod backoff;
mod bell;
mod connection;
mod error;
mod event;
mod exec;
mod forward;
mod gate;
mod hand_on;
mod head;
mod intake;
mod outage;
mod pace;
mod post;
mod seats;
mod server;
mod signature;
mod targets;
mod turn;
mod verifier;
mod wire;

pub use backoff::LAST_TRY;
pub use bell::{Bell, Watch};
pub use error::ReceiverError;
pub use event::{Event, Journal};
pub use exec::Exec;
pub use forward::Forward;
pub use hand_on::{HandingOver, idempotency_key};
pub use server::{Options, Receiver};
pub use signature::Signer;
pub use targets::{Attempt, Reach, TargetError, Targets};
pub use verifier::Verifier;
