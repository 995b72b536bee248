//! How a notification reaches the merchant, or by a fault does not.
//!
//! There are two roads: the server posts those of its pay pages on threads of their own, and
//! `emulator pay` and `emulator cancel` post theirs themselves. Both lead through [`deliver`]. What
//! is to be done is decided in the state ([`State::plan`]), in a transaction that is over before
//! anything is posted, so that no process waits for the merchant of another.

use std::fmt;
use std::thread;
use std::time::Duration;

use super::error::EmulatorError;
use super::fault::NotiFault;
use super::notify::notify;
use super::state::{Notification, Plan, State};

/// What became of a notification.
#[derive(Debug)]
pub enum Delivery {
    /// No server with a notify URL is running on this state.
    NobodyListens,
    /// The receiver answered with this HTTP status.
    Answered {
        /// Where the notification went.
        url: String,
        /// The HTTP status of the answer.
        status: u16,
    },
    /// The receiver could not be reached or did not answer.
    Failed {
        /// Where the notification should have gone.
        url: String,
        /// Why it did not arrive.
        error: EmulatorError,
    },
    /// The fault `reordered`: it will be posted after the next one, or when the server stops.
    KeptBack,
    /// The fault `never-sent`: it will not be posted.
    NeverSent,
}

/// One thing that was done about a notification, told as it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which notification: `approval`, `cancel` or `deposit_cancel`.
    pub kind: &'static str,
    /// Where it goes.
    pub url: String,
    /// What was done.
    pub deed: Deed,
}

/// What was done about a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// It will be posted after this long.
    Delayed(Duration),
    /// It will be posted after the next one, or when the server stops.
    KeptBack,
    /// It will not be posted.
    NeverSent,
    /// Something was posted, or could not be.
    Posted {
        /// What was posted.
        posting: Posting,
        /// The HTTP status of the answer, or why there was none.
        outcome: Result<u16, String>,
    },
}

/// What is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posting {
    /// The notification.
    Real,
    /// A forgery of it over ten times the amount.
    Forgery,
    /// The notification a second time.
    Repetition,
    /// A notification that was kept back until then.
    Overtaken,
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, url, deed } = self;
        let (posting, outcome) = match deed {
            Deed::Delayed(delay) => {
                return write!(formatter, "fault delay: {kind} to {url} comes {}ms late", delay.as_millis());
            }
            Deed::KeptBack => {
                return write!(
                    formatter,
                    "fault reordered: {kind} to {url} is kept back until after the next"
                );
            }
            Deed::NeverSent => return write!(formatter, "fault never-sent: {kind} to {url} is not sent"),
            Deed::Posted { posting, outcome } => (posting, outcome),
        };
        match outcome {
            Ok(status) => write!(formatter, "notified {url}: {status}"),
            Err(reason) => write!(formatter, "could not notify {url}: {reason}"),
        }?;
        match posting {
            Posting::Real => Ok(()),
            Posting::Forgery => write!(formatter, " fault forged: {kind} over ten times the amount"),
            Posting::Repetition => write!(formatter, " fault duplicate: {kind} a second time"),
            Posting::Overtaken => write!(formatter, " fault reordered: {kind} that was kept back"),
        }
    }
}

/// What the two roads do each in its own way.
pub(super) trait Road {
    /// Lets `act` have the state, which nobody holds while something is posted or awaited.
    fn state<T>(&mut self, act: impl FnOnce(&mut State) -> T) -> T;

    /// Waits, though perhaps not to the end.
    fn wait(&mut self, delay: Duration);

    /// Hears of every step.
    fn tell(&mut self, step: Step);
}

/// Delivers a notification as the faults of the running server want it, and says what became of
/// the notification itself. A receiver that fails is a [`Delivery`], no error.
pub(super) fn deliver(road: &mut impl Road, notification: &Notification) -> Result<Delivery, EmulatorError> {
    let Some(plan) = road.state(|state| state.plan(notification))? else {
        return Ok(Delivery::NobodyListens);
    };
    let Plan { url, delay, fault, overtaken } = plan;
    let step = |deed| Step { kind: notification.kind, url: url.clone(), deed };
    match fault {
        Some(NotiFault::Reordered) => {
            road.tell(step(Deed::KeptBack));
            return Ok(Delivery::KeptBack);
        }
        Some(NotiFault::NeverSent) => {
            road.tell(step(Deed::NeverSent));
            return Ok(Delivery::NeverSent);
        }
        Some(NotiFault::Duplicate | NotiFault::Forged) | None => {}
    }
    if !delay.is_zero() {
        road.tell(step(Deed::Delayed(delay)));
        road.wait(delay);
    }
    if fault == Some(NotiFault::Forged) {
        let forgery = Notification { body: forged(&notification.body), ..notification.clone() };
        post(road, &url, &forgery, Posting::Forgery)?;
    }
    let delivery = post(road, &url, notification, Posting::Real)?;
    if fault == Some(NotiFault::Duplicate) {
        post(road, &url, notification, Posting::Repetition)?;
    }
    if let Some(overtaken) = overtaken {
        post(road, &url, &overtaken, Posting::Overtaken)?;
    }
    Ok(delivery)
}

/// Posts one body. Of a notification the state keeps what came of it; a forgery and a repetition
/// are not what a merchant was to be told.
pub(super) fn post(
    road: &mut impl Road,
    url: &str,
    notification: &Notification,
    posting: Posting,
) -> Result<Delivery, EmulatorError> {
    let answer = notify(url, &notification.body);
    let outcome = match &answer {
        Ok(status) => Ok(*status),
        Err(EmulatorError::Notify { source, .. }) => Err(source.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let recorded = match posting {
        Posting::Real | Posting::Overtaken => {
            road.state(|state| state.record_outcome(notification, &outcome))
        }
        Posting::Forgery | Posting::Repetition => Ok(()),
    };
    let url = url.to_owned();
    let deed = Deed::Posted { posting, outcome };
    road.tell(Step { kind: notification.kind, url: url.clone(), deed });
    recorded?;
    Ok(match answer {
        Ok(status) => Delivery::Answered { url, status },
        Err(error) => Delivery::Failed { url, error },
    })
}

/// The same notification over ten times the amount. Quotes inside a text are escaped, so that what
/// looks like the member is the member.
fn forged(body: &str) -> String {
    for member in ["\"AMOUNT\":\"", "\"cancel_amount\":\""] {
        if let Some((before, amount, after)) = body
            .split_once(member)
            .and_then(|(before, rest)| rest.split_once('"').map(|(amount, after)| (before, amount, after)))
        {
            return format!("{before}{member}{amount}0\"{after}");
        }
    }
    body.to_owned()
}

impl State {
    /// Posts a notification to where the running server wants it, with the faults that server was
    /// given, and records what came of it. Waits for the answer, for ten seconds at most; a fault
    /// may add its delay, and more answers to wait for.
    ///
    /// # Errors
    ///
    /// When the state cannot be read or written. A receiver that fails is a [`Delivery`].
    pub fn deliver(&mut self, notification: &Notification) -> Result<Delivery, EmulatorError> {
        self.deliver_telling(notification, |_| {})
    }

    /// As [`State::deliver`], and tells each step as it happens.
    ///
    /// # Errors
    ///
    /// As [`State::deliver`].
    pub fn deliver_telling(
        &mut self,
        notification: &Notification,
        tell: impl FnMut(Step),
    ) -> Result<Delivery, EmulatorError> {
        deliver(&mut Direct { state: self, tell }, notification)
    }
}

/// The road of a process that has nothing else to do.
struct Direct<'a, F> {
    state: &'a mut State,
    tell: F,
}

impl<F: FnMut(Step)> Road for Direct<'_, F> {
    fn state<T>(&mut self, act: impl FnOnce(&mut State) -> T) -> T {
        act(self.state)
    }

    fn wait(&mut self, delay: Duration) {
        thread::sleep(delay);
    }

    fn tell(&mut self, step: Step) {
        (self.tell)(step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forgery_differs_in_its_amount_only() {
        for (body, expected) in [
            (r#"{"TID":"1","AMOUNT":"4500","ETC1":""}"#, r#"{"TID":"1","AMOUNT":"45000","ETC1":""}"#),
            (r#"{"cancel_amount":"1","tid":"1"}"#, r#"{"cancel_amount":"10","tid":"1"}"#),
            (
                r#"{"PRODUCTNAME":"\"AMOUNT\":\"1","AMOUNT":"7"}"#,
                r#"{"PRODUCTNAME":"\"AMOUNT\":\"1","AMOUNT":"70"}"#,
            ),
        ] {
            assert_eq!(forged(body), expected);
        }
    }
}
