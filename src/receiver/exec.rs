//! `--exec`: a program run with a notification on its stdin.
//!
//! Exit 0 says that it has taken it, any other end of its own that it refused. The program may take a minute, may leave stdin unread, and may leave
//! others behind that hold its streams: none of that holds this one up.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::targets::{Failure, TargetError, excerpt};

/// How long a program may take.
const TIME_LIMIT: Duration = Duration::from_mins(1);

/// The bytes of stderr that are kept: the last ones, where the reason stands.
const TAIL: usize = 4 * 1024;

/// How long the end of a failed program's stderr is waited for: whom it left behind may hold it open.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Where programs are where nobody says where.
const DEFAULT_PATH: &str = "/usr/bin:/bin";

/// A program that is run for each notification.
#[derive(Debug)]
pub struct Exec {
    program: String,
    arguments: Vec<String>,
    environment: BTreeMap<String, String>,
    time_limit: Duration,
}

impl Exec {
    /// Prepares running the program that this command line names, in this environment.
    ///
    /// # Errors
    ///
    /// [`TargetError::Program`] where there is no such program.
    pub fn new(line: &[String], environment: &BTreeMap<String, String>) -> Result<Self, TargetError> {
        let Some((program, arguments)) = line.split_first() else {
            return Err(TargetError::Program("a program, with its arguments behind it"));
        };
        let environment = environment.clone();
        if !is_there(program, environment.get("PATH").map_or(DEFAULT_PATH, String::as_str)) {
            return Err(TargetError::Program("a program that exists and may be run"));
        }
        let (program, arguments) = (program.clone(), arguments.to_vec());
        Ok(Self { program, arguments, environment, time_limit: TIME_LIMIT })
    }

    /// Runs it once with this object and a line end on its stdin.
    pub(super) fn run(&self, json: &[u8]) -> Result<(), Failure> {
        let text = |reason: &str| format!("`{}` {reason}", self.program);
        let missed = |reason: &str| Failure::Missed(text(reason));
        let mut child = self.start().map_err(|error| missed(&format!("did not start: {error}")))?;
        let streams = feed(&mut child, json).and_then(|()| listen(&mut child));
        let (said, ended) = streams.map_err(|error| {
            end(&mut child);
            missed(&format!("could not be given its input: {error}"))
        })?;
        let waited = wait(&mut child, &ended, self.time_limit);
        let (kind, reason): (fn(String) -> Failure, String) = match waited {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => (Failure::Refused, format!("failed ({status})")),
            Ok(None) => {
                end(&mut child);
                (Failure::Missed, format!("was stopped after {} s", self.time_limit.as_secs()))
            }
            Err(error) => {
                end(&mut child);
                (Failure::Missed, format!("was lost sight of: {error}"))
            }
        };
        // Either its end or the time is up: what it said so far is what there is.
        let _ended = ended.recv_timeout(LAST_WORDS);
        let said = excerpt(&said.lock().unwrap_or_else(PoisonError::into_inner), TAIL);
        Err(kind(if said.is_empty() { text(&reason) } else { text(&format!("{reason}: {said}")) }))
    }

    fn start(&self) -> std::io::Result<Child> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env_clear().envs(&self.environment);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        // A group of its own: Ctrl-C lets it finish, and at the time limit all that it started ends with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn()
    }
}

/// Whether a program of that name is in one of these folders, or where its path says.
fn is_there(program: &str, path: &str) -> bool {
    if program.contains('/') || cfg!(not(unix)) {
        // Elsewhere than on Unix a name is found in ways of its own; what is not there fails when run.
        return cfg!(not(unix)) || may_be_run(Path::new(program));
    }
    path.split(':').any(|folder| may_be_run(&Path::new(folder).join(program)))
}

#[cfg(unix)]
fn may_be_run(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn may_be_run(path: &Path) -> bool {
    path.is_file()
}

/// Writes the object on a thread of its own: a program that reads late, or never, holds up nobody.
fn feed(child: &mut Child, json: &[u8]) -> std::io::Result<()> {
    let Some(mut stdin) = child.stdin.take() else { return Ok(()) };
    let mut line = json.to_vec();
    line.push(b'\n');
    let writer = thread::Builder::new().spawn(move || {
        // Whether it took what it was given is for its exit code to say.
        let _closed_early = stdin.write_all(&line);
    });
    writer.map(drop)
}

/// The last bytes that the program said, and a channel that closes when it says no more.
type Said = (Arc<Mutex<Vec<u8>>>, Receiver<()>);

/// Reads its stderr on a thread of its own, which ends when the last who holds it does.
fn listen(child: &mut Child) -> std::io::Result<Said> {
    let said = Arc::new(Mutex::new(Vec::new()));
    let (sender, ended) = channel();
    let Some(mut stderr) = child.stderr.take() else { return Ok((said, ended)) };
    let tail = Arc::clone(&said);
    let reader = thread::Builder::new().spawn(move || {
        let _closes_with_this_thread = sender;
        let mut buffer = [0; 1024];
        while let Ok(count) = stderr.read(&mut buffer) {
            if count == 0 {
                break;
            }
            let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
            tail.extend_from_slice(buffer.get(..count).unwrap_or_default());
            let surplus = tail.len().saturating_sub(TAIL);
            tail.drain(..surplus);
        }
    });
    reader.map(|_| (said, ended))
}

/// Waits for its end; `None` where the time limit passed before. The end of stderr is news, since most
/// programs close it only when they end.
fn wait(child: &mut Child, ended: &Receiver<()>, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    const SHORTEST: Duration = Duration::from_millis(1);
    const LONGEST: Duration = Duration::from_millis(100);
    let started = Instant::now();
    let mut step = SHORTEST;
    let mut is_open = true;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let left = limit.saturating_sub(started.elapsed());
        if left.is_zero() {
            return Ok(None);
        }
        if !is_open {
            thread::sleep(step.min(left));
        } else if matches!(ended.recv_timeout(step.min(left)), Err(RecvTimeoutError::Disconnected)) {
            (is_open, step) = (false, SHORTEST);
            continue;
        }
        step = step.saturating_mul(2).min(LONGEST);
    }
}

/// Ends the program and, where the system has groups of processes, all that it started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    let _all_gone = rustix::process::kill_process_group(
        rustix::process::Pid::from_child(child),
        rustix::process::Signal::KILL,
    );
    let _ended_already = child.kill();
    let _status = child.wait();
}

#[cfg(test)]
mod tests;
