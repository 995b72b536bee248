//! One connection pool, three calls.

use std::io::Read;

use reqwest::Url;
use reqwest::blocking::RequestBuilder;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;

use super::error::ApiError;
use super::http::{self, Timeouts, host_and_port, innermost};
use super::wire::{self, LinkRequest, Reply, StatusRequest, TokenRequest};
use crate::bill::Bill;
use crate::payment::{Link, Payment, UrlKey};
use crate::secret::Secret;

/// A reply larger than this is none: the provider's are a few hundred bytes.
const REPLY_LIMIT: u64 = 1024 * 1024;

/// Whether the customer is to be messaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Messaging {
    /// As the bill's channel says.
    ByChannel,
    /// Not: an empty `REQ_TYPE`, which brings the link only.
    Nobody,
}

/// A link that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkReply {
    /// Key and address.
    pub link: Link,
    /// The `BILL_NO` of the reply.
    pub bill_no: Option<String>,
    /// `RESULTCODE`.
    pub result_code: String,
    /// `RESULTMSG`.
    pub result_message: Option<String>,
}

/// A client of one host.
pub struct Client {
    http: reqwest::blocking::Client,
    base_url: String,
    host: String,
}

impl Client {
    /// Prepares a client; nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotSent`] where TLS cannot be set up or the address is none.
    pub fn new(base_url: &str, timeouts: Timeouts) -> Result<Self, ApiError> {
        let url = Url::parse(base_url).ok();
        let host = url.as_ref().map(host_and_port).unwrap_or_default();
        let http = http::client(url.as_ref(), timeouts)
            .map_err(|error| ApiError::NotSent { host: host.clone(), reason: innermost(&error) })?;
        Ok(Self { http, base_url: base_url.trim_end_matches('/').to_owned(), host })
    }

    /// Makes the bill's link and has it delivered: `POST /urlpay/request`.
    ///
    /// # Errors
    ///
    /// See [`ApiError`]. A 5xx, a redirect, and 0000 without a URLKEY are unknown.
    pub fn request_link(
        &self,
        api_id: &str,
        api_key: &Secret,
        bill: &Bill,
        messaging: Messaging,
    ) -> Result<LinkReply, ApiError> {
        let request = self.post(wire::LINK_PATH, &LinkRequest::new(api_id, bill, messaging));
        let (status, body) = self.exchange(with_secret(request, "ApiKey", api_key))?;
        if status.is_server_error() {
            return Err(self.unknown(format!("HTTP {}", status.as_u16())));
        }
        let reply = self.read(status, &body, api_key)?.accepted()?;
        reply.link().ok_or_else(|| self.unknown("0000 without a URLKEY".to_owned()))
    }

    /// Issues a token: `POST /payAuth/token`.
    ///
    /// # Errors
    ///
    /// See [`ApiError`]; a token request changes nothing and may be repeated.
    pub fn issue_token(&self, pay2_id: &str, pay2_key: &Secret) -> Result<Secret, ApiError> {
        let body = TokenRequest { pay2_id, pay2_key: pay2_key.expose() };
        let (status, body) = self.exchange(self.post(wire::TOKEN_PATH, &body))?;
        let reply = self.read(status, &body, pay2_key)?.accepted()?;
        let token = reply.text("TOKEN").filter(|token| token.bytes().all(|byte| byte.is_ascii_graphic()));
        token.map(Secret::new).ok_or_else(|| self.unknown("0000 without a TOKEN".to_owned()))
    }

    /// Asks whether the link was paid: `POST /api/urlcert`. Every result code is an answer.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotSent`] or [`ApiError::Unknown`]; asking changes nothing and may be repeated.
    pub fn payment(&self, token: &Secret, url_key: &UrlKey) -> Result<Payment, ApiError> {
        let request = self.post(wire::STATUS_PATH, &StatusRequest { url_key: url_key.as_str() });
        let (status, body) = self.exchange(with_secret(request, "TOKEN", token))?;
        Ok(self.read(status, &body, token)?.payment())
    }

    fn post(&self, path: &str, body: &impl Serialize) -> RequestBuilder {
        let body = serde_json::to_vec(body).unwrap_or_default();
        let url = format!("{}{path}", self.base_url);
        self.http.post(url).header(CONTENT_TYPE, wire::CONTENT_TYPE).body(body)
    }

    /// Sends the request and takes the whole reply. Only a connection that was never made proves
    /// that nothing was sent; whatever fails later is unknown.
    fn exchange(&self, request: RequestBuilder) -> Result<(reqwest::StatusCode, Vec<u8>), ApiError> {
        let response = request.send().map_err(|error| self.failed(&error))?;
        let status = response.status();
        let mut body = Vec::new();
        response
            .take(REPLY_LIMIT.saturating_add(1))
            .read_to_end(&mut body)
            .map_err(|error| self.unknown(format!("the reply broke off: {}", innermost(&error))))?;
        if u64::try_from(body.len()).is_ok_and(|length| length > REPLY_LIMIT) {
            return Err(self.unknown("a reply of more than 1 MiB".to_owned()));
        }
        Ok((status, body))
    }

    fn read(&self, status: reqwest::StatusCode, body: &[u8], secret: &Secret) -> Result<Reply, ApiError> {
        if status.is_redirection() {
            return Err(self.unknown(format!("a redirect (HTTP {}), which is not followed", status.as_u16())));
        }
        Reply::read(body).map(|reply| reply.without(secret)).map_err(|reason| {
            let with_status =
                if status.is_success() { reason } else { format!("HTTP {}, {reason}", status.as_u16()) };
            self.unknown(with_status)
        })
    }

    fn failed(&self, error: &reqwest::Error) -> ApiError {
        let host = self.host.clone();
        let timed_out = error.is_timeout();
        if error.is_connect() || error.is_builder() {
            let reason = if timed_out { "it did not answer in time".to_owned() } else { innermost(error) };
            return ApiError::NotSent { host, reason };
        }
        let reason = if timed_out { "no reply in time".to_owned() } else { innermost(error) };
        ApiError::Unknown { host, reason }
    }

    fn unknown(&self, reason: String) -> ApiError {
        ApiError::Unknown { host: self.host.clone(), reason }
    }
}

fn with_secret(request: RequestBuilder, name: &'static str, secret: &Secret) -> RequestBuilder {
    match HeaderValue::from_str(secret.expose()) {
        Ok(mut value) => {
            value.set_sensitive(true);
            request.header(name, value)
        }
        // The builder keeps the error and fails before anything is sent.
        Err(_) => request.header(name, "\n"),
    }
}
