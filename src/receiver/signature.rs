//! `--sign`: proof for a target that a notification comes from this receiver, and when.
//!
//! Signed is `TIME.BODY`: the time in seconds since 1970 in decimal digits, a dot, and the JSON object byte by byte,
//! without a line end. The signature is its HMAC-SHA256 in hexadecimal small letters. A target that looks at the time
//! cannot be told an old notification anew.

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::secret::Secret;

/// Signs what is handed on.
#[derive(Clone)]
pub struct Signer {
    secret: Secret,
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Signer").field(&self.secret).finish()
    }
}

impl Signer {
    /// Signs with this secret and this clock's time.
    #[must_use]
    pub fn new(secret: Secret, now: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        Self { secret, now }
    }

    /// The signature of a body, as `Cookiepay-Signature` has it: `t=1763777887,v1=5257a869…`.
    pub(super) fn sign(&self, body: &[u8]) -> String {
        let time = (self.now)().as_second();
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose().as_bytes()).expect("any length");
        mac.update(format!("{time}.").as_bytes());
        mac.update(body);
        let signature = data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes());
        format!("t={time},v1={signature}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_time_dot_body() {
        let now = Arc::new(|| Timestamp::from_second(1_763_777_887).unwrap());
        let signer = Signer::new(Secret::new("whsec_canary7f3a"), now);
        // printf '%s' '1763777887.{"id":1}' | openssl dgst -sha256 -hmac whsec_canary7f3a
        assert_eq!(
            signer.sign(br#"{"id":1}"#),
            "t=1763777887,v1=2d2ed507b98c7488692dee597c9df778f8fec9b59f5c67d15a1af07eb9d1de43"
        );
        assert!(!format!("{signer:?}").contains("canary"));
    }
}
