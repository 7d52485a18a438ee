//! What the demo shows of Terraform's output: what matters, in rows that fit a terminal of 80 columns.

/// What of Terraform's output is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// The steps, what warnings and errors say, and the line that sums it up.
    Steps,
    /// The line that sums it up.
    Summary,
    /// The provider's progress while Terraform runs, then the summary.
    Progress,
}

/// Returns the lines of an output that are shown.
#[must_use]
pub fn lines(output: &str, show: Show) -> Vec<String> {
    let is_wanted = match show {
        Show::Steps => |line: &str| is_summary(line) || tells(line),
        Show::Summary | Show::Progress => is_summary,
    };
    let mut shown = Vec::new();
    let (mut steps, mut told) = (false, false);
    for line in output.lines().filter(|line| !line.trim().is_empty()) {
        let words = line.trim();
        steps |= show == Show::Steps && words.starts_with("~ steps ");
        told |= show == Show::Steps && (line.starts_with("Warning: ") || line.starts_with("Error: "));
        // Where it stands: the demo has one resource.
        let place =
            words.starts_with("with ") || words.starts_with("on main.tf ") || words.starts_with("2: ");
        if steps || is_wanted(line) || (told && !place) {
            // Terraform indents an attribute by six columns.
            shown.push(if steps { line.replacen("      ", "", 1) } else { line.trim_end().to_owned() });
        }
        steps &= words != "}";
    }
    shown
}

fn is_summary(line: &str) -> bool {
    ["Plan:", "No changes.", "Apply complete!", "Error:"].iter().any(|start| line.starts_with(start))
}

/// Tells whether a line says which resource changes.
fn tells(line: &str) -> bool {
    line.trim_start().starts_with("# aks_")
}

/// Takes Terraform's boxes away, and its warning about development overrides: every run has that, and the demo is one.
#[must_use]
pub fn plain(output: &str) -> String {
    let (mut kept, mut skipping) = (Vec::new(), false);
    for line in output.lines().map(|line| line.trim_start_matches(['│', '╷', '╵'])) {
        let line = line.strip_prefix(' ').filter(|line| !line.starts_with(' ')).unwrap_or(line);
        skipping |= line.contains("Provider development overrides are in effect");
        if !skipping {
            kept.push(line);
        }
        skipping &= !line.ends_with("releases.");
    }
    let end = kept.iter().position(|line| line.starts_with("─────")).unwrap_or(kept.len());
    kept[..end].join("\n").trim().to_owned()
}

/// Takes the provider's words out of a line of Terraform's log:
/// `… [INFO]  provider.…: step 2 of 4: pool a 1.34.4 -> 1.35.6: UpgradingAgentPool: 1/3 nodes completed: key=value …`.
/// Azure's name for the operation is left out where the nodes are counted, and long names of images, which the plan told.
#[must_use]
pub fn progress(line: &str) -> Option<String> {
    let (_, message) = line.split_once("provider.terraform-provider-aks: ")?;
    let words = message.split_once('=').map_or(message, |(words, _)| words);
    let (words, _) = words.rsplit_once(": ")?;
    let parts: Vec<&str> = words.split(": ").collect();
    let [step, what, .., now] = parts[..] else { return None };
    let short = match what.split_once(" -> ") {
        Some((before, after)) if after.contains('-') => {
            before.rsplit_once(' ').map_or(before, |(pool, _)| pool)
        }
        _ => what,
    };
    (step.starts_with("step ") && now != "starting").then(|| format!("{step}: {short}: {now}"))
}
