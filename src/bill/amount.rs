//! Won, as an integer.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// An amount of 1 to 9,999,999,999 won (`AMOUNT` has ten digits).
///
/// Reads `4500`, `4,500` and `4,500원`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Amount(u64);

impl Amount {
    /// The largest amount that ten digits hold.
    pub const MAX: u64 = 9_999_999_999;

    const RULE: &'static str = "won as digits, 1 to 9999999999; `4500`, `4,500` and `4,500원` are read";

    /// The amount in won.
    #[must_use]
    pub const fn won(self) -> u64 {
        self.0
    }
}

impl TryFrom<u64> for Amount {
    type Error = &'static str;

    fn try_from(won: u64) -> Result<Self, Self::Error> {
        if (1..=Self::MAX).contains(&won) { Ok(Self(won)) } else { Err(Self::RULE) }
    }
}

impl FromStr for Amount {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = digits(text).filter(|digits| digits.len() <= 10).ok_or(Self::RULE)?;
        digits.parse::<u64>().map_err(|_| Self::RULE)?.try_into()
    }
}

/// Reads a sum of amounts, in won: written as an [`Amount`] is, and not bound to ten digits.
///
/// # Errors
///
/// The rule that it breaks.
pub fn read_total(text: &str) -> Result<u64, &'static str> {
    let total = digits(text).and_then(|digits| digits.parse().ok());
    total.ok_or("won as digits; `45000`, `45,000` and `45,000원` are read")
}

/// The digits of won as people write them.
fn digits(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_suffix('원').map_or(text, str::trim_end);
    let digits = without_thousands(text)?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    plain.then_some(digits)
}

/// Drops commas that separate thousands; `None` where they separate anything else, as in `4,50`,
/// which might be meant as a decimal.
fn without_thousands(text: &str) -> Option<String> {
    let mut groups = text.split(',');
    let head = groups.next().unwrap_or_default();
    let mut digits = head.to_owned();
    for group in groups {
        if group.len() != 3 || head.is_empty() || head.len() > 3 {
            return None;
        }
        digits.push_str(group);
    }
    Some(digits)
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_spellings_are_one_amount() {
        for text in ["4500", "4,500", "4,500원", "4500원", " 4,500 원 "] {
            assert_eq!(text.parse::<Amount>().map(Amount::won), Ok(4500), "{text}");
        }
        assert_eq!("9,999,999,999".parse::<Amount>().map(Amount::won), Ok(Amount::MAX));
    }

    #[test]
    fn anything_else_is_refused() {
        let wrong = [
            "",
            "0",
            "-4500",
            "+4500",
            "1.5",
            "4,50",
            "45,00",
            ",500",
            "4500,",
            "1234,567",
            "04500",
            "4 500",
            "4.500",
            "₩4500",
            "4500원원",
            "1e3",
            "10000000000",
            "4５00",
            "원",
            "0x10",
        ];
        for text in wrong {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
    }
}
