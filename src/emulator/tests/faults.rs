//! Each fault, seen from the socket, and what it leaves in the state.

use super::*;

fn send(local: &Local) -> Reply {
    let body = fixture("request-sms").to_string();
    local.post("/urlpay/request", &[("ApiKey", "key-1")], &body)
}

#[test]
fn drop_before_closes_and_does_nothing() {
    let local = Local::with_faults(&["drop-before*1"]);
    let reply = send(&local);
    assert!(reply.bytes.is_empty());
    assert!(reply.ended.is_ok(), "FIN, not RST");
    let counts = local.counts();
    assert_eq!((counts.bills, counts.messages.sms), (0, 0));
    assert_eq!(counts.requests.send, 1);
    assert_eq!(send(&local).json()["RESULTCODE"], "0000");
}

#[test]
fn drop_after_closes_when_all_is_done() {
    let local = Local::with_faults(&["drop-after*1"]);
    let reply = send(&local);
    assert!(reply.bytes.is_empty());
    assert!(reply.ended.is_ok(), "FIN, not RST");
    assert_eq!(local.counts().messages.sms, 1);
}

#[test]
fn reset_is_a_tcp_reset_when_all_is_done() {
    let local = Local::with_faults(&["reset"]);
    let reply = send(&local);
    assert!(reply.bytes.is_empty());
    assert_eq!(reply.ended.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(local.counts().messages.sms, 1);
}

#[test]
fn error_500_carries_a_body_that_claims_success() {
    let local = Local::with_faults(&["error-500"]);
    let reply = send(&local);
    assert_eq!(reply.status(), 500);
    let body: Value = serde_json::from_str(&reply.body()).unwrap();
    assert_eq!(body["RESULTCODE"], "0000");
    assert_eq!(local.counts().messages.sms, 1);
}

#[test]
fn html_is_a_web_page() {
    let local = Local::with_faults(&["html"]);
    let reply = send(&local);
    assert_eq!(reply.status(), 200);
    assert!(reply.head().contains("content-type: text/html"));
    assert!(reply.body().starts_with("<!DOCTYPE html>"));
    assert_eq!(local.counts().messages.sms, 1);
}

#[test]
fn truncated_sends_less_than_it_promises() {
    let local = Local::with_faults(&["truncated"]);
    let reply = send(&local);
    assert_eq!(reply.status(), 200);
    let head = reply.head();
    let promised: usize =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
    let body = reply.body();
    assert!(!body.is_empty() && body.len() < promised, "{head}");
    assert!(body.starts_with(r#"{"RESULTCODE":"0000""#));
    assert_eq!(local.counts().messages.sms, 1);
}

#[test]
fn truncated_json_is_a_whole_reply_with_half_its_json() {
    let local = Local::with_faults(&["truncated-json"]);
    let reply = send(&local);
    let body = reply.body();
    assert!(reply.head().contains(&format!("content-length: {}", body.len())));
    assert!(serde_json::from_str::<Value>(&body).is_err());
    assert_eq!(local.counts().messages.sms, 1);
}

#[test]
fn redirect_leads_elsewhere() {
    let local = Local::with_faults(&["redirect"]);
    let reply = send(&local);
    assert_eq!(reply.status(), 302);
    assert!(reply.head().contains("location: /login"));
    assert_eq!(local.counts().messages.sms, 1);
}

#[test]
fn no_code_leaves_out_only_the_code() {
    let local = Local::with_faults(&["no-code@send", "no-code@token"]);
    let reply = send(&local).json();
    assert!(reply.get("RESULTCODE").is_none());
    assert!(reply.get("URLKEY").is_some());
    let body = json!({"pay2_id": "shop", "pay2_key": "key"}).to_string();
    let reply = local.post("/payAuth/token", &[], &body).json();
    assert!(reply.get("RTN_CD").is_none());
    assert!(reply.get("TOKEN").is_some());
}

#[test]
fn a_php_warning_or_a_byte_order_mark_stands_before_the_json() {
    let local = Local::with_faults(&["php-warning*1", "bom"]);
    let body = send(&local).body();
    assert!(body.starts_with("<br />\n<b>Warning</b>"));
    assert!(body.contains("\n{\"RESULTCODE\":\"0000\""));
    let body = send(&local).body();
    assert!(body.starts_with("\u{feff}{\"RESULTCODE\":\"0000\""));
}

#[test]
fn huge_is_more_than_two_mebibytes() {
    let local = Local::with_faults(&["huge"]);
    let reply = send(&local);
    assert!(reply.body().len() > 2 * 1024 * 1024);
    assert_eq!(reply.json()["RESULTCODE"], "0000");
}

#[test]
fn refuse_answers_with_the_code_and_does_nothing() {
    let local = Local::with_faults(&["refuse=E101", "refuse=E102@token", "refuse=E103@urlcert"]);
    let reply = send(&local).json();
    assert_eq!(names(&reply), names(&fixture("reply-refused")));
    assert_eq!(reply["RESULTCODE"], "E101");
    assert_eq!(local.counts().bills, 0);
    let reply = local.post("/payAuth/token", &[], "{}").json();
    assert_eq!(names(&reply), names(&fixture("token-refused")));
    assert_eq!(reply["RTN_CD"], "E102");
    let reply = local.post("/api/urlcert", &[], "{}").json();
    assert_eq!(reply["RESULTCODE"], "E103");
}

#[test]
fn wrong_token_refuses_a_good_token_so_many_times() {
    let local = Local::with_faults(&["wrong-token*1"]);
    let key = local.bill();
    assert_eq!(local.urlcert(&key)["RESULTCODE"], "E010");
    assert_eq!(local.urlcert(&key)["RESULTCODE"], "EA01");
}

#[test]
fn delay_comes_after_the_commit() {
    // The client does not wait for the reply: it watches the state, which is done before.
    let local = Local::with_faults(&["delay=4s"]);
    let body = fixture("request-sms").to_string();
    let headers = [("ApiKey", "key-1"), ("Content-Type", "application/json")];
    let mut stream = TcpStream::connect(local.address()).unwrap();
    let request = request("POST", "/urlpay/request", &headers, &body, "close");
    stream.write_all(request.as_bytes()).unwrap();
    while local.counts().messages.sms == 0 {
        std::thread::yield_now();
    }
    stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    let error = stream.read(&mut [0]).unwrap_err();
    assert!(matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut));
    drop(stream);
}

#[test]
fn a_short_delay_ends_in_the_right_reply() {
    let local = Local::with_faults(&["delay=20ms", "bom"]);
    let begun = std::time::Instant::now();
    assert!(send(&local).body().contains("\"0000\""));
    assert!(begun.elapsed() >= Duration::from_millis(20));
}

#[test]
fn faults_can_be_changed_while_it_runs() {
    let local = Local::start();
    assert_eq!(send(&local).json()["RESULTCODE"], "0000");
    local.emulator().set_faults(vec!["refuse=E101".parse().unwrap()]);
    assert_eq!(send(&local).json()["RESULTCODE"], "E101");
    local.emulator().set_faults(Vec::new());
    assert_eq!(send(&local).json()["RESULTCODE"], "0000");
}

#[test]
fn the_journal_names_the_fault_and_the_lost_reply() {
    let local = Local::with_faults(&["drop-after*1"]);
    send(&local);
    let journal = local.journal.lock().unwrap().join("\n");
    assert!(journal.contains("2026-11-22T09:39:47+09:00 send no reply (0000) fault drop-after"), "{journal}");
    assert!(journal.contains("sms to 01012345678: [쿠키페이] 홍길동님, 아메리카노 4,500원"));
}
