//! The free texts of a bill, each with the length of its field.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// Declares a text of 1 to `$max` characters without control characters, trimmed.
macro_rules! bounded_text {
    ($(#[$meta:meta])* $name:ident, $max:literal, $rule:literal $(, $check:expr)?) => {
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
                let text = text.trim();
                let length_fits = (1..=$max).contains(&text.chars().count());
                let allowed = length_fits && !text.chars().any(char::is_control) $(&& $check(text))?;
                if allowed { Ok(Self(text.to_owned())) } else { Err($rule) }
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
    ProductName, 40, "1 to 40 characters without `&` and control characters", |text: &str| !text.contains('&')
}
bounded_text! {
    /// `BUYERNAME`.
    BuyerName, 20, "1 to 20 characters without control characters"
}
bounded_text! {
    /// `BUYEREMAIL`.
    Email, 50, "an e-mail address of at most 50 characters, such as kim@example.com", looks_like_an_address
}
bounded_text! {
    /// `MEMO`.
    Memo, 100, "1 to 100 characters without control characters"
}
bounded_text! {
    /// `ETC1`, `ETC2`: come back in the reply and in the notification.
    Extra, 100, "1 to 100 characters without control characters"
}
bounded_text! {
    /// `PAYMENT_TYPE_USE`: its values are unpublished.
    PaymentType, 100, "1 to 100 characters without control characters"
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
        assert!("줄\n바꿈".parse::<Memo>().is_err());
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
