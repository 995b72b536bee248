//! Asking CookiePay whether notifications are true, and remembering which were.
//!
//! `noti` judges; here it is found out which link a notification is of, each link is asked after once, and
//! what was confirmed is durable before it is told.

use std::collections::{HashMap, HashSet};

use super::inquiry::{Answered, Inquiry, InquiryError, Renewal};
use crate::api::{ApiError, TokenError};
use crate::bill::{Bill, Extra, PaidFor};
use crate::ledger::{Account, Finding, LedgerError, Named, NotificationStore, Settled};
use crate::noti::{
    Billed, Confirmed, Facts, Identity, Judgement, Notification, Unrecorded, judge, judge_merchant,
};
use crate::payment::{Link as MadeLink, Payment, UrlKey, Verdict};

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

/// What is needed to check notifications.
pub struct Verification<'a> {
    /// Asks after links, and remembers the answers.
    pub inquiry: Inquiry<'a>,
    /// Where confirmations and verdicts are remembered.
    pub store: &'a mut NotificationStore,
    /// What to make of payments whose links the ledger does not know.
    pub unrecorded: Unrecorded,
    /// What a doubtful answer may cost.
    pub renewal: Renewal,
}

/// Answers of `CookiePay` by link.
pub type Answers = HashMap<UrlKey, Answered>;

/// What became of a check.
#[derive(Debug, Clone)]
pub enum Verified {
    /// `CookiePay`, the ledger or the notification itself decides.
    Judged(Judgement),
    /// The very same was confirmed by an earlier call, and this was said in its place, where that is known.
    Repeated(Option<String>),
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
        let identity = notification.identity(&account.environment, &account.api_id);
        Self::known_as(identity, Facts::of(notification), account)
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

impl Verification<'_> {
    /// Checks notifications against `CookiePay` and the ledger. Those that are confirmed are remembered, so that
    /// the same is a duplicate from then on: in a later call, or further down in `claims`.
    ///
    /// A link of which `answers` has one is not asked after; the answers about others are added.
    ///
    /// A cancel names no link. It is looked up by its `TID` among the payments that `CookiePay` told this account of,
    /// those of this call included.
    ///
    /// # Errors
    ///
    /// See [`InquiryError`]. A link without an answer is none, but [`Verified::Unanswered`].
    pub fn verify(&mut self, claims: &[Claim], answers: &mut Answers) -> Result<Vec<Verified>, InquiryError> {
        let first = first_of_each(claims);
        let mut verified: Vec<Option<Verified>> = Vec::with_capacity(claims.len());
        for claim in claims {
            let confirmation = match self.store.confirmation(&claim.identity)? {
                Some(_) if !self.may_repeat(&claim.facts)? => None,
                confirmation => confirmation,
            };
            let api_id = &self.inquiry.account.api_id;
            verified.push(
                confirmation
                    .map(Verified::Repeated)
                    .or_else(|| judge_merchant(&claim.facts, api_id).map(Verified::Judged)),
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
            self.ask_after(linked.iter().map(|(_, _, link)| link), answers)?;
            for (place, claim, link) in linked {
                let judged = self.judge_linked(&claim.facts, &link, answers)?;
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

    /// Whether what was confirmed before is so still: where it was so without a bill of the ledger, only as long as
    /// that is accepted.
    fn may_repeat(&self, facts: &Facts) -> Result<bool, LedgerError> {
        if self.unrecorded == Unrecorded::Accepted {
            return Ok(true);
        }
        let round = if facts.url_key.is_some() { Round::Named } else { Round::Found };
        let Some(Ok(url_key)) = self.link_of(facts, round)? else { return Ok(false) };
        let Inquiry { ledger, account, .. } = &self.inquiry;
        Ok(ledger.find_by_url_key(account, url_key.as_str())?.is_some())
    }

    fn link_of(&self, facts: &Facts, round: Round) -> Result<Option<Link>, LedgerError> {
        match (round, &facts.tid) {
            (Round::Named, _) => {
                let parsed = |text: &str| text.parse().map_err(|rule| (text.to_owned(), rule));
                Ok(facts.url_key.as_deref().map(parsed))
            }
            (Round::Found, Some(tid)) if facts.is_cancel() => {
                let Inquiry { ledger, account, .. } = &self.inquiry;
                let known = ledger.url_key_of(account, tid)?;
                let found =
                    known.map_or_else(|| self.store.url_key_of(account, tid), |known| Ok(Some(known)));
                Ok(found?.map(Ok))
            }
            (Round::Found, _) => Ok(None),
        }
    }

    /// Asks after each link that was not asked after yet.
    fn ask_after<'l>(
        &mut self,
        links: impl Iterator<Item = &'l Link>,
        answers: &mut Answers,
    ) -> Result<(), InquiryError> {
        let mut keys: Vec<UrlKey> = links
            .filter_map(|link| link.as_ref().ok())
            .filter(|key| !answers.contains_key(*key))
            .cloned()
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let answered = match self.inquiry.payments_renewing(&keys, self.renewal) {
            // Without a token there is no answer about any of them; those that need none are judged all the same.
            Err(InquiryError::Token(TokenError::Api(error))) => {
                keys.iter().map(|_| Err(error.clone())).collect()
            }
            answered => answered?,
        };
        self.remember_payments(&keys, &answered)?;
        answers.extend(keys.into_iter().zip(answered));
        Ok(())
    }

    /// Remembers the payments of links that the ledger does not know, for which the ledger records nothing.
    fn remember_payments(&mut self, keys: &[UrlKey], answered: &[Answered]) -> Result<(), LedgerError> {
        let mut paid: Vec<(&UrlKey, &str)> = Vec::new();
        for (key, answer) in keys.iter().zip(answered) {
            if let Ok(Payment { tid: Some(tid), .. }) = answer {
                paid.push((key, tid));
            }
        }
        let Inquiry { ledger, account, now, .. } = &self.inquiry;
        let (account, at) = (*account, now());
        let named: Vec<Named<'_>> =
            paid.iter().map(|(key, _)| Named { url_key: Some(key.as_str()), tid: None }).collect();
        let known = ledger.links_of(account, &named)?;
        let unknown: Vec<_> = paid.iter().zip(known).filter(|(_, known)| known.is_none()).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        self.store.group(|group| {
            unknown.iter().try_for_each(|((key, tid), _)| group.remember_payment(account, tid, key, at))
        })
    }

    fn judge_linked(
        &mut self,
        facts: &Facts,
        link: &Link,
        answers: &Answers,
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
                let Inquiry { ledger, account, .. } = &self.inquiry;
                let bill = ledger.find_by_url_key(account, url_key.as_str())?;
                let known = bill.map(|entry| billed(&entry.bill));
                let judged = judge(facts, url_key.as_str(), answer, known.as_ref(), self.unrecorded);
                let is_true = matches!(judged.verdict, Verdict::Unrecorded | Verdict::Confirmed);
                if known.is_some() || !is_true || facts.is_cancel() {
                    return Ok(Verified::Judged(judged));
                }
                let settled = self.settle_by(facts, url_key, answer)?;
                Verified::Judged(judge(facts, url_key.as_str(), answer, settled.as_ref(), self.unrecorded))
            }
            Some(Err(error)) => Verified::Unanswered(error.clone()),
            None => Verified::NotAsked,
        })
    }

    /// A payment of a link that the ledger does not know may be that of a bill of unknown outcome, if it fits just
    /// one: then the bill gets this link.
    fn settle_by(
        &mut self,
        facts: &Facts,
        url_key: &UrlKey,
        answer: &Payment,
    ) -> Result<Option<Billed>, LedgerError> {
        let Inquiry { ledger, account, operator, now, .. } = &mut self.inquiry;
        let paid = PaidFor {
            amount: answer.amount,
            product: answer.product_name.as_deref(),
            buyer: answer.buyer_name.as_deref(),
        };
        let (etc1, etc2) = (facts.etc1.as_deref(), facts.etc2.as_deref());
        let fitting = ledger.unknown_bills_fitting(account, &paid, etc1, etc2)?;
        let [bill_no] = fitting.as_slice() else { return Ok(None) };
        let link = MadeLink { url_key: url_key.clone(), pay_url: None };
        let finding = Finding::Notified(&link, answer);
        match ledger.settle_unknown(account, bill_no, finding, now(), operator)? {
            Settled::Done => {
                let bill = ledger.find_by_url_key(account, url_key.as_str())?;
                Ok(bill.map(|entry| billed(&entry.bill)))
            }
            Settled::NotOpen | Settled::LinkOf(_) => Ok(None),
        }
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
            if !is_first || self.store.confirmation(&claim.happening)?.is_some() {
                let reason =
                    "the same was confirmed before, with other details than the amount and the numbers";
                judged.verdict = Verdict::Duplicate;
                judged.confirmed = None;
                judged.reasons.insert(0, reason.to_owned());
            }
        }
        Ok(())
    }

    /// Makes durable what was confirmed.
    fn remember(&mut self, claims: &[Claim], verified: &[Verified]) -> Result<(), LedgerError> {
        let at = (self.inquiry.now)();
        let mut confirmed: Vec<(&Claim, &Judgement)> = Vec::new();
        for (claim, verified) in claims.iter().zip(verified) {
            if let Verified::Judged(judged) = verified
                && judged.verdict == Verdict::Confirmed
            {
                confirmed.push((claim, judged));
            }
        }
        if confirmed.is_empty() {
            return Ok(());
        }
        self.store.group(|group| {
            for (claim, judged) in confirmed {
                let values = judged.confirmed.as_deref();
                let stored = values.and_then(|values| serde_json::to_string(values).ok());
                let url_key = values.and_then(Confirmed::url_key);
                group.confirm(&claim.identity, stored.as_deref(), at)?;
                group.confirm(&claim.happening, None, at)?;
                group.confirmed(&claim.identity, &judged.reasons, stored.as_deref(), url_key, at)?;
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
    let reason = match facts.tid.as_ref().filter(|_| facts.is_cancel()) {
        Some(tid) => format!("SMS_INPUT: missing, and CookiePay told of no payment with TID {tid} yet"),
        None => "SMS_INPUT: missing".to_owned(),
    };
    Verified::Judged(Judgement::because(Verdict::Unlinked, reason))
}
