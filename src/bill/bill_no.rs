//! The number under which a bill is known to `CookiePay` and to the ledger.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// A `BILL_NO`: 1 to 20 of `A-Za-z0-9_-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct BillNo(String);

impl BillNo {
    const RULE: &'static str = "1 to 20 letters, digits, `_` or `-`";

    /// Sorted so that no two are taken for each other when read aloud: no I, L, O, U.
    const ALPHABET: &'static [u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// A new number: the date as `YYMMDD` and 60 random bits, 18 characters of `[A-Z0-9]`.
    ///
    /// The ledger's unique index is what guarantees that no number is given twice.
    #[must_use]
    pub fn generate(date: jiff::civil::Date, random: [u8; 12]) -> Self {
        let mut text = date.strftime("%y%m%d").to_string();
        text.extend(random.into_iter().map(Self::letter));
        Self(text)
    }

    /// A number that follows from a digest: 20 characters of `[A-Z0-9]`, a hundred bits of it.
    #[must_use]
    pub fn derived(digest: &[u8; 32]) -> Self {
        Self(digest.iter().take(20).copied().map(Self::letter).collect())
    }

    fn letter(byte: u8) -> char {
        Self::ALPHABET.get(usize::from(byte & 31)).copied().map_or('0', char::from)
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BillNo {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let allowed = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        if text.is_empty() || text.len() > 20 || !allowed {
            return Err(Self::RULE);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for BillNo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_number_keeps_the_rule() {
        let number =
            BillNo::generate(jiff::civil::date(2026, 11, 22), [0, 1, 2, 31, 32, 255, 7, 8, 9, 10, 11, 12]);
        assert_eq!(number.as_str(), "261122012Z0Z789ABC");
        assert_eq!(number.as_str().parse(), Ok(number));
    }

    #[test]
    fn only_safe_characters_are_taken() {
        assert!("2026-11-0042".parse::<BillNo>().is_ok());
        for wrong in ["", "a b", "청구1", "123456789012345678901", "a/b", "a&b"] {
            assert!(wrong.parse::<BillNo>().is_err(), "{wrong}");
        }
    }
}
