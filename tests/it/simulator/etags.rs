//! The law of eTags: while nothing happens they stay, whoever looks and however long it takes; a body that is another
//! one has another eTag.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::Value;

use super::fixture::Azure;
use super::laws::{Act, acts, list, picture, play, worlds};

/// What is shown of each resource: its eTag and the rest of its body.
type Shown = BTreeMap<String, (String, Value)>;

/// Lists of resources with an eTag.
const LISTS: [&str; 9] = [
    "managedClusters",
    "managedClusters/one/agentPools",
    "managedClusters/two/agentPools",
    "fleets",
    "fleets/all/members",
    "fleets/all/updateStrategies",
    "fleets/all/updateRuns",
    "fleets/all/autoUpgradeProfiles",
    "fleets/all/gates",
];

fn shown(azure: &mut Azure) -> Shown {
    let all: Vec<Value> = LISTS.iter().flat_map(|path| list(azure, path)).collect();
    all.into_iter().map(|mut body| (body["id"].as_str().unwrap().to_owned(), etag(&mut body))).collect()
}

/// Takes the eTag out of a body. The pools of a cluster have their own.
fn etag(body: &mut Value) -> (String, Value) {
    let mut body = body.take();
    let own = |object: &mut Value| object.as_object_mut()?.shift_remove("eTag");
    let etag = own(&mut body).or_else(|| own(&mut body["properties"])).unwrap();
    if let Some(properties) = body["properties"].as_object_mut() {
        properties.shift_remove("agentPoolProfiles");
    }
    (etag.as_str().unwrap().to_owned(), body)
}

/// Returns the operations of clusters and which are over: with each that begins or ends, AKS changes eTags.
fn operations(azure: &Azure) -> Vec<(Value, Value)> {
    let world = picture(&azure.world);
    let all = world["operations"].as_array().unwrap();
    all.iter().map(|operation| (operation["id"].clone(), operation["ended"].clone())).collect()
}

/// Compares what was shown before and after; `still` tells that nobody wrote, and `idle` that no operation of AKS
/// began or ended either.
fn compare(before: &Shown, after: &Shown, still: bool, idle: bool) -> TestCaseResult {
    for (id, (etag, body)) in after {
        let Some((old, was)) = before.get(id) else { continue };
        prop_assert!(body == was || etag != old, "{id} has the eTag of {was}\nand is {body}");
        let calm = if id.contains("/fleets/") { still } else { idle };
        prop_assert!(body != was || etag == old || !calm, "{id} has another eTag, and is the same: {body}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn an_etag_changes_exactly_when_the_body_does(world in worlds(), acts in prop::collection::vec(acts(), 1..10), steps in prop::collection::vec(prop_oneof![1..600_i64, 600..100_000_i64], 1..8)) {
        let mut azure = Azure::new(&world);
        let (mut before, mut ran) = (shown(&mut azure), operations(&azure));
        for act in acts.into_iter().chain(steps.into_iter().map(Act::Wait)) {
            play(&mut azure, &act)?;
            let (after, runs) = (shown(&mut azure), operations(&azure));
            let still = matches!(act, Act::Wait(_));
            compare(&before, &after, still, still && ran == runs)?;
            (before, ran) = (after, runs);
        }
    }
}
