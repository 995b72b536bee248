//! The HTTP client under everything that goes out, `noti listen --forward` included: what it must never do
//! on its own, how long it may take, and what of its errors may be shown.

use std::time::Duration;

use reqwest::{Url, redirect};

/// How long to wait for the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, name look-up and TLS included.
    pub connect: Duration,
    /// For the whole request.
    pub total: Duration,
}

/// A client for this address that the money rules ask for: nothing is repeated, nothing followed, and a
/// total time that covers the body too (the blocking client's own timeout starts anew with every read).
///
/// A connect timeout as long as the total one could not be told from a lost answer, so it ends a
/// little earlier. Without `tls` the HTTP client verifies servers as the system does, and reads its files to do so.
pub(crate) fn client(
    url: Option<&Url>,
    timeouts: Timeouts,
    proxy: Proxy,
    tls: Option<rustls::ClientConfig>,
) -> reqwest::Result<reqwest::blocking::Client> {
    let connect = timeouts.connect.min(timeouts.total.mul_f64(0.9));
    let mut builder = reqwest::ClientBuilder::new()
        .user_agent(concat!("cookiepay/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(connect)
        .timeout(timeouts.total)
        // Which one counts is decided here, and not by what the library finds in the environment.
        .no_proxy();
    if url.is_none_or(|url| url.scheme() != "https") {
        // Plain http needs no trust store, which takes long to read.
        builder = builder.tls_certs_only([]);
    } else if let Some(tls) = tls {
        builder = builder.tls_backend_preconfigured(tls);
    }
    if let Some(proxy) = proxy.0 {
        builder = builder.proxy(proxy);
    }
    // A provider that is installed already is as good; ring is the only one linked.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::blocking::ClientBuilder::from(builder).timeout(None).build()
}

/// By which proxy an address is reached, if by any.
#[derive(Debug, Clone, Default)]
pub struct Proxy(Option<reqwest::Proxy>);

/// A variable names a proxy that cannot be used. What it holds is not repeated: a password may stand in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("variable `{variable}` {rule}")]
pub struct ProxyError {
    /// The variable.
    pub variable: String,
    /// What is wrong with it.
    pub rule: &'static str,
}

impl Proxy {
    /// The proxy that the environment names for this address: `HTTPS_PROXY` or `HTTP_PROXY` by its scheme, else
    /// `ALL_PROXY`, but for the hosts of `NO_PROXY`; each in small letters first. An empty variable counts as none.
    /// What is for this machine goes by none.
    ///
    /// # Errors
    ///
    /// The variable holds no address of a proxy, or one of a kind that is not spoken here.
    pub fn of(url: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, ProxyError> {
        let Some(url) = Url::parse(url).ok().filter(|url| !is_loopback(url)) else { return Ok(Self(None)) };
        let found = |name: &str| {
            let names = [name.to_ascii_lowercase(), name.to_owned()];
            let values = names.into_iter().map(|name| (variable(&name).unwrap_or_default(), name));
            values.map(|(value, name)| (name, value)).find(|(_, value)| !value.is_empty())
        };
        let of_scheme = if url.scheme() == "https" { "HTTPS_PROXY" } else { "HTTP_PROXY" };
        let Some((name, value)) = found(of_scheme).or_else(|| found("ALL_PROXY")) else {
            return Ok(Self(None));
        };
        let wrong = |rule| ProxyError { variable: name.clone(), rule };
        let address = if value.contains("://") { value } else { format!("http://{value}") };
        let address = Url::parse(&address).map_err(|_| wrong(NO_PROXY_ADDRESS))?;
        match address.scheme() {
            "http" | "https" if address.host_str().is_some() => {}
            "socks4" | "socks4a" | "socks5" | "socks5h" => {
                return Err(wrong("names a SOCKS proxy, which is not supported; an HTTP proxy is"));
            }
            _ => return Err(wrong(NO_PROXY_ADDRESS)),
        }
        let proxy = reqwest::Proxy::all(address).map_err(|_| wrong(NO_PROXY_ADDRESS))?;
        let exceptions = found("NO_PROXY").and_then(|(_, list)| reqwest::NoProxy::from_string(&list));
        Ok(Self(Some(proxy.no_proxy(exceptions))))
    }
}

const NO_PROXY_ADDRESS: &str = "is no address of a proxy, such as http://proxy.example.com:3128";

/// Whether the address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    address.map_or(host == "localhost", |address| address.is_loopback())
}

/// The host, with its port where that is not the scheme's own.
pub(crate) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The innermost cause: what the system said, without the address, which may hold more than a host.
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(url: &str, variables: &[(&str, &str)]) -> Result<bool, ProxyError> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Proxy::of(url, &variable).map(|proxy| proxy.0.is_some())
    }

    const COOKIEPAY: &str = "https://sandbox.cookiepayments.com";

    #[test]
    fn the_variable_of_the_scheme_counts_then_that_of_all_and_none_for_this_machine() {
        for (variables, is_used) in [
            (&[][..], false),
            (&[("HTTPS_PROXY", "http://proxy:3128")], true),
            (&[("https_proxy", "proxy:3128")], true),
            (&[("ALL_PROXY", "https://kim:canary@proxy")], true),
            (&[("HTTPS_PROXY", "")], false),
            (&[("HTTP_PROXY", "http://proxy:3128")], false),
            (&[("HTTP_PROXY", "nonsense://")], false),
        ] {
            assert_eq!(proxy(COOKIEPAY, variables), Ok(is_used), "{variables:?}");
        }
        for url in ["http://127.0.0.1:80", "https://localhost", "https://[::1]:8443"] {
            assert_eq!(proxy(url, &[("ALL_PROXY", "socks5://proxy")]), Ok(false), "{url}");
        }
        assert_eq!(proxy("http://shop.example.com", &[("HTTP_PROXY", "proxy")]), Ok(true));
    }

    #[test]
    fn a_proxy_that_cannot_be_used_names_its_variable_and_not_its_value() {
        for (name, value) in [
            ("HTTPS_PROXY", "socks5://kim:canary@proxy:1080"),
            ("https_proxy", "socks5h://canary"),
            ("ALL_PROXY", "ftp://canary"),
            ("HTTPS_PROXY", "http://"),
            ("HTTPS_PROXY", "http://canary:port"),
            ("HTTPS_PROXY", "canary canary"),
        ] {
            let error = proxy(COOKIEPAY, &[(name, value)]).unwrap_err();
            assert_eq!(error.variable, name, "{value}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }
}
