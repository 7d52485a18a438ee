//! A stand-in Azure over HTTP on loopback. Shares no type and no rule with `arm` or `upgrade`.
//!
//! It answers in the shapes that Azure was recorded with, after rules written down from Azure's
//! documentation, and meets the rest of this program at HTTP only: a misspelled field or a wrong
//! rule cannot pass on both sides.
//!
//! ```text
//! scenario   what a person writes: clusters, clock, durations, what goes wrong (TOML)
//! version    a Kubernetes version, and its order
//! size       a size of virtual machines: its family and vCPUs
//! identifier what looks random and is the same in every run
//! catalogue  what this Azure offers at an instant: versions, images, regions
//! outcome    how an operation ends, other than well
//! world      clusters and operations: handle(request, now) -> response         (pure)
//! rules      the shape of requests: fields, types, values, limits
//! faults/    what goes wrong on the wire, by script
//! request_log every request that was served
//! server     the world behind a loopback listener, with a clock that can be moved
//! ```

pub mod catalogue;
pub mod faults;
mod identifier;
pub mod outcome;
pub mod request_log;
mod rules;
pub mod scenario;
pub mod server;
mod size;
pub mod version;
pub mod world;
