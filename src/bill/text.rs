//! The free texts of a bill, each with the length of its field; texts in general, in the one form in
//! which they are compared, stored and sent.

use std::fmt;
use std::str::FromStr;

use icu_normalizer::ComposingNormalizerBorrowed;
use serde::Serialize;

/// The text in NFC, without blanks around it: two texts that look the same and differ only in how
/// Hangul is composed (macOS writes file names decomposed) are one.
#[must_use]
pub fn normalised(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(text.trim()).into_owned()
}

/// The first character of the text that shows as nothing, or reorders what a reader sees:
/// bidirectional controls, zero-width characters, fillers, line and paragraph separators.
///
/// With one of them a text is another than it seems, to a reader and to the duplicate guard.
/// The selector that gives a symbol its coloured form (`☕️`) shows, and is none.
#[must_use]
pub fn invisible_character(text: &str) -> Option<char> {
    // Nearly every text is let through without a look at its neighbours.
    if !text.chars().any(is_invisible) {
        return None;
    }
    let mut before = None;
    text.chars().find(|&character| {
        let is_form = character == '\u{FE0F}' && before.is_some_and(is_symbol);
        before = Some(character);
        is_invisible(character) && !is_form
    })
}

/// Whether a character shows as nothing, or moves others. Blanks are no such characters.
#[must_use]
pub const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// A character that may have a coloured form: no letter, no digit, no blank.
fn is_symbol(character: char) -> bool {
    character >= '\u{2000}'
        && !character.is_alphanumeric()
        && !character.is_whitespace()
        && !is_invisible(character)
}

/// Declares a text of 1 to `$max` characters, as `$read` brings it, that `$check` allows.
macro_rules! bounded_text {
    ($(#[$meta:meta])* $name:ident, $max:literal, $rule:literal, $read:expr, $check:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let text = $read(text);
                let length_fits = (1..=$max).contains(&text.chars().count());
                let allowed = length_fits && $check(&text);
                if allowed { Ok(Self(text)) } else { Err($rule) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

bounded_text! {
    /// `PRODUCTNAME`: `&` makes `CookiePay` fail.
    ProductName, 40, "1 to 40 characters without `&` and control characters", normalised,
    |text: &str| is_one_line(text) && !text.contains('&')
}
bounded_text! {
    /// `BUYERNAME`.
    BuyerName, 20, "1 to 20 characters without control characters", normalised, is_one_line
}
bounded_text! {
    /// `BUYEREMAIL`.
    Email, 50, "an e-mail address of at most 50 characters, such as kim@example.com", normalised,
    looks_like_an_address
}
bounded_text! {
    /// `MEMO`: may have several lines, which end with `\n` whatever the sheet ended them with.
    Memo, 100, "1 to 100 characters without control characters but line breaks and tabs", lines,
    |text: &str| !text.contains(|character: char| character.is_control() && !"\n\t".contains(character))
}
bounded_text! {
    /// `ETC1`, `ETC2`: come back in the reply and in the notification.
    Extra, 100, "1 to 100 characters without control characters", normalised, is_one_line
}
bounded_text! {
    /// `PAYMENT_TYPE_USE`: its values are unpublished.
    PaymentType, 100, "1 to 100 characters without control characters", normalised, is_one_line
}

fn is_one_line(text: &str) -> bool {
    !text.contains(char::is_control)
}

/// The text with one kind of line break.
fn lines(text: &str) -> String {
    normalised(text).replace("\r\n", "\n").replace('\r', "\n")
}

/// One `@` between a name and a dotted domain, all printable ASCII. Whether the mailbox exists only
/// the post can say.
fn looks_like_an_address(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else { return false };
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic() && !b",;<>\"()".contains(&byte));
    let labels_are_full = domain.split('.').all(|label| !label.is_empty());
    printable && !name.is_empty() && domain.contains('.') && labels_are_full && !domain.contains('@')
}

impl Email {
    /// The address with its name hidden, for tables: `k***@example.com`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (name, domain) = self.0.split_once('@').unwrap_or_default();
        let head: String = name.chars().take(1).collect();
        format!("{head}***@{domain}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_counted_in_characters() {
        assert!("가".repeat(40).parse::<ProductName>().is_ok());
        assert!("가".repeat(41).parse::<ProductName>().is_err());
        assert!("가".repeat(21).parse::<BuyerName>().is_err());
        assert!("가".repeat(101).parse::<Memo>().is_err());
    }

    #[test]
    fn an_ampersand_and_control_characters_are_refused() {
        assert!("A&B".parse::<ProductName>().is_err());
        assert!("A\u{1b}[31mB".parse::<ProductName>().is_err());
        assert!("  ".parse::<BuyerName>().is_err());
        for text in ["줄\n바꿈", "줄\t바꿈"] {
            assert!(text.parse::<ProductName>().is_err() && text.parse::<BuyerName>().is_err());
            assert!(text.parse::<Extra>().is_err() && text.parse::<PaymentType>().is_err());
        }
    }

    #[test]
    fn a_memo_may_have_lines_and_tabs_and_no_other_control_character() {
        let memo: Memo = " 첫 줄\r\n둘째\t줄\r셋째\n".parse().unwrap();
        assert_eq!(memo.as_str(), "첫 줄\n둘째\t줄\n셋째");
        for wrong in ["a\0b", "a\u{1b}b", "a\u{85}b", "a\u{b}b", "\n\t"] {
            assert!(wrong.parse::<Memo>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_decomposed_text_is_the_composed_one() {
        let decomposed = "\u{1112}\u{1169}\u{11BC}\u{1100}\u{1175}\u{11AF}\u{1103}\u{1169}\u{11BC}";
        assert_eq!(decomposed.parse::<BuyerName>(), "홍길동".parse());
        // Counted as it is sent, not as it was typed.
        assert!("\u{1112}\u{1169}\u{11BC}".repeat(20).parse::<BuyerName>().is_ok());
    }

    #[test]
    fn what_shows_as_nothing_or_reorders_text_is_found() {
        for character in [
            '\u{200B}',
            '\u{200D}',
            '\u{202E}',
            '\u{2066}',
            '\u{FEFF}',
            '\u{AD}',
            '\u{3164}',
            '\u{2028}',
            '\u{E0041}',
            '\u{FE0F}',
            '\u{61C}',
        ] {
            assert_eq!(invisible_character(&format!("커{character}피")), Some(character));
        }
        for plain in [
            "커피 2잔, 4,500원",
            "Café ☕\u{FE0F}",
            "감사합니다 ❤\u{FE0F}",
            "두\u{A0}칸\u{3000}공백",
            "줄\n줄",
        ] {
            assert_eq!(invisible_character(plain), None, "{plain}");
        }
        assert_eq!(invisible_character("☕\u{FE0F}\u{FE0F}"), Some('\u{FE0F}'));
    }

    #[test]
    fn an_address_has_a_name_and_a_domain() {
        let email: Email = "kim@example.com".parse().unwrap();
        assert_eq!(email.masked(), "k***@example.com");
        for wrong in [
            "kim",
            "@example.com",
            "kim@",
            "kim@example",
            "kim@@example.com",
            "kim@ex ample.com",
            "김@예.한국",
            "a@b..c",
        ] {
            assert!(wrong.parse::<Email>().is_err(), "{wrong}");
        }
    }
}
