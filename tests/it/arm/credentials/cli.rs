//! The login of the Azure CLI, with an `az` that is a script.

use std::os::unix::fs::PermissionsExt;

use super::child;
use terraform_provider_aks::clock;

/// Asks an `az` that runs these lines.
#[track_caller]
fn az(lines: &str, more: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("az");
    std::fs::write(&script, format!("#!/bin/sh\n{lines}\n")).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut variables = vec![("PATH", folder.path().to_str().unwrap())];
    variables.retain(|(name, _)| more.iter().all(|(other, _)| name != other));
    variables.extend_from_slice(more);
    child::run("asks az", &variables)
}

#[track_caller]
fn failed(said: &str, reason: &str) {
    let line = format!(
        "No access token for Azure. Azure CLI is configured, and failed:\n  Azure CLI: {reason}.\nThe other ways to sign in:\n  Client certificate: "
    );
    assert!(said.starts_with(&line), "{said}");
}

/// Prints a token that holds the arguments.
fn answers() -> String {
    let expires = clock::now().as_second() + 3600;
    format!(
        "echo \"{{\\\"accessToken\\\": \\\"$*\\\", \\\"expires_on\\\": {expires}, \\\"tokenType\\\": \\\"Bearer\\\"}}\""
    )
}

#[test]
fn a_login() {
    let asked = "account get-access-token -o json --scope https://management.azure.com/.default";
    assert_eq!(az(&answers(), &[]), asked);
    let tenant = ("CHILD_TENANT", "22222222-2222-2222-2222-222222222222");
    let subscription = ("CHILD_SUBSCRIPTION", "11111111-2222-3333-4444-555555555555");
    assert_eq!(az(&answers(), &[subscription]), format!("{asked} --subscription {}", subscription.1));
    assert_eq!(az(&answers(), &[tenant, subscription]), format!("{asked} --tenant {}", tenant.1));
}

#[test]
fn nobody_is_logged_in() {
    let said = az("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1", &[]);
    failed(&said, "ERROR: Please run 'az login' to setup account");
}

#[test]
fn there_is_no_az() {
    let empty = tempfile::tempdir().unwrap();
    let said = child::run("asks az", &[("PATH", empty.path().to_str().unwrap())]);
    failed(&said, "az not found on PATH (run `az login`)");
}

#[test]
fn az_hangs() {
    let said = az("exec /bin/sleep 20", &[("CHILD_PATIENCE", "none")]);
    failed(&said, "`az` did not answer within 60 s");
}

#[test]
fn az_reads_nothing_from_terraform() {
    assert_eq!(az(&format!("read line && exit 9\n{}", answers()), &[]).split(' ').next(), Some("account"));
}
