//! The machines of a pool, of which those of an upgrade that goes on have arrived or not.

use serde_json::{Value, json};

use crate::simulator::version::Version;
use crate::simulator::world::cluster::{
    Cluster, Object, Provisioned, is_of_machines, nodes, pool_version, text,
};
use crate::simulator::world::operation::{PassedOver, Work};
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Place;
use crate::simulator::world::{Call, World};

impl World {
    pub(super) fn machines(&self, call: &Call, place: &Place, name: &str) -> Result<Reply, Refusal> {
        let cluster = self.parent(call, place, "managedClusters/agentPools/machines")?;
        let pool = cluster.pool(name).ok_or_else(|| Refusal::no_pool(place, name))?;
        let draw = |index| shown(call, self.draw_machine(cluster, pool, index));
        Ok(self.page(call, &(0..cluster.machines(pool)).collect::<Vec<_>>(), |node| draw(*node)))
    }

    pub(super) fn machine(
        &self,
        call: &Call,
        place: &Place,
        name: &str,
        machine: &str,
    ) -> Result<Reply, Refusal> {
        let cluster = self.parent(call, place, "managedClusters/agentPools/machines")?;
        let pool = cluster.pool(name).ok_or_else(|| Refusal::no_pool(place, name))?;
        let mut machines = (0..cluster.machines(pool)).map(|index| self.draw_machine(cluster, pool, index));
        let found = machines.find(|drawn| drawn["name"] == machine);
        found.map(|drawn| Reply::json(200, shown(call, drawn))).ok_or_else(Refusal::no_machine)
    }

    /// Draws a node: the first ones arrive first.
    fn draw_machine(&self, cluster: &Cluster, pool: &Object, index: u32) -> Value {
        let name = text(pool, "name");
        let arrived = self.arrived(cluster, name);
        let key = name.to_ascii_lowercase();
        // Behind the pool's own nodes come those that stay in the place of quarantined ones.
        let own = index < nodes(pool) || is_of_machines(pool);
        let behind = cluster.behind.get(&key).filter(|_| own && index >= arrived);
        let left = cluster.passed_over.get(&key).filter(|left| own && index + left.count >= nodes(pool));
        let version = behind.map_or_else(|| pool_version(pool).to_string(), |behind| behind.version.clone());
        let new = || match cluster.behind.get(&name.to_ascii_lowercase()) {
            Some(moving) => moving.back.clone().unwrap_or_else(|| self.wanted_image(pool)),
            None => text(pool, "nodeImageVersion").to_owned(),
        };
        let image = behind.map_or_else(new, |behind| behind.image.clone());
        let (version, image, drifts) = match cluster.provisioned.as_ref().filter(|_| is_of_machines(pool)) {
            Some(nodes) => self.provisioned_node(nodes, index),
            None => (version, image, false),
        };
        let (version, image) =
            left.map_or((version, image), |left| (left.version.clone(), left.image.clone()));
        let mut kubernetes = json!({ "orchestratorVersion": version, "currentOrchestratorVersion": version, "nodeName": format!("aks-{name}-31466537-vmss{index:06}") });
        if let Some(left) = left {
            kubernetes["nodeLabels"] = json!({ "kubernetes.azure.com/upgrade-status": left.why.label() });
        }
        let node = format!("aks-{name}-31466537-vmss{index:06}");
        let mut machine = json!({
            "id": format!("{}/agentPools/{name}/machines/{node}", cluster.id("resourceGroups")),
            "name": node,
            "type": "Microsoft.ContainerService/managedClusters/agentPools/machines",
            "properties": {
                "network": { "ipAddresses": [{ "ip": format!("10.224.0.{}", 4 + index), "family": "IPv4" }], "enableNodePublicIP": false },
                "resourceId": format!("/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-{name}-31466537-vmss/virtualMachines/{index}", cluster.place.subscription, text(&cluster.properties, "nodeResourceGroup")),
                "hardware": { "vmSize": pool.get("vmSize") },
                "operatingSystem": { "osType": pool.get("osType"), "osSKU": pool.get("osSKU") },
                "kubernetes": kubernetes,
                "mode": pool.get("mode"),
                "nodeImageVersion": image,
                "provisioningState": "Succeeded",
            },
        });
        if drifts {
            let reason = "KubernetesVersionDrift";
            machine["properties"]["status"] = json!({ "driftAction": "Recreate", "driftReason": reason });
        }
        machine
    }

    /// Returns version and image of a node of node auto-provisioning, and whether it is to be replaced.
    fn provisioned_node(&self, nodes: &Provisioned, index: u32) -> (String, String, bool) {
        let (since, version, drifts) = nodes.node(index, self.durations.drift, self.now);
        let minor = version.parse::<Version>().map_or(0, |version| version.minor);
        let at = since.max(self.started);
        let image =
            self.catalogue.latest_image("Ubuntu", minor, "AKSUbuntu-2204gen2containerd-202607.09.0", at);
        (version.to_owned(), image, drifts)
    }

    fn arrived(&self, cluster: &Cluster, name: &str) -> u32 {
        let before = cluster.behind.get(&name.to_ascii_lowercase()).map_or(0, |behind| behind.arrived);
        let operation =
            self.running(&cluster.place).or_else(|| self.running_on_pool(&cluster.place, Some(name)));
        let step = operation.and_then(|operation| {
            let mine =
                |work: &Work| matches!(work, Work::Nodes { pool, .. } if pool.eq_ignore_ascii_case(name));
            operation
                .steps
                .iter()
                .skip(operation.done)
                .find(|step| mine(&step.work))
                .map(|step| operation.arrived(step, operation.worked_until(self.now)))
        });
        before + step.unwrap_or(0)
    }
}

impl Cluster {
    /// Returns how many machines a pool has.
    fn machines(&self, pool: &Object) -> u32 {
        let provisioned = self.provisioned.as_ref().filter(|_| is_of_machines(pool));
        provisioned.map_or_else(|| self.held_nodes(pool), |provisioned| provisioned.nodes)
    }

    /// Returns how many nodes AKS keeps for a pool: its own, and a surge node in the place of each quarantined one
    /// (OpenAPI: `undrainableNodeBehavior`).
    pub(super) fn held_nodes(&self, pool: &Object) -> u32 {
        let left = self.passed_over.get(&text(pool, "name").to_ascii_lowercase());
        let quarantined = left.filter(|left| left.why == PassedOver::Quarantined);
        nodes(pool) + quarantined.map_or(0, |left| left.count)
    }
}

/// Leaves out what only previews of the API show: versions, image and state of a machine.
fn shown(call: &Call, mut machine: Value) -> Value {
    let preview = call.parameter("api-version").is_some_and(|version| version.ends_with("-preview"));
    if let Some(properties) = machine["properties"].as_object_mut().filter(|_| !preview) {
        properties.retain(|key, _| key == "network" || key == "resourceId");
        if let Some(network) = properties.get_mut("network").and_then(Value::as_object_mut) {
            network.retain(|key, _| key == "ipAddresses");
        }
    }
    machine
}
