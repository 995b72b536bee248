//! Whether the targets are there at all at the moment.
//!
//! A target that is down must not cost one attempt for each of a hundred thousand notifications. Once several
//! different ones in a row have reached none, only one is tried from time to time; the first that comes through
//! ends the outage, be it taken or refused: whoever sends what a target rightly refuses must not be able to hold
//! up what it would take. Those that wait lose none of their own attempts by it. Pure; the times are of the clock that
//! nobody sets.

use std::collections::BTreeSet;
use std::time::Duration;

use super::backoff;

/// So many different notifications in a row make an outage: a few that a target stumbles over hold nobody up.
const MANY: usize = 8;

/// No pause doubles further: a target that is back has what it missed after a minute or so.
const DOUBLINGS: u32 = 7;

/// What is known of the targets.
#[derive(Debug, Default)]
pub(super) struct Outage {
    missed: BTreeSet<i64>,
    pauses: u32,
    until: Option<Duration>,
}

/// How many notifications may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowance {
    /// As many as there are.
    Any,
    /// One at a time, to see whether it comes through.
    One,
    /// None before this moment.
    NoneUntil(Duration),
}

impl Outage {
    /// How many may be tried now.
    pub(super) fn allowance(&self, now: Duration) -> Allowance {
        match self.until {
            None => Allowance::Any,
            Some(until) if until > now => Allowance::NoneUntil(until),
            Some(_) => Allowance::One,
        }
    }

    /// Some target was there: it has taken one, or refused it.
    pub(super) fn came_through(&mut self) {
        *self = Self::default();
    }

    /// No target was there for this one. Returns whether an outage has begun by that.
    pub(super) fn missed(&mut self, id: i64, now: Duration, random: [u8; 2]) -> bool {
        if self.missed.len() < MANY {
            self.missed.insert(id);
        }
        if self.missed.len() < MANY || matches!(self.allowance(now), Allowance::NoneUntil(_)) {
            return false;
        }
        let begins = self.until.is_none();
        self.pauses = self.pauses.saturating_add(1).min(DOUBLINGS);
        let pause = backoff::pause(self.pauses, random).unwrap_or(Duration::from_secs(1));
        self.until = Some(now.saturating_add(pause));
        begins
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIDDLE: [u8; 2] = [0xff, 0x7f];

    fn at(second: u64) -> Duration {
        Duration::from_secs(second)
    }

    #[test]
    fn a_few_that_miss_their_target_again_and_again_are_no_outage() {
        let mut outage = Outage::default();
        for round in 0..100 {
            for id in 0..7 {
                assert!(!outage.missed(id, at(round), MIDDLE));
            }
            assert_eq!(outage.allowance(at(round)), Allowance::Any);
        }
    }

    #[test]
    fn many_that_miss_it_in_a_row_are_one_and_those_in_flight_do_not_prolong_it() {
        let mut outage = Outage::default();
        let begun: Vec<bool> = (0..20).map(|id| outage.missed(id, at(0), MIDDLE)).collect();
        assert_eq!(begun.iter().filter(|begins| **begins).count(), 1);
        let Allowance::NoneUntil(until) = outage.allowance(at(0)) else { panic!("{outage:?}") };
        assert!(until <= at(2), "{until:?}");
        assert_eq!(outage.allowance(at(2)), Allowance::One);
    }

    #[test]
    fn the_pauses_grow_to_about_a_minute_and_end_when_one_comes_through() {
        let mut outage = Outage::default();
        for id in 0..8 {
            outage.missed(id, at(0), MIDDLE);
        }
        let mut now = at(0);
        let mut longest = Duration::ZERO;
        for _ in 0..20 {
            let Allowance::NoneUntil(until) = outage.allowance(now) else { panic!("{outage:?}") };
            longest = until.saturating_sub(now);
            now = until;
            assert!(!outage.missed(99, now, MIDDLE));
        }
        assert!((60..70).contains(&longest.as_secs()), "{longest:?}");
        outage.came_through();
        assert_eq!(outage.allowance(now), Allowance::Any);
        assert!(!outage.missed(1, now, MIDDLE));
    }

    #[test]
    fn one_that_is_refused_in_between_shows_that_the_target_is_there() {
        let mut outage = Outage::default();
        for id in 0..100 {
            assert!(!outage.missed(id, at(0), MIDDLE));
            if id % 7 == 6 {
                outage.came_through();
            }
            assert_eq!(outage.allowance(at(0)), Allowance::Any);
        }
    }
}
