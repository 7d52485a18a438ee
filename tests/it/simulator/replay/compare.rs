//! What may not differ between our answer and Azure's; what may is counted under its reason.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::arm::cassette::Pair;
use crate::simulator::fixture::Answer;

/// One difference, in words.
pub type Difference = String;

/// How often each allowance was used, by its reason.
pub type Allowed = BTreeMap<String, usize>;

/// Counts that a difference was allowed for a reason.
fn allow(allowed: &mut Allowed, reason: impl Into<String>) {
    *allowed.entry(reason.into()).or_default() += 1;
}

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

/// Before a field whose value a new resource has by default, and defaults are of their day: each field is counted alone.
pub const OF_NEW: &str = "default of a new resource: ";

/// What Azure has shown since some day and older recordings have not, or shows when it is not 0.
const NEWER: [&str; 3] = ["countIPv6", "eTag", "nextLink"];

/// What Azure shows now and then: an error or an end beside `InProgress`, fields of previews.
const OPTIONAL: [&str; 4] = ["error", "endTime", "componentsByReleases", "upgradeStrategy"];

/// What no two Azures have in common, and what the replay's own stage decides: a snapshot's source, the day of a window.
const DRAWN: [&str; 13] = [
    "/name",
    "createdAt",
    "createdBy",
    "createdByType",
    "eTag",
    "endTime",
    "lastModifiedAt",
    "lastModifiedBy",
    "lastModifiedByType",
    "nextLink",
    "sourceResourceId",
    "startDate",
    "startTime",
];

/// How the words begin by which Azure tells how far an operation is.
const LATER: [&str; 5] =
    ["Provisioning", "Reconciling", "CreatingAgentPool", "UpgradingAgentPool", "BlueGreen"];

const SCALING: &str = "a new count was Updating until 2025";

fn is_scaling(mine: &Value, theirs: &Value, day: &str) -> bool {
    day < "2025" && mine == "Scaling" && theirs == "Updating"
}

/// Tells why Azure answered so only at that time, if it did.
///
/// Until 2024-01 the minor alone was resolved: in new resources, and where an update left the version empty;
/// since 2024-04 it stays. A change of the count is called `Scaling` since 2025, `Updating` before; the
/// subcodes of 404 have grown a suffix.
fn of_its_time(
    field: &str,
    mine: Option<&Value>,
    theirs: Option<&Value>,
    pair: &Pair,
) -> Option<&'static str> {
    let day = day(pair);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let (mine, theirs) = (text(mine), text(theirs));
    let resolved = || !mine.is_empty() && theirs.starts_with(&format!("{mine}."));
    match field {
        "/properties/kubernetesVersion" | "/properties/orchestratorVersion" if day.as_str() < "2024-04" => {
            resolved().then_some("a minor alone was resolved until 2024-04")
        }
        "/properties/provisioningState" => is_scaling(&mine.into(), &theirs.into(), &day).then_some(SCALING),
        "/subcode" => {
            (mine == format!("{theirs}_HCPServerError")).then_some("subcodes of 404 have grown a suffix")
        }
        "/message" | "/error/message" => (without_ids(&mine) == without_ids(&theirs))
            .then_some("the recordings mask subscriptions in addresses, and not in every sentence"),
        _ => None,
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
pub fn compare(ours: &Answer, pair: &Pair, known: Option<&str>, allowed: &mut Allowed) -> Vec<Difference> {
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
        if theirs.is_none() || mine == theirs {
            continue;
        }
        // An operation that goes on or went well may carry any error, and does so at times.
        let noise = field.starts_with("/error/") && pair.status == 200;
        let noise = noise.then_some("an error beside an operation that goes on");
        match noise.or_else(|| of_its_time(field, mine, theirs, pair)) {
            Some(reason) => allow(allowed, reason),
            None => differences.push(format!("{field}: {mine:?} instead of {theirs:?}")),
        }
    }
    let asked = pair.sent.as_ref().filter(|_| pair.status == 201);
    let day = day(pair);
    Shape { known, asked, day, differences: &mut differences, allowed }.compare(&ours.body, &pair.body, "");
    differences
}

/// Compares keys, types, lists and images.
struct Shape<'a> {
    known: Option<&'a str>,
    /// The request, when it made a new resource: the rest are defaults of its day.
    asked: Option<&'a Value>,
    /// When it was recorded.
    day: String,
    differences: &'a mut Vec<Difference>,
    allowed: &'a mut Allowed,
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
            (Value::Array(mine), Value::Array(recorded)) => self.compare_lists(mine, recorded, at),
            (Value::String(mine), Value::String(recorded)) if at.ends_with("/nodeImageVersion") => {
                let (one, other) = (family(mine), family(recorded));
                if one == other {
                    return;
                }
                match image_of_its_time(one, other, &self.day).or_else(|| self.chosen_by_azure(one, other)) {
                    Some(reason) => allow(self.allowed, reason),
                    None => self.differ(at, &format!("{mine} instead of {recorded}")),
                }
            }
            (one, other) if std::mem::discriminant(one) != std::mem::discriminant(other) => {
                self.differ(at, &format!("{one} instead of {other}"));
            }
            (one, other) if one != other => self.compare_values(one, other, at),
            _ => {}
        }
    }

    /// Compares two numbers, texts or marks that differ.
    fn compare_values(&mut self, mine: &Value, recorded: &Value, at: &str) {
        let key = at.rsplit('/').next().unwrap();
        let asked = self.asked.map(|asked| asked.pointer(&at.replace("[]", "/0")) == Some(recorded));
        let drawn = |known: &&&str| if known.starts_with('/') { at == **known } else { key == **known };
        let later = recorded.as_str().is_some_and(|word| LATER.iter().any(|begin| word.starts_with(begin)));
        let reason = match asked {
            // What clients act on is compared by itself.
            _ if DECISIVE.contains(&at) => return,
            Some(false) => format!("{OF_NEW}{key}"),
            _ if key == "status" && (later || recorded == "InProgress") => "words of progress".into(),
            _ if is_scaling(mine, recorded, &self.day) => SCALING.into(),
            _ if at == "/properties/count" && (mine == 0 || recorded == 0) => {
                "how many nodes a stopped pool had, its body does not tell the stage".into()
            }
            _ => match DRAWN.iter().find(drawn) {
                Some(known) => format!("drawn: {known}"),
                None => return self.differ(at, &format!("{mine} instead of {recorded}")),
            },
        };
        allow(self.allowed, reason);
    }

    /// Compares lists of things with names by these, lists of words by what they hold, and others by their places.
    fn compare_lists(&mut self, mine: &[Value], recorded: &[Value], at: &str) {
        if mine.iter().chain(recorded).any(|one| name(one).is_some()) {
            return self.compare_by_name(mine, recorded, at);
        }
        if at.ends_with("/supportPlan") && self.day.as_str() < "2025" && mine.len() > recorded.len() {
            return allow(self.allowed, "until 2025 not every minor had long-term support");
        }
        if mine.len() != recorded.len() {
            return self.differ(at, &format!("{} entries instead of {}", mine.len(), recorded.len()));
        }
        // In which order Azure lists versions is not always the same.
        let words = |list: &[Value]| {
            let mut words: Vec<String> = list.iter().map(Value::to_string).collect();
            words.sort();
            words
        };
        if mine.iter().chain(recorded).all(Value::is_string) {
            if words(mine) != words(recorded) {
                self.differ(at, &format!("{mine:?} instead of {recorded:?}"));
            }
            return;
        }
        for (one, other) in mine.iter().zip(recorded) {
            self.compare(one, other, &format!("{at}[]"));
        }
    }

    fn compare_by_name(&mut self, mine: &[Value], recorded: &[Value], at: &str) {
        for one in mine {
            match counterpart(one, recorded) {
                Some(other) => self.compare(one, other, &format!("{at}[]")),
                None if one["name"] == "neighbour" => {
                    allow(self.allowed, "the replay's own stage has a neighbour beside the recorded cluster");
                }
                None => self.differ(at, &format!("Azure has no {:?}", name(one))),
            }
        }
        for other in recorded.iter().filter(|other| counterpart(other, mine).is_none()) {
            self.differ(at, &format!("only Azure has {:?}", name(other)));
        }
    }

    fn differ(&mut self, at: &str, what: &str) {
        self.differences.push(format!("{at}: {what}"));
    }

    /// Tells why a new resource, which left the machines to Azure, has others: Azure took Arm, or Azure Linux in an Automatic cluster.
    fn chosen_by_azure(&self, mine: &str, theirs: &str) -> Option<&'static str> {
        let asked = self.asked?;
        let arm = theirs.replace("arm64", "") == mine && !asked.to_string().contains("pds_");
        let automatic = asked["sku"]["name"] == "Automatic";
        arm.then_some("Azure took Arm machines")
            .or_else(|| automatic.then_some("Azure took Azure Linux for an Automatic cluster"))
    }

    fn only_ours(&mut self, key: &str, at: &str) {
        // Azure's own identity of an add-on is shown when the work is done.
        let later = key == "identity" && at.contains("/addonProfiles/");
        let reason = match key {
            _ if self.asked.is_some() => format!("{OF_NEW}{key}"),
            "isDefault" => "which version is the default is of the day".into(),
            _ if later => "an add-on's identity comes when the work is done".into(),
            _ if NEWER.contains(&key) => format!("newer: {key}"),
            _ => return self.differ(&format!("{at}/{key}"), "Azure does not say it"),
        };
        allow(self.allowed, reason);
    }

    /// A field that no earlier body and no request has was made up by Azure.
    fn only_theirs(&mut self, key: &str, at: &str) {
        let known = match (self.asked, self.known) {
            (Some(asked), _) => {
                let path = format!("{at}/{key}").replace("[]", "/0");
                asked.pointer(&path).is_some_and(|value| !is_empty(value))
            }
            (None, Some(known)) => known.contains(&format!("\"{key}\"")),
            (None, None) => true,
        };
        match known {
            _ if OPTIONAL.contains(&key) => allow(self.allowed, format!("now and then: {key}")),
            false => allow(self.allowed, "made up by Azure"),
            true => self.differ(&format!("{at}/{key}"), "only Azure says it"),
        }
    }
}

/// Returns the entry of the same name.
fn counterpart<'a>(one: &Value, others: &'a [Value]) -> Option<&'a Value> {
    others.iter().find(|other| name(other) == name(one))
}

/// Returns what an entry of a list is called, in lower case: by a name, or a minor by its version.
fn name(one: &Value) -> Option<String> {
    ["name", "version", "kubernetesVersion"].iter().find_map(|key| one[key].as_str()).map(str::to_lowercase)
}

/// Returns the kind of an image: what is newest of it is another one every week.
fn family(image: &str) -> &str {
    image.rsplit_once('-').map_or(image, |(family, _)| family)
}

/// Tells why new pools had such an image only at that time.
///
/// Windows of the first generation until 2024; trusted launch unasked in May 2024, in the subscription of the
/// preview's recordings; FIPS on Ubuntu 20.04 in 2025.
fn image_of_its_time(mine: &str, theirs: &str, day: &str) -> Option<&'static str> {
    let plain = theirs.replace("TLcontainerd", "containerd");
    match day.get(..4).unwrap_or_default() {
        "2022" | "2023" if theirs == "AKSWindows-2022-containerd" => {
            Some("Windows was of the first generation until 2024")
        }
        "2024" if day < "2024-07" && plain == mine => Some("trusted launch unasked in 2024"),
        "2025"
            if mine == "AKSUbuntu-2204gen2fipscontainerd" && theirs == "AKSUbuntu-2004gen2fipscontainerd" =>
        {
            Some("FIPS on Ubuntu 20.04 in 2025")
        }
        _ => None,
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
