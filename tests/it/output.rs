//! What programs read: the objects of CONTRACT section 8, their CSV, and errors (section 8, end).

use std::fmt;
use std::fs;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::support::{COFFEE, COFFEE_FOR_HONG, Ended, NOBODY, Scene, with};

/// The fields that every object carries.
const SCOPE: &str = "schema, profile, environment, live";

const SEND: &str = "outcome, bill_no, url_key, pay_url, via, amount, product, buyer, result_code, result_message, \
     etc1, etc2, batch, row, requested_at";
const STATUS: &str = "url_key, bill_no, state, result_code, result_message, order_no, amount, buyer_name, \
     buyer_email, product_name, product_code, pay_method, buyer_id, tid, accept_no, accepted_at, cancelled_at, \
     cancel_message, account_no, receiver_name, deposit_due, card_name, card_code, checked_at";
const TOKEN: &str = "token, pay2_id, issued_at, expires_at, cached";
const NOTI: &str = "kind, api_id, order_no, amount, tid, url_key, pay_method, buyer_name, buyer_email, user_id, \
     product_code, product_name, accepted_at, accept_no, card_code, card_name, card_no, quota, account_no, \
     receiver_name, deposit_due, deposit_name, etc1, etc2, etc3, etc4, etc5, extra, problems, source, line";
const LIST: &str = "bill_no, url_key, pay_url, outcome, state, via, amount, product, buyer, phone, email, batch, \
     row, created_at, updated_at, paid_at, operator";

/// The keys of an object in their order, which `serde_json::Value` does not keep.
struct Keys(Vec<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Keys;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys = Vec::new();
                while let Some((key, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
                    keys.push(key);
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_map(Reading)
    }
}

/// `{"schema":1,"items":[…],"summary":{…}}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: u8,
    items: Vec<Keys>,
    summary: Keys,
}

#[track_caller]
fn keys(text: &str) -> String {
    serde_json::from_str::<Keys>(text).unwrap_or_else(|error| panic!("{error}: {text}")).0.join(", ")
}

/// The command's one object has these fields in every format.
#[track_caller]
fn assert_fields(scene: &mut Scene, command: &[&str], fields: &str) {
    let wanted = format!("{SCOPE}, {fields}");
    let json = scene.run(&with(command, &["-o", "json"]));
    assert_eq!(keys(&json.stdout), wanted);
    assert_lines(scene, command, &wanted);
}

/// The command's list has these fields in every format.
#[track_caller]
fn assert_list_fields(scene: &mut Scene, command: &[&str], fields: &str) {
    let wanted = format!("{SCOPE}, {fields}");
    let json = scene.run(&with(command, &["-o", "json"]));
    let document: Document = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(document.schema, 1);
    assert!(!document.items.is_empty() && document.summary.0.contains(&"count".to_owned()));
    for item in document.items {
        assert_eq!(item.0.join(", "), wanted);
    }
    assert_lines(scene, command, &wanted);
}

#[track_caller]
fn assert_lines(scene: &mut Scene, command: &[&str], wanted: &str) {
    let jsonl = scene.run(&with(command, &["-o", "jsonl"])).stdout;
    assert!(!jsonl.is_empty());
    for line in jsonl.lines() {
        assert_eq!(keys(line), wanted);
    }
    let csv = scene.run(&with(command, &["-o", "csv"])).stdout;
    assert_eq!(csv.lines().next().unwrap().replace(',', ", "), wanted);
    assert!(csv.lines().count() > 1, "{csv}");
}

#[test]
fn the_object_of_send_has_the_fields_of_the_contract() {
    let (mut scene, _emulator) = Scene::with_faults(&["drop-after*1", "refuse=E101*2"]);
    let unknown = with(&COFFEE, &["--bill-no", "UNKNOWN"]);
    assert_fields(&mut scene, &unknown, SEND);
    let known = with(&COFFEE, &["--bill-no", "B1", "--allow-duplicate"]);
    assert_fields(&mut scene, &known, SEND);
    scene.configure_sandbox(NOBODY, "");
    assert_fields(&mut scene, &with(&COFFEE, &["--bill-no", "B2", "--allow-duplicate"]), SEND);
}

#[test]
fn the_object_of_status_has_the_fields_of_the_contract() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let keys = [scene.link("B1"), scene.link("B2")];
    scene.pay(&keys[0]);
    assert_fields(&mut scene, &["status", &keys[0]], STATUS);
    assert_fields(&mut scene, &["status", &keys[1]], STATUS);
    assert_list_fields(&mut scene, &["status", &keys[0], &keys[1], "NOSUCHKEY"], STATUS);
}

#[test]
fn the_object_of_token_has_the_fields_of_the_contract() {
    let (mut scene, _emulator) = Scene::with_emulator();
    assert_fields(&mut scene, &["token"], TOKEN);
}

#[test]
fn the_objects_of_noti_have_the_fields_of_the_contract() {
    let mut scene = Scene::new();
    for name in ["card", "deposit", "cancel", "failure", "undocumented-fields"] {
        let path = format!("{}/tests/fixtures/noti-{name}.json", env!("CARGO_MANIFEST_DIR"));
        assert_list_fields(&mut scene, &["noti", "parse", &path], NOTI);
    }
}

#[test]
fn the_objects_of_list_have_the_fields_of_the_contract() {
    let (mut scene, _emulator) = Scene::with_emulator();
    scene.link("B1");
    scene.run(&with(&COFFEE, &["--bill-no", "B2"])).expect_code(0);
    assert_list_fields(&mut scene, &["list"], LIST);
}

#[test]
fn jsonl_is_one_object_a_line_and_json_one_document() {
    let (mut scene, _emulator) = Scene::with_emulator();
    for bill_no in ["B1", "B2"] {
        scene.link(bill_no);
    }
    assert_eq!(scene.run(&["list", "-o", "jsonl"]).stdout.lines().count(), 2);
    assert_eq!(scene.run(&["list", "-o", "jsonl", "--bill-no", "B1"]).stdout.lines().count(), 1);
    let one = scene.run(&["list", "-o", "json", "--bill-no", "B1"]).json();
    assert!(one["items"].is_array());
}

#[test]
fn a_cell_that_looks_like_a_formula_is_made_harmless() {
    let (mut scene, _emulator) = Scene::with_emulator();
    for (product, buyer) in [("=SUM(A1:A9)", "+82"), ("-1", "@name")] {
        let command = [
            "send",
            "--via",
            "sms",
            "--amount",
            "1",
            "--phone",
            "01012345678",
            &format!("--product={product}"),
            &format!("--buyer={buyer}"),
        ];
        let csv = scene.run(&with(&command, &["-o", "csv"])).expect_code(0).stdout;
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let headers = reader.headers().unwrap().clone();
        let row = reader.records().next().unwrap().unwrap();
        let cell = |name: &str| row[headers.iter().position(|header| header == name).unwrap()].to_owned();
        assert_eq!((cell("product"), cell("buyer")), (format!("'{product}"), format!("'{buyer}")));
        let json = scene.run(&["list", "--buyer", buyer, "-o", "jsonl"]).json_lines();
        assert_eq!((json[0]["product"].as_str(), json[0]["buyer"].as_str()), (Some(product), Some(buyer)));
    }
}

#[test]
fn a_byte_order_mark_stands_before_csv_if_asked_for() {
    let (mut scene, _emulator) = Scene::with_emulator();
    scene.link("B1");
    assert!(scene.run(&["list", "-o", "csv", "--bom"]).stdout.starts_with("\u{feff}schema,"));
    assert!(scene.run(&["list", "-o", "csv"]).stdout.starts_with("schema,"));
}

#[test]
fn nothing_that_a_terminal_would_obey_comes_out() {
    let mut scene = Scene::new();
    let evil = r#"{"API_ID":"s","ORDERNO":"O\u001b[2J1","AMOUNT":"1","TID":"T","BUYERNAME":"\u202e홍\u009b31m길동\u0007","PRODUCTNAME":"\u001b]0;title\u0007차","SMS_INPUT":"K"}"#;
    let path = scene.home().join("evil.json");
    fs::write(&path, format!("{evil}\n\u{1b}[31mno notification\n")).unwrap();
    let path = path.display().to_string();
    for format in ["table", "json", "jsonl", "csv"] {
        let ended = scene.run(&["noti", "parse", &path, "-o", format]).expect_code(2);
        for text in [&ended.stdout, &ended.stderr] {
            let harmful = |letter: char| {
                (letter.is_control() && letter != '\n') || ('\u{202a}'..='\u{202e}').contains(&letter)
            };
            assert!(!text.contains(harmful), "{format}: {text:?}");
        }
        assert!(ended.stdout.contains("길동"), "{format}: {}", ended.stdout);
    }
    let json = &scene.run(&["noti", "parse", &path, "-o", "jsonl"]).json_lines()[0];
    assert_eq!(json["order_no"], "O\u{1b}[2J1");
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let (mut scene, _emulator) = Scene::with_emulator();
    scene.link("B1");
    let is_coloured = |ended: &Ended| ended.stdout.contains('\u{1b}');
    assert!(!is_coloured(&scene.run(&["list"])));
    assert!(is_coloured(&scene.run(&["list", "--color", "always"])));
    scene.on_terminal = true;
    assert!(is_coloured(&scene.run(&["list"])));
    assert!(!is_coloured(&scene.run(&["list", "--color", "never"])));
    scene.environment.insert("NO_COLOR".to_owned(), "1".to_owned());
    assert!(!is_coloured(&scene.run(&["list"])));
    assert!(!is_coloured(&scene.run(&["list", "-o", "json", "--color", "always"])));
}

/// An error object with exactly these keys ends stderr, and nothing else follows on stdout.
#[track_caller]
fn assert_error(ended: &Ended, exit: u8, code: &str, more: &str) {
    assert_eq!(ended.code, exit, "{ended:?}");
    let last = ended.stderr.lines().last().unwrap();
    assert_eq!(keys(last), format!("type, code, exit, outcome, bill_no, message, hint{more}"));
    let error = ended.error();
    assert_eq!((error["type"].as_str(), error["code"].as_str()), (Some("error"), Some(code)));
    assert_eq!(error["exit"], exit);
}

#[test]
fn any_failure_ends_stderr_with_one_json_object() {
    let (mut scene, _emulator) = Scene::with_faults(&["drop-after*1", "refuse=E101*1"]);
    for format in ["json", "jsonl"] {
        let bill = |number| with(&COFFEE, &["-o", format, "--bill-no", number]);
        assert_error(&scene.run(&bill("B1")), 7, "OUTCOME_UNKNOWN", "");
        assert_error(&scene.run(&bill("B2")), 13, "GUARD", "");
        assert_error(&scene.run(&["explain", "X", "-o", format]), 2, "USAGE", "");
        assert_error(&scene.run(&["list", "--profile", "nosuch", "-o", format]), 3, "CONFIG", "");
        assert_error(&scene.run(&["list", "--state", "x", "-o", format]), 2, "USAGE", ", fields");
        assert_error(&scene.run(&["status", "NOSUCHKEY", "-o", format, "-q"]), 5, "REFUSED", "");
    }
}

#[test]
fn wrong_command_lines_are_told_as_json_too() {
    let mut scene = Scene::new();
    for command in [
        &["send", "--nosuch", "-o", "json"][..],
        &["-o", "jsonl", "nosuch"],
        &["token", "--output=json", "extra"],
        &["token", "-ojson", "extra"],
        &["explain", "--lang", "fr", "--output", "jsonl"],
        &["list", "--timeout", "never", "-o", "json"],
    ] {
        assert_error(&scene.run(command), 2, "USAGE", "");
    }
    scene.environment.insert("COOKIEPAY_OUTPUT".to_owned(), "json".to_owned());
    assert_error(&scene.run(&["nosuch"]), 2, "USAGE", "");
    assert_error(&scene.run(&["explain", "X"]), 2, "USAGE", "");
    let table = scene.run(&["-o", "table", "nosuch"]).expect_code(2);
    assert!(table.stderr.starts_with("error: ") && !table.stderr.contains('{'), "{}", table.stderr);
}

#[test]
fn people_get_an_error_and_a_hint_in_words() {
    let (mut scene, _emulator) = Scene::with_faults(&["drop-after"]);
    let ended = scene.run(&COFFEE).expect_code(7);
    assert!(ended.stderr.contains("error: ") && ended.stderr.contains("hint: "), "{}", ended.stderr);
    assert!(ended.stdout.contains("unknown"), "{}", ended.stdout);
    let quiet = scene.run(&with(&COFFEE, &["-q", "--allow-duplicate"])).expect_code(7);
    assert!(quiet.stderr.contains("error: ") && !quiet.stderr.contains("hint: "), "{}", quiet.stderr);
}

#[test]
fn the_format_and_language_may_come_from_the_environment_and_must_be_some() {
    let (mut scene, _emulator) = Scene::with_emulator();
    scene.link("B1");
    scene.environment.insert("COOKIEPAY_OUTPUT".to_owned(), "jsonl".to_owned());
    assert_eq!(scene.run(&["list"]).json_lines().len(), 1);
    assert!(scene.run(&["list", "-o", "csv"]).stdout.starts_with("schema,"));
    scene.environment.insert("COOKIEPAY_OUTPUT".to_owned(), "xml".to_owned());
    scene.run(&["list"]).expect_code(2);
    scene.environment.clear();
    for (name, value, korean) in [
        ("LANG", "ko_KR.UTF-8", true),
        ("LC_MESSAGES", "en_US.UTF-8", false),
        ("LC_ALL", "ko_KR", true),
        ("COOKIEPAY_LANG", "en", false),
    ] {
        scene.environment.insert(name.to_owned(), value.to_owned());
        assert_eq!(scene.run(&["list"]).stdout.contains("청구서번호"), korean, "{name}={value}");
    }
    assert!(scene.run(&["list", "--lang", "ko"]).stdout.contains("청구서번호"));
    scene.environment.insert("COOKIEPAY_LANG".to_owned(), "fr".to_owned());
    scene.run(&["list"]).expect_code(2);
}

#[test]
fn amounts_are_integers_times_korean_and_absent_values_null() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let more = ["--via", "link", "-o", "json"];
    let made = scene.run(&with(&COFFEE_FOR_HONG, &more)).expect_code(0).json();
    assert!(made["amount"].is_u64() && made["batch"].is_null() && made["etc1"].is_null(), "{made}");
    assert!(made["requested_at"].as_str().unwrap().ends_with("+09:00"), "{made}");
    assert_eq!(
        (
            made["schema"].as_u64(),
            made["profile"].as_str(),
            made["environment"].as_str(),
            made["live"].as_bool()
        ),
        (Some(1), Some("sandbox"), Some("sandbox"), Some(false))
    );
}
