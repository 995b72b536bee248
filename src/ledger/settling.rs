//! What became of a bill of unknown outcome, where it is found out without another request for it.
//!
//! Every finding is kept as an attempt of its own kind, with its operator, so that the history of a bill
//! says who or what settled it.

use jiff::Timestamp;
use rusqlite::params;

use super::entry::{self, Account, Entry};
use super::find;
use super::group::Group;
use super::observation::Observation;
use super::{Ledger, LedgerError};
use crate::bill::{BillNo, Extra, PaidFor, is_same_text};
use crate::payment::{Link, Outcome, Payment};

/// How it was found out.
#[derive(Debug, Clone, Copy)]
pub enum Finding<'a> {
    /// The bill's link was known before: only the answer to a resend was lost.
    KnownLink,
    /// A confirmed notification that fits this bill alone names the link, of which `CookiePay` says this.
    Notified(&'a Link, &'a Payment),
    /// The operator names the link, of which `CookiePay` says this.
    Named(&'a Link, &'a Payment),
    /// The operator looked the bill up at `CookiePay`, which does not have it.
    NotSent,
}

/// What came of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The bill has its outcome.
    Done,
    /// The finding says nothing new: the bill is not unknown, is being requested right now, or its link
    /// speaks against it.
    NotOpen,
    /// Another bill of the account holds that link.
    LinkOf(BillNo),
}

impl Finding<'_> {
    const fn kind(self) -> &'static str {
        match self {
            Self::KnownLink => "settled_by_known_link",
            Self::Notified(..) => "settled_by_notification",
            Self::Named(..) => "settled_by_url_key",
            Self::NotSent => "settled_as_not_sent",
        }
    }
}

impl Ledger {
    /// The bills of unknown outcome, without a link, that ask for just this: same amount, and the same product,
    /// buyer, `ETC1` and `ETC2` in NFC. More than one means that the payment cannot be told to be of either.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn unknown_bills_fitting(
        &self,
        account: &Account,
        paid: &PaidFor<'_>,
        etc1: Option<&str>,
        etc2: Option<&str>,
    ) -> Result<Vec<BillNo>, LedgerError> {
        let extra = |extra: &Option<Extra>, told: Option<&str>| {
            is_same_text(extra.as_ref().map_or("", Extra::as_str), told.unwrap_or_default())
        };
        let fits = |entry: &Entry| {
            entry.is_unknown()
                && entry.bill.differences_to_paid(paid).is_empty()
                && extra(&entry.bill.etc1, etc1)
                && extra(&entry.bill.etc2, etc2)
        };
        let open = self.without_link(account, paid.amount).map_err(|source| self.failed(&source))?;
        Ok(open.into_iter().filter(fits).map(|entry| entry.bill.bill_no).collect())
    }

    /// Bills of that amount that are unknown or in flight and have no link.
    fn without_link(&self, account: &Account, amount: Option<u64>) -> rusqlite::Result<Vec<Entry>> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {} FROM bills INDEXED BY bills_without_link WHERE environment = ?1 AND api_id = ?2 AND amount = ?3
                 AND outcome IN ('unknown', 'in_flight') AND url_key IS NULL ORDER BY id",
            entry::COLUMNS
        ))?;
        let values = params![account.environment, account.api_id, amount];
        let rows = statement.query_map(values, |row| entry::read(row, |run| self.runs.is_alive(run)))?;
        rows.collect()
    }

    /// As [`Group::settle_unknown`], durable when it returns.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written.
    pub fn settle_unknown(
        &mut self,
        account: &Account,
        bill_no: &BillNo,
        finding: Finding<'_>,
        at: Timestamp,
        operator: &str,
    ) -> Result<Settled, LedgerError> {
        self.group(|group| group.settle_unknown(account, bill_no, finding, at, operator))
    }
}

impl Group<'_> {
    /// Settles a bill of unknown outcome by what was found out: as `linked`, with its link and the state of
    /// the payment, or as `not_sent`, after which it may be sent again. Whether the customer was messaged stays
    /// unproved. Nothing is written unless [`Settled::Done`] comes back.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written.
    pub fn settle_unknown(
        &mut self,
        account: &Account,
        bill_no: &BillNo,
        finding: Finding<'_>,
        at: Timestamp,
        operator: &str,
    ) -> Result<Settled, LedgerError> {
        let settled = self.try_settle_unknown(account, bill_no, finding, at, operator);
        let settled = settled.map_err(|source| self.failed(&source))?;
        if let (Settled::Done, Finding::Notified(link, payment) | Finding::Named(link, payment)) =
            (&settled, finding)
        {
            self.observe(&Observation { account, url_key: &link.url_key, payment, at, operator })?;
        }
        Ok(settled)
    }

    fn try_settle_unknown(
        &self,
        account: &Account,
        bill_no: &BillNo,
        finding: Finding<'_>,
        at: Timestamp,
        operator: &str,
    ) -> rusqlite::Result<Settled> {
        let find = |column, value| find::find_where(self.transaction(), self.runs(), column, account, value);
        let Some((bill_id, entry)) = find("bill_no", bill_no.as_str())? else { return Ok(Settled::NotOpen) };
        if !entry.is_unknown() || self.is_being_requested(bill_id)? {
            return Ok(Settled::NotOpen);
        }
        let link = match (finding, &entry.link) {
            (Finding::KnownLink, Some(known)) => Some(known),
            (Finding::Notified(link, _) | Finding::Named(link, _), None) => {
                if let Some((_, holder)) = find("url_key", link.url_key.as_str())? {
                    return Ok(Settled::LinkOf(holder.bill.bill_no));
                }
                Some(link)
            }
            (Finding::NotSent, None) => None,
            _ => return Ok(Settled::NotOpen),
        };
        self.write_finding(bill_id, &entry, finding, link, at, operator)?;
        Ok(Settled::Done)
    }

    fn write_finding(
        &self,
        bill_id: i64,
        entry: &Entry,
        finding: Finding<'_>,
        link: Option<&Link>,
        at: Timestamp,
        operator: &str,
    ) -> rusqlite::Result<()> {
        let outcome = if link.is_some() { Outcome::Linked } else { Outcome::NotSent };
        let url_key = link.map(|link| link.url_key.as_str());
        let pay_url = link.and_then(|link| link.pay_url.as_deref());
        self.transaction().execute(
            "INSERT INTO attempts (bill_id, kind, channel, run, operator, started_at, settled_at, outcome, url_key, pay_url)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9)",
            params![
                bill_id,
                finding.kind(),
                entry.bill.channel.as_str(),
                self.run(),
                operator,
                at.as_millisecond(),
                outcome.as_str(),
                url_key,
                pay_url
            ],
        )?;
        self.transaction().execute(
            "UPDATE bills SET outcome = ?2, url_key = ?3, pay_url = ?4, repeat_refused_at = NULL, updated_at = ?5
             WHERE id = ?1",
            params![bill_id, outcome.as_str(), url_key, pay_url, at.as_millisecond()],
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
