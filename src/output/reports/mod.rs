//! The JSON objects of the contract (section 8), each with its table.

mod bill;
mod config;
mod payment;

pub use bill::{ListReport, PreviewReport, ReconcileReport, SendReport};
pub use config::{CheckReport, PathReport, ProfileReport, SettingReport};
pub use payment::{StatusReport, TokenReport};

use super::messages::{Language, word};
use super::record::{Cell, Tone};

/// Declares a report: its fields in the order of the contract, and their names beside them.
macro_rules! report {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, serde::Serialize)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)+ }

        impl $name {
            const NAMES: &'static [&'static str] = &[$(stringify!($field)),+];
        }
    };
}
use report;

fn outcome_cell(outcome: &str, language: Language) -> Cell {
    let tone = match outcome {
        "sent" | "created" => Tone::Good,
        "already_sent" => Tone::Plain,
        "unknown" | "linked" => Tone::Caution,
        _ => Tone::Bad,
    };
    Cell::toned(word(outcome, language), tone)
}

fn state_cell(state: &str, language: Language) -> Cell {
    let tone = match state {
        "paid" => Tone::Good,
        "unpaid" | "awaiting_deposit" => Tone::Caution,
        _ => Tone::Bad,
    };
    Cell::toned(word(state, language), tone)
}

/// An amount with its unit.
#[must_use]
pub fn won(amount: u64, language: Language) -> String {
    let number = super::record::thousands(amount);
    match language {
        Language::Ko => format!("{number}원"),
        Language::En => format!("{number} won"),
    }
}
