//! A folder in which the real Terraform runs with the real provider, and a simulated Azure of its own.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use terraform_provider_aks::cli::real_terraform;
use tokio::io::{AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use super::gate::{Gate, Snapshot};
use super::{Act, Case};
use crate::upgrade_run::{PROD, pending};

/// After this long a process hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where every run of a case begins: files and world.
pub struct Start {
    files: BTreeMap<&'static str, Vec<u8>>,
    snapshot: Snapshot,
}

/// What is left of a run.
#[derive(Debug, PartialEq)]
pub struct End {
    writes: Vec<String>,
    picture: Vec<String>,
    pub state: Json,
}

/// A folder in which Terraform runs, and its Azure.
pub struct Desk {
    act: Act,
    /// The way to Azure.
    pub gate: Gate,
    folder: TempDir,
}

impl Desk {
    pub async fn new(case: Case) -> Self {
        let (kind, act, _) = case;
        let desk = Desk { act, gate: Gate::new(kind.scenario()).await, folder: TempDir::new().unwrap() };
        let (resource, name) = kind.address().split_once('.').unwrap();
        let mut arguments = kind.arguments();
        arguments["cluster_id"] = PROD.into();
        let main = json!({
            "terraform": { "required_providers": { "aks": { "source": "aks-upgrades/aks" } } },
            "provider": { "aks": { "poll_interval": "1ms" } },
            "resource": { resource: { name: arguments } },
        });
        desk.file("main.tf.json", main.to_string());
        real_terraform::settle(desk.folder.path(), &desk.path("bin")).unwrap();
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
    pub async fn start(&self) -> Start {
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
    pub fn go_back(&self, start: &Start) {
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

    /// Returns everything that the next run depends on. What two signals leave alike is gone on from once.
    pub fn left(&self) -> String {
        let state: Json = serde_json::from_str(&self.read("terraform.tfstate")).unwrap_or_default();
        let locked = self.path(".terraform.tfstate.lock.info").exists();
        format!("{} {locked} {:?}", state["resources"], self.gate.snapshot())
    }

    fn arguments(&self) -> &'static [&'static str] {
        match self.act {
            Act::Create => &["apply", "-auto-approve"],
            Act::Update => &["apply", "plan"],
        }
    }

    pub async fn act(&self) -> ExitStatus {
        self.run(self.arguments()).await
    }

    /// Runs Terraform as a user does after whatever happened.
    pub async fn again(&self) -> ExitStatus {
        self.run(&["apply", "-auto-approve"]).await
    }

    /// Begins the run that is interrupted.
    pub fn begin(&self) -> Child {
        self.spawn(self.arguments())
    }

    async fn run(&self, arguments: &[&str]) -> ExitStatus {
        let mut child = self.spawn(arguments);
        let stdout = BufReader::new(child.stdout.take().unwrap());
        self.ended(child, stdout).await
    }

    pub async fn ended(&self, mut child: Child, mut stdout: BufReader<ChildStdout>) -> ExitStatus {
        let mut rest = Vec::new();
        let end = async { tokio::join!(child.wait(), stdout.read_to_end(&mut rest)).0.unwrap() };
        let end = tokio::time::timeout(PATIENCE, end).await;
        end.unwrap_or_else(|_| panic!("Terraform hangs: {}", self.output()))
    }

    fn spawn(&self, arguments: &[&str]) -> Child {
        Command::from(real_terraform::command("terraform", self.folder.path(), arguments))
            // A process of a fifth of a second does not need to collect garbage.
            .env("GOGC", "off")
            .env("ARM_RESOURCE_MANAGER_ENDPOINT", self.gate.url())
            .stderr(std::fs::File::create(self.path("stderr")).unwrap())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .expect("these tests run the real Terraform: put `terraform` on PATH")
    }

    /// Returns the id of the provider's process that was started last.
    pub fn provider(&self) -> String {
        self.read("provider.pid").trim().to_owned()
    }

    pub fn end(&self) -> End {
        let state: Json = serde_json::from_str(&self.read("terraform.tfstate")).unwrap();
        let mut state = state["resources"][0]["instances"][0]["attributes"].clone();
        state["observed_at"].take();
        state["next_window"].take();
        // A run that goes on from another begins a new map: what is done is told by whoever did it.
        state["steps"] = serde_json::json!(pending(&state["steps"]).len());
        let writes = self.gate.writes().into_iter().map(|(_, write)| write).collect();
        End { writes, picture: self.gate.picture(), state }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: impl AsRef<Path>, text: impl AsRef<OsStr>) {
        std::fs::write(self.folder.path().join(name), text.as_ref().as_encoded_bytes()).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    pub fn output(&self) -> String {
        self.read("stderr")
    }
}
