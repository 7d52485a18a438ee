//! What an apply at one instant would do.

use jiff::SignedDuration;
use jiff::civil::Weekday;
use proptest::prelude::*;
use terraform_provider_aks::upgrade::block::Block;
use terraform_provider_aks::upgrade::cluster::{BlueGreen, Cluster, Pool, Power, State};
use terraform_provider_aks::upgrade::kind::Kind;
use terraform_provider_aks::upgrade::plan::{Plan, plan};
use terraform_provider_aks::upgrade::policy::Policy;
use terraform_provider_aks::upgrade::promise::OutsideWindow::{self, Defer, Fail, Wait};
use terraform_provider_aks::upgrade::promise::{Promise, impossible, promise};
use terraform_provider_aks::upgrade::task::Component;
use terraform_provider_aks::upgrade::window::Windows;

use crate::upgrade::plan::laws::{clusters, policies};
use crate::upgrade::sample::{
    at, blackout, cluster, edit, kubernetes, lasting, on, rollout, saturdays, seen, text, windows, with,
};

fn plan_of(cluster: &Cluster, policy: &Policy) -> Plan {
    plan(&seen(cluster), policy)
}

/// Control plane 10 minutes, each pool 15.
fn minor() -> Plan {
    plan_of(&cluster("1.33.5", "a:1.33.5 b:1.33.5"), &kubernetes("1.34"))
}

const CP: &str = "cp 1.33.5 > 1.34.8";
const A: &str = "a 1.33.5 > 1.34.8";
const B: &str = "b 1.33.5 > 1.34.8";

#[track_caller]
fn row(
    plan: &Plan,
    windows: &Windows,
    outside: OutsideWindow,
    now: &str,
    steps: &[&str],
    held: Option<&str>,
) -> Promise {
    let promise = promise(plan, windows, outside, at(now));
    assert_eq!(promise.steps.iter().map(text).collect::<Vec<_>>(), steps);
    assert_eq!(promise.held.as_ref().map(Block::code), held, "{:?}", promise.held);
    promise
}

#[test]
fn what_fits_into_the_opening_is_promised() {
    let open = windows(vec![saturdays(1, &[])]);
    row(&minor(), &open, Defer, "2026-11-28T02:00:00Z", &[CP, A, B], None);
    row(&minor(), &open, Defer, "2026-11-28T02:20:00Z", &[CP, A, B], None);
    row(&minor(), &open, Defer, "2026-11-28T02:20:01Z", &[CP, A], Some("cutoff"));
    row(&minor(), &open, Defer, "2026-11-28T02:50:00Z", &[CP], Some("window_closed"));
    row(&minor(), &open, Defer, "2026-11-28T02:50:01Z", &[], Some("cutoff"));
    row(&minor(), &open, Defer, "2026-11-28T03:00:00Z", &[], Some("window_closed"));
}

#[test]
fn what_runs_already_needs_no_window() {
    let open = windows(vec![saturdays(1, &[])]);
    let busy = |pool: &mut Pool| pool.state = State::Busy("Upgrading".to_owned());
    let alone = plan_of(&with(cluster("1.34.8", "a:1.34.8"), "a", busy), &kubernetes("1.34"));
    for outside in [Fail, Wait] {
        let attached = row(&alone, &open, outside, "2026-11-25T00:00:00Z", &["attach a 1.34.8"], None);
        assert_eq!(attached.opening, None);
    }
    // Outside a window nothing of ours follows, and an apply would only hold a runner up.
    row(&alone, &open, Defer, "2026-11-25T00:00:00Z", &[], None);
    row(&alone, &open, Defer, "2026-11-28T02:10:00Z", &["attach a 1.34.8"], None);
    let minors = windows(vec![saturdays(1, &[Kind::Minor])]);
    assert_eq!(impossible(&alone, &minors, at("2026-11-25T00:00:00Z")), []);

    // 15 minutes each: what follows is laid after it, in a window that is open already.
    let two = plan_of(&with(cluster("1.34.8", "a:1.34.8 b:1.33.5"), "a", busy), &kubernetes("1.34"));
    let (a, b) = ("attach a 1.34.8", "b 1.33.5 > 1.34.8");
    row(&two, &open, Defer, "2026-11-28T02:30:00Z", &[a, b], None);
    row(&two, &open, Defer, "2026-11-28T02:30:01Z", &[a], Some("cutoff"));
    let before = row(&two, &open, Defer, "2026-11-28T01:50:00Z", &[], Some("window_closed"));
    let opening = at("2026-11-28T02:00:00Z");
    assert!(matches!(before.held, Some(Block::WindowClosed { opens, .. }) if opens == opening));
    let waits = row(&two, &open, Wait, "2026-11-25T00:00:00Z", &[a, b], None);
    assert_eq!(waits.opening.map(|opening| opening.start), Some(opening));
}

#[test]
fn what_holds_the_rest_says_when_it_can_go_on() {
    let open = windows(vec![saturdays(1, &[])]);
    let promise = row(&minor(), &open, Defer, "2026-11-28T02:20:01Z", &[CP, A], Some("cutoff"));
    assert_eq!(promise.opening.map(|opening| opening.end), Some(at("2026-11-28T03:00:00Z")));
    assert_eq!(
        promise.held,
        Some(Block::Cutoff {
            component: Component::Pool("b".to_owned()),
            closes: at("2026-11-28T03:00:00Z"),
            needs: SignedDuration::from_mins(15),
            opens: at("2026-12-05T02:00:00Z"),
        })
    );
}

#[test]
fn outside_the_window_only_fail_and_wait_promise() {
    let open = windows(vec![saturdays(1, &[])]);
    let promise = row(&minor(), &open, Defer, "2026-11-23T12:00:00Z", &[], Some("window_closed"));
    assert_eq!(promise.opening, None);
    let opens = at("2026-11-28T02:00:00Z");
    assert_eq!(
        promise.held,
        Some(Block::WindowClosed { component: Component::ControlPlane, closed: None, opens })
    );
    for outside in [Fail, Wait] {
        let promise = row(&minor(), &open, outside, "2026-11-23T12:00:00Z", &[CP, A, B], None);
        assert_eq!(promise.opening.map(|opening| opening.start), Some(opens));
        // Too little is left of this opening: the next one.
        let promise = row(&minor(), &open, outside, "2026-11-28T02:55:00Z", &[CP, A, B], None);
        assert_eq!(promise.opening.map(|opening| opening.start), Some(at("2026-12-05T02:00:00Z")));
    }
}

#[test]
fn without_any_window_everything_is_promised() {
    row(&minor(), &Windows::default(), Defer, "2026-11-23T12:00:00Z", &[CP, A, B], None);
}

#[test]
fn cutoff_replaces_the_estimate() {
    let with = |cutoff| Windows {
        cutoff: Some(SignedDuration::from_mins(cutoff)),
        ..windows(vec![saturdays(1, &[])])
    };
    row(&minor(), &with(1), Defer, "2026-11-28T02:34:00Z", &[CP, A, B], None);
    row(&minor(), &with(1), Defer, "2026-11-28T02:34:01Z", &[CP, A], Some("cutoff"));
    row(&minor(), &with(1), Defer, "2026-11-28T02:59:00Z", &[CP], Some("window_closed"));
    row(&minor(), &with(60), Defer, "2026-11-28T02:00:00Z", &[CP], Some("cutoff"));
    row(&minor(), &with(61), Fail, "2026-11-28T02:00:00Z", &[], Some("fits_nowhere"));
}

#[test]
fn the_soak_between_pools_counts() {
    let policy = rollout(kubernetes("1.34"), |rollout| rollout.soak = SignedDuration::from_mins(30));
    let plan = plan_of(&cluster("1.33.5", "a:1.33.5 b:1.33.5"), &policy);
    let open = windows(vec![saturdays(2, &[])]);
    // 10 + 15 + 30 + 15 minutes.
    row(&plan, &open, Defer, "2026-11-28T02:50:00Z", &[CP, A, B], None);
    row(&plan, &open, Defer, "2026-11-28T02:50:01Z", &[CP, A], Some("cutoff"));
}

#[test]
fn each_kind_of_work_has_its_own_windows() {
    let open = windows(vec![saturdays(1, &[Kind::Minor]), on(&[Weekday::Sunday], 1, &[Kind::Patch])]);
    row(&minor(), &open, Defer, "2026-11-28T02:00:00Z", &[CP, A, B], None);
    // On Sunday the patches of the running minor, which do not wait for Saturday.
    let patches = ["cp 1.33.5 > 1.33.10", "a 1.33.5 > 1.33.10", "b 1.33.5 > 1.33.10"];
    row(&minor(), &open, Defer, "2026-11-29T02:00:00Z", &patches, Some("window_closed"));
    row(&minor(), &open, Defer, "2026-11-30T02:00:00Z", &[], Some("window_closed"));
    let patch = plan_of(&cluster("1.34.2", "a:1.34.2"), &kubernetes("1.34"));
    row(&patch, &open, Defer, "2026-11-28T02:00:00Z", &[], Some("window_closed"));
    row(&patch, &open, Defer, "2026-11-29T02:00:00Z", &["cp 1.34.2 > 1.34.8", "a 1.34.2 > 1.34.8"], None);
    // No window for minors at all: the patches, and no more.
    let mixed = plan_of(&cluster("1.34.2", "a:1.34.2"), &kubernetes("1.35"));
    let patches_only = windows(vec![saturdays(1, &[Kind::Patch])]);
    let now = "2026-11-28T02:00:00Z";
    let patches = ["cp 1.34.2 > 1.34.8", "a 1.34.2 > 1.34.8"];
    row(&mixed, &patches_only, Fail, now, &patches, Some("fits_nowhere"));
    let patched = plan_of(&cluster("1.34.8", "a:1.34.8"), &kubernetes("1.35"));
    row(&patched, &patches_only, Fail, now, &[], Some("fits_nowhere"));
}

#[test]
fn a_blackout_is_named_when_it_alone_stands_in_the_way() {
    let mut open = windows(vec![saturdays(1, &[])]);
    open.blackouts = vec![blackout("2026-11-27T00:00:00Z", "2026-11-30T00:00:00Z")];
    let promise = row(&minor(), &open, Defer, "2026-11-28T02:00:00Z", &[], Some("blackout"));
    let (reason, opens) = (Some("year end".to_owned()), at("2026-12-05T02:00:00Z"));
    assert_eq!(promise.held, Some(Block::Blackout { component: Component::ControlPlane, reason, opens }));
    row(&minor(), &open, Defer, "2026-11-28T12:00:00Z", &[], Some("window_closed"));
    open.windows.clear();
    row(&minor(), &open, Defer, "2026-11-28T12:00:00Z", &[], Some("blackout"));
}

#[test]
fn nothing_to_do_and_nothing_allowed() {
    let done = plan_of(&cluster("1.34.8", "a:1.34.8"), &kubernetes("1.34"));
    let promise = row(&done, &windows(vec![saturdays(1, &[])]), Fail, "2026-11-23T12:00:00Z", &[], None);
    assert_eq!(promise.opening, None);
    let stopped = edit(cluster("1.33.5", "a:1.33.5"), |cluster| cluster.power = Power::Stopped);
    let stopped = plan_of(&stopped, &kubernetes("1.34"));
    row(&stopped, &Windows::default(), Wait, "2026-11-23T12:00:00Z", &[], Some("cluster_stopped"));
}

#[test]
fn what_can_never_start_is_found_at_once() {
    let now = at("2026-11-23T12:00:00Z");
    assert_eq!(impossible(&minor(), &windows(vec![saturdays(1, &[])]), now), []);
    let patches = windows(vec![saturdays(1, &[Kind::Patch])]);
    let never = impossible(&minor(), &patches, now);
    // One reason for all of it, and not one for each part of the cluster.
    let [Block::FitsNowhere { component: Component::ControlPlane, others, kinds, longest: None, .. }] =
        never.as_slice()
    else {
        panic!("{never:?}")
    };
    assert_eq!((others.len(), kinds.as_slice()), (minor().steps.len() - 1, [Kind::Minor].as_slice()));
    // The control plane fits into the hour, a pool of a thousand nodes, one by one, does not.
    let big = edit(cluster("1.33.5", "a:1.33.5"), |cluster| {
        cluster.pools[0].count = 20;
        cluster.pools[0].max_surge = Some("1".to_owned());
    });
    let big = plan_of(&big, &kubernetes("1.34"));
    assert_eq!(
        impossible(&big, &windows(vec![saturdays(1, &[])]), now),
        [Block::FitsNowhere {
            component: Component::Pool("a".to_owned()),
            others: vec![],
            kinds: vec![Kind::Minor],
            needs: SignedDuration::from_mins(85),
            longest: Some(SignedDuration::from_hours(1)),
        }]
    );
    assert_eq!(impossible(&big, &windows(vec![saturdays(2, &[])]), now), []);
}

/// A window of so many minutes on Saturdays.
fn minutes(minutes: i64) -> Windows {
    windows(vec![lasting(&[Weekday::Saturday], SignedDuration::from_mins(minutes), &[])])
}

/// Found with a window of 15 minutes and a step of 15 minutes: awake one second late, it waited for another week.
#[test]
fn an_opening_to_come_has_to_last_a_little_longer_than_the_work() {
    let patch = plan_of(&cluster("1.34.8", "a:1.34.2"), &kubernetes("1.34"));
    let step = "a 1.34.2 > 1.34.8";
    row(&patch, &minutes(17), Wait, "2026-11-23T12:00:00Z", &[step], None);
    let short = row(&patch, &minutes(16), Wait, "2026-11-23T12:00:00Z", &[], Some("fits_nowhere"));
    let (needs, longest) = (SignedDuration::from_mins(17), SignedDuration::from_mins(16));
    let (component, kinds) = (Component::Pool("a".to_owned()), vec![Kind::Patch]);
    let misfit = Block::FitsNowhere { component, others: vec![], kinds, needs, longest: Some(longest) };
    assert_eq!(short.held.as_ref(), Some(&misfit));
    assert_eq!(impossible(&patch, &minutes(16), at("2026-11-23T12:00:00Z")), [misfit]);
    // At the start itself it has to hold the step and no more, and an explicit cutoff is exact.
    row(&patch, &minutes(15), Defer, "2026-11-28T02:00:00Z", &[step], None);
    let exact = Windows { cutoff: Some(SignedDuration::from_mins(15)), ..minutes(15) };
    row(&patch, &exact, Wait, "2026-11-23T12:00:00Z", &[step], None);
}

/// Reported for clusters with few addresses: 100 nodes, no surge, a fifth of them may be missing.
#[test]
fn a_large_pool_without_a_surge_fits_into_a_night() {
    let big = edit(cluster("1.34.8", "s:1.34.8 a:1.34.8"), |cluster| {
        let pool = &mut cluster.pools[1];
        (pool.count, pool.max_surge) = (100, Some("0".to_owned()));
        pool.max_unavailable = Some("20%".to_owned());
    });
    let plan = plan_of(&big, &kubernetes("1.35"));
    let open = windows(vec![saturdays(4, &[])]);
    let steps = ["cp 1.34.8 > 1.35.5", "s 1.34.8 > 1.35.5", "a 1.34.8 > 1.35.5"];
    row(&plan, &open, Defer, "2026-11-28T02:00:00Z", &steps, None);
    assert_eq!(impossible(&plan, &open, at("2026-11-23T12:00:00Z")), []);
}

/// Four and a half hours of soaks do not start three hours before the window closes.
#[test]
fn a_blue_green_pool_starts_only_where_its_soaks_fit() {
    let side = BlueGreen {
        batch: "10%".to_owned(),
        drain_timeout: SignedDuration::from_mins(30),
        batch_soak: SignedDuration::from_mins(15),
        final_soak: SignedDuration::from_mins(120),
    };
    let big = with(cluster("1.34.8", "a:1.34.2"), "a", |a| (a.count, a.blue_green) = (100, Some(side)));
    let plan = plan_of(&big, &kubernetes("1.34"));
    let open = windows(vec![saturdays(6, &[])]);
    row(&plan, &open, Defer, "2026-11-28T05:00:00Z", &[], Some("cutoff"));
    row(&plan, &open, Defer, "2026-11-28T02:00:00Z", &["a 1.34.2 > 1.34.8"], None);
    let short = impossible(&plan, &windows(vec![saturdays(4, &[])]), at("2026-11-23T12:00:00Z"));
    assert_eq!(short.iter().map(Block::code).collect::<Vec<_>>(), ["fits_nowhere"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever waits for an opening comes a moment late; what was promised for it has to fit all the same.
    #[test]
    fn a_promise_for_an_opening_to_come_bears_a_moment(
        start in clusters(), policy in policies(), few in 0..12usize, spare in 0..4i64, late in 0..=120i64
    ) {
        let plan = plan_of(&start, &policy);
        prop_assume!(plan.steps.iter().all(|step| !step.is_running()));
        let needed: i64 = plan.steps.iter().take(few).map(|step| step.estimate.as_mins()).sum();
        let open = minutes((needed + spare).max(15));
        let waits = promise(&plan, &open, Wait, at("2026-11-23T12:00:00Z"));
        if let Some(opening) = waits.opening {
            let come = promise(&plan, &open, Defer, opening.start + SignedDuration::from_secs(late));
            prop_assert!(come.steps.len() >= waits.steps.len(), "{:?}", come.held);
        }
    }
}
