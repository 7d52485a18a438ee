//! The update runs of a subscription's Fleets.

use std::time::Duration;

use serde_json::Value;

use crate::arm::client::Client;
use crate::arm::error::Error;
use crate::arm::response;

/// How long Fleets may be asked for: a plan is the same without them, but for a word of warning.
const COURTESY: Duration = Duration::from_secs(10);

/// Lists the update runs of every Fleet of a subscription that can be read.
///
/// # Errors
///
/// [`Error::Deadline`] when the time of this reader is up: others may have more.
pub(super) async fn update_runs(client: &Client, subscription: &str) -> Result<Vec<Value>, Error> {
    let ours = client.within(COURTESY);
    let mut all = Vec::new();
    let fleets = match ours.fleets(subscription).await {
        Ok(list) => response::fleets(&list.body),
        Err(error) => return passed_over(client, error).map(|()| all),
    };
    for fleet in fleets {
        match ours.update_runs(&fleet).await {
            Ok(runs) => {
                let runs = runs.body.get("value").and_then(Value::as_array);
                all.extend(runs.into_iter().flatten().map(response::prune_update_run));
            }
            Err(error) => passed_over(client, error)?,
        }
    }
    Ok(all)
}

fn passed_over(client: &Client, error: Error) -> Result<(), Error> {
    if client.left().is_some_and(|left| left.is_zero()) {
        return Err(error);
    }
    tracing::debug!(%error, "Fleets cannot be read");
    Ok(())
}
