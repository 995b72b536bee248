//! What the ledger says of the links and payments that notifications name. Only what this account has recorded
//! counts.

use rusqlite::{OptionalExtension, params};

use crate::ledger::entry::{Account, maybe};
use crate::ledger::{Ledger, LedgerError, links};
use crate::payment::UrlKey;

/// What a notification names.
#[derive(Debug, Clone, Copy, Default)]
pub struct Named<'a> {
    /// `SMS_INPUT`.
    pub url_key: Option<&'a str>,
    /// `TID`.
    pub tid: Option<&'a str>,
}

impl Ledger {
    /// For each the link of this account that it names, or that was paid by the transaction it names.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn links_of(
        &self,
        account: &Account,
        named: &[Named<'_>],
    ) -> Result<Vec<Option<String>>, LedgerError> {
        // One look at the file for all of them.
        let look = || -> rusqlite::Result<Vec<Option<String>>> {
            let transaction = self.connection.unchecked_transaction()?;
            let found = named.iter().map(|named| self.link_of(account, *named)).collect();
            transaction.commit()?;
            found
        };
        look().map_err(|source| self.failed(&source))
    }

    fn link_of(&self, account: &Account, named: Named<'_>) -> rusqlite::Result<Option<String>> {
        let url_key = match (named.url_key, named.tid) {
            (Some(url_key), _) => url_key.to_owned(),
            (None, Some(tid)) => match self.find_url_key_of(account, tid)? {
                Some(url_key) => url_key.as_str().to_owned(),
                None => return Ok(None),
            },
            (None, None) => return Ok(None),
        };
        let is_known = self
            .connection
            .prepare_cached(&format!("SELECT 1 FROM bills WHERE {} LIMIT 1", links::HOLDER))?
            .exists(params![account.environment, account.api_id, url_key])?;
        Ok(is_known.then_some(url_key))
    }

    /// The link of this account of which `CookiePay` said that it was paid by the transaction with that `TID`.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn url_key_of(&self, account: &Account, tid: &str) -> Result<Option<UrlKey>, LedgerError> {
        self.find_url_key_of(account, tid).map_err(|source| self.failed(&source))
    }

    fn find_url_key_of(&self, account: &Account, tid: &str) -> rusqlite::Result<Option<UrlKey>> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT url_key FROM events WHERE kind = 'status' AND json_extract(body, '$.tid') = ?1
                     AND environment = ?2 AND api_id = ?3
                 ORDER BY id DESC LIMIT 1",
            )?
            .query_row(params![tid, account.environment, account.api_id], |row| maybe(row, 0))
            .optional()?;
        Ok(found.flatten())
    }

    /// A number that is another one once another connection has written to the ledger.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub fn version_of_data(&self) -> Result<i64, LedgerError> {
        self.connection
            .pragma_query_value(None, "data_version", |row| row.get(0))
            .map_err(|source| self.failed(&source))
    }
}
