//! Bodies: what is read from them, what is changed in them, what is kept of them.

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use terraform_provider_aks::arm::error::NoVersion;
use terraform_provider_aks::arm::response;
use terraform_provider_aks::upgrade::cluster::{BlueGreen, Cluster, Mode, Pool, Power, State};
use terraform_provider_aks::upgrade::node_image::NodeImage;
use terraform_provider_aks::upgrade::version::Version;

use super::{path, prod};

fn v(text: &str) -> Version {
    text.parse().unwrap()
}

/// A cluster in the shape of 2025-11: aliases, two pools, eTags.
fn body() -> Value {
    json!({
        "id": path().replace("resourceGroups", "resourcegroups"),
        "location": "westus2",
        "name": "prod",
        "type": "Microsoft.ContainerService/ManagedClusters",
        "kind": "Base",
        "properties": {
            "provisioningState": "Succeeded",
            "powerState": {"code": "Running"},
            "kubernetesVersion": "1.32",
            "currentKubernetesVersion": "1.32.9",
            "agentPoolProfiles": [
                {
                    "name": "system", "count": 3, "mode": "System", "type": "VirtualMachineScaleSets",
                    "provisioningState": "Succeeded", "powerState": {"code": "Running"},
                    "orchestratorVersion": "1.32", "currentOrchestratorVersion": "1.32.9",
                    "osType": "Linux", "osSKU": "Ubuntu",
                    "nodeImageVersion": "AKSUbuntu-2204gen2containerd-202510.29.0",
                    "upgradeSettings": {"maxSurge": "10%", "maxUnavailable": "0"},
                    "eTag": "caa7",
                },
                {
                    "name": "win", "count": 0, "mode": "User", "type": "VirtualMachineScaleSets",
                    "provisioningState": "Upgrading", "powerState": {"code": "Stopped"},
                    "orchestratorVersion": "1.31.3", "currentOrchestratorVersion": "1.31.3",
                    "osType": "Windows", "osSKU": "Windows2022",
                    "nodeImageVersion": "AKSWindows-2022-containerd-gen2-20348.2402.240410",
                    "upgradeSettings": {"maxSurge": "1", "drainTimeoutInMinutes": 45, "nodeSoakDurationInMinutes": 5},
                    "creationData": {"sourceResourceId": "/subscriptions/s/…/snapshots/one"},
                },
            ],
            "supportPlan": "AKSLongTermSupport",
            "autoUpgradeProfile": {"upgradeChannel": "stable", "nodeOSUpgradeChannel": "NodeImage"},
        },
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {
            "/subscriptions/s/resourcegroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one":
                {"clientId": "c", "principalId": "p"}
        }},
        "eTag": "de49",
    })
}

fn read(body: &Value) -> Cluster {
    response::cluster(&prod(), body).unwrap()
}

#[test]
fn a_cluster() {
    let minutes = SignedDuration::from_mins;
    let system = Pool {
        name: "system".into(),
        mode: Mode::System,
        os_type: "Linux".into(),
        os_sku: "Ubuntu".into(),
        count: 3,
        version: v("1.32.9"),
        unfinished: None,
        image: NodeImage::new("AKSUbuntu-2204gen2containerd-202510.29.0"),
        state: State::Succeeded,
        power: Power::Running,
        machines: false,
        version_shown: true,
        snapshot: false,
        spot: false,
        max_surge: Some("10%".into()),
        max_unavailable: Some("0".into()),
        drain_timeout: minutes(30),
        node_soak: minutes(0),
        cordons: false,
        blue_green: None,
    };
    let win = Pool {
        name: "win".into(),
        mode: Mode::User,
        os_type: "Windows".into(),
        os_sku: "Windows2022".into(),
        count: 0,
        version: v("1.31.3"),
        unfinished: None,
        image: NodeImage::new("AKSWindows-2022-containerd-gen2-20348.2402.240410"),
        state: State::Busy("Upgrading".into()),
        power: Power::Stopped,
        snapshot: true,
        max_surge: Some("1".into()),
        max_unavailable: None,
        drain_timeout: minutes(45),
        node_soak: minutes(5),
        ..system.clone()
    };
    let cluster = Cluster {
        id: path(),
        name: "prod".into(),
        location: "westus2".into(),
        version: v("1.32.9"),
        unfinished: None,
        state: State::Succeeded,
        power: Power::Running,
        lts: true,
        auto_upgrade_channel: Some("stable".into()),
        node_os_channel: Some("NodeImage".into()),
        auto_provisioning: false,
        pools: vec![system, win],
        update_runs: Vec::new(),
        maintenance: std::collections::BTreeMap::new(),
    };
    assert_eq!(read(&body()), cluster);
}

/// Reads the body after a change to its `properties`.
fn with(change: impl FnOnce(&mut Value)) -> Result<Cluster, NoVersion> {
    let mut body = body();
    change(&mut body["properties"]);
    let read = response::cluster(&prod(), &body);
    assert_eq!(
        response::cluster(&prod(), &response::prune_cluster(&body)),
        read,
        "what is kept reads the same"
    );
    read
}

#[test]
fn how_a_pool_is_upgraded() {
    let read = |change: &dyn Fn(&mut Value)| {
        with(|p| change(&mut p["agentPoolProfiles"][0])).unwrap().pools.remove(0)
    };
    let spot = read(&|pool| pool["scaleSetPriority"] = json!("Spot"));
    assert!(spot.spot && !spot.takes_surge());
    let settings = json!({"maxSurge": "0", "maxUnavailable": 3, "undrainableNodeBehavior": "Cordon"});
    let cramped = read(&|pool| pool["upgradeSettings"] = settings.clone());
    assert_eq!((cramped.max_surge.as_deref(), cramped.max_unavailable.as_deref()), (Some("0"), Some("3")));
    assert!(cramped.cordons && !cramped.takes_surge());
    // Azure keeps the settings of the strategy that is not used.
    let unused = json!({"drainBatchSize": "10%", "finalSoakDurationInMinutes": 90});
    let rolling = read(&|pool| {
        pool["upgradeStrategy"] = json!("Rolling");
        pool["upgradeSettingsBlueGreen"] = unused.clone();
    });
    assert_eq!(rolling.blue_green, None);
    let side = |settings: Value| {
        read(&move |pool| {
            pool["upgradeStrategy"] = json!("BlueGreen");
            pool["upgradeSettingsBlueGreen"] = settings.clone();
        })
    };
    let minutes = SignedDuration::from_mins;
    let given = |batch: &str, drain, soak, last| {
        let (drain_timeout, batch_soak, final_soak) = (minutes(drain), minutes(soak), minutes(last));
        Some(BlueGreen { batch: batch.to_owned(), drain_timeout, batch_soak, final_soak })
    };
    assert_eq!(side(json!(null)).blue_green, given("10%", 30, 15, 60));
    let settings = json!({
        "drainBatchSize": "50%", "drainTimeoutInMinutes": 5,
        "batchSoakDurationInMinutes": 2, "finalSoakDurationInMinutes": 0,
    });
    assert_eq!(side(settings).blue_green, given("50%", 5, 2, 0));
}

#[test]
fn what_azure_leaves_out() {
    let bare = json!({"properties": {"currentKubernetesVersion": "1.33.5", "agentPoolProfiles": null}});
    let cluster = read(&bare);
    assert_eq!((cluster.version, cluster.pools.len(), cluster.lts), (v("1.33.5"), 0, false));
    assert_eq!(cluster.state, State::Busy("Unknown".into()), "no state is no sign of success");
    let pool = json!({"name": "p", "properties": {"currentOrchestratorVersion": "1.33.5"}});
    let pool = response::pool(&pool).unwrap();
    assert_eq!((pool.mode, pool.count, pool.max_surge, pool.machines), (Mode::User, 0, None, false));
}

#[test]
fn nulls_and_wrong_types_are_absent() {
    let cluster = with(|p| {
        for field in ["powerState", "supportPlan", "autoUpgradeProfile"] {
            p[field] = json!(null);
        }
        p["agentPoolProfiles"][0]["upgradeSettings"] = json!(null);
        p["agentPoolProfiles"][0]["count"] = json!("three");
        p["agentPoolProfiles"][1] = json!(7);
    })
    .unwrap();
    assert_eq!((cluster.power, cluster.lts, cluster.auto_upgrade_channel), (Power::Running, false, None));
    assert_eq!((cluster.pools.len(), cluster.pools[0].count), (1, 0));
}

#[test]
fn states() {
    let state = |word: &str| with(|p| p["provisioningState"] = json!(word)).unwrap().state;
    assert_eq!(state("Succeeded"), State::Succeeded);
    assert_eq!(state("succeeded"), State::Succeeded);
    assert_eq!(state("Canceled"), State::Canceled(None));
    assert_eq!(state("Failed"), State::Failed(None));
    assert_eq!(state("Frobnicating"), State::Busy("Frobnicating".into()));
    let failed = with(|p| {
        p["provisioningState"] = json!("Failed");
        p["status"] = json!({"provisioningError": {"code": "PodDrainFailure", "message": "Drain node aks-1 failed.",
            "details": [{"message": "blocked by pdb web"}]}});
    });
    assert_eq!(
        failed.unwrap().state,
        State::Failed(Some("PodDrainFailure: Drain node aks-1 failed; blocked by pdb web".into()))
    );
}

#[test]
fn channels_that_are_off() {
    for off in [json!("none"), json!("None"), json!("Unspecified"), json!(""), json!(null)] {
        let cluster =
            with(|p| p["autoUpgradeProfile"] = json!({"upgradeChannel": off, "nodeOSUpgradeChannel": off}));
        let cluster = cluster.unwrap();
        assert_eq!((cluster.auto_upgrade_channel, cluster.node_os_channel), (None, None));
    }
}

#[test]
fn pools_that_azure_does_not_upgrade() {
    let machines = |field: &str, word: &str| {
        with(|p| p["agentPoolProfiles"][0][field] = json!(word)).unwrap().pools[0].machines
    };
    assert!(machines("mode", "Machines"));
    assert!(machines("mode", "ManagedSystem"));
    assert!(machines("type", "AvailabilitySet"));
    assert!(!machines("type", "VirtualMachines"));
}

#[test]
fn a_pool_of_machines_has_no_version_of_its_own() {
    let machines =
        json!({"name": "m", "type": "VirtualMachines", "mode": "Machines", "provisioningState": "Succeeded"});
    let cluster = with(|p| p["agentPoolProfiles"][0] = machines.clone()).unwrap();
    assert_eq!((cluster.pools[0].machines, &cluster.pools[0].version), (true, &cluster.version));
    assert!(!cluster.pools[0].version_shown, "the cluster's stands in");
    let shown = with(|p| {
        p["agentPoolProfiles"][0] = machines.clone();
        p["agentPoolProfiles"][0]["currentOrchestratorVersion"] = json!("1.30.1");
    });
    let shown = shown.unwrap();
    assert_eq!((shown.pools[0].version_shown, &shown.pools[0].version), (true, &v("1.30.1")));
    let user = with(|p| {
        p["agentPoolProfiles"][0] = machines;
        p["agentPoolProfiles"][0]["mode"] = json!("User");
    });
    assert!(user.is_err());
}

#[test]
fn pools_of_virtual_machines_list_their_nodes() {
    let cluster = with(|p| {
        let pool = p["agentPoolProfiles"][0].as_object_mut().unwrap();
        pool.remove("count");
        pool.insert(
            "virtualMachineNodesStatus".into(),
            json!([{"size": "a", "count": 2}, {"size": "b", "count": 3}]),
        );
    });
    assert_eq!(cluster.unwrap().pools[0].count, 5);
}

#[test]
fn versions() {
    let version = |wanted: Value, current: Value| {
        let cluster = with(|p| {
            p["kubernetesVersion"] = wanted;
            p["currentKubernetesVersion"] = current;
        });
        cluster.map(|cluster| cluster.version.to_string()).map_err(|error| error.to_string())
    };
    let wants = "where a version such as \"1.34.2\" is expected";
    let fails = |of: &str| Err(format!("the cluster prod has no full Kubernetes version: {of}, {wants}"));
    assert_eq!(version(json!("1.32"), json!("1.32.9")), Ok("1.32.9".into()));
    assert_eq!(version(json!("1.26.3"), json!(null)), Ok("1.26.3".into()), "before 2022 there was one field");
    assert_eq!(version(json!("1.33.5"), json!("1.32.9")), Ok("1.32.9".into()), "the other one is intent");
    assert_eq!(version(json!("1.32"), json!(null)), fails("kubernetesVersion is \"1.32\""));
    assert_eq!(version(json!(null), json!(null)), fails("kubernetesVersion is null"));
    assert_eq!(version(json!("1.32"), json!("latest")), fails("currentKubernetesVersion is \"latest\""));
    let pool = with(|p| p["agentPoolProfiles"][0]["currentOrchestratorVersion"] = json!(7)).unwrap_err();
    assert_eq!(
        pool.to_string(),
        format!(
            "the node pool system has no full Kubernetes version: orchestratorVersion is \"1.32\", {wants}"
        )
    );
    assert!(response::cluster(&prod(), &json!("nonsense")).is_err());
}

#[test]
fn offers() {
    let body = json!({"properties": {"controlPlaneProfile": {"kubernetesVersion": "1.28.9", "osType": "Linux",
        "upgrades": [{"kubernetesVersion": "1.29.4"}, {"kubernetesVersion": "1.30.0", "isPreview": true}, {"kubernetesVersion": "?"}, null]},
        "agentPoolProfiles": null}});
    let offers: Vec<_> =
        response::upgrades(&body).into_iter().map(|o| (o.version.to_string(), o.preview)).collect();
    assert_eq!(offers, [("1.29.4".to_owned(), false), ("1.30.0".to_owned(), true)]);
    for none in [json!({}), json!(null), json!({"properties": {"controlPlaneProfile": {}}})] {
        assert_eq!(response::upgrades(&none), []);
        assert_eq!(response::pool_upgrades(&none), []);
        assert_eq!(response::latest_image(&none), None);
    }
    let pool = json!({"properties": {"latestNodeImageVersion": "AKSUbuntu-2204gen2containerd-202610.19.0",
        "upgrades": [{"kubernetesVersion": "1.29.4"}]}});
    assert_eq!(
        response::latest_image(&pool),
        Some(NodeImage::new("AKSUbuntu-2204gen2containerd-202610.19.0"))
    );
    assert_eq!(response::pool_upgrades(&pool).len(), 1);
}

fn region_body() -> Value {
    json!({"values": [
        {"version": "1.33", "capabilities": {"supportPlan": ["KubernetesOfficial", "AKSLongTermSupport"]},
         "patchVersions": {"1.33.3": {"upgrades": ["1.33.4", "1.34.0"]}, "1.33.4": {"upgrades": null}}},
        {"version": "1.34", "isPreview": true, "patchVersions": {"1.34.0": {}}},
        {"version": "1.28", "capabilities": {"supportPlan": ["AKSLongTermSupport"]},
         "patchVersions": {"1.28.100": {"upgrades": ["1.31.1"]}}},
        {"version": "1.27", "patchVersions": null},
    ]})
}

#[test]
fn a_region() {
    let read = |body: &Value| -> Vec<(String, bool, bool, bool, usize)> {
        let versions = response::region(body).into_iter();
        versions.map(|r| (r.version.to_string(), r.preview, r.official, r.lts, r.upgrades.len())).collect()
    };
    let row = |v: &str, preview, official, lts, upgrades| (v.to_owned(), preview, official, lts, upgrades);
    let all = [
        row("1.28.100", false, false, true, 1),
        row("1.33.3", false, true, true, 2),
        row("1.33.4", false, true, true, 0),
        row("1.34.0", true, true, false, 0),
    ];
    assert_eq!(read(&region_body()), all);
    assert_eq!(read(&response::prune_region(&region_body(), v("1.33.0").minor())), all[1..]);
    assert_eq!(read(&json!({})), []);
}

/// Lists what differs, as `path: before -> after`.
pub fn differences(before: &Value, after: &Value) -> Vec<String> {
    fn walk(at: &str, before: Option<&Value>, after: Option<&Value>, out: &mut Vec<String>) {
        match (before, after) {
            (Some(Value::Object(b)), Some(Value::Object(a))) => {
                let added = a.keys().filter(|key| !b.contains_key(*key));
                for key in b.keys().chain(added) {
                    walk(&format!("{at}/{key}"), b.get(key), a.get(key), out);
                }
            }
            (Some(Value::Array(b)), Some(Value::Array(a))) if a.len() == b.len() => {
                for (index, (b, a)) in b.iter().zip(a).enumerate() {
                    walk(&format!("{at}/{index}"), Some(b), Some(a), out);
                }
            }
            (before, after) if before != after => {
                let show = |value: Option<&Value>| value.map_or("-".to_owned(), Value::to_string);
                out.push(format!("{at}: {} -> {}", show(before), show(after)));
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    walk("", Some(before), Some(after), &mut out);
    out
}

const IDENTITY: &str = "/identity/userAssignedIdentities//subscriptions/s/resourcegroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one";

fn taken_out() -> Vec<String> {
    vec![
        "/properties/agentPoolProfiles/0/nodeImageVersion: \"AKSUbuntu-2204gen2containerd-202510.29.0\" -> -".into(),
        "/properties/agentPoolProfiles/1/nodeImageVersion: \"AKSWindows-2022-containerd-gen2-20348.2402.240410\" -> -".into(),
        format!("{IDENTITY}/clientId: \"c\" -> -"),
        format!("{IDENTITY}/principalId: \"p\" -> -"),
    ]
}

#[track_caller]
fn changes(before: &Value, after: &Value, mut expected: Vec<String>) {
    let mut found = differences(before, after);
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn a_control_plane_upgrade_changes_one_field() {
    let mut expected = taken_out();
    expected.push("/properties/kubernetesVersion: \"1.32\" -> \"1.33.5\"".into());
    changes(&body(), &response::with_cluster_version(&body(), &v("1.33.5")), expected);
}

#[test]
fn a_full_upgrade_changes_the_pools_too() {
    let mut expected = taken_out();
    expected.push("/properties/kubernetesVersion: \"1.32\" -> \"1.33.5\"".into());
    expected.push("/properties/agentPoolProfiles/0/orchestratorVersion: \"1.32\" -> \"1.33.5\"".into());
    expected.push("/properties/agentPoolProfiles/1/orchestratorVersion: \"1.31.3\" -> \"1.33.5\"".into());
    changes(&body(), &response::with_full_version(&body(), &v("1.33.5"), |_| (None, None)), expected);
}

/// A snapshot would decide the version of its pool; only a pool that may leave it is taken off it.
#[test]
fn a_full_upgrade_takes_pools_off_their_snapshot() {
    let full = response::with_full_version(&body(), &v("1.33.5"), |_| (None, None));
    let name = |place: usize| body()["properties"]["agentPoolProfiles"][place]["name"].clone();
    let bound = |leaving: &str| {
        let body = response::without_snapshots(full.clone(), |pool| pool == leaving);
        body["properties"]["agentPoolProfiles"][1]["creationData"].clone()
    };
    assert_eq!(bound(name(1).as_str().unwrap()), Value::Null);
    let unbound = response::without_snapshots(full.clone(), |pool| *pool == name(0));
    assert_eq!(unbound, full);
}

/// Every body asks for what runs, where its step names no version: what was asked for may lag behind what a channel of
/// AKS moved (Azure/azure-cli#22928), or lead to where an upgrade failed.
#[test]
fn what_runs_is_asked_for() {
    let pool = |asked: &str, runs: &str| json!({ "name": "a", "orchestratorVersion": asked, "currentOrchestratorVersion": runs });
    let rows = [
        ("1.33.8", "1.34.4", "1.34.4"),
        ("1.35.6", "1.34.4", "1.34.4"),
        ("1.34.4", "1.34.4", "1.34.4"),
        // An alias of the running minor is no other version, and one of another minor is.
        ("1.34", "1.34.4", "1.34"),
        ("1.33", "1.34.4", "1.34.4"),
        ("1.35", "1.34.4", "1.34.4"),
    ];
    for (asked, runs, sent) in rows {
        let cluster = json!({ "properties": {
            "kubernetesVersion": asked, "currentKubernetesVersion": runs, "agentPoolProfiles": [pool(asked, runs)],
        } });
        let alone = json!({ "properties": pool(asked, runs) });
        for body in [
            response::with_upgrade_channel(&cluster, "patch"),
            response::with_node_os_channel(&cluster, "NodeImage"),
        ] {
            assert_eq!(body["properties"]["kubernetesVersion"], sent, "{asked} {runs}");
            assert_eq!(
                body["properties"]["agentPoolProfiles"][0]["orchestratorVersion"], sent,
                "{asked} {runs}"
            );
        }
        let control_plane = response::with_cluster_version(&cluster, &v("1.35.6"));
        assert_eq!(control_plane["properties"]["kubernetesVersion"], "1.35.6");
        assert_eq!(control_plane["properties"]["agentPoolProfiles"][0]["orchestratorVersion"], sent);
        for settings in [(Some("33%"), None), (None, None)] {
            let body = response::with_pool_settings(&alone, settings.0, settings.1);
            assert_eq!(body["properties"]["orchestratorVersion"], sent, "{asked} {runs}");
        }
        let upgraded = response::with_pool_version(&alone, &v("1.35.6"), None, None);
        assert_eq!(upgraded["properties"]["orchestratorVersion"], "1.35.6");
    }
}

fn pool_body() -> Value {
    json!({"id": "x", "name": "system", "properties": body()["properties"]["agentPoolProfiles"][0]})
}

#[test]
fn a_pool_upgrade_changes_what_the_step_names() {
    let gone = "/properties/nodeImageVersion: \"AKSUbuntu-2204gen2containerd-202510.29.0\" -> -".to_owned();
    let version = "/properties/orchestratorVersion: \"1.32\" -> \"1.33.5\"".to_owned();
    let surge = "/properties/upgradeSettings/maxSurge: \"10%\" -> \"33%\"".to_owned();
    let drain = "/properties/upgradeSettings/drainTimeoutInMinutes: - -> 45".to_owned();
    let pool = pool_body();
    let to = v("1.33.5");
    changes(&pool, &response::with_pool_version(&pool, &to, None, None), vec![gone.clone(), version.clone()]);
    changes(
        &pool,
        &response::with_pool_version(&pool, &to, Some("33%"), Some(45)),
        vec![gone.clone(), version, surge.clone(), drain.clone()],
    );
    changes(&pool, &response::with_pool_settings(&pool, Some("33%"), None), vec![gone.clone(), surge]);
    changes(&pool, &response::with_pool_settings(&pool, None, Some(45)), vec![gone.clone(), drain]);
    changes(&pool, &response::with_pool_settings(&pool, None, None), vec![gone]);
}

#[test]
fn settings_that_were_missing_are_made() {
    for missing in [json!({"properties": {}}), json!({"properties": {"upgradeSettings": null}})] {
        let after = response::with_pool_settings(&missing, Some("1"), None);
        assert_eq!(after, json!({"properties": {"upgradeSettings": {"maxSurge": "1"}}}));
    }
}

#[test]
fn order_and_numbers_stay() {
    let text = "{\"z\":1.50,\"properties\":{\"y\":1,\"nodeImageVersion\":\"i\",\"b\":100000000000000000000,\"orchestratorVersion\":\"1.32\",\"a\":null},\"m\":[]}";
    let after = response::with_pool_version(&serde_json::from_str(text).unwrap(), &v("1.33.5"), None, None);
    assert_eq!(
        after.to_string(),
        text.replace("\"nodeImageVersion\":\"i\",", "").replace("\"1.32\"", "\"1.33.5\"")
    );
}

#[test]
fn what_is_kept_reads_the_same() {
    let kept = response::prune_cluster(&body());
    assert_eq!(read(&kept), read(&body()));
    assert!(kept.to_string().len() < 1400, "{kept}");
    assert!(!kept.to_string().contains("identity"));
}

/// Any JSON, with numbers that a float would bend.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-zA-Z0-9 .%é]{0,12}".prop_map(Value::from),
        Just(serde_json::from_str("1.2300").unwrap()),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec(("[a-z]{1,8}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A cluster's body with fields that nobody has heard of, at every level.
fn with_unknown_fields() -> impl Strategy<Value = Value> {
    let extra = || proptest::collection::vec(("x_[a-z]{1,8}", anything()), 0..4);
    (extra(), extra(), extra()).prop_map(|(top, properties, pool)| {
        let mut body = body();
        let mut add = |pointer: &str, fields: Vec<(String, Value)>| {
            body.pointer_mut(pointer).unwrap().as_object_mut().unwrap().extend(fields);
        };
        add("", top);
        add("/properties", properties);
        add("/properties/agentPoolProfiles/1", pool);
        body
    })
}

/// One field that a parser reads, and something to put there.
fn with_strange_fields() -> impl Strategy<Value = Value> {
    let field = proptest::sample::select(vec![
        "/location",
        "/properties/provisioningState",
        "/properties/powerState",
        "/properties/supportPlan",
        "/properties/autoUpgradeProfile",
        "/properties/agentPoolProfiles",
        "/properties/agentPoolProfiles/0",
        "/properties/agentPoolProfiles/0/count",
        "/properties/agentPoolProfiles/0/mode",
        "/properties/agentPoolProfiles/0/upgradeSettings",
        "/properties/agentPoolProfiles/1/creationData",
        "/properties/agentPoolProfiles/1/nodeImageVersion",
        "/properties/agentPoolProfiles/1/currentOrchestratorVersion",
        "/properties/currentKubernetesVersion",
        "/properties",
    ]);
    (with_unknown_fields(), field, anything()).prop_map(|(mut body, field, value)| {
        *body.pointer_mut(field).unwrap() = value;
        body
    })
}

proptest! {
    #[test]
    fn a_put_returns_every_field_that_was_read(body in with_unknown_fields()) {
        let mut expected = taken_out();
        expected.push("/properties/kubernetesVersion: \"1.32\" -> \"1.33.5\"".into());
        expected.sort();
        let mut found = differences(&body, &response::with_cluster_version(&body, &v("1.33.5")));
        found.sort();
        prop_assert_eq!(found, expected);
        let full = differences(&body, &response::with_full_version(&body, &v("1.33.5"), |_| (None, None)));
        prop_assert_eq!(full.len(), taken_out().len() + 3);
    }

    #[test]
    fn a_pool_put_returns_every_field_that_was_read(extra in proptest::collection::vec(("x_[a-z]{1,8}", anything()), 0..6)) {
        let mut pool = pool_body();
        pool["properties"].as_object_mut().unwrap().extend(extra);
        let after = response::with_pool_version(&pool, &v("1.33.5"), Some("33%"), Some(45));
        prop_assert_eq!(differences(&pool, &after).len(), 4);
    }

    #[test]
    fn pruned_bodies_read_the_same(body in with_strange_fields()) {
        prop_assert_eq!(response::cluster(&prod(), &response::prune_cluster(&body)), response::cluster(&prod(), &body));
    }

    #[test]
    fn nothing_panics(body in anything()) {
        let _ = response::cluster(&prod(), &body);
        let version = v("1.33.5");
        let _ = response::with_full_version(&body, &version, |_| (None, None));
        let _ = response::with_pool_version(&body, &version, Some("1"), Some(1));
        prop_assert_eq!(response::upgrades(&response::prune_upgrades(&body)), response::upgrades(&body));
        let _ = (response::pool_upgrades(&body), response::latest_image(&body));
        let oldest = v("0.0.0").minor();
        prop_assert_eq!(response::region(&response::prune_region(&body, oldest)), response::region(&body));
    }
}
