//! Programs that take a notification, refuse it, or misbehave.
#![cfg(unix)]

use std::fs;
use std::time::Instant;

use tempfile::TempDir;

use super::*;

const JSON: &[u8] = br#"{"id":1}"#;

/// A shell with this script, in an environment with a key.
fn shell(script: &str) -> Exec {
    let environment = [("PATH", DEFAULT_PATH), ("SHOP", "mine")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Exec::new(&["sh", "-c", script].map(str::to_owned), &environment.into()).unwrap()
}

fn refused(reason: &str) -> Failure {
    Failure::Refused(reason.to_owned())
}

/// What the script wrote to `$0`.
fn written_by(script: &str, json: &[u8]) -> String {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("taken");
    let mut exec = shell(script);
    exec.arguments.push(path.display().to_string());
    exec.run(json).unwrap();
    fs::read_to_string(path).unwrap()
}

#[test]
fn it_has_the_object_with_a_line_end_on_stdin() {
    assert_eq!(written_by("cat > \"$0\"", JSON), "{\"id\":1}\n");
    let large = vec![b'x'; 200_000];
    assert_eq!(written_by("cat > \"$0\"", &large).len(), 200_001);
    assert_eq!(written_by("cat /dev/stdin > \"$0\"; echo said > /dev/stderr", JSON), "{\"id\":1}\n");
}

#[test]
fn it_finds_the_environment_that_it_is_given_and_no_other() {
    assert_eq!(written_by("echo \"$SHOP,$HOME\" > \"$0\"", JSON), "mine,\n");
}

#[test]
fn one_that_does_not_read_is_fine_if_it_ends_with_0() {
    for script in ["exec 0<&-; true", "true"] {
        assert_eq!(shell(script).run(&vec![b'x'; 1_000_000]), Ok(()), "{script}");
    }
}

#[test]
fn a_failure_is_told_with_the_last_that_it_said() {
    let error = shell("echo out; echo 'no \u{1b}[31msuch\nbill' >&2; exit 3").run(JSON).unwrap_err();
    assert_eq!(error, refused("`sh` failed (exit status: 3): no [31msuch bill"));
    let error = shell("exit 4").run(JSON).unwrap_err();
    assert_eq!(error, refused("`sh` failed (exit status: 4)"));
    let error = shell("kill -9 $$").run(JSON).unwrap_err();
    assert_eq!(error, refused("`sh` failed (signal: 9 (SIGKILL))"));
    let error = shell("i=0; while [ $i -lt 9999 ]; do echo line $i >&2; i=$((i+1)); done; exit 1").run(JSON);
    let error = error.unwrap_err().to_string();
    assert!(error.ends_with("line 9998") && error.len() < 4200 && error.len() > 3000, "{error}");
}

#[test]
fn one_that_takes_too_long_is_stopped_with_all_that_it_started() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("process");
    let mut exec = shell("sleep 600 & echo $! > \"$0\"; echo waiting >&2; wait");
    exec.time_limit = Duration::from_millis(300);
    exec.arguments.push(path.display().to_string());
    let started = Instant::now();
    let error = exec.run(JSON).unwrap_err();
    assert_eq!(error, Failure::Missed("`sh` was stopped after 0 s: waiting".to_owned()));
    assert!(started.elapsed() < Duration::from_secs(30));
    let child = fs::read_to_string(path).unwrap();
    let stat = Path::new("/proc").join(child.trim()).join("stat");
    // Gone, or dead and not yet buried by whoever has to.
    let is_gone = || fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z "));
    while !is_gone() {
        assert!(started.elapsed() < Duration::from_secs(30), "{child} lives on");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn those_it_leaves_behind_hold_nobody_up() {
    let started = Instant::now();
    // The ones left behind hold its streams until they end by themselves.
    assert_eq!(shell("sleep 20 &").run(JSON), Ok(()));
    assert_eq!(
        shell("sleep 20 & echo no >&2; exit 1").run(JSON).unwrap_err(),
        refused("`sh` failed (exit status: 1): no")
    );
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

/// How many threads and open files this process has.
fn held() -> (usize, usize) {
    ["task", "fd"].map(|kind| fs::read_dir(Path::new("/proc/self").join(kind)).unwrap().count()).into()
}

#[test]
fn those_it_leaves_behind_cost_no_thread_and_no_file() {
    const RUNS: usize = 100;
    if !Path::new("/proc/self/task").exists() {
        return;
    }
    let before = held();
    let input = vec![b'x'; 200_000];
    for _ in 0..RUNS {
        // The one left behind holds stdin, which is not read to its end, and stderr.
        assert_eq!(shell("sleep 20 <&0 & exit 0").run(&input), Ok(()));
    }
    let after = held();
    // Other tests have some of their own.
    assert!(after.0 < before.0 + RUNS / 2 && after.1 < before.1 + RUNS / 2, "{before:?} {after:?}");
}

#[test]
fn it_finds_the_signature_of_what_it_is_given() {
    let now = std::sync::Arc::new(|| jiff::Timestamp::from_second(1_763_777_887).unwrap());
    let signer = Signer::new(crate::secret::Secret::new("whsec"), now);
    let expected = signer.sign(JSON);
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("taken");
    let mut exec = shell("echo \"$COOKIEPAY_SIGNATURE\" > \"$0\"").signed(Some(signer));
    exec.arguments.push(path.display().to_string());
    exec.run(JSON).unwrap();
    assert_eq!(fs::read_to_string(path).unwrap(), format!("{expected}\n"));
}

#[test]
fn a_program_that_is_not_there_is_found_out_before_and_later_a_failure() {
    let directory = TempDir::new().unwrap();
    let script = directory.path().join("take");
    fs::write(&script, "#!/bin/sh\n").unwrap();
    let line = [script.display().to_string()];
    let nothing = BTreeMap::new();
    assert!(Exec::new(&line, &nothing).is_err(), "it may not be run");
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let exec = Exec::new(&line, &nothing).unwrap();
    assert_eq!(exec.run(JSON), Ok(()));
    fs::remove_file(&script).unwrap();
    let Failure::Missed(error) = exec.run(JSON).unwrap_err() else { panic!("{exec:?}") };
    assert!(error.contains("did not start"), "{error}");
    for line in [&["no-such-program-7f3a".to_owned()][..], &["/tmp".to_owned()], &[]] {
        assert!(Exec::new(line, &nothing).is_err(), "{line:?}");
    }
}
