//! Lays the environment over the file, and the file over what is built in, one setting at a time,
//! and remembers where each came from.
//!
//! A live profile takes its account from the file alone: a variable that says something else is an
//! error, one that says the same is none. A default that follows another setting follows what is in
//! effect: with `COOKIEPAY_API_KEY` set, a `pay2_key` that the file does not name is that key, too.

use super::base_url::BaseUrl;
use super::document::Entry;
use super::environment::Environment;
use super::error::ConfigError;
use super::guards::Guards;
use super::key::shown;
use super::profile::{Credential, Origin};
use super::source::{Place, Source, Surroundings};
use super::values::id_fault;
use super::warning::Warning;
use crate::secret::Secret;

/// The account the emulator is started with; nothing here is secret.
const LOCAL_API_ID: &str = "local_shop";
const LOCAL_API_KEY: &str = "local-api-key";

/// A value and where it came from.
#[derive(Debug, Clone)]
pub(super) struct Settled<T> {
    pub(super) value: T,
    pub(super) origin: Origin,
}

impl<T> Settled<T> {
    fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    fn same_as(&self, key: &'static str) -> Self
    where
        T: Clone,
    {
        Self { value: self.value.clone(), origin: Origin::SameAs(key) }
    }
}

/// A profile with all its settings settled, complete or not.
#[derive(Debug)]
pub(super) struct Draft<'f> {
    pub(super) entry: &'f Entry,
    pub(super) api_id: Option<Settled<String>>,
    pub(super) api_key: Option<Settled<Credential>>,
    pub(super) pay2_id: Option<Settled<String>>,
    pub(super) pay2_key: Option<Settled<Credential>>,
    pub(super) base_url: Settled<BaseUrl>,
    pub(super) guards: Guards,
    /// What the environment must not say.
    pub(super) faults: Vec<ConfigError>,
}

impl<'f> Draft<'f> {
    pub(super) fn new(entry: &'f Entry, surroundings: Surroundings<'_>) -> Self {
        let mut overlay = Overlay { entry, surroundings, faults: Vec::new() };
        let is_local = entry.environment == Environment::Local;
        let built_in_id = is_local.then(|| Settled::new(LOCAL_API_ID.to_owned(), Origin::BuiltIn));
        let built_in_key = is_local.then(|| {
            Settled::new(Credential::new("api_key", Place::BuiltIn(LOCAL_API_KEY)), Origin::BuiltIn)
        });

        let api_id = overlay.id("api_id", "COOKIEPAY_API_ID", entry.api_id.as_deref(), built_in_id);
        let api_key = overlay.key("api_key", "COOKIEPAY_API_KEY", entry.api_key.as_ref(), built_in_key);
        let same_id = api_id.as_ref().map(|settled| settled.same_as("api_id"));
        let pay2_id = overlay.id("pay2_id", "COOKIEPAY_PAY2_ID", entry.pay2_id.as_deref(), same_id);
        let same_key = api_key.as_ref().map(|settled| settled.same_as("api_key"));
        let pay2_key = overlay.key("pay2_key", "COOKIEPAY_PAY2_KEY", entry.pay2_key.as_ref(), same_key);

        let base_url = match &entry.base_url {
            Some(base_url) => Settled::new(base_url.clone(), Origin::File),
            None if is_local => Settled::new(BaseUrl::of(entry.environment), Origin::BuiltIn),
            None => Settled::new(BaseUrl::of(entry.environment), Origin::Default),
        };
        let guards = Guards {
            max_amount: entry.max_amount,
            max_rows: entry.max_rows,
            max_total: entry.max_total,
            duplicate_window: entry.duplicate_window.unwrap_or(Guards::default().duplicate_window),
            resend_window: entry.resend_window.unwrap_or(Guards::default().resend_window),
        };
        let faults = overlay.faults;
        let mut draft = Self { entry, api_id, api_key, pay2_id, pay2_key, base_url, guards, faults };
        for (key, id) in [("api_id", &draft.api_id), ("pay2_id", &draft.pay2_id)] {
            if id.as_ref().is_some_and(|id| draft.is_key(&id.value)) {
                draft.faults.push(ConfigError::KeyAsId { profile: shown(&entry.name), key });
                break;
            }
        }
        draft
    }

    /// Whether the key of the profile stands where this id belongs.
    pub(super) fn is_key(&self, id: &str) -> bool {
        let mut keys = [&self.api_key, &self.pay2_key].into_iter().flatten();
        keys.any(|secret| secret.value.is_literally(id))
    }

    pub(super) fn warnings(&self) -> Vec<Warning> {
        let (profile, environment) = (self.entry.name.clone(), self.entry.environment);
        let mut warnings = Vec::new();
        if let Some(api_id) = self.api_id.as_ref().map(|settled| settled.value.clone()) {
            let says_sandbox = api_id.starts_with("sandbox_");
            let is_off = match environment {
                Environment::Live => says_sandbox,
                Environment::Sandbox => !says_sandbox,
                Environment::Local => false,
            };
            if is_off && !self.is_key(&api_id) {
                warnings.push(Warning::Prefix { profile: profile.clone(), environment, api_id });
            }
        }
        if profile.parse::<Environment>().is_ok_and(|named| named != environment) {
            warnings.push(Warning::Name { profile: profile.clone(), environment });
        }
        if environment.is_live() && self.base_url.value.shares_host_with(&BaseUrl::of(Environment::Sandbox)) {
            warnings.push(Warning::SandboxHost { profile: profile.clone() });
        }
        if self.splits_account() {
            warnings.push(Warning::SplitAccount { profile });
        }
        warnings
    }

    /// Whether a variable replaced one of the two ids, and the other stayed that of the file.
    fn splits_account(&self) -> bool {
        let from_variable =
            self.api_id.as_ref().is_some_and(|settled| matches!(settled.origin, Origin::Variable(_)));
        from_variable
            && self.entry.api_id != self.api_id.as_ref().map(|settled| settled.value.clone())
            && self.pay2_id.as_ref().is_some_and(|settled| settled.origin == Origin::File)
    }
}

/// The environment on its way over one profile.
struct Overlay<'f, 's> {
    entry: &'f Entry,
    surroundings: Surroundings<'s>,
    faults: Vec<ConfigError>,
}

impl Overlay<'_, '_> {
    fn id(
        &mut self,
        key: &'static str,
        variable: &'static str,
        in_file: Option<&str>,
        fallback: Option<Settled<String>>,
    ) -> Option<Settled<String>> {
        let settled = in_file.map(|id| Settled::new(id.to_owned(), Origin::File)).or(fallback);
        let Some(value) = self.surroundings.variable(variable) else { return settled };
        if let Some(rule) = id_fault(key, &value) {
            self.faults.push(ConfigError::BadVariable { variable, rule });
            return settled;
        }
        if !self.entry.environment.is_live() {
            return Some(Settled::new(value, Origin::Variable(variable)));
        }
        if settled.as_ref().is_some_and(|settled| settled.value != value) {
            self.refuse(key, variable);
        }
        settled
    }

    fn key(
        &mut self,
        key: &'static str,
        variable: &'static str,
        in_file: Option<&Source>,
        fallback: Option<Settled<Credential>>,
    ) -> Option<Settled<Credential>> {
        let in_file = in_file.map(|source| {
            let place = source.locate(self.surroundings);
            let origin = match source {
                Source::Written(_) => Origin::File,
                _ => Origin::Fetched(place.to_string()),
            };
            Settled::new(Credential::new(key, place), origin)
        });
        let settled = in_file.or(fallback);
        let Some(value) = self.surroundings.variable(variable) else { return settled };
        if !self.entry.environment.is_live() {
            let place = Place::Variable { name: Secret::new(variable), value: Some(Secret::new(value)) };
            return Some(Settled::new(Credential::new(key, place), Origin::Variable(variable)));
        }
        let settled = settled.map(|settled| Settled {
            value: settled.value.guarded(key, variable, value),
            origin: settled.origin,
        })?;
        // What can be compared without a program or a file is compared now, for every command; the
        // rest when the secret is needed.
        if settled.value.is_at_hand()
            && matches!(settled.value.fetch(&self.entry.name), Err(ConfigError::LiveOverride { .. }))
        {
            self.refuse(key, variable);
        }
        Some(settled)
    }

    fn refuse(&mut self, key: &'static str, variable: &'static str) {
        self.faults.push(ConfigError::LiveOverride { profile: self.entry.name.clone(), key, variable });
    }
}
