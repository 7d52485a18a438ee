//! A real Terraform, the built provider and a simulated Azure of its own for each test.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use serde_json::Value;
use tempfile::TempDir;
use terraform_provider_aks::cli::real_terraform;
use terraform_provider_aks::simulator::request_log::Entry;
use terraform_provider_aks::simulator::scenario::Scenario;
use terraform_provider_aks::simulator::server::Simulator;
use tokio::process::{Child, Command};

use crate::upgrade_run::facts;

/// Thursday: the window of [`POLICY`] is closed.
pub const THURSDAY: &str = "2026-11-26T12:00:00Z";
/// Saturday, ten past two in Berlin: the window is open for nearly four hours.
pub const SATURDAY: &str = "2026-11-28T01:10:00Z";
/// Saturday, eight in the morning in Berlin: the window has closed.
pub const TOO_LATE: &str = "2026-11-28T07:00:00Z";

/// What most scenarios have: a cluster on 1.34.4 with a system pool and two user pools, and time
/// that moves by half a minute with every request.
pub const CLUSTER: &str = r#"
[clock]
start = "2026-11-26T12:00:00Z"
tick = "30s"
[[cluster]]
name = "prod"
version = "1.34.4"
[[cluster.pool]]
name = "system"
mode = "System"
count = 3
image = "AKSUbuntu-2204gen2containerd-202610.19.0"
[[cluster.pool]]
name = "batch"
mode = "User"
count = 2
image = "AKSUbuntu-2204gen2containerd-202610.19.0"
[[cluster.pool]]
name = "shop"
mode = "User"
count = 4
image = "AKSUbuntu-2204gen2containerd-202610.19.0"
"#;

/// The id of that cluster.
pub const PROD: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod";

/// The writes of one minor, control plane first, then the system pool, then the others by name.
pub const ONE_MINOR: [&str; 4] =
    ["PUT prod 1.35.6", "PUT prod/system 1.35.6", "PUT prod/batch 1.35.6", "PUT prod/shop 1.35.6"];

/// The arguments of a policy that wants 1.35 on Saturday nights.
pub const POLICY: &str = r#"
  cluster_id         = local.prod
  kubernetes_version = "1.35"
  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "4h"
    time_zone = "Europe/Berlin"
  }
"#;

/// A stage: Azure, a folder, and the words for what a user does.
pub struct Stage {
    /// The simulated Azure.
    pub azure: Simulator,
    folder: TempDir,
}

/// What a command came to.
pub struct Run {
    /// Everything that was printed, white space folded, so that a sentence can be looked for.
    pub text: String,
    printed: String,
    status: ExitStatus,
}

impl Stage {
    /// Sets the usual stage at an instant.
    pub async fn at(instant: &str) -> Self {
        let stage = Self::of(CLUSTER).await;
        stage.clock(instant);
        stage
    }

    /// Sets a stage.
    pub async fn of(scenario: &str) -> Self {
        let scenario = Scenario::parse(scenario, ".".as_ref()).unwrap();
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        let azure = Simulator::start(scenario, address).await.unwrap();
        let stage = Stage { azure, folder: TempDir::new().unwrap() };
        let binary = Path::new(env!("CARGO_BIN_EXE_terraform-provider-aks"));
        real_terraform::settle(stage.folder.path(), binary.parent().unwrap()).unwrap();
        let provider = real_terraform::provider_block(&stage.azure.url(), "1ms");
        stage.file("provider.tf", &(provider + LOCALS));
        stage
    }

    /// Moves Azure's clock.
    pub fn clock(&self, instant: &str) {
        self.azure.go_to(instant.parse().unwrap()).unwrap();
    }

    /// Lets somebody else ask Azure for something, such as `("DELETE", "/agentPools/shop", Null)`; their writes are
    /// none of [`Stage::writes`].
    #[track_caller]
    pub fn somebody(&self, method: &str, tail: &str, body: &Value) {
        let path = format!("{PROD}{tail}?api-version=2026-08-01");
        let answer = self.azure.with_world(|world| {
            let now = world.now();
            world.ask_as_somebody_else(method, &path, body, now).unwrap()
        });
        assert!(answer["status"].as_u64().unwrap() < 300, "{answer}");
    }

    /// Returns the body of the cluster, for somebody else to change.
    pub fn body(&self) -> Value {
        self.azure.with_world(|world| world.cluster("prod").unwrap())
    }

    /// Writes a file.
    pub fn file(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Returns where a file of the folder is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Reads a file.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    /// Writes main.tf.
    pub fn main(&self, hcl: &str) -> &Self {
        self.file("main.tf", hcl);
        self
    }

    /// Writes main.tf with one policy.
    pub fn policy(&self, arguments: &str) -> &Self {
        self.main(&format!("resource \"aks_upgrade_policy\" \"prod\" {{\n{arguments}\n}}\n"))
    }

    /// Writes main.tf with one node image resource.
    pub fn images(&self, arguments: &str) -> &Self {
        self.main(&format!("resource \"aks_node_image\" \"prod\" {{\n{arguments}\n}}\n"))
    }

    /// Runs Terraform to its end.
    pub async fn terraform(&self, arguments: &[&str]) -> Run {
        let output = self.start(arguments, &[]).wait_with_output().await.unwrap();
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        for bug in ["Provider produced", "Provider returned invalid", "Plugin did not respond", "has a bug"] {
            assert!(!text.contains(bug), "the contract with Terraform is broken:\n{text}");
        }
        let wide = told_too_wide(&text);
        assert!(wide.is_empty(), "wider than 80 columns: {wide:?} in\n{text}");
        if output.status.success()
            && arguments.first() == Some(&"apply")
            && !arguments.contains(&"-refresh=false")
        {
            self.holds_facts_alone();
        }
        let folded = text.replace(['│', '╷', '╵'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
        Run { text: folded, printed: text, status: output.status }
    }

    /// Holds the facts of the state against what Azure shows. Of several resources of one cluster, an earlier one may
    /// have been read before a later one worked: the last one shows what is there.
    fn holds_facts_alone(&self) {
        let state: Value = serde_json::from_str(&self.read("terraform.tfstate")).unwrap_or_default();
        let resources = state["resources"].as_array().into_iter().flatten();
        let instances = resources.flat_map(|resource| resource["instances"].as_array().into_iter().flatten());
        let upgraders: Vec<&Value> = instances
            .map(|instance| &instance["attributes"])
            .filter(|state| state["steps"].is_object())
            .collect();
        for state in &upgraders {
            let id = state["cluster_id"].as_str().unwrap().to_lowercase();
            let of_it = |other: &&&Value| other["cluster_id"].as_str().unwrap().to_lowercase() == id;
            let name = id.rsplit('/').next().unwrap();
            let body = self.azure.with_world(|world| world.cluster(name));
            if let Some(body) = body {
                let is_shown = upgraders.iter().filter(of_it).any(|state| facts::are_of(state, &body));
                assert!(is_shown, "Azure does not show {state:#}\nbut {body:#}");
            }
        }
    }

    /// Starts Terraform with more variables, for a test that interferes with it.
    pub fn start(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Child {
        Command::from(real_terraform::command("terraform", self.folder.path(), arguments))
            .envs(variables.iter().copied())
            .kill_on_drop(true)
            .spawn()
            .expect("these tests run the real Terraform: put `terraform` on PATH")
    }

    /// `terraform validate`.
    pub async fn validate(&self) -> Run {
        self.terraform(&["validate"]).await
    }

    /// `terraform plan`, saved as `plan`. Exit code 2 means changes.
    pub async fn plan(&self) -> Run {
        self.terraform(&["plan", "-detailed-exitcode", "-out=plan"]).await
    }

    /// `terraform apply` without asking.
    pub async fn apply(&self) -> Run {
        self.terraform(&["apply", "-auto-approve"]).await
    }

    /// Applies twice: what is new is adopted by the first run, and upgraded by the second.
    pub async fn up(&self) -> Run {
        self.apply().await.succeeds();
        self.apply().await
    }

    /// `terraform apply` of the plan that was saved last.
    pub async fn apply_saved(&self) -> Run {
        self.terraform(&["apply", "plan"]).await
    }

    /// Returns the planned values after the change of the saved plan, by address.
    pub async fn planned(&self, address: &str) -> Value {
        let shown = self.json(&["show", "-json", "plan"]).await;
        let changes = shown["resource_changes"].as_array().cloned().unwrap_or_default();
        let change = changes.into_iter().find(|change| change["address"] == address);
        change.map(|change| change["change"]["after"].clone()).unwrap_or_default()
    }

    /// Returns the values in the state, by address; null when it is not there.
    pub async fn state(&self, address: &str) -> Value {
        let shown = self.json(&["show", "-json"]).await;
        let resources = shown["values"]["root_module"]["resources"].as_array().cloned().unwrap_or_default();
        let resource = resources.into_iter().find(|resource| resource["address"] == address);
        resource.map(|resource| resource["values"].clone()).unwrap_or_default()
    }

    /// Returns the codes of `blocked_by` of a resource, in order.
    pub async fn codes(&self, address: &str) -> Vec<String> {
        let state = self.state(address).await;
        let blocks = state["blocked_by"].as_array().cloned().unwrap_or_default();
        blocks.iter().map(|block| block["code"].as_str().unwrap().to_owned()).collect()
    }

    /// Returns what a command prints that prints JSON.
    pub async fn json(&self, arguments: &[&str]) -> Value {
        let output = self.start(arguments, &[]).wait_with_output().await.unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Returns the writes that Azure saw, e.g. `PUT prod 1.35.6`, `PUT prod/shop 1.35.6`, `POST prod/shop image`.
    pub fn writes(&self) -> Vec<String> {
        let log = self.azure.log();
        log.iter().filter(|entry| entry.write && !entry.path.ends_with("/token")).map(told).collect()
    }
}

impl Run {
    /// Returns what a reviewer reads of a plan: what will happen and what is told, as Terraform prints it 78 columns
    /// wide; without progress, and without the words about this provider being a development build.
    pub fn rendered(&self) -> String {
        let (told, _) = self.printed.split_once("\n─────────────").unwrap_or((&self.printed, ""));
        let lines = told.lines().map(|line| line.trim_start_matches(['│', '╷', '╵']).trim_end());
        let lines: Vec<&str> = lines.collect();
        // Terraform's words about a development build end so.
        let from = lines.iter().position(|line| line.trim_start() == "releases.").map_or(0, |last| last + 1);
        let is_progress =
            |line: &str| line.contains(": Refreshing state...") || line.contains(": Preparing import");
        let kept = lines.into_iter().skip(from).filter(|line| !is_progress(line));
        kept.collect::<Vec<_>>().join("\n").trim().to_owned()
    }

    /// Returns the exit code.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Expects success.
    #[track_caller]
    pub fn succeeds(&self) -> &Self {
        assert!(self.status.success(), "{}", self.text);
        self
    }

    /// Expects a plan without changes.
    #[track_caller]
    pub fn is_empty(&self) -> &Self {
        assert_eq!(self.code(), Some(0), "{}", self.text);
        self.says("No changes.")
    }

    /// Expects a plan with changes.
    #[track_caller]
    pub fn acts(&self) -> &Self {
        assert_eq!(self.code(), Some(2), "{}", self.text);
        self
    }

    /// Expects a failure.
    #[track_caller]
    pub fn fails(&self) -> &Self {
        assert_eq!(self.code(), Some(1), "{}", self.text);
        self
    }

    /// Expects words.
    #[track_caller]
    pub fn says(&self, words: &str) -> &Self {
        assert!(self.text.contains(words), "{words:?} is not said in:\n{}", self.text);
        self
    }

    /// Expects that words are missing.
    #[track_caller]
    pub fn keeps_quiet_about(&self, words: &str) -> &Self {
        assert!(!self.text.contains(words), "{words:?} is said in:\n{}", self.text);
        self
    }
}

/// Returns the lines of warnings and errors that 80 columns do not hold although they could be broken: a word, such as the
/// id of a cluster, cannot, and the lines of a configuration are quoted as they are.
fn told_too_wide(text: &str) -> Vec<&str> {
    let is_told = |line: &str| ["Warning: ", "Error: "].iter().any(|begins| line.starts_with(begins));
    let goes_on = |line: &str| {
        ["─", "aks_", "Terraform used", "Terraform will", "Plan: ", "Apply ", "Outputs:", "Changes to "]
            .iter()
            .any(|begins| line.starts_with(begins))
    };
    let mut inside = false;
    let told = text.lines().filter(|line| {
        inside = is_told(line) || inside && !goes_on(line);
        inside && line.chars().count() > 80
    });
    // The configuration, a call in it, and the progress of other resources.
    let is_quoted = |line: &str| {
        let (number, _) = line.trim_start().split_once(':').unwrap_or_default();
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        is_number || line.trim_start().starts_with('│') || line.contains("[id=")
    };
    told.filter(|line| !is_quoted(line) && line.split_whitespace().count() > 1).collect()
}

/// Says a write in a few words.
fn told(entry: &Entry) -> String {
    let tail = entry.path.split("/managedClusters/").nth(1).unwrap_or(&entry.path);
    let what = tail.replace("/agentPools", "").replace("/upgradeNodeImageVersion", " image");
    let body = entry.body.as_ref().map(|body| &body["properties"]);
    let version = body.and_then(|properties| {
        let version =
            properties.get("kubernetesVersion").or_else(|| properties.get("orchestratorVersion"))?;
        version.as_str().map(|version| format!(" {version}"))
    });
    format!("{} {what}{}", entry.method, version.unwrap_or_default())
}

/// The cluster that most scenarios use.
const LOCALS: &str = r#"
locals {
  group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"
  prod  = "${local.group}/providers/Microsoft.ContainerService/managedClusters/prod"
}
"#;
