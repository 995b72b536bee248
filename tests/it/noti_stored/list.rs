//! `noti list`: objects, filters, tables.

use super::*;

#[test]
fn without_a_ledger_the_list_is_empty_and_none_is_made() {
    let mut scene = Scene::with_sandbox(NOBODY);
    let json = scene.run(&["noti", "list", "-o", "json"]).expect_code(0).json();
    assert_eq!(
        (json["items"].as_array().map(Vec::len), json["summary"]["count"].as_u64()),
        (Some(0), Some(0))
    );
    let table = scene.run(&["noti", "list"]).expect_code(0);
    assert_eq!((table.stdout.as_str(), table.stderr.as_str()), ("", "no such notification was received\n"));
    let replayed = scene.run(&["noti", "replay", "--all", "-o", "json"]).expect_code(0).json();
    assert_eq!(replayed["queued"], 0);
    scene.run(&["noti", "replay", "--all", "--exec", "true"]).expect_code(0);
    assert!(!scene.data_directory().exists());
}

#[test]
fn an_object_holds_the_notification_its_verdict_and_its_delivery() {
    let mut scene = shop();
    let json = scene.run(&["noti", "list", "-o", "json"]).expect_code(0).json();
    let items = json["items"].as_array().unwrap();
    let [first, second, third, fourth] = items.as_slice() else { panic!("{json}") };
    for (field, value) in [
        ("schema", Value::from(1)),
        ("environment", "sandbox".into()),
        ("kind", "approval".into()),
        ("amount", 4500.into()),
        ("buyer_name", "홍길동".into()),
        ("source", "listen".into()),
        ("verdict", "confirmed".into()),
        ("id", 1.into()),
        ("received_at", "2026-11-22T11:20:00+09:00".into()),
        ("copies", 1.into()),
        ("verified_at", "2026-11-22T15:20:00+09:00".into()),
        ("delivery", "delivered".into()),
        ("delivery_attempts", 1.into()),
        ("delivery_error", Value::Null),
        ("next_delivery_at", Value::Null),
        ("delivered_at", "2026-11-22T15:20:00+09:00".into()),
    ] {
        assert_eq!(first[field], value, "{field}");
    }
    // What nobody has checked stands apart.
    assert_eq!(first["unverified"]["extra"]["GENDATE"], "now");
    assert_eq!((&first["extra"], &second["unverified"]), (&serde_json::json!({}), &Value::Null));
    assert_eq!(second["reasons"].as_array().map(Vec::len), Some(2));
    assert_eq!((&second["delivery"], &second["delivery_attempts"]), (&"pending".into(), &1.into()));
    assert_eq!(second["next_delivery_at"], "2026-11-22T15:28:00+09:00");
    assert!(second["delivery_error"].as_str().unwrap().contains("503"));
    assert_eq!((&third["delivery"], &third["next_delivery_at"]), (&"dead".into(), &Value::Null));
    assert_eq!((&fourth["verdict"], &fourth["delivery"]), (&Value::Null, &"none".into()));
    assert_eq!((&fourth["reasons"], &fourth["delivery_attempts"]), (&Value::Array(vec![]), &0.into()));
    assert_eq!(
        json["summary"],
        serde_json::json!({
            "count": 4,
            "by_verdict": {"confirmed": 1, "mismatch": 1, "unchecked": 1, "unconfirmed": 1},
            "by_delivery": {"dead": 1, "delivered": 1, "none": 1, "pending": 1}
        })
    );
    let csv = scene.run(&["noti", "list", "-o", "csv"]).expect_code(0).stdout;
    let header: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let names: Vec<&String> = first.as_object().unwrap().keys().collect();
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    assert_eq!(sorted(owned(&header)), sorted(names.into_iter().cloned().collect()));
    assert_eq!(csv.lines().count(), 5);
}

#[test]
fn every_filter_chooses_and_a_limit_takes_the_newest() {
    let mut scene = shop();
    for (filter, expected) in [
        (&[][..], vec![1, 2, 3, 4]),
        (&["--since", "2h"], vec![3, 4]),
        (&["--until", "2026-11-22T12:20"], vec![1]),
        (&["--tid", "cTS26112209394695924"], vec![2]),
        (&["--id", "3"], vec![3]),
        (&["--verdict", "mismatch"], vec![2]),
        (&["--delivery", "dead"], vec![3]),
        (&["--delivery", "none", "--limit", "5"], vec![4]),
        (&["--limit", "2"], vec![3, 4]),
        (&["--limit", "0"], vec![]),
        (&["--id", "1", "--verdict", "mismatch"], vec![]),
    ] {
        assert_eq!(ids(&mut scene, &with(&["noti", "list"], filter)), expected, "{filter:?}");
    }
}

#[test]
fn every_wrong_filter_is_told_at_once() {
    let mut scene = Scene::with_sandbox(NOBODY);
    let wrong = ["--since", "soon", "--until", "later", "--verdict", "true", "--delivery", "lost"];
    for command in [&["noti", "list"], &["noti", "replay"]] {
        let ended = scene.run(&with(&with(command, &wrong), &["-o", "json"])).expect_code(2);
        let error = ended.error();
        let fields: Vec<_> =
            error["fields"].as_array().unwrap().iter().map(|field| field["field"].clone()).collect();
        assert_eq!(fields.len(), 4, "{error}");
        assert!(fields.contains(&"--verdict".into()) && fields.contains(&"--since".into()), "{error}");
    }
    scene.run(&["noti", "replay", "--all", "--tid", "T1"]).expect_code(2);
}

#[test]
fn a_body_that_cannot_be_read_any_more_is_listed_and_handed_on() {
    let mut scene = Scene::with_sandbox(NOBODY);
    store(&scene, "\u{1}no notification", HandingOn::None);
    store(&scene, &paid("T1", "홍길동"), HandingOn::None);
    let lines = scene.run(&["noti", "list", "-o", "jsonl"]).expect_code(0).json_lines();
    let (unread, read) = (lines[0].as_object().unwrap(), lines[1].as_object().unwrap());
    assert_eq!(unread.keys().collect::<Vec<_>>(), read.keys().collect::<Vec<_>>());
    assert!(unread["kind"].is_null() && unread["amount"].is_null() && unread["extra"].is_object());
    assert_eq!((&unread["problems"][0]["field"], &unread["id"]), (&"body".into(), &1.into()));
    assert!(scene.run(&["noti", "list"]).expect_code(0).stdout.contains('?'));
    let taken = scene.home().join("taken").display().to_string();
    let exec = ["noti", "replay", "--id", "1", "--exec", "sh", "-c", "cat > \"$0\"", &taken];
    scene.run(&exec).expect_code(0);
    let object: Value = serde_json::from_str(&fs::read_to_string(taken).unwrap()).unwrap();
    assert!(object["kind"].is_null() && object["id"] == 1, "{object}");
}

#[test]
fn tables_mask_people_and_fit_a_terminal_in_both_languages() {
    let mut scene = shop();
    scene.on_terminal = true;
    let run = |scene: &mut Scene, language: &str| {
        scene.run(&["--color", "never", "--lang", language, "noti", "list"])
    };
    let english = run(&mut scene, "en").expect_code(0);
    let korean = run(&mut scene, "ko").expect_code(0);
    for ended in [&english, &korean] {
        for line in ended.stdout.lines() {
            assert!(UnicodeWidthStr::width(line) <= 80, "{}", ended.stdout);
        }
        assert!(!ended.stdout.contains("01012345678") && !ended.stdout.contains("kim@example.com"));
        assert!(ended.stdout.contains("010-****-") && ended.stdout.contains("4,500"), "{}", ended.stdout);
    }
    assert!(
        english.stdout.contains("confirmed") && english.stdout.contains("delivered"),
        "{}",
        english.stdout
    );
    assert!(korean.stdout.contains("확인됨") && korean.stdout.contains("전달됨"), "{}", korean.stdout);
    let totals = "4 notifications; verdict: 1 confirmed, 1 mismatch, 1 unchecked, 1 unconfirmed; \
                  delivery: 1 dead, 1 delivered, 1 none, 1 pending\n";
    assert_eq!(english.stderr, totals);
    assert!(korean.stderr.starts_with("4건; 판정: 확인됨 1건, "), "{}", korean.stderr);
}
