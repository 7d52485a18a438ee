//! The real Terraform and the real provider, and every signal at every request.
//!
//! Azure waits at a request ([`Gate`]), a signal is sent, and the run is left to its fate. Then Terraform
//! runs once more, as a user would run it. Afterwards the cluster, the state and the writes that Azure
//! saw must be those of a run that nobody disturbed.

use std::collections::HashSet;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::join_all;
use jiff::SignedDuration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{ChildStdout, Command};
use tokio::sync::Semaphore;

use super::desk::{Desk, End, Start};
use super::gate::{Moment, Place};
use super::{Act, Case, Kind};

/// How many desks a case has. The cases run side by side: the last points of one would leave the machine idle.
const WORKERS: usize = 2;

/// How many points are tried at once: a run mostly waits for processes to start and to end.
static ROOM: Semaphore = Semaphore::const_new(6);

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signal {
    Interrupt,
    InterruptTwice,
    Terminate,
    Kill,
}

/// To whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Terraform,
    Provider,
    /// The process group, as a shell and a container runtime do.
    Both,
}

type Blow = (Signal, Target);

const SIGNALS: [Signal; 4] = [Signal::Interrupt, Signal::InterruptTwice, Signal::Terminate, Signal::Kill];
const TARGETS: [Target; 3] = [Target::Terraform, Target::Provider, Target::Both];

/// The two that are sent at every write of the most common case, and at its reads in turn: Ctrl-C in a shell, and a
/// provider that is gone.
const COMMON: [Blow; 2] = [(Signal::Interrupt, Target::Both), (Signal::Kill, Target::Provider)];

/// Of the reads of the other cases every so many one is interrupted: what they read is what the most common case reads.
const SPARSE: usize = 3;

/// What the workers share.
struct Work {
    start: Start,
    undisturbed: End,
    points: Mutex<Vec<(Place, Blow)>>,
    /// What interrupted runs left, once the next run was seen to end well.
    gone_on_from: Mutex<HashSet<String>>,
}

/// Interrupts every case at every request, and returns how many points there were.
pub fn interrupt_everywhere(cases: &[Case]) -> usize {
    let all = std::env::var("INTERRUPTION").is_ok_and(|which| which == "all");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let counts = join_all(cases.iter().map(|case| interrupt(*case, all)));
    runtime.block_on(counts).into_iter().sum()
}

async fn interrupt(case: Case, all: bool) -> usize {
    let desk = Desk::new(case).await;
    let start = desk.start().await;
    desk.go_back(&start);
    assert!(desk.act().await.success(), "{}", desk.output());
    let writes: Vec<usize> = desk.gate.writes().into_iter().map(|(number, _)| number).collect();
    let points = points(case, desk.gate.calls(), &writes, all);
    if case.0.is_adopted(case.1) {
        assert!(desk.again().await.success(), "{}", desk.output());
    }
    assert_eq!(desk.gate.writes().len(), case.2, "{writes:?}");
    let count = points.len();
    let work = Arc::new(Work {
        start,
        undisturbed: desk.end(),
        points: Mutex::new(points),
        gone_on_from: Mutex::default(),
    });
    let workers: Vec<_> = (0..WORKERS).map(|_| tokio::spawn(work_off(case, Arc::clone(&work)))).collect();
    for worker in workers {
        worker.await.unwrap();
    }
    count
}

/// Kills Terraform just before the first write: the provider looks for it once more, and writes nothing.
pub fn no_write_begins_once_terraform_is_gone(case: Case) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let desk = Desk::new(case).await;
        let start = desk.start().await;
        desk.go_back(&start);
        assert!(desk.act().await.success(), "{}", desk.output());
        let (first, _) = desk.gate.writes()[0].clone();
        desk.go_back(&start);
        // The last look; between it and the write is only what the write itself has to read.
        desk.gate.stop_at((first - 2, Moment::After), false);
        let mut child = desk.begin();
        desk.gate.reached().await;
        let provider = desk.provider();
        send("KILL", &child.id().unwrap().to_string()).await;
        child.wait().await.unwrap();
        desk.gate.open();
        while is_alive(&provider).await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(desk.gate.writes(), []);
    });
}

/// Takes points until there are no more.
async fn work_off(case: Case, work: Arc<Work>) {
    let desk = Desk::new(case).await;
    loop {
        let point = work.points.lock().unwrap().pop();
        let Some((place, blow)) = point else { return };
        let _room = ROOM.acquire().await.unwrap();
        desk.go_back(&work.start);
        suffer(&desk, place, blow).await;
        let left = desk.left();
        if !work.gone_on_from.lock().unwrap().contains(&left) {
            go_on(&desk, case, &work.undisturbed, place, blow).await;
            work.gone_on_from.lock().unwrap().insert(left);
        }
    }
}

/// Returns the points of a case: a write before and after Azure has heard of it, a read once.
fn points(case: Case, requests: usize, writes: &[usize], all: bool) -> Vec<(Place, Blow)> {
    let places = (1..=requests).flat_map(|number| {
        let before = writes.contains(&number).then_some((number, Moment::Before));
        before.into_iter().chain([(number, Moment::After)])
    });
    let every = || SIGNALS.into_iter().flat_map(|signal| TARGETS.map(|target| (signal, target)));
    let chosen = |(index, place): (usize, Place)| {
        let in_turn = every().cycle().skip(index).take(1);
        let blows: Vec<Blow> = match case {
            _ if all => every().collect(),
            (Kind::Policy(_), Act::Update, _) if writes.contains(&place.0) => {
                COMMON.into_iter().chain(in_turn).collect()
            }
            (Kind::Policy(_), Act::Update, _) if index % 2 == 0 => {
                COMMON.into_iter().cycle().skip(index / 2).take(1).collect()
            }
            _ if writes.contains(&place.0) || index % SPARSE == 0 => in_turn.collect(),
            _ => Vec::new(),
        };
        blows.into_iter().map(move |blow| (place, blow))
    };
    places.enumerate().flat_map(chosen).collect()
}

/// Interrupts a run at a request, and waits until nothing is left of it.
async fn suffer(desk: &Desk, place: Place, (signal, target): Blow) {
    desk.gate.stop_at(place, signal == Signal::InterruptTwice);
    let mut child = desk.begin();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    tokio::select! {
        () = desk.gate.reached() => {}
        status = child.wait() => panic!("{place:?} was not reached, {status:?}: {}", desk.output()),
    }
    let (terraform, provider) = (child.id().unwrap(), desk.provider());
    let victim = match target {
        Target::Terraform => terraform.to_string(),
        Target::Provider => provider.clone(),
        Target::Both => format!("-{terraform}"),
    };
    match signal {
        Signal::Interrupt => send("INT", &victim).await,
        Signal::InterruptTwice => {
            send("INT", &victim).await;
            if target != Target::Provider {
                heard(&mut stdout).await;
            }
            send("INT", &victim).await;
        }
        Signal::Terminate => send("TERM", &victim).await,
        Signal::Kill => send("KILL", &victim).await,
    }
    let survives = target == Target::Provider && signal != Signal::Kill;
    if survives {
        desk.gate.open();
    }
    let status = desk.ended(child, stdout).await;
    assert_eq!(survives, status.success(), "{place:?} {signal:?} to {target:?}: {}", desk.output());
    while is_alive(&provider).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    desk.gate.open_to_others();
    assert!(!desk.read("terraform.tfstate").contains("tainted"), "{place:?} {signal:?} to {target:?}");
}

/// Runs Terraform once more, which must end as if nothing had happened.
async fn go_on(desk: &Desk, case: Case, undisturbed: &End, place: Place, blow: Blow) {
    let (kind, act, _) = case;
    for _ in 0..1 + usize::from(kind.is_adopted(act)) {
        assert!(desk.again().await.success(), "{blow:?} at {place:?}: {}", desk.output());
    }
    if kind.is_held_at_once() {
        desk.gate.wait(SignedDuration::from_mins(30));
        assert!(desk.again().await.success(), "{blow:?} at {place:?}: {}", desk.output());
    }
    assert_eq!(desk.end(), *undisturbed, "{blow:?} at {place:?}");
}

/// Waits until Terraform says that it has heard of the first Ctrl-C.
async fn heard(stdout: &mut BufReader<ChildStdout>) {
    let mut line = String::new();
    while !line.contains("Interrupt received") {
        line.clear();
        if stdout.read_line(&mut line).await.unwrap() == 0 {
            return;
        }
    }
}

/// Sends a signal; one that comes too late is lost, as in life.
async fn send(signal: &str, process: &str) {
    let sent = Command::new("kill").args(["-s", signal, "--", process]).stderr(Stdio::null()).status();
    sent.await.unwrap();
}

/// Tells whether a process runs; one that has ended and was not taken notice of does not.
async fn is_alive(process: &str) -> bool {
    let shown = Command::new("ps").args(["-o", "stat=", "-p", process]).output().await.unwrap();
    let state = String::from_utf8_lossy(&shown.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}
