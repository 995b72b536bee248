//! A ledger that is older than reality: how it is recognised before anything is sent from it, and how it
//! is told what it lacks.
//!
//! What the journal knows and the ledger does not is taken over as bills of unknown outcome, under their
//! own numbers. What became of them is then asked of `CookiePay`, as of any bill whose process has died.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::entry::Account;
use super::group::Group;
use super::intent::{AttemptKind, Intent};
use super::journal::{Journal, Journals, Line};
use super::{Ledger, LedgerError, Location, find};

/// How many lines are taken over at once.
const PAGE: usize = 1000;

/// What taking the journal over came to.
#[derive(Debug, Default)]
pub struct Restored {
    /// The journal; `None` where the platform names no place for one.
    pub journal: Option<PathBuf>,
    /// Intents that the ledger lacked and now has.
    pub taken: u64,
    /// Those of them that belong to another account than the one that was named.
    pub of_others: u64,
    /// Lines that cannot be read.
    pub unreadable: u64,
    /// The time before which the journal knows nothing, although the ledger lacks what was sent then.
    pub begins_late: Option<Timestamp>,
    /// Whether the journal has no line at all.
    pub is_empty: bool,
}

impl Location {
    /// Opens the ledger to send from it, which makes it where it is missing.
    ///
    /// # Errors
    ///
    /// As [`Ledger::open`]; and it was removed, replaced, or is older than what was sent.
    pub fn open_to_send(&self) -> Result<Ledger, LedgerError> {
        let Some(journals) = self.journals.as_deref().map(Journals::new) else {
            let ledger = self.open()?;
            ledger.sweep()?;
            return Ok(ledger);
        };
        let before = journals.ledger_at(&self.directory);
        let existing = self.open_existing()?;
        if let Some(lack) = self.lack(&journals, before, existing.as_ref())? {
            return Err(lack);
        }
        let mut ledger = existing.map_or_else(|| self.open(), Ok)?;
        let name = ledger.name()?;
        let unnamed = ledger.sweep()?.len();
        if unnamed > 0 {
            let path = Ledger::path(&self.directory);
            return Err(LedgerError::Older { path, missing: u64::try_from(unnamed).unwrap_or(u64::MAX) });
        }
        ledger.journal = Some(Journal::open(journals, &name, &self.directory));
        Ok(ledger)
    }

    /// Opens the ledger only to read from it, if there is one, with what is wrong with it as [`Location::open_to_send`]
    /// would say: then what is read is not all that was sent.
    ///
    /// # Errors
    ///
    /// As [`Ledger::open`].
    pub fn open_to_read(&self) -> Result<(Option<Ledger>, Option<LedgerError>), LedgerError> {
        let Some(journals) = self.journals.as_deref().map(Journals::new) else {
            return Ok((self.open_existing()?, None));
        };
        let before = journals.ledger_at(&self.directory);
        let ledger = self.open_existing()?;
        let lack = self.lack(&journals, before, ledger.as_ref()).unwrap_or_else(Some);
        Ok((ledger, lack))
    }

    fn open_existing(&self) -> Result<Option<Ledger>, LedgerError> {
        Ledger::path(&self.directory).exists().then(|| self.open()).transpose()
    }

    /// What the ledger lacks, as far as the newest lines of the journals tell. `before` is the one that lay there, found
    /// out before the ledger was looked for: another process may have made it since, and sent from it.
    fn lack(
        &self,
        journals: &Journals,
        before: Option<String>,
        ledger: Option<&Ledger>,
    ) -> Result<Option<LedgerError>, LedgerError> {
        let path = Ledger::path(&self.directory);
        let name = ledger.map(Ledger::name).transpose()?;
        if let Some(before) = before.filter(|before| name.as_ref() != Some(before)) {
            let missing = count_missing(ledger, journals, &before)?;
            return Ok(Some(LedgerError::Replaced { path, missing, journal: journals.path(&before) }));
        }
        let (Some(ledger), Some(name)) = (ledger, name) else { return Ok(None) };
        if ledger.knows_all(&journals.newest(&name))? {
            return Ok(None);
        }
        let missing = count_missing(Some(ledger), journals, &name)?;
        Ok(Some(LedgerError::Older { path, missing }))
    }

    /// As [`Location::open_to_send`], but makes no ledger where none is and none was.
    ///
    /// # Errors
    ///
    /// As [`Location::open_to_send`].
    pub fn open_existing_to_send(&self) -> Result<Option<Ledger>, LedgerError> {
        let lay_here =
            self.journals.as_deref().and_then(|journals| Journals::new(journals).ledger_at(&self.directory));
        if lay_here.is_none() && !Ledger::path(&self.directory).exists() {
            return Ok(None);
        }
        self.open_to_send().map(Some)
    }

    /// As [`Location::open_to_send`], after everything that the journal knows and the ledger lacks was taken
    /// over. `account` is the one that is asked about next.
    ///
    /// # Errors
    ///
    /// As [`Ledger::open`], or the journal cannot be read.
    pub fn restore(&self, account: &Account) -> Result<(Ledger, Restored), LedgerError> {
        let mut ledger = self.open()?;
        let mut restored = Restored::default();
        if let Some(journals) = self.journals.as_deref().map(Journals::new) {
            let failed = |source: std::io::Error| LedgerError::from_io(&self.directory, &source);
            let name = ledger.name()?;
            let before = journals.ledger_at(&self.directory);
            restored.journal = Some(journals.path(before.as_deref().unwrap_or(&name)));
            restored.is_empty = true;
            ledger.journal = Some(Journal::open(journals.clone(), &name, &self.directory));
            let others = before.as_deref().filter(|before| *before != name);
            for (name, is_own) in others.map(|before| (before, false)).into_iter().chain([(&*name, true)]) {
                ledger.take_over(&journals, name, is_own, account, &mut restored)?;
            }
            if before.is_some() {
                journals.remember(&self.directory, &name).map_err(failed)?;
            }
        }
        for unnamed in ledger.sweep()? {
            let _already_gone = std::fs::remove_file(unnamed);
        }
        Ok((ledger, restored))
    }
}

impl Ledger {
    /// The random name of this ledger.
    fn name(&self) -> Result<String, LedgerError> {
        self.connection
            .query_row("SELECT value FROM meta WHERE key = 'ledger'", [], |row| row.get(0))
            .map_err(|source| self.failed(&source))
    }

    /// Clears away what runs that have died left behind, and returns the files of those that had sent something
    /// of which the ledger knows nothing.
    fn sweep(&self) -> Result<Vec<PathBuf>, LedgerError> {
        let named = |run: &str| {
            let mut statement = self
                .connection
                .prepare_cached("SELECT 1 FROM attempts WHERE run = ?1 ORDER BY id DESC LIMIT 1")?;
            statement.exists([run])
        };
        self.runs.sweep(named).map_err(|source| self.failed(&source))
    }

    fn knows_all(&self, lines: &[Line<'_>]) -> Result<bool, LedgerError> {
        let mut unknown = lines.iter().map(|line| knows(&self.connection, line));
        let found = unknown.find(|known| !matches!(known, Ok(true)));
        found.unwrap_or(Ok(true)).map_err(|source| self.failed(&source))
    }

    /// Takes over what this journal knows and the ledger lacks. What comes from the journal of another ledger
    /// gets into the own one as well.
    fn take_over(
        &mut self,
        journals: &Journals,
        name: &str,
        is_own: bool,
        account: &Account,
        restored: &mut Restored,
    ) -> Result<(), LedgerError> {
        let path = journals.path(name);
        let failed = |source: std::io::Error| LedgerError::from_io(&path, &source);
        let newest: i64 = self
            .connection
            .query_row("SELECT coalesce(max(id), 0) FROM attempts", [], |row| row.get(0))
            .map_err(|source| self.failed(&source))?;
        let mut lines = journals.lines(name).map_err(failed)?.peekable();
        if let Some(Ok(Some(first))) = lines.peek() {
            if first.attempt > newest.saturating_add(1) {
                restored.begins_late = Timestamp::from_millisecond(first.at).ok();
            }
            restored.is_empty = false;
        }
        while lines.peek().is_some() {
            let page: Vec<_> = lines.by_ref().take(PAGE).collect::<Result<_, _>>().map_err(failed)?;
            self.group(|group| {
                for line in page {
                    match line {
                        Some(line) => group.take_over(&line, is_own, account, restored)?,
                        None => restored.unreadable = restored.unreadable.saturating_add(1),
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// How many lines of the journal of that name tell of an attempt that this ledger lacks, or of any where there is none.
fn count_missing(ledger: Option<&Ledger>, journals: &Journals, name: &str) -> Result<u64, LedgerError> {
    let path = journals.path(name);
    let failed = |source: std::io::Error| LedgerError::from_io(&path, &source);
    let mut missing = 0_u64;
    for line in journals.lines(name).map_err(failed)? {
        let Some(line) = line.map_err(failed)? else { continue };
        let is_known = match ledger {
            Some(ledger) => ledger.knows_all(&[line])?,
            None => false,
        };
        missing = missing.saturating_add(u64::from(!is_known));
    }
    Ok(missing)
}

/// Whether the ledger has the attempt of this line. One that only seems to lack it is damaged.
fn knows(connection: &Connection, line: &Line<'_>) -> rusqlite::Result<bool> {
    let is_known = connection
        .prepare_cached(
            "SELECT 1 FROM bills JOIN attempts ON attempts.bill_id = bills.id
             WHERE environment = ?1 AND api_id = ?2 AND bill_no = ?3
               AND attempts.run = ?4 AND attempts.started_at = ?5 AND attempts.kind = ?6",
        )?
        .exists(params![line.environment, line.api_id, line.bill_no, line.run, line.at, line.kind])?;
    if let (false, Some(bill)) = (is_known, line.bill()) {
        find::is_not_hidden(connection, &line.account(), &bill)?;
    }
    Ok(is_known)
}

impl Group<'_> {
    fn take_over(
        &mut self,
        line: &Line<'_>,
        is_own: bool,
        account: &Account,
        restored: &mut Restored,
    ) -> Result<(), LedgerError> {
        if knows(self.transaction(), line).map_err(|source| self.failed(&source))? {
            return Ok(());
        }
        let of = line.account();
        let (Some(bill), Some(kind), Ok(at)) =
            (line.bill(), AttemptKind::of_name(&line.kind), Timestamp::from_millisecond(line.at))
        else {
            restored.unreadable = restored.unreadable.saturating_add(1);
            return Ok(());
        };
        let intent = Intent {
            kind,
            account: &of,
            bill: &bill,
            batch: line.batch.as_deref().zip(line.row),
            at,
            operator: &line.operator,
            duplicate_window: None,
        };
        let own = std::mem::replace(&mut self.run, line.run.to_string());
        let taken = self.try_take_over(&intent, is_own);
        self.run = own;
        taken.map_err(|source| self.failed(&source))?;
        restored.taken = restored.taken.saturating_add(1);
        restored.of_others = restored.of_others.saturating_add(u64::from(of != *account));
        Ok(())
    }

    /// Writes the intent as if its run had just died: what became of it is unknown.
    fn try_take_over(&mut self, intent: &Intent<'_>, is_own: bool) -> rusqlite::Result<()> {
        let Intent { kind, account, bill, at, .. } = *intent;
        let known =
            find::find_where(self.transaction(), self.runs, "bill_no", account, bill.bill_no.as_str())?;
        let bill_id = match known {
            None => self.write_bill(intent)?,
            Some((bill_id, _)) => {
                if self.is_newest(bill_id, at)? {
                    match kind {
                        AttemptKind::Send => self.take_up(bill_id, intent)?,
                        AttemptKind::Resend => self.put_in_flight(bill_id, intent)?,
                        AttemptKind::Reconcile => {}
                    }
                }
                bill_id
            }
        };
        let attempt = self.write_attempt(bill_id, intent, None)?;
        if !is_own {
            self.note(intent, attempt.id);
        }
        Ok(())
    }

    /// Whether no later attempt is known of that bill.
    fn is_newest(&self, bill_id: i64, at: Timestamp) -> rusqlite::Result<bool> {
        self.transaction()
            .prepare_cached("SELECT 1 FROM attempts WHERE bill_id = ?1 AND started_at > ?2")?
            .exists(params![bill_id, at.as_millisecond()])
            .map(|later| !later)
    }
}

/// The journal of an open ledger, as it is shown.
impl Ledger {
    /// Where the journal lies, and why it cannot be written; `None` where the platform names no place for it.
    #[must_use]
    pub fn journal(&self) -> Option<(PathBuf, Option<&str>)> {
        self.journal.as_ref().map(|journal| (journal.path(), journal.problem()))
    }
}

/// Where the ledger of a data directory lies, alone: no journal, nobody told of a wait.
impl From<&Path> for Location {
    fn from(directory: &Path) -> Self {
        Self { directory: directory.to_path_buf(), journals: None, on_wait: std::sync::Arc::new(|_| {}) }
    }
}
