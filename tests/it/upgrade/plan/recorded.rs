//! The recorded graph of a real region: every hop that is proposed is one that Azure lists.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use terraform_provider_aks::upgrade::offer::{Offer, Offers, RegionVersion, Unread};
use terraform_provider_aks::upgrade::plan::path::Graph;
use terraform_provider_aks::upgrade::plan::plan;
use terraform_provider_aks::upgrade::step::Work;
use terraform_provider_aks::upgrade::version::Version;

use crate::upgrade::sample::{cluster, edit, kubernetes, seen_with, v};

fn recorded() -> Vec<RegionVersion> {
    let folder =
        std::env::var("AZURE_EXAMPLES").expect("set AZURE_EXAMPLES to the folder of recorded examples");
    let path = format!("{folder}/recorded/GET_locations.loc.kubernetesVersions_200.json");
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    file["response"]["body"]["values"].as_array().unwrap().iter().flat_map(minor).collect()
}

fn minor(value: &Value) -> Vec<RegionVersion> {
    let plans = value["capabilities"]["supportPlan"].as_array().unwrap();
    let has = |plan: &str| plans.iter().any(|each| each == plan);
    let patches = value["patchVersions"].as_object().unwrap().iter();
    let listed = patches.map(|(version, patch)| RegionVersion {
        version: v(version),
        preview: value["isPreview"].as_bool().unwrap_or(false),
        official: has("KubernetesOfficial"),
        lts: has("AKSLongTermSupport"),
        upgrades: patch["upgrades"].as_array().unwrap().iter().map(|to| v(to.as_str().unwrap())).collect(),
    });
    listed.collect()
}

/// What a cluster in that region is offered: what the region lists as following its version.
fn offered(from: &RegionVersion, region: &[RegionVersion]) -> Offers {
    let upgrades = from.upgrades.iter().map(|version| Offer { version: version.clone(), preview: false });
    Offers {
        upgrades: upgrades.collect(),
        region: Some(region.to_vec()),
        pools: BTreeMap::new(),
        images: BTreeMap::new(),
        no_effect: BTreeMap::new(),
        too_old: BTreeMap::new(),
        image_failed: BTreeMap::new(),
        unread: Unread::default(),
        first_seen: BTreeMap::new(),
    }
}

fn lists(region: &[RegionVersion], from: &Version, to: &Version) -> bool {
    region.iter().any(|listed| listed.version == *from && listed.upgrades.contains(to))
}

#[test]
#[ignore = "needs recorded Azure traffic: set AZURE_EXAMPLES"]
fn from_every_version_to_every_target_each_hop_is_listed() {
    let region = recorded();
    let mut hops = 0;
    for (from, lts) in region.iter().flat_map(|from| [(from, false), (from, true)]) {
        let offers = offered(from, &region);
        for to in &region {
            let from_text = from.version.to_string();
            let cluster = edit(cluster(&from_text, &format!("a:{from_text}")), |cluster| cluster.lts = lts);
            let plan = plan(&seen_with(&cluster, &offers), &kubernetes(&to.version.to_string()));
            for step in plan.steps.iter().filter(|step| step.work.pool().is_none()) {
                let (Work::ControlPlane { from, to } | Work::Cluster { from, to }) = &step.work else {
                    panic!("{step:?}")
                };
                assert!(lists(&region, from, to), "{from} > {to} is not listed");
                hops += 1;
            }
        }
    }
    assert!(hops > 2_000, "only {hops} hops were seen");
}

/// Everything that can be reached over listed hops, found by walking all of them.
fn reachable(region: &[RegionVersion], from: &Version) -> BTreeSet<Version> {
    let mut found = BTreeSet::new();
    let mut open = vec![from.clone()];
    while let Some(at) = open.pop() {
        let next =
            region.iter().filter(|listed| listed.version == at).flat_map(|listed| listed.upgrades.clone());
        open.extend(next.filter(|next| found.insert(next.clone())));
    }
    found
}

#[test]
#[ignore = "needs recorded Azure traffic: set AZURE_EXAMPLES"]
fn whatever_azure_can_reach_is_reached_and_nothing_else() {
    let region = recorded();
    for (from, lts) in region.iter().flat_map(|from| [(from, false), (from, true)]) {
        let offers = offered(from, &region);
        let found = reachable(&region, &from.version);
        for to in region.iter().filter(|to| to.version > from.version) {
            let route = Graph::new(&from.version, lts, &offers).route(&to.version, |_| true);
            assert_eq!(route.is_some(), found.contains(&to.version), "{} to {}", from.version, to.version);
        }
    }
}

#[test]
#[ignore = "needs recorded Azure traffic: set AZURE_EXAMPLES"]
fn paths_in_september_2025() {
    let region = recorded();
    let path = |from: &str, to: &str, lts: bool| {
        let listed = region.iter().find(|listed| listed.version == v(from)).unwrap();
        let offers = offered(listed, &region);
        let plan =
            plan(&seen_with(&edit(cluster(from, ""), |cluster| cluster.lts = lts), &offers), &kubernetes(to));
        plan.steps.iter().map(crate::upgrade::sample::text).collect::<Vec<_>>()
    };
    assert_eq!(path("1.30.3", "1.32", false), ["cp 1.30.3 > 1.31.10", "cp 1.31.10 > 1.32.6"]);
    assert_eq!(
        path("1.30.3", "1.33", true),
        ["cp 1.30.3 > 1.31.10", "cp 1.31.10 > 1.32.6", "cp 1.32.6 > 1.33.2"]
    );
    assert_eq!(
        path("1.28.100", "1.33", true),
        ["cp 1.28.100 > 1.31.10", "cp 1.31.10 > 1.32.6", "cp 1.32.6 > 1.33.2"]
    );
    assert_eq!(path("1.28.101", "1.31", false), ["all 1.28.101 > 1.30.14", "cp 1.30.14 > 1.31.10"]);
    assert_eq!(path("1.27.102", "patch", true), ["cp 1.27.102 > 1.27.103"]);
}
