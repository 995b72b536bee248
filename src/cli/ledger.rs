//! What can be typed after the commands that work on bills the ledger knows.

use clap::Args;

use super::{InquiryArgs, PaceArgs, WaitArgs, batch_name};
use crate::bill::BatchName;

/// `status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// URLKEYs, or pay URLs that the ledger knows; `-` reads them from stdin, one a line
    #[arg(value_name = "URLKEY|PAYURL")]
    pub keys: Vec<String>,
    /// The link of this bill; may be given several times
    #[arg(long, value_name = "NO")]
    pub bill_no: Vec<String>,
    /// The links of that batch
    #[arg(long, value_name = "NAME", value_parser = batch_name)]
    pub batch: Option<BatchName>,
    /// Every link of the ledger that is not paid or cancelled yet
    #[arg(long)]
    pub pending: bool,
    /// Wait until every link is paid or cancelled; print only changes
    #[arg(long)]
    pub wait: bool,
    /// How to wait.
    #[command(flatten)]
    pub waiting: WaitArgs,
    /// How fast to ask.
    #[command(flatten)]
    pub inquiry: InquiryArgs,
}

/// `resend`.
#[derive(Debug, Args)]
pub struct ResendArgs {
    /// The bills, by their numbers
    #[arg(value_name = "BILL_NO")]
    pub bills: Vec<String>,
    /// A bill by its number
    #[arg(long, value_name = "NO")]
    pub bill_no: Vec<String>,
    /// Every bill of this batch
    #[arg(long, value_name = "NAME", conflicts_with_all = ["bills", "bill_no"], value_parser = batch_name)]
    pub batch: Option<BatchName>,
    /// With --batch: only bills that are not paid yet
    #[arg(long, requires = "batch", conflicts_with_all = ["bills", "bill_no"])]
    pub unpaid: bool,
    /// With --batch: only bills of which it is unproved that the customer was messaged
    #[arg(long, requires = "batch", conflicts_with_all = ["bills", "bill_no", "unpaid"])]
    pub linked: bool,
    /// Also bills that were messaged a short while ago (`resend_window` of the profile)
    #[arg(long)]
    pub again: bool,
    /// sms, email or kakao [default: as the bill was sent]
    #[arg(long, value_name = "CHANNEL")]
    pub via: Option<String>,
}

/// `reconcile`.
#[derive(Debug, Args)]
pub struct ReconcileArgs {
    /// Only this bill
    #[arg(value_name = "BILL_NO", conflicts_with_all = ["batch", "since"])]
    pub bill: Option<String>,
    /// The link of the bill, as CookiePay's console or its pay page shows it; CookiePay is asked whether it fits
    #[arg(long, value_name = "KEY|PAYURL", requires = "bill", conflicts_with_all = ["batch", "since"])]
    pub url_key: Option<String>,
    /// CookiePay's console does not have the bill: it was not sent, and may be sent again
    #[arg(long, requires = "bill", conflicts_with_all = ["url_key", "batch", "since"])]
    pub not_sent: bool,
    /// Only bills of this batch
    #[arg(long, value_name = "NAME", value_parser = batch_name)]
    pub batch: Option<BatchName>,
    /// Only bills made since then: 2026-11-22, 2026-11-22T09:00, or an age such as 24h or 7d
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// After a backup was put back: first take over from the journal what the ledger lacks
    #[arg(long, conflicts_with_all = ["bill", "batch", "since"])]
    pub restored: bool,
    /// How fast.
    #[command(flatten)]
    pub pace: PaceArgs,
}

/// `list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only links that are paid, unpaid, cancelled, awaiting_deposit or error
    #[arg(long, value_name = "STATE")]
    pub state: Option<String>,
    /// Only bills that were sent, created, refused, not_sent, unknown or linked
    #[arg(long, value_name = "OUTCOME")]
    pub outcome: Option<String>,
    /// Only this bill
    #[arg(long, value_name = "NO")]
    pub bill_no: Option<String>,
    /// Only bills of this batch
    #[arg(long, value_name = "NAME", value_parser = batch_name)]
    pub batch: Option<BatchName>,
    /// Only bills whose buyer's name contains this
    #[arg(long, value_name = "TEXT")]
    pub buyer: Option<String>,
    /// Only bills made since then: 2026-11-22, 2026-11-22T09:00, or an age such as 24h or 7d
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only bills made before then
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Only the newest N
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// Show phone numbers and e-mail addresses whole
    #[arg(long)]
    pub reveal: bool,
}
