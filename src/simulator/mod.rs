//! A stand-in Azure over HTTP on loopback. Shares no type and no rule with `arm` or `upgrade`.

pub mod catalogue;
pub mod scenario;
pub mod server;
pub mod world;
