//! The pay page and the index, as a browser gets them.

use super::*;

#[test]
fn a_link_opens_a_page_that_offers_every_method() {
    let local = Local::start();
    let key = local.bill();
    let reply = local.get(&format!("/p/{}", &key[..10]));
    assert_eq!(reply.status(), 200);
    let body = reply.body();
    for part in [
        "id=\"emulator-banner\"",
        "data-state=\"unpaid\"",
        "4,500<small>원</small>",
        "아메리카노",
        "id=\"method-card\" value=\"card\" checked",
        "id=\"method-bank\"",
        "id=\"method-vacct\"",
        "id=\"method-mobile\"",
        "id=\"pay\"",
        "4,500원 결제하기",
    ] {
        assert!(body.contains(part), "{part}");
    }
    for outside in ["http://", "https://", "<script", "url(", "@import", "style="] {
        assert!(!body.contains(outside), "{outside}");
    }
}

#[test]
fn the_headers_allow_nothing_but_the_page_itself() {
    let local = Local::start();
    let key = local.bill();
    for path in ["/".to_owned(), format!("/p/{key}")] {
        let head = local.get(&path).head();
        for part in [
            "content-security-policy: default-src 'none'; style-src 'sha256-",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "x-content-type-options: nosniff",
            "x-frame-options: deny",
            "referrer-policy: same-origin",
            "cache-control: no-store",
        ] {
            assert!(head.contains(part), "{path}: {part}");
        }
    }
}

#[test]
fn paying_leads_back_to_a_page_that_says_paid() {
    let local = Local::start();
    let key = local.bill();
    let path = format!("/p/{}", &key[..10]);
    let reply = local.form(&format!("{path}/pay"), "method=card");
    assert_eq!(reply.status(), 303);
    assert!(reply.head().contains(&format!("location: {}", path.to_lowercase())));
    let body = local.get(&path).body();
    assert!(body.contains("data-state=\"paid\""));
    assert!(body.contains("4,500원 결제 완료"));
    assert!(!body.contains("id=\"pay\""));
    assert_eq!(local.urlcert(&key)["RESULTCODE"], "0000");
}

#[test]
fn a_paid_page_refuses_a_second_payment() {
    let local = Local::start();
    let key = local.bill();
    let path = format!("/p/{key}/pay");
    local.form(&path, "method=card");
    let reply = local.form(&path, "method=card");
    assert_eq!(reply.status(), 409);
    assert!(reply.body().contains("이미 결제된 청구서입니다"));
    local.state().cancel(&key, None).unwrap();
    let reply = local.form(&path, "method=card");
    assert_eq!(reply.status(), 409);
    assert!(reply.body().contains("data-state=\"cancelled\""));
}

#[test]
fn a_virtual_account_is_paid_by_its_own_button_only() {
    let local = Local::start();
    let key = local.bill();
    let path = format!("/p/{}", &key[..10]);
    assert_eq!(local.form(&format!("{path}/deposit"), "").status(), 409);
    assert_eq!(local.form(&format!("{path}/pay"), "method=vacct").status(), 303);
    // The form sent twice, as a double click does, is no deposit.
    assert_eq!(local.form(&format!("{path}/pay"), "method=vacct").status(), 409);
    let body = local.get(&path).body();
    assert!(body.contains("data-state=\"awaiting_deposit\""));
    assert!(body.contains("id=\"deposit\""));
    assert!(body.contains("2026.11.29"));
    assert_eq!(local.form(&format!("{path}/deposit"), "").status(), 303);
    assert!(local.get(&path).body().contains("data-state=\"paid\""));
}

#[test]
fn a_method_that_does_not_exist_is_refused() {
    let local = Local::start();
    let key = local.bill();
    let reply = local.form(&format!("/p/{key}/pay"), "method=gold");
    assert_eq!(reply.status(), 400);
    assert!(reply.body().contains("id=\"notice\""));
    assert_eq!(local.urlcert(&key)["RESULTCODE"], "EA01");
}

#[test]
fn an_unknown_link_is_not_found() {
    let local = Local::start();
    let reply = local.get("/p/%3Cscript%3Ealert(1)%3C%2Fscript%3E");
    assert_eq!(reply.status(), 404);
    assert!(!reply.body().contains("<script"));
    let reply = local.get("/p/nothing");
    assert_eq!(reply.status(), 404);
    assert!(reply.body().contains("청구서를 찾을 수 없습니다"));
    assert_eq!(local.form("/p/nothing/pay", "method=card").status(), 404);
}

#[test]
fn everything_from_outside_is_escaped() {
    let local = Local::start();
    let mut request = fixture("request-sms");
    for name in ["PRODUCTNAME", "BUYERNAME", "MEMO", "BILL_NO", "API_ID"] {
        request[name] = json!("<script>1'\"</a>");
    }
    let reply = local.send(&request);
    assert_eq!(reply["RESULTCODE"], "0000");
    let key = reply["URLKEY"].as_str().unwrap();
    local.state().pay(key, Method::Card).unwrap();
    for path in ["/".to_owned(), format!("/p/{key}")] {
        let body = local.get(&path).body();
        assert!(!body.contains("<script"), "{path}");
        assert!(body.contains("&lt;script&gt;1&#39;&quot;&lt;/a&gt;"), "{path}");
    }
}

#[test]
fn the_index_lists_bills_and_the_outbox() {
    let local = Local::start();
    assert!(local.get("/").body().contains("아직 청구서가 없습니다"));
    let key = local.bill();
    local.send(&fixture("request-all"));
    let body = local.get("/").body();
    assert!(body.contains(&format!("<a href=\"/p/{}\">아메리카노</a>", &key[..10])));
    // Whoever looks over the operator's shoulder reads no whole number.
    assert!(body.contains("010****5678") && !body.contains("01012345678"), "{body}");
    assert!(body.contains("k***@example.com") && !body.contains("kim@example.com"), "{body}");
    assert!(body.contains("두 번째 안내"));
    assert!(body.contains("<dd id=\"count-bills\">2</dd>"));
}
