//! Identifiers that look random and are the same in every run.

/// Returns the next number of SplitMix64, a generator that is its own seed.
pub(crate) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Returns a GUID for a serial number.
pub(super) fn guid(serial: u64) -> String {
    let (high, low) = (mix(serial), mix(serial ^ 0xa5a5_a5a5));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | ((low >> 48) & 0x3fff),
        low & 0xffff_ffff_ffff
    )
}

/// Returns `length` characters of base64url, as in the signature of an operation's address.
pub(super) fn signature(seed: u64, length: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let letter = |n: u64| ALPHABET.get((mix(seed ^ (n << 20)) & 63) as usize).copied().unwrap_or(b'A');
    (0..length as u64).map(|n| char::from(letter(n))).collect()
}
