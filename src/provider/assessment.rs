//! What the arguments make of an observation: the plan, the promise and what to tell the user.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::provider::arguments::Arguments;
use crate::provider::observation::Observation;
use crate::provider::steps::Line;
use crate::upgrade::block::{Block, Effect};
use crate::upgrade::cluster::{Cluster, Pool, State};
use crate::upgrade::course::{passed_over, usual, ways};
use crate::upgrade::kind::Kind;
use crate::upgrade::node_image::NodeImage;
use crate::upgrade::plan::order::nameless;
use crate::upgrade::plan::{Plan, plan};
use crate::upgrade::policy::Goal;
use crate::upgrade::promise::{Promise, impossible, promise};
use crate::upgrade::step::{Manner, Step, Work};
use crate::upgrade::support::{Leaving, leaving};
use crate::upgrade::task::{Component, Task};
use crate::upgrade::window::Windows;
use crate::upgrade::window::interval::Interval;

/// A pure function of the arguments and an observation; Read, Plan and Apply all show this.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// When the observation was made.
    pub at: Timestamp,
    /// What was observed.
    pub cluster: Cluster,
    /// The steps to the goal, and what blocks them.
    pub plan: Plan,
    /// What an apply now would do.
    pub promise: Promise,
    /// The windows as they count now.
    pub windows: Windows,
    /// The latest node image of each pool, by pool name.
    pub latest: BTreeMap<String, NodeImage>,
    /// The tasks whose openings are shown: those of the next step, else what may come; of several the next.
    pub next: Vec<Vec<Task>>,
    /// The running minor, where it leaves support within weeks.
    pub leaving: Option<Leaving>,
    /// What no opening can ever hold, for each kind of work.
    pub nowhere: Vec<Block>,
    /// The names in rules that no pool has. They block nothing: the rule has no effect.
    pub nameless: Vec<Block>,
}

impl Assessment {
    /// Computes what an apply at the instant of the observation would do.
    #[must_use]
    pub fn new(arguments: &Arguments, observation: &Observation) -> Self {
        let cluster = observation.cluster.clone();
        let is_unread = arguments.policy.goal.images().is_some() && !observation.has_every_image();
        let plan = if is_unread { unread("node_image") } else { plan(observation, &arguments.policy) };
        let windows = arguments.windows.clone();
        let promise = promise(&plan, &windows, arguments.outside, observation.at);
        let nowhere = impossible(&plan, &windows, observation.at);
        let first = |steps: &[Step]| steps.iter().find(|step| !step.is_running()).map(Step::tasks);
        // Of openings that begin together, that of the first line is shown.
        let all = std::iter::once(usual(&plan, &windows)).chain(ways(&plan, &windows));
        let mut next: Vec<Vec<Task>> = all.filter_map(|way| first(&way)).collect();
        if next.is_empty() {
            next = idle(&cluster, &arguments.policy.goal);
        }
        let latest = observation.offers.images.clone();
        let at = observation.at;
        let leaving = leaving(observation);
        let mut nameless = nameless(&cluster, &arguments.policy.rollout, &windows);
        nameless.retain(|block| !plan.blocks.contains(block));
        Assessment { at, cluster, plan, promise, windows, latest, next, leaving, nowhere, nameless }
    }

    /// Shows the facts of an observation for which there is no goal yet, as after an import.
    #[must_use]
    pub fn of_facts(observation: &Observation) -> Self {
        Assessment {
            at: observation.at,
            cluster: observation.cluster.clone(),
            plan: nothing(),
            promise: Promise {
                steps: Vec::new(),
                left: Vec::new(),
                opening: None,
                held: None,
                soak: SignedDuration::ZERO,
                soaked_at: None,
            },
            windows: Windows::default(),
            latest: observation.offers.images.clone(),
            next: Vec::new(),
            leaving: None,
            nowhere: Vec::new(),
            nameless: Vec::new(),
        }
    }

    /// Tells whether an apply now would act, or wait and then act.
    #[must_use]
    pub fn acts(&self) -> bool {
        !self.promise.steps.is_empty()
    }

    /// Tells whether an argument names what was never read, so that nothing can be promised yet.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        self.plan.blocks.iter().any(|block| matches!(block, Block::NotObserved { .. }))
    }

    /// Tells whether an apply now would start something.
    #[must_use]
    pub fn starts(&self) -> bool {
        self.promise.steps.iter().any(|step| !step.is_running())
    }

    /// Returns the steps that an apply now would leave undone.
    #[must_use]
    pub fn remaining(&self) -> &[Step] {
        &self.promise.left
    }

    /// Returns the part of the promise that a create keeps: settings with which AKS upgrades by itself, as far as
    /// writing them disrupts nothing. `None` when there is none.
    #[must_use]
    pub fn quiet_settings(&self) -> Option<Promise> {
        let quiet = |step: &&Step| match step.work {
            Work::MaintenanceConfiguration { .. } => true,
            Work::Channel { disrupts, .. } => !disrupts,
            _ => false,
        };
        let steps: Vec<Step> = self.promise.steps.iter().take_while(quiet).cloned().collect();
        (!steps.is_empty()).then(|| Promise { steps, ..self.promise.clone() })
    }

    /// Returns the steps that are left, in the order to which the windows lead, whatever the time.
    #[must_use]
    pub fn way(&self) -> Vec<Step> {
        usual(&self.plan, &self.windows)
    }

    /// Returns when the step that `steps` shows first could start, where it waits although a window holds it.
    #[must_use]
    pub fn passed_over(&self) -> Option<Timestamp> {
        passed_over(&self.plan, &self.windows, self.at).filter(|_| !self.acts())
    }

    /// Returns the steps that the state shows as pending and that the way of this apply has no need of.
    #[must_use]
    pub fn left_out(&self) -> Vec<Step> {
        let is_on_way = |step: &Step| {
            self.promise.steps.iter().chain(&self.promise.left).any(|one| one.work == step.work)
        };
        self.way().into_iter().filter(|step| self.starts() && !is_on_way(step)).collect()
    }

    /// Returns a line for each step that is left, in order, as the map `steps` shows them.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        self.way().iter().map(line).collect()
    }

    /// Returns the same on the way that an apply now takes: what it promises comes first.
    #[must_use]
    pub fn promised_lines(&self) -> Vec<Line> {
        self.promise.steps.iter().chain(&self.promise.left).map(line).collect()
    }

    /// Returns everything that stands in the way.
    #[must_use]
    pub fn blocks(&self) -> Vec<&Block> {
        let is_told = |held: &&Block| {
            self.plan.blocks.contains(held) || self.nowhere.iter().any(|nowhere| nowhere.is_alike(held))
        };
        let held = self.promise.held.iter().filter(|held| !is_told(held));
        self.plan.blocks.iter().chain(&self.nameless).chain(held).chain(&self.nowhere).collect()
    }

    /// Returns the blocks worth a warning.
    ///
    /// While upgrades are pending, only those that stop every step count.
    pub fn hindrances(&self) -> impl Iterator<Item = &Block> {
        let idle = self.plan.steps.iter().all(|step| step.work.setting().is_some());
        self.plan.blocks.iter().filter(move |block| if idle { block.concerns() } else { block.stops() })
    }

    /// Returns the opening that contains the observation, else the next one; `None` when it is always or never open.
    #[must_use]
    pub fn next_window(&self) -> Option<Interval> {
        if self.windows.windows.is_empty() && self.windows.blackouts.is_empty() {
            return None;
        }
        let openings = self.next.iter().filter_map(|tasks| self.windows.opening(tasks, self.at));
        openings.min_by_key(|opening| opening.start)
    }

    /// Returns the word for the whole: `up_to_date`, `pending`, `upgrading`, `blocked` or `failed`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        if self.is_busy() {
            "upgrading"
        } else if self.states().any(|state| matches!(state, State::Failed(_))) {
            "failed"
        } else if self.hindrances().next().is_some() || self.is_shut_out() {
            "blocked"
        } else if self.plan.steps.is_empty() && !self.plan.blocks.iter().any(Block::leaves_to_aks) {
            "up_to_date"
        } else {
            "pending"
        }
    }

    /// Tells whether no window ever holds even the first step.
    #[must_use]
    pub fn is_shut_out(&self) -> bool {
        let held = self.promise.held.as_ref();
        !self.acts() && held.is_some_and(|held| held.effect() == Effect::FitsNowhere)
    }

    /// Tells whether an operation runs on the cluster or on a pool.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.states().any(|state| matches!(state, State::Busy(_)))
    }

    fn states(&self) -> impl Iterator<Item = &State> {
        std::iter::once(&self.cluster.state).chain(self.cluster.pools.iter().map(|pool| &pool.state))
    }

    /// Returns the assessment once the promised steps are done: what a plan commits to.
    #[must_use]
    pub fn after(&self) -> Assessment {
        let mut after = self.clone();
        for step in &self.promise.steps {
            step.take(&mut after.cluster);
        }
        after.plan.steps = self.remaining().to_vec();
        after.plan.meanwhile.clear();
        after.promise.steps.clear();
        after.plan.blocks.retain(|block| !block.ends_with_the_work());
        after
    }
}

/// Returns what may come next where nothing is to be done: a new minor, an image for any pool, or either.
fn idle(cluster: &Cluster, goal: &Goal) -> Vec<Vec<Task>> {
    let image =
        |pool: &Pool| vec![Task { component: Component::Pool(pool.name.clone()), kind: Kind::NodeImage }];
    let minor = vec![Task { component: Component::ControlPlane, kind: Kind::Minor }];
    let images = goal.images().map(|_| cluster.pools.iter().map(image));
    Some(minor).filter(|_| goal.has_versions()).into_iter().chain(images.into_iter().flatten()).collect()
}

/// Returns the plan without a goal.
fn nothing() -> Plan {
    Plan {
        target: None,
        steps: Vec::new(),
        meanwhile: Vec::new(),
        images_in_any_order: true,
        blocks: Vec::new(),
        soak: SignedDuration::ZERO,
        soaked_at: None,
    }
}

/// Returns the plan while an argument names what was never read.
fn unread(argument: &'static str) -> Plan {
    Plan { blocks: vec![Block::NotObserved { argument }], ..nothing() }
}

/// Returns the line of a step, as the map `steps` shows it. Of images it says what tells them apart, or no terminal shows
/// a planned line in one row.
#[must_use]
pub fn line(step: &Step) -> Line {
    let line = match &step.work {
        Work::Image { from, to, .. } => {
            let (from, to) = from.apart(to);
            Line::new(&step.work.part(), from, to)
        }
        work => Line::new(&work.part(), &work.from(), &work.to()),
    };
    if step.manner == Manner::Upgrade { line } else { line.with_origin_lost() }
}
