//! `reconcile --restored`: a ledger that was put back from a backup is told what it lacks, before the bills
//! are asked for as any bill of unknown outcome is.

use crate::error::Error;
use crate::ledger::{Account, Ledger, Restored};

use super::context::{Context, NO_JOURNAL};
use super::time::rfc3339;

/// Opens the ledger with all that the journal knows, and says how much that was.
pub(super) fn open(account: &Account, context: &mut Context) -> Result<Ledger, Error> {
    let (ledger, restored) = context.location().restore(account)?;
    tell(&restored, context);
    Ok(ledger)
}

fn tell(restored: &Restored, context: &mut Context) {
    const LOOK: &str = "what it lacks from before is not known here: look it up in CookiePay's console";
    let ui = &mut context.ui;
    let Some(journal) = restored.journal.as_ref().map(|path| path.display()) else {
        ui.warning(&format!("{NO_JOURNAL}; {LOOK}"));
        return;
    };
    if restored.is_empty {
        ui.warning(&format!("the journal `{journal}` is gone or empty; {LOOK}"));
    }
    if let Some(begin) = restored.begins_late {
        ui.warning(&format!("the journal `{journal}` begins at {}; {LOOK}", rfc3339(begin)));
    }
    if restored.unreadable > 0 {
        ui.warning(&format!("lines of the journal that cannot be read: {}", restored.unreadable));
    }
    ui.status(&format!("requests taken over from the journal: {}", restored.taken));
    if restored.of_others > 0 {
        ui.status(&format!("of other accounts: {}", restored.of_others));
        ui.hint("`cookiepay --profile NAME reconcile` asks for those");
    }
}
