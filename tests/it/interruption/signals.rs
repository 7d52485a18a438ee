//! The real Terraform and the real provider, and every signal at every request.
//!
//! Azure waits at a request ([`Gate`]), a signal is sent, and the run is left to its fate. Then Terraform
//! runs once more, as a user would run it. Afterwards the cluster, the state and the writes that Azure
//! saw must be those of a run that nobody disturbed.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::Value as Json;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use super::gate::{Gate, Moment, Place, Snapshot};
use super::{Act, Case, Kind};
use crate::upgrade_run::PROD;

/// How many points are tried at once: a run mostly waits for processes to start and to end.
const WORKERS: usize = 4;

/// After this long a process hangs.
const PATIENCE: Duration = Duration::from_secs(60);

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

/// The two that are sent at every request of the most common case: Ctrl-C in a shell, and a provider that is gone.
const COMMON: [Blow; 2] = [(Signal::Interrupt, Target::Both), (Signal::Kill, Target::Provider)];

/// Where every run of a case begins: files and world.
struct Start {
    files: BTreeMap<&'static str, Vec<u8>>,
    snapshot: Snapshot,
}

/// What the workers share.
struct Work {
    start: Start,
    undisturbed: End,
    points: Mutex<Vec<(Place, Blow)>>,
    /// What interrupted runs left, once the next run was seen to end well.
    gone_on_from: Mutex<HashSet<String>>,
}

/// What is left of a run.
#[derive(Debug, PartialEq)]
struct End {
    writes: Vec<String>,
    picture: Vec<String>,
    state: Json,
}

/// Interrupts every case at every request, and returns how many points there were.
pub fn interrupt_everywhere(cases: &[Case]) -> usize {
    let all = std::env::var("INTERRUPTION").is_ok_and(|which| which == "all");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    cases.iter().map(|case| runtime.block_on(interrupt(*case, all))).sum()
}

async fn interrupt(case: Case, all: bool) -> usize {
    let desk = Desk::new(case).await;
    let start = desk.start().await;
    desk.go_back(&start);
    assert!(desk.act().await.success(), "{}", desk.output());
    let writes: Vec<usize> = desk.gate.writes().into_iter().map(|(number, _)| number).collect();
    assert_eq!(writes.len(), case.2, "{writes:?}");
    let points = points(case, desk.gate.calls(), &writes, all);
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

/// Takes points until there are no more.
async fn work_off(case: Case, work: Arc<Work>) {
    let desk = Desk::new(case).await;
    loop {
        let point = work.points.lock().unwrap().pop();
        let Some((place, blow)) = point else { return };
        desk.go_back(&work.start);
        desk.suffer(place, blow).await;
        let left = desk.left();
        if !work.gone_on_from.lock().unwrap().contains(&left) {
            desk.go_on(&work.undisturbed, place, blow).await;
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
            (Kind::Policy(_), Act::Update, _) => COMMON.to_vec(),
            _ => in_turn.collect(),
        };
        blows.into_iter().map(move |blow| (place, blow))
    };
    places.enumerate().flat_map(chosen).collect()
}

/// A folder in which Terraform runs, and its Azure.
struct Desk {
    act: Act,
    gate: Gate,
    folder: TempDir,
}

impl Desk {
    async fn new(case: Case) -> Self {
        let (kind, act, _) = case;
        let desk = Desk { act, gate: Gate::new(kind.scenario()).await, folder: TempDir::new().unwrap() };
        let (resource, name) = kind.address().split_once('.').unwrap();
        let version = match kind {
            Kind::Policy(version) => format!("kubernetes_version = \"{version}\""),
            Kind::NodeImage => String::new(),
        };
        desk.file(
            "main.tf",
            format!(
                "terraform {{\n required_providers {{\n aks = {{ source = \"aks-upgrades/aks\" }}\n }}\n}}\n\
                 provider \"aks\" {{\n poll_interval = \"1ms\"\n}}\n\
                 resource \"{resource}\" \"{name}\" {{\n cluster_id = \"{PROD}\"\n {version}\n\
                 maintenance_windows = [{{ start = \"10:00\", duration = \"20h\" }}]\n}}\n"
            ),
        );
        desk.file("dev.tfrc", format!("provider_installation {{\n dev_overrides {{\n \"aks-upgrades/aks\" = {:?}\n }}\n direct {{}}\n}}\n", desk.path("bin")));
        // The provider tells its process id and is then the very process that Terraform started.
        std::fs::create_dir(desk.path("bin")).unwrap();
        let provider = "bin/terraform-provider-aks";
        desk.file(
            provider,
            format!(
                "#!/bin/sh\necho $$ > '{}'\nexec '{}' \"$@\"\n",
                desk.path("provider.pid").display(),
                env!("CARGO_BIN_EXE_terraform-provider-aks")
            ),
        );
        std::fs::set_permissions(desk.path(provider), PermissionsExt::from_mode(0o755)).unwrap();
        desk
    }

    /// Gets everything ready for the run that is interrupted.
    async fn start(&self) -> Start {
        let mut files = BTreeMap::new();
        if self.act == Act::Update {
            // Created before the window opens, so that the apply is one of a plan that names its steps.
            assert!(self.again().await.success(), "{}", self.output());
            self.gate.wait(SignedDuration::from_mins(90));
            assert!(self.run(&["plan", "-out=plan"]).await.success(), "{}", self.output());
            for name in ["terraform.tfstate", "plan"] {
                files.insert(name, std::fs::read(self.path(name)).unwrap());
            }
        } else {
            self.gate.wait(SignedDuration::from_mins(90));
        }
        Start { files, snapshot: self.gate.snapshot() }
    }

    /// Puts files and world back to the start.
    fn go_back(&self, start: &Start) {
        for name in [
            "terraform.tfstate",
            "terraform.tfstate.backup",
            "plan",
            ".terraform.tfstate.lock.info",
            "provider.pid",
        ] {
            std::fs::remove_file(self.path(name)).ok();
        }
        for (name, content) in &start.files {
            std::fs::write(self.path(name), content).unwrap();
        }
        self.gate.restore(&start.snapshot);
    }

    /// Interrupts a run at a request, and waits until nothing is left of it.
    async fn suffer(&self, place: Place, (signal, target): Blow) {
        self.gate.stop_at(place, signal == Signal::InterruptTwice);
        let mut child = self.spawn(self.act_arguments());
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        tokio::select! {
            () = self.gate.reached() => {}
            status = child.wait() => panic!("{place:?} was not reached, {status:?}: {}", self.output()),
        }
        let (terraform, provider) = (child.id().unwrap(), self.provider());
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
            self.gate.open();
        }
        let status = self.ended(child, stdout).await;
        assert_eq!(survives, status.success(), "{place:?} {signal:?} to {target:?}: {}", self.output());
        while is_alive(&provider).await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.gate.open();
        assert!(!self.read("terraform.tfstate").contains("tainted"), "{place:?} {signal:?} to {target:?}");
    }

    /// Runs Terraform once more, which must end as if nothing had happened.
    async fn go_on(&self, undisturbed: &End, place: Place, blow: Blow) {
        assert!(self.again().await.success(), "{blow:?} at {place:?}: {}", self.output());
        if self.end().state["status"] == "upgrading" {
            // The last step shows its target already, and there is nothing left to start: the next refresh shows its end.
            self.gate.wait(SignedDuration::from_mins(30));
            assert!(self.again().await.success(), "{blow:?} at {place:?}: {}", self.output());
        }
        assert_eq!(self.end(), *undisturbed, "{blow:?} at {place:?}");
    }

    /// Returns everything that the next run depends on. What two signals leave alike is gone on from once.
    fn left(&self) -> String {
        let state: Json = serde_json::from_str(&self.read("terraform.tfstate")).unwrap_or_default();
        let locked = self.path(".terraform.tfstate.lock.info").exists();
        format!("{} {locked} {:?}", state["resources"], self.gate.snapshot())
    }

    fn act_arguments(&self) -> &'static [&'static str] {
        match self.act {
            Act::Create => &["apply", "-auto-approve"],
            Act::Update => &["apply", "plan"],
        }
    }

    async fn act(&self) -> ExitStatus {
        self.run(self.act_arguments()).await
    }

    /// Runs Terraform as a user does after whatever happened.
    async fn again(&self) -> ExitStatus {
        self.run(&["apply", "-auto-approve"]).await
    }

    async fn run(&self, arguments: &[&str]) -> ExitStatus {
        let mut child = self.spawn(arguments);
        let stdout = BufReader::new(child.stdout.take().unwrap());
        self.ended(child, stdout).await
    }

    async fn ended(&self, mut child: Child, mut stdout: BufReader<ChildStdout>) -> ExitStatus {
        let mut rest = Vec::new();
        let end = async { tokio::join!(child.wait(), stdout.read_to_end(&mut rest)).0.unwrap() };
        let end = tokio::time::timeout(PATIENCE, end).await;
        end.unwrap_or_else(|_| panic!("Terraform hangs: {}", self.output()))
    }

    fn spawn(&self, arguments: &[&str]) -> Child {
        let ours = |(name, _): &(std::ffi::OsString, _)| {
            name.to_str().is_some_and(|name| name.starts_with("ARM_") || name.starts_with("TF_"))
        };
        let mut command = Command::new("terraform");
        for (name, _) in std::env::vars_os().filter(ours) {
            command.env_remove(name);
        }
        command
            .args(arguments.iter().take(1))
            .args(["-no-color", "-input=false"])
            .args(arguments.iter().skip(1))
            .current_dir(self.folder.path())
            .env("TF_CLI_CONFIG_FILE", self.path("dev.tfrc"))
            .env("CHECKPOINT_DISABLE", "1")
            // A process of a fifth of a second does not need to collect garbage.
            .env("GOGC", "off")
            .env("ARM_RESOURCE_MANAGER_ENDPOINT", self.gate.url())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(self.path("stderr")).unwrap())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .expect("these tests run the real Terraform: put `terraform` on PATH")
    }

    /// Returns the id of the provider's process that was started last.
    fn provider(&self) -> String {
        self.read("provider.pid").trim().to_owned()
    }

    fn end(&self) -> End {
        let state: Json = serde_json::from_str(&self.read("terraform.tfstate")).unwrap();
        let mut state = state["resources"][0]["instances"][0]["attributes"].clone();
        state["observed_at"].take();
        state["next_window"].take();
        let writes = self.gate.writes().into_iter().map(|(_, write)| write).collect();
        End { writes, picture: self.gate.picture(), state }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: impl AsRef<Path>, text: impl AsRef<OsStr>) {
        std::fs::write(self.folder.path().join(name), text.as_ref().as_encoded_bytes()).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn output(&self) -> String {
        self.read("stderr")
    }
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
