//! A pool that a PUT makes: drawn as Azure shows one, of the machines, the system and the version that were asked for.

use serde_json::json;

use crate::simulator::catalogue;
use crate::simulator::scenario::PoolSeed;
use crate::simulator::world::blue_green;
use crate::simulator::world::body::{POOL_READ_ONLY, leave_out_empty, overlay};
use crate::simulator::world::cluster::{Cluster, Object, text};
use crate::simulator::world::operation::Work;
use crate::simulator::world::pool_rules;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Place;
use crate::simulator::world::snapshots::Snapshot;
use crate::simulator::world::{Call, World};

impl World {
    pub(super) fn create_pool(
        &mut self,
        call: &Call,
        place: &Place,
        name: &str,
        sent: &Object,
    ) -> Result<Reply, Refusal> {
        let cluster = self.look(place)?;
        let pool = self.draw_pool(cluster, name, sent)?;
        pool_rules::judge_system_pools(&[], std::slice::from_ref(&pool))?;
        self.judge_growth(cluster, std::slice::from_ref(&pool))?;
        self.hold(place)?.pools.push(pool);
        let mut job = self.pool_job(place, name, "Creating")?;
        job.work = vec![(Work::Settle, self.durations.create)];
        self.start_on_pool(call, job, name, 201)
    }

    /// Draws a new pool as Azure shows it, or refuses it.
    pub(super) fn draw_pool(&self, cluster: &Cluster, name: &str, sent: &Object) -> Result<Object, Refusal> {
        pool_rules::judge_name(name, text(sent, "osType"))?;
        let snapshot = self.snapshot_of(sent)?;
        let taken = snapshot.map_or("", Snapshot::version);
        let written = [text(sent, "orchestratorVersion"), taken].into_iter().find(|text| !text.is_empty());
        let version = self.judge_new_pool(cluster, written.unwrap_or_default())?;
        let default = catalogue::default_sku(text(sent, "osType"), version.minor);
        let os_sku = Some(text(sent, "osSKU")).filter(|sku| !sku.is_empty()).unwrap_or(default);
        let mut pool = PoolSeed::plain(name, Some(os_sku))
            .priority(text(sent, "scaleSetPriority"))
            .draw(&version.to_string(), &self.catalogue, self.now)
            .map_err(|why| Refusal::invalid("name", why))?;
        overlay(&mut pool, sent, &|key| !POOL_READ_ONLY.contains(&key));
        leave_out_empty(&mut pool);
        blue_green::complete(&mut pool);
        pool_rules::judge(None, &pool, sent)?;
        pool_rules::judge_managed(cluster, &pool)?;
        self.judge_os(&pool, version)?;
        pool.insert("nodeImageVersion".into(), json!(self.new_image(&pool)?));
        // As it was written, or else as the cluster's version was: often the minor alone.
        let written = written.unwrap_or(text(&cluster.properties, "kubernetesVersion"));
        pool.insert("orchestratorVersion".into(), json!(written));
        Ok(pool)
    }
}
