//! Send CookiePay payment links, and always know what became of them.
//!
//! The one idea: **intent first, network second, outcome third, output last**, each durable before
//! the next begins. The map:
//!
//! - [`cli`] what can be typed; [`config`] which merchant, which keys; [`bill`] what is sent, one at
//!   a time or as the rows of a [`sheet`].
//! - [`delivery`] the only road by which a request leaves: [`ledger`] before and after, [`api`]
//!   between. [`payment`] is what comes back, [`noti`] what CookiePay posts on its own, [`receiver`] who
//!   takes it.
//! - [`access`] who else can change a file, [`clean`] how text from outside is shown.
//! - [`output`] what is seen, [`error`] how it fails, [`commands`] which combine all of these.
//! - [`emulator`] a local CookiePay that shares no type with the rest.
//! - [`world`] everything outside: [`run`] takes it as an argument.

pub mod access;
pub mod api;
pub mod bill;
pub mod clean;
pub mod cli;
pub mod commands;
pub mod config;
pub mod delivery;
pub mod emulator;
pub mod error;
pub mod ledger;
pub mod lock;
pub mod noti;
pub mod output;
pub mod payment;
pub mod receiver;
pub mod secret;
pub mod sheet;
pub mod world;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use cli::ParseEnd;
use error::{Error, ErrorKind, ExitCode};
use output::{Color, Failure, Format, Language, Level, Settings, Ui};
use payment::Outcome;
use world::World;

/// Runs the program in this world and says how it ends.
#[must_use]
pub fn run(world: World) -> ExitCode {
    let World { arguments, streams, surroundings } = world;
    let cli = match cli::parse(&arguments) {
        Ok(cli) => cli,
        Err(end) => return without_command(end, Ui::new(streams, bare_settings(&arguments, &surroundings))),
    };
    let (settings, wrong) = commands::settings(&cli.global, &surroundings);
    let mut ui = Ui::new(streams, settings);
    let beside = ui.beside();
    surroundings.signals.set_end_report(move |code| {
        fail(&mut beside(), &ended_at_once(code));
    });
    let places = wrong.map_or_else(|| commands::Places::find(&cli.global, &surroundings), Err);
    let mut context = match places {
        Ok(places) => commands::Context::new(&cli.global, places, surroundings, ui),
        Err(error) => return fail(&mut ui, &error),
    };
    let ended = catch_unwind(AssertUnwindSafe(|| commands::run(&cli.command, &mut context)));
    let ended = ended.unwrap_or_else(|_| Err(defect(context.surroundings.signals.has_bills_under_way())));
    match ended {
        Ok(code) => code,
        Err(error) => fail(&mut context.ui, &error),
    }
}

/// The failure of a command that panicked; the panic hook has said where.
fn defect(has_bills_under_way: bool) -> Error {
    if has_bills_under_way {
        let message = "a defect in cookiepay ended it while a bill was under way";
        return Error::new(ErrorKind::OutcomeUnknown, message).hint(
            "the customer may have been billed: do not send it again; `cookiepay reconcile` finds out",
        );
    }
    Error::new(ErrorKind::Internal, "a defect in cookiepay ended it; no bill was under way")
        .hint("`cookiepay list` shows what is recorded")
}

/// The failure of a command that a signal ended at once, with this code.
fn ended_at_once(code: u8) -> Error {
    let unknown = ErrorKind::OutcomeUnknown;
    if code == unknown.exit().0.0 {
        let message = "interrupted while a request for a bill was under way: it may have been sent";
        let error =
            Error::new(unknown, message).hint("do not send it again; `cookiepay reconcile` finds out");
        return Error { outcome: Some(Outcome::Unknown.as_str()), ..error };
    }
    let terminated = ErrorKind::Terminated;
    if code == terminated.exit().0.0 {
        Error::new(terminated, "terminated")
    } else {
        Error::new(ErrorKind::Interrupted, "interrupted")
    }
}

/// Help goes to stdout, a wrong command line is an error like any other.
fn without_command(end: ParseEnd, mut ui: Ui) -> ExitCode {
    match end {
        ParseEnd::Shown(text) => match ui.write_data(text.as_bytes()) {
            Ok(()) => ExitCode::OK,
            Err(error) => fail(&mut ui, &error.into()),
        },
        ParseEnd::Wrong(text) => {
            let text = text.trim();
            let message = text.strip_prefix("error: ").unwrap_or(text);
            fail(&mut ui, &Error::new(ErrorKind::Usage, message))
        }
    }
}

/// Tells the user and ends with the error's code.
fn fail(ui: &mut Ui, error: &Error) -> ExitCode {
    let (exit, code) = error.kind.exit();
    let fields = error.fields.iter().map(|wrong| output::Field {
        field: &wrong.field,
        value: wrong.value.as_deref(),
        rule: &wrong.rule,
    });
    ui.fail(&Failure {
        code,
        exit: exit.0,
        outcome: error.outcome,
        bill_no: error.bill_no.as_deref(),
        message: &error.message,
        hint: error.hint.as_deref(),
        fields: fields.collect(),
        fields_left_out: error.fields_left_out,
    });
    exit
}

/// The settings of a command line that could not be read: a program that asked for JSON still gets
/// its error as JSON.
fn bare_settings(arguments: &[OsString], surroundings: &world::Surroundings) -> Settings {
    let texts: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let after = texts.windows(2).filter_map(|pair| match pair {
        ["-o" | "--output", format] => Some(*format),
        _ => None,
    });
    let joined = texts.iter().filter_map(|text| text.strip_prefix("--output=").or(text.strip_prefix("-o")));
    let named =
        after.chain(joined).rfind(|name| !name.is_empty()).or(surroundings.variable("COOKIEPAY_OUTPUT"));
    let format = match named.map(|name| name.trim_start_matches('=').to_ascii_lowercase()).as_deref() {
        Some("json") => Format::Json,
        Some("jsonl") => Format::Jsonl,
        _ => Format::Table,
    };
    Settings {
        format,
        language: Language::En,
        color: Color::Never,
        level: Level::Normal,
        may_ask: false,
        byte_order_mark: false,
    }
}
