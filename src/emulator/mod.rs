//! A local CookiePay: the provider's three endpoints, a pay page, and faults on demand.
//!
//! It speaks the wire format of the reference on its own: it imports nothing of the rest of the
//! program, so that a field misspelt there does not agree with itself here. Everything it knows
//! is in one SQLite file, which several processes may use at once: the server inside a command of
//! the profile `local`, an `emulator serve` that shows the pay pages, and `emulator pay`,
//! `cancel` and `reset` from another terminal, which act on the file directly ([`State`]).
//!
//! # What it makes up
//!
//! The provider publishes no list of codes. Beside those that are known (`0000`, `9999`, `EA01`,
//! and `E003` of the token) these are invented: `E001` no JSON object, `E002` required field
//! missing, `E004` too long, `E005` wrong form, `E006` e-mail address missing, `E007` known
//! `BILL_NO` with other content, `E008` known `BILL_NO` that was paid or cancelled, `E010` token
//! invalid, `E011` token expired, `E012` unknown `URLKEY`, `E013` not `application/json`.
//!
//! Credentials are trusted on first use: the first key seen with an `API_ID` (and, apart from it,
//! with a `pay2_id`) is its key until `reset`, and only its digest is stored. A key that begins
//! with `wrong` is refused always.
//!
//! # Faults
//!
//! A fault is `KIND[=ARG][@ENDPOINT][*N]`: see [`Fault`]. A request is counted as soon as it has
//! arrived, even if a fault then keeps it from having any effect.
//!
//! The faults of notifications (`noti`) hold for the pay pages and for the other processes alike:
//! a server records them in the state beside its notify URL, and whoever delivers a notification
//! counts it there, so that `duplicate*1` strikes one notification and not one in every process.
//!
//! - `duplicate`: it is posted a second time once the first was answered.
//! - `delay=DURATION@noti`, or `delayed=DURATION`: it is posted late. A pay page does not wait for
//!   it, and a server that stops posts it at once; `pay` and `cancel` of another process wait, since
//!   nobody else would post it, and can then say what it was answered.
//! - `reordered`: it is kept back until the next one was posted. While one is kept back no other
//!   is. A server that stops posts it; one that was killed cannot, and the next one gives it up.
//! - `forged`: before it a forgery is posted, which differs only in its amount, ten times as much.
//! - `never-sent`: it is not posted.
//!
//! They end with their server, and with a `reset`. Without a notify URL there is nothing for them to
//! strike, and nothing is counted.

mod clock;
mod connection;
mod delivery;
mod error;
mod fault;
mod journal;
mod json;
mod mischief;
mod notify;
mod origin;
mod page;
mod reply;
mod request;
mod routes;
mod server;
mod shared;
mod state;
mod tls;
mod token;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use clock::{Now, Random};
pub use delivery::{Deed, Delivery, Posting, Step};
pub use error::EmulatorError;
pub use fault::{Endpoint, Fault, FaultError, FaultKind};
pub use journal::{Journal, JournalEntry};
pub use notify::notify;
pub use request::Channel;
pub use server::Emulator;
pub use state::{
    BillState, Counts, MessageCounts, Method, Notification, RequestCounts, State, Transition, UnknownMethod,
};

/// Where `emulator serve` listens unless told otherwise, and so where the links of the profile
/// `local` lead.
pub const DEFAULT_ADDRESS: &str = "127.0.0.1:7400";

/// What the links that the emulator hands out begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayBase {
    /// The address this server is bound to: for `emulator serve`.
    OwnAddress,
    /// Where the `emulator serve` that runs on the same state listens, and if none does,
    /// [`DEFAULT_ADDRESS`]: for the server inside a command, which ends with the command.
    Served,
    /// This one, at most 37 characters without a `/` at its end.
    Given(String),
}

/// The certificate chain and private key of a server that speaks HTTPS, as PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, followed by those that vouch for it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// How to run an emulator.
pub struct Options {
    /// The state's SQLite file; it and its directory are made if need be.
    pub state_file: PathBuf,
    /// A loopback address and port, such as [`DEFAULT_ADDRESS`]; port 0 takes any free one.
    pub listen: String,
    /// What the links begin with.
    pub pay_base: PayBase,
    /// Where notifications go, a plain `http://` URL. Recorded in the state while the server
    /// runs, so that a payment made by another process is notified there too.
    pub notify_url: Option<String>,
    /// The faults to begin with. Those of notifications are recorded with `notify_url`, and mean
    /// nothing without it.
    pub faults: Vec<Fault>,
    /// Speak HTTPS with these.
    pub tls: Option<TlsFiles>,
    /// The clock.
    pub now: Now,
    /// The source of randomness.
    pub random: Random,
    /// Told of everything that happens, on the server's thread.
    pub journal: Option<Journal>,
}
