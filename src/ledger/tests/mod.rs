//! The ledger as a whole.

mod busy;
mod listing;
mod plans;
