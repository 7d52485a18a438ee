//! The laws of what is told beside a plan: every obstacle once, and what waits is never kept quiet about.

use serde_json::{Value as Json, json};
use terraform_provider_aks::terraform::diagnostic::Diagnostic;

use super::lines::pending;
use super::{Azure, Terraform};

/// Returns what is wrong with the words about an object whose refreshed state is `prior`.
///
/// `waits` says that the plan changes nothing: then pending steps are counted in one warning, with the windows.
pub fn wrong(prior: &Json, told: &[Diagnostic], waits: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let is_stopped = prior["blocked_by"].as_array().into_iter().flatten().any(|block| block["stops"] == true);
    if is_stopped && waits && told.iter().any(|one| one.summary.starts_with("Upgrade deferred")) {
        wrong.push("deferred, and more than time stands in the way".to_owned());
    }
    let saying = |words: &str| told.iter().filter(|one| one.detail.contains(words)).count();
    for block in prior["blocked_by"].as_array().into_iter().flatten() {
        let message = block["message"].as_str().unwrap();
        if saying(message) > 1 {
            wrong.push(format!("under more than one summary: {message}"));
        }
    }
    let pending = pending(&prior["steps"]).len();
    let counted = if pending == 1 { "1 step, ".to_owned() } else { format!("{pending} steps, first ") };
    let telling = told.iter().filter(|one| {
        let windows = one.detail.split_once(&counted).map(|(_, then)| then);
        windows.is_some_and(|then| then.contains(" Windows: "))
    });
    if waits && pending > 0 && prior["status"] != "upgrading" && telling.count() != 1 {
        wrong.push(format!("not told once: {counted}... Windows: ..."));
    }
    wrong
}

/// Returns what the plan says that follows the adoption of a cluster, outside the Saturdays of its policy.
async fn told(cluster: &str, version: &str) -> Vec<String> {
    let azure = Azure::new(&format!("[[cluster]]\nname = \"prod\"\n{cluster}"));
    let terraform = Terraform::policy(
        &azure,
        json!({
            "kubernetes_version": version,
            "maintenance_window": [{ "days": ["saturday"], "start": "02:00", "duration": "4h", "time_zone": "UTC" }],
        }),
    );
    terraform.up().await;
    let plan = terraform.plan().await;
    assert!(plan.is_empty());
    plan.diagnostics.iter().map(|one| format!("{}: {}", one.summary, one.detail)).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_pending_is_told_with_what_stands_beside_it() {
    let system = "[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n";
    let pending = |steps: &str| {
        format!(
            "Pending: {steps}. No window for the control plane is open; the next one opens at Sat 2026-11-28 02:00 UTC. Windows: Saturdays 02:00-06:00 UTC."
        )
    };
    let off = format!("version = \"1.35.6\"\n{system}[[cluster.pool]]\nname = \"off\"\npower = \"Stopped\"");
    assert_eq!(
        told(&off, "1.36").await,
        [format!(
            "Not all of the upgrade is possible: prod: Pool off is stopped and was left out. Start it to upgrade it. {}",
            pending("2 steps, first the control plane 1.35.6 -> 1.36.2")
        )]
    );
    let failed =
        format!("version = \"1.35.6\"\n{system}[[cluster.pool]]\nname = \"bad\"\nstate = \"Failed\"");
    let [told_of_failed] = &told(&failed, "1.36").await[..] else { panic!("one warning") };
    assert!(told_of_failed.starts_with("An earlier upgrade failed: prod: "), "{told_of_failed}");
    assert!(told_of_failed.ends_with(" Windows: Saturdays 02:00-06:00 UTC."), "{told_of_failed}");
    let windows =
        format!("version = \"1.35.6\"\n{system}[[cluster.pool]]\nname = \"w\"\nos_sku = \"Windows2022\"");
    assert_eq!(
        told(&windows, "1.37").await,
        [format!(
            "Not all of the upgrade is possible: prod: Pool w runs Windows2022, which AKS supports up to 1.36 only, so nothing goes to 1.37.1: the control plane could not come back. Add a pool with Windows2025, move the workloads, remove w, and plan again. {}",
            pending("3 steps, first the control plane 1.35.6 -> 1.36.2")
        )]
    );
}

#[tokio::test(start_paused = true)]
async fn a_stopped_cluster_waits_for_a_person_and_for_no_window() {
    const STOPPED: &str = "version = \"1.35.6\"\npower = \"Stopped\"";
    assert_eq!(told(STOPPED, "1.35").await, [""; 0]);
    assert_eq!(
        told(STOPPED, "1.36").await,
        [
            "Upgrade blocked: prod: The cluster is stopped, and a stopped cluster cannot be upgraded. Start it with az aks start. Pending: 3 steps, first the control plane 1.35.6 -> 1.36.2. Windows: Saturdays 02:00-06:00 UTC."
        ]
    );
}

/// A failed pool whose image is younger than it must be is repaired by nothing, and that is not told as if it were.
#[tokio::test(start_paused = true)]
async fn a_failure_that_no_step_repairs_is_not_told_as_planned() {
    for (max_age, told) in [
        ("60d", "Not all that it left undone is repaired by a step: look at the activity log for the cause."),
        ("1d", "What it left undone is planned as a repair; look at the activity log for the cause before."),
    ] {
        let azure = Azure::new(
            "[[cluster]]\nname = \"prod\"\nversion = \"1.35.6\"\n[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\nstate = \"Failed\"\nimage = \"AKSUbuntu-2204gen2containerd-202610.19.0\"",
        );
        let terraform = Terraform::new(&azure);
        let window =
            json!([{ "days": ["saturday"], "start": "02:00", "duration": "4h", "time_zone": "UTC" }]);
        terraform.write("aks_node_image.prod", json!({ "max_age": max_age, "maintenance_window": window }));
        terraform.up().await;
        let plan = terraform.plan().await;
        let failed = plan.diagnostics.iter().find(|one| one.summary == "An earlier upgrade failed").unwrap();
        assert!(failed.detail.contains(told), "{max_age}: {}", failed.detail);
    }
}

/// Two windows that lie within a day of each other: the patch's comes first, and is left to the minor.
#[tokio::test(start_paused = true)]
async fn a_window_that_is_open_and_not_used_is_told() {
    let pool = "[[cluster.pool]]\nname = \"system\"\nmode = \"System\"";
    let azure = Azure::new(&format!("[[cluster]]\nname = \"prod\"\nversion = \"1.34.4\"\n{pool}"));
    let window = |day: &str, start: &str, kinds: Json| json!({ "days": [day], "start": start, "duration": "4h", "time_zone": "UTC", "applies_to": kinds });
    let windows = [
        window("saturday", "02:00", json!(["minor"])),
        window("friday", "20:00", json!(["patch", "node_image"])),
    ];
    let terraform =
        Terraform::policy(&azure, json!({ "kubernetes_version": "1.35", "maintenance_window": windows }));
    terraform.up().await;
    for (at, could) in
        [("2026-11-27T12:00:00Z", "at Fri 2026-11-27 20:00 UTC"), ("2026-11-27T20:10:00Z", "now")]
    {
        azure.wait_until(at).await;
        let plan = terraform.plan().await;
        assert!(plan.is_empty());
        let told = plan.warnings("Upgrade deferred to the next maintenance window")[0];
        let left = format!(
            "4 steps, first the control plane 1.34.4 -> 1.34.9. It could start {could}, and is left to what can start within a day of that and leads farther: nothing is drained twice. No window for the control plane is open; the next one opens at Sat 2026-11-28 02:00 UTC."
        );
        assert!(told.contains(&left), "{told}");
    }
    // Then the way is shorter than the one that the state shows, and the steps that leave the map are named.
    azure.wait_until("2026-11-28T02:10:00Z").await;
    let plan = terraform.plan().await;
    assert_eq!(
        plan.warnings("A shorter way than the pending steps"),
        [
            "prod: what is open now leads straight to the control plane 1.34.4 -> 1.35.6 (10m) and pool system 1.34.4 -> 1.35.6 (15m). These steps are not needed then, and leave the map: the control plane 1.34.4 -> 1.34.9 (10m), pool system 1.34.4 -> 1.34.9 (15m), the control plane 1.34.9 -> 1.35.6 (10m) and pool system 1.34.9 -> 1.35.6 (15m)."
        ]
    );
    terraform.up().await;
    assert!(terraform.plan().await.diagnostics.is_empty());
}

/// Who needs a person is never folded under who only has to wait for an age.
#[tokio::test(start_paused = true)]
async fn an_age_has_a_summary_of_its_own() {
    let azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"");
    let of = async |version: &str| {
        let policy = json!({ "kubernetes_version": version, "min_age": "7d", "always_open": true });
        let terraform = Terraform::policy(&azure, policy);
        let create = terraform.plan().await;
        terraform.run().await;
        let update = terraform.plan().await;
        [create, update].map(|plan| {
            let summaries = plan.diagnostics.iter().map(|told| told.summary.clone());
            summaries
                .filter(|told| told == "Upgrade blocked" || told == "Not old enough yet")
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(of("1.35").await, [["Not old enough yet"], ["Not old enough yet"]]);
    assert_eq!(of("1.39").await, [["Upgrade blocked"], ["Upgrade blocked"]]);
}
