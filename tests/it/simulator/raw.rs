//! What Azure refuses, a row each: the request, Azure's answer, where that is known from.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::fixture::{Answer, Azure, PROD};

/// Where a rule and its words are known from.
#[derive(Clone, Copy)]
enum Source {
    /// Recorded traffic, or words that somebody reported.
    Words(&'static str),
    /// A documented rule or limit; the words are ours.
    Rule(&'static str),
    /// Resource Manager's, by general knowledge.
    Manager,
}

use Source::{Manager, Rule, Words};

const API: &str = "2026-08-01";
const SCHEMA: Source = Rule("OpenAPI of 2026-08-01");
const USER: &str = "/agentPools/user";
const SYSTEM: &str = "/agentPools/system";
const DEFAULT: &str = "/maintenanceConfigurations/default";
const AUTO: &str = "/maintenanceConfigurations/aksManagedAutoUpgradeSchedule";

fn send(azure: &mut Azure, method: &str, target: &str, body: &Value, kind: Option<&str>) -> Answer {
    let base = if target.starts_with("/subscriptions") { "" } else { PROD };
    let separator = if target.contains('?') { "" } else { &format!("?api-version={API}") };
    let mut request = Request::builder()
        .method(method)
        .uri(format!("https://management.azure.com{base}{target}{separator}"))
        .header("authorization", "Bearer secret");
    if let Some(kind) = kind {
        request = request.header("content-type", kind);
    }
    let body = if body.is_null() { String::new() } else { body.to_string() };
    azure.send(request.body(Bytes::from(body)).unwrap())
}

/// A cluster on 1.34.2 with a System and a User pool refuses `body` so.
#[track_caller]
fn put(target: &str, body: Value, refusal: &str, source: Source) {
    row(&mut Azure::prod(), "PUT", target, body, refusal, source);
}

/// Words that are known are asserted whole, others by their code.
#[track_caller]
fn row(azure: &mut Azure, method: &str, target: &str, body: Value, refusal: &str, source: Source) {
    let answer = send(azure, method, target, &body, None).refusal();
    let (whole, from) = match source {
        Words(from) => (true, from),
        Rule(from) => (false, from),
        Manager => (false, "general knowledge of Resource Manager"),
    };
    let fits = if whole { answer == refusal } else { answer.starts_with(refusal) };
    assert!(fits, "{method} {target} {body}\n  says    {answer}\n  and not {refusal}\n  ({from})");
}

fn cluster(properties: Value) -> Value {
    json!({ "location": "westeurope", "properties": properties })
}

fn pool(properties: Value) -> Value {
    json!({ "properties": properties })
}

/// A new cluster's body.
fn new(pools: Value) -> Value {
    cluster(json!({ "kubernetesVersion": "1.36", "agentPoolProfiles": pools }))
}

fn other(name: &str) -> String {
    format!(
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/{name}"
    )
}

/// Rules 4 to 9 and 131.
#[test]
fn addresses_and_headers() {
    let own = "/subscriptions/00000000-0000-0000-0000-000000000000";
    let mut azure = Azure::prod();
    let mut get = |target: &str, refusal: &str| row(&mut azure, "GET", target, Value::Null, refusal, Manager);
    get("?api-version=2024-03-17", "400 NoRegisteredProviderFound: No registered resource provider found");
    get(&format!("{DEFAULT}?api-version=2017-08-31"), "400 NoRegisteredProviderFound: ");
    get("?api-version=tomorrow", "400 InvalidApiVersionParameter: ");
    get(
        "/subscriptions/banana/resourceGroups",
        "400 InvalidSubscriptionId: The provided subscription identifier 'banana' is malformed or invalid.",
    );
    get("/subscriptions/99999999-0000-0000-0000-000000000000/resourceGroups", "404 SubscriptionNotFound: ");
    let nowhere = format!("{own}/providers/Microsoft.ContainerService/locations/nowhere/kubernetesVersions");
    get(&nowhere, "400 LocationNotAvailableForResourceType: The provided location 'nowhere'");
    let answer = send(&mut azure, "PUT", USER, &pool(json!({})), Some("text/plain"));
    assert_eq!(
        answer.refusal(),
        "415 UnsupportedMediaType: The content media type 'text/plain' is not supported. Only 'application/json' is supported."
    );
    send(&mut azure, "PUT", USER, &pool(json!({})), Some("application/json; charset=utf-8")).expect(200);
}

/// Rules 8, 12 to 20, 23, 28 and 104.
#[test]
fn names_and_places() {
    let np = json!([{ "name": "np", "mode": "System", "count": 1 }]);
    put(
        "",
        json!({ "properties": {} }),
        "400 LocationRequired: The location property is required for this definition.",
        Manager,
    );
    let elsewhere = json!({ "location": "eastus", "properties": {} });
    put(
        "",
        elsewhere,
        "409 InvalidResourceLocation: The resource 'prod' already exists in location 'westeurope'",
        Manager,
    );
    put(
        "",
        cluster(json!({ "dnsPrefix": "other" })),
        "400 PropertyChangeNotAllowed: Changing property 'dnsPrefix' is not allowed.",
        Rule("ARM's immutable properties"),
    );
    put(
        USER,
        pool(json!({ "osType": "Windows" })),
        "400 PropertyChangeNotAllowed: Changing property 'agentPoolProfile.osType' is not allowed.",
        Rule("docs: use-multiple-node-pools"),
    );
    put(
        &format!("{USER}?api-version=2025-10-01"),
        pool(json!({ "vmSize": "Standard_D8ds_v5" })),
        "400 PropertyChangeNotAllowed: Changing property \"agentPoolProfile.vmSize\" is not allowed in an api-version before \"2026-01-02-preview\".",
        Words("reported"),
    );
    let nowhere = other("new").replace("/rg/", "/nowhere/");
    put(
        &nowhere,
        new(np.clone()),
        "404 ResourceGroupNotFound: Resource group 'nowhere' could not be found.",
        Words("recorded"),
    );
    let mut far = new(np.clone());
    far["location"] = json!("mars");
    put(&other("new"), far, "400 LocationNotAvailableForResourceType: The provided location 'mars'", Manager);
    put(
        &other("-bad-"),
        new(np),
        "400 InvalidParameter: The value of parameter resourceName is invalid.",
        Rule("docs: aks-naming-rules"),
    );
    let name = "400 InvalidParameter: The value of parameter agentPoolProfile.name is invalid. Please see https://aka.ms/aks-naming-rules for more details.";
    put("/agentPools/BadName", pool(json!({ "count": 1 })), name, Words("Azure/AKS#3300"));
    put("/agentPools/thirteenchars", pool(json!({ "count": 1 })), name, Words("Azure/AKS#3300"));
    put(
        "/agentPools/windowspool",
        pool(json!({ "count": 1, "osType": "Windows" })),
        "400 WindowsAgentPoolNameTooLong: ",
        Rule("docs: create-node-pools, limitations"),
    );
    put(
        "/agentPools/aksmanagedap",
        pool(json!({ "count": 1 })),
        "400 InvalidParameter: The value of parameter agentPoolProfile.name is invalid.",
        Rule("AKS changelog of 2025-04-27"),
    );
}

/// Rules 17 to 19, 99, 102 and every misspelling.
#[test]
fn types_and_values() {
    let count = "400 UnmarshalError: UnmarshalEntity encountered error: json: cannot unmarshal string into Go struct field agentPoolProfile.count of type int32.";
    put(USER, pool(json!({ "count": "three" })), count, Rule("Go's reader of JSON"));
    let negative = "400 InvalidParameter: agentPoolProfile.count was -1. It must be greater or equal to minCount:0 and less than or equal to maxCount:1000. If allowedMinCount was expected to be 0 but is 1: 1) The nodepool is a VMAS pool. 2) api Version is less than 2020-03-01. 3) The node is a system pool.";
    put(USER, pool(json!({ "count": -1 })), negative, Words("cluster-api-provider-azure#5947"));
    let banana = "400 InvalidParameter: The value of parameter agentPoolProfile.mode is invalid. Error details: value Banana is not allowed. Only System, User and Gateway are allowed.";
    put(
        USER,
        pool(json!({ "mode": "Banana" })),
        banana,
        Rule("the form was recorded of localDNSProfile.mode"),
    );
    let unknown = |field: &str| {
        format!(
            "400 UnmarshalError: UnmarshalEntity encountered error: json: unknown field \"{field}\" Check that the field is in the right location, is spelled correctly, and is supported in the API version. Visit aka.ms/aks/apiversions for more API version information.."
        )
    };
    let reported = Words("Azure/azure-rest-api-specs#40740");
    put(USER, pool(json!({ "upgradeSettings": { "maxSurges": "1" } })), &unknown("maxSurges"), reported);
    put(USER, pool(json!({ "orchestratorversions": "1.34.2" })), &unknown("orchestratorversions"), reported);
    put(
        "",
        cluster(json!({ "autoUpgradeProfile": { "upgradeChanel": "patch" } })),
        &unknown("upgradeChanel"),
        reported,
    );
    put(DEFAULT, json!({ "properties": {}, "timeInWeek": [] }), &unknown("timeInWeek"), reported);
    put(
        "",
        cluster(json!({ "autoUpgradeProfile": { "upgradeChannel": "weekly" } })),
        "400 InvalidParameter: The value of parameter autoUpgradeProfile.upgradeChannel is invalid. Error details: value weekly is not allowed.",
        SCHEMA,
    );
    let force =
        json!({ "upgradeSettings": { "overrideSettings": { "forceUpgrade": true, "until": "tomorrow" } } });
    put(
        "",
        cluster(force),
        "400 InvalidParameter: The value of parameter upgradeSettings.overrideSettings.until is invalid.",
        SCHEMA,
    );
    put("", cluster(json!({ "enableRBAC": "yes" })), "400 UnmarshalError: ", SCHEMA);
    let held = json!({ "autoUpgradeProfile": { "upgradeChannel": "node-image", "nodeOSUpgradeChannel": "SecurityPatch" } });
    put(
        "",
        cluster(held),
        "400 InvalidParameter: The value of parameter autoUpgradeProfile.nodeOSUpgradeChannel is invalid.",
        Rule("docs: auto-upgrade-cluster"),
    );
}

/// Rules 33 to 41.
#[test]
fn upgrade_settings() {
    let settings = |settings: Value| pool(json!({ "upgradeSettings": settings }));
    let refused = |key: &str| {
        format!("400 InvalidParameter: The value of parameter agentPoolProfile.upgrade.{key} is invalid.")
    };
    let docs = Rule("docs: upgrade-aks-node-pools-rolling");
    put(USER, settings(json!({ "maxSurge": "0", "maxUnavailable": "0" })), &refused("maxSurge"), docs);
    put(USER, settings(json!({ "maxSurge": "0" })), &refused("maxSurge"), docs);
    for surge in ["101%", "0%", "abc", "-1", "1.5", "+1"] {
        put(USER, settings(json!({ "maxSurge": surge })), &refused("maxSurge"), docs);
    }
    put(
        SYSTEM,
        settings(json!({ "maxSurge": "0", "maxUnavailable": "1" })),
        &refused("maxUnavailable"),
        docs,
    );
    put(
        USER,
        settings(json!({ "drainTimeoutInMinutes": 2 })),
        &refused("drainTimeoutInMinutes"),
        Rule("AKS changelog of 2024-08-05"),
    );
    put(USER, settings(json!({ "drainTimeoutInMinutes": 2000 })), &refused("drainTimeoutInMinutes"), SCHEMA);
    put(
        USER,
        settings(json!({ "nodeSoakDurationInMinutes": 45 })),
        &refused("nodeSoakDurationInMinutes"),
        SCHEMA,
    );
    put(
        USER,
        settings(json!({ "undrainableNodeBehavior": "Banana" })),
        &refused("undrainableNodeBehavior"),
        SCHEMA,
    );
    for taken in [
        json!({ "maxSurge": "100%" }),
        json!({ "maxSurge": "0", "maxUnavailable": "1" }),
        json!({ "drainTimeoutInMinutes": 5 }),
    ] {
        send(&mut Azure::prod(), "PUT", USER, &settings(taken), None).expect(200);
    }
}

/// Rules 21, 22, 24, 25, 43, 46 and 93.
#[test]
fn versions_and_plans() {
    let version = |version: &str| pool(json!({ "count": 1, "orchestratorVersion": version }));
    put(
        "/agentPools/new",
        version("1.36.2"),
        "400 NodePoolMcVersionIncompatible: Node pool version 1.36.2 and control plane version 1.34.2 is/are incompatible. Minor version of node pool version 1.36.2 is bigger than control plane version 1.34.2. For more information, please check https://aka.ms/aks/UpgradeVersionRules",
        Words("support: nodepoolmcversionincompatible-error"),
    );
    let unsupported = |version: &str| {
        format!(
            "400 AgentPoolK8sVersionNotSupported: Version {version} is not supported in this region. Please use [az aks get-versions] command to get the supported version list in this region. For more information, please check https://aka.ms/supported-version-list"
        )
    };
    let support = Words("support: agentpoolk8sversionnotsupported");
    put("/agentPools/new", version("1.34.99"), &unsupported("1.34.99"), support);
    put("/agentPools/new", version("1.33.13"), &unsupported("1.33.13"), support);
    let banana = Words("MicrosoftDocs/azure-docs#35696, Azure/AKS#1096");
    put(
        "/agentPools/new",
        version("banana"),
        "400 InvalidParameter: The value of parameter agentpool.Properties.OrchestratorVersion is invalid. Please see https://aka.ms/aks-naming-rules for more details.",
        banana,
    );
    put(
        "",
        cluster(json!({ "kubernetesVersion": "banana" })),
        "400 InvalidParameter: The value of parameter orchestratorProfile.OrchestratorVersion is invalid. Please see https://aka.ms/aks-naming-rules for more details.",
        banana,
    );
    let whole = |version: &str| {
        let pools = ["system", "user"].map(|name| json!({ "name": name, "orchestratorVersion": version }));
        cluster(json!({ "kubernetesVersion": version, "agentPoolProfiles": pools }))
    };
    put(
        "",
        whole("1.34.1"),
        "400 OperationNotAllowed: Upgrading Kubernetes version 1.34.2 to 1.34.1 is not allowed. Available upgrades: [",
        Rule("recorded of other versions"),
    );
    put(
        "",
        whole("1.33.13"),
        "400 OperationNotAllowed: Upgrading Kubernetes version 1.34.2 to 1.33.13 is not allowed.",
        Rule("recorded of other versions"),
    );
    put(
        "",
        cluster(json!({ "supportPlan": "AKSLongTermSupport" })),
        "400 InvalidParameter: The value of parameter supportPlan is invalid.",
        Rule("docs: long-term-support"),
    );
    let mut long_term = cluster(json!({ "supportPlan": "AKSLongTermSupport" }));
    long_term["sku"] = json!({ "name": "Base", "tier": "premium" });
    let shown = send(&mut Azure::prod(), "PUT", "", &long_term, None).expect(200);
    assert_eq!(shown.body["sku"]["tier"], "Premium", "Azure writes it in its own case (recorded)");
    let old = |version: &str| {
        cluster(
            json!({ "kubernetesVersion": version, "agentPoolProfiles": [{ "name": "np", "mode": "System", "count": 1 }] }),
        )
    };
    put(
        &other("new"),
        old("1.33.13"),
        "400 K8sVersionNotSupported: Managed cluster new is on version 1.33.13, which is only available for Long-Term Support (LTS).",
        Rule("recorded in 2026-04"),
    );
    put(
        &other("new"),
        old("1.99.1"),
        "400 K8sVersionNotSupported: Managed cluster new is on version 1.99.1 which is not supported in this region.",
        Rule("recorded"),
    );
}

/// Rules 26, 27 and 29 to 32.
#[test]
fn system_pools() {
    let none = "400 MustDefineAtLeastOneSystemPool: Must define at least one system pool.";
    let reported = Words("Azure/AKS#1568, #1602");
    put(
        &other("new"),
        cluster(json!({})),
        "400 InvalidParameter: Required parameter agentPoolProfiles is missing (null).",
        Rule("Azure/AKS#2495"),
    );
    put(&other("new"), new(json!([{ "name": "np", "mode": "User", "count": 1 }])), none, reported);
    put(
        SYSTEM,
        pool(json!({ "count": 0 })),
        "400 InvalidParameter: agentPoolProfile.count was 0. It must be greater or equal to minCount:1 and less than or equal to maxCount:1000. If allowedMinCount was expected to be 0 but is 1: 1) The nodepool is a VMAS pool. 2) api Version is less than 2020-03-01. 3) The node is a system pool.",
        Words("cluster-api-provider-azure#5947"),
    );
    put(SYSTEM, pool(json!({ "mode": "User" })), none, reported);
    put(
        SYSTEM,
        pool(json!({ "powerState": { "code": "Stopped" } })),
        "400 InvalidParameter: The value of parameter agentPoolProfile.powerState is invalid.",
        Rule("docs: start-stop-nodepools, limitations"),
    );
    row(&mut Azure::prod(), "DELETE", SYSTEM, Value::Null, none, reported);
    put("", cluster(json!({ "agentPoolProfiles": [{ "name": "system", "mode": "User" }] })), none, reported);
    // With another one, all of this is allowed.
    let mut azure = Azure::prod();
    send(&mut azure, "PUT", USER, &pool(json!({ "mode": "System" })), None).expect(200);
    azure.wait(60);
    send(&mut azure, "DELETE", SYSTEM, &Value::Null, None).expect(202);
}

/// Rules 104 and 56.
#[test]
fn what_is_done_and_not_refused() {
    let mut azure = Azure::prod();
    let more =
        json!([{ "name": "system" }, { "name": "user" }, { "name": "more", "mode": "User", "count": 2 }]);
    send(&mut azure, "PUT", "", &cluster(json!({ "agentPoolProfiles": more })), None).expect(200);
    assert_eq!(azure.picture()[3], "more: Updating 1.34.2 202611.16.0");
    azure.wait(600);
    let address =
        send(&mut azure, "PUT", "", &cluster(json!({ "kubernetesVersion": "1.34.9" })), None).expect(200);
    send(&mut azure, "DELETE", "", &Value::Null, None).expect(202);
    let status = azure.follow(address.header("azure-asyncoperation")).body;
    assert_eq!(status["error"]["code"], "AKSOperationPreemptedByDelete");
}

fn window(change: impl Fn(&mut Value)) -> Value {
    let mut window = json!({ "schedule": { "weekly": { "intervalWeeks": 1, "dayOfWeek": "Saturday" } }, "durationHours": 4, "startTime": "02:00" });
    change(&mut window);
    json!({ "properties": { "maintenanceWindow": window } })
}

/// Rules 106 to 127.
#[test]
fn maintenance_configurations() {
    let set = |key: &'static str, value: Value| window(move |window| window[key] = value.clone());
    let refused = |key: &str| {
        format!("400 InvalidParameter: The value of parameter maintenanceWindow.{key} is invalid.")
    };
    for time in ["25:00", "2:00", "02:60"] {
        put(AUTO, set("startTime", json!(time)), &refused("startTime"), SCHEMA);
    }
    put(
        AUTO,
        set("startTime", Value::Null),
        "400 InvalidParameter: Required parameter maintenanceWindow.startTime is missing (null).",
        SCHEMA,
    );
    for offset in ["5", "+25:00", "+05:75", "-13:00"] {
        put(AUTO, set("utcOffset", json!(offset)), &refused("utcOffset"), SCHEMA);
    }
    put(AUTO, set("startDate", json!("banana")), &refused("startDate"), SCHEMA);
    put(
        AUTO,
        set("startDate", json!("2026-11-21")),
        &refused("startDate"),
        Rule("MicrosoftDocs/azure-docs#114302"),
    );
    put(AUTO, set("durationHours", json!(3)), &refused("durationHours"), SCHEMA);
    put(
        AUTO,
        set("notAllowedDates", json!([{ "start": "2026-12-26", "end": "2026-12-24" }])),
        "400 InvalidStartEndTime: ",
        Rule("AKS's list of error codes"),
    );
    put(
        AUTO,
        set("notAllowedDates", json!([{ "start": "2026-12-26" }])),
        "400 InvalidParameter: Required parameter maintenanceWindow.notAllowedDates.end is missing (null).",
        SCHEMA,
    );
    let schedule = |schedule: Value| window(move |window| window["schedule"] = schedule.clone());
    put(
        AUTO,
        schedule(json!({ "weekly": { "intervalWeeks": 1, "dayOfWeek": "Funday" } })),
        "400 InvalidParameter: The value of parameter maintenanceWindow.schedule.weekly.dayOfWeek is invalid. Error details: value Funday is not allowed.",
        SCHEMA,
    );
    put(
        AUTO,
        schedule(
            json!({ "relativeMonthly": { "intervalMonths": 1, "weekIndex": "Fifth", "dayOfWeek": "Monday" } }),
        ),
        &refused("schedule.relativeMonthly.weekIndex"),
        SCHEMA,
    );
    put(
        AUTO,
        schedule(json!({ "weekly": { "intervalWeeks": 1 } })),
        "400 InvalidParameter: Required parameter maintenanceWindow.schedule.weekly.dayOfWeek is missing (null).",
        SCHEMA,
    );
    put(
        AUTO,
        schedule(json!({ "hourly": {} })),
        "400 UnmarshalError: UnmarshalEntity encountered error: json: unknown field \"hourly\"",
        SCHEMA,
    );
    put(AUTO, schedule(json!({})), &refused("schedule"), SCHEMA);
    put(
        AUTO,
        schedule(
            json!({ "daily": { "intervalDays": 1 }, "weekly": { "intervalWeeks": 1, "dayOfWeek": "Monday" } }),
        ),
        &refused("schedule"),
        SCHEMA,
    );
    put(
        AUTO,
        schedule(json!({ "absoluteMonthly": { "intervalMonths": 1, "dayOfMonth": 32 } })),
        &refused("schedule.absoluteMonthly.dayOfMonth"),
        SCHEMA,
    );
    put(
        AUTO,
        schedule(json!({ "absoluteMonthly": { "intervalMonths": 1, "dayOfMonth": "31" } })),
        "400 UnmarshalError: ",
        Rule("Go's reader of JSON"),
    );
    put(
        AUTO,
        json!({ "properties": {} }),
        "400 InvalidParameter: Required parameter maintenanceWindow is missing (null).",
        SCHEMA,
    );
    put(
        DEFAULT,
        json!({ "properties": {} }),
        "400 NeedAtLeastOneHourPerWeekForUpdate: ",
        Rule("AKS's list of error codes"),
    );
    let slots = |day: &str, slots: Value| json!({ "properties": { "timeInWeek": [{ "day": day, "hourSlots": slots }] } });
    put(DEFAULT, slots("Monday", json!([24])), "400 InvalidHourSlot: ", Rule("AKS's list of error codes"));
    put(DEFAULT, slots("Funday", json!([1])), "400 InvalidParameter: ", SCHEMA);
    put(
        DEFAULT,
        slots("Monday", json!([])),
        "400 NeedAtLeastOneHourPerWeekForUpdate: ",
        Rule("AKS's list of error codes"),
    );
    put(
        AUTO,
        slots("Monday", json!([1])),
        "400 InvalidParameter: timeInWeek can only be set",
        Rule("docs: planned-maintenance"),
    );
    put(
        DEFAULT,
        schedule(json!({ "daily": { "intervalDays": 1 } })),
        "400 InvalidParameter: Only weekly schedule is supported for control plane upgrade maintenance configuration: default.",
        Words("Azure/AgentBaker#6529"),
    );
    send(&mut Azure::prod(), "PUT", DEFAULT, &slots("Monday", json!([1, 2])), None).expect(200);
}

/// What is not played says so, and what does not exist says that.
#[test]
fn routes() {
    let mut azure = Azure::prod();
    let answer = send(&mut azure, "POST", "/rotateClusterCertificates", &Value::Null, None).refusal();
    assert!(
        answer.starts_with("501 NotPlayedBySimulator: The simulator does not play 'POST /subscriptions/"),
        "{answer}"
    );
    let answer = azure.follow("https://management.azure.com/no/such/thing?api-version=2026-08-01").refusal();
    assert!(answer.starts_with("404 InvalidResourceType: "), "{answer}");
}
