//! What reading notifications promises of any bytes at all. The fuzzer looks for bytes that break
//! it, and the tests of the program try those that it left in its corpus.

use std::collections::BTreeMap;
use std::io::{self, Read};

use cookiepay::noti::{DocumentError, Kind, Notification, Reader, parse};
use serde_json::value::RawValue;

/// The fields of a notification in the order of the contract, behind the prefix.
const FIELDS: [&str; 32] = [
    "schema",
    "kind",
    "api_id",
    "order_no",
    "amount",
    "tid",
    "url_key",
    "pay_method",
    "buyer_name",
    "buyer_email",
    "user_id",
    "product_code",
    "product_name",
    "accepted_at",
    "accept_no",
    "card_code",
    "card_name",
    "card_no",
    "quota",
    "account_no",
    "receiver_name",
    "deposit_due",
    "deposit_name",
    "etc1",
    "etc2",
    "etc3",
    "etc4",
    "etc5",
    "extra",
    "problems",
    "source",
    "line",
];

/// A notification that has to be found behind whatever comes before its line.
const BEHIND: &[u8] = b"\n{\"noti_type\":\"cancel\",\"orderno\":\"behind\"}";

/// A document: its line, and the notification as it is written.
pub type Document = (u64, Result<String, DocumentError>);

/// Reads `input` in every way there is, and returns its documents.
pub fn check(input: &[u8]) -> Vec<Document> {
    let documents = read(input, input);
    // Of an array that is not closed is said where it began, but only at the end.
    let in_order = documents.iter().filter(|(_, result)| *result != Err(DocumentError::ArrayNotClosed));
    assert!(in_order.is_sorted_by_key(|(line, _)| *line), "lines go back: {documents:?}");
    assert_eq!(read(input, Pieces(input, input.len())), documents, "pieces make a difference");

    let followed = [input, BEHIND].concat();
    let line = count_lines(&followed);
    let found = |(at, result): &Document| {
        *at == line && result.as_ref().is_ok_and(|json| json.contains(r#""order_no":"behind""#))
    };
    assert!(read(&followed, followed.as_slice()).iter().any(found), "the next document is lost");

    if let Ok(notification) = parse(input, "-") {
        check_body(input, written(&notification));
    }
    documents
}

/// What `parse` takes for one notification is the same one for a reader. But a reader begins a form
/// body on every line, and judges the depth even of values that a later one replaces.
fn check_body(input: &[u8], parsed: String) {
    let body = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input).trim_ascii();
    let documents = read(body, body);
    let split = body[0] != b'{' && body.contains(&b'\n');
    let deep = documents[0].1 == Err(DocumentError::TooDeep);
    assert!(split || deep || documents == [(1, Ok(parsed))], "read otherwise than parsed: {documents:?}");
}

/// All documents of `input`, which comes from `reader`.
fn read(input: &[u8], reader: impl Read) -> Vec<Document> {
    let mut reader = Reader::new("-", reader);
    let mut documents = Vec::new();
    while let Some(item) = reader.next_item().unwrap() {
        assert!((1..=count_lines(input)).contains(&item.line), "no such line: {item:?}");
        if let Err(error) = &item.result {
            assert_plain(&error.to_string());
            assert_place(error, input);
        }
        documents.push((item.line, item.result.map(|notification| written(&notification))));
        assert!(documents.len() <= input.len() + 1, "documents out of nothing");
    }
    assert!(reader.next_item().unwrap().is_none(), "something behind the end");
    documents
}

/// The notification as JSON: one line, the fields of the contract in their order, each once.
fn written(notification: &Notification<'_>) -> String {
    let mut json = Vec::new();
    notification.write_json(br#""schema":1"#, &mut json).unwrap();
    let json = String::from_utf8(json).unwrap();
    assert!(json.bytes().all(|byte| byte >= b' '), "more than a line: {json:?}");

    let fields: BTreeMap<&str, &RawValue> = serde_json::from_str(&json).unwrap();
    let in_order: Vec<String> = FIELDS.iter().map(|key| format!("\"{key}\":{}", fields[key])).collect();
    assert_eq!(json, format!("{{{}}}", in_order.join(",")));

    let extra: BTreeMap<String, &RawValue> = serde_json::from_str(fields["extra"].get()).unwrap();
    assert_eq!(extra.len(), notification.extra.iter().count(), "a key more than once: {json}");
    let cancels =
        |key: &String| ["cancel_date", "noti_type"].iter().any(|cancels| key.eq_ignore_ascii_case(cancels));
    assert!(notification.kind != Kind::Approval || !extra.keys().any(cancels), "a cancel approved: {json}");
    notification.problems.iter().for_each(|problem| assert_plain(&problem.problem));
    json
}

/// Where an error is, there is a byte of the input or the end of a line.
fn assert_place(error: &DocumentError, input: &[u8]) {
    if let DocumentError::Broken { line, column, .. } | DocumentError::NotUtf8 { line, column } = error {
        let mut lines = (1..).zip(input.split(|byte| *byte == b'\n'));
        let (_, text) = lines.find(|(number, _)| number == line).unwrap();
        assert!(*column >= 1 && *column <= text.len() as u64 + 1, "no such place: {error}");
    }
}

/// What is said of a document is short, whatever it quotes, and harmless to a terminal.
fn assert_plain(said: &str) {
    assert!(said.chars().count() < 200 && !said.chars().any(char::is_control), "{said:?}");
}

fn count_lines(input: &[u8]) -> u64 {
    input.iter().filter(|byte| **byte == b'\n').map(|_| 1).sum::<u64>() + 1
}

/// Hands out one to seven bytes at a time, in turn.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = self.1 % 7 + 1;
        let length = self.1.min(buffer.len());
        self.0.read(&mut buffer[..length])
    }
}
