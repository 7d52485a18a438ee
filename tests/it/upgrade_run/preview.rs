//! What the plan of a create tells, which knows nothing and promises nothing.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value as Json, json};
use terraform_provider_aks::terraform::diagnostic::Diagnostic;

use super::azure::{Azure, Call, Fate, PROD};
use super::scene::PROD_134;
use super::terraform::Terraform;

/// Returns a policy for 1.35 on Saturdays, 02:00 to 06:00 UTC.
fn saturdays() -> Json {
    let window = json!({ "days": ["saturday"], "start": "02:00", "duration": "4h", "time_zone": "UTC" });
    json!({ "kubernetes_version": "1.35", "maintenance_window": [window] })
}

/// Returns a policy that signs in with a secret at Azure's public cloud.
fn signing_in(azure: &Arc<Azure>) -> Terraform {
    let secret = [("tenant_id", "t"), ("client_id", "c"), ("client_secret", "s")];
    let terraform = Terraform::policy(azure, saturdays()).provider("endpoint", Json::Null);
    secret.into_iter().fold(terraform, |terraform, (name, id)| terraform.provider(name, id.repeat(36).into()))
}

#[tokio::test(start_paused = true)]
async fn the_preview_lists_the_steps_and_says_the_windows_in_words() {
    let preview = async |policy: Json, at: &str| {
        let azure = Azure::new(PROD_134);
        azure.wait_until(at).await;
        let plan = Terraform::policy(&azure, policy).plan().await;
        plan.warnings("Upgrade preview").join("")
    };
    let (before, inside) = ("2026-11-27T12:00:00Z", "2026-11-28T02:01:00Z");
    let pending = "prod: 3 steps are pending. This create starts nothing; the next plan promises them.\n  01 control plane: 1.34.9 to 1.35.6, about 10m\n  02 pool system: 1.34.9 to 1.35.6, about 15m\n  03 pool user: 1.34.9 to 1.35.6, about 15m";
    let comes = "Pools system and user get Ubuntu 24.04 with 1.35.6, on which their workloads have to run.\n1.34 leaves support after 2026-11-30; the step to 1.35 can come before.";
    let rows = [
        (
            json!({ "kubernetes_version": "1.34" }),
            before,
            "prod: nothing to do.\nWindows: always.".to_owned(),
        ),
        (json!({ "kubernetes_version": "1.35" }), before, format!("{pending}\nWindows: always.\n{comes}")),
        (
            saturdays(),
            inside,
            format!(
                "{pending}\nWindows: Saturdays 02:00-06:00 UTC. A window is open until Sat 2026-11-28 06:00 UTC.\n{comes}"
            ),
        ),
        (
            saturdays(),
            before,
            format!(
                "{pending}\nWindows: Saturdays 02:00-06:00 UTC. The first window is from Sat 2026-11-28 02:00 UTC to Sat 2026-11-28 06:00 UTC.\n{comes}"
            ),
        ),
    ];
    for (policy, at, expected) in rows {
        assert_eq!(preview(policy, at).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn what_needs_a_person_is_not_told_with_the_routine() {
    let azure = Azure::new(&format!("{PROD_134}\nupgrade_channel = \"patch\""));
    let plan = Terraform::policy(&azure, saturdays()).plan().await;
    let mut summaries: Vec<&str> = plan.diagnostics.iter().map(|told| told.summary.as_str()).collect();
    summaries.retain(|summary| *summary != "Upgrade preview");
    assert_eq!(summaries, ["Two owners upgrade this cluster"]);
    assert!(!plan.warnings("Upgrade preview")[0].contains("channel"), "it is told once");
}

fn answer(status: u16, body: &'static str) -> Fate {
    Fate::Rewrite(Box::new(move |real| {
        let (mut parts, _) = real.into_parts();
        parts.status = status.try_into().unwrap();
        http::Response::from_parts(parts, Bytes::from_static(body.as_bytes()))
    }))
}

/// A fault, the calls that it hits, and the error that every plan ends with: summary, and words of the cause.
type Fault = (fn(&Call) -> Fate, &'static str, &'static str);

/// An answer that fails nothing, and the summary of what is told of it.
type SoftFault = (fn(&Call) -> Fate, &'static str);

const SECRET: &str =
    r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}"#;
const TYPE: &str = r#"{"error":{"code":"InvalidResourceType","message":"The resource type could not be found in the namespace."}}"#;
const TENANT: &str = r#"{"error":{"code":"InvalidAuthenticationTokenTenant","message":"The access token is from the wrong issuer."}}"#;

fn signs_in(call: &Call) -> bool {
    call.path.ends_with("/token")
}

/// What nothing can come of.
const HOPELESS: [Fault; 8] = [
    (
        |call| if signs_in(call) { Fate::Hang } else { Fate::Pass },
        "No credential works",
        "login.microsoftonline.com",
    ),
    (
        |call| if signs_in(call) { Fate::NotSent } else { Fate::Pass },
        "No credential works",
        "Connection refused",
    ),
    (
        |call| if signs_in(call) { answer(401, SECRET) } else { Fate::Pass },
        "No credential works",
        "AADSTS7000215",
    ),
    (
        |call| if signs_in(call) { Fate::Pass } else { Fate::NotSent },
        "Azure cannot be reached",
        "management.azure.com",
    ),
    (
        |call| if signs_in(call) { Fate::Pass } else { Fate::Hang },
        "Azure cannot be reached",
        "management.azure.com",
    ),
    (
        |call| if signs_in(call) { Fate::Pass } else { answer(404, TYPE) },
        "Azure cannot be reached",
        "check the endpoint, its path too",
    ),
    (
        |call| if signs_in(call) { Fate::Pass } else { answer(404, "<html>no such page</html>") },
        "Azure cannot be reached",
        "check the endpoint, its path too",
    ),
    (
        |call| if signs_in(call) { Fate::Pass } else { answer(401, TENANT) },
        "No credential works",
        "ARM_TENANT_ID",
    ),
];

#[track_caller]
fn is_told(errors: &[Diagnostic], summary: &str, cause: &str) {
    let [error] = errors else { panic!("{errors:#?}") };
    assert_eq!(error.summary, summary, "{error:#?}");
    assert!(error.detail.contains(cause), "{error:#?}");
    assert!(!error.detail.contains("deadline passed while it waited"), "{error:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_or_an_endpoint_that_fails_is_an_error_of_every_plan() {
    for (fault, summary, cause) in HOPELESS {
        let azure = Azure::new(PROD_134);
        azure.accidents(fault);
        let terraform = signing_in(&azure);
        let errors = terraform.try_plan().await.unwrap_err();
        is_told(&errors.into_iter().filter(Diagnostic::is_error).collect::<Vec<_>>(), summary, cause);
        terraform.applied_before();
        is_told(&terraform.try_plan().await.unwrap_err(), summary, cause);
    }
}

/// A person watches a plan: whoever gives tokens and says nothing does not hold it for minutes, however many ask.
#[tokio::test(start_paused = true)]
async fn a_sign_in_that_hangs_ends_a_plan_within_half_a_minute() {
    let azure = Azure::new(PROD_134);
    azure.accidents(|call| if signs_in(call) { Fate::Hang } else { Fate::Pass });
    let terraform = signing_in(&azure);
    for number in 0..12 {
        let mut policy = saturdays();
        policy["cluster_id"] = PROD.replace("/prod", &format!("/c{number}")).into();
        terraform.write(&format!("aks_upgrade_policy.c{number}"), policy);
    }
    for is_applied in [false, true] {
        let started = tokio::time::Instant::now();
        let errors = terraform.try_plan().await.unwrap_err();
        let took = started.elapsed().as_secs();
        assert!(took <= 31 + 12 * 5, "{took} s, applied before: {is_applied}");
        let error = errors.iter().find(|told| told.is_error()).unwrap();
        assert_eq!(error.summary, "No credential works");
        let cause = "Client secret: POST https://login.microsoftonline.com/tttttttttttttttttttttttttttttttttttt/oauth2/v2.0/token got no answer: no whole answer within 10 s.";
        assert!(error.detail.contains(cause), "{error:#?}");
        terraform.applied_before();
    }
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_cannot_be_read_yet_never_fails_a_create() {
    const ROLE: &str = r#"{"error":{"code":"AuthorizationFailed","message":"The client does not have authorization to perform action 'Microsoft.ContainerService/managedClusters/read' over scope '/x'."}}"#;
    const GROUP: &str =
        r#"{"error":{"code":"ResourceGroupNotFound","message":"Resource group 'rg' could not be found."}}"#;
    let soft: [SoftFault; 3] = [
        (
            |call| if signs_in(call) { Fate::Pass } else { answer(404, GROUP) },
            "Azure does not know this cluster",
        ),
        (
            |call| if signs_in(call) { Fate::Pass } else { answer(403, ROLE) },
            "Not permitted to read the cluster",
        ),
        (|call| if signs_in(call) { Fate::Pass } else { answer(503, "{}") }, "No upgrade preview"),
    ];
    for (fault, summary) in soft {
        let azure = Azure::new(PROD_134);
        azure.accidents(fault);
        let plan = signing_in(&azure).plan().await;
        assert_eq!(plan.warnings(summary).len(), 1, "{summary}: {:#?}", plan.diagnostics);
    }
    let azure = Azure::new(PROD_134);
    let terraform = signing_in(&azure);
    let typo = PROD.replace("/prod", "/prdo");
    terraform.edit("aks_upgrade_policy.prod", "cluster_id", typo.clone().into());
    let plan = terraform.plan().await;
    let told = plan.warnings("Azure does not know this cluster");
    assert!(told[0].starts_with(&format!("What there is to do on {typo} cannot be said: ")), "{told:?}");
    assert!(
        told[0].ends_with("Check cluster_id, unless this run creates the cluster; the apply will need it.")
    );
}

#[tokio::test(start_paused = true)]
async fn a_machine_whose_clock_is_off_is_told_and_opens_no_window() {
    // The simulator's clock is not this machine's; a simulator is forgiven for that, Azure is not.
    let azure = Azure::new(&format!("[clock]\nstart = \"2020-01-01T00:00:00Z\"\n{PROD_134}"));
    let terraform = signing_in(&azure);
    let plan = terraform.plan().await;
    let created = terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.tried(), [""; 0]);
    let refreshed = terraform.refreshed("aks_upgrade_policy.prod").await;
    for told in [plan.diagnostics, created, refreshed] {
        let clock = told.iter().find(|told| told.summary == "Clock is off").unwrap();
        assert!(clock.detail.contains(" ahead of Azure's. Windows are judged by Azure's clock"), "{clock:?}");
    }
}
