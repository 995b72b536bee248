//! A text that must never be seen: keys and tokens.
//!
//! The type has no `Display`, no `Serialize` and no `Deref`, and its `Debug` is redacted, so a
//! secret reaches an output, a log or the ledger only through [`Secret::expose`], which is easy to
//! search for. It knows nothing of where secrets come from; that is `config`'s business.

use std::fmt;

/// What stands in every output in the place of a secret.
pub const MASK: &str = "****";

/// What is shorter is no secret that masking could keep.
const SHORTEST: usize = 4;

/// What is as long does not stand in another word by chance.
const LONG: usize = 8;

/// A secret text. Compare, keep and hand it on; only [`Secret::expose`] reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text in; from here on it is not printed by accident.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The bare text: for the header or body it was made for, and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text with this secret masked wherever it stands in it, or `None` where it does not.
    ///
    /// A short secret may be part of another word by chance, so it is masked only as a word of its own; and not in a
    /// text that is nothing but a number, which may be an amount.
    #[must_use]
    pub fn mask_in(&self, text: &str) -> Option<String> {
        if self.0.len() < SHORTEST || !text.contains(&self.0) {
            return None;
        }
        if self.0.len() >= LONG {
            return Some(text.replace(&self.0, MASK));
        }
        if text.bytes().all(|byte| byte.is_ascii_digit() || b",.- ".contains(&byte)) {
            return None;
        }
        let mut masked = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once(self.0.as_str()) {
            let is_word =
                !before.ends_with(char::is_alphanumeric) && !behind.starts_with(char::is_alphanumeric);
            masked.extend([before, if is_word { MASK } else { self.0.as_str() }]);
            rest = behind;
        }
        masked.push_str(rest);
        (masked != text).then_some(masked)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secret({MASK})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let secret = Secret::new("canary-7f3a");
        assert_eq!(format!("{secret:?}"), "Secret(****)");
        assert_eq!(secret.expose(), "canary-7f3a");
    }

    #[test]
    fn a_short_secret_is_masked_as_a_word_and_a_long_one_everywhere() {
        let masked = |secret: &str, text: &str| Secret::new(secret).mask_in(text);
        for (secret, text, expected) in [
            ("canary-7f3a", "xcanary-7f3ax", Some("x****x")),
            ("k3y9ab", "ApiKey k3y9ab is wrong", Some("ApiKey **** is wrong")),
            ("k3y9ab", "key=k3y9ab,k3y9ab.", Some("key=****,****.")),
            ("k3y9ab", "k3y9ab", Some("****")),
            ("k3y9ab", "xk3y9ab k3y9abx", None),
            ("k3y9ab", "키k3y9ab", None),
            ("4500", "4500", None),
            ("4500", "4,500", None),
            ("4500", "key 4500 is wrong", Some("key **** is wrong")),
            ("abc", "abc", None),
            ("k3y9ab", "nothing", None),
        ] {
            assert_eq!(masked(secret, text).as_deref(), expected, "{secret} in {text}");
        }
    }
}
