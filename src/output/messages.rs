//! The words of tables in both languages, in one place.
//!
//! Programs read the contract's names, which never change; people read these. A name without an
//! entry is shown as it is.

/// The language of texts for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Korean.
    Ko,
    /// English.
    En,
}

impl Language {
    /// The language of a locale such as `ko_KR.UTF-8`: Korean for `ko…`, else English.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        if locale.to_ascii_lowercase().starts_with("ko") { Self::Ko } else { Self::En }
    }
}

/// A field's name in the contract, its English and its Korean label.
const LABELS: &[(&str, &str, &str)] = &[
    ("accept_no", "approval no.", "승인번호"),
    ("accepted_at", "paid at", "승인일시"),
    ("account_no", "account", "계좌번호"),
    ("amount", "amount", "금액"),
    ("batch", "batch", "발송 묶음"),
    ("bill_no", "bill no.", "청구서번호"),
    ("buyer", "buyer", "고객명"),
    ("buyer_name", "buyer", "고객명"),
    ("cached", "cached", "저장됨"),
    ("cancel_message", "reason", "취소사유"),
    ("cancelled_at", "cancelled", "취소일시"),
    ("card_name", "card/bank", "카드/은행"),
    ("checked_at", "checked at", "확인일시"),
    ("created_at", "created", "등록일시"),
    ("delivery", "delivery", "전달"),
    ("delivery_and_error", "delivery", "전달"),
    ("deposit_due", "deposit due", "입금마감"),
    ("email", "e-mail", "이메일"),
    ("etc1", "ETC1", "추가필드1"),
    ("etc2", "ETC2", "추가필드2"),
    ("expires_at", "expires", "만료일시"),
    ("finding", "finding", "결과"),
    ("id", "no.", "번호"),
    ("issued_at", "issued", "발급일시"),
    ("kind", "kind", "구분"),
    ("line", "line", "줄"),
    ("notify_status", "notified", "통지 응답"),
    ("notify_url", "notify URL", "통지 주소"),
    ("operator", "operator", "담당자"),
    ("order_no", "order no.", "주문번호"),
    ("outcome", "outcome", "처리결과"),
    ("outcome_before", "outcome before", "이전 처리결과"),
    ("pay_method", "method", "결제수단"),
    ("pay_url", "pay URL", "결제주소"),
    ("phone", "phone", "휴대폰"),
    ("problems", "problems", "문제"),
    ("product", "product", "상품명"),
    ("product_name", "product", "상품명"),
    ("profile", "profile", "프로필"),
    ("queued", "queued", "전달 대기"),
    ("reasons", "reasons", "까닭"),
    ("received_at", "received", "수신일시"),
    ("receiver_name", "account holder", "예금주"),
    ("requested_at", "requested at", "요청일시"),
    ("result_code", "code", "응답코드"),
    ("result_message", "message", "응답메시지"),
    ("row", "row", "행"),
    ("setting", "setting", "설정"),
    ("state", "state", "결제상태"),
    ("state_before", "state before", "이전 결제상태"),
    ("tid", "TID", "거래번호"),
    ("token", "token", "토큰"),
    ("url_key", "URL key", "URL키"),
    ("value", "value", "값"),
    ("verdict", "verdict", "판정"),
    ("verdict_and_reasons", "verdict", "판정"),
    ("via", "via", "발송수단"),
    ("where", "from", "출처"),
];

/// A word of the contract, and how Korean says it.
const WORDS: &[(&str, &str)] = &[
    ("already_sent", "이미 발송됨"),
    ("approval", "승인"),
    ("awaiting_deposit", "입금 대기"),
    ("cancel", "취소"),
    ("cancelled", "취소됨"),
    ("confirmed", "확인됨"),
    ("created", "링크 생성"),
    ("dead", "전달 포기"),
    ("delivered", "전달됨"),
    ("deposit_cancel", "입금 취소"),
    ("duplicate", "중복"),
    ("email", "이메일"),
    ("error", "오류"),
    ("failed", "전달 실패"),
    ("failure", "실패"),
    ("foreign", "다른 상점"),
    ("kakao", "카카오"),
    ("link", "링크만"),
    ("linked", "링크 확인됨"),
    ("messaged", "방금 보냄"),
    ("mismatch", "불일치"),
    ("none", "없음"),
    ("not_sent", "발송 안 됨"),
    ("paid", "결제완료"),
    ("pending", "대기"),
    ("refused", "거절"),
    ("sent", "발송됨"),
    ("sms", "문자"),
    ("unchecked", "확인 전"),
    ("unconfirmed", "미확인"),
    ("unknown", "알 수 없음"),
    ("unlinked", "링크 없음"),
    ("unpaid", "미결제"),
    ("unrecorded", "기록 없음"),
];

/// The label of a field in the language of people.
#[must_use]
pub fn field_label(name: &str, language: Language) -> &str {
    match LABELS.binary_search_by_key(&name, |entry| entry.0).ok().and_then(|place| LABELS.get(place)) {
        Some((_, english, korean)) => match language {
            Language::En => english,
            Language::Ko => korean,
        },
        None => name,
    }
}

/// A word of the contract (an outcome, a state, a channel) in the language of people.
#[must_use]
pub fn word(name: &str, language: Language) -> &str {
    match (
        language,
        WORDS.binary_search_by_key(&name, |entry| entry.0).ok().and_then(|place| WORDS.get(place)),
    ) {
        (Language::Ko, Some((_, korean))) => korean,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lists_are_sorted_for_their_search() {
        assert!(LABELS.is_sorted_by_key(|entry| entry.0));
        assert!(WORDS.is_sorted_by_key(|entry| entry.0));
    }

    #[test]
    fn a_locale_decides_the_language() {
        assert_eq!(Language::of_locale("ko_KR.UTF-8"), Language::Ko);
        assert_eq!(Language::of_locale("C"), Language::En);
        assert_eq!(field_label("bill_no", Language::Ko), "청구서번호");
        assert_eq!(field_label("nothing", Language::En), "nothing");
        assert_eq!(word("paid", Language::Ko), "결제완료");
        assert_eq!(word("paid", Language::En), "paid");
    }
}
