//! Faults: the ways in which the emulator may be told to misbehave, so that a client's reaction to
//! each can be tested.
//!
//! The grammar is `KIND[=ARG][@ENDPOINT][*N]`, for example `delay=2s`, `drop-after@send*1`,
//! `refuse=E101@urlcert` or `forged@noti`. Beside the three endpoints of the provider there is
//! `noti`, the way of a notification to the merchant. Without `@ENDPOINT` a fault is of `send`
//! (`wrong-token` and `foreign-links`: of `urlcert`; the kinds that only notifications know: of `noti`); without `*N`
//! it lasts for ever. Delays add up; of all other faults the first that still has requests or
//! notifications left is the one that strikes.
//!
//! Faults of replies are the server's alone and live in its memory. Those of notifications hold
//! for every process that pays or cancels, and therefore live in the state.

mod grammar;

use std::fmt;
use std::time::Duration;

pub use grammar::FaultError;
use grammar::NOTI;

/// One of the three endpoints of the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `POST /urlpay/request`
    Send,
    /// `POST /payAuth/token`
    Token,
    /// `POST /api/urlcert`
    Urlcert,
}

impl Endpoint {
    /// The name in the fault grammar and in the counts: `send`, `token` or `urlcert`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Token => "token",
            Self::Urlcert => "urlcert",
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// How a fault shows itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// The right reply, late.
    Delay(Duration),
    /// The connection is closed before anything is done; only the request is counted.
    DropBefore,
    /// Everything is done, then the connection is closed without a reply.
    DropAfter,
    /// Everything is done, then HTTP 500 with the body of the right reply.
    Error500,
    /// Everything is done, then 200 with a web page.
    Html,
    /// Everything is done, then a reply that is shorter than its `Content-Length`.
    Truncated,
    /// Everything is done, then a whole reply whose JSON is cut in the middle.
    TruncatedJson,
    /// Everything is done, then the connection is reset (TCP RST).
    Reset,
    /// Everything is done, then HTTP 302.
    Redirect,
    /// `urlcert` says that the token is invalid.
    WrongToken,
    /// `urlcert` answers for the links of other merchants as for one's own.
    ForeignLinks,
    /// Everything is done, then the reply without its result code.
    NoCode,
    /// Everything is done, then the reply behind a PHP warning.
    PhpWarning,
    /// Everything is done, then the reply behind a byte order mark.
    Bom,
    /// Everything is done, then a reply of more than 2 MiB.
    Huge,
    /// Nothing is done; the reply carries this result code.
    Refuse(String),
}

/// What a fault does to a notification, beside making it late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotiFault {
    /// It is posted twice.
    Duplicate,
    /// It is kept back until the next one was posted.
    Reordered,
    /// A forgery over ten times the amount is posted before it.
    Forged,
    /// Nothing is posted.
    NeverSent,
}

impl NotiFault {
    const ALL: [Self; 4] = [Self::Duplicate, Self::Reordered, Self::Forged, Self::NeverSent];

    /// The name in the grammar and in the state.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Reordered => "reordered",
            Self::Forged => "forged",
            Self::NeverSent => "never-sent",
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A fault of one endpoint or of notifications, for the next so many of them or for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    aim: Aim,
    remaining: Option<u32>,
}

/// What a fault strikes, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Aim {
    Reply(Endpoint, FaultKind),
    LateNotification(Duration),
    Notification(NotiFault),
}

impl Fault {
    /// Whether it strikes notifications rather than replies.
    #[must_use]
    pub fn is_of_notifications(&self) -> bool {
        !matches!(self.aim, Aim::Reply(..))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.aim {
            Aim::Reply(endpoint, kind) => write!(formatter, "{kind}@{endpoint}"),
            Aim::LateNotification(delay) => write!(formatter, "{}@{NOTI}", FaultKind::Delay(*delay)),
            Aim::Notification(kind) => write!(formatter, "{}@{NOTI}", kind.name()),
        }?;
        match self.remaining {
            Some(times) => write!(formatter, "*{times}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Delay(duration) => return write!(formatter, "delay={}ms", duration.as_millis()),
            Self::Refuse(code) => return write!(formatter, "refuse={code}"),
            Self::DropBefore => "drop-before",
            Self::DropAfter => "drop-after",
            Self::Error500 => "error-500",
            Self::Html => "html",
            Self::Truncated => "truncated",
            Self::TruncatedJson => "truncated-json",
            Self::Reset => "reset",
            Self::Redirect => "redirect",
            Self::WrongToken => "wrong-token",
            Self::ForeignLinks => "foreign-links",
            Self::NoCode => "no-code",
            Self::PhpWarning => "php-warning",
            Self::Bom => "bom",
            Self::Huge => "huge",
        })
    }
}

/// What happens to one request or notification: a delay, and at most one fault of another kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Strike<K> {
    pub(super) delay: Duration,
    pub(super) kind: Option<K>,
}

impl<K> Default for Strike<K> {
    fn default() -> Self {
        Self { delay: Duration::ZERO, kind: None }
    }
}

impl Strike<FaultKind> {
    /// What struck, for the journal.
    pub(super) fn describe(&self) -> Option<String> {
        let delay = (!self.delay.is_zero()).then(|| FaultKind::Delay(self.delay).to_string());
        let kind = self.kind.as_ref().map(ToString::to_string);
        match (delay, kind) {
            (Some(delay), Some(kind)) => Some(format!("{delay} {kind}")),
            (delay, kind) => delay.or(kind),
        }
    }

    /// The HTTP status the client will see; none where it gets no reply.
    pub(super) fn status(&self) -> Option<u16> {
        match self.kind {
            Some(FaultKind::DropBefore | FaultKind::DropAfter | FaultKind::Reset) => None,
            Some(FaultKind::Error500) => Some(500),
            Some(FaultKind::Redirect) => Some(302),
            _ => Some(200),
        }
    }
}

/// What one fault would add to a strike.
enum Blow<K> {
    Late(Duration),
    Other(K),
}

/// Takes from `faults` what strikes the next reply of `endpoint`, and forgets those used up.
pub(super) fn strike_reply(faults: &mut Vec<Fault>, endpoint: Endpoint) -> Strike<FaultKind> {
    strike(faults, |aim| match aim {
        Aim::Reply(at, FaultKind::Delay(delay)) if *at == endpoint => Some(Blow::Late(*delay)),
        Aim::Reply(at, kind) if *at == endpoint => Some(Blow::Other(kind.clone())),
        _ => None,
    })
}

/// Takes from `faults` what strikes the next notification, and forgets those used up. While
/// another one is kept back already (`one_waits`) this one is not: it is what that one waits for.
pub(super) fn strike_notification(faults: &mut Vec<Fault>, one_waits: bool) -> Strike<NotiFault> {
    strike(faults, |aim| match aim {
        Aim::LateNotification(delay) => Some(Blow::Late(*delay)),
        Aim::Notification(NotiFault::Reordered) if one_waits => None,
        Aim::Notification(kind) => Some(Blow::Other(*kind)),
        Aim::Reply(..) => None,
    })
}

fn strike<K>(faults: &mut Vec<Fault>, blow: impl Fn(&Aim) -> Option<Blow<K>>) -> Strike<K> {
    let mut strike = Strike::default();
    for fault in faults.iter_mut() {
        match blow(&fault.aim) {
            Some(Blow::Late(delay)) => strike.delay = strike.delay.saturating_add(delay),
            Some(Blow::Other(kind)) if strike.kind.is_none() => strike.kind = Some(kind),
            Some(Blow::Other(_)) | None => continue,
        }
        fault.remaining = fault.remaining.map(|times| times.saturating_sub(1));
    }
    faults.retain(|fault| fault.remaining != Some(0));
    strike
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(specs: &[&str]) -> Vec<Fault> {
        specs.iter().map(|spec| spec.parse().unwrap()).collect()
    }

    #[test]
    fn delays_add_up_and_other_faults_take_turns() {
        let mut faults = faults(&["delay=1s*1", "drop-before*1", "html*1", "delay=2s", "delay=4s@noti"]);
        let first = strike_reply(&mut faults, Endpoint::Send);
        assert_eq!(first.delay, Duration::from_secs(3));
        assert_eq!(first.kind, Some(FaultKind::DropBefore));
        let second = strike_reply(&mut faults, Endpoint::Send);
        assert_eq!(second.delay, Duration::from_secs(2));
        assert_eq!(second.kind, Some(FaultKind::Html));
        assert_eq!(strike_reply(&mut faults, Endpoint::Send).kind, None);
        assert_eq!(strike_reply(&mut faults, Endpoint::Token), Strike::default());
    }

    #[test]
    fn those_of_notifications_do_so_too() {
        let mut faults = faults(&["delayed=1s*1", "forged*1", "html", "duplicate", "delay=2s@noti"]);
        let first = strike_notification(&mut faults, false);
        assert_eq!((first.delay, first.kind), (Duration::from_secs(3), Some(NotiFault::Forged)));
        let second = strike_notification(&mut faults, false);
        assert_eq!((second.delay, second.kind), (Duration::from_secs(2), Some(NotiFault::Duplicate)));
    }

    #[test]
    fn what_another_one_waits_for_is_not_kept_back_itself() {
        let mut faults = faults(&["reordered*2", "duplicate*1"]);
        assert_eq!(strike_notification(&mut faults, false).kind, Some(NotiFault::Reordered));
        assert_eq!(strike_notification(&mut faults, true).kind, Some(NotiFault::Duplicate));
        assert_eq!(strike_notification(&mut faults, true).kind, None);
        assert_eq!(strike_notification(&mut faults, false).kind, Some(NotiFault::Reordered));
        assert!(faults.is_empty());
    }
}
