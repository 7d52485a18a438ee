//! `simulate clock`: shows and moves the clock of a simulator that serves in another terminal.

use std::path::PathBuf;

use anyhow::{Context, bail};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::cli::exit::Usage;
use crate::cli::simulate::last::Served;
use crate::cli::simulate::welcome::too_fast;
use crate::simulator::scenario::check_speed;

/// Shows the clock of a running simulator, or moves it forward.
#[derive(Clone, Debug, clap::Args)]
#[command(after_long_help = SPEEDS)]
pub struct Clock {
    /// How far: +2d, +90m, or the instant to go to: 2026-11-28T02:00Z. Without it, the clock is shown
    #[arg(value_name = "TO", allow_hyphen_values = true)]
    pub to: Option<String>,
    /// Virtual seconds per second from now on; 0 stands still
    #[arg(long, value_name = "FACTOR", value_parser = speed)]
    pub speed: Option<f64>,
    /// The simulator's address; that of ARM_RESOURCE_MANAGER_ENDPOINT, or the one that was started last, unless given
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// The certificate authority of a simulator that serves HTTPS
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

/// Reads a speed.
///
/// # Errors
///
/// A sentence for what is no number, and for one below 0, such as `-5`.
pub(super) fn speed(text: &str) -> Result<f64, String> {
    let number = text.parse().map_err(|_| format!("\"{text}\" is no number such as 60"))?;
    check_speed(number)
}

/// Reads an instant.
///
/// # Errors
///
/// A sentence for what is none, such as `tomorrow`.
pub(super) fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("\"{text}\" is no instant such as 2026-11-28T02:00Z"))
}

/// What `--help` says of speeds.
pub(super) const SPEEDS: &str = "\
Above 300 two real seconds are more than ten virtual minutes: what is polled every few seconds is seen \
that much later, and a short step of an upgrade may not be seen at all.";

/// Returns what to ask of the simulator: a span is added, an instant is gone to.
///
/// # Errors
///
/// A sentence for what is neither, such as `tomorrow`, and for a span that goes back, such as `-1h`.
pub fn step(to: &str) -> anyhow::Result<Value> {
    if let Some(span) = to.strip_prefix(['+', '-']) {
        let by: SignedDuration = days(span)?;
        if to.starts_with('-') {
            let why = "The clock of a simulator cannot go back: what has happened stays. Start a new simulator for that.";
            return Err(Usage(why.to_owned()).into());
        }
        return Ok(json!({ "advance": by }));
    }
    let at: Timestamp = to.parse().map_err(|_| {
        Usage(format!(
            "\"{to}\" is neither a span such as +2d or +90m nor an instant such as 2026-11-28T02:00Z."
        ))
    })?;
    Ok(json!({ "now": at }))
}

/// Reads `2d`, `1w`, `1d12h` or any duration of jiff; a day has 24 hours.
fn days(span: &str) -> anyhow::Result<SignedDuration> {
    let wrong = || Usage(format!("\"+{span}\" is no span such as +2d, +90m or +1d12h."));
    let read = span.parse::<jiff::Span>().ok();
    let read = read.and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok());
    Ok(read.ok_or_else(wrong)?)
}

/// Shows or moves the clock of the simulator that is meant: that of `--endpoint`, else that of `variable`
/// (`ARM_RESOURCE_MANAGER_ENDPOINT`, so the one that Terraform talks to), else of those that are `noted` the first that answers.
///
/// # Errors
///
/// A sentence when there is none, when what is there is no simulator, or when it refuses the move; [`Usage`] for an address
/// that is none, such as `localhost`, and as of [`step`].
#[allow(clippy::print_stdout)] // a person runs this; Terraform never does
pub async fn run(args: Clock, variable: Option<String>, noted: Vec<Served>) -> anyhow::Result<()> {
    let mut steps = vec![];
    steps.extend(args.to.as_deref().map(step).transpose()?);
    steps.extend(args.speed.map(|speed| json!({ "speed": speed })));
    let variable = variable.filter(|url| !url.is_empty()).map(|url| (url, "ARM_RESOURCE_MANAGER_ENDPOINT"));
    let served = match args.endpoint.map(|url| (url, "--endpoint")).or(variable) {
        Some((url, from)) => named(&url, from, args.ca, &noted)?,
        None => first_that_answers(noted).await.context(
            "No simulator is running that this machine knows of. Start one, or give its --endpoint.",
        )?,
    };
    let client = client(&served)?;
    // What is no simulator, such as Azure itself, is asked for nothing else.
    clock(&client, &served.url).await?;
    for step in &steps {
        let request = client.post(format!("{}/simulator/clock", served.url)).body(step.to_string());
        answer(request, &served.url).await?;
    }
    let clock = clock(&client, &served.url).await?;
    let speed = clock["speed"].as_f64().unwrap_or(0.0);
    let now: Timestamp = clock["now"].as_str().unwrap_or_default().parse()?;
    println!("{} at speed {speed}: {}", served.url, now.strftime("%Y-%m-%dT%H:%M:%SZ"));
    if speed > 300.0 {
        println!("{}", too_fast(speed));
    }
    Ok(())
}

/// Returns the simulator of an address; its certificate authority is noted where it was started here.
fn named(url: &str, from: &str, ca: Option<PathBuf>, noted: &[Served]) -> anyhow::Result<Served> {
    let is_address = reqwest::Url::parse(url).is_ok_and(|url| ["http", "https"].contains(&url.scheme()));
    if !is_address {
        let why = format!("{from}: \"{url}\" is no address of a simulator such as http://127.0.0.1:8080.");
        return Err(Usage(why).into());
    }
    let url = url.trim_end_matches('/').to_owned();
    let known = noted.iter().find(|served| served.url == url).and_then(|served| served.ca.clone());
    Ok(Served { url, ca: ca.or(known) })
}

/// Passes over those that were killed and could not take their note back.
async fn first_that_answers(noted: Vec<Served>) -> Option<Served> {
    for served in noted {
        let Ok(client) = client(&served) else { continue };
        if clock(&client, &served.url).await.is_ok() {
            return Some(served);
        }
    }
    None
}

/// Reads the clock of what serves at an address.
async fn clock(client: &reqwest::Client, url: &str) -> anyhow::Result<Value> {
    let response = sent(client.get(format!("{url}/simulator/clock")), url).await?;
    let clock: Value = serde_json::from_slice(&response.bytes().await?).unwrap_or_default();
    if clock["now"].is_string() {
        return Ok(clock);
    }
    bail!(
        "What answers at {url} is no simulator: it has no clock to show. Start one, or give the --endpoint of one."
    )
}

fn client(served: &Served) -> anyhow::Result<reqwest::Client> {
    let authorities = match &served.ca {
        Some(file) => {
            let pem = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
            reqwest::Certificate::from_pem_bundle(&pem)?
        }
        None => vec![],
    };
    Ok(reqwest::Client::builder().no_proxy().tls_certs_only(authorities).build()?)
}

/// Sends a request, and returns what the simulator says, or its refusal as an error.
async fn answer(request: reqwest::RequestBuilder, url: &str) -> anyhow::Result<Value> {
    let response = sent(request, url).await?;
    let fine = response.status().is_success();
    let body: Value = serde_json::from_slice(&response.bytes().await?).unwrap_or_default();
    if !fine {
        bail!("{}", body["error"]["message"].as_str().unwrap_or("The simulator refuses."));
    }
    Ok(body)
}

async fn sent(request: reqwest::RequestBuilder, url: &str) -> anyhow::Result<reqwest::Response> {
    match request.send().await {
        // That nobody listens there is all that a person can use.
        Err(error) if error.is_connect() => bail!("No simulator answers at {url}: nothing serves there."),
        sent => sent.with_context(|| format!("No simulator answers at {url}")),
    }
}
