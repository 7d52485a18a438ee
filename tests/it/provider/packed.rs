//! What is kept beside a state comes back as it was, or not at all.

use proptest::prelude::*;
use terraform_provider_aks::provider::packed::{pack, unpack};

proptest! {
    #[test]
    fn what_is_packed_comes_back(text in prop::collection::vec(any::<u8>(), 0..3000), times in 1..4_usize) {
        let text = text.repeat(times);
        prop_assert_eq!(unpack(&pack(&text)), Some(text));
    }

    #[test]
    fn whatever_is_damaged_is_foreign(text in "[ -~]{1,200}", at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        let mut packed = pack(text.as_bytes());
        let at = at.index(packed.len());
        packed[at] ^= flip;
        prop_assert!(unpack(&packed).is_none_or(|read| read == text.as_bytes()));
    }
}

#[test]
fn what_is_no_observation_is_not_unpacked() {
    for foreign in [&b""[..], b"x", b"\x78\x9c\x03\x00", b"a text that nobody packed", &[0; 64]] {
        assert_eq!(unpack(foreign), None, "{foreign:?}");
    }
    assert_eq!(unpack(&pack(&vec![b' '; 5 << 20])), None, "larger than any");
}

/// Another common text, or another way to pack, makes what older providers kept foreign: worth a line of the changelog.
#[test]
fn the_layout_is_this_one() {
    let packed = pack(br#"{"v":1,"at":"2026-11-22T09:00:06Z","cluster":{"location":"westeurope"}}"#);
    assert_eq!(unpack(&packed).unwrap().len(), 71);
    assert!(packed.len() < 60, "{}", packed.len());
}
