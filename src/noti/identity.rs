//! What makes two notifications the same: every field that they have, whatever its spelling. One that differs in
//! anything is another and kept whole, so that a forgery which comes first never takes the genuine one's place.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::notification::{ExtraValue, Notification};

/// What two notifications of the same content for the same merchant have in common: 16 bytes of a digest.
pub type Identity = [u8; 16];

impl Notification<'_> {
    /// The identity of this notification for a merchant: `environment` and `api_id` are those of the profile.
    ///
    /// A notification that comes again is the same whatever the order, case or spelling of its fields, and whether
    /// what it does not say is absent, `null` or empty. Two cancels of one payment differ by their time: each may be
    /// a part.
    #[must_use]
    pub fn identity(&self, environment: &str, api_id: &str) -> Identity {
        let amount = self.amount.map(|amount| amount.to_string());
        let mut parts = vec![
            Some("notification 2"),
            Some(environment),
            Some(api_id),
            Some(self.kind.as_str()),
            self.api_id.as_deref(),
            self.order_no.as_deref(),
            amount.as_deref(),
            self.tid.as_deref(),
            self.url_key.as_deref(),
            self.pay_method.as_deref(),
            self.buyer_name.as_deref(),
            self.buyer_email.as_deref(),
            self.user_id.as_deref(),
            self.product_code.as_deref(),
            self.product_name.as_deref(),
            self.accepted_at.as_deref(),
            self.accept_no.as_deref(),
            self.card_code.as_deref(),
            self.card_name.as_deref(),
            self.card_no.as_deref(),
            self.quota.as_deref(),
            self.account_no.as_deref(),
            self.receiver_name.as_deref(),
            self.deposit_due.as_deref(),
            self.deposit_name.as_deref(),
            self.etc1.as_deref(),
            self.etc2.as_deref(),
            self.etc3.as_deref(),
            self.etc4.as_deref(),
            self.etc5.as_deref(),
        ];
        let mut others: Vec<(String, Cow<'_, str>)> = self
            .extra
            .iter()
            .map(|(key, value)| (key.to_ascii_uppercase(), text_of(value)))
            .filter(|(_, text)| !text.is_empty())
            .chain(self.problems.iter().map(|problem| {
                (format!("problem {}", problem.field.to_ascii_uppercase()), Cow::from(&problem.problem))
            }))
            .collect();
        others.sort_unstable();
        for (key, text) in &others {
            parts.extend([Some(key.as_str()), Some(text.as_ref())]);
        }
        digest(&parts)
    }
}

/// The value of a field that has no place of its own; empty where it says nothing.
fn text_of<'v>(value: &'v ExtraValue<'_>) -> Cow<'v, str> {
    match value {
        ExtraValue::Text(text) => Cow::Borrowed(text),
        ExtraValue::Json(json) if json.get() == "null" => Cow::Borrowed(""),
        ExtraValue::Json(json) => match serde_json::from_str::<String>(json.get()) {
            Ok(text) => Cow::Owned(text),
            Err(_) => Cow::Borrowed(json.get()),
        },
    }
}

/// A digest of a list of texts: a length before each, so that no two lists run into the same bytes.
pub(super) fn digest(parts: &[Option<&str>]) -> Identity {
    // One long text is digested in less time than sixty short ones.
    let mut text = Vec::with_capacity(1024);
    for part in parts {
        let length = part.map_or(u64::MAX, |part| u64::try_from(part.len()).unwrap_or(u64::MAX));
        text.extend_from_slice(&length.to_le_bytes());
        text.extend_from_slice(part.unwrap_or_default().as_bytes());
    }
    let digest: [u8; 32] = Sha256::digest(&text).into();
    let mut identity = Identity::default();
    for (to, from) in identity.iter_mut().zip(digest) {
        *to = from;
    }
    identity
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(body: &str) -> Identity {
        crate::noti::parse(body.as_bytes(), "-").unwrap().identity("sandbox", "shop01")
    }

    const PAID: &str = r#"{"API_ID":"shop01","ORDERNO":"O1","AMOUNT":"4500","TID":"T1","SMS_INPUT":"K1",
        "GENDATE":"now"}"#;

    #[test]
    fn the_same_content_in_another_spelling_is_the_same() {
        for again in [
            r#"{"tid":"T1","amount":4500,"orderno":"O1","api_id":"shop01","sms_input":"K1","gendate":"now"}"#,
            r#"{"TID":"T1","GENDATE":"now","AMOUNT":"4500","ORDERNO":"O1","API_ID":"shop01","SMS_INPUT":"K1",
                "ETC7":null,"ETC1":"","CP_ID":""}"#,
            "API_ID=shop01&ORDERNO=O1&AMOUNT=4500&TID=T1&SMS_INPUT=K1&GENDATE=now",
        ] {
            assert_eq!(identity(PAID), identity(again), "{again}");
        }
    }

    #[test]
    fn whatever_differs_makes_another() {
        for (from, to) in [
            ("4500", "45000"),
            ("\"T1", "\"T2"),
            ("\"O1", "\"O2"),
            ("\"K1", "\"K2"),
            ("\"shop01", "\"shop02"),
            ("\"O1\"", "null"),
            ("now", "then"),
            ("{", "{\"AMOUNT\":\"1\","),
            ("{", "{\"BUYERNAME\":\"x\","),
            ("{", "{\"PRODUCTNAME\":\"x\","),
            ("{", "{\"CARDNO\":\"x\","),
            ("{", "{\"ACCEPT_DATE\":\"20261122093947\","),
            ("{", "{\"ETC1\":\"x\","),
            ("{", "{\"ETC5\":\"x\","),
            ("{", "{\"NEW\":{},"),
        ] {
            assert_ne!(identity(PAID), identity(&PAID.replacen(from, to, 1)), "{from} {to}");
        }
        let paid = crate::noti::parse(PAID.as_bytes(), "-").unwrap();
        assert_ne!(identity(PAID), paid.identity("live", "shop01"));
        assert_ne!(identity(PAID), paid.identity("sandbox", "shop02"));
    }

    #[test]
    fn two_cancels_of_one_payment_differ_by_their_time() {
        let cancel = r#"{"noti_type":"cancel","orderno":"O1","cancel_amount":"1000","tid":"T1","cancel_date":"20261123101500"}"#;
        assert_eq!(identity(cancel), identity(cancel));
        assert_ne!(identity(cancel), identity(&cancel.replace("101500", "101600")));
    }
}
