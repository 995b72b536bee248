//! What was seen of all links together: counts, totals and the exit code. It is no larger for more links.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Seen;
use super::links::Watched;
use crate::clean::{printable, shell_word};
use crate::error::{Error, ErrorKind, ExitCode};
use crate::ledger::Total;
use crate::output::{Language, StatusReport};
use crate::payment::PaymentState;

use super::super::failure;
use super::super::totals::{Things, totals_line};

/// Of the links that were looked at.
pub(super) struct Tally {
    pub(super) count: usize,
    failed: usize,
    totals: BTreeMap<&'static str, Total>,
    code: ExitCode,
    /// How many links are a reason for a failure, and the first of each kind.
    failures: usize,
    first_failures: Vec<Error>,
}

/// Counts by state: the `summary` of a JSON document.
#[derive(Serialize)]
pub(super) struct Summary {
    count: usize,
    by_state: BTreeMap<&'static str, u64>,
    failed: usize,
}

impl Summary {
    /// Of so many links, of which these were seen.
    pub(super) fn of(count: usize, reports: &[StatusReport]) -> Self {
        let mut by_state: BTreeMap<&'static str, u64> = BTreeMap::new();
        for report in reports {
            let count = by_state.entry(report.state).or_default();
            *count = count.saturating_add(1);
        }
        Self { count, by_state, failed: 0 }
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            count: 0,
            failed: 0,
            totals: BTreeMap::new(),
            code: ExitCode::OK,
            failures: 0,
            first_failures: Vec::new(),
        }
    }
}

impl Tally {
    /// Counts a link of which this was seen.
    pub(super) fn add(&mut self, link: &Watched, seen: Seen) {
        self.count = self.count.saturating_add(1);
        self.code = self.code.max(match seen.state() {
            Some(PaymentState::Cancelled) => ExitCode::CANCELLED,
            Some(PaymentState::Unpaid | PaymentState::AwaitingDeposit) => ExitCode::UNPAID,
            Some(PaymentState::Paid | PaymentState::Error) | None => ExitCode::OK,
        });
        if let Some(failure) = seen.failure {
            self.failed = self.failed.saturating_add(1);
            self.add_failure(failure);
        }
        if let Some(report) = seen.report {
            self.totals.entry(report.state).or_default().add(report.amount.unwrap_or_default());
            if report.state == PaymentState::Error.as_str() {
                self.add_failure(of_error_state(link, &report));
            }
        }
    }

    fn add_failure(&mut self, failure: Error) {
        self.failures = self.failures.saturating_add(1);
        if !self.first_failures.iter().any(|first| first.kind == failure.kind) {
            self.first_failures.push(failure);
        }
    }

    pub(super) fn summary(&self) -> Summary {
        let by_state = self.totals.iter().map(|(state, total)| (*state, total.count)).collect();
        Summary { count: self.count, by_state, failed: self.failed }
    }

    /// The line under a table; `None` under an empty one.
    pub(super) fn line(&self, language: Language) -> Option<String> {
        let parts: Vec<_> = self.totals.iter().map(|(state, total)| (*state, *total)).collect();
        (!parts.is_empty()).then(|| totals_line(language, Things::Links, None, &parts))
    }

    /// The exit code: credentials, then failures, then what the answers say.
    pub(super) fn verdict(mut self) -> Result<ExitCode, Error> {
        let first = |kind| self.first_failures.iter().position(|failure| failure.kind == kind);
        let worst = [ErrorKind::Auth, ErrorKind::Refused, ErrorKind::Network].into_iter().find_map(first);
        let Some(worst) = worst else { return Ok(self.code) };
        let others = self.failures.saturating_sub(1);
        let mut failure = self.first_failures.swap_remove(worst);
        if others > 0 {
            failure.message = format!("{} (and {others} more)", failure.message);
        }
        Err(failure)
    }
}

fn of_error_state(link: &Watched, report: &StatusReport) -> Error {
    if let (Some(billed), Some(told)) = (&link.billed, report.amount)
        && billed.amount != told
    {
        return failure::of_other_amount(&report.url_key, billed.amount, told);
    }
    let message =
        report.result_message.as_ref().map(|text| format!(": {}", printable(text))).unwrap_or_default();
    let code = printable(&report.result_code);
    Error::new(ErrorKind::Refused, format!("`{}`: CookiePay answered {code}{message}", report.url_key))
        .hint(format!("`cookiepay explain {}` says what is known of the code", shell_word(&code)))
}
