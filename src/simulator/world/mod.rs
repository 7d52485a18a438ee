//! The world: clusters, pools and operations, and what is answered to a request about them.
//!
//! Pure: time is an argument, nothing is sent or read. The world is brought up to `now` at each
//! request, so that an operation has ended when `now` has passed its end.
//!
//! - what comes in: [`route`] reads the path, [`access`] the caller, [`api_version`] the version, [`precondition`] the etags, [`throttle`] the
//!   rate, [`shape`] the body;
//! - what is there: [`cluster`], [`clusters`], [`pools`], [`snapshots`], [`maintenance`], [`offers`], [`account`],
//!   [`entra`], [`fleet`] Manager, and what [`limits`] upgrades;
//! - what is refused: [`upgrade`] judges a change of version, [`cluster_rules`], [`pool_rules`] and
//!   [`maintenance_rules`] the rest, [`images`] how old one may be, [`rollback`] the way back;
//! - what goes on: [`operation`] is one on its time line, [`operations`] begin, [`effect`] is what they do as time
//!   passes, [`poll`] asks after them; [`blue_green`] upgrades have phases; [`channels`] upgrade by themselves when
//!   [`opening`] lets them;
//! - what goes out: [`reply`] and [`refusal`].

mod access;
mod account;
mod api_version;
mod blue_green;
mod channels;
mod cluster;
mod cluster_rules;
mod clusters;
mod effect;
mod entra;
mod fleet;
mod images;
mod limits;
mod maintenance;
mod maintenance_rules;
mod offers;
mod opening;
mod operation;
mod operations;
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
mod throttle;
mod upgrade;

use crate::simulator::outcome::{Ending, Outcome};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::catalogue::Catalogue;
use super::faults::{Delivery, Faults};
use super::request_log::{Entry, RequestLog};
use super::scenario::{Durations, Entra, Scenario, Service};
use api_version::newest_for;
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

/// A cluster in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterSummary {
    /// Its ARM id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The version of its control plane.
    pub version: String,
    /// The newest minor that it can be upgraded to, or else its own, such as `1.35`.
    pub next_minor: String,
}

/// A request taken apart.
struct Call {
    method: Method,
    route: Route,
    /// The words of the path, decoded.
    words: Vec<String>,
    /// The path as it was written.
    path: String,
    /// The query as it was written.
    query: String,
    /// Scheme and host under which the caller reached us.
    base: String,
    body: Bytes,
    content_type: Option<String>,
    if_match: Option<String>,
    if_none_match: Option<String>,
    /// The token; never kept.
    bearer: Option<String>,
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

    /// Lets somebody else ask: the request takes effect and is not in the log.
    ///
    /// A cluster's body may leave its `location` out.
    ///
    /// # Errors
    ///
    /// A sentence when method and path make no request, for example a path with a space.
    pub fn ask_as_somebody_else(
        &mut self,
        method: &str,
        path: &str,
        body: &Value,
        now: Timestamp,
    ) -> Result<Value, String> {
        let body = &self.located(method, path, body);
        let separator = if path.contains('?') { '&' } else { '?' };
        let request = Request::builder()
            .method(method)
            .uri(format!("https://management.azure.com{path}{separator}api-version={}", newest_for(path)))
            .header("authorization", "Bearer somebody-else")
            .body(Bytes::from(if body.is_null() { String::new() } else { body.to_string() }))
            .map_err(|error| format!("{method} {path} is no request: {error}."))?;
        let response = self.answer(&Call::of(request), now);
        let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        Ok(serde_json::json!({ "status": response.status().as_u16(), "body": body }))
    }

    /// Fills in the location of a cluster that is to be changed.
    fn located(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut body = body.clone();
        let Route::Cluster(place) = Route::of(path.split('?').next().unwrap_or_default()) else {
            return body;
        };
        if let (Ok(cluster), Some(object), "PUT") = (self.look(&place), body.as_object_mut(), method) {
            object.entry("location").or_insert_with(|| cluster.location().into());
        }
        body
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

    /// Returns the next instant at which something begins by itself.
    fn next_instant(&self) -> Option<Timestamp> {
        self.next_of_channels().into_iter().chain(self.next_of_fleets()).min()
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

    /// Returns what a person wants to know of each cluster to begin with.
    #[must_use]
    pub fn cluster_summaries(&self) -> Vec<ClusterSummary> {
        let summary = |cluster: &Cluster| {
            let version = cluster.version();
            let next = self.cluster_offers(cluster).iter().map(|offer| offer.version.minor).max();
            ClusterSummary {
                id: cluster.place.id("managedClusters"),
                name: cluster.place.name.clone(),
                version: version.to_string(),
                next_minor: format!("1.{}", next.unwrap_or(version.minor)),
            }
        };
        self.clusters.iter().map(summary).collect()
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
        self.dispatch(call)
    }

    fn dispatch(&mut self, call: &Call) -> Result<Reply, Refusal> {
        use Route as R;
        match (call.method.as_str(), &call.route) {
            ("GET", R::Tenants | R::Subscriptions | R::Subscription(_) | R::Locations(_)) => {
                self.account(call)
            }
            ("GET", R::Groups(_) | R::Group { .. }) => self.account(call),
            ("HEAD", R::Group { subscription, group }) => Ok(self.head_group(subscription, group)),
            ("PUT", R::Group { subscription, group }) => self.put_group(call, subscription, group),
            ("GET", R::Clusters { subscription, group }) => {
                self.list_clusters(call, subscription, group.as_deref())
            }
            ("GET", R::Snapshots { subscription, group }) => {
                self.list_snapshots(call, subscription, group.as_deref())
            }
            ("GET", R::Snapshot(place)) => self.get_snapshot(place),
            ("PUT", R::Snapshot(place)) => self.put_snapshot(call, place),
            ("PATCH", R::Snapshot(place)) => self.patch_snapshot(call, place),
            ("DELETE", R::Snapshot(place)) => Ok(self.delete_snapshot(place)),
            ("GET", R::Fleets { subscription, group }) => {
                self.list_fleets(call, subscription, group.as_deref())
            }
            (_, R::Fleet(place, part)) => self.ask_fleet(call, place, part),
            (_, R::Limit(asked)) => self.ask_limits(call, asked),
            ("GET", R::Insights(place)) => self.list_insights(call, place),
            ("GET", R::Insight(place, name)) => self.get_insight(place, name),
            ("GET", R::Versions { location }) => self.region_versions(call, location),
            ("GET", R::Status { id }) => self.status(call, id),
            ("GET", R::Result { id }) => self.result(call, id),
            ("GET", R::Cluster(place)) => self.get_cluster(place),
            ("PUT", R::Cluster(place)) => self.put_cluster(call, place),
            ("PATCH", R::Cluster(place)) => self.patch_cluster(call, place),
            ("DELETE", R::Cluster(place)) => self.delete_cluster(call, place),
            ("POST", R::ClusterAction(place, action)) => self.act_on_cluster(call, place, action),
            ("GET", R::UpgradeProfile(place)) => self.upgrade_profile(place),
            ("GET", R::AvailableVersions(place)) => self.available_versions(place),
            ("GET", R::Pools(place)) => self.list_pools(call, place),
            ("GET", R::Pool(place, pool)) => self.get_pool(place, pool),
            ("PUT", R::Pool(place, pool)) => self.put_pool(call, place, pool),
            ("DELETE", R::Pool(place, pool)) => self.delete_pool(call, place, pool),
            ("POST", R::PoolAction(place, pool, action)) => self.act_on_pool(call, place, pool, action),
            ("GET", R::PoolProfile(place, pool)) => self.pool_profile(place, pool),
            ("GET", R::Machines(place, pool)) => self.machines(call, place, pool),
            ("GET", R::Machine(place, pool, machine)) => self.machine(call, place, pool, machine),
            ("GET", R::MaintenanceList(place)) => self.list_maintenance(place),
            ("GET", R::Maintenance(place, config)) => self.get_maintenance(place, config),
            ("PUT", R::Maintenance(place, config)) => self.put_maintenance(call, place, config),
            ("DELETE", R::Maintenance(place, config)) => self.delete_maintenance(place, config),
            (_, R::Unknown) if !call.is_of_arm() => Err(Refusal::no_route(&call.path)),
            _ => Err(Refusal::not_played(&call.method, &call.path)),
        }
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

impl Call {
    fn of(request: Request<Bytes>) -> Self {
        let (parts, body) = request.into_parts();
        let header = |name: &str| text_header(&parts.headers, name);
        let scheme = parts.uri.scheme_str().unwrap_or("http");
        let host = parts.uri.authority().map(|authority| authority.as_str().to_owned());
        let host = host.or_else(|| header("host")).unwrap_or_else(|| "localhost".into());
        Call {
            route: Route::of(parts.uri.path()),
            words: route::words(parts.uri.path()),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            base: format!("{scheme}://{host}"),
            body,
            content_type: header("content-type"),
            if_match: header("if-match").filter(|value| !value.is_empty()),
            if_none_match: header("if-none-match").filter(|value| !value.is_empty()),
            bearer: header("authorization")
                .and_then(|value| value.strip_prefix("Bearer ").map(str::to_owned))
                .filter(|token| !token.is_empty()),
            method: parts.method,
        }
    }

    /// Returns a parameter of the query; names in any case, names and values decoded.
    fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.into_owned())
    }

    fn json(&self) -> Result<cluster::Object, Refusal> {
        let kind = self.content_type.as_deref().map(|kind| kind.split(';').next().unwrap_or_default().trim());
        if let Some(kind) = kind.filter(|kind| !kind.eq_ignore_ascii_case("application/json")) {
            return Err(Refusal::unsupported_media_type(kind));
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            _ => Err(Refusal::bad_body()),
        }
    }

    fn entry(&self, at: Timestamp, status: Option<u16>) -> Entry {
        let write = self.is_write();
        Entry {
            number: 0,
            at,
            method: self.method.to_string(),
            path: format!("/{}", self.words.join("/")),
            api_version: self.parameter("api-version"),
            status,
            write,
            body: if write { serde_json::from_slice(&self.body).ok() } else { None },
            if_match: self.if_match.clone(),
        }
    }

    /// Tells whether it is for Resource Manager or below.
    fn is_of_arm(&self) -> bool {
        self.words.first().is_some_and(|word| word.eq_ignore_ascii_case("subscriptions"))
    }

    /// Tells whether it is meant to change something; asking for a token is not.
    fn is_write(&self) -> bool {
        self.method != Method::GET && self.method != Method::HEAD && !matches!(self.route, Route::Token)
    }
}

fn text_header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
