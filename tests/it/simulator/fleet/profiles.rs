//! Auto-upgrade profiles: a run for each new version.

use serde_json::{Value, json};

use super::{Fleet, word};

fn runs(fleet: &mut Fleet) -> Vec<String> {
    let body = fleet.ask("GET", "/updateRuns", Value::Null).expect(200).body;
    let shown = |run: &Value| {
        let (name, p) = (word(&run["name"]), &run["properties"]);
        let stem = name.rsplit_once('-').unwrap().0;
        format!("{stem} {}", word(&p["status"]["status"]["state"]))
    };
    body["value"].as_array().unwrap().iter().map(shown).collect()
}

#[test]
fn a_new_version_begins_a_run_and_an_old_one_none() {
    let mut fleet = Fleet::new("[[publish]]\nat = \"2026-11-23T00:00:00Z\"\nversion = \"1.35.99\"\n");
    let target =
        json!({ "properties": { "channel": "TargetKubernetesVersion", "targetKubernetesVersion": "1.35" } });
    fleet.ask("PUT", "/autoUpgradeProfiles/keep", target).expect(201);
    fleet.minutes(12 * 60);
    assert_eq!(runs(&mut fleet), [""; 0]);
    fleet.minutes(4 * 60);
    assert_eq!(runs(&mut fleet), ["auto-keep-targetkubernetesversion-1-35-99 Running"]);
    let status = fleet.ask("GET", "/autoUpgradeProfiles/keep", Value::Null).body["properties"]["autoUpgradeProfileStatus"].clone();
    assert_eq!(
        (&status["lastTriggerStatus"], &status["lastTriggerUpgradeVersions"]),
        (&json!("Succeeded"), &json!(["1.35.99"]))
    );
    fleet.minutes(24 * 60);
    assert_eq!(fleet.cluster("three"), "Succeeded 1.35.99 [\"1.35.99\", \"1.35.99\"]");
}

/// A run begins when its version comes, however rarely somebody looks, and the eTag is that of its last change.
#[test]
fn a_run_that_a_profile_makes_begins_at_its_own_instant() {
    let image = "AKSUbuntu-2204gen2containerd-202611.30.0";
    let seen = |steps: &[i64]| {
        let publish = format!("[[publish]]\nat = \"2026-11-23T00:00:00Z\"\nimage = \"{image}\"\n");
        let mut fleet = Fleet::new(&publish);
        let images = json!({ "properties": { "channel": "NodeImage" } });
        fleet.ask("PUT", "/autoUpgradeProfiles/images", images).expect(201);
        for minutes in steps {
            fleet.minutes(*minutes);
            fleet.0.world.advance(fleet.0.now);
        }
        fleet.ask("GET", "/updateRuns", Value::Null).expect(200).body["value"][0].clone()
    };
    let run = seen(&[24 * 60]);
    assert_eq!(run["properties"]["status"]["status"]["startTime"], "2026-11-23T00:00:00Z");
    for steps in [[12 * 60, 12 * 60], [16 * 60, 8 * 60], [23 * 60, 60]] {
        assert_eq!(seen(&steps), run, "{steps:?}");
    }
}

#[test]
fn a_profile_that_is_disabled_begins_none_and_makes_one_on_request() {
    let mut fleet = Fleet::new(
        "[[publish]]\nat = \"2026-11-23T00:00:00Z\"\nimage = \"AKSUbuntu-2204gen2containerd-202611.30.0\"\n",
    );
    let images = json!({ "properties": { "channel": "NodeImage", "disabled": true } });
    fleet.ask("PUT", "/autoUpgradeProfiles/images", images).expect(201);
    fleet.minutes(24 * 60);
    assert_eq!(runs(&mut fleet), [""; 0]);
    for _ in 0..2 {
        let made =
            fleet.ask("POST", "/autoUpgradeProfiles/images/generateUpdateRun", Value::Null).expect(200);
        assert!(word(&made.body["id"]).contains("/fleets/all/updateRuns/auto-images-nodeimage-"));
    }
    assert_eq!(runs(&mut fleet), ["auto-images-nodeimage NotStarted"], "the same goal is the same run");
}

/// No cluster skips a minor version, and those that need not go on (docs: concepts-auto-upgrade).
#[test]
fn a_cluster_more_than_a_minor_away_is_passed_by() {
    let mut fleet = Fleet::new("[[cluster]]\nname = \"old\"\nversion = \"1.33.8\"\n");
    let old = format!("{}/managedClusters/old", super::GROUP);
    fleet.ask("PUT", "/members/old", json!({ "properties": { "clusterResourceId": old } })).expect(201);
    fleet.minutes(5);
    let target =
        json!({ "properties": { "channel": "TargetKubernetesVersion", "targetKubernetesVersion": "1.35" } });
    fleet.ask("PUT", "/autoUpgradeProfiles/up", target).expect(201);
    let made = fleet.ask("POST", "/autoUpgradeProfiles/up/generateUpdateRun", Value::Null).expect(200).body;
    let run = word(&made["id"]).rsplit('/').next().unwrap().to_owned();
    fleet.ask("POST", &format!("/updateRuns/{run}/start"), Value::Null).expect(200);
    fleet.minutes(24 * 60);
    let status =
        fleet.ask("GET", &format!("/updateRuns/{run}"), Value::Null).body["properties"]["status"].clone();
    let states: Vec<&str> = super::members(&status).map(|member| word(&member["status"]["state"])).collect();
    assert_eq!(states, ["Completed", "Completed", "Completed", "Skipped"]);
    assert_eq!(fleet.cluster("old"), "Succeeded 1.33.8 [\"1.33.8\", \"1.33.8\"]");
}

/// A profile of images chooses as it says.
#[test]
fn a_profile_of_images_chooses_as_it_says() {
    for (selection, chosen) in [(Value::Null, "Consistent"), (json!({ "type": "Latest" }), "Latest")] {
        let mut fleet = Fleet::new("");
        let profile = json!({ "properties": { "channel": "NodeImage", "nodeImageSelection": selection } });
        fleet.ask("PUT", "/autoUpgradeProfiles/images", profile).expect(201);
        fleet.ask("POST", "/autoUpgradeProfiles/images/generateUpdateRun", Value::Null).expect(200);
        let run = fleet.ask("GET", "/updateRuns", Value::Null).body["value"][0].clone();
        assert_eq!(run["properties"]["managedClusterUpdate"]["nodeImageSelection"]["type"], chosen);
    }
}

/// A Fleet without a hub can get one (docs: upgrade-hub-cluster-type), and keeps it.
#[test]
fn a_fleet_gets_a_hub() {
    let mut fleet = Fleet::new("");
    let hub = |prefix: &str| json!({ "location": "westeurope", "properties": { "hubProfile": { "dnsPrefix": prefix } } });
    fleet.ask("PUT", "", hub("all")).expect(200);
    fleet.minutes(5);
    let shown = fleet.ask("GET", "", Value::Null).body["properties"]["hubProfile"].clone();
    assert!(word(&shown["fqdn"]).starts_with("all-"), "{shown}");
    let refusal = fleet.ask("PUT", "", hub("other")).refusal();
    assert!(
        refusal.starts_with("400 InvalidParameter: The value of parameter hubProfile.dnsPrefix"),
        "{refusal}"
    );
}
