//! The steps to a Kubernetes version: the control plane hop by hop, pools behind it.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::upgrade::block::Block;
use crate::upgrade::cluster::{Cluster, Pool};
use crate::upgrade::kind::Kind;
use crate::upgrade::node_image::NodeImage;
use crate::upgrade::offer::Offers;
use crate::upgrade::os;
use crate::upgrade::plan::order::{hindrance, is_left_alone, ordered};
use crate::upgrade::plan::path::Graph;
use crate::upgrade::plan::target::{Resolved, VersionRules};
use crate::upgrade::plan::{Plan, estimate, images};
use crate::upgrade::policy::{Channel, Policy, PoolHops, Rollout, Target};
use crate::upgrade::resume;
use crate::upgrade::seen::Seen;
use crate::upgrade::step::{Manner, Step, Work};
use crate::upgrade::task::{Component, Task};
use crate::upgrade::version::{Minor, Version, breaks_skew};

/// Which versions a policy wants, and which it never uses.
#[derive(Clone, Copy)]
pub(super) struct Wish<'a> {
    pub target: &'a Target,
    pub exclude: &'a BTreeSet<Version>,
    pub allow_preview: bool,
}

/// Computes the steps to a target, and what blocks them.
pub(super) fn plan(seen: &Seen, policy: &Policy, wish: Wish) -> Plan {
    let straight = walk(seen, policy, wish);
    // What runs already comes first on any way.
    let is_minor = |step: &Step| step.kind() == Kind::Minor;
    let leaves = straight.steps.iter().any(|step| is_minor(step) && step.work.pool().is_none());
    let leaves = leaves && straight.steps.first().is_some_and(is_minor);
    let meanwhile = leaves.then(|| by_the_patches(seen, policy, wish)).flatten();
    Plan { meanwhile: meanwhile.into_iter().collect(), ..straight }
}

/// Returns the steps to the target by the patches of the running minor; `None` when there is no patch.
///
/// A pool that lags by a minor is left to the steps after it: its way leads through windows for minors. What failed
/// is repaired all the same, before the control plane would go on with it.
fn by_the_patches(seen: &Seen, policy: &Policy, wish: Wish) -> Option<Vec<Step>> {
    let target = Target::Channel(Channel::Patch);
    let is_patch = |step: &Step| step.manner == Manner::Upgrade && step.kind() == Kind::Patch;
    let mut steps = walk(seen, policy, Wish { target: &target, ..wish }).steps;
    steps.retain(|step| is_patch(step) || step.manner == Manner::Repair);
    if !steps.iter().any(is_patch) {
        return None;
    }
    let mut patched = seen.clone();
    steps.iter().for_each(|step| step.take(&mut patched.cluster));
    steps.extend(walk(&patched, policy, wish).steps);
    Some(steps)
}

fn walk(seen: &Seen, policy: &Policy, wish: Wish) -> Plan {
    let Seen { at, cluster, offers, .. } = seen;
    let Wish { target, exclude, allow_preview } = wish;
    let graph = Graph::new(&cluster.version, cluster.lts, offers);
    let min_age = policy.min_age_at(*at);
    let location = cluster.location.as_str();
    let rules =
        VersionRules { at: *at, target, exclude, allow_preview, min_age, offers, location, graph: &graph };
    let resolved = rules.resolve(&cluster.version);
    let keeps = |pool: &Pool, latest: &NodeImage| {
        goes_astray(pool, cluster, &resolved).or_else(|| images::too_young(policy, *at, pool, latest))
    };
    let mut walk = Walk::new(cluster, &policy.rollout, &rules, resolved.blocks.clone(), keeps);
    walk.beside_channel &= !policy.executor.is_aks();
    walk.through(&resolved);
    Plan {
        target: resolved.target,
        steps: walk.steps,
        meanwhile: Vec::new(),
        images_in_any_order: policy.rollout.pool_order.is_empty(),
        blocks: walk.blocks,
        soak: policy.rollout.soak,
        soaked_at: None,
    }
}

/// The upgrade walked through on paper: each step changes the versions that the next one starts from.
struct Walk<'a> {
    cluster: &'a Cluster,
    rollout: &'a Rollout,
    rules: &'a VersionRules<'a>,
    control_plane: Version,
    /// Whether AKS upgrades versions by itself, while we do, too.
    beside_channel: bool,
    /// Whether the control plane failed, and no step so far repairs it: no pool follows it.
    failed: bool,
    lanes: Vec<Lane<'a>>,
    steps: Vec<Step>,
    blocks: Vec<Block>,
}

/// One pool on its way.
struct Lane<'a> {
    pool: &'a Pool,
    version: Version,
    /// Whether its last operation failed, so that its nodes may be older than its version says.
    failed: bool,
    /// The image that repairs it: a pool that is at its version and behind on its image.
    image: Option<&'a NodeImage>,
    /// Why nothing repairs it yet: only an image would, and that one is too young or would move the version, too.
    waits: Option<Block>,
    moves: bool,
    estimate: SignedDuration,
}

impl<'a> Walk<'a> {
    fn new(
        cluster: &'a Cluster,
        rollout: &'a Rollout,
        rules: &'a VersionRules<'a>,
        blocks: Vec<Block>,
        keeps: impl Fn(&Pool, &NodeImage) -> Option<Block>,
    ) -> Self {
        let offers = rules.offers;
        let lane = |pool: &'a Pool| {
            let image = offers.images.get(&pool.name).filter(|latest| heals(pool, latest, offers));
            let kept = image.and_then(|latest| keeps(pool, latest));
            Lane {
                pool,
                version: pool.version.clone(),
                failed: pool.state.is_failed(),
                image: image.filter(|_| kept.is_none()),
                waits: kept.filter(|_| offers.failed_on_image(pool) || offers.needs_image(pool)),
                moves: !is_left_alone(pool, rollout) && hindrance(pool, rollout).is_none(),
                estimate: estimate::pool(pool, rollout),
            }
        };
        let lanes = ordered(cluster, rollout).into_iter().map(lane).collect();
        let (control_plane, failed) = (cluster.version.clone(), cluster.state.is_failed());
        let of_versions = |channel: &str| !["none", "node-image"].contains(&channel);
        let beside_channel = cluster.auto_upgrade_channel.as_deref().is_some_and(of_versions);
        Walk {
            cluster,
            rollout,
            rules,
            control_plane,
            beside_channel,
            failed,
            lanes,
            steps: Vec::new(),
            blocks,
        }
    }

    fn through(&mut self, resolved: &Resolved) {
        self.attach();
        self.renew_images();
        let supported = self.rules.graph.is_supported();
        let rests = !supported || self.repair_control_plane(resolved.path.first());
        let is_known = Block::not_read(self.rules.offers).is_none();
        let whole = !supported && is_known && self.move_whole(resolved.path.first());
        if supported || whole {
            let at_once = self.rollout.whole_cluster && self.beside_channel;
            let mut hops = resolved.path.iter().skip(usize::from(whole));
            if rests {
                let _ = hops.all(|hop| if at_once { self.move_whole(Some(hop)) } else { self.hop(hop) });
            }
            self.finish(resolved);
        }
        self.report_hindered(resolved);
        self.tell_of_nodes();
    }

    /// Stays with the upgrades that run, but not with those of pools that the policy leaves alone.
    fn attach(&mut self) {
        let attach = |component, version: &Version, estimate| Step {
            work: move_to(component, version.clone(), version.clone()),
            manner: Manner::Attach,
            estimate,
            resumes: Vec::new(),
        };
        let running = self.lanes.iter().filter(|lane| lane.moves && lane.pool.state.is_upgrading());
        let pools =
            running.map(|lane| attach(Component::Pool(lane.pool.name.clone()), &lane.version, lane.estimate));
        self.steps.extend(pools);
        // A version upgrade of a pool shows at the cluster, too.
        let by_itself = !self.cluster.pools.iter().any(|pool| pool.state.is_upgrading());
        if by_itself && self.cluster.state.is_upgrading() {
            self.steps.push(attach(Component::ControlPlane, &self.control_plane, estimate::CONTROL_PLANE));
        }
    }

    /// Brings the latest image to pools on which Azure refused every other write.
    fn renew_images(&mut self) {
        let offers = self.rules.offers;
        for place in self.select(|lane| offers.needs_image(lane.pool)) {
            self.repair_by_image(place);
        }
    }

    /// Repairs a pool by its image; `false` when that is not the way.
    fn repair_by_image(&mut self, place: usize) -> bool {
        let Some(lane) = self.lanes.get_mut(place) else { return false };
        let Some(image) = lane.image.take() else { return false };
        lane.failed = false;
        let step = images::step(lane.pool, image, self.rollout, self.rules.offers);
        self.steps.push(Step { manner: Manner::Repair, ..step });
        true
    }

    /// Returns what the rollout asks for and a move of the whole cluster cannot keep, unless that is accepted.
    fn asked_in_vain(&self) -> Vec<&'static str> {
        let Rollout { whole_cluster, pool_order, soak, exclude_pools, .. } = self.rollout;
        let excludes = self.cluster.pools.iter().any(|pool| exclude_pools.contains(&pool.name));
        let asked =
            [("pool_order", !pool_order.is_empty()), ("soak", !soak.is_zero()), ("exclude_pools", excludes)];
        let asked = asked.into_iter().filter(|(_, is_set)| *is_set && !whole_cluster);
        asked.map(|(name, _)| name).collect()
    }

    /// Says that Azure moves the whole cluster alone, for a reason that it names.
    fn whole_only(&self, asked: Vec<&'static str>, staying: Vec<String>) -> Block {
        let channel = self.cluster.auto_upgrade_channel.clone().filter(|_| self.rules.graph.is_supported());
        Block::WholeClusterOnly { version: self.control_plane.clone(), channel, asked, staying }
    }

    /// Moves control plane and pools together: Azure knows no other way out of an unsupported version.
    fn move_whole(&mut self, hop: Option<&Version>) -> bool {
        let asked = self.asked_in_vain();
        if hop.is_some() && !asked.is_empty() {
            self.tell(self.whole_only(asked, Vec::new()));
            return false;
        }
        // A pool that is excluded moves all the same, once that is accepted.
        let excluded = |lane: &Lane| {
            self.rollout.exclude_pools.contains(&lane.pool.name)
                && hindrance(lane.pool, self.rollout).is_none()
        };
        // Nodes of a Machines pool follow by themselves; every other pool would be moved against somebody's will.
        let stays = |lane: &&Lane| !lane.moves && !lane.pool.machines && !excluded(lane);
        let staying: Vec<String> =
            self.lanes.iter().filter(stays).map(|lane| lane.pool.name.clone()).collect();
        let Some(hop) = hop else {
            let (version, offered) = (self.control_plane.clone(), self.rules.offered());
            self.tell(Block::OutOfSupport { version, offered });
            return false;
        };
        let alone = self.rollout.control_plane_only.then_some("control_plane_only");
        let mut in_the_way = Vec::new();
        if alone.is_some() || !staying.is_empty() {
            let hinders = |lane: &Lane| hindrance(lane.pool, self.rollout);
            let stay = self.lanes.iter().filter(|lane| alone.is_none() && stays(lane));
            let hindrances: Vec<Block> = stay.filter_map(hinders).collect();
            in_the_way.push(self.whole_only(alone.into_iter().collect(), staying));
            in_the_way.extend(hindrances);
        }
        let spot = self.lanes.iter().find(|lane| lane.pool.spot && !lane.pool.machines);
        in_the_way.extend(spot.map(|lane| Block::SpotPool { pool: lane.pool.name.clone() }));
        in_the_way.extend(self.os_ends(hop, |lane| !lane.pool.machines));
        if !in_the_way.is_empty() {
            in_the_way.into_iter().for_each(|block| self.tell(block));
            return false;
        }
        let estimate = estimate::cluster(self.cluster, self.rollout);
        for place in 0..self.lanes.len() {
            self.tell_of_os(place, hop);
        }
        self.step(Component::Cluster, self.control_plane.clone(), hop.clone(), estimate);
        for lane in self.lanes.iter_mut().filter(|lane| !lane.pool.machines) {
            lane.version = lane.version.clone().max(hop.clone());
            lane.failed = false;
        }
        self.control_plane = hop.clone();
        true
    }

    /// Repairs the control plane where it stays; `false` when it must not be written to.
    ///
    /// A hop that leads as far as the upgrade that failed goes on with that.
    fn repair_control_plane(&mut self, hop: Option<&Version>) -> bool {
        let goes_on = self.cluster.unfinished.as_ref().is_some_and(|to| hop.is_some_and(|hop| hop >= to));
        if !self.cluster.state.is_failed() || goes_on {
            return true;
        }
        if !self.repair_pools() {
            return false;
        }
        let version = self.control_plane.clone();
        self.step(Component::ControlPlane, version.clone(), version, estimate::CONTROL_PLANE);
        true
    }

    /// Repairs pools where they stay, before a write to the cluster would; `false` when it would go on with what
    /// failed in a pool that is left alone.
    fn repair_pools(&mut self) -> bool {
        let failed = self.select(|lane| lane.failed);
        self.each(&failed, |lane| lane.failed.then(|| lane.version.clone()));
        let mut left = resume::pools(self.cluster);
        let left = left.find(|pool| self.lanes.iter().any(|lane| lane.pool.name == pool.name && lane.failed));
        let Some(pool) = left else { return true };
        let by_choice = is_left_alone(pool, self.rollout);
        let hindrance = hindrance(pool, self.rollout).filter(|_| !by_choice);
        let (pool, state) = (pool.name.clone(), pool.state.failure().unwrap_or_default());
        for block in hindrance.into_iter().chain([Block::ResumesPool { pool, state, by_choice }]) {
            self.tell(block);
        }
        false
    }

    /// Says which pools would not follow: their own profiles reach above the control plane, and not to the version.
    fn stranded(&self, hop: &Version) -> Vec<Block> {
        let follow = self.lanes.iter().filter(|lane| lane.moves && lane.version < *hop);
        follow.filter_map(|lane| self.not_offered(lane, hop)).collect()
    }

    fn not_offered(&self, lane: &Lane, to: &Version) -> Option<Block> {
        Block::not_offered_to(&lane.pool.name, to, &self.cluster.version, self.rules.offers)
    }

    /// Moves the control plane one hop, after the pools that must not fall further behind; `false` when one would.
    fn hop(&mut self, hop: &Version) -> bool {
        if hop.minor() > self.control_plane.minor() && !self.failed {
            self.settle(hop);
        }
        if !self.repair_pools() {
            return false;
        }
        // While a channel of AKS is on, Azure refuses to upgrade the control plane alone: the owner's block says so.
        if self.beside_channel {
            return false;
        }
        let counts = |lane: &Lane| lane.moves || lane.pool.os_type == "Windows";
        let ends = self.os_ends(hop, counts);
        let in_the_way: Vec<Block> =
            self.skew(hop).into_iter().chain(ends).chain(self.stranded(hop)).collect();
        if !in_the_way.is_empty() {
            self.blocks.extend(in_the_way);
            return false;
        }
        let from = std::mem::replace(&mut self.control_plane, hop.clone());
        self.step(Component::ControlPlane, from, hop.clone(), estimate::CONTROL_PLANE);
        true
    }

    /// Finishes the running minor before the control plane leaves it, as far as the policy or the skew rule asks for.
    fn settle(&mut self, hop: &Version) {
        let minor = self.control_plane.minor();
        let due = |lane: &Lane| match self.rollout.pool_hops {
            PoolHops::Each => lane.failed || lane.version.minor() < minor,
            PoolHops::Fewest => lane.failed || breaks_skew(&lane.version, hop),
        };
        let due = self.select(due);
        self.bring(&due, &self.control_plane.clone());
    }

    /// Brings the pools as far as the target asks for and the control plane came.
    fn finish(&mut self, resolved: &Resolved) {
        if self.failed {
            let failed = self.select(|lane| lane.failed);
            return self.each(&failed, |lane| lane.failed.then(|| lane.version.clone()));
        }
        let reached = |version: &Version| version.min(&self.control_plane).clone();
        let (goal, floor) = (reached(&resolved.goal), reached(&resolved.floor));
        let due = self.select(|lane| lane.failed || lane.version < floor);
        self.bring(&due, &goal);
    }

    /// Returns the places of the movable pools that meet a condition.
    fn select(&self, due: impl Fn(&Lane) -> bool) -> Vec<usize> {
        let lanes = self.lanes.iter().enumerate();
        lanes.filter(|(_, lane)| lane.moves && due(lane)).map(|(place, _)| place).collect()
    }

    /// Brings pools to a version that the control plane has, and repairs those that failed where they stay, each in
    /// its turn.
    fn bring(&mut self, places: &[usize], to: &Version) {
        let repair = |lane: &Lane| lane.failed.then(|| lane.version.clone());
        for station in self.stations(places, to) {
            self.each(
                places,
                |lane| {
                    if lane.version < station { Some(station.clone()) } else { repair(lane) }
                },
            );
        }
        self.each(places, repair);
    }

    /// Moves pools to a version each.
    fn each(&mut self, places: &[usize], target: impl Fn(&Lane) -> Option<Version>) {
        for &place in places {
            let Some(lane) = self.lanes.get(place) else { continue };
            let Some(to) = target(lane) else { continue };
            let block = lane.os_ends(&to, &self.control_plane).or_else(|| self.not_offered(lane, &to));
            let block = block.filter(|_| lane.version < to).or_else(|| self.waits(lane, &to));
            if let Some(block) = block {
                self.tell(block);
                continue;
            }
            self.tell_of_os(place, &to);
            if self.lanes.get(place).is_some_and(|lane| lane.version == to) && self.repair_by_image(place) {
                continue;
            }
            let Some(lane) = self.lanes.get_mut(place) else { continue };
            (lane.image, lane.failed) = (None, false);
            let from = std::mem::replace(&mut lane.version, to.clone());
            let (component, estimate) = (Component::Pool(lane.pool.name.clone()), lane.estimate);
            self.step(component, from, to, estimate);
        }
    }

    /// Says that a write to a pool would be that of an image which is too young, or be refused for want of it.
    ///
    /// A version step is held by no rule of images, though it brings the latest one along.
    fn waits(&self, lane: &Lane, to: &Version) -> Option<Block> {
        let is_image = lane.version == *to || self.rules.offers.needs_image(lane.pool);
        lane.waits.clone().filter(|_| is_image)
    }

    /// Returns the versions at which pools stop on their way, the last one being where they are brought to.
    ///
    /// The control plane may run a version that the policy excludes; pools then go as near to it as they may.
    fn stations(&mut self, places: &[usize], to: &Version) -> Vec<Version> {
        let lanes = places.iter().filter_map(|place| self.lanes.get(*place));
        let Some(lowest) = lanes.map(|lane| &lane.version).min().filter(|lowest| *lowest < to).cloned()
        else {
            return Vec::new();
        };
        let last = self.landing(to, &lowest);
        let between = |minor: &Minor| *minor < to.minor();
        let minors = std::iter::successors(Some(lowest.minor().next()), |minor| Some(minor.next()));
        // Under long-term support the control plane itself leaps over minors, and pools follow it.
        let stops = self.rollout.pool_hops == PoolHops::Each && !self.cluster.lts;
        let passed = minors.take_while(between).filter(|_| stops);
        let newest = |minor| self.rules.graph.of_minor(minor).find(|version| self.rules.allows(version));
        passed.filter_map(newest).cloned().chain(last).collect()
    }

    /// Returns the newest version up to another one that a pool may get; that of an older minor is told as the half way that
    /// it is.
    fn landing(&mut self, to: &Version, from: &Version) -> Option<Version> {
        if !self.rules.exclude.contains(to) {
            return Some(to.clone());
        }
        let mut between = self.rules.graph.versions().filter(|version| *version < to && *version > from);
        let landing = between.find(|version| self.rules.allows(version)).cloned();
        if landing.as_ref().is_none_or(|landing| landing.minor() < to.minor()) {
            self.tell(self.rules.excluded(to));
        }
        landing
    }

    /// Says of which pools that are to follow to a version it does not support the operating system.
    ///
    /// Azure refuses the control plane itself while a pool of Windows Server is left that the version does not
    /// support (Azure/AKS#4168), whether or not the pool is to follow.
    fn os_ends(&self, hop: &Version, counts: impl Fn(&Lane) -> bool) -> Vec<Block> {
        self.lanes
            .iter()
            .filter(|lane| counts(lane))
            .filter_map(|lane| lane.os_ends(hop, &self.control_plane))
            .collect()
    }

    /// Tells that a pool gets another operating system with a version; of one version and system, once for all pools.
    fn tell_of_os(&mut self, place: usize, to: &Version) {
        let Some(lane) = self.lanes.get(place) else { return };
        let Some(system) = os::comes_with(lane.pool, lane.version.minor(), to.minor()) else { return };
        let name = lane.pool.name.clone();
        for block in &mut self.blocks {
            match block {
                Block::OsChanges { pools, system: known, version } if *known == system && version == to => {
                    return pools.push(name);
                }
                _ => {}
            }
        }
        self.blocks.push(Block::OsChanges { pools: vec![name], system, version: to.clone() });
    }

    /// Tells that nodes outside the pools follow the control plane.
    fn tell_of_nodes(&mut self) {
        if self.cluster.auto_provisioning && self.control_plane != self.cluster.version {
            self.blocks.push(Block::NodesFollow { version: self.control_plane.clone() });
        }
    }

    fn skew(&self, hop: &Version) -> Option<Block> {
        let lane = self.lanes.iter().find(|lane| breaks_skew(&lane.version, hop))?;
        Some(Block::skew(&lane.pool.name, &lane.version, hop))
    }

    /// Reports the pools that cannot follow although they should.
    fn report_hindered(&mut self, resolved: &Resolved) {
        let wanted = resolved.floor.clone().min(self.control_plane.clone());
        let due = |lane: &&Lane| !is_left_alone(lane.pool, self.rollout) && lane.version < wanted;
        let hindered = self.lanes.iter().filter(due).filter_map(|lane| hindrance(lane.pool, self.rollout));
        for block in hindered.collect::<Vec<_>>() {
            self.tell(block);
        }
    }

    /// Keeps a block, once.
    fn tell(&mut self, block: Block) {
        if !self.blocks.contains(&block) {
            self.blocks.push(block);
        }
    }

    fn step(&mut self, component: Component, from: Version, to: Version, estimate: SignedDuration) {
        let manner = if from == to { Manner::Repair } else { Manner::Upgrade };
        let resumes = self.resumes(&component);
        self.failed &= component.pool().is_some();
        self.steps.push(Step { work: move_to(component, from, to), manner, estimate, resumes });
    }

    /// Returns what a write to a part of the cluster goes on with at this point of the way.
    fn resumes(&self, component: &Component) -> Vec<Task> {
        let (cluster, offers) = (self.cluster, self.rules.offers);
        // Only the first step on a part can meet what failed there.
        let is_first = self.steps.iter().all(|step| step.work.component() != *component);
        match component {
            Component::Cluster => resume::by_cluster(cluster, offers),
            Component::ControlPlane if is_first => resume::by_control_plane(cluster),
            Component::Pool(name) if is_first => {
                cluster.pool(name).map(|pool| resume::by_pool(pool, offers)).unwrap_or_default()
            }
            Component::ControlPlane | Component::Pool(_) => Vec::new(),
        }
    }
}

/// Tells whether an image call repairs a pool: it is behind on its image, and either Azure refused everything else
/// for that, or it failed at its version.
///
/// Nodes on an image that is too old answer every other write with "Please upgrade agent pool to the latest
/// NodeImageVersion" (Azure/AKS#4975).
fn heals(pool: &Pool, latest: &NodeImage, offers: &Offers) -> bool {
    let failed = pool.state.is_failed() && pool.unfinished.is_none();
    pool.image.is_older_than(latest) && (failed || offers.needs_image(pool))
}

/// Says that an image call would go on with a failed upgrade to a version to which no step of the plan leads.
fn goes_astray(pool: &Pool, cluster: &Cluster, resolved: &Resolved) -> Option<Block> {
    let block = images::unfinished(pool)?;
    let leads_there =
        resolved.path.is_empty() && pool.unfinished.as_ref() == Some((&resolved.goal).min(&cluster.version));
    (!leads_there).then_some(block)
}

/// Returns the work that moves a part of a cluster from one version to another.
fn move_to(component: Component, from: Version, to: Version) -> Work {
    match component {
        Component::Cluster => Work::Cluster { from, to },
        Component::ControlPlane => Work::ControlPlane { from, to },
        Component::Pool(pool) => Work::Pool { pool, from, to },
    }
}

impl Lane<'_> {
    /// Says that the operating system of the pool ends before a version.
    fn os_ends(&self, to: &Version, control_plane: &Version) -> Option<Block> {
        let end = os::ends_before(&self.pool.os_sku, to.minor())?;
        let (pool, os_sku) = (self.pool.name.clone(), self.pool.os_sku.clone());
        Some(Block::OsNotSupported { pool, os_sku, version: to.clone(), end, holds: control_plane < to })
    }
}
