//! `list`: what the ledger knows, masked, filtered and summed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{COFFEE, NOBODY, Scene, misbehave, reached, with};

/// Bills of several kinds: `PAID`, `OPEN`, `REFUSED`, `UNKNOWN`, `NOT_SENT`, an hour apart each.
fn shop() -> Scene {
    let (mut scene, emulator) = Scene::with_emulator();
    let send = |scene: &mut Scene, bill_no: &str, amount: &str, buyer: &str| {
        let command = [
            "send",
            "--via",
            "email",
            "--product",
            "차",
            "--amount",
            amount,
            "--buyer",
            buyer,
            "--phone",
            "01012345678",
            "--email",
            "kim@example.com",
            "--bill-no",
            bill_no,
            "-o",
            "json",
        ];
        let sent = scene.run(&command).json();
        scene.clock.advance(Duration::from_hours(1));
        sent["url_key"].as_str().map(str::to_owned)
    };
    let paid = send(&mut scene, "PAID", "1000", "홍길동").unwrap();
    scene.pay(&paid);
    let open = send(&mut scene, "OPEN", "2000", "홍길순").unwrap();
    scene.run(&["status", &paid, &open]).expect_code(8);
    misbehave(&emulator, &["refuse=E101*1", "drop-after*1"]);
    send(&mut scene, "REFUSED", "4000", "김철수");
    send(&mut scene, "UNKNOWN", "8000", "김영희");
    scene.configure_sandbox(NOBODY, "");
    send(&mut scene, "NOT_SENT", "16000", "박영수");
    assert_eq!(reached(&emulator).0, 4);
    scene
}

/// The numbers of the bills listed under these filters.
#[track_caller]
fn listed(scene: &mut Scene, filters: &[&str]) -> Vec<String> {
    let list = scene.run(&with(&["list", "-o", "jsonl"], filters)).expect_code(0).json_lines();
    list.iter().map(|bill| bill["bill_no"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn everything_is_listed_oldest_first_with_totals() {
    let mut scene = shop();
    let list = scene.run(&["list", "-o", "json"]).expect_code(0).json();
    let shown: Vec<_> = list["items"].as_array().unwrap().iter().map(kind).collect();
    let wanted = [
        ("PAID", "sent", Some("paid")),
        ("OPEN", "sent", Some("unpaid")),
        ("REFUSED", "refused", None),
        ("UNKNOWN", "unknown", None),
        ("NOT_SENT", "not_sent", None),
    ];
    assert_eq!(shown, wanted);
    let summary = &list["summary"];
    // Refused and unsent bills are no money.
    assert_eq!((summary["count"].as_u64(), summary["amount"].as_u64()), (Some(5), Some(11_000)));
    let total = |count: u64, amount: u64| json!({ "count": count, "amount": amount });
    assert_eq!(summary["by_state"], json!({ "paid": total(1, 1000), "unpaid": total(1, 2000) }));
    let by_outcome = json!({
        "sent": total(2, 3000), "refused": total(1, 4000), "unknown": total(1, 8000), "not_sent": total(1, 16_000),
    });
    assert_eq!(summary["by_outcome"], by_outcome);
}

#[test]
fn a_cancelled_payment_is_no_money_any_more() {
    let mut scene = shop();
    let paid = scene.listed("PAID")["url_key"].as_str().unwrap().to_owned();
    let emulator = scene.emulator(&scene.home().join("emulator.db"), &[]);
    scene.configure_sandbox(&emulator.url(), "");
    scene.cancel(&paid);
    scene.run(&["status", &paid]).expect_code(9);
    let summary = scene.run(&["list", "-o", "json"]).expect_code(0).json()["summary"].clone();
    assert_eq!((&summary["amount"], &summary["by_state"]["cancelled"]["count"]), (&10_000.into(), &1.into()));
}

fn kind(bill: &Value) -> (&str, &str, Option<&str>) {
    (bill["bill_no"].as_str().unwrap(), bill["outcome"].as_str().unwrap(), bill["state"].as_str())
}

#[test]
fn who_sent_it_and_when_is_listed() {
    let mut scene = shop();
    let bill = scene.listed("OPEN");
    assert_eq!(bill["operator"], "kim@counter-1");
    assert_eq!(bill["created_at"], "2026-11-22T12:20:00+09:00");
    assert_eq!(bill["updated_at"], "2026-11-22T13:20:00+09:00");
}

#[test]
fn phone_and_email_are_masked_in_every_format_unless_revealed() {
    let mut scene = shop();
    for format in ["table", "json", "jsonl", "csv"] {
        let masked = scene.run(&["list", "-o", format]).expect_code(0).stdout;
        assert!(!masked.contains("01012345678") && !masked.contains("kim@example.com"), "{masked}");
        let revealed = scene.run(&["list", "-o", format, "--reveal"]).expect_code(0).stdout;
        // A table has no room for phone numbers.
        assert_eq!(masked.contains("010-****-5678"), format != "table", "{masked}");
        assert_eq!(revealed.contains("01012345678"), format != "table", "{revealed}");
    }
    let revealed = scene.run(&["list", "-o", "csv", "--reveal"]).expect_code(0).stdout;
    assert!(revealed.contains("kim@example.com"), "{revealed}");
}

#[test]
fn each_filter_keeps_what_it_names() {
    let mut scene = shop();
    for (filters, wanted) in [
        (&["--state", "paid"][..], &["PAID"][..]),
        (&["--state", "unpaid"], &["OPEN"]),
        (&["--outcome", "sent"], &["PAID", "OPEN"]),
        (&["--outcome", "refused"], &["REFUSED"]),
        (&["--outcome", "unknown"], &["UNKNOWN"]),
        (&["--outcome", "not_sent"], &["NOT_SENT"]),
        (&["--bill-no", "OPEN"], &["OPEN"]),
        (&["--bill-no", "NEVER"], &[]),
        (&["--buyer", "홍길"], &["PAID", "OPEN"]),
        (&["--since", "2026-11-22T13:20"], &["REFUSED", "UNKNOWN", "NOT_SENT"]),
        (&["--until", "2026-11-22T13:20"], &["PAID", "OPEN"]),
        (&["--since", "150m"], &["UNKNOWN", "NOT_SENT"]),
        (&["--limit", "2"], &["UNKNOWN", "NOT_SENT"]),
        (&["--outcome", "sent", "--buyer", "순"], &["OPEN"]),
    ] {
        assert_eq!(listed(&mut scene, filters), wanted, "{filters:?}");
    }
}

#[test]
fn totals_are_those_of_the_filter() {
    let mut scene = shop();
    let list = scene.run(&["list", "--buyer", "홍길", "-o", "json"]).expect_code(0).json();
    assert_eq!(
        (list["summary"]["count"].as_u64(), list["summary"]["amount"].as_u64()),
        (Some(2), Some(3000))
    );
    let newest = scene.run(&["list", "--limit", "1", "-o", "json"]).expect_code(0).json();
    assert_eq!(newest["summary"]["by_outcome"]["not_sent"]["amount"], 16_000);
}

#[test]
fn a_table_ends_with_the_totals_in_the_language_of_its_reader() {
    let mut scene = shop();
    let english = scene.run(&["list"]).expect_code(0).stdout;
    assert!(english.contains("11-22 11:20") && english.contains("5 bills, 11,000 won: "), "{english}");
    let korean = scene.run(&["list", "--lang", "ko"]).expect_code(0).stdout;
    for word in ["청구서번호", "결제완료", "알 수 없음", "11,000원"] {
        assert!(korean.contains(word), "{word}: {korean}");
    }
}

#[test]
fn wrong_filters_are_named_all_at_once() {
    let mut scene = shop();
    let wrong = ["list", "--state", "lost", "--outcome", "maybe", "--since", "yesterday", "-o", "json"];
    let error = scene.run(&wrong).expect_code(2).error();
    let fields: Vec<_> = error["fields"].as_array().unwrap().iter().map(|field| &field["field"]).collect();
    assert_eq!(fields, ["--since", "--state", "--outcome"]);
}

#[test]
fn an_empty_ledger_is_an_empty_list() {
    let mut scene = Scene::with_sandbox(NOBODY);
    let list = scene.run(&["list", "-o", "json"]).expect_code(0).json();
    assert_eq!(
        (list["items"].as_array().map(Vec::len), &list["summary"]["count"]),
        (Some(0), &Value::from(0))
    );
    assert_eq!(scene.run(&["list", "-o", "jsonl"]).expect_code(0).stdout, "");
    assert_eq!(scene.run(&["list", "-o", "csv"]).expect_code(0).stdout.lines().count(), 1);
    let table = scene.run(&["list"]).expect_code(0);
    assert_eq!((table.stdout.as_str(), table.stderr.as_str()), ("", "the ledger knows no such bill yet\n"));
}

#[test]
fn every_merchant_and_environment_has_its_own_list() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&with(&COFFEE, &["--bill-no", "B1"])).expect_code(0);
    scene.run(&with(&COFFEE, &["--bill-no", "B2", "--profile", "local"])).expect_code(0);
    assert_eq!(listed(&mut scene, &[]), ["B1"]);
    assert_eq!(listed(&mut scene, &["--profile", "local"]), ["B2"]);
    scene.environment.insert("COOKIEPAY_API_ID".to_owned(), "sandbox_shop02".to_owned());
    assert!(listed(&mut scene, &[]).is_empty());
    assert_eq!(reached(&emulator), (1, 1, 1));
}

#[test]
fn who_runs_the_program_is_not_looked_up_where_nothing_is_recorded() {
    let mut scene = shop();
    scene.operator = || panic!("nothing is recorded");
    for command in [vec!["--version"], vec!["list"], vec!["explain", "7"], vec!["config", "show"]] {
        scene.run(&command).expect_code(0);
    }
    scene.stdin = include_bytes!("../fixtures/noti-card.json").to_vec();
    scene.run(&["noti", "parse"]).expect_code(0);
}
