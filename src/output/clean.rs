//! Text from outside made harmless for terminals and spreadsheets.

use std::borrow::Cow;

/// Characters that can move a terminal's cursor or reorder what a reader sees: C0, DEL, C1 and the
/// bidirectional overrides.
pub(crate) fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}')
}

/// The text without characters that a terminal would obey.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_harmful) {
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
