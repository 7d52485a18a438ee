//! Names and shares: texts whose rules the specification does not hold.

/// Tells whether a cluster may have a name (docs: resource-name-rules).
pub(crate) fn is_cluster_name(name: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    name.len() <= 63 && ends(name.chars().next()) && ends(name.chars().last()) && name.chars().all(inner)
}

/// Tells whether a pool may have a name (Azure/AKS#3300).
pub(crate) fn is_pool_name(name: &str) -> bool {
    let rest = name.strip_prefix(|first: char| first.is_ascii_lowercase());
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.len() <= 12 && rest.is_some_and(|rest| rest.chars().all(plain))
}

/// Tells whether a Fleet or a part of it may have a name (recorded: the pattern of its refusals).
pub(crate) fn is_fleet_name(name: &str, longest: usize) -> bool {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (1..=longest).contains(&name.len())
        && name.chars().all(|c| letters(c) || c == '-')
        && name.starts_with(letters)
        && name.ends_with(letters)
}

/// Reads a number of nodes or a share of them: `3` or `33%`.
pub(crate) fn share(text: &str) -> Option<u32> {
    match text.strip_suffix('%') {
        Some(percent) => percent.parse().ok().filter(|percent| (1..=100).contains(percent)),
        None => text.parse().ok().filter(|_| !text.starts_with('+')),
    }
}
