//! Reading replies, as the reference's last section says: a BOM or PHP's warnings before the JSON are passed
//! over, values may be strings or numbers, result keys come under two names and in either case, and what carries
//! no result code is no answer.
//!
//! The invariant kept: a refusal lets a bill be sent again, so only a reply that says nothing else counts as one.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::client::LinkReply;
use crate::payment::{Link, Payment, UrlKey, korean_time};
use crate::secret::Secret;

/// A result code has so many letters and digits.
const CODE_LENGTH: usize = 4;

/// The code of success.
pub(super) const OK: &str = "0000";

/// How many groups of brackets before the JSON are looked at.
const MAX_GROUPS: usize = 16;

/// A reply whose JSON was read and that carries a result code.
pub(super) struct Reply {
    /// Under the names of the reference, which are upper case.
    fields: Map<String, Value>,
    pub(super) code: String,
    pub(super) message: Option<String>,
}

impl Reply {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// Why it is no answer, in words for [`ApiError::Unknown`](super::ApiError::Unknown).
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Err("an empty reply".to_owned());
        }
        let fields = find_object(text).ok_or_else(|| describe(text))?.unique()?;
        let mut codes = Vec::new();
        for name in ["RESULTCODE", "RTN_CD"] {
            codes.extend(fields.get(name).map(code_of).transpose()?.flatten());
        }
        let code = codes.pop().ok_or("JSON without a result code")?;
        if codes.iter().any(|other| *other != code) {
            return Err("JSON with two result codes that differ".to_owned());
        }
        let message = ["RESULTMSG", "RTN_MSG"].iter().find_map(|name| text_of(fields.get(*name)?));
        Ok(Self { fields, code, message })
    }

    /// Itself with that secret masked wherever the other side repeats it, since what it says is shown
    /// and recorded.
    pub(super) fn without(mut self, secret: &Secret) -> Self {
        let values = self.fields.values_mut().filter_map(|value| match value {
            Value::String(text) => Some(text),
            _ => None,
        });
        // A code of four letters or digits is one, whatever the key is.
        let code = (self.code.len() > CODE_LENGTH).then_some(&mut self.code);
        for text in values.chain(self.message.as_mut()).chain(code) {
            if let Some(masked) = secret.mask_in(text) {
                *text = masked;
            }
        }
        self
    }

    /// Why a code other than 0000 does not prove that nothing was made; `None` of a clear refusal.
    pub(super) fn doubt_of_refusal(&self) -> Option<String> {
        let code = &self.code;
        let is_code = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if code.len() != CODE_LENGTH || !code.bytes().all(is_code) {
            return Some(format!("the code `{code}`, which is none of four letters and digits"));
        }
        ["URLKEY", "PAYURL"]
            .iter()
            .find_map(|name| self.shown(name).map(|_| format!("the code {code} beside a {name}")))
    }

    /// Whether the reply is one to another question than whether this link was paid.
    pub(super) fn is_about_another_question(&self, url_key: &UrlKey) -> bool {
        self.shown("URLKEY").is_some_and(|shown| shown != url_key.as_str())
            || ["PAYURL", "TOKEN"].iter().any(|name| self.shown(name).is_some())
    }

    /// The value under that name as text, whatever it is; absent, `null` and empty are one.
    pub(super) fn shown(&self, name: &str) -> Option<String> {
        match self.fields.get(name)? {
            Value::Null => None,
            value @ (Value::String(_) | Value::Number(_)) => text_of(value),
            other => Some(other.to_string()),
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

/// The members of an object as they stand, those with the same name included, which a map would hide.
struct Members(Vec<(String, Value)>);

impl Members {
    /// Under upper-case names.
    ///
    /// # Errors
    ///
    /// A name stands twice: which of the two counts nobody can say.
    fn unique(self) -> Result<Map<String, Value>, String> {
        let mut seen = HashSet::new();
        let mut fields = Map::new();
        for (name, value) in self.0 {
            let name = name.to_ascii_uppercase();
            if !seen.insert(name.clone()) {
                return Err("JSON in which a key stands twice".to_owned());
            }
            fields.insert(name, value);
        }
        Ok(fields)
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfMap;
        impl<'de> Visitor<'de> for OfMap {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(OfMap)
    }
}

/// The JSON object that ends the text: all of it, or what begins a line behind PHP's warnings. A bracket that
/// opens before it and is not closed again may be the reply's own, broken: then nothing inside passes for the reply.
fn find_object(text: &str) -> Option<Members> {
    if text.starts_with(['{', '[']) {
        return serde_json::from_str(text).ok();
    }
    // PHP's warnings start with a line break; a whole page is no answer, whatever stands at its end.
    let start: String = text.chars().take(9).collect::<String>().to_ascii_lowercase();
    if start.starts_with("<html") || start == "<!doctype" {
        return None;
    }
    let mut rest = text;
    for _ in 0..MAX_GROUPS {
        let (before, group) = rest.split_at(rest.find(['{', '['])?);
        let begins_line = before.trim_end_matches([' ', '\t']).ends_with(['\n', '\r', '>', '\u{feff}']);
        if begins_line && let Ok(members) = serde_json::from_str(group) {
            return Some(members);
        }
        rest = after_group(group)?;
    }
    None
}

/// What follows the bracket that the text begins with and everything in it; `None` where it is not closed.
fn after_group(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return text.get(place.saturating_add(1)..);
        }
    }
    None
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

/// A code as text; absent, `null` and empty are one. A number has lost its leading zeros.
///
/// # Errors
///
/// It is no code at all.
fn code_of(value: &Value) -> Result<Option<String>, String> {
    match value {
        Value::Number(number) => Ok(Some(format!("{:0>4}", number.to_string()))),
        Value::String(_) | Value::Null => Ok(text_of(value)),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err("a result code that is no text".to_owned())
        }
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
    use crate::api::ApiError;
    use crate::payment::PaymentState;
    use crate::secret::MASK;

    fn fixture(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn replies_of_the_fixtures_are_read() {
        let reply = Reply::read(&fixture("reply-sent.json")).unwrap();
        let link = reply.link().unwrap();
        assert_eq!(reply.code, OK);
        assert_eq!(link.link.url_key.as_str(), "a1B2c3D4e5F6g7H8i9J0");
        assert_eq!(link.link.pay_url.as_deref(), Some("https://sandbox.cookiepayments.com/p/a1B2c3D4e5"));
        assert_eq!(reply.shown("BILL_NO").as_deref(), Some("B20261122000000001"));
        for name in ["reply-refused.json", "token-refused.json"] {
            let refused = Reply::read(&fixture(name)).unwrap();
            assert_eq!(refused.doubt_of_refusal(), None, "{name}");
            let refused = ApiError::Refused { code: refused.code, message: refused.message };
            assert!(refused.is_about_credentials(), "{refused}");
        }
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
        let body = br#"{"RESULTCODE":"9999","RESULTMSG":"k3y9ab is wrong","AMOUNT":"4500"}"#;
        let reply = Reply::read(body).unwrap().without(&Secret::new("k3y9ab"));
        assert_eq!(reply.message.as_deref(), Some("**** is wrong"));
        let reply = Reply::read(body).unwrap().without(&Secret::new("4500"));
        assert_eq!(reply.text("AMOUNT").as_deref(), Some("4500"));
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
