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

/// Prints a token that holds the arguments, with commas between them.
fn answers() -> String {
    let expires = clock::now().as_second() + 3600;
    format!(
        "IFS=,; echo \"{{\\\"accessToken\\\": \\\"$*\\\", \\\"expires_on\\\": {expires}, \\\"tokenType\\\": \\\"Bearer\\\"}}\""
    )
}

#[test]
fn a_login() {
    let asked = "account,get-access-token,-o,json,--scope,https://management.azure.com/.default";
    assert_eq!(az(&answers(), &[]), asked);
    let tenant = ("CHILD_TENANT", "22222222-2222-2222-2222-222222222222");
    let subscription = ("CHILD_SUBSCRIPTION", "11111111-2222-3333-4444-555555555555");
    assert_eq!(az(&answers(), &[subscription]), format!("{asked},--subscription,{}", subscription.1));
    assert_eq!(az(&answers(), &[tenant, subscription]), format!("{asked},--tenant,{}", tenant.1));
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
    assert_eq!(az(&format!("read line && exit 9\n{}", answers()), &[]).split(',').next(), Some("account"));
}

#[test]
fn az_that_writes_without_end() {
    let said =
        az("while :; do echo 0123456789012345678901234567890123456789012345678901234567890123; done", &[]);
    failed(&said, "`az` wrote more than 64 KiB (run `az login`)");
}

#[test]
fn az_that_shows_a_token() {
    let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL21hbmFnZW1lbnQifQ.c2lnbmF0dXJl-_x";
    let said = az(&format!("echo 'ERROR: {token} is not valid.' >&2; exit 1"), &[]);
    failed(&said, "ERROR: [redacted] is not valid (run `az login`)");
    let refresh = format!("0.A{}", "xYz0-_9".repeat(30));
    let said = az(&format!("echo 'ERROR: refresh token {refresh} has expired.' >&2; exit 1"), &[]);
    failed(&said, "ERROR: refresh token [redacted] has expired (run `az login`)");
}

#[track_caller]
fn hidden(said: &str, shown: &str) {
    let said =
        az(&format!("/bin/cat <<'EOF' >&2\n{said}\nEOF\nexit 1"), &[("CHILD_SECRET", "Canary-secret-x7Zq")]);
    failed(&said, &format!("{shown} (run `az login`)"));
}

#[test]
fn az_that_shows_a_secret() {
    hidden(
        "sign-in failed: az x -p 'Xy8Q~abcdefghijklmnopqrstuvwxyz0123.ABCD'",
        "sign-in failed: az x -p '[redacted]'",
    );
    hidden(
        "ARM_CLIENT_SECRET=Canary-secret-x7Zq ARM_TENANT_ID=t",
        "ARM_CLIENT_SECRET=[redacted] ARM_TENANT_ID=t",
    );
    let line = "xYz0-_9abC".repeat(7);
    let wrapped = format!("token\n{line}\n{line}\n{}\nis old", &line[..45]);
    hidden(&wrapped, "token [redacted] [redacted] [redacted] is old");
    let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    let key =
        format!("key -----BEGIN PRIVATE KEY-----\n{line}\n{}\n-----END PRIVATE KEY----- read", &line[..9]);
    hidden(&key, "key [redacted] read");
    let id = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/a-group/providers/Microsoft.X/y/z";
    hidden(&format!("no access to {id} now"), &format!("no access to {id} now"));
}

/// What `az` has started holds its pipes, and has nothing to say.
#[cfg(target_os = "linux")]
#[test]
fn az_that_has_answered_is_not_waited_for() {
    for start in ["/bin/sleep 4321 &", "/bin/sleep 4321 >/dev/null &"] {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("below");
        let said = az(&format!("{start}\necho $! >{}\n{}", below.display(), answers()), &[]);
        assert!(said.starts_with("account,get-access-token"), "{said}");
        gone(&read_when_there(&below));
    }
}

#[test]
fn az_that_ends_without_a_word() {
    failed(&az("exit 3", &[]), "`az` ended with exit code 3 and said nothing (run `az login`)");
    failed(&az("echo null", &[]), "the answer of `az` lacks accessToken (run `az login`)");
}

#[test]
fn an_account_that_is_none() {
    let wrong = ("CHILD_TENANT", "x & calc");
    let said = az(&answers(), &[wrong]);
    assert_eq!(said, "Azure CLI cannot be used: \"x & calc\" is neither a tenant nor a subscription.");
}

/// Waits for a file, as long as that takes.
fn read_when_there(file: &std::path::Path) -> String {
    loop {
        match std::fs::read_to_string(file) {
            Ok(text) if text.ends_with('\n') => return text.trim().to_owned(),
            _ => std::thread::yield_now(),
        }
    }
}

/// Waits until a process is gone; the test hangs when it never goes.
#[cfg(target_os = "linux")]
fn gone(process: &str) {
    let state = |status: String| status.lines().any(|line| line.starts_with("State:\tZ"));
    while std::fs::read_to_string(format!("/proc/{process}/status")).is_ok_and(|status| !state(status)) {
        std::thread::yield_now();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn az_ends_with_whoever_started_it() {
    // Killed, nobody tidies up; given up, the process goes on.
    for patience in ["killed", "given up"] {
        let folder = tempfile::tempdir().unwrap();
        let (own, below) = (folder.path().join("own"), folder.path().join("below"));
        let lines =
            format!("/bin/sleep 1234 &\necho $! >{}\necho $$ >{}\nwait", below.display(), own.display());
        let script = folder.path().join("az");
        std::fs::write(&script, format!("#!/bin/sh\n{lines}\n")).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let variables = [("PATH", folder.path().to_str().unwrap()), ("CHILD_PATIENCE", patience)];
        let mut child = child::start("asks az", &variables);
        let processes = [read_when_there(&own), read_when_there(&below)];
        if patience == "killed" {
            child.kill().unwrap();
        }
        child.wait().unwrap();
        processes.iter().for_each(|process| gone(process));
    }
}
