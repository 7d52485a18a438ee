//! How long a write takes at least, with everything that it goes on with: computed from Azure's own bodies.
//!
//! A control plane ten minutes; a pool three, and four for each batch of its nodes (two of them for the drain, which
//! Spot has not). What a soak or a stuck drain adds is left out: the law is a lower bound.

use serde_json::Value as Json;

use super::azure::Exchange;
use super::laws::{is_unfinished, is_whole, part, pools};

const CONTROL_PLANE: u64 = 10;

/// Returns the minutes of the work that a write starts or goes on with.
pub fn estimated(write: &Exchange) -> u64 {
    let properties = &write.before["properties"];
    let sent = &write.sent["properties"];
    let upgradable = |pool: &&Json| pool["mode"] != "Machines" && pool["powerState"]["code"] != "Stopped";
    let resumed = || pools(properties).filter(upgradable).filter(|pool| is_unfinished(pool));
    match write.pool() {
        Some(_) if write.method == "POST" => of_pool(part(write), &part(write)["upgradeSettings"]),
        Some(_) => of_pool(part(write), &sent["upgradeSettings"]),
        None if is_whole(write) => {
            let all = pools(properties).zip(pools(sent)).filter(|(pool, _)| upgradable(pool));
            CONTROL_PLANE + all.map(|(pool, sent)| of_pool(pool, &sent["upgradeSettings"])).sum::<u64>()
        }
        None => {
            let own = write.channel().is_none() || is_unfinished(properties);
            let all = resumed().map(|pool| of_pool(pool, &pool["upgradeSettings"]));
            u64::from(own) * CONTROL_PLANE + all.sum::<u64>()
        }
    }
}

fn of_pool(pool: &Json, settings: &Json) -> u64 {
    let count = pool["count"].as_u64().unwrap_or(1);
    let spot = pool["scaleSetPriority"] == "Spot";
    if pool["upgradeStrategy"] == "BlueGreen" {
        return 5;
    }
    let surge = share(settings["maxSurge"].as_str().unwrap_or("10%"), count);
    let missing = || share(settings["maxUnavailable"].as_str().unwrap_or("0"), count).max(1);
    let at_a_time = match surge {
        _ if spot => 1,
        0 => missing(),
        surge => surge,
    };
    3 + count.div_ceil(at_a_time) * if spot { 2 } else { 4 }
}

fn share(nodes: &str, count: u64) -> u64 {
    match nodes.strip_suffix('%') {
        Some(percent) => (count * percent.parse::<u64>().unwrap()).div_ceil(100),
        None => nodes.parse().unwrap(),
    }
    .min(count)
}
