//! `rollout`: in which order the steps run, and how.

use jiff::SignedDuration;

use crate::terraform::reader::Reader;
use crate::terraform::schema::{Attribute, Block, Type};
use crate::upgrade::duration;
use crate::upgrade::policy::{PoolHops, Rollout};

/// Returns the schema of `rollout` where Kubernetes versions are kept.
#[must_use]
pub fn rollout_block() -> Block {
    let mut block = image_rollout_block();
    block.attributes.extend([
        Attribute::optional("control_plane_only", Type::Bool, "Whether to leave every pool alone."),
        Attribute::optional(
            "whole_cluster",
            Type::Bool,
            "Accepts that Azure moves control plane and every pool at once where it does nothing else: out of an unsupported version, and while an auto-upgrade channel of AKS is on. `pool_order`, `soak` and `exclude_pools` cannot be kept then. Default false: such an upgrade is blocked where one of them is set (`whole_cluster_only`), and always while a channel is on.",
        ),
        Attribute::optional(
            "pool_hops",
            Type::String,
            "`each` (default): on a path over several minors every pool follows through each one. `fewest`: pools jump as far as Azure allows.",
        ),
    ]);
    block
}

/// Returns the schema of `rollout` where node images are kept: what is about versions is not in it.
#[must_use]
pub fn image_rollout_block() -> Block {
    let texts = || Type::List(Box::new(Type::String));
    let attributes = vec![
        Attribute::optional(
            "pool_order",
            Type::List(Box::new(texts())),
            "Groups of pools in the order to upgrade them, such as `[[\"system\"], [\"user-a\", \"user-b\"]]`; `system` and `user` mean every pool of that mode. Pools not named come last. Default: system before user, alphabetical.",
        ),
        Attribute::optional("exclude_pools", texts(), "Pools that are left alone."),
        Attribute::optional(
            "include_snapshot_pools",
            texts(),
            "Pools that were made from a node pool snapshot and may leave it. Others stay on their snapshot.",
        ),
        Attribute::optional("soak", Type::String, "Waited between pools, such as `30m`."),
        Attribute::optional(
            "max_surge",
            Type::String,
            "Nodes added at a time, such as `33%` or `5`. Written to the pool with its step, once, and it stays. Spot pools take none, and pools with `maxUnavailable` or blue-green settings keep their own way. Left out: the pool's own setting, so leave it out when azurerm manages it.",
        ),
        Attribute::optional(
            "drain_timeout",
            Type::String,
            "How long one node may take to drain, from `5m` to `24h`. Written to the pool with its step, and it stays.",
        ),
    ];
    Block::single("rollout", attributes, "In which order the steps run, and how.")
}

/// Reads `rollout`, by default the usual order; everything wrong is reported at its attribute.
#[must_use]
pub fn rollout(config: &Reader<'_>) -> Rollout {
    let Some(object) = config.object("rollout") else { return Rollout::default() };
    Rollout {
        pool_order: object.text_groups("pool_order"),
        exclude_pools: object.texts("exclude_pools").unwrap_or_default().into_iter().collect(),
        control_plane_only: object.flag("control_plane_only").unwrap_or(false),
        whole_cluster: object.flag("whole_cluster").unwrap_or(false),
        include_snapshot_pools: object
            .texts("include_snapshot_pools")
            .unwrap_or_default()
            .into_iter()
            .collect(),
        pool_hops: object.parse("pool_hops", "Invalid pool hops", pool_hops).unwrap_or_default(),
        soak: object.parse("soak", "Invalid duration", duration::parse).unwrap_or_default(),
        max_surge: object.parse("max_surge", "Invalid surge", max_surge),
        drain_timeout: object.parse("drain_timeout", "Invalid drain timeout", drain_timeout),
    }
}

fn pool_hops(text: &str) -> Result<PoolHops, String> {
    match text {
        "each" => Ok(PoolHops::Each),
        "fewest" => Ok(PoolHops::Fewest),
        _ => Err(format!("{text:?} is not a way for pools to hop. It has to be \"each\" or \"fewest\".")),
    }
}

fn max_surge(text: &str) -> Result<String, String> {
    let (digits, most) = match text.strip_suffix('%') {
        Some(percent) => (percent, 100),
        None => (text, 1000),
    };
    match digits.parse::<u16>() {
        Ok(number) if (1..=most).contains(&number) && digits == number.to_string() => Ok(text.to_owned()),
        _ => Err(format!(
            "{text:?} is not a surge. It has to be a share such as \"33%\" or a number of nodes such as \"5\"."
        )),
    }
}

/// Azure takes whole minutes from 5 to 1440 (AKS changelog of 2024-08-05).
fn drain_timeout(text: &str) -> Result<SignedDuration, String> {
    let timeout = duration::parse(text).map_err(|error| error.to_string())?;
    let minutes = timeout.as_secs() / 60;
    if (5..=1440).contains(&minutes) && timeout.as_secs() % 60 == 0 {
        return Ok(timeout);
    }
    Err(format!("{text:?} is not a drain timeout. It has to be whole minutes from \"5m\" to \"24h\"."))
}
