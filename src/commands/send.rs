//! `send`: one bill, validated, confirmed, delivered once, and told.

use std::time::Duration;

use crate::api::{self, Client};
use crate::bill::{Bill, Channel, RawBill};
use crate::clean::shell_word;
use crate::cli::{SendArgs, TemplateFormat};
use crate::config::{Environment, Profile};
use crate::delivery::{Delivered, Delivery, DeliveryError};
use crate::emulator::DEFAULT_ADDRESS;
use crate::error::{Error, ErrorKind, ExitCode};
use crate::ledger::{Account, Entry, Ledger};
use crate::output::{Format, PreviewReport, SendReport, field_label, won, word};
use crate::payment::UrlKey;
use crate::secret::Secret;

use super::context::{Context, account, scope};
use super::failure;
use super::receipt::{self, Verdict};
use super::signal::{ANSWERED, interrupted_instead, interruption};
use super::watch::{Links, Patience, READS_AT_ONCE, Subject, Watch, token_store};

/// Runs `send`.
pub(super) fn run(arguments: &SendArgs, context: &mut Context) -> Result<ExitCode, Error> {
    if let Some(file) = &arguments.batch.from {
        return super::batch::run(file, arguments, context);
    }
    let meaningless = arguments.batch.given();
    if !meaningless.is_empty() {
        let verb = if meaningless.len() == 1 { "means" } else { "mean" };
        let message = format!("{} {verb} nothing without `--from`; nothing was sent", meaningless.join(", "));
        return Err(Error::new(ErrorKind::Usage, message).hint("`--from FILE` sends many bills from a sheet"));
    }
    if let Some(format) = arguments.batch.template {
        return template(format, context);
    }
    let profile = context.profile()?;
    let bill = validated(arguments, &profile, context)?;
    guard_amount(&bill, &profile)?;
    let account = account(&profile);
    let window = Some(profile.guards.duplicate_window).filter(|_| !arguments.allow_duplicate);
    if arguments.dry_run {
        return dry_run(&bill, &profile, &account, window, context);
    }
    let api_key = profile.api_key()?;
    let mut ledger = context.ledger_to_send()?;
    let known = allowed(&bill, &account, window, &ledger, context)?;
    if let Some(entry) = known.filter(|entry| !entry.may_be_sent_again()) {
        return show_known(&bill, entry, &mut ledger, arguments, &profile, context);
    }
    confirm(&bill, &profile, context)?;
    let client = context.connect(&profile)?;
    if arguments.wait {
        // What asking after the link will need is known to be there before a customer is billed.
        token_store(&client, &profile, &profile.pay2_key()?, &context.data_directory)
            .on_wait(context.on_wait())
            .token(context.now(), None)?;
    }
    context.surroundings.signals.hold();
    let delivered = deliver(&bill, window, &account, &api_key, &client, &mut ledger, context);
    let told = tell(&bill, delivered, arguments, &profile, context);
    let signal = context.surroundings.signals.release();
    let told = told.map_err(|error| interrupted_instead(error, signal))?;
    if let Some(signal) = signal {
        if told.held_back {
            context.ui.show(&scope(&profile), &told.report)?;
        }
        return Err(interruption(signal, ANSWERED).about(&bill.bill_no, Some(told.report.outcome)));
    }
    go_on(&client, &mut ledger, arguments, &profile, told, context)
}

/// The bill as the ledger knows it, if it does. Nobody is asked to confirm what the ledger will not
/// let pass: it looks once more when the intent is recorded.
fn allowed(
    bill: &Bill,
    account: &Account,
    window: Option<Duration>,
    ledger: &Ledger,
    context: &Context,
) -> Result<Option<Entry>, Error> {
    let known = ledger.find(account, &bill.bill_no)?;
    let fields = known.as_ref().map(|entry| bill.differences(&entry.bill)).unwrap_or_default();
    if !fields.is_empty() {
        return Err(DeliveryError::OtherContent { bill_no: bill.bill_no.clone(), fields }.into());
    }
    let settled = known.as_ref().is_some_and(|entry| !entry.may_be_sent_again());
    match ledger.duplicate(account, bill, context.now(), window.filter(|_| !settled))? {
        Some((bill_no, requested_at)) => Err(DeliveryError::Duplicate { bill_no, requested_at }.into()),
        None => Ok(known),
    }
}

/// A bill that is known and not to be sent again is shown as it is known; nobody need confirm that.
fn show_known(
    bill: &Bill,
    entry: Entry,
    ledger: &mut Ledger,
    arguments: &SendArgs,
    profile: &Profile,
    context: &mut Context,
) -> Result<ExitCode, Error> {
    let told = tell(bill, Ok(Delivered::Known(Box::new(entry))), arguments, profile, context)?;
    if !arguments.wait {
        return Ok(ExitCode::OK);
    }
    let client = context.connect(profile)?;
    go_on(&client, ledger, arguments, profile, told, context)
}

/// Prints a sheet to fill in.
fn template(format: TemplateFormat, context: &mut Context) -> Result<ExitCode, Error> {
    if format == TemplateFormat::Xlsx && context.ui.output_is_terminal() {
        return Err(Error::new(ErrorKind::Usage, "a workbook is no text for a terminal")
            .hint("`cookiepay send --template xlsx > bills.xlsx` writes it to a file"));
    }
    let sheet = crate::sheet::template(match format {
        TemplateFormat::Csv => crate::sheet::Format::Csv,
        TemplateFormat::Xlsx => crate::sheet::Format::Xlsx,
    })?;
    context.ui.write_data(&sheet)?;
    Ok(ExitCode::OK)
}

/// The bill of the arguments; every wrong field is told at once.
fn validated(arguments: &SendArgs, profile: &Profile, context: &mut Context) -> Result<Bill, Error> {
    let raw = RawBill {
        bill_no: arguments.bill_no.clone(),
        via: arguments.via.clone(),
        product: arguments.product.clone(),
        amount: arguments.amount.clone(),
        buyer: arguments.buyer.clone(),
        phone: arguments.phone.clone(),
        email: arguments.email.clone(),
        memo: arguments.memo.clone(),
        tax: arguments.tax.clone(),
        etc1: arguments.etc1.clone(),
        etc2: arguments.etc2.clone(),
        payment_type: arguments.payment_type.clone(),
    };
    let (bill, repaired) = raw.parse(profile.via, || context.new_bill_no()).map_err(failure::of_fields)?;
    for repair in repaired {
        context.ui.warning(&format!(
            "--{} `{}` has lost its zero; `{}` is meant",
            repair.field, repair.given, repair.sent
        ));
    }
    Ok(bill)
}

fn guard_amount(bill: &Bill, profile: &Profile) -> Verdict {
    match profile.guards.max_amount {
        Some(max) if bill.amount > max => Err(Error::new(
            ErrorKind::Guard,
            format!("{} won is over `max_amount` ({max} won) of profile `{}`", bill.amount, profile.name),
        )
        .hint("nothing was sent; raise `max_amount` in the profile if the amount is right")),
        _ => Ok(()),
    }
}

/// Shows the request without making it; the ledger is only read, and only if there is one.
fn dry_run(
    bill: &Bill,
    profile: &Profile,
    account: &Account,
    window: Option<Duration>,
    context: &mut Context,
) -> Result<ExitCode, Error> {
    if let Some(ledger) = context.ledger_to_read()?
        && let Some(entry) = allowed(bill, account, window, &ledger, context)?
    {
        let outcome = receipt::shown_outcome(&entry);
        context.ui.status(&format!("bill `{}` is known, outcome {outcome}", bill.bill_no));
    }
    context.ui.show(&scope(profile), &preview(bill, profile))?;
    context.ui.status("dry run: nothing was sent or recorded");
    Ok(ExitCode::OK)
}

/// The request of this bill as it would leave, its secrets masked.
pub(super) fn preview(bill: &Bill, profile: &Profile) -> PreviewReport {
    // A `local` profile has no host before its emulator is started.
    let host = match profile.environment {
        Environment::Local => format!("http://{DEFAULT_ADDRESS}"),
        Environment::Live | Environment::Sandbox => profile.base_url.to_string(),
    };
    let api::Preview { method, url, headers, body } = api::preview(&host, &profile.api_id, bill);
    PreviewReport { dry_run: true, method, url, headers: headers.into_iter().collect(), body }
}

/// A live send is confirmed by a person or by `--yes`.
fn confirm(bill: &Bill, profile: &Profile, context: &mut Context) -> Verdict {
    if !profile.environment.is_live() || context.yes {
        return Ok(());
    }
    let language = context.ui.language();
    let lines = [
        ("profile", profile.name.clone()),
        ("buyer", bill.buyer.to_string()),
        ("phone", bill.phone.to_string()),
        ("email", bill.email.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("product", bill.product.to_string()),
        ("amount", won(bill.amount.won(), language)),
        ("via", word(bill.channel.as_str(), language).to_owned()),
    ];
    let not_confirmed = Error::new(ErrorKind::Guard, "a live send was not confirmed; nothing was sent");
    if !context.ui.can_ask() {
        return Err(not_confirmed.hint("add `--yes` to send it"));
    }
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        context.ui.prompt_line(&format!("  {}: {value}", field_label(name, language)));
    }
    if context.ui.confirm("Send this bill to a real customer? [y/N]") { Ok(()) } else { Err(not_confirmed) }
}

fn deliver(
    bill: &Bill,
    window: Option<Duration>,
    account: &Account,
    api_key: &Secret,
    client: &Client,
    ledger: &mut Ledger,
    context: &Context,
) -> Result<Delivered, DeliveryError> {
    let now = || context.now();
    let operator = &context.surroundings.operator;
    let signals = &context.surroundings.signals;
    Delivery {
        ledger,
        client,
        account,
        api_key,
        operator,
        now: &now,
        stop: &|| signals.is_noted(),
        under_way: &signals.bills_under_way,
        reached: context.surroundings.reached,
    }
    .send(bill, window)
}

/// What was told of a bill.
struct Told {
    report: SendReport,
    url_key: Option<UrlKey>,
    /// Whether the report waits for the status, so that `--wait -o json` stays one document.
    held_back: bool,
}

/// Prints the report and says what it means.
fn tell(
    bill: &Bill,
    delivered: Result<Delivered, DeliveryError>,
    arguments: &SendArgs,
    profile: &Profile,
    context: &mut Context,
) -> Result<Told, Error> {
    let (report, verdict) = match delivered {
        Ok(Delivered::Answered(receipt)) => receipt::of_receipt(bill, &receipt),
        Ok(Delivered::Known(entry)) => receipt::of_entry(&entry, &mut context.ui),
        Err(DeliveryError::NotRecorded { ref receipt, .. }) => {
            (receipt::unrecorded(bill, receipt), delivered.map(|_| ()).map_err(Error::from))
        }
        Err(error) => return Err(error.into()),
    };
    let url_key: Option<UrlKey> = report.url_key.as_ref().and_then(|key| key.parse().ok());
    let held_back =
        arguments.wait && context.ui.format() == Format::Json && verdict.is_ok() && url_key.is_some();
    if !held_back {
        (context.surroundings.reached)("before-print");
        context.ui.show(&scope(profile), &report)?;
        (context.surroundings.reached)("after-print");
    }
    if let Some(pay_url) = report.pay_url.as_ref().filter(|_| arguments.qr) {
        context.ui.draw_code(pay_url);
    }
    verdict?;
    say_where_it_went(bill, profile, &report, context);
    Ok(Told { report, url_key, held_back })
}

/// Whom the link reached: nobody may take an emulator's or a sandbox's for a customer's.
fn say_where_it_went(bill: &Bill, profile: &Profile, report: &SendReport, context: &mut Context) {
    if profile.environment != Environment::Local {
        return;
    }
    let what = match (report.outcome, bill.channel) {
        ("already_sent", _) => "the emulator has it, not a customer: no message left this machine",
        (_, Channel::Link) => "the emulator made this link; nobody was messaged",
        _ => "the emulator got this message, not a customer: nothing left this machine",
    };
    context.ui.status(what);
    let pages = format!("`cookiepay emulator serve` shows its pay page at {DEFAULT_ADDRESS}");
    match report.url_key.as_ref().filter(|_| report.pay_url.is_some()) {
        Some(key) => {
            context.ui.hint(&format!("{pages}; `cookiepay emulator pay {}` pays it", shell_word(key)));
        }
        None => context.ui.hint(&pages),
    }
}

/// With `--wait`, goes on as `status --wait` does. Whatever then fails, the bill was sent, and the
/// error says so.
fn go_on(
    client: &Client,
    ledger: &mut Ledger,
    arguments: &SendArgs,
    profile: &Profile,
    told: Told,
    context: &mut Context,
) -> Result<ExitCode, Error> {
    let Told { report, url_key: Some(url_key), held_back } = told else { return Ok(ExitCode::OK) };
    if !arguments.wait {
        return Ok(ExitCode::OK);
    }
    let (bill_no, outcome) = (report.bill_no.clone(), report.outcome);
    let mut links = Links::new(vec![Subject::Link(url_key)], None);
    let watch =
        Watch { client, ledger, profile, links: &mut links, concurrency: READS_AT_ONCE, one_subject: true };
    let sent = held_back.then_some(Box::new(report));
    let waited = watch.run(Patience::Wait(&arguments.waiting, sent), context);
    waited.map_err(|error| error.about(bill_no, Some(outcome)))
}
