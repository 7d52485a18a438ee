//! A secret that is repeated, however it is spelled, is not shown.

use std::time::{Duration, Instant};

use azure_core::credentials::Secret;
use azure_core::http::Url;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use terraform_provider_aks::arm::redact::Redactor;

fn clean(secret: &str, text: &str) -> String {
    Redactor::new([&Secret::new(secret.to_owned())]).clean(text).into_owned()
}

const SECRET: &str = "x7Zq+/&9=% \"ü\\";

#[track_caller]
fn hidden(spelling: &str) {
    assert_eq!(clean(SECRET, &format!("before {spelling} after")), "before [redacted] after", "{spelling}");
}

#[test]
fn every_spelling() {
    hidden(SECRET);
    hidden("x7Zq%2B%2F%269%3D%25%20%22%C3%BC%5C");
    hidden("x7Zq%2b%2f%269%3d%25+%22%c3%bc%5c");
    hidden("x7Zq%252B%252F%25269%253D%2525%2520%2522%25C3%25BC%255C");
    hidden(r#"x7Zq+/&9=% \"ü\\"#);
    hidden(r#"x7Zq+\/\u00269=% \u0022\u00fc\u005c"#);
    hidden(r#"x7Zq+\\/&9=% \\\"ü\\\\"#);
    hidden("x7Zq+/&amp;9=% &quot;&#252;&#92;");
    hidden("x7Zq&#x2B;&#x2f;&#38;9&#61;&#37;&#32;&#34;ü\\");
    hidden("x7Zq&#x0000002B;&amp;#x2f;&amp;amp;#38;9&#0061;&#37;&#32;&amp;quot;ü\\");
    hidden(r#"x7Zq\x2b\057\u{26}9\075\x25\x20\x22\u{fc}\x5c"#);
    hidden(r#"x7Zq%u002b/&9=% \"ü%u005c"#);
    hidden(r#"x7Zq=2B/=269=3D% \"ü\"#);
}

#[test]
fn a_secret_that_is_broken() {
    let gaps = [
        "\n",
        "\r\n    ",
        "\\n",
        "\\r\\n",
        "<wbr>",
        "\u{200b}",
        "\u{1b}[0m",
        "=\r\n",
        " \t ",
        "\u{ad}",
        "\\u200b",
        "\\u0000",
        "\\u001b[31m",
        "\\u001B[0m\\u200b",
    ];
    for gap in gaps {
        for length in [1, 4, 5] {
            let pieces: Vec<String> =
                SECRET.chars().collect::<Vec<_>>().chunks(length).map(String::from_iter).collect();
            hidden(&pieces.join(gap));
        }
    }
}

#[test]
fn the_whole_in_other_digits() {
    let secret = "x7Zq+/&9=% \"ü\\ and some more";
    let shown = |text: &[u8]| {
        let encoded = [
            STANDARD.encode(text),
            URL_SAFE_NO_PAD.encode(text),
            text.iter().map(|b| format!("{b:02X}")).collect(),
        ];
        encoded.map(|text| clean(secret, &text))
    };
    for before in ["", "B", "Be", "Authorization: Bearer "] {
        for shown in shown(format!("{before}{secret}\r\n").as_bytes()) {
            let (head, rest) = shown.split_once("[redacted]").unwrap_or_else(|| panic!("{before}: {shown}"));
            assert!(rest.len() <= 6 && head.len() <= 2 * before.len() + 2, "{shown}");
        }
    }
}

#[test]
fn what_only_resembles_it_stays() {
    for text in ["x7Zq+/&9=% \"ü", "x7zq+/&9=% \"ü\\", "x7Zq", "", "%", "\\", "&#;", "&#x110000;", "%zz%2"]
    {
        assert_eq!(clean(SECRET, text), text);
    }
    assert_eq!(clean("short", "a short text"), "a short text", "a word that is no secret");
}

#[test]
fn signed_tokens_of_anybody() {
    let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL21hbmFnZW1lbnQifQ.c2lnbmF0dXJl-_x";
    assert_eq!(clean(SECRET, &format!("ERROR: {token}, expired.")), "ERROR: [redacted], expired.");
    assert_eq!(clean(SECRET, &format!("Bearer {token}")), "Bearer [redacted]");
    assert_eq!(clean(SECRET, "a keyJar.of.mine"), "a keyJar.of.mine");
    assert_eq!(clean(SECRET, "eyJ and nothing else"), "eyJ and nothing else");
    let long = format!("{}.{}.{}", &token[3..36], "Q".repeat(40), "s".repeat(43));
    assert_eq!(clean(SECRET, &format!("Bearer {long}.")), "Bearer [redacted].", "its beginning was cut off");
    let host = "aks-prod-westeurope-1234567890.privatelink.westeurope.azmk8s.io";
    assert_eq!(clean(SECRET, host), host);
}

#[test]
fn the_body_of_an_answer_that_is_right() {
    let (token, short) = (Secret::new("eyJ0eXAiOiJKV1QiLCJh.e30.c2lnbmF0"), Secret::new("short-secret"));
    let clean = |body: &str| {
        let body = Redactor::new([&token, &short]).clean_body(body.as_bytes().to_vec());
        String::from_utf8(body).unwrap()
    };
    let token = token.secret();
    assert_eq!(clean(&format!(r#"{{"name":"Bearer {token}"}}"#)), r#"{"name":"Bearer [redacted]"}"#);
    assert_eq!(
        clean(&format!(r#"{{"name":"{}"}}"#, token.replace('.', "\\u002e"))),
        r#"{"name":"[redacted]"}"#
    );
    let kept = r#"{"a":"short-secret","b":"eyJ0eXAiOiJKV1QiLCJh.e30.of_another"}"#;
    assert_eq!(clean(kept), kept, "what may be chance, or of somebody else, is not changed");
    let binary = Redactor::new([&short]).clean_body(vec![0xff, 0]);
    assert_eq!(binary, [0xff, 0]);
}

#[test]
fn texts_that_are_made_to_be_slow() {
    let secret = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab";
    for piece in [
        "\\", "%25", "&", "&#", "%", "eyJ", "eyJ.", "\\u", "aaab", "a ", " ", "-", "-.", "=", "\u{1b}[",
        "&amp;",
    ] {
        let text = piece.repeat((64 << 10) / piece.len());
        let began = Instant::now();
        clean(secret, &text);
        assert!(began.elapsed() < Duration::from_secs(2), "{piece}: {:?}", began.elapsed());
    }
}

/// Writes a text in one of the ways of the world.
fn written(text: &str, way: u8) -> String {
    match way {
        0 => text.to_owned(),
        1 => percent(text),
        2 => form(text),
        3 => percent(&percent(text)),
        4 => text.chars().map(|c| format!("\\u{:04X}", c as u32)).collect(),
        5 => text.chars().map(|c| format!("&#{};", c as u32)).collect(),
        6 => text.bytes().map(|b| format!("%{b:02x}")).collect(),
        _ => {
            let quoted = serde_json::to_string(text).unwrap();
            quoted[1..quoted.len() - 1].to_owned()
        }
    }
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

fn form(text: &str) -> String {
    let mut url = Url::parse("https://form.example").unwrap();
    url.query_pairs_mut().append_pair("a", text);
    url.query().unwrap()[2..].to_owned()
}

proptest! {
    #[test]
    fn no_spelling_gets_through(secret in "[!-~\u{e4}\u{20ac}]{12,60}", way in 0u8..8, before in "[ -~]{0,20}", after in "[ -~]{0,20}") {
        prop_assume!(!before.contains(&secret) && !before.contains(['%', '\\', '&']));
        let text = format!("{before} {} {after}", written(&secret, way));
        let shown = clean(&secret, &text);
        prop_assert!(shown.contains("[redacted]"), "{} -> {}", text, shown);
        prop_assert!(!shown.contains(&written(&secret, way)), "{} -> {}", text, shown);
    }

    #[test]
    fn other_texts_stay_as_they_are(text in "\\PC{0,200}") {
        prop_assume!(!text.contains("eyJ"));
        prop_assert_eq!(clean("Canary-secret-x7Zq+/&9=%", &text), text);
    }
}
