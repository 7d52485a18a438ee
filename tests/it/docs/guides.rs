//! The guides say what the code does.

use terraform_provider_aks::upgrade::block::Block;

use super::project;

fn guide(name: &str) -> String {
    std::fs::read_to_string(project("docs/guides").join(name)).unwrap()
}

/// Returns what stands behind a code in the table of `upgrade::block`: meaning and effect.
fn in_the_source(code: &str) -> String {
    let source = std::fs::read_to_string(project("src/upgrade/block.rs")).unwrap();
    let row = source.lines().find_map(|line| line.strip_prefix(&format!("//! | `{code}` | "))).unwrap();
    row.split(" | ").next().unwrap().to_owned()
}

#[test]
fn every_reason_code_is_explained_in_order() {
    let guide = guide("reason-codes.md");
    let rows: Vec<&str> = guide.lines().filter(|line| line.starts_with("| `")).collect();
    let codes: Vec<&str> = rows.iter().filter_map(|row| row.split('`').nth(1)).collect();
    assert_eq!(codes, Block::CODES);
    for (row, code) in rows.iter().zip(codes) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 3, "{row}");
        assert_eq!(cells[1], in_the_source(code), "{code} has another meaning in src/upgrade/block.rs");
        assert!(
            cells[2].trim_end_matches(" |").ends_with('.'),
            "{code}: say what to do in a sentence: {row}"
        );
    }
}

#[test]
fn the_guides_are_there() {
    for name in ["beside-azurerm-and-azapi.md", "windows-and-daylight-saving.md", "reason-codes.md"] {
        assert!(guide(name).starts_with("---\npage_title: \""), "{name}");
    }
}
