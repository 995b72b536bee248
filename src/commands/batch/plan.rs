//! The first reading of a sheet: everything that is wrong with it, and whether it may be sent.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::bill::{Bill, BillNo, FieldError, RawBill, read_total};
use crate::cli::{OnUnknown, SendArgs};
use crate::config::Profile;
use crate::delivery::Row;
use crate::error::{Error, ErrorKind, WrongField};
use crate::ledger::{Account, AttemptKind, Ledger, Standing};
use crate::output::won;
use crate::payment::Outcome;
use crate::sheet::{CellError, Place};

use super::super::context::Context;
use super::super::receipt::Verdict;
use super::super::source::Source;

/// What the first reading found.
#[derive(Debug, Default, Serialize)]
pub(super) struct Plan {
    pub(super) rows: u64,
    pub(super) amount: u64,
    pub(super) new: u64,
    pub(super) known: u64,
    pub(super) unknown: u64,
    /// The rows that an earlier run left unknown.
    #[serde(skip)]
    pub(super) unknown_rows: HashSet<u64>,
}

/// What decides how rows are read and which may be sent.
pub(super) struct Rules<'a> {
    pub(super) arguments: &'a SendArgs,
    pub(super) profile: &'a Profile,
    pub(super) account: &'a Account,
    pub(super) name: &'a str,
}

impl Rules<'_> {
    /// The bill of a row. One without a number gets the one that merchant, batch and row always get.
    pub(super) fn bill(&self, number: u64, mut fields: RawBill) -> Result<(Bill, bool), Vec<FieldError>> {
        if fields.via.is_none() {
            fields.via.clone_from(&self.arguments.via);
        }
        let derived = || derived_number(self.account, self.name, number);
        let (bill, repaired) = fields.parse(self.profile.via, derived)?;
        Ok((bill, !repaired.is_empty()))
    }

    /// The bill of a row that was found valid before.
    pub(super) fn checked(&self, row: crate::sheet::Row) -> Result<Row, Error> {
        let gone = || Error::new(ErrorKind::Guard, format!("line {} is not what it was", row.line));
        let fields = row.fields.map_err(|_| gone())?;
        let (bill, _) = self.bill(row.number, fields).map_err(|_| gone())?;
        Ok(Row { number: row.number, bill, kind: self.kind() })
    }

    pub(super) fn window(&self) -> Option<std::time::Duration> {
        Some(self.profile.guards.duplicate_window).filter(|_| !self.arguments.allow_duplicate)
    }

    pub(super) fn kind(&self) -> AttemptKind {
        match self.arguments.batch.on_unknown {
            Some(OnUnknown::Hold) | None => AttemptKind::Send,
            Some(OnUnknown::Resend) => AttemptKind::SendUnknown,
        }
    }
}

/// The number of a row that has none: the same for the same merchant, batch and row, always.
pub(super) fn derived_number(account: &Account, batch: &str, row: u64) -> BillNo {
    let mut digest = Sha256::new();
    for part in [account.environment.as_str(), &account.api_id, batch, &row.to_string()] {
        digest.update(part);
        digest.update([0]);
    }
    BillNo::derived(&digest.finalize().into())
}

/// Reads the whole sheet once; nothing is sent if anything is wrong with it.
pub(super) fn validate(
    source: &mut Source,
    rules: &Rules<'_>,
    ledger: Option<&Ledger>,
    context: &mut Context,
) -> Result<Plan, Error> {
    let mut plan = Plan::default();
    let mut faults = Faults::default();
    let now = context.now();
    let mut repaired_rows = 0_u64;
    while let Some(row) = source.next_row()? {
        plan.rows = plan.rows.saturating_add(1);
        let fields = match row.fields {
            Ok(fields) => fields,
            Err(cells) => {
                for cell in cells {
                    faults.fields.push(of_cell(cell));
                }
                continue;
            }
        };
        let (bill, repaired) = match rules.bill(row.number, fields) {
            Ok(bill) => bill,
            Err(wrong) => {
                for wrong in wrong {
                    faults.fields.push(of_field(&source.place(row.line, wrong.field), wrong));
                }
                continue;
            }
        };
        repaired_rows = repaired_rows.saturating_add(u64::from(repaired));
        plan.amount = plan.amount.saturating_add(bill.amount.won());
        faults.look_for_twins(row.line, &bill, rules);
        let standing = compare(&bill, rules, ledger, now)?;
        if let Some(rule) = standing.fault {
            faults.guards.push(of_row(row.line, rule));
        }
        let count = if standing.known { &mut plan.known } else { &mut plan.new };
        *count = count.saturating_add(1);
        plan.unknown = plan.unknown.saturating_add(u64::from(standing.unknown));
        plan.unknown_rows.extend(Some(row.number).filter(|_| standing.unknown));
    }
    if repaired_rows > 0 {
        context
            .ui
            .warning(&format!("phone numbers that have lost their zero: {repaired_rows}; it is put back"));
    }
    faults.verdict(&plan)?;
    Ok(plan)
}

/// How a row stands before the run.
struct Compared {
    known: bool,
    unknown: bool,
    fault: Option<String>,
}

/// Compares a row with the ledger and the limits of the profile.
fn compare(
    bill: &Bill,
    rules: &Rules<'_>,
    ledger: Option<&Ledger>,
    now: jiff::Timestamp,
) -> Result<Compared, Error> {
    let over = rules.profile.guards.max_amount.filter(|max| bill.amount > *max);
    let over = over.map(|max| format!("{} won is over `max_amount` ({max} won)", bill.amount));
    let Some(ledger) = ledger else { return Ok(Compared { known: false, unknown: false, fault: over }) };
    if let Some(entry) = ledger.find(rules.account, &bill.bill_no)? {
        let differences = bill.differences(&entry.bill);
        let changed = (!differences.is_empty()).then(|| {
            format!("bill `{}` is known with another {}", bill.bill_no, differences.join(", another "))
        });
        let unknown = matches!(entry.standing, Standing::Lost | Standing::Settled(Outcome::Unknown));
        return Ok(Compared { known: true, unknown, fault: changed.or(over) });
    }
    let duplicate = ledger.duplicate(rules.account, bill, now, rules.window())?;
    let twice = duplicate
        .map(|(other, _)| format!("bill `{other}` already asks this phone for the same amount and product"));
    Ok(Compared { known: false, unknown: false, fault: twice.or(over) })
}

/// Wrong fields: the first of them, and how many there are.
#[derive(Default)]
struct WrongFields {
    kept: Vec<WrongField>,
    count: u32,
}

impl WrongFields {
    /// Nobody reads more; a sheet of millions of wrong rows would fill the memory.
    const MOST_KEPT: usize = 1_000;

    /// What of a value is shown.
    const LONGEST_VALUE: usize = 200;

    fn push(&mut self, field: WrongField) {
        self.count = self.count.saturating_add(1);
        if self.kept.len() < Self::MOST_KEPT {
            let value = field.value.map(|value| match value.char_indices().nth(Self::LONGEST_VALUE) {
                Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
                None => value,
            });
            self.kept.push(WrongField { value, ..field });
        }
    }

    fn of(self, error: Error) -> Error {
        let kept = u32::try_from(self.kept.len()).unwrap_or(u32::MAX);
        error.fields(self.kept).and_more_fields(self.count.saturating_sub(kept))
    }
}

/// Everything that is wrong with a sheet.
#[derive(Default)]
struct Faults {
    fields: WrongFields,
    guards: WrongFields,
    numbers: HashMap<u64, u64>,
    contents: HashMap<u64, u64>,
}

impl Faults {
    /// The same number twice is an error, the same bill twice a duplicate. Only digests are kept.
    fn look_for_twins(&mut self, line: u64, bill: &Bill, rules: &Rules<'_>) {
        if let Some(first) = self.numbers.insert(digest(&[bill.bill_no.as_str()]), line) {
            let rule = format!("`{}` stands in line {first} already", bill.bill_no);
            self.fields.push(WrongField { field: format!("line {line}: bill-no"), value: None, rule });
        }
        let content = [bill.phone.as_str(), bill.product.as_str(), &bill.amount.to_string()];
        if let Some(first) = self.contents.insert(digest(&content), line)
            && rules.window().is_some_and(|window| !window.is_zero())
        {
            let rule = format!("line {first} asks this phone for the same amount and product");
            self.guards.push(of_row(line, rule));
        }
    }

    fn verdict(self, plan: &Plan) -> Verdict {
        if self.fields.count > 0 {
            let message =
                format!("{} fields of {} rows are wrong; nothing was sent", self.fields.count, plan.rows);
            return Err(self.fields.of(Error::new(ErrorKind::Usage, message)
                .hint("put the sheet right and type the same command again")));
        }
        if self.guards.count > 0 {
            let message =
                format!("{} of {} rows must not be sent so; nothing was sent", self.guards.count, plan.rows);
            return Err(self.guards.of(Error::new(ErrorKind::Guard, message)
                .hint("`--allow-duplicate` permits duplicates; a changed row needs a new bill number or another `--batch` name")));
        }
        if plan.rows == 0 {
            return Err(Error::new(ErrorKind::Usage, "the sheet has no rows; nothing was sent"));
        }
        Ok(())
    }
}

fn digest(parts: &[&str]) -> u64 {
    use std::hash::BuildHasher;
    // Fixed for the life of the program is enough.
    static STATE: std::sync::LazyLock<std::hash::RandomState> = std::sync::LazyLock::new(Default::default);
    STATE.hash_one(parts)
}

fn of_field(place: &Place, wrong: FieldError) -> WrongField {
    // A field without a column is named by itself.
    let field =
        if place.heading().is_some() { place.to_string() } else { format!("{place}, {}", wrong.field) };
    WrongField { field, value: wrong.value, rule: wrong.rule.into_owned() }
}

fn of_cell(cell: CellError) -> WrongField {
    WrongField { field: cell.place.to_string(), value: cell.value, rule: cell.rule.into_owned() }
}

fn of_row(line: u64, rule: String) -> WrongField {
    WrongField { field: format!("line {line}"), value: None, rule }
}

/// The limits of the profile and of the command line; the lower one counts.
pub(super) fn guard(plan: &Plan, rules: &Rules<'_>) -> Verdict {
    let lower = |one: Option<u64>, other: Option<u64>| one.into_iter().chain(other).min();
    let (guards, batch) = (&rules.profile.guards, &rules.arguments.batch);
    let over = |what: &str, found: u64, max: Option<u64>| match max {
        Some(max) if found > max => Err(Error::new(
            ErrorKind::Guard,
            format!("the sheet has {what} {found}, over the limit of {max}; nothing was sent"),
        )
        .hint("raise the limit in the profile or on the command line if the sheet is right")),
        _ => Ok(()),
    };
    over("rows:", plan.rows, lower(guards.max_rows, batch.max_rows))?;
    over("a total of", plan.amount, lower(guards.max_total, batch.max_total))?;
    let Some(text) = &batch.confirm_total else { return Ok(()) };
    let confirmed = read_total(text).map_err(|rule| {
        let field = WrongField {
            field: "--confirm-total".to_owned(),
            value: Some(text.clone()),
            rule: rule.to_owned(),
        };
        Error::new(ErrorKind::Usage, "a field is wrong; nothing was sent").fields(vec![field])
    })?;
    if confirmed == plan.amount {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Guard,
        format!("the sheet's total is {} won, not {confirmed}; nothing was sent", plan.amount),
    ))
}

/// A live batch is confirmed by its total: on the command line, or typed by a person.
pub(super) fn confirm(plan: &Plan, rules: &Rules<'_>, context: &mut Context) -> Verdict {
    if !rules.profile.environment.is_live() || rules.arguments.batch.confirm_total.is_some() {
        return Ok(());
    }
    let not_confirmed = Error::new(ErrorKind::Guard, "a live batch was not confirmed; nothing was sent");
    if !context.ui.can_ask() {
        return Err(not_confirmed.hint(format!("add `--confirm-total {}`, the sheet's total", plan.amount)));
    }
    let total = won(plan.amount, context.ui.language());
    context.ui.prompt_line(&format!("  profile: {}", rules.profile.name));
    context.ui.prompt_line(&format!(
        "  batch: {}, {} rows, {total}, {} not sent yet",
        rules.name, plan.rows, plan.new
    ));
    let answer = context.ui.ask("Type the total to bill these real customers:").unwrap_or_default();
    if read_total(&answer) == Ok(plan.amount) { Ok(()) } else { Err(not_confirmed) }
}
