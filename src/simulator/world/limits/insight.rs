//! The preview's upgrade insights: what would stop an upgrade, said before it (API 2026-08-02-preview).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::simulator::version::Version;
use crate::simulator::world::cluster::{Cluster, Object, pool_version, text};
use crate::simulator::world::operation::later;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Place;
use crate::simulator::world::{Call, World};

/// An insight as it was generated.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Insight {
    cluster: Place,
    name: String,
    properties: Value,
    expires: Timestamp,
}

/// How long an insight is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Where the documentation says what to do.
const GUIDE: &str = "https://learn.microsoft.com/azure/aks/upgradeinsights";

impl World {
    /// Generates an insight, or renews it.
    pub(in crate::simulator::world) fn generate_insight(
        &mut self,
        call: &Call,
        place: &Place,
    ) -> Result<Reply, Refusal> {
        let kind = kind_of(&call.json()?)?;
        let body = call.body(&format!("{kind}GenerateUpgradeInsightsContent"), &Value::Null)?;
        let cluster = self.look(place)?;
        let (name, mut properties) = self.evaluate(cluster, kind, &body)?;
        let expires = later(self.now, KEPT);
        properties["provisioningState"] = json!("Succeeded");
        properties["lastEvaluatedAt"] = json!(self.now.to_string());
        properties["expiresAt"] = json!(expires.to_string());
        let insight = Insight { cluster: cluster.place.clone(), name, properties, expires };
        let shown = insight.body(cluster);
        self.limits.insights.retain(|kept| !(kept.cluster.is(place) && kept.name == insight.name));
        self.limits.insights.push(insight);
        Ok(Reply::json(200, shown))
    }

    pub(in crate::simulator::world) fn list_insights(
        &self,
        call: &Call,
        place: &Place,
    ) -> Result<Reply, Refusal> {
        let cluster = self.look(place)?;
        let kept: Vec<&Insight> = self.insights_of(place).collect();
        Ok(self.list(call, &kept, |insight| insight.body(cluster)))
    }

    pub(in crate::simulator::world) fn get_insight(
        &self,
        place: &Place,
        name: &str,
    ) -> Result<Reply, Refusal> {
        let cluster = self.look(place)?;
        let found = self.insights_of(place).find(|insight| insight.name.eq_ignore_ascii_case(name));
        let found = found.ok_or_else(|| {
            let message = format!("Could not find the upgrade insight: {name}.");
            Refusal::provider(404, "NotFound", "GetUpgradeInsight_NotFound", message)
        })?;
        Ok(Reply::json(200, found.body(cluster)))
    }

    fn insights_of<'a>(&'a self, place: &'a Place) -> impl Iterator<Item = &'a Insight> {
        let kept = |insight: &&Insight| insight.cluster.is(place) && insight.expires > self.now;
        self.limits.insights.iter().filter(kept)
    }

    fn evaluate(&self, cluster: &Cluster, kind: &str, asked: &Object) -> Result<(String, Value), Refusal> {
        let (pool, target) = (text(asked, "agentPoolName"), text(asked, "targetKubernetesVersion"));
        let needs_target = kind != "NodeImage";
        if needs_target && target.parse::<Version>().is_err() {
            let message = "The value of parameter targetKubernetesVersion is invalid. Error details: a full version is required.";
            return Err(Refusal::invalid("targetKubernetesVersion", message));
        }
        let of_pool = || cluster.pool(pool).ok_or_else(|| Refusal::no_pool(&cluster.place, pool));
        let (name, mut shown) = match kind {
            "ControlPlane" => (format!("controlPlane-{target}"), self.control_plane_scope(cluster, target)),
            "AgentPool" => (format!("agentPool-{pool}-{target}"), self.pool_scope(cluster, of_pool()?)),
            "NodeImage" => {
                let pool = of_pool()?;
                let wanted = Some(text(asked, "targetNodeImageVersion")).filter(|image| !image.is_empty());
                let image = wanted.map_or_else(|| self.wanted_image(pool), str::to_owned);
                let number = image.rsplit('-').next().unwrap_or_default().to_owned();
                let mut shown = self.pool_scope(cluster, pool);
                if let Some(shown) = shown.as_object_mut() {
                    shown.retain(|key, _| !key.contains("ubernetesVersion"));
                }
                shown["currentNodeImageVersion"] = json!(text(pool, "nodeImageVersion"));
                shown["targetNodeImageVersion"] = json!(image);
                (format!("nodeImage-{}-{number}", text(pool, "name")), shown)
            }
            _ => {
                let pools: Vec<Value> =
                    cluster.pools.iter().map(|pool| self.pool_scope(cluster, pool)).collect();
                let shown =
                    json!({ "controlPlane": self.control_plane_scope(cluster, target), "agentPools": pools });
                (format!("controlPlaneAndAgentPools-{target}"), shown)
            }
        };
        shown["upgradeType"] = json!(kind);
        if needs_target {
            shown["targetKubernetesVersion"] = json!(target);
        }
        Ok((name, shown))
    }

    fn control_plane_scope(&self, cluster: &Cluster, target: &str) -> Value {
        let offered = self.cluster_offers(cluster).iter().any(|offer| offer.version.to_string() == target);
        let mut issues = vec![];
        if !offered && target.parse::<Version>().is_ok_and(|target| target > cluster.version()) {
            let message = format!("Kubernetes version {target} is not offered to this cluster.");
            issues.push(issue(
                "UnsupportedKubernetesVersion",
                message,
                vec![],
                "Choose a version that is offered",
            ));
        }
        self.scope(cluster.version(), issues)
    }

    fn pool_scope(&self, cluster: &Cluster, pool: &Object) -> Value {
        let name = text(pool, "name");
        let mut issues: Vec<Value> = vec![];
        let budgets = self.budgets_of(cluster, Some(name)).into_iter();
        for budget in budgets.filter(|_| !cluster.is_forced(self.now)) {
            let resource = json!({
                "kind": "Kubernetes", "resourceType": "PodDisruptionBudget", "namespace": budget.namespace, "name": budget.name,
            });
            let message = "A pod disruption budget allows no disruption: nodes cannot be drained.".to_owned();
            issues.push(issue("PDBConstraint", message, vec![resource], "Let the budget allow a disruption"));
        }
        // A lock has no kind of issue in this version of the API.
        let room = self.obstacle(cluster, pool).and_then(|obstacle| match obstacle.code {
            "SubnetIsFull" => {
                let subnet = arm("Microsoft.Network/virtualNetworks/subnets", text(pool, "vnetSubnetID"));
                Some(("SubnetIPExhausted", obstacle.message, subnet))
            }
            "QuotaExceeded" => {
                let subscription = &cluster.place.subscription;
                let location = cluster.location();
                let usages = format!(
                    "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/usages"
                );
                Some(("QuotaExceeded", obstacle.message, arm("Microsoft.Compute/locations/usages", &usages)))
            }
            _ => None,
        });
        if let Some((kind, message, resource)) = room {
            issues.push(issue(kind, message, vec![resource], "Make room for surge nodes"));
        }
        let mut shown = self.scope(pool_version(pool), issues);
        shown["agentPoolName"] = json!(name);
        shown
    }

    fn scope(&self, version: Version, issues: Vec<Value>) -> Value {
        let supported = self.catalogue.minors(self.now).contains(&version.minor);
        json!({
            "currentKubernetesVersion": version.to_string(),
            "kubernetesVersionSupportStatus": if supported { "InSupport" } else { "OutOfSupport" },
            "context": { "currentUpgradeStrategy": "Manual" },
            "evaluation": {
                "status": if issues.is_empty() { "Passed" } else { "Failed" },
                "evaluatedAt": self.now.to_string(),
                "detectedIssues": issues,
            },
        })
    }
}

impl Insight {
    fn body(&self, cluster: &Cluster) -> Value {
        json!({
            "id": format!("{}/upgradeInsights/{}", cluster.id("resourceGroups"), self.name),
            "name": self.name,
            "type": "Microsoft.ContainerService/managedClusters/upgradeInsights",
            "properties": self.properties,
        })
    }
}

/// The types of upgrade that an insight looks at.
const KINDS: [&str; 4] = ["ControlPlane", "AgentPool", "NodeImage", "ControlPlaneAndAgentPools"];

/// Returns the type that is asked for, by which the rest of the body is read; in any case, as every name and value.
fn kind_of(asked: &Object) -> Result<&'static str, Refusal> {
    let sent = asked.iter().find(|(key, _)| key.eq_ignore_ascii_case("upgradeType"));
    let sent = sent.and_then(|(_, value)| value.as_str()).unwrap_or_default();
    let found = KINDS.into_iter().find(|kind| kind.eq_ignore_ascii_case(sent));
    found.ok_or_else(|| {
        let message = format!("The value of parameter upgradeType is invalid. Error details: value {sent} is not allowed. Only ControlPlane, AgentPool, NodeImage and ControlPlaneAndAgentPools are allowed.");
        Refusal::invalid("upgradeType", message)
    })
}

fn arm(kind: &str, id: &str) -> Value {
    json!({ "kind": "Arm", "resourceType": kind, "resourceId": id })
}

fn issue(kind: &str, message: String, resources: Vec<Value>, title: &str) -> Value {
    json!({
        "issueType": kind, "severity": "Blocking", "message": message, "impactedResources": resources,
        "recommendedActions": [{ "title": title, "details": title, "documentationLink": GUIDE }],
    })
}
