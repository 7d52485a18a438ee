//! A policy in flags: the names of the arguments of `aks_upgrade_policy`.

use anyhow::anyhow;

use crate::arm::id::ClusterId;
use crate::cli::exit::Usage;
use crate::cli::forecast::wish::{Wish, object};
use crate::cli::written::{WindowFlags, Written};
use crate::provider::Aks;
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::provider::Provider;
use crate::terraform::schema::{Block, Schema};
use crate::terraform::strict;
use crate::terraform::value::Value;

const POLICY: &str = "aks_upgrade_policy";

/// What is wanted of the clusters, and when; without a window always.
#[derive(Clone, Debug, clap::Args)]
pub struct PolicyFlags {
    /// At least this version: a minor such as 1.35, or a full version
    #[arg(long, value_name = "VERSION", conflicts_with = "channel")]
    pub kubernetes_version: Option<String>,
    /// A moving target: patch, stable or rapid [default: patch]
    #[arg(long, value_name = "NAME")]
    pub channel: Option<String>,
    /// Keep the node images, too
    #[arg(long)]
    pub node_image: bool,
    #[command(flatten)]
    pub when: WindowFlags,
}

impl PolicyFlags {
    /// Returns what is wanted of a cluster.
    ///
    /// # Errors
    ///
    /// What the policy refuses ([`Usage`]), such as `--channel fast`.
    pub fn wish(&self, id: ClusterId, provider: &Aks) -> anyhow::Result<Wish> {
        let resources = provider.resources();
        let policy = resources.iter().find(|resource| resource.type_name() == POLICY);
        let schema = policy.map(|policy| policy.schema()).ok_or_else(|| anyhow!("there is no {POLICY}"))?;
        let channel = match (&self.kubernetes_version, &self.channel) {
            (None, None) => Some("patch".to_owned()),
            (_, channel) => channel.clone(),
        };
        let images = if self.node_image { Value::object::<String>([]) } else { Value::Null };
        let WindowFlags { maintenance_window, blackout } = &self.when;
        let config = object(
            &schema,
            [
                ("cluster_id", id.to_string().into()),
                ("kubernetes_version", self.kubernetes_version.clone().into()),
                ("channel", channel.into()),
                ("node_image", blocks(&schema, "node_image", images)?),
                ("always_open", maintenance_window.is_empty().then_some(true).into()),
                ("maintenance_window", blocks(&schema, "maintenance_window", values(maintenance_window))?),
                ("blackout", blocks(&schema, "blackout", values(blackout))?),
            ],
        );
        if let Some(wrong) =
            policy.and_then(|policy| policy.validate(&config).into_iter().find(Diagnostic::is_error))
        {
            return Err(Usage(format!("{}: {}", wrong.summary, wrong.located())).into());
        }
        let (name, cluster) = (id.name().to_owned(), id.to_string());
        Ok(Wish { name, cluster, resource: POLICY, config: Ok(config) })
    }
}

fn values<T>(written: &[Written<T>]) -> Value {
    Value::List(written.iter().map(|one| one.value.clone()).collect())
}

/// Returns blocks as Terraform would hand them over.
fn blocks(schema: &Schema, name: &str, given: Value) -> anyhow::Result<Value> {
    let is_named = |block: &&Block| block.name == name;
    let block = schema.blocks.iter().find(is_named).ok_or_else(|| anyhow!("there is no block {name}"))?;
    strict::blocks(block, &given).map_err(|found| {
        let said: Vec<String> = found.iter().map(Diagnostic::located).collect();
        anyhow!("{}", said.join(" "))
    })
}
