//! `simulate` as a person starts it.

use clap::Parser;
use std::time::Duration;
use terraform_provider_aks::cli::simulate::{Simulate, run};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    simulate: Simulate,
}

async fn start(arguments: &[&str]) -> Result<anyhow::Result<()>, tokio::time::error::Elapsed> {
    let line = Line::try_parse_from([&["simulate"], arguments].concat()).unwrap();
    tokio::time::timeout(Duration::from_millis(50), run(line.simulate)).await
}

#[tokio::test]
async fn it_serves_until_it_is_stopped() {
    assert!(start(&["--clock", "2026-11-28T02:00:00Z", "--tick", "30s", "--speed", "0"]).await.is_err());
}

#[tokio::test]
async fn it_says_what_it_cannot_read() {
    let said = start(&["--scenario", "nowhere.toml"]).await.unwrap().unwrap_err();
    assert_eq!(said.to_string(), "nowhere.toml cannot be read");
    let said = start(&["--listen", "0.0.0.0:0"]).await.unwrap().unwrap_err();
    assert!(said.to_string().contains("0.0.0.0:0 is no loopback address"), "{said}");
}
