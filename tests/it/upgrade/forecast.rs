//! What is to come, with dates: the steps laid over the openings, played forward.

use jiff::SignedDuration;
use jiff::civil::Weekday;
use proptest::prelude::*;
use terraform_provider_aks::upgrade::cluster::{Cluster, Power, State};
use terraform_provider_aks::upgrade::course::usual;
use terraform_provider_aks::upgrade::forecast::{Forecast, Scheduled, forecast};
use terraform_provider_aks::upgrade::kind::Kind;
use terraform_provider_aks::upgrade::node_image::NodeImage;
use terraform_provider_aks::upgrade::plan::plan;
use terraform_provider_aks::upgrade::policy::{Goal, ImageGoal, Policy};
use terraform_provider_aks::upgrade::seen::Seen;
use terraform_provider_aks::upgrade::step::Step;
use terraform_provider_aks::upgrade::task::Component;
use terraform_provider_aks::upgrade::window::schedule::Window;
use terraform_provider_aks::upgrade::window::{Exemption, Windows};

use crate::upgrade::plan::laws::{clusters, policies};
use crate::upgrade::sample::{
    at, blackout, cluster, edit, images, kubernetes, lasting, on, rollout, saturdays, seen, text, v, windows,
    with,
};

const MONDAY: &str = "2026-11-23T12:00:00Z";

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn seen_on(cluster: &Cluster, instant: &str) -> Seen {
    Seen { at: at(instant), ..seen(cluster) }
}

/// Two minors, and half an hour after each pool.
fn two_minors(windows: &Windows, from: &str, horizon: i64) -> Forecast {
    let policy = rollout(kubernetes("1.36"), |rollout| rollout.soak = SignedDuration::from_mins(30));
    forecast(&seen_on(&cluster("1.34.8", "a:1.34.8"), from), &policy, windows, days(horizon))
}

fn line(one: &Scheduled) -> String {
    format!("{} {} {}", one.start.strftime("%a %d %H:%M"), one.end.strftime("%H:%M"), text(&one.step))
}

/// Checks the steps that have a date, those that have none, and the code of what holds them.
#[track_caller]
fn row(forecast: &Forecast, scheduled: &[&str], left: &[&str], held: Option<&str>) {
    assert_eq!(forecast.scheduled.iter().map(line).collect::<Vec<_>>(), scheduled);
    assert_eq!(forecast.left.iter().map(text).collect::<Vec<_>>(), left);
    assert_eq!(codes(forecast), held.into_iter().collect::<Vec<_>>());
}

fn codes(forecast: &Forecast) -> Vec<&'static str> {
    forecast.held.iter().map(|held| held.block.code()).collect()
}

/// Tells whether a step is another one, or brings its part as far and farther.
fn does(step: &Step, pending: &Step) -> bool {
    let (own, other) = (step.work.component(), pending.work.component());
    let is_wide = own == Component::Cluster || own == other;
    let whole = other == Component::Cluster && own == Component::ControlPlane;
    let goes_as_far = match (step.work.version(), pending.work.version()) {
        (Some(own), Some(other)) => own >= other,
        // A version brings the latest image along.
        (Some(_), None) => true,
        (None, _) => step.work == pending.work,
    };
    (is_wide || whole) && goes_as_far
}

const FIRST: [&str; 2] = ["Sat 28 02:00 02:10 cp 1.34.8 > 1.35.5", "Sat 28 02:10 02:25 a 1.34.8 > 1.35.5"];
const SECOND: [&str; 2] = ["Sat 05 02:00 02:10 cp 1.35.5 > 1.36.2", "Sat 05 02:10 02:25 a 1.35.5 > 1.36.2"];

#[test]
fn steps_take_as_many_openings_as_they_need() {
    let forecast = two_minors(&windows(vec![saturdays(1, &[])]), MONDAY, 30);
    // The soak would end at 02:55, and five minutes are too few.
    row(&forecast, &[FIRST[0], FIRST[1], SECOND[0], SECOND[1]], &[], None);
    assert_eq!(forecast.scheduled[3].opening.end, at("2026-12-05T03:00:00Z"));
}

#[test]
fn inside_an_opening_it_begins_at_once() {
    let expected = [
        "Sat 28 02:30 02:40 cp 1.34.8 > 1.35.5",
        "Sat 28 02:40 02:55 a 1.34.8 > 1.35.5",
        "Sat 28 03:25 03:35 cp 1.35.5 > 1.36.2",
        "Sat 28 03:35 03:50 a 1.35.5 > 1.36.2",
    ];
    row(&two_minors(&windows(vec![saturdays(4, &[])]), "2026-11-28T02:30:00Z", 30), &expected, &[], None);
}

#[test]
fn the_horizon_leaves_the_rest() {
    let left = ["cp 1.35.5 > 1.36.2", "a 1.35.5 > 1.36.2"];
    row(&two_minors(&windows(vec![saturdays(1, &[])]), MONDAY, 7), &FIRST, &left, None);
}

#[test]
fn work_that_no_window_allows_is_left_with_the_reason() {
    let images_only = windows(vec![on(&[Weekday::Sunday], 4, &[Kind::NodeImage])]);
    let forecast = two_minors(&images_only, MONDAY, 30);
    assert_eq!((forecast.scheduled.len(), forecast.left.len()), (0, 4));
    assert_eq!(codes(&forecast), ["fits_nowhere"]);
}

#[test]
fn a_stopped_cluster_has_no_dates() {
    let stopped = edit(cluster("1.33.5", "a:1.33.5"), |cluster| cluster.power = Power::Stopped);
    let forecast = forecast(&seen(&stopped), &kubernetes("1.34"), &Windows::default(), days(30));
    row(&forecast, &[], &["cp 1.33.5 > 1.34.8", "a 1.33.5 > 1.34.8"], Some("cluster_stopped"));
}

#[test]
fn what_runs_is_waited_for_and_planned_from() {
    let busy = |cluster: Cluster| with(cluster, "a", |pool| pool.state = State::Busy("Upgrading".to_owned()));
    let busy = edit(busy(cluster("1.35.5", "a:1.35.5")), |cluster| {
        cluster.state = State::Busy("Upgrading".to_owned());
    });
    let forecast =
        forecast(&seen_on(&busy, MONDAY), &kubernetes("1.36"), &windows(vec![saturdays(1, &[])]), days(9));
    let next = ["Sat 28 02:00 02:10 cp 1.35.5 > 1.36.2", "Sat 28 02:10 02:25 a 1.35.5 > 1.36.2"];
    row(&forecast, &["Mon 23 12:00 12:15 attach a 1.35.5", next[0], next[1]], &[], None);
}

#[test]
fn a_minor_that_leaves_support_before_its_window_is_left_as_a_whole() {
    // The last day of 1.34 is Monday, 30 November; the next opening is on 5 December.
    let december = Windows {
        blackouts: vec![blackout("2026-11-27T00:00:00Z", "2026-12-01T12:00:00Z")],
        ..windows(vec![saturdays(2, &[])])
    };
    let from = seen_on(&cluster("1.34.8", "a:1.34.8"), MONDAY);
    let forecast_of = |policy: &Policy| forecast(&from, policy, &december, days(30));
    row(&forecast_of(&kubernetes("1.35")), &["Sat 05 02:00 02:25 all 1.34.8 > 1.35.5"], &[], None);
    // From there the way goes on as Azure offers it then.
    let further = [
        "Sat 05 02:00 02:25 all 1.34.8 > 1.35.5",
        "Sat 05 02:25 02:35 cp 1.35.5 > 1.36.2",
        "Sat 05 02:35 02:50 a 1.35.5 > 1.36.2",
    ];
    row(&forecast_of(&kubernetes("1.36")), &further, &[], None);
    // What cannot be kept then holds it, although today it could be.
    let soaks = rollout(kubernetes("1.35"), |rollout| rollout.soak = SignedDuration::from_mins(30));
    assert_eq!(plan(&from, &soaks).steps.len(), 2);
    let pending = ["cp 1.34.8 > 1.35.5", "a 1.34.8 > 1.35.5"];
    row(&forecast_of(&soaks), &[], &pending, Some("whole_cluster_only"));
}

#[test]
fn what_is_pending_when_support_ends_is_left_with_the_reason_and_its_day() {
    // Forty minutes hold the control plane and one pool; the other one would be next on 5 December.
    let from = seen_on(&cluster("1.34.4", "a:1.34.4 b:1.34.4"), MONDAY);
    let short = windows(vec![saturdays(1, &[])]);
    let done = [
        "Sat 28 02:00 02:10 cp 1.34.4 > 1.34.8",
        "Sat 28 02:10 02:25 a 1.34.4 > 1.34.8",
        "Sat 28 02:25 02:40 b 1.34.4 > 1.34.8",
    ];
    row(&forecast(&from, &kubernetes("1.34"), &short, days(30)), &done, &[], None);
    let soaks = rollout(kubernetes("1.34"), |rollout| rollout.soak = SignedDuration::from_mins(30));
    let forecast = forecast(&from, &soaks, &short, days(30));
    row(&forecast, &done[..2], &["b 1.34.4 > 1.34.8"], Some("out_of_support"));
    assert_eq!(forecast.held[0].since, at("2026-12-01T00:00:00Z"));
    assert_eq!(forecast.reaches(), Some(&v("1.34.8")));
}

/// Azure leads clusters of long-term support up to three minors further from a minor that it alone covers.
#[test]
fn long_term_support_leaps_once_the_minor_is_covered_by_nothing_else() {
    let from = |version: &str, instant| {
        let mut from = seen_on(&edit(cluster(version, "a:1.34.3"), |cluster| cluster.lts = true), instant);
        let region = from.offers.region.iter_mut().flatten();
        region.filter(|one| one.version.minor() == v("1.36.0").minor()).for_each(|one| one.lts = true);
        from
    };
    let (goal, saturdays) = (kubernetes("1.36"), windows(vec![saturdays(4, &[])]));
    let before = forecast(&from("1.34.3", MONDAY), &goal, &saturdays, days(6));
    let hops = before.scheduled.iter().map(|one| text(&one.step)).collect::<Vec<_>>();
    assert_eq!(hops, ["cp 1.34.3 > 1.35.5", "a 1.34.3 > 1.35.5", "cp 1.35.5 > 1.36.2", "a 1.35.5 > 1.36.2"]);
    // 1.34.4 is not listed.
    for version in ["1.34.3", "1.34.4"] {
        let all = forecast(&from(version, "2026-11-29T12:00:00Z"), &goal, &saturdays, days(30));
        let leap = format!("Sat 05 02:00 02:10 cp {version} > 1.36.2");
        row(&all, &[&leap, "Sat 05 02:10 02:25 a 1.34.3 > 1.36.2"], &[], None);
    }
}

#[test]
fn an_age_that_ends_after_support_is_waited_for() {
    let mut from = seen_on(&cluster("1.34.8", "a:1.34.8"), MONDAY);
    from.offers.first_seen = [(v("1.35.5"), at("2026-11-26T12:00:00Z"))].into();
    let patient = Policy { min_age: Some(days(10)), ..kubernetes("1.35") };
    let saturdays = windows(vec![saturdays(2, &[])]);
    row(
        &forecast(&from, &patient, &saturdays, days(30)),
        &["Sat 12 02:00 02:25 all 1.34.8 > 1.35.5"],
        &[],
        None,
    );
    // Until 6 December is too far for this one.
    row(&forecast(&from, &patient, &saturdays, days(5)), &[], &[], Some("too_young"));
}

#[test]
fn a_channel_that_is_on_holds_the_way_behind_the_pools() {
    let lagging = edit(cluster("1.35.5", "a:1.34.8"), |cluster| {
        cluster.auto_upgrade_channel = Some("stable".to_owned());
    });
    let forecast = forecast(
        &seen_on(&lagging, MONDAY),
        &kubernetes("1.36"),
        &windows(vec![saturdays(2, &[])]),
        days(30),
    );
    row(&forecast, &["Sat 28 02:00 02:15 a 1.34.8 > 1.35.5"], &[], Some("auto_upgrade_channel_on"));
    assert_eq!(forecast.reaches(), Some(&v("1.35.5")));
}

#[test]
fn a_cluster_out_of_support_goes_on_by_what_it_is_offered_once_it_is_back() {
    let lost = cluster("1.29.4", "a:1.29.4");
    let all =
        forecast(&seen_on(&lost, MONDAY), &kubernetes("rapid"), &windows(vec![saturdays(1, &[])]), days(40));
    assert_eq!(text(&all.scheduled[0].step), "all 1.29.4 > 1.33.10");
    assert_eq!(all.scheduled.last().map(|one| text(&one.step)).as_deref(), Some("a 1.35.5 > 1.36.2"));
    assert_eq!(all.reaches(), Some(&v("1.36.2")));
    assert_eq!((all.left, all.held), (vec![], vec![]));
}

#[test]
fn what_is_too_young_is_taken_as_soon_as_it_is_old_enough() {
    let mut from = seen_on(&cluster("1.35.1", "a:1.35.1"), MONDAY);
    from.offers.first_seen = [(v("1.35.5"), at("2026-11-20T00:00:00Z"))].into();
    let patient = Policy { min_age: Some(days(10)), ..kubernetes("1.35") };
    let nightly = windows(vec![on(&[], 1, &[])]);
    // On the 30th at midnight the version has its age, and two hours later a window.
    let expected = ["Mon 30 02:00 02:10 cp 1.35.1 > 1.35.5", "Mon 30 02:10 02:25 a 1.35.1 > 1.35.5"];
    row(&forecast(&from, &patient, &nightly, days(30)), &expected, &[], None);
    row(&forecast(&from, &patient, &nightly, days(5)), &[], &[], None);
}

#[test]
fn nodes_that_follow_by_themselves_hold_no_later_minor() {
    let provisioned = edit(cluster("1.33.10", "a:1.33.10 karpenter:1.32.11"), |cluster| {
        let pool = &mut cluster.pools[1];
        (pool.machines, pool.version_shown) = (true, false);
    });
    let open = windows(vec![saturdays(1, &[])]);
    let all = forecast(&seen_on(&provisioned, MONDAY), &kubernetes("1.36"), &open, days(40));
    assert_eq!(all.reaches(), Some(&v("1.36.2")));
    assert_eq!((all.left, all.held), (vec![], vec![]));
}

#[test]
fn an_image_is_replaced_when_it_is_old() {
    // It is of 5 October: older than eight weeks from 30 November on.
    let old = ImageGoal { max_age: Some(days(56)), ..ImageGoal::default() };
    let policy = Policy { goal: Goal::NodeImage(old), ..images() };
    let nightly = windows(vec![on(&[], 1, &[])]);
    let from = seen_on(&cluster("1.35.5", "a:1.35.5"), MONDAY);
    row(
        &forecast(&from, &policy, &nightly, days(30)),
        &["Mon 30 02:00 02:15 a 202610.05.0 > 202610.19.0"],
        &[],
        None,
    );
}

#[test]
fn a_version_brings_the_image_along() {
    let old = ImageGoal { max_age: Some(days(56)), ..ImageGoal::default() };
    let mut policy = kubernetes("1.36");
    if let Goal::Kubernetes { images, .. } = &mut policy.goal {
        *images = Some(old);
    }
    let nightly = windows(vec![on(&[], 1, &[])]);
    let from = seen_on(&cluster("1.35.5", "a:1.35.5"), MONDAY);
    let expected = ["Tue 24 02:00 02:10 cp 1.35.5 > 1.36.2", "Tue 24 02:10 02:25 a 1.35.5 > 1.36.2"];
    row(&forecast(&from, &policy, &nightly, days(30)), &expected, &[], None);
}

#[test]
fn what_an_override_opens_closes_with_it() {
    let until = at("2026-11-23T12:15:00Z");
    let glass = Exemption { until, windows: true, blackouts: true, cutoff: false };
    let open = Windows { exemption: Some(glass), ..windows(vec![saturdays(1, &[])]) };
    let from = seen_on(&cluster("1.35.5", "a:1.35.5"), MONDAY);
    let expected = ["Mon 23 12:00 12:10 cp 1.35.5 > 1.36.2", "Sat 28 02:00 02:15 a 1.35.5 > 1.36.2"];
    row(&forecast(&from, &kubernetes("1.36"), &open, days(9)), &expected, &[], None);
}

#[test]
fn an_opening_that_begins_while_another_is_open_is_used() {
    let of = |window: Window, pools: &[&str]| {
        let mut spec = window.spec().clone();
        spec.scope.node_pools = pools.iter().map(|pool| (*pool).to_owned()).collect();
        Window::new(spec).unwrap()
    };
    let short = lasting(&[Weekday::Saturday], SignedDuration::from_mins(23), &[]);
    let open = windows(vec![
        short,
        of(on(&[Weekday::Saturday], 48, &[]), &["a"]),
        of(on(&[Weekday::Sunday], 4, &[]), &["b"]),
    ]);
    let from = seen_on(&cluster("1.35.5", "a:1.35.5 b:1.35.5"), MONDAY);
    let expected = [
        "Sat 28 02:00 02:10 cp 1.35.5 > 1.36.2",
        "Sat 28 02:10 02:25 a 1.35.5 > 1.36.2",
        "Sun 29 02:00 02:15 b 1.35.5 > 1.36.2",
    ];
    row(&forecast(&from, &kubernetes("1.36"), &open, days(30)), &expected, &[], None);
}

#[test]
fn an_age_that_is_reached_inside_an_opening_is_not_put_off_to_the_next() {
    let old = ImageGoal { max_age: Some(days(51)), ..ImageGoal::default() };
    let policy = Policy { goal: Goal::NodeImage(old), ..images() };
    let pools = with(cluster("1.35.5", "a:1.35.5 b:1.35.5"), "a", |a| {
        a.image = NodeImage::new("AKSUbuntu-2204gen2containerd-202609.28.0");
    });
    let five_days = windows(vec![lasting(&[Weekday::Monday], days(5), &[])]);
    let expected =
        ["Mon 23 12:00 12:15 a 202609.28.0 > 202610.19.0", "Wed 25 00:00 00:15 b 202610.05.0 > 202610.19.0"];
    row(&forecast(&seen_on(&pools, MONDAY), &policy, &five_days, days(30)), &expected, &[], None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each step starts in an opening, after the one before it has ended; none is done twice; at the end nothing is to be
    /// done that has no reason.
    #[test]
    fn steps_are_in_openings_one_after_the_other(start in clusters(), policy in policies(), hours in 1..9i64, image: bool) {
        let kinds = if image { vec![] } else { vec![Kind::Minor, Kind::Patch] };
        let open = windows(vec![on(&[Weekday::Saturday, Weekday::Tuesday], hours, &kinds)]);
        let forecast = forecast(&seen_on(&start, MONDAY), &policy, &open, days(120));
        let mut free = at(MONDAY);
        let mut done = Vec::new();
        for one in &forecast.scheduled {
            prop_assert!(free <= one.start && one.start < one.end, "{}", line(one));
            free = one.end;
            let is_open = open.is_open(&one.step.tasks(), one.start);
            prop_assert!(!one.step.needs_opening() || is_open, "{} in no opening", line(one));
            prop_assert!(!one.step.needs_opening() || one.opening.contains(one.start), "{}", line(one));
            let what = (one.step.work.component(), one.step.work.to());
            prop_assert!(one.step.is_running() || !done.contains(&what), "{} twice", line(one));
            done.push(what);
        }
        prop_assert!(forecast.left.is_empty() || !forecast.held.is_empty(), "{:?}", forecast.left);
    }

    /// Whatever time brings, what is pending today is done by the steps with a date or left, and what is named as reached
    /// runs when they are done.
    #[test]
    fn what_is_pending_today_is_scheduled_or_left(
        start in clusters(), policy in policies(), hours in 1..4i64, age in proptest::option::of(1..30i64), horizon in 1..120i64,
    ) {
        let mut from = seen_on(&start, MONDAY);
        let policy = Policy { min_age: age.map(days), ..policy };
        let listed: Vec<_> = from.offers.region.iter().flatten().map(|one| one.version.clone()).collect();
        from.offers.first_seen = listed.into_iter().map(|version| (version, at("2026-11-20T00:00:00Z"))).collect();
        let open = windows(vec![on(&[Weekday::Saturday], hours, &[])]);
        let forecast = forecast(&from, &policy, &open, days(horizon));
        let scheduled: Vec<&Step> = forecast.scheduled.iter().map(|one| &one.step).collect();
        let reached = scheduled.iter().filter(|_| !forecast.held.is_empty()).filter_map(|step| step.work.version());
        if !scheduled.is_empty() && !forecast.held.is_empty() {
            prop_assert_eq!(forecast.reaches(), reached.max());
        }
        for pending in usual(&plan(&from, &policy), &open) {
            let mut all = scheduled.iter().copied().chain(&forecast.left);
            prop_assert!(all.any(|step| does(step, &pending)), "{} is nowhere in {:#?}", text(&pending), forecast);
        }
        let is_fresh = forecast.held.iter().all(|held| held.since >= from.at && held.since <= from.at + days(horizon));
        prop_assert!(is_fresh, "{:?}", forecast.held);
    }
}
