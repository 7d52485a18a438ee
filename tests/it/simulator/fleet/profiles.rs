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
