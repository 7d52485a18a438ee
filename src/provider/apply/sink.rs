//! Where an apply tells how it goes: the log for a resource, the stream of answers for an action.

use jiff::Timestamp;
use tracing::Level;

/// Takes what an apply tells while it works.
pub trait Sink: Send + Sync {
    /// Tells whether somebody listens: what only they need is not asked of Azure otherwise.
    fn listens(&self) -> bool;

    /// Takes a piece of news.
    fn tell(&self, news: &News);
}

/// What an apply has to tell: a sentence, and the facts beside it.
#[derive(Debug, Default)]
pub struct News {
    /// The sentence.
    pub text: String,
    /// Whether it should not be so.
    pub warns: bool,
    /// The cluster.
    pub cluster: String,
    /// The pools that are worked on.
    pub pool: Option<String>,
    /// Nodes done, e.g. `1 of 3`.
    pub nodes: Option<String>,
    /// How much of the window is left, e.g. `3h20m`.
    pub window_left: Option<String>,
    /// Azure's word for how far the operation is.
    pub status: Option<String>,
    /// How long is waited before looking again.
    pub wait: Option<String>,
    /// What is waited for.
    pub until: Option<Timestamp>,
}

/// The log, at INFO.
#[derive(Debug)]
pub struct Log;

impl Sink for Log {
    fn listens(&self) -> bool {
        tracing::enabled!(Level::INFO)
    }

    fn tell(&self, news: &News) {
        let News { text, warns, cluster, pool, nodes, window_left, status, wait, until } = news;
        let until = until.map(|until| until.to_string());
        if *warns {
            tracing::warn!(cluster, pool, status, "{text}");
        } else {
            tracing::info!(cluster, pool, nodes, window_left, wait, until, "{text}");
        }
    }
}
