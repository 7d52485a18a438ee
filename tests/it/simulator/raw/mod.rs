//! What Azure refuses: `table.tsv` holds the request, Azure's answer and where that is known from, a row each.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::fixture::{Answer, Azure};

/// A row of the table.
struct Row<'a> {
    situation: &'a str,
    request: &'a str,
    body: &'a str,
    answer: &'a str,
    source: &'a str,
}

const OWN: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters";

fn rows() -> impl Iterator<Item = Row<'static>> {
    let lines = include_str!("table.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [_, situation, request, body, answer, source] = cells[..] else { panic!("{line}") };
        Row { situation, request, body, answer, source }
    })
}

/// Brings a cluster into a situation.
fn stage(situation: &str) -> Azure {
    const PROD: &str = "[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n";
    let around = match situation {
        "spot" => {
            "pool = [{ name = \"system\", mode = \"System\" }, { name = \"user\", priority = \"Spot\" }]"
        }
        "nap" => "nap = 2",
        "fleet" => "[[fleet]]\nname = \"f\"\nmember = [{ cluster = \"prod\" }]\nrun = [{ name = \"r\" }]",
        "quota" => {
            "pool = [{ name = \"system\", mode = \"System\", size = \"Standard_D4s_v5\" }, { name = \"user\", size = \"Standard_D4s_v5\" }]\n[[quota]]\nfamily = \"cores\"\nlimit = 28"
        }
        _ => "",
    };
    let mut azure = Azure::new(&format!("{PROD}{around}"));
    match situation {
        "stopped" => {
            send(&mut azure, "POST prod/stop", "").expect(202);
            azure.wait(3600);
        }
        "upgrading" => {
            let to = cluster(json!({ "kubernetesVersion": "1.34.9" })).to_string();
            send(&mut azure, "PUT prod", &to).expect(200);
        }
        _ => {}
    }
    azure
}

/// Sends `PUT prod/agentPools/user` or `PUT … as text/plain`.
fn send(azure: &mut Azure, request: &str, body: &str) -> Answer {
    let (request, kind) = request.split_once(" as ").unwrap_or((request, "application/json"));
    let (method, target) = request.split_once(' ').unwrap();
    let target = match target.split('/').next() {
        Some("") => target.to_owned(),
        Some("fleets") => format!("{}/{target}", OWN.trim_end_matches("/managedClusters")),
        _ => format!("{OWN}/{target}"),
    };
    let version = if target.contains('?') { "" } else { "?api-version=2026-08-01" };
    let request = Request::builder()
        .method(method)
        .uri(format!("https://management.azure.com{target}{version}"))
        .header("authorization", "Bearer secret")
        .header("content-type", kind);
    azure.send(request.body(Bytes::from(body.to_owned())).unwrap())
}

fn cluster(properties: Value) -> Value {
    json!({ "location": "westeurope", "properties": properties })
}

fn pool(properties: Value) -> String {
    json!({ "properties": properties }).to_string()
}

#[test]
fn every_row() {
    let mut wrong = vec![];
    for Row { situation, request, body, answer, source } in rows() {
        let said = send(&mut stage(situation), request, body);
        let said = if said.body["code"].is_null() && said.body["error"].is_null() {
            said.status.to_string()
        } else {
            said.refusal()
        };
        let fits = answer.strip_suffix('…').map_or(said == answer, |begins| said.starts_with(begins));
        if !fits {
            wrong.push(format!("{request} {body}\n  says    {said}\n  and not {answer}\n  ({source})"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_source_is_said() {
    let kinds: BTreeSet<&str> =
        rows().map(|row| row.source.split_once(": ").map_or(row.source, |(kind, _)| kind)).collect();
    assert_eq!(kinds, BTreeSet::from(["general", "rule", "words"]));
    assert!(rows().count() >= 160, "{} rows", rows().count());
}

/// What stands close to a refusal and is none.
#[test]
fn what_is_taken() {
    for taken in [
        json!({ "maxSurge": "100%" }),
        json!({ "maxSurge": "0", "maxUnavailable": "1" }),
        json!({ "drainTimeoutInMinutes": 5 }),
    ] {
        let body = pool(json!({ "upgradeSettings": taken }));
        send(&mut Azure::prod(), "PUT prod/agentPools/user", &body).expect(200);
    }
    let slots = json!({ "properties": { "timeInWeek": [{ "day": "Monday", "hourSlots": [1, 2] }] } });
    let windows = "PUT prod/maintenanceConfigurations/default";
    send(&mut Azure::prod(), windows, &slots.to_string()).expect(200);
    let charset = "PUT prod/agentPools/user as application/json; charset=utf-8";
    send(&mut Azure::prod(), charset, &pool(json!({}))).expect(200);
}

#[test]
fn a_system_pool_goes_when_there_is_another_one() {
    let mut azure = Azure::prod();
    send(&mut azure, "PUT prod/agentPools/user", &pool(json!({ "mode": "System" }))).expect(200);
    azure.wait(60);
    send(&mut azure, "DELETE prod/agentPools/system", "").expect(202);
}

#[test]
fn long_term_support_comes_with_its_tier_in_azures_own_case() {
    let mut body = cluster(json!({ "supportPlan": "AKSLongTermSupport" }));
    body["sku"] = json!({ "name": "Base", "tier": "premium" });
    let shown = send(&mut Azure::prod(), "PUT prod", &body.to_string()).expect(200);
    assert_eq!(shown.body["sku"]["tier"], "Premium");
}

#[test]
fn a_cluster_makes_the_pools_that_it_names() {
    let mut azure = Azure::prod();
    let more =
        json!([{ "name": "system" }, { "name": "user" }, { "name": "more", "mode": "User", "count": 2 }]);
    let body = cluster(json!({ "agentPoolProfiles": more })).to_string();
    send(&mut azure, "PUT prod", &body).expect(200);
    assert_eq!(azure.picture()[3], "more: Updating 1.34.2 202611.16.0");
}

#[test]
fn a_field_in_another_case_is_the_field() {
    let mut azure = Azure::prod();
    send(&mut azure, "PUT prod/agentPools/user", r#"{"Properties":{"COUNT":5}}"#).expect(200);
    let shown = send(&mut azure, "GET prod/agentPools/user", "").body;
    assert_eq!((&shown["properties"]["count"], shown["properties"].get("COUNT")), (&json!(5), None));
}

/// Go fills an object twice that stands twice, and of a number takes what stands last.
#[test]
fn what_stands_twice_in_another_case_is_read_twice() {
    let mut azure = Azure::prod();
    let body = r#"{"Properties":{"count":4},"properties":{"Count":6,"count":5,"mode":"User","Tags":{"a":"1"},"tags":{"b":"2"}}}"#;
    send(&mut azure, "PUT prod/agentPools/user", body).expect(200);
    let shown = send(&mut azure, "GET prod/agentPools/user", "").body["properties"].take();
    assert_eq!((&shown["count"], &shown["tags"]), (&json!(5), &json!({ "a": "1", "b": "2" })));
}

#[test]
fn an_upgrade_ends_when_the_cluster_is_deleted() {
    let mut azure = Azure::prod();
    let to = cluster(json!({ "kubernetesVersion": "1.34.9" })).to_string();
    let upgrade = send(&mut azure, "PUT prod", &to).expect(200);
    send(&mut azure, "DELETE prod", "").expect(202);
    let status = azure.follow(upgrade.header("azure-asyncoperation")).body;
    assert_eq!(status["error"]["code"], "AKSOperationPreemptedByDelete");
}

/// What is not played says so, and what does not exist says that.
#[test]
fn routes() {
    let mut azure = Azure::prod();
    let answer = send(&mut azure, "POST prod/rotateClusterCertificates", "").refusal();
    assert!(
        answer.starts_with("501 NotPlayedBySimulator: The simulator does not play 'POST /subscriptions/"),
        "{answer}"
    );
    let answer = azure.follow("https://management.azure.com/no/such/thing?api-version=2026-08-01").refusal();
    assert!(answer.starts_with("404 InvalidResourceType: "), "{answer}");
}
