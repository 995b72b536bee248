//! The lines of a text file, decoded on the way, in constant memory; and which encoding it is in.
//!
//! The encoding is decided by the whole file, not by its head: the first Korean name of a long
//! sheet may be on its last line. A line ends with LF, CRLF or a lone CR and keeps its ending.

use std::cmp::Ordering;
use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::{Decoder, DecoderResult, EUC_KR, UTF_8};

use super::Encoding;
use super::column::Field;
use super::error::Problem;

/// The longest line or row that is read; a longer one is a quote that was never closed, or no text.
pub(super) const LONGEST_ROW: usize = 1024 * 1024;

const CHUNK: usize = 16 * 1024;

/// In how many lines the headings are looked for to tell two encodings apart.
const HEADING_LINES: u64 = 20;

/// An encoding that was decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    /// The EUC-KR of the Encoding Standard, which is CP949 (UHC).
    Cp949,
}

impl Charset {
    fn decoder(self) -> Decoder {
        match self {
            Self::Utf8 => UTF_8.new_decoder_with_bom_removal(),
            Self::Cp949 => EUC_KR.new_decoder_without_bom_handling(),
        }
    }
}

/// What is left to read after the text decoded so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    More,
    Nothing,
    /// Bytes that are no text in this encoding.
    Malformed,
}

/// Reads a text file line by line.
pub(super) struct Lines<R> {
    reader: R,
    charset: Charset,
    decoder: Decoder,
    /// Decoded, and from `start` on not handed out.
    pending: String,
    start: usize,
    number: u64,
    rest: Rest,
}

impl<R: Read + Seek> Lines<R> {
    /// From the beginning of the file, wherever the reader stands.
    pub(super) fn new(mut reader: R, charset: Charset) -> io::Result<Self> {
        reader.seek(SeekFrom::Start(0))?;
        let decoder = charset.decoder();
        Ok(Self { reader, charset, decoder, pending: String::new(), start: 0, number: 0, rest: Rest::More })
    }

    /// Back to the first line.
    pub(super) fn rewind(&mut self) -> io::Result<()> {
        self.reader.seek(SeekFrom::Start(0))?;
        self.decoder = self.charset.decoder();
        self.pending.clear();
        (self.start, self.number, self.rest) = (0, 0, Rest::More);
        Ok(())
    }

    /// The number of the line read last, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Reads the next line with its ending; `false` at the end of the file.
    pub(super) fn next_line(&mut self, line: &mut String) -> Result<bool, Problem> {
        line.clear();
        loop {
            let rest = self.pending.get(self.start..).unwrap_or_default();
            if let Some(length) = line_length(rest, self.rest) {
                line.push_str(rest.get(..length).unwrap_or_default());
                self.start = self.start.saturating_add(length);
                self.number = self.number.saturating_add(1);
                return Ok(true);
            }
            let current = self.number.saturating_add(1);
            match self.rest {
                Rest::Nothing => return Ok(false),
                Rest::Malformed => return Err(self.undecodable(current)),
                Rest::More if rest.len() > LONGEST_ROW => return Err(Problem::RowTooLong { line: current }),
                Rest::More => self.read_on()?,
            }
        }
    }

    fn undecodable(&self, line: u64) -> Problem {
        let tried = match self.charset {
            Charset::Utf8 => "not UTF-8",
            Charset::Cp949 => "not CP949",
        };
        Problem::Undecodable { line, tried }
    }

    fn read_on(&mut self) -> Result<(), Problem> {
        self.pending.drain(..self.start);
        self.start = 0;
        let mut chunk = [0; CHUNK];
        let read = match self.reader.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            read => read?,
        };
        let bytes = chunk.get(..read).unwrap_or_default();
        let longest = self.decoder.max_utf8_buffer_length_without_replacement(read);
        self.pending.reserve(longest.unwrap_or(CHUNK.saturating_mul(3)));
        let last = read == 0;
        self.rest = match self.decoder.decode_to_string_without_replacement(bytes, &mut self.pending, last).0
        {
            DecoderResult::Malformed(..) => Rest::Malformed,
            _ if last => Rest::Nothing,
            _ => Rest::More,
        };
        Ok(())
    }
}

/// How long the first line of `text` is, if it is known to be whole.
fn line_length(text: &str, rest: Rest) -> Option<usize> {
    let bytes = text.as_bytes();
    let Some(end) = memchr::memchr2(b'\n', b'\r', bytes) else {
        return (rest == Rest::Nothing && !text.is_empty()).then_some(text.len());
    };
    let after = end.saturating_add(1);
    match (bytes.get(end), bytes.get(after)) {
        (Some(b'\r'), Some(b'\n')) => Some(after.saturating_add(1)),
        (Some(b'\r'), None) if rest == Rest::More => None,
        _ => Some(after),
    }
}

/// Decides the encoding by reading the whole file; beside it, the encoding again where the bytes are
/// text in both. A byte order mark is stronger than the wish for CP949: those three bytes are UTF-8.
pub(super) fn decide<R: Read + Seek>(
    reader: &mut R,
    wish: Encoding,
    marked: bool,
) -> Result<(Charset, Option<Encoding>), Problem> {
    let charset = match wish {
        Encoding::Auto if !marked => return detect(reader),
        Encoding::Cp949 if !marked => Charset::Cp949,
        _ => Charset::Utf8,
    };
    Trial::run(reader, charset)?.end.map(|()| (charset, None))
}

fn detect<R: Read + Seek>(reader: &mut R) -> Result<(Charset, Option<Encoding>), Problem> {
    let utf8 = Trial::run(reader, Charset::Utf8)?;
    let line = match utf8.end {
        Ok(()) if utf8.is_ascii || utf8.saw_hangul => return Ok((Charset::Utf8, None)),
        Ok(()) => return judge(reader, &utf8),
        // Hangul in UTF-8 is three bytes in a narrow range, which CP949 text does not hit by
        // chance: this is UTF-8 with a broken place, and read as CP949 its names would be garbled.
        Err(Problem::Undecodable { line, .. }) if !utf8.saw_hangul => line,
        Err(problem) => return Err(problem),
    };
    match Trial::run(reader, Charset::Cp949)?.end {
        Ok(()) => Ok((Charset::Cp949, None)),
        Err(Problem::Undecodable { line: other, .. }) => {
            Err(Problem::Undecodable { line: line.max(other), tried: "neither UTF-8 nor CP949" })
        }
        Err(problem) => Err(problem),
    }
}

/// Judges a file that is text in UTF-8, but without Hangul: a few Korean names in CP949 are text in
/// UTF-8 by chance, as Latin, Greek or Hebrew letters. The reading counts in which more headings are
/// known; then CP949, if it brings Hangul that stands as Hangul does, and not within a Latin word as
/// `é` read so would.
fn judge<R: Read + Seek>(reader: &mut R, utf8: &Trial) -> Result<(Charset, Option<Encoding>), Problem> {
    let cp949 = Trial::run(reader, Charset::Cp949)?;
    if cp949.end.is_err() || !cp949.saw_hangul {
        return Ok((Charset::Utf8, None));
    }
    let is_korean = cp949.plain_hangul > cp949.hangul_in_words;
    let is_cp949 = match cp949.headings.cmp(&utf8.headings) {
        Ordering::Equal => is_korean,
        more => more == Ordering::Greater,
    };
    Ok(if is_cp949 { (Charset::Cp949, Some(Encoding::Cp949)) } else { (Charset::Utf8, Some(Encoding::Utf8)) })
}

/// What came of reading the whole file in one encoding.
struct Trial {
    is_ascii: bool,
    /// Whether there was Hangul before the end.
    saw_hangul: bool,
    /// How many Hangul letters stand beside a Latin one, and how many do not.
    hangul_in_words: u64,
    plain_hangul: u64,
    /// How many headings of the first lines mean something.
    headings: usize,
    end: Result<(), Problem>,
}

impl Trial {
    fn run<R: Read + Seek>(reader: &mut R, charset: Charset) -> Result<Self, Problem> {
        let mut lines = Lines::new(reader, charset)?;
        let mut line = String::new();
        let mut trial = Self {
            is_ascii: true,
            saw_hangul: false,
            hangul_in_words: 0,
            plain_hangul: 0,
            headings: 0,
            end: Ok(()),
        };
        loop {
            match lines.next_line(&mut line) {
                Ok(true) if memchr::memchr(0, line.as_bytes()).is_some() => {
                    trial.end = Err(Problem::NotText { line: lines.number() });
                    return Ok(trial);
                }
                Ok(true) => trial.look_at(&line, lines.number()),
                Ok(false) => return Ok(trial),
                Err(Problem::Io(error)) => return Err(Problem::Io(error)),
                Err(problem) => {
                    trial.end = Err(problem);
                    return Ok(trial);
                }
            }
        }
    }

    fn look_at(&mut self, line: &str, number: u64) {
        if number <= HEADING_LINES {
            let cells = line.split([',', ';', '\t']).map(|cell| cell.trim_matches(['"', ' ', '\r', '\n']));
            self.headings = self.headings.max(cells.filter(|cell| Field::of(cell).is_some()).count());
        }
        if line.is_ascii() {
            return;
        }
        self.is_ascii = false;
        let mut before = ' ';
        let mut letters = line.chars().peekable();
        while let Some(letter) = letters.next() {
            if is_hangul(letter) {
                self.saw_hangul = true;
                let is_latin = |beside: char| beside.is_ascii_alphabetic();
                let count = if is_latin(before) || letters.peek().copied().is_some_and(is_latin) {
                    &mut self.hangul_in_words
                } else {
                    &mut self.plain_hangul
                };
                *count = count.saturating_add(1);
            }
            before = letter;
        }
    }
}

fn is_hangul(letter: char) -> bool {
    ('가'..='힣').contains(&letter)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn lines(bytes: &[u8], charset: Charset) -> Vec<String> {
        let mut lines = Lines::new(Cursor::new(bytes), charset).unwrap();
        let mut all = Vec::new();
        let mut line = String::new();
        while lines.next_line(&mut line).unwrap() {
            all.push(line.clone());
        }
        assert_eq!(lines.number(), u64::try_from(all.len()).unwrap());
        all
    }

    fn decided(bytes: &[u8]) -> Result<Charset, String> {
        decide(&mut Cursor::new(bytes), Encoding::Auto, bytes.starts_with(b"\xEF\xBB\xBF"))
            .map(|(charset, _)| charset)
            .map_err(|problem| problem.to_string())
    }

    /// What is decided, and what is said.
    fn judged(bytes: &[u8]) -> (Charset, Option<Encoding>) {
        decide(&mut Cursor::new(bytes), Encoding::Auto, false).unwrap()
    }

    #[test]
    fn korean_that_is_text_in_utf8_by_chance_is_read_as_korean_and_that_is_said() {
        let korean = EUC_KR.encode("product,amount,buyer,phone\n커피,1,척,01012345678\n").0.into_owned();
        assert!(std::str::from_utf8(&korean).is_err());
        let korean = EUC_KR.encode("product,amount,buyer,phone\nTea,1,척천,01012345678\n").0.into_owned();
        assert!(std::str::from_utf8(&korean).is_ok());
        assert_eq!(judged(&korean), (Charset::Cp949, Some(Encoding::Cp949)));
        assert!(lines(&korean, Charset::Cp949)[1].contains("척천"));
        let latin = "product,amount,buyer,phone\nCafé,1,José Ibáñez,01012345678\n";
        assert_eq!(judged(latin.as_bytes()), (Charset::Utf8, Some(Encoding::Utf8)));
        assert_eq!(judged("product\n커피, café\n".as_bytes()), (Charset::Utf8, None));
        assert_eq!(judged(b"product\nTea\n"), (Charset::Utf8, None));
        assert_eq!(judged("product\n“Tea”\n".as_bytes()).0, Charset::Utf8);
    }

    #[test]
    fn three_line_endings_are_known() {
        assert_eq!(lines(b"a\nb\r\nc\rd", Charset::Utf8), ["a\n", "b\r\n", "c\r", "d"]);
        assert_eq!(lines(b"\xEF\xBB\xBFa\r", Charset::Utf8), ["a\r"]);
        assert!(lines(b"", Charset::Utf8).is_empty());
    }

    #[test]
    fn a_line_ending_may_fall_between_two_chunks() {
        for length in CHUNK - 3..CHUNK + 3 {
            let text = format!("{}\r\n가나\r\n", "x".repeat(length));
            assert_eq!(
                lines(text.as_bytes(), Charset::Utf8),
                [format!("{}\r\n", "x".repeat(length)), "가나\r\n".to_owned()]
            );
        }
    }

    #[test]
    fn cp949_is_found_behind_a_long_head_of_ascii() {
        let mut bytes = "name\n".repeat(50_000).into_bytes();
        assert_eq!(decided(&bytes), Ok(Charset::Utf8));
        bytes.extend(EUC_KR.encode("뷁스러운 홍길동\n").0.iter());
        assert_eq!(decided(&bytes), Ok(Charset::Cp949));
        assert!(lines(&bytes, Charset::Cp949).last().unwrap().contains("뷁스러운"));
    }

    #[test]
    fn what_is_no_text_is_named_with_its_line() {
        assert_eq!(decided(b"a\nb\xFF\xFF\n").unwrap_err(), "line 2 is neither UTF-8 nor CP949");
        assert_eq!(decided(b"a\nb\0\n").unwrap_err(), "line 2 holds a zero byte: this is no text file");
        assert_eq!(decided(b"\xEF\xBB\xBFa\n\xC0\xAF").unwrap_err(), "line 2 is not UTF-8");
    }

    #[test]
    fn broken_utf8_is_not_read_as_cp949() {
        let bytes = [" 홍길동\n".as_bytes(), b"\xB0\xA1\n"].concat();
        assert_eq!(decided(&bytes).unwrap_err(), "line 2 is not UTF-8");
    }

    #[test]
    fn an_endless_line_is_not_gathered() {
        let bytes = vec![b'x'; LONGEST_ROW * 3];
        assert!(decided(&bytes).unwrap_err().starts_with("the row that begins on line 1 is longer"));
    }
}
