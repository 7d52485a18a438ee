//! Every recorded pair of the operations that we simulate: the same request, in the same situation,
//! gets the same status, the same headers that matter and the same shape.

mod compare;
mod fleet;
mod situation;

use std::collections::BTreeMap;

use crate::arm::cassette::{self, Pair};
use compare::{Difference, compare};
use situation::Situation;

/// What is not replayed, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Excluded {
    /// Another service, an operation that is not simulated (credentials, run command, trusted access, …),
    /// or pools of single machines and Azure's own pools.
    NotSimulated,
    /// The body before the request is in no recording.
    NoSituation,
    /// The operation began in no recorded request, or the request was not replayed.
    NoOperation,
    /// A network fault, an HTML page or Azure's own failure (5xx).
    Outcome,
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

/// What came of one cassette.
#[derive(Default)]
struct Tally {
    replayed: BTreeMap<String, usize>,
    excluded: BTreeMap<Excluded, usize>,
    differences: Vec<String>,
}

fn replay(name: &str, tally: &mut Tally) {
    let mut situation = Situation::default();
    for (index, pair) in cassette::read(name).iter().enumerate() {
        match judge(&mut situation, pair) {
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

fn judge(situation: &mut Situation, pair: &Pair) -> Result<Vec<Difference>, Excluded> {
    let odd = ["\"mode\": \"Machines\"", "\"mode\": \"ManagedSystem\"", "\"type\": \"VirtualMachines\""];
    if !is_simulated(pair) || odd.iter().any(|mode| pair.text.contains(mode)) {
        return Err(Excluded::NotSimulated);
    }
    if pair.status >= 500 || (pair.body.is_null() && !pair.text.is_empty()) {
        return Err(Excluded::Outcome);
    }
    let ours = situation.ask(pair)?;
    let known = situation.known(pair);
    Ok(compare(&ours, pair, (!is_made_up(pair)).then_some(&known)))
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
    let Tally { replayed, excluded, .. } = tally;
    assert!(replayed.values().sum::<usize>() >= 3000, "{replayed:#?} {excluded:#?}");
}
