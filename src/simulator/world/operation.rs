//! A long-running operation: steps laid on a time line, and how it ends.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::simulator::outcome::{Ending, Kind};
use crate::simulator::world::route::Place;

/// An operation and its time line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Operation {
    pub id: String,
    pub serial: u64,
    pub place: Place,
    pub location: String,
    /// The pool, for an operation on one pool.
    pub pool: Option<String>,
    /// The provisioning state while it runs, such as `Upgrading`.
    pub state: String,
    pub kind: Kind,
    pub started: Timestamp,
    pub steps: Vec<Step>,
    /// How many steps have taken effect.
    pub done: usize,
    /// Pools whose state is that of the operation.
    pub pools: Vec<String>,
    /// When and how the work goes wrong.
    pub outcome: Option<(Timestamp, Ending)>,
    /// The error of an outcome: code, message.
    #[serde(default)]
    pub error: Option<(String, String)>,
    /// The pool and how many of its nodes stay as they are, and why.
    #[serde(default)]
    pub passed_over: Option<(String, u32, PassedOver)>,
    /// The pool that has its turn, and how many nodes there are beside its own meanwhile.
    #[serde(default)]
    pub surge: Option<(String, u32)>,
    /// Whether the result's address answers with the resource (200) or with nothing (204).
    pub answers_resource: bool,
    pub ended: Option<(Timestamp, End)>,
    pub polls: u32,
}

/// Why an upgrade passed over a node: what its label `kubernetes.azure.com/upgrade-status` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum PassedOver {
    /// It could not be drained.
    Quarantined,
    /// Somebody asked for it.
    Paused,
}

impl PassedOver {
    /// Returns the value of the label `kubernetes.azure.com/upgrade-status`.
    pub(super) fn label(self) -> &'static str {
        match self {
            PassedOver::Quarantined => "Quarantined",
            PassedOver::Paused => "paused",
        }
    }
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum End {
    Succeeded,
    Failed,
    Canceled,
}

/// A piece of work on the time line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Step {
    pub work: Work,
    pub starts: Timestamp,
    pub ends: Timestamp,
}

/// What a step does when it ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Work {
    /// Nothing that the body would show.
    Settle,
    ControlPlane,
    /// Brings the nodes of a pool to an image, and to the pool's Kubernetes version.
    Nodes {
        pool: String,
        image: String,
        nodes: u32,
        batch: u32,
        /// Whether the nodes stand ready beside the old ones, and only take over.
        #[serde(default)]
        green: bool,
    },
    /// A part of a blue-green upgrade before its nodes take over; its status string.
    Phase(String),
    Power {
        running: bool,
    },
    DeletePool(String),
    DeleteCluster,
    /// Ends the operation that is being aborted.
    Abort {
        id: String,
    },
}

impl Operation {
    /// Tells whether it still holds the cluster or pool.
    pub(super) fn runs(&self) -> bool {
        self.ended.is_none()
    }

    /// Returns when it ends; none for one that hangs.
    pub(super) fn ends(&self) -> Option<Timestamp> {
        match self.outcome {
            Some((_, Ending::Hang)) => None,
            Some((at, Ending::Fail | Ending::Cancel)) => Some(at),
            _ => Some(self.steps.last().map_or(self.started, |step| step.ends)),
        }
    }

    /// Returns the next instant after `now` at which a step of it or all of it ends.
    pub(super) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let ends = self.steps.iter().skip(self.done).map(|step| step.ends).chain(self.ends());
        ends.filter(|at| self.runs() && *at > now).min()
    }

    /// Returns the instant up to which work is done at `now`.
    pub(super) fn worked_until(&self, now: Timestamp) -> Timestamp {
        match self.outcome {
            Some((at, Ending::Fail | Ending::Cancel | Ending::Hang)) => now.min(at),
            _ => now,
        }
    }

    /// Returns the end as the status shows it; none while it runs, or when its status is stuck.
    pub(super) fn shown_end(&self) -> Option<(Timestamp, End)> {
        self.ended.filter(|_| !matches!(self.outcome, Some((_, Ending::Stuck))))
    }

    /// Returns the open status string of a running operation.
    ///
    /// The strings of a rolling upgrade were not recorded; these follow those of creations and of
    /// blue-green upgrades, so that a client cannot come to rely on a closed set.
    pub(super) fn progress(&self, now: Timestamp) -> String {
        let until = self.worked_until(now);
        let Some(step) = self.steps.iter().find(|step| until < step.ends).or(self.steps.last()) else {
            return "InProgress".into();
        };
        match &step.work {
            Work::ControlPlane if step.share(until) < 0.2 => "InProgress".into(),
            Work::ControlPlane if step.share(until) < 0.8 => "ProvisioningControlPlane".into(),
            Work::ControlPlane => "ReconcilingAddons".into(),
            Work::Phase(status) => status.clone(),
            Work::Nodes { green: true, .. } => "BlueGreenCommittingGreenNodes".into(),
            Work::Nodes { nodes, .. } => {
                let noun = if self.pool.is_some() { "UpgradingAgentPool" } else { "UpgradingAgentPools" };
                format!("{noun}: {}/{nodes} nodes completed", self.arrived(step, until))
            }
            _ => "InProgress".into(),
        }
    }
}

impl Operation {
    /// Returns how many of its nodes have arrived at `now`, but for those that it passes over.
    pub(super) fn arrived(&self, step: &Step, now: Timestamp) -> u32 {
        let Work::Nodes { pool, nodes, .. } = &step.work else { return 0 };
        let stay = match &self.passed_over {
            Some((own, stay, _)) if own == pool => *stay,
            _ => 0,
        };
        step.arrived(now).min(nodes.saturating_sub(stay))
    }

    /// Returns the error that its failure shows.
    pub(super) fn failure(&self) -> Value {
        let (code, message) = self.error.clone().unwrap_or_default();
        json!({ "code": code, "message": message })
    }

    /// Returns the error beside an end, if it is not a good one.
    pub(super) fn end_error(&self, end: End) -> Option<Value> {
        match end {
            End::Succeeded => None,
            End::Failed => Some(self.failure()),
            End::Canceled if self.error.is_some() => Some(self.failure()),
            End::Canceled => {
                Some(json!({ "code": "Canceled", "message": "Operation is being canceled by user" }))
            }
        }
    }

    /// Lets nodes that soak take over at once.
    pub(super) fn complete(&mut self, now: Timestamp) {
        let done = self.done;
        for step in self.steps.iter_mut().skip(done) {
            let lasts = step.ends.duration_since(step.starts);
            let waits = matches!(step.work, Work::Phase(_));
            step.starts = now;
            step.ends = later(now, if waits { SignedDuration::ZERO } else { lasts });
        }
    }

    /// Gives the nodes of a step another batch: it lasts longer or shorter, and what comes after it moves.
    pub(super) fn rebatch(&mut self, index: usize, wanted: u32) {
        let Some(step) = self.steps.get_mut(index) else { return };
        let (lasts, before) = (step.ends.duration_since(step.starts), step.batches());
        let Work::Nodes { batch, .. } = &mut step.work else { return };
        if *batch == wanted {
            return;
        }
        *batch = wanted;
        let by = lasts / before * step.batches() - lasts;
        step.ends = later(step.ends, by);
        for step in self.steps.iter_mut().skip(index + 1) {
            (step.starts, step.ends) = (later(step.starts, by), later(step.ends, by));
        }
    }

    /// Tells whether it ends the operation `id`.
    pub(super) fn aborts(&self, id: &str) -> bool {
        self.steps.iter().any(|step| matches!(&step.work, Work::Abort { id: aborted } if aborted == id))
    }
}

impl Step {
    /// Returns in how many batches its nodes move; at least one.
    fn batches(&self) -> i32 {
        let Work::Nodes { nodes, batch, .. } = self.work else { return 1 };
        i32::try_from(nodes.div_ceil(batch.max(1))).unwrap_or(i32::MAX).max(1)
    }

    /// Returns how many nodes have arrived at `now`, whole batches only.
    pub(super) fn arrived(&self, now: Timestamp) -> u32 {
        let Work::Nodes { nodes, batch, .. } = self.work else { return 0 };
        let batches = nodes.div_ceil(batch.max(1));
        (batch * self.whole_batches(now, batches)).min(nodes)
    }

    fn whole_batches(&self, now: Timestamp, batches: u32) -> u32 {
        let gone = now.duration_since(self.starts).as_millis().max(0);
        let all = self.ends.duration_since(self.starts).as_millis().max(1);
        u32::try_from(gone * i128::from(batches) / all).unwrap_or(batches).min(batches)
    }

    fn share(&self, now: Timestamp) -> f64 {
        let all = self.ends.duration_since(self.starts).as_secs_f64();
        now.duration_since(self.starts).as_secs_f64() / all.max(0.001)
    }

    /// Returns the last moment before the step takes effect.
    pub(super) fn last_moment(&self) -> Timestamp {
        self.ends.checked_sub(SignedDuration::from_millis(1)).unwrap_or(self.ends)
    }

    /// Returns the middle of the batch at which no surge node is left, when the last `blocked` nodes cannot be
    /// drained.
    pub(super) fn stuck_on(&self, blocked: u32) -> Timestamp {
        let Work::Nodes { nodes, batch, .. } = self.work else { return self.middle() };
        let batches = nodes.div_ceil(batch.max(1)).max(1);
        let done = nodes.saturating_sub(blocked) / batch.max(1);
        let half_batches = i32::try_from(2 * done.min(batches - 1) + 1).unwrap_or(i32::MAX);
        let all = self.ends.duration_since(self.starts);
        let each = all / i32::try_from(2 * batches).unwrap_or(i32::MAX);
        later(self.starts, each * half_batches)
    }

    /// Returns the middle of the step.
    pub(super) fn middle(&self) -> Timestamp {
        later(self.starts, self.ends.duration_since(self.starts) / 2)
    }
}

/// Returns `at + by`, or the end of time.
pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

impl End {
    /// Returns the state it leaves, and the status it shows.
    pub(super) fn state(self) -> &'static str {
        match self {
            End::Succeeded => "Succeeded",
            End::Failed => "Failed",
            End::Canceled => "Canceled",
        }
    }
}
