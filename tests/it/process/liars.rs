//! A receiver among liars: forgeries cost CookiePay few questions and the genuine one no time, and nobody who can
//! post reaches the database of the bills.

use super::Program;
use super::http::Listener;
use super::listening::{Listening, notification, post};
use crate::support::with;

/// Forgeries that wait, each of a link of its own.
const FORGERIES: usize = 150;

#[test]
fn forgeries_that_wait_cost_few_questions_and_the_genuine_one_comes_first() {
    let (program, emulator) = Program::with_emulator(&[]);
    let sent = program.send("B1").expect_code(0).json();
    let key = sent["url_key"].as_str().unwrap().to_owned();
    program.run(&["emulator", "pay", &key]).expect_code(0);
    let genuine = super::notifications::claim(&program, &key);
    let listening = Listening::start(&program, &["-q"]);
    let mut client = listening.client();
    for number in 0..FORGERIES {
        let forged =
            notification(&format!("F{number}")).replace("a1B2c3D4e5F6g7H8i9J0", &format!("Key{number}"));
        assert_eq!(client.exchange(&post("/noti", forged)).0, 200);
    }
    assert_eq!(client.exchange(&post("/noti", &genuine)).0, 200);
    listening.stop();
    // Nobody asked for a check yet.
    let store = rusqlite::Connection::open(program.data_directory().join("notifications.db")).unwrap();
    let waiting = "SELECT count(*) FROM notifications WHERE verify_at IS NOT NULL";
    assert_eq!(store.query_row(waiting, [], |row| row.get::<_, u64>(0)).unwrap(), 0);
    drop(store);
    let asked_before = emulator.requests("urlcert");
    let _listening = Listening::start(&program, &["-q", "--verify"]);
    super::until(|| {
        let list =
            program.run(&["noti", "list", "--verdict", "confirmed", "-o", "json"]).expect_code(0).json();
        list["items"][0]["url_key"] == key.as_str()
    });
    let asked = emulator.requests("urlcert") - asked_before;
    assert!(asked < 20, "{asked} questions before the genuine one was confirmed");
}

#[test]
fn what_anybody_can_post_does_not_reach_the_database_of_the_bills() {
    let (program, _emulator) = Program::with_emulator(&[]);
    program.send("B1").expect_code(0);
    let ledger = program.data_directory().join("ledger.db");
    let listening = Listening::start(&program, &["-q"]);
    let before = std::fs::metadata(&ledger).unwrap().len();
    let mut client = listening.client();
    for number in 0..40 {
        let long = notification(&format!("F{number}")).replacen(
            '{',
            &format!("{{\"FILLER\":\"{}\",", "1".repeat(50_000)),
            1,
        );
        assert_eq!(client.exchange(&post("/noti", long)).0, 200);
    }
    listening.stop();
    program.run(&["list"]).expect_code(0);
    let after = std::fs::metadata(&ledger).unwrap().len();
    assert!(after < before + 100_000, "{before} bytes before, {after} after");
}

#[test]
fn a_link_that_cookiepay_does_not_know_costs_no_renewal_of_the_token() {
    let (program, emulator) = Program::with_emulator(&[]);
    let sent = program.send("B1").expect_code(0).json();
    let key = sent["url_key"].as_str().unwrap().to_owned();
    program.run(&["emulator", "pay", &key]).expect_code(0);
    let genuine = super::notifications::claim(&program, &key);
    let listening = Listening::start(&program, &["-q", "--verify"]);
    let mut client = listening.client();
    let verdict_of = |number: &str| {
        let list = program.run(&["noti", "list", "--id", number, "-o", "json"]).expect_code(0).json();
        list["items"][0]["verdict"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(client.exchange(&post("/noti", &genuine)).0, 200);
    super::until(|| verdict_of("1") == "confirmed");
    let tokens = emulator.requests("token");
    assert_eq!(client.exchange(&post("/noti", notification("F1"))).0, 200);
    super::until(|| verdict_of("2") == "unconfirmed");
    assert_eq!(emulator.requests("token"), tokens);
}

#[test]
fn beyond_the_store_limit_only_what_is_of_a_link_of_ours_is_taken() {
    let (program, _emulator) = Program::with_emulator(&[]);
    let sent = program.send("B1").expect_code(0).json();
    let key = sent["url_key"].as_str().unwrap().to_owned();
    let listening = Listening::start(&program, &["--store-limit", "2K"]);
    let mut client = listening.client();
    let statuses: Vec<u16> =
        (0..5).map(|number| client.exchange(&post("/noti", notification(&format!("F{number}")))).0).collect();
    assert_eq!(statuses, [200, 200, 503, 503, 503]);
    let ours = notification("T1").replace("a1B2c3D4e5F6g7H8i9J0", &key);
    assert_eq!(client.exchange(&post("/noti", ours)).0, 200);
    // A copy takes no room.
    assert_eq!(client.exchange(&post("/noti", notification("F0"))).0, 200);
    let said = listening.stop();
    assert_eq!(said.matches("there is no room").count(), 1, "{said}");
}

#[test]
fn of_all_verdicts_only_confirmed_hands_on_what_is_confirmed_and_nothing_else() {
    let (program, _emulator) = Program::with_emulator(&[]);
    let link = |bill_no: &str, more: &[&str]| {
        let sent = program.run(&with(&super::coffee(bill_no), more)).expect_code(0).json();
        sent["url_key"].as_str().unwrap().to_owned()
    };
    let (ours, unpaid) = (link("B1", &[]), link("B2", &[]));
    // Made on another machine, so that this ledger does not know it.
    let elsewhere = link("B3", &["--data-dir", program.home().join("elsewhere").to_str().unwrap()]);
    for key in [&ours, &elsewhere] {
        program.run(&["emulator", "pay", key]).expect_code(0);
    }
    let genuine = super::notifications::claim(&program, &ours);
    let others = [
        (genuine.replace("4500", "45000"), "mismatch"),
        (super::notifications::claim(&program, &elsewhere), "unrecorded"),
        (genuine.replace(&ours, &unpaid), "unconfirmed"),
        (genuine.replace("sandbox_shop01", "sandbox_shop02"), "foreign"),
    ];
    let target = Listener::start();
    let arguments = ["--verify", "--only", "confirmed", "--forward", &target.url];
    let listening = Listening::start(&program, &arguments);
    let mut client = listening.client();
    for (body, verdict) in &others {
        assert_eq!(client.exchange(&post("/noti", body)).0, 200);
        super::until(|| {
            let list =
                program.run(&["noti", "list", "--verdict", verdict, "-o", "json"]).expect_code(0).json();
            list["items"].as_array().unwrap().len() == 1
        });
    }
    assert_eq!(client.exchange(&post("/noti", &genuine)).0, 200);
    let forwarded = target.bodies.recv_timeout(super::PATIENCE).unwrap();
    let forwarded: serde_json::Value = serde_json::from_str(&forwarded).unwrap();
    assert_eq!((&forwarded["verdict"], &forwarded["url_key"]), (&"confirmed".into(), &ours.into()));
    listening.stop();
    assert!(target.bodies.try_recv().is_err());
}

#[test]
fn a_flood_about_links_that_the_ledger_does_not_know_adds_no_row_to_it() {
    let (program, _emulator) = Program::with_emulator(&[]);
    program.send("B1").expect_code(0);
    let rows = || -> u64 {
        let ledger = rusqlite::Connection::open(program.data_directory().join("ledger.db")).unwrap();
        let count = |table| format!("(SELECT count(*) FROM {table})");
        let sql = format!("SELECT {}", ["bills", "attempts", "events", "meta"].map(count).join(" + "));
        ledger.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    let before = rows();
    let listening =
        Listening::start(&program, &["-q", "--verify", "--verify-rate", "1000/s", "--concurrency", "2"]);
    let mut client = listening.client();
    for number in 0..40 {
        let forged =
            notification(&format!("F{number}")).replace("a1B2c3D4e5F6g7H8i9J0", &format!("Key{number}"));
        assert_eq!(client.exchange(&post("/noti", forged)).0, 200);
    }
    super::until(|| {
        let list =
            program.run(&["noti", "list", "--verdict", "unconfirmed", "-o", "json"]).expect_code(0).json();
        list["items"].as_array().unwrap().len() == 40
    });
    assert_eq!(rows(), before);
}
