//! Three calls over kept connections.
//!
//! The invariant kept: a connection is used again only after an answer that can be trusted, and that names the bill
//! if it is about one. One answer too many on it would otherwise pass for the answer to the next request, and so on
//! for ever.

use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Url;
use reqwest::blocking::RequestBuilder;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;

use super::error::ApiError;
use super::http::{self, Proxy, Timeouts, host_and_port, innermost};
use super::reply::{OK, Reply};
use super::trust::{self, TrustPaths};
use super::wire::{self, LinkRequest, StatusRequest, TokenRequest};
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
    /// `RESULTCODE`.
    pub result_code: String,
    /// `RESULTMSG`.
    pub result_message: Option<String>,
}

/// A client of one host.
pub struct Client {
    /// The connections in use; `None` after an answer that cannot be trusted.
    connections: Mutex<Option<Arc<Connections>>>,
    url: Option<Url>,
    timeouts: Timeouts,
    proxy: Proxy,
    /// What verifies the host.
    tls: Option<rustls::ClientConfig>,
    base_url: String,
    host: String,
}

/// Connections that are kept open between requests.
type Connections = reqwest::blocking::Client;

impl Client {
    /// Prepares a client; nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotSent`] where TLS cannot be set up or the address is none.
    pub fn new(
        base_url: &str,
        timeouts: Timeouts,
        proxy: Proxy,
        trust: &TrustPaths,
    ) -> Result<Self, ApiError> {
        let url = Url::parse(base_url).ok();
        let tls = url.as_ref().filter(|url| url.scheme() == "https").and_then(|_| trust::tls(trust));
        let host = url.as_ref().map(host_and_port).unwrap_or_default();
        let base_url = base_url.trim_end_matches('/').to_owned();
        let client = Self { connections: Mutex::default(), url, timeouts, proxy, tls, base_url, host };
        client.connections()?;
        Ok(client)
    }

    /// Makes the bill's link and has it delivered: `POST /urlpay/request`.
    ///
    /// # Errors
    ///
    /// See [`ApiError`]. A 5xx, a redirect, a reply about another bill, 0000 without a URLKEY, and any other code
    /// that is no clear refusal are unknown.
    pub fn request_link(
        &self,
        api_id: &str,
        api_key: &Secret,
        bill: &Bill,
        messaging: Messaging,
    ) -> Result<LinkReply, ApiError> {
        self.over_connections(|connections| {
            let request = self.post(connections, wire::LINK_PATH, &LinkRequest::new(api_id, bill, messaging));
            let (status, body) = self.exchange(with_secret(request, "ApiKey", api_key))?;
            let reply = self.read(status, &body, api_key)?;
            let own = bill.bill_no.as_str();
            match reply.shown("BILL_NO") {
                Some(number) if number == own => {}
                Some(other) => {
                    let code = &reply.code;
                    return Err(self.unknown(format!("a reply ({code}) about bill `{other}`, not `{own}`")));
                }
                // It is this bill's only as far as nothing else came on the connection.
                None => self.leave(connections),
            }
            let reply = self.accepted(reply)?;
            reply.link().ok_or_else(|| {
                let unusable = reply.shown("URLKEY").map(|_| "0000 with a URLKEY that cannot be used");
                self.unknown(unusable.unwrap_or("0000 without a URLKEY").to_owned())
            })
        })
    }

    /// Issues a token: `POST /payAuth/token`.
    ///
    /// # Errors
    ///
    /// See [`ApiError`]; a token request changes nothing and may be repeated.
    pub fn issue_token(&self, pay2_id: &str, pay2_key: &Secret) -> Result<Secret, ApiError> {
        self.over_connections(|connections| {
            let body = TokenRequest { pay2_id, pay2_key: pay2_key.expose() };
            let (status, body) = self.exchange(self.post(connections, wire::TOKEN_PATH, &body))?;
            let reply = self.accepted(self.read(status, &body, pay2_key)?)?;
            let token = reply.text("TOKEN").filter(|token| token.bytes().all(|byte| byte.is_ascii_graphic()));
            token.map(Secret::new).ok_or_else(|| self.unknown("0000 without a TOKEN".to_owned()))
        })
    }

    /// Asks whether the link was paid: `POST /api/urlcert`. Every result code is an answer, unless it comes with a 5xx.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotSent`] or [`ApiError::Unknown`]; asking changes nothing and may be repeated.
    pub fn payment(&self, token: &Secret, url_key: &UrlKey) -> Result<Payment, ApiError> {
        self.over_connections(|connections| {
            let request =
                self.post(connections, wire::STATUS_PATH, &StatusRequest { url_key: url_key.as_str() });
            let (status, body) = self.exchange(with_secret(request, "TOKEN", token))?;
            let reply = self.read(status, &body, token)?;
            if reply.is_about_another_question(url_key) {
                return Err(self.unknown("a reply to another question".to_owned()));
            }
            Ok(reply.payment())
        })
    }

    /// Uses no connection again that is open now: an answer turned out to belong to another request.
    pub fn leave_connections(&self) {
        if let Ok(current) = self.connections() {
            self.leave(&current);
        }
    }

    /// Makes one exchange. Without a trustworthy answer, no connection of those it could have used is used again.
    fn over_connections<T>(
        &self,
        exchange: impl FnOnce(&Arc<Connections>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let connections = self.connections()?;
        let answer = exchange(&connections);
        if matches!(answer, Err(ApiError::Unknown { .. })) {
            self.leave(&connections);
        }
        answer
    }

    /// No connection of these is used again. Requests under way on them are still answered.
    fn leave(&self, connections: &Arc<Connections>) {
        let mut current = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        current.take_if(|current| Arc::ptr_eq(current, connections));
    }

    fn connections(&self) -> Result<Arc<Connections>, ApiError> {
        let mut current = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connections) = &*current {
            return Ok(Arc::clone(connections));
        }
        let fresh = http::client(self.url.as_ref(), self.timeouts, self.proxy.clone(), self.tls.clone())
            .map_err(|error| ApiError::NotSent { host: self.host.clone(), reason: innermost(&error) })?;
        Ok(Arc::clone(current.insert(Arc::new(fresh))))
    }

    fn post(&self, connections: &Connections, path: &str, body: &impl Serialize) -> RequestBuilder {
        let body = serde_json::to_vec(body).unwrap_or_default();
        let url = format!("{}{path}", self.base_url);
        connections.post(url).header(CONTENT_TYPE, wire::CONTENT_TYPE).body(body)
    }

    /// Sends the request and takes the whole reply. Only a connection that was never made proves
    /// that nothing was sent; whatever fails later is unknown, and so is a 5xx, whatever its body says.
    fn exchange(&self, request: RequestBuilder) -> Result<(reqwest::StatusCode, Vec<u8>), ApiError> {
        let response = request.send().map_err(|error| self.failed(&error))?;
        let status = response.status();
        if status.is_server_error() {
            return Err(self.unknown(format!("HTTP {}", status.as_u16())));
        }
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

    /// The reply if its code is 0000.
    fn accepted(&self, reply: Reply) -> Result<Reply, ApiError> {
        if reply.code == OK {
            return Ok(reply);
        }
        match reply.doubt_of_refusal() {
            Some(doubt) => Err(self.unknown(doubt)),
            None => Err(ApiError::Refused { code: reply.code, message: reply.message }),
        }
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
