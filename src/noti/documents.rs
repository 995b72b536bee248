//! Splits any input into documents, told apart by content: an object, an array of objects, JSON
//! lines, objects one behind the other, form bodies one a line; with BOM, CRLF and blank lines.
//!
//! Keeps two promises: memory is constant whatever the input, and what is broken never stops the
//! stream. Behind a broken document it goes on at the next place where one can begin: a line that
//! begins with `{` or a form body, or a `{` behind `}` or `},`. What the pieces were in which the
//! input arrived makes no difference.

use std::io::{self, Read};

use memchr::{memchr, memchr3};

use super::error::{DocumentError, excerpt};
use super::scan::{Break, Scan, Scanner};
use super::window::{Place, Window};

/// The longest document that is read, in bytes. A real notification has about 1,000.
pub const SIZE_LIMIT: usize = 1024 * 1024;

/// The longest key with which a form body may begin.
const FORM_KEY_LIMIT: usize = 64;

/// A document as it stands in the input.
pub(super) struct Document<'w> {
    pub(super) place: Place,
    pub(super) body: Result<Body<'w>, DocumentError>,
}

/// What a document is by its look.
#[derive(Clone, Copy)]
pub(super) enum Body<'w> {
    /// From `{` to `}`; not yet known to be JSON.
    Object(&'w [u8]),
    /// `key=value&…` up to the end of the line.
    Form(&'w [u8]),
}

/// What was found, by its length, before it is taken out of the window.
enum Found {
    Object(usize),
    Form(usize),
    /// Reported; the window already stands where to go on.
    Error(DocumentError),
}

/// The documents of `R`, one after the other.
pub(super) struct Documents<R> {
    window: Window<R>,
    /// How many arrays are open around the current position, and where the outermost began.
    arrays: u64,
    array_place: Place,
    /// Where the array within an array began in which nothing has stood so far.
    inner_array: Option<Place>,
    /// Such an array that has ended: an element that is no notification.
    empty_element: Option<Place>,
    /// Nothing but blanks so far.
    blank: bool,
}

impl<R: Read> Documents<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            window: Window::new(reader),
            arrays: 0,
            array_place: Place::START,
            inner_array: None,
            empty_element: None,
            blank: true,
        }
    }

    /// The next document; `None` at the end of the input.
    pub(super) fn next_document(&mut self) -> io::Result<Option<Document<'_>>> {
        let first = self.skip_separators()?;
        if let Some(place) = self.empty_element.take() {
            let error = DocumentError::Foreign { excerpt: "[]".to_owned() };
            return Ok(Some(Document { place, body: Err(error) }));
        }
        let Some(first) = first else { return Ok(self.finish()) };
        self.blank = false;
        self.inner_array = None;
        let place = self.window.place();
        let found = match first {
            b'{' => self.object(place)?,
            _ if self.form_begins()? => self.form()?,
            _ => Found::Error(self.foreign()?),
        };
        let body = match found {
            Found::Object(length) => Ok(Body::Object(self.window.take(length))),
            Found::Form(length) => Ok(Body::Form(self.window.take(length))),
            Found::Error(error) => Err(error),
        };
        Ok(Some(Document { place, body }))
    }

    /// What is to be said at the end of the input, once.
    fn finish(&mut self) -> Option<Document<'static>> {
        let (place, error) = if std::mem::take(&mut self.blank) {
            (Place::START, DocumentError::Empty)
        } else if std::mem::take(&mut self.arrays) > 0 {
            (self.array_place, DocumentError::ArrayNotClosed)
        } else {
            return None;
        };
        Some(Document { place, body: Err(error) })
    }

    /// Passes blanks, commas, byte order marks and the brackets of arrays; returns the first byte
    /// of what comes then. Stops behind an array within an array in which nothing stands.
    fn skip_separators(&mut self) -> io::Result<Option<u8>> {
        while self.empty_element.is_none() {
            let length = match self.window.byte(0)? {
                Some(b' ' | b'\t' | b'\r' | b'\n' | b',') => 1,
                Some(0xef) if self.mark_begins()? => 3,
                Some(b'[') => {
                    let place = self.window.place();
                    if self.arrays == 0 {
                        self.array_place = place;
                    } else {
                        self.inner_array = Some(place);
                    }
                    self.arrays = self.arrays.saturating_add(1);
                    self.blank = false;
                    1
                }
                Some(b']') if self.arrays > 0 => {
                    self.arrays = self.arrays.saturating_sub(1);
                    self.empty_element = self.inner_array.take();
                    1
                }
                other => return Ok(other),
            };
            self.window.pass(length);
        }
        self.window.byte(0)
    }

    /// Whether a byte order mark stands here.
    fn mark_begins(&mut self) -> io::Result<bool> {
        Ok(self.window.byte(1)? == Some(0xbb) && self.window.byte(2)? == Some(0xbf))
    }

    /// Whether a form body begins here: a key and `=`. Not within an array.
    fn form_begins(&mut self) -> io::Result<bool> {
        if self.arrays > 0 {
            return Ok(false);
        }
        for offset in 0..=FORM_KEY_LIMIT {
            match self.window.byte(offset)? {
                Some(b'=') => return Ok(offset > 0),
                Some(byte) if stands_in_form_key(byte) => {}
                _ => return Ok(false),
            }
        }
        Ok(false)
    }

    /// Finds the end of the form body that begins here.
    fn form(&mut self) -> io::Result<Found> {
        let mut searched = 0;
        loop {
            let held = self.window.held();
            let end = memchr(b'\n', held.get(searched..).unwrap_or_default());
            let length = end.map_or(held.len(), |at| searched.saturating_add(at));
            if length > SIZE_LIMIT {
                self.skip_line()?;
                return Ok(Found::Error(DocumentError::TooLarge));
            }
            if end.is_some() || !self.window.more()? {
                return Ok(Found::Form(length));
            }
            searched = length;
        }
    }

    /// Passes the rest of the line, up to its line feed, without holding it.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let held = self.window.held();
            let end = memchr(b'\n', held);
            let length = end.unwrap_or(held.len());
            self.window.pass(length);
            if end.is_some() || !self.window.more()? {
                return Ok(());
            }
        }
    }

    /// Finds the end of the object that begins here.
    fn object(&mut self, place: Place) -> io::Result<Found> {
        if let Some(length) = self.object_of_one_line()? {
            return Ok(Found::Object(length));
        }
        let mut scanner = Scanner::default();
        let (mut looked_at, mut dropped): (usize, bool) = (0, false);
        loop {
            let held = self.window.held();
            let scan = scanner.feed(held.get(looked_at..).unwrap_or_default());
            let (Scan::Ends(offset) | Scan::Breaks(offset, _)) = scan else {
                looked_at = held.len();
                if looked_at > SIZE_LIMIT || dropped {
                    self.window.pass(looked_at);
                    (looked_at, dropped) = (0, true);
                }
                if self.window.more()? {
                    continue;
                }
                return self.object_of_the_end(place, dropped);
            };
            let length = looked_at.saturating_add(offset);
            let too_large = dropped || length > SIZE_LIMIT;
            let Scan::Breaks(_, why) = scan else {
                if too_large {
                    self.window.pass(length);
                    return Ok(Found::Error(DocumentError::TooLarge));
                }
                return Ok(Found::Object(length));
            };
            let (error, passed) = if too_large {
                (DocumentError::TooLarge, length)
            } else {
                // All but its own brace is looked at again: the next document may lie within.
                (broken(why, place.after(held.get(..length).unwrap_or_default())), 1)
            };
            self.window.pass(passed);
            if too_large && why == Break::AnotherBegins {
                return Ok(Found::Error(error));
            }
            self.resynchronise()?;
            return Ok(Found::Error(error));
        }
    }

    /// The object goes on when the input ends.
    fn object_of_the_end(&mut self, place: Place, dropped: bool) -> io::Result<Found> {
        let error = if dropped {
            DocumentError::TooLarge
        } else {
            DocumentError::broken("the object is not closed", place.after(self.window.held()))
        };
        self.window.pass(1);
        self.resynchronise()?;
        Ok(Found::Error(error))
    }

    /// The length of the object that begins here if that is plain without looking at its texts:
    /// it contains no other `{`, and its first `}` ends the line, but for a comma. Texts contain no
    /// line feeds, so that brace stands in none.
    fn object_of_one_line(&mut self) -> io::Result<Option<usize>> {
        let mut searched = 1;
        let closing = loop {
            let held = self.window.held();
            let rest = held.get(searched..).unwrap_or_default();
            if let Some(at) = memchr3(b'{', b'}', b'\n', rest) {
                break rest.get(at).filter(|byte| **byte == b'}').map(|_| searched.saturating_add(at));
            }
            searched = held.len().max(1);
            if searched > SIZE_LIMIT || !self.window.more()? {
                break None;
            }
        };
        let Some(closing) = closing.filter(|closing| *closing < SIZE_LIMIT) else { return Ok(None) };
        let length = closing.saturating_add(1);
        let mut behind = length;
        loop {
            match self.window.byte(behind)? {
                Some(b' ' | b'\t' | b'\r' | b',') if behind < SIZE_LIMIT => behind = behind.saturating_add(1),
                Some(b'\n') | None => return Ok(Some(length)),
                Some(_) => return Ok(None),
            }
        }
    }

    /// Passes the rest of a broken document, up to where the next one can begin.
    fn resynchronise(&mut self) -> io::Result<()> {
        let (mut last, mut before) = (0, 0);
        let mut line_begins = false;
        while let Some(byte) = self.window.byte(0)? {
            let begins = match byte {
                b'{' => line_begins || last == b'}' || (last, before) == (b',', b'}'),
                b' ' | b'\t' | b'\r' | b'\n' => false,
                _ => line_begins && self.form_begins()?,
            };
            if begins {
                return Ok(());
            }
            match byte {
                b'\n' => line_begins = true,
                b' ' | b'\t' | b'\r' => {}
                _ => {
                    line_begins = false;
                    (before, last) = (last, byte);
                }
            }
            self.window.pass(1);
        }
        // What closes the array may have gone with the broken document, which has been reported.
        self.arrays = 0;
        Ok(())
    }

    /// Passes lines that are neither JSON nor a form body; HTML, warnings of PHP, log lines.
    /// Stops where an object begins within a line, as it does behind a warning.
    fn foreign(&mut self) -> io::Result<DocumentError> {
        self.window.byte(256)?;
        let beginning = self.window.held();
        let beginning = beginning.get(..256).unwrap_or(beginning);
        let line = beginning.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let error = DocumentError::Foreign { excerpt: excerpt(String::from_utf8_lossy(line).trim_end()) };
        loop {
            self.skip_foreign_text()?;
            match self.skip_separators()? {
                None | Some(b'{') => return Ok(error),
                Some(_) if self.empty_element.is_some() => return Ok(error),
                Some(_) if self.form_begins()? => return Ok(error),
                Some(_) => {}
            }
        }
    }

    /// Passes text up to the end of its line or of its array's element, or up to `{"`.
    fn skip_foreign_text(&mut self) -> io::Result<()> {
        let in_array = self.arrays > 0;
        let stops = |byte: &u8| matches!(byte, b'\n' | b'{') || in_array && matches!(byte, b',' | b']');
        loop {
            let held = self.window.held();
            let found = held.iter().position(stops);
            self.window.pass(found.unwrap_or(held.len()));
            match found {
                None if !self.window.more()? => return Ok(()),
                None => {}
                Some(_) if self.window.byte(0)? != Some(b'{') || self.object_begins()? => return Ok(()),
                Some(_) => self.window.pass(1),
            }
        }
    }

    /// Whether the brace here opens an object that has a field.
    fn object_begins(&mut self) -> io::Result<bool> {
        for offset in 1..FORM_KEY_LIMIT {
            match self.window.byte(offset)? {
                Some(b' ' | b'\t' | b'\r' | b'\n') => {}
                other => return Ok(other == Some(b'"')),
            }
        }
        Ok(false)
    }
}

/// Whether a form body begins here: a key and `=`.
pub(super) fn is_form(body: &[u8]) -> bool {
    let key = body.iter().take_while(|byte| stands_in_form_key(**byte)).count();
    (1..=FORM_KEY_LIMIT).contains(&key) && body.get(key) == Some(&b'=')
}

/// Whether a key of a form body may contain the byte.
fn stands_in_form_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.%".contains(&byte)
}

/// A break as an error.
fn broken(why: Break, place: Place) -> DocumentError {
    match why {
        Break::TooDeep => DocumentError::TooDeep,
        Break::TextNotClosed => DocumentError::broken("a text is not closed", place),
        Break::AnotherBegins => DocumentError::broken("the object is not closed before another value", place),
        Break::ClosesNothing => DocumentError::broken("a bracket closes nothing", place),
    }
}
