//! `explain` and `completions`: what the program says of itself, offline.

use std::fs;
use std::path::Path;

use crate::support::Scene;

#[test]
fn every_exit_code_of_the_contract_is_explained() {
    let mut scene = Scene::new();
    for code in (0..=15).chain([130, 143]) {
        let text = code.to_string();
        let shown = scene.run(&["explain", &text, "-o", "json"]).expect_code(0).json();
        assert_eq!((shown["code"].as_str(), shown["kind"].as_str()), (Some(&*text), Some("exit")));
        let name = shown["name"].as_str().unwrap();
        let by_name = scene.run(&["explain", &name.to_lowercase(), "-o", "json"]).expect_code(0).json();
        assert_eq!(by_name, shown);
        assert!(shown["meaning"].is_string() && shown["next"].is_string(), "{shown}");
    }
}

#[test]
fn the_known_result_codes_are_explained() {
    let mut scene = Scene::new();
    for code in ["0000", "EA01", "ea01", "9999", "E003"] {
        let shown = scene.run(&["explain", code, "-o", "json"]).expect_code(0).json();
        assert_eq!(
            (shown["code"].as_str(), shown["kind"].as_str()),
            (Some(&*code.to_uppercase()), Some("result"))
        );
        assert!(shown["name"].is_null());
    }
}

#[test]
fn an_unpublished_code_is_said_to_be_one() {
    let mut scene = Scene::new();
    let error = scene.run(&["explain", "X999", "-o", "json"]).expect_code(2).error();
    assert!(error["message"].as_str().unwrap().contains("X999"), "{error}");
}

#[test]
fn without_a_code_all_are_listed() {
    let mut scene = Scene::new();
    let all = scene.run(&["explain", "-o", "json"]).expect_code(0).json();
    assert_eq!(all["summary"]["count"], 22);
    let table = scene.run(&["explain"]).expect_code(0).stdout;
    assert!(table.contains("OUTCOME_UNKNOWN") && table.contains("EA01"), "{table}");
}

#[test]
fn explaining_needs_no_configuration_even_a_broken_one() {
    let mut scene = Scene::new();
    scene.configure("this is not TOML");
    scene.run(&["explain", "7"]).expect_code(0);
    scene.run(&["completions", "bash"]).expect_code(0);
    scene.run(&["--version"]).expect_code(0);
    scene.run(&["send", "--help"]).expect_code(0);
}

#[test]
fn the_committed_completions_are_what_the_program_prints() {
    let mut scene = Scene::new();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    for (shell, name) in [
        ("bash", "cookiepay.bash"),
        ("zsh", "_cookiepay"),
        ("fish", "cookiepay.fish"),
        ("powershell", "_cookiepay.ps1"),
    ] {
        let printed = scene.run(&["completions", shell]).expect_code(0).stdout;
        let committed = fs::read_to_string(directory.join(name)).unwrap();
        assert!(printed == committed, "`cookiepay completions {shell} > completions/{name}` is due");
    }
    scene.run(&["completions", "nosuch"]).expect_code(2);
}
