//! Text from outside made harmless for terminals and spreadsheets.

use std::borrow::Cow;

/// Characters that can move a terminal's cursor or reorder what a reader sees: C0, DEL, C1 and the
/// bidirectional overrides.
pub(crate) fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}')
}

/// Whether the text could hold a harmful character, told from its bytes alone: C0 and DEL are bytes
/// of their own, C1 begins with `C2` in UTF-8, the bidirectional overrides with `E2`. Hangul begins
/// with neither, so nearly every text is let through without a look at its characters.
///
/// Looks at all bytes without stopping, which the compiler turns into a few wide instructions.
pub(crate) fn may_be_harmful(text: &[u8]) -> bool {
    text.iter().fold(false, |found, &byte| found | (byte < 0x20 || matches!(byte, 0x7f | 0xc2 | 0xe2)))
}

/// The text without characters that a terminal would obey.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if may_be_harmful(text.as_bytes()) && text.chars().any(is_harmful) {
        Cow::Owned(text.chars().filter(|&character| !is_harmful(character)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// The text as a CSV cell that no spreadsheet takes for a formula.
#[must_use]
pub fn csv_cell(text: &str) -> Cow<'_, str> {
    let text = printable(text);
    if text.starts_with(['=', '+', '-', '@']) { Cow::Owned(format!("'{text}")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_harmful_character_escapes_the_look_at_bytes() {
        let missed: Vec<char> = ('\0'..=char::MAX)
            .filter(|&character| is_harmful(character) && !may_be_harmful(character.to_string().as_bytes()))
            .collect();
        assert!(missed.is_empty(), "{missed:?}");
        assert!(!may_be_harmful("아메리카노 Café 4,500원".as_bytes()));
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\u{9b}c\u{202e}d\r\n"), "a[31mbcd");
        assert!(matches!(printable("아메리카노"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_formula_becomes_text() {
        for formula in ["=1+1", "+82", "-1", "@SUM(A1)", "\t=1"] {
            assert!(csv_cell(formula).starts_with('\''), "{formula}");
        }
        assert_eq!(csv_cell("4500"), "4500");
    }
}
