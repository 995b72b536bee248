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
/// little earlier.
pub(crate) fn client(url: Option<&Url>, timeouts: Timeouts) -> reqwest::Result<reqwest::blocking::Client> {
    let connect = timeouts.connect.min(timeouts.total.mul_f64(0.9));
    let mut builder = reqwest::ClientBuilder::new()
        .user_agent(concat!("cookiepay/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(connect)
        .timeout(timeouts.total);
    if url.is_none_or(|url| url.scheme() != "https") {
        // Plain http needs no trust store, which takes long to read.
        builder = builder.tls_certs_only([]);
        if url.is_none_or(is_loopback) {
            // What is for this machine must not leave it by a proxy in the clear.
            builder = builder.no_proxy();
        }
    }
    // A provider that is installed already is as good; ring is the only one linked.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::blocking::ClientBuilder::from(builder).timeout(None).build()
}

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
