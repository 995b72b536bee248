//! What a command fails with: a kind, a message, the next command to type.
//!
//! One `match` leads from a kind to its exit code and name (CONTRACT section 9); everything else
//! that shows exit codes (help, `explain`, the README's table) is derived from it. Typed errors of
//! the modules below become an [`Error`] in `commands`.

use std::fmt;

/// The class of a failure, which decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A defect in the program.
    Internal,
    /// Wrong usage or input; nothing was sent.
    Usage,
    /// Configuration, profile or credential file.
    Config,
    /// `CookiePay` refused the credentials.
    Auth,
    /// `CookiePay` answered with another code than 0000.
    Refused,
    /// Network failure, safe to repeat.
    Network,
    /// The request may have been carried out, and nobody here can know.
    OutcomeUnknown,
    /// Of many bills some were refused or not sent, none is unknown.
    Partial,
    /// Another run holds the lock.
    Busy,
    /// The deadline of `--wait` passed.
    WaitTimeout,
    /// Not confirmed, over a limit, duplicate, or a `BILL_NO` with other content.
    Guard,
    /// A notification could not be confirmed.
    Mismatch,
    /// Local storage failed; nothing further was sent.
    Storage,
    /// Ctrl-C, with nothing unknown.
    Interrupted,
    /// SIGTERM, with nothing unknown.
    Terminated,
}

/// The number a process ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExitCode(pub u8);

impl ExitCode {
    /// Done; for `status`, every link is paid.
    pub const OK: Self = Self(0);
    /// `status`: at least one link is not paid yet, or awaits its deposit.
    pub const UNPAID: Self = Self(8);
    /// `status`: at least one link was cancelled.
    pub const CANCELLED: Self = Self(9);
}

impl ErrorKind {
    /// The exit code and its name in JSON errors.
    #[must_use]
    pub fn exit(self) -> (ExitCode, &'static str) {
        let (code, name) = match self {
            Self::Internal => (1, "INTERNAL"),
            Self::Usage => (2, "USAGE"),
            Self::Config => (3, "CONFIG"),
            Self::Auth => (4, "AUTH"),
            Self::Refused => (5, "REFUSED"),
            Self::Network => (6, "NETWORK"),
            Self::OutcomeUnknown => (7, "OUTCOME_UNKNOWN"),
            Self::Partial => (10, "PARTIAL"),
            Self::Busy => (11, "BUSY"),
            Self::WaitTimeout => (12, "WAIT_TIMEOUT"),
            Self::Guard => (13, "GUARD"),
            Self::Mismatch => (14, "MISMATCH"),
            Self::Storage => (15, "STORAGE"),
            Self::Interrupted => (130, "INTERRUPTED"),
            Self::Terminated => (143, "TERMINATED"),
        };
        (ExitCode(code), name)
    }
}

/// One wrong field of the input: where, what was given, which rule it breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongField {
    /// The option, column or key as the user typed it.
    pub field: String,
    /// What stood there; `None` where the field was missing.
    pub value: Option<String>,
    /// What is allowed.
    pub rule: String,
}

/// A failure as the user is told of it.
#[derive(Debug)]
pub struct Error {
    /// Decides the exit code.
    pub kind: ErrorKind,
    /// A lower-case fragment that names the thing in backticks.
    pub message: String,
    /// The next command to type, or what to look at.
    pub hint: Option<String>,
    /// The bill it is about.
    pub bill_no: Option<String>,
    /// What became of that bill, in the words of the contract.
    pub outcome: Option<&'static str>,
    /// All wrong fields, when the input was wrong.
    pub fields: Vec<WrongField>,
    /// How many more there are than those.
    pub fields_left_out: u32,
}

impl Error {
    /// A failure with nothing but its message.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            bill_no: None,
            outcome: None,
            fields: Vec::new(),
            fields_left_out: 0,
        }
    }

    /// The same with the next command to type.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, about a bill and what became of it.
    #[must_use]
    pub fn about(mut self, bill_no: impl fmt::Display, outcome: Option<&'static str>) -> Self {
        self.bill_no = Some(bill_no.to_string());
        self.outcome = outcome;
        self
    }

    /// The same with every wrong field of the input.
    #[must_use]
    pub fn fields(mut self, fields: Vec<WrongField>) -> Self {
        self.fields = fields;
        self
    }

    /// The same with wrong fields that were counted only.
    #[must_use]
    pub fn and_more_fields(mut self, count: u32) -> Self {
        self.fields_left_out = count;
        self
    }

    /// The exit code this failure ends the process with.
    #[must_use]
    pub fn exit(&self) -> ExitCode {
        self.kind.exit().0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
