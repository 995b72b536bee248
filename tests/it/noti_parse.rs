//! `noti parse`: notifications from files and stdin, checked and normalised.

use std::fs;
use std::path::PathBuf;

use crate::support::Scene;

/// A fixture of a notification.
fn fixture(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    path.display().to_string()
}

/// Its text.
fn text(name: &str) -> String {
    fs::read_to_string(fixture(name)).unwrap().trim().to_owned()
}

/// A file with that content.
fn file(scene: &Scene, name: &str, content: &str) -> String {
    let path = scene.home().join(name);
    fs::write(&path, content).unwrap();
    path.display().to_string()
}

#[test]
fn every_fixture_is_read_as_what_it_is() {
    let mut scene = Scene::new();
    for (name, kind, amount, accepted_at) in [
        ("noti-card.json", "approval", 4500, "2026-11-22T09:39:47+09:00"),
        ("noti-deposit.json", "approval", 4500, "2026-11-22T09:39:47+09:00"),
        ("noti-undocumented-fields.json", "approval", 4500, "2026-11-22T09:39:47+09:00"),
        ("noti-failure.json", "failure", 4500, "2026-11-22T09:39:47+09:00"),
        ("noti-cancel.json", "cancel", 4500, "2026-11-23T10:15:00+09:00"),
    ] {
        let path = fixture(name);
        let lines = scene.run(&["noti", "parse", &path, "-o", "jsonl"]).expect_code(0).json_lines();
        let [noti] = lines.as_slice() else { panic!("{name}: {lines:?}") };
        assert_eq!((noti["kind"].as_str(), noti["amount"].as_u64()), (Some(kind), Some(amount)), "{name}");
        assert_eq!(noti["accepted_at"], accepted_at, "{name}");
        assert_eq!((noti["source"].as_str(), noti["line"].as_u64()), (Some(&*path), Some(1)));
        assert_eq!(noti["problems"].as_array().map(Vec::len), Some(0), "{name}: {noti}");
    }
}

#[test]
fn a_card_payment_is_normalised_field_by_field() {
    let mut scene = Scene::new();
    let noti = &scene.run(&["noti", "parse", &fixture("noti-card.json"), "-o", "jsonl"]).json_lines()[0];
    for (field, value) in [
        ("api_id", "sandbox_shop01"),
        ("order_no", "URL20261122093947857860"),
        ("tid", "cTS26112209394695923"),
        ("url_key", "a1B2c3D4e5F6g7H8i9J0"),
        ("pay_method", "CARD"),
        ("buyer_name", "홍길동"),
        ("product_name", "아메리카노"),
        ("accept_no", "30071234"),
        ("card_code", "06"),
        ("card_name", "국민카드"),
        ("card_no", "**000111"),
        ("quota", "00"),
    ] {
        assert_eq!(noti[field], value, "{field}");
    }
    for field in ["buyer_email", "user_id", "product_code", "account_no", "deposit_due", "etc1", "etc5"] {
        assert!(noti[field].is_null(), "{field}: {noti}");
    }
}

#[test]
fn unknown_fields_are_kept_as_they_came() {
    let mut scene = Scene::new();
    let path = fixture("noti-undocumented-fields.json");
    let noti = &scene.run(&["noti", "parse", &path, "-o", "jsonl"]).expect_code(0).json_lines()[0];
    let extra = &noti["extra"];
    assert_eq!(
        (extra["CP_ID"].as_str(), extra["GENDATE"].as_str()),
        (Some("C00012"), Some("2026-11-22 09:35:39"))
    );
    assert!(extra["VENDOR_ORDER_NO"].is_null() && extra.get("VENDOR_ORDER_NO").is_some());
}

#[test]
fn stdin_arrays_lines_forms_and_marks_are_told_apart_by_content() {
    let mut scene = Scene::new();
    let (card, cancel) = (text("noti-card.json"), text("noti-cancel.json"));
    let form = "ORDERNO=O1&TID=T1&AMOUNT=4500&BUYERNAME=%ED%99%8D%EA%B8%B8%EB%8F%99&SMS_INPUT=KEY";
    for (input, kinds) in [
        (format!("\u{feff}{card}"), vec!["approval"]),
        (format!("[{card},\n{cancel}]"), vec!["approval", "cancel"]),
        (format!("{card}\r\n\r\n{cancel}\n"), vec!["approval", "cancel"]),
        (form.to_owned(), vec!["approval"]),
    ] {
        for command in [&["noti", "parse", "-o", "jsonl"][..], &["noti", "parse", "-", "-o", "jsonl"]] {
            scene.stdin = input.clone().into_bytes();
            let lines = scene.run(command).expect_code(0).json_lines();
            let found: Vec<_> = lines.iter().map(|noti| noti["kind"].as_str().unwrap()).collect();
            assert_eq!((found, lines[0]["source"].as_str()), (kinds.clone(), Some("-")), "{input}");
        }
    }
}

#[test]
fn what_is_no_notification_is_named_and_the_rest_is_still_shown() {
    let mut scene = Scene::new();
    let (card, cancel) = (text("noti-card.json"), text("noti-cancel.json"));
    let mixed = file(&scene, "mixed.jsonl", &format!("{card}\nhello\n{{\"a\":1}}\n{{\"cut\":\n{cancel}\n"));
    let gone = scene.home().join("gone.json").display().to_string();
    let good = fixture("noti-deposit.json");
    let ended = scene.run(&["noti", "parse", &mixed, &gone, &good, "-o", "jsonl"]).expect_code(2);
    let kinds: Vec<_> = ended.json_lines().iter().map(|noti| noti["kind"].clone()).collect();
    assert_eq!(kinds, ["approval", "cancel", "approval"]);
    for place in [format!("{mixed}:2: "), format!("{mixed}:3: "), format!("{mixed}:4: "), format!("`{gone}`")]
    {
        assert!(ended.stderr.contains(&place), "{place}: {}", ended.stderr);
    }
    let error = ended.error();
    assert_eq!((error["code"].as_str(), error["exit"].as_u64()), (Some("USAGE"), Some(2)));
    let json = scene.run(&["noti", "parse", &mixed, "-o", "json"]).expect_code(2).json();
    assert_eq!(
        (json["summary"]["count"].as_u64(), json["summary"]["unreadable"].as_u64()),
        (Some(2), Some(3))
    );
}

#[test]
fn empty_input_is_no_notification() {
    let mut scene = Scene::new();
    let ended = scene.run(&["noti", "parse"]).expect_code(2);
    assert!(ended.stderr.contains("-:1: "), "{}", ended.stderr);
}

#[test]
fn departures_are_problems_and_with_strict_exit_2() {
    let mut scene = Scene::new();
    let odd = r#"{"API_ID":"shop","ORDERNO":"O1","AMOUNT":"a lot","SMS_INPUT":"KEY"}"#;
    let path = file(&scene, "odd.json", odd);
    let ended = scene.run(&["noti", "parse", &path, "-o", "jsonl"]).expect_code(0);
    let noti = &ended.json_lines()[0];
    let fields: Vec<_> = noti["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem["field"].as_str().unwrap())
        .collect();
    assert!(fields.contains(&"AMOUNT") && fields.contains(&"TID"), "{noti}");
    assert!(noti["amount"].is_null() && noti["extra"]["AMOUNT"] == "a lot", "{noti}");
    let strict = scene.run(&["noti", "parse", &path, "--strict", "-o", "jsonl"]).expect_code(2);
    assert_eq!(strict.stdout, ended.stdout);
    scene.run(&["noti", "parse", &fixture("noti-card.json"), "--strict"]).expect_code(0);
}

#[test]
fn an_answer_of_urlcert_is_no_notification() {
    let mut scene = Scene::new();
    let ended = scene.run(&["noti", "parse", &fixture("urlcert-paid.json")]).expect_code(2);
    assert!(ended.stderr.contains("an answer of urlcert"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}

#[test]
fn every_format_shows_every_notification() {
    let mut scene = Scene::new();
    let files = [fixture("noti-card.json"), fixture("noti-cancel.json")];
    let command = ["noti", "parse", &files[0], &files[1], "-o"];
    let run = |scene: &mut Scene, format: &str| {
        let mut command = command.to_vec();
        command.push(format);
        scene.run(&command).expect_code(0)
    };
    let json = run(&mut scene, "json").json();
    assert_eq!((json["schema"].as_u64(), json["items"].as_array().map(Vec::len)), (Some(1), Some(2)));
    assert_eq!(json["summary"]["count"], 2);
    assert_eq!(run(&mut scene, "jsonl").json_lines().len(), 2);
    assert_eq!(run(&mut scene, "csv").stdout.lines().count(), 3);
    let table = run(&mut scene, "table").stdout;
    assert!(table.contains("approval") && table.contains("cancel") && table.contains("4,500"), "{table}");
}

#[test]
fn phones_and_addresses_are_masked_in_tables_and_whole_in_json() {
    let mut scene = Scene::new();
    let card = text("noti-card.json");
    for (named, masked) in [("01012345678", "010-****-5678"), ("kim@example.com", "k***@example.com")] {
        let name = r#""BUYERNAME": "\ud64d\uae38\ub3d9""#;
        let path = file(&scene, "named.json", &card.replace(name, &format!(r#""BUYERNAME": "{named}""#)));
        let table = scene.run(&["noti", "parse", &path]).expect_code(0).stdout;
        assert!(!table.contains(named) && table.contains(masked), "{table}");
        let json = scene.run(&["noti", "parse", &path, "-o", "jsonl"]).expect_code(0).stdout;
        assert!(json.contains(named), "{json}");
    }
}

#[test]
fn no_profile_is_needed_and_one_that_is_there_is_named() {
    let mut scene = Scene::new();
    let path = fixture("noti-card.json");
    let command = ["noti", "parse", &path, "-o", "jsonl"];
    let bare = &scene.run(&command).expect_code(0).json_lines()[0];
    assert!(bare["profile"].is_null() && bare["environment"].is_null() && bare["live"].is_null(), "{bare}");
    scene.configure_sandbox("https://sandbox.cookiepayments.com", "");
    let named = &scene.run(&command).expect_code(0).json_lines()[0];
    assert_eq!((named["profile"].as_str(), named["live"].as_bool()), (Some("sandbox"), Some(false)));
    scene.run(&["noti", "parse", &path, "--profile", "nosuch"]).expect_code(3);
    assert!(!scene.data_directory().exists());
}

#[test]
fn an_empty_array_within_an_array_is_no_notification() {
    let mut scene = Scene::new();
    for (input, errors) in [("[[]]", 1), ("[[], [ ]\n]", 2), ("[[[]]]", 1), ("[]", 0), ("[\n]", 0)] {
        scene.stdin = input.into();
        let ended = scene.run(&["noti", "parse", "-o", "jsonl"]).expect_code(if errors > 0 { 2 } else { 0 });
        assert_eq!(ended.stderr.matches("neither a JSON object").count(), errors, "{ended:?}");
    }
}
