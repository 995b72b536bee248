//! A receiver in a process of its own, the clients that post to it, and the ledger behind its back.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;

use super::{PATIENCE, Program};
use crate::support::with;

/// A notification of the transaction with this `TID`.
pub fn notification(tid: &str) -> String {
    format!(
        r#"{{"PAY_METHOD": "CARD", "API_ID": "sandbox_shop01", "ORDERNO": "URL{tid}", "AMOUNT": "4500", "TID": "{tid}",
        "BUYERNAME": "\ud64d\uae38\ub3d9", "PRODUCTNAME": "\uc544\uba54", "ACCEPT_DATE": "20261122093947",
        "ACCEPT_NO": "30071234", "CARDCODE": "06", "QUOTA": "00", "SMS_INPUT": "a1B2c3D4e5F6g7H8i9J0"}}"#
    )
}

/// A request that posts this body.
pub fn post(path: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("POST {path} HTTP/1.1\r\nHost: shop\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A receiver, killed when dropped.
pub struct Listening {
    /// The process.
    pub child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// The URL that it shows.
    pub url: String,
    log: PathBuf,
}

impl Listening {
    /// Starts one on a free port, with these further arguments.
    pub fn start(program: &Program, arguments: &[&str]) -> Self {
        let listen = ["noti", "listen", "--listen", "127.0.0.1:0", "-o", "jsonl"];
        Self::spawn(program, program.command(&with(&listen, arguments)))
    }

    /// Starts this command, which is to say on stdout where it listens.
    pub fn spawn(program: &Program, mut command: Command) -> Self {
        let log = program.home().join(format!("listen-{}.log", super::tempfile_name()));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(&log).unwrap());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let listening: Value = serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("{line:?} {}", fs::read_to_string(&log).unwrap()));
        let url = listening["url"].as_str().unwrap().to_owned();
        let address = url.trim_start_matches("http://").split('/').next().unwrap().parse().unwrap();
        Self { child, address, url, log }
    }

    /// A client of it.
    pub fn client(&self) -> Client {
        Client::connect(self.address).unwrap()
    }

    /// Posts a notification of this transaction on a connection of its own.
    #[track_caller]
    pub fn deliver(&self, tid: &str) {
        assert_eq!(
            self.client().exchange(&post("/noti", notification(tid))),
            (200, "OK".to_owned()),
            "{tid}"
        );
    }

    /// What it has said on stderr.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Sends it a signal, by the name that `kill -s` knows.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits until it has ended by itself, with 0, and returns what it said.
    #[track_caller]
    pub fn finish(mut self) -> String {
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{}", self.said());
        self.said()
    }

    /// Tells it to stop and waits for its end.
    #[track_caller]
    pub fn stop(self) -> String {
        self.signal("TERM");
        self.finish()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// One connection to a receiver, spoken to byte by byte.
pub struct Client(pub BufReader<TcpStream>);

impl Client {
    /// Connects.
    pub fn connect(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Says something, whether or not the other side still listens.
    pub fn say(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let _refused_already = self.0.get_mut().write_all(bytes.as_ref());
        self
    }

    /// Says that nothing more will come.
    pub fn fall_silent(&mut self) -> &mut Self {
        self.0.get_mut().shutdown(Shutdown::Write).unwrap();
        self
    }

    /// The head of the next answer, and its body.
    pub fn try_hear(&mut self) -> std::io::Result<(String, String)> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        let lower = head.to_ascii_lowercase();
        let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        self.0.read_exact(&mut body)?;
        Ok((head, String::from_utf8(body).unwrap()))
    }

    /// Status and body of the next answer.
    #[track_caller]
    pub fn hear(&mut self) -> (u16, String) {
        let (head, body) = self.try_hear().unwrap();
        (status(&head), body)
    }

    /// Says something and hears the answer.
    #[track_caller]
    pub fn exchange(&mut self, request: &[u8]) -> (u16, String) {
        self.say(request).hear()
    }

    /// Waits until the other side closes without a further word.
    #[track_caller]
    pub fn is_left(&mut self) {
        let mut rest = Vec::new();
        let _reset_will_do = self.0.read_to_end(&mut rest);
        assert_eq!(String::from_utf8_lossy(&rest), "");
    }
}

/// The status of an answer's head.
pub fn status(head: &str) -> u16 {
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

/// The stored notifications: `TID` and how often it came, in the order of their storing.
pub fn stored(program: &Program) -> Vec<(String, u64)> {
    let store = Connection::open(program.data_directory().join("notifications.db")).unwrap();
    store.busy_timeout(Duration::from_secs(10)).unwrap();
    let mut statement = store.prepare("SELECT tid, copies FROM notifications ORDER BY id").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The transactions that are stored.
pub fn stored_tids(program: &Program) -> Vec<String> {
    stored(program).into_iter().map(|(tid, _)| tid).collect()
}
