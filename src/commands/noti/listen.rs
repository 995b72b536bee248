//! `noti listen`: receives notifications until it is told to stop.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde::Serialize;

use super::super::context::{Context, account, scope};
use super::lines::Lines;
use super::lock_name;
use super::workers::{Bells, Workers};
use crate::cli::NotiListenArgs;
use crate::config::{ArgumentError, ArgumentSecret, secret_of_argument};
use crate::error::{Error, ErrorKind, ExitCode, WrongField};
use crate::ledger::{Account, Ledger};
use crate::output::{Cell, Format, Language, Record};
use crate::payment::HandingOn;
use crate::receiver::{Options, Receiver};

/// How often a running receiver looks whether it was asked to stop, and tells what happened.
const LOOK_AROUND: Duration = Duration::from_millis(100);

/// A secret as long as this cannot be guessed over a network, whatever letters it is made of.
const GUESSABLE: usize = 16;

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
    let mut ledger = context.ledger()?;
    ledger.group(|group| group.take_up_notifications(&account, context.now()))?;
    let scope = scope(&profile);
    let bells = Bells::default();
    let lines = Lines::new(context.ui.shows_status(), Arc::clone(&context.surroundings.clock));
    let secrets: Vec<String> = profile.secret_variables().into_iter().chain(token_variable).collect();
    let workers = Workers::prepare(arguments, &profile, &account, &secrets, lines.journal(), context)?;
    let clock = Arc::clone(&context.surroundings.clock);
    let options = Options {
        listen: arguments.listen.clone(),
        path: arguments.path.clone(),
        token: token.map(|token| token.secret),
        read_timeout: arguments.read_timeout,
        ledger,
        account,
        handing_on: if workers.hand_on() { HandingOn::Pending } else { HandingOn::None },
        now: Arc::new(move || clock.now()),
        journal: lines.journal(),
        bells: vec![Arc::clone(&bells.verify), Arc::clone(&bells.hand_on)],
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
        let _asked_to_stop = context.surroundings.signals.release();
        receiver.stop();
        bells.end();
        let worked = working.join().flatten();
        if !is_alive {
            Err(broken("the receiver has ended by itself"))
        } else if worked.is_err() || bells.have_failed() {
            Err(broken("a worker of the receiver has ended by itself"))
        } else {
            Ok(ExitCode::OK)
        }
    });
    lines.tell_the_rest(&mut context.ui);
    ended
}

/// Whoever supervises the program starts it again; what is stored and not done is done then.
fn broken(message: &str) -> Error {
    Error::new(ErrorKind::Internal, message)
}

/// The secret that is to follow the path.
fn token(source: &str, context: &mut Context) -> Result<ArgumentSecret, Error> {
    let variable = |name: &str| context.surroundings.environment.get(name).cloned();
    let token = secret_of_argument(source, &variable).map_err(|error| match &error {
        // What stands there may be the secret itself: it is not repeated.
        ArgumentError::NoPlace { rule } => Error::new(ErrorKind::Usage, "the receiver cannot start")
            .hint("a secret on the command line would stand in the shell's history")
            .fields(vec![WrongField { field: "--token".to_owned(), value: None, rule: rule.clone() }]),
        ArgumentError::NoSecret { .. } => {
            let failure = Error::new(ErrorKind::Config, format!("`--token`: {error}"));
            error.hint().into_iter().fold(failure, Error::hint)
        }
    })?;
    if let Some(mode) = &token.exposed {
        context.ui.warning(&format!(
            "`--token`: others on this machine can read the file (mode {mode}): `chmod 600` it"
        ));
    }
    if token.secret.expose().len() < GUESSABLE {
        context.ui.warning(&format!(
            "`--token`: a secret of fewer than {GUESSABLE} characters can be guessed; `openssl rand -hex 16` makes a better one"
        ));
    }
    Ok(token)
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
    if !receiver.address().ip().is_loopback() {
        context.ui.warning(&exposure(receiver, arguments));
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
