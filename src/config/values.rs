//! From a spanned TOML value to a type of ours; what does not fit is noted with its line, and
//! reading goes on, so that one run names everything that is wrong.
//!
//! No message repeats a value: any of them may be a key in the wrong place.

use std::borrow::Cow;
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Problem;
use super::key::{self, did_you_mean, listed, shown};
use super::source::{self, Source};
use crate::secret::Secret;

pub(super) type Key<'t> = Spanned<Cow<'t, str>>;
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// The text being read, and what was found wrong so far.
pub(super) struct Reader<'t> {
    text: &'t str,
    pub(super) problems: Vec<Problem>,
    /// Whether any secret stands in the file itself, be it a good one or not.
    pub(super) holds_secret: bool,
    /// Whether a program that brings one is named in it, rightly or not.
    pub(super) names_command: bool,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, problems: Vec::new(), holds_secret: false, names_command: false }
    }

    /// Notes what is wrong at a place.
    pub(super) fn wrong(&mut self, span: Range<usize>, message: impl Into<String>, hint: Option<String>) {
        let (line, _) = self.position(span.start);
        self.problems.push(Problem { line: Some(line), column: None, message: message.into(), hint });
    }

    /// Notes what the TOML parser did not understand. Its own `Display` would print the line.
    pub(super) fn syntax(&mut self, error: &toml::de::Error) {
        let place = error.span().map(|span| self.position(span.start));
        let line = place.map(|(line, _)| line);
        // What follows a mistake on its line is a consequence of it.
        if line.is_some() && self.problems.iter().any(|problem| problem.line == line) {
            return;
        }
        let mut message = error.message().trim().replace('\n', ", ");
        let key = error.span().and_then(|span| self.text.get(span)).map(str::trim);
        // Any other word may be a secret that stands in the wrong place.
        let known = [key::OF_FILE, key::OF_PROFILE, key::OF_SECRET].concat();
        if let Some(key) = key.filter(|key| message == "duplicate key" && known.contains(key)) {
            message = format!("{message} `{key}`");
        }
        self.problems.push(Problem { line, column: place.map(|(_, column)| column), message, hint: None });
    }

    /// Line and column of a byte, both counted from 1, the column in characters.
    fn position(&self, byte: usize) -> (usize, usize) {
        let before = self.text.get(..byte).unwrap_or(self.text);
        let line = before.matches('\n').count().saturating_add(1);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
        (line, column)
    }

    /// Notes a key that has no place there.
    pub(super) fn unknown_key(&mut self, key: &Key<'_>, place: &str, known: &[&str]) {
        let word = key.get_ref();
        let hint = did_you_mean(word, known.iter().copied());
        // A key of `CookiePay` that slipped in front of a `=` has to stay unseen.
        let named = if known == key::OF_SECRET && hint.is_none() && !is_word(word) {
            format!("unknown key in {place}; known: {}", listed(known.iter().copied()))
        } else if hint.is_some() {
            format!("unknown key `{}` in {place}", shown(word))
        } else {
            format!("unknown key `{}` in {place}; known: {}", shown(word), listed(known.iter().copied()))
        };
        self.wrong(key.span(), named, hint);
    }

    pub(super) fn table<'v>(&mut self, value: &'v Value<'t>, key: &str) -> Option<&'v DeTable<'t>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(value, key, "a table");
        }
        table
    }

    /// A string that is not empty and carries nothing invisible.
    pub(super) fn string<'v>(&mut self, value: &'v Value<'t>, key: &str) -> Option<&'v str> {
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(value, key, "a string");
            return None;
        };
        match id_fault(key, text) {
            Some(fault) => {
                self.wrong(value.span(), format!("`{key}` {fault}"), None);
                None
            }
            None => Some(text),
        }
    }

    /// A string of which `FromStr` knows the rule; `words` are its possible values, if it has such.
    pub(super) fn parsed<T>(&mut self, value: &Value<'t>, key: &str, words: &[&str]) -> Option<T>
    where
        T: FromStr<Err = &'static str>,
    {
        let text = self.string(value, key)?;
        match text.parse() {
            Ok(parsed) => Some(parsed),
            Err(_) if !words.is_empty() => {
                let hint = did_you_mean(text, words.iter().copied());
                let choice = listed(words.iter().copied());
                self.wrong(value.span(), format!("`{key}` must be one of {choice}"), hint);
                None
            }
            Err(rule) => {
                self.wrong(value.span(), format!("`{key}` {rule}"), None);
                None
            }
        }
    }

    /// A whole number in a range.
    pub(super) fn integer(
        &mut self,
        value: &Value<'t>,
        key: &str,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong_type(value, key, "a whole number without quotes or commas, like 1000000");
            return None;
        };
        let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = (range.start(), range.end());
            self.wrong(value.span(), format!("`{key}` must be from {least} to {most}"), None);
        }
        number
    }

    /// A secret: a string, or a table that says where it is.
    pub(super) fn secret(&mut self, value: &Value<'t>, key: &str) -> Option<Source> {
        match value.get_ref() {
            DeValue::String(text) => {
                self.holds_secret = true;
                match source::check(text) {
                    Ok(()) => Some(Source::Written(Secret::new(text.as_ref()))),
                    Err(fault) => {
                        self.wrong(value.span(), format!("`{key}` {fault}"), None);
                        None
                    }
                }
            }
            DeValue::Table(table) => self.secret_table(value, table, key),
            _ => {
                self.wrong_type(value, key, "a string or a table like { env = \"NAME\" }");
                None
            }
        }
    }

    fn secret_table(&mut self, value: &Value<'t>, table: &DeTable<'t>, key: &str) -> Option<Source> {
        let mut found = Vec::new();
        let mut is_whole = true;
        for (inner, value) in in_order(table) {
            match inner.get_ref().as_ref() {
                "env" => found.push(self.variable_name(value, key).map(Source::Variable)),
                "file" => {
                    let path = self.string(value, &format!("{key}.file"));
                    found.push(path.map(|path| Source::File(path.to_owned())));
                }
                "command" => {
                    self.names_command = true;
                    found.push(self.command(value, key));
                }
                _ => {
                    is_whole = false;
                    self.unknown_key(inner, &format!("`{key}`"), key::OF_SECRET);
                }
            }
        }
        match found.len() {
            1 => found.pop().flatten(),
            0 if !is_whole => None,
            _ => {
                let choice = listed(key::OF_SECRET.iter().copied());
                self.wrong(value.span(), format!("`{key}` needs exactly one of {choice}"), None);
                None
            }
        }
    }

    fn variable_name(&mut self, value: &Value<'t>, key: &str) -> Option<Secret> {
        let name = self.string(value, &format!("{key}.env"))?;
        let starts_well = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        if starts_well && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
        {
            return Some(Secret::new(name));
        }
        self.wrong(value.span(), format!("`{key}.env` must be the name of a variable, like SHOP_KEY"), None);
        None
    }

    fn command(&mut self, value: &Value<'t>, key: &str) -> Option<Source> {
        const RULE: &str = "a list of strings that is not empty, like [\"prog\", \"arg\"]";
        let key = format!("{key}.command");
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(value, &key, RULE);
            return None;
        };
        let words: Option<Vec<&str>> = array.iter().map(|word| word.get_ref().as_str()).collect();
        let words = words.filter(|words| words.iter().all(|word| !word.contains('\0')));
        match words.as_deref() {
            Some([program, arguments @ ..]) if !program.is_empty() => Some(Source::Command {
                program: (*program).to_owned(),
                arguments: arguments.iter().map(|word| Secret::new(*word)).collect(),
            }),
            _ => {
                self.wrong(value.span(), format!("`{key}` must be {RULE}"), None);
                None
            }
        }
    }

    fn wrong_type(&mut self, value: &Value<'_>, key: &str, wanted: &str) {
        let message = format!("`{key}` must be {wanted}, not {}", kind(value.get_ref()));
        self.wrong(value.span(), message, None);
    }
}

/// The entries of a table in the order of the file.
pub(super) fn in_order<'v, 't>(table: &'v DeTable<'t>) -> Vec<(&'v Key<'t>, &'v Value<'t>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// What keeps a text from being a name or an id; variables have to keep the same rule.
pub(super) fn name_fault(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        Some("is empty")
    } else if text.chars().any(char::is_control) {
        Some("holds control characters")
    } else if text.trim() != text {
        Some("begins or ends with a space")
    } else {
        None
    }
}

/// What keeps a text from being `API_ID` or `pay2_id`: keys are longer, and are pasted there by mistake.
pub(super) fn id_fault(key: &str, text: &str) -> Option<&'static str> {
    let length = text.chars().count();
    match key {
        "api_id" if length > 20 => Some("is longer than 20 characters, so it is no API_ID; it may be a key"),
        "pay2_id" if length > 30 => {
            Some("is longer than 30 characters, so it is no pay2_id; it may be a key")
        }
        _ => name_fault(text),
    }
}

/// Whether it reads like a key somebody made up, not like one that was pasted.
fn is_word(text: &str) -> bool {
    text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
