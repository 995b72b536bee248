//! The world that every test lives in: its own folders, a cleared environment, a fixed clock, and
//! an emulator on a free port as the witness of what reached `CookiePay`.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io::{self, Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use cookiepay::emulator::{Counts, Emulator, Method, Options, PayBase, State};
use cookiepay::output::Streams;
use cookiepay::world::{Clock, Random, Signals, Surroundings, World};
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;

/// The keys of the sandbox profile that [`Scene::with_sandbox`] writes.
pub const API_KEY: &str = "k-9c31f0";
/// See [`API_KEY`].
pub const PAY2_KEY: &str = "p-77aa21";

/// An address where nobody listens: a port below 1024 that no service has any more.
pub const NOBODY: &str = "http://127.0.0.1:1";

/// 2026-11-22T11:20:00+09:00.
pub const NOON: i64 = 1_795_314_000;

/// What happens while a command sleeps.
type Event = Box<dyn FnOnce() + Send>;

/// A clock that stands still until somebody sleeps on it.
pub struct FixedClock {
    milliseconds: AtomicI64,
    elapsed: AtomicU64,
    planned: Mutex<VecDeque<Event>>,
}

impl FixedClock {
    /// Lets time pass.
    pub fn advance(&self, time: Duration) {
        self.milliseconds.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
        self.elapsed.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Sets it to this second since 1970, as a person does: no time passes.
    pub fn set(&self, second: i64) {
        self.milliseconds.store(second * 1000, Ordering::SeqCst);
    }

    /// Plans what happens during the first sleep for which nothing is planned yet.
    pub fn plan(&self, event: impl FnOnce() + Send + 'static) {
        self.planned.lock().unwrap().push_back(Box::new(event));
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.milliseconds.load(Ordering::SeqCst)).unwrap()
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.elapsed.load(Ordering::SeqCst))
    }

    fn sleep(&self, time: Duration, _: &dyn Fn() -> bool) {
        self.advance(time);
        let event = self.planned.lock().unwrap().pop_front();
        if let Some(event) = event {
            event();
        }
    }
}

/// Random bytes that differ from call to call and are the same in every run.
fn counted_random() -> Random {
    let state = AtomicU64::new(0x9E37_79B9_7F4A_7C15);
    Arc::new(move |buffer: &mut [u8]| {
        for byte in buffer {
            let mut word = state.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
            word ^= word >> 31;
            word = word.wrapping_mul(0xBF58_476D_1CE4_E5B9);
            *byte = (word >> 56) as u8;
        }
    })
}

/// A writer whose bytes the test reads afterwards.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code.
    pub code: u8,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ended {
    /// Stdout as one JSON document.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Stdout as JSON lines.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The error object that ends stderr.
    #[track_caller]
    pub fn error(&self) -> Value {
        let line = self.stderr.lines().last().unwrap_or_else(|| panic!("{self:?}"));
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Itself, if it ended so.
    #[track_caller]
    pub fn expect_code(self, code: u8) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }
}

/// Folders, clock, randomness and environment of one test; several commands run in it one after
/// the other, as a user's would.
pub struct Scene {
    home: Arc<TempDir>,
    /// The clock of all its commands.
    pub clock: Arc<FixedClock>,
    /// The randomness of all its commands.
    pub random: Random,
    /// The environment of all its commands.
    pub environment: BTreeMap<String, String>,
    /// What the next command reads from stdin.
    pub stdin: Vec<u8>,
    /// Whether the streams are terminals.
    pub on_terminal: bool,
    /// The signals of the next command.
    pub signals: Signals,
    /// Told of every moment between which a crash makes a difference.
    pub reached: fn(&'static str),
    /// Finds who runs the commands.
    pub operator: fn() -> String,
}

impl Scene {
    /// Empty folders, no configuration.
    pub fn new() -> Self {
        Self {
            home: Arc::new(TempDir::new().unwrap()),
            clock: Arc::new(FixedClock {
                milliseconds: AtomicI64::new(NOON * 1000),
                elapsed: AtomicU64::new(0),
                planned: Mutex::default(),
            }),
            random: counted_random(),
            environment: BTreeMap::new(),
            stdin: Vec::new(),
            on_terminal: false,
            signals: Signals::default(),
            reached: |_| {},
            operator: || "kim@counter-1".to_owned(),
        }
    }

    /// Another terminal of the same user: the same folders, clock and environment.
    pub fn beside(&self) -> Self {
        Self {
            home: Arc::clone(&self.home),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            environment: self.environment.clone(),
            stdin: Vec::new(),
            on_terminal: false,
            signals: Signals::default(),
            reached: |_| {},
            operator: || "kim@counter-1".to_owned(),
        }
    }

    /// With a default profile `sandbox` whose base URL is this one.
    pub fn with_sandbox(base_url: &str) -> Self {
        let scene = Self::new();
        scene.configure_sandbox(base_url, "");
        scene
    }

    /// A sandbox profile, and the emulator that it talks to.
    pub fn with_emulator() -> (Self, Emulator) {
        Self::with_faults(&[])
    }

    /// A sandbox profile, and an emulator that misbehaves.
    pub fn with_faults(faults: &[&str]) -> (Self, Emulator) {
        let scene = Self::new();
        let emulator = scene.emulator(&scene.emulator_file(), faults);
        scene.configure_sandbox(&emulator.url(), "");
        (scene, emulator)
    }

    /// Writes a default profile `sandbox` with this base URL and these further lines.
    pub fn configure_sandbox(&self, base_url: &str, more: &str) {
        self.configure(&format!(
            "default_profile = \"sandbox\"\n[profiles.sandbox]\nenvironment = \"sandbox\"\napi_id = \"sandbox_shop01\"\n\
             api_key = \"{API_KEY}\"\npay2_key = \"{PAY2_KEY}\"\nbase_url = \"{base_url}\"\n{more}"
        ));
    }

    /// Writes a default profile `shop`, live, with this base URL.
    pub fn configure_live(&self, base_url: &str) {
        self.configure(&format!(
            "default_profile = \"shop\"\n[profiles.shop]\nenvironment = \"live\"\napi_id = \"shop01\"\n\
             api_key = \"{API_KEY}\"\npay2_key = \"{PAY2_KEY}\"\nbase_url = \"{base_url}\"\n"
        ));
    }

    /// Writes the configuration file, closed to others.
    pub fn configure(&self, text: &str) {
        let path = self.config_file();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }

    /// The configuration file.
    pub fn config_file(&self) -> PathBuf {
        self.home.path().join("config/cookiepay/config.toml")
    }

    /// The data directory.
    pub fn data_directory(&self) -> PathBuf {
        self.home.path().join("data/cookiepay")
    }

    /// Where the journals lie.
    pub fn journals(&self) -> PathBuf {
        self.home.path().join("state/cookiepay/journal")
    }

    /// The folder of everything.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The state of the emulator that [`Scene::with_emulator`] starts.
    pub fn emulator_file(&self) -> PathBuf {
        self.home().join("emulator.db")
    }

    /// That state, opened: the customers' side.
    pub fn customers(&self) -> State {
        let clock = Arc::clone(&self.clock);
        State::open(&self.emulator_file(), Arc::new(move || clock.now()), Arc::clone(&self.random)).unwrap()
    }

    /// A customer pays by card.
    pub fn pay(&self, url_key: &str) {
        self.customers().pay(url_key, Method::Card).unwrap();
    }

    /// The payment is cancelled.
    pub fn cancel(&self, url_key: &str) {
        self.customers().cancel(url_key, None).unwrap();
    }

    /// Makes a link under this number, without a message, and returns its `URLKEY`.
    #[track_caller]
    pub fn link(&mut self, bill_no: &str) -> String {
        let more = ["--via", "link", "--allow-duplicate", "--bill-no", bill_no, "-o", "json"];
        let made = self.run(&with(&COFFEE_FOR_HONG, &more)).expect_code(0).json();
        made["url_key"].as_str().unwrap().to_owned()
    }

    /// A sandbox profile whose keys cannot be had: whoever asks for one fails.
    pub fn without_keys() -> Self {
        let scene = Self::new();
        scene.configure(
            "default_profile = \"sandbox\"\n[profiles.sandbox]\nenvironment = \"sandbox\"\napi_id = \"sandbox_shop01\"\n\
             api_key = { env = \"NO_SUCH_KEY\" }\n",
        );
        scene
    }

    /// The `URLKEY` of a bill as the emulator has it, whatever the ledger knows.
    #[track_caller]
    pub fn url_key_at_cookiepay(&self, bill_no: &str) -> String {
        let state = rusqlite::Connection::open(self.emulator_file()).unwrap();
        state.query_row("SELECT url_key FROM bills WHERE bill_no = ?1", [bill_no], |row| row.get(0)).unwrap()
    }

    /// The address in the message that this bill's customer got.
    #[track_caller]
    pub fn address_in_message(&self, bill_no: &str) -> String {
        let state = rusqlite::Connection::open(self.emulator_file()).unwrap();
        let sql = "SELECT text FROM messages JOIN bills ON bills.id = messages.bill WHERE bill_no = ?1";
        let text: String = state.query_row(sql, [bill_no], |row| row.get(0)).unwrap();
        text.split_whitespace().find(|word| word.contains("://")).unwrap().to_owned()
    }

    /// `CookiePay` forgets the number of this bill, not its link, so it makes another link when the bill is sent again.
    #[track_caller]
    pub fn forget_number_at_cookiepay(&self, bill_no: &str) {
        let state = rusqlite::Connection::open(self.emulator_file()).unwrap();
        let forget = "UPDATE bills SET bill_no = bill_no || '/' || id WHERE bill_no = ?1";
        assert_eq!(state.execute(forget, [bill_no]).unwrap(), 1);
    }

    /// Makes a link at the emulator of which the ledger knows nothing, and returns its `URLKEY`.
    #[track_caller]
    pub fn link_of_nobody(&mut self, amount: &str, buyer: &str) -> String {
        let data = self.home().join("another-machine");
        let bill =
            ["send", "--via", "link", "--product", "아메리카노", "--phone", "01012345678", "-o", "json"];
        let more =
            ["--amount", amount, "--buyer", buyer, "--data-dir", data.to_str().unwrap(), "--allow-duplicate"];
        let made = self.run(&with(&bill, &more)).expect_code(0).json();
        made["url_key"].as_str().unwrap().to_owned()
    }

    /// What the ledger says of that bill.
    #[track_caller]
    pub fn listed(&mut self, bill_no: &str) -> Value {
        let list = self.run(&["list", "--bill-no", bill_no, "-o", "json"]).expect_code(0).json();
        list["items"][0].clone()
    }

    /// The ledger's file, opened behind the program's back.
    pub fn ledger(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.data_directory().join("ledger.db")).unwrap()
    }

    /// The file of received notifications, likewise.
    pub fn notifications(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.data_directory().join("notifications.db")).unwrap()
    }

    /// Starts an emulator on a free port, with faults as `--fault` has them.
    pub fn emulator(&self, state_file: &Path, faults: &[&str]) -> Emulator {
        Emulator::start(self.emulator_options(state_file, faults)).unwrap()
    }

    /// What such an emulator is started with.
    pub fn emulator_options(&self, state_file: &Path, faults: &[&str]) -> Options {
        let clock = Arc::clone(&self.clock);
        Options {
            state_file: state_file.to_path_buf(),
            listen: "127.0.0.1:0".to_owned(),
            pay_base: PayBase::OwnAddress,
            notify_url: None,
            faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
            tls: None,
            now: Arc::new(move || clock.now()),
            random: Arc::clone(&self.random),
            journal: None,
        }
    }

    /// Runs a command; the program's name is added.
    pub fn run(&mut self, arguments: &[&str]) -> Ended {
        let (stdout, stderr) = (Shared::default(), Shared::default());
        let code = self.run_on(arguments, Box::new(stdout.clone()), Box::new(stderr.clone()));
        Ended { code, stdout: stdout.text(), stderr: stderr.text() }
    }

    /// Runs a command on streams of the test's own.
    pub fn run_on(
        &mut self,
        arguments: &[&str],
        output: Box<dyn Write + Send>,
        error: Box<dyn Write + Send>,
    ) -> u8 {
        let world = World {
            arguments: std::iter::once("cookiepay")
                .chain(arguments.iter().copied())
                .map(Into::into)
                .collect(),
            streams: Streams {
                input: Box::new(Cursor::new(std::mem::take(&mut self.stdin))),
                output,
                error,
                input_is_terminal: self.on_terminal,
                output_is_terminal: self.on_terminal,
                error_is_terminal: self.on_terminal,
                width: self.on_terminal.then_some(80),
            },
            surroundings: Surroundings {
                environment: self.environment.clone(),
                config_directory: Some(self.home.path().join("config")),
                data_directory: Some(self.home.path().join("data")),
                state_directory: Some(self.home.path().join("state")),
                clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
                random: Arc::clone(&self.random),
                operator: Arc::new(LazyLock::new(self.operator)),
                read_hidden: || Ok(String::new()),
                signals: self.signals.clone(),
                reached: self.reached,
            },
        };
        cookiepay::run(world).0
    }
}

/// What reached the emulator: requests to `/urlpay/request`, messages of any channel, bills.
pub fn reached(emulator: &Emulator) -> (u64, u64, u64) {
    let Counts { requests, messages, bills } = emulator.counts().unwrap();
    (requests.send, messages.sms + messages.email + messages.kakao, bills)
}

/// Requests for a token, and questions after a link, that reached the emulator.
pub fn asked(emulator: &Emulator) -> (u64, u64) {
    let requests = emulator.counts().unwrap().requests;
    (requests.token, requests.urlcert)
}

/// From now on the emulator misbehaves so.
pub fn misbehave(emulator: &Emulator, faults: &[&str]) {
    emulator.set_faults(faults.iter().map(|fault| fault.parse().unwrap()).collect());
}

/// A coffee for 홍길동, by no channel yet.
pub const COFFEE_FOR_HONG: [&str; 9] =
    ["send", "--product", "아메리카노", "--amount", "4500", "--buyer", "홍길동", "--phone", "010-1234-5678"];

/// A coffee by SMS to 홍길동.
pub const COFFEE: [&str; 11] = [
    "send",
    "--via",
    "sms",
    "--product",
    "아메리카노",
    "--amount",
    "4500",
    "--buyer",
    "홍길동",
    "--phone",
    "010-1234-5678",
];

/// Arguments with more behind them.
pub fn with<'a>(base: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    base.iter().chain(more).copied().collect()
}
