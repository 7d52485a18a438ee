//! The map is true: every place that it names exists.

use std::path::Path;

/// Checks that every place below `root` that a text names in backticks exists: a folder `x/` or a file `x/y.rs`.
#[track_caller]
fn leads_somewhere(text: &str, root: &str) {
    let mut led = 0;
    for place in text.split('`').skip(1).step_by(2) {
        let is_place = (place.ends_with('/') || place.ends_with(".rs") || place.ends_with(".md"))
            && !place.contains([' ', '\n']);
        if is_place {
            let found = [root, ""]
                .iter()
                .any(|root| Path::new(env!("CARGO_MANIFEST_DIR")).join(root).join(place).exists());
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
