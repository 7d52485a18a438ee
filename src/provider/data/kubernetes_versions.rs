//! `aks_kubernetes_versions`: the versions of a region, how long they are supported, which may follow which, and the latest
//! node images.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value as Json;
use tokio::time::Instant;

use crate::arm::error::Error;
use crate::arm::response;
use crate::provider::arguments::timeouts::Timeouts;
use crate::provider::azure::Azure;
use crate::provider::data::place::{location, subscription};
use crate::provider::data::shown::{flag, text, texts};
use crate::provider::words::errors;
use crate::terraform::data_source::{DataSource, DataSourceResponse};
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::reader::{Findings, Reader};
use crate::terraform::schema::{Attribute, Kind, Nesting, Schema, Type};
use crate::terraform::value::Value;
use crate::upgrade::node_image::NodeImage;
use crate::upgrade::offer::RegionVersion;
use crate::upgrade::support::last_day;

/// The data source.
pub struct KubernetesVersions {
    azure: Arc<Azure>,
}

impl KubernetesVersions {
    /// Creates it on a connection that may be configured later.
    pub fn new(azure: Arc<Azure>) -> Self {
        KubernetesVersions { azure }
    }

    async fn versions(&self, place: &Place) -> Result<Vec<RegionVersion>, Diagnostic> {
        let client = self.azure.client()?.until(Instant::now() + Timeouts::default().read);
        let body =
            self.azure.inventory().region_versions(&client, &place.subscription, &place.location).await;
        body.map(|body| response::region(&body))
            .map_err(|error| not_listed("Versions could not be listed", "versions", place, &error))
    }

    /// Returns Azure's list of the latest node images; null where it is not asked for.
    async fn images(&self, place: &Place) -> Result<Value, Diagnostic> {
        if !place.node_images {
            return Ok(Value::Null);
        }
        let client = self.azure.client()?.until(Instant::now() + Timeouts::default().read);
        let answer = client.node_images(&place.subscription, &place.location).await;
        answer
            .map(|answer| images(&answer.body))
            .map_err(|error| not_listed("Node images could not be listed", "node images", place, &error))
    }
}

/// Where, and what is asked for.
struct Place {
    subscription: String,
    location: String,
    node_images: bool,
}

fn not_listed(summary: &str, what: &str, place: &Place, error: &Error) -> Diagnostic {
    let (location, sentence) = (&place.location, errors::sentence(error));
    let detail = format!("The {what} of {location} could not be listed: {sentence} Nothing was changed.");
    Diagnostic::error(summary, detail)
}

#[async_trait]
impl DataSource for KubernetesVersions {
    fn type_name(&self) -> &'static str {
        "aks_kubernetes_versions"
    }

    fn schema(&self) -> Schema {
        let version = vec![
            text("version", "A full version, such as `1.35.6`."),
            text("minor", "Its minor, such as `1.35`."),
            flag("preview", "Whether its minor is a preview."),
            flag("community_support", "Whether its minor has community support (`KubernetesOfficial`)."),
            flag("long_term_support", "Whether its minor has long-term support (`AKSLongTermSupport`)."),
            text(
                "end_of_support",
                "The last day of its minor's community support, such as `2027-03-31`, by the release calendar of AKS; null where that does not name the minor.",
            ),
            text("end_of_long_term_support", "The last day of its minor's long-term support, likewise."),
            texts("upgrades", "The versions that Azure lists as upgrades from it, oldest first."),
        ];
        let image = vec![
            text(
                "name",
                "Its whole name, as `node_image_version` of a pool shows it: `AKSUbuntu-2404gen2containerd-202611.16.0`.",
            ),
            text("os", "Azure's word for the operating system, such as `AKSUbuntu`."),
            text("os_sku", "Azure's word for the kind, such as `2404gen2containerd`."),
            text("version", "Such as `202611.16.0`."),
            text("published", "The day in its version, such as `2026-11-16`; null where there is none."),
        ];
        let attributes = vec![
            Attribute::required("subscription_id", Type::String, "The subscription that asks."),
            Attribute::required("location", Type::String, "The region, such as `westeurope`."),
            Attribute::optional(
                "node_images",
                Type::Bool,
                "Whether to list the latest node images, too. Only a preview version of Azure's API tells them. Default `false`.",
            ),
            texts("minors", "The minors with community support that are no preview, oldest first."),
            text(
                "latest_version",
                "The newest version with community support that is no preview: what `channel = \"rapid\"` means. Null where there is none.",
            ),
            Attribute::computed(
                "versions",
                Kind::Nested(Nesting::List, version),
                "Every version, oldest first.",
            ),
            Attribute::computed(
                "latest_node_images",
                Kind::Nested(Nesting::List, image),
                "The latest node image of each kind that the region has, by name; null without `node_images`.",
            ),
        ];
        let description = "Lists the Kubernetes versions that AKS has in a region, their support plans and how long they last, and which may follow which; and the latest node images. It reads only.";
        Schema::new(0, description, attributes)
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        read_place(config).1
    }

    async fn read(&self, config: Value) -> DataSourceResponse {
        let (place, diagnostics) = read_place(&config);
        let Some(place) = place else {
            return DataSourceResponse { state: None, diagnostics };
        };
        let listed = match (self.versions(&place).await, self.images(&place).await) {
            (Ok(versions), Ok(images)) => (versions, images),
            (Err(error), _) | (_, Err(error)) => return DataSourceResponse::failed(error),
        };
        let (versions, images) = listed;
        let mut state = config;
        values(&versions).into_iter().for_each(|(name, value)| state.set(name, value));
        state.set("latest_node_images", images);
        DataSourceResponse { state: Some(state), diagnostics }
    }
}

fn read_place(config: &Value) -> (Option<Place>, Vec<Diagnostic>) {
    let findings = Findings::default();
    let reader = Reader::new(config, &findings);
    let (subscription, location) = (subscription(&reader), location(&reader));
    let node_images = reader.flag("node_images").unwrap_or_default();
    let place = subscription.zip(location);
    let place = place.map(|(subscription, location)| Place { subscription, location, node_images });
    (place, findings.into_diagnostics())
}

fn values(versions: &[RegionVersion]) -> Vec<(&'static str, Value)> {
    let available = || versions.iter().filter(|one| one.official && !one.preview);
    let minors: BTreeSet<_> = available().map(|one| one.version.minor()).collect();
    let latest = available().map(|one| &one.version).max().map(ToString::to_string);
    vec![
        ("minors", Value::list(minors.iter().map(|minor| Value::from(minor.to_string())))),
        ("latest_version", latest.into()),
        ("versions", Value::List(versions.iter().map(version).collect())),
    ]
}

fn version(listed: &RegionVersion) -> Value {
    let mut upgrades: Vec<_> = listed.upgrades.iter().collect();
    upgrades.sort_unstable();
    let end = |lts| Value::from(last_day(listed.version.minor(), lts).map(|day| day.to_string()));
    Value::object([
        ("version", listed.version.to_string().into()),
        ("minor", listed.version.minor().to_string().into()),
        ("preview", listed.preview.into()),
        ("community_support", listed.official.into()),
        ("long_term_support", listed.lts.into()),
        ("end_of_support", end(false)),
        ("end_of_long_term_support", end(true)),
        ("upgrades", Value::list(upgrades.into_iter().map(|version| Value::from(version.to_string())))),
    ])
}

/// Renders Azure's list of node images, in the order of their names.
fn images(list: &Json) -> Value {
    let images = list["value"].as_array().into_iter().flatten();
    let mut images: Vec<(String, Value)> = images.map(image).collect();
    images.sort_by(|(one, _), (other, _)| one.cmp(other));
    Value::List(images.into_iter().map(|(_, image)| image).collect())
}

fn image(listed: &Json) -> (String, Value) {
    let text = |key: &str| listed[key].as_str().unwrap_or_default();
    let name = text("fullName").to_owned();
    let published = NodeImage::new(name.as_str()).published().map(|day| day.to_string());
    let value = Value::object([
        ("name", name.as_str().into()),
        ("os", text("os").into()),
        ("os_sku", text("sku").into()),
        ("version", text("version").into()),
        ("published", published.into()),
    ]);
    (name, value)
}
