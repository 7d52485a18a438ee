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
