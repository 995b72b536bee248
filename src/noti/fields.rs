//! The fields of a document as they were given: which known ones, how spelt, and all others.
//!
//! Reads an object or a form body in one pass; values stay slices of the document wherever they
//! can. What they mean is decided in `normalise`.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode;
use serde::de::{DeserializeSeed, Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::{DocumentError, excerpt};

/// The value of a field as given.
#[derive(Debug, Clone)]
pub(super) enum Value<'a> {
    /// A decoded text of a form body.
    Text(Cow<'a, str>),
    /// JSON as it stands in the document.
    Json(&'a RawValue),
}

/// A known field as given.
#[derive(Debug)]
pub(super) struct Slot<'a> {
    /// The key as spelt in the document.
    pub(super) key: Cow<'a, str>,
    pub(super) value: Value<'a>,
}

impl Slot<'_> {
    /// Whether the value is an object or an array, where the reference has texts only.
    pub(super) fn is_nested(&self) -> bool {
        matches!(&self.value, Value::Json(raw) if raw.get().starts_with(['{', '[']))
    }
}

/// Declares the known fields and how a key finds its own.
macro_rules! known_fields {
    ($($place:literal $field:ident $key:literal,)+) => {
        /// The fields of the reference, "Notification", under each name that was seen.
        #[derive(Debug, Default)]
        pub(super) struct Known<'a> { $(pub(super) $field: Option<Slot<'a>>,)+ }

        impl<'a> Known<'a> {
            /// The slot of a key, in either case. The place of the list that is expected is tried
            /// first, and set to the one behind the key.
            fn slot(&mut self, key: &str, expected: &mut u8) -> Option<&mut Option<Slot<'a>>> {
                let place = match *expected {
                    $($place if key == $key => $place,)+
                    _ => place_of(key)?,
                };
                *expected = place.saturating_add(1);
                match place {
                    $($place => Some(&mut self.$field),)+
                    _ => None,
                }
            }
        }

        /// The place of a key in the list, in either case.
        fn place_of(key: &str) -> Option<u8> {
            $(if key.eq_ignore_ascii_case($key) { return Some($place); })+
            None
        }
    };
}

// In the order in which `CookiePay` sends them, so that the next key is mostly the next of the list.
known_fields! {
    0 pay_method "PAY_METHOD",
    1 api_id "API_ID",
    2 order_no "ORDERNO",
    3 amount "AMOUNT",
    4 tid "TID",
    5 buyer_email "BUYEREMAIL",
    6 buyer_name "BUYERNAME",
    7 user_id "USERID",
    8 product_code "PRODUCTCODE",
    9 product_name "PRODUCTNAME",
    10 accept_date "ACCEPT_DATE",
    11 accept_no "ACCEPT_NO",
    12 card_code "CARDCODE",
    13 card_name "CARDNAME",
    14 card_no "CARDNO",
    15 quota "QUOTA",
    16 account_no "ACCOUNTNO",
    17 receiver_name "RECEIVERNAME",
    18 deposit_due "DEPOSITENDDATE",
    19 deposit_name "DEPOSITNAME",
    20 url_key "SMS_INPUT",
    21 etc1 "ETC1",
    22 etc2 "ETC2",
    23 etc3 "ETC3",
    24 etc4 "ETC4",
    25 etc5 "ETC5",
    26 result_code "RESULTCODE",
    27 pay_method_joined "PAYMETHOD",
    28 noti_type "NOTI_TYPE",
    29 cancel_amount "CANCEL_AMOUNT",
    30 cancel_date "CANCEL_DATE",
    31 buyer_id "BUYERID",
    32 accept_date_joined "ACCEPTDATE",
    33 accept_no_joined "ACCEPTNO",
}

/// All fields of a document.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    pub(super) known: Known<'a>,
    /// The others, in their order.
    pub(super) others: Vec<(Cow<'a, str>, Value<'a>)>,
    /// The known keys that were given again.
    pub(super) repeated: Vec<Cow<'a, str>>,
    /// The place of the key that is expected next.
    expected: u8,
}

impl<'a> Fields<'a> {
    /// Reads an object. `Err` says what `serde_json` dislikes, with its place in `object`.
    pub(super) fn read_object(&mut self, object: &'a str) -> Result<(), serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(object);
        deserializer.deserialize_map(Filling(self))?;
        deserializer.end()
    }

    /// Reads a form body: `key=value&…`, percent-encoded UTF-8, `+` for a space.
    pub(super) fn read_form(&mut self, body: &'a [u8]) -> Result<(), DocumentError> {
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let raw_key = halves.next().unwrap_or_default();
            let not_unicode =
                |_| DocumentError::NotUnicode { field: excerpt(&String::from_utf8_lossy(raw_key)) };
            let key = decode(raw_key).map_err(not_unicode)?;
            let value = decode(halves.next().unwrap_or_default()).map_err(not_unicode)?;
            self.put(key, Value::Text(value));
        }
        Ok(())
    }

    /// Takes a field. Of a known key the last value counts.
    fn put(&mut self, key: Cow<'a, str>, value: Value<'a>) {
        match self.known.slot(&key, &mut self.expected) {
            Some(slot) => {
                if slot.is_some() {
                    self.repeated.push(key.clone());
                }
                *slot = Some(Slot { key, value });
            }
            None => self.others.push((key, value)),
        }
    }
}

/// Decodes a half of a form pair.
fn decode(raw: &[u8]) -> Result<Cow<'_, str>, std::str::Utf8Error> {
    if !raw.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return std::str::from_utf8(raw).map(Cow::Borrowed);
    }
    let spaced: Vec<u8> = raw.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let decoded = percent_decode(&spaced).decode_utf8()?;
    Ok(Cow::Owned(decoded.into_owned()))
}

/// Fills fields from an object.
struct Filling<'f, 'a>(&'f mut Fields<'a>);

impl<'a> Visitor<'a> for Filling<'_, 'a> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Text)? {
            let raw = map.next_value()?;
            self.0.put(key, Value::Json(raw));
        }
        Ok(())
    }
}

/// Reads a JSON text, borrowed where it has no escapes.
struct Text;

impl<'a> DeserializeSeed<'a> for Text {
    type Value = Cow<'a, str>;

    fn deserialize<D: serde::Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for Text {
    type Value = Cow<'a, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}
