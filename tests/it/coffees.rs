//! Sheets of coffees, each for another customer.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// The headings of [`rows`].
pub const HEADINGS: &str = "product,amount,buyer,phone\n";

/// So many coffees as CSV, without headings, from this number on.
pub fn rows_from(first: u64, count: u64) -> String {
    (first..first + count).fold(String::new(), |mut text, number| {
        writeln!(text, "아메리카노,{},홍길동{number},010-1000-{number:04}", 4000 + number).unwrap();
        text
    })
}

/// A CSV sheet of so many coffees.
pub fn sheet(count: u64) -> String {
    HEADINGS.to_owned() + &rows_from(1, count)
}

/// Writes a sheet and returns where it lies.
pub fn write(directory: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, content).unwrap();
    path
}
