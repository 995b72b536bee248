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
use crate::api::ApiError;
use crate::delivery::{Claim, Inquiry, InquiryError, Verified};
use crate::ledger::{Account, Due, LedgerError, Received};
use crate::noti::{Facts, Judgement, Kind, parse};
use crate::payment::Verdict;

/// Notifications that are checked together.
const TOGETHER: u32 = 64;

/// How long the ledger is left alone at most: another process may have learnt of a link that a cancel waits for.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// An outage of CookiePay is over at most this long before it is noticed.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

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
    /// Asks CookiePay and remembers; its `stop` should be that of the bell.
    pub inquiry: Inquiry<'a>,
    /// Random bytes.
    pub random: &'a (dyn Fn(&mut [u8]) + Sync),
    /// Rung when there are new verdicts: for whoever hands on what was checked.
    pub judged: &'a Bell,
    /// Told of every verdict.
    pub journal: Journal,
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

impl Verifier<'_> {
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

    /// Checks those that are due, some at a time.
    fn round(&mut self) -> Result<Round, InquiryError> {
        let now = (self.inquiry.now)();
        let due = self.inquiry.ledger.due_notifications(self.inquiry.account, Due::Verify, now, TOGETHER)?;
        if due.is_empty() {
            return Ok(Round::Idle);
        }
        let claims: Vec<Claim> = due.iter().map(|received| claim(received, self.inquiry.account)).collect();
        let verified = self.inquiry.verify(&claims)?;
        let unanswered = verified.iter().find_map(|verified| match verified {
            Verified::Unanswered(error @ ApiError::Refused { .. }) => Some(format!(
                "{error}; look at `pay2_id` and `pay2_key` of the profile: `cookiepay config show`"
            )),
            Verified::Unanswered(error) => Some(error.to_string()),
            Verified::Judged(_) | Verified::Repeated | Verified::NotAsked => None,
        });
        let judged_any =
            verified.iter().any(|verified| matches!(verified, Verified::Judged(_) | Verified::Repeated));
        let judged = self.record(&due, &claims, verified)?;
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
        let at = (self.inquiry.now)();
        let random = self.random;
        self.inquiry.ledger.group(|group| {
            let mut events = Vec::new();
            for ((received, claim), verified) in due.iter().zip(claims).zip(verified) {
                match verified {
                    Verified::Repeated => {
                        // A check of a file confirmed it before it came here.
                        group.judged(&claim.identity, Verdict::Confirmed, &[], at, None)?;
                        let (id, verdict) = (received.id, Verdict::Confirmed);
                        events.push(Event::Judged { id, verdict, reasons: Vec::new() });
                    }
                    Verified::Judged(Judgement { verdict, reasons }) => {
                        // What is confirmed was made durable with the confirmation.
                        if verdict != Verdict::Confirmed {
                            let again = recheck(claim, verdict, checks(received), at);
                            group.judged(&claim.identity, verdict, &reasons, at, again)?;
                        }
                        if received.verdict != Some(verdict) {
                            events.push(Event::Judged { id: received.id, verdict, reasons });
                        }
                    }
                    Verified::Unanswered(error) => {
                        let silence = silence(received, claim, &error, at);
                        if let Some((verdict, reasons, again)) = silence {
                            group.judged(&claim.identity, verdict, &reasons, at, again)?;
                        } else {
                            let pause = pause(random, received.verify_tries.saturating_add(1));
                            group.not_judged(received.id, at.checked_add(pause).unwrap_or(Timestamp::MAX))?;
                        }
                    }
                    Verified::NotAsked => {}
                }
            }
            Ok(events)
        })
    }

    /// How long until the next is due, as far as is known.
    fn until_due(&self) -> Duration {
        let next = self.inquiry.ledger.next_due(self.inquiry.account, Due::Verify).ok().flatten();
        let left = next.map(|next| next.duration_since((self.inquiry.now)()));
        left.and_then(|left| Duration::try_from(left).ok()).map_or(LOOK_AGAIN, |left| left.min(LOOK_AGAIN))
    }
}

/// What a stored notification claims. Its identity is the stored one, whatever a newer program would make of it.
fn claim(received: &Received, account: &Account) -> Claim {
    let facts = match parse(&received.body, "listen") {
        Ok(notification) => Facts::of(&notification),
        // It was a notification when it came. A newer program that reads it no more finds nothing to confirm.
        Err(_) => Facts {
            kind: Kind::Failure,
            api_id: None,
            order_no: None,
            amount: None,
            tid: None,
            url_key: None,
            at: None,
            buyer_name: None,
            product_name: None,
            etc1: None,
            etc2: None,
        },
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
        Verdict::Unconfirmed => true,
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
            tid: None,
            body: br#"{"TID":"T1","AMOUNT":"1"}"#.to_vec(),
            received_at,
            copies: 1,
            verdict: None,
            reasons: Vec::new(),
            verified_at: None,
            verify_tries: 99,
            handing_on: HandingOn::None,
            handed_to: 0,
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
