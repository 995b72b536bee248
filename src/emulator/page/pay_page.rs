//! The page behind a link: what is to be paid and how, or what became of it.

use super::{Place, Text, document, dotted, grouped};
use crate::emulator::reply::bank_and_receiver;
use crate::emulator::state::{Bill, BillState, Method, Payment};

const CHECK: &str = r#"<svg viewBox="0 0 68 68" fill="none" aria-hidden="true"><circle cx="34" cy="34" r="30" fill="currentColor" opacity=".15"/><circle cx="34" cy="34" r="22" fill="currentColor"/><path d="m24.5 34.5 6.5 6.5 12.5-13" stroke="var(--card)" stroke-width="4.5" stroke-linecap="round" stroke-linejoin="round"/></svg>"#;
const CROSS: &str = r#"<svg viewBox="0 0 68 68" fill="none" aria-hidden="true"><circle cx="34" cy="34" r="30" fill="currentColor" opacity=".15"/><circle cx="34" cy="34" r="22" fill="currentColor"/><path d="m26 26 16 16m0-16L26 42" stroke="var(--card)" stroke-width="4.5" stroke-linecap="round"/></svg>"#;

/// The page of `bill`, under a notice if something was refused.
pub(super) fn render(bill: &Bill, notice: Option<&str>) -> String {
    let notice = notice.map_or_else(String::new, |notice| {
        format!(r#"<p class="notice" id="notice" role="alert">{notice}</p>"#)
    });
    let content = format!("{notice}{}{}", summary(bill), action(bill));
    let title = format!("{} {}원", bill.product, grouped(bill.amount));
    document(&title, Place::Checkout, &content)
}

/// The page of a link that leads to no bill.
pub(super) fn unknown() -> String {
    document(
        "청구서 없음",
        Place::Checkout,
        &format!(
            r#"<section class="card"><div class="done off">{CROSS}<h2 id="status" data-state="unknown">청구서를 찾을 수 없습니다</h2><p>주소를 다시 확인해 주세요. 에뮬레이터를 초기화했다면 이전 링크는 사라집니다.</p></div></section>"#
        ),
    )
}

fn summary(bill: &Bill) -> String {
    let state = bill.state();
    let mut facts = String::new();
    facts.push_str(&fact("고객명", "buyer", &bill.buyer_name));
    facts.push_str(&fact("청구서번호", "bill-no", &bill.bill_no));
    if !bill.memo.is_empty() {
        facts.push_str(&fact("메모", "memo", &bill.memo));
    }
    format!(
        r#"<section class="card" aria-label="청구서">
<div class="top"><p class="from"><b>{from}</b> 님이 보낸 청구서</p><p class="chip {name}" id="status" data-state="{name}">{korean}</p></div>
<h1 class="product" id="product">{product}</h1>
<p class="amount" id="amount">{amount}<small>원</small></p>
<dl class="facts">{facts}</dl>
</section>
"#,
        from = Text(&bill.api_id),
        name = state.name(),
        korean = state.korean(),
        product = Text(&bill.product),
        amount = grouped(bill.amount),
    )
}

fn fact(label: &str, id: &str, value: &str) -> String {
    format!(r#"<div><dt>{label}</dt><dd id="{id}">{}</dd></div>"#, Text(value))
}

fn action(bill: &Bill) -> String {
    match (&bill.payment, bill.state()) {
        (Some(payment), BillState::AwaitingDeposit) => awaiting(bill, payment),
        (Some(payment), state) => receipt(bill, payment, state),
        (None, _) => choice(bill),
    }
}

fn choice(bill: &Bill) -> String {
    let methods: String = Method::ALL.into_iter().map(method_choice).collect();
    format!(
        r#"<form class="card" id="payment" method="post" action="/p/{key}/pay">
<fieldset><legend>결제수단</legend><div class="methods">{methods}</div></fieldset>
<button class="button" id="pay" type="submit">{amount}원 결제하기</button>
<p class="hint">누르는 즉시 결제된 것으로 처리됩니다.</p>
</form>"#,
        key = Text(&bill.pay_key),
        amount = grouped(bill.amount),
    )
}

fn method_choice(method: Method) -> String {
    let checked = match method {
        Method::Card => " checked",
        Method::Bank | Method::VirtualAccount | Method::Mobile => "",
    };
    format!(
        r#"<label class="method"><input type="radio" name="method" id="method-{name}" value="{name}"{checked} required><span>{icon}{korean}</span></label>"#,
        name = method.name(),
        icon = icon(method),
        korean = method.korean(),
    )
}

fn icon(method: Method) -> String {
    let path = match method {
        Method::Card => {
            r#"<rect x="2.5" y="5" width="19" height="14" rx="3"/><path d="M2.5 9.8h19M6.5 15h4"/>"#
        }
        Method::Bank => r#"<path d="M3 9.5 12 4l9 5.5zM5.5 10v7m4.3-7v7m4.4-7v7m4.3-7v7M3.5 20h17"/>"#,
        Method::VirtualAccount => {
            r#"<path d="M4 8V6a2 2 0 0 1 2-2h9l5 5v9a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-2m0-4h9m-3-3 3 3-3 3"/>"#
        }
        Method::Mobile => {
            r#"<rect x="6.5" y="2.5" width="11" height="19" rx="2.6"/><path d="M10.8 18.3h2.4"/>"#
        }
    };
    format!(
        r#"<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{path}</svg>"#
    )
}

fn awaiting(bill: &Bill, payment: &Payment) -> String {
    let (bank, receiver) = bank_and_receiver();
    format!(
        r#"<form class="card" id="deposit-form" method="post" action="/p/{key}/deposit">
<h2>입금하실 가상계좌</h2>
<p class="box"><span id="bank">{bank}</span><b id="account">{account}</b></p>
<dl class="facts">{receiver}{due}{order}</dl>
<button class="button" id="deposit" type="submit">{amount}원 입금</button>
<p class="hint">누르면 고객이 이 계좌로 입금한 것으로 처리됩니다.</p>
</form>"#,
        key = Text(&bill.pay_key),
        account = Text(&payment.account_no),
        receiver = fact("예금주", "receiver", receiver),
        due = fact("입금기한", "deposit-due", &dotted(&payment.deposit_due)),
        order = fact("주문번호", "order-no", &payment.order_no),
        amount = grouped(bill.amount),
    )
}

fn receipt(bill: &Bill, payment: &Payment, state: BillState) -> String {
    let (icon, class, message) = match state {
        BillState::Cancelled => (CROSS, "done off", "이 링크로는 다시 결제할 수 없습니다."),
        BillState::PartlyCancelled => (CHECK, "done", "결제 금액의 일부가 취소되었습니다."),
        _ => (CHECK, "done", "결제가 정상적으로 끝났습니다. 이 창을 닫아도 됩니다."),
    };
    let mut facts = fact("결제수단", "method", payment.method.korean());
    if !payment.accepted_at.is_empty() {
        facts.push_str(&fact("승인일시", "accepted-at", &dotted(&payment.accepted_at)));
    }
    if !payment.accept_no.is_empty() {
        facts.push_str(&fact("승인번호", "accept-no", &payment.accept_no));
    }
    facts.push_str(&fact("주문번호", "order-no", &payment.order_no));
    facts.push_str(&fact("거래번호", "tid", &payment.tid));
    if payment.cancelled_amount > 0 {
        facts.push_str(&fact(
            "취소금액",
            "cancelled-amount",
            &format!("{}원", grouped(payment.cancelled_amount)),
        ));
        facts.push_str(&fact("취소일시", "cancelled-at", &dotted(&payment.cancelled_at)));
        facts.push_str(&fact("취소사유", "cancel-message", &payment.cancel_message));
    }
    format!(
        r#"<section class="card" id="receipt" aria-label="영수증">
<div class="{class}">{icon}<h2>{amount}원 {korean}</h2><p>{message}</p></div>
<dl class="facts">{facts}</dl>
</section>"#,
        amount = grouped(bill.amount),
        korean = state.korean(),
    )
}
