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

/// Every form of a window and of a blackout: what a state shows as the next window is an opening, by rules that are written
/// down anew; [`Terraform`] holds every state to it.
#[tokio::test(start_paused = true)]
async fn the_next_window_is_an_opening_in_every_form() {
    let month = json!({ "days": null, "days_of_month": [1, 15, 31] });
    let fleeting = json!({ "days": ["all"], "every": 3, "start_date": "2026-11-02", "start": "23:30" });
    let forms = [
        json!({ "weeks_of_month": ["first", "last"] }),
        json!({ "days": ["sunday"], "days_of_month": [13, 14, 15, 16, 17, 18, 19] }),
        month.clone(),
        json!({ "every": 2, "start_date": "2026-11-07", "days": ["saturday", "monday"] }),
        json!({ "every": 3, "start_date": "2026-01-31", "weeks_of_month": ["fourth"] }),
        fleeting.clone(),
        json!({ "days": ["all"], "duration": "24h", "start": "00:00" }),
        json!({ "duration": "72h", "time_zone": "America/New_York" }),
        json!({ "start_date": "2027-03-28", "days": ["sunday"], "time_zone": "Europe/Berlin", "start": "02:30" }),
        json!({ "node_pools": ["user"] }),
        json!({ "applies_to": ["patch"], "time_zone": "+05:30" }),
    ];
    let blackouts = [
        json!([]),
        json!([{ "from": "11-20", "to": "01-05", "yearly": true, "time_zone": "Europe/Berlin" }]),
        json!([{ "from": "2026-11-28", "to": "2026-11-28", "time_zone": "UTC", "node_pools": ["user"] }]),
        json!([{ "from": "2026-11-28T03:00:00Z", "to": "2026-11-28T04:00:00Z", "applies_to": ["minor", "patch"] }]),
    ];
    let mut told = 0;
    for form in &forms {
        for blackouts in &blackouts {
            for (at, nightly) in [("2026-11-26T12:00:00Z", false), ("2026-11-28T02:30:00Z", true)] {
                let azure = Azure::new(&prod("1.35.6").replace("2026-11-26T12:00:00Z", at));
                let mut windows = vec![window(form.clone())];
                windows.extend(nightly.then(|| {
                    window(json!({ "days": ["all"], "start": "22:00", "applies_to": ["node_image"] }))
                }));
                let block = json!({ "channel": "patch", "node_image": {}, "maintenance_window": windows, "blackout": blackouts });
                let terraform = Terraform::policy(&azure, block);
                terraform.run().await;
                told += usize::from(terraform.shown()["next_window"].is_object());
            }
        }
    }
    assert!(told >= forms.len() * 6, "{told}");
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
