//! What takes the place of a notification's own words once it is confirmed: what `CookiePay` and the ledger say.
//! Whatever only the notification says stands apart from it, since nobody has checked that.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::facts::Facts;
use super::notification::{Extra, Notification};
use super::verdict::Billed;
use crate::payment::Payment;

/// The values of a confirmed notification, as they are stored with it. Fields may be added, never renamed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Confirmed {
    api_id: Option<String>,
    order_no: Option<String>,
    amount: Option<u64>,
    tid: Option<String>,
    url_key: Option<String>,
    pay_method: Option<String>,
    buyer_name: Option<String>,
    buyer_email: Option<String>,
    user_id: Option<String>,
    product_code: Option<String>,
    product_name: Option<String>,
    accepted_at: Option<String>,
    accept_no: Option<String>,
    card_code: Option<String>,
    card_name: Option<String>,
    account_no: Option<String>,
    receiver_name: Option<String>,
    deposit_due: Option<String>,
    etc1: Option<String>,
    etc2: Option<String>,
}

/// What only a notification says, under the names of its fields.
#[derive(Debug, Default)]
pub struct Unverified<'a> {
    texts: Vec<(&'static str, Cow<'a, str>)>,
    extra: Extra<'a>,
}

impl Confirmed {
    /// What `CookiePay` answers of the link with this key, and what the ledger's bill of it gave.
    pub(super) fn new(facts: &Facts, url_key: &str, answer: &Payment, billed: Option<&Billed>) -> Self {
        let answer = answer.clone();
        let accepted_at = if facts.is_cancel() { answer.cancelled_at } else { answer.accepted_at };
        Self {
            // It was found to be the profile's own.
            api_id: facts.api_id.clone(),
            order_no: answer.order_no,
            amount: answer.amount,
            tid: answer.tid,
            url_key: Some(url_key.to_owned()),
            pay_method: answer.pay_method,
            buyer_name: answer.buyer_name,
            buyer_email: answer.buyer_email,
            user_id: answer.buyer_id,
            product_code: answer.product_code,
            product_name: answer.product_name,
            accepted_at,
            accept_no: answer.accept_no,
            card_code: answer.card_code,
            card_name: answer.card_name,
            account_no: answer.account_no,
            receiver_name: answer.receiver_name,
            deposit_due: answer.deposit_due,
            etc1: billed.and_then(|billed| billed.etc1.clone()),
            etc2: billed.and_then(|billed| billed.etc2.clone()),
        }
    }

    /// The link that it was confirmed by.
    #[must_use]
    pub fn url_key(&self) -> Option<&str> {
        self.url_key.as_deref()
    }

    /// What was compared of a notification that an older program confirmed: no more of it is known to be true.
    #[must_use]
    pub fn of_older(notification: &Notification<'_>) -> Self {
        let text = |text: &Option<Cow<'_, str>>| text.as_deref().map(str::to_owned);
        Self {
            api_id: text(&notification.api_id),
            order_no: text(&notification.order_no),
            amount: notification.amount,
            tid: text(&notification.tid),
            url_key: text(&notification.url_key),
            ..Self::default()
        }
    }
}

impl<'a> Notification<'a> {
    /// Puts what is confirmed in the place of what this notification says, and returns what only it says.
    pub fn replace_with(&mut self, confirmed: &Confirmed) -> Unverified<'a> {
        let mut unverified = Unverified { texts: Vec::new(), extra: std::mem::take(&mut self.extra) };
        let none = &None;
        for (name, own, said) in [
            ("api_id", &mut self.api_id, &confirmed.api_id),
            ("order_no", &mut self.order_no, &confirmed.order_no),
            ("tid", &mut self.tid, &confirmed.tid),
            ("url_key", &mut self.url_key, &confirmed.url_key),
            ("pay_method", &mut self.pay_method, &confirmed.pay_method),
            ("buyer_name", &mut self.buyer_name, &confirmed.buyer_name),
            ("buyer_email", &mut self.buyer_email, &confirmed.buyer_email),
            ("user_id", &mut self.user_id, &confirmed.user_id),
            ("product_code", &mut self.product_code, &confirmed.product_code),
            ("product_name", &mut self.product_name, &confirmed.product_name),
            ("accept_no", &mut self.accept_no, &confirmed.accept_no),
            ("card_code", &mut self.card_code, &confirmed.card_code),
            ("card_name", &mut self.card_name, &confirmed.card_name),
            ("card_no", &mut self.card_no, none),
            ("quota", &mut self.quota, none),
            ("account_no", &mut self.account_no, &confirmed.account_no),
            ("receiver_name", &mut self.receiver_name, &confirmed.receiver_name),
            ("deposit_name", &mut self.deposit_name, none),
            ("etc1", &mut self.etc1, &confirmed.etc1),
            ("etc2", &mut self.etc2, &confirmed.etc2),
            ("etc3", &mut self.etc3, none),
            ("etc4", &mut self.etc4, none),
            ("etc5", &mut self.etc5, none),
        ] {
            let claimed = std::mem::replace(own, said.clone().map(Cow::Owned));
            unverified.note(name, claimed.filter(|_| said.is_none()));
        }
        for (name, own, said) in [
            ("accepted_at", &mut self.accepted_at, &confirmed.accepted_at),
            ("deposit_due", &mut self.deposit_due, &confirmed.deposit_due),
        ] {
            let claimed = std::mem::replace(own, said.clone());
            unverified.note(name, claimed.filter(|_| said.is_none()).map(Cow::Owned));
        }
        self.amount = confirmed.amount;
        unverified
    }
}

impl<'a> Unverified<'a> {
    fn note(&mut self, name: &'static str, claimed: Option<Cow<'a, str>>) {
        self.texts.extend(claimed.map(|claimed| (name, claimed)));
    }
}

impl Serialize for Unverified<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, text) in &self.texts {
            map.serialize_entry(name, text)?;
        }
        if !self.extra.is_empty() {
            map.serialize_entry("extra", &self.extra)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_confirmed_takes_the_place_and_the_rest_stands_apart() {
        let body = r#"{"API_ID":"shop01","ORDERNO":"O1","AMOUNT":"4500","TID":"T1","SMS_INPUT":"K1",
            "BUYERNAME":"mallory","CARDNO":"**1","ETC1":"x","ETC3":"y","ACCEPT_DATE":"20261122093947","GENDATE":"now"}"#;
        let mut notification = crate::noti::parse(body.as_bytes(), "-").unwrap();
        let text = |text: &str| Some(text.to_owned());
        let answer = Payment {
            order_no: text("O1"),
            amount: Some(4500),
            tid: text("T1"),
            buyer_name: text("kim"),
            ..Payment::default()
        };
        let billed = Billed { amount: 4500, etc1: None, etc2: text("z") };
        let confirmed = Confirmed::new(&Facts::of(&notification), "K1", &answer, Some(&billed));
        let unverified = notification.replace_with(&confirmed);
        assert_eq!(notification.buyer_name.as_deref(), Some("kim"));
        assert_eq!((notification.etc1.as_deref(), notification.etc2.as_deref()), (None, Some("z")));
        assert_eq!((notification.card_no.as_deref(), notification.accepted_at.as_deref()), (None, None));
        assert!(notification.extra.is_empty());
        assert_eq!(
            serde_json::to_string(&unverified).unwrap(),
            r#"{"card_no":"**1","etc1":"x","etc3":"y","accepted_at":"2026-11-22T09:39:47+09:00","extra":{"GENDATE":"now"}}"#
        );
        let stored = serde_json::to_string(&confirmed).unwrap();
        assert_eq!(serde_json::from_str::<Confirmed>(&stored).unwrap(), confirmed);
        assert_eq!(serde_json::from_str::<Confirmed>("{}").unwrap(), Confirmed::default());
    }
}
