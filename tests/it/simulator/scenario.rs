//! Scenarios that cannot be played, and the example.

use std::path::Path;
use terraform_provider_aks::simulator::scenario::Scenario;

#[track_caller]
fn wrong(text: &str, expected: &[&str]) {
    let said = Scenario::parse(text, Path::new(".")).unwrap_err().to_string();
    for part in expected {
        assert!(said.contains(part), "{said:?} does not say {part:?}");
    }
}

#[test]
fn a_mistake_names_its_key_and_line() {
    wrong("[clock]\nstrat = 1", &["line 2", "unknown field `strat`"]);
    wrong("[clock]\nstart = \"yesterday\"", &["line 2", "yesterday"]);
    wrong("[durations]\n\nsettings = \"8 parsecs\"", &["line 3", "parsecs"]);
    wrong(
        "[[cluster]]\nfrom = \"none.json\"",
        &["line 2, [[cluster]] number 1, `from`", "none.json cannot be read"],
    );
    wrong(
        "[[publish]]\nat = \"2026-11-22T00:00:00Z\"",
        &["line 1, [[publish]] number 1: ", "version = \"1.35.7\""],
    );
    wrong("[clock]\nspeed = -1", &["line 2, [clock], `speed`: a clock does not run at speed -1;"]);
    wrong("[clock]\ntick = \"-1s\"", &["line 2, [clock], `tick`: \"-PT1S\" is below zero."]);
    wrong("[durations]\nabort = \"-5m\"", &["line 2, [durations], `abort`: \"-PT5M\" is below zero."]);
    let twice = "[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n[[cluster]]\nname = \"PROD\"\nversion = \"1.35.1\"";
    wrong(twice, &["the cluster prod in resource group rg", "is given twice."]);
    wrong("[[fault]]\ndoes = \"explode\"", &["line 2", "explode"]);
}

/// What there is to be named: a cluster with a pool of Spot machines and one in a subnet, and its Fleet.
const SCENE: &str = "\
[[cluster]]
name = \"prod\"
version = \"1.34.2\"
[[cluster.pool]]
name = \"system\"
mode = \"System\"
size = \"Standard_D4s_v5\"
subnet = \"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/aks\"
[[cluster.pool]]
name = \"user\"
[[fleet]]
name = \"all\"
[[fleet.member]]
cluster = \"prod\"
[[fleet.strategy]]
name = \"rings\"
[[fleet.strategy.stage]]
name = \"first\"
groups = [\"canary\"]
";

const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000000";

/// A scene with one thing more.
#[track_caller]
fn said(more: &str) -> Option<String> {
    let text = format!("{SCENE}{}", more.replace("SUBSCRIPTION", SUBSCRIPTION));
    Scenario::parse(&text, Path::new(".")).err().map(|mistake| mistake.to_string())
}

/// A slip of the pen in what names nothing would play the happy path.
#[test]
fn what_names_nothing_is_refused_at_its_line_with_what_was_meant() {
    let prefix = "The scenario cannot be read: ";
    let fault = "[[fault]]\ndoes = \"cut_before\"\n";
    let region = "there is no \"westeurop\" here; did you mean \"westeurope\"?";
    let id =
        "is no ARM id such as \"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg\".";
    let subnet = "is no id of a subnet: \"/subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…/subnets/…\".";
    let lock = |scope: &str| format!("[[lock]]\nlevel = \"ReadOnly\"\nscope = \"{scope}\"");
    let at_lock = "line 22, [[lock]] number 1, `scope`: ";
    for (more, wanted) in [
        ("[[budget]]\ncluster = \"prud\"\nname = \"web\"".into(), "line 21, [[budget]] number 1, `cluster`: there is no \"prud\" here; did you mean \"prod\"?".to_owned()),
        ("[[budget]]\ncluster = \"prod\"\nname = \"web\"\npool = \"usr\"".into(), "line 23, [[budget]] number 1, `pool`: there is no \"usr\" here; did you mean \"user\"?".into()),
        ("[[outcome]]\nends = \"fail\"\ncluster = \"zzz\"".into(), "line 22, [[outcome]] number 1, `cluster`: there is no \"zzz\" here; there are \"prod\".".into()),
        ("[[outcome]]\nends = \"fail\"\npool = \"sytem\"".into(), "line 22, [[outcome]] number 1, `pool`: there is no \"sytem\" here; did you mean \"system\"?".into()),
        ("[[outcome]]\nends = \"fail\"\nnodes = 3".into(), "line 22, [[outcome]] number 1, `nodes`: only an operation that ends in quarantine or pause leaves nodes.".into()),
        ("[[outcome]]\nends = \"hang\"\ncode = \"X\"".into(), "line 22, [[outcome]] number 1, `code`: an operation that ends so tells no error.".into()),
        ("[[outcome]]\nends = \"fail\"\ntimes = 0".into(), "line 22, [[outcome]] number 1, `times`: it ends no operation so; give 1 or more.".into()),
        (lock("banana"), format!("{at_lock}\"banana\" {id}")),
        (lock("SUBSCRIPTION/resourceGroups/rh"), format!("{at_lock}there is no \"rh\" here; there are \"MC_rg_prod_westeurope\", \"net\", \"rg\".")),
        (lock("SUBSCRIPTION/resourceGroups/MC_rg_prd_westeurope"), format!("{at_lock}there is no \"MC_rg_prd_westeurope\" here; did you mean \"MC_rg_prod_westeurope\"?")),
        (lock("SUBSCRIPTION/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prd"), format!("{at_lock}there is no \"prd\" here; did you mean \"prod\"?")),
        (lock("SUBSCRIPTION/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod/agentPools/usr"), format!("{at_lock}there is no \"usr\" here; did you mean \"user\"?")),
        (lock("SUBSCRIPTION/resourceGroups/rg/providers/Microsoft.ContainerService/fleets/ally"), format!("{at_lock}there is no \"ally\" here; did you mean \"all\"?")),
        (lock("/subscriptions/00000000-0000-0000-0000-000000000001"), format!("{at_lock}there is no \"00000000-0000-0000-0000-000000000001\" here; did you mean \"00000000-0000-0000-0000-000000000000\"?")),
        ("[[quota]]\nlimit = 1\nfamily = \"standardDSv6Family\"".into(), "line 22, [[quota]] number 1, `family`: of the sizes of pools in westeurope, there is no \"standardDSv6Family\" here; did you mean \"standardDSv5Family\"?".into()),
        ("[[quota]]\nlimit = 1\nfamily = \"cores\"\nlocation = \"westeurop\"".into(), format!("line 23, [[quota]] number 1, `location`: {region}")),
        ("[[subnet]]\nprefix = \"10.0.0.0/24\"\nid = \"banana\"".into(), format!("line 22, [[subnet]] number 1, `id`: \"banana\" {subnet}")),
        ("[[subnet]]\nid = \"SUBSCRIPTION/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/aks\"\nprefix = \"banana\"".into(), "line 22, [[subnet]] number 1, `prefix`: \"banana\" is no prefix of a subnet such as \"10.240.0.0/24\".".into()),
        ("[[publish]]\nat = \"2026-11-23T00:00:00Z\"\nimage = \"banana\"".into(), "line 22, [[publish]] number 1, `image`: \"banana\" is no node image such as \"AKSUbuntu-2204gen2containerd-202611.16.0\".".into()),
        ("[[publish]]\nat = \"2026-11-23T00:00:00Z\"\nimage = \"AKSUbuntu-2204gen2containrd-202611.23.0\"".into(), "line 22, [[publish]] number 1, `image`: there is no \"AKSUbuntu-2204gen2containrd\" here; did you mean \"AKSUbuntu-2204gen2containerd\"?".into()),
        ("[[publish]]\nat = \"2026-11-23T00:00:00Z\"\nwithdraw = \"1.34.99\"".into(), "line 22, [[publish]] number 1, `withdraw`: there is no \"1.34.99\" here; did you mean \"1.34.9\"?".into()),
        ("[[fleet.member]]\ncluster = \"prd\"".into(), "line 21, [[fleet]] number 1, [[fleet.member]] number 2, `cluster`: there is no \"prd\" here; did you mean \"prod\"?".into()),
        ("[[fleet.run]]\nname = \"r\"\nstrategy = \"ring\"".into(), "line 22, [[fleet]] number 1, [[fleet.run]] number 1, `strategy`: there is no \"ring\" here; did you mean \"rings\"?".into()),
        ("[[fleet.run]]\nname = \"R!\"".into(), "line 21, [[fleet]] number 1, [[fleet.run]] number 1, `name`: \"R!\" is no name: 1 to 50 small letters, digits and -, a letter or digit at both ends.".into()),
        ("[[fleet]]\nname = \"F!\"".into(), "line 21, [[fleet]] number 2, `name`: \"F!\" is no name: 1 to 63 small letters, digits and -, a letter or digit at both ends.".into()),
        ("[[fleet.run]]\nname = \"r\"\nupgrade = \"Full\"".into(), "line 20, [[fleet]] number 1, [[fleet.run]] number 1: `version` is missing; give one such as version = \"1.35.6\".".into()),
        (format!("{fault}method = \"PTU\""), "line 22, [[fault]] number 1, `method`: there is no \"PTU\" here; did you mean \"PUT\"?".into()),
        (format!("{fault}share = 10.0"), "line 22, [[fault]] number 1, `share`: 10 is no share from 0 to 1.".into()),
        (format!("{fault}times = 0"), "line 22, [[fault]] number 1, `times`: it never applies; give 1 or more.".into()),
    ] {
        let told = said(&more).unwrap_or_else(|| panic!("taken without a word: {more}"));
        assert_eq!(told, format!("{prefix}{wanted}"), "{more}");
    }
    assert_eq!(said(""), None);
    for taken in [
        lock("SUBSCRIPTION/"),
        lock("SUBSCRIPTION/resourceGroups/RG"),
        lock("SUBSCRIPTION/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v"),
        lock("SUBSCRIPTION/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/PROD/"),
        "[[budget]]\ncluster = \"Prod\"\nname = \"web\"".into(),
        "[[quota]]\nlimit = 1\nfamily = \"standardDSv5Family\"".into(),
    ] {
        assert_eq!(said(&taken), None, "{taken}");
    }
}

/// What no request can bring about in Azure cannot be seeded either.
#[test]
fn a_cluster_that_azure_cannot_have_is_refused_at_its_line() {
    for (keys, wanted) in [
        (
            "tier = \"Gold\"",
            "`tier`: there is no \"Gold\" here; there are \"Free\", \"Premium\", \"Standard\".",
        ),
        ("tier = \"standard\"", "`tier`: there is no \"standard\" here; did you mean \"Standard\"?"),
        (
            "upgrade_channel = \"stabel\"",
            "`upgrade_channel`: there is no \"stabel\" here; did you mean \"stable\"?",
        ),
        (
            "node_os_channel = \"NodeImages\"",
            "`node_os_channel`: there is no \"NodeImages\" here; did you mean \"NodeImage\"?",
        ),
        (
            "upgrade_channel = \"node-image\"\nnode_os_channel = \"None\"",
            "`node_os_channel`: it is \"NodeImage\" while upgrade_channel is \"node-image\".",
        ),
        (
            "support_plan = \"AKSLongTermSuport\"",
            "`support_plan`: there is no \"AKSLongTermSuport\" here; did you mean \"AKSLongTermSupport\"?",
        ),
        (
            "support_plan = \"AKSLongTermSupport\"",
            "`support_plan`: AKSLongTermSupport needs tier = \"Premium\".",
        ),
        (
            "location = \"westeurop\"",
            "`location`: there is no \"westeurop\" here; did you mean \"westeurope\"?",
        ),
        ("power = \"Off\"", "`power`: there is no \"Off\" here; there are \"Running\", \"Stopped\"."),
        ("state = \"Suceeded\"", "`state`: there is no \"Suceeded\" here; did you mean \"Succeeded\"?"),
        (
            "specified = \"1.x\"",
            "`specified`: \"1.x\" is not a Kubernetes version such as \"1.34.2\" or \"1.34\".",
        ),
        ("resource_group = \"a/b\"", "`resource_group`: \"a/b\" cannot stand in an ARM id."),
        ("from = \"one.json\"", "`from`: it stands alone: its clusters are what the file says."),
    ] {
        let text = format!("[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n{keys}");
        let line = 3 + keys.lines().count();
        wrong(&text, &[&format!("read: line {line}, [[cluster]] number 1, {wanted}")]);
    }
    for (text, wanted) in [
        (
            "version = \"1.34.2\"",
            "line 1, [[cluster]] number 1: `name` is missing; give one such as name = \"prod\", or `from`.",
        ),
        (
            "name = \"prod\"",
            "line 1, [[cluster]] number 1: `version` is missing; give one such as version = \"1.34.2\".",
        ),
        (
            "name = \"a b\"\nversion = \"1.34.2\"",
            "line 2, [[cluster]] number 1, `name`: \"a b\" is no name of a cluster: 1 to 63 letters, digits, _ and -, a letter or digit at both ends.",
        ),
        (
            "name = \"prod\"\nversion = \"1.x\"",
            "line 3, [[cluster]] number 1, `version`: \"1.x\" is not a Kubernetes version such as \"1.34.2\" or \"1.34\".",
        ),
        (
            "name = \"prod\"\nversion = \"1.34.99\"",
            "line 3, [[cluster]] number 1, `version`: 1.34.99 was never published, the newest patch of 1.34 is 1.34.9. A [[publish]] with an `at` before the start makes it known.",
        ),
        (
            "name = \"prod\"\nversion = \"1.99.0\"",
            "line 3, [[cluster]] number 1, `version`: there is no Kubernetes 1.99.",
        ),
    ] {
        wrong(&format!("[[cluster]]\n{text}"), &[&format!("read: {wanted}")]);
    }
    for (keys, wanted) in [
        ("mode = \"Sytem\"", "`mode`: there is no \"Sytem\" here; did you mean \"System\"?"),
        ("os_sku = \"Ubunto\"", "`os_sku`: there is no \"Ubunto\" here; did you mean \"Ubuntu\"?"),
        ("os_sku = \"Windows2022\"\nmode = \"System\"\nname = \"w\"", "`os_sku`: a System pool runs Linux."),
        (
            "os_sku = \"Windows2019\"\nname = \"w\"",
            "`os_sku`: nodes of Windows2019 cannot run Kubernetes 1.34.",
        ),
        ("mode = \"System\"\npriority = \"Spot\"", "`priority`: a System pool can't be a Spot pool."),
        ("mode = \"System\"\ncount = 0", "`count`: a System pool has one node at least."),
        ("count = 1001", "`count`: a pool has at most 1000 nodes."),
        (
            "name = \"BadName\"",
            "`name`: \"BadName\" is no name of a pool: up to 12 small letters and digits, a letter first.",
        ),
        (
            "name = \"windows\"\nos_sku = \"Windows2022\"",
            "`name`: a Windows pool has at most 6 characters in its name.",
        ),
        ("name = \"system\"", "`name`: \"system\" is given twice."),
        ("version = \"1.35.1\"", "`version`: 1.35.1 is newer than the control plane, which runs 1.34.2."),
        (
            "image = \"banana\"",
            "`image`: \"banana\" is no node image such as \"AKSUbuntu-2204gen2containerd-202611.16.0\".",
        ),
        ("surge = \"banana\"", "`surge`: \"banana\" is neither a number of nodes nor 1% to 100% of them."),
        ("surge = \"1\"\npriority = \"Spot\"", "`surge`: Spot pools can't set max surge."),
        ("size = \"Standrd_D4s_v5\"", "`size`: \"Standrd_D4s_v5\" is no size such as \"Standard_D4s_v5\"."),
        ("priority = \"Spt\"", "`priority`: there is no \"Spt\" here; did you mean \"Spot\"?"),
        ("state = \"Fialed\"", "`state`: there is no \"Fialed\" here; did you mean \"Failed\"?"),
    ] {
        let name = if keys.contains("name = ") { "" } else { "name = \"user\"\n" };
        let cluster = "[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n";
        let key = wanted.split('`').nth(1).unwrap();
        let text = format!("{cluster}[[cluster.pool]]\n{name}{keys}");
        let line =
            text.lines().collect::<Vec<_>>().iter().rposition(|line| line.starts_with(key)).unwrap() + 1;
        wrong(
            &text,
            &[&format!("read: line {line}, [[cluster]] number 1, [[cluster.pool]] number 2, {wanted}")],
        );
    }
}

/// Clusters that come from elsewhere can be named.
#[test]
fn a_scenario_may_name_clusters_that_come_beside_it() {
    let id =
        format!("{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/blue");
    let others =
        Scenario::from_body(serde_json::json!({ "id": id, "name": "blue", "properties": {} })).unwrap();
    let budget = "[[budget]]\ncluster = \"blue\"\nname = \"web\"";
    Scenario::parse_beside(budget, Path::new("."), &others.clusters).unwrap();
    wrong(budget, &["line 2, [[budget]] number 1, `cluster`: there is no \"blue\" here; there are none."]);
}

#[test]
fn the_example_plays() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/simulator");
    let text = std::fs::read_to_string(dir.join("scenario.toml")).unwrap();
    assert_eq!(Scenario::parse(&text, &dir).unwrap().clusters[0].name, "prod");
}
