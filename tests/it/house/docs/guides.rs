//! The guides say what the code does.

use std::io::Write;
use std::process::{Command, Stdio};

use jiff::Timestamp;
use jiff::civil::time;
use terraform_provider_aks::upgrade::duration;
use terraform_provider_aks::upgrade::kind::Kind;
use terraform_provider_aks::upgrade::plan::estimate;
use terraform_provider_aks::upgrade::task::{Component, Task};
use terraform_provider_aks::upgrade::window::Windows;
use terraform_provider_aks::upgrade::window::days::Days;
use terraform_provider_aks::upgrade::window::schedule::{Window, WindowSpec};
use terraform_provider_aks::upgrade::window::scope::Scope;
use terraform_provider_aks::upgrade::window::zone;

use super::{files, project};

fn guide(name: &str) -> String {
    std::fs::read_to_string(project("docs/guides").join(name)).unwrap()
}

/// Returns each code in the table of `upgrade::block`, and its meaning.
fn in_the_source() -> Vec<(String, String)> {
    let source = std::fs::read_to_string(project("src/upgrade/block.rs")).unwrap();
    let rows = source.lines().filter_map(|line| line.strip_prefix("//! | `")?.split_once("` | "));
    rows.map(|(code, rest)| (code.to_owned(), rest.split(" | ").next().unwrap().to_owned())).collect()
}

#[test]
fn every_reason_code_is_explained_in_order() {
    let guide = guide("reason-codes.md");
    let rows: Vec<&str> = guide.lines().filter(|line| line.starts_with("| `")).collect();
    let codes: Vec<&str> = rows.iter().filter_map(|row| row.split('`').nth(1)).collect();
    let source = in_the_source();
    assert_eq!(codes, source.iter().map(|(code, _)| code).collect::<Vec<_>>());
    for (row, (code, meaning)) in rows.iter().zip(&source) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 3, "{row}");
        assert_eq!(cells[1], meaning, "{code} has another meaning in src/upgrade/block.rs");
        assert!(
            cells[2].trim_end_matches(" |").ends_with('.'),
            "{code}: say what to do in a sentence: {row}"
        );
    }
}

#[test]
fn every_guide_says_first_who_it_is_for_and_can_be_found() {
    let readme = std::fs::read_to_string(project("README.md")).unwrap();
    let index = std::fs::read_to_string(project("docs/index.md")).unwrap();
    for name in files("docs/guides") {
        let guide = guide(&name);
        let (_, text) = guide.split_once("\n# ").unwrap_or_else(|| panic!("docs/guides/{name} has no title"));
        let first = text.split_once("\n\n").unwrap().1;
        assert!(first.starts_with("For whoever "), "docs/guides/{name} does not say who it is for");
        assert!(readme.contains(&format!("docs/guides/{name}")), "README.md does not name {name}");
        assert!(index.contains(&format!("guides/{name}")), "docs/index.md does not name {name}");
    }
}

/// Every link of a page leads to a page, and every folder of `examples/` that it names is there.
#[test]
fn what_the_guides_point_to_exists() {
    for name in files("docs/guides") {
        let guide = guide(&name);
        for link in guide.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let page = link.split('#').next().unwrap();
            let is_page = page.ends_with(".md") && !page.contains("://");
            assert!(!is_page || project("docs/guides").join(page).is_file(), "docs/guides/{name}: {link}");
        }
        for place in guide.split('`').filter(|word| word.starts_with("examples/") && !word.contains(' ')) {
            assert!(project(place).exists(), "docs/guides/{name}: {place}");
        }
    }
}

/// The table of operating systems is the one of the code.
#[test]
fn the_operating_systems_of_the_guide_are_those_of_the_code() {
    let source = std::fs::read_to_string(project("src/upgrade/os.rs")).unwrap();
    let rows: Vec<&str> = source.lines().filter_map(|line| line.strip_prefix("//! | `")).collect();
    assert!(rows.len() > 5);
    let guide = guide("operating-systems.md");
    for row in rows {
        assert!(guide.contains(&format!("| `{row}\n")), "{row}");
    }
}

/// The estimates of the guide are those of a plan.
#[test]
fn the_guide_estimates_as_a_plan_does() {
    let guide = guide("how-long.md");
    let rows = guide.lines().filter(|line| line.starts_with("| ") && line.contains('%'));
    let mut seen = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches(['|', ' ']).split(" | ").collect();
        let [nodes, surge, estimate] = cells[..] else { panic!("{row}") };
        let nodes: u32 = nodes.parse().unwrap();
        let batches = nodes.div_ceil(estimate::share(surge.trim_matches('`'), nodes).max(1));
        let whole = estimate::POOL + (estimate::BATCH + estimate::DRAIN) * i32::try_from(batches).unwrap();
        assert_eq!(estimate, format!("{}m", whole.as_mins()), "{row}");
        seen += 1;
    }
    assert!(seen > 5);
    assert_eq!(estimate::CONTROL_PLANE.as_mins(), 10);
}

/// Formats a text, and returns it as it was when it is no HCL.
fn formatted(hcl: &str) -> String {
    let mut terraform = Command::new("terraform")
        .args(["fmt", "-no-color", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this test needs `terraform` on the PATH");
    terraform.stdin.take().unwrap().write_all(hcl.as_bytes()).unwrap();
    let output = terraform.wait_with_output().unwrap();
    assert!(output.status.success(), "{hcl}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_the_guides_show_is_formatted_hcl() {
    let mut shown = 0;
    for name in files("docs/guides") {
        for block in guide(&name).split("```terraform\n").skip(1).filter_map(|rest| rest.split("```").next())
        {
            // An excerpt of a resource is indented as it would be there.
            let indent = if block.starts_with("  ") { "  " } else { "" };
            let lines = block.lines().map(|line| line.strip_prefix(indent).unwrap_or(line));
            let plain: String = lines.map(|line| format!("{line}\n")).collect();
            assert_eq!(formatted(&plain), plain, "docs/guides/{name}");
            shown += 1;
        }
    }
    assert!(shown > 5);
}

/// Checks a row of the table in the guide: when a window from 02:30 in Berlin is open after an instant.
#[track_caller]
fn opens(after: &str, start: &str, end: &str) {
    let window = WindowSpec {
        days: Days::All,
        every: 1,
        start_date: None,
        start: time(2, 30, 0, 0),
        duration: duration::parse("4h").unwrap(),
        zone: zone::parse("Europe/Berlin").unwrap(),
        scope: Scope::default(),
    };
    let windows =
        Windows { windows: vec![Window::new(window).unwrap()], blackouts: Vec::new(), ..Windows::default() };
    let task = Task { component: Component::ControlPlane, kind: Kind::Patch };
    let opening = windows.opening(&[task], after.parse().unwrap()).unwrap();
    let local =
        |at: Timestamp| at.to_zoned(zone::parse("Europe/Berlin").unwrap()).strftime("%H:%M").to_string();
    assert_eq!((local(opening.start), local(opening.end)), (start.to_owned(), end.to_owned()));
    let guide = guide("windows-and-daylight-saving.md");
    assert!(guide.contains(&format!("closes at {end}")), "the guide does not say {end}");
}

#[test]
fn the_guide_tells_what_clock_changes_do() {
    opens("2026-03-28T20:00:00Z", "03:30", "07:30");
    opens("2026-10-24T20:00:00Z", "02:30", "05:30");
    opens("2026-11-24T20:00:00Z", "02:30", "06:30");
}

/// What the guide shows is what is run: `tests/pipelines/run.sh` runs the files.
#[test]
fn the_pipelines_of_the_guide_are_the_files_to_copy() {
    let guide = std::fs::read_to_string(project("docs/guides/pipelines.md")).unwrap();
    let shown = files("examples/pipelines");
    assert_eq!(shown.len(), 8);
    for file in shown {
        let text = std::fs::read_to_string(project("examples/pipelines").join(&file)).unwrap();
        let language = match file.rsplit('.').next() {
            Some("sh") => "bash",
            Some("tf") => "terraform",
            _ => "yaml",
        };
        assert!(guide.contains(&format!("```{language}\n{text}```\n")), "docs/guides/pipelines.md: {file}");
    }
}

/// The recipes of the guide are the examples: `terraform_cli::recipe` runs the files.
#[test]
fn the_windows_of_the_guide_are_the_examples() {
    let guide = guide("windows-and-daylight-saving.md");
    for file in files("examples/windows") {
        let text = std::fs::read_to_string(project("examples/windows").join(&file)).unwrap();
        assert!(guide.contains(&format!("```terraform\n{text}```\n")), "{file}");
    }
}
