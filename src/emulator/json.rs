//! JSON as the provider writes it: everything that is not ASCII is escaped as `\uXXXX`.

use std::io;

use serde::Serialize;
use serde_json::ser::Formatter;

struct Escaped;

impl Formatter for Escaped {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut units = [0_u16; 2];
        for character in fragment.chars() {
            if character.is_ascii() {
                write!(writer, "{character}")?;
                continue;
            }
            for unit in character.encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

/// `value` as one line of pure ASCII.
pub(super) fn escaped<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    let mut bytes = Vec::with_capacity(512);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Escaped);
    value.serialize(&mut serializer)?;
    // The formatter writes nothing but ASCII, so nothing is lost here.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn korean_and_astral_characters_are_escaped() {
        assert_eq!(escaped(&"성공 \"ok\" 🍪\n").unwrap(), r#""\uc131\uacf5 \"ok\" \ud83c\udf6a\n""#);
    }
}
