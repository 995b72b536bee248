//! `config`: write, show and check the configuration.

use crate::cli::{ConfigCheckArgs, ConfigInitArgs};
use crate::config::{
    self, Answers, Check, ConfigError, Environment, File, KeySource, Overwrite, Presence, Verdict,
};
use crate::error::{Error, ErrorKind, ExitCode, WrongField};
use crate::ledger::{Ledger, NotificationStore};
use crate::output::{CheckReport, PathReport, ProfileReport, Scope, SettingReport};
use crate::secret::Secret;

use super::context::{Context, NO_JOURNAL};
use super::time::rfc3339;
use super::watch::token_store;

/// The time before which no clock can be right: when this program was first written, in seconds.
const EARLIEST_SECOND: i64 = 1_790_000_000;

/// Runs `config path`.
pub(super) fn path(context: &mut Context) -> Result<ExitCode, Error> {
    let report = paths(context);
    context.ui.show(&Scope::none(), &report)?;
    Ok(ExitCode::OK)
}

fn paths(context: &Context) -> PathReport {
    PathReport {
        config: context.config_file.display().to_string(),
        data_dir: context.data_directory.display().to_string(),
        ledger: Ledger::path(&context.data_directory).display().to_string(),
    }
}

/// Runs `config init`.
pub(super) fn init(arguments: &ConfigInitArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let overwrite = may_write(arguments, context)?;
    let environment = environment(arguments, context)?;
    let profile = context.profile_name.clone().unwrap_or_else(|| environment.as_str().to_owned());
    let mut guessed = false;
    let account = if environment == Environment::Local {
        None
    } else {
        let (api_id, is_placeholder) = api_id(arguments, environment, context);
        guessed = is_placeholder;
        Some((api_id, key_source(arguments, &profile, context)?))
    };
    let next = match &account {
        Some((_, KeySource::Variable(name))) => {
            format!("put the key into the variable `{name}`, then `cookiepay config check`")
        }
        Some(_) => "`cookiepay config check` looks at it, `--online` tries the keys".to_owned(),
        None => "`cookiepay send …` talks to the built-in emulator from now on".to_owned(),
    };
    let text = config::template(&Answers { profile, environment, account });
    config::write_new(&context.config_file, &text, overwrite)?;
    context.ui.status(&format!("wrote `{}` (0600)", context.config_file.display()));
    if guessed {
        context.ui.warning("`api_id` in it is a placeholder: put yours there");
    }
    context.ui.hint(&next);
    let report = paths(context);
    context.ui.show(&Scope::none(), &report)?;
    Ok(ExitCode::OK)
}

/// A file that is there is replaced only if somebody said so.
fn may_write(arguments: &ConfigInitArgs, context: &mut Context) -> Result<Overwrite, Error> {
    if !context.config_file.exists() {
        return Ok(Overwrite::No);
    }
    if arguments.force || context.yes {
        return Ok(Overwrite::Yes);
    }
    let exists = ConfigError::Exists { path: context.config_file.clone() };
    if !context.ui.can_ask() {
        return Err(Error::from(exists)
            .hint("keep it, choose another with `--config FILE`, or replace it with `--force`"));
    }
    let question = format!("`{}` exists. Replace it? [y/N]", context.config_file.display());
    if context.ui.confirm(&question) { Ok(Overwrite::Yes) } else { Err(exists.into()) }
}

fn environment(arguments: &ConfigInitArgs, context: &mut Context) -> Result<Environment, Error> {
    let given = match &arguments.environment {
        Some(given) => Some(given.clone()),
        None if context.ui.can_ask() => context.ui.ask("Environment: live or sandbox? [sandbox]"),
        None => None,
    };
    let Some(text) = given.filter(|text| !text.is_empty()) else { return Ok(Environment::Sandbox) };
    text.parse().map_err(|_| {
        let rule = "one of live, sandbox, local".to_owned();
        let field = WrongField { field: "--environment".to_owned(), value: Some(text), rule };
        Error::new(ErrorKind::Usage, "the environment cannot be read").fields(vec![field])
    })
}

/// The `API_ID`, and whether it is only a placeholder.
fn api_id(arguments: &ConfigInitArgs, environment: Environment, context: &mut Context) -> (String, bool) {
    let given = match &arguments.api_id {
        Some(given) => Some(given.clone()),
        None if context.ui.can_ask() => context.ui.ask("API_ID of the merchant:"),
        None => None,
    };
    match given.filter(|given| !given.is_empty()) {
        Some(given) => (given, false),
        None if environment == Environment::Sandbox => ("sandbox_your_id".to_owned(), true),
        None => ("your_id".to_owned(), true),
    }
}

/// Where the key comes from. It is never an argument, since arguments are seen by others.
fn key_source(arguments: &ConfigInitArgs, profile: &str, context: &mut Context) -> Result<KeySource, Error> {
    if let Some(name) = &arguments.key_env {
        return Ok(KeySource::Variable(name.clone()));
    }
    if let Some(path) = &arguments.key_file {
        return Ok(KeySource::File(path.clone()));
    }
    if let Some(words) = &arguments.key_command {
        return Ok(KeySource::Command(words.clone()));
    }
    let upper: String = profile
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' })
        .collect();
    let variable = KeySource::Variable(format!("COOKIEPAY_{upper}_KEY"));
    if !context.ui.can_ask() {
        return Ok(variable);
    }
    context
        .ui
        .prompt_line("ApiKey (연동키), not shown; leave it empty to take it from an environment variable:");
    let key = (context.surroundings.read_hidden)()
        .map_err(|error| Error::new(ErrorKind::Usage, format!("the key cannot be read: {error}")))?;
    let key = key.trim();
    Ok(if key.is_empty() { variable } else { KeySource::Written(Secret::new(key)) })
}

/// Runs `config show`.
pub(super) fn show(context: &mut Context) -> Result<ExitCode, Error> {
    let variable = |name: &str| context.surroundings.environment.get(name).cloned();
    let file = File::read(&context.config_file, presence(context))?;
    let chosen = context.profile_name.as_deref().or(file.default_profile()).map(str::to_owned);
    let Some(name) = chosen else {
        // Says how to choose one.
        return context.load_profile().map(|_| ExitCode::OK);
    };
    let description = file.describe(&name, &variable)?;
    let config = if file.exists() { file.path().display().to_string() } else { "none".to_owned() };
    let settings = description
        .settings
        .iter()
        .map(|setting| {
            (setting.key, SettingReport { value: setting.value.clone(), origin: setting.origin.to_string() })
        })
        .collect();
    let report = ProfileReport { config, default: description.is_default, settings };
    let environment = description.environment;
    context.ui.show(&Scope::of(&description.name, environment.as_str(), environment.is_live()), &report)?;
    for warning in &description.warnings {
        context.ui.warning(&warning.to_string());
    }
    description.error.map_or(Ok(ExitCode::OK), |error| Err(error.into()))
}

fn presence(context: &Context) -> Presence {
    if context.config_is_explicit { Presence::Required } else { Presence::Optional }
}

/// Runs `config check`.
pub(super) fn check(arguments: &ConfigCheckArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let variable = |name: &str| context.surroundings.environment.get(name).cloned();
    let checks = config::check(&context.config_file, presence(context), &variable);
    let mut reports: Vec<CheckReport> = checks.into_iter().map(of_check).collect();
    reports.push(clock(context));
    let mut failures: Vec<Error> = Vec::new();
    if reports.iter().any(|report| report.verdict == "error") {
        failures.push(
            Error::new(ErrorKind::Config, "the configuration or the clock has errors")
                .hint("each line above says what to do"),
        );
    }
    for (name, found) in [("ledger", ledger(context)), ("notifications", notifications(context))] {
        match found {
            Ok(found) => reports.extend(found),
            Err(error) => {
                reports.push(finding(name, "error", error.message.clone(), error.hint.clone()));
                failures.push(error);
            }
        }
    }
    if arguments.online {
        match online(context) {
            Ok(report) => reports.push(report),
            Err(error) => {
                reports.push(finding("token", "error", error.message.clone(), error.hint.clone()));
                failures.push(error);
            }
        }
    }
    let mut sink = context.ui.sink::<CheckReport>(&Scope::none());
    for report in &reports {
        sink.push(report)?;
    }
    let errors = reports.iter().filter(|report| report.verdict == "error").count();
    sink.finish(&serde_json::json!({ "count": reports.len(), "errors": errors }))?;
    failures.into_iter().next().map_or(Ok(ExitCode::OK), Err)
}

fn finding(
    check: &str,
    verdict: &'static str,
    message: impl Into<String>,
    hint: Option<String>,
) -> CheckReport {
    CheckReport { check: check.to_owned(), verdict, message: message.into(), hint }
}

fn of_check(check: Check) -> CheckReport {
    let verdict = match check.verdict {
        Verdict::Passed => "ok",
        Verdict::Warning => "warning",
        Verdict::Failed => "error",
    };
    finding(&check.name, verdict, check.message, check.hint)
}

/// A clock far behind would make tokens look fresh and certificates invalid.
fn clock(context: &Context) -> CheckReport {
    let now = context.now();
    if now.as_second() < EARLIEST_SECOND {
        let hint = Some("set the system's clock; tokens and certificates depend on it".to_owned());
        return finding("clock", "error", format!("it is {}, which is long past", rfc3339(now)), hint);
    }
    finding("clock", "ok", rfc3339(now), None)
}

fn ledger(context: &Context) -> Result<Vec<CheckReport>, Error> {
    let directory = &context.data_directory;
    let path = Ledger::path(directory).display().to_string();
    let Some(ledger) = context.location().open_existing_to_send()? else {
        return Ok(vec![finding("ledger", "ok", format!("`{path}` is made with the first bill"), None)]);
    };
    ledger.check()?;
    let mut reports = vec![finding("ledger", "ok", path, None)];
    reports.push(match ledger.journal() {
        Some((path, None)) => finding("journal", "ok", path.display().to_string(), None),
        Some((_, Some(problem))) => without_journal(problem),
        None => without_journal(NO_JOURNAL),
    });
    let open_to_others = crate::ledger::open_to_others(directory)?;
    for (path, mode) in open_to_others {
        let hint = Some(format!("chmod go= '{}'", path.display()));
        reports.push(finding(
            "mode",
            "warning",
            format!("`{}` is open to others ({mode:o})", path.display()),
            hint,
        ));
    }
    Ok(reports)
}

fn notifications(context: &Context) -> Result<Vec<CheckReport>, Error> {
    let directory = &context.data_directory;
    let Some(store) = NotificationStore::open_existing(directory)? else { return Ok(Vec::new()) };
    store.check()?;
    let path = NotificationStore::path(directory).display().to_string();
    Ok(vec![finding("notifications", "ok", path, None)])
}

/// Bills are sent all the same.
fn without_journal(problem: &str) -> CheckReport {
    let hint =
        "bills are sent without it; that a backup of the ledger was put back is then not noticed".to_owned();
    finding("journal", "warning", problem, Some(hint))
}

/// Issues a token: proves the host, `pay2_id` and `pay2_key`, and compares the clocks.
fn online(context: &mut Context) -> Result<CheckReport, Error> {
    let profile = context.profile()?;
    let pay2_key = profile.pay2_key()?;
    let client = context.connect(&profile)?;
    let now = context.now();
    let token = token_store(&client, &profile, &pay2_key, &context.data_directory)
        .on_wait(context.on_wait())
        .refresh(now)?;
    let skew = token.issued_at.duration_since(now).abs();
    if skew > jiff::SignedDuration::from_mins(2) {
        let message = format!("CookiePay's clock and this one are {} s apart", skew.as_secs());
        return Ok(finding("token", "warning", message, Some("set the system's clock".to_owned())));
    }
    let from = match profile.environment {
        Environment::Local => "the built-in emulator",
        Environment::Live | Environment::Sandbox => profile.base_url.as_str(),
    };
    let message = format!("profile `{}` got a token from {from}", profile.name);
    Ok(finding("token", "ok", message, None))
}
