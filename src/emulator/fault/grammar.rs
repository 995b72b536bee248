//! The grammar `KIND[=ARG][@ENDPOINT][*N]`: how a fault is read from what a person typed, and what
//! such a person is told who typed it wrong.

use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

use super::{Aim, Endpoint, Fault, FaultKind, NotiFault};

/// The longest delay that may be asked for.
const LONGEST_DELAY: Duration = Duration::from_mins(10);

/// What every error of the grammar ends with.
const KINDS: &str = "delay=DURATION, drop-before, drop-after, error-500, html, truncated, \
     truncated-json, reset, redirect, wrong-token, foreign-links, no-code, php-warning, bom, huge, \
     refuse=CODE, duplicate, delayed=DURATION, reordered, forged, never-sent";

/// The endpoint, so to speak, of notifications: the merchant's.
pub(super) const NOTI: &str = "noti";

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
    /// The part after `*` is no number of requests or notifications.
    #[error(
        "fault `{spec}`: `{times}` is not a number of requests or notifications from 1 to \
         4294967295; the kinds are {KINDS}"
    )]
    Times {
        /// The whole fault as given.
        spec: String,
        /// Its number of requests or notifications.
        times: String,
    },
}

/// A kind whose endpoint is not known yet.
enum Kind {
    /// `delay`, which may strike anywhere.
    Delay(Duration),
    /// `delayed`, which is the delay of a notification.
    Delayed(Duration),
    /// One of replies.
    Reply(FaultKind),
    /// One of notifications.
    Notification(NotiFault),
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
        let aim = read_aim(spec, kind, endpoint)?;
        let remaining = times.map(|times| read_times(spec, times)).transpose()?;
        Ok(Self { aim, remaining })
    }
}

fn split_last(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.rsplit_once(separator) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

fn read_kind(spec: &str, kind: &str, argument: Option<&str>) -> Result<Kind, FaultError> {
    let wrong_argument = |rule| FaultError::Argument { spec: spec.to_owned(), rule };
    let duration = || argument.and_then(read_duration);
    let plain = match kind {
        "delay" => {
            return duration()
                .map(Kind::Delay)
                .ok_or_else(|| wrong_argument("`delay` needs a duration up to 600s, as in `delay=500ms`"));
        }
        "delayed" => {
            return duration().map(Kind::Delayed).ok_or_else(|| {
                wrong_argument("`delayed` needs a duration up to 600s, as in `delayed=500ms`")
            });
        }
        "refuse" => {
            return argument.and_then(read_code).map(Kind::Reply).ok_or_else(|| {
                wrong_argument(
                    "`refuse` needs a code of 1 to 4 letters or digits other than 0000, \
                     as in `refuse=E101`",
                )
            });
        }
        other => match (reply_kind(other), NotiFault::of_name(other)) {
            (Some(kind), _) => Kind::Reply(kind),
            (None, Some(kind)) => Kind::Notification(kind),
            (None, None) => {
                return Err(FaultError::Kind { spec: spec.to_owned(), kind: other.to_owned() });
            }
        },
    };
    if argument.is_some() {
        return Err(wrong_argument("this kind takes no `=` argument"));
    }
    Ok(plain)
}

fn reply_kind(name: &str) -> Option<FaultKind> {
    Some(match name {
        "drop-before" => FaultKind::DropBefore,
        "drop-after" => FaultKind::DropAfter,
        "error-500" => FaultKind::Error500,
        "html" => FaultKind::Html,
        "truncated" => FaultKind::Truncated,
        "truncated-json" => FaultKind::TruncatedJson,
        "reset" => FaultKind::Reset,
        "redirect" => FaultKind::Redirect,
        "wrong-token" => FaultKind::WrongToken,
        "foreign-links" => FaultKind::ForeignLinks,
        "no-code" => FaultKind::NoCode,
        "php-warning" => FaultKind::PhpWarning,
        "bom" => FaultKind::Bom,
        "huge" => FaultKind::Huge,
        _ => return None,
    })
}

fn read_code(code: &str) -> Option<FaultKind> {
    let valid = (1..=4).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && code != "0000";
    valid.then(|| FaultKind::Refuse(code.to_owned()))
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

fn read_aim(spec: &str, kind: Kind, endpoint: Option<&str>) -> Result<Aim, FaultError> {
    let wrong = |endpoint: &str, allowed| FaultError::Endpoint {
        spec: spec.to_owned(),
        endpoint: endpoint.to_owned(),
        allowed,
    };
    match (kind, endpoint) {
        (Kind::Delay(delay), Some(NOTI)) | (Kind::Delayed(delay), None | Some(NOTI)) => {
            Ok(Aim::LateNotification(delay))
        }
        (Kind::Notification(kind), None | Some(NOTI)) => Ok(Aim::Notification(kind)),
        (Kind::Delayed(_) | Kind::Notification(_), Some(other)) => Err(wrong(other, NOTI)),
        (Kind::Reply(kind @ (FaultKind::WrongToken | FaultKind::ForeignLinks)), endpoint) => match endpoint {
            None | Some("urlcert") => Ok(Aim::Reply(Endpoint::Urlcert, kind)),
            Some(other) => Err(wrong(other, "urlcert")),
        },
        (Kind::Reply(_), Some(NOTI)) => Err(wrong(
            NOTI,
            "send, token or urlcert, because noti knows only duplicate, delay, reordered, forged and \
             never-sent",
        )),
        (Kind::Reply(kind), endpoint) => read_endpoint(endpoint)
            .map(|endpoint| Aim::Reply(endpoint, kind))
            .map_err(|other| wrong(other, "send, token or urlcert")),
        (Kind::Delay(delay), endpoint) => read_endpoint(endpoint)
            .map(|endpoint| Aim::Reply(endpoint, FaultKind::Delay(delay)))
            .map_err(|other| wrong(other, "send, token, urlcert or noti")),
    }
}

fn read_endpoint(endpoint: Option<&str>) -> Result<Endpoint, &str> {
    match endpoint {
        None | Some("send") => Ok(Endpoint::Send),
        Some("token") => Ok(Endpoint::Token),
        Some("urlcert") => Ok(Endpoint::Urlcert),
        Some(other) => Err(other),
    }
}

fn read_times(spec: &str, times: &str) -> Result<u32, FaultError> {
    read_digits(times)
        .and_then(|number| u32::try_from(number).ok())
        .filter(|number| *number > 0)
        .ok_or_else(|| FaultError::Times { spec: spec.to_owned(), times: times.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(spec: &str) -> Fault {
        spec.parse().unwrap()
    }

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
            "foreign-links@urlcert*2",
            "no-code@send",
            "php-warning@send",
            "bom@send",
            "huge@send",
            "refuse=E101@token*2",
            "delay=500ms@noti*2",
            "duplicate@noti",
            "reordered@noti*1",
            "forged@noti*7",
            "never-sent@noti",
        ] {
            assert_eq!(read(spec).to_string(), spec);
        }
    }

    #[test]
    fn the_endpoint_is_send_unless_the_kind_belongs_elsewhere() {
        for (short, long) in [
            ("delay=2s", "delay=2000ms@send"),
            ("wrong-token*1", "wrong-token@urlcert*1"),
            ("foreign-links", "foreign-links@urlcert"),
            ("duplicate", "duplicate@noti"),
            ("delayed=2s*3", "delay=2000ms@noti*3"),
            ("delayed=2s@noti", "delay=2000ms@noti"),
            ("reordered", "reordered@noti"),
            ("forged*2", "forged@noti*2"),
            ("never-sent", "never-sent@noti"),
        ] {
            assert_eq!(read(short), read(long), "{short}");
        }
        assert!(read("delayed=2s").is_of_notifications());
        assert!(read("duplicate").is_of_notifications());
        assert!(!read("delay=2s").is_of_notifications());
    }

    #[test]
    fn an_error_names_the_part_and_lists_the_kinds() {
        for (spec, part) in [
            ("explode", "unknown kind `explode`"),
            ("delay", "`delay` needs a duration"),
            ("delay=2", "`delay` needs a duration"),
            ("delay=+2s", "`delay` needs a duration"),
            ("delay=9999s", "`delay` needs a duration"),
            ("delay=2@noti", "`delay` needs a duration"),
            ("delayed", "`delayed` needs a duration"),
            ("refuse=", "`refuse` needs a code"),
            ("refuse=0000", "`refuse` needs a code"),
            ("html=1", "takes no `=` argument"),
            ("forged=1", "takes no `=` argument"),
            ("html@pay", "endpoint `pay` must be send, token or urlcert"),
            (
                "html@noti",
                "endpoint `noti` must be send, token or urlcert, because noti knows only duplicate",
            ),
            ("refuse=E101@noti", "endpoint `noti` must be send, token or urlcert, because"),
            ("delay=1s@pay", "endpoint `pay` must be send, token, urlcert or noti"),
            ("delayed=1s@send", "endpoint `send` must be noti"),
            ("duplicate@urlcert", "endpoint `urlcert` must be noti"),
            ("reordered@token*1", "endpoint `token` must be noti"),
            ("wrong-token@send", "endpoint `send` must be urlcert"),
            ("wrong-token@noti", "endpoint `noti` must be urlcert"),
            ("foreign-links@token", "endpoint `token` must be urlcert"),
            ("html*0", "`0` is not a number of requests"),
            ("html*x", "`x` is not a number of requests"),
            ("duplicate*0", "`0` is not a number of requests or notifications"),
            ("", "unknown kind ``"),
        ] {
            let message = spec.parse::<Fault>().unwrap_err().to_string();
            assert!(message.contains(part), "{spec}: {message}");
            assert!(message.contains("truncated-json"), "{spec}: {message}");
            assert!(
                message.ends_with("delayed=DURATION, reordered, forged, never-sent"),
                "{spec}: {message}"
            );
        }
    }
}
