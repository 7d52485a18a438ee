//! Where Azure moves control plane and pools at once.

use serde_json::{Value as Json, json};

use super::{Azure, Terraform};

fn policy(version: &str, rollout: Json) -> Json {
    json!({ "kubernetes_version": version, "always_open": true, "rollout": rollout })
}

/// Patches by AKS, minors by us: only an upgrade of the control plane alone is refused while a channel is on.
#[tokio::test(start_paused = true)]
async fn a_minor_goes_beside_a_channel_that_stays_on() {
    let azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"\nupgrade_channel = \"patch\"");
    let terraform = Terraform::policy(&azure, policy("1.35", json!({ "soak": "1h" })));
    terraform.up().await;
    assert_eq!(azure.tried(), [""; 0]);
    assert_eq!(terraform.shown()["blocked_by"][0]["code"], "auto_upgrade_channel_on");
    let rollout = json!({ "soak": "1h", "whole_cluster": true, "max_surge": "50%", "drain_timeout": "45m" });
    terraform.write("aks_upgrade_policy.prod", policy("1.35", rollout));
    terraform.up().await;
    assert_eq!(azure.writes(), ["PUT prod 1.35.6"]);
    assert!(terraform.plan().await.is_empty());
    let cluster = azure.cluster("prod");
    assert_eq!(cluster["properties"]["autoUpgradeProfile"]["upgradeChannel"], "patch");
    for pool in cluster["properties"]["agentPoolProfiles"].as_array().unwrap() {
        assert_eq!(pool["currentOrchestratorVersion"], "1.35.6");
        assert_eq!(pool["upgradeSettings"]["maxSurge"], "50%");
        assert_eq!(pool["upgradeSettings"]["drainTimeoutInMinutes"], 45);
    }
}

/// A channel that stays on keeps nothing from being done where nothing is to be done.
#[tokio::test(start_paused = true)]
async fn a_satisfied_policy_beside_a_channel_is_up_to_date() {
    let azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"\nupgrade_channel = \"patch\"");
    let terraform = Terraform::policy(&azure, policy("1.34", json!({})));
    terraform.up().await;
    let shown = terraform.shown();
    assert_eq!(shown["status"], "up_to_date");
    let told = &shown["blocked_by"][0];
    assert_eq!((&told["code"], &told["stops"]), (&json!("auto_upgrade_channel_on"), &json!(false)));
}

/// Out of support there is no other way: what cannot be kept is accepted, or nothing moves.
#[tokio::test(start_paused = true)]
async fn out_of_support_a_soak_is_given_up_by_name() {
    let azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.33.5\"");
    let terraform = Terraform::policy(&azure, policy("1.34", json!({ "soak": "1h" })));
    terraform.up().await;
    assert_eq!(azure.tried(), [""; 0]);
    assert_eq!(terraform.shown()["blocked_by"][0]["code"], "whole_cluster_only");
    assert!(
        terraform.shown()["blocked_by"][0]["message"].as_str().unwrap().contains(": soak cannot be kept."),
        "{}",
        terraform.shown()["blocked_by"]
    );
    let rollout = json!({ "soak": "1h", "whole_cluster": true, "max_surge": "50%", "drain_timeout": "45m" });
    terraform.write("aks_upgrade_policy.prod", policy("1.34", rollout));
    terraform.up().await;
    assert_eq!(azure.writes(), ["PUT prod 1.34.9"]);
    assert_eq!(terraform.shown()["status"], "up_to_date");
    // What is asked for travels with the one write.
    for pool in azure.cluster("prod")["properties"]["agentPoolProfiles"].as_array().unwrap() {
        assert_eq!(pool["upgradeSettings"]["maxSurge"], "50%");
        assert_eq!(pool["upgradeSettings"]["drainTimeoutInMinutes"], 45);
    }
}

/// Weeks before that, a warning says what is coming, unless a step leads away in time: then the step says so.
#[tokio::test(start_paused = true)]
async fn weeks_before_the_end_of_support_a_warning_says_so() {
    const SUMMARY: &str = "The running version leaves support";
    let of = async |scenario: &str, policy: Json| {
        let azure = Azure::new(scenario);
        let terraform = Terraform::policy(&azure, policy);
        let create = terraform.plan().await;
        let told: Vec<String> = create.warnings(SUMMARY).into_iter().map(str::to_owned).collect();
        terraform.run().await;
        assert_eq!(terraform.plan().await.warnings(SUMMARY), told, "an update says what the create said");
        told
    };
    let prod = |version: &str| format!("[[cluster]]\nname = \"prod\"\nversion = \"{version}\"");
    let wants = |version: &str| policy(version, Json::Null);
    let leaves = "prod: 1.34 leaves support after 2026-11-30, and no step leads away from it before. Out of support AKS moves a cluster only as a whole, control plane and every pool at once, without pool_order and soak. Let the policy want 1.35 or newer.";
    assert_eq!(of(&prod("1.34.9"), wants("1.34")).await, [leaves]);
    assert_eq!(of(&prod("1.34.9"), wants("1.35")).await, [""; 0], "a step leads away from it");
    assert_eq!(of(&prod("1.35.6"), wants("1.35")).await, [""; 0], "months are left");
    let mut late = wants("1.35");
    late["maintenance_window"] =
        json!([{ "days_of_month": [20], "start": "02:00", "duration": "4h", "time_zone": "UTC" }]);
    late["always_open"] = Json::Null;
    let told = of(&prod("1.34.9"), late).await;
    assert!(
        told[0].ends_with(
            "The first window for 1.35 opens at Sun 2026-12-20 02:00 UTC, after that: open one before."
        ),
        "{told:?}"
    );
    let told = of(&prod("1.34.9"), wants("1.39")).await;
    assert!(told[0].ends_with("What keeps the policy from 1.35 is told apart."), "{told:?}");
    // What the policy wants already is not advised, and a rule without effect keeps nobody from anything.
    let apart = "What keeps the policy from 1.35 is told apart.";
    let saturdays = |more: Json| {
        let mut block = wants("1.35");
        let mut window =
            json!({ "days": ["saturday"], "start": "02:00", "duration": "4h", "time_zone": "UTC" });
        window.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        block["maintenance_window"] = json!([window]);
        block["always_open"] = Json::Null;
        block
    };
    let with = |version: &str, name: &str, value: Json| {
        let mut block = wants(version);
        block[name] = value;
        block
    };
    let channel = |channel: &str| {
        let mut block = with("1.35", "kubernetes_version", Json::Null);
        block["channel"] = channel.into();
        block
    };
    let aged = |channel: Json| {
        let mut block = channel;
        block["min_age"] = "90d".into();
        block
    };
    for (scenario, block, advice) in [
        (prod("1.34.9"), saturdays(json!({ "applies_to": ["patch"] })), apart),
        (prod("1.34.9"), saturdays(json!({ "node_pools": ["user"] })), apart),
        (prod("1.34.9"), with("1.35", "min_age", "90d".into()), apart),
        (prod("1.34.4"), aged(channel("rapid")), apart),
        (prod("1.34.9"), channel("patch"), "Let the policy want 1.35 or newer."),
        (
            prod("1.34.9"),
            with("1.34", "rollout", json!({ "exclude_pools": ["zzz"] })),
            "Let the policy want 1.35 or newer.",
        ),
    ] {
        let told = of(&scenario, block.clone()).await;
        assert!(told.len() == 1 && told[0].ends_with(advice), "{block}: {told:?}");
        let terraform = Terraform::policy(&Azure::new(&scenario), block.clone());
        terraform.run().await;
        let others = terraform.plan().await.diagnostics;
        let keeps = [
            "The work fits into no window",
            "Not old enough yet",
            "Upgrade blocked",
            "Not all of the upgrade is possible",
        ];
        let is_told = others.iter().any(|told| keeps.contains(&told.summary.as_str()));
        assert_eq!(is_told, advice == apart, "{block}: {others:?}");
    }
    // A step that waits for its window is told with the day.
    let terraform = Terraform::policy(&Azure::new(&prod("1.34.9")), saturdays(json!({ "start": "05:00" })));
    let told = "1.34 leaves support after 2026-11-30; the step to 1.35 can come before.";
    assert!(terraform.plan().await.warnings("Upgrade preview")[0].contains(told));
    terraform.run().await;
    assert!(
        terraform.plan().await.warnings("Upgrade deferred to the next maintenance window")[0].contains(told)
    );
    let lts = format!("{}\ntier = \"Premium\"\nsupport_plan = \"AKSLongTermSupport\"", prod("1.34.9"));
    assert_eq!(of(&lts, wants("1.34")).await, [""; 0], "long-term support lasts a year longer");
}
