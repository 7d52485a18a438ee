//! A look at clusters as JSON; `docs/guides/command-line.md` promises its shape.

use serde_json::{Value, json};

use crate::arm::operation::Nodes;
use crate::cli::status::estate::Estate;
use crate::cli::status::glimpse::Glimpse;
use crate::upgrade::cluster::{Mode, Pool, Power, State};

/// Returns the look as one object.
#[must_use]
pub fn document(estate: &Estate) -> Value {
    let unread = estate.unread.iter().map(|(id, why)| {
        json!({ "id": id.to_string(), "name": id.name(), "resource_group": id.resource_group(), "error": why })
    });
    let clusters: Vec<Value> = estate.clusters.iter().map(cluster).chain(unread).collect();
    json!({ "at": estate.at.to_string(), "clusters": clusters })
}

fn cluster(glimpse: &Glimpse) -> Value {
    let cluster = &glimpse.cluster;
    let pools = cluster.pools.iter().map(|pool| self::pool(glimpse, pool)).collect::<Vec<_>>();
    let (state, detail) = state(&cluster.state, cluster.power);
    json!({
        "id": glimpse.id.to_string(),
        "name": cluster.name,
        "resource_group": glimpse.id.resource_group(),
        "location": cluster.location,
        "kubernetes_version": cluster.version.to_string(),
        "state": state,
        "detail": detail,
        "node_pools": pools,
        "error": null,
    })
}

fn pool(glimpse: &Glimpse, pool: &Pool) -> Value {
    let (state, detail) = state(&pool.state, pool.power);
    let done = glimpse.nodes.get(&pool.name).map(|Nodes { done, of }| json!({ "done": done, "of": of }));
    json!({
        "name": pool.name,
        "mode": match pool.mode { Mode::System => "System", Mode::User => "User" },
        "kubernetes_version": pool.version.to_string(),
        "behind": glimpse.is_behind(pool),
        "node_image_version": pool.image.to_string(),
        "node_count": pool.count,
        "state": state,
        "detail": detail,
        "nodes_done": done,
    })
}

/// Returns one of five words, and Azure's own where there are some.
fn state(state: &State, power: Power) -> (&'static str, Option<&str>) {
    match (state, power) {
        (State::Failed(why), _) => ("failed", why.as_deref()),
        (State::Canceled(why), _) => ("canceled", why.as_deref()),
        (State::Busy(word), _) => ("busy", Some(word)),
        (State::Succeeded, Power::Stopped) => ("stopped", None),
        (State::Succeeded, Power::Running) => ("idle", None),
    }
}
