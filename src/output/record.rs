//! What a report must offer to be rendered in every format.

use serde::Serialize;

use super::messages::Language;

/// Whom an answer speaks of: the four fields that every object carries (CONTRACT section 8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// The version of the object shapes.
    pub schema: u8,
    /// The profile; absent where the command needs none.
    pub profile: Option<String>,
    /// `live`, `sandbox` or `local`.
    pub environment: Option<&'static str>,
    /// Whether real money is meant.
    pub live: Option<bool>,
}

impl Scope {
    /// The scope of a command that knows its profile.
    #[must_use]
    pub fn of(profile: &str, environment: &'static str, live: bool) -> Self {
        Self {
            schema: 1,
            profile: Some(profile.to_owned()),
            environment: Some(environment),
            live: Some(live),
        }
    }

    /// The scope of a command that needs no profile.
    #[must_use]
    pub const fn none() -> Self {
        Self { schema: 1, profile: None, environment: None, live: None }
    }
}

/// How a cell feels, which colour shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to say by colour.
    Plain,
    /// Done, paid.
    Good,
    /// Waiting, or nobody knows.
    Caution,
    /// Refused, failed.
    Bad,
}

/// One cell of a table.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Its text, as it came.
    pub text: String,
    /// Its colour.
    pub tone: Tone,
    /// Whether it is a number, which stands at the right.
    pub number: bool,
}

impl Cell {
    /// A plain text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Plain, number: false }
    }

    /// A text that may be absent.
    #[must_use]
    pub fn maybe(text: Option<&str>) -> Self {
        Self::text(text.unwrap_or_default())
    }

    /// A word with a colour.
    #[must_use]
    pub fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self { tone, ..Self::text(text) }
    }

    /// An RFC 3339 time as month, day, hour and minute: the year is in every other format.
    #[must_use]
    pub fn moment(time: Option<&str>) -> Self {
        let time = time.unwrap_or_default();
        Self::text(time.get(5..16).unwrap_or(time).replace('T', " "))
    }

    /// An amount in won, with thousands separated.
    #[must_use]
    pub fn won(amount: Option<u64>) -> Self {
        Self { number: true, ..Self::text(amount.map(thousands).unwrap_or_default()) }
    }
}

/// `1234567` as `1,234,567`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len().saturating_mul(2));
    for (place, digit) in digits.chars().enumerate() {
        let remaining = digits.len().saturating_sub(place);
        if place > 0 && remaining.is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// One object of the contract, for people and for programs.
///
/// Its `Serialize` writes the contract's fields beside the four of [`Scope`].
pub trait Record: Serialize {
    /// The names that `Serialize` writes, in order: the header of CSV.
    const FIELDS: &'static [&'static str];

    /// The columns of a table of many, by field name.
    const COLUMNS: &'static [&'static str];

    /// The cells under [`Record::COLUMNS`].
    fn cells(&self, language: Language) -> Vec<Cell>;

    /// What a table of one shows, a line each: field name and cell. Absent values are left out.
    fn details(&self, language: Language) -> Vec<(&'static str, Cell)> {
        Self::COLUMNS.iter().copied().zip(self.cells(language)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        assert_eq!(
            [0, 7, 123, 4500, 1_234_567, 9_999_999_999].map(thousands),
            ["0", "7", "123", "4,500", "1,234,567", "9,999,999,999"]
        );
    }
}
