//! Every clap type and nothing else: what can be typed.
//!
//! Values that belong to a bill stay texts here, so that all wrong fields are told at once and not
//! the first that clap meets.

#![expect(clippy::doc_markdown, reason = "doc comments are the help texts, which have no markup")]
#![expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]

mod ledger;
mod noti;
mod send;
mod setup;

pub use ledger::{ListArgs, ReconcileArgs, ResendArgs, StatusArgs};
pub use noti::{
    NotiChoice, NotiCommand, NotiListArgs, NotiListenArgs, NotiParseArgs, NotiReplayArgs, NotiVerifyArgs,
    OnlyVerdict, TargetArgs,
};
pub use send::{
    BatchArgs, HiddenRows, InquiryArgs, OnUnknown, PaceArgs, SendArgs, SheetEncoding, SheetFormat,
    TemplateFormat, WaitArgs,
};
pub use setup::{
    CompletionsArgs, ConfigCheckArgs, ConfigCommand, ConfigInitArgs, EmulatorCancelArgs, EmulatorCommand,
    EmulatorPayArgs, EmulatorServeArgs, ExplainArgs, PayMethod, TokenArgs,
};

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::bill::BatchName;

/// Send CookiePay payment links, and always know what became of them.
#[derive(Debug, Parser)]
#[command(name = "cookiepay", version, max_term_width = 100, propagate_version = false, after_help = AFTER_HELP)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "\
Try it without an account:
  cookiepay --profile local send --via sms --product 아메리카노 \\
    --amount 4500 --buyer 홍길동 --phone 010-1234-5678

Exit codes: 0 done, 2 wrong input, 3 configuration, 4 credentials, 5 refused, \
6 network, 7 outcome unknown, 8 unpaid, 9 cancelled, 13 guard, 15 storage. \
`cookiepay explain` tells them all.";

/// Options of every command, valid before or after it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// The profile of the configuration file [env: COOKIEPAY_PROFILE]
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// The configuration file [env: COOKIEPAY_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where ledger, token cache and emulator state lie [env: COOKIEPAY_DATA_DIR]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The format of stdout [env: COOKIEPAY_OUTPUT] [default: table]
    #[arg(short, long, global = true, value_name = "FORMAT", ignore_case = true)]
    pub output: Option<OutputFormat>,
    /// A byte order mark before CSV, for Excel
    #[arg(long, global = true)]
    pub bom: bool,
    /// The language of texts for people [env: COOKIEPAY_LANG] [default: from LC_ALL, LC_MESSAGES, LANG]
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<Language>,
    /// When to colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]
    #[arg(long, global = true, value_name = "WHEN")]
    pub color: Option<ColorChoice>,
    /// Seconds to wait for a connection
    #[arg(long, global = true, value_name = "SECS", default_value = "3", value_parser = seconds)]
    pub connect_timeout: Duration,
    /// Seconds to wait for a whole answer
    #[arg(long, global = true, value_name = "SECS", default_value = "20", value_parser = seconds)]
    pub timeout: Duration,
    /// Answer every question with yes
    #[arg(long, global = true)]
    pub yes: bool,
    /// Never ask, not even on a terminal
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Say only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say what goes on, secrets left out
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

/// The format of stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people
    Table,
    /// One document
    Json,
    /// One object a line
    Jsonl,
    /// With a header
    Csv,
}

impl OutputFormat {
    /// The format of that name, as in `COOKIEPAY_OUTPUT`.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::from_str(name, true).ok()
    }
}

/// The language of texts for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Korean
    Ko,
    /// English
    En,
}

impl Language {
    /// The language of that name, as in `COOKIEPAY_LANG`.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::from_str(name, true).ok()
    }
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a payment link and have CookiePay deliver it, or many from a sheet
    Send(Box<SendArgs>),
    /// Say whether links have been paid
    Status(StatusArgs),
    /// Message the customer again about a bill: same number, same content, same link
    Resend(ResendArgs),
    /// Settle bills of unknown outcome and refresh unpaid ones; messages nobody
    Reconcile(ReconcileArgs),
    /// Issue an API token, or show the cached one
    Token(TokenArgs),
    /// Read, confirm, receive and hand on payment notifications
    #[command(subcommand)]
    Noti(NotiCommand),
    /// Show what the ledger knows: bills, their states, totals
    List(ListArgs),
    /// Write, show and check the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// A local CookiePay to try things on
    #[command(subcommand)]
    Emulator(EmulatorCommand),
    /// Print the completion script of a shell
    Completions(CompletionsArgs),
    /// Explain an exit code or a CookiePay result code, offline
    Explain(ExplainArgs),
}

/// How parsing the arguments ended without a command.
#[derive(Debug)]
pub enum ParseEnd {
    /// Help or version was asked for.
    Shown(String),
    /// They are wrong: what clap says of it.
    Wrong(String),
}

/// Reads the arguments, the program's name first.
///
/// # Errors
///
/// Help, version, or what is wrong.
pub fn parse(arguments: &[std::ffi::OsString]) -> Result<Cli, ParseEnd> {
    Cli::try_parse_from(arguments).map(noti::without_separator).map_err(|error| {
        let mut text = error.render().to_string();
        if error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            text = format!("no command is named\n\n{text}");
        }
        if error.use_stderr() { ParseEnd::Wrong(text) } else { ParseEnd::Shown(text) }
    })
}

/// The completion script of a shell.
#[must_use]
pub fn completion_script(shell: clap_complete::Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "cookiepay", &mut script);
    script
}

/// Seconds, with fractions, more than none.
fn seconds(text: &str) -> Result<Duration, String> {
    let rule = || "a number of seconds, more than 0, such as 3 or 0.5".to_owned();
    let number: f64 = text.parse().map_err(|_| rule())?;
    Duration::try_from_secs_f64(number).ok().filter(|time| !time.is_zero()).ok_or_else(rule)
}

/// A rate such as `5/s` or `0.5`, as the time between two.
fn rate(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix("/s").unwrap_or(text).trim().parse::<f64>().ok();
    let interval = number.map(f64::recip).and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    interval
        .filter(|interval| *interval <= Duration::from_hours(1))
        .ok_or_else(|| "a number a second, more than 0, such as 5/s".to_owned())
}

/// The name of a batch, the same in every command.
fn batch_name(text: &str) -> Result<BatchName, String> {
    text.parse().map_err(|rule: &str| rule.to_owned())
}

/// A number with a unit: `90s`, `30m`, `2h`, `1d`; without a unit, seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let number = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let unit = match text.get(number.len()..).unwrap_or_default() {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => 0,
    };
    let time = number.parse::<f64>().ok().and_then(|number| Duration::try_from_secs_f64(number).ok());
    let time = time.and_then(|time| time.checked_mul(unit)).filter(|time| !time.is_zero());
    time.ok_or_else(|| "a time such as 90s, 30m, 2h or 1d".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_options_stand_before_or_after_the_command() {
        for line in ["cookiepay -o json token", "cookiepay token -o json"] {
            let arguments: Vec<_> = line.split(' ').map(Into::into).collect();
            assert_eq!(parse(&arguments).unwrap().global.output, Some(OutputFormat::Json));
        }
    }

    /// The program of `noti listen` with these words, and the path it listens at.
    fn exec_of(words: &str) -> Result<(Option<Vec<String>>, String), String> {
        let line = format!("cookiepay noti listen {words}");
        let arguments: Vec<_> = line.split_whitespace().map(Into::into).collect();
        match parse(&arguments) {
            Ok(Cli { command: Command::Noti(NotiCommand::Listen(listen)), .. }) => {
                Ok((listen.targets.exec, listen.path))
            }
            Err(ParseEnd::Wrong(text)) => Err(text),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn all_words_behind_exec_are_those_of_its_program() {
        for (words, program) in [
            ("", None),
            ("--exec a", Some("a")),
            ("--exec a -b --fast c", Some("a -b --fast c")),
            ("--exec a --path /n --verify -o json", Some("a --path /n --verify -o json")),
            ("--exec a -- b", Some("a -- b")),
            ("--exec -- a --verify", Some("a --verify")),
            ("--verify --exec a --verify", Some("a --verify")),
        ] {
            let (exec, path) = exec_of(words).unwrap();
            assert_eq!(
                (exec.map(|words| words.join(" ")).as_deref(), path.as_str()),
                (program, "/noti"),
                "{words}"
            );
        }
        let (exec, path) = exec_of("--path /n --exec a --path /m").unwrap();
        assert_eq!((exec.unwrap().join(" ").as_str(), path.as_str()), ("a --path /m", "/n"));
        assert!(exec_of("--exec").is_err());
    }

    #[test]
    fn times_are_read() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        assert!(["0", "-1", "x", "inf", "nan"].iter().all(|text| seconds(text).is_err()));
        assert_eq!(duration("30m"), Ok(Duration::from_mins(30)));
        assert_eq!(duration("2"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("1.5h"), Ok(Duration::from_mins(90)));
        assert!(["", "0s", "5w", "-3m", "m"].iter().all(|text| duration(text).is_err()));
    }
}
