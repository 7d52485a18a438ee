//! Quota, subnets, locks and disruption budgets: how they are shown, and how upgrades fail on them.

use serde_json::{Value, json};

use super::fixture::{Azure, PROD};

const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000000";

/// A cluster with one pool of six nodes of four vCPUs that surges by `surge`, and what limits it.
fn prod(version: &str, surge: &str, limits: &str) -> Azure {
    let subnet = format!(
        "{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/net/subnets/aks"
    );
    Azure::new(&format!(
        "[[cluster]]\nname = \"prod\"\nversion = \"{version}\"\n[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\ncount = 6\n\
         size = \"Standard_D4s_v5\"\nsurge = \"{surge}\"\nsubnet = \"{subnet}\"\nimage = \"AKSUbuntu-2204gen2containerd-202610.05.0\"\n{}",
        limits.replace("SUBNET", &subnet)
    ))
}

/// Upgrades the pool's image and lets it end: `state image` of the pool, how long it took in minutes, and why it failed.
fn renew(azure: &mut Azure) -> (String, i64, String) {
    let pool = format!("{PROD}/agentPools/system");
    azure.post(&format!("{pool}/upgradeNodeImageVersion")).expect(202);
    let mut minutes = 0;
    loop {
        let body = azure.get(&pool).expect(200).body;
        let p = &body["properties"];
        let state = p["provisioningState"].as_str().unwrap();
        if state != "UpgradingNodeImageVersion" {
            let error = &p["status"]["provisioningError"];
            let text = |key: &str| error[key].as_str().unwrap_or("-").to_owned();
            return (state.to_owned(), minutes, format!("{}: {}", text("code"), text("message")));
        }
        azure.wait(60);
        minutes += 1;
        assert!(minutes < 1000);
    }
}

#[test]
fn quota_counts_the_nodes_of_this_world_and_those_of_others() {
    let mut azure = prod("1.34.2", "2", "[[quota]]\nfamily = \"standardDSv5Family\"\nlimit = 40\nused = 4\n");
    let body = azure
        .get(&format!("{SUBSCRIPTION}/providers/Microsoft.Compute/locations/westeurope/usages"))
        .expect(200)
        .body;
    assert_eq!(
        body["value"][0],
        json!({
            "limit": 40, "unit": "Count", "currentValue": 28,
            "name": { "value": "standardDSv5Family", "localizedValue": "standardDSv5Family vCPUs" },
        })
    );
    let sizes = azure.get(&format!("{SUBSCRIPTION}/providers/Microsoft.Compute/skus")).expect(200).body;
    assert_eq!(
        (&sizes["value"][0]["family"], &sizes["value"][0]["capabilities"][0]),
        (&json!("standardDSv5Family"), &json!({ "name": "vCPUs", "value": "4" }))
    );
}

#[test]
fn an_upgrade_without_quota_fails_and_goes_on_when_there_is_some() {
    let mut azure = prod("1.34.2", "2", "[[quota]]\nfamily = \"standardDSv5Family\"\nlimit = 28\n");
    let (state, _, why) = renew(&mut azure);
    assert_eq!(
        (state.as_str(), why.as_str()),
        (
            "Failed",
            "QuotaExceeded: Insufficient vcpu quota requested 8, remaining 4 for family standardDSv5Family for region westeurope."
        )
    );
    // A node less makes room for the two that a surge of two wants, and any PUT takes the upgrade up.
    let pool = format!("{PROD}/agentPools/system");
    azure.put(&pool, json!({ "properties": { "count": 5 } })).expect(200);
    azure.wait(3600);
    let p = azure.get(&pool).body["properties"].clone();
    assert_eq!(
        (&p["provisioningState"], &p["nodeImageVersion"]),
        (&json!("Succeeded"), &json!("AKSUbuntu-2204gen2containerd-202611.16.0"))
    );
}

#[test]
fn from_1_35_on_a_surge_is_as_large_as_there_is_room_for() {
    // Six nodes by three at a time: two batches of three minutes; by one: six.
    let quota = |limit: u32| format!("[[quota]]\nfamily = \"standardDSv5Family\"\nlimit = {limit}\n");
    let mut plenty = prod("1.35.6", "3", &quota(36));
    let (state, minutes, _) = renew(&mut plenty);
    assert_eq!((state.as_str(), minutes), ("Succeeded", 6));
    let mut little = prod("1.35.6", "3", &quota(28));
    let (state, minutes, _) = renew(&mut little);
    assert_eq!((state.as_str(), minutes), ("Succeeded", 18));
    let mut none = prod("1.35.6", "3", &quota(24));
    assert_eq!(renew(&mut none).0, "Failed");
}

#[test]
fn a_subnet_without_a_free_address_stops_an_upgrade() {
    let mut azure = prod("1.34.2", "2", "[[subnet]]\nid = \"SUBNET\"\nprefix = \"10.1.0.0/28\"\nused = 4\n");
    let network =
        format!("{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/net");
    let subnet = azure.get(&format!("{network}/subnets/aks")).expect(200).body;
    assert_eq!(subnet["properties"]["addressPrefix"], "10.1.0.0/28");
    assert_eq!(
        subnet["properties"]["ipConfigurations"].as_array().unwrap().len(),
        10,
        "six nodes and four others"
    );
    let usage = azure.get(&format!("{network}/usages")).expect(200).body["value"][0].clone();
    assert_eq!(
        (&usage["currentValue"], &usage["limit"]),
        (&json!(10), &json!(11)),
        "Azure keeps five of sixteen"
    );
    let (state, _, why) = renew(&mut azure);
    assert_eq!(state, "Failed");
    assert!(
        why.starts_with("SubnetIsFull: VMSSAgentPoolReconciler retry failed: Code='SubnetIsFull' Message='"),
        "{why}"
    );
    assert_eq!(azure.get(&format!("{network}/subnets/none")).status, 404);
}

#[test]
fn a_lock_on_the_nodes_group_stops_an_upgrade_until_it_is_taken_away() {
    let mut azure = prod("1.34.2", "2", "");
    let lock = format!(
        "{SUBSCRIPTION}/resourceGroups/MC_rg_prod_westeurope/providers/Microsoft.Authorization/locks/keep"
    );
    azure.put(&lock, json!({ "properties": { "level": "CanNotDelete", "notes": "ours" } })).expect(201);
    let all = azure
        .get(&format!(
            "{SUBSCRIPTION}/resourceGroups/MC_rg_prod_westeurope/providers/Microsoft.Authorization/locks"
        ))
        .body;
    assert_eq!(all["value"][0]["properties"], json!({ "level": "CanNotDelete", "notes": "ours" }));
    let (state, _, why) = renew(&mut azure);
    assert_eq!(
        (state.as_str(), why.as_str()),
        (
            "Failed",
            "ScopeLocked: The scope '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/MC_rg_prod_westeurope/providers/Microsoft.Compute/virtualMachineScaleSets/aks-system-31466537-vmss' cannot perform delete operation because following scope(s) are locked: '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/MC_rg_prod_westeurope'. Please remove the lock and try again."
        )
    );
    azure.ask("DELETE", &lock, Value::Null, &[]).expect(200);
    assert_eq!(renew(&mut azure).0, "Succeeded");
}

#[test]
fn a_budget_that_allows_no_disruption_is_refused_at_once() {
    let mut azure =
        prod("1.34.2", "2", "[[budget]]\ncluster = \"prod\"\nnamespace = \"shop\"\nname = \"web\"\n");
    let refusal =
        azure.post(&format!("{PROD}/agentPools/system/upgradeNodeImageVersion")).expect(400).refusal();
    assert_eq!(
        refusal,
        "400 UnsatisfiablePDB: 1 error occurred:\n* PDB shop/web has maxunavailble == 0 can't proceed with put operation"
    );
}

#[test]
fn insights_say_before_what_an_upgrade_would_fail_on() {
    let limits = "[[quota]]\nfamily = \"standardDSv5Family\"\nlimit = 24\n[[budget]]\ncluster = \"prod\"\nname = \"web\"\n";
    let mut azure = prod("1.34.2", "2", limits);
    let asked = json!({ "upgradeType": "ControlPlaneAndAgentPools", "targetKubernetesVersion": "1.35.6" });
    let made = azure.ask("POST", &format!("{PROD}/generateUpgradeInsights"), asked, &[]).expect(200).body;
    assert_eq!(made["name"], "controlPlaneAndAgentPools-1.35.6");
    let p = &made["properties"];
    assert_eq!(p["controlPlane"]["evaluation"]["status"], "Passed");
    let pool = &p["agentPools"][0]["evaluation"];
    let kinds: Vec<&str> = pool["detectedIssues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| issue["issueType"].as_str().unwrap())
        .collect();
    assert_eq!((pool["status"].as_str(), kinds), (Some("Failed"), vec!["PDBConstraint", "QuotaExceeded"]));
    let image = json!({ "upgradeType": "NodeImage", "agentPoolName": "system" });
    let image = azure.ask("POST", &format!("{PROD}/generateUpgradeInsights"), image, &[]).expect(200).body;
    assert_eq!(image["name"], "nodeImage-system-202611.16.0");
    assert_eq!(azure.get(&format!("{PROD}/upgradeInsights")).body["value"].as_array().unwrap().len(), 2);
    assert_eq!(azure.get(&format!("{PROD}/upgradeInsights/controlPlaneAndAgentPools-1.35.6")).body, made);
    // They are kept for a fortnight.
    azure.wait(15 * 24 * 3600);
    assert_eq!(azure.get(&format!("{PROD}/upgradeInsights/controlPlaneAndAgentPools-1.35.6")).status, 404);
}

/// A lock on a group or a subscription forbids what its level says; reading is free.
#[test]
fn a_lock_refuses_what_it_forbids() {
    for scope in ["", "/resourceGroups/rg"] {
        for (level, writes) in [("CanNotDelete", 200), ("ReadOnly", 409)] {
            let mut azure = Azure::prod();
            let lock = format!("{SUBSCRIPTION}{scope}/providers/Microsoft.Authorization/locks/keep");
            azure.put(&lock, json!({ "properties": { "level": level } })).expect(201);
            let refusal = azure.ask("DELETE", PROD, Value::Null, &[]).refusal();
            assert_eq!(
                refusal,
                format!(
                    "409 ScopeLocked: The scope '{PROD}' cannot perform delete operation because following scope(s) are locked: '{SUBSCRIPTION}{scope}'. Please remove the lock and try again."
                )
            );
            azure.get(PROD).expect(200);
            azure.put(&format!("{PROD}/agentPools/user"), json!({ "properties": {} })).expect(writes);
            azure.ask("DELETE", &lock, Value::Null, &[]).expect(200);
            azure.wait(60);
            azure.ask("DELETE", PROD, Value::Null, &[]).expect(202);
        }
    }
}

/// So does one on the cluster alone, which a scenario sets.
#[test]
fn a_lock_on_a_cluster_refuses_what_it_forbids() {
    let lock = format!("[[lock]]\nscope = \"{PROD}\"\nlevel = \"ReadOnly\"\n");
    let mut azure = prod("1.34.2", "2", &lock);
    let refusal = azure.put(&format!("{PROD}/agentPools/user"), json!({ "properties": {} })).refusal();
    assert!(refusal.starts_with("409 ScopeLocked: The scope '"), "{refusal}");
    assert!(refusal.contains(&format!("following scope(s) are locked: '{PROD}'")), "{refusal}");
    azure.get(PROD).expect(200);
}

/// A forced upgrade passes by budgets, in the PUT that forces it too, and not before the API that knows it.
#[test]
fn a_forced_upgrade_asks_no_budget() {
    let budget = "[[budget]]\ncluster = \"prod\"\nname = \"web\"\n";
    let force = |until: &str| json!({ "overrideSettings": { "forceUpgrade": true, "until": until } });
    let body = |until: &str| {
        json!({ "location": "westeurope", "properties": {
            "kubernetesVersion": "1.35.6", "upgradeSettings": force(until),
            "agentPoolProfiles": [{ "name": "system", "orchestratorVersion": "1.35.6" }],
        } })
    };
    prod("1.34.2", "2", budget).put(PROD, body("2026-11-25T00:00:00Z")).expect(200);
    let late = prod("1.34.2", "2", budget).put(PROD, body("2026-11-20T00:00:00Z")).refusal();
    assert!(late.starts_with("400 UnsatisfiablePDB: "), "{late}");
    let mut azure = prod("1.34.2", "2", budget);
    let settings = json!({ "upgradeSettings": force("2026-11-25T00:00:00Z") });
    azure.put(PROD, json!({ "properties": settings })).expect(200);
    azure.wait(60);
    let insight = json!({ "upgradeType": "NodeImage", "agentPoolName": "system" });
    let insight = azure.ask("POST", &format!("{PROD}/generateUpgradeInsights"), insight, &[]).body;
    assert_eq!(insight["properties"]["evaluation"]["status"], "Passed");
    let image = format!("{PROD}/agentPools/system/upgradeNodeImageVersion");
    let old = http::Request::post(format!("https://management.azure.com{image}?api-version=2025-08-01"))
        .header("authorization", "Bearer secret");
    let old = azure.send(old.body(bytes::Bytes::new()).unwrap()).refusal();
    assert!(old.starts_with("400 UnsatisfiablePDB: "), "{old}");
    azure.post(&image).expect(202);
}
