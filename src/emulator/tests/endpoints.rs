//! The three endpoints: what they accept, what they refuse, and the exact shape of both.

use super::*;

#[test]
fn the_requests_of_the_manual_are_accepted_and_answered_in_its_shape() {
    let local = Local::start();
    for name in ["request-sms", "request-all"] {
        let request = fixture(name);
        let reply = local.send(&request);
        assert_eq!(names(&reply), names(&fixture("reply-sent")), "{name}");
        assert_eq!(reply["RESULTCODE"], "0000", "{name}: {reply}");
        assert_eq!(reply["RESULTMSG"], "성공");
        assert_eq!(reply["BILL_NO"], request["BILL_NO"]);
        let url_key = reply["URLKEY"].as_str().unwrap();
        assert_eq!(url_key.len(), 20);
        assert!(url_key.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(reply["PAYURL"], format!("http://127.0.0.1:7400/p/{url_key}"));
    }
    let counts = local.counts();
    assert_eq!(counts.bills, 2);
    assert_eq!(counts.requests.send, 2);
    assert_eq!((counts.messages.sms, counts.messages.email), (1, 1));
}

#[test]
fn absent_extras_are_empty_and_given_ones_come_back() {
    let local = Local::start();
    let plain = local.send(&fixture("request-sms"));
    assert_eq!((&plain["ETC1"], &plain["ETC2"]), (&json!(""), &json!("")));
    let full = local.send(&fixture("request-all"));
    assert_eq!(full["ETC1"], "계약 42");
    assert_eq!(full["ETC2"], "영업1팀");
}

#[test]
fn an_amount_may_be_a_number() {
    let local = Local::start();
    let mut request = fixture("request-sms");
    request["AMOUNT"] = json!(4500);
    assert_eq!(local.send(&request)["RESULTCODE"], "0000");
}

#[test]
fn a_refusal_is_http_200_with_a_code_and_makes_no_bill() {
    let local = Local::start();
    let mut request = fixture("request-sms");
    request["PRODUCTNAME"] = json!("빵 & 우유");
    let reply = local.send(&request);
    assert_eq!(names(&reply), names(&fixture("reply-refused")));
    assert_eq!(reply["RESULTCODE"], "E005");
    let reply = local.post("/urlpay/request", &[("ApiKey", "key-1")], "API_ID=a").json();
    assert_eq!(reply["RESULTCODE"], "E001");
    let counts = local.counts();
    assert_eq!((counts.bills, counts.requests.send), (0, 2));
}

#[test]
fn a_body_of_another_type_is_refused() {
    let local = Local::start();
    let body = fixture("request-sms").to_string();
    let headers = [("ApiKey", "key-1"), ("Content-Type", "text/plain")];
    let reply = exchange(local.address(), "POST", "/urlpay/request", &headers, &body);
    assert_eq!(reply.json()["RESULTCODE"], "E013");
}

#[test]
fn the_first_key_of_an_account_is_its_key_until_reset() {
    let local = Local::start();
    let request = fixture("request-sms");
    for key in ["", "wrong-key"] {
        assert_eq!(local.send_with_key(key, &request), fixture("reply-refused"), "`{key}`");
    }
    assert_eq!(local.send_with_key("key-1", &request)["RESULTCODE"], "0000");
    assert_eq!(local.send_with_key("key-2", &request), fixture("reply-refused"));
    local.state().reset().unwrap();
    assert_eq!(local.send_with_key("key-2", &request)["RESULTCODE"], "0000");
}

#[test]
fn no_key_is_stored_or_journalled() {
    let local = Local::start();
    let secret = "canary-5f1c";
    local.send_with_key(secret, &fixture("request-sms"));
    let body = json!({"pay2_id": "shop", "pay2_key": secret}).to_string();
    local.post("/payAuth/token", &[], &body);
    let directory = local.state_file().parent().unwrap().to_owned();
    for entry in std::fs::read_dir(directory).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!found);
    }
    assert!(!local.journal.lock().unwrap().join("\n").contains(secret));
}

#[test]
fn the_same_bill_again_is_the_same_link_and_another_message() {
    let local = Local::start();
    let mut request = fixture("request-sms");
    let first = local.send(&request);
    assert_eq!(local.send(&request), first);
    request["REQ_TYPE"] = json!("");
    assert_eq!(local.send(&request), first);
    request["REQ_TYPE"] = json!("KAKAO");
    assert_eq!(local.send(&request), first);
    let counts = local.counts();
    assert_eq!(counts.bills, 1);
    assert_eq!((counts.messages.sms, counts.messages.kakao), (2, 1));
    let count = local.emulator().message_count("B20261122000000001");
    assert_eq!(count.unwrap(), 3);
}

#[test]
fn a_known_bill_with_other_content_is_refused() {
    let local = Local::start();
    local.bill();
    for (name, value) in [
        ("AMOUNT", "4600"),
        ("PRODUCTNAME", "라떼"),
        ("BUYERNAME", "김이박"),
        ("BUYERHP", "01011112222"),
        ("BUYEREMAIL", "hong@example.com"),
    ] {
        let mut request = fixture("request-sms");
        request[name] = json!(value);
        assert_eq!(local.send(&request)["RESULTCODE"], "E007", "{name}");
    }
    let mut other_account = fixture("request-sms");
    other_account["API_ID"] = json!("sandbox_shop02");
    other_account["AMOUNT"] = json!("1");
    assert_eq!(local.send(&other_account)["RESULTCODE"], "0000");
}

#[test]
fn a_paid_or_cancelled_bill_is_not_sent_again() {
    let local = Local::start();
    let key = local.bill();
    local.state().pay(&key, Method::Card).unwrap();
    assert_eq!(local.send(&fixture("request-sms"))["RESULTCODE"], "E008");
    local.state().cancel(&key, None).unwrap();
    assert_eq!(local.send(&fixture("request-sms"))["RESULTCODE"], "E008");
    assert_eq!(local.counts().messages.sms, 1);
}

#[test]
fn a_bill_without_number_gets_one_that_nobody_has() {
    let local = Local::start_with(|options| options.random = Arc::new(|bytes| bytes.fill(1)));
    let mut request = fixture("request-sms");
    request.as_object_mut().unwrap().remove("BILL_NO");
    let first = local.send(&request);
    let second = local.send(&request);
    assert_eq!(first["BILL_NO"].as_str().unwrap().len(), 20);
    assert_ne!(first["BILL_NO"], second["BILL_NO"]);
    assert_ne!(first["URLKEY"], second["URLKEY"]);
}

#[test]
fn a_token_is_issued_in_the_shape_of_the_manual() {
    let local = Local::start();
    let body = json!({"pay2_id": "sandbox_shop01", "pay2_key": "key-2"}).to_string();
    let reply = local.post("/payAuth/token", &[], &body).json();
    assert_eq!(names(&reply), names(&fixture("token-ok")));
    assert_eq!(reply["RTN_CD"], "0000");
    let token = reply["TOKEN"].as_str().unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let claims = data_encoding::BASE64URL_NOPAD.decode(parts[1].as_bytes()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims, json!({"user": "sandbox_shop01", "iat": START, "exp": START + 3600}));
}

#[test]
fn a_wrong_pay2_key_is_refused_in_the_shape_of_the_manual() {
    let local = Local::start();
    local.token();
    for key in ["key-3", "wrong", ""] {
        let body = json!({"pay2_id": "sandbox_shop01", "pay2_key": key}).to_string();
        let reply = local.post("/payAuth/token", &[], &body).json();
        assert_eq!(reply, fixture("token-refused"), "`{key}`");
    }
}

#[test]
fn urlcert_wants_a_token_that_is_ours_and_not_expired() {
    let local = Local::start();
    let key = local.bill();
    let body = json!({ "URLKEY": key }).to_string();
    let ask = |headers: &[(&str, &str)]| local.post("/api/urlcert", headers, &body).json();
    assert_eq!(ask(&[])["RESULTCODE"], "E010");
    let foreign = fixture("token-ok")["TOKEN"].as_str().unwrap().to_owned();
    assert_eq!(ask(&[("TOKEN", &foreign)])["RESULTCODE"], "E010");
    let token = local.token();
    assert_eq!(ask(&[("TOKEN", &token)]), fixture("urlcert-unpaid"));
    local.pass(3600);
    assert_eq!(ask(&[("TOKEN", &token)])["RESULTCODE"], "E011");
    local.state().reset().unwrap();
    let fresh = local.token();
    assert_eq!(ask(&[("TOKEN", &token)])["RESULTCODE"], "E010");
    assert_eq!(ask(&[("TOKEN", &fresh)])["RESULTCODE"], "E012");
}

#[test]
fn urlcert_knows_urlkeys_only() {
    let local = Local::start();
    let key = local.bill();
    assert_eq!(local.urlcert(&key)["RESULTCODE"], "EA01");
    for other in ["", &key[..10], "nothing"] {
        assert_eq!(local.urlcert(other)["RESULTCODE"], "E012", "`{other}`");
    }
}

/// Sends the bill of `request-sms.json` as this merchant.
fn bill_of_merchant(local: &Local, api_id: &str) -> String {
    let mut request = fixture("request-sms");
    request["API_ID"] = json!(api_id);
    local.send(&request)["URLKEY"].as_str().unwrap().to_owned()
}

#[test]
fn urlcert_knows_the_links_of_another_merchant_only_with_a_fault() {
    let local = Local::start();
    let (ours, theirs) = (local.bill(), bill_of_merchant(&local, "sandbox_shop02"));
    local.state().pay(&theirs, Method::Card).unwrap();
    assert_eq!(local.urlcert(&theirs)["RESULTCODE"], "E012");
    assert_eq!(local.urlcert(&ours)["RESULTCODE"], "EA01");
    assert_eq!(local.urlcert(&theirs), local.urlcert("nothing"));
    local.emulator().set_faults(parsed(&["foreign-links*1"]));
    assert_eq!(local.urlcert(&theirs)["RESULTCODE"], "0000");
    assert_eq!(local.urlcert(&theirs)["RESULTCODE"], "E012");
}

#[test]
fn an_id_for_tokens_that_is_no_api_id_belongs_to_the_merchant_whose_link_it_asks_after_first() {
    let local = Local::start();
    let ask = |pay2_id: &str, key: &str| {
        let token = json!({"pay2_id": pay2_id, "pay2_key": "key-2"}).to_string();
        let token = local.post("/payAuth/token", &[], &token).json()["TOKEN"].as_str().unwrap().to_owned();
        let body = json!({ "URLKEY": key }).to_string();
        let reply = local.post("/api/urlcert", &[("TOKEN", &token)], &body).json();
        reply["RESULTCODE"].as_str().unwrap().to_owned()
    };
    let (first, second) = (local.bill(), bill_of_merchant(&local, "sandbox_shop02"));
    assert_eq!(ask("pay2_of_shop01", &first), "EA01");
    assert_eq!(ask("pay2_of_shop01", &second), "E012");
    // Either merchant has one such id, or asks by its own name.
    assert_eq!(ask("pay2_of_shop02", &first), "E012");
    assert_eq!(ask("pay2_of_shop02", &second), "EA01");
    assert_eq!(ask("sandbox_shop02", &first), "E012");
    assert_eq!(ask("sandbox_shop02", &second), "EA01");
}

#[test]
fn counts_are_served_as_json() {
    let local = Local::start();
    let key = local.bill();
    local.urlcert(&key);
    assert_eq!(
        local.get("/_emulator/counts").json(),
        json!({
            "requests": {"send": 1, "token": 1, "urlcert": 1},
            "messages": {"sms": 1, "email": 0, "kakao": 0},
            "bills": 1
        })
    );
}
