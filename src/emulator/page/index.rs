//! The index: what the emulator has been asked for, and what customers would have got.

use super::{Place, Text, document, grouped};
use crate::emulator::state::{Bill, Overview, SentMessage, SentNotification};

/// The newest bills, messages and notifications.
pub(super) fn render(overview: &Overview) -> String {
    let content = format!(
        "{}{}{}{}",
        tiles(overview),
        bills(&overview.bills),
        outbox(&overview.messages),
        notifications(&overview.notifications)
    );
    document("청구서와 보낸 메시지", Place::Index, &content)
}

fn tiles(overview: &Overview) -> String {
    let counts = &overview.counts;
    let tile = |label: &str, id: &str, count: u64| {
        format!(r#"<div><dt>{label}</dt><dd id="count-{id}">{count}</dd></div>"#)
    };
    format!(
        r#"<dl class="tiles">{}{}{}{}{}{}</dl>"#,
        tile("청구서", "bills", counts.bills),
        tile("문자", "sms", counts.messages.sms),
        tile("이메일", "email", counts.messages.email),
        tile("카카오", "kakao", counts.messages.kakao),
        tile("발송 요청", "send", counts.requests.send),
        tile("결제 확인", "urlcert", counts.requests.urlcert),
    )
}

fn bills(bills: &[Bill]) -> String {
    if bills.is_empty() {
        return r#"<section class="card" id="bills"><h1>청구서</h1><p class="empty">아직 청구서가 없습니다. <code>cookiepay send --profile local</code> 로 만들어 보세요.</p></section>"#
            .to_owned();
    }
    let rows: String = bills.iter().map(bill_row).collect();
    format!(
        r#"<section class="card" id="bills"><h1>청구서</h1><div class="scroll"><table>
<thead><tr><th>상태</th><th>상품명</th><th class="number">금액</th><th>고객명</th><th>청구서번호</th><th>URLKEY</th><th>만든 때</th></tr></thead>
<tbody>{rows}</tbody></table></div></section>"#
    )
}

fn bill_row(bill: &Bill) -> String {
    let state = bill.state();
    format!(
        r#"<tr><td><span class="chip {state}">{korean}</span></td><td><a href="/p/{key}">{product}</a></td><td class="number">{amount}원</td><td>{buyer}<br><span class="quiet">{phone}</span></td><td>{bill_no}</td><td><code>{url_key}</code></td><td class="quiet">{created}</td></tr>
"#,
        korean = state.korean(),
        key = Text(&bill.pay_key),
        product = Text(&bill.product),
        amount = grouped(bill.amount),
        buyer = Text(&bill.buyer_name),
        phone = Text(&masked(&bill.buyer_phone)),
        bill_no = Text(&bill.bill_no),
        url_key = Text(&bill.url_key),
        created = clock(&bill.created_at),
    )
}

fn outbox(messages: &[SentMessage]) -> String {
    if messages.is_empty() {
        return r#"<section class="card" id="outbox"><h2>보낸 메시지</h2><p class="empty">아직 보낸 메시지가 없습니다.</p></section>"#
            .to_owned();
    }
    let items: String = messages.iter().map(message_item).collect();
    format!(
        r#"<section class="card" id="outbox"><h2>보낸 메시지</h2><ul class="outbox">{items}</ul></section>"#
    )
}

fn message_item(message: &SentMessage) -> String {
    format!(
        r#"<li><span class="chip">{channel}</span> <b>{recipient}</b> <span class="quiet">{at} · {bill_no}</span><p>{text}</p><a class="quiet" href="/p/{key}">결제창 열기</a></li>
"#,
        channel = channel(&message.channel),
        recipient = Text(&masked(&message.recipient)),
        at = clock(&message.sent_at),
        bill_no = Text(&message.bill_no),
        text = Text(&message.text),
        key = Text(&message.pay_key),
    )
}

/// A phone number or an e-mail address of which enough is seen to tell it from others: `010****5678`, `k***@a.kr`.
fn masked(recipient: &str) -> String {
    let shown = |text: &str, from: usize, to: usize| text.chars().skip(from).take(to).collect::<String>();
    if let Some((name, domain)) = recipient.split_once('@') {
        return format!("{}***@{domain}", shown(name, 0, 1));
    }
    let length = recipient.chars().count();
    format!("{}****{}", shown(recipient, 0, 3), shown(recipient, length.saturating_sub(4).max(3), 4))
}

fn channel(name: &str) -> &'static str {
    match name {
        "sms" => "문자",
        "email" => "이메일",
        _ => "카카오",
    }
}

fn notifications(notifications: &[SentNotification]) -> String {
    if notifications.is_empty() {
        return String::new();
    }
    let rows: String = notifications.iter().map(notification_row).collect();
    format!(
        r#"<section class="card" id="notifications"><h2>통지(Noti)</h2><div class="scroll"><table>
<thead><tr><th>종류</th><th>청구서번호</th><th>전달</th><th>때</th></tr></thead>
<tbody>{rows}</tbody></table></div></section>"#
    )
}

fn notification_row(notification: &SentNotification) -> String {
    let kind = match notification.kind.as_str() {
        "approval" => "결제 통지",
        "cancel" => "취소 통지",
        _ => "입금 전 취소 통지",
    };
    let outcome = match notification.outcome.as_str() {
        "" if notification.is_kept_back => "보내기 전".to_owned(),
        "" => "보내지 않음".to_owned(),
        "failed" => "전달 실패".to_owned(),
        status => format!("응답 {status}"),
    };
    format!(
        "<tr><td>{kind}</td><td>{}</td><td>{outcome}{}</td><td class=\"quiet\">{}</td></tr>\n",
        Text(&notification.bill_no),
        fault_note(notification),
        clock(&notification.made_at),
    )
}

/// What a fault did to a notification.
fn fault_note(notification: &SentNotification) -> String {
    let fault = match notification.fault.as_str() {
        "duplicate" => "두 번 보냄",
        "reordered" if notification.is_kept_back => "다음 통지를 기다림",
        "reordered" => "다음 통지 뒤로 미룸",
        "forged" => "위조된 통지를 먼저 보냄",
        "never-sent" => "일부러 보내지 않음",
        _ => "",
    };
    let late = match notification.late_ms {
        0 => String::new(),
        milliseconds => format!("{milliseconds}ms 늦게 보냄"),
    };
    let notes: Vec<&str> = [fault, &late].into_iter().filter(|note| !note.is_empty()).collect();
    if notes.is_empty() {
        return String::new();
    }
    format!(r#" <span class="quiet">고장: {}</span>"#, notes.join(", "))
}

/// `2026-11-22T09:39:47+09:00` as `2026-11-22 09:39:47`.
fn clock(rfc3339: &str) -> String {
    rfc3339.get(..19).unwrap_or(rfc3339).replace('T', " ")
}
