//! `simulate`: a stand-in Azure on this machine, to try an upgrade on before Azure sees it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};

use crate::simulator::scenario::Scenario;
use crate::simulator::server::{Listen, Simulator};

/// What `--help` says of a scenario's faults; the table of `simulator::faults` in a person's words.
const FAULTS: &str = "\
Faults: a scenario's [[fault]] applies to the requests that have its `method` and hold its `path`, from
the `nth` match on, `times` times; or a `share` of them (0.1 is one of ten), drawn from `seed`.

  [[fault]]
  method = \"PUT\"
  path = \"agentPools/user\"
  nth = 2
  does = \"cut_after\"

  does = \"answer\"           `status`, `body`, `content_type`, `retry_after` instead of Azure's answer
         \"html\"             a page, as a proxy sends it
         \"redirect\"         to another host: `to`
         \"etag_mismatch\"    409: somebody else was faster
         \"cut_before\"       the connection is cut; nothing has happened
         \"cut_after\"        the connection is cut; the request has taken effect
         \"truncate\"         the connection is cut in the middle of the body
         \"half_body\"        half of the body, as if it were the whole
         \"wrong_length\"     less than the head promises
         \"delay\"            the answer after `delay`, such as \"5s\"
         \"drip\"             the body in pieces, `delay` before each
         \"drain_fails\"      the operation that the request starts fails at a drain
         \"operation_hangs\"  the operation that the request starts never ends

While it serves: POST a fault or a list of them to /simulator/faults; [] forgets all.";

/// Serves a stand-in Azure with AKS clusters on loopback, until Ctrl-C.
#[derive(Clone, Debug, clap::Args)]
#[command(after_long_help = FAULTS)]
pub struct Simulate {
    /// A scenario (TOML): clusters, clock, durations, faults
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// A cluster to start from: what `az aks show` or `az rest` printed
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Allow an address beyond loopback: everybody who can reach it is let in
    #[arg(long)]
    pub beyond_loopback: bool,
    /// Serve HTTPS, and write the certificate authority to trust to this file
    #[arg(long, value_name = "FILE")]
    pub tls: Option<PathBuf>,
    /// The first virtual instant, such as 2026-11-28T02:00:00Z
    #[arg(long, value_name = "INSTANT")]
    pub clock: Option<Timestamp>,
    /// Virtual seconds per second; 0 stands still
    #[arg(long, value_name = "FACTOR")]
    pub speed: Option<f64>,
    /// A standing clock moves on by this much with each request, such as 30s
    #[arg(long, value_name = "DURATION")]
    pub tick: Option<SignedDuration>,
    /// A file that keeps the world and its clock between runs
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Print every request that was served
    #[arg(long)]
    pub log: bool,
}

/// Serves until Ctrl-C; prints the address and a provider block that uses it.
///
/// # Errors
///
/// A scenario or body that cannot be read, an address that is taken or not loopback.
#[allow(clippy::print_stdout)] // a person runs this; Terraform never does
pub async fn run(args: Simulate) -> anyhow::Result<()> {
    let listen = Listen {
        addr: args.listen,
        state: args.state.clone(),
        beyond_loopback: args.beyond_loopback,
        ca: args.tls.clone(),
    };
    let simulator = Simulator::start(stage(&args)?, listen).await?;
    println!("{}", welcome(&simulator.url()));
    let mut told = simulator.log().len();
    loop {
        tokio::select! {
            stop = tokio::signal::ctrl_c() => return stop.context("Ctrl-C cannot be listened for"),
            () = tokio::time::sleep(std::time::Duration::from_millis(200)), if args.log => {
                told = tell(&simulator, told);
            }
        }
    }
}

fn stage(args: &Simulate) -> anyhow::Result<Scenario> {
    let mut scenario = match (&args.scenario, &args.from) {
        (Some(file), _) => Scenario::parse(&read(file)?, file.parent().unwrap_or(Path::new(".")))?,
        (None, Some(_)) => Scenario::default(),
        (None, None) => Scenario::parse(EXAMPLE, Path::new("."))?,
    };
    if let Some(file) = &args.from {
        let body =
            serde_json::from_str(&read(file)?).with_context(|| format!("{} is no JSON", file.display()))?;
        scenario.clusters.extend(Scenario::from_body(body)?.clusters);
    }
    scenario.clock.start = args.clock.unwrap_or(scenario.clock.start);
    scenario.clock.speed = args.speed.unwrap_or(scenario.clock.speed);
    scenario.clock.tick = args.tick.unwrap_or(scenario.clock.tick);
    Ok(scenario)
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn welcome(url: &str) -> String {
    format!(
        "SIMULATED Azure at {url}\n\
         requests: {url}/simulator/requests   clock: {url}/simulator/clock\n\n\
         provider \"aks\" {{\n  endpoint = \"{url}\"\n}}\n"
    )
}

#[allow(clippy::print_stdout)]
fn tell(simulator: &Simulator, told: usize) -> usize {
    let log = simulator.log();
    for entry in log.iter().skip(told) {
        let status = entry.status.map_or("cut".into(), |status| status.to_string());
        println!("{} {} {} {} {status}", entry.number, entry.at, entry.method, entry.path);
    }
    log.len()
}

/// What is served when nothing is given.
const EXAMPLE: &str = include_str!("../../examples/simulator/scenario.toml");
