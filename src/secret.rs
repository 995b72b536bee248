//! A text that must never be seen: keys and tokens.
//!
//! The type has no `Display`, no `Serialize` and no `Deref`, and its `Debug` is redacted, so a
//! secret reaches an output, a log or the ledger only through [`Secret::expose`], which is easy to
//! search for. It knows nothing of where secrets come from; that is `config`'s business.

use std::fmt;

/// What stands in every output in the place of a secret.
pub const MASK: &str = "****";

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
}
