//! `completions`: the completion script of a shell.

use crate::cli::{CompletionsArgs, completion_script};
use crate::error::{Error, ExitCode};

use super::context::Context;

/// Runs `completions`.
pub(super) fn run(arguments: &CompletionsArgs, context: &mut Context) -> Result<ExitCode, Error> {
    context.ui.write_data(&completion_script(arguments.shell))?;
    Ok(ExitCode::OK)
}
