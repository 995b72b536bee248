//! `noti listen`: receives notifications until it is told to stop.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde::Serialize;

use super::super::context::{Context, account, scope};
use super::super::time::rfc3339;
use super::choice::named_secret;
use super::lines::Lines;
use super::lock_name;
use super::workers::{Bells, Workers};
use crate::cli::NotiListenArgs;
use crate::config::ArgumentSecret;
use crate::error::{Error, ErrorKind, ExitCode};
use crate::ledger::{Account, Ledger};
use crate::output::{Cell, Format, Language, LogLevel, Record};
use crate::payment::HandingOn;
use crate::receiver::{Options, Receiver};
use crate::world::Signal;

/// How often a running receiver looks whether it was asked to stop, and tells what happened.
const LOOK_AROUND: Duration = Duration::from_millis(100);

/// Where notifications are to be posted.
#[derive(Debug, Serialize)]
struct Listening {
    url: String,
    verify: bool,
}

impl Record for Listening {
    const FIELDS: &'static [&'static str] = &["url", "verify"];
    const COLUMNS: &'static [&'static str] = Self::FIELDS;

    fn cells(&self, _: Language) -> Vec<Cell> {
        vec![Cell::text(&self.url), Cell::text(self.verify.to_string())]
    }
}

/// Runs `noti listen` until Ctrl-C or SIGTERM, which end it with 0: that is how it is stopped.
pub(super) fn run(arguments: &NotiListenArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let profile = context.profile()?;
    let account = account(&profile);
    let token = arguments.token.as_deref().map(|source| token(source, context)).transpose()?;
    let token_variable = token.as_ref().and_then(|token| token.variable.clone());
    let _held_while_listening = lock(&account, context)?;
    let ledger = context.ledger_to_ask()?;
    let mut store = context.notifications()?;
    store.group(|group| {
        group.take_up_notifications(&account, context.now())?;
        if arguments.verify { group.check_unasked(&account, context.now()) } else { Ok(()) }
    })?;
    let scope = scope(&profile);
    let bells = Bells::default();
    let lines = Lines::new(context.ui.shows_status(), Arc::clone(&context.surroundings.clock));
    let secrets: Vec<String> = token_variable.into_iter().collect();
    let workers = Workers::prepare(arguments, &profile, &account, &secrets, lines.journal(), context)?;
    let clock = Arc::clone(&context.surroundings.clock);
    let data_directory = context.data_directory.clone();
    let options = Options {
        listen: arguments.listen.clone(),
        path: arguments.path.clone(),
        token: token.map(|token| token.secret),
        read_timeout: arguments.read_timeout,
        store,
        limit: arguments.store_limit,
        ledger,
        account,
        is_verifying: arguments.verify,
        handing_on: if workers.hand_on() { HandingOn::Pending } else { HandingOn::None },
        now: Arc::new(move || clock.now()),
        journal: lines.journal(),
        bells: vec![Arc::clone(&bells.verify), Arc::clone(&bells.hand_on)],
        can_store: Arc::new(move || can_store(&data_directory)),
    };
    context.surroundings.signals.hold();
    let receiver = Receiver::start(options)?;
    announce(&receiver, arguments, &scope, context)?;
    let ended = thread::scope(|threads| {
        let work = || workers.run(&profile, &scope, &bells);
        let working = thread::Builder::new()
            .spawn_scoped(threads, work)
            .map_err(|error| broken(&format!("the receiver cannot start: {error}")))?;
        // Without its workers it would go on answering 200 for what nobody checks or hands on any more.
        while receiver.is_alive() && !bells.have_failed() && !context.surroundings.signals.is_noted() {
            lines.tell(&mut context.ui);
            thread::sleep(LOOK_AROUND);
        }
        let is_alive = receiver.is_alive();
        // Stopping may take as long as a request in flight; a second signal ends it at once.
        let signal = context.surroundings.signals.release();
        receiver.stop();
        bells.end();
        let worked = working.join().flatten();
        if !is_alive {
            Err(broken("the receiver has ended by itself"))
        } else if worked.is_err() || bells.have_failed() {
            Err(broken("a worker of the receiver has ended by itself"))
        } else {
            Ok(match signal {
                Some(Signal::Interrupt) => "ended by Ctrl-C (SIGINT)",
                Some(Signal::Terminate) | None => "ended by SIGTERM or SIGHUP",
            })
        }
    });
    lines.tell_the_rest(&mut context.ui);
    // A failure is the last line itself.
    let why = ended?;
    context.ui.log(&rfc3339(context.now()), LogLevel::Info, why);
    Ok(ExitCode::OK)
}

/// Whoever supervises the program starts it again; what is stored and not done is done then.
fn broken(message: &str) -> Error {
    Error::new(ErrorKind::Internal, message)
}

/// The secret that is to follow the path.
fn token(source: &str, context: &mut Context) -> Result<ArgumentSecret, Error> {
    let token = named_secret("--token", source, context)?;
    if let Some(weakness) = &token.exposed {
        context.ui.warning(&format!("`--token`: the file {weakness}: `{}`", weakness.hint()));
    }
    Ok(token)
}

/// Whether the disk takes a file: what the health check asks. It is as large as what a notification takes at least.
fn can_store(directory: &Path) -> bool {
    let probe = directory.join(format!("health.{}", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&probe).and_then(|mut file| {
        file.write_all(&[0; 4096])?;
        file.sync_all()
    });
    let _not_made = std::fs::remove_file(&probe);
    written.is_ok()
}

/// One receiver an account: two would each check and hand on what the other does, too.
fn lock(account: &Account, context: &Context) -> Result<std::fs::File, Error> {
    Ledger::lock(&context.data_directory, &lock_name(account))?.ok_or_else(|| {
        let message =
            format!("another `noti listen` receives for `{}` ({})", account.api_id, account.environment);
        Error::new(ErrorKind::Busy, message)
            .hint("one receiver an account is enough: `noti list` shows what it has")
    })
}

/// Says where it listens, and what stands between it and the internet.
fn announce(
    receiver: &Receiver,
    arguments: &NotiListenArgs,
    scope: &crate::output::Scope,
    context: &mut Context,
) -> Result<(), Error> {
    let url = receiver.shown_url();
    if context.ui.format() == Format::Table {
        context.ui.write_data(format!("listening at {url}\n").as_bytes())?;
    } else {
        context.ui.show(scope, &Listening { url, verify: arguments.verify })?;
    }
    let is_for_people = context.ui.format() == Format::Table;
    if !receiver.address().ip().is_loopback() {
        let exposure = exposure(receiver, arguments);
        if is_for_people {
            context.ui.warning(&exposure);
        } else {
            context.ui.log(&rfc3339(context.now()), LogLevel::Warning, &exposure.replace("\n ", ""));
        }
    }
    if !is_for_people {
        return Ok(());
    }
    if !arguments.verify {
        context.ui.hint("nothing here is confirmed: `--verify` asks CookiePay, `noti verify` does so later");
    }
    context.ui.status("each is stored before it gets its 200; Ctrl-C stops");
    Ok(())
}

/// What stands between this receiver and the internet, and what does not.
fn exposure(receiver: &Receiver, arguments: &NotiListenArgs) -> String {
    let address = receiver.address();
    let token = if arguments.token.is_some() {
        "a secret path: yes; over plain HTTP everybody on the way reads it"
    } else {
        "a secret path: no; anybody who finds the port can post (`--token`)"
    };
    let verify = if arguments.verify {
        "confirmation with CookiePay: yes"
    } else {
        "confirmation with CookiePay: no; what is stored may be made up (`--verify`)"
    };
    format!(
        "{address} can be reached from other machines. Between it and them stands:\n  TLS: no, this is plain HTTP\n  \
         an allow-list of addresses: no\n  {token}\n  {verify}\n\
         put TLS and an allow-list in front: README, \"Receiving notifications\""
    )
}
