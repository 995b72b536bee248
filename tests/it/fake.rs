//! A server for what the emulator never says: it answers every request as the test tells it to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

/// A running server; it ends when it is dropped.
pub struct Fake {
    address: SocketAddr,
    ends: Arc<AtomicBool>,
    requests: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Fake {
    /// Starts a server on a free port. `answer` gets the whole request and gives the whole reply.
    pub fn new(mut answer: impl FnMut(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (ends, requests) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (asked_to_end, counted) = (Arc::clone(&ends), Arc::clone(&requests));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if asked_to_end.load(Ordering::SeqCst) {
                    break;
                }
                let mut stream = stream.unwrap();
                if let Some(request) = read(&mut stream) {
                    counted.fetch_add(1, Ordering::SeqCst);
                    let _client_left = stream.write_all(answer(&request).as_bytes());
                }
            }
        });
        Self { address, ends, requests, thread: Some(thread) }
    }

    /// Starts a server that keeps its connections open. `answer` gets the number of the connection, from 0, and
    /// every request that came on it so far; it gives the bytes that are sent next.
    pub fn keeping_connections(answer: impl Fn(usize, &[String]) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (ends, requests) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (asked_to_end, counted) = (Arc::clone(&ends), Arc::clone(&requests));
        let answer = Arc::new(answer);
        let thread = std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                if asked_to_end.load(Ordering::SeqCst) {
                    break;
                }
                let (mut stream, counted, answer) =
                    (stream.unwrap(), Arc::clone(&counted), Arc::clone(&answer));
                // It ends when the client closes the connection.
                std::thread::spawn(move || {
                    let mut all = Vec::new();
                    while let Some(request) = read(&mut stream) {
                        counted.fetch_add(1, Ordering::SeqCst);
                        all.push(request);
                        let _client_left = stream.write_all(answer(number, &all).as_bytes());
                    }
                });
            }
        });
        Self { address, ends, requests, thread: Some(thread) }
    }

    /// A server that says the same to everybody.
    pub fn saying(status: &'static str, body: &'static str) -> Self {
        Self::new(move |_| reply(status, body))
    }

    /// What requests begin with.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many requests came.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        let _wakes_it = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the fake server's thread panicked");
        }
    }
}

/// A whole request, headers and body; `None` where the client left before its end.
fn read(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut piece = [0_u8; 4096];
    loop {
        let length = stream.read(&mut piece).ok().filter(|length| *length > 0)?;
        request.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&request);
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let body_length: usize = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
            .unwrap_or(0);
        if request.len() >= head.len() + 4 + body_length {
            return Some(text.into_owned());
        }
    }
}

/// A reply with this status line and body.
pub fn reply(status: &str, body: &str) -> String {
    kept(&format!("{status}\r\nConnection: close"), body)
}

/// The same on a connection that stays open.
pub fn kept(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The body with which CookiePay takes the bill of this request.
pub fn taken(request: &str) -> String {
    let number = field(request, "BILL_NO");
    format!(r#"{{"RESULTCODE":"0000","URLKEY":"key-{number}","BILL_NO":"{number}"}}"#)
}

/// What a request says in that field.
pub fn field(request: &str, name: &str) -> String {
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    body[name].as_str().unwrap_or_default().to_owned()
}

/// What CookiePay says of a bill that it took.
pub const SENT: &str = r#"{"RESULTCODE":"0000","RESULTMSG":"성공","URLKEY":"a1B2c3D4e5F6g7H8i9J0","PAYURL":"https://sandbox.cookiepayments.com/p/a1B2c3D4e5","BILL_NO":"B1","ETC1":"","ETC2":""}"#;
