//! What people see in a browser: the pay page behind every link, and the index of all there is.
//!
//! The pages need no script and nothing from elsewhere, and their headers forbid both. Everything
//! that came from outside goes through [`Text`].

mod index;
mod pay_page;

use std::fmt::{self, Write};
use std::sync::{Arc, LazyLock};

use axum::extract::{Form, Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::error::EmulatorError;
use super::journal::JournalEntry;
use super::routes::failure;
use super::shared::Shared;
use super::state::{Method, Transition};

const STYLE: &str = include_str!("style.css");

/// The policy admits the one style sheet by its digest and lets forms go nowhere else.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
        BASE64.encode(&Sha256::digest(STYLE))
    )
});

/// Text from outside, escaped for HTML.
struct Text<'a>(&'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => formatter.write_str("&amp;")?,
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '"' => formatter.write_str("&quot;")?,
                '\'' => formatter.write_str("&#39;")?,
                other => formatter.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// `1234567` as `1,234,567`.
pub(super) fn grouped(won: i64) -> String {
    let digits = won.to_string();
    let mut text = String::with_capacity(digits.len().saturating_mul(2));
    for (place, digit) in digits.chars().enumerate() {
        let left = digits.len().saturating_sub(place);
        if place > 0 && left.is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `20261122093947` as `2026.11.22 09:39:47`, `20261129` as `2026.11.29`.
fn dotted(compact: &str) -> String {
    let part = |from: usize, to: usize| compact.get(from..to).unwrap_or_default();
    let day = format!("{}.{}.{}", part(0, 4), part(4, 6), part(6, 8));
    if compact.len() < 14 {
        return day;
    }
    format!("{day} {}:{}:{}", part(8, 10), part(10, 12), part(12, 14))
}

/// Which of the two kinds of page it is.
#[derive(Clone, Copy)]
enum Place {
    Checkout,
    Index,
}

/// A whole page around `content`; `place` says at its head which page it is.
fn document(title: &str, place: Place, content: &str) -> String {
    format!(
        r#"<!DOCTYPE html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title} · CookiePay 에뮬레이터</title>
<style>{STYLE}</style>
</head>
<body>
<div class="banner" id="emulator-banner" role="note"><strong>에뮬레이터</strong> · 연습용 화면입니다. 실제 돈은 움직이지 않습니다.</div>
<main class="{class}">
<header class="brand">{COOKIE}<b>CookiePay</b><span>{place}</span></header>
{content}
<footer>내 컴퓨터에서 실행 중인 cookiepay 에뮬레이터가 보여 주는 화면이며,<br>카드 번호나 비밀번호를 묻지 않습니다.</footer>
</main>
</body>
</html>
"#,
        title = Text(title),
        class = match place {
            Place::Checkout => "narrow",
            Place::Index => "wide",
        },
        place = match place {
            Place::Checkout => "모의 결제창",
            Place::Index => "청구서와 보낸 메시지",
        },
    )
}

const COOKIE: &str = r##"<svg viewBox="0 0 34 34" aria-hidden="true"><circle cx="17" cy="17" r="16" fill="#c98a4b"/><circle cx="17" cy="17" r="13" fill="#dba367"/><g fill="#5a3418"><circle cx="12" cy="12" r="2.6"/><circle cx="21.5" cy="11" r="2"/><circle cx="23" cy="20" r="2.6"/><circle cx="14.5" cy="22.5" r="2.3"/><circle cx="17" cy="16.5" r="1.5"/></g></svg>"##;

fn html(status: StatusCode, page: String) -> Response {
    let policy = HeaderValue::from_str(&POLICY).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // With `no-referrer` a browser would hide the page's own origin from us, too, and its forms be refused.
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    (status, headers, [(header::CONTENT_SECURITY_POLICY, policy)], page).into_response()
}

type Held = State<Arc<Shared>>;

/// `GET /`
pub(super) async fn index(State(shared): Held) -> Response {
    let overview = shared.state().overview();
    match overview {
        Ok(overview) => html(StatusCode::OK, index::render(&overview)),
        Err(error) => failure(&shared, &error),
    }
}

/// `GET /p/{key}`
pub(super) async fn show(State(shared): Held, Path(key): Path<String>) -> Response {
    page_of(&shared, &key, StatusCode::OK, None)
}

/// The form of the pay page.
#[derive(Deserialize)]
pub(super) struct PayForm {
    method: String,
}

/// `POST /p/{key}/pay`
pub(super) async fn pay(State(shared): Held, Path(key): Path<String>, Form(form): Form<PayForm>) -> Response {
    let Ok(method) = form.method.parse::<Method>() else {
        let notice = "결제수단을 선택해 주세요.";
        return page_of(&shared, &key, StatusCode::BAD_REQUEST, Some(notice));
    };
    let change = shared.state().choose(&key, method);
    after(&shared, &key, change)
}

/// `POST /p/{key}/deposit`
pub(super) async fn deposit(State(shared): Held, Path(key): Path<String>) -> Response {
    let change = shared.state().deposit(&key);
    after(&shared, &key, change)
}

/// Tells the journal and the merchant, then sends the browser back to the page, so that a reload
/// does not post the form again.
fn after(shared: &Arc<Shared>, key: &str, change: Result<Transition, EmulatorError>) -> Response {
    let change = match change {
        Ok(change) => change,
        Err(error) => return refusal(shared, key, &error),
    };
    let target = format!("/p/{}", change.url_key);
    let entry = JournalEntry::Payment { at: shared.at(), bill_no: change.bill_no, state: change.state };
    shared.tell(&entry);
    if let Some(notification) = change.notification {
        shared.deliver(notification);
    }
    let target = HeaderValue::from_str(&target).unwrap_or_else(|_| HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, target)]).into_response()
}

fn refusal(shared: &Shared, key: &str, error: &EmulatorError) -> Response {
    let notice = match error {
        EmulatorError::AlreadyPaid { .. } => {
            "이미 결제된 청구서입니다. 한 번 결제한 링크는 다시 결제할 수 없습니다."
        }
        EmulatorError::AlreadyCancelled { .. } => "취소된 청구서는 다시 결제할 수 없습니다.",
        EmulatorError::AwaitingDeposit { .. } => "이미 가상계좌가 발급되었습니다. 아래 계좌로 입금해 주세요.",
        EmulatorError::NotPaid { .. } => "먼저 결제수단을 선택해 주세요.",
        EmulatorError::UnknownBill { .. } => "",
        other => return failure(shared, other),
    };
    page_of(shared, key, StatusCode::CONFLICT, Some(notice))
}

fn page_of(shared: &Shared, key: &str, status: StatusCode, notice: Option<&str>) -> Response {
    let bill = shared.state().bill(key);
    match bill {
        Ok(Some(bill)) => html(status, pay_page::render(&bill, notice)),
        Ok(None) => html(StatusCode::NOT_FOUND, pay_page::unknown()),
        Err(error) => failure(shared, &error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn won_are_grouped_and_times_are_dotted() {
        assert_eq!(grouped(1), "1");
        assert_eq!(grouped(450), "450");
        assert_eq!(grouped(4500), "4,500");
        assert_eq!(grouped(9_999_999_999), "9,999,999,999");
        assert_eq!(dotted("20261122093947"), "2026.11.22 09:39:47");
        assert_eq!(dotted("20261129"), "2026.11.29");
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(
            Text("<a href=\"x\" title='y'>&</a>").to_string(),
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;&lt;/a&gt;"
        );
    }
}
