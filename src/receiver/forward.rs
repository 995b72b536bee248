//! `--forward`: a notification posted to a URL.
//!
//! One request an attempt: no redirect is followed and nothing repeated behind the caller's back. Any 2xx says
//! that the target has it; an answer that is about the notification, and not about the target's own state, that it
//! is there. The address may hold a secret behind its `?`: no message shows that part, nor a
//! reply that could echo it.

use std::io::{Read, copy, sink};

use reqwest::header::CONTENT_TYPE;
use reqwest::{StatusCode, Url};

use super::signature::Signer;
use super::targets::{Failure, TargetError, excerpt, name};
use crate::api::{Proxy, Timeouts, host_and_port, http_client, innermost, is_loopback};

/// As much of a reply as is looked at.
const REPLY_LIMIT: u64 = 16 * 1024;

/// Characters of a reply that an error quotes.
const QUOTED: usize = 120;

/// A URL that notifications are posted to.
#[derive(Debug)]
pub struct Forward {
    http: reqwest::blocking::Client,
    url: Url,
    shown: String,
    signer: Option<Signer>,
}

impl Forward {
    /// Prepares posting to this address; nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`TargetError::Address`] where it is no http or https address or holds a user name or password,
    /// [`TargetError::Unusable`] where TLS cannot be set up.
    pub fn new(url: &str, timeouts: Timeouts, proxy: Proxy) -> Result<Self, TargetError> {
        const NO_ADDRESS: TargetError =
            TargetError::Address("an http or https address such as `https://shop.example.com/paid`");
        let mut url = Url::parse(url).map_err(|_| NO_ADDRESS)?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(NO_ADDRESS);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetError::Address(
                "an address without user name and password: they would stand in the shell's history",
            ));
        }
        url.set_fragment(None);
        let http = http_client(Some(&url), timeouts, proxy, None)
            .map_err(|error| TargetError::Unusable(innermost(&error.without_url())))?;
        let shown = format!("{}://{}{}", url.scheme(), host_and_port(&url), url.path());
        Ok(Self { http, url, shown, signer: None })
    }

    /// The same, with what is posted signed.
    #[must_use]
    pub fn signed(mut self, signer: Option<Signer>) -> Self {
        self.signer = signer;
        self
    }

    /// The address as it may be shown: scheme, host, port and path.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// See [`name`].
    pub(super) fn name(&self) -> String {
        name(["forward", self.url.as_str()])
    }

    /// Whether others on the way can read what is posted.
    #[must_use]
    pub fn is_in_the_clear(&self) -> bool {
        self.url.scheme() == "http" && !is_loopback(&self.url)
    }

    /// Posts one object once.
    pub(super) fn post(&self, key: &str, json: &[u8]) -> Result<(), Failure> {
        let mut request = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json; charset=utf-8")
            .header("Idempotency-Key", key)
            .body(json.to_vec());
        if let Some(signer) = &self.signer {
            request = request.header("Cookiepay-Signature", signer.sign(json));
        }
        let text = |reason: &str| format!("`{}`: {reason}", self.shown);
        let response = match request.send() {
            Ok(response) => response,
            Err(error) if error.is_timeout() => return Err(Failure::Missed(text("no answer in time"))),
            Err(error) => return Err(Failure::Missed(text(&innermost(&error.without_url())))),
        };
        let status = response.status();
        let failed = |reason: &str| {
            Err(if is_about_itself(status) {
                Failure::Missed(text(reason))
            } else {
                Failure::Refused(text(reason))
            })
        };
        if status.is_success() {
            // Read to its end, the connection serves the next one too. What it says does not count.
            let _rest = copy(&mut response.take(REPLY_LIMIT), &mut sink());
            return Ok(());
        }
        if status.is_redirection() {
            return failed(&format!("a redirect (HTTP {}), which is not followed", status.as_u16()));
        }
        let mut reply = Vec::new();
        if self.url.query().is_none() {
            let _as_far_as_it_came = response.take(REPLY_LIMIT).read_to_end(&mut reply);
        }
        match excerpt(&reply, QUOTED) {
            text if text.is_empty() => failed(&format!("HTTP {}", status.as_u16())),
            text => failed(&format!("HTTP {}: {text}", status.as_u16())),
        }
    }
}

/// Whether a target says with this that it cannot take anything just now, whatever it is.
fn is_about_itself(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;

    fn forward(url: &str) -> Result<Forward, TargetError> {
        Forward::new(
            url,
            Timeouts { connect: Duration::from_secs(3), total: Duration::from_secs(20) },
            Proxy::default(),
        )
    }

    #[test]
    fn an_address_is_http_or_https_and_holds_no_password() {
        for url in ["https://shop.example.com/paid?token=x", "http://127.0.0.1:8080", "http://[::1]/a"] {
            assert!(forward(url).is_ok(), "{url}");
        }
        for url in ["", "shop.example.com", "ftp://shop.example.com", "file:///etc/passwd", "https://", "/x"]
        {
            assert!(matches!(forward(url), Err(TargetError::Address(_))), "{url}");
        }
        for url in ["https://kim:canary@shop.example.com/", "https://kim@shop.example.com/"] {
            let error = forward(url).unwrap_err().to_string();
            assert!(error.contains("history") && !error.contains("kim"), "{error}");
        }
    }

    #[test]
    fn neither_query_nor_fragment_is_shown() {
        let forward = forward("https://shop.example.com:8443/paid?token=canary#canary").unwrap();
        assert_eq!(forward.shown(), "https://shop.example.com:8443/paid");
    }

    #[test]
    fn plain_http_is_in_the_clear_but_on_this_machine() {
        for (url, in_the_clear) in [
            ("http://shop.example.com/", true),
            ("http://10.0.0.5:8080/", true),
            ("https://shop.example.com/", false),
            ("http://127.0.0.1:8080/", false),
            ("http://localhost/", false),
            ("http://[::1]:8080/", false),
        ] {
            assert_eq!(forward(url).unwrap().is_in_the_clear(), in_the_clear, "{url}");
        }
    }

    #[test]
    fn nobody_there_is_an_error_without_the_query() {
        let failure = forward("http://127.0.0.1:1/paid?token=canary").unwrap().post("1", b"{}").unwrap_err();
        assert!(matches!(failure, Failure::Missed(_)), "{failure:?}");
        let error = failure.to_string();
        assert!(error.starts_with("`http://127.0.0.1:1/paid`: "), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }

    /// What comes of a post to a target that answers with this, or hangs up where it is empty.
    fn answered_with(answer: &str) -> Result<(), Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = forward(&format!("http://{}/paid", listener.local_addr().unwrap())).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let (mut stream, _) = listener.accept().unwrap();
                let _request = stream.read(&mut [0; 4096]).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
            });
            target.post("1", b"{}")
        })
    }

    #[test]
    fn an_answer_about_the_notification_is_a_refusal_and_one_about_the_target_itself_is_none() {
        for status in [500, 502, 503, 504, 599, 408, 429] {
            let answer = format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            assert!(matches!(answered_with(&answer), Err(Failure::Missed(_))), "{status}");
        }
        for status in [301, 400, 401, 404, 409, 410, 422] {
            let answer = format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            assert!(matches!(answered_with(&answer), Err(Failure::Refused(_))), "{status}");
        }
        assert!(matches!(answered_with(""), Err(Failure::Missed(_))));
        assert_eq!(answered_with("HTTP/1.1 204 Yes\r\n\r\n"), Ok(()));
    }

    #[test]
    fn no_answer_in_time_is_no_refusal() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let timeouts = Timeouts { connect: Duration::from_secs(3), total: Duration::from_millis(100) };
        let failure = Forward::new(&url, timeouts, Proxy::default()).unwrap().post("1", b"{}").unwrap_err();
        assert_eq!(failure, Failure::Missed(format!("`{url}`: no answer in time")));
    }
}
