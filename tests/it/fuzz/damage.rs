//! Damage: bytes and JSON that were right once.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value as Json, json};

/// What is done to bytes at a place.
#[derive(Clone, Debug)]
enum Edit {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Copy(Index, Index, usize),
    Repeat(Index, usize, usize),
    Cut(Index),
}

/// Pieces that mean something somewhere: lengths, signs, ends, numbers beyond their type.
const PIECES: &[&[u8]] = &[
    b"\0",
    b"\x1b[31m",
    b"\r\n",
    b"\"",
    b"\\",
    b"\\u0000",
    b"{",
    b"[",
    b"]",
    b"}",
    b",",
    b":",
    b"%00",
    b"/../",
    b"?",
    b"#",
    b"-",
    b"+",
    b".",
    b"e",
    b"null",
    b"1e999999999",
    b"9223372036854775808",
    b"18446744073709551616",
    b"-1",
    b"0.1",
    b"9999-12-31",
    b"-009999-01-01",
    b"\xc0",
    b"\xc1",
    b"\xc7\x03\x0c\x81\x01\xc2",
    b"\xd4\x00\x00",
    b"\xdd\xff\xff\xff\xff",
    b"\xdf\xff\xff\xff\xff",
    b"\xc6\xff\xff\xff\xff",
    b"\x91",
    b"\x81\xa0",
    b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00",
    b"\xe2\x80\xae",
    b"\xf0\x9f\x98\x80",
    b"\xff\xfe",
];

fn edit() -> impl Strategy<Value = Edit> {
    let piece = prop_oneof![3 => select(PIECES).prop_map(<[u8]>::to_vec), 1 => vec(any::<u8>(), 1..9)];
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (any::<Index>(), piece).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        (any::<Index>(), 1..9_usize).prop_map(|(at, count)| Edit::Remove(at, count)),
        (any::<Index>(), any::<Index>(), 1..40_usize)
            .prop_map(|(from, to, count)| Edit::Copy(from, to, count)),
        (any::<Index>(), 1..9_usize, 1..400_usize)
            .prop_map(|(at, count, times)| Edit::Repeat(at, count, times)),
        any::<Index>().prop_map(Edit::Cut),
    ]
}

impl Edit {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |at: &Index, bytes: &[u8]| at.index(bytes.len() + 1);
        let piece = |at: usize, count: usize, bytes: &[u8]| bytes[at..bytes.len().min(at + count)].to_vec();
        match self {
            Edit::Set(at, byte) => {
                let at = place(at, bytes);
                bytes.get_mut(at).into_iter().for_each(|old| *old = *byte);
            }
            Edit::Insert(at, piece) => {
                let at = place(at, bytes);
                bytes.splice(at..at, piece.iter().copied());
            }
            Edit::Remove(at, count) => {
                let at = place(at, bytes);
                bytes.drain(at..bytes.len().min(at + count));
            }
            Edit::Copy(from, to, count) => {
                let (from, to) = (place(from, bytes), place(to, bytes));
                let copied = piece(from, *count, bytes);
                bytes.splice(to..to, copied);
            }
            Edit::Repeat(at, count, times) => {
                let at = place(at, bytes);
                let repeated = piece(at, *count, bytes).repeat(*times);
                bytes.splice(at..at, repeated);
            }
            Edit::Cut(at) => bytes.truncate(place(at, bytes)),
        }
    }
}

/// Bytes of a corpus, with up to eight things wrong; one of ten is noise.
pub fn bytes(corpus: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let damaged = (select(corpus), vec(edit(), 0..8)).prop_map(|(mut bytes, edits)| {
        edits.iter().for_each(|edit| edit.apply(&mut bytes));
        bytes
    });
    prop_oneof![9 => damaged, 1 => vec(any::<u8>(), 0..200)]
}

/// Text of a corpus, with up to eight things wrong.
pub fn text(corpus: &[&str]) -> impl Strategy<Value = String> + use<> {
    let corpus = corpus.iter().map(|text| text.as_bytes().to_vec()).collect();
    bytes(corpus).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// What is done to one of the values of a document.
#[derive(Clone, Debug)]
enum Change {
    Put(Json),
    Another(Index),
    Remove,
    Twice,
    Wrap(usize),
    Long(usize),
}

fn anything() -> impl Strategy<Value = Json> {
    let texts = vec![
        "",
        " ",
        "\u{1b}[31mred\u{0}",
        "\u{202e}",
        "1.34.2",
        "1.34",
        "v1",
        "99999999999999999999.1.1",
        "Failed",
        "-1",
        "0%",
        "100%",
        "Always",
        "2026-02-30",
        "9999-12-31",
        "24:00",
        "+14:00",
        "-99:99",
        "Last",
        "Saturday",
        "12-31",
        "02-29",
        "P1D",
        "Europe/Berlin",
        "AKSUbuntu-2204gen2containerd-999999.99.9",
        "../../x?y#z",
        "user",
    ];
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        prop_oneof![Just(0), Just(-1), Just(i64::MAX), Just(i64::MIN), any::<i64>()].prop_map(Json::from),
        select(vec!["1e400", "-0", "0.1", "1e-400", "340282366920938463463374607431768211456"])
            .prop_map(|number| serde_json::from_str(number).unwrap()),
        select(texts).prop_map(Json::from),
        "\\PC{0,20}".prop_map(Json::from),
        Just(json!([])),
        Just(json!({})),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => anything().prop_map(Change::Put),
        2 => any::<Index>().prop_map(Change::Another),
        2 => Just(Change::Remove),
        1 => Just(Change::Twice),
        1 => (1..60_usize).prop_map(Change::Wrap),
        1 => (1..5000_usize).prop_map(Change::Long),
    ]
}

/// A document of a corpus, with up to six of its values changed.
pub fn json(corpus: Vec<Json>) -> impl Strategy<Value = Json> {
    let changes = vec((any::<Index>(), change()), 0..6);
    (select(corpus), changes).prop_map(|(mut document, changes)| {
        for (at, change) in changes {
            let mut places = Vec::new();
            find(&document, String::new(), &mut places);
            let place = places[at.index(places.len())].clone();
            apply(&mut document, &place, change, &places);
        }
        document
    })
}

/// Names the place of every value, as a JSON pointer.
fn find(value: &Json, at: String, places: &mut Vec<String>) {
    match value {
        Json::Object(fields) => {
            let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
            fields.iter().for_each(|(key, inner)| find(inner, format!("{at}/{}", escaped(key)), places));
        }
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(index, inner)| find(inner, format!("{at}/{index}"), places));
        }
        _ => {}
    }
    places.push(at);
}

fn apply(document: &mut Json, place: &str, change: Change, places: &[String]) {
    let another =
        |index: Index| document.pointer(&places[index.index(places.len())]).cloned().unwrap_or_default();
    let old = document.pointer(place).cloned().unwrap_or_default();
    let new = match change {
        Change::Put(value) => value,
        Change::Another(index) => another(index),
        Change::Wrap(times) => (0..times).fold(old, |inner, _| json!([inner])),
        Change::Long(length) => Json::from("x\u{7}é".repeat(length)),
        Change::Remove | Change::Twice => return in_parent(document, place, matches!(change, Change::Twice)),
    };
    document.pointer_mut(place).into_iter().for_each(|value| *value = new.clone());
}

/// Removes a value, or puts it once more into its list.
fn in_parent(document: &mut Json, place: &str, twice: bool) {
    let Some((parent, key)) = place.rsplit_once('/') else { return };
    match document.pointer_mut(parent) {
        Some(Json::Object(fields)) if !twice => {
            fields.shift_remove(&key.replace("~1", "/").replace("~0", "~"));
        }
        Some(Json::Array(items)) => {
            let at: usize = key.parse().unwrap();
            if twice {
                items.insert(at, items[at].clone());
            } else {
                items.remove(at);
            }
        }
        _ => {}
    }
}
