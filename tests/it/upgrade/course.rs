//! "Minor quarterly, patches nightly": a patch does not wait for a minor whose window is closed.

use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use terraform_provider_aks::upgrade::cluster::Cluster;
use terraform_provider_aks::upgrade::forecast::forecast;
use terraform_provider_aks::upgrade::kind::Kind;
use terraform_provider_aks::upgrade::plan::plan;
use terraform_provider_aks::upgrade::policy::Policy;
use terraform_provider_aks::upgrade::promise::OutsideWindow::{self, Defer, Fail, Wait};
use terraform_provider_aks::upgrade::promise::{Promise, promise};
use terraform_provider_aks::upgrade::seen::Seen;
use terraform_provider_aks::upgrade::window::Windows;

use crate::upgrade::plan::laws::{clusters, policies};
use crate::upgrade::sample::{apply, at, cluster, kubernetes, on, saturdays, seen, text, windows};

fn promised(
    from: &Cluster,
    policy: &Policy,
    windows: &Windows,
    outside: OutsideWindow,
    now: &str,
) -> Promise {
    promise(&plan(&seen(from), policy), windows, outside, at(now))
}

#[track_caller]
fn row(promise: &Promise, now: &[&str], later: &[&str]) {
    assert_eq!(promise.steps.iter().map(text).collect::<Vec<_>>(), now, "now; held by {:?}", promise.held);
    assert_eq!(promise.left.iter().map(text).collect::<Vec<_>>(), later, "later");
}

fn patches_nightly() -> Windows {
    windows(vec![saturdays(6, &[Kind::Minor]), on(&[], 3, &[Kind::Patch])])
}

const PATCH: [&str; 2] = ["cp 1.34.2 > 1.34.8", "a 1.34.2 > 1.34.8"];
const MINOR: [&str; 2] = ["cp 1.34.8 > 1.35.5", "a 1.34.8 > 1.35.5"];
/// What is shown while nothing is done, whatever the time: where the windows lead.
const USUAL: [&str; 4] = [PATCH[0], PATCH[1], MINOR[0], MINOR[1]];
const STRAIGHT: [&str; 2] = ["cp 1.34.2 > 1.35.5", "a 1.34.2 > 1.35.5"];

#[test]
fn a_patch_does_not_wait_for_the_minor() {
    let from = cluster("1.34.2", "a:1.34.2");
    let on = |outside, now| promised(&from, &kubernetes("1.35"), &patches_nightly(), outside, now);
    // A Tuesday night: the patches now, the minor on Saturday.
    row(&on(Defer, "2026-11-24T02:00:00Z"), &PATCH, &MINOR);
    // Saturday: the minor, and the patch that it brings is not taken before.
    row(&on(Defer, "2026-11-28T02:00:00Z"), &STRAIGHT, &[]);
    // Within a day of the minor a pool would be drained twice for little.
    row(&on(Defer, "2026-11-27T02:00:00Z"), &[], &USUAL);
    row(&on(Defer, "2026-11-26T04:00:00Z"), &PATCH, &MINOR);
    // In the closed window nothing changes with the time of the day.
    row(&on(Defer, "2026-11-24T12:00:00Z"), &[], &USUAL);
    for outside in [Fail, Wait] {
        row(&on(outside, "2026-11-24T12:00:00Z"), &PATCH, &MINOR);
        row(&on(outside, "2026-11-27T12:00:00Z"), &STRAIGHT, &[]);
    }
}

#[test]
fn only_what_can_run_now_comes_before_the_minor() {
    let minors_only = windows(vec![saturdays(6, &[Kind::Minor])]);
    let from = cluster("1.34.2", "a:1.34.2");
    row(&promised(&from, &kubernetes("1.35"), &minors_only, Defer, "2026-11-24T02:00:00Z"), &[], &STRAIGHT);
    // The patch of the running minor is there already.
    let patched = cluster("1.34.8", "a:1.34.8");
    row(
        &promised(&patched, &kubernetes("1.35"), &patches_nightly(), Defer, "2026-11-24T02:00:00Z"),
        &[],
        &MINOR,
    );
    // A pool that lags by a minor waits for the minors' window, and holds nobody up.
    let lags = cluster("1.34.2", "a:1.34.2 b:1.33.5");
    let later = ["b 1.33.5 > 1.34.8", "cp 1.34.8 > 1.35.5", "a 1.34.8 > 1.35.5", "b 1.34.8 > 1.35.5"];
    row(
        &promised(&lags, &kubernetes("1.35"), &patches_nightly(), Defer, "2026-11-24T02:00:00Z"),
        &PATCH,
        &later,
    );
    // A window that never opens for minors keeps no patch away.
    let never = windows(vec![on(&[], 3, &[Kind::Patch])]);
    row(&promised(&from, &kubernetes("1.35"), &never, Defer, "2026-11-24T02:00:00Z"), &PATCH, &MINOR);
}

#[test]
fn the_forecast_goes_the_same_way() {
    let from = cluster("1.34.2", "a:1.34.2");
    let days = SignedDuration::from_hours(24 * 14);
    let from = Seen { at: at("2026-11-23T12:00:00Z"), ..seen(&from) };
    let forecast = forecast(&from, &kubernetes("1.35"), &patches_nightly(), days);
    let lines: Vec<String> = forecast
        .scheduled
        .iter()
        .map(|one| format!("{} {}", one.start.strftime("%a %H:%M"), text(&one.step)))
        .collect();
    assert_eq!(
        lines,
        [
            "Tue 02:00 cp 1.34.2 > 1.34.8",
            "Tue 02:10 a 1.34.2 > 1.34.8",
            "Sat 02:00 cp 1.34.8 > 1.35.5",
            "Sat 02:10 a 1.34.8 > 1.35.5",
        ]
    );
}

/// Windows for minors and for patches, at nights of the week, of several hours.
fn two_windows() -> impl Strategy<Value = Windows> {
    let days = [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Saturday];
    let night = |kind| {
        (proptest::sample::subsequence(days.to_vec(), 1..4), 1..9i64)
            .prop_map(move |(days, hours)| on(&days, hours, &[kind]))
    };
    (night(Kind::Minor), night(Kind::Patch)).prop_map(|(minor, patch)| windows(vec![minor, patch]))
}

/// One hourly pipeline: what each apply promises is done, and takes as long as estimated.
fn weeks(
    from: &Cluster,
    policy: &Policy,
    windows: &Windows,
    hours: i64,
) -> (Cluster, Vec<(Timestamp, String, Kind, bool)>) {
    let (mut cluster, mut done) = (from.clone(), Vec::new());
    let mut now = at("2026-11-22T00:30:00Z");
    let end = now + SignedDuration::from_hours(hours);
    while now < end {
        let plan = plan(&seen(&cluster), policy);
        let promise = promise(&plan, windows, Defer, now);
        let patches_first = plan.steps.first() != promise.steps.first();
        for step in promise.steps {
            let first = patches_first && step.kind() == Kind::Patch;
            done.extend(step.work.pool().map(|pool| (now, pool.to_owned(), step.kind(), first)));
            step.take(&mut cluster);
            now += step.estimate;
        }
        now += SignedDuration::from_hours(1);
    }
    (cluster, done)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// However the windows lie, a pool is not patched in the hours before its minor.
    #[test]
    fn no_pool_is_drained_for_a_patch_shortly_before_its_minor(
        start in clusters(), target in 0..3usize, windows in two_windows()
    ) {
        let policy = kubernetes(["1.34", "1.35", "1.36"][target]);
        let (_, done) = weeks(&start, &policy, &windows, 24 * 14);
        for (place, (at, pool, kind, _)) in done.iter().enumerate().filter(|(_, (.., first))| *first) {
            let next = done.iter().skip(place + 1).find(|(_, other, ..)| other == pool);
            let soon = next.filter(|(then, _, kind, _)| *kind == Kind::Minor && then.duration_since(*at) < SignedDuration::from_hours(20));
            prop_assert!(soon.is_none(), "{pool} is drained at {at} ({kind}) and again at {:?}", soon);
        }
    }

    /// Patches reach every pool although the minor's window never opens, and leave the minor alone.
    #[test]
    fn patches_arrive_whatever_becomes_of_the_minor(start in clusters(), policy in policies(), nights in 1..9i64) {
        let never = windows(vec![on(&[], nights, &[Kind::Patch])]);
        let patched = weeks(&start, &Policy { goal: kubernetes("patch").goal, ..policy.clone() }, &never, 24 * 14).0;
        let (reached, done) = weeks(&start, &Policy { goal: kubernetes("1.36").goal, ..policy }, &never, 24 * 14);
        prop_assert!(done.iter().all(|(_, _, kind, _)| *kind == Kind::Patch));
        let supported = plan(&seen(&start), &kubernetes("1.36")).steps.first().is_some_and(|step| step.kind() == Kind::Minor && step.work.pool().is_none());
        if supported {
            prop_assert!(reached.version >= patched.version, "{} is behind {}", reached.version, patched.version);
        }
    }

    /// A plan that was made by the patches ends where the straight one ends.
    #[test]
    fn both_ways_end_in_the_same_place(start in clusters(), policy in policies()) {
        let plan = plan(&seen(&start), &policy);
        for way in &plan.meanwhile {
            let end = |steps: &[terraform_provider_aks::upgrade::step::Step]| {
                let mut cluster = start.clone();
                steps.iter().for_each(|step| apply(step, &mut cluster));
                cluster
            };
            prop_assert_eq!(end(way), end(&plan.steps));
        }
    }
}
