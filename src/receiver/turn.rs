//! Which notifications are checked next, and which of them cost a question: those of links that the ledger knows
//! first, one link after the other; then others, as far as their rate allows; and what no question can confirm.

use jiff::Timestamp;

use super::pace::Pace;
use crate::delivery::Answers;
use crate::ledger::{Account, LedgerError, NotificationStore, Rank, Received};
use crate::payment::UrlKey;

/// Notifications that are checked together.
const TOGETHER: u32 = 256;

/// Of one link so many are checked at a time, so that none delays the next.
const OF_ONE_LINK: u32 = 64;

/// So many links are asked after together.
const LINKS: usize = 32;

/// So many links that wait are looked at in one turn.
const LOOKED_AT: usize = 1_000;

/// What is checked together.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// The notifications.
    pub(super) due: Vec<Received>,
    /// Answers that are known already.
    pub(super) answers: Answers,
    /// The links that are asked after.
    pub(super) asked: Vec<UrlKey>,
}

/// Where the turns are.
#[derive(Debug)]
pub(super) struct Turns {
    pub(super) pace: Pace,
    /// The link that had its turn last.
    last: String,
    /// When the first of those links may be asked after that had to wait in the last turn.
    pub(super) waits_until: Option<Timestamp>,
}

impl Turns {
    pub(super) fn new(pace: Pace) -> Self {
        Self { pace, last: String::new(), waits_until: None }
    }

    /// What is due of links that the ledger knows.
    pub(super) fn known(
        &mut self,
        store: &NotificationStore,
        account: &Account,
        now: Timestamp,
    ) -> Result<Turn, LedgerError> {
        let mut turn = Turn::default();
        self.waits_until = None;
        let begun_behind = self.last.clone();
        let mut is_around = false;
        for _ in 0..LOOKED_AT {
            let Some(link) = store.next_link(account, &self.last)? else {
                // From the end on to where this turn began.
                if is_around || begun_behind.is_empty() {
                    break;
                }
                is_around = true;
                self.last.clear();
                continue;
            };
            if is_around && link.url_key > begun_behind {
                break;
            }
            self.last.clone_from(&link.url_key);
            // Whatever was stored under it as a link of the ledger is one.
            let Ok(url_key) = link.url_key.parse::<UrlKey>() else { continue };
            if link.at > now {
                continue;
            }
            let answer = self.pace.answer(&link.url_key).filter(|(_, asked_at)| link.at <= *asked_at);
            let by = if let Some((answer, asked_at)) = answer {
                turn.answers.insert(url_key, Ok(answer.clone()));
                asked_at
            } else if let Some(next) = self.pace.not_before(&link.url_key, now) {
                self.waits_until = Some(self.waits_until.map_or(next, |waits| waits.min(next)));
                continue;
            } else {
                turn.asked.push(url_key);
                now
            };
            turn.due.extend(store.due_of_link(account, &link.url_key, by, OF_ONE_LINK)?);
            if turn.is_full() {
                break;
            }
        }
        Ok(turn)
    }

    /// What is due of the rest.
    pub(super) fn others(
        &mut self,
        store: &NotificationStore,
        account: &Account,
        now: Timestamp,
    ) -> Result<Turn, LedgerError> {
        let mut turn = Turn::default();
        let mut room = self.pace.room(now);
        for received in store.due_checks(account, Rank::Other, now, TOGETHER)? {
            // A text that is no link needs no question.
            if let Some(Ok(url_key)) = received.url_key.as_deref().map(str::parse::<UrlKey>) {
                let due_at = received.verify_at.unwrap_or(now);
                let answer = self.pace.answer(url_key.as_str()).filter(|(_, asked_at)| due_at <= *asked_at);
                if let Some((answer, _)) = answer {
                    turn.answers.insert(url_key, Ok(answer.clone()));
                } else if !turn.asked.contains(&url_key) {
                    if room == 0 {
                        continue;
                    }
                    room = room.saturating_sub(1);
                    turn.asked.push(url_key);
                }
            }
            turn.due.push(received);
        }
        self.pace.spend(turn.asked.len(), now);
        turn.due.extend(store.due_checks(account, Rank::Hopeless, now, TOGETHER)?);
        Ok(turn)
    }

    /// Notes what the questions of a turn, which was put together at this moment, have brought.
    pub(super) fn learn(&mut self, turn: &Turn, at: Timestamp) {
        for url_key in &turn.asked {
            let answer = turn.answers.get(url_key).and_then(|answer| answer.as_ref().ok());
            self.pace.asked(url_key.as_str(), at, answer.cloned());
        }
    }
}

impl Turn {
    fn is_full(&self) -> bool {
        self.asked.len() >= LINKS || u32::try_from(self.due.len()).is_ok_and(|due| due >= TOGETHER)
    }
}
