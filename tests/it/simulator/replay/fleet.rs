//! The Fleet cassettes, each played from its beginning in one world: the requests in their order, the
//! clock moved on as Azure's was.
//!
//! Every field and every value of an answer must be the recorded one, but for what no two Azures have
//! in common ([`DRAWN`]) and what [`DIFFERENT`] names with its reason.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Request;
use jiff::SignedDuration;
use serde_json::{Value, json};
use terraform_provider_aks::simulator::{scenario::Scenario, world::World};

use super::situation::{neighbour, offers_in, operation};
use crate::arm::cassette::{self, Pair};
use crate::simulator::fixture::{Answer, Azure};

/// What differs: the end of its place, why, and how often.
const DIFFERENT: [(&str, &str, usize); 12] = [
    ("/hubProfile/fqdn", "a part of the host is drawn", 24),
    ("/hubProfile/portalFqdn", "a part of the host is drawn; 2023 did not show it", 18),
    ("/hubProfile/kubernetesVersion", "the newest of its day", 21),
    ("/labels/fleet.azure.com/subscription-id", "the recording masks the subscription elsewhere only", 11),
    ("header azure-asyncoperation", "a DELETE has it since the autumn of 2025", 9),
    ("/status/completedTime", "what is skipped shows when since 2025", 3),
    ("/nodeImageSelection", "2023 did not show it", 4),
    ("/identity", "the summer of 2025 forgot it, of one Fleet after a PATCH", 8),
    ("/kubeconfigs/0/value", "the recording masks it", 2),
    ("/progress", "how the service keeps an operation: seen in results only", 153),
    ("/leasedUntil", "as above", 68),
    ("/etag", "as above", 68),
];

/// Fields that no two Azures have in common.
const DRAWN: [&str; 7] =
    ["eTag", "systemData", "lastOperationId", "gateId", "startTime", "completedTime", "endTime"];

/// How the service itself says, once in all recordings, that a Fleet is gone for which Resource Manager still asked it.
const JUST_DELETED: &str = "Could not find the given resource. Resource ID: ";

/// A world that plays one cassette.
struct Stage {
    azure: Azure,
    /// Our words for Azure's: ids of operations and gates, eTags; and our addresses for its paths.
    words: BTreeMap<String, String>,
    differences: Vec<String>,
    /// How often each place of [`DIFFERENT`] differed.
    allowed: BTreeMap<&'static str, usize>,
    played: BTreeMap<String, usize>,
}

impl Stage {
    /// Sets up a world with the clusters that the cassette shows when they are done.
    fn new(tape: &[Pair]) -> Self {
        let all: String = tape.iter().map(|pair| format!("{} {}", json!(pair.sent), pair.body)).collect();
        let mut scenario = Scenario::parse(&offers_in(&all), ".".as_ref()).unwrap();
        let done = |pair: &&Pair| {
            pair.method == "GET"
                && pair.status == 200
                && pair.body["type"] == "Microsoft.ContainerService/ManagedClusters"
        };
        let cluster =
            tape.iter().filter(done).find(|pair| pair.body["properties"]["provisioningState"] == "Succeeded");
        let fleet = tape.iter().find(|pair| is_played(pair)).unwrap();
        let bodies = cluster.map(|pair| pair.body.clone()).into_iter().chain([neighbour(fleet)]);
        scenario.clusters = bodies.flat_map(|body| Scenario::from_body(body).unwrap().clusters).collect();
        scenario.clock.start = tape.iter().find_map(Pair::at).unwrap_or(scenario.clock.start);
        let now = scenario.clock.start;
        let azure = Azure { world: World::new(scenario), now };
        Self {
            azure,
            words: BTreeMap::new(),
            differences: vec![],
            allowed: BTreeMap::new(),
            played: BTreeMap::new(),
        }
    }

    fn play(&mut self, tape: &[Pair]) {
        let mut last = None;
        for (number, pair) in tape.iter().enumerate().filter(|(_, pair)| is_played(pair)) {
            if operation(pair.path()).is_some() {
                if !self.words.contains_key(pair.path()) {
                    continue;
                }
                // A poll is asked while ours runs, or after it is long over, as Azure's was.
                let over = pair.body["status"] == "Succeeded" || pair.status == 204;
                self.azure.wait(if over { 600 } else { 0 });
            } else {
                let gone = pair
                    .at()
                    .zip(last)
                    .map_or(1, |(at, last): (jiff::Timestamp, _)| at.duration_since(last).as_secs());
                // Dates are whole seconds, and no two requests came at once.
                self.azure.now += SignedDuration::from_secs(gone.max(1));
            }
            last = pair.at().or(last);
            let ours = self.ask(pair);
            let before = self.differences.len();
            self.compare(&ours, pair);
            for difference in &mut self.differences[before..] {
                difference.insert_str(0, &format!("{number} {} {}: ", pair.method, pair.path()));
            }
            let kind = pair.words().unwrap().iter().step_by(2).copied().collect::<Vec<_>>().join("/");
            *self.played.entry(format!("{} {kind}", pair.method)).or_default() += 1;
        }
    }

    fn ask(&mut self, pair: &Pair) -> Answer {
        let address = match self.words.get(pair.path()) {
            Some(ours) => ours.clone(),
            None => format!("https://management.azure.com{}", self.ours(&pair.target)),
        };
        let body = pair.sent.as_ref().map(|sent| self.ours(&sent.to_string())).unwrap_or_default();
        let mut request = Request::builder()
            .method(pair.method.as_str())
            .uri(address)
            .header("authorization", "Bearer secret");
        if let Some(etag) = pair.asked("if-match") {
            request = request.header("if-match", self.ours(etag));
        }
        self.azure.send(request.body(Bytes::from(body)).unwrap())
    }

    /// Returns a text with our words in the place of Azure's.
    fn ours(&self, text: &str) -> String {
        self.words.iter().fold(text.to_owned(), |text, (theirs, ours)| text.replace(theirs.as_str(), ours))
    }

    fn compare(&mut self, ours: &Answer, pair: &Pair) {
        if ours.status != pair.status {
            return self
                .differences
                .push(format!("status {} instead of {}: {}", ours.status, pair.status, ours.body));
        }
        for name in ["azure-asyncoperation", "location"] {
            let theirs = pair.header(name);
            if let Some(path) =
                theirs.and_then(|address| Some(address.split('?').next()?.split_once(".com")?.1))
            {
                self.words.insert(path.to_owned(), ours.header(name).to_owned());
            }
            if ours.header(name).is_empty() == theirs.is_some() {
                self.differ(&format!("header {name}"), "is there or not");
            }
        }
        if pair.path().to_lowercase().ends_with("/generateupdaterun") {
            // The name ends in the version of the day and in letters that are drawn.
            let stem =
                |body: &Value| body["id"].as_str().unwrap().split("-rapid-").next().unwrap().to_owned();
            return assert_eq!(stem(&ours.body), stem(&pair.body));
        }
        self.compare_values(&ours.body, &pair.body, "");
    }

    fn compare_values(&mut self, ours: &Value, theirs: &Value, at: &str) {
        match (ours, theirs) {
            (Value::Object(mine), Value::Object(recorded)) => {
                for key in mine.keys().chain(recorded.keys().filter(|key| !mine.contains_key(*key))) {
                    let at = format!("{at}/{key}");
                    match (mine.get(key), recorded.get(key)) {
                        (Some(one), Some(other)) if DRAWN.contains(&key.as_str()) => self.learn(one, other),
                        (Some(one), Some(other)) => self.compare_values(one, other, &at),
                        (one, _) => {
                            self.differ(&at, if one.is_some() { "only ours" } else { "only Azure's" })
                        }
                    }
                }
            }
            // The recording's subscription has Fleets of other people.
            (Value::Array(mine), Value::Array(recorded)) if at == "/value" && mine.len() < recorded.len() => {
                for one in mine {
                    let same = |other: &&Value| {
                        one["id"].as_str().is_some_and(|id| other["id"].as_str() == Some(id))
                    };
                    match recorded.iter().find(same) {
                        Some(other) => self.compare_values(one, other, at),
                        None => self.differ(at, &format!("{one} is only ours")),
                    }
                }
            }
            (Value::Array(mine), Value::Array(recorded)) if mine.len() == recorded.len() => {
                for (place, (one, other)) in mine.iter().zip(recorded).enumerate() {
                    self.compare_values(one, other, &format!("{at}/{place}"));
                }
            }
            (Value::String(mine), Value::String(recorded)) if self.ours(recorded) == *mine => {}
            (Value::String(mine), Value::String(recorded)) if at == "/message" || at == "/error/message" => {
                // Ids of a request end a refusal.
                let stem = |text: &str| text.split(" Correlation ID").next().unwrap().to_owned();
                if recorded.starts_with(JUST_DELETED) && stem(mine) != stem(recorded) {
                    *self.allowed.entry(JUST_DELETED).or_default() += 1;
                } else if stem(mine) != stem(recorded) {
                    self.differ(at, &format!("{mine} instead of {recorded}"));
                }
            }
            // The names of gates and operations are drawn.
            (Value::String(mine), Value::String(recorded))
                if at.ends_with("/name") || at.ends_with("/id") =>
            {
                let drawn = |text: &str| text.rsplit('/').next().unwrap().to_owned();
                let (one, other) = (drawn(mine), drawn(recorded));
                if one.len() == 36 && other.len() == 36 {
                    self.words.insert(other, one);
                } else {
                    self.differ(at, &format!("{mine} instead of {recorded}"));
                }
            }
            (mine, recorded) if mine == recorded => {}
            (mine, recorded) => self.differ(at, &format!("{mine} instead of {recorded}")),
        }
    }

    /// Learns our word for one of Azure's, of what is drawn.
    fn learn(&mut self, ours: &Value, theirs: &Value) {
        if let (Some(ours), Some(theirs)) = (ours.as_str(), theirs.as_str()) {
            let last = |text: &str| text.rsplit('/').next().unwrap().to_owned();
            self.words.insert(last(theirs), last(ours));
        }
    }

    fn differ(&mut self, at: &str, what: &str) {
        match DIFFERENT.iter().find(|(place, ..)| at.ends_with(place)) {
            Some((place, ..)) => *self.allowed.entry(place).or_default() += 1,
            None => self.differences.push(format!("{at}: {what}")),
        }
    }
}

/// Tells whether a pair is about Fleets, or the poll of an operation: those of Fleets are known by their ids.
fn is_played(pair: &Pair) -> bool {
    let Some(words) = pair.words() else { return false };
    let first = words.first().map(|word| word.to_lowercase());
    first.as_deref() == Some("fleets") || operation(pair.path()).is_some()
}

#[test]
#[ignore = "needs recorded Azure traffic: set AZURE_RECORDINGS"]
fn fleets_answer_as_azures_did() {
    let mut differences = vec![];
    let mut played: BTreeMap<String, usize> = BTreeMap::new();
    let mut allowed: BTreeMap<&str, usize> = BTreeMap::new();
    let names: Vec<String> =
        cassette::names().into_iter().filter(|name| name.to_lowercase().contains("fleet")).collect();
    assert_eq!(names.len(), 8);
    for name in names {
        let tape = cassette::read(&name);
        let mut stage = Stage::new(&tape);
        stage.play(&tape);
        differences.extend(stage.differences.iter().map(|difference| format!("{name} {difference}")));
        stage.allowed.iter().for_each(|(place, count)| *allowed.entry(*place).or_default() += count);
        stage.played.iter().for_each(|(kind, count)| *played.entry(kind.clone()).or_default() += count);
    }
    let shown: Vec<&String> = differences.iter().take(40).collect();
    assert!(shown.is_empty(), "{} differences\n{shown:#?}", differences.len());
    assert_eq!((played.len(), played.values().sum::<usize>()), (25, 481), "{played:#?}");
    let mut named: BTreeMap<&str, usize> =
        DIFFERENT.iter().map(|(place, _, times)| (*place, *times)).collect();
    named.insert(JUST_DELETED, 1);
    assert_eq!(allowed, named);
}
