//! A secret that the command line names: never the secret itself, which would stand in the shell's history and in
//! the list of processes.
//!
//! The places are those of the config file; only a relative path means the working directory, and whether a file that
//! others can read is a fault is for the caller to say: it may be a path that others are told anyway.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::error::secret_hint;
use super::source::{SecretFault, Source, Surroundings};
use super::values::Reader;
use crate::access::Weakness;
use crate::secret::Secret;

/// How a place is written; what every other text is told.
const RULE: &str = "must say where the secret is: env:NAME, file:PATH or command:PROG";

/// Why an option brings no secret. No message repeats what stood behind it: it may have been the secret.
#[derive(Debug, thiserror::Error)]
pub enum ArgumentError {
    /// What stands there is no place.
    #[error("{rule}")]
    NoPlace {
        /// The rule.
        rule: String,
    },
    /// The place has no secret.
    #[error("{place} {fault}")]
    NoSecret {
        /// The place.
        place: String,
        /// Why.
        fault: SecretFault,
    },
}

impl ArgumentError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoPlace { .. } => None,
            Self::NoSecret { fault: SecretFault::NotSet, .. } => Some("export the variable".to_owned()),
            Self::NoSecret {
                fault:
                    fault @ (SecretFault::Weak(_)
                    | SecretFault::Failed(_)
                    | SecretFault::NotStarted(_)
                    | SecretFault::Silent(_)),
                ..
            } => Some(secret_hint(fault)),
            Self::NoSecret { .. } => Some("write the secret there, or name another place".to_owned()),
        }
    }
}

/// A secret that an option named.
#[derive(Debug, Clone)]
pub struct ArgumentSecret {
    /// The secret.
    pub secret: Secret,
    /// The environment variable that it stands in.
    pub variable: Option<String>,
    /// Set where group or others may read its file, too.
    pub exposed: Option<Weakness>,
}

/// Fetches the secret that `env:NAME`, `file:PATH` or `command:PROG ARG…` names; `=` for `:` and the config file's
/// `{ env = "NAME" }` will do, too. A command is split at blanks.
///
/// # Errors
///
/// The text names no place, or the place has no secret.
pub fn secret_of_argument(
    text: &str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<ArgumentSecret, ArgumentError> {
    let source = if text.trim_start().starts_with('{') { inline(text)? } else { prefixed(text)? };
    let place = source.locate(Surroundings { directory: Path::new(""), variable });
    let fetched = place.fetch_open();
    let (secret, exposed) =
        fetched.map_err(|fault| ArgumentError::NoSecret { place: place.to_string(), fault })?;
    Ok(ArgumentSecret { secret, exposed, variable: place.variable().map(str::to_owned) })
}

fn no_place(rule: impl Into<String>) -> ArgumentError {
    ArgumentError::NoPlace { rule: rule.into() }
}

/// `env:NAME` and its like.
fn prefixed(text: &str) -> Result<Source, ArgumentError> {
    let (kind, rest) = text.split_once([':', '=']).ok_or_else(|| no_place(RULE))?;
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    match kind {
        "env" if is_name(rest) => Ok(Source::Variable(Secret::new(rest))),
        "env" => Err(no_place("must name a variable behind `env:`, like env:NOTI_TOKEN")),
        "file" if !rest.is_empty() => Ok(Source::File(rest.to_owned())),
        "file" => Err(no_place("must name a file behind `file:`")),
        "command" => {
            let mut words = rest.split_ascii_whitespace();
            let program = words.next().ok_or_else(|| no_place("must name a program behind `command:`"))?;
            Ok(Source::Command { program: program.to_owned(), arguments: words.map(Secret::new).collect() })
        }
        _ => Err(no_place(RULE)),
    }
}

/// `{ env = "NAME" }` and its like, as in the config file.
fn inline(text: &str) -> Result<Source, ArgumentError> {
    let text = format!("secret = {text}");
    let (root, errors) = DeTable::parse_recoverable(&text);
    let mut reader = Reader::new(&text);
    let value = root.get_ref().get("secret").filter(|value| matches!(value.get_ref(), DeValue::Table(_)));
    let source = value.filter(|_| errors.is_empty()).and_then(|value| reader.secret(value, "secret"));
    let problem = reader.problems.into_iter().next();
    source.ok_or_else(|| {
        no_place(problem.map_or_else(|| RULE.to_owned(), |problem| format!("{RULE} ({})", problem.message)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetched(text: &str) -> Result<ArgumentSecret, ArgumentError> {
        let variable = |name: &str| (name == "NOTI_TOKEN").then(|| "canary-7f3a".to_owned());
        secret_of_argument(text, &variable)
    }

    #[test]
    fn every_spelling_of_a_place_brings_its_secret() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        std::fs::write(&path, "canary-7f3a\n").unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let path = path.display();
        for text in [
            "env:NOTI_TOKEN".to_owned(),
            "env=NOTI_TOKEN".to_owned(),
            "{ env = \"NOTI_TOKEN\" }".to_owned(),
            " {env=\"NOTI_TOKEN\"}".to_owned(),
            format!("file:{path}"),
            format!("{{ file = '{path}' }}"),
            format!("command:cat {path}"),
            format!("{{ command = [\"cat\", '{path}'] }}"),
        ] {
            assert_eq!(fetched(&text).unwrap().secret.expose(), "canary-7f3a", "{text}");
        }
    }

    #[test]
    fn a_secret_in_place_of_its_place_is_refused_and_not_repeated() {
        for text in [
            "canary-7f3a",
            "canary:7f3a",
            "env:canary-7f3a",
            "\"canary-7f3a\"",
            "{ canary-7f3a }",
            "{ canary = \"7f3a\" }",
            "{ env = \"canary-7f3a\" }",
            "",
            "env:",
            "file:",
            "command: ",
            "{ }",
        ] {
            let refused = fetched(text).unwrap_err();
            assert!(matches!(refused, ArgumentError::NoPlace { .. }), "{text}");
            assert!(
                !format!("{refused} {refused:?} {:?}", refused.hint()).contains("7f3a"),
                "{text}: {refused}"
            );
        }
    }

    #[test]
    fn a_place_without_a_secret_is_named_with_what_to_do() {
        for (text, message) in [
            ("env:NO_TOKEN", "variable `NO_TOKEN` is not set"),
            ("file:no/such/file", "file `no/such/file` does not exist"),
            (
                "command:no-such-program-7f3a",
                "command `no-such-program-7f3a` did not start: entity not found",
            ),
        ] {
            let refused = fetched(text).unwrap_err();
            assert_eq!(refused.to_string(), message);
            assert!(refused.hint().is_some());
        }
    }
}
