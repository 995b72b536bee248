//! Why the ledger could not be read or written.

use std::io;
use std::path::{Path, PathBuf};

use super::notification::NotificationStore;
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
    /// The same, after a request was made: what came of it is not recorded.
    #[error("what came of the last requests is not recorded: the ledger `{path}` has been locked by another process \
             for too long", path = path.display())]
    BusyAfterRequest {
        /// The file.
        path: PathBuf,
    },
    /// The file system has no locks, so that runs cannot know of each other.
    #[error("the file system of `{path}` has no file locks, by which runs know of each other: {detail}",
            path = path.display())]
    NoLocks {
        /// The file.
        path: PathBuf,
        /// What the system says.
        detail: String,
    },
    /// It lacks what was sent from it.
    #[error("the ledger `{path}` is older than reality: it lacks {missing} that left from it; a backup \
             was put back, or its write-ahead file is gone", path = path.display(), missing = requests(*missing))]
    Older {
        /// The file.
        path: PathBuf,
        /// How many requests it lacks.
        missing: u64,
    },
    /// Another ledger lay there, from which bills were sent.
    #[error("the ledger `{path}` was removed, or replaced by another one: it lacks {missing} that left from it",
            path = path.display(), missing = requests(*missing))]
    Replaced {
        /// The file.
        path: PathBuf,
        /// How many requests it lacks.
        missing: u64,
        /// The journal of the one that lay there.
        journal: PathBuf,
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
    /// It was removed or replaced since it was opened.
    #[error("the ledger `{path}` was removed or replaced while it was in use", path = path.display())]
    ReplacedInUse {
        /// Where it was.
        path: PathBuf,
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
            Self::BusyAfterRequest { .. } => {
                "wait for the other run to end; `cookiepay reconcile` then asks for what is missing"
                    .to_owned()
            }
            Self::NoLocks { .. } => {
                "keep the data directory on a disk of this machine; `--data-dir DIR` names another".to_owned()
            }
            Self::Older { .. } => {
                "nothing was sent; `cookiepay reconcile --restored` asks for every bill that it lacks"
                    .to_owned()
            }
            Self::Replaced { journal, .. } => format!(
                "nothing was sent; put it or a backup of it in its place; or `cookiepay reconcile --restored` asks for \
                 every bill that the journal `{}` knows",
                journal.display()
            ),
            Self::Corrupt { path, .. } if NotificationStore::is_named_by(path) => format!(
                "keep copies of `{0}`, `{0}-wal` and `{0}-shm`, then put a backup of all three in their place, or move \
                 them away: a new store then knows nothing of what was confirmed before",
                path.display()
            ),
            Self::Corrupt { path, .. } => format!(
                "keep copies of `{0}`, `{0}-wal` and `{0}-shm`, then put a backup of all three in their place; \
                 what it knew of sent bills is needed to not bill twice",
                path.display()
            ),
            Self::ReplacedInUse { path } => format!(
                "put the ledger back at `{}` with its `-wal` file, then type the same command again; \
                 without it bills that were sent would be sent again",
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

    /// The same, where a request was made before: that it may not be recorded is no matter of waiting.
    #[must_use]
    pub fn after_request(self) -> Self {
        match self {
            Self::Busy { path } => Self::BusyAfterRequest { path },
            other => other,
        }
    }

    /// A lock that could not be taken, although no other process has it.
    pub(super) fn without_locks(path: &Path, source: &io::Error) -> Self {
        Self::NoLocks { path: path.to_path_buf(), detail: source.to_string() }
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

fn requests(count: u64) -> String {
    if count == 1 { "a request".to_owned() } else { format!("{count} requests") }
}
