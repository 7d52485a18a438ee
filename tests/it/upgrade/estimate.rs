//! How long steps take.

use jiff::SignedDuration;
use proptest::prelude::*;
use terraform_provider_aks::upgrade::cluster::{BlueGreen, Mode, Pool};
use terraform_provider_aks::upgrade::plan::estimate;
use terraform_provider_aks::upgrade::policy::Rollout;

use crate::upgrade::sample::{cluster, pool};

#[track_caller]
fn minutes(count: u32, max_surge: Option<&str>, expected: i64) {
    let pool = Pool { count, max_surge: max_surge.map(str::to_owned), ..pool("a", Mode::User, "1.34.8") };
    assert_eq!(estimate::pool(&pool, &Rollout::default()), SignedDuration::from_mins(expected));
}

#[test]
fn a_share_rounds_up_and_stays_within_the_pool() {
    for (text, count, nodes) in [
        ("10%", 3, 1),
        ("33%", 3, 1),
        ("34%", 3, 2),
        ("33%", 10, 4),
        ("100%", 7, 7),
        ("200%", 7, 7),
        ("5", 3, 3),
        ("2", 3, 2),
        ("0", 3, 0),
        ("0%", 3, 0),
        ("10%", 0, 0),
        ("5", 0, 0),
        ("many", 3, 0),
        ("", 3, 0),
        ("-1", 3, 0),
        ("99999999999999999999%", 3, 0),
        ("4000000000%", 4_000_000_000, 4_000_000_000),
    ] {
        assert_eq!(estimate::share(text, count), nodes, "{text} of {count}");
    }
}

#[test]
fn a_pool_takes_as_long_as_its_batches() {
    minutes(0, None, 3);
    minutes(1, None, 7);
    minutes(3, None, 15);
    minutes(3, Some("100%"), 7);
    minutes(10, Some("33%"), 15);
    minutes(100, Some("10%"), 43);
    minutes(1_000, Some("10%"), 43);
    minutes(3, Some("0"), 15);
    minutes(3, Some("many"), 15);
}

/// A pool without room for more nodes.
fn cramped(max_unavailable: &str) -> Pool {
    Pool {
        count: 100,
        max_surge: Some("0".to_owned()),
        max_unavailable: Some(max_unavailable.to_owned()),
        ..pool("a", Mode::User, "1.34.8")
    }
}

/// Reported for clusters with few addresses (hashicorp/terraform-provider-azurerm#30381).
#[test]
fn without_a_surge_as_many_nodes_go_as_may_be_missing() {
    let wide = Rollout { max_surge: Some("50%".to_owned()), ..Rollout::default() };
    for (max_unavailable, expected) in
        [("20%", 3 + 5 * 4), ("50", 3 + 2 * 4), ("1", 3 + 100 * 4), ("0", 3 + 100 * 4)]
    {
        assert_eq!(estimate::pool(&cramped(max_unavailable), &Rollout::default()).as_mins(), expected);
    }
    // A surge of the rollout is written to pools that know no other way.
    assert_eq!(estimate::pool(&cramped("20%"), &wide).as_mins(), 3 + 5 * 4);
    assert_eq!(estimate::pool(&cramped("0"), &wide).as_mins(), 3 + 2 * 4);
}

#[test]
fn spot_pools_go_node_by_node_and_are_not_drained() {
    let spot = Pool { spot: true, count: 10, max_surge: None, ..pool("a", Mode::User, "1.34.8") };
    let wide = Rollout { max_surge: Some("50%".to_owned()), ..Rollout::default() };
    assert_eq!(estimate::pool(&spot, &wide).as_mins(), 3 + 10 * 2);
    assert!(!spot.takes_surge());
}

#[test]
fn where_azure_goes_on_past_stuck_nodes_one_whole_drain_timeout_counts() {
    let cordons = Pool { cordons: true, ..pool("a", Mode::User, "1.34.8") };
    assert_eq!(estimate::pool(&cordons, &Rollout::default()).as_mins(), 3 + 3 * 4 + 28);
    let hasty = Rollout { drain_timeout: Some(SignedDuration::from_mins(5)), ..Rollout::default() };
    assert_eq!(estimate::pool(&cordons, &hasty).as_mins(), 3 + 3 * 4 + 3);
}

fn blue_green(count: u32, batch: &str, soaks: (i64, i64)) -> Pool {
    let settings = BlueGreen {
        batch: batch.to_owned(),
        drain_timeout: SignedDuration::from_mins(30),
        batch_soak: SignedDuration::from_mins(soaks.0),
        final_soak: SignedDuration::from_mins(soaks.1),
    };
    Pool { count, blue_green: Some(settings), ..pool("a", Mode::User, "1.34.8") }
}

#[test]
fn side_by_side_every_soak_counts() {
    let minutes = |pool: &Pool| estimate::pool(pool, &Rollout::default()).as_mins();
    assert_eq!(minutes(&blue_green(100, "10%", (15, 60))), 3 + 2 + 10 * (2 + 15) + 60);
    assert_eq!(minutes(&blue_green(100, "50%", (15, 60))), 3 + 2 + 2 * (2 + 15) + 60);
    assert_eq!(minutes(&blue_green(0, "10%", (15, 60))), 3 + 2 + 60);
    // Recorded: 10:24:13 to 10:31:59.
    let recorded = estimate::pool(&blue_green(2, "10%", (2, 2)), &Rollout::default());
    assert!((SignedDuration::from_secs(466)..SignedDuration::from_secs(2 * 466)).contains(&recorded));
}

#[test]
fn the_drain_counts_at_most_two_minutes_and_the_soak_in_full() {
    let pool = Pool { node_soak: SignedDuration::from_mins(10), ..pool("a", Mode::User, "1.34.8") };
    let with = |rollout: Rollout| estimate::pool(&pool, &rollout).as_mins();
    assert_eq!(with(Rollout::default()), 3 + 3 * (2 + 2 + 10));
    let hasty = Rollout { drain_timeout: Some(SignedDuration::from_mins(1)), ..Rollout::default() };
    assert_eq!(with(hasty), 3 + 3 * (2 + 1 + 10));
    let wide = Rollout { max_surge: Some("3".to_owned()), ..Rollout::default() };
    assert_eq!(with(wide), 3 + (2 + 2 + 10));
}

#[test]
fn the_whole_cluster_takes_the_sum() {
    let cluster = cluster("1.29.4", "a:1.29.4 b:1.29.4");
    assert_eq!(estimate::cluster(&cluster, &Rollout::default()), SignedDuration::from_mins(10 + 15 + 15));
}

/// Recorded: control plane and one pool of one to three nodes took 867 to 1259 seconds.
#[test]
fn the_recorded_upgrades_end_within_their_estimate() {
    let small = Pool { count: 3, ..pool("a", Mode::System, "1.34.8") };
    let estimate = estimate::CONTROL_PLANE + estimate::pool(&small, &Rollout::default());
    assert!((SignedDuration::from_secs(1259)..SignedDuration::from_secs(2 * 1259)).contains(&estimate));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Azure waits for every soak in full, one batch after the other, whichever way a pool is upgraded.
    #[test]
    fn no_pool_is_done_before_its_soaks(
        count in 1..2_000u32, surge in 0..120u32, missing in 0..120u32, soak in 0..30i64, last in 0..600i64,
        [spot, cordons, side] in any::<[bool; 3]>(),
    ) {
        let percent = |number: u32| format!("{number}%");
        let rolling = Pool {
            count, spot, cordons,
            max_surge: Some(percent(surge)),
            max_unavailable: Some(percent(missing)),
            node_soak: SignedDuration::from_mins(soak),
            ..pool("a", Mode::User, "1.34.8")
        };
        let tested = if side { blue_green(count, &percent(surge), (soak, last)) } else { rolling };
        let nodes = |number: u32| (u64::from(count) * u64::from(number)).div_ceil(100).min(u64::from(count));
        let at_a_time = match (tested.spot, nodes(surge), nodes(missing)) {
            (true, ..) => 1,
            (false, 0, missing) if !side => missing.max(1),
            (false, surge, _) => surge.max(1),
        };
        let batches = i64::try_from(u64::from(count).div_ceil(at_a_time)).unwrap();
        let waited = batches * soak + if side { last } else { 0 };
        prop_assert!(estimate::pool(&tested, &Rollout::default()).as_mins() >= waited);
    }
}
