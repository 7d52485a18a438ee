//! Every example is formatted, valid, and does on a simulator what it says.

use tokio::process::Command;

use super::terraform::{CLUSTER, Workspace};
use super::{data_sources, files, project, resources};

#[tokio::test]
async fn examples_are_formatted() {
    let output = Command::new("terraform")
        .args(["fmt", "-check", "-recursive", "-diff", "-no-color"])
        .arg(project("examples"))
        .output()
        .await
        .expect("this test needs `terraform` on the PATH");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Plans and applies the example of a resource, and plans again.
async fn works(name: &str) {
    let workspace =
        Workspace::with(&["provider/provider.tf", &format!("resources/{name}/resource.tf")]).await;
    workspace.run(&["validate"]).await.ends(0);
    workspace.run(&["plan", "-detailed-exitcode"]).await.ends(2);
    workspace.run(&["apply", "-auto-approve"]).await.ends(0);
    // A create adopts; the second apply upgrades.
    workspace.run(&["apply", "-auto-approve"]).await.ends(0);
    let writes = workspace.azure.log().iter().filter(|entry| entry.method != "GET").count();
    assert!(writes > 0, "{name}: the example does nothing");
    let again = workspace.run(&["plan", "-detailed-exitcode"]).await.ends(0);
    assert!(again.contains("No changes."), "{name}: {again}");
    workspace.run(&["destroy", "-auto-approve"]).await.ends(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_resource_example_is_applied() {
    futures::future::join_all(resources().iter().map(|resource| works(resource.type_name()))).await;
}

/// Runs the import that an example shows, and finds the cluster in the state.
async fn imports(name: &str) {
    let workspace =
        Workspace::with(&["provider/provider.tf", &format!("resources/{name}/resource.tf")]).await;
    let shown = std::fs::read_to_string(project("examples/resources").join(name).join("import.sh")).unwrap();
    let words: Vec<&str> = shown.split_whitespace().collect();
    let ["terraform", "import", address, id] = words[..] else { panic!("{shown}") };
    // What is imported has to be there: some resources are objects of Azure.
    workspace.run(&["apply", "-auto-approve"]).await.ends(0);
    workspace.run(&["state", "rm", address]).await.ends(0);
    workspace.run(&["import", address, id]).await.ends(0);
    let state = workspace.run(&["state", "show", address]).await.ends(0);
    assert!(state.contains(CLUSTER), "{state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_import_command_imports() {
    futures::future::join_all(resources().iter().map(|resource| imports(resource.type_name()))).await;
}

/// Runs an import block. The one with an identity needs Terraform 1.12, and is only looked at before.
#[tokio::test(flavor = "multi_thread")]
async fn every_import_block_imports() {
    let identities = files("examples/resources").into_iter().filter(|path| path.ends_with("by-identity.tf"));
    for path in identities {
        let text = std::fs::read_to_string(project("examples/resources").join(&path)).unwrap();
        assert!(text.contains("cluster_id = \"/subscriptions/"), "{path}");
    }
    for path in files("examples/resources").iter().filter(|path| path.ends_with("by-string-id.tf")) {
        let name = path.split('/').next().unwrap();
        let resource = format!("resources/{name}/resource.tf");
        let block = format!("resources/{path}");
        let workspace = Workspace::with(&["provider/provider.tf", &resource, &block]).await;
        let planned = workspace.run(&["plan"]).await.ends(0);
        assert!(planned.contains("1 to import"), "{planned}");
        assert!(!planned.contains("to destroy, 1") && !planned.contains("must be replaced"), "{planned}");
    }
}

/// Reads the example of a data source in a plan and an apply; its checks hold, and a second plan is empty.
async fn reads(name: &str) {
    let workspace =
        Workspace::with(&["provider/provider.tf", &format!("data-sources/{name}/data-source.tf")]).await;
    workspace.run(&["validate"]).await.ends(0);
    let applied = workspace.run(&["apply", "-auto-approve"]).await.ends(0);
    assert!(
        applied.contains("Apply complete!") && !applied.contains("Check block assertion failed"),
        "{name}: {applied}"
    );
    let again = workspace.run(&["plan", "-detailed-exitcode"]).await;
    assert!(!again.text.contains("Check block assertion failed"), "{name}: {}", again.text);
    let writes = workspace.azure.log().iter().filter(|entry| entry.method != "GET").count();
    assert_eq!(writes, 0, "{name}: a data source writes");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_data_source_example_is_read() {
    futures::future::join_all(data_sources().iter().map(|source| reads(source.type_name()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_is_tested_with_no_cloud_at_all() {
    let workspace = Workspace::with(&["tests/calendar/main.tf", "tests/calendar/calendar.tftest.hcl"]).await;
    let said = workspace.run(&["test"]).await.ends(0);
    assert!(said.contains("Success! 4 passed, 0 failed."), "{said}");
    assert_eq!(workspace.azure.log().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tests_that_a_practitioner_may_write_pass() {
    let workspace = Workspace::with(&["tests/main.tf", "tests/upgrade.tftest.hcl"]).await;
    let said = workspace.run(&["test"]).await.ends(0);
    assert!(said.contains("Success! 4 passed, 0 failed."), "{said}");
}
