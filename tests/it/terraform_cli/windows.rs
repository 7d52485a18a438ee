//! What a plan promises, and how an apply keeps it, in and out of the window.

use serde_json::json;

use super::stage::{CLUSTER, ONE_MINOR, POLICY, SATURDAY, Stage, THURSDAY, TOO_LATE};

const POLICY_ADDRESS: &str = "aks_upgrade_policy.prod";
const IMAGE_ADDRESS: &str = "aks_node_image.prod";

const IMAGES: &str = r#"
  cluster_id         = local.prod
  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "4h"
    time_zone = "Europe/Berlin"
  }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn outside_the_window_a_plan_is_empty_and_says_when() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    let plan = stage.plan().await;
    plan.is_empty().says("Warning: Upgrade deferred to the next maintenance window").says(
        "prod: 4 steps, first the control plane 1.34.4 -> 1.35.6. No window for the control plane is open; the \
         next one opens at Sat 2026-11-28 02:00 Europe/Berlin.",
    );
    let state = stage.state(POLICY_ADDRESS).await;
    assert_eq!(state["status"], "pending");
    assert_eq!(state["target_version"], "1.35.6");
    assert_eq!(state["next_window"], json!({"start": "2026-11-28T01:00:00Z", "end": "2026-11-28T05:00:00Z"}));
    assert_eq!(stage.codes(POLICY_ADDRESS).await, ["os_changes"], "time alone is no reason");
    assert_eq!(
        state["steps"],
        json!({
            "01 control plane": "1.34.4 to 1.35.6",
            "02 pool system": "1.34.4 to 1.35.6",
            "03 pool batch": "1.34.4 to 1.35.6",
            "04 pool shop": "1.34.4 to 1.35.6",
        })
    );
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn inside_the_window_a_plan_promises_and_the_apply_keeps_it() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    stage.clock(SATURDAY);
    stage.plan().await.acts().says("\"1.34.4\" -> \"1.35.6\"");
    let planned = stage.planned(POLICY_ADDRESS).await;
    assert_eq!(planned["current_version"], "1.35.6");
    assert_eq!(planned["steps"]["04 pool shop"], "1.34.4 to 1.35.6, done");
    for pool in ["system", "batch", "shop"] {
        assert_eq!(planned["node_pools"][pool]["current_version"], "1.35.6");
    }
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR);
    let state = stage.state(POLICY_ADDRESS).await;
    assert_eq!(state["status"], "up_to_date");
    assert_eq!(state["current_version"], "1.35.6");
    stage.plan().await.is_empty().keeps_quiet_about("deferred");
    assert_eq!(stage.writes(), ONE_MINOR, "a second plan writes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_write_happens_outside_the_window() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    stage.apply().await.succeeds();
    stage.clock(SATURDAY);
    stage.apply().await.succeeds();
    let instant = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let (opens, closes) = (instant("2026-11-28T01:00:00Z"), instant("2026-11-28T05:00:00Z"));
    for entry in stage.azure.log().iter().filter(|entry| entry.write) {
        assert!(opens <= entry.at && entry.at < closes, "{} {} at {}", entry.method, entry.path, entry.at);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_fits_into_the_window_is_promised() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    stage.clock("2026-11-28T04:30:00Z");
    stage.plan().await.acts();
    let planned = stage.planned(POLICY_ADDRESS).await;
    assert_eq!(planned["current_version"], "1.35.6");
    assert_eq!(planned["node_pools"]["system"]["current_version"], "1.35.6");
    assert_eq!(planned["steps"]["02 pool system"], "1.34.4 to 1.35.6, done");
    assert_eq!(planned["steps"]["03 pool batch"], "1.34.4 to 1.35.6");
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR[..2]);
    stage.clock("2026-12-05T01:10:00Z");
    stage.apply().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR, "the next window does the rest");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_plan_is_refused_after_its_window_closed() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    stage.clock(SATURDAY);
    stage.plan().await.acts();
    stage.clock(TOO_LATE);
    stage.apply_saved().await.fails().says("Error: Outside the maintenance window").says(
        "The window for the control plane closed at Sat 2026-11-28 06:00 Europe/Berlin; the next one opens at Sat \
         2026-12-05 02:00 Europe/Berlin. Nothing was changed",
    );
    assert_eq!(stage.writes(), [""; 0]);
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn fail_plans_for_review_and_applies_in_the_window_only() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    stage.policy(&format!("{POLICY}\n  outside_window = \"fail\""));
    stage.plan().await.acts();
    assert_eq!(stage.planned(POLICY_ADDRESS).await["current_version"], "1.35.6");
    let refused = stage.apply_saved().await;
    refused.fails().says("the next one opens at Sat 2026-11-28 02:00 Europe/Berlin").says(
        "A saved plan is used up by an apply, this one too: plan again, let it be approved again, and apply inside the window.",
    );
    assert_eq!(stage.writes(), [""; 0]);
    stage.plan().await.acts();
    stage.clock(SATURDAY);
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR);
}

#[tokio::test(flavor = "multi_thread")]
async fn wait_lets_the_apply_wait_for_the_opening() {
    let stage = Stage::of(&CLUSTER.replace("tick = \"30s\"", "tick = \"2m\"")).await;
    stage.policy(POLICY).apply().await.succeeds();
    stage.policy(&format!("{POLICY}\n  outside_window = \"wait\""));
    stage.clock("2026-11-27T22:00:00Z");
    stage.plan().await.acts();
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR);
    let first = stage.azure.log().into_iter().find(|entry| entry.write).unwrap();
    assert!(first.at >= "2026-11-28T01:00:00Z".parse().unwrap(), "{}", first.at);
}

#[tokio::test(flavor = "multi_thread")]
async fn wait_does_not_wait_longer_than_its_timeout() {
    let stage = Stage::at(THURSDAY).await;
    let run = stage.policy(&format!("{POLICY}\n  outside_window = \"wait\"")).up().await;
    run.fails().says("Error: The window opens too late for this apply").says("Nothing was changed");
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_inside_the_window_adopts_and_says_so() {
    let stage = Stage::at(SATURDAY).await;
    stage.policy(POLICY).plan().await.acts().says("Warning: Upgrade preview").says(
        "prod: 4 steps are pending. This create starts nothing; the next plan promises them. 01 control plane: \
         1.34.4 to 1.35.6, about 10m 02 pool system: 1.34.4 to 1.35.6, about",
    );
    stage.apply_saved().await.succeeds().says("Warning: Adopted, not upgraded yet");
    assert_eq!(stage.writes(), [""; 0]);
    stage.plan().await.acts();
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR);
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_minors_finish_one_before_the_next() {
    let stage = Stage::at(SATURDAY).await;
    stage.policy(&POLICY.replace("1.35", "1.36")).up().await.succeeds();
    let versions: Vec<String> =
        stage.writes().iter().map(|write| write.rsplit(' ').next().unwrap_or_default().to_owned()).collect();
    assert_eq!(versions[..4], ["1.35.6"; 4]);
    assert!(versions[4..].iter().all(|version| version.starts_with("1.36.")) && versions.len() == 8);
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_cluster_is_satisfied() {
    let stage = Stage::at(SATURDAY).await;
    stage.policy(&POLICY.replace("\"1.35\"", "\"1.34.1\"")).apply().await.succeeds();
    assert_eq!(stage.state(POLICY_ADDRESS).await["status"], "up_to_date");
    stage.plan().await.is_empty();
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn node_images_go_to_the_latest_and_the_plan_names_it() {
    let stage = Stage::at(THURSDAY).await;
    stage.images(IMAGES).apply().await.succeeds();
    stage.plan().await.is_empty().says("Upgrade deferred");
    let shop = stage.state(IMAGE_ADDRESS).await["images"]["shop"].clone();
    let latest = shop["latest"].clone();
    let version = |image: &serde_json::Value| image.as_str().unwrap().rsplit('-').next().unwrap().to_owned();
    let line = format!("{} to {}, done", version(&shop["current"]), version(&latest));
    stage.clock(SATURDAY);
    stage.plan().await.acts();
    let planned = stage.planned(IMAGE_ADDRESS).await;
    assert_eq!(planned["steps"]["03 image shop"], line);
    assert_eq!(
        planned["images"]["shop"]["current"],
        serde_json::Value::Null,
        "a fact, known after the apply"
    );
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ["POST prod/system image", "POST prod/batch image", "POST prod/shop image"]);
    assert_eq!(stage.state(IMAGE_ADDRESS).await["images"]["shop"]["current"], latest);
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_moved_on_is_refused_before_the_pool_is_touched() {
    let publish = "\n[[publish]]\nat = \"2026-11-28T01:30:00Z\"\nimage = \"AKSUbuntu-2204gen2containerd-202611.27.0\"\n";
    let stage = Stage::of(&format!("{CLUSTER}{publish}")).await;
    stage.images(IMAGES).apply().await.succeeds();
    stage.clock(SATURDAY);
    stage.plan().await.acts();
    stage.clock("2026-11-28T01:40:00Z");
    stage.apply_saved().await.fails().says("Error: The plan no longer holds").says("202611.27.0");
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_and_its_images_compose() {
    let stage = Stage::at(THURSDAY).await;
    stage.main(&format!(
        "resource \"aks_upgrade_policy\" \"prod\" {{{POLICY}}}\nresource \"aks_node_image\" \"prod\" {{{IMAGES}\n  depends_on = [aks_upgrade_policy.prod]\n}}"
    ));
    stage.apply().await.succeeds();
    stage.clock(SATURDAY);
    stage.apply().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR, "the version steps moved the images; no pool is drained twice");
    stage.plan().await.is_empty();
}

/// The policy's steps bring an image that was published after the plan of the images was made.
#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_the_policy_moved_on_its_way_is_the_one_that_the_state_shows() {
    let (planned, published) =
        ("AKSUbuntu-2204gen2containerd-202611.16.0", "AKSUbuntu-2204gen2containerd-202611.23.0");
    let publish = format!("\n[[publish]]\nat = \"2026-11-28T04:00:00Z\"\nimage = \"{published}\"\n");
    // One image family, whatever the version.
    let stage = Stage::of(&format!("{CLUSTER}{publish}")).await;
    let window = "  maintenance_window {\n    days      = [\"saturday\"]\n    start     = \"00:00\"\n    duration  = \"1d\"\n    time_zone = \"UTC\"\n  }\n";
    stage.main(&format!(
        "resource \"aks_upgrade_policy\" \"prod\" {{\n  cluster_id         = local.prod\n  kubernetes_version = \"1.34\"\n{window}}}\nresource \"aks_node_image\" \"prod\" {{\n  cluster_id = local.prod\n  depends_on = [aks_upgrade_policy.prod]\n{window}}}\n"
    ));
    stage.apply().await.succeeds();
    stage.clock("2026-11-28T03:50:00Z");
    stage.plan().await.acts().says(&format!("to {}, done", planned.rsplit('-').next().unwrap()));
    stage.clock("2026-11-28T04:10:00Z");
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes().len(), 4, "no pool is drained twice: {:?}", stage.writes());
    let state = stage.state(IMAGE_ADDRESS).await;
    for pool in stage.body()["properties"]["agentPoolProfiles"].as_array().unwrap() {
        let name = pool["name"].as_str().unwrap();
        assert_eq!(pool["nodeImageVersion"], published);
        assert_eq!(state["images"][name]["current"], published);
    }
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn fail_promises_no_more_than_the_next_window_holds() {
    let stage = Stage::at(THURSDAY).await;
    let short = POLICY.replace("4h", "30m");
    stage.policy(&short).apply().await.succeeds();
    stage.policy(&format!("{short}  outside_window = \"fail\"\n")).plan().await.acts();
    let planned = stage.planned(POLICY_ADDRESS).await;
    assert_eq!(planned["current_version"], "1.35.6");
    assert_eq!(planned["steps"]["02 pool system"], "1.34.4 to 1.35.6, done");
    assert_eq!(planned["steps"]["03 pool batch"], "1.34.4 to 1.35.6");
    stage.clock("2026-11-28T01:01:00Z");
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR[..2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_outside_the_window_with_fail_adopts() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(&format!("{POLICY}  outside_window = \"fail\"\n"));
    stage.plan().await.acts().says(
        "The first window is from Sat 2026-11-28 02:00 Europe/Berlin to Sat 2026-11-28 06:00 Europe/Berlin.",
    );
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.state(POLICY_ADDRESS).await["status"], "pending");
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_holds_no_step_is_told_at_plan() {
    let stage = Stage::at(THURSDAY).await;
    let (warning, why) = ("Warning: The work fits into no window", "is 15m, and pool shop needs 21m.");
    let short = POLICY.replace("4h", "15m");
    stage.policy(&short).plan().await.acts().says(warning).says(why);
    stage.policy(POLICY).apply().await.succeeds();
    stage.policy(&short).plan().await.acts().says(warning).says(why);
    stage.apply_saved().await.succeeds();
    assert!(stage.codes(POLICY_ADDRESS).await.contains(&"fits_nowhere".to_owned()));
    assert_eq!(stage.writes(), [""; 0]);
}

/// Windows for other work, or for other pools: nothing of the upgrade is ever possible, which is no matter of time.
#[tokio::test(flavor = "multi_thread")]
async fn windows_that_never_hold_the_work_block_it_and_say_what_is_not_possible() {
    for limit in ["applies_to = [\"patch\"]", "node_pools = [\"batch\"]"] {
        // On the newest patch.
        let stage = Stage::of(&CLUSTER.replace("1.34.4", "1.34.9")).await;
        stage.clock(THURSDAY);
        let parts = if limit.starts_with("node_pools") {
            "the control plane, pool system and pool shop"
        } else {
            "the control plane, pool system, pool batch and pool shop"
        };
        let why = format!(
            "No window ever opens for minor work on {parts}: change a maintenance_window, a blackout, their applies_to or their node_pools."
        );
        let policy = POLICY.replace("duration  = \"4h\"", &format!("duration  = \"4h\"\n    {limit}"));
        let plan = stage.policy(&policy).plan().await;
        plan.acts()
            .says("prod: 4 steps are pending, and no window ever holds the first one.")
            .says("Warning: The work fits into no window")
            .says(&why);
        assert_eq!(plan.text.matches("No window ever opens").count(), 1, "{}", plan.text);
        stage.apply_saved().await.succeeds();
        let state = stage.state(POLICY_ADDRESS).await;
        assert_eq!(state["status"], "blocked", "{limit}");
        let blocks = state["blocked_by"].as_array().unwrap();
        let told: Vec<&serde_json::Value> =
            blocks.iter().filter(|block| block["code"] == "fits_nowhere").collect();
        assert_eq!(told.len(), 1, "{blocks:#?}");
        assert_eq!((&told[0]["message"], &told[0]["node_pool"]), (&json!(why), &json!(null)));
        stage.clock(SATURDAY);
        stage.plan().await.is_empty().says(&why);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cutoff_leaves_the_end_of_the_window_alone() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(&format!("{POLICY}  cutoff = \"1h\"\n")).apply().await.succeeds();
    stage.clock("2026-11-28T03:50:00Z");
    stage.plan().await.acts();
    stage.clock("2026-11-28T04:00:01Z");
    stage.plan().await.is_empty().says(
        "The window closes at Sat 2026-11-28 06:00 Europe/Berlin, and the control plane needs 1h of it; the next \
         window opens at Sat 2026-12-05 02:00 Europe/Berlin.",
    );
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_for_patches_lets_no_minor_through() {
    let stage = Stage::at(SATURDAY).await;
    let patches = POLICY
        .replace("duration  = \"4h\"", "duration  = \"4h\"\n    applies_to = [\"patch\", \"node_image\"]");
    stage.policy(&patches.replace("1.35", "1.34")).up().await.succeeds();
    assert_eq!(stage.writes().len(), 4);
    stage.policy(&patches).plan().await.says("Warning: The work fits into no window");
    let weekly = POLICY.split("1.35\"").nth(1).unwrap().replace("saturday", "sunday");
    let weekly = weekly.replace("duration  =", "applies_to = [\"minor\"]\n    duration  =");
    stage.policy(&format!("{patches}{weekly}")).apply().await.succeeds();
    stage.plan().await.is_empty().says("the next one opens at Sun 2026-11-29 02:00 Europe/Berlin");
    assert_eq!(stage.writes().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn that_it_is_always_open_has_to_be_said() {
    let stage = Stage::at(THURSDAY).await;
    let free = "  cluster_id = local.prod\n  kubernetes_version = \"1.35\"\n";
    stage
        .policy(free)
        .validate()
        .await
        .fails()
        .says("Error: A maintenance window is needed")
        .says("Write one, or always_open = true if it may start at any time.");
    stage.policy(&format!("{free}  always_open = true\n")).plan().await.acts();
    stage.apply_saved().await.succeeds();
    stage.apply().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR);
    assert_eq!(stage.state(POLICY_ADDRESS).await["next_window"], serde_json::Value::Null);
    stage.plan().await.is_empty();
}

/// A pool whose window is open does not wait for the window of another one, and the numbers are the order of the apply.
#[tokio::test(flavor = "multi_thread")]
async fn each_pool_has_its_own_hours() {
    let window = |days: &str, pools: &str| {
        format!(
            "  maintenance_window {{\n    days       = [\"{days}\"]\n    start      = \"10:00\"\n    duration   = \"4h\"\n    time_zone  = \"UTC\"\n    node_pools = [{pools}]\n  }}\n"
        )
    };
    let windows = window("all", "\"batch\", \"shop\"") + &window("saturday", "\"system\"");
    let step = |part: &str, done: &str| (part.to_owned(), json!(format!("202610.19.0 to 202611.16.0{done}")));
    let map = |done: [&str; 3]| {
        let parts = ["01 image batch", "02 image shop", "03 image system"];
        json!(parts.iter().zip(done).map(|(part, done)| step(part, done)).collect::<serde_json::Map<_, _>>())
    };
    let tuesday = CLUSTER.replace("2026-11-26T12:00:00Z", "2026-11-24T08:00:00Z");
    let stage = Stage::of(&tuesday).await;
    stage.images(&format!("  cluster_id = local.prod\n{windows}")).apply().await.succeeds();
    assert_eq!(stage.state(IMAGE_ADDRESS).await["steps"], map(["", "", ""]));
    assert_eq!(stage.state(IMAGE_ADDRESS).await["next_window"]["start"], "2026-11-24T10:00:00Z");
    stage.clock("2026-11-25T10:30:00Z");
    stage.plan().await.acts();
    assert_eq!(stage.planned(IMAGE_ADDRESS).await["steps"], map([", done", ", done", ""]));
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ["POST prod/batch image", "POST prod/shop image"]);
    stage.plan().await.is_empty().says("1 step, pool system");

    // On a Saturday all three may go, in their order, and that is what the plan numbers.
    let saturday = json!({
        "01 image system": "202610.19.0 to 202611.16.0, done",
        "02 image batch": "202610.19.0 to 202611.16.0, done",
        "03 image shop": "202610.19.0 to 202611.16.0, done",
    });
    let stage = Stage::of(&tuesday).await;
    stage.images(&format!("  cluster_id = local.prod\n{windows}")).apply().await.succeeds();
    stage.clock("2026-11-28T10:10:00Z");
    stage.plan().await.acts();
    assert_eq!(stage.planned(IMAGE_ADDRESS).await["steps"], saturday);
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes()[0], "POST prod/system image");
    assert_eq!(stage.state(IMAGE_ADDRESS).await["steps"], saturday);
    stage.plan().await.is_empty();

    // An order that somebody wrote is kept.
    let stage = Stage::of(&tuesday).await;
    let ordered = "  rollout {\n    pool_order = [[\"system\"], [\"batch\", \"shop\"]]\n  }\n";
    stage.images(&format!("  cluster_id = local.prod\n{windows}{ordered}")).apply().await.succeeds();
    stage.clock("2026-11-25T10:30:00Z");
    stage.plan().await.is_empty().says("first pool system");
}

#[tokio::test(flavor = "multi_thread")]
async fn images_outside_the_window_with_wait_are_promised_too() {
    let stage = Stage::of(&CLUSTER.replace("tick = \"30s\"", "tick = \"2m\"")).await;
    stage.images(IMAGES).apply().await.succeeds();
    stage.images(&format!("{IMAGES}  outside_window = \"wait\"\n"));
    stage.clock("2026-11-28T00:30:00Z");
    stage.plan().await.acts();
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ["POST prod/system image", "POST prod/batch image", "POST prod/shop image"]);
    let first = stage.azure.log().into_iter().find(|entry| entry.write).unwrap();
    assert!(first.at >= "2026-11-28T01:00:00Z".parse().unwrap(), "{}", first.at);
}
