//! What is told of the configuration.

use serde::Serialize;

use super::super::messages::Language;
use super::super::record::{Cell, Record, Tone};
use super::report;

report! {
    /// One thing that `config check` looked at.
    CheckReport {
        /// What was looked at.
        check: String,
        /// `ok`, `warning`, `error`.
        verdict: &'static str,
        /// What was found.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    }
}

report! {
    /// Where things lie: `config path`, `config init`.
    PathReport {
        /// The configuration file.
        config: String,
        /// The data directory.
        data_dir: String,
        /// The ledger in it.
        ledger: String,
    }
}

/// A setting in effect, as `config show` shows it.
#[derive(Debug, Clone, Serialize)]
pub struct SettingReport {
    /// Its value, a secret as `****`.
    pub value: Option<String>,
    /// Where it comes from.
    pub origin: String,
}

/// A profile as it may be shown to anybody: `config show`.
#[derive(Debug, Clone, Serialize)]
pub struct ProfileReport {
    /// The configuration file.
    pub config: String,
    /// Whether the file makes it the default.
    pub default: bool,
    /// Every setting by its key.
    #[serde(serialize_with = "as_object")]
    pub settings: Vec<(&'static str, SettingReport)>,
}

fn as_object<S: serde::Serializer>(
    settings: &[(&'static str, SettingReport)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(settings.iter().map(|(key, setting)| (key, setting)))
}

impl Record for CheckReport {
    const FIELDS: &'static [&'static str] = Self::NAMES;
    const COLUMNS: &'static [&'static str] = Self::NAMES;

    fn cells(&self, _: Language) -> Vec<Cell> {
        let tone = match self.verdict {
            "ok" => Tone::Good,
            "warning" => Tone::Caution,
            _ => Tone::Bad,
        };
        vec![
            Cell::text(&self.check),
            Cell::toned(self.verdict, tone),
            Cell::text(&self.message),
            Cell::maybe(self.hint.as_deref()),
        ]
    }
}

impl Record for PathReport {
    const FIELDS: &'static [&'static str] = Self::NAMES;
    const COLUMNS: &'static [&'static str] = Self::NAMES;

    fn cells(&self, _: Language) -> Vec<Cell> {
        vec![Cell::text(&self.config), Cell::text(&self.data_dir), Cell::text(&self.ledger)]
    }
}

impl Record for ProfileReport {
    const FIELDS: &'static [&'static str] = &["config", "default", "settings"];
    const COLUMNS: &'static [&'static str] = &["config", "default"];

    fn cells(&self, _: Language) -> Vec<Cell> {
        vec![Cell::text(&self.config), Cell::text(if self.default { "yes" } else { "no" })]
    }

    fn details(&self, _: Language) -> Vec<(&'static str, Cell)> {
        let settings = self.settings.iter().filter_map(|(key, setting)| {
            Some((*key, Cell::text(format!("{}  ({})", setting.value.as_ref()?, setting.origin))))
        });
        std::iter::once(("config", Cell::text(&self.config))).chain(settings).collect()
    }
}
