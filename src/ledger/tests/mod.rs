//! The ledger as a whole.

mod listing;
mod plans;
