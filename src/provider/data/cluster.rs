//! `aks_cluster`: one cluster, and what Azure offers it.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;

use crate::arm::id::ClusterId;
use crate::provider::arguments::timeouts::Timeouts;
use crate::provider::azure::Azure;
use crate::provider::data::shown::{cluster, cluster_attributes, flag, text};
use crate::provider::observation::observe::{Freshness, Look, OfferKind, observe};
use crate::provider::observation::{Memory, Observation};
use crate::provider::words::explain;
use crate::terraform::data_source::{DataSource, DataSourceResponse};
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::reader::{Findings, Reader};
use crate::terraform::schema::{Attribute, Kind, Nesting, Schema, Type};
use crate::terraform::value::Value;
use crate::upgrade::cluster::{Pool, UpdateRun};
use crate::upgrade::offer::Offer;
use crate::upgrade::plan::path::Graph;

/// The data source.
pub struct OneCluster {
    azure: Arc<Azure>,
}

impl OneCluster {
    /// Creates it on a connection that may be configured later.
    pub fn new(azure: Arc<Azure>) -> Self {
        OneCluster { azure }
    }

    async fn seen(&self, id: &ClusterId) -> Result<Observation, Diagnostic> {
        let client = self.azure.client()?.until(Instant::now() + Timeouts::default().read);
        let inventory = &*self.azure.inventory();
        let freshness = Freshness::Recent;
        let look = Look { inventory, client: &client, id, offers: OfferKind::Both, freshness };
        let seen = observe(&look, Memory::default()).await;
        seen.map_err(|error| explain::not_observed(id, &error))
    }
}

#[async_trait]
impl DataSource for OneCluster {
    fn type_name(&self) -> &'static str {
        "aks_cluster"
    }

    fn schema(&self) -> Schema {
        let id = "The ARM id of the cluster, such as `azurerm_kubernetes_cluster.prod.id`.";
        let latest = text(
            "latest_node_image",
            "The node image that Azure offers as latest; null where it names none.",
        );
        let offer = vec![
            text("version", "A full version, such as `1.35.6`."),
            flag("preview", "Whether Azure marks it as a preview."),
        ];
        let run = vec![
            text("fleet", "The Fleet's name."),
            text("name", "The run's name."),
            text("state", "Azure's word for how far it is, such as `Running`."),
        ];
        let mut attributes = vec![Attribute::required("cluster_id", Type::String, id)];
        attributes.extend(cluster_attributes(vec![latest]));
        attributes.extend([
            flag(
                "supported",
                "Whether the support plan of the cluster covers the running minor; null where the versions of the region could not be listed.",
            ),
            Attribute::computed(
                "upgrades",
                Kind::Nested(Nesting::List, offer),
                "The versions that Azure offers the control plane now, oldest first.",
            ),
            Attribute::computed(
                "update_runs",
                Kind::Nested(Nesting::List, run),
                "The update runs of Fleets that have work to do on it.",
            ),
        ]);
        let description = "Shows an AKS cluster as an upgrade sees it: versions, what Azure offers, node pools with their images, who else upgrades it, and what runs. It reads only.";
        Schema::new(0, description, attributes)
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        read_id(config).1
    }

    async fn read(&self, config: Value) -> DataSourceResponse {
        let (id, diagnostics) = read_id(&config);
        let Some(id) = id else {
            return DataSourceResponse { state: None, diagnostics };
        };
        match self.seen(&id).await {
            Ok(seen) => {
                let mut state = config;
                values(&seen).into_iter().for_each(|(name, value)| state.set(name, value));
                DataSourceResponse { state: Some(state), diagnostics }
            }
            Err(error) => DataSourceResponse::failed(error),
        }
    }
}

fn read_id(config: &Value) -> (Option<ClusterId>, Vec<Diagnostic>) {
    let findings = Findings::default();
    let id = Reader::new(config, &findings).parse("cluster_id", "Invalid cluster id", str::parse);
    (id, findings.into_diagnostics())
}

fn values(seen: &Observation) -> Vec<(&'static str, Value)> {
    let latest = |pool: &Pool| {
        let image = seen.offers.images.get(&pool.name).map(ToString::to_string);
        vec![("latest_node_image", image.into())]
    };
    let mut offers: Vec<&Offer> = seen.offers.upgrades.iter().collect();
    offers.sort_by(|one, other| one.version.cmp(&other.version));
    let graph = Graph::new(&seen.cluster.version, seen.cluster.lts, &seen.offers);
    let supported = graph.has_region().then(|| graph.is_supported());
    let mut values = cluster(&seen.cluster, latest);
    values.extend([
        ("supported", supported.into()),
        ("upgrades", Value::List(offers.into_iter().map(offer).collect())),
        ("update_runs", Value::List(seen.cluster.update_runs.iter().map(update_run).collect())),
    ]);
    values
}

fn offer(offer: &Offer) -> Value {
    Value::object([("version", offer.version.to_string().into()), ("preview", offer.preview.into())])
}

fn update_run(run: &UpdateRun) -> Value {
    let texts = [("fleet", &run.fleet), ("name", &run.name), ("state", &run.state)];
    Value::object(texts.map(|(name, text)| (name, text.as_str().into())))
}
