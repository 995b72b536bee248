//! Reads an object as nearly every one is: flat, its keys plain, its values texts, numbers or `null`.
//!
//! Looks at each byte once, where `serde_json`, which only passes values on, has each scanned again for its escapes and
//! for control characters. Whatever is not expected here is left to `serde_json`, which then reads the whole object and
//! knows what is wrong with it; a test compares the two.

use super::fields::Value;

/// Hands over keys and values in their order. `None` where the object is not of that kind; what was handed over until
/// then does not count.
pub(super) fn read<'a>(object: &'a str, mut put: impl FnMut(&'a str, Value<'a>)) -> Option<()> {
    let mut rest = Rest { object, at: 0 };
    rest.take(b'{')?;
    loop {
        rest.take(b'"')?;
        let Text::Plain(key) = rest.text()? else { return None };
        rest.take(b':')?;
        put(key, rest.value()?);
        match rest.next()? {
            b',' => {}
            b'}' => break,
            _ => return None,
        }
    }
    object.get(rest.at..)?.bytes().all(is_blank).then_some(())
}

/// What of the object is still to be read.
struct Rest<'a> {
    object: &'a str,
    at: usize,
}

/// A text behind its opening quote.
enum Text<'a> {
    /// As it stands, without its quotes.
    Plain(&'a str),
    /// It has escapes or characters that need a second look.
    Other,
}

impl<'a> Rest<'a> {
    /// The next byte that is not blank.
    fn next(&mut self) -> Option<u8> {
        loop {
            let byte = *self.object.as_bytes().get(self.at)?;
            self.at = self.at.checked_add(1)?;
            if !is_blank(byte) {
                return Some(byte);
            }
        }
    }

    fn take(&mut self, expected: u8) -> Option<()> {
        (self.next()? == expected).then_some(())
    }

    fn value(&mut self) -> Option<Value<'a>> {
        let first = self.next()?;
        let start = self.at.checked_sub(1)?;
        match first {
            b'"' => {
                if let Text::Plain(text) = self.text()? {
                    return Some(Value::Plain(text));
                }
            }
            b'{' | b'[' => return None,
            _ => {
                let rest = self.object.as_bytes().get(self.at..)?;
                let length = rest.iter().position(|&byte| is_blank(byte) || matches!(byte, b',' | b'}'))?;
                self.at = self.at.checked_add(length)?;
            }
        }
        serde_json::from_str(self.object.get(start..self.at)?).ok().map(Value::Json)
    }

    /// Goes behind the closing quote of the text that has been opened.
    fn text(&mut self) -> Option<Text<'a>> {
        let start = self.at;
        let mut is_plain = true;
        loop {
            let rest = self.object.as_bytes().get(self.at..)?;
            let length = rest.iter().position(|&byte| is_special(byte))?;
            let end = self.at.checked_add(length)?;
            self.at = end.checked_add(1)?;
            match rest.get(length)? {
                b'"' if is_plain => return self.object.get(start..end).map(Text::Plain),
                b'"' => return Some(Text::Other),
                b'\\' => self.at = self.at.checked_add(1)?,
                _ => {}
            }
            is_plain = false;
        }
    }
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Whether the byte ends a text, begins an escape, or may be (part of) a control character.
const fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..0x20 | 0x7f | 0xc2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::noti::fields::Fields;
    use crate::noti::normalise;

    /// What becomes of the fields, as JSON and with its identity, or why they are no notification.
    fn outcome(mut fields: Fields<'_>) -> String {
        match normalise::notification(&mut fields, "-", 1) {
            Ok(notification) => {
                let json = serde_json::to_string(&notification).unwrap();
                format!("{json} {:?}", notification.identity("sandbox", "shop01"))
            }
            Err(error) => format!("{error:?}"),
        }
    }

    proptest! {
        #[test]
        fn what_is_read_here_is_what_serde_json_reads(object in object()) {
            let (mut ours, mut theirs) = (Fields::default(), Fields::default());
            let judgement = theirs.read_any_object(&object);
            if read(&object, |key, value| ours.put(key.into(), value)).is_some() {
                prop_assert!(judgement.is_ok(), "{object}: {judgement:?}");
                prop_assert_eq!(outcome(ours), outcome(theirs), "{}", object);
            }
        }
    }

    /// Objects that are nearly or really JSON.
    fn object() -> impl Strategy<Value = String> {
        let pattern = pattern();
        proptest::string::string_regex(&pattern).unwrap()
    }

    fn pattern() -> String {
        let key = "(AMOUNT|tid|x가|\\\\u0041|a\"|£)";
        let text = "\"([a-z가£\u{7f}\n\t]|\\\\[nu\"x\\\\]|\\\\u[0-9a-f]{4})*\"";
        let value = format!(
            "({text}|\"[a-z]{{0,3}}\"|-?[0-9]{{1,3}}(\\.[0-9]{{0,1}})?(e5)?|null|tru|\\{{\\}}|\\[1\\])"
        );
        let field = format!(" ?\"{key}\" ?: ?{value} ?");
        let fields = format!("\"TID\": \"T1\"(,{field}){{0,4}},?");
        format!(" ?\\{{{fields}[}}\\]]?[ ,}}]?")
    }

    #[test]
    fn a_notification_as_cookiepay_sends_it_is_read_here() {
        for sample in ["card", "deposit", "cancel", "failure", "undocumented-fields"] {
            let path = format!("{}/tests/fixtures/noti-{sample}.json", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(path).unwrap();
            assert!(read(text.trim(), |_, _| {}).is_some(), "{sample}");
        }
    }
}
