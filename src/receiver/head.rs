//! The heads of the requests on a connection, looked at as they come.
//!
//! The HTTP parser behind is lenient where two parsers may see two different requests: a bare line feed, several
//! `Host` fields, a length beside a transfer encoding. What stands in front of this receiver may see the other one,
//! so such a head is refused. The invariant kept: no head passes unseen; where the end of a body cannot be told
//! from its length, no further request is taken from the connection.

use std::sync::{Arc, Mutex, PoisonError};

/// Longer heads are refused by the parser.
const LONGEST: usize = 16 * 1024;

/// What is wrong with a head.
pub(super) type HeadFault = Option<&'static str>;

/// The requests of a connection: shared by the stream that they come from and by whoever answers them.
#[derive(Debug, Clone, Default)]
pub(super) struct Heads(Arc<Mutex<Framing>>);

#[derive(Debug, Default)]
struct Framing {
    state: State,
    head: Vec<u8>,
    /// How many heads have come.
    come: u64,
    /// How many requests are answered or being answered.
    answered: u64,
    /// The first request with a fault.
    fault: Option<(u64, &'static str)>,
}

#[derive(Debug, Default)]
enum State {
    /// In a head, or before one.
    #[default]
    Head,
    /// So many bytes of a body are to come.
    Body(u64),
    /// Nobody looks any more: the connection ends with the request that came last.
    Last,
}

/// What is known of a request whose head has come.
pub(super) struct Judged {
    /// What is wrong with it.
    pub(super) fault: HeadFault,
    /// Whether the connection has to end with it.
    pub(super) is_last: bool,
}

impl Heads {
    /// Looks at what came next.
    pub(super) fn pass(&self, bytes: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pass(bytes);
    }

    /// The next request is to be answered.
    pub(super) fn next(&self) -> Judged {
        let mut framing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        framing.answered = framing.answered.saturating_add(1);
        let number = framing.answered;
        let fault = framing.fault.filter(|(first, _)| *first <= number).map(|(_, fault)| fault);
        let is_last = fault.is_some() || (matches!(framing.state, State::Last) && framing.come <= number);
        Judged { fault, is_last }
    }
}

impl Framing {
    fn pass(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match self.state {
                State::Last => return,
                State::Body(left) => {
                    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX).min(left);
                    bytes = bytes.get(usize::try_from(length).unwrap_or(usize::MAX)..).unwrap_or_default();
                    let left = left.saturating_sub(length);
                    self.state = if left == 0 { State::Head } else { State::Body(left) };
                }
                State::Head => {
                    let end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |end| end.saturating_add(1));
                    let (line, rest) = bytes.split_at(end);
                    self.head.extend_from_slice(line);
                    bytes = rest;
                    self.look_at_head();
                }
            }
        }
    }

    /// Looks at what has come of a head, up to the end of a line or of all that there is yet.
    fn look_at_head(&mut self) {
        if self.head.len() > LONGEST {
            self.state = State::Last;
        } else if self.head == b"\r\n" {
            // The parser passes over empty lines before a request.
            self.head.clear();
        } else if ends_head(&self.head) {
            self.come = self.come.saturating_add(1);
            let (fault, state) = judge(&self.head);
            let number = self.come;
            self.fault = self.fault.or(fault.map(|fault| (number, fault)));
            self.state = state;
            self.head.clear();
        }
    }
}

/// Whether the parser sees an empty line at the end.
fn ends_head(head: &[u8]) -> bool {
    head.ends_with(b"\n\r\n") || head.ends_with(b"\n\n")
}

/// What is wrong with a head, and what comes behind it.
fn judge(head: &[u8]) -> (HeadFault, State) {
    let is_bare = |place: usize| head.get(..place).is_none_or(|before| !before.ends_with(b"\r"));
    if memchr::memchr_iter(b'\n', head).any(is_bare) {
        return (Some("a line of the head ends with a bare line feed"), State::Last);
    }
    let mut lines = head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end);
    let is_old = lines.next().is_some_and(|line| line.ends_with(b"HTTP/1.0"));
    let (mut hosts, mut lengths, mut encodings) = (0_u32, Vec::new(), 0_u32);
    for line in lines {
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        let (name, value) = line.split_at(colon);
        match name.to_ascii_lowercase().as_slice() {
            b"host" => hosts = hosts.saturating_add(1),
            b"transfer-encoding" => encodings = encodings.saturating_add(1),
            b"content-length" => lengths.push(value.get(1..).unwrap_or_default().trim_ascii()),
            _ => {}
        }
    }
    let length =
        lengths.first().map(|text| std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()));
    let state = match length {
        _ if encodings > 0 => State::Last,
        None | Some(Some(0)) => State::Head,
        Some(Some(length)) => State::Body(length),
        // The parser refuses it.
        Some(None) => State::Last,
    };
    let fault = if hosts == 0 && !is_old {
        Some("the head has no `Host`")
    } else if hosts > 1 {
        Some("the head has more than one `Host`")
    } else if encodings > 0 && !lengths.is_empty() {
        Some("the head has both `Transfer-Encoding` and `Content-Length`")
    } else if lengths.len() > 1 {
        Some("the head has more than one `Content-Length`")
    } else {
        None
    };
    (fault, state)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "POST /noti HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\nabc";

    /// The faults of the first three requests of a connection, by how it is cut into pieces.
    fn faults(bytes: &[u8], piece: usize) -> Vec<HeadFault> {
        let heads = Heads::default();
        bytes.chunks(piece).for_each(|piece| heads.pass(piece));
        (0..3).map(|_| heads.next().fault).collect()
    }

    #[test]
    fn a_head_that_two_parsers_may_read_differently_has_a_fault() {
        for (head, fault) in [
            ("POST / HTTP/1.1\nHost: shop\r\n\r\n", Some("line feed")),
            ("POST / HTTP/1.1\r\nHost: shop\r\nX: a\nY: b\r\n\r\n", Some("line feed")),
            ("POST / HTTP/1.1\r\nHost: shop\r\n\n", Some("line feed")),
            ("POST / HTTP/1.1\r\nAccept: x\r\n\r\n", Some("no `Host`")),
            ("POST / HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n", Some("more than one `Host`")),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                Some("both"),
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
                Some("one `Content-Length`"),
            ),
            ("POST / HTTP/1.0\r\nAccept: x\r\n\r\n", None),
            ("\r\nPOST / HTTP/1.1\r\nHost: a\r\n\r\n", None),
            (GOOD, None),
        ] {
            for piece in [1, 2, 7, 1000] {
                let found = faults(head.as_bytes(), piece)[0];
                assert_eq!(found.is_some(), fault.is_some(), "{head}: {found:?}");
                assert!(found.unwrap_or_default().contains(fault.unwrap_or_default()), "{head}: {found:?}");
            }
        }
    }

    #[test]
    fn a_fault_is_that_of_its_request_and_of_all_behind_it() {
        let bad = "GET / HTTP/1.1\r\n\r\n";
        let bytes = [GOOD, bad, GOOD].concat();
        for piece in [1, 5, 1000] {
            let faults: Vec<bool> = faults(bytes.as_bytes(), piece).iter().map(Option::is_some).collect();
            assert_eq!(faults, [false, true, true]);
        }
        // A body is not taken for a head, whatever it looks like.
        let body = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{bad}{GOOD}", bad.len());
        assert_eq!(faults(body.as_bytes(), 1000), [None, None, None]);
    }

    #[test]
    fn behind_a_chunked_body_no_further_request_is_taken() {
        let heads = Heads::default();
        heads.pass(GOOD.as_bytes());
        assert!(!heads.next().is_last);
        heads.pass(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        assert!(heads.next().is_last);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_no_cut_changes_it(bytes: Vec<u8>, piece in 1_usize..9) {
            proptest::prop_assert_eq!(faults(&bytes, piece), faults(&bytes, 4096));
        }
    }
}
