//! The resources: each a schema, and what reading, planning and applying it means.
//!
//! | module | |
//! |---|---|
//! | [`cluster_resource`] | What differs from one resource that upgrades a cluster to the other. |
//! | [`upgrader`] | What they have in common: the four functions of such a resource. |
//! | [`create`], [`update`] | Plan and apply of a create, which adopts, and of an update, which is a promise. |
//! | [`computed`] | The attributes that every one of them shows. |
//! | [`older_state`] | The state of an older version of the schema. |
//! | [`promised`] | What a plan promises in its values, and whether an apply kept it. |
//! | [`upgrade_policy`] | `aks_upgrade_policy`: the Kubernetes version. |
//! | [`node_image`] | `aks_node_image`: the node images. |
//! | [`maintenance_configuration`] | `aks_maintenance_configuration`: an object of its own in Azure. |
//! | [`spelling`] | Upper and lower case in ids and names. |

pub mod cluster_resource;
pub mod computed;
mod create;
pub mod maintenance_configuration;
pub mod node_image;
pub mod older_state;
pub mod promised;
pub mod spelling;
mod update;
pub mod upgrade_policy;
pub mod upgrader;
