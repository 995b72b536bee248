//! The only road by which a request for a bill leaves: intend, request, settle, each durable before
//! the next begins.
//!
//! What to send was decided before; how it is shown is decided after. The invariant kept: no byte
//! leaves without a durable intent, and no outcome is handed back that was not recorded.

mod inquiry;

pub use inquiry::{Inquiry, InquiryError};

use std::time::Duration;

use jiff::Timestamp;

use crate::api::{ApiError, Client, Messaging};
use crate::bill::{Bill, BillNo, Channel};
use crate::ledger::{Account, Attempt, Entry, Intended, Intent, Ledger, LedgerError, Settlement};
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
    /// The `BILL_NO` of the reply, where it is another than ours.
    pub foreign_bill_no: Option<String>,
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
    #[error("bill `{bill_no}` was requested, the outcome is {}, and it could not be recorded: {source}", settlement.outcome)]
    NotRecorded {
        /// The bill.
        bill_no: BillNo,
        /// What came of it.
        settlement: Box<Settlement>,
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
        let requested_at = (self.now)();
        let intent = Intent {
            account: self.account,
            bill,
            at: requested_at,
            operator: self.operator,
            duplicate_window,
        };
        match self.ledger.intend(&intent)? {
            Intended::Fresh(attempt) => {
                let receipt = self.request(bill, &attempt, requested_at)?;
                Ok(Delivered::Answered(Box::new(receipt)))
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

    fn request(
        &mut self,
        bill: &Bill,
        attempt: &Attempt,
        requested_at: Timestamp,
    ) -> Result<Receipt, DeliveryError> {
        let answer = self.client.request_link(&self.account.api_id, self.api_key, bill, Messaging::ByChannel);
        let mut foreign_bill_no = None;
        let (settlement, failure) = match answer {
            Ok(reply) => {
                foreign_bill_no = reply.bill_no.filter(|number| number != bill.bill_no.as_str());
                let outcome = if bill.channel == Channel::Link { Outcome::Created } else { Outcome::Sent };
                let settlement = Settlement {
                    outcome,
                    link: Some(reply.link),
                    result_code: Some(reply.result_code),
                    result_message: reply.result_message,
                    reason: None,
                };
                (settlement, None)
            }
            Err(error) => (settlement_of(&error), Some(error)),
        };
        let settled = self.ledger.settle(attempt, &settlement, (self.now)());
        match settled {
            Ok(()) => Ok(Receipt { settlement, requested_at, failure, foreign_bill_no }),
            Err(source) => Err(DeliveryError::NotRecorded {
                bill_no: bill.bill_no.clone(),
                settlement: Box::new(settlement),
                source,
            }),
        }
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
    Settlement { outcome, link: None, result_code, result_message, reason }
}
