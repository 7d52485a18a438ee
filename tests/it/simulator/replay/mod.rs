//! Every recorded pair of the operations that we simulate: the same request, in the same situation,
//! gets the same status, the same headers that matter and the same shape.

mod compare;
mod fleet;
mod situation;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::arm::cassette::{self, Pair};
use crate::simulator::fixture::Azure;
use compare::{Allowed, Difference, OF_NEW, compare};
use situation::Situation;

/// What is not replayed, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Excluded {
    /// Another service, or a Fleet: [`fleet`] plays these.
    Elsewhere,
    /// An operation that is not simulated: credentials, run command, trusted access, …
    NotSimulated,
    /// A cluster with pools of single machines, or with Azure's own pools.
    SingleMachines,
    /// The operation began in no recorded request, in one that was not replayed, or in one of a Fleet.
    NoOperation,
}

/// Which words of a path we simulate.
fn is_simulated(pair: &Pair) -> bool {
    let Some(words) = pair.words() else { return false };
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let read = pair.method == "GET";
    match lower.as_slice() {
        ["managedclusters", _] | ["managedclusters", _, "agentpools" | "maintenanceconfigurations", _] => {
            true
        }
        ["locations", _, "kubernetesversions" | "operations" | "operationresults", ..] => read,
        ["managedclusters"] | ["managedclusters", _, "agentpools" | "maintenanceconfigurations"] => read,
        ["managedclusters", _, "availableagentpoolversions"] => read,
        ["managedclusters", _, "upgradeprofiles", _] => read,
        ["managedclusters", _, "agentpools", _, "upgradeprofiles", _] => read,
        ["snapshots"] => read,
        ["snapshots", _] => true,
        ["managedclusters", _, "abort" | "start" | "stop"] => true,
        ["managedclusters", _, "agentpools", _, "abort" | "upgradenodeimageversion"] => true,
        _ => false,
    }
}

/// How often each reason kept a pair from being replayed.
const EXCLUDED: [(Excluded, usize); 4] = [
    (Excluded::Elsewhere, 336),
    (Excluded::NotSimulated, 68),
    (Excluded::SingleMachines, 41),
    (Excluded::NoOperation, 399),
];

/// Every difference that is allowed, and how often there is one: what no longer occurs is no longer allowed.
const ALLOWED: [(&str, usize); 37] = [
    ("Azure took Arm machines", 4),
    ("Azure took Azure Linux for an Automatic cluster", 1),
    ("FIPS on Ubuntu 20.04 in 2025", 1),
    ("Windows was of the first generation until 2024", 3),
    ("a minor alone was resolved until 2024-04", 41),
    ("a new count was Updating until 2025", 8),
    ("an add-on's identity comes when the work is done", 6),
    ("an error beside an operation that goes on", 228),
    ("drawn: /name", 2059),
    ("drawn: createdAt", 12),
    ("drawn: createdBy", 12),
    ("drawn: createdByType", 6),
    ("drawn: eTag", 24),
    ("drawn: endTime", 245),
    ("drawn: lastModifiedAt", 12),
    ("drawn: lastModifiedBy", 12),
    ("drawn: lastModifiedByType", 6),
    ("drawn: nextLink", 22),
    ("drawn: sourceResourceId", 10),
    ("drawn: startDate", 21),
    ("drawn: startTime", 2059),
    ("how many nodes a stopped pool had, its body does not tell the stage", 3),
    ("made up by Azure", 159),
    ("newer: countIPv6", 11),
    ("newer: eTag", 725),
    ("newer: nextLink", 47),
    ("now and then: componentsByReleases", 2),
    ("now and then: endTime", 11),
    ("now and then: error", 114),
    ("now and then: upgradeStrategy", 2),
    ("subcodes of 404 have grown a suffix", 3),
    ("the recordings mask subscriptions in addresses, and not in every sentence", 1),
    ("the replay's own stage has a neighbour beside the recorded cluster", 6),
    ("trusted launch unasked in 2024", 2),
    ("until 2025 not every minor had long-term support", 44),
    ("which version is the default is of the day", 11),
    ("words of progress", 228),
];

/// What came of one cassette.
#[derive(Default)]
struct Tally {
    replayed: BTreeMap<String, usize>,
    excluded: BTreeMap<Excluded, usize>,
    allowed: Allowed,
    differences: Vec<String>,
}

fn replay(name: &str, tally: &mut Tally) {
    let mut situation = Situation::default();
    for (index, pair) in cassette::read(name).iter().enumerate() {
        match judge(&mut situation, pair, &mut tally.allowed) {
            Ok(differences) => {
                *tally.replayed.entry(kind(pair)).or_default() += 1;
                let line = |what| format!("{name} {index} {} {}: {what}", pair.method, pair.path());
                tally.differences.extend(differences.into_iter().map(line));
            }
            Err(why) => *tally.excluded.entry(why).or_default() += 1,
        }
        situation.learn(pair);
    }
}

fn judge(situation: &mut Situation, pair: &Pair, allowed: &mut Allowed) -> Result<Vec<Difference>, Excluded> {
    if pair.words().is_none_or(|words| words[0].eq_ignore_ascii_case("fleets")) {
        return Err(Excluded::Elsewhere);
    }
    if !is_simulated(pair) {
        return Err(Excluded::NotSimulated);
    }
    let odd = ["\"mode\": \"Machines\"", "\"mode\": \"ManagedSystem\"", "\"type\": \"VirtualMachines\""];
    if odd.iter().any(|mode| pair.text.contains(mode)) {
        return Err(Excluded::SingleMachines);
    }
    let ours = situation.ask(pair)?;
    let known = situation.known(pair);
    Ok(compare(&ours, pair, (!is_made_up(pair)).then_some(&known), allowed))
}

/// Tells whether every field of the answer is the simulator's own: it must miss none.
fn is_made_up(pair: &Pair) -> bool {
    let kind = kind(pair);
    pair.status >= 400 || ["operation", "profiles", "versions"].iter().any(|word| kind.contains(word))
}

/// Returns `PUT managedClusters/agentPools`.
fn kind(pair: &Pair) -> String {
    let words = pair.words().unwrap();
    format!("{} {}", pair.method, words.iter().step_by(2).copied().collect::<Vec<_>>().join("/"))
        .to_lowercase()
}

#[test]
#[ignore = "needs recorded Azure traffic: set AZURE_RECORDINGS"]
fn the_simulator_answers_as_azure_did() {
    let mut tally = Tally::default();
    cassette::names().iter().for_each(|name| replay(name, &mut tally));
    let shown: Vec<&String> = tally.differences.iter().take(40).collect();
    assert!(shown.is_empty(), "{} differences\n{shown:#?}", tally.differences.len());
    let Tally { replayed, excluded, allowed, .. } = tally;
    let (of_new, allowed): (Allowed, Allowed) =
        allowed.into_iter().partition(|(reason, _)| reason.starts_with(OF_NEW));
    let line = |(reason, times): (&String, &usize)| format!("{} {times}", reason.trim_start_matches(OF_NEW));
    let of_new: Vec<String> = of_new.iter().map(line).collect();
    assert_eq!(of_new.join("\n"), include_str!("of_new.txt").trim_end());
    let named = ALLOWED.map(|(reason, times)| (reason.to_owned(), times));
    let excluded: Vec<_> = excluded.into_iter().collect();
    assert_eq!(
        (replayed.values().sum::<usize>(), excluded.as_slice(), allowed),
        (3095, &EXCLUDED[..], BTreeMap::from(named))
    );
}

/// What a region offered, as lines of a minor or a patch and everything beside it, in order.
fn region(body: &Value) -> BTreeSet<String> {
    let words = |list: &Value| {
        let mut words: Vec<String> = list.as_array().unwrap().iter().map(Value::to_string).collect();
        words.sort();
        words.join(" ")
    };
    let minor = |minor: &Value| {
        let plans = words(&minor["capabilities"]["supportPlan"]);
        let patches = minor["patchVersions"].as_object().unwrap().iter();
        let patches = patches.map(|(patch, entry)| format!("{patch} to {}", words(&entry["upgrades"])));
        let own = format!("{} {plans} {} {}", minor["version"], minor["isDefault"], minor["isPreview"]);
        patches.chain([own]).collect::<Vec<_>>()
    };
    body["values"].as_array().unwrap().iter().flat_map(minor).collect()
}

/// The calendar itself, with no version from the recording.
#[test]
#[ignore = "needs recorded Azure traffic: set AZURE_RECORDINGS"]
fn the_calendar_offers_what_the_region_did() {
    let mut compared = 0;
    let asked = |pair: &Pair| {
        is_simulated(pair)
            && kind(pair) == "get locations/kubernetesversions"
            && pair.at().is_some_and(|at| at.to_string().as_str() > "2025")
    };
    for pair in cassette::names().iter().flat_map(|name| cassette::read(name)).filter(asked) {
        let day = pair.at().unwrap();
        let mut azure = Azure::new(&format!(
            "clock = {{ start = \"{day}\" }}\n[[cluster]]\nname = \"prod\"\nversion = \"1.31.5\""
        ));
        let path = "/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.ContainerService/locations/westus2/kubernetesVersions";
        let ours = azure.get(path).expect(200).body;
        assert_eq!(region(&ours), region(&pair.body), "{:?}", pair.at());
        compared += 1;
    }
    assert_eq!(compared, 2);
}
