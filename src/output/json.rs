//! JSON as this program writes it: serde's, with every character that a terminal would obey escaped.

use std::io;

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, PrettyFormatter};

use crate::clean::{is_harmful, may_be_harmful};

/// A formatter that leaves the layout to another and escapes DEL, C1 and bidirectional overrides.
/// The document stays equal as data.
struct Harmless<F>(F);

/// Passes layout calls on to the wrapped formatter.
macro_rules! pass_on {
    ($($name:ident($($argument:ident: $type:ty),*);)+) => {
        $(fn $name<W: ?Sized + io::Write>(&mut self, writer: &mut W $(, $argument: $type)*) -> io::Result<()> {
            self.0.$name(writer $(, $argument)*)
        })+
    };
}

impl<F: Formatter> Formatter for Harmless<F> {
    pass_on! {
        begin_array(); end_array(); begin_array_value(first: bool); end_array_value();
        begin_object(); end_object(); begin_object_key(first: bool); end_object_key();
        begin_object_value(); end_object_value();
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((place, character)) = rest.char_indices().find(|(_, character)| is_harmful(*character))
        {
            let (safe, tail) = rest.split_at(place);
            writer.write_all(safe.as_bytes())?;
            write!(writer, "\\u{:04x}", u32::from(character))?;
            rest = tail.get(character.len_utf8()..).unwrap_or_default();
        }
        writer.write_all(rest.as_bytes())
    }

    /// Raw JSON may hold such characters within its texts only.
    fn write_raw_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        self.write_string_fragment(writer, fragment)
    }

    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        self.0.write_char_escape(writer, escape)
    }
}

/// A formatter of one object that writes no braces, and behind each key and each value [`FIELD_END`].
struct Fields<F> {
    inner: F,
    depth: usize,
}

/// Stands in no text in UTF-8.
const FIELD_END: u8 = 0xff;

impl<F: Formatter> Fields<F> {
    const fn is_outermost(&self) -> bool {
        self.depth == 1
    }
}

/// Passes on what is written deeper within the object, and writes this where it is not.
macro_rules! outermost {
    ($($name:ident($($argument:ident: $type:ty),*) $bytes:expr;)+) => {
        $(fn $name<W: ?Sized + io::Write>(&mut self, writer: &mut W $(, $argument: $type)*) -> io::Result<()> {
            if self.is_outermost() { writer.write_all($bytes) } else { self.inner.$name(writer $(, $argument)*) }
        })+
    };
}

impl<F: Formatter> Formatter for Fields<F> {
    outermost! {
        begin_object_key(first: bool) &[];
        begin_object_value() &[FIELD_END];
        end_object_value() &[FIELD_END];
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth = self.depth.saturating_add(1);
        if self.is_outermost() { Ok(()) } else { self.inner.begin_object(writer) }
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let written = if self.is_outermost() { Ok(()) } else { self.inner.end_object(writer) };
        self.depth = self.depth.saturating_sub(1);
        written
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        self.inner.write_string_fragment(writer, fragment)
    }

    fn write_raw_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        self.inner.write_raw_fragment(writer, fragment)
    }
}

/// How a document is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One line.
    Compact,
    /// Indented, for the eye.
    Pretty,
}

/// Writes one document, without a line end.
pub(crate) fn write_json<T: Serialize>(writer: &mut Vec<u8>, value: &T, layout: Layout) -> io::Result<()> {
    match layout {
        Layout::Compact => write_compact(writer, value, || CompactFormatter, || Harmless(CompactFormatter)),
        Layout::Pretty => {
            let formatter = Harmless(PrettyFormatter::new());
            Ok(value.serialize(&mut serde_json::Serializer::with_formatter(writer, formatter))?)
        }
    }
}

/// Hands over the fields of an object: the name of each and its value as JSON. `buffer` is overwritten.
pub(super) fn each_field<T: Serialize>(
    buffer: &mut Vec<u8>,
    object: &T,
    mut visit: impl FnMut(&[u8], &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    buffer.clear();
    let plain = || Fields { inner: CompactFormatter, depth: 0 };
    let harmless = || Fields { inner: Harmless(CompactFormatter), depth: 0 };
    write_compact(buffer, object, plain, harmless)?;
    let mut parts = buffer.split(|byte| *byte == FIELD_END);
    while let (Some([b'"', name @ .., b'"']), Some(value)) = (parts.next(), parts.next()) {
        visit(name, value)?;
    }
    Ok(())
}

/// Writes plainly first and looks at the bytes in one go; only where they hint at something harmful is it all written
/// again, text by text. Looking into every text costs an eighth of the whole time of a long stream.
fn write_compact<T: Serialize, P: Formatter, H: Formatter>(
    writer: &mut Vec<u8>,
    value: &T,
    plain: impl FnOnce() -> P,
    harmless: impl FnOnce() -> H,
) -> io::Result<()> {
    let start = writer.len();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *writer, plain()))?;
    if writer.get(start..).is_some_and(may_be_harmful) {
        writer.truncate(start);
        value.serialize(&mut serde_json::Serializer::with_formatter(writer, harmless()))?;
    }
    Ok(())
}

/// One document on one line, as text.
///
/// # Errors
///
/// What serialising the value ran into.
pub fn to_json<T: Serialize>(value: &T) -> io::Result<String> {
    let mut buffer = Vec::new();
    write_json(&mut buffer, value, Layout::Compact)?;
    String::from_utf8(buffer).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped_and_the_data_is_the_same() {
        let text = "한글\u{1b}[2J\u{9b}x\u{7f}\u{202e}\"끝";
        let document = to_json(&text).unwrap();
        assert!(!document.chars().any(is_harmful), "{document}");
        assert_eq!(serde_json::from_str::<String>(&document).unwrap(), text);
    }

    #[test]
    fn a_document_that_is_written_again_replaces_only_itself() {
        let mut buffer = b"before".to_vec();
        write_json(&mut buffer, &["한글", "가·나", "\u{85}"], Layout::Compact).unwrap();
        assert_eq!(String::from_utf8(buffer).unwrap(), r#"before["한글","가·나","\u0085"]"#);
    }
}
