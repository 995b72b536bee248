//! What is told of bills: sent, previewed, reconciled, listed.

use std::collections::BTreeMap;

use super::super::messages::{Language, word};
use super::super::record::{Cell, Record};
use super::{outcome_cell, report, state_cell, won};

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
    /// A request as it would leave, its secrets masked: `send --dry-run`.
    PreviewReport {
        /// Always true.
        dry_run: bool,
        /// `POST`.
        method: &'static str,
        /// The whole address.
        url: String,
        /// Header names and values.
        headers: BTreeMap<&'static str, String>,
        /// The body, to the letter.
        body: Box<serde_json::value::RawValue>,
    }
}

report! {
    /// A bill of which something new was learnt: `reconcile`.
    ReconcileReport {
        /// `BILL_NO`.
        bill_no: String,
        /// `URLKEY`.
        url_key: Option<String>,
        /// `PAYURL`.
        pay_url: Option<String>,
        /// As in [`SendReport`].
        outcome: &'static str,
        /// As in [`super::StatusReport`].
        state: Option<&'static str>,
        /// The outcome before.
        outcome_before: &'static str,
        /// The state before.
        state_before: Option<&'static str>,
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
        /// As in [`super::StatusReport`]; absent until somebody asked.
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

impl Record for SendReport {
    const FIELDS: &'static [&'static str] = Self::NAMES;
    const COLUMNS: &'static [&'static str] = &["bill_no", "outcome", "buyer", "amount", "pay_url"];

    fn cells(&self, language: Language) -> Vec<Cell> {
        vec![
            Cell::text(&self.bill_no),
            outcome_cell(self.outcome, language),
            Cell::text(&self.buyer),
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
            ("amount", Cell::text(won(self.amount, language))),
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

impl Record for PreviewReport {
    const FIELDS: &'static [&'static str] = Self::NAMES;
    const COLUMNS: &'static [&'static str] = &["body"];

    fn cells(&self, _: Language) -> Vec<Cell> {
        vec![Cell::text(self.body.get())]
    }

    fn details(&self, _: Language) -> Vec<(&'static str, Cell)> {
        let headers = self.headers.iter().map(|(name, value)| (*name, Cell::text(value)));
        std::iter::once((self.method, Cell::text(&self.url)))
            .chain(headers)
            .chain(std::iter::once(("body", Cell::text(self.body.get()))))
            .collect()
    }
}

impl Record for ReconcileReport {
    const FIELDS: &'static [&'static str] = Self::NAMES;
    const COLUMNS: &'static [&'static str] =
        &["bill_no", "outcome_before", "outcome", "state_before", "state", "pay_url"];

    fn cells(&self, language: Language) -> Vec<Cell> {
        let state =
            |state: Option<&str>| state.map_or_else(|| Cell::text(""), |state| state_cell(state, language));
        vec![
            Cell::text(&self.bill_no),
            outcome_cell(self.outcome_before, language),
            outcome_cell(self.outcome, language),
            state(self.state_before),
            state(self.state),
            Cell::maybe(self.pay_url.as_deref()),
        ]
    }
}

impl Record for ListReport {
    const FIELDS: &'static [&'static str] = Self::NAMES;
    const COLUMNS: &'static [&'static str] =
        &["bill_no", "outcome", "state", "buyer", "product", "amount", "created_at"];

    fn cells(&self, language: Language) -> Vec<Cell> {
        vec![
            Cell::text(&self.bill_no),
            outcome_cell(self.outcome, language),
            self.state.map_or_else(|| Cell::text(""), |state| state_cell(state, language)),
            Cell::text(&self.buyer),
            Cell::text(&self.product),
            Cell::won(Some(self.amount)),
            Cell::moment(Some(&self.created_at)),
        ]
    }
}
