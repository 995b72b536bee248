//! The first reading of a sheet: everything that is wrong with it, and whether it may be sent.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::bill::{Bill, BillNo, FieldError, RawBill, read_total};
use crate::cli::{OnUnknown, SendArgs};
use crate::config::Profile;
use crate::delivery::Row;
use crate::error::{Error, ErrorKind, WrongField};
use crate::ledger::{Account, AttemptKind, Entry, Ledger, Total};
use crate::output::{Language, won, word};
use crate::payment::Outcome;
use crate::sheet::{CellError, Place, Unit};

use super::super::context::Context;
use super::super::receipt::{Verdict, row_outcome};
use super::super::source::Source;

/// What the first reading found.
#[derive(Debug, Serialize)]
pub(super) struct Plan {
    pub(super) rows: u64,
    pub(super) amount: u64,
    /// New rows, those that were not sent or refused before, and unknown ones that are to be sent again.
    pub(super) will_leave: Total,
    /// The others, by the outcome that they have.
    pub(super) left_out: BTreeMap<&'static str, Total>,
    /// The numbers of the rows that an earlier run left unknown, with their bills'.
    #[serde(skip)]
    pub(super) unknown_rows: BTreeMap<u64, BillNo>,
}

impl Plan {
    fn new() -> Self {
        let (left_out, unknown_rows) = (BTreeMap::new(), BTreeMap::new());
        Self { rows: 0, amount: 0, will_leave: NONE, left_out, unknown_rows }
    }

    /// The rows that will leave and what is left out, as a person reads it.
    pub(super) fn lines(&self, language: Language) -> Vec<String> {
        let show = |total: &Total| format!("{} rows, {}", total.count, won(total.amount, language));
        let mut lines = vec![format!("to send: {}", show(&self.will_leave))];
        let left_out: Vec<String> = self
            .left_out
            .iter()
            .map(|(outcome, total)| format!("{} ({})", word(outcome, language), show(total)))
            .collect();
        if !left_out.is_empty() {
            lines.push(format!("left out: {}", left_out.join(", ")));
        }
        lines
    }
}

const NONE: Total = Total { count: 0, amount: 0 };

/// What decides how rows are read and which may be sent.
pub(super) struct Rules<'a> {
    pub(super) arguments: &'a SendArgs,
    pub(super) profile: &'a Profile,
    pub(super) account: &'a Account,
    pub(super) name: &'a str,
    /// What the sheet counts.
    pub(super) unit: Unit,
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
        let gone = || {
            let place = Place::row(self.unit, row.line);
            Error::new(ErrorKind::Guard, format!("{place} is not what it was"))
        };
        let fields = row.fields.map_err(|_| gone())?;
        let (bill, _) = self.bill(row.number, fields).map_err(|_| gone())?;
        Ok(Row { number: row.number, line: row.line, bill, kind: AttemptKind::Send })
    }

    /// Where a row stands, with its buyer, as every error about it begins.
    pub(super) fn place(&self, line: u64, buyer: &str) -> String {
        named(&Place::row(self.unit, line), Some(buyer))
    }

    pub(super) fn window(&self) -> Option<std::time::Duration> {
        Some(self.profile.guards.duplicate_window).filter(|_| !self.arguments.allow_duplicate)
    }

    /// Whether a bill that the ledger knows so will leave.
    fn lets_go(&self, entry: &Entry) -> bool {
        let may_be_settled = entry.may_be_asked_for() || (entry.is_unknown() && entry.link.is_some());
        entry.may_be_sent_again() || (self.sends_unknown_again() && may_be_settled)
    }

    pub(super) fn sends_unknown_again(&self) -> bool {
        self.arguments.batch.on_unknown == Some(OnUnknown::Resend)
    }

    /// Whether a row that was found valid will leave.
    pub(super) fn will_leave(&self, row: &Row, ledger: Option<&Ledger>) -> Result<bool, Error> {
        let known = match ledger {
            Some(ledger) => ledger.find(self.account, &row.bill.bill_no)?,
            None => None,
        };
        Ok(known.is_none_or(|entry| self.lets_go(&entry)))
    }

    /// The most rows that a sheet may have.
    fn max_rows(&self) -> Option<u64> {
        lower(self.profile.guards.max_rows, self.arguments.batch.max_rows)
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
    let mut plan = Plan::new();
    let mut faults = Faults::default();
    let now = context.now();
    let mut repaired_rows = 0_u64;
    while let Some(row) = source.next_row()? {
        plan.rows = plan.rows.saturating_add(1);
        // Nothing more is read of a sheet that is too long.
        not_over(&format!("{} rows or more", plan.rows), plan.rows, rules.max_rows())?;
        let fields = match row.fields {
            Ok(fields) => fields,
            Err(cells) => {
                for cell in cells {
                    faults.fields.push(of_cell(cell));
                }
                continue;
            }
        };
        let buyer = fields.buyer.clone();
        let (bill, repaired) = match rules.bill(row.number, fields) {
            Ok(bill) => bill,
            Err(wrong) => {
                let is_readable = wrong.iter().all(|wrong| wrong.field != "buyer");
                let buyer = buyer.filter(|_| is_readable);
                for wrong in wrong {
                    let place = source.place(row.line, wrong.field);
                    faults.fields.push(of_field(&place, buyer.as_deref(), wrong));
                }
                continue;
            }
        };
        repaired_rows = repaired_rows.saturating_add(u64::from(repaired));
        plan.amount = plan.amount.saturating_add(bill.amount.won());
        faults.look_for_twins(row.line, || source.place(row.line, "bill-no"), &bill, rules);
        let known = match ledger {
            Some(ledger) => ledger.find(rules.account, &bill.bill_no)?,
            None => None,
        };
        if known.as_ref().is_some_and(|entry| entry.standing.outcome() == Outcome::Unknown) {
            plan.unknown_rows.insert(row.number, bill.bill_no.clone());
        }
        let (left_out, fault) = compare(&bill, rules, known.as_ref(), ledger, now)?;
        if let Some(rule) = fault {
            let field = rules.place(row.line, bill.buyer.as_str());
            faults.guards.push(WrongField { field, value: None, rule });
        }
        let total = match left_out {
            Some(outcome) => plan.left_out.entry(outcome).or_insert(NONE),
            None => &mut plan.will_leave,
        };
        total.count = total.count.saturating_add(1);
        total.amount = total.amount.saturating_add(bill.amount.won());
    }
    if repaired_rows > 0 {
        context
            .ui
            .warning(&format!("phone numbers that have lost their zero: {repaired_rows}; it is put back"));
    }
    faults.verdict(&plan)?;
    Ok(plan)
}

/// Compares a row with the ledger and the limits of the profile. Returns the outcome for which it is left
/// out, if it is, and what is wrong with it.
fn compare(
    bill: &Bill,
    rules: &Rules<'_>,
    known: Option<&Entry>,
    ledger: Option<&Ledger>,
    now: jiff::Timestamp,
) -> Result<(Option<&'static str>, Option<String>), Error> {
    let over = rules.profile.guards.max_amount.filter(|max| bill.amount > *max);
    let over = over.map(|max| format!("{} won is over `max_amount` ({max} won)", bill.amount));
    if let Some(entry) = known {
        let differences = bill.differences(&entry.bill);
        let changed = (!differences.is_empty()).then(|| {
            format!("bill `{}` is known with another {}", bill.bill_no, differences.join(", another "))
        });
        let left_out = (!rules.lets_go(entry)).then(|| row_outcome(entry));
        return Ok((left_out, changed.or(over)));
    }
    let duplicate = match ledger {
        Some(ledger) => ledger.duplicate(rules.account, bill, now, rules.window())?,
        None => None,
    };
    let twice = duplicate
        .map(|(other, _)| format!("bill `{other}` already asks this phone for the same amount and product"));
    Ok((None, twice.or(over)))
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
    fn look_for_twins(&mut self, line: u64, number: impl FnOnce() -> Place, bill: &Bill, rules: &Rules<'_>) {
        let buyer = bill.buyer.as_str();
        if let Some(first) = self.numbers.insert(digest(&[bill.bill_no.as_str()]), line) {
            let rule = format!("stands in {} already", Place::row(rules.unit, first));
            let value = Some(bill.bill_no.to_string());
            self.fields.push(WrongField { field: named(&number(), Some(buyer)), value, rule });
        }
        let content = [bill.phone.as_str(), bill.product.as_str(), &bill.amount.to_string()];
        if let Some(first) = self.contents.insert(digest(&content), line)
            && rules.window().is_some_and(|window| !window.is_zero())
        {
            let first = Place::row(rules.unit, first);
            let rule = format!("{first} asks this phone for the same amount and product");
            self.guards.push(WrongField { field: rules.place(line, buyer), value: None, rule });
        }
    }

    fn verdict(self, plan: &Plan) -> Verdict {
        if self.fields.count > 0 {
            let (fields, rows) = (counted(self.fields.count, "field"), counted(plan.rows, "row"));
            let verb = if self.fields.count == 1 { "is" } else { "are" };
            let message = format!("{fields} of {rows} {verb} wrong; nothing was sent");
            return Err(self.fields.of(Error::new(ErrorKind::Usage, message)
                .hint("put the sheet right and type the same command again")));
        }
        if self.guards.count > 0 {
            let rows = counted(plan.rows, "row");
            let message = format!("{} of {rows} must not be sent so; nothing was sent", self.guards.count);
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

/// A number of things.
fn counted(count: impl Into<u64>, thing: &str) -> String {
    match count.into() {
        1 => format!("1 {thing}"),
        many => format!("{many} {thing}s"),
    }
}

/// A place with the buyer of its row, where one can be read.
fn named(place: &impl fmt::Display, buyer: Option<&str>) -> String {
    match buyer.map(str::trim).filter(|buyer| !buyer.is_empty()) {
        Some(buyer) => format!("{place}, {buyer}"),
        None => place.to_string(),
    }
}

fn of_field(place: &Place, buyer: Option<&str>, wrong: FieldError) -> WrongField {
    // A field without a column is named by itself.
    let field =
        if place.heading().is_some() { place.to_string() } else { format!("{place}, {}", wrong.field) };
    WrongField { field: named(&field, buyer), value: wrong.value, rule: wrong.rule.into_owned() }
}

fn of_cell(cell: CellError) -> WrongField {
    WrongField { field: cell.place.to_string(), value: cell.value, rule: cell.rule.into_owned() }
}

/// The lower of the limits of the profile and of the command line counts.
fn lower(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    one.into_iter().chain(other).min()
}

fn not_over(what: &str, found: u64, max: Option<u64>) -> Verdict {
    match max {
        Some(max) if found > max => Err(Error::new(
            ErrorKind::Guard,
            format!("the sheet has {what}, over the limit of {max}; nothing was sent"),
        )
        .hint("raise the limit in the profile or on the command line if the sheet is right")),
        _ => Ok(()),
    }
}

/// The total of the sheet: its limit, and the one that was confirmed.
pub(super) fn guard(plan: &Plan, rules: &Rules<'_>) -> Verdict {
    let (guards, batch) = (&rules.profile.guards, &rules.arguments.batch);
    not_over(&format!("a total of {}", plan.amount), plan.amount, lower(guards.max_total, batch.max_total))?;
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

/// A live batch is confirmed on the command line by the sheet's total, so that the same command line goes
/// on later, or by a person who types the won that will leave. Nobody need confirm that nothing does.
pub(super) fn confirm(plan: &Plan, rules: &Rules<'_>, context: &mut Context) -> Verdict {
    let is_confirmed = rules.arguments.batch.confirm_total.is_some() || plan.will_leave.count == 0;
    if !rules.profile.environment.is_live() || is_confirmed {
        return Ok(());
    }
    let not_confirmed = Error::new(ErrorKind::Guard, "a live batch was not confirmed; nothing was sent");
    if !context.ui.can_ask() {
        return Err(not_confirmed.hint(format!("add `--confirm-total {}`, the sheet's total", plan.amount)));
    }
    let language = context.ui.language();
    let total = won(plan.amount, language);
    context.ui.prompt_line(&format!("  profile: {}", rules.profile.name));
    context.ui.prompt_line(&format!("  batch: {}, {} rows, {total}", rules.name, plan.rows));
    for line in plan.lines(language) {
        context.ui.prompt_line(&format!("  {line}"));
    }
    let question = "Type the won to send, to bill these real customers:";
    let answer = context.ui.ask(question).unwrap_or_default();
    if read_total(&answer) == Ok(plan.will_leave.amount) { Ok(()) } else { Err(not_confirmed) }
}
