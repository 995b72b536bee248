//! What every command shares: where things lie, the profile, the way to `CookiePay`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use crate::api::{Client, Proxy, Timeouts, TrustPaths};
use crate::bill::BillNo;
use crate::cli::{ColorChoice, GlobalArgs, Language as LanguageChoice, OutputFormat};
use crate::config::{self, BaseUrl, Environment, File, Lookup, Presence, Profile};
use crate::emulator::{Emulator, Options, PayBase};
use crate::error::{Error, ErrorKind};
use crate::ledger::{Account, Ledger, Location, NotificationStore};
use crate::lock::OnWait;
use crate::output::{Color, Format, Language, Level, Scope, Settings, Ui};
use crate::world::Surroundings;

/// The program's own folder in the platform's directories.
const FOLDER: &str = "cookiepay";

/// What is said where no journal can be kept.
pub(super) const NO_JOURNAL: &str = "this system names no directory for state: no journal is kept";

/// What every command shares.
pub struct Context {
    /// The streams.
    pub ui: Ui,
    /// `--yes`.
    pub yes: bool,
    /// The configuration file.
    pub config_file: PathBuf,
    /// Whether somebody named it.
    pub config_is_explicit: bool,
    /// Where ledger, token cache and emulator state lie.
    pub data_directory: PathBuf,
    /// `--profile` or `COOKIEPAY_PROFILE`.
    pub profile_name: Option<String>,
    /// `--connect-timeout`, `--timeout`.
    pub timeouts: Timeouts,
    /// Clock, environment, signals and the like.
    pub surroundings: Surroundings,
    /// The emulator of a `local` profile, which lives as long as the command.
    emulator: Option<Emulator>,
}

/// What the options and the environment want of the output, and what is wrong with them:
/// `COOKIEPAY_OUTPUT` or `COOKIEPAY_LANG` may have a value that is none.
#[must_use]
pub fn settings(global: &GlobalArgs, surroundings: &Surroundings) -> (Settings, Option<Error>) {
    let mut wrong = None;
    let format = global.output.or_else(|| {
        let name = surroundings.variable("COOKIEPAY_OUTPUT")?;
        let found = OutputFormat::of_name(name);
        if found.is_none() {
            wrong = Some(of_variable("COOKIEPAY_OUTPUT", name, "one of table, json, jsonl, csv"));
        }
        found
    });
    let language = global.lang.or_else(|| {
        let name = surroundings.variable("COOKIEPAY_LANG")?;
        let found = LanguageChoice::of_name(name);
        if found.is_none() {
            wrong = Some(of_variable("COOKIEPAY_LANG", name, "one of ko, en"));
        }
        found
    });
    let settings = Settings {
        format: match format.unwrap_or(OutputFormat::Table) {
            OutputFormat::Table => Format::Table,
            OutputFormat::Json => Format::Json,
            OutputFormat::Jsonl => Format::Jsonl,
            OutputFormat::Csv => Format::Csv,
        },
        language: match language {
            Some(LanguageChoice::Ko) => Language::Ko,
            Some(LanguageChoice::En) => Language::En,
            None => locale(surroundings),
        },
        color: color(global, surroundings),
        level: match (global.quiet, global.verbose) {
            (true, _) => Level::Quiet,
            (false, 0) => Level::Normal,
            (false, _) => Level::Verbose,
        },
        may_ask: !global.no_input,
        byte_order_mark: global.bom,
    };
    (settings, wrong)
}

fn of_variable(name: &str, value: &str, rule: &str) -> Error {
    Error::new(ErrorKind::Usage, format!("`{name}` is `{value}`, which is not {rule}"))
}

fn locale(surroundings: &Surroundings) -> Language {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| surroundings.variable(name));
    Language::of_locale(locale.unwrap_or_default())
}

/// `--color` counts before `NO_COLOR`, that before `CLICOLOR_FORCE`.
fn color(global: &GlobalArgs, surroundings: &Surroundings) -> Color {
    match global.color {
        Some(ColorChoice::Always) => Color::Always,
        Some(ColorChoice::Never) => Color::Never,
        None if surroundings.variable("NO_COLOR").is_some() => Color::Never,
        None if surroundings.variable("CLICOLOR_FORCE").is_some_and(|value| value != "0") => Color::Always,
        Some(ColorChoice::Auto) | None => Color::Auto,
    }
}

/// Where things lie.
pub struct Places {
    config_file: PathBuf,
    config_is_explicit: bool,
    data_directory: PathBuf,
}

impl Places {
    /// The option counts before the variable, that before the platform's directory.
    ///
    /// # Errors
    ///
    /// The platform names no directory and nobody else does.
    pub fn find(global: &GlobalArgs, surroundings: &Surroundings) -> Result<Self, Error> {
        let given = |name: &str| surroundings.variable(name).map(PathBuf::from);
        let named = global.config.clone().or_else(|| given("COOKIEPAY_CONFIG"));
        let config_is_explicit = named.is_some();
        let platform = || Some(surroundings.config_directory.as_ref()?.join(FOLDER).join("config.toml"));
        let config_file = named.or_else(platform);
        let platform = || Some(surroundings.data_directory.as_ref()?.join(FOLDER));
        let data_directory =
            global.data_dir.clone().or_else(|| given("COOKIEPAY_DATA_DIR")).or_else(platform);
        match (config_file, data_directory) {
            (Some(config_file), Some(data_directory)) => {
                Ok(Self { config_file, config_is_explicit, data_directory })
            }
            _ => Err(Error::new(
                ErrorKind::Config,
                "this system names no directory for configuration and data",
            )
            .hint("name them with `--config FILE` and `--data-dir DIR`")),
        }
    }
}

impl Context {
    /// Puts together what the command line and the world give.
    #[must_use]
    pub fn new(global: &GlobalArgs, places: Places, surroundings: Surroundings, ui: Ui) -> Self {
        let profile_name =
            global.profile.clone().or_else(|| surroundings.variable("COOKIEPAY_PROFILE").map(Into::into));
        Self {
            ui,
            yes: global.yes,
            config_file: places.config_file,
            config_is_explicit: places.config_is_explicit,
            data_directory: places.data_directory,
            profile_name,
            timeouts: Timeouts { connect: global.connect_timeout, total: global.timeout },
            surroundings,
            emulator: None,
        }
    }

    /// The profile to use, its warnings said.
    pub(super) fn profile(&mut self) -> Result<Profile, Error> {
        let profile = self.load_profile()?;
        for warning in profile.warnings() {
            self.ui.warning(&warning.to_string());
        }
        self.ui.detail(&format!("profile `{}`: {}", profile.name, profile.environment));
        Ok(profile)
    }

    /// The profile to use, without a word.
    pub(super) fn load_profile(&self) -> Result<Profile, Error> {
        let variable = |name: &str| self.surroundings.environment.get(name).cloned();
        let lookup = Lookup {
            config_file: &self.config_file,
            config_is_explicit: self.config_is_explicit,
            profile: self.profile_name.as_deref(),
            variable: &variable,
        };
        Ok(config::load(&lookup)?)
    }

    /// A client of the profile's host. For `local` the emulator is started first.
    pub(super) fn connect(&mut self, profile: &Profile) -> Result<Client, Error> {
        let base_url = if profile.environment == Environment::Local {
            let emulator = match self.emulator.take() {
                Some(emulator) => emulator,
                None => Emulator::start(self.emulator_options(PayBase::Served))?,
            };
            BaseUrl::of_emulator(self.emulator.insert(emulator).address())
        } else {
            profile.base_url.clone()
        };
        self.ui.detail(&format!("host {}", base_url.as_str()));
        let proxy = self.proxy(base_url.as_str())?;
        let trust = TrustPaths::of(&|name: &str| self.surroundings.environment.get(name).cloned());
        Client::new(base_url.as_str(), self.timeouts, proxy, &trust)
            .map_err(|error| super::failure::of_read(&error))
    }

    /// The variables in which a key of any profile stands.
    pub(super) fn secret_variables(&self) -> Result<BTreeSet<String>, Error> {
        let presence = if self.config_is_explicit { Presence::Required } else { Presence::Optional };
        let file = File::read(&self.config_file, presence)?;
        Ok(file.secret_variables(&self.surroundings.environment))
    }

    /// The proxy by which this address is reached.
    pub(super) fn proxy(&self, url: &str) -> Result<Proxy, Error> {
        let variable = |name: &str| self.surroundings.environment.get(name).cloned();
        Proxy::of(url, &variable).map_err(|error| {
            Error::new(ErrorKind::Config, error.to_string())
                .hint(format!("set it anew, or `unset {}`", error.variable))
        })
    }

    /// An emulator on a free port with its state in the data directory.
    pub(super) fn emulator_options(&self, pay_base: PayBase) -> Options {
        let clock = self.surroundings.clock.clone();
        Options {
            state_file: self.emulator_file(),
            listen: "127.0.0.1:0".to_owned(),
            pay_base,
            notify_url: None,
            faults: Vec::new(),
            tls: None,
            now: Arc::new(move || clock.now()),
            random: self.surroundings.random.clone(),
            journal: None,
        }
    }

    /// The emulator's state.
    pub(super) fn emulator_file(&self) -> PathBuf {
        self.data_directory.join("emulator.db")
    }

    /// The ledger, made where there is none.
    pub(super) fn ledger(&self) -> Result<Ledger, Error> {
        Ok(self.location().open()?)
    }

    /// The ledger to send from, made where there is none. One that lacks what was sent is refused.
    pub(super) fn ledger_to_send(&mut self) -> Result<Ledger, Error> {
        let ledger = self.location().open_to_send()?;
        let problem = match ledger.journal() {
            Some((_, None)) => None,
            Some((_, Some(problem))) => Some(problem),
            None => Some(NO_JOURNAL),
        };
        if let Some(problem) = problem.filter(|_| self.ui.shows_status()) {
            self.ui.warning(&format!(
                "{problem}; bills are sent without it, and a ledger that is removed or put back from a backup is not noticed"
            ));
        }
        Ok(ledger)
    }

    /// The ledger to read from, if there is one. That it lacks what was sent is said.
    pub(super) fn ledger_to_read(&mut self) -> Result<Option<Ledger>, Error> {
        let (ledger, lack) = self.location().open_to_read()?;
        if let Some(lack) = lack {
            self.ui.warning(&format!(
                "{lack}; what follows does not know of them: `cookiepay reconcile --restored` asks for them"
            ));
        }
        Ok(ledger)
    }

    /// As [`Context::ledger_to_read`], where what is learnt is recorded: the ledger is made where there is none.
    pub(super) fn ledger_to_ask(&mut self) -> Result<Ledger, Error> {
        self.ledger_to_read()?.map_or_else(|| self.ledger(), Ok)
    }

    /// Where the ledger lies.
    pub(super) fn location(&self) -> Location {
        let state = self.surroundings.state_directory.as_ref();
        Location {
            directory: self.data_directory.clone(),
            journals: state.map(|state| state.join(FOLDER).join("journal")),
            on_wait: self.on_wait(),
        }
    }

    /// Says that another process keeps a lock.
    pub(super) fn on_wait(&self) -> OnWait {
        let notice = self.ui.notice();
        Arc::new(move |path| {
            notice(&format!("waiting for another run, which has locked `{}`", path.display()));
        })
    }

    /// The store of received notifications, made where there is none.
    pub(super) fn notifications(&self) -> Result<NotificationStore, Error> {
        Ok(NotificationStore::open(&self.data_directory)?)
    }

    /// The time.
    pub(super) fn now(&self) -> Timestamp {
        self.surroundings.clock.now()
    }

    /// A `BILL_NO` nobody has used.
    pub(super) fn new_bill_no(&self) -> BillNo {
        let mut random = [0; 12];
        (self.surroundings.random)(&mut random);
        BillNo::generate(super::time::today(self.now()), random)
    }
}

/// Whose bills a profile's are.
pub(super) fn account(profile: &Profile) -> Account {
    Account { environment: profile.environment.as_str().to_owned(), api_id: profile.api_id.clone() }
}

/// The four fields that every object of a profile carries.
pub(super) fn scope(profile: &Profile) -> Scope {
    Scope::of(&profile.name, profile.environment.as_str(), profile.environment.is_live())
}
