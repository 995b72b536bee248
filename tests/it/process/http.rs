//! As much HTTP/1.1 as the tests need: one exchange a connection, and a receiver of posted bodies.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// Sends a request to `http://host:port` and returns status and body of the answer.
pub fn exchange(method: &str, base_url: &str, path: &str, body: Option<&str>) -> (u16, String) {
    let address = base_url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(super::PATIENCE)).unwrap();
    let body = body.unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let (first, body) = read_message(&mut BufReader::new(stream)).unwrap();
    (first.split(' ').nth(1).unwrap().parse().unwrap(), body)
}

/// The first line and the body of a request or a reply that says how long it is.
pub fn read_message(reader: &mut impl BufRead) -> std::io::Result<(String, String)> {
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok((first.trim().to_owned(), String::from_utf8_lossy(&body).into_owned()))
}

/// A merchant's server: answers every request with `reply` and hands on what was posted.
pub struct Listener {
    /// Where it is.
    pub url: String,
    /// The bodies, as they come.
    pub bodies: Receiver<String>,
}

impl Listener {
    /// Answers 200.
    pub fn start() -> Self {
        Self::answering(|_| "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK".to_owned())
    }

    /// Answers what `reply` makes of the request, head and body.
    pub fn answering(reply: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, bodies) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut copy = Vec::new();
                let message = read_message(&mut BufReader::new(Copied { stream: &stream, copy: &mut copy }));
                let Ok((_, body)) = message else { continue };
                let _client_may_be_gone = stream.write_all(reply(&String::from_utf8_lossy(&copy)).as_bytes());
                if sender.send(body).is_err() {
                    return;
                }
            }
        });
        Self { url, bodies }
    }
}

/// Keeps what passes through.
struct Copied<'a> {
    stream: &'a TcpStream,
    copy: &'a mut Vec<u8>,
}

impl Read for Copied<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = (&mut &*self.stream).read(buffer)?;
        self.copy.extend_from_slice(&buffer[..count]);
        Ok(count)
    }
}
