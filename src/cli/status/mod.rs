//! `status`: what runs on a cluster, from Azure alone, while an apply waits in another terminal.
//!
//! A [`glimpse`] is what Azure shows at one instant; [`view`] draws it.

mod glimpse;
mod view;

use std::io::{self, IsTerminal, Write};

use anyhow::anyhow;

use crate::arm::client::Client;
use crate::arm::id::ClusterId;
use crate::cli::status::glimpse::Glimpse;
use crate::provider::Aks;
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::provider::Provider;

/// Shows what runs on a cluster, from Azure alone. Reads only; the variables are the provider's (`ARM_…`).
#[derive(Clone, Debug, clap::Args)]
pub struct Status {
    /// The ARM id of the cluster, as `az aks show --query id` prints it
    #[arg(value_name = "CLUSTER_ID")]
    pub cluster: ClusterId,
    /// Look again until nothing runs any more
    #[arg(long)]
    pub watch: bool,
    /// Another Azure Resource Manager, such as a simulator's http://127.0.0.1:8080
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// The time between two looks, such as 30s
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    pub poll_interval: String,
}

/// Shows the cluster once, or until it is idle.
///
/// # Errors
///
/// No credential works, or the cluster cannot be read.
pub async fn run(arguments: Status) -> anyhow::Result<()> {
    let client = connect(&arguments).await?;
    let redraws = arguments.watch && io::stdout().is_terminal();
    let mut shown = Shown::default();
    loop {
        let glimpse = Glimpse::of(&client, &arguments.cluster).await?;
        shown.show(&glimpse, redraws)?;
        if !arguments.watch || !glimpse.is_busy() {
            return Ok(());
        }
        tokio::time::sleep(client.poll_interval()).await;
    }
}

/// Connects as the provider does whose block holds nothing but these flags.
async fn connect(arguments: &Status) -> anyhow::Result<Client> {
    let provider = Aks::new(crate::cli::variable);
    let mut block = provider.schema().nulls();
    block.set("endpoint", arguments.endpoint.clone().into());
    block.set("poll_interval", arguments.poll_interval.clone().into());
    let refused = provider.configure(block, "none").await.into_iter().find(Diagnostic::is_error);
    refused
        .map_or_else(|| provider.client(), Err)
        .map_err(|error| anyhow!("{}: {}", error.summary, error.detail))
}

/// What was printed so far.
#[derive(Default)]
struct Shown {
    /// The lines of the picture on the terminal.
    height: usize,
    /// The lines that may change, as they were.
    news: Vec<String>,
}

impl Shown {
    fn show(&mut self, glimpse: &Glimpse, redraws: bool) -> io::Result<()> {
        let text = if redraws { self.redrawn(glimpse) } else { self.added(glimpse) };
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Draws over the last picture. Lines are cut at the edge: one that wraps would be two, and the
    /// next picture would begin too low.
    fn redrawn(&mut self, glimpse: &Glimpse) -> String {
        let back = if self.height > 0 { format!("\x1b[{}A\x1b[J", self.height) } else { String::new() };
        let lines = view::picture(glimpse);
        self.height = lines.len();
        format!("{back}\x1b[?7l{}\n\x1b[?7h", lines.join("\n"))
    }

    /// Draws the first picture; afterwards says what is new, and when.
    fn added(&mut self, glimpse: &Glimpse) -> String {
        let last = std::mem::replace(&mut self.news, view::news(glimpse));
        if last.is_empty() {
            return view::picture(glimpse).join("\n") + "\n";
        }
        let stamp = view::stamp(glimpse);
        self.news.iter().filter(|line| !last.contains(line)).map(|line| format!("{stamp}{line}\n")).collect()
    }
}
