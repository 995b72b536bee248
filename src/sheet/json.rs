//! JSON lines: one object a line, its keys named as columns are.

use std::borrow::Cow;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Read, Seek};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::column::{Field, trim};
use super::error::{CellError, Problem};
use super::place::{Place, Unit};
use super::record::{Found, LONGEST_CELL, Unknown};
use super::text::Lines;
use crate::bill::RawBill;

/// Reads JSON lines one by one.
pub(super) struct JsonRows<R> {
    lines: Lines<R>,
    line: String,
    unknown: Unknown,
}

impl<R: Read + Seek> JsonRows<R> {
    /// Looks at the first line: an array, or an object over several lines, is told once and not
    /// line by line.
    pub(super) fn new(lines: Lines<R>, unknown: Unknown) -> Result<Self, Problem> {
        let mut rows = Self { lines, line: String::new(), unknown };
        rows.read_line()?;
        match trim(&rows.line) {
            "" => return Err(Problem::Empty),
            "{" => return Err(Problem::NotJsonLines("an object over several lines")),
            array if array.starts_with('[') => return Err(Problem::NotJsonLines("a JSON array")),
            _ => {}
        }
        rows.rewind()?;
        Ok(rows)
    }

    pub(super) fn rewind(&mut self) -> Result<(), Problem> {
        Ok(self.lines.rewind()?)
    }

    /// Reads the next line that is not blank; at the end the line stays empty.
    fn read_line(&mut self) -> Result<bool, Problem> {
        while self.lines.next_line(&mut self.line)? {
            if !trim(&self.line).is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn next_row(&mut self) -> Result<Option<Found>, Problem> {
        if !self.read_line()? {
            return Ok(None);
        }
        let line = self.lines.number();
        let text = trim(&self.line);
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let fields = bill(text, line, self.unknown);
        Ok(Some(Found { line, fingerprint: hasher.finish(), fields, is_hidden: false }))
    }
}

fn bill(text: &str, line: u64, unknown: Unknown) -> Result<RawBill, Vec<CellError>> {
    let Pairs(pairs) = serde_json::from_str(text).map_err(|error| vec![no_object(&error, line)])?;
    let mut bill = RawBill::default();
    let mut seen: Vec<Field> = Vec::new();
    let mut wrong = Vec::new();
    for (key, value) in pairs {
        let Some(field) = Field::of(&key) else {
            if unknown == Unknown::Refused {
                let nearest = Field::nearest(&key).map(|name| format!(", perhaps `{name}`?"));
                let rule = format!("is no field of a bill{}", nearest.unwrap_or_default());
                wrong.push(CellError {
                    place: Place::key(line, &key),
                    field: None,
                    value: None,
                    rule: rule.into(),
                });
            }
            continue;
        };
        let text = text_of(value);
        let rule = if seen.contains(&field) {
            Some(Cow::Owned(format!("is given twice (`{}`)", field.flag())))
        } else {
            text.as_ref().err().map(|kind| Cow::Owned(format!("is {kind}, not a text or a number")))
        };
        seen.push(field);
        match (rule, text) {
            (Some(rule), text) => wrong.push(CellError {
                place: Place::key(line, &key),
                field: Some(field.flag()),
                value: text.ok().flatten(),
                rule,
            }),
            (None, Ok(Some(text))) => field.fill(&mut bill, text),
            (None, _) => {}
        }
    }
    if wrong.is_empty() { Ok(bill) } else { Err(wrong) }
}

fn no_object(error: &serde_json::Error, line: u64) -> CellError {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    let rule = format!("is no JSON object: {message} (byte {})", error.column());
    CellError { place: Place::row(Unit::Line, line), field: None, value: None, rule: rule.into() }
}

/// What is said of a text that no field can be.
const LONG_TEXT: &str = "a text of more than 32 KiB";

/// The text of a value: a number stays as it is written, so that `1.5` is refused as `1.5`.
fn text_of(value: &RawValue) -> Result<Option<String>, &'static str> {
    let raw = value.get();
    match raw.as_bytes().first() {
        Some(b'n') => Ok(None),
        Some(b'"') => {
            let text: String = serde_json::from_str(raw).map_err(|_| "a broken text")?;
            let text = text.trim();
            if text.len() > LONGEST_CELL {
                return Err(LONG_TEXT);
            }
            Ok((!text.is_empty()).then(|| text.to_owned()))
        }
        Some(b'-' | b'0'..=b'9') => Ok(Some(raw.to_owned())),
        Some(b't' | b'f') => Err("true or false"),
        Some(b'[') => Err("a list"),
        _ => Err("an object"),
    }
}

/// The keys and values of an object in their order, repeated keys included.
struct Pairs<'line>(Vec<(Cow<'line, str>, &'line RawValue)>);

impl<'line> Deserialize<'line> for Pairs<'line> {
    fn deserialize<D: Deserializer<'line>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'line> Visitor<'line> for PairsVisitor {
    type Value = Pairs<'line>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'line>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> Vec<String> {
        bill(text, 3, Unknown::Refused).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn numbers_keep_their_spelling() {
        let raw =
            bill(r#"{"금액": 1.5, "phone": 1e9, "product": " 커\n피 ", "memo": null}"#, 1, Unknown::Refused)
                .unwrap();
        assert_eq!(raw.amount.as_deref(), Some("1.5"));
        assert_eq!(raw.phone.as_deref(), Some("1e9"));
        assert_eq!(raw.product.as_deref(), Some("커\n피"));
        assert_eq!(raw.memo, None);
    }

    #[test]
    fn every_wrong_key_of_a_line_is_named() {
        assert_eq!(
            wrong(r#"{"ammount": 1, "memo": [1], "금액": 1, "AMOUNT": 2, "tax": true}"#),
            [
                "line 3, `ammount`: is no field of a bill, perhaps `amount`?",
                "line 3, `memo`: is a list, not a text or a number",
                "line 3, `AMOUNT`: `2` is given twice (`amount`)",
                "line 3, `tax`: is true or false, not a text or a number",
            ]
        );
        assert_eq!(wrong(r#"{"memo": "a", "memo": "b"}"#), ["line 3, `memo`: `b` is given twice (`memo`)"]);
        assert!(bill(r#"{"x": 1}"#, 3, Unknown::Ignored).is_ok());
    }

    #[test]
    fn a_line_that_is_no_object_says_where() {
        assert_eq!(wrong("{\"a\": }"), ["line 3: is no JSON object: expected value (byte 7)"]);
        assert!(wrong("4500")[0].starts_with("line 3: is no JSON object: invalid type"));
        assert!(wrong("{} {}")[0].contains("trailing characters"));
    }
}
