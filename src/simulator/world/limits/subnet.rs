//! Subnets: how many addresses they have, and how many are in use.

use serde_json::{Value, json};

use crate::simulator::scenario::Subnet;
use crate::simulator::world::cluster::{Cluster, Object, stopped, text};
use crate::simulator::world::limits::quota::new_nodes;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::{Call, World};

/// The addresses that Azure keeps in each subnet (docs: virtual-network/faq).
const RESERVED: u64 = 5;

impl World {
    pub(super) fn list_subnets(&self, call: &Call, network: &str) -> Result<Reply, Refusal> {
        let found = self.subnets_of(network)?;
        Ok(self.list(call, &found, |subnet| self.show_subnet(subnet)))
    }

    pub(super) fn get_subnet(&self, network: &str, name: &str) -> Result<Reply, Refusal> {
        let id = format!("{network}/subnets/{name}");
        let found = self.limits.subnets.iter().find(|subnet| subnet.id.eq_ignore_ascii_case(&id));
        let found = found.ok_or_else(|| Refusal::not_found(&id))?;
        Ok(Reply::json(200, self.show_subnet(found)))
    }

    pub(super) fn list_addresses(&self, call: &Call, network: &str) -> Result<Reply, Refusal> {
        let usage = |subnet: &&Subnet| {
            json!({
                "currentValue": self.addresses_in_use(subnet), "id": subnet.id, "limit": usable(subnet),
                "name": { "localizedValue": "Subnet size and usage", "value": "SubnetSpace" }, "unit": "Count",
            })
        };
        Ok(self.list(call, &self.subnets_of(network)?, usage))
    }

    /// Returns the subnet of a pool, if the scenario tells its size, and how many addresses are free.
    pub(super) fn addresses_left(&self, pool: &Object) -> Option<(&Subnet, u64)> {
        let id = text(pool, "vnetSubnetID");
        let subnet = self.limits.subnets.iter().find(|subnet| subnet.id.eq_ignore_ascii_case(id))?;
        Some((subnet, self.addresses_free(subnet)))
    }

    /// Refuses more nodes than a subnet has addresses for, given the pools as they would be.
    ///
    /// The code and the text are those with which a scale set fails (AKS's error codes); that AKS says so at once, as it
    /// does with quota, is general knowledge.
    pub(super) fn judge_addresses(&self, cluster: &Cluster, after: &[Object]) -> Result<(), Refusal> {
        for subnet in &self.limits.subnets {
            let own = after.iter().filter(|pool| text(pool, "vnetSubnetID").eq_ignore_ascii_case(&subnet.id));
            let wanted: u64 = own.map(|pool| new_nodes(cluster, pool) * per_node(cluster, pool)).sum();
            if wanted > self.addresses_free(subnet) {
                return Err(Refusal::provider(400, "SubnetIsFull", "", is_full(subnet)));
            }
        }
        Ok(())
    }

    fn addresses_free(&self, subnet: &Subnet) -> u64 {
        usable(subnet).saturating_sub(self.addresses_in_use(subnet))
    }

    fn subnets_of(&self, network: &str) -> Result<Vec<&Subnet>, Refusal> {
        let prefix = format!("{network}/subnets/").to_ascii_lowercase();
        let of = |subnet: &&Subnet| subnet.id.to_ascii_lowercase().starts_with(&prefix);
        let found: Vec<&Subnet> = self.limits.subnets.iter().filter(of).collect();
        if found.is_empty() { Err(Refusal::not_found(network)) } else { Ok(found) }
    }

    fn addresses_in_use(&self, subnet: &Subnet) -> u64 {
        let pools =
            self.clusters.iter().flat_map(|cluster| cluster.pools.iter().map(move |pool| (cluster, pool)));
        let own = pools.filter(|(_, pool)| text(pool, "vnetSubnetID").eq_ignore_ascii_case(&subnet.id));
        let own = own.filter(|(cluster, pool)| !cluster.stopped() && !stopped(pool));
        subnet.used
            + own
                .map(|(cluster, pool)| u64::from(self.nodes_there(cluster, pool)) * per_node(cluster, pool))
                .sum::<u64>()
    }

    fn show_subnet(&self, subnet: &Subnet) -> Value {
        let name = subnet.id.rsplit('/').next().unwrap_or_default();
        let address = |number: u64| json!({ "id": format!("{}/ipConfigurations/{number}", subnet.id) });
        let used: Vec<Value> = (0..self.addresses_in_use(subnet)).map(address).collect();
        json!({
            "name": name, "id": subnet.id, "etag": "W/\"00000000-0000-0000-0000-000000000000\"",
            "properties": {
                "provisioningState": "Succeeded", "addressPrefix": subnet.prefix, "ipConfigurations": used,
                "delegations": [], "privateEndpointNetworkPolicies": "Disabled",
                "privateLinkServiceNetworkPolicies": "Enabled",
            },
            "type": "Microsoft.Network/virtualNetworks/subnets",
        })
    }
}

/// Says that a subnet has no address left, as a scale set does (AKS's error codes).
pub(super) fn is_full(subnet: &Subnet) -> String {
    format!(
        "VMSSAgentPoolReconciler retry failed: Code='SubnetIsFull' Message='{} with address prefix {} doesn't have enough capacity for IP addresses.'",
        subnet.id, subnet.prefix
    )
}

/// Returns how many addresses a node takes: its pods' too, where they get them from the subnet (docs:
/// azure-cni-overview).
pub(super) fn per_node(cluster: &Cluster, pool: &Object) -> u64 {
    let network = cluster.properties.get("networkProfile").and_then(Value::as_object);
    let setting = |key: &str| network.map(|network| text(network, key)).unwrap_or_default();
    let pods = pool.get("maxPods").and_then(Value::as_u64).unwrap_or(0);
    if setting("networkPlugin") == "azure" && setting("networkPluginMode") != "overlay" {
        1 + pods
    } else {
        1
    }
}

/// Returns how many addresses a subnet has for machines.
fn usable(subnet: &Subnet) -> u64 {
    let length = subnet.prefix.rsplit('/').next().and_then(|length| length.parse::<u32>().ok());
    let all = length.filter(|length| *length <= 32).map_or(0, |length| 1_u64 << (32 - length));
    all.saturating_sub(RESERVED)
}
