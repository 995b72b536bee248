//! Intent first, outcome later: the two writes around every request.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, named_params, params};

use super::entry::{self, Account, Entry, IN_FLIGHT, Standing};
use super::{Ledger, LedgerError};
use crate::bill::{Bill, BillNo, Channel, Tax};
use crate::payment::{Link, Outcome};

/// A request that is about to leave.
#[derive(Debug)]
pub struct Intent<'a> {
    /// Whose bill.
    pub account: &'a Account,
    /// What will be sent.
    pub bill: &'a Bill,
    /// Now.
    pub at: Timestamp,
    /// Who sends it: user@host.
    pub operator: &'a str,
    /// Within which time the same phone, amount and product count as a duplicate; `None` allows it.
    pub duplicate_window: Option<Duration>,
}

/// Why a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptKind {
    /// To bill the customer.
    Send,
}

impl AttemptKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
        }
    }
}

/// A durable intent that awaits its outcome.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "an attempt that is not settled leaves its bill unknown"]
pub struct Attempt {
    id: i64,
    bill_id: i64,
}

/// What the ledger says to an intent.
#[derive(Debug, PartialEq, Eq)]
pub enum Intended {
    /// It is durable: send now.
    Fresh(Attempt),
    /// The bill is known with the same content and must not be sent again.
    Known(Box<Entry>),
    /// The bill is known with other content, which differs in these fields.
    OtherContent(Vec<&'static str>),
    /// Another bill asked the same of the same customer a short while ago.
    Duplicate {
        /// That bill.
        bill_no: BillNo,
        /// When it was sent.
        requested_at: Timestamp,
    },
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The verdict.
    pub outcome: Outcome,
    /// The link, where the reply carried one.
    pub link: Option<Link>,
    /// `RESULTCODE`.
    pub result_code: Option<String>,
    /// `RESULTMSG`.
    pub result_message: Option<String>,
    /// Why it is not sent or unknown.
    pub reason: Option<String>,
}

impl Ledger {
    /// The bill of that number.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn find(&self, account: &Account, bill_no: &BillNo) -> Result<Option<Entry>, LedgerError> {
        self.find_where(account, "bill_no = ?3", bill_no.as_str())
    }

    /// The bill whose link has that key.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn find_by_url_key(&self, account: &Account, url_key: &str) -> Result<Option<Entry>, LedgerError> {
        self.find_where(account, "url_key = ?3", url_key)
    }

    /// The bill whose link has that address.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn find_by_pay_url(&self, account: &Account, pay_url: &str) -> Result<Option<Entry>, LedgerError> {
        self.find_where(account, "pay_url = ?3", pay_url)
    }

    fn find_where(
        &self,
        account: &Account,
        condition: &str,
        value: &str,
    ) -> Result<Option<Entry>, LedgerError> {
        let sql = format!(
            "SELECT {} FROM bills WHERE environment = ?1 AND api_id = ?2 AND {condition} ORDER BY id DESC LIMIT 1",
            entry::COLUMNS
        );
        self.connection
            .query_row(&sql, params![account.environment, account.api_id, value], |row| {
                entry::read(row, |run| self.runs.is_alive(run))
            })
            .optional()
            .map_err(|source| self.failed(&source))
    }

    /// Records that a request for this bill is about to leave. When it returns
    /// [`Intended::Fresh`], the intent survives a power cut.
    ///
    /// A bill that was refused, or provably not sent, is taken up again; every other known bill is
    /// handed back as it is.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written: then nothing may be sent.
    pub fn intend(&mut self, intent: &Intent<'_>) -> Result<Intended, LedgerError> {
        let path = self.connection.path().unwrap_or_default().to_owned();
        let failed = |source: &rusqlite::Error| LedgerError::from_database(path.as_ref(), source);
        let run = self.runs.own().map_err(|source| LedgerError::from_io(path.as_ref(), &source))?.to_owned();
        if let Some(known) = self.find(intent.account, &intent.bill.bill_no)? {
            let differences = intent.bill.differences(&known.bill);
            if !differences.is_empty() {
                return Ok(Intended::OtherContent(differences));
            }
            if !may_be_sent_again(known.standing) {
                return Ok(Intended::Known(Box::new(known)));
            }
        }
        let mut write = || -> rusqlite::Result<Option<Intended>> {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if let Some(duplicate) = find_duplicate(&transaction, intent)? {
                return Ok(Some(duplicate));
            }
            let Some(bill_id) = write_bill(&transaction, intent, &run)? else { return Ok(None) };
            let attempt = write_attempt(&transaction, intent, &run, bill_id)?;
            transaction.commit()?;
            Ok(Some(Intended::Fresh(attempt)))
        };
        match write().map_err(|source| failed(&source))? {
            Some(intended) => Ok(intended),
            // Another process took the bill between our look and our write: look again.
            None => self.intend(intent),
        }
    }

    /// Records what came of an attempt. When it returns, the outcome survives a power cut.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written; the bill then counts as unknown once this process ends.
    pub fn settle(
        &mut self,
        attempt: &Attempt,
        settlement: &Settlement,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        let mut write = || -> rusqlite::Result<()> {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute(
                "UPDATE attempts SET settled_at = ?2, outcome = ?3, result_code = ?4, result_message = ?5, reason = ?6
                 WHERE id = ?1",
                params![
                    attempt.id,
                    at.as_millisecond(),
                    settlement.outcome.as_str(),
                    settlement.result_code,
                    settlement.result_message,
                    settlement.reason
                ],
            )?;
            transaction.execute(
                "UPDATE bills SET outcome = ?2, result_code = ?3, result_message = ?4,
                     url_key = coalesce(?5, url_key), pay_url = coalesce(?6, pay_url), updated_at = ?7
                 WHERE id = ?1",
                params![
                    attempt.bill_id,
                    settlement.outcome.as_str(),
                    settlement.result_code,
                    settlement.result_message,
                    settlement.link.as_ref().map(|link| link.url_key.as_str()),
                    settlement.link.as_ref().and_then(|link| link.pay_url.as_deref()),
                    at.as_millisecond()
                ],
            )?;
            transaction.commit()
        };
        write().map_err(|source| self.failed(&source))
    }
}

/// Only where it is proved that no link was made: a clear refusal, or a request that never left.
const fn may_be_sent_again(standing: Standing) -> bool {
    matches!(standing, Standing::Settled(Outcome::Refused | Outcome::NotSent))
}

/// Sent, linked and unknown bills count, in flight ones as unknown (CONTRACT section 4).
fn find_duplicate(connection: &Connection, intent: &Intent<'_>) -> rusqlite::Result<Option<Intended>> {
    let Some(window) = intent.duplicate_window else { return Ok(None) };
    let window = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
    connection
        .query_row(
            "SELECT bill_no, requested_at FROM bills
             WHERE phone = :phone AND amount = :amount AND requested_at > :since AND product = :product
               AND environment = :environment AND api_id = :api_id AND bill_no <> :bill_no
               AND outcome IN ('sent', 'linked', 'unknown', 'in_flight')
             ORDER BY requested_at DESC LIMIT 1",
            named_params! {
                ":phone": intent.bill.phone.as_str(),
                ":amount": intent.bill.amount.won(),
                ":since": intent.at.as_millisecond().saturating_sub(window),
                ":product": intent.bill.product.as_str(),
                ":environment": intent.account.environment,
                ":api_id": intent.account.api_id,
                ":bill_no": intent.bill.bill_no.as_str(),
            },
            |row| {
                let bill_no: String = row.get(0)?;
                let requested_at = Timestamp::from_millisecond(row.get(1)?).unwrap_or(intent.at);
                Ok(bill_no.parse().ok().map(|bill_no| Intended::Duplicate { bill_no, requested_at }))
            },
        )
        .optional()
        .map(Option::flatten)
}

/// Inserts the bill, or takes up again one that may be sent again; `None` where it is neither.
fn write_bill(connection: &Connection, intent: &Intent<'_>, run: &str) -> rusqlite::Result<Option<i64>> {
    let bill = intent.bill;
    connection
        .query_row(
            "INSERT INTO bills (environment, api_id, bill_no, channel, product, amount, buyer, phone, email, memo, tax,
                 etc1, etc2, payment_type, outcome, run, requested_at, created_at, updated_at, operator)
             VALUES (:environment, :api_id, :bill_no, :channel, :product, :amount, :buyer, :phone, :email, :memo, :tax,
                 :etc1, :etc2, :payment_type, :outcome, :run, :at, :at, :at, :operator)
             ON CONFLICT (environment, api_id, bill_no) DO UPDATE SET
                 channel = excluded.channel, memo = excluded.memo, tax = excluded.tax, etc1 = excluded.etc1,
                 etc2 = excluded.etc2, payment_type = excluded.payment_type, outcome = excluded.outcome,
                 run = excluded.run, result_code = NULL, result_message = NULL, requested_at = excluded.requested_at,
                 updated_at = excluded.updated_at, operator = excluded.operator
             WHERE bills.outcome IN ('refused', 'not_sent') AND bills.product = excluded.product
               AND bills.amount = excluded.amount AND bills.buyer = excluded.buyer
               AND bills.phone = excluded.phone AND bills.email IS excluded.email
             RETURNING id",
            named_params! {
                ":environment": intent.account.environment,
                ":api_id": intent.account.api_id,
                ":bill_no": bill.bill_no.as_str(),
                ":channel": bill.channel.as_str(),
                ":product": bill.product.as_str(),
                ":amount": bill.amount.won(),
                ":buyer": bill.buyer.as_str(),
                ":phone": bill.phone.as_str(),
                ":email": bill.email.as_ref().map(crate::bill::Email::as_str),
                ":memo": bill.memo.as_ref().map(crate::bill::Memo::as_str),
                ":tax": bill.tax.map(Tax::as_str),
                ":etc1": bill.etc1.as_ref().map(crate::bill::Extra::as_str),
                ":etc2": bill.etc2.as_ref().map(crate::bill::Extra::as_str),
                ":payment_type": bill.payment_type.as_ref().map(crate::bill::PaymentType::as_str),
                ":outcome": IN_FLIGHT,
                ":run": run,
                ":at": intent.at.as_millisecond(),
                ":operator": intent.operator,
            },
            |row| row.get(0),
        )
        .optional()
}

fn write_attempt(
    connection: &Connection,
    intent: &Intent<'_>,
    run: &str,
    bill_id: i64,
) -> rusqlite::Result<Attempt> {
    let channel: Channel = intent.bill.channel;
    connection.execute(
        "INSERT INTO attempts (bill_id, kind, channel, run, operator, started_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            bill_id,
            AttemptKind::Send.as_str(),
            channel.as_str(),
            run,
            intent.operator,
            intent.at.as_millisecond()
        ],
    )?;
    Ok(Attempt { id: connection.last_insert_rowid(), bill_id })
}
