//! Workbooks made for the tests, and what their cells become.

use rust_xlsxwriter::{Color, ExcelDateTime, Format as CellFormat, Formula, Workbook, Worksheet};

use super::{failure, open, rows};
use crate::sheet::{Hidden, Options, Sheet};
use std::io::Cursor;

/// The bytes of a workbook with the usual headings on its first sheet.
pub(super) fn workbook(fill: impl Fn(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, heading) in
        (0_u16..).zip(["상품명", "결제금액", "고객명", "휴대폰번호", "이메일", "발송수단", "과세여부"])
    {
        sheet.write(0, column, heading).unwrap();
    }
    fill(sheet);
    workbook.save_to_buffer().unwrap()
}

/// The rows of the parent module's CSV; numbers are numbers here.
pub(super) fn coffee() -> Vec<u8> {
    workbook(|sheet| {
        let first = ["아메리카노", "4,500원", "홍길동", "010-1234-5678", "", "문자", "과세"];
        for (column, text) in (0_u16..).zip(first) {
            sheet.write(1, column, text).unwrap();
        }
        sheet.write(2, 1, "  ").unwrap();
        sheet.write(3, 0, "케이크 ").unwrap();
        sheet
            .write_with_format(3, 1, 38_000, &CellFormat::new().set_num_format("#,##0\"원\";[Red]-#,##0"))
            .unwrap();
        sheet.write(3, 2, " 성춘향").unwrap();
        sheet
            .write_with_format(3, 3, 1_012_345_678, &CellFormat::new().set_num_format("000-0000-0000"))
            .unwrap();
        sheet.write(3, 4, "sung@example.com").unwrap();
        sheet.write(3, 5, "카톡").unwrap();
    })
}

#[test]
fn cells_become_what_the_user_sees() {
    let won = ["₩#,##0", "[$₩-412]#,##0", "#,##0_);[Red]\\(#,##0\\)", "_-* #,##0_-;-* #,##0_-", "#,##0원"];
    let bytes = workbook(|sheet| {
        for (row, format) in (1_u32..).zip(won) {
            sheet.write_with_format(row, 1, 4500, &CellFormat::new().set_num_format(format)).unwrap();
        }
        sheet.write_formula(6, 1, Formula::new("3000*1.1").set_result("3300.0000000000005")).unwrap();
        let date = ExcelDateTime::from_ymd(2026, 3, 1).unwrap();
        sheet
            .write_with_format(7, 1, &date, &CellFormat::new().set_num_format("yyyy\"년\" m\"월\""))
            .unwrap();
        sheet.write(8, 1, 1.5).unwrap();
        sheet.write(8, 3, "1.0123E+9").unwrap();
        sheet.write(9, 1, true).unwrap();
        sheet.write_formula(9, 2, Formula::new("\"홍\"&\"길동\"").set_result("홍길동")).unwrap();
    });
    let rows = rows(&mut open("a.xlsx", bytes).unwrap()).unwrap();
    let amounts: Vec<_> = rows
        .iter()
        .map(|row| row.2.split("amount: Some(\"").nth(1).unwrap().split('"').next().unwrap())
        .collect();
    assert_eq!(amounts, ["4500", "4500", "4500", "4500", "4500", "3300", "2026-03-01", "1.5", "TRUE"]);
    assert!(rows[7].2.contains("phone: Some(\"1.0123E+9\")"));
    assert!(rows[8].2.contains("buyer: Some(\"홍길동\")"));
}

#[test]
fn wrong_cells_are_named_and_the_other_rows_still_read() {
    let bytes = workbook(|sheet| {
        sheet.write_formula(4, 2, Formula::new("NA()").set_result("#N/A")).unwrap();
        sheet.write_with_format(4, 1, 0.5, &CellFormat::new().set_num_format("[h]:mm")).unwrap();
        sheet.write(5, 1, 12_345_678_901_234_567_890_f64).unwrap();
        sheet.write(6, 9, "비고").unwrap();
        sheet.write(7, 1, 4500).unwrap();
    });
    let rows = rows(&mut open("a.xlsx", bytes).unwrap()).unwrap();
    assert_eq!(
        rows[0].2,
        "cell B5 (`결제금액`): `0.5` is a duration, not a text or a number; \
         cell C5 (`고객명`): `#N/A` is an error of the sheet's formulas"
    );
    assert!(
        rows[1].2.starts_with("cell B6 (`결제금액`): `1.2345678901234567e19` has more digits"),
        "{}",
        rows[1].2
    );
    assert_eq!(rows[2].2, "cell J7: `비고` stands under no heading");
    assert!(rows[3].2.contains("amount: Some(\"4500\")"));
    assert_eq!((rows[3].0, rows[3].1), (4, 8));
}

#[test]
fn the_first_visible_sheet_is_read_or_the_one_named() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("숨김").unwrap().set_hidden(true);
    let shown = workbook.add_worksheet().set_name("3월").unwrap();
    for (column, heading) in (0_u16..).zip(["product", "amount", "buyer", "phone"]) {
        shown.write(0, column, heading).unwrap();
        shown.write(1, column, "x").unwrap();
    }
    shown.set_tab_color(Color::Red).set_active(true);
    let bytes = workbook.save_to_buffer().unwrap();
    assert_eq!(rows(&mut open("a.xlsx", bytes.clone()).unwrap()).unwrap().len(), 1);
    let named = |name: &str| {
        let options = Options { sheet: Some(name.to_owned()), ..Options::default() };
        Sheet::open(Cursor::new(bytes.clone()), "a.xlsx", &options)
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    assert_eq!(named("3월"), Ok(()));
    assert_eq!(named("숨김").unwrap_err(), "`a.xlsx`: is empty");
    assert_eq!(named("4월").unwrap_err(), "`a.xlsx`: has no sheet `4월`; it has `숨김`, `3월`");
}

#[test]
fn a_header_below_a_title_is_pointed_at() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write(0, 0, "3월 청구").unwrap();
    for (column, heading) in (0_u16..).zip(["상품명", "결제금액", "고객명", "휴대폰번호"]) {
        sheet.write(2, column, heading).unwrap();
    }
    let (message, hint) = failure("a.xlsx", workbook.save_to_buffer().unwrap());
    assert_eq!(
        message,
        "`a.xlsx`: the headings seem to be on row 3 (`상품명`, `결제금액`, `고객명`, `휴대폰번호`), \
         not in the first row with text (1)"
    );
    assert_eq!(hint, "delete the rows above the headings");
}

/// Three bills, of which a filter shows the second only; a blank row and the headings are hidden, too.
fn filtered() -> Vec<u8> {
    workbook(|sheet| {
        for (row, product) in [(1, "커피"), (2, "케이크"), (3, "쿠키")] {
            sheet.write(row, 0, product).unwrap();
        }
        for row in [0, 1, 3, 5] {
            sheet.set_row_hidden(row).unwrap();
        }
    })
}

#[test]
fn hidden_rows_are_refused_with_their_number_unless_it_is_said_what_becomes_of_them() {
    let (message, hint) = failure("a.xlsx", filtered());
    assert_eq!(message, "`a.xlsx`: has hidden rows with bills: 2; the first is row 2");
    assert!(hint.contains("`--hidden skip` or `--hidden send`"), "{hint}");
    let numbers = |hidden: Hidden| {
        let options = Options { hidden, ..Options::default() };
        let mut sheet = Sheet::open(Cursor::new(filtered()), "a.xlsx", &options).unwrap();
        assert_eq!(sheet.hidden_rows(), 2);
        let first = rows(&mut sheet).unwrap();
        sheet.rewind().unwrap();
        assert_eq!(rows(&mut sheet).unwrap(), first);
        first.into_iter().map(|(number, line, _)| (number, line)).collect::<Vec<_>>()
    };
    // A row has the same number whether others are hidden or not.
    assert_eq!(numbers(Hidden::Skip), [(2, 3)]);
    assert_eq!(numbers(Hidden::Send), [(1, 2), (2, 3), (3, 4)]);
}
