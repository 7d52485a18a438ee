//! Upgrades AKS clusters from Terraform: a plan that says what, when and why not; an apply that keeps it.
//!
//! # The rooms, in reading order
//!
//! | floor | room | |
//! |---|---|---|
//! | 1 | [`upgrade`] | Pure. What may run, when it may run, what to do next. |
//! | 1 | [`terraform`] | The plugin protocol: a small framework that knows no Azure. |
//! | 1 | [`clock`] | The only reader of the wall clock. |
//! | 2 | [`arm`] | Azure Resource Manager. Knows no Terraform. |
//! | 2 | [`simulator`] | A stand-in Azure. Shares nothing with the others. |
//! | 3 | [`provider`] | Joins them: the attributes practitioners write. |
//! | 4 | [`cli`] | What a person, and Terraform, can run. |
//!
//! No arrow points upward, and rooms on one floor are strangers; a test reads the `use` lines and keeps it so.
//!
//! # Invariants
//!
//! Most of them are about something absent.
//!
//! 1. `upgrade` does no I/O, reads no clock and no environment, is not `async`, logs nothing. Time is an argument.
//! 2. `arm` and `terraform` do not know each other. `provider` is the only room that knows both.
//! 3. `simulator` shares no type or rule with `arm` or `upgrade`: it answers from recorded shapes and meets us
//!    only at HTTP, so a misspelled field or a wrong rule cannot pass on both sides.
//! 4. Only `clock` asks what time it is. Only `cli` and the plugin handshake read the environment. While
//!    serving, only the handshake writes to stdout.
//! 5. A plan names every step. Nothing is chosen during an apply except *when*.
//! 6. An apply keeps no memory: stop it anywhere, start it again, and observing the cluster is enough to go on.
//! 7. `terraform` is a framework: a resource is a type with a schema and four functions; adding one touches
//!    one file in `provider` and one line in `provider/mod.rs`.
//!
//! # One walk through an apply
//!
//! Terraform refreshes: `provider::observation` asks Azure for the cluster and its offers, and keeps what it saw
//! beside the state. Terraform plans, twice, in two processes: `provider::assessment` computes [`upgrade::plan`]
//! and [`upgrade::promise`] from the arguments and what was kept, and nothing else, so both answers are the
//! same. Terraform applies: `provider::apply` computes the promise once more, then loops: observe, ask
//! [`upgrade::action::next`], do it. A step is one write; [`arm::operation`] follows it to its end. When every
//! step of the promise is observed to be done, the planned values are the true ones.

pub mod arm;
pub mod cli;
pub mod clock;
pub mod provider;
pub mod simulator;
pub mod terraform;
pub mod upgrade;
