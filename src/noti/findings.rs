//! Reads single values and notes what is wrong with them.

use std::borrow::Cow;
use std::ops::Range;

use super::error::{DocumentError, excerpt};
use super::fields::{Slot, Value};
use super::notification::Problem;
use super::text::json_text;
use crate::payment::korean_time;

/// The problem of a key that is given more than once.
pub(super) const REPEATED: &str = "given more than once; the last value counts";

/// A field that is neither absent nor empty, and its text.
pub(super) type Given<'k, 'a> = Option<(&'k Slot<'a>, Cow<'a, str>)>;

/// What is found out on the way through the fields.
#[derive(Default)]
pub(super) struct Findings<'a> {
    pub(super) problems: Vec<Problem<'a>>,
    /// Known fields that go to `extra`, where what they hold is told nowhere else.
    pub(super) kept: Vec<(Cow<'a, str>, Value<'a>)>,
    /// A text that is no Unicode, which makes the document unreadable.
    pub(super) error: Option<DocumentError>,
}

impl<'a> Findings<'a> {
    /// Notes a problem.
    pub(super) fn problem(&mut self, field: impl Into<Cow<'a, str>>, problem: impl Into<String>) {
        self.problems.push(Problem { field: field.into(), problem: problem.into() });
    }

    /// Has a field go to `extra` as it came, once.
    pub(super) fn keep(&mut self, slot: Option<&Slot<'a>>) {
        let is_new = |slot: &&Slot<'a>| self.kept.iter().all(|(key, _)| *key != slot.key);
        let kept = slot.filter(is_new).map(|slot| (slot.key.clone(), slot.value.clone()));
        self.kept.extend(kept);
    }

    /// A value that cannot be read: a problem, and kept.
    fn unreadable(&mut self, slot: &Slot<'a>, problem: impl Into<String>) {
        self.problem(slot.key.clone(), problem);
        self.keep(Some(slot));
    }

    /// A field's text: of a number or a bool as it stands, of an empty text or `null` none.
    pub(super) fn text(&mut self, slot: Option<&Slot<'a>>) -> Option<Cow<'a, str>> {
        let slot = slot?;
        let text = match &slot.value {
            Value::Text(text) => text.clone(),
            Value::Json(raw) => match (raw.get().as_bytes().first(), raw.get()) {
                (_, r#""""# | "null") => return None,
                (Some(b'"'), raw) => self.json_text(slot, raw)?,
                (Some(b'{'), _) => {
                    self.unreadable(slot, "an object where a text belongs");
                    return None;
                }
                (Some(b'['), _) => {
                    self.unreadable(slot, "an array where a text belongs");
                    return None;
                }
                (_, raw) => Cow::Borrowed(raw),
            },
        };
        if has_control(&text) {
            self.problem(slot.key.clone(), "control characters in the text");
        }
        Some(text).filter(|text| !text.is_empty())
    }

    /// A JSON text, or none and an error.
    fn json_text(&mut self, slot: &Slot<'a>, raw: &'a str) -> Option<Cow<'a, str>> {
        let text = json_text(raw);
        if text.is_none() {
            self.error = Some(DocumentError::NotUnicode { field: excerpt(&slot.key) });
        }
        text
    }

    /// A field that has two names: the first that is given. Where both are and differ, the second
    /// is a problem and kept.
    pub(super) fn either<'k>(
        &mut self,
        first: Option<&'k Slot<'a>>,
        second: Option<&'k Slot<'a>>,
    ) -> Given<'k, 'a> {
        let one = first.zip(self.text(first));
        let other = second.zip(self.text(second));
        if let (Some((one, text)), Some((other, other_text))) = (&one, &other)
            && text != other_text
        {
            self.unreadable(other, format!("differs from `{}`", one.key));
        }
        one.or(other)
    }

    /// An amount in won: digits, and of a fraction only zeros.
    pub(super) fn amount(&mut self, slot: Option<&Slot<'a>>) -> Option<u64> {
        let (slot, text) = slot.zip(self.text(slot))?;
        let amount = won(&text);
        if amount.is_none() {
            self.unreadable(slot, format!("no amount in won: `{}`", excerpt(&text)));
        }
        amount
    }

    /// A Korean date or date and time.
    pub(super) fn time(&mut self, given: Given<'_, 'a>) -> Option<String> {
        let (slot, text) = given?;
        let time = plain_time(&text).or_else(|| korean_time(text.trim()));
        if time.is_none() {
            self.unreadable(slot, format!("no date: `{}`", excerpt(&text)));
        }
        time
    }
}

/// What `korean_time` makes of `YYYYMMDDHHMMSS`, which nearly every date is, at a tenth of its cost.
/// `None` for all else.
fn plain_time(text: &str) -> Option<String> {
    if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |range: Range<usize>| text.get(range)?.parse::<i8>().ok();
    jiff::civil::Date::new(text.get(..4)?.parse().ok()?, number(4..6)?, number(6..8)?).ok()?;
    jiff::civil::Time::new(number(8..10)?, number(10..12)?, number(12..14)?, 0).ok()?;
    let mut time = String::with_capacity("YYYY-MM-DDTHH:MM:SS+09:00".len());
    for (part, end) in
        [(0..4, "-"), (4..6, "-"), (6..8, "T"), (8..10, ":"), (10..12, ":"), (12..14, "+09:00")]
    {
        time.push_str(text.get(part)?);
        time.push_str(end);
    }
    Some(time)
}

/// Reads an amount in won.
fn won(text: &str) -> Option<u64> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let readable = whole.bytes().all(|byte| byte.is_ascii_digit())
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte == b'0');
    whole.parse().ok().filter(|_| readable)
}

/// Whether a text has control characters. The first look needs no branches and nearly always
/// suffices: beyond ASCII they all begin with the byte C2.
fn has_control(text: &str) -> bool {
    let suspect = text.bytes().fold(false, |suspect, byte| suspect | matches!(byte, 0..0x20 | 0x7f | 0xc2));
    suspect && text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_whole_won() {
        for (text, amount) in [("4500", 4500), (" 0045 ", 45), ("4500.0", 4500), ("4500.00", 4500)] {
            assert_eq!(won(text), Some(amount), "{text}");
        }
        let huge = "9".repeat(400);
        for text in ["", "12a", "+5", "-5", "4,500", "45.5", "4500.", ".0", "4.5e3", &huge] {
            assert_eq!(won(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_plain_time_is_the_korean_time(
            text in "(19|20)[0-9]{2}(0[0-9]|1[0-3])[0-3][0-9][0-2][0-9][0-6][0-9][0-6][0-9]|[0-9]{0,15}"
        ) {
            let plain = plain_time(&text);
            proptest::prop_assert!(plain.is_none() || plain == korean_time(&text));
            proptest::prop_assert!(text.len() != 14 || plain == korean_time(&text));
        }
    }

    #[test]
    fn control_characters_are_seen_beyond_ascii() {
        for text in ["a\u{1b}b", "\u{7f}", "가\u{85}나", "\0"] {
            assert!(has_control(text), "{text:?}");
        }
        for text in ["홍길동", "£", "plain"] {
            assert!(!has_control(text), "{text:?}");
        }
    }
}
