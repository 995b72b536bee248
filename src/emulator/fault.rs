//! Faults: the ways in which the emulator may be told to misbehave, so that a client's reaction to
//! each can be tested.
//!
//! The grammar is `KIND[=ARG][@ENDPOINT][*N]`, for example `delay=2s`, `drop-after@send*1` or
//! `refuse=E101@urlcert`. Without `@ENDPOINT` a fault is of `send` (`wrong-token`: of `urlcert`);
//! without `*N` it lasts for ever. Delays add up; of all other faults the first that still has
//! requests left is the one that strikes.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// The longest delay that may be asked for.
const LONGEST_DELAY: Duration = Duration::from_mins(10);

/// What every error of the grammar ends with.
const KINDS: &str = "delay=DURATION, drop-before, drop-after, error-500, html, truncated, \
     truncated-json, reset, redirect, wrong-token, no-code, php-warning, bom, huge, refuse=CODE";

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

/// A fault of one endpoint, for the next so many requests or for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    kind: FaultKind,
    endpoint: Endpoint,
    remaining: Option<u32>,
}

/// Why a fault could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FaultError {
    /// The kind is none of those that exist.
    #[error("fault `{spec}`: unknown kind `{kind}`; the kinds are {KINDS}")]
    Kind {
        /// The whole fault as given.
        spec: String,
        /// Its kind.
        kind: String,
    },
    /// The part after `=` does not suit the kind.
    #[error("fault `{spec}`: {rule}; the kinds are {KINDS}")]
    Argument {
        /// The whole fault as given.
        spec: String,
        /// What the argument has to be.
        rule: &'static str,
    },
    /// The part after `@` is no endpoint, or none that this kind can strike.
    #[error("fault `{spec}`: endpoint `{endpoint}` must be {allowed}; the kinds are {KINDS}")]
    Endpoint {
        /// The whole fault as given.
        spec: String,
        /// Its endpoint.
        endpoint: String,
        /// The endpoints this kind may have.
        allowed: &'static str,
    },
    /// The part after `*` is no number of requests.
    #[error(
        "fault `{spec}`: `{times}` is not a number of requests from 1 to 4294967295; \
         the kinds are {KINDS}"
    )]
    Times {
        /// The whole fault as given.
        spec: String,
        /// Its number of requests.
        times: String,
    },
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(spec: &str) -> Result<Self, FaultError> {
        let (rest, times) = split_last(spec, '*');
        let (rest, endpoint) = split_last(rest, '@');
        let (kind, argument) = match rest.split_once('=') {
            Some((kind, argument)) => (kind, Some(argument)),
            None => (rest, None),
        };
        let kind = read_kind(spec, kind, argument)?;
        let endpoint = read_endpoint(spec, &kind, endpoint)?;
        let remaining = times.map(|times| read_times(spec, times)).transpose()?;
        Ok(Self { kind, endpoint, remaining })
    }
}

fn split_last(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.rsplit_once(separator) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

fn read_kind(spec: &str, kind: &str, argument: Option<&str>) -> Result<FaultKind, FaultError> {
    let wrong_argument = |rule| FaultError::Argument { spec: spec.to_owned(), rule };
    let plain = match kind {
        "delay" => {
            return argument
                .and_then(read_duration)
                .map(FaultKind::Delay)
                .ok_or_else(|| wrong_argument("`delay` needs a duration up to 600s, as in `delay=500ms`"));
        }
        "refuse" => {
            return argument
                .filter(|code| {
                    (1..=4).contains(&code.len())
                        && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
                        && *code != "0000"
                })
                .map(|code| FaultKind::Refuse(code.to_owned()))
                .ok_or_else(|| {
                    wrong_argument(
                        "`refuse` needs a code of 1 to 4 letters or digits other than 0000, \
                         as in `refuse=E101`",
                    )
                });
        }
        "drop-before" => FaultKind::DropBefore,
        "drop-after" => FaultKind::DropAfter,
        "error-500" => FaultKind::Error500,
        "html" => FaultKind::Html,
        "truncated" => FaultKind::Truncated,
        "truncated-json" => FaultKind::TruncatedJson,
        "reset" => FaultKind::Reset,
        "redirect" => FaultKind::Redirect,
        "wrong-token" => FaultKind::WrongToken,
        "no-code" => FaultKind::NoCode,
        "php-warning" => FaultKind::PhpWarning,
        "bom" => FaultKind::Bom,
        "huge" => FaultKind::Huge,
        unknown => {
            return Err(FaultError::Kind { spec: spec.to_owned(), kind: unknown.to_owned() });
        }
    };
    if argument.is_some() {
        return Err(wrong_argument("this kind takes no `=` argument"));
    }
    Ok(plain)
}

fn read_duration(text: &str) -> Option<Duration> {
    let duration = if let Some(number) = text.strip_suffix("ms") {
        Duration::from_millis(read_digits(number)?)
    } else {
        Duration::from_secs(read_digits(text.strip_suffix('s')?)?)
    };
    (duration <= LONGEST_DELAY).then_some(duration)
}

/// `str::parse` alone would take a leading `+`.
fn read_digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn read_endpoint(spec: &str, kind: &FaultKind, endpoint: Option<&str>) -> Result<Endpoint, FaultError> {
    let wrong = |endpoint: &str, allowed| FaultError::Endpoint {
        spec: spec.to_owned(),
        endpoint: endpoint.to_owned(),
        allowed,
    };
    let only_urlcert = matches!(kind, FaultKind::WrongToken);
    match endpoint {
        None if only_urlcert => Ok(Endpoint::Urlcert),
        Some("urlcert") => Ok(Endpoint::Urlcert),
        Some(other) if only_urlcert => Err(wrong(other, "urlcert")),
        None | Some("send") => Ok(Endpoint::Send),
        Some("token") => Ok(Endpoint::Token),
        Some(other) => Err(wrong(other, "send, token or urlcert")),
    }
}

fn read_times(spec: &str, times: &str) -> Result<u32, FaultError> {
    read_digits(times)
        .and_then(|number| u32::try_from(number).ok())
        .filter(|number| *number > 0)
        .ok_or_else(|| FaultError::Times { spec: spec.to_owned(), times: times.to_owned() })
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}@{}", self.kind, self.endpoint)?;
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
            Self::NoCode => "no-code",
            Self::PhpWarning => "php-warning",
            Self::Bom => "bom",
            Self::Huge => "huge",
        })
    }
}

/// What happens to one request: a delay, and at most one fault of another kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Strike {
    pub(super) delay: Duration,
    pub(super) kind: Option<FaultKind>,
}

impl Strike {
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

/// Takes from `faults` what strikes the next request of `endpoint`, and forgets those used up.
pub(super) fn strike(faults: &mut Vec<Fault>, endpoint: Endpoint) -> Strike {
    let mut strike = Strike::default();
    for fault in faults.iter_mut().filter(|fault| fault.endpoint == endpoint) {
        match &fault.kind {
            FaultKind::Delay(duration) => strike.delay = strike.delay.saturating_add(*duration),
            _ if strike.kind.is_some() => continue,
            kind => strike.kind = Some(kind.clone()),
        }
        fault.remaining = fault.remaining.map(|times| times.saturating_sub(1));
    }
    faults.retain(|fault| fault.remaining != Some(0));
    strike
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_and_written_back() {
        for spec in [
            "delay=500ms@send",
            "drop-before@send",
            "drop-after@send*3",
            "error-500@token",
            "html@urlcert",
            "truncated@send",
            "truncated-json@send",
            "reset@send",
            "redirect@send*1",
            "wrong-token@urlcert",
            "no-code@send",
            "php-warning@send",
            "bom@send",
            "huge@send",
            "refuse=E101@token*2",
        ] {
            assert_eq!(spec.parse::<Fault>().unwrap().to_string(), spec);
        }
    }

    #[test]
    fn the_endpoint_defaults_to_send_and_of_a_wrong_token_to_urlcert() {
        let endpoint = |spec: &str| spec.parse::<Fault>().unwrap().endpoint;
        assert_eq!(endpoint("delay=2s"), Endpoint::Send);
        assert_eq!(endpoint("wrong-token*1"), Endpoint::Urlcert);
    }

    #[test]
    fn an_error_names_the_part_and_lists_the_kinds() {
        for (spec, part) in [
            ("explode", "unknown kind `explode`"),
            ("delay", "`delay` needs a duration"),
            ("delay=2", "`delay` needs a duration"),
            ("delay=+2s", "`delay` needs a duration"),
            ("delay=9999s", "`delay` needs a duration"),
            ("refuse=", "`refuse` needs a code"),
            ("refuse=0000", "`refuse` needs a code"),
            ("html=1", "takes no `=` argument"),
            ("html@pay", "endpoint `pay`"),
            ("wrong-token@send", "endpoint `send` must be urlcert"),
            ("html*0", "`0` is not a number of requests"),
            ("html*x", "`x` is not a number of requests"),
            ("", "unknown kind ``"),
        ] {
            let message = spec.parse::<Fault>().unwrap_err().to_string();
            assert!(message.contains(part), "{spec}: {message}");
            assert!(message.contains("truncated-json"), "{spec}: {message}");
        }
    }

    #[test]
    fn delays_add_up_and_other_faults_take_turns() {
        let mut faults: Vec<Fault> = ["delay=1s*1", "drop-before*1", "html*1", "delay=2s"]
            .iter()
            .map(|spec| spec.parse().unwrap())
            .collect();
        let first = strike(&mut faults, Endpoint::Send);
        assert_eq!(first.delay, Duration::from_secs(3));
        assert_eq!(first.kind, Some(FaultKind::DropBefore));
        let second = strike(&mut faults, Endpoint::Send);
        assert_eq!(second.delay, Duration::from_secs(2));
        assert_eq!(second.kind, Some(FaultKind::Html));
        assert_eq!(strike(&mut faults, Endpoint::Send).kind, None);
        assert_eq!(strike(&mut faults, Endpoint::Token), Strike::default());
    }
}
