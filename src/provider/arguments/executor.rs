//! `executor`, and what goes with it and what does not.

use crate::provider::arguments::refusals::{Place, inexpressible};
use crate::terraform::reader::Reader;
use crate::terraform::schema::{Attribute, Type};
use crate::upgrade::aks_channel::AksChannel;
use crate::upgrade::policy::{AutoUpgrade, Channel, Executor, Goal, Target};
use crate::upgrade::window::Windows;
use crate::upgrade::window::translate::check;

const INEXPRESSIBLE: &str = "AKS cannot express this";

/// What only our own executor knows. `cutoff` is refused with the windows.
const OURS: [&str; 4] = ["min_age", "outside_window", "rollout", "override"];
const OURS_OF_VERSIONS: [&str; 2] = ["exclude_versions", "allow_preview"];
/// Of a policy `node_pools` is computed, so it is not looked at there.
const OURS_OF_IMAGES: [&str; 2] = ["node_pools", "max_age"];
const OURS_OF_THE_BLOCK: [&str; 3] = ["node_pools", "max_age", "min_age"];

/// Returns the schema of `executor`.
#[must_use]
pub fn executor_attribute() -> Attribute {
    Attribute::optional(
        "executor",
        Type::String,
        "Who upgrades. `terraform` (default): an apply of this provider, step by step. `aks`: Azure by itself; the provider keeps AKS's channel and the maintenance configuration, translated from the one window, as they are written here. AKS knows no daylight saving time, so a change of the clocks leads to a planned update. With `aks` neither rollout, override, ages nor `outside_window` can be set, and destroying the resource leaves channel and maintenance configuration as they are.",
    )
}

/// Reads `executor` and reports what does not go with it.
#[must_use]
pub fn executor(config: &Reader<'_>, goal: Option<&Goal>, windows: &Windows) -> Executor {
    let aks = config.parse("executor", "Invalid executor", is_aks).unwrap_or(false);
    let block = config.object("node_image");
    if !aks {
        let images = if matches!(goal, Some(Goal::NodeImage(_))) { Some(config) } else { block.as_ref() };
        images.filter(|_| !config.is_unknown("executor")).into_iter().for_each(refuse_channel_of_images);
        return Executor::Terraform;
    }
    let channel = channel(config, goal, windows);
    let images = block.as_ref().and_then(|block| {
        refuse(block, &OURS_OF_THE_BLOCK);
        images(block).map(AksChannel::Images)
    });
    // Without a channel something was reported, and the arguments are not used.
    let channels: Vec<AksChannel> = channel.into_iter().chain(images).collect();
    if channels.is_empty() {
        return Executor::Terraform;
    }
    Executor::Aks(AutoUpgrade { channels, windows: windows.clone() })
}

/// Reports what only our own executor knows.
fn refuse(object: &Reader<'_>, names: &[&'static str]) {
    for name in names.iter().filter(|name| object.is_set(name)) {
        let detail = format!(
            "With executor = \"aks\" Azure upgrades by itself and knows no {name}. Remove {name}, or use executor = \"terraform\"."
        );
        object.reject(name, INEXPRESSIBLE, detail);
    }
}

/// Returns the channel that a goal comes to.
fn channel(config: &Reader<'_>, goal: Option<&Goal>, windows: &Windows) -> Option<AksChannel> {
    refuse(
        config,
        if matches!(goal, Some(Goal::NodeImage(_))) { &OURS_OF_IMAGES } else { &OURS_OF_VERSIONS },
    );
    refuse(config, &OURS);
    refuse_windows(config, windows);
    match goal? {
        Goal::Kubernetes { target: Target::Channel(channel), .. } => {
            Some(AksChannel::Versions(versions(*channel)))
        }
        Goal::Kubernetes { .. } => {
            let detail = "With executor = \"aks\" Azure chooses the version. Write a channel instead of kubernetes_version, for example channel = \"stable\", or use executor = \"terraform\".";
            config.reject("kubernetes_version", INEXPRESSIBLE, detail);
            None
        }
        Goal::NodeImage(_) => images(config).map(AksChannel::Images),
    }
}

fn is_aks(text: &str) -> Result<bool, String> {
    match text {
        "terraform" => Ok(false),
        "aks" => Ok(true),
        _ => Err(format!("{text:?} is not an executor. It has to be \"terraform\" or \"aks\".")),
    }
}

fn versions(channel: Channel) -> &'static str {
    match channel {
        Channel::Patch => "patch",
        Channel::Stable => "stable",
        Channel::Rapid => "rapid",
    }
}

fn images(config: &Reader<'_>) -> Option<&'static str> {
    if !config.is_set("channel") {
        let detail = "With executor = \"aks\" a channel says which images Azure installs. Write channel = \"NodeImage\" or channel = \"SecurityPatch\".";
        config.reject("channel", "A channel is needed", detail);
    }
    config.parse("channel", "Invalid channel", |text| {
        ["NodeImage", "SecurityPatch"].into_iter().find(|known| *known == text).ok_or_else(|| {
            format!(
                "{text:?} is not a channel of node images. It has to be \"NodeImage\" or \"SecurityPatch\"."
            )
        })
    })
}

fn refuse_channel_of_images(config: &Reader<'_>) {
    if config.is_set("channel") {
        let detail = "A channel is one of AKS's own, and this provider does the upgrades itself. Remove channel, or write executor = \"aks\".";
        config.reject("channel", "A channel without AKS as executor", detail);
    }
}

/// Reports what AKS cannot express, at its attribute; windows that are wrong or unknown have been reported or will
/// be.
fn refuse_windows(config: &Reader<'_>, windows: &Windows) {
    let (listed, denied) = (config.objects("maintenance_window"), config.objects("blackout"));
    let complete = config.count("maintenance_window") == Some(windows.windows.len())
        && config.count("blackout") == Some(windows.blackouts.len());
    if !complete {
        return;
    }
    for found in check(windows) {
        let (place, sentence) = inexpressible(&found);
        let object = match place {
            Place::Window(_) => listed.first(),
            Place::Blackout(index, _) => denied.get(index),
            Place::Windows | Place::Cutoff => None,
        };
        let name = match place {
            Place::Windows => "maintenance_window",
            Place::Cutoff => "cutoff",
            Place::Window(name) | Place::Blackout(_, name) => name,
        };
        object.unwrap_or(config).reject(name, INEXPRESSIBLE, sentence);
    }
}
