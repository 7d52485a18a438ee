//! What an apply logs at INFO while it works: which step of how many, pool, nodes done, time left in the window.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_aks::terraform::log::Hclog;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::Layer;

use crate::house::listen::listen;
use crate::terraform_cli::stage::{POLICY, SATURDAY, Stage};
use crate::upgrade_run::{Azure, Fate, Terraform};

/// The lines that were logged at INFO and above.
struct Lines {
    lines: Arc<Mutex<Vec<String>>>,
    _guard: DefaultGuard,
}

impl Lines {
    fn new() -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        let layer = Hclog::new(move |line: String| sink.lock().unwrap().push(shown(&line)));
        Lines { lines, _guard: listen(layer.with_filter(LevelFilter::INFO)) }
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().unwrap())
    }
}

/// Shows a line as Terraform does: the message, then the fields.
fn shown(line: &str) -> String {
    let line: Json = serde_json::from_str(line).unwrap();
    let fields = line.as_object().unwrap().iter().filter(|(name, _)| !name.starts_with('@'));
    let fields =
        fields.map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or(&value.to_string())));
    let mut fields: Vec<_> = fields.collect();
    fields.sort_unstable();
    format!("{}: {}", line["@message"].as_str().unwrap(), fields.join(" "))
}

/// A cluster whose pool of three nodes takes 4 minutes per node, and its policy, planned in an open window.
async fn planned() -> (Arc<Azure>, Terraform) {
    let azure = Azure::new(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.35.6\"\n[[cluster.pool]]\nname = \"batch\"\nversion = \"1.34.9\"\ncount = 3\nsurge = \"1\"",
    );
    let terraform = Terraform::new(&azure).provider("poll_interval", "2m".into());
    let windows = json!([{ "days": ["all"], "start": "10:00", "duration": "5h", "time_zone": "UTC" }]);
    terraform.write(
        "aks_upgrade_policy.prod",
        json!({ "kubernetes_version": "1.35", "maintenance_window": windows }),
    );
    terraform.up().await;
    azure.wait(Duration::from_secs(3700)).await;
    (azure, terraform)
}

#[tokio::test(start_paused = true)]
async fn a_step_tells_its_place_its_nodes_and_the_time_left() {
    let (_azure, terraform) = planned().await;
    let plan = terraform.plan().await;
    let lines = Lines::new();
    terraform.apply(&plan).await.unwrap();
    let step = "step 1 of 1: pool batch 1.34.9 -> 1.35.6";
    assert_eq!(
        lines.take(),
        [
            format!("{step}: starting: cluster=prod pool=batch window_left=4h58m"),
            format!(
                "{step}: UpgradingAgentPool: 0/3 nodes completed: cluster=prod nodes=0 of 3 pool=batch window_left=4h56m"
            ),
            format!(
                "{step}: UpgradingAgentPool: 1/3 nodes completed: cluster=prod nodes=1 of 3 pool=batch window_left=4h54m"
            ),
            format!(
                "{step}: UpgradingAgentPool: 2/3 nodes completed: cluster=prod nodes=2 of 3 pool=batch window_left=4h50m"
            ),
            format!("{step}: done: cluster=prod nodes=3 of 3 pool=batch window_left=4h46m"),
        ]
    );
}

/// Makes every operation say nothing but that it runs.
fn say_nothing(azure: &Azure) {
    azure.accidents(|call| {
        if !call.path.contains("/operations/") {
            return Fate::Pass;
        }
        Fate::Rewrite(Box::new(|answer| {
            let mut body: Json = serde_json::from_slice(answer.body()).unwrap();
            if body["endTime"].is_null() {
                body["status"] = "InProgress".into();
            }
            answer.map(|_| body.to_string().into())
        }))
    });
}

#[tokio::test(start_paused = true)]
async fn machines_are_counted_where_the_status_tells_no_number() {
    let (azure, terraform) = planned().await;
    let plan = terraform.plan().await;
    say_nothing(&azure);
    let lines = Lines::new();
    terraform.apply(&plan).await.unwrap();
    let step = "step 1 of 1: pool batch 1.34.9 -> 1.35.6";
    assert_eq!(
        lines.take(),
        [
            format!("{step}: starting: cluster=prod pool=batch window_left=4h58m"),
            format!("{step}: InProgress: cluster=prod nodes=0 of 3 pool=batch window_left=4h56m"),
            format!("{step}: InProgress: cluster=prod nodes=1 of 3 pool=batch window_left=4h54m"),
            format!("{step}: InProgress: cluster=prod nodes=2 of 3 pool=batch window_left=4h50m"),
            format!("{step}: done: cluster=prod nodes=3 of 3 pool=batch window_left=4h46m"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn machines_are_counted_only_for_a_reader() {
    let (azure, terraform) = planned().await;
    say_nothing(&azure);
    terraform.up().await;
    assert!(azure.exchanges().iter().all(|exchange| !exchange.path.ends_with("/machines")));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_attaches_tells_the_same() {
    let (azure, terraform) = planned().await;
    let plan = terraform.plan().await;
    // What a run that was killed has left.
    azure.somebody_upgrades("batch", "1.35.6");
    azure.wait(Duration::from_secs(270)).await;
    let lines = Lines::new();
    terraform.apply(&plan).await.unwrap();
    let step = "step 1 of 1: pool batch 1.34.9 -> 1.35.6";
    let found = |seen: &str, nodes: &str, left: &str| {
        format!(
            "{step}: running in Azure (Upgrading), seen for {seen}: cluster=prod nodes={nodes} pool=batch window_left={left}"
        )
    };
    assert_eq!(
        lines.take(),
        [
            found("0s", "1 of 3", "4h53m"),
            found("2m", "1 of 3", "4h51m"),
            found("4m", "2 of 3", "4h49m"),
            found("6m", "2 of 3", "4h47m"),
            format!("{step}: done: cluster=prod"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn work_of_somebody_else_is_told_with_its_pool_and_nodes() {
    let azure = Azure::new(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"\n[[cluster.pool]]\nname = \"batch\"\nversion = \"1.34.4\"\ncount = 2\nsurge = \"1\"\n[[cluster.pool]]\nname = \"web\"",
    );
    let rollout = json!({ "exclude_pools": ["batch"] });
    let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.35", "rollout": rollout }));
    let terraform = terraform.provider("poll_interval", "4m".into());
    terraform.run().await;
    azure.somebody_upgrades("batch", "1.34.9");
    let plan = terraform.plan().await;
    let lines = Lines::new();
    terraform.apply(&plan).await.unwrap();
    let wait = "before step 1 of 2: waiting for an operation that is no step of this apply";
    assert_eq!(
        lines.take()[..3],
        [
            format!(
                "{wait}: running in Azure (Upgrading), seen for 0s: cluster=prod nodes=0 of 2 pool=batch"
            ),
            format!(
                "{wait}: running in Azure (Upgrading), seen for 4m: cluster=prod nodes=1 of 2 pool=batch"
            ),
            "step 1 of 2: the control plane 1.34.9 -> 1.35.6: starting: cluster=prod".to_owned(),
        ]
    );
}

/// The lines go the whole way: our stderr, Terraform's parser, Terraform's own log.
#[tokio::test(flavor = "multi_thread")]
async fn terraform_shows_the_lines() {
    let stage = Stage::of(
        "[clock]\nstart = \"2026-11-26T12:00:00Z\"\ntick = \"90s\"\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.4\"\n\
         [[cluster.pool]]\nname = \"batch\"\ncount = 2",
    )
    .await;
    stage.policy(POLICY).apply().await.succeeds();
    stage.clock(SATURDAY);
    let log = stage.path("provider.log");
    let variables = [("TF_LOG_PROVIDER", "INFO"), ("TF_LOG_PATH", log.to_str().unwrap())];
    let child = stage.start(&["apply", "-auto-approve"], &variables);
    assert!(child.wait_with_output().await.unwrap().status.success());
    let log = stage.read("provider.log");
    let lines = log.lines().filter_map(|line| line.split_once("[INFO]  provider.terraform-provider-aks: "));
    let lines: Vec<String> = lines.map(|(_, line)| sorted(line)).collect();
    let (control, batch) =
        ("step 1 of 2: the control plane 1.34.4 -> 1.35.6", "step 2 of 2: pool batch 1.34.4 -> 1.35.6");
    assert_eq!(
        lines,
        [
            format!("{control}: starting: cluster=prod window_left=3h36m"),
            format!("{control}: ProvisioningControlPlane: cluster=prod window_left=3h31m"),
            format!("{control}: ReconcilingAddons: cluster=prod window_left=3h28m"),
            format!("{control}: done: cluster=prod window_left=3h27m"),
            format!("{batch}: starting: cluster=prod pool=batch window_left=3h22m"),
            format!(
                "{batch}: UpgradingAgentPool: 0/2 nodes completed: cluster=prod nodes=\"0 of 2\" pool=batch window_left=3h18m"
            ),
            format!(
                "{batch}: UpgradingAgentPool: 1/2 nodes completed: cluster=prod nodes=\"1 of 2\" pool=batch window_left=3h15m"
            ),
            format!("{batch}: done: cluster=prod nodes=\"2 of 2\" pool=batch window_left=3h10m"),
        ]
    );
}

/// Sorts the fields of a line, which Terraform writes in any order, and leaves out where and when it was.
fn sorted(line: &str) -> String {
    let (message, fields) = line.rsplit_once(": ").unwrap();
    let mut parts: Vec<String> = Vec::new();
    for word in fields.split(' ') {
        match parts.last_mut() {
            Some(last) if !word.contains('=') => *last += &format!(" {word}"),
            _ => parts.push(word.to_owned()),
        }
    }
    parts.retain(|field| !field.starts_with("@module") && !field.starts_with("timestamp"));
    parts.sort_unstable();
    format!("{message}: {}", parts.join(" "))
}
