//! Rows of cells in Markdown, and texts that it does not read.

use comfy_table::Table;
use comfy_table::presets::ASCII_MARKDOWN;

/// Sets a table as Markdown does.
#[must_use]
pub fn markdown<const N: usize>(heads: [&str; N], rows: Vec<[String; N]>) -> String {
    let escaped = rows.into_iter().map(|row| row.map(|cell| plain(&cell)));
    let mut table = Table::new();
    table.set_header(heads).add_rows(escaped).load_style(ASCII_MARKDOWN).to_string()
}

/// Returns a text as Markdown shows it and does not read it: Azure's own words may hold anything.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '#' | '&' | '@' | '!' => {
                plain.extend(['\\', letter]);
            }
            letter if letter.is_control() => plain.push(' '),
            letter => plain.push(letter),
        }
    }
    plain
}
