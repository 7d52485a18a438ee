//! `doctor`: looks for what would keep an upgrade from going well, before the window opens.
//!
//! [`reach`] asks whether Azure can be asked at all, [`role`] what the caller may do, [`cluster`] who else upgrades a
//! cluster and how long its version is supported, [`second_hand`] who else does so in a configuration, [`keeper`] who shall.
//! A [`finding`] is what came of each.

mod cluster;
mod finding;
mod keeper;
mod reach;
mod role;
mod second_hand;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;

use crate::arm::client::Client;
use crate::arm::id::ClusterId;
use crate::cli::connect::{connect, subscription};
use crate::cli::doctor::finding::Finding;
use crate::cli::doctor::keeper::Keeper;
use crate::cli::exit;
use crate::cli::output::{Format, print};
use crate::cli::shown::{self, UPGRADING};

const EXAMPLES: &str = "Examples:
  terraform-provider-aks doctor \"$CLUSTER_ID\"
  terraform-provider-aks doctor --subscription \"$ARM_SUBSCRIPTION_ID\" --exit-code
  terraform show -json upgrades.tfplan | terraform-provider-aks doctor \"$CLUSTER_ID\" --from -
  terraform-provider-aks doctor \"$CLUSTER_ID\" --json | jq -r '.findings[] | select(.grade == \"bad\") | .fix'";

/// Looks for what would keep upgrades from going well, and says what to do about it. It only reads.
///
/// It signs in as the provider does, with the same variables (ARM_…): who that is, whether the clocks agree, which
/// actions its role lacks, who else upgrades the clusters, and how long their versions are supported.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Doctor {
    /// The ARM ids of clusters, as `az aks show --query id` prints them
    #[arg(value_name = "CLUSTER_ID", required_unless_present = "subscription")]
    clusters: Vec<ClusterId>,
    /// Every cluster of this subscription
    #[arg(long, value_name = "ID", conflicts_with = "clusters", value_parser = subscription)]
    subscription: Option<String>,
    /// A plan with the clusters of azurerm or azapi, or with their policies, as `terraform show -json` prints it, or a
    /// state, which tells less; - is the standard input
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// End with 3 when something has to be mended
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    format: Format,
    /// Another Azure Resource Manager, such as a simulator's http://127.0.0.1:8080
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
}

/// Examines the clusters and prints what was found.
///
/// # Errors
///
/// A provider configuration that is wrong, or a file that Terraform did not print. What Azure refuses is a finding; where
/// nobody could sign in, or nothing answered, the code is 1 all the same.
pub async fn run(arguments: Doctor) -> anyhow::Result<ExitCode> {
    let (mut findings, mut configured) = (Vec::new(), Vec::new());
    if let Some(file) = &arguments.from {
        configured = shown::resources(file, &[&second_hand::KINDS[..], &UPGRADING].concat())?;
        findings = second_hand::findings(&configured, &shown::name(file));
    }
    let provider = connect(arguments.endpoint.clone(), None).await?;
    let client = provider.client().map_err(|error| anyhow!("{}: {}", error.summary, error.detail))?;
    if reach::signs_in(&client, &mut findings).await {
        let clusters = clusters(&client, &arguments, &mut findings).await;
        let mut read = None;
        for id in &clusters {
            let keeper = Keeper::of(&id.to_string(), &configured);
            let cluster = cluster::examine(&provider, &client, id, keeper, &mut findings).await;
            read = read.or(cluster.map(|cluster| (cluster, id.subscription())));
        }
        // Who cannot be reached has no role and no clock to look at.
        if client.has_answered() {
            role::examine(&client, &clusters, &mut findings).await;
            if let Some((cluster, subscription)) = &read {
                reach::api_versions(&client, cluster, subscription, &mut findings).await;
            }
            findings.push(reach::clock(provider.clock_skew()));
        }
    }
    if arguments.format.is_json() {
        print(&format!("{:#}\n", finding::document(&findings)))?;
    } else {
        print(&(finding::lines(&findings).join("\n") + "\n"))?;
    }
    if !client.has_answered() {
        return Ok(ExitCode::FAILURE);
    }
    Ok(exit::answered(arguments.exit_code, finding::is_well(&findings)))
}

/// Returns the clusters that are wanted.
async fn clusters(client: &Client, arguments: &Doctor, findings: &mut Vec<Finding>) -> Vec<ClusterId> {
    let Some(subscription) = &arguments.subscription else { return arguments.clusters.clone() };
    reach::clusters_of(client, subscription, findings).await
}
