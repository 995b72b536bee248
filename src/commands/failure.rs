//! Typed errors of the modules below become what the user is told.

use std::io;

use crate::api::{ApiError, TokenError};
use crate::bill::FieldError;
use crate::config::ConfigError;
use crate::delivery::{DeliveryError, InquiryError, Receipt};
use crate::emulator::EmulatorError;
use crate::error::{Error, ErrorKind, WrongField};
use crate::ledger::LedgerError;
use crate::payment::Outcome;
use crate::receiver::ReceiverError;
use crate::sheet::SheetError;

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        let hint = error.hint();
        let failure = Self::new(ErrorKind::Config, error.to_string());
        hint.into_iter().fold(failure, Self::hint)
    }
}

impl From<LedgerError> for Error {
    fn from(error: LedgerError) -> Self {
        let kind =
            if matches!(error, LedgerError::Busy { .. }) { ErrorKind::Busy } else { ErrorKind::Storage };
        Self::new(kind, error.to_string()).hint(error.hint())
    }
}

impl From<EmulatorError> for Error {
    fn from(error: EmulatorError) -> Self {
        use EmulatorError::{Json, Listen, Notify, Start, State, StateFile, StateVersion};
        let kind = match &error {
            Start { .. } | StateFile { .. } | StateVersion { .. } | State(_) | Json(_) => ErrorKind::Storage,
            Listen { .. } => ErrorKind::Busy,
            Notify { .. } => ErrorKind::Network,
            // The rest is about what was asked of it.
            _ => ErrorKind::Usage,
        };
        let hint = matches!(error, Listen { .. })
            .then_some("another emulator may be running; `--listen` names another port");
        let failure = Self::new(kind, with_causes(&error));
        hint.into_iter().fold(failure, Self::hint)
    }
}

impl From<ReceiverError> for Error {
    fn from(error: ReceiverError) -> Self {
        use ReceiverError::{Address, InUse, Listen, Path, Start, Token};
        let wrong = |field: &str, value: &str, rule: &str| {
            let (field, value, rule) = (field.to_owned(), Some(value.to_owned()), rule.to_owned());
            Self::new(ErrorKind::Usage, "the receiver cannot start").fields(vec![WrongField {
                field,
                value,
                rule,
            }])
        };
        match &error {
            Address { address } => {
                wrong("--listen", address, "must be address and port, such as 127.0.0.1:7500")
            }
            Listen { address, source } => {
                wrong("--listen", address, &format!("cannot be listened at: {source}"))
            }
            Path { path, rule } => wrong("--path", path, rule),
            Token { .. } => Self::new(ErrorKind::Config, format!("`--token`: {error}"))
                .hint("`openssl rand -hex 16` makes one"),
            InUse { .. } => Self::new(ErrorKind::Busy, error.to_string())
                .hint("another receiver may be running; `--listen` names another port"),
            Start { .. } => Self::new(ErrorKind::Storage, with_causes(&error)),
        }
    }
}

/// The message with what lies behind it.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |message, cause| format!("{message}: {cause}"))
}

impl From<TokenError> for Error {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Api(error) => of_token(&error),
            TokenError::Weak { ref weakness } => {
                Self::new(ErrorKind::Config, error.to_string()).hint(weakness.hint())
            }
            TokenError::Storage { .. } => Self::new(ErrorKind::Storage, error.to_string())
                .hint("`cookiepay config check` shows the data directory; `--data-dir` names another"),
        }
    }
}

impl From<InquiryError> for Error {
    fn from(error: InquiryError) -> Self {
        match error {
            InquiryError::Token(error) => error.into(),
            InquiryError::Ledger(error) => error.into(),
        }
    }
}

impl From<DeliveryError> for Error {
    fn from(error: DeliveryError) -> Self {
        let message = error.to_string();
        match error {
            DeliveryError::OtherContent { bill_no, .. } => Self::new(ErrorKind::Guard, message)
                .hint("nothing was sent; give the new bill another `--bill-no`, or none to have one made")
                .about(bill_no, None),
            DeliveryError::Duplicate { bill_no, requested_at } => {
                let when = super::time::rfc3339(requested_at);
                let message = format!(
                    "bill `{bill_no}` of {when} already asks this phone for the same amount and product"
                );
                Self::new(ErrorKind::Guard, message)
                    .hint(format!(
                        "nothing was sent; `cookiepay list --bill-no {bill_no}` shows it, `--allow-duplicate` sends anyway"
                    ))
            }
            DeliveryError::NotIntended(error) => error.into(),
            DeliveryError::NotRecorded { bill_no, receipt, .. } => {
                not_recorded(bill_no.as_str(), &receipt, message)
            }
        }
    }
}

/// A sheet that cannot be read. It was read before anything was sent.
impl From<SheetError> for Error {
    fn from(error: SheetError) -> Self {
        let failure = Self::new(ErrorKind::Usage, error.to_string());
        error.hint().into_iter().fold(failure, Self::hint)
    }
}

/// A failed write of the result. Whatever was sent is recorded by then.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::new(ErrorKind::Storage, format!("the result could not be written: {error}"))
            .hint("what was sent is recorded: `cookiepay list` shows it")
    }
}

/// A read that failed: safe to repeat, unless the credentials were refused.
pub(super) fn of_read(error: &ApiError) -> Error {
    let message = error.to_string();
    match error {
        ApiError::Refused { .. } => of_refusal(error),
        ApiError::NotSent { .. } | ApiError::Unknown { .. } => Error::new(ErrorKind::Network, message)
            .hint("asking changes nothing: type the same command again"),
    }
}

/// A payment of another amount than was billed.
pub(super) fn of_other_amount(subject: impl std::fmt::Display, billed: u64, told: u64) -> Error {
    let message = format!("`{subject}`: {billed} won were billed, CookiePay says {told} won");
    Error::new(ErrorKind::Refused, message)
        .hint("look the payment up in CookiePay's console before you deliver")
}

/// No token: whatever code `CookiePay` gives for it, it is the credentials that it refuses.
fn of_token(error: &ApiError) -> Error {
    match error {
        ApiError::Refused { .. } => Error::new(ErrorKind::Auth, error.to_string())
            .hint("check `pay2_id` and `pay2_key` of the profile: `cookiepay config show`"),
        ApiError::NotSent { .. } | ApiError::Unknown { .. } => of_read(error),
    }
}

/// `CookiePay` said no.
pub(super) fn of_refusal(error: &ApiError) -> Error {
    if error.is_about_credentials() {
        Error::new(ErrorKind::Auth, error.to_string()).hint(
            "check `api_id` and `api_key` of the profile and that they are of this environment: `cookiepay config show`",
        )
    } else {
        Error::new(ErrorKind::Refused, error.to_string())
    }
}

/// A request for a bill that was not simply accepted. The outcome is recorded by then.
pub(super) fn of_send(bill_no: &str, error: &ApiError) -> Error {
    match error {
        ApiError::NotSent { .. } => Error::new(ErrorKind::Network, error.to_string())
            .hint(format!("nothing left this machine: the same command with `--bill-no {bill_no}` is safe"))
            .about(bill_no, Some(Outcome::NotSent.as_str())),
        ApiError::Refused { .. } => of_refusal(error).about(bill_no, Some(Outcome::Refused.as_str())),
        ApiError::Unknown { .. } => unknown(bill_no, format!("bill `{bill_no}`: {error}")),
    }
}

/// A bill that was requested, and what came of it could not be written down.
pub(super) fn not_recorded(bill_no: &str, receipt: &Receipt, message: String) -> Error {
    let hint = match receipt.settlement.outcome {
        Outcome::NotSent | Outcome::Refused => "free or repair the disk, then type the same command again",
        _ => "do not send it again: free or repair the disk, then `cookiepay reconcile` writes it down",
    };
    Error::new(ErrorKind::Storage, message).hint(hint).about(bill_no, Some(Outcome::Unknown.as_str()))
}

/// A bill of which nobody can know whether the customer got it.
pub(super) fn unknown(bill_no: &str, message: String) -> Error {
    Error::new(ErrorKind::OutcomeUnknown, message)
        .hint("the customer may have been billed: do not send it again; `cookiepay reconcile` finds out")
        .about(bill_no, Some(Outcome::Unknown.as_str()))
}

/// Input that breaks its rules, every field of it.
pub(super) fn of_fields(wrong: Vec<FieldError>) -> Error {
    let fields: Vec<WrongField> = wrong
        .into_iter()
        .map(|error| WrongField {
            field: format!("--{}", error.field),
            value: error.value,
            rule: error.rule.into_owned(),
        })
        .collect();
    let message = match fields.as_slice() {
        [_] => "a field is wrong; nothing was sent".to_owned(),
        many => format!("{} fields are wrong; nothing was sent", many.len()),
    };
    Error::new(ErrorKind::Usage, message).fields(fields)
}
