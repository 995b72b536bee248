//! The two READMEs say what is so: every console block is typed into a shell and has to show what
//! it shows, tables are those of the program, links lead somewhere.
//!
//! A console block is read as a terminal: `$ ` begins a command, `> ` goes on with it, all else is
//! what it prints on both streams. All blocks of a file are one session, in a home of its own. What
//! differs from run to run (times, keys, numbers that are made up, ports) is compared by its shape;
//! a key that was shown once stands for the real one in every later command. `[..]` is any text in
//! a line, a line of `...` any lines.
//!
//! `SNAPSHOTS=overwrite cargo test readme` writes what the program prints now into the READMEs.

mod made_up;
mod session;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use cookiepay::commands::EXIT_CODES;
use cookiepay::payment::{Outcome, PaymentState, Verdict};

use crate::support::Scene;
use made_up::skeleton;
use session::Session;

const ENGLISH: Readme = Readme { file: "README.md", locale: "C.UTF-8" };
const KOREAN: Readme = Readme { file: "README.ko.md", locale: "ko_KR.UTF-8" };

/// What the front door gives as the command that tests.
const TEST_COMMAND: &str = "cargo test";
/// What stands for the built binary where it has to be built first.
const BUILT: &str = "cargo run --release -- ";

#[test]
fn every_command_of_the_readme_does_what_it_shows() {
    ENGLISH.run();
}

#[test]
fn every_command_of_the_korean_readme_does_what_it_shows() {
    KOREAN.run();
}

#[test]
fn both_readmes_type_the_same_commands() {
    let commands = |readme: Readme| readme.steps().into_iter().map(|step| step.shape()).collect::<Vec<_>>();
    let (english, korean) = (commands(ENGLISH), commands(KOREAN));
    for (one, other) in english.iter().zip(&korean) {
        assert_eq!(one, other);
    }
    assert_eq!(english.len(), korean.len());
}

#[test]
fn the_test_command_is_named_once() {
    for readme in [ENGLISH, KOREAN] {
        let tests = readme.steps().into_iter().filter(|step| step.command == TEST_COMMAND);
        assert_eq!(tests.count(), 1, "{}", readme.file);
        let built = readme.steps().into_iter().filter(|step| step.command.starts_with(BUILT));
        assert_eq!(built.count(), 1, "{}", readme.file);
    }
}

#[test]
fn the_exit_codes_are_those_of_explain() {
    let known: Vec<_> = EXIT_CODES.iter().map(|code| [code.code, code.name.unwrap_or_default()]).collect();
    for readme in [ENGLISH, KOREAN] {
        let text = readme.text();
        let rows = table(&text, "exit-codes");
        let shown: Vec<_> = rows.iter().map(|row| [row[0], row[1]]).collect();
        assert_eq!(shown, known, "{}", readme.file);
    }
    let text = ENGLISH.text();
    for (row, code) in table(&text, "exit-codes").iter().zip(EXIT_CODES) {
        assert_eq!([row[2], row[3]], [code.meaning, code.next]);
    }
}

#[test]
fn every_outcome_every_state_and_every_verdict_is_told() {
    for readme in [ENGLISH, KOREAN] {
        let text = readme.text();
        let first = |name| -> BTreeSet<_> {
            table(&text, name).iter().map(|row| row[0].trim_matches('`').to_owned()).collect()
        };
        let mut outcomes: BTreeSet<_> = Outcome::ALL.iter().map(ToString::to_string).collect();
        outcomes.insert("already_sent".to_owned());
        assert_eq!(first("outcomes"), outcomes, "{}", readme.file);
        let states: BTreeSet<_> = PaymentState::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(first("states"), states, "{}", readme.file);
        let verdicts: BTreeSet<_> = Verdict::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(first("verdicts"), verdicts, "{}", readme.file);
    }
}

#[test]
fn every_key_of_the_configuration_is_told() {
    let example = fs::read_to_string(root().join("config.example.toml")).unwrap();
    let keys: BTreeSet<_> = example
        .lines()
        .filter_map(|line| line.trim_start_matches('#').split_once(" = "))
        .map(|(key, _)| key)
        .filter(|key| key.bytes().all(|byte| byte.is_ascii_lowercase() || b"_2".contains(&byte)))
        .collect();
    assert!(keys.len() > 8, "{keys:?}");
    for readme in [ENGLISH, KOREAN] {
        let text = readme.text();
        for key in &keys {
            assert!(text.contains(&format!("`{key}`")), "{}: `{key}` is not told", readme.file);
        }
    }
}

#[test]
fn every_fault_of_the_emulator_is_told() {
    let told = Scene::new().run(&["emulator", "serve", "--fault", "none"]).expect_code(2).stderr;
    let (_, kinds) = told.split_once("the kinds are ").unwrap();
    let kinds: Vec<_> = kinds.lines().next().unwrap().split(", ").collect();
    assert!(kinds.len() > 10, "{kinds:?}");
    for readme in [ENGLISH, KOREAN] {
        let text = readme.text();
        for kind in &kinds {
            assert!(text.contains(&format!("`{kind}`")), "{}: `{kind}` is not told", readme.file);
        }
    }
}

#[test]
fn links_lead_somewhere() {
    for readme in [ENGLISH, KOREAN] {
        let text = readme.text();
        let anchors: BTreeSet<_> = text.lines().filter(|line| line.starts_with('#')).map(anchor_of).collect();
        let targets: Vec<_> = text.match_indices("](").map(|(at, _)| &text[at + 2..]).collect();
        assert!(!targets.is_empty());
        for target in targets {
            let target = &target[..target.find(')').unwrap()];
            if target.contains("://") {
                continue;
            }
            let there = match target.strip_prefix('#') {
                Some(anchor) => anchors.contains(anchor),
                None => root().join(target).exists(),
            };
            assert!(there, "{}: `{target}` leads nowhere", readme.file);
        }
    }
}

#[test]
fn shell_recipes_can_be_read_by_a_shell() {
    for readme in [ENGLISH, KOREAN] {
        for block in readme.blocks().iter().filter(|block| block.language == "sh") {
            let script = block.lines.join("\n");
            let ended = Command::new("sh").args(["-n", "-c", &script]).output().unwrap();
            assert!(ended.status.success(), "{}:{}: {ended:?}", readme.file, block.line);
        }
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of the table under `<!-- NAME -->`, without its heading.
fn table<'t>(text: &'t str, name: &str) -> Vec<Vec<&'t str>> {
    let mark = format!("<!-- {name} -->");
    let (_, after) = text.split_once(&mark).unwrap_or_else(|| panic!("no {mark}"));
    let lines = after.lines().skip_while(|line| !line.starts_with('|'));
    let rows = lines.take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// The anchor that a heading gets on a page.
fn anchor_of(heading: &str) -> String {
    let kept = |letter: char| letter.is_alphanumeric() || "-_ ".contains(letter);
    let text: String =
        heading.trim_start_matches('#').trim().chars().filter(|&letter| kept(letter)).collect();
    text.to_lowercase().replace(' ', "-")
}

/// One of the READMEs, and the locale its terminal has.
#[derive(Clone, Copy)]
struct Readme {
    file: &'static str,
    locale: &'static str,
}

/// A fenced block.
struct Block {
    language: String,
    /// Of the fence, counted from 1.
    line: usize,
    lines: Vec<String>,
}

/// A command and what it prints.
struct Step {
    command: String,
    expected: Vec<String>,
    /// Where the expected lines stand in the file, counted from 0.
    at: usize,
    /// Whether its block needs a program that not every machine has.
    needs_jq: bool,
}

impl Step {
    /// The command with made-up numbers taken out.
    fn shape(&self) -> String {
        skeleton(&self.command).0
    }
}

impl Readme {
    fn text(self) -> String {
        fs::read_to_string(root().join(self.file)).unwrap()
    }

    fn blocks(self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut inside = false;
        for (number, line) in self.text().lines().enumerate() {
            match line.strip_prefix("```") {
                Some(_) if inside => inside = false,
                Some(language) => {
                    inside = true;
                    blocks.push(Block { language: language.to_owned(), line: number + 1, lines: Vec::new() });
                }
                None if inside => blocks.last_mut().unwrap().lines.push(line.to_owned()),
                None => {}
            }
        }
        assert!(!inside, "{}: a block does not end", self.file);
        blocks
    }

    fn steps(self) -> Vec<Step> {
        let mut steps = Vec::new();
        for block in self.blocks().iter().filter(|block| block.language == "console") {
            let first = steps.len();
            for (number, line) in block.lines.iter().enumerate() {
                if let Some(command) = line.strip_prefix("$ ") {
                    let at = block.line + number + 1;
                    let command = command.to_owned();
                    steps.push(Step { command, expected: Vec::new(), at, needs_jq: false });
                    continue;
                }
                let step = steps.get_mut(first..).and_then(<[Step]>::last_mut);
                let step = step.unwrap_or_else(|| panic!("{}:{}: no command", self.file, block.line));
                match line.strip_prefix('>') {
                    Some(more) if step.expected.is_empty() => {
                        step.command.push('\n');
                        step.command.push_str(more.strip_prefix(' ').unwrap_or(more));
                        step.at += 1;
                    }
                    _ => step.expected.push(line.clone()),
                }
            }
            let needs_jq = block.lines.iter().any(|line| line.contains("jq "));
            steps[first..].iter_mut().for_each(|step| step.needs_jq = needs_jq);
        }
        steps
    }

    fn run(self) {
        let mut session = Session::start(self.locale);
        let has_jq = session.type_in("command -v jq").starts_with('/');
        let mut wrong = Vec::new();
        let mut corrected = Vec::new();
        for step in self.steps() {
            if step.command == TEST_COMMAND {
                continue;
            }
            if step.needs_jq && !has_jq {
                #[expect(clippy::print_stderr, reason = "a test that does less has to say so")]
                {
                    eprintln!("{}:{}: skipped, this machine has no jq", self.file, step.at);
                }
                continue;
            }
            let printed = session.perform(&step.command, step.expected.len());
            let printed: Vec<&str> = printed.lines().collect();
            if let Err(why) = session.made_up.compare(&step.expected, &printed) {
                wrong.push(format!(
                    "{}:{}: `{}`: {why}\n{}",
                    self.file,
                    step.at,
                    step.command,
                    printed.join("\n")
                ));
                session.made_up.learn(&step.expected, &printed);
                corrected.push((step.at, step.expected.len(), session.made_up.as_shown(&printed)));
            }
        }
        session.end();
        #[expect(clippy::disallowed_methods, reason = "a person asks the test, not the program")]
        let overwrite = std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite");
        if overwrite {
            self.correct(corrected);
        } else {
            assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
        }
    }

    /// Puts other lines in the place of what a command was said to print.
    fn correct(self, corrected: Vec<(usize, usize, Vec<String>)>) {
        let mut lines: Vec<String> = self.text().lines().map(str::to_owned).collect();
        for (at, count, shown) in corrected.into_iter().rev() {
            lines.splice(at..at + count, shown);
        }
        fs::write(root().join(self.file), lines.join("\n") + "\n").unwrap();
    }
}
