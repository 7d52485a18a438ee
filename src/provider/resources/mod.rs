//! The resources: each a schema, and what reading, planning and applying it means.
//!
//! | module | |
//! |---|---|
//! | [`cluster_resource`] | What every resource that upgrades a cluster has in common: its four functions. |
//! | [`computed`] | The attributes that every one of them shows. |
//! | [`upgrade_policy`] | `aks_upgrade_policy`: the Kubernetes version. |
//! | [`node_image`] | `aks_node_image`: the node images. |
//! | [`maintenance_configuration`] | `aks_maintenance_configuration`: an object of its own in Azure. |
//! | [`spelling`] | Upper and lower case in ids and names. |

pub mod cluster_resource;
pub mod computed;
pub mod maintenance_configuration;
pub mod node_image;
pub mod spelling;
pub mod upgrade_policy;
