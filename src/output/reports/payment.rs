//! What is told of payments, and of the token that asks after them.

use super::super::messages::Language;
use super::super::record::{Cell, Record};
use super::{report, state_cell, won};

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
        /// Won; billed, where CookiePay does not say. So are buyer and product.
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

impl Record for StatusReport {
    const FIELDS: &'static [&'static str] = Self::NAMES;
    const COLUMNS: &'static [&'static str] =
        &["bill_no", "state", "buyer_name", "product_name", "amount", "accepted_at", "url_key"];

    fn cells(&self, language: Language) -> Vec<Cell> {
        vec![
            Cell::maybe(self.bill_no.as_deref()),
            state_cell(self.state, language),
            Cell::maybe(self.buyer_name.as_deref()),
            Cell::maybe(self.product_name.as_deref()),
            Cell::won(self.amount),
            Cell::moment(self.accepted_at.as_deref()),
            Cell::text(&self.url_key),
        ]
    }

    fn details(&self, language: Language) -> Vec<(&'static str, Cell)> {
        let amount = Cell::text(self.amount.map(|amount| won(amount, language)).unwrap_or_default());
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
