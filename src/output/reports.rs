//! The JSON objects of the contract (section 8), each with its table.

use serde::Serialize;

use super::messages::{Language, word};
use super::record::{Cell, Record, Tone};

/// Declares a report: its fields in the order of the contract, and their names beside them.
macro_rules! report {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Serialize)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)+ }

        impl $name {
            const NAMES: &'static [&'static str] = &[$(stringify!($field)),+];
        }
    };
}

report! {
    /// What became of one bill: `send`, `resend`.
    SendReport {
        /// `sent`, `created`, `already_sent`, `refused`, `not_sent`, `unknown`, `linked`.
        outcome: &'static str,
        /// `BILL_NO`.
        bill_no: String,
        /// `URLKEY`.
        url_key: Option<String>,
        /// `PAYURL`.
        pay_url: Option<String>,
        /// The channel.
        via: &'static str,
        /// Won.
        amount: u64,
        /// `PRODUCTNAME`.
        product: String,
        /// `BUYERNAME`.
        buyer: String,
        /// `RESULTCODE`.
        result_code: Option<String>,
        /// `RESULTMSG`.
        result_message: Option<String>,
        /// `ETC1`.
        etc1: Option<String>,
        /// `ETC2`.
        etc2: Option<String>,
        /// The batch it belongs to.
        batch: Option<String>,
        /// Its row in that batch.
        row: Option<u64>,
        /// When the request was about to leave, RFC 3339.
        requested_at: Option<String>,
    }
}

report! {
    /// Whether one link was paid: `status`.
    StatusReport {
        /// `URLKEY`.
        url_key: String,
        /// `BILL_NO`, where the ledger knows the key.
        bill_no: Option<String>,
        /// `paid`, `unpaid`, `cancelled`, `awaiting_deposit`, `error`.
        state: &'static str,
        /// `RESULTCODE`.
        result_code: String,
        /// `RESULTMSG`.
        result_message: Option<String>,
        /// `ORDERNO`.
        order_no: Option<String>,
        /// Won.
        amount: Option<u64>,
        /// `BUYERNAME`.
        buyer_name: Option<String>,
        /// `BUYEREMAIL`.
        buyer_email: Option<String>,
        /// `PRODUCTNAME`.
        product_name: Option<String>,
        /// `PRODUCTCODE`.
        product_code: Option<String>,
        /// `PAYMETHOD`.
        pay_method: Option<String>,
        /// `BUYERID`.
        buyer_id: Option<String>,
        /// `TID`.
        tid: Option<String>,
        /// `ACCEPTNO`.
        accept_no: Option<String>,
        /// `ACCEPTDATE`, RFC 3339.
        accepted_at: Option<String>,
        /// `CANCELDATE`, RFC 3339.
        cancelled_at: Option<String>,
        /// `CANCELMSG`.
        cancel_message: Option<String>,
        /// `ACCOUNTNO`.
        account_no: Option<String>,
        /// `RECEIVERNAME`.
        receiver_name: Option<String>,
        /// `DEPOSITENDDATE`.
        deposit_due: Option<String>,
        /// `CARDNAME`.
        card_name: Option<String>,
        /// `CARDCODE`.
        card_code: Option<String>,
        /// When `CookiePay` was asked, RFC 3339.
        checked_at: String,
    }
}

report! {
    /// An API token: `token`.
    TokenReport {
        /// The token, whole: masked in tables only.
        token: String,
        /// `pay2_id`.
        pay2_id: String,
        /// RFC 3339.
        issued_at: String,
        /// RFC 3339.
        expires_at: String,
        /// Whether it came from the cache.
        cached: bool,
    }
}

report! {
    /// One bill of the ledger: `list`.
    ListReport {
        /// `BILL_NO`.
        bill_no: String,
        /// `URLKEY`.
        url_key: Option<String>,
        /// `PAYURL`.
        pay_url: Option<String>,
        /// As in [`SendReport`].
        outcome: &'static str,
        /// As in [`StatusReport`]; absent until somebody asked.
        state: Option<&'static str>,
        /// The channel.
        via: &'static str,
        /// Won.
        amount: u64,
        /// `PRODUCTNAME`.
        product: String,
        /// `BUYERNAME`.
        buyer: String,
        /// `BUYERHP`, masked unless revealed.
        phone: String,
        /// `BUYEREMAIL`, masked unless revealed.
        email: Option<String>,
        /// The batch it belongs to.
        batch: Option<String>,
        /// Its row in that batch.
        row: Option<u64>,
        /// RFC 3339.
        created_at: String,
        /// RFC 3339.
        updated_at: String,
        /// When it was paid, RFC 3339.
        paid_at: Option<String>,
        /// Who sent it: user@host.
        operator: String,
    }
}

report! {
    /// One finding of `config show` and `config check`.
    Checked {
        /// The setting or the thing looked at.
        setting: String,
        /// Its value, a secret as `****`, or what was found.
        value: Option<String>,
        /// Where the value comes from, or the verdict: `ok`, `warning`, `error`.
        finding: String,
    }
}

/// One file or path: `config path`, `config init`.
#[derive(Debug, Clone, Serialize)]
pub struct Place {
    /// The configuration file.
    pub config: String,
    /// The data directory.
    pub data_dir: String,
    /// The ledger in it.
    pub ledger: String,
}

fn outcome_cell(outcome: &str, language: Language) -> Cell {
    let tone = match outcome {
        "sent" | "created" => Tone::Good,
        "already_sent" => Tone::Plain,
        "unknown" | "linked" => Tone::Caution,
        _ => Tone::Bad,
    };
    Cell::toned(word(outcome, language), tone)
}

fn state_cell(state: &str, language: Language) -> Cell {
    let tone = match state {
        "paid" => Tone::Good,
        "unpaid" | "awaiting_deposit" => Tone::Caution,
        _ => Tone::Bad,
    };
    Cell::toned(word(state, language), tone)
}

fn won(amount: u64, language: Language) -> Cell {
    let number = super::record::thousands(amount);
    let text = match language {
        Language::Ko => format!("{number}원"),
        Language::En => format!("{number} won"),
    };
    Cell { number: true, ..Cell::text(text) }
}

impl Record for SendReport {
    const FIELDS: &'static [&'static str] = Self::NAMES;
    const COLUMNS: &'static [&'static str] = &["bill_no", "outcome", "buyer", "product", "amount", "pay_url"];

    fn cells(&self, language: Language) -> Vec<Cell> {
        vec![
            Cell::text(&self.bill_no),
            outcome_cell(self.outcome, language),
            Cell::text(&self.buyer),
            Cell::text(&self.product),
            Cell::won(Some(self.amount)),
            Cell::maybe(self.pay_url.as_deref()),
        ]
    }

    fn details(&self, language: Language) -> Vec<(&'static str, Cell)> {
        vec![
            ("outcome", outcome_cell(self.outcome, language)),
            ("bill_no", Cell::text(&self.bill_no)),
            ("pay_url", Cell::maybe(self.pay_url.as_deref())),
            ("url_key", Cell::maybe(self.url_key.as_deref())),
            ("via", Cell::text(word(self.via, language))),
            ("amount", won(self.amount, language)),
            ("product", Cell::text(&self.product)),
            ("buyer", Cell::text(&self.buyer)),
            ("result_code", Cell::maybe(self.result_code.as_deref())),
            ("result_message", Cell::maybe(self.result_message.as_deref())),
            ("etc1", Cell::maybe(self.etc1.as_deref())),
            ("etc2", Cell::maybe(self.etc2.as_deref())),
            ("requested_at", Cell::maybe(self.requested_at.as_deref())),
        ]
    }
}

impl Record for StatusReport {
    const FIELDS: &'static [&'static str] = Self::NAMES;
    const COLUMNS: &'static [&'static str] =
        &["url_key", "bill_no", "state", "amount", "pay_method", "accepted_at"];

    fn cells(&self, language: Language) -> Vec<Cell> {
        vec![
            Cell::text(&self.url_key),
            Cell::maybe(self.bill_no.as_deref()),
            state_cell(self.state, language),
            Cell::won(self.amount),
            Cell::maybe(self.pay_method.as_deref()),
            Cell::maybe(self.accepted_at.as_deref()),
        ]
    }

    fn details(&self, language: Language) -> Vec<(&'static str, Cell)> {
        let amount = self.amount.map_or_else(|| Cell::text(""), |amount| won(amount, language));
        vec![
            ("state", state_cell(self.state, language)),
            ("url_key", Cell::text(&self.url_key)),
            ("bill_no", Cell::maybe(self.bill_no.as_deref())),
            ("result_code", Cell::text(&self.result_code)),
            ("result_message", Cell::maybe(self.result_message.as_deref())),
            ("amount", amount),
            ("product_name", Cell::maybe(self.product_name.as_deref())),
            ("buyer_name", Cell::maybe(self.buyer_name.as_deref())),
            ("pay_method", Cell::maybe(self.pay_method.as_deref())),
            ("order_no", Cell::maybe(self.order_no.as_deref())),
            ("tid", Cell::maybe(self.tid.as_deref())),
            ("accept_no", Cell::maybe(self.accept_no.as_deref())),
            ("accepted_at", Cell::maybe(self.accepted_at.as_deref())),
            ("cancelled_at", Cell::maybe(self.cancelled_at.as_deref())),
            ("cancel_message", Cell::maybe(self.cancel_message.as_deref())),
            ("card_name", Cell::maybe(self.card_name.as_deref())),
            ("account_no", Cell::maybe(self.account_no.as_deref())),
            ("receiver_name", Cell::maybe(self.receiver_name.as_deref())),
            ("deposit_due", Cell::maybe(self.deposit_due.as_deref())),
            ("checked_at", Cell::text(&self.checked_at)),
        ]
    }
}

impl TokenReport {
    /// The first and last characters, enough to tell two tokens apart and too few to use one.
    fn masked(&self) -> String {
        let characters: Vec<char> = self.token.chars().collect();
        match (characters.get(..6), characters.get(characters.len().saturating_sub(4)..)) {
            (Some(head), Some(tail)) if characters.len() > 40 => {
                format!("{}…{}", head.iter().collect::<String>(), tail.iter().collect::<String>())
            }
            _ => "****".to_owned(),
        }
    }
}

impl Record for TokenReport {
    const FIELDS: &'static [&'static str] = Self::NAMES;
    const COLUMNS: &'static [&'static str] = &["pay2_id", "token", "issued_at", "expires_at", "cached"];

    fn cells(&self, language: Language) -> Vec<Cell> {
        self.details(language).into_iter().map(|(_, cell)| cell).collect()
    }

    fn details(&self, _: Language) -> Vec<(&'static str, Cell)> {
        vec![
            ("pay2_id", Cell::text(&self.pay2_id)),
            ("token", Cell::text(self.masked())),
            ("issued_at", Cell::text(&self.issued_at)),
            ("expires_at", Cell::text(&self.expires_at)),
            ("cached", Cell::text(if self.cached { "yes" } else { "no, fresh" })),
        ]
    }
}

impl Record for ListReport {
    const FIELDS: &'static [&'static str] = Self::NAMES;
    const COLUMNS: &'static [&'static str] =
        &["bill_no", "outcome", "state", "buyer", "phone", "product", "amount", "created_at"];

    fn cells(&self, language: Language) -> Vec<Cell> {
        vec![
            Cell::text(&self.bill_no),
            outcome_cell(self.outcome, language),
            self.state.map_or_else(|| Cell::text(""), |state| state_cell(state, language)),
            Cell::text(&self.buyer),
            Cell::text(&self.phone),
            Cell::text(&self.product),
            Cell::won(Some(self.amount)),
            Cell::text(self.created_at.get(..16).unwrap_or(&self.created_at).replace('T', " ")),
        ]
    }

    fn details(&self, language: Language) -> Vec<(&'static str, Cell)> {
        Self::COLUMNS.iter().copied().zip(self.cells(language)).collect()
    }
}

impl Record for Checked {
    const FIELDS: &'static [&'static str] = Self::NAMES;
    const COLUMNS: &'static [&'static str] = Self::NAMES;

    fn cells(&self, _: Language) -> Vec<Cell> {
        let tone = match self.finding.as_str() {
            "ok" => Tone::Good,
            "warning" => Tone::Caution,
            "error" => Tone::Bad,
            _ => Tone::Plain,
        };
        vec![Cell::text(&self.setting), Cell::maybe(self.value.as_deref()), Cell::toned(&self.finding, tone)]
    }

    fn details(&self, language: Language) -> Vec<(&'static str, Cell)> {
        Self::COLUMNS.iter().copied().zip(self.cells(language)).collect()
    }
}

impl Record for Place {
    const FIELDS: &'static [&'static str] = &["config", "data_dir", "ledger"];
    const COLUMNS: &'static [&'static str] = Self::FIELDS;

    fn cells(&self, _: Language) -> Vec<Cell> {
        vec![Cell::text(&self.config), Cell::text(&self.data_dir), Cell::text(&self.ledger)]
    }

    fn details(&self, language: Language) -> Vec<(&'static str, Cell)> {
        Self::COLUMNS.iter().copied().zip(self.cells(language)).collect()
    }
}
