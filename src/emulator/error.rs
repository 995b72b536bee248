//! What can go wrong in the emulator, apart from the refusals that it sends as replies.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// A failure to start, to reach the state, or to do what was asked of a bill.
#[derive(Debug, Error)]
pub enum EmulatorError {
    /// The address to listen on cannot be read.
    #[error("`{address}` is not an address to listen on, as `127.0.0.1:7400` is")]
    Address {
        /// The address as given.
        address: String,
    },
    /// The address is open to other machines.
    #[error(
        "the emulator listens on loopback addresses only, because it asks nobody for a password; \
         `{address}` is open to others"
    )]
    NotLoopback {
        /// The address as given.
        address: String,
    },
    /// The address is taken, or may not be used.
    #[error("cannot listen on `{address}`")]
    Listen {
        /// The address as given.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// The server's thread or runtime could not be made.
    #[error("cannot start the emulator")]
    Start {
        /// What the system said.
        source: io::Error,
    },
    /// PAYURLs would be longer than the provider's fifty characters.
    #[error("pay URLs under `{base}` would be longer than 50 characters")]
    PayBase {
        /// The base as given.
        base: String,
    },
    /// A certificate or key cannot be used.
    #[error("cannot use the TLS file `{}`: {reason}", path.display())]
    Tls {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The notification URL is not one to which the emulator can post.
    #[error("cannot notify `{url}`: {reason}")]
    NotifyUrl {
        /// The URL as given.
        url: String,
        /// The rule it breaks.
        reason: &'static str,
    },
    /// Nobody took the notification.
    #[error("the notification to `{url}` was not delivered")]
    Notify {
        /// The URL.
        url: String,
        /// What the system said.
        source: io::Error,
    },
    /// The state's file or directory cannot be made.
    #[error("cannot open the emulator's state `{}`", path.display())]
    StateFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The state was written by a newer version of the program.
    #[error("the emulator's state is of version {found}; this program knows up to {known}")]
    StateVersion {
        /// The version of the file.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// SQLite failed.
    #[error("the emulator's state failed")]
    State(#[from] rusqlite::Error),
    /// A reply could not be written as JSON.
    #[error("cannot write JSON")]
    Json(#[from] serde_json::Error),
    /// No bill has this URLKEY.
    #[error("no bill has the URLKEY `{key}`")]
    UnknownBill {
        /// The key as given.
        key: String,
    },
    /// A paid link cannot be paid again.
    #[error("bill `{bill_no}` is paid already")]
    AlreadyPaid {
        /// The bill.
        bill_no: String,
    },
    /// The payment was cancelled in full.
    #[error("bill `{bill_no}` is cancelled")]
    AlreadyCancelled {
        /// The bill.
        bill_no: String,
    },
    /// A virtual account was issued, so that the customer cannot change to another method.
    #[error("bill `{bill_no}` awaits the deposit to its virtual account")]
    AwaitingDeposit {
        /// The bill.
        bill_no: String,
    },
    /// There is nothing to cancel.
    #[error("bill `{bill_no}` is not paid, so there is nothing to cancel")]
    NotPaid {
        /// The bill.
        bill_no: String,
    },
    /// The amount to cancel is zero, or more than is left.
    #[error("cannot cancel {asked} won of bill `{bill_no}`: {left} won are left")]
    CancelAmount {
        /// The bill.
        bill_no: String,
        /// Won asked for.
        asked: i64,
        /// Won not cancelled yet.
        left: i64,
    },
    /// An undeposited virtual account can only be cancelled as a whole.
    #[error("bill `{bill_no}` awaits its deposit and can only be cancelled as a whole")]
    PartialBeforeDeposit {
        /// The bill.
        bill_no: String,
    },
}
