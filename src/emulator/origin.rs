//! Whose requests are answered: those to this machine, and of web pages only its own.
//!
//! Listening on loopback keeps out other machines but no browser on this one. A foreign page can post here, and one
//! whose name was made to lead to this machine can read, too; the names in `Host` and `Origin` tell.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::shared::Shared;

/// Answers 403 to what comes by a foreign name or of a foreign page.
pub(super) async fn check(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if is_ours(headers, &shared.base) && is_shown(request.method(), request.uri().path(), headers) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "only requests to this machine, and no foreign page, are answered\n")
            .into_response()
    }
}

/// Whether the request names this machine, and its page, if any, is one of this machine. `base` is what links begin
/// with, which may have a name of its own.
fn is_ours(headers: &HeaderMap, base: &str) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let known = host_of(without_scheme(base));
    let is_known = |host: &str| is_this_machine(host) || host.eq_ignore_ascii_case(known);
    let Some(host) = text(header::HOST).map(host_of) else { return false };
    let is_own_page = text(header::ORIGIN).is_none_or(|origin| is_known(host_of(without_scheme(origin))));
    is_known(host) && is_own_page
}

/// Whether it may be asked for from where the browser says that it is. A link in a message leads to its pay page from
/// anywhere; all else is for this machine's own pages and for programs, which say nothing of that.
fn is_shown(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    let is_foreign =
        headers.get("sec-fetch-site").is_some_and(|site| site.as_bytes().eq_ignore_ascii_case(b"cross-site"));
    !is_foreign || (*method == Method::GET && path.starts_with("/p/"))
}

fn without_scheme(url: &str) -> &str {
    url.split_once("://").map_or("", |(_, rest)| rest)
}

/// The host of `host:port`, an IPv6 address without its brackets.
fn host_of(authority: &str) -> &str {
    let authority = authority.split('/').next().unwrap_or_default();
    if let Some((address, _)) = authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address;
    }
    authority.split(':').next().unwrap_or_default()
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_name_and_a_foreign_page_are_told_from_ours() {
        let base = "https://demo.example.com";
        for (host, origin, ours) in [
            ("127.0.0.1:7400", None, true),
            ("localhost", None, true),
            ("[::1]:7400", Some("http://[::1]:7400"), true),
            ("demo.example.com", Some("https://demo.example.com"), true),
            ("127.0.0.1:7400", Some("http://localhost:7400"), true),
            ("evil.example.com:7400", None, false),
            ("127.0.0.1.evil.example.com", None, false),
            ("", None, false),
            ("127.0.0.1:7400", Some("http://evil.example.com"), false),
            ("127.0.0.1:7400", Some("null"), false),
            ("evil.example.com", Some("http://evil.example.com"), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            origin.map(|origin| headers.insert(header::ORIGIN, origin.parse().unwrap()));
            assert_eq!(is_ours(&headers, base), ours, "{host} {origin:?}");
        }
        assert!(!is_ours(&HeaderMap::new(), base));
    }

    #[test]
    fn of_what_a_foreign_page_leads_to_only_a_pay_page_is_shown() {
        for (method, path, site, allowed) in [
            (Method::GET, "/p/abc", "cross-site", true),
            (Method::GET, "/p/abc", "none", true),
            (Method::POST, "/p/abc/pay", "same-origin", true),
            (Method::POST, "/p/abc/pay", "cross-site", false),
            (Method::POST, "/p/abc/deposit", "CROSS-SITE", false),
            (Method::GET, "/", "cross-site", false),
            (Method::GET, "/", "none", true),
            (Method::GET, "/_emulator/counts", "cross-site", false),
            (Method::POST, "/api/urlcert", "cross-site", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("sec-fetch-site", site.parse().unwrap());
            assert_eq!(is_shown(&method, path, &headers), allowed, "{method} {path} {site}");
        }
        assert!(is_shown(&Method::POST, "/api/urlcert", &HeaderMap::new()));
    }
}
