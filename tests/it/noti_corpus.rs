//! The corpus of the fuzzer, read without a fuzzer: what it once held against the parser, and what
//! it found out about it, stays true.

use std::collections::BTreeSet;
use std::fs;
use std::mem::{Discriminant, discriminant};
use std::panic::catch_unwind;
use std::path::Path;

use cookiepay::noti::DocumentError;

#[path = "../../fuzz/fuzz_targets/promises.rs"]
mod promises;

#[test]
fn every_input_of_the_corpus_is_read_as_promised() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/noti");
    let (mut inputs, mut size) = (0, 0);
    let mut kinds = BTreeSet::new();
    let mut errors: Vec<Discriminant<DocumentError>> = Vec::new();
    for entry in fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        let input = fs::read(&path).unwrap();
        (inputs, size) = (inputs + 1, size + input.len());
        let documents = catch_unwind(|| promises::check(&input));
        for (_, result) in documents.unwrap_or_else(|_| panic!("broken by {}", path.display())) {
            match result {
                Ok(json) => _ = kinds.insert(json.split('"').nth(5).unwrap().to_owned()),
                Err(error) => errors.push(discriminant(&error)),
            }
        }
    }
    assert!(
        inputs >= 60 && size <= 100 * 1024,
        "{inputs} inputs of {size} bytes: few and small, but not none"
    );
    assert_eq!(Vec::from_iter(kinds), ["approval", "cancel", "deposit_cancel", "failure"]);
    let empty = || String::new();
    for error in [
        DocumentError::Empty,
        DocumentError::Foreign { excerpt: empty() },
        DocumentError::Broken { what: empty(), line: 1, column: 1 },
        DocumentError::NotUnicode { field: empty() },
        DocumentError::NotUtf8 { line: 1, column: 1 },
        DocumentError::TooDeep,
        DocumentError::ArrayNotClosed,
        DocumentError::NotANotification,
        DocumentError::UrlcertAnswer,
        DocumentError::UnknownType { noti_type: empty() },
    ] {
        assert!(errors.contains(&discriminant(&error)), "nothing in the corpus for {error:?}");
    }
}
