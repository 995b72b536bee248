//! How fast notifications are read and written as JSON lines, against `jq -c .` over the same file
//! (at most 0.15 of it).
//!
//! `cargo bench --bench noti`

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cookiepay::noti::Reader;

const LINES: u32 = 200_000;

const SAMPLES: [&str; 5] = [
    include_str!("../tests/fixtures/noti-card.json"),
    include_str!("../tests/fixtures/noti-deposit.json"),
    include_str!("../tests/fixtures/noti-cancel.json"),
    include_str!("../tests/fixtures/noti-failure.json"),
    include_str!("../tests/fixtures/noti-undocumented-fields.json"),
];

fn main() -> io::Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("notifications.jsonl");
    let mut file = io::BufWriter::new(File::create(&path)?);
    for (sample, line) in SAMPLES.iter().cycle().zip(0..LINES) {
        writeln!(file, "{}", sample.trim().replace("857860", &format!("{line:06}")))?;
    }
    file.flush()?;

    let ours = best_of(5, || read_and_write(&path))?;
    let each = ours.checked_div(LINES).unwrap_or_default();
    report(&format!("noti: {LINES} lines in {ours:.0?}, {each:.1?} each"))?;
    match best_of(2, || jq(&path)) {
        Ok(theirs) => {
            let ratio = ours.div_duration_f64(theirs);
            report(&format!("jq -c .: {theirs:.1?}; ratio {ratio:.2} (at most 0.15)"))
        }
        Err(error) => report(&format!("jq -c .: not measured: {error}")),
    }
}

/// Reads the file and writes every notification as JSON to nowhere.
fn read_and_write(path: &Path) -> io::Result<()> {
    let mut reader = Reader::new("-", File::open(path)?);
    let mut out = Vec::new();
    let mut sink = File::create("/dev/null")?;
    while let Some(item) = reader.next_item()? {
        let notification = item.result.map_err(io::Error::other)?;
        notification
            .write_json(br#""schema":1,"profile":"shop","environment":"sandbox","live":false"#, &mut out)?;
        out.push(b'\n');
        if out.len() > 64 * 1024 {
            sink.write_all(&out)?;
            out.clear();
        }
    }
    sink.write_all(&out)
}

/// Runs `jq -c .` over the file.
fn jq(path: &Path) -> io::Result<()> {
    Command::new("jq").args(["-c", "."]).arg(path).stdout(Stdio::null()).status().map(drop)
}

/// The least time that `work` takes of `times` runs. Neither side waits for anything, so that this
/// is its CPU time on an idle machine.
fn best_of(times: usize, mut work: impl FnMut() -> io::Result<()>) -> io::Result<Duration> {
    let mut best = Duration::MAX;
    for _ in 0..times {
        let start = Instant::now();
        work()?;
        best = best.min(start.elapsed());
    }
    Ok(best)
}

fn report(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}
