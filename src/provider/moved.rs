//! A `moved` block between the resources that upgrade a cluster: what the new one takes over.

use crate::terraform::resource::Answer;
use crate::terraform::value::Value;

use super::arguments::{leading_attributes, shared_attributes};
use super::node_image::NodeImage;
use super::upgrade_policy::UpgradePolicy;
use super::upgrading::Upgrading;

/// Takes over the state of another upgrading resource; `None` for any other type.
///
/// What both have in common is carried: the cluster, when and how it may be worked on. The goal is
/// not: a version is no node image, and `channel` means something else in each. The next read
/// fills what is computed. The observation is not carried either: each type keeps other offers.
#[must_use]
pub fn take_over<U: Upgrading>(source: &str, state: &Value) -> Option<Answer> {
    if source == U::TYPE {
        return Some(Answer { state: Some(state.clone()), ..Answer::default() });
    }
    [UpgradePolicy::TYPE, NodeImage::TYPE].contains(&source).then(|| {
        let mut taken = Value::object(U::schema().attributes.into_iter().map(|a| (a.name, Value::Null)));
        for attribute in leading_attributes().iter().chain(&shared_attributes()) {
            taken.set(&attribute.name, state.get(&attribute.name).clone());
        }
        taken.set("id", state.get("cluster_id").clone());
        Answer { state: Some(taken), ..Answer::default() }
    })
}
