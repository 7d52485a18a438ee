//! `docs/` holds what the schema and the examples say, and nothing else.

use super::render::pages;
use super::{files, project};

#[test]
fn the_reference_is_up_to_date() {
    for (path, wanted) in pages() {
        let file = project("docs").join(&path);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, &wanted).unwrap();
        }
        let found = std::fs::read_to_string(&file).unwrap_or_default();
        let differs = found.lines().zip(wanted.lines()).position(|(found, wanted)| found != wanted);
        let line = differs.unwrap_or_else(|| found.lines().count().min(wanted.lines().count())) + 1;
        assert!(
            found == wanted,
            "docs/{path} differs from the schema or the examples from line {line} on. \
             Run UPDATE_DOCS=1 cargo test --test it docs::reference, and look at the diff."
        );
    }
}

#[test]
fn every_page_has_something_that_it_is_about() {
    let pages: Vec<String> = pages().into_iter().map(|(path, _)| path).collect();
    let generated = |path: &String| !path.starts_with("guides/") && path.contains('/');
    for found in files("docs").iter().filter(|path| generated(path)) {
        assert!(pages.contains(found), "docs/{found} documents nothing that the provider has. Remove it.");
    }
}
