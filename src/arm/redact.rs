//! Secrets that an answer repeats, taken out before anything is read from it.
//!
//! A token service that repeats the form it was sent, a proxy that shows the headers of a request, `az` that prints
//! what it holds: each writes a secret in its own spelling. So a secret is found however each of its characters is
//! written: as it is, percent-encoded, escaped as in JSON, in HTML or in a mail, several times over, and wherever a line
//! is broken in it. Base64 and hexadecimal digits of the whole are looked for as well.
//!
//! ```text
//! a+b/c"d    a%2Bb%2fc%22d    a+b\/c\"d    a\u002bb/c\u0022d    a%252Bb/c&quot;d    YStiL2MiZA==
//! ```

use std::borrow::Cow;

use azure_core::credentials::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::arm::text::{escape_sequence, steers};

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

/// How far apart two characters of a secret may stand: a line break and an indentation.
const WIDEST_GAP: usize = 64;

/// What a character that is written otherwise begins with.
const ESCAPES: &str = "%\\&+=";

/// How a line break is written, besides as itself.
const GAPS: [&str; 7] = ["\\r", "\\n", "\\t", "<wbr>", "<br>", "=\r\n", "=\n"];

/// Takes secrets out of texts.
#[derive(Default)]
pub struct Redactor<'a>(Vec<Cow<'a, str>>);

impl<'a> Redactor<'a> {
    /// Knows these secrets.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let secrets = secrets.into_iter().map(|secret| secret.secret().trim());
        let secrets: Vec<&str> = secrets.filter(|secret| secret.len() >= SHORTEST).collect();
        let as_it_is = secrets.iter().map(|secret| Cow::Borrowed(*secret));
        let encoded = secrets.iter().flat_map(|secret| encoded(secret)).map(Cow::Owned);
        Redactor(as_it_is.chain(encoded).collect())
    }

    /// Returns the text without its secrets, and without whatever looks like a token of Entra ID.
    #[must_use]
    pub fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        without(text, |_| true, |rest, before| self.secret(rest).or_else(|| token(rest, before)))
    }

    /// Returns the body of an answer that is right without the tokens in it; as it is, where it holds none.
    #[must_use]
    pub fn clean_body(&self, body: Vec<u8>) -> Vec<u8> {
        let tokens = self.0.iter().filter(|secret| secret.len() >= SHORTEST_OF_A_TOKEN);
        let tokens = Redactor(tokens.map(|secret| Cow::Borrowed(&**secret)).collect());
        let begins = tokens.begins();
        let clean = match std::str::from_utf8(&body) {
            Ok(text) if !tokens.0.is_empty() => {
                without(text, |byte| begins[usize::from(byte)], |rest, _| tokens.secret(rest))
            }
            _ => return body,
        };
        match clean {
            Cow::Borrowed(_) => body,
            Cow::Owned(clean) => clean.into_bytes(),
        }
    }

    /// Tells of each byte whether a secret may begin with it: a list of clusters has millions that it cannot.
    fn begins(&self) -> [bool; 256] {
        let mut begins = [false; 256];
        let firsts = self.0.iter().filter_map(|secret| secret.bytes().next());
        firsts.chain(ESCAPES.bytes()).for_each(|byte| begins[usize::from(byte)] = true);
        begins
    }

    /// Returns how much of the beginning of a text is a secret.
    fn secret(&self, text: &str) -> Option<usize> {
        self.0.iter().filter_map(|secret| spelled(text, secret)).max()
    }
}

/// Writes a secret as base64, wherever in a longer text it may have stood, and as hexadecimal digits.
fn encoded(secret: &str) -> Vec<String> {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut all = vec![hex.to_uppercase(), hex];
    for before in 0..3 {
        let text = [&[0; 3][..before], secret.as_bytes()].concat();
        // What a neighbour of the secret decides, too, is left out.
        let (from, to) = ((before * 8).div_ceil(6), text.len() * 8 / 6);
        all.push(STANDARD_NO_PAD.encode(&text)[from..to].to_owned());
        all.push(URL_SAFE_NO_PAD.encode(&text)[from..to].to_owned());
    }
    all.sort_unstable();
    all.dedup();
    all.retain(|text| text.len() >= SHORTEST);
    all
}

/// Returns a text without what is found in it: at a place with a byte that it may begin with, and behind a character that
/// stays.
fn without(
    text: &str,
    begins: impl Fn(u8) -> bool,
    found: impl Fn(&str, Option<char>) -> Option<usize>,
) -> Cow<'_, str> {
    let (mut clean, mut kept, mut at) = (String::new(), 0, 0);
    while let Some(passed) = text.as_bytes()[at..].iter().position(|byte| begins(*byte)) {
        at += passed;
        let Some(first) = text[at..].chars().next() else { break };
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
    let begins = |c: char| secret.starts_with(c) || ESCAPES.contains(c);
    text.chars().next().filter(|first| begins(*first))?;
    let mut ends = vec![0];
    for (place, wanted) in secret.chars().enumerate() {
        let mut next = Vec::new();
        for &end in &ends {
            let mut look = |at: usize| {
                spellings(&text[at..], |found, length| {
                    if found == wanted && !next.contains(&(at + length)) {
                        next.push(at + length);
                    }
                });
                !next.is_empty()
            };
            // What begins a gap may also be the next character.
            let is_either = wanted.is_whitespace() || "\\<=".contains(wanted);
            if (!look(end) || is_either) && place > 0 {
                gaps(&text[end..], |gap| look(end + gap) && !is_either);
            }
        }
        if next.is_empty() {
            return None;
        }
        ends = next;
    }
    ends.into_iter().max()
}

/// Names every place, at the beginning of a text, where something ends that only breaks a line or shows nothing, until
/// one is the right one.
fn gaps(text: &str, mut is_right: impl FnMut(usize) -> bool) {
    let mut rest = text;
    while text.len() - rest.len() < WIDEST_GAP {
        let invisible = rest.chars().next().filter(|c| c.is_whitespace() || steers(*c)).map(char::len_utf8);
        let written = || GAPS.into_iter().find(|gap| rest.starts_with(gap)).map(str::len);
        let escaped = || escaped_gap(rest);
        let Some(length) = escape_sequence(rest).or(invisible).or_else(written).or_else(escaped) else {
            return;
        };
        rest = &rest[length..];
        if is_right(text.len() - rest.len()) {
            return;
        }
    }
}

/// Returns the length of a character that shows nothing and is written as JSON writes it, such as `\u200b`, with what
/// belongs to it: `\u001b[31m`.
fn escaped_gap(text: &str) -> Option<usize> {
    let shown = char::from_u32(hex(text.strip_prefix("\\u")?, 4)?)?;
    let length = "\\u0000".len();
    let sequence =
        || escape_sequence(&format!("{shown}{}", text[length..].chars().take(34).collect::<String>()));
    let more = sequence().map_or(0, |all| all - shown.len_utf8());
    (shown.is_whitespace() || steers(shown)).then_some(length + more)
}

/// Names every character that the beginning of a text may stand for, and in how many bytes.
fn spellings(text: &str, mut found: impl FnMut(char, usize)) {
    let Some(first) = text.chars().next() else { return };
    found(first, first.len_utf8());
    match first {
        '+' => found(' ', 1),
        '%' => {
            let layers = (0..MOST_LAYERS).filter_map(|layers| percent(text, layers));
            let utf_16 = text.strip_prefix("%u").and_then(|digits| char::from_u32(hex(digits, 4)?));
            layers.chain(utf_16.map(|c| (c, 6))).for_each(|(c, length)| found(c, length));
        }
        '\\' => escapes(text, found),
        '&' => (0..MOST_LAYERS)
            .filter_map(|layers| entity(text, layers))
            .for_each(|(c, length)| found(c, length)),
        '=' => hex(&text[1..], 2).and_then(char::from_u32).into_iter().for_each(|c| found(c, 3)),
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

/// Reads `\"`, `\/`, `\n`, `\u002b`, `\u{2b}`, `\x2b`, `\053`, `\\\"`.
fn escapes(text: &str, mut found: impl FnMut(char, usize)) {
    let run = text.bytes().take(MOST_BACKSLASHES).take_while(|b| *b == b'\\').count();
    (2..=run).for_each(|length| found('\\', length));
    let rest = &text[run..];
    if let Some(code) = rest.strip_prefix('u').and_then(|digits| hex(digits, 4)) {
        char::from_u32(code).into_iter().for_each(|c| found(c, run + 5));
    }
    if let Some(braced) = rest.strip_prefix("u{") {
        let digits = braced.bytes().take(8).take_while(u8::is_ascii_hexdigit).count();
        let code = hex(braced, digits).filter(|_| braced[digits..].starts_with('}')).and_then(char::from_u32);
        code.into_iter().for_each(|c| found(c, run + digits + 3));
    }
    if let Some(code) = rest.strip_prefix('x').and_then(|digits| hex(digits, 2)).and_then(char::from_u32) {
        found(code, run + 3);
    }
    let octal = rest.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
    octal.into_iter().for_each(|code| found(char::from(code), run + 3));
    match rest.chars().next() {
        Some('n') => found('\n', run + 1),
        Some('r') => found('\r', run + 1),
        Some('t') => found('\t', run + 1),
        Some(c @ ('"' | '/' | '\'')) => found(c, run + 1),
        _ => {}
    }
}

/// Reads `&amp;`, `&#39;`, `&#x0002B;`, and with layers `&amp;#39;`.
fn entity(text: &str, layers: usize) -> Option<(char, usize)> {
    let rest = (0..layers).try_fold(text.strip_prefix('&')?, |rest, _| rest.strip_prefix("amp;"))?;
    let (name, after) = rest.split_at_checked(rest.bytes().take(40).position(|b| b == b';')?)?;
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
    Some((known.or_else(numbered)?, text.len() - after.len() + 1))
}

fn hex(text: &str, digits: usize) -> Option<u32> {
    let text = text.get(..digits).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u32::from_str_radix(text, 16).ok()
}

/// How long the parts of a signed token are at least, also where its beginning was cut off: header, claims, signature.
const PARTS: [usize; 3] = [16, 40, 40];

/// Returns how much of the beginning of a text looks like a signed token: `eyJ…` with more parts, or three parts as long
/// as those of a token that lacks its beginning.
fn token(text: &str, before: Option<char>) -> Option<usize> {
    let part =
        |text: &str| text.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"-_".contains(b)).count();
    let named = text.starts_with("eyJ") && !before.is_some_and(|c| c.is_ascii_alphanumeric());
    if !named && before.is_some_and(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
        return None;
    }
    let head = part(text);
    let claims = part(text.get(head..)?.strip_prefix('.')?);
    let rest = text.get(head + 1 + claims..).and_then(|rest| rest.strip_prefix('.'));
    let signature = rest.map(part);
    let is_long =
        [head, claims, signature.unwrap_or_default()].iter().zip(PARTS).all(|(part, least)| *part >= least);
    (is_long || named && claims > 0)
        .then_some(head + 1 + claims + signature.map_or(0, |signature| 1 + signature))
}
