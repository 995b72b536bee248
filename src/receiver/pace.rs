//! How often CookiePay is asked because of notifications that anybody may have made up. Pure.
//!
//! Links that the ledger does not know share a rate. A link that it knows is asked after at once, but one that is
//! asked after again and again less and less often: one answer serves all notifications that were there when the
//! question was asked.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::payment::Payment;

/// So many questions after one link are asked without a pause.
const AT_ONCE: u32 = 2;

/// The pause after them, which then doubles.
const SHORTEST: Duration = Duration::from_millis(500);

/// No pause is longer: so late is the genuine one at most that comes among forgeries of its own link.
const LONGEST: Duration = Duration::from_secs(10);

/// A link that was not asked after for so long is asked at once again.
const FORGOTTEN: Duration = Duration::from_secs(30);

/// So many questions about other links may come at once, at most.
const MOST_AT_ONCE: u32 = 16;

/// What is known of the questions so far.
#[derive(Debug)]
pub(super) struct Pace {
    /// The time between two questions about other links.
    interval: Duration,
    /// How many of those may come at once.
    burst: u32,
    /// When the questions about other links that were asked are paid for.
    paid: Option<Timestamp>,
    links: HashMap<String, Asked>,
}

/// The last question after a link.
#[derive(Debug)]
struct Asked {
    at: Timestamp,
    questions: u32,
    answer: Option<Payment>,
}

impl Pace {
    /// With so much time between two questions about links that the ledger does not know.
    pub(super) fn new(interval: Duration) -> Self {
        let interval = interval.max(Duration::from_millis(1));
        let a_second = Duration::from_secs(1).as_millis().checked_div(interval.as_millis()).unwrap_or(1);
        let burst = u32::try_from(a_second).unwrap_or(MOST_AT_ONCE).clamp(1, MOST_AT_ONCE);
        Self { interval, burst, paid: None, links: HashMap::new() }
    }

    /// The last answer about a link, and when the question was asked: it is true of whatever was there by then.
    pub(super) fn answer(&self, link: &str) -> Option<(&Payment, Timestamp)> {
        let asked = self.links.get(link)?;
        asked.answer.as_ref().map(|answer| (answer, asked.at))
    }

    /// When the link may be asked after next; `None` at once.
    pub(super) fn not_before(&self, link: &str, now: Timestamp) -> Option<Timestamp> {
        let asked = self.links.get(link)?;
        let next = later(asked.at, pause(asked.questions));
        // A clock that was set back must not keep it from being asked for longer than any pause.
        (now < next && asked.at <= now).then_some(next)
    }

    /// A link was asked after at this moment.
    pub(super) fn asked(&mut self, link: &str, at: Timestamp, answer: Option<Payment>) {
        self.links.retain(|_, asked| at < later(asked.at, FORGOTTEN) && asked.at <= at);
        let questions = self.links.get(link).map_or(0, |asked| asked.questions).saturating_add(1);
        self.links.insert(link.to_owned(), Asked { at, questions, answer });
    }

    /// How many questions about other links may be asked now.
    pub(super) fn room(&self, now: Timestamp) -> usize {
        let ahead = self.ahead(now);
        let whole = self.interval.saturating_mul(self.burst).saturating_sub(ahead);
        let room = whole.as_millis().checked_div(self.interval.as_millis()).unwrap_or_default();
        usize::try_from(room).unwrap_or_default()
    }

    /// So many questions about other links are asked now.
    pub(super) fn spend(&mut self, questions: usize, now: Timestamp) {
        let cost = self.interval.saturating_mul(u32::try_from(questions).unwrap_or(u32::MAX));
        self.paid = Some(later(now, self.ahead(now).saturating_add(cost)));
    }

    /// When there is room for a question about other links.
    pub(super) fn next_room(&self, now: Timestamp) -> Timestamp {
        let full = self.interval.saturating_mul(self.burst.saturating_sub(1));
        later(now, self.ahead(now).saturating_sub(full))
    }

    /// How far the questions asked so far are ahead of their rate. A clock that was set back counts as full.
    fn ahead(&self, now: Timestamp) -> Duration {
        let ahead = self.paid.and_then(|paid| Duration::try_from(paid.duration_since(now)).ok());
        ahead.unwrap_or_default().min(self.interval.saturating_mul(self.burst))
    }
}

fn pause(questions: u32) -> Duration {
    match questions.checked_sub(AT_ONCE) {
        None => Duration::ZERO,
        Some(more) => SHORTEST.saturating_mul(2_u32.saturating_pow(more)).min(LONGEST),
    }
}

fn later(time: Timestamp, by: Duration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        let noon = Timestamp::from_second(1_795_314_000).unwrap();
        noon.checked_add(jiff::SignedDuration::from_millis(milliseconds)).unwrap()
    }

    #[test]
    fn one_link_is_asked_after_at_once_and_then_less_and_less_often() {
        let mut pace = Pace::new(Duration::from_millis(200));
        let mut now = at(0);
        let mut pauses = Vec::new();
        for _ in 0..9 {
            pace.asked("K1", now, None);
            let next = pace.not_before("K1", now).unwrap_or(now);
            pauses.push(next.duration_since(now).as_millis());
            assert_eq!(pace.not_before("K2", now), None);
            now = next;
        }
        assert_eq!(pauses, [0, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
        // After a while without questions, and after the clock was set back.
        assert_eq!(pace.not_before("K1", at(-1)), None);
        pace.asked("K2", later(now, FORGOTTEN), None);
        assert_eq!(pace.not_before("K1", now), None);
    }

    #[test]
    fn an_answer_serves_what_was_there_when_it_was_asked_for() {
        let mut pace = Pace::new(Duration::from_millis(200));
        assert_eq!(pace.answer("K1"), None);
        pace.asked("K1", at(0), None);
        assert_eq!(pace.answer("K1"), None);
        let answer = Payment { result_code: "EA01".to_owned(), ..Payment::default() };
        pace.asked("K1", at(5), Some(answer.clone()));
        assert_eq!(pace.answer("K1"), Some((&answer, at(5))));
    }

    #[test]
    fn other_links_share_a_rate() {
        let mut pace = Pace::new(Duration::from_millis(200));
        assert_eq!((pace.room(at(0)), pace.next_room(at(0))), (5, at(0)));
        pace.spend(5, at(0));
        assert_eq!((pace.room(at(0)), pace.next_room(at(0))), (0, at(200)));
        assert_eq!((pace.room(at(199)), pace.room(at(200)), pace.room(at(999))), (0, 1, 4));
        let mut asked = 5;
        for now in (0..=60_000).step_by(50) {
            let room = pace.room(at(now));
            pace.spend(room, at(now));
            asked = room.saturating_add(asked);
        }
        assert_eq!(asked, 305);
        // Set back by an hour, the clock costs no more than a second.
        assert!(pace.next_room(at(-3_600_000)) <= at(-3_599_000));
        assert_eq!(Pace::new(Duration::from_mins(1)).room(at(0)), 1);
        assert_eq!(Pace::new(Duration::ZERO).room(at(0)), 16);
    }
}
