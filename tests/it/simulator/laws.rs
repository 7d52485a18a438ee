//! Laws that hold whatever the world is made of, whatever is asked of it and however long nobody asks: drawn worlds,
//! drawn requests, drawn waits.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Request;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::TestCaseResult;
use serde_json::{Value, json};
use terraform_provider_aks::simulator::world::World;

use super::fixture::{Answer, Azure};

const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService";
const SUBNET: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets/aks";

/// What a cluster may be.
const CLUSTERS: [&str; 6] = [
    "version = \"1.34.2\"",
    "version = \"1.34.9\"\nnap = 3",
    "version = \"1.35.5\"\nupgrade_channel = \"patch\"\nnode_os_channel = \"NodeImage\"",
    "version = \"1.33.13\"\ntier = \"Premium\"\nsupport_plan = \"AKSLongTermSupport\"",
    "version = \"1.34.2\"\nspecified = \"1.33.8\"",
    "version = \"1.34.2\"\npower = \"Stopped\"",
];

/// What its pools may be, beside a System pool.
const POOLS: [&str; 6] = [
    "{ name = \"user\", count = 4, surge = \"50%\" }",
    "{ name = \"spot\", priority = \"Spot\" }",
    "{ name = \"win\", os_sku = \"Windows2022\", count = 2 }",
    "{ name = \"linux\", os_sku = \"AzureLinux\", power = \"Stopped\" }",
    "{ name = \"old\", state = \"Failed\", image = \"AKSUbuntu-2204gen2containerd-202604.12.0\" }",
    "{ name = \"net\", count = 5, subnet = \"SUBNET\" }",
];

/// What else there may be.
const AROUND: [&str; 9] = [
    "[[outcome]]\nkind = \"upgrade\"\nends = \"fail\"",
    "[[outcome]]\nends = \"cancel\"\ncode = \"InternalOperationError\"\nmessage = \"Internal server error\"",
    "[[outcome]]\nkind = \"image\"\nends = \"quarantine\"\nnodes = 2",
    "[[outcome]]\nends = \"pause\"",
    "[[quota]]\nfamily = \"cores\"\nlimit = 60",
    "[[subnet]]\nid = \"SUBNET\"\nprefix = \"10.240.0.0/28\"",
    "[[budget]]\ncluster = \"two\"\nname = \"web\"",
    "[[lock]]\nscope = \"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/MC_rg_two_westeurope\"\nlevel = \"ReadOnly\"",
    "[[publish]]\nat = \"2026-11-24T00:00:00Z\"\nversion = \"1.35.7\"\n[[publish]]\nat = \"2026-11-25T00:00:00Z\"\nimage = \"AKSUbuntu-2404gen2containerd-202611.24.0\"",
];

/// A Fleet of both clusters, whose second stage waits for an approval.
const FLEET: &str = r#"
[[fleet]]
name = "all"
member = [{ cluster = "one", group = "canary" }, { cluster = "two", group = "rest" }]
[[fleet.strategy]]
name = "rings"
stage = [{ name = "first", groups = ["canary"], wait_after = "30m" }, { name = "second", groups = ["rest"], approval = "before" }]
"#;

pub fn worlds() -> impl Strategy<Value = String> {
    let pools = || subsequence(POOLS.to_vec(), 0..=3);
    let around = subsequence(AROUND.to_vec(), 0..=4);
    (select(&CLUSTERS), pools(), select(&CLUSTERS), pools(), around, any::<bool>()).prop_map(
        |(one, pools, two, others, around, channels)| {
            let cluster = |name: &str, body: &str, pools: &[&str]| {
                let pools = [&["{ name = \"system\", mode = \"System\" }"], pools].concat().join(", ");
                format!("[[cluster]]\nname = \"{name}\"\n{body}\npool = [{pools}]\n")
            };
            let service = format!("[service]\nchannels = {channels}\n");
            let parts = [
                service,
                cluster("one", one, &pools),
                cluster("two", two, &others),
                around.join("\n"),
                FLEET.into(),
            ];
            parts.join("\n").replace("SUBNET", SUBNET)
        },
    )
}

/// A request, or a wait.
#[derive(Clone, Debug)]
pub enum Act {
    Ask(&'static str, String, Value),
    Approve,
    Wait(i64),
}

/// Draws what a person does to a cluster, one of its pools or the Fleet.
pub fn acts() -> impl Strategy<Value = Act> {
    let cluster = select(&["one", "two"]);
    let version = select(&["1.34.9", "1.35.6", "1.35", "1.36.2", ""]);
    let pool = select(&["system", "user", "spot", "win", "linux", "old", "net", "more"]);
    let on_cluster =
        (cluster.clone(), version.clone(), select(&["PUT", "PATCH", "start", "stop", "abort", "window"]));
    let on_pool = (
        cluster,
        pool,
        version,
        select(&["PUT", "image", "abort", "power", "count", "blue", "complete", "DELETE"]),
    );
    let on_fleet = select(&["create", "start", "stop", "skip", "leave", "profile"]);
    prop_oneof![
        3 => on_cluster.prop_map(|(name, version, what)| ask_cluster(name, version, what)),
        4 => on_pool.prop_map(|(name, pool, version, what)| ask_pool(name, pool, version, what)),
        3 => on_fleet.prop_map(ask_fleet),
        1 => Just(Act::Approve),
        4 => select(&[1, 40, 600, 3600, 86_400, 400_000]).prop_map(Act::Wait),
    ]
}

fn ask_cluster(name: &str, version: &str, what: &str) -> Act {
    let path = format!("{GROUP}/managedClusters/{name}");
    match what {
        "PUT" => Act::Ask(
            "PUT",
            path,
            json!({ "location": "westeurope", "properties": { "kubernetesVersion": version } }),
        ),
        "PATCH" => Act::Ask("PATCH", path, json!({ "tags": { "team": "a" } })),
        "window" => {
            let weekly = json!({ "weekly": { "intervalWeeks": 1, "dayOfWeek": "Tuesday" } });
            let window = json!({ "schedule": weekly, "durationHours": 4, "startTime": "02:00" });
            let path = format!("{path}/maintenanceConfigurations/aksManagedAutoUpgradeSchedule");
            Act::Ask("PUT", path, json!({ "properties": { "maintenanceWindow": window } }))
        }
        action => Act::Ask("POST", format!("{path}/{action}"), Value::Null),
    }
}

fn ask_pool(name: &str, pool: &str, version: &str, what: &str) -> Act {
    let path = format!("{GROUP}/managedClusters/{name}/agentPools/{pool}");
    let put = |properties: Value| Act::Ask("PUT", path.clone(), json!({ "properties": properties }));
    match what {
        "PUT" => put(json!({ "count": 3, "orchestratorVersion": version })),
        "power" => {
            put(json!({ "powerState": { "code": if version.is_empty() { "Stopped" } else { "Running" } } }))
        }
        "count" => put(json!({ "count": version.len() })),
        "blue" => put(json!({ "orchestratorVersion": version, "upgradeStrategy": "BlueGreen" })),
        "image" => Act::Ask("POST", format!("{path}/upgradeNodeImageVersion"), Value::Null),
        "complete" => Act::Ask("POST", format!("{path}/completeUpgrade"), Value::Null),
        "abort" => Act::Ask("POST", format!("{path}/abort"), Value::Null),
        _ => Act::Ask("DELETE", path.clone(), Value::Null),
    }
}

fn ask_fleet(what: &str) -> Act {
    let fleet = format!("{GROUP}/fleets/all");
    let run = format!("{fleet}/updateRuns/run");
    match what {
        "create" => {
            let update = json!({ "upgrade": { "type": "Full", "kubernetesVersion": "1.35.6" } });
            let strategy = format!("{fleet}/updateStrategies/rings");
            Act::Ask(
                "PUT",
                run,
                json!({ "properties": { "updateStrategyId": strategy, "managedClusterUpdate": update } }),
            )
        }
        "skip" => Act::Ask(
            "POST",
            format!("{run}/skip"),
            json!({ "targets": [{ "type": "Member", "name": "two" }] }),
        ),
        "leave" => Act::Ask("DELETE", format!("{fleet}/members/two"), Value::Null),
        "profile" => Act::Ask(
            "PUT",
            format!("{fleet}/autoUpgradeProfiles/images"),
            json!({ "properties": { "channel": "NodeImage" } }),
        ),
        action => Act::Ask("POST", format!("{run}/{action}"), Value::Null),
    }
}

/// Sends a request to the newest preview, which plays everything.
fn send(azure: &mut Azure, method: &str, path: &str, body: &Value) -> Answer {
    let version = if path.contains("/fleets") { "2026-06-02-preview" } else { "2026-08-02-preview" };
    let request = Request::builder()
        .method(method)
        .uri(format!("https://management.azure.com{path}?api-version={version}"))
        .header("authorization", "Bearer secret");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    azure.send(request.body(Bytes::from(body)).unwrap())
}

pub fn list(azure: &mut Azure, path: &str) -> Vec<Value> {
    let answer = send(azure, "GET", &format!("{GROUP}/{path}"), &Value::Null);
    answer.body["value"].as_array().cloned().unwrap_or_default()
}

/// Does an act. Whatever comes, the simulator knows what to say.
pub fn play(azure: &mut Azure, act: &Act) -> TestCaseResult {
    match act {
        Act::Wait(seconds) => azure.wait(*seconds),
        Act::Ask(method, path, body) => {
            let answer = send(azure, method, path, body);
            prop_assert!(answer.status < 500, "{method} {path} {body}: {}", answer.refusal());
        }
        Act::Approve => {
            for gate in list(azure, "fleets/all/gates") {
                let path = gate["id"].as_str().unwrap();
                send(azure, "PATCH", path, &json!({ "properties": { "state": "Completed" } }));
            }
        }
    }
    Ok(())
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value["properties"][key].as_str().unwrap_or_default()
}

/// Returns minor and patch.
fn version(text: &str) -> (u64, u64) {
    let numbers: Vec<u64> = text.split('.').filter_map(|number| number.parse().ok()).collect();
    (numbers[1], numbers.get(2).copied().unwrap_or(0))
}

/// Reads twice, and holds what is read against AKS's rules; `versions` are those that were seen last.
fn look(azure: &mut Azure, versions: &mut BTreeMap<String, (u64, u64)>) -> TestCaseResult {
    let clusters = list(azure, "managedClusters");
    prop_assert_eq!(&clusters, &list(azure, "managedClusters"), "reading changes nothing");
    for cluster in &clusters {
        let name = cluster["name"].as_str().unwrap();
        let own = version(text(cluster, "currentKubernetesVersion"));
        let before = versions.insert(name.into(), own);
        prop_assert!(before.is_none_or(|before| before <= own), "{} went back: {:?} {:?}", name, before, own);
        let pools = cluster["properties"]["agentPoolProfiles"].as_array().unwrap();
        prop_assert!(pools.iter().any(|pool| pool["mode"] == "System"));
        // A pool of node auto-provisioning's machines shows no version.
        for (pool, shown) in
            pools.iter().filter_map(|pool| Some((pool, pool["currentOrchestratorVersion"].as_str()?)))
        {
            let shown = version(shown);
            prop_assert!(shown <= own && shown.0 + 3 >= own.0, "{pool} at {own:?}");
        }
    }
    for run in list(azure, "fleets/all/updateRuns") {
        check_run(&run)?;
    }
    Ok(())
}

/// A run stands where its parts stand.
fn check_run(run: &Value) -> TestCaseResult {
    let status = &run["properties"]["status"];
    let state = |part: &Value| part["status"]["state"].as_str().unwrap_or_default().to_owned();
    let parts = |part: &Value, list: &str| part[list].as_array().cloned().unwrap_or_default();
    let stages = parts(status, "stages");
    let over = |state: &str| ["Completed", "Skipped"].contains(&state);
    prop_assert_eq!(over(&state(status)), stages.iter().all(|stage| over(&state(stage))), "{}", status);
    let begun = |stage: &Value| state(stage) != "NotStarted" && state(stage) != "Skipped";
    for pair in stages.windows(2) {
        prop_assert!(over(&state(&pair[0])) || !begun(&pair[1]), "a stage overtakes: {status}");
    }
    for group in stages.iter().flat_map(|stage| parts(stage, "groups")) {
        let members = parts(&group, "members");
        prop_assert!(!over(&state(&group)) || members.iter().all(|member| over(&state(member))), "{group}");
        let running = members.iter().filter(|member| state(member) == "Running").count() as u64;
        prop_assert!(running <= group["maxConcurrency"].as_u64().unwrap_or(1), "{group}");
    }
    Ok(())
}

/// Returns the same world once more, as its file keeps it.
fn again(world: &World) -> World {
    serde_json::from_value(picture(world)).unwrap()
}

pub fn picture(world: &World) -> Value {
    serde_json::to_value(world).unwrap()
}

/// Returns where two pictures differ first.
fn difference(one: &Value, other: &Value, at: &str) -> Option<String> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.len() == other.len() => {
            one.iter().find_map(|(key, value)| match other.get(key) {
                Some(other) => difference(value, other, &format!("{at}/{key}")),
                None => Some(format!("{at}/{key}: only one has it")),
            })
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let mut pairs = one.iter().zip(other).enumerate();
            pairs.find_map(|(index, (one, other))| difference(one, other, &format!("{at}/{index}")))
        }
        _ => (one != other).then(|| format!("{at}: {one} and {other}")),
    }
}

#[test]
fn a_key_of_another_name_is_a_difference() {
    let (one, other) = (serde_json::json!({ "a": { "b": 1 } }), serde_json::json!({ "a": { "c": 1 } }));
    assert_eq!(difference(&one, &other, ""), Some("/a/b: only one has it".into()));
    assert_eq!(difference(&one, &one, ""), None);
}

fn same(one: &World, other: &World) -> TestCaseResult {
    prop_assert_eq!(difference(&picture(one), &picture(other), ""), None);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn aks_keeps_its_rules_and_comes_to_rest(world in worlds(), acts in prop::collection::vec(acts(), 1..14)) {
        let mut azure = Azure::new(&world);
        let mut versions = BTreeMap::new();
        for act in &acts {
            play(&mut azure, act)?;
            look(&mut azure, &mut versions)?;
        }
        // Nothing hangs. Where channels upgrade, AKS tries again and again what a lock or a budget stops.
        azure.wait(400 * 3600);
        look(&mut azure, &mut versions)?;
        let world = picture(&azure.world);
        let running = world["operations"].as_array().unwrap().iter().filter(|operation| operation["ended"].is_null());
        for operation in running {
            let started: Timestamp = operation["started"].as_str().unwrap().parse().unwrap();
            prop_assert!(azure.now.duration_since(started) < SignedDuration::from_hours(12), "{}", operation);
            prop_assert_eq!(&world["service"]["channels"], true, "{}", operation);
        }
    }

    #[test]
    fn time_passes_the_same_in_one_step_in_many_and_after_a_restart(world in worlds(), acts in prop::collection::vec(acts(), 1..8), steps in prop::collection::vec(1..100_000_i64, 1..12)) {
        let mut azure = Azure::new(&world);
        for act in &acts {
            play(&mut azure, act)?;
        }
        azure.world.advance(azure.now);
        let mut restarted = again(&azure.world);
        same(&azure.world, &restarted)?;
        let end = azure.now + SignedDuration::from_secs(steps.iter().sum());
        for seconds in steps {
            azure.wait(seconds);
            azure.world.advance(azure.now);
        }
        restarted.advance(end);
        same(&azure.world, &restarted)?;
    }

    /// Whatever an instant brings is there when it has come: eTags and times do not tell how often somebody looked.
    #[test]
    fn a_second_look_at_an_instant_changes_nothing(world in worlds(), acts in prop::collection::vec(acts(), 1..10), steps in prop::collection::vec(prop_oneof![1..60_i64, 60..4000_i64, 4000..100_000_i64], 1..12)) {
        let mut azure = Azure::new(&world);
        let waits = steps.into_iter().map(Act::Wait);
        for act in acts.into_iter().chain(waits) {
            play(&mut azure, &act)?;
            azure.world.advance(azure.now);
            let looked = again(&azure.world);
            azure.world.advance(azure.now);
            same(&looked, &azure.world)?;
        }
    }
}
