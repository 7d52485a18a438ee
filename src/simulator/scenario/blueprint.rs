//! `[[cluster]]`: a cluster drawn from a name and a version, in the shape Azure was recorded with.

use super::pool::PoolBlueprint;
use super::seed::Seed;
use crate::simulator::catalogue::Catalogue;
use crate::simulator::version::Version;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::path::Path;

/// One `[[cluster]]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::simulator) struct Blueprint {
    from: Option<String>,
    name: String,
    version: String,
    resource_group: Option<String>,
    subscription: Option<String>,
    location: Option<String>,
    tier: Option<String>,
    support_plan: Option<String>,
    upgrade_channel: Option<String>,
    node_os_channel: Option<String>,
    power: Option<String>,
    tags: Map<String, Value>,
    pool: Vec<PoolBlueprint>,
}

impl Blueprint {
    /// Returns a blueprint with nothing but names and a version.
    pub(in crate::simulator) fn plain(
        subscription: &str,
        group: &str,
        name: &str,
        location: &str,
        version: &str,
        pools: &[String],
    ) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            resource_group: Some(group.into()),
            subscription: Some(subscription.into()),
            location: Some(location.into()),
            pool: pools.iter().map(|pool| PoolBlueprint::plain(pool, None)).collect(),
            ..Self::default()
        }
    }

    /// Draws the cluster; `dir` is where a `from` file lies.
    ///
    /// # Errors
    /// A sentence that names the key.
    pub(in crate::simulator) fn seed(
        &self,
        catalogue: &Catalogue,
        start: Timestamp,
        dir: &Path,
    ) -> Result<Seed, String> {
        match &self.from {
            Some(file) => read(&dir.join(file)),
            None => self.draw(catalogue, start),
        }
    }

    /// Draws the cluster from its own fields.
    ///
    /// # Errors
    /// A sentence that names the key.
    pub(in crate::simulator) fn draw(&self, catalogue: &Catalogue, start: Timestamp) -> Result<Seed, String> {
        if self.name.is_empty() {
            return Err("`name` is missing; give one such as name = \"prod\", or `from`.".into());
        }
        self.version.parse::<Version>().map_err(|why| format!("`version`: {why}"))?;
        let subscription = self.subscription.clone().unwrap_or_else(|| SUBSCRIPTION.into());
        let group = self.resource_group.clone().unwrap_or_else(|| "rg".into());
        let pools = self
            .pools()
            .iter()
            .map(|pool| pool.draw(&self.version, catalogue, start))
            .collect::<Result<Vec<_>, _>>()?;
        let body = match self.body(&subscription, &group, pools) {
            Value::Object(body) => body,
            _ => Map::new(),
        };
        Ok(Seed { subscription, group, name: self.name.clone(), body })
    }

    fn pools(&self) -> Vec<PoolBlueprint> {
        let pool = |name: &str, mode: &str, count| PoolBlueprint {
            name: name.into(),
            mode: Some(mode.into()),
            count: Some(count),
            ..PoolBlueprint::default()
        };
        if self.pool.is_empty() {
            vec![pool("system", "System", 3), pool("user", "User", 3)]
        } else {
            self.pool.clone()
        }
    }

    fn body(&self, subscription: &str, group: &str, pools: Vec<Map<String, Value>>) -> Value {
        let name = &self.name;
        let location = self.location.as_deref().unwrap_or("westeurope");
        let node_group = format!("MC_{group}_{name}_{location}");
        let identity = format!(
            "/subscriptions/{subscription}/resourcegroups/{node_group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}-agentpool"
        );
        let mut channel =
            json!({ "nodeOSUpgradeChannel": self.node_os_channel.as_deref().unwrap_or("None") });
        if let Some(upgrade) = &self.upgrade_channel {
            channel["upgradeChannel"] = json!(upgrade);
        }
        let mut body = json!({
            "id": format!("/subscriptions/{subscription}/resourcegroups/{group}/providers/Microsoft.ContainerService/managedClusters/{name}"),
            "location": location,
            "name": name,
            "tags": self.tags,
            "type": "Microsoft.ContainerService/ManagedClusters",
            "kind": "Base",
            "properties": {
                "provisioningState": "Succeeded",
                "powerState": { "code": self.power.as_deref().unwrap_or("Running") },
                "kubernetesVersion": self.version,
                "currentKubernetesVersion": self.version,
                "dnsPrefix": format!("{name}-{group}"),
                "fqdn": format!("{name}-{group}-8wql3q5r.hcp.{location}.azmk8s.io"),
                "azurePortalFQDN": format!("{name}-{group}-8wql3q5r.portal.hcp.{location}.azmk8s.io"),
                "agentPoolProfiles": pools,
                "servicePrincipalProfile": { "clientId": "msi" },
                "nodeResourceGroup": node_group,
                "enableRBAC": true,
                "supportPlan": self.support_plan.as_deref().unwrap_or("KubernetesOfficial"),
                "networkProfile": {
                    "networkPlugin": "azure",
                    "networkPluginMode": "overlay",
                    "networkPolicy": "none",
                    "networkDataplane": "azure",
                    "loadBalancerSku": "standard",
                    "loadBalancerProfile": { "managedOutboundIPs": { "count": 1 }, "backendPoolType": "nodeIPConfiguration" },
                    "podCidr": "10.244.0.0/16",
                    "serviceCidr": "10.0.0.0/16",
                    "dnsServiceIP": "10.0.0.10",
                    "outboundType": "loadBalancer",
                    "podCidrs": ["10.244.0.0/16"],
                    "serviceCidrs": ["10.0.0.0/16"],
                    "ipFamilies": ["IPv4"]
                },
                "maxAgentPools": 100,
                "identityProfile": { "kubeletidentity": {
                    "resourceId": identity,
                    "clientId": "b309d3e5-4051-45a0-a02f-90f5d0cc2d78",
                    "objectId": "56ecdf61-2274-4231-b75b-cc9e72fd6dee"
                } },
                "autoUpgradeProfile": channel,
                "disableLocalAccounts": false,
                "securityProfile": {},
                "storageProfile": {
                    "diskCSIDriver": { "enabled": true },
                    "fileCSIDriver": { "enabled": true },
                    "snapshotController": { "enabled": true }
                },
                "oidcIssuerProfile": { "enabled": false },
                "workloadAutoScalerProfile": {},
                "metricsProfile": { "costAnalysis": { "enabled": false } },
                "resourceUID": "690befc527107e00018eff22",
                "nodeProvisioningProfile": { "mode": "Manual", "defaultNodePools": "Auto" },
                "bootstrapProfile": { "artifactSource": "Direct" }
            },
            "identity": {
                "type": "SystemAssigned",
                "principalId": "d6e99041-3a48-44fa-8433-3a6cdd84af96",
                "tenantId": "11111111-1111-1111-1111-111111111111"
            },
            "sku": { "name": "Base", "tier": self.tier.as_deref().unwrap_or("Standard") },
        });
        if let Some(outer) = body.as_object_mut().filter(|_| self.tags.is_empty()) {
            outer.remove("tags");
        }
        body
    }
}

/// The subscription of a cluster that names none.
const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";

fn read(file: &Path) -> Result<Seed, String> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("`from`: {} cannot be read: {error}.", file.display()))?;
    let body = serde_json::from_str(&text)
        .map_err(|error| format!("`from`: {} is no JSON: {error}.", file.display()))?;
    Seed::from_body(body).map_err(|why| format!("`from`: in {}, {why}", file.display()))
}
