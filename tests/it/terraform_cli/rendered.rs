//! What a reviewer reads: plans as Terraform prints them, in every situation.

use std::fmt::Write;

use insta::assert_snapshot;

use super::stage::{CLUSTER, POLICY, SATURDAY, Stage, THURSDAY};

/// A policy that was adopted on Thursday.
async fn adopted(scenario: &str, policy: &str) -> Stage {
    let stage = Stage::of(scenario).await;
    stage.clock(THURSDAY);
    stage.policy(policy).apply().await.succeeds();
    stage
}

#[tokio::test(flavor = "multi_thread")]
async fn create() {
    let stage = Stage::at(THURSDAY).await;
    assert_snapshot!(stage.policy(POLICY).plan().await.rendered());
}

#[tokio::test(flavor = "multi_thread")]
async fn defer() {
    let stage = adopted(CLUSTER, POLICY).await;
    assert_snapshot!(stage.plan().await.rendered());
}

#[tokio::test(flavor = "multi_thread")]
async fn acting() {
    let stage = adopted(CLUSTER, POLICY).await;
    stage.clock(SATURDAY);
    assert_snapshot!(stage.plan().await.rendered());
}

#[tokio::test(flavor = "multi_thread")]
async fn partial() {
    let stage = adopted(CLUSTER, POLICY).await;
    stage.clock("2026-11-28T04:30:00Z");
    assert_snapshot!(stage.plan().await.rendered());
}

#[tokio::test(flavor = "multi_thread")]
async fn raised_in_the_window() {
    let stage = adopted(CLUSTER, &POLICY.replace("1.35", "1.34")).await;
    stage.clock(SATURDAY);
    stage.apply().await.succeeds();
    stage.clock("2026-11-28T03:00:00Z");
    assert_snapshot!(stage.policy(POLICY).plan().await.rendered());
}

#[tokio::test(flavor = "multi_thread")]
async fn import() {
    let stage = Stage::at(SATURDAY).await;
    stage.file("import.tf", "import {\n  to = aks_upgrade_policy.prod\n  id = local.prod\n}\n");
    assert_snapshot!(stage.policy(POLICY).plan().await.rendered());
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_cluster() {
    let old = CLUSTER.replace("1.34.4", "1.32.9").replace("2026-11-26T12:00:00Z", THURSDAY);
    let policy = format!(
        "{}  rollout {{\n    soak          = \"30m\"\n    whole_cluster = true\n  }}\n",
        POLICY.replace("1.35", "1.34")
    );
    let stage = adopted(&old, &policy).await;
    stage.clock(SATURDAY);
    assert_snapshot!(stage.plan().await.rendered());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_owners() {
    let on = "version = \"1.34.4\"\nupgrade_channel = \"patch\"";
    let stage = adopted(&CLUSTER.replace("version = \"1.34.4\"", on), POLICY).await;
    stage.clock(SATURDAY);
    assert_snapshot!(stage.plan().await.rendered());
}

/// A policy, and node images of the same cluster that somebody else keeps: whichever is planned later says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_beside_node_images() {
    let images: Vec<&str> = POLICY.lines().filter(|line| !line.contains("kubernetes_version")).collect();
    let stage = Stage::at(THURSDAY).await;
    stage.main(&format!(
        "resource \"aks_upgrade_policy\" \"prod\" {{{POLICY}}}\nresource \"aks_node_image\" \"prod\" {{\n  depends_on = [aks_upgrade_policy.prod]{}\n}}\n",
        images.join("\n")
    ));
    stage.apply().await.succeeds();
    stage.clock(SATURDAY);
    assert_snapshot!(stage.plan().await.rendered());
}

#[tokio::test(flavor = "multi_thread")]
async fn planned_for_the_next_window() {
    let stage = adopted(CLUSTER, &format!("{POLICY}  outside_window = \"fail\"\n")).await;
    assert_snapshot!(stage.plan().await.rendered());
}

#[tokio::test(flavor = "multi_thread")]
async fn overridden() {
    let glass = "  override {\n    reason  = \"CVE-2026-31431\"\n    expires = \"2026-11-27T00:00:00Z\"\n    ignore  = [\"window\"]\n  }\n";
    let stage = adopted(CLUSTER, POLICY).await;
    assert_snapshot!(stage.policy(&format!("{POLICY}{glass}")).plan().await.rendered());
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_clusters() {
    let mut scenario = "[clock]\nstart = \"2026-11-26T12:00:00Z\"\n".to_owned();
    for number in 1..=30 {
        write!(scenario, "[[cluster]]\nname = \"c{number:02}\"\nversion = \"1.34.4\"\n").unwrap();
    }
    let stage = Stage::of(&scenario).await;
    stage.main(&of_thirty());
    stage.apply().await.succeeds();
    let plan = stage.plan().await;
    // Which of the thirty is shown is Terraform's choice.
    plan.is_empty().says("(and 29 more similar warnings elsewhere)");
    assert_eq!(plan.text.matches("Warning: Upgrade deferred to the next maintenance window").count(), 1);
    let rendered = plan.rendered();
    let name = rendered.split('"').find(|text| text.len() == 3 && text.starts_with('c')).unwrap();
    // Terraform's own warning about a development build aside, there is no other.
    assert_snapshot!(rendered.replace(name, "cNN"));
}

/// Of thirty clusters three need a person: Terraform shows one warning of a summary, and each of theirs has its own.
#[tokio::test(flavor = "multi_thread")]
async fn three_of_thirty_clusters_need_a_person() {
    let mut scenario = "[clock]\nstart = \"2026-11-26T12:00:00Z\"\n".to_owned();
    for number in 1..=30 {
        let more = match number {
            7 => "state = \"Failed\"\n",
            11 => "power = \"Stopped\"\n",
            23 => "upgrade_channel = \"patch\"\n",
            _ => "",
        };
        write!(scenario, "[[cluster]]\nname = \"c{number:02}\"\nversion = \"1.34.4\"\n{more}").unwrap();
    }
    let stage = Stage::of(&scenario).await;
    stage.main(&of_thirty()).apply().await.succeeds();
    let plan = stage.plan().await;
    plan.is_empty().says("(and 26 more similar warnings elsewhere)");
    let rendered = plan.rendered();
    let mut warnings: Vec<&str> = rendered.split("Warning: ").skip(1).map(str::trim).collect();
    warnings.sort_unstable();
    let deferred = warnings.iter().find(|warning| warning.starts_with("Upgrade deferred")).unwrap();
    let name = deferred.split('"').find(|text| text.len() == 3 && text.starts_with('c')).unwrap();
    assert_snapshot!(warnings.join("\n\n").replace(name, "cNN"));
}

/// Policies for the clusters c01 to c30.
fn of_thirty() -> String {
    let each = POLICY.replace(
        "local.prod",
        "\"${local.group}/providers/Microsoft.ContainerService/managedClusters/${each.key}\"",
    );
    format!(
        "resource \"aks_upgrade_policy\" \"all\" {{\n  for_each = toset([for number in range(1, 31) : format(\"c%02d\", number)])\n{each}\n}}\n"
    )
}

/// Windows of two kinds of work, one of them open.
#[tokio::test(flavor = "multi_thread")]
async fn two_kinds_of_windows() {
    let nightly = "  node_image {}\n  maintenance_window {\n    days       = [\"all\"]\n    start      = \"10:00\"\n    duration   = \"4h\"\n    time_zone  = \"UTC\"\n    applies_to = [\"node_image\"]\n  }\n";
    let stage = adopted(CLUSTER, &format!("{POLICY}{nightly}")).await;
    assert_snapshot!(stage.plan().await.rendered());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_pool() {
    let failed = CLUSTER.replacen("count = 2", "count = 2\nstate = \"Failed\"", 1);
    assert_snapshot!(adopted(&failed, POLICY).await.plan().await.rendered());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_pool() {
    let stopped = CLUSTER.replacen("count = 2", "count = 2\npower = \"Stopped\"", 1);
    assert_snapshot!(adopted(&stopped, POLICY).await.plan().await.rendered());
}

/// Everything that a saved plan holds, the instant at which it was made aside.
async fn saved(stage: &Stage) -> serde_json::Value {
    stage.plan().await;
    let mut shown = stage.json(&["show", "-json", "plan"]).await;
    shown.as_object_mut().unwrap().remove("timestamp");
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_plan_twice_is_the_same_plan() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY);
    assert_eq!(saved(&stage).await, saved(&stage).await);
    stage.apply().await.succeeds();
    for clock in ["2026-11-27T12:00:00Z", SATURDAY, "2026-11-28T04:36:00Z"] {
        stage.clock(clock);
        assert_eq!(saved(&stage).await, saved(&stage).await);
    }
}

/// A window that holds two of a hundred steps: what is left is counted, and of many the first are named.
#[tokio::test(flavor = "multi_thread")]
async fn partial_of_a_hundred() {
    let stage = adopted(&of_steps(100), POLICY).await;
    stage.clock("2026-11-28T04:40:00Z");
    let plan = stage.plan().await;
    let rendered = plan.acts().rendered();
    let (_, warnings) = rendered.split_once("Plan: 0 to add").unwrap();
    assert_snapshot!(warnings);
}

/// A cluster that takes so many steps.
fn of_steps(steps: usize) -> String {
    let mut scenario =
        "[clock]\nstart = \"2026-11-26T12:00:00Z\"\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.4\"\n"
            .to_owned();
    for number in 1..steps {
        let mode = if number == 1 { "System" } else { "User" };
        write!(scenario, "[[cluster.pool]]\nname = \"p{number}\"\nmode = \"{mode}\"\ncount = 1\n").unwrap();
    }
    scenario
}

/// Returns the lines of `steps` in a plan that acts, for a cluster with so many steps.
async fn lines(steps: usize) -> Vec<String> {
    let stage = Stage::of(&of_steps(steps)).await;
    let policy =
        "  cluster_id         = local.prod\n  kubernetes_version = \"1.35\"\n  always_open        = true\n";
    stage.policy(policy).apply().await.succeeds();
    let plan = stage.plan().await;
    let rendered = plan.acts().rendered();
    let lines = rendered.lines().filter(|line| line.contains("1.34.4 to 1.35.6")).map(str::to_owned);
    let lines: Vec<String> = lines.filter(|line| line.trim_start().starts_with("~ \"")).collect();
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{lines:#?}");
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_have_as_many_digits_as_the_longest_needs_and_lines_are_in_order() {
    for (steps, first, last) in [
        (9, "\"01 control plane\"", "\"09 pool p8\""),
        (10, "\"01 control plane\"", "\"10 pool p9\""),
        (100, "\"001 control plane\"", "\"100 pool p99\""),
    ] {
        let lines = lines(steps).await;
        assert_eq!(lines.len(), steps, "{lines:#?}");
        assert!(lines[0].contains(first) && lines[steps - 1].contains(last), "{lines:#?}");
        let done = |line: &String| line.ends_with("= \"1.34.4 to 1.35.6\" -> \"1.34.4 to 1.35.6, done\"");
        assert!(lines.iter().all(done), "{lines:#?}");
        let mut keys: Vec<&str> = lines.iter().filter_map(|line| line.split('"').nth(1)).collect();
        let shown = keys.clone();
        keys.sort_by_key(|key| key.split(' ').next().unwrap().parse::<u32>().unwrap());
        assert_eq!(shown, keys);
    }
}
