//! Operations that end other than well.

use super::fixture::{Azure, PROD};
use serde_json::json;

fn prod(outcome: &str) -> Azure {
    Azure::new(&format!(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n\
         [[cluster.pool]]\nname = \"system\"\nmode = \"System\"\nimage = \"AKSUbuntu-2204gen2containerd-202610.05.0\"\n\
         [[cluster.pool]]\nname = \"user\"\nimage = \"AKSUbuntu-2204gen2containerd-202610.05.0\"\n\
         [[outcome]]\n{outcome}"
    ))
}

fn whole() -> serde_json::Value {
    json!({ "properties": { "kubernetesVersion": "1.35.6", "agentPoolProfiles": [
        { "name": "system", "orchestratorVersion": "1.35.6" }, { "name": "user", "orchestratorVersion": "1.35.6" }] } })
}

#[test]
fn a_failed_upgrade_leaves_nodes_behind_and_a_put_resumes_it() {
    let mut azure =
        prod("pool = \"user\"\nends = \"fail\"\ncode = \"PodDrainFailure\"\nmessage = \"Drain failed.\"");
    let address = azure.put(PROD, whole()).expect(200).header("azure-asyncoperation").to_owned();
    azure.wait(3600);
    assert_eq!(
        azure.picture(),
        ["Failed 1.35.6", "system: Succeeded 1.35.6 202611.16.0", "user: Failed 1.35.6 202610.05.0"]
    );
    let error = json!({ "code": "PodDrainFailure", "message": "Drain failed." });
    let body = azure.get(PROD).body;
    assert_eq!(body["properties"]["status"]["provisioningError"], error);
    assert_eq!(body["properties"]["agentPoolProfiles"][1]["status"]["provisioningError"], error);
    let status = azure.follow(&address).body;
    assert_eq!((&status["status"], &status["error"]), (&json!("Failed"), &error));
    let machines = azure.preview(&format!("{PROD}/agentPools/user/machines")).body;
    let versions: Vec<&str> = machines["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|machine| machine["properties"]["kubernetes"]["currentOrchestratorVersion"].as_str().unwrap())
        .collect();
    assert_eq!(versions, ["1.35.6", "1.34.2", "1.34.2"]);

    assert_eq!(azure.put(PROD, whole()).expect(200).body["properties"]["provisioningState"], "Upgrading");
    azure.wait(8 * 60);
    assert_eq!(
        azure.picture(),
        ["Succeeded 1.35.6", "system: Succeeded 1.35.6 202611.16.0", "user: Succeeded 1.35.6 202611.16.0"]
    );
    assert_eq!(azure.get(PROD).body["properties"].get("status"), None);
}

#[test]
fn a_failed_image_leaves_the_cluster_alone() {
    let mut azure = prod("kind = \"image\"\nends = \"fail\"");
    azure.post(&format!("{PROD}/agentPools/user/upgradeNodeImageVersion")).expect(202);
    azure.wait(3600);
    assert_eq!(
        azure.picture(),
        ["Succeeded 1.34.2", "system: Succeeded 1.34.2 202610.05.0", "user: Failed 1.34.2 202610.05.0"]
    );
    azure.post(&format!("{PROD}/agentPools/user/upgradeNodeImageVersion")).expect(202);
    azure.wait(3600);
    assert_eq!(azure.picture()[2], "user: Succeeded 1.34.2 202611.16.0");
}

#[test]
fn a_canceled_upgrade_is_canceled() {
    let mut azure = prod("ends = \"cancel\"");
    let address = azure.put(PROD, whole()).expect(200).header("azure-asyncoperation").to_owned();
    azure.wait(3600);
    assert_eq!(
        azure.picture(),
        ["Canceled 1.35.6", "system: Succeeded 1.35.6 202611.16.0", "user: Canceled 1.35.6 202610.05.0"]
    );
    assert_eq!(azure.follow(&address).body["error"]["code"], "Canceled");
}

#[test]
fn a_hanging_upgrade_ends_when_it_is_aborted() {
    let mut azure = prod("ends = \"hang\"");
    azure.put(PROD, whole()).expect(200);
    azure.wait(1_000_000);
    assert_eq!(azure.picture()[0], "Upgrading 1.35.6");
    azure.post(&format!("{PROD}/abort")).expect(202);
    azure.wait(6);
    assert_eq!(azure.picture()[0], "Canceled 1.35.6");
}

#[test]
fn a_stuck_status_says_in_progress_of_work_that_is_done() {
    let mut azure = prod("ends = \"stuck\"");
    let address = azure.put(PROD, whole()).expect(200).header("azure-asyncoperation").to_owned();
    azure.wait(1_000_000);
    assert_eq!(azure.picture()[0], "Succeeded 1.35.6");
    assert_ne!(azure.follow(&address).body["status"], "Succeeded");
    azure.put(PROD, json!({ "properties": {} })).expect(200);
}

fn upgrade_user(azure: &mut Azure) -> String {
    let body = json!({ "properties": { "orchestratorVersion": "1.34.2" } });
    azure.put(&format!("{PROD}/agentPools/user"), body).expect(200);
    azure.wait(60);
    let address = azure.put(PROD, whole()).expect(200).header("azure-asyncoperation").to_owned();
    azure.wait(3600);
    address
}

/// Version and label of every machine of the user pool.
fn machines(azure: &mut Azure) -> Vec<String> {
    let machines = azure.preview(&format!("{PROD}/agentPools/user/machines")).body;
    let machine = |machine: &serde_json::Value| {
        let kubernetes = &machine["properties"]["kubernetes"];
        let label = &kubernetes["nodeLabels"]["kubernetes.azure.com/upgrade-status"];
        let version = kubernetes["currentOrchestratorVersion"].as_str().unwrap();
        format!("{version} {}", label.as_str().unwrap_or("-"))
    };
    machines["value"].as_array().unwrap().iter().map(machine).collect()
}

#[test]
fn a_cancelled_operation_says_who_did_it() {
    let mut azure = prod("pool = \"user\"\nkind = \"upgrade\"\nends = \"cancel\"");
    let address = upgrade_user(&mut azure);
    let by_user = json!({ "code": "Canceled", "message": "Operation is being canceled by user" });
    assert_eq!(azure.follow(&address).body["error"], by_user);
    assert_eq!(azure.get(PROD).body["properties"].get("status"), None);

    let mut azure =
        prod("pool = \"user\"\nkind = \"upgrade\"\nends = \"cancel\"\nmessage = \"Nodes are blocked.\"");
    let address = upgrade_user(&mut azure);
    let status = azure.follow(&address).body;
    let by_aks = json!({ "code": "UpgradeFailed", "message": "Nodes are blocked." });
    assert_eq!((&status["status"], &status["error"]), (&json!("Canceled"), &by_aks));
    assert_eq!(azure.get(PROD).body["properties"]["provisioningState"], "Canceled");
    assert_eq!(azure.get(PROD).body["properties"]["status"]["provisioningError"], by_aks);
}

#[test]
fn an_abort_is_the_users_whatever_was_to_come() {
    let mut azure = prod("pool = \"user\"\nends = \"fail\"\nmessage = \"Later.\"");
    let address = azure.put(PROD, whole()).expect(200).header("azure-asyncoperation").to_owned();
    azure.wait(60);
    azure.post(&format!("{PROD}/abort")).expect(202);
    azure.wait(60);
    assert_eq!(azure.follow(&address).body["error"]["message"], "Operation is being canceled by user");
}

/// An upgrade of three nodes with a surge of two, of which some cannot be drained.
fn cordon(blocked: u32) -> (Azure, String) {
    let mut azure =
        prod(&format!("pool = \"user\"\nkind = \"upgrade\"\nends = \"quarantine\"\nnodes = {blocked}"));
    let settings = json!({ "maxSurge": "2", "undrainableNodeBehavior": "Cordon" });
    azure
        .put(&format!("{PROD}/agentPools/user"), json!({ "properties": { "upgradeSettings": settings } }))
        .expect(200);
    azure.wait(60);
    let address = upgrade_user(&mut azure);
    (azure, address)
}

#[test]
fn quarantined_nodes_fail_an_upgrade_that_upgrades_all_others() {
    let (mut azure, address) = cordon(1);
    assert_eq!(azure.follow(&address).body["status"], "Failed");
    assert_eq!(machines(&mut azure), ["1.35.6 -", "1.35.6 -", "1.34.2 Quarantined", "1.35.6 -"]);
    azure.put(PROD, whole()).expect(200);
    azure.wait(3600);
    assert_eq!(machines(&mut azure), ["1.35.6 -"; 3]);
}

#[test]
fn more_quarantined_nodes_than_surge_cancel_an_upgrade() {
    let (mut azure, address) = cordon(3);
    let status = azure.follow(&address).body;
    assert_eq!(status["status"], "Canceled");
    assert!(
        status["error"]["message"]
            .as_str()
            .unwrap()
            .starts_with("Cordoned nodes have used all surge nodes but there are more nodes to be upgraded.")
    );
    assert_eq!(azure.picture()[2], "user: Canceled 1.35.6 202610.05.0");
    let quarantined = "1.34.2 Quarantined";
    assert_eq!(machines(&mut azure), ["1.34.2 -", quarantined, quarantined, "1.35.6 -", "1.35.6 -"]);
}

/// A surge node stays for each quarantined one: no more can be quarantined than there are, and quota counts them.
#[test]
fn surge_nodes_stay_in_the_place_of_quarantined_ones() {
    let mut azure = Azure::new(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n\
         pool = [{ name = \"system\", mode = \"System\", count = 1 }, { name = \"user\", count = 6, surge = \"1\" }]\n\
         [[quota]]\nfamily = \"cores\"\nlimit = 100\n\
         [[outcome]]\npool = \"user\"\nkind = \"upgrade\"\nends = \"quarantine\"\nnodes = 4",
    );
    let settings = json!({ "properties": { "upgradeSettings": { "undrainableNodeBehavior": "Cordon" } } });
    azure.put(&format!("{PROD}/agentPools/user"), settings).expect(200);
    azure.wait(60);
    let used = |azure: &mut Azure| {
        let usages = "/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.Compute/locations/westeurope/usages";
        azure.get(usages).expect(200).body["value"][0]["currentValue"].as_u64().unwrap()
    };
    let before = used(&mut azure);
    azure.put(PROD, whole()).expect(200);
    azure.wait(3600);
    let (new, old) = ("1.35.6 -", "1.34.2 -");
    assert_eq!(machines(&mut azure), [new, new, old, old, old, "1.34.2 Quarantined", new]);
    assert_eq!(used(&mut azure) - before, before / 7);
}

#[test]
fn nodes_that_cannot_be_drained_fail_an_upgrade_where_none_is_cordoned() {
    let mut azure = prod("pool = \"user\"\nkind = \"upgrade\"\nends = \"quarantine\"");
    let address = upgrade_user(&mut azure);
    assert_eq!(azure.follow(&address).body["status"], "Failed");
    assert_eq!(machines(&mut azure), ["1.35.6 -", "1.34.2 -", "1.34.2 -"]);
}

#[test]
fn paused_nodes_stay_behind_an_upgrade_that_ends_well() {
    let mut azure = prod("pool = \"user\"\nkind = \"upgrade\"\nends = \"pause\"\nnodes = 2");
    let address = upgrade_user(&mut azure);
    assert_eq!(azure.follow(&address).body["status"], "Succeeded");
    assert!(azure.picture()[2].starts_with("user: Succeeded 1.35.6"));
    assert_eq!(machines(&mut azure), ["1.35.6 -", "1.34.2 paused", "1.34.2 paused"]);
    azure.post(&format!("{PROD}/agentPools/user/upgradeNodeImageVersion")).expect(202);
    azure.wait(3600);
    assert_eq!(machines(&mut azure), ["1.35.6 -"; 3]);
}
