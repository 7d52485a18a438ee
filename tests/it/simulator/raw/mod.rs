//! What Azure refuses: `table.tsv` holds the request, Azure's answer and where that is known from, a row each.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::fixture::{Answer, Azure};

/// A row of the table.
struct Row<'a> {
    rule: &'a str,
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
        let [rule, situation, request, body, answer, source] = cells[..] else { panic!("{line}") };
        Row { rule, situation, request, body, answer, source }
    })
}

/// Brings a cluster into a situation.
fn stage(situation: &str) -> Azure {
    const FOUR_CORES: &str = "size = \"Standard_D4s_v5\"";
    let prod =
        |version: &str, rest: &str| format!("[[cluster]]\nname = \"prod\"\nversion = \"{version}\"\n{rest}");
    let pools = |user: &str| {
        format!("pool = [{{ name = \"system\", mode = \"System\" }}, {{ name = \"user\", {user} }}]")
    };
    let mut azure = Azure::new(&match situation {
        "spot" => prod("1.34.2", &pools("priority = \"Spot\"")),
        "windows" => prod("1.36.2", &pools("os_sku = \"Windows2022\"")),
        "skew" => prod("1.35.2", &pools("version = \"1.32.11\"")),
        "old" => prod("1.33.5", ""),
        "nap" => prod("1.34.2", "nap = 2"),
        "channel" => prod("1.34.2", "upgrade_channel = \"patch\""),
        "throttled" => prod("1.34.2", "[service]\nthrottle = true"),
        "fleet" => {
            let fleet =
                "[[fleet]]\nname = \"f\"\nmember = [{ cluster = \"prod\" }]\nrun = [{ name = \"r\" }]";
            prod("1.34.2", fleet)
        }
        "large" => {
            let image = "image = \"AKSUbuntu-2204gen2containerd-202611.02.0\"";
            prod("1.34.2", &pools(&format!("count = 700, surge = \"50%\", {image}")))
        }
        "quota" => {
            let quota = "[[quota]]\nfamily = \"cores\"\nlimit = 28";
            let pools = pools(FOUR_CORES).replace("\"System\"", &format!("\"System\", {FOUR_CORES}"));
            prod("1.34.2", &format!("{pools}\n{quota}"))
        }
        _ => prod("1.34.2", ""),
    });
    let mut ask = |request: &str, body: &str, status| send(&mut azure, request, body).expect(status);
    match situation {
        "stopped" => {
            ask("POST prod/stop", "", 202);
            azure.wait(3600);
        }
        "upgrading" => {
            ask("PUT prod", &cluster(json!({ "kubernetesVersion": "1.34.9" })).to_string(), 200);
        }
        "imaging" => {
            ask("POST prod/agentPools/user/upgradeNodeImageVersion", "", 202);
        }
        "throttled" => (0..60).for_each(|_| {
            ask("GET prod", "", 200);
        }),
        _ => {}
    }
    azure
}

/// Sends `PUT prod/agentPools/user`, `PUT … as text/plain`, or `PUT … with if-match: *`.
fn send(azure: &mut Azure, request: &str, body: &str) -> Answer {
    let (request, headers) = request.split_once(" with ").unwrap_or((request, ""));
    let (request, kind) = request.split_once(" as ").unwrap_or((request, "application/json"));
    let (method, target) = request.split_once(' ').unwrap();
    let target = match target.split('/').next() {
        Some("") => target.to_owned(),
        Some("fleets") => format!("{}/{target}", OWN.trim_end_matches("/managedClusters")),
        _ => format!("{OWN}/{target}"),
    };
    let target = match target.split_once('?') {
        Some((path, "")) => path.to_owned(),
        Some(_) => target,
        None => format!("{target}?api-version=2026-08-01"),
    };
    let mut request = Request::builder()
        .method(method)
        .uri(format!("https://management.azure.com{target}"))
        .header("content-type", kind);
    if headers != "no token" {
        request = request.header("authorization", "Bearer secret");
    }
    for (name, value) in headers.split(" and ").filter_map(|header| header.split_once(": ")) {
        request = request.header(name, value);
    }
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
    for Row { situation, request, body, answer, source, .. } in rows() {
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
}

/// The rules that the stand-in once did not keep, by their numbers; `kept` are those that it kept even then.
#[test]
fn every_rule_has_a_row() {
    const RULES: &str = "kept 4 5 6 8 9 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 \
        39 40 41 43 46 56 84 86 91 93 99 100 102 104 106 107 108 109 110 111 113 114 115 117 118 120 121 122 123 124 125 \
        127 131";
    let told: BTreeSet<&str> = rows().map(|row| row.rule).collect();
    let missing: Vec<&str> = RULES.split_whitespace().filter(|rule| !told.contains(rule)).collect();
    assert!(missing.is_empty(), "{missing:?}");
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
