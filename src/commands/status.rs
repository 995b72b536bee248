//! `status`: whether links have been paid.

use std::io::BufRead;
use std::ops::ControlFlow;

use crate::cli::StatusArgs;
use crate::config::Profile;
use crate::error::{Error, ErrorKind, ExitCode, WrongField};
use crate::ledger::{Entry, Filter, Ledger};
use crate::payment::{Outcome, UrlKey};

use super::context::{Context, account};
use super::failure;
use super::filter::known_batch;
use super::watch::{Billed, Patience, Watch, Watched};

/// Runs `status`.
pub(super) fn run(arguments: &StatusArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let profile = context.profile()?;
    let mut ledger = context.ledger()?;
    let typed = typed_keys(arguments, context)?;
    let mut watched = Vec::new();
    let mut unreadable = Vec::new();
    for key in &typed {
        match of_key(key, &profile, &ledger)? {
            Ok(link) => watched.push(link),
            Err(rule) => {
                unreadable.push(WrongField { field: "URLKEY".to_owned(), value: Some(key.clone()), rule });
            }
        }
    }
    if !unreadable.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "not every argument is a link").fields(unreadable));
    }
    let mut linkless = Linkless::default();
    for bill_no in &arguments.bill_no {
        watched.push(of_bill(bill_no, &profile, &ledger)?);
    }
    if arguments.pending || arguments.batch.is_some() {
        let batch = known_batch(arguments.batch.as_ref(), Some(&ledger), &profile)?;
        let filter = Filter { pending: arguments.pending, batch, ..Filter::default() };
        watched.extend(of_ledger(&filter, &profile, &ledger, &mut linkless)?);
    }
    let mut known = std::collections::HashSet::new();
    watched.retain(|link| known.insert(link.url_keys.clone()));
    let one_subject = !arguments.pending
        && arguments.batch.is_none()
        && !arguments.keys.iter().any(|key| key == "-")
        && arguments.keys.len().saturating_add(arguments.bill_no.len()) == 1;
    if watched.is_empty() {
        context.ui.status("no link is open: there is nothing to ask");
        super::watch::show_none(&profile, context)?;
        return linkless.weigh(ExitCode::OK, context);
    }
    let client = context.connect(&profile)?;
    let concurrency = arguments.inquiry.concurrency.into();
    let watch =
        Watch { client: &client, ledger: &mut ledger, profile: &profile, watched, concurrency, one_subject };
    let patience = if arguments.wait { Patience::Wait(&arguments.waiting, None) } else { Patience::Once };
    let code = watch.run(patience, context)?;
    linkless.weigh(code, context)
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
fn of_key(key: &str, profile: &Profile, ledger: &Ledger) -> Result<Result<Watched, String>, Error> {
    let account = account(profile);
    let parsed = if key.contains("://") {
        let unknown = || "is no pay URL that the ledger knows; give the URLKEY, or `--bill-no`".to_owned();
        ledger.url_key_of_address(&account, key)?.ok_or_else(unknown)
    } else {
        key.parse::<UrlKey>().map_err(str::to_owned)
    };
    let url_key = match parsed {
        Ok(url_key) => url_key,
        Err(rule) => return Ok(Err(rule)),
    };
    let billed = ledger.find_by_url_key(&account, url_key.as_str())?.map(|entry| Billed::of(&entry.bill));
    Ok(Ok(Watched { url_keys: vec![url_key], billed }))
}

/// All links of a bill; `None` if it has none.
fn of_entry(entry: &Entry) -> Option<Watched> {
    let url_keys: Vec<UrlKey> = entry.url_keys().cloned().collect();
    (!url_keys.is_empty()).then(|| Watched { url_keys, billed: Some(Billed::of(&entry.bill)) })
}

/// The link of a bill; one without a link cannot be asked after.
fn of_bill(text: &str, profile: &Profile, ledger: &Ledger) -> Result<Watched, Error> {
    let number = text.parse().map_err(|rule: &str| {
        let field =
            WrongField { field: "--bill-no".to_owned(), value: Some(text.to_owned()), rule: rule.to_owned() };
        Error::new(ErrorKind::Usage, "not every argument is a bill").fields(vec![field])
    })?;
    let Some(entry) = ledger.find(&account(profile), &number)? else {
        let message = format!("the ledger knows no bill `{number}` of profile `{}`", profile.name);
        return Err(Error::new(ErrorKind::Usage, message).hint("`cookiepay list` shows the bills it knows"));
    };
    of_entry(&entry).ok_or_else(|| match entry.standing.outcome() {
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

/// Bills of a batch that have no link to ask after.
#[derive(Default)]
struct Linkless {
    unknown: u64,
    unsent: u64,
}

impl Linkless {
    /// A batch is paid only if every bill of it is.
    fn weigh(&self, code: ExitCode, context: &mut Context) -> Result<ExitCode, Error> {
        if self.unsent > 0 {
            context.ui.warning(&format!(
                "bills that were refused or not sent, and so have no link: {}",
                self.unsent
            ));
        }
        if self.unknown > 0 {
            let message =
                format!("bills of unknown outcome, which have no link to ask after: {}", self.unknown);
            return Err(
                Error::new(ErrorKind::OutcomeUnknown, message).hint("`cookiepay reconcile` finds out")
            );
        }
        Ok(if self.unsent > 0 { code.max(ExitCode::UNPAID) } else { code })
    }
}

fn of_ledger(
    filter: &Filter,
    profile: &Profile,
    ledger: &Ledger,
    linkless: &mut Linkless,
) -> Result<Vec<Watched>, Error> {
    let mut watched = Vec::new();
    ledger.each(&account(profile), filter, |entry| {
        match of_entry(&entry) {
            Some(link) => watched.push(link),
            None if entry.standing.outcome() == Outcome::Unknown => {
                linkless.unknown = linkless.unknown.saturating_add(1);
            }
            None => linkless.unsent = linkless.unsent.saturating_add(1),
        }
        ControlFlow::Continue(())
    })?;
    Ok(watched)
}
