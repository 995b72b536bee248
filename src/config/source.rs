//! Where a secret comes from: as the file says it, then as a place that can be gone to.
//!
//! A place is gone to only when its secret is needed: a password manager is not asked for the key of
//! a command that sends nothing. Everything that was captured is a [`Secret`], so that `Debug` of
//! these types is harmless, even of a command's arguments.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::key::{may_hold_key, unless_key};
use super::read::{self, ReadFault, TIME_LIMIT};
use crate::access::{Access, Weakness, WeaknessKind};
use crate::secret::Secret;

/// Longer than any key; what is longer is not one.
const LONGEST: u64 = 8 * 1024;

/// A secret as the config file gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// The text itself.
    Written(Secret),
    /// `{ env = "NAME" }`; kept like a secret, because that is what some paste there.
    Variable(Secret),
    /// `{ file = "PATH" }`
    File(String),
    /// `{ command = ["prog", "arg"] }`
    Command { program: String, arguments: Vec<Secret> },
}

/// What a relative path and a variable mean: the directory of the config file, the environment.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) directory: &'a Path,
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
}

impl Surroundings<'_> {
    /// An environment variable; an empty one counts as not set.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// `~/` is the home directory, anything relative lies beside the config file.
    fn path(&self, written: &str) -> PathBuf {
        let home = || self.variable("HOME").or_else(|| self.variable("USERPROFILE"));
        match written.strip_prefix("~/").and_then(|rest| home().map(|home| Path::new(&home).join(rest))) {
            Some(path) => path,
            None => self.directory.join(written),
        }
    }

    /// A program: a bare name is looked up by the system, a path as every other path here.
    fn program(&self, written: &str) -> PathBuf {
        if written.contains('/') { self.path(written) } else { PathBuf::from(written) }
    }
}

impl Source {
    /// The secret itself, where the file holds it.
    pub(super) fn written(&self) -> Option<&str> {
        match self {
            Self::Written(secret) => Some(secret.expose()),
            Self::Variable(_) | Self::File(_) | Self::Command { .. } => None,
        }
    }

    pub(super) fn locate(&self, surroundings: Surroundings<'_>) -> Place {
        match self {
            Self::Written(secret) => Place::Written(secret.clone()),
            Self::Variable(name) => Place::Variable {
                name: name.clone(),
                value: surroundings.variable(name.expose()).map(Secret::new),
            },
            Self::File(path) => Place::File(surroundings.path(path)),
            Self::Command { program, arguments } => Place::Command {
                name: program.clone(),
                program: surroundings.program(program),
                arguments: arguments.clone(),
            },
        }
    }
}

/// A place a secret can be fetched from, with nothing left to look up.
#[derive(Debug, Clone)]
pub(super) enum Place {
    Written(Secret),
    BuiltIn(&'static str),
    Variable { name: Secret, value: Option<Secret> },
    File(PathBuf),
    Command { name: String, program: PathBuf, arguments: Vec<Secret> },
}

impl Place {
    /// Whether fetching neither reads a file nor runs a program.
    pub(super) fn is_at_hand(&self) -> bool {
        matches!(self, Self::Written(_) | Self::BuiltIn(_) | Self::Variable { .. })
    }

    /// Whether fetching runs a program, which may ask somebody something.
    pub(super) fn runs_a_program(&self) -> bool {
        matches!(self, Self::Command { .. })
    }

    /// Goes there and brings the secret, valid as a header value.
    pub(super) fn fetch(&self) -> Result<Secret, SecretFault> {
        let secret = match self {
            Self::Written(secret) => secret.clone(),
            Self::BuiltIn(text) => Secret::new(*text),
            Self::Variable { value, .. } => value.clone().ok_or(SecretFault::NotSet)?,
            Self::File(path) => fetch_file(path, TIME_LIMIT)?,
            Self::Command { program, arguments, .. } => fetch_command(program, arguments, TIME_LIMIT)?,
        };
        check(secret.expose())?;
        Ok(secret)
    }
}

impl Place {
    /// As [`Place::fetch`], but a file that group or others may read (and not change) is no fault: what they can do
    /// comes with it.
    pub(super) fn fetch_open(&self) -> Result<(Secret, Option<Weakness>), SecretFault> {
        let Self::File(path) = self else { return Ok((self.fetch()?, None)) };
        let (secret, exposed) = fetch_open_file(path, TIME_LIMIT)?;
        check(secret.expose())?;
        Ok((secret, exposed))
    }

    /// The environment variable that it stands in.
    pub(super) fn variable(&self) -> Option<&str> {
        match self {
            Self::Variable { name, .. } => Some(name.expose()),
            Self::Written(_) | Self::BuiltIn(_) | Self::File(_) | Self::Command { .. } => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written(_) => formatter.write_str("the value in the config file"),
            Self::BuiltIn(_) => formatter.write_str("the built-in value"),
            Self::Variable { name, .. }
                if is_plain_variable(name.expose()) && !may_hold_key(name.expose()) =>
            {
                write!(formatter, "variable `{}`", name.expose())
            }
            // A key pasted where its variable's name belongs looks like this.
            Self::Variable { .. } => {
                formatter.write_str("the variable (its name is not shown: it may be a key)")
            }
            Self::File(path) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let shown = path.with_file_name(unless_key(&name));
                write!(formatter, "file `{}`", shown.display())
            }
            Self::Command { name, .. } => write!(formatter, "command `{}`", unless_key(name)),
        }
    }
}

/// Whether the name is spelled as variables are, and as keys hardly ever are.
fn is_plain_variable(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Why a place brings no secret; never what it brought instead.
#[derive(Debug)]
pub enum SecretFault {
    /// The variable is not set, or empty.
    NotSet,
    /// There is nothing in it.
    Empty,
    /// It begins or ends with a space, which a header would lose.
    Padded,
    /// It holds something else than printable ASCII.
    NotPrintable,
    /// It is longer than any key.
    TooLong,
    /// The file cannot be read.
    Unreadable(ReadFault),
    /// Others can do more with the file, or its directory, than they may.
    Weak(Weakness),
    /// The program did not start.
    NotStarted(std::io::ErrorKind),
    /// The program ended with a failure: its exit status.
    Failed(String),
    /// The program brought nothing in that time.
    Silent(Duration),
}

impl fmt::Display for SecretFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSet => formatter.write_str("is not set"),
            Self::Empty => formatter.write_str("is empty"),
            Self::Padded => formatter.write_str("begins or ends with a space"),
            Self::NotPrintable => {
                formatter.write_str("holds characters other than printable ASCII, so it can be no key")
            }
            Self::TooLong => formatter.write_str("is longer than any key"),
            Self::Unreadable(fault) => fault.fmt(formatter),
            Self::Weak(weakness) => weakness.fmt(formatter),
            Self::Silent(limit) => write!(formatter, "gave no secret within {} s", limit.as_secs()),
            Self::NotStarted(kind) => write!(formatter, "did not start: {kind}"),
            Self::Failed(status) => write!(formatter, "failed ({status})"),
        }
    }
}

/// A secret goes into an HTTP header, which holds printable ASCII and drops spaces at its ends.
pub(super) fn check(text: &str) -> Result<(), SecretFault> {
    if text.is_empty() {
        return Err(SecretFault::Empty);
    }
    if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(SecretFault::NotPrintable);
    }
    if text.trim() != text {
        return Err(SecretFault::Padded);
    }
    Ok(())
}

/// The bytes as a secret, without the line end that editors and programs put behind it.
fn without_line_end(bytes: Vec<u8>) -> Result<Secret, SecretFault> {
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LONGEST) {
        return Err(SecretFault::TooLong);
    }
    let text = String::from_utf8(bytes).map_err(|_| SecretFault::NotPrintable)?;
    Ok(Secret::new(text.trim_end_matches(['\n', '\r'])))
}

fn fetch_file(path: &Path, limit: Duration) -> Result<Secret, SecretFault> {
    match fetch_open_file(path, limit)? {
        (secret, None) => Ok(secret),
        (_, Some(weakness)) => Err(SecretFault::Weak(weakness)),
    }
}

/// A file's secret, and what group or others can do if that is no more than to read it, too.
fn fetch_open_file(path: &Path, limit: Duration) -> Result<(Secret, Option<Weakness>), SecretFault> {
    let opened = read::open_within(path, limit).map_err(SecretFault::Unreadable)?;
    let weakness = opened.weakness(path, Access::weakness_of_secret);
    match weakness {
        Some(weakness) if !matches!(weakness.kind, WeaknessKind::Readable(_)) => {
            Err(SecretFault::Weak(weakness))
        }
        weakness => Ok((without_line_end(opened.bytes)?, weakness)),
    }
}

/// Runs the program and takes what it says. At the time limit it is ended with all that it started.
fn fetch_command(program: &Path, arguments: &[Secret], limit: Duration) -> Result<Secret, SecretFault> {
    let mut command = Command::new(program);
    command.args(arguments.iter().map(Secret::expose));
    // Its complaints may hold the secret.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let started = Instant::now();
    let mut child = command.spawn().map_err(|error| SecretFault::NotStarted(error.kind()))?;
    let left = || limit.saturating_sub(started.elapsed());
    let silent = || SecretFault::Silent(limit);
    let output = output_of(&mut child, limit).and_then(|output| output.ok_or_else(silent));
    let ended = match output {
        Ok(output) => wait(&mut child, left).and_then(|status| Ok((output, status.ok_or_else(silent)?))),
        Err(fault) => Err(fault),
    };
    let (output, status) = ended.inspect_err(|_| end(&mut child))?;
    if !status.success() {
        return Err(SecretFault::Failed(status.to_string()));
    }
    without_line_end(output)
}

/// What the program wrote, up to what can be a key and one byte more; `None` where it has not closed its output in
/// that time.
fn output_of(child: &mut Child, limit: Duration) -> Result<Option<Vec<u8>>, SecretFault> {
    let failed = |error: std::io::Error| SecretFault::Failed(error.kind().to_string());
    let Some(stdout) = child.stdout.take() else { return Ok(Some(Vec::new())) };
    let (sender, output) = mpsc::channel();
    let reading = thread::Builder::new().spawn(move || {
        let mut output = Vec::new();
        let read = stdout.take(LONGEST.saturating_add(1)).read_to_end(&mut output);
        let _given_up = sender.send(read.map(|_| output));
    });
    reading.map_err(failed)?;
    let Ok(output) = output.recv_timeout(limit) else { return Ok(None) };
    let output = output.map_err(failed)?;
    if u64::try_from(output.len()).is_ok_and(|length| length > LONGEST) {
        return Err(SecretFault::TooLong);
    }
    Ok(Some(output))
}

/// Waits for the program's end, which mostly follows that of its output at once; `None` where it goes on.
fn wait(child: &mut Child, left: impl Fn() -> Duration) -> Result<Option<ExitStatus>, SecretFault> {
    const STEP: Duration = Duration::from_millis(1);
    loop {
        let status = child.try_wait().map_err(|error| SecretFault::Failed(error.kind().to_string()))?;
        if status.is_some() || left().is_zero() {
            return Ok(status);
        }
        thread::sleep(STEP);
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
mod tests {
    use super::*;

    const CANARY: &str = "canary-7f3a";

    fn place(source: &Source, directory: &Path) -> Place {
        let home = directory.display().to_string();
        let variable = move |name: &str| match name {
            "HOME" => Some(home.clone()),
            "SHOP_KEY" => Some(CANARY.to_owned()),
            "EMPTY_KEY" => Some(String::new()),
            _ => None,
        };
        source.locate(Surroundings { directory, variable: &variable })
    }

    fn fetched(source: &Source) -> Result<Secret, SecretFault> {
        place(source, Path::new("/nowhere")).fetch()
    }

    fn shell(script: &str) -> Source {
        Source::Command { program: "sh".to_owned(), arguments: vec![Secret::new("-c"), Secret::new(script)] }
    }

    fn private_file(path: &Path, content: &[u8]) {
        std::fs::write(path, content).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    #[test]
    fn a_variable_brings_its_value_and_an_empty_one_counts_as_not_set() {
        assert_eq!(fetched(&Source::Variable(Secret::new("SHOP_KEY"))).unwrap().expose(), CANARY);
        for name in ["EMPTY_KEY", "NO_KEY"] {
            let place = place(&Source::Variable(Secret::new(name)), Path::new("."));
            assert_eq!(
                format!("{place} {}", place.fetch().unwrap_err()),
                format!("variable `{name}` is not set")
            );
        }
    }

    #[test]
    fn a_name_that_looks_like_a_key_is_not_shown() {
        let place = place(&Source::Variable(Secret::new("canary_7f3a")), Path::new("."));
        assert!(!place.to_string().contains("canary"), "{place}");
    }

    #[test]
    fn a_file_lies_beside_the_config_or_at_home_and_loses_its_line_end() {
        let directory = tempfile::tempdir().unwrap();
        for content in ["canary-7f3a", "canary-7f3a\n", "canary-7f3a\r\n"] {
            private_file(&directory.path().join("key"), content.as_bytes());
            for written in ["key", "~/key", directory.path().join("key").to_str().unwrap()] {
                let secret = place(&Source::File(written.to_owned()), directory.path()).fetch().unwrap();
                assert_eq!(secret.expose(), CANARY, "{written}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_or_change_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        private_file(&path, CANARY.as_bytes());
        for mode in [0o640, 0o604, 0o644, 0o622, 0o620, 0o602] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let refused = place(&Source::File("key".to_owned()), directory.path()).fetch().unwrap_err();
            assert!(matches!(refused, SecretFault::Weak(_)), "{refused}");
        }
    }

    #[test]
    fn a_file_that_holds_no_key_is_refused_without_showing_it() {
        let directory = tempfile::tempdir().unwrap();
        for (content, fault) in [
            (b"".to_vec(), "is empty"),
            (b"\n".to_vec(), "is empty"),
            (b"canary\ncanary".to_vec(), "printable ASCII"),
            ("canary한글".as_bytes().to_vec(), "printable ASCII"),
            (b"canary\xff".to_vec(), "printable ASCII"),
            (b" canary".to_vec(), "space"),
            (vec![b'k'; 9000], "longer"),
        ] {
            private_file(&directory.path().join("key"), &content);
            let refused = place(&Source::File("key".to_owned()), directory.path()).fetch().unwrap_err();
            assert!(refused.to_string().contains(fault), "{refused}");
            assert!(!format!("{refused:?}").contains("canary"), "{refused:?}");
        }
        let missing = place(&Source::File("none".to_owned()), directory.path()).fetch().unwrap_err();
        assert_eq!(missing.to_string(), "does not exist");
    }

    #[cfg(unix)]
    #[test]
    fn a_command_brings_its_output_and_reads_no_input() {
        assert_eq!(fetched(&shell("cat; echo canary-7f3a")).unwrap().expose(), CANARY);
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_brings_nothing_in_time_is_ended_with_all_that_it_started() {
        let directory = tempfile::tempdir().unwrap();
        let left_behind = directory.path().join("process");
        let script = format!("sleep 600 & echo $! > '{}'; wait", left_behind.display());
        for script in [script, "exec 1>&-; sleep 600".to_owned(), "sleep 600 & exit 0".to_owned()] {
            let arguments = ["-c", &script].map(Secret::new);
            let fault = fetch_command(Path::new("sh"), &arguments, Duration::from_millis(300)).unwrap_err();
            assert!(matches!(fault, SecretFault::Silent(_)), "{fault}");
        }
        let stat = format!("/proc/{}/stat", std::fs::read_to_string(&left_behind).unwrap().trim());
        let runs = || std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z "));
        let started = Instant::now();
        while runs() {
            assert!(started.elapsed() < Duration::from_secs(30), "it runs on");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_fifo_that_brings_nothing_in_time_is_no_secret_and_one_that_does_is() {
        let directory = tempfile::tempdir().unwrap();
        let fifo = |name: &str| {
            let path = directory.path().join(name);
            assert!(Command::new("mkfifo").args(["-m", "600"]).arg(&path).status().unwrap().success());
            path
        };
        let fault = fetch_file(&fifo("silent"), Duration::from_millis(50)).unwrap_err();
        assert!(matches!(fault, SecretFault::Unreadable(ReadFault::Silent(_))), "{fault}");
        let path = fifo("key");
        let writer = path.clone();
        let writing = thread::spawn(move || std::fs::write(writer, "canary-7f3a\n"));
        assert_eq!(fetch_file(&path, TIME_LIMIT).unwrap().expose(), CANARY);
        writing.join().unwrap().unwrap();
    }

    #[test]
    fn the_hint_for_a_stream_of_the_system_is_no_chmod() {
        let stdin = Access { mode: 0o644, owner: 0 };
        for path in ["/dev/stdin", "/dev/fd/3", "/proc/self/fd/0"] {
            let weakness = stdin.weakness_of_secret(Path::new(path)).unwrap();
            let hint = super::super::error::secret_hint(&SecretFault::Weak(weakness));
            assert!(!hint.contains("chmod") && hint.contains("file of its own"), "{hint}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_fails_is_named_with_its_status_but_not_its_output() {
        let failing = shell("echo canary-7f3a; echo canary-7f3a >&2; exit 3");
        let place = place(&failing, Path::new("."));
        let failure = format!("{place} {}", place.fetch().unwrap_err());
        assert_eq!(failure, "command `sh` failed (exit status: 3)");
        assert!(!format!("{place:?}").contains("canary"), "{place:?}");
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_brings_nothing_or_too_much_or_does_not_exist_is_refused() {
        assert!(matches!(fetched(&shell("true")).unwrap_err(), SecretFault::Empty));
        assert!(matches!(fetched(&shell("yes")).unwrap_err(), SecretFault::TooLong));
        let none = Source::Command { program: "no-such-program-7f3a".to_owned(), arguments: Vec::new() };
        assert_eq!(fetched(&none).unwrap_err().to_string(), "did not start: entity not found");
    }

    #[cfg(unix)]
    #[test]
    fn a_program_with_a_path_lies_beside_the_config() {
        let directory = tempfile::tempdir().unwrap();
        let script = Source::Command { program: "./bin/key".to_owned(), arguments: Vec::new() };
        let Place::Command { program, .. } = place(&script, directory.path()) else { panic!("no command") };
        assert_eq!(program, directory.path().join("./bin/key"));
    }
}
