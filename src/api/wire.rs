//! The bodies on the wire, as the reference has them.
//!
//! Requests carry only the fields that are given, amounts as strings. Replies are read as the
//! reference's last section says: a BOM or PHP's warnings before the JSON are passed over, values
//! may be strings or numbers, result keys come under two names, and what carries no result code is
//! no answer.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::client::{LinkReply, Messaging};
use super::error::ApiError;
use crate::bill::{Bill, Channel, Email, Extra, Memo, PaymentType, Tax};
use crate::payment::{Link, Payment, UrlKey, korean_time};
use crate::secret::{MASK, Secret};

/// `POST /urlpay/request`.
pub(super) const LINK_PATH: &str = "/urlpay/request";
/// `POST /payAuth/token`.
pub(super) const TOKEN_PATH: &str = "/payAuth/token";
/// `POST /api/urlcert`.
pub(super) const STATUS_PATH: &str = "/api/urlcert";
/// The content type of every call.
pub(super) const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// Masking anything shorter in a reply could hit an amount or a name.
const SHORTEST_KEY: usize = 8;

/// The code of success.
const OK: &str = "0000";

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

/// A reply whose JSON was read and that carries a result code.
pub(super) struct Reply {
    fields: Map<String, Value>,
    pub(super) code: String,
    pub(super) message: Option<String>,
}

impl Reply {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// Why it is no answer, in words for [`ApiError::Unknown`].
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Err("an empty reply".to_owned());
        }
        let fields = find_object(text).ok_or_else(|| describe(text))?;
        let code = ["RESULTCODE", "RTN_CD"].iter().find_map(|name| code_of(fields.get(*name)?));
        let Some(code) = code else { return Err("JSON without a result code".to_owned()) };
        let message = ["RESULTMSG", "RTN_MSG"].iter().find_map(|name| text_of(fields.get(*name)?));
        Ok(Self { fields, code, message })
    }

    /// Itself with that secret masked wherever the other side repeats it, since what it says is shown
    /// and recorded.
    pub(super) fn without(mut self, secret: &Secret) -> Self {
        let secret = secret.expose();
        if secret.len() < SHORTEST_KEY {
            return self;
        }
        let values = self.fields.values_mut().filter_map(|value| match value {
            Value::String(text) => Some(text),
            _ => None,
        });
        for text in values.chain(self.message.as_mut()).chain(std::iter::once(&mut self.code)) {
            if text.contains(secret) {
                *text = text.replace(secret, MASK);
            }
        }
        self
    }

    /// Itself if the code is 0000.
    pub(super) fn accepted(self) -> Result<Self, ApiError> {
        if self.code == OK {
            Ok(self)
        } else {
            Err(ApiError::Refused { code: self.code, message: self.message })
        }
    }

    /// The value under that name; absent and empty are one.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.fields.get(name).and_then(text_of)
    }

    /// The reply to `/urlpay/request`; `None` where 0000 comes without a key that can be used.
    pub(super) fn link(&self) -> Option<LinkReply> {
        let url_key: UrlKey = self.text("URLKEY")?.parse().ok()?;
        Some(LinkReply {
            link: Link { url_key, pay_url: self.text("PAYURL") },
            bill_no: self.text("BILL_NO"),
            result_code: self.code.clone(),
            result_message: self.message.clone(),
        })
    }

    /// The reply to `/api/urlcert`, whatever its code.
    pub(super) fn payment(self) -> Payment {
        // A date of zeros is a database's way to say that there is none.
        let is_date =
            |raw: &String| raw.chars().any(|character| character.is_ascii_digit() && character != '0');
        let time = |name: &str| self.text(name).filter(is_date).map(|raw| korean_time(&raw).unwrap_or(raw));
        Payment {
            result_code: self.code.clone(),
            result_message: self.message.clone(),
            order_no: self.text("ORDERNO"),
            amount: self.text("AMOUNT").and_then(|amount| amount.replace(',', "").parse().ok()),
            buyer_name: self.text("BUYERNAME"),
            buyer_email: self.text("BUYEREMAIL"),
            product_name: self.text("PRODUCTNAME"),
            product_code: self.text("PRODUCTCODE"),
            pay_method: self.text("PAYMETHOD"),
            buyer_id: self.text("BUYERID"),
            tid: self.text("TID"),
            accept_no: self.text("ACCEPTNO"),
            accepted_at: time("ACCEPTDATE"),
            cancelled_at: time("CANCELDATE"),
            cancel_message: self.text("CANCELMSG"),
            account_no: self.text("ACCOUNTNO"),
            receiver_name: self.text("RECEIVERNAME"),
            deposit_due: time("DEPOSITENDDATE"),
            card_name: self.text("CARDNAME"),
            card_code: self.text("CARDCODE"),
        }
    }
}

/// The JSON object that ends the text: all of it, or what follows PHP's warnings. A text that begins
/// as JSON is taken whole, so that nothing inside a broken reply passes for the reply.
fn find_object(text: &str) -> Option<Map<String, Value>> {
    if text.starts_with('{') {
        return serde_json::from_str(text).ok();
    }
    // PHP's warnings start with a line break; a whole page is no answer, whatever stands at its end.
    let start: String = text.chars().take(9).collect::<String>().to_ascii_lowercase();
    if start.starts_with("<html") || start == "<!doctype" {
        return None;
    }
    let mut starts = text.match_indices('{').take(16);
    starts.find_map(|(start, _)| serde_json::from_str(text.get(start..)?).ok())
}

/// What a text that is no JSON object looks like.
fn describe(text: &str) -> String {
    if text.starts_with('<') {
        "an HTML page instead of JSON".to_owned()
    } else if text.starts_with('{') {
        "JSON that is cut short or broken".to_owned()
    } else {
        "a reply that is no JSON object".to_owned()
    }
}

/// A code as text. A number has lost its leading zeros.
fn code_of(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(format!("{:0>4}", number.to_string())),
        other => text_of(other),
    }
}

fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bill::RawBill;
    use crate::payment::PaymentState;

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

    #[test]
    fn replies_of_the_fixtures_are_read() {
        let reply = Reply::read(&fixture("reply-sent.json")).unwrap().accepted().unwrap();
        let link = reply.link().unwrap();
        assert_eq!(link.link.url_key.as_str(), "a1B2c3D4e5F6g7H8i9J0");
        assert_eq!(link.link.pay_url.as_deref(), Some("https://sandbox.cookiepayments.com/p/a1B2c3D4e5"));
        assert_eq!(link.bill_no.as_deref(), Some("B20261122000000001"));
        let refused = Reply::read(&fixture("reply-refused.json")).unwrap().accepted().err().unwrap();
        assert!(refused.is_about_credentials(), "{refused}");
        let refused = Reply::read(&fixture("token-refused.json")).unwrap().accepted().err().unwrap();
        assert!(refused.is_about_credentials(), "{refused}");
    }

    #[test]
    fn payments_of_the_fixtures_have_their_state() {
        let states = [
            ("urlcert-paid.json", PaymentState::Paid),
            ("urlcert-unpaid.json", PaymentState::Unpaid),
            ("urlcert-cancelled.json", PaymentState::Cancelled),
            ("urlcert-awaiting-deposit.json", PaymentState::AwaitingDeposit),
        ];
        for (name, state) in states {
            assert_eq!(Reply::read(&fixture(name)).unwrap().payment().state(), state, "{name}");
        }
        let paid = Reply::read(&fixture("urlcert-paid.json")).unwrap().payment();
        assert_eq!(paid.accepted_at.as_deref(), Some("2026-11-22T09:39:47+09:00"));
        assert_eq!((paid.amount, paid.cancelled_at, paid.buyer_email), (Some(4500), None, None));
    }

    #[test]
    fn what_stands_before_the_json_is_passed_over() {
        let sent = String::from_utf8(fixture("reply-sent.json")).unwrap();
        for before in [
            "\u{feff}",
            "\r\n",
            "<br />\n<b>Warning</b>: {closure} in <b>/x.php</b> on line <b>3</b><br />\n",
        ] {
            assert_eq!(Reply::read(format!("{before}{sent}").as_bytes()).unwrap().code, "0000", "{before}");
        }
    }

    #[test]
    fn codes_may_be_numbers_and_have_two_names() {
        assert_eq!(Reply::read(br#"{"RESULTCODE":0}"#).unwrap().code, "0000");
        assert_eq!(Reply::read(br#"{"RTN_CD":"E003"}"#).unwrap().code, "E003");
    }

    #[test]
    fn a_secret_that_is_repeated_is_masked() {
        let body =
            br#"{"RESULTCODE":"9999","RESULTMSG":"ApiKey canary-7f3a is wrong","URLKEY":"canary-7f3a"}"#;
        let reply = Reply::read(body).unwrap().without(&Secret::new("canary-7f3a"));
        assert_eq!(reply.message.as_deref(), Some("ApiKey **** is wrong"));
        assert_eq!(reply.text("URLKEY").as_deref(), Some(MASK));
        assert_eq!(Reply::read(body).unwrap().without(&Secret::new("9999")).code, "9999");
    }

    #[test]
    fn anything_else_is_no_answer() {
        let sent = fixture("reply-sent.json");
        let cut = &sent[..sent.len() - 5];
        let bodies: [&[u8]; 10] = [
            b"",
            b"   ",
            b"<html><script>var a={};</script></html>",
            cut,
            b"[]",
            b"null",
            b"\xff\xfe\x00",
            br#"{"URLKEY":"a"}"#,
            br#"{"RESULTCODE":null}"#,
            br#"{"RESULTCODE":""}"#,
        ];
        for body in bodies {
            assert!(Reply::read(body).is_err(), "{}", String::from_utf8_lossy(body));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(body: Vec<u8>) {
            let _ = Reply::read(&body);
        }
    }
}
