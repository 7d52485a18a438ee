//! Rows under heads, as every command shows them.

use anstyle::{AnsiColor, Style};
use comfy_table::Table;

/// What stands above the columns.
pub const HEAD: Style = Style::new().bold();

/// Something that is as one wants it.
pub const GOOD: Style = AnsiColor::Green.on_default();

/// Something that goes on, or that holds something up.
pub const NOTE: Style = AnsiColor::Yellow.on_default();

/// Something that somebody has to look at.
pub const BAD: Style = AnsiColor::Red.on_default();

/// One row: its cells, and what it is painted in.
#[derive(Clone, Debug)]
pub struct Row {
    cells: Vec<String>,
    style: Style,
}

impl Row {
    /// Creates a row of plain text.
    pub fn new<Cell: Into<String>>(cells: impl IntoIterator<Item = Cell>) -> Self {
        Row { cells: cells.into_iter().map(Into::into).collect(), style: Style::new() }
    }

    /// Paints the row. The colours go where somebody sees them: [`anstream`] takes them out for a file.
    #[must_use]
    pub fn painted(self, style: Style) -> Self {
        Row { style, ..self }
    }
}

/// Returns the heads and a line per row, each column as wide as its widest cell. A column without a single word in
/// it is left out.
#[must_use]
pub fn lines(heads: &[&str], rows: Vec<Row>) -> Vec<String> {
    let head = Row::new(heads.iter().copied()).painted(HEAD);
    let said =
        |column: &usize| rows.iter().any(|row| row.cells.get(*column).is_some_and(|cell| !cell.is_empty()));
    let columns: Vec<usize> = (0..heads.len()).filter(said).collect();
    let rows: Vec<Row> = std::iter::once(head).chain(rows.iter().cloned()).collect();
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.add_rows(
        rows.iter().map(|row| columns.iter().map(|column| row.cells.get(*column).map_or("", |cell| cell))),
    );
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let painted = |(line, Row { style, .. }): (String, &Row)| format!("{style}{}{style:#}", line.trim_end());
    table.lines().zip(&rows).map(painted).collect()
}
