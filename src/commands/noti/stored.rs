//! A stored notification as it is shown, and as it is handed on: the same fields in both, with how far it was
//! handed on only where it is shown.
//!
//! The body is read again each time, so that what was stored once gains from whatever the parser learns. One
//! that this version cannot read any more is still shown, with its place in the ledger and without facts.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::super::time::rfc3339;
use super::shown::{kind_cell, masked, noti_fields, verdict_cell};
use crate::ledger::Received;
use crate::noti::{Confirmed, Notification, Unverified};
use crate::output::{Cell, Language, Record, Scope, Tone, to_json, word};
use crate::payment::{HandingOn, Verdict};

/// What stored notifications carry as their `source`.
const SOURCE: &str = "listen";

/// Characters of an error that a table shows.
const SHOWN: usize = 120;

/// What is handed on: a stored notification with what is known of it.
#[derive(serde::Serialize)]
struct Stored<'a> {
    #[serde(flatten)]
    facts: Facts<'a>,
    verdict: Option<Verdict>,
    reasons: &'a [String],
    unverified: Option<Unverified<'a>>,
    id: i64,
    received_at: String,
    copies: u64,
    verified_at: Option<String>,
}

/// What its body says.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum Facts<'a> {
    Read(Box<Notification<'a>>),
    Unread(Unread),
}

/// A body that cannot be read any more, and why.
struct Unread(String);

impl Serialize for Unread {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names: &[&'static str] = noti_fields!();
        let mut map = serializer.serialize_map(Some(names.len()))?;
        for name in names {
            match *name {
                "extra" => map.serialize_entry(name, &serde_json::Map::new())?,
                "problems" => {
                    let problem = serde_json::json!({ "field": "body", "problem": self.0 });
                    map.serialize_entry(name, &[problem])?;
                }
                "source" => map.serialize_entry(name, SOURCE)?,
                "line" => map.serialize_entry(name, &1)?,
                _ => map.serialize_entry(name, &())?,
            }
        }
        map.end()
    }
}

impl<'a> Stored<'a> {
    fn of(received: &'a Received) -> Self {
        let mut unverified = None;
        let facts = match crate::noti::parse(&received.body, SOURCE) {
            Ok(mut notification) => {
                if received.verdict == Some(Verdict::Confirmed) {
                    unverified = Some(notification.replace_with(&confirmed(received, &notification)));
                }
                Facts::Read(Box::new(notification))
            }
            Err(error) => Facts::Unread(Unread(error.to_string())),
        };
        Self {
            facts,
            verdict: received.verdict,
            reasons: &received.reasons,
            unverified,
            id: received.id,
            received_at: rfc3339(received.received_at),
            copies: received.copies,
            verified_at: received.verified_at.map(rfc3339),
        }
    }
}

/// What CookiePay and the ledger said when it was confirmed.
fn confirmed(received: &Received, notification: &Notification<'_>) -> Confirmed {
    let stored = received.confirmed.as_deref().and_then(|stored| serde_json::from_str(stored).ok());
    stored.unwrap_or_else(|| Confirmed::of_older(notification))
}

/// Makes the object that is handed on: one line without its end.
pub(super) fn composer(scope: Scope) -> impl Fn(&Received) -> Vec<u8> + Sync {
    /// With the four fields of every object in front.
    #[derive(serde::Serialize)]
    struct Scoped<'a> {
        #[serde(flatten)]
        scope: &'a Scope,
        #[serde(flatten)]
        stored: Stored<'a>,
    }
    // Nothing in it can fail to be written as JSON.
    move |received| {
        to_json(&Scoped { scope: &scope, stored: Stored::of(received) }).unwrap_or_default().into_bytes()
    }
}

/// How far a notification was handed on, or what a replay of it came to.
#[derive(serde::Serialize)]
pub(super) struct Progress {
    /// `none`, `pending`, `delivered` or `dead`; of a replay `delivered` or `failed`.
    pub(super) delivery: &'static str,
    /// How often it was tried since it was last asked for.
    pub(super) delivery_attempts: u32,
    /// Why some target has it not.
    pub(super) delivery_error: Option<String>,
    /// When it is tried next.
    pub(super) next_delivery_at: Option<String>,
    /// When the last target had it.
    pub(super) delivered_at: Option<String>,
}

impl Progress {
    /// What the ledger says.
    pub(super) fn of(received: &Received) -> Self {
        // The ledger counts attempts in vain; one that was delivered was one more.
        let was_delivered = u32::from(received.handing_on == HandingOn::Delivered);
        Self {
            delivery: received.handing_on.as_str(),
            delivery_attempts: received.hand_on_tries.saturating_add(was_delivered),
            delivery_error: received.hand_on_error.clone(),
            next_delivery_at: received
                .hand_on_at
                .filter(|_| received.handing_on == HandingOn::Pending)
                .map(rfc3339),
            delivered_at: received.handed_on_at.map(rfc3339),
        }
    }
}

/// A stored notification as a list shows it.
#[derive(serde::Serialize)]
pub(super) struct Listed<'a> {
    #[serde(flatten)]
    stored: Stored<'a>,
    #[serde(flatten)]
    progress: Progress,
}

impl<'a> Listed<'a> {
    /// As it is stored, with this of its delivery.
    pub(super) fn new(received: &'a Received, progress: Progress) -> Self {
        Self { stored: Stored::of(received), progress }
    }
}

impl Record for Listed<'_> {
    const FIELDS: &'static [&'static str] = noti_fields!(
        "verdict",
        "reasons",
        "unverified",
        "id",
        "received_at",
        "copies",
        "verified_at",
        "delivery",
        "delivery_attempts",
        "delivery_error",
        "next_delivery_at",
        "delivered_at"
    );
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "received_at",
        "kind",
        "amount",
        "buyer_name",
        "tid",
        "verdict_and_reasons",
        "delivery_and_error",
    ];

    fn cells(&self, language: Language) -> Vec<Cell> {
        let (kind, amount, buyer, tid) = match &self.stored.facts {
            Facts::Read(notification) => (
                kind_cell(notification.kind, language),
                notification.amount,
                notification.buyer_name.as_deref(),
                notification.tid.as_deref(),
            ),
            Facts::Unread(_) => (Cell::toned("?", Tone::Bad), None, None, None),
        };
        vec![
            Cell { number: true, ..Cell::text(self.stored.id.to_string()) },
            Cell::moment(Some(&self.stored.received_at)),
            kind,
            Cell::won(amount),
            Cell::text(masked(buyer.unwrap_or_default())),
            Cell::maybe(tid),
            self.verdict_cell(language),
            self.delivery_cell(language),
        ]
    }
}

impl Listed<'_> {
    fn verdict_cell(&self, language: Language) -> Cell {
        let cell = verdict_cell(self.stored.verdict, language);
        Cell { text: because(&cell.text, &self.stored.reasons.join("; ")), ..cell }
    }

    fn delivery_cell(&self, language: Language) -> Cell {
        let progress = &self.progress;
        let tone = match progress.delivery {
            "delivered" => Tone::Good,
            "pending" => Tone::Caution,
            "none" => Tone::Plain,
            _ => Tone::Bad,
        };
        let error = without_address(progress.delivery_error.as_deref().unwrap_or_default());
        Cell::toned(because(word(progress.delivery, language), error), tone)
    }
}

/// An error without the address at its beginning, for which a table has no room.
fn without_address(error: &str) -> &str {
    let rest = error.strip_prefix('`').and_then(|error| error.split_once('`')?.1.strip_prefix(": "));
    rest.unwrap_or(error)
}

/// A word, and why it is so; of a long reason the beginning.
fn because(word: &str, reason: &str) -> String {
    if reason.is_empty() {
        return word.to_owned();
    }
    match reason.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{word}: {}…", reason.get(..end).unwrap_or_default()),
        None => format!("{word}: {reason}"),
    }
}
