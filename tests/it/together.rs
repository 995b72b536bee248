//! Several runs at once, and the program as a process.

use std::process::Command;
use std::thread;

use crate::support::{COFFEE, Ended, Scene, asked, reached, with};

/// Runs the command in so many terminals at once.
fn at_once(scene: &Scene, count: usize, command: &[&str]) -> Vec<Ended> {
    let scenes: Vec<Scene> = (0..count).map(|_| scene.beside()).collect();
    thread::scope(|scope| {
        let runs: Vec<_> =
            scenes.into_iter().map(|mut scene| scope.spawn(move || scene.run(command))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    })
}

#[test]
fn of_many_runs_with_one_bill_no_only_one_sends() {
    let (mut scene, emulator) = Scene::with_emulator();
    let ended = at_once(&scene, 8, &with(&COFFEE, &["--bill-no", "B1", "-o", "json"]));
    assert_eq!(reached(&emulator), (1, 1, 1));
    let outcome = |ended: &Ended| (ended.code, ended.json()["outcome"].as_str().unwrap().to_owned());
    let outcomes: Vec<_> = ended.iter().map(outcome).collect();
    assert_eq!(outcomes.iter().filter(|(_, outcome)| outcome == "sent").count(), 1, "{outcomes:?}");
    for (code, outcome) in outcomes {
        let wanted = match outcome.as_str() {
            "unknown" => 11,
            _ => 0,
        };
        assert_eq!(code, wanted, "{outcome}");
    }
    assert_eq!(scene.listed("B1")["outcome"], "sent");
}

#[test]
fn of_many_runs_that_ask_the_same_of_the_same_customer_only_one_sends() {
    let (scene, emulator) = Scene::with_emulator();
    let ended = at_once(&scene, 8, &COFFEE);
    assert_eq!(reached(&emulator), (1, 1, 1));
    let mut codes: Vec<u8> = ended.iter().map(|ended| ended.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, [0, 13, 13, 13, 13, 13, 13, 13]);
}

#[test]
fn many_runs_that_need_a_token_issue_one() {
    let (scene, emulator) = Scene::with_emulator();
    let ended = at_once(&scene, 8, &["token", "--raw"]);
    let tokens: std::collections::BTreeSet<_> = ended.iter().map(|ended| &ended.stdout).collect();
    assert_eq!((asked(&emulator), tokens.len()), ((1, 0), 1));
    assert!(ended.iter().all(|ended| ended.code == 0));
}

#[test]
fn the_binary_hands_the_real_world_to_the_library() {
    let (mut scene, emulator) = Scene::with_emulator();
    let program = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_cookiepay"))
            .env_clear()
            .env("HOME", scene.home())
            .env("COOKIEPAY_CONFIG", scene.config_file())
            .env("COOKIEPAY_DATA_DIR", scene.data_directory())
            .args(arguments)
            .output()
            .unwrap()
    };
    let sent = program(&with(&COFFEE, &["--bill-no", "B1", "-o", "json"]));
    assert_eq!(sent.status.code(), Some(0), "{sent:?}");
    let report: serde_json::Value = serde_json::from_slice(&sent.stdout).unwrap();
    assert_eq!(report["outcome"], "sent");
    assert_eq!(program(&["status", "--bill-no", "B1"]).status.code(), Some(8));
    assert_eq!(program(&["nosuch"]).status.code(), Some(2));
    assert_eq!(program(&["explain", "7"]).status.code(), Some(0));
    assert_eq!(reached(&emulator), (1, 1, 1));
    assert!(scene.listed("B1")["operator"].as_str().unwrap().contains('@'));
}
