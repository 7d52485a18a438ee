//! The demo is the same for everybody, whatever they have set for their own Terraform.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// A stand-in for Terraform that prints what it was given, and fails, which the demo shows.
const TELLTALE: &str = "#!/bin/sh\necho \"arguments: $*\"\n/usr/bin/env\nexit 1\n";

#[test]
fn what_is_set_for_another_terraform_does_not_reach_it() {
    let folder = tempfile::tempdir().unwrap();
    let terraform = folder.path().join("terraform");
    std::fs::write(&terraform, TELLTALE).unwrap();
    std::fs::set_permissions(&terraform, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_terraform-provider-aks"))
        .arg("demo")
        .env("PATH", folder.path())
        .env("HOME", folder.path())
        .env("TF_WORKSPACE", "foreign")
        .env("TF_CLI_ARGS", "-foreign")
        .env("TF_CLI_ARGS_plan", "-foreign")
        .env("TF_LOG", "foreign")
        .env("ARM_CLIENT_SECRET", "foreign")
        .env("AZURE_CONFIG_DIR", "foreign")
        .output()
        .unwrap();
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("arguments: ") && told.contains("TF_CLI_CONFIG_FILE="), "{told}");
    assert!(!told.contains("foreign"), "{told}");
    assert!(told.contains(&format!("HOME={}", folder.path().display())), "the rest stays:\n{told}");
}
