//! The module as its callers see it: a file in a temporary directory, an environment, a profile.

mod canary;
mod describing;
mod reading;
mod resolving;
mod texts;

use std::collections::HashMap;
use std::path::PathBuf;

use super::{ConfigError, File, Lookup, Presence, Profile, load};

/// A directory with a config file, and an environment.
pub(super) struct World {
    directory: tempfile::TempDir,
    pub(super) variables: HashMap<String, String>,
    pub(super) config_is_explicit: bool,
}

impl World {
    /// No config file, and an environment with nothing but a home.
    pub(super) fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let home = directory.path().display().to_string();
        Self { directory, variables: HashMap::from([("HOME".to_owned(), home)]), config_is_explicit: false }
    }

    pub(super) fn with(config: impl AsRef<[u8]>) -> Self {
        let world = Self::empty();
        world.write("config.toml", config.as_ref(), 0o600);
        world
    }

    pub(super) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(super) fn path(&self) -> PathBuf {
        self.directory.path().join("config.toml")
    }

    pub(super) fn write(&self, name: &str, content: &[u8], mode: u32) -> PathBuf {
        let path = self.directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        set_mode(&path, mode);
        path
    }

    pub(super) fn lookup(&self) -> impl Fn(&str) -> Option<String> + '_ {
        |name| self.variables.get(name).cloned()
    }

    pub(super) fn file(&self) -> Result<File, ConfigError> {
        File::read(&self.path(), Presence::Optional)
    }

    pub(super) fn load(&self, profile: &str) -> Result<Profile, ConfigError> {
        let config_is_explicit = self.config_is_explicit;
        let profile = Some(profile);
        load(&Lookup { config_file: &self.path(), config_is_explicit, profile, variable: &self.lookup() })
    }

    /// The only problem there is: its whole text.
    pub(super) fn problem(&self) -> String {
        let problems = self.problems();
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems.into_iter().next().unwrap()
    }

    pub(super) fn problems(&self) -> Vec<String> {
        let error = self.file().expect_err("the file should be wrong");
        assert!(!error.problems().is_empty(), "{error}");
        error.problems().iter().map(ToString::to_string).collect()
    }
}

#[cfg(unix)]
pub(super) fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
pub(super) fn set_mode(_: &std::path::Path, _: u32) {}

/// A profile `shop` with everything it needs and these lines.
pub(super) fn shop(environment: &str, lines: &str) -> String {
    let id = if environment == "sandbox" { "sandbox_shop01" } else { "shop01" };
    format!(
        "[profiles.shop]\nenvironment = \"{environment}\"\napi_id = \"{id}\"\napi_key = \"file-key\"\n{lines}\n"
    )
}
