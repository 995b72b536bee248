//! The limits a profile puts on sending. `delivery` enforces them; here they are only read.

use std::time::Duration;

use crate::bill::Amount;

/// What a send must not exceed. An absent limit means that there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guards {
    /// The largest amount of one bill.
    pub max_amount: Option<Amount>,
    /// The most rows of one batch.
    pub max_rows: Option<u64>,
    /// The largest total of one batch, in won.
    pub max_total: Option<u64>,
    /// For how long the same phone, amount and product counts as sent twice; zero switches it off.
    pub duplicate_window: Duration,
    /// For how long a bill that was messaged is not messaged again by `resend`; zero switches it off.
    pub resend_window: Duration,
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            max_amount: None,
            max_rows: None,
            max_total: None,
            duplicate_window: Duration::from_secs(DAY),
            resend_window: Duration::from_mins(10),
        }
    }
}

const DAY: u64 = 24 * 60 * 60;

/// Ten years: far beyond any use, and far from where sums with dates overflow.
const LONGEST_WINDOW: u64 = 3650 * DAY;

pub(super) const WINDOW_RULE: &str = "must be a whole number with a unit, like \"30m\", \"24h\" or \"7d\", at most \"3650d\"; \"0\" switches it off";

/// Reads `90s`, `30m`, `24h`, `7d` and `0`.
pub(super) fn parse_window(text: &str) -> Result<Duration, &'static str> {
    let text = text.trim();
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let count: u64 = digits.parse().map_err(|_| WINDOW_RULE)?;
    let seconds_of_unit = match unit.trim_start() {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => DAY,
        "" if count == 0 => 1,
        _ => return Err(WINDOW_RULE),
    };
    let seconds = count.checked_mul(seconds_of_unit).filter(|&seconds| seconds <= LONGEST_WINDOW);
    seconds.map(Duration::from_secs).ok_or(WINDOW_RULE)
}

/// The same spelling back, in the largest unit that leaves no rest.
#[must_use]
pub fn window_text(window: Duration) -> String {
    let seconds = window.as_secs();
    let units = [(60 * 60, "h"), (60, "m")];
    let whole = units.into_iter().find_map(|(length, unit)| {
        let fits = seconds > 0 && seconds.is_multiple_of(length);
        seconds.checked_div(length).filter(|_| fits).map(|count| format!("{count}{unit}"))
    });
    whole.unwrap_or_else(|| format!("{seconds}s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_in_every_unit() {
        for (text, seconds) in [
            ("0", 0),
            ("0s", 0),
            ("0h", 0),
            ("90s", 90),
            ("30m", 1800),
            ("24h", 86_400),
            ("7d", 604_800),
            (" 24 h ", 86_400),
            ("3650d", LONGEST_WINDOW),
        ] {
            assert_eq!(parse_window(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn windows_without_a_unit_or_out_of_range_are_refused() {
        for text in ["", "24", "h", "-1h", "1.5h", "24H", "1h30m", "3651d", "99999999999999999999d", "１h"] {
            assert_eq!(parse_window(text), Err(WINDOW_RULE), "{text}");
        }
    }

    #[test]
    fn a_window_is_shown_as_it_would_be_written() {
        for text in ["0s", "90s", "30m", "24h", "168h"] {
            assert_eq!(window_text(parse_window(text).unwrap()), text);
        }
    }

    #[test]
    fn windows_have_their_defaults_and_nothing_else_is_limited() {
        let guards = Guards::default();
        assert_eq!(window_text(guards.duplicate_window), "24h");
        assert_eq!(window_text(guards.resend_window), "10m");
        assert_eq!((guards.max_amount, guards.max_rows, guards.max_total), (None, None, None));
    }
}
