//! The name under which the rows of a sheet are recognised again.

use std::fmt;
use std::str::FromStr;

use super::text::{invisible_character, normalised};

/// A batch's name: in NFC, trimmed, one line, without invisible characters. The same name typed by
/// `--batch` of any command, or taken from a file's name, is the same batch.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BatchName(String);

impl BatchName {
    const RULE: &'static str = "a name of one line, without control or invisible characters";

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BatchName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = normalised(text);
        let is_plain = !text.contains(char::is_control) && invisible_character(&text).is_none();
        if is_plain && !text.is_empty() { Ok(Self(text)) } else { Err(Self::RULE) }
    }
}

impl fmt::Display for BatchName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_are_one_batch() {
        let name: BatchName = "11월 청구".parse().unwrap();
        assert_eq!(" 11\u{110B}\u{116F}\u{11AF} 청구\t".parse(), Ok(name));
        for wrong in ["", " \n", "a\nb", "a\u{200B}", "\u{202E}b"] {
            assert!(wrong.parse::<BatchName>().is_err(), "{wrong:?}");
        }
    }
}
