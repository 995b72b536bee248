//! The line of totals under a table.

use crate::ledger::Total;
use crate::output::{Language, won, word};

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Things {
    /// Bills of the ledger.
    Bills,
    /// Links that were asked after.
    Links,
}

/// Such as `3 bills, 13,500 won: 1 paid (4,500 won), 2 unpaid (9,000 won)`.
pub(super) fn totals_line(
    language: Language,
    things: Things,
    amount: Option<u64>,
    parts: &[(&str, Total)],
) -> String {
    let count = parts.iter().fold(0_u64, |sum, (_, total)| sum.saturating_add(total.count));
    let noun = match (language, things, count) {
        (Language::Ko, ..) => "건",
        (Language::En, Things::Bills, 1) => " bill",
        (Language::En, Things::Bills, _) => " bills",
        (Language::En, Things::Links, 1) => " link",
        (Language::En, Things::Links, _) => " links",
    };
    let amount = amount.map(|amount| format!(", {}", won(amount, language))).unwrap_or_default();
    let part = |(name, total): &(&str, Total)| {
        let (word, won) = (word(name, language), won(total.amount, language));
        match language {
            Language::Ko => format!("{word} {}건 ({won})", total.count),
            Language::En => format!("{} {word} ({won})", total.count),
        }
    };
    let parts: Vec<String> = parts.iter().map(part).collect();
    format!("{count}{noun}{amount}: {}\n", parts.join(", "))
}
