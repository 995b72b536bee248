//! Where a secret comes from: as the file says it, then as a place that can be gone to.
//!
//! A place is gone to only when its secret is needed: a password manager is not asked for the key of
//! a command that sends nothing. Everything that was captured is a [`Secret`], so that `Debug` of
//! these types is harmless, even of a command's arguments.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::read::{self, ReadFault};
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
            Self::File(path) => fetch_file(path)?,
            Self::Command { program, arguments, .. } => fetch_command(program, arguments)?,
        };
        check(secret.expose())?;
        Ok(secret)
    }
}

impl Place {
    /// As [`Place::fetch`], but a file that group or others may read is no fault: it comes with its mode.
    pub(super) fn fetch_open(&self) -> Result<(Secret, Option<String>), SecretFault> {
        let Self::File(path) = self else { return Ok((self.fetch()?, None)) };
        let (secret, exposed) = fetch_open_file(path)?;
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
            Self::Variable { name, .. } if is_plain_variable(name.expose()) => {
                write!(formatter, "variable `{}`", name.expose())
            }
            // A key pasted where its variable's name belongs looks like this.
            Self::Variable { .. } => {
                formatter.write_str("the variable (its name is not shown: it may be a key)")
            }
            Self::File(path) => write!(formatter, "file `{}`", path.display()),
            Self::Command { name, .. } => write!(formatter, "command `{name}`"),
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
    /// Group or others may read the file; its mode, and the path for `chmod`.
    Exposed {
        /// The mode in `chmod`'s spelling.
        mode: String,
        /// The file.
        path: PathBuf,
    },
    /// The program did not start.
    NotStarted(std::io::ErrorKind),
    /// The program ended with a failure: its exit status.
    Failed(String),
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
            Self::Exposed { mode, .. } => write!(formatter, "can be read by group or others (mode {mode})"),
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

fn fetch_file(path: &Path) -> Result<Secret, SecretFault> {
    match fetch_open_file(path)? {
        (secret, None) => Ok(secret),
        (_, Some(mode)) => Err(SecretFault::Exposed { mode, path: path.to_owned() }),
    }
}

/// A file's secret, and its mode if group or others may read it, too.
fn fetch_open_file(path: &Path) -> Result<(Secret, Option<String>), SecretFault> {
    let opened = read::open(path).map_err(SecretFault::Unreadable)?;
    let exposed = opened.access.and_then(read::Access::exposed);
    Ok((without_line_end(opened.bytes)?, exposed))
}

fn fetch_command(program: &Path, arguments: &[Secret]) -> Result<Secret, SecretFault> {
    let mut command = Command::new(program);
    command.args(arguments.iter().map(Secret::expose));
    // Its complaints may hold the secret; one that has to ask somebody opens the terminal itself.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| SecretFault::NotStarted(error.kind()))?;
    let output = output_of(&mut child);
    if output.is_err() {
        // It is of no use any more; one that has ended already cannot be stopped, which is as good.
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| SecretFault::Failed(error.kind().to_string()))?;
    let output = output?;
    if !status.success() {
        return Err(SecretFault::Failed(status.to_string()));
    }
    without_line_end(output)
}

/// What the program wrote, up to what can be a key and one byte more; its output is closed then.
fn output_of(child: &mut Child) -> Result<Vec<u8>, SecretFault> {
    let mut output = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let read = stdout.take(LONGEST.saturating_add(1)).read_to_end(&mut output);
        read.map_err(|error| SecretFault::Failed(error.kind().to_string()))?;
    }
    if u64::try_from(output.len()).is_ok_and(|length| length > LONGEST) {
        return Err(SecretFault::TooLong);
    }
    Ok(output)
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
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        private_file(&path, CANARY.as_bytes());
        for mode in [0o640, 0o604, 0o644] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let refused = place(&Source::File("key".to_owned()), directory.path()).fetch().unwrap_err();
            assert!(matches!(refused, SecretFault::Exposed { .. }), "{refused}");
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
