//! `terraform-provider-aks forecast`: the real binary beside a simulator, with flags.

use serde_json::Value;
use terraform_provider_aks::simulator::server::Simulator;

use super::{Ended, provider, simulated};

const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";

const SCENARIO: &str = r#"
    [clock]
    start = "2026-11-26T12:00:00Z"
    tick  = "1s"
    [[cluster]]
    name = "prod"
    version = "1.34.9"
    [[cluster]]
    name = "dev"
    resource_group = "lab"
    version = "1.34.9"
    upgrade_channel = "stable"
"#;

const SATURDAYS: [&str; 4] = [
    "--kubernetes-version",
    "1.35",
    "--maintenance-window",
    "days=saturday start=02:00 duration=30m time_zone=Europe/Berlin",
];

pub fn id(name: &str) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/{name}"
    )
}

/// Runs `forecast`.
async fn forecast(azure: &Simulator, arguments: &[&str]) -> Ended {
    provider(&[&["forecast", "--endpoint", &azure.url()], arguments].concat()).await
}

async fn shown(azure: &Simulator, arguments: &[&str]) -> String {
    let (code, out, err) = forecast(azure, &[&SATURDAYS, arguments].concat()).await;
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn one_cluster_as_a_table() {
    let azure = simulated(SCENARIO).await;
    insta::assert_snapshot!(shown(&azure, &[&id("prod")]).await);
    assert!(azure.log().iter().all(|entry| entry.method == "GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_and_a_resource_group() {
    let azure = simulated(SCENARIO).await;
    let of_all = shown(&azure, &["--subscription", SUBSCRIPTION]).await;
    let heads: Vec<&str> = of_all.lines().filter(|line| !line.starts_with(' ') && !line.is_empty()).collect();
    let done = "prod: 3 steps to 1.35.6, done by about Sat 2026-12-05 02:15 Europe/Berlin";
    assert_eq!(heads, ["dev: blocked at 1.34.9", done]);
    let of_group = shown(&azure, &["--subscription", SUBSCRIPTION, "--resource-group", "lab"]).await;
    assert!(of_group.starts_with("dev: ") && !of_group.contains("prod"), "{of_group}");
}

#[tokio::test(flavor = "multi_thread")]
async fn clusters_of_the_same_name_are_told_apart() {
    let azure = simulated(&SCENARIO.replace("\"dev\"", "\"prod\"")).await;
    let all = ["--subscription", SUBSCRIPTION, "--output"];
    for format in ["table", "markdown", "ics", "svg"] {
        let shown = shown(&azure, &[&all[..], &[format]].concat()).await;
        assert!(shown.contains("prod (rg)"), "{shown}");
        assert!(format == "ics" || shown.contains("prod (lab)"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn for_programs_pull_requests_and_calendars() {
    let azure = simulated(SCENARIO).await;
    let all = ["--subscription", SUBSCRIPTION, "--output"];
    let json: Value = serde_json::from_str(&shown(&azure, &[&all[..], &["json"]].concat()).await).unwrap();
    assert_eq!((&json[1]["name"], &json[1]["cluster_id"]), (&"prod".into(), &id("prod").into()));
    assert_eq!(json[1]["steps"][2]["start"], "2026-12-05T01:00:00Z");
    assert_eq!(json[0]["blocked_by"][0]["code"], "auto_upgrade_channel_on");
    let markdown = shown(&azure, &[&all[..], &["markdown"]].concat()).await;
    assert!(markdown.starts_with("- dev: blocked at 1.34.9\n- prod: 3 steps"), "{markdown}");
    assert!(markdown.contains("| 01 control plane | 1.34.9 | 1.35.6 | Sat 2026-11-28 02:00"), "{markdown}");
    let calendar = shown(&azure, &[&all[..], &["ics"]].concat()).await;
    assert_eq!(calendar.matches("BEGIN:VEVENT").count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_looks_from_any_instant_as_far_as_asked() {
    let azure = simulated(SCENARIO).await;
    let prod = id("prod");
    let later = shown(&azure, &[&prod, "--as-of", "2026-11-27T00:00:00Z", "--horizon", "5d"]).await;
    assert!(
        later.starts_with("prod: 3 steps to 1.35.6, 1 of them after Wed 2026-12-02 01:00 Europe/Berlin\n"),
        "{later}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_looked_at_is_told_and_the_rest_is_shown() {
    let azure = simulated(SCENARIO).await;
    let (code, out, err) = forecast(&azure, &[&id("prod"), &id("gone")]).await;
    assert_eq!(code, Some(1), "{err}");
    assert!(out.contains("gone: nothing is known, see the error\n"), "{out}");
    assert!(err.starts_with("Error: gone: Cluster not found: "), "{err}");
    let (code, _, err) = forecast(&azure, &[&id("gone")]).await;
    assert_eq!(code, Some(1), "{err}");
}

async fn refused(arguments: &[&str], said: &str) {
    let azure = simulated(SCENARIO).await;
    let (code, out, err) = forecast(&azure, arguments).await;
    assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
    assert!(err.contains(said), "{err}");
    assert_eq!(azure.log().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_flags_are_refused_before_anybody_is_asked() {
    let prod = id("prod");
    let window = |text| ["--maintenance-window", text];
    let typo = "there is no \"timezone\" here (did you mean \"time_zone\"?)";
    refused(&[&[prod.as_str()][..], &window("days=all start=02:00 duration=4h timezone=UTC")].concat(), typo)
        .await;
    let word = "\"saturday\" is no key=value, such as start=02:00";
    refused(&[&[prod.as_str()][..], &window("saturday")].concat(), word).await;
    refused(&[&prod, "--horizon", "0d"], "\"0d\" is no horizon.").await;
    refused(&[&prod, "--as-of", "tomorrow"], "\"tomorrow\" is not an instant").await;
    refused(&["--resource-group", "rg"], "A resource group is looked for in one subscription").await;
    refused(&[&prod, "--kubernetes-version", "latest"], "\"latest\" is not a Kubernetes version").await;
    refused(&["--subscription", "abc"], "\"abc\" is not the id of a subscription").await;
    refused(&["--resource-group", "", "--subscription", SUBSCRIPTION], "is not the name of a resource group")
        .await;
    refused(&["--subscription", SUBSCRIPTION, "--channel", "fast"], "\"fast\"").await;
    let never = ["--blackout", "from=2026-01-01 to=9999-12-31 time_zone=UTC"];
    let saturdays = window("days=saturday start=02:00 duration=4h time_zone=UTC");
    refused(&[&[prod.as_str()][..], &saturdays, &never].concat(), "never open").await;
}
