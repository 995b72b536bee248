//! The program as it is installed: its binary in a process of its own, a home folder of its own and
//! no other environment, with the emulator in a second process as the witness of what left.
//!
//! Nothing here waits by the clock: a test that needs a moment to have come asks the emulator's
//! counts until it has.

mod batch_crash;
mod batch_signals;
mod batch_together;
mod browser;
mod canary;
mod closed_pipe;
mod concurrency;
mod crash;
mod disk;
pub mod http;
mod liars;
mod listen;
mod listen_bad_input;
mod listen_borders;
mod listen_crash;
mod listening;
mod notifications;
mod signals;
mod story;
mod terminal;
mod witness;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{COFFEE, Ended, with};

/// No moment of a test is as far away as this.
const PATIENCE: Duration = Duration::from_secs(30);

/// The binary, with a home folder and an environment.
pub struct Program {
    home: TempDir,
    /// What it finds in its environment beside the folders.
    pub environment: BTreeMap<String, String>,
}

impl Program {
    /// With an empty home folder.
    pub fn new() -> Self {
        Self { home: TempDir::new().unwrap(), environment: BTreeMap::new() }
    }

    /// With an emulator that has these faults, and a default profile `sandbox` that talks to it.
    pub fn with_emulator(faults: &[&str]) -> (Self, Serving) {
        let program = Self::new();
        let emulator = program.serve(&faults.iter().flat_map(|fault| ["--fault", fault]).collect::<Vec<_>>());
        program.configure_profile("sandbox", &emulator.url);
        (program, emulator)
    }

    /// Writes a default profile of this environment and base URL.
    pub fn configure_profile(&self, environment: &str, base_url: &str) {
        self.configure(&format!(
            "default_profile = \"{environment}\"\n[profiles.{environment}]\nenvironment = \"{environment}\"\n\
             api_id = \"{environment}_shop01\"\napi_key = \"k-9c31f0\"\npay2_key = \"p-77aa21\"\n\
             base_url = \"{base_url}\"\n"
        ));
    }

    /// Writes the configuration file, closed to others.
    pub fn configure(&self, text: &str) {
        write_private(&self.config_file(), text);
    }

    /// The home folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The configuration file.
    pub fn config_file(&self) -> PathBuf {
        self.home().join("config/cookiepay/config.toml")
    }

    /// The data directory.
    pub fn data_directory(&self) -> PathBuf {
        self.home().join("data/cookiepay")
    }

    /// The command line, ready to be started; its streams are not chosen yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_cookiepay"), arguments)
    }

    /// The command line behind a shell script, which runs it with `"$@"`.
    pub fn command_in_shell(&self, script: &str, arguments: &[&str]) -> Command {
        let shell = ["-c", script, "sh", env!("CARGO_BIN_EXE_cookiepay")];
        self.command_of("sh", &with(&shell, arguments))
    }

    fn command_of(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.home())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.home())
            .env("XDG_CONFIG_HOME", self.home().join("config"))
            .env("XDG_DATA_HOME", self.home().join("data"))
            .envs(&self.environment);
        command
    }

    /// Runs it with nothing on stdin.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments).stdin(Stdio::null()).output().unwrap())
    }

    /// Runs it with this on stdin.
    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Ended {
        let mut running = start(self.command(arguments).stdin(Stdio::piped()));
        running.child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        running.finish()
    }

    /// Starts it with nothing on stdin and both outputs kept.
    pub fn start(&self, arguments: &[&str]) -> Running {
        start(self.command(arguments).stdin(Stdio::null()))
    }

    /// Sends a coffee by SMS under this number.
    pub fn send(&self, bill_no: &str) -> Ended {
        self.run(&coffee(bill_no))
    }

    /// The ledger's line of this bill.
    pub fn known(&self, bill_no: &str) -> Value {
        let listed = self.run(&["list", "-o", "json", "--bill-no", bill_no]).expect_code(0).json();
        listed["items"][0].clone()
    }

    /// Serves an emulator with its state in the data directory.
    pub fn serve(&self, arguments: &[&str]) -> Serving {
        let journal = self.home().join(format!("emulator-{}.log", tempfile_name()));
        let serve = ["emulator", "serve", "--listen", "127.0.0.1:0", "-o", "jsonl"];
        let mut child = self
            .command(&with(&serve, arguments))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&journal).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let serving: Value = serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("{line:?} {}", fs::read_to_string(&journal).unwrap()));
        Serving { child, url: serving["url"].as_str().unwrap().to_owned() }
    }
}

/// A coffee by SMS under this number; the same coffee may be sent again under another.
pub fn coffee(bill_no: &str) -> Vec<&str> {
    with(&COFFEE, &["-o", "json", "--allow-duplicate", "--bill-no", bill_no])
}

fn tempfile_name() -> u64 {
    static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// Writes a file that only its owner can read.
pub fn write_private(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// A process under way.
pub struct Running {
    /// The process.
    pub child: Child,
}

/// Starts it with both outputs kept.
pub fn start(command: &mut Command) -> Running {
    Running { child: command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap() }
}

impl Running {
    /// Sends it a signal, by the name that `kill -s` knows.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        // Std knows how to kill but no other signal.
        let sent = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\" 2>&-", name, &id]).status();
        assert!(sent.unwrap().success(), "{name} to {id}");
    }

    /// Waits until it has ended by itself.
    pub fn finish(self) -> Ended {
        ended(self.child.wait_with_output().unwrap())
    }

    /// Kills it and waits until it is dead.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// How it ended; one that was killed did not end by itself, which is a failure of the test.
pub fn ended(output: Output) -> Ended {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    let code = output.status.code().unwrap_or_else(|| panic!("{}: {stdout}{stderr}", output.status));
    Ended { code: u8::try_from(code).unwrap(), stdout, stderr }
}

/// An emulator in its own process, killed when dropped.
pub struct Serving {
    child: Child,
    /// Where it is.
    pub url: String,
}

impl Serving {
    /// What has happened to it.
    pub fn counts(&self) -> Value {
        let (status, body) = http::exchange("GET", &self.url, "/_emulator/counts", None);
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// How many requests came to this endpoint: `send`, `token` or `urlcert`.
    pub fn requests(&self, endpoint: &str) -> u64 {
        self.counts()["requests"][endpoint].as_u64().unwrap()
    }

    /// Requests to `/urlpay/request`, text messages, bills.
    pub fn reached(&self) -> (u64, u64, u64) {
        let counts = self.counts();
        let number = |value: &Value| value.as_u64().unwrap();
        (number(&counts["requests"]["send"]), number(&counts["messages"]["sms"]), number(&counts["bills"]))
    }

    /// Returns as soon as so many requests have come to the endpoint.
    pub fn wait_for(&self, endpoint: &str, count: u64) {
        until(|| self.requests(endpoint) >= count);
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// Returns as soon as it is so.
pub fn until(mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "it never came to that");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Says why a test was not run.
pub fn skip(reason: &str) {
    // Around the test harness, which would keep it to itself.
    let _unseen = writeln!(std::io::stderr(), "skipped: {reason}");
}
