//! Posting a notification: one HTTP/1.1 request over plain HTTP, on a deadline.
//!
//! A dozen lines of HTTP are enough here, and keep the emulator free of a client library that the
//! program's own client also uses.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use axum::http::Uri;

use super::error::EmulatorError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);

/// Longer status lines than this are not read.
const LONGEST_STATUS_LINE: usize = 1024;

/// Where a notification goes.
struct Target {
    host: String,
    port: u16,
    authority: String,
    path: String,
}

/// Posts `body`, a JSON object, to `url` and returns the HTTP status of the answer. Blocks for ten
/// seconds at most.
///
/// # Errors
///
/// When `url` is not a plain `http://` URL, or nobody answers there in time.
pub fn notify(url: &str, body: &str) -> Result<u16, EmulatorError> {
    let target = read_url(url)?;
    post(&target, body).map_err(|source| EmulatorError::Notify { url: url.to_owned(), source })
}

/// Says at once whether a notification could ever be posted to `url`.
pub(super) fn check_url(url: &str) -> Result<(), EmulatorError> {
    read_url(url).map(drop)
}

fn read_url(url: &str) -> Result<Target, EmulatorError> {
    let wrong = |reason| EmulatorError::NotifyUrl { url: url.to_owned(), reason };
    let uri: Uri = url.parse().map_err(|_| wrong("it is not a URL, as `http://127.0.0.1:7500/noti` is"))?;
    match uri.scheme_str() {
        Some("http") => {}
        Some("https") => {
            return Err(wrong(
                "the emulator posts over plain http only; give it the address behind your TLS",
            ));
        }
        _ => return Err(wrong("it must begin with `http://`")),
    }
    let authority = uri.authority().ok_or_else(|| wrong("it names no host"))?;
    if authority.as_str().contains('@') {
        return Err(wrong("it must not contain a user name or password"));
    }
    Ok(Target {
        host: authority.host().trim_start_matches('[').trim_end_matches(']').to_owned(),
        port: authority.port_u16().unwrap_or(80),
        authority: authority.as_str().to_owned(),
        path: uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
    })
}

fn post(target: &Target, body: &str) -> io::Result<u16> {
    let deadline = Instant::now().checked_add(TOTAL_TIMEOUT).ok_or_else(timed_out)?;
    let mut stream = connect(target)?;
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(remaining(deadline)?))?;
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: cookiepay-emulator\r\n\
         Content-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        target.path,
        target.authority,
        body.len(),
    );
    stream.write_all(request.as_bytes())?;
    read_status(&mut stream, deadline)
}

fn connect(target: &Target) -> io::Result<TcpStream> {
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in (target.host.as_str(), target.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn read_status(stream: &mut TcpStream, deadline: Instant) -> io::Result<u16> {
    let mut line = Vec::new();
    let mut piece = [0_u8; 256];
    while !line.contains(&b'\n') && line.len() < LONGEST_STATUS_LINE {
        stream.set_read_timeout(Some(remaining(deadline)?))?;
        let count = match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        line.extend(piece.iter().take(count));
    }
    let text = String::from_utf8_lossy(&line);
    text.strip_prefix("HTTP/1.")
        .and_then(|rest| rest.split_whitespace().nth(1))
        .and_then(|status| status.parse().ok())
        .filter(|status| (100..=599).contains(status))
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP"))
}

fn remaining(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(timed_out());
    }
    Ok(left)
}

fn timed_out() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "no answer in time")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_urls_are_accepted() {
        for (url, reason) in [
            ("https://shop.example/noti", "plain http only"),
            ("ftp://shop.example/noti", "must begin with"),
            ("/noti", "must begin with"),
            ("noti", "must begin with"),
            ("http://", "not a URL"),
            ("http://user:pass@shop.example/", "user name"),
        ] {
            let message = check_url(url).unwrap_err().to_string();
            assert!(message.contains(reason), "{url}: {message}");
        }
        assert!(check_url("http://127.0.0.1:7500/noti?a=b").is_ok());
        assert!(check_url("http://[::1]:7500").is_ok());
    }
}
