//! For a pull request: Markdown.

use crate::provider::outlook::table::plain;
use crate::provider::outlook::{Coming, Outlook, table, words};
use crate::provider::words::explain::instant_in;
use crate::upgrade::duration;

/// Writes a headline, the steps as a table, what stands in the way, and the windows.
#[must_use]
pub fn summary(outlook: &Outlook) -> String {
    let windows = &outlook.assessment.windows;
    let mut paragraphs = vec![format!("### {}", plain(&words::headline(outlook)))];
    let steps = outlook.steps();
    if !steps.is_empty() {
        let rows = steps.iter().map(|coming| row(outlook, coming)).collect();
        paragraphs.push(table::markdown(["Step", "From", "To", "Start", "Takes about"], rows));
    }
    let blocks = outlook.blocks();
    if !blocks.is_empty() {
        let line = |code: &str, sentence: &str| format!("- `{code}`: {}", plain(sentence));
        let lines = blocks.iter().map(|told| line(told.block.code(), &words::reason(outlook, *told)));
        paragraphs.push(lines.collect::<Vec<_>>().join("\n"));
    }
    paragraphs.push(format!(
        "Windows: {}. As of {}.",
        plain(&windows.to_string()),
        instant_in(outlook.at(), windows)
    ));
    paragraphs.join("\n\n") + "\n"
}

fn row(outlook: &Outlook, coming: &Coming<'_>) -> [String; 5] {
    let work = &coming.step.work;
    let start = words::start(outlook, coming).unwrap_or_else(|| "not planned".to_owned());
    [coming.key.clone(), work.from(), work.to(), start, duration::display(coming.step.estimate)]
}
