//! Asking CookiePay whether notifications are true, and remembering which were.
//!
//! `noti` judges; here it is found out which link a notification is of, each link is asked after once, and
//! what was confirmed is durable before it is told.

use std::collections::{HashMap, HashSet};

use super::inquiry::{Answered, Inquiry, InquiryError};
use crate::api::{ApiError, TokenError};
use crate::bill::{Bill, Extra};
use crate::ledger::{Account, LedgerError};
use crate::noti::{Billed, Facts, Identity, Judgement, Kind, Notification, judge, judge_merchant};
use crate::payment::{UrlKey, Verdict};

/// Notifications to be checked, in the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What it claims.
    pub facts: Facts,
    /// What makes it the same as another.
    pub identity: Identity,
    /// What it tells of, in whatever words.
    pub happening: Identity,
}

/// What became of a check.
#[derive(Debug, Clone)]
pub enum Verified {
    /// `CookiePay`, the ledger or the notification itself decides.
    Judged(Judgement),
    /// The very same was confirmed by an earlier call.
    Repeated,
    /// `CookiePay` gave no answer that can be trusted, or no token to ask with, which alone is
    /// [`ApiError::Refused`]; asking again is safe.
    Unanswered(ApiError),
    /// It was not asked, since the run was stopped.
    NotAsked,
}

impl Claim {
    /// What a notification claims that came to this merchant.
    #[must_use]
    pub fn of(notification: &Notification<'_>, account: &Account) -> Self {
        let facts = Facts::of(notification);
        let identity = facts.identity(&account.environment, &account.api_id);
        Self::known_as(identity, facts, account)
    }

    /// The same of one whose identity was found out before, whatever would be made of it now.
    #[must_use]
    pub fn known_as(identity: Identity, facts: Facts, account: &Account) -> Self {
        let happening = facts.happening(&account.environment, &account.api_id);
        Self { facts, identity, happening }
    }
}

/// The link of a notification, or what stands in its place and why it is none.
type Link = Result<UrlKey, (String, &'static str)>;

/// How the link of a notification is found.
#[derive(Clone, Copy)]
enum Round {
    /// It names one.
    Named,
    /// It is a cancel, and `CookiePay` told of the payment with its `TID`.
    Found,
}

impl Inquiry<'_> {
    /// Checks notifications against `CookiePay` and the ledger. Those that are confirmed are remembered, so that
    /// the same is a duplicate from then on: in a later call, or further down in `claims`.
    ///
    /// A cancel names no link. It is looked up by its `TID` among the payments that `CookiePay` told of, those of
    /// this call included.
    ///
    /// # Errors
    ///
    /// See [`InquiryError`]. A link without an answer is none, but [`Verified::Unanswered`].
    pub fn verify(&mut self, claims: &[Claim]) -> Result<Vec<Verified>, InquiryError> {
        let mut answers = HashMap::new();
        let first = first_of_each(claims);
        let mut verified: Vec<Option<Verified>> = Vec::with_capacity(claims.len());
        for claim in claims {
            let known = self.ledger.is_confirmed(&claim.identity)?;
            verified.push(
                known
                    .then_some(Verified::Repeated)
                    .or_else(|| judge_merchant(&claim.facts, &self.account.api_id).map(Verified::Judged)),
            );
        }
        // Those without a link come last: the answers about the others may tell theirs.
        for round in [Round::Named, Round::Found] {
            let open = |place: &usize| verified.get(*place).is_some_and(Option::is_none);
            let mut linked = Vec::new();
            for (place, claim) in claims.iter().enumerate().filter(|(place, _)| open(place)) {
                if first.get(&claim.identity) == Some(&place)
                    && let Some(link) = self.link_of(&claim.facts, round)?
                {
                    linked.push((place, claim, link));
                }
            }
            self.ask_after(linked.iter().map(|(_, _, link)| link), &mut answers)?;
            for (place, claim, link) in linked {
                let judged = self.judge_linked(&claim.facts, &link, &answers)?;
                if let Some(slot) = verified.get_mut(place) {
                    *slot = Some(judged);
                }
            }
        }
        let mut verified = complete(claims, &first, verified);
        self.find_duplicates(claims, &first, &mut verified)?;
        self.remember(claims, &verified)?;
        Ok(verified)
    }

    fn link_of(&self, facts: &Facts, round: Round) -> Result<Option<Link>, LedgerError> {
        match (round, facts.kind, &facts.tid) {
            (Round::Named, ..) => {
                let parsed = |text: &str| text.parse().map_err(|rule| (text.to_owned(), rule));
                Ok(facts.url_key.as_deref().map(parsed))
            }
            (Round::Found, Kind::Cancel | Kind::DepositCancel, Some(tid)) => {
                Ok(self.ledger.url_key_of(self.account, tid)?.map(Ok))
            }
            (Round::Found, ..) => Ok(None),
        }
    }

    /// Asks after each link that was not asked after yet.
    fn ask_after<'l>(
        &mut self,
        links: impl Iterator<Item = &'l Link>,
        answers: &mut HashMap<UrlKey, Answered>,
    ) -> Result<(), InquiryError> {
        let mut keys: Vec<UrlKey> = links
            .filter_map(|link| link.as_ref().ok())
            .filter(|key| !answers.contains_key(*key))
            .cloned()
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let answered = match self.payments(&keys) {
            // Without a token there is no answer about any of them; those that need none are judged all the same.
            Err(InquiryError::Token(TokenError::Api(error))) => {
                keys.iter().map(|_| Err(error.clone())).collect()
            }
            answered => answered?,
        };
        answers.extend(keys.into_iter().zip(answered));
        Ok(())
    }

    fn judge_linked(
        &self,
        facts: &Facts,
        link: &Link,
        answers: &HashMap<UrlKey, Answered>,
    ) -> Result<Verified, LedgerError> {
        let url_key = match link {
            Ok(url_key) => url_key,
            Err((text, rule)) => {
                let reason = format!("SMS_INPUT: `{text}` is no link, {rule}");
                return Ok(Verified::Judged(Judgement::because(Verdict::Mismatch, reason)));
            }
        };
        Ok(match answers.get(url_key) {
            Some(Ok(answer)) => {
                let bill = self.ledger.find_by_url_key(self.account, url_key.as_str())?;
                let billed = bill.map(|entry| billed(&entry.bill));
                Verified::Judged(judge(facts, answer, billed.as_ref()))
            }
            Some(Err(error)) => Verified::Unanswered(error.clone()),
            None => Verified::NotAsked,
        })
    }

    /// A payment is confirmed once. What tells of it in other words, which nobody can check, is a duplicate.
    fn find_duplicates(
        &self,
        claims: &[Claim],
        first: &HashMap<Identity, usize>,
        verified: &mut [Verified],
    ) -> Result<(), LedgerError> {
        let mut happened = HashSet::new();
        for (place, (claim, verified)) in claims.iter().zip(verified).enumerate() {
            let Verified::Judged(judged) = verified else { continue };
            if judged.verdict != Verdict::Confirmed || first.get(&claim.identity) != Some(&place) {
                continue;
            }
            let is_first = happened.insert(claim.happening);
            if !is_first || self.ledger.is_confirmed(&claim.happening)? {
                let reason =
                    "the same was confirmed before, with other details than the amount and the numbers";
                judged.verdict = Verdict::Duplicate;
                judged.reasons.insert(0, reason.to_owned());
            }
        }
        Ok(())
    }

    /// Makes durable what was confirmed.
    fn remember(&mut self, claims: &[Claim], verified: &[Verified]) -> Result<(), LedgerError> {
        let at = (self.now)();
        let of = |(claim, verified): (_, &_)| match verified {
            Verified::Judged(Judgement { verdict: Verdict::Confirmed, reasons }) => {
                Some((claim, reasons.clone()))
            }
            _ => None,
        };
        let confirmed: Vec<(&Claim, Vec<String>)> = claims.iter().zip(verified).filter_map(of).collect();
        if confirmed.is_empty() {
            return Ok(());
        }
        self.ledger.group(|group| {
            for (claim, reasons) in confirmed {
                group.confirm(&claim.identity, at)?;
                group.confirm(&claim.happening, at)?;
                group.judged(&claim.identity, Verdict::Confirmed, &reasons, at, None)?;
            }
            Ok(())
        })
    }
}

/// The place of the first of all claims that are the same.
fn first_of_each(claims: &[Claim]) -> HashMap<Identity, usize> {
    let mut first = HashMap::with_capacity(claims.len());
    for (place, claim) in claims.iter().enumerate() {
        first.entry(claim.identity).or_insert(place);
    }
    first
}

/// What is left: those that name no link, and those that are the same as one before them.
fn complete(
    claims: &[Claim],
    first: &HashMap<Identity, usize>,
    verified: Vec<Option<Verified>>,
) -> Vec<Verified> {
    let judged =
        |(verified, claim): (Option<Verified>, &Claim)| verified.unwrap_or_else(|| unlinked(&claim.facts));
    let firsts: Vec<Verified> = verified.into_iter().zip(claims).map(judged).collect();
    let of = |(place, claim): (usize, &Claim)| {
        let before = first.get(&claim.identity).copied().unwrap_or(place);
        match firsts.get(before) {
            Some(Verified::Judged(judged)) if before != place && judged.verdict == Verdict::Confirmed => {
                confirmed_before()
            }
            Some(same) => same.clone(),
            None => Verified::NotAsked,
        }
    };
    claims.iter().enumerate().map(of).collect()
}

/// What a notification of this bill has to agree with.
fn billed(bill: &Bill) -> Billed {
    let text = |extra: &Option<Extra>| extra.as_ref().map(|extra| extra.as_str().to_owned());
    Billed { amount: bill.amount.won(), etc1: text(&bill.etc1), etc2: text(&bill.etc2) }
}

fn confirmed_before() -> Verified {
    Verified::Judged(Judgement::because(Verdict::Duplicate, "the same was confirmed before"))
}

fn unlinked(facts: &Facts) -> Verified {
    let reason = match (facts.kind, &facts.tid) {
        (Kind::Cancel | Kind::DepositCancel, Some(tid)) => {
            format!("SMS_INPUT: missing, and CookiePay told of no payment with TID {tid} yet")
        }
        _ => "SMS_INPUT: missing".to_owned(),
    };
    Verified::Judged(Judgement::because(Verdict::Unlinked, reason))
}
