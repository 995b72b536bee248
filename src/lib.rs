//! Send `CookiePay` payment links, and always know what became of them.

pub mod api;
pub mod bill;
pub mod cli;
pub mod config;
pub mod delivery;
pub mod emulator;
pub mod error;
pub mod ledger;
pub mod noti;
pub mod output;
pub mod payment;
pub mod secret;
pub mod sheet;
pub mod world;
