//! From a config file, the environment and a profile's name to a [`Profile`] that leaves nothing to
//! interpret (CONTRACT section 3).
//!
//! This module reads the file and says everything that is wrong with it at once; it knows where
//! secrets come from and fetches each only when it is needed. What the caller supplies: which file,
//! which profile, and a way to look up environment variables. It prints nothing, and none of its
//! messages, hints or `Debug` outputs holds a secret or a line of the file.
//!
//! Three rules it keeps: a live profile is the account of the file and never another one; a secret
//! that others can read is refused; an unknown key is an error.

mod argument;
mod base_url;
mod check;
mod describe;
mod document;
mod environment;
mod error;
mod file;
mod guards;
mod key;
mod merge;
mod profile;
mod read;
mod source;
mod template;
mod values;
mod warning;
mod write;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use argument::{ArgumentError, ArgumentSecret, secret_of_argument};
pub use base_url::BaseUrl;
pub use check::{Check, Verdict, check};
pub use describe::{Description, Setting};
pub use environment::Environment;
pub use error::{ConfigError, Problem};
pub use file::{File, Presence};
pub use guards::{Guards, window_text};
pub use profile::{Origin, Profile};
pub use read::ReadFault;
pub use source::SecretFault;
pub use template::{Answers, EXAMPLE, KeySource, template};
pub use warning::Warning;
pub use write::{Overwrite, write_new};

/// What the profile of a command hangs on.
#[derive(Clone, Copy)]
pub struct Lookup<'a> {
    /// The config file, be it there or not.
    pub config_file: &'a Path,
    /// Whether somebody named that file (`--config`, `COOKIEPAY_CONFIG`): then it has to be there,
    /// even for `local`.
    pub config_is_explicit: bool,
    /// `--profile`, else `COOKIEPAY_PROFILE`; an empty one counts as none.
    pub profile: Option<&'a str>,
    /// The value of an environment variable: the overrides `COOKIEPAY_API_ID`, `_API_KEY`,
    /// `_PAY2_ID`, `_PAY2_KEY`, the variables that the file names, `HOME` (`USERPROFILE`) for `~/`.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
}

/// The profile that a command is to use. No secret is fetched yet.
///
/// # Errors
///
/// [`ConfigError`], with a hint: no such file, a file with mistakes, no profile chosen or an unknown
/// one, an incomplete one, a variable that would switch a live profile to another account.
pub fn load(lookup: &Lookup<'_>) -> Result<Profile, ConfigError> {
    let presence = if lookup.config_is_explicit { Presence::Required } else { Presence::Optional };
    let file = File::read(lookup.config_file, presence)?;
    let chosen = lookup.profile.filter(|name| !name.is_empty()).or(file.default_profile());
    let Some(name) = chosen else {
        return Err(ConfigError::NoProfile {
            path: file.path().to_owned(),
            exists: file.exists(),
            known: file.profile_names().into_iter().map(key::shown).collect(),
        });
    };
    file.profile(name, lookup.variable)
}
