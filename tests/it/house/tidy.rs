//! The picture of the house: rooms know only the rooms below them, files do not know each other in a circle, and the
//! core is pure.
//!
//! Each law is a function from sources to what breaks it, and is seen to find something in small sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::house::paths::{Code, Crate, Module, Target, files};

/// Each room, its floor, and the rooms of lower floors that it must not know all the same.
const ROOMS: [(&str, u8, &[&str]); 7] = [
    ("clock", 0, &[]),
    ("upgrade", 1, &["clock"]),
    ("terraform", 1, &[]),
    ("arm", 2, &["terraform"]),
    ("simulator", 2, &["upgrade", "terraform"]),
    ("provider", 3, &[]),
    ("cli", 4, &[]),
];

/// The crates that the core is built of.
const CORE: [&str; 5] = ["std", "jiff", "semver", "strsim", "thiserror"];

/// What of them it does without: the world outside of its arguments.
const WORLD: [&str; 10] = [
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
];

/// Words that only code has which waits or speaks.
const IMPURE: [&str; 7] = ["async", "await", "print", "println", "eprint", "eprintln", "dbg"];

fn source() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn house() -> Crate {
    Crate::read(&source())
}

/// Returns what breaks a law in the files that it is about.
fn found(
    house: &Crate,
    about: impl Fn(&Module) -> bool,
    breaks: impl Fn(&Module, &Target) -> bool,
) -> Vec<String> {
    let of = |(module, code): (&Module, &Code)| {
        let named = house.named(code).into_iter().filter(|(target, _)| breaks(module, target));
        named.map(|(target, line)| said(module, line, &shown(&target))).collect::<Vec<_>>()
    };
    house.files().filter(|(module, _)| about(module)).flat_map(of).collect()
}

fn shown(target: &Target) -> String {
    match target {
        Target::Own(path) => format!("crate::{}", path.join("::")),
        Target::Other(path) => path.join("::"),
    }
}

fn said(module: &Module, line: usize, what: &str) -> String {
    format!("{}, line {line}: {what}", module.join("::"))
}

/// Returns the arrows that lead upward, or to a room of the same floor.
fn upward(house: &Crate) -> Vec<String> {
    let room =
        |module: &Module| ROOMS.iter().find(|(name, ..)| module.first().is_some_and(|one| one == name));
    found(
        house,
        |_| true,
        |from, target| {
            let Target::Own(to) = target else { return false };
            match (room(from), room(to)) {
                (Some((from, floor, strangers)), Some((to, below, _))) if from != to => {
                    below >= floor || strangers.contains(to)
                }
                _ => false,
            }
        },
    )
}

/// Returns what the core must not hold.
fn impure(house: &Crate) -> Vec<String> {
    let is_core = |module: &Module| module.first().is_some_and(|room| room == "upgrade");
    let named = found(house, is_core, |_, target| {
        let Target::Other(path) = target else { return false };
        let whole = path.join("::");
        !CORE.contains(&path[0].as_str())
            || WORLD.iter().any(|word| whole == *word || whole.starts_with(&format!("{word}::")))
    });
    let words = house.files().filter(|(module, _)| is_core(module)).flat_map(|(module, code)| {
        let words = code.words.iter().filter(|(word, _)| IMPURE.contains(&word.as_str()));
        words.map(|(word, line)| said(module, *line, word)).collect::<Vec<_>>()
    });
    named.into_iter().chain(words).collect()
}

/// Returns who reads variables or arguments of the process and must not.
fn curious(house: &Crate) -> Vec<String> {
    let may = |module: &Module| {
        module[..] == ["terraform", "serve"] || module.first().is_some_and(|room| room == "cli")
    };
    found(
        house,
        |module| !may(module),
        |_, target| {
            let whole = shown(target);
            ["std::env::var", "std::env::args", "std::env::temp_dir"]
                .iter()
                .any(|call| whole.starts_with(call))
        },
    )
}

/// Returns who imports everything that a module has: what it makes use of could not be read.
fn greedy(house: &Crate) -> Vec<String> {
    house.files().flat_map(|(module, code)| code.globs.iter().map(|line| said(module, *line, "*"))).collect()
}

/// Returns who names another file from where it stands itself.
fn relative(house: &Crate) -> Vec<String> {
    house
        .files()
        .flat_map(|(module, code)| {
            code.relative.iter().map(|line| said(module, *line, "super")).collect::<Vec<_>>()
        })
        .collect()
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
fn no_arrow_points_upward() {
    assert_eq!(upward(&house()), [""; 0]);
}

#[test]
fn the_core_is_pure() {
    assert_eq!(impure(&house()), [""; 0]);
}

#[test]
fn the_environment_is_read_in_few_places() {
    assert_eq!(curious(&house()), [""; 0]);
}

#[test]
fn nobody_imports_everything() {
    assert_eq!(greedy(&house()), [""; 0]);
}

#[test]
fn paths_begin_at_the_root() {
    assert_eq!(relative(&house()), [""; 0]);
    let text = "use super::send;\nfn f() -> bool { vec![super::super::clock::now()].is_empty() }\npub(super) fn g() {}";
    assert_eq!(
        relative(&Crate::of(&[("arm::send", text)])),
        ["arm::send, line 1: super", "arm::send, line 2: super"]
    );
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    assert_eq!(circle(&house().imports()), Vec::<Module>::new());
}

/// Checks that every law lets two files pass, which the spellings below break.
#[test]
fn an_arrow_downward_is_no_offence() {
    let house = Crate::of(&[
        (
            "arm::send",
            "use std::time::Duration;\npub fn send(until: jiff::Timestamp) { crate::clock::now(); }",
        ),
        (
            "upgrade::step",
            "/// As std::env::var and crate::arm.\npub(in crate::upgrade) struct Step { arm: u8 }",
        ),
        ("provider", "mod apply;"),
        (
            "provider::apply",
            "use crate::arm::send::{self, Out};\nfn f() { send::send(); Out::new(); local::x(); }",
        ),
    ]);
    for broken in [upward(&house), impure(&house), curious(&house), greedy(&house)] {
        assert_eq!(broken, [""; 0]);
    }
    assert_eq!(circle(&house.imports()), Vec::<Module>::new());
}

/// Checks what is found in `upgrade::plan::path`, beside a core of a few other modules.
#[track_caller]
fn finds(law: impl Fn(&Crate) -> Vec<String>, text: &str, expected: &str) {
    let house = Crate::of(&[
        ("upgrade", "pub mod plan;\npub mod step;\npub use crate::arm::client::Client as Handed;"),
        ("upgrade::plan", "pub mod path;"),
        ("upgrade::step", ""),
        ("arm", "pub mod client;"),
        ("arm::client", ""),
        ("upgrade::plan::path", text),
    ]);
    assert_eq!(law(&house), [expected], "{text}");
}

#[test]
fn an_arrow_upward_is_found_however_it_is_spelled() {
    let upward = |house: &Crate| {
        upward(house).into_iter().filter(|found| found.starts_with("upgrade::plan")).collect()
    };
    let arrow = |line: usize, to: &str| format!("upgrade::plan::path, line {line}: crate::{to}");
    for (text, line, to) in [
        ("use crate::arm::client::Client;", 1, "arm::client::Client"),
        ("use crate::{upgrade::step, arm::client::{Client as C}};", 1, "arm::client::Client"),
        ("use super::super::super::arm::client::Client;", 1, "arm::client::Client"),
        ("fn f() {\n    crate::arm::client::call()\n}", 2, "arm::client::call"),
        ("type T = Option<crate::arm::client::Client>;", 1, "arm::client::Client"),
        ("impl From<crate::arm::client::Client> for u8 {}", 1, "arm::client::Client"),
        ("fn f() {\n    use crate::arm::client::call;\n}", 2, "arm::client::call"),
        ("mod inner {\n    use super::super::super::super::arm::client;\n}", 2, "arm::client"),
        ("fn f() { assert_eq!(1, crate::arm::client::call()) }", 1, "arm::client::call"),
        ("macro_rules! m { () => { $crate::arm::client::call() } }", 1, "arm::client::call"),
        ("use crate::upgrade::Handed;", 1, "arm::client::Client"),
        ("#[derive(crate::arm::client::Derive)]\nstruct S;", 1, "arm::client::Derive"),
    ] {
        finds(upward, text, &arrow(line, to));
    }
}

#[test]
fn what_the_core_must_not_hold_is_found_however_it_is_spelled() {
    for (text, expected) in [
        ("use tokio;", "line 1: tokio"),
        ("use std::{fmt, fs};", "line 1: std::fs"),
        ("use std::time::{Duration, Instant as Moment};", "line 1: std::time::Instant"),
        ("fn f() {\n    std::time::SystemTime::now();\n}", "line 2: std::time::SystemTime::now"),
        ("fn f() { ::std::env::var(\"X\") }", "line 1: std::env::var"),
        ("use jiff::Timestamp;\nfn f() { Timestamp::now() }", "line 2: jiff::Timestamp::now"),
        ("use jiff::Zoned as Z;\nfn f() -> bool { vec![Z::now()].is_empty() }", "line 2: jiff::Zoned::now"),
        ("fn f(client: &reqwest::Client) {}", "line 1: reqwest::Client"),
        ("#[derive(serde::Serialize)]\nstruct S;", "line 1: serde::Serialize"),
        ("async fn f() {}", "line 1: async"),
        ("fn f() { println!(\"{}\", 1) }", "line 1: println"),
    ] {
        finds(impure, text, &format!("upgrade::plan::path, {expected}"));
    }
}

#[test]
fn whoever_reads_the_environment_is_found_however_it_is_spelled() {
    for (text, line) in [
        ("fn f() { std::env::var(\"X\") }", 1),
        ("use std::env;\nfn f() { env::vars() }", 2),
        ("use std::{env as e};\nfn f() { e::var(\"X\") }", 2),
        ("use std::env::var as read;", 1),
    ] {
        let found = curious(&Crate::of(&[("arm::send", text)]));
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].starts_with(&format!("arm::send, line {line}: std::env::var")), "{found:?}");
    }
}

#[test]
fn whoever_imports_everything_is_found() {
    for text in ["use crate::arm::*;", "use crate::{clock, arm::*};", "mod tests {\n    use super::*;\n}"] {
        assert_eq!(greedy(&Crate::of(&[("arm::send", text)])).len(), 1, "{text}");
    }
}

#[test]
fn a_circle_of_files_is_found_however_it_is_spelled() {
    for (one, other) in [
        ("use crate::arm::b::B;", "use crate::arm::a::A;"),
        ("use super::b::B;", "fn f(a: crate::arm::a::A) {}"),
        ("fn f() { crate::arm::b::f() }", "mod inner { use super::super::a; }"),
        ("use crate::arm::b;", "use crate::arm::Handed;"),
        ("fn f() { format!(\"{}\", super::b::f()) }", "use crate::{arm::{a as first}};"),
    ] {
        let house = Crate::of(&[
            ("arm", "pub mod a;\npub mod b;\npub use a::A as Handed;"),
            ("arm::a", one),
            ("arm::b", other),
        ]);
        let round: Vec<String> = circle(&house.imports()).iter().map(|module| module.join("::")).collect();
        assert_eq!(round, ["arm::a", "arm::b"], "{one} {other}");
    }
}

#[test]
fn nobody_leaves_work_undone() {
    for path in files(&source()) {
        let text = fs::read_to_string(&path).unwrap();
        for word in ["todo!", "unimplemented!", "TODO", "FIXME", "XXX"] {
            assert!(!text.contains(word), "{} holds a {word}", path.display());
        }
    }
}

#[test]
fn inside_a_room_no_arrow_points_upward_either() {
    for room in ["provider", "upgrade"] {
        let mut folders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in house().imports() {
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
