//! What a notification claims, as far as it can be checked.

use super::identity::{Identity, digest};
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
    /// `PAY_METHOD`.
    pub pay_method: Option<String>,
    /// `BUYERNAME`.
    pub buyer_name: Option<String>,
    /// `BUYEREMAIL`.
    pub buyer_email: Option<String>,
    /// `USERID`.
    pub user_id: Option<String>,
    /// `PRODUCTNAME`.
    pub product_name: Option<String>,
    /// `PRODUCTCODE`.
    pub product_code: Option<String>,
    /// `ACCEPT_NO`.
    pub accept_no: Option<String>,
    /// `ETC1`, as given at the request.
    pub etc1: Option<String>,
    /// `ETC2`, as given at the request.
    pub etc2: Option<String>,
}

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
            pay_method: text(&notification.pay_method),
            buyer_name: text(&notification.buyer_name),
            buyer_email: text(&notification.buyer_email),
            user_id: text(&notification.user_id),
            product_name: text(&notification.product_name),
            product_code: text(&notification.product_code),
            accept_no: text(&notification.accept_no),
            etc1: text(&notification.etc1),
            etc2: text(&notification.etc2),
        }
    }

    /// Those of a kind that claim nothing.
    #[must_use]
    pub fn none(kind: Kind) -> Self {
        Self {
            kind,
            api_id: None,
            order_no: None,
            amount: None,
            tid: None,
            url_key: None,
            at: None,
            pay_method: None,
            buyer_name: None,
            buyer_email: None,
            user_id: None,
            product_name: None,
            product_code: None,
            accept_no: None,
            etc1: None,
            etc2: None,
        }
    }

    /// Whether it tells of a cancel, in whole or in part.
    #[must_use]
    pub fn is_cancel(&self) -> bool {
        matches!(self.kind, Kind::Cancel | Kind::DepositCancel)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(body: &str) -> Facts {
        Facts::of(&crate::noti::parse(body.as_bytes(), "-").unwrap())
    }

    #[test]
    fn a_cancel_is_one_happening_in_whatever_words() {
        let happening = |body: &str| facts(body).happening("sandbox", "shop01");
        let cancel = r#"{"noti_type":"cancel","orderno":"O1","cancel_amount":"4500","tid":"T1","cancel_date":"20261123101500"}"#;
        let paid = r#"{"API_ID":"shop01","ORDERNO":"O1","AMOUNT":"4500","TID":"T1","SMS_INPUT":"K1"}"#;
        for (from, to) in
            [("\"cancel\"", "\"deposit_cancel\""), ("101500", ""), ("{", "{\"SMS_INPUT\":\"K1\",")]
        {
            assert_eq!(happening(cancel), happening(&cancel.replacen(from, to, 1)), "{to}");
        }
        for (from, to) in [("4500", "1000"), ("T1", "T2"), ("O1", "O2")] {
            assert_ne!(happening(cancel), happening(&cancel.replacen(from, to, 1)), "{to}");
        }
        assert_ne!(happening(cancel), happening(paid));
        assert_ne!(happening(paid), facts(paid).happening("sandbox", "shop02"));
    }
}
