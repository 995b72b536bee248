//! A shell that types what a README says, as a reader would.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::made_up::MadeUp;
use super::{BUILT, root};

/// Nothing in the READMEs takes longer.
const PATIENCE: Duration = Duration::from_mins(1);
/// Precedes the exit code that follows a command's output.
const MARK: char = '\u{1e}';

/// A shell in a home of its own, with the built binary on its path.
pub(super) struct Session {
    home: TempDir,
    shell: Child,
    printed: Receiver<String>,
    pub(super) made_up: MadeUp,
}

impl Session {
    pub(super) fn start(locale: &str) -> Self {
        let home = TempDir::new().unwrap();
        // What the READMEs name of the repository can be read, and cannot be written over.
        let folder = home.path().join("cookiepay");
        fs::create_dir(&folder).unwrap();
        for name in ["tests", "config.example.toml", "completions"] {
            symlink(root().join(name), folder.join(name)).unwrap();
        }
        let program = Path::new(env!("CARGO_BIN_EXE_cookiepay"));
        #[expect(clippy::disallowed_methods, reason = "the shell finds its programs as this process does")]
        let path = std::env::var("PATH").unwrap();
        let mut shell = Command::new("sh")
            .env_clear()
            .env("PATH", format!("{}:{path}", program.parent().unwrap().display()))
            .env("HOME", home.path())
            .env("LANG", locale)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let (sender, printed) = mpsc::channel();
        let output = BufReader::new(shell.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines() {
                if sender.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        let mut session = Self { home, shell, printed, made_up: MadeUp::default() };
        session.type_in("exec 2>&1");
        session
    }

    /// Runs a command of a README. One that goes on in the background is given time to print so
    /// many lines, and a port of its own.
    pub(super) fn perform(&mut self, command: &str, lines: usize) -> String {
        let command = self.made_up.as_real(command);
        let command = command.replacen(BUILT, "cookiepay ", 1);
        let Some(server) = command.strip_suffix(" &") else { return self.type_in(&command) };
        let server = server.replacen("emulator serve", "emulator serve --listen 127.0.0.1:0", 1).replacen(
            "noti listen",
            "noti listen --listen 127.0.0.1:0",
            1,
        );
        let log = self.home.path().join("cookiepay/server.log");
        // What an earlier server said must not be taken for this one's address.
        let _none_before = fs::remove_file(&log);
        self.type_in(&format!("{server} > server.log 2>&1 &"));
        let start = Instant::now();
        loop {
            let printed = fs::read_to_string(&log).unwrap_or_default();
            if printed.lines().count() >= lines.max(1) || start.elapsed() > PATIENCE {
                return printed;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What a command prints. It is read from a file, so that it cannot read the next one as its input.
    pub(super) fn type_in(&mut self, command: &str) -> String {
        let script = self.home.path().join("step.sh");
        fs::write(&script, format!("{command}\n")).unwrap();
        let script = script.display();
        let shell = self.shell.stdin.as_mut().unwrap();
        writeln!(shell, ". '{script}' </dev/null; s=$?; printf '\\n\\036%s\\n' $s; (exit $s)").unwrap();
        let mut lines = Vec::new();
        loop {
            let line = self.printed.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("`{command}` does not end: {lines:#?}"));
            if line.starts_with(MARK) {
                lines.pop_if(|line: &mut String| line.is_empty());
                return lines.join("\n");
            }
            lines.push(line);
        }
    }

    pub(super) fn end(mut self) {
        self.stop();
    }

    /// Ends the shell and whatever a block left running, all of them children of this test.
    fn stop(&mut self) {
        let kill = format!("kill -s TERM -- -{}", self.shell.id());
        let _gone = Command::new("sh").args(["-c", &kill]).stderr(Stdio::null()).status();
        let _ended = self.shell.wait();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.stop();
    }
}
