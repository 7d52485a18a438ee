//! Who else works on the cluster, and what Azure and its network do meanwhile.

use serde_json::json;

use super::stage::{CLUSTER, ONE_MINOR, POLICY, PROD, SATURDAY, Stage, THURSDAY};

const ADDRESS: &str = "aks_upgrade_policy.prod";

/// A policy on a changed cluster, applied before the window; then it is Saturday.
async fn due(scenario: &str) -> Stage {
    let stage = Stage::of(scenario).await;
    stage.clock(THURSDAY);
    stage.policy(POLICY).apply().await.succeeds();
    stage.clock(SATURDAY);
    stage
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_os_channel_is_told_and_hinders_nothing() {
    let on = "version = \"1.34.4\"\nnode_os_channel = \"NodeImage\"";
    let stage = Stage::of(&CLUSTER.replace("version = \"1.34.4\"", on)).await;
    stage.clock(SATURDAY);
    stage.images("cluster_id  = local.prod\n  always_open = true").up().await.succeeds();
    assert_eq!(stage.writes().len(), 3);
    let state = stage.state("aks_node_image.prod").await;
    assert_eq!(state["blocked_by"][0]["code"], "node_os_channel_on");
    assert_eq!(state["status"], "up_to_date");
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_operation_is_told_and_waited_for() {
    let stage = due(CLUSTER).await;
    let pool = json!({ "properties": { "count": 1, "vmSize": "Standard_D4s_v5", "mode": "User" } });
    stage.somebody("PUT", "/agentPools/extra", &pool);
    stage.terraform(&["apply", "-refresh-only", "-auto-approve"]).await.succeeds();
    let state = stage.state(ADDRESS).await;
    assert_eq!(state["status"], "upgrading");
    assert!(
        state["blocked_by"].to_string().contains("An operation runs on pool extra (Creating)"),
        "{state:#}"
    );
    stage.apply().await.succeeds();
    assert_eq!(stage.state(ADDRESS).await["status"], "up_to_date");
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_the_window_an_upgrade_that_runs_is_shown_and_is_no_difference() {
    let lagging = CLUSTER.replace("1.34.4", "1.35.6").replace("count =", "version = \"1.34.4\"\ncount =");
    let stage = Stage::of(&lagging).await;
    stage.clock(THURSDAY);
    stage.policy(POLICY).apply().await.succeeds();
    let mut pool = stage.body()["properties"]["agentPoolProfiles"][0].clone();
    pool["orchestratorVersion"] = "1.35.6".into();
    pool.as_object_mut().unwrap().shift_remove("name");
    stage.somebody("PUT", "/agentPools/system", &json!({ "properties": pool }));
    let plan = stage.plan().await;
    plan.is_empty().says("Warning: Upgrade deferred to the next maintenance window");
    stage.apply().await.succeeds();
    assert_eq!(stage.writes(), [""; 0]);
    let state = stage.state(ADDRESS).await;
    assert_eq!(state["status"], "upgrading");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_run_of_a_fleet_is_told() {
    let fleet = "[[fleet]]\nname = \"all\"\n[[fleet.member]]\ncluster = \"prod\"\n[[fleet.run]]\nname = \"monthly\"\n";
    let stage = due(&format!("{CLUSTER}{fleet}")).await;
    stage.terraform(&["apply", "-refresh-only", "-auto-approve"]).await.succeeds();
    assert_eq!(stage.codes(ADDRESS).await, ["fleet_update_run", "os_changes"]);
    stage.apply().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR);
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn pools_of_machines_and_of_snapshots_are_left_out_with_a_reason() {
    let machines =
        CLUSTER.replace("name = \"batch\"\nmode = \"User\"", "name = \"batch\"\nmode = \"Machines\"");
    let stage = Stage::of(&machines).await;
    stage.clock(SATURDAY);
    let group = PROD.split("/providers/").next().unwrap();
    let snapshot = format!("{group}/providers/Microsoft.ContainerService/snapshots/kept");
    let taken = json!({ "location": "westeurope", "properties": { "creationData": { "sourceResourceId": format!("{PROD}/agentPools/shop") } } });
    stage.azure.with_world(|world| {
        let now = world.now();
        let path = format!("{snapshot}?api-version=2026-08-01");
        assert_eq!(world.ask_as_somebody_else("PUT", &path, &taken, now).unwrap()["status"], 200);
    });
    let bound = json!({ "properties": { "count": 1, "vmSize": "Standard_D4s_v5", "mode": "User", "creationData": { "sourceResourceId": snapshot } } });
    stage.somebody("PUT", "/agentPools/bound", &bound);
    stage.azure.advance(jiff::SignedDuration::from_hours(1));
    stage.images("cluster_id  = local.prod\n  always_open = true").up().await.succeeds();
    assert_eq!(stage.writes(), ["POST prod/system image", "POST prod/shop image"]);
    let plan = stage.plan().await;
    plan.is_empty();
    let blocks = stage.state("aks_node_image.prod").await["blocked_by"].clone();
    let mut codes: Vec<_> =
        blocks.as_array().unwrap().iter().map(|block| block["code"].as_str().unwrap()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["machines_pool", "snapshot_bound"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_pool_is_left_out_with_a_reason() {
    let stopped = CLUSTER.replace("name = \"batch\"", "name = \"batch\"\npower = \"Stopped\"");
    let stage = due(&stopped).await;
    stage.apply().await.succeeds();
    assert_eq!(stage.writes(), [ONE_MINOR[0], ONE_MINOR[1], ONE_MINOR[3]]);
    stage.plan().await.is_empty().says("Pool batch is stopped and was left out. Start it to upgrade it.");
    assert_eq!(stage.codes(ADDRESS).await, ["pool_stopped"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_step_is_planned_again_as_a_repair() {
    let stage = due(&format!("{CLUSTER}[[outcome]]\npool = \"batch\"\nends = \"cancel\"\n")).await;
    stage.apply().await.fails().says("Error: Upgrade step cancelled").says("It was step 3 of 4 on");
    stage.plan().await.acts().keeps_quiet_about("tainted");
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes()[3..], ["POST prod/batch image", "PUT prod/shop 1.35.6"]);
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_somebody_left_failed_is_repaired() {
    let scenario =
        format!("{CLUSTER}[[outcome]]\npool = \"shop\"\nends = \"fail\"\nmessage = \"Quota exceeded.\"\n");
    let stage = Stage::of(&scenario).await;
    stage.clock(THURSDAY);
    let mut body = stage.body();
    body["properties"]["kubernetesVersion"] = "1.34.9".into();
    stage.somebody("PUT", "", &body);
    stage.azure.advance(jiff::SignedDuration::from_hours(1));
    let pool = json!({ "properties": { "orchestratorVersion": "1.34.9", "count": 4, "mode": "User", "vmSize": "Standard_D4ds_v5" } });
    stage.somebody("PUT", "/agentPools/shop", &pool);
    stage.azure.advance(jiff::SignedDuration::from_hours(1));
    stage.policy(&POLICY.replace("1.35", "1.34")).apply().await.succeeds();
    assert_eq!(stage.state(ADDRESS).await["status"], "failed");
    assert!(stage.codes(ADDRESS).await.contains(&"failed_state".to_owned()));
    assert!(stage.state(ADDRESS).await["blocked_by"].to_string().contains("Quota exceeded"));
    let told = stage.plan().await;
    told.is_empty().says("Warning: An earlier upgrade failed").says("Quota exceeded");
    told.keeps_quiet_about("Upgrade deferred");
    stage.clock(SATURDAY);
    stage.plan().await.acts().says("Warning: An earlier upgrade failed");
    stage.apply().await.succeeds();
    assert_eq!(stage.state(ADDRESS).await["status"], "up_to_date");
    assert!(stage.writes().contains(&"POST prod/shop image".to_owned()));
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_role_is_named() {
    let reads = "[entra]\nallow = [\"Microsoft.ContainerService/*/read\"]\n";
    let stage = due(&format!("{reads}{CLUSTER}")).await;
    let run = stage.apply().await;
    run.fails()
        .says("Error: Not permitted")
        .says("Microsoft.ContainerService/managedClusters/write")
        .says("managedClusters/prod");
    assert_eq!(stage.state(ADDRESS).await["current_version"], "1.34.4");
}

/// Tokens that live for less than a step: each is renewed, once per time that it expires.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_expire_in_the_middle_of_an_upgrade_are_renewed() {
    let entra = "[entra]\nsecret = \"right\"\ntoken_lives = \"10m\"\n";
    let stage = Stage::of(&format!("{entra}{CLUSTER}")).await;
    let login = format!(
        "authority_host = \"{}\"\n  tenant_id = \"11111111-1111-1111-1111-111111111111\"\n  client_id = \"22222222-2222-2222-2222-222222222222\"\n  client_secret = \"right\"\n  poll_interval",
        stage.azure.url()
    );
    stage.file("provider.tf", &stage.read("provider.tf").replace("poll_interval", &login));
    stage.clock(SATURDAY);
    stage.policy(POLICY).up().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR);
    let tokens = stage.azure.log().iter().filter(|entry| entry.path.ends_with("/token")).count();
    assert!(tokens > 2, "{tokens} tokens");
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_and_a_lost_answer_are_outlived() {
    let faults = "[[fault]]\nmethod = \"PUT\"\ndoes = \"answer\"\nstatus = 429\nretry_after = 1\n\
                  [[fault]]\nmethod = \"PUT\"\npath = \"agentPools/batch\"\ndoes = \"cut_after\"\n\
                  [[fault]]\nmethod = \"GET\"\nnth = 40\ntimes = 3\ndoes = \"answer\"\nstatus = 503\n";
    let stage = due(&format!("{CLUSTER}{faults}")).await;
    stage.apply().await.succeeds();
    assert_eq!(stage.state(ADDRESS).await["status"], "up_to_date");
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_azure_refuses_is_told_in_azures_words() {
    let body = r#"{ "error": { "code": "QuotaExceeded", "message": "Surge nodes exceed the quota." } }"#;
    let refusal = format!("[[fault]]\nmethod = \"PUT\"\ndoes = \"answer\"\nstatus = 400\nbody = '{body}'\n");
    let stage = due(&format!("{CLUSTER}{refusal}")).await;
    let run = stage.apply().await;
    run.fails()
        .says("Error: Azure refused, or could not be asked")
        .says("QuotaExceeded: Surge nodes exceed the quota.");
    run.says("managedClusters/prod. No further step was started. Apply again once the cause is gone.");
    stage.apply().await.succeeds();
    assert_eq!(stage.state(ADDRESS).await["status"], "up_to_date");
}
