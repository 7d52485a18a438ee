//! `aks_clusters`: the clusters of a subscription or a resource group, in the calls of a list.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value as Json;
use tokio::time::Instant;

use crate::arm::error::Error;
use crate::arm::id::{ClusterId, check_group};
use crate::arm::response;
use crate::provider::arguments::timeouts::Timeouts;
use crate::provider::azure::Azure;
use crate::provider::data::place::{location, subscription};
use crate::provider::data::shown::{cluster, cluster_attributes, state, text, texts};
use crate::provider::words::errors;
use crate::terraform::data_source::{DataSource, DataSourceResponse};
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::reader::{Findings, Reader};
use crate::terraform::schema::{Attribute, Kind, Nesting, Schema, Type};
use crate::terraform::value::Value;
use crate::upgrade::cluster::{Cluster, State};
use crate::upgrade::policy::Target;
use crate::upgrade::version::Version;

/// The data source.
pub struct Clusters {
    azure: Arc<Azure>,
}

/// Which clusters are asked for, and which of them are shown.
#[derive(Debug)]
struct Wanted {
    subscription: String,
    group: Option<String>,
    location: Option<String>,
    below: Option<Target>,
    states: Option<Vec<String>>,
}

impl Clusters {
    /// Creates it on a connection that may be configured later.
    pub fn new(azure: Arc<Azure>) -> Self {
        Clusters { azure }
    }
}

#[async_trait]
impl DataSource for Clusters {
    fn type_name(&self) -> &'static str {
        "aks_clusters"
    }

    fn schema(&self) -> Schema {
        let optional = |name, description| Attribute::optional(name, Type::String, description);
        let states = Type::List(Box::new(Type::String));
        let mut shown = vec![text("id", "The ARM id."), text("resource_group", "The resource group.")];
        shown.extend(cluster_attributes(Vec::new()));
        let attributes = vec![
            Attribute::required("subscription_id", Type::String, "The subscription to list."),
            optional(
                "resource_group",
                "Only the clusters of this resource group. Then a role on the group is enough.",
            ),
            optional("location", "Only those of this region, such as `westeurope`."),
            optional(
                "below_version",
                "Only those whose control plane or a node pool runs less than this: a minor such as `1.34`, or a full version.",
            ),
            Attribute::optional(
                "provisioning_states",
                states,
                "Only those in one of these states, such as `[\"Failed\", \"Canceled\"]`, themselves or in a node pool.",
            ),
            texts("ids", "Their ARM ids, in order."),
            Attribute::computed(
                "clusters",
                Kind::Nested(Nesting::List, shown),
                "The clusters, in the order of their ids.",
            ),
        ];
        let description = "Lists the AKS clusters of a subscription or a resource group with versions, pools, images, channels and states: a report of an estate. It costs the pages of one list, however many clusters there are, and reads only. What Azure offers each cluster is in `aks_cluster`.";
        Schema::new(0, description, attributes)
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        read_wanted(config).1
    }

    async fn read(&self, config: Value) -> DataSourceResponse {
        let (wanted, mut diagnostics) = read_wanted(&config);
        let Some(wanted) = wanted.filter(|_| diagnostics.is_empty()) else {
            return DataSourceResponse { state: None, diagnostics };
        };
        let list = match list(&self.azure, &wanted.subscription, wanted.group.as_deref()).await {
            Ok(list) => list,
            Err(error) => return DataSourceResponse::failed(error),
        };
        let mut found = Vec::new();
        for body in list["value"].as_array().into_iter().flatten() {
            match understood(body) {
                Ok((id, cluster)) if wanted.is(&cluster) => found.push((id, cluster)),
                Ok(_) => {}
                Err(told) => diagnostics.push(told),
            }
        }
        found.sort_by_key(|(id, _)| id.to_string().to_lowercase());
        let mut state = config;
        state.set("ids", Value::list(found.iter().map(|(id, _)| Value::from(id.to_string()))));
        state.set("clusters", Value::List(found.iter().map(|(id, cluster)| listed(id, cluster)).collect()));
        DataSourceResponse { state: Some(state), diagnostics }
    }
}

/// Returns the ids of the clusters of a subscription or of one of its resource groups, in order.
///
/// # Errors
///
/// No client, or no list: the subscription is no GUID, the role is missing.
pub async fn ids(
    azure: &Azure,
    subscription: &str,
    group: Option<&str>,
) -> Result<Vec<ClusterId>, Diagnostic> {
    let list = list(azure, subscription, group).await?;
    let mut ids = response::cluster_ids(&list);
    ids.sort_by_key(|id| id.to_string().to_lowercase());
    Ok(ids)
}

async fn list(azure: &Azure, subscription: &str, group: Option<&str>) -> Result<Json, Diagnostic> {
    let client = azure.client()?.until(Instant::now() + Timeouts::default().read);
    let list = match group {
        Some(group) => client.clusters_of_group(subscription, group).await,
        None => client.clusters(subscription).await,
    };
    list.map(|answer| answer.body).map_err(|error| not_listed(subscription, group, &error))
}

fn read_wanted(config: &Value) -> (Option<Wanted>, Vec<Diagnostic>) {
    let findings = Findings::default();
    let reader = Reader::new(config, &findings);
    let subscription = subscription(&reader);
    let group = reader.parse("resource_group", "Invalid resource group", |text| {
        check_group(text).map(|()| text.to_owned())
    });
    let location = location(&reader);
    let below = reader.parse("below_version", "Invalid Kubernetes version", str::parse::<Target>);
    let states = reader.texts("provisioning_states");
    let wanted = subscription.map(|subscription| Wanted { subscription, group, location, below, states });
    (wanted, findings.into_diagnostics())
}

impl Wanted {
    fn is(&self, cluster: &Cluster) -> bool {
        let pools = || cluster.pools.iter();
        let here = |wanted: &String| wanted.eq_ignore_ascii_case(&cluster.location);
        let versions =
            || pools().filter(|pool| !pool.machines).map(|pool| &pool.version).chain([&cluster.version]);
        let lags = |target: &Target| versions().any(|version| is_below(version, target));
        let states = || pools().map(|pool| &pool.state).chain([&cluster.state]);
        let one_of = |words: &Vec<String>, state_of: &State| {
            words.iter().any(|word| word.eq_ignore_ascii_case(state(state_of)))
        };
        self.location.as_ref().is_none_or(here)
            && self.below.as_ref().is_none_or(lags)
            && self.states.as_ref().is_none_or(|words| states().any(|state| one_of(words, state)))
    }
}

fn is_below(version: &Version, target: &Target) -> bool {
    match target {
        Target::Minor(minor) => version.minor() < *minor,
        Target::Exact(exact) => version < exact,
        Target::Channel(_) => false,
    }
}

fn understood(body: &Json) -> Result<(ClusterId, Cluster), Diagnostic> {
    let told = |why: String| {
        let detail = format!("A cluster in the list was left out: {why}");
        Diagnostic::warning("Cluster could not be read", detail)
    };
    let id = body["id"].as_str().unwrap_or_default();
    let id: ClusterId = id.parse().map_err(|error: crate::arm::id::IdError| told(error.to_string()))?;
    let cluster = response::cluster(&id, body).map_err(|error| told(error.to_string()))?;
    Ok((id, cluster))
}

fn listed(id: &ClusterId, seen: &Cluster) -> Value {
    let mut values = cluster(seen, |_| Vec::new());
    values.push(("id", id.to_string().into()));
    values.push(("resource_group", id.resource_group().into()));
    Value::object(values)
}

fn not_listed(subscription: &str, group: Option<&str>, error: &Error) -> Diagnostic {
    let place = match group {
        Some(group) => format!("resource group {group} of subscription {subscription}"),
        None => format!("subscription {subscription}"),
    };
    let detail = format!(
        "The clusters of {place} could not be listed: {} Nothing was changed.",
        errors::sentence(error)
    );
    Diagnostic::error("Clusters could not be listed", detail)
}
