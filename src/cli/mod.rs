//! What a person can run, and what Terraform runs.

mod demo;
mod simulate;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

use crate::provider::Aks;
use crate::terraform::serve;

/// The provider's address as it is written in `required_providers`.
pub const ADDRESS: &str = "registry.terraform.io/aks-upgrades/aks";

/// Upgrades AKS clusters from Terraform. Terraform starts it without arguments.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Serves without TLS until it is interrupted, and prints TF_REATTACH_PROVIDERS for a debugger.
    #[arg(long)]
    debug: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows the main job: real Terraform plans and applies an upgrade of a simulated cluster.
    Demo(demo::Demo),
    /// Serves a stand-in Azure on this machine.
    Simulate(simulate::Simulate),
}

/// Runs the program, and returns its exit code.
#[must_use]
pub fn run() -> ExitCode {
    // Terraform starts four processes per apply; a parser it does not need would cost each of them.
    if std::env::args_os().len() == 1 {
        return serve::run(|| Arc::new(Aks::new(variable)), ADDRESS);
    }
    let arguments = Arguments::parse();
    match arguments.command {
        Some(command) => on_runtime(command),
        None if arguments.debug => serve::debug(|| Arc::new(Aks::new(variable)), ADDRESS),
        None => serve::run(|| Arc::new(Aks::new(variable)), ADDRESS),
    }
}

fn on_runtime(command: Command) -> ExitCode {
    let result = tokio::runtime::Runtime::new().map_err(anyhow::Error::from).and_then(|runtime| {
        runtime.block_on(async {
            match command {
                Command::Demo(demo) => demo::run(demo).await,
                Command::Simulate(simulate) => simulate::run(simulate).await,
            }
        })
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
