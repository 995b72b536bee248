//! Ctrl-C and SIGTERM: an answer under way is still taken, and only impatience loses it.

use super::{Program, coffee, until};

#[test]
fn an_interrupted_send_still_takes_and_records_its_answer() {
    for (signal, code, name) in [("INT", 130, "INTERRUPTED"), ("TERM", 143, "TERMINATED")] {
        let (program, emulator) = Program::with_emulator(&["delay=1s@send*1"]);
        let sending = program.start(&coffee("B1"));
        emulator.wait_for("send", 1);
        sending.signal(signal);
        let ended = sending.finish().expect_code(code);
        assert_eq!(ended.json()["outcome"], "sent");
        assert_eq!(
            (ended.error()["code"].as_str(), ended.error()["exit"].as_u64()),
            (Some(name), Some(code.into()))
        );
        assert_eq!(program.known("B1")["outcome"], "sent");
        assert_eq!(program.send("B1").expect_code(0).json()["outcome"], "already_sent");
        assert_eq!(emulator.reached(), (1, 1, 1));
    }
}

#[test]
fn an_interrupted_send_whose_answer_is_none_ends_as_unknown() {
    for signal in ["INT", "TERM"] {
        let (program, emulator) = Program::with_emulator(&["delay=1s@send*1", "drop-after@send*1"]);
        let sending = program.start(&coffee("B1"));
        emulator.wait_for("send", 1);
        sending.signal(signal);
        let ended = sending.finish().expect_code(7);
        assert_eq!(
            (ended.json()["outcome"].as_str(), ended.error()["exit"].as_u64()),
            (Some("unknown"), Some(7))
        );
        assert_eq!(program.known("B1")["outcome"], "unknown");
    }
}

#[test]
fn an_interrupted_send_that_was_refused_ends_as_interrupted() {
    let (program, emulator) = Program::with_emulator(&["delay=1s@send*1", "refuse=E101@send*1"]);
    let sending = program.start(&coffee("B1"));
    emulator.wait_for("send", 1);
    sending.signal("INT");
    let ended = sending.finish().expect_code(130);
    assert_eq!(
        (ended.json()["outcome"].as_str(), ended.error()["outcome"].as_str()),
        (Some("refused"), Some("refused"))
    );
}

#[test]
fn a_second_interrupt_stops_at_once_and_leaves_the_bill_unknown() {
    let (program, emulator) = Program::with_emulator(&["delay=60s@send*1"]);
    let mut sending = program.start(&with_timeout(&coffee("B1")));
    emulator.wait_for("send", 1);
    // Two signals that come before the first is handled are one.
    until(|| {
        sending.signal("INT");
        sending.child.try_wait().unwrap().is_some()
    });
    sending.finish().expect_code(7);
    assert_eq!(program.known("B1")["outcome"], "unknown");
    let again = program.send("B1").expect_code(7);
    assert_eq!(
        (again.json()["outcome"].as_str(), again.error()["code"].as_str()),
        (Some("unknown"), Some("OUTCOME_UNKNOWN"))
    );
    assert_eq!(emulator.reached(), (1, 1, 1));
}

#[test]
fn an_interrupted_resend_still_takes_and_records_its_answer() {
    let (program, emulator) = Program::with_emulator(&["delay=1s@send"]);
    program.send("B1").expect_code(0);
    let sending = program.start(&["resend", "B1", "--again", "-o", "json"]);
    emulator.wait_for("send", 2);
    sending.signal("INT");
    let ended = sending.finish().expect_code(130);
    assert_eq!(ended.json()["outcome"], "sent");
    assert_eq!(emulator.reached(), (2, 2, 1));
}

/// A timeout that cannot be what ended it.
fn with_timeout<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    crate::support::with(arguments, &["--timeout", "60"])
}

#[test]
fn waiting_for_a_payment_ends_at_the_first_signal() {
    let (program, emulator) = Program::with_emulator(&[]);
    let url_key = program.send("B1").expect_code(0).json()["url_key"].as_str().unwrap().to_owned();
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let before = emulator.requests("urlcert");
        let waiting = program.start(&["status", "--wait", "-o", "jsonl", &url_key]);
        emulator.wait_for("urlcert", before + 1);
        waiting.signal(signal);
        waiting.finish().expect_code(code);
    }
    assert_eq!(program.run(&["status", "-o", "json", &url_key]).expect_code(8).json()["state"], "unpaid");
}

#[test]
fn an_emulator_that_is_told_to_stop_ends_well() {
    for signal in ["INT", "TERM"] {
        let (_program, emulator) = Program::with_emulator(&[]);
        let mut emulator = std::mem::ManuallyDrop::new(emulator);
        let id = emulator.child.id().to_string();
        let sent =
            std::process::Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", signal, &id]).status();
        assert!(sent.unwrap().success());
        assert_eq!(emulator.child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn an_interrupt_ends_a_slow_reconcile_at_once_and_what_was_answered_is_recorded() {
    let (program, emulator) = Program::with_emulator(&[]);
    for number in ["B1", "B2", "B3"] {
        program.send(number).expect_code(0);
    }
    let asking = program.start(&["reconcile", "--rate", "0.01/s", "-o", "jsonl"]);
    emulator.wait_for("urlcert", 1);
    until(|| program.known("B1")["state"] == "unpaid");
    asking.signal("INT");
    let ended = asking.finish().expect_code(130);
    assert_eq!(ended.json_lines()[0]["bill_no"], "B1");
    assert_eq!(emulator.requests("urlcert"), 1);
}

#[test]
fn a_second_signal_ends_with_its_own_code_where_no_bill_is_under_way() {
    let (program, emulator) = Program::with_emulator(&["delay=60s@urlcert"]);
    program.send("B1").expect_code(0);
    for (asked, (signal, code)) in (1..).zip([("INT", 130), ("TERM", 143), ("HUP", 143)]) {
        let mut asking = program.start(&with_timeout(&["reconcile"]));
        emulator.wait_for("urlcert", asked);
        // Two signals that come before the first is handled are one.
        until(|| {
            asking.signal(signal);
            asking.child.try_wait().unwrap().is_some()
        });
        asking.finish().expect_code(code);
    }
}

/// Sends this signal until it has ended. Two signals that come before the first is handled are one.
fn insist(mut running: super::Running, signal: &str) -> crate::support::Ended {
    until(|| {
        running.signal(signal);
        running.child.try_wait().unwrap().is_some()
    });
    running.finish()
}

#[test]
fn a_program_that_a_signal_ends_at_once_says_so_in_the_last_line() {
    let (program, emulator) = Program::with_emulator(&["delay=60s@send", "delay=60s@token"]);
    let status = ["status", "a1B2c3D4e5F6g7H8i9J0"];
    for (asked, (signal, code, name)) in
        (1..).zip([("INT", 130, "INTERRUPTED"), ("TERM", 143, "TERMINATED"), ("HUP", 143, "TERMINATED")])
    {
        let asking = program.start(&with_timeout(&crate::support::with(&status, &["-o", "json"])));
        emulator.wait_for("token", asked);
        asking.signal(signal);
        let error = asking.finish().expect_code(code).error();
        assert_eq!(
            (&error["type"], &error["code"], &error["exit"]),
            (&"error".into(), &name.into(), &code.into())
        );
    }
    let sending = program.start(&with_timeout(&coffee("B1")));
    emulator.wait_for("send", 1);
    let error = insist(sending, "INT").expect_code(7).error();
    assert_eq!(
        (&error["code"], &error["outcome"], &error["exit"]),
        (&"OUTCOME_UNKNOWN".into(), &"unknown".into(), &7.into())
    );
    assert!(error["hint"].as_str().unwrap().contains("cookiepay reconcile"), "{error}");
}

#[test]
fn for_people_a_line_says_that_a_signal_ended_it() {
    let (program, emulator) = Program::with_emulator(&["delay=60s@send", "delay=60s@token"]);
    let asking = program.start(&with_timeout(&["token", "--refresh"]));
    emulator.wait_for("token", 1);
    asking.signal("INT");
    let said = asking.finish().expect_code(130).stderr;
    assert_eq!(said, "error: interrupted\n");
    let sending =
        program.start(&with_timeout(&crate::support::with(&crate::support::COFFEE, &["--bill-no", "B1"])));
    emulator.wait_for("send", 1);
    let said = insist(sending, "INT").expect_code(7).stderr;
    assert!(said.contains("may have been sent") && said.contains("`cookiepay reconcile`"), "{said}");
}
