//! Who may import whom: the table of the design, read against the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module and the modules of ours that it may name.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("access", &["clean"]),
    ("api", &["access", "bill", "clean", "lock", "payment", "secret"]),
    ("bill", &[]),
    ("clean", &[]),
    ("cli", &["bill"]),
    (
        "commands",
        &[
            "access", "api", "bill", "clean", "cli", "config", "delivery", "emulator", "error", "ledger",
            "lock", "noti", "output", "payment", "receiver", "secret", "sheet", "world",
        ],
    ),
    ("config", &["access", "bill", "clean", "secret"]),
    ("delivery", &["api", "bill", "clean", "ledger", "noti", "payment", "secret"]),
    ("emulator", &[]),
    ("error", &[]),
    ("ledger", &["access", "bill", "clean", "lock", "payment"]),
    ("lock", &[]),
    ("noti", &["bill", "clean", "payment"]),
    ("output", &["bill", "clean", "payment"]),
    ("payment", &[]),
    ("receiver", &["api", "clean", "delivery", "ledger", "noti", "payment", "secret"]),
    ("secret", &[]),
    ("sheet", &["bill", "clean", "payment"]),
    ("world", &["output"]),
];

/// What stands only in the modules behind it.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("clap::", &["cli"]),
    ("clap_complete::", &["cli"]),
    ("reqwest::", &["api", "receiver"]),
    ("axum::", &["emulator", "receiver"]),
    ("hyper::", &["emulator", "receiver"]),
    ("tokio::", &["emulator", "receiver"]),
    ("rusqlite::", &["ledger", "emulator"]),
    ("comfy_table::", &["output"]),
    ("std::env::", &["main"]),
];

/// A line of the sources that is code and no test.
struct Line {
    module: String,
    place: String,
    text: String,
}

/// Every such line of `src/`.
fn code() -> Vec<Line> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut lines = Vec::new();
    for path in sources(&root) {
        let inner = path.strip_prefix(&root).unwrap();
        let first = inner.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = first.strip_suffix(".rs").unwrap_or(first).to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let before_tests = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for (number, line) in before_tests.lines().enumerate() {
            if !line.trim_start().starts_with("//") {
                let place = format!("src/{}:{}", inner.display(), number + 1);
                lines.push(Line { module: module.clone(), place, text: line.to_owned() });
            }
        }
    }
    lines
}

/// Every Rust file below a directory but those of tests.
fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            if name == "tests" { Vec::new() } else { sources(&path) }
        } else if Path::new(&name).extension().is_some_and(|ending| ending == "rs") && name != "tests.rs" {
            vec![path]
        } else {
            Vec::new()
        }
    });
    found.collect()
}

/// The names that stand behind `crate::` in a line.
fn named(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::").skip(1).map(|rest| {
        let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        &rest[..end.unwrap_or(rest.len())]
    })
}

#[test]
fn every_module_names_only_those_that_it_may() {
    let table: BTreeMap<_, _> = MAY_IMPORT.iter().copied().collect();
    let mut wrong = Vec::new();
    for line in code().iter().filter(|line| !matches!(line.module.as_str(), "lib" | "main")) {
        let Some(allowed) = table.get(line.module.as_str()) else {
            panic!("{}: module `{}` stands in no row of the table", line.place, line.module);
        };
        for name in named(&line.text) {
            if name != line.module && !allowed.contains(&name) {
                wrong.push(format!("{}: `{}` names `{name}`", line.place, line.module));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_import_hides_its_module() {
    // `use crate::{a, b}` and a `super` out of the module would be seen by no test here.
    for line in code().iter().filter(|line| !matches!(line.module.as_str(), "lib" | "main")) {
        assert!(!line.text.contains("crate::{") && !line.text.contains("crate::*"), "{}", line.place);
        let file = line.place.split(':').next().unwrap();
        let is_root =
            file.matches('/').count() == 1 || (file.ends_with("/mod.rs") && file.matches('/').count() == 2);
        assert!(!(is_root && line.text.contains("super::")), "{}", line.place);
    }
}

#[test]
fn each_foreign_crate_stands_only_where_it_belongs() {
    let lines = code();
    for (name, modules) in ONLY_IN {
        let found: BTreeSet<&str> =
            lines.iter().filter(|line| line.text.contains(name)).map(|line| line.module.as_str()).collect();
        assert_eq!(found, modules.iter().copied().collect(), "{name}");
    }
}

#[test]
fn nothing_is_printed_but_by_output() {
    for line in code() {
        for print in ["print!(", "println!(", "eprint!(", "eprintln!(", "io::stdout()", "io::stderr()"] {
            assert!(line.module == "main" || !line.text.contains(print), "{}: {print}", line.place);
        }
    }
}
