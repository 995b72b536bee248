//! `--exec`: a program run with a notification on its stdin.
//!
//! Exit 0 says that it has taken it, any other end of its own that it refused. The program may take a minute, may leave stdin unread, and may leave
//! others behind that hold its streams: none of that holds this one up.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

use super::signature::Signer;
use super::targets::{Failure, TargetError, excerpt, name};

/// How long a program may take.
const TIME_LIMIT: Duration = Duration::from_mins(1);

/// The bytes of stderr that are kept: the last ones, where the reason stands.
const TAIL: usize = 4 * 1024;

/// How long the end of a failed program's stderr is waited for: whom it left behind may hold it open.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Where programs are where nobody says where.
const DEFAULT_PATH: &str = "/usr/bin:/bin";

/// The variable in which a program finds the signature of what it is given.
const SIGNATURE: &str = "COOKIEPAY_SIGNATURE";

/// A program that is run for each notification.
#[derive(Debug)]
pub struct Exec {
    program: String,
    arguments: Vec<String>,
    environment: BTreeMap<String, String>,
    time_limit: Duration,
    signer: Option<Signer>,
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
        Ok(Self { program, arguments, environment, time_limit: TIME_LIMIT, signer: None })
    }

    /// The same, with what it is given signed.
    #[must_use]
    pub fn signed(mut self, signer: Option<Signer>) -> Self {
        self.signer = signer;
        self
    }

    /// See [`name`].
    pub(super) fn name(&self) -> String {
        let line = std::iter::once(&self.program).chain(&self.arguments);
        name(std::iter::once("exec").chain(line.map(String::as_str)))
    }

    /// Runs it once with this object and a line end on its stdin. Must not be called from within an asynchronous
    /// runtime.
    pub(super) fn run(&self, json: &[u8]) -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|error| Failure::Missed(self.text(&format!("did not start: {error}"))))?;
        // With the runtime all that was still open ends: whom the program left behind costs nothing more.
        runtime.block_on(self.converse(json))
    }

    async fn converse(&self, json: &[u8]) -> Result<(), Failure> {
        let missed = |reason: String| Failure::Missed(self.text(&reason));
        let mut child = self.start(json).map_err(|error| missed(format!("did not start: {error}")))?;
        let mut stderr = child.stderr.take();
        let mut said = Vec::new();
        let attended = timeout(self.time_limit, attend(&mut child, &mut stderr, json, &mut said)).await;
        let (kind, reason): (fn(String) -> Failure, String) = match attended {
            Ok(Ok(status)) if status.success() => return Ok(()),
            Ok(Ok(status)) => (Failure::Refused, format!("failed ({status})")),
            unfinished => {
                end(&mut child).await;
                let limit = self.time_limit.as_secs();
                let reason = match unfinished {
                    Ok(Err(error)) => format!("was lost sight of: {error}"),
                    _ => format!("was stopped after {limit} s"),
                };
                (Failure::Missed, reason)
            }
        };
        // Either its end or the time is up: what it said so far is what there is.
        let _ended = timeout(LAST_WORDS, async { while hear(&mut stderr, &mut said).await {} }).await;
        let said = excerpt(&said, TAIL);
        Err(kind(self.text(&if said.is_empty() { reason } else { format!("{reason}: {said}") })))
    }

    /// What became of it, with its name.
    fn text(&self, reason: &str) -> String {
        format!("`{}` {reason}", self.program)
    }

    fn start(&self, json: &[u8]) -> std::io::Result<Child> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env_clear().envs(&self.environment);
        if let Some(signer) = &self.signer {
            command.env(SIGNATURE, signer.sign(json));
        }
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        // A group of its own: Ctrl-C lets it finish, and at the time limit all that it started ends with it.
        #[cfg(unix)]
        command.process_group(0);
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

/// Gives the program its input, keeps what it says, and waits for its end, whatever it makes of its streams.
async fn attend(
    child: &mut Child,
    stderr: &mut Option<ChildStderr>,
    json: &[u8],
    said: &mut Vec<u8>,
) -> std::io::Result<ExitStatus> {
    let stdin = child.stdin.take();
    let feed = async {
        let Some(mut stdin) = stdin else { return };
        // Whether it took what it was given is for its exit code to say.
        let _closed_early = stdin.write_all(&[json, b"\n"].concat()).await;
    };
    let mut feeding = pin!(feed);
    let (mut is_fed, mut is_open) = (false, true);
    loop {
        tokio::select! {
            status = child.wait() => return status,
            () = &mut feeding, if !is_fed => is_fed = true,
            more = hear(stderr, said), if is_open => is_open = more,
        }
    }
}

/// Keeps the last bytes of what the program says next; `false` where it says no more.
async fn hear(stderr: &mut Option<ChildStderr>, said: &mut Vec<u8>) -> bool {
    let Some(stderr) = stderr else { return false };
    let mut buffer = [0; 1024];
    let Ok(count @ 1..) = stderr.read(&mut buffer).await else { return false };
    said.extend_from_slice(buffer.get(..count).unwrap_or_default());
    let surplus = said.len().saturating_sub(TAIL);
    said.drain(..surplus);
    true
}

/// Ends the program and, where the system has groups of processes, all that it started.
async fn end(child: &mut Child) {
    #[cfg(unix)]
    let _all_gone = child
        .id()
        .and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?))
        .map(|group| rustix::process::kill_process_group(group, rustix::process::Signal::KILL));
    let _ended_already = child.kill().await;
}

#[cfg(test)]
mod tests;
