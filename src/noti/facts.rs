//! What a notification claims, as far as it can be checked, and what makes two of them the same.

use sha2::{Digest, Sha256};

use super::notification::{Kind, Notification};

/// The claims of a notification that a check needs. Owned, so that it outlives the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// What it tells of.
    pub kind: Kind,
    /// `API_ID`; a cancel has none.
    pub api_id: Option<String>,
    /// `ORDERNO`.
    pub order_no: Option<String>,
    /// Won: what was paid, of a cancel what was taken back.
    pub amount: Option<u64>,
    /// `TID`.
    pub tid: Option<String>,
    /// `SMS_INPUT`: the `URLKEY` of the bill; a cancel has none.
    pub url_key: Option<String>,
    /// When it was accepted or cancelled, RFC 3339 or a full-date.
    pub at: Option<String>,
    /// `BUYERNAME`.
    pub buyer_name: Option<String>,
    /// `PRODUCTNAME`.
    pub product_name: Option<String>,
    /// `ETC1`, as given at the request.
    pub etc1: Option<String>,
    /// `ETC2`, as given at the request.
    pub etc2: Option<String>,
}

/// What two notifications of the same facts for the same merchant have in common: 16 bytes of a digest.
pub type Identity = [u8; 16];

impl Facts {
    /// What the notification claims.
    #[must_use]
    pub fn of(notification: &Notification<'_>) -> Self {
        let text = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(str::to_owned);
        Self {
            kind: notification.kind,
            api_id: text(&notification.api_id),
            order_no: text(&notification.order_no),
            amount: notification.amount,
            tid: text(&notification.tid),
            url_key: text(&notification.url_key),
            at: notification.accepted_at.clone(),
            buyer_name: text(&notification.buyer_name),
            product_name: text(&notification.product_name),
            etc1: text(&notification.etc1),
            etc2: text(&notification.etc2),
        }
    }

    /// The identity of these facts for a merchant: `environment` and `api_id` are those of the profile.
    ///
    /// A notification that comes again is the same whatever order or spelling its fields have. One that differs
    /// in anything here is another, so that a forgery which comes first cannot keep the real one out. Two cancels
    /// of one payment differ by their time: each may be a part.
    #[must_use]
    pub fn identity(&self, environment: &str, api_id: &str) -> Identity {
        let amount = self.amount.map(|amount| amount.to_string());
        let at = self.at.as_deref().filter(|_| self.kind != Kind::Approval);
        digest(&[
            Some("notification"),
            Some(environment),
            Some(api_id),
            Some(self.kind.as_str()),
            self.tid.as_deref(),
            self.order_no.as_deref(),
            self.api_id.as_deref(),
            self.url_key.as_deref(),
            amount.as_deref(),
            at,
            self.buyer_name.as_deref(),
            self.product_name.as_deref(),
            self.etc1.as_deref(),
            self.etc2.as_deref(),
        ])
    }

    /// What happened, in whatever words it is told: a payment happens once, and so does its cancel as a whole.
    #[must_use]
    pub fn happening(&self, environment: &str, api_id: &str) -> Identity {
        let what = match self.kind {
            Kind::Approval => "paid",
            Kind::Cancel | Kind::DepositCancel => "cancelled",
            Kind::Failure => "failed",
        };
        let amount = self.amount.map(|amount| amount.to_string());
        let (tid, order_no) = (self.tid.as_deref(), self.order_no.as_deref());
        digest(&[
            Some("happening"),
            Some(environment),
            Some(api_id),
            Some(what),
            tid,
            order_no,
            amount.as_deref(),
        ])
    }
}

/// A digest of a list of texts: a length before each, so that no two lists run into the same bytes.
fn digest(parts: &[Option<&str>]) -> Identity {
    let mut digest = Sha256::new();
    for part in parts {
        let length = part.map_or(u64::MAX, |part| u64::try_from(part.len()).unwrap_or(u64::MAX));
        digest.update(length.to_le_bytes());
        digest.update(part.unwrap_or_default());
    }
    let digest: [u8; 32] = digest.finalize().into();
    let mut identity = Identity::default();
    for (to, from) in identity.iter_mut().zip(digest) {
        *to = from;
    }
    identity
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(body: &str) -> Facts {
        Facts::of(&crate::noti::parse(body.as_bytes(), "-").unwrap())
    }

    fn identity(body: &str) -> Identity {
        facts(body).identity("sandbox", "shop01")
    }

    const PAID: &str = r#"{"API_ID":"shop01","ORDERNO":"O1","AMOUNT":"4500","TID":"T1","SMS_INPUT":"K1",
        "ACCEPT_DATE":"20261122093947"}"#;

    #[test]
    fn the_same_facts_in_another_spelling_are_the_same() {
        for again in [
            r#"{"tid":"T1","amount":4500,"orderno":"O1","api_id":"shop01","sms_input":"K1","GENDATE":"now"}"#,
            "API_ID=shop01&ORDERNO=O1&AMOUNT=4500&TID=T1&SMS_INPUT=K1",
        ] {
            assert_eq!(identity(PAID), identity(again), "{again}");
        }
    }

    #[test]
    fn whatever_is_checked_makes_another() {
        for (from, to) in [
            ("4500", "45000"),
            ("\"T1", "\"T2"),
            ("\"O1", "\"O2"),
            ("\"K1", "\"K2"),
            ("\"shop01", "\"shop02"),
            ("\"O1\"", "null"),
            ("{", "{\"BUYERNAME\":\"x\","),
            ("{", "{\"PRODUCTNAME\":\"x\","),
            ("{", "{\"ETC1\":\"x\","),
            ("{", "{\"ETC2\":\"x\","),
        ] {
            assert_ne!(identity(PAID), identity(&PAID.replace(from, to)), "{from} {to}");
        }
        assert_ne!(identity(PAID), facts(PAID).identity("live", "shop01"));
        assert_ne!(identity(PAID), facts(PAID).identity("sandbox", "shop02"));
    }

    #[test]
    fn a_cancel_is_one_happening_in_whatever_words() {
        let happening = |body: &str| facts(body).happening("sandbox", "shop01");
        let cancel = r#"{"noti_type":"cancel","orderno":"O1","cancel_amount":"4500","tid":"T1","cancel_date":"20261123101500"}"#;
        for (from, to) in
            [("\"cancel\"", "\"deposit_cancel\""), ("101500", ""), ("{", "{\"SMS_INPUT\":\"K1\",")]
        {
            assert_eq!(happening(cancel), happening(&cancel.replacen(from, to, 1)), "{to}");
        }
        for (from, to) in [("4500", "1000"), ("T1", "T2"), ("O1", "O2")] {
            assert_ne!(happening(cancel), happening(&cancel.replacen(from, to, 1)), "{to}");
        }
        assert_ne!(happening(cancel), happening(PAID));
        assert_ne!(facts(PAID).happening("sandbox", "shop01"), facts(PAID).identity("sandbox", "shop01"));
    }

    #[test]
    fn two_cancels_of_one_payment_differ_by_their_time() {
        let cancel = r#"{"noti_type":"cancel","orderno":"O1","cancel_amount":"1000","tid":"T1","cancel_date":"20261123101500"}"#;
        assert_eq!(identity(cancel), identity(cancel));
        assert_ne!(identity(cancel), identity(&cancel.replace("101500", "101600")));
    }
}
