//! AKS upgrades by itself: channels and their maintenance configurations; a scenario turns it on.
//!
//! AKS looks every quarter of an hour. A channel counts a day after it was set, a configuration for
//! openings that begin a quarter of an hour after it was written or later. Work begins inside an
//! opening only and is finished after it; pools whose turn would come too late wait for the next
//! one (docs: auto-upgrade-cluster, auto-upgrade-node-os-image, planned-maintenance).

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::simulator::catalogue::Support;
use crate::simulator::outcome::Kind;
use crate::simulator::version::Version;
use crate::simulator::world::World;
use crate::simulator::world::cluster::{Cluster, Object, is_of_machines, pool_version, text};
use crate::simulator::world::opening::Opening;
use crate::simulator::world::operation::later;
use crate::simulator::world::operations::Job;
use crate::simulator::world::route::Place;

const QUARTER: SignedDuration = SignedDuration::from_mins(15);

const VERSIONS: &str = "aksManagedAutoUpgradeSchedule";
const IMAGES: &str = "aksManagedNodeOSUpgradeSchedule";

impl World {
    /// Returns the next instant at which AKS looks whether it has something to do by itself.
    pub(super) fn next_of_channels(&self) -> Option<Timestamp> {
        let quarter = QUARTER.as_secs();
        let next = self.now.as_second() - self.now.as_second().rem_euclid(quarter) + quarter;
        Timestamp::from_second(next).ok().filter(|_| self.service.channels)
    }

    /// Lets AKS do by itself what it does at this instant.
    pub(super) fn follow_channels(&mut self) {
        let looks = self.service.channels && self.now.as_second().rem_euclid(QUARTER.as_secs()) == 0;
        if looks {
            let places: Vec<Place> = self.clusters.iter().map(|cluster| cluster.place.clone()).collect();
            places.iter().for_each(|place| self.look_after(place));
        }
    }

    fn look_after(&mut self, place: &Place) {
        let Ok(cluster) = self.look(place) else { return };
        let counts = self.now.duration_since(cluster.channel_set) >= self.durations.channel;
        if !counts || cluster.stopped() || self.cluster_is_idle(place).is_err() {
            return;
        }
        let leave = self.leave(cluster, VERSIONS);
        if let Some((end, target)) = leave.and_then(|end| Some((end, self.due_version(cluster)?))) {
            return self.upgrade_to(place, target, end);
        }
        let moves = cluster.channel("nodeOSUpgradeChannel") == Some("NodeImage")
            || cluster.channel("upgradeChannel") == Some("node-image");
        if moves && self.leave(cluster, IMAGES).is_some() {
            self.renew_image(place);
        }
    }

    /// Returns until when work may begin, if it may now; without a configuration, always.
    fn leave(&self, cluster: &Cluster, name: &str) -> Option<Timestamp> {
        let named = |kept: &&Value| kept["name"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name));
        let window = cluster
            .maintenance
            .iter()
            .find(named)
            .and_then(|kept| kept["properties"]["maintenanceWindow"].as_object());
        let Some(window) = window else { return Some(Timestamp::MAX) };
        let written = cluster.written.get(&name.to_ascii_lowercase()).copied();
        let known = |opening: &Opening| written.is_none_or(|at| opening.start >= later(at, QUARTER));
        Opening::at(window, self.now).filter(known).map(|opening| opening.end)
    }

    /// Returns the version to which the channel moves a cluster, or the pools that it left behind.
    fn due_version(&self, cluster: &Cluster) -> Option<Version> {
        let (current, channel) = (cluster.version(), cluster.channel("upgradeChannel")?);
        let stable = self.catalogue.default_minor(self.now)?;
        let newest = match channel {
            "patch" => current.minor,
            "stable" => stable,
            "rapid" => self
                .catalogue
                .minors(self.now)
                .into_iter()
                .find(|minor| !self.catalogue.is_preview(*minor, self.now))?,
            _ => return None,
        };
        let supported = self.catalogue.support(current.minor, self.now) == Support::Community;
        let offers = self.cluster_offers(cluster).into_iter().filter(|offer| !offer.preview);
        let target = offers.map(|offer| offer.version).find(|version| version.minor <= newest);
        let own = cluster.pools.iter().filter(|pool| !is_of_machines(pool));
        let behind = own.map(pool_version).any(|version| version < current);
        target.filter(|_| supported || cluster.long_term()).or_else(|| behind.then_some(current))
    }

    /// Begins an upgrade of the control plane and of the pools whose turn comes before an instant.
    fn upgrade_to(&mut self, place: &Place, target: Version, end: Timestamp) {
        let Ok(cluster) = self.look(place) else { return };
        let moves = target > cluster.version();
        let mut turn = if moves { later(self.now, self.durations.control_plane) } else { self.now };
        let mut pools = vec![];
        for name in cluster
            .pools
            .iter()
            .filter(|pool| !is_of_machines(pool) && pool_version(pool) < target)
            .map(|pool| text(pool, "name"))
        {
            if turn >= end {
                break;
            }
            turn = self
                .move_nodes(cluster, name, true)
                .into_iter()
                .fold(turn, |turn, (_, lasts)| later(turn, lasts));
            pools.push(name.to_owned());
        }
        let Ok(cluster) = self.hold(place) else { return };
        for name in &pools {
            cluster.note_behind(name, true);
            cluster.show_pool_running(name, target);
        }
        if moves {
            cluster.control_plane_behind = true;
            cluster.show_running(target);
        }
        let Ok(cluster) = self.look(place) else { return };
        let (work, place) = (self.cluster_work(cluster, &Object::new()), place.clone());
        let (state, kind) = ("Upgrading", Kind::Upgrade);
        self.begin(Job { place, pool: None, state, kind, work, pools, answers_resource: true });
    }

    /// Begins to renew the image of the first pool that has an old one.
    fn renew_image(&mut self, place: &Place) {
        let Ok(cluster) = self.look(place) else { return };
        let old = |pool: &&Object| self.wanted_image(pool) != text(pool, "nodeImageVersion");
        let Some(name) = cluster.pools.iter().find(old).map(|pool| text(pool, "name").to_owned()) else {
            return;
        };
        if let Ok(cluster) = self.hold(place) {
            cluster.note_behind(&name, false);
        }
        if let Ok(job) = self.pool_job(place, &name, "UpgradingNodeImageVersion") {
            self.begin(job);
        }
    }
}
