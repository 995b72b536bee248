//! Send `CookiePay` payment links, and always know what became of them.

pub mod bill;
pub mod error;
pub mod payment;
pub mod secret;
