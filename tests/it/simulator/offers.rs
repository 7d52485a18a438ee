//! Profiles, region list, paging.

use super::fixture::{Azure, PROD};
use serde_json::json;

#[test]
fn profiles_have_the_recorded_shape() {
    let mut azure = Azure::new(
        "[catalogue]\nversions = [\"1.34.2\", \"1.34.9\", \"1.35.6\"]\n[[publish]]\nat = \"2026-11-22T10:00:00Z\"\nversion = \"1.35.7\"\npreview = true\n\
         [[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"\n[[cluster.pool]]\nname = \"user\"\nversion = \"1.34.2\"\nimage = \"AKSUbuntu-2204gen2containerd-202610.05.0\"",
    );
    let id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/rg/providers/Microsoft.ContainerService/managedClusters/prod";
    let profile = azure.get(&format!("{PROD}/upgradeProfiles/default")).expect(200).body;
    assert_eq!(
        profile,
        json!({
            "id": format!("{id}/upgradeprofiles/default"),
            "name": "default",
            "type": "Microsoft.ContainerService/managedClusters/upgradeprofiles",
            "properties": {
                "controlPlaneProfile": { "kubernetesVersion": "1.34.9", "osType": "Linux", "upgrades": [{ "kubernetesVersion": "1.35.6" }] },
                "agentPoolProfiles": null
            }
        })
    );
    let pool = azure.get(&format!("{PROD}/agentPools/user/upgradeProfiles/default")).expect(200).body;
    assert_eq!(
        pool["properties"],
        json!({
            "kubernetesVersion": "1.34.2", "osType": "Linux", "upgrades": [{ "kubernetesVersion": "1.34.9" }],
            "latestNodeImageVersion": "AKSUbuntu-2204gen2containerd-202611.16.0"
        })
    );
    let versions = azure.get(&format!("{PROD}/availableAgentPoolVersions")).expect(200).body;
    assert_eq!(
        versions["properties"]["agentPoolVersions"],
        json!([{ "kubernetesVersion": "1.34.9", "default": true }, { "kubernetesVersion": "1.34.2" }])
    );
    azure.wait(3600);
    let profile = azure.get(&format!("{PROD}/upgradeProfiles/default")).body;
    assert_eq!(
        profile["properties"]["controlPlaneProfile"]["upgrades"],
        json!([{ "kubernetesVersion": "1.35.7", "isPreview": true }, { "kubernetesVersion": "1.35.6" }])
    );
}

#[test]
fn nothing_to_upgrade_to_leaves_the_list_out() {
    let mut azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.37.1\"");
    let profile = azure.get(&format!("{PROD}/upgradeProfiles/default")).body;
    assert_eq!(
        profile["properties"]["controlPlaneProfile"],
        json!({ "kubernetesVersion": "1.37.1", "osType": "Linux" })
    );
}

#[test]
fn the_region_list_shows_support_and_paths() {
    let mut azure = Azure::prod();
    let list = azure.get("/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.ContainerService/locations/westeurope/kubernetesVersions").expect(200).body;
    let lines: Vec<String> = list["values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|minor| {
            let plans = minor["capabilities"]["supportPlan"].as_array().unwrap().len();
            let default = if minor["isDefault"] == true { " default" } else { "" };
            let patches: Vec<&String> = minor["patchVersions"].as_object().unwrap().keys().collect();
            format!("{} {plans}{default} {patches:?}", minor["version"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        lines,
        [
            r#"1.37 2 ["1.37.0", "1.37.1"]"#,
            r#"1.36 2 default ["1.36.0", "1.36.1", "1.36.2"]"#,
            r#"1.35 2 ["1.35.0", "1.35.1", "1.35.2", "1.35.3", "1.35.4", "1.35.5", "1.35.6"]"#,
            r#"1.34 2 ["1.34.0", "1.34.1", "1.34.2", "1.34.3", "1.34.4", "1.34.5", "1.34.6", "1.34.7", "1.34.8", "1.34.9"]"#,
            r#"1.33 1 ["1.33.12", "1.33.13"]"#,
            r#"1.32 1 ["1.32.100", "1.32.11"]"#,
            r#"1.31 1 ["1.31.100", "1.31.101"]"#,
        ]
    );
    let minor = |index: usize| list["values"][index]["patchVersions"].clone();
    assert_eq!(minor(0), json!({ "1.37.0": { "upgrades": ["1.37.1"] }, "1.37.1": { "upgrades": [] } }));
    assert_eq!(minor(1)["1.36.1"], json!({ "upgrades": ["1.36.2", "1.37.1", "1.37.0"] }));
    assert_eq!(minor(6)["1.31.101"]["upgrades"].as_array().unwrap().len(), 2 + 2 + 10);
}

#[test]
fn pages_have_a_next_link_and_the_last_is_empty() {
    let mut azure =
        Azure::new("[service]\npage_size = 1\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"");
    let mut names = vec![];
    let mut sizes = vec![];
    let mut page = azure.get(&format!("{PROD}/agentPools")).expect(200);
    loop {
        let pools = page.body["value"].as_array().unwrap();
        sizes.push(pools.len());
        names.extend(pools.iter().map(|pool| pool["name"].as_str().unwrap().to_owned()));
        let Some(next) = page.body["nextLink"].as_str().map(str::to_owned) else { break };
        page = azure.follow(&next).expect(200);
    }
    assert_eq!((names, sizes), (vec!["system".to_owned(), "user".to_owned()], vec![1, 1, 0]));
}

#[test]
fn lists_of_clusters_have_pages_and_the_last_ends_them() {
    let cluster = |name: &str| format!("[[cluster]]\nname = \"{name}\"\nversion = \"1.34.2\"\n");
    let mut azure =
        Azure::new(&format!("[service]\npage_size = 2\n{}", ["a", "b", "c", "d"].map(cluster).concat()));
    for path in [
        PROD.strip_suffix("/prod").unwrap().to_owned(),
        PROD.replace("/resourceGroups/rg", "").replace("/prod", ""),
    ] {
        let first = azure.get(&path).expect(200).body;
        let second = azure.follow(first["nextLink"].as_str().unwrap()).expect(200).body;
        let names = |page: &serde_json::Value| {
            page["value"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(
            (names(&first), names(&second)),
            (vec![json!("a"), json!("b")], vec![json!("c"), json!("d")])
        );
        assert_eq!(second.get("nextLink"), None);
    }
}

#[test]
fn a_pool_is_its_profile_as_a_resource_of_its_own_whatever_the_case_of_the_path() {
    let mut azure = Azure::prod();
    let pool = azure.get(&format!("{}/AGENTPOOLS/USER", PROD.to_uppercase())).expect(200).body;
    let mut profile = azure.get(PROD).body["properties"]["agentPoolProfiles"][1].clone();
    profile.as_object_mut().unwrap().shift_remove("name");
    assert_eq!(pool["properties"], profile);
    assert_eq!(pool["name"], "user");
    assert_eq!(pool["type"], "Microsoft.ContainerService/managedClusters/agentPools");
    assert!(pool["id"].as_str().unwrap().contains("/resourcegroups/rg/"));
}

#[test]
fn a_new_image_is_offered_from_its_instant() {
    let mut azure = Azure::new(
        "[[publish]]\nat = \"2026-11-22T10:00:00Z\"\nimage = \"AKSUbuntu-2204gen2containerd-202611.23.0\"\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"",
    );
    let latest = |azure: &mut Azure| {
        azure.get(&format!("{PROD}/agentPools/user/upgradeProfiles/default")).body["properties"]["latestNodeImageVersion"].clone()
    };
    azure.wait(3599);
    assert_eq!(latest(&mut azure), "AKSUbuntu-2204gen2containerd-202611.16.0");
    azure.wait(1);
    assert_eq!(latest(&mut azure), "AKSUbuntu-2204gen2containerd-202611.23.0");
}
