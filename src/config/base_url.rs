//! Where requests go: an address that cannot carry a secret in the clear.
//!
//! `https` everywhere, plain `http` for this machine only, and nothing in the address but scheme,
//! host, port and path. No message here repeats the address that was given: a password may stand in
//! it.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use url::{Host, Url};

use super::Environment;

const LIVE: &str = "https://www.cookiepayments.com";
const SANDBOX: &str = "https://sandbox.cookiepayments.com";

/// Nothing can listen on port 0: a request that goes here by mistake is never sent.
const PLACEHOLDER: &str = "http://127.0.0.1:0";

/// The address that endpoint paths are appended to; it never ends with a slash.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// The address of an environment when the profile names none. That of `local` is a placeholder
    /// on which nothing can listen; whoever starts the emulator supplies the real one.
    #[must_use]
    pub fn of(environment: Environment) -> Self {
        let text = match environment {
            Environment::Live => LIVE,
            Environment::Sandbox => SANDBOX,
            Environment::Local => PLACEHOLDER,
        };
        Self(text.to_owned())
    }

    /// The address of an emulator that listens there.
    #[must_use]
    pub fn of_emulator(address: SocketAddr) -> Self {
        Self(format!("http://{address}"))
    }

    /// The address without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both addresses are on one host, whatever their port and path.
    pub(super) fn shares_host_with(&self, other: &Self) -> bool {
        let host = |text: &str| Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned));
        host(&self.0).is_some_and(|own| host(&other.0) == Some(own))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for BaseUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The parser would drop white space and repair slashes; what is used should be what was written.
        if text
            .chars()
            .any(|character| character.is_whitespace() || character.is_control() || character == '\\')
            || !text.contains("://")
        {
            return Err("not an address like `https://sandbox.cookiepayments.com`");
        }
        let url = Url::parse(text).map_err(|_| "not an address like `https://sandbox.cookiepayments.com`")?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("holds a user name or a password, which does not belong there");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("holds a `?` or a `#`, which does not belong there");
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err("must be https; plain http is for loopback addresses only"),
            _ => return Err("must be https"),
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_taken_and_normalised() {
        for (given, kept) in [
            ("https://sandbox.cookiepayments.com", "https://sandbox.cookiepayments.com"),
            ("https://sandbox.cookiepayments.com/", "https://sandbox.cookiepayments.com"),
            ("HTTPS://Sandbox.CookiePayments.com:443//", "https://sandbox.cookiepayments.com"),
            ("https://proxy.example.com:8443/cookiepay/", "https://proxy.example.com:8443/cookiepay"),
        ] {
            assert_eq!(given.parse::<BaseUrl>().as_ref().map(BaseUrl::as_str), Ok(kept), "{given}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for text in [
            "http://127.0.0.1:8080",
            "http://127.8.9.1",
            "http://localhost:1",
            "http://[::1]:9000/",
            "http://LOCALHOST",
        ] {
            assert!(text.parse::<BaseUrl>().is_ok(), "{text}");
        }
        for text in [
            "http://www.cookiepayments.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://0.0.0.0",
            "http://10.0.0.1",
            "http://[::2]",
        ] {
            assert!(text.parse::<BaseUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused_without_repeating_it() {
        for text in [
            "",
            "www.cookiepayments.com",
            "https:www.cookiepayments.com",
            "https://",
            "ftp://www.cookiepayments.com",
            "file:///etc/passwd",
            "https://canary:7f3a@www.cookiepayments.com",
            "https://canary@www.cookiepayments.com",
            "https://www.cookiepayments.com/?key=canary",
            "https://www.cookiepayments.com/#canary",
            " https://www.cookiepayments.com",
            "https://www.cookie\npayments.com",
            "https:\\\\www.cookiepayments.com",
        ] {
            let refused = text.parse::<BaseUrl>().expect_err(text);
            assert!(!refused.contains("canary"), "{refused}");
        }
    }

    #[test]
    fn every_environment_has_an_address_and_the_emulators_is_given_later() {
        assert_eq!(BaseUrl::of(Environment::Live).as_str(), LIVE);
        assert_eq!(BaseUrl::of(Environment::Sandbox).as_str(), SANDBOX);
        assert_eq!(BaseUrl::of(Environment::Local).as_str(), PLACEHOLDER);
        let address = SocketAddr::from(([127, 0, 0, 1], 4711));
        assert_eq!(BaseUrl::of_emulator(address).as_str(), "http://127.0.0.1:4711");
    }

    #[test]
    fn a_host_is_recognised_whatever_port_and_path_follow_it() {
        let live = BaseUrl::of(Environment::Live);
        let with_path: BaseUrl = "https://WWW.cookiepayments.com:8443/x".parse().unwrap();
        assert!(live.shares_host_with(&with_path));
        assert!(!live.shares_host_with(&BaseUrl::of(Environment::Sandbox)));
    }
}
