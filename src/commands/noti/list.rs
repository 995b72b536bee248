//! `noti list`: what was received, what checks said of it, and how far it was handed on.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde::Serialize;

use super::super::context::{Context, account, scope};
use super::choice;
use super::shown::{by_word, how_many};
use super::stored::{Listed, Progress};
use crate::cli::NotiListArgs;
use crate::error::{Error, ExitCode};
use crate::ledger::{NotificationStore, Received, ReceivedFilter};
use crate::output::{Format, Language};
use crate::payment::Verdict;

/// The word for what has no verdict yet.
const UNCHECKED: &str = "unchecked";

/// The `summary` of a JSON document.
#[derive(Default, Serialize)]
struct Summary {
    count: u64,
    by_verdict: BTreeMap<&'static str, u64>,
    by_delivery: BTreeMap<&'static str, u64>,
}

/// Runs `noti list`.
pub(super) fn run(arguments: &NotiListArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let profile = context.profile()?;
    let filter = ReceivedFilter { limit: arguments.limit, ..choice::filter(&arguments.choice, context)? };
    let format = context.ui.format();
    let store = NotificationStore::open_existing(&context.data_directory)?;
    let mut sink = context.ui.sink::<Listed<'_>>(&scope(&profile));
    let mut summary = Summary::default();
    let mut written = Ok(());
    if let Some(store) = &store {
        store.each_notification(&account(&profile), &filter, |received| {
            summary.add(&received);
            written = sink.push(&Listed::new(&received, Progress::of(&received)));
            if written.is_err() || sink.ui().output_is_closed() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
    }
    written?;
    sink.finish(&summary)?;
    if format == Format::Table {
        let line = summary.line(context.ui.language());
        context.ui.status(&line);
    }
    Ok(ExitCode::OK)
}

impl Summary {
    fn add(&mut self, received: &Received) {
        let count = |counts: &mut BTreeMap<&'static str, u64>, name| {
            let count = counts.entry(name).or_default();
            *count = count.saturating_add(1);
        };
        self.count = self.count.saturating_add(1);
        count(&mut self.by_verdict, received.verdict.map_or(UNCHECKED, Verdict::as_str));
        count(&mut self.by_delivery, received.handing_on.as_str());
    }

    /// The line under a table.
    fn line(&self, language: Language) -> String {
        if self.count == 0 {
            return match language {
                Language::Ko => "해당하는 통지가 없습니다".to_owned(),
                Language::En => "no such notification was received".to_owned(),
            };
        }
        let (verdict, delivery) = match language {
            Language::Ko => ("판정", "전달"),
            Language::En => ("verdict", "delivery"),
        };
        format!(
            "{}; {verdict}: {}; {delivery}: {}",
            how_many(self.count, language),
            by_word(&self.by_verdict, language),
            by_word(&self.by_delivery, language)
        )
    }
}
