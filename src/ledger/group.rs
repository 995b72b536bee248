//! Several intents and outcomes made durable together: one transaction, one sync of the disk.
//!
//! Nothing in a group is durable before the whole group is; a group that fails leaves nothing.

use jiff::Timestamp;
use rusqlite::{Transaction, TransactionBehavior, named_params, params};

use super::entry::{Entry, IN_FLIGHT, Standing};
use super::find;
use super::intent::{Attempt, AttemptKind, Intended, Intent, Settlement};
use super::journal::Line;
use super::run::Runs;
use super::{Ledger, LedgerError};
use crate::bill::{Email, Extra, Memo, PaymentType, Tax};
use crate::payment::Outcome;

/// An open group.
pub struct Group<'l> {
    transaction: Transaction<'l>,
    pub(super) runs: &'l Runs,
    pub(super) run: String,
    path: String,
    is_journaled: bool,
    noted: Noted,
}

/// The intents of a group, for what is kept of them beside the database.
#[derive(Default)]
struct Noted {
    has_intended: bool,
    /// Whether a bill of a real account is among them, and not only the emulator's.
    is_real: bool,
    /// Their lines in the journal, where there is one.
    lines: Vec<u8>,
}

impl Ledger {
    /// Does this work on the ledger and makes all of it durable at once.
    ///
    /// # Errors
    ///
    /// The work's own, or the ledger cannot be written or is not in its place any more; then none of it is
    /// recorded.
    pub fn group<T>(
        &mut self,
        work: impl FnOnce(&mut Group<'_>) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let done = self.try_group(work);
        if self.has_intended { done.map_err(LedgerError::after_request) } else { done }
    }

    fn try_group<T>(
        &mut self,
        work: impl FnOnce(&mut Group<'_>) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let path = self.connection.path().unwrap_or_default().to_owned();
        let run = self.runs.own()?.to_owned();
        let transaction =
            super::patiently(&self.connection, path.as_ref(), &self.on_wait, self.patience, || {
                Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)
            })
            .map_err(|source| LedgerError::from_database(path.as_ref(), &source))?;
        let mut group = Group {
            transaction,
            runs: &self.runs,
            run,
            path,
            is_journaled: self.journal.is_some(),
            noted: Noted::default(),
        };
        let done = work(&mut group)?;
        self.file.verify()?;
        let Noted { lines, is_real, has_intended } = group.commit()?;
        if has_intended {
            self.has_intended = true;
            self.runs.mark();
        }
        if let (Some(journal), false) = (&mut self.journal, lines.is_empty()) {
            journal.append(&lines, is_real);
        }
        Ok(done)
    }
}

impl Group<'_> {
    fn commit(self) -> Result<Noted, LedgerError> {
        let Self { transaction, path, noted, .. } = self;
        transaction.commit().map_err(|source| LedgerError::from_database(path.as_ref(), &source))?;
        Ok(noted)
    }

    pub(super) fn transaction(&self) -> &Transaction<'_> {
        &self.transaction
    }

    pub(super) fn runs(&self) -> &Runs {
        self.runs
    }

    pub(super) fn run(&self) -> &str {
        &self.run
    }

    pub(super) fn failed(&self, source: &rusqlite::Error) -> LedgerError {
        LedgerError::from_database(self.path.as_ref(), source)
    }

    /// As [`Ledger::intend`], durable with the group.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written.
    pub fn intend(&mut self, intent: &Intent<'_>) -> Result<Intended, LedgerError> {
        let intended = self.try_intend(intent).map_err(|source| self.failed(&source))?;
        if let Intended::Fresh(attempt) = &intended {
            self.noted.has_intended = true;
            self.note(intent, attempt.id);
        }
        Ok(intended)
    }

    /// Keeps the intent for the journal.
    pub(super) fn note(&mut self, intent: &Intent<'_>, attempt: i64) {
        self.noted.is_real |= intent.account.environment != "local";
        if self.is_journaled {
            Line::of(intent, attempt, &self.run).write_to(&mut self.noted.lines);
        }
    }

    /// As [`Ledger::settle`], durable with the group.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written.
    pub fn settle(
        &mut self,
        attempt: &Attempt,
        settlement: &Settlement,
        at: Timestamp,
    ) -> Result<Settlement, LedgerError> {
        let settled = self.without_foreign_link(attempt, settlement).and_then(|settlement| {
            self.try_settle(attempt, &settlement, at)?;
            Ok(settlement)
        });
        settled.map_err(|source| self.failed(&source))
    }

    fn try_intend(&self, intent: &Intent<'_>) -> rusqlite::Result<Intended> {
        let Intent { kind, account, bill, .. } = *intent;
        let known =
            find::find_where(&self.transaction, self.runs, "bill_no", account, bill.bill_no.as_str())?;
        if let Some((bill_id, mut entry)) = known {
            let differences = bill.differences(&entry.bill);
            if !differences.is_empty() {
                return Ok(Intended::OtherContent(differences));
            }
            if self.is_being_requested(bill_id)? {
                entry.standing = Standing::InFlight;
            }
            if !kind.is_allowed_for(&entry) {
                return Ok(Intended::Known(Box::new(entry)));
            }
            let duplicate = match kind {
                AttemptKind::Resend => messaged(&entry, intent),
                _ => self.duplicate(intent)?,
            };
            if let Some(duplicate) = duplicate {
                return Ok(duplicate);
            }
            match kind {
                AttemptKind::Send => self.take_up(bill_id, intent)?,
                AttemptKind::Resend => self.put_in_flight(bill_id, intent)?,
                AttemptKind::Reconcile => self.forget_flight(bill_id)?,
            }
            let before = Some(entry.standing.outcome()).filter(|_| !entry.may_be_sent_again());
            return Ok(Intended::Fresh(self.write_attempt(bill_id, intent, before)?));
        }
        if let Some(duplicate) = self.duplicate(intent)? {
            return Ok(duplicate);
        }
        find::is_not_hidden(&self.transaction, account, bill)?;
        let bill_id = self.write_bill(intent)?;
        Ok(Intended::Fresh(self.write_attempt(bill_id, intent, None)?))
    }

    fn duplicate(&self, intent: &Intent<'_>) -> rusqlite::Result<Option<Intended>> {
        let Intent { account, bill, at, duplicate_window, .. } = *intent;
        let found = find::duplicate(&self.transaction, account, bill, at, duplicate_window)?;
        Ok(found.map(|(bill_no, requested_at)| Intended::Duplicate { bill_no, requested_at }))
    }

    /// Whether a process that lives awaits an answer about the bill, whatever it asked.
    pub(super) fn is_being_requested(&self, bill_id: i64) -> rusqlite::Result<bool> {
        let mut statement = self
            .transaction
            .prepare_cached("SELECT run FROM attempts WHERE bill_id = ?1 AND settled_at IS NULL")?;
        let mut rows = statement.query([bill_id])?;
        while let Some(row) = rows.next()? {
            if self.runs.is_alive(&row.get::<_, String>(0)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn write_bill(&self, intent: &Intent<'_>) -> rusqlite::Result<i64> {
        let bill = intent.bill;
        self.transaction
            .prepare_cached(
                "INSERT INTO bills (environment, api_id, bill_no, channel, product, amount, buyer, phone, email, memo,
                     tax, etc1, etc2, payment_type, batch, batch_row, outcome, run, requested_at, created_at, updated_at,
                     operator)
                 VALUES (:environment, :api_id, :bill_no, :channel, :product, :amount, :buyer, :phone, :email, :memo,
                     :tax, :etc1, :etc2, :payment_type, :batch, :row, :outcome, :run, :at, :at, :at, :operator)",
            )?
            .execute(named_params! {
                ":environment": intent.account.environment,
                ":api_id": intent.account.api_id,
                ":bill_no": bill.bill_no.as_str(),
                ":channel": bill.channel.as_str(),
                ":product": bill.product.as_str(),
                ":amount": bill.amount.won(),
                ":buyer": bill.buyer.as_str(),
                ":phone": bill.phone.as_str(),
                ":email": bill.email.as_ref().map(Email::as_str),
                ":memo": bill.memo.as_ref().map(Memo::as_str),
                ":tax": bill.tax.map(Tax::as_str),
                ":etc1": bill.etc1.as_ref().map(Extra::as_str),
                ":etc2": bill.etc2.as_ref().map(Extra::as_str),
                ":payment_type": bill.payment_type.as_ref().map(PaymentType::as_str),
                ":batch": intent.batch.map(|(name, _)| name),
                ":row": intent.batch.map(|(_, row)| row),
                ":outcome": IN_FLIGHT,
                ":run": self.run,
                ":at": intent.at.as_millisecond(),
                ":operator": intent.operator,
            })?;
        Ok(self.transaction.last_insert_rowid())
    }

    /// A known bill is sent (again): what is not its content may have changed.
    pub(super) fn take_up(&self, bill_id: i64, intent: &Intent<'_>) -> rusqlite::Result<()> {
        let bill = intent.bill;
        self.transaction
            .prepare_cached(
                "UPDATE bills SET channel = :channel, memo = :memo, tax = :tax, etc1 = :etc1, etc2 = :etc2,
                     payment_type = :payment_type, batch = coalesce(:batch, batch), batch_row = coalesce(:row, batch_row),
                     outcome = :outcome, run = :run, requested_at = :at, updated_at = :at, operator = :operator
                 WHERE id = :id",
            )?
            .execute(named_params! {
                ":channel": bill.channel.as_str(),
                ":memo": bill.memo.as_ref().map(Memo::as_str),
                ":tax": bill.tax.map(Tax::as_str),
                ":etc1": bill.etc1.as_ref().map(Extra::as_str),
                ":etc2": bill.etc2.as_ref().map(Extra::as_str),
                ":payment_type": bill.payment_type.as_ref().map(PaymentType::as_str),
                ":batch": intent.batch.map(|(name, _)| name),
                ":row": intent.batch.map(|(_, row)| row),
                ":outcome": IN_FLIGHT,
                ":run": self.run,
                ":at": intent.at.as_millisecond(),
                ":operator": intent.operator,
                ":id": bill_id,
            })?;
        Ok(())
    }

    /// The bill is being messaged again; what it is stays as it was, should that come to nothing.
    pub(super) fn put_in_flight(&self, bill_id: i64, intent: &Intent<'_>) -> rusqlite::Result<()> {
        self.transaction
            .prepare_cached("UPDATE bills SET outcome = ?2, run = ?3, updated_at = ?4 WHERE id = ?1")?
            .execute(params![bill_id, IN_FLIGHT, self.run, intent.at.as_millisecond()])?;
        Ok(())
    }

    /// A lost bill becomes a plainly unknown one, which no run of a later process can revive.
    fn forget_flight(&self, bill_id: i64) -> rusqlite::Result<()> {
        self.transaction
            .prepare_cached("UPDATE bills SET outcome = ?2 WHERE id = ?1 AND outcome = ?3")?
            .execute(params![bill_id, Outcome::Unknown.as_str(), IN_FLIGHT])?;
        Ok(())
    }

    pub(super) fn write_attempt(
        &self,
        bill_id: i64,
        intent: &Intent<'_>,
        before: Option<Outcome>,
    ) -> rusqlite::Result<Attempt> {
        let Intent { kind, bill, .. } = *intent;
        self.transaction
            .prepare_cached(
                "INSERT INTO attempts (bill_id, kind, channel, run, operator, started_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                bill_id,
                kind.as_str(),
                bill.channel.as_str(),
                self.run,
                intent.operator,
                intent.at.as_millisecond()
            ])?;
        Ok(Attempt { id: self.transaction.last_insert_rowid(), bill_id, channel: bill.channel, before })
    }

    fn try_settle(&self, attempt: &Attempt, settlement: &Settlement, at: Timestamp) -> rusqlite::Result<()> {
        let Settlement { outcome, link, result_code, result_message, reason, refuses_bill } = settlement;
        let url_key = link.as_ref().map(|link| link.url_key.as_str());
        let pay_url = link.as_ref().and_then(|link| link.pay_url.as_deref());
        self.transaction
            .prepare_cached(
                "UPDATE attempts SET settled_at = ?2, outcome = ?3, result_code = ?4, result_message = ?5, reason = ?6,
                     url_key = ?7, pay_url = ?8
                 WHERE id = ?1",
            )?
            .execute(params![
                attempt.id,
                at.as_millisecond(),
                outcome.as_str(),
                result_code,
                result_message,
                reason,
                url_key,
                pay_url
            ])?;
        if let (Some(link), Some(_)) = (link, attempt.before) {
            self.keep_earlier_link(attempt.bill_id, link)?;
        }
        let repeat_refused = *refuses_bill && attempt.before == Some(Outcome::Unknown);
        let is_message = *outcome == Outcome::Sent;
        let (outcome, known) = match (outcome, attempt.before) {
            // It came to nothing: the bill is what it was.
            (Outcome::NotSent | Outcome::Refused, Some(before)) => (before, true),
            (outcome, _) => (*outcome, false),
        };
        self.transaction
            .prepare_cached(
                "UPDATE bills SET outcome = ?2, result_code = iif(?8, result_code, ?3),
                     result_message = iif(?8, result_message, ?4), channel = iif(?5 IS NULL, channel, ?5),
                     url_key = coalesce(?6, url_key),
                     pay_url = iif(coalesce(?6, url_key) IS url_key, coalesce(?7, pay_url), ?7), updated_at = ?9,
                     repeat_refused_at = iif(?10, ?9, repeat_refused_at),
                     messaged_at = iif(?11, (SELECT started_at FROM attempts WHERE id = ?12), messaged_at)
                 WHERE id = ?1",
            )?
            .execute(params![
                attempt.bill_id,
                outcome.as_str(),
                result_code,
                result_message,
                url_key.map(|_| attempt.channel.as_str()),
                url_key,
                pay_url,
                known,
                at.as_millisecond(),
                repeat_refused,
                is_message,
                attempt.id
            ])?;
        Ok(())
    }
}

/// That the customer was messaged about this very bill a short while ago.
fn messaged(entry: &Entry, intent: &Intent<'_>) -> Option<Intended> {
    let requested_at = entry.messaged_within(intent.at, intent.duplicate_window)?;
    Some(Intended::Duplicate { bill_no: entry.bill.bill_no.clone(), requested_at })
}
