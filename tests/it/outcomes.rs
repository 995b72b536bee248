//! The outcome rules (CONTRACT section 4), a test a row, with the emulator's own counts as witness
//! of what was sent.

use std::net::TcpListener;

use crate::fake::{Fake, SENT, reply};
use crate::support::{COFFEE, COFFEE_FOR_HONG, Ended, NOBODY, Scene, misbehave, reached, with};
use cookiepay::emulator::{Emulator, TlsFiles};

/// The command line of every test here.
fn bill_1() -> Vec<&'static str> {
    with(&COFFEE, &["-o", "json", "--bill-no", "B1"])
}

#[track_caller]
fn assert_outcome(ended: &Ended, outcome: &str) {
    let report = ended.json();
    assert_eq!((report["outcome"].as_str(), report["bill_no"].as_str()), (Some(outcome), Some("B1")));
}

/// The object on stdout and the error on stderr of an unknown outcome.
#[track_caller]
fn assert_unknown(ended: Ended) {
    let ended = ended.expect_code(7);
    assert_outcome(&ended, "unknown");
    let report = ended.json();
    assert!(report["url_key"].is_null() && report["pay_url"].is_null(), "{report}");
    let error = ended.error();
    assert_eq!(error["code"], "OUTCOME_UNKNOWN");
    assert_eq!(error["exit"], 7);
    assert_eq!(error["outcome"], "unknown");
    assert_eq!(error["bill_no"], "B1");
    assert!(error["hint"].as_str().unwrap().contains("cookiepay reconcile"), "{error}");
}

/// An unknown bill is remembered as such, and a repeat shows it and sends nothing.
#[track_caller]
fn assert_held(scene: &mut Scene) {
    assert_unknown(scene.run(&bill_1()));
    assert_eq!(scene.listed("B1")["outcome"], "unknown");
    let unknown = scene.run(&["list", "--outcome", "unknown", "-o", "json"]).expect_code(0).json();
    assert_eq!(unknown["summary"]["count"], 1);
}

/// Sends under that fault: the outcome is unknown, one request was made and never another, whether
/// or not CookiePay carried it out.
#[track_caller]
fn assert_unknown_under(fault: &str, messages: u64) -> (Scene, Emulator) {
    let (mut scene, emulator) = Scene::with_faults(&[fault]);
    assert_unknown(scene.run(&bill_1()));
    assert_eq!(reached(&emulator), (1, messages, messages));
    misbehave(&emulator, &[]);
    assert_held(&mut scene);
    assert_eq!(reached(&emulator), (1, messages, messages));
    (scene, emulator)
}

/// The same of a server that says this.
#[track_caller]
fn assert_unknown_after(status: &'static str, body: &'static str) {
    let fake = Fake::saying(status, body);
    let mut scene = Scene::with_sandbox(&fake.url());
    assert_unknown(scene.run(&bill_1()));
    assert_held(&mut scene);
    assert_eq!(fake.requests(), 1);
}

/// A reply with something before its JSON is still an answer.
#[track_caller]
fn assert_sent_under(fault: &str) {
    let (mut scene, emulator) = Scene::with_faults(&[fault]);
    let sent = scene.run(&bill_1()).expect_code(0);
    assert_outcome(&sent, "sent");
    assert!(sent.json()["pay_url"].as_str().unwrap().starts_with(&emulator.url()));
    assert_eq!(reached(&emulator), (1, 1, 1));
}

/// Nothing left this machine, so nothing is on the other side and the bill may be sent again.
#[track_caller]
fn assert_not_sent(ended: Ended) {
    let ended = ended.expect_code(6);
    assert_outcome(&ended, "not_sent");
    let error = ended.error();
    assert_eq!((error["code"].as_str(), error["outcome"].as_str()), (Some("NETWORK"), Some("not_sent")));
    assert!(error["hint"].as_str().unwrap().contains("--bill-no B1"), "{error}");
}

#[test]
fn each_channel_sends_its_own_message() {
    let (mut scene, emulator) = Scene::with_emulator();
    for (via, bill_no) in [("sms", "S"), ("kakao", "K"), ("email", "E")] {
        let more = [
            "--via",
            via,
            "--email",
            "hong@example.com",
            "--bill-no",
            bill_no,
            "--allow-duplicate",
            "-o",
            "json",
        ];
        let sent = scene.run(&with(&COFFEE_FOR_HONG, &more)).expect_code(0).json();
        assert_eq!((sent["outcome"].as_str(), sent["via"].as_str()), (Some("sent"), Some(via)));
        assert_eq!(sent["result_code"], "0000");
        assert_eq!(emulator.message_count(bill_no).unwrap(), 1);
    }
    let messages = emulator.counts().unwrap().messages;
    assert_eq!((messages.sms, messages.kakao, messages.email), (1, 1, 1));
}

#[test]
fn a_link_is_created_and_messages_nobody() {
    let (mut scene, emulator) = Scene::with_emulator();
    let more = ["--via", "link", "-o", "json"];
    let created = scene.run(&with(&COFFEE_FOR_HONG, &more)).expect_code(0).json();
    assert_eq!(created["outcome"], "created");
    assert!(created["url_key"].is_string() && created["pay_url"].is_string(), "{created}");
    assert_eq!(reached(&emulator), (1, 0, 1));
}

#[test]
fn a_clear_code_is_a_refusal() {
    let (mut scene, emulator) = Scene::with_faults(&["refuse=E101"]);
    let refused = scene.run(&bill_1()).expect_code(5);
    assert_outcome(&refused, "refused");
    assert_eq!(refused.json()["result_code"], "E101");
    let error = refused.error();
    assert_eq!((error["code"].as_str(), error["outcome"].as_str()), (Some("REFUSED"), Some("refused")));
    assert_eq!(scene.listed("B1")["outcome"], "refused");
    assert_eq!(reached(&emulator), (1, 0, 0));
}

#[test]
fn code_9999_about_the_api_id_is_refused_credentials() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.environment.insert("COOKIEPAY_API_KEY".to_owned(), "wrong-key".to_owned());
    let refused = scene.run(&bill_1()).expect_code(4);
    assert_outcome(&refused, "refused");
    assert_eq!(refused.json()["result_code"], "9999");
    let error = refused.error();
    assert_eq!(error["code"], "AUTH");
    assert!(error["message"].as_str().unwrap().contains("API_ID 값이 올바르지 않습니다"), "{error}");
    assert_eq!(reached(&emulator), (1, 0, 0));
}

#[test]
fn code_9999_about_anything_else_is_a_plain_refusal() {
    let fake = Fake::saying("200 OK", r#"{"RESULTCODE":"9999","RESULTMSG":"금액 오류"}"#);
    let mut scene = Scene::with_sandbox(&fake.url());
    assert_outcome(&scene.run(&bill_1()).expect_code(5), "refused");
    assert_eq!(fake.requests(), 1);
}

#[test]
fn a_refused_connection_proves_that_nothing_was_sent() {
    let mut scene = Scene::with_sandbox(NOBODY);
    assert_not_sent(scene.run(&bill_1()));
    assert_eq!(scene.listed("B1")["outcome"], "not_sent");
}

#[test]
fn an_unknown_host_proves_that_nothing_was_sent() {
    let mut scene = Scene::with_sandbox("https://nowhere.invalid");
    assert_not_sent(scene.run(&with(&bill_1(), &["--connect-timeout", "0.3"])));
}

#[test]
fn a_failed_tls_handshake_proves_that_nothing_was_sent() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.configure_sandbox(&emulator.url().replace("http:", "https:"), "");
    assert_not_sent(scene.run(&bill_1()));
    assert_eq!(reached(&emulator), (0, 0, 0));
}

#[test]
fn a_host_is_verified_by_the_authorities_that_the_environment_names() {
    let own = |name: &str| format!("{}/src/emulator/tests/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut scene = Scene::new();
    let mut options = scene.emulator_options(&scene.emulator_file(), &[]);
    options.tls = Some(TlsFiles { certificate: own("certificate.pem").into(), key: own("key.pem").into() });
    let emulator = Emulator::start(options).unwrap();
    scene.configure_sandbox(&format!("https://localhost:{}", emulator.address().port()), "");
    assert_not_sent(scene.run(&bill_1()));
    scene.environment.insert("SSL_CERT_FILE".to_owned(), own("certificate.pem"));
    assert_outcome(&scene.run(&bill_1()).expect_code(0), "sent");
    assert_eq!(reached(&emulator), (1, 1, 1));
}

#[test]
fn a_connection_that_is_not_made_in_time_proves_that_nothing_was_sent() {
    // The system accepts, nobody answers: TLS, a part of connecting, never ends.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut scene = Scene::with_sandbox(&format!("https://{}", silent.local_addr().unwrap()));
    for timeouts in [["--connect-timeout", "0.2"], ["--timeout", "0.8"]] {
        assert_not_sent(scene.run(&with(&bill_1(), &timeouts)));
    }
}

#[test]
fn a_reply_that_comes_too_late_is_unknown() {
    let (mut scene, emulator) = Scene::with_faults(&["delay=1s*1"]);
    assert_unknown(scene.run(&with(&bill_1(), &["--timeout", "0.4"])));
    assert_held(&mut scene);
    assert!(reached(&emulator).0 <= 1);
}

#[test]
fn a_connection_dropped_after_the_commit_is_unknown() {
    assert_unknown_under("drop-after", 1);
}

#[test]
fn a_connection_dropped_before_the_commit_is_unknown() {
    assert_unknown_under("drop-before", 0);
}

#[test]
fn a_reset_connection_is_unknown() {
    assert_unknown_under("reset", 1);
}

#[test]
fn http_500_is_unknown_although_its_body_says_0000() {
    assert_unknown_under("error-500", 1);
}

#[test]
fn any_other_5xx_is_unknown_whatever_its_body_says() {
    assert_unknown_after("503 Service Unavailable", SENT);
    assert_unknown_after("502 Bad Gateway", r#"{"RESULTCODE":"E101","RESULTMSG":"거절"}"#);
}

#[test]
fn a_redirect_is_unknown_and_not_followed() {
    let (_, emulator) = assert_unknown_under("redirect", 1);
    let requests = emulator.counts().unwrap().requests;
    assert_eq!((requests.send, requests.token, requests.urlcert), (1, 0, 0));
}

#[test]
fn a_redirect_is_unknown_although_its_body_says_0000() {
    assert_unknown_after("307 Temporary Redirect\r\nLocation: /urlpay/request", SENT);
}

#[test]
fn html_is_unknown() {
    assert_unknown_under("html", 1);
}

#[test]
fn a_truncated_body_is_unknown() {
    assert_unknown_under("truncated", 1);
}

#[test]
fn truncated_json_is_unknown() {
    assert_unknown_under("truncated-json", 1);
}

#[test]
fn json_without_a_code_is_unknown() {
    assert_unknown_under("no-code", 1);
}

#[test]
fn a_huge_reply_is_unknown() {
    assert_unknown_under("huge", 1);
}

#[test]
fn an_empty_reply_is_unknown() {
    assert_unknown_after("200 OK", "");
}

#[test]
fn code_0000_without_a_urlkey_is_unknown() {
    assert_unknown_after("200 OK", r#"{"RESULTCODE":"0000","RESULTMSG":"성공","URLKEY":""}"#);
}

#[test]
fn a_404_page_is_unknown() {
    assert_unknown_after("404 Not Found", "<html><body>Not Found</body></html>");
}

#[test]
fn no_option_sends_an_unknown_bill_again() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-after*1"]);
    for more in [&[][..], &["--yes"], &["--allow-duplicate"], &["--yes", "--allow-duplicate", "--wait"]] {
        assert_unknown(scene.run(&with(&bill_1(), more)));
    }
    scene.clock.advance(std::time::Duration::from_hours(24 * 365));
    assert_held(&mut scene);
    assert_eq!(reached(&emulator), (1, 1, 1));
}

#[test]
fn a_byte_order_mark_does_not_hide_the_answer() {
    assert_sent_under("bom");
}

#[test]
fn a_php_warning_does_not_hide_the_answer() {
    assert_sent_under("php-warning");
}

#[test]
fn below_500_the_code_of_the_body_decides_and_not_the_http_status() {
    let fake = Fake::saying("400 Bad Request", SENT);
    let mut scene = Scene::with_sandbox(&fake.url());
    assert_outcome(&scene.run(&bill_1()).expect_code(0), "sent");
    let fake = Fake::saying("403 Forbidden", r#"{"RESULTCODE":"E101","RESULTMSG":"거절"}"#);
    let mut scene = Scene::with_sandbox(&fake.url());
    assert_outcome(&scene.run(&bill_1()).expect_code(5), "refused");
}

#[test]
fn a_code_may_be_a_number() {
    let fake = Fake::new(|_| reply("200 OK", &SENT.replace(r#""0000""#, "0")));
    let mut scene = Scene::with_sandbox(&fake.url());
    let sent = scene.run(&bill_1()).expect_code(0);
    assert_eq!(sent.json()["result_code"], "0000");
}
