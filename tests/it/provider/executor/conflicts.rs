//! Arguments that are right one by one and do not go together.

use serde_json::{Value as Json, json};

use crate::upgrade_run::{PROD, validated};

/// Asserts everything that is told about a block, as `attribute: sentence`.
#[track_caller]
fn told(kind: &str, edit: Json, expected: &[&str]) {
    let open = edit.get("maintenance_window").is_none();
    let mut block = json!({ "cluster_id": PROD, "always_open": open });
    if kind == "aks_upgrade_policy" {
        block["kubernetes_version"] = "1.35".into();
    }
    block.as_object_mut().unwrap().extend(edit.as_object().unwrap().clone());
    let found: Vec<String> =
        validated(kind, &block).iter().map(|found| format!("{}: {}", found.path, found.detail)).collect();
    assert_eq!(found, expected);
}

const POLICY: &str = "aks_upgrade_policy";
const IMAGE: &str = "aks_node_image";

#[test]
fn pools_that_are_named_and_left_out() {
    told(
        IMAGE,
        json!({ "node_pools": ["a", "b"], "rollout": { "exclude_pools": ["b", "c"] } }),
        &[
            "rollout.exclude_pools: Pool \"b\" is named in node_pools and in rollout.exclude_pools. Remove it from one of them.",
        ],
    );
    told(
        POLICY,
        json!({ "rollout": { "pool_order": [["system"], ["a"]], "exclude_pools": ["a", "system"] } }),
        &[
            "rollout.pool_order: Pool \"a\" has a place in rollout.pool_order and is left alone by rollout.exclude_pools. Remove it from one of them.",
        ],
    );
    told(
        POLICY,
        json!({ "rollout": { "pool_order": [["a", "b"], ["a"]] } }),
        &["rollout.pool_order: \"a\" has two places in rollout.pool_order. Name it once."],
    );
    told(
        IMAGE,
        json!({ "node_pools": ["a"], "rollout": { "exclude_pools": ["b"], "pool_order": [["a"], ["user"]] } }),
        &[],
    );
}

#[test]
fn the_control_plane_only() {
    for (name, value) in [
        ("pool_order", json!([["a"]])),
        ("exclude_pools", json!(["a"])),
        ("soak", json!("10m")),
        ("max_surge", json!("33%")),
        ("drain_timeout", json!("45m")),
    ] {
        let mut rollout = json!({ "control_plane_only": true });
        rollout[name] = value;
        let sentence = format!(
            "rollout.{name}: rollout.control_plane_only leaves every pool alone, so rollout.{name} has no effect. Remove {name}, or control_plane_only."
        );
        told(POLICY, json!({ "rollout": rollout }), &[&sentence]);
    }
    told(POLICY, json!({ "rollout": { "control_plane_only": true } }), &[]);
}

#[test]
fn ages() {
    told(
        IMAGE,
        json!({ "max_age": "14d", "min_age": "15d" }),
        &[
            "min_age: Images older than max_age (14d) are to be replaced by ones that are at least min_age (15d) old, which is older still. Make min_age the smaller one.",
        ],
    );
    told(IMAGE, json!({ "max_age": "14d", "min_age": "14d" }), &[]);
}

#[test]
fn a_cutoff_that_no_window_holds() {
    let window = |duration: &str, work: Json| json!({ "days": ["saturday"], "start": "02:00", "duration": duration, "applies_to": work, "time_zone": "UTC" });
    told(
        POLICY,
        json!({ "cutoff": "5h", "maintenance_window": [window("4h", Json::Null)] }),
        &[
            "cutoff: A step starts only if 5h of the window are left, and the longest opening for minor is 4h, so none would ever start. Make cutoff shorter or a window longer.",
        ],
    );
    told(
        POLICY,
        json!({ "cutoff": "5h", "maintenance_window": [window("6h", json!(["minor"])), window("4h", json!(["patch"]))] }),
        &[
            "cutoff: A step starts only if 5h of the window are left, and the longest opening for patch is 4h, so none would ever start. Make cutoff shorter or a window longer.",
        ],
    );
    told(IMAGE, json!({ "cutoff": "4h", "maintenance_window": [window("4h", Json::Null)] }), &[]);
    told(IMAGE, json!({ "cutoff": "4h" }), &[]);
}

#[test]
fn an_override_without_effect() {
    let glass =
        |rules: Json| json!({ "reason": "CHG0042", "expires": "2026-12-01T06:00:00Z", "ignore": rules });
    told(
        POLICY,
        json!({ "override": glass(json!([])) }),
        &[
            "override.ignore: override.ignore names no rule, so the override ignores nothing. Write for example ignore = [\"window\"].",
        ],
    );
    told(
        POLICY,
        json!({ "override": glass(json!(["window", "min_age"])) }),
        &[
            "override.ignore: None of the rules in override.ignore is set here, so the override changes nothing. Remove it.",
        ],
    );
    told(POLICY, json!({ "override": glass(json!(["min_age"])), "min_age": "7d" }), &[]);
}
