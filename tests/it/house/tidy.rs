//! The picture of the house: rooms know only the rooms below them.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room, its floor, and the rooms of lower floors that it must not know all the same.
const ROOMS: [(&str, u8, &[&str]); 7] = [
    ("upgrade", 1, &[]),
    ("terraform", 1, &[]),
    ("clock", 1, &[]),
    ("arm", 2, &["terraform"]),
    ("simulator", 2, &["upgrade", "terraform"]),
    ("provider", 3, &[]),
    ("cli", 4, &[]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Returns the room of a file: the first part of its path below `src`.
fn room(path: &Path) -> Option<&'static (&'static str, u8, &'static [&'static str])> {
    let inside = path.strip_prefix(source()).unwrap();
    let first = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
    ROOMS.iter().find(|(name, ..)| *name == first)
}

/// Returns the rooms that a line of code names with `crate::`. Comments may speak of anybody.
fn named(line: &str) -> impl Iterator<Item = &str> {
    let code = if line.trim_start().starts_with("//") { "" } else { line };
    code.split("crate::")
        .skip(1)
        .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
}

#[test]
fn no_arrow_points_upward() {
    for path in sources(&source()) {
        let Some((name, floor, strangers)) = room(&path) else { continue };
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            for other in named(line).filter(|other| other != name) {
                let Some((_, below, _)) = ROOMS.iter().find(|(room, ..)| room == &other) else { continue };
                let known = *below < *floor && !strangers.contains(&other);
                // The clock is on the ground floor beside its users: it has nothing to know.
                let clock = other == "clock" && *name == "terraform";
                assert!(known || clock, "{}:{}: {name} must not know {other}", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn the_core_is_pure() {
    let forbidden = ["async ", "tokio", "tracing", "std::env", "std::net", "std::fs", "reqwest", "serde"];
    for path in sources(&source().join("upgrade")) {
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            let code = line.split("//").next().unwrap();
            for word in forbidden {
                assert!(!code.contains(word), "{}:{}: the core has no {word}", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn nobody_leaves_work_undone() {
    for path in sources(&source()) {
        let text = fs::read_to_string(&path).unwrap();
        for word in ["todo!", "unimplemented!", "TODO", "FIXME", "XXX"] {
            assert!(!text.contains(word), "{} holds a {word}", path.display());
        }
    }
}

#[test]
fn the_environment_is_read_in_few_places() {
    let readers =
        ["cli", "terraform/serve.rs", "terraform/handshake.rs", "terraform/log.rs", "terraform/listener.rs"];
    for path in sources(&source()) {
        let inside = path.strip_prefix(source()).unwrap().to_str().unwrap().replace('\\', "/");
        let text = fs::read_to_string(&path).unwrap();
        let reads = text.lines().any(|line| {
            let code = line.split("//").next().unwrap();
            ["env::var", "env::vars"].iter().any(|call| code.contains(call))
        });
        assert!(
            !reads || readers.iter().any(|reader| inside.starts_with(reader)),
            "{inside} reads the environment"
        );
    }
}
