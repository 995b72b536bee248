//! Notifications of an older program, which kept them in the ledger.

use std::path::Path;

use rusqlite::Connection;

use super::limit::ROW;

/// Copies the notifications and confirmations of this ledger, and makes them durable here. One that is here
/// already is left as it is, so that a crash before the ledger has lost its own does no harm. Who has what was
/// handed on was remembered by position: it is handed on to everybody once more where it is still pending.
pub(super) fn take_over(connection: &mut Connection, ledger: &Path) -> rusqlite::Result<()> {
    connection.execute("ATTACH ?1 AS ledger", [ledger.to_string_lossy()])?;
    let copied = copy(connection);
    connection.execute("DETACH ledger", [])?;
    copied
}

fn copy(connection: &mut Connection) -> rusqlite::Result<()> {
    // Deferred, so that it locks no more of the ledger than reading does: whoever migrates that one holds its lock.
    let transaction = connection.transaction()?;
    transaction.execute(
        "INSERT OR IGNORE INTO notifications (id, identity, key, environment, api_id, kind, tid, url_key, body,
             received_at, last_at, copies, verdict, reasons, verified_at, verify_rank, verify_at, recheck_at, verify_tries,
             handing_on, hand_on_rank, hand_on_tries, hand_on_at, hand_on_error, handed_on_at)
         SELECT iif(EXISTS (SELECT 1 FROM notifications WHERE id = old.id), NULL, id), identity, randomblob(16),
             environment, api_id, kind, tid, url_key, body, received_at, last_at, copies, verdict, reasons, verified_at,
             iif(url_key IS NULL, 2, 1), verify_at, iif(verdict IS NULL, NULL, verify_at), verify_tries, handing_on,
             CASE verdict WHEN 'confirmed' THEN 0 ELSE 1 END, hand_on_tries, hand_on_at, hand_on_error, handed_on_at
         FROM ledger.notifications AS old ORDER BY id",
        [],
    )?;
    transaction.execute(
        "INSERT OR IGNORE INTO confirmations (identity, at) SELECT identity, at FROM ledger.confirmations",
        [],
    )?;
    transaction.execute(
        "UPDATE totals SET unconfirmed_bytes =
             (SELECT coalesce(sum(length(body) + ?1), 0) FROM notifications WHERE verdict IS NOT 'confirmed')",
        [ROW],
    )?;
    transaction.commit()
}
