//! Whatever bytes come as notifications: no panic, an end, and what `promises` has to say.
//!
//! ```sh
//! mkdir -p fuzz/target/found
//! cargo +nightly fuzz run noti fuzz/target/found fuzz/corpus/noti -- -dict=fuzz/noti.dict
//! ```
//!
//! New inputs go to the first directory. What among them is worth keeping goes to the second, small
//! and few: every run of the tests reads them all.

#![no_main]

mod promises;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    promises::check(input);
});
