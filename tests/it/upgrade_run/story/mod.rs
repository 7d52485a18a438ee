//! Random stories: whatever people, Azure and the network do, the laws hold and the end is good.
//!
//! The invariants of `laws` are held against every request, and Terraform's rules against every answer,
//! as in any other scenario. Here: versions never go down, no pool is above its control plane, every
//! error names the cluster, and once everybody else is quiet, the work is done and a second apply does nothing.

mod chapters;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value as Json, json};
use terraform_provider_aks::terraform::diagnostic::Diagnostic;
use tokio_util::sync::CancellationToken;

use super::azure::{Azure, PROD};
use super::opening::is_open;
use super::terraform::{Plan, Terraform};
use crate::upgrade_run::lines::pending;
use chapters::{Chapter, Event, Story, stories};

const POLICY: &str = "aks_upgrade_policy.prod";
const IMAGES: &str = "aks_node_image.prod";

/// So many applies, ten minutes apart or more, are enough for everything that a story can leave undone.
const ROUNDS: usize = 300;

/// The same few stories each time; as many others as `STORIES` says.
fn config() -> ProptestConfig {
    let more = std::env::var("STORIES").ok().and_then(|cases| cases.parse().ok());
    let rng_seed = more.map_or(RngSeed::Fixed(1), |_| RngSeed::Random);
    let config = ProptestConfig { cases: more.unwrap_or(12), rng_seed, ..ProptestConfig::default() };
    ProptestConfig { failure_persistence: None, max_shrink_time: 30_000, ..config }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_story_keeps_the_laws_and_ends_well(story in stories()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async { Teller::new(&story).tell(&story).await });
    }
}

/// Somebody who lets a story happen.
struct Teller {
    azure: Arc<Azure>,
    terraform: Terraform,
    /// The highest version seen of each part.
    seen: BTreeMap<String, Vec<u32>>,
    added: usize,
}

impl Teller {
    fn new(story: &Story) -> Self {
        let azure = Azure::new(&story.cluster);
        let terraform = Terraform::new(&azure).provider("poll_interval", json!("1m"));
        terraform.write(POLICY, story.policy.clone());
        if let Some(images) = &story.images {
            terraform.write(IMAGES, images.clone());
        }
        Teller { azure, terraform, seen: BTreeMap::new(), added: 0 }
    }

    async fn tell(mut self, story: &Story) {
        for chapter in &story.chapters {
            self.chapter(chapter).await;
            self.look();
        }
        self.end(story).await;
    }

    async fn chapter(&mut self, chapter: &Chapter) {
        self.azure.wait(minutes(chapter.pause)).await;
        let never = CancellationToken::new();
        if let Some(event) = &chapter.before {
            self.happens(event, &never);
        }
        let Ok(plan) = self.plan().await else { return };
        if let Some((pause, event)) = &chapter.between {
            self.happens(event, &never);
            self.azure.wait(minutes(*pause)).await;
        }
        let stop = CancellationToken::new();
        let (pause, event) = chapter.during.clone().unwrap_or((0, Event::Nothing));
        let later = async {
            self.azure.wait(minutes(pause)).await;
            happens(&self.azure, &event, &stop, &format!("new{}", self.added));
        };
        let _ = tokio::join!(self.apply(&plan, stop.clone()), later);
        self.added += 1;
    }

    fn happens(&mut self, event: &Event, stop: &CancellationToken) {
        self.added += 1;
        happens(&self.azure, event, stop, &format!("new{}", self.added));
    }

    /// Plans; when that fails, it is for a reason that names the cluster, whose summary is returned.
    async fn plan(&self) -> Result<Plan, String> {
        self.terraform.try_plan().await.map_err(|errors| {
            let told = |detail: &str| detail.contains(PROD) || detail.starts_with("prod: ");
            assert!(errors.iter().all(|one| !one.is_error() || told(&one.detail)), "{errors:#?}");
            errors.into_iter().find(Diagnostic::is_error).unwrap().summary
        })
    }

    async fn apply(&self, plan: &Plan, stop: CancellationToken) -> Result<(), String> {
        self.terraform.apply_until(plan, stop).await.map(drop).map_err(|error| {
            assert!(error.detail.contains(PROD), "an error that names no cluster: {error:#?}");
            error.summary
        })
    }

    /// Everybody else is quiet now: in the windows to come everything gets done.
    async fn end(&mut self, story: &Story) {
        for _ in 0..ROUNDS {
            self.wait_for_an_opening(story).await;
            let planned = self.plan().await;
            if planned.as_ref().is_ok_and(Plan::is_empty) && self.is_done() {
                return self.good_end(story).await;
            }
            let applied = match &planned {
                Ok(plan) => self.apply(plan, CancellationToken::new()).await,
                Err(summary) => Err(summary.clone()),
            };
            self.look();
            if applied.is_err_and(|summary| summary == "The work fits into no window") {
                return;
            }
        }
        let [policy, images] = [POLICY, IMAGES].map(|at| self.terraform.state(at));
        let writes = self.azure.tried();
        let last = self.terraform.try_plan().await.map(|plan| plan.diagnostics);
        panic!("it does not end: {policy:#}\n{images:#}\n{writes:#?}\n{last:#?}");
    }

    fn is_done(&self) -> bool {
        [POLICY, IMAGES].iter().all(|at| pending(&self.terraform.state(at)["steps"]).is_empty())
    }

    /// Lets ten minutes pass, and more while what comes next may not be done.
    async fn wait_for_an_opening(&self, story: &Story) {
        let blocks = [(POLICY, Some(&story.policy)), (IMAGES, story.images.as_ref())];
        let mut due: Vec<_> =
            blocks.into_iter().filter_map(|(at, block)| Some((block?, self.kinds(at)))).collect();
        due.retain(|(_, kinds)| !kinds.is_empty());
        let is_open =
            |now| due.iter().any(|(block, kinds)| kinds.iter().all(|kind| is_open(block, kind, now)));
        let from = self.azure.now();
        let after = |minutes: i64| from + SignedDuration::from_mins(minutes);
        let open = (10..20_000).step_by(10).find(|minutes| is_open(after(*minutes))).unwrap_or(10);
        // To the very beginning: a step may need nearly all of it.
        let first = (10.max(open - 9)..=open).find(|minutes| is_open(after(*minutes))).unwrap_or(open);
        self.azure.wait(minutes(first.unsigned_abs())).await;
    }

    /// Returns the kind of the first step that is left; every kind as long as nobody knows.
    fn kinds(&self, at: &str) -> Vec<String> {
        let state = self.terraform.state(at);
        match state["steps"].as_object() {
            Some(_) => pending(&state["steps"]).iter().take(1).map(|step| step.kind().to_owned()).collect(),
            None => ["minor", "patch", "node_image"].map(str::to_owned).to_vec(),
        }
    }

    async fn good_end(&mut self, story: &Story) {
        self.look();
        let before = self.azure.tried();
        self.terraform.up().await;
        assert_eq!(self.azure.tried(), before, "a second apply does something");
        let state = self.terraform.state(POLICY);
        if state["status"] == "up_to_date" {
            self.target_is_reached(&story.policy);
        }
    }

    fn target_is_reached(&self, policy: &Json) {
        let Some(target) = policy["kubernetes_version"].as_str().map(numbers) else { return };
        let left = |name: &str| {
            let rollout = &policy["rollout"];
            let excluded =
                rollout["exclude_pools"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
            rollout["control_plane_only"] == true || excluded
        };
        for (part, version) in self.parts() {
            assert!(left(&part) || version >= target, "{part} is on {version:?}, and {target:?} is wanted");
        }
    }

    /// Versions never go down, and no pool is above the control plane.
    fn look(&mut self) {
        let parts = self.parts();
        let control_plane = parts[""].clone();
        for (part, version) in parts {
            assert!(version <= control_plane, "{part} on {version:?} is above {control_plane:?}");
            let highest = self.seen.entry(part.clone()).or_insert_with(|| version.clone());
            assert!(version >= *highest, "{part} went from {highest:?} to {version:?}");
            *highest = version;
        }
    }

    /// Returns what runs, by pool; the control plane's name is empty.
    fn parts(&self) -> BTreeMap<String, Vec<u32>> {
        let properties = &self.azure.cluster("prod")["properties"];
        let text = |value: &Json| value.as_str().unwrap().to_owned();
        let pools = properties["agentPoolProfiles"].as_array().unwrap().iter();
        let pools =
            pools.map(|pool| (text(&pool["name"]), numbers(&text(&pool["currentOrchestratorVersion"]))));
        let control_plane = numbers(&text(&properties["currentKubernetesVersion"]));
        pools.chain([(String::new(), control_plane)]).collect()
    }
}

/// Lets something happen; Azure may refuse it, as it does while something else runs.
fn happens(azure: &Azure, event: &Event, stop: &CancellationToken, new: &str) {
    let mut cluster = azure.cluster("prod");
    let version = cluster["properties"]["currentKubernetesVersion"].clone();
    let pool = |place: usize| {
        let pools = cluster["properties"]["agentPoolProfiles"].as_array().unwrap();
        pools[place % pools.len()].clone()
    };
    let path = |pool: &Json| format!("{PROD}/agentPools/{}", pool["name"].as_str().unwrap());
    match event {
        Event::Nothing => {}
        Event::ControlPlane => {
            let profile = azure.world().ask_as_somebody_else(
                "GET",
                &format!("{PROD}/upgradeProfiles/default"),
                &Json::Null,
                azure.now(),
            );
            let newest = profile.unwrap()["body"]["properties"]["controlPlaneProfile"]["upgrades"][0]["kubernetesVersion"].clone();
            if newest.is_string() {
                cluster["properties"]["kubernetesVersion"] = newest;
                azure.somebody_else("PUT", PROD, &cluster);
            }
        }
        Event::Pool(place) => {
            let mut body = pool(*place);
            let path = path(&body);
            body["orchestratorVersion"] = version;
            azure.somebody_else("PUT", &path, &json!({ "properties": body }));
        }
        Event::Image(place) => {
            azure.somebody_else(
                "POST",
                &format!("{}/upgradeNodeImageVersion", path(&pool(*place))),
                &Json::Null,
            );
        }
        Event::Added => {
            let properties = json!({ "count": 2, "vmSize": "Standard_D4s_v5", "mode": "User", "orchestratorVersion": version });
            azure.somebody_else(
                "PUT",
                &format!("{PROD}/agentPools/{new}"),
                &json!({ "properties": properties }),
            );
        }
        Event::Deleted(place) => {
            let body = pool(*place);
            // Azure keeps the last system pool.
            if body["mode"] == "User" {
                azure.somebody_else("DELETE", &path(&body), &Json::Null);
            }
        }
        Event::Tagged => {
            azure.somebody_else("PATCH", PROD, &json!({ "tags": { "owner": "somebody" } }));
        }
        Event::Ends(how) => azure.outcome(&format!("ends = \"{how}\"")),
        Event::Fault(script) => azure.fault(script),
        Event::Interrupt => stop.cancel(),
    }
}

fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').filter_map(|part| part.parse().ok()).collect()
}
