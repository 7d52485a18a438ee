//! The data sources: the computation of the resource, and what Azure shows, for conditions, checks and reports.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use terraform_provider_aks::terraform::diagnostic::Diagnostic;

use super::scene::PROD_134;
use super::{Azure, PROD, Terraform};

const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";

fn saturdays(duration: &str) -> Json {
    json!([{ "days": ["saturday"], "start": "02:00", "duration": duration, "time_zone": "Europe/Berlin" }])
}

fn policy(mut more: Json) -> Json {
    let all = more.as_object_mut().unwrap();
    all.entry("cluster_id").or_insert(PROD.into());
    all.entry("kubernetes_version").or_insert("1.35".into());
    all.entry("maintenance_window").or_insert_with(|| saturdays("30m"));
    more
}

async fn preview(azure: &std::sync::Arc<Azure>, more: Json) -> Json {
    let read = Terraform::new(azure).data("aks_upgrade_preview", policy(more)).await;
    read.unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn dates(preview: &Json) -> Vec<String> {
    let steps = preview["steps"].as_array().unwrap().iter();
    let text = |value: &Json| value.as_str().unwrap_or("-").to_owned();
    steps
        .map(|step| format!("{} {} {}", text(&step["key"]), text(&step["start"]), text(&step["end"])))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn steps_have_dates_over_the_real_openings() {
    let azure = Azure::new(PROD_134);
    let seen = preview(&azure, json!({})).await;
    assert_eq!(
        dates(&seen),
        [
            "01 control plane 2026-11-28T01:00:00Z 2026-11-28T01:10:00Z",
            "02 pool system 2026-11-28T01:10:00Z 2026-11-28T01:25:00Z",
            "03 pool user 2026-12-05T01:00:00Z 2026-12-05T01:15:00Z",
        ]
    );
    let step = &seen["steps"][2];
    assert_eq!(step["window"]["end"], "2026-12-05T01:30:00Z");
    assert_eq!(
        (&step["node_pool"], &step["kind"], &step["manner"]),
        (&json!("user"), &json!("minor"), &json!("upgrade"))
    );
    assert_eq!(
        (&step["from"], &step["to"], &step["estimate"]),
        (&json!("1.34.9"), &json!("1.35.6"), &json!("15m"))
    );
    assert_eq!((&seen["status"], &seen["target_version"]), (&json!("pending"), &json!("1.35.6")));
    assert_eq!(seen["next_window"]["start"], "2026-11-28T01:00:00Z");
    assert_eq!(azure.tried(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn the_preview_names_what_the_resource_names() {
    let azure = Azure::new(PROD_134);
    let seen = preview(&azure, json!({})).await;
    let terraform = Terraform::policy(&azure, policy(json!({})));
    terraform.run().await;
    let shown = terraform.shown();
    let lines: BTreeMap<String, String> = serde_json::from_value(shown["steps"].clone()).unwrap();
    let steps = seen["steps"].as_array().unwrap().iter();
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    let of_preview: BTreeMap<String, String> = steps
        .map(|step| (text(&step["key"]), format!("{} to {}", text(&step["from"]), text(&step["to"]))))
        .collect();
    assert_eq!(of_preview, lines);
    for name in ["status", "blocked_by", "next_window", "target_version", "current_version"] {
        assert_eq!(seen[name], shown[name], "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_seen_from_any_instant_and_as_far_as_asked() {
    let azure = Azure::new(PROD_134);
    let later = json!({ "as_of": "2026-11-28T01:06:00Z", "horizon": "3d" });
    let seen = preview(&azure, later).await;
    assert_eq!(seen["at"], "2026-11-28T01:06:00Z");
    assert_eq!(
        dates(&seen),
        [
            "01 control plane 2026-11-28T01:06:00Z 2026-11-28T01:16:00Z",
            "02 pool system - -",
            "03 pool user - -"
        ]
    );
    // An override counts up to its end.
    let glass = json!({ "reason": "CVE", "expires": "2026-11-25T00:00:00Z", "ignore": ["window"] });
    let seen = preview(&azure, json!({ "override": glass, "as_of": "2026-11-24T00:00:00Z" })).await;
    assert_eq!(dates(&seen)[0], "01 control plane 2026-11-24T00:00:00Z 2026-11-24T00:10:00Z");
    let seen = preview(&azure, json!({ "override": glass, "as_of": "2026-11-26T00:00:00Z" })).await;
    assert_eq!(dates(&seen)[0], "01 control plane 2026-11-28T01:00:00Z 2026-11-28T01:10:00Z");
    // 1.34 leaves support with November.
    let seen =
        preview(&azure, json!({ "as_of": "2026-12-01T00:00:00Z", "maintenance_window": saturdays("4h") }))
            .await;
    assert_eq!(seen["steps"][0]["key"], "01 whole cluster");
    // An age is reached meanwhile.
    let seen = preview(&azure, json!({ "min_age": "3d", "maintenance_window": saturdays("4h") })).await;
    assert_eq!(seen["blocked_by"][0]["code"], "too_young");
    assert_eq!(dates(&seen)[0], "01 control plane 2026-11-28T01:00:00Z 2026-11-28T01:10:00Z");
}

#[tokio::test(start_paused = true)]
async fn images_are_in_it_where_the_policy_keeps_them() {
    let old = "[[cluster]]\nname = \"prod\"\nversion = \"1.35.6\"\n[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\nimage = \"AKSUbuntu-2404gen2containerd-202610.19.0\"\n";
    let azure = Azure::new(old);
    let seen = preview(&azure, json!({ "node_image": {} })).await;
    assert_eq!(seen["steps"][0]["key"], "01 image system");
    assert_eq!(seen["steps"][0]["kind"], "node_image");
    assert_eq!(preview(&azure, json!({})).await["steps"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn a_summary_for_a_pull_request_and_a_calendar() {
    let azure = Azure::new(&format!("{PROD_134}\nnode_os_channel = \"NodeImage\""));
    let seen = preview(&azure, json!({})).await;
    insta::assert_snapshot!(seen["summary"].as_str().unwrap());
    insta::assert_snapshot!(seen["calendar"].as_str().unwrap().replace('\r', ""));
}

#[tokio::test(start_paused = true)]
async fn what_is_blocked_says_why() {
    let azure = Azure::new(&format!("{PROD_134}\nupgrade_channel = \"stable\""));
    let seen = preview(&azure, json!({})).await;
    assert_eq!(
        (&seen["status"], &seen["blocked_by"][0]["code"]),
        (&json!("blocked"), &json!("auto_upgrade_channel_on"))
    );
    assert_eq!(dates(&seen), [""; 0]);
    let summary = seen["summary"].as_str().unwrap();
    assert!(summary.starts_with("### prod: blocked at 1.34.9\n"), "{summary}");
    assert!(
        summary.contains("- `auto_upgrade_channel_on`: AKS upgrades this cluster by itself"),
        "{summary}"
    );
}

/// Checks what is said about bad arguments, before anybody is asked.
async fn refused(kind: &str, arguments: Json, at: &str, detail: &str) {
    let azure = Azure::new(PROD_134);
    let told = Terraform::new(&azure).data(kind, arguments).await.unwrap_err();
    let told: Vec<&Diagnostic> = told.iter().filter(|one| one.is_error()).collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    let path = told[0].path.to_string();
    assert_eq!((path.as_str(), told[0].detail.as_str()), (at, detail));
    assert_eq!(azure.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn bad_arguments_are_refused_at_their_attribute() {
    const PREVIEW: &str = "aks_upgrade_preview";
    let instant = "\"tomorrow\" is not an instant; write it as \"2026-11-28T02:00:00Z\".";
    refused(PREVIEW, policy(json!({ "as_of": "tomorrow" })), "as_of", instant).await;
    let far = "\"0d\" is no horizon. It has to be more than nothing, and at most \"731d\".";
    refused(PREVIEW, policy(json!({ "horizon": "0d" })), "horizon", far).await;
    let channel = "Both kubernetes_version and channel are set, and only one can be the target. Write kubernetes_version = \"1.34\" or channel = \"stable\".";
    refused(PREVIEW, policy(json!({ "channel": "rapid" })), "channel", channel).await;
    let rollout = json!({ "rollout": { "pool_order": [["user"], ["user"]] } });
    let twice = "\"user\" has two places in rollout.pool_order. Name it once.";
    refused(PREVIEW, policy(rollout), "rollout.pool_order", twice).await;
    let place = |key: &str, value: &str| {
        let mut place = json!({ "subscription_id": SUBSCRIPTION, "location": "westeurope" });
        place[key] = value.into();
        place
    };
    let spaces = "\"West Europe\" is not the name of an Azure region: it has only letters and digits, without spaces. A correct example is \"westeurope\".";
    refused("aks_kubernetes_versions", place("location", "West Europe"), "location", spaces).await;
    refused("aks_clusters", place("location", "West Europe"), "location", spaces).await;
    let guid = "\"mine\" is not the id of a subscription: the subscription \"mine\" is not a GUID. A correct example is \"00000000-0000-0000-0000-000000000000\".";
    refused("aks_clusters", place("subscription_id", "mine"), "subscription_id", guid).await;
    let version = "\"latest\" is not a Kubernetes version: it is not made of numbers separated by dots; write it as \"1.34.2\" or, for the newest patch of a minor, as \"1.34\".";
    refused("aks_clusters", place("below_version", "latest"), "below_version", version).await;
}

const ESTATE: &str = r#"
[[cluster]]
name = "prod"
version = "1.34.9"
upgrade_channel = "patch"
[[cluster]]
name = "dev"
resource_group = "lab"
version = "1.35.6"
[[cluster.pool]]
name = "system"
mode = "System"
version = "1.34.9"
[[cluster]]
name = "broken"
version = "1.35.6"
state = "Failed"
"#;

async fn names(azure: &std::sync::Arc<Azure>, mut filter: Json) -> Vec<String> {
    filter["subscription_id"] = SUBSCRIPTION.into();
    let read = Terraform::new(azure).data("aks_clusters", filter).await.unwrap();
    let clusters = read["clusters"].as_array().unwrap();
    assert_eq!(read["ids"].as_array().unwrap().len(), clusters.len());
    clusters.iter().map(|cluster| cluster["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn an_estate_is_listed_in_the_calls_of_a_list() {
    let azure = Azure::new(ESTATE);
    assert_eq!(names(&azure, json!({})).await, ["dev", "broken", "prod"]);
    assert_eq!(azure.calls(), 1);
    assert_eq!(names(&azure, json!({ "resource_group": "lab" })).await, ["dev"]);
    assert!(azure.exchanges()[1].path.contains("/resourceGroups/lab/"), "{:?}", azure.exchanges()[1]);
    assert_eq!(names(&azure, json!({ "below_version": "1.35" })).await, ["dev", "prod"]);
    assert_eq!(names(&azure, json!({ "below_version": "1.35.7" })).await.len(), 3);
    assert_eq!(names(&azure, json!({ "provisioning_states": ["failed"] })).await, ["broken"]);
    assert_eq!(names(&azure, json!({ "location": "nowhere" })).await, [""; 0]);
    let read = Terraform::new(&azure)
        .data("aks_clusters", json!({ "subscription_id": SUBSCRIPTION }))
        .await
        .unwrap();
    let prod = &read["clusters"][2];
    assert_eq!(
        (&prod["auto_upgrade_channel"], &prod["node_pools"]["system"]["current_version"]),
        (&json!("patch"), &json!("1.34.9"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_cluster_shows_what_is_offered_and_who_else_upgrades_it() {
    let azure = Azure::new(ESTATE);
    let read = Terraform::new(&azure).data("aks_cluster", json!({ "cluster_id": PROD })).await.unwrap();
    assert_eq!(
        (&read["current_version"], &read["auto_upgrade_channel"]),
        (&json!("1.34.9"), &json!("patch"))
    );
    assert_eq!((&read["supported"], &read["operation"]), (&json!(true), &Json::Null));
    let offered: Vec<&str> =
        read["upgrades"].as_array().unwrap().iter().map(|offer| offer["version"].as_str().unwrap()).collect();
    assert!(offered.contains(&"1.35.6"), "{offered:?}");
    let pool = &read["node_pools"]["user"];
    assert!(pool["latest_node_image"].is_string() && pool["count"].is_number(), "{pool}");
    let gone = PROD.replace("/prod", "/gone");
    let told = Terraform::new(&azure).data("aks_cluster", json!({ "cluster_id": gone })).await.unwrap_err();
    assert_eq!(told[0].summary, "Cluster not found");
}

#[tokio::test(start_paused = true)]
async fn a_region_tells_its_versions() {
    let azure = Azure::new(ESTATE);
    let place = json!({ "subscription_id": SUBSCRIPTION, "location": "westeurope" });
    let read = Terraform::new(&azure).data("aks_kubernetes_versions", place).await.unwrap();
    let versions = read["versions"].as_array().unwrap();
    let named = |version: &str| versions.iter().find(|one| one["version"] == version).unwrap();
    assert_eq!(named("1.35.6")["minor"], "1.35");
    assert_eq!(named("1.35.6")["community_support"], true);
    assert!(named("1.34.9")["upgrades"].as_array().unwrap().contains(&json!("1.35.6")));
    assert_eq!(named("1.35.6")["end_of_support"], "2027-03-31");
    assert_eq!(named("1.35.6")["end_of_long_term_support"], "2028-03-31");
    assert_eq!(read["latest_node_images"], Json::Null);
    let latest = read["latest_version"].as_str().unwrap();
    assert_eq!(named(latest)["preview"], false);
    assert_eq!(read["minors"].as_array().unwrap().last().unwrap(), &named(latest)["minor"]);
    assert_eq!(azure.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_region_tells_its_latest_node_images() {
    let azure = Azure::new(ESTATE);
    let place = json!({ "subscription_id": SUBSCRIPTION, "location": "westeurope", "node_images": true });
    let read = Terraform::new(&azure).data("aks_kubernetes_versions", place).await.unwrap();
    let images = read["latest_node_images"].as_array().unwrap();
    let ubuntu = json!({
        "name": "AKSUbuntu-2404gen2containerd-202611.16.0",
        "os": "AKSUbuntu",
        "os_sku": "2404gen2containerd",
        "version": "202611.16.0",
        "published": "2026-11-16",
    });
    let windows = images.iter().find(|image| image["os_sku"] == "2022-containerd-gen2").unwrap();
    assert_eq!(
        (windows["os"].as_str(), windows["published"].as_str()),
        (Some("AKSWindows"), Some("2026-11-11"))
    );
    assert!(images.contains(&ubuntu), "{images:#?}");
    // The versions are one request, the images the other.
    assert_eq!(azure.calls(), 2);
}
