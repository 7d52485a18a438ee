//! One observation, one action.

use jiff::{SignedDuration, Timestamp};
use terraform_provider_aks::upgrade::action::{Action, next};
use terraform_provider_aks::upgrade::attempted::Attempted;
use terraform_provider_aks::upgrade::block::Block;
use terraform_provider_aks::upgrade::cluster::{Cluster, Power, State};
use terraform_provider_aks::upgrade::node_image::NodeImage;
use terraform_provider_aks::upgrade::offer::{Offer, Offers};
use terraform_provider_aks::upgrade::plan::plan;
use terraform_provider_aks::upgrade::policy::Policy;
use terraform_provider_aks::upgrade::promise::{OutsideWindow, Promise, promise};
use terraform_provider_aks::upgrade::seen::Seen;
use terraform_provider_aks::upgrade::step::Work;
use terraform_provider_aks::upgrade::task::Component;
use terraform_provider_aks::upgrade::window::Windows;

use crate::upgrade::sample::{
    OLD, apply, at, cluster, edit, images, kubernetes, offers, rollout, saturdays, seen, text, v, windows,
    with,
};

const OPEN: &str = "2026-11-28T02:00:00Z";

/// An apply in the middle of its run.
struct Run {
    promise: Promise,
    cluster: Cluster,
    offers: Option<Offers>,
    windows: Windows,
    outside: OutsideWindow,
    attempted: Attempted,
    now: Timestamp,
}

impl Run {
    fn of(cluster: Cluster, policy: &Policy) -> Run {
        let windows = windows(vec![saturdays(1, &[])]);
        let plan = plan(&seen(&cluster), policy);
        let (outside, now) = (OutsideWindow::Defer, at(OPEN));
        let promise = promise(&plan, &windows, outside, now);
        Run { promise, cluster, offers: None, windows, outside, attempted: Attempted::default(), now }
    }

    fn minor() -> Run {
        Run::of(cluster("1.33.5", "a:1.33.5 b:1.33.5"), &kubernetes("1.34"))
    }

    fn image() -> Run {
        Run::of(cluster("1.34.8", "a:1.34.8"), &images())
    }

    /// Carries out so many steps; the last one counts as started by this run.
    fn after(mut self, steps: usize) -> Run {
        for step in self.promise.steps.iter().take(steps) {
            apply(step, &mut self.cluster);
            self.attempted.sent(step);
            self.attempted.ended(step, at(OPEN));
        }
        self
    }

    fn but(mut self, change: impl FnOnce(&mut Run)) -> Run {
        change(&mut self);
        self
    }

    fn next(&self) -> Action {
        let offers = self.offers.clone().unwrap_or_else(|| offers(&self.cluster));
        let seen = Seen { at: self.now, cluster: self.cluster.clone(), offers, pool_ended: None };
        next(&self.promise, &seen, &self.windows, self.outside, &self.attempted)
    }
}

/// The action as text: `"start a 1.33.5 > 1.34.8"`, `"poll Upgrading"`, `"wait 2026-…"`, `"finish"`, `"stop skew"`.
#[track_caller]
fn row(run: &Run, expected: &str) {
    let found = match run.next() {
        Action::Start(step) => format!("start {}", text(&step)),
        Action::Poll(operation) => format!("poll {operation}"),
        Action::WaitUntil(instant) => format!("wait {instant}"),
        Action::Finish => "finish".to_owned(),
        Action::Stop(block) => format!("stop {}", block.code()),
    };
    assert_eq!(found, expected);
}

fn busy() -> State {
    State::Busy("Upgrading".to_owned())
}

/// The first step was sent by this run, and its operation was seen to end.
fn started(run: &mut Run) {
    let first = run.promise.steps.first().unwrap();
    run.attempted.sent(first);
    run.attempted.ended(first, at(OPEN));
}

fn pool_a(run: &mut Run, change: impl FnOnce(&mut terraform_provider_aks::upgrade::cluster::Pool)) {
    run.cluster = with(run.cluster.clone(), "a", change);
}

#[test]
fn steps_are_started_in_order_until_none_is_left() {
    row(&Run::minor(), "start cp 1.33.5 > 1.34.8");
    row(&Run::minor().after(1), "start a 1.33.5 > 1.34.8");
    row(&Run::minor().after(2), "start b 1.33.5 > 1.34.8");
    row(&Run::minor().after(3), "finish");
    row(&Run::minor().but(|run| run.promise.steps.clear()), "finish");
}

#[test]
fn a_step_that_somebody_else_did_is_skipped() {
    row(&Run::minor().but(|run| run.cluster.version = v("1.34.8")), "start a 1.33.5 > 1.34.8");
    row(&Run::minor().but(|run| run.cluster.version = v("1.35.1")), "start a 1.33.5 > 1.34.8");
}

#[test]
fn a_version_is_shown_before_it_is_reached() {
    let early = |state: State| {
        Run::minor().but(|run| {
            run.cluster.version = v("1.34.8");
            run.cluster.state = state;
        })
    };
    row(&early(busy()), "poll Upgrading");
    row(&early(State::Succeeded), "start a 1.33.5 > 1.34.8");
    row(&early(State::Canceled(None)), "stop failed_state");
    row(&early(State::Failed(None)), "stop failed_state");
}

#[test]
fn a_running_operation_is_waited_for_whoever_started_it() {
    row(
        &Run::minor().but(|run| pool_a(run, |a| a.state = State::Busy("Scaling".to_owned()))),
        "poll Scaling",
    );
    row(&Run::minor().after(3).but(|run| pool_a(run, |a| a.state = busy())), "poll Upgrading");
    row(&Run::image().but(|run| run.cluster.state = busy()), "poll Upgrading");
    // It is not ours to wait for when everything promised is done.
    row(&Run::image().after(1).but(|run| run.cluster.state = busy()), "finish");
}

#[test]
fn nothing_starts_outside_the_window() {
    let later = |time: &str, outside| {
        let time = at(time);
        Run::minor().after(1).but(move |run| (run.now, run.outside) = (time, outside))
    };
    row(&later("2026-11-28T02:45:00Z", OutsideWindow::Fail), "start a 1.33.5 > 1.34.8");
    row(&later("2026-11-28T02:45:01Z", OutsideWindow::Fail), "stop cutoff");
    row(&later("2026-11-28T03:00:00Z", OutsideWindow::Defer), "stop window_closed");
    row(&later("2026-11-28T02:45:01Z", OutsideWindow::Wait), "wait 2026-12-05T02:00:00Z");
    row(&later("2026-11-30T12:00:00Z", OutsideWindow::Wait), "wait 2026-12-05T02:00:00Z");
    row(&later("2026-11-28T01:59:59Z", OutsideWindow::Wait), "wait 2026-11-28T02:00:00Z");
    assert_eq!(
        later("2026-11-28T04:00:00Z", OutsideWindow::Fail).next(),
        Action::Stop(Block::WindowClosed {
            component: Component::Pool("a".to_owned()),
            closed: Some(at("2026-11-28T03:00:00Z")),
            opens: at("2026-12-05T02:00:00Z"),
        })
    );
}

#[test]
fn a_version_must_still_be_offered() {
    let without = |version: &str| {
        let version = v(version);
        Run::minor().but(move |run| {
            let mut offers = offers(&run.cluster);
            offers.upgrades.retain(|offer| offer.version != version);
            run.offers = Some(offers);
        })
    };
    row(&without("1.34.8"), "stop version_not_offered");
    row(&without("1.34.3"), "start cp 1.33.5 > 1.34.8");
    let Action::Stop(Block::VersionNotOffered { pool: None, wanted, offered }) = without("1.34.8").next()
    else {
        panic!()
    };
    assert_eq!(wanted.to_string(), "1.34.8");
    assert_eq!(offered, [v("1.33.6"), v("1.33.10"), v("1.34.2"), v("1.34.3")]);
}

#[test]
fn a_pool_is_offered_what_its_own_profile_lists() {
    let listing = |versions: &[&str]| {
        let offer = |text: &&str| Offer { version: v(text), preview: false };
        let listed: Vec<Offer> = versions.iter().map(offer).collect();
        Run::minor().after(1).but(move |run| {
            let pools = [("a".to_owned(), listed)].into();
            run.offers = Some(Offers { pools, ..offers(&run.cluster) });
        })
    };
    row(&Run::minor().after(1), "start a 1.33.5 > 1.34.8");
    row(&listing(&["1.33.10", "1.34.8"]), "start a 1.33.5 > 1.34.8");
    row(&listing(&[]), "stop version_not_offered");
    let Action::Stop(Block::VersionNotOffered { pool, wanted, offered }) =
        listing(&["1.34.3", "1.33.10"]).next()
    else {
        panic!()
    };
    assert_eq!((pool.as_deref(), wanted.to_string().as_str()), (Some("a"), "1.34.8"));
    assert_eq!(offered, [v("1.33.10"), v("1.34.3")]);
}

#[test]
fn a_pool_stays_below_the_control_plane_and_the_control_plane_near_its_pools() {
    let mut run = Run::minor();
    run.promise.steps.remove(0);
    row(&run, "stop above_control_plane");
    let mut run = Run::minor();
    run.cluster.pools.push(crate::upgrade::sample::pool(
        "new",
        terraform_provider_aks::upgrade::cluster::Mode::User,
        "1.30.100",
    ));
    row(&run, "stop skew");
}

#[test]
fn an_image_must_still_be_the_latest() {
    let newer = NodeImage::new("AKSUbuntu-2204gen2containerd-202611.02.0");
    let moved = |run: &mut Run| {
        let mut offers = offers(&run.cluster);
        offers.images.insert("a".to_owned(), newer.clone());
        run.offers = Some(offers);
    };
    row(&Run::image(), "start a 202610.05.0 > 202610.19.0");
    row(&Run::image().but(moved), "stop image_moved_on");
    // Done is done, even if Azure moves on afterwards; and beyond it as well.
    row(&Run::image().after(1).but(moved), "finish");
    row(&Run::image().but(|run| pool_a(run, |a| a.image = newer.clone())), "finish");
    row(
        &Run::image().but(|run| run.offers = Some(Offers { images: [].into(), ..offers(&run.cluster) })),
        "stop image_moved_on",
    );
}

#[test]
fn an_image_that_a_version_step_already_moved_needs_no_call() {
    // To another family: Azure Linux instead of Ubuntu, and the latest there is.
    let other = NodeImage::new("AKSUbuntu-2404gen2containerd-202610.19.0");
    let run = Run::image().but(|run| {
        pool_a(run, |a| a.image = other.clone());
        let mut offers = offers(&run.cluster);
        offers.images.insert("a".to_owned(), other.clone());
        run.offers = Some(offers);
    });
    row(&run, "finish");
}

#[test]
fn a_pool_or_cluster_that_changed_meanwhile_stops_the_run() {
    row(&Run::image().but(|run| run.cluster.pools.clear()), "stop pool_gone");
    row(&Run::image().but(|run| pool_a(run, |a| a.power = Power::Stopped)), "stop pool_stopped");
    row(&Run::image().but(|run| pool_a(run, |a| a.snapshot = true)), "stop snapshot_bound");
    row(&Run::image().but(|run| run.cluster.power = Power::Stopped), "stop cluster_stopped");
    row(&Run::minor().after(3).but(|run| run.cluster.pools.clear()), "stop pool_gone");
}

#[test]
fn a_promise_that_lost_its_last_pool_is_not_begun_and_one_that_was_begun_goes_as_far_as_it_can() {
    let without_b = |run: &mut Run| run.cluster.pools.retain(|pool| pool.name != "b");
    row(&Run::minor().but(without_b), "stop pool_gone");
    row(&Run::minor().after(1).but(without_b), "start a 1.33.5 > 1.34.8");
    row(&Run::minor().after(2).but(without_b), "stop pool_gone");
    row(
        &Run::minor().but(|run| run.cluster = with(run.cluster.clone(), "b", |b| b.snapshot = true)),
        "stop snapshot_bound",
    );
    // What somebody else did already needs its pool no more than its image.
    row(
        &Run::minor().but(|run| run.cluster = with(run.cluster.clone(), "b", |b| b.version = v("1.34.8"))),
        "start cp 1.33.5 > 1.34.8",
    );
}

#[test]
fn the_soak_is_waited_after_a_pool() {
    let soaking = |steps: usize, idle: Option<&str>| {
        let policy = rollout(kubernetes("1.34"), |rollout| rollout.soak = SignedDuration::from_mins(10));
        let idle = idle.map(at);
        Run::of(cluster("1.33.5", "a:1.33.5 b:1.33.5"), &policy).after(steps).but(move |run| {
            run.now = at("2026-11-28T02:20:00Z");
            let last = steps.checked_sub(1).and_then(|place| run.promise.steps.get(place));
            run.attempted = Attempted::default();
            if let (Some(step), Some(idle)) = (last, idle) {
                run.attempted.sent(step);
                run.attempted.ended(step, idle);
            }
        })
    };
    row(&soaking(2, Some("2026-11-28T02:15:00Z")), "wait 2026-11-28T02:25:00Z");
    row(&soaking(2, Some("2026-11-28T02:10:00Z")), "start b 1.33.5 > 1.34.8");
    row(&soaking(2, None), "start b 1.33.5 > 1.34.8");
    row(&soaking(1, Some("2026-11-28T02:15:00Z")), "start a 1.33.5 > 1.34.8");
    row(&soaking(3, Some("2026-11-28T02:15:00Z")), "finish");
}

#[test]
fn a_step_is_never_started_twice_in_a_run() {
    // It failed and shows the old image, as images do.
    let failed = |run: &mut Run| pool_a(run, |a| a.state = State::Failed(Some("drain".to_owned())));
    row(&Run::image().but(failed).but(started), "stop failed_state");
    // A plan that knew of it may resume it; one that was made before it failed may not.
    row(&Run::image().but(failed), "stop failed_state");
    let mut knew = Run::image();
    failed(&mut knew);
    let knew = Run::of(knew.cluster.clone(), &images());
    row(&knew, "start a 202610.05.0 > 202610.19.0");
    // It ended well and did nothing.
    row(&Run::image().but(started), "stop no_effect");
    assert_eq!(
        Run::image().but(started).next(),
        Action::Stop(Block::NoEffect {
            work: Work::Image {
                pool: "a".to_owned(),
                from: NodeImage::new(OLD),
                to: NodeImage::new(crate::upgrade::sample::NEW),
            },
            found: OLD.to_owned(),
        })
    );
    row(&Run::minor().but(started), "stop no_effect");
}

#[test]
fn a_repair_is_started_once_and_is_done_when_azure_says_so() {
    let failed = with(cluster("1.34.8", "a:1.34.8"), "a", |a| {
        (a.state, a.image) = (State::Canceled(None), NodeImage::new(crate::upgrade::sample::NEW));
    });
    let run = || Run::of(failed.clone(), &kubernetes("1.34"));
    row(&run(), "start repair a 1.34.8");
    row(&run().after(1), "finish");
    row(&run().but(started), "stop failed_state");
    // Somebody moved it on and failed: a repair to the old version would be a downgrade.
    row(
        &run().but(|run| {
            run.cluster.version = v("1.35.1");
            pool_a(run, |a| a.version = v("1.35.1"));
        }),
        "stop failed_state",
    );
    // Somebody rolled it back: a step from there may be of another kind, with other windows.
    row(
        &run().but(|run| {
            pool_a(run, |a| (a.version, a.state) = (v("1.33.5"), State::Succeeded));
        }),
        "stop no_effect",
    );
    // The control plane is never led on from a failure that was not planned for.
    row(&Run::minor().but(|run| run.cluster.state = State::Failed(None)), "stop failed_state");
    // A pool that failed meanwhile would be resumed by it, unnamed and in no window of its own.
    let met = |run: &mut Run| pool_a(run, |a| a.state = State::Failed(None));
    row(&Run::minor().but(met), "stop failed_state");
    let repaired = edit(cluster("1.33.5", "a:1.33.5"), |cluster| cluster.state = State::Failed(None));
    row(&Run::of(repaired.clone(), &kubernetes("1.34")), "start repair cp 1.33.5");
    row(&Run::of(repaired, &kubernetes("1.34")).after(1), "start cp 1.33.5 > 1.34.8");
}

#[test]
fn an_upgrade_that_the_plan_found_running_is_waited_for_and_never_started() {
    let found = with(cluster("1.34.8", "a:1.34.8 b:1.33.5"), "a", |a| a.state = busy());
    let run = || Run::of(found.clone(), &kubernetes("1.34"));
    let ended = |state: State| run().but(|run| pool_a(run, |a| a.state = state));
    let late = |run: Run| run.but(|run| run.now = at("2026-11-29T02:00:00Z"));
    row(&run(), "poll Upgrading");
    row(&late(run()), "poll Upgrading");
    row(&ended(State::Succeeded), "start b 1.33.5 > 1.34.8");
    row(&late(ended(State::Succeeded)), "stop window_closed");
    row(&ended(State::Canceled(None)), "stop failed_state");
    row(&ended(State::Failed(None)), "stop failed_state");
    row(&ended(State::Succeeded).but(|run| pool_a(run, |a| a.version = v("1.33.5"))), "stop no_effect");
    row(&run().but(|run| run.cluster.pools.retain(|pool| pool.name == "b")), "stop pool_gone");
    // Its operation goes on with what was not promised.
    let last = with(cluster("1.34.8", "a:1.34.8"), "a", |a| a.state = busy());
    let last =
        || Run::of(last.clone(), &kubernetes("1.34")).but(|run| pool_a(run, |a| a.state = State::Succeeded));
    row(&last().but(|run| run.cluster.state = busy()), "poll Upgrading");
    row(&last(), "finish");
    // Whatever comes before it.
    let behind = |run: &mut Run| run.promise.steps.rotate_left(1);
    row(&ended(State::Canceled(None)).but(behind), "stop failed_state");
    row(&ended(State::Succeeded).but(behind), "start b 1.33.5 > 1.34.8");
    // The soak counts from its end.
    let soaking = |run: &mut Run| {
        run.promise.soak = SignedDuration::from_mins(5);
        run.attempted.ended(&run.promise.steps[0].clone(), at(OPEN));
    };
    row(&ended(State::Succeeded).but(soaking), "wait 2026-11-28T02:05:00Z");
}

#[test]
fn out_of_support_every_pool_must_have_followed() {
    let run = || Run::of(cluster("1.29.4", "a:1.29.4 b:1.29.4"), &kubernetes("1.33"));
    let all = "start all 1.29.4 > 1.33.10";
    let with_time = |run: Run| run.but(|run| run.windows = Windows::default());
    let mut promised = with_time(run());
    promised.promise.steps = plan(&seen(&promised.cluster), &kubernetes("1.33")).steps;
    row(&promised, all);
    let half = promised.but(|run| run.cluster.version = v("1.33.10"));
    assert!(matches!(half.next(), Action::Stop(Block::VersionNotOffered { .. })));
    row(&half.after(1), "finish");
}

#[test]
fn no_pool_follows_a_control_plane_that_failed_but_an_image_does_not_depend_on_it() {
    let failed = |run: &mut Run| run.cluster.state = State::Failed(None);
    let lagging = || Run::of(cluster("1.34.8", "a:1.33.5"), &kubernetes("1.34"));
    row(&lagging(), "start a 1.33.5 > 1.34.8");
    row(&lagging().but(failed), "stop failed_state");
    let Action::Stop(Block::FailedState { component, .. }) = lagging().but(failed).next() else { panic!() };
    assert_eq!(component, Component::ControlPlane);
    row(&Run::image().but(failed), "start a 202610.05.0 > 202610.19.0");
}
