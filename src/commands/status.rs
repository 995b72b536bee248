//! `status`: whether links have been paid.

use std::io::BufRead;

use crate::cli::StatusArgs;
use crate::config::Profile;
use crate::error::{Error, ErrorKind, ExitCode, WrongField};
use crate::ledger::{Account, Filter, Ledger};
use crate::payment::{Outcome, UrlKey};

use super::context::{Context, account};
use super::failure;
use super::filter::known_batch;
use super::watch::{Linkless, Links, Patience, Subject, Watch};

/// Runs `status`.
pub(super) fn run(arguments: &StatusArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let profile = context.profile()?;
    let account = account(&profile);
    let mut ledger = context.ledger_to_ask()?;
    let mut named = Vec::new();
    let mut unreadable = Vec::new();
    for key in typed_keys(arguments, context)? {
        match of_key(&key, &account, &ledger)? {
            Ok(url_key) => named.push(Subject::Link(url_key)),
            Err(rule) => {
                unreadable.push(WrongField { field: "URLKEY".to_owned(), value: Some(key), rule });
            }
        }
    }
    if !unreadable.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "not every argument is a link").fields(unreadable));
    }
    for bill_no in &arguments.bill_no {
        named.push(of_bill(bill_no, &profile, &ledger)?);
    }
    let of_ledger = arguments.pending || arguments.batch.is_some();
    let batch = known_batch(arguments.batch.as_ref(), Some(&ledger), &profile)?;
    let filter = Filter { pending: arguments.pending, batch, ..Filter::default() };
    let mut links = Links::new(named, Some(filter).filter(|_| of_ledger));
    let one_subject = !of_ledger
        && !arguments.keys.iter().any(|key| key == "-")
        && arguments.keys.len().saturating_add(arguments.bill_no.len()) == 1;
    if links.is_empty(&account, &ledger)? {
        if links.linkless.unsent == 0 {
            context.ui.status("no link is open: there is nothing to ask");
        }
        super::watch::show_none(&profile, context)?;
        return weigh(links.linkless, ExitCode::OK, context);
    }
    let client = context.connect(&profile)?;
    let watch = Watch {
        client: &client,
        ledger: &mut ledger,
        profile: &profile,
        links: &mut links,
        concurrency: arguments.inquiry.concurrency.into(),
        one_subject,
    };
    let patience = if arguments.wait { Patience::Wait(&arguments.waiting, None) } else { Patience::Once };
    let code = watch.run(patience, context)?;
    weigh(links.linkless, code, context)
}

/// The keys of the command line, and those of stdin where `-` stands.
fn typed_keys(arguments: &StatusArgs, context: &mut Context) -> Result<Vec<String>, Error> {
    if arguments.keys.is_empty()
        && arguments.bill_no.is_empty()
        && !arguments.pending
        && arguments.batch.is_none()
    {
        return Err(Error::new(ErrorKind::Usage, "no link is named").hint(
            "name URLKEYs or pay URLs, `-` for stdin, `--bill-no NO`, `--batch NAME`, or `--pending`",
        ));
    }
    let mut keys = Vec::new();
    for key in &arguments.keys {
        if key != "-" {
            keys.push(key.clone());
            continue;
        }
        for line in context.ui.input().lines() {
            let line =
                line.map_err(|error| Error::new(ErrorKind::Usage, format!("stdin cannot be read: {error}")))?;
            let line = line.trim_start_matches('\u{feff}').trim();
            if !line.is_empty() {
                keys.push(line.to_owned());
            }
        }
    }
    Ok(keys)
}

/// A URLKEY, or the address of a pay page, which only the ledger can lead to its key.
fn of_key(key: &str, account: &Account, ledger: &Ledger) -> Result<Result<UrlKey, String>, Error> {
    if !key.contains("://") {
        return Ok(key.parse().map_err(str::to_owned));
    }
    let unknown = || "is no pay URL that the ledger knows; give the URLKEY, or `--bill-no`".to_owned();
    Ok(ledger.url_key_of_address(account, key)?.ok_or_else(unknown))
}

/// The links of a bill; one without a link cannot be asked after.
fn of_bill(text: &str, profile: &Profile, ledger: &Ledger) -> Result<Subject, Error> {
    let number = text.parse().map_err(|rule: &str| {
        let field =
            WrongField { field: "--bill-no".to_owned(), value: Some(text.to_owned()), rule: rule.to_owned() };
        Error::new(ErrorKind::Usage, "not every argument is a bill").fields(vec![field])
    })?;
    let Some(entry) = ledger.find(&account(profile), &number)? else {
        let message = format!("the ledger knows no bill `{number}` of profile `{}`", profile.name);
        return Err(Error::new(ErrorKind::Usage, message).hint("`cookiepay list` shows the bills it knows"));
    };
    Subject::bill(&entry).ok_or_else(|| match entry.standing.outcome() {
        Outcome::Unknown => failure::unknown(
            text,
            format!("bill `{number}` has no link to ask after, its outcome is unknown"),
        ),
        other => {
            Error::new(ErrorKind::Usage, format!("bill `{number}` has no link to ask after: it was {other}"))
                .about(number, Some(other.as_str()))
        }
    })
}

/// A batch is paid only if every bill of it is.
fn weigh(linkless: Linkless, code: ExitCode, context: &mut Context) -> Result<ExitCode, Error> {
    let Linkless { unknown, unsent } = linkless;
    if unsent > 0 {
        context.ui.warning(&format!(
            "bills of the batch that were refused or not sent: {unsent}; it is not paid until they are, and they have no link to ask after"
        ));
    }
    if unknown > 0 {
        let message = format!("bills of unknown outcome, which have no link to ask after: {unknown}");
        return Err(Error::new(ErrorKind::OutcomeUnknown, message).hint("`cookiepay reconcile` finds out"));
    }
    Ok(if unsent > 0 { code.max(ExitCode::UNPAID) } else { code })
}
