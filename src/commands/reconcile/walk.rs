//! Going through the bills of a reconciliation: what is asked of each page of them.

use std::path::PathBuf;

use crate::api::Client;
use crate::bill::BillNo;
use crate::cli::ReconcileArgs;
use crate::config::Profile;
use crate::delivery::{Batch, HeldToken, Inquiry, Recorded, Row, RowEnd, telling_answer};
use crate::error::{Error, ErrorKind};
use crate::ledger::{Account, AttemptKind, Entry, Finding, Ledger, Settled, Standing};
use crate::lock::OnWait;
use crate::payment::UrlKey;
use crate::secret::Secret;
use crate::world::Surroundings;

use super::super::context::Context;
use super::super::failure;
use super::super::receipt::Verdict;
use super::super::watch::token_store;
use super::pages::{Pages, is_open};
use super::shown::{Learnt, Shown};

/// Reasons that are kept: no more than one bill is named in the end, and it is one of the first.
const MOST_REASONS: usize = 1024;

/// What was asked, and what came of it.
#[derive(Default)]
pub(super) struct Asked {
    /// How many bills `CookiePay` answered about.
    pub(super) answers: u64,
    /// Why bills are unknown still.
    reasons: Vec<(BillNo, String)>,
    /// The same of the first bill whose link was refused.
    refusal: Option<(BillNo, String)>,
    pub(super) failure: Option<Error>,
}

impl Asked {
    /// Why that bill is unknown still.
    pub(super) fn reason(&self, bill_no: &BillNo) -> Option<&str> {
        let mut reasons = self.refusal.iter().chain(&self.reasons);
        reasons.find(|(number, _)| number == bill_no).map(|(_, reason)| reason.as_str())
    }
}

/// A reconciliation under way.
pub(super) struct Walk<'a> {
    arguments: &'a ReconcileArgs,
    profile: &'a Profile,
    account: &'a Account,
    client: &'a Client,
    surroundings: Surroundings,
    data_directory: PathBuf,
    on_wait: OnWait,
    api_key: Option<Secret>,
    pay2_key: Option<Secret>,
    token: Option<HeldToken>,
    /// Whether nothing more is to be asked.
    is_over: bool,
    pub(super) asked: Asked,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        arguments: &'a ReconcileArgs,
        profile: &'a Profile,
        account: &'a Account,
        client: &'a Client,
        context: &Context,
    ) -> Self {
        Self {
            arguments,
            profile,
            account,
            client,
            surroundings: context.surroundings.clone(),
            data_directory: context.data_directory.clone(),
            on_wait: context.on_wait(),
            api_key: None,
            pay2_key: None,
            token: None,
            is_over: false,
            asked: Asked::default(),
        }
    }

    /// Asks about the bills of this page and of all that follow, and shows what changed.
    pub(super) fn run(
        &mut self,
        first: Vec<Entry>,
        pages: &mut Pages,
        ledger: &mut Ledger,
        shown: &mut Shown<'_>,
    ) -> Verdict {
        let mut page = Some(first);
        while let Some(before) = page {
            let mut learnt = Learnt::default();
            match self.ask(&before, &mut learnt, ledger) {
                // What is unknown counts before what CookiePay or the network did to the questions.
                Err(error)
                    if matches!(error.kind, ErrorKind::Network | ErrorKind::Auth | ErrorKind::Refused) =>
                {
                    self.asked.failure.get_or_insert(error);
                    self.is_over = true;
                }
                other => other?,
            }
            for before in &before {
                let Some(after) = ledger.find(self.account, &before.bill.bill_no)? else { continue };
                pages.take(before, &after);
                shown.add(before, &after, &learnt)?;
            }
            shown.flush_records()?;
            if self.is_over || self.surroundings.signals.is_noted() {
                break;
            }
            page = pages.next(self.account, ledger)?;
        }
        Ok(())
    }

    fn ask(&mut self, page: &[Entry], learnt: &mut Learnt, ledger: &mut Ledger) -> Verdict {
        let asked = self.settle_by_known_links(page, learnt, ledger).and_then(|()| {
            self.ask_for_links(page, learnt, ledger)?;
            self.look_at_links(page, learnt, ledger)
        });
        self.asked.answers =
            self.asked.answers.saturating_add(u64::try_from(learnt.answered.len()).unwrap_or(u64::MAX));
        asked
    }

    /// Bills whose link is known were made, whatever became of the last request for them.
    fn settle_by_known_links(&self, page: &[Entry], learnt: &mut Learnt, ledger: &mut Ledger) -> Verdict {
        let mut linked = page.iter().filter(|entry| entry.is_unknown() && entry.link.is_some()).peekable();
        if linked.peek().is_none() {
            return Ok(());
        }
        let (now, operator) = (self.surroundings.clock.now(), &self.surroundings.operator);
        Ok(ledger.group(|group| {
            linked.try_for_each(|entry| {
                let number = &entry.bill.bill_no;
                let settled =
                    group.settle_unknown(self.account, number, Finding::KnownLink, now, operator)?;
                if settled == Settled::Done {
                    learnt.settled.insert(number.clone());
                }
                Ok(())
            })
        })?)
    }

    /// Asks for the link of every unknown bill.
    fn ask_for_links(&mut self, page: &[Entry], learnt: &mut Learnt, ledger: &mut Ledger) -> Verdict {
        let is_asked_for = |entry: &&Entry| entry.may_be_asked_for() || entry.standing == Standing::InFlight;
        let mut unknown = page.iter().filter(is_asked_for).peekable();
        if unknown.peek().is_none() {
            return Ok(());
        }
        let api_key = match self.api_key.take() {
            Some(api_key) => api_key,
            None => self.profile.api_key()?,
        };
        let api_key = self.api_key.insert(api_key);
        let (asked, is_over, surroundings) = (&mut self.asked, &mut self.is_over, &self.surroundings);
        let kind = AttemptKind::Reconcile;
        let rows = unknown
            .zip(1..)
            .map(|(entry, number)| Ok(Row { number, line: 0, bill: entry.bill.clone(), kind }));
        let told = Batch {
            ledger,
            client: self.client,
            account: self.account,
            api_key,
            operator: &surroundings.operator,
            now: &|| surroundings.clock.now(),
            name: None,
            duplicate_window: None,
            concurrency: self.arguments.pace.requests_at_once(),
            interval: self.arguments.pace.rate,
            stop: &|| surroundings.signals.is_noted(),
            under_way: &surroundings.signals.bills_under_way,
            reached: surroundings.reached,
        }
        .run::<Error>(rows, |row, end| {
            let number = &row.bill.bill_no;
            let reason = match end {
                RowEnd::Answered(receipt) => match &receipt.failure {
                    None => {
                        learnt.answered.insert(number.clone());
                        learnt.settled.insert(number.clone());
                        return Ok(());
                    }
                    Some(error) => {
                        if error.is_about_credentials() {
                            asked.failure = Some(failure::of_refusal(error));
                            *is_over = true;
                        } else if receipt.settlement.refuses_bill {
                            learnt.answered.insert(number.clone());
                            asked.refusal.get_or_insert_with(|| (number.clone(), error.to_string()));
                        }
                        error.to_string()
                    }
                },
                RowEnd::Known(entry) if entry.link.is_some() => return Ok(()),
                RowEnd::Known(_) => "another run is at it right now".to_owned(),
                RowEnd::OtherContent(_) | RowEnd::Duplicate(..) | RowEnd::NotRecorded(..) => {
                    "it could not be recorded".to_owned()
                }
            };
            if asked.reasons.len() < MOST_REASONS {
                asked.reasons.push((number.clone(), reason));
            }
            Ok(())
        });
        told.map(|_| ())
    }

    /// Asks after the links of every bill that has some now and is neither paid nor cancelled.
    fn look_at_links(&mut self, page: &[Entry], learnt: &mut Learnt, ledger: &mut Ledger) -> Verdict {
        if self.is_over || self.surroundings.signals.is_noted() {
            return Ok(());
        }
        let (mut open, mut links): (Vec<&Entry>, Vec<Vec<UrlKey>>) = (Vec::new(), Vec::new());
        for entry in page {
            let now = ledger.find(self.account, &entry.bill.bill_no)?;
            if let Some(now) = now.filter(is_open) {
                links.push(now.url_keys().cloned().collect());
                open.push(entry);
            }
        }
        if open.is_empty() {
            return Ok(());
        }
        let pay2_key = match self.pay2_key.take() {
            Some(pay2_key) => pay2_key,
            None => self.profile.pay2_key()?,
        };
        let pay2_key = self.pay2_key.insert(pay2_key);
        let surroundings = &self.surroundings;
        let mut inquiry = Inquiry {
            ledger,
            client: self.client,
            tokens: token_store(self.client, self.profile, pay2_key, &self.data_directory)
                .on_wait(OnWait::clone(&self.on_wait)),
            account: self.account,
            operator: &surroundings.operator,
            now: &|| surroundings.clock.now(),
            concurrency: self.arguments.pace.requests_at_once(),
            interval: self.arguments.pace.rate,
            stop: &|| surroundings.signals.is_noted(),
            token: self.token.take(),
            recorded: Recorded::All,
        };
        let answers = inquiry.payments_of_bills(&links);
        self.token = inquiry.token.take();
        for (entry, answers) in open.into_iter().zip(answers?) {
            match telling_answer(answers, Some(entry.bill.amount.won())) {
                Some((_, Err(error))) => {
                    self.asked.failure.get_or_insert(failure::of_read(&error));
                }
                _ => {
                    learnt.answered.insert(entry.bill.bill_no.clone());
                }
            }
        }
        Ok(())
    }
}
