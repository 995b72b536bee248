//! Which stored notifications, and who is to have them: what several commands of `noti` are told alike.

use std::sync::Arc;

use super::super::context::Context;
use super::super::filter::FilterReader;
use crate::cli::{NotiChoice, TargetArgs};
use crate::config::{ArgumentError, ArgumentSecret, secret_of_argument};
use crate::error::{Error, ErrorKind, WrongField};
use crate::ledger::ReceivedFilter;
use crate::receiver::{Exec, Forward, Signer, TargetError, Targets};

/// A secret as long as this cannot be guessed over a network, whatever letters it is made of.
const GUESSABLE: usize = 16;

/// The filter of the arguments; every wrong one is told at once.
pub(super) fn filter(choice: &NotiChoice, context: &Context) -> Result<ReceivedFilter, Error> {
    let mut read = FilterReader::new(context.now());
    let filter = ReceivedFilter {
        since: read.moment("--since", choice.since.as_ref()),
        until: read.moment("--until", choice.until.as_ref()),
        verdict: read.word("--verdict", choice.verdict.as_ref()),
        handing_on: read.word("--delivery", choice.delivery.as_ref()),
        id: choice.id,
        tid: choice.tid.clone(),
        limit: None,
    };
    read.end()?;
    Ok(filter)
}

/// The targets of the arguments; every wrong one is told at once. Nothing is connected or run yet. Must not be
/// called from within an asynchronous runtime, which a blocking client has of its own.
///
/// A program finds the environment but for the variables in which a key of any profile or a secret of the command
/// line stands.
pub(super) fn targets(
    arguments: &TargetArgs,
    secrets: &[String],
    context: &mut Context,
) -> Result<Targets, Error> {
    if arguments.sign.is_some() && arguments.forward.is_none() && arguments.exec.is_none() {
        return Err(Error::new(ErrorKind::Usage, "`--sign` means nothing without somebody to hand on to")
            .hint("`--forward URL` or `--exec PROG` says who"));
    }
    let mut wrong = Vec::new();
    let signing = arguments.sign.as_deref().map(|source| signing(source, context)).transpose()?;
    let (signer, variable) = signing.unzip();
    let forward = match arguments.forward.as_deref() {
        Some(url) => Some(Forward::new(url, context.timeouts, context.proxy(url)?)),
        None => None,
    };
    let forward = forward.map(|forward| forward.map(|forward| forward.signed(signer.clone())));
    let mut hidden = context.secret_variables()?;
    hidden.extend(secrets.iter().cloned().chain(variable.flatten()));
    let environment = &context.surroundings.environment;
    let shown = environment.iter().filter(|(name, _)| !hidden.contains(*name));
    let shown = shown.map(|(name, value)| (name.clone(), value.clone())).collect();
    let exec =
        arguments.exec.as_ref().map(|line| Exec::new(line, &shown).map(|exec| exec.signed(signer.clone())));
    let program = arguments.exec.as_ref().and_then(|line| line.first().cloned());
    // The address is not shown: it may hold a secret.
    let targets = Targets {
        forward: of_target("--forward", None, forward, &mut wrong)?,
        exec: of_target("--exec", program, exec, &mut wrong)?,
    };
    if !wrong.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "nothing can be handed on to that").fields(wrong));
    }
    if let Some(forward) = targets.forward.as_ref().filter(|forward| forward.is_in_the_clear()) {
        context.ui.warning(&format!(
            "`{}` is plain http: whoever is on the way reads names and amounts, and can change them",
            forward.shown()
        ));
    }
    Ok(targets)
}

/// What signs, and the variable that its key stands in.
fn signing(source: &str, context: &mut Context) -> Result<(Signer, Option<String>), Error> {
    let ArgumentSecret { secret, variable, exposed } = named_secret("--sign", source, context)?;
    if let Some(weakness) = exposed {
        let message = format!("`--sign`: file `{}` {weakness}", weakness.path.display());
        return Err(Error::new(ErrorKind::Config, message).hint(weakness.hint()));
    }
    let clock = Arc::clone(&context.surroundings.clock);
    Ok((Signer::new(secret, Arc::new(move || clock.now())), variable))
}

/// The secret that an option names, long enough not to be guessed or with a warning.
pub(super) fn named_secret(
    option: &'static str,
    source: &str,
    context: &mut Context,
) -> Result<ArgumentSecret, Error> {
    let variable = |name: &str| context.surroundings.environment.get(name).cloned();
    let named = secret_of_argument(source, &variable).map_err(|error| match &error {
        // What stands there may be the secret itself: it is not repeated.
        ArgumentError::NoPlace { rule } => {
            Error::new(ErrorKind::Usage, format!("`{option}` brings no secret"))
                .hint("a secret on the command line would stand in the shell's history")
                .fields(vec![WrongField { field: option.to_owned(), value: None, rule: rule.clone() }])
        }
        ArgumentError::NoSecret { .. } => {
            let failure = Error::new(ErrorKind::Config, format!("`{option}`: {error}"));
            error.hint().into_iter().fold(failure, Error::hint)
        }
    })?;
    if named.secret.expose().len() < GUESSABLE {
        context.ui.warning(&format!(
            "`{option}`: a secret of fewer than {GUESSABLE} characters can be guessed; `openssl rand -hex 16` makes a better one"
        ));
    }
    Ok(named)
}

/// The target, or `None` with what is wrong with it noted.
fn of_target<T>(
    field: &str,
    value: Option<String>,
    target: Option<Result<T, TargetError>>,
    wrong: &mut Vec<WrongField>,
) -> Result<Option<T>, Error> {
    match target.transpose() {
        Ok(target) => Ok(target),
        Err(error @ TargetError::Unusable(_)) => {
            Err(Error::new(ErrorKind::Config, format!("`{field}` {error}")))
        }
        Err(error) => {
            wrong.push(WrongField { field: field.to_owned(), value, rule: error.to_string() });
            Ok(None)
        }
    }
}
