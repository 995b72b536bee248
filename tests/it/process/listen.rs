//! `noti listen` as a process: where it listens, what it says, who may post, and how it ends.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use super::listening::{Listening, notification, post, status, stored, stored_tids};
use super::{Program, start, until, write_private};
use crate::support::with;

/// A program with a sandbox profile that nobody answers.
fn program() -> Program {
    let program = Program::new();
    program.configure_profile("sandbox", "http://127.0.0.1:1");
    program
}

const LISTEN: [&str; 4] = ["noti", "listen", "--listen", "127.0.0.1:0"];

#[test]
fn a_notification_is_stored_before_its_200_and_told() {
    let program = program();
    let listening = Listening::start(&program, &[]);
    assert_eq!(listening.url, format!("http://{}/noti", listening.address));
    let mut client = listening.client();
    for tid in ["T1", "T2"] {
        assert_eq!(client.exchange(&post("/noti", notification(tid))), (200, "OK".to_owned()));
        assert_eq!(stored(&program).last(), Some(&(tid.to_owned(), 1)));
    }
    client.exchange(&post("/noti", notification("T1")));
    client.exchange(&post("/noti", "x"));
    let said = listening.stop();
    for line in [
        "#1 approval T1 4500 won",
        "#2 approval T2 4500 won",
        "#1 came again",
        "refused 127.0.0.1 with 400: neither",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert_eq!(stored(&program), [("T1".to_owned(), 2), ("T2".to_owned(), 1)]);
}

#[test]
fn quiet_means_quiet() {
    let program = program();
    let listening = Listening::start(&program, &["-q"]);
    listening.deliver("T1");
    assert_eq!(listening.stop(), "");
}

#[test]
fn it_says_where_it_listens_in_every_format() {
    let program = program();
    for (format, expected) in [("table", "listening at http://127.0.0.1:"), ("csv", "url"), ("json", "{")] {
        let mut running = program.start(&with(&LISTEN, &["-o", format]));
        let mut line = String::new();
        let mut output = std::io::BufReader::new(running.child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut output, &mut line).unwrap();
        assert!(line.contains(expected), "{line}");
        running.signal("INT");
        running.finish().expect_code(0);
    }
}

#[test]
fn one_receiver_an_account_and_a_port() {
    let program = program();
    let listening = Listening::start(&program, &[]);
    let error = program.run(&with(&LISTEN, &["-o", "json"])).expect_code(11).error();
    assert!(error["message"].as_str().unwrap().contains("sandbox_shop01"), "{error}");
    // Another account of the same data directory is another matter, but for the port.
    let other = ["--profile", "local", "-o", "json"];
    let address = listening.address.to_string();
    let error = program.run(&with(&["noti", "listen", "--listen", &address], &other)).expect_code(11).error();
    assert!(error["message"].as_str().unwrap().contains("in use"), "{error}");
    Listening::start(&program, &["--profile", "local"]).stop();
    listening.stop();
    // A port that is free again can be taken at once.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    drop(taken);
    let mut command = program.command(&["noti", "listen", "--listen", &address, "-o", "jsonl"]);
    command.env("UNUSED", "");
    Listening::spawn(&program, command).stop();
}

#[test]
fn what_cannot_be_listened_at_is_exit_2_and_names_its_option() {
    let program = program();
    for (option, value) in [
        ("--listen", "nonsense"),
        ("--listen", "127.0.0.1"),
        ("--listen", "127.0.0.1:99999"),
        ("--listen", "192.0.2.1:0"),
        ("--path", "noti"),
        ("--path", "/a b"),
        ("--token", "canary-literal-7f3a9c"),
        ("--token", "env:canary-literal-7f3a9c"),
    ] {
        let ended = program.run(&["noti", "listen", option, value, "-o", "json"]).expect_code(2);
        let error = ended.error();
        assert_eq!(error["fields"][0]["field"], option, "{error}");
        assert!(!format!("{ended:?}").contains("canary"), "{ended:?}");
    }
}

#[test]
fn an_address_that_others_can_reach_is_warned_of() {
    let program = program();
    let everywhere = ["noti", "listen", "--listen", "0.0.0.0:0", "-q", "-o", "jsonl"];
    let said = Listening::spawn(&program, program.command(&everywhere)).stop();
    for line in [
        r#""level":"warning","message":"0.0.0.0:"#,
        "TLS: no",
        "allow-list of addresses: no",
        "a secret path: no",
        "README",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

const TOKEN: &str = "canary7f3a-9c31f0.canary";

/// Whether any file below this directory holds the token.
fn holds_token(directory: &Path) -> bool {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() {
            return holds_token(&path);
        }
        let bytes = fs::read(&path).unwrap();
        bytes.windows(10).any(|window| window == b"canary7f3a")
    })
}

#[test]
fn with_a_token_only_its_path_is_answered_and_nobody_sees_it() {
    let mut program = program();
    program.environment.insert("NOTI_TOKEN".to_owned(), TOKEN.to_owned());
    write_private(&program.home().join("secret/token"), &format!("{TOKEN}\n"));
    let config = program.config_file().parent().unwrap().to_path_buf();
    for (number, source) in [
        "env:NOTI_TOKEN",
        "{ env = \"NOTI_TOKEN\" }",
        "file:secret/token",
        "file:~/secret/token",
        "command:cat secret/token",
    ]
    .into_iter()
    .enumerate()
    {
        let listening = Listening::start(&program, &["-v", "--token", source]);
        assert!(listening.url.ends_with("/noti/****"), "{}", listening.url);
        let tid = format!("T{number}");
        let mut client = listening.client();
        for wrong in [
            "/noti",
            "/noti/",
            "/noti/canary7f3a-9c31f0.canarz",
            "/noti/****",
            "/noti/canary7f3a-9c31f0.canary/",
        ] {
            assert_eq!(client.exchange(&post(wrong, notification(&tid))).0, 404, "{wrong}");
        }
        assert_eq!(stored(&program).len(), number);
        assert_eq!(client.exchange(&post(&format!("/noti/{TOKEN}"), notification(&tid))).0, 200, "{source}");
        let said = listening.stop();
        assert!(!said.contains("canary"), "{said}");
    }
    assert_eq!(stored(&program).len(), 5);
    assert!(!holds_token(&program.data_directory()) && !holds_token(&config));
}

#[test]
fn a_token_that_is_missing_or_none_is_exit_3_and_not_shown() {
    let mut program = program();
    for (name, value) in [("SLASH", "canary-7f3a/canary-7f3a"), ("SPACE", "canary canary canary")] {
        program.environment.insert(name.to_owned(), value.to_owned());
        let ended =
            program.run(&["noti", "listen", "--token", &format!("env:{name}"), "-o", "json"]).expect_code(3);
        assert!(ended.error()["hint"].as_str().unwrap().contains("openssl rand"), "{ended:?}");
        assert!(!format!("{ended:?}").contains("canary"), "{ended:?}");
    }
    for source in ["env:MISSING", "file:missing", "command:false"] {
        program.run(&["noti", "listen", "--token", source, "-o", "json"]).expect_code(3);
    }
}

#[test]
fn told_to_stop_it_finishes_the_requests_in_flight() {
    for signal in ["TERM", "INT", "HUP"] {
        let program = program();
        let listening = Listening::start(&program, &[]);
        let body = notification("LATE");
        let mut late = listening.client();
        late.say(format!(
            "POST /noti HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
            body.len()
        ));
        assert_eq!(late.hear().0, 100);
        let mut idle = listening.client();
        assert_eq!(idle.exchange(&post("/noti", notification("EARLY"))).0, 200);
        listening.signal(signal);
        idle.is_left();
        let address = listening.address;
        until(|| TcpStream::connect(address).is_err());
        assert_eq!(late.exchange(body.as_bytes()), (200, "OK".to_owned()));
        late.is_left();
        listening.finish();
        assert_eq!(stored_tids(&program), ["EARLY", "LATE"]);
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let program = program();
    let mut listening = Listening::start(&program, &["--read-timeout", "60"]);
    let mut slow = listening.client();
    slow.say("POST /noti HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99\r\n\r\n");
    assert_eq!(slow.hear().0, 100);
    listening.signal("TERM");
    let address = listening.address;
    until(|| TcpStream::connect(address).is_err());
    listening.signal("TERM");
    assert_eq!(listening.child.wait().unwrap().code(), Some(143));
    assert_eq!(stored(&program), []);
}

#[test]
fn no_room_on_the_disk_means_no_200_until_there_is() {
    let program = program();
    // The ledger itself fits; its journal stops growing soon.
    Listening::start(&program, &[]).stop();
    let script = "ulimit -f 600 && exec \"$@\"";
    let arguments = with(&LISTEN, &["-q", "-o", "jsonl"]);
    let listening = Listening::spawn(&program, program.command_in_shell(script, &arguments));
    let mut client = listening.client();
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    for number in 0..400 {
        let tid = format!("D{number}");
        let long = notification(&tid).replacen('{', &format!("{{\"FILLER\":\"{}\",", "1".repeat(2000)), 1);
        let (head, _) = client.say(post("/noti", long)).try_hear().unwrap();
        match status(&head) {
            200 => kept.push(tid),
            503 => {
                assert!(head.to_ascii_lowercase().contains("\r\nretry-after: 5\r\n"), "{head}");
                refused.push(tid);
            }
            other => panic!("{other}"),
        }
        if refused.len() >= 20 {
            break;
        }
    }
    assert!(!kept.is_empty() && refused.len() >= 20, "{} kept, {} refused", kept.len(), refused.len());
    assert_eq!(stored_tids(&program), kept);
    let said = listening.stop();
    // Trouble is a warning: `-q` does not hide it, and it is told once.
    assert_eq!(said.matches("refused with 503 until").count(), 1, "{said}");
    assert!(said.contains(r#""level":"warning""#), "{said}");
    let listening = Listening::start(&program, &[]);
    refused.iter().chain(&kept).for_each(|tid| listening.deliver(tid));
    // Those that were kept had another field when they came first.
    let all: std::collections::BTreeSet<String> = stored_tids(&program).into_iter().collect();
    assert_eq!(all.len(), kept.len() + refused.len());
    listening.stop();
}

#[test]
fn a_ledger_that_cannot_be_made_is_exit_15() {
    let program = program();
    fs::create_dir_all(program.data_directory().parent().unwrap()).unwrap();
    fs::write(program.data_directory(), "").unwrap();
    let mut command = program.command(&with(&LISTEN, &["-o", "json"]));
    let error = start(command.stdin(std::process::Stdio::null())).finish().expect_code(15).error();
    assert_eq!(error["code"], "STORAGE", "{error}");
}
