//! What a merchant posts to `/urlpay/request`: the body as it came, and the bill it asks for once
//! every rule of the reference's table holds.

use std::collections::HashMap;

use serde_json::Value;

use super::reply::Refusal;

/// Invented codes: the provider publishes none for these.
const NOT_JSON: &str = "E001";
const MISSING: &str = "E002";
const TOO_LONG: &str = "E004";
const FORM: &str = "E005";
const EMAIL_MISSING: &str = "E006";

/// The members of a JSON object whose values are text or whole numbers; `null` counts as empty.
#[derive(Debug, Default)]
pub(super) struct Fields {
    texts: HashMap<String, String>,
    /// Names of members that hold something else: a truth value, a fraction, an array, an object.
    strange: Vec<String>,
}

impl Fields {
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        let not_json = || Refusal::new(NOT_JSON, "요청 전문이 JSON 형식이 아닙니다");
        let value: Value = serde_json::from_slice(body).map_err(|_| not_json())?;
        let Value::Object(members) = value else {
            return Err(not_json());
        };
        let mut fields = Self::default();
        for (name, value) in members {
            let text = match value {
                Value::String(text) => text,
                Value::Null => String::new(),
                Value::Number(number) if number.is_u64() || number.is_i64() => number.to_string(),
                _ => {
                    fields.strange.push(name);
                    continue;
                }
            };
            fields.texts.insert(name, text);
        }
        Ok(fields)
    }

    /// The text of `name`, empty where it is absent.
    pub(super) fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", String::as_str)
    }

    fn optional(&self, name: &str, longest: usize) -> Result<&str, Refusal> {
        if self.strange.iter().any(|strange| strange == name) {
            return Err(Refusal::new(FORM, format!("{name} 값은 문자열이어야 합니다")));
        }
        let text = self.text(name);
        if text.chars().count() > longest {
            return Err(Refusal::new(TOO_LONG, format!("{name} 값은 {longest}자를 넘을 수 없습니다")));
        }
        Ok(text)
    }

    fn required(&self, name: &str, longest: usize) -> Result<&str, Refusal> {
        let text = self.optional(name, longest)?;
        if text.trim().is_empty() {
            return Err(Refusal::new(MISSING, format!("{name} 값은 필수입니다")));
        }
        Ok(text)
    }
}

/// How the customer is told of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// `REQ_TYPE` `SMS`
    Sms,
    /// `REQ_TYPE` `EMAIL`
    Email,
    /// `REQ_TYPE` `KAKAO`
    Kakao,
}

impl Channel {
    /// The name in the state and in the counts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Kakao => "kakao",
        }
    }
}

/// A request that keeps every rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SendRequest {
    pub(super) api_id: String,
    pub(super) product: String,
    pub(super) amount: i64,
    pub(super) buyer_name: String,
    pub(super) buyer_phone: String,
    pub(super) buyer_email: String,
    pub(super) tax: String,
    pub(super) bill_no: Option<String>,
    pub(super) memo: String,
    pub(super) channel: Option<Channel>,
    pub(super) payment_type: String,
    pub(super) etc1: String,
    pub(super) etc2: String,
}

impl SendRequest {
    /// The first rule that is broken, in the order of the reference's table, is the refusal.
    pub(super) fn read(fields: &Fields) -> Result<Self, Refusal> {
        let form = |message: &str| Refusal::new(FORM, message);
        let api_id = fields.required("API_ID", 20)?;
        let product = fields.required("PRODUCTNAME", 40)?;
        if product.contains('&') {
            return Err(form("PRODUCTNAME 에는 & 문자를 사용할 수 없습니다"));
        }
        let amount = fields.required("AMOUNT", 10)?;
        let amount = digits(amount)
            .and_then(|digits| digits.parse::<i64>().ok())
            .filter(|amount| *amount > 0)
            .ok_or_else(|| form("AMOUNT 값은 0보다 큰 숫자만 가능합니다"))?;
        let buyer_name = fields.required("BUYERNAME", 20)?;
        let buyer_phone =
            digits(fields.required("BUYERHP", 11)?).ok_or_else(|| form("BUYERHP 값은 숫자만 가능합니다"))?;
        let tax = fields.optional("TAXYN", 1)?;
        if !matches!(tax, "" | "Y" | "N") {
            return Err(form("TAXYN 값은 Y 또는 N 이어야 합니다"));
        }
        let channel = match fields.optional("REQ_TYPE", 10)? {
            "" => None,
            "SMS" => Some(Channel::Sms),
            "EMAIL" => Some(Channel::Email),
            "KAKAO" => Some(Channel::Kakao),
            _ => {
                return Err(form("REQ_TYPE 값은 SMS, EMAIL, KAKAO 중 하나이거나 빈값이어야 합니다"));
            }
        };
        let buyer_email = fields.optional("BUYEREMAIL", 50)?;
        if channel == Some(Channel::Email) && buyer_email.is_empty() {
            return Err(Refusal::new(EMAIL_MISSING, "REQ_TYPE 이 EMAIL 이면 BUYEREMAIL 값은 필수입니다"));
        }
        let bill_no = fields.optional("BILL_NO", 20)?;
        Ok(Self {
            api_id: api_id.to_owned(),
            product: product.to_owned(),
            amount,
            buyer_name: buyer_name.to_owned(),
            buyer_phone: buyer_phone.to_owned(),
            buyer_email: buyer_email.to_owned(),
            tax: tax.to_owned(),
            bill_no: (!bill_no.is_empty()).then(|| bill_no.to_owned()),
            memo: fields.optional("MEMO", 100)?.to_owned(),
            channel,
            // The provider publishes no values and no length of this one.
            payment_type: fields.optional("PAYMENT_TYPE_USE", 100)?.to_owned(),
            etc1: fields.optional("ETC1", 100)?.to_owned(),
            etc2: fields.optional("ETC2", 100)?.to_owned(),
        })
    }
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn base() -> Value {
        json!({
            "API_ID": "sandbox_shop01", "PRODUCTNAME": "아메리카노", "AMOUNT": "4500",
            "BUYERNAME": "홍길동", "BUYERHP": "01012345678"
        })
    }

    fn read(name: &str, value: Value) -> Result<SendRequest, Refusal> {
        let mut request = base();
        request[name] = value;
        SendRequest::read(&Fields::read(request.to_string().as_bytes()).unwrap())
    }

    #[test]
    fn each_broken_rule_has_its_code_and_names_the_field() {
        for (name, value, code) in [
            ("PRODUCTNAME", json!(""), "E002"),
            ("PRODUCTNAME", json!("  "), "E002"),
            ("PRODUCTNAME", json!("가".repeat(41)), "E004"),
            ("PRODUCTNAME", json!("A & B"), "E005"),
            ("AMOUNT", json!(null), "E002"),
            ("AMOUNT", json!("4,500"), "E005"),
            ("AMOUNT", json!(-4500), "E005"),
            ("AMOUNT", json!(4500.5), "E005"),
            ("AMOUNT", json!("0"), "E005"),
            ("AMOUNT", json!("12345678901"), "E004"),
            ("BUYERNAME", json!(""), "E002"),
            ("BUYERNAME", json!("가".repeat(21)), "E004"),
            ("BUYERHP", json!("010-123-456"), "E005"),
            ("BUYERHP", json!("010123456789"), "E004"),
            ("BUYERHP", json!("０１０"), "E005"),
            ("TAXYN", json!("X"), "E005"),
            ("TAXYN", json!(true), "E005"),
            ("REQ_TYPE", json!("FAX"), "E005"),
            ("REQ_TYPE", json!("sms"), "E005"),
            ("BUYEREMAIL", json!("a".repeat(51)), "E004"),
            ("BILL_NO", json!("B".repeat(21)), "E004"),
            ("MEMO", json!("가".repeat(101)), "E004"),
            ("ETC1", json!("가".repeat(101)), "E004"),
            ("ETC2", json!(["a"]), "E005"),
        ] {
            let refusal = read(name, value.clone()).unwrap_err();
            assert_eq!(refusal.code, code, "{name} {value}");
            assert!(refusal.message.contains(name), "{}", refusal.message);
        }
        assert_eq!(read("REQ_TYPE", json!("EMAIL")).unwrap_err().code, "E006");
    }

    #[test]
    fn the_longest_values_and_numbers_are_accepted() {
        for (name, value) in [
            ("PRODUCTNAME", json!("가".repeat(40))),
            ("BUYERNAME", json!("가".repeat(20))),
            ("AMOUNT", json!(4500)),
            ("AMOUNT", json!("9999999999")),
            ("MEMO", json!("가".repeat(100))),
            ("REQ_TYPE", json!("")),
            ("REQ_TYPE", json!(null)),
            ("TAXYN", json!("N")),
            ("PAYMENT_TYPE_USE", json!("CARD")),
            ("UNKNOWN", json!({"a": 1})),
        ] {
            assert!(read(name, value.clone()).is_ok(), "{name} {value}");
        }
    }

    #[test]
    fn a_body_that_is_no_object_is_refused() {
        for body in ["", "[]", "\"a\"", "{", "API_ID=a"] {
            assert_eq!(Fields::read(body.as_bytes()).unwrap_err().code, "E001");
        }
    }
}
