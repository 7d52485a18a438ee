//! The one write of a step, and the time by which it has to be sent.

use std::time::Duration;

use jiff::Timestamp;

use crate::arm::client::{Accepted, Client};
use crate::arm::error::Error;
use crate::arm::response;
use crate::provider::apply::Run;
use crate::provider::apply::stop::Stopped;
use crate::provider::observation::Observation;
use crate::upgrade::aks_channel::AksChannel;
use crate::upgrade::plan::aks::judged;
use crate::upgrade::slot::needs;
use crate::upgrade::step::{Step, Work};
use crate::upgrade::window::aks::AksWindow;

/// A write that Azure accepted.
pub(super) enum Sent {
    /// The step itself.
    Step(Accepted),
    /// A pool's settings, which have to be there before its step.
    PoolSettings(Accepted),
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
    ) -> Result<Result<Sent, Error>, Stopped> {
        let client = match self.time_to_start(step, seen) {
            Some(left) => self.client.within(left),
            None => self.client.clone(),
        };
        let (client, out) = client.watched();
        Ok(self.waiter().write(&out, self.write(&client, step, seen.at)).await?)
    }

    async fn write(&self, client: &Client, step: &Step, at: Timestamp) -> Result<Sent, Error> {
        let (id, rollout) = (&self.arguments.cluster, &self.arguments.policy.rollout);
        let drain = rollout.drain_timeout.map(|timeout| timeout.as_mins());
        let surge = rollout.max_surge.as_deref();
        match &step.work {
            Work::Pool { pool, to, .. } => {
                let body = response::with_pool_version(&client.pool(id, pool).await?.body, to, surge, drain);
                client.put_pool(id, pool, &body).await.map(Sent::Step)
            }
            Work::ControlPlane { to, .. } => {
                let body = response::with_cluster_version(&client.cluster(id).await?.body, to);
                client.put_cluster(id, &body).await.map(Sent::Step)
            }
            Work::Cluster { to, .. } => {
                let body = response::with_full_version(&client.cluster(id).await?.body, to);
                client.put_cluster(id, &body).await.map(Sent::Step)
            }
            Work::Image { pool, .. } => self.write_image(client, pool, surge, drain).await,
            Work::MaintenanceConfiguration { name, to, .. } => {
                let window = AksWindow { start_date: to.start_date_to_send(at), ..to.clone() };
                let body = response::maintenance_body(&window);
                client.put_maintenance_configuration(id, name, &body).await.map(Sent::Step)
            }
            Work::Channel { to, .. } => {
                let body = client.cluster(id).await?.body;
                let body = match to {
                    AksChannel::Versions(setting) => response::with_upgrade_channel(&body, setting),
                    AksChannel::Images(setting) => response::with_node_os_channel(&body, setting),
                };
                client.put_cluster(id, &body).await.map(Sent::Step)
            }
        }
    }

    /// Gives a pool its rollout settings, if they are not there yet; else the latest image.
    async fn write_image(
        &self,
        client: &Client,
        pool: &str,
        surge: Option<&str>,
        drain: Option<i64>,
    ) -> Result<Sent, Error> {
        let id = &self.arguments.cluster;
        if surge.is_some() || drain.is_some() {
            let body = client.pool(id, pool).await?.body;
            let changed = response::with_pool_settings(&body, surge, drain);
            if changed != response::with_pool_settings(&body, None, None) {
                return client.put_pool(id, pool, &changed).await.map(Sent::PoolSettings);
            }
        }
        client.upgrade_node_image(id, pool).await.map(Sent::Step)
    }

    /// Returns when the opening closes in which a step runs; `None` when none is open, nothing closes
    /// it, or the step needs none.
    pub(super) fn closes(&self, step: &Step, seen: &Observation) -> Option<Timestamp> {
        let opening = self.arguments.windows.opening(&step.tasks(), seen.at);
        let needed = judged(step, &seen.cluster).needs_opening();
        let open = opening.filter(|opening| opening.contains(seen.at) && needed)?;
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
