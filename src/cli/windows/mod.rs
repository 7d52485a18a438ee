//! `windows`: when windows open next, and the schedule of a CI system that hits every opening.
//!
//! Windows are [`written`](crate::cli::written) on the command line, or those of the [`policies`] of a plan or state. [`openings`] looks
//! ahead; [`cron`] makes lines of five [`fields`]. [`view`] shows either to people, [`mod@document`] to programs.

mod cron;
mod document;
mod fields;
mod openings;
mod policies;
mod view;

pub use cron::{Line, Schedule, schedule};

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::exit;
use crate::cli::output::{Format, print};
use crate::cli::windows::policies::Policy;
use crate::cli::written::WindowFlags;
use crate::clock;
use crate::provider::arguments::calendar::Calendar;
use crate::upgrade::window::Windows;

const EXAMPLES: &str = "Examples:
  terraform-provider-aks windows \\
    --maintenance-window 'days=saturday,sunday start=02:00 duration=4h time_zone=Europe/Berlin' \\
    --blackout 'from=12-15 to=01-05 yearly=true time_zone=Europe/Berlin reason=\"year end\"'
  terraform show -json | terraform-provider-aks windows --from - --count 10
  terraform-provider-aks windows --from plan.json --cron
  terraform-provider-aks windows --from plan.json --exit-code && terraform apply upgrades.tfplan";

/// Shows when windows open next, or the CI schedule that hits every opening. It needs no Azure.
///
/// A window that touches or overlaps another is one opening with it; a blackout beats every window.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Show {
    #[command(flatten)]
    written: WindowFlags,
    /// Every policy of a plan or state, as `terraform show -json` prints it; - is the standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["maintenance_window", "blackout"], required_unless_present = "maintenance_window")]
    from: Option<PathBuf>,
    /// How many openings to show, from 1 to 1000
    #[arg(long, short = 'n', value_name = "NUMBER", default_value = "5", value_parser = clap::value_parser!(u16).range(1..=1000))]
    count: u16,
    /// The instant from which to look, such as 2026-11-28T02:00:00Z; by default now
    #[arg(long, value_name = "INSTANT")]
    after: Option<Timestamp>,
    /// Show the schedule for GitHub Actions or Azure DevOps: lines of cron in UTC, for both halves of the year
    #[arg(long)]
    cron: bool,
    /// End with 3 when no window is open at that instant
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    format: Format,
}

/// Shows the openings of the windows, or their schedule.
///
/// # Errors
///
/// The file cannot be read, or holds no windows.
pub fn run(arguments: Show) -> anyhow::Result<ExitCode> {
    let policies = match &arguments.from {
        Some(file) => policies::policies(file)?,
        None => vec![Policy { address: None, calendar: calendar(&arguments) }],
    };
    let after = arguments.after.unwrap_or_else(clock::now);
    if arguments.format.is_json() {
        let documents: Vec<Value> =
            policies.iter().map(|policy| document(&arguments, policy, after)).collect();
        print(&format!("{:#}\n", json!({ "after": after.to_string(), "policies": documents })))?;
    } else {
        let pictures: Vec<String> =
            policies.iter().map(|policy| picture(&arguments, policy, after)).collect();
        print(&pictures.join("\n"))?;
    }
    Ok(exit::answered(
        arguments.exit_code,
        policies.iter().any(|policy| policy.calendar.windows.is_open_to_any(after)),
    ))
}

/// Returns the windows of the command line.
fn calendar(arguments: &Show) -> Calendar {
    let WindowFlags { maintenance_window, blackout } = &arguments.written;
    let windows = Windows {
        windows: maintenance_window.iter().map(|written| written.meaning.clone()).collect(),
        blackouts: blackout.iter().map(|written| written.meaning.clone()).collect(),
        ..Windows::default()
    };
    Calendar { windows, override_: None }
}

fn picture(arguments: &Show, policy: &Policy, after: Timestamp) -> String {
    let lines = if arguments.cron {
        view::schedule(&cron::schedule(&policy.calendar.windows, after))
    } else {
        view::openings(&openings::ahead(&policy.calendar, after, arguments.count.into()), after)
    };
    format!("{}\n\n{}\n", view::heading(policy), lines.join("\n"))
}

fn document(arguments: &Show, policy: &Policy, after: Timestamp) -> Value {
    if arguments.cron {
        document::schedule(policy, &cron::schedule(&policy.calendar.windows, after))
    } else {
        document::openings(policy, &openings::ahead(&policy.calendar, after, arguments.count.into()))
    }
}
