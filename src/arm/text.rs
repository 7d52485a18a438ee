//! Texts that others wrote: read with patience, shown with care.

use serde_json::Value;

/// The most that is shown of a message, in bytes.
pub const LONGEST: usize = 4096;

/// Makes a text safe and short enough to show: one line, no control or direction characters, at most `most` bytes.
#[must_use]
pub fn plain(text: &str, most: usize) -> String {
    // More than that is shown of no text, however much of it is spaces.
    let most_read = most.saturating_mul(16);
    let (mut spaced, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next().filter(|_| spaced.len() < most_read) {
        let sequence = escape_sequence(rest);
        spaced.push(if sequence.is_some() || steers(first) { ' ' } else { first });
        rest = &rest[sequence.unwrap_or(first.len_utf8())..];
    }
    let line = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.len() <= most {
        return line;
    }
    format!("{}…", &line[..line.floor_char_boundary(most.saturating_sub(3))])
}

/// Tells whether a character shows nothing itself, and may change how others are shown: the controls and the formats of
/// Unicode (categories Cc and Cf) that texts of people do without.
pub(super) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns how much of the beginning of a text tells a terminal what to do, e.g. `ESC [ 31 m`.
pub(super) fn escape_sequence(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let length = parameters.bytes().take(32).position(|b| (b'@'..=b'~').contains(&b))?;
    Some(2 + length + 1)
}

/// Decodes a JSON body; raw control characters inside strings and a byte order mark are tolerated.
///
/// # Errors
///
/// Says where the text stops being JSON, e.g. for `<html>`, an empty body or a truncated one.
pub fn json(body: &[u8]) -> Result<Value, String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err("the body is empty".into());
    }
    serde_json::from_slice(body).or_else(|_| {
        // An escape character sent raw makes the text invalid and would hide the reason of a failure.
        let cleaned: Vec<u8> = body.iter().map(|&b| if b < 0x20 { b' ' } else { b }).collect();
        serde_json::from_slice(&cleaned).map_err(|error| format!("the body is not JSON ({error})"))
    })
}

/// Returns the title of an HTML page, else the beginning of whatever it is.
#[must_use]
pub fn page(body: &str) -> String {
    let lower = body.to_ascii_lowercase();
    let title =
        lower.find("<title>").zip(lower.find("</title>")).and_then(|(from, to)| body.get(from + 7..to));
    match title {
        Some(title) => format!("an HTML page titled \"{}\"", plain(title, 200)),
        None => plain(body, 200),
    }
}

/// What the layers of the HTTPS client say above a cause, which tells nothing to whoever reads the cause.
const LAYERS: [&str; 7] = [
    "failed to execute",
    "error sending request",
    "client error (",
    "connection error",
    "tcp connect error",
    "request or response body error",
    "error decoding response body",
];

/// Joins an error and its causes, from the first one on that tells something: "Connection refused (os error 111)".
///
/// `Display` of `azure_core` and `reqwest` errors hides the cause; `Debug` may print a backtrace.
#[must_use]
pub fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    let mut texts: Vec<String> = Vec::new();
    for text in chain.map(ToString::to_string) {
        if !texts.iter().any(|above| above.contains(&text)) {
            texts.push(text);
        }
    }
    let last = texts.pop().unwrap_or_default();
    texts.retain(|text| !LAYERS.iter().any(|layer| text.starts_with(layer)));
    texts.push(last);
    plain(&without_queries(&texts.join(": ")), LONGEST)
}

/// Cuts the queries off the URLs in a text: that of an operation's URL is its signature.
fn without_queries(text: &str) -> String {
    let mut pieces = text.split("://");
    let mut kept = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|c: char| c.is_whitespace() || ")\"'>".contains(c)).unwrap_or(piece.len());
        let (url, rest) = piece.split_at(end);
        let bare = url.split('?').next().unwrap_or_default();
        kept = format!("{kept}://{bare}{rest}");
    }
    kept
}
