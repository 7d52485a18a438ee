//! What a start of the provider costs Terraform: time to the handshake line, memory, size.
//!
//! `cargo bench --bench startup` (or `benches/startup.sh`) measures the release build, prints medians
//! of 20 and fails beyond the limits.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use terraform_provider_aks::cli::real_terraform;
use terraform_provider_aks::terraform::handshake::COOKIE;

const BINARY: &str = env!("CARGO_BIN_EXE_terraform-provider-aks");
const ROUNDS: usize = 20;

/// Resident memory after the handshake, in KiB.
const MOST_MEMORY: u64 = 12 << 10;
/// The binary, in bytes.
const MOST_BYTES: u64 = 20_000_000;
/// `terraform validate` with the provider, against a configuration without any.
const MOST_RATIO: f64 = 3.0;

const PLAIN: &str = "resource \"terraform_data\" \"a\" {\n  input = \"a\"\n}\n";
const WITH_PROVIDER: &str = r#"
terraform {
  required_providers {
    aks = { source = "aks-upgrades/aks" }
  }
}
resource "aks_upgrade_policy" "a" {
  cluster_id         = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod"
  kubernetes_version = "1.35"
}
"#;

fn main() -> ExitCode {
    // `cargo test --all-targets` runs this, too, on a build that nobody measures.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let certificate = certificate();
    let starts: Vec<(Duration, u64)> = (0..ROUNDS).map(|_| start(&certificate)).collect();
    let time = median(starts.iter().map(|(time, _)| *time).collect());
    let memory = median(starts.iter().map(|(_, memory)| *memory).collect());
    let bytes = std::fs::metadata(BINARY).unwrap().len();
    let (plain, with_provider) = validations();
    let ratio = with_provider.as_secs_f64() / plain.as_secs_f64();
    println!("handshake line        {:>9.1} ms after the start of the process", ms(time));
    println!("terraform validate    {:>9.0} ms, without a provider {:.0} ms", ms(with_provider), ms(plain));
    let held = [
        holds("memory", memory as f64 / 1024.0, MOST_MEMORY as f64 / 1024.0, "MiB after the handshake"),
        holds("binary", bytes as f64 / 1e6, MOST_BYTES as f64 / 1e6, "MB"),
        holds("validate ratio", ratio, MOST_RATIO, "times as long"),
    ];
    if held.iter().all(|held| *held) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn holds(what: &str, found: f64, most: f64, unit: &str) -> bool {
    let verdict = if found <= most { "" } else { "  TOO MUCH" };
    println!("{what:<21} {found:>9.1} {unit} (at most {most:.0}){verdict}");
    found <= most
}

fn median<T: Ord + Copy>(mut all: Vec<T>) -> T {
    all.sort();
    all[all.len() / 2]
}

/// Makes the certificate that go-plugin makes for AutoMTLS: ECDSA P-521, an authority, for localhost.
fn certificate() -> String {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
    let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.self_signed(&key).unwrap().pem()
}

/// Starts the provider as Terraform does; returns the time to its line, and its memory in KiB.
fn start(certificate: &str) -> (Duration, u64) {
    let begun = Instant::now();
    let mut provider = Command::new(BINARY)
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_CLIENT_CERT", certificate)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(provider.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let time = begun.elapsed();
    assert!(line.starts_with("1|6|") && line.len() > 200, "no handshake line with a certificate: {line:?}");
    // The line is out before the server is up; memory is what it needs to serve.
    std::thread::sleep(Duration::from_millis(50));
    let memory = resident(&provider);
    provider.kill().unwrap();
    provider.wait().unwrap();
    (time, memory)
}

/// Returns 0 where there is no `/proc`.
fn resident(provider: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", provider.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Validates both configurations in turn; returns the medians without and with the provider.
fn validations() -> (Duration, Duration) {
    let folders = [PLAIN, WITH_PROVIDER].map(folder);
    // The first run of each reads the disk.
    for folder in &folders {
        validate(folder.path());
    }
    let pairs: Vec<_> =
        (0..ROUNDS).map(|_| folders.each_ref().map(|folder| validate(folder.path()))).collect();
    let of = |index: usize| median(pairs.iter().map(|pair| pair[index]).collect());
    (of(0), of(1))
}

fn folder(configuration: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let binary = Path::new(BINARY).parent().unwrap();
    real_terraform::settle(folder.path(), binary).unwrap();
    std::fs::write(folder.path().join("main.tf"), configuration).unwrap();
    folder
}

fn validate(folder: &Path) -> Duration {
    let begun = Instant::now();
    let output = real_terraform::command("terraform", folder, &["validate"])
        .output()
        .expect("this measurement needs `terraform` on the PATH");
    let time = begun.elapsed();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    time
}
