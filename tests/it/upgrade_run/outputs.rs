//! The outputs that the docs show are moved by an apply, and by no refresh right after it: a second plan is empty.

use serde_json::{Value as Json, json};

use super::azure::{Azure, PROD};
use super::terraform::Terraform;

const AT: &str = "aks_upgrade_policy.prod";

/// A Thursday. Control plane and system are behind; user has its version, and an old image.
fn prod(version: &str) -> String {
    format!(
        r#"
[clock]
start = "2026-11-26T12:00:00Z"
[[cluster]]
name = "prod"
version = "{version}"
[[cluster.pool]]
name = "system"
mode = "System"
version = "1.34.9"
image = "AKSUbuntu-2204gen2containerd-202610.19.0"
[[cluster.pool]]
name = "user"
version = "{version}"
image = "AKSUbuntu-2204gen2containerd-202610.19.0"
"#
    )
}

fn window(more: Json) -> Json {
    let mut window = json!({ "days": ["saturday"], "start": "02:00", "duration": "4h", "time_zone": "UTC" });
    window.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    window
}

/// Returns the documented outputs of a state.
fn outputs(state: &Json) -> [Json; 3] {
    ["steps", "current_version", "target_version"].map(|name| state[name].clone())
}

/// Every argument that can be added, alone: those that name something new among them.
fn edits() -> Vec<(&'static str, Json)> {
    vec![
        ("node_image", json!({})),
        ("node_image", json!({ "max_age": "1d", "node_pools": ["user"] })),
        ("executor", json!("aks")),
        ("channel", json!("rapid")),
        ("exclude_versions", json!(["1.35.6"])),
        ("min_age", json!("14d")),
        ("cutoff", json!("3h")),
        ("outside_window", json!("fail")),
        ("rollout", json!({ "exclude_pools": ["system"] })),
        ("rollout", json!({ "pool_order": [["user"], ["system"]] })),
        ("maintenance_window", json!([window(json!({ "applies_to": ["patch"] }))])),
        (
            "maintenance_window",
            json!([window(json!({})), window(json!({ "node_pools": ["user"], "start": "22:00" }))]),
        ),
    ]
}

/// Changes one argument on a day without a window, saves it, and plans again; `hidden`: it is known at apply only.
async fn saved(version: &str, argument: &str, value: &Json, hidden: bool) {
    let name = format!("{argument} = {value} at {version}, hidden: {hidden}");
    let azure = Azure::new(&prod(version));
    let block = json!({ "channel": "patch", "maintenance_window": [window(json!({}))] });
    let terraform = Terraform::policy(&azure, block);
    terraform.run().await;
    assert!(terraform.plan().await.is_empty(), "{name}");
    terraform.edit(AT, argument, value.clone());
    if hidden {
        terraform.hide(AT, argument);
    }
    let plan = terraform.plan().await;
    if terraform.apply(&plan).await.is_err() {
        // `fail`: what is refused moves nothing, and its plan stays a promise.
        return assert_eq!(value, "fail", "{name}");
    }
    let after = outputs(&terraform.shown());
    let second = terraform.plan().await;
    assert_eq!(outputs(&second.only().prior()), after, "{name}: a refresh moved an output");
    let acts = *value == json!("fail") || *value == json!("aks");
    assert!(acts || second.is_empty(), "{name}");
    assert_eq!(azure.writes(), [""; 0], "{name}: {PROD}");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_after_an_apply_moves_no_output_whatever_argument_was_changed() {
    for version in ["1.34.9", "1.35.6", "1.36.2"] {
        for (argument, value) in edits() {
            saved(version, argument, &value, false).await;
            saved(version, argument, &value, true).await;
        }
    }
}
