//! The world: clusters, pools and operations, and what is answered to a request about them.
//!
//! Pure: time is an argument, nothing is sent or read. The world is brought up to `now` at each
//! request, so that an operation has ended when `now` has passed its end.
//!
//! - what comes in: a [`call`], or what [`somebody_else`] asks; [`route`] reads the path, [`access`] the caller, [`api_version`] the version, [`precondition`] the etags, [`throttle`] the
//!   rate, [`shape`] the body;
//! - who answers: [`dispatch`];
//! - what is there: [`cluster`], [`clusters`], [`pools`] and their [`specified`] versions, [`machines`], [`snapshots`], [`maintenance`], [`offers`], [`account`],
//!   [`entra`], [`fleet`] Manager, and what [`limits`] upgrades;
//! - what is written: a new cluster ([`create`]) or pool ([`new_pool`]), one that is there ([`change`]), by the rules of a [`body`];
//! - what is refused: [`upgrade`] judges a change of version, [`cluster_rules`], [`pool_rules`] and
//!   [`maintenance_rules`] the rest, [`fixed`] what only creation sets, [`images`] how old one may be, [`rollback`] the way back;
//! - what goes on: [`operation`] is one on its time line, [`operations`] begin, [`effect`] is what they do as time
//!   passes, [`poll`] asks after them; [`blue_green`] upgrades have phases; [`channels`] upgrade by themselves when
//!   [`opening`] lets them;
//! - what goes out: a [`reply`], a [`page`] of a list, or a [`refusal`]; a [`summary`] for people.

mod access;
mod account;
mod api_version;
mod blue_green;
mod body;
mod call;
mod change;
mod channels;
mod cluster;
mod cluster_rules;
mod clusters;
mod create;
mod dispatch;
mod effect;
mod entra;
mod fixed;
mod fleet;
mod images;
mod limits;
mod machines;
mod maintenance;
mod maintenance_rules;
mod new_pool;
mod offers;
mod opening;
mod operation;
mod operations;
mod page;
pub mod poll;
mod pool_rules;
mod pools;
mod precondition;
mod refusal;
mod reply;
mod rollback;
mod route;
mod shape;
mod snapshots;
mod somebody_else;
mod specified;
mod summary;
mod throttle;
mod upgrade;

use crate::simulator::outcome::{Ending, Outcome};
use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::simulator::catalogue::Catalogue;
use crate::simulator::faults::{Delivery, Faults};
use crate::simulator::request_log::{Entry, RequestLog};
use crate::simulator::scenario::{Durations, Entra, Scenario, Service};
use call::Call;
use cluster::Cluster;
use fleet::Fleets;
use limits::Limits;
use operation::Operation;
use refusal::Refusal;
use reply::Reply;
use route::{Place, Route};
use snapshots::Snapshot;
use throttle::Buckets;

pub(super) use operation::later;
pub use summary::ClusterSummary;

/// A stand-in Azure Resource Manager with the clusters of one scenario.
///
/// ```
/// use terraform_provider_aks::simulator::{scenario::Scenario, world::World};
/// let scenario = Scenario::parse("[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"", ".".as_ref())?;
/// let now = scenario.clock.start;
/// let mut world = World::new(scenario);
/// let path = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod";
/// let request = http::Request::get(format!("https://management.azure.com{path}?api-version=2026-08-01"))
///     .header("authorization", "Bearer any")
///     .body(bytes::Bytes::new())
///     .unwrap();
/// assert_eq!(world.handle(request, now).status(), 200);
/// # Ok::<(), terraform_provider_aks::simulator::scenario::Mistake>(())
/// ```
#[derive(Debug, Serialize, Deserialize)]
pub struct World {
    catalogue: Catalogue,
    durations: Durations,
    service: Service,
    entra: Entra,
    clusters: Vec<Cluster>,
    #[serde(default)]
    snapshots: Vec<Snapshot>,
    #[serde(default)]
    fleets: Fleets,
    /// Resource groups that were made: subscription, name, region.
    #[serde(default)]
    groups: Vec<(String, String, String)>,
    #[serde(default)]
    limits: Limits,
    /// Clusters that were deleted, and when: the gateway believes in them for a while.
    deleted: Vec<(Place, Timestamp)>,
    operations: Vec<Operation>,
    outcomes: Vec<Outcome>,
    faults: Faults,
    request_log: RequestLog,
    buckets: Buckets,
    serial: u64,
    /// The first instant.
    #[serde(default)]
    started: Timestamp,
    now: Timestamp,
}

impl World {
    /// Sets the stage.
    ///
    /// A body that shows work in progress (`Upgrading`, `Creating`, …) is given an operation that
    /// finishes it, as Azure would.
    #[must_use]
    pub fn new(scenario: Scenario) -> Self {
        let Scenario { clock, durations, service, entra, catalogue, outcomes, faults, .. } = scenario;
        let Scenario { clusters, fleets, quotas, subnets, locks, budgets, .. } = scenario;
        let mut world = World {
            catalogue,
            durations,
            service,
            entra,
            clusters: clusters.into_iter().map(Cluster::new).collect(),
            snapshots: vec![],
            fleets: Fleets::default(),
            groups: vec![],
            limits: Limits::new(quotas, subnets, locks, budgets),
            deleted: vec![],
            operations: vec![],
            outcomes,
            faults: Faults::new(faults),
            request_log: RequestLog::default(),
            buckets: Buckets::default(),
            serial: 0,
            started: clock.start,
            now: clock.start,
        };
        (0..world.clusters.len()).for_each(|index| world.settle_in(index));
        fleets.into_iter().for_each(|fleet| world.set_fleet(fleet));
        world
    }

    /// Answers a request at an instant, without faults.
    ///
    /// Takes the absolute address that the caller used, or an origin form with a `Host` header: the
    /// addresses in the answer are on that host.
    pub fn handle(&mut self, request: Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        let call = Call::of(request);
        let response = self.answer(&call, now);
        self.request_log.write(call.entry(self.now, Some(response.status().as_u16())));
        response
    }

    /// Answers a request at an instant with the scripted faults of the wire.
    pub fn deliver(&mut self, request: Request<Bytes>, now: Timestamp) -> Delivery {
        let call = Call::of(request);
        let fault = self.faults.next_for(&call.method, &format!("/{}", call.words.join("/")));
        let delivery = match fault {
            Some(fault) => {
                let ending = fault.ending();
                fault.apply(|| self.answer_to_end(&call, now, ending), now)
            }
            None => Delivery::plain(self.answer(&call, now)),
        };
        let status = delivery.response().map(|response| response.status().as_u16());
        self.request_log.write(call.entry(self.now.max(now), status));
        delivery
    }

    /// Returns what was asked so far.
    #[must_use]
    pub fn request_log(&self) -> &[Entry] {
        self.request_log.entries()
    }

    /// Returns the script of what happens on the wire, to add to it.
    pub fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// Adds a scripted end for operations that start from now on.
    pub fn expect(&mut self, outcome: Outcome) {
        self.outcomes.push(outcome);
    }

    /// Returns what is offered, to publish or withdraw versions and images.
    pub fn catalogue(&mut self) -> &mut Catalogue {
        &mut self.catalogue
    }

    /// Returns every cluster with its pools, by name.
    pub(super) fn pools_by_cluster(&self) -> Vec<(&str, Vec<&str>)> {
        let pools = self.clusters.iter().map(|cluster| &cluster.pools);
        let named = pools.map(|pools| pools.iter().map(|pool| cluster::text(pool, "name")).collect());
        self.clusters.iter().map(|cluster| cluster.place.name.as_str()).zip(named).collect()
    }

    /// Brings the world up to an instant; time never goes back.
    pub fn advance(&mut self, now: Timestamp) {
        self.follow_fleets();
        while let Some(at) = self.next_instant().filter(|at| *at <= now) {
            self.now = at;
            self.work();
            self.follow_channels();
            self.follow_fleets();
        }
        self.now = self.now.max(now);
        self.work();
    }

    /// Returns the next instant at which something begins or ends by itself.
    fn next_instant(&self) -> Option<Timestamp> {
        let work = self.operations.iter().filter_map(|operation| operation.next(self.now));
        work.chain(self.next_of_channels()).chain(self.next_of_fleets()).min()
    }

    /// Returns the instant up to which the world has come.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Returns the body of a cluster as a GET would at this instant.
    #[must_use]
    pub fn cluster(&self, name: &str) -> Option<Value> {
        self.clusters.iter().find(|cluster| cluster.place.name.eq_ignore_ascii_case(name)).map(Cluster::body)
    }

    fn answer(&mut self, call: &Call, now: Timestamp) -> Response<Bytes> {
        self.advance(now);
        self.serial += 1;
        let serial = self.serial;
        let reply = self.respond(call).unwrap_or_else(Reply::from);
        reply.finish(self.limits(call), serial, self.now)
    }

    /// Answers, and lets the operation that this starts end so.
    fn answer_to_end(&mut self, call: &Call, now: Timestamp, ending: Option<Ending>) -> Response<Bytes> {
        let Some(ending) = ending else { return self.answer(call, now) };
        self.outcomes.insert(0, Outcome::once(ending));
        let response = self.answer(call, now);
        self.outcomes.remove(0);
        response
    }

    fn respond(&mut self, call: &Call) -> Result<Reply, Refusal> {
        if let Some(reply) = self.open(call) {
            return reply;
        }
        self.authorize(call)?;
        self.throttle(call)?;
        if !matches!(call.route, Route::Limit(_)) {
            self.judge_locks(call)?;
        }
        self.dispatch(call)
    }

    /// Finds a cluster by its place.
    fn find(&self, place: &Place) -> Option<usize> {
        self.clusters.iter().position(|cluster| cluster.place.is(place))
    }

    /// Finds a cluster, or says how it is missing.
    fn look(&self, place: &Place) -> Result<&Cluster, Refusal> {
        self.clusters.iter().find(|cluster| cluster.place.is(place)).ok_or_else(|| self.missing(place))
    }

    /// Finds a cluster to change it, or says how it is missing.
    fn hold(&mut self, place: &Place) -> Result<&mut Cluster, Refusal> {
        let missing = self.missing(place);
        self.clusters.iter_mut().find(|cluster| cluster.place.is(place)).ok_or(missing)
    }

    fn missing(&self, place: &Place) -> Refusal {
        let just_deleted =
            |(gone, at): &(Place, Timestamp)| gone.is(place) && self.now.duration_since(*at) < GATEWAY_MEMORY;
        if self.deleted.iter().any(just_deleted) {
            Refusal::cluster_gone(place)
        } else if self.has_group(&place.subscription, &place.group) {
            Refusal::no_cluster(place)
        } else {
            Refusal::no_group(&place.group)
        }
    }

    fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }
}

/// How long the gateway passes requests on to a cluster that the resource provider has deleted.
const GATEWAY_MEMORY: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);
