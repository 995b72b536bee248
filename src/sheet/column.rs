//! The columns of a sheet: which heading means which field of a bill.
//!
//! A heading is an API field (`PRODUCTNAME`), a flag (`product`) or one of the contract's Korean
//! words (`상품명`), in any case, with `-` or `_`, composed or decomposed (as macOS writes Hangul).

use crate::bill::{RawBill, normalised};

/// A field of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Product,
    Amount,
    Buyer,
    Phone,
    Email,
    BillNo,
    Memo,
    Via,
    Tax,
    Etc1,
    Etc2,
    PaymentType,
}

impl Field {
    pub(super) const ALL: [Self; 12] = [
        Self::Product,
        Self::Amount,
        Self::Buyer,
        Self::Phone,
        Self::Email,
        Self::BillNo,
        Self::Memo,
        Self::Via,
        Self::Tax,
        Self::Etc1,
        Self::Etc2,
        Self::PaymentType,
    ];

    /// The columns no sheet can do without.
    pub(super) const REQUIRED: [Self; 4] = [Self::Product, Self::Amount, Self::Buyer, Self::Phone];

    /// The flag's name, as `FieldError` spells it.
    pub(super) const fn flag(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Amount => "amount",
            Self::Buyer => "buyer",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::BillNo => "bill-no",
            Self::Memo => "memo",
            Self::Via => "via",
            Self::Tax => "tax",
            Self::Etc1 => "etc1",
            Self::Etc2 => "etc2",
            Self::PaymentType => "payment-type",
        }
    }

    /// The other names, folded; the Korean ones first, the one to write first of all.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Product => &["상품명", "productname"],
            Self::Amount => &["결제금액", "금액"],
            Self::Buyer => &["고객명", "이름", "buyername"],
            Self::Phone => &["휴대폰번호", "휴대폰", "연락처", "buyerhp"],
            Self::Email => &["이메일", "buyeremail"],
            Self::BillNo => &["청구서번호"],
            Self::Memo => &["메모"],
            Self::Via => &["발송수단", "req_type"],
            Self::Tax => &["과세여부", "taxyn"],
            Self::Etc1 => &["추가필드1"],
            Self::Etc2 => &["추가필드2"],
            Self::PaymentType => &["payment_type_use"],
        }
    }

    /// The heading of a Korean sheet.
    pub(super) fn korean(self) -> &'static str {
        self.names().first().copied().unwrap_or(self.flag())
    }

    /// What this heading or key means.
    pub(super) fn of(heading: &str) -> Option<Self> {
        let folded = fold(heading);
        Self::ALL.into_iter().find(|field| {
            field.names().contains(&folded.as_str()) || fold_ascii(field.flag()).eq(folded.chars())
        })
    }

    /// The name that looks most like this unknown heading, if one does.
    pub(super) fn nearest(heading: &str) -> Option<&'static str> {
        let folded = fold(heading);
        let names =
            Self::ALL.into_iter().flat_map(|field| field.names().iter().copied().chain([field.flag()]));
        let scored = names.map(|name| (strsim::jaro_winkler(name, &folded), name));
        let best = scored.max_by(|(left, _), (right, _)| left.total_cmp(right));
        best.filter(|(score, _)| *score > 0.75).map(|(_, name)| name)
    }

    /// Puts a cell's text into the bill. Korean words for a channel become the ones `--via` takes.
    pub(super) fn fill(self, bill: &mut RawBill, text: String) {
        let slot = match self {
            Self::Product => &mut bill.product,
            Self::Amount => &mut bill.amount,
            Self::Buyer => &mut bill.buyer,
            Self::Phone => &mut bill.phone,
            Self::Email => &mut bill.email,
            Self::BillNo => &mut bill.bill_no,
            Self::Memo => &mut bill.memo,
            Self::Via => &mut bill.via,
            Self::Tax => &mut bill.tax,
            Self::Etc1 => &mut bill.etc1,
            Self::Etc2 => &mut bill.etc2,
            Self::PaymentType => &mut bill.payment_type,
        };
        *slot = Some(if self == Self::Via { channel(text) } else { text });
    }
}

fn channel(text: String) -> String {
    match fold(&text).as_str() {
        "문자" => "sms".to_owned(),
        "이메일" => "email".to_owned(),
        "카카오" | "카톡" | "알림톡" => "kakao".to_owned(),
        "링크" => "link".to_owned(),
        _ => text,
    }
}

/// A heading without what does not tell it from another.
fn fold(heading: &str) -> String {
    normalised(trim(heading)).chars().flat_map(char::to_lowercase).map(underscored).collect()
}

fn fold_ascii(name: &str) -> impl Iterator<Item = char> {
    name.chars().map(underscored)
}

fn underscored(character: char) -> char {
    if character == '-' { '_' } else { character }
}

/// A heading without blanks around it, nor marks that show as nothing: byte order mark, zero-width
/// space. The values below keep such marks, which are refused there.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|character: char| {
        character.is_whitespace() || matches!(character, '\u{FEFF}' | '\u{200B}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_contract_is_known() {
        let names = "PRODUCTNAME AMOUNT BUYERNAME BUYERHP BUYEREMAIL BILL_NO MEMO REQ_TYPE TAXYN ETC1 ETC2 \
            PAYMENT_TYPE_USE product amount buyer phone email bill-no bill_no memo via tax etc1 etc2 \
            payment-type payment_type 상품명 결제금액 금액 고객명 이름 휴대폰번호 휴대폰 연락처 이메일 \
            청구서번호 메모 발송수단 과세여부 추가필드1 추가필드2";
        for name in names.split_whitespace() {
            assert!(Field::of(name).is_some(), "{name}");
        }
        assert_eq!(Field::of("\u{FEFF} Bill-No\t"), Some(Field::BillNo));
        assert_eq!(Field::of("전화번호"), None);
    }

    #[test]
    fn names_are_written_folded_and_mean_one_field() {
        for field in Field::ALL {
            for name in field.names() {
                assert_eq!(fold(name), *name);
                assert_eq!(Field::of(name), Some(field));
            }
            assert_eq!(Field::of(field.flag()), Some(field));
        }
    }

    #[test]
    fn decomposed_hangul_is_the_same_heading() {
        assert_eq!(Field::of("\u{1106}\u{1166}\u{1106}\u{1169}"), Some(Field::Memo));
    }

    #[test]
    fn a_misspelt_heading_finds_its_neighbour() {
        assert_eq!(Field::nearest("휴대폰 번호"), Some("휴대폰번호"));
        assert_eq!(Field::nearest("ammount"), Some("amount"));
        assert_eq!(Field::nearest("비고"), None);
    }

    #[test]
    fn korean_words_name_channels() {
        for (word, via) in
            [("문자", "sms"), ("알림톡", "kakao"), ("링크", "link"), ("SMS", "SMS"), ("팩스", "팩스")]
        {
            let mut bill = RawBill::default();
            Field::Via.fill(&mut bill, word.to_owned());
            assert_eq!(bill.via.as_deref(), Some(via));
        }
    }
}
