//! An unknown bill settled by whoever looked it up in `CookiePay`'s console: `reconcile BILL_NO --url-key`,
//! `reconcile BILL_NO --not-sent`.
//!
//! A link that is named is believed only if `CookiePay` says of it what the bill asks for. No request for the
//! bill is made.

use std::collections::HashSet;

use crate::bill::PaidFor;
use crate::clean::printable;
use crate::config::Profile;
use crate::delivery::{Inquiry, Recorded};
use crate::error::{Error, ErrorKind, ExitCode, WrongField};
use crate::ledger::{Account, Entry, Finding, Ledger, Settled, Standing};
use crate::output::won;
use crate::payment::{Link, Outcome, Payment, PaymentState, UrlKey};

use super::super::context::{Context, account, scope};
use super::super::failure;
use super::super::watch::{READS_AT_ONCE, token_store};
use super::shown::{Learnt, Shown};

/// Settles the bill as linked to the link with this key or address.
pub(super) fn by_link(
    entry: &Entry,
    typed: &str,
    ledger: &mut Ledger,
    profile: &Profile,
    context: &mut Context,
) -> Result<ExitCode, Error> {
    may_be_settled(entry)?;
    let account = account(profile);
    let link = link(typed, &account, ledger)?;
    if let Some(holder) = ledger.find_by_url_key(&account, link.url_key.as_str())? {
        return Err(held(entry, &link.url_key, holder.bill.bill_no.as_str()));
    }
    let payment = ask(&link.url_key, ledger, profile, context)?;
    is_of_bill(entry, &link.url_key, &payment)?;
    settle(entry, Finding::Named(&link, &payment), ledger, profile, context)
}

/// Settles the bill as not sent, once the operator has confirmed it.
pub(super) fn as_not_sent(
    entry: &Entry,
    ledger: &mut Ledger,
    profile: &Profile,
    context: &mut Context,
) -> Result<ExitCode, Error> {
    may_be_settled(entry)?;
    let number = &entry.bill.bill_no;
    if !context.yes {
        let not_confirmed = refused(entry, &format!("that bill `{number}` was not sent was not confirmed"));
        if !context.ui.can_ask() {
            return Err(not_confirmed.hint("add `--yes` if CookiePay's console does not have the bill"));
        }
        let bill = &entry.bill;
        let amount = won(bill.amount.won(), context.ui.language());
        context
            .ui
            .prompt_line(&format!("  {number}  {}  {}  {}  {amount}", bill.buyer, bill.phone, bill.product));
        let question = "Did you look, and CookiePay's console does not have this bill? [y/N]";
        if !context.ui.confirm(question) {
            return Err(not_confirmed);
        }
    }
    let code = settle(entry, Finding::NotSent, ledger, profile, context)?;
    let again = match &entry.batch {
        Some(batch) => format!("the same run of batch `{batch}` again sends it"),
        None => format!("`cookiepay send --bill-no {number} …` sends it"),
    };
    context.ui.hint(&again);
    Ok(code)
}

/// Only a bill of unknown outcome without a link is settled by hand.
fn may_be_settled(entry: &Entry) -> Result<(), Error> {
    let number = &entry.bill.bill_no;
    if entry.standing == Standing::InFlight {
        let message = format!("another run is requesting bill `{number}` right now");
        return Err(Error::new(ErrorKind::Busy, message).hint("wait for it to end"));
    }
    if !entry.is_unknown() {
        let outcome = entry.standing.outcome();
        return Err(refused(entry, &format!("bill `{number}` is not unknown: its outcome is {outcome}"))
            .hint(format!("`cookiepay list --bill-no {number}` shows it")));
    }
    if let Some(link) = &entry.link {
        let message = format!("bill `{number}` has a link, `{}`", link.url_key);
        return Err(refused(entry, &message).hint(format!("`cookiepay reconcile {number}` settles it")));
    }
    Ok(())
}

/// The link that was typed. An address that no ledger leads to its key has the key as its last part.
fn link(typed: &str, account: &Account, ledger: &Ledger) -> Result<Link, Error> {
    let typed = typed.trim();
    let is_address = typed.contains("://");
    if is_address && let Some(url_key) = ledger.url_key_of_address(account, typed)? {
        return Ok(Link { url_key, pay_url: None });
    }
    let last =
        |text: &str| text.trim_end_matches('/').rsplit(['/', '=']).next().unwrap_or_default().to_owned();
    let key = if is_address { last(typed) } else { typed.to_owned() };
    let url_key = key.parse().map_err(|rule| wrong(typed, rule))?;
    Ok(Link { url_key, pay_url: is_address.then(|| typed.to_owned()) })
}

fn wrong(typed: &str, rule: &str) -> Error {
    let field =
        WrongField { field: "--url-key".to_owned(), value: Some(typed.to_owned()), rule: rule.to_owned() };
    Error::new(ErrorKind::Usage, "the link cannot be read").fields(vec![field])
}

/// What `CookiePay` says of the link.
fn ask(
    url_key: &UrlKey,
    ledger: &mut Ledger,
    profile: &Profile,
    context: &mut Context,
) -> Result<Payment, Error> {
    let client = context.connect(profile)?;
    let pay2_key = profile.pay2_key()?;
    let surroundings = &context.surroundings;
    let mut inquiry = Inquiry {
        ledger,
        client: &client,
        tokens: token_store(&client, profile, &pay2_key, &context.data_directory).on_wait(context.on_wait()),
        account: &account(profile),
        operator: &surroundings.operator,
        now: &|| surroundings.clock.now(),
        concurrency: READS_AT_ONCE,
        interval: None,
        stop: &|| false,
        token: None,
        recorded: Recorded::All,
    };
    let answer = inquiry.payments(std::slice::from_ref(url_key))?.into_iter().next();
    let not_asked = || Error::new(ErrorKind::Network, format!("`{url_key}` was not asked about"));
    answer.ok_or_else(not_asked)?.map_err(|error| failure::of_read(&error))
}

/// That the link is the bill's: same amount, product and buyer. Of an unpaid link `CookiePay` names none of
/// them, so it proves nothing: a link of another bill would bring that bill's payment to this one.
fn is_of_bill(entry: &Entry, url_key: &UrlKey, payment: &Payment) -> Result<(), Error> {
    let number = &entry.bill.bill_no;
    match payment.state() {
        PaymentState::Error => {
            let message = payment
                .result_message
                .as_ref()
                .map(|text| format!(": {}", printable(text)))
                .unwrap_or_default();
            let code = printable(&payment.result_code);
            let message = format!("`{url_key}`: CookiePay answered {code}{message}");
            return Err(Error::new(ErrorKind::Refused, message)
                .hint("look in CookiePay's console for the URLKEY of this bill")
                .about(number, Some(Outcome::Unknown.as_str())));
        }
        PaymentState::Unpaid => {
            let message = format!(
                "`{url_key}` is unpaid, and CookiePay does not say what it asks for until it is paid"
            );
            return Err(refused(entry, &message).hint(format!(
                "`cookiepay reconcile {number}` asks for the link; if CookiePay refuses it, type the same command again once it is paid"
            )));
        }
        PaymentState::Paid | PaymentState::Cancelled | PaymentState::AwaitingDeposit => {}
    }
    let paid = PaidFor {
        amount: payment.amount,
        product: payment.product_name.as_deref(),
        buyer: payment.buyer_name.as_deref(),
    };
    let differences = entry.bill.differences_to_paid(&paid);
    if differences.is_empty() {
        return Ok(());
    }
    let told = |field: &&str| {
        let none = || "nothing".to_owned();
        let text = |text: Option<&str>| text.map_or_else(none, |text| format!("`{text}`"));
        let (own, told) = match *field {
            "amount" => (entry.bill.amount.to_string(), paid.amount.map_or_else(none, |won| won.to_string())),
            "product" => (format!("`{}`", entry.bill.product), text(paid.product)),
            _ => (format!("`{}`", entry.bill.buyer), text(paid.buyer)),
        };
        format!("{field}: the bill says {own}, CookiePay says {told}")
    };
    let differences: Vec<String> = differences.iter().map(told).collect();
    let message = format!("`{url_key}` is not of bill `{number}`: {}", differences.join("; "));
    Err(refused(entry, &message).hint("look in CookiePay's console for the URLKEY of this bill"))
}

/// Records what was found out and shows what changed.
fn settle(
    entry: &Entry,
    finding: Finding<'_>,
    ledger: &mut Ledger,
    profile: &Profile,
    context: &mut Context,
) -> Result<ExitCode, Error> {
    let (account, now) = (account(profile), context.now());
    let number = &entry.bill.bill_no;
    let operator = context.surroundings.operator.clone();
    match (ledger.settle_unknown(&account, number, finding, now, &operator)?, finding) {
        (Settled::Done, _) => {}
        (Settled::LinkOf(holder), Finding::Named(link, _) | Finding::Notified(link, _)) => {
            return Err(held(entry, &link.url_key, holder.as_str()));
        }
        _ => {
            let message = format!("bill `{number}` was settled or requested by another run meanwhile");
            return Err(
                refused(entry, &message).hint(format!("`cookiepay list --bill-no {number}` shows it"))
            );
        }
    }
    let answers = u64::from(matches!(finding, Finding::Named(..)));
    let mut shown = Shown::open(&scope(profile), &mut context.ui);
    if let Some(after) = ledger.find(&account, number)? {
        let settled = HashSet::from([number.clone()]);
        shown.add(entry, &after, &Learnt { settled, ..Learnt::default() })?;
    }
    let changed = shown.finish(answers, 0)?;
    if answers > 0 {
        context.ui.status(&format!("answers: {answers}, changed: {changed}, unknown: 0"));
    }
    Ok(ExitCode::OK)
}

fn held(entry: &Entry, url_key: &UrlKey, holder: &str) -> Error {
    refused(entry, &format!("`{url_key}` is the link of bill `{holder}`"))
        .hint(format!("`cookiepay list --bill-no {holder}` shows it"))
}

fn refused(entry: &Entry, message: &str) -> Error {
    let number = &entry.bill.bill_no;
    Error::new(ErrorKind::Guard, format!("{message}; nothing was changed"))
        .about(number, Some(entry.standing.outcome().as_str()))
}
