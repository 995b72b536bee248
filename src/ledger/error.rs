//! Why the ledger could not be read or written.

use std::io;
use std::path::{Path, PathBuf};

use crate::access::Weakness;

/// A failure of the ledger. Before a request it keeps the request from being made; after one it keeps
/// the answer from being recorded.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another process has been writing for longer than we wait.
    #[error("the ledger `{path}` has been locked by another process for too long", path = path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The file is no ledger, or damaged.
    #[error("the ledger `{path}` cannot be read: {detail}", path = path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What the database says.
        detail: String,
    },
    /// A newer program wrote it.
    #[error("the ledger `{path}` has schema {found}, this program knows {newest}", path = path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The schema of the file.
        found: u32,
        /// The newest schema known here.
        newest: u32,
    },
    /// The disk is full.
    #[error("no space is left for the ledger `{path}`", path = path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Others can change it, or put another one in its place.
    #[error("the ledger is not safe: `{path}` {weakness}", path = weakness.path.display())]
    Weak {
        /// What they can do, and where.
        weakness: Weakness,
    },
    /// Anything else that the file system or the database says.
    #[error("the ledger `{path}` cannot be used: {detail}", path = path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        detail: String,
    },
}

impl LedgerError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Busy { .. } => "wait for the other run to end, then type the same command again".to_owned(),
            Self::Corrupt { path, .. } => format!(
                "keep copies of `{0}`, `{0}-wal` and `{0}-shm`, then put a backup of all three in their place; \
                 what it knew of sent bills is needed to not bill twice",
                path.display()
            ),
            Self::Newer { .. } => "use the newer cookiepay that wrote it".to_owned(),
            Self::Weak { weakness } => weakness.hint(),
            Self::Full { .. } => "free some space, then type the same command again".to_owned(),
            Self::Unusable { .. } => {
                "`cookiepay config check` shows the data directory; `--data-dir` names another".to_owned()
            }
        }
    }

    pub(super) fn from_io(path: &Path, source: &io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            _ => Self::Unusable { path, detail: source.to_string() },
        }
    }

    pub(super) fn from_database(path: &Path, source: &rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let path = path.to_path_buf();
        let detail = source.to_string();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            // No code: a stored value breaks its own rule.
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) | None => {
                Self::Corrupt { path, detail }
            }
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(_) => Self::Unusable { path, detail },
        }
    }
}
