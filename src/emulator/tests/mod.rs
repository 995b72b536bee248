//! The emulator over its wire: a real server on a port of the system's choice, and a client that
//! is nothing but a socket, so that nothing stands between a test and the bytes.

mod endpoints;
mod faults;
mod noti_counts;
mod noti_faults;
mod notifications;
mod pages;
mod payments;
mod serving;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

/// 2026-11-22 09:39:47 in Korea.
const START: i64 = 1_795_307_987;

/// A server with its own state, clock and randomness.
struct Local {
    directory: TempDir,
    clock: Arc<AtomicI64>,
    journal: Arc<Mutex<Vec<String>>>,
    emulator: Option<Emulator>,
}

impl Local {
    fn start() -> Self {
        Self::start_with(|_| {})
    }

    fn start_with(change: impl FnOnce(&mut Options)) -> Self {
        let mut local = Self {
            directory: tempfile::tempdir().unwrap(),
            clock: Arc::new(AtomicI64::new(START)),
            journal: Arc::default(),
            emulator: None,
        };
        let mut options = local.options();
        change(&mut options);
        local.emulator = Some(Emulator::start(options).unwrap());
        local
    }

    fn with_faults(faults: &[&str]) -> Self {
        Self::start_with(|options| options.faults = parsed(faults))
    }

    fn options(&self) -> Options {
        let journal = Arc::clone(&self.journal);
        Options {
            state_file: self.state_file(),
            listen: "127.0.0.1:0".to_owned(),
            pay_base: PayBase::Served,
            notify_url: None,
            faults: Vec::new(),
            tls: None,
            now: self.now(),
            random: counting(),
            journal: Some(Box::new(move |entry| {
                journal.lock().unwrap().push(entry.to_string());
            })),
        }
    }

    fn now(&self) -> Now {
        let clock = Arc::clone(&self.clock);
        Arc::new(move || Timestamp::from_second(clock.load(Ordering::SeqCst)).unwrap())
    }

    fn state_file(&self) -> PathBuf {
        self.directory.path().join("data").join("emulator.db")
    }

    /// The state as another process would open it.
    fn state(&self) -> State {
        State::open(&self.state_file(), self.now(), counting()).unwrap()
    }

    fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    fn emulator(&self) -> &Emulator {
        self.emulator.as_ref().unwrap()
    }

    fn address(&self) -> SocketAddr {
        self.emulator().address()
    }

    fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let head = [("Content-Type", "application/json; charset=utf-8")];
        let headers: Vec<_> = head.iter().chain(headers).copied().collect();
        exchange(self.address(), "POST", path, &headers, body)
    }

    fn form(&self, path: &str, body: &str) -> Reply {
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        exchange(self.address(), "POST", path, &headers, body)
    }

    fn get(&self, path: &str) -> Reply {
        exchange(self.address(), "GET", path, &[], "")
    }

    fn send(&self, request: &Value) -> Value {
        self.send_with_key("key-1", request)
    }

    fn send_with_key(&self, key: &str, request: &Value) -> Value {
        self.post("/urlpay/request", &[("ApiKey", key)], &request.to_string()).json()
    }

    /// Sends the bill of `request-sms.json` and returns its URLKEY.
    fn bill(&self) -> String {
        let reply = self.send(&fixture("request-sms"));
        reply["URLKEY"].as_str().unwrap().to_owned()
    }

    /// Sends another bill, with this number, and returns its URLKEY.
    fn bill_of(&self, bill_no: &str) -> String {
        let mut request = fixture("request-sms");
        request["BILL_NO"] = json!(bill_no);
        self.send(&request)["URLKEY"].as_str().unwrap().to_owned()
    }

    /// Returns as soon as the journal has a line with this part.
    fn wait_for(&self, part: &str) {
        let begun = std::time::Instant::now();
        while !self.journal.lock().unwrap().iter().any(|line| line.contains(part)) {
            assert!(begun.elapsed() < Duration::from_secs(20), "{part}: {:?}", self.journal.lock().unwrap());
            std::thread::yield_now();
        }
    }

    /// Stops the server and returns its journal.
    fn stop(&mut self) -> String {
        self.emulator.take().unwrap().stop();
        self.journal.lock().unwrap().join("\n")
    }

    fn token(&self) -> String {
        let body = json!({"pay2_id": "sandbox_shop01", "pay2_key": "key-2"});
        let reply = self.post("/payAuth/token", &[], &body.to_string()).json();
        reply["TOKEN"].as_str().unwrap().to_owned()
    }

    fn urlcert(&self, url_key: &str) -> Value {
        let token = self.token();
        let body = json!({ "URLKEY": url_key }).to_string();
        self.post("/api/urlcert", &[("TOKEN", &token)], &body).json()
    }

    fn counts(&self) -> Counts {
        self.emulator().counts().unwrap()
    }
}

/// Randomness that is never twice the same, and the same in every run.
fn counting() -> Random {
    let counter = AtomicU64::new(1);
    Arc::new(move |bytes: &mut [u8]| {
        for (byte, drawn) in
            bytes.iter_mut().zip(counter.fetch_add(1, Ordering::SeqCst).to_le_bytes().into_iter().cycle())
        {
            *byte = drawn;
        }
    })
}

fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(format!("{name}.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The names of the members, to compare one shape with another.
fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// What came back, up to the end of the connection.
struct Reply {
    bytes: Vec<u8>,
    ended: std::io::Result<()>,
}

impl Reply {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    fn status(&self) -> u16 {
        self.text()[9..12].parse().unwrap()
    }

    fn head(&self) -> String {
        let text = self.text();
        text.split("\r\n\r\n").next().unwrap().to_ascii_lowercase()
    }

    fn body(&self) -> String {
        let text = self.text();
        text.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    fn json(&self) -> Value {
        assert_eq!(self.status(), 200);
        let body = self.body();
        assert!(body.is_ascii(), "Korean is escaped: {body}");
        serde_json::from_str(&body).unwrap()
    }
}

fn exchange(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request(method, path, headers, body, "close").as_bytes()).unwrap();
    let mut bytes = Vec::new();
    let ended = stream.read_to_end(&mut bytes).map(drop);
    Reply { bytes, ended }
}

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str, connection: &str) -> String {
    let headers: Vec<String> =
        headers.iter().map(|(name, value)| [name, ": ", value, "\r\n"].concat()).collect();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\n{}\
         Content-Length: {}\r\n\r\n{body}",
        headers.concat(),
        body.len()
    )
}

/// A merchant's server, which answers every notification with 200 and hands on its body.
struct Merchant {
    url: String,
    bodies: Receiver<Value>,
    _thread: JoinHandle<()>,
}

impl Merchant {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/noti?shop=1", listener.local_addr().unwrap());
        let (sender, bodies) = channel();
        // The thread ends with the test's process, or when nobody waits for bodies any more.
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let body = take_notification(&mut stream);
                if sender.send(body).is_err() {
                    return;
                }
                // One who posted and was answered can rely on it that the body was handed on.
                let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK");
            }
        });
        Self { url, bodies, _thread: thread }
    }

    fn next(&self) -> Value {
        self.bodies.recv_timeout(Duration::from_secs(20)).unwrap()
    }

    /// What was answered and not asked for yet.
    fn rest(&self) -> Vec<Value> {
        self.bodies.try_iter().collect()
    }
}

/// An address where nobody listens. Its port is that of a client, so that no other test can be given
/// it as long as this lives.
struct Nobody {
    url: String,
    _client: TcpStream,
    _server: TcpListener,
}

impl Nobody {
    fn listens() -> Self {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(server.local_addr().unwrap()).unwrap();
        let url = format!("http://{}/", client.local_addr().unwrap());
        Self { url, _client: client, _server: server }
    }
}

fn take_notification(stream: &mut TcpStream) -> Value {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let count = stream.read(&mut piece).unwrap();
        bytes.extend_from_slice(&piece[..count]);
        let text = String::from_utf8(bytes.clone()).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        if body.len() == length.parse::<usize>().unwrap() {
            assert!(head.starts_with("POST /noti?shop=1 HTTP/1.1\r\n"));
            assert!(body.is_ascii(), "Korean is escaped: {body}");
            return serde_json::from_str(body).unwrap();
        }
    }
}

fn parsed(faults: &[&str]) -> Vec<Fault> {
    faults.iter().map(|fault| fault.parse().unwrap()).collect()
}

/// A server that notifies there, with these faults.
fn misbehaving(notify_url: &str, faults: &[&str]) -> Local {
    let (url, faults) = (notify_url.to_owned(), parsed(faults));
    Local::start_with(|options| {
        options.notify_url = Some(url);
        options.faults = faults;
    })
}

/// Pays as another process does.
fn pay(local: &Local, key: &str) -> Result<Delivery, EmulatorError> {
    let mut state = local.state();
    let paid = state.pay(key, Method::Card).unwrap();
    state.deliver(&paid.notification.unwrap())
}
