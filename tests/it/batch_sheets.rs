//! `send --from`, the sheet itself: every format makes the same requests, and a sheet with anything
//! wrong in it makes none.

use std::sync::{Arc, Mutex};

use cookiepay::emulator::Emulator;
use rust_xlsxwriter::Workbook;
use serde_json::Value;

use crate::coffees::{self, HEADINGS};
use crate::fake::{Fake, reply, taken};
use crate::support::{Ended, Scene, reached, with};

/// A server that takes every bill, and the bodies of the requests that came.
pub fn recorder() -> (Fake, Arc<Mutex<Vec<String>>>) {
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&bodies);
    let fake = Fake::new(move |request| {
        let body = request.split_once("\r\n\r\n").unwrap().1;
        kept.lock().unwrap().push(body.to_owned());
        reply("200 OK", &taken(request))
    });
    (fake, bodies)
}

/// Headings, and rows with everything that encodings and spreadsheets get wrong.
const ROWS: [[&str; 8]; 4] = [
    ["상품명", "결제금액", "고객명", "휴대폰번호", "청구서번호", "메모", "발송수단", "과세여부"],
    ["딸기 케이크(특대)", "4500", "똠방각하", "010-1000-0001", "", "쉼표, \"따옴표\"", "카카오", "면세"],
    ["커피", "9999999999", "홍길동", "01010000002", "VIP-7", "", "", ""],
    ["0123", "12", "007", "010 1000 0003", "", "=1+1", "문자", "과세"],
];

fn csv() -> String {
    let mut text = String::new();
    for row in ROWS {
        let cells = row.map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
        text += &(cells.join(",") + "\r\n");
    }
    text
}

fn json_lines() -> String {
    let mut text = String::new();
    for row in &ROWS[1..] {
        let filled = ROWS[0].iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        let object: serde_json::Map<String, Value> =
            filled.map(|(heading, cell)| ((*heading).to_owned(), Value::from(*cell))).collect();
        text += &(Value::from(object).to_string() + "\n");
    }
    text
}

/// The amounts are numbers, as Excel makes them; all else is text.
fn workbook() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (number, row) in (0..).zip(ROWS) {
        for (column, cell) in (0_u16..).zip(row) {
            match cell.parse::<f64>() {
                Ok(won) if column == 1 => sheet.write(number, column, won).unwrap(),
                _ => sheet.write(number, column, cell).unwrap(),
            };
        }
    }
    workbook.save_to_buffer().unwrap()
}

#[test]
fn the_same_sheet_in_every_format_and_encoding_makes_the_same_requests() {
    let cp949 = encoding_rs::EUC_KR.encode(&csv()).0.into_owned();
    assert!(std::str::from_utf8(&cp949).is_err());
    let sheets = [
        ("rows.csv", csv().into_bytes()),
        ("marked.csv", format!("\u{feff}{}", csv()).into_bytes()),
        ("korean.csv", cp949),
        ("tabs.txt", csv().replace("\",\"", "\"\t\"").into_bytes()),
        ("rows.xlsx", workbook()),
        ("rows.jsonl", json_lines().into_bytes()),
    ];
    let mut expected: Option<Vec<String>> = None;
    for (name, content) in sheets {
        let (fake, bodies) = recorder();
        let mut scene = Scene::with_sandbox(&fake.url());
        let file = coffees::write(scene.home(), name, content);
        let batch = ["send", "--via", "sms", "--concurrency", "1", "--batch", "march", "--from"];
        scene.run(&with(&batch, &[file.to_str().unwrap()])).expect_code(0);
        let bodies = bodies.lock().unwrap().clone();
        assert_eq!(bodies.len(), 3, "{name}");
        assert!(bodies[0].contains("똠방각하") && bodies[0].contains("REQ_TYPE\":\"KAKAO"), "{}", bodies[0]);
        assert!(bodies[1].contains("VIP-7") && bodies[2].contains("\"0123\""), "{bodies:?}");
        assert_eq!(&bodies, expected.get_or_insert_with(|| bodies.clone()), "{name}");
    }
}

#[test]
fn stdin_is_a_sheet_too_and_needs_a_name() {
    let (fake, bodies) = recorder();
    let mut scene = Scene::with_sandbox(&fake.url());
    let from_stdin = ["send", "--via", "sms", "--from", "-", "-o", "json"];
    for content in [csv().into_bytes(), workbook(), json_lines().into_bytes()] {
        scene.stdin = content.clone();
        let error = scene.run(&from_stdin).expect_code(2).error();
        assert!(error["hint"].as_str().unwrap().contains("--batch NAME"), "{error}");
        scene.stdin = content;
        scene.run(&with(&from_stdin, &["--batch", "march"])).expect_code(0);
    }
    assert_eq!(bodies.lock().unwrap().len(), 3);
}

/// A sandbox with an emulator, and what it says to a sheet that it must refuse.
fn refused_of(name: &str, content: impl AsRef<[u8]>, more: &[&str]) -> Ended {
    let (mut scene, emulator): (Scene, Emulator) = Scene::with_emulator();
    let file = coffees::write(scene.home(), name, content);
    let arguments = ["send", "--via", "sms", "-o", "json", "--from", file.to_str().unwrap()];
    let ended = scene.run(&with(&arguments, more)).expect_code(2);
    assert_eq!((&*ended.stdout, reached(&emulator)), ("", (0, 0, 0)));
    let listed = scene.run(&["list", "-o", "jsonl"]).expect_code(0);
    assert_eq!(listed.stdout, "", "nothing is recorded");
    ended
}

/// Each wrong field: place, value.
fn wrong_fields(ended: &Ended) -> Vec<(String, Option<String>)> {
    let error = ended.error();
    let fields = error["fields"].as_array().unwrap_or_else(|| panic!("{error}"));
    let text = |value: &Value| value.as_str().map(str::to_owned);
    assert!(fields.iter().all(|field| text(&field["rule"]).is_some_and(|rule| !rule.is_empty())), "{error}");
    fields.iter().map(|field| (text(&field["field"]).unwrap(), text(&field["value"]))).collect()
}

#[test]
fn every_wrong_field_of_every_row_is_told_with_its_place_and_value() {
    let sheet = "product,amount,buyer,phone,bill-no\n\
        커피,1.5,홍길동,010-1000-0001,\n\
        커피,4500,홍길동,1.0123E+9,\n\
        커피,4500,,010-1000-0003,\n\
        커피,4500,홍길동,010-1000-0004,A1,extra\n\
        커피,4500,홍길동,010-1000-0005,A2\n\
        라떼,4500,홍길동,010-1000-0006,A2\n\
        ,,,,\n\
        커피&차,0,홍길동,02-123-4567,no no\n";
    let expected = [
        ("line 2, column B (`amount`), 홍길동", Some("1.5")),
        ("line 3, column D (`phone`), 홍길동", Some("1.0123E+9")),
        ("line 4, column C (`buyer`)", None),
        ("line 5, column F", Some("extra")),
        ("line 7, column E (`bill-no`), 홍길동", Some("A2")),
        ("line 9, column E (`bill-no`), 홍길동", Some("no no")),
        ("line 9, column A (`product`), 홍길동", Some("커피&차")),
        ("line 9, column B (`amount`), 홍길동", Some("0")),
        ("line 9, column D (`phone`), 홍길동", Some("02-123-4567")),
    ];
    let expected: Vec<_> = expected.map(|(field, value)| (field.to_owned(), value.map(str::to_owned))).into();
    assert_eq!(wrong_fields(&refused_of("rows.csv", sheet, &[])), expected);
}

#[test]
fn a_wrong_cell_of_a_workbook_is_named_as_excel_names_it() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, heading) in (0_u16..).zip(["product", "amount", "buyer", "phone"]) {
        sheet.write(0, column, heading).unwrap();
        sheet.write(1, column, "x").unwrap();
    }
    sheet.write(1, 1, 1.5).unwrap().write(1, 3, 1_012_345_678).unwrap();
    sheet.write(2, 0, "커피").unwrap().write(2, 1, 4500).unwrap().write(2, 3, 1.0e300).unwrap();
    let fields = wrong_fields(&refused_of("rows.xlsx", workbook.save_to_buffer().unwrap(), &[]));
    let places: Vec<&str> = fields.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, ["cell B2 (`amount`), x", "cell D3 (`phone`)"]);
}

/// Files of which no row can be read, and what is said of them.
#[test]
fn a_file_that_cannot_be_understood_is_told_and_nothing_is_sent() {
    let utf16: Vec<u8> = coffees::sheet(2).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked: Vec<u8> = [0xFF, 0xFE].into_iter().chain(utf16.iter().copied()).collect();
    let cut = workbook()[..3000].to_vec();
    let rows = coffees::rows_from(1, 2);
    let files: [(&str, Vec<u8>, &str, &str); 13] = [
        ("utf16.csv", utf16, "UTF-16", "CSV UTF-8"),
        ("marked.csv", marked, "UTF-16", "CSV UTF-8"),
        ("cut.xlsx", cut, "damaged or cut short", "save it"),
        ("empty.csv", Vec::new(), "is empty", "--template xlsx"),
        ("headings.csv", HEADINGS.into(), "no row below", "--template xlsx"),
        ("blank.csv", "\n , ,\n\n".into(), "is empty", "--template xlsx"),
        ("none.csv", rows.clone().into(), "no column for", "--template xlsx"),
        ("title.csv", format!("3월 청구\n\n{HEADINGS}{rows}").into(), "on line 3", "delete the rows"),
        ("unknown.csv", format!("비고,{HEADINGS},{rows}").into(), "column A (`비고`)", "--ignore-unknown"),
        ("near.csv", "product,amuont,buyer,phone\n1,2,3,4\n".into(), "perhaps `amount`?", "--template"),
        ("twice.csv", "금액,product,amount,buyer,phone\n".into(), "columns A and C", "one column"),
        ("missing.csv", "product,amount\n커피,1\n".into(), "`buyer` (고객명), `phone` (휴대폰번호)", "xlsx"),
        ("rows.xlsx", coffees::sheet(2).into(), "called XLSX", "--format"),
    ];
    for (name, content, says, hint) in files {
        let error = refused_of(name, content, &[]).error();
        assert!(error["message"].as_str().unwrap().contains(says), "{name}: {error}");
        assert!(error["message"].as_str().unwrap().contains(name), "{name}: {error}");
        assert!(error["hint"].as_str().unwrap_or_default().contains(hint), "{name}: {error}");
    }
}

#[test]
fn a_file_that_is_not_there_or_a_directory_is_told() {
    let (mut scene, emulator) = Scene::with_emulator();
    let home = scene.home().to_str().unwrap().to_owned();
    for (file, says) in [(format!("{home}/none.csv"), "cannot be read"), (home, "Is a directory")] {
        let error =
            scene.run(&["send", "--via", "sms", "--from", &file, "-o", "json"]).expect_code(2).error();
        assert!(error["message"].as_str().unwrap().contains(says), "{error}");
    }
    assert_eq!(reached(&emulator).0, 0);
}

#[test]
fn what_a_sheet_cannot_have_beside_it_is_refused() {
    for option in ["--product", "--amount", "--buyer", "--phone", "--bill-no", "--memo", "--payment-type"] {
        refused_of("rows.csv", coffees::sheet(1), &[option, "1"]);
    }
    refused_of("rows.csv", coffees::sheet(1), &["--wait"]);
    refused_of("rows.csv", coffees::sheet(1), &["--sheet", "Sheet1"]);
    refused_of("rows.csv", coffees::sheet(1), &["--format", "xlsx"]);
    refused_of("rows.csv", coffees::sheet(1), &["--rate", "0/s"]);
    refused_of("rows.csv", coffees::sheet(1), &["--confirm-total", "much"]);
}

#[test]
fn a_column_that_means_nothing_may_be_ignored() {
    let (mut scene, emulator) = Scene::with_emulator();
    let file = coffees::write(
        scene.home(),
        "rows.csv",
        "product,비고,amount,buyer,phone\n커피,x,1,홍,01010000001\n",
    );
    let arguments = ["send", "--via", "sms", "--ignore-unknown-columns", "--from", file.to_str().unwrap()];
    scene.run(&arguments).expect_code(0);
    assert_eq!(reached(&emulator), (1, 1, 1));
}

#[test]
fn a_phone_number_that_lost_its_zero_gets_it_back_and_that_is_said() {
    let (fake, bodies) = recorder();
    let mut scene = Scene::with_sandbox(&fake.url());
    let file = coffees::write(scene.home(), "rows.csv", "product,amount,buyer,phone\n커피,1,홍,1010000001\n");
    let ended = scene.run(&["send", "--via", "sms", "--from", file.to_str().unwrap()]).expect_code(0);
    assert!(ended.stderr.contains("lost their zero"), "{}", ended.stderr);
    assert!(bodies.lock().unwrap()[0].contains("01010000001"));
}

#[test]
fn a_template_that_was_not_filled_in_is_refused_by_its_example() {
    let mut scene = Scene::with_sandbox("https://sandbox.cookiepayments.com");
    for format in ["csv", "xlsx"] {
        let path = scene.home().join(format!("rows.{format}"));
        let out = std::fs::File::create(&path).unwrap();
        let arguments = ["send", "--template", format, "--quiet", "--profile", "sandbox"];
        assert_eq!(scene.run_on(&arguments, Box::new(out), Box::new(std::io::sink())), 0);
        let dry = ["send", "--dry-run", "-o", "json", "--from", path.to_str().unwrap()];
        let error = scene.run(&dry).expect_code(2).error();
        let field = &error["fields"][0];
        assert!(field["field"].as_str().unwrap().ends_with(" 2"), "{error}");
        assert_eq!(field["rule"], "is the example of the template: delete it");
    }
    let path = scene.home().join("rows.csv");
    let filled = std::fs::read_to_string(&path).unwrap().replace("010-0000-0000", "010-1234-5678");
    std::fs::write(&path, filled).unwrap();
    let dry = ["send", "--dry-run", "-o", "json", "--from", path.to_str().unwrap()];
    let items = scene.run(&dry).expect_code(0).json();
    let body = &items["items"][0]["body"];
    assert_eq!((body["AMOUNT"].as_str(), body["BUYERHP"].as_str()), (Some("4500"), Some("01012345678")));
    assert!(!scene.data_directory().exists(), "a dry run makes no ledger");
}

#[test]
fn a_workbook_is_not_printed_on_a_terminal() {
    let mut scene = Scene::new();
    scene.on_terminal = true;
    let ended = scene.run(&["send", "--template", "xlsx"]).expect_code(2);
    assert_eq!(ended.stdout, "");
    assert!(ended.stderr.contains("cookiepay send --template xlsx > bills.xlsx"), "{ended:?}");
    assert!(scene.run(&["send", "--template", "csv"]).expect_code(0).stdout.contains("상품명"));
}

#[test]
fn a_row_of_totals_is_named_as_one_and_nothing_is_sent() {
    for word in ["합계", "총계", "소계"] {
        let sheet = format!("{}{word},8003,,\n", coffees::sheet(2));
        let error = refused_of("rows.csv", sheet, &[]).error();
        assert_eq!(error["fields"][0]["rule"], "is a row of totals, no bill: delete it", "{error}");
        assert_eq!(error["fields"].as_array().unwrap().len(), 1);
    }
}

/// Two sheets of two coffees each; of the first sheet the second row is hidden.
fn two_sheets() -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (number, name) in (0_u32..).zip(["3월", "4월"]) {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        for (column, heading) in (0_u16..).zip(["product", "amount", "buyer", "phone"]) {
            sheet.write(0, column, heading).unwrap();
        }
        for row in 1..=2 {
            sheet.write(row, 0, "커피").unwrap().write(row, 1, 4000 + row).unwrap();
            sheet.write(row, 2, "홍길동").unwrap();
            sheet.write(row, 3, format!("010-1000-{number:02}{row:02}")).unwrap();
        }
        if number == 0 {
            sheet.set_row_hidden(1).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

#[test]
fn rows_that_a_filter_hides_are_sent_only_where_that_is_said() {
    let error = refused_of("rows.xlsx", two_sheets(), &[]).error();
    assert!(error["message"].as_str().unwrap().contains("hidden rows with bills: 1"), "{error}");
    let (mut scene, emulator) = Scene::with_emulator();
    let file = coffees::write(scene.home(), "rows.xlsx", two_sheets());
    let send = ["send", "--via", "sms", "-o", "jsonl", "--from", file.to_str().unwrap(), "--hidden"];
    let skipped = scene.run(&with(&send, &["skip"])).expect_code(0);
    assert!(skipped.stderr.contains("hidden rows that are left out: 1"), "{skipped:?}");
    let all = scene.run(&with(&send, &["send"])).expect_code(0);
    assert!(all.stderr.contains("hidden rows that are sent like the others: 1"), "{all:?}");
    // The row that was sent first has kept its number.
    let (first, rows) = (&skipped.json_lines()[0], all.json_lines());
    let told: Vec<_> = rows.iter().map(|row| (row["row"].clone(), row["outcome"].clone())).collect();
    assert_eq!(told, [(1.into(), "sent".into()), (2.into(), "already_sent".into())]);
    assert_eq!(first["bill_no"], rows[1]["bill_no"]);
    assert_eq!(reached(&emulator).0, 2);
}

#[test]
fn two_sheets_of_a_workbook_are_two_batches() {
    let (mut scene, emulator) = Scene::with_emulator();
    let file = coffees::write(scene.home(), "rows.xlsx", two_sheets());
    let send = ["send", "--via", "sms", "--hidden", "send", "--from", file.to_str().unwrap(), "--sheet"];
    for (sheet, batch) in [("3월", "rows/3월"), (" 4월", "rows/4월")] {
        scene.run(&with(&send, &[sheet])).expect_code(0);
        let listed = scene.run(&["list", "--batch", batch, "-o", "jsonl"]).expect_code(0);
        assert_eq!(listed.json_lines().len(), 2);
    }
    assert_eq!(reached(&emulator).0, 4);
}

#[test]
fn korean_names_that_are_also_utf8_are_read_as_korean_and_that_is_said() {
    let (fake, bodies) = recorder();
    let mut scene = Scene::with_sandbox(&fake.url());
    let text = "product,amount,buyer,phone\nTea,1,척천,01012345678\n";
    let korean = encoding_rs::EUC_KR.encode(text).0.into_owned();
    assert!(std::str::from_utf8(&korean).is_ok());
    let file = coffees::write(scene.home(), "rows.csv", korean);
    let ended = scene.run(&["send", "--via", "sms", "--from", file.to_str().unwrap()]).expect_code(0);
    assert!(ended.stderr.contains("is read as CP949; `--encoding utf-8` reads it otherwise"), "{ended:?}");
    assert!(bodies.lock().unwrap()[0].contains("척천"));
}

#[test]
fn of_many_wrong_fields_a_thousand_are_kept_and_a_terminal_shows_a_hundred() {
    let sheet = format!("{HEADINGS}{}", "커피,0,홍,01012345678\n".repeat(3000));
    let error = refused_of("rows.csv", &sheet, &[]).error();
    assert!(error["message"].as_str().unwrap().starts_with("3000 fields of 3000 rows are wrong"), "{error}");
    assert_eq!(error["fields"].as_array().unwrap().len(), 1000);
    assert_eq!(error["fields_left_out"], 2000);
    let (mut scene, _emulator) = Scene::with_emulator();
    let file = coffees::write(scene.home(), "rows.csv", &sheet);
    let send = ["send", "--via", "sms", "--from", file.to_str().unwrap()];
    for (on_terminal, shown, left) in [(true, 100, "  and 2900 more\n"), (false, 1000, "  and 2000 more\n")] {
        scene.on_terminal = on_terminal;
        let ended = scene.run(&send).expect_code(2);
        assert_eq!(ended.stderr.matches("  line ").count(), shown);
        assert!(ended.stderr.contains(left));
    }
    scene.on_terminal = false;
    let long = format!("{HEADINGS}{},1,홍,01012345678\n", "x".repeat(10_000));
    let error = refused_of("rows.csv", long, &[]).error();
    assert!(error["fields"][0]["value"].as_str().unwrap().len() < 300, "{error}");
}

#[test]
fn a_sheet_of_too_many_rows_is_refused_at_the_first_of_them_in_every_format() {
    let [headings, rows @ ..] = ROWS;
    // What follows is not looked at.
    let broken = ["커피", "none", "", "", "", "", "", ""];
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (number, row) in (0..).zip([headings].into_iter().chain(rows).chain([broken])) {
        for (column, cell) in (0_u16..).zip(row) {
            sheet.write_string(number, column, cell).unwrap();
        }
    }
    let sheets = [
        ("rows.csv", (csv() + &broken.join(",") + "\n").into_bytes()),
        ("rows.jsonl", (json_lines() + "broken\n").into_bytes()),
        ("rows.xlsx", workbook.save_to_buffer().unwrap()),
    ];
    for (name, content) in sheets {
        let (mut scene, emulator) = Scene::with_emulator();
        let path = scene.home().join(name);
        std::fs::write(&path, content).unwrap();
        let batch = ["send", "--via", "sms", "--from", path.to_str().unwrap()];
        scene.run(&with(&batch, &["--max-rows", "4"])).expect_code(2);
        let ended = scene.run(&with(&batch, &["--max-rows", "2", "-o", "json"])).expect_code(13);
        assert!(ended.error()["message"].as_str().unwrap().contains("3 rows or more"), "{name}: {ended:?}");
        assert_eq!(reached(&emulator).0, 0);
    }
}

#[test]
fn an_error_about_a_row_of_a_workbook_names_it_as_excel_does_and_its_buyer() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, heading) in (0_u16..).zip(["product", "amount", "buyer", "phone"]) {
        sheet.write(0, column, heading).unwrap();
    }
    // Row 2 is blank.
    for (row, buyer) in [(2, "김철수"), (3, "이영희")] {
        sheet.write(row, 0, "커피").unwrap().write(row, 1, 4500).unwrap();
        sheet.write(row, 2, buyer).unwrap().write(row, 3, "010-1000-0001").unwrap();
    }
    let content = book.save_to_buffer().unwrap();
    let (mut scene, emulator) = Scene::with_faults(&["refuse=E101@send*1", "drop-after@send*1"]);
    let file = coffees::write(scene.home(), "rows.xlsx", &content);
    let arguments =
        ["send", "--via", "sms", "--concurrency", "1", "-o", "json", "--from", file.to_str().unwrap()];
    let error = scene.run(&arguments).expect_code(13).error();
    assert_eq!(error["fields"][0]["field"], "row 4, 이영희");
    assert!(error["fields"][0]["rule"].as_str().unwrap().starts_with("row 3 asks this phone"), "{error}");
    let error = scene.run(&with(&arguments, &["--allow-duplicate"])).expect_code(7).error();
    assert!(error["message"].as_str().unwrap().contains("row 4, 이영희: bill"), "{error}");
    assert_eq!(reached(&emulator).0, 2);
}
