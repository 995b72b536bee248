//! Turns what has no place of its own into `extra`: every value once, valid, on one line.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::error::{DocumentError, excerpt};
use super::fields::Value;
use super::findings::REPEATED;
use super::notification::{Extra, ExtraValue, Problem};
use super::scan::DEPTH_LIMIT;
use super::text::json_text;

/// Collects `fields`. Of a key that is given more than once the last value is kept.
pub(super) fn collect<'a>(
    fields: Vec<(Cow<'a, str>, Value<'a>)>,
    problems: &mut Vec<Problem<'a>>,
) -> Result<Extra<'a>, DocumentError> {
    let fields = without_repeated(fields, problems);
    let kept = fields.into_iter().map(|(key, value)| {
        let value = match value {
            Value::Text(text) => ExtraValue::Text(text),
            Value::Json(raw) => ExtraValue::Json(json(&key, raw)?),
        };
        Ok((key, value))
    });
    kept.collect::<Result<_, _>>().map(Extra)
}

/// Drops all but the last value of each key. Sorts, so that a document of nothing but keys takes
/// no quadratic time.
fn without_repeated<'a>(
    fields: Vec<(Cow<'a, str>, Value<'a>)>,
    problems: &mut Vec<Problem<'a>>,
) -> Vec<(Cow<'a, str>, Value<'a>)> {
    if fields.len() < 2 {
        return fields;
    }
    let mut order: Vec<(&str, usize)> =
        fields.iter().enumerate().map(|(at, (key, _))| (key.as_ref(), at)).collect();
    order.sort_unstable();
    let repeated = |pair: &[(&str, usize)]| match pair {
        [(key, at), (next, _)] if key == next => Some(*at),
        _ => None,
    };
    let mut dropped: Vec<usize> = order.windows(2).filter_map(repeated).collect();
    if dropped.is_empty() {
        return fields;
    }
    dropped.sort_unstable();
    let mut dropped = dropped.into_iter().peekable();
    let mut kept = Vec::with_capacity(fields.len());
    for (at, field) in fields.into_iter().enumerate() {
        if dropped.next_if_eq(&at).is_none() {
            kept.push(field);
        } else {
            problems.push(Problem { field: field.0, problem: REPEATED.to_owned() });
        }
    }
    kept
}

/// A value as it can be written again: its texts are Unicode, it is not too deep, and it has no
/// blanks between its parts, so that it stays on one line.
fn json<'a>(key: &str, raw: &'a RawValue) -> Result<Cow<'a, RawValue>, DocumentError> {
    let text = raw.get();
    let not_unicode = || DocumentError::NotUnicode { field: excerpt(key) };
    match text.as_bytes().first() {
        Some(b'"') => json_text(text).map(|_| Cow::Borrowed(raw)).ok_or_else(not_unicode),
        Some(b'{' | b'[') => {
            let compact = compact(text).map_err(|flaw| match flaw {
                Flaw::TooDeep => DocumentError::TooDeep,
                Flaw::NotUnicode => not_unicode(),
            })?;
            if compact.len() == text.len() {
                return Ok(Cow::Borrowed(raw));
            }
            RawValue::from_string(compact).map(Cow::Owned).map_err(|_| DocumentError::TooDeep)
        }
        _ => Ok(Cow::Borrowed(raw)),
    }
}

/// What `serde_json` lets pass in values that it only passes on.
enum Flaw {
    TooDeep,
    NotUnicode,
}

/// Valid JSON without the blanks outside its texts.
fn compact(json: &str) -> Result<String, Flaw> {
    let mut compact = String::with_capacity(json.len());
    let mut depth: u32 = 1;
    let mut rest = json;
    while let Some(first) = rest.chars().next() {
        let length = if first == '"' { text_length(rest) } else { first.len_utf8() };
        let (part, behind) = rest.split_at_checked(length).ok_or(Flaw::NotUnicode)?;
        rest = behind;
        match first {
            ' ' | '\t' | '\r' | '\n' => continue,
            '"' if json_text(part).is_none() => return Err(Flaw::NotUnicode),
            '{' | '[' if depth == DEPTH_LIMIT => return Err(Flaw::TooDeep),
            '{' | '[' => depth = depth.saturating_add(1),
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        compact.push_str(part);
    }
    Ok(compact)
}

/// The length of the text with which valid JSON begins, with its quotes.
fn text_length(json: &str) -> usize {
    let mut escaped = false;
    let ends = |byte: u8| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    };
    json.bytes().skip(1).position(ends).map_or(json.len(), |at| at.saturating_add(2))
}
