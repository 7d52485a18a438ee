//! `status`: what runs on clusters, from Azure alone, while an apply waits in another terminal.
//!
//! A [`glimpse`] is what Azure shows of a cluster at one instant, an [`estate`] that of several; [`view`] draws it for
//! people, [`document`] for programs.

mod document;
mod estate;
mod glimpse;
mod view;

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use anyhow::anyhow;

use crate::arm::id::ClusterId;
use crate::cli::connect::{connect, group, subscription};
use crate::cli::exit::{self, Usage};
use crate::cli::output::{Format, print};
use crate::cli::status::estate::{Estate, Wanted};

const EXAMPLES: &str = "Examples:
  terraform-provider-aks status \"$CLUSTER_ID\" --watch
  terraform-provider-aks status --resource-group rg --subscription \"$ARM_SUBSCRIPTION_ID\"
  terraform-provider-aks status --subscription \"$ARM_SUBSCRIPTION_ID\" --json | jq '.clusters[].state'
  terraform-provider-aks status \"$CLUSTER_ID\" --exit-code || echo \"somebody has to look\"";

/// Shows what runs on clusters, from Azure alone. It only reads.
///
/// It signs in as the provider does, with the same variables (ARM_…). To count nodes it needs the permission
/// managedClusters/agentPools/machines/read.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Status {
    /// The ARM ids of clusters, as `az aks show --query id` prints them
    #[arg(value_name = "CLUSTER_ID", required_unless_present_any = ["resource_group", "subscription"])]
    pub clusters: Vec<ClusterId>,
    /// Every cluster of this resource group
    #[arg(long, short = 'g', value_name = "NAME", conflicts_with = "clusters", value_parser = group)]
    pub resource_group: Option<String>,
    /// Every cluster of this subscription; with a resource group where that is, by default $ARM_SUBSCRIPTION_ID
    #[arg(long, value_name = "ID", conflicts_with = "clusters", value_parser = subscription)]
    pub subscription: Option<String>,
    /// Look again until nothing runs any more; as JSON each look is a line
    #[arg(long)]
    pub watch: bool,
    /// The time between two looks, such as 30s
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    pub poll_interval: String,
    /// End with 3 when something failed, was canceled, is behind its control plane, or cannot be read
    #[arg(long)]
    pub exit_code: bool,
    #[command(flatten)]
    format: Format,
    /// Another Azure Resource Manager, such as a simulator's http://127.0.0.1:8080
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
}

/// Shows the clusters once, or until they are idle.
///
/// # Errors
///
/// No credential works, or nothing can be read.
pub async fn run(arguments: Status) -> anyhow::Result<ExitCode> {
    let wanted = wanted(&arguments)?;
    let provider = connect(arguments.endpoint.clone(), Some(arguments.poll_interval.clone())).await?;
    let client = provider.client().map_err(|error| anyhow!("{}: {}", error.summary, error.detail))?;
    let redraws = arguments.watch && io::stdout().is_terminal();
    let mut shown = Shown::default();
    loop {
        let estate = Estate::of(&client, &wanted).await?;
        match (arguments.format.is_json(), arguments.watch) {
            (true, true) => print(&format!("{}\n", document::document(&estate)))?,
            (true, false) => print(&format!("{:#}\n", document::document(&estate)))?,
            (false, _) => shown.show(&estate, redraws)?,
        }
        if !arguments.watch || !estate.is_busy() {
            return Ok(exit::answered(arguments.exit_code, estate.is_well()));
        }
        tokio::time::sleep(client.poll_interval()).await;
    }
}

fn wanted(arguments: &Status) -> anyhow::Result<Wanted> {
    let Some(group) = arguments.resource_group.clone() else {
        let ids = || Wanted::Clusters(arguments.clusters.clone());
        return Ok(arguments.subscription.clone().map_or_else(ids, Wanted::Subscription));
    };
    let subscription = arguments.subscription.clone().or_else(|| crate::cli::variable("ARM_SUBSCRIPTION_ID"));
    let missing = "A resource group is looked for in one subscription: write --subscription, or set ARM_SUBSCRIPTION_ID.";
    let subscription = subscription.ok_or_else(|| Usage(missing.to_owned()))?;
    Ok(Wanted::Group { subscription, group })
}

/// What was printed so far.
#[derive(Default)]
struct Shown {
    /// The lines of the picture on the terminal.
    height: usize,
    /// The lines that may change, as they were.
    news: Vec<String>,
}

impl Shown {
    fn show(&mut self, estate: &Estate, redraws: bool) -> io::Result<()> {
        let text = if redraws { self.redrawn(estate) } else { self.added(estate) };
        print(&text)
    }

    /// Draws over the last picture. Lines are cut at the edge: one that wraps would be two, and the
    /// next picture would begin too low.
    fn redrawn(&mut self, estate: &Estate) -> String {
        let back = if self.height > 0 { format!("\x1b[{}A\x1b[J", self.height) } else { String::new() };
        let lines = view::picture(estate);
        self.height = lines.len();
        format!("{back}\x1b[?7l{}\n\x1b[?7h", lines.join("\n"))
    }

    /// Draws the first picture; afterwards says what is new, and when.
    fn added(&mut self, estate: &Estate) -> String {
        let last = std::mem::replace(&mut self.news, view::news(estate));
        if last.is_empty() {
            return view::picture(estate).join("\n") + "\n";
        }
        let stamp = view::stamp(estate);
        self.news.iter().filter(|line| !last.contains(line)).map(|line| format!("{stamp}{line}\n")).collect()
    }
}
