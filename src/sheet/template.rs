//! A sheet to fill in: Korean headings and one example row.
//!
//! The example is refused where it is forgotten. It goes to 010-0000-0000, a number nobody has: who
//! overwrites a part of it and forgets the phone messages no stranger.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format as CellFormat, Workbook, XlsxError};

use super::Format;
use super::column::Field;
use super::error::{Problem, SheetError};
use crate::bill::{Phone, RawBill, normalised};

/// Column, example, width in characters.
const COLUMNS: [(Field, &str, u16); 11] = [
    (Field::Product, "아메리카노", 20),
    (Field::Amount, "4500", 12),
    (Field::Buyer, "홍길동", 12),
    (Field::Phone, "010-0000-0000", 18),
    (Field::Email, "hong@example.com", 24),
    (Field::BillNo, "", 22),
    (Field::Memo, "", 24),
    (Field::Via, "문자", 12),
    (Field::Tax, "과세", 12),
    (Field::Etc1, "", 14),
    (Field::Etc2, "", 14),
];

/// Whether this is the example, forgotten in the sheet: its buyer, product and phone.
pub(super) fn is_example(bill: &RawBill) -> bool {
    let example =
        |field| COLUMNS.iter().find(|(column, ..)| *column == field).map(|(_, example, _)| *example);
    let is = |text: &Option<String>, field| text.as_deref().map(normalised).as_deref() == example(field);
    let phone = |text: &str| text.parse::<Phone>().ok();
    is(&bill.product, Field::Product)
        && is(&bill.buyer, Field::Buyer)
        && bill.phone.as_deref().and_then(phone) == example(Field::Phone).and_then(phone)
}

/// The bytes of a sheet to fill in: CSV in UTF-8 with a byte order mark, as Excel wants it; XLSX
/// with the phone column as text, so that no zero is lost; JSON lines with the flags' names.
///
/// # Errors
///
/// The workbook could not be written.
pub fn template(format: Format) -> Result<Vec<u8>, SheetError> {
    match format {
        Format::Csv => Ok(csv().into_bytes()),
        Format::Jsonl => Ok(json().into_bytes()),
        Format::Xlsx => {
            xlsx().map_err(|error| SheetError::new("template.xlsx", Problem::Template(error.to_string())))
        }
    }
}

fn csv() -> String {
    let headings = COLUMNS.map(|(field, ..)| field.korean()).join(",");
    let example = COLUMNS.map(|(_, example, _)| example).join(",");
    format!("\u{FEFF}{headings}\r\n{example}\r\n")
}

fn json() -> String {
    let filled = COLUMNS.iter().filter(|(_, example, _)| !example.is_empty());
    let pairs: Vec<String> =
        filled.map(|(field, example, _)| format!("\"{}\": \"{example}\"", field.flag())).collect();
    format!("{{{}}}\n", pairs.join(", "))
}

fn xlsx() -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // The same template is the same bytes, whenever it is made.
    let created = ExcelDateTime::from_ymd(2026, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let text = CellFormat::new().set_num_format("@");
    let won = CellFormat::new().set_num_format("#,##0");
    let heading = CellFormat::new().set_bold().set_num_format("@");
    let sheet = workbook.add_worksheet().set_name("청구서")?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, (field, example, width)) in (0_u16..).zip(COLUMNS) {
        let format = if field == Field::Amount { &won } else { &text };
        sheet.set_column_width(column, width)?;
        sheet.set_column_format(column, format)?;
        sheet.write_with_format(0, column, field.korean(), &heading)?;
        match example.parse::<u32>() {
            Ok(number) if field == Field::Amount => sheet.write_with_format(1, column, number, format)?,
            _ if example.is_empty() => sheet.write_blank(1, column, format)?,
            _ => sheet.write_with_format(1, column, example, format)?,
        };
    }
    workbook.save_to_buffer()
}
