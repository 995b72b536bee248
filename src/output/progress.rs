//! How far a batch has come, on stderr: a bar on a terminal, else a plain line every ten seconds.

use std::cell::Cell;
use std::fmt::Write;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::record::thousands;
use super::reports::won;
use super::ui::Ui;

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// The progress of one batch.
pub struct Progress {
    bar: Option<ProgressBar>,
    rows: u64,
    amount: u64,
    done: u64,
    done_amount: u64,
    refused: u64,
    unknown: u64,
    started: Instant,
    said: Instant,
}

/// What came of a row, as the progress counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Done, or done before.
    Done,
    /// Refused or not sent.
    Refused,
    /// Nobody knows.
    Unknown,
}

impl Progress {
    /// Begins with so many rows to send, of so many won.
    #[must_use]
    pub fn start(rows: u64, amount: u64, ui: &Ui) -> Self {
        let bar = ui.shows_progress().then(|| {
            let bar = ProgressBar::with_draw_target(Some(rows), ProgressDrawTarget::stderr());
            draw(&bar, "{bar:10.cyan} {pos}/{len}  {rate}/s  {msg}  ETA {eta}");
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        let now = Instant::now();
        let (done, done_amount, refused, unknown) = (0, 0, 0, 0);
        Self { bar, rows, amount, done, done_amount, refused, unknown, started: now, said: now }
    }

    /// What to call when the run was told to stop: whoever watches the bar sees that it was heard.
    pub fn notice(&self) -> impl Fn() + use<> {
        let (bar, said) = (self.bar.clone(), Cell::new(false));
        move || {
            if let (Some(bar), false) = (&bar, said.replace(true)) {
                draw(bar, "{bar:20.cyan} {pos}/{len}  finishing rows in flight; Ctrl-C again ends at once");
            }
        }
    }

    /// Counts a row of so many won.
    pub fn step(&mut self, step: Step, amount: u64, ui: &mut Ui) {
        self.done = self.done.saturating_add(1);
        self.done_amount = self.done_amount.saturating_add(amount);
        match step {
            Step::Done => {}
            Step::Refused => self.refused = self.refused.saturating_add(1),
            Step::Unknown => self.unknown = self.unknown.saturating_add(1),
        }
        let (done, total) = (thousands(self.done_amount), won(self.amount, ui.language()));
        let mut what = format!("{done} of {total}");
        for (name, count) in [("refused", self.refused), ("unknown", self.unknown)] {
            if count > 0 {
                let _never_fails = write!(what, "  {name} {count}");
            }
        }
        if let Some(bar) = &self.bar {
            bar.set_message(what);
            bar.inc(1);
        } else if self.said.elapsed() >= LINE_EVERY {
            self.said = Instant::now();
            let seconds = self.started.elapsed().as_secs().max(1);
            let rate = self.done.checked_div(seconds).unwrap_or_default();
            ui.status(&format!("{} of {} rows, {rate}/s, {what}", self.done, self.rows));
        }
    }

    /// Takes the bar away.
    pub fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Has the bar drawn so, within 80 columns.
fn draw(bar: &ProgressBar, template: &str) {
    let rate = |state: &ProgressState, text: &mut dyn Write| {
        let _ignored = write!(text, "{:.0}", state.per_sec());
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.with_key("rate", rate).progress_chars("━╸ "));
    }
}
