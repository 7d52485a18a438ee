//! Room for nodes: work that runs uses up quota and addresses, and what finds none fails or is refused.

use serde_json::{Value, json};

use super::fixture::{Answer, Azure, PROD};

const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000000";
const SUBNET: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/net/subnets/aks";
const OLD: &str = "AKSUbuntu-2204gen2containerd-202610.05.0";

/// Clusters of two pools of three nodes of four vCPUs, with an old image, in one subnet; and what limits them.
fn clusters(names: &[&str], version: &str, limits: &str) -> Azure {
    let mut scenario = String::new();
    for name in names {
        scenario += &format!("[[cluster]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        for (pool, mode) in [("system", "System"), ("user", "User")] {
            scenario += &format!(
                "[[cluster.pool]]\nname = \"{pool}\"\nmode = \"{mode}\"\nsize = \"Standard_D4s_v5\"\nsubnet = \"{SUBNET}\"\nimage = \"{OLD}\"\n"
            );
        }
    }
    Azure::new(&format!("{scenario}{limits}"))
}

fn quota(limit: u32) -> String {
    format!("[[quota]]\nfamily = \"standardDSv5Family\"\nlimit = {limit}\n")
}

/// A subnet of eleven addresses for machines, of which others use some.
fn subnet(used: u32) -> String {
    format!("[[subnet]]\nid = \"{SUBNET}\"\nprefix = \"10.1.0.0/28\"\nused = {used}\n")
}

/// What is in use: vCPUs and addresses.
fn used(azure: &mut Azure) -> (Value, Value) {
    let cores =
        azure.get(&format!("{SUBSCRIPTION}/providers/Microsoft.Compute/locations/westeurope/usages")).body;
    let network = SUBNET.rsplit_once("/subnets/").unwrap().0;
    let addresses = azure.get(&format!("{network}/usages")).body;
    (cores["value"][0]["currentValue"].clone(), addresses["value"][0]["currentValue"].clone())
}

/// `state code` of a cluster or a pool.
fn end(azure: &mut Azure, path: &str) -> String {
    let body = azure.get(path).expect(200).body;
    let p = &body["properties"];
    let code = &p["status"]["provisioningError"]["code"];
    format!("{} {}", p["provisioningState"].as_str().unwrap(), code.as_str().unwrap_or("-"))
}

fn image(azure: &mut Azure, cluster: &str, pool: &str) {
    let cluster = PROD.replace("/prod", &format!("/{cluster}"));
    azure.post(&format!("{cluster}/agentPools/{pool}/upgradeNodeImageVersion")).expect(202);
}

#[test]
fn pools_that_work_side_by_side_share_the_quota() {
    let mut azure = clusters(&["prod"], "1.34.2", &quota(28));
    image(&mut azure, "prod", "user");
    image(&mut azure, "prod", "system");
    azure.wait(60);
    assert_eq!(used(&mut azure).0, 28, "six nodes and the surge node of the first");
    let more = json!({ "properties": { "count": 1, "vmSize": "Standard_D4s_v5" } });
    let refusal = azure.put(&format!("{PROD}/agentPools/new"), more).refusal();
    assert!(refusal.starts_with("400 QuotaExceeded: "), "{refusal}");
    azure.wait(3600);
    let ends = ["user", "system"].map(|pool| end(&mut azure, &format!("{PROD}/agentPools/{pool}")));
    assert_eq!(ends, ["Succeeded -", "Failed QuotaExceeded"]);
    assert_eq!(used(&mut azure).0, 24, "surge nodes go when the work ends");
}

#[test]
fn clusters_that_work_side_by_side_share_a_subnet() {
    // Of 27 addresses the nodes use 12 and others 14: one is left.
    let mut azure = clusters(&["prod", "test"], "1.34.2", &subnet(14).replace("/28", "/27"));
    image(&mut azure, "prod", "user");
    image(&mut azure, "test", "user");
    azure.wait(60);
    assert_eq!(used(&mut azure).1, 27);
    azure.wait(3600);
    assert_eq!(end(&mut azure, &format!("{PROD}/agentPools/user")), "Succeeded -");
    let test = PROD.replace("/prod", "/test");
    assert_eq!(end(&mut azure, &format!("{test}/agentPools/user")), "Failed SubnetIsFull");
}

/// A cluster's pools have their turns one after the other: room for one surge node is enough for both.
#[test]
fn pools_that_work_one_after_the_other_use_the_same_room() {
    let mut azure = clusters(&["prod"], "1.34.2", &quota(28));
    azure.put(PROD, to("1.34.9")).expect(200);
    azure.wait(4 * 3600);
    assert_eq!(end(&mut azure, PROD), "Succeeded -");
}

/// The room is that of the moment at which the turn of a pool comes.
#[test]
fn a_lock_that_comes_while_an_upgrade_runs_stops_it() {
    let mut azure = clusters(&["prod"], "1.34.2", "");
    azure.put(PROD, to("1.34.9")).expect(200);
    azure.wait(360);
    let lock = format!(
        "{SUBSCRIPTION}/resourceGroups/MC_rg_prod_westeurope/providers/Microsoft.Authorization/locks/keep"
    );
    azure.put(&lock, json!({ "properties": { "level": "CanNotDelete" } })).expect(201);
    azure.wait(4 * 3600);
    assert_eq!(end(&mut azure, PROD), "Failed ScopeLocked");
}

#[test]
fn from_1_35_on_a_surge_is_as_large_as_others_leave_room_for() {
    let mut azure = clusters(&["prod"], "1.35.2", &quota(32));
    let surge = json!({ "properties": { "upgradeSettings": { "maxSurge": "2" } } });
    for pool in ["system", "user"] {
        azure.put(&format!("{PROD}/agentPools/{pool}"), surge.clone()).expect(200);
    }
    azure.wait(600);
    image(&mut azure, "prod", "user");
    assert_eq!(used(&mut azure).0, 32);
    // Three nodes two at a time take six minutes: then the quota is there for both of the other pool's.
    azure.wait(420);
    image(&mut azure, "prod", "system");
    assert_eq!(used(&mut azure).0, 32);
    azure.wait(3600);
    assert_eq!(end(&mut azure, &format!("{PROD}/agentPools/system")), "Succeeded -");
}

/// Blue-green makes all nodes beside the old ones, and that is its first part; its rolling batch says nothing.
#[test]
fn blue_green_needs_room_for_all_nodes_at_once() {
    for version in ["1.34.2", "1.35.2"] {
        for (limit, minutes, ended) in [(36, 10, "Upgrading -"), (28, 10, "Failed QuotaExceeded")] {
            let mut azure = clusters(&["prod"], version, &quota(limit));
            let newer = version.replace(".2", if version.starts_with("1.34") { ".9" } else { ".6" });
            azure.put(PROD, json!({ "properties": { "kubernetesVersion": newer } })).expect(200);
            azure.wait(3600);
            let pool = format!("{PROD}/agentPools/user");
            let green =
                json!({ "properties": { "orchestratorVersion": newer, "upgradeStrategy": "BlueGreen" } });
            preview(&mut azure, &pool, &green).expect(200);
            azure.wait(60);
            assert_eq!(used(&mut azure).0, if limit == 36 { 36 } else { 24 });
            azure.wait(60 * minutes);
            assert_eq!(end(&mut azure, &pool), ended, "{version}, limit {limit}");
            if limit == 28 {
                let body = azure.get(&pool).body;
                let why = body["properties"]["status"]["provisioningError"]["message"].as_str().unwrap();
                assert!(why.contains("requested 12, remaining 4"), "{why}");
            }
            azure.wait(6 * 3600);
            assert_eq!(used(&mut azure).0, 24);
        }
    }
}

#[test]
fn a_full_subnet_takes_no_more_nodes() {
    const FULL: &str = "doesn't have enough capacity for IP addresses.'";
    let pool = json!({ "vnetSubnetID": SUBNET, "mode": "User", "count": 2 });
    let system = json!({ "name": "system", "vnetSubnetID": SUBNET, "mode": "System", "count": 2 });
    let scaled = json!([{ "name": "system" }, { "name": "user", "count": 5 }]);
    let cases = [
        ("prod/agentPools/user", json!({ "properties": { "count": 5 } })),
        ("prod/agentPools/new", json!({ "properties": pool })),
        ("prod", json!({ "properties": { "agentPoolProfiles": scaled } })),
        ("new", json!({ "location": "westeurope", "properties": { "agentPoolProfiles": [system] } })),
    ];
    for (path, body) in cases {
        for (used, refused) in [(4, true), (3, false)] {
            let mut azure = clusters(&["prod"], "1.34.2", &subnet(used));
            let answer = azure.put(&format!("{}{path}", PROD.trim_end_matches("prod")), body.clone());
            if refused {
                let said = answer.refusal();
                assert!(said.starts_with("400 SubnetIsFull: ") && said.ends_with(FULL), "{path}: {said}");
            } else {
                assert!(answer.status < 300, "{path}: {}", answer.body);
            }
        }
    }
}

fn to(version: &str) -> Value {
    let pool = |name: &str| json!({ "name": name, "orchestratorVersion": version });
    json!({ "properties": { "kubernetesVersion": version, "agentPoolProfiles": [pool("system"), pool("user")] } })
}

/// Asks a preview of the API.
fn preview(azure: &mut Azure, path: &str, body: &Value) -> Answer {
    let uri = format!("https://management.azure.com{path}?api-version=2026-08-02-preview");
    let request = http::Request::put(uri).header("authorization", "Bearer secret");
    azure.send(request.body(bytes::Bytes::from(body.to_string())).unwrap())
}
