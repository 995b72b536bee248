//! From a file and an environment to a profile.

use std::time::Duration;

use super::super::{ConfigError, Environment, Lookup, Profile, Warning, load};
use super::{World, shop};
use crate::bill::Channel;

fn accounts(profile: &Profile) -> [String; 4] {
    let key = profile.api_key().unwrap().expose().to_owned();
    let pay2_key = profile.pay2_key().unwrap().expose().to_owned();
    [profile.api_id.clone(), key, profile.pay2_id.clone(), pay2_key]
}

#[test]
fn local_needs_no_file_and_no_environment() {
    let profile = World::empty().load("local").unwrap();
    assert_eq!((profile.name.as_str(), profile.environment), ("local", Environment::Local));
    assert_eq!(accounts(&profile), ["local_shop", "local-api-key", "local_shop", "local-api-key"]);
    assert_eq!(profile.base_url.as_str(), "http://127.0.0.1:0");
    assert!(profile.warnings().is_empty());
}

#[test]
fn the_file_may_override_settings_of_local() {
    let text =
        "[profiles.local]\nvia='link'\nmax_amount=5000\napi_id='mine'\napi_key='k'\nduplicate_window='0'\n";
    let profile = World::with(text).load("local").unwrap();
    assert_eq!(accounts(&profile), ["mine", "k", "mine", "k"]);
    assert_eq!(profile.via, Some(Channel::Link));
    assert_eq!(profile.guards.max_amount.map(crate::bill::Amount::won), Some(5000));
    assert_eq!(profile.guards.duplicate_window, Duration::ZERO);
}

#[test]
fn another_name_for_the_emulator_is_completed_like_local() {
    let profile = World::with("[profiles.demo]\nenvironment='local'\nvia='sms'").load("demo").unwrap();
    assert_eq!((profile.environment, profile.api_id.as_str()), (Environment::Local, "local_shop"));
}

#[test]
fn a_profile_takes_its_defaults() {
    let profile = World::with(shop("sandbox", "")).load("shop").unwrap();
    assert_eq!(accounts(&profile), ["sandbox_shop01", "file-key", "sandbox_shop01", "file-key"]);
    assert_eq!(profile.base_url.as_str(), "https://sandbox.cookiepayments.com");
    assert_eq!((profile.via, profile.guards.duplicate_window), (None, Duration::from_hours(24)));
    let live = World::with(shop("live", "")).load("shop").unwrap();
    assert_eq!(live.base_url.as_str(), "https://www.cookiepayments.com");
    assert!(live.environment.is_live());
}

#[test]
fn everything_in_the_file_arrives_in_the_profile() {
    let lines = "pay2_id='p'\npay2_key='q'\nbase_url='http://127.0.0.1:9/x/'\nvia='kakao'\nmax_amount=1_000\n\
                 max_rows=0x10\nmax_total=3\nduplicate_window='90m'\nresend_window='0'";
    let profile = World::with(shop("sandbox", lines)).load("shop").unwrap();
    assert_eq!(accounts(&profile)[2..], ["p", "q"]);
    assert_eq!(profile.base_url.as_str(), "http://127.0.0.1:9/x");
    assert_eq!(profile.via, Some(Channel::Kakao));
    let guards = &profile.guards;
    assert_eq!(guards.max_amount.map(crate::bill::Amount::won), Some(1000));
    assert_eq!((guards.max_rows, guards.max_total), (Some(16), Some(3)));
    assert_eq!(guards.duplicate_window, Duration::from_mins(90));
    assert_eq!(guards.resend_window, Duration::ZERO);
}

#[test]
fn without_a_choice_the_default_profile_counts_and_without_one_there_is_a_way_out() {
    let chosen = |world: &World, profile: Option<&str>| {
        let variable = world.lookup();
        load(&Lookup { config_file: &world.path(), config_is_explicit: false, profile, variable: &variable })
    };
    let with_default = World::with(format!("default_profile = 'shop'\n{}", shop("sandbox", "")));
    assert_eq!(chosen(&with_default, None).unwrap().name, "shop");
    assert_eq!(chosen(&with_default, Some("")).unwrap().name, "shop");
    assert_eq!(chosen(&with_default, Some("local")).unwrap().name, "local");
    let refused = chosen(&World::with(shop("sandbox", "")), None).unwrap_err();
    assert!(refused.to_string().ends_with("has no `default_profile`"), "{refused}");
    let hint = refused.hint().unwrap();
    assert!(hint.contains("`shop`, `local`") && hint.contains("cookiepay config init"), "{hint}");
    let refused = chosen(&World::empty(), None).unwrap_err();
    assert!(refused.to_string().ends_with("config.toml` does not exist"), "{refused}");
    let hint = refused.hint().unwrap();
    assert!(hint.contains("cookiepay config init") && hint.contains("--profile local"), "{hint}");
}

#[test]
fn a_config_file_that_was_named_has_to_exist_even_for_local() {
    let mut world = World::empty();
    world.config_is_explicit = true;
    let error = world.load("local").unwrap_err();
    assert!(error.to_string().ends_with("config.toml` does not exist"), "{error}");
    assert!(error.hint().unwrap().contains("--config"));
}

#[test]
fn an_unknown_profile_names_the_known_ones_and_the_nearest() {
    let error = World::with(shop("sandbox", "")).load("shpo").unwrap_err();
    assert!(error.to_string().starts_with("no profile `shpo` in config file `"), "{error}");
    assert!(error.to_string().ends_with("; known: `shop`, `local`"), "{error}");
    assert_eq!(error.hint().unwrap(), "did you mean `shop`?");
    let error = World::empty().load("live").unwrap_err();
    assert!(error.to_string().contains("which does not exist; known: `local`"), "{error}");
    assert!(error.hint().unwrap().contains("config init"));
}

#[test]
fn what_a_profile_lacks_is_named_with_the_ways_to_supply_it() {
    let error = World::with("[profiles.shop]\nenvironment = 'sandbox'").load("shop").unwrap_err();
    assert_eq!(error.to_string(), "profile `shop` has no `api_id`, `api_key`");
    let hint = error.hint().unwrap();
    assert!(hint.contains("`[profiles.shop]`") && hint.contains("`COOKIEPAY_API_KEY`"), "{hint}");
    let world =
        World::with("[profiles.shop]\nenvironment = 'live'\napi_id = 'x'").variable("COOKIEPAY_API_KEY", "k");
    let error = world.load("shop").unwrap_err();
    assert_eq!(error.to_string(), "profile `shop` has no `api_key`");
    assert!(error.hint().unwrap().ends_with("not completed by variables"));
}

#[test]
fn variables_override_and_the_defaults_follow_them() {
    let world = || World::with(shop("sandbox", ""));
    let ids = world().variable("COOKIEPAY_API_ID", "sandbox_b").variable("COOKIEPAY_API_KEY", "k2");
    assert_eq!(accounts(&ids.load("shop").unwrap()), ["sandbox_b", "k2", "sandbox_b", "k2"]);
    let pay2 = world().variable("COOKIEPAY_PAY2_ID", "p").variable("COOKIEPAY_PAY2_KEY", "q");
    assert_eq!(accounts(&pay2.load("shop").unwrap()), ["sandbox_shop01", "file-key", "p", "q"]);
    let empty = world().variable("COOKIEPAY_API_ID", "").variable("COOKIEPAY_API_KEY", "");
    assert_eq!(accounts(&empty.load("shop").unwrap())[..2], ["sandbox_shop01", "file-key"]);
}

#[test]
fn variables_complete_a_profile_that_has_no_account() {
    let world = World::with("[profiles.ci]\nenvironment = 'sandbox'")
        .variable("COOKIEPAY_API_ID", "sandbox_ci")
        .variable("COOKIEPAY_API_KEY", "k");
    assert_eq!(accounts(&world.load("ci").unwrap()), ["sandbox_ci", "k", "sandbox_ci", "k"]);
}

#[test]
fn an_override_of_one_id_beside_the_files_other_is_a_warning() {
    let world =
        World::with(shop("sandbox", "pay2_id = 'sandbox_p'")).variable("COOKIEPAY_API_ID", "sandbox_b");
    let profile = world.load("shop").unwrap();
    assert_eq!(profile.pay2_id, "sandbox_p");
    assert_eq!(profile.warnings(), [Warning::SplitAccount { profile: "shop".to_owned() }]);
    let both = world.variable("COOKIEPAY_PAY2_ID", "sandbox_b");
    assert!(both.load("shop").unwrap().warnings().is_empty());
}

#[test]
fn live_refuses_an_override_that_differs_and_passes_one_that_does_not() {
    for (variable, same, key) in [
        ("COOKIEPAY_API_ID", "shop01", "api_id"),
        ("COOKIEPAY_API_KEY", "file-key", "api_key"),
        ("COOKIEPAY_PAY2_ID", "shop01", "pay2_id"),
        ("COOKIEPAY_PAY2_KEY", "file-key", "pay2_key"),
    ] {
        let profile = World::with(shop("live", "")).variable(variable, same).load("shop").unwrap();
        assert_eq!(accounts(&profile), ["shop01", "file-key", "shop01", "file-key"]);
        let error = World::with(shop("live", "")).variable(variable, "other").load("shop").unwrap_err();
        let expected = format!("variable `{variable}` differs from `{key}` of live profile `shop`");
        assert_eq!(error.to_string(), expected);
        assert!(error.hint().unwrap().contains("unset"));
    }
}

#[test]
fn live_compares_a_key_from_a_variable_at_once_and_one_from_a_file_when_it_is_needed() {
    let from_variable = shop("live", "").replace("\"file-key\"", "{ env = \"SHOP_KEY\" }");
    let world = World::with(&from_variable).variable("SHOP_KEY", "k1").variable("COOKIEPAY_API_KEY", "k2");
    assert!(matches!(world.load("shop").unwrap_err(), ConfigError::LiveOverride { .. }));
    let itself = from_variable.replace("SHOP_KEY", "COOKIEPAY_API_KEY");
    let world = World::with(itself).variable("COOKIEPAY_API_KEY", "k2");
    assert_eq!(world.load("shop").unwrap().api_key().unwrap().expose(), "k2");

    let from_file = shop("live", "").replace("\"file-key\"", "{ file = \"key\" }");
    let world = World::with(from_file).variable("COOKIEPAY_API_KEY", "k2");
    world.write("key", b"k1\n", 0o600);
    let profile = world.load("shop").unwrap();
    assert!(matches!(profile.api_key().unwrap_err(), ConfigError::LiveOverride { key: "api_key", .. }));
    assert!(matches!(profile.pay2_key().unwrap_err(), ConfigError::LiveOverride { key: "api_key", .. }));
    world.write("key", b"k2\n", 0o600);
    assert_eq!(world.load("shop").unwrap().api_key().unwrap().expose(), "k2");
}

#[test]
fn a_variable_that_can_be_no_id_or_no_key_is_refused_by_name() {
    let world = World::with(shop("sandbox", "")).variable("COOKIEPAY_API_ID", "a\nb");
    assert_eq!(
        world.load("shop").unwrap_err().to_string(),
        "variable `COOKIEPAY_API_ID` holds control characters"
    );
    let world = World::with(shop("sandbox", "")).variable("COOKIEPAY_API_KEY", "canary\n");
    let error = world.load("shop").unwrap().api_key().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`api_key` of profile `shop`: variable `COOKIEPAY_API_KEY` holds characters other than printable ASCII, so \
         it can be no key"
    );
}

#[test]
fn ids_that_say_another_environment_are_warnings() {
    let of = |text: String| World::with(text).load("shop").unwrap().warnings().to_vec();
    assert!(of(shop("live", "")).is_empty() && of(shop("sandbox", "")).is_empty());
    let live = of(shop("live", "").replace("shop01", "sandbox_x"));
    assert_eq!(live[0].to_string(), "`api_id` of live profile `shop` starts with `sandbox_`: `sandbox_x`");
    let sandbox = of(shop("sandbox", "").replace("sandbox_shop01", "x"));
    assert_eq!(
        sandbox[0].to_string(),
        "`api_id` of sandbox profile `shop` does not start with `sandbox_`: `x`"
    );
    let host = of(shop("live", "base_url = 'https://sandbox.cookiepayments.com/'"));
    assert_eq!(host, [Warning::SandboxHost { profile: "shop".to_owned() }]);
    let named = World::with(shop("live", "").replace("profiles.shop", "profiles.sandbox"));
    let warnings = named.load("sandbox").unwrap().warnings().to_vec();
    assert_eq!(warnings[0].to_string(), "profile `sandbox` has environment `live`");
}

#[cfg(unix)]
#[test]
fn a_command_runs_only_when_its_secret_is_needed_and_then_once() {
    let script = "{ command = [\"sh\", \"-c\", \"echo x >> $0; echo key\", \"RUNS\"] }";
    let world = World::empty();
    let runs = world.path().with_file_name("runs");
    let script = script.replace("RUNS", runs.to_str().unwrap());
    world.write("config.toml", shop("sandbox", "").replace("\"file-key\"", &script).as_bytes(), 0o644);
    let profile = world.load("shop").unwrap();
    assert!(!runs.exists());
    assert_eq!(accounts(&profile)[1], "key");
    assert_eq!(accounts(&profile.clone())[3], "key");
    assert_eq!(std::fs::read_to_string(&runs).unwrap(), "x\n");
}

#[test]
fn a_secret_that_cannot_be_had_names_profile_key_and_source() {
    let error_of = |source: &str| {
        let world = World::with(shop("sandbox", "").replace("\"file-key\"", source));
        let error = world.load("shop").unwrap().pay2_key().unwrap_err();
        assert!(error.hint().is_some(), "{error}");
        error.to_string()
    };
    assert_eq!(error_of("{ env = \"NOPE\" }"), "`api_key` of profile `shop`: variable `NOPE` is not set");
    let missing = error_of("{ file = \"none\" }");
    assert!(missing.ends_with("none` does not exist"), "{missing}");
    let failed = error_of("{ command = [\"false\"] }");
    assert!(failed.starts_with("`api_key` of profile `shop`: command `false` "), "{failed}");
}
