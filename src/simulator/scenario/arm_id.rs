//! ARM ids in a scenario.

/// Tells whether a text can be one word of an ARM id.
pub(super) fn is_segment(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c == '/' || c.is_whitespace() || c.is_control())
}

/// Splits the id of a subscription, of a resource group, or of something in one, into its words.
///
/// # Errors
///
/// A sentence for anything else, such as `banana`.
pub(super) fn words(id: &str) -> Result<Vec<&str>, String> {
    let words: Vec<&str> = id.trim_start_matches('/').split('/').collect();
    let is = |at: usize, word: &str| words.get(at).is_none_or(|own| own.eq_ignore_ascii_case(word));
    let shaped = id.starts_with('/') && words.iter().all(|word| is_segment(word));
    let resource = words.len() < 5 || words.len() >= 8 && words.len().is_multiple_of(2);
    if shaped
        && is(0, "subscriptions")
        && is(2, "resourceGroups")
        && is(4, "providers")
        && words.len().is_multiple_of(2)
        && resource
    {
        return Ok(words);
    }
    Err(format!(
        "\"{id}\" is no ARM id such as \"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg\"."
    ))
}

/// Checks that a text is the id of a subnet.
///
/// # Errors
///
/// A sentence for anything else.
pub(super) fn subnet(id: &str) -> Result<(), String> {
    let lower: Vec<String> = words(id).unwrap_or_default().iter().map(|word| word.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    match lower.as_slice() {
        [_, _, _, _, _, "microsoft.network", "virtualnetworks", _, "subnets", _] => Ok(()),
        _ => Err(format!(
            "\"{id}\" is no id of a subnet: \"/subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…/subnets/…\"."
        )),
    }
}
