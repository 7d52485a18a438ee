//! The demo's stage: a simulated Azure in this process, a folder with HCL, and the real Terraform.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use crate::cli::demo::shown::{self, Show};
use crate::cli::interrupt::asked_to_end;
use crate::cli::output::print;
use crate::cli::real_terraform;
use crate::cli::table::HEAD;
use crate::simulator::scenario::Scenario;
use crate::simulator::server::Simulator;

/// How often the provider's progress is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// A simulated Azure, a folder and a Terraform.
pub struct Stage {
    terraform: PathBuf,
    folder: TempDir,
    simulator: Simulator,
    interrupted: CancellationToken,
}

/// What a run of Terraform came to.
pub struct Outcome {
    output: String,
    success: bool,
}

impl Stage {
    /// Finds Terraform, starts the simulator and writes the configuration that every act needs.
    pub async fn build() -> Result<Self> {
        let interrupted = interruption()?;
        let terraform = ["terraform", "tofu"].into_iter().find_map(on_path).context(
            "Neither terraform nor tofu is on PATH; install one of them, and the demo will use it.",
        )?;
        let scenario = Scenario::parse(SCENARIO, Path::new("."))?;
        let body = serde_json::from_str(CLUSTER)?;
        let scenario = Scenario { clusters: Scenario::from_body(body)?.clusters, ..scenario };
        let simulator = Simulator::start(scenario, std::net::SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let folder = tempfile::Builder::new().prefix("aks-demo").tempdir()?;
        let stage = Stage { terraform, folder, simulator, interrupted };
        let provider = real_terraform::provider_block(&stage.simulator.url(), "100ms");
        stage.write("provider.tf", &(provider + LOCALS))?;
        let program = std::env::current_exe()?;
        let beside = program.parent().context("This program lies in no folder.")?;
        real_terraform::settle(stage.folder.path(), beside)?;
        Ok(stage)
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        Ok(std::fs::write(self.folder.path().join(name), text)?)
    }

    /// Moves Azure's clock.
    pub fn at(&self, instant: &str) -> Result<()> {
        self.simulator.go_to(instant.parse()?).map_err(anyhow::Error::msg)?;
        Ok(())
    }

    /// Prints a text.
    pub fn say(&self, text: &str) -> Result<()> {
        Ok(print(&format!("{text}\n"))?)
    }

    /// Prints the line that explains the next command.
    pub fn heading(&self, text: &str) -> Result<()> {
        self.say(&format!("\n{HEAD}{text}{HEAD:#}"))
    }

    /// Runs Terraform in the folder.
    pub async fn terraform(&self, arguments: &[&str], show: Show) -> Result<Outcome> {
        self.say(&format!("{HEAD}${HEAD:#} terraform {}", arguments.join(" ")))?;
        let mut child = self
            .command(arguments)?
            .spawn()
            .with_context(|| format!("{} cannot be started", self.terraform.display()))?;
        let success = match self.wait(&mut child, show).await {
            Ok(success) => success,
            Err(error) => {
                end(&mut child).await;
                return Err(error);
            }
        };
        let output = shown::plain(&std::fs::read_to_string(self.path(OUTPUT))?);
        shown::lines(&output, show).iter().try_for_each(|line| self.say(&format!("  {line}")))?;
        Ok(Outcome { output, success })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Result<Command> {
        let output = File::create(self.path(OUTPUT))?;
        let mut command = real_terraform::command(&self.terraform, self.folder.path(), arguments);
        // A group of its own: what it started ends with it, and Ctrl-C is for this program to answer.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
            .env("TF_LOG_PROVIDER", "INFO")
            .env("TF_LOG_PATH", self.path(LOG))
            .stdout(output.try_clone()?)
            .stderr(output);
        Ok(command.into())
    }

    /// Waits for Terraform, tells its progress meanwhile where that is shown, and returns whether it succeeded.
    async fn wait(&self, child: &mut Child, show: Show) -> Result<bool> {
        let mut told = self.log().len();
        loop {
            let ended = tokio::select! {
                () = self.interrupted.cancelled() => bail!("The demo was interrupted; it leaves nothing behind."),
                status = child.wait() => Some(status?.success()),
                () = tokio::time::sleep(LOOK), if show == Show::Progress => None,
            };
            if show == Show::Progress {
                let lines = self.log();
                let news = lines.iter().skip(told).filter_map(|line| shown::progress(line));
                news.into_iter().try_for_each(|step| self.say(&format!("  {step}")))?;
                told = lines.len();
            }
            if let Some(success) = ended {
                return Ok(success);
            }
        }
    }

    fn log(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.path(LOG)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

impl Outcome {
    /// Goes on when Terraform succeeded.
    pub fn succeeds(self) -> Result<()> {
        ensure!(self.success, "Terraform failed:\n{}", self.output);
        Ok(())
    }

    /// Goes on when Terraform succeeded and said this.
    pub fn says(self, words: &str) -> Result<()> {
        ensure!(self.output.contains(words), "Terraform did not say {words:?}:\n{}", self.output);
        self.succeeds()
    }

    /// Goes on when Terraform failed for this reason.
    pub fn refuses(self, reason: &str) -> Result<()> {
        if self.success {
            bail!("Terraform should have refused, and succeeded:\n{}", self.output);
        }
        ensure!(self.output.contains(reason), "Terraform did not say {reason:?}:\n{}", self.output);
        Ok(())
    }
}

/// Returns what is cancelled when somebody wants the demo to end.
fn interruption() -> Result<CancellationToken> {
    let interrupted = CancellationToken::new();
    let told = interrupted.clone();
    let asked = asked_to_end()?;
    tokio::spawn(async move {
        // Where nobody can listen any more the demo ends, too.
        drop(asked.await);
        told.cancel();
    });
    Ok(interrupted)
}

/// Ends Terraform and the provider that it started: the cluster is a simulated one, and nothing is worth a wait.
async fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill().await;
}

fn on_path(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&folders).map(|folder| folder.join(&name)).find(|file| file.is_file())
}

/// What Terraform prints.
const OUTPUT: &str = "output.txt";

/// What the provider logs.
const LOG: &str = "provider.log";

const LOCALS: &str = r#"
locals {
  cluster_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-prod/providers/Microsoft.ContainerService/managedClusters/prod"
}
"#;

/// The very body that a user would seed the simulator with.
const CLUSTER: &str = include_str!("../../../examples/simulator/cluster.json");

const SCENARIO: &str = r#"
[clock]
start = "2026-11-26T14:00:00Z"
tick = "30s"

[[publish]]
at = "2026-12-01T00:00:00Z"
image = "AKSUbuntu-2404gen2containerd-202612.01.0"
[[publish]]
at = "2026-12-01T00:00:00Z"
image = "AKSAzureLinux-V3gen2-202612.01.0"
[[publish]]
at = "2026-12-08T00:00:00Z"
image = "AKSUbuntu-2404gen2containerd-202612.08.0"
"#;
