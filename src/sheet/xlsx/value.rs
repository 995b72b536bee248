//! The text of a cell of a workbook: what the user sees there, as far as a bill can use it.

use calamine::{DataRef, ExcelDateTime};

use crate::sheet::record::Fault;

/// The text, and why it must not be used if it must not. Formulas bring the value they had when the
/// workbook was saved.
pub(super) fn text_of(value: &DataRef<'_>) -> (String, Option<Fault>) {
    match value {
        DataRef::Empty => (String::new(), None),
        DataRef::String(text) | DataRef::DateTimeIso(text) => (text.clone(), None),
        DataRef::SharedString(text) => ((*text).to_owned(), None),
        DataRef::Int(number) => (number.to_string(), None),
        DataRef::Float(number) => number_text(*number),
        DataRef::Bool(true) => ("TRUE".to_owned(), None),
        DataRef::Bool(false) => ("FALSE".to_owned(), None),
        DataRef::DateTime(time) if time.is_duration() => (time.as_f64().to_string(), Some(Fault::Duration)),
        DataRef::DateTime(time) => (iso(time), None),
        DataRef::DurationIso(text) => (text.clone(), Some(Fault::Duration)),
        DataRef::Error(error) => (error.to_string(), Some(Fault::ErrorValue)),
    }
}

/// A number without exponent and without a `.0`. A fraction is rounded to the 15 digits that
/// spreadsheets show, because 3000 × 1.1 is stored as 3300.0000000000005; a whole number too large
/// to be exact is refused, because its last digits are not the ones that were typed.
fn number_text(number: f64) -> (String, Option<Fault>) {
    const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
    if !number.is_finite() {
        return (number.to_string(), Some(Fault::ErrorValue));
    }
    if number.abs() > LARGEST_EXACT {
        return (format!("{number:e}"), Some(Fault::TooManyDigits));
    }
    if number.fract() == 0.0 {
        return (number.to_string(), None);
    }
    let rounded = format!("{number:.14e}").parse::<f64>().unwrap_or(number);
    (rounded.to_string(), None)
}

fn iso(time: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second, milli) == (0, 0, 0, 0) {
        date
    } else {
        format!("{date}T{hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_are_seen() {
        let texts = [
            (1_012_345_678.0, "1012345678"),
            (4500.0, "4500"),
            (1.5, "1.5"),
            (3_300.000_000_000_000_5, "3300"),
            (0.1 + 0.2, "0.3"),
            (-4500.0, "-4500"),
            (9_007_199_254_740_992.0, "9007199254740992"),
        ];
        for (number, text) in texts {
            assert_eq!(text_of(&DataRef::Float(number)), (text.to_owned(), None));
        }
        assert_eq!(number_text(1.0123e20).1, Some(Fault::TooManyDigits));
        assert_eq!(number_text(f64::NAN).1, Some(Fault::ErrorValue));
    }
}
