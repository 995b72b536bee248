//! Why a receiver does not start. Whatever happens once it runs is an [`Event`](super::Event) instead: it goes
//! on, and its clients are told.

use std::io;

/// What keeps a receiver from starting. No message holds the secret of the path.
#[derive(Debug, thiserror::Error)]
pub enum ReceiverError {
    /// The address is none.
    #[error("`{address}` is no address and port, such as 127.0.0.1:7500")]
    Address {
        /// As it was given.
        address: String,
    },
    /// The path is none.
    #[error("path `{path}` {rule}")]
    Path {
        /// As it was given.
        path: String,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// The secret cannot stand in a path.
    #[error("the secret of the path {rule}")]
    Token {
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// Somebody else listens there.
    #[error("`{address}` is in use")]
    InUse {
        /// As it was given.
        address: String,
    },
    /// The system does not let us listen there.
    #[error("cannot listen at `{address}`")]
    Listen {
        /// As it was given.
        address: String,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives no thread or no way to wait for connections.
    #[error("the receiver cannot start")]
    Start {
        /// What the system says.
        source: io::Error,
    },
}
