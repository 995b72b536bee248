//! The ledger as a whole.

mod busy;
mod links;
mod listing;
mod plans;
pub(super) mod shop;
mod write_ahead;
