//! The picture of the house: rooms know only the rooms below them.

use std::collections::{BTreeMap, BTreeSet};
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
    let readers = ["cli", "terraform/serve.rs"];
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

/// The paths that a `use` names, e.g. `a::{b, c::{self, d}}` is `a::b`, `a::c::self`, `a::c::d`.
fn leaves(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((before, rest)) = tree.split_once('{') else { return vec![tree.to_owned()] };
    let inside = rest.strip_suffix('}').unwrap();
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for letter in inside.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(letter);
    }
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| leaves(part)).map(|leaf| format!("{before}{leaf}")).collect()
}

/// A module of the crate: the names from the root to it.
type Module = Vec<String>;

fn module(path: &Path) -> Module {
    let inside = path.strip_prefix(source()).unwrap().with_extension("");
    let mut names: Module = inside.iter().map(|name| name.to_str().unwrap().to_owned()).collect();
    if names.last().is_some_and(|name| name == "mod") {
        names.pop();
    }
    names
}

/// Returns a path of the crate from its root; `None` when it leads out of the crate, or to a submodule.
fn absolute(path: &str, me: &[String]) -> Option<Module> {
    let names: Module = path.split("::").map(|name| name.trim().to_owned()).collect();
    let up = names.iter().take_while(|name| *name == "super").count();
    match names.first()?.as_str() {
        "crate" => Some(names[1..].to_vec()),
        "super" => Some([&me[..me.len() - up], &names[up..]].concat()),
        _ => None,
    }
}

/// Returns which file imports which, a module and its own submodules aside.
fn imports() -> BTreeMap<Module, BTreeSet<Module>> {
    let files = sources(&source());
    let modules: BTreeSet<Module> = files.iter().map(|path| module(path)).collect();
    let imported = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let code: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .map(|line| format!("{line}\n"))
            .collect();
        let me = module(path);
        let uses = code.split("\nuse ").skip(1).filter_map(|rest| rest.split(';').next());
        let paths = uses.flat_map(leaves).filter_map(|leaf| absolute(&leaf, &me));
        let file = |path: Module| {
            (1..=path.len())
                .rev()
                .map(|length| path[..length].to_vec())
                .find(|module| modules.contains(module))
        };
        let other = paths.filter_map(file).filter(|other| !other.starts_with(&me) && !me.starts_with(other));
        let other = other.collect();
        (me, other)
    };
    files.iter().map(imported).collect()
}

/// Returns a circle of imports, if there is one.
fn circle<T: Ord + Clone>(imports: &BTreeMap<T, BTreeSet<T>>) -> Vec<T> {
    // Whoever imports nobody that is left is in no circle.
    let mut left = imports.clone();
    loop {
        let free: Vec<T> = left
            .keys()
            .filter(|one| left[*one].iter().all(|other| !left.contains_key(other)))
            .cloned()
            .collect();
        if free.is_empty() {
            break;
        }
        free.iter().for_each(|one| drop(left.remove(one)));
    }
    let Some(mut at) = left.keys().next().cloned() else { return Vec::new() };
    let mut way = vec![];
    while !way.contains(&at) {
        way.push(at.clone());
        at = left[&at].iter().find(|other| left.contains_key(other)).unwrap().clone();
    }
    way.drain(..way.iter().position(|one| *one == at).unwrap());
    way
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    assert_eq!(circle(&imports()), Vec::<Module>::new());
}

#[test]
fn inside_a_room_no_arrow_points_upward_either() {
    for room in ["provider", "upgrade"] {
        let mut folders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in imports() {
            let [of, from, ..] = from.as_slice() else { continue };
            let below = to.iter().filter(|to| to[0] == room && to.len() > 1).map(|to| to[1].clone());
            if of == room {
                folders.entry(from.clone()).or_default().extend(below.filter(|to| to != from));
            }
        }
        assert_eq!(circle(&folders), Vec::<String>::new(), "in {room}");
        // The table of the room is its reading order: a module stands below those that it imports.
        let text = fs::read_to_string(source().join(room).join("mod.rs")).unwrap();
        let modules = text.lines().filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod "));
        let order: Vec<&str> = modules.map(|name| name.trim_end_matches(';')).collect();
        for (from, below) in &folders {
            let place = |name: &str| order.iter().position(|one| *one == name).unwrap();
            let upward: Vec<_> = below.iter().filter(|to| place(to) > place(from)).collect();
            assert!(upward.is_empty(), "in {room}, {from} stands above {upward:?}, which it imports");
            assert!(text.contains(&format!("[`{from}`]")), "{room}/mod.rs does not say what {from} is");
        }
    }
}
