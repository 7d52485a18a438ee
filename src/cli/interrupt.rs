//! How a person or a system asks a command to end that goes on until then.

use std::io::Result;

/// Listens from now on for Ctrl-C, and for what `kill` and a system that shuts down send; the future ends with the first.
///
/// # Errors
///
/// The system lets nobody listen.
pub fn asked_to_end() -> Result<impl Future<Output = Result<()>> + Send + 'static> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                stop = tokio::signal::ctrl_c() => stop,
                _ = terminate.recv() => Ok(()),
            }
        })
    }
    #[cfg(not(unix))]
    Ok(tokio::signal::ctrl_c())
}
