//! A profile with nothing left to look up but its secrets, and how it comes about: what the file
//! says, under it what is built in, over it what the environment says.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::base_url::BaseUrl;
use super::environment::Environment;
use super::error::ConfigError;
use super::guards::Guards;
use super::merge::Draft;
use super::source::Place;
use super::warning::Warning;
use crate::bill::Channel;
use crate::secret::Secret;

/// Everything a command needs to know about the merchant and `CookiePay`.
///
/// Its `Debug` shows no secret, not even the arguments of a command that fetches one.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The name in the config file; `local` is built in.
    pub name: String,
    /// Which `CookiePay` this is.
    pub environment: Environment,
    /// `API_ID` of `/urlpay/request`.
    pub api_id: String,
    /// `pay2_id` of `/payAuth/token`.
    pub pay2_id: String,
    /// Where requests go. In a `local` profile a placeholder on which nothing can listen: whoever
    /// starts the emulator puts [`BaseUrl::of_emulator`] here.
    pub base_url: BaseUrl,
    /// The channel of bills that name none; without it they have to.
    pub via: Option<Channel>,
    /// The limits of sending.
    pub guards: Guards,
    api_key: Credential,
    pay2_key: Credential,
    warnings: Vec<Warning>,
}

impl Profile {
    /// The `ApiKey` header of `/urlpay/request`: printable ASCII, not empty. Its source is asked on
    /// the first call only.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Secret`] if the source has none, [`ConfigError::LiveOverride`] if a variable
    /// would switch a live profile to another key.
    pub fn api_key(&self) -> Result<Secret, ConfigError> {
        self.api_key.fetch(&self.name)
    }

    /// `pay2_key` of `/payAuth/token`; the `api_key`, unless the profile has one of its own.
    ///
    /// # Errors
    ///
    /// As [`Profile::api_key`].
    pub fn pay2_key(&self) -> Result<Secret, ConfigError> {
        self.pay2_key.fetch(&self.name)
    }

    /// Whether both keys can be had, as far as can be told without running a program.
    ///
    /// # Errors
    ///
    /// As [`Profile::api_key`].
    pub fn check_keys(&self) -> Result<(), ConfigError> {
        for key in [&self.api_key, &self.pay2_key].into_iter().filter(|key| !key.place().runs_a_program()) {
            key.fetch(&self.name)?;
        }
        Ok(())
    }

    /// What is probably not meant, though nothing forbids it.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Completes a draft, or says what it lacks.
    pub(super) fn of(draft: Draft<'_>, path: &Path) -> Result<Self, ConfigError> {
        let (name, environment) = (draft.entry.name.clone(), draft.entry.environment);
        let warnings = draft.warnings();
        if let Some(fault) = draft.faults.into_iter().next() {
            return Err(fault);
        }
        match (draft.api_id, draft.api_key, draft.pay2_id, draft.pay2_key) {
            (Some(api_id), Some(api_key), Some(pay2_id), Some(pay2_key)) => Ok(Self {
                api_id: api_id.value,
                pay2_id: pay2_id.value,
                base_url: draft.base_url.value,
                via: draft.entry.via,
                guards: draft.guards,
                api_key: api_key.value,
                pay2_key: pay2_key.value,
                name,
                environment,
                warnings,
            }),
            (api_id, api_key, ..) => {
                let keys = [("api_id", api_id.is_none()), ("api_key", api_key.is_none())];
                Err(ConfigError::Incomplete {
                    path: path.to_owned(),
                    profile: name,
                    is_live: environment.is_live(),
                    missing: keys.into_iter().filter(|(_, missing)| *missing).map(|(key, _)| key).collect(),
                })
            }
        }
    }
}

/// A secret that is fetched at most once, by whoever needs it first: `pay2_key` shares the
/// `api_key` it defaults to.
#[derive(Debug, Clone)]
pub(super) struct Credential {
    key: &'static str,
    vault: Arc<Vault>,
    /// In a live profile: a variable that has to hold the very same secret.
    must_equal: Option<Demand>,
}

/// What a variable says a key of a live profile should be.
#[derive(Debug, Clone)]
struct Demand {
    key: &'static str,
    variable: &'static str,
    value: Secret,
}

#[derive(Debug)]
struct Vault {
    place: Place,
    fetched: OnceLock<Secret>,
}

impl Credential {
    pub(super) fn new(key: &'static str, place: Place) -> Self {
        Self { key, vault: Arc::new(Vault { place, fetched: OnceLock::new() }), must_equal: None }
    }

    pub(super) fn place(&self) -> &Place {
        &self.vault.place
    }

    /// The same for a setting of a live profile, refused when fetched if the variable holds another
    /// secret.
    pub(super) fn guarded(mut self, key: &'static str, variable: &'static str, value: String) -> Self {
        self.must_equal = Some(Demand { key, variable, value: Secret::new(value) });
        self
    }

    /// Whether fetching reads no file and runs no program.
    pub(super) fn is_at_hand(&self) -> bool {
        self.place().is_at_hand()
    }

    /// Whether this text is the secret itself, as far as can be told without fetching it.
    pub(super) fn is_literally(&self, text: &str) -> bool {
        match self.place() {
            Place::Written(secret) | Place::Variable { value: Some(secret), .. } => secret.expose() == text,
            Place::Variable { value: None, .. }
            | Place::BuiltIn(_)
            | Place::File(_)
            | Place::Command { .. } => false,
        }
    }

    pub(super) fn fetch(&self, profile: &str) -> Result<Secret, ConfigError> {
        let secret = if let Some(secret) = self.vault.fetched.get() {
            secret.clone()
        } else {
            let fetched = self.place().fetch().map_err(|fault| ConfigError::Secret {
                profile: profile.to_owned(),
                key: self.key,
                place: self.place().to_string(),
                fault,
            })?;
            self.vault.fetched.get_or_init(|| fetched).clone()
        };
        match &self.must_equal {
            Some(Demand { key, variable, value }) if *value != secret => {
                Err(ConfigError::LiveOverride { profile: profile.to_owned(), key, variable })
            }
            _ => Ok(secret),
        }
    }
}

/// Where the value of a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The config file.
    File,
    /// An environment variable that overrides the config file.
    Variable(&'static str),
    /// The config file says where to fetch it: a variable, a file or a command, as named here.
    Fetched(String),
    /// The `local` profile, which needs no file.
    BuiltIn,
    /// Nobody said anything.
    Default,
    /// Nobody said anything, so it is the same as another setting.
    SameAs(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => formatter.write_str("config file"),
            Self::Variable(name) => write!(formatter, "variable `{name}`"),
            Self::Fetched(place) => formatter.write_str(place),
            Self::BuiltIn => formatter.write_str("built in"),
            Self::Default => formatter.write_str("default"),
            Self::SameAs(key) => write!(formatter, "same as `{key}`"),
        }
    }
}
