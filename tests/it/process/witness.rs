//! What the ledger says beside what the emulator saw, read from both files behind everybody's back.

use std::time::Duration;

use rusqlite::Connection;

use super::Program;

/// Bills that reached the emulator other than a durable intent has them.
const UNINTENDED: &str = "SELECT count(*) FROM emulator.bills e WHERE NOT EXISTS (
    SELECT 1 FROM bills b JOIN attempts a ON a.bill_id = b.id
    WHERE b.bill_no = e.bill_no AND b.amount = e.amount AND b.product = e.product AND b.phone = e.buyer_phone)";

/// Requests beyond the attempts that are recorded.
const UNRECORDED: &str = "SELECT max(0, (SELECT count(*) FROM emulator.requests WHERE endpoint = 'send')
    - (SELECT count(*) FROM attempts))";

/// Bills with several messages.
const TWICE: &str =
    "SELECT count(*) FROM (SELECT bill FROM emulator.messages GROUP BY bill HAVING count(*) > 1)";

/// Bills that the ledger takes for sent and the emulator does not, or under another link.
const MADE_UP: &str = "SELECT count(*) FROM bills b WHERE outcome = 'sent' AND NOT EXISTS (
    SELECT 1 FROM emulator.bills e JOIN emulator.messages m ON m.bill = e.id
    WHERE e.bill_no = b.bill_no AND e.url_key = b.url_key)";

/// Both files.
pub struct Witness {
    both: Connection,
}

impl Witness {
    /// Opens them; the emulator's state lies in the data directory.
    pub fn of(program: &Program) -> Self {
        let directory = program.data_directory();
        let both = Connection::open(directory.join("ledger.db")).unwrap();
        both.busy_timeout(Duration::from_secs(10)).unwrap();
        both.execute("ATTACH ?1 AS emulator", [directory.join("emulator.db").to_str().unwrap()]).unwrap();
        Self { both }
    }

    fn number(&self, query: &str) -> u64 {
        self.both.query_row(query, [], |row| row.get(0)).unwrap()
    }

    /// Nothing reached the emulator that was not intended, and nobody was messaged twice.
    #[track_caller]
    pub fn sees_no_harm(&self) {
        let counts = [UNINTENDED, UNRECORDED, TWICE, MADE_UP].map(|query| self.number(query));
        assert_eq!(counts, [0; 4], "unintended, unrecorded, messaged twice, not sent as told");
    }

    /// Messages that left.
    pub fn messages(&self) -> u64 {
        self.number("SELECT count(*) FROM emulator.messages")
    }

    /// Requests for a link that came.
    pub fn requests(&self) -> u64 {
        self.number("SELECT count(*) FROM emulator.requests WHERE endpoint = 'send'")
    }

    /// Rows of the batch that the ledger knows.
    pub fn rows(&self, batch: &str) -> u64 {
        let count = "SELECT count(DISTINCT batch_row) FROM bills WHERE batch = ?1";
        self.both.query_row(count, [batch], |row| row.get(0)).unwrap()
    }

    /// Bills of which the ledger cannot tell what became.
    pub fn unknown(&self) -> u64 {
        self.number("SELECT count(*) FROM bills WHERE outcome IN ('unknown', 'in_flight')")
    }

    /// Bills that the ledger takes for refused or not sent.
    pub fn refused_or_unsent(&self) -> u64 {
        self.number("SELECT count(*) FROM bills WHERE outcome IN ('refused', 'not_sent')")
    }
}
