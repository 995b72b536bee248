//! The XML of a workbook's parts, read within bounds before the parser sees it: how much text there
//! is, and what the parser does not tell, which rows are hidden and which part a sheet is.
//!
//! The parser holds a piece of markup or text whole, whatever its length, and every shared text.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read, Seek};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::archive::{broken, of_io, of_zip};
use super::{MOST_ROWS, TEXT_LIMIT};
use crate::sheet::error::Problem;

/// The longest cell, as it is written in XML, and the longest piece of markup. Excel holds 32,767
/// characters in a cell.
const LONGEST_CELL: usize = 256 * 1024;

/// How many texts the cells of a workbook may share: each takes memory, however short it is.
const MOST_STRINGS: u64 = 4 * 1024 * 1024;

/// Counts the texts that cells share.
pub(super) fn count_strings(part: impl Read) -> Result<u64, Problem> {
    count_strings_up_to(MOST_STRINGS, part)
}

fn count_strings_up_to(most: u64, part: impl Read) -> Result<u64, Problem> {
    let mut xml = Xml::new(part);
    let (mut count, mut total) = (0_u64, 0_usize);
    let mut text = None;
    loop {
        let length = match xml.next()? {
            Event::Start(tag) if tag.local_name().as_ref() == "si" => {
                text = Some(0);
                count = count.saturating_add(1);
                0
            }
            Event::Empty(tag) if tag.local_name().as_ref() == "si" => {
                count = count.saturating_add(1);
                0
            }
            Event::End(tag) if tag.local_name().as_ref() == "si" => {
                text = None;
                0
            }
            Event::Eof => return Ok(count),
            event => length_of(&event),
        };
        total = total.saturating_add(length);
        add(&mut text, length)?;
        if count > most {
            return Err(Problem::TooMany { what: "texts in its cells", limit: most });
        }
        if total > TEXT_LIMIT {
            return Err(swollen());
        }
    }
}

/// What of a sheet the parser does not tell.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// The hidden rows, from 0, as first and last of each run, in their order.
    pub(super) hidden: Vec<(u32, u32)>,
    /// How many cells there are, to be compared with what the parser finds.
    pub(super) cells: u64,
}

impl Layout {
    pub(super) fn is_hidden(&self, row: u32) -> bool {
        let after = self.hidden.partition_point(|(first, _)| *first <= row);
        let run = after.checked_sub(1).and_then(|place| self.hidden.get(place));
        run.is_some_and(|(_, last)| row <= *last)
    }

    fn hide(&mut self, row: u32) {
        match self.hidden.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(row) => *last = row,
            _ => self.hidden.push((row, row)),
        }
    }
}

/// A row that is being read.
#[derive(Default)]
struct Row {
    /// From 0; by `r`, by its first cell that has an address, else the one behind the row before.
    number: u32,
    is_numbered: bool,
    is_hidden: bool,
}

/// Reads the rows of a sheet.
pub(super) fn layout(part: impl Read) -> Result<Layout, Problem> {
    let mut xml = Xml::new(part);
    let mut layout = Layout::default();
    let (mut row, mut next) = (Row::default(), 0);
    let mut text = None;
    let mut is_within = false;
    loop {
        let event = xml.next()?;
        let length = length_of(&event);
        match event {
            Event::Start(tag) if tag.local_name().as_ref() == "sheetData" => is_within = true,
            Event::Start(tag) if is_within && tag.local_name().as_ref() == "row" => {
                row = begin_row(&tag, next)?;
            }
            Event::Empty(tag) if is_within && tag.local_name().as_ref() == "row" => {
                row = begin_row(&tag, next)?;
                next = end_row(&row, next, &mut layout)?;
            }
            Event::End(tag) if is_within && tag.local_name().as_ref() == "row" => {
                next = end_row(&row, next, &mut layout)?;
            }
            Event::Start(tag) if is_within && text.is_none() && tag.local_name().as_ref() == "c" => {
                begin_cell(&tag, &mut row, &mut layout)?;
                text = Some(0);
            }
            Event::Empty(tag) if is_within && text.is_none() && tag.local_name().as_ref() == "c" => {
                begin_cell(&tag, &mut row, &mut layout)?;
            }
            Event::End(tag) if tag.local_name().as_ref() == "c" => text = None,
            Event::End(tag) if tag.local_name().as_ref() == "sheetData" => return Ok(layout),
            Event::Eof => return Ok(layout),
            _ => add(&mut text, length)?,
        }
    }
}

fn begin_row(tag: &BytesStart<'_>, next: u32) -> Result<Row, Problem> {
    let number = attribute(tag, "r")?.map(|text| row_number(&text)).transpose()?;
    let is_hidden = attribute(tag, "hidden")?.is_some_and(|text| matches!(&*text, "1" | "true"));
    Ok(Row { number: number.unwrap_or(next), is_numbered: number.is_some(), is_hidden })
}

/// A row stands behind all before it. Returns the number of the one that follows it.
fn end_row(row: &Row, next: u32, layout: &mut Layout) -> Result<u32, Problem> {
    if row.number < next {
        return Err(broken("its rows are out of order"));
    }
    if row.is_hidden {
        layout.hide(row.number);
    }
    Ok(row.number.saturating_add(1))
}

/// A cell belongs to its row. One whose address is in another row would be hidden with the wrong one.
fn begin_cell(tag: &BytesStart<'_>, row: &mut Row, layout: &mut Layout) -> Result<(), Problem> {
    layout.cells = layout.cells.saturating_add(1);
    let Some(address) = attribute(tag, "r")? else { return Ok(()) };
    let number = row_number(address.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()))?;
    if !row.is_numbered {
        (row.number, row.is_numbered) = (number, true);
    }
    if row.number == number { Ok(()) } else { Err(broken("a cell stands in another row than its own")) }
}

fn row_number(text: &str) -> Result<u32, Problem> {
    let number = text.parse().ok().and_then(|number: u32| number.checked_sub(1));
    number.filter(|number| *number < MOST_ROWS).ok_or_else(|| broken("it holds impossible values"))
}

/// Which part of the archive the sheet at that place in the workbook is.
pub(super) fn part_of_sheet<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    place: usize,
) -> Result<String, Problem> {
    let office = relations(archive, "_rels/.rels")?;
    let workbook = office.into_iter().find(|relation| relation.kind.ends_with("/officeDocument"));
    let workbook = workbook.map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.target);
    let workbook = workbook.strip_prefix('/').unwrap_or(&workbook);
    let (directory, name) = workbook.rsplit_once('/').unwrap_or(("", workbook));
    let directory = if directory.is_empty() { String::new() } else { format!("{directory}/") };
    let mut sheets = Vec::new();
    tags(archive, workbook, "sheet", |tag| {
        let id = attribute_of(tag, |key| key.rsplit(':').next() == Some("id") && key != "sheetId")?;
        sheets.push(id.unwrap_or_default().into_owned());
        Ok(())
    })?;
    let relations = relations(archive, &format!("{directory}_rels/{name}.rels"))?;
    let id = sheets.get(place).ok_or_else(missing)?;
    // The parser takes the last of several of one name, too.
    let found = relations.into_iter().rfind(|relation| relation.id == *id).ok_or_else(missing)?;
    Ok(match found.target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("{directory}{}", found.target),
    })
}

fn missing() -> Problem {
    broken("its sheet is missing")
}

struct Relation {
    id: String,
    kind: String,
    target: String,
}

fn relations<R: Read + Seek>(archive: &mut ZipArchive<R>, path: &str) -> Result<Vec<Relation>, Problem> {
    let mut relations = Vec::new();
    tags(archive, path, "Relationship", |tag| {
        let text = |name| attribute(tag, name).map(|text| text.unwrap_or_default().into_owned());
        relations.push(Relation { id: text("Id")?, kind: text("Type")?, target: text("Target")? });
        Ok(())
    })?;
    Ok(relations)
}

/// Visits every tag of that name in a part.
fn tags<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    path: &str,
    name: &str,
    mut visit: impl FnMut(&BytesStart<'_>) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut xml = Xml::new(open(archive, path)?);
    loop {
        match xml.next()? {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == name => visit(&tag)?,
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// Opens a part, whatever the case of its name, as the parser does.
pub(super) fn open<'a, R: Read + Seek>(
    archive: &'a mut ZipArchive<R>,
    path: &str,
) -> Result<impl Read + use<'a, R>, Problem> {
    let same = |name: &str| name.replace('\\', "/").eq_ignore_ascii_case(path);
    let name = archive.file_names().filter_map(Result::ok).find(|name| same(name)).map(Cow::into_owned);
    let name = name.ok_or_else(missing)?;
    archive.by_name(&name).map_err(of_zip)
}

fn attribute<'a>(tag: &'a BytesStart<'_>, name: &str) -> Result<Option<Cow<'a, str>>, Problem> {
    attribute_of(tag, |key| key == name)
}

/// The value of the attribute whose name it is, as it is written; the parser looks at it so, too.
fn attribute_of<'a>(
    tag: &'a BytesStart<'_>,
    is: impl Fn(&str) -> bool,
) -> Result<Option<Cow<'a, str>>, Problem> {
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(broken)?;
        if is(attribute.key.as_ref()) {
            return Ok(Some(attribute.value));
        }
    }
    Ok(None)
}

fn length_of(event: &Event<'_>) -> usize {
    match event {
        Event::Text(text) => text.len(),
        Event::CData(text) => text.len(),
        Event::GeneralRef(name) => name.len().saturating_add(2),
        _ => 0,
    }
}

/// Counts what stands in one cell.
fn add(text: &mut Option<usize>, length: usize) -> Result<(), Problem> {
    let Some(text) = text else { return Ok(()) };
    *text = text.saturating_add(length);
    if *text > LONGEST_CELL { Err(Problem::CellTooLong) } else { Ok(()) }
}

pub(super) fn swollen() -> Problem {
    let limit = u64::try_from(TEXT_LIMIT).unwrap_or(u64::MAX);
    Problem::Swollen { part: "the texts of the cells".to_owned(), limit }
}

/// XML, read piece by piece.
struct Xml<R: Read> {
    reader: Reader<Bounded<BufReader<R>>>,
    buffer: Vec<u8>,
}

impl<R: Read> Xml<R> {
    fn new(part: R) -> Self {
        let mut reader = Reader::from_reader(Bounded { inner: BufReader::new(part), left: 0 });
        // As the parser reads it.
        let config = reader.config_mut();
        config.check_end_names = false;
        config.check_comments = false;
        Self { reader, buffer: Vec::new() }
    }

    fn next(&mut self) -> Result<Event<'_>, Problem> {
        self.buffer.clear();
        self.reader.get_mut().left = LONGEST_CELL;
        match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => Ok(event),
            Err(quick_xml::Error::Io(error)) if error.kind() == io::ErrorKind::FileTooLarge => {
                Err(Problem::CellTooLong)
            }
            Err(quick_xml::Error::Io(error)) => Err(of_io(io::Error::new(error.kind(), error))),
            Err(error) => Err(broken(error)),
        }
    }
}

/// A reader that gives no more than is allowed for one piece.
struct Bounded<R> {
    inner: R,
    left: usize,
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let left = self.left;
        let held = self.inner.fill_buf()?;
        if left == 0 && !held.is_empty() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(held.get(..held.len().min(left)).unwrap_or(held))
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount);
        self.inner.consume(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(xml: &str) -> Result<Layout, String> {
        layout(xml.as_bytes()).map_err(|problem| problem.to_string())
    }

    #[test]
    fn hidden_rows_are_known_by_their_own_number() {
        let xml = "<worksheet><row r='1' hidden='1'/><sheetData><row r='1'><c r='A1'/></row>\
            <row hidden=\"true\" r=\"4\"><c r='A4'><v>1</v></c></row><row r='5' hidden='1'/>\
            <row r='7' hidden='0'/><row hidden='1'><c r='A9'/></row><row hidden='1'/></sheetData></worksheet>";
        let layout = rows(xml).unwrap();
        assert_eq!((layout.hidden.as_slice(), layout.cells), ([(3, 4), (8, 9)].as_slice(), 3));
        let hidden: Vec<u32> = (0..12).filter(|row| layout.is_hidden(*row)).collect();
        assert_eq!(hidden, [3, 4, 8, 9]);
    }

    #[test]
    fn rows_out_of_order_and_cells_of_other_rows_are_damage() {
        for (inner, says) in [
            ("<row r='2'/><row r='2'/>", "out of order"),
            ("<row r='3'><c r='A4'/></row>", "another row"),
            ("<row r='0'/>", "impossible"),
            ("<row r='1048577'/>", "impossible"),
        ] {
            let error = rows(&format!("<sheetData>{inner}</sheetData>")).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn no_piece_of_a_part_is_held_beyond_the_longest_cell() {
        let long = "x".repeat(LONGEST_CELL);
        let text = "y".repeat(LONGEST_CELL / 2);
        for inner in [
            format!("<c><is><t>{long}</t></is></c>"),
            format!("<c r='{long}'/>"),
            format!("<!--{long}-->"),
            format!("<![CDATA[{long}]]>"),
            format!("<c><is><t>{text}</t><t>{text}z</t></is></c>"),
        ] {
            let error = rows(&format!("<sheetData><row>{inner}</row></sheetData>")).unwrap_err();
            assert!(error.contains("one cell"), "{error}");
        }
        let strings = format!("<sst><si><r><t>{text}</t></r><r><t>{text}z</t></r></si></sst>");
        assert!(matches!(count_strings(strings.as_bytes()), Err(Problem::CellTooLong)));
    }

    #[test]
    fn shared_texts_are_bounded_in_number_and_in_length() {
        let many = "<si/>".repeat(101);
        assert!(matches!(
            count_strings_up_to(100, many.as_bytes()),
            Err(Problem::TooMany { limit: 100, .. })
        ));
        assert_eq!(count_strings(&b"<sst><si/><si><t>a</t></si></sst>"[..]).unwrap(), 2);
        let one = format!("<si><t>{}</t></si>", "x".repeat(LONGEST_CELL / 2));
        let many = one.repeat(TEXT_LIMIT / (LONGEST_CELL / 2) + 1);
        assert!(matches!(count_strings(many.as_bytes()), Err(Problem::Swollen { .. })));
    }
}
