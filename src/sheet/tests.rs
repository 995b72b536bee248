//! Whole sheets: the same rows from every format, and what is said of bad ones.

mod bad;
mod workbook;

use std::cell::RefCell;
use std::io::Cursor;
use std::rc::Rc;

use encoding_rs::EUC_KR;

use super::*;

/// A sheet of bytes.
pub(super) type Bytes = Sheet<Cursor<Vec<u8>>>;

pub(super) fn open(name: &str, bytes: impl Into<Vec<u8>>) -> Result<Bytes, SheetError> {
    Sheet::open(Cursor::new(bytes.into()), name, &Options::default())
}

/// Every row: number, line, and its fields or errors as one text.
pub(super) fn rows(sheet: &mut Bytes) -> Result<Vec<(u64, u64, String)>, SheetError> {
    let mut all = Vec::new();
    while let Some(row) = sheet.next_row()? {
        let text = match row.fields {
            Ok(bill) => format!("{bill:?}"),
            Err(wrong) => wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        };
        all.push((row.number, row.line, text));
    }
    Ok(all)
}

/// Message and hint of what is wrong with a sheet, wherever it shows.
pub(super) fn failure(name: &str, bytes: impl Into<Vec<u8>>) -> (String, String) {
    let error = match open(name, bytes) {
        Ok(mut sheet) => rows(&mut sheet).unwrap_err(),
        Err(error) => error,
    };
    (error.to_string(), error.hint().unwrap_or_default())
}

const SHEET: &str = "상품명,결제금액,고객명,휴대폰번호,이메일,발송수단,과세여부\n\
    아메리카노,\"4,500원\",홍길동,010-1234-5678,,문자,과세\n\
    ,,,,,,\n\
    케이크 ,38000, 성춘향,1012345678,sung@example.com,카톡,\n";

#[test]
fn every_format_brings_the_same_bills() {
    let mut utf8 = open("a.csv", SHEET).unwrap();
    let expected = rows(&mut utf8).unwrap();
    assert_eq!(expected.iter().map(|row| (row.0, row.1)).collect::<Vec<_>>(), [(1, 2), (2, 4)]);
    assert!(
        expected[0].2.contains("amount: Some(\"4,500원\")") && expected[1].2.contains("via: Some(\"kakao\")")
    );

    let bom = format!("\u{FEFF}{}", SHEET.replace('\n', "\r\n"));
    let tabs = SHEET.replace("4,500원", "4;500원").replace(',', "\t").replace("4;500원", "4,500원");
    let cp949 = EUC_KR.encode(SHEET).0.into_owned();
    let semicolons = SHEET.replace("4,500원", "4#500원").replace(',', ";").replace("4#500원", "4,500원");
    for bytes in [bom.into_bytes(), tabs.into_bytes(), semicolons.into_bytes(), cp949, workbook::coffee()] {
        assert_eq!(rows(&mut open("a.csv", bytes).unwrap()).unwrap(), expected);
    }

    let json = "{\"상품명\": \"아메리카노\", \"AMOUNT\": \"4,500원\", \"buyer\": \"홍길동\", \"휴대폰\": \"010-1234-5678\", \
        \"발송수단\": \"문자\", \"tax\": \"과세\"}\n\n\n{\"상품명\": \"케이크\", \"금액\": 38000, \"이름\": \"성춘향\", \
        \"연락처\": 1012345678, \"email\": \"sung@example.com\", \"via\": \"카톡\", \"메모\": \"\"}";
    let mut expected = expected;
    expected[0].1 = 1;
    assert_eq!(rows(&mut open("-", json).unwrap()).unwrap(), expected);
}

#[test]
fn a_template_is_a_sheet_whose_example_is_refused_and_named() {
    for format in [Format::Csv, Format::Xlsx, Format::Jsonl] {
        let bytes = template(format).unwrap();
        assert_eq!(bytes, template(format).unwrap());
        let mut sheet = open("template", bytes).unwrap();
        assert_eq!(sheet.format(), format);
        let wrong = rows(&mut sheet).unwrap();
        assert_eq!(wrong.len(), 1);
        assert!(wrong[0].2.ends_with(": is the example of the template: delete it"), "{wrong:?}");
        assert!(sheet.next_row().unwrap().is_none());
    }
    let csv = String::from_utf8(template(Format::Csv).unwrap()).unwrap();
    assert!(csv.starts_with('\u{FEFF}'));
    // Overwritten, it is a bill.
    let filled = csv.replace("홍길동", "성춘향").replace("010-0000-0000", "010-1234-5678");
    let row = open("template.csv", filled).unwrap().next_row().unwrap().unwrap();
    assert_eq!(row.fields.unwrap().parse(None, || "B1".parse().unwrap()).unwrap().0.amount.won(), 4500);
}

#[test]
fn a_row_of_totals_is_named_as_one_and_a_bill_is_none() {
    let header = "상품명,금액,이름,휴대폰\n";
    for row in ["합계,42500,,", "소 계,,2명,", ",42500,총계:,\" \"", "Total,42500,2,2", "커피,합계,,"]
    {
        let wrong = rows(&mut open("a.csv", format!("{header}{row}\n")).unwrap()).unwrap();
        assert_eq!(wrong[0].2, "line 2: is a row of totals, no bill: delete it", "{row}");
    }
    let bill =
        rows(&mut open("a.csv", format!("{header}합계,42500,홍길동,010-1234-5678\n")).unwrap()).unwrap();
    assert!(bill[0].2.contains("product: Some(\"합계\")"), "{bill:?}");
}

#[test]
fn a_cell_of_more_than_32_kib_is_refused_and_not_kept() {
    let long = "가".repeat(11_000);
    let csv = format!("product,amount,buyer,phone\n{long},1,홍,010-1234-5678\n");
    let workbook = workbook::workbook(|sheet| {
        sheet.write(1, 0, &long).unwrap();
    });
    let json = format!("{{\"product\": \"{long}\", \"amount\": 1}}\n");
    for (name, bytes, says) in [
        ("a.csv", csv.into_bytes(), "is longer than 32 KiB"),
        ("a.xlsx", workbook, "is longer than 32 KiB"),
        ("a.jsonl", json.into_bytes(), "is a text of more than 32 KiB"),
    ] {
        let wrong = rows(&mut open(name, bytes).unwrap()).unwrap();
        assert!(wrong[0].2.contains(says) && wrong[0].2.len() < 500, "{name}: {}", wrong[0].2);
    }
}

#[test]
fn a_sheet_is_read_twice() {
    for bytes in [SHEET.as_bytes().to_vec(), workbook::coffee()] {
        let mut sheet = open("a.csv", bytes).unwrap();
        let first = rows(&mut sheet).unwrap();
        sheet.rewind().unwrap();
        assert_eq!(rows(&mut sheet).unwrap(), first);
        sheet.rewind().unwrap();
        sheet.next_row().unwrap();
        sheet.rewind().unwrap();
        assert_eq!(rows(&mut sheet).unwrap(), first);
    }
}

#[test]
fn the_place_of_a_field_is_where_the_user_finds_it() {
    let sheet = open("a.csv", SHEET).unwrap();
    assert_eq!(sheet.place(4, "phone").to_string(), "line 4, column D (`휴대폰번호`)");
    let sheet = open("a.xlsx", workbook::coffee()).unwrap();
    assert_eq!(sheet.place(4, "phone").to_string(), "cell D4 (`휴대폰번호`)");
}

/// A file that another program may write to.
struct Shared {
    now: Cursor<Vec<u8>>,
    later: Rc<RefCell<Option<Vec<u8>>>>,
}

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.now.read(buffer)
    }
}

impl Seek for Shared {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        if let Some(later) = self.later.take() {
            self.now = Cursor::new(later);
        }
        self.now.seek(to)
    }
}

#[test]
fn a_file_that_changes_sends_nothing_that_was_not_read_before() {
    let changes = [
        (SHEET.replace("38000", "39000"), "line 4"),
        (SHEET.replace("케이크", "쿠키"), "line 4"),
        (format!("{SHEET}쿠키,1,성춘향,01012345678\n"), "line 5"),
        (SHEET.lines().take(2).collect::<Vec<_>>().join("\n"), "its end"),
    ];
    for (later, place) in changes {
        let change = Rc::new(RefCell::new(None));
        let reader = Shared { now: Cursor::new(SHEET.into()), later: Rc::clone(&change) };
        let mut sheet = Sheet::open(reader, "a.csv", &Options::default()).unwrap();
        while sheet.next_row().unwrap().is_some() {}
        change.replace(Some(later.into_bytes()));
        sheet.rewind().unwrap();
        let error = loop {
            match sheet.next_row() {
                Ok(row) => assert!(row.is_some()),
                Err(error) => break error.to_string(),
            }
        };
        assert_eq!(error, format!("`a.csv`: changed while it was read, at {place}"));
    }
}

#[test]
fn a_large_csv_takes_no_more_memory_than_its_fingerprints() {
    let row = "아메리카노,4500,홍길동,010-1234-5678\n";
    let mut sheet = open("a.csv", format!("product,amount,buyer,phone\n{}", row.repeat(20_000))).unwrap();
    let mut count = 0;
    while let Some(row) = sheet.next_row().unwrap() {
        count += 1;
        assert_eq!((row.number, row.line), (count, count + 1));
    }
    assert_eq!(sheet.fingerprints.len(), 20_000);
}
