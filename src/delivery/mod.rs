//! The only road by which a request for a bill leaves: intend, request, settle, each durable before
//! the next begins.
//!
//! What to send was decided before; how it is shown is decided after. The invariant kept: no byte
//! leaves without a durable intent, and no outcome is handed back that was not recorded.

mod batch;
mod inquiry;
mod links;
mod pace;
mod verification;
mod worker;

pub use batch::{Batch, Row, RowEnd};
pub use inquiry::{Answered, HeldToken, Inquiry, InquiryError, Recorded, Renewal};
pub use links::telling_answer;
pub use verification::{Answers, Claim, Verification, Verified};

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use crate::api::{ApiError, Client, Messaging};
use crate::bill::{Bill, BillNo, Channel};
use crate::ledger::{Account, AttemptKind, Entry, Intended, Intent, Ledger, LedgerError, Settlement};
use crate::payment::Outcome;
use crate::secret::Secret;

/// Everything a delivery needs beside the bill.
pub struct Delivery<'a> {
    /// Where it is recorded.
    pub ledger: &'a mut Ledger,
    /// Where it goes.
    pub client: &'a Client,
    /// Whose bill it is.
    pub account: &'a Account,
    /// The merchant's key.
    pub api_key: &'a Secret,
    /// Who sends it: user@host.
    pub operator: &'a str,
    /// The clock.
    pub now: &'a dyn Fn() -> Timestamp,
    /// Whether the request is not to be made any more.
    pub stop: &'a dyn Fn() -> bool,
    /// Counts the bill from before its intent until its outcome is recorded.
    pub under_way: &'a AtomicUsize,
    /// Told of every moment between which a crash makes a difference.
    pub reached: fn(&'static str),
}

/// What came of a delivery.
#[derive(Debug)]
pub enum Delivered {
    /// A request was made; this is recorded.
    Answered(Box<Receipt>),
    /// The ledger knows the bill, so no request was made.
    Known(Box<Entry>),
}

/// What came of a request that was made.
#[derive(Debug)]
pub struct Receipt {
    /// As recorded.
    pub settlement: Settlement,
    /// When the request was about to leave.
    pub requested_at: Timestamp,
    /// What kept it from being sent or created.
    pub failure: Option<ApiError>,
}

/// Why nothing was sent, or nothing could be recorded.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The bill is known with other content.
    #[error("bill `{bill_no}` is known with another {}", fields.join(", another "))]
    OtherContent {
        /// The bill.
        bill_no: BillNo,
        /// The fields that differ.
        fields: Vec<&'static str>,
    },
    /// The same was asked of the same customer a short while ago.
    #[error(
        "bill `{bill_no}` asked the same amount of the same phone for the same product at {requested_at}"
    )]
    Duplicate {
        /// The earlier bill.
        bill_no: BillNo,
        /// When.
        requested_at: Timestamp,
    },
    /// The intent could not be recorded: nothing was sent.
    #[error(transparent)]
    NotIntended(#[from] LedgerError),
    /// The answer came and could not be recorded.
    #[error("bill `{bill_no}` was requested, {}, and it could not be recorded: {source}", receipt.settlement)]
    NotRecorded {
        /// The bill.
        bill_no: BillNo,
        /// What came of it.
        receipt: Box<Receipt>,
        /// Why it could not be recorded.
        source: LedgerError,
    },
}

impl Delivery<'_> {
    /// Sends the bill once, unless the ledger knows it. `duplicate_window` is the time within which
    /// the same phone, amount and product are a duplicate; `None` allows them.
    ///
    /// # Errors
    ///
    /// See [`DeliveryError`]. What the provider or the network did is no error here but recorded in
    /// the [`Receipt`].
    pub fn send(
        &mut self,
        bill: &Bill,
        duplicate_window: Option<Duration>,
    ) -> Result<Delivered, DeliveryError> {
        self.deliver(AttemptKind::Send, bill, duplicate_window)
    }

    /// Messages the customer again about a bill that `CookiePay` has: same number, same content. Within
    /// `resend_window` after the last message it is a [`DeliveryError::Duplicate`] of itself; `None` allows it.
    ///
    /// # Errors
    ///
    /// As [`Delivery::send`].
    pub fn resend(
        &mut self,
        bill: &Bill,
        resend_window: Option<Duration>,
    ) -> Result<Delivered, DeliveryError> {
        self.deliver(AttemptKind::Resend, bill, resend_window)
    }

    fn deliver(
        &mut self,
        kind: AttemptKind,
        bill: &Bill,
        duplicate_window: Option<Duration>,
    ) -> Result<Delivered, DeliveryError> {
        let at = (self.now)();
        let (account, operator) = (self.account, self.operator);
        let intent = Intent { kind, account, bill, batch: None, at, operator, duplicate_window };
        (self.reached)("before-intent");
        self.under_way.fetch_add(1, Ordering::SeqCst);
        let intended = self.ledger.intend(&intent);
        if !matches!(intended, Ok(Intended::Fresh(_))) {
            self.under_way.fetch_sub(1, Ordering::SeqCst);
        }
        match intended? {
            Intended::Fresh(attempt) => {
                (self.reached)("after-intent");
                let answer = if (self.stop)() {
                    Answer::not_started()
                } else {
                    request(self.client, account, self.api_key, bill, kind, self.reached)
                };
                (self.reached)("before-outcome");
                let settled = self.ledger.settle(&attempt, &answer.settlement, (self.now)());
                if settled.is_ok() {
                    self.under_way.fetch_sub(1, Ordering::SeqCst);
                }
                (self.reached)("after-outcome");
                match settled {
                    Ok(recorded) => {
                        let answer = answer.recorded_as(recorded, self.client);
                        Ok(Delivered::Answered(Box::new(answer.receipt(at))))
                    }
                    Err(source) => Err(DeliveryError::NotRecorded {
                        bill_no: bill.bill_no.clone(),
                        receipt: Box::new(answer.receipt(at)),
                        source,
                    }),
                }
            }
            Intended::Known(entry) => Ok(Delivered::Known(entry)),
            Intended::OtherContent(fields) => {
                Err(DeliveryError::OtherContent { bill_no: bill.bill_no.clone(), fields })
            }
            Intended::Duplicate { bill_no, requested_at } => {
                Err(DeliveryError::Duplicate { bill_no, requested_at })
            }
        }
    }
}

/// An answer, or what came instead of one; not recorded yet.
struct Answer {
    settlement: Settlement,
    failure: Option<ApiError>,
}

impl Answer {
    fn of_failure(error: ApiError) -> Self {
        Self { settlement: settlement_of(&error), failure: Some(error) }
    }

    /// Itself with what the ledger recorded of it. Where that is less, it was the answer to another request, and
    /// the connections that brought it are used no more.
    fn recorded_as(mut self, recorded: Settlement, client: &Client) -> Self {
        if self.settlement != recorded {
            client.leave_connections();
            let reason = recorded.reason.clone().unwrap_or_default();
            self.failure = Some(ApiError::Unknown { host: "CookiePay".to_owned(), reason });
            self.settlement = recorded;
        }
        self
    }

    fn is_about_credentials(&self) -> bool {
        self.failure.as_ref().is_some_and(ApiError::is_about_credentials)
    }

    /// The run was stopped between the intent and the request: nothing left.
    fn not_started() -> Self {
        let reason = "the run was stopped before it was sent".to_owned();
        Self::of_failure(ApiError::NotSent { host: "CookiePay".to_owned(), reason })
    }

    /// As it is told.
    fn receipt(self, requested_at: Timestamp) -> Receipt {
        let Self { settlement, failure } = self;
        Receipt { settlement, requested_at, failure }
    }
}

/// Makes the one request of an attempt whose intent is durable.
fn request(
    client: &Client,
    account: &Account,
    api_key: &Secret,
    bill: &Bill,
    kind: AttemptKind,
    reached: fn(&'static str),
) -> Answer {
    let (messaging, success) = match (kind, bill.channel) {
        (AttemptKind::Reconcile, _) => (Messaging::Nobody, Outcome::Linked),
        (_, Channel::Link) => (Messaging::ByChannel, Outcome::Created),
        _ => (Messaging::ByChannel, Outcome::Sent),
    };
    reached("before-request");
    let reply = client.request_link(&account.api_id, api_key, bill, messaging);
    reached("after-reply");
    match reply {
        Ok(reply) => Answer {
            settlement: Settlement {
                outcome: success,
                link: Some(reply.link),
                result_code: Some(reply.result_code),
                result_message: reply.result_message,
                reason: None,
                refuses_bill: false,
            },
            failure: None,
        },
        Err(error) => Answer::of_failure(error),
    }
}

/// The outcome that an error proves (CONTRACT section 4).
fn settlement_of(error: &ApiError) -> Settlement {
    let (outcome, result_code, result_message) = match error {
        ApiError::NotSent { .. } => (Outcome::NotSent, None, None),
        ApiError::Refused { code, message } => (Outcome::Refused, Some(code.clone()), message.clone()),
        ApiError::Unknown { .. } => (Outcome::Unknown, None, None),
    };
    let reason = result_code.is_none().then(|| error.to_string());
    let refuses_bill = error.is_about_the_request();
    Settlement { outcome, link: None, result_code, result_message, reason, refuses_bill }
}
