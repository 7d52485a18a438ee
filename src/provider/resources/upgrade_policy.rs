//! `aks_upgrade_policy`: the Kubernetes version of a cluster, minor and patch.

use std::collections::BTreeSet;

use crate::provider::arguments::node_image::{node_image, node_image_block};
use crate::provider::arguments::rollout::rollout_block;
use crate::provider::arguments::{leading_attributes, shared_attributes, shared_blocks};
use crate::provider::assessment::Assessment;
use crate::provider::observation::observe::OfferKind;
use crate::provider::resources::cluster_resource::ClusterResource;
use crate::provider::resources::computed::{computed_attributes, computed_values, shown};
use crate::terraform::reader::Reader;
use crate::terraform::schema::{Attribute, Kind, Nesting, Schema, Type};
use crate::terraform::value::Value;
use crate::upgrade::aks_channel::AksChannel;
use crate::upgrade::cluster::{Cluster, Mode, Pool};
use crate::upgrade::policy::{Channel, Goal, Target};
use crate::upgrade::version::Version;

/// The resource type.
#[derive(Debug)]
pub struct UpgradePolicy;

impl ClusterResource for UpgradePolicy {
    const TYPE: &'static str = "aks_upgrade_policy";
    const MOVES_FROM: &'static [&'static str] = &["aks_node_image"];
    const OFFERS: OfferKind = OfferKind::Versions;
    const POOLS: &'static str = "node_pools";
    const OWN_WINDOWS: [&'static str; 2] = AksChannel::CONFIGURATIONS;

    fn schema() -> Schema {
        let mut attributes = leading_attributes();
        attributes.extend(own_attributes());
        attributes.extend(shared_attributes());
        attributes.extend(computed_attributes());
        attributes.extend(own_computed());
        let description = "Keeps the Kubernetes version of an AKS cluster where it should be: plans the hops, control plane first, and applies them inside maintenance windows. With a block `node_image` it keeps the node images, too. It never downgrades. Destroying it changes nothing in Azure.";
        let mut blocks = vec![node_image_block()];
        blocks.extend(shared_blocks(rollout_block()));
        Schema::new(2, description, attributes).with_blocks(blocks)
    }

    fn goal(config: &Reader<'_>) -> Option<Goal> {
        check_target(config);
        let images = node_image(config);
        let version = config.parse("kubernetes_version", "Invalid Kubernetes version", str::parse::<Target>);
        let channel = config.parse("channel", "Invalid channel", str::parse::<Channel>);
        let exclude =
            config.parse_each("exclude_versions", "Invalid Kubernetes version", str::parse::<Version>);
        let allow_preview = config.flag("allow_preview").unwrap_or(false);
        let exclude: BTreeSet<Version> = exclude.unwrap_or_default().into_iter().collect();
        let target = version.or(channel.map(Target::Channel))?;
        Some(Goal::Kubernetes { target, exclude, allow_preview, images })
    }

    /// The lowest version that runs: a pool that is behind would be a step.
    fn generated(cluster: &Cluster) -> Vec<(&'static str, Value)> {
        let pools = cluster.pools.iter().filter(|pool| !pool.machines).map(|pool| &pool.version);
        let lowest = pools.chain([&cluster.version]).min();
        vec![("kubernetes_version", lowest.map(ToString::to_string).into())]
    }

    fn computed(assessment: &Assessment) -> Vec<(&'static str, Value)> {
        let mut values = computed_values(assessment);
        let target = assessment.plan.target.as_ref().map(ToString::to_string);
        let pools = assessment.cluster.pools.iter().map(|pool| (pool.name.clone(), node_pool(pool)));
        values.push(("current_version", assessment.cluster.version.to_string().into()));
        values.push(("target_version", target.into()));
        values.push(("node_pools", Value::object(pools)));
        values
    }
}

fn own_attributes() -> Vec<Attribute> {
    vec![
        Attribute::optional(
            "kubernetes_version",
            Type::String,
            "At least this version: `1.34` means the newest offered patch of 1.34, `1.34.2` at least that patch. A cluster above it is satisfied. Exactly one of `kubernetes_version` and `channel` is required.",
        ),
        Attribute::optional(
            "channel",
            Type::String,
            "A moving target: `patch` (newest patch of the running minor), `stable` (newest patch of the newest generally available minor less one), `rapid` (newest patch of the newest one).",
        ),
        Attribute::optional(
            "exclude_versions",
            Type::List(Box::new(Type::String)),
            "Versions that are never used, neither as target nor on the way.",
        ),
        Attribute::optional(
            "allow_preview",
            Type::Bool,
            "Whether preview versions are candidates. Default false.",
        ),
    ]
}

fn own_computed() -> Vec<Attribute> {
    let text = |name, description| Attribute::computed(name, Type::String, description);
    let pool = vec![
        text("mode", "`System` or `User`."),
        text("os_sku", "Such as `Ubuntu` or `AzureLinux`."),
        text("current_version", "The Kubernetes version that runs."),
        text("node_image_version", "The node image that runs."),
    ];
    vec![
        text("current_version", "The Kubernetes version that the control plane runs."),
        text("target_version", "The version that the policy resolves to; null when there is none."),
        Attribute::computed("node_pools", Kind::Nested(Nesting::Map, pool), "The node pools, by name."),
    ]
}

fn check_target(config: &Reader<'_>) {
    const SUMMARY: &str = "One target is needed";
    let example = "Write kubernetes_version = \"1.34\" or channel = \"stable\".";
    match (config.is_set("kubernetes_version"), config.is_set("channel")) {
        (true, true) if !config.is_unknown("kubernetes_version") && !config.is_unknown("channel") => {
            let detail = format!(
                "Both kubernetes_version and channel are set, and only one can be the target. {example}"
            );
            config.reject("channel", SUMMARY, detail);
        }
        (false, false) => {
            let detail = format!("Neither kubernetes_version nor channel is set. {example}");
            config.reject("kubernetes_version", SUMMARY, detail);
        }
        _ => {}
    }
}

fn node_pool(pool: &Pool) -> Value {
    Value::object([
        ("mode", mode(pool.mode).into()),
        ("os_sku", shown(&pool.os_sku)),
        (
            "current_version",
            Some(&pool.version).filter(|_| pool.version_shown).map(ToString::to_string).into(),
        ),
        ("node_image_version", shown(pool.image.as_str())),
    ])
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::System => "System",
        Mode::User => "User",
    }
}
