//! `send --from`: every row once, in the order of the file, however often the command is typed.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use crate::coffees::{self, HEADINGS, rows_from, sheet};
use crate::support::{Ended, NOBODY, Scene, asked, misbehave, reached, with};

/// Sends the sheet of this content as `march.csv`, as JSON lines.
pub fn send(scene: &mut Scene, content: &str, more: &[&str]) -> Ended {
    let file = coffees::write(scene.home(), "march.csv", content);
    let arguments = ["send", "--via", "sms", "-o", "jsonl", "--from", file.to_str().unwrap()];
    scene.run(&with(&arguments, more))
}

/// One field of every row that was told.
pub fn column(ended: &Ended, field: &str) -> Vec<String> {
    let text = |row: &Value| row[field].as_str().map_or_else(|| row[field].to_string(), str::to_owned);
    ended.json_lines().iter().map(text).collect()
}

#[test]
fn every_row_is_sent_once_and_told_in_the_order_of_the_file() {
    let (mut scene, emulator) = Scene::with_faults(&["delay=20ms@send*1"]);
    let ended = send(&mut scene, &sheet(30), &["--concurrency", "8"]).expect_code(0);
    assert_eq!(column(&ended, "outcome"), vec!["sent"; 30]);
    let rows: Vec<String> = (1..=30).map(|row| row.to_string()).collect();
    let buyers: Vec<String> = (1..=30).map(|row| format!("홍길동{row}")).collect();
    assert_eq!((column(&ended, "row"), column(&ended, "buyer")), (rows, buyers));
    assert_eq!(column(&ended, "batch"), vec!["march"; 30]);
    assert!(ended.stderr.contains("30 of 30 rows"), "{}", ended.stderr);
    assert_eq!(reached(&emulator), (30, 30, 30));
}

#[test]
fn the_same_command_again_sends_only_rows_that_were_added() {
    let (mut scene, emulator) = Scene::with_emulator();
    let first = send(&mut scene, &sheet(3), &[]).expect_code(0);
    let again = send(&mut scene, &sheet(3), &[]).expect_code(0);
    assert_eq!(column(&again, "outcome"), vec!["already_sent"; 3]);
    assert_eq!(column(&again, "bill_no"), column(&first, "bill_no"));
    assert_eq!(column(&again, "pay_url"), column(&first, "pay_url"));
    assert_eq!(reached(&emulator), (3, 3, 3));
    let more = send(&mut scene, &sheet(5), &[]).expect_code(0);
    assert_eq!(column(&more, "outcome"), ["already_sent", "already_sent", "already_sent", "sent", "sent"]);
    assert_eq!(reached(&emulator), (5, 5, 5));
}

#[test]
fn a_changed_row_is_refused_and_nothing_is_sent() {
    let (mut scene, emulator) = Scene::with_emulator();
    send(&mut scene, &sheet(3), &[]).expect_code(0);
    let one_put_first = format!("{HEADINGS}{}{}", rows_from(9, 1), rows_from(1, 3));
    for (changed, lines) in [(sheet(5).replace("4002", "4999"), 1), (one_put_first, 4)] {
        let ended = send(&mut scene, &changed, &[]).expect_code(13);
        let fields = ended.error()["fields"].as_array().unwrap().clone();
        assert_eq!(fields.len(), lines, "{ended:?}");
        assert!(fields[0]["rule"].as_str().unwrap().contains("amount"), "{ended:?}");
        assert!(fields[0]["field"].as_str().unwrap().starts_with("line "), "{ended:?}");
    }
    assert_eq!(reached(&emulator), (3, 3, 3));
    // What is not the content of a bill may change.
    let memos = sheet(3).replace("phone\n", "phone,memo\n").replace("-0002\n", "-0002,늦게\n");
    send(&mut scene, &memos, &[]).expect_code(0);
    assert_eq!(reached(&emulator), (3, 3, 3));
}

#[test]
fn derived_numbers_depend_on_merchant_batch_and_row_and_on_nothing_else() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let mut numbers = |content: &str, more: &[&str]| {
        let ended = send(&mut scene, content, &with(more, &["--dry-run"])).expect_code(0);
        let bodies = ended.json_lines();
        bodies.iter().map(|row| row["body"]["BILL_NO"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let march = numbers(&sheet(50), &[]);
    assert_eq!(march.iter().collect::<BTreeSet<_>>().len(), 50);
    let allowed = |number: &String| {
        (1..=20).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    assert!(march.iter().all(allowed), "{march:?}");
    // Known since the first release: another number would send every open batch anew.
    assert_eq!(march[0], "AG7JVV2P044SXJ0ZXSA2");
    assert_eq!(numbers(&sheet(50), &["--batch", "march"]), march);
    assert_eq!(numbers(&sheet(50).replace("아메리카노", "라떼"), &["--concurrency", "1"]), march);
    assert_eq!(numbers(&format!("{HEADINGS}\n\n{}", rows_from(1, 50)), &[]), march);
    let april = numbers(&sheet(50), &["--batch", "april"]);
    assert!(april.iter().all(|number| !march.contains(number)));
}

#[test]
fn rows_of_unknown_outcome_are_held_until_they_are_settled_or_sent_again_on_purpose() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-before@send*1", "drop-after@send*1"]);
    let one_by_one = ["--concurrency", "1"];
    let first = send(&mut scene, &sheet(3), &one_by_one).expect_code(7);
    assert_eq!(column(&first, "outcome"), ["unknown", "unknown", "sent"]);
    assert_eq!(first.error()["code"], "OUTCOME_UNKNOWN");
    let held = send(&mut scene, &sheet(3), &one_by_one).expect_code(7);
    assert_eq!(column(&held, "outcome"), ["unknown", "unknown", "already_sent"]);
    assert_eq!(reached(&emulator), (3, 2, 2));

    let on_purpose = ["--concurrency", "1", "--on-unknown", "resend"];
    let resent = send(&mut scene, &sheet(3), &on_purpose).expect_code(0);
    assert_eq!(column(&resent, "outcome"), ["sent", "sent", "already_sent"]);
    assert_eq!(column(&resent, "bill_no"), column(&first, "bill_no"));
    // Both were asked about first. The one whose answer was lost is messaged twice, because the operator
    // said so; the other had no link before.
    assert_eq!((reached(&emulator), asked(&emulator)), ((7, 4, 3), (1, 2)));
    let again = send(&mut scene, &sheet(3), &on_purpose).expect_code(0);
    assert_eq!(column(&again, "outcome"), vec!["already_sent"; 3]);
    assert_eq!(reached(&emulator).0, 7);
}

#[test]
fn refused_rows_are_partial_and_the_same_command_tries_them_again() {
    let (mut scene, emulator) = Scene::with_faults(&["refuse=E101@send*1"]);
    let first = send(&mut scene, &sheet(3), &["--concurrency", "1"]).expect_code(10);
    assert_eq!(column(&first, "outcome"), ["refused", "sent", "sent"]);
    let error = first.error();
    assert_eq!((column(&first, "result_code")[0].as_str(), &error["code"]), ("E101", &"PARTIAL".into()));
    assert_eq!(
        (&error["bill_no"], &error["outcome"]),
        (&first.json_lines()[0]["bill_no"], &"refused".into())
    );
    assert!(
        error["message"].as_str().unwrap().contains("a bill was refused or not sent: line 2, 홍길동1: "),
        "{error}"
    );
    let again = send(&mut scene, &sheet(3), &[]).expect_code(0);
    assert_eq!(column(&again, "outcome"), ["sent", "already_sent", "already_sent"]);
    assert_eq!(reached(&emulator), (4, 3, 3));
}

#[test]
fn an_unknown_row_counts_before_a_refused_one() {
    let (mut scene, _emulator) = Scene::with_faults(&["refuse=E101@send*1", "error-500@send*1"]);
    let ended = send(&mut scene, &sheet(3), &["--concurrency", "1"]).expect_code(7);
    assert_eq!(column(&ended, "outcome"), ["refused", "unknown", "sent"]);
    let error = ended.error();
    assert!(error["message"].as_str().unwrap().contains("line 3, 홍길동2: bill "), "{error}");
    assert_eq!(error["bill_no"], ended.json_lines()[1]["bill_no"]);
}

#[test]
fn refused_credentials_stop_the_batch() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&with(&crate::support::COFFEE, &[])).expect_code(0);
    let config = fs::read_to_string(scene.config_file()).unwrap();
    scene.configure(&config.replace(crate::support::API_KEY, "another-key"));
    let ended = send(&mut scene, &sheet(50), &["--concurrency", "2"]).expect_code(4);
    let told = column(&ended, "outcome");
    // One more may have been about to leave when the first refusal came.
    assert!(
        told.len() < 10 && told.iter().all(|outcome| ["refused", "not_sent"].contains(&&**outcome)),
        "{told:?}"
    );
    assert_eq!(told[0], "refused");
    assert!(ended.stderr.contains("not started"), "{}", ended.stderr);
    assert_eq!(reached(&emulator).1, 1);
    scene.configure(&config);
    send(&mut scene, &sheet(50), &[]).expect_code(0);
    assert_eq!((reached(&emulator).1, reached(&emulator).2), (51, 51));
}

#[test]
fn rows_that_never_left_are_sent_by_the_same_command_later() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.configure_sandbox(NOBODY, "");
    let down = send(&mut scene, &sheet(6), &[]).expect_code(10);
    assert_eq!(column(&down, "outcome"), vec!["not_sent"; 6]);
    scene.configure_sandbox(&emulator.url(), "");
    let up = send(&mut scene, &sheet(6), &[]).expect_code(0);
    assert_eq!(column(&up, "outcome"), vec!["sent"; 6]);
    assert_eq!(column(&up, "bill_no"), column(&down, "bill_no"));
    assert_eq!(reached(&emulator), (6, 6, 6));
}

#[test]
fn a_reply_that_is_lost_for_every_row_leaves_every_row_unknown_and_reconcile_settles_them() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-after@send"]);
    let lost = send(&mut scene, &sheet(20), &["--concurrency", "8"]).expect_code(7);
    assert_eq!(column(&lost, "outcome"), vec!["unknown"; 20]);
    misbehave(&emulator, &[]);
    let reconciled = scene.run(&["reconcile", "--batch", "march", "-o", "jsonl"]).expect_code(0);
    assert_eq!(column(&reconciled, "outcome"), vec!["linked"; 20]);
    // Whether these customers were messaged is unproved, and stays so.
    let again = send(&mut scene, &sheet(20), &[]).expect_code(0);
    assert_eq!(column(&again, "outcome"), vec!["linked"; 20]);
    assert!(again.stderr.contains("`cookiepay resend --batch march --linked`"), "{}", again.stderr);
    assert_eq!(reached(&emulator), (40, 20, 20));
}

#[test]
fn json_is_one_document_with_counts_and_csv_has_a_header() {
    let (mut scene, _emulator) = Scene::with_faults(&["refuse=E101@send*1"]);
    let file = coffees::write(scene.home(), "march.csv", sheet(3));
    let batch = ["send", "--via", "sms", "--concurrency", "1", "--from", file.to_str().unwrap()];
    let json = scene.run(&with(&batch, &["-o", "json"])).expect_code(10).json();
    assert_eq!(json["summary"]["count"], 3);
    assert_eq!(json["summary"]["amount"], 4001 + 4002 + 4003);
    assert_eq!(json["summary"]["by_outcome"], serde_json::json!({"refused": 1, "sent": 2}));
    let item = &json["items"][2];
    assert_eq!((&item["batch"], &item["row"], &item["schema"]), (&"march".into(), &3.into(), &1.into()));
    let csv = scene.run(&with(&batch, &["-o", "csv", "--bom"])).expect_code(0).stdout;
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("\u{feff}schema,profile,environment,live,outcome,bill_no,"), "{csv}");
    assert_eq!((lines.len(), lines[3].contains(",already_sent,")), (4, true), "{csv}");
}

#[test]
fn the_report_holds_every_row_in_the_order_of_the_file() {
    let (mut scene, _emulator) = Scene::with_faults(&["refuse=E101@send*1", "drop-after@send*1"]);
    let report = scene.home().join("report.csv");
    let more = ["--concurrency", "1", "--report", report.to_str().unwrap()];
    let ended = send(&mut scene, &sheet(4), &more).expect_code(7);
    let text = fs::read_to_string(&report).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("\u{feff}row,buyer,phone,product,amount,"), "{text}");
    assert_eq!(lines.len(), 5);
    for ((line, outcome), number) in
        lines[1..].iter().zip(["refused", "unknown", "sent", "sent"]).zip(column(&ended, "bill_no"))
    {
        assert!(line.contains(outcome) && line.contains(&number), "{line}");
    }
    // One that cannot be written keeps everything from being sent.
    let nowhere = scene.home().join("none/report.csv");
    let more = ["--batch", "april", "--allow-duplicate", "--report", nowhere.to_str().unwrap()];
    let error = send(&mut scene, &sheet(4), &more).expect_code(2).error();
    let message = format!("the report `{}` cannot be written: ", nowhere.display());
    assert!(error["message"].as_str().unwrap().starts_with(&message), "{error}");
    assert!(error["message"].as_str().unwrap().ends_with("; nothing was sent"), "{error}");
    assert!(!error.to_string().contains(".cookiepay-report"), "{error}");
    assert!(!error["hint"].as_str().unwrap().contains("recorded"), "{error}");
    assert_eq!(scene.run(&["list", "--batch", "april", "-o", "jsonl"]).stdout, "");
}

#[test]
fn a_dry_run_shows_every_request_and_leaves_no_trace() {
    let (mut scene, emulator) = Scene::with_emulator();
    let dry = send(&mut scene, &sheet(3), &["--dry-run"]).expect_code(0);
    assert_eq!((dry.json_lines().len(), reached(&emulator).0), (3, 0));
    assert!(!dry.stdout.contains(crate::support::API_KEY) && dry.stdout.contains("****"), "{dry:?}");
    assert!(!scene.data_directory().exists());
    send(&mut scene, &sheet(2), &[]).expect_code(0);
    let dry = send(&mut scene, &sheet(3), &["--dry-run"]).expect_code(0);
    assert_eq!(dry.json_lines().len(), 1);
    assert!(dry.stderr.contains("to send: 1 rows, 4,003 won"), "{}", dry.stderr);
    assert!(dry.stderr.contains("left out: already_sent (2 rows, 8,003 won)"), "{}", dry.stderr);
    // What would be refused is refused.
    send(&mut scene, &sheet(3).replace("4002", "1"), &["--dry-run"]).expect_code(13);
    assert_eq!(reached(&emulator).0, 2);
}

#[test]
fn list_writes_the_batch_again() {
    let (mut scene, _emulator) = Scene::with_emulator();
    send(&mut scene, &sheet(3), &[]).expect_code(0);
    send(&mut scene, &sheet(2), &["--batch", "april", "--allow-duplicate"]).expect_code(0);
    let csv = scene.run(&["list", "--batch", "march", "-o", "csv", "--bom"]).expect_code(0).stdout;
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("\u{feff}schema,") && lines[0].contains(",batch,row,"), "{csv}");
    assert_eq!(lines.len(), 4);
    assert!((1..=3).all(|row| lines[row].contains(&format!(",march,{row},"))), "{csv}");
}

#[test]
fn an_unknown_row_that_cannot_be_sent_again_stays_unknown() {
    for fault in ["refuse=E101@send*1", "drop-after@send*1"] {
        let (mut scene, emulator) = Scene::with_faults(&["drop-after@send*1"]);
        let sheet = scene.home().join("one.jsonl");
        let row = r#"{"via":"sms","product":"라떼","amount":"5000","buyer":"홍길동","phone":"01012345678"}"#;
        std::fs::write(&sheet, row).unwrap();
        let command = ["send", "--from", sheet.to_str().unwrap(), "-o", "jsonl"];
        scene.run(&command).expect_code(7);
        misbehave(&emulator, &[fault]);
        let again = scene.run(&with(&command, &["--on-unknown", "resend"])).expect_code(7);
        assert_eq!(again.json_lines()[0]["outcome"], "unknown", "{fault}");
        let requests = reached(&emulator).0;
        scene.run(&command).expect_code(7);
        assert_eq!(reached(&emulator).0, requests, "held again: {fault}");
    }
}

/// Panics when the third request is about to leave.
fn panic_at_the_third_request(moment: &'static str) {
    static REQUESTS: AtomicU64 = AtomicU64::new(0);
    assert!(moment != "before-request" || REQUESTS.fetch_add(1, Ordering::SeqCst) != 2, "of this test");
}

#[test]
fn a_worker_that_panics_ends_the_run_and_its_row_is_unknown() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.reached = panic_at_the_third_request;
    let ended = send(&mut scene, &sheet(50), &["--concurrency", "2"]).expect_code(7);
    let told = column(&ended, "outcome");
    assert_eq!(told.iter().filter(|outcome| *outcome == "unknown").count(), 1, "{told:?}");
    assert!(told.len() < 6, "{told:?}");
    assert!(
        ended.error()["hint"].as_str().unwrap().contains("cookiepay reconcile --batch march"),
        "{ended:?}"
    );
    scene.reached = |_| {};
    scene.run(&["reconcile"]).expect_code(0);
    send(&mut scene, &sheet(50), &[]).expect_code(0);
    assert_eq!((reached(&emulator).1, reached(&emulator).2), (49, 50));
}

/// Panics when an answer is about to be recorded.
fn panic_before_an_outcome(moment: &'static str) {
    assert!(moment != "before-outcome", "of this test");
}

#[test]
fn a_batch_that_panics_between_answers_and_their_record_ends_as_unknown() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.reached = panic_before_an_outcome;
    let ended = send(&mut scene, &sheet(20), &["--concurrency", "3"]).expect_code(7);
    assert_eq!(ended.error()["code"], "OUTCOME_UNKNOWN");
    scene.reached = |_| {};
    scene.run(&["reconcile"]).expect_code(0);
    send(&mut scene, &sheet(20), &[]).expect_code(0);
    assert_eq!((reached(&emulator).1, reached(&emulator).2), (20, 20));
}

/// The home folder of the test that takes its ledger away.
static HOME_WITHOUT_LEDGER: OnceLock<PathBuf> = OnceLock::new();

/// Removes the ledger after the fifth reply.
fn remove_the_ledger(moment: &'static str) {
    static REPLIES: AtomicU64 = AtomicU64::new(0);
    if moment == "after-reply" && REPLIES.fetch_add(1, Ordering::SeqCst) == 4 {
        let directory = HOME_WITHOUT_LEDGER.get().unwrap();
        for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
            fs::rename(directory.join(name), directory.join(format!("away-{name}"))).unwrap();
        }
    }
}

#[test]
fn a_ledger_that_is_taken_away_stops_the_batch_before_another_request() {
    let (mut scene, emulator) = Scene::with_emulator();
    HOME_WITHOUT_LEDGER.set(scene.data_directory()).unwrap();
    scene.reached = remove_the_ledger;
    let ended = send(&mut scene, &sheet(60), &["--concurrency", "1"]).expect_code(15);
    let error = ended.error();
    assert!(error["message"].as_str().unwrap().contains("removed or replaced"), "{error}");
    assert_eq!(
        (column(&ended, "outcome").pop().unwrap().as_str(), reached(&emulator)),
        ("unknown", (5, 5, 5))
    );
    // Put back, it goes on where it stopped.
    scene.reached = |_| {};
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        let directory = scene.data_directory();
        if let Err(error) = fs::rename(directory.join(format!("away-{name}")), directory.join(name)) {
            panic!("{name}: {error}");
        }
    }
    send(&mut scene, &sheet(60), &[]).expect_code(7);
    scene.run(&["reconcile"]).expect_code(0);
    assert_eq!((reached(&emulator).1, reached(&emulator).2), (60, 60));
}

/// Two rows sent, one refused, one unknown, one settled by `reconcile`.
fn mixed() -> (Scene, cookiepay::emulator::Emulator) {
    let (mut scene, emulator) = Scene::with_faults(&["drop-after@send*1"]);
    send(&mut scene, &sheet(1), &[]).expect_code(7);
    scene.run(&["reconcile"]).expect_code(0);
    misbehave(&emulator, &["refuse=E101@send*1", "drop-after@send*1"]);
    let first = send(&mut scene, &sheet(5), &["--concurrency", "1"]).expect_code(7);
    assert_eq!(column(&first, "outcome"), ["linked", "refused", "unknown", "sent", "sent"]);
    (scene, emulator)
}

#[test]
fn what_will_leave_is_counted_and_beside_it_what_is_left_out() {
    let (mut scene, _emulator) = mixed();
    let dry = send(&mut scene, &sheet(6), &["--dry-run"]).expect_code(0);
    for line in [
        "dry run: 6 rows, 24,021 won",
        "to send: 2 rows, 8,008 won",
        "left out: already_sent (2 rows, 8,009 won), linked (1 rows, 4,001 won), unknown (1 rows, 4,003 won)",
    ] {
        assert!(dry.stderr.contains(line), "{line}: {}", dry.stderr);
    }
    let resend = ["--dry-run", "--on-unknown", "resend"];
    let dry = send(&mut scene, &sheet(6), &resend).expect_code(0);
    assert!(dry.stderr.contains("to send: 3 rows, 12,011 won"), "{}", dry.stderr);
    let file = coffees::write(scene.home(), "march.csv", sheet(6));
    let json = ["send", "--via", "sms", "-o", "json", "--dry-run", "--from", file.to_str().unwrap()];
    let summary = scene.run(&json).expect_code(0).json()["summary"].clone();
    assert_eq!(summary["will_leave"], serde_json::json!({"count": 2, "amount": 8008}));
    assert_eq!(summary["left_out"]["linked"], serde_json::json!({"count": 1, "amount": 4001}));
}

#[test]
fn a_linked_row_stays_linked_and_is_counted_apart() {
    let (mut scene, emulator) = mixed();
    scene.run(&["reconcile"]).expect_code(0);
    let report = scene.home().join("report.csv");
    let again = send(&mut scene, &sheet(5), &["--report", report.to_str().unwrap()]).expect_code(0);
    assert_eq!(column(&again, "outcome"), ["linked", "sent", "linked", "already_sent", "already_sent"]);
    assert!(again.stderr.contains("2 already_sent, 2 linked, 1 sent"), "{}", again.stderr);
    assert!(again.stderr.contains("message is unproved: 2; `cookiepay resend --batch march --linked`"));
    assert_eq!(fs::read_to_string(report).unwrap().matches(",linked,").count(), 2);
    let url_key = scene.listed(&column(&again, "bill_no")[0])["url_key"].as_str().unwrap().to_owned();
    scene.pay(&url_key);
    scene.run(&["status", &url_key]).expect_code(0);
    // Who has paid needs no message.
    let paid = send(&mut scene, &sheet(5), &[]).expect_code(0);
    assert!(paid.stderr.contains("message is unproved: 1;"), "{}", paid.stderr);
    assert_eq!(reached(&emulator).1, 5);
}

#[test]
fn when_every_row_was_sent_before_the_summary_names_the_day_and_how_a_new_round_is_sent() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let first = send(&mut scene, &sheet(2), &[]).expect_code(0);
    assert!(!first.stderr.contains("no row is left"), "{}", first.stderr);
    let again = send(&mut scene, &sheet(2), &[]).expect_code(0);
    assert!(
        again.stderr.contains("no row is left to send; this batch was sent on 2026-11-22"),
        "{}",
        again.stderr
    );
    assert!(again.stderr.contains("`--batch NAME`"), "{}", again.stderr);
    scene.clock.advance(std::time::Duration::from_hours(24));
    let more = send(&mut scene, &sheet(3), &[]).expect_code(0);
    assert!(!more.stderr.contains("no row is left"), "{}", more.stderr);
    let again = send(&mut scene, &sheet(3), &[]).expect_code(0);
    assert!(again.stderr.contains("sent from 2026-11-22 to 2026-11-23"), "{}", again.stderr);
}

#[test]
fn unknown_rows_that_are_to_be_sent_again_are_asked_about_first_and_only_the_unpaid_are_messaged() {
    let (mut scene, emulator) = Scene::with_emulator();
    let first = send(&mut scene, &sheet(3), &[]).expect_code(0);
    let numbers = column(&first, "bill_no");
    // All three are messaged again without an answer, so all are unknown; one is paid.
    misbehave(&emulator, &["drop-after@send*3"]);
    for number in &numbers {
        scene.clock.advance(std::time::Duration::from_hours(1));
        scene.run(&["resend", number]).expect_code(7);
    }
    scene.pay(&column(&first, "url_key")[1]);
    let asked_before = asked(&emulator).1;
    let resend = ["--on-unknown", "resend", "--concurrency", "1"];
    let ended = send(&mut scene, &sheet(3), &resend).expect_code(0);
    assert_eq!(column(&ended, "outcome"), ["sent", "linked", "sent"]);
    assert_eq!(scene.listed(&numbers[1])["state"], "paid");
    assert_eq!((reached(&emulator), asked(&emulator).1 - asked_before), ((8, 8, 3), 3));
}

#[test]
fn a_row_whose_payment_cannot_be_asked_after_is_not_messaged() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-after@send*2"]);
    send(&mut scene, &sheet(2), &[]).expect_code(7);
    misbehave(&emulator, &["html@urlcert"]);
    let ended = send(&mut scene, &sheet(2), &["--on-unknown", "resend"]).expect_code(6);
    assert_eq!(column(&ended, "outcome"), ["linked", "linked"]);
    let (message, hint) = (ended.error()["message"].to_string(), ended.error()["hint"].to_string());
    assert!(message.contains("not be asked whether they were paid: 2"), "{ended:?}");
    assert!(message.contains("line 2, 홍길동1"), "{ended:?}");
    assert!(!message.contains("refused or not sent"), "{ended:?}");
    assert!(hint.contains("`cookiepay resend --batch march --linked`"), "{ended:?}");
    for wrong in ["no row is left", "a new round"] {
        assert!(!ended.stderr.contains(wrong), "{}", ended.stderr);
    }
    assert_eq!(reached(&emulator), (4, 2, 2));
    misbehave(&emulator, &[]);
    scene.run(&["resend", "--batch", "march", "--linked"]).expect_code(0);
    assert_eq!(reached(&emulator), (6, 4, 2));
}
