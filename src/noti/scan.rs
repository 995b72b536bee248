//! Finds where a JSON object ends without reading what is in it.
//!
//! A state machine over bytes that may come in any pieces, without recursion and in constant
//! memory. It judges no more of the grammar than it needs to see early that an object was cut off
//! and that the next one has begun; `serde_json` judges the rest.

use memchr::memchr3;

/// How deep objects and arrays may lie in each other. A real notification is flat.
pub(super) const DEPTH_LIMIT: u32 = 64;

/// The state between two pieces of an object.
#[derive(Default)]
pub(super) struct Scanner {
    depth: u32,
    /// One bit for each open level, the innermost lowest: 1 an object, 0 an array.
    levels: u64,
    in_text: bool,
    escaped: bool,
    /// The last byte outside texts that is not blank.
    previous: u8,
}

/// What a piece came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// The object goes on behind the piece.
    GoesOn,
    /// The object ends before this offset of the piece.
    Ends(usize),
    /// At this offset the object turns out to be broken.
    Breaks(usize, Break),
}

/// Why an object is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Break {
    TextNotClosed,
    AnotherBegins,
    ClosesNothing,
    TooDeep,
}

impl Scanner {
    /// Goes on with the next piece. The first piece begins with the `{` of the object.
    pub(super) fn feed(&mut self, piece: &[u8]) -> Scan {
        let mut at: usize = 0;
        while let Some(byte) = piece.get(at) {
            if self.in_text {
                match self.text(piece.get(at..).unwrap_or_default()) {
                    Ok(length) => at = at.saturating_add(length),
                    Err(length) => return Scan::Breaks(at.saturating_add(length), Break::TextNotClosed),
                }
                continue;
            }
            match self.outside(*byte) {
                Ok(()) if self.depth == 0 => return Scan::Ends(at.saturating_add(1)),
                Ok(()) => at = at.saturating_add(1),
                Err(why) => return Scan::Breaks(at, why),
            }
        }
        Scan::GoesOn
    }

    /// Passes the rest of a text: `Ok` behind its end or the end of the piece, `Err` at a line
    /// feed, which no JSON text contains.
    fn text(&mut self, rest: &[u8]) -> Result<usize, usize> {
        if self.escaped {
            self.escaped = false;
            return if rest.first() == Some(&b'\n') { Err(0) } else { Ok(1) };
        }
        let Some(at) = memchr3(b'"', b'\\', b'\n', rest) else { return Ok(rest.len()) };
        match rest.get(at) {
            Some(b'"') => self.in_text = false,
            Some(b'\\') => self.escaped = true,
            _ => return Err(at),
        }
        Ok(at.saturating_add(1))
    }

    /// Takes a byte outside texts.
    fn outside(&mut self, byte: u8) -> Result<(), Break> {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => return Ok(()),
            b'"' => self.in_text = true,
            b'{' | b'[' => self.open(byte == b'{')?,
            b'}' | b']' if (self.levels & 1 == 1) != (byte == b'}') => return Err(Break::ClosesNothing),
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.levels >>= 1;
            }
            _ => {}
        }
        self.previous = byte;
        Ok(())
    }

    /// Opens a level, if a value can stand here.
    fn open(&mut self, object: bool) -> Result<(), Break> {
        let in_object = self.levels & 1 == 1;
        let awaits_value = match self.previous {
            b':' => in_object,
            b',' | b'[' => !in_object,
            _ => false,
        };
        if self.depth > 0 && !awaits_value {
            return Err(Break::AnotherBegins);
        }
        if self.depth == DEPTH_LIMIT {
            return Err(Break::TooDeep);
        }
        self.depth = self.depth.saturating_add(1);
        self.levels = self.levels << 1 | u64::from(object);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Scan {
        Scanner::default().feed(text.as_bytes())
    }

    #[test]
    fn an_object_ends_with_its_own_brace() {
        assert_eq!(scan(r#"{"a":{"b":["}",{}]}} {"#), Scan::Ends(20));
        assert_eq!(scan(r#"{"a":"\"}"}"#), Scan::Ends(11));
        assert_eq!(scan(r#"{"a":"#), Scan::GoesOn);
    }

    #[test]
    fn pieces_do_not_matter() {
        let text = r#"{"a":"\\\"}","b":[{"c":{}}]}"#;
        for cut in 0..text.len() {
            let (head, tail) = text.split_at(cut);
            let mut scanner = Scanner::default();
            assert_eq!(scanner.feed(head.as_bytes()), Scan::GoesOn);
            assert_eq!(scanner.feed(tail.as_bytes()), Scan::Ends(tail.len()), "{cut}");
        }
    }

    #[test]
    fn an_object_that_was_cut_off_is_noticed_where_the_next_begins() {
        assert_eq!(scan("{\"a\":1,\n{"), Scan::Breaks(8, Break::AnotherBegins));
        assert_eq!(scan("{\"a\":[1\n{"), Scan::Breaks(8, Break::AnotherBegins));
        assert_eq!(scan("{\"a\":\"b\n"), Scan::Breaks(7, Break::TextNotClosed));
        assert_eq!(scan("{\"a\":[}"), Scan::Breaks(6, Break::ClosesNothing));
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{{\"a\":{}", "[".repeat(70));
        assert_eq!(scan(&deep), Scan::Breaks(68, Break::TooDeep));
    }
}
