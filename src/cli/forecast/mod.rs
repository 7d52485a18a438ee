//! `forecast`: what will happen to clusters, when, and why not.
//!
//! It reads Azure with the sign-in of the provider, computes what the resources would, and changes nothing.
//!
//! | module | |
//! |---|---|
//! | [`wish`] | What is looked ahead for: a cluster and what is written about it. |
//! | [`flags`] | The same from flags. |
//! | [`file`](mod@file) | The same from `terraform show -json`. |
//! | [`report`] | What came of it, for one cluster or many. |
//! | [`text`] | The report as a table, as Markdown and as JSON. |
//! | [`picture`] | The report as a picture: SVG, and HTML around it. |

mod wish;
mod flags;
mod file;
pub mod report;
mod text;
pub mod picture;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::ValueEnum;
use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};

use crate::arm::id::ClusterId;
use crate::cli::connect::{connect, group, subscription};
use crate::cli::exit::Usage;
use crate::cli::forecast::flags::PolicyFlags;
use crate::cli::forecast::report::{Found, Report};
use crate::cli::forecast::wish::Wish;
use crate::cli::output::print;
use crate::cli::table::BAD;
use crate::provider::Aks;
use crate::provider::arguments::ahead::{Ahead, horizon, instant};
use crate::provider::outlook::calendar::calendar;

/// How many clusters are read at a time, as Terraform does.
const PARALLELISM: usize = 10;

const EXAMPLES: &str = "Examples:
  terraform show -json | terraform-provider-aks forecast --from -
  terraform-provider-aks forecast \"$CLUSTER_ID\" --kubernetes-version 1.35 \\
    --maintenance-window 'days=saturday start=02:00 duration=4h time_zone=Europe/Berlin'
  terraform-provider-aks forecast --subscription \"$ARM_SUBSCRIPTION_ID\" --channel stable --output html > upgrades.html
  terraform-provider-aks forecast --from plan.json --as-of 2026-12-01T00:00:00Z --output markdown";

/// Shows what will happen to clusters, when, and why not.
///
/// It signs in as the provider does, with the same variables (ARM_…), computes what the resources would, and only reads.
/// It remembers nothing from one run to the next: under min_age a Kubernetes version counts as seen for the first time now, so
/// its steps come at the latest when this says.
/// Where some clusters cannot be looked at the others are shown, and it ends with 1.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Forecast {
    /// The ARM ids of clusters, as `az aks show --query id` prints them; the flags say what is wanted of them
    #[arg(value_name = "CLUSTER_ID", required_unless_present_any = ["resource_group", "subscription", "from"])]
    pub clusters: Vec<ClusterId>,
    /// Every cluster of this resource group
    #[arg(long, short = 'g', value_name = "NAME", conflicts_with = "clusters", value_parser = group)]
    pub resource_group: Option<String>,
    /// Every cluster of this subscription; with a resource group where that is, by default $ARM_SUBSCRIPTION_ID
    #[arg(long, value_name = "ID", conflicts_with = "clusters", value_parser = subscription)]
    pub subscription: Option<String>,
    /// Every aks_upgrade_policy and aks_node_image of a plan or a state, as `terraform show -json` prints it; - reads
    /// the standard input
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["clusters", "resource_group", "subscription", "kubernetes_version", "channel", "node_image", "maintenance_window", "blackout"]
    )]
    pub from: Option<PathBuf>,
    #[command(flatten)]
    policy: PolicyFlags,
    /// How to show it
    #[arg(long, short, value_name = "FORMAT", value_enum, default_value = "table")]
    pub output: Output,
    /// Look ahead from this instant, such as 2026-12-01T00:00:00Z [default: now, by Azure's clock]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub as_of: Option<Timestamp>,
    /// How far to look, such as 30d
    #[arg(long, value_name = "DURATION", default_value = "92d", allow_hyphen_values = true, value_parser = horizon)]
    pub horizon: SignedDuration,
    /// Another Azure Resource Manager, such as a simulator's http://127.0.0.1:8080
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
}

/// How a forecast is shown.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Output {
    /// For a terminal
    Table,
    /// For programs
    Json,
    /// For a pull request
    Markdown,
    /// For a calendar (iCalendar)
    Ics,
    /// A picture
    Svg,
    /// The picture in one page that needs no network; a pointer shows the sentence of a step
    Html,
}

/// Looks ahead and shows it.
///
/// # Errors
///
/// The file or the flags say nothing that can be looked ahead for; no credential works; no list can be had.
pub async fn run(arguments: Forecast) -> anyhow::Result<ExitCode> {
    let provider = connect(arguments.endpoint.clone(), None).await?;
    let wishes = wishes(&arguments, &provider).await?;
    let ahead = Ahead { as_of: arguments.as_of, horizon: arguments.horizon };
    let looked = stream::iter(wishes).map(|wish| look(&provider, wish, ahead));
    let report = Report::new(looked.buffered(PARALLELISM).collect().await);
    let shown = match arguments.output {
        Output::Table => text::table(&report),
        Output::Json => text::json(&report)?,
        Output::Markdown => text::markdown(&report),
        Output::Ics => calendar(report.outlooks()),
        Output::Svg => picture::svg(&report, picture::WIDE),
        Output::Html => picture::html(&report),
    };
    print(&shown)?;
    let missing: Vec<String> = report.missing().collect();
    missing.iter().for_each(|why| anstream::eprintln!("{BAD}Error:{BAD:#} {why}"));
    Ok(if missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn wishes(arguments: &Forecast, provider: &Aks) -> anyhow::Result<Vec<Wish>> {
    if let Some(file) = &arguments.from {
        return file::wishes(file, provider);
    }
    let ids = match place(arguments)? {
        Some((subscription, group)) => {
            // What the flags say is judged before anybody is asked.
            arguments.policy.wish(any_cluster(&subscription)?, provider)?;
            let listed = provider.cluster_ids(&subscription, group.as_deref()).await;
            listed.map_err(|error| anyhow!("{}", error.detail))?
        }
        None => arguments.clusters.clone(),
    };
    if ids.is_empty() {
        return Err(anyhow!("There is no cluster to look at."));
    }
    let mut once: Vec<ClusterId> = Vec::new();
    ids.into_iter().for_each(|id| {
        if !once.contains(&id) {
            once.push(id)
        }
    });
    once.into_iter().map(|id| arguments.policy.wish(id, provider)).collect()
}

/// Returns the id of some cluster of a subscription.
fn any_cluster(subscription: &str) -> anyhow::Result<ClusterId> {
    let id = format!(
        "/subscriptions/{subscription}/resourceGroups/any/providers/Microsoft.ContainerService/managedClusters/any"
    );
    Ok(id.parse()?)
}

/// Returns where clusters are listed: a subscription, and perhaps a resource group of it.
fn place(arguments: &Forecast) -> anyhow::Result<Option<(String, Option<String>)>> {
    let group = arguments.resource_group.clone();
    let subscription = arguments.subscription.clone();
    if group.is_none() {
        return Ok(subscription.map(|subscription| (subscription, None)));
    }
    let missing = "A resource group is looked for in one subscription: write --subscription, or set ARM_SUBSCRIPTION_ID.";
    let subscription = subscription.or_else(|| crate::cli::variable("ARM_SUBSCRIPTION_ID"));
    Ok(Some((subscription.ok_or_else(|| Usage(missing.to_owned()))?, group)))
}

async fn look(provider: &Aks, wish: Wish, ahead: Ahead) -> Found {
    let outlook = match &wish.config {
        Ok(config) => provider.outlook(wish.resource, config, ahead).await,
        Err(why) => Err(vec![why.clone()]),
    };
    Found { name: wish.name, cluster: wish.cluster, outlook }
}
