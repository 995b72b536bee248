//! What `config show` shows: every setting of a profile, its value, and where that comes from.

use std::path::Path;

use super::document::Entry;
use super::environment::Environment;
use super::error::ConfigError;
use super::guards::window_text;
use super::key::unless_key;
use super::merge::{Draft, Settled};
use super::profile::{Credential, Origin, Profile};
use super::warning::Warning;
use crate::secret::MASK;

/// One line of `config show`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The key in the config file.
    pub key: &'static str,
    /// The value in effect as it would be written in the file; a secret is `****` whether or not it
    /// could be fetched; `None` where nothing is set.
    pub value: Option<String>,
    /// Where it comes from; [`Origin::Default`] where nothing is set.
    pub origin: Origin,
}

/// A profile as it may be shown to anybody.
#[derive(Debug)]
pub struct Description {
    /// The name in the config file.
    pub name: String,
    /// Which `CookiePay` it is.
    pub environment: Environment,
    /// Whether the config file makes it the default.
    pub is_default: bool,
    /// Every key a profile can have, in the order of the example file.
    pub settings: Vec<Setting>,
    /// What is probably not meant.
    pub warnings: Vec<Warning>,
    /// Why the profile cannot be used, if so. That its secrets can be fetched is not said.
    pub error: Option<ConfigError>,
}

impl Description {
    pub(super) fn of(draft: Draft<'_>, path: &Path, default_profile: Option<&str>) -> Self {
        Self {
            name: draft.entry.name.clone(),
            environment: draft.entry.environment,
            is_default: default_profile == Some(draft.entry.name.as_str()),
            settings: settings(&draft),
            warnings: draft.warnings(),
            error: Profile::of(draft, path).err(),
        }
    }
}

fn settings(draft: &Draft<'_>) -> Vec<Setting> {
    let Entry { via, max_amount, max_rows, max_total, duplicate_window, resend_window, .. } = draft.entry;
    let window = |key, window, is_written| Setting {
        key,
        value: Some(window_text(window)),
        origin: if is_written { Origin::File } else { Origin::Default },
    };
    vec![
        Setting {
            key: "environment",
            value: Some(draft.entry.environment.to_string()),
            origin: if draft.entry.names_environment { Origin::File } else { Origin::BuiltIn },
        },
        id("api_id", draft, draft.api_id.as_ref()),
        secret("api_key", draft.api_key.as_ref()),
        id("pay2_id", draft, draft.pay2_id.as_ref()),
        secret("pay2_key", draft.pay2_key.as_ref()),
        Setting {
            key: "base_url",
            value: Some(unless_key(draft.base_url.value.as_str()).to_owned()),
            origin: draft.base_url.origin.clone(),
        },
        written("via", via.as_ref()),
        written("max_amount", max_amount.as_ref()),
        written("max_rows", max_rows.as_ref()),
        written("max_total", max_total.as_ref()),
        window("duplicate_window", draft.guards.duplicate_window, duplicate_window.is_some()),
        window("resend_window", draft.guards.resend_window, resend_window.is_some()),
    ]
}

fn id(key: &'static str, draft: &Draft<'_>, settled: Option<&Settled<String>>) -> Setting {
    let shown = |id: &String| if draft.is_key(id) { MASK.to_owned() } else { id.clone() };
    Setting {
        key,
        value: settled.map(|settled| shown(&settled.value)),
        origin: settled.map_or(Origin::Default, |settled| settled.origin.clone()),
    }
}

fn secret(key: &'static str, settled: Option<&Settled<Credential>>) -> Setting {
    Setting {
        key,
        value: settled.map(|_| MASK.to_owned()),
        origin: settled.map_or(Origin::Default, |settled| settled.origin.clone()),
    }
}

fn written<T: ToString>(key: &'static str, value: Option<&T>) -> Setting {
    let origin = if value.is_some() { Origin::File } else { Origin::Default };
    Setting { key, value: value.map(ToString::to_string), origin }
}
