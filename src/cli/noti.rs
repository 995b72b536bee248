//! What can be typed after `noti`: notifications read, checked, received, shown and handed on again.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::{Cli, Command, PaceArgs, rate, seconds};

/// `noti`.
#[derive(Debug, Subcommand)]
pub enum NotiCommand {
    /// Check and normalise notifications from files or stdin
    Parse(NotiParseArgs),
    /// The same, then confirm each with CookiePay and the ledger
    Verify(NotiVerifyArgs),
    /// Receive notifications over HTTP: stored first, then acknowledged
    Listen(NotiListenArgs),
    /// Show received notifications, their verdicts and how far they were handed on
    List(NotiListArgs),
    /// Hand received notifications on again
    ///
    /// With --forward or --exec at once, in their order, each once; what `noti listen` has still to hand on stays
    /// as it is. Ends with 0 where all were taken, 6 where none was, 10 where some were. Without, they are queued
    /// for `noti listen`, which takes them up within a second.
    Replay(NotiReplayArgs),
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

/// `noti verify`.
#[derive(Debug, Args)]
pub struct NotiVerifyArgs {
    /// What to read.
    #[command(flatten)]
    pub input: NotiParseArgs,
    /// How fast to ask.
    #[command(flatten)]
    pub pace: PaceArgs,
    /// Take a payment for confirmed though the ledger does not know its link
    #[arg(long)]
    pub accept_unrecorded: bool,
}

/// `noti listen`.
#[derive(Debug, Args)]
pub struct NotiListenArgs {
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:7500")]
    pub listen: String,
    /// The path that CookiePay posts to
    #[arg(long, value_name = "PATH", default_value = "/noti")]
    pub path: String,
    /// Where a secret comes from that must follow the path: env:NAME, file:PATH or command:PROG
    #[arg(long, value_name = "SECRET-SOURCE")]
    pub token: Option<String>,
    /// Confirm each with CookiePay and the ledger, in the background
    #[arg(long)]
    pub verify: bool,
    /// How many questions may be under way at once
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: u16,
    /// Questions about links that the ledger does not know
    #[arg(long, value_name = "N/s", default_value = "5/s", value_parser = rate)]
    pub verify_rate: Duration,
    /// Take a payment for confirmed though the ledger does not know its link
    #[arg(long)]
    pub accept_unrecorded: bool,
    /// Most of what nothing confirms that is kept, such as 500M or 2G; beyond it only notifications of links that the
    /// ledger knows are taken
    #[arg(long, value_name = "SIZE", default_value = "1G", value_parser = bytes)]
    pub store_limit: u64,
    /// Hand on only those with this verdict
    #[arg(long, value_name = "VERDICT", requires = "verify")]
    pub only: Option<OnlyVerdict>,
    /// Seconds a client may take over one request
    #[arg(long, value_name = "SECS", default_value = "10", value_parser = seconds)]
    pub read_timeout: Duration,
    /// Who else is to have them.
    #[command(flatten)]
    pub targets: TargetArgs,
}

/// What alone is handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnlyVerdict {
    /// What CookiePay and the ledger confirm.
    Confirmed,
}

/// Bytes, with K, M or G behind them for powers of 1024.
fn bytes(text: &str) -> Result<u64, String> {
    let text = text.trim().trim_end_matches(['B', 'b']).trim_end_matches(['i', 'I']);
    let (number, unit) = match text.char_indices().last() {
        Some((end, unit)) if unit.is_ascii_alphabetic() => (text.get(..end), unit.to_ascii_uppercase()),
        _ => (Some(text), ' '),
    };
    let factor = match unit {
        ' ' => 1_u64,
        'K' => 1 << 10,
        'M' => 1 << 20,
        'G' => 1 << 30,
        _ => 0,
    };
    let number = number.and_then(|number| number.trim().parse::<u64>().ok()).filter(|_| factor > 0);
    number
        .and_then(|number| number.checked_mul(factor))
        .ok_or_else(|| "a number of bytes, such as 500M or 2G".to_owned())
}

/// Who is to have received notifications.
#[derive(Debug, Args)]
pub struct TargetArgs {
    /// Post each as JSON to this URL, until it answers 2xx
    #[arg(long, value_name = "URL")]
    pub forward: Option<String>,
    /// Sign what is handed on: where the key comes from, env:NAME, file:PATH or command:PROG
    #[arg(long, value_name = "SECRET-SOURCE")]
    pub sign: Option<String>,
    /// Run this program for each, its JSON on stdin, until it ends with 0; comes last: all words behind it are
    /// the program's, options too
    #[arg(long, value_name = "PROG ARG…", num_args = 1.., allow_hyphen_values = true)]
    pub exec: Option<Vec<String>>,
}

/// A `--` right behind `--exec` says only that what follows is the program's, as is so without it.
pub(super) fn without_separator(mut cli: Cli) -> Cli {
    let exec = match &mut cli.command {
        Command::Noti(NotiCommand::Listen(listen)) => listen.targets.exec.as_mut(),
        Command::Noti(NotiCommand::Replay(replay)) => replay.targets.exec.as_mut(),
        _ => None,
    };
    if let Some(words) = exec
        && words.first().is_some_and(|word| word == "--")
    {
        words.remove(0);
    }
    cli
}

/// `noti list`.
#[derive(Debug, Args)]
pub struct NotiListArgs {
    /// Which.
    #[command(flatten)]
    pub choice: NotiChoice,
    /// Only the newest N
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
}

/// `noti replay`.
#[derive(Debug, Args)]
pub struct NotiReplayArgs {
    /// Which.
    #[command(flatten)]
    pub choice: NotiChoice,
    /// All that were ever received
    #[arg(long, conflicts_with_all = ["since", "until", "tid", "id", "verdict", "delivery"])]
    pub all: bool,
    /// Who is to have them; without, those of `noti listen`.
    #[command(flatten)]
    pub targets: TargetArgs,
}

/// Which received notifications.
#[derive(Debug, Args)]
pub struct NotiChoice {
    /// Only those received since then: 2026-11-22, 2026-11-22T09:00, or an age such as 24h or 7d
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only those received before then
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Only those of this transaction
    #[arg(long, value_name = "TID")]
    pub tid: Option<String>,
    /// Only the one with this number
    #[arg(long, value_name = "NUMBER")]
    pub id: Option<i64>,
    /// Only confirmed, mismatch, unconfirmed, unrecorded, foreign, unlinked or duplicate ones
    #[arg(long, value_name = "VERDICT")]
    pub verdict: Option<String>,
    /// Only those whose delivery is none, pending, delivered or dead
    #[arg(long, value_name = "STATE")]
    pub delivery: Option<String>,
}
