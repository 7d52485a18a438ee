//! In which order pools are upgraded, and which are left alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::upgrade::block::Block;
use crate::upgrade::cluster::{Cluster, Mode, Pool};
use crate::upgrade::policy::Rollout;
use crate::upgrade::window::Windows;

/// Returns the pools in order: as `pool_order` says, then system before user, then by name.
pub(super) fn ordered<'a>(cluster: &'a Cluster, rollout: &Rollout) -> Vec<&'a Pool> {
    sorted(cluster, rollout, |_| ())
}

/// Returns the pools in order: as `pool_order` says, then those that failed last, then by the date of the running image,
/// then as [`ordered`].
///
/// Images come more often than a short window can hold them all; in any fixed order the last pools would never get
/// one. An image without a date is of any age, and goes first. A pool whose upgrade fails again and again would keep all
/// others behind it.
pub(super) fn oldest_first<'a>(cluster: &'a Cluster, rollout: &Rollout) -> Vec<&'a Pool> {
    sorted(cluster, rollout, |pool| (pool.state.is_failed(), pool.image.published()))
}

fn sorted<'a, T: Ord>(cluster: &'a Cluster, rollout: &Rollout, first: impl Fn(&Pool) -> T) -> Vec<&'a Pool> {
    let mut places: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (group, names) in rollout.pool_order.iter().enumerate() {
        for (place, name) in names.iter().enumerate() {
            places.entry(name).or_insert((group, place));
        }
    }
    let place = |pool: &Pool| {
        let by_name = places.get(pool.name.as_str());
        by_name.or_else(|| places.get(word(pool.mode))).copied().unwrap_or((usize::MAX, 0))
    };
    let mut pools: Vec<&Pool> = cluster.pools.iter().collect();
    pools.sort_by_cached_key(|pool| (place(pool), first(pool), pool.mode, pool.name.as_str()));
    pools
}

/// Tells whether the user wants the pool left alone.
pub(super) fn is_left_alone(pool: &Pool, rollout: &Rollout) -> bool {
    rollout.control_plane_only || rollout.exclude_pools.contains(&pool.name)
}

/// Says why a pool cannot be upgraded; nothing of a snapshot that the user lets it leave.
pub(super) fn hindrance(pool: &Pool, rollout: &Rollout) -> Option<Block> {
    let leaves = rollout.include_snapshot_pools.contains(&pool.name);
    Block::hindrance(&Pool { snapshot: pool.snapshot && !leaves, ..pool.clone() })
}

/// Returns the names in rules that no pool has ([`Block::PoolGone`]): a mistyped `exclude_pools` excludes nothing, and a
/// mistyped blackout keeps nothing away.
#[must_use]
pub fn nameless(cluster: &Cluster, rollout: &Rollout, windows: &Windows) -> Vec<Block> {
    let ordered = rollout.pool_order.iter().flatten();
    let ordered = ordered.filter(|name| ![word(Mode::System), word(Mode::User)].contains(&name.as_str()));
    let open = windows.windows.iter().map(|window| &window.spec().scope);
    let shut = windows.blackouts.iter().map(|blackout| &blackout.spec().scope);
    let scoped = open.chain(shut).flat_map(|scope| &scope.node_pools);
    let rolled = ordered.chain(&rollout.exclude_pools).chain(&rollout.include_snapshot_pools);
    let names: BTreeSet<&String> = rolled.chain(scoped).collect();
    let missing = names.into_iter().filter(|name| cluster.pool(name).is_none());
    missing.map(|name| Block::PoolGone { pool: name.clone() }).collect()
}

/// The word by which `pool_order` names all pools of a mode.
fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::System => "system",
        Mode::User => "user",
    }
}
