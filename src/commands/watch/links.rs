//! Which links are asked after: those that are named, then those of the ledger, a page of them at a time.
//!
//! However many there are, no more than a page of bills is held. Answers are recorded while the pages are read: a page
//! begins behind the last bill of the one before, so no bill is missed or comes twice because its state has changed.

use std::collections::HashSet;

use crate::bill::Bill;
use crate::ledger::{Account, Cursor, Entry, Filter, Ledger, LedgerError};
use crate::payment::{Outcome, UrlKey};

/// Bills that are read, or named links that are looked up, at a time.
pub(super) const PAGE: u16 = 512;

/// What is asked after.
#[derive(Debug, Clone)]
pub(in crate::commands) enum Subject {
    /// A link alone.
    Link(UrlKey),
    /// A bill by its newest link: all links that it has.
    Bill(UrlKey),
}

/// A link to ask after, or all links of a bill, with what the ledger knows of it.
#[derive(Debug)]
pub(in crate::commands) struct Watched {
    pub(super) subject: Subject,
    /// At least one, the newest first.
    pub(super) url_keys: Vec<UrlKey>,
    pub(super) billed: Option<Billed>,
}

/// What the bill of a link asks for.
#[derive(Debug)]
pub(super) struct Billed {
    pub(super) bill_no: String,
    pub(super) amount: u64,
    pub(super) product: String,
    pub(super) buyer: String,
}

/// Bills of a batch that have no link to ask after.
#[derive(Debug, Default, Clone, Copy)]
pub(in crate::commands) struct Linkless {
    pub(in crate::commands) unknown: u64,
    pub(in crate::commands) unsent: u64,
}

/// The links that are still to be asked after.
#[derive(Default)]
pub(in crate::commands) struct Links {
    named: std::vec::IntoIter<Subject>,
    /// What was named and has been taken.
    taken: HashSet<Vec<UrlKey>>,
    /// Bills of the ledger, and the place behind which the next page begins.
    bills: Option<(Filter, Option<Cursor>)>,
    /// A page that was read and not yet taken.
    read: Option<Vec<Watched>>,
    /// Bills without a link that were passed over.
    pub(in crate::commands) linkless: Linkless,
}

impl Subject {
    /// A bill, if it has a link.
    pub(in crate::commands) fn bill(entry: &Entry) -> Option<Self> {
        entry.link.as_ref().map(|link| Self::Bill(link.url_key.clone()))
    }

    /// With what the ledger knows of it now.
    pub(super) fn watched(self, account: &Account, ledger: &Ledger) -> Result<Watched, LedgerError> {
        let (Self::Link(url_key) | Self::Bill(url_key)) = &self;
        let entry = ledger.find_by_url_key(account, url_key.as_str())?;
        let url_keys = match (&self, &entry) {
            (Self::Bill(_), Some(entry)) => entry.url_keys().cloned().collect(),
            _ => vec![url_key.clone()],
        };
        Ok(Watched { subject: self, url_keys, billed: entry.map(|entry| Billed::of(&entry.bill)) })
    }
}

impl Billed {
    fn of(bill: &Bill) -> Self {
        Self {
            bill_no: bill.bill_no.to_string(),
            amount: bill.amount.won(),
            product: bill.product.to_string(),
            buyer: bill.buyer.to_string(),
        }
    }
}

impl Links {
    /// Those that are named, then those of the bills that match.
    pub(in crate::commands) fn new(named: Vec<Subject>, bills: Option<Filter>) -> Self {
        let bills = bills.map(|filter| (filter, None));
        Self { named: named.into_iter(), bills, ..Self::default() }
    }

    /// Whether there is none.
    pub(in crate::commands) fn is_empty(
        &mut self,
        account: &Account,
        ledger: &Ledger,
    ) -> Result<bool, LedgerError> {
        self.read = self.next_page(account, ledger)?;
        Ok(self.read.is_none())
    }

    /// The next of them, at least one; `None` when all were taken.
    pub(super) fn next_page(
        &mut self,
        account: &Account,
        ledger: &Ledger,
    ) -> Result<Option<Vec<Watched>>, LedgerError> {
        if let Some(read) = self.read.take() {
            return Ok(Some(read));
        }
        loop {
            let page = if self.named.len() > 0 {
                self.page_of_named(account, ledger)?
            } else if let Some((filter, after)) = self.bills.take() {
                self.page_of_bills(filter, after, account, ledger)?
            } else {
                return Ok(None);
            };
            if !page.is_empty() {
                return Ok(Some(page));
            }
        }
    }

    fn page_of_named(&mut self, account: &Account, ledger: &Ledger) -> Result<Vec<Watched>, LedgerError> {
        let mut page = Vec::new();
        for subject in self.named.by_ref().take(PAGE.into()) {
            let watched = subject.watched(account, ledger)?;
            if self.taken.insert(watched.url_keys.clone()) {
                page.push(watched);
            }
        }
        Ok(page)
    }

    fn page_of_bills(
        &mut self,
        filter: Filter,
        after: Option<Cursor>,
        account: &Account,
        ledger: &Ledger,
    ) -> Result<Vec<Watched>, LedgerError> {
        let page = ledger.page(account, &filter, after, PAGE.into())?;
        self.bills = page.next.map(|next| (filter, Some(next)));
        let mut watched = Vec::with_capacity(page.entries.len());
        for entry in &page.entries {
            let Some(subject) = Subject::bill(entry) else {
                let count = match entry.standing.outcome() {
                    Outcome::Unknown => &mut self.linkless.unknown,
                    _ => &mut self.linkless.unsent,
                };
                *count = count.saturating_add(1);
                continue;
            };
            let url_keys: Vec<UrlKey> = entry.url_keys().cloned().collect();
            if !self.taken.contains(&url_keys) {
                watched.push(Watched { subject, url_keys, billed: Some(Billed::of(&entry.bill)) });
            }
        }
        Ok(watched)
    }
}
