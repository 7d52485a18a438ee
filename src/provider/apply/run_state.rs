//! The memory of one apply: what it promised and tried, from which it decides, and its [`Account`], from which it
//! decides no step, only how long it waits.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use crate::provider::apply::account::Account;
use crate::provider::apply::stop::Reached;
use crate::provider::observation::{Memory, Observation};
use crate::upgrade::action::Action;
use crate::upgrade::attempted::Attempted;
use crate::upgrade::block::Block;
use crate::upgrade::cluster::{Cluster, Pool};
use crate::upgrade::kind::Kind;
use crate::upgrade::promise::Promise;
use crate::upgrade::step::{Step, Work};

/// What an apply remembers.
pub(super) struct RunState {
    /// What the plan promised.
    promise: Promise,
    /// All that [`next`](crate::upgrade::action::next) decides from beside what it sees.
    attempted: Attempted,
    /// The promised step that was found running, and is waited for.
    attached: Option<Step>,
    /// Whether anything was written, or may have been.
    touched: bool,
    /// The pools whose settings were written.
    settings: BTreeSet<String>,
    /// Whether the run has let others go before its first step.
    gave_way: bool,
    /// How often there was trouble since the last step was done.
    failures: u32,
    account: Account,
    /// What is kept from one observation to the next.
    memory: Memory,
    /// The last step for which the pools' offers were read.
    asked: Option<Step>,
    /// The last observation.
    last: Option<Observation>,
}

impl RunState {
    pub fn new(promise: Promise, memory: Memory) -> Self {
        RunState {
            promise,
            attempted: Attempted::default(),
            attached: None,
            touched: false,
            settings: BTreeSet::new(),
            gave_way: false,
            failures: 0,
            account: Account::default(),
            memory,
            asked: None,
            last: None,
        }
    }

    /// Returns what the plan promised.
    pub fn promise(&self) -> &Promise {
        &self.promise
    }

    /// Returns what was tried so far.
    pub fn attempted(&self) -> &Attempted {
        &self.attempted
    }

    /// Returns what is kept from one observation to the next, with what this run has learned.
    pub fn memory(&self) -> Memory {
        let pool_ended = self.attempted.last_end_of_a_pool().max(self.memory.pool_ended);
        Memory { pool_ended, ..self.memory.clone() }
    }

    /// Takes in that a call for an image came to nothing, so that the next plan does not make it again.
    pub fn remember(&mut self, block: &Block) {
        if let Block::NoEffect { work: Work::Image { pool, to, .. }, .. } = block {
            self.memory.no_effect.insert(pool.clone(), to.to_string());
        }
    }

    /// Takes in that a step of this run failed in Azure: of an image it is known what its repair is.
    pub fn remember_failed(&mut self, step: &Step, cluster: &Cluster) {
        let Some(pool) = step.work.pool().and_then(|name| cluster.pool(name)) else { return };
        if step.kinds() == [Kind::NodeImage] && pool.unfinished.is_none() {
            self.memory.image_failed.insert(pool.name.clone(), pool.version.to_string());
        } else {
            self.memory.image_failed.remove(&pool.name);
        }
    }

    /// Takes in that Azure refused a step and named a newer image as the cure, so that the next plan calls for one.
    ///
    /// Of a write to the cluster Azure does not say which pool: it is the one that failed, else the one whose image
    /// is the oldest.
    pub fn remember_too_old(&mut self, step: &Step, cluster: &Cluster) {
        let is_own = |pool: &&Pool| step.work.pool().is_none_or(|name| name == pool.name) && !pool.machines;
        let pools: Vec<&Pool> = cluster.pools.iter().filter(is_own).collect();
        let failed = pools.iter().copied().filter(|pool| pool.state.is_failed());
        let mut ill: Vec<&Pool> = failed.collect();
        if ill.is_empty() {
            ill.extend(pools.into_iter().min_by_key(|pool| pool.image.published()));
        }
        self.memory.too_old.extend(ill.iter().map(|pool| (pool.name.clone(), pool.image.to_string())));
    }

    /// Tells whether the pools have been asked already that follow a control plane: they are not asked at every try.
    pub fn has_asked(&self, step: &Step) -> bool {
        step.work.pool().is_none() && self.asked.as_ref() == Some(step)
    }

    /// Takes in that the offers were read that decide about a step.
    pub fn asked(&mut self, step: Option<&Step>) {
        self.asked = step.cloned();
    }

    /// Takes in what the cluster shows, before anything is decided about it.
    pub fn look(&mut self, seen: &Observation) {
        self.attempted.see(seen);
    }

    /// Takes in what was seen, and what is to be done about it.
    pub fn saw(&mut self, seen: &Observation, action: &Action) {
        let Memory { no_effect, too_old, image_failed, .. } = self.memory.clone();
        self.memory = Memory { no_effect, too_old, image_failed, ..seen.memory() };
        self.account(|account, steps, ended| account.take_in(action, steps, ended));
    }

    /// Keeps an observation: what is true where nothing is written, and where Azure can be asked no more.
    pub fn keep(&mut self, seen: Observation) {
        self.last = Some(seen);
    }

    /// Takes in that a step's write goes out.
    pub fn sending(&mut self, step: &Step) {
        self.account.sending(step);
    }

    /// Takes in that it did not go out, or was refused: nothing was changed by it.
    pub fn not_sent(&mut self) {
        self.account.not_sent();
    }

    /// Takes in that a pool's settings were written before its step, or that nobody knows whether they were.
    pub fn settings_sent(&mut self, pool: &str) {
        self.touched = true;
        self.settings.insert(pool.to_owned());
    }

    /// Tells whether a pool's settings were written.
    pub fn has_settings(&self, pool: &str) -> bool {
        self.settings.contains(pool)
    }

    /// Takes in that Azure accepted a step.
    pub fn sent(&mut self, step: &Step) {
        self.touched = true;
        self.attempted.sent(step);
    }

    /// Takes in that nobody knows whether Azure accepted a step.
    pub fn lost(&mut self, step: &Step, before: &Observation) {
        self.touched = true;
        self.attempted.lost(step, &before.cluster);
    }

    /// Takes in that the operation of a step was seen to end.
    pub fn ended(&mut self, step: &Step, at: Timestamp) {
        self.attempted.ended(step, at);
    }

    /// Takes in that a promised step, or none, runs without this run having seen it begin.
    pub fn attach(&mut self, step: Option<Step>) {
        // One that has ended already is worked on by somebody else.
        self.attached = step.filter(|step| self.attempted.end_of(step).is_none());
    }

    /// Returns the step that was found running when it is done: something else, or nothing, is due.
    pub fn detach(&mut self, due: Option<&Step>, at: Timestamp) -> Option<Step> {
        let step = self.attached.take_if(|step| due != Some(step))?;
        self.attempted.ended(&step, at);
        self.account(|account, steps, _| account.count_found(&step, steps));
        Some(step)
    }

    /// Takes in that the run waits for its turn no longer: what it started last has ended by then.
    pub fn turn_lost(&mut self) {
        self.account(|account, steps, ended| account.count_ended(steps, ended));
    }

    /// Takes in Azure's last refusal, or why it could not be asked.
    pub fn trouble(&mut self, trouble: String) {
        self.account.trouble(trouble);
    }

    /// Returns how often there was trouble since the last step was done, this time included.
    pub fn failed_again(&mut self) -> u32 {
        self.failures += 1;
        self.failures
    }

    /// Tells, once, that the run lets others go before its first step.
    pub fn gives_way(&mut self) -> bool {
        !std::mem::replace(&mut self.gave_way, true)
    }

    /// Tells whether work of the promise was started, or found running.
    pub fn works(&self) -> bool {
        self.touched || self.attached.is_some() || self.attempted.last_end().is_some()
    }

    /// Says `step 2 of 6`.
    pub fn place_of(&self, step: &Step) -> String {
        let steps = self.steps();
        let place = steps.iter().position(|promised| promised == step).map_or(0, |place| place + 1);
        format!("step {place} of {}", steps.len())
    }

    /// Returns when the soak after the last pool ends, of an earlier apply where this one has ended none.
    pub fn soaks_until(&self) -> Option<Timestamp> {
        let own = self.attempted.last_end_of_a_pool().and_then(|end| end.checked_add(self.promise.soak).ok());
        own.or(self.promise.soaked_at)
    }

    /// Returns for how long what runs in Azure has been seen.
    pub fn waited(&self) -> Duration {
        self.account.waited()
    }

    /// Returns what the diagnostic says.
    pub fn reached(&self) -> Reached {
        self.account.reached(self.touched, self.steps().len())
    }

    /// Returns the last observation that was kept.
    pub fn into_last(self) -> Option<Observation> {
        self.last
    }

    fn steps(&self) -> &[Step] {
        &self.promise.steps
    }

    /// Writes to the account; trouble is over when one more step is done.
    fn account(&mut self, write: impl FnOnce(&mut Account, &[Step], &dyn Fn(&Step) -> bool)) {
        let (attempted, done) = (&self.attempted, self.account.done());
        write(&mut self.account, &self.promise.steps, &|step| attempted.end_of(step).is_some());
        if self.account.done() > done {
            self.failures = 0;
        }
    }
}
