//! What `config check` checks without a network: the file, who can read it, every profile in it.

use std::path::Path;

use super::document::Document;
use super::environment::Environment;
use super::error::ConfigError;
use super::file::{File, Presence, exposure, parse};
use super::key::unless_key;
use super::profile::Profile;
use super::read::{self, Opened, ReadFault};
use crate::access::Access;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Passed,
    /// It works, but is probably not meant so.
    Warning,
    /// Commands will fail.
    Failed,
}

/// One line of `config check`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at: `file`, `content`, `mode`, `owner`, `default_profile`, or `profile NAME`.
    pub name: String,
    /// How it ended.
    pub verdict: Verdict,
    /// What was found, as a lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Check {
    fn new(name: impl Into<String>, verdict: Verdict, message: impl Into<String>) -> Self {
        Self { name: name.into(), verdict, message: message.into(), hint: None }
    }

    fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    fn failed(name: impl Into<String>, error: &ConfigError) -> Self {
        Self::new(name, Verdict::Failed, error.to_string()).hint(error.hint())
    }
}

/// Looks at everything about a config file that can be known without fetching a secret. `variable`
/// is as in [`super::Lookup`]. Goes as far as it can; never fails itself.
#[must_use]
pub fn check(path: &Path, presence: Presence, variable: &dyn Fn(&str) -> Option<String>) -> Vec<Check> {
    let shown = path.display();
    let opened = match read::open(path) {
        Ok(opened) => opened,
        Err(ReadFault::Missing) if presence == Presence::Optional => {
            let message = format!("config file `{shown}` does not exist; only profile `local` can be used");
            let hint = "write one with `cookiepay config init`".to_owned();
            return vec![Check::new("file", Verdict::Warning, message).hint(Some(hint))];
        }
        Err(fault) => return vec![unreadable("file", path, fault)],
    };
    let mut checks = vec![Check::new("file", Verdict::Passed, format!("config file `{shown}`"))];
    match parse(&opened) {
        Ok(document) => {
            checks.extend(content_checks(&document));
            checks.extend(opened.access.map(|access| mode_check(path, access, &opened, &document)));
        }
        Err(fault) => checks.push(unreadable("content", path, fault)),
    }
    checks.extend(opened.access.map(|access| owner_check(path, access)));
    if checks.iter().all(|check| check.verdict != Verdict::Failed) {
        checks.extend(profile_checks(path, variable));
    }
    checks
}

fn unreadable(name: &str, path: &Path, fault: ReadFault) -> Check {
    Check::failed(name, &ConfigError::Unreadable { path: path.to_owned(), fault })
}

fn content_checks(document: &Document) -> Vec<Check> {
    if document.problems.is_empty() {
        let count = document.profiles.len();
        let noun = if count == 1 { "profile" } else { "profiles" };
        return vec![Check::new("content", Verdict::Passed, format!("{count} {noun}, no unknown keys"))];
    }
    let failed = |problem: &super::Problem| {
        Check::new("content", Verdict::Failed, problem.to_string()).hint(problem.hint.clone())
    };
    document.problems.iter().map(failed).collect()
}

fn mode_check(path: &Path, access: Access, opened: &Opened, document: &Document) -> Check {
    if let Some(problem) = exposure(path, opened, document) {
        return Check::new("mode", Verdict::Failed, problem.message).hint(problem.hint);
    }
    if access.is_writable_by_others()
        && let Some(weakness) = access.weakness_of_file(path)
    {
        return Check::new("mode", Verdict::Warning, weakness.to_string()).hint(Some(weakness.hint()));
    }
    let mode = access.mode;
    let message = match (access.is_readable_by_others(), document.holds_secret) {
        (true, _) => format!("{mode:03o}; no secret stands in the file itself"),
        (false, true) => format!("{mode:03o}; group and others cannot read the secrets in it"),
        (false, false) => format!("{mode:03o}"),
    };
    Check::new("mode", Verdict::Passed, message)
}

/// Whoever owns the file decides where the money goes.
fn owner_check(path: &Path, access: Access) -> Check {
    match access.weakness_of_file(path).filter(|_| access.is_foreign()) {
        None => Check::new("owner", Verdict::Passed, "you or root"),
        Some(weakness) => {
            Check::new("owner", Verdict::Warning, weakness.to_string()).hint(Some(weakness.hint()))
        }
    }
}

fn profile_checks(path: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Vec<Check> {
    let file = match File::read(path, Presence::Required) {
        Ok(file) => file,
        Err(error) => return vec![Check::failed("content", &error)],
    };
    let mut checks = Vec::new();
    checks.push(match file.default_profile() {
        Some(name) => Check::new("default_profile", Verdict::Passed, format!("`{name}`")),
        None => Check::new("default_profile", Verdict::Warning, "not set; every command needs `--profile`")
            .hint(Some("add `default_profile = \"NAME\"` at the top of the file".to_owned())),
    });
    for name in file.profile_names() {
        let label = format!("profile {name}");
        let profile = file.profile(name, variable);
        if let Err(error) = profile.as_ref().map_or(Ok(()), Profile::check_keys) {
            // Another profile's key may well be on another machine.
            let default = file.default_profile().is_none_or(|default| default == name);
            let verdict = if default { Verdict::Failed } else { Verdict::Warning };
            checks.push(Check::new(label, verdict, error.to_string()).hint(error.hint()));
            continue;
        }
        match profile {
            Ok(profile) if profile.warnings().is_empty() => {
                let host = match profile.environment {
                    Environment::Local => "the built-in emulator",
                    Environment::Live | Environment::Sandbox => unless_key(profile.base_url.as_str()),
                };
                let message = format!("{}, {}, {host}", profile.environment, profile.api_id);
                checks.push(Check::new(label, Verdict::Passed, message));
            }
            Ok(profile) => checks.extend(
                profile
                    .warnings()
                    .iter()
                    .map(|warning| Check::new(label.clone(), Verdict::Warning, warning.to_string())),
            ),
            Err(error) => checks.push(Check::failed(label, &error)),
        }
    }
    checks
}
