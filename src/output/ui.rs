//! The streams, and what is said on them.

use std::io::{self, BufRead, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use super::messages::Language;
use super::qr::{self, Ground};
use super::table::Drawing;
use crate::clean::printable;

/// How many wrong fields a terminal shows.
const MOST_FIELDS: usize = 100;

/// The format of stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// One document.
    Json,
    /// One object a line.
    Jsonl,
    /// With a header.
    Csv,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Errors and warnings only.
    Quiet,
    /// Also what is going on, and hints.
    Normal,
    /// Also each request and each record of the ledger.
    Verbose,
}

/// The three streams with what is behind them.
pub struct Streams {
    /// Standard input.
    pub input: Box<dyn BufRead + Send>,
    /// Standard output: data.
    pub output: Box<dyn Write + Send>,
    /// Standard error: everything else.
    pub error: Box<dyn Write + Send>,
    /// Whether a person can answer.
    pub input_is_terminal: bool,
    /// Whether a person reads stdout.
    pub output_is_terminal: bool,
    /// Whether a person reads stderr.
    pub error_is_terminal: bool,
    /// Columns of the terminal, where there is one.
    pub width: Option<u16>,
}

/// What the user asked of the output.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// `-o`.
    pub format: Format,
    /// `--lang`.
    pub language: Language,
    /// `--color`, with the environment's word already heard.
    pub color: Color,
    /// `-q`, `-v`.
    pub level: Level,
    /// Whether questions may be asked: not with `--no-input`.
    pub may_ask: bool,
    /// `--bom`: a byte order mark before CSV.
    pub byte_order_mark: bool,
}

/// A failure as it is told.
#[derive(Debug, Serialize)]
pub struct Failure<'a> {
    /// The name of the exit code.
    pub code: &'a str,
    /// The exit code.
    pub exit: u8,
    /// What became of the bill.
    pub outcome: Option<&'a str>,
    /// The bill.
    pub bill_no: Option<&'a str>,
    /// What went wrong.
    pub message: &'a str,
    /// The next command to type.
    pub hint: Option<&'a str>,
    /// Every wrong field of the input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field<'a>>,
    /// How many more there are, which were counted only.
    #[serde(skip_serializing_if = "is_zero")]
    pub fields_left_out: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A wrong field of the input.
#[derive(Debug, Serialize)]
pub struct Field<'a> {
    /// Which.
    pub field: &'a str,
    /// What was given.
    pub value: Option<&'a str>,
    /// What is allowed.
    pub rule: &'a str,
}

/// A failure with the word that tells it from data.
#[derive(Serialize)]
struct Tagged<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    failure: &'a Failure<'a>,
}

/// How much a line of a log matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogLevel {
    /// Something happened as it should.
    Info,
    /// Something does not work for now.
    Warning,
}

/// A line of a log for programs.
#[derive(Serialize)]
struct LogLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    at: &'a str,
    level: &'static str,
    message: &'a str,
}

/// Standard error, written to from several places.
#[derive(Clone)]
struct SharedError(Arc<Mutex<Box<dyn Write + Send>>>);

impl Write for SharedError {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

/// The streams of one run.
pub struct Ui {
    streams: Streams,
    error: SharedError,
    settings: Settings,
    output_closed: bool,
}

impl Ui {
    /// Takes the streams over.
    #[must_use]
    pub fn new(mut streams: Streams, settings: Settings) -> Self {
        let error = SharedError(Arc::new(Mutex::new(streams.error)));
        streams.error = Box::new(error.clone());
        Self { streams, error, settings, output_closed: false }
    }

    /// What says a text as [`Ui::status`] does, from wherever somebody waits.
    pub fn notice(&self) -> impl Fn(&str) + Send + Sync + use<> {
        let error = self.error.clone();
        let is_heard = self.shows_status();
        move |text| {
            if is_heard {
                let _unheard = error.clone().write_all(format!("{}\n", printable(text)).as_bytes());
            }
        }
    }

    /// What makes another one, which has the same stderr and settings and neither reads nor shows data: to tell of a
    /// failure from another thread. On a terminal it begins a new line.
    pub fn beside(&self) -> impl Fn() -> Self + Send + Sync + use<> {
        let (error, settings) = (self.error.clone(), self.settings);
        let (error_is_terminal, width) = (self.streams.error_is_terminal, self.streams.width);
        move || {
            if error_is_terminal {
                let _unheard = error.clone().write_all(b"\n");
            }
            let streams = Streams {
                input: Box::new(io::empty()),
                output: Box::new(io::sink()),
                error: Box::new(error.clone()),
                input_is_terminal: false,
                output_is_terminal: false,
                error_is_terminal,
                width,
            };
            Self::new(streams, settings)
        }
    }

    /// The format of stdout.
    #[must_use]
    pub fn format(&self) -> Format {
        self.settings.format
    }

    /// The language of texts for people.
    #[must_use]
    pub fn language(&self) -> Language {
        self.settings.language
    }

    /// Whether whoever read stdout has left.
    #[must_use]
    pub fn output_is_closed(&self) -> bool {
        self.output_closed
    }

    /// Whether a question can be put to a person: on a terminal, not with `--no-input`.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        self.settings.may_ask && self.streams.input_is_terminal && self.streams.error_is_terminal
    }

    /// Whether stdout is a terminal, which shows bytes that are no text as rubbish.
    #[must_use]
    pub fn output_is_terminal(&self) -> bool {
        self.streams.output_is_terminal
    }

    /// Whether a person watches stderr and wants to see what goes on.
    pub(crate) fn shows_progress(&self) -> bool {
        self.streams.error_is_terminal && self.settings.level >= Level::Normal
    }

    /// Whether [`Ui::status`] is heard: not with `-q`.
    pub(crate) fn shows_status(&self) -> bool {
        self.settings.level >= Level::Normal
    }

    /// Standard input, for data.
    pub fn input(&mut self) -> &mut (dyn BufRead + Send) {
        &mut *self.streams.input
    }

    /// Standard input, taken over whole.
    pub fn take_input(&mut self) -> Box<dyn BufRead + Send> {
        std::mem::replace(&mut self.streams.input, Box::new(io::empty()))
    }

    pub(crate) fn byte_order_mark(&self) -> bool {
        self.settings.byte_order_mark
    }

    pub(crate) fn drawing(&self) -> Drawing {
        let terminal = self.streams.output_is_terminal;
        Drawing {
            width: self.streams.width.filter(|_| terminal),
            color: self.colored(terminal),
            language: self.settings.language,
        }
    }

    fn colored(&self, terminal: bool) -> bool {
        match self.settings.color {
            Color::Auto => terminal,
            Color::Always => true,
            Color::Never => false,
        }
    }

    /// Writes data to stdout at once. A reader that has left is remembered and is no error: what
    /// was sent and recorded stays so.
    ///
    /// # Errors
    ///
    /// Any other failure of the write, such as a full disk behind a redirection.
    pub fn write_data(&mut self, data: &[u8]) -> io::Result<()> {
        if self.output_closed {
            return Ok(());
        }
        let written = self.streams.output.write_all(data).and_then(|()| self.streams.output.flush());
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.output_closed = true;
                Ok(())
            }
            other => other,
        }
    }

    /// Says what happened or goes on. Silent with `-q`.
    pub fn status(&mut self, text: &str) {
        self.say(Level::Normal, None, text);
    }

    /// Says what should not go unnoticed.
    pub fn warning(&mut self, text: &str) {
        self.say(Level::Quiet, Some(("33", "warning")), text);
    }

    /// Says what to type next. Silent with `-q`.
    pub fn hint(&mut self, text: &str) {
        self.say(Level::Normal, Some(("36", "hint")), text);
    }

    /// Tells a failure: as text with its hint, or, when a program reads stdout, as one JSON object
    /// that is the last line of stderr.
    pub fn fail(&mut self, failure: &Failure<'_>) {
        if matches!(self.settings.format, Format::Json | Format::Jsonl) {
            let object = super::json::to_json(&Tagged { kind: "error", failure }).unwrap_or_default();
            self.say(Level::Quiet, None, &object);
            return;
        }
        self.error(failure.message);
        let most = if self.streams.error_is_terminal { MOST_FIELDS } else { usize::MAX };
        for wrong in failure.fields.iter().take(most) {
            let value = wrong.value.map(|value| format!(" `{}`", printable(value))).unwrap_or_default();
            let field = printable(wrong.field);
            self.say(Level::Quiet, None, &format!("  {field}{value}: {}", printable(wrong.rule)));
        }
        let unshown = u32::try_from(failure.fields.len().saturating_sub(most)).unwrap_or(u32::MAX);
        let unshown = unshown.saturating_add(failure.fields_left_out);
        if unshown > 0 {
            self.say(Level::Quiet, None, &format!("  and {unshown} more"));
        }
        if let Some(hint) = failure.hint {
            self.hint(hint);
        }
    }

    /// Says what went wrong.
    pub fn error(&mut self, text: &str) {
        self.say(Level::Quiet, Some(("31", "error")), text);
    }

    /// Says a line of a log, whatever the text holds: with its time and level, or as one JSON object where a program
    /// reads stdout. With `-q` only from [`LogLevel::Warning`] on.
    pub(crate) fn log(&mut self, at: &str, level: LogLevel, message: &str) {
        let name = match level {
            LogLevel::Info => "info",
            LogLevel::Warning => "warning",
        };
        let line = if matches!(self.settings.format, Format::Json | Format::Jsonl) {
            super::json::to_json(&LogLine { kind: "log", at, level: name, message }).unwrap_or_default()
        } else {
            format!("{at} {name}: {}", printable(message))
        };
        self.say(if level == LogLevel::Info { Level::Normal } else { Level::Quiet }, None, &line);
    }

    /// Says a detail that only `-v` shows.
    pub fn detail(&mut self, text: &str) {
        self.say(Level::Verbose, Some(("90", "detail")), text);
    }

    /// Says a line that belongs to a question: whoever is asked must see it, even with `-q`.
    pub fn prompt_line(&mut self, text: &str) {
        self.say(Level::Quiet, None, text);
    }

    /// Asks for a line of text; `None` at the end of input.
    pub fn ask(&mut self, question: &str) -> Option<String> {
        let prompt = format!("{} ", printable(question));
        let asked = self.streams.error.write_all(prompt.as_bytes()).and_then(|()| self.streams.error.flush());
        let mut line = String::new();
        match asked.and_then(|()| self.streams.input.read_line(&mut line)) {
            Ok(read) if read > 0 => Some(line.trim().to_owned()),
            _ => None,
        }
    }

    /// Asks a question that `y`, `yes`, `예` or `네` confirms; anything else does not.
    pub fn confirm(&mut self, question: &str) -> bool {
        let answer = self.ask(question).unwrap_or_default().to_lowercase();
        matches!(answer.as_str(), "y" | "yes" | "예" | "네" | "ㅛ")
    }

    /// Draws a text as a QR code on stderr, where it was asked for, also with `-q`.
    pub fn draw_code(&mut self, text: &str) {
        let colored = self.colored(self.streams.error_is_terminal);
        let ground = if colored { Ground::Light } else { Ground::Dark };
        let Some(drawing) = qr::draw(text, ground) else { return };
        let (on, off) = if colored { ("\u{1b}[30;107m", "\u{1b}[0m") } else { ("", "") };
        let lines = drawing.lines().fold(String::new(), |lines, line| lines + on + line + off + "\n");
        let _unheard = self.streams.error.write_all(lines.as_bytes());
    }

    /// A stderr that fails must not stop a payment from being recorded, so its errors end here.
    fn say(&mut self, level: Level, heading: Option<(&str, &str)>, text: &str) {
        if self.settings.level < level {
            return;
        }
        let mut lines = String::new();
        for (place, line) in text.lines().enumerate() {
            if let (0, Some((color, word))) = (place, heading) {
                let (on, off) = if self.colored(self.streams.error_is_terminal) {
                    (format!("\u{1b}[{color}m"), "\u{1b}[0m")
                } else {
                    (String::new(), "")
                };
                lines.extend([on.as_str(), word, ":", off, " "]);
            }
            lines.push_str(&printable(line));
            lines.push('\n');
        }
        let _unheard = self.streams.error.write_all(lines.as_bytes());
    }
}
