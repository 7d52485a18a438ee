//! The map is whole: whoever reads from the top finds every module named, and every place that is named exists.

use std::fs;
use std::path::Path;

use crate::house::paths::files;

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the module that a line of code declares in a file of its own.
fn declared(line: &str) -> Option<&str> {
    let visible = line.strip_prefix("pub").map_or(line, |rest| {
        let inside = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        inside.map_or(rest, |(_, rest)| rest).trim_start()
    });
    visible.strip_prefix("mod ")?.strip_suffix(';')
}

/// Tells whether a text has a name as a word of its own.
fn names(text: &str, name: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

#[test]
fn every_module_is_named_where_its_room_is_entered() {
    for path in files(&project().join("src")) {
        let text = fs::read_to_string(&path).unwrap();
        let head: String = text.lines().filter(|line| line.starts_with("//!")).collect();
        let unnamed: Vec<&str> =
            text.lines().filter_map(declared).filter(|module| !names(&head, module)).collect();
        assert!(unnamed.is_empty(), "the head of {} does not name {unnamed:?}", path.display());
    }
}

/// Checks that every place below `root` that a text names in backticks exists: a folder `x/` or a file `x/y.rs`.
#[track_caller]
fn leads_somewhere(text: &str, root: &str) {
    let mut led = 0;
    for place in text.split('`').skip(1).step_by(2) {
        let is_place = (place.ends_with('/') || place.ends_with(".rs") || place.ends_with(".md"))
            && !place.contains([' ', '\n']);
        if is_place {
            let found = [root, ""].iter().any(|root| project().join(root).join(place).exists());
            assert!(found, "there is no {place}");
            led += 1;
        }
    }
    assert!(led > 5, "places are named in backticks");
}

#[test]
fn every_place_of_the_map_exists() {
    leads_somewhere(include_str!("../../../src/lib.rs"), "src");
    leads_somewhere(include_str!("../../../DESIGN.md"), "src");
}
