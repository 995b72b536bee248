//! `noti parse`: notifications from files or stdin, checked and normalised, in constant memory.

use super::super::context::{Context, scope};
use super::input;
use super::shown::{Place, Shown};
use crate::cli::NotiParseArgs;
use crate::error::{Error, ExitCode};
use crate::output::Scope;

/// Runs `noti parse`.
pub(super) fn run(arguments: &NotiParseArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let scope = known_scope(context)?;
    let place = Place::among(&arguments.files);
    let stdin = context.ui.take_input();
    let mut sink = context.ui.sink::<Shown<'_, '_>>(&scope);
    let counts = input::read_each(&arguments.files, stdin, &mut sink, &mut |notification, sink| {
        Ok(sink.push(&Shown { notification: &notification, place })?)
    })?;
    sink.finish(&counts)?;
    counts.verdict(arguments.strict)
}

/// Reading needs no profile; where one is at hand, its name goes with the notifications.
fn known_scope(context: &mut Context) -> Result<Scope, Error> {
    match context.load_profile() {
        Ok(profile) => Ok(scope(&profile)),
        Err(error) if context.profile_name.is_some() || context.config_is_explicit => Err(error),
        Err(_) => Ok(Scope::none()),
    }
}
