//! The exit codes of CONTRACT section 9 that one bill, its status and its surroundings can give.

use std::collections::BTreeSet;
use std::fs;

use cookiepay::emulator::Emulator;

use crate::support::{COFFEE, NOBODY, Scene, misbehave, with};

/// What is done to a world before the command.
type Preparation = fn(&mut Scene, &Emulator);

/// A way to an exit code: the code and its name, what is prepared, and the command.
type Way = (u8, &'static str, Preparation, Vec<&'static str>);

fn nothing(_: &mut Scene, _: &Emulator) {}

fn ways() -> Vec<Way> {
    let coffee = with(&COFFEE, &["--bill-no", "B1"]);
    let status = vec!["status", "--bill-no", "B1"];
    vec![
        (0, "OK", nothing, coffee.clone()),
        (2, "USAGE", nothing, vec!["send", "--nosuch"]),
        (3, "CONFIG", |scene, _| scene.configure("nosuch = 1"), coffee.clone()),
        (4, "AUTH", |_, emulator| misbehave(emulator, &["refuse=E003@token"]), vec!["token"]),
        (5, "REFUSED", |_, emulator| misbehave(emulator, &["refuse=E101"]), coffee.clone()),
        (6, "NETWORK", |scene, _| scene.configure_sandbox(NOBODY, ""), coffee.clone()),
        (7, "OUTCOME_UNKNOWN", |_, emulator| misbehave(emulator, &["drop-after"]), coffee.clone()),
        (8, "UNPAID", |scene, _| drop(scene.link("B1")), status.clone()),
        (
            9,
            "CANCELLED",
            |scene, _| {
                let key = scene.link("B1");
                scene.pay(&key);
                scene.cancel(&key);
            },
            status.clone(),
        ),
        (11, "BUSY", lock_the_ledger, coffee.clone()),
        (12, "WAIT_TIMEOUT", |scene, _| drop(scene.link("B1")), with(&status, &["--wait"])),
        (13, "GUARD", |scene, emulator| scene.configure_live(&emulator.url()), coffee.clone()),
        (
            15,
            "STORAGE",
            |scene, _| {
                fs::create_dir_all(scene.data_directory()).unwrap();
                fs::write(scene.data_directory().join("ledger.db"), [b'x'; 4096]).unwrap();
            },
            coffee,
        ),
    ]
}

/// Another run is sending the bill: it lives, since its lock is held.
fn lock_the_ledger(scene: &mut Scene, _: &Emulator) {
    scene.link("B1");
    let run = scene.data_directory().join("runs/other");
    let file = fs::File::create(run).unwrap();
    file.lock().unwrap();
    // The lock ends with the file, which ends with the test's process.
    std::mem::forget(file);
    scene.ledger().execute("UPDATE bills SET outcome = 'in_flight', run = 'other'", []).unwrap();
}

#[test]
fn each_exit_code_is_produced() {
    let mut produced = BTreeSet::new();
    for (code, name, prepare, command) in ways() {
        let (mut scene, emulator) = Scene::with_emulator();
        prepare(&mut scene, &emulator);
        let ended = scene.run(&with(&command, &["-o", "json"])).expect_code(code);
        // The answers of `status` are no failures.
        if matches!(code, 0 | 8 | 9) {
            assert_eq!(ended.stderr, "", "{name}");
        } else {
            let error = ended.error();
            assert_eq!((error["code"].as_str(), error["exit"].as_u64()), (Some(name), Some(code.into())));
        }
        let explained = scene.run(&["explain", &code.to_string(), "-o", "json"]).expect_code(0).json();
        assert_eq!(explained["name"], name);
        produced.insert(code);
    }
    assert_eq!(produced, BTreeSet::from([0, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15]));
}
