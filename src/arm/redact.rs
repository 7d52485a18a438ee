//! Secrets that an answer repeats, taken out before anything is read from it.
//!
//! A token service that repeats the form it was sent, a proxy that shows the headers of a request, `az` that prints
//! what it holds: each writes a secret in its own spelling. So a secret is found however each of its characters is
//! written: as it is, percent-encoded, escaped as in JSON or in HTML, several times over.
//!
//! ```text
//! a+b/c"d    a%2Bb%2fc%22d    a+b\/c\"d    a\u002bb/c\u0022d    a%252Bb/c&quot;d
//! ```

use std::borrow::Cow;

use azure_core::credentials::Secret;

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";

/// A text shorter than this is no secret: it would be found by chance.
const SHORTEST: usize = 6;

/// A shorter one is not looked for in an answer that is right: it may be written back to Azure, so nothing in it may
/// be changed by chance. A token of Entra ID has a thousand characters.
const SHORTEST_OF_A_TOKEN: usize = 16;

/// How often an escape may itself be escaped: more is no accident, and looking would take long.
const MOST_LAYERS: usize = 5;

/// What one character becomes that is escaped four times.
const MOST_BACKSLASHES: usize = 16;

/// Takes secrets out of texts.
#[derive(Default)]
pub struct Redactor<'a>(Vec<&'a str>);

impl<'a> Redactor<'a> {
    /// Knows these secrets.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let secrets = secrets.into_iter().map(|secret| secret.secret().trim());
        Redactor(secrets.filter(|secret| secret.len() >= SHORTEST).collect())
    }

    /// Returns the text without its secrets, and without whatever looks like a token of Entra ID.
    #[must_use]
    pub fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        without(text, |rest, before| self.secret(rest).or_else(|| token(rest, before)))
    }

    /// Returns the body of an answer that is right without the tokens in it; as it is, where it holds none.
    #[must_use]
    pub fn clean_body(&self, body: Vec<u8>) -> Vec<u8> {
        let tokens = self.0.iter().copied().filter(|secret| secret.len() >= SHORTEST_OF_A_TOKEN);
        let tokens = Redactor(tokens.collect());
        let clean = match std::str::from_utf8(&body) {
            Ok(text) if !tokens.0.is_empty() => without(text, |rest, _| tokens.secret(rest)),
            _ => return body,
        };
        match clean {
            Cow::Borrowed(_) => body,
            Cow::Owned(clean) => clean.into_bytes(),
        }
    }

    /// Returns how much of the beginning of a text is a secret.
    fn secret(&self, text: &str) -> Option<usize> {
        self.0.iter().filter_map(|secret| spelled(text, secret)).max()
    }
}

/// Returns a text without what is found in it: at a place, and behind a character that stays.
fn without(text: &str, found: impl Fn(&str, Option<char>) -> Option<usize>) -> Cow<'_, str> {
    let (mut clean, mut kept, mut at) = (String::new(), 0, 0);
    while let Some(first) = text[at..].chars().next() {
        match found(&text[at..], text[kept..at].chars().next_back()) {
            Some(length) => {
                clean.push_str(&text[kept..at]);
                clean.push_str(REDACTED);
                at += length;
                kept = at;
            }
            None => at += first.len_utf8(),
        }
    }
    if clean.is_empty() {
        return Cow::Borrowed(text);
    }
    clean.push_str(&text[kept..]);
    Cow::Owned(clean)
}

/// Returns how much of the beginning of a text is a secret, however that is spelled; `None` when it is not.
fn spelled(text: &str, secret: &str) -> Option<usize> {
    // Most places are no beginning, and this is asked at every one of them.
    let begins = |c: char| secret.starts_with(c) || "%\\&+".contains(c);
    text.chars().next().filter(|first| begins(*first))?;
    let mut ends = vec![0];
    for wanted in secret.chars() {
        let mut next = Vec::new();
        for &at in &ends {
            spellings(&text[at..], |found, length| {
                if found == wanted && !next.contains(&(at + length)) {
                    next.push(at + length);
                }
            });
        }
        if next.is_empty() {
            return None;
        }
        ends = next;
    }
    ends.into_iter().max()
}

/// Names every character that the beginning of a text may stand for, and in how many bytes.
fn spellings(text: &str, mut found: impl FnMut(char, usize)) {
    let Some(first) = text.chars().next() else { return };
    found(first, first.len_utf8());
    match first {
        '+' => found(' ', 1),
        '%' => {
            let layers = (0..MOST_LAYERS).filter_map(|layers| percent(text, layers));
            layers.for_each(|(c, length)| found(c, length));
        }
        '\\' => escapes(text, found),
        '&' => entity(text).into_iter().for_each(|(c, length)| found(c, length)),
        _ => {}
    }
}

/// Reads `%2B`, `%C3%A9`, and with layers `%252b`.
fn percent(text: &str, layers: usize) -> Option<(char, usize)> {
    let (mut bytes, mut rest) = (Vec::new(), text);
    while bytes.len() < 4 {
        rest = (0..layers).try_fold(rest.strip_prefix('%')?, |rest, _| rest.strip_prefix("25"))?;
        bytes.push(u8::try_from(hex(rest, 2)?).ok()?);
        rest = &rest[2..];
        if let Some(c) = std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next()) {
            return Some((c, text.len() - rest.len()));
        }
    }
    None
}

/// Reads `\"`, `\/`, `\n`, `\u002b`, `\\\"`.
fn escapes(text: &str, mut found: impl FnMut(char, usize)) {
    let run = text.bytes().take(MOST_BACKSLASHES).take_while(|b| *b == b'\\').count();
    (2..=run).for_each(|length| found('\\', length));
    let rest = &text[run..];
    if let Some(code) = rest.strip_prefix('u').and_then(|digits| hex(digits, 4)) {
        char::from_u32(code).into_iter().for_each(|c| found(c, run + 5));
    }
    match rest.chars().next() {
        Some('n') => found('\n', run + 1),
        Some('r') => found('\r', run + 1),
        Some('t') => found('\t', run + 1),
        Some(c @ ('"' | '/' | '\'')) => found(c, run + 1),
        _ => {}
    }
}

/// Reads `&amp;`, `&#39;`, `&#x2B;`.
fn entity(text: &str) -> Option<(char, usize)> {
    let (name, _) =
        text.get(1..)?.split_at_checked(text.get(1..)?.bytes().take(10).position(|b| b == b';')?)?;
    let named = [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("nbsp", ' ')];
    let numbered = || {
        let number = name.strip_prefix('#')?;
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        char::from_u32(code)
    };
    let known = named.iter().find(|(known, _)| known == &name).map(|(_, c)| *c);
    Some((known.or_else(numbered)?, name.len() + 2))
}

fn hex(text: &str, digits: usize) -> Option<u32> {
    let text = text.get(..digits).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u32::from_str_radix(text, 16).ok()
}

/// Returns how much of the beginning of a text looks like a signed token: `eyJ…` with two more parts.
fn token(text: &str, before: Option<char>) -> Option<usize> {
    let part =
        |text: &str| text.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"-_".contains(b)).count();
    if !text.starts_with("eyJ") || before.is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let head = part(text);
    let claims = part(text.get(head..)?.strip_prefix('.')?);
    let signature = text
        .get(head + 1 + claims..)
        .and_then(|rest| rest.strip_prefix('.'))
        .map_or(0, |rest| 1 + part(rest));
    (claims > 0).then_some(head + 1 + claims + signature)
}
