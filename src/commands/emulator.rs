//! `emulator`: the local CookiePay, run, paid, cancelled and reset.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use serde::Serialize;

use crate::cli::{EmulatorCancelArgs, EmulatorPayArgs, EmulatorServeArgs, PayMethod};
use crate::emulator::{
    Deed, Delivery, Emulator, Fault, Method, PayBase, Posting, State, Step, TlsFiles, Transition,
};
use crate::error::{Error, ErrorKind, ExitCode, WrongField};
use crate::output::{Cell, Format, Language, Record, Scope, Ui, won, word};

use super::context::Context;

/// How often a running server looks whether it was asked to stop.
const LOOK_FOR_SIGNALS: Duration = Duration::from_millis(100);

/// Where a server is to be found.
#[derive(Debug, Serialize)]
struct Serving {
    url: String,
    notify_url: Option<String>,
    state_file: String,
}

impl Record for Serving {
    const FIELDS: &'static [&'static str] = &["url", "notify_url", "state_file"];
    const COLUMNS: &'static [&'static str] = Self::FIELDS;

    fn cells(&self, _: Language) -> Vec<Cell> {
        vec![Cell::text(&self.url), Cell::maybe(self.notify_url.as_deref()), Cell::text(&self.state_file)]
    }
}

/// What a payment or a cancellation made of a bill.
#[derive(Debug, Serialize)]
struct Turned {
    bill_no: String,
    url_key: String,
    amount: i64,
    state: &'static str,
    notify_url: Option<String>,
    notify_status: Option<u16>,
}

impl Record for Turned {
    const FIELDS: &'static [&'static str] =
        &["bill_no", "url_key", "amount", "state", "notify_url", "notify_status"];
    const COLUMNS: &'static [&'static str] = Self::FIELDS;

    fn cells(&self, language: Language) -> Vec<Cell> {
        vec![
            Cell::text(&self.bill_no),
            Cell::text(&self.url_key),
            Cell::text(u64::try_from(self.amount).map(|amount| won(amount, language)).unwrap_or_default()),
            Cell::text(word(self.state, language)),
            Cell::maybe(self.notify_url.as_deref()),
            Cell::text(self.notify_status.map(|status| status.to_string()).unwrap_or_default()),
        ]
    }
}

/// The emulator is always the environment `local`, whatever profile is chosen.
fn scope() -> Scope {
    Scope::of("local", "local", false)
}

/// Runs `emulator serve` until Ctrl-C or SIGTERM, which end it with 0: that is how it is stopped.
pub(super) fn serve(arguments: &EmulatorServeArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let (sender, journal) = mpsc::channel();
    let mut options = context.emulator_options(PayBase::OwnAddress);
    options.listen.clone_from(&arguments.listen);
    options.notify_url.clone_from(&arguments.notify_url);
    options.faults = faults(&arguments.fault)?;
    let strikes_notifications = options.faults.iter().any(Fault::is_of_notifications);
    options.tls = match (&arguments.tls_certificate, &arguments.tls_key) {
        (Some(certificate), Some(key)) => {
            Some(TlsFiles { certificate: certificate.clone(), key: key.clone() })
        }
        _ => None,
    };
    options.journal = Some(Box::new(move |entry| {
        // Nobody hears it once the server stops.
        let _unheard = sender.send(entry.to_string());
    }));
    let state_file = options.state_file.display().to_string();
    context.surroundings.signals.hold();
    let emulator = Emulator::start(options)?;
    let serving = Serving { url: emulator.url(), notify_url: arguments.notify_url.clone(), state_file };
    if context.ui.format() == Format::Table {
        context.ui.write_data(format!("emulator at {}\n", serving.url).as_bytes())?;
        context.ui.status("it holds no real money and messages nobody; Ctrl-C stops it");
    } else {
        context.ui.show(&scope(), &serving)?;
    }
    if arguments.notify_url.is_none() && strikes_notifications {
        context
            .ui
            .warning("without `--notify-url` nothing is posted that a fault of notifications could strike");
    }
    while !context.surroundings.signals.is_noted() {
        match journal.recv_timeout(LOOK_FOR_SIGNALS) {
            Ok(line) => context.ui.status(&line),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    // Stopping may take as long as a request in flight; a second signal ends it at once.
    let _asked_to_stop = context.surroundings.signals.release();
    emulator.stop();
    while let Ok(line) = journal.try_recv() {
        context.ui.status(&line);
    }
    Ok(ExitCode::OK)
}

/// The faults of the arguments; every wrong one is told at once.
fn faults(specifications: &[String]) -> Result<Vec<Fault>, Error> {
    let mut faults = Vec::new();
    let mut wrong = Vec::new();
    for specification in specifications {
        match specification.parse() {
            Ok(fault) => faults.push(fault),
            Err(error) => wrong.push(WrongField {
                field: "--fault".to_owned(),
                value: Some(specification.clone()),
                rule: format!("{error}"),
            }),
        }
    }
    if wrong.is_empty() {
        Ok(faults)
    } else {
        Err(Error::new(ErrorKind::Usage, "not every fault can be read").fields(wrong))
    }
}

/// Runs `emulator pay`.
pub(super) fn pay(arguments: &EmulatorPayArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let method = match arguments.method {
        PayMethod::Card => Method::Card,
        PayMethod::Bank => Method::Bank,
        PayMethod::Vacct => Method::VirtualAccount,
        PayMethod::Mobile => Method::Mobile,
    };
    let mut state = open(context)?;
    let transition = state.pay(&arguments.url_key, method)?;
    tell(&mut state, &transition, context)
}

/// Runs `emulator cancel`.
pub(super) fn cancel(arguments: &EmulatorCancelArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let amount = arguments.amount.map(i64::try_from).transpose();
    let amount = amount.map_err(|_| Error::new(ErrorKind::Usage, "`--amount` is larger than any payment"))?;
    let mut state = open(context)?;
    let transition = state.cancel(&arguments.url_key, amount)?;
    tell(&mut state, &transition, context)
}

/// Runs `emulator reset`.
pub(super) fn reset(context: &mut Context) -> Result<ExitCode, Error> {
    let question = "Forget every bill, payment, message and key of the emulator? [y/N]";
    if context.ui.can_ask() && !context.yes && !context.ui.confirm(question) {
        return Err(Error::new(ErrorKind::Guard, "not confirmed; nothing was forgotten"));
    }
    open(context)?.reset()?;
    context.ui.status(
        "the emulator has forgotten every bill, payment, message and key, and every fault of notifications",
    );
    Ok(ExitCode::OK)
}

fn open(context: &Context) -> Result<State, Error> {
    let options = context.emulator_options(PayBase::Served);
    Ok(State::open(&options.state_file, options.now, options.random)?)
}

/// Posts the notification as CookiePay would, and shows what became of the bill.
fn tell(state: &mut State, transition: &Transition, context: &mut Context) -> Result<ExitCode, Error> {
    let mut turned = Turned {
        bill_no: transition.bill_no.clone(),
        url_key: transition.url_key.clone(),
        amount: transition.amount,
        state: transition.state.name(),
        notify_url: None,
        notify_status: None,
    };
    if let Some(notification) = &transition.notification {
        match state.deliver_telling(notification, |step| say(&step, &mut context.ui))? {
            Delivery::NobodyListens => {
                context.ui.status("no notification was posted: no `emulator serve --notify-url` is running");
            }
            Delivery::Answered { url, status } => {
                turned.notify_url = Some(url);
                turned.notify_status = Some(status);
            }
            Delivery::Failed { url, .. } => turned.notify_url = Some(url),
            Delivery::KeptBack | Delivery::NeverSent => {}
        }
    }
    context.ui.show(&scope(), &turned)?;
    Ok(ExitCode::OK)
}

/// Says what is done about a notification while it is done.
fn say(step: &Step, ui: &mut Ui) {
    let url = &step.url;
    let (posting, outcome) = match &step.deed {
        Deed::Delayed(delay) => {
            let delay = delay.as_millis();
            return ui.status(&format!("fault delay: the notification to {url} is posted in {delay} ms"));
        }
        Deed::KeptBack => {
            return ui.status(
                "fault reordered: the notification is kept back until after the next one, or until the \
                 server stops",
            );
        }
        Deed::NeverSent => return ui.status("fault never-sent: the notification is not posted"),
        Deed::Posted { posting, outcome } => (posting, outcome),
    };
    let what = match posting {
        Posting::Real => "the notification",
        Posting::Forgery => "fault forged: a forgery over ten times the amount",
        Posting::Repetition => "fault duplicate: the notification once more",
        Posting::Overtaken => "fault reordered: the notification that was kept back",
    };
    match outcome {
        Ok(status) => ui.status(&format!("{what} was posted to {url}: HTTP {status}")),
        Err(reason) => ui.warning(&format!("{what} did not arrive at {url}: {reason}")),
    }
}
