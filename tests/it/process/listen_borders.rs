//! Who may say what to a receiver, what it says of itself, and what it hands on with whose signature.

use std::fs;

use serde_json::Value;

use super::http::Listener;
use super::listening::{Listening, notification, post, stored_tids};
use super::{Program, until};
use crate::support::with;

fn program() -> Program {
    let program = Program::new();
    program.configure_profile("sandbox", "http://127.0.0.1:1");
    program
}

/// A request that posts this notification with these further lines in its head.
fn with_fields(fields: &str, tid: &str) -> Vec<u8> {
    let request = String::from_utf8(post("/noti", notification(tid))).unwrap();
    request.replacen("\r\nContent-Length", &format!("\r\n{fields}Content-Length"), 1).into_bytes()
}

#[test]
fn a_web_page_may_not_post() {
    let program = program();
    let listening = Listening::start(&program, &[]);
    for fields in [
        "Origin: https://evil.example\r\n",
        "Origin: null\r\n",
        "Origin: http://127.0.0.1:7500\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "sec-fetch-site: same-origin\r\n",
    ] {
        assert_eq!(listening.client().exchange(&with_fields(fields, "T1")).0, 403, "{fields}");
    }
    listening.deliver("T2");
    assert_eq!(stored_tids(&program), ["T2"]);
    assert!(listening.stop().contains("with 403: no web page may post"));
}

#[test]
fn a_head_that_two_parsers_may_read_differently_is_refused() {
    let program = program();
    let listening = Listening::start(&program, &[]);
    let body = notification("T1");
    let length = body.len();
    for head in [
        format!("POST /noti HTTP/1.1\nHost: shop\nContent-Length: {length}\n\n"),
        format!("POST /noti HTTP/1.1\r\nHost: shop\nContent-Length: {length}\r\n\r\n"),
        format!("POST /noti HTTP/1.1\r\nContent-Length: {length}\r\n\r\n"),
        format!("POST /noti HTTP/1.1\r\nHost: a\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"),
        format!(
            "POST /noti HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: {length}\r\n\r\n"
        ),
        format!(
            "POST /noti HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n"
        ),
    ] {
        let mut client = listening.client();
        assert_eq!(client.exchange(format!("{head}{body}").as_bytes()).0, 400, "{head}");
        client.is_left();
    }
    // Behind chunks nobody counts bytes, so nothing more is taken from there.
    let chunked = format!(
        "POST /noti HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n"
    );
    let mut client = listening.client();
    client.say([chunked.as_bytes(), b"POST /noti HTTP/1.1\nHost: a\n\n"].concat());
    assert_eq!(client.hear().0, 200);
    client.is_left();
    listening.deliver("T2");
    assert_eq!(stored_tids(&program), ["T1", "T2"]);
    listening.stop();
}

#[test]
fn this_machine_can_ask_whether_notifications_can_be_stored() {
    let program = program();
    let listening = Listening::start(&program, &[]);
    let ask = |fields: &str| format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n").into_bytes();
    let mut client = listening.client();
    assert_eq!(client.exchange(&ask("")), (200, "OK\n".to_owned()));
    assert_eq!(client.exchange(&post("/healthz", "x")).0, 405);
    // Somebody else asks by way of a proxy, or a page does.
    assert_eq!(listening.client().exchange(&ask("X-Forwarded-For: 192.0.2.1\r\n")).0, 404);
    assert_eq!(listening.client().exchange(&ask("Sec-Fetch-Site: none\r\n")).0, 403);
    assert_eq!(
        fs::read_dir(program.data_directory())
            .unwrap()
            .filter(|entry| { entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("health") })
            .count(),
        0
    );
    listening.stop();
    program.run(&["noti", "listen", "--path", "/healthz"]).expect_code(2);
    // What it would write has no room any more: a directory stands in its place.
    let listening = Listening::start(&program, &["-q"]);
    let probe = program.data_directory().join(format!("health.{}", listening.child.id()));
    fs::create_dir(&probe).unwrap();
    assert_eq!(listening.client().exchange(&ask("")).0, 503);
    fs::remove_dir(&probe).unwrap();
    assert_eq!(listening.client().exchange(&ask("")).0, 200);
    listening.stop();
}

#[test]
fn a_log_line_has_its_date_and_level_and_none_is_made_by_a_notification() {
    let program = program();
    let forged = notification("T1").replacen(
        "\"TID\": \"T1\"",
        r#""TID": "T1\n2026-11-22T00:00:00+09:00 warning: forged\u202e""#,
        1,
    );
    let listening = Listening::start(&program, &[]);
    let _stored_or_refused = listening.client().exchange(&post("/noti", &forged));
    listening.deliver("T2");
    let said = listening.stop();
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &lines {
        assert_eq!(line["type"], "log", "{said}");
        assert!(line["at"].as_str().unwrap().ends_with("+09:00"), "{said}");
        assert!(!line["message"].as_str().unwrap().starts_with("forged"), "{said}");
    }
    assert_eq!(lines.last().unwrap()["message"], "ended by SIGTERM or SIGHUP", "{said}");
    assert!(said.contains(r#""level":"info","message":"#), "{said}");

    let mut running = program.start(&["noti", "listen", "--listen", "127.0.0.1:0"]);
    let mut line = String::new();
    let mut output = std::io::BufReader::new(running.child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut output, &mut line).unwrap();
    let address = line.trim().trim_start_matches("listening at http://").trim_end_matches("/noti").to_owned();
    let mut client = super::listening::Client::connect(address.parse().unwrap()).unwrap();
    let _stored_or_refused = client.exchange(&post("/noti", &forged));
    assert_eq!(client.exchange(&post("/noti", notification("T3"))).0, 200);
    running.signal("INT");
    let said = running.finish().expect_code(0).stderr;
    assert!(
        !said
            .lines()
            .any(|line| line.contains("+09:00 warning: forged") && line.starts_with("2026-11-22T00")),
        "{said}"
    );
    let last = said.lines().last().unwrap();
    assert!(last.starts_with("20") && last.ends_with("+09:00 info: ended by Ctrl-C (SIGINT)"), "{said}");
}

/// HMAC-SHA256 as the system's openssl makes it, where there is one.
fn hmac(key: &str, text: &str) -> Option<String> {
    use std::io::Write;
    let mut command = std::process::Command::new("openssl");
    command.args(["dgst", "-sha256", "-hmac", key]).stdin(std::process::Stdio::piped());
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().ok()?;
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = String::from_utf8(child.wait_with_output().ok()?.stdout).ok()?;
    Some(output.trim().rsplit(' ').next()?.to_owned())
}

#[test]
fn what_is_handed_on_is_signed_for_both_targets() {
    const KEY: &str = "whsec-7f3a9c31f0b2";
    let mut program = program();
    program.environment.insert("SIGN_KEY".to_owned(), KEY.to_owned());
    let (told, heads) = std::sync::mpsc::channel();
    let target = Listener::answering(move |request| {
        told.send(request.to_owned()).unwrap();
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned()
    });
    let options = ["--forward", &target.url, "--sign", "env:SIGN_KEY"];
    let exec = ["--exec", "sh", "-c", "echo \"$COOKIEPAY_SIGNATURE\" > signed; cat > body"];
    let listening = Listening::start(&program, &with(&options, &exec));
    listening.deliver("T1");
    let head = heads.recv_timeout(super::PATIENCE).unwrap();
    let field = head.lines().find_map(|line| line.strip_prefix("cookiepay-signature: ")).unwrap();
    let body = target.bodies.recv_timeout(super::PATIENCE).unwrap();
    let check = |signature: &str, body: &str| {
        let (time, signature) = signature.trim().strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
        let Some(expected) = hmac(KEY, &format!("{time}.{body}")) else { return super::skip("no openssl") };
        assert_eq!(signature, expected);
    };
    check(field, &body);
    until(|| {
        let list = program.run(&["noti", "list", "-o", "json"]).expect_code(0).json();
        list["summary"]["by_delivery"]["delivered"] == 1
    });
    let read = |name: &str| fs::read_to_string(program.home().join(name)).unwrap();
    check(&read("signed"), read("body").trim_end());
    let said = listening.stop();
    assert!(!said.contains(KEY) && !body.contains(KEY) && !head.contains(KEY));
}

#[cfg(unix)]
#[test]
fn a_key_to_sign_with_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let program = program();
    let file = program.home().join("sign-key");
    fs::write(&file, "whsec-7f3a9c31f0b2\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let source = format!("file:{}", file.display());
    let listen = ["noti", "listen", "-o", "json", "--sign", &source, "--exec", "true"];
    let error = program.run(&listen).expect_code(3).error();
    assert_eq!(error["hint"], format!("chmod 600 {}", file.display()));
}

#[cfg(target_os = "linux")]
#[test]
fn no_core_dump_can_hold_a_key() {
    let program = program();
    let listening = Listening::start(&program, &[]);
    let process = format!("/proc/{}", listening.child.id());
    let limits = fs::read_to_string(format!("{process}/limits")).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(line.split_whitespace().nth(4), Some("0"), "{line}");
    // What may not be dumped belongs to root.
    let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata(format!("{process}/environ")).unwrap());
    assert_eq!(owner, 0);
    listening.stop();
}
