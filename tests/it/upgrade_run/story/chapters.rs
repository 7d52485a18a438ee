//! Stories that could happen: a cluster, what is written about it, and what happens meanwhile.

use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};

/// A cluster, a configuration, and a few runs of Terraform.
#[derive(Clone, Debug)]
pub struct Story {
    /// As a scenario says it.
    pub cluster: String,
    pub policy: Json,
    /// The block of an `aks_node_image` on the same cluster.
    pub images: Option<Json>,
    pub chapters: Vec<Chapter>,
}

/// A plan and its apply, and what happens around them.
#[derive(Clone, Debug)]
pub struct Chapter {
    /// Minutes that pass before the plan.
    pub pause: u64,
    pub before: Option<Event>,
    /// Minutes between the plan and its apply, and what happens then.
    pub between: Option<(u64, Event)>,
    /// What happens so many minutes after the apply began.
    pub during: Option<(u64, Event)>,
}

/// What other people, Azure and the network do. The numbers choose a pool.
#[derive(Clone, Debug)]
pub enum Event {
    /// Nothing but time passes.
    Nothing,
    /// Somebody upgrades the control plane by as much as Azure offers.
    ControlPlane,
    /// Somebody brings a pool to the control plane's version.
    Pool(usize),
    /// Somebody brings a pool to the latest image.
    Image(usize),
    /// Somebody adds a pool, on the version of the control plane.
    Added,
    /// Somebody deletes a pool.
    Deleted(usize),
    /// Somebody changes a tag, which is an operation too.
    Tagged,
    /// The next operation ends otherwise than well.
    Ends(&'static str),
    /// The network or Azure misbehaves.
    Fault(&'static str),
    /// The first Ctrl-C.
    Interrupt,
}

pub fn stories() -> impl Strategy<Value = Story> {
    (clusters(), policies(), weighted(0.3, shared()), vec(chapters(), 1..4))
        .prop_map(|(cluster, policy, images, chapters)| Story { cluster, policy, images, chapters })
}

/// What a control plane runs, and what its pools may run with it.
const VERSIONS: [(&str, &[&str]); 4] = [
    ("1.33.7", &["1.33.7"]),
    ("1.34.4", &["1.34.4", "1.34.4", "1.34.2", "1.33.7"]),
    ("1.35.2", &["1.35.2", "1.35.2", "1.34.9", "1.33.7"]),
    ("1.35.6", &["1.35.6", "1.35.2", "1.34.4"]),
];

const IMAGES: [&str; 2] =
    ["AKSUbuntu-2204gen2containerd-202609.07.0", "AKSUbuntu-2204gen2containerd-202610.19.0"];

fn clusters() -> impl Strategy<Value = String> {
    let pool = (0..4usize, 1..7u32, 0..IMAGES.len());
    let publish = weighted(0.3, (0..20u32, 0..24u32));
    (0..VERSIONS.len(), vec(pool, 1..4), publish).prop_map(|(version, pools, publish)| {
        let (version, below) = VERSIONS[version];
        let mut text = format!("[[cluster]]\nname = \"prod\"\nversion = \"{version}\"\n");
        for (place, (lag, count, image)) in pools.into_iter().enumerate() {
            let (name, mode) =
                if place == 0 { ("system".to_owned(), "System") } else { (format!("user{place}"), "User") };
            let (lag, image) = (below[lag % below.len()], IMAGES[image]);
            text += &format!(
                "[[cluster.pool]]\nname = \"{name}\"\nmode = \"{mode}\"\ncount = {count}\nversion = \"{lag}\"\nimage = \"{image}\"\n"
            );
        }
        if let Some((day, hour)) = publish {
            let at = format!("2026-11-{:02}T{hour:02}:00:00Z", 22 + day % 8);
            let image = "AKSUbuntu-2204gen2containerd-202611.20.0";
            text += &format!("[[publish]]\nat = \"{at}\"\nimage = \"{image}\"\n");
        }
        text
    })
}

fn policies() -> impl Strategy<Value = Json> {
    let targets = [
        ("kubernetes_version", "1.35"),
        ("kubernetes_version", "1.36"),
        ("kubernetes_version", "1.35.6"),
        ("channel", "patch"),
        ("channel", "stable"),
        ("channel", "rapid"),
    ];
    let excluded = weighted(0.2, select(vec![json!(["1.35.6"]), json!(["1.34.9", "1.35.6"])]));
    let rollouts = select(vec![
        json!({ "soak": "20m" }),
        json!({ "pool_order": [["user1"], ["system"]] }),
        json!({ "exclude_pools": ["user1"] }),
        json!({ "pool_hops": "fewest" }),
        json!({ "pool_hops": "fewest", "exclude_pools": ["user2"], "soak": "5m" }),
        json!({ "max_surge": "50%" }),
        json!({ "control_plane_only": true }),
    ]);
    (select(targets.to_vec()), excluded, shared(), weighted(0.5, rollouts)).prop_map(
        |((name, target), excluded, mut block, rollout)| {
            block[name] = target.into();
            put(&mut block, "exclude_versions", excluded);
            put(&mut block, "rollout", rollout);
            block
        },
    )
}

/// What both resources have in common: when.
fn shared() -> impl Strategy<Value = Json> {
    let window = |days: Json, start: &str, duration: &str, work: Json| json!({ "days": days, "start": start, "duration": duration, "time_zone": "Europe/Berlin", "applies_to": work });
    let weekend = json!(["saturday", "sunday"]);
    let windows = select(vec![
        json!([window(json!(["all"]), "02:00", "6h", Json::Null)]),
        json!([window(json!(["all"]), "20:00", "2h", Json::Null)]),
        json!([window(weekend.clone(), "01:00", "20h", Json::Null)]),
        json!([
            window(weekend, "22:00", "8h", json!(["minor"])),
            window(json!(["all"]), "22:00", "4h", json!(["patch", "node_image"])),
        ]),
    ]);
    let blackouts = select(vec![
        json!([{ "from": "2026-11-23T00:00:00Z", "to": "2026-11-24T02:30:00Z" }]),
        json!([{ "from": "2026-11-27T00:00:00Z", "to": "2026-11-29T03:00:00Z", "applies_to": ["minor"] }]),
    ]);
    let glass = (
        select(vec!["2026-11-22T20:00:00Z", "2026-11-24T00:00:00Z"]),
        select(vec![json!(["window"]), json!(["blackout"]), json!(["window", "blackout"])]),
    );
    let outside = select(vec!["defer", "fail", "wait"]);
    let cutoff = select(vec!["10m", "50m"]);
    (
        weighted(0.8, windows),
        weighted(0.3, blackouts),
        weighted(0.2, glass),
        of(outside),
        weighted(0.2, cutoff),
    )
        .prop_map(|(windows, blackouts, glass, outside, cutoff)| {
            let mut block = json!({});
            let glass = glass.map(
                |(expires, ignore)| json!({ "reason": "CHG0042", "expires": expires, "ignore": ignore }),
            );
            put(&mut block, "cutoff", cutoff.filter(|_| windows.is_some()));
            put(&mut block, "maintenance_window", windows);
            put(&mut block, "blackout", blackouts);
            put(&mut block, "override", glass);
            put(&mut block, "outside_window", outside);
            block
        })
}

fn put(block: &mut Json, name: &str, value: Option<impl Into<Json>>) {
    if let Some(value) = value {
        block[name] = value.into();
    }
}

fn chapters() -> impl Strategy<Value = Chapter> {
    let pause = prop_oneof![Just(0u64), 0..90u64, 0..3000u64];
    let between = (prop_oneof![Just(0u64), 0..400u64], events());
    (pause, weighted(0.3, events()), weighted(0.3, between), weighted(0.4, (0..120u64, events())))
        .prop_map(|(pause, before, between, during)| Chapter { pause, before, between, during })
}

fn events() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Nothing),
        Just(Event::ControlPlane),
        (0..4usize).prop_map(Event::Pool),
        (0..4usize).prop_map(Event::Image),
        Just(Event::Added),
        (0..4usize).prop_map(Event::Deleted),
        Just(Event::Tagged),
        select(vec!["fail", "cancel", "stuck"]).prop_map(Event::Ends),
        select(FAULTS.to_vec()).prop_map(Event::Fault),
        Just(Event::Interrupt),
    ]
}

const FAULTS: [&str; 10] = [
    "method = \"PUT\"\ndoes = \"cut_after\"",
    "method = \"PUT\"\ndoes = \"cut_before\"",
    "method = \"PUT\"\ndoes = \"truncate\"",
    "method = \"POST\"\ndoes = \"cut_after\"",
    "method = \"PUT\"\ndoes = \"answer\"\nstatus = 429\nretry_after = 600",
    "method = \"PUT\"\ndoes = \"answer\"\nstatus = 503",
    "method = \"PUT\"\ndoes = \"answer\"\nstatus = 412",
    "method = \"GET\"\ntimes = 5\ndoes = \"answer\"\nstatus = 503",
    "method = \"GET\"\ntimes = 3\ndoes = \"html\"",
    "method = \"GET\"\npath = \"operations\"\ntimes = 3\ndoes = \"answer\"\nstatus = 404",
];
