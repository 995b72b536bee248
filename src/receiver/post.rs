//! One request: is it a notification, and has it been stored?
//!
//! No web page may post, whatever it says. Path first, then method, then body: a stranger learns nothing of what lies behind a path that it does not know.
//! The content decides what a body is, not its headers: losing a real notification over a `Content-Type` would be
//! worse than reading one more. How long the client takes is not judged here.

use std::borrow::Cow;
use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use tokio::sync::{mpsc, oneshot};

use super::event::{Event, Journal};
use super::gate::{Gate, HEALTH};
use super::head::HeadFault;
use super::intake::{Kept, Parcel};
use super::seats::Seat;
use crate::ledger::Account;
use crate::noti::{self, Facts};

/// Longer bodies are refused with 413.
const BODY_LIMIT: usize = 64 * 1024;

/// When a client is to try again whose notification could not be stored, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// What all requests share.
pub(super) struct Post {
    /// The path.
    pub(super) gate: Gate,
    /// Whose notifications they are.
    pub(super) account: Account,
    /// Whoever watches.
    pub(super) journal: Journal,
    /// To the thread that stores.
    pub(super) intake: mpsc::Sender<Parcel>,
    /// Whether the disk takes anything.
    pub(super) can_store: Arc<dyn Fn() -> bool + Send + Sync>,
    /// Whether the last notification could not be stored.
    pub(super) has_lost: AtomicBool,
}

/// Why a request is refused: its status, and a short text for whoever looks at the other end.
struct Refusal {
    status: StatusCode,
    reason: Cow<'static, str>,
}

impl Refusal {
    fn new(status: StatusCode, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { status, reason: reason.into() }
    }
}

/// Answers a request: 200 only once the notification is durable.
pub(super) async fn answer(
    State(post): State<Arc<Post>>,
    Extension(seat): Extension<Arc<Seat>>,
    Extension(peer): Extension<Option<IpAddr>>,
    Extension(fault): Extension<HeadFault>,
    request: Request,
) -> Response {
    let taken = match fault {
        Some(fault) => Err(Refusal::new(StatusCode::BAD_REQUEST, fault)),
        None if is_of_a_web_page(request.headers()) => {
            Err(Refusal::new(StatusCode::FORBIDDEN, "no web page may post"))
        }
        None if is_health_check(&request, peer) => return post.health(request.method().clone(), &seat).await,
        None => post.take(request, &seat).await,
    };
    let Err(refusal) = taken else { return reply(StatusCode::OK, Body::from("OK")) };
    let Refusal { status, reason } = refusal;
    let mut response = reply(status, Body::from(format!("{reason}\n")));
    match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        _ => {}
    }
    // The ledger's trouble is told by the intake, once.
    if status != StatusCode::SERVICE_UNAVAILABLE {
        (post.journal)(Event::Refused { peer, status: status.as_u16(), reason: reason.into_owned() });
    }
    response
}

fn reply(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

impl Post {
    async fn take(&self, request: Request, seat: &Seat) -> Result<(), Refusal> {
        let (head, body) = request.into_parts();
        if !self.gate.admits(head.uri.path()) {
            return Err(Refusal::new(StatusCode::NOT_FOUND, "no such path"));
        }
        if head.method != Method::POST {
            return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "notifications are posted"));
        }
        if is_encoded(&head.headers) {
            let reason = "no `Content-Encoding` is understood";
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason));
        }
        let body = read(body).await?;
        let notification = noti::parse(&body, "http")
            .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.to_string()))?;
        let facts = Facts::of(&notification);
        let identity = notification.identity(&self.account.environment, &self.account.api_id);
        drop(notification);
        let (acknowledge, kept) = oneshot::channel();
        seat.storing();
        let handed_over = self.intake.send(Parcel { facts, identity, body, acknowledge }).await;
        let kept = match (handed_over, kept.await) {
            (Ok(()), Ok(kept)) => kept,
            _ => Kept::Lost,
        };
        self.has_lost.store(kept == Kept::Lost, Ordering::Relaxed);
        let reason = match kept {
            Kept::Durable => return Ok(()),
            Kept::NoRoom => "there is no room for it; try again",
            Kept::Lost => "it could not be stored; try again",
        };
        Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, reason))
    }

    /// Whether a notification that came now could be stored.
    async fn health(&self, method: Method, seat: &Seat) -> Response {
        if !matches!(method, Method::GET | Method::HEAD) {
            let mut response = reply(StatusCode::METHOD_NOT_ALLOWED, Body::from("ask with GET\n"));
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        seat.storing();
        let can_store = Arc::clone(&self.can_store);
        let takes = tokio::task::spawn_blocking(move || can_store()).await.unwrap_or(false);
        if takes && !self.has_lost.load(Ordering::Relaxed) {
            reply(StatusCode::OK, Body::from("OK\n"))
        } else {
            reply(StatusCode::SERVICE_UNAVAILABLE, Body::from("notifications cannot be stored\n"))
        }
    }
}

/// Whether a browser sends this for a page: it names the page's origin with every request that may change anything.
/// `CookiePay` names none.
fn is_of_a_web_page(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site")
}

/// Whether this machine itself asks. What a proxy passes on comes from elsewhere, whoever the proxy is.
fn is_health_check(request: &Request, peer: Option<IpAddr>) -> bool {
    let is_passed_on =
        ["forwarded", "x-forwarded-for", "via"].iter().any(|name| request.headers().contains_key(*name));
    request.uri().path() == HEALTH && peer.is_some_and(|peer| peer.is_loopback()) && !is_passed_on
}

fn is_encoded(headers: &HeaderMap) -> bool {
    let is_plain = |value: &HeaderValue| {
        value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity") || value.is_empty()
    };
    !headers.get_all(header::CONTENT_ENCODING).iter().all(is_plain)
}

/// The whole body, if it is not too large. One that comes in a single piece is not copied.
async fn read(mut body: Body) -> Result<Bytes, Refusal> {
    let too_large = || Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "longer than 64 KiB");
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > BODY_LIMIT {
        return Err(too_large());
    }
    let Some(first) = next(&mut body).await? else { return Ok(Bytes::new()) };
    if body.is_end_stream() && first.len() <= BODY_LIMIT {
        return Ok(first);
    }
    let mut whole = Vec::with_capacity(announced);
    let mut piece = Some(first);
    while let Some(data) = piece {
        if whole.len().saturating_add(data.len()) > BODY_LIMIT {
            return Err(too_large());
        }
        whole.extend_from_slice(&data);
        piece = next(&mut body).await?;
    }
    Ok(whole.into())
}

/// The next piece of data.
async fn next(body: &mut Body) -> Result<Option<Bytes>, Refusal> {
    while let Some(frame) = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
        let frame = frame.map_err(|_| {
            Refusal::new(StatusCode::BAD_REQUEST, "the body breaks off or breaks its own framing")
        })?;
        // Trailers say nothing that is wanted here.
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}
