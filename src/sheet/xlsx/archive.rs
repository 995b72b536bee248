//! A look through the archive before it is parsed: whole, what it says it is, and bounded when it
//! is unpacked. A few kilobytes of ZIP can unpack to gigabytes, and the sizes it declares may lie,
//! so every part is unpacked once, to nowhere, and counted.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use memchr::memmem;
use zip::ZipArchive;
use zip::result::ZipError;

use super::parts;
use crate::sheet::error::Problem;

/// What a workbook may unpack to.
const UNPACKED_LIMIT: u64 = 512 * 1024 * 1024;

/// What the texts shared by its cells may unpack to: the parser holds them in memory.
const STRINGS_LIMIT: u64 = 128 * 1024 * 1024;

/// What each other part that the parser holds in memory may unpack to, such as the styles.
const PART_LIMIT: u64 = 8 * 1024 * 1024;

/// By how much a workbook may declare more shared texts than it has: programs count them carelessly.
const UNCOUNTED_STRINGS: u64 = 64 * 1024;

const CHUNK: usize = 64 * 1024;

/// Refuses an archive that is damaged, no XLSX workbook, or too large when unpacked.
pub(super) fn inspect<R: Read + Seek>(reader: &mut R) -> Result<(), Problem> {
    reader.seek(SeekFrom::Start(0))?;
    let mut archive = ZipArchive::new(BufReader::new(reader)).map_err(of_zip)?;
    let mut names = Vec::new();
    let mut total = 0_u64;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(of_zip)?;
        let name = part.name().map_err(of_zip)?.into_owned().to_ascii_lowercase();
        let limit = limit_of(&name);
        let found = count(&mut part, limit, &name)?;
        drop(part);
        if is_strings(&name) {
            // The parser reserves memory for as many texts as are declared, and fails hard if
            // there is not enough.
            let part = archive.by_index(index).map_err(of_zip)?;
            if found.strings > parts::count_strings(part)?.saturating_add(UNCOUNTED_STRINGS) {
                return Err(broken("more shared texts are declared than there are"));
            }
        }
        total = total.saturating_add(found.size);
        if total > UNPACKED_LIMIT {
            return Err(Problem::Swollen { part: "all parts together".to_owned(), limit: UNPACKED_LIMIT });
        }
        names.push(name);
    }
    kind(&names)
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands an error over")]
pub(super) fn broken(error: impl ToString) -> Problem {
    Problem::Broken(error.to_string())
}

/// What is wrong with the bytes is damage; what kept them from being read is not.
pub(super) fn of_io(error: io::Error) -> Problem {
    use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
    if matches!(error.kind(), InvalidData | InvalidInput | Other | UnexpectedEof) {
        broken(error)
    } else {
        Problem::Io(error)
    }
}

pub(super) fn of_zip(error: ZipError) -> Problem {
    match error {
        ZipError::Io(error) => of_io(error),
        other => broken(other),
    }
}

fn is_strings(name: &str) -> bool {
    name.ends_with("sharedstrings.xml")
}

/// The kind of the archive, by the parts that each kind has.
fn kind(names: &[String]) -> Result<(), Problem> {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if has("content.xml") && has("mimetype") {
        Err(Problem::OtherKind("an OpenDocument sheet"))
    } else if has("xl/workbook.bin") {
        Err(Problem::OtherKind("a binary workbook (XLSB)"))
    } else if !has("[content_types].xml") || !names.iter().any(|name| name.ends_with("workbook.xml")) {
        Err(Problem::OtherKind("a ZIP archive without a workbook"))
    } else {
        Ok(())
    }
}

/// Worksheets are read as they are unpacked, and pictures not at all; all other XML is held.
fn limit_of(name: &str) -> u64 {
    let is_xml = matches!(name.rsplit_once('.'), Some((_, "xml" | "rels")));
    if is_strings(name) {
        STRINGS_LIMIT
    } else if !is_xml
        || ["worksheets/", "pivotcache/", "drawings/", "charts/"].iter().any(|part| name.contains(part))
    {
        UNPACKED_LIMIT
    } else {
        PART_LIMIT
    }
}

struct Counted {
    size: u64,
    /// The largest number of shared texts declared.
    strings: u64,
}

fn count(part: &mut impl Read, limit: u64, name: &str) -> Result<Counted, Problem> {
    /// A declaration that falls between two chunks is found whole in the second look.
    const OVERLAP: usize = 64;
    let mut counted = Counted { size: 0, strings: 0 };
    let mut window: Vec<u8> = Vec::with_capacity(CHUNK.saturating_add(OVERLAP));
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = part.read(&mut chunk).map_err(of_io)?;
        if read == 0 {
            return Ok(counted);
        }
        counted.size = counted.size.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        if counted.size > limit {
            return Err(Problem::Swollen { part: name.to_owned(), limit });
        }
        if is_strings(name) {
            window.drain(..window.len().saturating_sub(OVERLAP));
            window.extend(chunk.iter().take(read));
            counted.strings = counted.strings.max(declared(&window));
        }
    }
}

/// The largest `uniqueCount="…"`.
fn declared(xml: &[u8]) -> u64 {
    const NAME: &[u8] = b"uniqueCount";
    let after = |at: usize| xml.get(at.saturating_add(NAME.len())..).unwrap_or_default();
    let number = |at| {
        let quoted = after(at).iter().skip_while(|byte| byte.is_ascii_whitespace() || b"=\"'".contains(byte));
        let digits = quoted.take_while(|byte| byte.is_ascii_digit());
        digits.fold(0_u64, |sum, digit| {
            sum.saturating_mul(10).saturating_add(u64::from(digit.saturating_sub(b'0')))
        })
    };
    memmem::find_iter(xml, NAME).map(number).max().unwrap_or_default()
}

/// Whether the compound file in `reader` holds an encrypted workbook, rather than an old one.
pub(in crate::sheet) fn is_encrypted<R: Read + Seek>(reader: &mut R) -> Result<bool, Problem> {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    reader.seek(SeekFrom::Start(0))?;
    let mut window = Vec::with_capacity(CHUNK.saturating_add(name.len()));
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = reader.read(&mut chunk)?;
        if read == 0 {
            return Ok(false);
        }
        window.drain(..window.len().saturating_sub(name.len()));
        window.extend(chunk.iter().take(read));
        if memmem::find(&window, &name).is_some() {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_counts_are_found() {
        assert_eq!(declared(b"<sst count='1' uniqueCount = \"18446744073709551616\">"), u64::MAX);
        assert_eq!(declared(b"<sst uniqueCount='7'>"), 7);
        assert_eq!(declared(b"<sst>"), 0);
    }
}
