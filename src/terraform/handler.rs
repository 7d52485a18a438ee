//! Runs the provider's own code where its bugs cannot take the process down.
//!
//! Each call is a task of its own. That gives two things at once: a panic ends the call and not
//! the other ten that run beside it, and a caller that hangs up does not cut an apply between the
//! request to Azure and the record of it (a gRPC server drops the futures of a lost connection).

use std::future::Future;
use std::panic::PanicHookInfo;
use std::sync::{Arc, OnceLock};

use tokio::time::Instant;

use crate::terraform::diagnostic::Diagnostic;

tokio::task_local! {
    /// Where the running call panicked, as far as the panic hook could tell.
    static PANICKED_AT: Arc<OnceLock<String>>;
}

/// Runs one call to its end, also when the caller goes away.
///
/// # Errors
///
/// A panic inside becomes a diagnostic that names the call and the line, never the panic's text:
/// that may hold what the user configured.
pub async fn run<F>(call: &'static str, subject: &str, work: F) -> Result<F::Output, Diagnostic>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let place = Arc::new(OnceLock::new());
    let begun = Instant::now();
    tracing::debug!(tf_rpc = call, tf_resource_type = subject, "call begins");
    let answer = tokio::spawn(PANICKED_AT.scope(Arc::clone(&place), work)).await;
    let tf_req_duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let panicked = answer.is_err();
    tracing::debug!(tf_rpc = call, tf_resource_type = subject, tf_req_duration_ms, panicked, "call ended");
    answer.map_err(|_| bug(call, subject, place.get()))
}

fn bug(call: &str, subject: &str, place: Option<&String>) -> Diagnostic {
    let place = place.map(|place| format!(" at {place}")).unwrap_or_default();
    Diagnostic::error(
        "The provider has a bug",
        format!(
            "{call} of {subject} panicked{place}. What was done before that is done; nothing was \
             saved. Please report this line to the provider's issue tracker, and run the command again."
        ),
    )
}

/// Notes a panic for [`run`] and tells whether it happened inside a call.
///
/// For the panic hook, which runs on the panicking thread before the stack unwinds.
#[must_use]
pub fn note_panic(panic: &PanicHookInfo<'_>) -> bool {
    let note = |place: &Arc<OnceLock<String>>| {
        // The first panic of a call is the one to look at.
        let _ = place.set(panic.location().map(ToString::to_string).unwrap_or_default());
    };
    PANICKED_AT.try_with(note).is_ok()
}
