//! A small Azure to test the core against: one region, clusters in it, and what a step does to them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Weekday, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use terraform_provider_aks::upgrade::cluster::{Cluster, Mode, Pool, Power, State};
use terraform_provider_aks::upgrade::kind::Kind;
use terraform_provider_aks::upgrade::node_image::NodeImage;
use terraform_provider_aks::upgrade::offer::{Offer, Offers, RegionVersion, Unread};
use terraform_provider_aks::upgrade::plan::Plan;
use terraform_provider_aks::upgrade::policy::{Executor, Goal, ImageGoal, Policy, Rollout, Target};
use terraform_provider_aks::upgrade::seen::Seen;
use terraform_provider_aks::upgrade::step::{Manner, Step, Work};
use terraform_provider_aks::upgrade::version::Version;
use terraform_provider_aks::upgrade::window::Windows;
use terraform_provider_aks::upgrade::window::blackout::{Blackout, BlackoutSpec};
use terraform_provider_aks::upgrade::window::days::Days;
use terraform_provider_aks::upgrade::window::edge::BlackoutEdge;
use terraform_provider_aks::upgrade::window::schedule::{Window, WindowSpec};
use terraform_provider_aks::upgrade::window::scope::Scope;

pub const OLD: &str = "AKSUbuntu-2204gen2containerd-202610.05.0";
pub const NEW: &str = "AKSUbuntu-2204gen2containerd-202610.19.0";

/// What the region lists: version, and the support that its minor has.
const REGION: [(&str, &str); 19] = [
    ("1.30.100", "lts"),
    ("1.30.101", "lts"),
    ("1.31.12", "lts"),
    ("1.31.13", "lts"),
    ("1.32.9", "lts"),
    ("1.32.11", "lts"),
    ("1.33.5", "both"),
    ("1.33.6", "both"),
    ("1.33.10", "both"),
    ("1.34.2", "both"),
    ("1.34.3", "both"),
    ("1.34.8", "both"),
    ("1.35.1", "both"),
    ("1.35.5", "both"),
    ("1.36.1", "official"),
    ("1.36.2", "official"),
    ("1.37.0", "preview"),
    ("1.37.1", "preview"),
    ("1.38.0-preview", "preview"),
];

pub fn v(text: &str) -> Version {
    text.parse().unwrap()
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The instant at which everything is observed: a Saturday night.
pub fn now() -> Timestamp {
    at("2026-11-28T01:00:00Z")
}

pub fn pool(name: &str, mode: Mode, version: &str) -> Pool {
    Pool {
        name: name.to_owned(),
        mode,
        os_type: "Linux".to_owned(),
        // It neither changes nor ends on the way.
        os_sku: "Ubuntu2404".to_owned(),
        count: 3,
        version: v(version),
        unfinished: None,
        image: NodeImage::new(OLD),
        state: State::Succeeded,
        power: Power::Running,
        machines: false,
        version_shown: true,
        snapshot: false,
        spot: false,
        max_surge: Some("10%".to_owned()),
        max_unavailable: Some("0".to_owned()),
        drain_timeout: SignedDuration::from_mins(30),
        node_soak: SignedDuration::ZERO,
        cordons: false,
        blue_green: None,
    }
}

/// A cluster from `"1.33.5"` and `"sys:1.33.5 a:1.33.5"`; pools whose name starts with `s` are system pools.
pub fn cluster(version: &str, pools: &str) -> Cluster {
    let pools = pools.split_whitespace().map(|text| {
        let (name, version) = text.split_once(':').unwrap();
        pool(name, if name.starts_with('s') { Mode::System } else { Mode::User }, version)
    });
    Cluster {
        id: "/subscriptions/0/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod"
            .to_owned(),
        name: "prod".to_owned(),
        location: "westeurope".to_owned(),
        version: v(version),
        unfinished: None,
        state: State::Succeeded,
        power: Power::Running,
        lts: false,
        auto_upgrade_channel: None,
        node_os_channel: None,
        auto_provisioning: false,
        pools: pools.collect(),
        update_runs: Vec::new(),
        maintenance: BTreeMap::new(),
    }
}

pub fn edit(mut cluster: Cluster, change: impl FnOnce(&mut Cluster)) -> Cluster {
    change(&mut cluster);
    cluster
}

/// Changes one pool.
pub fn with(cluster: Cluster, name: &str, change: impl FnOnce(&mut Pool)) -> Cluster {
    edit(cluster, |cluster| change(cluster.pools.iter_mut().find(|pool| pool.name == name).unwrap()))
}

pub fn region() -> Vec<RegionVersion> {
    let all: Vec<(Version, &str)> = REGION.iter().map(|(text, plan)| (v(text), *plan)).collect();
    let upgrades = |from: &(Version, &str)| {
        // Long-term support jumps up to three minors.
        let reach = if from.1 == "lts" { 3 } else { 1 };
        let near = |to: &Version| to > &from.0 && to.minor().minor <= from.0.minor().minor + reach;
        all.iter().map(|(to, _)| to.clone()).filter(near).collect()
    };
    let listed = |one: &(Version, &str)| RegionVersion {
        version: one.0.clone(),
        preview: one.1 == "preview",
        official: one.1 == "official" || one.1 == "both",
        lts: one.1 == "lts" || one.1 == "both",
        upgrades: upgrades(one),
    };
    all.iter().map(listed).collect()
}

/// What is seen of a cluster of this Azure.
pub fn seen(cluster: &Cluster) -> Seen {
    seen_with(cluster, &offers(cluster))
}

/// What is seen of a cluster that is offered something else.
pub fn seen_with(cluster: &Cluster, offers: &Offers) -> Seen {
    Seen { at: now(), cluster: cluster.clone(), offers: offers.clone(), pool_ended: None }
}

/// What this Azure offers a cluster.
pub fn offers(cluster: &Cluster) -> Offers {
    let region = region();
    let listed = region.iter().find(|listed| listed.version == cluster.version);
    let near = |to: &Version| *to > cluster.version && to.minor().minor <= cluster.version.minor().minor + 1;
    let lowest_official = region.iter().find(|one| one.official).unwrap().version.minor();
    let upgrades = region.iter().filter(|one| match listed {
        Some(listed) => listed.upgrades.contains(&one.version),
        None => near(&one.version) || one.version.minor() == lowest_official && one.version > cluster.version,
    });
    Offers {
        upgrades: upgrades.map(|one| Offer { version: one.version.clone(), preview: one.preview }).collect(),
        images: cluster.pools.iter().map(|pool| (pool.name.clone(), NodeImage::new(NEW))).collect(),
        no_effect: BTreeMap::new(),
        too_old: BTreeMap::new(),
        image_failed: BTreeMap::new(),
        unread: Unread::default(),
        first_seen: BTreeMap::new(),
        region: Some(region),
        pools: BTreeMap::new(),
    }
}

pub fn kubernetes(target: &str) -> Policy {
    let target: Target = target.parse().unwrap_or_else(|_| Target::Channel(target.parse().unwrap()));
    Policy {
        goal: Goal::Kubernetes { target, exclude: BTreeSet::new(), allow_preview: false, images: None },
        executor: Executor::Terraform,
        min_age: None,
        rollout: Rollout::default(),
        override_: None,
    }
}

pub fn excluding(target: &str, versions: &[&str]) -> Policy {
    let mut policy = kubernetes(target);
    if let Goal::Kubernetes { exclude, .. } = &mut policy.goal {
        exclude.extend(versions.iter().map(|text| v(text)));
    }
    policy
}

pub fn images() -> Policy {
    Policy { goal: Goal::NodeImage(ImageGoal::default()), ..kubernetes("1.34") }
}

pub fn rollout(policy: Policy, change: impl FnOnce(&mut Rollout)) -> Policy {
    let mut policy = policy;
    change(&mut policy.rollout);
    policy
}

/// One step as text: `"cp 1.33.5 > 1.34.8"`, `"repair a 1.34.8"`, `"attach a 1.34.8"`, `"all 1.29.4 > 1.33.10"`; images by their date.
pub fn text(step: &Step) -> String {
    let component = match &step.work {
        Work::Cluster { .. } => "all",
        Work::ControlPlane { .. } => "cp",
        Work::Pool { pool, .. } | Work::Image { pool, .. } => pool,
        setting => setting.setting().unwrap(),
    };
    let date = |image: &NodeImage| image.as_str().rsplit('-').next().unwrap().to_owned();
    let (from, to) = match &step.work {
        Work::Image { from, to, .. } => (date(from), date(to)),
        work => (work.from(), work.to()),
    };
    match step.manner {
        Manner::Upgrade => format!("{component} {from} > {to}"),
        Manner::Repair => format!("repair {component} {to}"),
        Manner::Attach => format!("attach {component} {to}"),
    }
}

pub fn steps(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(text).collect()
}

pub fn codes(plan: &Plan) -> Vec<&'static str> {
    plan.blocks.iter().map(|block| block.code()).collect()
}

/// Makes a step true, as Azure does.
pub fn apply(step: &Step, cluster: &mut Cluster) {
    let latest = NodeImage::new(NEW);
    for pool in cluster.pools.iter_mut().filter(|pool| is_moved(&step.work, pool)) {
        pool.image = latest.clone();
        pool.state = State::Succeeded;
        if let Some(to) = step.work.version() {
            pool.version = to.clone();
        }
    }
    if let Work::Cluster { to, .. } | Work::ControlPlane { to, .. } = &step.work {
        cluster.version = to.clone();
        cluster.state = State::Succeeded;
    }
    if cluster.pools.iter().all(|pool| !pool.state.is_upgrading()) && cluster.state.is_upgrading() {
        cluster.state = State::Succeeded;
    }
}

fn is_moved(work: &Work, pool: &Pool) -> bool {
    match work {
        Work::Pool { pool: name, .. } | Work::Image { pool: name, .. } => pool.name == *name,
        Work::ControlPlane { .. } | Work::MaintenanceConfiguration { .. } | Work::Channel { .. } => false,
        Work::Cluster { .. } => !pool.machines,
    }
}

/// A window on Saturdays at 02:00 UTC, for these kinds of work; none: for all.
pub fn saturdays(hours: i64, applies_to: &[Kind]) -> Window {
    on(&[Weekday::Saturday], hours, applies_to)
}

pub fn on(days: &[Weekday], hours: i64, applies_to: &[Kind]) -> Window {
    lasting(days, SignedDuration::from_hours(hours), applies_to)
}

/// A window at 02:00 UTC on these days; none: on every day.
pub fn lasting(days: &[Weekday], duration: SignedDuration, applies_to: &[Kind]) -> Window {
    Window::new(WindowSpec {
        days: if days.is_empty() { Days::All } else { Days::OfWeek(days.to_vec()) },
        every: 1,
        start_date: None,
        start: time(2, 0, 0, 0),
        duration,
        zone: TimeZone::UTC,
        scope: Scope { kinds: applies_to.to_vec(), node_pools: vec![] },
    })
    .unwrap()
}

pub fn blackout(from: &str, to: &str) -> Blackout {
    Blackout::new(BlackoutSpec {
        from: BlackoutEdge::Instant(at(from)),
        to: BlackoutEdge::Instant(at(to)),
        yearly: false,
        zone: None,
        reason: Some("year end".to_owned()),
        scope: Scope::default(),
    })
    .unwrap()
}

pub fn windows(windows: Vec<Window>) -> Windows {
    Windows { windows, ..Windows::default() }
}
