//! `config`, and which profile a command uses.

use std::fs;

use crate::support::{API_KEY, COFFEE, NOBODY, PAY2_KEY, Scene, asked, reached, with};

#[test]
fn path_says_where_everything_lies() {
    let mut scene = Scene::new();
    let shown = scene.run(&["config", "path", "-o", "json"]).expect_code(0).json();
    assert_eq!(shown["config"], scene.config_file().display().to_string());
    assert_eq!(shown["data_dir"], scene.data_directory().display().to_string());
    assert_eq!(shown["ledger"], scene.data_directory().join("ledger.db").display().to_string());
}

#[test]
fn an_option_counts_before_its_variable_and_that_before_the_platforms_directory() {
    let mut scene = Scene::new();
    scene.environment.insert("COOKIEPAY_CONFIG".to_owned(), "/v/c.toml".to_owned());
    scene.environment.insert("COOKIEPAY_DATA_DIR".to_owned(), "/v/data".to_owned());
    let shown = scene.run(&["config", "path", "-o", "json"]).json();
    assert_eq!((shown["config"].as_str(), shown["data_dir"].as_str()), (Some("/v/c.toml"), Some("/v/data")));
    let options = ["config", "path", "-o", "json", "--config", "/o/c.toml", "--data-dir", "/o/data"];
    let shown = scene.run(&options).json();
    assert_eq!((shown["config"].as_str(), shown["data_dir"].as_str()), (Some("/o/c.toml"), Some("/o/data")));
}

#[test]
fn init_writes_a_private_file_that_check_likes() {
    let mut scene = Scene::new();
    let init =
        ["config", "init", "--environment", "sandbox", "--api-id", "sandbox_shop01", "--key-env", "SHOP_KEY"];
    let ended = scene.run(&init).expect_code(0);
    assert!(ended.stderr.contains("0600") && ended.stderr.contains("SHOP_KEY"), "{}", ended.stderr);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(scene.config_file()).unwrap().permissions().mode() & 0o777, 0o600);
    }
    scene.environment.insert("SHOP_KEY".to_owned(), "k".to_owned());
    let checks = scene.run(&["config", "check", "-o", "json"]).expect_code(0).json();
    assert_eq!(checks["summary"]["errors"], 0);
    let shown = scene.run(&["config", "show", "-o", "json"]).expect_code(0).json();
    assert_eq!(shown["settings"]["api_id"]["value"], "sandbox_shop01");
}

#[test]
fn init_replaces_a_file_only_if_told_to() {
    let mut scene = Scene::with_sandbox(NOBODY);
    let before = fs::read_to_string(scene.config_file()).unwrap();
    scene.run(&["config", "init"]).expect_code(3);
    scene.on_terminal = true;
    for answer in ["n\n", ""] {
        scene.stdin = answer.into();
        scene.run(&["config", "init"]).expect_code(3);
    }
    assert_eq!(fs::read_to_string(scene.config_file()).unwrap(), before);
    scene.stdin = b"y\nlive\nshop01\n".to_vec();
    scene.run(&["config", "init"]).expect_code(0);
    let after = fs::read_to_string(scene.config_file()).unwrap();
    assert!(after.contains("environment = \"live\"") && after.contains("api_id = \"shop01\""), "{after}");
    scene.on_terminal = false;
    scene.run(&["config", "init", "--force"]).expect_code(0);
    assert!(fs::read_to_string(scene.config_file()).unwrap().contains("environment = \"sandbox\""));
}

#[test]
fn init_names_an_environment_that_is_none() {
    let mut scene = Scene::new();
    let error = scene.run(&["config", "init", "--environment", "prod", "-o", "json"]).expect_code(2).error();
    assert_eq!(error["fields"][0]["value"], "prod");
    assert!(!scene.config_file().exists());
}

#[test]
fn show_masks_secrets_and_says_where_settings_come_from() {
    let mut scene = Scene::with_sandbox(NOBODY);
    scene.environment.insert("COOKIEPAY_PAY2_ID".to_owned(), "other_id".to_owned());
    for format in ["table", "json", "csv"] {
        let shown = scene.run(&["config", "show", "-o", format]).expect_code(0);
        for secret in [API_KEY, PAY2_KEY] {
            assert!(!shown.stdout.contains(secret) && !shown.stderr.contains(secret), "{shown:?}");
        }
        assert!(shown.stdout.contains("****"), "{shown:?}");
    }
    let shown = scene.run(&["config", "show", "-o", "json"]).json();
    assert_eq!((shown["profile"].as_str(), shown["default"].as_bool()), (Some("sandbox"), Some(true)));
    let settings = &shown["settings"];
    assert_eq!(
        (settings["api_key"]["value"].as_str(), &settings["via"]["value"]),
        (Some("****"), &().into())
    );
    assert_eq!(settings["pay2_id"]["value"], "other_id");
    assert!(settings["pay2_id"]["origin"].as_str().unwrap().contains("COOKIEPAY_PAY2_ID"), "{settings}");
}

#[test]
fn without_a_profile_the_hint_says_how_to_get_one() {
    let mut scene = Scene::new();
    for command in [&with(&COFFEE, &[])[..], &["status", "K"], &["token"], &["list"], &["config", "show"]] {
        let error = scene.run(&with(command, &["-o", "json"])).expect_code(3).error();
        assert_eq!(error["code"], "CONFIG");
        assert!(error["hint"].as_str().unwrap().contains("cookiepay config init"), "{error}");
    }
    assert!(!scene.data_directory().exists());
}

#[test]
fn an_unknown_profile_or_file_is_exit_3() {
    let mut scene = Scene::with_sandbox(NOBODY);
    let error = scene.run(&["list", "--profile", "sandbx", "-o", "json"]).expect_code(3).error();
    assert!(error["hint"].as_str().unwrap().contains("sandbox"), "{error}");
    scene.run(&["list", "--config", "/nowhere/config.toml"]).expect_code(3);
}

#[test]
fn the_profile_is_that_of_the_option_then_the_variable_then_the_file() {
    let mut scene = Scene::new();
    let profile = |name: &str| {
        format!(
            "[profiles.{name}]\nenvironment = \"sandbox\"\napi_id = \"sandbox_{name}\"\napi_key = \"k\"\n"
        )
    };
    scene.configure(&format!("default_profile = \"a\"\n{}{}{}", profile("a"), profile("b"), profile("c")));
    let mut used = |command: &[&str], variable: &str| {
        scene.environment.insert("COOKIEPAY_PROFILE".to_owned(), variable.to_owned());
        let shown = scene.run(&with(command, &["-o", "json"])).expect_code(0).json();
        shown["settings"]["api_id"]["value"].as_str().unwrap().to_owned()
    };
    assert_eq!(used(&["config", "show"], ""), "sandbox_a");
    assert_eq!(used(&["config", "show"], "b"), "sandbox_b");
    assert_eq!(used(&["config", "show", "--profile", "c"], "b"), "sandbox_c");
    assert_eq!(used(&["--profile", "c", "config", "show"], "b"), "sandbox_c");
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_nearest_valid_one() {
    let mut scene = Scene::with_sandbox(NOBODY);
    scene.configure_sandbox(NOBODY, "max_amout = 5\n");
    let ended = scene.run(&with(&COFFEE, &["-o", "json"])).expect_code(3);
    let message = ended.error()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("`max_amout`") && message.contains("line 8"), "{message}");
    assert!(message.contains("`max_amount`"), "{message}");
    let checks = scene.run(&["config", "check", "-o", "json"]).expect_code(3).json();
    assert_ne!(checks["summary"]["errors"], 0);
}

#[cfg(unix)]
#[test]
fn a_file_with_a_secret_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let (mut scene, emulator) = Scene::with_emulator();
    fs::set_permissions(scene.config_file(), fs::Permissions::from_mode(0o640)).unwrap();
    let error = scene.run(&with(&COFFEE, &["-o", "json"])).expect_code(3).error();
    assert!(error["hint"].as_str().unwrap().starts_with("chmod 600 "), "{error}");
    assert_eq!(reached(&emulator), (0, 0, 0));
}

#[test]
fn variables_replace_the_keys_of_a_sandbox_profile() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.environment.insert("COOKIEPAY_API_KEY".to_owned(), "wrong-key".to_owned());
    scene.run(&COFFEE).expect_code(4);
    assert_eq!(reached(&emulator).0, 1);
}

#[test]
fn live_never_switches_accounts_silently() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.configure_live(&emulator.url());
    let command = with(&COFFEE, &["--yes", "-o", "json"]);
    for (variable, value) in [
        ("COOKIEPAY_API_ID", "shop02"),
        ("COOKIEPAY_API_KEY", "another"),
        ("COOKIEPAY_PAY2_ID", "shop02"),
        ("COOKIEPAY_PAY2_KEY", "another"),
    ] {
        scene.environment.clear();
        scene.environment.insert(variable.to_owned(), value.to_owned());
        let ended = scene.run(&command).expect_code(3);
        assert!(ended.error()["message"].as_str().unwrap().contains(variable), "{ended:?}");
    }
    assert_eq!((reached(&emulator), asked(&emulator)), ((0, 0, 0), (0, 0)));
    scene.environment.clear();
    scene.environment.insert("COOKIEPAY_API_ID".to_owned(), "shop01".to_owned());
    scene.run(&command).expect_code(0);
}

#[test]
fn check_online_tries_the_keys() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&["config", "check"]).expect_code(0);
    assert_eq!(asked(&emulator), (0, 0));
    let checks = scene.run(&["config", "check", "--online", "-o", "jsonl"]).expect_code(0).json_lines();
    assert!(checks.iter().any(|check| check["check"] == "token" && check["verdict"] == "ok"), "{checks:?}");
    assert_eq!(asked(&emulator), (1, 0));
    scene.environment.insert("COOKIEPAY_PAY2_KEY".to_owned(), "wrong-key".to_owned());
    let ended = scene.run(&["config", "check", "--online", "-o", "jsonl"]).expect_code(4);
    assert!(ended.json_lines().iter().any(|check| check["check"] == "token" && check["verdict"] == "error"));
    assert_eq!(asked(&emulator), (2, 0));
}

#[test]
fn check_finds_a_damaged_ledger() {
    let (mut scene, _emulator) = Scene::with_emulator();
    scene.run(&COFFEE).expect_code(0);
    let checks = scene.run(&["config", "check", "-o", "jsonl"]).expect_code(0).json_lines();
    assert!(checks.iter().any(|check| check["check"] == "ledger" && check["verdict"] == "ok"), "{checks:?}");
    fs::write(scene.data_directory().join("ledger.db"), [b'x'; 8192]).unwrap();
    let ended = scene.run(&["config", "check", "-o", "jsonl"]).expect_code(15);
    assert!(ended.json_lines().iter().any(|check| check["check"] == "ledger" && check["verdict"] == "error"));
}

#[test]
fn check_finds_a_clock_that_is_long_past() {
    let mut scene = Scene::with_sandbox(NOBODY);
    let checks = scene.run(&["config", "check", "-o", "jsonl"]).expect_code(0).json_lines();
    assert!(checks.iter().any(|check| check["check"] == "clock" && check["verdict"] == "ok"), "{checks:?}");
    scene.clock.set(86_400);
    let checks = scene.run(&["config", "check", "-o", "jsonl"]).expect_code(3).json_lines();
    assert!(
        checks.iter().any(|check| check["check"] == "clock" && check["verdict"] == "error"),
        "{checks:?}"
    );
}

#[test]
fn no_key_is_in_any_output_or_in_any_file_but_the_configuration() {
    let (mut scene, emulator) = Scene::with_faults(&["drop-after*1", "refuse=E101*1"]);
    let mut said = String::new();
    let mut hear = |ended: crate::support::Ended| {
        said.push_str(&ended.stdout);
        said.push_str(&ended.stderr);
    };
    for command in [
        &with(&COFFEE, &["-v", "--bill-no", "B1"])[..],
        &with(&COFFEE, &["-v", "--bill-no", "B2", "--allow-duplicate"]),
        &with(&COFFEE, &["-v", "--bill-no", "B3", "--allow-duplicate", "-o", "json"]),
        &with(&COFFEE, &["-v", "--dry-run", "--allow-duplicate", "-o", "csv"]),
        &["token", "-v", "-o", "json"],
        &["status", "--pending", "-v", "-o", "csv"],
        &["list", "-v", "--reveal", "-o", "csv"],
        &["config", "show", "-v"],
        &["config", "check", "-v", "--online"],
    ] {
        hear(scene.run(command));
    }
    scene.configure_sandbox(NOBODY, "");
    hear(scene.run(&with(&COFFEE, &["-v", "--allow-duplicate"])));
    assert!(reached(&emulator).0 >= 3);
    for file in walk(&scene.data_directory()) {
        said.push_str(&String::from_utf8_lossy(&fs::read(&file).unwrap()));
    }
    assert!(said.contains("아메리카노"));
    for secret in [API_KEY, PAY2_KEY] {
        assert!(!said.contains(secret), "{secret}");
    }
}

/// Every file below a directory.
fn walk(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
