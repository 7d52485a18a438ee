//! `node_image` of a policy, and the same arguments of `aks_node_image`: which images are kept.

use std::collections::BTreeSet;

use crate::provider::arguments::windows::refuse_empty;
use crate::terraform::reader::Reader;
use crate::terraform::schema::{Attribute, Block, Type};
use crate::upgrade::duration;
use crate::upgrade::policy::ImageGoal;

/// Returns the schema of the block `node_image`.
#[must_use]
pub fn node_image_block() -> Block {
    let mut attributes = image_attributes();
    attributes.push(Attribute::optional(
        "min_age",
        Type::String,
        "Adopt no image younger than this, such as `3d`. An image carries its date. It holds no version step, though that brings the latest image along.",
    ));
    Block::single(
        "node_image",
        attributes,
        "Keeps the node images, too, in the same windows (`applies_to = [\"node_image\"]`) and one loop, so that no pool is drained twice: a version step brings the latest image along.",
    )
}

/// Returns the schema of the arguments that say which images are kept.
#[must_use]
pub fn image_attributes() -> Vec<Attribute> {
    vec![
        Attribute::optional(
            "node_pools",
            Type::Set(Box::new(Type::String)),
            "The pools to keep current, at least one. Left out: every eligible pool.",
        ),
        Attribute::optional(
            "max_age",
            Type::String,
            "Act only when the running image is older than this, such as `14d`.",
        ),
        Attribute::optional(
            "channel",
            Type::String,
            "With `executor = \"aks\"`, and only then: AKS's node OS channel. `NodeImage`: a new image about every week. `SecurityPatch`: security updates alone, which nothing but this channel can install.",
        ),
    ]
}

/// Reads the block `node_image`; `None` where there is none.
#[must_use]
pub fn node_image(config: &Reader<'_>) -> Option<ImageGoal> {
    let block = config.object("node_image")?;
    Some(ImageGoal { min_age: block.parse("min_age", "Invalid duration", duration::parse), ..images(&block) })
}

/// Reads which images are kept, `min_age` aside.
#[must_use]
pub fn images(object: &Reader<'_>) -> ImageGoal {
    refuse_empty(object, &["node_pools"]);
    let pools = object.texts("node_pools").map(|pools| pools.into_iter().collect::<BTreeSet<_>>());
    ImageGoal { pools, max_age: object.parse("max_age", "Invalid duration", duration::parse), min_age: None }
}
