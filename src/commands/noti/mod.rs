//! `noti`: notifications read, confirmed, received, shown and handed on.

mod choice;
mod input;
mod lines;
mod list;
mod listen;
mod parse;
mod replay;
mod shown;
mod stored;
mod verify;
mod workers;

use sha2::{Digest, Sha256};

use super::context::Context;
use crate::cli::NotiCommand;
use crate::error::{Error, ExitCode};
use crate::ledger::Account;
use crate::noti::Unrecorded;

/// Runs one of its commands.
pub(super) fn run(command: &NotiCommand, context: &mut Context) -> Result<ExitCode, Error> {
    match command {
        NotiCommand::Parse(arguments) => parse::run(arguments, context),
        NotiCommand::Verify(arguments) => verify::run(arguments, context),
        NotiCommand::Listen(arguments) => listen::run(arguments, context),
        NotiCommand::List(arguments) => list::run(arguments, context),
        NotiCommand::Replay(arguments) => replay::run(arguments, context),
    }
}

/// What `--accept-unrecorded` says.
fn unrecorded(accepted: bool) -> Unrecorded {
    if accepted { Unrecorded::Accepted } else { Unrecorded::Doubted }
}

/// The lock that whoever receives this account's notifications holds.
fn lock_name(account: &Account) -> String {
    let digest = Sha256::digest(format!("{}\0{}", account.environment, account.api_id));
    let digest = data_encoding::HEXLOWER.encode(&digest);
    format!("listen-{}", digest.get(..16).unwrap_or(&digest))
}
