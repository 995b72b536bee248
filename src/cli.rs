//! Every clap type and nothing else: what can be typed.
//!
//! Values that belong to a bill stay texts here, so that all wrong fields are told at once and not
//! the first that clap meets.

#![expect(clippy::doc_markdown, reason = "doc comments are the help texts, which have no markup")]
#![expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, CommandFactory, Parser, Subcommand, ValueEnum};

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
  cookiepay --profile local send --via sms --product 아메리카노 --amount 4500 --buyer 홍길동 --phone 010-1234-5678

Exit codes: 0 done, 2 wrong input, 3 configuration, 4 credentials, 5 refused, 6 network, 7 outcome unknown,
8 unpaid, 9 cancelled, 13 guard, 15 storage. `cookiepay explain` tells them all.";

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
    #[arg(short, long, global = true, value_name = "FORMAT")]
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

/// The language of texts for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Korean
    Ko,
    /// English
    En,
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
    /// Create one payment link and have CookiePay deliver it
    Send(SendArgs),
    /// Say whether links have been paid
    Status(StatusArgs),
    /// Issue an API token, or show the cached one
    Token(TokenArgs),
    /// Read payment notifications
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

/// `send`.
#[derive(Debug, Args)]
pub struct SendArgs {
    /// How the customer gets the link: sms, email, kakao, or link for no message [default: `via` of the profile]
    #[arg(long, value_name = "CHANNEL")]
    pub via: Option<String>,
    /// What is paid for, at most 40 characters, no `&`
    #[arg(long, value_name = "NAME")]
    pub product: Option<String>,
    /// How much, in won: 4500, 4,500 or 4,500원
    #[arg(long, value_name = "WON", allow_negative_numbers = true)]
    pub amount: Option<String>,
    /// The customer's name, at most 20 characters
    #[arg(long, value_name = "NAME")]
    pub buyer: Option<String>,
    /// The customer's mobile number
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub phone: Option<String>,
    /// The customer's e-mail address; required with `--via email`
    #[arg(long, value_name = "ADDR")]
    pub email: Option<String>,
    /// The bill's own number, at most 20 of A-Z a-z 0-9 _ - [default: a new one]
    #[arg(long, value_name = "NO")]
    pub bill_no: Option<String>,
    /// A note, at most 100 characters
    #[arg(long, value_name = "TEXT")]
    pub memo: Option<String>,
    /// taxable or exempt
    #[arg(long, value_name = "TAX")]
    pub tax: Option<String>,
    /// A text that comes back in the notification
    #[arg(long, value_name = "TEXT")]
    pub etc1: Option<String>,
    /// Another one
    #[arg(long, value_name = "TEXT")]
    pub etc2: Option<String>,
    /// PAYMENT_TYPE_USE, passed through as given
    #[arg(long, value_name = "RAW")]
    pub payment_type: Option<String>,
    /// Check everything and show the request; send and record nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Send although the same was sent to the same phone a short while ago
    #[arg(long)]
    pub allow_duplicate: bool,
    /// Then wait until the link is paid or cancelled
    #[arg(long)]
    pub wait: bool,
    /// How to wait.
    #[command(flatten)]
    pub waiting: WaitArgs,
}

/// How to wait.
#[derive(Debug, Args)]
pub struct WaitArgs {
    /// With --wait: seconds between two looks
    #[arg(long, value_name = "SECS", default_value = "5", value_parser = seconds, requires = "wait")]
    pub interval: Duration,
    /// With --wait: how long to wait at most, such as 90s, 30m, 2h
    #[arg(long, value_name = "DURATION", default_value = "30m", value_parser = duration, requires = "wait")]
    pub deadline: Duration,
}

/// `status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// URLKEYs or pay URLs of the ledger; `-` reads them from stdin, one a line
    #[arg(value_name = "URLKEY|PAYURL")]
    pub keys: Vec<String>,
    /// The link of that bill of the ledger
    #[arg(long, value_name = "NO")]
    pub bill_no: Vec<String>,
    /// Every link of the ledger that is not paid or cancelled yet
    #[arg(long)]
    pub pending: bool,
    /// Wait until every link is paid or cancelled; print only changes
    #[arg(long)]
    pub wait: bool,
    /// How to wait.
    #[command(flatten)]
    pub waiting: WaitArgs,
}

/// `token`.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// Print the bare token and nothing else
    #[arg(long)]
    pub raw: bool,
    /// Issue a new one, whatever the cache holds
    #[arg(long)]
    pub refresh: bool,
}

/// `noti`.
#[derive(Debug, Subcommand)]
pub enum NotiCommand {
    /// Check and normalise notifications from files or stdin
    Parse(NotiParseArgs),
}

/// `noti parse`.
#[derive(Debug, Args)]
pub struct NotiParseArgs {
    /// Files with one object, an array, JSON lines or form bodies; `-` or nothing reads stdin
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Any departure from the reference is exit 2
    #[arg(long)]
    pub strict: bool,
}

/// `list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// paid, unpaid, cancelled, awaiting_deposit or error
    #[arg(long, value_name = "STATE")]
    pub state: Option<String>,
    /// sent, created, refused, not_sent, unknown or linked
    #[arg(long, value_name = "OUTCOME")]
    pub outcome: Option<String>,
    /// One bill
    #[arg(long, value_name = "NO")]
    pub bill_no: Option<String>,
    /// Bills whose buyer's name contains this
    #[arg(long, value_name = "TEXT")]
    pub buyer: Option<String>,
    /// Bills made since: 2026-11-22, 2026-11-22T09:00, or an age such as 24h or 7d
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Bills made before
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// The newest so many
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// Show phone numbers and e-mail addresses whole
    #[arg(long)]
    pub reveal: bool,
}

/// `config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Write a commented configuration file (0600)
    Init(ConfigInitArgs),
    /// Show the resolved profile, its secrets masked
    Show,
    /// Look at file, modes, hosts, clock and ledger
    Check(ConfigCheckArgs),
    /// Print where configuration and data lie
    Path,
}

/// `config init`.
#[derive(Debug, Args)]
pub struct ConfigInitArgs {
    /// live, sandbox or local
    #[arg(long, value_name = "ENV")]
    pub environment: Option<String>,
    /// The merchant's API_ID
    #[arg(long, value_name = "ID")]
    pub api_id: Option<String>,
    /// Take the key from this environment variable
    #[arg(long, value_name = "VARIABLE", conflicts_with_all = ["key_file", "key_command"])]
    pub key_env: Option<String>,
    /// Take the key from this file
    #[arg(long, value_name = "PATH", conflicts_with = "key_command")]
    pub key_file: Option<String>,
    /// Take the key from what this program prints
    #[arg(long, value_name = "COMMAND", num_args = 1.., allow_hyphen_values = true)]
    pub key_command: Option<Vec<String>>,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
}

/// `config check`.
#[derive(Debug, Args)]
pub struct ConfigCheckArgs {
    /// Also issue a token, which proves pay2_id and pay2_key
    #[arg(long)]
    pub online: bool,
}

/// `emulator`.
#[derive(Debug, Subcommand)]
pub enum EmulatorCommand {
    /// Run the local CookiePay until Ctrl-C
    Serve(EmulatorServeArgs),
    /// Pay a link, as a customer would
    Pay(EmulatorPayArgs),
    /// Cancel a payment
    Cancel(EmulatorCancelArgs),
    /// Forget every bill, message and key
    Reset,
}

/// `emulator serve`.
#[derive(Debug, Args)]
pub struct EmulatorServeArgs {
    /// Loopback address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = DEFAULT_EMULATOR_ADDRESS)]
    pub listen: String,
    /// Post notifications of payments and cancellations there
    #[arg(long, value_name = "URL")]
    pub notify_url: Option<String>,
    /// Misbehave: KIND[=ARG][@ENDPOINT][*N]; may be given several times
    #[arg(long, value_name = "SPEC")]
    pub fault: Vec<String>,
    /// Serve HTTPS with this certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// The certificate's key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
}

/// The address that pay URLs of the profile `local` name.
pub const DEFAULT_EMULATOR_ADDRESS: &str = "127.0.0.1:7400";

/// `emulator pay`.
#[derive(Debug, Args)]
pub struct EmulatorPayArgs {
    /// The link
    #[arg(value_name = "URLKEY")]
    pub url_key: String,
    /// How the customer pays; vacct the first time issues the account, the second time deposits
    #[arg(long, value_enum, default_value = "card")]
    pub method: PayMethod,
}

/// How the customer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PayMethod {
    /// Card
    Card,
    /// Bank transfer
    Bank,
    /// Virtual account
    Vacct,
    /// Mobile phone bill
    Mobile,
}

/// `emulator cancel`.
#[derive(Debug, Args)]
pub struct EmulatorCancelArgs {
    /// The link
    #[arg(value_name = "URLKEY")]
    pub url_key: String,
    /// Only a part, in won
    #[arg(long, value_name = "WON")]
    pub amount: Option<u64>,
}

/// `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// An exit code (7, OUTCOME_UNKNOWN) or a result code (EA01); nothing lists all
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
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
    Cli::try_parse_from(arguments).map_err(|error| {
        let text = error.render().to_string();
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

    #[test]
    fn times_are_read() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        assert!(["0", "-1", "x", "inf", "nan"].iter().all(|text| seconds(text).is_err()));
        assert_eq!(duration("30m"), Ok(Duration::from_secs(1800)));
        assert_eq!(duration("2"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("1.5h"), Ok(Duration::from_secs(5400)));
        assert!(["", "0s", "5w", "-3m", "m"].iter().all(|text| duration(text).is_err()));
    }
}
