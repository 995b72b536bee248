//! The provider's three endpoints: domain types in and out.
//!
//! The wire (field names, header names, quirks of replies) stays in here. The invariant kept: no
//! request is repeated and no redirect followed by anybody but the caller, and an error says which
//! of three things is known: the request never left ([`ApiError::NotSent`]), `CookiePay` clearly
//! refused ([`ApiError::Refused`]), or nobody can know ([`ApiError::Unknown`]).

mod client;
mod error;
mod http;
mod reply;
mod token;
mod token_cache;
mod trust;
mod wire;

pub use client::{Client, LinkReply, Messaging};
pub use error::ApiError;
pub use http::{Proxy, ProxyError, Timeouts};
pub(crate) use http::{client as http_client, host_and_port, innermost, is_loopback};
pub use token::Token;
pub use token_cache::{TokenError, TokenStore};
pub use trust::TrustPaths;
pub use wire::{Preview, preview};
