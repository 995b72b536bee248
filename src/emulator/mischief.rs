//! Replies as a fault wants them: how the right JSON becomes a wrong answer.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;

use super::fault::FaultKind;

const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// More than any client should be willing to read.
const HUGE: usize = 2 * 1024 * 1024;

/// How a connection ends without a reply. Carried in the extensions of a response that is never
/// sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Abort {
    /// In order: FIN.
    Close,
    /// Not in order: RST.
    Reset,
}

/// The reply `json`, or what `fault` makes of it.
pub(super) fn reply(fault: Option<&FaultKind>, json: String) -> Response {
    match fault {
        Some(FaultKind::DropBefore | FaultKind::DropAfter) => abort(Abort::Close),
        Some(FaultKind::Reset) => abort(Abort::Reset),
        Some(FaultKind::Error500) => with(StatusCode::INTERNAL_SERVER_ERROR, JSON, json),
        Some(FaultKind::Html) => with(StatusCode::OK, HTML, maintenance_page()),
        Some(FaultKind::Truncated) => truncated(&json),
        Some(FaultKind::TruncatedJson) => with(StatusCode::OK, JSON, half(&json).to_owned()),
        Some(FaultKind::Redirect) => {
            (StatusCode::FOUND, [(header::LOCATION, HeaderValue::from_static("/login"))]).into_response()
        }
        Some(FaultKind::NoCode) => with(StatusCode::OK, JSON, without_code(&json)),
        Some(FaultKind::PhpWarning) => with(
            StatusCode::OK,
            HTML,
            format!(
                "<br />\n<b>Warning</b>:  Undefined array key \"ETC3\" in \
                 <b>/home/www/urlpay/request.php</b> on line <b>42</b><br />\n{json}"
            ),
        ),
        Some(FaultKind::Bom) => with(StatusCode::OK, JSON, format!("\u{feff}{json}")),
        Some(FaultKind::Huge) => with(StatusCode::OK, JSON, padded(&json)),
        Some(
            FaultKind::Delay(_) | FaultKind::WrongToken | FaultKind::ForeignLinks | FaultKind::Refuse(_),
        )
        | None => with(StatusCode::OK, JSON, json),
    }
}

fn with(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let content_type = HeaderValue::from_static(content_type);
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
}

fn abort(how: Abort) -> Response {
    let mut response = Response::default();
    response.extensions_mut().insert(how);
    response
}

fn maintenance_page() -> String {
    "<!DOCTYPE html>\n<html lang=\"ko\"><head><meta charset=\"utf-8\"><title>점검 안내</title>\
     </head><body><h1>시스템 점검 중입니다</h1></body></html>\n"
        .to_owned()
}

/// JSON replies are pure ASCII, so that every byte is a character boundary.
fn half(json: &str) -> &str {
    json.get(..json.len() / 2).unwrap_or(json)
}

fn without_code(json: &str) -> String {
    let mut members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(json).unwrap_or_default();
    members.remove("RESULTCODE");
    members.remove("RTN_CD");
    super::json::escaped(&members).unwrap_or_default()
}

fn padded(json: &str) -> String {
    let members = json.trim_end_matches('}');
    format!("{members},\"PADDING\":\"{}\"}}", "x".repeat(HUGE))
}

fn truncated(json: &str) -> Response {
    let promised = HeaderValue::from(json.len());
    let body =
        Body::new(CutShort { first: Some(Bytes::copy_from_slice(half(json).as_bytes())), flushed: false });
    (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(JSON)),
            (header::CONTENT_LENGTH, promised),
            (HeaderName::from_static("connection"), HeaderValue::from_static("close")),
        ],
        body,
    )
        .into_response()
}

/// A body that ends with an error after its first piece.
struct CutShort {
    first: Option<Bytes>,
    flushed: bool,
}

impl HttpBody for CutShort {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let body = self.get_mut();
        if let Some(first) = body.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if !body.flushed {
            // The server flushes what it has only while it waits for more; an error at once would
            // throw the first piece away with the rest.
            body.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(std::io::Error::other("cut short by a fault"))))
    }
}

/// Makes of a response either itself or the order to end the connection without it.
pub(super) fn or_abort(response: Result<Response, Infallible>) -> Result<Response, Abort> {
    let Ok(response) = response;
    match response.extensions().get::<Abort>() {
        Some(how) => Err(*how),
        None => Ok(response),
    }
}

impl std::fmt::Display for Abort {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ended by a fault")
    }
}

impl std::error::Error for Abort {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_padded_reply_is_still_json_with_its_code() {
        let padded: serde_json::Value = serde_json::from_str(&padded(r#"{"RESULTCODE":"0000"}"#)).unwrap();
        assert_eq!(padded["RESULTCODE"], "0000");
        assert_eq!(padded["PADDING"].as_str().unwrap().len(), HUGE);
    }
}
