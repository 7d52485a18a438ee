//! Runs: sequences, concurrency, failures, stops and skips.

use serde_json::{Value, json};

use super::{Fleet, full, rings};

#[test]
fn members_are_upgraded_one_by_one_without_a_strategy() {
    let mut fleet = Fleet::new("");
    fleet.start(full(), Value::Null);
    fleet.0.wait(5);
    assert_eq!(fleet.states(), "Running; one Running, two NotStarted, three NotStarted");
    assert_eq!(fleet.cluster("one"), "Upgrading 1.35.6 [\"1.35.6\", \"1.35.6\"]");
    // 5 minutes of control plane, and 3 batches of 4 minutes in each of two pools.
    fleet.minutes(29);
    assert_eq!(fleet.states(), "Running; one Completed, two Running, three NotStarted");
    assert_eq!(fleet.cluster("three"), "Succeeded 1.34.2 [\"1.34.2\", \"1.34.2\"]");
    fleet.minutes(24 * 60);
    assert_eq!(fleet.states(), "Completed; one Completed, two Completed, three Completed");
    assert_eq!(fleet.cluster("three"), "Succeeded 1.35.6 [\"1.35.6\", \"1.35.6\"]");
}

#[test]
fn a_minor_means_its_newest_patch() {
    let mut fleet = Fleet::new("");
    fleet.start(json!({ "type": "Full", "kubernetesVersion": "1.35" }), Value::Null);
    fleet.minutes(24 * 60);
    assert_eq!(fleet.states(), "Completed; one Completed, two Completed, three Completed");
    assert_eq!(fleet.cluster("three"), "Succeeded 1.35.6 [\"1.35.6\", \"1.35.6\"]");
    // One that there is not yet is waited for.
    fleet.ask("DELETE", "/updateRuns/run", Value::Null).expect(200);
    fleet.start(json!({ "type": "Full", "kubernetesVersion": "1.39" }), Value::Null);
    fleet.0.wait(5);
    assert_eq!(fleet.states(), "Pending; one Pending, two Pending, three Pending");
    assert_eq!(
        fleet.message("one"),
        "set member: one to Pending due to failed validation err: target upgrade Kubernetes version \"1.39\" is not available in region \"westeurope\" \n"
    );
}

#[test]
fn a_stage_waits_for_the_one_before_it_and_groups_go_side_by_side() {
    let mut fleet = Fleet::new("");
    fleet.start(
        full(),
        rings(
            json!({ "afterStageWaitInSeconds": 3600 }),
            json!({ "groups": [{ "name": "rest", "maxConcurrency": "100%" }] }),
        ),
    );
    fleet.minutes(30);
    assert_eq!(fleet.states(), "Running; one Completed, two NotStarted, three NotStarted");
    let wait = &fleet.status()["stages"][0]["afterStageWaitStatus"];
    assert_eq!((&wait["status"]["state"], &wait["waitDurationInSeconds"]), (&json!("Running"), &json!(3600)));
    fleet.minutes(60);
    assert_eq!(fleet.states(), "Running; one Completed, two Running, three Running");
    assert_eq!(fleet.status()["stages"][1]["groups"][0]["maxConcurrency"], 2);
}

/// Fleet goes through Resource Manager as everybody does: what a person's PUT is refused, a run's is.
#[test]
fn a_lock_that_lets_one_only_read_fails_its_member() {
    let scope = format!("{}/managedClusters/one", super::GROUP);
    for upgrade in [full(), json!({ "type": "NodeImageOnly" })] {
        let lock = format!("[[lock]]\nscope = \"{scope}\"\nlevel = \"ReadOnly\"\n");
        let old = "image = \"AKSUbuntu-2204gen2containerd-202610.05.0\"";
        let pool = format!("[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n{old}\n");
        let mut fleet = Fleet::of(&format!("version = \"1.34.2\"\n{pool}"), &lock);
        fleet.start(upgrade, Value::Null);
        fleet.minutes(60);
        assert_eq!(fleet.states(), "Failed; one Failed, two NotStarted, three NotStarted");
        let message = fleet.message("one");
        assert!(message.contains(&format!("following scope(s) are locked: '{scope}'")), "{message}");
        assert_eq!(fleet.cluster("one"), "Succeeded 1.34.2 [\"1.34.2\"]");
    }
    let free = "[[lock]]\nscope = \"/subscriptions/00000000-0000-0000-0000-000000000000\"\nlevel = \"CanNotDelete\"\n";
    let mut fleet = Fleet::new(free);
    fleet.start(json!({ "type": "ControlPlaneOnly", "kubernetesVersion": "1.35.6" }), Value::Null);
    fleet.minutes(60);
    assert_eq!(fleet.states(), "Completed; one Completed, two Completed, three Completed");
}

/// Nodes of node auto-provisioning follow the control plane by themselves: a run names no version for their pool.
#[test]
fn a_pool_of_machines_gets_no_version_from_a_run() {
    let mut fleet = Fleet::of(
        "version = \"1.34.2\"\nnap = 3\n[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n",
        "",
    );
    fleet.start(full(), Value::Null);
    fleet.minutes(180);
    assert_eq!(fleet.cluster("one"), r#"Succeeded 1.35.6 ["1.35.6", "-"]"#);
}

/// What a group may take and does not is left to the others.
#[test]
fn the_room_of_a_stage_is_for_whoever_has_something_due() {
    for most in ["1", "25%", "2"] {
        let mut fleet = Fleet::new("");
        let groups = json!([{ "name": "canary", "maxConcurrency": "100%" }, { "name": "rest", "maxConcurrency": "100%" }]);
        fleet.start(full(), json!([{ "name": "all", "maxConcurrency": most, "groups": groups }]));
        fleet.0.wait(5);
        let running = fleet.states().matches("Running").count() - 1;
        assert_eq!(running, if most == "2" { 2 } else { 1 }, "{most}: {}", fleet.states());
        fleet.minutes(24 * 60);
        assert_eq!(fleet.states(), "Completed; one Completed, two Completed, three Completed", "{most}");
    }
}

#[test]
fn a_share_of_clusters_is_rounded_down_and_at_least_one() {
    for (limit, expected) in [("3", 2), ("100%", 2), ("75%", 1), ("25%", 1)] {
        let mut fleet = Fleet::new("");
        fleet
            .start(full(), json!([{ "name": "s", "groups": [{ "name": "rest", "maxConcurrency": limit }] }]));
        assert_eq!(fleet.status()["stages"][0]["groups"][0]["maxConcurrency"], expected, "{limit}");
    }
}

#[test]
fn the_first_failure_fails_member_group_stage_and_run_and_nobody_comes_after_it() {
    let mut fleet = Fleet::new("[[outcome]]\ncluster = \"one\"\nkind = \"upgrade\"\nends = \"fail\"\n");
    fleet.start(full(), Value::Null);
    fleet.minutes(60);
    assert_eq!(fleet.states(), "Failed; one Failed, two NotStarted, three NotStarted");
    let status = fleet.status();
    let stage = &status["stages"][0];
    let error = |status: &Value| status["status"]["error"]["message"].as_str().unwrap().to_owned();
    let why = error(&stage["groups"][0]["members"][0]);
    assert!(why.starts_with("Drain node aks-user-"), "{why}");
    assert_eq!(error(&stage["groups"][0]), format!("member one failed: {why}"));
    assert_eq!(error(stage), format!("group default failed: member one failed: {why}"));
    assert_eq!(error(&status), error(stage));
    // Started again, it does what is left: AKS resumes the upgrade.
    fleet.act("start");
    fleet.minutes(24 * 60);
    assert_eq!(fleet.states(), "Completed; one Completed, two Completed, three Completed");
    assert_eq!(fleet.cluster("one"), "Succeeded 1.35.6 [\"1.35.6\", \"1.35.6\"]");
}

#[test]
fn azures_own_refusals_fail_a_member() {
    // Fleet neither waits for another operation (Azure/AKS#5733) nor skips a stopped cluster (#5655).
    let mut fleet = Fleet::new("");
    fleet.0.post(&format!("{}/managedClusters/one/stop", super::GROUP)).expect(202);
    fleet.start(full(), Value::Null);
    fleet.0.wait(5);
    assert_eq!(fleet.states(), "Failed; one Failed, two NotStarted, three NotStarted");
    assert!(fleet.message("one").contains("Another operation (Stopping) is in progress"));
    fleet.minutes(10);
    fleet.act("start");
    fleet.0.wait(5);
    assert_eq!(
        fleet.message("one"),
        "managed cluster is not currently running, upgrading cannot be performed"
    );
}

#[test]
fn a_stopped_run_leaves_what_it_has_begun_alone() {
    let mut fleet = Fleet::new("");
    fleet.start(full(), Value::Null);
    fleet.0.wait(5);
    let shown = fleet.act("stop");
    assert_eq!(shown["properties"]["status"]["status"]["state"], "Stopping");
    assert_eq!(fleet.states(), "Stopped; one Stopped, two NotStarted, three NotStarted");
    fleet.minutes(60);
    assert_eq!(fleet.cluster("one"), "Succeeded 1.35.6 [\"1.35.6\", \"1.35.6\"]", "AKS has gone on");
    assert_eq!(fleet.cluster("two"), "Succeeded 1.34.2 [\"1.34.2\", \"1.34.2\"]");
    fleet.act("start");
    fleet.minutes(24 * 60);
    assert_eq!(fleet.states(), "Completed; one Skipped, two Completed, three Completed");
    assert_eq!(
        fleet.message("one"),
        "skipping member \"one\". Skip message: Skipped control plane upgrade for cluster \"one\": already at or ahead of the target Kubernetes version. Skipped agent pool upgrade for cluster \"one\": already at or ahead of the target Kubernetes version."
    );
}

#[test]
fn what_is_skipped_by_request_is_passed_over() {
    let mut fleet = Fleet::new("");
    fleet.start(full(), rings(json!({ "afterStageWaitInSeconds": 3600 }), Value::Null));
    fleet.0.wait(5);
    let targets = json!({ "targets": [{ "type": "Member", "name": "two" }, { "type": "AfterStageWait", "name": "first" }] });
    fleet.ask("POST", "/updateRuns/run/skip", targets).expect(200);
    fleet.minutes(24 * 60);
    assert_eq!(fleet.states(), "Completed; one Completed, two Skipped, three Completed");
    assert_eq!(fleet.message("two"), "skipped by request.");
    assert_eq!(fleet.cluster("two"), "Succeeded 1.34.2 [\"1.34.2\", \"1.34.2\"]");
}

#[test]
fn an_image_that_is_chosen_is_neither_older_nor_made_up() {
    let custom = |day: &str| {
        let image = format!("AKSUbuntu-2204gen2containerd-2026{day}.0");
        let selection = json!({ "type": "Custom", "customNodeImageVersions": [{ "version": image }] });
        json!({ "properties": { "managedClusterUpdate": { "upgrade": { "type": "NodeImageOnly" }, "nodeImageSelection": selection } } })
    };
    let mut fleet = Fleet::new("");
    fleet.ask("PUT", "/updateRuns/run", custom("11.02")).expect(201);
    fleet.act("start");
    fleet.minutes(60);
    assert_eq!(fleet.states(), "Skipped; one Skipped, two Skipped, three Skipped");
    let said = fleet.message("one");
    assert!(
        said.contains(
            "is already at or ahead of target upgrade version \"AKSUbuntu-2204gen2containerd-202611.02.0\""
        ),
        "{said}"
    );
    fleet.ask("DELETE", "/updateRuns/run", Value::Null).expect(200);
    fleet.ask("PUT", "/updateRuns/run", custom("12.21")).expect(201);
    fleet.act("start");
    fleet.minutes(1);
    assert_eq!(fleet.states(), "Pending; one Pending, two Pending, three Pending");
}

#[test]
fn the_control_plane_alone_and_the_images_alone() {
    let mut fleet = Fleet::new(
        "[[publish]]\nat = \"2026-11-23T00:00:00Z\"\nimage = \"AKSUbuntu-2204gen2containerd-202611.30.0\"\n",
    );
    fleet.start(json!({ "type": "ControlPlaneOnly", "kubernetesVersion": "1.35.6" }), Value::Null);
    fleet.minutes(24 * 60);
    assert_eq!(fleet.cluster("two"), "Succeeded 1.35.6 [\"1.34.2\", \"1.34.2\"]");
    fleet.ask("DELETE", "/updateRuns/run", Value::Null).expect(200);
    fleet.start(json!({ "type": "NodeImageOnly" }), Value::Null);
    fleet.minutes(24 * 60);
    assert_eq!(fleet.states(), "Completed; one Completed, two Completed, three Completed");
    assert_eq!(fleet.cluster("two"), "Succeeded 1.35.6 [\"1.34.2\", \"1.34.2\"]");
}

#[test]
fn consistent_images_are_those_of_the_start_and_latest_ones_those_of_the_turn() {
    let old = "AKSUbuntu-2204gen2containerd-202610.05.0";
    let new = "AKSUbuntu-2204gen2containerd-202611.30.0";
    for (selection, second) in [("Consistent", "202611.16.0"), ("Latest", "202611.30.0")] {
        let pool = |name: &str| {
            format!(
                "[[cluster]]\nname = \"{name}\"\nversion = \"1.34.2\"\n[[cluster.pool]]\nname = \"p\"\nmode = \"System\"\ncount = 3\nimage = \"{old}\"\n"
            )
        };
        let scenario = format!(
            "{}{}[[fleet]]\nname = \"all\"\n[[fleet.member]]\ncluster = \"one\"\n[[fleet.member]]\ncluster = \"two\"\n[[publish]]\nat = \"2026-11-22T09:05:00Z\"\nimage = \"{new}\"\n",
            pool("one"),
            pool("two")
        );
        let mut fleet = Fleet(super::Azure::new(&scenario));
        let update =
            json!({ "upgrade": { "type": "NodeImageOnly" }, "nodeImageSelection": { "type": selection } });
        fleet
            .ask("PUT", "/updateRuns/run", json!({ "properties": { "managedClusterUpdate": update } }))
            .expect(201);
        fleet.act("start");
        fleet.minutes(24 * 60);
        let image = |fleet: &mut Fleet, name: &str| {
            let body = fleet.0.get(&format!("{}/managedClusters/{name}", super::GROUP)).body;
            body["properties"]["agentPoolProfiles"][0]["nodeImageVersion"].as_str().unwrap().to_owned()
        };
        assert_eq!(fleet.states(), "Completed; one Completed, two Completed");
        assert!(image(&mut fleet, "one").ends_with("202611.16.0"));
        assert!(image(&mut fleet, "two").ends_with(second), "{selection}: {}", image(&mut fleet, "two"));
        let selected = &fleet.status()["nodeImageSelection"]["selectedNodeImageVersions"];
        assert_eq!(selected.is_array(), selection == "Consistent", "{selected}");
    }
}
