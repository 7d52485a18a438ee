//! Token buckets: Resource Manager's and AKS's, in the simulator's own time.

use super::fixture::{Answer, Azure, PROD};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

const STAGE: &str = "[service]\nthrottle = true\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n";
const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000000";
const CLUSTERS: &str = "providers/Microsoft.ContainerService/managedClusters";

fn azure() -> Azure {
    Azure::new(STAGE)
}

/// Asks until a bucket is empty; returns how often that went well, and the refusal.
fn flood(azure: &mut Azure, method: &str, path: &str, body: &Value) -> (usize, Answer) {
    for asked in 0.. {
        let answer = azure.ask(method, path, body.clone(), &[]);
        if answer.status == 429 {
            return (asked, answer);
        }
    }
    unreachable!()
}

#[track_caller]
fn aks(method: &str, path: &str, body: Value, size: usize, seconds: &str, handler: &str) {
    let mut azure = azure();
    let (asked, answer) = flood(&mut azure, method, path, &body);
    assert_eq!(asked, size, "{method} {path}");
    assert_eq!(answer.header("retry-after"), seconds);
    assert_eq!(
        answer.refusal(),
        format!(
            "429 Throttled: The {handler} request limit has been exceeded for SubID='00000000-0000-0000-0000-000000000000', please retry again in {seconds} seconds. For more information, please visit aka.ms/aks/throttling"
        )
    );
    azure.wait(seconds.parse().unwrap());
    assert_ne!(azure.ask(method, path, body.clone(), &[]).status, 429, "{method} {path}");
    assert_eq!(azure.ask(method, path, body, &[]).status, 429, "{method} {path}");
}

#[test]
fn buckets_of_aks() {
    let status = "locations/westeurope/operations/00000000-0000-0000-0000-000000000000";
    let status = format!("{SUBSCRIPTION}/providers/Microsoft.ContainerService/{status}");
    let none = || Value::Null;
    let settings = || json!({ "properties": {} });
    aks("GET", PROD, none(), 60, "1", "GetManagedClusterHandler.GET");
    aks("PUT", PROD, settings(), 20, "60", "PutManagedClusterHandler.PUT");
    aks("PUT", &format!("{PROD}/agentPools/user"), settings(), 20, "60", "PutAgentPoolHandler.PUT");
    let group = format!("{SUBSCRIPTION}/resourceGroups/rg/{CLUSTERS}");
    aks("GET", &group, none(), 60, "1", "ListManagedClustersByResourceGroupHandler.GET");
    aks("GET", &format!("{PROD}/upgradeProfiles/default"), none(), 60, "1", "GenericHandler");
    // Two tokens a second: the second request after a whole second has one, too.
    let (asked, answer) = flood(&mut azure(), "GET", &status, &none());
    assert_eq!((asked, answer.header("retry-after")), (200, "1"));
    assert!(answer.refusal().contains("The GetOperationStatusHandler.GET request limit"));
}

#[test]
fn a_pool_a_cluster_a_region_each_have_their_own() {
    let mut azure = Azure::new(&format!(
        "{STAGE}[[cluster]]\nname = \"test\"\nversion = \"1.34.2\"\nlocation = \"northeurope\"\n"
    ));
    let test = PROD.replace("/prod", "/test");
    let full = |azure: &mut Azure, path: &str| azure.get(path).status == 429;
    flood(&mut azure, "GET", PROD, &Value::Null);
    assert!(!full(&mut azure, &test), "another cluster");
    let settings = json!({ "properties": {} });
    flood(&mut azure, "PUT", &format!("{PROD}/agentPools/user"), &settings);
    let system = azure.put(&format!("{PROD}/agentPools/system"), settings);
    assert_ne!(system.status, 429, "another pool");
    let profile = "/upgradeProfiles/default";
    flood(&mut azure, "GET", &format!("{PROD}{profile}"), &Value::Null);
    assert!(full(&mut azure, &format!("{PROD}/agentPools")), "all that has no bucket of its own shares one");
    assert!(!full(&mut azure, &format!("{test}{profile}")), "another region");
}

/// Floods Resource Manager with what AKS is not asked.
#[track_caller]
fn manager(method: &str, path: &str, kind: &str, size: usize, refill: i64) {
    let mut azure = azure();
    let (asked, answer) = flood(&mut azure, method, path, &Value::Null);
    assert_eq!((asked, answer.header("retry-after")), (size, "1"));
    let interval = size as i64 / refill;
    assert_eq!(
        answer.refusal(),
        format!(
            "429 SubscriptionRequestsThrottled: Number of {kind} requests for subscription '00000000-0000-0000-0000-000000000000' exceeded the limit of '{size}' for time interval '00:00:{interval}'. Please try again after '1' seconds."
        )
    );
    azure.wait(1);
    let again = (0..2 * refill).filter(|_| azure.ask(method, path, Value::Null, &[]).status != 429).count();
    assert_eq!(again, refill as usize, "regained in a second");
    azure.wait(3600);
    assert_eq!(flood(&mut azure, method, path, &Value::Null).0, size, "never more than it holds");
}

#[test]
fn buckets_of_the_resource_manager() {
    let groups = format!("{SUBSCRIPTION}/resourceGroups");
    manager("GET", &groups, "read", 250, 25);
    manager("DELETE", &groups, "delete", 200, 10);
    manager("POST", &groups, "write", 200, 10);
    manager("PATCH", &groups, "write", 200, 10);
    let (asked, answer) = flood(&mut azure(), "GET", "/subscriptions", &Value::Null);
    assert_eq!(asked, 250);
    assert_eq!(
        answer.refusal(),
        "429 TooManyRequestsReceived: Number of read requests exceeded. Please try again after '1' seconds."
    );
}

fn by(azure: &mut Azure, caller: &str) -> Answer {
    let groups = format!("https://management.azure.com{SUBSCRIPTION}/resourceGroups?api-version=2022-09-01");
    let request = Request::get(groups).header("authorization", format!("Bearer {caller}"));
    azure.send(request.body(Bytes::new()).unwrap())
}

#[test]
fn callers_have_their_own_buckets_and_share_the_subscriptions() {
    let mut azure = azure();
    let asked = |azure: &mut Azure, caller: &str| (0..).find(|_| by(azure, caller).status == 429).unwrap();
    let each: Vec<usize> = (0..16).map(|caller| asked(&mut azure, &format!("caller {caller}"))).collect();
    assert_eq!(each, [vec![250; 15], vec![0]].concat(), "fifteen callers empty the subscription");
    let said = by(&mut azure, "caller 15").refusal();
    assert!(said.contains("exceeded the limit of '3750' for time interval '00:00:10'"), "{said}");
}

#[test]
fn headers_tell_what_is_left() {
    let left = |answer: &Answer| -> Vec<String> {
        let limits = answer.headers.iter().filter_map(|(name, value)| {
            let kind = name.as_str().strip_prefix("x-ms-ratelimit-remaining-")?;
            Some(format!("{kind} {}", value.to_str().unwrap()))
        });
        limits.collect()
    };
    let mut azure = azure();
    let reads = azure.get(PROD);
    assert_eq!(left(&reads), ["subscription-reads 249", "subscription-global-reads 3749"]);
    assert_eq!(left(&azure.get(PROD))[0], "subscription-reads 248");
    let writes = azure.put(PROD, json!({ "properties": {} }));
    assert_eq!(left(&writes), ["subscription-writes 199", "subscription-global-writes 2999"]);
    let deletes = azure.ask("DELETE", &format!("{PROD}/agentPools/none"), Value::Null, &[]).expect(204);
    assert_eq!(left(&deletes), ["subscription-deletes 199", "subscription-global-deletes 2999"]);
    assert_eq!(left(&azure.get("/tenants")), ["tenant-reads 249"]);
    azure.wait(1);
    assert_eq!(left(&azure.get(PROD))[0], "subscription-reads 249");
}

#[test]
fn nobody_is_refused_unless_the_scenario_says_so() {
    let mut azure = Azure::prod();
    assert!((0..300).all(|_| azure.get(PROD).status == 200));
    assert_eq!(azure.get(PROD).header("x-ms-ratelimit-remaining-subscription-reads"), "249");
}
