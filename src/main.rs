//! The thin binary: hands the real arguments, environment, clock and streams to the library.

#![expect(clippy::disallowed_methods, reason = "this is where the world comes in")]

use std::io::{self, BufReader, IsTerminal};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
#[cfg(unix)]
use std::sync::mpsc;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::{Duration, Instant};

use cookiepay::output::Streams;
use cookiepay::world::{Clock, Signals, Surroundings, World};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

/// The exit codes of Ctrl-C, and of SIGTERM and SIGHUP.
const INTERRUPTED: u8 = 130;
const TERMINATED: u8 = 143;

fn main() -> ExitCode {
    keep_secrets_out_of_core_dumps();
    let result = std::panic::catch_unwind(|| cookiepay::run(world()));
    // The hook of the standard library has said where. A defect outside of any command is exit 1, not
    // Rust's 101; the library tells of one inside.
    result.map_or(ExitCode::FAILURE, |code| ExitCode::from(code.0))
}

/// The memory of this process holds keys: no crash may write it to a disk, and no other process of the user may read
/// it. Where the system does not do so the program works all the same.
#[cfg(unix)]
fn keep_secrets_out_of_core_dumps() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Core).maximum;
    let _refused = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum });
    #[cfg(target_os = "linux")]
    let _refused = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

#[cfg(not(unix))]
fn keep_secrets_out_of_core_dumps() {}

fn world() -> World {
    let signals = Signals::default();
    if let Err(error) = listen_to_signals(&signals) {
        // The program works without; only Ctrl-C then ends it at once.
        let _unheard =
            io::Write::write_fmt(&mut io::stderr(), format_args!("warning: no signal handlers: {error}\n"));
    }
    World {
        arguments: std::env::args_os().collect(),
        streams: Streams {
            input: Box::new(BufReader::new(io::stdin())),
            output: Box::new(io::stdout()),
            error: Box::new(io::stderr()),
            input_is_terminal: io::stdin().is_terminal(),
            output_is_terminal: io::stdout().is_terminal(),
            error_is_terminal: io::stderr().is_terminal(),
            width: terminal_size::terminal_size().map(|(width, _)| width.0),
        },
        surroundings: Surroundings {
            environment: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
            config_directory: dirs::config_dir(),
            data_directory: dirs::data_dir(),
            state_directory: dirs::state_dir().or_else(dirs::data_local_dir),
            clock: Arc::new(SystemClock { start: Instant::now() }),
            random: Arc::new(fill_random),
            operator: Arc::new(LazyLock::new(operator)),
            read_hidden: || rpassword::read_password(),
            signals,
            reached: if cfg!(debug_assertions) { end_at } else { |_| {} },
        },
    }
}

/// Signals end the program at once unless held; held, the first is noted and the second ends it. The
/// order of registration is the order of the actions.
fn listen_to_signals(signals: &Signals) -> io::Result<()> {
    let counted = count_signals(signals);
    for (signal, code, noted) in [
        (SIGINT, INTERRUPTED, &signals.interrupted),
        (SIGTERM, TERMINATED, &signals.terminated),
        // The terminal was closed: as good as being told to end.
        (SIGHUP, TERMINATED, &signals.terminated),
    ] {
        if counted.is_err() {
            flag::register_conditional_shutdown(signal, code.into(), Arc::clone(&signals.at_once))?;
            // Without a thread that tells what is under way, a second signal may have left a bill unknown.
            flag::register_conditional_shutdown(signal, 7, Arc::clone(&signals.noted))?;
        }
        flag::register(signal, Arc::clone(noted))?;
        flag::register(signal, Arc::clone(&signals.noted))?;
        if let Ok(count) = &counted {
            count(signal)?;
        }
    }
    survive_size_limits()
}

/// Starts the thread that ends the program where a signal is to end it at once. A handler could not: with which code
/// depends on what is under way, and it is told. Returns what has the thread count a signal.
#[cfg(unix)]
fn count_signals(signals: &Signals) -> io::Result<impl Fn(i32) -> io::Result<()>> {
    let signals = signals.clone();
    let mut arriving = signal_hook::iterator::Signals::new(std::iter::empty::<i32>())?;
    let handle = arriving.handle();
    let count = move || {
        for signal in arriving.forever() {
            let code = if signal == SIGINT { INTERRUPTED } else { TERMINATED };
            if let Some(code) = signals.count(code) {
                report_end(&signals, code);
                signal_hook::low_level::exit(code.into());
            }
        }
    };
    thread::Builder::new().name("signals".to_owned()).spawn(count)?;
    Ok(move |signal| handle.add_signal(signal))
}

#[cfg(not(unix))]
fn count_signals(_: &Signals) -> io::Result<fn(i32) -> io::Result<()>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// How long the end is told of at most.
#[cfg(unix)]
const END_REPORT_TIMEOUT: Duration = Duration::from_secs(1);

/// Tells of the end. A pipe that is full, which nobody reads, does not keep the program from ending.
#[cfg(unix)]
fn report_end(signals: &Signals, code: u8) {
    let (reported, is_reported) = mpsc::channel();
    let signals = signals.clone();
    let report = move || {
        signals.report_end(code);
        let _ended_meanwhile = reported.send(());
    };
    if thread::Builder::new().spawn(report).is_ok() {
        let _unread = is_reported.recv_timeout(END_REPORT_TIMEOUT);
    }
}

/// A write past the size limit of files (`ulimit -f`) is to fail as one to a full disk does, and be
/// told; by default its signal would end the program without a word.
#[cfg(unix)]
fn survive_size_limits() -> io::Result<()> {
    let heard = Arc::default();
    flag::register(signal_hook::consts::SIGXFSZ, heard).map(drop)
}

#[cfg(not(unix))]
fn survive_size_limits() -> io::Result<()> {
    Ok(())
}

/// In a debug build `COOKIEPAY_END_AT=after-reply:3` ends the process, as a power cut would, when
/// that moment is reached for the third time; the crash tests visit every moment so.
fn end_at(moment: &'static str) {
    static REACHED: AtomicU64 = AtomicU64::new(0);
    let wanted = std::env::var("COOKIEPAY_END_AT").unwrap_or_default();
    let (name, count) = wanted.split_once(':').unwrap_or((&wanted, "1"));
    if name == moment && count.parse() == Ok(REACHED.fetch_add(1, Ordering::SeqCst).saturating_add(1)) {
        std::process::abort();
    }
}

/// user@host, as the ledger remembers who did what.
fn operator() -> String {
    let unknown = |_| "unknown".to_owned();
    let user = whoami::username().unwrap_or_else(unknown);
    let host = whoami::hostname().unwrap_or_else(unknown);
    format!("{user}@{host}")
}

fn fill_random(buffer: &mut [u8]) {
    #[expect(clippy::expect_used, reason = "without randomness no number may be made up")]
    getrandom::fill(buffer).expect("the system gives random bytes");
}

/// How often a sleeper looks whether its sleep is over.
const LOOK_AROUND: Duration = Duration::from_millis(100);

/// The system's time.
struct SystemClock {
    start: Instant,
}

impl Clock for SystemClock {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, time: Duration, is_over: &dyn Fn() -> bool) {
        let mut left = time;
        while !left.is_zero() && !is_over() {
            let slice = left.min(LOOK_AROUND);
            thread::sleep(slice);
            left = left.saturating_sub(slice);
        }
    }
}
