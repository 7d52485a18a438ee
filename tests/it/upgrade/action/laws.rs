//! What holds for every run: it ends, it starts only in open windows, and interrupted it ends in the same place.

use jiff::SignedDuration;
use jiff::civil::Weekday;
use proptest::prelude::*;
use terraform_provider_aks::upgrade::action::{Action, next};
use terraform_provider_aks::upgrade::attempted::Attempted;
use terraform_provider_aks::upgrade::cluster::{Cluster, State};
use terraform_provider_aks::upgrade::kind::Kind;
use terraform_provider_aks::upgrade::plan::plan;
use terraform_provider_aks::upgrade::policy::Policy;
use terraform_provider_aks::upgrade::promise::{OutsideWindow, Promise, promise};
use terraform_provider_aks::upgrade::seen::Seen;
use terraform_provider_aks::upgrade::step::Step;
use terraform_provider_aks::upgrade::window::{Exemption, Windows};

use crate::upgrade::plan::laws::{clusters, policies};
use crate::upgrade::sample::{apply, at, blackout, on, saturdays, seen, with};

fn all_windows() -> impl Strategy<Value = Windows> {
    let exemption = (0..60i64, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(hour, windows, blackouts, cutoff)| {
            let until = at("2026-11-27T00:00:00Z") + SignedDuration::from_hours(hour);
            Exemption { until, windows, blackouts, cutoff }
        },
    );
    let exemption = proptest::option::weighted(0.3, exemption);
    (0..5usize, 1..6i64, any::<bool>(), proptest::option::of(1..90i64), exemption).prop_map(
        |(kind, hours, black, cutoff, exemption)| Windows {
            exemption,
            windows: match kind {
                0 => vec![],
                1 => vec![on(&[], hours, &[])],
                2 => vec![saturdays(hours, &[])],
                3 => vec![
                    saturdays(hours, &[Kind::Minor]),
                    on(&[Weekday::Sunday], hours, &[Kind::Patch, Kind::NodeImage]),
                ],
                _ => vec![on(&[], hours, &[Kind::Patch]), saturdays(hours, &[Kind::Minor, Kind::NodeImage])],
            },
            blackouts: if black {
                vec![blackout("2026-11-28T03:00:00Z", "2026-12-06T00:00:00Z")]
            } else {
                vec![]
            },
            cutoff: cutoff.map(SignedDuration::from_mins),
        },
    )
}

fn outsides() -> impl Strategy<Value = OutsideWindow> {
    prop_oneof![Just(OutsideWindow::Defer), Just(OutsideWindow::Fail), Just(OutsideWindow::Wait)]
}

fn to_start(promise: &Promise) -> Vec<Step> {
    promise.steps.iter().filter(|step| !step.is_running()).cloned().collect()
}

/// Returns for how long what runs already is estimated to run on.
fn running(promise: &Promise) -> SignedDuration {
    let attached = promise.steps.iter().filter(|step| step.is_running());
    attached.map(|step| step.estimate).sum()
}

/// Lets what runs end.
fn end(cluster: &mut Cluster, end: &State) {
    let states = cluster.pools.iter_mut().map(|pool| &mut pool.state).chain([&mut cluster.state]);
    states.filter(|state| state.is_upgrading()).for_each(|state| state.clone_from(end));
}

/// One apply: plan, promise, and the loop, in virtual time. Returns the steps it started.
fn run(
    cluster: &mut Cluster,
    policy: &Policy,
    windows: &Windows,
    outside: OutsideWindow,
    now: &mut jiff::Timestamp,
    most: usize,
) -> Result<(Vec<Step>, Action), TestCaseError> {
    let promise = promise(&plan(&seen(cluster), policy), windows, outside, *now);
    let mut started: Vec<Step> = Vec::new();
    let mut attempted = Attempted::default();
    for _ in 0..500 {
        match next(&promise, &Seen { at: *now, ..seen(cluster) }, windows, outside, &attempted) {
            Action::Start(_) if started.len() >= most => return Ok((started, Action::Finish)),
            Action::Start(step) => {
                prop_assert!(windows.is_open(&step.tasks(), *now), "{step:?} at {now}");
                prop_assert!(!started.contains(&step), "started twice");
                prop_assert!(promise.steps.contains(&step), "not promised");
                apply(&step, cluster);
                *now = now.checked_add(step.estimate).unwrap();
                attempted.sent(&step);
                attempted.ended(&step, *now);
                started.push(step);
            }
            Action::WaitUntil(instant) => {
                prop_assert!(instant > *now, "waits for the past");
                *now = instant;
            }
            Action::Poll(_) => {
                prop_assert!(started.is_empty(), "what this run started has ended");
                *now = now.checked_add(running(&promise)).unwrap();
                end(cluster, &State::Succeeded);
            }
            end => {
                if end == Action::Finish {
                    prop_assert_eq!(&started, &to_start(&promise), "everything that was promised");
                }
                return Ok((started, end));
            }
        }
    }
    Err(TestCaseError::fail("does not end"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_run_ends_and_starts_only_in_open_windows(
        start in clusters(), policy in policies(), windows in all_windows(), outside in outsides(), minutes in 0..20_000i64
    ) {
        let mut now = at("2026-11-23T00:00:00Z").checked_add(SignedDuration::from_mins(minutes)).unwrap();
        let (_, end) = run(&mut start.clone(), &policy, &windows, outside, &mut now, usize::MAX)?;
        prop_assert!(outside == OutsideWindow::Fail || end == Action::Finish, "a promise is kept: {end:?}");
    }

    #[test]
    fn what_is_promised_inside_a_window_is_done_inside_it(
        start in clusters(), policy in policies(), windows in all_windows(), minutes in 0..20_000i64
    ) {
        let mut now = at("2026-11-23T00:00:00Z").checked_add(SignedDuration::from_mins(minutes)).unwrap();
        let promise = promise(&plan(&seen(&start), &policy), &windows, OutsideWindow::Defer, now);
        let from = now;
        let (started, end) = run(&mut start.clone(), &policy, &windows, OutsideWindow::Defer, &mut now, usize::MAX)?;
        prop_assert_eq!((&started, end), (&to_start(&promise), Action::Finish));
        prop_assert!(started.is_empty() || promise.opening.is_some_and(|opening| opening.contains(from)));
    }

    #[test]
    fn interrupted_anywhere_and_run_again_it_ends_in_the_same_place(
        start in clusters(), policy in policies(), after in 0..10usize
    ) {
        let open = Windows::default();
        let finish = |mut cluster: Cluster| {
            run(&mut cluster, &policy, &open, OutsideWindow::Defer, &mut at("2026-11-28T02:00:00Z"), usize::MAX)
                .map(|(_, end)| (cluster, end))
        };
        let mut stopped = start.clone();
        run(&mut stopped, &policy, &open, OutsideWindow::Defer, &mut at("2026-11-28T02:00:00Z"), after)?;
        prop_assert_eq!(finish(stopped)?, finish(start)?);
    }

    #[test]
    fn whatever_azure_answers_no_step_is_started_twice_and_the_run_ends(
        start in clusters(), policy in policies(), answers in proptest::collection::vec(0..6u8, 60)
    ) {
        let windows = Windows::default();
        let mut cluster = start;
        let now = at("2026-11-28T02:00:00Z");
        let promise = promise(&plan(&seen(&cluster), &policy), &windows, OutsideWindow::Defer, now);
        let mut started: Vec<Step> = Vec::new();
        let mut attempted = Attempted::default();
        loop {
            let action = next(&promise, &Seen { at: now, ..seen(&cluster) }, &windows, OutsideWindow::Wait, &attempted);
            let answered = answers[started.len() % answers.len()];
            let step = match action {
                Action::Start(step) => step,
                Action::Poll(_) => {
                    end(&mut cluster, &[State::Failed(None), State::Canceled(None), State::Succeeded][usize::from(answered.min(2))]);
                    continue;
                }
                _ => break,
            };
            prop_assert!(!started.contains(&step), "started twice: {step:?}");
            answer(answered, &step, &mut cluster);
            attempted.sent(&step);
            attempted.ended(&step, now);
            started.push(step);
        }
        prop_assert!(started.len() <= promise.steps.len());
    }
}

/// Carries out a step, lets it fail with the new version or the old one, be cancelled, or come to nothing.
fn answer(kind: u8, step: &Step, cluster: &mut Cluster) {
    let before = cluster.clone();
    apply(step, cluster);
    let state = match kind {
        0 => State::Failed(None),
        1 => State::Canceled(None),
        2 => return *cluster = before,
        _ => return,
    };
    if kind == 1 {
        *cluster = before;
    }
    match step.work.pool() {
        Some(name) => *cluster = with(cluster.clone(), name, |pool| pool.state = state),
        None => cluster.state = state,
    }
}
