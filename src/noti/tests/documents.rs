//! Where documents begin and end, whatever the input.

use std::fmt::Write as _;
use std::io::Read;

use proptest::prelude::*;
use serde_json::Value;

use super::super::{DocumentError, Reader, SIZE_LIMIT, parse};
use super::{CANCEL, SAMPLES, checked_json, items, items_of, small};

/// Hands out a few bytes at a time.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.1.min(buffer.len());
        self.0.read(&mut buffer[..length])
    }
}

/// Lines and outcomes, an error as the beginning of its message.
fn outline(input: impl AsRef<[u8]>) -> Vec<String> {
    let said = |(line, result): (u64, Result<Value, DocumentError>)| match result {
        Ok(value) => format!("{line} {}", value["order_no"].as_str().unwrap_or_default()),
        Err(error) => format!("{line} ! {error}"),
    };
    items(input).into_iter().map(said).collect()
}

#[test]
fn every_form_of_input_is_told_apart_by_content() {
    let (a, b) = (small("a"), small("b"));
    let pretty = CANCEL.trim().replace(", ", ",\r\n  ").replace("URL20261122093947857860", "a");
    let cases = [
        (a.clone(), "1 a"),
        (format!("\u{feff}\r\n{a}\r\n\r\n{b}"), "2 a|4 b"),
        (format!("[{a},{b}]"), "1 a|1 b"),
        (format!("[\n  {a},\n  {b}\n]\n"), "2 a|3 b"),
        (format!("{a}{b} {a}"), "1 a|1 b|1 a"),
        (format!("{pretty}\n{b}"), "1 a|7 b"),
        (format!("[{a}]\n[{b}]"), "1 a|2 b"),
        ("noti_type=cancel&orderno=a\r\nORDERNO=b&AMOUNT=1".to_owned(), "1 a|2 b"),
        (format!("{a}\nnoti_type=cancel&orderno=b\n{a}"), "1 a|2 b|3 a"),
        ("[]".to_owned(), ""),
    ];
    for (input, expected) in cases {
        assert_eq!(outline(&input).join("|"), expected, "{input}");
    }
    for blank in ["", " \r\n\n", "\u{feff}"] {
        assert_eq!(items(blank), [(1, Err(DocumentError::Empty))]);
    }
}

#[test]
fn a_broken_document_never_takes_the_next_with_it() {
    let good = small("good");
    let broken = [
        r#"{"API_ID":"x","ORDERNO":"12"#,
        r#"{"API_ID":"x","#,
        r#"{"API_ID":"#,
        r#"{"API_ID":["#,
        r#"{"API_ID":1]"#,
        r#"{"API_ID":"x"},"#,
        r#"{"a":1,}"#,
        r#"{"a":"\ud800","noti_type":"cancel"}"#,
        r#"{"tid":"\ud800","noti_type":"cancel"}"#,
        "{\"a\":\"\0\"}",
        "{\n \"a\": \"b\n",
        "<html>{\n}</html>",
        "\0\0\0",
        r#""text""#,
        "12",
    ];
    for broken in broken {
        for input in [format!("{broken}\n{good}\n{good}"), format!("[{good},\n{broken}\n,{good},{good}]")] {
            let outline = outline(&input);
            let good = outline.iter().filter(|said| said.ends_with("good")).count();
            assert!(good >= 2 && outline.iter().any(|said| said.contains('!')), "{input}: {outline:?}");
        }
    }
}

#[test]
fn an_element_that_is_broken_does_not_hide_the_next_of_its_line() {
    let good = small("good");
    let outline = outline(format!(r#"[{{"a":"x}},{good},{good},7,{good}]"#));
    assert_eq!(outline.iter().filter(|said| said.ends_with("good")).count(), 3, "{outline:?}");
}

#[test]
fn errors_say_where() {
    let good = small("a");
    let said = outline(format!("{good}\n{{\"a\": 1,\n \"b\": tru,\n}}\nPHP Warning: x\n<br>\n{good}"));
    let expected = [
        "1 a",
        "2 ! broken JSON: expected ident at line 3 column 10",
        "5 ! neither a JSON object nor a form body: `PHP Warning: x`",
        "7 a",
    ];
    assert_eq!(said, expected);
    let said = outline(b"{\"a\":1} {\"b\":\"\xff\"}\n[{\"a\":1");
    let expected = [
        "1 ! not a notification: it needs `ORDERNO` or `TID` with an amount or `SMS_INPUT`, or a `noti_type`",
        "1 ! not UTF-8 at line 1 column 15",
        "2 ! broken JSON: the object is not closed at line 2 column 8",
    ];
    assert_eq!(said, expected);
    assert_eq!(outline("{\"a\":tru\n}"), ["1 ! broken JSON: expected ident at line 1 column 9"]);
    assert_eq!(outline(format!("[{good}"))[1], "1 ! the array is not closed: the input may be cut off");
}

#[test]
fn an_object_behind_a_warning_is_read() {
    let said = outline(format!("<b>Warning</b>: {{x}} in y on line 3{}", small("a")));
    assert_eq!(
        said,
        ["1 ! neither a JSON object nor a form body: `<b>Warning</b>: {x} in y on line 3{\"noti…`", "1 a"]
    );
}

#[test]
fn what_is_too_large_or_too_deep_is_skipped() {
    let good = small("good");
    let long = "x".repeat(SIZE_LIMIT);
    let deep = format!("{}1{}", "[".repeat(70), "]".repeat(70));
    let deep_objects = format!("{}1{}", "{\"a\":".repeat(70), "}".repeat(70));
    let broken = [
        (format!("{{\"a\":\"{long}\"}}"), "longer"),
        (format!("{{\"a\":{{\"b\":\"{long}\"}}}}"), "longer"),
        (format!("{{\"a\":\"{long}"), "longer"),
        (format!("{{\"a\":[{{}},\"{long}\""), "longer"),
        (format!("ORDERNO={long}"), "longer"),
        (format!("{{\"noti_type\":\"cancel\",\"a\":{deep}}}"), "nested"),
        (format!("{{\"a\":{deep_objects}}}"), "nested"),
    ];
    for (broken, why) in broken {
        let input = format!("{broken}\n{good}");
        assert_eq!(items_of(Pieces(input.as_bytes(), 4093)), items(&input));
        let said = outline(&input);
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].contains(why), "{said:?}");
        assert_eq!(said[1], "2 good");
    }
    let fits = format!("{{\"noti_type\":\"cancel\",\"a\":\"{}\"}}", &long[..SIZE_LIMIT - 29]);
    assert_eq!(fits.len(), SIZE_LIMIT);
    assert_eq!(outline(format!("{fits}\n{good}")), ["1 ", "2 good"]);
    assert!(outline(format!("{{ {}", &fits[1..]))[0].contains("longer"));
}

/// The processor time that this takes, whatever else the machine does meanwhile.
#[cfg(unix)]
fn processor_time(work: impl FnOnce()) -> std::time::Duration {
    use rustix::time::{ClockId, clock_gettime};

    let now = || std::time::Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap();
    let start = now();
    work();
    now().checked_sub(start).unwrap()
}

/// Four times the input may take eight times as long; a quadratic search would take sixteen times.
#[cfg(unix)]
fn assert_linear(name: &str, work: impl Fn(usize)) {
    let small = processor_time(|| work(1));
    let large = processor_time(|| work(4));
    let least = std::time::Duration::from_millis(5);
    assert!(
        large < small.max(least).saturating_mul(8),
        "{name:?} took {small:?}, and four times as much of it {large:?}"
    );
}

#[test]
#[cfg(unix)]
fn hostile_input_takes_linear_time() {
    // Each of these took minutes if every broken document were searched to the end.
    let patterns = [
        "{",
        "[",
        "{\"a\":",
        "[{",
        "{\"a\":[{",
        "},{\"",
        "{\"\"},{",
        "{\n",
        "{\"a\":\n",
        "a\n",
        "]",
        "\"",
        "{\"a\":\"},",
    ];
    for pattern in patterns {
        assert_linear(pattern, |times| {
            let input = pattern.repeat(times * 100_000 / pattern.len());
            let mut reader = Reader::new("-", input.as_bytes());
            while reader.next_item().unwrap().is_some() {}
        });
    }
    assert_linear("many keys", |times| {
        let mut keys = String::from("{\"noti_type\":\"cancel\"");
        for key in 0..times * 10_000 {
            write!(keys, ",\"{key}\":1").unwrap();
        }
        assert!(parse(format!("{keys}}}").as_bytes(), "-").is_ok());
    });
}

#[test]
fn a_failing_reader_is_no_document() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("gone"))
        }
    }
    let good = small("a");
    let mut reader = Reader::new("-", good.as_bytes().chain(&b"\n{\"a\""[..]).chain(Fails));
    assert!(reader.next_item().unwrap().is_some());
    assert_eq!(reader.next_item().unwrap_err().to_string(), "gone");
}

/// Bytes that look like notifications often enough to reach every branch.
fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\n",
            "\r\n",
            " ",
            "\"a\"",
            "\"orderno\":\"1\"",
            "\"noti_type\":\"cancel\"",
            "\"AMOUNT\":",
            "null",
            "1e5",
            "\\ud800",
            "\\u0041",
            "ORDERNO=1&AMOUNT=2",
            "%",
            "=",
            "&",
            "\u{feff}",
            "\0",
            "가",
            "{\"noti_type\":\"cancel\"}",
            "{\"TID\":1,\"AMOUNT\":\"x\"}",
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn whatever_comes_in_whatever_pieces_is_read_alike(input in fragments(), length in 1_usize..9) {
        let whole = items(&input);
        prop_assert_eq!(items_of(Pieces(&input, length)), whole);
        let _ = parse(&input, "-").map(|notification| checked_json(&notification));
    }

    #[test]
    fn samples_cut_anywhere_never_panic(at in 0_usize..2500, drop in 0_usize..40, length in 1_usize..50) {
        let mut input = SAMPLES.concat().into_bytes();
        let at = at.min(input.len());
        input.drain(at..at.saturating_add(drop).min(input.len()));
        prop_assert_eq!(items_of(Pieces(&input, length)), items(&input));
    }
}
