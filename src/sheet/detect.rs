//! What kind of file this is, by its first bytes; its name decides only between kinds of text.

use super::error::Problem;
use super::{Format, Options};

/// How many bytes of the file are looked at.
pub(super) const HEAD: u64 = 4096;

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Whether the file begins with the byte order mark of UTF-8.
pub(super) fn is_marked(head: &[u8]) -> bool {
    head.starts_with(UTF8_MARK)
}

/// Whether this is a compound file: an old Excel workbook, or an encrypted new one.
pub(super) fn is_compound(head: &[u8]) -> bool {
    head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
}

/// The format of a file that begins with `head`, which is not empty.
pub(super) fn format(name: &str, head: &[u8], options: &Options) -> Result<Format, Problem> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let ending = ending.as_deref();
    if head.starts_with(b"PK\x03\x04") {
        return match options.format {
            None | Some(Format::Xlsx) => Ok(Format::Xlsx),
            Some(other) => {
                Err(Problem::NotAsNamed { named: other.title(), found: "a workbook (a ZIP archive)" })
            }
        };
    }
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") || has_many_zeros(head) {
        return Err(Problem::Utf16);
    }
    let text = head.strip_prefix(UTF8_MARK).unwrap_or(head).trim_ascii_start();
    if text.starts_with(b"<") {
        return Err(Problem::OtherKind("a web page or XML"));
    }
    if text.starts_with(b"%PDF-") {
        return Err(Problem::OtherKind("a PDF"));
    }
    let named = options.format.or(match ending {
        Some("xlsx" | "xlsm") => Some(Format::Xlsx),
        Some("jsonl" | "ndjson" | "json") => Some(Format::Jsonl),
        Some("csv" | "tsv" | "txt") => Some(Format::Csv),
        _ => None,
    });
    match named {
        Some(Format::Xlsx) => {
            Err(Problem::NotAsNamed { named: Format::Xlsx.title(), found: "no ZIP archive" })
        }
        Some(named) => Ok(named),
        None if text.starts_with(b"{") || text.starts_with(b"[") => Ok(Format::Jsonl),
        None => Ok(Format::Csv),
    }
}

/// UTF-16 without a mark: digits, commas and line ends have a zero byte each.
fn has_many_zeros(head: &[u8]) -> bool {
    memchr::memchr_iter(0, head).count() > head.len() / 8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, head: &[u8]) -> Result<Format, String> {
        format(name, head, &Options::default()).map_err(|problem| problem.to_string())
    }

    #[test]
    fn the_content_decides_and_the_name_where_it_is_text() {
        assert_eq!(found("a.csv", b"PK\x03\x04"), Ok(Format::Xlsx));
        assert_eq!(found("a.jsonl", b"{}"), Ok(Format::Jsonl));
        assert_eq!(found("-", b"\n {}"), Ok(Format::Jsonl));
        assert_eq!(found("-", b"amount,phone"), Ok(Format::Csv));
        assert_eq!(found("a.xls", b"amount\tphone"), Ok(Format::Csv));
        assert!(found("a.xlsx", b"amount,phone").unwrap_err().contains("called XLSX"));
    }

    #[test]
    fn what_is_not_read_is_named() {
        assert!(found("a.csv", b"\xFF\xFEa\0").unwrap_err().contains("UTF-16"));
        assert!(found("a.csv", b"a\0,\0b\0").unwrap_err().contains("UTF-16"));
        assert!(found("a.xls", b"\r\n<html>").unwrap_err().contains("a web page"));
    }
}
