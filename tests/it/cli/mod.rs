//! What a person runs.

#[cfg(unix)]
mod demo;
mod doctor;
mod guide;
mod forecast;
mod reference;
mod simulate;
mod status;
mod windows;

use std::net::SocketAddr;
use std::path::Path;

use terraform_provider_aks::simulator::scenario::Scenario;
use terraform_provider_aks::simulator::server::Simulator;
use tokio::process::Command;

/// How a command ended: its exit code, what it printed, and what it complained about.
type Ended = (Option<i32>, String, String);

async fn simulated(scenario: &str) -> Simulator {
    let scenario = Scenario::parse(scenario, Path::new(".")).unwrap();
    Simulator::start(scenario, SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap()
}

/// Runs the provider's own command line, without the variables that say where Azure is.
async fn provider(arguments: &[&str]) -> Ended {
    provider_with(arguments, &[]).await
}

/// Runs it with some variables.
async fn provider_with(arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_terraform-provider-aks"))
        .args(arguments)
        .env_remove("ARM_RESOURCE_MANAGER_ENDPOINT")
        .env_remove("ARM_SUBSCRIPTION_ID")
        .envs(variables.iter().copied())
        .output()
        .await
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}
