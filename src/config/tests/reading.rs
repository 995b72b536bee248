//! What a file may say, and how its mistakes are named.

use super::super::{ConfigError, ReadFault};
use super::{World, set_mode, shop};

/// What is said about one line in an otherwise good profile; it is line 5.
fn said_about(line: &str) -> String {
    World::with(shop("sandbox", line)).problem()
}

#[test]
fn unknown_keys_are_named_with_line_and_nearest_key_everywhere() {
    for (text, expected) in [
        (
            "default_profil = \"local\"",
            "line 1: unknown key `default_profil` in the file; did you mean `default_profile`?",
        ),
        ("profile = 1", "line 1: unknown key `profile` in the file; did you mean `profiles`?"),
        ("color = 1", "line 1: unknown key `color` in the file; known: `default_profile`, `profiles`"),
        (
            "[profiles.local]\n\napi-key = \"x\"",
            "line 3: unknown key `api-key` in `[profiles.local]`; did you mean `api_key`?",
        ),
        (
            "[profiles.local]\napi_key = { evn = \"X\" }",
            "line 2: unknown key `evn` in `api_key`; did you mean `env`?",
        ),
        (
            "[profiles.local]\napi_key.vault = \"X\"",
            "line 2: unknown key `vault` in `api_key`; known: `env`, `file`, `command`",
        ),
    ] {
        assert_eq!(World::with(text).problem(), expected);
    }
    let far = said_about("colour = 1");
    assert!(
        far.starts_with("line 5: unknown key `colour` in `[profiles.shop]`; known: `environment`, "),
        "{far}"
    );
}

#[test]
fn wrong_types_are_named_with_their_line() {
    for (line, expected) in [
        ("pay2_id = 7", "line 5: `pay2_id` must be a string, not an integer"),
        (
            "pay2_key = 7",
            "line 5: `pay2_key` must be a string or a table like { env = \"NAME\" }, not an integer",
        ),
        ("pay2_key = { env = 7 }", "line 5: `pay2_key.env` must be a string, not an integer"),
        ("pay2_key = { file = true }", "line 5: `pay2_key.file` must be a string, not true or false"),
        (
            "pay2_key = { command = \"pass\" }",
            "line 5: `pay2_key.command` must be a list of strings that is not empty, like [\"prog\", \"arg\"], not a string",
        ),
        (
            "max_rows = \"1,000\"",
            "line 5: `max_rows` must be a whole number without quotes or commas, like 1000000, not a string",
        ),
        (
            "max_rows = 1.5",
            "line 5: `max_rows` must be a whole number without quotes or commas, like 1000000, not a number with a fraction",
        ),
        ("duplicate_window = 24", "line 5: `duplicate_window` must be a string, not an integer"),
        ("via = [\"sms\"]", "line 5: `via` must be a string, not a list"),
    ] {
        assert_eq!(said_about(line), expected);
    }
    assert_eq!(World::with("profiles = 1").problem(), "line 1: `profiles` must be a table, not an integer");
    assert_eq!(
        World::with("[profiles]\nshop = 2020-01-01").problem(),
        "line 2: `profiles.shop` must be a table, not a date or time"
    );
}

#[test]
fn values_out_of_range_are_named_with_their_rule() {
    for (line, expected) in [
        ("max_amount = 0", "line 5: `max_amount` must be from 1 to 9999999999"),
        ("max_amount = 10_000_000_000", "line 5: `max_amount` must be from 1 to 9999999999"),
        ("max_rows = -1", "line 5: `max_rows` must be from 1 to 9223372036854775807"),
        (
            "via = \"smss\"",
            "line 5: `via` must be one of `sms`, `email`, `kakao`, `link`; did you mean `sms`?",
        ),
        ("via = \"\"", "line 5: `via` is empty"),
        ("pay2_id = \" a\"", "line 5: `pay2_id` begins or ends with a space"),
        ("pay2_id = \"a\\nb\"", "line 5: `pay2_id` holds control characters"),
        ("pay2_key = \"\"", "line 5: `pay2_key` is empty"),
        (
            "pay2_key = \"한글\"",
            "line 5: `pay2_key` holds characters other than printable ASCII, so it can be no key",
        ),
        ("pay2_key = {}", "line 5: `pay2_key` needs exactly one of `env`, `file`, `command`"),
        (
            "pay2_key = { env = \"A\", file = \"b\" }",
            "line 5: `pay2_key` needs exactly one of `env`, `file`, `command`",
        ),
        (
            "pay2_key = { env = \"a-b\" }",
            "line 5: `pay2_key.env` must be the name of a variable, like SHOP_KEY",
        ),
        (
            "pay2_key = { command = [] }",
            "line 5: `pay2_key.command` must be a list of strings that is not empty, like [\"prog\", \"arg\"]",
        ),
        (
            "base_url = \"http://example.com\"",
            "line 5: `base_url` must be https; plain http is for loopback addresses only",
        ),
    ] {
        assert_eq!(said_about(line), expected);
    }
    let window = said_about("duplicate_window = \"24\"");
    assert!(window.starts_with("line 5: `duplicate_window` must be a whole number with a unit"), "{window}");
}

#[test]
fn a_profile_has_to_say_its_environment() {
    let world = World::with("\n[profiles.shop]\napi_id = \"x\"");
    assert_eq!(world.problem(), "line 2: profile `shop` has no `environment`");
    assert_eq!(
        world.file().unwrap_err().hint().unwrap(),
        "add `environment = \"sandbox\"` or `environment = \"live\"`"
    );
    assert_eq!(
        World::with(shop("sandox", "")).problem(),
        "line 2: `environment` must be one of `live`, `sandbox`, `local`; did you mean `sandbox`?"
    );
}

#[test]
fn local_profiles_cannot_be_pointed_elsewhere() {
    assert_eq!(
        World::with("[profiles.local]\nenvironment = \"live\"").problem(),
        "line 2: profile `local` is the built-in emulator and cannot be pointed elsewhere"
    );
    let no_base_url = "`base_url` has no place in a local profile: it is served by the built-in emulator";
    for text in [
        "[profiles.local]\nbase_url = \"http://127.0.0.1:1\"".to_owned(),
        "[profiles.mine]\nenvironment='local'\nbase_url = \"https://example.com\"".to_owned(),
    ] {
        let problem = World::with(&text).problem();
        assert!(problem.ends_with(no_base_url), "{problem}");
    }
}

#[test]
fn a_sandbox_profile_cannot_go_to_the_live_system() {
    let problem = said_about("base_url = \"https://www.cookiepayments.com:443/\"");
    assert_eq!(problem, "line 5: `base_url` of a sandbox profile is the address of the live system");
}

#[test]
fn the_default_profile_has_to_exist() {
    let problem = World::with(format!("default_profile = \"shpo\"\n{}", shop("sandbox", ""))).problem();
    assert_eq!(
        problem,
        "line 1: `default_profile` names no profile; known: `local`, `shop`; did you mean `shop`?"
    );
    assert!(World::with("default_profile = \"local\"").file().is_ok());
}

#[test]
fn all_mistakes_are_named_at_once_in_the_order_of_the_file() {
    let text = "colour = 1\n[profiles.a]\nvia = \"fax\"\napi_id = 7\n[profiles.local]\nmax_rows = 0\n";
    let world = World::with(text);
    let lines: Vec<_> = world.problems().iter().map(|problem| problem[..7].to_owned()).collect();
    assert_eq!(lines, ["line 1:", "line 2:", "line 3:", "line 4:", "line 6:"]);
    let message = world.load("local").unwrap_err().to_string();
    assert!(message.starts_with("5 problems in config file `"), "{message}");
    assert_eq!(message.lines().count(), 6);
}

#[test]
fn syntax_errors_are_named_with_line_and_column_but_without_the_line() {
    for (text, place) in [
        ("[profiles.a]\nenvironment = \n", "line 2, column "),
        ("[profiles.a]\napi_key = \"한글canary\nvia = \"sms\"\n", "line 2, column "),
        ("[profiles.a]\napi_key = canary\n", "line 2, column 11: "),
        ("[profiles.a]\nvia = \"sms\"\nvia = \"sms\"\n", "line 3, column 1: "),
        ("[profiles.a]\n[profiles.a]\n", "line 2, column "),
        ("[profiles.a", "line 1, column "),
    ] {
        let problems = World::with(text).problems();
        assert!(problems[0].starts_with(place), "{problems:?}");
        assert!(!problems.concat().contains("canary"), "{problems:?}");
    }
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_read() {
    let text = format!("\u{feff}{}", shop("sandbox", "via = \"email\"").replace('\n', "\r\n"));
    assert!(World::with(&text).load("shop").is_ok());
    let wrong = World::with(text.replace("via", "viaa")).problem();
    assert!(wrong.starts_with("line 5: unknown key `viaa`"), "{wrong}");
}

#[test]
fn a_file_that_is_not_utf8_says_so_with_its_line() {
    let world = World::with(b"# \xc4\xed\xc5\xb0\n[profiles.local]\n");
    let error = world.file().unwrap_err();
    assert!(error.to_string().ends_with("config.toml` is not UTF-8 (line 1)"), "{error}");
    assert!(error.hint().unwrap().contains("iconv -f CP949"), "{:?}", error.hint());
}

#[test]
fn a_directory_in_the_place_of_the_file_says_so() {
    let world = World::empty();
    std::fs::create_dir(world.path()).unwrap();
    let error = world.load("local").unwrap_err();
    assert!(error.to_string().ends_with("is a directory, not a file"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_an_error_even_where_no_file_is_needed() {
    let world = World::empty();
    std::os::unix::fs::symlink("nowhere", world.path()).unwrap();
    let error = world.load("local").unwrap_err();
    assert!(matches!(error, ConfigError::Unreadable { fault: ReadFault::DanglingLink, .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_opened_says_so() {
    let world = World::with(shop("sandbox", ""));
    set_mode(&world.path(), 0);
    // To root every file is readable.
    if std::fs::read(world.path()).is_err() {
        let error = world.load("shop").unwrap_err();
        assert!(error.to_string().ends_with("cannot be read: permission denied"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_secret_in_a_file_that_others_can_read_is_refused_with_the_way_out() {
    let world = World::with(shop("sandbox", ""));
    for mode in [0o640, 0o604, 0o644, 0o666] {
        set_mode(&world.path(), mode);
        for profile in ["shop", "local"] {
            let error = world.load(profile).unwrap_err();
            let verb = if mode == 0o666 { "changed" } else { "read" };
            let expected = format!("holds a secret and can be {verb} by group or others");
            assert!(error.to_string().contains(&expected), "{error}");
            assert_eq!(error.hint().unwrap(), format!("chmod 600 {}", world.path().display()));
        }
    }
    set_mode(&world.path(), 0o600);
    assert!(world.load("shop").is_ok());
}

#[cfg(unix)]
#[test]
fn without_a_secret_in_the_file_its_mode_does_not_matter() {
    let world = World::with(shop("sandbox", "").replace("\"file-key\"", "{ env = \"SHOP_KEY\" }"));
    set_mode(&world.path(), 0o644);
    assert!(world.load("shop").is_ok());
}

#[cfg(unix)]
#[test]
fn an_exposed_file_that_is_wrong_as_well_says_both() {
    let world = World::with(shop("sandbox", "colour = 1"));
    set_mode(&world.path(), 0o644);
    assert_eq!(world.problems().len(), 2);
}

#[test]
fn a_key_that_stands_twice_is_named_unless_it_may_be_a_secret() {
    assert_eq!(said_about("via = \"sms\"\nvia = \"email\""), "line 6, column 1: duplicate key `via`");
    let unseen = said_about("k9x31f0z = 1\nk9x31f0z = 2");
    assert!(!unseen.contains("duplicate key `"), "{unseen}");
}
