//! Which file a ledger was opened from, to notice one that is removed or replaced meanwhile: what is
//! written to an open file without a name is lost, and the next run would send every bill again.

use std::fs;
use std::path::{Path, PathBuf};

use super::LedgerError;

/// The path of an open ledger, with the device and inode that it had; nothing where the system has none.
pub(super) struct FileIdentity {
    path: PathBuf,
    file: Option<(u64, u64)>,
}

impl FileIdentity {
    /// The file that has this path now.
    pub(super) fn of(path: &Path) -> Self {
        Self { path: path.to_path_buf(), file: device_and_inode(path) }
    }

    /// That the path still names this file.
    pub(super) fn verify(&self) -> Result<(), LedgerError> {
        if device_and_inode(&self.path) == self.file {
            return Ok(());
        }
        Err(LedgerError::ReplacedInUse { path: self.path.clone() })
    }
}

#[cfg(unix)]
fn device_and_inode(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn device_and_inode(_: &Path) -> Option<(u64, u64)> {
    None
}
