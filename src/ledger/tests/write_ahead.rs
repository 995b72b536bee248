//! Where what was written lies.

use std::fs;

use tempfile::TempDir;

use super::super::Ledger;

#[test]
fn many_writes_stand_in_the_write_ahead_file_until_the_ledger_is_closed() {
    let home = TempDir::new().unwrap();
    let size = |name: &str| fs::metadata(home.path().join(name)).map_or(0, |metadata| metadata.len());
    let ledger = Ledger::open(home.path()).unwrap();
    // 1,500 pages of 4 KiB.
    let large = "INSERT INTO meta (key, value) VALUES ('large', hex(zeroblob(3000000)))";
    ledger.connection.execute(large, []).unwrap();
    assert!(size("ledger.db-wal") > 6_000_000 && size("ledger.db") < 1_000_000);
    // A copy of the one file is whole then.
    drop(ledger);
    assert!(size("ledger.db-wal") == 0 && size("ledger.db") > 6_000_000);
}
