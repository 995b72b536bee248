//! `token`: issued once, kept, and never older than it may be.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::fake::{Fake, reply};
use crate::support::{NOBODY, Scene, asked, misbehave};

/// The token of `cookiepay token --raw`.
#[track_caller]
fn raw(scene: &mut Scene) -> String {
    let ended = scene.run(&["token", "--raw"]).expect_code(0);
    let token = ended.stdout.strip_suffix('\n').unwrap().to_owned();
    assert!(!token.contains(char::is_whitespace), "{ended:?}");
    token
}

/// The files that tokens are kept in.
fn files(scene: &Scene) -> Vec<PathBuf> {
    let entries = fs::read_dir(scene.data_directory().join("tokens")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect()
}

#[test]
fn the_second_time_it_comes_from_the_cache() {
    let (mut scene, emulator) = Scene::with_emulator();
    let first = scene.run(&["token", "-o", "json"]).expect_code(0).json();
    assert_eq!((first["cached"].as_bool(), first["pay2_id"].as_str()), (Some(false), Some("sandbox_shop01")));
    assert_eq!(first["issued_at"], "2026-11-22T11:20:00+09:00");
    assert_eq!(first["expires_at"], "2026-11-22T12:20:00+09:00");
    let second = scene.run(&["token", "-o", "json"]).expect_code(0).json();
    assert_eq!((second["cached"].as_bool(), &second["token"]), (Some(true), &first["token"]));
    assert_eq!(raw(&mut scene), first["token"].as_str().unwrap());
    assert_eq!(asked(&emulator), (1, 0));
}

#[test]
fn a_table_masks_the_token() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let token = raw(&mut scene);
    let table = scene.run(&["token"]).expect_code(0).stdout;
    assert!(!table.contains(&token) && table.contains('…') && table.contains("sandbox_shop01"), "{table}");
}

#[test]
fn refresh_ignores_the_cache_and_replaces_it() {
    let (mut scene, emulator) = Scene::with_emulator();
    let first = raw(&mut scene);
    scene.clock.advance(Duration::from_secs(5));
    let fresh = scene.run(&["token", "--refresh", "-o", "json"]).expect_code(0).json();
    assert_eq!(fresh["cached"], false);
    assert_ne!(fresh["token"], *first);
    assert_eq!(raw(&mut scene), fresh["token"].as_str().unwrap());
    assert_eq!((asked(&emulator), files(&scene).len()), ((2, 0), 1));
}

#[test]
fn it_is_kept_until_a_minute_before_it_expires() {
    let (mut scene, emulator) = Scene::with_emulator();
    let first = raw(&mut scene);
    scene.clock.advance(Duration::from_secs(3539));
    assert_eq!(raw(&mut scene), first);
    scene.clock.advance(Duration::from_secs(1));
    assert_ne!(raw(&mut scene), first);
    assert_eq!(asked(&emulator), (2, 0));
}

#[test]
fn one_that_cannot_be_read_is_kept_ten_minutes() {
    let fake = Fake::new(|_| reply("200 OK", r#"{"RTN_CD":"0000","TOKEN":"opaque"}"#));
    let mut scene = Scene::with_sandbox(&fake.url());
    for (minutes, requests) in [(0, 1), (9, 1), (1, 2)] {
        scene.clock.advance(Duration::from_mins(minutes));
        assert_eq!((raw(&mut scene).as_str(), fake.requests()), ("opaque", requests));
    }
}

#[test]
fn another_key_id_or_host_never_meets_its_cache() {
    let (mut scene, emulator) = Scene::with_emulator();
    let other = scene.emulator(&scene.home().join("other.db"), &[]);
    raw(&mut scene);
    scene.environment.insert("COOKIEPAY_PAY2_ID".to_owned(), "another_id".to_owned());
    raw(&mut scene);
    assert_eq!(asked(&emulator), (2, 0));
    scene.environment.insert("COOKIEPAY_PAY2_KEY".to_owned(), "another-key".to_owned());
    scene.run(&["token"]).expect_code(4);
    assert_eq!(asked(&emulator), (3, 0));
    scene.environment.clear();
    scene.configure_sandbox(&other.url(), "");
    raw(&mut scene);
    assert_eq!((asked(&other), files(&scene).len()), ((1, 0), 3));
}

#[cfg(unix)]
#[test]
fn its_file_is_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let (mut scene, _emulator) = Scene::with_emulator();
    raw(&mut scene);
    for path in files(&scene) {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
    let directory = fs::metadata(scene.data_directory().join("tokens")).unwrap();
    assert_eq!(directory.permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_cache_that_cannot_be_read_is_replaced() {
    let (mut scene, emulator) = Scene::with_emulator();
    raw(&mut scene);
    fs::write(&files(&scene)[0], "{").unwrap();
    raw(&mut scene);
    assert_eq!(asked(&emulator), (2, 0));
}

#[test]
fn wrong_keys_are_exit_4_with_the_providers_code_and_message() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.environment.insert("COOKIEPAY_PAY2_KEY".to_owned(), "wrong-key".to_owned());
    let ended = scene.run(&["token", "-o", "json"]).expect_code(4);
    let error = ended.error();
    assert_eq!((error["code"].as_str(), error["exit"].as_u64()), (Some("AUTH"), Some(4)));
    assert!(error["message"].as_str().unwrap().contains("E003: ID & KEY 불일치"), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("pay2_key"), "{error}");
    assert_eq!((asked(&emulator), ended.stdout.as_str()), ((1, 0), ""));
    assert!(!ended.stderr.contains("wrong-key"));
}

#[test]
fn no_trustworthy_answer_is_exit_6_and_nothing_is_kept() {
    let (mut scene, emulator) = Scene::with_emulator();
    for fault in
        ["drop-after@token*1", "html@token*1", "truncated@token*1", "huge@token*1", "no-code@token*1"]
    {
        misbehave(&emulator, &[fault]);
        scene.run(&["token"]).expect_code(6);
    }
    assert!(files(&scene).is_empty());
    assert_eq!(asked(&emulator), (5, 0));
    scene.configure_sandbox(NOBODY, "");
    scene.run(&["token"]).expect_code(6);
}

#[test]
fn a_cache_directory_that_cannot_be_used_is_exit_15() {
    let (mut scene, emulator) = Scene::with_emulator();
    fs::create_dir_all(scene.data_directory()).unwrap();
    fs::write(scene.data_directory().join("tokens"), "").unwrap();
    scene.run(&["token"]).expect_code(15);
    assert_eq!(asked(&emulator), (0, 0));
}
