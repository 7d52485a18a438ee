//! Plan and apply of an update: a promise, and how it is kept.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::arm::id::ClusterId;
use crate::provider::apply::sink::Log;
use crate::provider::apply::{Broken, Run};
use crate::provider::arguments::Arguments;
use crate::provider::assessment::Assessment;
use crate::provider::observation::observe::OfferKind;
use crate::provider::observation::{Memory, Observation};
use crate::provider::resources::cluster_resource::ClusterResource;
use crate::provider::resources::upgrader::Upgrader;
use crate::provider::resources::{promised, spelling};
use crate::provider::words::{explain, warnings};
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::resource::ResourceResponse;
use crate::terraform::value::Value;
use crate::upgrade::promise::Promise;
use crate::upgrade::step::{Step, Work};

impl<U: ClusterResource> Upgrader<U> {
    /// Plans from the configuration, the prior state and what the last refresh kept, and from nothing else.
    ///
    /// | the plan | its state |
    /// |---|---|
    /// | has a step to do | promises it |
    /// | has none, and no argument changed | is the prior one, byte for byte |
    /// | has none, and an argument changed | shows what the arguments make of the facts |
    /// | cannot know: an argument names what was never read | keeps the facts, and its apply starts nothing |
    /// | cannot know: an argument is unknown | knows the facts alone, and its apply starts nothing |
    ///
    /// Of the last, a note tells the second plan, in which the argument is known.
    pub(super) fn plan_update(
        &self,
        prior: &Value,
        mut planned: Value,
        private: Vec<u8>,
    ) -> ResourceResponse {
        spelling::keep(prior, &mut planned, &["cluster_id"]);
        let (arguments, diagnostics) = Arguments::read(&planned, U::goal);
        if prior.get("cluster_id") != planned.get("cluster_id") {
            // Terraform asks once more, for the create that replaces it.
            promised::hide::<U>(&mut planned);
            return ResourceResponse { state: Some(planned), private, diagnostics };
        }
        let Some(arguments) = arguments else { return self.plan_unknown(planned, private, diagnostics) };
        let keeps_arguments = promised::keeps_arguments::<U>(prior, &planned);
        let Some(observation) = Observation::recall(&arguments.cluster, &private) else {
            if !keeps_arguments {
                promised::unknow::<U>(&mut planned, prior);
            }
            let diagnostics = vec![warnings::never_observed()];
            return ResourceResponse { state: Some(planned), private, diagnostics };
        };
        let assessment = Assessment::new(&arguments, &observation);
        let is_shown = !self.azure.notes.has(&unshown::<U>(&private));
        if assessment.is_unread() {
            promised::keep::<U>(&mut planned, prior);
        } else if assessment.acts() && is_shown {
            promised::commit::<U>(&mut planned, &assessment);
        } else if keeps_arguments {
            planned = prior.clone();
        } else {
            promised::show::<U>(&mut planned, &assessment);
        }
        let mut told = Vec::new();
        if is_shown {
            let in_a_job = self.azure.is_in_azure_devops();
            told.extend(warnings::of_plan(&arguments, &assessment));
            told.extend(in_a_job.then(|| warnings::of_azure_devops(&arguments, &assessment)).flatten());
        }
        ResourceResponse { state: Some(planned), private, diagnostics: told }
    }

    /// Plans while an argument is unknown, or wrong.
    fn plan_unknown(
        &self,
        mut planned: Value,
        private: Vec<u8>,
        mut diagnostics: Vec<Diagnostic>,
    ) -> ResourceResponse {
        let cluster = planned.get("cluster_id").as_str().and_then(|id| id.parse::<ClusterId>().ok());
        match cluster.as_ref().and_then(|id| Observation::recall(id, &private)) {
            Some(seen) => promised::hold::<U>(&mut planned, &Assessment::of_facts(&seen)),
            None => promised::hide::<U>(&mut planned),
        }
        if !diagnostics.iter().any(Diagnostic::is_error) {
            self.azure.notes.leave(&unshown::<U>(&private));
            diagnostics.extend(cluster.map(|id| warnings::unknown_argument(&id)));
        }
        ResourceResponse { state: Some(planned), private, diagnostics }
    }

    /// Keeps the promise of a plan. A plan that could not say its steps promised none.
    pub(super) async fn update(
        &self,
        prior: &Value,
        planned: Value,
        private: Vec<u8>,
        stop: CancellationToken,
    ) -> ResourceResponse {
        let (arguments, diagnostics) = Arguments::read(&planned, U::goal);
        let Some(arguments) = arguments else {
            return ResourceResponse { diagnostics, ..ResourceResponse::default() };
        };
        let recalled = Observation::recall(&arguments.cluster, &private);
        let memory = recalled.as_ref().map(Observation::memory).unwrap_or_default();
        let Some(recalled) = recalled.filter(|_| !planned.get("steps").is_unknown()) else {
            return self.save(planned, &arguments, memory, stop).await;
        };
        let assessment = Assessment::new(&arguments, &recalled);
        if assessment.is_unread() {
            return self.save(planned, &arguments, memory, stop).await;
        }
        let is_unshown = self.azure.notes.take(&unshown::<U>(&private));
        if is_unshown || !assessment.acts() {
            let told = warnings::of_saving(&assessment).filter(|_| is_unshown);
            return ResourceResponse {
                state: Some(planned),
                private,
                diagnostics: told.into_iter().collect(),
            };
        }
        let (promise, timeout) = (assessment.promise.clone(), arguments.timeouts.update);
        let kept = self.run(&arguments, promise, timeout, stop, memory).await;
        let known = |seen: Observation| seen.with_update_runs_of(&recalled);
        match kept {
            Ok(seen) => Self::answer(planned, &arguments, &known(seen)),
            Err(Broken { diagnostic, seen: None }) => ResourceResponse::failed(diagnostic),
            Err(Broken { diagnostic, seen: Some(seen) }) => {
                let (seen, mut state) = (known(seen), planned);
                let now = Assessment::new(&arguments, &seen);
                promised::show_progress::<U>(&mut state, prior, &assessment, &seen, &now);
                ResourceResponse { state: Some(state), private: seen.keep(), diagnostics: vec![diagnostic] }
            }
        }
    }

    /// Saves the arguments and the facts of a plan that promised nothing, and starts nothing.
    async fn save(
        &self,
        planned: Value,
        arguments: &Arguments,
        memory: Memory,
        stop: CancellationToken,
    ) -> ResourceResponse {
        let client = match self.azure.client() {
            Ok(client) => client.until(Instant::now() + arguments.timeouts.update),
            Err(diagnostic) => return ResourceResponse::failed(diagnostic),
        };
        match self.look(&client, arguments, memory, &stop).await {
            Ok(seen) => {
                let told = warnings::of_saving(&Assessment::new(arguments, &seen));
                self.telling(Self::answer(planned, arguments, &seen), told, &client)
            }
            Err(diagnostic) => ResourceResponse::failed(diagnostic),
        }
    }

    pub(super) async fn run(
        &self,
        arguments: &Arguments,
        promise: Promise,
        timeout: Duration,
        stop: CancellationToken,
        memory: Memory,
    ) -> Result<Observation, Broken> {
        let client = self.azure.client().map_err(|diagnostic| Broken { diagnostic, seen: None })?;
        // What has work to do works in a window, or waits for one and asks nothing until then.
        let (azure, client) = (&*self.azure, client.until(Instant::now() + timeout).urgent(true));
        let leads_to_image = |step: &Step| matches!(step.work, Work::Image { .. });
        let offers = match OfferKind::of(&arguments.policy.goal) {
            // A policy without node_image repairs images, too, and a pool that has settled meanwhile still needs its own.
            OfferKind::Versions if promise.steps.iter().any(leads_to_image) => OfferKind::Both,
            offers => offers,
        };
        let run = Run { azure, client, arguments, timeout, offers, stop, sink: &Log };
        run.keep(promise, memory).await
    }

    /// Answers with what was planned, and with what is true where nothing was planned; with the truth alone, and an
    /// error, where Azure shows another version than the plan promised.
    pub(super) fn answer(planned: Value, arguments: &Arguments, seen: &Observation) -> ResourceResponse {
        let mut live = planned.clone();
        promised::show::<U>(&mut live, &Assessment::new(arguments, seen));
        let broken = promised::broken(&planned, &live, U::POOLS);
        if broken.is_empty() {
            let state = Some(planned.fill(&live));
            return ResourceResponse { state, private: seen.keep(), diagnostics: Vec::new() };
        }
        let diagnostics = vec![explain::other_version(&arguments.cluster, &broken)];
        ResourceResponse { state: Some(live), private: seen.keep(), diagnostics }
    }
}

/// Says what the note is about that a plan leaves when it could not show its steps.
fn unshown<U: ClusterResource>(private: &[u8]) -> [&[u8]; 2] {
    [U::TYPE.as_bytes(), private]
}
