//! `emulator serve` as far as it needs no process of its own.

use std::sync::atomic::Ordering;

use crate::support::{Ended, Scene};

/// Serves until it has started, and is stopped at once.
fn serve(arguments: &[&str]) -> Ended {
    let mut scene = Scene::new();
    scene.signals.noted.store(true, Ordering::SeqCst);
    scene.run(&crate::support::with(&["emulator", "serve", "--listen", "127.0.0.1:0"], arguments))
}

#[test]
fn a_fault_of_notifications_that_nobody_asked_for_is_warned_of() {
    let warned = "without `--notify-url`";
    for fault in ["duplicate", "delay=2s@noti", "delayed=2s*1"] {
        let ended = serve(&["--fault", fault]).expect_code(0);
        assert!(ended.stderr.contains(warned), "{ended:?}");
    }
    for arguments in [
        &["--fault", "forged", "--notify-url", "http://127.0.0.1:9/"][..],
        &["--fault", "delay=2s"],
        &["--notify-url", "http://127.0.0.1:9/"],
    ] {
        let ended = serve(arguments).expect_code(0);
        assert!(!ended.stderr.contains(warned), "{ended:?}");
    }
}

#[test]
fn a_fault_that_notifications_do_not_know_is_refused_with_those_that_they_do() {
    let ended = serve(&["--fault", "html@noti", "--fault", "forged@send"]).expect_code(2);
    for part in ["because noti knows only duplicate, delay, reordered", "endpoint `send` must be noti"] {
        assert!(ended.stderr.contains(part), "{ended:?}");
    }
}
