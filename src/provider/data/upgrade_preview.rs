//! `aks_upgrade_preview`: what a policy leads to, and when, at any instant.

use std::sync::Arc;

use async_trait::async_trait;

use crate::provider::arguments::ahead::{Ahead, ahead, ahead_attributes};
use crate::provider::azure::Azure;
use crate::provider::outlook::{Outlook, attributes};
use crate::provider::resources::cluster_resource::ClusterResource;
use crate::provider::resources::upgrade_policy::UpgradePolicy;
use crate::provider::resources::upgrader::Upgrader;
use crate::provider::words::warnings;
use crate::terraform::data_source::{DataSource, DataSourceResponse};
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::reader::{Findings, Reader};
use crate::terraform::schema::{Attribute, Block, Presence, Schema, Type};
use crate::terraform::value::Value;

/// Arguments of the policy that have no effect on what is to come.
const IDLE: [&str; 1] = ["outside_window"];

/// The data source.
pub struct UpgradePreview {
    policy: Upgrader<UpgradePolicy>,
}

impl UpgradePreview {
    /// Creates it on a connection that may be configured later.
    pub fn new(azure: Arc<Azure>) -> Self {
        UpgradePreview { policy: Upgrader::new(azure) }
    }
}

#[async_trait]
impl DataSource for UpgradePreview {
    fn type_name(&self) -> &'static str {
        "aks_upgrade_preview"
    }

    fn schema(&self) -> Schema {
        let policy = UpgradePolicy::schema();
        let is_written = |one: &Attribute| one.presence != Presence::Computed;
        let arguments = policy.attributes.into_iter().filter(is_written);
        let mut arguments: Vec<Attribute> =
            arguments.filter(|one| !IDLE.contains(&one.name.as_str())).map(argument).collect();
        arguments.extend(ahead_attributes());
        arguments.extend(attributes::attributes());
        let blocks = policy.blocks.into_iter().map(block).collect();
        let description = "Tells what an `aks_upgrade_policy` with these arguments leads to, and when: every step laid over the openings of its windows, what stands in the way, the same in Markdown for a pull request and as iCalendar. It reads Azure and changes nothing. It is the computation of the resource, at any instant. It remembers nothing from one run to the next, so under `min_age` a Kubernetes version counts as seen for the first time now.";
        Schema::new(0, description, arguments).with_blocks(blocks)
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        let mut found = Upgrader::<UpgradePolicy>::checked(config).1;
        found.extend(read_ahead(config).1);
        found
    }

    async fn read(&self, config: Value) -> DataSourceResponse {
        let (Some(arguments), _) = Upgrader::<UpgradePolicy>::checked(&config) else {
            return DataSourceResponse::failed(not_whole());
        };
        match Outlook::of(&self.policy, &arguments, read_ahead(&config).0).await {
            Ok(outlook) => {
                let mut state = config;
                attributes::values(&outlook).into_iter().for_each(|(name, value)| state.set(name, value));
                let azure = &self.policy.azure;
                let skew = azure.client().ok().and_then(|client| azure.clock_skew(&client));
                let diagnostics = warnings::of_clock(skew).into_iter().collect();
                DataSourceResponse { state: Some(state), diagnostics }
            }
            Err(error) => DataSourceResponse::failed(error),
        }
    }
}

/// Returns an argument of the policy as it is here, where nothing is replaced.
fn argument(of_policy: Attribute) -> Attribute {
    if of_policy.name == "cluster_id" {
        let description = "The ARM id of the cluster, such as `azurerm_kubernetes_cluster.prod.id`.";
        return Attribute::required("cluster_id", Type::String, description);
    }
    of_policy
}

/// Returns a block of the policy as it is here, where only reads take time.
fn block(of_policy: Block) -> Block {
    if of_policy.name == "timeouts" {
        let read = Attribute::optional("read", Type::String, "Default `5m`.");
        return Block::single("timeouts", vec![read], "How long the read may take.");
    }
    of_policy
}

fn read_ahead(config: &Value) -> (Ahead, Vec<Diagnostic>) {
    let findings = Findings::default();
    let ahead = ahead(&Reader::new(config, &findings));
    (ahead, findings.into_diagnostics())
}

/// Says that arguments cannot be used which Terraform has validated and knows: it never happens.
fn not_whole() -> Diagnostic {
    let detail = "The arguments of aks_upgrade_preview were not whole when they were read. This is a bug in the provider.";
    Diagnostic::error("The provider has a bug", detail)
}
