//! JSON texts: what `serde_json` does too, but here without a parser for each text, which cost more
//! than all else. A test compares the two.

use std::borrow::Cow;

use memchr::memchr;

/// Reads a JSON text as it stands in a document, with its quotes, the grammar of its escapes
/// already checked. `None` where an escape is half a surrogate pair.
pub(super) fn json_text(raw: &str) -> Option<Cow<'_, str>> {
    let mut rest = raw.get(1..raw.len().checked_sub(1)?)?;
    let Some(mut escape) = memchr(b'\\', rest.as_bytes()) else { return Some(Cow::Borrowed(rest)) };
    let mut text = String::with_capacity(rest.len());
    loop {
        text.push_str(rest.get(..escape)?);
        let behind = rest.get(escape.checked_add(2)?..)?;
        let (character, behind) = match rest.as_bytes().get(escape.checked_add(1)?)? {
            b'u' => unicode(behind)?,
            b'b' => ('\u{8}', behind),
            b'f' => ('\u{c}', behind),
            b'n' => ('\n', behind),
            b'r' => ('\r', behind),
            b't' => ('\t', behind),
            itself => (char::from(*itself), behind),
        };
        text.push(character);
        rest = behind;
        // Korean is all escapes: mostly the next follows at once.
        let next = if rest.starts_with('\\') { Some(0) } else { memchr(b'\\', rest.as_bytes()) };
        let Some(next) = next else {
            text.push_str(rest);
            return Some(Cow::Owned(text));
        };
        escape = next;
    }
}

/// The character whose escape goes on with `rest` behind its `\u`, and what comes behind it.
fn unicode(rest: &str) -> Option<(char, &str)> {
    let (first, rest) = unit(rest)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, rest));
    }
    let (second, rest) = unit(rest.strip_prefix("\\u")?)?;
    let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let character = char::decode_utf16(pair).next()?.ok()?;
    Some((character, rest))
}

/// The four hexadecimal digits with which `rest` begins.
fn unit(rest: &str) -> Option<(u32, &str)> {
    let (digits, rest) = rest.split_at_checked(4)?;
    Some((u32::from_str_radix(digits, 16).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_are_read_as_serde_json_reads_them(
            inner in r#"([a-z가\U0001F600]|\\\\|\\"|\\[bfnrt/]|\\u[0-9a-fA-F]{4}|\\ud83d\\ude00|\\ud[89a-f][0-9a-f]{2})*"#
        ) {
            let raw = format!("\"{inner}\"");
            let theirs: Option<String> = serde_json::from_str(&raw).ok();
            prop_assert_eq!(json_text(&raw).map(Cow::into_owned), theirs);
        }
    }
}
