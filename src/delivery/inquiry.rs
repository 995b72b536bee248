//! Asking whether a link was paid, and remembering the answer.

use jiff::Timestamp;

use crate::api::{ApiError, Client, Token, TokenError, TokenStore};
use crate::ledger::{Account, Ledger, LedgerError};
use crate::payment::{Payment, PaymentState, UrlKey};

/// Asks `urlcert`, with one token for all questions.
pub struct Inquiry<'a> {
    /// Where the answer is recorded.
    pub ledger: &'a mut Ledger,
    /// Where the question goes.
    pub client: &'a Client,
    /// Where tokens are kept.
    pub tokens: TokenStore<'a>,
    /// Whose link it is.
    pub account: &'a Account,
    /// Who asks: user@host.
    pub operator: &'a str,
    /// The clock.
    pub now: &'a dyn Fn() -> Timestamp,
    /// The token in use.
    pub token: Option<HeldToken>,
}

/// A token in use, and whether it is worth one renewal.
pub struct HeldToken {
    token: Token,
    from_cache: bool,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum InquiryError {
    /// No token could be had.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The question itself failed; it may be asked again.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The answer could not be recorded.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Inquiry<'_> {
    /// Whether the link was paid. The answer is recorded before it is returned.
    ///
    /// A code that is neither 0000 nor EA01 may mean an expired token (reference, "Was it paid"), so
    /// one that came from the cache is renewed once and the question asked once more.
    ///
    /// # Errors
    ///
    /// See [`InquiryError`]. A code of `CookiePay` is no error but the state `error`.
    pub fn payment(&mut self, url_key: &UrlKey) -> Result<Payment, InquiryError> {
        let held = match self.token.take() {
            Some(held) if held.token.is_usable((self.now)()) => held,
            _ => self.fetch(None)?,
        };
        let from_cache = held.from_cache;
        let refused = held.token.secret.clone();
        let mut payment = self.client.payment(&self.token.insert(held).token.secret, url_key)?;
        if payment.state() == PaymentState::Error && from_cache {
            let renewed = HeldToken { from_cache: false, ..self.fetch(Some(&refused))? };
            payment = self.client.payment(&self.token.insert(renewed).token.secret, url_key)?;
        }
        self.ledger.observe(self.account, url_key, &payment, (self.now)(), self.operator)?;
        Ok(payment)
    }

    fn fetch(&self, rejected: Option<&crate::secret::Secret>) -> Result<HeldToken, TokenError> {
        let (token, from_cache) = self.tokens.token((self.now)(), rejected)?;
        Ok(HeldToken { token, from_cache })
    }
}
