//! When a target that did not take a notification is tried again: after a second, then after twice as long
//! each time, up to an hour, and about a day in all.
//!
//! Pure: the randomness that keeps many notifications from coming all at once is an argument.

use std::time::Duration;

/// The attempt that fails for the last time. The pauses before it add up to 24 hours and 8 minutes.
pub const LAST_TRY: u32 = 36;

/// The pause after the first attempt.
const SHORTEST: Duration = Duration::from_secs(1);

/// No pause is longer, before chance has its part.
const LONGEST: Duration = Duration::from_hours(1);

/// How long to wait after so many failed attempts; `None` where no more are made. Chance makes it up to a
/// quarter shorter or longer.
pub(super) fn pause(tries: u32, random: [u8; 2]) -> Option<Duration> {
    (tries < LAST_TRY).then(|| {
        let doublings = tries.saturating_sub(1);
        jittered(SHORTEST.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST), random)
    })
}

/// Three to five quarters of that time.
fn jittered(time: Duration, random: [u8; 2]) -> Duration {
    let chance = u32::from(u16::from_le_bytes(random));
    let half = time.checked_div(2).unwrap_or_default();
    let most = u32::from(u16::MAX);
    let part = half.saturating_mul(chance).checked_div(most).unwrap_or_default();
    time.saturating_sub(time.checked_div(4).unwrap_or_default()).saturating_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: [u8; 2] = [0, 0];
    const LONG: [u8; 2] = [0xff, 0xff];

    fn seconds(tries: u32, random: [u8; 2]) -> f64 {
        pause(tries, random).unwrap().as_secs_f64()
    }

    #[test]
    fn each_pause_is_twice_the_one_before_up_to_an_hour() {
        for (tries, shortest, longest) in [
            (1, 0.75, 1.25),
            (2, 1.5, 2.5),
            (3, 3.0, 5.0),
            (12, 1536.0, 2560.0),
            (13, 2700.0, 4500.0),
            (35, 2700.0, 4500.0),
        ] {
            let range = (seconds(tries, SHORT), seconds(tries, LONG));
            assert_eq!(range, (shortest, longest), "{tries}");
        }
    }

    #[test]
    fn chance_decides_within_these_bounds_only() {
        let mut seen = std::collections::BTreeSet::new();
        for random in 0..=u16::MAX {
            let pause = pause(5, random.to_le_bytes()).unwrap();
            assert!((Duration::from_secs(12)..=Duration::from_secs(20)).contains(&pause), "{pause:?}");
            seen.insert(pause);
        }
        assert!(seen.len() > 60_000);
    }

    #[test]
    fn it_ends_after_about_a_day() {
        let middle = [0xff, 0x7f];
        let all: Duration = (1..LAST_TRY).map(|tries| pause(tries, middle).unwrap()).sum();
        let day = Duration::from_hours(24);
        assert!(all > day && all.saturating_sub(day) < Duration::from_mins(10), "{all:?}");
        for tries in [LAST_TRY, LAST_TRY.saturating_add(1), u32::MAX] {
            assert_eq!(pause(tries, middle), None);
        }
    }

    #[test]
    fn no_number_of_tries_overflows() {
        assert_eq!(pause(0, SHORT), Some(Duration::from_millis(750)));
    }
}
