//! The demo's stage: a simulated Azure in this process, a folder with HCL, and the real Terraform.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;
use tokio::process::Command;

use crate::cli::real_terraform;
use crate::simulator::scenario::Scenario;
use crate::simulator::server::Simulator;

/// What of Terraform's output is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// All of it.
    Everything,
    /// The lines that say what changes from what to what.
    Changes,
    /// The line that sums it up.
    Summary,
    /// The provider's progress while Terraform runs, then the summary.
    Progress,
}

/// A simulated Azure, a folder and a Terraform.
pub struct Stage {
    terraform: PathBuf,
    folder: TempDir,
    simulator: Simulator,
}

/// What a run of Terraform came to.
pub struct Outcome {
    output: String,
    success: bool,
}

impl Stage {
    /// Finds Terraform, starts the simulator and writes the configuration that every act needs.
    pub async fn build() -> Result<Self> {
        let terraform = ["terraform", "tofu"].into_iter().find_map(on_path).context(
            "Neither terraform nor tofu is on PATH; install one of them, and the demo will use it.",
        )?;
        let scenario = Scenario::parse(SCENARIO, Path::new("."))?;
        let body = serde_json::from_str(CLUSTER)?;
        let scenario = Scenario { clusters: Scenario::from_body(body)?.clusters, ..scenario };
        let simulator = Simulator::start(scenario, std::net::SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let folder = tempfile::Builder::new().prefix("aks-demo").tempdir()?;
        let stage = Stage { terraform, folder, simulator };
        let provider = real_terraform::provider_block(&stage.simulator.url(), "150ms");
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

    /// Prints a line of explanation.
    #[allow(clippy::print_stdout)] // a person runs the demo; Terraform never does
    pub fn say(&self, text: &str) {
        println!("{text}");
    }

    /// Prints the line that explains the next command.
    pub fn heading(&self, text: &str) {
        self.say(&format!("\n== {text}"));
    }

    /// Runs Terraform in the folder.
    pub async fn terraform(&self, arguments: &[&str], show: Show) -> Result<Outcome> {
        self.say(&format!("\n$ terraform {}", arguments.join(" ")));
        let log = self.folder.path().join("provider.log");
        let child = self
            .command(arguments, &log)
            .spawn()
            .with_context(|| format!("{} cannot be started", self.terraform.display()))?;
        let mut told = lines(&log).len();
        let running = child.wait_with_output();
        tokio::pin!(running);
        let output = loop {
            tokio::select! {
                output = &mut running => break output?,
                () = tokio::time::sleep(Duration::from_millis(100)), if show == Show::Progress => {
                    told = self.report(&log, told);
                }
            }
        };
        if show == Show::Progress {
            self.report(&log, told);
        }
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        let outcome = Outcome { output: without_override_warning(&text), success: output.status.success() };
        outcome.shown(show).iter().for_each(|line| self.say(line));
        Ok(outcome)
    }

    fn command(&self, arguments: &[&str], log: &Path) -> Command {
        let mut command =
            Command::from(real_terraform::command(&self.terraform, self.folder.path(), arguments));
        command.env("TF_LOG_PROVIDER", "INFO").env("TF_LOG_PATH", log).kill_on_drop(true);
        command
    }

    /// Prints the provider's lines that have come since, and returns how many there are.
    fn report(&self, log: &Path, told: usize) -> usize {
        let lines = lines(log);
        for step in lines.iter().skip(told).filter_map(|line| progress(line)) {
            self.say(&format!("  {step}"));
        }
        let _ = std::io::stdout().flush();
        lines.len()
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

    fn shown(&self, show: Show) -> Vec<String> {
        let wanted = |line: &str| match show {
            Show::Everything => true,
            Show::Changes => {
                (line.contains("->") && !line.ends_with("-> null"))
                    || line.contains(" will be ")
                    || is_summary(line)
            }
            Show::Summary | Show::Progress => is_summary(line),
        };
        self.output.lines().filter(|line| wanted(line)).map(|line| format!("  {line}")).collect()
    }
}

fn is_summary(line: &str) -> bool {
    ["Plan:", "No changes.", "Apply complete!", "Error:"].iter().any(|start| line.starts_with(start))
}

/// Terraform warns about development overrides on every run; the demo is one.
fn without_override_warning(text: &str) -> String {
    let boxed = ["│", "╷", "╵"];
    let lines = text.lines().skip_while(|line| line.trim().is_empty());
    let (mut kept, mut skipping) = (Vec::new(), false);
    for line in lines.filter(|line| !boxed.contains(&line.trim())) {
        skipping |= line.contains("Provider development overrides are in effect");
        if !skipping {
            kept.push(line);
        }
        skipping &= !line.ends_with("releases.");
    }
    let end = kept.iter().position(|line| line.starts_with("─────")).unwrap_or(kept.len());
    kept[..end].join("\n").trim().to_owned()
}

/// Takes the provider's words out of a line of Terraform's log: `… [INFO]  provider.…: step 1 of 4: …: key=value …`.
fn progress(line: &str) -> Option<&str> {
    let (_, message) = line.split_once("provider.terraform-provider-aks: ")?;
    let words = message.split_once('=').map_or(message, |(words, _)| words);
    let (words, _) = words.rsplit_once(": ")?;
    words.starts_with("step ").then_some(words)
}

fn lines(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn on_path(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&folders).map(|folder| folder.join(&name)).find(|file| file.is_file())
}

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
