//! The toy under a real `terraform`.

use std::path::Path;
use std::sync::Arc;

use terraform_provider_aks::cli::real_terraform;
use terraform_provider_aks::terraform::serve::Reattach;
use tokio::process::Command;

use super::toy;

/// Runs terraform in a folder and returns its exit code and everything it said.
async fn terraform(folder: &Path, provider: &Reattach, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::from(real_terraform::command("terraform", folder, arguments))
        .env("TF_REATTACH_PROVIDERS", provider.variable())
        .output()
        .await
        .expect("this test needs `terraform` on the PATH: https://developer.hashicorp.com/terraform/install");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

fn write(folder: &Path, thing: &str) {
    let text = format!(
        r#"
        terraform {{
          required_providers {{
            toy = {{ source = "example/toy" }}
          }}
        }}
        provider "toy" {{
          endpoint = terraform_data.later.output
        }}
        resource "terraform_data" "later" {{
          input = "here"
        }}
        resource "toy_thing" "a" {{
          {thing}
        }}
        output "anything" {{
          value = toy_thing.a.anything
        }}
        "#
    );
    std::fs::write(folder.join("main.tf"), text).unwrap();
}

const FIRST: &str = r#"
    name     = "a"
    size     = 0.1
    tags     = { later = "x-${terraform_data.later.id}" }
    flags    = ["z", "a", "z"]
    windows  = [{ start = "02:00" }, { start = terraform_data.later.id }]
    anything = { deep = [1, "two", null], later = terraform_data.later.id }

    shift {
      start = "02:00"
      pause {
        minutes = 5
      }
      lunch {
        minutes = terraform_data.later.output == "here" ? 60 : 30
      }
    }
    limit {
      most = 3
    }
    dynamic "label" {
      for_each = terraform_data.later.output == "here" ? ["a", "b"] : []
      content {
        text = label.value
      }
    }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_real_terraform_plans_applies_and_destroys() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    real_terraform::settle(folder, folder).unwrap();
    let provider = Reattach::start(toy::ADDRESS, Arc::new(toy::Toy::default())).await.unwrap();
    let run = async |arguments: &[&str]| terraform(folder, &provider, arguments).await;

    write(folder, FIRST);
    let (code, said) = run(&["validate"]).await;
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = run(&["plan", "-detailed-exitcode"]).await;
    assert_eq!(code, Some(2), "{said}");
    let (code, said) = run(&["apply", "-auto-approve"]).await;
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = run(&["plan", "-detailed-exitcode"]).await;
    assert_eq!(code, Some(0), "a second plan must be empty: {said}");

    write(folder, &FIRST.replace("0.1", "123456789012345678901234567890"));
    let (code, said) = run(&["apply", "-auto-approve"]).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 changed"), "{said}");
    write(folder, &FIRST.replace("\"a\"\n", "\"b\"\n"));
    let (code, said) = run(&["plan", "-detailed-exitcode"]).await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("# forces replacement"), "{said}");

    write(folder, "name = \"picky\"\n shift {\n start = \"02:00\"\n days = [\"x\"]\n }");
    let (code, said) = run(&["validate"]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("in resource \"toy_thing\" \"a\":") && said.contains("days = [\"x\"]"), "{said}");

    write(folder, "name = \"a\"\n made = \"by me\"");
    let (code, said) = run(&["validate"]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("Read-only attribute in configuration"), "{said}");

    write(folder, FIRST);
    let (code, said) = run(&["destroy", "-auto-approve"]).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Warning: The thing stays"), "{said}");
}
