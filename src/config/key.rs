//! The words a config file may use, and the nearest one to a word it may not.

use crate::secret::MASK;

/// Keys at the top of the file.
pub(super) const OF_FILE: &[&str] = &["default_profile", "profiles"];

/// Keys of `[profiles.NAME]`.
pub(super) const OF_PROFILE: &[&str] = &[
    "environment",
    "api_id",
    "api_key",
    "pay2_id",
    "pay2_key",
    "base_url",
    "via",
    "max_amount",
    "max_rows",
    "max_total",
    "duplicate_window",
    "resend_window",
];

/// Keys of a secret that is written as a table.
pub(super) const OF_SECRET: &[&str] = &["env", "file", "command"];

/// The candidate that `word` was probably meant to be, if any is near enough to be worth naming.
pub(super) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word = word.to_lowercase().replace('-', "_");
    let distances = candidates.into_iter().map(|candidate| {
        (strsim::damerau_levenshtein(&word, &candidate.to_lowercase().replace('-', "_")), candidate)
    });
    // A third of the word may be wrong: `apikey` is `api_key`, but `color` is nothing.
    let allowed = word.chars().count().div_ceil(3);
    distances
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, near)| near)
}

/// `did you mean …?`, where there is something to mean.
pub(super) fn did_you_mean<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
    nearest(word, candidates).map(|near| format!("did you mean `{near}`?"))
}

/// The words in backticks, with commas between them.
pub(super) fn listed<'c>(words: impl IntoIterator<Item = &'c str>) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

/// Whether a text holds a key by its looks: letters and digits mixed at random, more than stand together in a name.
/// Whoever pastes a key into the wrong place must not find it in a message.
pub(super) fn may_hold_key(text: &str) -> bool {
    const LONG: usize = 12;
    const MIXED: usize = 3;
    text.split(|character: char| !character.is_ascii_alphanumeric()).any(|run| {
        let kinds: Vec<bool> = run.bytes().map(|byte| byte.is_ascii_digit()).collect();
        let changes = kinds.windows(2).filter(|pair| pair.first() != pair.last()).count();
        run.len() >= LONG && changes >= MIXED
    })
}

/// The text, or a mask where it may hold a key.
pub(super) fn unless_key(text: &str) -> &str {
    if may_hold_key(text) { MASK } else { text }
}

/// A word from outside, fit for a message: no control characters, not longer than a name is, and no key.
pub(super) fn shown(word: &str) -> String {
    const LONGEST: usize = 40;
    if may_hold_key(word) {
        return MASK.to_owned();
    }
    let mut shown: String = word.chars().take(LONGEST).collect::<String>().escape_debug().collect();
    if word.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_key_that_was_meant() {
        for (slip, meant) in [
            ("apikey", "api_key"),
            ("api-key", "api_key"),
            ("API_KEY", "api_key"),
            ("api_kye", "api_key"),
            ("enviroment", "environment"),
            ("max_ammount", "max_amount"),
            ("baseurl", "base_url"),
        ] {
            assert_eq!(nearest(slip, OF_PROFILE.iter().copied()), Some(meant), "{slip}");
        }
    }

    #[test]
    fn a_stranger_finds_none() {
        for stranger in ["color", "timeout", "x", ""] {
            assert_eq!(nearest(stranger, OF_PROFILE.iter().copied()), None, "{stranger}");
        }
    }

    #[test]
    fn what_looks_like_a_key_is_not_shown() {
        for key in
            ["sk_live_9f8e7d6c5b4a", "a1b2c3d4e5f6a7b8", "https://x/86ad5fc3b1e04a77", "Zk3Y9abQ7xW2+/=="]
        {
            assert_eq!(shown(key), MASK, "{key}");
            assert_eq!(unless_key(key), MASK, "{key}");
        }
        for name in ["sandbox", "shop-seoul-2026-11", "academy2026", "sandbox_HTYEt7hcrn", "duplicate_window"]
        {
            assert_eq!(shown(name), name);
        }
    }

    #[test]
    fn a_word_from_outside_is_cut_and_harmless() {
        assert_eq!(shown("a\u{1b}[31m"), "a\\u{1b}[31m");
        assert_eq!(shown(&"k".repeat(80)).chars().count(), 41);
    }
}
