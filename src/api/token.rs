//! A token and how long it may be used.

use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// How long a token is kept whose expiry cannot be read.
const UNREADABLE_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// Time before the expiry in which a token is not used any more.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// An API token of `/payAuth/token`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What the `TOKEN` header carries.
    pub secret: Secret,
    /// `iat` of the JWT, else when it was received.
    pub issued_at: Timestamp,
    /// `exp` of the JWT, else ten minutes after it was received.
    pub expires_at: Timestamp,
    /// Until when it may be taken from the cache.
    usable_until: Timestamp,
}

/// The claims this program reads; who signed them it cannot check and need not.
#[derive(Deserialize)]
struct Claims {
    iat: Option<i64>,
    exp: i64,
}

impl Token {
    /// A token received now.
    #[must_use]
    pub fn received(secret: Secret, now: Timestamp) -> Self {
        let claims = claims(secret.expose());
        let expiry = claims.as_ref().and_then(|claims| Timestamp::from_second(claims.exp).ok());
        let issue = claims.and_then(|claims| Timestamp::from_second(claims.iat?).ok());
        let later = |time: Timestamp, span| time.checked_add(span).unwrap_or(time);
        let fallback = later(now, UNREADABLE_LIFETIME);
        let usable_until = expiry.map_or(fallback, |expiry| expiry.checked_sub(MARGIN).unwrap_or(expiry));
        Self { secret, issued_at: issue.unwrap_or(now), expires_at: expiry.unwrap_or(fallback), usable_until }
    }

    /// Whether it may still be used.
    #[must_use]
    pub fn is_usable(&self, now: Timestamp) -> bool {
        now < self.usable_until
    }
}

fn claims(token: &str) -> Option<Claims> {
    let payload = token.split('.').nth(1)?.trim_end_matches('=');
    serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?).ok()
}

/// The cache file's content.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    token: String,
    /// Seconds since 1970.
    received_at: i64,
}

impl Stored {
    pub(super) fn of(token: &Token, now: Timestamp) -> Self {
        Self { token: token.secret.expose().to_owned(), received_at: now.as_second() }
    }

    pub(super) fn token(self) -> Option<Token> {
        Some(Token::received(Secret::new(self.token), Timestamp::from_second(self.received_at).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture_token() -> Secret {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/token-ok.json");
        let reply: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        Secret::new(reply["TOKEN"].as_str().unwrap())
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_token_is_used_until_a_minute_before_its_expiry() {
        let token = Token::received(fixture_token(), at(1_795_400_100));
        assert_eq!((token.issued_at, token.expires_at), (at(1_795_400_000), at(1_795_403_600)));
        assert!(token.is_usable(at(1_795_403_539)));
        assert!(!token.is_usable(at(1_795_403_540)));
    }

    #[test]
    fn a_token_that_cannot_be_read_is_kept_ten_minutes() {
        for text in ["opaque", "a.b.c", "a.e30.c", ""] {
            let token = Token::received(Secret::new(text), at(1000));
            assert!(token.is_usable(at(1599)), "{text}");
            assert!(!token.is_usable(at(1600)), "{text}");
        }
    }
}
