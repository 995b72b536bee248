//! What is sent: a bill whose every field keeps the rules of the reference ("Create and deliver a
//! link"). Parse once, valid for ever: no type here has a constructor that skips its rule.
//!
//! Lengths are counted in characters (an assumption of the reference). No I/O; how a bill looks on
//! the wire is `api`'s business, how it is remembered `ledger`'s.

mod amount;
mod batch_name;
mod bill_no;
mod phone;
mod raw;
mod text;

pub use amount::{Amount, read_total};
pub use batch_name::BatchName;
pub use bill_no::BillNo;
pub use phone::Phone;
pub use raw::{FieldError, RawBill, Repaired};
pub use text::{
    BuyerName, Email, Extra, Memo, PaymentType, ProductName, invisible_character, is_invisible, normalised,
};

use std::fmt;
use std::str::FromStr;

use icu_normalizer::ComposingNormalizerBorrowed;
use serde::Serialize;

/// How `CookiePay` brings the link to the customer: `REQ_TYPE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A text message.
    Sms,
    /// An e-mail; the bill must have an address.
    Email,
    /// A Kakao message.
    Kakao,
    /// No message: `CookiePay` makes the link only.
    Link,
}

impl Channel {
    /// Every channel there is.
    pub const ALL: &'static [Self] = &[Self::Sms, Self::Email, Self::Kakao, Self::Link];

    /// The spelling of `--via`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Kakao => "kakao",
            Self::Link => "link",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for Channel {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lower = text.to_ascii_lowercase();
        let found = Self::ALL.iter().copied().find(|channel| channel.as_str() == lower);
        found.ok_or("one of sms, email, kakao, link")
    }
}

/// Whether the amount contains value added tax: `TAXYN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tax {
    /// `Y`.
    Taxable,
    /// `N`.
    Exempt,
}

impl Tax {
    /// The spelling of `--tax`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Taxable => "taxable",
            Self::Exempt => "exempt",
        }
    }
}

impl FromStr for Tax {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "taxable" | "y" | "과세" => Ok(Self::Taxable),
            "exempt" | "n" | "비과세" | "면세" => Ok(Self::Exempt),
            _ => Err("one of taxable, exempt"),
        }
    }
}

/// One payment link to be made, complete and valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// `BILL_NO`, the only handle that makes a repeat recognisable to `CookiePay`.
    pub bill_no: BillNo,
    /// `REQ_TYPE`.
    pub channel: Channel,
    /// `PRODUCTNAME`.
    pub product: ProductName,
    /// `AMOUNT`.
    pub amount: Amount,
    /// `BUYERNAME`.
    pub buyer: BuyerName,
    /// `BUYERHP`.
    pub phone: Phone,
    /// `BUYEREMAIL`.
    pub email: Option<Email>,
    /// `MEMO`.
    pub memo: Option<Memo>,
    /// `TAXYN`.
    pub tax: Option<Tax>,
    /// `ETC1`.
    pub etc1: Option<Extra>,
    /// `ETC2`.
    pub etc2: Option<Extra>,
    /// `PAYMENT_TYPE_USE`, passed through as given.
    pub payment_type: Option<PaymentType>,
}

/// What was paid for, as `CookiePay` or a notification says it; won.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PaidFor<'a> {
    /// `AMOUNT`.
    pub amount: Option<u64>,
    /// `PRODUCTNAME`.
    pub product: Option<&'a str>,
    /// `BUYERNAME`.
    pub buyer: Option<&'a str>,
}

impl Bill {
    /// The fields in which what was paid for is not what this bill asks for. One that is not told is not
    /// the same.
    #[must_use]
    pub fn differences_to_paid(&self, paid: &PaidFor<'_>) -> Vec<&'static str> {
        let is_same = |own: &str, told: Option<&str>| told.is_some_and(|told| is_same_text(own, told));
        let checks = [
            ("amount", paid.amount == Some(self.amount.won())),
            ("product", is_same(self.product.as_str(), paid.product)),
            ("buyer", is_same(self.buyer.as_str(), paid.buyer)),
        ];
        checks.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
    }

    /// The fields in which the two bills ask a customer for something else. Two bills that differ
    /// in none of these are the same bill, whatever the memo or the channel.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let checks = [
            ("amount", self.amount == other.amount),
            ("product", self.product == other.product),
            ("buyer", self.buyer == other.buyer),
            ("phone", self.phone == other.phone),
            ("email", self.email == other.email),
        ];
        checks.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
    }
}

/// Whether two texts say the same: in NFC, whatever the space around them.
#[must_use]
pub fn is_same_text(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    let nfc = ComposingNormalizerBorrowed::new_nfc();
    one == other || nfc.normalize(one) == nfc.normalize(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_and_tax_are_read_back_from_their_spelling() {
        for channel in Channel::ALL {
            assert_eq!(channel.as_str().parse(), Ok(*channel));
        }
        assert_eq!("KAKAO".parse(), Ok(Channel::Kakao));
        assert!("fax".parse::<Channel>().is_err());
        for tax in [Tax::Taxable, Tax::Exempt] {
            assert_eq!(tax.as_str().parse(), Ok(tax));
        }
    }
}
