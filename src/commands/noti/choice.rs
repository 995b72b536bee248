//! Which stored notifications, and who is to have them: what several commands of `noti` are told alike.

use super::super::context::Context;
use super::super::filter::FilterReader;
use crate::cli::{NotiChoice, TargetArgs};
use crate::error::{Error, ErrorKind, WrongField};
use crate::ledger::ReceivedFilter;
use crate::receiver::{Exec, Forward, TargetError, Targets};

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
/// A program finds the environment but for every `COOKIEPAY_…_KEY` and the variables of `secrets`.
pub(super) fn targets(
    arguments: &TargetArgs,
    secrets: &[String],
    context: &mut Context,
) -> Result<Targets, Error> {
    let mut wrong = Vec::new();
    let forward = arguments.forward.as_ref().map(|url| Forward::new(url, context.timeouts));
    let is_secret =
        |name: &String| secrets.contains(name) || (name.starts_with("COOKIEPAY_") && name.ends_with("_KEY"));
    let environment = context.surroundings.environment.iter().filter(|(name, _)| !is_secret(name));
    let environment = environment.map(|(name, value)| (name.clone(), value.clone())).collect();
    let exec = arguments.exec.as_ref().map(|line| Exec::new(line, &environment));
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
