//! The journal: every intent once more, outside the data directory, where no backup of it reaches.
//!
//! A ledger that was put back from a backup, or has lost its write-ahead file, does not know what was
//! sent since. It would message those customers again. The journal has a line for every intent, so that
//! such a ledger is recognised when it is opened to send, and can be told what it lacks (`restore`).
//!
//! A line is written after its intent is durable and before its request leaves, so the journal is never
//! ahead of the ledger. It is not synced, and a ledger whose journal cannot be written sends all the same.
//! It also remembers which ledger lay in which data directory.

use std::borrow::Cow;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::create_private_directory;
use super::entry::Account;
use super::intent::Intent;
use crate::bill::{Bill, Email, Extra, Memo, PaymentType, Tax};

/// At this size a journal becomes the older one, and the older one before it goes.
const SIZE_LIMIT: u64 = 32 << 20;

/// How much of the end is read to find the newest lines.
const TAIL: u64 = 16 << 10;

/// How many of the newest lines a ledger has to know: processes that commit at the same time write
/// their lines in any order.
const NEWEST: usize = 4;

/// An intent as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line<'a> {
    /// The number of the attempt in its ledger.
    pub(super) attempt: i64,
    /// UTC milliseconds since 1970.
    pub(super) at: i64,
    pub(super) kind: Cow<'a, str>,
    pub(super) environment: Cow<'a, str>,
    pub(super) api_id: Cow<'a, str>,
    pub(super) run: Cow<'a, str>,
    pub(super) operator: Cow<'a, str>,
    pub(super) batch: Option<Cow<'a, str>>,
    pub(super) row: Option<u64>,
    pub(super) bill_no: Cow<'a, str>,
    channel: Cow<'a, str>,
    product: Cow<'a, str>,
    amount: u64,
    buyer: Cow<'a, str>,
    phone: Cow<'a, str>,
    email: Option<Cow<'a, str>>,
    memo: Option<Cow<'a, str>>,
    tax: Option<Cow<'a, str>>,
    etc1: Option<Cow<'a, str>>,
    etc2: Option<Cow<'a, str>>,
    payment_type: Option<Cow<'a, str>>,
}

impl<'a> Line<'a> {
    /// The line of an intent that became this attempt of this run.
    pub(super) fn of(intent: &Intent<'a>, attempt: i64, run: &'a str) -> Self {
        let bill = intent.bill;
        Self {
            attempt,
            at: intent.at.as_millisecond(),
            kind: intent.kind.as_str().into(),
            environment: intent.account.environment.as_str().into(),
            api_id: intent.account.api_id.as_str().into(),
            run: run.into(),
            operator: intent.operator.into(),
            batch: intent.batch.map(|(name, _)| name.into()),
            row: intent.batch.map(|(_, row)| row),
            bill_no: bill.bill_no.as_str().into(),
            channel: bill.channel.as_str().into(),
            product: bill.product.as_str().into(),
            amount: bill.amount.won(),
            buyer: bill.buyer.as_str().into(),
            phone: bill.phone.as_str().into(),
            email: bill.email.as_ref().map(|email| Email::as_str(email).into()),
            memo: bill.memo.as_ref().map(|memo| Memo::as_str(memo).into()),
            tax: bill.tax.map(|tax| Tax::as_str(tax).into()),
            etc1: bill.etc1.as_ref().map(|etc| Extra::as_str(etc).into()),
            etc2: bill.etc2.as_ref().map(|etc| Extra::as_str(etc).into()),
            payment_type: bill.payment_type.as_ref().map(|raw| PaymentType::as_str(raw).into()),
        }
    }

    /// Whose bill it is.
    pub(super) fn account(&self) -> Account {
        Account { environment: self.environment.to_string(), api_id: self.api_id.to_string() }
    }

    /// The bill; `None` if a field breaks its rule.
    pub(super) fn bill(&self) -> Option<Bill> {
        Some(Bill {
            bill_no: self.bill_no.parse().ok()?,
            channel: self.channel.parse().ok()?,
            product: self.product.parse().ok()?,
            amount: self.amount.try_into().ok()?,
            buyer: self.buyer.parse().ok()?,
            phone: self.phone.parse().ok()?,
            email: self.email.as_deref().map(str::parse).transpose().ok()?,
            memo: self.memo.as_deref().map(str::parse).transpose().ok()?,
            tax: self.tax.as_deref().map(str::parse).transpose().ok()?,
            etc1: self.etc1.as_deref().map(str::parse).transpose().ok()?,
            etc2: self.etc2.as_deref().map(str::parse).transpose().ok()?,
            payment_type: self.payment_type.as_deref().map(str::parse).transpose().ok()?,
        })
    }

    /// Adds the line to those of a commit.
    pub(super) fn write_to(&self, lines: &mut Vec<u8>) {
        // Texts and numbers always have a form in JSON.
        let _always_written = serde_json::to_writer(&mut *lines, self);
        lines.push(b'\n');
    }
}

/// The journals of this machine.
#[derive(Debug, Clone)]
pub(super) struct Journals {
    directory: PathBuf,
}

impl Journals {
    pub(super) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_path_buf() }
    }

    /// Where the journal of this ledger lies.
    pub(super) fn path(&self, ledger: &str) -> PathBuf {
        self.directory.join(ledger)
    }

    /// Where its older part lies.
    fn older(&self, ledger: &str) -> PathBuf {
        self.directory.join(format!("{ledger}.1"))
    }

    /// The newest lines of the ledger's journal; none where it cannot be read.
    pub(super) fn newest(&self, ledger: &str) -> Vec<Line<'static>> {
        let tail = read_tail(&self.path(ledger)).unwrap_or_default();
        let lines = tail.rsplit(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
        lines.take(NEWEST).collect()
    }

    /// Every line of the ledger's journal, oldest first; `None` for one that cannot be read.
    pub(super) fn lines(
        &self,
        ledger: &str,
    ) -> io::Result<impl Iterator<Item = io::Result<Option<Line<'static>>>> + use<>> {
        let mut parts = Vec::new();
        for path in [self.older(ledger), self.path(ledger)] {
            match File::open(path) {
                Ok(file) => parts.push(BufReader::new(file)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let lines = parts.into_iter().flat_map(|part| part.split(b'\n'));
        Ok(lines
            .filter(|line| !line.as_ref().is_ok_and(Vec::is_empty))
            .map(|line| line.map(|line| serde_json::from_slice(&line).ok())))
    }

    /// The ledger that lay in this data directory when a bill of a real account was last intended there.
    pub(super) fn ledger_at(&self, data_directory: &Path) -> Option<String> {
        fs::read_to_string(self.mark(data_directory)).ok().filter(|ledger| !ledger.is_empty())
    }

    /// Remembers that this ledger lies in this data directory.
    pub(super) fn remember(&self, data_directory: &Path, ledger: &str) -> io::Result<()> {
        if self.ledger_at(data_directory).as_deref() == Some(ledger) {
            return Ok(());
        }
        create_private_directory(&self.directory)?;
        let mark = self.mark(data_directory);
        let temporary = mark.with_extension(format!("{ledger}.new"));
        super::private().truncate(true).open(&temporary)?.write_all(ledger.as_bytes())?;
        fs::rename(&temporary, &mark)
    }

    fn mark(&self, data_directory: &Path) -> PathBuf {
        let digest = Sha256::digest(canonical(data_directory).as_os_str().as_encoded_bytes());
        let name = data_encoding::HEXLOWER.encode(digest.get(..8).unwrap_or(&digest));
        self.directory.join(format!("{name}.place"))
    }
}

/// The last bytes of a file.
fn read_tail(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let start = file.metadata()?.len().saturating_sub(TAIL);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail)?;
    Ok(tail)
}

/// The one path of a directory, which may be missing.
fn canonical(directory: &Path) -> PathBuf {
    if let Ok(path) = fs::canonicalize(directory) {
        return path;
    }
    match (directory.parent(), directory.file_name()) {
        (Some(parent), Some(name)) if parent != Path::new("") => canonical(parent).join(name),
        (_, Some(name)) => canonical(Path::new(".")).join(name),
        _ => directory.to_path_buf(),
    }
}

/// The journal of one ledger, open to be written.
pub(super) struct Journal {
    journals: Journals,
    ledger: String,
    data_directory: PathBuf,
    file: Option<File>,
    size: u64,
    is_remembered: bool,
    problem: Option<String>,
}

impl Journal {
    /// Opens it; one that cannot be written says why in [`Journal::problem`].
    pub(super) fn open(journals: Journals, ledger: &str, data_directory: &Path) -> Self {
        let mut journal = Self {
            journals,
            ledger: ledger.to_owned(),
            data_directory: data_directory.to_path_buf(),
            file: None,
            size: 0,
            is_remembered: false,
            problem: None,
        };
        journal.try_or_say(Self::start);
        journal
    }

    /// Why nothing is written any more.
    pub(super) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    pub(super) fn path(&self) -> PathBuf {
        self.journals.path(&self.ledger)
    }

    /// Appends the lines of one commit. `is_real` is whether one of them is of a real account, and none of
    /// the emulator's: the removal of such a ledger does not go unnoticed.
    pub(super) fn append(&mut self, lines: &[u8], is_real: bool) {
        self.try_or_say(|journal| {
            let Some(file) = &mut journal.file else { return Ok(()) };
            file.write_all(lines)?;
            journal.size = journal.size.saturating_add(u64::try_from(lines.len()).unwrap_or(u64::MAX));
            if is_real && !journal.is_remembered {
                journal.journals.remember(&journal.data_directory, &journal.ledger)?;
                journal.is_remembered = true;
            }
            if journal.size > SIZE_LIMIT { journal.rotate() } else { Ok(()) }
        });
    }

    fn start(&mut self) -> io::Result<()> {
        create_private_directory(&self.journals.directory)?;
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(self.path())?;
        self.size = file.metadata()?.len();
        // What a crash has cut off must not spoil the next line.
        if self.size > 0 {
            let mut last = [0];
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                file.write_all(b"\n")?;
            }
        }
        self.file = Some(file);
        Ok(())
    }

    /// Goes on in a new file. The lock keeps two processes from doing so one after the other, which would
    /// drop what stands in the first one.
    fn rotate(&mut self) -> io::Result<()> {
        if let Some(file) = self.file.take() {
            file.lock()?;
            if fs::metadata(self.path()).is_ok_and(|metadata| metadata.len() > SIZE_LIMIT) {
                fs::rename(self.path(), self.journals.older(&self.ledger))?;
            }
        }
        self.start()
    }

    fn try_or_say(&mut self, work: impl FnOnce(&mut Self) -> io::Result<()>) {
        if let Err(error) = work(self) {
            self.problem =
                Some(format!("the journal `{}` cannot be written: {error}", self.path().display()));
            self.file = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::bill::RawBill;
    use crate::ledger::AttemptKind;

    /// A line of this attempt.
    fn line(attempt: i64) -> Vec<u8> {
        let text = |text: &str| Some(text.to_owned());
        let raw = RawBill {
            bill_no: text("B1"),
            via: text("sms"),
            product: text("커피"),
            amount: text("4500"),
            buyer: text("홍길동"),
            phone: text("01012345678"),
            memo: text("메모"),
            ..RawBill::default()
        };
        let (bill, _) = raw.parse(None, || unreachable!()).unwrap();
        let account = Account { environment: "live".to_owned(), api_id: "shop01".to_owned() };
        let intent = Intent {
            kind: AttemptKind::Resend,
            account: &account,
            bill: &bill,
            batch: Some(("march", 7)),
            at: Timestamp::UNIX_EPOCH,
            operator: "kim@till",
            duplicate_window: None,
        };
        let line = Line::of(&intent, attempt, "run1");
        assert_eq!(line.bill().unwrap(), bill);
        let mut bytes = Vec::new();
        line.write_to(&mut bytes);
        assert_eq!(serde_json::from_slice::<Line<'_>>(&bytes).unwrap(), line);
        bytes
    }

    fn attempts(journals: &Journals) -> Vec<Option<i64>> {
        let lines = journals.lines("led").unwrap();
        lines.map(|line| line.unwrap().map(|line| line.attempt)).collect()
    }

    #[test]
    fn lines_are_read_back_and_what_a_crash_cut_off_spoils_no_other() {
        let home = tempfile::tempdir().unwrap();
        let journals = Journals::new(&home.path().join("journal"));
        assert_eq!((journals.newest("led"), attempts(&journals)), (vec![], vec![]));
        let open = || Journal::open(journals.clone(), "led", home.path());
        open().append(&[line(1), line(2)].concat(), false);
        open().append(&line(3)[..40], false);
        open().append(&line(4), false);
        assert_eq!(attempts(&journals), [Some(1), Some(2), None, Some(4)]);
        let newest: Vec<i64> = journals.newest("led").iter().map(|line| line.attempt).collect();
        assert_eq!(newest, [4, 2, 1]);
    }

    #[test]
    fn a_journal_that_has_grown_goes_on_in_a_new_file_and_keeps_one_older() {
        let home = tempfile::tempdir().unwrap();
        let journals = Journals::new(home.path());
        let (mut one, mut other) =
            ["led"; 2].map(|name| Journal::open(journals.clone(), name, home.path())).into();
        one.append(&line(1), false);
        // As if both had written much.
        (one.size, other.size) = (SIZE_LIMIT, SIZE_LIMIT);
        let file = OpenOptions::new().write(true).open(journals.path("led")).unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(SIZE_LIMIT).unwrap();
        one.append(&line(2), false);
        other.append(&line(3), false);
        one.append(&line(4), false);
        assert_eq!((one.problem(), other.problem()), (None, None));
        assert!(fs::metadata(journals.older("led")).unwrap().len() > SIZE_LIMIT && length > 0);
        let newest: Vec<i64> = journals.newest("led").iter().map(|line| line.attempt).collect();
        assert_eq!(newest, [4]);
        assert_eq!(attempts(&journals).last(), Some(&Some(4)));
    }

    #[test]
    fn a_directory_is_known_again_by_any_path_also_when_it_is_gone() {
        let home = tempfile::tempdir().unwrap();
        let journals = Journals::new(&home.path().join("journal"));
        let data = home.path().join("data");
        fs::create_dir(&data).unwrap();
        assert_eq!(journals.ledger_at(&data), None);
        journals.remember(&data, "led").unwrap();
        assert_eq!(journals.ledger_at(&home.path().join("journal/../data")).as_deref(), Some("led"));
        fs::remove_dir(&data).unwrap();
        assert_eq!(journals.ledger_at(&data).as_deref(), Some("led"));
        assert_eq!(journals.ledger_at(home.path()), None);
    }
}
