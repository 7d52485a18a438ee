//! `simulate`: a stand-in Azure on this machine, to try an upgrade on before Azure sees it.
//!
//! [`welcome`] is what it says at its start, [`clock`] moves the clock of a running one, [`last`] remembers which one
//! was started last.

mod clock;
mod last;
mod welcome;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;
use jiff::{SignedDuration, Timestamp};

use crate::cli::interrupt::asked_to_end;
use crate::simulator::scenario::{InitialCluster, Mistake, Scenario};
use crate::simulator::server::{Listen, Simulator};

pub use clock::{Clock, step};
pub use last::{Served, note_file};

/// What `--help` says of a scenario's faults; the table of `simulator::faults` in a person's words.
const FAULTS: &str = "\
Faults: a scenario's [[fault]] applies to the requests that have its `method` and hold its `path`, from \
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
#[command(after_long_help = help(), args_conflicts_with_subcommands = true)]
pub struct Simulate {
    /// What to do with a simulator that is running
    #[command(subcommand)]
    pub running: Option<Running>,
    /// A scenario (TOML): clusters, clock, durations, faults
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// Clusters to start from: files that `az aks list`, `az aks show` or `az rest` printed, or folders of them
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub from: Vec<PathBuf>,
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
    #[arg(long, value_name = "INSTANT", value_parser = clock::instant)]
    pub clock: Option<Timestamp>,
    /// Virtual seconds per second: 60, unless the scenario says another one; 0 stands still
    #[arg(long, value_name = "FACTOR", value_parser = clock::speed)]
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

/// What to do with a simulator that is running.
#[derive(Clone, Debug, Subcommand)]
pub enum Running {
    /// Shows its clock, or moves it: +2d, or 2026-11-28T02:00Z
    Clock(Clock),
}

/// How fast the clock runs when nobody says so: an hour takes a minute.
const SPEED: f64 = 60.0;

fn help() -> String {
    format!("{}\n\n{FAULTS}", clock::SPEEDS)
}

/// Serves until Ctrl-C, or asks one that serves; `variable` reads the environment.
///
/// # Errors
///
/// A scenario or body that cannot be read, an address that is taken or not loopback.
pub async fn run(args: Simulate, variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<()> {
    let note = note_file(&variable);
    match args.running.clone() {
        Some(Running::Clock(clock)) => {
            clock::run(clock, variable("ARM_RESOURCE_MANAGER_ENDPOINT"), Served::noted(&note)).await
        }
        None => serve(args, &note).await,
    }
}

#[allow(clippy::print_stdout)] // a person runs this; Terraform never does
async fn serve(args: Simulate, note: &Path) -> anyhow::Result<()> {
    let listen = Listen {
        addr: args.listen,
        state: args.state.clone(),
        beyond_loopback: args.beyond_loopback,
        ca: args.tls.clone(),
    };
    let scenario = stage(&args)?;
    let simulator = Simulator::start(scenario, listen).await?;
    let ca = args.tls.as_deref().map(std::path::absolute).transpose()?;
    let served = Served { url: simulator.url(), ca };
    if let Err(error) = served.note(note) {
        eprintln!("`simulate clock` will need --endpoint: {} cannot be written: {error}", note.display());
    }
    if let Some(file) = args.state.as_deref().filter(|_| simulator.is_resumed()) {
        go_on(&args, file, &simulator)?;
    }
    println!("{}", welcome::welcome(&simulator));
    let stop = follow(&simulator, args.log).await;
    // The note may be gone already: that is what is wanted.
    let _ = served.forget(note);
    stop
}

async fn follow(simulator: &Simulator, log: bool) -> anyhow::Result<()> {
    let mut told = simulator.log().len();
    let mut stop = std::pin::pin!(asked_to_end()?);
    loop {
        tokio::select! {
            stop = &mut stop => return stop.context("Ctrl-C cannot be listened for"),
            () = tokio::time::sleep(std::time::Duration::from_millis(200)), if log => {
                told = tell(simulator, told);
            }
        }
    }
}

/// Goes on from a state that is there: the clock is moved as asked, and what only sets a stage is refused.
fn go_on(args: &Simulate, file: &Path, simulator: &Simulator) -> anyhow::Result<()> {
    let shown = file.display();
    let given = [("--scenario", args.scenario.is_some()), ("--from", !args.from.is_empty())];
    if let Some((argument, _)) = given.into_iter().find(|(_, given)| *given) {
        anyhow::bail!(
            "{shown} holds a simulator that goes on from {}, with the clusters that it has: {argument} has no effect \
             on it. Leave {argument} out to go on, or remove {shown} to start anew.",
            simulator.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        );
    }
    if let Some(at) = args.clock {
        let wrong = |why| anyhow::anyhow!("--clock: {why} Or leave --clock out to go on with {shown}.");
        simulator.go_to(at).map_err(wrong)?;
    }
    if let Some(speed) = args.speed {
        simulator.set_speed(speed);
    }
    if let Some(tick) = args.tick {
        simulator.set_tick(tick);
    }
    Ok(())
}

fn stage(args: &Simulate) -> anyhow::Result<Scenario> {
    // What is wrong in a file names the file.
    let from = |path: &PathBuf| {
        InitialCluster::from_path(path).map_err(|Mistake(why)| anyhow::anyhow!("--from: {why}"))
    };
    let from = args.from.iter().map(from).collect::<anyhow::Result<Vec<_>>>()?;
    let mut scenario = match &args.scenario {
        Some(file) => {
            let dir = file.parent().unwrap_or(Path::new("."));
            Scenario::parse_beside(&read(file)?, dir, &from.concat())?
        }
        None if args.from.is_empty() => Scenario::parse(EXAMPLE, Path::new("."))?,
        None => Scenario::default(),
    };
    for (path, clusters) in args.from.iter().zip(from) {
        let wrong = |Mistake(why)| anyhow::anyhow!("--from {}: {why}", path.display());
        scenario.add(clusters).map_err(wrong)?;
    }
    scenario.clock.start = args.clock.unwrap_or(scenario.clock.start);
    scenario.clock.tick = args.tick.unwrap_or(scenario.clock.tick);
    // A clock that ticks with each request stands still otherwise.
    let usual = if scenario.clock.tick.is_zero() { SPEED } else { 0.0 };
    scenario.clock.speed = Some(args.speed.or(scenario.clock.speed).unwrap_or(usual));
    Ok(scenario)
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
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
const EXAMPLE: &str = include_str!("../../../examples/simulator/scenario.toml");
