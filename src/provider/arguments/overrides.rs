//! `override`: break glass, once, with a paper trail.

use jiff::Timestamp;

use crate::terraform::reader::Reader;
use crate::terraform::schema::{Attribute, Block, Type};
use crate::upgrade::policy::Override;

const RULES: [&str; 4] = ["window", "blackout", "min_age", "cutoff"];

/// Returns the schema of `override`.
#[must_use]
pub fn override_block() -> Block {
    let attributes = vec![
        Attribute::required(
            "reason",
            Type::String,
            "Why, for whoever reads this later. It is named in every plan while the override is active.",
        ),
        Attribute::required(
            "expires",
            Type::String,
            "The instant from which it is inert, such as `2026-12-01T06:00:00Z`.",
        ),
        Attribute::required(
            "ignore",
            Type::List(Box::new(Type::String)),
            "The rules to ignore: `window`, `blackout`, `min_age`, `cutoff`.",
        ),
    ];
    Block::single(
        "override",
        attributes,
        "Breaks glass: ignores rules until an instant. Afterwards it does nothing, and a warning asks for its removal.",
    )
}

/// Reads `override`; `None` when there is none, or something in it is wrong or not known yet.
#[must_use]
pub fn override_(config: &Reader<'_>) -> Option<Override> {
    let object = config.object("override")?;
    let reason = object.parse("reason", "A reason is needed", reason);
    let expires = object.parse("expires", "Invalid instant", instant);
    let ignore = object.parse_each("ignore", "Unknown rule", rule)?;
    Some(Override {
        reason: reason?,
        expires: expires?,
        window: ignore.contains(&"window"),
        blackout: ignore.contains(&"blackout"),
        min_age: ignore.contains(&"min_age"),
        cutoff: ignore.contains(&"cutoff"),
    })
}

fn reason(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err(
            "The reason is empty. Say why the rules are ignored, for example reason = \"CVE-2026-31431, CHG0042\".",
        ),
        _ => Ok(text.to_owned()),
    }
}

fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| {
        format!("{text:?} is not an instant. It has to be written like \"2026-12-01T06:00:00Z\" (RFC 3339).")
    })
}

fn rule(text: &str) -> Result<&'static str, String> {
    RULES.into_iter().find(|rule| *rule == text).ok_or_else(|| {
        format!(
            "{text:?} is not a rule that can be ignored. It has to be \"window\", \"blackout\", \"min_age\" or \"cutoff\"."
        )
    })
}
