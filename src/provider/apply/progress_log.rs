//! How far an apply has come, told line by line: all that a person sees of hours of work.
//!
//! ```text
//! step 3 of 8: pool user1 1.34.9 -> 1.35.6: UpgradingAgentPool: 1/3 nodes completed: cluster=prod nodes="1 of 3" pool=user1 window_left=3h20m
//! ```

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::arm::operation::Nodes;
use crate::arm::response::{self, NodeTarget, UPGRADING_IMAGE};
use crate::provider::apply::Run;
use crate::provider::apply::run_state::RunState;
use crate::provider::apply::sink::News;
use crate::provider::apply::stop::span;
use crate::provider::observation::Observation;
use crate::provider::words::explain;
use crate::upgrade::cluster::Pool;
use crate::upgrade::step::{Step, Work};

/// How often machines are counted while Azure's status tells no number of nodes.
const COUNT: Duration = Duration::from_secs(60);

/// The longest silence about an operation that runs.
const SILENCE: Duration = Duration::from_secs(300);

/// How long counting machines may take: it is a courtesy, and the upgrade goes on without it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Work that is waited for: a step, or an operation of somebody else.
pub(super) struct ProgressLog<'a> {
    run: &'a Run<'a>,
    /// `step 2 of 6: pool batch 1.34.4 -> 1.35.6`.
    what: String,
    /// The pools that are worked on, and what their nodes are to become, where they become another.
    pools: Vec<(String, Option<NodeTarget>)>,
    /// When the window closes.
    closes: Option<Timestamp>,
    status: String,
    nodes: Option<Nodes>,
    counted: Option<Instant>,
    told: Instant,
}

impl<'a> ProgressLog<'a> {
    /// Begins to tell of a step.
    pub(super) fn of(run: &'a Run<'a>, step: &Step, seen: &Observation, state: &RunState) -> Self {
        let what = format!("{}: {}", state.place_of(step), explain::step(step));
        let wanted = match &step.work {
            Work::Image { to, .. } => NodeTarget { version: None, image: Some(to.to_string()) },
            work => NodeTarget { version: Some(work.to()), image: None },
        };
        let pools = seen.cluster.pools.iter().filter(|pool| touches(&step.work, pool));
        let pools = pools.map(|pool| (pool.name.clone(), Some(wanted.clone()))).collect();
        ProgressLog { closes: run.closes(step, seen), ..ProgressLog::new(run, what, pools) }
    }

    /// Begins to tell of an operation that is no step of ours, before a step that is.
    pub(super) fn before(run: &'a Run<'a>, due: &Step, seen: &Observation, state: &RunState) -> Self {
        let busy = |pool: &Pool| Some((pool.name.clone(), wanted(pool, pool.state.operation()?, seen)));
        let pools = seen.cluster.pools.iter().filter_map(busy).collect();
        let place = state.place_of(due);
        let what = format!("before {place}: waiting for an operation that is no step of this apply");
        ProgressLog { closes: run.closes(due, seen), ..ProgressLog::new(run, what, pools) }
    }

    fn new(run: &'a Run<'a>, what: String, pools: Vec<(String, Option<NodeTarget>)>) -> Self {
        let (status, nodes, counted, told) = (String::new(), None, None, Instant::now());
        ProgressLog { run, what, pools, closes: None, status, nodes, counted, told }
    }

    /// Takes in a status of the operation, and tells it when it says something new or nothing was said for long.
    pub(super) async fn hear(&mut self, status: String, nodes: Option<Nodes>) {
        let nodes = match nodes {
            Some(nodes) => Some(nodes),
            None if self.counted.is_none_or(|at| at.elapsed() >= COUNT) => {
                self.counted = Some(Instant::now());
                self.count().await
            }
            None => self.nodes,
        };
        if status != self.status || nodes != self.nodes || self.told.elapsed() >= SILENCE {
            (self.status, self.nodes, self.told) = (status, nodes, Instant::now());
            self.tell(&self.status);
        }
    }

    /// Tells of an operation that this run found, and for how long it has been seen.
    pub(super) async fn tell_found(mut self, seen: &Observation, since: Duration) {
        self.nodes = self.count().await;
        let operation = seen.cluster.operation().unwrap_or("unknown");
        self.tell(&format!("running in Azure ({operation}), seen for {}", span(since)));
    }

    /// Tells that the work is done.
    pub(super) fn end(&mut self) {
        self.nodes = self.nodes.map(|Nodes { of, .. }| Nodes { done: of, of });
        self.tell("done");
    }

    /// Tells something about the work.
    pub(super) fn tell(&self, said: &str) {
        let (nodes, window_left) = (self.nodes(), self.window_left());
        self.run.sink.tell(&News { nodes, window_left, ..self.news(said) });
    }

    /// Tells something about the work that should not be.
    pub(super) fn warn(&self, said: &str) {
        let status = Some(self.status.clone());
        self.run.sink.tell(&News { warns: true, status, ..self.news(said) });
    }

    fn news(&self, said: &str) -> News {
        let cluster = self.run.arguments.cluster.name().to_owned();
        News { text: format!("{}: {said}", self.what), cluster, pool: self.pool(), ..News::default() }
    }

    fn pool(&self) -> Option<String> {
        let names: Vec<_> = self.pools.iter().map(|(name, _)| name.as_str()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    fn nodes(&self) -> Option<String> {
        self.nodes.map(|nodes| format!("{} of {}", nodes.done, nodes.of))
    }

    fn window_left(&self) -> Option<String> {
        let left = self.closes?.duration_since(self.run.client.now()?);
        Some(span(Duration::try_from(left).unwrap_or_default()))
    }

    /// Counts the machines that are done; `None` when nobody reads it, or Azure does not tell.
    async fn count(&self) -> Option<Nodes> {
        let pools = || self.pools.iter().filter_map(|(pool, wanted)| Some((pool, wanted.as_ref()?)));
        if pools().next().is_none() || !self.run.sink.listens() {
            return None;
        }
        let client = self.run.client.within(PATIENCE);
        let mut all = Nodes { done: 0, of: 0 };
        for (pool, wanted) in pools() {
            match client.machines(&self.run.arguments.cluster, pool).await {
                Ok(machines) => {
                    let nodes = response::nodes_done(&machines.body, wanted);
                    all = Nodes { done: all.done + nodes.done, of: all.of + nodes.of };
                }
                // A role may lack the permission, a pool may go away meanwhile.
                Err(error) => {
                    tracing::debug!(%error, pool, "machines cannot be counted");
                    return None;
                }
            }
        }
        Some(all)
    }
}

/// Tells whether the operation that runs is on what a step is about.
pub(super) fn is_worked_on(step: &Step, seen: &Observation) -> bool {
    match step.work.pool() {
        Some(name) => seen.cluster.pool(name).is_some_and(|pool| pool.state.operation().is_some()),
        None => seen.cluster.state.operation().is_some(),
    }
}

/// Returns what the nodes of a pool become by an operation that is no step of ours.
fn wanted(pool: &Pool, operation: &str, seen: &Observation) -> Option<NodeTarget> {
    let image = seen.offers.images.get(&pool.name).filter(|_| operation == UPGRADING_IMAGE);
    let version = seen.intended_version(&pool.name);
    operation.starts_with("Upgrading").then(|| NodeTarget { version, image: image.map(ToString::to_string) })
}

fn touches(work: &Work, pool: &Pool) -> bool {
    match work {
        Work::ControlPlane { .. } | Work::MaintenanceConfiguration { .. } | Work::Channel { .. } => false,
        Work::Pool { pool: name, .. } | Work::Image { pool: name, .. } => pool.name == *name,
        Work::Cluster { .. } => !pool.machines,
    }
}
