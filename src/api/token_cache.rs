//! Tokens kept between runs: one private file each, refreshed by one process at a time.
//!
//! A file is keyed by base URL, `pay2_id` and a digest of `pay2_key`, so that a changed key never
//! meets an old token. It is written whole (0600, synced, renamed) or not at all. A cache that others can change, or
//! a token that they can read, is not used.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::client::Client;
use super::error::ApiError;
use super::token::{Stored, Token};
use crate::access::{self, Access, Weakness};
use crate::lock::{self, OnWait};
use crate::secret::Secret;

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The request for it failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The directory of the cache cannot be used.
    #[error("the token cache `{path}` cannot be used: {detail}", path = path.display())]
    Storage {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        detail: String,
    },
    /// Others can read the token, or put one of theirs in its place.
    #[error("the token cache is not safe: `{path}` {weakness}", path = weakness.path.display())]
    Weak {
        /// What they can do, and where.
        weakness: Weakness,
    },
}

/// The tokens of one credential.
pub struct TokenStore<'a> {
    client: &'a Client,
    pay2_id: &'a str,
    pay2_key: &'a Secret,
    file: PathBuf,
    on_wait: OnWait,
}

impl<'a> TokenStore<'a> {
    /// The store of this credential in the data directory.
    #[must_use]
    pub fn new(
        data_directory: &Path,
        base_url: &str,
        client: &'a Client,
        pay2_id: &'a str,
        pay2_key: &'a Secret,
    ) -> Self {
        let key_digest = Sha256::digest(pay2_key.expose());
        let mut name = Sha256::new();
        for part in [base_url.as_bytes(), pay2_id.as_bytes(), &key_digest] {
            name.update(part);
            name.update([0]);
        }
        let name = data_encoding::HEXLOWER.encode(&name.finalize());
        let file = data_directory.join("tokens").join(format!("{}.json", name.get(..32).unwrap_or(&name)));
        Self { client, pay2_id, pay2_key, file, on_wait: Arc::new(|_| {}) }
    }

    /// The same, which tells of a wait for another process that fetches a token.
    #[must_use]
    pub fn on_wait(self, on_wait: OnWait) -> Self {
        Self { on_wait, ..self }
    }

    /// A usable token and whether it came from the cache. `rejected` is one that must not be used,
    /// because it was refused or because a fresh one is wanted.
    ///
    /// # Errors
    ///
    /// The cache cannot be used, or `CookiePay` gives no token.
    pub fn token(&self, now: Timestamp, rejected: Option<&Secret>) -> Result<(Token, bool), TokenError> {
        if let Some(token) = self.cached(now, rejected)? {
            return Ok((token, true));
        }
        let _lock = self.lock().map_err(|error| self.storage(&error))?;
        if let Some(token) = self.cached(now, rejected)? {
            return Ok((token, true));
        }
        let token = Token::received(self.client.issue_token(self.pay2_id, self.pay2_key)?, now);
        self.write(&token, now).map_err(|error| self.storage(&error))?;
        Ok((token, false))
    }

    /// A fresh token, whatever the cache holds.
    ///
    /// # Errors
    ///
    /// As [`TokenStore::token`].
    pub fn refresh(&self, now: Timestamp) -> Result<Token, TokenError> {
        let held = self.read()?;
        let (token, _) = self.token(now, held.as_ref().map(|token| &token.secret))?;
        Ok(token)
    }

    fn cached(&self, now: Timestamp, rejected: Option<&Secret>) -> Result<Option<Token>, TokenError> {
        Ok(self.read()?.filter(|token| token.is_usable(now) && Some(&token.secret) != rejected))
    }

    /// A file that is missing or holds no token is as good as none: a fresh token replaces it.
    fn read(&self) -> Result<Option<Token>, TokenError> {
        let directories = [self.file.parent(), self.file.parent().and_then(Path::parent)];
        for directory in directories.into_iter().flatten() {
            // A directory that is missing holds no token, and will be ours.
            if let Ok(Some(weakness)) = access::weakness_of_own_directory(directory) {
                return Err(TokenError::Weak { weakness });
            }
        }
        let Ok(mut file) = File::open(&self.file) else { return Ok(None) };
        let access = file.metadata().ok().as_ref().and_then(Access::of);
        if let Some(weakness) = access.and_then(|access| access.weakness_of_secret(&self.file)) {
            return Err(TokenError::Weak { weakness });
        }
        let mut content = Vec::new();
        let read = file.read_to_end(&mut content);
        Ok(read.ok().and_then(|_| serde_json::from_slice::<Stored>(&content).ok()?.token()))
    }

    fn lock(&self) -> io::Result<File> {
        if let Some(directory) = self.file.parent() {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(directory)?;
        }
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let path = self.file.with_extension("lock");
        let file = options.open(&path)?;
        lock::wait_for(&file, &path, &self.on_wait)?;
        Ok(file)
    }

    /// Called under the lock, so the temporary name is this process's own.
    fn write(&self, token: &Token, now: Timestamp) -> io::Result<()> {
        let temporary = self.file.with_extension("new");
        let _left_by_a_crash = fs::remove_file(&temporary);
        let mut options = OpenOptions::new();
        options.create_new(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary)?;
        file.write_all(&serde_json::to_vec(&Stored::of(token, now))?)?;
        file.sync_all()?;
        fs::rename(&temporary, &self.file)?;
        self.file.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
    }

    fn storage(&self, error: &io::Error) -> TokenError {
        TokenError::Storage { path: self.file.clone(), detail: error.to_string() }
    }
}
