//! The customer's mobile number.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// A Korean mobile number: ten or eleven digits that start with 01 (`BUYERHP`).
///
/// Reads `010-1234-5678`, `+82 10-1234-5678` and, saying so, `1012345678`, whose zero a
/// spreadsheet lost.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    const RULE: &'static str = "a Korean mobile number, such as 010-1234-5678 or +82 10-1234-5678";

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as people write it: `010-1234-5678`.
    #[must_use]
    pub fn dashed(&self) -> String {
        let (head, rest) = self.0.split_at_checked(3).unwrap_or((&self.0, ""));
        let (middle, tail) = rest.split_at_checked(rest.len().saturating_sub(4)).unwrap_or((rest, ""));
        format!("{head}-{middle}-{tail}")
    }

    /// The number with its middle hidden, for tables: `010-****-5678`.
    #[must_use]
    pub fn masked(&self) -> String {
        let tail = self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default();
        let head = self.0.get(..3).unwrap_or_default();
        format!("{head}-****-{tail}")
    }

    /// Whether `text` names this number without its leading zero, as spreadsheets leave it.
    #[must_use]
    pub fn lost_its_zero(text: &str) -> bool {
        text.trim_start().starts_with('1')
    }
}

impl FromStr for Phone {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (abroad, rest) = match text.strip_prefix("+82") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut digits = String::with_capacity(11);
        for character in rest.chars() {
            match character {
                '0'..='9' => digits.push(character),
                '-' | ' ' | '.' | '(' | ')' => {}
                _ => return Err(Self::RULE),
            }
        }
        if digits.starts_with('1') && (abroad || Self::lost_its_zero(rest)) {
            digits.insert(0, '0');
        }
        let mobile = matches!(digits.get(..3), Some("010" | "011" | "016" | "017" | "018" | "019"));
        let length_fits = digits.len() == 11 || (digits.len() == 10 && !digits.starts_with("010"));
        if mobile && length_fits { Ok(Self(digits)) } else { Err(Self::RULE) }
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_spellings_are_one_number() {
        let spellings = [
            "010-1234-5678",
            "01012345678",
            "+82 10-1234-5678",
            "+821012345678",
            "+82 010-1234-5678",
            "1012345678",
            " 010 1234 5678 ",
            "010.1234.5678",
            "+82(0)10-1234-5678",
        ];
        for text in spellings {
            assert_eq!(text.parse::<Phone>().as_ref().map(Phone::as_str), Ok("01012345678"), "{text}");
        }
        assert_eq!("011-123-4567".parse::<Phone>().as_ref().map(Phone::as_str), Ok("0111234567"));
    }

    #[test]
    fn anything_else_is_refused() {
        let wrong = [
            "",
            "02-123-4567",
            "0101234567",
            "010123456789",
            "1.0123E+9",
            "공일공",
            "+1 212 555 0100",
            "012-1234-5678",
            "010-1234-567a",
            "++821012345678",
            "012345",
            "82-10-1234-5678",
        ];
        for text in wrong {
            assert!(text.parse::<Phone>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_dashed_number_is_read_back() {
        for number in ["010-1234-5678", "011-123-4567"] {
            assert_eq!(number.parse::<Phone>().unwrap().dashed(), number);
        }
    }

    #[test]
    fn a_masked_number_keeps_its_ends() {
        assert_eq!("01012345678".parse::<Phone>().unwrap().masked(), "010-****-5678");
    }
}
