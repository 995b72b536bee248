//! What is served where: the three endpoints, the pay page, the index and the counts.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::time::{sleep, timeout};

use super::error::EmulatorError;
use super::fault::{Endpoint, FaultKind, Strike};
use super::journal::JournalEntry;
use super::json;
use super::mischief;
use super::origin;
use super::page;
use super::reply::{Refusal, SentReply, TokenReply, UrlcertReply};
use super::request::Fields;
use super::shared::Shared;
use super::state::{Links, Message, Record};

/// Longer bodies are refused with 413.
const BODY_LIMIT: usize = 64 * 1024;

/// A body that takes longer than this is refused with 408.
const BODY_PATIENCE: Duration = Duration::from_secs(30);

/// An invented code: the provider publishes none for this.
const CONTENT_TYPE: &str = "E013";

type Held = axum::extract::State<Arc<Shared>>;

/// Everything that is served.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/urlpay/request", post(send))
        .route("/payAuth/token", post(token))
        .route("/api/urlcert", post(urlcert))
        .route("/_emulator/counts", get(counts))
        .route("/", get(page::index))
        .route("/p/{key}", get(page::show))
        .route("/p/{key}/pay", post(page::pay))
        .route("/p/{key}/deposit", post(page::deposit))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), origin::check))
        .with_state(shared)
}

async fn send(axum::extract::State(shared): Held, request: Request) -> Response {
    answer(&shared, Endpoint::Send, request, send_json).await
}

async fn token(axum::extract::State(shared): Held, request: Request) -> Response {
    answer(&shared, Endpoint::Token, request, token_json).await
}

async fn urlcert(axum::extract::State(shared): Held, request: Request) -> Response {
    answer(&shared, Endpoint::Urlcert, request, urlcert_json).await
}

async fn counts(axum::extract::State(shared): Held) -> Response {
    let counts = shared.state().counts();
    match counts.and_then(|counts| Ok(json::escaped(&counts)?)) {
        Ok(json) => mischief::reply(None, json),
        Err(error) => failure(&shared, &error),
    }
}

/// The JSON of a reply with its result code, and the message that was sent.
struct Answer {
    code: String,
    json: String,
    message: Option<Message>,
}

impl Answer {
    fn refused(endpoint: Endpoint, refusal: &Refusal) -> Result<Self, EmulatorError> {
        let json = match endpoint {
            Endpoint::Token => json::escaped(&refusal.return_code())?,
            Endpoint::Send | Endpoint::Urlcert => json::escaped(&refusal.result())?,
        };
        Ok(Self { code: refusal.code.clone(), json, message: None })
    }
}

type Act = fn(&Shared, &Asked<'_>) -> Result<Result<Answer, Refusal>, EmulatorError>;

/// A request, and what strikes it.
struct Asked<'a> {
    record: Record,
    headers: &'a HeaderMap,
    fields: Fields,
    fault: Option<&'a FaultKind>,
}

/// What the three endpoints have in common: the fault that strikes, the body, the journal.
async fn answer(shared: &Arc<Shared>, endpoint: Endpoint, request: Request, act: Act) -> Response {
    let headers = request.headers().clone();
    let body = match timeout(BODY_PATIENCE, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => body,
        Ok(Err(rejection)) => return rejection.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    let strike = shared.strike(endpoint);
    let answer = match work(shared, endpoint, &strike, &headers, &body, act) {
        Ok(answer) => answer,
        Err(error) => return failure(shared, &error),
    };
    let at = shared.at();
    shared.tell(&JournalEntry::Request {
        at: at.clone(),
        endpoint,
        status: strike.status(),
        result_code: answer.code,
        fault: strike.describe(),
    });
    if let Some(message) = answer.message {
        shared.tell(&JournalEntry::Message {
            at,
            channel: message.channel,
            recipient: message.recipient,
            text: message.text,
        });
    }
    if !strike.delay.is_zero() {
        sleep(strike.delay).await;
    }
    mischief::reply(strike.kind.as_ref(), answer.json)
}

fn work(
    shared: &Shared,
    endpoint: Endpoint,
    strike: &Strike<FaultKind>,
    headers: &HeaderMap,
    body: &[u8],
    act: Act,
) -> Result<Answer, EmulatorError> {
    let record = Record { endpoint, status: strike.status() };
    let refusal = match &strike.kind {
        Some(FaultKind::DropBefore) => Some(Refusal::new("", "")),
        Some(FaultKind::Refuse(code)) => Some(Refusal::new(code, "요청이 거절되었습니다")),
        Some(FaultKind::WrongToken) => Some(Refusal::wrong_token()),
        _ if !is_json(headers) => {
            Some(Refusal::new(CONTENT_TYPE, "Content-Type 은 application/json 이어야 합니다"))
        }
        _ => None,
    };
    let fields = match refusal {
        Some(refusal) => Err(refusal),
        None => Fields::read(body),
    };
    match fields {
        Ok(fields) => match act(shared, &Asked { record, headers, fields, fault: strike.kind.as_ref() })? {
            Ok(answer) => Ok(answer),
            Err(refusal) => Answer::refused(endpoint, &refusal),
        },
        Err(refusal) => {
            shared.state().note(record, &refusal.code)?;
            Answer::refused(endpoint, &refusal)
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = text(headers, header::CONTENT_TYPE.as_str());
    let kind = kind.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

/// The header's text, empty where it is absent.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn send_json(shared: &Shared, asked: &Asked<'_>) -> Result<Result<Answer, Refusal>, EmulatorError> {
    let key = text(asked.headers, "apikey");
    let answer = match shared.state().send(asked.record, key, &asked.fields, &shared.base)? {
        Ok(answer) => answer,
        Err(refusal) => return Ok(Err(refusal)),
    };
    Ok(Ok(Answer {
        code: "0000".to_owned(),
        json: json::escaped(&SentReply::new(&answer.bill, &answer.pay_url))?,
        message: answer.message,
    }))
}

fn token_json(shared: &Shared, asked: &Asked<'_>) -> Result<Result<Answer, Refusal>, EmulatorError> {
    let token = match shared.state().token(asked.record, &asked.fields)? {
        Ok(token) => token,
        Err(refusal) => return Ok(Err(refusal)),
    };
    Ok(Ok(Answer { code: "0000".to_owned(), json: json::escaped(&TokenReply::new(&token))?, message: None }))
}

fn urlcert_json(shared: &Shared, asked: &Asked<'_>) -> Result<Result<Answer, Refusal>, EmulatorError> {
    let links = if asked.fault == Some(&FaultKind::ForeignLinks) { Links::All } else { Links::Own };
    let token = text(asked.headers, "token");
    let bill = match shared.state().urlcert(asked.record, token, &asked.fields, links)? {
        Ok(bill) => bill,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(payment) = &bill.payment else {
        return Ok(Err(Refusal::new("EA01", "결제 미진행")));
    };
    Ok(Ok(Answer {
        code: "0000".to_owned(),
        json: json::escaped(&UrlcertReply::new(&bill, payment))?,
        message: None,
    }))
}

/// The emulator's own failure: the client gets a 500 without a result code.
pub(super) fn failure(shared: &Shared, error: &EmulatorError) -> Response {
    shared.report(error);
    (StatusCode::INTERNAL_SERVER_ERROR, "the emulator's state failed; its journal says why\n").into_response()
}
