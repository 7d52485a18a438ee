//! Who else upgrades a cluster in a configuration: azurerm's attributes and azapi's bodies in a plan or a state.

use serde_json::Value;

use crate::cli::doctor::finding::Finding;
use crate::cli::doctor::keeper::Keeper;
use crate::cli::shown::Shown;

const CLUSTER: &str = "azurerm_kubernetes_cluster";
const POOL: &str = "azurerm_kubernetes_cluster_node_pool";
const AZAPI: [&str; 2] = ["azapi_resource", "azapi_update_resource"];

/// The types of resources that may upgrade a cluster beside a policy.
pub const KINDS: [&str; 4] = [CLUSTER, POOL, AZAPI[0], AZAPI[1]];

/// Where a resource names something that upgrades: its name for a person, and the place in the values.
type Place = (String, String);

/// Finds what upgrades a cluster, too, among the resources of the file `name`.
#[must_use]
pub fn findings(configured: &[Shown], name: &str) -> Vec<Finding> {
    let others: Vec<Shown> = configured.iter().filter_map(of_aks).collect();
    if others.is_empty() {
        let message = format!("{name} holds no cluster and no pool of azurerm or azapi");
        return vec![Finding::good("owner", "", message)];
    }
    let mut found: Vec<Finding> = others.iter().flat_map(|one| of_resource(one, configured)).collect();
    if others.iter().any(|one| !is_azapi(one) && one.written.is_none()) {
        let message =
            "a state does not tell whether azurerm writes a version, which would take an upgrade back";
        let fix =
            "Give a plan: terraform plan -out=upgrades.tfplan, and terraform show -json upgrades.tfplan.";
        found.push(Finding::note("owner", "", message, fix));
    }
    found
}

/// Returns a resource of AKS with the body of azapi as an object: its older versions keep it as text.
fn of_aks(shown: &Shown) -> Option<Shown> {
    if !AZAPI.contains(&shown.kind.as_str()) {
        return KINDS.contains(&shown.kind.as_str()).then(|| shown.clone());
    }
    let kind = azapi_type(&shown.values);
    if !["managedclusters", "managedclusters/agentpools"].contains(&kind.as_str()) {
        return None;
    }
    let mut read = shown.clone();
    for values in std::iter::once(&mut read.values).chain(&mut read.before) {
        if let Some(body) = values["body"].as_str().and_then(|text| serde_json::from_str(text).ok()) {
            values["body"] = body;
        }
    }
    Some(read)
}

/// Returns the type of an azapi resource of AKS, such as `managedclusters/agentpools`; empty for all others.
fn azapi_type(values: &Value) -> String {
    let kind = values["type"].as_str().unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split('@').next().unwrap_or_default();
    kind.strip_prefix("microsoft.containerservice/").unwrap_or_default().to_owned()
}

fn is_azapi(shown: &Shown) -> bool {
    AZAPI.contains(&shown.kind.as_str())
}

fn of_resource(shown: &Shown, configured: &[Shown]) -> Vec<Finding> {
    let id = ["resource_id", "id"].iter().find_map(|key| shown.values[*key].as_str()).unwrap_or_default();
    let mut found = channels(shown, Keeper::of(id, configured));
    found.extend(versions(shown).into_iter().filter_map(|place| version(shown, &place)));
    if found.is_empty() {
        let message = match (is_azapi(shown), &shown.written) {
            (true, _) => "azapi's body leaves versions and channels alone",
            (false, Some(_)) => "azurerm leaves versions and channels alone",
            (false, None) => "azurerm leaves channels alone",
        };
        found.push(Finding::good("owner", &shown.address, message));
    }
    found
}

/// Judges the channels of AKS that are on there; the two names of azurerm 3 come second.
fn channels(shown: &Shown, keeper: Keeper) -> Vec<Finding> {
    const PROFILE: &str = "/body/properties/autoUpgradeProfile";
    let (upgrade, node_os) = if is_azapi(shown) {
        (vec![format!("{PROFILE}/upgradeChannel")], vec![format!("{PROFILE}/nodeOSUpgradeChannel")])
    } else {
        (
            vec!["/automatic_upgrade_channel".to_owned(), "/automatic_channel_upgrade".to_owned()],
            vec!["/node_os_upgrade_channel".to_owned(), "/node_os_channel_upgrade".to_owned()],
        )
    };
    let on = |places: Vec<String>| {
        places.into_iter().find_map(|place| {
            let channel = shown.values.pointer(&place)?.as_str()?;
            let name = place.rsplit('/').next().unwrap_or_default().to_owned();
            (!channel.eq_ignore_ascii_case("none")).then(|| (name, channel.to_owned()))
        })
    };
    let address = &shown.address;
    let upgrade = on(upgrade).map(|(name, channel)| {
        let said = format!("{name} = \"{channel}\"");
        keeper.versions(address, &channel, &said, &format!("leave {name} out."))
    });
    let node_os = on(node_os).map(|(name, channel)| {
        let said = format!("{name} = \"{channel}\"");
        keeper.images(address, &said, &format!("write {name} = \"None\"."))
    });
    upgrade.into_iter().chain(node_os).collect()
}

/// Returns where a resource may name a version.
fn versions(shown: &Shown) -> Vec<Place> {
    let place = |name: &str, place: &str| (name.to_owned(), place.to_owned());
    match shown.kind.as_str() {
        CLUSTER => vec![
            place("kubernetes_version", "/kubernetes_version"),
            place("default_node_pool[0].orchestrator_version", "/default_node_pool/0/orchestrator_version"),
        ],
        POOL => vec![place("orchestrator_version", "/orchestrator_version")],
        _ if azapi_type(&shown.values) == "managedclusters" => {
            let pools =
                shown.values["body"]["properties"]["agentPoolProfiles"].as_array().map_or(0, Vec::len);
            let pools = (0..pools).map(|pool| {
                let name = format!("body.properties.agentPoolProfiles[{pool}].orchestratorVersion");
                (name, format!("/body/properties/agentPoolProfiles/{pool}/orchestratorVersion"))
            });
            let own = place("body.properties.kubernetesVersion", "/body/properties/kubernetesVersion");
            std::iter::once(own).chain(pools).collect()
        }
        _ => vec![place("body.properties.orchestratorVersion", "/body/properties/orchestratorVersion")],
    }
}

/// Judges a version: one that this plan changes, and one that is written and will be sent again.
fn version(shown: &Shown, (name, place): &Place) -> Option<Finding> {
    let text = |values: &Value| values.pointer(place).and_then(Value::as_str).map(str::to_owned);
    let is = text(&shown.values);
    let change = shown.before.as_ref().and_then(text).zip(is.clone()).filter(|(was, is)| was != is);
    if let Some((was, is)) = change {
        let message = format!("this plan changes {name} from {was} to {is}, which is the policy's to do");
        let fix = format!("Leave {name} out, or put it under ignore_changes.");
        return Some(Finding::bad("owner", &shown.address, message, fix));
    }
    let written = if is_azapi(shown) { is.map(|is| format!("\"{is}\"")) } else { written(shown, place, is) };
    let message = format!(
        "the configuration writes {name} = {}: unless ignore_changes has it, which no plan shows, the first apply after an upgrade sends it again",
        written?
    );
    let fix = format!("Leave {name} out, or make sure that it is under ignore_changes.");
    Some(Finding::note("owner", &shown.address, message, fix))
}

/// Returns what azurerm's configuration writes at a place; `None` where that is ignored already, since it is not what is planned.
fn written(shown: &Shown, place: &str, planned: Option<String>) -> Option<String> {
    let expression = shown.written.as_ref()?.pointer(place)?;
    if let Some(constant) = expression["constant_value"].as_str() {
        // azurerm takes 1.35 for any 1.35.6.
        let is_ignored = planned.is_some_and(|planned| !planned.starts_with(constant));
        return (!is_ignored).then(|| format!("\"{constant}\""));
    }
    Some(expression["references"].get(0)?.as_str()?.to_owned())
}
