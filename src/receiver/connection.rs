//! One connection: HTTP/1.1 with keep-alive for as long as its client takes no more time than it may.
//!
//! The time of a request counts from its first byte to its last; a client that takes longer is told so with 408,
//! one that has nothing under way is left without a word. A ready-made server would close both silently. What a
//! client said is answered before its connection closes, and lingering keeps that answer from being lost to a
//! TCP reset.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::event::{Event, Journal};
use super::head::{Heads, Judged};
use super::seats::{Phase, Seat};
use super::wire::Wire;

/// Room for the head of a request; a longer one is refused with 431.
const HEAD_LIMIT: usize = 16 * 1024;

/// More header fields are refused with 431.
const MOST_FIELDS: usize = 64;

/// How long the rest of a request is read and thrown away before its connection closes.
const LINGER: Duration = Duration::from_millis(500);

/// How HTTP/2 without TLS begins.
const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n";

/// What all connections share.
pub(super) struct Rules {
    /// What answers requests.
    pub(super) router: Router,
    /// How long a request may take to come, and a connection may be idle.
    pub(super) patience: Duration,
    /// Whoever watches.
    pub(super) journal: Journal,
}

/// Why a conversation is over.
enum End {
    /// The client, or a rule of HTTP, has ended it.
    Over(hyper::Result<()>),
    /// The client takes too long.
    Overdue,
    /// It takes longest of all, and another one needs the seat.
    Displaced,
}

/// Serves `stream` until it ends, its seat is needed by another, or `stop` turns true and nothing is under way.
pub(super) async fn serve(
    stream: TcpStream,
    seat: Arc<Seat>,
    rules: Arc<Rules>,
    mut stop: watch::Receiver<bool>,
) {
    // Answers are small and single: waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    let peer = stream.peer_addr().ok().map(|address| address.ip());
    let router = TowerToHyperService::new(rules.router.clone());
    let sitting = Arc::clone(&seat);
    let heads = Heads::default();
    let come = heads.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let seat = Arc::clone(&sitting);
        // A request that came together with the one before it has not been heard of yet.
        seat.heard(Instant::now());
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Arc::clone(&seat));
        request.extensions_mut().insert(peer);
        let Judged { fault, is_last } = come.next();
        request.extensions_mut().insert(fault);
        let answer = router.call(request);
        Box::pin(async move {
            let mut answer = answer.await;
            if let Some(answer) = answer.as_mut().ok().filter(|_| is_last) {
                answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            seat.answered(Instant::now());
            answer
        })
    });
    let mut connection = http1::Builder::new()
        .header_read_timeout(None)
        .half_close(true)
        .max_buf_size(HEAD_LIMIT)
        .max_headers(MOST_FIELDS)
        .serve_connection(TokioIo::new(Wire::new(stream, Arc::clone(&seat), heads)), service);
    let mut time =
        pin!(sleep_until(seat.deadline(rules.patience, Instant::now()).unwrap_or_else(Instant::now)));
    let mut stopping = false;
    let end = loop {
        tokio::select! {
            ended = poll_fn(|context| connection.poll_without_shutdown(context)) => break End::Over(ended),
            () = time.as_mut() => match seat.deadline(rules.patience, Instant::now()) {
                Some(later) => time.as_mut().reset(later),
                None => break End::Overdue,
            },
            () = seat.asked_to_leave() => if seat.phase() != Phase::Storing { break End::Displaced },
            _ = stop.wait_for(|stop| *stop), if !stopping => {
                stopping = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let parts = connection.into_parts();
    let wire = parts.io.into_inner();
    let last_word = last_word(&end, &parts.read_buf, seat.phase());
    if let Some(Told { status, reason, .. }) = last_word {
        (rules.journal)(Event::Refused { peer, status, reason: reason.to_owned() });
    }
    let line = last_word.and_then(|told| told.line).filter(|_| !wire.is_stuck).unwrap_or_default();
    // Whoever needs the seat, or waits for the end, should not wait for this client.
    let rest = if matches!(end, End::Displaced) || stopping { Rest::Leave } else { Rest::Read };
    tokio::select! {
        _ = timeout(LINGER, close(wire.stream, line, rest)) => {}
        () = seat.asked_to_leave() => {}
    }
}

/// What a client is told at the end, and what whoever watches is.
#[derive(Clone, Copy)]
struct Told {
    status: u16,
    reason: &'static str,
    /// The answer; none where it was given already.
    line: Option<&'static str>,
}

impl Told {
    const TOO_SLOW: Self = Self {
        status: 408,
        reason: "the request took too long",
        line: Some("HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"),
    };
    const BROKEN_OFF: Self = Self { status: 400, reason: "the request breaks off", line: Some(BAD_REQUEST) };
    const OTHER_VERSION: Self =
        Self { status: 400, reason: "HTTP/2 where only HTTP/1 is spoken", line: Some(BAD_REQUEST) };
    const NO_HTTP: Self = Self { status: 400, reason: "the request breaks the rules of HTTP", line: None };
    const HEAD_TOO_LARGE: Self =
        Self { status: 431, reason: "the head of the request is too large", line: None };
}

const BAD_REQUEST: &str = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// What is left to say, and to tell, about a request that never got whole.
fn last_word(end: &End, unread: &[u8], phase: Phase) -> Option<Told> {
    match end {
        // Of two requests that came together the second may never have been looked at.
        End::Overdue | End::Displaced => {
            (phase == Phase::Request || !unread.is_empty()).then_some(Told::TOO_SLOW)
        }
        End::Over(Err(_)) if unread.starts_with(HTTP2) => Some(Told::OTHER_VERSION),
        End::Over(Err(error)) if error.is_incomplete_message() => Some(Told::BROKEN_OFF),
        End::Over(Err(error)) if error.is_parse_too_large() => Some(Told::HEAD_TOO_LARGE),
        End::Over(Err(error)) if error.is_parse() => Some(Told::NO_HTTP),
        // All is said, or the client has gone.
        End::Over(Ok(()) | Err(_)) => None,
    }
}

/// What is done about that which the client still sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// It is read until the client has had enough, so that it does not turn the end of the connection into a reset.
    Read,
    /// Only what has come already is.
    Leave,
}

/// Says the last word, then that nothing more will come, and hears the client out.
async fn close(stream: TcpStream, mut line: &str, rest: Rest) -> io::Result<()> {
    let mut stream = pin!(stream);
    while !line.is_empty() {
        let written = poll_fn(|context| stream.as_mut().poll_write(context, line.as_bytes())).await?;
        line = line.get(written..).unwrap_or_default();
    }
    poll_fn(|context| stream.as_mut().poll_shutdown(context)).await?;
    poll_fn(|context| {
        loop {
            match discard(stream.as_mut(), context) {
                Poll::Ready(Ok(1..)) => {}
                Poll::Pending if rest == Rest::Read => return Poll::Pending,
                _ => return Poll::Ready(Ok(())),
            }
        }
    })
    .await
}

fn discard(stream: Pin<&mut TcpStream>, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
    let mut space = [0_u8; 4096];
    let mut buffer = ReadBuf::new(&mut space);
    stream.poll_read(context, &mut buffer).map_ok(|()| buffer.filled().len())
}
