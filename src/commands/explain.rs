//! `explain`: what an exit code or a result code means and what to do, offline.

use serde::Serialize;

use crate::cli::ExplainArgs;
use crate::error::{Error, ErrorKind, ExitCode};
use crate::output::{Cell, Language, Record, Scope};

use super::context::Context;

/// A code explained.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Explanation {
    /// The code.
    pub code: &'static str,
    /// Its name in JSON errors; result codes have none.
    pub name: Option<&'static str>,
    /// `exit` or `result`.
    pub kind: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to do.
    pub next: &'static str,
}

const fn exit(
    code: &'static str,
    name: &'static str,
    meaning: &'static str,
    next: &'static str,
) -> Explanation {
    Explanation { code, name: Some(name), kind: "exit", meaning, next }
}

const fn result(code: &'static str, meaning: &'static str, next: &'static str) -> Explanation {
    Explanation { code, name: None, kind: "result", meaning, next }
}

/// Every exit code (CONTRACT section 9).
pub const EXIT_CODES: &[Explanation] = &[
    exit("0", "OK", "done; for `status`, every link is paid", "nothing"),
    exit("1", "INTERNAL", "a defect in the program", "report it with the command that you typed"),
    exit(
        "2",
        "USAGE",
        "wrong usage or input; nothing was sent",
        "put right what the error names, type it again",
    ),
    exit("3", "CONFIG", "configuration, profile or credential file", "`cookiepay config check`"),
    exit(
        "4",
        "AUTH",
        "CookiePay refused the credentials",
        "compare the profile's keys with the console of its environment",
    ),
    exit(
        "5",
        "REFUSED",
        "CookiePay answered with another code than 0000",
        "read its message; `cookiepay explain CODE`",
    ),
    exit("6", "NETWORK", "network failure, safe to repeat", "type the same command again"),
    exit(
        "7",
        "OUTCOME_UNKNOWN",
        "the bill may have been sent, nobody can know yet",
        "do not repeat it blindly: `cookiepay reconcile`",
    ),
    exit(
        "8",
        "UNPAID",
        "`status`: at least one link is not paid yet, or awaits its deposit",
        "ask again later, or `--wait`",
    ),
    exit(
        "9",
        "CANCELLED",
        "`status`: at least one link was cancelled",
        "look which: `cookiepay status … -o table`",
    ),
    exit(
        "10",
        "PARTIAL",
        "batch: some rows were refused or not sent, none is unknown",
        "run the same batch again",
    ),
    exit("11", "BUSY", "another run holds the lock", "wait for it to end"),
    exit("12", "WAIT_TIMEOUT", "the deadline of `--wait` passed", "`cookiepay status --pending --wait`"),
    exit(
        "13",
        "GUARD",
        "not confirmed, over a limit, a duplicate, or a BILL_NO with other content",
        "nothing was sent; the error says what would allow it",
    ),
    exit("14", "MISMATCH", "a notification could not be confirmed", "do not deliver goods for it"),
    exit(
        "15",
        "STORAGE",
        "local storage failed; nothing further was sent",
        "free or repair the disk, then type it again",
    ),
    exit(
        "130",
        "INTERRUPTED",
        "Ctrl-C, with nothing unknown",
        "`cookiepay list` shows what was sent; a batch goes on with the same command",
    ),
    exit(
        "143",
        "TERMINATED",
        "SIGTERM, with nothing unknown",
        "`cookiepay list` shows what was sent; a batch goes on with the same command",
    ),
];

/// The result codes of CookiePay that are published or were seen; PG codes are an open set.
const RESULT_CODES: &[Explanation] = &[
    result("0000", "success; of `status`: the payment is in", "nothing"),
    result("EA01", "the link is not paid yet", "ask again later"),
    result(
        "9999",
        "API_ID is not right: the key is of another merchant, or of another environment",
        "`cookiepay config show`; live and sandbox have separate consoles and keys",
    ),
    result("E003", "ID & KEY do not match: no token", "check pay2_id and pay2_key of the profile"),
];

impl Record for Explanation {
    const FIELDS: &'static [&'static str] = &["code", "name", "kind", "meaning", "next"];
    const COLUMNS: &'static [&'static str] = &["code", "name", "meaning", "next"];

    fn cells(&self, _: Language) -> Vec<Cell> {
        vec![Cell::text(self.code), Cell::maybe(self.name), Cell::text(self.meaning), Cell::text(self.next)]
    }
}

/// Runs `explain`.
pub(super) fn run(arguments: &ExplainArgs, context: &mut Context) -> Result<ExitCode, Error> {
    let all = || EXIT_CODES.iter().chain(RESULT_CODES);
    let Some(code) = &arguments.code else {
        let mut sink = context.ui.sink::<Explanation>(&Scope::none());
        for explanation in all() {
            sink.push(explanation)?;
        }
        sink.finish(&serde_json::json!({ "count": all().count() }))?;
        return Ok(ExitCode::OK);
    };
    let wanted = code.to_ascii_uppercase();
    let found =
        all().find(|explanation| explanation.code == wanted || explanation.name == Some(wanted.as_str()));
    let Some(explanation) = found else {
        return Err(Error::new(ErrorKind::Usage, format!("nothing is published about the code `{code}`")).hint(
            "codes of the payment gateways are an open set: the message beside the code is all there is; `cookiepay explain` lists what is known",
        ));
    };
    context.ui.show(&Scope::none(), explanation)?;
    Ok(ExitCode::OK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_its_explanation() {
        use ErrorKind::{
            Auth, Busy, Config, Guard, Internal, Interrupted, Mismatch, Network, OutcomeUnknown, Partial,
            Refused, Storage, Terminated, Usage, WaitTimeout,
        };
        let kinds = [
            Internal,
            Usage,
            Config,
            Auth,
            Refused,
            Network,
            OutcomeUnknown,
            Partial,
            Busy,
            WaitTimeout,
            Guard,
            Mismatch,
            Storage,
            Interrupted,
            Terminated,
        ];
        for kind in kinds {
            let (code, name) = kind.exit();
            let found = EXIT_CODES.iter().find(|explanation| explanation.code == code.0.to_string());
            assert_eq!(found.and_then(|explanation| explanation.name), Some(name));
        }
    }
}
