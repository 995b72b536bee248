//! What a config file says: its profiles as written, and everything that is wrong with them.
//!
//! Reading never stops at the first mistake, and fetches nothing.

use std::time::Duration;

use toml::de::DeTable;

use super::base_url::BaseUrl;
use super::environment::Environment;
use super::error::Problem;
use super::guards::parse_window;
use super::key::{self, did_you_mean, listed, shown};
use super::source::Source;
use super::values::{Key, Reader, Value, in_order, name_fault};
use crate::bill::{Amount, Channel};

/// The name of the profile that exists without a file.
pub(super) const LOCAL: &str = "local";

/// A profile as the file gives it; what is absent there is absent here.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) environment: Environment,
    /// Whether the file says so; `local` need not.
    pub(super) names_environment: bool,
    pub(super) api_id: Option<String>,
    pub(super) api_key: Option<Source>,
    pub(super) pay2_id: Option<String>,
    pub(super) pay2_key: Option<Source>,
    pub(super) base_url: Option<BaseUrl>,
    pub(super) via: Option<Channel>,
    pub(super) max_amount: Option<Amount>,
    pub(super) max_rows: Option<u64>,
    pub(super) max_total: Option<u64>,
    pub(super) duplicate_window: Option<Duration>,
    pub(super) resend_window: Option<Duration>,
}

impl Entry {
    /// A profile of which nothing but its name and environment is known.
    pub(super) fn empty(name: &str, environment: Environment) -> Self {
        Self {
            name: name.to_owned(),
            environment,
            names_environment: false,
            api_id: None,
            api_key: None,
            pay2_id: None,
            pay2_key: None,
            base_url: None,
            via: None,
            max_amount: None,
            max_rows: None,
            max_total: None,
            duplicate_window: None,
            resend_window: None,
        }
    }
}

/// A whole config file.
#[derive(Debug, Clone, Default)]
pub(super) struct Document {
    pub(super) default_profile: Option<String>,
    /// In the order of the file.
    pub(super) profiles: Vec<Entry>,
    /// Whether a secret stands in the file itself.
    pub(super) holds_secret: bool,
    /// Whether it names a program that brings a secret.
    pub(super) names_command: bool,
    /// In the order of the file; as long as there is one, the rest is not to be used.
    pub(super) problems: Vec<Problem>,
}

/// Reads a file's text.
pub(super) fn parse(text: &str) -> Document {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader::new(text);
    for error in &errors {
        reader.syntax(error);
    }
    let mut document = read_file(&mut reader, root.get_ref());
    document.holds_secret = reader.holds_secret;
    document.names_command = reader.names_command;
    document.problems = reader.problems;
    if !errors.is_empty() {
        // What was recovered is no basis for complaints about its sense.
        document.problems.retain(|problem| problem.column.is_some() || problem.line.is_none());
    }
    document.problems.sort_by_key(|problem| (problem.line, problem.column));
    document
}

fn read_file<'t>(reader: &mut Reader<'t>, root: &DeTable<'t>) -> Document {
    let mut document = Document::default();
    let mut default = None;
    // Profiles that are wrong are still profiles when it comes to the name of the default one.
    let mut names = vec![LOCAL.to_owned()];
    for (key, value) in in_order(root) {
        match key.get_ref().as_ref() {
            "default_profile" => default = reader.string(value, "default_profile").map(|name| (name, value)),
            "profiles" => {
                for (name, value) in reader.table(value, "profiles").map(in_order).unwrap_or_default() {
                    names.push(name.get_ref().to_string());
                    document.profiles.extend(read_profile(reader, name, value));
                }
            }
            _ => reader.unknown_key(key, "the file", key::OF_FILE),
        }
    }
    if let Some((name, value)) = default {
        if !names.iter().any(|known| known == name) {
            let shown: Vec<String> = names.iter().map(|name| shown(name)).collect();
            let known = || shown.iter().map(String::as_str);
            let message = format!("`default_profile` names no profile; known: {}", listed(known()));
            reader.wrong(value.span(), message, did_you_mean(name, known()));
        }
        document.default_profile = Some(name.to_owned());
    }
    document
}

fn read_profile<'t>(reader: &mut Reader<'t>, name: &Key<'t>, value: &Value<'t>) -> Option<Entry> {
    let name_shown = shown(name.get_ref());
    if let Some(fault) = name_fault(name.get_ref()) {
        reader.wrong(name.span(), format!("the name of profile `{name_shown}` {fault}"), None);
    }
    let table = reader.table(value, &format!("profiles.{name_shown}"))?;
    let environment = read_environment(reader, name, table);
    let mut entry = Entry::empty(name.get_ref(), environment.unwrap_or(Environment::Local));
    entry.names_environment = table.contains_key("environment");
    for (key, value) in in_order(table) {
        read_setting(reader, &mut entry, key, value);
        if key.get_ref() == "base_url" {
            check_base_url(reader, environment, entry.base_url.as_ref(), key);
        }
    }
    environment.map(|_| entry)
}

/// The environment has to be said, because the care a send asks for hangs on it; only `local` is
/// what its name says.
fn read_environment<'t>(reader: &mut Reader<'t>, name: &Key<'t>, table: &DeTable<'t>) -> Option<Environment> {
    let is_local = name.get_ref() == LOCAL;
    let Some(value) = table.get("environment") else {
        if !is_local {
            let message = format!("profile `{}` has no `environment`", shown(name.get_ref()));
            let hint = "add `environment = \"sandbox\"` or `environment = \"live\"`";
            reader.wrong(name.span(), message, Some(hint.to_owned()));
        }
        return is_local.then_some(Environment::Local);
    };
    let words: Vec<&str> = Environment::ALL.iter().map(|environment| environment.as_str()).collect();
    let environment = reader.parsed(value, "environment", &words)?;
    if is_local && environment != Environment::Local {
        let message = "profile `local` is the built-in emulator and cannot be pointed elsewhere";
        reader.wrong(value.span(), message, Some("give that profile another name".to_owned()));
        return None;
    }
    Some(environment)
}

fn read_setting<'t>(reader: &mut Reader<'t>, entry: &mut Entry, key: &Key<'t>, value: &Value<'t>) {
    let word = key.get_ref().as_ref();
    match word {
        // Read before all others.
        "environment" => {}
        "api_id" => entry.api_id = reader.string(value, word).map(str::to_owned),
        "api_key" => entry.api_key = reader.secret(value, word),
        "pay2_id" => entry.pay2_id = reader.string(value, word).map(str::to_owned),
        "pay2_key" => entry.pay2_key = reader.secret(value, word),
        "base_url" => entry.base_url = reader.parsed(value, word, &[]),
        "via" => {
            let words: Vec<&str> = Channel::ALL.iter().map(|channel| channel.as_str()).collect();
            entry.via = reader.parsed(value, word, &words);
        }
        "max_amount" => {
            let won = reader.integer(value, word, 1..=Amount::MAX);
            entry.max_amount = won.and_then(|won| Amount::try_from(won).ok());
        }
        "max_rows" => entry.max_rows = reader.integer(value, word, 1..=LARGEST),
        "max_total" => entry.max_total = reader.integer(value, word, 1..=LARGEST),
        "duplicate_window" | "resend_window" => {
            let window = reader.string(value, word).map(parse_window);
            let window = window.and_then(|window| {
                window.map_err(|rule| reader.wrong(value.span(), format!("`{word}` {rule}"), None)).ok()
            });
            if word == "resend_window" {
                entry.resend_window = window;
            } else {
                entry.duplicate_window = window;
            }
        }
        _ => {
            let place = format!("`[profiles.{}]`", shown(&entry.name));
            reader.unknown_key(key, &place, key::OF_PROFILE);
        }
    }
}

/// TOML numbers end here.
const LARGEST: u64 = i64::MAX.unsigned_abs();

/// An address must not undo what the environment says.
fn check_base_url(
    reader: &mut Reader<'_>,
    environment: Option<Environment>,
    base_url: Option<&BaseUrl>,
    key: &Key<'_>,
) {
    match environment {
        Some(Environment::Local) => {
            let message = "`base_url` has no place in a local profile: it is served by the built-in emulator";
            reader.wrong(key.span(), message, None);
        }
        Some(Environment::Sandbox)
            if base_url.is_some_and(|url| url.shares_host_with(&BaseUrl::of(Environment::Live))) =>
        {
            let message = "`base_url` of a sandbox profile is the address of the live system";
            reader.wrong(
                key.span(),
                message,
                Some("set `environment = \"live\"` if that is meant".to_owned()),
            );
        }
        _ => {}
    }
}
