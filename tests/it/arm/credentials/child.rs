//! A process of its own: what is read from the environment cannot be set in this one.

use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use azure_core::credentials::Secret;

use terraform_provider_aks::arm::client::{Client, Settings};
use terraform_provider_aks::arm::credential::{Credentials, StaticToken};
use terraform_provider_aks::arm::error::Error;
use terraform_provider_aks::arm::token::Tokens;
use terraform_provider_aks::arm::transport::https;
use terraform_provider_aks::provider::words::errors::sentence;

use super::{SCOPE, secrecy};
use crate::arm::prod;
use crate::arm::script::settings;

/// What the process says.
const SAYS: &str = "it says: ";

/// Which task a process is given; without one, it is the process of the tests.
const TASK: &str = "CHILD_TASK";

/// Runs a task of this file in a process with nothing but these variables, and returns what it says.
#[track_caller]
pub fn run(task: &str, variables: &[(&str, &str)]) -> String {
    let Output { stdout, stderr, .. } = command(task, variables).output().unwrap();
    let text = String::from_utf8(stdout).unwrap();
    let said = text.lines().find_map(|line| line.split_once(SAYS)).map(|(_, said)| said.to_owned());
    said.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&stderr))).replace("\\n", "\n")
}

/// Starts a task of this file, without waiting for it.
pub fn start(task: &str, variables: &[(&str, &str)]) -> Child {
    command(task, variables).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn command(task: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["arm::credentials::child::a_process_of_its_own", "--exact", "--nocapture"]);
    command.env_clear().envs(variables.iter().copied()).env(TASK, task);
    command
}

fn say(result: Result<String, String>) {
    let (Ok(text) | Err(text)) = result;
    #[allow(clippy::print_stdout)]
    {
        println!("\n{SAYS}{}", text.replace('\n', "\\n"));
    }
}

/// The one test that both sides run: it starts itself, and, started with a task, does it.
#[test]
fn a_process_of_its_own() {
    match std::env::var(TASK) {
        Ok(task) => say(perform(&task)),
        Err(_) => {
            let variables = [("CHILD_A", "two\nlines"), ("CHILD_B", "")];
            assert_eq!(run("lists its variables", &variables), "CHILD_A=two\nlines CHILD_B= ");
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn perform(task: &str) -> Result<String, String> {
    match task {
        "lists its variables" => Ok(own_variables()),
        "reads a cluster" => reads_a_cluster().await,
        "asks az" => asks_az().await,
        "fails to sign in" => {
            tokio::time::pause();
            secrecy::fail().await;
            Ok("nothing secret".to_owned())
        }
        "signs in" => {
            secrecy::sign_in().await;
            Ok("nothing secret".to_owned())
        }
        other => Err(format!("{other} is no task")),
    }
}

fn own_variables() -> String {
    let variables = std::env::vars().filter(|(name, _)| name != TASK);
    let mut lines: Vec<String> = variables.map(|(name, value)| format!("{name}={value} ")).collect();
    lines.sort();
    lines.concat()
}

/// Reads a cluster at `CHILD_ENDPOINT`.
async fn reads_a_cluster() -> Result<String, String> {
    let endpoint = std::env::var("CHILD_ENDPOINT").unwrap();
    let token = Arc::new(StaticToken::new("token-canary"));
    let read = async {
        let settings = Settings { max_retries: 0, ..settings(&endpoint, https()?, token) };
        Client::new(settings)?.cluster(&prod()).await.map(|answer| answer.body.to_string())
    };
    read.await.map_err(|error: Error| sentence(&error))
}

/// Asks `az` for a token, in virtual time when `CHILD_PATIENCE` is `none`.
async fn asks_az() -> Result<String, String> {
    let credentials = Credentials {
        use_cli: true,
        tenant_id: std::env::var("CHILD_TENANT").ok(),
        subscription_id: std::env::var("CHILD_SUBSCRIPTION").ok(),
        client_secret: std::env::var("CHILD_SECRET").ok().map(Secret::new),
        ..Credentials::default()
    };
    let credential = credentials.credential(https().unwrap()).map_err(|error| sentence(&error))?;
    if std::env::var("CHILD_PATIENCE").is_ok_and(|patience| patience == "none") {
        tokio::time::pause();
    }
    let tokens = Tokens::new(credential, SCOPE.to_owned());
    if std::env::var("CHILD_PATIENCE").is_ok_and(|patience| patience == "given up") {
        let given_up = tokio::time::timeout(std::time::Duration::from_secs(1), tokens.bearer()).await;
        return Err(format!("{:?}", given_up.is_err()));
    }
    let token = tokens.bearer().await;
    token.map(|token| token.secret().to_owned()).map_err(|error| sentence(&error))
}
