//! What goes wrong between us and Azure, and inside Azure, in the middle of an upgrade.

use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::scene::{ALL, PROD_134, upgraded, versions_and_images, wanting_135};
use super::{Azure, Fate, PROD, Terraform};

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_adopted() {
    let (azure, terraform) = wanting_135().await;
    azure.fault("method = \"PUT\"\npath = \"agentPools/system\"\ndoes = \"cut_after\"");
    terraform.up().await;
    upgraded(&azure, &terraform).await;
}

#[tokio::test(start_paused = true)]
async fn an_operation_of_somebody_else_is_waited_for() {
    let (azure, terraform) = wanting_135().await;
    let plan = terraform.plan().await;
    azure.somebody_else("PATCH", PROD, &json!({ "tags": { "owner": "somebody" } }));
    terraform.apply(&plan).await.unwrap();
    upgraded(&azure, &terraform).await;
}

#[tokio::test(start_paused = true)]
async fn an_operation_of_somebody_else_that_never_ends_is_named_at_the_deadline() {
    let (azure, terraform) = wanting_135().await;
    azure.outcome("kind = \"settings\"\nends = \"hang\"");
    let plan = terraform.plan().await;
    azure.somebody_else("PATCH", PROD, &json!({ "tags": { "owner": "somebody" } }));
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "Upgrade not finished in time");
    assert_eq!(
        error.detail,
        "The timeout of this resource, 5h30m, ended (see timeouts). An operation runs in Azure (Updating, seen for 5h29m). Nothing was changed on /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod. Apply again when you want to go on."
    );
}

#[tokio::test(start_paused = true)]
async fn a_conflict_that_the_cluster_does_not_show_is_waited_for_and_named_at_the_deadline() {
    let (azure, terraform) = wanting_135().await;
    let body = json!({
        "code": "OperationNotAllowed", "details": null, "subcode": "",
        "message": "Operation is not allowed: Another operation (Updating) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details",
    });
    azure
        .fault(&format!("method = \"PUT\"\ntimes = 10000\ndoes = \"answer\"\nstatus = 409\nbody = '{body}'"));
    let plan = terraform.plan().await;
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "Upgrade not finished in time");
    assert_eq!(
        error.detail,
        format!(
            "The timeout of this resource, 5h30m, ended (see timeouts). The last error from Azure was: Another operation is in progress: PUT {PROD} answered 409 OperationNotAllowed: Operation is not allowed: Another operation (Updating) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details. Nothing was changed on {PROD}. Apply again when you want to go on."
        )
    );
    assert!(azure.calls() < 1500, "{} calls in six hours", azure.calls());
}

#[tokio::test(start_paused = true)]
async fn a_change_between_read_and_write_is_read_again() {
    let (azure, terraform) = wanting_135().await;
    let body = json!({ "error": { "code": "PreconditionFailed", "message": "The eTag does not match." } });
    azure.fault(&format!("method = \"PUT\"\ndoes = \"answer\"\nstatus = 412\nbody = '{body}'"));
    terraform.up().await;
    upgraded(&azure, &terraform).await;
}

#[tokio::test(start_paused = true)]
async fn an_operation_whose_status_is_stuck_is_held_against_the_cluster() {
    let (azure, terraform) = wanting_135().await;
    azure.outcome("kind = \"upgrade\"\nends = \"stuck\"");
    terraform.up().await;
    upgraded(&azure, &terraform).await;
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_fails_is_told_with_azures_words_and_repaired_next_time() {
    let (azure, terraform) = wanting_135().await;
    azure.outcome("pool = \"system\"\nends = \"fail\"\ncode = \"UpgradeFailed\"\nmessage = \"Drain of node 0 failed: blocked by pdb web.\"");
    let plan = terraform.plan().await;
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "Upgrade step failed");
    assert_eq!(
        error.detail,
        format!(
            "Azure ended the step: UpgradeFailed: Drain of node 0 failed: blocked by pdb web. It was step 2 of 3 on {PROD}: pool system 1.34.9 -> 1.35.6. No further step was started. Remove the cause; the next plan shows what is left, a repair included."
        )
    );
    assert_eq!(terraform.shown()["status"], "failed");
    assert_eq!(terraform.shown()["current_version"], "1.35.6");

    terraform.up().await;
    assert_eq!(
        azure.picture("prod"),
        ["1.35.6 Succeeded", "system 1.35.6 Succeeded", "user 1.35.6 Succeeded"]
    );
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_step_that_somebody_cancels_is_told_and_planned_again() {
    let (azure, terraform) = wanting_135().await;
    azure.outcome("pool = \"user\"\nends = \"cancel\"");
    let plan = terraform.plan().await;
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "Upgrade step cancelled");
    assert!(
        error.detail.starts_with("Somebody cancelled the step in Azure. It was step 3 of 3 on "),
        "{}",
        error.detail
    );
    terraform.up().await;
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_half_an_hour_in_the_middle_of_a_step_is_sat_out() {
    let (azure, terraform) = wanting_135().await;
    let began = tokio::time::Instant::now();
    azure.accidents(move |_| {
        let outage = Duration::from_secs(400)..Duration::from_secs(2200);
        if outage.contains(&began.elapsed()) { Fate::CutBefore } else { Fate::Pass }
    });
    terraform.up().await;
    upgraded(&azure, &terraform).await;
}

#[tokio::test(start_paused = true)]
async fn somebody_who_finishes_the_upgrade_leaves_us_nothing_to_do() {
    let (azure, terraform) = wanting_135().await;
    let plan = terraform.plan().await;
    let mut body = azure.cluster("prod");
    body["properties"]["kubernetesVersion"] = "1.35.6".into();
    for pool in body["properties"]["agentPoolProfiles"].as_array_mut().unwrap() {
        pool["orchestratorVersion"] = "1.35.6".into();
    }
    assert!(azure.somebody_else("PUT", PROD, &body) < 300);
    azure.wait(Duration::from_secs(3 * 3600)).await;
    terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.tried(), [""; 0]);
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_pool_that_is_gone_since_the_plan_is_named() {
    let (azure, terraform) = wanting_135().await;
    let plan = terraform.plan().await;
    azure.somebody_else("DELETE", &format!("{PROD}/agentPools/user"), &json!(null));
    azure.wait(Duration::from_secs(3600)).await;
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "The plan no longer holds");
    assert_eq!(azure.tried(), [""; 0], "nothing is begun that cannot be ended");
    terraform.up().await;
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_node_image_that_moved_on_since_the_plan_is_not_adopted() {
    let image = "AKSUbuntu-2404gen2containerd-202601.01.0";
    let azure = Azure::new(&format!(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.35.6\"\n[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\nimage = \"{image}\"\n[[publish]]\nat = \"2026-11-23T00:00:00Z\"\nimage = \"AKSUbuntu-2404gen2containerd-202611.23.0\""
    ));
    let window = json!([{ "days": ["all"], "start": "12:00", "duration": "4h", "time_zone": "UTC" }]);
    let terraform =
        Terraform::node_image(&azure, json!({ "maintenance_window": window, "outside_window": "fail" }));
    // Created outside the window: adopted, which needs none.
    terraform.run().await;
    let plan = terraform.plan().await;
    assert_eq!(plan.only().promised().len(), 1);

    azure.wait_until("2026-11-23T13:00:00Z").await;
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "The plan no longer holds");
    assert!(
        error.detail.contains("is now AKSUbuntu-2404gen2containerd-202611.23.0, and"),
        "{}",
        error.detail
    );
    assert_eq!(azure.tried(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_update_saves_what_is_true_and_the_next_one_attaches() {
    let (azure, terraform) = wanting_135().await;
    let plan = terraform.plan().await;
    let stop = CancellationToken::new();
    let later = async {
        azure.wait(Duration::from_secs(60)).await;
        stop.cancel();
        tokio::time::Instant::now()
    };
    let applying = async { (terraform.apply_until(&plan, stop.clone()).await, tokio::time::Instant::now()) };
    let ((result, returned), stopped) = tokio::join!(applying, later);
    assert!(returned - stopped < Duration::from_secs(5));
    let error = result.unwrap_err();
    assert_eq!(error.summary, "Upgrade interrupted");
    assert_eq!(
        error.detail,
        format!(
            "The apply was interrupted. It was step 1 of 3 on {PROD}: the control plane 1.34.9 -> 1.35.6. What runs in Azure goes on; no further step was started. Apply again: it attaches to what runs and goes on from there."
        )
    );
    assert_eq!(terraform.shown()["status"], "upgrading");
    terraform.up().await;
    upgraded(&azure, &terraform).await;
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_held_up_here_is_left_at_once() {
    let (azure, terraform) = wanting_135().await;
    let plan = terraform.plan().await;
    azure.fault("method = \"PUT\"\ndoes = \"answer\"\nstatus = 429\nretry_after = 3600");
    let stop = CancellationToken::new();
    let later = async {
        azure.wait(Duration::from_secs(60)).await;
        stop.cancel();
        tokio::time::Instant::now()
    };
    let applying = async { (terraform.apply_until(&plan, stop.clone()).await, tokio::time::Instant::now()) };
    let ((result, returned), stopped) = tokio::join!(applying, later);
    assert_eq!(returned, stopped, "nothing is out, so no answer is waited for");
    let error = result.unwrap_err();
    assert_eq!(
        (error.summary.as_str(), error.detail),
        (
            "Upgrade interrupted",
            format!(
                "The apply was interrupted. Nothing was changed on {PROD}. Apply again when you want to go on."
            )
        )
    );
    azure.wait(Duration::from_secs(7200)).await;
    assert_eq!(azure.tried(), ["PUT prod 1.35.6"], "the one that was refused");
    terraform.up().await;
    upgraded(&azure, &terraform).await;
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_create_saves_nothing_and_the_next_one_goes_on() {
    let azure = Azure::new(PROD_134);
    let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.35" }));
    let plan = terraform.plan().await;
    let stop = CancellationToken::new();
    let cancel = stop.clone();
    azure.accidents(move |_| {
        cancel.cancel();
        Fate::Pass
    });
    let error = terraform.apply_until(&plan, stop).await.unwrap_err();
    assert_eq!(
        error.detail,
        format!(
            "The apply was interrupted while it read {PROD}. Nothing was changed in Azure, and nothing was saved. Apply again."
        )
    );
    assert_eq!(terraform.shown(), json!(null));
    azure.calm();
    terraform.up().await;
    upgraded(&azure, &terraform).await;
}

#[tokio::test(start_paused = true)]
async fn two_resources_on_one_cluster_take_turns_and_compose() {
    let (azure, terraform) = versions_and_images();
    terraform.up().await;
    // No image call: every pool was drained once, for both.
    assert_eq!(azure.writes(), ALL);
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_waited_for_its_turn_until_the_timeout_says_so() {
    let (azure, terraform) = versions_and_images();
    terraform.edit("aks_node_image.prod", "timeouts", json!({ "update": "5m" }));
    terraform.run().await;
    let error = terraform.apply(&terraform.plan().await).await.unwrap_err();
    assert_eq!(error.summary, "Upgrade not finished in time");
    assert_eq!(
        error.detail,
        format!(
            "Another resource of this run worked on the cluster until the timeout of this one, 5m, ended (see timeouts). Nothing was changed on {PROD}. Raise timeouts so that they cover the work of both, or apply again."
        )
    );
    terraform.up().await;
    assert_eq!(azure.writes(), ALL);
}

#[tokio::test(start_paused = true)]
async fn a_soak_that_outlasts_the_timeout_is_no_window() {
    let azure = Azure::new(PROD_134);
    let policy = json!({ "kubernetes_version": "1.35", "rollout": { "soak": "8h" } });
    let terraform = Terraform::policy(&azure, policy);
    terraform.run().await;
    let error = terraform.apply(&terraform.plan().await).await.unwrap_err();
    assert_eq!(error.summary, "The soak outlasts this apply");
    let said = "after the timeout of this resource, 5h30m (see timeouts). 2 of 3 steps were done on ";
    assert!(error.detail.contains(said), "{}", error.detail);
    assert!(error.detail.starts_with("The soak after the last pool ends at "), "{}", error.detail);
    assert!(
        error.detail.ends_with(
            "the next one, pool user 1.34.9 -> 1.35.6, was not started. Raise timeouts, or shorten rollout.soak. The next apply waits for the rest of it."
        ),
        "{}",
        error.detail
    );
    azure.wait(Duration::from_secs(3600 * 8)).await;
    terraform.up().await;
    upgraded(&azure, &terraform).await;
}

#[tokio::test(start_paused = true)]
async fn an_outage_between_two_steps_of_a_policy_lets_no_image_in_between() {
    let (azure, terraform) = versions_and_images();
    terraform.run().await;
    let plan = terraform.plan().await;
    let (mut puts, mut cut) = (0, 0);
    azure.accidents(move |call| {
        puts += usize::from(call.method == "PUT");
        let is_look = call.method == "GET" && call.path.ends_with("/managedClusters/prod");
        if puts != 1 || !is_look || cut == 40 {
            return Fate::Pass;
        }
        cut += 1;
        Fate::NotSent
    });
    terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.writes(), ALL);
}

#[tokio::test(start_paused = true)]
async fn two_pipelines_on_one_cluster_write_every_step_once() {
    let (azure, one) = wanting_135().await;
    let other = Terraform::policy(&azure, json!({ "kubernetes_version": "1.35" }));
    other.run().await;
    let (plan, other_plan) = (one.plan().await, other.plan().await);
    let (first, second) = tokio::join!(one.apply(&plan), other.apply(&other_plan));
    first.unwrap();
    second.unwrap();
    upgraded(&azure, &one).await;
}

#[tokio::test(start_paused = true)]
async fn an_import_is_followed_by_an_empty_plan() {
    let azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.35.6\"");
    let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.35" }));
    terraform.import("aks_upgrade_policy.prod", PROD).await.unwrap();
    terraform.up().await;
    assert!(terraform.plan().await.is_empty());
    let told = terraform.destroy().await;
    assert_eq!(told[0].summary, "Nothing changes in Azure");
    assert_eq!(azure.tried(), [""; 0]);
}

/// Somebody scales a pool whose step is done: that is no step of ours, and counts as none.
#[tokio::test(start_paused = true)]
async fn a_step_counts_once_whatever_others_do_to_its_pool() {
    let (azure, terraform) = wanting_135().await;
    let body = json!({ "code": "OperationNotAllowed", "message": "Another operation is in progress." });
    azure.fault(&format!(
        "method = \"PUT\"\npath = \"agentPools/user\"\ntimes = 3\ndoes = \"answer\"\nstatus = 409\nbody = '{body}'"
    ));
    azure.outcome("pool = \"user\"\nkind = \"upgrade\"\nends = \"fail\"\nmessage = \"Drain failed.\"");
    let plan = terraform.plan().await;
    let somebody = async {
        let refused = || azure.tried().iter().filter(|write| write.contains("prod/user")).count();
        for times in 1..=3 {
            while refused() < times {
                azure.wait(Duration::from_secs(10)).await;
            }
            let cluster = azure.cluster("prod");
            let mut pool = cluster["properties"]["agentPoolProfiles"][0].clone();
            pool.as_object_mut().unwrap().shift_remove("name");
            pool["count"] = (3 + times).into();
            azure.somebody_else("PUT", &format!("{PROD}/agentPools/system"), &json!({ "properties": pool }));
        }
    };
    let (applied, ()) = tokio::join!(terraform.apply(&plan), somebody);
    let error = applied.unwrap_err();
    assert_eq!(error.summary, "Upgrade step failed");
    let said = format!("It was step 3 of 3 on {PROD}: pool user 1.34.9 -> 1.35.6.");
    assert!(error.detail.contains(&said), "{}", error.detail);
}
