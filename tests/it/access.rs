//! What others can change is not used: configuration, key files, tokens, the ledger, and the directories they lie in.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{COFFEE, Scene, reached, with};

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A sandbox profile of this emulator whose key comes from there.
fn with_key_from(source: &str) -> (Scene, cookiepay::emulator::Emulator) {
    let (scene, emulator) = Scene::with_emulator();
    let config = fs::read_to_string(scene.config_file()).unwrap();
    let literal = |line: &&str| !line.starts_with("api_key") && !line.starts_with("pay2_key");
    let without_keys: Vec<&str> = config.lines().filter(literal).collect();
    scene.configure(&format!("{}\napi_key = {source}\n", without_keys.join("\n")));
    (scene, emulator)
}

/// Ends with this code, sends nothing, and says that others can change that path, with the command that mends it.
#[track_caller]
fn assert_refused(scene: &mut Scene, arguments: &[&str], code: u8, weak: &Path, mend: &str) {
    let error = scene.run(&with(arguments, &["-o", "json"])).expect_code(code).error();
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("can be changed by group or others"), "{message}");
    assert!(message.contains(&*weak.display().to_string()), "{message}");
    assert_eq!(error["hint"], format!("chmod {mend} {}", weak.display()));
}

#[test]
fn a_config_file_with_a_command_or_a_key_that_others_can_change_is_refused() {
    for (source, mend) in [(r#"{ command = ["echo", "key-7f3a9c"] }"#, "go-w"), ("\"key-7f3a9c\"", "600")] {
        let (mut scene, emulator) = with_key_from(source);
        let file = scene.config_file();
        for mode in [0o666, 0o620, 0o602] {
            set_mode(&file, mode);
            assert_refused(&mut scene, &COFFEE, 3, &file, mend);
        }
        set_mode(&file, 0o600);
        let directory = file.parent().unwrap();
        set_mode(directory, 0o777);
        assert_refused(&mut scene, &COFFEE, 3, directory, "go-w");
        assert_eq!(reached(&emulator), (0, 0, 0));
        // Nobody can replace the file of another one there.
        set_mode(directory, 0o1777);
        scene.run(&COFFEE).expect_code(0);
    }
}

#[test]
fn a_key_file_that_others_can_change_is_refused() {
    let (mut scene, emulator) = with_key_from("{ file = \"keys/key\" }");
    let file = scene.config_file().with_file_name("keys").join("key");
    fs::create_dir(file.parent().unwrap()).unwrap();
    fs::write(&file, "key-7f3a9c\n").unwrap();
    for mode in [0o622, 0o666] {
        set_mode(&file, mode);
        assert_refused(&mut scene, &COFFEE, 3, &file, "600");
    }
    set_mode(&file, 0o600);
    set_mode(file.parent().unwrap(), 0o775);
    assert_refused(&mut scene, &COFFEE, 3, file.parent().unwrap(), "go-w");
    assert_eq!(reached(&emulator), (0, 0, 0));
    set_mode(file.parent().unwrap(), 0o755);
    scene.run(&COFFEE).expect_code(0);
}

#[test]
fn a_token_cache_that_others_can_change_or_read_is_refused() {
    let (mut scene, _emulator) = Scene::with_emulator();
    scene.run(&["token"]).expect_code(0);
    let tokens = scene.data_directory().join("tokens");
    let mut entries = fs::read_dir(&tokens).unwrap().map(|entry| entry.unwrap().path());
    let file = entries.find(|path| path.extension().is_some_and(|ending| ending == "json")).unwrap();
    set_mode(&file, 0o666);
    assert_refused(&mut scene, &["token"], 3, &file, "600");
    set_mode(&file, 0o644);
    let error = scene.run(&["token", "-o", "json"]).expect_code(3).error();
    assert_eq!(error["hint"], format!("chmod 600 {}", file.display()));
    set_mode(&file, 0o600);
    for directory in [tokens, scene.data_directory()] {
        set_mode(&directory, 0o777);
        assert_refused(&mut scene, &["token"], 3, &directory, "700");
        set_mode(&directory, 0o700);
    }
    scene.run(&["token"]).expect_code(0);
}

#[test]
fn a_ledger_that_others_can_change_is_refused_before_anything_is_sent() {
    let (mut scene, emulator) = Scene::with_emulator();
    let (directory, file) = (scene.data_directory(), scene.data_directory().join("ledger.db"));
    fs::create_dir_all(&directory).unwrap();
    set_mode(&directory, 0o777);
    assert_refused(&mut scene, &COFFEE, 15, &directory, "700");
    // What a usual umask makes of a directory is fine.
    set_mode(&directory, 0o755);
    scene.run(&COFFEE).expect_code(0);
    let sent = reached(&emulator);
    set_mode(&file, 0o666);
    assert_refused(&mut scene, &["list"], 15, &file, "go-w");
    assert_refused(&mut scene, &with(&COFFEE, &["--allow-duplicate"]), 15, &file, "go-w");
    assert_eq!(reached(&emulator), sent);
}
