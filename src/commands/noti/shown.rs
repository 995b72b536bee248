//! A notification as it is shown.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::bill::{Email, Phone};
use crate::noti::{Kind, Notification};
use crate::output::{Cell, Language, Record, Tone, word};
use crate::payment::Verdict;

/// The names of a notification's fields in their order (CONTRACT section 8), and more behind them.
macro_rules! noti_fields {
    ($($more:literal),*) => {
        &[
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
            $($more),*
        ]
    };
}
pub(super) use noti_fields;

/// A notification on its way out.
pub(super) struct Shown<'a, 'n> {
    /// The notification.
    pub(super) notification: &'a Notification<'n>,
    /// How a table says where it stood.
    pub(super) place: Place,
}

/// How a table says where a notification stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// By its line: there is one input.
    Line,
    /// By its file and its line.
    FileAndLine,
}

impl Place {
    /// How it is said of notifications from these files.
    pub(super) fn among(files: &[PathBuf]) -> Self {
        if files.len() > 1 { Self::FileAndLine } else { Self::Line }
    }

    pub(super) fn cell(self, notification: &Notification<'_>) -> Cell {
        match self {
            Self::Line => Cell { number: true, ..Cell::text(notification.line.to_string()) },
            Self::FileAndLine => Cell::text(format!("{}:{}", notification.source, notification.line)),
        }
    }
}

impl Serialize for Shown<'_, '_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.notification.serialize(serializer)
    }
}

impl Record for Shown<'_, '_> {
    const FIELDS: &'static [&'static str] = noti_fields!();
    const COLUMNS: &'static [&'static str] =
        &["line", "kind", "amount", "buyer_name", "accepted_at", "order_no", "problems"];

    fn cells(&self, language: Language) -> Vec<Cell> {
        let notification = self.notification;
        let problems: Vec<String> = notification
            .problems
            .iter()
            .map(|problem| format!("{}: {}", problem.field, problem.problem))
            .collect();
        vec![
            self.place.cell(notification),
            kind_cell(notification.kind, language),
            Cell::won(notification.amount),
            buyer_cell(notification),
            Cell::moment(notification.accepted_at.as_deref()),
            Cell::maybe(notification.order_no.as_deref()),
            Cell::toned(problems.join("; "), Tone::Caution),
        ]
    }
}

/// The kind in the language of people, coloured.
pub(super) fn kind_cell(kind: Kind, language: Language) -> Cell {
    let tone = match kind {
        Kind::Approval => Tone::Good,
        Kind::Cancel | Kind::DepositCancel => Tone::Caution,
        Kind::Failure => Tone::Bad,
    };
    Cell::toned(word(kind.as_str(), language), tone)
}

/// The verdict in the language of people, coloured; empty where there is none.
pub(super) fn verdict_cell(verdict: Option<Verdict>, language: Language) -> Cell {
    let Some(verdict) = verdict else { return Cell::text("") };
    let tone = match verdict {
        Verdict::Confirmed | Verdict::Duplicate => Tone::Good,
        Verdict::Unconfirmed | Verdict::Unlinked | Verdict::Unrecorded => Tone::Caution,
        Verdict::Mismatch | Verdict::Foreign => Tone::Bad,
    };
    Cell::toned(word(verdict.as_str(), language), tone)
}

/// The buyer as a table shows one.
pub(super) fn buyer_cell(notification: &Notification<'_>) -> Cell {
    Cell::text(masked(notification.buyer_name.as_deref().unwrap_or_default()))
}

/// So many notifications, in the language of people.
pub(super) fn how_many(count: u64, language: Language) -> String {
    match (language, count) {
        (Language::Ko, _) => format!("{count}건"),
        (Language::En, 1) => "1 notification".to_owned(),
        (Language::En, _) => format!("{count} notifications"),
    }
}

/// How many there are of each word of the contract, in the language of people.
pub(super) fn by_word(counts: &BTreeMap<&'static str, u64>, language: Language) -> String {
    let parts = counts.iter().map(|(name, count)| match language {
        Language::Ko => format!("{} {count}건", word(name, language)),
        Language::En => format!("{count} {}", word(name, language)),
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// A text of a table: a phone number or an e-mail address in it is masked.
pub(super) fn masked(text: &str) -> String {
    if let Ok(phone) = text.parse::<Phone>() {
        return phone.masked();
    }
    text.parse::<Email>().map_or_else(|_| text.to_owned(), |email| email.masked())
}
