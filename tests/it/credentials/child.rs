//! A process of its own: what is read from the environment cannot be set in this one.

use std::process::{Command, Output};
use std::sync::Arc;

use terraform_provider_aks::arm::client::{Client, Settings, transport};
use terraform_provider_aks::arm::credential::{Credentials, StaticToken};

use super::{SCOPE, secrecy};
use crate::arm::prod;
use crate::arm::script::settings;

/// What the process says.
const SAYS: &str = "it says: ";

/// Runs a task of this file in a process with nothing but these variables, and returns what it says.
#[track_caller]
pub fn run(task: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([&format!("credentials::child::{task}"), "--exact", "--ignored", "--nocapture"]);
    let Output { stdout, stderr, .. } = command.env_clear().envs(variables.iter().copied()).output().unwrap();
    let text = String::from_utf8(stdout).unwrap();
    let said = text.lines().find_map(|line| line.split_once(SAYS)).map(|(_, said)| said.to_owned());
    said.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&stderr))).replace("\\n", "\n")
}

fn say(result: Result<String, String>) {
    let (Ok(text) | Err(text)) = result;
    #[allow(clippy::print_stdout)]
    {
        println!("\n{SAYS}{}", text.replace('\n', "\\n"));
    }
}

/// Reads a cluster at `CHILD_ENDPOINT`.
#[tokio::test]
#[ignore = "is run by other tests"]
async fn reads_a_cluster() {
    let Ok(endpoint) = std::env::var("CHILD_ENDPOINT") else { return };
    let token = Arc::new(StaticToken::new("token-canary"));
    let read = async {
        let settings = Settings { max_retries: 0, ..settings(&endpoint, transport()?, token) };
        Client::new(settings)?.cluster(&prod()).await.map(|answer| answer.body.to_string())
    };
    say(read.await.map_err(|error| error.to_string()));
}

/// Asks `az` for a token, in virtual time when `CHILD_PATIENCE` is `none`.
#[tokio::test]
#[ignore = "is run by other tests"]
async fn asks_az() {
    let Ok(patience) = std::env::var("CHILD_PATIENCE") else { return };
    let credentials = Credentials {
        use_cli: true,
        tenant_id: std::env::var("CHILD_TENANT").ok(),
        subscription_id: std::env::var("CHILD_SUBSCRIPTION").ok(),
        ..Credentials::default()
    };
    let credential = credentials.credential(transport().unwrap()).unwrap();
    if patience == "none" {
        tokio::time::pause();
    }
    let token = credential.get_token(&[SCOPE], None).await;
    say(token.map(|token| token.token.secret().to_owned()).map_err(|error| error.to_string()));
}

/// Fails to sign in, and listens to the log.
#[tokio::test(start_paused = true)]
#[ignore = "is run by other tests"]
async fn fails() {
    if std::env::var("CHILD_LOGS").is_ok() {
        secrecy::fail().await;
        say(Ok("nothing secret".to_owned()));
    }
}

/// Signs in, and listens to the log.
#[tokio::test]
#[ignore = "is run by other tests"]
async fn signs_in() {
    if std::env::var("CHILD_LOGS").is_ok() {
        secrecy::sign_in().await;
        say(Ok("nothing secret".to_owned()));
    }
}
