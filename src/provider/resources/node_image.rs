//! `aks_node_image`: the node images of a cluster's pools.

use crate::provider::arguments::node_image::{image_attributes, images};
use crate::provider::arguments::rollout::image_rollout_block;
use crate::provider::arguments::{leading_attributes, shared_attributes, shared_blocks};
use crate::provider::assessment::Assessment;
use crate::provider::observation::observe::OfferKind;
use crate::provider::resources::cluster_resource::ClusterResource;
use crate::provider::resources::computed::{computed_attributes, computed_values, shown};
use crate::terraform::reader::Reader;
use crate::terraform::schema::{Attribute, Kind, Nesting, Schema, Type};
use crate::terraform::value::Value;
use crate::upgrade::aks_channel::AksChannel;
use crate::upgrade::cluster::{Cluster, Pool};
use crate::upgrade::policy::Goal;

/// The resource type.
#[derive(Debug)]
pub struct NodeImage;

impl ClusterResource for NodeImage {
    const TYPE: &'static str = "aks_node_image";
    const MOVES_FROM: &'static [&'static str] = &["aks_upgrade_policy"];
    const OFFERS: OfferKind = OfferKind::Images;
    const POOLS: &'static str = "images";
    const OWN_WINDOWS: [&'static str; 2] = {
        let [versions, images] = AksChannel::CONFIGURATIONS;
        [images, versions]
    };

    fn schema() -> Schema {
        let mut attributes = leading_attributes();
        attributes.extend(image_attributes());
        attributes.extend(shared_attributes());
        attributes.extend(computed_attributes());
        attributes.push(images_attribute());
        let description = "Keeps the node images of an AKS cluster's pools at the latest that Azure offers, inside maintenance windows. A plan names the image it moves to, and an apply refuses another one. For clusters whose versions somebody else keeps; `aks_upgrade_policy` keeps both, with its block `node_image`. Destroying it changes nothing in Azure.";
        Schema::new(2, description, attributes).with_blocks(shared_blocks(image_rollout_block()))
    }

    fn goal(config: &Reader<'_>) -> Option<Goal> {
        Some(Goal::NodeImage(images(config)))
    }

    fn generated(_: &Cluster) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    fn computed(assessment: &Assessment) -> Vec<(&'static str, Value)> {
        let mut values = computed_values(assessment);
        let pools = assessment.cluster.pools.iter();
        let images = pools.map(|pool| (pool.name.clone(), image(pool, assessment)));
        values.push(("images", Value::object(images)));
        values
    }
}

fn images_attribute() -> Attribute {
    let text = |name, description| Attribute::computed(name, Type::String, description);
    let image = vec![
        text("current", "The image that runs."),
        text("latest", "The image that Azure offers as latest."),
        text("published", "The date of the running image; null when its version carries none."),
        text("os_sku", "Such as `Ubuntu` or `AzureLinux`."),
    ];
    Attribute::computed("images", Kind::Nested(Nesting::Map, image), "The node images, by pool.")
}

fn image(pool: &Pool, assessment: &Assessment) -> Value {
    let latest = assessment.latest.get(&pool.name);
    Value::object([
        ("current", shown(pool.image.as_str())),
        ("latest", latest.map(ToString::to_string).into()),
        ("published", pool.image.published().map(|date| date.to_string()).into()),
        ("os_sku", shown(&pool.os_sku)),
    ])
}
