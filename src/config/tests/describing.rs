//! What `config show` and `config check` are given.

use super::super::{Check, ConfigError, Origin, Presence, Verdict, check};
use super::{World, set_mode, shop};

fn shown(world: &World, profile: &str) -> Vec<(&'static str, Option<String>, String)> {
    let description = world.file().unwrap().describe(profile, &world.lookup()).unwrap();
    let settings = description.settings.into_iter();
    settings.map(|setting| (setting.key, setting.value, setting.origin.to_string())).collect()
}

fn line(key: &'static str, value: &str, origin: &str) -> (&'static str, Option<String>, String) {
    (key, Some(value).filter(|value| !value.is_empty()).map(str::to_owned), origin.to_owned())
}

#[test]
fn every_setting_is_shown_with_its_origin_and_no_secret() {
    let world =
        World::with(shop("sandbox", "pay2_key = { command = [\"pass\", \"x\"] }\nmax_rows = 5\nvia = 'SMS'"))
            .variable("COOKIEPAY_API_ID", "sandbox_b");
    assert_eq!(
        shown(&world, "shop"),
        [
            line("environment", "sandbox", "config file"),
            line("api_id", "sandbox_b", "variable `COOKIEPAY_API_ID`"),
            line("api_key", "****", "config file"),
            line("pay2_id", "sandbox_b", "same as `api_id`"),
            line("pay2_key", "****", "command `pass`"),
            line("base_url", "https://sandbox.cookiepayments.com", "default"),
            line("via", "sms", "config file"),
            line("max_amount", "", "default"),
            line("max_rows", "5", "config file"),
            line("max_total", "", "default"),
            line("duplicate_window", "24h", "default"),
            line("resend_window", "10m", "default"),
        ]
    );
}

#[test]
fn the_built_in_profile_is_shown_as_such() {
    let settings = shown(&World::empty(), "local");
    for (_, value, origin) in settings.iter().take(6).filter(|(key, ..)| !key.starts_with("pay2")) {
        assert_eq!(origin, "built in", "{value:?}");
    }
}

#[test]
fn every_key_of_the_parser_is_shown() {
    let keys: Vec<&str> = shown(&World::empty(), "local").into_iter().map(|(key, ..)| key).collect();
    assert_eq!(keys, super::super::key::OF_PROFILE);
}

#[test]
fn an_incomplete_profile_is_described_with_what_it_lacks() {
    let world = World::with("default_profile = 'shop'\n[profiles.shop]\nenvironment = 'live'");
    let description = world.file().unwrap().describe("shop", &world.lookup()).unwrap();
    assert!(description.is_default);
    assert!(matches!(description.error, Some(ConfigError::Incomplete { .. })));
    let key = description.settings.iter().find(|setting| setting.key == "api_key").unwrap();
    assert_eq!((key.value.as_deref(), &key.origin), (None, &Origin::Default));
}

#[test]
fn profiles_are_listed_in_the_order_of_the_file_with_local() {
    let world = World::with(format!("{}[profiles.a]\nenvironment='local'\n", shop("sandbox", "")));
    assert_eq!(world.file().unwrap().profile_names(), ["shop", "a", "local"]);
    let world = World::with("[profiles.local]\n[profiles.b]\nenvironment='local'\n");
    assert_eq!(world.file().unwrap().profile_names(), ["local", "b"]);
}

fn checks(world: &World) -> Vec<Check> {
    check(&world.path(), Presence::Optional, &world.lookup())
}

fn verdict(checks: &[Check], name: &str) -> Option<Verdict> {
    checks.iter().find(|check| check.name == name).map(|check| check.verdict)
}

#[test]
fn a_good_file_passes_every_check() {
    let world = World::with(format!("default_profile = 'shop'\n{}", shop("sandbox", "")));
    let checks = checks(&world);
    assert!(checks.iter().all(|check| check.verdict == Verdict::Passed), "{checks:?}");
    let names: Vec<&str> = checks.iter().map(|check| check.name.as_str()).collect();
    if cfg!(unix) {
        assert_eq!(
            names,
            ["file", "content", "mode", "owner", "default_profile", "profile shop", "profile local"]
        );
    }
}

#[test]
fn what_is_wrong_with_a_file_is_one_check_each() {
    let world = World::with(shop("sandbox", "colour = 1\nvia = 'fax'"));
    let checks = checks(&world);
    let failed = checks.iter().filter(|check| check.verdict == Verdict::Failed).count();
    assert_eq!(failed, 2, "{checks:?}");
    assert_eq!(verdict(&checks, "profile shop"), None);
}

#[test]
fn warnings_and_incomplete_profiles_are_checks() {
    let text =
        format!("{}[profiles.half]\nenvironment='live'\n", shop("live", "").replace("shop01", "sandbox_x"));
    let checks = checks(&World::with(text));
    assert_eq!(verdict(&checks, "profile shop"), Some(Verdict::Warning));
    assert_eq!(verdict(&checks, "profile half"), Some(Verdict::Failed));
    assert_eq!(verdict(&checks, "profile local"), Some(Verdict::Passed));
    assert_eq!(verdict(&checks, "default_profile"), Some(Verdict::Warning));
}

#[test]
fn a_missing_file_is_a_warning_unless_it_was_named() {
    let world = World::empty();
    assert_eq!(verdict(&checks(&world), "file"), Some(Verdict::Warning));
    let named = check(&world.path(), Presence::Required, &world.lookup());
    assert_eq!(verdict(&named, "file"), Some(Verdict::Failed));
}

#[cfg(unix)]
#[test]
fn the_mode_is_checked_against_what_the_file_holds() {
    let with_secret = World::with(shop("sandbox", ""));
    set_mode(&with_secret.path(), 0o640);
    assert_eq!(verdict(&checks(&with_secret), "mode"), Some(Verdict::Failed));
    let without = World::with("[profiles.local]");
    set_mode(&without.path(), 0o644);
    assert_eq!(verdict(&checks(&without), "mode"), Some(Verdict::Passed));
    set_mode(&without.path(), 0o664);
    assert_eq!(verdict(&checks(&without), "mode"), Some(Verdict::Warning));
}
