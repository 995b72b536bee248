//! What is made up anew in every run: it is compared by its shape, and remembered by its name.

use std::collections::BTreeMap;

/// The shapes: `9` a digit, `X` a digit or capital, `a` a digit or letter.
const SHAPES: &[(&str, Meaning)] = &[
    ("9999-99-99T99:99:99+09:00", Meaning::Time),
    ("9999-99-99 99:99", Meaning::Time),
    ("9999-99-99", Meaning::Time),
    ("99-99 99:99", Meaning::Time),
    ("99:99:99", Meaning::Time),
    ("127.0.0.1:99999", Meaning::Address),
    ("127.0.0.1:9999", Meaning::Address),
    ("URL99999999999999999999", Meaning::Name),
    ("cTS99999999999999999", Meaning::Name),
    ("999999XXXXXXXXXXXX", Meaning::Name),
    ("aaaaaaaaaaaaaaaaaaaa", Meaning::Name),
    ("99999999", Meaning::Name),
];

/// What a made-up text stands for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Meaning {
    /// A moment; the same text may be another one later.
    Time,
    /// Where a server listens; the next server listens elsewhere.
    Address,
    /// One thing for the whole session.
    Name,
}

/// A line without its made-up texts, and these. How wide the columns of a table are is left out,
/// since a port may have four digits or five.
pub(super) fn skeleton(line: &str) -> (String, Vec<(Meaning, &str)>) {
    let is_drawn = line.starts_with(['╭', '│', '╞', '╰']);
    let mut bones = String::new();
    let mut made_up = Vec::new();
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        let begins = bones.chars().last().is_none_or(|last| !last.is_ascii_alphanumeric());
        let shape = SHAPES.iter().enumerate().find(|(_, (shape, _))| begins && has_shape(rest, shape));
        let length = if let Some((number, (shape, meaning))) = shape {
            made_up.push((*meaning, &rest[..shape.len()]));
            // Ports are long or short, and so of two shapes.
            let number = if *meaning == Meaning::Address { SHAPES.len() } else { number };
            bones.extend(["<", &number.to_string(), ">"]);
            shape.len()
        } else {
            if !(is_drawn && " ─═".contains(letter) && bones.ends_with(letter)) {
                bones.push(letter);
            }
            letter.len_utf8()
        };
        rest = &rest[length..];
    }
    (bones, made_up)
}

/// Whether `text` begins with a word of that shape.
fn has_shape(text: &str, shape: &str) -> bool {
    let fits = |(byte, shape): (u8, u8)| match shape {
        b'9' => byte.is_ascii_digit(),
        b'X' => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
        b'a' => byte.is_ascii_alphanumeric(),
        literal => byte == literal,
    };
    let ends = text.as_bytes().get(shape.len()).is_none_or(|next| !next.is_ascii_alphanumeric());
    ends && text.len() >= shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

/// Which made-up text of the README stands for which of this session.
#[derive(Default)]
pub(super) struct MadeUp(BTreeMap<String, String>);

impl MadeUp {
    /// A text of the README with the names of this session in it.
    pub(super) fn as_real(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (shown, real)| text.replace(shown, real))
    }

    /// Lines of this session with the names of the README in them.
    pub(super) fn as_shown(&self, lines: &[&str]) -> Vec<String> {
        let shown = |line: &&str| {
            self.0.iter().fold((*line).to_owned(), |line, (shown, real)| line.replace(real, shown))
        };
        lines.iter().map(shown).collect()
    }

    /// Learns names from lines that differ in their words only, so that what comes after them is
    /// still tried.
    pub(super) fn learn(&mut self, expected: &[String], printed: &[&str]) {
        let shown: Vec<_> = expected.iter().flat_map(|line| skeleton(line).1).collect();
        let real: Vec<_> = printed.iter().flat_map(|line| skeleton(line).1).collect();
        if shown.iter().map(|name| name.1.len()).eq(real.iter().map(|name| name.1.len())) {
            let names = shown.into_iter().zip(real).filter(|((meaning, _), _)| *meaning != Meaning::Time);
            self.0.extend(names.map(|((_, shown), (_, real))| (shown.to_owned(), real.to_owned())));
        }
    }

    /// Whether the lines printed are those expected; names shown for the first time are learned.
    pub(super) fn compare(&mut self, expected: &[String], printed: &[&str]) -> Result<(), String> {
        match (expected.split_first(), printed.split_first()) {
            (None, None) => Ok(()),
            (None, Some((line, _))) => Err(format!("nothing is said of `{line}`")),
            (Some((line, rest)), _) if line == "..." => (0..=printed.len())
                .find(|&skipped| Self(self.0.clone()).compare(rest, &printed[skipped..]).is_ok())
                .ok_or_else(|| "what follows `...` does not come".to_owned())
                .and_then(|skipped| self.compare(rest, &printed[skipped..])),
            (Some((line, _)), None) => Err(format!("`{line}` is not printed")),
            (Some((line, expected)), Some((real, printed))) => {
                self.compare_line(line, real)?;
                self.compare(expected, printed)
            }
        }
    }

    fn compare_line(&mut self, line: &str, real: &str) -> Result<(), String> {
        let (wanted, shown) = skeleton(line);
        let (found, made_up) = skeleton(real);
        if !like(&wanted, &found) {
            return Err(format!("`{line}` is said, `{real}` is printed"));
        }
        if wanted != found {
            return Ok(());
        }
        for ((meaning, shown), (_, real)) in shown.into_iter().zip(made_up) {
            if meaning == Meaning::Time {
                continue;
            }
            let before = self.0.insert(shown.to_owned(), real.to_owned());
            if meaning == Meaning::Name && before.as_deref().is_some_and(|before| before != real) {
                return Err(format!("`{shown}` was `{}` before and is `{real}` now", before.unwrap()));
            }
        }
        Ok(())
    }
}

/// Whether a text is the one wanted, in which `[..]` may be anything.
fn like(wanted: &str, found: &str) -> bool {
    let Some((before, after)) = wanted.split_once("[..]") else { return wanted == found };
    let Some(rest) = found.strip_prefix(before) else { return false };
    rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| like(after, &rest[at..]))
}
