//! `noti replay`: queued for the listener, or handed on at once.

use super::*;

#[test]
fn a_replay_says_which_or_that_all_are_meant() {
    let mut scene = shop();
    let error = scene.run(&["noti", "replay", "-o", "json"]).expect_code(2).error();
    assert!(error["hint"].as_str().unwrap().contains("--all"), "{error}");
    assert_eq!(one(&scene, 1).handing_on, HandingOn::Delivered);
}

#[test]
fn a_replay_without_targets_queues_for_the_listener() {
    let mut scene = shop();
    let ended = scene.run(&["noti", "replay", "--since", "7d", "--until", "1h", "-o", "json"]).expect_code(0);
    let json = ended.json();
    assert_eq!((&json["queued"], &json["listening"]), (&3.into(), &false.into()));
    assert!(ended.stderr.contains("is not running"), "{}", ended.stderr);
    for id in 1..=3 {
        let received = one(&scene, id);
        assert_eq!((received.handing_on, received.hand_on_tries), (HandingOn::Pending, 0), "{id}");
        assert_eq!((received.hand_on_at, received.handed_to), (Some(scene.clock.now()), vec![]), "{id}");
    }
    assert_eq!(one(&scene, 4).handing_on, HandingOn::None);
    let table = scene.run(&["noti", "replay", "--all"]).expect_code(0).stdout;
    assert!(table.contains("queued") && table.contains('4'), "{table}");
    let none = scene.run(&["noti", "replay", "--tid", "T9"]).expect_code(0);
    assert_eq!(none.stderr, "no such notification was received\n");
}

#[test]
fn a_listener_that_runs_is_known_by_its_lock() {
    let mut scene = shop();
    // What `noti listen` holds for this account as long as it runs.
    let _held = Ledger::lock(&scene.data_directory(), "listen-acccc26473b9c644").unwrap().unwrap();
    let ended = scene.run(&["noti", "replay", "--all", "-o", "json"]).expect_code(0);
    assert_eq!((&ended.json()["listening"], ended.stderr.as_str()), (&true.into(), ""));
}

#[test]
fn many_are_queued_page_by_page() {
    let mut scene = Scene::with_sandbox(NOBODY);
    let mut store = notifications(&scene);
    store
        .group(|group| {
            for number in 0_u64..700 {
                let mut identity = [0; 16];
                identity[..8].copy_from_slice(&number.to_le_bytes());
                group.store(&Arrival {
                    account: &account(),
                    identity,
                    kind: "approval",
                    tid: None,
                    url_key: None,
                    rank: Rank::Other,
                    is_needed: false,
                    limit: u64::MAX,
                    body: b"{}",
                    at: scene.clock.now(),
                    verify_at: Some(scene.clock.now()),
                    handing_on: HandingOn::None,
                })?;
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(scene.run(&["noti", "replay", "--all", "-o", "json"]).expect_code(0).json()["queued"], 700);
    let json = scene.run(&["noti", "list", "--limit", "1", "-o", "json"]).expect_code(0).json();
    assert_eq!(json["items"][0]["delivery"], "pending");
    assert_eq!(ids(&mut scene, &["noti", "list", "--delivery", "pending"]).len(), 700);
}

#[test]
fn a_replay_to_targets_hands_on_now_in_order_and_leaves_the_queue_alone() {
    let mut scene = shop();
    let before = scene.run(&["noti", "list", "-o", "json"]).stdout;
    let listener = Listener::answering(|_| OK.to_owned());
    let taken = scene.home().join("taken").display().to_string();
    let url = format!("{}/paid?key=canary", listener.url);
    let command = ["noti", "replay", "--until", "1h", "-o", "json", "--forward", &url];
    let exec = ["--exec", "sh", "-c", "cat >> \"$0\"", &taken];
    let ended = scene.run(&with(&command, &exec)).expect_code(0);
    let json = ended.json();
    assert_eq!(json["summary"], serde_json::json!({"count": 3, "delivered": 3, "failed": 0}));
    for (item, id) in json["items"].as_array().unwrap().iter().zip(1..) {
        assert_eq!((&item["id"], &item["delivery"]), (&id.into(), &"delivered".into()));
        assert_eq!((&item["delivery_attempts"], &item["next_delivery_at"]), (&1.into(), &Value::Null));
        assert_eq!(item["delivered_at"], "2026-11-22T15:20:00+09:00");
    }
    let posted: Vec<String> = listener.bodies.try_iter().collect();
    assert_eq!(format!("{}\n", posted.join("\n")), fs::read_to_string(taken).unwrap());
    let objects: Vec<Value> = posted.iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(objects.iter().map(|object| object["id"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(
        posted[0]
            .starts_with(r#"{"schema":1,"profile":"sandbox","environment":"sandbox","live":false,"kind":"#)
    );
    assert_eq!(
        (&objects[1]["verdict"], &objects[1]["buyer_name"]),
        (&"mismatch".into(), &"01012345678".into())
    );
    assert!(objects[1].get("delivery").is_none() && objects[1]["reasons"].is_array(), "{}", objects[1]);
    assert_eq!(scene.run(&["noti", "list", "-o", "json"]).stdout, before);
    assert!(!ended.stdout.contains("canary") && !ended.stderr.contains("canary"));
}

#[test]
fn a_replay_that_fails_says_how_far_it_came() {
    let mut scene = shop();
    let replies = Arc::new(Mutex::new(vec![
        OK,
        "HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        OK,
    ]));
    let listener = Listener::answering(move |_| replies.lock().unwrap().remove(0).to_owned());
    let command = ["noti", "replay", "--until", "1h", "-o", "json", "--forward"];
    let ended = scene.run(&with(&command, &[&listener.url])).expect_code(10);
    let json = ended.json();
    assert_eq!(json["summary"], serde_json::json!({"count": 3, "delivered": 2, "failed": 1}));
    let failed = &json["items"][1];
    assert_eq!((&failed["delivery"], &failed["delivered_at"]), (&"failed".into(), &Value::Null));
    assert_eq!(failed["delivery_error"], format!("`{}/`: HTTP 500", listener.url));
    assert!(ended.error()["message"].as_str().unwrap().contains("1 of 3"));

    let nobody = format!("{NOBODY}/in?key=canary");
    let ended = scene.run(&with(&command, &[&nobody])).expect_code(6);
    assert!(!ended.stdout.contains("canary") && !ended.stderr.contains("canary"), "{ended:?}");
    assert_eq!(ended.json()["summary"]["failed"], 3);
    let ended = scene.run(&[
        "noti",
        "replay",
        "--id",
        "1",
        "-o",
        "json",
        "--exec",
        "sh",
        "-c",
        "echo no >&2; exit 9",
    ]);
    assert_eq!(ended.expect_code(6).json()["items"][0]["delivery_error"], "`sh` failed (exit status: 9): no");
}

#[test]
fn a_target_that_can_be_none_is_refused_before_anything_is_handed_on() {
    let mut scene = shop();
    for (url, rule) in [
        ("https://kim:canary@shop.example.com/", "history"),
        ("ftp://canary.example.com/", "http or https"),
        ("canary", "http or https"),
    ] {
        let command =
            ["noti", "replay", "--all", "-o", "json", "--forward", url, "--exec", "no-such-program"];
        let ended = scene.run(&command).expect_code(2);
        let error = ended.error();
        assert_eq!(error["fields"].as_array().map(Vec::len), Some(2), "{error}");
        assert!(error["fields"][0]["rule"].as_str().unwrap().contains(rule), "{error}");
        assert_eq!(error["fields"][1]["value"], "no-such-program");
        assert!(!ended.stderr.contains("canary"), "{ended:?}");
    }
}

#[test]
fn plain_http_to_another_machine_is_warned_of() {
    let mut scene = Scene::with_sandbox(NOBODY);
    // There is nothing to hand on, so nothing leaves.
    let ended =
        scene.run(&["noti", "replay", "--all", "--forward", "http://192.0.2.1/in?key=canary"]).expect_code(0);
    assert!(ended.stderr.contains("`http://192.0.2.1/in` is plain http"), "{}", ended.stderr);
    let ended = scene.run(&["noti", "replay", "--all", "--forward", "http://127.0.0.1:1/"]).expect_code(0);
    assert!(!ended.stderr.contains("plain http"), "{}", ended.stderr);
}

#[test]
fn a_replay_that_is_interrupted_finishes_the_one_under_way() {
    let mut scene = shop();
    let signals = scene.signals.clone();
    let listener = Listener::answering(move |_| {
        signals.interrupted.store(true, Ordering::SeqCst);
        signals.noted.store(true, Ordering::SeqCst);
        OK.to_owned()
    });
    let ended =
        scene.run(&["noti", "replay", "--all", "-o", "json", "--forward", &listener.url]).expect_code(130);
    assert_eq!(ended.json()["summary"], serde_json::json!({"count": 1, "delivered": 1, "failed": 0}));
    assert_eq!(listener.bodies.try_iter().count(), 1);
}
