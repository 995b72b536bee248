//! Any bytes at any speed: each refusal has its status, nothing is stored that is no notification, and real ones
//! always are.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::listening::{Client, Listening, notification, post, status, stored, stored_tids};
use super::{PATIENCE, Program, until};

/// A program with a receiver.
fn listening() -> (Program, Listening) {
    let program = Program::new();
    program.configure_profile("sandbox", "http://127.0.0.1:1");
    let listening = Listening::start(&program, &["--read-timeout", "30"]);
    (program, listening)
}

/// A program whose receiver has little patience.
fn impatient() -> (Program, Listening) {
    let program = Program::new();
    program.configure_profile("sandbox", "http://127.0.0.1:1");
    let listening = Listening::start(&program, &["--read-timeout", "0.3"]);
    (program, listening)
}

/// After all that was done to it a real notification is stored, and nothing else is.
#[track_caller]
fn still_works(program: &Program, listening: Listening, others: &[&str]) {
    listening.deliver("LAST");
    assert_eq!(stored_tids(program), [others, &["LAST"]].concat());
    let said = listening.stop();
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn what_is_no_notification_is_refused_with_400_and_a_short_reason() {
    let (program, listening) = listening();
    let deep_object = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let digits = "7".repeat(64 * 1024);
    let lone = notification("T1").replace("\\ud64d", "\\ud83d");
    let double_type = notification("T1").replacen('{', r#"{"noti_type":"cancel","noti_type":"refund","#, 1);
    let bodies: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b" \r\n\t".to_vec(),
        b"null".to_vec(),
        b"{}".to_vec(),
        b"[]".to_vec(),
        b"{\"TID\":".to_vec(),
        notification("T1").replace('}', "").into_bytes(),
        format!("[{}]", notification("T1")).into_bytes(),
        format!("{0}{0}", notification("T1")).into_bytes(),
        deep_object.into_bytes(),
        "[".repeat(64 * 1024).into_bytes(),
        format!("{{\"a\":{}", "[".repeat(60 * 1024)).into_bytes(),
        digits.clone().into_bytes(),
        lone.into_bytes(),
        double_type.into_bytes(),
        b"\xff\xfe\x00\x01garbage".repeat(1000),
        vec![0; 64 * 1024],
        b"<html><body>not found</body></html>".to_vec(),
        b"a=1&b=2".to_vec(),
        [b"{\"TID\":\"".as_slice(), &[0xC3, 0x28], b"\"}"].concat(),
    ];
    // On one connection, so that a refusal is seen to leave it usable.
    let mut client = listening.client();
    for body in &bodies {
        let (status, reason) = client.exchange(&post("/noti", body));
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!(status, 400, "{shown}: {reason}");
        assert!(reason.len() < 300 && !reason.trim().contains(char::is_control), "{shown}: {reason}");
    }
    assert_eq!(client.exchange(&post("/noti", notification("SAME"))).0, 200);
    still_works(&program, listening, &["SAME"]);
}

#[test]
fn odd_notifications_that_are_some_are_stored_as_they_came() {
    let (program, listening) = listening();
    let digits = notification("DIGITS").replacen('{', &format!("{{\"ETC9\":{},", "7".repeat(63 * 1024)), 1);
    let twice = notification("TWICE").replacen('{', "{\"TID\":\"OTHER\",", 1);
    let form = "API_ID=sandbox_shop01&ORDERNO=O9&AMOUNT=4500&TID=FORM&SMS_INPUT=K1";
    let mut client = listening.client();
    for (kind, body) in [
        ("application/json", digits.as_str()),
        ("text/html", &notification("HTML")),
        ("image/png; charset=euc-kr", &notification("IMAGE")),
        ("application/json", form),
        ("", &format!("\u{feff}{}\r\n", notification("BOM"))),
    ] {
        let request = format!(
            "POST /noti?from=cookiepay HTTP/1.1\r\nHost: shop\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        assert_eq!(client.exchange(request.as_bytes()), (200, "OK".to_owned()), "{kind}");
    }
    // Whichever of the two it is taken for: it is one notification, or none.
    let (status, _) = client.exchange(&post("/noti", twice));
    assert!([200, 400].contains(&status));
    let tids = stored_tids(&program);
    assert_eq!(tids[..5], ["DIGITS", "HTML", "IMAGE", "FORM", "BOM"]);
    let others: Vec<&str> = tids.iter().map(String::as_str).collect();
    still_works(&program, listening, &others);
}

#[test]
fn path_method_length_and_encoding_are_checked_in_that_order() {
    let (program, listening) = listening();
    let real = notification("T1");
    let large = "7".repeat(64 * 1024 + 1);
    for path in ["/", "/not", "/noti/", "/noti/x", "//noti", "/NOTI", "/%6eoti", "*", "/noti;a"] {
        assert_eq!(listening.client().exchange(&post(path, &real)).0, 404, "{path}");
    }
    assert_eq!(listening.client().exchange(&post("/other", &large)).0, 404);
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"] {
        let request = format!("{method} /noti HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n\r\n");
        let (head, _) = listening.client().say(request).try_hear().unwrap();
        assert_eq!(status(&head), 405, "{method}");
        assert!(head.to_ascii_lowercase().contains("\r\nallow: post\r\n"), "{head}");
    }
    let mut client = listening.client();
    client.say("HEAD /noti HTTP/1.1\r\nHost: shop\r\n\r\n");
    let mut line = String::new();
    std::io::BufRead::read_line(&mut client.0, &mut line).unwrap();
    assert_eq!(status(&line), 405);
    // Too large is told by its announcement, before any of it is awaited.
    let announced = "POST /noti HTTP/1.1\r\nHost: shop\r\nContent-Length: 65537\r\n\r\n";
    assert_eq!(listening.client().exchange(announced.as_bytes()).0, 413);
    let mut eager = listening.client();
    eager.say("POST /noti HTTP/1.1\r\nHost: shop\r\nContent-Length: 99999999\r\n\r\n").say(large.repeat(8));
    assert_eq!(eager.hear().0, 413);
    for encoding in ["gzip", "br", "identity, gzip"] {
        let request = format!(
            "POST /noti HTTP/1.1\r\nHost: shop\r\nContent-Encoding: {encoding}\r\nContent-Length: {}\r\n\r\n{real}",
            real.len()
        );
        assert_eq!(listening.client().exchange(request.as_bytes()).0, 415, "{encoding}");
    }
    assert_eq!(stored(&program), []);
    still_works(&program, listening, &[]);
}

#[test]
fn framings_of_every_age_are_understood_and_broken_ones_are_refused() {
    let (program, listening) = listening();
    let tell = |request: String| {
        let mut client = listening.client();
        client.exchange(request.as_bytes()).0
    };
    let body = |tid: &str| notification(tid);
    let old = body("OLD");
    let request = format!("POST /noti HTTP/1.0\r\nContent-Length: {}\r\n\r\n{old}", old.len());
    let mut client = listening.client();
    assert_eq!(client.exchange(request.as_bytes()), (200, "OK".to_owned()));
    client.is_left();
    let absolute = body("ABSOLUTE");
    let length = absolute.len();
    assert_eq!(
        tell(format!(
            "POST http://shop.example/noti?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{absolute}"
        )),
        200
    );
    let chunked = body("CHUNKED");
    let (one, two) = chunked.split_at(100);
    assert_eq!(
        tell(format!(
            "POST /noti HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{:x};a=b\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\nX: y\r\n\r\n",
            one.len(),
            two.len()
        )),
        200
    );
    let mut waiting = listening.client();
    let polite = body("POLITE");
    waiting.say(format!(
        "POST /noti HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        polite.len()
    ));
    assert_eq!(waiting.hear().0, 100);
    assert_eq!(waiting.exchange(polite.as_bytes()).0, 200);

    let real = body("T1");
    for (why, request) in [
        ("no length", format!("POST /noti HTTP/1.1\r\nHost: x\r\n\r\n{real}")),
        ("no length, 1.0", format!("POST /noti HTTP/1.0\r\n\r\n{real}")),
        (
            "a length that is none",
            format!("POST /noti HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{real}"),
        ),
        (
            "two lengths",
            format!("POST /noti HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{real}"),
        ),
        ("chunks in 1.0", format!("POST /noti HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{real}")),
        (
            "a chunk of no size",
            format!("POST /noti HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{real}"),
        ),
        (
            "a chunk beyond all sizes",
            format!(
                "POST /noti HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{real}"
            ),
        ),
        ("no HTTP", "garbage\r\n\r\n".to_owned()),
        ("an older HTTP", "POST /noti\r\n\r\n".to_owned()),
        ("a newer HTTP", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        ("zeroes", "\0\0\0\0\0\0\0\0\0\0\r\n\r\n".to_owned()),
        ("TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}".to_owned()),
        ("a header without a name", "POST /noti HTTP/1.1\r\n: x\r\n\r\n".to_owned()),
    ] {
        assert_eq!(tell(request), 400, "{why}");
    }
    let fields = "X-A: b\r\n".repeat(200);
    assert_eq!(tell(format!("POST /noti HTTP/1.1\r\n{fields}\r\n")), 431);
    assert_eq!(tell(format!("POST /noti HTTP/1.1\r\nX-A: {}\r\n\r\n", "a".repeat(40_000))), 431);
    assert_eq!(tell(format!("POST /{} HTTP/1.1\r\n\r\n", "a".repeat(40_000))), 431);
    still_works(&program, listening, &["OLD", "ABSOLUTE", "CHUNKED", "POLITE"]);
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let (program, listening) = impatient();
    let mut client = listening.client();
    let tids = ["P1", "P2", "P3", "P4", "P5"];
    let mut requests: Vec<u8> = tids.iter().flat_map(|tid| post("/noti", notification(tid))).collect();
    requests.extend(post("/other", "x"));
    requests.extend(post("/noti", notification("P6")));
    requests.extend(b"garbage\r\n\r\n");
    client.say(requests);
    let statuses: Vec<u16> = (0..8).map(|_| client.hear().0).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 404, 200, 400]);
    client.is_left();
    // The beginning of a second request that never ends is a slow request, too.
    let mut client = listening.client();
    client.say([post("/noti", notification("P7")), b"POST /noti HT".to_vec()].concat());
    assert_eq!((client.hear().0, client.hear().0), (200, 408));
    client.is_left();
    still_works(&program, listening, &["P1", "P2", "P3", "P4", "P5", "P6", "P7"]);
}

#[test]
fn slow_clients_are_told_so_and_idle_ones_are_left() {
    let (program, listening) = impatient();
    let begun = Instant::now();
    for start in [
        "P",
        "POST /noti HTTP/1.1\r\nHost: x\r\nX-A: ",
        "POST /noti HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n",
        "POST /noti HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"TID\":",
        "POST /noti HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"TID",
    ] {
        let mut client = listening.client();
        assert_eq!(client.say(start).hear().0, 408, "{start}");
        client.is_left();
    }
    // A byte now and then gains no time.
    for (head, drop) in [
        ("POST /noti HTTP/1.1\r\nHost: x\r\nX-A: ", "a"),
        ("POST /noti HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n", "7"),
        ("POST /noti HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n7\r\n"),
    ] {
        let mut client = listening.client();
        client.say(head);
        client.0.get_ref().set_read_timeout(Some(Duration::from_millis(10))).unwrap();
        let mut answer = None;
        until(|| {
            answer = client.say(drop).try_hear().ok();
            answer.is_some()
        });
        assert_eq!(status(&answer.unwrap().0), 408, "{head}");
    }
    // Idle ones are left without a word: a new one, and one that had its answer.
    listening.client().is_left();
    let mut kept = listening.client();
    assert_eq!(kept.exchange(&post("/noti", notification("KEPT"))).0, 200);
    kept.is_left();
    assert!(begun.elapsed() < PATIENCE);
    still_works(&program, listening, &["KEPT"]);
}

#[test]
fn chunks_that_never_end_are_refused_when_they_are_too_many() {
    let (program, listening) = listening();
    for chunk in [format!("1000\r\n{}\r\n", "7".repeat(4096)), "1\r\n7\r\n".repeat(1000)] {
        let mut client = listening.client();
        client.say("POST /noti HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        for _ in 0..100 {
            client.say(&chunk);
        }
        assert_eq!(client.hear().0, 413);
    }
    still_works(&program, listening, &[]);
}

#[test]
fn clients_that_leave_early_lose_nothing_and_gain_nothing() {
    let (program, listening) = listening();
    // It says that it has said everything, and still hears its answer.
    let mut silent = listening.client();
    silent.say(post("/noti", notification("SILENT"))).fall_silent();
    assert_eq!(silent.hear().0, 200);
    silent.is_left();
    // What breaks off is no notification.
    for part in ["POST /noti HT", "POST /noti HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"TID\":"] {
        let mut broken = listening.client();
        broken.say(part).fall_silent();
        assert_eq!(broken.hear().0, 400, "{part}");
        broken.is_left();
    }
    // One that does not wait for its answer may be stored; asking again makes no second.
    for _ in 0..20 {
        listening.client().say(post("/noti", notification("GONE")));
    }
    listening.deliver("GONE");
    let known = stored(&program);
    assert_eq!(known.iter().map(|(tid, _)| tid.as_str()).collect::<Vec<_>>(), ["SILENT", "GONE"]);
    still_works(&program, listening, &["SILENT", "GONE"]);
}

#[test]
fn copies_are_acknowledged_and_stored_once() {
    let (program, listening) = listening();
    let request = post("/noti", notification("T1"));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut client = listening.client();
                for _ in 0..5 {
                    assert_eq!(client.exchange(&request).0, 200);
                }
            });
        }
    });
    assert_eq!(stored(&program), [("T1".to_owned(), 40)]);
    still_works(&program, listening, &["T1"]);
}

/// A flood of clients of which each does that much, while real notifications come.
fn flood(limit: &str, count: usize, opening: &[u8]) {
    // Two floods at once would take more files than a test may usually have.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _held = ONE_AT_A_TIME.lock();
    let program = Program::new();
    program.configure_profile("sandbox", "http://127.0.0.1:1");
    let script = format!("ulimit -n {limit} && exec \"$@\"");
    let arguments = ["noti", "listen", "--listen", "127.0.0.1:0", "-o", "jsonl"];
    let listening = Listening::spawn(&program, program.command_in_shell(&script, &arguments));
    let mut held = Vec::new();
    let mut delivered = Vec::new();
    for number in 0..count {
        // Where the system's own queue is full, a connection may be refused; that is the flood's loss.
        if let Ok(mut client) = Client::connect(listening.address) {
            client.say(opening);
            held.push(client);
        }
        if number % (count / 10) == 0 {
            let tid = format!("REAL{number}");
            listening.deliver(&tid);
            delivered.push(tid);
        }
    }
    // Those that had to go in the middle of a request were told why.
    if !opening.is_empty() {
        assert_eq!(held[0].hear().0, 408);
    }
    drop(held);
    let others: Vec<&str> = delivered.iter().map(String::as_str).collect();
    still_works(&program, listening, &others);
}

#[test]
fn a_flood_of_silent_clients_keeps_no_real_one_out() {
    flood("1024", 600, b"");
}

#[test]
fn a_flood_of_half_requests_keeps_no_real_one_out() {
    flood("1024", 600, b"POST /noti HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n{");
}

#[test]
fn a_flood_where_files_are_few_keeps_no_real_one_out() {
    flood("64", 200, b"POST /noti HTTP/1.1\r\n");
}
