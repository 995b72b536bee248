//! What a notification is and what its fields mean.

use serde_json::{Value, json};

use super::super::{DocumentError, Kind, parse};
use super::{CANCEL, CARD, DEPOSIT, FAILURE, SAMPLES, UNDOCUMENTED, checked_json, small};

fn one(input: &str) -> Value {
    parse(input.as_bytes(), "-").map(|notification| checked_json(&notification)).unwrap()
}

fn error(input: &str) -> DocumentError {
    parse(input.as_bytes(), "-").unwrap_err()
}

fn problems(input: &str) -> Vec<String> {
    let value = one(input);
    let said = |problem: &Value| {
        format!("{}: {}", problem["field"].as_str().unwrap(), problem["problem"].as_str().unwrap())
    };
    value["problems"].as_array().unwrap().iter().map(said).collect()
}

#[test]
fn every_sample_is_read_without_problems() {
    let kinds = [Kind::Approval, Kind::Cancel, Kind::Approval, Kind::Failure, Kind::Approval];
    for (sample, kind) in SAMPLES.into_iter().zip(kinds) {
        let notification = parse(sample.as_bytes(), "-").unwrap();
        assert_eq!(notification.kind, kind);
        assert_eq!(notification.problems, [], "{sample}");
        assert_eq!(notification.amount, Some(4500));
        checked_json(&notification);
    }
}

#[test]
fn an_approval_has_the_fields_of_the_contract_in_their_order() {
    let mut out = Vec::new();
    parse(CARD.as_bytes(), "a.json").unwrap().write_json(b"", &mut out).unwrap();
    let expected = concat!(
        r#"{"kind":"approval","api_id":"sandbox_shop01","order_no":"URL20261122093947857860","#,
        r#""amount":4500,"tid":"cTS26112209394695923","url_key":"a1B2c3D4e5F6g7H8i9J0","#,
        r#""pay_method":"CARD","buyer_name":"홍길동","buyer_email":null,"user_id":null,"#,
        r#""product_code":null,"product_name":"아메리카노","accepted_at":"2026-11-22T09:39:47+09:00","#,
        r#""accept_no":"30071234","card_code":"06","card_name":"국민카드","card_no":"**000111","#,
        r#""quota":"00","account_no":null,"receiver_name":null,"deposit_due":null,"#,
        r#""deposit_name":null,"etc1":null,"etc2":null,"etc3":null,"etc4":null,"etc5":null,"#,
        r#""extra":{},"problems":[],"source":"a.json","line":1}"#,
    );
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn a_cancel_a_deposit_and_a_failure_tell_what_is_theirs() {
    let cancel = one(CANCEL);
    assert_eq!(cancel["accepted_at"], "2026-11-23T10:15:00+09:00");
    assert_eq!(cancel["extra"], json!({}));
    assert_eq!(one(&small("1").replace("cancel\"", "DEPOSIT_CANCEL\""))["kind"], "deposit_cancel");
    let deposit = one(DEPOSIT);
    assert_eq!(deposit["deposit_due"], "2026-11-29");
    assert_eq!(deposit["receiver_name"], "(주)상점");
    let failure = one(FAILURE);
    assert_eq!(failure["extra"], json!({"RESULTCODE": "E101", "RESULTMSG": "한도 초과"}));
    let failed_cancel = one(r#"{"noti_type":"cancel","orderno":"1","RESULTCODE":"E1"}"#);
    assert_eq!(failed_cancel["kind"], "failure");
    assert_eq!(failed_cancel["extra"], json!({"RESULTCODE": "E1", "noti_type": "cancel"}));
}

#[test]
fn unknown_fields_are_kept_to_the_letter_on_one_line() {
    let value = one(UNDOCUMENTED);
    assert_eq!(value["extra"]["CP_ID"], "C00012");
    assert_eq!(value["extra"]["ETC7"], Value::Null);
    let body =
        "{\"noti_type\":\"cancel\",\"x\":1.10,\"y\":{ \"a\" :\n[1e999,\" \\u005b \"]},\"z\":\"\\u0041\"}";
    let mut out = Vec::new();
    parse(body.as_bytes(), "-").unwrap().write_json(b"", &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains(r#""extra":{"x":1.10,"y":{"a":[1e999," \u005b "]},"z":"\u0041"}"#), "{out}");
}

#[test]
fn either_case_numbers_null_and_both_names_are_read() {
    let value =
        one(r#"{"api_id":"a","OrderNo":12,"amount":4500,"Tid":null,"accept\u004eo":"7","BuyerID":"kim",
            "PayMethod":"BANK","AcceptDate":20261122093947,"etc1":true}"#);
    assert_eq!(value["order_no"], "12");
    assert_eq!(value["amount"], 4500);
    assert_eq!(value["tid"], Value::Null);
    assert_eq!(value["accept_no"], "7");
    assert_eq!(value["user_id"], "kim");
    assert_eq!(value["pay_method"], "BANK");
    assert_eq!(value["accepted_at"], "2026-11-22T09:39:47+09:00");
    assert_eq!(value["etc1"], "true");
    assert_eq!(value["problems"].as_array().unwrap().len(), 3, "{}", value["problems"]);
}

#[test]
fn what_cannot_be_read_is_a_problem_and_kept() {
    let body = CARD.replace("\"4500\"", "\"12a\"").replace("20261122093947\"", "어제\"");
    let body = body.replace("\"**000111\"", "{\"no\": 1}");
    let value = one(&body);
    assert_eq!(value["amount"], Value::Null);
    assert_eq!(value["accepted_at"], Value::Null);
    assert_eq!(value["extra"], json!({"AMOUNT": "12a", "ACCEPT_DATE": "어제", "CARDNO": {"no": 1}}));
    let expected = [
        "AMOUNT: no amount in won: `12a`",
        "ACCEPT_DATE: no date: `어제`",
        "CARDNO: an object where a text belongs",
    ];
    let mut said = problems(&body);
    said.sort();
    let mut expected = expected.map(str::to_owned);
    expected.sort();
    assert_eq!(said, expected);
}

#[test]
fn departures_are_told() {
    assert_eq!(problems(&CARD.replace("\"TID\"", "\"TIDE\"")), ["TID: missing"]);
    assert_eq!(problems(&CARD.replace("\"CARDNO\"", "\"X\"")), ["CARDNO: missing"]);
    assert_eq!(problems(&DEPOSIT.replace("\"CARDNO\"", "\"X\"")), [""; 0]);
    assert_eq!(problems(&DEPOSIT.replace("\"ACCOUNTNO\"", "\"X\"")), ["ACCOUNTNO: missing"]);
    assert_eq!(problems(&CARD.replace("\"SMS_INPUT\"", "\"X\"")), [""; 0]);
    assert_eq!(
        problems(&CARD.replace("\"ETC5\"", "\"etc1\"")),
        ["etc1: given more than once; the last value counts"]
    );
    assert_eq!(
        problems(&CARD.replace("\"ETC5\"", "\"x\": 1, \"x\"")),
        ["x: given more than once; the last value counts"]
    );
    assert_eq!(
        problems(&CARD.replace("\"30071234\"", "\"3\", \"ACCEPTNO\": \"4\"")),
        ["ACCEPTNO: differs from `ACCEPT_NO`"]
    );
    assert_eq!(
        problems(&CARD.replace("**000111", "\\u001b[31m")),
        ["CARDNO: control characters in the text"]
    );
    assert_eq!(problems(&CANCEL.replace("\"noti_type\": \"cancel\", ", "")), ["noti_type: missing"]);
}

#[test]
fn only_notifications_are_taken_for_notifications() {
    let fixtures =
        ["reply-sent", "reply-refused", "request-all", "request-sms", "token-ok", "urlcert-unpaid"];
    for name in fixtures {
        let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let body = std::fs::read_to_string(path).unwrap();
        assert_eq!(error(&body), DocumentError::NotANotification, "{name}");
    }
    for name in ["urlcert-paid", "urlcert-cancelled", "urlcert-awaiting-deposit"] {
        let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let body = std::fs::read_to_string(path).unwrap();
        assert_eq!(error(&body), DocumentError::UrlcertAnswer, "{name}");
    }
    for body in ["{}", r#"{"a":1}"#, r#"{"ORDERNO":"","AMOUNT":"1"}"#, r#"{"ORDERNO":"1"}"#] {
        assert_eq!(error(body), DocumentError::NotANotification, "{body}");
    }
    assert_eq!(one(r#"{"TID":"1","SMS_INPUT":"k"}"#)["kind"], "approval");
}

#[test]
fn nothing_that_tells_of_a_cancel_is_an_approval() {
    let refund = CARD.replace("\"ETC5\": \"\"", "\"noti_type\": \"refund\"");
    assert_eq!(error(&refund), DocumentError::UnknownType { noti_type: "refund".into() });
    let nested = CARD.replace("\"ETC5\": \"\"", "\"noti_type\": {}");
    assert!(matches!(error(&nested), DocumentError::UnknownType { .. }));
    let dated = CARD.replace("\"ETC5\": \"\"", "\"cancel_date\": \"20261123101500\"");
    let dated = one(&dated);
    assert_eq!((&dated["kind"], &dated["amount"]), (&json!("cancel"), &Value::Null));
    assert_eq!(dated["extra"], json!({"AMOUNT": "4500", "ACCEPT_DATE": "20261122093947"}));
    assert_eq!(one(&CARD.replace("\"ETC5\": \"\"", "\"RESULTCODE\": []"))["kind"], "failure");
    for field in ["cancel_date", "CANCEL_AMOUNT"] {
        let nested = one(&CARD.replace("\"ETC5\": \"\"", &format!("\"{field}\": {{\"value\": \"1\"}}")));
        assert_eq!((&nested["kind"], &nested["amount"]), (&json!("cancel"), &Value::Null), "{field}");
        assert_eq!(nested["extra"][field], json!({"value": "1"}));
    }
}

#[test]
fn a_form_body_is_decoded() {
    let value = one("ORDERNO=a%2B+b&AMOUNT=4500&BUYERNAME=%ED%99%8D%EA%B8%B8%EB%8F%99&CP_ID=%22&AMOUNT=1");
    assert_eq!(value["order_no"], "a+ b");
    assert_eq!(value["buyer_name"], "홍길동");
    assert_eq!(value["amount"], 1);
    assert_eq!(value["extra"], json!({"CP_ID": "\""}));
    assert_eq!(error("ORDERNO=%ff&AMOUNT=1"), DocumentError::NotUnicode { field: "ORDERNO".into() });
}
