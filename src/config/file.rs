//! The config file as a whole: read once, checked as a whole, asked for one profile.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::describe::Description;
use super::document::{self, Document, Entry, LOCAL};
use super::environment::Environment;
use super::error::{ConfigError, Problem};
use super::key::shown;
use super::merge::Draft;
use super::profile::Profile;
use super::read::{self, Opened, ReadFault};
use super::source::{Source, Surroundings};
use crate::access::{Access, Weakness};

/// Whether a config file has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Somebody named it: its absence is an error.
    Required,
    /// It is the platform's usual place: without it there is the `local` profile only.
    Optional,
}

/// A valid config file, or none: then the `local` profile is all there is.
#[derive(Debug, Clone)]
pub struct File {
    path: PathBuf,
    exists: bool,
    document: Document,
}

impl File {
    /// Reads and checks the file; no secret is fetched.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Unreadable`] if it cannot be read (or is missing, though required),
    /// [`ConfigError::Invalid`] with everything that is wrong with it, which includes that others
    /// can read a secret in it, or change where it comes from.
    pub fn read(path: &Path, presence: Presence) -> Result<Self, ConfigError> {
        let unreadable = |fault| ConfigError::Unreadable { path: path.to_owned(), fault };
        let opened = match read::open(path) {
            Err(ReadFault::Missing) if presence == Presence::Optional => {
                return Ok(Self { path: path.to_owned(), exists: false, document: Document::default() });
            }
            opened => opened.map_err(unreadable)?,
        };
        let mut document = parse(&opened).map_err(unreadable)?;
        let exposed = exposure(path, &opened, &document);
        document.problems.splice(0..0, exposed);
        if !document.problems.is_empty() {
            return Err(ConfigError::Invalid { path: path.to_owned(), problems: document.problems });
        }
        Ok(Self { path: path.to_owned(), exists: true, document })
    }

    /// Where the file is, or would be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is such a file.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.exists
    }

    /// `default_profile`; it names one of [`File::profile_names`].
    #[must_use]
    pub fn default_profile(&self) -> Option<&str> {
        self.document.default_profile.as_deref()
    }

    /// Every profile in the order of the file; the built-in `local` is always one of them.
    #[must_use]
    pub fn profile_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.document.profiles.iter().map(|entry| entry.name.as_str()).collect();
        if !names.contains(&LOCAL) {
            names.push(LOCAL);
        }
        names
    }

    /// The profile of that name, with `variable` laid over it (see [`super::Lookup::variable`]).
    ///
    /// # Errors
    ///
    /// Everything of [`ConfigError`] that is about one profile, except that secrets are not fetched
    /// yet.
    pub fn profile(
        &self,
        name: &str,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Profile, ConfigError> {
        let entry = self.entry(name)?;
        Profile::of(Draft::new(&entry, self.surroundings(variable)), &self.path)
    }

    /// The profile as `config show` shows it; nothing is fetched, and a profile that is incomplete
    /// is described, too.
    ///
    /// # Errors
    ///
    /// [`ConfigError::UnknownProfile`].
    pub fn describe(
        &self,
        name: &str,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Description, ConfigError> {
        let entry = self.entry(name)?;
        let draft = Draft::new(&entry, self.surroundings(variable));
        Ok(Description::of(draft, &self.path, self.default_profile()))
    }

    /// The variables of this environment in which a key of any profile stands: those that the file names, those that
    /// are ours, and every other that holds the same text. No program that is run for others is to find them.
    #[must_use]
    pub fn secret_variables(&self, environment: &BTreeMap<String, String>) -> BTreeSet<String> {
        let profiles = self.document.profiles.iter();
        let sources: Vec<&Source> =
            profiles.flat_map(|entry| [&entry.api_key, &entry.pay2_key]).flatten().collect();
        let is_named = |name: &str| {
            is_our_secret(name)
                || sources
                    .iter()
                    .any(|source| matches!(source, Source::Variable(named) if named.expose() == name))
        };
        let mut secrets: BTreeSet<&str> = sources.iter().filter_map(|source| source.written()).collect();
        secrets
            .extend(environment.iter().filter(|(name, _)| is_named(name)).map(|(_, value)| value.as_str()));
        secrets.remove("");
        let of_secrets =
            environment.iter().filter(|(name, value)| is_named(name) || secrets.contains(value.as_str()));
        of_secrets.map(|(name, _)| name.clone()).collect()
    }

    fn entry(&self, name: &str) -> Result<Entry, ConfigError> {
        let known = || self.profile_names().into_iter().map(shown).collect();
        match self.document.profiles.iter().find(|entry| entry.name == name) {
            Some(entry) => Ok(entry.clone()),
            None if name == LOCAL => Ok(Entry::empty(LOCAL, Environment::Local)),
            None => Err(ConfigError::UnknownProfile {
                path: self.path.clone(),
                exists: self.exists,
                name: shown(name),
                known: known(),
            }),
        }
    }

    fn surroundings<'a>(&'a self, variable: &'a dyn Fn(&str) -> Option<String>) -> Surroundings<'a> {
        Surroundings { directory: self.path.parent().unwrap_or(Path::new("")), variable }
    }
}

/// A variable of this program that holds a secret, or an address that may hold one.
fn is_our_secret(name: &str) -> bool {
    let ends = ["_KEY", "_LEDGER", "_PASSWORD", "_SECRET", "_TOKEN"];
    name.starts_with("COOKIEPAY_") && ends.iter().any(|end| name.ends_with(end))
}

pub(super) fn parse(opened: &Opened) -> Result<Document, ReadFault> {
    read::text(&opened.bytes).map(document::parse)
}

/// What others can read, or put in its place, is no secret and no command of ours.
pub(super) fn exposure(path: &Path, opened: &Opened, document: &Document) -> Option<Problem> {
    let (holds, weakness) = if document.holds_secret {
        ("holds a secret", opened.weakness(path, Access::weakness_of_secret)?)
    } else if document.names_command {
        ("names a command", opened.weakness(path, Access::weakness_of_file)?)
    } else {
        return None;
    };
    Some(Problem {
        line: None,
        column: None,
        message: format!("{holds} and {}", told(path, &weakness)),
        hint: Some(weakness.hint()),
    })
}

/// What is weak, and how.
pub(super) fn told(path: &Path, weakness: &Weakness) -> String {
    if weakness.path == path {
        weakness.to_string()
    } else {
        format!("lies in directory `{}`, which {weakness}", weakness.path.display())
    }
}
