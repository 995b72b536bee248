//! Checks stored notifications in the background.
//!
//! What is stored and not checked yet is due at once, also after a restart. What CookiePay did not answer, and what
//! may still become true, is asked again later and later. The invariant kept: a verdict is durable before anybody
//! is told of it, and no trouble of the network loses a notification its check.

use std::time::Duration;

use jiff::Timestamp;

use super::backoff;
use super::bell::Bell;
use super::event::{Event, Journal};
use super::pace::Pace;
use super::turn::{Turn, Turns};
use crate::api::ApiError;
use crate::delivery::{Claim, InquiryError, Renewal, Verification, Verified};
use crate::ledger::{Account, Ledger, LedgerError, Named, NotificationGroup, Rank, Received};
use crate::noti::{Facts, Judgement, Kind, parse};
use crate::payment::Verdict;

/// How long nobody looks at most: another process may have learnt of a link that a notification waits for.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Not even a queue that contradicts itself is looked into more often.
const AT_LEAST: Duration = Duration::from_millis(10);

/// An outage of CookiePay is over at most this long before it is noticed.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Of so many that wait it is looked at a time whether the ledger knows their links by now.
const RECOGNISED_TOGETHER: u32 = 4_096;

/// When a notification that is not true yet is checked again. It may have come before CookiePay's own answer was
/// ready, or before the notification that names its link; after a day it will not become true any more.
const RECHECKS: [Duration; 6] = [
    Duration::from_secs(10),
    Duration::from_mins(1),
    Duration::from_mins(10),
    Duration::from_hours(1),
    Duration::from_hours(6),
    Duration::from_hours(17),
];

/// Whoever checks.
pub struct Verifier<'a> {
    /// Asks CookiePay and remembers; the `stop` of its inquiry should be that of the bell.
    verification: Verification<'a>,
    /// A look into the ledger of its own, which sees what others write.
    ledger: Ledger,
    /// Random bytes.
    random: &'a (dyn Fn(&mut [u8]) + Sync),
    /// Rung when there are new verdicts: for whoever hands on what was checked.
    judged: &'a Bell,
    /// Told of every verdict.
    journal: Journal,
    turns: Turns,
    /// The ledger as it was when its links were looked up last.
    seen: Option<i64>,
    /// The last notification whose link was looked up; `None` once all were.
    looked_up: Option<i64>,
}

/// What one round came to.
enum Round {
    /// Nothing is due.
    Idle,
    /// Something was checked.
    Checked,
    /// CookiePay answered nothing at all.
    Unanswered(String),
}

impl<'a> Verifier<'a> {
    /// Links that the ledger does not know are asked after no more often than once in this interval, on average.
    #[must_use]
    pub fn new(
        verification: Verification<'a>,
        ledger: Ledger,
        interval: Duration,
        random: &'a (dyn Fn(&mut [u8]) + Sync),
        judged: &'a Bell,
        journal: Journal,
    ) -> Self {
        let turns = Turns::new(Pace::new(interval));
        Self { verification, ledger, random, judged, journal, turns, seen: None, looked_up: None }
    }

    /// Checks until the bell ends it; what is being asked then is still recorded.
    pub fn run(&mut self, bell: &Bell) {
        let mut vain_rounds: u32 = 0;
        while !bell.is_over() {
            let trouble = match self.round() {
                Ok(Round::Checked) => None,
                Ok(Round::Idle) => {
                    bell.wait(self.until_due());
                    continue;
                }
                Ok(Round::Unanswered(error)) => Some(error),
                Err(error) => Some(error.to_string()),
            };
            let Some(trouble) = trouble else {
                vain_rounds = 0;
                continue;
            };
            if vain_rounds == 0 {
                (self.journal)(Event::Trouble(format!("notifications cannot be checked for now: {trouble}")));
            }
            vain_rounds = vain_rounds.saturating_add(1);
            bell.pause(pause(self.random, vain_rounds));
        }
    }

    /// Checks those that are due, some at a time: first those of links that the ledger knows.
    fn round(&mut self) -> Result<Round, InquiryError> {
        let now = self.now();
        self.recognise(now)?;
        let account = self.verification.inquiry.account;
        let turn = self.turns.known(self.verification.store, account, now)?;
        self.verification.renewal = Renewal::WhereItHelps;
        let known = self.check(turn, now)?;
        let now = self.now();
        let turn = self.turns.others(self.verification.store, account, now)?;
        self.verification.renewal = Renewal::OfUnproved;
        let others = self.check(turn, now)?;
        Ok(match (known, others) {
            (Round::Unanswered(error), _) | (_, Round::Unanswered(error)) => Round::Unanswered(error),
            (Round::Idle, Round::Idle) => Round::Idle,
            _ => Round::Checked,
        })
    }

    /// Looks whether the ledger knows the links of those that wait by now, after it has changed. What it has learnt
    /// of need not wait its turn among what may be made up.
    fn recognise(&mut self, now: Timestamp) -> Result<(), LedgerError> {
        let account = self.verification.inquiry.account;
        let version = self.ledger.version_of_data()?;
        if self.seen != Some(version) {
            (self.seen, self.looked_up) = (Some(version), Some(i64::MIN));
        }
        let Some(after) = self.looked_up else { return Ok(()) };
        let store = &mut *self.verification.store;
        let waiting = store.unrecognised(account, after, RECOGNISED_TOGETHER)?;
        self.looked_up = waiting.last().map(|last| last.id);
        let named: Vec<Named<'_>> = waiting
            .iter()
            .map(|one| Named {
                url_key: one.url_key.as_deref(),
                tid: one.tid.as_deref().filter(|_| one.is_cancel),
            })
            .collect();
        let links = self.ledger.links_of(account, &named)?;
        let known: Vec<(i64, String)> =
            waiting.iter().zip(links).filter_map(|(one, link)| Some((one.id, link?))).collect();
        if known.is_empty() {
            return Ok(());
        }
        store.group(|group| known.iter().try_for_each(|(id, link)| group.recognised(*id, link, now)))
    }

    /// Checks what is due in this turn.
    fn check(&mut self, mut turn: Turn, now: Timestamp) -> Result<Round, InquiryError> {
        if turn.due.is_empty() {
            return Ok(Round::Idle);
        }
        let account = self.verification.inquiry.account;
        let claims: Vec<Claim> = turn.due.iter().map(|received| claim(received, account)).collect();
        let verified = self.verification.verify(&claims, &mut turn.answers)?;
        self.turns.learn(&turn, now);
        let unanswered = verified.iter().find_map(|verified| match verified {
            Verified::Unanswered(error @ ApiError::Refused { .. }) => Some(format!(
                "{error}; look at `pay2_id` and `pay2_key` of the profile: `cookiepay config show`"
            )),
            Verified::Unanswered(error) => Some(error.to_string()),
            Verified::Judged(_) | Verified::Repeated(_) | Verified::NotAsked => None,
        });
        let judged_any =
            verified.iter().any(|verified| matches!(verified, Verified::Judged(_) | Verified::Repeated(_)));
        let judged = self.record(&turn.due, &claims, verified)?;
        if !judged.is_empty() {
            self.judged.ring();
        }
        for event in judged {
            (self.journal)(event);
        }
        Ok(match unanswered {
            Some(error) if !judged_any => Round::Unanswered(error),
            _ => Round::Checked,
        })
    }

    /// Makes the verdicts durable and says what there is to tell.
    fn record(
        &mut self,
        due: &[Received],
        claims: &[Claim],
        verified: Vec<Verified>,
    ) -> Result<Vec<Event>, LedgerError> {
        let (at, random) = (self.now(), self.random);
        self.verification.store.group(|group| {
            let mut events = Vec::new();
            for ((received, claim), verified) in due.iter().zip(claims).zip(verified) {
                events.extend(record(group, received, claim, verified, at, random)?);
            }
            Ok(events)
        })
    }

    /// How long until the next is due, as far as is known.
    fn until_due(&self) -> Duration {
        let now = self.now();
        let Verification { inquiry, store, .. } = &self.verification;
        let next = |rank| store.next_check(inquiry.account, rank).ok().flatten();
        // Those of known links that are due wait for their link's next question.
        let known = next(Rank::Known).filter(|next| *next > now).into_iter().chain(self.turns.waits_until);
        let other = next(Rank::Other).map(|next| next.max(self.turns.pace.next_room(now)));
        let soonest = known.chain(other).chain(next(Rank::Hopeless)).min();
        let left = soonest.map(|soonest| Duration::try_from(soonest.duration_since(now)).unwrap_or_default());
        let most = if self.looked_up.is_some() { AT_LEAST } else { LOOK_AGAIN };
        left.unwrap_or(most).clamp(AT_LEAST, most)
    }

    fn now(&self) -> Timestamp {
        (self.verification.inquiry.now)()
    }
}

/// Makes one verdict durable and says what there is to tell.
fn record(
    group: &mut NotificationGroup<'_>,
    received: &Received,
    claim: &Claim,
    verified: Verified,
    at: Timestamp,
    random: &(dyn Fn(&mut [u8]) + Sync),
) -> Result<Option<Event>, LedgerError> {
    match verified {
        Verified::Repeated(values) => {
            // A check of a file confirmed it before it came here.
            group.confirmed(&claim.identity, &[], values.as_deref(), None, at)?;
            let (id, verdict) = (received.id, Verdict::Confirmed);
            Ok(Some(Event::Judged { id, verdict, reasons: Vec::new() }))
        }
        Verified::Judged(Judgement { verdict, reasons, .. }) => {
            // What is confirmed was made durable with the confirmation.
            if verdict != Verdict::Confirmed {
                let again = recheck(claim, verdict, checks(received), at);
                group.judged(&claim.identity, verdict, &reasons, at, again)?;
            }
            let is_news = received.verdict != Some(verdict);
            Ok(is_news.then_some(Event::Judged { id: received.id, verdict, reasons }))
        }
        Verified::Unanswered(error) => {
            if let Some((verdict, reasons, again)) = silence(received, claim, &error, at) {
                group.judged(&claim.identity, verdict, &reasons, at, again)?;
            } else {
                let pause = pause(random, received.verify_tries.saturating_add(1));
                group.not_judged(received.id, at.checked_add(pause).unwrap_or(Timestamp::MAX))?;
            }
            Ok(None)
        }
        Verified::NotAsked => Ok(None),
    }
}

/// What a stored notification claims. Its identity is the stored one, whatever a newer program would make of it.
fn claim(received: &Received, account: &Account) -> Claim {
    let facts = match parse(&received.body, "listen") {
        Ok(notification) => Facts::of(&notification),
        // It was a notification when it came. A newer program that reads it no more finds nothing to confirm.
        Err(_) => Facts::none(Kind::Failure),
    };
    Claim::known_as(received.identity, facts, account)
}

/// How long to wait after so many tries in vain.
fn pause(random: &(dyn Fn(&mut [u8]) + Sync), tries: u32) -> Duration {
    let mut bytes = [0; 2];
    random(&mut bytes);
    backoff::pause(tries, bytes).map_or(LONGEST_PAUSE, |pause| pause.min(LONGEST_PAUSE))
}

/// The verdict on one that CookiePay does not answer for: the one it has, or, since others of its payment wait for
/// one, after a day that it is unconfirmed. `None` as long as it is asked again and again.
fn silence(
    received: &Received,
    claim: &Claim,
    error: &ApiError,
    now: Timestamp,
) -> Option<(Verdict, Vec<String>, Option<Timestamp>)> {
    if let Some(verdict) = received.verdict {
        return Some((verdict, received.reasons.clone(), recheck(claim, verdict, checks(received), now)));
    }
    let since = Duration::try_from(now.duration_since(received.received_at)).unwrap_or_default();
    (since > RECHECKS.iter().sum()).then(|| {
        let reason = format!("CookiePay has not answered for a day: {error}");
        (Verdict::Unconfirmed, vec![reason], recheck(claim, Verdict::Unconfirmed, 0, now))
    })
}

/// How often it was checked. Until it has a verdict the ledger counts what CookiePay did not answer: an outage must
/// not use up the day in which a notification may come true.
fn checks(received: &Received) -> u32 {
    if received.verdict.is_some() { received.verify_tries } else { 0 }
}

/// When a notification with that verdict is checked once more, if ever.
fn recheck(claim: &Claim, verdict: Verdict, checks: u32, now: Timestamp) -> Option<Timestamp> {
    let pause = pause_after(claim.facts.kind, verdict, checks)?;
    now.checked_add(pause).ok()
}

fn pause_after(kind: Kind, verdict: Verdict, checks: u32) -> Option<Duration> {
    let may_come_true = match verdict {
        // The ledger may learn of the link.
        Verdict::Unconfirmed | Verdict::Unrecorded => true,
        Verdict::Unlinked => matches!(kind, Kind::Cancel | Kind::DepositCancel),
        Verdict::Confirmed | Verdict::Duplicate | Verdict::Mismatch | Verdict::Foreign => false,
    };
    let checks = usize::try_from(checks).unwrap_or(usize::MAX);
    RECHECKS.get(checks).copied().filter(|_| may_come_true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::HandingOn;

    #[test]
    fn what_may_still_become_true_is_checked_again_for_a_day() {
        let pauses: Vec<Duration> =
            (0..9).map_while(|checks| pause_after(Kind::Approval, Verdict::Unconfirmed, checks)).collect();
        assert_eq!(pauses, RECHECKS);
        assert!(pauses.iter().sum::<Duration>() >= Duration::from_hours(24));
        assert_eq!(pause_after(Kind::Approval, Verdict::Unlinked, 0), None);
        assert_eq!(pause_after(Kind::Cancel, Verdict::Unlinked, 0), Some(RECHECKS[0]));
        for verdict in [Verdict::Confirmed, Verdict::Mismatch, Verdict::Foreign, Verdict::Duplicate] {
            assert_eq!(pause_after(Kind::Approval, verdict, 0), None);
        }
    }

    #[test]
    fn silence_is_a_verdict_after_a_day_and_changes_none() {
        let received_at = Timestamp::from_second(1_795_314_000).unwrap();
        let account = Account { environment: "sandbox".to_owned(), api_id: "shop01".to_owned() };
        let mut received = Received {
            id: 1,
            identity: [0; 16],
            key: [0; 16],
            tid: None,
            url_key: None,
            body: br#"{"TID":"T1","AMOUNT":"1"}"#.to_vec(),
            received_at,
            copies: 1,
            verdict: None,
            reasons: Vec::new(),
            confirmed: None,
            verified_at: None,
            verify_at: None,
            recheck_at: None,
            verify_tries: 99,
            handing_on: HandingOn::None,
            comes_first: false,
            handed_to: Vec::new(),
            hand_on_tries: 0,
            hand_on_at: None,
            hand_on_error: None,
            handed_on_at: None,
        };
        let claim = claim(&received, &account);
        let error = ApiError::Unknown { host: "shop".to_owned(), reason: "a timeout".to_owned() };
        let after = |hours| received_at.checked_add(Duration::from_hours(hours)).unwrap();
        assert_eq!(silence(&received, &claim, &error, after(24)), None);
        let (verdict, reasons, again) = silence(&received, &claim, &error, after(25)).unwrap();
        assert_eq!((verdict, again), (Verdict::Unconfirmed, after(25).checked_add(RECHECKS[0]).ok()));
        assert!(reasons[0].contains("a timeout"), "{reasons:?}");
        // From then on the verdict stands, and the rechecks come to their end.
        (received.verdict, received.reasons, received.verify_tries) = (Some(verdict), reasons.clone(), 6);
        assert_eq!(silence(&received, &claim, &error, after(50)), Some((verdict, reasons, None)));
    }
}
