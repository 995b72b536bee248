//! What can be wrong with a configuration, and what to do about it.
//!
//! Messages name files, lines, keys, profiles and variables; never a value that might be a secret,
//! and never a line of the file.

use std::fmt;
use std::path::{Path, PathBuf};

use super::key::{did_you_mean, listed};
use super::read::ReadFault;
use super::source::SecretFault;
use crate::clean::shell_word;

/// One thing that is wrong with a config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1; `None` where it is about the file as a whole.
    pub line: Option<usize>,
    /// The column in characters, counted from 1, where it helps to find the place.
    pub column: Option<usize>,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(formatter, "line {line}, column {column}: ")?,
            (Some(line), None) => write!(formatter, "line {line}: ")?,
            (None, _) => {}
        }
        formatter.write_str(&self.message)?;
        match &self.hint {
            // A guess at a word is part of the message; a command to type stands in the hint.
            Some(hint) if hint.starts_with("did you mean") => write!(formatter, "; {hint}"),
            _ => Ok(()),
        }
    }
}

/// Why no profile came of the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that holds the profiles cannot be read.
    #[error("config file `{}` {fault}", path.display())]
    Unreadable {
        /// The config file.
        path: PathBuf,
        /// Why.
        fault: ReadFault,
    },
    /// The file was read, and everything that is wrong with it is listed, in the order of its lines.
    #[error("{}", all_problems(path, problems))]
    Invalid {
        /// The config file.
        path: PathBuf,
        /// At least one.
        problems: Vec<Problem>,
    },
    /// Nobody said which profile to use.
    #[error("no profile chosen: {}", if *exists {
        format!("config file `{}` has no `default_profile`", path.display())
    } else {
        format!("config file `{}` does not exist", path.display())
    })]
    NoProfile {
        /// The config file.
        path: PathBuf,
        /// Whether there is such a file.
        exists: bool,
        /// The profiles that could have been chosen.
        known: Vec<String>,
    },
    /// There is no profile of that name.
    #[error("no profile `{name}` in config file `{}`{}; known: {}", path.display(),
        if *exists { "" } else { ", which does not exist" }, listed(known.iter().map(String::as_str)))]
    UnknownProfile {
        /// The config file.
        path: PathBuf,
        /// Whether there is such a file.
        exists: bool,
        /// The name that was asked for, fit to be shown.
        name: String,
        /// The profiles there are; `local` is always one of them.
        known: Vec<String>,
    },
    /// The profile lacks what every request needs.
    #[error("profile `{profile}` has no {}", listed(missing.iter().copied()))]
    Incomplete {
        /// The config file.
        path: PathBuf,
        /// The profile.
        profile: String,
        /// Whether the environment may supply what is missing.
        is_live: bool,
        /// The keys that are missing.
        missing: Vec<&'static str>,
    },
    /// A variable would switch a live profile to another account.
    #[error("variable `{variable}` differs from `{key}` of live profile `{profile}`")]
    LiveOverride {
        /// The profile.
        profile: String,
        /// The key whose value the variable would replace.
        key: &'static str,
        /// The variable.
        variable: &'static str,
    },
    /// The key stands where the id belongs, which is shown everywhere.
    #[error("`{key}` of profile `{profile}` is the same as its key, so it is no id")]
    KeyAsId {
        /// The profile.
        profile: String,
        /// `api_id` or `pay2_id`.
        key: &'static str,
    },
    /// A variable holds something that its key cannot be.
    #[error("variable `{variable}` {rule}")]
    BadVariable {
        /// The variable.
        variable: &'static str,
        /// What is wrong with it.
        rule: &'static str,
    },
    /// A secret cannot be had.
    #[error("`{key}` of profile `{profile}`: {place} {fault}")]
    Secret {
        /// The profile.
        profile: String,
        /// `api_key` or `pay2_key`.
        key: &'static str,
        /// Where it was to come from.
        place: String,
        /// Why it did not.
        fault: SecretFault,
    },
    /// `config init` does not replace a file unasked.
    #[error("config file `{}` exists already", path.display())]
    Exists {
        /// The config file.
        path: PathBuf,
    },
    /// The file cannot be written.
    #[error("config file `{}` cannot be written: {kind}", path.display())]
    Unwritable {
        /// The config file.
        path: PathBuf,
        /// Why.
        kind: std::io::ErrorKind,
    },
}

fn all_problems(path: &Path, problems: &[Problem]) -> String {
    let path = path.display();
    match problems {
        [only] if only.line.is_none() => format!("config file `{path}` {only}"),
        [only] => format!("config file `{path}`, {only}"),
        many => {
            let lines: Vec<String> = many.iter().map(|problem| format!("\n  {problem}")).collect();
            format!("{} problems in config file `{path}`:{}", many.len(), lines.concat())
        }
    }
}

impl ConfigError {
    /// The next command to type, or what to look at.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { path, fault } => unreadable_hint(path, fault),
            Self::Invalid { problems, .. } => problems
                .iter()
                .find_map(|problem| problem.hint.clone().filter(|hint| !hint.starts_with("did you mean"))),
            Self::NoProfile { exists, known, .. } => Some(no_profile_hint(*exists, known)),
            Self::UnknownProfile { name, known, .. } => did_you_mean(name, known.iter().map(String::as_str))
                .or_else(|| Some("write a profile with `cookiepay config init`".to_owned())),
            Self::Incomplete { path, profile, is_live, missing } => {
                Some(incomplete_hint(path, profile, *is_live, missing))
            }
            Self::LiveOverride { variable, .. } => Some(format!(
                "live never switches accounts silently: run `unset {variable}`, or write another profile for that account"
            )),
            Self::KeyAsId { key, .. } => Some(format!("copy `{key}` anew from CookiePay's console")),
            Self::BadVariable { variable, .. } => {
                Some(format!("set `{variable}` anew, or `unset {variable}`"))
            }
            Self::Secret { fault, .. } => Some(secret_hint(fault)),
            Self::Exists { .. } => Some("keep it, or choose another file with `--config FILE`".to_owned()),
            Self::Unwritable { .. } => Some("choose another file with `--config FILE`".to_owned()),
        }
    }

    /// Everything that is wrong with the file, where that is what failed.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Invalid { problems, .. } => problems,
            _ => &[],
        }
    }
}

fn unreadable_hint(path: &Path, fault: &ReadFault) -> Option<String> {
    let path = path.display().to_string();
    let word = shell_word(&path);
    match fault {
        ReadFault::Missing | ReadFault::DanglingLink => Some(
            "check `--config` and `COOKIEPAY_CONFIG`, or write the file with `cookiepay config init`"
                .to_owned(),
        ),
        ReadFault::NotUtf8 { .. } => Some(format!(
            "save it as UTF-8; if it is CP949: `iconv -f CP949 -t UTF-8 {word}` shows what it should hold"
        )),
        ReadFault::Refused(std::io::ErrorKind::PermissionDenied) => Some(format!("look at `ls -l {word}`")),
        ReadFault::Directory => Some("`--config` takes the file, not its directory".to_owned()),
        ReadFault::TooLarge | ReadFault::Silent(_) | ReadFault::Refused(_) => None,
    }
}

fn no_profile_hint(exists: bool, known: &[String]) -> String {
    if exists {
        let known = listed(known.iter().map(String::as_str));
        format!(
            "choose one with `--profile` ({known}) or set `default_profile`; `cookiepay config init` writes a new \
             file, `--profile local` needs none"
        )
    } else {
        "write one with `cookiepay config init`, or try `--profile local`, which needs no account".to_owned()
    }
}

fn incomplete_hint(path: &Path, profile: &str, is_live: bool, missing: &[&'static str]) -> String {
    let keys = listed(missing.iter().copied());
    let file = format!("add {keys} to `[profiles.{profile}]` in `{}`", path.display());
    if is_live {
        return format!("{file}; a live profile is not completed by variables");
    }
    let variables: Vec<String> =
        missing.iter().map(|key| format!("COOKIEPAY_{}", key.to_ascii_uppercase())).collect();
    format!("{file}, or set {}", listed(variables.iter().map(String::as_str)))
}

/// What to do about a secret that cannot be had.
pub(super) fn secret_hint(fault: &SecretFault) -> String {
    match fault {
        // The mode of a pipe or a terminal is not for us to change.
        SecretFault::Weak(weakness) if is_stream(&weakness.path) => {
            "write the key into a file of its own, closed to others, and name that one".to_owned()
        }
        SecretFault::Weak(weakness) => weakness.hint(),
        SecretFault::NotSet => {
            "export the variable, or change where the config file takes the key from".to_owned()
        }
        SecretFault::Unreadable(ReadFault::Silent(_)) => {
            "look at who is to write to it, or name another file in the config file".to_owned()
        }
        SecretFault::Unreadable(_) => {
            "write the key into that file, or name another one in the config file".to_owned()
        }
        SecretFault::Failed(_) | SecretFault::NotStarted(_) => {
            "run the command by hand to see what it says".to_owned()
        }
        SecretFault::Silent(_) => {
            "run the command by hand to see what it waits for: it must not need an answer".to_owned()
        }
        SecretFault::Empty | SecretFault::Padded | SecretFault::NotPrintable | SecretFault::TooLong => {
            "copy the key again from CookiePay's console".to_owned()
        }
    }
}

/// Whether the system made it for a process, such as `/dev/stdin`.
fn is_stream(path: &Path) -> bool {
    ["/dev", "/proc"].iter().any(|place| path.starts_with(place))
}
