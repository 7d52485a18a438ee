//! How long steps take.

use jiff::SignedDuration;
use terraform_provider_aks::upgrade::cluster::{Mode, Pool};
use terraform_provider_aks::upgrade::plan::estimate;
use terraform_provider_aks::upgrade::policy::Rollout;

use crate::upgrade::sample::{cluster, pool};

#[track_caller]
fn minutes(count: u32, max_surge: Option<&str>, expected: i64) {
    let pool = Pool { count, max_surge: max_surge.map(str::to_owned), ..pool("a", Mode::User, "1.34.8") };
    assert_eq!(estimate::pool(&pool, &Rollout::default()), SignedDuration::from_mins(expected));
}

#[test]
fn surge_rounds_up_and_stays_within_the_pool() {
    for (text, count, nodes) in [
        ("10%", 3, 1),
        ("33%", 3, 1),
        ("34%", 3, 2),
        ("33%", 10, 4),
        ("100%", 7, 7),
        ("200%", 7, 7),
        ("5", 3, 3),
        ("2", 3, 2),
        ("0", 3, 1),
        ("0%", 3, 1),
        ("10%", 0, 1),
        ("many", 3, 1),
        ("", 3, 1),
        ("-1", 3, 1),
        ("99999999999999999999%", 3, 1),
        ("4000000000%", 4_000_000_000, 4_000_000_000),
    ] {
        assert_eq!(estimate::surge(text, count), nodes, "{text} of {count}");
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
