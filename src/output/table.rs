//! Tables for people, drawn by comfy-table.

use comfy_table::presets::{NOTHING, UTF8_FULL_CONDENSED};
use comfy_table::{CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width};
use unicode_width::UnicodeWidthStr;

use super::messages::{Language, field_label};
use super::record::{Cell, Tone};
use crate::clean::printable;

/// How tables are drawn on this stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drawing {
    /// Columns of the terminal; `None` where the output is no terminal and nothing is wrapped.
    pub(crate) width: Option<u16>,
    /// Whether colours are wanted.
    pub(crate) color: bool,
    /// The language of headings.
    pub(crate) language: Language,
}

/// A table with a heading and one row a record.
pub(crate) fn many(columns: &[&str], rows: Vec<Vec<Cell>>, drawing: Drawing) -> String {
    let mut table = start(drawing);
    table.load_style(UTF8_FULL_CONDENSED.with_rounded_corners());
    let shown = shown(columns, &rows, drawing);
    let is_shown = |name: &&str| shown.contains(name);
    let constraints: Vec<_> = shown.iter().map(|name| constraint(columns, name, &rows)).collect();
    table.set_header(shown.iter().map(|name| field_label(name, drawing.language)));
    for row in rows {
        let cells = columns.iter().zip(&row).filter(|(name, _)| is_shown(name));
        table.add_row(cells.map(|(_, cell)| draw(cell)).collect::<Vec<_>>());
    }
    for (place, constraint) in constraints.into_iter().enumerate() {
        if let (Some(constraint), Some(column)) = (constraint, table.column_mut(place)) {
            column.set_constraint(constraint);
        }
    }
    finish(&table)
}

/// The columns for which there is room: while there is too little, one more of [`SPARE`] is left out.
fn shown<'a>(columns: &[&'a str], rows: &[Vec<Cell>], drawing: Drawing) -> Vec<&'a str> {
    let mut shown = columns.to_vec();
    let Some(width) = drawing.width.map(usize::from) else { return shown };
    for spare in SPARE {
        if width_of(columns, &shown, rows, drawing) > width {
            shown.retain(|name| name != spare);
        }
    }
    shown
}

/// How many columns of a terminal a table of these takes with nothing broken into lines that may not be.
fn width_of(columns: &[&str], shown: &[&str], rows: &[Vec<Cell>], drawing: Drawing) -> usize {
    let shown = columns.iter().enumerate().filter(|(_, name)| shown.contains(name));
    let widths = shown.map(|(place, name)| {
        let cells = rows.iter().filter_map(|row| row.get(place)).map(|cell| cell.text.width());
        let width = cells.chain([field_label(name, drawing.language).width()]).max().unwrap_or_default();
        if SENTENCES.contains(name) { width.min(SENTENCE) } else { width }
    });
    // A border and two blanks for each, and the last border.
    widths.fold(1, |sum: usize, width| sum.saturating_add(width).saturating_add(3))
}

/// How narrow a column may become: one that is whole not at all, one of sentences not below the longest first
/// word, which is the contract's.
fn constraint(columns: &[&str], name: &str, rows: &[Vec<Cell>]) -> Option<ColumnConstraint> {
    if WHOLE.contains(&name) {
        return Some(ColumnConstraint::ContentWidth);
    }
    let place = columns.iter().position(|column| *column == name).filter(|_| SENTENCES.contains(&name))?;
    let texts = rows.iter().filter_map(|row| row.get(place)).map(|cell| cell.text.as_str());
    let words = texts.filter_map(|text| text.split(' ').next()).map(UnicodeWidthStr::width);
    // With a blank at either side.
    let room = u16::try_from(words.max().unwrap_or_default().saturating_add(2)).ok()?;
    Some(ColumnConstraint::LowerBoundary(Width::Fixed(room)))
}

/// The columns that are left out, in this order, where a table is wider than its terminal: every other
/// format has them, and beside a whole URL nothing else could be read.
const SPARE: &[&str] = &["pay_url", "tid"];

/// Columns that may hold sentences, which read well in several lines.
const SENTENCES: &[&str] = &["verdict_and_reasons", "delivery_and_error"];

/// The room that is kept for one of them.
const SENTENCE: usize = 14;

/// Columns that are never broken into lines: what is copied from a terminal, and numbers.
const WHOLE: &[&str] = &[
    "bill_no",
    "url_key",
    "pay_url",
    "amount",
    "id",
    "tid",
    "received_at",
    "created_at",
    "accepted_at",
    "code",
    "check",
    "verdict",
    "kind",
    "line",
];

/// A list of names and values, one a line.
pub(crate) fn one(details: Vec<(&'static str, Cell)>, drawing: Drawing) -> String {
    let mut table = start(drawing);
    table.load_style(NOTHING);
    for (name, cell) in details.into_iter().filter(|(_, cell)| !cell.text.is_empty()) {
        let name = comfy_table::Cell::new(field_label(name, drawing.language)).fg(Color::DarkGrey);
        table.add_row(vec![name, draw(&Cell { number: false, ..cell })]);
    }
    finish(&table)
}

fn start(drawing: Drawing) -> Table {
    let mut table = Table::new();
    table.force_no_tty();
    if drawing.color {
        table.enforce_styling();
    }
    match drawing.width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table
}

fn draw(cell: &Cell) -> comfy_table::Cell {
    let drawn = comfy_table::Cell::new(printable(&cell.text));
    let drawn = match cell.tone {
        Tone::Plain => drawn,
        Tone::Good => drawn.fg(Color::Green),
        Tone::Caution => drawn.fg(Color::Yellow),
        Tone::Bad => drawn.fg(Color::Red),
    };
    if cell.number { drawn.set_alignment(CellAlignment::Right) } else { drawn }
}

/// Lines without trailing blanks, so that a copied table carries none.
fn finish(table: &Table) -> String {
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<Cell>> {
        let long = "정기 점검 십일월분과 그 밖의 여러 가지 아주 긴 상품명입니다";
        vec![
            vec![Cell::text("261122012Z0Z789ABC"), Cell::text(long), Cell::won(Some(132_000))],
            vec![Cell::text("B1"), Cell::text("coffee\u{1b}[31m"), Cell::won(Some(4500))],
        ]
    }

    #[test]
    fn hangul_is_two_columns_wide_and_lines_end_together_within_the_terminal() {
        let drawing = Drawing { width: Some(60), color: false, language: Language::Ko };
        let text = many(&["bill_no", "product", "amount"], rows(), drawing);
        let widths: Vec<usize> = text.lines().map(UnicodeWidthStr::width).collect();
        assert!(widths.iter().all(|width| *width == widths[0] && *width <= 60), "{text}");
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn a_url_is_left_out_where_the_terminal_is_too_narrow_for_it() {
        let row = vec![Cell::text("261122012Z0Z789ABC"), Cell::text("https://example.com/p/a1B2c3D4e5")];
        let drawn = |width| {
            let drawing = Drawing { width, color: false, language: Language::En };
            many(&["bill_no", "pay_url"], vec![row.clone()], drawing)
        };
        assert!([drawn(None), drawn(Some(57))].iter().all(|text| text.contains("a1B2c3D4e5")));
        let narrow = drawn(Some(56));
        assert!(narrow.contains("261122012Z0Z789ABC") && !narrow.contains("URL"), "{narrow}");
    }

    #[test]
    fn nothing_is_wrapped_where_there_is_no_terminal() {
        let drawing = Drawing { width: None, color: false, language: Language::En };
        let text = many(&["bill_no", "product", "amount"], rows(), drawing);
        assert!(text.contains("아주 긴 상품명입니다"), "{text}");
    }

    #[test]
    fn absent_values_are_left_out_of_a_list() {
        let drawing = Drawing { width: None, color: true, language: Language::En };
        let text = one(vec![("bill_no", Cell::text("B1")), ("pay_url", Cell::text(""))], drawing);
        assert_eq!(text.lines().count(), 1);
    }
}
