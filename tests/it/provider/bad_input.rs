//! Bad input as people write it: each row what was written, the attribute at which it is told, and the sentence.
//!
//! What Terraform itself refuses, such as an unknown key of a block or text for a number, is not in it.

use serde_json::{Value as Json, json};
use terraform_provider_aks::provider::Aks;
use terraform_provider_aks::terraform::json as state_file;
use terraform_provider_aks::terraform::provider::Provider;

use super::arguments::{IMAGE, POLICY, told, window};
use crate::upgrade_run::{Azure, Terraform};

/// Numbers lose the zero at their end on the way.
#[test]
fn a_version_that_was_a_number() {
    for (number, version) in [("1.3", "1.30"), ("1.4", "1.40"), ("1.2", "1.20")] {
        told(
            POLICY,
            json!({ "kubernetes_version": number }),
            &[&format!(
                "kubernetes_version: \"{number}\" is older than anything that AKS offers. Terraform reads a number such as {version} as {number}: write the version in quotes, \"{version}\"."
            )],
        );
    }
    told(POLICY, json!({ "kubernetes_version": "1.40" }), &[]);
    told(
        POLICY,
        json!({ "exclude_versions": ["1.3"] }),
        &[
            "exclude_versions: \"1.3\" is not a full Kubernetes version: it is a minor and lacks the patch number; write it as \"1.34.2\".",
        ],
    );
}

/// azurerm writes days and weeks with a capital.
#[test]
fn days_and_weeks_in_any_case() {
    let azurerm = window(json!({ "days": ["Saturday"], "weeks_of_month": ["Last"] }));
    told(POLICY, json!({ "maintenance_window": [azurerm] }), &[]);
}

#[test]
fn an_empty_list_that_keeps_nothing_current() {
    let empty = "The list node_pools is empty; leave node_pools out, or name at least one.";
    told(IMAGE, json!({ "node_pools": [] }), &[&format!("node_pools: {empty}")]);
    told(
        POLICY,
        json!({ "node_image": { "node_pools": [] } }),
        &[&format!("node_image.node_pools: {empty}")],
    );
}

#[test]
fn an_override_without_a_reason_or_without_an_end() {
    let glass = |reason: &str, expires: &str| json!({ "override": { "reason": reason, "expires": expires, "ignore": ["window"] } });
    told(
        POLICY,
        glass("", "2026-12-01T06:00:00Z"),
        &[
            "override.reason: The reason is empty. Say why the rules are ignored, for example reason = \"CVE-2026-31431, CHG0042\".",
        ],
    );
    told(
        POLICY,
        glass("CHG0042", "2099-12-01T06:00:00Z"),
        &[
            "override.expires: The override (\"CHG0042\") expires at 2099-12-01T06:00:00Z, more than 30 days ahead, and ignores window until then. Write a nearer instant; for good change the windows themselves.",
        ],
    );
    told(
        POLICY,
        glass("CHG0042", "2026-12-01"),
        &[
            "override.expires: \"2026-12-01\" is not an instant. It has to be written like \"2026-12-01T06:00:00Z\" (RFC 3339).",
        ],
    );
}

#[test]
fn what_has_no_effect() {
    let blackout =
        json!({ "from": "2098-12-15T00:00:00Z", "to": "2098-12-16T00:00:00Z", "time_zone": "UTC" });
    told(
        POLICY,
        json!({ "blackout": [blackout] }),
        &[
            "blackout[0].time_zone: A blackout between instants needs no time_zone, their offset says it all; remove time_zone, or write dates, for example from = \"2026-12-15\", to = \"2027-01-05\".",
        ],
    );
    told(
        POLICY,
        json!({ "rollout": { "control_plane_only": true, "soak": "30m" } }),
        &[
            "rollout.soak: rollout.control_plane_only leaves every pool alone, so rollout.soak has no effect. Remove soak, or control_plane_only.",
        ],
    );
    let provider = Aks::new(|_| None);
    let images = provider.resources().into_iter().find(|one| one.type_name() == IMAGE).unwrap().schema();
    let rollout = images.blocks.iter().find(|block| block.name == "rollout").unwrap();
    for of_versions in ["pool_hops", "control_plane_only", "whole_cluster"] {
        assert!(rollout.attributes.iter().all(|attribute| attribute.name != of_versions), "{of_versions}");
    }
}

#[test]
fn zones_that_are_none() {
    let row = |zone: &str, sentence: &str| {
        let sentence = format!("maintenance_window[0].time_zone: {sentence}");
        told(POLICY, json!({ "maintenance_window": [window(json!({ "time_zone": zone }))] }), &[&sentence]);
    };
    for zone in ["CEST", "PDT", "IST", "AEST", "BST"] {
        row(
            zone,
            &format!(
                "\"{zone}\" is an abbreviation, and names no place whose clocks could be followed; write an IANA name, for example \"Europe/Berlin\", or an offset, for example \"+02:00\"."
            ),
        );
    }
    row(
        "berlin",
        "\"berlin\" is not a known time zone; did you mean \"Europe/Berlin\"? Write an IANA name, for example \"Europe/Berlin\", or an offset, for example \"+02:00\".",
    );
    row(
        "2",
        "\"2\" is not a known time zone; write an IANA name, for example \"Europe/Berlin\", or an offset, for example \"+02:00\".",
    );
    for known in ["CET", "EST", "utc", "GMT"] {
        told(POLICY, json!({ "maintenance_window": [window(json!({ "time_zone": known }))] }), &[]);
    }
}

#[test]
fn one_mistake_is_told_once() {
    told(
        POLICY,
        json!({ "maintenance_window": [window(json!({ "every": 2, "start_date": "01.01.2026" }))] }),
        &[
            "maintenance_window[0].start_date: \"01.01.2026\" is not a date; write year, month and day of a day that exists, for example \"2026-01-05\".",
        ],
    );
    told(
        POLICY,
        json!({ "maintenance_window": [window(json!({ "every": 1.5 }))] }),
        &["maintenance_window[0].every: 1.5 is not a whole number in a sensible range; write one such as 2."],
    );
}

/// Tells what is said of a provider block with one attribute, as `attribute: sentence`.
#[track_caller]
fn provider_told(name: &str, text: &str, expected: &[&str]) {
    let provider = Aks::new(|_| None);
    let block = json!({ name: text });
    let mut config =
        state_file::decode(block.to_string().as_bytes(), &provider.schema().value_type()).unwrap();
    provider.schema().complete(&mut config);
    let found = provider.validate(&config);
    let found: Vec<String> = found.iter().map(|found| format!("{}: {}", found.path, found.detail)).collect();
    assert_eq!(found, expected);
}

#[test]
fn clouds_and_subscriptions() {
    for named in ["AzureCloud", "azureusgovernment", "public", "China"] {
        provider_told("environment", named, &[]);
    }
    provider_told(
        "environment",
        "germany",
        &["environment: \"germany\" is not an environment. Write \"public\", \"usgovernment\" or \"china\"."],
    );
    provider_told("subscription_id", "00000000-0000-0000-0000-000000000000", &[]);
    provider_told(
        "subscription_id",
        "my-sub",
        &[
            "subscription_id: \"my-sub\" is not the id of a subscription: the subscription \"my-sub\" is not a GUID. A correct example is \"00000000-0000-0000-0000-000000000000\".",
        ],
    );
}

#[test]
fn addresses() {
    let example = "A correct example is \"https://management.azure.com\".";
    let row = |name: &str, text: &str, sentence: &str| {
        provider_told(name, text, &[&format!("{name}: {sentence}")]);
    };
    row(
        "endpoint",
        "management.azure.com",
        &format!(
            "The endpoint \"management.azure.com\" cannot be used: it is not an absolute URL. {example}"
        ),
    );
    for path in ["/foo", "/subscriptions/00000000-0000-0000-0000-000000000000"] {
        let given = format!("https://management.azure.com{path}");
        let sentence = format!(
            "endpoint is \"{given}\", and the provider adds the path itself. Write \"https://management.azure.com\"."
        );
        row("endpoint", &given, &sentence);
    }
    row(
        "endpoint",
        "https://proxy.example/arm/subscriptions/x",
        "endpoint is \"https://proxy.example/arm/subscriptions/x\", and the provider adds the path itself. Write \"https://proxy.example\".",
    );
    row(
        "authority_host",
        "login.microsoftonline.com",
        "\"login.microsoftonline.com\" is not an absolute URL. A correct example is \"https://login.microsoftonline.com\".",
    );
    row(
        "authority_host",
        "https://login.microsoftonline.com/contoso.onmicrosoft.com",
        "authority_host is \"https://login.microsoftonline.com/contoso.onmicrosoft.com\", and the provider adds the path itself. Write \"https://login.microsoftonline.com\".",
    );
    for right in
        ["https://management.azure.com", "https://management.azure.com/", "https://proxy.example/arm"]
    {
        provider_told("endpoint", right, &[]);
    }
}

/// Returns the warnings of a create of a policy on a cluster with 1.34.9, Thursday at noon.
async fn previewed(policy: Json) -> Vec<String> {
    let azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"");
    azure.wait_until("2026-11-26T12:00:00Z").await;
    let plan = Terraform::policy(&azure, policy).plan().await;
    plan.diagnostics.into_iter().map(|told| format!("{}: {}", told.summary, told.detail)).collect()
}

fn saturdays(edit: Json) -> Json {
    let mut policy = json!({ "kubernetes_version": "1.35", "maintenance_window": [window(json!({}))] });
    policy.as_object_mut().unwrap().extend(edit.as_object().unwrap().clone());
    policy
}

#[tokio::test(start_paused = true)]
async fn what_is_blocked_does_not_begin_with_nothing_to_do() {
    let told = previewed(saturdays(json!({ "kubernetes_version": "1.39" }))).await;
    assert!(told[0].starts_with("Upgrade preview: prod: the upgrade is blocked.\n"), "{told:#?}");
    assert!(
        told[1].starts_with("Upgrade blocked: prod: Azure does not offer 1.39 to this cluster."),
        "{told:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn instants_are_said_in_the_zone_of_the_windows() {
    let azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"");
    let terraform = Terraform::policy(&azure, saturdays(json!({ "min_age": "7d" })));
    terraform.run().await;
    azure.wait(std::time::Duration::from_secs(3600)).await;
    let plan = terraform.plan().await;
    let [blocked] = plan.warnings("Not old enough yet")[..] else { panic!("{:#?}", plan.diagnostics) };
    assert!(blocked.contains(" is younger than min_age until Sun 2026-11-29 10:00 "), "{blocked}");
    assert!(blocked.contains(" Europe/Berlin."), "{blocked}");
}

#[tokio::test(start_paused = true)]
async fn an_active_override_is_named_in_the_preview_and_in_every_plan() {
    let glass =
        json!({ "reason": "CVE-2026-31431", "expires": "2026-12-01T06:00:00Z", "ignore": ["window"] });
    let policy = saturdays(json!({ "override": glass }));
    let told = previewed(policy.clone()).await;
    let named = "An override is active: prod: the override (\"CVE-2026-31431\") ignores window until Tue 2026-12-01 07:00 Europe/Berlin.";
    assert_eq!(told[0], named);
    let azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"");
    azure.wait_until("2026-11-26T12:00:00Z").await;
    let terraform = Terraform::policy(&azure, policy);
    terraform.run().await;
    let plan = terraform.plan().await;
    assert_eq!(plan.only().promised().len(), 3, "the window does not count");
    assert_eq!(plan.warnings("An override is active").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn names_that_no_pool_has_keep_nothing_away_and_are_told() {
    let told = previewed(saturdays(json!({
        "rollout": { "exclude_pools": ["statefull"] },
        "blackout": [{ "from": "2026-12-15", "to": "2027-01-05", "time_zone": "UTC", "node_pools": ["batsch"] }],
    })))
    .await;
    let named = "No pool has this name: prod: There is no pool batsch in this cluster. Correct the name, unless the pool was removed. There is no pool statefull in this cluster. Correct the name, unless the pool was removed. Its pools are system and user.";
    assert!(told.iter().any(|told| told == named), "{told:#?}");
}

/// A list in a list, or a name, from a variable that is empty: what was meant to be named is not.
#[test]
fn empty_groups_and_empty_names() {
    let empty =
        "rollout.pool_order: A list in pool_order is empty; leave it out, or name at least one in it.";
    for order in [json!([[]]), json!([["a"], []])] {
        told(POLICY, json!({ "rollout": { "pool_order": order } }), &[empty]);
    }
    let row = |kind: &str, edit: Json, path: &str| {
        let name = path.rsplit('.').next().unwrap();
        let sentence = format!(
            "{path}: An element of {name} is empty, perhaps a variable without a value. Write a name, or leave the element out."
        );
        told(kind, edit, &[&sentence]);
    };
    for name in ["", " "] {
        row(POLICY, json!({ "rollout": { "pool_order": [["a"], [name]] } }), "rollout.pool_order");
        for list in ["exclude_pools", "include_snapshot_pools"] {
            row(POLICY, json!({ "rollout": { list: [name] } }), &format!("rollout.{list}"));
        }
        row(IMAGE, json!({ "node_pools": [name] }), "node_pools");
        row(POLICY, json!({ "node_image": { "node_pools": [name] } }), "node_image.node_pools");
        let window = window(json!({ "node_pools": [name] }));
        row(POLICY, json!({ "maintenance_window": [window] }), "maintenance_window[0].node_pools");
    }
}

/// Wherever it is written, the name is in `blocked_by`, and nothing is blocked by it.
#[tokio::test(start_paused = true)]
async fn a_name_that_no_pool_has_is_a_reason_of_its_own() {
    let blackout =
        json!({ "from": "2098-12-15", "to": "2098-12-16", "time_zone": "UTC", "node_pools": ["kep"] });
    let windows = [window(json!({})), window(json!({ "node_pools": ["kep"] }))];
    for rule in [
        json!({ "blackout": [blackout] }),
        json!({ "maintenance_window": windows }),
        json!({ "rollout": { "exclude_pools": ["kep"] } }),
        json!({ "rollout": { "pool_order": [["kep"]] } }),
        json!({ "rollout": { "include_snapshot_pools": ["kep"] } }),
    ] {
        for (version, status) in [("1.34.9", "pending"), ("1.35.6", "up_to_date")] {
            let azure = Azure::new(&format!("[[cluster]]\nname = \"prod\"\nversion = \"{version}\""));
            let terraform = Terraform::policy(&azure, saturdays(rule.clone()));
            let create = terraform.plan().await;
            let [preview] = create.warnings("Upgrade preview")[..] else {
                panic!("{:#?}", create.diagnostics)
            };
            assert!(!preview.contains("blocked"), "{preview}");
            terraform.run().await;
            let state = terraform.shown();
            let blocks = state["blocked_by"].as_array().unwrap();
            let gone: Vec<&Json> = blocks.iter().filter(|block| block["code"] == "pool_gone").collect();
            let [gone] = gone[..] else { panic!("{rule} at {version}: {blocks:?}") };
            assert_eq!((&gone["node_pool"], &gone["stops"]), (&json!("kep"), &json!(false)));
            assert_eq!(
                gone["message"],
                "There is no pool kep in this cluster. Correct the name, unless the pool was removed."
            );
            assert_eq!(state["status"], status, "{rule}");
        }
    }
}

/// A variable without a value. An element that is passed over would make the rule another one, or no rule at all.
#[test]
fn nulls_in_lists() {
    let row = |kind: &str, edit: Json, path: &str| {
        let name = path.rsplit('.').next().unwrap();
        told(
            kind,
            edit,
            &[&format!(
                "{path}: An element of {name} is null, perhaps a variable without a value. Give it one, or leave the element out, for example with compact()."
            )],
        );
    };
    let windows = |edit: Json| json!({ "maintenance_window": [window(edit)] });
    for days in [json!(["saturday", null]), json!([null, "saturday"])] {
        row(POLICY, windows(json!({ "days": days })), "maintenance_window[0].days");
    }
    row(POLICY, windows(json!({ "days": [null] })), "maintenance_window[0].days");
    row(
        POLICY,
        windows(json!({ "days": null, "days_of_month": [1, null] })),
        "maintenance_window[0].days_of_month",
    );
    for list in ["applies_to", "node_pools"] {
        row(POLICY, windows(json!({ list: [null] })), &format!("maintenance_window[0].{list}"));
        let blackout =
            json!([{ "from": "2098-12-15", "to": "2098-12-16", "time_zone": "UTC", list: [null] }]);
        row(POLICY, json!({ "blackout": blackout }), &format!("blackout[0].{list}"));
    }
    for list in ["exclude_pools", "include_snapshot_pools"] {
        row(POLICY, json!({ "rollout": { list: [null, "a"] } }), &format!("rollout.{list}"));
    }
    row(POLICY, json!({ "rollout": { "pool_order": [[null]] } }), "rollout.pool_order");
    row(POLICY, json!({ "exclude_versions": [null] }), "exclude_versions");
    row(IMAGE, json!({ "node_pools": [null] }), "node_pools");
    row(POLICY, json!({ "node_image": { "node_pools": [null] } }), "node_image.node_pools");
    let glass = json!({ "reason": "CHG0042", "expires": "2026-12-01T06:00:00Z", "ignore": ["window", null] });
    row(POLICY, json!({ "override": glass }), "override.ignore");
}
