//! What the texts of a bill may hold, in which form they are compared and sent; the names of batches.

use crate::batch_sheets::recorder;
use crate::coffees;
use crate::support::{COFFEE, COFFEE_FOR_HONG, Scene, reached, with};

/// `홍길동` and `메뉴`, decomposed as macOS writes file names.
const DECOMPOSED: &str = "\u{1106}\u{1166}\u{1102}\u{1172}";

#[test]
fn an_invisible_character_is_refused_in_every_field_and_named_and_nothing_is_sent() {
    let (mut scene, emulator) = Scene::with_emulator();
    for text in ["아메리카노\u{200b}", "\u{202e}노카리메아", "아메\u{2060}리카노", "아메\u{ad}리카노"]
    {
        let options =
            ["--via", "sms", "--amount", "1", "--buyer", "홍", "--phone", "01012345678", "-o", "json"];
        let error = scene.run(&with(&["send", "--product", text], &options)).expect_code(2).error();
        let rule = error["fields"][0]["rule"].as_str().unwrap();
        assert!(rule.contains("invisible character (U+"), "{error}");
    }
    for option in ["--memo", "--etc1", "--etc2", "--email", "--tax", "--payment-type", "--bill-no"] {
        let error = scene.run(&with(&COFFEE, &[option, "a\u{200d}b", "-o", "json"])).expect_code(2).error();
        assert!(error["fields"][0]["rule"].as_str().unwrap().contains("U+200D"), "{option}: {error}");
    }
    let sheet =
        "product,amount,buyer,phone\n커피,1,홍\u{200b},010-1000-0001\n커피\u{200b},1,홍,010-1000-0002\n";
    let file = coffees::write(scene.home(), "rows.csv", sheet);
    let arguments = ["send", "--via", "sms", "-o", "json", "--from", file.to_str().unwrap()];
    let error = scene.run(&arguments).expect_code(2).error();
    assert_eq!(error["fields"].as_array().unwrap().len(), 2, "{error}");
    assert_eq!(reached(&emulator).0, 0);
}

#[test]
fn a_memo_of_two_lines_is_sent_and_no_other_field_may_have_them() {
    let (fake, bodies) = recorder();
    let mut scene = Scene::with_sandbox(&fake.url());
    scene.run(&with(&COFFEE, &["--memo", "첫 줄\r\n둘째\t줄"])).expect_code(0);
    let sheet = "product,amount,buyer,phone,memo\n커피,1,홍,010-1000-0001,\"첫 줄\n둘째\t줄\"\n";
    let file = coffees::write(scene.home(), "rows.csv", sheet);
    scene.run(&["send", "--via", "sms", "--from", file.to_str().unwrap()]).expect_code(0);
    let bodies = bodies.lock().unwrap();
    assert_eq!(bodies.len(), 2);
    assert!(bodies.iter().all(|body| body.contains(r#""MEMO":"첫 줄\n둘째\t줄""#)), "{bodies:?}");
    for option in ["--etc1", "--payment-type", "--etc2"] {
        scene.run(&with(&COFFEE, &[option, "a\nb"])).expect_code(2);
    }
}

#[test]
fn texts_leave_composed_and_are_compared_so_even_with_an_older_ledger() {
    let (fake, bodies) = recorder();
    let mut scene = Scene::with_sandbox(&fake.url());
    let menu = ["send", "--via", "sms", "--amount", "4500", "--buyer", "홍길동", "--phone", "01012345678"];
    let decomposed = with(&menu, &["--product", DECOMPOSED, "--bill-no", "A1"]);
    scene.run(&decomposed).expect_code(0);
    assert!(bodies.lock().unwrap()[0].contains("메뉴"), "{bodies:?}");
    // As an earlier version wrote it down.
    scene.ledger().execute("UPDATE bills SET product = ?1", [DECOMPOSED]).unwrap();
    let composed = with(&menu, &["--product", "메뉴"]);
    scene.run(&composed).expect_code(13);
    let known = scene.run(&with(&composed, &["--bill-no", "A1", "-o", "json"])).expect_code(0).json();
    assert_eq!(known["outcome"], "already_sent");
    assert_eq!(scene.listed("A1")["product"], "메뉴");
    assert_eq!(bodies.lock().unwrap().len(), 1);
}

#[test]
fn a_ledger_that_holds_an_invisible_character_is_still_read() {
    let (mut scene, _emulator) = Scene::with_emulator();
    scene.run(&with(&COFFEE_FOR_HONG, &["--via", "sms", "--bill-no", "A1"])).expect_code(0);
    scene.ledger().execute("UPDATE bills SET product = ?1", ["아메\u{200b}리카노"]).unwrap();
    assert_eq!(scene.listed("A1")["product"], "아메\u{200b}리카노");
}

#[test]
fn a_batch_has_one_name_in_every_command_however_it_is_typed() {
    let (mut scene, _emulator) = Scene::with_emulator();
    let file = coffees::write(scene.home(), "rows.csv", coffees::sheet(2));
    let send = ["send", "--via", "sms", "--from", file.to_str().unwrap(), "--batch"];
    scene.run(&with(&send, &["메뉴"])).expect_code(0);
    let typed = format!(" {DECOMPOSED}\t");
    for name in ["메뉴", typed.as_str()] {
        let listed = scene.run(&["list", "-o", "jsonl", "--batch", name]).expect_code(0).json_lines();
        assert_eq!(listed.len(), 2);
        scene.run(&["status", "--batch", name]).expect_code(8);
        scene.run(&["reconcile", "--batch", name]).expect_code(0);
        let again = scene.run(&with(&send, &[name])).expect_code(0);
        assert!(again.stderr.contains("2 already_sent"), "{again:?}");
    }
    for wrong in ["a\nb", "메\u{200b}뉴", " "] {
        for command in [&["list"][..], &["status"], &["reconcile"], &["resend"], &send[..5]] {
            scene.run(&with(command, &["--batch", wrong])).expect_code(2);
        }
    }
}

#[test]
fn a_batch_that_the_ledger_does_not_know_is_wrong_input_in_every_command() {
    let (mut scene, emulator) = Scene::with_emulator();
    let commands = [
        &["list"][..],
        &["status"],
        &["status", "--pending"],
        &["reconcile"],
        &["resend"],
        &["resend", "--unpaid"],
    ];
    let refuse_all = |scene: &mut Scene| {
        for command in commands {
            let ended = scene.run(&with(command, &["--batch", "novmeber", "-o", "json"])).expect_code(2);
            assert!(ended.error()["message"].as_str().unwrap().contains("no batch `novmeber`"), "{ended:?}");
            assert_eq!(ended.stdout, "");
        }
    };
    refuse_all(&mut scene);
    let file = coffees::write(scene.home(), "november.csv", coffees::sheet(2));
    scene.run(&["send", "--via", "sms", "--from", file.to_str().unwrap()]).expect_code(0);
    refuse_all(&mut scene);
    // Known to the ledger, but not of this account; nor is the journal to miss the bills.
    std::fs::remove_dir_all(scene.journals()).unwrap();
    scene.ledger().execute("UPDATE bills SET api_id = 'another', batch = 'novmeber'", []).unwrap();
    refuse_all(&mut scene);
    assert_eq!(reached(&emulator).0, 2);
}
