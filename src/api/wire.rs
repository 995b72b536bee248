//! The requests on the wire, as the reference has them: only the fields that are given, amounts as strings.

use serde::Serialize;
use serde_json::value::RawValue;

use super::client::Messaging;
use crate::bill::{Bill, Channel, Email, Extra, Memo, PaymentType, Tax};
use crate::secret::MASK;

/// `POST /urlpay/request`.
pub(super) const LINK_PATH: &str = "/urlpay/request";
/// `POST /payAuth/token`.
pub(super) const TOKEN_PATH: &str = "/payAuth/token";
/// `POST /api/urlcert`.
pub(super) const STATUS_PATH: &str = "/api/urlcert";
/// The content type of every call.
pub(super) const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// Body of `/urlpay/request`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) struct LinkRequest<'a> {
    #[serde(rename = "API_ID")]
    api_id: &'a str,
    #[serde(rename = "PRODUCTNAME")]
    product: &'a str,
    amount: String,
    #[serde(rename = "BUYERNAME")]
    buyer: &'a str,
    #[serde(rename = "BUYERHP")]
    phone: &'a str,
    #[serde(rename = "TAXYN", skip_serializing_if = "Option::is_none")]
    tax: Option<&'static str>,
    #[serde(rename = "BUYEREMAIL", skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    bill_no: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    memo: Option<&'a str>,
    req_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    etc1: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etc2: Option<&'a str>,
    #[serde(rename = "PAYMENT_TYPE_USE", skip_serializing_if = "Option::is_none")]
    payment_type: Option<&'a str>,
}

impl<'a> LinkRequest<'a> {
    pub(super) fn new(api_id: &'a str, bill: &'a Bill, messaging: Messaging) -> Self {
        Self {
            api_id,
            product: bill.product.as_str(),
            amount: bill.amount.to_string(),
            buyer: bill.buyer.as_str(),
            phone: bill.phone.as_str(),
            tax: bill.tax.map(|tax| match tax {
                Tax::Taxable => "Y",
                Tax::Exempt => "N",
            }),
            email: bill.email.as_ref().map(Email::as_str),
            bill_no: bill.bill_no.as_str(),
            memo: bill.memo.as_ref().map(Memo::as_str),
            req_type: match (messaging, bill.channel) {
                (Messaging::Nobody, _) | (_, Channel::Link) => "",
                (Messaging::ByChannel, Channel::Sms) => "SMS",
                (Messaging::ByChannel, Channel::Email) => "EMAIL",
                (Messaging::ByChannel, Channel::Kakao) => "KAKAO",
            },
            etc1: bill.etc1.as_ref().map(Extra::as_str),
            etc2: bill.etc2.as_ref().map(Extra::as_str),
            payment_type: bill.payment_type.as_ref().map(PaymentType::as_str),
        }
    }
}

/// Body of `/payAuth/token`.
#[derive(Serialize)]
pub(super) struct TokenRequest<'a> {
    pub(super) pay2_id: &'a str,
    pub(super) pay2_key: &'a str,
}

/// Body of `/api/urlcert`.
#[derive(Serialize)]
pub(super) struct StatusRequest<'a> {
    #[serde(rename = "URLKEY")]
    pub(super) url_key: &'a str,
}

/// A request as it would leave, with its secrets masked.
#[derive(Debug, Serialize)]
pub struct Preview {
    /// `POST`.
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    /// Header names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body, to the letter.
    pub body: Box<RawValue>,
}

/// Shows the request for this bill without making it.
#[must_use]
pub fn preview(base_url: &str, api_id: &str, bill: &Bill) -> Preview {
    let request = LinkRequest::new(api_id, bill, Messaging::ByChannel);
    Preview {
        method: "POST",
        url: format!("{base_url}{LINK_PATH}"),
        headers: vec![("Content-Type", CONTENT_TYPE.to_owned()), ("ApiKey", MASK.to_owned())],
        body: serde_json::value::to_raw_value(&request).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::bill::RawBill;

    fn fixture(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    fn bill(fields: &Value) -> Bill {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        let raw = RawBill {
            bill_no: text("BILL_NO"),
            via: text("REQ_TYPE"),
            product: text("PRODUCTNAME"),
            amount: text("AMOUNT"),
            buyer: text("BUYERNAME"),
            phone: text("BUYERHP"),
            email: text("BUYEREMAIL"),
            memo: text("MEMO"),
            tax: text("TAXYN"),
            etc1: text("ETC1"),
            etc2: text("ETC2"),
            payment_type: None,
        };
        raw.parse(None, || unreachable!()).unwrap().0
    }

    #[test]
    fn requests_are_the_fixtures_value_for_value() {
        for name in ["request-sms.json", "request-all.json"] {
            let wanted: Value = serde_json::from_slice(&fixture(name)).unwrap();
            let bill = bill(&wanted);
            let request = LinkRequest::new("sandbox_shop01", &bill, Messaging::ByChannel);
            assert_eq!(serde_json::to_value(&request).unwrap(), wanted, "{name}");
            let silent = serde_json::to_value(LinkRequest::new("x", &bill, Messaging::Nobody)).unwrap();
            assert_eq!(silent["REQ_TYPE"], "");
        }
    }
}
