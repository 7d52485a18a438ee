//! `terraform-provider-aks doctor`: the real binary beside a simulator with something wrong.

mod configured;

use serde_json::{Value, json};
use terraform_provider_aks::arm::permission::ROLE;
use terraform_provider_aks::simulator::scenario::Scenario;
use terraform_provider_aks::simulator::server::{Listen, Simulator};

use super::{provider, provider_with, simulated};

const ID: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/\
                  Microsoft.ContainerService/managedClusters/prod";

/// A healthy cluster, four months before its version leaves support.
const HEALTHY: &str = "
[clock]
start = \"2026-11-28T02:00:00Z\"
[[cluster]]
name = \"prod\"
version = \"1.35.6\"
";

/// Examines, and returns the exit code and the findings: check, subject, grade, message; each but the good ones has a fix.
async fn findings(scenario: &str, more: &[&str]) -> (Option<i32>, Vec<(String, String, String, String)>) {
    let azure = simulated(scenario).await;
    let url = azure.url();
    let arguments = [&["doctor", "--endpoint", &url, "--json", "--exit-code"], more].concat();
    let (code, said, complained) = provider(&arguments).await;
    let document: Value =
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}{complained}"));
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let found = document["findings"].as_array().unwrap().iter().map(|finding| {
        assert_eq!(finding["fix"].is_null(), finding["grade"] == "ok", "{finding}");
        (text(finding, "check"), text(finding, "subject"), text(finding, "grade"), text(finding, "message"))
    });
    let found = found.collect();
    assert_eq!(document["is_well"], json!(code == Some(0)));
    assert!(azure.log().iter().all(|entry| !entry.write), "it only reads");
    (code, found)
}

#[track_caller]
fn has(found: &[(String, String, String, String)], check: &str, grade: &str, message: &str) {
    let is = |one: &&(String, String, String, String)| one.0 == check && one.2 == grade && one.3 == message;
    assert!(found.iter().any(|one| is(&one)), "{check} {grade} {message:?} is not in {found:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_cluster_is_told_to_be_one() {
    let (code, found) = findings(HEALTHY, &[ID]).await;
    assert_eq!(code, Some(0), "{found:#?}");
    assert!(found.iter().all(|one| one.2 == "ok"), "{found:#?}");
    has(&found, "cluster", "ok", "runs Kubernetes 1.35.6 with 2 pools");
    has(&found, "support", "ok", "1.35 is supported until 2027-03-31");
    has(&found, "owner", "ok", "AKS's auto-upgrade channel is off");
    let checks: Vec<&str> = found.iter().map(|one| one.0.as_str()).collect();
    for check in ["sign-in", "cluster", "owner", "support", "permission", "api-version", "clock"] {
        assert!(checks.contains(&check), "{check}: {checks:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_action_that_a_role_lacks_is_named() {
    let reader = format!("{HEALTHY}[entra]\nallow = [\"*/read\"]\n");
    let (code, found) = findings(&reader, &[ID]).await;
    assert_eq!(code, Some(3), "{found:#?}");
    let lacking = found.iter().filter(|one| one.0 == "permission" && one.2 != "ok");
    let named: Vec<&str> = lacking.map(|one| one.3.split(' ').next().unwrap()).collect();
    let writes = ROLE.iter().map(|one| one.action).filter(|action| !action.ends_with("/read"));
    assert_eq!(named, writes.collect::<Vec<_>>());
    let grade = |action: &str| {
        let lacking =
            found.iter().find(|one| one.3.starts_with(&format!("Microsoft.ContainerService/{action} ")));
        lacking.unwrap().2.as_str()
    };
    assert_eq!(grade("managedClusters/agentPools/write"), "bad");
    assert_eq!(grade("managedClusters/agentPools/upgradeNodeImageVersion/action"), "note");
    let write =
        "Microsoft.ContainerService/managedClusters/write is not allowed, which upgrades the control plane";
    has(&found, "permission", "bad", write);
}

/// A role at a resource group cannot follow operations, and an upgrade does without.
#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_upgrades_is_well() {
    let below = format!(
        "{HEALTHY}[entra]\nallow = [\"Microsoft.ContainerService/managedClusters/*\", \"Microsoft.Authorization/*\"]\n"
    );
    let (code, found) = findings(&below, &[ID]).await;
    assert_eq!(code, Some(0), "{found:#?}");
    let operations = "Microsoft.ContainerService/locations/operations/read is not allowed: what runs is followed by reading the cluster without it, and why it failed may not be told";
    has(&found, "permission", "note", operations);
}

/// Asks for the preview of the API, answered so, and returns the grade and the beginning of what is said.
async fn api_version(answer: &str) -> (String, String) {
    let fault = format!("[[fault]]\npath = \"nodeImageVersions\"\ntimes = 9\ndoes = \"answer\"\n{answer}\n");
    let (_, found) = findings(&format!("{HEALTHY}{fault}"), &[ID]).await;
    let said = found.into_iter().find(|one| one.0 == "api-version").unwrap();
    (said.2, said.3.split(": ").next().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_of_the_api_that_was_not_asked_for_is_not_said_to_be_answered() {
    let refused = |code: &str| format!("body = '{{\"error\":{{\"code\":\"{code}\",\"message\":\"No.\"}}}}'");
    for code in ["InvalidApiVersionParameter", "NoRegisteredProviderFound"] {
        let gone = api_version(&format!("status = 400\n{}", refused(code))).await;
        assert_eq!(gone, ("note".to_owned(), "Azure no longer answers a version of its API".to_owned()));
    }
    let (grade, said) = api_version(&format!("status = 403\n{}", refused("AuthorizationFailed"))).await;
    assert_eq!(
        (grade.as_str(), said.as_str()),
        ("note", "not looked at, since the one request for it was refused")
    );
}

/// Signs in at a simulator that gives tokens itself, with a secret, and returns the exit code and the findings.
async fn signed_in(url: &str, secret: &str, more: &[(&str, &str)]) -> (Option<i32>, Value) {
    let tenant = "22222222-2222-2222-2222-222222222222";
    let own = [
        ("ARM_METADATA_HOSTNAME", url),
        ("ARM_TENANT_ID", tenant),
        ("ARM_CLIENT_ID", "33333333-3333-3333-3333-333333333333"),
        ("ARM_CLIENT_SECRET", secret),
    ];
    let (code, said, complained) = provider_with(&["doctor", ID, "--json"], &[&own[..], more].concat()).await;
    (code, serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}{complained}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_sign_in_is_told_so_and_has_not_been_examined() {
    let azure = simulated(&format!("{HEALTHY}[entra]\nsecret = \"right\"\n")).await;
    let (code, said) = signed_in(&azure.url(), "wrong", &[]).await;
    let found = said["findings"].as_array().unwrap();
    let all: Vec<_> = found.iter().map(|one| (one["check"].as_str(), one["grade"].as_str())).collect();
    assert_eq!(all, [(Some("sign-in"), Some("bad"))], "{said}");
    assert_eq!(code, Some(1), "without --exit-code, too");
}

/// A stand-in with a certificate is taken for Azure, whose clock should be this machine's.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_far_from_azures_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let scenario = Scenario::parse(&HEALTHY.replace("2026-11", "2027-01"), folder.path()).unwrap();
    let anywhere = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let azure =
        Simulator::start(scenario, Listen { ca: Some(ca.clone()), ..Listen::from(anywhere) }).await.unwrap();
    let (code, said) = signed_in(&azure.url(), "any", &[("SSL_CERT_FILE", ca.to_str().unwrap())]).await;
    let found = said["findings"].as_array().unwrap();
    let clock = found.iter().find(|one| one["check"] == "clock").unwrap_or_else(|| panic!("{said}"));
    assert_eq!(code, Some(0));
    assert_eq!(clock["grade"], "note");
    assert!(clock["message"].as_str().unwrap().starts_with("Azure's clock is "), "{clock}");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_owners_and_the_end_of_support_are_found() {
    let scenario = "
[clock]
start = \"2026-11-28T02:00:00Z\"
[[cluster]]
name = \"prod\"
version = \"1.34.4\"
upgrade_channel = \"patch\"
node_os_channel = \"SecurityPatch\"
[[fleet]]
name = \"all\"
[[fleet.member]]
cluster = \"prod\"
group = \"canary\"
[[fleet.strategy]]
name = \"rings\"
[[fleet.strategy.stage]]
name = \"first\"
groups = [\"canary\"]
[[fleet.run]]
name = \"monthly\"
strategy = \"rings\"
";
    let (code, found) = findings(scenario, &["--subscription", "00000000-0000-0000-0000-000000000000"]).await;
    assert_eq!(code, Some(0), "who shall upgrade it is not known: {found:#?}");
    has(&found, "subscription", "ok", "1 clusters are seen");
    has(
        &found,
        "owner",
        "note",
        "AKS upgrades it by itself, on its channel patch: right where its policy has executor = \"aks\", in the way where it has \"terraform\"",
    );
    has(
        &found,
        "owner",
        "note",
        "AKS replaces or patches its node images by itself, on its node OS channel SecurityPatch",
    );
    has(&found, "owner", "note", "the update run monthly of the Fleet all upgrades it (NotStarted)");
    has(&found, "support", "note", "1.34 leaves support in 2 days, on 2026-11-30");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_a_line_and_a_fix() {
    let azure = simulated(&HEALTHY.replace("1.35.6", "1.33.8")).await;
    let (code, said, _) = provider(&["doctor", ID, "--endpoint", &azure.url()]).await;
    assert_eq!(code, Some(0), "without --exit-code it was done: {said}");
    let line = "bad  support prod: 1.33 is out of support since 2026-07-31\n     fix: Plan the next minor: ";
    assert!(said.contains(line), "{said}");
    assert!(said.ends_with(" ok, 0 to know, 1 to mend\n"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_is_not_there_is_a_finding() {
    let (code, found) = findings(HEALTHY, &[&ID.replace("prod", "none")]).await;
    assert_eq!(code, Some(3));
    assert!(
        found.iter().any(|one| one.0 == "cluster" && one.2 == "bad" && one.3.contains("none")),
        "{found:#?}"
    );
}

/// Nothing else is said of an Azure that does not answer: no role is missing there, and no clock agrees.
#[tokio::test(flavor = "multi_thread")]
async fn an_azure_that_does_not_answer_is_told_and_nothing_else() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = format!("http://{closed}");
    // Side by side: each tries again for as long as a person would wait.
    let both = [&[ID][..], &["--subscription", "00000000-0000-0000-0000-000000000000"]];
    futures::future::join_all(both.map(async |wanted| {
        let arguments = [&["doctor", "--endpoint", &endpoint, "--json", "--exit-code"], wanted].concat();
        let (code, said, _) = provider(&arguments).await;
        let document: Value = serde_json::from_str(&said).unwrap();
        let found: Vec<&Value> = document["findings"].as_array().unwrap().iter().skip(1).collect();
        let [unreached] = found[..] else { panic!("{said}") };
        assert_eq!(code, Some(1), "it could not be done: {said}");
        assert_eq!(
            unreached["fix"],
            "Check the endpoint, the network, the proxy and the certificate authorities."
        );
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_is_none_is_refused_before_anything_is_asked() {
    let (code, _, said) = provider(&["doctor", "--subscription", "prod"]).await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("\"prod\" is not the id of a subscription"), "{said}");
}
