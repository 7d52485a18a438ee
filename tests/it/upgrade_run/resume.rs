//! What is asked for and what runs, and what a write goes on with.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{Azure, Fate, PROD, Terraform};

/// A cluster on 1.34.4 whose pool `user` is what the scenario says.
fn with_user(user: &str) -> Arc<Azure> {
    let pools = "[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n[[cluster.pool]]\nname = \"user\"\n";
    Azure::new(&format!("[[cluster]]\nname = \"prod\"\nversion = \"1.34.4\"\n{pools}{user}"))
}

const OLD: &str = "image = \"AKSUbuntu-2204gen2containerd-202610.05.0\"";

fn always(arguments: Json) -> Json {
    let mut arguments = arguments;
    arguments["maintenance_window"] = json!([nightly(json!(["all"]), json!(null), "24h")]);
    arguments
}

fn nightly(days: Json, kinds: Json, duration: &str) -> Json {
    json!({ "days": days, "start": "00:00", "duration": duration, "time_zone": "UTC", "applies_to": kinds })
}

fn codes(state: &Json) -> Vec<&str> {
    let blocks = state["blocked_by"].as_array().into_iter().flatten();
    blocks.filter_map(|block| block["code"].as_str()).collect()
}

/// Plans an update, applies it, and returns the writes that Azure took.
async fn applied(azure: &Arc<Azure>, policy: Json) -> (Terraform, Vec<String>) {
    let terraform = Terraform::policy(azure, policy);
    terraform.applied_before();
    let plan = terraform.plan().await;
    terraform.apply(&plan).await.unwrap();
    (terraform, azure.writes())
}

/// What failed between a plan and its apply is no part of the plan: a window for images permits no minor that failed.
#[tokio::test(start_paused = true)]
async fn a_pool_that_fails_after_the_plan_is_not_resumed() {
    for rollout in [json!(null), json!({ "max_surge": "50%" })] {
        let azure = with_user(&format!("version = \"1.34.2\"\n{OLD}"));
        let window = nightly(json!(["all"]), json!(["node_image"]), "24h");
        let images = json!({ "node_pools": ["user"], "rollout": rollout, "maintenance_window": [window] });
        let terraform = Terraform::node_image(&azure, images);
        terraform.applied_before();
        let plan = terraform.plan().await;
        assert_eq!(plan.only().promised().len(), 1);
        azure.outcome("pool = \"user\"\nends = \"fail\"");
        azure.somebody_upgrades("user", "1.34.4");
        azure.wait(Duration::from_secs(7200)).await;
        let error = terraform.apply(&plan).await.unwrap_err();
        assert!(
            error.detail.contains("An earlier operation on pool user ended as Failed"),
            "{}",
            error.detail
        );
        assert_eq!(azure.tried(), [""; 0]);
        assert_eq!(terraform.shown()["status"], "failed");
    }
}

/// An apply that starts nothing has read the cluster all the same, and its state is what it read.
#[tokio::test(start_paused = true)]
async fn an_apply_that_stops_before_its_first_step_saves_what_it_read() {
    let azure = Azure::new(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.35.6\"\n[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n[[cluster.pool]]\nname = \"user\"\nversion = \"1.34.4\"\n",
    );
    let terraform = Terraform::policy(&azure, always(json!({ "kubernetes_version": "1.35" })));
    terraform.applied_before();
    let plan = terraform.plan().await;
    azure.outcome("pool = \"user\"\nends = \"fail\"");
    azure.somebody_upgrades("user", "1.34.9");
    azure.wait(Duration::from_secs(7200)).await;
    terraform.apply(&plan).await.unwrap_err();
    assert_eq!(azure.tried(), [""; 0]);
    let state = terraform.shown();
    assert_eq!(state["node_pools"]["user"]["current_version"], "1.34.9");
    assert_eq!(state["steps"], json!({ "01 pool user": "1.34.9 to 1.35.6" }));
    assert_eq!((&state["status"], codes(&state)), (&json!("failed"), vec!["failed_state", "os_changes"]));
}

/// AKS's own channels move what runs, and leave what is asked for behind (Azure/azure-cli#22928).
#[tokio::test(start_paused = true)]
async fn what_a_channel_left_behind_is_upgraded() {
    for user in ["specified = \"1.33.8\"", ""] {
        let azure = Azure::new(&format!(
            "[[cluster]]\nname = \"prod\"\nversion = \"1.34.4\"\nspecified = \"1.33.8\"\n[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\nspecified = \"1.33.8\"\n[[cluster.pool]]\nname = \"user\"\n{user}"
        ));
        let (terraform, writes) = applied(&azure, always(json!({ "kubernetes_version": "1.35" }))).await;
        assert_eq!(writes, ["PUT prod 1.35.6", "PUT prod/system 1.35.6", "PUT prod/user 1.35.6"]);
        assert!(terraform.plan().await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_channel_is_switched_on_where_what_runs_is_ahead() {
    let azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.4\"\nspecified = \"1.33.8\"");
    let window = json!([nightly(json!(["saturday"]), json!(null), "4h")]);
    let policy = json!({ "channel": "patch", "executor": "aks", "maintenance_window": window });
    let terraform = Terraform::policy(&azure, policy);
    terraform.up().await;
    assert_eq!(azure.writes().last().unwrap(), "PUT prod upgradeChannel patch");
    assert_eq!(azure.cluster("prod")["properties"]["kubernetesVersion"], "1.34.4");
}

/// The settings of a pool that a channel left behind: what is written asks for what runs, and moves nothing.
#[tokio::test(start_paused = true)]
async fn settings_ask_for_what_runs() {
    let azure = with_user(&format!("specified = \"1.33.8\"\n{OLD}"));
    let images = json!({ "node_pools": ["user"], "rollout": { "max_surge": "50%" } });
    let terraform = Terraform::node_image(&azure, always(images));
    terraform.applied_before();
    let plan = terraform.plan().await;
    terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.writes(), ["PUT prod/user 1.34.4", "POST prod/user image"]);
}

/// Forty nodes of a pool that failed are replaced by the write of a channel, which takes two minutes by itself.
#[tokio::test(start_paused = true)]
async fn a_channel_waits_for_a_window_that_holds_what_it_goes_on_with() {
    let azure = with_user("state = \"Failed\"\ncount = 40\nsurge = \"1\"");
    let window = json!([nightly(json!(["all"]), json!(null), "4h")]);
    let policy = json!({ "channel": "patch", "executor": "aks", "maintenance_window": window });
    let terraform = Terraform::policy(&azure, policy);
    terraform.applied_before();
    let writes_channel = || azure.tried().iter().any(|write| write.contains("upgradeChannel"));
    for (at, writes) in [("2026-11-24T02:00:00Z", false), ("2026-11-25T00:30:00Z", true)] {
        azure.wait_until(at).await;
        let plan = terraform.plan().await;
        terraform.apply(&plan).await.unwrap();
        assert_eq!(writes_channel(), writes, "{at}: {:?}", azure.tried());
    }
}

/// A write to the cluster goes on with every pool that failed, and no line of the plan names one.
#[tokio::test(start_paused = true)]
async fn a_plan_names_what_its_channel_goes_on_with() {
    let azure = with_user("state = \"Failed\"");
    let policy = json!({ "channel": "patch", "executor": "aks" });
    let terraform = Terraform::policy(&azure, always(policy));
    // Adopted, and nothing that disrupts is written by that.
    let plan = terraform.plan().await;
    terraform.apply(&plan).await.unwrap();
    let plan = terraform.plan().await;
    assert_eq!(
        plan.warnings("A step goes on with what failed"),
        [
            "prod: auto-upgrade channel goes on with what failed or was cancelled on pool user, and may replace nodes there."
        ]
    );
    terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.writes().last().unwrap(), "PUT prod upgradeChannel patch");
    assert_eq!(terraform.plan().await.warnings("A step goes on with what failed"), [""; 0]);
}

/// The upgrade of a pool failed; only images are wanted, with more surge than the pool has.
#[tokio::test(start_paused = true)]
async fn no_image_run_moves_a_version() {
    let azure = Azure::new(&format!(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.35.6\"\n[[cluster.pool]]\nname = \"user\"\nmode = \"System\"\nversion = \"1.34.4\"\nspecified = \"1.35.6\"\nstate = \"Failed\"\n{OLD}"
    ));
    let terraform = Terraform::node_image(&azure, always(json!({ "rollout": { "max_surge": "50%" } })));
    terraform.applied_before();
    let plan = terraform.plan().await;
    assert!(plan.is_empty(), "{plan:?}");
    terraform.apply(&plan).await.unwrap();
    assert_eq!(codes(&terraform.shown()), ["failed_state", "unfinished_upgrade"]);
    assert_eq!(azure.tried(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_pool_that_the_policy_leaves_alone_is_not_resumed() {
    let azure = with_user("state = \"Failed\"");
    let policy = always(json!({ "kubernetes_version": "1.34", "rollout": { "exclude_pools": ["user"] } }));
    let terraform = Terraform::policy(&azure, policy);
    terraform.applied_before();
    let plan = terraform.plan().await;
    assert!(plan.is_empty());
    terraform.apply(&plan).await.unwrap();
    assert_eq!(codes(&terraform.shown()), ["failed_state", "resumes_pool"]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_pool_is_repaired_first_and_within_its_own_estimate() {
    // Forty nodes one after the other do not fit into half an hour, and nothing else starts before them.
    let azure = with_user("state = \"Failed\"\ncount = 40\nsurge = \"1\"");
    let short = nightly(json!(["tuesday"]), json!(null), "30m");
    let long = nightly(json!(["saturday"]), json!(null), "20h");
    let policy = json!({ "kubernetes_version": "1.34", "maintenance_window": [short, long] });
    let terraform = Terraform::policy(&azure, policy);
    terraform.applied_before();
    azure.wait_until("2026-11-24T00:01:00Z").await;
    assert!(terraform.plan().await.is_empty());
    azure.wait_until("2026-11-28T00:01:00Z").await;
    let plan = terraform.plan().await;
    terraform.apply(&plan).await.unwrap();
    let first = azure.writes().first().cloned().unwrap();
    assert!(first.contains("prod/user"), "{first}");
    assert!(terraform.plan().await.is_empty());
}

/// What failed may be a minor, whatever is shown: it waits for the windows of minors.
#[tokio::test(start_paused = true)]
async fn a_repair_waits_for_every_kind_that_it_may_be() {
    let azure = with_user("state = \"Failed\"");
    let minors = nightly(json!(["saturday"]), json!(["minor", "node_image"]), "6h");
    let patches = nightly(json!(["all"]), json!(["patch", "node_image"]), "6h");
    let policy = json!({ "kubernetes_version": "1.34.2", "maintenance_window": [minors, patches] });
    let terraform = Terraform::policy(&azure, policy);
    terraform.applied_before();
    azure.wait_until("2026-11-24T00:01:00Z").await;
    assert!(terraform.plan().await.is_empty());
    azure.wait_until("2026-11-28T00:01:00Z").await;
    let plan = terraform.plan().await;
    terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.writes().len(), 1);
}

/// An image so old that Azure takes nothing but the image call (Azure/AKS#4975).
#[tokio::test(start_paused = true)]
async fn a_pool_that_only_a_new_image_repairs_gets_it() {
    let azure = with_user("state = \"Failed\"\nimage = \"AKSUbuntu-2204gen2containerd-202608.12.0\"");
    let (terraform, writes) = applied(&azure, always(json!({ "kubernetes_version": "1.34.4" }))).await;
    assert_eq!(writes, ["POST prod/user image"]);
    assert!(terraform.plan().await.is_empty());
    assert_eq!(azure.cluster("prod")["properties"]["provisioningState"], "Succeeded");
}

/// Azure refuses a surge for Spot pools ("Spot pools can't set max surge").
#[tokio::test(start_paused = true)]
async fn no_surge_is_written_to_a_spot_pool() {
    let azure = with_user(&format!("priority = \"Spot\"\n{OLD}"));
    let rollout = json!({ "max_surge": "50%", "drain_timeout": "20m" });
    let policy = always(json!({ "kubernetes_version": "1.35", "rollout": rollout }));
    let (terraform, writes) = applied(&azure, policy).await;
    assert_eq!(writes, ["PUT prod 1.35.6", "PUT prod/system 1.35.6", "PUT prod/user 1.35.6"]);
    assert!(terraform.plan().await.is_empty());
    let put = azure.exchanges().into_iter().rfind(|one| one.is_write()).unwrap();
    assert_eq!(put.sent["properties"]["upgradeSettings"]["maxSurge"], Json::Null);
}

/// Something sets the surge back whenever it is written, as an Azure Policy may.
#[tokio::test(start_paused = true)]
async fn settings_that_are_not_kept_are_told_and_not_written_again() {
    let azure = with_user(OLD);
    let images = always(json!({ "rollout": { "max_surge": "33%" } }));
    let terraform = Terraform::node_image(&azure, images);
    terraform.applied_before();
    let plan = terraform.plan().await;
    azure.accidents(|call| match call.method == "GET" && call.path.ends_with("agentPools/user") {
        true => Fate::Rewrite(Box::new(|response| {
            response.map(|body| {
                let text = String::from_utf8(body.to_vec()).unwrap().replace("\"33%\"", "\"10%\"");
                text.into_bytes().into()
            })
        })),
        false => Fate::Pass,
    });
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "Azure did not keep the rollout settings");
    let settings = azure.writes().iter().filter(|write| write.starts_with("PUT")).count();
    assert_eq!(settings, 1, "{:?}", azure.writes());
}

/// Four answers are lost after Azure took the call, and each drain fails.
#[tokio::test(start_paused = true)]
async fn an_image_whose_answer_was_lost_is_called_once() {
    let azure = with_user(OLD);
    let terraform = Terraform::node_image(&azure, always(json!({})));
    terraform.applied_before();
    let plan = terraform.plan().await;
    azure.fault("method = \"POST\"\npath = \"upgradeNodeImageVersion\"\ntimes = 4\ndoes = \"cut_after\"");
    azure.outcome("kind = \"image\"\nends = \"fail\"\ntimes = 4\ncode = \"PodDrainFailure\"\nmessage = \"Drain failed.\"");
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "Upgrade step failed");
    assert_eq!(azure.writes(), ["POST prod/user image"]);
}

/// AKS itself cancels an upgrade whose blocked nodes outnumber its surge nodes, and says so.
#[tokio::test(start_paused = true)]
async fn azures_reason_for_a_cancellation_is_told() {
    let azure = with_user(OLD);
    let terraform = Terraform::node_image(&azure, always(json!({})));
    terraform.applied_before();
    let plan = terraform.plan().await;
    azure.accidents(|call| match call.path.contains("/operations/") {
        true => Fate::Rewrite(Box::new(|response| {
            response.map(|_| {
                let body = json!({ "status": "Canceled", "error": { "code": "UndrainableNode", "message": "Cordoned nodes have used all surge nodes." } });
                body.to_string().into_bytes().into()
            })
        })),
        false => Fate::Pass,
    });
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "Upgrade step cancelled");
    let told = "AKS ended the step as cancelled: UndrainableNode: Cordoned nodes have used all surge nodes.";
    assert!(error.detail.starts_with(told), "{}", error.detail);
}

/// A soak that an apply did not see to its end is waited for by the next one.
#[tokio::test(start_paused = true)]
async fn a_soak_counts_across_applies() {
    let pools = ["system", "user"]
        .map(|name| format!("[[cluster.pool]]\nname = \"{name}\"\nmode = \"System\"\n{OLD}\n"));
    let azure =
        Azure::new(&format!("[[cluster]]\nname = \"prod\"\nversion = \"1.34.4\"\n{}", pools.concat()));
    let images = always(json!({ "rollout": { "soak": "3h" }, "timeouts": { "update": "1h" } }));
    let terraform = Terraform::node_image(&azure, images);
    terraform.applied_before();
    let plan = terraform.plan().await;
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "The soak outlasts this apply");
    assert_eq!(azure.writes().len(), 1);
    // The next one, at once, would start the second pool in the middle of it.
    let plan = terraform.plan().await;
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "The soak outlasts this apply");
    assert_eq!(azure.writes().len(), 1);
    terraform.edit("aks_node_image.prod", "timeouts", json!({ "update": "6h" }));
    let plan = terraform.plan().await;
    terraform.apply(&plan).await.unwrap();
    let writes: Vec<_> = azure.exchanges().into_iter().filter(|one| one.is_write()).collect();
    assert_eq!(writes.len(), 2);
    let apart = writes[1].at.duration_since(writes[0].at);
    assert!(apart >= SignedDuration::from_hours(3), "{apart}");
}

/// The profile names an image that no call brings: it is called for once, until another one is offered.
#[tokio::test(start_paused = true)]
async fn an_image_that_no_call_brings_is_called_for_once() {
    let images = json!({ "node_pools": ["user"] });
    let azure = with_user(OLD);
    is_called_for_once(&azure, Terraform::node_image(&azure, always(images.clone()))).await;
    // A policy that keeps images remembers it, too.
    let azure = with_user(OLD);
    let both = json!({ "kubernetes_version": "1.34.4", "node_image": images });
    is_called_for_once(&azure, Terraform::policy(&azure, always(both))).await;
}

async fn is_called_for_once(azure: &Arc<Azure>, terraform: Terraform) {
    terraform.applied_before();
    let named = |date: &'static str| {
        move |call: &super::Call| match call.path.contains("agentPools")
            && call.path.ends_with("upgradeProfiles/default")
        {
            true => Fate::Rewrite(Box::new(move |response| {
                response.map(|body| {
                    let mut body: Json = serde_json::from_slice(&body).unwrap();
                    let image = format!("AKSUbuntu-2404gen2containerd-{date}");
                    body["properties"]["latestNodeImageVersion"] = image.into();
                    body.to_string().into_bytes().into()
                })
            })),
            false => Fate::Pass,
        }
    };
    azure.accidents(named("202612.14.0"));
    let plan = terraform.plan().await;
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "Upgrade step failed");
    // What Azure never showed is not done.
    assert_eq!(terraform.shown()["steps"], json!({}));
    for _ in 0..3 {
        azure.wait(Duration::from_secs(3600)).await;
        terraform.up().await;
        assert_eq!(azure.writes(), ["POST prod/user image"]);
    }
    assert_eq!(codes(&terraform.shown()), ["no_effect"]);
    azure.accidents(named("202612.21.0"));
    assert!(!terraform.plan().await.is_empty());
}

/// A PUT is answered as Azure does for nodes on an image that is too old.
const TOO_OLD: &str = "method = \"PUT\"\npath = \"managedClusters/prod\"\ntimes = 9\ndoes = \"answer\"\nstatus = 400\nbody = '{\"code\":\"BadRequest\",\"message\":\"ConfigurationVersion v0.20260812.0 is not supported for AgentBaker. Please upgrade agent pool to the latest NodeImageVersion.\"}'";

/// Only Azure's refusal tells that the image has to come first: it says so, and the next plan begins with it.
#[tokio::test(start_paused = true)]
async fn a_refusal_that_names_the_image_is_followed_by_one() {
    let image = "image = \"AKSUbuntu-2204gen2containerd-202608.12.0\"";
    for (pool, refused, then) in [
        (format!("{image}\nversion = \"1.34.2\""), "PUT prod/user 1.34.4", vec!["PUT prod/user 1.34.4"]),
        (
            format!("{image}\nversion = \"1.34.2\"\nspecified = \"1.34.4\"\nstate = \"Failed\""),
            "PUT prod/user 1.34.4",
            // The image call goes on with the upgrade, as the plan says.
            vec![],
        ),
    ] {
        let azure = with_user(&pool);
        let terraform = Terraform::policy(&azure, always(json!({ "kubernetes_version": "1.34.4" })));
        terraform.applied_before();
        let plan = terraform.plan().await;
        azure.fault(TOO_OLD);
        let error = terraform.apply(&plan).await.unwrap_err();
        let told = "Only a newer node image helps: the next plan begins with it, so plan and apply again.";
        assert!(error.detail.ends_with(told), "{}", error.detail);
        assert_eq!(azure.tried(), [refused]);
        azure.world().faults().clear();
        let plan = terraform.plan().await;
        assert_eq!(plan.only().promised()[0], "user 202611.16.0");
        terraform.apply(&plan).await.unwrap();
        assert_eq!(azure.writes(), [vec!["POST prod/user image"], then].concat());
        assert!(terraform.plan().await.is_empty());
    }
}

/// An image call goes on with a failed upgrade: where the way does not lead to that version, the plan says so instead.
#[tokio::test(start_paused = true)]
async fn no_repair_by_image_brings_a_version_that_the_plan_does_not_name() {
    let web = "[[cluster.pool]]\nname = \"web\"\nversion = \"1.35.4\"\nspecified = \"1.36.2\"\nstate = \"Failed\"\nimage = \"AKSUbuntu-2404gen2containerd-202604.05.0\"";
    let system = "[[cluster.pool]]\nname = \"system\"\nmode = \"System\"";
    for exclude in [json!(null), json!(["1.36.2"])] {
        let azure =
            Azure::new(&format!("[[cluster]]\nname = \"prod\"\nversion = \"1.36.2\"\n{system}\n{web}"));
        let policy = json!({ "kubernetes_version": "1.35", "exclude_versions": exclude });
        let terraform = Terraform::policy(&azure, always(policy));
        terraform.applied_before();
        let plan = terraform.plan().await;
        // Azure refuses every write but the image's, and says so.
        terraform.apply(&plan).await.unwrap_err();
        let plan = terraform.plan().await;
        assert!(plan.is_empty(), "{:?}", plan.only().promised());
        assert_eq!(codes(&terraform.shown()), ["failed_state", "unfinished_upgrade"]);
        assert_eq!(azure.writes(), [""; 0]);
        assert_eq!(
            azure.cluster("prod")["properties"]["agentPoolProfiles"][1]["currentOrchestratorVersion"],
            "1.35.4"
        );
    }
}

/// Where every pool runs the latest image, the next plan does not begin with one, and nobody is told that it does.
#[tokio::test(start_paused = true)]
async fn a_refusal_that_names_an_image_which_nobody_offers_says_so() {
    let azure = with_user("version = \"1.34.2\"");
    let terraform = Terraform::policy(&azure, always(json!({ "kubernetes_version": "1.34.4" })));
    terraform.applied_before();
    let plan = terraform.plan().await;
    azure.fault(TOO_OLD);
    let error = terraform.apply(&plan).await.unwrap_err();
    let told = "Azure asks for a newer node image and offers none: every pool that it may mean runs the latest. Apply again when a newer one is out, or ask Azure's support.";
    assert!(error.detail.ends_with(told), "{}", error.detail);
}

/// A failed pool whose image is not older than the offered one is repaired where it stands, and never led to an older one:
/// what the plan promised the apply does, and then nothing is left to do.
#[tokio::test(start_paused = true)]
async fn a_failed_pool_is_never_led_to_an_older_image() {
    for (image, promised) in [
        ("AKSUbuntu-2204gen2containerd-202611.16.0", ["user 202611.16.0"].as_slice()),
        ("AKSUbuntu-2404gen2containerd-202611.16.0", &["user 202611.16.0"]),
        ("AKSUbuntu-2204gen2containerd-202611.23.0", &[]),
        ("AKSUbuntu-2404gen2containerd-202611.23.0", &[]),
    ] {
        let azure = with_user(&format!("image = \"{image}\"\nstate = \"Failed\"\n"));
        let terraform = Terraform::node_image(&azure, always(json!({})));
        terraform.applied_before();
        let plan = terraform.plan().await;
        assert_eq!(plan.only().promised(), promised, "{image}");
        assert_eq!(plan.is_empty(), promised.is_empty(), "{image}");
        terraform.apply(&plan).await.unwrap();
        assert_eq!(azure.writes().len(), promised.len(), "{image}");
        assert!(terraform.plan().await.is_empty(), "{image}");
    }
}

/// Of a write to the cluster Azure does not say which pool: the oldest image goes first.
#[tokio::test(start_paused = true)]
async fn a_refusal_of_the_control_plane_is_followed_by_the_oldest_image() {
    let azure = with_user("image = \"AKSUbuntu-2204gen2containerd-202608.12.0\"");
    let terraform = Terraform::policy(&azure, always(json!({ "kubernetes_version": "1.35" })));
    terraform.applied_before();
    let plan = terraform.plan().await;
    azure.fault(TOO_OLD);
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "Azure refused, or could not be asked");
    azure.world().faults().clear();
    let plan = terraform.plan().await;
    terraform.apply(&plan).await.unwrap();
    let writes =
        ["POST prod/user image", "PUT prod 1.35.6", "PUT prod/system 1.35.6", "PUT prod/user 1.35.6"];
    assert_eq!(azure.writes(), writes);
}

/// The settings before an image are refused for the same reason: the next apply does without them.
#[tokio::test(start_paused = true)]
async fn settings_that_wait_for_an_image_do_not_keep_it_away() {
    let azure = with_user("image = \"AKSUbuntu-2204gen2containerd-202608.12.0\"");
    let images = always(json!({ "rollout": { "max_surge": "50%" }, "node_pools": ["user"] }));
    let terraform = Terraform::node_image(&azure, images);
    terraform.applied_before();
    let plan = terraform.plan().await;
    azure.fault(TOO_OLD);
    terraform.apply(&plan).await.unwrap_err();
    let plan = terraform.plan().await;
    terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.writes(), ["POST prod/user image"]);
}

/// Nothing is remembered of the apply that upgraded the first pool: Azure tells when that was.
#[tokio::test(start_paused = true)]
async fn a_soak_counts_from_what_azure_tells() {
    let azure = with_user(OLD);
    azure.wait_until("2026-11-28T00:00:00Z").await;
    assert_eq!(
        azure.somebody_else("POST", &format!("{PROD}/agentPools/user/upgradeNodeImageVersion"), &json!({})),
        202
    );
    azure.wait(Duration::from_secs(3600)).await;
    let policy = always(
        json!({ "kubernetes_version": "1.35", "rollout": { "soak": "3h" }, "timeouts": { "update": "20h" } }),
    );
    let terraform = Terraform::policy(&azure, policy);
    terraform.applied_before();
    let plan = terraform.plan().await;
    terraform.apply(&plan).await.unwrap();
    let first = azure.exchanges().into_iter().find(|one| one.is_write() && one.pool().is_some()).unwrap();
    assert!(first.at >= "2026-11-28T03:00:00Z".parse().unwrap(), "{}", first.at);
}

/// What failed takes no settings before its image either: Azure refuses every PUT of such nodes.
#[tokio::test(start_paused = true)]
async fn a_failed_pool_gets_its_image_before_any_settings() {
    let user = "state = \"Failed\"\nimage = \"AKSUbuntu-2204gen2containerd-202608.12.0\"";
    let rollout = json!({ "max_surge": "50%", "drain_timeout": "20m" });
    for node_image in [false, true] {
        let pools =
            "[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n[[cluster.pool]]\nname = \"user\"\n";
        let azure = Azure::new(&format!(
            "[service]\nimage_days = 60\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.4\"\n{pools}{user}"
        ));
        let terraform = match node_image {
            true => Terraform::node_image(&azure, always(json!({ "rollout": rollout }))),
            false => Terraform::policy(
                &azure,
                always(json!({ "kubernetes_version": "1.34.4", "rollout": rollout })),
            ),
        };
        terraform.applied_before();
        let plan = terraform.plan().await;
        terraform.apply(&plan).await.unwrap();
        assert_eq!(azure.tried(), ["POST prod/user image"]);
        assert!(terraform.plan().await.is_empty());
    }
}

/// An image that failed under windows for images alone is repaired there: what it is, is known.
#[tokio::test(start_paused = true)]
async fn an_image_of_ours_that_failed_is_repaired_as_an_image() {
    let azure = with_user(OLD);
    let window = json!([nightly(json!(["all"]), json!(["node_image"]), "20h")]);
    let terraform = Terraform::node_image(&azure, json!({ "maintenance_window": window }));
    terraform.applied_before();
    azure.outcome("pool = \"user\"\nends = \"fail\"");
    let plan = terraform.plan().await;
    terraform.apply(&plan).await.unwrap_err();
    let plan = terraform.plan().await;
    terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.writes(), ["POST prod/user image", "POST prod/user image"]);
    assert!(terraform.plan().await.is_empty());
}

/// Nobody knows what failed, and no window is open for all that it may be: that is said, and not that there is none.
#[tokio::test(start_paused = true)]
async fn a_repair_that_finds_no_moment_for_all_that_it_may_be_says_so() {
    let azure = with_user("state = \"Failed\"");
    let patches = nightly(json!(["saturday"]), json!(["patch"]), "20h");
    let minors = nightly(json!(["sunday"]), json!(["minor"]), "20h");
    let policy = json!({ "kubernetes_version": "1.34.4", "maintenance_window": [patches, minors] });
    let terraform = Terraform::policy(&azure, policy);
    terraform.applied_before();
    let plan = terraform.plan().await;
    let told = "prod: What failed on pool user may turn out to be minor or patch, so its repair needs a moment in which windows for all of them are open, and none ever comes. Let such windows overlap, or repair by hand (az aks nodepool upgrade).";
    assert_eq!(plan.warnings("The work fits into no window"), [told]);
}

/// The profile of the last pool cannot be read when its turn comes: what was done is said, and the state shows it.
#[tokio::test(start_paused = true)]
async fn an_offer_that_cannot_be_read_is_about_the_step_that_needs_it() {
    let azure = with_user("");
    let terraform = Terraform::policy(&azure, always(json!({ "kubernetes_version": "1.35" })));
    terraform.applied_before();
    let plan = terraform.plan().await;
    azure.fault("method = \"GET\"\npath = \"agentPools/user/upgradeProfiles\"\nnth = 2\ntimes = 9\ndoes = \"answer\"\nstatus = 403");
    let error = terraform.apply(&plan).await.unwrap_err();
    let said = "2 of 3 steps were done on";
    assert!(
        error.detail.contains(said) && error.detail.contains("pool user 1.34.4 -> 1.35.6, was not started"),
        "{}",
        error.detail
    );
    assert_eq!(terraform.shown()["node_pools"]["system"]["current_version"], "1.35.6");
}

/// An image that is too young is not brought by the repair of an image that failed; where nobody knows what failed the
/// version is repaired, and the plan says what may come with it.
#[tokio::test(start_paused = true)]
async fn a_repair_that_may_bring_a_young_image_says_so_or_waits() {
    let policy = json!({ "kubernetes_version": "1.34.4", "node_image": { "min_age": "30d" } });
    let azure = with_user(&format!("state = \"Failed\"\n{OLD}"));
    let terraform = Terraform::policy(&azure, always(policy.clone()));
    terraform.applied_before();
    let plan = terraform.plan().await;
    let told = "prod: The latest node image of pool user, AKSUbuntu-2204gen2containerd-202611.16.0, is younger than min_age until Wed 2026-12-16 00:00 UTC. Nobody knows what failed on pool user: where it was an image, the repair brings that one all the same.";
    assert_eq!(plan.warnings("A step goes on with what failed"), [told]);
    terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.writes(), ["PUT prod/user 1.34.4"]);

    let azure = with_user(OLD);
    let terraform =
        Terraform::policy(&azure, always(json!({ "kubernetes_version": "1.34.4", "node_image": {} })));
    terraform.applied_before();
    azure.outcome("pool = \"user\"\nends = \"fail\"");
    let plan = terraform.plan().await;
    terraform.apply(&plan).await.unwrap_err();
    terraform.edit("aks_upgrade_policy.prod", "node_image", policy["node_image"].clone());
    terraform.up().await;
    assert_eq!(azure.writes(), ["POST prod/user image"]);
    assert_eq!(codes(&terraform.shown()), ["failed_state", "image_too_young"]);
    // The same edit undone, and the image is brought.
    terraform.edit("aks_upgrade_policy.prod", "node_image", json!({}));
    terraform.up().await;
    assert_eq!(azure.writes(), ["POST prod/user image", "POST prod/user image"]);
}

/// A write on the cluster goes on with a pool that failed, so a window for other pools' images takes nothing beyond them.
#[tokio::test(start_paused = true)]
async fn no_way_leaves_out_the_repair_of_a_pool_that_it_would_resume() {
    let image = "image = \"AKSUbuntu-2404gen2containerd-202610.05.0\"";
    let pools = format!(
        "[[cluster.pool]]\nname = \"sys\"\nmode = \"System\"\n[[cluster.pool]]\nname = \"batch\"\ncount = 12\nstate = \"Failed\"\n{image}\n[[cluster.pool]]\nname = \"web\"\n{image}"
    );
    let azure = Azure::new(&format!("[[cluster]]\nname = \"prod\"\nversion = \"1.35.4\"\n{pools}"));
    azure.wait_until("2026-11-24T10:00:00Z").await;
    let window = |day: &str, limits: Json| {
        let mut window = json!({ "days": [day], "start": "10:00", "duration": "8h", "time_zone": "UTC" });
        window.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
        window
    };
    let windows = [
        window("tuesday", json!({ "node_pools": ["sys", "web"] })),
        window("tuesday", json!({ "applies_to": ["patch"] })),
        window("sunday", json!({})),
    ];
    let terraform = Terraform::policy(
        &azure,
        json!({ "kubernetes_version": "1.35", "node_image": {}, "maintenance_window": windows }),
    );
    terraform.up().await;
    assert_eq!(azure.writes(), ["POST prod/web image"]);
}

/// What keeps one pool from its image keeps no other from its own.
#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_pool_that_cannot_go() {
    let image = |day: u8| format!("image = \"AKSUbuntu-2204gen2containerd-202610.{day:02}.0\"");
    let cluster = |batch: &str| {
        format!(
            "[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"\n[[cluster.pool]]\nname = \"sys\"\nmode = \"System\"\n{}\n[[cluster.pool]]\nname = \"batch\"\n{}\n{batch}\n[[cluster.pool]]\nname = \"web\"\n{}",
            image(12),
            image(5),
            image(12)
        )
    };
    let others = ["POST prod/sys image", "POST prod/web image"];
    let forbidden =
        json!([{ "from": "2026-11-20", "to": "2027-01-10", "time_zone": "UTC", "node_pools": ["batch"] }]);
    for (batch, blackout, failing) in
        [("", forbidden, false), ("count = 60\nsurge = \"1\"", json!(null), false), ("", json!(null), true)]
    {
        for of_policy in [true, false] {
            let azure = Azure::new(&cluster(batch));
            let mut block = json!({ "maintenance_window": [nightly(json!(["all"]), json!(null), "2h")], "blackout": blackout });
            let terraform = if of_policy {
                block["channel"] = "patch".into();
                block["node_image"] = json!({});
                Terraform::policy(&azure, block)
            } else {
                Terraform::node_image(&azure, block)
            };
            terraform.applied_before();
            azure.wait_until("2026-11-25T00:01:00Z").await;
            for _ in 0..if failing { 2 } else { 1 } {
                if failing {
                    azure.outcome("pool = \"batch\"\nends = \"fail\"");
                }
                let plan = terraform.plan().await;
                let ended = terraform.apply(&plan).await;
                assert_eq!(ended.is_err(), failing, "{batch} {blackout}");
            }
            let done: Vec<String> =
                azure.writes().into_iter().filter(|write| !write.contains("batch")).collect();
            assert_eq!(done, others, "{batch} {blackout}");
        }
    }
}
