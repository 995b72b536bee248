//! Sheets that cannot be read: every one is an error with a place and a way out, none a panic.

use std::io::{Cursor, Read, Seek, SeekFrom, Write};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::super::Problem;
use super::{failure, open, rows, workbook};
use crate::sheet::{Encoding, Format, Options, SIZE_LIMIT, Sheet, XLSX_SIZE_LIMIT};

const HEADER: &str = "product,amount,buyer,phone\n";

fn message(name: &str, bytes: impl Into<Vec<u8>>) -> String {
    failure(name, bytes).0
}

#[test]
fn other_kinds_of_files_are_named() {
    let utf16: Vec<u8> = "\u{FEFF}상품명,금액".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (text, hint) = failure("a.csv", utf16);
    assert_eq!(text, "`a.csv`: is text in UTF-16, which is not read");
    assert_eq!(hint, "save it as `CSV UTF-8` or as XLSX");
    let plain: Vec<u8> = HEADER.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(message("a.csv", plain), "`a.csv`: is text in UTF-16, which is not read");

    let ole = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    assert!(message("a.xls", ole.clone()).contains("is an old Excel workbook (XLS)"));
    let package: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let encrypted = [ole, vec![0; 65_530], package].concat();
    assert_eq!(message("a.xlsx", encrypted), "`a.xlsx`: is protected by a password");

    assert!(message("a.xls", "<html><table>").contains("is a web page"));
    assert!(message("a.xlsx", HEADER).contains("is called XLSX, but its content is no ZIP archive"));
    let ods = zipped(&[("mimetype", b"x"), ("content.xml", b"x")]);
    assert!(message("a.ods", ods).contains("is an OpenDocument sheet"));
    assert!(message("a.zip", zipped(&[("a.txt", b"x")])).contains("is a ZIP archive without a workbook"));
}

#[test]
fn an_empty_sheet_is_said_to_be_empty() {
    for empty in ["", "\n\n", "\u{FEFF}", ",,\n ,"] {
        assert_eq!(message("a.csv", empty), "`a.csv`: is empty");
    }
    assert_eq!(message("a.jsonl", " \n"), "`a.jsonl`: is empty");
    assert_eq!(message("a.csv", HEADER), "`a.csv`: has headings, but no row below them");
    assert_eq!(
        message("a.xlsx", workbook::workbook(|_| {})),
        "`a.xlsx`: has headings, but no row below them"
    );
}

/// A file that must not be read at all.
struct Huge(u64);

impl Read for Huge {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        panic!("a file over the limit was read")
    }
}

impl Seek for Huge {
    fn seek(&mut self, _: SeekFrom) -> std::io::Result<u64> {
        Ok(self.0)
    }
}

#[test]
fn a_file_over_the_limit_is_not_read() {
    let error = Sheet::open(Huge(2 << 30), "a.csv", &Options::default()).err().unwrap().to_string();
    assert_eq!(error, format!("`a.csv`: has 2147483648 bytes, and at most {SIZE_LIMIT} are read"));
    let too_large = [workbook::coffee(), vec![0; usize::try_from(XLSX_SIZE_LIMIT).unwrap()]].concat();
    assert!(message("a.xlsx", too_large).contains("are read"));
}

#[test]
fn csv_errors_have_their_line() {
    assert_eq!(
        message("a.csv", format!("{HEADER}a,b\n\n\"c,d\ne")),
        "`a.csv`: a quote in the row that begins on line 4 is never closed"
    );
    assert_eq!(
        message("a.csv", [HEADER.as_bytes(), b"\xFF\n"].concat()),
        "`a.csv`: line 2 is neither UTF-8 nor CP949"
    );
    let wrong =
        rows(&mut open("a.csv", format!("{HEADER}커피,4,500,홍길동,010-1234-5678\n커피,4500\n")).unwrap())
            .unwrap();
    assert_eq!(
        wrong[0].2,
        "line 2, column E: `010-1234-5678` stands under no heading; is there a delimiter in another cell that is \
         not quoted?"
    );
    assert!(wrong[1].2.contains("4500"));
    let (text, hint) = failure("a.csv", "3월\n\nproduct,amount,buyer,phone\n");
    assert!(text.contains("seem to be on line 3 (`product`, `amount`, `buyer`, `phone`)"), "{text}");
    assert_eq!(hint, "delete the rows above the headings");
    assert!(
        message("a.csv", "커피,4500,홍길동,01012345678\n").contains("line 1: unknown column A (`커피`); ")
    );
}

#[test]
fn what_the_user_says_is_held_against_the_file() {
    let with = |options: Options, bytes: &[u8]| {
        Sheet::open(Cursor::new(bytes.to_vec()), "a.csv", &options)
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    let csv = format!("{HEADER}커피,4500,홍길동,010\n");
    let sheet = Options { sheet: Some("x".to_owned()), ..Options::default() };
    assert!(with(sheet, csv.as_bytes()).unwrap_err().contains("only XLSX has"));
    let utf8 = Options { encoding: Encoding::Utf8, ..Options::default() };
    assert!(with(utf8.clone(), csv.as_bytes()).is_ok());
    let cp949 = encoding_rs::EUC_KR.encode(&csv).0.into_owned();
    assert_eq!(with(utf8, &cp949).unwrap_err(), "`a.csv`: line 2 is not UTF-8");
    let format = Options { format: Some(Format::Csv), ..Options::default() };
    assert!(with(format, &workbook::coffee()).unwrap_err().contains("is called CSV"));
}

#[test]
fn json_that_is_not_lines_is_said_once() {
    let (text, hint) = failure("a.json", "[{\"a\": 1}]");
    assert_eq!(text, "`a.json`: is a JSON array, not one JSON object a line");
    assert_eq!(hint, "`jq -c '.[]' FILE` writes one object a line");
    assert!(message("a.json", "{\n \"a\": 1\n}").contains("an object over several lines"));
}

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The parts of the test workbook, some of them changed.
fn changed(change: impl Fn(&str, Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(workbook::coffee())).unwrap();
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        parts.push((name.clone(), change(&name, content)));
    }
    let parts: Vec<_> = parts.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    zipped(&parts)
}

/// The workbook with one text in one part replaced.
fn replaced(part: &str, from: &str, to: &str) -> Vec<u8> {
    changed(|name, content| {
        if name != part {
            return content;
        }
        let text = String::from_utf8(content).unwrap();
        assert!(text.contains(from), "{text}");
        text.replace(from, to).into_bytes()
    })
}

#[test]
fn a_truncated_workbook_is_damaged() {
    let bytes = workbook::coffee();
    for length in [4, 100, bytes.len() / 2, bytes.len() - 1] {
        let (text, hint) = failure("a.xlsx", &bytes[..length]);
        assert!(text.starts_with("`a.xlsx`: is damaged or cut short: "), "{text}");
        assert!(hint.contains("download it again"));
    }
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_refused() {
    let bomb = changed(|name, content| if name == "xl/styles.xml" { vec![b' '; 9 << 20] } else { content });
    assert!(bomb.len() < 100_000);
    assert_eq!(message("a.xlsx", bomb), "`a.xlsx`: unpacks to more than 8388608 bytes (xl/styles.xml)");
    let strings = replaced("xl/sharedStrings.xml", "uniqueCount=\"", "uniqueCount=\"99999999999");
    assert!(message("a.xlsx", strings).contains("more shared texts are declared"));
}

#[test]
fn a_workbook_with_impossible_values_is_damaged() {
    let sheet = "xl/worksheets/sheet1.xml";
    for (from, to) in [
        ("r=\"D2\"", "r=\"D99999999999\""),
        ("r=\"D2\"", "r=\"ZZZZZZZZZZ2\""),
        ("r=\"D2\"", "r=\"B2\""),
        ("r=\"D2\"", "r=\"AAAAA2\""),
        ("<sheetData>", ""),
        ("</sheetData>", ""),
    ] {
        let text = message("a.xlsx", replaced(sheet, from, to));
        assert!(text.starts_with("`a.xlsx`: is damaged or cut short: "), "{to}: {text}");
    }
}

#[test]
fn a_small_workbook_that_would_fill_the_memory_is_refused() {
    let strings = |text: String| {
        changed(|name, content| {
            if name == "xl/sharedStrings.xml" { format!("<sst>{text}</sst>").into_bytes() } else { content }
        })
    };
    // One text of everything, and one large text in many cells.
    let one = strings(format!("<si><t>{}</t></si>", "x".repeat(1 << 20)));
    let (row, text) = ("<row><c t=\"s\"><v>0</v></c></row>", "x".repeat(30_000));
    let repeated = changed(|name, content| match name {
        "xl/sharedStrings.xml" => format!("<sst><si><t>{text}</t></si></sst>").into_bytes(),
        "xl/worksheets/sheet1.xml" => {
            format!("<worksheet><sheetData>{}</sheetData></worksheet>", row.repeat(3000)).into_bytes()
        }
        _ => content,
    });
    let inline = changed(|name, content| {
        if name == "xl/worksheets/sheet1.xml" {
            let text = "x".repeat(1 << 20);
            format!("<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>{text}</t></is></c></row></sheetData></worksheet>")
                .into_bytes()
        } else {
            content
        }
    });
    for (bytes, says) in [
        (one, "holds more text in one cell than a spreadsheet can"),
        (repeated, "unpacks to more than 67108864 bytes (the texts of the cells)"),
        (inline, "holds more text in one cell than a spreadsheet can"),
    ] {
        assert!(bytes.len() < 500_000, "{}", bytes.len());
        assert_eq!(
            message("a.xlsx", bytes).split("`a.xlsx`: ").nth(1).unwrap().get(..says.len()),
            Some(says)
        );
    }
}

/// A disk that fails behind its first bytes.
struct Failing(Cursor<Vec<u8>>, u64);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.0.position() > self.1 {
            Err(std::io::Error::from_raw_os_error(5))
        } else {
            self.0.read(buffer)
        }
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_disk_that_fails_is_not_told_as_a_damaged_workbook() {
    let bytes = workbook::coffee();
    for limit in [0, 1000] {
        let file = Failing(Cursor::new(bytes.clone()), limit);
        let error = Sheet::open(file, "a.xlsx", &Options::default()).err().unwrap();
        assert!(matches!(error.problem(), Problem::Io(_)), "{error}");
    }
}

/// Reads everything there is to read; errors are fine.
fn survives(name: &str, bytes: &[u8]) {
    for ignore_unknown_columns in [false, true] {
        let options = Options { ignore_unknown_columns, ..Options::default() };
        let Ok(mut sheet) = Sheet::open(Cursor::new(bytes.to_vec()), name, &options) else { continue };
        let first = rows(&mut sheet).map_err(|error| error.to_string());
        sheet.rewind().unwrap();
        assert_eq!(rows(&mut sheet).map_err(|error| error.to_string()), first);
    }
}

/// `bytes` with some places overwritten.
fn spoilt(mut bytes: Vec<u8>, places: &[(prop::sample::Index, u8)]) -> Vec<u8> {
    for (place, byte) in places {
        if !bytes.is_empty() {
            let at = place.index(bytes.len());
            bytes[at] = *byte;
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_rows_or_an_error(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        name in prop::sample::select(vec!["a.csv", "a.jsonl", "a.xlsx", "-"]),
        header in prop::sample::select(vec!["", HEADER, "{\"amount\": ", "PK\x03\x04", "product;amount;buyer;phone\r\n\""]),
    ) {
        survives(name, &[header.as_bytes(), &bytes].concat());
    }

    #[test]
    fn any_text_is_rows_or_an_error(text in "[a,;\t\r\n\" 가\\\\{}:0-9]{0,200}") {
        survives("a.csv", format!("{HEADER}{text}").as_bytes());
        survives("a.jsonl", format!("{{\"amount\": 1}}\n{text}").as_bytes());
    }

    #[test]
    fn a_spoilt_workbook_is_rows_or_an_error(
        part in prop::sample::select(vec![
            "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml", "xl/sharedStrings.xml",
            "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "_rels/.rels",
        ]),
        places in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"<>/\"=&;019AZ \0\xFF[".to_vec())), 1..4),
    ) {
        survives("a.xlsx", &changed(|name, content| if name == part { spoilt(content, &places) } else { content }));
        survives("a.xlsx", &spoilt(workbook::coffee(), &places));
    }
}
