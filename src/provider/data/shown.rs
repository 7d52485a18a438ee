//! Clusters and pools as values.

use crate::provider::resources::computed::shown;
use crate::terraform::schema::{Attribute, Kind, Nesting, Type};
use crate::terraform::value::Value;
use crate::upgrade::cluster::{Cluster, Mode, Pool, Power, State};

/// Creates the schema of a text that is only read.
pub(super) fn text(name: &str, description: &str) -> Attribute {
    Attribute::computed(name, Type::String, description)
}

/// Creates the schema of a flag that is only read.
pub(super) fn flag(name: &str, description: &str) -> Attribute {
    Attribute::computed(name, Type::Bool, description)
}

/// Creates the schema of a list of texts that is only read.
pub(super) fn texts(name: &str, description: &str) -> Attribute {
    Attribute::computed(name, Type::List(Box::new(Type::String)), description)
}

/// Returns the schema of what one GET or list says of a cluster, its id aside; pools may show more.
pub(super) fn cluster_attributes(more_of_pools: Vec<Attribute>) -> Vec<Attribute> {
    let mut pool = vec![
        text("mode", "`System` or `User`."),
        text("os_sku", "Such as `Ubuntu` or `AzureLinux`."),
        Attribute::computed("count", Type::Number, "The number of nodes."),
        text(
            "current_version",
            "The Kubernetes version that runs; null for a pool of machines, which shows none.",
        ),
        text("node_image_version", "The node image that runs."),
        text("provisioning_state", "Azure's word: `Succeeded`, `Failed`, `Canceled`, or what is being done."),
        text("power_state", "`Running` or `Stopped`."),
    ];
    pool.extend(more_of_pools);
    vec![
        text("name", "The name."),
        text("location", "The region, such as `westeurope`."),
        text("current_version", "The Kubernetes version that the control plane runs."),
        text("provisioning_state", "Azure's word: `Succeeded`, `Failed`, `Canceled`, or what is being done."),
        text("power_state", "`Running` or `Stopped`."),
        text(
            "operation",
            "Azure's word for what runs on the cluster or one of its pools, such as `Upgrading`; null when all is at rest.",
        ),
        text("support_plan", "`KubernetesOfficial` or `AKSLongTermSupport`."),
        text(
            "auto_upgrade_channel",
            "The channel on which AKS upgrades the cluster by itself; null when it is off.",
        ),
        text(
            "node_os_channel",
            "The channel on which AKS replaces node images by itself; null when it is off.",
        ),
        Attribute::computed("node_pools", Kind::Nested(Nesting::Map, pool), "The node pools, by name."),
    ]
}

/// Renders what one GET or list says of a cluster, its id aside.
pub(super) fn cluster(
    cluster: &Cluster,
    more_of_pool: impl Fn(&Pool) -> Vec<(&'static str, Value)>,
) -> Vec<(&'static str, Value)> {
    let pools = cluster.pools.iter().map(|one| {
        let values = pool(one).into_iter().chain(more_of_pool(one));
        (one.name.clone(), Value::object(values))
    });
    let plan = if cluster.lts { "AKSLongTermSupport" } else { "KubernetesOfficial" };
    vec![
        ("name", cluster.name.as_str().into()),
        ("location", shown(&cluster.location)),
        ("current_version", cluster.version.to_string().into()),
        ("provisioning_state", state(&cluster.state).into()),
        ("power_state", power(cluster.power).into()),
        ("operation", cluster.operation().into()),
        ("support_plan", plan.into()),
        ("auto_upgrade_channel", cluster.auto_upgrade_channel.clone().into()),
        ("node_os_channel", cluster.node_os_channel.clone().into()),
        ("node_pools", Value::object(pools)),
    ]
}

fn pool(pool: &Pool) -> Vec<(&'static str, Value)> {
    let mode = match pool.mode {
        Mode::System => "System",
        Mode::User => "User",
    };
    vec![
        ("mode", mode.into()),
        ("os_sku", shown(&pool.os_sku)),
        ("count", i64::from(pool.count).into()),
        ("current_version", Some(&pool.version).filter(|_| !pool.machines).map(ToString::to_string).into()),
        ("node_image_version", shown(pool.image.as_str())),
        ("provisioning_state", state(&pool.state).into()),
        ("power_state", power(pool.power).into()),
    ]
}

/// Returns Azure's word for a provisioning state.
pub(super) fn state(state: &State) -> &str {
    match state {
        State::Succeeded => "Succeeded",
        State::Busy(word) => word,
        failed => failed.failure().unwrap_or_default(),
    }
}

fn power(power: Power) -> &'static str {
    match power {
        Power::Running => "Running",
        Power::Stopped => "Stopped",
    }
}
