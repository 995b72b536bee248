//! What came of a bill: its link, the outcome of the request, and whether it was paid.
//!
//! Pure: how `urlcert`'s answer becomes a [`PaymentState`] stands here (reference, "Was it paid"),
//! and how the provider's Korean wall-clock texts become RFC 3339. Reading the reply off the wire
//! is `api`'s, remembering it `ledger`'s.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// The key of a payment page, as `CookiePay` gave it.
///
/// Lengths in the manual contradict each other, so any printable ASCII text of up to 200
/// characters without white space is taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct UrlKey(String);

impl UrlKey {
    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UrlKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.is_empty() || text.len() > 200 || !printable {
            return Err("a URLKEY is 1 to 200 printable ASCII characters without spaces");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for UrlKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A link as the reply to `/urlpay/request` carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// `URLKEY`.
    pub url_key: UrlKey,
    /// `PAYURL`, what the customer opens; `None` where the reply leaves it empty.
    pub pay_url: Option<String>,
}

/// Declares an enum whose variants have one fixed spelling in JSON, ledger and command line.
macro_rules! spelled {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        pub enum $name { $($(#[$variant_meta])* #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// Every value there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The spelling of the contract.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(format!("`{text}` is none of {}", [$($text),+].join(", "))),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(self.as_str())
            }
        }
    };
}

spelled! {
    /// What became of the request for a bill (CONTRACT section 4).
    Outcome {
        /// Delivered to `CookiePay` for messaging.
        Sent = "sent",
        /// The link was made; nobody was to be messaged (`--via link`).
        Created = "created",
        /// A clear provider code other than 0000.
        Refused = "refused",
        /// Proved: the request never left.
        NotSent = "not_sent",
        /// Bytes may have left and no trustworthy answer came.
        Unknown = "unknown",
        /// The link exists (found by `reconcile`); whether the customer was messaged is unproved.
        Linked = "linked",
    }
}

spelled! {
    /// Whether a link has been paid (CONTRACT section 5).
    PaymentState {
        /// 0000: the payment is in.
        Paid = "paid",
        /// EA01: not paid yet.
        Unpaid = "unpaid",
        /// 0000 with a CANCELDATE.
        Cancelled = "cancelled",
        /// 0000, virtual account, neither ACCEPTNO nor ACCEPTDATE.
        AwaitingDeposit = "awaiting_deposit",
        /// Any other code, kept raw.
        Error = "error",
    }
}

spelled! {
    /// What a check of a notification against CookiePay and the ledger says (CONTRACT section 7).
    Verdict {
        /// CookiePay says the same.
        Confirmed = "confirmed",
        /// CookiePay, or the ledger, says something else.
        Mismatch = "mismatch",
        /// CookiePay knows nothing of it (yet): the link is unpaid, or not cancelled.
        Unconfirmed = "unconfirmed",
        /// CookiePay says the same, but this account's ledger has no such link: it may be another merchant's.
        Unrecorded = "unrecorded",
        /// It is of another merchant.
        Foreign = "foreign",
        /// It names no link, so CookiePay cannot be asked.
        Unlinked = "unlinked",
        /// The same was confirmed before.
        Duplicate = "duplicate",
    }
}

spelled! {
    /// How far a stored notification was handed on.
    HandingOn {
        /// Nobody asked for it.
        None = "none",
        /// It is to be handed on, for the first time or again.
        Pending = "pending",
        /// Whoever was to have it has it.
        Delivered = "delivered",
        /// It was tried too often; nobody tries again unless asked (`noti replay`).
        Dead = "dead",
    }
}

impl PaymentState {
    /// Whether nothing further is expected to happen to the link.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Paid | Self::Cancelled)
    }

    /// The state of a link in this one of which CookiePay then says `seen`. What is paid or cancelled stays so until
    /// it says the other of the two: a hiccup of the provider, or an older answer that comes late, unpays nothing.
    #[must_use]
    pub const fn followed_by(self, seen: Self) -> Self {
        if self.is_final() && !seen.is_final() { self } else { seen }
    }
}

/// The place of the link that tells the state of its bill, among the bill's links, the newest first: a bill is paid
/// if any of its links is, awaits a deposit if any does, and is cancelled only if none can be paid any more. Between
/// the others the newest counts.
pub fn telling_link(states: impl IntoIterator<Item = Option<PaymentState>>) -> Option<usize> {
    let rank = |state: &Option<PaymentState>| match state {
        Some(PaymentState::Paid) => 0,
        Some(PaymentState::AwaitingDeposit) => 1,
        Some(PaymentState::Unpaid | PaymentState::Error) | None => 2,
        Some(PaymentState::Cancelled) => 3,
    };
    states.into_iter().enumerate().min_by_key(|(_, state)| rank(state)).map(|(place, _)| place)
}

/// The answer of `/api/urlcert` in domain words. Texts are as received, empty ones absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Payment {
    /// `RESULTCODE`.
    pub result_code: String,
    /// `RESULTMSG`.
    pub result_message: Option<String>,
    /// `ORDERNO`.
    pub order_no: Option<String>,
    /// `AMOUNT` in won.
    pub amount: Option<u64>,
    /// `BUYERNAME`.
    pub buyer_name: Option<String>,
    /// `BUYEREMAIL`.
    pub buyer_email: Option<String>,
    /// `PRODUCTNAME`.
    pub product_name: Option<String>,
    /// `PRODUCTCODE`.
    pub product_code: Option<String>,
    /// `PAYMETHOD`.
    pub pay_method: Option<String>,
    /// `BUYERID`.
    pub buyer_id: Option<String>,
    /// `TID`.
    pub tid: Option<String>,
    /// `ACCEPTNO`.
    pub accept_no: Option<String>,
    /// `ACCEPTDATE`, RFC 3339 where it could be read.
    pub accepted_at: Option<String>,
    /// `CANCELDATE`, RFC 3339 where it could be read.
    pub cancelled_at: Option<String>,
    /// `CANCELMSG`.
    pub cancel_message: Option<String>,
    /// `ACCOUNTNO` of a virtual account.
    pub account_no: Option<String>,
    /// `RECEIVERNAME` of a virtual account.
    pub receiver_name: Option<String>,
    /// `DEPOSITENDDATE` of a virtual account.
    pub deposit_due: Option<String>,
    /// `CARDNAME`, for a virtual account the bank.
    pub card_name: Option<String>,
    /// `CARDCODE`, for a virtual account the bank's code.
    pub card_code: Option<String>,
}

impl Payment {
    /// The state that this answer says (CONTRACT section 5).
    #[must_use]
    pub fn state(&self) -> PaymentState {
        match self.result_code.as_str() {
            "0000" if self.cancelled_at.is_some() => PaymentState::Cancelled,
            "0000" if self.awaits_deposit() => PaymentState::AwaitingDeposit,
            "0000" => PaymentState::Paid,
            "EA01" => PaymentState::Unpaid,
            _ => PaymentState::Error,
        }
    }

    /// The state of a link that asks this amount of won: another amount at `CookiePay` is an error, whatever else
    /// the answer says.
    #[must_use]
    pub fn state_of_bill(&self, billed: u64) -> PaymentState {
        if self.amount.is_some_and(|amount| amount != billed) { PaymentState::Error } else { self.state() }
    }

    /// An account was issued and nothing accepted yet. `VACCOUNT` is seen beside the manual's `VACCT`.
    fn awaits_deposit(&self) -> bool {
        let virtual_account = match &self.pay_method {
            Some(method) => matches!(method.to_ascii_uppercase().as_str(), "VACCT" | "VACCOUNT"),
            None => self.account_no.is_some(),
        };
        virtual_account && self.accept_no.is_none() && self.accepted_at.is_none()
    }
}

/// Reads a wall-clock text of the provider, which is Korean time: `YYYYMMDDHHMMSS` or
/// `YYYY-MM-DD HH:MM:SS` become RFC 3339 with `+09:00`, `YYYYMMDD` or `YYYY-MM-DD` a full-date.
/// `None` for anything else.
#[must_use]
pub fn korean_time(raw: &str) -> Option<String> {
    if !raw.bytes().all(|byte| byte.is_ascii_digit() || b"-:/. T".contains(&byte)) {
        return None;
    }
    let digits: String = raw.chars().filter(char::is_ascii_digit).collect();
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
    let number = |range| part(range).parse::<i8>().ok();
    let date = jiff::civil::Date::new(part(0..4).parse().ok()?, number(4..6)?, number(6..8)?).ok()?;
    match digits.len() {
        8 => Some(date.to_string()),
        14 => {
            let time = jiff::civil::Time::new(number(8..10)?, number(10..12)?, number(12..14)?, 0).ok()?;
            Some(format!("{date}T{time}+09:00"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(code: &str) -> Payment {
        Payment { result_code: code.into(), ..Payment::default() }
    }

    #[expect(clippy::unnecessary_wraps, reason = "it reads as the field it fills")]
    fn text(value: &str) -> Option<String> {
        Some(value.to_owned())
    }

    #[test]
    fn each_answer_has_its_state() {
        assert_eq!(answer("EA01").state(), PaymentState::Unpaid);
        assert_eq!(answer("E101").state(), PaymentState::Error);
        assert_eq!(answer("").state(), PaymentState::Error);
        assert_eq!(answer("0000").state(), PaymentState::Paid);
        let cancelled = Payment { cancelled_at: text("2026-11-23T10:15:00+09:00"), ..answer("0000") };
        assert_eq!(cancelled.state(), PaymentState::Cancelled);
    }

    #[test]
    fn a_virtual_account_waits_until_something_is_accepted() {
        for method in ["VACCT", "VACCOUNT", "vacct"] {
            let issued = Payment { pay_method: text(method), ..answer("0000") };
            assert_eq!(issued.state(), PaymentState::AwaitingDeposit);
            let numbered = Payment { accept_no: text("00000000"), ..issued.clone() };
            assert_eq!(numbered.state(), PaymentState::Paid);
            let dated = Payment { accepted_at: text("2026-11-22T09:39:47+09:00"), ..issued };
            assert_eq!(dated.state(), PaymentState::Paid);
        }
    }

    #[test]
    fn what_is_paid_or_cancelled_stays_so_until_the_other_of_the_two_is_said() {
        use PaymentState::{Cancelled, Error, Paid, Unpaid};
        for (before, seen, after) in [
            (Unpaid, Paid, Paid),
            (Paid, Unpaid, Paid),
            (Paid, Error, Paid),
            (Paid, Cancelled, Cancelled),
            (Cancelled, Unpaid, Cancelled),
            (Cancelled, Paid, Paid),
            (Error, Unpaid, Unpaid),
        ] {
            assert_eq!(before.followed_by(seen), after, "{before}, {seen}");
        }
    }

    #[test]
    fn the_link_that_tells_of_its_bill_is_the_paid_one_or_else_the_newest_that_can_be_paid() {
        use PaymentState::{AwaitingDeposit, Cancelled, Error, Paid, Unpaid};
        for (newest_first, telling) in [
            (&[][..], None),
            (&[Some(Unpaid)], Some(0)),
            (&[Some(Unpaid), Some(Paid)], Some(1)),
            (&[Some(Paid), Some(Paid)], Some(0)),
            (&[Some(Cancelled), Some(Unpaid)], Some(1)),
            (&[Some(Cancelled), None], Some(1)),
            (&[Some(Cancelled), Some(Cancelled)], Some(0)),
            (&[Some(Unpaid), Some(Error)], Some(0)),
            (&[None, Some(AwaitingDeposit), Some(Cancelled)], Some(1)),
        ] {
            assert_eq!(telling_link(newest_first.iter().copied()), telling, "{newest_first:?}");
        }
    }

    #[test]
    fn korean_wall_clock_becomes_rfc_3339() {
        assert_eq!(korean_time("20261122093947").as_deref(), Some("2026-11-22T09:39:47+09:00"));
        assert_eq!(korean_time("2026-11-22 09:39:47").as_deref(), Some("2026-11-22T09:39:47+09:00"));
        assert_eq!(korean_time("20261129").as_deref(), Some("2026-11-29"));
        for wrong in ["", "2026", "20261322093947", "20261122256000", "어제", "00000000", "2026112209394x"]
        {
            assert_eq!(korean_time(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn keys_are_printable() {
        assert!("a1B2c3D4e5F6g7H8i9J0".parse::<UrlKey>().is_ok());
        for wrong in ["", "a b", "키", "a\u{1b}b"] {
            assert!(wrong.parse::<UrlKey>().is_err(), "{wrong}");
        }
    }
}
