//! Listening to the log of one test while others run.

use std::sync::LazyLock;

use tracing::Dispatch;
use tracing::subscriber::{DefaultGuard, NoSubscriber, set_default};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::{Registry, registry};

/// Listeners who hear nothing, and stay.
///
/// Whether anybody hears a call site is settled when it is first passed. As long as a process has one listener,
/// `tracing` asks only the thread that passes: one of another test, where nobody listens, settles it for all. With
/// more than one it asks every listener.
static OTHERS: LazyLock<[Dispatch; 2]> =
    LazyLock::new(|| [(); 2].map(|()| Dispatch::new(NoSubscriber::default())));

/// Shows a layer what this thread logs, until the guard is dropped.
pub fn listen(layer: impl Layer<Registry> + Send + Sync) -> DefaultGuard {
    LazyLock::force(&OTHERS);
    set_default(registry().with(layer))
}
