//! A secret must not get out, however broken the file is that holds it.

use super::super::{Presence, Verdict, check};
use super::{World, set_mode, shop};

const CANARY: &str = "canary7f3a";

fn assert_silent(shown: &str, about: &str) {
    assert!(!shown.contains(CANARY), "{about}\nlet out: {shown}");
}

/// Every output this module has for a file.
fn everything_shown(world: &World) -> String {
    let mut shown = Vec::new();
    for profile in ["shop", "local", "none"] {
        match world.load(profile) {
            Ok(profile) => {
                shown.push(format!("{profile:?} {:?}", profile.warnings()));
                for error in [profile.api_key().err(), profile.pay2_key().err()].into_iter().flatten() {
                    shown.push(format!("{error} {error:?} {:?}", error.hint()));
                }
            }
            Err(error) => shown.push(format!("{error} {error:?} {:?}", error.hint())),
        }
    }
    if let Ok(file) = world.file() {
        shown.push(format!("{file:?} {:?}", file.describe("shop", &world.lookup())));
    }
    shown.push(format!("{:?}", check(&world.path(), Presence::Optional, &world.lookup())));
    shown.concat()
}

#[test]
fn no_broken_file_lets_its_secret_out() {
    let lines = [
        "api_key = 'CANARY'",
        "api_key = 'CANARY한글'",
        "api_key = ' CANARY'",
        "api_key = '''\nCANARY\n'''",
        "api_key = CANARY",
        "api_key = 'CANARY",
        "api_key = \"CANARY\\q\"",
        "api_key 'CANARY'",
        "api_key = 'CANARY' 'CANARY'",
        "api_key = 'CANARY' via = 'sms'",
        "api_key = ['CANARY']",
        "api_key = { 'CANARY' }",
        "api_key = { CANARY = 1 }",
        "api_key = { env = 'CANARY' }",
        "api_key = { env = 'CANARY-' }",
        "api_key = { env = ['CANARY'] }",
        "api_key = { command = 'CANARY' }",
        "api_key = { command = ['sh', '-c', 'echo CANARY; exit 1'] }",
        "api_key = { command = ['sh', '-c', 'echo CANARY >&2; echo CANARY; echo CANARY'] }",
        "api_key = { command = ['no-such-program', 'CANARY'] }",
        "api_key = { command = ['sh', 'CANARY', 7] }",
        "api_key = { value = 'CANARY' }",
        "api_key = 'CANARY'\napi_key = 'CANARY'",
        "api_key = 'CANARY'\ncolour = 'CANARY'",
        "pay2_key = 'CANARY'\nmax_amount = 'CANARY'\nmax_rows = 'CANARY'\nduplicate_window = 'CANARY'",
        "via = 'CANARY'",
        "environment = 'CANARY'",
        "base_url = 'https://x:CANARY@example.com'",
        "base_url = 'https://example.com/?CANARY'",
        "base_url = 'CANARY'",
    ];
    for line in lines {
        let line = line.replace("CANARY", CANARY);
        let is_whole = line.contains("environment");
        let environment = if is_whole { "" } else { "environment = 'sandbox'\n" };
        for text in [
            format!(
                "default_profile = '{CANARY}'\n[profiles.shop]\n{environment}api_id = 'sandbox_x'\n{line}\n"
            ),
            format!("[profiles.shop]\n{environment}api_id = 'sandbox_x'\n{line}\n"),
            format!("[profiles.shop]\r\n{environment}api_id = 'sandbox_x'\r\n{line}"),
        ] {
            let world = World::with(&text);
            assert_silent(&everything_shown(&world), &text);
            set_mode(&world.path(), 0o644);
            assert_silent(&everything_shown(&world), &text);
        }
    }
}

#[test]
fn a_file_cut_off_anywhere_lets_nothing_out() {
    let text = format!("{}pay2_key = {{ command = [\"true\", \"{CANARY}\"] }}\n", shop("sandbox", ""))
        .replace("file-key", CANARY);
    for end in 0..text.len() {
        let cut = &text[..end];
        // A cut within a word leaves a part of the secret; that part must not be seen, either.
        let shown = everything_shown(&World::with(cut));
        assert!(!shown.contains("canary"), "{cut}\nlet out: {shown}");
    }
}

#[test]
fn secret_files_and_variables_let_nothing_out() {
    for (content, mode) in [(format!("{CANARY}\n{CANARY}"), 0o600), (CANARY.to_owned(), 0o644)] {
        let text = shop("sandbox", "pay2_key = { env = \"SHOP_KEY\" }")
            .replace("\"file-key\"", "{ file = \"key\" }");
        let world = World::with(text).variable("SHOP_KEY", &format!("{CANARY}\u{1b}"));
        world.write("key", content.as_bytes(), mode);
        assert_silent(&everything_shown(&world), &content);
    }
    let live = World::with(shop("live", "").replace("file-key", CANARY))
        .variable("COOKIEPAY_API_KEY", &format!("{CANARY}2"))
        .variable("COOKIEPAY_PAY2_KEY", &format!("{CANARY}3"));
    assert_silent(&everything_shown(&live), "live overrides");
    let not_utf8 = World::with([CANARY.as_bytes(), b"\xff"].concat());
    assert_silent(&everything_shown(&not_utf8), "a file that is not UTF-8");
}

#[test]
fn a_good_profile_lets_nothing_out_but_through_its_secret() {
    let world = World::with(shop("sandbox", "").replace("file-key", CANARY));
    assert_eq!(world.load("shop").unwrap().api_key().unwrap().expose(), CANARY);
    assert_silent(&everything_shown(&world), "a good profile");
    let checks = check(&world.path(), Presence::Required, &world.lookup());
    assert!(checks.iter().all(|check| check.verdict != Verdict::Failed), "{checks:?}");
}
