//! What the parser as a whole promises: how its tests look at it.

mod documents;
mod notifications;

use std::io::Read;

use serde_json::Value;

use super::{DocumentError, Notification, Reader};

const CARD: &str = include_str!("../../../tests/fixtures/noti-card.json");
const CANCEL: &str = include_str!("../../../tests/fixtures/noti-cancel.json");
const DEPOSIT: &str = include_str!("../../../tests/fixtures/noti-deposit.json");
const FAILURE: &str = include_str!("../../../tests/fixtures/noti-failure.json");
const UNDOCUMENTED: &str = include_str!("../../../tests/fixtures/noti-undocumented-fields.json");
const SAMPLES: [&str; 5] = [CARD, CANCEL, DEPOSIT, FAILURE, UNDOCUMENTED];

/// All items, each as its line and its JSON or its error.
fn items_of(reader: impl Read) -> Vec<(u64, Result<Value, DocumentError>)> {
    let mut reader = Reader::new("-", reader);
    let mut items = Vec::new();
    while let Some(item) = reader.next_item().unwrap() {
        items.push((item.line, item.result.map(|notification| checked_json(&notification))));
    }
    items
}

fn items(input: impl AsRef<[u8]>) -> Vec<(u64, Result<Value, DocumentError>)> {
    items_of(input.as_ref())
}

/// The notification as JSON, whichever way it is written.
fn checked_json(notification: &Notification<'_>) -> Value {
    let mut written = Vec::new();
    notification.write_json(b"", &mut written).unwrap();
    assert!(!written.contains(&b'\n'));
    let value: Value = serde_json::from_slice(&written).unwrap();
    let mut prefixed = b"before ".to_vec();
    notification.write_json(br#""schema":1,"profile":"a""#, &mut prefixed).unwrap();
    let mut expected = br#"before {"schema":1,"profile":"a","#.to_vec();
    expected.extend_from_slice(&written[1..]);
    assert_eq!(prefixed, expected);
    assert_eq!(serde_json::to_vec(notification).unwrap(), written);
    value
}

/// A small document that is a notification, with its order number.
fn small(order: &str) -> String {
    format!(r#"{{"noti_type":"cancel","orderno":"{order}"}}"#)
}
