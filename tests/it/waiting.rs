//! A wait for what another process has locked is said, so that nobody takes it for a program that hangs.

use std::io::{self, Write};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use crate::fake::{Fake, reply};
use crate::support::{COFFEE, Scene, reached};

/// A stream of which the test hears every write.
struct Heard(Sender<String>);

impl Write for Heard {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let _no_longer_heard = self.0.send(String::from_utf8_lossy(data).into_owned());
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits until it is said that another run is waited for.
#[track_caller]
fn wait_is_said(heard: &Receiver<String>) {
    let said = heard.iter().find(|text| text.contains("waiting for another run"));
    assert!(said.is_some(), "nothing is said of the wait");
}

#[test]
fn a_wait_for_the_ledger_is_said() {
    let (mut scene, emulator) = Scene::with_emulator();
    scene.run(&["status", "--pending"]).expect_code(0);
    let other = scene.ledger();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (says, heard) = mpsc::channel();
    thread::scope(|scope| {
        let sending = scope.spawn(|| scene.run_on(&COFFEE, Box::new(io::sink()), Box::new(Heard(says))));
        wait_is_said(&heard);
        assert_eq!(reached(&emulator).0, 0);
        other.execute_batch("ROLLBACK").unwrap();
        assert_eq!(sending.join().unwrap(), 0);
    });
    assert_eq!(reached(&emulator), (1, 1, 1));
}

#[test]
fn a_wait_for_the_token_of_another_run_is_said() {
    let (asked, is_asked) = mpsc::channel();
    let (answer, may_answer) = mpsc::channel();
    let fake = Fake::new(move |_| {
        asked.send(()).unwrap();
        may_answer.recv().unwrap();
        reply("200 OK", r#"{"RTN_CD":"0000","RTN_MSG":"ok","TOKEN":"a.b.c"}"#)
    });
    let mut scene = Scene::with_sandbox(&fake.url());
    let mut other = scene.beside();
    let (says, heard) = mpsc::channel();
    thread::scope(|scope| {
        let first = scope.spawn(|| scene.run(&["token"]));
        is_asked.recv().unwrap();
        let second = scope.spawn(|| other.run_on(&["token"], Box::new(io::sink()), Box::new(Heard(says))));
        wait_is_said(&heard);
        answer.send(()).unwrap();
        first.join().unwrap().expect_code(0);
        assert_eq!(second.join().unwrap(), 0);
    });
    assert_eq!(fake.requests(), 1);
}
