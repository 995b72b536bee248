//! What can be typed after `send`: one bill, or a sheet of them.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{batch_name, duration, rate, seconds};
use crate::bill::BatchName;

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
    /// The customer's mobile number, such as 010-1234-5678
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
    /// Whether the product is taxed: taxable or exempt
    #[arg(long, value_name = "TAX")]
    pub tax: Option<String>,
    /// A text that comes back in the notification, at most 100 characters
    #[arg(long, value_name = "TEXT")]
    pub etc1: Option<String>,
    /// Another such text
    #[arg(long, value_name = "TEXT")]
    pub etc2: Option<String>,
    /// PAYMENT_TYPE_USE, passed on as given; its values are not published
    #[arg(long, value_name = "RAW")]
    pub payment_type: Option<String>,
    /// Check everything and show the request; send and record nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Send although the same phone was asked for the same amount and product a short while ago
    #[arg(long)]
    pub allow_duplicate: bool,
    /// Then wait until the link is paid or cancelled
    #[arg(long, conflicts_with = "from")]
    pub wait: bool,
    /// Draw the pay URL as a QR code, on stderr
    #[arg(long, conflicts_with = "from")]
    pub qr: bool,
    /// How to wait.
    #[command(flatten)]
    pub waiting: WaitArgs,
    /// Many bills from a sheet.
    #[command(flatten)]
    pub batch: BatchArgs,
}

/// Many bills from a sheet.
#[derive(Debug, Args)]
#[command(next_help_heading = "Many bills from a sheet")]
pub struct BatchArgs {
    /// Print a sheet to fill in, and do nothing else
    #[arg(long, value_name = "FORMAT", conflicts_with = "from", conflicts_with_all = SINGLE_BILL)]
    pub template: Option<TemplateFormat>,
    /// Send every row of this sheet; `-` reads stdin
    #[arg(long, value_name = "FILE", conflicts_with_all = SINGLE_BILL)]
    pub from: Option<PathBuf>,
    /// The sheet's format [default: by its ending and content]
    #[arg(long, value_name = "FORMAT", requires = "from")]
    pub format: Option<SheetFormat>,
    /// The encoding of a CSV sheet
    #[arg(long, value_name = "ENCODING", requires = "from")]
    pub encoding: Option<SheetEncoding>,
    /// The sheet of a workbook [default: the first]
    #[arg(long, value_name = "NAME", requires = "from")]
    pub sheet: Option<String>,
    /// What becomes of rows of a workbook that are hidden, as by a filter [default: such a sheet is refused]
    #[arg(long, value_name = "WHAT", requires = "from")]
    pub hidden: Option<HiddenRows>,
    /// Read on where a heading is unknown, without its column
    #[arg(long, requires = "from")]
    pub ignore_unknown_columns: bool,
    /// The batch's name, by which its rows are recognised and not sent again [default: the file's name without its ending]
    #[arg(long = "batch", value_name = "NAME", requires = "from", value_parser = batch_name)]
    pub name: Option<BatchName>,
    /// What becomes of rows that an earlier run left unknown [default: hold]
    #[arg(long, value_name = "WHAT", requires = "from")]
    pub on_unknown: Option<OnUnknown>,
    /// Refuse a sheet of more rows; `max_rows` of the profile counts too
    #[arg(long, value_name = "N", requires = "from")]
    pub max_rows: Option<u64>,
    /// Refuse a sheet of a larger total, in won; `max_total` of the profile counts too
    #[arg(long, value_name = "WON", requires = "from")]
    pub max_total: Option<u64>,
    /// The sheet's total, in won, which confirms a live batch
    #[arg(long, value_name = "WON", requires = "from")]
    pub confirm_total: Option<String>,
    /// Write what came of each row to this file, for Excel: a workbook if it ends in .xlsx, else CSV
    #[arg(long, value_name = "FILE", requires = "from")]
    pub report: Option<PathBuf>,
    /// With --report: replace the file even if it is no such report
    #[arg(long, requires = "report")]
    pub force: bool,
    /// How fast.
    #[command(flatten)]
    pub pace: PaceArgs,
}

/// How fast.
#[derive(Debug, Args)]
pub struct PaceArgs {
    /// How many requests may be under way at once [default: 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: Option<u16>,
    /// How many requests a second at most, such as 5/s
    #[arg(long, value_name = "N/s", value_parser = rate)]
    pub rate: Option<Duration>,
}

impl PaceArgs {
    /// Requests in flight at most.
    #[must_use]
    pub fn requests_at_once(&self) -> usize {
        self.concurrency.unwrap_or(4).into()
    }
}

/// How fast to ask what changes nothing.
#[derive(Debug, Args)]
pub struct InquiryArgs {
    /// How many requests may be under way at once
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: u16,
}

impl BatchArgs {
    /// The options that were given, which mean something beside `--from` only. clap's `requires` lets
    /// them pass beside what conflicts with `--from`.
    #[must_use]
    pub fn given(&self) -> Vec<&'static str> {
        let options = [
            ("--format", self.format.is_some()),
            ("--encoding", self.encoding.is_some()),
            ("--sheet", self.sheet.is_some()),
            ("--hidden", self.hidden.is_some()),
            ("--ignore-unknown-columns", self.ignore_unknown_columns),
            ("--batch", self.name.is_some()),
            ("--concurrency", self.pace.concurrency.is_some()),
            ("--rate", self.pace.rate.is_some()),
            ("--on-unknown", self.on_unknown.is_some()),
            ("--max-rows", self.max_rows.is_some()),
            ("--max-total", self.max_total.is_some()),
            ("--confirm-total", self.confirm_total.is_some()),
            ("--report", self.report.is_some()),
            ("--force", self.force),
        ];
        options.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
    }
}

/// What only a single bill has.
const SINGLE_BILL: [&str; 11] = [
    "product",
    "amount",
    "buyer",
    "phone",
    "email",
    "bill_no",
    "memo",
    "tax",
    "etc1",
    "etc2",
    "payment_type",
];

/// The format of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SheetFormat {
    /// Comma, semicolon or tab separated
    Csv,
    /// Excel
    Xlsx,
    /// One JSON object a line
    Jsonl,
}

/// The format of a sheet to fill in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TemplateFormat {
    /// Comma separated, UTF-8 with a byte order mark
    Csv,
    /// Excel
    Xlsx,
}

/// What becomes of hidden rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum HiddenRows {
    /// They are left out
    Skip,
    /// They are sent like the others
    Send,
}

/// The encoding of a CSV sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SheetEncoding {
    /// By content
    Auto,
    /// UTF-8
    #[value(name = "utf-8", alias = "utf8")]
    Utf8,
    /// Korean Windows
    #[value(name = "cp949", alias = "euc-kr")]
    Cp949,
}

/// What becomes of rows of unknown outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnUnknown {
    /// They are left as they are, for `reconcile`
    Hold,
    /// They are asked about first, and the unpaid are messaged again: some may get a second message
    Resend,
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
