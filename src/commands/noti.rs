//! `noti parse`: notifications from files or stdin, checked and normalised, in constant memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Serialize;

use crate::bill::{Email, Phone};
use crate::cli::NotiParseArgs;
use crate::error::{Error, ErrorKind, ExitCode};
use crate::noti::{Notification, Reader};
use crate::output::{Cell, Language, Record, Scope, Sink, Tone, word};

use super::context::{Context, scope};

/// A notification on its way out.
struct Shown<'a, 'n>(&'a Notification<'n>);

impl Serialize for Shown<'_, '_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Record for Shown<'_, '_> {
    const FIELDS: &'static [&'static str] = &[
        "kind",
        "api_id",
        "order_no",
        "amount",
        "tid",
        "url_key",
        "pay_method",
        "buyer_name",
        "buyer_email",
        "user_id",
        "product_code",
        "product_name",
        "accepted_at",
        "accept_no",
        "card_code",
        "card_name",
        "card_no",
        "quota",
        "account_no",
        "receiver_name",
        "deposit_due",
        "deposit_name",
        "etc1",
        "etc2",
        "etc3",
        "etc4",
        "etc5",
        "extra",
        "problems",
        "source",
        "line",
    ];
    const COLUMNS: &'static [&'static str] =
        &["line", "kind", "amount", "buyer_name", "accepted_at", "order_no", "problems"];

    fn cells(&self, language: Language) -> Vec<Cell> {
        let notification = self.0;
        let tone = match notification.kind.as_str() {
            "approval" => Tone::Good,
            "failure" => Tone::Bad,
            _ => Tone::Caution,
        };
        let problems: Vec<String> = notification
            .problems
            .iter()
            .map(|problem| format!("{}: {}", problem.field, problem.problem))
            .collect();
        vec![
            Cell { number: true, ..Cell::text(notification.line.to_string()) },
            Cell::toned(word(notification.kind.as_str(), language), tone),
            Cell::won(notification.amount),
            Cell::text(masked(notification.buyer_name.as_deref().unwrap_or_default())),
            Cell::moment(notification.accepted_at.as_deref()),
            Cell::maybe(notification.order_no.as_deref()),
            Cell::toned(problems.join("; "), Tone::Caution),
        ]
    }

    fn details(&self, language: Language) -> Vec<(&'static str, Cell)> {
        Self::COLUMNS.iter().copied().zip(self.cells(language)).collect()
    }
}

/// A text of a table: a phone number or an e-mail address in it is masked.
fn masked(text: &str) -> String {
    if let Ok(phone) = text.parse::<Phone>() {
        return phone.masked();
    }
    text.parse::<Email>().map_or_else(|_| text.to_owned(), |email| email.masked())
}

/// What was read, for the exit code.
#[derive(Default, Serialize)]
struct Summary {
    count: u64,
    problems: u64,
    unreadable: u64,
}

/// Runs `noti parse`.
pub(super) fn parse(arguments: &NotiParseArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let scope = known_scope(context)?;
    let stdin = [Path::new("-").to_path_buf()];
    let files = if arguments.files.is_empty() { &stdin } else { arguments.files.as_slice() };
    let mut input = context.ui.take_input();
    let mut sink = context.ui.sink::<Shown<'_, '_>>(&scope);
    let mut summary = Summary::default();
    for path in files {
        let source = path.display().to_string();
        let read = if source == "-" {
            read_all(&source, &mut input, &mut sink, &mut summary)
        } else {
            match File::open(path) {
                Ok(file) => read_all(&source, file, &mut sink, &mut summary),
                Err(error) => Err(ReadError::Input(error)),
            }
        };
        match read {
            Ok(()) => {}
            Err(ReadError::Output(error)) => return Err(error.into()),
            Err(ReadError::Input(error)) => {
                summary.unreadable = summary.unreadable.saturating_add(1);
                complain(&mut sink, &format!("`{source}` cannot be read: {error}"))?;
            }
        }
    }
    sink.finish(&summary)?;
    verdict(&summary, arguments.strict)
}

/// Reading needs no profile; where one is at hand, its name goes with the notifications.
fn known_scope(context: &mut Context) -> Result<Scope, Error> {
    match context.load_profile() {
        Ok(profile) => Ok(scope(&profile)),
        Err(error) if context.profile_name.is_some() || context.config_is_explicit => Err(error),
        Err(_) => Ok(Scope::none()),
    }
}

/// Which side failed.
enum ReadError {
    Input(io::Error),
    Output(io::Error),
}

fn read_all(
    source: &str,
    input: impl Read,
    sink: &mut Sink<'_>,
    summary: &mut Summary,
) -> Result<(), ReadError> {
    let mut reader = Reader::new(source, input);
    while let Some(item) = reader.next_item().map_err(ReadError::Input)? {
        match item.result {
            Ok(notification) => {
                summary.count = summary.count.saturating_add(1);
                if !notification.problems.is_empty() {
                    summary.problems = summary.problems.saturating_add(1);
                }
                sink.push(&Shown(&notification)).map_err(ReadError::Output)?;
            }
            Err(error) => {
                summary.unreadable = summary.unreadable.saturating_add(1);
                let message = format!("{source}:{}: {error}", item.line);
                complain(sink, &message).map_err(ReadError::Output)?;
            }
        }
        if sink.ui().output_is_closed() {
            break;
        }
    }
    Ok(())
}

/// Says what is wrong after what was read before it.
fn complain(sink: &mut Sink<'_>, message: &str) -> io::Result<()> {
    sink.flush()?;
    sink.ui().error(message);
    Ok(())
}

fn verdict(summary: &Summary, strict: bool) -> Result<ExitCode, Error> {
    if summary.unreadable > 0 {
        let message = match summary.unreadable {
            1 => "a document could not be read as a notification".to_owned(),
            many => format!("{many} documents could not be read as notifications"),
        };
        return Err(Error::new(ErrorKind::Usage, message)
            .hint("the errors above name file and line; the rest was read"));
    }
    if strict && summary.problems > 0 {
        let message =
            format!("{} of {} notifications depart from the reference", summary.problems, summary.count);
        return Err(Error::new(ErrorKind::Usage, message)
            .hint("`problems` of each says how; without `--strict` this is no failure"));
    }
    Ok(ExitCode::OK)
}
