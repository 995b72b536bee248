//! A sliding window over a reader: the only memory that reading notifications takes.
//!
//! It holds what of the current document has been read and never grows beyond what a caller asks
//! for by [`Window::more`]. It also knows the line and the column at which it stands.

use std::io::{self, ErrorKind, Read};

/// The room of a fresh window, and what is read at once at least.
const CHUNK: usize = 128 * 1024;

/// The bytes of `reader` from the current position on, as far as they have been read.
pub(super) struct Window<R> {
    reader: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    at_end: bool,
    place: Place,
}

/// Where a byte stands, both counted from 1, the column in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: u64,
    pub(super) column: u64,
}

impl Place {
    pub(super) const START: Self = Self { line: 1, column: 1 };

    /// The place after `passed`, which begins here.
    pub(super) fn after(self, passed: &[u8]) -> Self {
        match memchr::memrchr(b'\n', passed) {
            None => Self { column: self.column.saturating_add(count(passed.len())), ..self },
            Some(last) => Self {
                line: self.line.saturating_add(count(memchr::memchr_iter(b'\n', passed).count())),
                column: count(passed.len().saturating_sub(last)),
            },
        }
    }
}

/// A length as a count of bytes or lines.
fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

impl<R: Read> Window<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, buffer: vec![0; CHUNK], start: 0, end: 0, at_end: false, place: Place::START }
    }

    /// What is held, from the current position on.
    pub(super) fn held(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Where the current position is.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Reads more behind what is held; `false` at the end of the input.
    pub(super) fn more(&mut self) -> io::Result<bool> {
        if self.at_end {
            return Ok(false);
        }
        if self.end == self.buffer.len() {
            self.make_room();
        }
        loop {
            let room = self.buffer.get_mut(self.end..).unwrap_or_default();
            match self.reader.read(room) {
                Ok(0) => {
                    self.at_end = true;
                    return Ok(false);
                }
                Ok(read) => {
                    self.end = self.end.saturating_add(read).min(self.buffer.len());
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Moves what is held to the front; where that frees too little, doubles the buffer.
    fn make_room(&mut self) {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end = self.end.saturating_sub(self.start);
        self.start = 0;
        if self.buffer.len().saturating_sub(self.end) < CHUNK / 2 {
            self.buffer.resize(self.buffer.len().saturating_mul(2), 0);
        }
    }

    /// The byte `offset` behind the current position; `None` beyond the end of the input.
    pub(super) fn byte(&mut self, offset: usize) -> io::Result<Option<u8>> {
        loop {
            if let Some(byte) = self.held().get(offset) {
                return Ok(Some(*byte));
            }
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Leaves the next `length` bytes behind.
    pub(super) fn pass(&mut self, length: usize) {
        let passed = self.held().get(..length).unwrap_or_else(|| self.held());
        let (place, start) = (self.place.after(passed), self.start.saturating_add(passed.len()));
        (self.place, self.start) = (place, start);
    }

    /// Leaves the next `length` bytes behind and lends them, until more is read.
    pub(super) fn take(&mut self, length: usize) -> &[u8] {
        let start = self.start;
        self.pass(length);
        self.buffer.get(start..self.start).unwrap_or_default()
    }
}
