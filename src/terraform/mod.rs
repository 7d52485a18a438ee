//! Speaks Terraform's provider protocol 6: a small framework that knows no Azure.
//!
//! A provider is a type with a schema, a `configure` and a list of each kind of thing that it has
//! ([`provider`]); a resource is a type with a schema and four functions: validate, read, plan,
//! apply ([`resource`]). Every kind is optional, and one more thing of a kind is one file that
//! implements its trait and one line in the provider's list.
//!
//! | kind | in HCL | does |
//! |---|---|---|
//! | [`resource`] | `resource "aks_node_image" "x" {}` | observes, plans, acts; has a state |
//! | [`data_source`] | `data "aks_cluster" "x" {}` | looks |
//! | [`function`] | `provider::aks::in_window(…)` | computes, without a configuration |
//! | [`action`] | `action "aks_abort_operation" "x" {}` | acts once, tells its [`progress`]; has no state |
//! | [`list`] | `list "aks_upgrade_policy" "x" {}` | names the objects of a resource that there are |
//!
//! # Reading order
//!
//! - what an author writes: [`provider`], [`resource`], [`data_source`], [`function`], [`action`],
//!   [`progress`], [`list`];
//! - what that is made of: [`schema`], [`value`], [`number`], [`reader`], [`strict`],
//!   [`diagnostic`];
//! - how values travel: [`msgpack`], [`json`], [`proto`];
//! - what a call does: [`service`], [`rules`], [`handler`];
//! - how a process lives: [`handshake`], [`tls`], [`listener`], [`plugin`], [`serve`], [`log`].
//!
//! # One `terraform apply`
//!
//! Terraform starts the binary at least four times: for the schema, to validate, to plan and to
//! apply. Each time it sets some variables, reads one line ([`handshake`]), connects ([`tls`]) and
//! says Shutdown at the end ([`plugin`]). In the last process it plans *again*, with everything
//! known that was not before, and holds us to every value that was known the first time.
//!
//! # What the protocol does not forgive
//!
//! | who does this | gets that | see |
//! |---|---|---|
//! | prints a second line on stdout | a blocked or broken host | [`serve`] |
//! | makes client certificates optional | no client authentication at all | [`tls`] |
//! | answers a gRPC status from an apply | a lost state | [`service`] |
//! | lets a panic through | "Request cancelled", and nothing else | [`handler`] |
//! | reads numbers as floats | failures on `0.1` | [`number`] |
//! | knows one kind of unknown value | failures on almost every plan | [`msgpack`] |
//! | ends an action without saying so | silence: neither success nor error | [`service`] |
//! | tells of a listed object without its identity | a list that fails as a whole | [`service`] |
//! | leaves an attribute out | "an object with 12 attributes is required (11 given)" | [`msgpack`] |
//! | mixes up null and empty | "inconsistent result after apply" | [`value`] |
//! | leaves null where there is no block | "must be empty to indicate no blocks, not null" | [`schema`] |
//! | logs `@level` as a number | a crash of Terraform itself | [`log`] |
//! | dies of Ctrl-C | "Plugin did not respond", and a lost apply | [`serve`] |
//! | takes two seconds to go | a kill, and a slower Terraform | [`serve`] |

pub mod action;
pub mod data_source;
pub mod diagnostic;
pub mod function;
pub mod handler;
pub mod handshake;
pub mod json;
pub mod list;
pub mod listener;
pub mod log;
pub mod msgpack;
pub mod number;
pub mod plugin;
pub mod progress;
pub mod proto;
pub mod provider;
pub mod reader;
pub mod resource;
pub mod rules;
pub mod schema;
pub mod serve;
pub mod service;
pub mod strict;
pub mod tls;
pub mod value;
