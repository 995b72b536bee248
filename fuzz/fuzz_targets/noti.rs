//! Whatever bytes come as notifications: no panic, an end, and output that is JSON of one line.
//!
//! `cargo fuzz run noti`

#![no_main]

use cookiepay::noti::{Notification, Reader, parse};
use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;

fuzz_target!(|input: &[u8]| {
    let mut reader = Reader::new("-", input);
    while let Ok(Some(item)) = reader.next_item() {
        if let Ok(notification) = item.result {
            check(&notification);
        }
    }
    if let Ok(notification) = parse(input, "-") {
        check(&notification);
    }
});

fn check(notification: &Notification<'_>) {
    let mut out = Vec::new();
    notification.write_json(br#""schema":1"#, &mut out).expect("a notification can be written");
    assert!(!out.contains(&b'\n'));
    serde_json::from_slice::<&RawValue>(&out).expect("what is written is JSON");
}
