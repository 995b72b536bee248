//! Intent first, outcome later: the two writes around every request.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::entry::{Account, Entry, Standing};
use super::group::Group;
use super::{Ledger, LedgerError};
use crate::bill::{Bill, BillNo, Channel};
use crate::payment::{Link, Outcome, PaymentState};

/// A request that is about to leave.
#[derive(Debug, Clone, Copy)]
pub struct Intent<'a> {
    /// Why.
    pub kind: AttemptKind,
    /// Whose bill.
    pub account: &'a Account,
    /// What will be sent.
    pub bill: &'a Bill,
    /// The batch it belongs to and its row there.
    pub batch: Option<(&'a str, u64)>,
    /// Now.
    pub at: Timestamp,
    /// Who sends it: user@host.
    pub operator: &'a str,
    /// Within which time the same phone, amount and product count as a duplicate, and for a resend an earlier
    /// message about this very bill; `None` allows it.
    pub duplicate_window: Option<Duration>,
}

/// Why a request is made, which decides of which bills it may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptKind {
    /// To bill the customer: a new bill, or one of which it is proved that no link was made.
    Send,
    /// To message the customer again about a bill that CookiePay has.
    Resend,
    /// To learn the link of an unknown bill; messages nobody.
    Reconcile,
}

impl AttemptKind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Resend => "resend",
            Self::Reconcile => "reconcile",
        }
    }

    pub(super) fn of_name(name: &str) -> Option<Self> {
        [Self::Send, Self::Resend, Self::Reconcile].into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether a request of this kind may be made for a bill that stands so.
    #[must_use]
    pub const fn is_allowed_for(self, entry: &Entry) -> bool {
        match self {
            Self::Send => entry.may_be_sent_again(),
            Self::Resend => {
                let made = matches!(
                    entry.standing,
                    Standing::Settled(Outcome::Sent | Outcome::Created | Outcome::Linked)
                );
                made && !matches!(entry.state, Some(PaymentState::Paid | PaymentState::Cancelled))
            }
            // Other unknown bills are settled without a request: see `Group::settle_unknown`.
            Self::Reconcile => entry.may_be_asked_for(),
        }
    }
}

/// A durable intent that awaits its outcome.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "an attempt that is not settled leaves its bill unknown"]
pub struct Attempt {
    pub(super) id: i64,
    pub(super) bill_id: i64,
    pub(super) channel: Channel,
    /// The outcome before, of a bill that CookiePay has or may have: an attempt that came to nothing
    /// leaves it so.
    pub(super) before: Option<Outcome>,
}

/// What the ledger says to an intent.
#[derive(Debug, PartialEq, Eq)]
pub enum Intended {
    /// It is durable: send now.
    Fresh(Attempt),
    /// The bill is known and stands so that no such request may be made for it.
    Known(Box<Entry>),
    /// The bill is known with other content, which differs in these fields.
    OtherContent(Vec<&'static str>),
    /// Another bill asked the same of the same customer a short while ago; or, of a resend, this one did.
    Duplicate {
        /// That bill.
        bill_no: BillNo,
        /// When it was sent.
        requested_at: Timestamp,
    },
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The verdict.
    pub outcome: Outcome,
    /// The link, where the reply carried one.
    pub link: Option<Link>,
    /// `RESULTCODE`.
    pub result_code: Option<String>,
    /// `RESULTMSG`.
    pub result_message: Option<String>,
    /// Why it is not sent or unknown.
    pub reason: Option<String>,
    /// Whether `CookiePay` refused this very bill: not the credentials, and not just any request.
    pub refuses_bill: bool,
}

impl fmt::Display for Settlement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the outcome is {}", self.outcome)?;
        let Some(link) = &self.link else { return Ok(()) };
        write!(formatter, " (URLKEY {}, {})", link.url_key, link.pay_url.as_deref().unwrap_or("no PAYURL"))
    }
}

impl Ledger {
    /// Records that a request for this bill is about to leave. When it returns
    /// [`Intended::Fresh`], the intent survives a power cut.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written: then nothing may be sent.
    pub fn intend(&mut self, intent: &Intent<'_>) -> Result<Intended, LedgerError> {
        self.group(|group: &mut Group<'_>| group.intend(intent))
    }

    /// Records what came of an attempt, and returns what is recorded: a link that another bill of the account
    /// holds proves nothing, so the outcome is then unknown. When it returns, the outcome survives a power cut.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written; the bill then counts as unknown once this process ends.
    pub fn settle(
        &mut self,
        attempt: &Attempt,
        settlement: &Settlement,
        at: Timestamp,
    ) -> Result<Settlement, LedgerError> {
        self.group(|group: &mut Group<'_>| group.settle(attempt, settlement, at))
    }
}
