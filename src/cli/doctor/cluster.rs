//! One cluster: whether it can be read, who else upgrades it, and how long its version is supported.

use jiff::Timestamp;

use crate::arm::client::Client;
use crate::arm::id::ClusterId;
use crate::arm::response;
use crate::cli::doctor::finding::Finding;
use crate::cli::doctor::keeper::Keeper;
use crate::cli::doctor::reach::fix;
use crate::provider::Aks;
use crate::provider::words::errors::sentence;
use crate::upgrade::cluster::{Cluster, Power, State};
use crate::upgrade::support;

/// How long before its last day a version is worth a word: two monthly windows.
const SOON_DAYS: i64 = 56;

/// Examines a cluster, and returns it where it can be read.
pub async fn examine(
    provider: &Aks,
    client: &Client,
    id: &ClusterId,
    keeper: Keeper,
    findings: &mut Vec<Finding>,
) -> Option<Cluster> {
    const REFUSED: &str = "Check the id, and that the identity has a role on the cluster.";
    let read = client.cluster(id).await.map_err(|error| (sentence(&error), fix(&error, REFUSED)));
    let read = read.and_then(|answer| {
        let cluster = response::cluster(id, &answer.body).map_err(|error| (error.to_string(), REFUSED))?;
        Ok((cluster, answer.at))
    });
    match read {
        Err((why, fix)) => {
            findings.push(Finding::bad("cluster", id.name(), why, fix));
            None
        }
        Ok((cluster, at)) => {
            findings.push(condition(&cluster));
            findings.push(owner(&cluster, keeper));
            findings.extend(node_os(&cluster, keeper));
            findings.extend(fleets(provider, id).await);
            findings.push(support(&cluster, at));
            Some(cluster)
        }
    }
}

fn condition(cluster: &Cluster) -> Finding {
    let name = &cluster.name;
    let states = cluster.pools.iter().map(|pool| (format!("pool {}", pool.name), &pool.state));
    let failed = std::iter::once(("the cluster".to_owned(), &cluster.state))
        .chain(states)
        .find(|(_, state)| matches!(state, State::Failed(_) | State::Canceled(_)));
    if let Some((part, _)) = failed {
        let fix = "Read Azure's words with terraform-provider-aks status, and remove the cause; the next plan holds the repair.";
        return Finding::bad("cluster", name, format!("an operation on {part} failed or was canceled"), fix);
    }
    if cluster.power == Power::Stopped {
        return Finding::bad(
            "cluster",
            name,
            "it is stopped, and cannot be upgraded so",
            "Start it: az aks start.",
        );
    }
    Finding::good(
        "cluster",
        name,
        format!("runs Kubernetes {} with {} pools", cluster.version, cluster.pools.len()),
    )
}

fn owner(cluster: &Cluster, keeper: Keeper) -> Finding {
    match &cluster.auto_upgrade_channel {
        None => Finding::good("owner", &cluster.name, "AKS's auto-upgrade channel is off"),
        Some(channel) => {
            let off = "leave automatic_upgrade_channel out in azurerm, or az aks update --auto-upgrade-channel none.";
            keeper.versions(&cluster.name, channel, &format!("its channel {channel}"), off)
        }
    }
}

fn node_os(cluster: &Cluster, keeper: Keeper) -> Option<Finding> {
    let channel = cluster.node_os_channel.as_ref()?;
    let off = "write node_os_upgrade_channel = \"None\" in azurerm, or az aks update --node-os-upgrade-channel None.";
    Some(keeper.images(&cluster.name, &format!("its node OS channel {channel}"), off))
}

/// Returns the update runs of Fleets that have the cluster on their list, as far as Fleets can be read: what cannot be
/// read, a missing permission tells.
async fn fleets(provider: &Aks, id: &ClusterId) -> Vec<Finding> {
    let told = provider.update_runs(id).await.into_iter().map(|run| {
        let message =
            format!("the update run {} of the Fleet {} upgrades it ({})", run.name, run.fleet, run.state);
        let fix = "Stop the run or take the cluster out of the Fleet, or leave the work to the run.";
        Finding::note("owner", id.name(), message, fix)
    });
    told.collect()
}

fn support(cluster: &Cluster, at: Timestamp) -> Finding {
    let (name, version) = (&cluster.name, cluster.version.minor());
    let Some(day) = support::last_day(version, cluster.lts) else {
        return Finding::good("support", name, format!("the end of {version} is not known to this release"));
    };
    let days = support::ends(version, cluster.lts).map_or(0, |end| end.duration_since(at).as_hours() / 24);
    let fix = "Plan the next minor: terraform-provider-aks forecast shows when a policy would get there. Out of support, AKS moves a cluster only as a whole.";
    match days {
        ..=0 => Finding::bad("support", name, format!("{version} is out of support since {day}"), fix),
        1..=SOON_DAYS => {
            Finding::note("support", name, format!("{version} leaves support in {days} days, on {day}"), fix)
        }
        _ => Finding::good("support", name, format!("{version} is supported until {day}")),
    }
}
