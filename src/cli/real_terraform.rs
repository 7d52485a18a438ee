//! The real Terraform as a child process, with this program as its provider.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// The file that tells Terraform where the provider is.
const CONFIGURATION: &str = "dev.tfrc";

/// Writes into a folder what lets Terraform, run there, take the provider from `provider`, a folder too.
///
/// # Errors
///
/// The file cannot be written.
pub fn settle(folder: &Path, provider: &Path) -> io::Result<()> {
    let text = format!(
        "provider_installation {{\n  dev_overrides {{\n    \"aks-upgrades/aks\" = {provider:?}\n  }}\n  direct {{}}\n}}\n"
    );
    std::fs::write(folder.join(CONFIGURATION), text)
}

/// Returns HCL that asks for the provider and points it to an Azure at `url`, to be asked every `poll_interval`.
#[must_use]
pub fn provider_block(url: &str, poll_interval: &str) -> String {
    format!(
        r#"terraform {{
  required_providers {{
    aks = {{ source = "aks-upgrades/aks" }}
  }}
}}

provider "aks" {{
  endpoint      = "{url}"
  poll_interval = "{poll_interval}"
}}
"#
    )
}

/// Builds a run of Terraform in a folder that was settled. It asks nothing, prints plain text, leaves nothing outside the
/// folder, and what the user set for another Terraform does not reach it: an argument, a workspace or a credential
/// from there would make it another run.
pub fn command(program: impl AsRef<OsStr>, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_for_terraform(name)) {
        command.env_remove(name);
    }
    command
        .args(arguments)
        .current_dir(folder)
        .env("TF_CLI_CONFIG_FILE", folder.join(CONFIGURATION))
        .env("TF_CLI_ARGS", "-no-color")
        .env("TF_INPUT", "0")
        .env("TF_IN_AUTOMATION", "1")
        .env("CHECKPOINT_DISABLE", "1")
        .env("TMPDIR", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Tells whether a variable says something to Terraform or to its Azure providers.
fn is_for_terraform(name: &OsStr) -> bool {
    ["TF_", "ARM_", "AZURE_"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix))
}
