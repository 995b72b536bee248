//! Which path is the right one, and the secret that may have to follow it.
//!
//! Only a digest of the path is kept, and paths are compared by their digests without an early exit: neither the
//! time of an answer nor a look at this value tells how much of a guess was right.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::error::ReceiverError;
use crate::secret::{MASK, Secret};

/// The path at which this machine can ask whether notifications can be stored.
pub(super) const HEALTH: &str = "/healthz";

/// Longer paths are nobody's wish.
const LONGEST_PATH: usize = 200;

/// Longer secrets are a file that was taken for one.
const LONGEST_TOKEN: usize = 256;

/// The one path that is answered.
pub(super) struct Gate {
    digest: [u8; 32],
    shown: String,
}

impl fmt::Debug for Gate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Gate").field(&self.shown).finish()
    }
}

impl Gate {
    /// The path itself, or with a token the path, `/` and the token.
    pub(super) fn new(path: &str, token: Option<&Secret>) -> Result<Self, ReceiverError> {
        if let Some(rule) = path_fault(path) {
            return Err(ReceiverError::Path { path: path.to_owned(), rule });
        }
        let Some(token) = token else {
            return Ok(Self { digest: digest(path), shown: path.to_owned() });
        };
        if let Some(rule) = token_fault(token.expose()) {
            return Err(ReceiverError::Token { rule });
        }
        let above = path.strip_suffix('/').unwrap_or(path);
        let digest = digest(&format!("{above}/{}", token.expose()));
        Ok(Self { digest, shown: format!("{above}/{MASK}") })
    }

    /// Whether this is the path.
    pub(super) fn admits(&self, path: &str) -> bool {
        self.digest.ct_eq(&digest(path)).into()
    }

    /// The path, its secret masked.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }
}

fn digest(path: &str) -> [u8; 32] {
    Sha256::digest(path).into()
}

/// What keeps a text from being the path of a URL.
fn path_fault(path: &str) -> Option<&'static str> {
    let stands_in_a_path = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=:@%".contains(&byte);
    if !path.starts_with('/') {
        Some("does not begin with `/`")
    } else if path.len() > LONGEST_PATH {
        Some("is longer than 200 characters")
    } else if path == HEALTH {
        Some("is the path of the health check")
    } else if !path.bytes().all(stands_in_a_path) {
        Some("holds something else than letters, digits and what may stand in the path of a URL")
    } else {
        None
    }
}

/// What keeps a secret from being a part of a path that stays a secret.
fn token_fault(token: &str) -> Option<&'static str> {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if token.is_empty() {
        Some("is empty")
    } else if token.len() > LONGEST_TOKEN {
        Some("is longer than 256 characters")
    } else if !token.bytes().all(is_unreserved) {
        Some("holds something else than `A-Z a-z 0-9 - . _ ~`, which would have to be escaped in a URL")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "canary7f3a-canary7f3a";

    #[test]
    fn only_the_path_itself_is_admitted() {
        let gate = Gate::new("/noti", None).unwrap();
        assert!(gate.admits("/noti"));
        for other in ["", "/", "/not", "/noti/", "/notifications", "/NOTI", "//noti", "/noti/x"] {
            assert!(!gate.admits(other), "{other}");
        }
    }

    #[test]
    fn with_a_token_only_the_path_with_the_token_is_admitted_and_the_token_is_not_shown() {
        for path in ["/noti", "/noti/"] {
            let gate = Gate::new(path, Some(&Secret::new(TOKEN))).unwrap();
            assert!(gate.admits(&format!("/noti/{TOKEN}")));
            for other in ["/noti", "/noti/", "/noti/canary7f3a-canary7f3b", "/noti/canary7f3a-canary7f3"] {
                assert!(!gate.admits(other), "{other}");
            }
            assert_eq!(gate.shown(), "/noti/****");
            assert!(!format!("{gate:?}").contains("canary"));
        }
    }

    #[test]
    fn what_cannot_be_a_path_or_a_secret_is_refused_without_showing_the_secret() {
        let long = format!("/{}", "a".repeat(200));
        for path in ["", "noti", "/healthz", "/a b", "/a?b", "/a#b", "/한글", "/a\n", &long] {
            assert!(matches!(Gate::new(path, None), Err(ReceiverError::Path { .. })), "{path}");
        }
        let long = "canary".repeat(50);
        for token in ["", "canary7f3a/canary7f3a", "canary7f3a%20canary7f3a", &long] {
            let refused = Gate::new("/noti", Some(&Secret::new(token))).unwrap_err();
            assert!(matches!(refused, ReceiverError::Token { .. }));
            assert!(!format!("{refused} {refused:?}").contains("canary"));
        }
    }
}
