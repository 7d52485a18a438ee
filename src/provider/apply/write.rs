//! The one write of a step, and the time by which it has to be sent.

use std::time::Duration;

use jiff::Timestamp;

use crate::arm::client::{Accepted, Client};
use crate::arm::error::Error;
use crate::arm::response;
use crate::provider::apply::Run;
use crate::provider::apply::stop::Stopped;
use crate::provider::observation::Observation;
use crate::upgrade::slot::needs;
use crate::upgrade::step::{Step, Work};

/// A write that Azure accepted.
pub(super) enum Write {
    /// The step itself.
    Step(Accepted),
    /// A pool's settings, which have to be there before its step.
    Settings(Accepted),
}

impl Run<'_> {
    /// Sends the write of a step, as long as its window lets it start.
    ///
    /// Whatever holds a request up (a token, throttling, a proxy that is away) must not carry it past the
    /// window.
    pub(super) async fn start(
        &self,
        step: &Step,
        seen: &Observation,
    ) -> Result<Result<Write, Error>, Stopped> {
        let client = match self.time_to_start(step, seen) {
            Some(left) => self.client.within(left),
            None => self.client.clone(),
        };
        let (client, out) = client.watched();
        Ok(self.waiter().write(&out, self.write(&client, step)).await?)
    }

    async fn write(&self, client: &Client, step: &Step) -> Result<Write, Error> {
        let (id, rollout) = (&self.arguments.cluster, &self.arguments.policy.rollout);
        let drain = rollout.drain_timeout.map(|timeout| timeout.as_mins());
        let surge = rollout.max_surge.as_deref();
        match &step.work {
            Work::Pool { pool, to, .. } => {
                let body = response::with_pool_version(&client.pool(id, pool).await?.body, to, surge, drain);
                client.put_pool(id, pool, &body).await.map(Write::Step)
            }
            Work::ControlPlane { to, .. } => {
                let body = response::with_cluster_version(&client.cluster(id).await?.body, to);
                client.put_cluster(id, &body).await.map(Write::Step)
            }
            Work::Cluster { to, .. } => {
                let body = response::with_full_version(&client.cluster(id).await?.body, to);
                client.put_cluster(id, &body).await.map(Write::Step)
            }
            Work::Image { pool, .. } => self.write_image(client, pool, surge, drain).await,
        }
    }

    /// Gives a pool its rollout settings, if they are not there yet; else the latest image.
    async fn write_image(
        &self,
        client: &Client,
        pool: &str,
        surge: Option<&str>,
        drain: Option<i64>,
    ) -> Result<Write, Error> {
        let id = &self.arguments.cluster;
        if surge.is_some() || drain.is_some() {
            let body = client.pool(id, pool).await?.body;
            let changed = response::with_pool_settings(&body, surge, drain);
            if changed != response::with_pool_settings(&body, None, None) {
                return client.put_pool(id, pool, &changed).await.map(Write::Settings);
            }
        }
        client.upgrade_node_image(id, pool).await.map(Write::Step)
    }

    /// Returns when the opening closes in which a step runs; `None` when none is open, or nothing closes it.
    pub(super) fn closes(&self, step: &Step, seen: &Observation) -> Option<Timestamp> {
        let opening = self.arguments.windows.opening(step.kind(), seen.at);
        let open = opening.filter(|opening| opening.contains(seen.at) && !step.is_running())?;
        (open.end < Timestamp::MAX).then_some(open.end)
    }

    /// Returns how much of the opening is left; `None` when nothing closes it.
    fn left_in_window(&self, step: &Step, seen: &Observation) -> Option<Duration> {
        let now = self.client.now().unwrap_or(seen.at).max(seen.at);
        let end = self.closes(step, seen)?;
        Some(Duration::try_from(end.duration_since(now)).unwrap_or_default())
    }

    /// Returns the time until the step needs more of the opening than there is.
    fn time_to_start(&self, step: &Step, seen: &Observation) -> Option<Duration> {
        let needs = needs(step, &self.arguments.windows).unsigned_abs();
        let left = self.left_in_window(step, seen)?;
        // A step that starts at the last moment still gets a moment to start.
        Some(left.saturating_sub(needs).max(Duration::from_secs(1)).min(left))
    }
}
