//! From what a user typed to a [`Bill`]: every wrong field is named at once, not one a run.
//!
//! Invisible characters are refused here, for every field alike, and not by the types of the
//! fields: a ledger may hold such a text from an earlier version, and must still be read.

use std::borrow::Cow;
use std::str::FromStr;

use super::{Bill, BillNo, Channel, Phone, invisible_character};

/// The fields of a bill as texts, before anything was looked at.
#[derive(Debug, Clone, Default)]
pub struct RawBill {
    /// `--bill-no`.
    pub bill_no: Option<String>,
    /// `--via`.
    pub via: Option<String>,
    /// `--product`.
    pub product: Option<String>,
    /// `--amount`.
    pub amount: Option<String>,
    /// `--buyer`.
    pub buyer: Option<String>,
    /// `--phone`.
    pub phone: Option<String>,
    /// `--email`.
    pub email: Option<String>,
    /// `--memo`.
    pub memo: Option<String>,
    /// `--tax`.
    pub tax: Option<String>,
    /// `--etc1`.
    pub etc1: Option<String>,
    /// `--etc2`.
    pub etc2: Option<String>,
    /// `--payment-type`.
    pub payment_type: Option<String>,
}

/// One field that breaks its rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field by its flag name, without dashes in front.
    pub field: &'static str,
    /// What was given; `None` where a required field is missing.
    pub value: Option<String>,
    /// What is allowed.
    pub rule: Cow<'static, str>,
}

/// A value that was put right, which the user should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// The field by its flag name.
    pub field: &'static str,
    /// What was given.
    pub given: String,
    /// What will be sent.
    pub sent: String,
}

impl RawBill {
    /// Checks every field. `default_via` counts where the bill names no channel, `number` makes a
    /// `BILL_NO` where none is given.
    ///
    /// # Errors
    ///
    /// All fields that are missing or break their rule.
    pub fn parse(
        &self,
        default_via: Option<Channel>,
        number: impl FnOnce() -> BillNo,
    ) -> Result<(Bill, Vec<Repaired>), Vec<FieldError>> {
        let mut wrong = Vec::new();
        let bill_no = optional(&mut wrong, "bill-no", self.bill_no.as_ref());
        let channel = optional::<Channel>(&mut wrong, "via", self.via.as_ref());
        let channel = channel.or_else(|| default_via.filter(|_| self.via.is_none()));
        if channel.is_none() && self.via.is_none() {
            let rule = "is required: sms, email, kakao or link, or set `via` in the profile";
            wrong.push(FieldError { field: "via", value: None, rule: rule.into() });
        }
        let product = required(&mut wrong, "product", self.product.as_ref());
        let amount = required(&mut wrong, "amount", self.amount.as_ref());
        let buyer = required(&mut wrong, "buyer", self.buyer.as_ref());
        let phone = required::<Phone>(&mut wrong, "phone", self.phone.as_ref());
        let email = optional(&mut wrong, "email", self.email.as_ref());
        if channel == Some(Channel::Email) && self.email.is_none() {
            let rule = "is required with `--via email`".into();
            wrong.push(FieldError { field: "email", value: None, rule });
        }
        let memo = optional(&mut wrong, "memo", self.memo.as_ref());
        let tax = optional(&mut wrong, "tax", self.tax.as_ref());
        let etc1 = optional(&mut wrong, "etc1", self.etc1.as_ref());
        let etc2 = optional(&mut wrong, "etc2", self.etc2.as_ref());
        let payment_type = optional(&mut wrong, "payment-type", self.payment_type.as_ref());
        let (Some(channel), Some(product), Some(amount), Some(buyer), Some(phone), true) =
            (channel, product, amount, buyer, phone, wrong.is_empty())
        else {
            return Err(wrong);
        };
        let repaired = self.repaired(&phone);
        let bill_no = bill_no.unwrap_or_else(number);
        let bill = Bill {
            bill_no,
            channel,
            product,
            amount,
            buyer,
            phone,
            email,
            memo,
            tax,
            etc1,
            etc2,
            payment_type,
        };
        Ok((bill, repaired))
    }

    fn repaired(&self, phone: &Phone) -> Vec<Repaired> {
        let given = self.phone.iter().filter(|given| Phone::lost_its_zero(given));
        given
            .map(|given| Repaired { field: "phone", given: given.clone(), sent: phone.to_string() })
            .collect()
    }
}

fn required<T: FromStr<Err = &'static str>>(
    wrong: &mut Vec<FieldError>,
    field: &'static str,
    value: Option<&String>,
) -> Option<T> {
    if value.is_none() {
        wrong.push(FieldError { field, value: None, rule: "is required".into() });
    }
    optional(wrong, field, value)
}

fn optional<T: FromStr<Err = &'static str>>(
    wrong: &mut Vec<FieldError>,
    field: &'static str,
    value: Option<&String>,
) -> Option<T> {
    let value = value?;
    let rule = match (invisible_character(value), value.parse()) {
        (Some(character), _) => Cow::Owned(format!(
            "holds an invisible character (U+{:04X}): type the text again without it",
            u32::from(character)
        )),
        (None, Err(rule)) => Cow::Borrowed(rule),
        (None, Ok(parsed)) => return Some(parsed),
    };
    wrong.push(FieldError { field, value: Some(value.clone()), rule });
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "it reads as the field it fills")]
    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn coffee() -> RawBill {
        RawBill {
            product: some("아메리카노"),
            amount: some("4,500원"),
            buyer: some("홍길동"),
            phone: some("010-1234-5678"),
            ..RawBill::default()
        }
    }

    fn number() -> BillNo {
        "B1".parse().unwrap()
    }

    #[test]
    fn a_full_bill_is_normalised() {
        let (bill, repaired) = coffee().parse(Some(Channel::Sms), number).unwrap();
        assert_eq!(
            (bill.amount.won(), bill.phone.as_str(), bill.bill_no.as_str()),
            (4500, "01012345678", "B1")
        );
        assert!(repaired.is_empty());
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let raw =
            RawBill { amount: some("1.5"), phone: some("02-1"), buyer: None, via: some("fax"), ..coffee() };
        let wrong = raw.parse(Some(Channel::Sms), number).unwrap_err();
        let fields: Vec<_> = wrong.iter().map(|error| error.field).collect();
        assert_eq!(fields, ["via", "amount", "buyer", "phone"]);
    }

    #[test]
    fn an_invisible_character_is_refused_in_every_field_and_named() {
        let with = |text: &str| some(&format!("{text}\u{200B}"));
        let raw = RawBill {
            bill_no: with("B1"),
            via: with("sms"),
            product: with("아메리카노"),
            amount: with("4500"),
            buyer: with("홍길동"),
            phone: with("010-1234-5678"),
            email: with("kim@example.com"),
            memo: with("메모"),
            tax: with("taxable"),
            etc1: with("1"),
            etc2: with("2"),
            payment_type: with("CARD"),
        };
        let wrong = raw.parse(None, number).unwrap_err();
        assert_eq!(wrong.len(), 12);
        assert!(wrong.iter().all(|error| error.rule.contains("(U+200B)")), "{wrong:?}");
        let turned = RawBill { product: some("\u{202E}노카리메아"), ..coffee() };
        assert!(turned.parse(Some(Channel::Sms), number).unwrap_err()[0].rule.contains("U+202E"));
    }

    #[test]
    fn a_channel_is_needed_and_email_needs_an_address() {
        assert_eq!(coffee().parse(None, number).unwrap_err()[0].field, "via");
        assert_eq!(coffee().parse(Some(Channel::Email), number).unwrap_err()[0].field, "email");
    }

    #[test]
    fn a_lost_zero_is_said() {
        let raw = RawBill { phone: some("1012345678"), ..coffee() };
        let (bill, repaired) = raw.parse(Some(Channel::Sms), number).unwrap();
        assert_eq!(bill.phone.as_str(), "01012345678");
        assert_eq!(repaired.len(), 1);
    }

    #[test]
    fn memo_and_channel_do_not_make_another_bill() {
        let (first, _) = coffee().parse(Some(Channel::Sms), number).unwrap();
        let (second, _) =
            RawBill { memo: some("다시"), ..coffee() }.parse(Some(Channel::Link), number).unwrap();
        assert!(first.differences(&second).is_empty());
        let (third, _) = RawBill { amount: some("1"), ..coffee() }.parse(Some(Channel::Sms), number).unwrap();
        assert_eq!(first.differences(&third), ["amount"]);
    }
}
