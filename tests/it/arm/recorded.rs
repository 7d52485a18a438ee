//! Recorded Azure traffic through the parsers and the state machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use azure_core::http::Url;
use serde_json::Value;
use terraform_provider_aks::arm::error::Error;
use terraform_provider_aks::arm::id::ClusterId;
use terraform_provider_aks::arm::operation::{Operation, Progress, Source};
use terraform_provider_aks::arm::text::json;
use terraform_provider_aks::arm::{request, response};
use terraform_provider_aks::upgrade::cluster::State;
use terraform_provider_aks::upgrade::version::Version;

use super::prod;
use super::response::differences;

/// One recorded request with its answer.
struct Exchange {
    file: String,
    method: String,
    uri: String,
    command: String,
    sent: Value,
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Exchange {
    /// Returns the path without query and host.
    fn path(&self) -> &str {
        let path = self.uri.trim_start_matches("https://management.azure.com");
        path.split('?').next().unwrap()
    }

    fn json(&self) -> Value {
        json(self.body.as_bytes()).unwrap_or(Value::Null)
    }

    /// Returns what follows the cluster's id, e.g. `agentPools/x`; `None` for other resources.
    fn below_cluster(&self) -> Option<(ClusterId, &str)> {
        let start = self.path().to_ascii_lowercase().find("/managedclusters/")? + "/managedclusters/".len();
        let name = self.path()[start..].find('/').map_or(self.path().len(), |end| start + end);
        let id = self.path()[..name].parse().ok()?;
        Some((id, self.path()[name..].trim_start_matches('/')))
    }

    fn succeeded(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

fn files(variable: &str, extension: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
        let mut entries: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                walk(&path, extension, found);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    let folder = std::env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set"));
    let mut found = Vec::new();
    walk(Path::new(&folder), extension, &mut found);
    found
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
}

fn headers(value: &Value) -> BTreeMap<String, String> {
    let first = |value: &Value| text(value.get(0).unwrap_or(value));
    let fields = value.as_object().into_iter().flatten();
    fields.map(|(name, value)| (name.to_ascii_lowercase(), first(value))).collect()
}

/// Reads one interaction of any of the three formats: the examples' JSON, Python's cassettes, Go's cassettes.
fn exchange(file: &Path, interaction: &Value) -> Exchange {
    let (request, response) = (&interaction["request"], &interaction["response"]);
    let sent = match &request["body"] {
        Value::String(text) => json(text.as_bytes()).unwrap_or(Value::Null),
        other => other.clone(),
    };
    let status = [&response["status"], &response["status"]["code"], &response["code"]];
    let body =
        if response["body"]["string"].is_string() { &response["body"]["string"] } else { &response["body"] };
    Exchange {
        file: file.file_name().unwrap().to_string_lossy().into_owned(),
        method: text(&request["method"]),
        uri: text(if request["uri"].is_string() { &request["uri"] } else { &request["url"] }),
        command: headers(&request["headers"]).remove("commandname").unwrap_or_default(),
        sent,
        status: status.iter().find_map(|status| status.as_u64()).unwrap_or_default().try_into().unwrap(),
        headers: headers(&response["headers"]),
        body: text(body),
    }
}

fn examples() -> Vec<Exchange> {
    let mut all = Vec::new();
    for file in files("AZURE_EXAMPLES", "json") {
        let value: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let several = value["interactions"].as_array().into_iter().flatten();
        all.extend(several.chain(value.get("request").map(|_| &value)).map(|one| exchange(&file, one)));
    }
    all
}

fn cassettes() -> Vec<Exchange> {
    let mut all = Vec::new();
    for file in files("AZURE_RECORDINGS", "yaml") {
        let value: Value = serde_norway::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        all.extend(value["interactions"].as_array().unwrap().iter().map(|one| exchange(&file, one)));
    }
    all
}

/// Returns every exchange with Azure Resource Manager, in the order of each recording.
fn traffic() -> &'static [Exchange] {
    static ALL: OnceLock<Vec<Exchange>> = OnceLock::new();
    ALL.get_or_init(|| {
        let all = examples().into_iter().chain(cassettes());
        all.filter(|one| one.uri.starts_with("https://management.azure.com/")).collect()
    })
}

#[test]
#[ignore = "needs recorded Azure traffic: set AZURE_RECORDINGS and AZURE_EXAMPLES"]
fn every_cluster_parses_and_survives_pruning() {
    let mut seen = 0;
    for one in traffic() {
        let Some((id, "")) = one.below_cluster() else { continue };
        if !one.succeeded() || !["GET", "PUT", "PATCH"].contains(&one.method.as_str()) || one.json().is_null()
        {
            continue;
        }
        let body = one.json();
        let cluster =
            response::cluster(&id, &body).unwrap_or_else(|error| panic!("{}: {error}\n{body:#}", one.file));
        assert_eq!(
            response::cluster(&id, &response::prune_cluster(&body)).as_ref(),
            Ok(&cluster),
            "{}",
            one.file
        );
        let properties = &body["properties"];
        let current = properties["currentKubernetesVersion"].as_str();
        assert!(current.is_none_or(|current| current == cluster.version.to_string()), "{}", one.file);
        let pools = properties["agentPoolProfiles"].as_array().map_or(0, Vec::len);
        assert_eq!(cluster.pools.len(), pools, "{}", one.file);
        let settled =
            ["Succeeded", "Failed", "Canceled"].contains(&text(&properties["provisioningState"]).as_str());
        assert_eq!(!matches!(cluster.state, State::Busy(_)), settled, "{}", one.file);
        seen += 1;
    }
    println_count("clusters", seen);
    assert!(seen > 400, "{seen}");
}

#[test]
#[ignore = "needs recorded Azure traffic: set AZURE_RECORDINGS and AZURE_EXAMPLES"]
fn every_pool_parses() {
    let mut seen = 0;
    for one in traffic() {
        let Some((_, below)) = one.below_cluster() else { continue };
        let is_pool = below.split('/').count() == 2 && below.starts_with("agentPools/");
        if !one.succeeded() || !is_pool || one.method == "DELETE" || one.json().is_null() {
            continue;
        }
        let body = one.json();
        if body["properties"]["mode"] == "Machines" {
            continue;
        }
        let pool = response::pool(&body).unwrap_or_else(|error| panic!("{}: {error}\n{body:#}", one.file));
        assert_eq!(pool.name, below["agentPools/".len()..], "{}", one.file);
        assert!(pool.machines || !pool.os_sku.is_empty(), "{}", one.file);
        seen += 1;
    }
    println_count("pools", seen);
    assert!(seen > 100, "{seen}");
}

#[test]
#[ignore = "needs recorded Azure traffic: set AZURE_RECORDINGS and AZURE_EXAMPLES"]
fn every_offer_parses() {
    let (mut clusters, mut pools, mut regions) = (0, 0, 0);
    for one in traffic().iter().filter(|one| one.method == "GET" && one.status == 200) {
        let body = one.json();
        if one.path().ends_with("/kubernetesVersions") {
            let versions = response::region(&body);
            let all: usize = body["values"]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v["patchVersions"].as_object().map_or(0, |p| p.len()))
                .sum();
            assert_eq!(versions.len(), all, "{}", one.file);
            assert_eq!(
                response::region(&response::prune_region(&body, versions[0].version.minor())),
                versions
            );
            regions += 1;
        }
        match one.below_cluster() {
            Some((_, "upgradeProfiles/default")) => {
                let offered = &body["properties"]["controlPlaneProfile"]["upgrades"];
                let offers = response::upgrades(&body);
                assert_eq!(offers.len(), offered.as_array().map_or(0, Vec::len), "{}", one.file);
                assert_eq!(response::upgrades(&response::prune_upgrades(&body)), offers);
                clusters += 1;
            }
            Some((_, below))
                if below.starts_with("agentPools/") && below.ends_with("/upgradeProfiles/default") =>
            {
                let image = response::latest_image(&body).unwrap();
                assert!(image.as_str().starts_with("AKS"), "{image}");
                pools += 1;
            }
            _ => {}
        }
    }
    println_count("cluster upgrade profiles", clusters);
    println_count("pool upgrade profiles", pools);
    println_count("regions", regions);
    assert!(clusters > 0 && pools > 5 && regions > 10);
}

fn catalogue() -> Vec<Exchange> {
    let mut all = Vec::new();
    for file in files("AZURE_RECORDINGS", "json") {
        let entries: Vec<Value> = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        for entry in entries {
            let interaction = serde_json::json!({
                "request": {"method": entry["method"], "uri": entry["uri"]},
                "response": {"status": entry["status"], "headers": entry["headers"], "body": entry["body"]},
            });
            all.push(exchange(&file, &interaction));
        }
    }
    all
}

#[test]
#[ignore = "needs recorded Azure traffic: set AZURE_RECORDINGS and AZURE_EXAMPLES"]
fn every_refusal_is_a_sentence() {
    let (mut seen, mut gone) = (0, 0);
    let catalogue = catalogue();
    for one in traffic().iter().chain(&catalogue).filter(|one| one.status >= 400) {
        let call = format!("{} {}", one.method, one.path());
        let error = Error::from_answer(&call, one.status, None, None, one.body.as_bytes());
        let sentence = error.to_string();
        assert!(sentence.ends_with('.') && !sentence.chars().any(char::is_control), "{sentence}");
        let refusal = error.refusal().unwrap_or_else(|| panic!("{sentence}"));
        assert!(!refusal.message.is_empty(), "{}: {sentence}", one.file);
        let is_json = !one.json().is_null();
        assert!(!is_json || !refusal.code.is_empty(), "{}: {sentence}", one.file);
        let about_cluster = one.below_cluster().is_some_and(|(_, below)| below.is_empty());
        if one.status == 404 && about_cluster && one.method == "GET" && is_json {
            assert!(
                matches!(error, Error::NotFound(_)) || refusal.code == "ResourceGroupNotFound",
                "{}: {sentence}",
                one.file
            );
            gone += 1;
        }
        seen += 1;
    }
    println_count("refusals", seen);
    println_count("of them about a cluster that is gone", gone);
    assert!(seen > 200 && gone > 100, "{seen} {gone}");
}

#[test]
#[ignore = "needs recorded Azure traffic: set AZURE_RECORDINGS and AZURE_EXAMPLES"]
fn every_operation_ends_as_recorded() {
    let endpoint = Url::parse("https://management.azure.com").unwrap();
    let mut followed: BTreeMap<(&str, &str), Progress> = BTreeMap::new();
    let (mut accepted, mut looks) = (0, 0);
    for one in traffic() {
        if let Some(url) = one.headers.get("azure-asyncoperation").filter(|_| one.method != "GET") {
            let operation = Operation::new(&endpoint, request::cluster(&prod()), Some(url), None);
            let Source::Status(kept) = operation.source() else { panic!("{}: {url} was refused", one.file) };
            assert_eq!(kept.as_str(), url, "{}: the URL is kept verbatim", one.file);
            accepted += 1;
        }
        if !one.path().contains("/locations/") || !one.path().contains("/operations/") {
            continue;
        }
        let operation = Operation::new(&endpoint, request::cluster(&prod()), Some(&one.uri), None);
        let progress = operation.step(one.status, one.body.as_bytes(), Duration::from_secs(30));
        let body = one.json();
        let status = text(&body["status"]);
        let word = match &progress {
            Progress::Running { status, .. } => status.clone(),
            Progress::Succeeded => "Succeeded".into(),
            Progress::Failed { code, message } => {
                assert!(!code.is_empty() && !message.is_empty(), "{}: {body}", one.file);
                "Failed".into()
            }
            Progress::Canceled { .. } => "Canceled".into(),
            Progress::StatusUnreadable(_) => {
                assert!(one.status >= 400, "{}: {} {body}", one.file, one.status);
                continue;
            }
        };
        assert_eq!(word, status, "{}", one.file);
        followed.insert((&one.file, &one.uri), progress);
        looks += 1;
    }
    let mut ends: BTreeMap<&str, u32> = BTreeMap::new();
    for end in followed.values() {
        let word = match end {
            Progress::Succeeded => "succeeded",
            Progress::Failed { .. } => "failed",
            Progress::Canceled { .. } => "canceled",
            _ => "was still running when the recording ended",
        };
        *ends.entry(word).or_default() += 1;
    }
    println_count("writes with an operation", accepted);
    println_count("looks", looks);
    println_count(&format!("operations {ends:?}"), followed.len());
    assert!(accepted > 200 && looks > 1000 && ends["succeeded"] > 100, "{accepted} {looks} {ends:?}");
}

/// Finds each recorded upgrade: the PUT, and the body that was read before it.
fn upgrades() -> Vec<(&'static Exchange, Value)> {
    let mut read: BTreeMap<(&str, &str), Value> = BTreeMap::new();
    let mut found = Vec::new();
    for one in traffic() {
        let key = (one.file.as_str(), one.path());
        if one.method == "PUT" && one.command.ends_with("upgrade") && one.succeeded() {
            found.extend(read.get(&key).map(|before| (one, before.clone())));
        }
        if one.method == "GET" && one.status == 200 {
            read.insert(key, one.json());
        }
    }
    found
}

/// Returns the changes of a PUT, as `path: before -> after`, those left out that we take out on purpose.
fn named(before: &Value, after: &Value) -> Vec<String> {
    let on_purpose = |change: &String| {
        change.contains("/nodeImageVersion: ") || change.starts_with("/identity/userAssigned")
    };
    differences(before, after).into_iter().filter(|change| !on_purpose(change)).collect()
}

/// Returns the changes that a recorded PUT made: its fields only, because it leaves out what is read-only.
fn recorded(before: &Value, sent: &Value) -> Vec<String> {
    differences(before, sent)
        .into_iter()
        .filter(|change| !change.ends_with(" -> -") && !change.ends_with("-> null"))
        .collect()
}

#[test]
#[ignore = "needs recorded Azure traffic: set AZURE_RECORDINGS and AZURE_EXAMPLES"]
fn our_upgrades_change_what_the_recorded_ones_changed() {
    let (mut clusters, mut pools) = (0, 0);
    for (put, before) in upgrades() {
        let (_, below) = put.below_cluster().unwrap();
        let theirs = recorded(&before, &put.sent);
        let properties = &put.sent["properties"];
        let target = if below.is_empty() {
            &properties["kubernetesVersion"]
        } else {
            &properties["orchestratorVersion"]
        };
        let Some(version) = target.as_str().and_then(|target| target.parse::<Version>().ok()) else {
            continue;
        };
        let ours = if below.is_empty() {
            clusters += 1;
            let all = properties["agentPoolProfiles"].as_array().unwrap();
            let moved = all.iter().all(|pool| pool["orchestratorVersion"] == *target);
            if moved {
                response::with_full_version(&before, &version, |_| (None, None))
            } else {
                response::with_cluster_version(&before, &version)
            }
        } else {
            pools += 1;
            response::with_pool_version(&before, &version, None, None)
        };
        let (versions, flags): (Vec<_>, Vec<_>) =
            theirs.into_iter().partition(|change| change.contains("Version: "));
        assert_eq!(named(&before, &ours), versions, "{} {}", put.file, put.path());
        // Other flags of the same command: a strategy, an override, a tier, a snapshot.
        let known = ["/upgradeS", "/supportPlan", "/sku/", "/creationData"];
        assert!(
            flags.iter().all(|flag| known.iter().any(|known| flag.contains(known))),
            "{}: {flags:#?}",
            put.file
        );
    }
    println_count("upgrades of clusters", clusters);
    println_count("upgrades of pools", pools);
    assert!(clusters + pools > 0);
}

/// Shown with `--nocapture`.
#[allow(clippy::print_stdout)]
fn println_count(what: &str, count: usize) {
    println!("{count} {what}");
}
