//! Addresses as clients write them, and small habits of Azure's answers.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use terraform_provider_aks::simulator::scenario::Scenario;
use terraform_provider_aks::simulator::world::World;

use super::fixture::{Azure, PROD};

const USER: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod/agentPools/user";

#[track_caller]
fn found(group: &str, written: &str) {
    let mut azure = Azure::new(&format!(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\nresource_group = \"{group}\""
    ));
    let path = PROD.replace("/rg/", &format!("/{written}/"));
    assert_eq!(azure.get(&path).expect(200).body["name"], "prod");
    azure.get(&format!("{path}/agentPools")).expect(200);
    azure.post(&format!("{path}/agentPools/user/upgradeNodeImageVersion")).expect(202);
}

#[test]
fn paths_are_decoded() {
    found("rg(x).y", "rg%28x%29.y");
    found("rg(x).y", "rg(x).y");
    found("grüppe", "gr%C3%BCppe");
    found("a_b", "%61%5Fb");
    found("grüppe", "GR%C3%9CPPE");
}

#[test]
fn parameters_are_decoded() {
    let mut azure = Azure::prod();
    azure.follow(&format!("https://management.azure.com{PROD}?api%2Dversion=2025-03-01")).expect(200);
    azure.follow(&format!("https://management.azure.com{PROD}?API-VERSION=2025-03-01")).expect(200);
}

#[test]
fn a_group_can_be_asked_after_and_made() {
    let mut azure = Azure::prod();
    let group =
        |name: &str| format!("/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/{name}");
    assert_eq!(azure.ask("HEAD", &group("rg"), Value::Null, &[]).status, 204);
    assert_eq!(azure.ask("HEAD", &group("new"), Value::Null, &[]).status, 404);
    azure.put(&group("new"), json!({ "location": "westus2" })).expect(201);
    assert_eq!(azure.ask("HEAD", &group("new"), Value::Null, &[]).status, 204);
    assert_eq!(azure.get(&group("new")).expect(200).body["location"], "westus2");
    let pools = json!([{ "name": "np", "mode": "System", "count": 1 }]);
    let cluster = PROD.replace("/rg/", "/new/").replace("/prod", "/more");
    let made = azure.put(&cluster, json!({ "properties": { "agentPoolProfiles": pools } })).expect(201).body;
    assert_eq!(made["sku"]["tier"], "Free", "unless one is asked for");
    assert_eq!(made["properties"]["autoUpgradeProfile"]["nodeOSUpgradeChannel"], "NodeImage");
}

#[test]
fn azure_writes_values_in_its_own_way() {
    let mut azure = Azure::prod();
    let force = json!({ "overrideSettings": { "forceUpgrade": true, "until": "2020-01-01T22:30:17.000Z" } });
    let body =
        json!({ "sku": { "name": "base", "tier": "free" }, "properties": { "upgradeSettings": force } });
    let shown = azure.put(PROD, body).expect(200).body;
    assert_eq!(shown["sku"], json!({ "name": "Base", "tier": "Free" }));
    assert_eq!(shown["properties"]["upgradeSettings"]["overrideSettings"]["until"], "2020-01-01T22:30:17Z");
    azure.wait(60);
    let access = json!({ "properties": { "securityProfile": { "sshAccess": "disabled" } } });
    let shown = azure.put(USER, access).expect(200).body;
    assert_eq!(shown["properties"]["securityProfile"]["sshAccess"], "Disabled");
}

#[test]
fn an_empty_version_leaves_what_was_asked_for() {
    let mut azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\nspecified = \"1.34\"");
    let shown = azure.put(PROD, json!({ "properties": { "kubernetesVersion": "" } })).expect(200).body;
    assert_eq!(shown["properties"]["kubernetesVersion"], "1.34");
}

#[test]
fn a_stopped_pool_shows_no_nodes_and_has_them_again() {
    let mut azure = Azure::prod();
    let power = |code: &str| json!({ "properties": { "powerState": { "code": code } } });
    let count = |azure: &mut Azure| azure.get(USER).body["properties"]["count"].clone();
    assert_eq!(azure.put(USER, power("Stopped")).expect(200).body["properties"]["count"], 0);
    azure.wait(600);
    assert_eq!(count(&mut azure), 0);
    let mut echo = azure.get(USER).body;
    echo["properties"]["powerState"] = json!({ "code": "Running" });
    azure.put(USER, echo).expect(200);
    assert_eq!(count(&mut azure), 3);
    azure.wait(600);

    azure.put(USER, power("Stopped")).expect(200);
    azure.post(&format!("{USER}/abort")).expect(202);
    azure.wait(60);
    let shown = azure.get(USER).body["properties"].take();
    assert_eq!((&shown["provisioningState"], &shown["count"]), (&json!("Canceled"), &json!(3)));
    assert_eq!(shown["powerState"]["code"], "Running");
}

#[test]
fn a_map_that_is_shown_as_empty_stays_so() {
    let mut body = Azure::prod().get(PROD).body;
    body["properties"]["agentPoolProfiles"][1]["nodeLabels"] = json!({});
    let scenario = Scenario::from_body(body).unwrap();
    let now = scenario.clock.start;
    let mut azure = Azure { world: World::new(scenario), now };
    let labels = |labels: Value| json!({ "properties": { "nodeLabels": labels } });
    let mut put = |body: Value| {
        azure.wait(60);
        azure.put(USER, body).expect(200).body["properties"].get("nodeLabels").cloned()
    };
    assert_eq!(put(labels(json!({}))), Some(json!({})));
    assert_eq!(put(labels(json!({ "a": "1" }))), Some(json!({ "a": "1" })));
    assert_eq!(put(labels(json!({}))), None);
}

/// What the guide says is played is: each path with each of its methods.
#[test]
fn what_the_guide_says_is_played() {
    let mut asked = 0;
    for (method, path) in played_by_the_guide() {
        let group = if path.starts_with("locations") { "" } else { "/resourceGroups/rg" };
        let path = path.replace("POOL", "pool").replace("FLEET", "fleet");
        let path = path.replace("MEMBER", "member").replace("RUN", "run");
        let at = format!("{SUBSCRIPTION}{group}/providers/Microsoft.ContainerService/{path}");
        assert_ne!(Azure::new(PLAYED).ask(method, &at, json!({}), &[]).status, 501, "{method} {at}");
        asked += 1;
    }
    assert!(asked >= 60, "{asked} requests");
}

/// What Azure knows and the simulator plays is in the guide: each operation of the specification is asked for.
#[test]
#[ignore = "needs Azure's specification: set AZURE_OPENAPI"]
fn what_is_played_the_guide_says() {
    let one = |method: &str, path: &str| format!("{method} {}", general(path));
    let said = played_by_the_guide();
    let said: BTreeSet<String> = said.into_iter().map(|(method, path)| one(method, &path)).collect();
    let folder = std::path::PathBuf::from(std::env::var("AZURE_OPENAPI").unwrap());
    let (mut asked, mut unsaid) = (0, vec![]);
    for file in ["operations.aks.2026-08-02-preview.txt", "operations.fleet.2026-06-02-preview.txt"] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let [method, path] = line.split(' ').take(2).collect::<Vec<_>>()[..] else { panic!("{line}") };
            let Some((scope, below)) = path.split_once("/MC/") else { panic!("{line}") };
            let scope = scope.replace("/S", SUBSCRIPTION).replace("/RG", "/resourceGroups/rg");
            let scope = if scope.contains("/rg") || scope.is_empty() || scope == SUBSCRIPTION {
                scope
            } else {
                format!("{SUBSCRIPTION}{scope}")
            };
            let own = [("{resourceName}", "NAME"), ("{agentPoolName}", "pool"), ("{fleetName}", "fleet")];
            let named = own.iter().fold(below.to_owned(), |path, (from, to)| path.replace(from, to));
            let at = format!("{scope}/providers/Microsoft.ContainerService/{named}");
            asked += 1;
            if Azure::new(PLAYED).ask(method, &at, json!({}), &[]).status != 501 {
                let one = one(method, below);
                unsaid.extend((!said.contains(&one)).then_some(one));
            }
        }
    }
    assert!(asked > 150, "{asked} operations");
    assert!(unsaid.is_empty(), "played, and not in the guide: {unsaid:#?}");
}

/// Returns each path that the guide's table names with each of its methods.
fn played_by_the_guide() -> Vec<(&'static str, String)> {
    let guide = include_str!("../../../docs/guides/scenarios.md");
    let table = guide.split("## What is played").nth(1).unwrap().split("## ").next().unwrap();
    let mut said = Vec::new();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let [_, paths, methods, _] = row.split('|').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let paths: Vec<&str> = paths.split('`').skip(1).step_by(2).collect();
        // What follows the first path lies beside its end.
        let first = paths[0].trim_end_matches("/default");
        let beside = first.rsplit_once('/').map_or("", |(parent, _)| parent);
        let all = paths[1..].iter().map(|path| format!("{beside}/{path}"));
        for path in std::iter::once(paths[0].to_owned()).chain(all) {
            said.extend(methods.split_whitespace().map(|method| (method, path.clone())));
        }
    }
    said
}

/// Puts `*` in the place of what is a name: `{…}`, or a word in capitals.
fn general(path: &str) -> String {
    let is_name = |word: &str| word.starts_with('{') || word.chars().all(|c| c.is_ascii_uppercase());
    path.split('/').map(|word| if is_name(word) { "*" } else { word }).collect::<Vec<_>>().join("/")
}

const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000000";

/// What the guide names.
const PLAYED: &str = r#"
[[cluster]]
name = "NAME"
version = "1.34.2"
pool = [{ name = "pool", mode = "System" }]
[[fleet]]
name = "fleet"
member = [{ cluster = "NAME", name = "member" }]
run = [{ name = "run" }]
"#;
