//! One short file per command: what was typed and a [`Context`] become records on stdout and an
//! exit code.
//!
//! Commands decide and combine; parsing arguments is `cli`'s, the wire `api`'s, memory `ledger`'s,
//! drawing `output`'s.

mod batch;
mod completions;
mod config;
mod context;
mod emulator;
mod explain;
mod failure;
mod filter;
mod list;
mod noti;
mod receipt;
mod reconcile;
mod resend;
mod restored;
mod send;
mod signal;
mod source;
mod status;
mod time;
mod token;
mod totals;
mod watch;

pub use context::{Context, Places, settings};
pub use explain::{EXIT_CODES, Explanation};

use crate::cli::{Command, ConfigCommand, EmulatorCommand};
use crate::error::{Error, ExitCode};

/// Runs the command.
///
/// # Errors
///
/// Its failure, for the last line of stderr and the exit code.
pub fn run(command: &Command, context: &mut Context) -> Result<ExitCode, Error> {
    match command {
        Command::Send(arguments) => send::run(arguments, context),
        Command::Resend(arguments) => resend::run(arguments, context),
        Command::Reconcile(arguments) => reconcile::run(arguments, context),
        Command::Status(arguments) => status::run(arguments, context),
        Command::Token(arguments) => token::run(arguments, context),
        Command::Noti(command) => noti::run(command, context),
        Command::List(arguments) => list::run(arguments, context),
        Command::Config(ConfigCommand::Init(arguments)) => config::init(arguments, context),
        Command::Config(ConfigCommand::Show) => config::show(context),
        Command::Config(ConfigCommand::Check(arguments)) => config::check(arguments, context),
        Command::Config(ConfigCommand::Path) => config::path(context),
        Command::Emulator(EmulatorCommand::Serve(arguments)) => emulator::serve(arguments, context),
        Command::Emulator(EmulatorCommand::Pay(arguments)) => emulator::pay(arguments, context),
        Command::Emulator(EmulatorCommand::Cancel(arguments)) => emulator::cancel(arguments, context),
        Command::Emulator(EmulatorCommand::Reset) => emulator::reset(context),
        Command::Completions(arguments) => completions::run(arguments, context),
        Command::Explain(arguments) => explain::run(arguments, context),
    }
}
