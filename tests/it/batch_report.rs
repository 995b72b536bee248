//! `--report`: what people find in it, and that nothing but a report is ever replaced.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Reader, Xlsx};

use crate::batch::send;
use crate::coffees::sheet;
use crate::support::Scene;

/// Sends three coffees with a report in that file.
#[track_caller]
fn report(scene: &mut Scene, file: &Path, more: &[&str], code: u8) -> crate::support::Ended {
    let report = ["--report", file.to_str().unwrap()];
    send(scene, &sheet(3), &crate::support::with(&report, more)).expect_code(code)
}

#[test]
fn a_report_speaks_the_language_and_names_the_phone() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let file = scene.home().join("report.csv");
    report(&mut scene, &file, &["--lang", "ko"], 0);
    let text = fs::read_to_string(&file).unwrap();
    let mut lines = text.lines();
    assert_eq!(
        lines.next().unwrap(),
        "\u{feff}행,고객명,휴대폰,상품명,금액,발송수단,처리결과,응답코드,응답메시지,청구서번호,결제주소,URL키,\
         추가필드1,추가필드2,요청일시,발송 묶음,프로필"
    );
    let first: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(first[..7], ["1", "홍길동1", "010-1000-0001", "아메리카노", "4001", "문자", "발송됨"]);
    assert_eq!(first[14..], ["2026-11-22 11:20:00", "march", "sandbox"]);
    assert!(first[10].starts_with("http://"), "{first:?}");
    // In the other language it is the same report, and takes its place.
    report(&mut scene, &file, &["--lang", "en"], 0);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("\u{feff}row,buyer,phone,") && text.contains(",already_sent,"), "{text}");
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_report_is_a_workbook_where_its_ending_says_so() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let file = scene.home().join("report.XLSX");
    for outcome in ["발송됨", "이미 발송됨"] {
        report(&mut scene, &file, &["--lang", "ko"], 0);
        let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(fs::read(&file).unwrap())).unwrap();
        let range = workbook.worksheet_range_at(0).unwrap().unwrap();
        let cell = |row, column| range.get_value((row, column)).unwrap();
        assert_eq!((cell(0, 1), cell(0, 2)), (&Data::from("고객명"), &Data::from("휴대폰")));
        assert_eq!((cell(3, 0), cell(3, 4)), (&Data::Float(3.0), &Data::Float(4003.0)));
        assert_eq!((cell(3, 2), cell(3, 6)), (&Data::from("010-1000-0003"), &Data::from(outcome)));
        assert_eq!(range.height(), 4);
    }
}

#[test]
fn a_file_that_is_no_report_is_replaced_only_by_force() {
    let (mut scene, emulator) = Scene::with_emulator();
    let other = b"PK\x03\x04 no workbook at all".as_slice();
    for (name, content) in
        [("notes.csv", "phone,balance\n1,2\n".as_bytes()), ("book.xlsx", other), ("plain.csv", b"x")]
    {
        let file = scene.home().join(name);
        fs::write(&file, content).unwrap();
        let ended = report(&mut scene, &file, &[], 2);
        assert!(ended.error()["hint"].as_str().unwrap().contains("--force"), "{ended:?}");
        assert_eq!(fs::read(&file).unwrap(), content);
        assert_eq!(crate::support::reached(&emulator).0, 0);
    }
    let file = scene.home().join("notes.csv");
    report(&mut scene, &file, &["--force"], 0);
    assert!(fs::read_to_string(&file).unwrap().starts_with("\u{feff}row,"));
    // Nothing is lost with an empty file, and the reports of an earlier version are reports.
    for before in ["", "\u{feff}schema,profile,environment,live,outcome,bill_no,url_key\n1,sandbox\n"] {
        fs::write(&file, before).unwrap();
        report(&mut scene, &file, &[], 0);
        assert!(fs::read_to_string(&file).unwrap().starts_with("\u{feff}row,"));
    }
    let left: Vec<_> = fs::read_dir(scene.home())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(".cookiepay"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(unix)]
#[test]
fn no_link_is_followed_to_write_a_report() {
    use std::os::unix::fs::symlink;

    let (mut scene, emulator) = Scene::with_emulator();
    let victim = scene.home().join("victim.txt");
    fs::write(&victim, "precious").unwrap();
    // Where an earlier version wrote, guessed by its process.
    let file = scene.home().join("report.csv");
    symlink(&victim, scene.home().join(format!("report.csv.{}.new", std::process::id()))).unwrap();
    report(&mut scene, &file, &[], 0);
    assert!(!fs::symlink_metadata(&file).unwrap().is_symlink());
    let link = scene.home().join("link.csv");
    for force in [&[][..], &["--force"]] {
        for target in [&victim, &file, &scene.home().join("nothing")] {
            symlink(target, &link).unwrap();
            report(&mut scene, &link, force, 2);
            fs::remove_file(&link).unwrap();
        }
    }
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
    assert!(!scene.home().join("nothing").exists());
    assert_eq!(crate::support::reached(&emulator).0, 3);
}
