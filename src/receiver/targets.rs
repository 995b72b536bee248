//! Who is to have received notifications: a URL, a program, or both.
//!
//! One attempt at a time stands here. When to try again, and remembering who has what, is `hand_on`'s. The
//! invariant kept: no error tells more of a target's address than scheme, host, port and path.

use sha2::{Digest, Sha256};

use super::exec::Exec;
use super::forward::Forward;

/// Who is to have received notifications.
#[derive(Debug, Default)]
pub struct Targets {
    /// It is posted there.
    pub forward: Option<Forward>,
    /// It is run with it.
    pub exec: Option<Exec>,
}

/// Why a target cannot be one. Its text does not repeat what was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The address is none, or none that may be used.
    #[error("{0}")]
    Address(&'static str),
    /// There is no such program, or it may not be run.
    #[error("{0}")]
    Program(&'static str),
    /// Nothing can be sent from here: TLS cannot be set up.
    #[error("cannot be sent to: {0}")]
    Unusable(String),
}

/// What an attempt to hand one notification on came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The names of the targets that have it now.
    pub handed_to: Vec<String>,
    /// Why some target has it not; `None` where all have.
    pub error: Option<String>,
    /// What it says of the targets themselves.
    pub reach: Reach,
}

/// Whether a target was there to answer, whatever it said of the notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Nothing was tried: nobody lacked it.
    Untried,
    /// None that was tried was there.
    Missed,
    /// At least one was there: it took the notification or refused it.
    Reached,
}

/// Why a target has not taken a notification.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// It was not there, or in no state to answer: the next notification would fare no better.
    #[error("{0}")]
    Missed(String),
    /// It was there and did not take this one: that says nothing of the next.
    #[error("{0}")]
    Refused(String),
}

impl Targets {
    /// Whether nobody is to have any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.forward.is_none() && self.exec.is_none()
    }

    /// Hands a notification to every target that has it not yet; `handed_to` holds the names of those that have. `key`
    /// is the same for every attempt that says the same, so that a target can tell; `json` is one object without a line
    /// end.
    #[must_use]
    pub fn hand_on(&self, key: &str, json: &[u8], handed_to: &[String]) -> Attempt {
        let mut attempt = Attempt { handed_to: handed_to.to_vec(), error: None, reach: Reach::Untried };
        let lacks = |name: &String| !handed_to.contains(name);
        if let Some((forward, name)) = self.forward.as_ref().map(|forward| (forward, forward.name()))
            && lacks(&name)
        {
            attempt.note(name, forward.post(key, json));
        }
        if let Some((exec, name)) = self.exec.as_ref().map(|exec| (exec, exec.name()))
            && lacks(&name)
        {
            attempt.note(name, exec.run(json));
        }
        attempt
    }
}

impl Attempt {
    fn note(&mut self, target: String, result: Result<(), Failure>) {
        let reach = match &result {
            Ok(()) | Err(Failure::Refused(_)) => Reach::Reached,
            Err(Failure::Missed(_)) => Reach::Missed,
        };
        self.reach = self.reach.max(reach);
        match (result.map_err(|failure| failure.to_string()), self.error.as_mut()) {
            (Ok(()), _) => self.handed_to.push(target),
            (Err(error), None) => self.error = Some(error),
            (Err(error), Some(errors)) => errors.extend(["; ", error.as_str()]),
        }
    }
}

/// The name by which it is remembered that a target has a notification: a digest, since an address may hold a secret.
/// Another address or another command line is another target.
pub(super) fn name<'p>(parts: impl IntoIterator<Item = &'p str>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
        digest.update([0]);
    }
    let mut name = data_encoding::HEXLOWER.encode(&digest.finalize());
    name.truncate(32);
    name
}

/// Text of a target for a message: one line without control characters, at most this many characters.
pub(super) fn excerpt(text: &[u8], length: usize) -> String {
    let text = String::from_utf8_lossy(text);
    let words = text.split(|character: char| character.is_whitespace() || character.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_target_that_is_there_is_enough_and_the_reasons_of_all_are_kept() {
        let missed = || Err(Failure::Missed("`a`: nobody".to_owned()));
        let refused = || Err(Failure::Refused("`b`: no".to_owned()));
        for (results, reach, error) in [
            (vec![], Reach::Untried, None),
            (vec![missed(), missed()], Reach::Missed, Some("`a`: nobody; `a`: nobody")),
            (vec![missed(), refused()], Reach::Reached, Some("`a`: nobody; `b`: no")),
            (vec![refused(), missed()], Reach::Reached, Some("`b`: no; `a`: nobody")),
            (vec![Ok(()), missed()], Reach::Reached, Some("`a`: nobody")),
            (vec![Ok(())], Reach::Reached, None),
        ] {
            let mut attempt = Attempt { handed_to: Vec::new(), error: None, reach: Reach::Untried };
            for result in results {
                attempt.note("target".to_owned(), result);
            }
            assert_eq!((attempt.reach, attempt.error.as_deref()), (reach, error));
        }
    }
}
