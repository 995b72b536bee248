//! Tokens: JSON web tokens signed with HS256, whose claims are `user`, `iat` and `exp`.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How long a token is good for, in seconds.
const LIFETIME: i64 = 3600;

/// The header as every token of the provider has it.
const HEADER: &str = r#"{"typ":"JWT","alg":"HS256"}"#;

#[derive(Serialize, Deserialize)]
struct Claims {
    user: String,
    iat: i64,
    exp: i64,
}

/// Why a token was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenProblem {
    Invalid,
    Expired,
}

/// A token for `user`, issued at `now` (seconds since 1970).
pub(super) fn issue(key: &[u8; 32], user: &str, now: i64) -> Result<String, serde_json::Error> {
    let claims =
        serde_json::to_vec(&Claims { user: user.to_owned(), iat: now, exp: now.saturating_add(LIFETIME) })?;
    let signed = format!("{}.{}", BASE64URL_NOPAD.encode(HEADER.as_bytes()), BASE64URL_NOPAD.encode(&claims));
    let signature = BASE64URL_NOPAD.encode(&hmac_sha256(key, signed.as_bytes()));
    Ok(format!("{signed}.{signature}"))
}

/// Checks signature and expiry; whose token it is.
pub(super) fn verify(key: &[u8; 32], token: &str, now: i64) -> Result<String, TokenProblem> {
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenProblem::Invalid)?;
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).map_err(|_| TokenProblem::Invalid)?;
    if signature != hmac_sha256(key, signed.as_bytes()) {
        return Err(TokenProblem::Invalid);
    }
    let (_, claims) = signed.split_once('.').ok_or(TokenProblem::Invalid)?;
    let claims: Claims = BASE64URL_NOPAD
        .decode(claims.as_bytes())
        .ok()
        .and_then(|claims| serde_json::from_slice(&claims).ok())
        .ok_or(TokenProblem::Invalid)?;
    if claims.exp <= now {
        return Err(TokenProblem::Expired);
    }
    Ok(claims.user)
}

/// RFC 2104 for a key of 32 bytes, which is shorter than the block of 64.
fn hmac_sha256(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let pad = |byte: u8| -> [u8; 64] {
        let mut block = [byte; 64];
        for (slot, key) in block.iter_mut().zip(key) {
            *slot ^= key;
        }
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    #[test]
    fn the_signature_is_that_of_rfc_4231() {
        // Test case 2 of the RFC; its short key is padded with zeros to a block in any case.
        let mut key = [0_u8; 32];
        key[..4].copy_from_slice(b"Jefe");
        assert_eq!(
            HEXLOWER.encode(&hmac_sha256(&key, b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_token_is_good_for_an_hour_and_only_as_it_was_issued() {
        let key = [7; 32];
        let token = issue(&key, "sandbox_shop01", 1_795_400_000).unwrap();
        assert!(token.starts_with("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."));
        assert_eq!(verify(&key, &token, 1_795_403_599).as_deref(), Ok("sandbox_shop01"));
        assert_eq!(verify(&key, &token, 1_795_403_600), Err(TokenProblem::Expired));
        assert_eq!(verify(&[8; 32], &token, 0), Err(TokenProblem::Invalid));
        for wrong in ["", "a", "a.b.c", &token[..token.len() - 1]] {
            assert_eq!(verify(&key, wrong, 0), Err(TokenProblem::Invalid));
        }
    }
}
