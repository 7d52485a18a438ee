//! Every way to interrupt a run, in this process and in virtual time.
//!
//! The laws of [`crate::upgrade_run`] are held against each run as well.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Act, Case};
use crate::upgrade_run::{Azure, Call, Fate, Terraform};

/// How an apply is interrupted at a request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Deed {
    /// The process dies after Azure did what was asked: before the next request, that is.
    Die,
    /// The first Ctrl-C comes when the request is on its way.
    Stop,
    /// Azure does what was asked, and the answer is lost.
    LoseAnswer,
    /// The connection is cut before Azure has heard of the request.
    CutBefore,
}

const DEEDS: [Deed; 4] = [Deed::Die, Deed::Stop, Deed::LoseAnswer, Deed::CutBefore];

/// What is left of a run: what Azure accepted, what runs, and the requests of the first apply.
#[derive(Debug, PartialEq)]
struct End {
    writes: Vec<String>,
    picture: Vec<String>,
    requests: usize,
}

/// Interrupts a case at every request, and returns how many points there were.
pub fn interrupt_everywhere(case: Case) -> usize {
    let (_, _, writes) = case;
    let undisturbed = run(case, None);
    assert_eq!(undisturbed.writes.len(), writes, "{:?}", undisturbed.writes);
    let by_deed = std::thread::scope(|scope| {
        let threads = DEEDS.map(|deed| {
            let undisturbed = &undisturbed;
            scope.spawn(move || {
                for request in 1..=undisturbed.requests {
                    let end = run(case, Some((request, deed)));
                    assert_eq!(end.writes, undisturbed.writes, "{case:?}: {deed:?} at request {request}");
                    assert_eq!(end.picture, undisturbed.picture, "{case:?}: {deed:?} at request {request}");
                }
                undisturbed.requests
            })
        });
        threads.map(|thread| thread.join().unwrap())
    });
    by_deed.iter().sum()
}

/// Runs an upgrade in a runtime and a time of its own.
fn run(case: Case, interruption: Option<(usize, Deed)>) -> End {
    let mut paused = tokio::runtime::Builder::new_current_thread();
    let runtime = paused.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(upgrade(case, interruption))
}

async fn upgrade((kind, act, _): Case, interruption: Option<(usize, Deed)>) -> End {
    let azure = Azure::new(kind.scenario());
    let terraform = Terraform::new(&azure).provider("poll_interval", "3m".into());
    terraform.write(kind.address(), kind.arguments());
    if act == Act::Update {
        // Created before the window opens, so that the apply is one of a plan that names its steps.
        terraform.up().await;
    }
    azure.wait(Duration::from_secs(3700)).await;

    let plan = terraform.plan().await;
    let (stop, died) = (CancellationToken::new(), Arc::new(Notify::new()));
    let (before, created) = (azure.calls(), azure.writes().len());
    if let Some((request, deed)) = interruption {
        azure.accidents(interruption_at(before + request, deed, stop.clone(), Arc::clone(&died)));
    }
    tokio::select! {
        biased;
        result = terraform.apply_until(&plan, stop) => {
            assert!(result.is_ok() || interruption.is_some(), "{result:#?}");
        }
        () = died.notified() => {}
    }
    let requests = azure.calls() - before;
    azure.calm();
    until_empty(&terraform).await;
    if kind.is_held_at_once() {
        azure.wait(Duration::from_secs(1800)).await;
        assert!(terraform.plan().await.is_empty(), "there is something left to do");
    }
    End { writes: azure.writes().split_off(created), picture: azure.picture("prod"), requests }
}

/// Does its deed at one request, counted over those that are sent.
fn interruption_at(
    number: usize,
    deed: Deed,
    stop: CancellationToken,
    died: Arc<Notify>,
) -> impl FnMut(&Call) -> Fate + Send {
    let mut over = false;
    move |call| {
        if over || call.number != number {
            return Fate::Pass;
        }
        over = true;
        match deed {
            Deed::Die => died.notify_one(),
            Deed::Stop => stop.cancel(),
            Deed::LoseAnswer | Deed::CutBefore => {}
        }
        match deed {
            Deed::Die => Fate::HangAfter,
            Deed::Stop => Fate::Pass,
            Deed::LoseAnswer => Fate::LoseAnswer,
            Deed::CutBefore => Fate::CutBefore,
        }
    }
}

/// Runs Terraform again until it has nothing to do.
async fn until_empty(terraform: &Terraform) {
    for _ in 0..3 {
        let plan = terraform.plan().await;
        if plan.is_empty() {
            return;
        }
        terraform.apply(&plan).await.unwrap_or_else(|error| panic!("the next apply failed: {error:#?}"));
    }
    panic!("the plan is never empty");
}
