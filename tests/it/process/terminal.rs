//! On a terminal, a real one: questions, colours, and tables that fit.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};
use unicode_width::UnicodeWidthStr;

use super::{PATIENCE, Program, coffee};
use crate::support::{COFFEE, with};

/// Starts it on a terminal of 80 columns that shows what is typed.
fn on_terminal(program: &Program, arguments: &[&str]) -> PtySession {
    let command = program.command_in_shell("stty echo cols 80 rows 24 && exec \"$@\"", arguments);
    spawn_command(command, Some(u64::try_from(PATIENCE.as_millis()).unwrap())).unwrap()
}

/// Everything up to its end, and the code it ended with.
fn rest(mut session: PtySession) -> (String, i32) {
    let text = decoded(&session.exp_eof().unwrap());
    match session.process().wait().unwrap() {
        WaitStatus::Exited(_, code) => (text, code),
        other => panic!("{other:?}: {text}"),
    }
}

/// What the terminal said: rexpect hands out every byte as a character of its own.
fn decoded(text: &str) -> String {
    String::from_utf8(text.chars().map(|byte| u8::try_from(byte).unwrap()).collect()).unwrap()
}

/// What is left of a text without the sequences that colour it.
fn colourless(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |whole, part| whole + part.split_once('m').unwrap().1)
}

fn live() -> (Program, super::Serving) {
    let program = Program::new();
    let emulator = program.serve(&[]);
    program.configure_profile("live", &emulator.url);
    (program, emulator)
}

#[test]
fn a_live_send_says_what_it_is_and_asks() {
    let (program, emulator) = live();
    for (answer, code, requests) in [("n", 13, 0), ("", 13, 0), ("maybe", 13, 0), ("y", 0, 1), ("예", 0, 2)]
    {
        let bill_no = format!("B{}", answer.len());
        let mut session = on_terminal(&program, &coffee(&bill_no));
        let question = decoded(&session.exp_string("[y/N]").unwrap());
        for shown in ["live", "홍길동", "01012345678", "4,500 won", "아메리카노"] {
            assert!(question.contains(shown), "{shown}: {question}");
        }
        assert_eq!(emulator.reached().0, requests - u64::from(code == 0));
        session.send_line(answer).unwrap();
        let (text, ended) = rest(session);
        assert_eq!((ended, emulator.reached().0), (code, requests), "{text}");
    }
}

#[test]
fn a_live_send_that_may_not_ask_is_refused() {
    let (program, emulator) = live();
    let (text, code) = rest(on_terminal(&program, &with(&coffee("B1"), &["--no-input"])));
    assert!(code == 13 && text.contains("--yes"), "{code} {text}");
    // The end of input is no yes.
    let mut session = on_terminal(&program, &coffee("B1"));
    session.exp_string("[y/N]").unwrap();
    session.send_control('d').unwrap();
    assert_eq!(rest(session).1, 13);
    // Ctrl-C at the question ends it before anything is sent.
    let mut session = on_terminal(&program, &coffee("B1"));
    session.exp_string("[y/N]").unwrap();
    session.send_control('c').unwrap();
    assert_eq!(rest(session).1, 130);
    assert_eq!(emulator.reached(), (0, 0, 0));
    let (text, code) = rest(on_terminal(&program, &with(&coffee("B1"), &["--yes"])));
    assert!(code == 0 && !text.contains("[y/N]"), "{code} {text}");
    // One that is known is not sent, so nothing is to be confirmed.
    assert!(!rest(on_terminal(&program, &coffee("B1"))).0.contains("[y/N]"));
}

#[test]
fn a_table_of_hangul_stands_straight_in_eighty_columns() {
    let (program, _emulator) = Program::with_emulator(&[]);
    for (bill_no, product, buyer) in [
        ("B1", "아메리카노", "홍길동"),
        ("B2", "정기 점검 십일월분과 그 밖의 아주 긴 상품명", "Kim"),
        ("B3", "T-shirt 티셔츠 (L)", "남궁민수"),
    ] {
        let mut arguments = with(&COFFEE, &["--bill-no", bill_no]);
        (arguments[4], arguments[8]) = (product, buyer);
        program.run(&arguments).expect_code(0);
    }
    for language in ["ko", "en"] {
        let (text, code) = rest(on_terminal(&program, &["list", "--lang", language]));
        let text = colourless(&text);
        let table: Vec<&str> =
            text.lines().filter(|line| line.starts_with(['╭', '│', '╞', '╰', '├'])).collect();
        let widths: Vec<usize> = table.iter().map(|line| line.width()).collect();
        assert!(code == 0 && table.len() > 5, "{text}");
        assert!(widths.iter().all(|&width| width == widths[0] && width <= 80), "{widths:?}\n{text}");
    }
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let (mut program, _emulator) = Program::with_emulator(&[]);
    program.send("B1").expect_code(0);
    let coloured = |program: &Program, more: &[&str]| {
        let shown = rest(on_terminal(program, &with(&["list"], more))).0;
        let failed = rest(on_terminal(program, &with(&["status", "nonsense"], more))).0;
        assert_eq!(shown.contains('\u{1b}'), failed.contains('\u{1b}'), "{shown}{failed}");
        shown.contains('\u{1b}')
    };
    assert!(coloured(&program, &[]));
    assert!(!coloured(&program, &["--color", "never"]));
    program.environment.insert("NO_COLOR".to_owned(), "1".to_owned());
    assert!(!coloured(&program, &[]));
    assert!(coloured(&program, &["--color", "always"]));
    program.environment.clear();
    let piped = program.run(&["list"]);
    assert!(
        !piped.stdout.contains('\u{1b}') && !program.run(&["status", "nonsense"]).stderr.contains('\u{1b}')
    );
    program.environment.insert("CLICOLOR_FORCE".to_owned(), "1".to_owned());
    assert!(program.run(&["list"]).stdout.contains('\u{1b}'));
}

#[test]
fn a_configuration_is_asked_for_and_its_key_is_not_shown() {
    let program = Program::new();
    let mut session = on_terminal(&program, &["config", "init"]);
    session.exp_string("live or sandbox").unwrap();
    session.send_line("live").unwrap();
    session.exp_string("API_ID").unwrap();
    session.send_line("shop01").unwrap();
    session.exp_string("ApiKey").unwrap();
    let _rest_of_the_question = session.exp_string("\n").unwrap();
    // The key is typed when the terminal has stopped to show it; until then there is nothing to see
    // from outside, so the terminal itself is asked.
    super::until(|| !echoes(&session));
    session.send_line("s3cr3t-typed-key").unwrap();
    let (text, code) = rest(session);
    assert!(code == 0 && !text.contains("s3cr3t"), "{code} {text}");
    let path = program.config_file();
    let written = fs::read_to_string(&path).unwrap();
    assert!(
        written.contains("api_key = \"s3cr3t-typed-key\"") && written.contains("\"shop01\""),
        "{written}"
    );
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let shown = program.run(&["config", "show"]).expect_code(0);
    assert!(shown.stdout.contains("****") && !shown.stdout.contains("s3cr3t"), "{shown:?}");
    // Asked again, it asks whether to replace it; no is no.
    let mut session = on_terminal(&program, &["config", "init"]);
    session.exp_string("[y/N]").unwrap();
    session.send_line("n").unwrap();
    assert_eq!(rest(session).1, 3);
    assert_eq!(fs::read_to_string(&path).unwrap(), written);
}

/// Whether the terminal shows what is typed.
fn echoes(session: &PtySession) -> bool {
    use std::os::fd::AsFd;
    let terminal = session.process().get_file_handle().unwrap();
    let settings = std::process::Command::new("stty")
        .arg("-a")
        .stdin(terminal.as_fd().try_clone_to_owned().unwrap())
        .output()
        .unwrap();
    !String::from_utf8(settings.stdout).unwrap().split_whitespace().any(|word| word == "-echo")
}
