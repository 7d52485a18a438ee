//! What a person can run, and what Terraform runs.
//!
//! Without arguments the program is the plugin that Terraform started: [`serve`] takes over, and nothing is
//! parsed. With arguments a person started it.
//!
//! | module | |
//! |---|---|
//! | [`connect`] | The sign-in of the provider. |
//! | [`demo`] | Shows the main job: the real Terraform against a simulated cluster, in acts that check themselves. |
//! | [`real_terraform`] | A Terraform as a child process; the demo and the tests start it here. |
//! | [`simulate`] | Serves the stand-in Azure. |
//! | [`doctor`] | Looks for what would keep an upgrade from going well, with a fix for each finding. |
//! | [`forecast`] | Shows what will happen to clusters, when, and why not. |
//! | [`status`] | Shows what runs on clusters, from Azure alone. |
//! | [`windows`] | Shows when windows open, and the CI schedule that hits them. |
//! | [`written`] | Windows and blackouts as flags. |
//! | [`shown`] | What `terraform show -json` prints of a plan or a state. |
//! | [`mod@reference`] | Completions for a shell, and the manual pages. |
//! | [`output`], [`table`] | What a command prints: for people in rows, for programs as JSON. |
//! | [`exit`] | The exit codes. |
//! | [`interrupt`] | How a command that goes on is asked to end. |

mod connect;
mod demo;
mod doctor;
mod exit;
pub mod forecast;
mod interrupt;
mod output;
pub mod real_terraform;
mod reference;
mod shown;
pub mod simulate;
mod status;
mod table;
pub mod windows;
mod written;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser, Subcommand};

use crate::provider::Aks;
use crate::provider::notes::Notes;
use crate::terraform::serve::{self, Reattach};

/// The provider's address as it is written in `required_providers`.
pub const ADDRESS: &str = "registry.terraform.io/aks-upgrades/aks";

/// Upgrades AKS clusters from Terraform. Terraform starts it without arguments.
#[derive(Debug, Parser)]
#[command(version, after_help = exit::HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows the main job: the real Terraform plans and applies an upgrade of a simulated cluster.
    Demo,
    Simulate(simulate::Simulate),
    Status(status::Status),
    Windows(windows::Show),
    Forecast(forecast::Forecast),
    Doctor(doctor::Doctor),
    /// Serves without TLS until it is interrupted, and prints what a debugger's Terraform needs.
    Debug,
    Completions(reference::Completions),
    Man(reference::Man),
}

/// Runs the program, and returns its exit code.
#[must_use]
pub fn run() -> ExitCode {
    // Terraform starts four processes per apply; a parser it does not need would cost each of them.
    if std::env::args_os().len() == 1 {
        return serve::run(ADDRESS, || Arc::new(Aks::new(variable).with_notes(notes())));
    }
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Runtime::new().map_err(anyhow::Error::from);
    exit::of(runtime.and_then(|runtime| runtime.block_on(command(arguments.command))))
}

async fn command(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Demo => demo::run().await?,
        Command::Simulate(arguments) => simulate::run(arguments, variable).await?,
        Command::Status(arguments) => return status::run(arguments).await,
        Command::Windows(arguments) => return windows::run(arguments),
        Command::Forecast(arguments) => return forecast::run(arguments).await,
        Command::Doctor(arguments) => return doctor::run(arguments).await,
        Command::Debug => debug().await?,
        Command::Completions(arguments) => reference::completions(Arguments::command(), &arguments)?,
        Command::Man(arguments) => reference::man(Arguments::command(), &arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn debug() -> anyhow::Result<()> {
    let reattach = Reattach::start(ADDRESS, Arc::new(Aks::new(variable))).await?;
    eprintln!("Start Terraform in another terminal with:\n");
    eprintln!("export TF_REATTACH_PROVIDERS='{}'", reattach.variable());
    Ok(tokio::signal::ctrl_c().await?)
}

/// Returns where the process that plans leaves notes for the one that applies: both are children of one Terraform.
fn notes() -> Notes {
    Notes::new(std::env::temp_dir().join("terraform-provider-aks"), parent())
}

/// Names the process that started this one: its number, and when it began, since numbers are used again.
#[cfg(unix)]
fn parent() -> Option<String> {
    let parent = std::os::unix::process::parent_id();
    // Linux says it in clock ticks since the machine started, in the 22nd field; the second is a name in brackets.
    let told = std::fs::read_to_string(format!("/proc/{parent}/stat")).unwrap_or_default();
    let began = told.rsplit_once(')').and_then(|(_, fields)| fields.split_whitespace().nth(19));
    Some(format!("{parent} {}", began.unwrap_or_default()))
}

/// Names nobody: Windows does not say it.
#[cfg(not(unix))]
fn parent() -> Option<String> {
    None
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
