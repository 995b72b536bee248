//! The files we write and show ourselves.

use super::super::{Answers, EXAMPLE, Environment, KeySource, Overwrite, key, template, write_new};
use super::World;
use crate::secret::Secret;

/// The text with every setting that is switched off switched on; what explains stays a comment.
fn with_all_settings(text: &str) -> String {
    let uncommented = |line: &str| match line.strip_prefix('#') {
        Some(setting) if setting.starts_with(|first: char| first.is_ascii_lowercase() || first == '[') => {
            format!("{setting}\n")
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(uncommented).collect()
}

fn answers(environment: Environment, api_key: KeySource) -> Answers {
    Answers { profile: "shop".to_owned(), environment, account: Some(("sandbox_shop01".to_owned(), api_key)) }
}

#[test]
fn the_example_is_a_valid_file_with_and_without_its_optional_settings() {
    for text in [EXAMPLE.to_owned(), with_all_settings(EXAMPLE)] {
        let world = World::with(text).variable("COOKIEPAY_SANDBOX_KEY", "k");
        let profile = world.load("").unwrap();
        assert_eq!(profile.name, "sandbox");
        assert_eq!(profile.api_key().unwrap().expose(), "k");
        for name in ["sandbox", "live", "local"] {
            let profile = world.load(name).unwrap();
            assert!(profile.warnings().is_empty(), "{:?}", profile.warnings());
        }
    }
}

#[test]
fn the_example_sets_every_key_the_parser_knows() {
    let all = with_all_settings(EXAMPLE);
    for key in key::OF_PROFILE.iter().chain(&["default_profile"]) {
        let is_set = all.lines().any(|line| line.starts_with(&format!("{key} = ")));
        assert!(is_set, "`{key}` is missing");
    }
    for key in key::OF_SECRET {
        assert!(all.contains(&format!("{{ {key} = ")), "`{key}` is missing");
    }
}

#[test]
fn the_defaults_that_the_example_claims_are_the_defaults() {
    let plain = World::with(EXAMPLE).load("sandbox").unwrap();
    let all = World::with(with_all_settings(EXAMPLE)).load("sandbox").unwrap();
    assert_eq!(plain.base_url, all.base_url);
    assert_eq!(plain.guards.duplicate_window, all.guards.duplicate_window);
    assert_eq!(plain.guards.resend_window, all.guards.resend_window);
    assert_eq!(plain.pay2_id, all.pay2_id);
}

#[test]
fn what_init_writes_is_valid_for_every_answer() {
    let sources = [
        KeySource::Written(Secret::new("a\"b\\c'd")),
        KeySource::Variable("SHOP_KEY".to_owned()),
        KeySource::File("~/keys/쿠키 \"pay\".key".to_owned()),
        KeySource::Command(vec!["pass".to_owned(), "show \"x\"\\".to_owned()]),
    ];
    for environment in Environment::ALL {
        for source in &sources {
            for name in ["shop", "my shop", "가게", "a\"b'c.d", "sandbox-2"] {
                if name == "local" {
                    continue;
                }
                let mut answers = answers(*environment, source.clone());
                name.clone_into(&mut answers.profile);
                let profile = World::with(template(&answers)).load("").unwrap();
                assert_eq!((profile.name.as_str(), profile.environment), (name, *environment));
                assert_eq!(profile.api_id, "sandbox_shop01");
                if let KeySource::Written(secret) = source {
                    assert_eq!(&profile.api_key().unwrap(), secret);
                }
            }
        }
    }
}

#[test]
fn what_init_writes_mentions_every_key() {
    let text = template(&answers(Environment::Sandbox, KeySource::Variable("SHOP_KEY".to_owned())));
    for key in key::OF_PROFILE.iter().chain(key::OF_SECRET).chain(&["default_profile"]) {
        assert!(text.contains(&format!("{key} = ")), "`{key}` is missing");
    }
}

#[test]
fn what_init_writes_can_be_read_from_where_it_was_put() {
    let world = World::empty();
    let text = template(&answers(Environment::Sandbox, KeySource::Written(Secret::new("k"))));
    write_new(&world.path(), &text, Overwrite::No).unwrap();
    assert_eq!(world.load("").unwrap().api_key().unwrap().expose(), "k");
    assert!(write_new(&world.path(), &text, Overwrite::No).is_err());
}

#[test]
fn a_local_profile_is_written_without_an_account() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let answers = Answers { profile: "local".to_owned(), environment: Environment::Local, account: None };
    write_new(&path, &template(&answers), Overwrite::No).unwrap();
    let lookup = super::super::Lookup {
        config_file: &path,
        config_is_explicit: true,
        profile: None,
        variable: &|_| None,
    };
    let profile = super::super::load(&lookup).unwrap();
    assert_eq!(profile.api_id, "local_shop");
    assert!(profile.check_keys().is_ok());
}
