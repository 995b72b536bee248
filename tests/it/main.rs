//! The one integration binary: commands in their world, and a few as processes.
#![expect(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "a test that cannot go on has failed"
)]

mod access;
mod architecture;
mod batch;
mod batch_guards;
mod batch_report;
mod batch_sheets;
mod coffees;
mod config;
mod emulator;
mod exit_codes;
mod explain;
mod fake;
mod guards;
mod handing_on;
mod liars;
mod list;
mod noti_corpus;
mod noti_parse;
mod noti_stored;
mod noti_verify;
mod outcomes;
mod output;
mod outside_text;
mod pages;
mod process;
mod proxies;
#[cfg(unix)]
mod readme;
mod reconcile;
mod replies;
mod resend;
mod restored;
mod send;
mod several_links;
mod status;
mod storage;
mod support;
mod tampering;
mod texts;
mod together;
mod token;
mod wait;
mod waiting;
