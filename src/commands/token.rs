//! `token`: an API token, cached or fresh.

use crate::cli::TokenArgs;
use crate::error::{Error, ExitCode};
use crate::output::TokenReport;

use super::context::{Context, scope};
use super::time::rfc3339;
use super::watch::token_store;

/// Runs `token`.
pub(super) fn run(arguments: &TokenArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let profile = context.profile()?;
    let pay2_key = profile.pay2_key()?;
    let client = context.connect(&profile)?;
    let store = token_store(&client, &profile, &pay2_key, &context.data_directory).on_wait(context.on_wait());
    let now = context.now();
    let (token, cached) =
        if arguments.refresh { (store.refresh(now)?, false) } else { store.token(now, None)? };
    if arguments.raw {
        context.ui.write_data(format!("{}\n", token.secret.expose()).as_bytes())?;
        return Ok(ExitCode::OK);
    }
    let report = TokenReport {
        token: token.secret.expose().to_owned(),
        pay2_id: profile.pay2_id.clone(),
        issued_at: rfc3339(token.issued_at),
        expires_at: rfc3339(token.expires_at),
        cached,
    };
    context.ui.show(&scope(&profile), &report)?;
    Ok(ExitCode::OK)
}
