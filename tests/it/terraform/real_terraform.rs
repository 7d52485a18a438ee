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

const KINDS: &str = r#"
    terraform {
      required_providers {
        toy = { source = "example/toy" }
      }
    }
    resource "terraform_data" "later" {
      input = "west"
    }
    data "toy_weather" "here" {
      city = "a"
      station {
        name = "east"
      }
    }
    data "toy_weather" "later" {
      city = terraform_data.later.output
    }
    output "degrees" {
      value = [data.toy_weather.here.degrees, data.toy_weather.later.degrees]
    }
    output "shouted" {
      value = provider::toy::shout(data.toy_weather.here.station[0].name)
    }
    output "shouted_later" {
      value = provider::toy::shout(terraform_data.later.output)
    }
    output "joined" {
      value = provider::toy::join("-", "a", null, "b")
    }
    output "echoed" {
      value = provider::toy::echo([{ start = "02:00", every = 0.1 }, null, "x"])
    }
"#;

const GIVEN: [&str; 4] = [
    "degrees       = [\n      + 21,\n      + (known after apply),\n    ]",
    "shouted       = \"EAST\"",
    "joined        = \"a-null-b\"",
    "+ every = 0.1\n          + start = \"02:00\"",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_real_terraform_reads_data_and_calls_functions() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let provider = Reattach::start(toy::ADDRESS, Arc::new(toy::Toy::default())).await.unwrap();
    let run = async |arguments: &[&str]| terraform(folder, &provider, arguments).await;
    let write = |text: &str| std::fs::write(folder.join("main.tf"), text).unwrap();

    write(KINDS);
    let (code, said) = run(&["plan", "-detailed-exitcode"]).await;
    assert_eq!(code, Some(2), "{said}");
    for given in GIVEN {
        assert!(said.contains(given), "no {given} in {said}");
    }
    let (code, said) = run(&["apply", "-auto-approve"]).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("shouted_later = \"WEST\""), "{said}");
    let (code, said) = run(&["plan", "-detailed-exitcode"]).await;
    assert_eq!(code, Some(0), "a second plan must be empty: {said}");

    let refused = async |from: &str, to: &str, sentence: &str| {
        write(&KINDS.replace(from, to));
        let (code, said) = run(&["plan"]).await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(sentence), "no {sentence} in {said}");
    };
    refused("\"a\"\n", "\"nowhere\"\n", "There is no nowhere.").await;
    let at_the_block = "station {\n";
    refused("name = \"east\"", "nam = \"east\"", at_the_block).await;
    refused("-\", \"a\"", "-\", \"a\", [1]", "Invalid value for \"parts\" parameter: string required").await;
    let secret = "Invalid value for \"text\" parameter: This is not shouted. Write something\nelse.";
    refused("data.toy_weather.here.station[0].name", "\"secret\"", secret).await;
}
