//! What may not differ between our answer and Azure's.

use serde_json::Value;

use crate::arm::cassette::Pair;
use crate::simulator::fixture::Answer;

/// One difference, in words.
pub type Difference = String;

/// Headers that a client acts on.
const HEADERS: [&str; 2] = ["azure-asyncoperation", "location"];

/// Fields that decide what a client does next.
const DECISIVE: [&str; 12] = [
    "/properties/provisioningState",
    "/properties/kubernetesVersion",
    "/properties/currentKubernetesVersion",
    "/properties/orchestratorVersion",
    "/properties/currentOrchestratorVersion",
    "/code",
    "/subcode",
    "/error/code",
    "/message",
    "/error/message",
    "/target",
    "/type",
];

/// What Azure has shown since some day and older recordings have not, or shows when it is not 0.
const NEWER: [&str; 16] = [
    "countIPv6",
    "eTag",
    "nextLink",
    "kind",
    "upgradeStrategy",
    "bootstrapProfile",
    "nodeProvisioningProfile",
    "defaultNodePools",
    "metricsProfile",
    "resourceUID",
    "workloadRuntime",
    "securityProfile",
    "networkProfile",
    "scaleDownMode",
    "autoUpgradeProfile",
    "supportPlan",
];

/// What Azure shows now and then: an error or an end beside `InProgress`, a mark on one entry of a
/// list, fields of previews.
const OPTIONAL: [&str; 5] = ["error", "endTime", "isDefault", "componentsByReleases", "upgradeStrategy"];

/// Tells whether Azure answered so only at that time.
///
/// Until 2024-01 the minor alone was resolved: in new resources, and where an update left the version empty;
/// since 2024-04 it stays. A change of the count is called `Scaling` since 2025, `Updating` before; the
/// subcodes of 404 have grown a suffix.
fn is_of_its_time(field: &str, mine: Option<&Value>, theirs: Option<&Value>, pair: &Pair) -> bool {
    let day = day(pair);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let (mine, theirs) = (text(mine), text(theirs));
    match field {
        "/properties/kubernetesVersion" | "/properties/orchestratorVersion" => {
            day.as_str() < "2024-04" && !mine.is_empty() && theirs.starts_with(&format!("{mine}."))
        }
        "/properties/provisioningState" => day.as_str() < "2025" && mine == "Scaling" && theirs == "Updating",
        "/subcode" => mine == format!("{theirs}_HCPServerError"),
        // The recordings mask subscriptions in addresses, and not in every sentence.
        "/message" | "/error/message" => without_ids(&mine) == without_ids(&theirs),
        _ => false,
    }
}

fn without_ids(text: &str) -> String {
    let id = regex_lite::Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").unwrap();
    id.replace_all(text, "ID").into_owned()
}

/// Returns when it was recorded; only ASO's recordings have no date.
fn day(pair: &Pair) -> String {
    pair.at().map(|at| at.to_string()).unwrap_or_default()
}

/// Returns how our answer differs; `known` holds the fields that ours can know of, if not all.
pub fn compare(ours: &Answer, pair: &Pair, known: Option<&str>) -> Vec<Difference> {
    let mut differences = vec![];
    if ours.status != pair.status {
        return vec![format!("status {} instead of {}: {}", ours.status, pair.status, ours.body)];
    }
    for name in HEADERS {
        let (mine, theirs) = (ours.headers.contains_key(name), pair.header(name).is_some());
        if mine != theirs {
            differences.push(format!("header {name}: {mine} instead of {theirs}"));
        }
    }
    for field in DECISIVE {
        let (mine, theirs) = (ours.body.pointer(field), pair.body.pointer(field));
        // An operation that goes on or went well may carry any error, and does so at times.
        let noise = field.starts_with("/error/") && pair.status == 200;
        if theirs.is_some() && mine != theirs && !noise && !is_of_its_time(field, mine, theirs, pair) {
            differences.push(format!("{field}: {mine:?} instead of {theirs:?}"));
        }
    }
    let asked = pair.sent.as_ref().filter(|_| pair.status == 201);
    Shape { known, asked, day: day(pair), differences: &mut differences }.compare(&ours.body, &pair.body, "");
    differences
}

/// Compares keys and types.
struct Shape<'a> {
    known: Option<&'a str>,
    /// The request, when it made a new resource: the rest are defaults of its day.
    asked: Option<&'a Value>,
    /// When it was recorded.
    day: String,
    differences: &'a mut Vec<Difference>,
}

impl Shape<'_> {
    fn compare(&mut self, ours: &Value, theirs: &Value, at: &str) {
        match (ours, theirs) {
            (Value::Object(mine), Value::Object(recorded)) => {
                for (key, value) in mine {
                    match recorded.get(key) {
                        Some(other) => self.compare(value, other, &format!("{at}/{key}")),
                        None => self.only_ours(key, at),
                    }
                }
                let missing = recorded.iter().filter(|(key, _)| !mine.contains_key(*key));
                missing.filter(|(_, value)| !is_empty(value)).for_each(|(key, _)| self.only_theirs(key, at));
            }
            (Value::Array(mine), Value::Array(recorded)) => {
                for (place, one) in mine.iter().enumerate() {
                    match counterpart(one, recorded, place) {
                        Some(other) => self.compare(one, other, &format!("{at}[]")),
                        // The replay's own stage has a neighbour beside the recorded cluster.
                        None if one["name"].is_string() && one["name"] != "neighbour" => {
                            self.differences.push(format!("{at}[]: Azure has no {}", one["name"]));
                        }
                        None => {}
                    }
                }
                for (place, other) in
                    recorded.iter().enumerate().filter(|(_, other)| other["name"].is_string())
                {
                    if counterpart(other, mine, place).is_none() {
                        self.differences.push(format!("{at}[]: only Azure has {}", other["name"]));
                    }
                }
            }
            (Value::String(mine), Value::String(recorded)) if at.ends_with("/nodeImageVersion") => {
                let (one, other) = (family(mine), family(recorded));
                let named =
                    is_image_of_its_time(one, other, &self.day) || self.is_chosen_by_azure(one, other);
                if one != other && !named {
                    self.differences.push(format!("{at}: {mine} instead of {recorded}"));
                }
            }
            (Value::Null, _) | (_, Value::Null) => {}
            (one, other) if std::mem::discriminant(one) != std::mem::discriminant(other) => {
                self.differences.push(format!("{at}: {one} instead of {other}"));
            }
            _ => {}
        }
    }

    /// Tells whether a new resource left the machines to Azure, which took Arm, or Azure Linux in an Automatic cluster.
    fn is_chosen_by_azure(&self, mine: &str, theirs: &str) -> bool {
        let Some(asked) = self.asked else { return false };
        let arm = theirs.replace("arm64", "") == mine && !asked.to_string().contains("pds_");
        arm || asked["sku"]["name"] == "Automatic"
    }

    fn only_ours(&mut self, key: &str, at: &str) {
        // Which version is the default is of the day, too.
        let datum = at.ends_with("/patchVersions") || key == "isDefault";
        // Azure's own identity of an add-on is shown when the work is done.
        let later = key == "identity" && at.contains("/addonProfiles/");
        if !NEWER.contains(&key) && !datum && !later && self.asked.is_none() {
            self.differences.push(format!("{at}/{key}: Azure does not say it"));
        }
    }

    /// A field that no earlier body and no request has was made up by Azure.
    fn only_theirs(&mut self, key: &str, at: &str) {
        let datum = at.ends_with("/patchVersions") || OPTIONAL.contains(&key);
        let known = match (self.asked, self.known) {
            (Some(asked), _) => {
                let path = format!("{at}/{key}").replace("[]", "/0");
                asked.pointer(&path).is_some_and(|value| !is_empty(value))
            }
            (None, Some(known)) => known.contains(&format!("\"{key}\"")),
            (None, None) => true,
        };
        if !datum && known {
            self.differences.push(format!("{at}/{key}: only Azure says it"));
        }
    }
}

/// Returns the recorded entry of the same name, or else at the same place.
fn counterpart<'a>(one: &Value, recorded: &'a [Value], place: usize) -> Option<&'a Value> {
    let named = |value: &Value| value["name"].as_str().map(str::to_lowercase);
    match named(one) {
        Some(name) => recorded.iter().find(|other| named(other).as_ref() == Some(&name)),
        None => recorded.get(place),
    }
}

/// Returns the kind of an image: what is newest of it is another one every week.
fn family(image: &str) -> &str {
    image.rsplit_once('-').map_or(image, |(family, _)| family)
}

/// Tells whether new pools had such an image only at that time.
///
/// Windows of the first generation until 2024; trusted launch unasked in May 2024, in the subscription of the
/// preview's recordings; FIPS on Ubuntu 20.04 in 2025.
fn is_image_of_its_time(mine: &str, theirs: &str, day: &str) -> bool {
    let plain = theirs.replace("TLcontainerd", "containerd");
    match day.get(..4).unwrap_or_default() {
        "2022" | "2023" => theirs == "AKSWindows-2022-containerd",
        "2024" => day < "2024-07" && plain == mine,
        "2025" => mine == "AKSUbuntu-2204gen2fipscontainerd" && theirs == "AKSUbuntu-2004gen2fipscontainerd",
        _ => false,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}
