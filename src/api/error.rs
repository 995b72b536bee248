//! What can be known of a request that did not simply succeed.

use crate::clean::printable;

/// Why there is no answer of the wanted kind (CONTRACT section 4, "Outcomes").
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// Proved: no connection was made, so nothing left this machine.
    #[error("no connection to `{host}`: {}", printable(reason))]
    NotSent {
        /// The host and port.
        host: String,
        /// What the system says.
        reason: String,
    },
    /// A trustworthy reply with another code than 0000.
    #[error("CookiePay answered {}{}", printable(code), message.as_ref().map(|text| format!(": {}", printable(text))).unwrap_or_default())]
    Refused {
        /// `RESULTCODE` or `RTN_CD`.
        code: String,
        /// `RESULTMSG` or `RTN_MSG`.
        message: Option<String>,
    },
    /// Bytes may have left and no trustworthy answer came.
    #[error("no trustworthy answer from `{host}`: {}", printable(reason))]
    Unknown {
        /// The host and port.
        host: String,
        /// What came instead of an answer.
        reason: String,
    },
}

impl ApiError {
    /// Whether `CookiePay` refuses this very request, and would again: not the credentials, and not with the
    /// general code `9999` that it has for troubles of its own.
    #[must_use]
    pub fn is_about_the_request(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code != "9999") && !self.is_about_credentials()
    }

    /// Whether `CookiePay` refuses the credentials rather than the request: `E003` of the token
    /// endpoint, and the code and text that a wrong `API_ID` or key gives (reference, "Hosts").
    #[must_use]
    pub fn is_about_credentials(&self) -> bool {
        let Self::Refused { code, message } = self else { return false };
        let message = message.as_deref().unwrap_or_default().to_ascii_uppercase();
        let names_a_credential = ["API_ID", "APIKEY", "API_KEY", "연동키", "연동 키", "ID & KEY", "PAY2"];
        code == "E003" || (code == "9999" && names_a_credential.iter().any(|name| message.contains(name)))
    }
}
