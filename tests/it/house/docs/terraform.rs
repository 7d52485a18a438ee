//! The real Terraform, with this provider, on a simulator of its own.

use std::net::SocketAddr;
use std::path::Path;

use tempfile::TempDir;
use terraform_provider_aks::cli::real_terraform;
use terraform_provider_aks::simulator::scenario::Scenario;
use terraform_provider_aks::simulator::server::Simulator;
use tokio::process::Command;

use super::project;

/// The cluster of `examples/tests/scenario.toml`.
pub const CLUSTER: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/\
                           Microsoft.ContainerService/managedClusters/prod";

/// A folder with a configuration, and the Azure that it meets.
pub struct Workspace {
    folder: TempDir,
    pub azure: Simulator,
}

/// What a run of Terraform said, and how it ended.
pub struct Said {
    pub code: Option<i32>,
    pub text: String,
}

impl Said {
    /// Checks the exit code.
    #[track_caller]
    pub fn ends(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}", self.text);
        self.text
    }
}

impl Workspace {
    /// Copies examples into an empty folder: pairs of a file below `examples` and its name there.
    pub async fn with(examples: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for example in examples {
            let name = example.rsplit('/').next().unwrap();
            std::fs::copy(project("examples").join(example), folder.path().join(name)).unwrap();
        }
        let binary = Path::new(env!("CARGO_BIN_EXE_terraform-provider-aks")).parent().unwrap();
        real_terraform::settle(folder.path(), binary).unwrap();
        // The simulator is done at once: nobody waits ten seconds for its first status.
        let pace = if examples.contains(&"provider/provider.tf") { "pace_override.tf" } else { "pace.tf" };
        std::fs::write(folder.path().join(pace), "provider \"aks\" {\n poll_interval = \"1s\"\n}\n").unwrap();
        let scenario = std::fs::read_to_string(project("examples/tests/scenario.toml")).unwrap();
        let scenario = Scenario::parse(&scenario, folder.path()).unwrap();
        let azure = Simulator::start(scenario, SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        Workspace { folder, azure }
    }

    /// Runs Terraform.
    pub async fn run(&self, arguments: &[&str]) -> Said {
        let output = Command::from(real_terraform::command("terraform", self.folder.path(), arguments))
            .env("ARM_RESOURCE_MANAGER_ENDPOINT", self.azure.url())
            .env("TF_VAR_cluster_id", CLUSTER)
            .output()
            .await
            .expect(
                "this test needs `terraform` on the PATH: https://developer.hashicorp.com/terraform/install",
            );
        let text = [output.stdout, output.stderr].concat();
        Said { code: output.status.code(), text: String::from_utf8_lossy(&text).into_owned() }
    }
}
